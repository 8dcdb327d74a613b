"""The four views of the movement page: heat, paths, flow and difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from ...charts import pictures, words
from ...charts.look import colours
from ...charts.places import (
    Picture,
    change_figure,
    flow_figure,
    grouped,
    heat_figure,
    names_figure,
    paths_figure,
    rose_figure,
    shade_scale,
    speed_scale,
)
from ...charts.shades import SMOOTHING, Shade, change_shade, heat_shade, pixels
from ...filters import Filter
from ...metrics import Selection
from ...metrics.comparing import as_long, before, beginning, so_far, weeks_before
from ...metrics.places import Heat, Unit, cells_table
from ...metrics.ways import Order, ways_table
from ...times import now_ms, to_ms, zone
from .. import parts, reading
from ..plots import plot
from . import choosing
from .regions import Region, show_visitors

UNITS: dict[str, Unit] = {"Seconds": "seconds", "Visits": "visits"}
ORDERS: dict[str, Order] = {"Newest": "newest", "Longest": "longest"}
MOST = (50, 200, 500)
BRUSHES: dict[str, str | bool] = {"Box": "select", "Lasso": "lasso", "Off": False}
COMPARED = ("Just before", "The same weekdays before", "Another time")


def show_heat(selection: Selection) -> None:
    """Presence or visits, and who was in a region that is brushed."""
    shown, controls, below = _layout()
    with controls:
        unit = UNITS[choosing.pick("What", list(UNITS), "unit")]
        region = Region.of(selection)
        brush = _brush()
        picture, look = _ground(selection, "heat", below)
        size = choosing.cell_size(picture.ground, 1, "heat")
        heat = choosing.read_heat(selection, unit, size)
        shade = heat_shade(heat, look.smoothing, look.root, look.opacity)
        choosing.counted(heat, "heat", "Presence in all" if unit == "seconds" else "Visits")
    visits = region.visitors(selection)
    figure = heat_figure(picture, heat, shade, region.cells, region.way(selection, visits))
    figure.update_layout(dragmode=brush)
    with shown:
        st.markdown(f"**{shade.title}**  \n:small[{shade.note}]")
        choosing.draw(figure, picture, region.key, partial(region.take, heat.cells))
        _scale(heat, shade)
        about = choosing.lines(selection, shade.title, shade.note, words.coverage(heat.watched))
        choosing.downloads(
            heat.source,
            "heat",
            lambda: pictures.heat_png(picture, heat.cells, shade, about),
            lambda: _both(selection, size),
        )
    show_visitors(region, selection, visits)


def _both(selection: Selection, size: int) -> pd.DataFrame:
    seconds, visits = (choosing.read_heat(selection, unit, size) for unit in UNITS.values())
    return cells_table(seconds.cells, seconds=seconds.values, visits=visits.values.astype(np.int64))


def _scale(heat: Heat, shade: Shade) -> None:
    if heat.values.any():
        name = "Seconds per cell" if heat.metric.unit == "seconds" else "Visits per cell"
        choosing.scale(shade_scale(shade, name), "heat")
    elif heat.watched.observed:
        st.info("Nobody was seen here in that time.", icon=":material/person_off:")
    else:
        st.info("Nothing was watched in that time.", icon=":material/visibility_off:")


def show_paths(selection: Selection) -> None:
    """The paths of single tracks."""
    (source,) = selection.sources
    shown, controls, below = _layout()
    with controls:
        order = ORDERS[choosing.pick("Which", list(ORDERS), "order")]
        most = st.segmented_control("How many", MOST, default=MOST[0], key="movement.most")
        by_time = choosing.pick("Colour by", ("Label", "Time"), "colour") == "Time"
        picture, _ = _ground(selection, "paths", below, shaded=False)
        found = choosing.read_ways(selection, order, most or MOST[0])
        choosing.counted(found.tracks, "paths", "Tracks")
    there = [way for way in found.ways if len(way.t)]
    named = colours(sorted(set(selection.tracks.labels) | {way.label for way in there}))
    every = words.number(found.tracks.value or 0)
    title = f"The {order} {len(there):,} of {every} tracks"
    note = "paths of feet, thinned to their shape; a dot where each was last seen"
    with shown:
        st.markdown(f"**{title}**  \n:small[{note}]")
        figure = paths_figure(picture, there, named, source.timezone, by_time)
        choosing.draw(figure, picture, "paths")
        groups = grouped(there, named, source.timezone, by_time)
        if groups:
            choosing.scale(names_figure([(name, colour) for name, colour, _ in groups]), "paths")
        else:
            st.info("Nobody was seen here in that time.", icon=":material/person_off:")
        about = choosing.lines(selection, title, note, words.coverage(found.tracks.watched))
        choosing.downloads(
            source,
            "paths",
            lambda: pictures.paths_png(picture, there, named, source.timezone, by_time, about),
            lambda: ways_table(there),
        )


def show_flow(selection: Selection) -> None:
    """Where movement goes."""
    shown, controls, below = _layout()
    with controls:
        picture, _ = _ground(selection, "flow", below, shaded=False)
        size = choosing.cell_size(picture.ground, 4, "flow")
        flow = choosing.read_flow(selection, size)
        choosing.counted(flow, "flow", "Mean speed, px/s")
        if flow.rose.any():
            st.caption("Where movement goes to, by distance")
            plot(rose_figure(flow), key="movement.rose", config={"displayModeBar": False})
    title = "Direction of flow"
    note = (
        f"cells of {pixels(flow.cells.side)} in which somebody was for 2 s at least;"
        " long arrows: all go that way, short ones: both ways"
    )
    with shown:
        st.markdown(f"**{title}**  \n:small[{note}]")
        choosing.draw(flow_figure(picture, flow), picture, "flow")
        if flow.told.any():
            choosing.scale(speed_scale(flow), "flow")
        else:
            st.info(
                "Nobody was seen long enough in that time to say where movement goes.",
                icon=":material/directions_walk:",
            )
        about = choosing.lines(selection, title, note, words.coverage(flow.watched))
        choosing.downloads(
            flow.source,
            "flow",
            lambda: pictures.flow_png(picture, flow, about),
            lambda: cells_table(
                flow.cells,
                seconds=flow.seconds,
                dx=flow.dx,
                dy=flow.dy,
                path=flow.path,
                speed=flow.speed,
                one_way=flow.steadiness,
            ),
        )


def show_difference(selection: Selection) -> None:
    """What is more and what is less than in another time."""
    (source,) = selection.sources
    shown, controls, below = _layout()
    with controls:
        compared = str(st.selectbox("Compared with", COMPARED, key="movement.compared"))
        whole, passed = selection.filter, so_far(selection.filter, now_ms())
        if passed != whole:  # a morning is compared with mornings, not with whole days
            selection = reading.selection(passed).only(source)
        filter = _other(passed, whole, compared, source.timezone)
        other = reading.selection(filter).only(source)
        picture, look = _ground(selection, "difference", below)
        size = choosing.cell_size(picture.ground, 2, "difference")
        change = choosing.read_change(selection, other, size)
        choosing.counted(change, "difference", "Change, s per watched hour")
    shade = change_shade(change, look.smoothing, look.root, look.opacity)
    with shown:
        st.markdown(f"**{shade.title}**  \n:small[{shade.note}]")
        st.markdown("  \n".join(_compared(selection, other, change.hours)))
        if not all(change.hours):
            st.info(
                "Nothing was watched in one of the two times, so there is nothing to compare."
                " Choose another time to compare with.",
                icon=":material/visibility_off:",
            )
            return
        choosing.draw(change_figure(picture, change, shade), picture, "difference")
        name = "Seconds per watched hour and cell"
        choosing.scale(shade_scale(shade, name), "difference")
        past = words.window(filter, source.timezone)
        about = choosing.lines(selection, shade.title, shade.note, f"compared with {past}")
        choosing.downloads(
            source,
            "difference",
            lambda: pictures.heat_png(picture, change.cells, shade, about),
            lambda: cells_table(
                change.cells, now=change.now, before=change.before, change=change.values
            ),
        )


def _compared(selection: Selection, other: Selection, hours: tuple[float, float]) -> Iterator[str]:
    """How much was watched in each of the two times, as Markdown."""
    for each, name, seen in ((selection, "Now", hours[0]), (other, "Compared with", hours[1])):
        watched = f"watched {words.lasting(seen * 3600)}" if seen else "not watched"
        yield f":small[**{name}:** {words.window(each.filter, each.timezone)}, {watched}]"


def _other(now: Filter, whole: Filter, compared: str, timezone_name: str) -> Filter:
    """The time to compare with, as long as what has passed of the whole window."""
    just_before = as_long(before(whole, timezone_name), now)
    if compared == COMPARED[0]:
        return just_before
    if compared == COMPARED[1]:
        return as_long(weeks_before(whole, timezone_name)[0], now)
    there = zone(timezone_name)
    usual = datetime.fromtimestamp(just_before.since / 1000, there)
    chosen = st.datetime_input(
        f"Begins ({timezone_name})",
        usual.replace(tzinfo=None, second=0, microsecond=0),
        key="movement.begins",
        step=timedelta(minutes=1),
        format="YYYY-MM-DD",
    )
    since = to_ms(chosen.replace(tzinfo=there)) if isinstance(chosen, datetime) else None
    return just_before if since is None else beginning(now, since)


@dataclass(frozen=True, slots=True)
class Look:
    """How a grid is shown over the picture."""

    smoothing: str = "off"
    root: bool = True
    opacity: float = 0.85


def _layout() -> tuple[Any, Any, Any]:
    """Room for a picture, for what is chosen about it, and for how it looks."""
    shown, side = st.columns([3, 1], gap="medium")
    with side:
        return shown, st.container(), st.container()


def _ground(selection: Selection, key: str, room: Any, shaded: bool = True) -> tuple[Picture, Look]:
    """What is drawn over, and how."""
    (source,) = selection.sources
    with room, st.expander("Look", icon=":material/tune:"):
        look = Look()
        if shaded:
            look = Look(
                choosing.pick("Smoothing", list(SMOOTHING), f"{key}.smoothing", "low"),
                choosing.pick("Scale", ("Root", "Linear"), f"{key}.scale") == "Root",
                st.slider("Opacity, %", 20, 100, 85, 5, key=f"movement.{key}.opacity") / 100,
            )
        grey = choosing.pick("Picture", ("Grey", "Colour"), f"{key}.ground") == "Grey"
    return reading.shown(lambda: choosing.read_picture(source, grey)), look


def _brush() -> str | bool:
    """What a drag over the picture does; on a phone it scrolls the page until asked otherwise."""
    names = list(BRUSHES)
    usual = names[2 if parts.is_touched() else 0]
    chosen = st.segmented_control("Pick a region with", names, default=usual, key="movement.brush")
    return BRUSHES[chosen or "Off"]


SHOWN = {"Heat": show_heat, "Paths": show_paths, "Flow": show_flow, "Difference": show_difference}
"""What shows each of movement.VIEWS."""
