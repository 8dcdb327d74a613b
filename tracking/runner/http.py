"""The service's HTTP: live pictures, stills, health and metrics, for any program that asks.

It answers under this machine's own names only: a page on the internet can let its own name point
here (DNS rebinding), and its reader's browser would then hand it whatever this service says.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import threading
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from ipaddress import ip_address
from typing import Any, Protocol

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import Headers, QueryParams
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..drawing import Look
from ..errors import AddressUnusable
from ..streamers import MJPEG_CONTENT_TYPE
from .page import POLICY, page
from .pictures import LivePicture
from .streams import Viewer, Wish, facts

MOST_VIEWERS = 100
GRACE = 0.5  # seconds that open answers have to end by themselves when the server stops
UNSENT = 64 * 1024  # bytes that may wait in the system for one viewer
GONE = 30_000  # milliseconds after which a viewer who takes nothing is given up
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # each with the address that leads there


class View(Protocol):
    """What is shown; every method is called in the event loop, so none may wait for anything."""

    @property
    def stopping(self) -> threading.Event:
        """Set when the service ends: streams end, too."""

    @property
    def metrics(self) -> CollectorRegistry: ...

    def picture(self, name: str) -> LivePicture | None:
        """The live picture of a source; None where there is no such source."""

    def health(self) -> dict[str, Any]:
        """JSON-ready: `status`, `sources` by name with `state` and `last_error`, and more."""


def build_app(view: View, hosts: Sequence[str] = (), more: Sequence[BaseRoute] = ()) -> Starlette:
    """The routes around a view, and more of them.

    hosts: names and addresses to answer under besides the loopback's, above all the one that the
    server is bound to. With ``0.0.0.0`` or ``::`` among them any bare address is good, since no
    name of a stranger can be one.
    """
    pages = _Pages(view)
    app = Starlette(
        routes=[
            Route("/", pages.index),
            Route("/healthz", pages.health),
            Route("/metrics", pages.metrics),
            Route("/streams/{name:source}.jpg", pages.still),
            Route("/streams/{name:source}.mjpg", pages.stream),
            *more,
        ],
        middleware=[Middleware(_OwnNames, hosts=hosts)],
        exception_handlers={HTTPException: _in_words},
    )
    app.router.redirect_slashes = False
    return app


class Server:
    """Serves an app from a thread of its own.

    host, port: where to listen; port 0 takes any that is free. url: where it is, once started.
    """

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self._app = app
        self._server: _Uvicorn | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Like http://127.0.0.1:8600; where it listens everywhere, the loopback's."""
        host = EVERYWHERE.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Return when requests are answered. Raises AddressUnusable."""
        listener = self._listener()
        self.port = listener.getsockname()[1]
        self._server = _Uvicorn(
            uvicorn.Config(
                self._app,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="http", daemon=True
        )
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise AddressUnusable(f"The service at {self.url} ended as soon as it began")
            time.sleep(0.005)

    def stop(self, timeout: float = 2.0) -> None:
        """Return when nothing is served any more, at the latest after this many seconds."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout)

    def _listener(self) -> socket.socket:
        try:
            if not 0 <= self.port < 65536:
                raise ValueError("a port is a number from 0 to 65535")
            family, *_, where = socket.getaddrinfo(self.host, None, type=socket.SOCK_STREAM)[0]
            both = self.host == "::" and socket.has_dualstack_ipv6()
            place = (where[0], self.port, *where[2:])
            listener = socket.create_server(place, family=family, dualstack_ipv6=both)
        except (OSError, ValueError) as error:
            raise AddressUnusable(
                f"Cannot listen at {self.host!r} port {self.port}: {_reason(error)}"
            ) from error
        # the connections inherit these: what a viewer does not take is not heaped up for it
        for option, value in (("TCP_NOTSENT_LOWAT", UNSENT), ("TCP_USER_TIMEOUT", GONE)):
            if hasattr(socket, option):
                listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        return listener


