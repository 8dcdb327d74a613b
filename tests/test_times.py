"""People's notations become milliseconds UTC, or an error that says what to write."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.conftest import NOON
from tracking.errors import SettingsError
from tracking.times import iso, local_zone, to_ms, zone


@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01 13:00+01:00",
        "2026-03-01T12:00:00.000",
        str(NOON),
        NOON,
        datetime(2026, 3, 1, 12, tzinfo=timezone.utc),
        datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 3, 1, 12),
    ],
)
def test_one_moment_has_many_notations(moment: str | int | datetime) -> None:
    assert to_ms(moment) == NOON


def test_a_time_without_a_zone_is_the_sources() -> None:
    assert to_ms("2026-03-01T13:00", "Europe/Berlin") == NOON


@pytest.mark.parametrize("text", ["noon", "", "2026-13-01", "12:00"])
def test_what_is_no_time_is_named_with_one_that_is(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a time; write it like 2026"):
        to_ms(text)


def test_a_time_that_the_clocks_leave_out_is_refused() -> None:
    with pytest.raises(SettingsError, match="does not exist in Europe/Berlin"):
        to_ms("2026-03-29T02:30", "Europe/Berlin")


def test_a_time_that_comes_twice_must_say_which() -> None:
    with pytest.raises(SettingsError, match="comes twice in Europe/Berlin"):
        to_ms("2026-10-25T02:30", "Europe/Berlin")
    assert to_ms("2026-10-25T02:30+01:00", "Europe/Berlin") == 1_792_891_800_000


@pytest.mark.parametrize("moment", ["1969-12-31T23:59Z", "2300-01-01", -1, 10**18])
def test_a_time_that_must_be_a_mistake_is_refused(moment: str | int) -> None:
    with pytest.raises(SettingsError, match="outside the years 1970 to 2200"):
        to_ms(moment)


def test_times_are_written_with_milliseconds_and_their_zone() -> None:
    assert iso(NOON + 7) == "2026-03-01T12:00:00.007Z"
    assert iso(NOON, "Europe/Berlin") == "2026-03-01T13:00:00.000+01:00"


def test_a_zone_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match="'Mars' is not an IANA time zone"):
        zone("Mars")


def test_this_machine_has_a_zone() -> None:
    assert zone(local_zone()).key == local_zone()
