"""From who was there when to samples of a rule's condition. Pure logic over arrays."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .deciding import Sample
from .rules import Rule
from .schedule import Spans, merged

Ints = npt.NDArray[np.int64]

SLACK = 3_000  # milliseconds beside a gap in which it says nothing that nobody was seen
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """What counts towards a rule, and from when to when: half-open, milliseconds since 1970 UTC.

    track: people_tracks.id of each, -1 for what is none. born: since when it has been there, for
    rules about how long.
    """

    track: Ints = field(default_factory=lambda: _NONE)
    begin: Ints = field(default_factory=lambda: _NONE)
    end: Ints = field(default_factory=lambda: _NONE)
    born: Ints = field(default_factory=lambda: _NONE)

    def at(self, t: int) -> list[int]:
        """The tracks that count at a moment, each once."""
        found = self.track[(self.begin <= t) & (t < self.end)]
        return sorted({int(track) for track in found if track >= 0})


def present(rule: Rule, rows: list[tuple[int, int, int]]) -> Counting:
    """What counts of stays: track, and the times of the first and the last sight."""
    track, first, last = _columns(rows, 3)
    if rule.kind != "dwell":  # the last sight is one, too
        return Counting(track, first, last + 1, first)
    return longer(rule, track, first, last, first)


def longer(rule: Rule, track: Ints, begin: Ints, end: Ints, born: Ints) -> Counting:
    """What has lasted longer than the rule allows, from then on."""
    begin = np.maximum(begin, born + round(rule.over * 1000))
    kept = begin < end
    return Counting(track[kept], begin[kept], end[kept], born[kept])


def happened(rule: Rule, rows: list[tuple[int, int]]) -> Counting:
    """What counts of events, track and time: each for as long as the rule's window is."""
    track, t = _columns(rows, 2)
    return Counting(track, t, t + rule.minutes * 60_000, t)


def samples_of(
    rule: Rule, counting: Counting, gaps: Spans, scheduled: Spans, since: int, until: int
) -> list[Sample]:
    """Samples of [since, until), the first one at its beginning.

    gaps: when nobody looked. What was seen all the same counts; that nobody was seen then, or
    right beside, says nothing.
    """
    if until <= since:
        return []
    if rule.kind != "down":
        gaps = merged([(begin - SLACK, end + SLACK) for begin, end in gaps])
    edges = np.array([edge for spans in (gaps, scheduled) for span in spans for edge in span])
    points = np.concatenate([[since], counting.begin, counting.end, edges]).astype(np.int64)
    points = np.unique(points[(points >= since) & (points < until)])
    value = _value(rule, counting, points)
    met = value > (0 if rule.unit else rule.over)
    known, due = ~_within(points, gaps), _within(points, scheduled)
    state = np.where(due & met, 1, np.where(due & ~known, -1, 0))
    shown = np.where(state == 0, np.maximum(value, _ending(rule, counting, points)), value)
    return list(_told(points, state, shown))


def _told(points: Ints, state: Ints, value: npt.NDArray[np.float64]) -> Iterator[Sample]:
    """Those that say something new: what is met may be so ever more."""
    before = None
    for t, now, amount in zip(points.tolist(), state.tolist(), value.tolist(), strict=True):
        if now == 1 or now != before:
            yield Sample(t, {1: True, 0: False, -1: None}[now], amount)
        before = now


def _value(rule: Rule, counting: Counting, points: Ints) -> npt.NDArray[np.float64]:
    """At each point how many count, or for how many seconds the longest of them has."""
    if rule.unit:
        return _longest(counting, points)
    begun = np.searchsorted(np.sort(counting.begin), points, "right")
    over = np.searchsorted(np.sort(counting.end), points, "right")
    return (begun - over).astype(np.float64)


def _longest(counting: Counting, points: Ints) -> npt.NDArray[np.float64]:
    found = np.zeros(len(points))
    order = np.argsort(counting.begin, kind="stable")
    rows = list(zip(*(part[order].tolist() for part in _parts(counting)), strict=True))
    there: list[tuple[int, int]] = []  # born, end
    taken = 0
    for number, t in enumerate(points.tolist()):
        while taken < len(rows) and rows[taken][0] <= t:
            heapq.heappush(there, (rows[taken][2], rows[taken][1]))
            taken += 1
        while there and there[0][1] <= t:
            heapq.heappop(there)
        if there:
            found[number] = max((t - there[0][0]) / 1000, 0.001)
    return found


def _ending(rule: Rule, counting: Counting, points: Ints) -> npt.NDArray[np.float64]:
    """For how many seconds had lasted what ends at each point."""
    found = np.zeros(len(points))
    if rule.unit and len(counting.end):
        place = np.searchsorted(points, counting.end).clip(max=len(points) - 1)
        ends = points[place] == counting.end
        lasted = (counting.end - counting.born) / 1000
        np.maximum.at(found, place[ends], lasted[ends])
    return found


def _parts(counting: Counting) -> tuple[Ints, Ints, Ints]:
    return counting.begin, counting.end, counting.born


def _within(points: Ints, spans: Spans) -> npt.NDArray[np.bool_]:
    if not spans:
        return np.zeros(len(points), bool)
    begins, ends = np.array(spans, np.int64).T
    place = np.searchsorted(begins, points, "right") - 1
    found: npt.NDArray[np.bool_] = (place >= 0) & (points < ends[place.clip(min=0)])
    return found


def _columns(rows: Sequence[tuple[int, ...]], count: int) -> Iterator[Ints]:
    table = np.array(rows, np.int64).reshape(-1, count)
    return iter(table.T)
