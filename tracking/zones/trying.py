"""What a zone or line would count, before it is drawn."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from .deriving import Progress, next_tracks
from .drawings import BEGINNING, Drawn, kind_of
from .feet import read_feet
from .geometry import Line, Zone
from .storing import Rows, graces, rows_of


@dataclass(frozen=True, slots=True)
class Tried:
    """What a shape counts in a time.

    tracks: that were looked at. inside: how many of them were in the zone; stays: how often, and
    for how many seconds in all. forward, backward: crossings.
    """

    tracks: int = 0
    inside: int = 0
    stays: int = 0
    seconds: float = 0.0
    forward: int = 0
    backward: int = 0


def try_out(
    connection: sqlite3.Connection,
    source_id: int,
    shape: Zone | Line,
    since: int = BEGINNING,
    until: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Tried:
    """What a shape would count at a source if it were drawn from `since` until `until` (ms UTC).

    Nothing is written. It is derived as it will be once it is drawn.
    """
    drawn = (Drawn(kind_of(shape), 0, source_id, "", shape, since, until),)
    total, done, begin = _positions(connection, source_id, since, until), 0, 0
    rows, looked_at = Rows(), 0
    while tracks := next_tracks(connection, source_id, begin, drawn):
        feet = read_feet(connection, [track for track, _, _ in tracks])
        found = rows_of(drawn, feet, graces(connection, feet))
        rows.stays += found.stays
        rows.crossings += found.crossings
        begin, looked_at = tracks[-1][0] + 1, looked_at + len(tracks)
        done += sum(positions for _, positions, _ in tracks)
        progress(done, max(total, done))
    forward = sum(way == "forward" for *_, way in rows.crossings)
    return Tried(
        looked_at,
        len({track for track, *_ in rows.stays}),
        len(rows.stays),
        sum(left - entered for *_, entered, left in rows.stays) / 1000,
        forward,
        len(rows.crossings) - forward,
    )


def _positions(
    connection: sqlite3.Connection, source_id: int, since: int, until: int | None
) -> int:
    (total,) = connection.execute(
        "SELECT coalesce(sum(positions), 0) FROM people_tracks WHERE source_id = ?"
        " AND last_seen >= ? AND first_seen < coalesce(?, first_seen + 1)",
        (source_id, since, until),
    ).fetchone()
    return int(total)
