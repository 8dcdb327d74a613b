"""What is drawn on a source: what happened there, since when it counts, and what can be done."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from ...charts import words
from ...filters import RANGES, Choice, midnight
from ...metrics import Selection, coverage, measure
from ...times import now_ms
from ...zones import Drawn, Kind, Line
from .. import parts, reading
from ..sources.state import digest
from ..wording import plain
from . import drafts, numbers
from .canvas import Sketch
from .choosing import Place, since
from .dialogs import DIALOG

OFTEN = 10.0  # seconds
LOOK: Any = {"height": "stretch"}
SHOWN = ("today", "24h", "7d", "all")
PAGES = (("activity", "Activity", "monitoring"), ("movement", "Movement", "conversion_path"))
ICONS: dict[Kind, str] = {"zone": ":material/pentagon:", "line": ":material/timeline:"}


@st.fragment(run_every=OFTEN)
def show(place: Place, can_write: bool) -> None:
    """Every zone and line, with numbers that are kept up to date."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        st.subheader("Zones and lines", anchor=False, width="content")
        range = _range(place)
    zone, name = place.source.timezone, place.source.name
    choice = Choice(range, sources=(name,))
    filter = choice.filter(now_ms(), reading.extent((name,)), zone)
    selection = reading.selection(filter)
    parts.about(selection, coverage(selection))
    for drawn in place.current:
        with st.container(border=True, key=f"zoning_of_{digest(f'{drawn.kind} {drawn.name}')}"):
            _show_head(place, drawn, choice, can_write)
            _show_numbers(place, drawn, selection)
    _show_ended(place, can_write)


def _range(place: Place) -> str:
    extent = reading.extent((place.source.name,))
    is_old = extent is None or extent[1] < midnight(now_ms(), place.source.timezone)
    chosen = st.selectbox(
        "Counted in", SHOWN, SHOWN.index("all" if is_old else "today"),
        format_func=lambda name: RANGES[name].title, key="zoning.range", width=190,
    )  # fmt: skip
    return str(chosen)


def _show_head(place: Place, drawn: Drawn, choice: Choice, can_write: bool) -> None:
    key, earlier = digest(f"{drawn.kind} {drawn.name}"), len(place.of(drawn.kind, drawn.name)) - 1
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(width="content", gap=None):
            st.markdown(f"{ICONS[drawn.kind]} **{plain(drawn.name)}**")
            many = "1 earlier version counts" if earlier == 1 else f"{earlier:,} earlier ones count"
            st.caption(
                f"{drawn.kind.capitalize()}, as drawn counts {since(drawn, place.source.timezone)}"
                + (f"; {many} for the time before" if earlier else "")
            )
        with st.container(
            horizontal=True, width="content", gap="small", vertical_alignment="center"
        ):
            for page, label, icon in PAGES:
                _link(page, label, icon, drawn, choice, place)
            if not can_write:
                return
            if _button("Change", key, "edit"):
                drafts.begin(Sketch.of_drawn(drawn))
                st.rerun()
            for what, icon in (("Versions", "history"), ("Delete", "delete")):
                if (what != "Versions" or earlier) and _button(what, key, icon):
                    st.session_state[DIALOG] = what, drawn.kind, drawn.name
                    st.rerun()


def _button(what: str, key: str, icon: str) -> bool:
    return st.button(
        what, key=f"zoning.{what.lower()}.{key}", icon=f":material/{icon}:", type="tertiary"
    )


def _link(page: str, label: str, icon: str, drawn: Drawn, choice: Choice, place: Place) -> None:
    """To another page, narrowed to this zone or line."""
    query = choice.query(place.source.timezone)
    query["area" if drawn.kind == "zone" else "line"] = [drawn.name]
    if page == "movement":
        query["on"] = place.source.name
    with suppress(st.errors.StreamlitAPIException):
        st.page_link(f"pages/{page}.py", label=label, icon=f":material/{icon}:", query_params=query)


def _show_numbers(place: Place, drawn: Drawn, selection: Selection) -> None:
    key = f"zoning_numbers_{digest(f'{drawn.kind} {drawn.name}')}"
    with st.grid(4, min_column_width=130, gap="small", key=key):
        if isinstance(drawn.shape, Line):
            for way in (drawn.shape.forward, drawn.shape.backward):
                part = selection.over((drawn.name,), (way,))
                parts.number(measure("crossings", part), plain(way), **LOOK)
            parts.number(measure("net", selection.over((drawn.name,))), "Net", **LOOK)
            return
        part = selection.within((drawn.name,))
        parts.number(numbers.stays(selection, drawn.name), **LOOK)
        parts.number(measure("visits", part), **LOOK)
        parts.number(measure("stay_mean", part), **LOOK)
        there = reading.shown(lambda: _occupancy(place, drawn))
        st.metric("There now", words.number(there), help=numbers.NOW, border=True, **LOOK)


def _occupancy(place: Place, drawn: Drawn) -> int | None:
    with reading.reading() as connection:
        versions = place.of(drawn.kind, drawn.name)
        return numbers.occupancy(connection, versions, place.source.id, now_ms())


def _show_ended(place: Place, can_write: bool) -> None:
    if not place.ended:
        return
    with st.expander(f"No longer counting ({len(place.ended)})", icon=":material/history:"):
        for kind, name in place.ended:
            key = digest(f"{kind} {name}")
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
            ):
                last = place.of(kind, name)[-1]
                counted = since(last, place.source.timezone)
                st.markdown(f"{ICONS[kind]} **{plain(name)}**: {counted}", width="content")
                if can_write:
                    for what, icon in (("Versions", "history"), ("Delete", "delete")):
                        if _button(what, key, icon):
                            st.session_state[DIALOG] = what, kind, name
                            st.rerun()
