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


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the 1st up to and including the 15th", "01.11. 00:00 to 16.11. 00:00"),
        ("the first half of November, i.e. the 1st to the 15th", "01.11. 00:00 to 16.11. 00:00"),
        ("between the 2nd and the 15th of November (both days included)",
         "02.11. 00:00 to 16.11. 00:00"),
        ("from 9 up to 15 November inclusive", "09.11. 00:00 to 16.11. 00:00"),
        ("Nov 9 up to and including 15", "09.11. 00:00 to 16.11. 00:00"),
        ("from Monday to Wednesday, both included", "16.11. 00:00 to 19.11. 00:00"),
        ("up to and including 15 November", "01.09. 08:00 to 16.11. 00:00"),
        ("the second half of November", "16.11. 00:00 to 01.12. 00:00"),
    ],
)  # fmt: skip
def test_the_last_day_of_a_stretch_may_be_said_to_be_in_it(question: str, expected: str) -> None:
    assert windows(question) == [expected]
    assert unsaid(question) == ""


def test_hours_that_are_inclusive_are_not_read() -> None:
    assert unsaid("from 9 to 11 inclusive") == "inclusive"


@pytest.mark.parametrize(
    "question",
    [
        "the change from October 19-23 to Nov 9-13",
        "change from 19 to 23 October to 9 to 13 November",
        "compared: between October 19-23 and Nov 9-13",
        "October 19-23 vs Nov 9-13",
    ],
)
def test_a_change_may_go_from_one_stretch_of_dates_to_another(question: str) -> None:
    assert windows(question) == ["19.10. 00:00 to 24.10. 00:00", "09.11. 00:00 to 14.11. 00:00"]


@pytest.mark.parametrize(
    "question",
    [
        "Saturday 7th or Saturday 14th of November",
        "on Saturday 7th or on Saturday 14th of November",
        "on Sat 7 vs Sat 14 November",
        "more on Saturday the 7th than on Saturday the 14th",
    ],
)
def test_days_told_apart_may_each_have_their_weekday(question: str) -> None:
    assert windows(question) == ["07.11. 00:00 to 08.11. 00:00", "14.11. 00:00 to 15.11. 00:00"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("from Sunday 15 to Monday 16 November", "15.11. 00:00 to 17.11. 00:00"),
        ("the night from Sunday 15 to Monday 16 November", "15.11. 22:00 to 16.11. 06:00"),
        ("the week beginning Monday 9 November", "09.11. 00:00 to 16.11. 00:00"),
        ("the week ending on the 15th", "09.11. 00:00 to 16.11. 00:00"),
        ("the week starting 11 November", "11.11. 00:00 to 18.11. 00:00"),
    ],
)
def test_a_stretch_may_begin_and_end_with_a_weekday_and_a_number(
    question: str, expected: str
) -> None:
    assert windows(question) == [expected]
    assert unsaid(question) == ""


@pytest.mark.parametrize(
    "question", ["from Monday 15 to Monday 16 November", "Monday 7th or Saturday 14th of November"]
)
def test_a_number_on_another_weekday_is_told(question: str) -> None:
    assert "not a Monday" in read(question)[0].problem


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("at midnight between Sunday 15 and Monday 16 November", "16.11. 00:00 to 16.11. 00:01"),
        ("midnight between Sunday and Monday", "16.11. 00:00 to 16.11. 00:01"),
        ("at midnight from 15 to 16 November", "16.11. 00:00 to 16.11. 00:01"),
        ("around midnight between 15 and 16 November", "15.11. 23:30 to 16.11. 00:30"),
    ],
)
def test_midnight_between_two_days_is_the_moment_at_which_the_second_begins(
    question: str, expected: str
) -> None:
    assert windows(question) == [expected]
    assert unsaid(question) == ""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the early hours of Wednesday", "18.11. 00:00 to 18.11. 06:00"),
        ("in the early hours of Wednesday morning", "18.11. 00:00 to 18.11. 06:00"),
        ("in the small hours of 15 November", "15.11. 00:00 to 15.11. 06:00"),
        ("in the early hours of this morning", "20.11. 00:00 to 20.11. 06:00"),
        ("the wee hours of yesterday", "19.11. 00:00 to 19.11. 06:00"),
        ("between 1 and 4 am in the early hours of Wednesday", "18.11. 01:00 to 18.11. 04:00"),
    ],
)
def test_the_early_hours_of_a_day_are_its_first_six(question: str, expected: str) -> None:
    assert windows(question) == [expected]
    assert unsaid(question) == ""


