"""What is counted of one source while it is watched."""

from __future__ import annotations

import time
from collections import deque
from statistics import median

from ..frame import Frame

RATE_OVER = 5.0  # seconds over which frames a second are counted


class Counts:
    """Counters of one source; written by its reader and the engine, read by anybody.

    frames: followed; dropped: left out because newer ones were there; still: not detected anew
    because nothing moved; reconnects: tries after the first; last: capture time of the newest.
    """

    def __init__(self) -> None:
        self.frames = self.dropped = self.still = self.reconnects = 0
        self.last: int | None = None
        self._begun = time.monotonic()
        self._times: deque[float] = deque(maxlen=5000)
        self._delays: deque[int] = deque(maxlen=100)

    def add(self, frame: Frame, now: int | None) -> None:
        """A frame was followed; now: ms UTC, where the frame was taken in real time."""
        self.frames += 1
        self.last = frame.t
        self._times.append(time.monotonic())
        if now is not None:
            self._delays.append(now - frame.t)

    def rate(self) -> float:
        """Frames a second over the last few seconds."""
        now = time.monotonic()
        recent = [moment for moment in list(self._times) if moment > now - RATE_OVER]
        return len(recent) / min(RATE_OVER, max(1.0, now - self._begun))

    def delay(self) -> int | None:
        """Median milliseconds from capture to being followed, of the latest frames."""
        delays = list(self._delays)
        return round(median(delays)) if delays else None
