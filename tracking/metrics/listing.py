"""Tracks one by one: the first of all of them in some order, and the way that one took."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import SettingsError
from ..localtime import Times
from ..times import known_zone
from .measuring import overlapping
from .selection import Selection, Tracks

ORDERS = {
    "last_seen": "Last seen",
    "first_seen": "First seen",
    "stay": "Stay",
    "positions": "Positions",
    "confidence": "Confidence",
}
"""What tracks can be ordered by."""

LIMIT = 500
COLUMNS = (
    "id",
    "source",
    "label",
    "track",
    "first_seen",
    "last_seen",
    "stay",
    "positions",
    "confidence",
    "timezone",
    "source_id",
)


@dataclass(frozen=True, slots=True)
class Listing:
    """Some tracks, or stays in zones, out of `total`.

    rows: columns of COLUMNS; first_seen, last_seen in ms UTC, stay in seconds, timezone of the
    source; track: the number that the tracker gave. Of a stay these times are those of the stay,
    and there is a column `zone`.
    """

    rows: pd.DataFrame
    total: int


@dataclass(frozen=True, slots=True)
class Way:
    """Where a track stood. width, height: of its frames in pixels, None where unknown.

    rows: t (ms UTC), x, y (pixels, the middle of the box's lower edge), confidence.
    """

    rows: pd.DataFrame
    width: int | None
    height: int | None


def list_tracks(
    connection: sqlite3.Connection,
    selection: Selection,
    order: str = "last_seen",
    falling: bool = True,
    limit: int = LIMIT,
) -> Listing:
    """The first `limit` of all tracks that overlap what is asked about, in an order of ORDERS.

    With zones in its filter: all stays in them that overlap. All of them are put in order, not only
    those that are given. Raises SettingsError.
    """
    if order not in ORDERS:
        raise SettingsError(f"Tracks are not ordered by {order!r}, but by {', '.join(ORDERS)}")
    tracks = overlapping(selection)
    if not len(tracks):
        return Listing(pd.DataFrame(columns=list(COLUMNS)), 0)
    keys = _keys(connection, tracks, order)
    place = np.lexsort((tracks.id, keys))
    first = tracks.where((place[::-1] if falling else place)[:limit])
    rows = tracks_of(connection, first.id.tolist())
    if selection.is_of_stays:
        there = first.where(np.isin(first.id, rows["id"]))
        names = {zone.id: zone.name for zone in selection.zones}
        rows["zone"] = [names[key] for key in there.zone.tolist()]
        rows["first_seen"], rows["last_seen"] = there.first, there.last
        rows["stay"] = (there.last - there.first) / 1000
    # without any row the tracks have been deleted since they were selected
    return Listing(rows, len(tracks) if len(rows) else 0)


def tracks_of(connection: sqlite3.Connection, ids: Sequence[int]) -> pd.DataFrame:
    """Tracks by their ids, in that order, without those that are gone; columns of COLUMNS."""
    rows = connection.execute(
        "SELECT track.id, source.name, track.label, track.track_id, first_seen, last_seen,"
        " (last_seen - first_seen) / 1000.0, positions, confidence, source.timezone, source.id"
        " FROM json_each(:ids) AS wanted JOIN people_tracks AS track ON track.id = wanted.value"
        " JOIN sources AS source ON source.id = track.source_id ORDER BY wanted.key",
        {"ids": json.dumps(list(ids))},
    ).fetchall()
    known = [(*row[:-2], known_zone(row[-2]), row[-1]) for row in rows]
    return pd.DataFrame(known, columns=list(COLUMNS))


def _keys(connection: sqlite3.Connection, tracks: Tracks, order: str) -> Times:
    """What each track is ordered by."""
    if order in ("last_seen", "first_seen"):
        return tracks.last if order == "last_seen" else tracks.first
    if order == "stay":
        return tracks.last - tracks.first
    found = connection.execute(
        f"SELECT id, CAST(round({order} * 1000000) AS INTEGER) FROM people_tracks"
        " WHERE id BETWEEN ? AND ? ORDER BY id",
        (int(tracks.id.min()), int(tracks.id.max())),
    )
    table = np.array(found.fetchall(), np.int64).reshape(-1, 2)
    if not len(table):  # all deleted since the selection was read
        return np.full(len(tracks), -1)
    place = np.searchsorted(table[:, 0], tracks.id).clip(max=len(table) - 1)
    keys: Times = np.where(table[place, 0] == tracks.id, table[place, 1], -1)
    return keys


def way_of(connection: sqlite3.Connection, track: int) -> Way:
    """Where a track stood, in order of time. track: its `id`."""
    rows = connection.execute(
        "SELECT t, x, y + h / 2, confidence FROM positions WHERE track = ? ORDER BY t", (track,)
    ).fetchall()
    size = connection.execute(
        "SELECT coalesce(runs.width, sources.width), coalesce(runs.height, sources.height)"
        " FROM people_tracks AS track JOIN runs ON runs.id = run_id"
        " JOIN sources ON sources.id = track.source_id WHERE track.id = ?",
        (track,),
    ).fetchone()
    return Way(pd.DataFrame(rows, columns=["t", "x", "y", "confidence"]), *(size or (None, None)))
