"""A flat floor as a camera sees it: from pixels to metres and back.

A picture of a flat floor is a projective map of it (a homography), which four points that are
known in both give. It is fitted by the direct linear transform on normalised points (Hartley and
Zisserman, Multiple View Geometry, algorithm 4.2) and then, where there are more than four, by
Gauss and Newton's steps to the least squares of the distances in the picture, because it is there
that a person points inexactly. All of it in double precision: `cv2.findHomography` reads points as
single ones. A lens that bends straight lines is not corrected for.

Floor coordinates are metres, x to the right and y ahead, as on a map; pixels have y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import GroundError

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

COARSEST = 0.5  # metres that a pixel may mean where a foot still has a place on the floor
_FLAT = 1e-4  # of the largest singular value: what is smaller tells nothing


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A floor in a picture. to_floor: 3 by 3, positive where the calibration's points are."""

    to_floor: Floats

    @property
    def to_picture(self) -> Floats:
        return np.asarray(np.linalg.inv(self.to_floor), np.float64)

    def floor(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Metres across and ahead of points of the picture; NaN for those that are not `sees`."""
        return _mapped(self.to_floor, x, y, self.sees(x, y))

    def picture(self, across: Floats, ahead: Floats) -> tuple[Floats, Floats]:
        """Pixels of points on the floor; NaN for those behind the camera."""
        matrix = self.to_picture
        depth = matrix[2, 0] * across + matrix[2, 1] * ahead + matrix[2, 2]
        return _mapped(matrix, across, ahead, np.asarray(depth > 0))

    def sees(self, x: Floats, y: Floats) -> Mask:
        """Which points of the picture have a place on the floor.

        Those on or above the horizon have none, nor have those so near to it that a pixel means
        more than COARSEST metres.
        """
        with np.errstate(invalid="ignore"):
            return self.below_horizon(x, y) & (self.metres_a_pixel(x, y) <= COARSEST)

    def below_horizon(self, x: Floats, y: Floats) -> Mask:
        return np.asarray(self._depth(x, y) > 0)

    def metres_a_pixel(self, x: Floats, y: Floats) -> Floats:
        """How far one pixel goes on the floor in the direction where that is most; NaN above."""
        depth = self._depth(x, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            over = np.where(depth > 0, 1 / depth, np.nan)
            across, ahead = ((row[0] * x + row[1] * y + row[2]) * over for row in self.to_floor[:2])
            (a, b), (c, d) = (
                [(row[axis] - at * self.to_floor[2, axis]) * over for axis in (0, 1)]
                for row, at in zip(self.to_floor[:2], (across, ahead), strict=True)
            )
            half, area = (a * a + b * b + c * c + d * d) / 2, a * d - b * c
            most = np.sqrt(half + np.sqrt(np.maximum(half * half - area * area, 0)))
        return np.asarray(most, np.float64)

    def square_metres_a_pixel(self, x: Floats, y: Floats) -> Floats:
        """The floor's area that one pixel shows; NaN for points that are not `sees`."""
        with np.errstate(divide="ignore", invalid="ignore"):
            area = abs(np.linalg.det(self.to_floor)) / self._depth(x, y) ** 3
        return np.where(self.sees(x, y), area, np.nan)

    def horizon(self, width: float) -> tuple[float, float] | None:
        """Where the horizon meets the left and the right side; None where it is upright or none."""
        a, b, c = self.to_floor[2]
        if abs(b) * max(width, 1) < 1e-9 * (abs(a) * width + abs(c)):
            return None
        return float(-c / b), float(-(a * width + c) / b)

    def placed(self, x: float, y: float, turn: float) -> Plane:
        """The same floor, turned by `turn` degrees anticlockwise and moved by x, y metres."""
        cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        return Plane(np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1]]) @ self.to_floor)

    def of_width(self, width: float, of: float) -> Plane:
        """The same floor in pictures that are `width` pixels wide instead of `of`."""
        return Plane(self.to_floor @ np.diag([of / width, of / width, 1.0]))

    def _depth(self, x: Floats, y: Floats) -> Floats:
        found: Floats = self.to_floor[2, 0] * x + self.to_floor[2, 1] * y + self.to_floor[2, 2]
        return found


def fit(pixels: Floats, floor: Floats) -> Plane:
    """The floor of four or more points. pixels, floor: of shape (n, 2).

    Raises GroundError for points that do not determine it, such as those on one line.
    """
    (source, moved), (target, moved_back) = _normalised(floor), _normalised(pixels)
    rows = _equations(source, target)
    _, sizes, vectors = np.linalg.svd(rows, full_matrices=True)
    if len(rows) < 8 or sizes[7] < _FLAT * sizes[0]:
        raise GroundError("These points do not determine the floor: too many lie on one line")
    matrix = vectors[-1].reshape(3, 3)
    if len(pixels) > 4:
        matrix = _refined(matrix, source, target)
    depths = np.linalg.svd(matrix, compute_uv=False)
    if depths[2] < _FLAT * depths[0]:
        raise GroundError("These points do not determine the floor: three of four lie on one line")
    to_floor = np.linalg.inv(np.linalg.inv(moved_back) @ matrix @ moved)
    depth = np.column_stack([pixels, np.ones(len(pixels))]) @ to_floor[2]
    if not (np.all(depth > 0) or np.all(depth < 0)):
        raise GroundError(
            "The horizon would lie between these points: at least one is not where it is said to be"
        )
    return Plane(to_floor / depth.mean())


def _mapped(matrix: Floats, x: Floats, y: Floats, known: Mask) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
        across, ahead = ((row[0] * x + row[1] * y + row[2]) / depth for row in matrix[:2])
    return np.where(known, across, np.nan), np.where(known, ahead, np.nan)


def _normalised(points: Floats) -> tuple[Floats, Floats]:
    """The points around 0 at a mean distance of the root of 2, and the matrix that does it."""
    centre = points.mean(axis=0)
    spread = np.hypot(*(points - centre).T).mean()
    if not spread > 0:
        raise GroundError("All of these points are the same")
    scale = np.sqrt(2) / spread
    matrix = np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])
    return (points - centre) * scale, matrix


def _equations(source: Floats, target: Floats) -> Floats:
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([-x, -y, -1, 0, 0, 0, u * x, u * y, u])
        rows.append([0, 0, 0, -x, -y, -1, v * x, v * y, v])
    return np.array(rows, np.float64)


def _refined(matrix: Floats, source: Floats, target: Floats) -> Floats:
    """The least squares of the distances in the picture, from a start nearby."""
    ones = np.column_stack([source, np.ones(len(source))])
    best, least = matrix, np.inf
    for _ in range(30):
        matrix = matrix / np.linalg.norm(matrix)
        u, v, w = (ones @ matrix.T).T
        seen = np.column_stack([u / w, v / w])
        wrong = seen - target
        size = float((wrong**2).sum())
        if not size < least * (1 - 1e-12):
            break
        best, least = matrix, size
        over = ones / w[:, None]
        none = np.zeros_like(over)
        slopes = np.concatenate(
            [
                np.hstack([over, none, -over * seen[:, :1]]),
                np.hstack([none, over, -over * seen[:, 1:]]),
            ]
        )
        step = np.linalg.lstsq(slopes, wrong.T.ravel(), rcond=1e-12)[0]
        matrix = matrix - step.reshape(3, 3)
    return best
