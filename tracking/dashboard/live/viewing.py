"""One viewer of the live wall: all its feeds over one WebSocket.

The viewer sends JSON texts:
  {"feeds": {"NUMBER": {"source": NAME, "width": 320, "fps": 6, "boxes": true, ...}, ...}}
      what it wants from now on, all of it, under numbers of its own choice from 0 to 65535;
  {"seen": COUNT}
      how many pictures it has got since the connection began.
It is sent binary messages: the number (2 bytes, big-endian), the length of the picture's time (1
byte), the time (ISO 8601), the JPEG; and JSON texts about the runner and its sources.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from .feeds import FASTEST, Feed, Feeds, Wish

MOST_FEEDS = 64
LONGEST = 64 * 1024  # characters of a message
SPARE = 8  # pictures that may be under way, besides those of one second
KNOWN = ("state", "fps", "delay_ms", "last_error", "note", "live", "size", "last_frame")


@dataclass(slots=True)
class _Watched:
    feed: Feed
    head: bytes
    ends: ExitStack
    shown: int = 0


class Viewer:
    """Serves one WebSocket that was accepted. about: what is said besides the sources' states."""

    def __init__(
        self, socket: WebSocket, feeds: Feeds, about: Callable[[], dict[str, Any]]
    ) -> None:
        self._socket = socket
        self._feeds = feeds
        self._about = about
        self._news = asyncio.Event()
        self._watched: dict[int, _Watched] = {}
        self._said = ""
        self._untold = False
        self._sent = self._seen = 0
        self._room = SPARE

    async def serve(self) -> None:
        """Until the viewer leaves."""
        tasks = [asyncio.create_task(work) for work in (self._receive(), self._send())]
        try:
            with self._feeds.listening(self._tell):
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            self._want({})
            for left in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(left, Exception) and not isinstance(left, _GONE):
                    raise left

    async def _receive(self) -> None:
        while True:
            text = await self._socket.receive_text()
            if len(text) > LONGEST:
                await self._socket.close(1009)
                return
            with suppress(ValueError, TypeError, AttributeError):  # nonsense is not listened to
                self._obey(json.loads(text))

    def _obey(self, message: dict[str, Any]) -> None:
        if "seen" in message:
            self._seen = max(self._seen, min(int(message["seen"]), self._sent))
            self._news.set()
        if "feeds" in message:
            wanted = [(int(key), given) for key, given in message["feeds"].items()]
            self._want(
                {
                    number: Wish.of(str(given["source"]), given)
                    for number, given in wanted[:MOST_FEEDS]
                    if 0 <= number < 65536
                }
            )

    def _want(self, wishes: dict[int, Wish]) -> None:
        """Look at these from now on; what is looked at already goes on."""
        old = self._watched
        kept = {n: old[n] for n in wishes if n in old and old[n].feed.wish == wishes[n]}
        new = {n: self._look(n, wish) for n, wish in wishes.items() if n not in kept}
        for number, watched in old.items():
            if number not in kept:
                watched.ends.close()  # after the new ones began: a shared feed is not cut off
        self._watched = {**kept, **new}
        self._room = SPARE + sum(wish.fps or FASTEST for wish in wishes.values())
        self._news.set()

    def _look(self, number: int, wish: Wish) -> _Watched:
        ends = ExitStack()
        feed = ends.enter_context(self._feeds.feed(wish, self._news.set))
        return _Watched(feed, number.to_bytes(2, "big"), ends)

    def _tell(self) -> None:
        self._untold = True
        self._news.set()

    async def _send(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if self._untold:
                self._untold = False
                await self._send_states()
            for watched in list(self._watched.values()):
                if self._sent - self._seen < self._room:
                    await self._send_picture(watched)

    async def _send_picture(self, watched: _Watched) -> None:
        picture = watched.feed.picture
        if picture is None or watched.shown == watched.feed.number:
            return
        watched.shown = watched.feed.number
        self._sent += 1
        taken = picture.taken.encode()[:255]
        head = watched.head + len(taken).to_bytes(1, "big") + taken
        await self._socket.send_bytes(head + picture.jpeg)

    async def _send_states(self) -> None:
        """Only what a viewer may know, and only when it has changed."""
        health = self._feeds.health
        sources = (health or {}).get("sources", {})
        told = {name: {key: each.get(key) for key in KNOWN} for name, each in sources.items()}
        text = json.dumps({**self._about(), "reached": health is not None, "sources": told})
        if text != self._said:
            self._said = text
            await self._socket.send_text(text)


_GONE = (WebSocketDisconnect, RuntimeError, asyncio.CancelledError)
