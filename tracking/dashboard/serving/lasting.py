"""What is there once in a process, also when Streamlit loads the modules anew after an edit."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")
_KEPT = "_sightline"  # an attribute of `sys`, the one module that is never loaded anew


def once(name: str, make: Callable[[], T]) -> T:
    """What was made under this name first; whoever asks meanwhile waits for it."""
    lock, things = _things()
    with lock:
        if name not in things:
            things[name] = make()
        return cast(T, things[name])


def kept(name: str) -> Any:
    """What was made under this name; None before that."""
    return _things()[1].get(name)


def forget(name: str) -> None:
    """Let the next who asks make it anew."""
    lock, things = _things()
    with lock:
        things.pop(name, None)


def _things() -> tuple[threading.RLock, dict[str, Any]]:
    kept: tuple[threading.RLock, dict[str, Any]]
    kept = sys.__dict__.setdefault(_KEPT, (threading.RLock(), {}))
    return kept
