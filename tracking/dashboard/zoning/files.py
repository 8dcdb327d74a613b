"""Zones and lines as a JSON file, as the command line reads and writes it."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from ...errors import DrawingError, TrackingError
from ...zones import KINDS, Kind, Line, Zone, exported, read_json, shapes_in
from ..sources.state import digest
from ..wording import plain
from . import changes
from .choosing import Place
from .editor import EVER_SINCE, FROM_NOW, is_outside

MOST = 2  # megabytes of a file
SENT = "zoning.sent"
Shapes = list[tuple[str, Zone | Line]]


def show(place: Place, can_write: bool) -> None:
    with st.expander("Import and export", icon=":material/data_object:"):
        text = json.dumps(exported(place.current), indent=2, ensure_ascii=False)
        st.download_button(
            "Export as JSON", text, f"zones-{digest(place.source.name)}.json", "application/json",
            key="zoning.export", icon=":material/download:", on_click="ignore",
            disabled=not place.current,
        )  # fmt: skip
        if can_write:
            _show_import(place)


def _show_import(place: Place) -> None:
    number = st.session_state.get(SENT, 0)
    file = st.file_uploader(
        "A file as it is exported here, or by `tracking zones export`", "json",
        key=f"zoning.import.{number}", max_upload_size=MOST,
    )  # fmt: skip
    if file is None:
        return
    here = st.checkbox(
        f"Draw all of it on {plain(place.source.name)}, whatever source the file names", True,
        key="zoning.import.here",
    )  # fmt: skip
    try:
        found = read_shapes(file.getvalue())
        chosen = [(place.source.name if here else source, shape) for source, shape in found]
        _check(place, chosen)
    except DrawingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    for source, shape in chosen:
        st.markdown(_planned(place, source, shape))
    when = st.radio("What is changed counts", [FROM_NOW, EVER_SINCE], key="zoning.import.when")
    if not st.button("Draw these", type="primary", key="zoning.import.do"):
        return
    try:
        changes.draw(chosen, when == EVER_SINCE)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    st.session_state[SENT] = number + 1
    st.rerun()


def read_shapes(content: bytes) -> Shapes:
    """The zones and lines of a file, each with its source. Raises DrawingError."""
    try:
        read = read_json(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DrawingError("That is no UTF-8 text") from None
    found: Shapes = []
    for kind in KINDS:
        if _has(read, kind):
            found += shapes_in(read, kind)
    if not found:
        raise DrawingError('There is nothing to draw in it; write {"zones": [...], "lines": [...]}')
    return found


def _has(content: Any, kind: Kind) -> bool:
    if isinstance(content, dict):
        return bool(content.get(f"{kind}s"))
    what = "polygon" if kind == "zone" else "points"
    return isinstance(content, list) and any(
        isinstance(each, dict) and what in each for each in content
    )


def _check(place: Place, shapes: Shapes) -> None:
    names = [(source, type(shape), shape.name) for source, shape in shapes]
    for n, (source, shape) in enumerate(shapes):
        if names[n] in names[:n]:
            raise DrawingError(f"{shape.name!r} is there twice, and a name is one zone's or line's")
        width, height = place.ground.width, place.ground.height
        if source == place.source.name and is_outside(shape, width, height):
            raise DrawingError(
                f"All of {shape.name!r} lies outside of the picture, which is {width} by {height}"
                " pixels"
            )


def _planned(place: Place, source: str, shape: Zone | Line) -> str:
    kind: Kind = "zone" if isinstance(shape, Zone) else "line"
    name, on = plain(shape.name), plain(source)
    if source != place.source.name:
        return f"- {kind} **{name}** on {on}"
    there = [each for each in place.current if (each.kind, each.name) == (kind, shape.name)]
    if not there:
        return f"- {kind} **{name}**: new"
    return f"- {kind} **{name}**: {'as it is' if there[0].shape == shape else 'changed'}"
