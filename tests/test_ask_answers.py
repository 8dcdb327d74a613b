"""A plan becomes an answer: the number that the record holds, how sure it is, what is behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pytest

from tests.shops import BERLIN, DAY, a_shop, at
from tests.worlds import HOSTILE, a_hostile_one, a_weekend, an_empty_one, ms
from tracking.ask.answer import Answer, Reading
from tracking.ask.answering.answering import answer_plan, answer_unread
from tracking.ask.asking import ask
from tracking.ask.charting import chart_of
from tracking.ask.figures import check
from tracking.ask.plain import plain_answer
from tracking.ask.plan import Plan, Span
from tracking.ask.reading import Read, Unread
from tracking.ask.saying import objects, plural, say_plan, say_window
from tracking.database import open_database, open_readonly
from tracking.metrics import METRICS

NOON = at("12:00")
TODAY = Span(at("00:00"), at("00:00") + DAY, "today")
YESTERDAY = Span(TODAY.since - DAY, TODAY.since, "yesterday")
NINE = Span(at("09:00"), at("10:00"), "today between 9 and 10")
PEOPLE = Plan("visits", TODAY, BERLIN, labels=("person",))
ENTRANCE = replace(PEOPLE, sources=("Entrance",))
WAREHOUSE = replace(PEOPLE, sources=("Warehouse",))
BY_HOUR: dict[str, Any] = {"shape": "rows", "by": ("bucket",), "bucket": "hour"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = a_shop(tmp_path_factory.mktemp("shop") / "people.db")
    with closing(open_readonly(path)) as connection:
        yield connection


def asked(connection: sqlite3.Connection, plan: Plan, **changes: Any) -> Answer:
    return answer_plan(connection, replace(plan, **changes), NOON, "?")


# one number


def test_visits_are_counted_and_their_tracks_stand_beside_them(shop: sqlite3.Connection) -> None:
    found = asked(shop, ENTRANCE, span=NINE)
    assert (found.value, found.status) == (3, "ok")
    assert found.answer == "3 visits (4 tracks) of people at Entrance, today between 9 and 10."
    assert found.rows == ((3, 4),)
    assert set(found.evidence.tracks) == {2, 3, 4, 5}
    assert found.evidence.total == 4
    assert found.metric is not None and found.metric.name == "visits"
    assert found.coverage is not None
    assert found.coverage.share == 1
    assert found.timezone == BERLIN


def test_one_of_something_is_in_the_singular(shop: sqlite3.Connection) -> None:
    found = asked(shop, ENTRANCE, labels=("bicycle",), span=replace(NINE, until=at("11:00")))
    assert found.answer.startswith("1 visit (1 track) of bicycles")


def test_what_was_not_watched_is_said_with_the_number(shop: sqlite3.Connection) -> None:
    whole = Span(at("08:00"), at("12:00"), "this morning")
    assert "atched" not in asked(shop, ENTRANCE, span=whole).answer
    found = asked(shop, WAREHOUSE, span=whole)
    assert found.value == 2
    assert found.answer.endswith("Watched 75 % of the time (down 1 h): the number can be too low.")


def test_three_kinds_of_nothing_are_told_apart(shop: sqlite3.Connection) -> None:
    morning = Span(at("08:00"), at("12:00"), "this morning")
    none = asked(shop, WAREHOUSE, labels=("bicycle",), span=morning)
    assert (none.value, none.status) == (0, "zero")
    assert none.answer.startswith("None: no visits of bicycles at Warehouse, this morning.")
    unwatched = asked(shop, WAREHOUSE, span=Span(at("10:00"), at("11:00"), "from 10 to 11"))
    assert (unwatched.value, unwatched.status) == (None, "no_data")
    assert "Nothing was recorded at Warehouse, from 10 to 11 (down 1 h)" in unwatched.answer
    unknown = asked(shop, PEOPLE, sources=("Cellar",))
    assert (unknown.value, unknown.status) == (None, "failed")
    assert "no source Cellar; there are Entrance and Warehouse" in unknown.answer


def test_what_is_still_to_come_is_no_zero(shop: sqlite3.Connection) -> None:
    tomorrow = Span(TODAY.until, TODAY.until + DAY, "tomorrow")
    found = asked(shop, PEOPLE, span=tomorrow)
    assert (found.value, found.status) == (None, "no_data")
    assert "still to come" in found.answer


def test_a_window_of_no_length_cannot_be_computed(shop: sqlite3.Connection) -> None:
    found = asked(shop, PEOPLE, span=Span(5, 5, "never"))
    assert found.status == "failed"
    assert "The window never ends as it begins" in found.answer


@pytest.mark.parametrize(
    "plan",
    [
        replace(PEOPLE, timezone="Mars/Base"),
        replace(PEOPLE, span=Span(-5, 10**18)),
        replace(PEOPLE, metric="visitors"),
        replace(PEOPLE, by=("colour",), shape="rows"),
        replace(PEOPLE, relation="compare"),
        replace(PEOPLE, zones=("Storage",), lines=("Front door",)),
        replace(PEOPLE, span=Span(1, 10**12), shape="rows", by=("bucket",), bucket="minute"),
        replace(PEOPLE, span=Span(1, 2 * 10**12), shape="rows", by=("bucket",), bucket="hour"),
    ],
)
def test_a_plan_that_makes_no_sense_fails_with_a_reason(
    shop: sqlite3.Connection, plan: Plan
) -> None:
    found = answer_plan(shop, plan, NOON, "?")
    assert (found.status, found.value) == ("failed", None)
    assert found.answer.startswith("This could not be computed: ")
    assert plain_answer(found)["status"] == "failed"


def test_an_unseen_label_is_a_zero_that_says_which_labels_there_are(
    shop: sqlite3.Connection,
) -> None:
    found = asked(shop, ENTRANCE, labels=("forklift",))
    assert (found.value, found.status) == (0, "zero")
    assert "No track ever had the label forklift: the labels are bicycle and person." in found.notes


def test_whether_there_was_anybody_and_whether_it_was_empty(shop: sqlite3.Connection) -> None:
    watched = Span(at("11:00"), at("12:00"), "from 11 to 12")
    expected = {
        ("yes", "Warehouse"): ("yes", "Yes: 1 visit"),
        ("yes", "Entrance"): ("no", "No: no visits of people at Entrance"),
        ("empty", "Warehouse"): ("no", "No: 1 visit"),
        ("empty", "Entrance"): ("yes", "Yes: no visits of people at Entrance"),
    }
    for (shape, source), (value, text) in expected.items():
        found = asked(shop, PEOPLE, shape=shape, sources=(source,), span=watched)
        assert found.value == value
        assert found.answer.startswith(text)
    unwatched = Span(at("10:00"), at("11:00"), "from 10 to 11")
    for shape in ("yes", "empty"):
        found = asked(shop, WAREHOUSE, shape=shape, span=unwatched)
        assert (found.value, found.status) == (None, "no_data")


def test_lengths_of_time_and_means_are_told_in_words(shop: sqlite3.Connection) -> None:
    found = asked(shop, ENTRANCE, metric="stay_max")
    assert found.value == 600
    assert "10 min" in found.answer  # both tracks of one visit
    assert asked(shop, ENTRANCE, metric="occupancy_max").answer.count("1 at once")
    nobody = asked(shop, WAREHOUSE, metric="stay_mean", labels=("bicycle",))
    assert (nobody.value, nobody.status) == (None, "zero")
    assert "There is no mean stay" in nobody.answer


def test_when_somebody_was_last_seen_is_a_moment_and_a_place(shop: sqlite3.Connection) -> None:
    found = asked(shop, PEOPLE, metric="last_seen")
    assert found.value == at("11:30")
    assert "11:30 at Warehouse" in found.answer
    assert found.evidence.tracks == (8,)
    earlier = asked(shop, PEOPLE, metric="first_seen", span=YESTERDAY)
    assert earlier.value == at("09:00") - DAY
    assert "Thu 19 Nov 2026, 09:00" in earlier.answer


# zones and lines


def test_in_a_zone_a_stay_counts(shop: sqlite3.Connection) -> None:
    storage = replace(PEOPLE, zones=("Storage",))
    assert asked(shop, storage).value == 1
    assert asked(shop, storage, metric="arrivals").value == 2
    assert asked(shop, storage, metric="stay_mean").value == 120
    assert asked(shop, storage).evidence.tracks == (7,)
    assert "in Storage" in asked(shop, storage).answer
    longer = asked(shop, storage, metric="arrivals", least=120.0)
    assert (longer.value, "at least 2 min" in longer.answer) == (1, True)


def test_over_a_line_crossings_count_by_direction(shop: sqlite3.Connection) -> None:
    door = replace(PEOPLE, metric="crossings", lines=("Front door",))
    assert asked(shop, door, directions=("in",)).value == 4
    found = asked(shop, door, directions=("out",))
    assert found.answer.startswith("2 crossings of people over Front door (out), today.")
    assert set(found.evidence.tracks) == {2, 5}
    assert asked(shop, door, metric="net").value == 2


def test_places_that_are_not_there_are_named(shop: sqlite3.Connection) -> None:
    for changes, named in (
        ({"zones": ("Attic",)}, "no zone Attic; there are Loading dock and Storage"),
        ({"zones": ("Storage",), "sources": ("Entrance",)}, "no zone Storage at Entrance"),
        ({"lines": ("Gate",)}, "no line Gate; there is Front door"),
        ({"metric": "crossings", "sources": ("Warehouse",)}, "No line is drawn at Warehouse"),
        ({"metric": "crossings", "directions": ("up",)}, "no direction up"),
    ):
        found = asked(shop, PEOPLE, **changes)
        assert found.status == "failed"
        assert named in found.answer, found.answer


# groups


def test_the_busiest_hour_is_named_and_its_tracks_are_the_evidence(
    shop: sqlite3.Connection,
) -> None:
    hours = replace(PEOPLE, shape="rows", by=("bucket",), bucket="hour", order="most", limit=1)
    found = asked(shop, hours)
    assert found.value == "09:00 to 10:00"
    assert found.rows[0][:2] == (at("09:00"), 4)
    assert found.answer.startswith("Most visits of people, today: 09:00 to 10:00, with 4 visits.")
    assert set(found.evidence.tracks) == {2, 3, 4, 5, 7}
    assert "Thu 19 Nov 2026, 09:00 to 10:00" in asked(shop, hours, span=YESTERDAY).answer


def test_all_that_are_level_are_named(shop: sqlite3.Connection) -> None:
    found = asked(
        shop, WAREHOUSE, shape="rows", by=("bucket",), bucket="hour", order="most", limit=1
    )
    assert found.value == ["09:00 to 10:00", "11:00 to 12:00"]
    assert "09:00 to 10:00 and 11:00 to 12:00, with 1 visit each" in found.answer
    assert len(found.rows) == 2


def test_the_quietest_hour_is_one_that_was_watched(shop: sqlite3.Connection) -> None:
    found = asked(
        shop, WAREHOUSE, shape="rows", by=("bucket",), bucket="hour", order="least", limit=1
    )
    assert found.value == "08:00 to 09:00"
    assert found.status == "ok"
    assert any("were not watched: these are not zero" in note for note in found.notes)


def test_an_hour_that_is_not_over_is_said_to_be_that(shop: sqlite3.Connection) -> None:
    plan = replace(ENTRANCE, shape="rows", by=("bucket",), bucket="hour", order="least", limit=9)
    found = answer_plan(shop, plan, at("09:20"), "?")
    assert "09:00 to 10:00 is not over yet." in found.notes
    assert max(row[0] for row in found.rows) == at("09:00")  # nothing of the future


def test_where_nobody_was_no_hour_is_the_busiest(shop: sqlite3.Connection) -> None:
    found = asked(shop, WAREHOUSE, labels=("bicycle",), shape="rows", by=("bucket",), bucket="hour",
                  order="most", limit=1)  # fmt: skip
    assert (found.value, found.status) == (None, "zero")


def test_each_group_has_a_row_and_the_whole_is_told(shop: sqlite3.Connection) -> None:
    found = asked(shop, PEOPLE, shape="rows", by=("source",))
    assert [row[:2] for row in found.rows] == [("Entrance", 4), ("Warehouse", 2)]
    assert found.value == [4, 2]
    assert "Entrance 4 visits; Warehouse 2 visits. In all 6 visits (7 tracks)." in found.answer
    assert [column.name for column in found.columns] == ["source", "visits", "watched"]


def test_a_label_that_was_named_has_a_row_though_it_never_came(shop: sqlite3.Connection) -> None:
    found = asked(shop, ENTRANCE, labels=("person", "forklift"), shape="rows", by=("label",))
    assert [row[:2] for row in found.rows] == [("person", 4), ("forklift", 0)]


def test_zones_are_ranked(shop: sqlite3.Connection) -> None:
    found = asked(
        shop, PEOPLE, metric="arrivals", shape="rows", by=("zone",), order="most", limit=1
    )
    assert found.value == "Storage"


@pytest.mark.parametrize(
    ("by", "tracks"),
    [
        ("source", {1, 2, 3, 4, 5}),
        ("zone", {7}),
        ("line", {1, 2, 3, 4, 5}),
        ("direction", {1, 2, 3, 4}),
        ("hour", {2, 3, 4, 5, 7}),
        ("weekday", {1, 2, 3, 4, 5, 7, 8}),
    ],
)
def test_the_evidence_is_that_of_the_first_group(
    shop: sqlite3.Connection, by: str, tracks: set[int]
) -> None:
    metric = {"zone": "arrivals", "line": "crossings", "direction": "crossings"}.get(by, "visits")
    plan = replace(PEOPLE, metric=metric, shape="rows", by=(by,), order="most", limit=1)
    found = asked(shop, plan)
    assert found.status == "ok"
    assert set(found.evidence.tracks) == tracks
    assert found.evidence.total == len(tracks)


def test_the_first_few_and_those_level_with_the_last_are_shown(shop: sqlite3.Connection) -> None:
    found = asked(shop, PEOPLE, shape="rows", by=("bucket",), bucket="hour", order="most", limit=2)
    assert [row[1] for row in found.rows] == [4, 1, 1]
    assert "2 are level in the last place, so all of these are shown." in found.notes


def test_a_mean_is_of_what_has_passed_and_was_watched(shop: sqlite3.Connection) -> None:
    plan = replace(ENTRANCE, shape="rows", by=("bucket",), bucket="hour", fold="mean")
    found = asked(shop, plan)
    assert found.value == 1  # 1, 3, 0 and 0 in the four hours from 8 to 12
    assert "per hour on average, today (the mean of 4 hours)" in found.answer
    assert found.notes == ("Left out of the mean: 8 in which nothing was watched.",)
    running = answer_plan(shop, plan, at("09:59"), "?")
    assert running.value == 1
    assert "1 that is not over yet" in running.notes[0]


def test_a_mean_for_each_source_has_a_row_for_each(shop: sqlite3.Connection) -> None:
    found = asked(shop, PEOPLE, shape="rows", by=("bucket", "source"), bucket="hour", fold="mean")
    assert found.rows[0][:2] == ("Entrance", 1)
    assert found.rows[1][0] == "Warehouse"
    assert found.value == [1, pytest.approx(2 / 3)]


# tracks one by one


def test_the_longest_stay_is_that_of_a_visit_whose_tracks_were_joined(
    shop: sqlite3.Connection,
) -> None:
    found = asked(shop, ENTRANCE, shape="list", metric="stay", order="most", limit=1)
    assert found.value == [4]
    ((id, source, label, first, last, stay, tracks, _),) = found.rows
    assert (id, source, label) == (4, "Entrance", "person")
    assert (first, last, stay, tracks) == (at("09:40"), at("09:50"), 600, 2)
    assert "track 4 (person at Entrance), 10 min, 09:40 to 09:50" in found.answer
    assert "There were 4 visits of people at Entrance, today, in all." in found.answer
    assert set(found.evidence.tracks) == {4, 5}


def test_the_total_is_of_all_and_not_of_those_that_are_shown(shop: sqlite3.Connection) -> None:
    found = asked(shop, PEOPLE, shape="list", metric="last_seen", order="most", limit=2)
    assert found.value == [8, 4]
    assert "6 visits" in found.answer
    shortest = asked(shop, ENTRANCE, shape="list", metric="stay", order="least", limit=1)
    assert shortest.value == [3]


def test_in_a_zone_each_stay_is_a_row(shop: sqlite3.Connection) -> None:
    found = asked(shop, PEOPLE, zones=("Storage",), shape="list", metric="stay", order="most")
    assert [row[-3] for row in found.rows] == [180, 60]
    assert [row[3] for row in found.rows] == ["Storage", "Storage"]
    assert [column.title for column in found.columns[4:6]] == ["Entered", "Left"]


def test_a_list_of_nobody_says_so(shop: sqlite3.Connection) -> None:
    found = asked(shop, WAREHOUSE, labels=("bicycle",), shape="list", metric="stay", order="most")
    assert (found.value, found.status, found.rows) == (None, "zero", ())


# what is known


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("sources", ["Entrance", "Warehouse"]),
        ("labels", ["bicycle", "person"]),
        ("zones", ["Loading dock", "Storage"]),
        ("lines", ["Front door"]),
    ],
)
def test_the_record_says_what_it_knows(
    shop: sqlite3.Connection, what: str, names: list[str]
) -> None:
    found = asked(shop, Plan(what, TODAY, BERLIN, shape="known"))
    assert (found.value, found.status) == (names, "ok")
    assert all(name in found.answer for name in names)
    assert [row[0] for row in found.rows] == names
    assert [row[0] for row in shop.execute(found.sql)] == names


# two beside each other


def test_two_windows_are_compared(shop: sqlite3.Connection) -> None:
    found = asked(shop, ENTRANCE, relation="compare", against=replace(ENTRANCE, span=YESTERDAY))
    assert (found.value, found.status) == ([4, 2], "ok")
    assert "4 (5 tracks) today, 2 (2 tracks) yesterday: 2 more (100 %)" in found.answer
    assert [row[:2] for row in found.rows] == [("today", 4), ("yesterday", 2)]
    assert tuple(shop.execute(found.sql).fetchone()) == (4, 2)
    (same,) = found.others
    assert "yesterday up to the same time" in same.words
    assert same.plan.against is not None
    assert same.plan.against.span.until == NOON - DAY


def test_sides_that_were_not_watched_alike_are_compared_with_a_warning(
    shop: sqlite3.Connection,
) -> None:
    morning = replace(ENTRANCE, span=Span(at("08:00"), at("12:00"), "this morning"))
    other = replace(morning, sources=("Warehouse",))
    found = asked(shop, morning, relation="compare", against=other)
    assert found.value == [4, 2]
    assert "not watched alike: 100 % of the time at Entrance and 75 % at Warehouse" in found.answer


def test_with_what_was_not_recorded_nothing_is_compared(shop: sqlite3.Connection) -> None:
    before = replace(ENTRANCE, span=Span(1, DAY, "long ago"))
    found = asked(shop, ENTRANCE, relation="compare", against=before)
    assert (found.value, found.status) == ([4, None], "no_data")
    assert "Nothing was recorded at Entrance, long ago" in found.answer
    assert "more" not in found.answer


def test_groups_are_compared_one_by_one(shop: sqlite3.Connection) -> None:
    plan = replace(PEOPLE, shape="rows", by=("source",))
    found = asked(shop, plan, relation="compare", against=replace(plan, span=YESTERDAY))
    assert found.rows == (("Entrance", 4, 2), ("Warehouse", 2, 0))
    assert [column.title for column in found.columns] == ["Source", "today", "yesterday"]


def test_a_share_is_told_with_both_numbers(shop: sqlite3.Connection) -> None:
    part = replace(PEOPLE, zones=("Storage",))
    found = asked(shop, part, relation="share", against=WAREHOUSE)
    assert found.value == 0.5
    assert found.answer.startswith(
        "50 %: 1 visit (1 track) of people in Storage out of 2 visits (2 tracks) of people at"
        " Warehouse, today."
    )
    assert found.rows == ((1, 2, 0.5),)
    nobody = replace(WAREHOUSE, labels=("bicycle",))
    empty = asked(shop, nobody, relation="share", against=nobody)
    assert (empty.value, empty.status) == (None, "zero")


# what all have


def plans() -> list[Plan]:
    """Plans of every shape."""
    rows = replace(PEOPLE, shape="rows")
    return [
        PEOPLE,
        *(replace(PEOPLE, metric=name) for name in METRICS),
        replace(PEOPLE, shape="yes"),
        *(replace(rows, by=(each,)) for each in ("source", "label", "hour", "weekday")),
        replace(rows, by=("bucket",), bucket="hour"),
        replace(rows, by=("bucket",), bucket="hour", order="most", limit=1),
        replace(rows, by=("bucket", "source"), bucket="day"),
        replace(rows, by=("weekday", "hour")),
        replace(rows, by=("bucket",), bucket="hour", fold="mean"),
        replace(rows, by=("source",), metric="last_seen"),
        *(replace(PEOPLE, shape="list", metric=name, order="most", limit=3)
          for name in ("stay", "first_seen", "last_seen", "confidence")),
        *(Plan(name, TODAY, BERLIN, shape="known")
          for name in ("sources", "labels", "zones", "lines", "metrics")),
        replace(PEOPLE, relation="compare", against=replace(PEOPLE, span=YESTERDAY)),
        replace(PEOPLE, relation="share", against=replace(PEOPLE, labels=())),
        replace(PEOPLE, relation="compare", metric="stay_mean",
                against=replace(PEOPLE, metric="stay_mean", labels=("bicycle",))),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(len(plans())))
def test_every_figure_that_is_told_stands_in_the_answer(
    shop: sqlite3.Connection, number: int
) -> None:
    found = asked(shop, plans()[number])
    assert found.reading is not None
    assert found.status in ("ok", "zero"), found.answer
    watched = [] if found.coverage is None else [[found.coverage.share, *astuple(found.coverage)]]
    whole = [found.value] if isinstance(found.value, int | float) else []
    totals = [[*whole, *map(float, counted(shop, found))]]
    missing = check(found.answer, [found.rows, watched, totals], found.reading.words, BERLIN)
    assert missing == [], found.answer


def counted(connection: sqlite3.Connection, found: Answer) -> list[float]:
    """What the answer's SQL gives, and how many tracks there are."""
    if not found.sql:
        return []
    row = connection.execute(found.sql).fetchone()
    numbers = [value for value in row or () if isinstance(value, int | float)]
    known = sum(row[-2] is not None for row in found.rows if len(row) > 1)
    return [*numbers, found.evidence.total, known, known * 3600, 7, 6]


