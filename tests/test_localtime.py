"""Local clocks over many times at once agree with the calendar, also where clocks change."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest

from tests.worlds import ms
from tracking.localtime import DAY, HOUR, MINUTE, LocalClock, allowed, bucket_for, edges
from tracking.times import zone

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe")
SPRING = ms("2026-03-29T00:00:00+01:00")  # in Berlin a day of 23 hours
AUTUMN = ms("2026-10-25T00:00:00+02:00")  # and one of 25


@pytest.mark.parametrize("name", ZONES)
def test_hours_and_weekdays_are_those_of_the_calendar(name: str) -> None:
    since, until = ms("2026-01-01T00:00:00Z"), ms("2027-01-01T00:00:00Z")
    random = np.random.default_rng(1)
    t = random.integers(since, until, 2000)
    clock = LocalClock.of(name, since, until)
    there = [datetime.fromtimestamp(each / 1000, zone(name)) for each in t.tolist()]
    assert clock.hours(t).tolist() == [each.hour for each in there]
    assert clock.weekdays(t).tolist() == [each.weekday() for each in there]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("begin", [SPRING, AUTUMN])
def test_what_is_allowed_is_what_the_calendar_says(name: str, begin: int) -> None:
    since, until = begin - DAY + 7 * MINUTE, begin + 3 * DAY
    found = allowed(since, until, name, hours=(1, 2, 3, 22), weekdays=(5, 6))
    assert all(a < b for a, b in found)
    assert all(b < c for (_, b), (c, _) in pairwise(found))
    inside = {t for a, b in found for t in range(a - a % MINUTE, b, MINUTE) if a <= t}
    for t in range(since, until, MINUTE):
        there = datetime.fromtimestamp(t / 1000, zone(name))
        assert (t in inside) == (there.hour in (1, 2, 3, 22) and there.weekday() in (5, 6)), there


def test_nothing_chosen_is_the_whole_window() -> None:
    assert allowed(5, 7, "UTC", (), ()) == [(5, 7)]
    assert allowed(7, 7, "UTC", (), ()) == []
    assert allowed(0, DAY, "UTC", range(24), range(7)) == [(0, DAY)]


def test_days_are_as_long_as_the_clocks_make_them() -> None:
    lengths = np.diff(edges(SPRING - DAY, SPRING + 2 * DAY, "day", "Europe/Berlin")) // HOUR
    assert lengths.tolist() == [24, 23, 24, 24]
    lengths = np.diff(edges(AUTUMN, AUTUMN + DAY, "day", "Europe/Berlin")) // HOUR
    assert lengths.tolist() == [25]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize(
    "bucket", ["10 seconds", "minute", "quarter hour", "hour", "day", "week", "month"]
)
def test_buckets_begin_where_the_local_clock_is_round_and_hold_the_window(
    name: str, bucket: str
) -> None:
    since, until = SPRING - 3 * HOUR + 123, SPRING - HOUR
    found = edges(since, until, bucket, name)
    assert found[0] <= since < found[1]
    assert found[-2] < until <= found[-1]
    begin = datetime.fromtimestamp(int(found[0]) / 1000, zone(name))
    assert (begin.second % 10, begin.microsecond) == (0, 0)
    assert bucket == "10 seconds" or begin.second == 0
    assert begin.minute % {"10 seconds": 1, "minute": 1, "quarter hour": 15}.get(bucket, 60) == 0
    if bucket in ("day", "week", "month"):
        assert begin.hour == 0
    assert bucket != "week" or begin.weekday() == 0
    assert bucket != "month" or begin.day == 1


def test_the_bucket_fits_the_window() -> None:
    assert bucket_for(10 * MINUTE) == "10 seconds"
    assert bucket_for(11 * MINUTE) == bucket_for(HOUR) == "minute"
    assert bucket_for(DAY) == "5 minutes"
    assert bucket_for(7 * DAY) == "hour"
    assert bucket_for(30 * DAY) == "day"
    assert bucket_for(20 * 365 * DAY) == "month"
