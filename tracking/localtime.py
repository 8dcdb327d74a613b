"""Local clocks for many times at once: hours, weekdays and buckets, right across clock changes.

Times are integer milliseconds since 1970 UTC, intervals are half-open: [since, until).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt

from .times import zone

Times = npt.NDArray[np.int64]

SECOND = 1000
MINUTE = 60 * SECOND
QUARTER = 15 * MINUTE  # every zone's offset is a multiple of it
HOUR = 60 * MINUTE
DAY = 24 * HOUR

BUCKETS = {
    "10 seconds": 10 * SECOND,
    "minute": MINUTE,
    "5 minutes": 5 * MINUTE,
    "quarter hour": QUARTER,
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": 30 * DAY,
}
"""What a time axis may be divided into, with the usual length in milliseconds."""

MOST_BUCKETS = 300
"""More than that are not told apart on a screen."""

SHORT = 10 * MINUTE
"""Longer windows are not divided finer than by the minute, by which it is known what was watched,
unless that is asked for."""


@dataclass(frozen=True, slots=True)
class LocalClock:
    """A zone's clock over a stretch of time: its offset from UTC, and when that changes.

    changes: times from which on offsets[i] (milliseconds east of UTC) holds; the first one is
    before everything.
    """

    changes: Times
    offsets: Times

    @classmethod
    def of(cls, timezone_name: str, since: int, until: int) -> LocalClock:
        """The clock of an IANA zone, good for times in [since, until]."""
        changes, offsets = [np.iinfo(np.int64).min], [_offset(timezone_name, since)]
        at = since
        while at < until:
            after = min(at + 7 * DAY, until)
            if (offset := _offset(timezone_name, after)) != offsets[-1]:
                changes.append(_change(timezone_name, at, after))
                offsets.append(offset)
            at = after
        return cls(np.array(changes, np.int64), np.array(offsets, np.int64))

    def local(self, t: npt.ArrayLike) -> Times:
        """The same moments as the clock shows them, as if it were UTC's."""
        t = np.asarray(t, np.int64)
        return t + self.offsets[np.searchsorted(self.changes, t, "right") - 1]

    def hours(self, t: npt.ArrayLike) -> Times:
        """Hours of the day, 0 to 23."""
        return self.local(t) // HOUR % 24

    def weekdays(self, t: npt.ArrayLike) -> Times:
        """Days of the week, Monday is 0."""
        return (self.local(t) // DAY + 3) % 7


def allowed(
    since: int, until: int, timezone_name: str, hours: Iterable[int], weekdays: Iterable[int]
) -> list[tuple[int, int]]:
    """The parts of [since, until) whose local hour and weekday are wanted; none given is all.

    Sorted and disjoint. A clock change makes a part an hour longer or shorter, as it was.
    """
    if until <= since:
        return []
    hours, weekdays = set(hours), set(weekdays)
    if not hours and not weekdays:
        return [(since, until)]
    clock = LocalClock.of(timezone_name, since, until)
    quarters = np.arange(since // QUARTER, -(-until // QUARTER), dtype=np.int64) * QUARTER
    wanted = np.ones(len(quarters), bool)
    if hours:
        wanted &= np.isin(clock.hours(quarters), list(hours))
    if weekdays:
        wanted &= np.isin(clock.weekdays(quarters), list(weekdays))
    turns = np.flatnonzero(np.diff(wanted.astype(np.int8), prepend=0, append=0))
    edges = np.append(quarters, quarters[-1] + QUARTER)[turns].clip(since, until)
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def bucket_for(length: int, most: int = MOST_BUCKETS) -> str:
    """The finest bucket of which at most `most` fill a stretch of that many milliseconds."""
    for name, width in BUCKETS.items():
        if length <= width * most and (width >= MINUTE or length <= SHORT):
            return name
    return "month"


def edges(since: int, until: int, bucket: str, timezone_name: str) -> Times:
    """Where the local buckets begin that [since, until) lies in, and where the last one ends."""
    if bucket in ("day", "week", "month"):
        return _calendar_edges(since, until, bucket, timezone_name)
    width = BUCKETS[bucket]
    clock = LocalClock.of(timezone_name, since, until)
    first = since - int(clock.local(since)) % width
    return first + width * np.arange(-(-(until - first) // width) + 1, dtype=np.int64)


def _calendar_edges(since: int, until: int, bucket: str, timezone_name: str) -> Times:
    there = zone(timezone_name)
    day = datetime.fromtimestamp(since / 1000, there).replace(
        hour=0, minute=0, second=0, microsecond=0, fold=0
    )
    if bucket == "week":
        day -= timedelta(days=day.weekday())
    elif bucket == "month":
        day = day.replace(day=1)
    found = [_ms(day)]
    while found[-1] < until:
        if bucket == "month":
            day = (day + timedelta(days=32)).replace(day=1)
        else:
            day += timedelta(days=7 if bucket == "week" else 1)
        found.append(_ms(day))
    return np.array(found, np.int64)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _offset(timezone_name: str, t: int) -> int:
    moment = datetime.fromtimestamp(t // 1000, timezone.utc).astimezone(zone(timezone_name))
    return round((moment.utcoffset() or timedelta()).total_seconds() * 1000)


def _change(timezone_name: str, before: int, after: int) -> int:
    """When between two times the offset changes, to the second."""
    before, after = before // 1000, after // 1000
    first = _offset(timezone_name, before * 1000)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(timezone_name, middle * 1000) == first:
            before = middle
        else:
            after = middle
    return after * 1000
