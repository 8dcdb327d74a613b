"""A choice goes into an address and comes back as it was; what cannot be read is said."""

from __future__ import annotations

import pytest

from tests.worlds import ms
from tracking.filters import Choice, Filter, midnight, read_choice, usual_range
from tracking.localtime import DAY, HOUR, MINUTE

NOON = ms("2026-03-30T12:00:00+02:00")
YEAR = (ms("2026-01-01T00:00:00+01:00"), NOON)


def again(choice: Choice, zone: str = "Europe/Berlin") -> Choice:
    query = choice.query(zone)
    listed = {key: [value] if isinstance(value, str) else value for key, value in query.items()}
    read, problems = read_choice(listed)
    assert not problems
    return read


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice("today"),
        Choice("all", sources=("front door", "a & b = c?", "ü/🚲"), labels=("person",)),
        Choice("custom", ms("2026-03-29T01:30:00+01:00"), ms("2026-03-29T03:30:00+02:00")),
        Choice("7d", hours=(9, 10, 11, 22, 23), weekdays=(0, 1, 2, 6)),
        Choice("all", zones=("Row A", "a & b"), least=120, most=600.25),
        Choice("all", lines=("Front door",), directions=("in",), most=30),
        Choice("custom", NOON + 1, NOON + 12_345),
    ],
)
def test_a_choice_survives_its_address(choice: Choice) -> None:
    assert again(choice) == choice
    assert again(choice, "Asia/Kolkata") == choice


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, second = ms("2026-10-25T02:30:00+02:00"), ms("2026-10-25T02:30:00+01:00")
    choice = Choice("custom", first, second)
    assert choice.query("Europe/Berlin")["range"] == (
        "2026-10-25T02:30+02:00/2026-10-25T02:30+01:00"
    )
    assert again(choice) == choice


def test_hours_over_midnight_and_names_of_days_are_read() -> None:
    choice, problems = read_choice({"hours": ["22-5"], "days": ["fri-mon,wed"]})
    assert (choice.hours, problems) == ((0, 1, 2, 3, 4, 5, 22, 23), [])
    assert choice.weekdays == (0, 2, 4, 5, 6)


@pytest.mark.parametrize(
    "query",
    [
        {"range": ["yesteryear"]},
        {"range": ["2026-03-02T00:00/2026-03-01T00:00"]},
        {"range": ["2026-03-01/x"]},
        {"range": ["1970-01-02/2200-01-01"]},
        {"range": ["2026-03-01/2026-03-02"], "zone": ["Mars/Olympus"]},
        {"hours": ["9-24"]},
        {"days": ["<script>"]},
    ],
)
def test_what_cannot_be_read_is_named_and_left_out(query: dict[str, list[str]]) -> None:
    choice, problems = read_choice({**query, "source": ["plaza"]})
    assert choice == Choice(sources=("plaza",))
    assert len(problems) == 1
    assert next(iter(query)) in problems[0]


def test_a_monstrous_address_is_cut_down() -> None:
    choice, _ = read_choice({"source": ["x" * 100_000, *map(str, range(1000))]})
    assert len(choice.sources) == 100
    assert max(map(len, choice.sources)) < 400


def test_today_is_the_day_of_the_zone_also_when_the_clocks_change() -> None:
    sunday = ms("2026-03-29T12:00:00+02:00")
    today = Choice("today").filter(sunday, YEAR, "Europe/Berlin")
    assert (today.since, today.length) == (ms("2026-03-29T00:00:00+01:00"), 23 * HOUR)
    assert midnight(sunday, "Asia/Kolkata") == ms("2026-03-29T00:00:00+05:30")


def test_the_last_hour_ends_with_this_minute() -> None:
    window = Choice("1h").filter(NOON + 1, YEAR, "UTC")
    assert (window.since, window.until) == (NOON + MINUTE - HOUR, NOON + MINUTE)


def test_who_has_not_chosen_sees_where_something_is() -> None:
    def usual(begun: int, ended: int = 0) -> str:
        return usual_range(NOON, (NOON - begun, NOON - ended), "Europe/Berlin")

    assert usual_range(NOON, None, "Europe/Berlin") == "today"
    assert usual(10 * MINUTE) == "15min"
    assert usual(20 * MINUTE) == "1h"
    assert usual(5 * HOUR) == "today"
    assert usual(5 * HOUR, 4 * HOUR) == "today"  # in the last hour there is nothing
    assert usual(20 * HOUR, 13 * HOUR) == "24h"  # nor today
    assert usual(90 * DAY, 60 * DAY) == "all"
    window = Choice().filter(NOON, (NOON - 90 * DAY + 5, NOON - 60 * DAY + 5), "UTC")
    assert (window.since, window.until) == (NOON - 90 * DAY, NOON - 60 * DAY + MINUTE)


def test_the_window_before_is_as_long() -> None:
    window = Filter(NOON, NOON + HOUR, sources=("plaza",), hours=(12,))
    before = window.before()
    assert (before.since, before.until) == (NOON - HOUR, NOON)
    assert before.sources == window.sources
