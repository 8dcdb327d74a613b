"""The paths of visits, made whole on reading: gaps are filled, boxes that tremble are calmed, and
what is most likely no object is left out.

Only between two sights of an object is anything filled in, never before the first or after the
last, and nothing of it is written: the positions stay as they are.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from ..database import describing
from .ends import Floats, Ints, Mask
from .joining import visit_settings
from .settings import VisitSettings

REACH = 3.0  # standard deviations of the bell from which on boxes count no more
_SMALLEST = 1.0  # pixels of a calmed box's side
_TRACKS_AT_ONCE = 500

_TRACKS = """
SELECT visit, id, run_id, first_seen FROM (
    SELECT *, coalesce(visit_id, id) AS visit,
        max(last_seen) OVER own - min(first_seen) OVER own AS lasted,
        max(confidence) OVER own AS surest
    FROM people_tracks WHERE source_id = ?
    WINDOW own AS (PARTITION BY coalesce(visit_id, id))
) WHERE lasted >= ? OR surest >= ? ORDER BY visit, first_seen, id
"""
_POSITIONS = (
    "SELECT number.key, t, frame, x, y, w, h, confidence FROM json_each(?) AS number"
    " CROSS JOIN positions ON positions.track = number.value"
)


@dataclass(frozen=True, slots=True)
class Paths:
    """n boxes of visits, by visit and time, one at a time for each visit.

    visit: people_tracks.id of the visit's first track; run: runs.id; t: milliseconds since 1970
    UTC; frame: the picture's number in the run. box: (n, 4) centre x and y, width and height,
    pixels. confidence: that of the box, 0 where nothing was found there and then: where it is
    filled in.
    """

    visit: Ints
    run: Ints
    t: Ints
    frame: Ints
    box: Floats
    confidence: Floats

    def take(self, index: Ints | Mask) -> Paths:
        return Paths(*(getattr(self, field.name)[index] for field in fields(self)))


def paths(
    connection: sqlite3.Connection, source_id: int, settings: VisitSettings | None = None
) -> Iterator[Paths]:
    """The paths of all visits of a source, some hundred tracks at a time; each is in one part.

    settings: the database's, if not given. With `fill` and `smooth` 0 the boxes are as they were
    found; with `faint` 0 none is left out. Gaps across runs stay, as nobody looked. Raises
    DatabaseError.
    """
    with describing("The database"):
        chosen = settings or visit_settings(connection)
        limits = (source_id, round(1000 * chosen.brief), chosen.faint)
        tracks = np.array(connection.execute(_TRACKS, limits).fetchall(), np.int64).reshape(-1, 4)
        for part in _apart(tracks):
            whole = _filled(_found(connection, part), round(1000 * chosen.fill))
            yield _calmed(whole, round(1000 * chosen.fill), chosen.smooth)


def _apart(tracks: Ints) -> Iterator[Ints]:
    """The rows of tracks in parts of about as many; all of a visit's are in one."""
    firsts = np.flatnonzero(np.diff(tracks[:, 0], prepend=-1))
    cuts = firsts[np.flatnonzero(np.diff(firsts // _TRACKS_AT_ONCE, prepend=0))]
    return (part for part in np.split(tracks, cuts) if len(part))


def _found(connection: sqlite3.Connection, tracks: Ints) -> Paths:
    """The boxes of these tracks as they are stored; of two at a time the earlier track's."""
    rows = connection.execute(_POSITIONS, (json.dumps(tracks[:, 1].tolist()),)).fetchall()
    table = np.array(rows, float).reshape(-1, 8)
    track, t, frame = table[:, :3].T.astype(np.int64)
    visit = tracks[track, 0]
    order = np.lexsort((track, t, visit))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(visit[order]) != 0) | (np.diff(t[order]) != 0)
    found = Paths(visit, tracks[track, 2], t, frame, table[:, 3:7], table[:, 7])
    return found.take(order[new])


def _filled(found: Paths, longest: int) -> Paths:
    """With a box on the straight line for each picture that is missing in a gap of at most so many
    milliseconds."""
    steps, passed = np.diff(found.frame), np.diff(found.t)
    beside = (np.diff(found.visit) == 0) & (np.diff(found.run) == 0) & (steps > 0)
    usual = _usual_step(found.visit[:-1], steps, beside)
    missing = np.where(
        beside & (passed <= longest), np.rint(steps / usual).astype(np.int64) - 1, 0
    ).clip(min=0)
    before = np.repeat(np.arange(len(steps)), missing)
    nth = np.arange(len(before)) - np.repeat(np.cumsum(missing) - missing, missing) + 1
    done = nth / (missing[before] + 1)

    def between(values: Ints) -> Ints:
        way = np.rint(done * (values[before + 1] - values[before])).astype(np.int64)
        straight: Ints = values[before] + way
        return straight

    box = found.box[before] + done[:, None] * (found.box[before + 1] - found.box[before])
    guessed = Paths(
        found.visit[before], found.run[before], between(found.t), between(found.frame), box,
        np.zeros(len(before)),
    )  # fmt: skip
    both = Paths(
        *(np.concatenate([getattr(each, field.name) for each in (found, guessed)])
          for field in fields(Paths))
    )  # fmt: skip
    return both.take(np.lexsort((both.t, both.visit)))


def _usual_step(visit: Ints, steps: Ints, beside: Mask) -> Ints:
    """By how much the numbers of pictures usually rise in each one's visit; 1 where unknown."""
    _, whose = np.unique(visit, return_inverse=True)
    usual = np.ones(whose.max(initial=-1) + 1, np.int64)
    rows = np.flatnonzero(beside)
    rows = rows[np.lexsort((steps[rows], whose[rows]))]
    number = np.bincount(whose[rows], minlength=len(usual))
    there = number > 0
    middle = np.cumsum(number) - number + (number - 1) // 2
    usual[there] = steps[rows[middle[there]]]
    each: Ints = usual[whose]
    return each


def _calmed(paths: Paths, longest: int, width: float) -> Paths:
    """With each box moved to a straight line through its neighbours in time, the nearest of which
    count most. longest: milliseconds of a gap across which none is a neighbour; width: seconds, the
    standard deviation of the bell, or 0."""
    if not width:
        return paths
    part = np.zeros(len(paths.t), np.int64)
    apart = (np.diff(paths.visit) != 0) | (np.diff(paths.t) > longest)
    part[1:] = np.cumsum(apart)
    sums = np.zeros((3, len(part)))  # of the weights, with the time's powers 0, 1, 2
    held = np.zeros((2, len(part), 4))  # the same, of the boxes, with 0, 1
    _add(sums, held, paths, np.arange(len(part)), np.arange(len(part)), width)
    for offset in range(1, len(part)):
        near = paths.t[offset:] - paths.t[:-offset] <= REACH * 1000 * width
        here = np.flatnonzero((part[offset:] == part[:-offset]) & near)
        if not len(here):
            break
        _add(sums, held, paths, here, here + offset, width)
        _add(sums, held, paths, here + offset, here, width)
    spread = sums[0] * sums[2] - np.square(sums[1])
    lone = spread < 1e-9
    level = sums[2][:, None] * held[0] - sums[1][:, None] * held[1]
    box = np.where(lone[:, None], paths.box, level / np.where(lone, 1, spread)[:, None])
    box[:, 2:] = np.maximum(box[:, 2:], _SMALLEST)
    return replace(paths, box=box)


def _add(sums: Floats, held: Floats, paths: Paths, to: Ints, of: Ints, width: float) -> None:
    """Have boxes count for others, each of which is there once."""
    off = (paths.t[of] - paths.t[to]) / 1000
    weight = np.exp(-np.square(off / width) / 2)
    for power in range(3):
        weighted = weight * off**power
        sums[power, to] += weighted
        if power < 2:
            held[power, to] += weighted[:, None] * paths.box[of]
