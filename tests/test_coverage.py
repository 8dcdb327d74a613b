"""Coverage: how much of each minute was watched, and what kept the rest from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NOON, picture
from tracking.book import Book
from tracking.database import open_database
from tracking.events import (
    Event,
    Run,
    Source,
    SourceEnded,
    SourceStarted,
    SourceUnwatched,
    TracksSeen,
)
from tracking.frame import Frame
from tracking.logger import DatabaseLogger

DOOR = Source("door", "camera", "0", "UTC", 64, 48, 10.0)
EMPTY = picture(0)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_database(tmp_path / "people.db")
    yield connection
    connection.close()


def at(seconds: float) -> int:
    return NOON + round(seconds * 1000)


def unwatched(state: str, since: float, until: float) -> SourceUnwatched:
    return SourceUnwatched(DOOR, state, at(since), at(until))


def frames(run: Run, since: float, until: float) -> list[Event]:
    """Ten frames a second."""
    count = round((until - since) * 10)
    return [TracksSeen(run, Frame(n, at(since) + 100 * n, EMPTY)) for n in range(count)]


def told(base: sqlite3.Connection, *events: Event) -> list[tuple[object, ...]]:
    """What the table says after these events: minute, observed, frames, state, three absences."""
    book = Book()
    for event in events:
        book.take(event)
        book.write(base)
    return base.execute(
        f"SELECT minute - {NOON // 60_000}, seconds_observed, frames, state, seconds_stale,"
        " seconds_down, seconds_stopped FROM coverage ORDER BY minute"
    ).fetchall()


def a_run() -> Run:
    return Run(DOOR, NOON, "yolo", None, "botsort", "0")


def test_a_minute_that_was_watched_is_ok(base: sqlite3.Connection) -> None:
    run = a_run()
    events = [SourceStarted(run), *frames(run, 0, 60)]
    assert told(base, *events) == [(0, 60, 600, "ok", 0, 0, 0)]


def test_the_gap_of_a_lost_camera_is_down_and_not_watched(base: sqlite3.Connection) -> None:
    run = a_run()
    events = [SourceStarted(run), *frames(run, 0, 20), unwatched("down", 19.9, 45)]
    found = told(base, *events, *frames(run, 45, 60))
    assert found == [(0, pytest.approx(34.9, abs=0.11), 350, "down", 0, 25.1, 0)]


def test_a_gap_is_shared_out_to_its_minutes(base: sqlite3.Connection) -> None:
    assert told(base, unwatched("stopped", 50, 130)) == [
        (0, 0, 0, "stopped", 0, 0, 10),
        (1, 0, 0, "stopped", 0, 0, 60),
        (2, 0, 0, "stopped", 0, 0, 10),
    ]


def test_a_frozen_picture_takes_back_what_looked_watched(base: sqlite3.Connection) -> None:
    run = a_run()
    events = [SourceStarted(run), *frames(run, 0, 40), unwatched("stale", 30, 60)]
    assert told(base, *events) == [(0, 30, 400, "stale", 30, 0, 0)]


def test_a_frozen_part_of_a_minute_that_goes_on_is_taken_back_at_once(
    base: sqlite3.Connection,
) -> None:
    run = a_run()
    frozen = SourceUnwatched(DOOR, "stale", at(10), at(20), mistaken=10_000)
    found = told(base, SourceStarted(run), *frames(run, 0, 20), frozen)
    assert found == [(0, 10, 200, "stale", 10, 0, 0)]


def test_a_source_that_is_analysed_seldom_is_watched_in_between(base: sqlite3.Connection) -> None:
    run = Run(DOOR, NOON, "yolo", None, "botsort", "0", {"fps": 0.2})
    seldom = [TracksSeen(run, Frame(n, at(5 * n), EMPTY)) for n in range(1, 13)]
    assert told(base, SourceStarted(run), *seldom)[0][1] == pytest.approx(60, abs=5)


def test_the_state_is_what_took_the_longest(base: sqlite3.Connection) -> None:
    first = unwatched("down", 0, 10), unwatched("stale", 10, 25), unwatched("stopped", 25, 37)
    assert told(base, *first)[0][3] == "stale"


def test_told_in_small_parts_it_is_the_same(base: sqlite3.Connection) -> None:
    parts = [unwatched("down", step / 2, step / 2 + 0.5) for step in range(240)]
    assert told(base, *parts) == [(0, 0, 0, "down", 0, 60, 0), (1, 0, 0, "down", 0, 60, 0)]


def test_a_source_that_never_gave_a_picture_is_known_all_the_same(
    base: sqlite3.Connection,
) -> None:
    never = Source("gate", "stream", "rtsp://***@host/x", "Europe/Berlin", 0, 0)
    told(base, SourceUnwatched(never, "down", at(0), at(5)))
    rows = base.execute("SELECT name, uri, timezone, width FROM sources").fetchall()
    assert rows == [("gate", "rtsp://***@host/x", "Europe/Berlin", None)]


def test_an_absence_is_written_by_a_logger_that_has_no_run(base: sqlite3.Connection) -> None:
    logger = DatabaseLogger(base, 0.2, 60.0)
    logger(unwatched("down", 0, 7))
    logger.flush()
    assert base.execute("SELECT seconds_down FROM coverage").fetchall() == [(7,)]


def test_a_patient_logger_lets_runs_begin_and_end_while_the_database_is_busy(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    logger = DatabaseLogger(base, 0.2, 60.0)
    run = a_run()
    other = sqlite3.connect(tmp_path / "people.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for event in [SourceStarted(run), *frames(run, 0, 2), SourceEnded(run, at(2), 20, "finished")]:
        logger(event)
    other.execute("ROLLBACK")
    other.close()
    logger.flush()
    assert base.execute("SELECT frames, outcome FROM runs").fetchall() == [(20, "finished")]
