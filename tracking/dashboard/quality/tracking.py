"""How well a source is tracked: numbers, advice, where it fails, and other settings beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from ...charts import words
from ...errors import NothingRecorded
from ...filters import Filter
from ...metrics import Selection, SourceInfo, coverage
from ...metrics.places import cells_table
from ...quality import (
    QUALITY,
    THRESHOLDS,
    Quality,
    Setup,
    advise,
    setups,
    side_by_side,
    tracking_quality,
)
from ...times import iso
from .. import parts, reading
from ..movement.choosing import draw, read_picture
from ..parts import plain
from ..places import Places
from ..plots import plot
from ..serving import painting
from . import saying
from .figures import SHOWN, grid_of, hours_figure, map_figure, scores_figure

LOOK = {"displaylogo": False, "displayModeBar": False}
CARDS = ("broken_rate", "broken_share", "short_share", "births_share", "deaths_share", "found",
         "sure", "fps", "coverage", "joined_share")  # fmt: skip
ON = "quality.on"
ALL = "All sources"


def show_tracking(filter: Filter) -> None:
    selection = reading.selection(filter)
    if not selection.sources:
        parts.nothing(selection, reading.extent(filter.sources))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        source = chosen_source(selection)
        doors = st.toggle(
            "Learn doors", True, key="quality.doors",
            help="Places where tracks regularly begin and end without another side are taken for"
            " doors. Zones whose name says door, entrance, exit or the like always are.",
        )  # fmt: skip
    if source is None:
        show_all(selection, doors)
        return
    part = selection.only(source)
    watched = coverage(part)
    if not len(part.tracks) and not watched.observed:
        parts.nothing(part, reading.extent((source.name,)))
        return
    parts.about(part, watched)
    quality = read(part, doors)
    show_numbers(quality)
    painting.numbers_first()
    show_advice(quality)
    show_map(quality)
    left, right = st.columns(2, gap="medium")
    with left:
        show_hours(quality)
    with right:
        show_joins(quality)
    show_compared(quality, doors)
    show_broken(quality)


def chosen_source(selection: Selection) -> SourceInfo | None:
    """The one that is looked at; None for all of them side by side."""
    names = [source.name for source in selection.sources]
    if len(names) == 1:
        return selection.sources[0]
    kept = st.session_state.get(ON)
    if kept not in (*names, ALL):
        tracks = selection.tracks.source
        kept = max(selection.sources, key=lambda each: int((tracks == each.id).sum())).name
    chosen = st.selectbox(
        "Source", [*names, ALL], [*names, ALL].index(kept), key=f"{ON}.{hash(tuple(names))}",
        width=260, label_visibility="collapsed",
    )  # fmt: skip
    st.session_state[ON] = chosen
    return next((source for source in selection.sources if source.name == chosen), None)


def read(part: Selection, doors: bool = True, runs: tuple[int, ...] | None = None) -> Quality:
    """What is known of the selection's one source; kept while it cannot have changed."""
    filter, (source,) = part.filter, part.sources
    asked = (str(Places.of().database), filter, source.name, reading.stamp(filter))
    return reading.shown(lambda: _read(asked, doors, runs, part))


@st.cache_data(max_entries=24, ttl=reading.KEPT, show_spinner="Counting")
def _read(
    asked: tuple[object, ...], doors: bool, runs: tuple[int, ...] | None, _part: Selection
) -> Quality:
    with reading.reading() as connection:
        found = tracking_quality(connection, _part, runs, doors)
        return replace(found, selection=found.selection.without_rows())


def _setups(part: Selection) -> list[Setup]:
    with reading.reading() as connection:
        return setups(connection, part)


def show_all(selection: Selection, doors: bool) -> None:
    """Every source in a row, one after another: nobody waits for the last to see the first."""
    room, rows = st.empty(), []
    bar = st.progress(0.0, "Looking at the sources")
    for number, source in enumerate(selection.sources, 1):
        quality = read(selection.only(source), doors)
        rows.append(row_of(quality))
        with room:
            st.dataframe(pd.DataFrame(rows), hide_index=True, key=f"quality.all.{number}")
        bar.progress(number / len(selection.sources), f"Looked at {number} sources")
    bar.empty()
    parts.about(selection, coverage(selection))
    parts.download(lambda: pd.DataFrame(rows), "sightline-quality", "quality.all.csv")


def row_of(quality: Quality) -> dict[str, str]:
    row = {"Source": quality.source.name, "Tracks": f"{quality.tracks:,}"}
    return row | {QUALITY[name].title: saying.value(quality.numbers[name]) for name in CARDS}


