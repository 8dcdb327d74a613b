"""From feet to crossings of a line.

The side on which somebody is counts while the foot is farther than a margin from the line: 5 % of
the box's height, at least 2 pixels. Nearer than that it counts once the foot has stayed for two
seconds on the same side and more than 2 pixels away. Between two feet whose sides count, passes to
and fro cancel out, so that who trembles on the line or walks along it crosses it at most once. The
crossing's time is that of the last pass in its direction, between the two feet around it.

Only what goes through the line itself is a pass: who goes around an end crosses nothing. Near an
end, the line is for this purpose a margin longer than drawn: whoever trembles around it goes back
through that and has not crossed the line either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .feet import Feet, Floats, Ints
from .geometry import Line, Mask, Point, bounds

SHARE = 0.05  # of the box's height: the margin
LEAST = 2.0  # pixels: no margin is smaller
SETTLED = 2000  # milliseconds on one side after which it counts within the margin, too
SETTLED_FEET = 10  # and how many feet must be seen there
UNDECIDED = 600_000  # milliseconds on no side after which it is forgotten where somebody came from

# Feet are whole tenths or twentieths of a pixel, and may lie exactly on a line or its corner. Moved
# by this much, none does, and all that follows is decided alike before, on and after the line.
_ASIDE = (3.1e-7, 5.3e-7)
_REACH = 1e-4  # pixels: whoever goes through an end of the line crosses it

Indices: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Crossings:
    """When tracks crossed a line. forward: whether from its left to its right side."""

    track: Ints
    t: Ints
    forward: Mask

    def rows(self) -> list[tuple[int, int, str]]:
        """Track, time and direction, `forward` or `backward`, of each."""
        words = np.where(self.forward, "forward", "backward").tolist()
        return list(zip(self.track.tolist(), self.t.tolist(), words, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Passes:
    """Passes through a line or its prolongation, in the order in which they happened.

    step: index of the foot before it. share: of the way to the next foot. sign: 1 forwards, -1
    backwards. real: whether it goes through the line itself. apart: whether the way since the
    pass before it, in the same step, led far enough away from the line that both count.
    """

    step: Indices
    share: Floats
    sign: Ints
    real: Mask
    apart: Mask


def crossings_of(line: Line, feet: Feet, sure: Mask | None = None) -> tuple[Crossings, Mask]:
    """The crossings of a line by tracks, and for which feet its side counts.

    sure: feet of which that is known already, by what went before.
    """
    x, y = feet.x + _ASIDE[0], feet.y + _ASIDE[1]
    margin = np.maximum(feet.h * SHARE, LEAST)
    distance = _distances(line, x, y, margin)
    passes = _passes(line, feet, x, y, margin)
    counts = distance > margin
    if sure is not None:
        counts |= sure
    near = np.flatnonzero(~counts)
    if len(near):
        counts[near] = _settled(feet, distance, passes.step)[near]
    return _pick(feet, passes, counts), counts


def _distances(line: Line, x: Floats, y: Floats, margin: Floats) -> Floats:
    """How far feet are from a line, in pixels; infinity where that is surely beyond the margin."""
    found = np.full(len(x), np.inf)
    left, top, right, low = bounds(line.points)
    near = np.flatnonzero(
        (x >= left - margin) & (x <= right + margin) & (y >= top - margin) & (y <= low + margin)
    )
    found[near] = _distance(line, x[near], y[near])
    return found


def _distance(line: Line, x: Floats, y: Floats) -> Floats:
    least = np.full(len(x), np.inf)
    for (ax, ay), (bx, by) in zip(line.points, line.points[1:], strict=False):
        dx, dy = bx - ax, by - ay
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
        np.minimum(least, np.hypot(x - ax - along * dx, y - ay - along * dy), out=least)
    return least


def _passes(line: Line, feet: Feet, x: Floats, y: Floats, margin: Floats) -> _Passes:
    steps = _steps_nearby(line, feet, x, y, margin)
    p, q = (x[steps], y[steps]), (x[steps + 1], y[steps + 1])
    long = np.maximum(margin[steps], margin[steps + 1])
    drawn = _corners(line, len(steps), np.full(len(steps), _REACH))
    longer = _corners(line, len(steps), long)
    parts: list[tuple[Indices, Floats, Ints, Mask]] = []
    for number, (a, b) in enumerate(zip(line.points, line.points[1:], strict=False)):
        before, after = _side(a, b, p), _side(a, b, q)
        through = (before > 0) != (after > 0)
        met = np.flatnonzero(through & _between(p, q, longer[number], longer[number + 1]))
        real = _between(p, q, drawn[number], drawn[number + 1])[met]
        share = before[met] / (before[met] - after[met])
        parts.append((met, share, np.where(after[met] > 0, 1, -1), real))
    which, share, sign, real = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((share, which))
    which, share, sign, real = which[order], share[order], sign[order], real[order]
    apart = np.zeros(len(which), bool)
    twice = np.flatnonzero(which[1:] == which[:-1]) + 1
    if len(twice):  # through two parts of the line at once
        of, middle = which[twice], (share[twice] + share[twice - 1]) / 2
        at = (p[i][of] + (q[i][of] - p[i][of]) * middle for i in (0, 1))
        apart[twice] = _distance(line, *at) > long[of]
    return _Passes(steps[which], share, sign, real, apart)


def _steps_nearby(line: Line, feet: Feet, x: Floats, y: Floats, margin: Floats) -> Indices:
    """The feet from which a step within the track leads to or through the line's surroundings."""
    left, top, right, low = bounds(line.points)
    wide = np.maximum(margin[1:], margin[:-1])
    beside = (np.maximum(x[1:], x[:-1]) < left - wide) | (np.minimum(x[1:], x[:-1]) > right + wide)
    beside |= (np.maximum(y[1:], y[:-1]) < top - wide) | (np.minimum(y[1:], y[:-1]) > low + wide)
    return np.flatnonzero(~beside & (feet.track[1:] == feet.track[:-1]))


