"""Times of day and weekdays by a source's own clock, as moments."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..localtime import DAY, LocalClock
from .rules import Rule, clock

Spans = list[tuple[int, int]]


def scheduled(rule: Rule, since: int, until: int, timezone_name: str) -> Spans:
    """The parts of [since, until) in which the rule counts: sorted, disjoint, half-open; ms UTC.

    What counts is what the clock on the wall shows: an hour that a change of the clocks gives
    twice counts twice, one that it leaves out does not come. A time that goes on beyond midnight
    belongs to the weekday on which it began.
    """
    if until <= since:
        return []
    if not rule.is_timed:
        return [(since, until)]
    begin, end = (clock(rule.begins), clock(rule.ends)) if rule.begins else (0, DAY)
    if end <= begin:
        end += DAY
    wall = LocalClock.of(timezone_name, since - DAY, until + DAY)
    edges = [since, *(t for t in wall.changes.tolist() if since < t < until), until]
    found: Spans = []
    for a, b in pairwise(edges):
        offset = int(wall.local(np.array([a]))[0]) - a
        for day in range((a + offset) // DAY - 1, (b + offset) // DAY + 1):
            if rule.weekdays and (day + 3) % 7 not in rule.weekdays:
                continue
            first, last = (max(a, day * DAY + begin - offset), min(b, day * DAY + end - offset))
            if first < last:
                found.append((first, last))
    return merged(found)


def merged(spans: Spans, within: int = 0) -> Spans:
    """The same times, sorted and disjoint; those no farther apart than `within` ms are one."""
    found: Spans = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1] + within:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found