def show_numbers(quality: Quality) -> None:
    if quality.status == "zero":
        st.info("It was watched, and nobody came: there is no tracking to judge.",
                icon=":material/check:")  # fmt: skip
    with st.grid(5, min_column_width=150, gap="small", key="quality_numbers"):
        for name in CARDS:
            number = quality.numbers[name]
            under = number.metric.unit if number.metric.unit != "share" else ""
            if name == "joined_share":
                under = f"{quality.tracks:,} tracks, {quality.visits:,} visits"
            st.metric(
                number.metric.title, saying.value(number), border=True, height="stretch",
                help=saying.definition(number, quality), delta=under or None,
                delta_color="off", delta_arrow="off",
            )  # fmt: skip
    with st.container(horizontal=True):
        with st.popover("How this is counted", icon=":material/fact_check:", type="tertiary",
                        key="quality.explained"):  # fmt: skip
            for number in quality.numbers.values():
                st.markdown(f"**{number.metric.title}: {saying.value(number)}.**"
                            f" {number.metric.definition}")  # fmt: skip
        parts.download(lambda: table_of(quality), "sightline-tracking-quality", "quality.csv")


def table_of(quality: Quality) -> pd.DataFrame:
    """Every number with what it was divided from and its definition."""
    filter, zone = quality.selection.filter, quality.source.timezone
    return pd.DataFrame(
        [
            (quality.source.name, name, each.value, each.metric.unit, each.part, each.whole,
             iso(filter.since, zone), iso(filter.until, zone), quality.watched.share,
             each.metric.definition)
            for name, each in quality.numbers.items()
        ],
        columns=["source", "number", "value", "unit", "part", "whole", "since", "until", "watched",
                 "definition"],
    )  # fmt: skip


def show_advice(quality: Quality) -> None:
    with st.container(border=True):
        st.subheader("What to try", anchor=False)
        part = quality.selection
        known = reading.shown(lambda: _setups(part))
        found = advise(quality, known[-1].whole if known else None)
        if not found:
            few = quality.tracks < 30
            text = ("Fewer than 30 tracks: too few to tell." if few
                    else "Nothing stands out: no number is beyond its threshold.")  # fmt: skip
            st.markdown(f":material/{'hourglass_empty' if few else 'check_circle'}: {text}")
        for each in found:
            setting = f" `{each.setting}`" if each.setting else ""
            st.markdown(f":material/lightbulb: **{plain(each.saw)}** {plain(each.do)}{setting}")
        with st.popover("Thresholds", icon=":material/tune:", type="tertiary", key="quality.rules"):
            st.markdown("A piece of advice is given from these values on.")
            st.dataframe(
                pd.DataFrame([(name, f"{limit:g}", why) for name, (limit, why) in
                              THRESHOLDS.items()], columns=["about", "threshold", "why"]),
                hide_index=True, key="quality.thresholds",
            )  # fmt: skip


def show_map(quality: Quality) -> None:
    with st.container(border=True):
        st.subheader("Where tracking fails", anchor=False)
        failures = quality.failures
        try:
            picture = reading.shown(lambda: read_picture(quality.source, True))
        except NothingRecorded:
            picture = None
        if failures is None or picture is None:
            st.info("The size of this source's pictures is not known, so there is no map.",
                    icon=":material/grid_off:")  # fmt: skip
            return
        what = st.segmented_control("Shown", SHOWN, default=SHOWN[0], key="quality.map",
                                    label_visibility="collapsed") or SHOWN[0]  # fmt: skip
        left, right = st.columns([2, 1], gap="medium")
        with left:
            draw(map_figure(picture, failures, quality.doors.learnt, what), picture, "quality")
        with right:
            _about_map(quality, what)
            parts.download(
                lambda: cells_table(failures.cells, births=failures.births, deaths=failures.deaths,
                                    passages=failures.passed, share=failures.share),
                "sightline-failures", "quality.cells.csv",
            )  # fmt: skip


def _about_map(quality: Quality, what: str) -> None:
    failures = quality.failures
    assert failures is not None
    grid = np.nan_to_num(grid_of(failures, what))
    births, deaths = failures.births.sum(), failures.deaths.sum()
    st.markdown(
        f"**{words.number(births)}** tracks begin and **{words.number(deaths)}** end away from the"
        " picture's edge and from doors, while the source was watched."
    )
    if grid.any():
        row, column = np.unravel_index(int(grid.argmax()), grid.shape)
        across, down = failures.cells.centres
        most = grid[row, column]
        amount = words.share(float(most)) if what == SHOWN[3] else words.number(float(most))
        st.markdown(f"Most of it, {amount}, around x {across[column]:.0f}, y {down[row]:.0f} px.")
    named, learnt = quality.doors.names, len(quality.doors.learnt)
    if named:
        st.markdown(f"Doors by their names: {', '.join(map(plain, named))}.")
    if learnt:
        places = "place is" if learnt == 1 else "places are"
        st.markdown(f"{learnt} {places} taken for a door (outlined in white).")
    st.caption(
        "A passage is a track that comes to one of the smallest cells, a 48th of the picture's"
        " width; counted by whole minutes. Where fewer than 5 pass, no share is given."
    )


