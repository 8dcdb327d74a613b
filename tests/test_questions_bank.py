"""The bank of questions can be trusted: its place is as it says, and its answers are answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.questions.__main__ import ask_all
from benchmarks.questions.bank import (
    HALVES,
    PARTS,
    Databases,
    Question,
    databases,
    half,
    shared_bank,
)
from benchmarks.questions.comparing import judge
from benchmarks.questions.seeded import NOW, PLACES, at, local
from tracking.ask.answer import Answer, Column
from tracking.filters import Filter
from tracking.metrics import coverage, measure, select


@pytest.fixture(scope="module")
def place() -> Iterator[Databases]:
    with databases() as on:
        yield on


def number(on: Databases, statement: str) -> int:
    """Of a statement asked of ours."""
    return int(on.ours.execute(statement).fetchone()[0])


# the questions


def test_each_half_has_many_questions_and_many_that_must_be_refused() -> None:
    for name in HALVES:
        questions = half(name)
        assert len(questions) >= 170
        assert sum(each.compare == "refuse" for each in questions) >= 23
        assert len({each.kind for each in questions}) >= 20


def test_both_halves_have_the_same_mix() -> None:
    dev, test = (Counter(each.kind for each in half(name)) for name in HALVES)
    assert dev.keys() == test.keys()
    assert all(abs(dev[kind] - test[kind]) <= 4 for kind in dev)


def test_no_question_is_asked_twice() -> None:
    texts = (each.text for name in PARTS for each in half(name) if not each.follows)
    asked = Counter(text.casefold().strip("?. ") for text in texts)
    assert asked.most_common(1)[0][1] == 1


@pytest.mark.parametrize("name", PARTS)
def test_every_question_has_a_name_of_its_own_and_follows_one_asked_before(name: str) -> None:
    before: set[str] = set()
    for each in half(name):
        assert each.id not in before
        assert each.follows is None or each.follows in before
        before.add(each.id)


@pytest.mark.parametrize("name", PARTS)
def test_every_gold_statement_gives_something_to_compare_with(place: Databases, name: str) -> None:
    for each in half(name):
        golds = place.golds(each)
        assert golds or each.compare in ("refuse", "no_data"), each
        for rows in golds:
            assert rows, each
            assert all(row[-1] is not None for row in rows), each
        if each.compare == "refuse":
            assert each.words, each
        if each.compare == "zero":
            assert golds == [[(0,)]], each
        if each.compare == "ratio":
            assert all(0 < rows[0][0] < 1 for rows in golds), each


def test_the_shared_banks_statements_can_be_asked_of_the_place(
    place: Databases, shared: Path
) -> None:
    questions = shared_bank(shared / "questions.jsonl")
    assert len(questions) == 40
    for each in questions:
        assert all(rows and rows[0][-1] is not None for rows in place.golds(each)), each


# the place


def test_the_place_is_always_the_same(place: Databases) -> None:
    sums = "SELECT sum(first_seen / 1000 % 86400), sum(last_seen - first_seen) FROM people_tracks"
    assert place.ours.execute(sums).fetchone() == (665834833, 2146034000)
    assert number(place, "SELECT count(*) FROM positions") == 217757


def test_it_is_large_and_its_objects_were_broken_into_several_tracks(place: Databases) -> None:
    assert number(place, "SELECT count(*) FROM people_tracks") == 15042
    assert number(place, "SELECT count(DISTINCT visit_id) FROM people_tracks") == 1577
    (objects,) = place.reference.execute("SELECT count(*) FROM people_tracks").fetchone()
    assert objects == 13280
    assert objects == number(
        place, "SELECT count(DISTINCT coalesce(-visit_id, id)) FROM people_tracks"
    )


def test_no_track_is_seen_while_nobody_watched(place: Databases) -> None:
    seen = number(
        place,
        "SELECT count(*) FROM people_tracks JOIN coverage USING (source_id)"
        " WHERE seconds_observed = 0 AND minute BETWEEN first_seen / 60000 AND last_seen / 60000",
    )
    assert seen == 0
    out = {place.name: sum(b - a for a, b, _ in place.outages()) / 60_000 for place in PLACES}
    assert out["Entrance"] == 42 + 30 + 24 * 60 + 12
    assert out["Warehouse"] == 60 + 30 * 60


def test_what_was_not_watched_is_known_by_reason(place: Databases) -> None:
    yesterday = Filter(at("2026-11-19"), at("2026-11-20"), ("Entrance",))
    found = coverage(select(place.ours, yesterday, NOW))
    assert (found.possible, found.observed, found.down) == (86400, 86400 - 42 * 60, 42 * 60)


def test_the_hour_that_came_twice_has_people_in_both(place: Databases) -> None:
    hours = [at(f"2026-10-25T02:00:00+0{offset}:00") for offset in (2, 1)]
    assert hours[1] - hours[0] == 3_600_000
    for begin, people in zip(hours, (3, 2), strict=True):
        assert people == number(
            place,
            "SELECT count(DISTINCT coalesce(-visit_id, id)) FROM people_tracks"
            f" WHERE first_seen >= {begin} AND first_seen < {begin + 3_600_000}",
        )
    day = Filter(at("2026-10-25"), at("2026-10-26"))
    assert day.length == 25 * 3_600_000


def test_people_are_about_at_midnight_but_not_on_the_last_two_nights(place: Databases) -> None:
    nights = place.reference.execute(
        "SELECT date(a) FROM seen WHERE date(a) <> date(b) ORDER BY a"
    ).fetchall()
    assert [night for (night,) in nights] == [
        "2026-10-31",
        "2026-11-06",
        "2026-11-14",
        "2026-11-15",
    ]


def test_somebody_was_there_in_the_last_minute(place: Databases) -> None:
    assert local(NOW) == "2026-11-20 19:45:00"
    lately = f"SELECT count(*) FROM people_tracks WHERE last_seen BETWEEN {NOW - 60_000} AND {NOW}"
    assert number(place, lately) == 3


@pytest.mark.parametrize("name", [place.name for place in PLACES])
def test_both_tellings_have_the_same_visitors_every_day(place: Databases, name: str) -> None:
    window = Filter(at("2026-10-12"), at("2026-11-21"), (name,), ("person",))
    found = measure("visits", select(place.ours, window, NOW), ["bucket"], "day").rows
    ours = {local(int(t))[:10]: n for t, n in zip(found["bucket"], found["value"], strict=True)}
    told = place.reference.execute(
        "SELECT day, count(*) FROM days JOIN seen ON seen.a < days.b AND seen.b >= days.a"
        " WHERE source = ? AND label = 'person' GROUP BY day",
        (name,),
    ).fetchall()
    assert {day: n for day, n in ours.items() if n > 0} == dict(told)


def test_both_tellings_have_the_same_stays(place: Databases) -> None:
    yesterday = Filter(at("2026-11-19"), at("2026-11-20"), ("Warehouse",), ("person",))
    found = measure("stay_mean", select(place.ours, yesterday, NOW))
    (told,) = place.reference.execute(
        "SELECT avg(stay) FROM seen WHERE source = 'Warehouse' AND label = 'person'"
        " AND a >= '2026-11-19' AND a < '2026-11-20'"
    ).fetchone()
    assert found.value == pytest.approx(told)


# the judge


def question(compare: str, *words: str) -> Question:
    return Question("1", "", "", compare, words=words)


def test_a_number_is_right_or_silently_wrong() -> None:
    gold = [[(366,)], [(365,)]]
    assert judge(question("scalar"), gold, Answer("", "ok", "", 365)) == "right"
    assert judge(question("scalar"), gold, Answer("", "ok", "", 364)) == "wrong"
    assert judge(question("scalar"), gold, Answer("", "ok", "", None)) == "wrong"
    assert judge(question("scalar"), gold, Answer("", "not_understood", "")) == "refused"
    assert judge(question("scalar"), gold, Answer("", "failed", "")) == "failed"


def test_a_refusal_names_the_word() -> None:
    women = question("refuse", "women")
    told = Answer("", "not_understood", "", unread=("women",))
    assert judge(women, [], told) == "right"
    assert judge(women, [], Answer("", "not_understood", "", unread=("in",))) == "refused"
    assert judge(women, [], Answer("", "ok", "", 5)) == "wrong"
    assert judge(women, [], Answer("", "no_data", "")) == "wrong"


def test_nothing_recorded_is_not_the_same_as_recorded_and_zero() -> None:
    zero, nothing = Answer("", "zero", "", 0), Answer("", "no_data", "")
    assert judge(question("zero"), [[(0,)]], zero) == "right"
    assert judge(question("zero"), [[(0,)]], nothing) == "wrong"
    assert judge(question("no_data"), [], nothing) == "right"
    assert judge(question("no_data"), [], zero) == "wrong"


def test_a_moment_is_compared_with_a_local_time() -> None:
    gold = [[("2026-11-20 19:44:58",)]]
    moment = at("2026-11-20T19:44:58")
    assert judge(question("time"), gold, Answer("", "ok", "", moment)) == "right"
    assert judge(question("time"), gold, Answer("", "ok", "", moment + 3_600_000)) == "wrong"


def test_whether_it_was_empty_is_not_whether_anyone_was_there() -> None:
    three, yes = [[(3,)]], Answer("", "ok", "", "yes")
    assert judge(question("bool"), three, yes) == "right"
    assert judge(question("bool_not"), three, yes) == "wrong"
    for number, verdict in ((3, "right"), (12, "wrong")):  # of something else
        row = replace(yes, columns=(Column("visits", "", "number"),), rows=((number,),))
        assert judge(question("bool"), three, row) == verdict


def grouped(*rows: tuple[object, ...], by: str = "source") -> Answer:
    columns = (Column(by, ""), Column("value", "", "number"), Column("watched", "", "share"))
    return Answer("", "ok", "", None, columns, tuple((*row, 1.0) for row in rows))


def test_the_first_of_an_order_may_be_any_that_is_level_with_it() -> None:
    gold = [[("Entrance", 5), ("Gate", 5), ("Yard", 4)]]
    assert judge(question("top1"), gold, grouped(("Gate", 5))) == "right"
    assert judge(question("top1"), gold, grouped(("Yard", 4))) == "wrong"
    assert judge(question("top1"), gold, grouped(("Gate", 4))) == "wrong"


def test_hours_and_days_are_compared_by_the_local_clock() -> None:
    nine = at("2026-11-20T09:00:00")
    answer = grouped((nine, 47), by="bucket")
    assert judge(question("top1"), [[(9, 47)]], answer) == "right"
    assert judge(question("top1"), [[("2026-11-20", 47)]], answer) == "right"
    assert judge(question("top1"), [[("2026-11-20 09", 47)]], answer) == "right"
    assert judge(question("top1"), [[(8, 47)]], answer) == "wrong"
    assert judge(question("top1"), [[("Fri", 47)]], grouped((4, 47), by="weekday")) == "right"


def test_groups_are_compared_one_by_one_and_zeros_may_be_missing() -> None:
    gold = [[("Entrance", 5), ("Gate", 0)]]
    assert judge(question("rows"), gold, grouped(("Entrance", 5))) == "right"
    assert judge(question("rows"), gold, grouped(("Entrance", 5), ("Yard", 1))) == "wrong"
    assert judge(question("rows"), [[("Entrance",)]], grouped(("Entrance", 5))) == "right"
    assert judge(question("rows"), [[("Entrance",), ("Gate",)]], grouped(("Gate", 5))) == "wrong"


def test_of_a_comparison_the_values_are_compared() -> None:
    gold = [[(5,), (7,)]]
    assert judge(question("values"), gold, grouped(("today", 7), ("yesterday", 5))) == "right"
    assert judge(question("values"), gold, grouped(("today", 7), ("yesterday", 6))) == "wrong"
    assert judge(question("values"), gold, Answer("", "ok", "", [7, 5])) == "right"


def test_of_a_list_one_column_has_the_values() -> None:
    answer = grouped(("Entrance", 300.0), ("Entrance", 120.0))
    assert judge(question("list"), [[(1, 120.0), (2, 300.0)]], answer) == "right"
    assert judge(question("list"), [[(1, 120.0)]], answer) == "wrong"


# what is asked of it


def test_a_question_goes_on_from_the_one_before_where_that_was_understood(
    place: Databases,
) -> None:
    count = "SELECT count(*) FROM seen WHERE label = 'person' AND date(a) = "
    asked = ask_all(
        "by hand",
        [
            Question("1", "How many people today?", "", "scalar", (f"{count}'2026-11-20'",)),
            Question("2", "And yesterday?", "", "scalar", (f"{count}'2026-11-19'",), follows="1"),
            Question("3", "How many women today?", "", "refuse", words=("women",)),
            Question("4", "And yesterday?", "", "scalar", (f"{count}'2026-11-19'",), follows="3"),
        ],
        place,
    )
    assert [each.verdict for each in asked] == ["right", "right", "right", "refused"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "share"), [("shared bank", 0.97), *((name, 0.8) for name in PARTS)]
)
def test_the_built_in_parser_answers_rightly_or_refuses(
    place: Databases, shared: Path, part: str, share: float
) -> None:
    questions = half(part) if part in PARTS else shared_bank(shared / "questions.jsonl")
    asked = ask_all(part, questions, place)
    bad = [
        (each.question.text, each.answer.reading)
        for each in asked
        if each.verdict in ("wrong", "failed")
    ]
    assert bad == []
    assert sum(each.verdict == "right" for each in asked) / len(asked) >= share
