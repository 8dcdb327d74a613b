"""When somebody was in a zone: each edge of it, foot by foot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.floors import SQUARE, Floor, a_floor, straight
from tests.worlds import ms
from tracking.filters import Filter
from tracking.localtime import HOUR
from tracking.metrics import measure, select
from tracking.zones import Zone

IN, OUT = (150.0, 150.0), (50.0, 150.0)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with a_floor(tmp_path / "floor.db", SQUARE) as floor:
        yield floor


def test_a_stay_lasts_from_the_first_foot_inside_to_the_last_one(floor: Floor) -> None:
    floor.walk(straight((50, 150), (250, 150), 20))  # ten pixels a step
    assert floor.stays() == [(500, 1500)]


def test_who_is_inside_from_the_first_sight_enters_then(floor: Floor) -> None:
    floor.walk([*[IN] * 5, OUT, OUT])
    assert floor.stays() == [(0, 400)]


def test_a_stay_ends_with_its_track(floor: Floor) -> None:
    floor.walk([OUT, *[IN] * 5])
    assert floor.stays() == [(100, 500)]


def test_the_foot_counts_and_not_the_middle_of_the_box(floor: Floor) -> None:
    floor.walk([(150, 210), (150, 190), (150, 90)], height=60)
    assert floor.stays() == [(100, 100)]


def test_who_was_lost_for_less_than_two_seconds_was_still_inside(floor: Floor) -> None:
    floor.walk([IN, *[None] * 19, IN])
    assert floor.stays() == [(0, 2000)]


def test_who_was_lost_for_longer_left_when_last_seen_and_came_again(floor: Floor) -> None:
    floor.walk([IN, IN, *[None] * 20, IN, IN])
    assert floor.stays() == [(0, 100), (2200, 2300)]


def test_who_was_outside_for_less_than_two_seconds_was_still_inside(floor: Floor) -> None:
    floor.walk([IN, *[OUT] * 19, IN, OUT])
    assert floor.stays() == [(0, 2000)]


def test_who_was_outside_for_longer_left_when_last_seen_inside(floor: Floor) -> None:
    floor.walk([IN, *[OUT] * 20, IN, OUT])
    assert floor.stays() == [(0, 0), (2100, 2100)]


def test_who_is_lost_inside_for_good_left_when_last_seen(floor: Floor) -> None:
    floor.walk([OUT, IN, IN, *[None] * 50])
    assert floor.stays() == [(100, 200)]


def test_the_border_is_inside(floor: Floor) -> None:
    floor.walk([(50, 50), (150, 100), (50, 50)])  # it touches the upper side
    floor.walk([(50, 50), (200, 200), (250, 250)], since=10_000)  # and a corner
    floor.walk([(250, 50), (200.1, 150), (250, 50)], since=20_000)
    assert floor.stays() == [(100, 100), (10_100, 10_100)]


def test_who_walks_along_the_border_is_inside(floor: Floor) -> None:
    floor.walk(straight((50, 200), (250, 200), 20))
    assert floor.stays() == [(500, 1500)]


def test_a_hole_is_outside_and_its_border_is_not(tmp_path: Path) -> None:
    hole = ((140.0, 140.0), (160.0, 140.0), (160.0, 160.0), (140.0, 160.0))
    with a_floor(tmp_path / "ring.db", Zone("ring", SQUARE.outer, (hole,))) as floor:
        floor.walk([*straight((110, 150), (140, 150), 3), *[(150, 150)] * 30, (160, 150)])
        assert floor.stays("ring") == [(0, 300), (3400, 3400)]


def test_of_zones_over_each_other_each_has_its_own_stay(tmp_path: Path) -> None:
    right = Zone("right", tuple((x + 50, y) for x, y in SQUARE.outer))
    with a_floor(tmp_path / "two.db", SQUARE, right) as floor:
        floor.walk(straight((50, 150), (300, 150), 25))
        assert floor.stays() == [(500, 1500)]
        assert floor.stays("right") == [(1000, 2000)]


def test_a_zone_with_corners_that_point_inwards_has_only_what_lies_within(tmp_path: Path) -> None:
    arrow = Zone("arrow", ((100, 100), (200, 150), (100, 200), (150, 150)))
    with a_floor(tmp_path / "arrow.db", arrow) as floor:
        floor.walk([(120, 150), (149, 150), (150, 150), (190, 150), (201, 150), (110, 193)])
        assert floor.stays("arrow") == [(200, 500)]
        floor.walk([(120, 150)] * 3, since=9000)
        assert len(floor.stays("arrow")) == 1


def test_two_people_inside_at_once_have_a_stay_each(floor: Floor) -> None:
    floor.walk([IN] * 11)
    floor.walk([IN] * 11, since=500)
    assert floor.stays() == [(0, 1000), (500, 1500)]


def test_a_restart_of_the_source_ends_a_stay(floor: Floor) -> None:
    floor.walk([OUT, IN, IN], ends=False)
    floor.end(200)
    floor.start(700)
    floor.walk([IN, IN, OUT], since=700)
    assert floor.stays() == [(100, 200), (700, 800)]


def test_a_track_that_goes_on_for_hours_is_inside_all_the_time(floor: Floor) -> None:
    track = floor.walk([IN] * 30, ends=False)
    for seconds in range(3, 30, 3):
        floor.walk([IN] * 30, since=seconds * 1000, ends=False, track=track)
    assert floor.stays() == [(0, 29_900)]


def test_where_frames_come_seldom_nobody_leaves_between_two_of_them(tmp_path: Path) -> None:
    with a_floor(tmp_path / "slow.db", SQUARE, fps=0.2) as floor:  # one each five seconds
        floor.walk([IN, IN, OUT, IN, OUT, OUT, IN])
        assert floor.stays() == [(0, 15_000), (30_000, 30_000)]


def test_a_stay_over_the_change_of_the_clocks_is_as_long_as_it_was(tmp_path: Path) -> None:
    begin = ms("2026-03-29T01:59:50+01:00")  # ten seconds later it is three o'clock
    with a_floor(tmp_path / "spring.db", SQUARE, begin=begin) as floor:
        floor.walk([*[IN] * 201, OUT])
        assert floor.stays() == [(0, 20_000)]
        night = Filter(begin - HOUR, begin + HOUR, zones=("square",))
        selection = select(floor.connection, night, begin + HOUR)
        assert measure("presence", selection).value == 20
        by_hour = measure("presence", selection, ("hour",)).rows.set_index("hour")["value"]
        assert by_hour.dropna().to_dict() == {1: 10, 3: 10}
