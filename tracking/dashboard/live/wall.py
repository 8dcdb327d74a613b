"""The live wall: the pictures of all sources in the browser, over one WebSocket."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from ..serving.tokens import token
from .feeds import Wish

KEY = "wall"
STILL_WIDTH = 480  # pixels
STILL_EVERY = 0.5  # seconds
ANSWER_WITHIN = 1.0  # seconds for one still picture

_HERE = Path(__file__).parent
_WALL = st.components.v2.component(
    "sightline_wall",
    html='<div class="wall">\n</div>',
    css=(_HERE / "wall.css").read_text(encoding="utf-8"),
    js=(_HERE / "wall.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the wall tells the page. blocked: no connection gets through; heat: it is wanted."""

    blocked: bool = False
    heat: bool = False


def told() -> Seen:
    """What the wall has told so far in this session."""
    known: Any = st.session_state.get(KEY) or {}
    return Seen(bool(known.get("blocked")), bool(known.get("heat")))


def live_wall(zones: Mapping[str, str], heat: Mapping[str, str]) -> Seen:
    """The tiles of all sources.

    zones: each source with its time zone; heat: for some a picture to lay over, as a data URL.
    The wall itself learns of sources that come and go.
    """
    data = {"names": list(zones), "zones": dict(zones), "heat": dict(heat), "token": token()}
    _WALL(key=KEY, data=data, on_blocked_change=_noted, on_heat_change=_noted,
          on_refused_change=_noted)  # fmt: skip
    return told()


def _noted() -> None:
    """The page is run again, that is all."""


def stills(url: str | None, names: Sequence[str]) -> None:
    """Still pictures of all sources, for where no connection for live ones gets through."""
    columns = st.columns(2 if len(names) > 1 else 1)
    for number, name in enumerate(names):
        with columns[number % len(columns)]:
            picture = still(url, name)
            if isinstance(picture, bytes):
                st.image(picture, width="stretch")
            else:
                st.info(picture, icon=":material/videocam_off:")
            st.text(name)


def still(url: str | None, name: str) -> bytes | str:
    """The newest picture of a source as the runner gives it, or in words why there is none."""
    if url is None:
        return "No runner is at work"
    try:
        address = url + Wish(name, width=STILL_WIDTH).path("jpg")
        with urllib.request.urlopen(address, timeout=ANSWER_WITHIN) as answer:
            return bytes(answer.read())
    except OSError:
        return "There is no picture of this source now"
