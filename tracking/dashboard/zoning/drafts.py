"""What is being drawn, for as long as a person is at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ...zones import Kind, read_points
from ..sources.state import digest
from .canvas import DRAFT, Sketch, read_rings

REV, BASE = "zoning.rev", "zoning.base"


def key_of_canvas(source: str) -> str:
    return f"zoning.canvas.{digest(source)}"


def rev() -> int:
    """Which drawing this is; what the canvas tells of an earlier one is old."""
    return int(st.session_state.get(REV, 0))


def begin(sketch: Sketch | None = None) -> None:
    """Go on with this drawing, or with none."""
    st.session_state[BASE] = sketch
    st.session_state[REV] = rev() + 1


def current(source: str) -> Sketch | None:
    """What is drawn by now; None for nothing."""
    state: Any = st.session_state.get(key_of_canvas(source))
    told = state.get(DRAFT) if isinstance(state, Mapping) else None
    if isinstance(told, Mapping) and told.get("rev") == rev():
        return Sketch.read(told.get("shape"))
    kept: Sketch | None = st.session_state.get(BASE)
    return kept


def typed(kind: Kind, text: str, of: str | None) -> Sketch:
    """A drawing from corners as text. Raises DrawingError."""
    rings = (read_points(line) for line in read_rings(text))
    return Sketch(kind, tuple(tuple((x, y) for x, y in ring) for ring in rings) or ((),), of)
