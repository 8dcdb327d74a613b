"""One viewer's stream of live pictures, as the parts of a multipart answer."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from ..drawing import Look
from ..streamers import MJPEG_BOUNDARY
from ..times import iso
from .pictures import LivePicture, Shot

GLANCE = 0.25  # seconds between two looks at whether the stream has ended
REPEAT = 5.0  # seconds of silence after which the last picture is sent again
ABSENT = 5.0  # seconds for which a source may be gone, as it is while its settings change
BOUNDARY = f"--{MJPEG_BOUNDARY}\r\n".encode()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a viewer asks for. fps: pictures a second at most; None: all."""

    look: Look
    fps: float | None = None


class Viewer:
    """One who looks at a source, and what it has been shown.

    find: gives the source's picture now, None while there is no such source. stopping: set when
    every stream shall end.
    """

    def __init__(
        self, find: Callable[[], LivePicture | None], stopping: threading.Event, wish: Wish
    ) -> None:
        self._find = find
        self._stopping = stopping
        self._wish = wish
        self._number = 0
        self._part = b""
        self._due = 0.0
        self._quiet = math.inf  # until when nothing is repeated

    async def parts(self) -> AsyncGenerator[bytes, None]:
        """Each part only when the viewer has taken the one before; ends with the source."""
        yield BOUNDARY
        while (picture := await self._source()) is not None:
            self._number = 0
            with picture.watched():
                while self._find() is picture and not self._stopping.is_set():
                    if await self._news(picture):
                        yield self._part
                        yield b""  # no more is asked for before there is room for it

    async def _source(self) -> LivePicture | None:
        deadline = time.monotonic() + ABSENT
        while not self._stopping.is_set() and time.monotonic() < deadline:
            if (picture := self._find()) is not None:
                return picture
            await asyncio.sleep(GLANCE)
        return None

    async def _news(self, picture: LivePicture) -> bool:
        """Whether there is a part to send; known after a glance at most."""
        now = time.monotonic()
        if now < self._due:
            await asyncio.sleep(min(self._due - now, GLANCE))
            return False
        new = await picture.newer(self._number, GLANCE)
        if new and (shot := await picture.seen(self._wish.look)):
            self._number, self._part = shot.number, _part(shot)
        elif now < self._quiet:
            return False
        now = time.monotonic()
        self._due, self._quiet = _next(self._wish.fps, now), now + REPEAT
        return True


def facts(shot: Shot) -> dict[str, str]:
    """The headers that tell when a picture was taken, its number, and how much is seen in it."""
    return {
        "X-Timestamp": iso(shot.t),
        "X-Frame": str(shot.index),
        "X-Tracks": str(shot.tracks),
    }


def _part(shot: Shot) -> bytes:
    """One part with the boundary behind it: browsers show a picture only when they see that."""
    about = {"Content-Type": "image/jpeg", "Content-Length": len(shot.jpeg), **facts(shot)}
    head = "".join(f"{name}: {value}\r\n" for name, value in about.items())
    return f"{head}\r\n".encode() + shot.jpeg + b"\r\n" + BOUNDARY


def _next(fps: float | None, now: float) -> float:
    """When the next picture is due: viewers of one rate keep step, and so share encodings."""
    return (math.floor(now * fps) + 1) / fps if fps else 0.0
