"""The movement page's parts: which source, how it is shown, and what is seen of it."""

from __future__ import annotations

import re
import sqlite3
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ...charts import pictures, words
from ...charts.places import Picture
from ...charts.shades import pixels
from ...database import still
from ...filters import Filter
from ...footprints import Ground, ground_of
from ...metrics import Selection, SourceInfo
from ...metrics.places import (
    SIZES,
    Cells,
    Change,
    Flow,
    Heat,
    Unit,
    Visitors,
    change,
    flow,
    heat,
    visitors,
)
from ...metrics.ways import Order, Way, Ways, follow, named, ways
from .. import parts, reading
from ..live.feeds import Wish
from ..places import Places
from ..serving import painting, supervising
from ..wording import sheet

ON, VIEW = "on", "view"
ANSWER_WITHIN = 1.0  # seconds for a picture of the runner's
VIEWS = ("Heat", "Paths", "Flow", "Difference")
CONFIG = {
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["toImage", "zoomIn2d", "zoomOut2d", "autoScale2d"],
}


def chosen_source(selection: Selection) -> SourceInfo:
    """The one source that the page is about: the address's, the last one, or the busiest."""
    names = [source.name for source in selection.sources]
    if len(names) == 1:
        st.query_params.pop(ON, None)
        return selection.sources[0]
    _obey_address(ON, names)
    kept = st.session_state.get("movement.on")
    if kept not in names:
        kept = max(selection.sources, key=lambda source: _tracks(selection, source)).name
    chosen = str(
        st.selectbox(
            "Source", names, names.index(kept), key=_key(ON), width=260,
            label_visibility="collapsed", on_change=_changed, args=(ON,),
        )
    )  # fmt: skip
    _remember(ON, chosen, chosen)
    return next(source for source in selection.sources if source.name == chosen)


def chosen_view() -> str:
    """Which of VIEWS is shown: the address's, or the last one."""
    _obey_address(VIEW, VIEWS)
    kept: str = st.session_state.get("movement.view", VIEWS[0])
    chosen = st.segmented_control(
        "View", VIEWS, default=kept, key=_key(VIEW), label_visibility="collapsed", required=True,
        on_change=_changed, args=(VIEW,),
    )  # fmt: skip
    _remember(VIEW, chosen or kept, (chosen or kept).lower())
    return chosen or kept


def show_whose(filter: Filter) -> None:
    """Say whose ways these are, where not everybody's."""
    if filter == filter.everywhere:
        return
    if filter.zones:
        whose = "those with a stay in the zones that are chosen: all of their way, also elsewhere"
    elif filter.lines or filter.directions:
        whose = "those that crossed a line that is chosen: all of their way"
    else:
        whose = "those of visits that lasted as long as is chosen"
    st.caption(f":material/pin_drop: Tracks are {whose}.")


def _tracks(selection: Selection, source: SourceInfo) -> int:
    return int((selection.tracks.source == source.id).sum())


def _obey_address(name: str, known: Sequence[str]) -> None:
    """Show what somebody else than this page wrote into the address."""
    asked = st.query_params.get(name)
    if asked is None or asked == st.session_state.get(f"movement.{name}.written"):
        return
    found = next((each for each in known if each.lower() == asked.lower()), None)
    if found is None:
        st.warning(
            f"The address asks for {parts.plain(asked[:100])}, which there is not here.",
            icon=":material/link_off:",
        )
        return
    st.session_state[f"movement.{name}"] = found
    st.session_state[f"movement.{name}.version"] = (
        st.session_state.get(f"movement.{name}.version", 0) + 1
    )


def _changed(name: str) -> None:
    """Write it into the address before the page runs: the filter bar, above it, shows that."""
    if chosen := st.session_state.get(_key(name)):
        _remember(name, chosen, chosen if name == ON else chosen.lower())


def _remember(name: str, chosen: str, written: str) -> None:
    """Keep what is chosen for the session and, as it is written there, in the address."""
    st.session_state[f"movement.{name}"] = chosen
    st.session_state[f"movement.{name}.written"] = written
    if st.query_params.get(name) != written:
        st.query_params[name] = written


