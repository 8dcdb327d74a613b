"""Time cut into pieces that belong to groups, and what intervals amount to in each group.

All of it works on whole arrays: `first` and `last` are when each of many intervals begins and
ends, in milliseconds; both ends belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..filters import Filter
from ..localtime import DAY, HOUR, QUARTER, LocalClock, Times

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Consecutive stretches of time: piece i is [edges[i], edges[i + 1]), in group[i].

    group: -1 for what is not asked about. count: how many groups there are.
    """

    edges: Times
    group: Times
    count: int

    def sizes(self, until: int) -> Floats:
        """Seconds in each group before a time."""
        return self._summed(np.diff(self.edges.clip(max=until)) / 1000)

    def presence(self, first: Times, last: Times) -> Floats:
        """Seconds of all intervals together in each group."""
        passed = _passed(first, self.edges) - _passed(last, self.edges)
        return self._summed(np.diff(passed) / 1000)

    def moments(self, t: Times) -> Times:
        """The group that each moment lies in; -1 for none."""
        place = np.searchsorted(self.edges, t, "right") - 1
        inside = (place >= 0) & (place < len(self.group))
        return np.where(inside, self.group[place.clip(0, len(self.group) - 1)], -1)

    def overlaps(self, first: Times, last: Times) -> tuple[Times, Times]:
        """Every pair of an interval and a group that have a moment in common: their indices."""
        interval, piece = self._touched(first, last)
        pair = distinct(interval * np.int64(self.count) + self.group[piece])
        return pair // self.count, pair % self.count

    def parts(self, first: Times, last: Times) -> tuple[Times, Times, Times, Times]:
        """The intervals cut at the edges: each part's begin, end (both belong to it), its group,
        and which interval it is of."""
        interval, piece = self._touched(first, last)
        begin = np.maximum(first[interval], self.edges[piece])
        end = np.minimum(last[interval], self.edges[piece + 1] - 1)
        return begin, end, self.group[piece], interval

    def _touched(self, first: Times, last: Times) -> tuple[Times, Times]:
        """Every pair of an interval and an asked about piece that have a moment in common."""
        low = (np.searchsorted(self.edges, first, "right") - 1).clip(0)
        high = (np.searchsorted(self.edges, last, "right") - 1).clip(max=len(self.group) - 1)
        inside = (first < self.edges[-1]) & (last >= self.edges[0])
        counts = np.where(inside, high - low + 1, 0)
        interval = np.repeat(np.arange(len(first)), counts)
        begin = np.cumsum(counts) - counts
        piece = np.arange(len(interval)) - np.repeat(begin - low, counts)
        asked = self.group[piece] >= 0
        return interval[asked], piece[asked]

    def summed(self, t: Times, values: Floats) -> Floats:
        """Values at moments, summed in each group."""
        group = self.moments(t)
        asked = group >= 0
        return _binned(group[asked], values[asked], self.count)

    def spread(self, begin: Times, end: Times, values: Floats) -> Floats:
        """Values of the stretches [begin, end), spread evenly over each, summed in each group."""
        stretch, piece = self._touched(begin, end - 1)
        since = np.maximum(begin[stretch], self.edges[piece])
        until = np.minimum(end[stretch], self.edges[piece + 1])
        shares = (until - since) / (end - begin)[stretch]
        return _binned(self.group[piece], values[stretch] * shares, self.count)

    def _summed(self, values: Floats) -> Floats:
        asked = self.group >= 0
        return _binned(self.group[asked], values[asked], self.count)


def _binned(group: Times, values: Floats, count: int) -> Floats:
    # of nothing at all, bincount makes whole numbers
    return np.bincount(group, values, minlength=count).astype(np.float64)


def _passed(begins: Times, t: Times) -> Times:
    """Milliseconds that have passed since each beginning before t, summed; for each t.

    An interval's length up to t is what has passed since its begin less what since its end.
    """
    ordered = np.sort(begins)
    sums = np.concatenate([[0], np.cumsum(ordered)])
    before = np.searchsorted(ordered, t, "right")
    passed: Times = before * t - sums[before]
    return passed


def peak(begin: Times, end: Times, group: Times, count: int) -> Floats:
    """The most intervals of each group that have a moment in common; no interval may have two.

    How many there are only rises where one begins, so looking there is enough.
    """
    highest = np.zeros(count)
    if len(begin):
        start = begin.min()
        apart = group * (end.max() - start + 1)  # each group in a stretch of time of its own
        begins, ends = np.sort(begin - start + apart), np.sort(end - start + apart)
        level = np.searchsorted(begins, begins, "right") - np.searchsorted(ends, begins, "left")
        np.maximum.at(highest, np.sort(group), level)
    return highest


def distinct(values: Times) -> Times:
    """Each value once, in order; of whole numbers several times as fast as NumPy's own."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    found: Times = ordered[new]
    return found


def whole(filter: Filter, timezone_name: str) -> Pieces:
    """All that is asked about, as one group."""

    def group(t: Times) -> Times:
        return np.zeros(len(t), np.int64)

    return _cut(filter, timezone_name, np.zeros(0, np.int64), group, 1)


def by_bucket(filter: Filter, timezone_name: str, edges: Times) -> Pieces:
    """A group for each stretch between neighbouring edges; these cover the filter's window."""

    def group(t: Times) -> Times:
        return np.searchsorted(edges, t, "right") - 1

    return _cut(filter, timezone_name, edges, group, len(edges) - 1)


def by_clock(filter: Filter, timezone_name: str, dimensions: Sequence[str]) -> Pieces:
    """A group for each local hour (24), weekday (7), or weekday and hour (7 * 24 + hour)."""
    clock = LocalClock.of(timezone_name, filter.since, filter.until)
    quarters = np.arange(filter.since // QUARTER, -(-filter.until // QUARTER)) * QUARTER
    step = HOUR if "hour" in dimensions else DAY
    turns = quarters[clock.local(quarters) % step == 0]

    def group(t: Times) -> Times:
        hours = clock.hours(t) if "hour" in dimensions else 0
        if "weekday" not in dimensions:
            return np.asarray(hours, np.int64)
        return clock.weekdays(t) * (24 if "hour" in dimensions else 1) + hours

    count = (24 if "hour" in dimensions else 1) * (7 if "weekday" in dimensions else 1)
    # a clock that is set back shows an hour twice: where it changes is an edge, too
    return _cut(filter, timezone_name, np.concatenate([turns, clock.changes[1:]]), group, count)


def _cut(
    filter: Filter,
    timezone_name: str,
    turns: Times,
    group: Callable[[Times], Times],
    count: int,
) -> Pieces:
    """The spans asked about, cut at the turns, each in the group of its beginning."""
    spans = np.array(filter.spans(timezone_name), np.int64).reshape(-1, 2)
    if not len(spans):
        return Pieces(np.zeros(2, np.int64), np.full(1, -1), count)
    inside = turns[(turns > filter.since) & (turns < filter.until)]
    edges = np.unique(np.concatenate([spans.ravel(), inside]))
    starts = edges[:-1]
    number = np.searchsorted(spans[:, 0], starts, "right") - 1
    asked = (number >= 0) & (starts < spans[number.clip(0), 1])
    return Pieces(edges, np.where(asked, group(starts), -1), count)
