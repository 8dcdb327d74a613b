"""The page Data: how large the record is, taking it away, its runs, and how long it is kept."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.test_dashboard_server import Served
from tests.worlds import HOSTILE, TRUTH, a_hostile_one, a_weekend, an_empty_one, ms
from tracking import exports
from tracking.dashboard.data.exporting import KEPT
from tracking.dashboard.data.runs import table
from tracking.dashboard.wording import sheet
from tracking.database import open_database, open_readonly
from tracking.errors import SettingsError
from tracking.filters import Filter
from tracking.metrics.runs import numbers, runs, side_by_side
from tracking.metrics.storage import held, positions_by_day
from tracking.retention import keep_days
from tracking.study import read_study

WINDOW = "2026-03-28T00:00:00+01:00/2026-03-30T00:00:00+02:00"
WEEKEND = Filter(ms("2026-03-28T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"))


class Page:
    """The page as a person has it before them."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        self.app.run()
        self.app.switch_page("pages/data.py")
        for name, value in query.items():
            self.app.query_params[name] = value
        self.app.run()
        self.well()

    def well(self) -> Page:
        assert not self.app.exception
        return self

    @property
    def text(self) -> str:
        app = self.app
        parts = [app.title, app.subheader, app.markdown, app.caption, app.warning, app.error,
                 app.info, app.text]  # fmt: skip
        return "\n".join(str(element.value) for part in parts for element in part)

    def metric(self, label: str) -> str:
        [found] = [metric.value for metric in self.app.metric if metric.label == label]
        return str(found)

    def click(self, key: str) -> Page:
        self.app.button(key=key).click().run()
        return self.well()

    def choose(self, key: str, value: object) -> Page:
        self.app.get_by_key(key).set_value(value).run()
        return self.well()


@pytest.fixture
def weekend(tmp_path: Path) -> Path:
    return a_weekend(tmp_path / "people.db")


def asked(database: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql, values).fetchall()


@pytest.fixture
def reader(weekend: Path) -> Any:
    with closing(open_readonly(weekend)) as connection:
        yield connection


def test_with_nothing_recorded_it_is_said_what_to_do(tmp_path: Path) -> None:
    assert "Nothing is recorded yet" in Page().text
    an_empty_one(tmp_path / "people.db")
    assert "Nothing is recorded yet" in Page().text


def test_rows_are_those_of_the_database(weekend: Path) -> None:
    page = Page(range=WINDOW)
    count = "SELECT count(*) FROM positions"
    assert page.metric("Positions") == f"{asked(weekend, count)[0][0]:,}"
    rows = page.app.dataframe[0].value.set_index("Source")
    for name, truth in TRUTH.items():
        assert rows.loc[name, "Positions"] == truth.positions
        assert rows.loc[name, "Tracks"] == sum(truth.tracks.values())
        assert rows.loc[name, "Runs"] == truth.runs


def test_what_there_is_of_a_source_equals_its_rows(weekend: Path, reader: Any) -> None:
    for each in held(reader):
        [(positions, last)] = asked(
            weekend,
            "SELECT count(*), max(t) FROM positions JOIN people_tracks ON track = people_tracks.id"
            " JOIN sources ON source_id = sources.id WHERE name = ?",
            each.source,
        )
        assert (each.positions, each.seen) == (positions, last)
        [(minutes,)] = asked(
            weekend,
            "SELECT count(*) FROM coverage JOIN sources ON source_id = sources.id WHERE name = ?",
            each.source,
        )
        assert each.minutes == minutes


def test_positions_of_the_days_are_all_of_them(weekend: Path, reader: Any) -> None:
    days = positions_by_day(reader, 0)
    by_source = days.groupby("source")["positions"].sum().to_dict()
    assert by_source == {"plaza": 1650, "station": 458}
    page = Page(range=WINDOW)
    [chart] = page.app.get("plotly_chart")
    assert [trace["name"] for trace in json.loads(chart.proto.spec)["data"]] == ["plaza", "station"]


# export


