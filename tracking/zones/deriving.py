"""What was recorded before a zone or line was drawn: its stays and crossings, track by track.

The table `underived` says how far each version has come, so that the work can be ended at any
moment and goes on from there. It is done beside whoever writes: tracks are read and looked at
without holding anybody up, and written in short transactions.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..database import describing, open_database, open_readonly, writing
from ..errors import DatabaseError
from .drawings import KINDS, Drawn, drawn_at
from .feet import read_feet
from .storing import graces, replace_rows, rows_of, store_tracks

Progress = Callable[[int, int], object]
"""Is told how many positions have been looked at, and how many are to be."""
Wait = Callable[[float], object]
"""Waits for that many seconds; returns True if there is no time for more."""

AT_ONCE = 150_000  # positions that are held in memory


@dataclass(frozen=True, slots=True)
class Derived:
    """What was derived. finished: whether nothing is missing any more."""

    versions: int = 0
    tracks: int = 0
    positions: int = 0
    finished: bool = True


def underived(connection: sqlite3.Connection) -> int:
    """How many versions of zones and lines still lack a part of the past."""
    (count,) = connection.execute("SELECT count(*) FROM underived").fetchone()
    return int(count)


def derive(
    database: str | Path,
    everything: bool = False,
    progress: Progress = lambda done, total: None,
    wait: Wait = time.sleep,
) -> Derived:
    """Derive what zones and lines that were drawn or changed lack, or all of them anew.

    A runner may go on meanwhile. Raises DatabaseError.
    """
    open_readonly(database).close()  # to write is to make it where there is none
    with closing(open_database(database)) as connection, describing(database):
        return derive_in(connection, everything, progress, wait)


def derive_in(
    connection: sqlite3.Connection,
    everything: bool = False,
    progress: Progress = lambda done, total: None,
    wait: Wait = time.sleep,
) -> Derived:
    """`derive` with an open connection for writing."""
    if connection.in_transaction:
        raise DatabaseError("A transaction is open: commit it before zones and lines are derived")
    if everything:
        _begin_anew(connection)
    work = _Work(connection, progress)
    while (batch := _next_batch(connection)) is not None:
        work.derive(batch)
        if wait(0.001) is True:
            break
    return work.done(underived(connection) == 0)


def _begin_anew(connection: sqlite3.Connection) -> None:
    with writing(connection):
        for kind in KINDS:
            connection.execute(
                f"INSERT OR REPLACE INTO underived SELECT ?, id, 0 FROM {kind}s", (kind,)
            )


@dataclass(frozen=True, slots=True)
class _Batch:
    """Versions of one source that have come equally far, and the tracks that are next for them.

    tracks: people_tracks.id of each, how many positions it has, and when it was last seen.
    next: the track to go on with; None if there is none.
    """

    drawn: tuple[Drawn, ...]
    tracks: tuple[tuple[int, int, int], ...]
    next: int | None

    @property
    def keys(self) -> list[int]:
        return [track for track, _, _ in self.tracks]

    @property
    def positions(self) -> int:
        return sum(positions for _, positions, _ in self.tracks)


def _next_batch(connection: sqlite3.Connection) -> _Batch | None:
    """What is to be done next; None if that is nothing."""
    while (group := _next_group(connection)) is not None:
        source, begin, ids = group
        drawn = tuple(each for each in drawn_at(connection, source) if (each.kind, each.id) in ids)
        if drawn:
            tracks = next_tracks(connection, source, begin, drawn)
            return _Batch(drawn, tracks, tracks[-1][0] + 1 if tracks else None)
        _finish(connection, ids)  # what is no shape has nothing to be derived
    return None


def _next_group(connection: sqlite3.Connection) -> tuple[int, int, set[tuple[str, int]]] | None:
    """The source, the next track, and kind and id of the versions that are to go on there."""
    sources: dict[tuple[int, int], set[tuple[str, int]]] = {}
    gone: set[tuple[str, int]] = set()
    for kind, id, begin, source in connection.execute(
        "SELECT kind, id, next, CASE kind WHEN 'zone'"
        " THEN (SELECT source_id FROM zones WHERE zones.id = underived.id)"
        " ELSE (SELECT source_id FROM lines WHERE lines.id = underived.id) END FROM underived"
    ):
        if source is None:
            gone.add((kind, id))
        else:
            sources.setdefault((source, begin), set()).add((kind, id))
    if gone:  # with its source
        _finish(connection, gone)
    if not sources:
        return None
    source, begin = min(sources)
    return source, begin, sources[source, begin]


def _finish(connection: sqlite3.Connection, ids: Iterable[tuple[str, int]]) -> None:
    with writing(connection):
        connection.executemany("DELETE FROM underived WHERE kind = ? AND id = ?", ids)


def next_tracks(
    connection: sqlite3.Connection, source: int, begin: int, drawn: Sequence[Drawn]
) -> tuple[tuple[int, int, int], ...]:
    """So many of the tracks that were seen while any of the versions counts as fit in memory."""
    found, positions = [], 0
    ends = [each.until for each in drawn]
    latest = None if None in ends else max(end for end in ends if end is not None)
    for row in connection.execute(
        "SELECT id, positions, last_seen FROM people_tracks WHERE +source_id = ? AND id >= ?"
        " AND last_seen >= ? AND first_seen < coalesce(?, first_seen + 1) ORDER BY id",
        (source, begin, min(each.since for each in drawn), latest),
    ):
        found.append(row)
        positions += row[1]
        if positions >= AT_ONCE:
            break
    return tuple(found)


class _Work:
    """Derives batch after batch, and counts."""

    def __init__(self, connection: sqlite3.Connection, progress: Progress) -> None:
        self._connection, self._progress = connection, progress
        self._versions: set[tuple[str, int]] = set()
        self._tracks = self._positions = 0
        self._total = positions_left(connection)

    def done(self, finished: bool) -> Derived:
        return Derived(len(self._versions), self._tracks, self._positions, finished)

    def derive(self, batch: _Batch) -> None:
        feet = read_feet(self._connection, batch.keys)
        rows = rows_of(batch.drawn, feet, graces(self._connection, feet))
        with writing(self._connection):
            if not self._still(batch):
                return
            changed = self._changed(batch)
            replace_rows(self._connection, batch.drawn, batch.keys, rows.without(changed))
            store_tracks(self._connection, batch.drawn, sorted(changed))
            self._note(batch)
        self._versions |= {(each.kind, each.id) for each in batch.drawn}
        self._tracks += len(batch.tracks)
        self._positions += batch.positions
        self._progress(self._positions, max(self._total, self._positions))

    def _still(self, batch: _Batch) -> bool:
        """Whether the versions are those they were; if not, all of it is done again."""
        there = drawn_at(self._connection, batch.drawn[0].source_id)
        return set(batch.drawn) <= set(there)

    def _changed(self, batch: _Batch) -> set[int]:
        """The tracks that have become longer or shorter meanwhile, or are gone."""
        query = (
            "SELECT id, positions, last_seen FROM people_tracks"
            " WHERE id IN (SELECT value FROM json_each(?))"
        )
        known = set(batch.tracks)
        there = set(self._connection.execute(query, (json.dumps(batch.keys),)))
        return {track for track, _, _ in known ^ there}

    def _note(self, batch: _Batch) -> None:
        """How far these versions have come."""
        for each in batch.drawn:
            if batch.next is None:
                query = "DELETE FROM underived WHERE kind = :kind AND id = :id"
            else:
                query = "UPDATE underived SET next = :next WHERE kind = :kind AND id = :id"
            values = {"next": batch.next, "kind": each.kind, "id": each.id}
            self._connection.execute(query, values)


def positions_left(connection: sqlite3.Connection) -> int:
    """How many positions are to be looked at; those of several groups count for each of them."""
    (total,) = connection.execute(
        "SELECT coalesce(sum(positions), 0) FROM (SELECT DISTINCT source_id, next FROM ("
        " SELECT zones.source_id, next FROM underived JOIN zones USING (id) WHERE kind = 'zone'"
        " UNION SELECT lines.source_id, next FROM underived JOIN lines USING (id)"
        " WHERE kind = 'line')) AS part JOIN people_tracks AS person"
        " ON person.source_id = part.source_id AND person.id >= part.next"
    ).fetchone()
    return int(total)
