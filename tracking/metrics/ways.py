"""Which way single tracks went: their paths, thinned to the shape."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from ..filters import Filter
from ..localtime import Times
from .measuring import Result, measure
from .pieces import Floats, whole
from .selection import Selection

Order = Literal["newest", "longest"]

POINTS = 40_000  # positions that are looked at; of long tracks only every second, third ...
CLOSE = 0.002  # of the frame's width: what lies so near to the line says nothing about the shape


@dataclass(frozen=True, slots=True)
class Way:
    """A track's path as far as it lies in the time asked about.

    track: people_tracks.id; number: its number in its run. t: when, milliseconds since 1970 UTC;
    x, y: where its feet stood, pixels; NaN between two parts.
    """

    track: int
    number: int
    label: str
    t: Times
    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True)
class Ways:
    """Some tracks' paths. tracks: how many there are in all, with their definition and SQL."""

    ways: tuple[Way, ...]
    tracks: Result


def ways(
    connection: sqlite3.Connection, selection: Selection, order: Order = "newest", most: int = 50
) -> Ways:
    """The paths of the newest or the longest `most` tracks of the selection's one source.

    In zones these are the tracks of the newest or the longest stays; all of their path is shown.
    """
    (source,), tracks = selection.sources, selection.tracks
    interval, _ = whole(selection.filter, source.timezone).overlaps(tracks.first, tracks.last)
    last, length = tracks.last[interval], (tracks.last - tracks.first)[interval]
    rank = last if order == "newest" else length
    ranked = tracks.id[interval][np.lexsort((tracks.id[interval], -rank))]
    chosen = list(dict.fromkeys(ranked.tolist()))[:most]
    found = follow(connection, chosen, selection.filter, source.timezone, source.width)
    return Ways(found, measure("tracks", selection))


def ways_table(found: Sequence[Way]) -> pd.DataFrame:
    """A row for each point. Columns: track, number, label, t (milliseconds UTC), x, y."""
    parts = [
        pd.DataFrame(
            {"track": way.track, "number": way.number, "label": way.label,
             "t": way.t, "x": way.x.round(1), "y": way.y.round(1)}
        )
        for way in found
    ]  # fmt: skip
    columns = ["track", "number", "label", "t", "x", "y"]
    return pd.concat(parts).dropna() if parts else pd.DataFrame(columns=columns)


def follow(
    connection: sqlite3.Connection,
    tracks: Sequence[int],
    filter: Filter,
    timezone_name: str,
    width: int | None,
) -> tuple[Way, ...]:
    """The paths of these tracks (people_tracks.id), in that order. width: pixels of the frame."""
    wanted, about = json.dumps(list(tracks)), named(connection, tracks)
    track, t, x, y = _positions(connection, wanted, filter, POINTS // max(1, len(tracks)))
    begins = np.searchsorted(track, sorted(about))
    ends = np.searchsorted(track, sorted(about), "right")
    spans = np.array(filter.spans(timezone_name), np.int64).reshape(-1, 2)
    found = {}
    for key, begin, end in zip(sorted(about), begins, ends, strict=True):
        part = slice(begin, end)
        when, across, down = _shape(t[part], x[part], y[part], spans, (width or 640) * CLOSE)
        found[key] = Way(key, *about[key], when, across, down)
    return tuple(found[key] for key in tracks if key in found)


def named(connection: sqlite3.Connection, tracks: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The number in its run and the label of each track (people_tracks.id) that there is."""
    rows = connection.execute(
        "SELECT id, track_id, label FROM people_tracks"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(tracks)),),
    )
    return {track: (number, label) for track, number, label in rows}


def _positions(
    connection: sqlite3.Connection, wanted: str, filter: Filter, points: int
) -> tuple[Times, Times, Floats, Floats]:
    """Track, time and foot of positions within the window, sorted by track and time."""
    rows = connection.execute(
        "SELECT track, t, x, y + h / 2 FROM people_tracks AS person JOIN positions"
        " ON track = person.id AND t >= :since AND t < :until"
        " WHERE person.id IN (SELECT value FROM json_each(:wanted))"
        " AND (frame % max(1, positions / :points) = 0 OR t = first_seen OR t = last_seen)",
        {"since": filter.since, "until": filter.until, "wanted": wanted, "points": points},
    ).fetchall()
    table = np.array(rows, np.float64).reshape(-1, 4)  # times are exact: far below 2**53
    track, t = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    order = np.lexsort((t, track))
    return track[order], t[order], table[order, 2], table[order, 3]


def _shape(
    t: Times, x: Floats, y: Floats, spans: npt.NDArray[np.int64], close: float
) -> tuple[Times, Floats, Floats]:
    """The points that make a path's shape, with a gap between its parts in different spans."""
    span = np.searchsorted(spans[:, 0], t, "right") - 1
    inside = (span >= 0) & (t < spans[span, 1]) if len(spans) else np.zeros(len(t), bool)
    t, x, y, span = t[inside], x[inside], y[inside], span[inside]
    parts = np.split(np.arange(len(t)), np.flatnonzero(np.diff(span)) + 1)
    kept = np.concatenate([part[_thinned(x[part], y[part], close)] for part in parts])
    gaps = np.flatnonzero(np.diff(span[kept])) + 1
    t, x, y = t[kept], x[kept], y[kept]
    return np.insert(t, gaps, t[gaps]), np.insert(x, gaps, np.nan), np.insert(y, gaps, np.nan)


def _thinned(x: Floats, y: Floats, close: float) -> npt.NDArray[np.int64]:
    """Which points of a line are needed for its shape, by Douglas and Peucker."""
    points = np.stack([x, y], axis=1).astype(np.float32)
    if len(points) < 3:
        return np.arange(len(points))
    kept = np.ascontiguousarray(cv2.approxPolyDP(points[:, None], close, closed=False)[:, 0])
    needed = np.isin(points.view(np.complex64)[:, 0], kept.view(np.complex64)[:, 0])
    needed[1:] &= (points[1:] != points[:-1]).any(axis=1)  # who stands still has one point
    needed[[0, -1]] = True
    return np.flatnonzero(needed)
