"""Where tracks begin and end: the first and the last box of each, a day's together.

Two rows of each track of a month would be looked up among all positions, for longer than a page
should take; this is derived from them, and dropped as soon as anything of the day changes.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import chain

import numpy as np
import numpy.typing as npt

MS_PER_DAY = 86_400_000
ENDS = np.dtype(
    [(name, "<i8") for name in ("id", "run", "first", "last", "positions")]
    + [("confidence", "<f8"), ("begin", "<f8", 4), ("end", "<f8", 4)]
)
"""A track. id: people_tracks.id; run: runs.id; first, last: when it was seen, milliseconds since
1970 UTC; positions: how many there are, confidence: their mean; begin, end: its first and its last
box: x, y of the centre, width, height in pixels."""

_DAY = f"first_seen / {MS_PER_DAY}"
_BOXES = ", ".join(f"CAST({end}.{side} AS REAL)" for end in "ab" for side in "xywh")
_QUERY = (
    "SELECT track.id, run_id, first_seen, last_seen, track.positions, track.confidence,"
    f" {_BOXES} FROM people_tracks AS track"
    " CROSS JOIN positions AS a ON a.track = track.id"
    " AND a.t = (SELECT min(t) FROM positions WHERE track = track.id)"
    " CROSS JOIN positions AS b ON b.track = track.id"
    " AND b.t = (SELECT max(t) FROM positions WHERE track = track.id)"
    f" WHERE source_id = ? AND {_DAY} IN (SELECT value FROM json_each(?))"
)


def ends_in(
    connection: sqlite3.Connection, source_id: int, since: int, until: int
) -> npt.NDArray[np.void]:
    """The tracks of a source that were seen between two times, of dtype ENDS, by their keys.

    since, until: milliseconds since 1970 UTC; the latter is not part of it. Of tracks that have
    positions.
    """
    first, last = connection.execute(
        f"SELECT min({_DAY}), max({_DAY}) FROM people_tracks"
        " WHERE source_id = ? AND last_seen >= ? AND first_seen < ?",
        (source_id, since, until),
    ).fetchone()
    if first is None:
        return np.zeros(0, ENDS)
    kept = dict(_kept(connection, source_id, first, last))
    others = [day for day in range(first, last + 1) if day not in kept]
    found = np.concatenate(
        [np.frombuffer(b"".join(kept.values()), ENDS), _derived(connection, source_id, others)]
    )
    found = found[(found["last"] >= since) & (found["first"] < until)]
    return found[np.argsort(found["id"])]


def _kept(
    connection: sqlite3.Connection, source_id: int, first: int, last: int
) -> list[tuple[int, bytes]]:
    """The days that are added up; a study of an earlier version has none, and is never changed."""
    known = "SELECT 1 FROM sqlite_master WHERE name = 'end_days'"
    if connection.execute(known).fetchone() is None:
        return []
    return connection.execute(
        "SELECT day, ends FROM end_days WHERE source_id = ? AND day BETWEEN ? AND ?",
        (source_id, first, last),
    ).fetchall()


def _derived(
    connection: sqlite3.Connection, source_id: int, days: list[int]
) -> npt.NDArray[np.void]:
    rows = connection.execute(_QUERY, (source_id, json.dumps(days)))
    table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 14)
    ends = np.zeros(len(table), ENDS)
    for column, name in enumerate(("id", "run", "first", "last", "positions", "confidence")):
        ends[name] = table[:, column]
    ends["begin"], ends["end"] = table[:, 6:10], table[:, 10:]
    return ends


def settle_day(connection: sqlite3.Connection, source_id: int, day: int) -> None:
    """Keep the ends of all tracks of a source that were first seen on a day, in days since 1970
    UTC."""
    packed = _derived(connection, source_id, [day]).tobytes()
    connection.execute("INSERT INTO end_days VALUES (?, ?, ?)", (source_id, day, packed))
