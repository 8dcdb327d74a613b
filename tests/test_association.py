"""Boxes and tracks are paired by overlap, the whole set at the least cost."""

from __future__ import annotations

import numpy as np
import pytest

from tracking.association import assign, corners, distances, doubted
from tracking.kalman import Floats


def boxes(*each: tuple[float, float, float, float]) -> Floats:
    return np.array(each, np.float32).reshape(-1, 4).T


def test_distance_is_what_two_boxes_do_not_share() -> None:
    square = boxes((0, 0, 10, 10))
    others = boxes((0, 0, 10, 10), (5, 0, 15, 10), (5, 5, 15, 15), (10, 0, 20, 10), (50, 0, 60, 9))
    assert distances(square, others)[0] == pytest.approx([0, 2 / 3, 6 / 7, 1, 1], abs=1e-6)


def test_every_box_is_compared_with_every_other() -> None:
    these, those = boxes((0, 0, 4, 4), (2, 0, 6, 4), (9, 9, 12, 12)), boxes((2, 0, 6, 4))
    assert distances(these, those).shape == (3, 1)
    assert (distances(these, those) == distances(those, these).T).all()


def test_corners_lie_half_a_size_from_the_centre() -> None:
    assert corners(boxes((100, 50, 20, 10))).T.tolist() == [[90, 45, 110, 55]]


def test_a_doubtful_box_is_further_away() -> None:
    distance = np.array([[0.2, 0.2, 1]], np.float32)
    confidence = np.array([1, 0.5, 0.9], np.float32)
    assert doubted(distance, confidence)[0] == pytest.approx([0.2, 0.6, 1])


def test_the_whole_set_is_cheapest_not_the_first_pair() -> None:
    """The nearest pair (0, 0) would leave 0.8 for the other two."""
    columns, rows = assign(np.array([[0.1, 0.2], [0.2, 0.8]], np.float32), 0.9)
    assert columns.tolist() == [1, 0]
    assert rows.tolist() == [1, 0]


def test_pairs_beyond_the_limit_are_left_alone() -> None:
    columns, rows = assign(np.array([[0.1, 0.95, 0.95], [0.95, 0.95, 0.95]], np.float32), 0.9)
    assert columns.tolist() == [0, -1]
    assert rows.tolist() == [0, -1, -1]
