"""Where points lie on the floor, of which only distances between them are known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ..errors import GroundError
from .plane import Floats

Distance = tuple[int, int, float]
"""Two points, numbered from 0, and how far they are apart in metres."""

THIN = 0.02  # of its longest side: a triangle that is lower says nothing about its direction
_STARTS = (1.0, 2.0, 4.0, 8.0, 0.5)  # how many times the picture is taken to be shortened ahead
_WORST = 0.1  # share of a distance by which it may be missed


def laid_out(pixels: Floats, distances: Sequence[Distance]) -> Floats:
    """Floor coordinates of points in metres, of shape (n, 2).

    The first point is the origin and the second lies to its right on the x axis: distances tell a
    layout's shape and size, but neither where it lies nor how it is turned. Which of its two mirror
    images it is, and on which side of a diagonal a corner lies, the picture tells: what goes
    clockwise there does so on the floor. n points take 2 n - 3 distances or more, for four points
    five: four sides and a diagonal. Raises GroundError.
    """
    _check(len(pixels), distances)
    a, b = (np.array([each[side] for each in distances]) for side in (0, 1))
    length = np.array([each[2] for each in distances])
    found: list[tuple[bool, float, Floats]] = []
    for stretch in _STARTS:
        start = (pixels - pixels.mean(axis=0)) * (1, -stretch)
        between = np.hypot(*(start[a] - start[b]).T).mean()
        points, missed = _solved(start * length.mean() / (between or 1.0), a, b, length)
        for each in (points, points * (1, -1)):
            found.append((misplaced(pixels, each) is not None, missed, each))
    wrong, _, points = min(found, key=lambda each: each[:2])
    _check_shape(points, a, b, length)
    if wrong:
        raise GroundError(
            "No layout with these distances looks like the picture: the numbers of two points may"
            " be mixed up"
        )
    return _turned(points)


def misplaced(pixels: Floats, floor: Floats) -> tuple[int, bool] | None:
    """The point that most contradicts the picture, and whether all of it is mirrored; or None.

    Whatever three points lie clockwise in the picture do so on the floor, seen from above.
    """
    wrong, right = np.zeros(len(pixels)), 0
    for three in combinations(range(len(pixels)), 3):
        seen, real = _turn(pixels[list(three)]), _turn(floor[list(three)])
        if seen * real > 0:  # the picture's y goes down and the floor's up
            wrong[list(three)] += 1
        elif seen * real < 0:
            right += 1
    return (int(wrong.argmax()), not right) if wrong.any() else None


def _turn(three: Floats) -> int:
    """1 or -1 for the way round of three points, 0 where they lie nearly on a line."""
    (ax, ay), (bx, by), (cx, cy) = three
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    longest = max((bx - ax) ** 2 + (by - ay) ** 2, (cx - ax) ** 2 + (cy - ay) ** 2,
                  (cx - bx) ** 2 + (cy - by) ** 2)  # fmt: skip
    return int(np.sign(area)) if abs(area) > THIN * longest else 0


def _check(count: int, distances: Sequence[Distance]) -> None:
    for one, other, length in distances:
        if not (0 <= one < count and 0 <= other < count) or one == other:
            raise GroundError(f"There is no distance between the points {one + 1} and {other + 1}")
        if not 0 < length < 1e5:
            raise GroundError(
                f"The distance from point {one + 1} to {other + 1} is none: {length:g} m"
            )
    pairs = {frozenset(each[:2]) for each in distances}
    needed = 2 * count - 3
    if len(pairs) < needed:
        raise GroundError(
            f"{count} points need {needed} distances or more, not {len(pairs)}: for a rectangle"
            " its four sides and a diagonal"
        )


def _check_shape(points: Floats, a: np.ndarray, b: np.ndarray, length: Floats) -> None:
    count = len(points)
    missed = np.abs(np.hypot(*(points[a] - points[b]).T) - length) / length
    if missed.max() > _WORST:
        worst = int(missed.argmax())
        raise GroundError(
            f"These distances contradict each other: {length[worst]:g} m from point"
            f" {a[worst] + 1} to {b[worst] + 1} is missed by {missed[worst]:.0%}"
        )
    slopes = _slopes(points, a, b)
    rank = int(np.linalg.matrix_rank(slopes, tol=1e-6 * np.abs(slopes).max()))
    if rank < 2 * count - 3:
        raise GroundError(
            "These distances leave a part of the layout free to move, at point"
            f" {_loosest(points, np.linalg.svd(slopes)[2][rank:]) + 1}: another distance to it is"
            " needed"
        )


def _loosest(points: Floats, free: Floats) -> int:
    """The point that moves most where the layout as a whole stays. free: ways that all may move."""
    around = points - points.mean(axis=0)
    whole = np.zeros((3, *points.shape))
    whole[0, :, 0] = whole[1, :, 1] = 1
    whole[2, :, 0], whole[2, :, 1] = -around[:, 1], around[:, 0]
    basis = np.linalg.qr(whole.reshape(3, -1).T)[0]
    left = free - free @ basis @ basis.T
    moved = np.linalg.svd(left)[2][0].reshape(-1, 2)
    return int(np.hypot(*moved.T).argmax())


def _solved(points: Floats, a: np.ndarray, b: np.ndarray, length: Floats) -> tuple[Floats, float]:
    """Levenberg and Marquardt's least squares of the distances; with the worst miss in metres."""
    damping, wrong = 1e-2, _wrong(points, a, b, length)
    for _ in range(200):
        slopes = _slopes(points, a, b)
        square = slopes.T @ slopes
        step = np.linalg.solve(square + damping * np.eye(len(square)), slopes.T @ wrong)
        moved = points - step.reshape(-1, 2)
        left = _wrong(moved, a, b, length)
        if left @ left < wrong @ wrong:
            points, wrong, damping = moved, left, damping / 5
        else:
            damping *= 4
        if damping > 1e8 or np.abs(wrong).max() < 1e-13:
            break
    return points, float(np.abs(wrong).max())


def _wrong(points: Floats, a: np.ndarray, b: np.ndarray, length: Floats) -> Floats:
    found: Floats = np.hypot(*(points[a] - points[b]).T) - length
    return found


def _slopes(points: Floats, a: np.ndarray, b: np.ndarray) -> Floats:
    """How each distance changes with each coordinate; of shape (distances, 2 n)."""
    between = points[a] - points[b]
    way = between / np.maximum(np.hypot(*between.T), 1e-12)[:, None]
    slopes = np.zeros((len(a), *points.shape))
    rows = np.arange(len(a))
    slopes[rows, a], slopes[rows, b] = way, -way
    return slopes.reshape(len(a), -1)


def _turned(points: Floats) -> Floats:
    moved = points - points[0]
    x, y = moved[1] / np.hypot(*moved[1])
    found: Floats = moved @ np.array([[x, -y], [y, x]])
    return found
