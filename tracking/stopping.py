"""SIGTERM as an exception, while something must be finished before the program ends."""

from __future__ import annotations

import signal
import threading
from types import FrameType

_lock = threading.Lock()
_holders = 0


def hold_sigterm() -> None:
    """From now on SIGTERM unwinds the program like Ctrl-C does, instead of ending it at once.

    Only the main thread can arrange that; a handler of the program's own is left alone.
    """
    global _holders
    with _lock:
        _holders += 1
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _leave)


def release_sigterm() -> None:
    """The counterpart of `hold_sigterm`: the last one gives the signal its usual meaning back."""
    global _holders
    with _lock:
        _holders -= 1
        last = _holders == 0
    if last and _in_main_thread() and signal.getsignal(signal.SIGTERM) is _leave:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
