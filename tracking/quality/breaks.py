"""Which track begins where another one ended a moment before."""

from __future__ import annotations

import numpy as np

from ..localtime import Times
from .catalogue import NEAR, SOON
from .ends import Ends, Mask


def pairs(
    ends: Ends, dies: Mask, begins: Mask, soon: int = SOON, near: float = NEAR
) -> tuple[Times, Times]:
    """Indices of tracks that end, and of those that begin near within that time after them.

    dies, begins: which ends and beginnings can be one of a pair at all. soon: milliseconds; near:
    box lengths between the feet. Each is in one pair at most: those that are closest in time first,
    of equal ones those closest in place. Only of one label and one run.
    """
    born = np.flatnonzero(begins)
    born = born[np.argsort(ends.first[born], kind="stable")]
    dead, starts = np.flatnonzero(dies), ends.first[born]
    low = np.searchsorted(starts, ends.last[dead], "right")
    number = np.searchsorted(starts, ends.last[dead] + soon, "right") - low
    end = np.repeat(dead, number)
    offset = np.repeat(low - np.cumsum(number) + number, number)
    begin = born[np.arange(number.sum()) + offset] if len(end) else np.zeros(0, np.int64)
    far = _far(ends, end, begin)
    fits = (far <= near) & (ends.label[end] == ends.label[begin])
    fits &= ends.run[end] == ends.run[begin]
    end, begin, far = end[fits], begin[fits], far[fits]
    order = np.lexsort((begin, end, far, ends.first[begin] - ends.last[end]))
    return _each_once(end[order], begin[order])


def _far(ends: Ends, end: Times, begin: Times) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Box lengths between the feet of each end and each beginning."""
    first, last = ends.feet
    length = (ends.length[1][end] + ends.length[0][begin]) / 2
    return np.asarray(np.hypot(*(first[begin] - last[end]).T) / np.maximum(length, 1e-9))


def _each_once(end: Times, begin: Times) -> tuple[Times, Times]:
    """The pairs that are left when each, in this order, takes what is still to be had."""
    taken: tuple[set[int], set[int]] = (set(), set())
    kept = []
    for place, (a, b) in enumerate(zip(end.tolist(), begin.tolist(), strict=True)):
        if a not in taken[0] and b not in taken[1]:
            taken[0].add(a)
            taken[1].add(b)
            kept.append(place)
    chosen = np.array(kept, np.int64)
    return end[chosen], begin[chosen]
