"""What is known on the floor: speeds, and presence on a plan and in zones."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ...charts import words
from ...errors import GroundError, NothingRecorded
from ...filters import Filter
from ...ground import Grounded, current
from ...metrics import Selection, coverage, measure
from ...metrics.floor import SIDES, FloorHeat, floor_heat, light, zone_floors
from .. import parts, reading
from ..filterbar import filter_bar
from ..places import Places
from ..plots import plot
from ..serving import painting
from ..wording import plain, sheet
from .figures import heat_figure

NUMBERS = {
    "speed_mean": "Mean speed, m/s",
    "speed_median": "Median speed, m/s",
    "speed_p90": "Nine of ten to, m/s",
    "distance_mean": "Mean way, m",
}


def show() -> None:
    """Numbers, and the floor of the sources that are chosen."""
    filter = filter_bar()
    selection = reading.selection(filter)
    watched = coverage(selection)
    parts.about(selection, watched)
    if not len(selection.tracks) and not watched.observed:
        parts.nothing(selection, reading.extent(filter.sources))
        return
    names = {source.name for source in selection.sources}
    with reading.reading() as connection:
        grounds = [each for each in current(connection) if each.source in names]
    if not grounds:
        st.info(
            "The floor of none of these sources is measured yet. Set it up above: four points whose"
            " place on the floor you know turn pixels into metres.",
            icon=":material/straighten:",
        )
        return
    _show_numbers(selection, grounds)
    painting.numbers_first()
    _show_heat(filter, selection, grounds)
    _show_zones(selection)


def _show_numbers(selection: Selection, grounds: list[Grounded]) -> None:
    with st.grid(4, min_column_width=170, gap="small"):
        for name, title in NUMBERS.items():
            parts.number(measure(name, selection), title)
    there = {each.source for each in grounds}
    without = [source.name for source in selection.sources if source.name not in there]
    if without:
        st.caption(f"Without a floor, and so not counted: {plain(', '.join(without))}.")


def _show_heat(filter: Filter, selection: Selection, grounds: list[Grounded]) -> None:
    places = [each.calibration.placing for each in grounds]
    options = {f"Plan {name}": name for name in sorted({at.plan for at in places if at})}
    own = {
        f"Floor of {each.source}": each.source for each in grounds if not each.calibration.placing
    }
    titles = [*options, *own]
    st.subheader("Presence on the floor", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Where", titles, key="ground.where", width=280) or titles[0]
        side = st.selectbox(
            "Squares of", SIDES, 1, format_func=lambda side: f"{side:g} m", key="ground.side",
            width=120,
        ) or SIDES[1]  # fmt: skip
    source = own.get(chosen)
    stamp = reading.stamp(filter)
    try:
        heat = _heat(
            str(Places.of().database), filter, stamp, options.get(chosen), source, side, selection
        )
    except (GroundError, NothingRecorded) as error:
        st.info(plain(f"{error}."), icon=":material/search_off:")
        return
    _show_figure(heat)
    _show_words(heat)


def _show_figure(heat: FloorHeat) -> None:
    """The plan, in its proportions at any width; the scale needs room of its own."""
    wide, high = heat.plan.width, heat.plan.height + heat.plan.width * 0.3
    st.html(
        f"<style>.st-key-ground_heat {{width: 100%; aspect-ratio: {wide:g} / {high:g};"
        " max-height: 780px;}\n"
        ".st-key-ground_heat > div, .st-key-ground_heat .js-plotly-plot {height: 100%;}</style>"
    )
    with st.container(key="ground_heat"):
        plot(
            heat_figure(heat), key="ground.heat", height="stretch",
            config={"displayModeBar": False},
        )  # fmt: skip


def _show_words(heat: FloorHeat) -> None:
    seen = ", ".join(f"{plain(name)} {size:,.0f} m²" for name, size in heat.sizes.items())
    total = words.lasting(heat.value) if heat.value is not None else "nothing recorded"
    lines = [f"{total} of presence in all. Seen of this floor: {seen}."]
    if heat.placeless >= 0.5:
        lines.append(
            f"{words.lasting(heat.placeless)} have no place on it: above the horizon, too far away,"
            " or beyond its edges."
        )
    if heat.without:
        lines.append(f"Not on it: {plain(', '.join(heat.without))}.")
    st.caption(" ".join(lines))
    st.caption(
        heat.metric.definition
        + " Pale is floor where nobody stood; where no source looks, nothing is drawn."
    )
    parts.download(heat.table, "floor", "ground.csv")


def _show_zones(selection: Selection) -> None:
    with reading.reading() as connection:
        zones = zone_floors(connection, selection)
    if zones.empty:
        return
    st.subheader("Zones on the floor", anchor=False)
    shown = pd.DataFrame(
        {
            "source": zones["source"],
            "zone": zones["zone"],
            "floor, m²": zones["square_metres"].round(1),
            "presence, s": zones["seconds"].round(0),
            "s/m²": zones["seconds_per_m2"].round(1),
        }
    )
    st.dataframe(shown, hide_index=True)
    st.caption(
        "Zones as they are drawn now; what reaches beyond where the floor can be told, such as to"
        " the horizon, has no area."
    )
    st.download_button(
        "CSV", lambda: sheet(zones), "zone-floors.csv", "text/csv", key="ground.zones.csv",
        on_click="ignore", type="tertiary", icon=":material/download:",
    )  # fmt: skip


@st.cache_data(max_entries=8, ttl=reading.KEPT, show_spinner="Looking at the floor")
def _heat(
    database: str, filter: Filter, stamp: int, plan: str | None, source: str | None, side: float,
    _selection: Selection,
) -> FloorHeat:  # fmt: skip
    if source is not None:
        (alone,) = (each for each in _selection.sources if each.name == source)
        _selection = _selection.only(alone)
    with reading.reading() as connection:
        return light(floor_heat(connection, _selection, plan, side))
