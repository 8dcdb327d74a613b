"""Capture times that only run forward."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..times import now_ms

AHEAD = 1000  # ms by which the machine's clock must be ahead before it is followed


class Clock:
    """Milliseconds since 1970 UTC, from the machine's clock as it stood at the beginning.

    Setting the machine's clock back changes nothing here; setting it forward is followed.
    """

    def __init__(
        self, wall: Callable[[], int] = now_ms, steady: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady() // 1_000_000

    def now(self) -> int:
        t = self._steady() // 1_000_000 + self._offset
        ahead = self._wall() - t
        if ahead > AHEAD:
            self._offset += ahead
            t += ahead
        return t