def written(reader: Any, filter: Filter, what: Any, form: Any, path: Path) -> list[dict[str, Any]]:
    count = exports.write(reader, filter, what, form, path)
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
    else:
        rows = pq.read_table(path).to_pylist()
    assert len(rows) == count
    return rows


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_all_positions_are_exported_as_they_are(
    weekend: Path, reader: Any, tmp_path: Path, form: str
) -> None:
    rows = written(reader, WEEKEND, "positions", form, tmp_path / "out")
    kept = asked(weekend, "SELECT track, x, y, w, h, confidence FROM positions ORDER BY track, t")
    names = ("track", "x", "y", "w", "h", "confidence")
    found = sorted(tuple(float(row[name]) for name in names) for row in rows)
    assert found == sorted(tuple(map(float, row)) for row in kept)


def test_positions_are_those_within_the_times_asked_about(
    weekend: Path, reader: Any, tmp_path: Path
) -> None:
    """People on the plaza from 18 to 19 o'clock of Sundays, by the plaza's own clock."""
    filter = Filter(WEEKEND.since, WEEKEND.until, ("plaza",), ("person",), (18,), (6,))
    rows = written(reader, filter, "positions", "parquet", tmp_path / "out")
    [(count,)] = asked(
        weekend,
        "SELECT count(*) FROM positions JOIN people_tracks ON track = people_tracks.id"
        " WHERE source_id = 0 AND label = 'person' AND t >= ? AND t < ?",
        ms("2026-03-29T18:00:00+02:00"),
        ms("2026-03-29T19:00:00+02:00"),
    )
    assert len(rows) == count == 3 * 61
    assert {row["source"] for row in rows} == {"plaza"}
    tracks = written(reader, filter, "tracks", "csv", tmp_path / "tracks")
    assert {row["track"] for row in tracks} == {str(row["track"]) for row in rows}


def test_a_track_that_reaches_into_the_window_is_exported_whole_its_positions_are_not(
    reader: Any, tmp_path: Path
) -> None:
    begin = ms("2026-03-28T18:15:00+01:00")  # amid the ten minutes of who stands there
    filter = Filter(begin, begin + 60_000, ("plaza",))
    [track] = written(reader, filter, "tracks", "csv", tmp_path / "tracks")
    assert (track["seconds"], track["positions"]) == ("600", "601")
    assert track["first_seen"].startswith("2026-03-28 17:10:00")
    assert track["timezone"] == "Europe/Berlin"
    assert len(written(reader, filter, "positions", "csv", tmp_path / "positions")) == 60


