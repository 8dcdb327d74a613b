"""How the C library keeps memory that was freed."""

from __future__ import annotations

import ctypes
from contextlib import suppress

ARENAS = 2
_M_ARENA_MAX = -8  # of glibc's malloc.h


def share_arenas() -> None:
    """Have all threads share few heaps; to be called before there are threads.

    glibc gives a thread a heap of its own whenever another one is just being used, up to eight per
    processor core, and each keeps what it needed at most: a process whose threads come and go
    grows for an hour without holding anything.
    """
    with suppress(OSError, AttributeError):  # other C libraries do not do that
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
