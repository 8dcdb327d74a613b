"""Where tracks stood, as arrays: what stays and crossings are derived from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_ROW = np.dtype([(name, "i8") for name in ("track", "t")] + [(name, "f8") for name in "xyh"])


@dataclass(frozen=True, slots=True, eq=False)
class Feet:
    """Positions of tracks, sorted by track, then t.

    track: people_tracks.id. t: milliseconds since 1970 UTC. x, y: the foot, the middle of the
    box's lower edge; h: the box's height; pixels.
    """

    track: Ints
    t: Ints
    x: Floats
    y: Floats
    h: Floats

    def __len__(self) -> int:
        return len(self.t)

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp] | slice) -> Feet:
        return Feet(*(getattr(self, name)[chosen] for name in ("track", "t", "x", "y", "h")))

    @property
    def begins(self) -> npt.NDArray[np.bool_]:
        """Which of them are the first of their track."""
        first = np.ones(len(self), bool)
        first[1:] = self.track[1:] != self.track[:-1]
        return first


def feet_of(rows: Iterable[tuple[int, int, float, float, float]]) -> Feet:
    """Feet of rows of track, t, x, y and h, x and y being those of the foot; in any order."""
    table = np.fromiter(rows, _ROW)
    track, t = table["track"], table["t"]
    same = track[1:] == track[:-1]
    if not np.all((track[1:] > track[:-1]) | (same & (t[1:] >= t[:-1]))):
        table = table[np.lexsort((t, track))]
    return Feet(*(np.ascontiguousarray(table[name]) for name in ("track", "t", "x", "y", "h")))


def joined(parts: Sequence[Feet]) -> Feet:
    """The feet of several, sorted."""
    columns = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("track", "t", "x", "y", "h")
    )
    whole = Feet(*columns)
    return whole.where(np.lexsort((whole.t, whole.track)))


def read_feet(connection: sqlite3.Connection, tracks: Sequence[int]) -> Feet:
    """All feet of these tracks. tracks: people_tracks.id."""
    # sorted here and not by SQLite, which would copy all rows to do so
    return feet_of(
        connection.execute(
            "SELECT track, CAST(t AS INTEGER), CAST(x AS REAL), y + h / 2.0, CAST(h AS REAL)"
            " FROM json_each(?) CROSS JOIN positions ON track = value",
            (json.dumps(sorted(tracks)),),
        )
    )
