"""When somebody crossed a line: each edge of it, foot by foot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.floors import DOOR, Floor, a_floor, straight
from tracking.zones import Line

ABOVE, BELOW = (150.0, 50.0), (150.0, 150.0)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with a_floor(tmp_path / "floor.db", DOOR) as floor:
        yield floor


def test_a_pass_is_one_crossing_at_the_time_at_which_the_foot_is_on_the_line(floor: Floor) -> None:
    floor.walk(straight((150, 55), (150, 155), 10))  # at 95 after 400 ms, at 105 after 500
    assert floor.crossings() == [(450, "forward")]


def test_there_and_back_are_two_crossings(floor: Floor) -> None:
    floor.walk([*straight(ABOVE, BELOW, 10), *straight(BELOW, ABOVE, 10)])
    assert floor.crossings() == [(500, "forward"), (1600, "backward")]


def test_a_foot_that_is_seen_on_the_very_line_crosses_it_once(floor: Floor) -> None:
    floor.walk([ABOVE, (150, 100), BELOW])
    assert floor.crossings() == [(100, "forward")]


def test_who_turns_round_on_the_line_has_not_crossed_it(floor: Floor) -> None:
    floor.walk([ABOVE, (150, 100), (150, 100), ABOVE])
    floor.walk([BELOW, (150, 100), BELOW], since=10_000)
    floor.walk([ABOVE, (150, 101), ABOVE], since=20_000)
    assert floor.crossings() == []


def test_who_walks_along_the_line_does_not_cross_it(floor: Floor) -> None:
    floor.walk(straight((50, 100), (250, 100), 20))
    floor.walk(straight((50, 99), (250, 99), 100), since=10_000)
    waves = [(x, 100 + (-1) ** i * 1.9) for i, (x, _) in enumerate(straight((50, 0), (250, 0), 50))]
    floor.walk(waves, since=30_000)
    assert floor.crossings() == []


def test_who_comes_to_walk_along_the_line_and_goes_back_does_not_cross_it(floor: Floor) -> None:
    along = [(x, 100 + (i % 2)) for i, (x, _) in enumerate(straight((110, 0), (190, 0), 40))]
    floor.walk([ABOVE, *along, ABOVE])
    assert floor.crossings() == []


def test_who_trembles_on_the_line_crosses_it_once_at_most(floor: Floor) -> None:
    trembling = [(150, 100 + (-1) ** i * 1.5) for i in range(60)]  # 101.5 comes first
    floor.walk([ABOVE, *trembling, ABOVE])
    assert floor.crossings() == []
    floor.walk([ABOVE, *trembling, BELOW], since=10_000)
    assert len(floor.crossings()) == 1


def test_the_margin_grows_with_the_box(floor: Floor) -> None:
    swaying = [(150.0, 100 + (-1) ** i * 8.0) for i in range(6)]
    floor.walk([ABOVE, *swaying, ABOVE], height=200)  # within ten pixels no side counts
    assert floor.crossings() == []
    floor.walk([ABOVE, *swaying, ABOVE], height=40, since=10_000)
    assert len(floor.crossings()) == 6


def test_who_stays_right_behind_the_line_has_crossed_it(floor: Floor) -> None:
    floor.walk([ABOVE, *[(150, 105)] * 21], height=200)  # two seconds
    assert floor.crossings() == [(91, "forward")]
    floor.walk([ABOVE, *[(150, 105)] * 20], height=200, since=10_000)
    assert len(floor.crossings()) == 1


def test_who_stays_on_the_line_itself_has_not_crossed_it(floor: Floor) -> None:
    floor.walk([ABOVE, *[(150, 101.5)] * 100], height=200)
    assert floor.crossings() == []


def test_who_is_first_seen_on_the_line_has_not_come_from_anywhere(floor: Floor) -> None:
    floor.walk([(150, 99), *straight((150, 101), BELOW, 5)])
    assert floor.crossings() == []


def test_who_is_last_seen_on_the_line_has_not_crossed_it(floor: Floor) -> None:
    floor.walk([ABOVE, (150, 101)], ends=False)
    floor.end(200)
    floor.start(300)
    floor.walk([(150, 101), BELOW], since=300)
    assert floor.crossings() == []


def test_a_car_that_is_parked_on_the_line_comes_from_nowhere_when_it_leaves(
    tmp_path: Path,
) -> None:
    with a_floor(tmp_path / "floor.db", DOOR, fps=1) as floor:
        for begin, seconds in ((0, 590), (1_000_000, 610)):
            parked = [(150.0, 100 + (-1) ** i) for i in range(seconds)]
            floor.walk([ABOVE, *parked, BELOW], since=begin, batch=50)
        assert floor.crossings() == [(590_020, "forward")]


def test_one_who_jumps_over_the_line_crosses_it(floor: Floor) -> None:
    floor.walk([(110, -400), (170, 500)])
    assert floor.crossings() == [(56, "forward")]


def test_who_was_lost_while_passing_crossed_in_between(floor: Floor) -> None:
    floor.walk([(150, 90), *[None] * 39, (150, 130)])
    assert floor.crossings() == [(1000, "forward")]


def test_who_passes_beyond_the_ends_does_not_cross(floor: Floor) -> None:
    floor.walk(straight((90, 50), (90, 150), 10))
    floor.walk(straight((210, 150), (210, 50), 10), since=10_000)
    floor.walk([(99, 50), (99, 150)], since=20_000)
    floor.walk([(200.2, 50), (200.2, 150)], since=30_000)
    assert floor.crossings() == []


def test_who_passes_through_the_very_end_crosses(floor: Floor) -> None:
    floor.walk([(100, 50), (100, 150)])
    floor.walk([(200, 150), (200, 50)], since=10_000)
    assert floor.crossings() == [(50, "forward"), (10_050, "backward")]


def test_who_goes_around_an_end_and_comes_back_through_crosses_once(floor: Floor) -> None:
    floor.walk([ABOVE, (250, 50), (250, 150), BELOW, ABOVE])
    assert floor.crossings() == [(350, "backward")]


def test_who_trembles_around_an_end_does_not_cross(floor: Floor) -> None:
    round_the_end = [(198, 99), (198, 101), (202, 101), (202, 99)] * 5
    floor.walk([ABOVE, *round_the_end, ABOVE], height=100)
    assert floor.crossings() == []


def test_a_line_with_a_corner_is_crossed_on_both_sides_of_it(tmp_path: Path) -> None:
    corner = Line("corner", ((100, 100), (200, 100), (200, 200)))
    with a_floor(tmp_path / "corner.db", corner) as floor:
        floor.walk([(150, 50), (150, 150), (250, 150)])  # in above, out to the right
        assert floor.crossings("corner") == [(50, "forward"), (150, "backward")]
        floor.walk([(250, 50), (200, 100), (150, 150)], since=10_000)  # through the corner
        floor.walk([(150, 150), (250, 50)], since=20_000)
        assert floor.crossings("corner")[2:] == [(10_100, "forward"), (20_050, "backward")]


def test_who_touches_a_corner_from_outside_does_not_cross(tmp_path: Path) -> None:
    corner = Line("corner", ((100, 100), (200, 100), (200, 200)))
    with a_floor(tmp_path / "corner.db", corner) as floor:
        floor.walk([(150, 50), (200, 100), (250, 150)])
        floor.walk([(250, 150), (200, 100), (150, 50)], since=10_000)
        assert floor.crossings("corner") == []


def test_a_jump_over_two_parts_of_a_line_is_two_crossings(tmp_path: Path) -> None:
    trough = Line("trough", ((100, 100), (100, 200), (200, 200), (200, 100)))
    with a_floor(tmp_path / "trough.db", trough) as floor:
        floor.walk([(50, 150), (250, 150)])
        assert floor.crossings("trough") == [(25, "backward"), (75, "forward")]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ((100, 100), (200, 100), "forward"),  # along it to the right: forward is down
        ((200, 100), (100, 100), "backward"),
        ((100, 50), (200, 150), "forward"),
        ((200, 150), (100, 50), "backward"),
    ],
)
def test_forward_is_from_the_left_side_to_the_right_one(
    first: tuple[float, float], last: tuple[float, float], expected: str, tmp_path: Path
) -> None:
    line = Line("door", (first, last))
    with a_floor(tmp_path / "floor.db", line) as floor:
        floor.walk([(150, 20), (150, 180)])
        assert [way for _, way in floor.crossings()] == [expected]
        begin, end = line.arrow(60)
        floor.walk([begin, end], since=10_000)
        assert floor.crossings()[1][1] == "forward"