@pytest.mark.parametrize("name", METRICS)
def test_the_sql_of_a_number_gives_that_number(shop: sqlite3.Connection, name: str) -> None:
    found = asked(shop, PEOPLE, metric=name)
    (value,) = shop.execute(found.sql).fetchone()
    assert value == pytest.approx(found.value)


@pytest.mark.parametrize("number", range(len(plans())))
def test_no_plan_breaks_an_empty_database_or_one_of_odd_names(number: int, tmp_path: Path) -> None:
    plan = plans()[number]
    with closing(open_readonly(an_empty_one(tmp_path / "empty.db"))) as connection:
        found = answer_plan(connection, plan, NOON, "?")
        assert found.status in ("no_data", "failed", "ok")
        assert found.answer
        plain_answer(found)
        assert chart_of(found) is None or plan.metric == "metrics"


def test_hostile_names_are_shown_and_change_nothing(tmp_path: Path) -> None:
    path = a_hostile_one(tmp_path / "people.db")
    span = Span(ms("2026-03-28T00:00:00+01:00"), ms("2026-03-29T00:00:00+01:00"), "that day")
    with closing(open_readonly(path)) as connection:
        for name in HOSTILE:
            plan = Plan("visits", span, BERLIN, sources=(name,), labels=(name,))
            found = answer_plan(connection, plan, span.until, "?")
            assert (found.value, found.status) == (1, "ok")
            assert connection.execute(found.sql).fetchone() == (1,)
        by = Plan("visits", span, BERLIN, shape="rows", by=("source", "label"))
        found = answer_plan(connection, by, span.until, "?")
        assert {row[:2] for row in found.rows if row[2]} == {(name, name) for name in HOSTILE}
        figure = chart_of(found)
        assert figure is not None
        assert "<script>" not in str(figure.figure.to_json()).replace("\\u003c", "<")


