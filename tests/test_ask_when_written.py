"""Times as people write them in a hurry: short dates, hours, parts of a month, days left out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tracking.ask.times.when import When, read_when
from tracking.ask.words import words_of

BERLIN = "Europe/Berlin"
FRIDAY = "2026-11-20 19:45"


def ms(local: str, zone: str = BERLIN) -> int:
    return round(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def read(question: str, now: str = FRIDAY, zone: str = BERLIN) -> list[When]:
    recorded = (ms("2026-09-01 08:00"), ms(FRIDAY))
    return read_when(words_of(question), ms(now, zone), zone, recorded)


def window(when: When, zone: str = BERLIN) -> str:
    """As a zone's clock shows it, day and month first."""
    assert when.span is not None, when.problem
    begin, end = (
        datetime.fromtimestamp(t / 1000, ZoneInfo(zone)) for t in (when.span.since, when.span.until)
    )
    return f"{begin:%d.%m. %H:%M} to {end:%d.%m. %H:%M}"


def windows(question: str) -> list[str]:
    return [window(when) for when in read(question)]


def unsaid(question: str) -> str:
    """The words that no time of the question takes."""
    taken = {n for when in read(question) for n in when.used}
    return " ".join(word.text for n, word in enumerate(words_of(question)) if n not in taken)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("11 nov, 7 to 9 am", "11.11. 07:00 to 11.11. 09:00"),
        ("nov 11, 7 to 9 am", "11.11. 07:00 to 11.11. 09:00"),
        ("on 11 nov 7-9 am", "11.11. 07:00 to 11.11. 09:00"),
        ("Wed 11 nov, 7 to 9 am", "11.11. 07:00 to 11.11. 09:00"),
        ("11 nov 7 pm - 9 pm", "11.11. 19:00 to 11.11. 21:00"),
        ("7 to 9 am, 11 nov", "11.11. 07:00 to 11.11. 09:00"),
        ("3 oct, 8 to 10", "03.10. 08:00 to 03.10. 10:00"),
        ("12 nov 14:00 - 15:00", "12.11. 14:00 to 12.11. 15:00"),
        ("11 november 2026, 22 to 2", "11.11. 22:00 to 12.11. 02:00"),
    ],
)
def test_a_day_and_its_month_belong_together_before_the_hours_after_a_comma(
    question: str, expected: str
) -> None:
    assert windows(question) == [expected]
    assert unsaid(question) == ""


def test_an_hour_with_its_half_of_the_day_may_stand_before_a_month() -> None:
    assert windows("from 9 am nov 11 to 11 am") == ["11.11. 09:00 to 11.11. 11:00"]


def test_a_date_and_a_stretch_of_dates_are_never_taken_for_one_day() -> None:
    assert len(read("from 9 nov, 7 to 11 nov")) == 2
