"""From pixels to metres: exact for known cameras, and said where there is nothing to be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.pinholes import Pinhole
from tracking.errors import GroundError
from tracking.ground import COARSEST, Calibration, Fit, Placing, fit

CAMERA = Pinhole()
SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 6.0), (0.0, 6.0)]
MORE = [*SQUARE, (2.0, 3.0), (1.0, 5.0), (3.5, 1.5)]


def seen(
    floor: list[tuple[float, float]], camera: Pinhole = CAMERA
) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in camera.picture(floor))


def known(floor: list[tuple[float, float]], camera: Pinhole = CAMERA) -> Calibration:
    return Calibration(seen(floor, camera), tuple(floor))


def anywhere(camera: Pinhole = CAMERA) -> tuple[np.ndarray, np.ndarray]:
    """Many places on the floor that the camera sees, and their pixels."""
    random = np.random.default_rng(1)
    floor = random.uniform((-3, 0), (8, 20), (500, 2))
    pixels = camera.picture(floor)
    inside = ((pixels >= 0) & (pixels <= (camera.width, camera.height))).all(axis=1)
    assert inside.sum() > 100
    return floor[inside], pixels[inside]


@pytest.mark.parametrize("points", [SQUARE, MORE])
@pytest.mark.parametrize(
    "camera",
    [CAMERA, Pinhole(heading=-70, x=-4, y=2), Pinhole(high=9, down=60), Pinhole(down=12, high=2)],
)
def test_feet_of_a_known_camera_are_placed_to_a_millionth_of_a_metre(
    points: list[tuple[float, float]], camera: Pinhole
) -> None:
    if camera.heading == -70:
        points = [(-8 - y, x) for x, y in points]
    plane = known(points, camera).fitted().plane
    if camera.heading == -70:
        floor = np.array(points)
        pixels = camera.picture(floor)
    else:
        floor, pixels = anywhere(camera)
    found = np.column_stack(plane.floor(*pixels.T))
    near = np.isfinite(found).all(axis=1)
    assert near.mean() > 0.9
    assert np.abs(found - floor)[near].max() < 1e-6
    back = np.column_stack(plane.picture(*floor.T))
    assert np.abs(back - pixels).max() < 1e-6


def test_a_camera_that_looks_straight_down_only_scales() -> None:
    plane = fit(
        np.array([(100.0, 400.0), (300.0, 400.0), (300.0, 100.0), (100.0, 100.0)]),
        np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 3.0), (0.0, 3.0)]),
    )
    x, y = plane.floor(np.array([200.0]), np.array([0.0]))
    assert (x[0], y[0]) == pytest.approx((1.0, 4.0))
    assert plane.metres_a_pixel(np.array([5.0]), np.array([7.0]))[0] == pytest.approx(0.01)
    assert plane.square_metres_a_pixel(np.array([5.0]), np.array([7.0]))[0] == pytest.approx(1e-4)
    assert plane.horizon(640) is None


def test_who_is_seen_above_the_horizon_has_no_place_on_the_floor() -> None:
    camera = Pinhole(down=12)
    plane = known(SQUARE, camera).fitted().plane
    left, right = plane.horizon(camera.width) or (0.0, 0.0)
    assert (left, right) == pytest.approx(camera.horizon)
    assert 0 < left < camera.height
    y = np.array([left - 50, left - 1e-3, left + 1e-3, left + 100])
    x = np.full(4, 320.0)
    assert plane.below_horizon(x, y).tolist() == [False, False, True, True]
    across, ahead = plane.floor(x, y)
    assert np.isnan(across).tolist() == [True, True, True, False]
    assert np.isnan(ahead).tolist() == [True, True, True, False]


def test_a_place_so_far_away_that_a_pixel_is_half_a_metre_is_none() -> None:
    plane = known(SQUARE).fitted().plane
    y = np.linspace(0, 480, 961)
    x = np.full(len(y), 320.0)
    step = plane.metres_a_pixel(x, y)
    with np.errstate(invalid="ignore"):
        assert (np.isfinite(plane.floor(x, y)[0]) == (step <= COARSEST)).all()
    # the same, from two places a pixel apart
    a, b = (np.array(plane.floor(np.array([320.0]), np.array([at]))) for at in (300.0, 300.01))
    assert np.hypot(*(a - b))[0] / 0.01 == pytest.approx(
        plane.metres_a_pixel(np.array([320.0]), np.array([300.0]))[0], rel=1e-3
    )


def test_the_area_of_a_pixel_is_that_of_its_corners_on_the_floor() -> None:
    plane = known(SQUARE).fitted().plane
    x, y = np.array([100.0, 101, 101, 100]), np.array([350.0, 350, 351, 351])
    across, ahead = plane.floor(x, y)
    area = abs((across * np.roll(ahead, -1) - np.roll(across, -1) * ahead).sum()) / 2
    middle = plane.square_metres_a_pixel(np.array([100.5]), np.array([350.5]))[0]
    assert middle == pytest.approx(area, rel=1e-4)


def test_more_points_than_four_even_out_how_badly_a_hand_points() -> None:
    random = np.random.default_rng(3)
    grid = [(float(x), float(y)) for x in range(5) for y in range(7)]
    floor, pixels = anywhere()
    errors = {}
    for name, points in (("four", SQUARE), ("many", grid)):
        missed = []
        for _ in range(20):
            shaken = CAMERA.picture(points) + random.normal(0, 1, (len(points), 2))
            found = np.column_stack(fit(shaken, np.array(points)).floor(*pixels.T))
            missed.append(np.nanmedian(np.hypot(*(found - floor).T)))
        errors[name] = np.mean(missed)
    assert errors["many"] < errors["four"] / 2


def test_the_fit_tells_how_far_off_points_are_in_pixels_and_in_metres() -> None:
    pixels = [list(point) for point in seen(MORE)]
    pixels[4][0] += 6
    found = Calibration(tuple((x, y) for x, y in pixels), tuple(MORE)).fitted()
    assert found.pixels_off.argmax() == 4
    assert 2 < found.pixels_off[4] < 6
    assert 0.01 < found.metres_off.max() < 0.2
    left_out = found.left_out
    assert left_out is not None
    six_pixels = np.hypot(*(np.diff(np.array(
        Calibration(seen(MORE), tuple(MORE)).fitted().plane.floor(
            np.array([pixels[4][0], pixels[4][0] - 6]), np.array([pixels[4][1]] * 2)
        )
    ), axis=1)[:, 0]))  # fmt: skip
    assert left_out[4] == pytest.approx(six_pixels, rel=1e-6)


def test_of_a_point_without_which_there_is_no_floor_it_is_not_known_how_far_off_it_is() -> None:
    found = known([*SQUARE, (2.0, 3.0)]).fitted()  # it lies in the middle, on both diagonals
    left_out = found.left_out
    assert left_out is not None
    assert np.isnan(left_out).tolist() == [True] * 4 + [False]
    assert left_out[4] < 1e-6


def test_four_points_of_which_three_lie_on_one_line_determine_no_floor() -> None:
    floor = np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0)])
    with pytest.raises(GroundError, match="on one line"):
        fit(floor[:, ::-1] * 100, floor)


def test_four_points_always_agree_and_so_say_nothing_about_themselves() -> None:
    found = known(SQUARE).fitted()
    assert found.pixels_off.max() < 1e-8
    assert found.left_out is None


# what cannot be


@pytest.mark.parametrize(
    ("floor", "pixels", "said"),
    [
        ([(0, 0), (2, 0), (4, 0), (0, 6)], None, "1, 2, 3 lie on one line"),
        ([(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)], None, "on one line"),
        ([(0, 0), (1, 1), (2, 2), (3, 3), (4, 0)], None, "on one line"),
        ([(0, 6), (4, 6), (4, 0), (0, 0)], seen(SQUARE), "mirrored"),
        ([(0, 0), (4, 6), (4, 0), (0, 6)], seen(SQUARE), "their order"),
        ([(0, 0), (4, 0), (4, 6)], None, "four points or more, not 3 points"),
        ([(0, 0), (4, 0), (4, 6), (4, 6)], seen(SQUARE), "Points 3 and 4 have the same place"),
        ([(0, 0), (4, 0), (4, 6), (0, np.inf)], seen(SQUARE), "Point 4 is farther away"),
    ],
)
def test_points_that_give_no_floor_are_refused_by_name(
    floor: list[tuple[float, float]], pixels: tuple[tuple[float, float], ...] | None, said: str
) -> None:
    with pytest.raises(GroundError, match=said):
        Calibration(pixels or seen(floor), tuple(floor)).fitted()


def test_a_point_beyond_the_horizon_is_refused() -> None:
    pixels = [*seen(MORE)]
    pixels[5] = (pixels[5][0], -2000.0)
    with pytest.raises(GroundError, match="Point 6 cannot lie there"):
        Calibration(tuple(pixels), tuple(MORE)).fitted()


# from distances alone


def distances(
    floor: list[tuple[float, float]], *pairs: tuple[int, int]
) -> tuple[tuple[int, int, float], ...]:
    return tuple((a, b, float(np.hypot(*np.subtract(floor[a], floor[b])))) for a, b in pairs)


SIDES = ((0, 1), (1, 2), (2, 3), (3, 0))


@pytest.mark.parametrize(
    ("floor", "pairs"),
    [
        (SQUARE, (*SIDES, (0, 2))),
        ([(1.0, 1.0), (4.2, 0.3), (3.1, 6.4), (-0.5, 4.0)], (*SIDES, (1, 3))),
        (MORE, tuple((a, b) for a in range(7) for b in range(a))),
    ],
)
def test_sides_and_a_diagonal_give_the_layout_and_the_picture_tells_its_side(
    floor: list[tuple[float, float]], pairs: tuple[tuple[int, int], ...]
) -> None:
    found = Calibration(seen(floor), distances=distances(floor, *pairs)).fitted()
    real, own = np.array(floor), found.floor
    assert own[0] == pytest.approx((0, 0))
    assert own[1] == pytest.approx((np.hypot(*(real[1] - real[0])), 0), abs=1e-9)
    between = [np.hypot(*(each[:, None] - each[None]).T) for each in (real, own)]
    assert np.abs(between[0] - between[1]).max() < 1e-6
    assert found.distances_off.max() < 1e-8


def test_four_sides_alone_leave_a_shape_free() -> None:
    with pytest.raises(GroundError, match="4 points need 5 distances or more, not 4"):
        Calibration(seen(SQUARE), distances=distances(SQUARE, *SIDES)).fitted()


def test_enough_distances_at_the_wrong_points_leave_one_free() -> None:
    floor = MORE[:5]
    pairs = (*SIDES, (0, 2), (1, 3), (0, 4))  # seven, but point 5 hangs on one of them
    with pytest.raises(GroundError, match="free to move, at point 5"):
        Calibration(seen(floor), distances=distances(floor, *pairs)).fitted()


def test_distances_that_contradict_each_other_are_refused() -> None:
    wrong = (*distances(SQUARE, *SIDES, (0, 2))[:-1], (0, 2, 25.0))
    with pytest.raises(GroundError, match="contradict"):
        Calibration(seen(SQUARE), distances=wrong).fitted()


# as JSON, and on a plan


@pytest.mark.parametrize(
    "calibration",
    [
        known(MORE),
        Calibration(seen(SQUARE), distances=distances(SQUARE, *SIDES, (0, 2)), frame=(640, 480)),
        replace(known(SQUARE), placing=Placing("shop", 1.5, -2, 90)),
    ],
)
def test_a_calibration_comes_back_from_its_json(calibration: Calibration) -> None:
    assert Calibration.of(calibration.content) == calibration


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], '"points"'),
        ({"points": 3}, "points"),
        ({"points": [], "colour": 1}, "'colour'"),
        ({"points": [{"pixel": [1]}]}, "Point 1: its pixel"),
        ({"points": [{"pixel": [1, True]}]}, "Point 1: its pixel"),
        ({"points": [{"pixel": [1, 2], "floor": "x"}]}, "Point 1: its floor"),
        ({"points": [], "distances": [[1, 2]]}, "distances"),
        ({"points": [], "plan": "shop"}, '"plan"'),
        ({"points": [], "plan": {"name": "a", "x": "1"}}, "metres and degrees"),
        ({"points": [], "frame": [1]}, '"frame"'),
        ({"points": [{"pixel": [n, n * n]} for n in range(4)]}, "one of the two"),
    ],
)
def test_json_that_is_no_floor_is_refused_by_name(content: object, said: str) -> None:
    with pytest.raises(GroundError, match=said):
        Calibration.of(content)


def on_plan(x: float, y: float, turn: float) -> Fit:
    return replace(known(SQUARE), placing=Placing("shop", x, y, turn)).fitted()


def test_a_floor_lies_on_its_plan_where_it_is_put() -> None:
    pixel = CAMERA.picture([(4.0, 0.0)]).T
    found = np.column_stack(on_plan(10, 20, 90).on_plan.floor(*pixel))[0]
    assert found == pytest.approx((10, 24))
    assert np.column_stack(on_plan(10, 20, 90).plane.floor(*pixel))[0] == pytest.approx((4, 0))


def test_pictures_of_another_size_show_the_same_floor() -> None:
    found = replace(known(SQUARE), frame=(640, 480)).fitted()
    pixel = CAMERA.picture([(1.0, 5.0)]).T * 2
    assert np.column_stack(found.of_width(1280).floor(*pixel))[0] == pytest.approx((1, 5))