_Place: TypeAlias = "tuple[Floats, Floats]"


def _corners(line: Line, count: int, longer: Floats) -> list[_Place]:
    """The line's points for each of `count` steps, its ends moved outwards by so many pixels."""
    corners = [(np.full(count, x), np.full(count, y)) for x, y in line.points]
    corners[0] = _beyond(line.points[1], line.points[0], longer)
    corners[-1] = _beyond(line.points[-2], line.points[-1], longer)
    return corners


def _beyond(a: Point, b: Point, far: Floats) -> _Place:
    """Where the way from a to b leads to, so far behind b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = np.hypot(dx, dy)
    return b[0] + far * dx / length, b[1] + far * dy / length


def _side(a: Point, b: Point, of: _Place) -> Floats:
    """Above 0 to the right of the way from a to b, below 0 to its left."""
    return np.asarray((b[0] - a[0]) * (of[1] - a[1]) - (b[1] - a[1]) * (of[0] - a[0]))


def _between(p: _Place, q: _Place, a: _Place, b: _Place) -> Mask:
    """Whether a and b lie on different sides of the way from p to q."""
    dx, dy = q[0] - p[0], q[1] - p[1]
    sides = (dx * (end[1] - p[1]) - dy * (end[0] - p[0]) > 0 for end in (a, b))
    return np.asarray(next(sides) != next(sides))


def _settled(feet: Feet, distance: Floats, passed: Indices) -> Mask:
    """Which feet have been on one side, off the line, for so long that it counts."""
    off = distance > LEAST
    begins = feet.begins | ~off
    begins[passed + 1] = True
    index = np.arange(len(feet))
    since = np.maximum.accumulate(np.where(begins, index, 0))
    # a foot on the line begins a stretch that it is not a part of
    since = np.minimum(since + ~off[since], index)
    long = feet.t - feet.t[since] >= SETTLED
    return np.asarray(off & long & (index - since >= SETTLED_FEET - 1))


def _pick(feet: Feet, passes: _Passes, counts: Mask) -> Crossings:
    """What the passes between two feet whose sides count come to."""
    if not len(passes.step):
        return Crossings(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))
    sure = np.flatnonzero(counts)
    order = np.searchsorted(sure, passes.step, side="right")  # which of them comes next
    track = feet.track[passes.step]
    opens = passes.apart.copy()
    opens[0] = True
    opens[1:] |= (order[1:] != order[:-1]) | (track[1:] != track[:-1])
    heads = np.flatnonzero(opens)
    net = np.sign(np.add.reduceat(passes.sign, heads))
    group = np.cumsum(opens) - 1
    fitting = np.where(passes.sign == net[group], np.arange(len(group)), -1)
    chosen = np.maximum.reduceat(fitting, heads)
    chosen = chosen[(net != 0) & _decided(feet, sure, order[heads], track[heads])]
    chosen = chosen[passes.real[chosen]]
    step, share = passes.step[chosen], passes.share[chosen]
    t = feet.t[step] + np.rint(share * (feet.t[step + 1] - feet.t[step])).astype(np.int64)
    return Crossings(feet.track[step], t, passes.sign[chosen] > 0)


def _decided(feet: Feet, sure: Indices, order: Indices, track: Ints) -> Mask:
    """Whether a side of the same track counts before and after, and not too long after."""
    whose = np.concatenate([[-1], feet.track[sure], [-1]])
    t = np.concatenate([[0], feet.t[sure], [0]])
    both = (whose[order] == track) & (whose[order + 1] == track)
    return np.asarray(both & (t[order + 1] - t[order] <= UNDECIDED))