@pytest.mark.parametrize(
    ("question", "expected", "note"),
    [
        ("in early November", "01.11. 00:00 to 11.11. 00:00", "1 to 10 November 2026"),
        ("mid-October", "11.10. 00:00 to 21.10. 00:00", "11 to 20 October 2026"),
        ("late last month", "21.10. 00:00 to 01.11. 00:00", "21 to 31 October 2026"),
        ("from mid october till last sunday", "15.10. 00:00 to 16.11. 00:00", "the 15th"),
        ("since mid October", "15.10. 00:00 to 20.11. 19:45", "the 15th"),
        ("until mid October", "01.09. 08:00 to 16.10. 00:00", "the 15th"),
    ],
)
def test_a_third_of_a_month_is_said_with_its_dates(question: str, expected: str, note: str) -> None:
    (when,) = read(question)
    assert window(when) == expected
    assert note in " ".join(when.assumed)


def test_a_third_of_a_month_that_has_not_begun_is_still_to_come() -> None:
    assert "still to come" in read("in late November")[0].problem


def test_a_busy_part_of_a_day_may_be_said_with_its_hours() -> None:
    question = "the morning peak (8-10h) and the evening peak (17-19h) on Tuesday"
    assert windows(question) == ["17.11. 08:00 to 17.11. 10:00", "17.11. 17:00 to 17.11. 19:00"]


@pytest.mark.parametrize(
    ("question", "weekdays"),
    [
        ("last week, leaving out Sunday", (0, 1, 2, 3, 4, 5)),
        ("last week without Sundays", (0, 1, 2, 3, 4, 5)),
        ("November except Sundays", (0, 1, 2, 3, 4, 5)),
        ("this month excluding the weekends", (0, 1, 2, 3, 4)),
        ("the last 2 weeks not counting Saturday and Sunday", (0, 1, 2, 3, 4)),
        ("without Sundays", (0, 1, 2, 3, 4, 5)),
    ],
)
def test_weekdays_may_be_left_out(question: str, weekdays: tuple[int, ...]) -> None:
    (when,) = read(question)
    assert when.weekdays == weekdays
    assert unsaid(question) == ""


def test_no_other_day_can_be_left_out_of_one_day() -> None:
    assert "left out" in read("Saturday without Sunday")[1].problem


@pytest.mark.parametrize(
    "question", ["last week without Sunday morning", "last week except Sunday the 8th"]
)
def test_a_part_of_a_day_or_one_date_is_not_left_out_as_a_weekday(question: str) -> None:
    assert unsaid(question) in ("without", "except")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the night the clocks went back", "24.10. 22:00 to 25.10. 06:00"),
        ("in the night when the clocks were put back", "24.10. 22:00 to 25.10. 06:00"),
        ("the night of the time change", "24.10. 22:00 to 25.10. 06:00"),
        ("on the day the clocks changed", "25.10. 00:00 to 26.10. 00:00"),
        ("the night the clocks went forward", "28.03. 22:00 to 29.03. 06:00"),
    ],
)
def test_the_night_the_clocks_changed_is_found_by_the_rules_of_the_zone(
    question: str, expected: str
) -> None:
    assert windows(question) == [expected]
    assert unsaid(question) == ""


