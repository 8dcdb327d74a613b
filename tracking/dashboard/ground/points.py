"""The picture on which points of the floor are put, in the browser, with the grid they give."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from ...errors import GroundError
from ...ground import Calibration, Fit, metre_lines
from ...ground.calibration import MOST_POINTS
from ...ground.grid import STRONG
from ..sources.state import digest
from ..zoning.canvas import Ground

_HERE = Path(__file__).parent
_CANVAS = st.components.v2.component(
    "sightline_floor",
    html='<div class="floor">\n</div>',
    css=(_HERE / "points.css").read_text(encoding="utf-8"),
    js=(_HERE / "points.js").read_text(encoding="utf-8"),
)
REV, BASE, TOLD, LOADED = "ground.rev", "ground.base", "points", "ground.loaded"


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the picture, in pixels, and where it lies in metres as far as that is said.

    id: stays with it while others are put and removed.
    """

    id: int
    pixel: tuple[float, float]
    across: float | None = None
    ahead: float | None = None


def points_of(calibration: Calibration, width: int) -> tuple[Point, ...]:
    """The points of a floor; those that only distances are known of as they were laid out.

    width: of the frames that the picture is of now.
    """
    floor = calibration.fitted().floor.round(3).tolist()
    scale = width / calibration.frame[0] if calibration.frame else 1.0
    both = enumerate(zip(calibration.pixels, floor, strict=True), 1)
    return tuple(Point(n, (x * scale, y * scale), *at) for n, ((x, y), at) in both)


def load(source: str, calibration: Calibration | None, width: int) -> None:
    """Begin with the points that a source has, unless they are being changed already."""
    if st.session_state.get(LOADED) != source:
        begin(() if calibration is None else points_of(calibration, width))
        st.session_state[LOADED] = source


def forget() -> None:
    """Let the next look begin with what is kept."""
    st.session_state.pop(LOADED, None)


def begin(points: Sequence[Point]) -> None:
    """Go on with these points."""
    st.session_state[BASE] = tuple(points)
    st.session_state[REV] = rev() + 1


def rev() -> int:
    """Which points these are; what the canvas tells of earlier ones is old."""
    return int(st.session_state.get(REV, 0))


def current(source: str) -> tuple[Point, ...]:
    """The points as they are now in the browser; their metres are those that they began with."""
    base: tuple[Point, ...] = st.session_state.get(BASE, ())
    state: Any = st.session_state.get(_key(source))
    told = state.get(TOLD) if isinstance(state, Mapping) else None
    if not isinstance(told, Mapping) or told.get("rev") != rev():
        return base
    known = {point.id: point for point in base}
    found = []
    try:
        for each in told["points"][:MOST_POINTS]:
            id = int(each["id"])
            found.append(replace(known.get(id, Point(id, (0, 0))), pixel=_pair(each["at"])))
    except (KeyError, TypeError, ValueError):  # no browser of ours says that
        return base
    return tuple(found)


def _pair(at: Any) -> tuple[float, float]:
    x, y = at
    return float(x), float(y)


def _key(source: str) -> str:
    return f"ground.canvas.{digest(source)}"


def show(ground: Ground, points: Sequence[Point], fit: Fit | None, editable: bool) -> None:
    """The picture with points and, where they give a floor, its metres."""
    picture = None
    if ground.jpeg is not None:
        picture = f"data:image/jpeg;base64,{base64.b64encode(ground.jpeg).decode()}"
    _CANVAS(
        key=_key(ground.title),
        data={
            "title": f"Picture of {ground.title}",
            "picture": picture,
            "width": ground.width,
            "height": ground.height,
            "points": [{"id": point.id, "at": point.pixel} for point in points],
            "lines": [] if fit is None else _lines(ground, fit),
            "rev": rev(),
            "most": MOST_POINTS,
            "editable": editable,
        },
        on_points_change=_noted,
    )


def _noted() -> None:
    """The page is run again, that is all."""


def _lines(ground: Ground, fit: Fit) -> list[list[Any]]:
    found = []
    for metre, _, ends in metre_lines(fit.plane, ground.width, ground.height):
        look = "origin" if metre == 0 else "strong" if metre % STRONG == 0 else ""
        found.append([*ends.round(1).ravel().tolist(), look])
    return found


def written(points: Sequence[Point]) -> str:
    """The points as text, one a line, as `read` takes them."""
    lines = []
    for point in points:
        known = point.across is not None and point.ahead is not None
        floor = f" = {point.across:g},{point.ahead:g}" if known else ""
        lines.append(f"{point.pixel[0]:g},{point.pixel[1]:g}{floor}")
    return "\n".join(lines)


def read(text: str) -> tuple[Point, ...]:
    """The points of lines like `161,402 = 0,0`. Raises GroundError."""
    found: list[Point] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        number = len(found) + 1
        pixel, equals, floor = line.partition("=")
        try:
            at = _pair(pixel.split(","))
            metres = _pair(floor.split(",")) if equals else (None, None)
        except ValueError:
            raise GroundError(
                f"Point {number}: {line[:60]!r} is none; write it like 161,402 = 0,0"
            ) from None
        found.append(Point(number, at, *metres))
    return tuple(found)
