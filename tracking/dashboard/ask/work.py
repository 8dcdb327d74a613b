"""A question being answered: at once by the parser, or meanwhile by a model that can be stopped."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ...ask.answer import Answer

QUIET = 0.2  # seconds after which somebody who waits looks up
_log = logging.getLogger(__name__)


class Stopped(BaseException):
    """Nobody waits for the answer any more. No Exception: nothing may catch it and go on."""


class Work:
    """Something that is done in a thread, and tells meanwhile how it goes.

    It goes on whatever becomes of the page that shows it, which can be drawn anew meanwhile.
    answer: what came of it; None until then, and where it failed or was stopped.
    """

    def __init__(self, do: Callable[[Callable[[Any], None]], Answer]) -> None:
        self._told: list[Any] = []
        self._changed = threading.Condition()
        self._stopped = self._ended = False
        self._begun = time.monotonic()
        self.answer: Answer | None = None
        threading.Thread(target=self._run, args=(do,), name="asking", daemon=True).start()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._begun

    def events(self) -> Iterator[list[Any]]:
        """All it has told from the beginning, each time that there is more, or some time passed;
        ends when it has ended."""
        seen = -1
        while True:
            with self._changed:
                if len(self._told) == seen and not self._ended:
                    self._changed.wait(QUIET)
                told, ended = list(self._told), self._ended
            seen = len(told)
            yield told
            if ended:
                return

    def stop(self) -> None:
        """Give it up: it ends when it next tells something, or at its own limit."""
        self._stopped = True

    def _tell(self, event: Any) -> None:
        if self._stopped:
            raise Stopped
        with self._changed:
            self._told.append(event)
            self._changed.notify_all()

    def _run(self, do: Callable[[Callable[[Any], None]], Answer]) -> None:
        try:
            self.answer = do(self._tell)
        except Stopped:
            pass
        except Exception:
            _log.exception("A question could not be answered")
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()
