"""The filters know where a box will be next, and how far to trust it."""

from __future__ import annotations

import numpy as np
import pytest

from tracking.kalman import Floats, MovingFilter, StillFilter

Filter = StillFilter | MovingFilter
BOTH = pytest.mark.parametrize("kalman", [StillFilter(), MovingFilter()], ids=["still", "moving"])


def boxes(*each: tuple[float, float, float, float]) -> Floats:
    return np.array(each, np.float32).reshape(-1, 4).T


def walked(kalman: Filter, steps: int, dx: float = 4) -> Floats:
    """The state after a box has moved evenly to the right."""
    state = kalman.begin(boxes((100, 200, 40, 100)))
    for number in range(1, steps + 1):
        kalman.predict(state, 1)
        kalman.correct(state, boxes((100 + dx * number, 200, 40, 100)))
    return state


@BOTH
def test_what_moves_evenly_is_expected_where_it_will_be(kalman: Filter) -> None:
    state = walked(kalman, 30)
    kalman.predict(state, 1)
    assert state[0, :, 0] == pytest.approx([224, 200, 40, 100], abs=0.2)
    assert state[1, :, 0] == pytest.approx([4, 0, 0, 0], abs=0.05)


@BOTH
def test_a_first_sight_is_taken_as_it_is_and_stands_still(kalman: Filter) -> None:
    state = kalman.begin(boxes((100, 200, 40, 100), (7, 8, 9, 10)))
    kalman.predict(state, 2)
    assert state[0].T.tolist() == [[100, 200, 40, 100], [7, 8, 9, 10]]


@BOTH
def test_a_lost_box_goes_on_but_keeps_its_size(kalman: Filter) -> None:
    state = kalman.begin(boxes((100, 200, 40, 100)))
    for number in range(1, 10):
        kalman.predict(state, 1)
        kalman.correct(state, boxes((100 + number, 200, 40 + number, 100)))
    x, _, width, _ = state[0, :, 0].copy()
    kalman.predict(state, 0)
    assert state[0, 0, 0] > x + 0.5
    assert state[0, 2, 0] == width


def test_the_longer_unseen_the_more_a_box_is_trusted() -> None:
    kalman = StillFilter()
    state = walked(kalman, 30)
    leaps = []
    for unseen in (1, 5, 20):
        later = state.copy()
        for _ in range(unseen):
            kalman.predict(later, 1)
        before = later[0, 0, 0]
        kalman.correct(later, boxes((before + 10, 200, 40, 100)))
        leaps.append(later[0, 0, 0] - before)
    assert 0 < leaps[0] < leaps[1] < leaps[2] < 10


def test_both_filters_agree_while_the_camera_stands_still() -> None:
    """The one never inverts a matrix, the other does it by the book."""
    rng = np.random.default_rng(0)
    still, moving = StillFilter(), MovingFilter()
    seen = boxes(*rng.uniform(20, 400, (25, 4)))
    one, other = still.begin(seen), moving.begin(seen)
    for number in range(40):
        seen = seen + rng.normal(0, 3, seen.shape)
        for kalman, state in ((still, one), (moving, other)):
            kalman.predict(state, 20)
            if number % 4:
                kalman.correct(state, seen)
        assert one[:2] == pytest.approx(other[:2], rel=1e-9, abs=1e-9)


def test_a_pan_of_the_camera_moves_every_box() -> None:
    kalman = MovingFilter()
    state = walked(kalman, 5)
    before = state[:2].copy()
    kalman.warp(state, np.array([[1, 0, -30], [0, 1, 7]]))
    assert (state[0] - before[0])[:, 0] == pytest.approx([-30, 7, 0, 0])
    assert state[1] == pytest.approx(before[1])


def test_a_quarter_turn_lays_a_box_on_its_side_and_turns_its_way() -> None:
    kalman = MovingFilter()
    state = walked(kalman, 40)
    kalman.warp(state, np.array([[0, -1, 500], [1, 0, 0]]))
    assert state[0, :, 0] == pytest.approx([300, 260, 100, 40], abs=0.2)
    assert state[1, :, 0] == pytest.approx([0, 4, 0, 0], abs=0.1)


def test_a_zoom_enlarges_a_box_and_its_uncertainty() -> None:
    kalman = MovingFilter()
    plain = walked(kalman, 5)
    zoomed = plain.copy()
    kalman.warp(zoomed, np.array([[2, 0, 0], [0, 2, 0]]))
    assert zoomed[:2] == pytest.approx(2 * plain[:2])
    assert zoomed[2:] == pytest.approx(4 * plain[2:])
