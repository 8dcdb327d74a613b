"""How tracks begin and end: where, how fast, how large, and whether at the picture's edge."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Progress = Callable[[int, int], object]
"""Is told how many tracks were looked at, and of how many."""

SPAN = 1000  # milliseconds of a track that tell where it comes from or goes to
ENOUGH = 0.3  # seconds that it takes at least to tell how fast it was
LATEST = 0.25  # seconds at the very end in which it is seen whether a box touches the edge
AHEAD, NEAR = 0.5, 0.3
"""Who would be out of the picture that many seconds later, and is that many sizes from its edge,
leaves it."""

_TRACKS_AT_ONCE = 4000


@dataclass(frozen=True, slots=True)
class Tracks:
    """n tracks of one source, in the order in which they ended.

    id: people_tracks.id; run: runs.id; label: a number for each; first, last: when they were seen,
    in milliseconds since 1970 UTC. began, ended: the same of their run. width, height: of its
    frames in pixels, inf where nobody knows.
    """

    id: Ints
    run: Ints
    label: Ints
    first: Ints
    last: Ints
    began: Ints
    ended: Ints
    width: Floats
    height: Floats


@dataclass(frozen=True, slots=True)
class Ends:
    """One end of each of n tracks: its first second, or its last.

    place: (n, 2) where its foot is at the end, and speed: (n, 2) how it moves there, in pixels and
    pixels a second; known: whether it was there long enough to tell. size, tall: the longer side
    and the height of its box, pixels. outside: whether it comes from or goes beyond the picture's
    edge. there: whether any position of it is left.
    """

    place: Floats
    speed: Floats
    known: Mask
    size: Floats
    tall: Floats
    outside: Mask
    there: Mask

    def take(self, index: Ints) -> Ends:
        return Ends(*(getattr(self, field.name)[index] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Sights:
    """Positions at one end of n tracks. track: 0 to n - 1 for each; t: seconds to the end, so 0 at
    the end itself, negative before it, positive after a beginning; the rest in pixels, as
    `positions` has it."""

    track: Ints
    t: Floats
    x: Floats
    y: Floats
    w: Floats
    h: Floats


def read_tracks(connection: sqlite3.Connection, source_id: int, since: int = 0) -> Tracks:
    """The tracks of a source that were last seen at a time or later, milliseconds since 1970."""
    rows = connection.execute(
        "SELECT track.id, run_id, dense_rank() OVER (ORDER BY label), first_seen, last_seen,"
        " started_at, coalesce(ended_at, last_seen), run.width, run.height"
        " FROM people_tracks AS track JOIN runs AS run ON run.id = run_id"
        " WHERE track.source_id = ? AND last_seen >= ? ORDER BY last_seen, track.id",
        (source_id, since),
    ).fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * 9
    id, run, label, first, last, began, ended = (
        np.array(column, np.int64) for column in columns[:7]
    )
    width, height = (np.array([side or np.inf for side in each], float) for each in columns[7:])
    return Tracks(id, run, label, first, last, began, ended, width, height)


def read_ends(
    connection: sqlite3.Connection,
    tracks: Tracks,
    edge: float,
    progress: Progress = lambda done, total: None,
) -> tuple[Ends, Ends]:
    """The first and the last second of all these tracks. edge: as in VisitSettings."""
    count = len(tracks.id)
    parts: list[list[Ends]] = [[], []]
    for start in range(0, max(count, 1), _TRACKS_AT_ONCE):
        part = slice(start, start + _TRACKS_AT_ONCE)
        keys = json.dumps(tracks.id[part].tolist())
        frame = np.column_stack([tracks.width[part], tracks.height[part]])
        for which, query in enumerate(_QUERIES):
            rows = connection.execute(query, (SPAN, keys)).fetchall()
            table = np.array(rows, float).reshape(-1, 6)
            sights = Sights(table[:, 0].astype(np.int64), *table[:, 1:].T)
            parts[which].append(ends_of(sights, frame, edge, 1 if which else -1))
        progress(min(part.stop, count), count)
    begins, ends = (
        Ends(*(np.concatenate([getattr(each, field.name) for each in part])
               for field in fields(Ends)))
        for part in parts
    )  # fmt: skip
    return begins, ends


_QUERIES = tuple(
    f"SELECT number.key, (t - {side}_seen) / 1000.0, x, y, w, h FROM json_each(?2) AS number"
    " CROSS JOIN people_tracks AS track ON track.id = number.value"
    f" CROSS JOIN positions ON positions.track = track.id AND t {compared}"
    for side, compared in (("first", "<= first_seen + ?1"), ("last", ">= last_seen - ?1"))
)


def ends_of(sights: Sights, frame: Floats, edge: float, onwards: int) -> Ends:
    """What these positions tell. frame: (n, 2) width and height, inf where they are not known;
    onwards: 1 for how tracks end, -1 for how they begin."""
    count, whose, t = len(frame), sights.track, sights.t
    number = np.bincount(whose, minlength=count)

    def mean(values: Floats) -> Floats:
        sums: Floats = np.bincount(whose, values, count) / np.maximum(number, 1)
        return sums

    middle = mean(t)
    off = t - middle[whose]
    spread = mean(off * off)
    known = (number >= 3) & (np.bincount(whose, np.abs(t) >= ENOUGH, count) > 0)
    place, speed = np.empty((count, 2)), np.empty((count, 2))
    for axis, values in enumerate((sights.x, sights.y + sights.h / 2)):
        slope = np.where(known, mean(off * values) / np.maximum(spread, 1e-9), 0)
        place[:, axis], speed[:, axis] = mean(values) - slope * middle, slope
    size, tall = mean(np.maximum(sights.w, sights.h)), mean(sights.h)
    margin = _margin(sights, frame)
    ahead = place + onwards * AHEAD * speed
    gone = ((ahead < 0) | (ahead > frame)).any(axis=1) & (margin < NEAR * size)
    return Ends(place, speed, known, size, tall, gone | (margin < edge * size), number > 0)


def _margin(sights: Sights, frame: Floats) -> Floats:
    """How near to the picture's edge each comes at its very end, in pixels."""
    wide, high = frame[sights.track].T
    half_w, half_h = sights.w / 2, sights.h / 2
    near = np.min(
        [
            np.where(np.isfinite(wide), sights.x - half_w, np.inf),
            wide - sights.x - half_w,
            np.where(np.isfinite(high), sights.y - half_h, np.inf),
            high - sights.y - half_h,
        ],
        axis=0,
    )
    latest = np.abs(sights.t) <= LATEST
    margin = np.full(len(frame), np.inf)
    np.minimum.at(margin, sights.track[latest], near[latest])
    return margin
