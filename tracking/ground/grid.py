"""A grid of metres over a picture: whether a floor is where it is said to be shows at a glance."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .calibration import Fit
from .plane import Floats, Plane

Image = npt.NDArray[Any]

NARROWEST = 6.0  # pixels that a metre must be wide where the grid is drawn
STRONG = 5  # every so many metres a line is a strong one
_MOST = 200  # lines in a direction
_LOOKS = 400  # places along a line
_GRID, _ORIGIN, _POINT = (255, 190, 60), (60, 200, 255), (60, 60, 240)  # BGR


def metre_lines(plane: Plane, width: int, height: int) -> list[tuple[int, str, Floats]]:
    """The lines of whole metres that a picture of that size shows, near enough to be told apart.

    Each is its metre, "x" or "y" for what is that metre on all of it, and its two ends in pixels,
    of shape (2, 2).
    """
    x, y = np.meshgrid(np.linspace(0, width, 60), np.linspace(0, height, 60))
    across, ahead = plane.floor(*_near(plane, x.ravel(), y.ravel()))
    if not len(across):
        return []
    sides = {"x": (across.min(), across.max()), "y": (ahead.min(), ahead.max())}
    found = []
    for axis, (low, high) in sides.items():
        along = np.linspace(*sides["y" if axis == "x" else "x"], _LOOKS)
        for metre in range(int(np.ceil(low)), int(np.floor(high)) + 1)[:_MOST]:
            fixed = np.full(_LOOKS, float(metre))
            seen = plane.picture(*((fixed, along) if axis == "x" else (along, fixed)))
            inside = (seen[0] >= 0) & (seen[0] <= width) & (seen[1] >= 0) & (seen[1] <= height)
            ends = np.column_stack(_near(plane, seen[0][inside], seen[1][inside]))
            if len(ends) > 1:
                found.append((metre, axis, ends[[0, -1]]))
    return found


def gridded(image: Image, fit: Fit, width: int | None = None) -> Image:
    """A copy of a picture with the floor's metres and the numbered points of its calibration.

    width: of the frames that the points are pixels of, where the picture is a smaller one of them.
    """
    drawn: Image = image.copy()
    high, wide = drawn.shape[:2]
    scale = wide / (width or wide)
    plane = fit.plane.of_width(wide, wide / scale)
    thick = max(1, round(wide / 900))
    for metre, _, ends in metre_lines(plane, wide, high):
        colour = _GRID if metre else _ORIGIN
        strong = metre % STRONG == 0
        a, b = ends.round().astype(int).tolist()
        cv2.line(drawn, a, b, colour, thick * 2 if strong else thick, cv2.LINE_AA)
    size = max(0.5, wide / 1400)
    for number, point in enumerate(fit.calibration.pixels, 1):
        at = (round(point[0] * scale), round(point[1] * scale))
        cv2.circle(drawn, at, round(8 * size), (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(drawn, at, round(6 * size), _POINT, -1, cv2.LINE_AA)
        beside = (at[0] + round(12 * size), at[1] - round(8 * size))
        for colour, bold in (((0, 0, 0), 4), ((255, 255, 255), 2)):
            cv2.putText(
                drawn, str(number), beside, cv2.FONT_HERSHEY_SIMPLEX, size, colour,
                max(1, round(bold * size)), cv2.LINE_AA,
            )  # fmt: skip
    return drawn


def _near(plane: Plane, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Those of these pixels where a metre is wide enough to be drawn."""
    with np.errstate(invalid="ignore"):
        near = plane.sees(x, y) & (plane.metres_a_pixel(x, y) <= 1 / NARROWEST)
    return x[near], y[near]
