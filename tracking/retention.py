"""How long the record is kept: what is too old, deleting it, and deleting what a source left.

Deleting goes on in many short transactions beside whoever writes, and may be interrupted anywhere:
what is there is right at every moment, and the next purge goes on. Coverage goes first, or time
whose tracks are gone would for a while be one in which nobody came.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .database import (
    change_setting,
    describing,
    find_source,
    open_database,
    open_readonly,
    setting,
    size_of,
    sources,
    writing,
)
from .errors import DatabaseError, SettingsError, TrackingError
from .times import now_ms
from .zones import forget_before

MS_PER_DAY = 86_400_000
LONGEST = 36_500  # days
EVERY = 3600.0  # seconds between two purges of a runner

Progress = Callable[[int, int], object]
"""Is told how many positions are deleted, and how many are to be."""
Wait = Callable[[float], object]
"""Waits for that many seconds; returns True if there is no time for more."""

_SHORT, _LONG = 0.03, 0.06  # seconds that a transaction should take
_OVER = 3_600_000  # milliseconds after which a track of a run that goes on has surely ended
_BYTES_PER_POSITION, _BYTES_PER_MINUTE = 78, 25  # with the footprints and indexes, as measured

_ENDED = (
    "(run.outcome IS NOT NULL OR EXISTS"
    " (SELECT 1 FROM runs AS later WHERE later.source_id = run.source_id AND later.id > run.id))"
)
"""Whether a run is surely not written to any more."""


@dataclass(frozen=True, slots=True)
class Going:
    """What a purge deletes of a source.

    tracks, positions: of tracks that ended too long ago; minutes: of coverage. oldest: time of
    the oldest thing there is, milliseconds since 1970 UTC; None if there is nothing.
    """

    source: str
    tracks: int
    positions: int
    minutes: int
    oldest: int | None

    @property
    def bytes(self) -> int:
        """About how much space that sets free."""
        return self.positions * _BYTES_PER_POSITION + self.minutes * _BYTES_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Purge:
    """What would go, per source. before: what ended before it, milliseconds since 1970 UTC."""

    before: int
    sources: tuple[Going, ...]

    @property
    def tracks(self) -> int:
        return sum(each.tracks for each in self.sources)

    @property
    def positions(self) -> int:
        return sum(each.positions for each in self.sources)

    @property
    def minutes(self) -> int:
        return sum(each.minutes for each in self.sources)

    @property
    def bytes(self) -> int:
        """About how much space that sets free."""
        return sum(each.bytes for each in self.sources)


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted. finished: whether all was that was to be.

    free: bytes within the file that are free now: new rows fill them, the file does not shrink.
    """

    tracks: int = 0
    positions: int = 0
    minutes: int = 0
    finished: bool = True
    free: int = 0


def keep_days(connection: sqlite3.Connection) -> int | None:
    """For how many days the record is kept; None: for ever."""
    with suppress(ValueError):
        days = int(setting(connection, "keep_days") or 0)
        return days if 1 <= days <= LONGEST else None
    return None


def change_keep_days(connection: sqlite3.Connection, days: int | None) -> None:
    """Say for how many days the record is kept; None: for ever. Commits.

    Raises SettingsError for less than a day or more than a hundred years.
    """
    if days is not None and not 1 <= days <= LONGEST:
        raise SettingsError(f"keep_days must be between 1 and {LONGEST}, not {days}")
    with describing("The database"), connection:
        change_setting(connection, "keep_days", None if days is None else str(days))


