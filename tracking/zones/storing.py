"""The tables zone_stays and crossings: what whole tracks did in zones and at lines."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .crossing import crossings_of
from .drawings import Drawn, Kind, drawn_at
from .feet import Feet, Ints, read_feet
from .geometry import Line, Mask, Zone
from .staying import GRACE, Stays, stays_in

TABLES: dict[Kind, tuple[str, str, str, str]] = {
    "zone": ("zone_stays", "zone_id", "entered_at", "left_at"),
    "line": ("crossings", "line_id", "t", "t"),
}
"""Of each kind: its table, that table's key to it, and when something begins and ends."""


@dataclass(slots=True)
class Rows:
    """What is to be stored: track, zone, entered and left; track, line, time and direction."""

    stays: list[tuple[int, int, int, int]] = field(default_factory=list)
    crossings: list[tuple[int, int, int, str]] = field(default_factory=list)

    def add_stays(self, zone: int, stays: Stays) -> None:
        self.stays += [(track, zone, entered, left) for track, entered, left in stays.rows()]

    def without(self, tracks: Container[int]) -> Rows:
        """Those of other tracks."""
        return Rows(
            [row for row in self.stays if row[0] not in tracks],
            [row for row in self.crossings if row[0] not in tracks],
        )

    def write(self, connection: sqlite3.Connection) -> None:
        connection.executemany(
            "INSERT INTO zone_stays (track, zone_id, entered_at, left_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET left_at = excluded.left_at",
            self.stays,
        )
        connection.executemany(
            "INSERT OR REPLACE INTO crossings (track, line_id, t, direction) VALUES (?, ?, ?, ?)",
            self.crossings,
        )


def rows_of(drawn: Iterable[Drawn], feet: Feet, grace: Ints | int = GRACE) -> Rows:
    """What whole tracks did. grace: as `stays_in` takes it."""
    rows = Rows()
    for each in drawn:
        if isinstance(each.shape, Zone):
            rows.add_stays(each.id, stays_in(feet_inside(each, each.shape, feet), feet, grace))
        else:
            add_crossings(rows, each, each.shape, feet)
    return rows


def feet_inside(drawn: Drawn, zone: Zone, feet: Feet) -> Mask:
    """Which feet are in the zone while that version counts."""
    inside = zone.contains(feet.x, feet.y)
    if drawn.since > 0:
        inside &= feet.t >= drawn.since
    if drawn.until is not None:
        inside &= feet.t < drawn.until
    return inside


def add_crossings(
    rows: Rows, drawn: Drawn, line: Line, feet: Feet, sure: Mask | None = None
) -> Mask:
    """Add the crossings of the line while that version counts; for which feet the side counts.

    sure: as `crossings_of` takes it.
    """
    found, counts = crossings_of(line, feet, sure)
    rows.crossings += [
        (track, drawn.id, t, direction)
        for track, t, direction in found.rows()
        if drawn.since <= t and (drawn.until is None or t < drawn.until)
    ]
    return counts


def grace_of(fps: float) -> int:
    """The grace where there are so few frames a second: that of two frames is the least."""
    return max(GRACE, round(2000 / fps)) if fps > 0 else GRACE


def store_feet(connection: sqlite3.Connection, source_id: int, feet: Feet, fps: float) -> None:
    """Derive and write what new whole tracks of one source did, in the open transaction.

    fps: frames a second; 0 where that is not known.
    """
    if drawn := drawn_at(connection, source_id):
        rows_of(drawn, feet, grace_of(fps)).write(connection)


def graces(connection: sqlite3.Connection, feet: Feet) -> Ints | int:
    """The grace for each of the feet, or one for all."""
    tracks = np.unique(feet.track).tolist()
    slow = {
        track: grace_of(fps)
        for track, fps in connection.execute(
            "SELECT person.id, min(coalesce(json_extract(settings, '$.fps'), 1),"
            " coalesce(sources.fps, 1)) AS fps FROM people_tracks AS person"
            " JOIN runs ON runs.id = run_id JOIN sources ON sources.id = person.source_id"
            " WHERE person.id IN (SELECT value FROM json_each(?)) AND fps > 0 AND fps < 1",
            (json.dumps(tracks),),
        )
    }
    if not slow:
        return GRACE
    return np.array([slow.get(track, GRACE) for track in feet.track.tolist()], np.int64)


def replace_rows(
    connection: sqlite3.Connection, drawn: Iterable[Drawn], tracks: Sequence[int], rows: Rows
) -> None:
    """Write rows instead of all that these versions had of these tracks."""
    versions = list(drawn)
    for kind, (table, column, *_) in TABLES.items():
        if ids := [each.id for each in versions if each.kind == kind]:
            connection.execute(
                f"DELETE FROM {table} WHERE track IN (SELECT value FROM json_each(?))"
                f" AND +{column} IN (SELECT value FROM json_each(?))",
                (json.dumps(tracks), json.dumps(ids)),
            )
    rows.write(connection)


def store_tracks(
    connection: sqlite3.Connection, drawn: Sequence[Drawn], tracks: Sequence[int]
) -> None:
    """Derive and write what these tracks did, in the open transaction."""
    if drawn and tracks:
        feet = read_feet(connection, tracks)
        rows = rows_of(drawn, feet, graces(connection, feet))
        replace_rows(connection, drawn, tracks, rows)


def forget_before(connection: sqlite3.Connection, track: int, t: int) -> None:
    """Let a track whose positions before a time are deleted have done nothing before it either."""
    values = {"track": track, "t": t}
    connection.execute("DELETE FROM crossings WHERE track = :track AND t < :t", values)
    connection.execute("DELETE FROM zone_stays WHERE track = :track AND left_at < :t", values)
    connection.execute(
        "UPDATE zone_stays SET entered_at = (SELECT min(t) FROM positions WHERE track = :track)"
        " WHERE track = :track AND entered_at < :t",
        values,
    )
