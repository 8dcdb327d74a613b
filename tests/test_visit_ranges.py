"""How many visits there may be at least and at most, of any part of the record."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.random_worlds import LATER, WEEKEND, a_random_one, some_filter
from tests.test_zoned_metrics import AN_HOUR, Place, drawn
from tracking.filters import Filter
from tracking.metrics import Result, measure, select
from tracking.visits import count, counts

RandomWorld = Callable[[int], sqlite3.Connection]


@pytest.fixture
def random_world(tmp_path: Path) -> Iterator[RandomWorld]:
    """By its seed."""
    with ExitStack() as opened:
        yield lambda seed: opened.enter_context(closing(a_random_one(tmp_path / "any.db", seed)))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "shop.db")
    with closing(place.connection):
        looked_at(place, 0)
        yield place


def looked_at(shop: Place, source: int) -> None:
    """Somebody looked for tracks to be joined."""
    shop.connection.execute("INSERT INTO joinings VALUES (?, 0, 0, '{}')", (source,))


def goes_on(shop: Place, track: int, other: int, score: float) -> None:
    shop.connection.execute("INSERT INTO joins VALUES (?, ?, ?, 0)", (track, other, score))
    if score >= 0.5:
        shop.connection.execute(
            "UPDATE people_tracks SET visit_id = ?1 WHERE id IN (?1, ?2)", (track, other)
        )


def told(result: Result) -> tuple[float | None, int | None, int | None, int | None]:
    return result.value, result.low, result.high, result.tracks


# scripted


def test_doubtful_joins_make_the_least_and_sure_ones_the_most(shop: Place) -> None:
    tracks = [shop.walk(100 * n, 100 * n + 90) for n in range(6)]
    for n, score in enumerate((0.95, 0.6, 0.3, 0.05)):
        goes_on(shop, tracks[n], tracks[n + 1], score)
    shop.connection.execute("UPDATE people_tracks SET visit_id = 1 WHERE id IN (2, 3)")
    # 0 = 1 for sure; = 2 most likely; = 3 perhaps; 4 and 5 are others
    assert told(shop.measure("visits")) == (4, 3, 5, 6)


def test_what_was_seen_so_briefly_that_it_may_be_nothing_is_not_among_the_least(
    shop: Place,
) -> None:
    shop.walk(0, 1)
    shop.walk(10, 12)
    assert told(shop.measure("visits")) == (2, 1, 2, 2)


def test_a_brief_track_at_the_edge_of_the_window_counts_with_what_it_was_joined_with(
    shop: Place,
) -> None:
    before, after = shop.walk(-60, -2), shop.walk(0, 1)
    goes_on(shop, before, after, 0.3)
    assert told(shop.measure("visits")) == (1, 1, 1, 1)
    goes_on(shop, shop.walk(3599, 3599), shop.walk(3601, 3660), 0.3)
    assert told(shop.measure("visits")) == (2, 2, 2, 2)


def test_where_nobody_looked_for_joins_there_is_no_range(shop: Place) -> None:
    shop.walk(0, 60)
    shop.walk(0, 60, source=1)
    found = shop.measure("visits", ["source"])
    assert told(found) == (2, None, None, 2)
    assert found.ranges is None and found.range_sql is None
    looked_at(shop, 1)
    assert told(shop.measure("visits")) == (2, 2, 2, 2)


def test_a_source_without_tracks_needs_no_joins(shop: Place) -> None:
    shop.walk(0, 60)
    assert told(shop.measure("visits")) == (1, 1, 1, 1)


def test_other_numbers_and_what_was_not_recorded_have_no_range(shop: Place) -> None:
    shop.walk(0, 60)
    assert told(shop.measure("arrivals")) == (1, None, None, None)
    never = Filter(AN_HOUR.since - 10**9, AN_HOUR.since - 9 * 10**8)
    assert told(measure("visits", shop.select(never))) == (None, None, None, None)


def test_a_zone_counts_who_was_in_it_also_where_the_track_between_was_not(shop: Place) -> None:
    desk = shop.zone("desk")
    one = shop.walk(0, 60, [(desk, 0, 1)])
    two, three = shop.walk(61, 90), shop.walk(91, 120, [(desk, 100, 110)])
    goes_on(shop, one, two, 0.3)
    goes_on(shop, two, three, 0.3)
    # a stay may be brief: what counts is for how long the whole of it was seen
    assert told(shop.measure("visits", zones=("desk",))) == (2, 1, 2, 2)
    assert told(shop.measure("visits")) == (3, 1, 3, 3)


def test_a_study_of_an_earlier_version_has_no_range(shop: Place) -> None:
    shop.walk(0, 60)
    shop.connection.execute("DROP TABLE joins")
    shop.connection.execute("DROP TABLE joinings")
    assert told(shop.measure("visits")) == (1, None, None, 1)


def test_a_number_with_its_range_can_be_kept_without_its_rows(shop: Place) -> None:
    goes_on(shop, shop.walk(0, 60), shop.walk(61, 90), 0.7)
    found = shop.measure("visits", zones=())
    light = replace(found, selection=found.selection.without_rows())
    kept = pickle.loads(pickle.dumps(light))
    assert told(kept) == (1, 1, 2, 2)
    assert shop.connection.execute(kept.range_sql).fetchall() == [(1, 1, 2, 2)]


# in any world


def assert_as_sql_says(connection: sqlite3.Connection, result: Result) -> None:
    if result.range_sql is not None:
        ((value, low, high, tracks),) = connection.execute(result.range_sql)
        assert told(result) == (value, low, high, tracks), result.selection.filter
        assert low <= value <= high


@pytest.mark.parametrize("seed", range(10))
def test_the_range_equals_its_sql(seed: int, random_world: RandomWorld) -> None:
    connection, random = random_world(seed), np.random.default_rng(seed)
    for number in range(6):
        filter = some_filter(random)
        filter = replace(filter, **drawn(random)) if number % 2 else filter
        assert_as_sql_says(connection, measure("visits", select(connection, filter, LATER)))


@pytest.mark.parametrize("seed", (0, 2, 4, 6))
def test_that_of_the_whole_record_is_that_of_visits(seed: int, random_world: RandomWorld) -> None:
    connection = random_world(seed)
    ((first, last),) = connection.execute(
        "SELECT min(first_seen), max(last_seen) FROM people_tracks"
    )
    whole = Filter(first, last + 1)
    known = count(connection)
    found = measure("visits", select(connection, whole, LATER), ("source",))
    assert known.low < known.visits < known.high
    assert told(found) == (known.visits, known.low, known.high, known.tracks)
    assert found.ranges is not None
    each = [one for _, one in sorted(counts(connection).items())]
    assert found.ranges.values.tolist() == [[one.low, one.high, one.tracks] for one in each]


@pytest.mark.parametrize("seed", (0, 4))
@pytest.mark.parametrize("by", [("label",), ("zone",), ("line",), ("source", "zone")])
def test_each_groups_range_is_that_of_its_own_filter(
    by: tuple[str, ...], seed: int, random_world: RandomWorld
) -> None:
    connection = random_world(seed)
    found = measure("visits", select(connection, WEEKEND, LATER), by)
    assert found.ranges is not None and len(found.ranges) == len(found.rows)
    groups = found.rows[list(by)].to_dict("records")
    for group, (low, high, tracks) in zip(groups, found.ranges.values.tolist(), strict=True):
        own = {f"{dimension}s": (value,) for dimension, value in group.items()}
        part = measure("visits", select(connection, replace(WEEKEND, **own), LATER))
        assert_as_sql_says(connection, part)
        if part.value is None:
            assert np.isnan(low)
        else:
            assert (low, high, tracks) == (part.low, part.high, part.tracks)


@pytest.mark.parametrize("seed", (0, 6))
def test_each_hours_range_is_that_of_its_own_window(seed: int, random_world: RandomWorld) -> None:
    connection = random_world(seed)
    berlin = replace(WEEKEND, sources=("source 0", "source 1"))
    found = measure("visits", select(connection, berlin, LATER), ("bucket",), "hour")
    assert found.ranges is not None and found.edges is not None
    windows = zip(found.edges[:-1].tolist(), found.edges[1:].tolist(), strict=True)
    for (since, until), (low, high, tracks) in zip(
        windows, found.ranges.values.tolist(), strict=True
    ):
        part = measure(
            "visits", select(connection, replace(berlin, since=since, until=until), LATER)
        )
        assert_as_sql_says(connection, part)
        if part.value is not None:
            assert (low, high, tracks) == (part.low, part.high, part.tracks)
