"""Windows to compare with: the one before, the same weekdays earlier, or one of one's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ..filters import Filter
from ..localtime import DAY, MINUTE
from ..times import zone


def so_far(filter: Filter, now: int) -> Filter:
    """The part that has passed, in whole minutes; the whole, if none of it has."""
    passed = now // MINUTE * MINUTE
    return replace(filter, until=passed) if filter.since < passed < filter.until else filter


def before(filter: Filter, timezone_name: str) -> Filter:
    """The window of the same length just before; of whole local days, as many days."""
    if not (
        _is_midnight(filter.since, timezone_name) and _is_midnight(filter.until, timezone_name)
    ):
        return filter.before()
    return _days_earlier(filter, round(filter.length / DAY), timezone_name)


def weeks_before(filter: Filter, timezone_name: str) -> tuple[Filter, int]:
    """The same weekdays and times of day, as few weeks earlier as do not overlap; how many."""
    weeks = max(1, (filter.length - DAY) // (7 * DAY))  # a day less: a clock change is no week
    while (earlier := _days_earlier(filter, 7 * weeks, timezone_name)).until > filter.since:
        weeks += 1
    return earlier, weeks


def beginning(filter: Filter, since: int) -> Filter:
    """The window of the same length that begins then."""
    return replace(filter, since=since, until=since + filter.length)


def as_long(other: Filter, filter: Filter) -> Filter:
    """The other window, cut to the length of this one where it is longer."""
    return replace(other, until=min(other.until, other.since + filter.length))


def _days_earlier(filter: Filter, days: int, timezone_name: str) -> Filter:
    """By the local calendar: a clock change in between does not move the time of day."""
    since, until = (_moved(t, days, timezone_name) for t in (filter.since, filter.until))
    return replace(filter, since=since, until=max(until, since + MINUTE))


def _moved(t: int, days: int, timezone_name: str) -> int:
    local = datetime.fromtimestamp(t / 1000, zone(timezone_name))
    return round((local - timedelta(days=days)).timestamp() * 1000)


def _is_midnight(t: int, timezone_name: str) -> bool:
    local = datetime.fromtimestamp(t / 1000, zone(timezone_name))
    return not (local.hour or local.minute or local.second)
