"""Retention: what is too old goes, everything else stays whole, and whoever writes goes on."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import NOON, picture
from tests.running import Running
from tracking import retention
from tracking.book import Book
from tracking.database import open_database, size_of
from tracking.errors import DatabaseError, DatabaseLocked, NothingRecorded, SettingsError
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.footprints import presence_grid, rebuild, settle
from tracking.frame import Frame, Track
from tracking.retention import (
    change_keep_days,
    compact,
    keep,
    keep_days,
    plan,
    purge,
    remove_source,
)

MIDNIGHT = NOON - 12 * 3_600_000
DAY = 86_400_000
BLANK = picture(0)
TABLES = ("people_tracks", "positions", "footprints", "coverage", "runs", "stills", "zone_stays")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.db"


@pytest.fixture
def base(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(path)) as connection:
        yield connection


def no_wait(seconds: float) -> None:
    """For a purge that nobody writes beside."""


def a_run(start: int, name: str = "yard", **settings: object) -> Run:
    source = Source(name, "camera", "0", "UTC", 480, 360, 5.0)
    return Run(source, start, "yolo", None, "botsort", "0", settings)


def see(book: Book, run: Run, t: int, number: int = 1) -> None:
    track = Track(number, "person", 0.9, 100 + t // 1000 % 300, 55, 10, 30)
    book.take(TracksSeen(run, Frame(0, t, BLANK, (track,))))


def record(
    base: sqlite3.Connection, start: int, seconds: int = 30, ends: bool = True, **of: str
) -> tuple[Book, Run]:
    """A run with one track that is seen once a second."""
    book, run = Book(), a_run(start, **of)
    book.take(SourceStarted(run))
    for second in range(seconds):
        see(book, run, start + second * 1000)
    if ends:
        book.take(SourceEnded(run, start + seconds * 1000, seconds, "stopped"))
    book.write(base)
    return book, run


def counts(base: sqlite3.Connection, *tables: str) -> list[int]:
    return [base.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def test_what_ended_before_the_day_goes_and_the_rest_stays_whole(
    base: sqlite3.Connection, path: Path
) -> None:
    for start in (MIDNIGHT - 3 * DAY, MIDNIGHT - 15_000, MIDNIGHT + 1000):
        record(base, start)
    foreseen = plan(base, 1, now=MIDNIGHT + DAY + 1)
    assert foreseen.before == MIDNIGHT
    assert (foreseen.tracks, foreseen.positions, foreseen.minutes) == (1, 30, 2)
    assert foreseen.sources[0].oldest == MIDNIGHT - 3 * DAY
    gone = purge(path, foreseen.before)
    assert (gone.tracks, gone.positions, gone.minutes, gone.finished) == (1, 30, 2, True)
    assert base.execute("SELECT first_seen, positions FROM people_tracks").fetchall() == [
        (MIDNIGHT - 15_000, 30),
        (MIDNIGHT + 1000, 30),
    ]
    assert counts(base, "positions", "coverage", "runs") == [60, 1, 2]
    left = base.execute("SELECT * FROM footprints ORDER BY 2, 3").fetchall()
    rebuild(base)
    assert base.execute("SELECT * FROM footprints ORDER BY 2, 3").fetchall() == left
    assert plan(base, 1, now=MIDNIGHT + DAY + 1).tracks == 0


def test_a_day_that_was_added_up_no_longer_counts_what_is_gone(
    base: sqlite3.Connection, path: Path
) -> None:
    record(base, MIDNIGHT - 3 * DAY)
    record(base, MIDNIGHT + 1000)
    settle(base)
    base.commit()
    purge(path, MIDNIGHT)
    assert presence_grid(base, 0, [(0, 2**40)])[0].sum() == 29_000


def test_stays_and_crossings_of_a_deleted_track_go_with_it(
    base: sqlite3.Connection, path: Path
) -> None:
    record(base, MIDNIGHT - DAY)
    with base:
        base.execute("INSERT INTO zones VALUES (1, 0, 'door', '[]', 0, NULL)")
        base.execute("INSERT INTO lines VALUES (1, 0, 'sill', '[]', 'in', 'out', 0, NULL)")
        base.execute("INSERT INTO zone_stays VALUES (1, 1, 5, 6)")
        base.execute("INSERT INTO crossings VALUES (1, 1, 5, 'in')")
    purge(path, MIDNIGHT)
    assert counts(base, "zone_stays", "crossings", "zones", "lines") == [0, 0, 1, 1]


def test_a_run_that_goes_on_keeps_its_latest_tracks_and_goes_on(
    base: sqlite3.Connection, path: Path
) -> None:
    book, run = record(base, MIDNIGHT - DAY, ends=False)
    assert purge(path, MIDNIGHT).tracks == 0  # a recording of another year may be looked at now
    for second in range(5):
        see(book, run, MIDNIGHT + second * 1000, number=2)
    book.write(base)
    assert purge(path, MIDNIGHT).tracks == 1
    see(book, run, MIDNIGHT + 5000, number=2)
    assert book.write(base) == {}
    assert base.execute("SELECT track_id, positions FROM people_tracks").fetchall() == [(2, 6)]
    assert counts(base, "positions", "runs") == [6, 1]


def test_what_says_that_a_recording_was_looked_at_stays(
    base: sqlite3.Connection, path: Path
) -> None:
    record(base, MIDNIGHT - DAY, recording="2a")
    purge(path, MIDNIGHT)
    assert counts(base, "people_tracks", "coverage", "runs") == [0, 0, 1]


def test_a_track_of_many_hours_goes_in_parts_and_is_right_in_between(
    base: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(base, MIDNIGHT - 40_000_000, seconds=6000)
    base.execute("PRAGMA busy_timeout = 0")
    seen = []

    def look(done: int, total: int) -> None:
        row = base.execute("SELECT first_seen, positions FROM people_tracks").fetchone()
        if row and done:
            first, count = base.execute("SELECT min(t), count(*) FROM positions").fetchone()
            (minute,) = base.execute("SELECT min(minute) FROM footprints").fetchone()
            assert row == (first - first % 60_000, count)
            assert minute == first // 60_000
        seen.append((done, total, bool(row)))

    purge(path, MIDNIGHT, progress=look, wait=no_wait)
    parts = [done for done, _, there in seen if there]
    assert len(parts) >= 2
    assert all(total == 6000 for _, total, _ in seen)
    assert counts(base, "people_tracks", "positions", "footprints") == [0, 0, 0]


def test_a_purge_that_is_stopped_says_so_and_the_next_one_goes_on(
    base: sqlite3.Connection, path: Path
) -> None:
    record(base, MIDNIGHT - 40_000_000, seconds=6000)
    coverage_and_tracks = iter((False, True))
    gone = purge(path, MIDNIGHT, wait=lambda seconds: next(coverage_and_tracks))
    assert not gone.finished
    assert 0 < gone.positions < 6000
    rest = purge(path, MIDNIGHT, wait=no_wait)
    assert rest.finished
    assert gone.positions + rest.positions == 6000


def test_whoever_writes_beside_a_purge_is_not_held_up(base: sqlite3.Connection, path: Path) -> None:
    for day in range(40):
        record(base, MIDNIGHT - day * DAY - 3_600_000, seconds=1500)
    purging = threading.Thread(target=purge, args=(path, MIDNIGHT))
    book, run = record(base, MIDNIGHT + 1000, ends=False)
    purging.start()
    longest, second = 0.0, 30
    while purging.is_alive():
        see(book, run, MIDNIGHT + second * 1000, number=7)
        begun = time.monotonic()
        book.write(base)
        longest, second = max(longest, time.monotonic() - begun), second + 1
        time.sleep(0.02)
    purging.join()
    assert second > 35
    assert longest < 2.5
    assert counts(base, "runs", "positions") == [1, second]


def test_no_time_looks_watched_when_its_tracks_have_gone(
    base: sqlite3.Connection, path: Path
) -> None:
    for hour in range(5):
        record(base, MIDNIGHT - 40_000_000 + hour * 3_600_000, seconds=1500)
    watched_in_vain = (
        "SELECT count(*) FROM coverage WHERE NOT EXISTS (SELECT 1 FROM people_tracks"
        " WHERE last_seen / 60000 >= minute AND first_seen / 60000 <= minute)"
    )
    found = []

    def look(done: int, total: int) -> None:
        found.append(base.execute(watched_in_vain).fetchone()[0])

    purge(path, MIDNIGHT, progress=look, wait=no_wait)
    assert len(found) > 3
    assert not any(found)


def test_a_source_goes_with_all_that_it_left(base: sqlite3.Connection, path: Path) -> None:
    record(base, MIDNIGHT)
    record(base, MIDNIGHT, name="door")
    told: list[tuple[int, int]] = []
    gone = remove_source(path, "yard", lambda done, total: told.append((done, total)))
    assert (gone.tracks, gone.positions, gone.minutes) == (1, 30, 1)
    assert told[-1] == (30, 30)
    assert base.execute("SELECT id, name FROM sources").fetchall() == [(1, "door")]
    assert counts(base, "people_tracks", "positions", "coverage", "runs") == [1, 30, 1, 1]
    with pytest.raises(NothingRecorded, match="no source 'yard'; it has 'door'"):
        remove_source(path, "yard")


def test_a_source_that_is_still_watched_begins_anew(base: sqlite3.Connection, path: Path) -> None:
    book, run = record(base, MIDNIGHT, ends=False)
    remove_source(path, "yard")
    record(base, MIDNIGHT, name="door")  # takes the number that has become free
    for second in range(30, 40):
        see(book, run, MIDNIGHT + second * 1000, number=1 + second % 2)
        assert book.write(base) == {}
    found = base.execute(
        "SELECT name, track_id, first_seen - ?, people_tracks.positions FROM people_tracks"
        " JOIN sources ON sources.id = source_id ORDER BY 1, 2",
        (MIDNIGHT,),
    ).fetchall()
    assert found == [("door", 1, 0, 30), ("yard", 1, 30_000, 5), ("yard", 2, 31_000, 5)]
    assert counts(base, "runs", "positions") == [2, 40]
    assert not base.execute("PRAGMA foreign_key_check").fetchall()
    left = base.execute("SELECT * FROM footprints ORDER BY 1, 2, 3").fetchall()
    rebuild(base)
    assert base.execute("SELECT * FROM footprints ORDER BY 1, 2, 3").fetchall() == left


def test_space_is_free_for_new_rows_and_compacting_gives_it_back(
    base: sqlite3.Connection, path: Path
) -> None:
    record(base, MIDNIGHT - DAY, seconds=9000)
    gone = purge(path, MIDNIGHT, wait=no_wait)
    assert gone.free > 300_000
    size = size_of(path)
    base.close()
    assert compact(path) > 300_000
    assert size_of(path) < size - 300_000
    assert purge(path, MIDNIGHT).free == 0


def test_a_database_that_is_not_there_is_not_made(path: Path) -> None:
    for work in (lambda: purge(path, 0), lambda: compact(path)):
        with pytest.raises(DatabaseError, match=r"There is no database .*people\.db"):
            work()
    assert not path.exists()


def test_a_database_that_somebody_does_not_let_go_of_is_named(
    base: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(base, MIDNIGHT - DAY)
    monkeypatch.setattr(retention, "open_database", lambda path: open_database(path, wait=0.1))
    base.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked, match=r"people\.db is being written by another process"):
        purge(path, MIDNIGHT)
    base.rollback()
    assert counts(base, "people_tracks") == [1]


def test_how_long_the_record_is_kept_is_said_in_the_database(base: sqlite3.Connection) -> None:
    assert keep_days(base) is None
    change_keep_days(base, 30)
    assert keep_days(base) == 30
    change_keep_days(base, None)
    assert keep_days(base) is None
    for days in (0, -1, 40_000):
        with pytest.raises(SettingsError, match=f"between 1 and 36500, not {days}"):
            change_keep_days(base, days)
    base.execute("INSERT INTO settings VALUES ('keep_days', 'some')")
    assert keep_days(base) is None  # what cannot be understood deletes nothing


@pytest.fixture
def kept(
    base: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], list[str]]]:
    """Keeps house, once every twentieth of a second; gives what was said."""
    monkeypatch.setattr(retention, "EVERY", 0.05)
    stopping, said = threading.Event(), list[str]()
    thread = threading.Thread(target=keep, args=(path, stopping, said.append))
    thread.start()
    yield lambda: said
    stopping.set()
    thread.join(5)
    assert not thread.is_alive()


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_housekeeping_deletes_nothing_until_it_is_told_for_how_long_to_keep(
    base: sqlite3.Connection, kept: Callable[[], list[str]]
) -> None:
    record(base, MIDNIGHT - DAY)
    time.sleep(0.3)
    assert counts(base, "people_tracks") == [1]
    change_keep_days(base, 1)
    until(kept)
    assert counts(base, "people_tracks") == [0]
    assert kept() == [
        "deleted what is older than 1 days: 1 tracks, 30 positions, 1 minutes of coverage"
    ]


def test_housekeeping_goes_on_after_a_failure(
    base: sqlite3.Connection,
    path: Path,
    kept: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record(base, MIDNIGHT - DAY)
    change_keep_days(base, 1)
    monkeypatch.setattr(
        retention, "purge", lambda *_, **__: (_ for _ in ()).throw(DatabaseLocked("busy"))
    )
    until(lambda: "what is too old could not be deleted: busy" in kept())
    monkeypatch.setattr(retention, "purge", purge)
    until(lambda: counts(base, "people_tracks") == [0])


def test_a_runner_keeps_house_and_stops_at_once_all_the_same(
    base: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "EVERY", 6)
    record(base, MIDNIGHT - DAY)
    change_keep_days(base, 1)
    with Running(path.parent):
        until(lambda: counts(base, "people_tracks") == [0])
        begun = time.monotonic()
    assert time.monotonic() - begun < 3