class _Uvicorn(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(GRACE, self._abort)
        await super().shutdown(sockets)

    def _abort(self) -> None:
        """End what has not ended: a viewer who does not read would never let it."""
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()


class _SourceName(Convertor[str]):
    """Any characters at all, also slashes and line breaks."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("source", _SourceName())


class _Pages:
    def __init__(self, view: View) -> None:
        self._view = view
        self._viewers = 0

    async def index(self, request: Request) -> Response:
        html = page(self._view.health(), self._view.picture)
        return HTMLResponse(html, headers={**NO_STORE, "Content-Security-Policy": POLICY})

    async def health(self, request: Request) -> Response:
        return JSONResponse(self._view.health(), headers=NO_STORE)

    async def metrics(self, request: Request) -> Response:
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._view.metrics), headers={**NO_STORE, "Content-Type": kind})

    async def still(self, request: Request) -> Response:
        name, picture, wish = self._asked(request)
        age, shot = (picture.age, await picture.seen(wish.look)) if picture else (None, None)
        if shot is None or age is None:
            raise HTTPException(503, self._why_not(name), headers={"Retry-After": "1"})
        headers = {**NO_STORE, **facts(shot), "X-Age": f"{age:.3f}"}
        return Response(shot.jpeg, headers=headers, media_type="image/jpeg")

    async def stream(self, request: Request) -> Response:
        name, picture, wish = self._asked(request)
        if picture is None:
            raise HTTPException(503, self._why_not(name), headers={"Retry-After": "1"})
        if self._viewers >= MOST_VIEWERS:
            raise HTTPException(503, f"{self._viewers} viewers are looking, and no more can")
        viewer = Viewer(partial(self._view.picture, name), self._view.stopping, wish)
        parts = _nothing() if request.method == "HEAD" else self._counted(viewer.parts())
        # compressing JPEGs costs a processor and gains nothing: say that it is done
        return _Stream(parts, {**NO_STORE, "Content-Encoding": "identity"})

    async def _counted(self, parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        self._viewers += 1
        try:
            async with aclosing(parts):
                async for part in parts:
                    yield part
        finally:
            self._viewers -= 1

    def _asked(self, request: Request) -> tuple[str, LivePicture | None, Wish]:
        """The source asked for, without a picture where it is known but not watched."""
        name = request.path_params["name"]
        picture = self._view.picture(name)
        if picture is None and name not in self._view.health()["sources"]:
            raise HTTPException(404, f"There is no source {name!r}; the page / lists them")
        return name, picture, _wish(request.query_params)

    def _why_not(self, name: str) -> str:
        state = self._view.health()["sources"].get(name, {})
        known = [f"it is {state['state']}"] if state.get("state") else []
        known += [str(state["last_error"])] if state.get("last_error") else []
        return ": ".join([f"There is no picture of {name!r} yet", *known])


class _Stream(StreamingResponse):
    """An answer without an end, which lets go of its viewer at once when that one leaves."""

    def __init__(self, parts: AsyncGenerator[bytes, None], headers: Mapping[str, str]) -> None:
        super().__init__(parts, headers=headers, media_type=MJPEG_CONTENT_TYPE)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._parts):
            await super().__call__(scope, receive, send)


class _OwnNames:
    """Refuses requests that were made to any other name than this machine's."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        names = {host.strip("[]").lower() for host in hosts}
        self._app = app
        self._names = (names | {*LOOPBACK}) - {*EVERYWHERE}
        self._any_address = bool(names & {*EVERYWHERE})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_ours(asked := _host(scope)):
            known = ", ".join(sorted(self._names))
            text = f"This service is not called {asked!r}; it answers under {known}\n"
            await PlainTextResponse(text, 400, headers=NO_STORE)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_ours(self, asked: str) -> bool:
        parts = re.fullmatch(r"\[([0-9a-f:.]+)\](?::\d*)?|([^:/@\[\]]+)(?::\d*)?", asked.lower())
        name = (parts[1] or parts[2]) if parts else ""
        return name in self._names or (self._any_address and _is_address(name))


def _host(scope: Scope) -> str:
    return Headers(scope=scope).get("host", "")


def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


async def _nothing() -> AsyncGenerator[bytes, None]:
    return
    yield b""


async def _in_words(request: Request, error: Exception) -> Response:
    """An error as a line of text."""
    assert isinstance(error, HTTPException)
    known = "/, /healthz, /metrics, /streams/NAME.jpg and /streams/NAME.mjpg"
    if error.detail == "Not Found":
        text = f"There is nothing at {request.url.path}; there are {known}"
    elif error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "GET").split(", ")))
        text = f"{request.method} is not for {request.url.path}, only {allowed}"
    else:
        text = error.detail
    headers = {**NO_STORE, **(error.headers or {})}
    return PlainTextResponse(f"{text}\n", error.status_code, headers=headers)


def _wish(query: QueryParams) -> Wish:
    boxes, labels, trails = (_flag(query, name) for name in ("boxes", "labels", "trails"))
    width, fps = _number(query, "width", 16, 16384), _number(query, "fps", 0.01, 240)
    return Wish(Look(boxes, labels, trails, round(width) if width else None), fps)


def _flag(query: QueryParams, name: str) -> bool:
    value = query.get(name, "1")
    if value not in ("0", "1"):
        raise HTTPException(400, f"{name}={value} is neither 0 nor 1")
    return value == "1"


def _number(query: QueryParams, name: str, least: float, most: float) -> float | None:
    value = query.get(name)
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value) and least <= float(value) <= most:
        return float(value)
    raise HTTPException(400, f"{name}={value} is not a number from {least:g} to {most:g}")


def _reason(error: Exception) -> str:
    if isinstance(error, socket.gaierror) or not isinstance(error, OSError):
        return str(getattr(error, "strerror", None) or error)
    return os.strerror(error.errno) if error.errno else str(error)