def boundary(keep_days: int, now: int | None = None) -> int:
    """The beginning of the oldest day to be kept, beside today, in UTC; milliseconds since 1970."""
    return ((now_ms() if now is None else now) // MS_PER_DAY - keep_days) * MS_PER_DAY


def plan(connection: sqlite3.Connection, keep_days: int, now: int | None = None) -> Purge:
    """What a purge would delete to keep today and that many days before it."""
    before = boundary(keep_days, now)
    return Purge(before, tuple(_going(connection, *source, before) for source in _all(connection)))


def purge(
    database: str | Path,
    before: int,
    progress: Progress = lambda done, total: None,
    wait: Wait = time.sleep,
) -> Deleted:
    """Delete the tracks that ended before a time, with all that belongs to them, and coverage.

    before: milliseconds since 1970 UTC. A track that reaches beyond it stays whole, and so does
    what a run that goes on may still need. Raises DatabaseError.
    """
    with _writing(database) as connection:
        work = _Work(connection, progress, wait)
        going = [(id, _going(connection, id, name, before)) for id, name in _all(connection)]
        work.total = sum(each.positions for _, each in going)
        for id, _ in going:
            work.delete_coverage(id, before)
            work.delete_tracks(id, before)
            work.delete_runs(id, before)
            work.delete_alerts(id, before)
        return work.deleted()


def remove_source(
    database: str | Path,
    name: str,
    progress: Progress = lambda done, total: None,
    wait: Wait = time.sleep,
) -> Deleted:
    """Delete a source with everything that was recorded of it.

    One that is still watched begins anew with what is seen from then on. Raises NothingRecorded
    where there is no such source, and DatabaseError.
    """
    with _writing(database) as connection:
        id = find_source(connection, name).id
        work = _Work(connection, progress, wait)
        work.total = _going(connection, id, name, None).positions
        work.delete_coverage(id, None)
        work.delete_tracks(id, None)
        if not work.stopped:
            work.step(lambda: connection.execute("DELETE FROM sources WHERE id = ?", (id,)))
        return work.deleted()


def compact(database: str | Path) -> int:
    """Give the free space of the file back to the disk; how many bytes that was.

    Nobody can write meanwhile, which takes seconds for each GB, and the disk must have room for a
    second copy: only where no runner holds the database. Raises DatabaseError.
    """
    before = size_of(database)
    with _writing(database) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return max(0, before - size_of(database))


def keep(database: str | Path, stopping: threading.Event, say: Callable[[str], object]) -> None:
    """Until told to stop: once an hour delete what is older than the database says to keep."""
    while not stopping.wait(EVERY / 60):
        try:
            _purge_as_set(database, stopping, say)
        except (TrackingError, sqlite3.Error) as error:
            say(f"what is too old could not be deleted: {error}")
        if stopping.wait(EVERY):
            return


def _purge_as_set(
    database: str | Path, stopping: threading.Event, say: Callable[[str], object]
) -> None:
    with closing(open_readonly(database)) as connection, describing(database):
        days = keep_days(connection)
    if days is None:
        return
    gone = purge(database, boundary(days), wait=stopping.wait)
    if gone.tracks or gone.minutes:
        say(f"deleted what is older than {days} days: {gone.tracks:,} tracks,"
            f" {gone.positions:,} positions, {gone.minutes:,} minutes of coverage")  # fmt: skip


@contextmanager
def _writing(database: str | Path) -> Iterator[sqlite3.Connection]:
    if not Path(database).is_file():  # it would be made
        raise DatabaseError(f"There is no database {database}")
    with closing(open_database(database)) as connection, describing(database):
        yield connection


def _all(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    return [(source.id, source.name) for source in sources(connection)]


def _going(connection: sqlite3.Connection, id: int, name: str, before: int | None) -> Going:
    """What there is of a source before a time, or at all."""
    tracks, positions = connection.execute(
        "SELECT count(*), coalesce(sum(positions), 0) FROM people_tracks"
        " WHERE source_id = ? AND last_seen < coalesce(?, last_seen + 1)",
        (id, before),
    ).fetchone()
    (minutes,) = connection.execute(
        "SELECT count(*) FROM coverage WHERE source_id = ? AND minute < coalesce(?, minute + 1)",
        (id, None if before is None else before // 60_000),
    ).fetchone()
    oldest = connection.execute(
        "SELECT (SELECT min(minute) * 60000 FROM coverage WHERE source_id = :id),"
        " (SELECT min(first_seen) FROM people_tracks WHERE source_id = :id)",
        {"id": id},
    ).fetchone()
    return Going(name, tracks, positions, minutes, min(filter(_known, oldest), default=None))


def _known(t: int | None) -> bool:
    return t is not None


class _Work:
    """Deletes in short transactions, with as long a pause after each: others must get through."""

    def __init__(self, connection: sqlite3.Connection, progress: Progress, wait: Wait) -> None:
        self.total = 0
        self.stopped = False
        self._connection, self._progress, self._wait = connection, progress, wait
        self._rows = 2000  # to be deleted in one transaction
        self._tracks = self._positions = self._minutes = 0

    def deleted(self) -> Deleted:
        pages, size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("freelist_count", "page_size")
        )
        done = self._tracks, self._positions, self._minutes
        return Deleted(*done, finished=not self.stopped, free=pages * size)

    def step(self, work: Callable[[], object]) -> None:
        """One transaction; the next one is larger or smaller, by how long this one took."""
        with writing(self._connection):
            begun = time.monotonic()  # not before there was nobody left to wait for
            work()
        taken = time.monotonic() - begun
        if taken > _LONG:
            self._rows = max(100, self._rows // 2)
        elif taken < _SHORT:
            self._rows = min(50_000, self._rows * 3 // 2)
        self._progress(self._positions, max(self.total, self._positions))
        self.stopped = self._wait(max(0.01, taken)) is True

    def delete_tracks(self, source: int, before: int | None) -> None:
        while not self.stopped and (tracks := self._next_tracks(source, before)):
            id, positions = tracks[0]
            if positions > self._rows and (cut := self._cut(id)) is not None:
                self.step(lambda id=id, cut=cut: self._shorten(id, cut))  # type: ignore[misc]
                continue
            self.step(lambda tracks=tracks: self._delete(tracks))  # type: ignore[misc]

    def _next_tracks(self, source: int, before: int | None) -> list[tuple[int, int]]:
        """Keys and positions of the next tracks, as many as fit in a transaction."""
        everything = before is None
        found: list[tuple[int, int]] = []
        rows = 0
        for id, positions in self._connection.execute(
            "SELECT person.id, positions FROM people_tracks AS person"
            " CROSS JOIN runs AS run ON run.id = run_id WHERE person.source_id = :source AND"
            " (:all OR last_seen < :before"
            f" AND ({_ENDED} OR last_seen < run.ended_at - {_OVER})) ORDER BY last_seen",
            {"source": source, "before": before, "all": everything},
        ):
            rows += positions
            if found and rows > self._rows:
                break
            found.append((id, positions))
        return found

    def _cut(self, track: int) -> int | None:
        """A minute within a track, so that about one transaction's rows lie before it."""
        row = self._connection.execute(
            "SELECT t / 60000 FROM positions WHERE track = ? ORDER BY t LIMIT 1 OFFSET ?",
            (track, self._rows),
        ).fetchone()
        (first,) = self._connection.execute(
            "SELECT min(t) / 60000 FROM positions WHERE track = ?", (track,)
        ).fetchone()
        return None if row is None else max(row[0], first + 1)

    def _shorten(self, track: int, minute: int) -> None:
        """Let a track begin later: one of a whole day would take too long at once."""
        gone = self._connection.execute(
            "DELETE FROM positions WHERE track = ? AND t < ?", (track, minute * 60_000)
        ).rowcount
        self._connection.execute(
            "DELETE FROM footprints WHERE track = ? AND minute < ?", (track, minute)
        )
        forget_before(self._connection, track, minute * 60_000)
        self._connection.execute(
            "UPDATE people_tracks SET first_seen = min(?, last_seen), positions = positions - ?"
            " WHERE id = ?",
            (minute * 60_000, gone, track),
        )
        self._positions += gone

    def _delete(self, tracks: list[tuple[int, int]]) -> None:
        keys = json.dumps([id for id, _ in tracks])
        self._connection.execute(
            "DELETE FROM people_tracks WHERE id IN (SELECT value FROM json_each(?))", (keys,)
        )
        self._tracks += len(tracks)
        self._positions += sum(positions for _, positions in tracks)

    def delete_coverage(self, source: int, before: int | None) -> None:
        until = None if before is None else before // 60_000
        while not self.stopped:
            (first,) = self._connection.execute(
                "SELECT min(minute) FROM coverage WHERE source_id = ?", (source,)
            ).fetchone()
            if first is None or (until is not None and first >= until):
                return
            end = first + self._rows if until is None else min(until, first + self._rows)
            self.step(lambda end=end: self._delete_minutes(source, end))  # type: ignore[misc]

    def _delete_minutes(self, source: int, until: int) -> None:
        self._minutes += self._connection.execute(
            "DELETE FROM coverage WHERE source_id = ? AND minute < ?", (source, until)
        ).rowcount

    def delete_runs(self, source: int, before: int) -> None:
        """Delete the runs of which nothing is left, but not those that tell which recordings
        were looked at."""
        if self.stopped:
            return
        self.step(
            lambda: self._connection.execute(
                "DELETE FROM runs AS run WHERE source_id = ? AND ended_at < ?"
                f" AND {_ENDED} AND json_extract(settings, '$.recording') IS NULL"
                " AND NOT EXISTS (SELECT 1 FROM people_tracks WHERE run_id = run.id)",
                (source, before),
            )
        )

    def delete_alerts(self, source: int, before: int) -> None:
        """Delete the alerts that ended before, with what was told of them."""
        if self.stopped:
            return
        self.step(
            lambda: self._connection.execute(
                "DELETE FROM alerts WHERE source_id = ? AND ended_at < ?", (source, before)
            )
        )
