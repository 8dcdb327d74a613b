"""When a live source was not watched, and why: told every second, and exactly at its end."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from statistics import median

SILENCE = 3000  # milliseconds without a picture after which an open source counts as down
STEP = 1000  # milliseconds at least between two tellings of the same absence


class Attendance:
    """The state of a live source: ok, stale, down or stopped. Times are milliseconds UTC.

    tell: called with state, since and until for each part of the time that was not watched, and
    with how much of it, from its beginning, had looked as if it were; the parts follow on one
    another without gaps or overlaps. silence: as SILENCE. clock: seconds, never running back.
    May be used from several threads.
    """

    def __init__(
        self,
        tell: Callable[[str, int, int, int], object],
        t: int,
        state: str = "down",
        silence: int = SILENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = state
        self._tell = tell
        self._silence = silence
        self._clock = clock
        self._heard = clock()
        self._steps: deque[float] = deque(maxlen=9)
        self._lock = threading.Lock()
        self._fresh = self._told = t

    def watched(self, t: int) -> None:
        """A new picture was taken at t."""
        with self._lock:
            if self.state != "ok":
                self._tell_until(t)
                self.state = "ok"
            self._fresh = t
            now = self._clock()
            self._steps.append(now - self._heard)
            self._heard = now

    def missed(self, state: str, t: int, since: int | None = None) -> None:
        """At t it is known to be in that state; since the last new picture, or since `since`."""
        with self._lock:
            self._miss(state, t, since)

    def tick(self, t: int) -> None:
        """Time passes; to be called about once a second."""
        with self._lock:
            if self.state != "ok":
                self._miss(self.state, t)
            elif self._clock() - self._heard > self._patience():
                self._miss("down", t)

    def end(self, t: int) -> None:
        """Nobody will watch any more: tell what is left to be told."""
        with self._lock:
            if self.state != "ok":
                self._tell_until(t)

    def _patience(self) -> float:
        """Seconds without a picture that are nothing unusual for this source."""
        usual = median(self._steps) if len(self._steps) >= 3 else 0.0
        return max(self._silence / 1000, 2.5 * usual)

    def _miss(self, state: str, t: int, since: int | None = None) -> None:
        if self.state == "ok":
            self._told = max(self._told, self._fresh if since is None else since)
        elif state != self.state:
            self._tell_until(t)
        self.state = state
        if not 0 <= t - self._told < STEP:
            self._tell_until(t)

    def _tell_until(self, t: int) -> None:
        if t > self._told:  # else the clock was set back
            mistaken = max(0, min(self._fresh, t) - self._told)
            self._tell(self.state, self._told, t, mistaken)
        self._told = t
