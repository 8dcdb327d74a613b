"""What the app's own port answers besides its pages: live pictures, exports, its health.

Streamlit's login does not cover these routes, so all but /healthz want a token in their URL. Where
only this machine can reach the app, it answers under this machine's names only: a page on the
internet can let its own name point here (DNS rebinding) and would then be the app's own page.
"""

from __future__ import annotations

import asyncio
import atexit
import signal
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import wraps
from ipaddress import ip_address
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from streamlit import config as streamlit_config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from ...memory import Tidier, give_back_large_blocks, share_arenas
from ...runner.http import LOOPBACK
from ...streamers import MJPEG_BOUNDARY, MJPEG_CONTENT_TYPE
from ..live.feeds import Feed, Feeds, Wish
from ..live.viewing import Viewer
from ..live.webcam import stop_all as stop_webcams
from . import prepared, supervising
from .lasting import forget, kept, once
from .looking import is_looked_at
from .tokens import is_good, token

WELL = ("running", "elsewhere", "study")
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
MOST_VIEWERS = 100  # sockets and streams together
FULL, EXPIRED = 4429, 4401  # codes with which a socket is closed
HOSTS = "server.allowedHosts"  # Streamlit's own sockets look at it, too
PASSED_ON = ("x-timestamp", "x-frame", "x-age", "retry-after")


def routes() -> list[BaseRoute]:
    """The routes, for `st.App`."""
    share_arenas()  # a page runs in a thread of its own each time it is opened
    give_back_large_blocks()
    return [
        Route("/healthz", _under_our_names(_health)),
        Route("/overview", _under_our_names(_first_page)),
        Route("/exports/{id}", _under_our_names(_export)),
        Route("/stills/{name:path}.jpg", _under_our_names(_still)),
        Route("/streams/{name:path}.mjpg", _under_our_names(_stream)),
        WebSocketRoute("/live", _live),
    ]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """The runner begins and ends with the server."""
    # as st.navigation does it, but before somebody opens a page by its own address: until then
    # Streamlit would show the files of pages/ by themselves
    PagesManager.uses_pages_directory = False
    feeds = once("feeds", lambda: Feeds(lambda: supervising.state().url))
    await asyncio.to_thread(prepared.sweep)
    await asyncio.to_thread(supervising.supervisor)
    once("served", lambda: True)
    _greet()
    try:
        with _told_of_the_end(feeds), _known_names():
            yield {}
    finally:
        feeds.close()
        forget("served")
        forget("feeds")
        await asyncio.to_thread(stop_webcams)
        await asyncio.to_thread(supervising.release)


def _greet() -> None:
    """Say where it is; Streamlit's own words would ask another machine for this one's address."""
    listens = streamlit_config.get_option("server.address") or ""
    host = listens or "localhost"
    port, base = (streamlit_config.get_option(f"server.{name}") for name in ("port", "baseUrlPath"))
    address = f"http://{host}:{port}/{base.strip('/')}".rstrip("/")
    print(f"Sightline is at {address} (Ctrl-C ends it)", flush=True)
    if not _is_loopback(listens):
        known = "Other machines can open it, too"
        print(f"{known}; --server.address localhost keeps it to this one", flush=True)


@contextmanager
def _known_names() -> Iterator[None]:
    """Have the loopback's names as allowed hosts, where it listens there and none are set.

    Where it listens everywhere nobody here knows by what names it is reached: a proxy's, a cloud's.
    """
    address = streamlit_config.get_option("server.address") or ""
    if not _is_loopback(address) or streamlit_config.get_option(HOSTS):
        yield
        return

    def allow() -> None:
        if not streamlit_config.get_option(HOSTS):
            names = dict.fromkeys([*LOOPBACK, address.lower()])
            streamlit_config.set_option(HOSTS, list(names), "<this machine's names>")

    allow()
    # also after somebody has edited config.toml, which has it all read anew
    forget_it = streamlit_config.on_config_parsed(allow, force_connect=True)
    try:
        yield
    finally:
        forget_it()
        streamlit_config.set_option(HOSTS, [], "<default>")


def _is_loopback(address: str) -> bool:
    try:
        return address.lower() == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False


def is_served() -> bool:
    """Whether the routes are there; without them pages show still pictures."""
    return bool(kept("served"))


def ensure_started() -> None:
    """Have a runner also where Streamlit serves the script alone, without the lifespan."""
    if not is_served() and is_looked_at():
        once("ends with the process", lambda: atexit.register(supervising.release))
        supervising.supervisor()


def tidy() -> None:
    """After a page: its garbage goes, at most every few seconds."""
    once("tidier", Tidier).tidy()