def test_sources_in_several_zones_are_told_in_the_zone_of_the_plan(tmp_path: Path) -> None:
    now = ms("2026-03-29T20:00:00+02:00")
    sunday = Span(ms("2026-03-29T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"), "Sunday")
    plan = Plan("visits", sunday, BERLIN, "rows", labels=("person",), by=("bucket",),
                bucket="hour", order="most", limit=1)  # fmt: skip
    with closing(open_readonly(a_weekend(tmp_path / "people.db"))) as connection:
        found = answer_plan(connection, plan, now, "?")
        assert found.value == "05:00 to 06:00"  # nine to half past in Kolkata
        assert found.rows[0][0] == ms("2026-03-29T05:00:00+02:00")
        assert "Times are those of Europe/Berlin." in found.notes
        hours = replace(plan, by=("hour",), bucket="")
        assert answer_plan(connection, hours, now, "?").value == "09:00 to 10:00"


def test_a_long_evidence_is_cut_but_counted(tmp_path: Path) -> None:
    path = a_shop(tmp_path / "people.db")
    with closing(open_database(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO people_tracks VALUES (?, 0, 0, ?, 'person', ?, ?, 1, 0.9, NULL)",
            ((n, n, at("09:00"), at("09:01")) for n in range(1000, 1700)),
        )
    with closing(open_readonly(path)) as connection:
        found = asked(connection, ENTRANCE, span=NINE)
        assert found.value == 703
        assert (len(found.evidence.tracks), found.evidence.total) == (500, 704)
        listed = asked(connection, ENTRANCE, span=NINE, shape="list", metric="stay", order="most")
        assert len(listed.rows) == 500
        assert "There were 703 visits" in listed.answer


# how it was read


def test_what_was_corrected_and_assumed_is_told(shop: sqlite3.Connection) -> None:
    other = replace(ENTRANCE, span=YESTERDAY)
    read = Read(
        Reading("", ENTRANCE),
        (Reading("", other),),
        (("entarnce", "Entrance"),),
        ("today, as no time was named",),
    )
    found = answer_plan(shop, ENTRANCE, NOON, "how many ppl at entarnce", read)
    assert found.notes[:2] == ("I took “entarnce” for Entrance.", "Today, as no time was named.")
    assert found.reading == Reading(say_plan(ENTRANCE), ENTRANCE)
    assert found.others == (Reading(say_plan(other), other),)
    assert found.question == "how many ppl at entarnce"


def test_a_question_that_was_not_read_names_its_words() -> None:
    found = answer_unread(
        "how many women", Unread(("women",), "That is not known.", ("how many people",))
    )
    assert found.status == "not_understood"
    assert "“women”" in found.answer
    assert found.unread == ("women",)
    assert found.suggestions == ("how many people",)
    assert found.value is None


# in words


def test_a_plan_is_said_whole() -> None:
    assert say_plan(replace(ENTRANCE, span=NINE)) == (
        "Visits of people at Entrance, today between 9 and 10"
        " (Fri 20 Nov 2026, 09:00 to 10:00, Europe/Berlin)"
    )
    narrow = replace(
        PEOPLE, metric="stay_mean", zones=("Storage",), hours=(22, 23, 0, 1),
        weekdays=(0, 1, 2, 3, 4), least=120.0, shape="rows", by=("source",), order="most", limit=3,
    )  # fmt: skip
    for words in (
        "Mean stay of people in Storage", "at least 2 min", "Mondays to Fridays",
        "22:00 to 02:00 of the day", "by source, only the highest 3",
    ):  # fmt: skip
        assert words in say_plan(narrow)


@pytest.mark.parametrize("field", ["sources", "labels", "zones", "lines", "directions"])
def test_no_name_that_a_plan_holds_is_left_out_of_its_words(field: str) -> None:
    plan = replace(PEOPLE, metric="crossings", **{field: ("Attic", "x'; DROP TABLE positions")})
    assert "Attic" in say_plan(plan)
    assert "“x'; DROP TABLE positions”" in say_plan(plan)


def test_several_of_a_label_are_in_the_plural() -> None:
    told = {
        "person": "people", "bus": "buses", "bicycle": "bicycles", "sheep": "sheep",
        "wine glass": "wine glasses", "puppy": "puppies", "knife": "knives", "couch": "couches",
        "X-7": "X-7",
    }  # fmt: skip
    assert {label: plural(label) for label in told} == told
    assert objects(("person", "bicycle")) == "people or bicycles"
    assert (objects(()), objects((), 1)) == ("objects", "object")


def test_windows_are_said_with_their_days() -> None:
    assert say_window(TODAY, BERLIN) == "today (Fri 20 Nov 2026, Europe/Berlin)"
    week = Span(TODAY.since - 6 * DAY, TODAY.until)
    assert say_window(week, BERLIN) == "Sat 14 Nov 2026 to Fri 20 Nov 2026, Europe/Berlin"
    change = Span(ms("2026-03-29T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"), "Sunday")
    assert say_window(change, BERLIN) == "Sunday (Sun 29 Mar 2026, Europe/Berlin)"  # of 23 hours


# as a figure


def test_the_chart_fits_the_answer(shop: sqlite3.Connection) -> None:
    rows = replace(PEOPLE, shape="rows")
    for plan, kind, trace in (
        (replace(rows, by=("source",)), "bar", "bar"),
        (replace(rows, by=("bucket",), bucket="hour"), "line", "scatter"),
        (replace(rows, by=("bucket",), bucket="hour", chart="bar"), "bar", "bar"),
        (replace(rows, by=("hour",)), "bar", "bar"),
        (replace(rows, by=("weekday", "hour")), "heat", "heatmap"),
        (
            replace(ENTRANCE, relation="compare", against=replace(ENTRANCE, span=YESTERDAY)),
            "bar",
            "bar",
        ),
    ):
        found = asked(shop, plan)
        chart = chart_of(found)
        assert chart is not None
        assert (found.chart, chart.figure.data[0].type) == (kind, trace)
    for plan in (PEOPLE, replace(PEOPLE, shape="list", metric="stay")):
        assert chart_of(asked(shop, plan)) is None
    assert chart_of(asked(shop, rows, by=("source",), chart="none")) is None


def test_a_chart_shows_the_rows_and_hatches_what_was_not_watched(shop: sqlite3.Connection) -> None:
    chart = chart_of(asked(shop, WAREHOUSE, shape="rows", by=("bucket",), bucket="hour"))
    assert chart is not None
    line, gaps = chart.figure.data
    known = [value for value in line.y if value == value]
    assert known == [0, 1, 1]
    assert (gaps.name, len(gaps.x)) == ("not watched", 9)


def test_many_groups_begin_with_the_highest(shop: sqlite3.Connection) -> None:
    found = asked(shop, PEOPLE, **BY_HOUR)
    assert len(found.rows) > 6
    assert found.answer.startswith("The highest: ")
    assert f"by hour ({len(found.rows)} rows)" in found.answer


def test_weekdays_that_come_more_often_are_told(shop: sqlite3.Connection) -> None:
    by_weekday: dict[str, Any] = {"shape": "rows", "by": ("weekday",)}
    uneven = Span(TODAY.since - 7 * DAY, TODAY.until, "the last 8 days")
    notes = asked(shop, PEOPLE, span=uneven, **by_weekday).notes
    assert any("2 times" in note and "what comes more often has more" in note for note in notes)
    even = Span(TODAY.since - 14 * DAY, TODAY.since, "two weeks")
    notes = asked(shop, PEOPLE, span=even, **by_weekday).notes
    assert not any("more often" in note for note in notes)


# speeds and shares of a time


def test_a_speed_is_told_in_kilometres_an_hour_too(tmp_path: Path) -> None:
    question = "how fast do people walk at the entrance today?"
    path = a_shop(tmp_path / "people.db")
    with closing(open_database(path)) as connection:
        found = ask(connection, question, now=NOON, keep=False)
        assert (found.status, found.value) == ("ok", 0.9)
        assert "today: 0.90 metres a second (3.2 km/h)." in found.answer
        assert found.rows == ((0.9, 3.2),)
        connection.execute("DELETE FROM grounds")
        refused = ask(connection, question, now=NOON, keep=False)
    assert refused.status == "not_understood"
    assert "only of sources with a ground plane" in refused.answer


def test_how_long_was_watched_is_told_with_its_share(shop: sqlite3.Connection) -> None:
    morning = Span(at("08:00"), at("12:00"), "this morning")
    found = asked(shop, WAREHOUSE, metric="observed", labels=(), span=morning)
    assert "3 h, 75 % of that time" in found.answer
    assert found.rows == ((10800.0, 0.75),)
    lost = asked(shop, WAREHOUSE, metric="unwatched", labels=(), span=morning)
    assert "1 h, 25 % of that time" in lost.answer