def _key(name: str) -> str:
    return f"movement.{name}.{st.session_state.get(f'movement.{name}.version', 0)}"


# what is read, and kept for a while: without the rows that it was counted of


@dataclass(frozen=True, slots=True)
class Asked:
    """What is read of one source; equal ones are read once."""

    database: str
    filter: Filter
    source: str
    stamp: int

    @classmethod
    def of(cls, selection: Selection) -> Asked:
        filter = selection.filter
        name = selection.sources[0].name
        return cls(str(Places.of().database), filter, name, reading.stamp(filter))


def read_heat(selection: Selection, unit: Unit, size: int) -> Heat:
    return reading.shown(lambda: _heat(Asked.of(selection), unit, size, selection))


def read_flow(selection: Selection, size: int) -> Flow:
    return reading.shown(lambda: _flow(Asked.of(selection), size, selection))


def read_change(selection: Selection, other: Selection, size: int) -> Change:
    asked = Asked.of(selection), Asked.of(other)
    return reading.shown(lambda: _change(asked, size, selection, other))


def read_ways(selection: Selection, order: Order, most: int) -> Ways:
    return reading.shown(lambda: _ways(Asked.of(selection), order, most, selection))


def read_visitors(selection: Selection, region: tuple[int, ...]) -> Visitors:
    return reading.shown(lambda: _visitors(Asked.of(selection), region, selection))


def read_way(selection: Selection, track: int) -> Way | None:
    found = reading.shown(lambda: _way(Asked.of(selection), track, selection))
    return found[0] if found and len(found[0].t) else None


def read_labels(selection: Selection, tracks: tuple[int, ...]) -> dict[int, tuple[int, str]]:
    """Number in its run and label of tracks, by people_tracks.id."""
    return reading.shown(lambda: _labels(Asked.of(selection), tracks))


_kept = st.cache_data(max_entries=16, ttl=reading.KEPT, show_spinner=False)


@_kept
def _heat(asked: Asked, unit: Unit, size: int, _selection: Selection) -> Heat:
    with reading.reading() as connection:
        found = heat(connection, _selection, unit, size)
        return replace(found, selection=found.selection.without_rows())


@_kept
def _flow(asked: Asked, size: int, _selection: Selection) -> Flow:
    with reading.reading() as connection:
        found = flow(connection, _selection, size)
        return replace(found, selection=found.selection.without_rows())


@_kept
def _change(
    asked: tuple[Asked, Asked], size: int, _selection: Selection, _other: Selection
) -> Change:
    with reading.reading() as connection:
        found = change(connection, _selection, _other, size)
        now, before = (each.without_rows() for each in (found.selection, found.other))
        return replace(found, selection=now, other=before)


@_kept
def _ways(asked: Asked, order: Order, most: int, _selection: Selection) -> Ways:
    with reading.reading() as connection:
        found = ways(connection, _selection, order, most)
        light = found.tracks.selection.without_rows()
        return replace(found, tracks=replace(found.tracks, selection=light))


@_kept
def _visitors(asked: Asked, region: tuple[int, ...], _selection: Selection) -> Visitors:
    with reading.reading() as connection:
        return visitors(connection, _selection, region)


@_kept
def _way(asked: Asked, track: int, _selection: Selection) -> tuple[Way, ...]:
    (source,) = _selection.sources
    with reading.reading() as connection:
        filter, zone = _selection.filter, source.timezone
        return follow(connection, [track], filter, zone, source.width)


@_kept
def _labels(asked: Asked, tracks: tuple[int, ...]) -> dict[int, tuple[int, str]]:
    with reading.reading() as connection:
        return named(connection, tracks)


def read_picture(source: SourceInfo, grey: bool) -> Picture:
    """What of the source is drawn over. Raises NothingRecorded where its size is not known."""
    ground, jpeg = _ground(str(Places.of().database), source.id, source.name)
    if not grey or jpeg is None:
        return Picture(ground, jpeg)
    image = pictures.decoded(jpeg)
    return Picture(ground, None if image is None else pictures.faded(image))


