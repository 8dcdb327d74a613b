"""Where tracks begin and end: what is kept of a day is always what the positions say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.conftest import NOON
from tests.test_footprints import World, a_run
from tracking.book import Book
from tracking.database import open_database, open_readonly
from tracking.events import SourceEnded, SourceStarted, TracksSeen
from tracking.footprints import ENDS, ends_in, settle
from tracking.frame import Frame, Track

EVER = (0, 2**45)
DAY = 86_400_000
MIDNIGHT = NOON + DAY // 2


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(tmp_path / "people.db")) as connection:
        yield connection


def by_hand(connection: sqlite3.Connection, since: int, until: int) -> npt.NDArray[np.void]:
    """The ends of the tracks of source 0, from every position."""
    found = []
    for track in connection.execute(
        "SELECT id, run_id, first_seen, last_seen, positions, confidence FROM people_tracks"
        " WHERE source_id = 0 AND last_seen >= ? AND first_seen < ? ORDER BY id",
        (since, until),
    ).fetchall():
        boxes = connection.execute(
            "SELECT x, y, w, h FROM positions WHERE track = ? ORDER BY t", (track[0],)
        ).fetchall()
        if boxes:
            found.append((*track, boxes[0], boxes[-1]))
    return np.array(found, ENDS)


def test_what_is_kept_of_a_day_follows_every_change(base: sqlite3.Connection) -> None:
    World(base, 1).run(a_run(start=MIDNIGHT - 60_000))
    World(base, 2).run(a_run(start=MIDNIGHT + DAY))
    for change in (
        "SELECT 1",
        "UPDATE people_tracks SET confidence = 0.123 WHERE id % 5 = 0",
        "DELETE FROM people_tracks WHERE id % 3 = 0",
        f"UPDATE people_tracks SET first_seen = first_seen - {DAY} WHERE id % 7 = 1",
        "INSERT INTO people_tracks SELECT 10000 + id, run_id, source_id, 10000 + id, label,"
        " first_seen, last_seen, positions, confidence, NULL FROM people_tracks;"
        "INSERT INTO positions SELECT 10000 + track, t, frame, x + 1, y, w, h, confidence"
        " FROM positions WHERE track < 10000",
        "DELETE FROM runs WHERE id = 1",
    ):
        with base:
            for statement in change.split(";"):
                base.execute(statement)
        assert np.array_equal(ends_in(base, 0, *EVER), by_hand(base, *EVER)), change
        with base:
            settle(base)
        kept = ends_in(base, 0, *EVER)
        assert len(kept)
        assert np.array_equal(kept, by_hand(base, *EVER)), change
    with base:
        base.execute("DELETE FROM sources")
    assert base.execute("SELECT count(*) FROM end_days").fetchone() == (0,)


@pytest.mark.parametrize("settled", [False, True])
def test_the_tracks_of_a_window_are_those_that_were_seen_in_it(
    settled: bool, base: sqlite3.Connection
) -> None:
    World(base, 3).run(a_run(start=MIDNIGHT - 60_000))
    if settled:
        with base:
            settle(base)
    for since, until in (
        (MIDNIGHT, MIDNIGHT + 1),
        (MIDNIGHT - 30_000, MIDNIGHT + 30_000),
        (0, MIDNIGHT),
        (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY),
    ):
        assert np.array_equal(ends_in(base, 0, since, until), by_hand(base, since, until))


def test_a_track_that_goes_on_after_its_day_was_added_up_ends_where_it_ends(
    base: sqlite3.Connection,
) -> None:
    run, book = a_run(start=MIDNIGHT - 2000), Book()
    book.take(SourceStarted(run))
    for second in range(5):
        track = Track(1, "person", 0.9, 100 + second, 55, 10, 30)
        frame = Frame(second, MIDNIGHT - 2000 + second * 1000, np.zeros((2, 2, 3), np.uint8),
                      (track,))  # fmt: skip
        book.take(TracksSeen(run, frame))
        book.write(base)
        with base:
            settle(base)
        (end,) = ends_in(base, 0, *EVER)
        assert (end["begin"][0], end["end"][0]) == (100, 100 + second)
    book.take(SourceEnded(run, MIDNIGHT + 2000, 5, "finished"))
    book.write(base)
    assert base.execute("SELECT day FROM end_days").fetchall() == [(MIDNIGHT // DAY - 1,)]


def test_a_study_of_an_earlier_version_is_read_from_its_positions(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    World(base, 4).run(a_run())
    with base:
        for (trigger,) in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ends%'"
        ).fetchall():
            base.execute(f"DROP TRIGGER {trigger}")
        base.execute("DROP TABLE end_days")
    with closing(open_readonly(tmp_path / "people.db")) as reader:
        assert len(ends_in(reader, 0, *EVER)) > 5
        assert np.array_equal(ends_in(reader, 0, *EVER), by_hand(base, *EVER))


def test_a_track_without_positions_has_no_ends(base: sqlite3.Connection) -> None:
    World(base, 5).run(a_run())
    before = len(ends_in(base, 0, *EVER))
    with base:
        base.execute("DELETE FROM positions WHERE track = 1")
    assert len(ends_in(base, 0, *EVER)) == before - 1
