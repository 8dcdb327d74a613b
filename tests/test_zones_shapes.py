"""What is a zone and what is a line, and what is none; JSON in and out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tracking.errors import DrawingError
from tracking.zones import Line, Zone, read_json, read_points, shapes_in

SQUARE = [[0, 0], [100, 0], [100, 100], [0, 100]]


def test_a_zone_is_a_list_of_corners_and_comes_out_as_it_went_in() -> None:
    zone = Zone.of("hall", SQUARE)
    assert zone.outer == ((0, 0), (100, 0), (100, 100), (0, 100))
    assert zone.content == SQUARE
    assert Zone.of("hall", zone.content) == zone


def test_a_zone_with_holes_comes_out_as_it_went_in() -> None:
    content = {"outer": SQUARE, "holes": [[[10, 10], [20, 10], [20.5, 20]]]}
    zone = Zone.of("hall", content)
    assert zone.content == content
    assert zone.area == 100 * 100 - 50
    assert len(zone.all_points) == 7


def test_a_polygon_that_says_its_first_corner_again_is_the_same_one() -> None:
    assert Zone.of("hall", [*SQUARE, SQUARE[0]]) == Zone.of("hall", SQUARE)


def test_corners_may_lie_outside_of_the_picture_and_on_one_line() -> None:
    assert Zone.of("hall", [[-50, -50], [0, -50], [900.5, -50], [400, 900]]).area > 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "has no list of points"),
        ("0,0 1,1", "has no list of points"),
        ([], "has 0 points; a polygon needs 3 or more"),
        ([[0, 0], [5, 5]], "has 2 points; a polygon needs 3 or more"),
        ([[0, 0], [5, 5], [1]], r"point 3 is not a pair of numbers: \[1\]"),
        ([[0, 0], [5, 5], ["a", 1]], "point 3 is not a pair"),
        ([[0, 0], [5, 5], [True, 1]], "point 3 is not a pair"),
        ([[0, 0], [5, 5], [math.nan, 1]], "point 3"),
        ([[0, 0], [5, 5], [math.inf, 1]], "point 3"),
        ([[0, 0], [5, 5], [10**400, 1]], "point 3"),
        ([[0, 0], [200_000, 5], [7, 1]], "point 2, 200000, 5, is farther away than 100000 pixels"),
        ([[0, 0], [50, 0], [50, 0], [9, 40]], "points 2 and 3 are the same"),
        ([[0, 0], [100, 100], [100, 0], [0, 100]], "crosses itself"),
        ([[0, 0], [100, 0], [50, 0]], "crosses itself"),
        ([[0, 0], [100, 0], [100, 50], [50, 0], [20, 50]], "crosses itself"),  # touches
        ([[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]], "smaller than a pixel; points are in pixels"),
        ([[i, i * i % 7] for i in range(1001)], "more than 1000 points"),
        ({"outer": SQUARE, "inner": []}, "has 'inner', but only outer and holes are known"),
        ({"holes": []}, "has no list of points"),
        ({"outer": SQUARE, "holes": 5}, "holes must be a list"),
        ({"outer": SQUARE, "holes": [SQUARE, [[1, 1], [2, 2]]]}, "hole 2 has 2 points"),
        ({"outer": SQUARE, "holes": [[[50, 50], [150, 50], [50, 90]]]}, "hole 1 does not lie"),
        ({"outer": [[0, 0], [100, 0], [100, 100], [50, 20]],
          "holes": [[[10, 1], [95, 1], [95, 90]]]}, "hole 1 does not lie"),
    ],
)  # fmt: skip
def test_what_is_no_zone_is_refused_by_name(content: Any, why: str) -> None:
    with pytest.raises(DrawingError, match=f"^Zone 'hall'.*{why}"):
        Zone.of("hall", content)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\0b", "\udc80"])
def test_a_name_must_be_one(name: str) -> None:
    with pytest.raises(DrawingError, match="name"):
        Zone.of(name, SQUARE)
    with pytest.raises(DrawingError, match="name"):
        Line.of(name, SQUARE)
    with pytest.raises(DrawingError, match="name"):
        Line.of("door", SQUARE, forward=name)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ([[0, 0]], "has 1 point; a line needs 2 or more"),
        ([[0, 0], [0, 0]], "points 1 and 2 are the same"),
        ([[0, 0], [100, 0], [50, 50], [50, -50]], "crosses itself"),
        ([[0, 0], [100, 0], [50, 0]], "crosses itself"),
        ([*SQUARE, SQUARE[0]], "ends where it begins"),
        ([[0, 0], [-(10**6), 0]], "is farther away than"),
    ],
)
def test_what_is_no_line_is_refused_by_name(content: Any, why: str) -> None:
    with pytest.raises(DrawingError, match=f"^Line 'door'.*{why}"):
        Line.of("door", content)


def test_the_directions_of_a_line_have_different_names() -> None:
    with pytest.raises(DrawingError, match="two directions of the same name, 'through'"):
        Line.of("door", SQUARE, "through", "through")


def test_an_arrow_stands_on_the_middle_of_the_line_and_points_to_its_right() -> None:
    assert Line.of("door", [[0, 50], [100, 50]]).arrow(20) == ((50, 40), (50, 60))
    assert Line.of("door", [[0, 50], [10, 50], [10, 150]]).arrow(20) == ((20, 95), (0, 95))
    assert Line.of("door", [[50, 100], [50, 0]]).arrow() == ((35, 50), (65, 50))


def test_points_are_read_as_people_write_them() -> None:
    assert read_points(" 100,200  300.5,-2;7,8 ") == [[100, 200], [300.5, -2], [7, 8]]
    for text in ("1,2 3", "1;2", "a,b", "1,2,3"):
        with pytest.raises(DrawingError, match="write them like 100,200 300,200"):
            read_points(text)


def test_json_that_is_none_is_refused() -> None:
    with pytest.raises(DrawingError, match="That is no JSON"):
        read_json("{")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({}, "There are no zones in it"),
        ({"lines": [1]}, "There are no zones in it"),
        ([1], "zone 1 lacks one of source, name, polygon"),
        ([{"source": "cam", "name": "hall", "polygon": SQUARE, "colour": 1}], "has 'colour'"),
        ([{"source": "cam", "name": 5, "polygon": SQUARE}], "names must be texts"),
        ([{"source": "cam", "name": "hall", "polygon": []}], "Zone 'hall' has 0 points"),
    ],
)
def test_a_file_of_something_else_is_refused(content: Any, why: str) -> None:
    with pytest.raises(DrawingError, match=why):
        shapes_in(content, "zone")


def test_no_point_is_inside_where_there_are_none() -> None:
    assert Zone.of("hall", SQUARE).contains(np.zeros(0), np.zeros(0)).tolist() == []
