"""What the app's own port answers besides its pages: live pictures, and whether it is well.

Streamlit's login does not cover these routes, so all but /healthz want a token in their URL.
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit.runtime import Runtime, exists, get_instance

from . import supervising
from .lasting import kept, once

WELL = ("running", "elsewhere", "study")
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def routes() -> list[BaseRoute]:
    """The routes, for `st.App`."""
    return [Route("/healthz", _health)]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """The runner begins and ends with the server."""
    once("served", lambda: True)
    await asyncio.to_thread(supervising.supervisor)
    try:
        yield {}
    finally:
        await asyncio.to_thread(supervising.release)


def is_served() -> bool:
    """Whether the routes are there; without them pages show still pictures."""
    return bool(kept("served"))


def ensure_started() -> None:
    """Have a runner also where Streamlit serves the script alone, without the lifespan."""
    # a test of a page has no server, only something that looks like one
    if not is_served() and exists() and type(get_instance()) is Runtime:
        once("ends with the process", lambda: atexit.register(supervising.release))
        supervising.supervisor()


async def _health(request: Request) -> Response:
    state = supervising.state()
    told = {"status": "ok" if state.phase in WELL else "degraded", "phase": state.phase}
    return JSONResponse(told, headers=NO_STORE)