def test_the_hour_that_comes_twice_counts_both_times_and_is_told() -> None:
    (when,) = read("in the night the clocks went back, between 2 and 3")
    assert when.span is not None
    assert when.span.until - when.span.since == 2 * 3_600_000
    assert "25 October 2026" in when.span.words
    assert any("comes twice" in each for each in when.assumed)


def test_the_hour_that_the_clocks_leave_out_is_told() -> None:
    (when,) = read("between 2 and 3 in the night the clocks went forward")
    assert "clocks go forward" in when.problem


def test_where_the_clocks_never_change_there_is_no_such_night() -> None:
    (when,) = read("the night the clocks went back", zone="Asia/Tokyo")
    assert "Asia/Tokyo" in when.problem


def test_a_clock_that_stopped_is_no_time() -> None:
    assert read("when did the clock stop") == []


@pytest.mark.parametrize(
    ("question", "expected", "other"),
    [
        ("on Wednesday night at a quarter past two", "19.11. 02:15 to 19.11. 02:16",
         "18.11. 02:15 to 18.11. 02:16"),
        ("Wednesday night between 1 and 4", "19.11. 01:00 to 19.11. 04:00",
         "18.11. 01:00 to 18.11. 04:00"),
    ],
)  # fmt: skip
def test_hours_of_the_night_of_a_weekday_are_those_after_it_and_this_is_told(
    question: str, expected: str, other: str
) -> None:
    (when,) = read(question)
    assert window(when) == expected
    assert "the night that begins on Wednesday 18 November is taken" in when.assumed
    assert other in [window(each) for each in when.others]


@pytest.mark.parametrize("question", ["the night of Wednesday at 2", "Friday night at 2"])
def test_the_night_of_a_day_or_one_that_is_to_come_is_not_guessed(question: str) -> None:
    assert "is not said" in read(question)[0].problem


@pytest.mark.parametrize("question", ["in the last 24", "hours of the past 24", "over the last 24"])
def test_the_last_24_are_hours(question: str) -> None:
    (when,) = read(question)
    assert window(when) == "19.11. 19:45 to 20.11. 19:45"
    assert when.assumed == ("24 is taken as hours",)


@pytest.mark.parametrize(
    "question", ["in the last 24 people", "the last 24", "of the last 24 cars"]
)
def test_the_last_24_of_something_are_no_hours(question: str) -> None:
    assert read(question) == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the last third of October", "21.10. 00:00 to 01.11. 00:00"),
        ("the middle third of October", "11.10. 00:00 to 21.10. 00:00"),
        ("the third of November", "03.11. 00:00 to 04.11. 00:00"),
        ("from Monday to Friday of the week before last", "02.11. 00:00 to 07.11. 00:00"),
        ("last week's Monday to Friday", "09.11. 00:00 to 14.11. 00:00"),
        ("8:00h-10:00h", "20.11. 08:00 to 20.11. 10:00"),
        ("17-19h", "20.11. 17:00 to 20.11. 19:00"),
    ],
)
def test_parts_of_months_weeks_and_days_are_read_as_they_are_written(
    question: str, expected: str
) -> None:
    assert windows(question) == [expected]
    assert unsaid(question) == ""


def test_the_middle_week_of_a_month_is_not_guessed() -> None:
    assert unsaid("the middle week of October").startswith("the middle week")


@pytest.mark.parametrize("question", ["last week, Sundays excluded", "last week excl. Sunday"])
def test_what_is_left_out_may_stand_before_the_word_that_says_it(question: str) -> None:
    (when,) = read(question)
    assert when.weekdays == (0, 1, 2, 3, 4, 5)


def test_two_nights_told_apart_are_not_given_different_hours() -> None:
    found = read("Tuesday night vs Wednesday night between 1 and 4")
    assert any("is not said" in when.problem for when in found)


def test_hours_may_follow_a_weekday_and_its_number() -> None:
    assert windows("Friday the 13th, 8-10h") == ["13.11. 08:00 to 13.11. 10:00"]
