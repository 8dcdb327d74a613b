"""Kalman filters over many boxes at once, whose centre and size move at constant velocity.

Reference: Aharon et al. 2022 (arXiv 2206.14651), sections 3.1 and 3.2. Noise grows with the box:
its standard deviation is a share of the box's width (for x and w) or height (for y and h). Boxes
are arrays (4, n): x and y of the centre, width, height, in pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]

OF_PLACE = 1 / 20
"""Share of the box's size by which its place is uncertain after a step, and as measured."""

OF_SPEED = 1 / 100
"""The same for its speed after a step. The paper has 1/160, which is too sure of walkers who are
filmed ten times a second or less, and makes no difference to what is filmed more often."""

SIZES = np.array([2, 3, 2, 3])
"""For x, y, w, h: where the size is that its noise grows with."""


class StillFilter:
    """For a camera that stands still: no axis knows of another, so that no matrix is inverted.

    A state is (5, 4, n): place, speed (pixels a picture), variance of place, covariance of place
    and speed, variance of speed, each for x, y, w, h. of_speed: OF_SPEED, or what replaces it.
    """

    def __init__(self, of_speed: float = OF_SPEED) -> None:
        self._speed_noise = (of_speed / OF_PLACE) ** 2

    def begin(self, boxes: Floats) -> Floats:
        """The state of boxes seen for the first time."""
        place = boxes.astype(np.float64)
        noise = _noise(place)
        none = np.zeros_like(place)
        return np.stack([place, none, 2**2 * noise, none, 10**2 * self._speed_noise * noise])

    def predict(self, state: Floats, seen: int) -> None:
        """Move on by one picture; those behind the first `seen` boxes are lost and keep their size.

        With F = [[1, 1], [0, 1]] for each axis: mean F m, covariance F P F' + Q.
        """
        place, speed, var, cov, speed_var = state
        noise = _noise(place)
        speed[2:, seen:] = 0
        place += speed
        var += 2 * cov + speed_var + noise
        cov += speed_var
        speed_var += self._speed_noise * noise

    def correct(self, state: Floats, boxes: Floats) -> None:
        """Take in what was measured: gain K = P H' / S, mean m + K y, covariance P - K S K'."""
        place, speed, var, cov, speed_var = state
        total = var + _noise(place)
        gain, push = var / total, cov / total
        off = boxes - place
        place += gain * off
        speed += push * off
        speed_var -= push * cov
        cov -= gain * cov
        var -= gain * var


class MovingFilter:
    """For a camera that moves: a turn of the picture mixes x with y, and w with h.

    A state is (18, 4, n): place, speed, and the 8 rows of their covariance, each in two halves.
    """

    step = np.eye(8) + np.eye(8, k=4)

    def __init__(self, of_speed: float = OF_SPEED) -> None:
        self._speed_noise = (of_speed / OF_PLACE) ** 2
        self._still = StillFilter(of_speed)

    def begin(self, boxes: Floats) -> Floats:
        """The state of boxes seen for the first time."""
        place, speed, var, _, speed_var = self._still.begin(boxes)
        cov = np.concatenate([var, speed_var]).T[:, :, None] * np.eye(8)
        return _packed(np.concatenate([place, speed]).T, cov)

    def predict(self, state: Floats, seen: int) -> None:
        """Move on by one picture; those behind the first `seen` boxes are lost and keep their size.

        Mean F m, covariance F P F' + Q.
        """
        noise = _noise(state[0])
        noise = np.concatenate([noise, self._speed_noise * noise]).T
        state[1, 2:, seen:] = 0
        mean, cov = _unpacked(state)
        cov = self.step @ cov @ self.step.T + noise[:, :, None] * np.eye(8)
        state[:] = _packed(mean @ self.step.T, cov)

    def correct(self, state: Floats, boxes: Floats) -> None:
        """Take in what was measured: gain K = P H' / S, mean m + K y, covariance P - K S K'."""
        mean, cov = _unpacked(state)
        seen = cov[:, :4]  # H P
        total = seen[:, :, :4] + _noise(state[0]).T[:, :, None] * np.eye(4)
        gain = np.linalg.solve(total, seen)  # K', as S is symmetric
        off = (boxes - state[0]).T
        mean = mean + (off[:, None] @ gain)[:, 0]
        state[:] = _packed(mean, cov - gain.swapaxes(1, 2) @ seen)

    def warp(self, state: Floats, motion: Floats) -> None:
        """Turn, scale and shift with the picture. motion: (2, 3), from the last picture to this.

        With M = diag(R, |R|, R, |R|): mean M m, covariance M P M'. The paper has R for sizes too;
        but those are of upright boxes, which grow when they are turned and have no sign.
        """
        mean, cov = _unpacked(state)
        turn = motion[:, :2]
        mix = np.zeros((8, 8))
        for first, block in ((0, turn), (2, abs(turn)), (4, turn), (6, abs(turn))):
            mix[first : first + 2, first : first + 2] = block
        mean = mean @ mix.T
        mean[:, :2] += motion[:, 2]
        state[:] = _packed(mean, mix @ cov @ mix.T)


def _noise(place: Floats) -> Floats:
    noise: Floats = np.square(OF_PLACE * place.take(SIZES, axis=0))
    return noise


def _packed(mean: Floats, cov: Floats) -> Floats:
    """A state of means (n, 8) and covariances (n, 8, 8)."""
    count = len(mean)
    rows = np.concatenate([mean, cov.reshape(count, 64)], axis=1)
    state: Floats = rows.T.reshape(18, 4, count)
    return state


def _unpacked(state: Floats) -> tuple[Floats, Floats]:
    count = state.shape[2]
    rows = state.reshape(72, count).T
    return rows[:, :8], rows[:, 8:].reshape(count, 8, 8)
