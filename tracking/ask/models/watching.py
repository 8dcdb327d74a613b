"""How much a model may do for one question; whoever passes a limit is stopped where it stands."""

from __future__ import annotations

import threading
import time

from ...errors import ModelFailed
from .model import ModelSettings

BYTES = 4_000_000
"""Of one question's answers, all together."""


class Watch:
    """Counts and looks at the clock, from any thread. why: the reason of the first stop."""

    def __init__(self, settings: ModelSettings) -> None:
        self.why = ""
        self.deadline = time.monotonic() + settings.seconds
        self._settings = settings
        self._calls = self._tools = self._tokens = self._bytes = 0
        self._lock = threading.Lock()

    @staticmethod
    def clock() -> float:
        return time.monotonic()

    def left(self) -> float:
        """Seconds that remain, at least a moment."""
        return max(0.05, self.deadline - time.monotonic())

    def ended(self, why: str) -> ModelFailed:
        """End it all, for a reason; an error to raise."""
        with self._lock:
            self.why = self.why or why
            return ModelFailed(self.why)

    def late(self) -> ModelFailed:
        return self.ended(f"it took longer than {self._settings.seconds:g} seconds")

    def check(self) -> None:
        """Raise ModelFailed if it has been ended, or the time is over."""
        if self.why:
            raise ModelFailed(self.why)
        if time.monotonic() > self.deadline:
            raise self.late()

    def model_called(self) -> None:
        self._calls += 1
        if self._calls > self._settings.calls:
            raise self.ended(f"it came to no end in {self._settings.calls} steps")
        self.check()

    def tool_called(self) -> None:
        with self._lock:
            self._tools += 1
        if self._tools > self._settings.tools:
            raise self.ended(f"it used more than {self._settings.tools} tools")
        self.check()

    def tokens_used(self, count: int) -> None:
        self._tokens += count
        if self._tokens > self._settings.tokens:
            raise self.ended(f"it took more than {self._settings.tokens} tokens")

    def received(self, count: int) -> None:
        self._bytes += count
        if self._bytes > BYTES:
            raise self.ended("it wrote far too much")
        self.check()
