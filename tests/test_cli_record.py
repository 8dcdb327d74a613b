"""The record by commands: its numbers, a part of it to take away, and how long it is kept."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.shops import a_shop
from tests.worlds import HOSTILE, TRUTH, a_hostile_one, a_weekend, an_empty_one, ms
from tracking import retention
from tracking.database import open_database, open_readonly
from tracking.runner.lock import held, is_held
from tracking.study import read_study, write_study

Here = Callable[..., CompletedProcess[str]]
Rows = Callable[..., list[tuple[Any, ...]]]
SUNDAY = ("--since", "2026-03-29T18:00", "--until", "2026-03-29T18:30")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_weekend(tmp_path_factory.mktemp("weekend") / "people.db")


@pytest.fixture
def db(written: Path, tmp_path: Path) -> Path:
    path = tmp_path / "people.db"
    with closing(sqlite3.connect(written)) as connection, closing(sqlite3.connect(path)) as copy:
        connection.backup(copy)  # a part of it may still be in its log
    return path


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Monday after the weekend: to keep one day is to keep Sunday (in UTC)."""
    monkeypatch.setattr(retention, "now_ms", lambda: ms("2026-03-30T12:00:00+00:00"))


def one_line(shown: CompletedProcess[str], *words: str) -> bool:
    """A failure that is told in a single line which names the things."""
    text = shown.stderr
    told = text.count("\n") == 1 and text.startswith("tracking: ") and all(w in text for w in words)
    return shown.returncode == 1 and told


def answer(tracking_here: Here, db: Path, *arguments: object) -> dict[str, Any]:
    shown = tracking_here("report", "--db", db, "--json", *arguments)
    assert shown.returncode == 0, shown.stderr
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


def values(found: dict[str, Any]) -> dict[str, Any]:
    return {each["metric"]: each["value"] for each in found["metrics"]}


def groups(found: dict[str, Any], dimension: str) -> dict[Any, Any]:
    return {row[dimension]: row["value"] for row in found["metrics"][0]["rows"]}


