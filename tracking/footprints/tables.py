"""The tables footprints, heat_days and end_days, kept in step with positions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from .ends import MS_PER_DAY, settle_day
from .ground import Ground, Ints, known_ground
from .steps import STEP, Walker, derive

MINUTES_PER_DAY = 1440
HEAT = np.dtype([("cell", "<u2"), ("visits", "<i4"), ("ms", "<i8"), ("dx", "<i8"), ("dy", "<i8")])
"""What a day's steps in a cell come to, as it is stored; visits: the sum of `first`."""

_AT_ONCE = 300_000  # positions that are held in memory
_ROW = np.dtype([(name, "i8") for name in ("track", "t")] + [(name, "f8") for name in "xyh"])


def frame_of_run(connection: sqlite3.Connection, run_id: int) -> Ground | None:
    """The ground of a run's frames, by its own size or its source's; None if neither is known."""
    row = connection.execute(
        "SELECT coalesce(runs.width, sources.width), coalesce(runs.height, sources.height)"
        " FROM runs JOIN sources ON sources.id = source_id WHERE runs.id = ?",
        (run_id,),
    ).fetchone()
    return known_ground(*row)


def assume_frame(connection: sqlite3.Connection, run_id: int, right: float, low: float) -> Ground:
    """Note a size for a run of which none is known. right, low: pixels that its feet reach."""
    sides = [int(min(max(np.ceil(side), 1), 100_000)) for side in (right, low)]
    connection.execute("UPDATE runs SET width = ?, height = ? WHERE id = ?", (*sides, run_id))
    return Ground(*sides)


def store_walkers(
    connection: sqlite3.Connection, source_id: int, walkers: Iterable[tuple[int, Walker]]
) -> None:
    """Write what has become of tracks since `Walker.begin`; with each its people_tracks.id."""
    connection.executemany(
        "INSERT INTO footprints VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET steps = excluded.steps",
        (
            (source_id, minute, track, steps)
            for track, walker in walkers
            for minute, steps in walker.rows()
        ),
    )


def store(
    connection: sqlite3.Connection,
    ids: tuple[int, int],
    track: Ints,
    t: Ints,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    h: npt.NDArray[np.float64],
) -> None:
    """Derive and write the footprints of whole tracks of one run. ids: of source and run.

    track: people_tracks.id; all sorted by it, then by t.
    """
    if not len(track):
        return
    ground = frame_of_run(connection, ids[1])
    ground = ground or assume_frame(connection, ids[1], x.max(), (y + h / 2).max())
    found = derive(track, t, x, y, h, ground)
    connection.executemany(
        "INSERT INTO footprints VALUES (?, ?, ?, ?)",
        ((ids[0], minute, key, steps) for key, minute, steps in found.rows()),
    )


def rebuild(connection: sqlite3.Connection, source_id: int | None = None) -> None:
    """Derive the footprints of a source, or of all, anew from its positions.

    Belongs into a transaction; holds a few hundred thousand positions in memory at a time. Days are
    not added up.
    """
    of_source = "source_id = coalesce(?, source_id)"
    connection.execute(f"DELETE FROM footprints WHERE {of_source}", (source_id,))
    runs = connection.execute(
        f"SELECT source_id, id FROM runs WHERE {of_source} ORDER BY id", (source_id,)
    ).fetchall()
    for ids in runs:
        if frame_of_run(connection, ids[1]) is None:
            _measure(connection, ids[1])
        for tracks in _batches(connection, ids[1]):
            rows = _positions(connection, tracks)
            store(connection, ids, *(rows[name] for name in ("track", "t", "x", "y", "h")))


def _measure(connection: sqlite3.Connection, run_id: int) -> None:
    reach = connection.execute(
        "SELECT max(x), max(y + h / 2) FROM people_tracks AS person"
        " JOIN positions ON track = person.id WHERE run_id = ?",
        (run_id,),
    ).fetchone()
    if None not in reach:
        assume_frame(connection, run_id, *reach)