def _under_our_names(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """The answer, for those only who ask under a name that is allowed."""

    @wraps(answer)
    async def answered(request: Request) -> Response:
        host = request.headers.get("host")
        if is_host_allowed(host):
            return await answer(request)
        return _said(f"This app is not called {host!r}; --{HOSTS} says how it is called", 400)

    return answered


async def _first_page(request: Request) -> Response:
    """Streamlit has its first page at the root only; whoever types its name means it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"./{query}")


async def _health(request: Request) -> Response:
    """No names here: anybody may ask."""
    state = supervising.state()
    told = {"status": "ok" if state.phase in WELL else "degraded", "phase": state.phase}
    return JSONResponse(told, headers=NO_STORE)


async def _export(request: Request) -> Response:
    """From the disk, piece by piece: an export may be larger than the memory."""
    if (refused := _refused(request)) is not None:
        return refused
    if (found := prepared.find(request.path_params["id"])) is None:
        return _said("This file is not there any more; prepare it again on the page Data", 404)
    # compressed on the way nobody would know how much of it is still to come
    headers = {**NO_STORE, "Content-Encoding": "identity"}
    return FileResponse(found.path, headers=headers, media_type=found.mime, filename=found.name)


async def _still(request: Request) -> Response:
    return _refused(request) or await _fetched(_wish(request))


async def _stream(request: Request) -> Response:
    if (refused := _refused(request)) is not None:
        return refused
    if _counted(0) >= MOST_VIEWERS:
        return _said(f"{MOST_VIEWERS} viewers are looking, and no more can", 503)
    first = await _fetched(_wish(request))  # a source that is not there has no stream either
    if first.status_code == 404:
        return first
    feeds = _feeds()
    return _Stream(_nothing() if request.method == "HEAD" else _parts(feeds, _wish(request)))


async def _fetched(wish: Wish) -> Response:
    """The runner's answer for a still picture."""
    try:
        status, headers, body = await _feeds().fetch(wish.path("jpg"))
    except (OSError, asyncio.TimeoutError):
        return _said("The runner does not answer; look again in a moment", 503)
    kind = headers.get("content-type", "text/plain")
    known = {name: headers[name] for name in PASSED_ON if name in headers}
    return Response(body, status, headers={**NO_STORE, **known}, media_type=kind)


async def _live(socket: WebSocket) -> None:
    if not _is_ours(socket):
        await socket.close(1008)
        return
    await socket.accept()
    if not is_good(socket.query_params.get("token")):
        await socket.close(EXPIRED, "the token is not good, or no longer")
    elif _counted(0) >= MOST_VIEWERS:
        await socket.close(FULL, "too many viewers are looking")
    else:
        _counted(1)
        try:
            await Viewer(socket, _feeds(), _about).serve()
        finally:
            _counted(-1)


def _about() -> dict[str, Any]:
    """What the wall is told besides the sources' states; the token is for its next connection."""
    state = supervising.state()
    return {"phase": state.phase, "problem": state.problem, "token": token()}


async def _parts(feeds: Feeds, wish: Wish) -> AsyncGenerator[bytes, None]:
    """Each part only when the viewer has taken the one before."""
    news = asyncio.Event()
    shown = 0
    _counted(1)
    try:
        with feeds.feed(wish, news.set) as feed:
            yield f"--{MJPEG_BOUNDARY}\r\n".encode()
            while not feeds.stopping.is_set():
                await _either(news, feeds.stopping)
                news.clear()
                if feed.number > shown:
                    shown = feed.number
                    yield _part(feed)
                    yield b""  # no more is asked for before there is room for it
    finally:
        _counted(-1)


async def _nothing() -> AsyncGenerator[bytes, None]:
    return
    yield b""


async def _either(*events: asyncio.Event) -> None:
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _part(feed: Feed) -> bytes:
    """One part with the boundary behind it: browsers show a picture only when they see that."""
    assert feed.picture is not None
    jpeg = feed.picture.jpeg
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n"
    head += f"X-Timestamp: {feed.picture.taken}\r\n\r\n"
    return head.encode() + jpeg + f"\r\n--{MJPEG_BOUNDARY}\r\n".encode()


class _Stream(StreamingResponse):
    """An answer without an end, which lets go of its viewer at once when that one leaves."""

    def __init__(self, parts: AsyncGenerator[bytes, None]) -> None:
        # compressing JPEGs costs a processor and gains nothing: say that it is done
        headers: Mapping[str, str] = {**NO_STORE, "Content-Encoding": "identity"}
        super().__init__(parts, headers=headers, media_type=MJPEG_CONTENT_TYPE)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._parts):
            await super().__call__(scope, receive, send)


def _feeds() -> Feeds:
    return once("feeds", lambda: Feeds(lambda: supervising.state().url))


def _counted(more: int) -> int:
    """How many are looking, after so many more came."""
    viewers: list[int] = once("viewers", lambda: [0])
    viewers[0] += more
    return viewers[0]


def _wish(request: Request) -> Wish:
    return Wish.of(request.path_params["name"], dict(request.query_params))


def _refused(request: Request) -> Response | None:
    if is_good(request.query_params.get("token")):
        return None
    return _said("This address has no good token, or its time is over; the page has a new one", 403)


def _said(text: str, status: int) -> Response:
    return PlainTextResponse(f"{text}\n", status, headers=NO_STORE)


def _is_ours(connection: HTTPConnection) -> bool:
    """Whether a browser's page is one of this app; programs that are no browsers say nothing."""
    if not is_host_allowed(connection.headers.get("host")):
        return False
    origin = connection.headers.get("origin")
    if origin is None or not streamlit_config.get_option("server.enableCORS"):
        return True
    trusted = streamlit_config.get_option("server.corsAllowedOrigins") or []
    # a page cannot make a browser send the second header, only a proxy in front of us can
    hosts = [connection.headers.get(name) for name in ("host", "x-forwarded-host")]
    return urlsplit(origin).netloc in hosts or origin in trusted


@contextmanager
def _told_of_the_end(feeds: Feeds) -> Iterator[None]:
    """Let open streams end at SIGTERM and Ctrl-C: the server waits for them before it goes on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    usual = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(feeds.stopping.set)
        before = usual[signal.Signals(number)]
        if callable(before):
            before(number, frame)

    for number in usual:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, before in usual.items():
            if signal.getsignal(number) is handle:
                signal.signal(number, before)
