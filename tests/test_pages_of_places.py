"""Zones, lines and lengths of stays apply on the pages, and visits say how many there may be."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.worlds import a_weekend
from tracking.charts import times
from tracking.dashboard.data.exporting import KEPT
from tracking.database import open_database, open_readonly
from tracking.filters import Filter
from tracking.localtime import HOUR
from tracking.metrics import measure, recorded, select

STAYED = "SELECT {} FROM zone_stays JOIN people_tracks ON id = track WHERE zone_id = 1"


@pytest.fixture
def weekend(tmp_path: Path) -> Path:
    """The even tracks of the plaza were in the hall, the others went out through the door."""
    path = a_weekend(tmp_path / "people.db")
    with closing(open_database(path)) as connection, connection:
        connection.execute("INSERT INTO zones VALUES (1, 0, 'hall', '[]', 0, NULL)")
        connection.execute("INSERT INTO lines VALUES (1, 0, 'door', '[]', 'in', 'out', 0, NULL)")
        connection.execute(
            "INSERT INTO zone_stays SELECT id, 1, first_seen, first_seen + 1000 * id"
            " FROM people_tracks WHERE source_id = 0 AND id % 2 = 0"
        )
        connection.execute(
            "INSERT INTO crossings SELECT id, 1, last_seen, 'backward' FROM people_tracks"
            " WHERE source_id = 0 AND id % 2"
        )
        connection.execute("INSERT INTO joinings SELECT id, 0, 0, '{}' FROM sources")
        connection.execute("INSERT INTO joins VALUES (2, 4, 0.6, 0), (4, 6, 0.2, 0)")
        connection.execute("UPDATE people_tracks SET visit_id = 2 WHERE id IN (2, 4)")
    return path


def page(name: str, **query: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(f"pages/{name}.py")
    for key, value in {"range": "all", **query}.items():
        app.query_params[key] = value
    return well(app.run())


def well(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    parts = [app.markdown, app.caption, app.info, app.warning, app.error]
    return "\n".join(str(each.value) for part in parts for each in part)


def numbers(app: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in app.metric}


def beneath(app: AppTest, label: str) -> str:
    [found] = [each.proto.delta_description for each in app.metric if each.label == label]
    return str(found)


def by_sql(path: Path, query: str) -> Any:
    with closing(sqlite3.connect(path)) as connection:
        ((value,),) = connection.execute(query)
        return value


@pytest.mark.parametrize("name", ["overview", "activity"])
def test_visits_say_how_many_there_may_be_of_how_many_tracks(name: str, weekend: Path) -> None:
    app = page(name)
    tracks = by_sql(weekend, "SELECT count(*) FROM people_tracks")
    visits = by_sql(weekend, "SELECT count(DISTINCT coalesce(-visit_id, id)) FROM people_tracks")
    brief = by_sql(
        weekend, "SELECT count(*) FROM people_tracks WHERE last_seen - first_seen < 2000"
    )
    assert numbers(app)["Visits"] == str(visits) == str(tracks - 1)
    assert beneath(app, "Visits") == f"{tracks - 2 - brief}–{tracks}"
    assert numbers(app)["Tracks"] == str(tracks)
    [help] = [each.help for each in app.metric if each.label == "Visits"]
    assert f"At least {tracks - 2 - brief}: joins of a score from 0.1 on count" in help
    assert f"At most {tracks}: only joins from 0.9 on count." in help


def test_where_tracks_were_never_joined_that_is_said(weekend: Path) -> None:
    with closing(open_database(weekend)) as connection, connection:
        connection.execute("DELETE FROM joinings")
    app = page("activity")
    assert beneath(app, "Visits").startswith("of ")
    [help] = [each.help for each in app.metric if each.label == "Visits"]
    assert "nobody has looked yet" in help


def test_the_statement_of_visits_gives_their_range(weekend: Path) -> None:
    app = page("overview")
    [sql] = [each.value for each in app.code if "lasting" in each.value]
    with closing(sqlite3.connect(weekend)) as connection:
        ((value, low, high, tracks),) = connection.execute(sql)
    assert numbers(app)["Visits"] == str(value)
    assert beneath(app, "Visits") == f"{low}–{high}"
    assert numbers(app)["Tracks"] == str(tracks)


def test_the_overview_counts_what_is_chosen(weekend: Path) -> None:
    app = page("overview", area="hall")
    visits = by_sql(weekend, STAYED.format("count(DISTINCT coalesce(-visit_id, id))"))
    assert numbers(app)["Visits"] == str(visits)
    assert numbers(app)["Tracks"] == str(by_sql(weekend, STAYED.format("count(*)")))
    [help] = [each.help for each in app.metric if each.label == "Visits"]
    assert "were in the zone" in help
    assert "those of stays in the zones" in text(app)
    # the other sources have no such zone
    assert text(app).count("None of the zones or lines that are chosen is drawn here.") >= 1


def test_the_overview_counts_crossings_where_lines_are_chosen(weekend: Path) -> None:
    app = page("overview", line="door", way="out")
    crossings = by_sql(weekend, "SELECT count(*) FROM crossings")
    assert numbers(app)["Crossings"] == str(crossings)
    assert numbers(app)["Visits"] == str(crossings)
    assert "only “Now” is of all that are in the picture" in text(app)


def test_movement_shows_those_who_were_in_the_zone_wherever_they_were(weekend: Path) -> None:
    app = page("movement", source="plaza", area="hall", view="paths")
    count = by_sql(weekend, STAYED.format("count(DISTINCT id)"))
    assert f"The newest {count} of {count} tracks" in text(app)
    assert "all of their way, also elsewhere" in text(app)
    long = page("movement", source="plaza", line="door", stay="100-", view="paths")
    passed = by_sql(
        weekend,
        "SELECT count(*) FROM crossings JOIN people_tracks ON id = track"
        " WHERE last_seen - first_seen >= 100000",
    )
    assert f"The newest {passed} of {passed} tracks" in text(long)


def test_movement_says_where_no_such_zone_is_drawn(weekend: Path) -> None:
    app = page("movement", source="yard", area="hall")
    assert "Nothing matches this choice" in text(app)


@pytest.mark.parametrize(
    ("form", "count"),
    [
        ("tracks", STAYED.format("count(DISTINCT id)")),
        ("stays", STAYED.format("count(*)")),
        ("stays_parquet", STAYED.format("count(*)")),
        (
            "positions",
            "SELECT count(*) FROM positions JOIN zone_stays USING (track)"
            " WHERE t BETWEEN entered_at AND left_at",
        ),
    ],
)
def test_files_hold_what_is_chosen(form: str, count: str, weekend: Path) -> None:
    app = page("data", area="hall")
    well(app.get_by_key("data.form").set_value(form).run())
    assert "in the zones" in text(app)
    assert "rows and runs are of all that is recorded" in text(app)
    well(app.button(key="data.prepare").click().run())
    assert app.session_state[KEPT].rows == by_sql(weekend, count)


def test_a_study_holds_the_tracks_that_are_chosen(weekend: Path) -> None:
    app = page("data", area="hall")
    well(app.get_by_key("data.form").set_value("study").run())
    assert "with all that belongs to them, also elsewhere" in text(app)
    well(app.button(key="data.prepare").click().run())
    ready = app.session_state[KEPT].path
    stayed = by_sql(weekend, STAYED.format("count(DISTINCT id)"))
    assert by_sql(ready, "SELECT count(*) FROM people_tracks") == stayed


def test_where_there_are_no_crossings_there_is_nothing_to_export(weekend: Path) -> None:
    app = page("data", area="hall")
    well(app.get_by_key("data.form").set_value("crossings").run())
    assert "There are none in what is chosen above." in text(app)
    app = page("data", line="door")
    well(app.get_by_key("data.form").set_value("crossings").run())
    assert "Only the crossings that are chosen." in text(app)
    well(app.button(key="data.prepare").click().run())
    written = app.session_state[KEPT].path.read_text()
    rows = list(csv.DictReader(io.StringIO(written)))
    assert len(rows) == by_sql(weekend, "SELECT count(*) FROM crossings")
    assert {row["direction"] for row in rows} == {"out"}


def test_visits_over_time_have_their_range_in_the_file(weekend: Path) -> None:
    with closing(open_readonly(weekend)) as connection:
        extent = recorded(connection)
        assert extent is not None
        selection = select(connection, Filter(extent[0], extent[1] + HOUR), extent[1] + HOUR)
        rows = times.over_time("visits", selection, None, "day").rows
    seen = rows.dropna(subset="value")
    assert len(seen) and (seen["low"] <= seen["value"]).all()
    assert (seen["value"] <= seen["high"]).all() and (seen["high"] <= seen["tracks"]).all()
    assert seen["value"].sum() < seen["high"].sum()


@pytest.mark.parametrize(
    ("number", "by", "names"),
    [
        ("visits", "zone", {"hall"}),
        ("visits", "line", {"door"}),
        ("crossings", "direction", {"in", "out"}),
        ("net", "line", {"door"}),
    ],
)
def test_numbers_over_time_are_told_apart_by_places(
    number: str, by: str, names: set[str], weekend: Path
) -> None:
    with closing(open_readonly(weekend)) as connection:
        extent = recorded(connection)
        assert extent is not None
        whole = select(connection, Filter(extent[0], extent[1] + HOUR), extent[1] + HOUR)
        rows = times.series(number, whole, by, "day")
        each = measure(number, whole, (by,)).rows.set_index(by)["value"]
        assert set(rows["name"]) == names == set(each.index)
        for name in names:
            own = replace(whole.filter, **{f"{by}s": (name,)})
            days = measure(number, select(connection, own, whole.now), ("bucket",), "day").rows
            shown = rows[rows["name"] == name]["value"].reset_index(drop=True)
            pd.testing.assert_series_equal(shown, days["value"], check_names=False)


def test_the_busiest_zones_have_a_colour_each_and_the_rest_are_one(weekend: Path) -> None:
    with closing(open_database(weekend)) as connection, connection:
        for key in range(2, 12):
            connection.execute(
                "INSERT INTO zones VALUES (?, 0, ?, '[]', 0, NULL)", (key, f"spot {key}")
            )
            connection.execute(
                "INSERT INTO zone_stays SELECT track, ?, entered_at, left_at FROM zone_stays"
                " WHERE zone_id = 1 LIMIT ?",
                (key, 1 + key % 3),
            )
        connection.commit()
        whole = select(connection, Filter(0, 2**41), 2**41)
        found = dict(times.parts(whole, "zone"))
    assert len(found) == times.MOST and "hall" in found
    assert set(found[times.OTHERS].filter.zones).isdisjoint(set(found) - {times.OTHERS})
    assert len(found[times.OTHERS].filter.zones) == 11 - (times.MOST - 1)


def test_activity_offers_crossings_only_where_lines_are_asked_about(weekend: Path) -> None:
    app = page("activity")
    number = app.get_by_key("activity_number.lines")
    well(number.set_value("crossings").run())
    assert "Crossings of lines" in text(app) or "How often lines were crossed" in text(app)
    within = page("activity", area="hall")
    assert "Crossings" not in str(within.get_by_key("activity_number").options)
    grouped = [each for each in within.selectbox if each.label == "Grouped"]
    assert "By zone" in str(grouped[0].options) and "By line" not in str(grouped[0].options)