def _batches(connection: sqlite3.Connection, run_id: int) -> Iterator[list[int]]:
    """The tracks of a run, so many at a time as fit in memory."""
    tracks: list[int] = []
    pending = 0
    for track, positions in connection.execute(
        "SELECT id, positions FROM people_tracks WHERE run_id = ? ORDER BY id", (run_id,)
    ).fetchall():
        tracks.append(track)
        pending += positions
        if pending >= _AT_ONCE:
            yield tracks
            tracks, pending = [], 0
    if tracks:
        yield tracks


def _positions(connection: sqlite3.Connection, tracks: list[int]) -> npt.NDArray[np.void]:
    rows = connection.execute(
        "SELECT track, CAST(t AS INTEGER), CAST(x AS REAL), CAST(y AS REAL), CAST(h AS REAL)"
        " FROM json_each(?) CROSS JOIN positions ON track = value ORDER BY track, t",
        (json.dumps(tracks),),
    )
    return np.fromiter(rows, _ROW)


def settle(
    connection: sqlite3.Connection,
    source_id: int | None = None,
    *,
    most: int | None = None,
    before: int | None = None,
) -> int:
    """Add up the days that are not added up yet, of footprints and of ends; how many it did.

    most: how many at most; before: only days before this one, in days since 1970 UTC.

    What is kept of a day is dropped by triggers as soon as anything of it changes; readers then
    take its rows themselves, so this makes answers quicker and never different.
    """
    done = 0
    sources = "SELECT id FROM sources WHERE id = coalesce(?, id)"
    for (source,) in connection.execute(sources, (source_id,)).fetchall():
        for table, (_, keep) in _KEPT.items():
            for day in _unsettled(connection, source, table):
                if done == most:
                    return done
                if before is not None and day >= before:
                    break
                keep(connection, source, day)
                done += 1
    return done


def _unsettled(connection: sqlite3.Connection, source_id: int, table: str) -> Iterator[int]:
    """The days of a source that have something to add up and are not in that table."""
    settled = {
        day
        for (day,) in connection.execute(
            f"SELECT DISTINCT day FROM {table} WHERE source_id = ?", (source_id,)
        )
    }
    query, _ = _KEPT[table]
    day = -(2**31)
    while True:
        (day,) = connection.execute(query, (source_id, day)).fetchone()
        if day is None:
            return
        if day not in settled:
            yield day
        day += 1


def _add_up(connection: sqlite3.Connection, source_id: int, day: int) -> None:
    by_label: dict[str, list[bytes]] = {}
    for label, steps in connection.execute(
        "SELECT label, steps FROM footprints CROSS JOIN people_tracks ON people_tracks.id = track"
        " WHERE footprints.source_id = ? AND minute >= ? AND minute < ?",
        (source_id, day * MINUTES_PER_DAY, (day + 1) * MINUTES_PER_DAY),
    ):
        by_label.setdefault(label, []).append(steps)
    connection.executemany(
        "INSERT INTO heat_days VALUES (?, ?, ?, ?)",
        (
            (source_id, day, label, heat(np.frombuffer(b"".join(steps), STEP)).tobytes())
            for label, steps in by_label.items()
        ),
    )


def heat(steps: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Steps added up by cell, of dtype HEAT."""
    cell = steps["cell"].astype(np.intp)
    found = np.flatnonzero(np.bincount(cell))
    sums = np.zeros(len(found), HEAT)
    sums["cell"] = found
    for name, of in (("visits", "first"), ("ms", "ms"), ("dx", "dx"), ("dy", "dy")):
        sums[name] = np.bincount(cell, steps[of])[found]  # exact: far below 2**53
    return sums


_KEPT = {
    "heat_days": (
        f"SELECT min(minute) / {MINUTES_PER_DAY} FROM footprints"
        f" WHERE source_id = ? AND minute >= ? * {MINUTES_PER_DAY}",
        _add_up,
    ),
    "end_days": (
        f"SELECT min(first_seen / {MS_PER_DAY}) FROM people_tracks"
        f" WHERE source_id = ? AND first_seen / {MS_PER_DAY} >= ?",
        settle_day,
    ),
}
"""By table: the first day of a source, from one on, that has anything; and what keeps a day."""
