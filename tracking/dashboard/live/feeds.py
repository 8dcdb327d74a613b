"""The runner's pictures, read once for all who look.

Each wish is one connection to the runner on this machine. Only the newest picture is kept, so a
slow viewer skips some, and a runner that begins anew is found again by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

STEP = 160  # pixels: widths are rounded up to multiples of it, so that viewers share pictures
WIDEST = 1920
LOOK = ("boxes", "labels", "trails")
FASTEST = 30  # frames a second; whoever wants more gets all
PAUSES = (0.2, 0.5, 1.0, 2.0)  # seconds between two tries to reach the runner
SILENCE = 30.0  # seconds without a byte after which a connection is given up
LARGEST = 32 * 1024 * 1024  # bytes of a picture; more is no picture
EVERY = 1.0  # seconds between two questions for the runner's health


@dataclass(frozen=True, slots=True)
class Wish:
    """Which pictures of a source. width: pixels; fps: at most; None: the source's own."""

    source: str
    boxes: bool = True
    labels: bool = True
    trails: bool = True
    width: int | None = None
    fps: int | None = None

    @classmethod
    def of(cls, source: str, given: dict[str, Any]) -> Wish:
        """A wish as somebody states it; numbers become such as many may share."""
        look = {name: given.get(name) not in (False, 0, "0") for name in LOOK}
        width, fps = _number(given.get("width")), _number(given.get("fps"))
        steps = None if width is None or width > WIDEST else max(1, -(-width // STEP)) * STEP
        return cls(source, **look, width=steps, fps=None if not fps or fps > FASTEST else fps)

    def path(self, ending: str) -> str:
        """Where the runner has it. ending: mjpg or jpg."""
        flags = {name: int(getattr(self, name)) for name in LOOK}
        sizes = {name: getattr(self, name) for name in ("width", "fps") if getattr(self, name)}
        return f"/streams/{quote(self.source, safe='')}.{ending}?{urlencode({**flags, **sizes})}"


@dataclass(frozen=True, slots=True)
class Picture:
    """One JPEG and when it was taken, as the runner writes it."""

    taken: str
    jpeg: bytes = field(repr=False)


class Feed:
    """The newest picture of one wish. number: counts the pictures; bells: rung for each."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.number = 0
        self.picture: Picture | None = None
        self.bells: list[Callable[[], object]] = []

    def show(self, picture: Picture) -> None:
        self.picture = picture
        self.number += 1
        for ring in self.bells:
            ring()


class Feeds:
    """All feeds that somebody looks at, and the runner's health while anybody does.

    find: gives the URL of the runner's HTTP now, None while there is none. Everything happens in
    one event loop.
    """

    def __init__(self, find: Callable[[], str | None]) -> None:
        self.stopping = asyncio.Event()
        self.health: dict[str, Any] | None = None
        self._find = find
        self._feeds: dict[Wish, tuple[Feed, asyncio.Task[None]]] = {}
        self._listeners: list[Callable[[], object]] = []
        self._asking: asyncio.Task[None] | None = None

    @contextmanager
    def feed(self, wish: Wish, ring: Callable[[], object]) -> Iterator[Feed]:
        """The feed of a wish, for as long as the block runs; ring: called for each picture."""
        known = self._feeds.get(wish)
        if known is None:
            feed = Feed(wish)
            known = self._feeds[wish] = feed, asyncio.create_task(self._read(feed))
        feed, task = known
        feed.bells.append(ring)
        try:
            yield feed
        finally:
            feed.bells.remove(ring)
            if not feed.bells:
                self._feeds.pop(wish, None)
                task.cancel()

    @contextmanager
    def listening(self, ring: Callable[[], object]) -> Iterator[None]:
        """Keep `health` up to date while the block runs; ring: called at each news of it."""
        self._listeners.append(ring)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        try:
            yield
        finally:
            self._listeners.remove(ring)
            if not self._listeners:
                self._asking.cancel()
                self._asking = None

    async def fetch(self, path: str, timeout: float = 5.0) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of what the runner answers. Raises OSError without a runner."""
        if (url := self._find()) is None:
            raise ConnectionError("no runner is at work")
        return await asyncio.wait_for(_fetch(url, path), timeout)

    def close(self) -> None:
        """End every stream."""
        self.stopping.set()
        tasks = [task for _, task in self._feeds.values()]
        for task in [*tasks, *([self._asking] if self._asking else [])]:
            task.cancel()

    async def _read(self, feed: Feed) -> None:
        tries = 0
        while True:
            before = feed.number
            if (url := self._find()) is not None:
                with suppress(OSError, asyncio.TimeoutError):
                    await _stream(url, feed.wish.path("mjpg"), feed.show)
            tries = 0 if feed.number > before else min(tries + 1, len(PAUSES) - 1)
            await asyncio.sleep(PAUSES[tries])

    async def _ask(self) -> None:
        while True:
            self.health = None
            with suppress(OSError, asyncio.TimeoutError, ValueError):
                _, _, body = await self.fetch("/healthz", 3.0)
                self.health = json.loads(body)
            for ring in self._listeners:
                ring()
            await asyncio.sleep(EVERY)


class _Parts(asyncio.Protocol):
    """Takes the parts of a multipart answer as they come; every part says how long it is."""

    def __init__(self, request: bytes, show: Callable[[Picture], object]) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard = False
        self._request = request
        self._show = show
        self._buffer = bytearray()
        self._taken = ""
        self._length = -1  # of the body that is under way; -1: a head is
        self._good = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.heard = True
        self._buffer += data
        while self._advance():
            pass

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _advance(self) -> bool:
        buffer = self._buffer
        if self._length < 0:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            self._head(bytes(buffer[:end]))
            del buffer[: end + 4]
            return True
        if len(buffer) < self._length:
            return False
        self._show(Picture(self._taken, bytes(buffer[: self._length])))
        del buffer[: self._length]
        self._length = -1
        return True

    def _head(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        if not self._good:  # the answer's own head comes first
            self._good = lines[0].split(" ")[1:2] == ["200"]
            if not self._good:
                self._leave()
            return
        about = _fields(lines)
        length = about.get("content-length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self._leave()
            return
        self._taken = about.get("x-timestamp", "")
        self._length = int(length)

    def _leave(self) -> None:
        self._length = LARGEST * 2
        if self._transport is not None:
            self._transport.abort()


async def _stream(url: str, path: str, show: Callable[[Picture], object]) -> None:
    """Show each picture of a stream until it ends or falls silent."""
    loop = asyncio.get_running_loop()
    place = urlsplit(url)
    connecting = loop.create_connection(
        lambda: _Parts(_request(url, path), show), place.hostname or "", place.port or 80
    )
    transport, parts = await asyncio.wait_for(connecting, 3.0)
    try:
        while not parts.ended.done():
            parts.heard = False
            await asyncio.wait([parts.ended], timeout=SILENCE)
            if not parts.heard:
                return
    finally:
        transport.abort()


async def _fetch(url: str, path: str) -> tuple[int, dict[str, str], bytes]:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(_request(url, path))
        whole = await reader.read(-1)
    finally:
        writer.close()
    head, found, body = whole.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = lines[0].split(" ")[1:2]
    if not found or not status or not status[0].isdigit():
        raise ConnectionError("the runner's answer is cut short")
    return int(status[0]), _fields(lines[1:]), body


def _fields(lines: list[str]) -> dict[str, str]:
    """Header fields by their names in small letters."""
    pairs = (line.split(": ", 1) for line in lines if ": " in line)
    return {name.lower(): value for name, value in pairs}


def _request(url: str, path: str) -> bytes:
    """HTTP/1.0: the answer ends with the connection, and comes without chunks to take apart."""
    return f"GET {path} HTTP/1.0\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode()


def _number(given: object) -> int | None:
    try:
        return max(1, min(100_000, round(float(given)))) if given else None  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
