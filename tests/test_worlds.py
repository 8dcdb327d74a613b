"""The worlds that the dashboard is tested in are what they are said to be."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tests.worlds import HOSTILE, TRUTH, a_hostile_one, a_weekend, an_empty_one, ms
from tracking.database import open_readonly, still
from tracking.times import zone


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = a_weekend(tmp_path_factory.mktemp("weekend") / "people.db")
    with closing(open_readonly(path)) as connection:
        yield connection


@pytest.mark.parametrize("name", TRUTH)
def test_the_weekend_is_as_its_truth_says(weekend: sqlite3.Connection, name: str) -> None:
    truth = TRUTH[name]
    ((source, timezone),) = weekend.execute(
        "SELECT id, timezone FROM sources WHERE name = ?", (name,)
    ).fetchall()
    assert timezone == truth.timezone
    runs = "SELECT count(*), min(started_at), max(ended_at) FROM runs WHERE source_id = ?"
    assert weekend.execute(runs, (source,)).fetchone() == (
        truth.runs, ms(truth.first), ms(truth.last)
    )  # fmt: skip
    tracks = "SELECT label, count(*) FROM people_tracks WHERE source_id = ? GROUP BY label"
    assert dict(weekend.execute(tracks, (source,))) == truth.tracks
    positions = (
        "SELECT count(*), coalesce(max(last_seen - first_seen), 0) / 1000.0 FROM people_tracks"
        " JOIN positions ON track = people_tracks.id WHERE source_id = ?"
    )
    found = weekend.execute(positions, (source,)).fetchone()
    assert found == (truth.positions, truth.longest)
    at_once = (
        "SELECT max(n) FROM (SELECT count(*) AS n FROM people_tracks JOIN positions"
        " ON track = people_tracks.id WHERE source_id = ? GROUP BY t)"
    )
    assert (weekend.execute(at_once, (source,)).fetchone()[0] or 0) == truth.most


@pytest.mark.parametrize("name", TRUTH)
def test_the_weekends_coverage_is_as_its_truth_says(weekend: sqlite3.Connection, name: str) -> None:
    truth = TRUTH[name]
    sums = weekend.execute(
        "SELECT sum(seconds_observed), sum(seconds_down), sum(seconds_stale), sum(seconds_stopped)"
        " FROM coverage JOIN sources ON sources.id = source_id WHERE name = ?",
        (name,),
    ).fetchone()
    missed = (truth.missed.get(state, 0) for state in ("down", "stale", "stopped"))
    assert sums == pytest.approx((truth.watched, *missed))


@pytest.mark.parametrize("name", TRUTH)
def test_the_weekends_people_came_on_the_days_that_its_truth_says(
    weekend: sqlite3.Connection, name: str
) -> None:
    times = weekend.execute(
        "SELECT first_seen FROM people_tracks JOIN sources ON sources.id = source_id"
        " WHERE name = ? AND label = 'person'",
        (name,),
    )
    days: dict[str, int] = {}
    for (first,) in times:
        day = _local(first, TRUTH[name].timezone)[:10]
        days[day] = days.get(day, 0) + 1
    assert days == TRUTH[name].by_day


def test_somebody_crosses_the_hour_that_there_was_not(weekend: sqlite3.Connection) -> None:
    spans = weekend.execute(
        "SELECT first_seen, last_seen FROM people_tracks JOIN sources ON sources.id = source_id"
        " WHERE name = 'plaza'"
    )
    local = [tuple(_local(t, "Europe/Berlin")[11:16] for t in span) for span in spans]
    assert ("01:59", "03:01") in local


def test_one_source_has_a_picture_of_its_place(weekend: sqlite3.Connection) -> None:
    stills = [still(weekend, number) for number in range(3)]
    assert [found and (found.width, found.height) for found in stills] == [(640, 480), None, None]


def test_a_hostile_database_holds_its_texts_as_they_are(tmp_path: Path) -> None:
    with closing(open_readonly(a_hostile_one(tmp_path / "hostile.db"))) as connection:
        for sql in ("SELECT name FROM sources ORDER BY id", "SELECT label FROM people_tracks"):
            assert tuple(text for (text,) in connection.execute(sql)) == HOSTILE


def test_an_empty_database_has_tables_without_rows(tmp_path: Path) -> None:
    with closing(open_readonly(an_empty_one(tmp_path / "people.db"))) as connection:
        assert connection.execute("SELECT count(*) FROM sources").fetchone() == (0,)


def test_a_world_is_written_in_no_time(tmp_path: Path) -> None:
    begun = time.process_time()
    a_weekend(tmp_path / "people.db")
    assert time.process_time() - begun < 3  # CPU: other tests may keep the machine busy


def _local(t: int, name: str) -> str:
    return datetime.fromtimestamp(t / 1000, zone(name)).isoformat()
