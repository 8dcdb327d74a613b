"""Pictures that other programs push into the runner, for sources whose uri is push:NAME.

Who may push knows the key: a page on the internet, whose reader's browser can reach this machine,
does not. It stands in a file next to the database that only the runner's own user can read.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..cameras import Clock, PushedStreamer, decoded
from ..errors import DatabaseError, SettingsError
from ..frame import Image
from ..times import now_ms, to_ms
from .lock import beside

KEY = "TRACKING_PUSH_KEY"
LARGEST = 16 << 20  # bytes of a picture
LEAST_SIDE = 16  # pixels
WORKERS = 2  # threads that decode, for all sources together
EARLY, LATE = 1000, 60_000  # milliseconds by which a sender's time may differ from ours


def new_key(database: Path) -> str:
    """The key of a runner that begins, put where `push_key` finds it; raises DatabaseError."""
    key = os.environ.get(KEY) or secrets.token_urlsafe(24)
    path = beside(database, "key")
    try:
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w") as file:
            file.write(key)
    except OSError as error:
        raise DatabaseError(f"{path} cannot be written: {error.strerror}") from error
    return key


def push_key(database: str | Path) -> str | None:
    """The key of the runner that has this database; None where there is none, or none to see."""
    with suppress(OSError, ValueError):
        return beside(database, "key").read_text()
    return None


def forget_key(database: Path) -> None:
    with suppress(OSError):
        beside(database, "key").unlink()


class Takers(Protocol):
    """Where pictures can go; every method is called in the event loop."""

    def takers(self, name: str) -> Sequence[PushedStreamer]:
        """Who takes the pictures that are pushed under that name."""

    def health(self) -> dict[str, Any]:
        """As the service's: `sources` by name, each with its `uri`."""


class Pushing:
    """The route that takes pictures. key: what a sender must know."""

    def __init__(self, view: Takers, key: str) -> None:
        self._view = view
        self._key = key.encode()
        self._clock = Clock()

    @property
    def routes(self) -> list[Route]:
        return [Route("/push/{name:path}", self.take, methods=["POST", "PUT"])]

    async def take(self, request: Request) -> Response:
        """Answers 204 when a picture was taken, else 4xx with a line that names the fault."""
        self._check_key(request)
        name = request.path_params["name"]
        takers = self._takers(name)
        data = await _body(request)
        t = self._taken_at(request)
        takers = [taker for taker in takers if taker.wants(t)]
        if takers:
            image = await asyncio.get_running_loop().run_in_executor(_workers(), decoded, data)
            picture = _checked(image)
            if not any([taker.push(picture, t) for taker in takers]):
                raise HTTPException(409, "A picture that was taken later has come before this one")
        return Response(status_code=204)

    def _check_key(self, request: Request) -> None:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        known = hmac.compare_digest(given.strip().encode(), self._key)
        if kind.lower() != "bearer" or not known:
            what = "another key" if given else "a key"
            raise HTTPException(
                401,
                f"Pushing needs {what}: Authorization: Bearer KEY, as in the file that ends in "
                f"-runner.key next to the database, or in {KEY}",
                headers={"WWW-Authenticate": "Bearer", "Connection": "close"},
            )

    def _takers(self, name: str) -> Sequence[PushedStreamer]:
        if takers := self._view.takers(name):
            return takers
        sources = self._view.health()["sources"]
        if any(source.get("uri") == f"push:{name}" for source in sources.values()):
            raise HTTPException(409, f"The source with the uri push:{name} is paused")
        uri = sources.get(name, {}).get("uri") or ""
        if uri.startswith("push:"):
            raise HTTPException(404, f"Pictures of {name!r} go to /{uri.replace(':', '/')}")
        if uri:
            raise HTTPException(409, f"{name!r} takes no pictures: its uri is not push:{name}")
        raise HTTPException(404, f"There is no source with the uri push:{name}")

    def _taken_at(self, request: Request) -> int:
        """When a picture was taken, in a time that only runs forward."""
        told = request.headers.get("x-timestamp")
        if told is None:
            return self._clock.now()
        try:
            age = now_ms() - to_ms(told)
        except SettingsError as error:
            raise HTTPException(400, f"X-Timestamp: {error}") from None
        if not -EARLY <= age <= LATE:
            far = f"{abs(age) / 1000:.0f} s {'old' if age > 0 else 'ahead of this clock'}"
            raise HTTPException(400, f"X-Timestamp: {told} is {far}; leave it out to use our time")
        return self._clock.now() - max(0, age)


async def _body(request: Request) -> bytes:
    """A JPEG, as far as its first and last bytes tell."""
    length = request.headers.get("content-length", "0")
    data = bytearray()
    if int(length) <= LARGEST:
        async for chunk in request.stream():
            data += chunk
            if len(data) > LARGEST:
                break
    if int(length) > LARGEST or len(data) > LARGEST:
        raise HTTPException(413, f"A picture may have {LARGEST >> 20} MiB at most")
    if not data:
        raise HTTPException(400, "There is no picture: the body is empty")
    if not data.startswith(b"\xff\xd8\xff"):
        raise HTTPException(415, "That is no JPEG: it does not begin like one")
    if data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda"):
        raise HTTPException(422, "The JPEG is cut off: its end is missing")
    return bytes(data)


def _checked(image: Image | None) -> Image:
    if image is None:
        raise HTTPException(422, "The JPEG is damaged, or of a kind that cannot be read")
    if min(image.shape[:2]) < LEAST_SIDE:
        raise HTTPException(422, f"The picture is smaller than {LEAST_SIDE}x{LEAST_SIDE} pixels")
    return image


@cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="pushed-picture")
