"""Whether anything moves before a fixed camera, and whether its picture is alive at all."""

from __future__ import annotations

import cv2
import numpy as np

from ..frame import Frame, Image

SIDE = 320  # pixels of the longer side of the small picture that is compared
LEAST_STEP = 10.0  # grey levels by which a pixel must differ from what is usual there
NOISE = 5.0  # ... and as a multiple of the picture's usual noise
LEAST_PIXELS = 4  # of the small picture that must differ, blurred over 3x3
LEARN = 0.05  # how much of each new picture goes into what is usual


class MotionGate:
    """Compares each picture with a running average of those before it.

    hold: seconds for which a scene counts as moving after its last motion. refresh: seconds after
    which it counts as moving whatever happens, so that nothing is overlooked for longer.
    """

    def __init__(self, hold: float = 1.0, refresh: float = 2.0) -> None:
        self.hold, self.refresh = round(hold * 1000), round(refresh * 1000)
        self._usual: Image | None = None
        self._noise = 0.0
        self._moved = self._opened = self._compared = -self.refresh - self.hold

    def moving(self, frame: Frame) -> bool:
        """Whether this picture must be looked at. Frames come in their order."""
        held = frame.t - self._moved <= self.hold
        # while it moves, now and then is often enough to see that it still does
        if not held or frame.t - self._compared >= self.hold / 2:
            self._compared = frame.t
            if self._differs(self._small(frame.image)):
                self._moved = frame.t
        if held or frame.t - self._moved <= self.hold or frame.t - self._opened >= self.refresh:
            self._opened = frame.t
            return True
        return False

    def _small(self, image: Image) -> Image:
        height, width = image.shape[:2]
        step = max(1, max(height, width) // SIDE)
        size = max(1, width // step), max(1, height // step)
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        return cv2.blur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (3, 3))

    def _differs(self, small: Image) -> bool:
        if self._usual is None or self._usual.shape != small.shape:
            self._usual = small.astype(np.float32)
            return True
        difference = cv2.absdiff(small, cv2.convertScaleAbs(self._usual))
        noise = float(cv2.mean(difference)[0])
        least = max(LEAST_STEP, NOISE * self._noise)
        _, differing = cv2.threshold(difference, least, 1, cv2.THRESH_BINARY)
        differs = cv2.countNonZero(differing) >= LEAST_PIXELS
        if not differs or not self._noise:
            self._noise += (noise - self._noise) * LEARN
        cv2.accumulateWeighted(small, self._usual, LEARN)
        return differs


class Frozen:
    """Since when a source has given the very same picture: a camera's noise never repeats."""

    def __init__(self) -> None:
        self._last: Image | None = None
        self._first = 0
        self.since: int | None = None

    def look(self, frame: Frame) -> int | None:
        """Capture time of the first picture that was like this one; None for a new picture."""
        image, last = frame.image, self._last
        self._last = image
        if last is None or image.shape != last.shape or not _same(image, last):
            self.since = None
            self._first = frame.t
            return None
        self.since = self.since if self.since is not None else self._first
        return self.since


def _same(one: Image, other: Image) -> bool:
    """Equal in every pixel; a few are compared first, since most pictures differ in those."""
    return np.array_equal(one[::32, ::32], other[::32, ::32]) and np.array_equal(one, other)
