"""Positions that a number needs: those of stretches of tracks, read when they are asked for."""

from __future__ import annotations

import json

import numpy as np

from ..localtime import Times
from .pieces import Floats
from .selection import Selection

_WANTED = """WITH wanted(n, track, since, until) AS MATERIALIZED (
  SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
  FROM json_each(?)
)
"""
_COUNTED = (
    _WANTED + "SELECT n, count(*), sum(confidence) FROM wanted CROSS JOIN positions"
    " ON positions.track = wanted.track AND t BETWEEN since AND until GROUP BY n"
)
_SEEN = _WANTED + (
    "SELECT n, (SELECT {}(t) FROM positions"
    " WHERE positions.track = wanted.track AND t BETWEEN since AND until) FROM wanted"
)


def recorded_of(selection: Selection, tracks: Times) -> tuple[Floats, Floats]:
    """How many positions each of these tracks has, and the sum of their confidence.

    As the track's own row says, which holds their number and their mean.
    """
    if not len(tracks):
        return np.zeros(0), np.zeros(0)
    top = selection
    while top.whole is not None:
        top = top.whole
    table = top.kept("recorded", lambda: _recorded(top))
    place = np.searchsorted(table[:, 0], tracks).clip(max=max(0, len(table) - 1))
    there = table[place, 0] == tracks  # others have been deleted meanwhile
    return np.where(there, table[place, 1], 0), np.where(there, table[place, 2], 0)


def _recorded(selection: Selection) -> Floats:
    """Key, positions and sum of their confidence of all tracks of a selection, by key."""
    with selection.reading() as connection:
        rows = connection.execute(
            "SELECT id, positions, positions * confidence FROM people_tracks"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(selection.tracks.id.tolist()),),
        ).fetchall()
    return np.array(rows or [(-1, 0, 0)], np.float64)


def counted_in(
    selection: Selection, track: Times, begin: Times, end: Times
) -> tuple[Floats, Floats]:
    """How many positions lie in each stretch of a track, and the sum of their confidence.

    begin, end: milliseconds since 1970 UTC, both belong to it.
    """
    count, sure = np.zeros(len(track)), np.zeros(len(track))
    if len(track):
        with selection.reading() as connection:
            for n, many, together in connection.execute(_COUNTED, (_listed(track, begin, end),)):
                count[n], sure[n] = many, together
    return count, sure


def seen_in(selection: Selection, track: Times, begin: Times, end: Times, first: bool) -> Floats:
    """When a track was seen first, or last, in each stretch of it; NaN where it was not."""
    found = np.full(len(track), np.nan)
    if len(track):
        query = _SEEN.format("min" if first else "max")
        with selection.reading() as connection:
            for n, t in connection.execute(query, (_listed(track, begin, end),)):
                found[n] = np.nan if t is None else t
    return found


def _listed(track: Times, begin: Times, end: Times) -> str:
    return json.dumps(np.stack([track, begin, end], axis=1).tolist())
