"""Live pictures: kept for every frame, drawn and encoded only for those who look.

The engine's thread publishes each frame, which costs it microseconds. A viewer waits in its event
loop for a newer frame and asks for a shot of it; all viewers who want the same look of the same
frame share one shot, made in a worker thread. Nothing is queued: whoever was busy meanwhile gets
the newest frame, so a slow viewer skips frames.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from queue import SimpleQueue

from ..drawing import Look, Past, Trails, drawn
from ..frame import Frame
from ..streamers import jpeg

WORKERS = 2  # threads that draw and encode, for all sources together
MOST_LOOKS = 16  # of one frame that are kept for the next viewer who wants the same

_Sleeper = tuple[asyncio.AbstractEventLoop, asyncio.Event]
"""Those who wait in one event loop for one picture."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One encoded picture.

    number: counts the frames that were published, from 1. index, t: the frame's own.
    tracks: how many it shows. jpeg: one whole JPEG (FF D8 ... FF D9).
    """

    number: int
    index: int
    t: int
    tracks: int
    jpeg: bytes = field(repr=False)


class LivePicture:
    """The newest picture of one source, for any number of viewers.

    frames: how many were published; encoded: how many JPEGs were made of them; viewers: how many
    are looking now.
    """

    def __init__(self) -> None:
        self.frames = self.encoded = self.viewers = 0
        self._frame: Frame | None = None
        self._came = 0.0
        self._trails = Trails()
        self._shots: dict[Look, Future[Shot]] = {}  # of the newest frame
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.AbstractEventLoop, asyncio.Event] = {}

    @property
    def age(self) -> float | None:
        """Seconds since the newest frame came; None before the first."""
        return time.monotonic() - self._came if self._frame else None

    def publish(self, frame: Frame) -> None:
        """Show this frame from now on. Its picture must not change any more."""
        with self._lock:
            self._trails.remember(frame)
            self._frame = frame
            self._came = time.monotonic()
            self.frames += 1
            if self._shots:
                self._shots = {}
        while self._waiting:  # somebody looks: wake each event loop once, not each viewer
            with suppress(KeyError):  # woken by another thread just now
                _bell().put(self._waiting.popitem())

    def shot(self, look: Look) -> Future[Shot] | None:
        """The newest frame, drawn and encoded at most once; None before the first frame.

        May be called from any thread. Cancelling the future would take it from other viewers, too.
        """
        with self._lock:
            frame = self._frame
            if frame is None:
                return None
            if look.width is not None and look.width >= frame.image.shape[1]:
                look = replace(look, width=None)
            future = self._shots.get(look)
            if future is None:
                past = self._trails.past() if look.trails else ()
                future = _workers().submit(self._take, self.frames, frame, past, look)
                if len(self._shots) >= MOST_LOOKS:
                    del self._shots[next(iter(self._shots))]
                self._shots[look] = future
            return future

    async def seen(self, look: Look) -> Shot | None:
        """Like `shot`, for a viewer in an event loop; one who leaves takes nothing from others."""
        future = self.shot(look)
        if future is None:
            return None
        return await asyncio.shield(asyncio.wrap_future(future))

    async def newer(self, number: int, patience: float) -> bool:
        """Wait, at most `patience` seconds, until more frames than this number were published."""
        if self.frames > number:
            return True
        # first say who waits, then look again: a frame published in between is seen
        event = self._waiting.setdefault(asyncio.get_running_loop(), asyncio.Event())
        if self.frames <= number:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(event.wait(), patience)
        return self.frames > number

    @contextmanager
    def watched(self) -> Generator[None, None, None]:
        """Count one viewer more while the block runs; to be used in one event loop only."""
        self.viewers += 1
        try:
            yield
        finally:
            self.viewers -= 1

    def _take(self, number: int, frame: Frame, past: Past, look: Look) -> Shot:
        data = jpeg(drawn(frame, past, look))
        with self._lock:
            self.encoded += 1
        return Shot(number, frame.index, frame.t, len(frame.tracks), data)


@cache
def _bell() -> SimpleQueue[_Sleeper]:
    """Where to put what shall be woken.

    A thread does it, because waking an event loop lets go of the interpreter's lock: the engine
    would wait, often for milliseconds, to get it back.
    """
    queue: SimpleQueue[_Sleeper] = SimpleQueue()

    def ring() -> None:
        while True:
            loop, event = queue.get()
            with suppress(RuntimeError):  # a loop that was closed
                loop.call_soon_threadsafe(event.set)

    threading.Thread(target=ring, name="live-picture-bell", daemon=True).start()
    return queue


@cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="live-picture")
