"""A time axis that is true across clock changes: in UTC, with ticks of the local clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from ..filters import Filter
from ..localtime import DAY, HOUR, MINUTE, SECOND, LocalClock, Times, edges
from ..times import zone
from .look import clock

TICKS = 7
_STEPS = [
    *(n * SECOND for n in (10, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
]
_CALENDAR = [("day", 1), ("day", 2), ("week", 1), ("week", 2), ("month", 1), ("month", 3)]


def utc(t: Times) -> list[datetime]:
    """Times (ms UTC) as the axis wants them."""
    return clock(t, "UTC")


def time_axis(filter: Filter, timezone_name: str) -> dict[str, Any]:
    """An x axis of the filter's window, told in the zone's local time."""
    t, words = ticks(filter.since, filter.until, timezone_name)
    return {
        "type": "date",
        "range": utc(np.array([filter.since, filter.until])),
        "tickvals": utc(t),
        "ticktext": words,
        "fixedrange": True,
        "ticks": "outside",
        "tickangle": 0,
    }


def ticks(since: int, until: int, timezone_name: str, most: int = TICKS) -> tuple[Times, list[str]]:
    """Round local times in a window, at most so many, and what they are called."""
    clock_of = LocalClock.of(timezone_name, since, until)
    for step in _STEPS:
        if (until - since) / step <= most:
            fine = min(step, MINUTE)
            grid = np.arange(-(-since // fine), until // fine + 1) * fine
            t = grid[clock_of.local(grid) % step == 0]
            return t, _hours(t, timezone_name, "%H:%M:%S" if step < MINUTE else "%H:%M")
    for name, every in _CALENDAR:
        t = edges(since, until, name, timezone_name)
        t = t[(t >= since) & (t <= until)][::every]
        if len(t) <= most or (name, every) == _CALENDAR[-1]:
            break
    form = "{0:%b} {0:%Y}" if name == "month" else "{0.day} {0:%b}"
    return t, [form.format(each) for each in clock(t, timezone_name)]


def _hours(t: Times, timezone_name: str, form: str) -> list[str]:
    """Times of day; the day besides where it is another than before."""
    texts, day = [], None
    for each in clock(t, timezone_name):
        date = f"<br>{each:%a} {each.day} {each:%b}" if each.date() != day else ""
        texts.append(f"{each:{form}}{date}")
        day = each.date()
    return texts


def stretch(since: int, until: int, timezone_name: str) -> str:
    """From when to when, short: Sat 28 Mar, 18:00 to 19:00."""
    there = zone(timezone_name)
    begin, end = (datetime.fromtimestamp(t / 1000, there) for t in (since, until))
    whole = not (begin.hour or begin.minute or end.hour or end.minute)
    if whole and until - since >= 20 * HOUR:
        last = datetime.fromtimestamp((until - 1) / 1000, there)
        first = f"{begin:%a} {begin.day} {begin:%b}"
        return first if until - since < 2 * DAY - 12 * HOUR else f"{first} to {_day(last)}"
    clock_form = "%H:%M:%S" if begin.second or end.second else "%H:%M"
    if begin.date() == end.date():
        return f"{_day(begin)}, {begin:{clock_form}} to {end:{clock_form}}"
    return f"{_day(begin)}, {begin:{clock_form}} to {_day(end)}, {end:{clock_form}}"


def _day(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}"
