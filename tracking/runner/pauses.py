"""Growing pauses between tries, shortened at random so that cameras do not all return at once."""

from __future__ import annotations

import random

LONGEST_PAUSE = 60.0  # seconds


class Pauses:
    """Each is about twice as long as the one before it, up to a minute."""

    def __init__(self) -> None:
        self._tries = 0

    def reset(self) -> None:
        self._tries = 0

    def next(self) -> float:
        """Seconds to wait before the next try."""
        longest = min(LONGEST_PAUSE, 2.0**self._tries)
        self._tries = min(self._tries + 1, 10)
        return longest * random.uniform(0.5, 1.0)