def show_hours(quality: Quality) -> None:
    with st.container(border=True):
        st.markdown("**By hour of the day**")
        plot(hours_figure(quality), key="quality.hours", config=LOOK)
        hourly = quality.hourly
        rows = pd.DataFrame({"hour": range(24), "tracks": hourly.tracks, "confidence": hourly.sure,
                             "broken": hourly.broken})  # fmt: skip
        parts.download(lambda: rows, "sightline-quality-hours", "quality.hours.csv")


def show_joins(quality: Quality) -> None:
    with st.container(border=True):
        st.markdown("**How tracks were joined into visits**")
        if not len(quality.scores):
            st.caption("No two of these tracks were joined. `tracking visits` joins what is"
                       " recorded; a runner joins what comes.")  # fmt: skip
            return
        plot(scores_figure(quality.scores), key="quality.scores", config=LOOK)
        st.caption(f"{len(quality.scores):,} joins, half of them with a score of at least"
                   f" {float(np.median(quality.scores)):.2f}.")  # fmt: skip
        rows = pd.DataFrame({"score": quality.scores})
        parts.download(lambda: rows, "sightline-joins", "quality.scores.csv")


def show_compared(quality: Quality, doors: bool) -> None:
    with st.container(border=True):
        st.subheader("Compared", anchor=False)
        how = st.segmented_control("Compared with", ("Other settings", "The time before"),
                                   default="Other settings", key="quality.with",
                                   label_visibility="collapsed")  # fmt: skip
        part = quality.selection
        if how == "The time before":
            filter = part.filter.before()
            other = reading.selection(filter)
            if not other.sources:
                st.caption("Nothing is recorded of the time before.")
                return
            before = read(other.only(quality.source), doors)
            _table([("this time", quality), ("the time before", before)])
            st.caption(f"The time before: {words.window(filter, quality.source.timezone)},"
                       f" {words.coverage(before.watched)}.")  # fmt: skip
            return
        known = reading.shown(lambda: _setups(part))
        if len(known) < 2:
            st.caption("In that time it was watched with one set of settings.")
            return
        whole = reading.selection(part.filter).only(quality.source)
        _table([(each.name, read(whole, doors, each.runs)) for each in known[-4:]])
        if len(known) > 4:
            st.caption(f"The newest 4 of {len(known)} sets of settings.")


def _table(qualities: Sequence[tuple[str, Quality]]) -> None:
    names = [f"{number} · {name}" if len(qualities) > 2 else name
             for number, (name, _) in enumerate(qualities, 1)]  # fmt: skip
    unique = list(dict.fromkeys(names))
    if len(unique) < len(names):
        names = [f"{number} · {name}" for number, name in enumerate(names, 1)]
    shown = pd.DataFrame(
        {
            "Number": [each.metric.title for each in qualities[0][1].numbers.values()],
            "Unit": [each.metric.unit for each in qualities[0][1].numbers.values()],
            **{name: [saying.value(each) for each in quality.numbers.values()]
               for name, (_, quality) in zip(names, qualities, strict=True)},
        }
    )  # fmt: skip
    st.dataframe(shown, hide_index=True, key="quality.compared")
    rows = [(name, quality) for name, (_, quality) in zip(names, qualities, strict=True)]
    parts.download(lambda: side_by_side(rows), "sightline-quality-compared", "quality.compared.csv")


def show_broken(quality: Quality) -> None:
    """The rows behind the breaks."""
    with st.expander(f"Broken tracks ({len(quality.gaps):,})", icon=":material/link_off:"):
        if not len(quality.gaps):
            st.caption("No track ended while another one began near it soon after.")
            return
        rows = pd.DataFrame({"track": quality.broken[:, 0], "goes on as": quality.broken[:, 1],
                             "gap (s)": quality.gaps})  # fmt: skip
        st.dataframe(rows.head(500), hide_index=True, key="quality.broken")
        if len(rows) > 500:
            st.caption(f"The first 500 of {len(rows):,}; the file has all.")
        parts.download(lambda: rows, "sightline-broken-tracks", "quality.broken.csv")
