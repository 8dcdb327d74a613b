"""What becomes of memory that is no longer needed."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time
from contextlib import suppress

ARENAS = 2
LARGE = 128 * 1024  # bytes
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of glibc's malloc.h

TIDY_EVERY = 10.0  # seconds


def share_arenas() -> None:
    """Have all threads share few heaps; to be called before there are threads.

    glibc gives a thread a heap of its own whenever another one is just being used, up to eight per
    processor core, and each keeps what it needed at most: a process whose threads come and go
    grows for an hour without holding anything.
    """
    _set(_M_ARENA_MAX, ARENAS)


def give_back_large_blocks() -> None:
    """Have the system get every large block as soon as it is freed.

    glibc raises the size from which on it does so with each such block, up to 32 MB: then heaps
    grow by pictures and tables, and small things that lie among these keep them from shrinking.
    Not for where pictures come by the dozen each second: blocks from the system cost more time.
    """
    _set(_M_MMAP_THRESHOLD, LARGE)


def _set(parameter: int, value: int) -> None:
    with suppress(OSError, AttributeError):  # other C libraries do not do that
        ctypes.CDLL(None).mallopt(parameter, value)


class Tidier:
    """Collects what refers to itself in circles, which Python does by itself the later the more
    there is: among a million objects only when they have become a quarter more.

    What was loaded since is there for good, and is left out of the next looks: these are short.
    """

    def __init__(self, every: float = TIDY_EVERY) -> None:
        self._every, self._due, self._modules = every, 0.0, 0
        self._lock = threading.Lock()

    def tidy(self) -> None:
        """Do it unless it was done in the last seconds, or is being done."""
        if time.monotonic() < self._due or not self._lock.acquire(blocking=False):
            return
        try:
            gc.collect()
            if len(sys.modules) > self._modules:
                self._modules = len(sys.modules)
                gc.freeze()
            self._due = time.monotonic() + self._every
        finally:
            self._lock.release()
