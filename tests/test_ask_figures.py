"""Every figure of a prose is in the rows or follows from them; what is invented is caught."""

from __future__ import annotations

import random

import pytest

from tests.worlds import ms
from tracking.ask.figures import check
from tracking.charts import words

TWO_DAYS = [[["today", 57], ["yesterday", 43]]]
TWO = ms("2026-11-20T14:00:00+01:00")
BY_HOUR = [[[TWO + hour * 3_600_000, visits] for hour, visits in enumerate((12, 31, 7, 7, 3, 9))]]


@pytest.mark.parametrize(
    "prose",
    [
        "57 people today and 43 yesterday.",
        "Fifty-seven people came today.",
        "57 - 43 = 14",
        "57 today, 43 yesterday: 14 more.",
        "That is 33 % more than yesterday.",
        "Today had 33% more, up from 43 to 57.",
        "100 in total over both days.",
        "On average 50 a day.",
        "1.3 times as many as yesterday",
        "43 / 57 = 75 %",
        "Yesterday was quieter by fourteen: the difference is 14.",
        "The busiest one was today, with 57.",
        "One of them was today.",
        "No one knows why.",
        "1. today: 57\n2. yesterday: 43",
    ],
)
def test_what_the_rows_say_or_what_follows_passes(prose: str) -> None:
    assert check(prose, TWO_DAYS) == []


@pytest.mark.parametrize(
    ("prose", "invented"),
    [
        ("There were 58 people.", ["58"]),
        ("There were sixty people.", ["sixty"]),
        ("57 - 43 = 15", ["15"]),
        ("60 - 43 = 17", ["60", "17"]),
        ("57 today: 15 more than yesterday.", ["15"]),
        ("That is 40 % more.", ["40 %"]),
        ("There were 14 people.", ["14"]),  # nothing says that it is a difference
        ("57 people and 3 cars.", ["3"]),
        ("They stayed 2 min 5 s.", ["2 min 5 s"]),
        ("It peaked at 14:00 with 57.", ["14:00"]),
        ("It was on 3 May 2026.", ["3 May 2026"]),
        ("It was twice as many.", ["twice"]),
        ("12,057 people", ["12,057"]),
        ("57.4 people", ["57.4"]),
        ("5. There were 57", ["5"]),
    ],
)
def test_what_is_invented_is_named(prose: str, invented: list[str]) -> None:
    assert check(prose, TWO_DAYS) == invented


def test_a_figure_is_told_once_and_in_the_order_of_the_prose() -> None:
    assert check("99 people, 98 cars and again 99 people", TWO_DAYS) == ["99", "98"]


def test_honest_rounding_passes_and_dishonest_does_not() -> None:
    table = [[["Warehouse", 1234.56, 125.4, 0.3281]]]
    good = (
        "about 1,200", "1,235", "1,234.6", "1.2k", "2 min 5 s", "2 minutes and 5 seconds", "2 min",
        "2.1 minutes", "33 %", "32.8 %", "32.8 percent",
    )  # fmt: skip
    for told in good:
        assert check(f"It was {told} there.", table) == [], told
    for told in ("1,200", "1,236", "about 1,300", "2 min 9 s", "3 min", "34 %", "32.9 %"):
        assert check(f"It was {told} there.", table), told


def test_times_are_those_of_the_rows_in_the_zone_that_is_told() -> None:
    said = "The busiest hour was 15:00 to 16:00 on 20 November 2026, with 31 visits."
    assert check(said, BY_HOUR, timezone="Europe/Berlin") == []
    assert check(said, BY_HOUR, timezone="Asia/Kolkata") == ["15:00", "16:00"]
    assert check("It was at 3 pm.", BY_HOUR, timezone="Europe/Berlin") == []
    assert check("It was at 15:20.", BY_HOUR, timezone="Europe/Berlin") == ["15:20"]
    assert check("It was on 21 November.", BY_HOUR, timezone="Europe/Berlin") == ["21 November"]


def test_the_question_and_the_window_may_be_repeated() -> None:
    given = "How many between 9 and 10 on 3 May? Sun 3 May 2026, 09:00 to 10:00, Europe/Berlin"
    prose = "Between 09:00 and 10:00 on 3 May 2026 (9 to 10) there were 57."
    assert check(prose, TWO_DAYS, given) == []
    assert check(prose, TWO_DAYS)


def test_a_figure_in_a_name_is_none() -> None:
    table = [[["Gate 2", 57], ["Camera 13 (old)", 43]]]
    assert check("Gate 2 had 57 and Camera 13 (old) had 43.", table) == []
    assert check("Gate 3 had 57.", table) == ["3"]


def test_the_number_of_rows_may_be_told_but_not_that_of_a_table_that_may_be_cut() -> None:
    assert check("There are six hours.", BY_HOUR) == []
    tracks = [[[number * 1000 + 7] for number in range(500)]]
    assert check("There were 500 people.", tracks) == ["500"]
    assert check("There was 1 person.", [[[57]]]) == ["1"]


def test_the_total_and_the_mean_of_a_column_follow_only_if_they_are_called_that() -> None:
    assert check("In total 69 visits, on average 11.5 an hour.", BY_HOUR) == []
    assert check("There were 69 visits.", BY_HOUR) == ["69"]
    assert check("15:00 had 31 visits, 45 % of all.", BY_HOUR, timezone="Europe/Berlin") == []


def test_nothing_is_supported_by_nothing() -> None:
    assert check("There were 0 people and 12 cars.", []) == ["0", "12"]
    assert check("Nobody was seen.", []) == []
    assert check("", []) == []


@pytest.mark.parametrize("seed", range(20))
def test_what_the_program_itself_would_say_of_any_rows_passes(seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        [f"source {chance.randrange(99)}", chance.randrange(10 ** chance.randrange(1, 7)),
         chance.uniform(0, 10 ** chance.randrange(1, 6)), chance.random()]
        for _ in range(chance.randrange(1, 30))
    ]  # fmt: skip
    for name, count, seconds, share in rows:
        prose = (
            f"{name}: {words.number(count)} visits, on average {words.lasting(seconds)} long; "
            f"watched {share * 100:.1f} % of the time"
        )
        assert check(prose, [rows]) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_number_that_no_row_holds_is_caught_wherever_it_stands(seed: int) -> None:
    chance = random.Random(seed)
    rows = [[chance.randrange(1000), chance.uniform(0, 1000)] for _ in range(40)]
    held = {round(cell) for row in rows for cell in row} | {
        int(cell) for row in rows for cell in row
    }
    for _ in range(20):
        number = chance.randrange(50, 3000)
        if number in held or number + 1 in held or number - 1 in held:
            continue
        said = chance.choice(["There were {} people.", "{} of them came at noon", "I saw {:,}."])
        assert check(said.format(number), [rows])[0] in (str(number), f"{number:,}")


@pytest.mark.parametrize("seed", range(10))
def test_any_text_can_be_checked(seed: int) -> None:
    chance = random.Random(seed)
    signs = "0123456789 .,:-%+/=abcdehmnost\n’½②×"
    for _ in range(300):
        prose = "".join(chance.choice(signs) for _ in range(chance.randrange(60)))
        assert isinstance(check(prose, TWO_DAYS, prose[::-1]), list)
        assert check(prose, [[[prose]]], prose) is not None