def test_progress_reaches_its_end_and_what_is_no_form_is_refused(
    reader: Any, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    exports.write(reader, WEEKEND, "positions", "csv", tmp_path / "out",
                  lambda done, total: told.append((done, total)))  # fmt: skip
    assert told[-1] == (2108, 2108)
    with pytest.raises(SettingsError, match="positions xlsx"):
        exports.write(reader, WEEKEND, "positions", "xlsx", tmp_path / "out")  # type: ignore[arg-type]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t"])
def test_names_that_spreadsheets_take_for_formulas_are_text_in_csv(
    weekend: Path, reader: Any, tmp_path: Path, begin: str
) -> None:
    name = f"{begin}HYPERLINK(1)"
    with closing(open_database(weekend)) as connection, connection:
        connection.execute("UPDATE sources SET name = ? WHERE id = 0", (name,))
        connection.execute("UPDATE people_tracks SET label = ? WHERE source_id = 0", (name,))
    filter = Filter(WEEKEND.since, WEEKEND.until, (name,))
    for form, shown in (("csv", f"'{name}"), ("parquet", name)):
        rows = written(reader, filter, "tracks", form, tmp_path / form)
        assert {(row["source"], row["label"]) for row in rows} == {(shown, shown)}
    rows = pd.DataFrame({"label": [name, "car"], name: [-1.5, 2.0], "day": [None, None]})
    found = list(csv.reader(io.StringIO(sheet(rows).decode(), newline="")))
    assert found == [["label", f"'{name}", "day"], [f"'{name}", "-1.5", ""], ["car", "2.0", ""]]


@pytest.mark.parametrize("key", ["tracks", "positions", "parquet"])
def test_a_file_is_prepared_and_offered(weekend: Path, key: str) -> None:
    page = Page(range=WINDOW).choose("data.form", key).click("data.prepare")
    ready = page.app.session_state[KEPT]
    assert ready.rows == (18 if key == "tracks" else 2108)
    with ready.open() as file:
        assert len(file.read()) == ready.path.stat().st_size > 0
    [button] = page.app.get("download_button")
    assert ready.name in button.proto.label


def test_where_the_app_has_its_routes_the_file_comes_from_the_disk_by_one_of_them(
    weekend: Path,
) -> None:
    with Served() as served:
        page = Page(range=WINDOW).choose("data.form", "positions").click("data.prepare")
        assert not page.app.get("download_button")
        [link] = page.app.get("link_button")
        status, body = served.get(link.proto.url.removeprefix("."))
        assert status == 200
        assert len(list(csv.DictReader(io.StringIO(body.decode())))) == 2108
        page.choose("data.form", "parquet").click("data.prepare")
        assert served.get(link.proto.url.removeprefix("."))[0] == 404


def test_a_study_is_prepared_with_its_note_and_opens_as_a_database(weekend: Path) -> None:
    page = Page(range=WINDOW, source="station").choose("data.form", "study")
    page.choose("data.note", "for the council").click("data.prepare")
    ready = page.app.session_state[KEPT]
    study = read_study(ready.path)
    assert study is not None and study.note == "for the council"
    assert asked(ready.path, "SELECT count(*) FROM positions") == [(458,)]
    assert "streamlit run app.py" in page.app.code[0].value


def test_a_prepared_file_goes_when_another_takes_its_place(weekend: Path) -> None:
    page = Page(range=WINDOW).click("data.prepare")
    before = page.app.session_state[KEPT].path
    assert before.exists()
    page.choose("data.form", "parquet").click("data.prepare")
    assert not before.parent.exists()


def test_a_file_that_would_fill_the_disk_is_not_begun(
    weekend: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.dashboard.data.exporting.free_bytes", lambda folder: 100)
    page = Page(range=WINDOW).click("data.prepare")
    assert "not enough room" in page.text
    assert KEPT not in page.app.session_state


def test_a_filter_that_matches_nothing_exports_nothing(weekend: Path) -> None:
    page = Page(range="2020-01-01T00:00/2020-01-02T00:00")
    assert "there is nothing to export" in page.text
    assert not [button for button in page.app.button if button.key == "data.prepare"]


# runs


def test_settings_that_differ_come_first_and_the_same_follow(reader: Any) -> None:
    newest, _, first = runs(reader, ["plaza"])
    both = side_by_side([newest, first])
    different = both[both["differs"]]
    assert different["setting"].to_list() == ["weights", "detector.imgsz"]
    assert both["differs"].to_list() == sorted(both["differs"], reverse=True)
    row = different.set_index("setting").loc["weights"]
    assert row[str(newest.id)] == "yolo11s_int8_openvino_model"
    assert row[str(first.id)] == "yolo11n_int8_openvino_model"


def test_what_came_of_runs_equals_sql(weekend: Path, reader: Any) -> None:
    chosen = runs(reader, ["plaza", "station"])
    came = numbers(reader, chosen)
    for run in chosen:
        [(frames, seconds)] = asked(
            weekend,
            "SELECT frames, (ended_at - started_at) / 1000.0 FROM runs WHERE id = ?",
            run.id,
        )
        tracks = asked(
            weekend,
            "SELECT confidence, (SELECT max(t) - min(t) < 1000 FROM positions WHERE track = id)"
            " FROM people_tracks WHERE run_id = ?",
            run.id,
        )
        found = came[str(run.id)]
        assert (found["Frames"], found["Tracks"]) == (frames, len(tracks))
        assert found["Tracks a minute"] == pytest.approx(len(tracks) / seconds * 60)
        assert found["Mean confidence"] == pytest.approx(sum(t[0] for t in tracks) / len(tracks))
        assert found["Share of short tracks"] == sum(t[1] for t in tracks) / len(tracks)


def test_runs_are_listed_with_their_outcome_and_problems(weekend: Path, reader: Any) -> None:
    page = Page(range=WINDOW, source="station")
    listed = page.app.dataframe(key="runs").value
    assert len(listed) == 2
    assert listed["Outcome"].to_list() == ["failed: 192.0.2.11 no longer answers", "finished"]
    assert listed["Problems"][0] == "2 pictures were broken"
    assert listed["Began"][0] == "Sun 29 Mar 2026, 09:00:00"


def test_a_run_without_settings_or_with_somebody_elses_is_no_fault(weekend: Path) -> None:
    with closing(open_database(weekend)) as connection:
        connection.execute("UPDATE runs SET settings = '[1]', problems = 'not JSON' WHERE id = 1")
        connection.execute("UPDATE runs SET ended_at = NULL WHERE id = 2")
        connection.commit()
        found = runs(connection)
        assert found[-1].settings == {} or any(run.settings == {} for run in found)
        assert any(run.problems == ("not JSON",) for run in found)
        assert not side_by_side(found).empty
        assert len(table(found)) == 6
        assert numbers(connection, found).loc["Tracks"].sum() == 18


def test_two_runs_are_seen_side_by_side(weekend: Path) -> None:
    def script() -> None:
        from tracking.dashboard.data.runs import show_compared
        from tracking.dashboard.reading import reading
        from tracking.metrics.runs import runs

        with reading() as connection:
            found = runs(connection, ["plaza"])
        show_compared([found[0], found[2]])

    app = AppTest.from_function(script).run()
    assert not app.exception
    settings = app.dataframe[1].value
    assert settings["setting"].to_list() == ["weights", "detector.imgsz"]
    app.toggle(key="data.same").set_value(True).run()
    assert len(app.dataframe[1].value) > 10


# how long it is kept


def test_for_how_long_the_record_is_kept_is_set_and_its_purge_foretold(weekend: Path) -> None:
    page = Page(range=WINDOW).choose("data.how", "for some days").choose("data.days", 10)
    assert "Not applied yet: until then it is kept for ever." in page.text
    assert "**18 tracks** with 2,108 positions" in page.text  # all of it is long ago
    page.click("data.apply")
    with closing(open_readonly(weekend)) as connection:
        assert keep_days(connection) == 10
    assert "Not applied yet" not in page.text
    page.choose("data.how", "for ever").click("data.apply")
    with closing(open_readonly(weekend)) as connection:
        assert keep_days(connection) is None


def test_a_purge_is_asked_for_twice_and_then_deletes(weekend: Path) -> None:
    page = Page(range=WINDOW).choose("data.how", "for some days").click("data.apply")
    page.click("data.purge")
    assert "This cannot be undone." in page.text
    page.click("data.keep")
    assert asked(weekend, "SELECT count(*) FROM people_tracks") == [(18,)]
    page.click("data.purge").click("data.sure")
    assert asked(weekend, "SELECT count(*) FROM people_tracks") == [(0,)]
    assert asked(weekend, "SELECT count(*) FROM positions") == [(0,)]
    assert "a purge deletes nothing now" in page.text
    assert page.metric("Positions") == "0"


def test_only_what_is_set_can_be_purged(weekend: Path) -> None:
    page = Page(range=WINDOW).choose("data.how", "for some days").click("data.apply")
    page.click("data.purge").choose("data.days", 2)
    assert not [button for button in page.app.button if button.key in ("data.purge", "data.sure")]
    page.click("data.apply")
    assert [button.key for button in page.app.button if button.key == "data.purge"]
    assert "This cannot be undone." not in page.text


def test_what_was_purged_is_gone_from_the_other_pages_at_once(weekend: Path) -> None:
    def visits() -> list[str]:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.switch_page("pages/activity.py")
        app.query_params["range"] = WINDOW
        assert not app.run().exception
        return [metric.value for metric in app.metric if metric.label == "Visits"]

    assert visits() == ["18"]
    page = Page(range=WINDOW).choose("data.how", "for some days").click("data.apply")
    page.click("data.purge").click("data.sure")
    assert visits() == []


def test_hostile_text_is_shown_as_it_is(tmp_path: Path) -> None:
    a_hostile_one(tmp_path / "people.db")
    page = Page(range=WINDOW)
    shown = page.app.dataframe[0].value["Source"].to_list()
    assert set(shown) == set(HOSTILE)
    page.choose("data.how", "for some days")
    for text in HOSTILE:
        assert not any(text in element.value for element in page.app.markdown)
