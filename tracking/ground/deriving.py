"""The table paces: how far each track walked, kept in step with positions and ground planes.

It is derived beside whoever writes: tracks are read without holding anybody up, and written in
short transactions. What is missing or has become more is found by itself, so it can be ended at
any moment.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..database import describing, open_database, open_readonly, writing
from ..errors import TrackingError
from ..zones.feet import Feet, read_feet
from .book import Grounded, versions
from .plane import Floats
from .plans import has_grounds
from .walking import Floors, walks

Progress = Callable[[int, int], object]
"""Is told how many positions have been looked at, and how many are to be."""

AT_ONCE = 150_000  # positions that are held in memory
EVERY = 60.0  # seconds
REST = 0.05  # seconds after each batch: sources come first
OVER = 10_000  # milliseconds after which a track that was not seen has ended

_LACKING = (
    "SELECT person.id, person.positions, person.last_seen FROM people_tracks AS person"
    " LEFT JOIN paces ON paces.track = person.id WHERE person.source_id = :source"
    " AND person.last_seen >= :since AND person.last_seen < :before"
    " AND (paces.seen IS NULL OR paces.seen < person.last_seen) ORDER BY person.id"
)


@dataclass(frozen=True, slots=True)
class Paced:
    """What was derived. sources: that have a ground plane."""

    sources: int = 0
    tracks: int = 0
    positions: int = 0


def derive(
    database: str | Path,
    everything: bool = False,
    progress: Progress = lambda done, total: None,
) -> Paced:
    """Derive what tracks of sources with a ground plane lack, or all of it anew.

    Raises DatabaseError.
    """
    open_readonly(database).close()  # to write is to make it where there is none
    with closing(open_database(database)) as connection, describing(database):
        if everything:
            with writing(connection):
                connection.execute("DELETE FROM paces")
        return derive_in(connection, progress=progress)


def derive_in(
    connection: sqlite3.Connection,
    progress: Progress = lambda done, total: None,
    wait: Callable[[float], object] = time.sleep,
    ended: bool = False,
) -> Paced:
    """`derive` with an open connection for writing.

    ended: only tracks that have ended, so that long ones are not read again and again. wait: waits
    that many seconds after each batch, and returns True if there is no time for more.
    """
    grounds = _by_source(connection)
    lacking = {
        source: found for source in grounds if (found := _lacking(connection, source, ended))
    }
    total = sum(positions for found in lacking.values() for _, positions, _ in found)
    tracks = done = 0
    for source, found in lacking.items():
        for batch in _batches(found):
            if not _derive_batch(connection, source, grounds[source], batch):
                break  # its ground plane was changed meanwhile: who did that derives, too
            tracks += len(batch)
            done += sum(positions for _, positions, _ in batch)
            progress(done, max(done, total))
            if wait(0.001) is True:
                return Paced(len(grounds), tracks, done)
    return Paced(len(grounds), tracks, done)


def lacking(connection: sqlite3.Connection) -> int:
    """How many tracks of sources with a ground plane lack their pace."""
    return sum(len(_lacking(connection, source, True)) for source in _by_source(connection))


def keep_paced(
    database: str | Path, stopping: threading.Event, say: Callable[[str], object]
) -> None:
    """Until told to stop: once a minute derive what tracks that have ended walked."""
    while True:
        try:
            with closing(open_database(database)) as connection, describing(database):
                derive_in(connection, wait=lambda _: stopping.wait(REST), ended=True)
        except (TrackingError, sqlite3.Error) as error:
            say(f"speeds could not be derived: {error}")
        if stopping.wait(EVERY):
            return


def _by_source(connection: sqlite3.Connection) -> dict[int, list[Grounded]]:
    found: dict[int, list[Grounded]] = {}
    for each in versions(connection):
        found.setdefault(each.source_id, []).append(each)
    return found


def _lacking(
    connection: sqlite3.Connection, source: int, ended: bool
) -> list[tuple[int, int, int]]:
    """The key, the number of positions and the last sighting of tracks that lack something."""
    if not has_grounds(connection):
        return []
    before = 2**62
    if ended:
        query = "SELECT max(last_seen) FROM people_tracks WHERE source_id = ?"
        (newest,) = connection.execute(query, (source,)).fetchone()
        (running,) = connection.execute(
            "SELECT count(*) FROM runs WHERE source_id = ? AND outcome IS NULL", (source,)
        ).fetchone()
        before = newest - OVER if running and newest is not None else before
    values = {"source": source, "since": -(2**62), "before": before}
    return connection.execute(_LACKING, values).fetchall()


def _batches(found: list[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    batches: list[list[tuple[int, int, int]]] = [[]]
    pending = 0
    for each in found:
        if pending >= AT_ONCE:
            batches.append([])
            pending = 0
        batches[-1].append(each)
        pending += each[1]
    return batches


def _widths(connection: sqlite3.Connection, feet: Feet) -> Floats:
    """The width of the frames that each foot was seen in; NaN where that is not known."""
    tracks = feet.track[feet.begins]
    rows = connection.execute(
        "SELECT person.id, coalesce(runs.width, sources.width) FROM people_tracks AS person"
        " JOIN runs ON runs.id = run_id JOIN sources ON sources.id = person.source_id"
        " WHERE person.id IN (SELECT value FROM json_each(?))",
        (json.dumps(tracks.tolist()),),
    )
    known = {track: width for track, width in rows if width}
    widths = np.array([known.get(track, np.nan) for track in tracks.tolist()], np.float64)
    return np.repeat(widths, np.diff(np.append(np.flatnonzero(feet.begins), len(feet))))


def _derive_batch(
    connection: sqlite3.Connection,
    source: int,
    grounds: list[Grounded],
    batch: list[tuple[int, int, int]],
) -> bool:
    """Derive and write what these tracks walked; False where the ground planes have changed."""
    feet = read_feet(connection, [track for track, _, _ in batch])
    found = walks(feet, Floors.of(grounds), _widths(connection, feet))
    seen = {track: last for track, _, last in batch}
    rows = zip(found.track.tolist(), found.metres.tolist(), found.seconds.tolist(), strict=True)
    known = json.dumps(list(seen))
    with writing(connection):
        if _by_source(connection).get(source) != grounds:
            return False
        there = {
            id
            for (id,) in connection.execute(
                "SELECT id FROM people_tracks WHERE id IN (SELECT value FROM json_each(?))",
                (known,),
            )
        }  # others have been deleted meanwhile
        walked = [(track, *way, seen[track]) for track, *way in rows if track in there]
        without = there - {row[0] for row in walked}  # whose positions are gone
        connection.executemany(
            "INSERT OR REPLACE INTO paces (track, metres, seconds, seen) VALUES (?, ?, ?, ?)",
            [*walked, *((track, 0.0, 0.0, seen[track]) for track in without)],
        )
    return True
