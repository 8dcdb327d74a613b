"""Cameras that are known exactly: a pinhole above a flat floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pinhole:
    """A camera at x, y, `high` metres above the floor.

    heading: degrees clockwise from ahead (y); down: degrees that it looks down. focal: pixels.
    """

    x: float = 2.0
    y: float = -3.0
    high: float = 3.5
    heading: float = 10.0
    down: float = 28.0
    focal: float = 620.0
    width: int = 640
    height: int = 480

    @property
    def matrix(self) -> Floats:
        """From floor (x, y, 1) to picture, 3 by 3."""
        turn, tilt = np.radians(self.heading), np.radians(self.down)
        right = np.array([np.cos(turn), -np.sin(turn), 0.0])
        level = np.array([np.sin(turn), np.cos(turn), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        forward = np.cos(tilt) * level - np.sin(tilt) * up
        below = -np.sin(tilt) * level - np.cos(tilt) * up  # the picture's y goes down
        turned = np.stack([right, below, forward])
        place = -turned @ np.array([self.x, self.y, self.high])
        inner = np.array([[self.focal, 0, self.width / 2], [0, self.focal, self.height / 2],
                          [0, 0, 1]])  # fmt: skip
        found: Floats = inner @ np.column_stack([turned[:, 0], turned[:, 1], place])
        return found

    def picture(self, floor: npt.ArrayLike) -> Floats:
        """Pixels of points on the floor, of shape (n, 2)."""
        points = np.atleast_2d(np.asarray(floor, np.float64))
        found = np.column_stack([points, np.ones(len(points))]) @ self.matrix.T
        return np.asarray(found[:, :2] / found[:, 2:])

    @property
    def horizon(self) -> tuple[float, float]:
        """Where the horizon crosses the picture's left and right side."""
        middle = self.height / 2 - self.focal * np.tan(np.radians(self.down))
        return middle, middle