class Terminal(io.StringIO):
    """Somebody who sits there and answers."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("command", ["report", "study", "keep", "purge", "compact"])
def test_each_command_has_help(tracking_here: Here, command: str) -> None:
    shown = tracking_here(command, "--help")
    assert shown.returncode == 0
    assert f"Usage: tracking {command}" in shown.stdout


@pytest.mark.parametrize(
    "command", [["report"], ["study", "--output", "s.db"], ["keep", "3"], ["purge"], ["compact"]]
)
def test_what_is_no_database_is_told_and_left_alone(
    tracking_here: Here, command: list[str], tmp_path: Path
) -> None:
    assert one_line(tracking_here(*command, "--db", "none.db"), "none.db")
    assert not list(tmp_path.iterdir())
    Path("notes.txt").write_text("milk, bread")
    assert one_line(tracking_here(*command, "--db", "notes.txt"), "notes.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


# report


def test_a_report_tells_what_was_counted_and_how_much_was_watched(
    tracking_here: Here, db: Path
) -> None:
    shown = tracking_here("report", "--db", db, "--source", "plaza", *SUNDAY)
    assert shown.returncode == 0
    assert shown.stdout.startswith("Sun 29 Mar 2026, 18:00 to 18:30, Europe/Berlin\nplaza\n")
    assert "watched 90 % of the time (frozen 3 min)" in shown.stdout
    for title, value in (
        ("Visits", "3"),
        ("Peak occupancy", "1 at once"),
        ("Median stay", "1 min"),
    ):
        assert re.search(rf"{title} +│ {value} ", shown.stdout)


def test_every_number_of_a_report_comes_with_sql_that_gives_it(
    tracking_here: Here, db: Path, rows: Rows
) -> None:
    found = answer(tracking_here, db, "--source", "plaza", *SUNDAY)
    assert values(found) == {
        "visits": 3,
        "tracks": 3,
        "arrivals": 3,
        "occupancy_mean": pytest.approx(180 / 1619),
        "occupancy_max": 1,
        "stay_median": 60,
        "observed": 1619,
    }
    for each in found["metrics"]:
        assert rows(db, each["sql"]) == [(pytest.approx(each["value"]),)], each["metric"]


def test_visits_of_a_report_say_how_many_there_may_be(
    tracking_here: Here, db: Path, rows: Rows
) -> None:
    """They are not known before somebody has looked which tracks go on as others."""
    about = ("--source", "plaza", "--metric", "visits", "--metric", "tracks", *SUNDAY)
    assert "low" not in answer(tracking_here, db, *about)["metrics"][0]
    with closing(open_database(db)) as connection, connection:
        tracks = [
            id
            for (id,) in connection.execute(
                "SELECT id FROM people_tracks WHERE source_id = 0 ORDER BY first_seen DESC LIMIT 3"
            )
        ][::-1]
        connection.execute("INSERT INTO joinings VALUES (0, 0, 0, '{}')")
        connection.execute("INSERT INTO joins VALUES (?, ?, 0.3, 0)", tracks[:2])
    shown = tracking_here("report", "--db", db, *about)
    assert re.search(r"Visits +│ 3 \(2–3 of 3 tracks\)", shown.stdout)
    shown = tracking_here("report", "--db", db, "--by", "source", *about)
    assert re.search(r"plaza +│ +3 │ +2–3 │ +3 │", shown.stdout)
    visits = answer(tracking_here, db, "--by", "label", *about)["metrics"][0]
    assert (visits["low"], visits["value"], visits["high"], visits["tracks"]) == (2, 3, 3, 3)
    assert "joins of a score from 0.1 on count" in visits["range_definition"]
    assert rows(db, visits["range_sql"]) == [(3, 2, 3, 3)]
    [row] = visits["rows"]
    assert (row["low"], row["high"], row["tracks"]) == (2, 3, 3)


def test_json_says_what_a_number_is_and_what_it_rests_on(tracking_here: Here, db: Path) -> None:
    found = answer(tracking_here, db, "--source", "plaza", "--metric", "presence", *SUNDAY)
    [metric] = found["metrics"]
    assert (metric["value"], metric["unit"], metric["status"]) == (180, "seconds", "ok")
    assert metric["definition"].startswith("Time for which objects were there")
    assert found["window"] == {
        "since": "2026-03-29T18:00:00.000+02:00",
        "until": "2026-03-29T18:30:00.000+02:00",
    }
    assert found["timezone"] == "Europe/Berlin"
    assert found["coverage"] == {
        "share": pytest.approx(1619 / 1800),
        "observed": 1619,
        "possible": 1800,
        "stale": 180,
        "down": 0,
        "stopped": 0,
    }


def test_nobody_there_is_a_zero_and_nobody_watching_is_not(tracking_here: Here, db: Path) -> None:
    watched = ("--since", "2026-03-29T12:00", "--until", "2026-03-29T12:10")
    unwatched = ("--since", "2026-03-29T13:00", "--until", "2026-03-29T14:00")
    about = ("--source", "yard", "--metric", "visits")
    zero = answer(tracking_here, db, *about, *watched)["metrics"][0]
    nothing = answer(tracking_here, db, *about, *unwatched)["metrics"][0]
    assert (zero["value"], zero["status"]) == (0, "zero")
    assert (nothing["value"], nothing["status"]) == (None, "no_data")
    shown = tracking_here("report", "--db", db, *about, "--metric", "stay_median", *watched)
    assert re.search(r"Visits +│ 0 ", shown.stdout)
    assert re.search(r"Median stay +│ no visits", shown.stdout)
    shown = tracking_here("report", "--db", db, *about, *unwatched)
    assert re.search(r"Visits +│ nothing recorded", shown.stdout)
    assert "not the same as nobody" in shown.stderr


def test_a_report_can_have_a_row_for_each_source(tracking_here: Here, db: Path) -> None:
    found = answer(tracking_here, db, "--range", "all", "--by", "source", "--metric", "visits")
    assert groups(found, "source") == {
        name: sum(truth.tracks.values()) for name, truth in TRUTH.items()
    }
    shown = tracking_here("report", "--db", db, "--by", "source", "--metric", "visits")
    lines = re.findall(r"│ (\w+) +│ +(\S+) │", shown.stdout)
    assert lines == [("plaza", "10"), ("station", "8"), ("yard", "0"), ("all", "18")]


def test_a_wide_table_is_whole_where_no_terminal_cuts_it(tracking_here: Here, db: Path) -> None:
    shown = tracking_here("report", "--db", db, "--source", "plaza", "--bucket", "day")
    assert "…" not in shown.stdout
    assert len(re.findall(r"│ 2026-03-2[89] │.*│ +8 % │\n", shown.stdout)) == 2


def test_rows_by_time_are_those_of_the_sources_own_clock(tracking_here: Here, db: Path) -> None:
    about = ("--range", "all", "--source", "plaza", "--metric", "visits")
    days = groups(answer(tracking_here, db, *about, "--bucket", "day"), "bucket")
    assert days == {"2026-03-28T00:00:00.000+01:00": 4, "2026-03-29T00:00:00.000+01:00": 6}
    hours = groups(answer(tracking_here, db, *about, "--by", "hour"), "hour")
    assert {hour: count for hour, count in hours.items() if count} == {1: 2, 3: 2, 18: 7}
    assert hours[2] is None  # that hour was left out in that night
    weekdays = groups(answer(tracking_here, db, *about, "--by", "weekday"), "weekday")
    assert (weekdays["sat"], weekdays["sun"], weekdays["mon"]) == (4, 6, None)


def test_a_table_leaves_out_times_that_nobody_asks_about(tracking_here: Here, db: Path) -> None:
    shown = tracking_here(
        "report", "--db", db, "--source", "plaza", "--by", "weekday", "--metric", "visits"
    )
    assert re.findall(r"│ (\w+) +│ +(\S+) │", shown.stdout) == [
        ("sat", "4"),
        ("sun", "6"),
        ("all", "10"),
    ]


def test_names_are_printed_as_they_are(tracking_here: Here, tmp_path: Path) -> None:
    hostile = a_hostile_one(tmp_path / "hostile.db")
    shown = tracking_here("report", "--db", hostile, "--by", "source", "--by", "label")
    assert shown.returncode == 0, shown.stderr
    for name in (HOSTILE[3], HOSTILE[8]):  # what looks like markup
        assert len(re.findall(re.escape(f"│ {name} "), shown.stdout)) >= 2
    found = answer(tracking_here, hostile, "--by", "source", "--by", "label")
    assert set(HOSTILE) == {row["label"] for row in found["metrics"][0]["rows"]}


def test_hours_days_and_labels_narrow_a_report(tracking_here: Here, db: Path) -> None:
    about = ("--range", "all", "--source", "plaza", "--metric", "visits")

    def visits(*narrowed: str) -> Any:
        return values(answer(tracking_here, db, *about, *narrowed))["visits"]

    assert visits("--hours", "18-20") == 7
    assert visits("--hours", "18-20", "--days", "sat") == 4
    assert visits("--hours", "18-20", "--days", "sat", "--label", "person") == 3
    assert visits("--label", "person", "--label", "car") == 10


@pytest.mark.parametrize(
    "arguments",
    [
        ("--hours", "9-25"),
        ("--days", "someday"),
        ("--days", ","),
        ("--range", "lately"),
        ("--range", "all", "--since", "2026-03-29"),
        ("--by", "colour"),
        ("--by", "hour", "--bucket", "day"),
        ("--bucket", "fortnight"),
        ("--metric", "luck"),
    ],
)
def test_an_option_that_cannot_be_read_is_wrong_usage(
    tracking_here: Here, db: Path, arguments: tuple[str, ...]
) -> None:
    shown = tracking_here("report", "--db", db, *arguments)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "Usage: tracking report" in shown.stderr


def test_what_the_record_does_not_have_is_told(tracking_here: Here, db: Path) -> None:
    def report(*arguments: str) -> CompletedProcess[str]:
        return tracking_here("report", "--db", db, *arguments)

    assert one_line(report("--source", "pier"), "'pier'", "'plaza'")
    assert one_line(report("--since", "yesterday-ish"), "'yesterday-ish'")
    assert one_line(report("--since", "2026-04-01"), "--since 2026-04-01", "outside")
    assert one_line(report("--since", "2026-03-02", "--until", "2026-03-01"), "not after")
    unknown = report("--label", "dragon")
    assert unknown.returncode == 0
    assert unknown.stderr == "No track was ever labelled 'dragon', but bicycle, car, person\n"


def test_an_empty_record_reports_that_there_is_nothing(tracking_here: Here, tmp_path: Path) -> None:
    empty = an_empty_one(tmp_path / "empty.db")
    shown = tracking_here("report", "--db", empty)
    assert shown.returncode == 0
    assert re.search(r"Visits +│ nothing recorded", shown.stdout)
    assert set(values(answer(tracking_here, empty, "--by", "label")).values()) == {None}


# study


def test_a_study_is_written_and_says_how_it_is_opened(
    tracking_here: Here, db: Path, rows: Rows
) -> None:
    shown = tracking_here(
        "study", "--db", db, "--output", "my study.db", "--source", "plaza", "--label", "person",
        "--note", "Sunday evening", *SUNDAY,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert "TRACKING_DB='my study.db' streamlit run app.py" in shown.stdout
    assert re.search(r"tracks +│ 3 .*\n.*positions +│ 183 ", shown.stdout)
    known = read_study("my study.db")
    assert known is not None
    assert known.note == "Sunday evening"
    assert (known.since, known.until) == (
        ms("2026-03-29T18:00:00+02:00"),
        ms("2026-03-29T18:30:00+02:00"),
    )
    assert rows(Path("my study.db"), "SELECT label, count(*) FROM people_tracks") == [("person", 3)]


def test_a_study_is_of_everything_unless_said(tracking_here: Here, db: Path, rows: Rows) -> None:
    assert tracking_here("study", "--db", db, "--output", "s.db").returncode == 0
    for table in ("people_tracks", "positions", "footprints", "runs", "sources"):
        count = f"SELECT count(*) FROM {table}"
        assert rows(Path("s.db"), count) == rows(db, count)


def test_a_study_replaces_a_study_but_no_other_file(tracking_here: Here, db: Path) -> None:
    assert tracking_here("study", "--db", db, "--output", "s.db").returncode == 0
    assert tracking_here("study", "--db", db, "--output", "s.db").returncode == 0
    shutil.copy(db, "another.db")
    before = Path("another.db").read_bytes()
    assert one_line(tracking_here("study", "--db", db, "--output", "another.db"), "another.db")
    assert Path("another.db").read_bytes() == before


def test_a_study_of_a_time_without_a_record_is_not_written(tracking_here: Here, db: Path) -> None:
    empty = ("--since", "2026-03-01", "--until", "2026-03-02")
    assert one_line(tracking_here("study", "--db", db, "--output", "s.db", *empty), "Nothing")
    assert not Path("s.db").exists()


# keep, purge, compact


def kept(db: Path) -> int | None:
    with closing(open_readonly(db)) as connection:
        return retention.keep_days(connection)


def test_how_long_the_record_is_kept_is_shown_and_set(
    tracking_here: Here, db: Path, monday: None
) -> None:
    assert "is kept for ever" in tracking_here("keep", "--db", db).stdout
    shown = tracking_here("keep", "--db", db, "1")
    assert kept(db) == 1
    assert "is kept for 1 day, besides today" in shown.stdout
    assert "what ended before 2026-03-29 UTC" in shown.stdout
    assert re.search(r"plaza +│ +4 │ +744 │ +30 │", shown.stdout)
    assert re.search(r"all +│ +8 │ +958 │ +60 │", shown.stdout)
    assert tracking_here("keep", "--db", db).stdout == shown.stdout
    assert tracking_here("keep", "--db", db, "forever").returncode == 0
    assert kept(db) is None


@pytest.mark.parametrize("days", ["0", "40000", "a week", "1.5", "²"])
def test_an_odd_number_of_days_is_wrong_usage(tracking_here: Here, db: Path, days: str) -> None:
    assert tracking_here("keep", "--db", db, days).returncode == 2
    assert kept(db) is None


def tracks(db: Path) -> int:
    with closing(sqlite3.connect(db)) as connection:
        return int(connection.execute("SELECT count(*) FROM people_tracks").fetchone()[0])


def test_a_purge_deletes_what_is_older_and_says_so(
    tracking_here: Here, db: Path, monday: None, rows: Rows
) -> None:
    shown = tracking_here("purge", "--db", db, "--days", "1", "--yes")
    assert shown.returncode == 0, shown.stderr
    assert "Deleted what ended before 2026-03-29 UTC" in shown.stdout
    assert re.search(r"tracks +│ 8 .*\n.*positions +│ 958 ", shown.stdout)
    assert tracks(db) == 10
    assert rows(db, "SELECT count(*) FROM positions") == [(2108 - 958,)]
    again = tracking_here("purge", "--db", db, "--days", "1")  # needs no answer
    assert again.returncode == 0
    assert "a purge deletes nothing now" in again.stdout


def test_a_purge_goes_by_what_is_to_be_kept(tracking_here: Here, db: Path, monday: None) -> None:
    assert one_line(tracking_here("purge", "--db", db, "--yes"), "for ever", "--days")
    assert tracks(db) == 18
    tracking_here("keep", "--db", db, 1)
    assert tracking_here("purge", "--db", db, "--yes").returncode == 0
    assert tracks(db) == 10


@pytest.mark.parametrize(("said", "left", "code"), [("n\n", 18, 1), ("y\n", 10, 0)])
def test_a_purge_asks_first(
    tracking_here: Here, db: Path, monday: None, monkeypatch: pytest.MonkeyPatch,
    said: str, left: int, code: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "stdin", Terminal(said))
    shown = tracking_here("purge", "--db", db, "--days", "1")
    assert "Delete 8 tracks with 958 positions for good?" in shown.stdout
    assert (tracks(db), shown.returncode) == (left, code)


def test_where_nobody_can_be_asked_nothing_is_deleted(
    tracking_here: Here, db: Path, monday: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert one_line(tracking_here("purge", "--db", db, "--days", "1"), "--yes")
    assert tracks(db) == 18


def test_a_purge_goes_on_beside_a_runner(tracking_here: Here, db: Path, monday: None) -> None:
    with held(db, Path("sources.toml")):
        assert tracking_here("purge", "--db", db, "--days", "1", "--yes").returncode == 0
    assert tracks(db) == 10


def test_compacting_gives_space_back_while_no_runner_can_start(
    tracking_here: Here, db: Path, monday: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking_here("purge", "--db", db, "--days", "1", "--yes")
    before = db.stat().st_size
    compact, alone = retention.compact, []

    def looked_at(path: Path) -> int:
        alone.append(is_held(path))
        return compact(path)

    monkeypatch.setattr(retention, "compact", looked_at)
    shown = tracking_here("compact", "--db", db)
    assert shown.returncode == 0, shown.stderr
    assert alone == [True]
    assert db.stat().st_size < before
    assert re.fullmatch(rf"{db} was .+ and is .+ now\n", shown.stdout)
    assert not is_held(db)


def test_compacting_is_refused_while_a_runner_is_at_work(tracking_here: Here, db: Path) -> None:
    size = db.stat().st_size
    with held(db, Path("sources.toml")):
        assert one_line(tracking_here("compact", "--db", db), "people.db", "runner", "ended")
    assert db.stat().st_size == size


@pytest.mark.parametrize("command", [["keep", "1"], ["purge", "--days", "1", "-y"], ["compact"]])
def test_nothing_of_a_study_is_deleted(
    tracking_here: Here, db: Path, monday: None, command: list[str]
) -> None:
    since, until = ms("2026-03-28T00:00:00+00:00"), ms("2026-03-30T00:00:00+00:00")
    with closing(open_readonly(db)) as connection:
        write_study(connection, "s.db", since=since, until=until)
    before = Path("s.db").read_bytes()
    assert one_line(tracking_here(*command, "--db", "s.db"), "s.db", "study")
    assert Path("s.db").read_bytes() == before


def test_zones_and_lines_are_reported(tracking_here: Here, tmp_path: Path) -> None:
    shop = a_shop(tmp_path / "shop.db")
    day = ("--since", "2026-11-20T00:00", "--until", "2026-11-21T00:00")
    stored = answer(tracking_here, shop, *day, "--zone", "Storage", "--metric", "arrivals")
    assert values(stored) == {"arrivals": 2}
    ways = answer(tracking_here, shop, *day, "--by", "direction", "--metric", "crossings")
    assert groups(ways, "direction") == {"in": 4, "out": 2}
    seen = tracking_here("report", "--db", shop, *day, "--zone", "Storage", "--metric", "last_seen")
    assert "Fri 20 Nov 2026, 09:18:00" in seen.stdout
    nowhere = tracking_here("report", "--db", shop, "--zone", "Attic")
    assert nowhere.returncode == 2
    assert "there is no 'Attic'" in nowhere.stderr