@st.cache_data(max_entries=16, ttl=30, show_spinner=False)
def _ground(database: str, source_id: int, name: str) -> tuple[Ground, bytes | None]:
    with reading.reading() as connection:
        ground = ground_of(connection, source_id)
        with suppress(sqlite3.OperationalError):  # a study of an older version has no pictures
            kept = still(connection, source_id)
            if kept is not None and pictures.decoded(kept.jpeg) is not None:
                return ground, kept.jpeg
    live = _live(supervising.state().url, name)
    return ground, live if pictures.decoded(live) is not None else None


def _live(url: str | None, name: str) -> bytes | None:
    """The runner's newest picture of a source with nothing drawn into it, if it has one."""
    if url is None:
        return None
    bare = Wish(name, boxes=False, labels=False, trails=False)
    try:
        with urllib.request.urlopen(url + bare.path("jpg"), timeout=ANSWER_WITHIN) as answer:
            return bytes(answer.read())
    except (OSError, ValueError):
        return None


# what the views have in common


def draw(
    figure: go.Figure,
    picture: Picture,
    key: str,
    on_select: Callable[[], None] | Literal["ignore"] = "ignore",
) -> None:
    """A figure over a source's picture, in the picture's proportions at any width."""
    room, ground = f"movement_{key}", picture.ground
    st.html(
        f"<style>.st-key-{room} {{aspect-ratio: {ground.width} / {ground.height};}}\n"
        f".st-key-{room} > div, .st-key-{room} .js-plotly-plot {{height: 100%;}}</style>"
    )
    with st.container(key=room):
        st.plotly_chart(
            figure,
            key=f"movement.{key}",
            height="stretch",
            config=CONFIG,
            on_select=on_select,
            selection_mode=("box", "lasso"),
        )
    if picture.jpeg is None:
        st.caption("There is no picture of this source yet, so this is over a plain ground.")


def scale(figure: go.Figure, key: str) -> None:
    """What the colours mean, beneath."""
    st.plotly_chart(figure, key=f"movement.{key}.legend", config={"staticPlot": True})


def cell_size(ground: Ground, usual: int, key: str) -> int:
    """How many of the ground's own cells a shown one is wide, chosen in pixels."""
    names = {size: pixels(Cells(ground, size).side) for size in SIZES}
    return st.select_slider(
        "Cell size", SIZES, usual, format_func=names.__getitem__, key=f"movement.{key}.size"
    )


def pick(label: str, options: Sequence[str], key: str, usual: str | None = None) -> str:
    """One of a few, never none. usual: what it is to begin with, else the first one."""
    usual = usual or options[0]
    chosen = st.segmented_control(label, options, default=usual, key=f"movement.{key}")
    return str(chosen or usual)


def lines(selection: Selection, title: str, note: str, watched: str) -> list[str]:
    """What stands beneath a downloaded picture."""
    (source,) = selection.sources
    window = words.window(selection.filter, source.timezone)
    narrow = words.narrowed(selection)
    return [title, " · ".join(filter(None, (source.name, window, narrow))), f"{note} · {watched}"]


def downloads(
    source: SourceInfo, key: str, png: Callable[[], bytes], table: Callable[[], pd.DataFrame]
) -> None:
    """What is shown as a picture and as numbers; made when somebody asks for it."""
    name = f"{re.sub(r'[^0-9A-Za-z]+', '-', source.name).strip('-')[:40] or 'source'}-{key}"
    with st.container(horizontal=True):
        st.download_button(
            "Picture", png, f"{name}.png", "image/png",
            key=f"movement.{key}.png", icon=":material/image:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Numbers", lambda: sheet(table()), f"{name}.csv", "text/csv",
            key=f"movement.{key}.csv", icon=":material/table:", on_click="ignore",
        )  # fmt: skip


def counted(result: Any, key: str, title: str | None = None) -> None:
    """A number with its definition, and how to check it; the picture is drawn after it."""
    parts.number(result, title)
    parts.explained(result, f"movement.{key}.explained")
    painting.numbers_first()
