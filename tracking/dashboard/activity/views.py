"""The parts of the page Activity: each a chart with its choices, its definition and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from ...charts import comparison, patterns, stays, times, words
from ...charts.axis import stretch
from ...charts.look import Chart
from ...filters import Filter
from ...localtime import BUCKETS, MINUTE, bucket_for
from ...metrics import Result, Selection, measure
from ...metrics.comparing import as_long, before, beginning, so_far, weeks_before
from ...times import iso, now_ms, to_ms, zone
from .. import parts, reading
from ..filterbar import show_only
from ..plots import plot

LOOK = {"displaylogo": False, "displayModeBar": False}
USUAL = 200  # buckets at most, unless a person wants it finer
TOTALS = (
    "visits", "tracks", "arrivals", "departures", "occupancy_mean", "occupancy_max",
    "presence", "stay_mean", "stay_median", "stay_p90", "stay_max", "observed",
)  # fmt: skip
SHORT = {"stay_p90": "Stay, nine of ten"}
"""Titles with less room than usual."""
OVER_TIME = {
    "occupancy_mean": "Occupancy",
    "visits": "Visits",
    "arrivals": "Arrivals",
    "departures": "Departures",
    "presence": "Presence",
}
OF_LINES = {"crossings": "Crossings", "net": "Net"}
BY = {"total": "Total", "source": "By source", "label": "By label"}
BY_LINE = {"line": "By line", "direction": "By direction"}
PATTERNS = {
    "arrivals": "Arrivals",
    "departures": "Departures",
    "occupancy_mean": "Mean occupancy",
    "occupancy_max": "Peak occupancy",
}
AGAINST = {
    "before": "the period before",
    "week": "the same weekdays before",
    "start": "another beginning",
}


def totals(selection: Selection) -> None:
    """The window's numbers."""
    with st.grid(6, min_column_width=150, gap="small", key="activity_totals"):
        for name in TOTALS:
            parts.number(measure(name, selection), SHORT.get(name), height="stretch")


@st.fragment
def over_time(selection: Selection) -> None:
    with st.container(border=True):
        name, by, bucket = _over_time_choices(selection)
        chart = times.over_time(name, selection, by, bucket, _known(by, selection))
        if touched := parts.is_touched():
            chart.figure.layout.dragmode = False
        filter = selection.filter
        key = f"over_time.{filter.since}.{filter.until}.{name}.{by}.{bucket}"
        shown = plot(
            chart.figure,
            key=key,
            config=LOOK,
            on_select="rerun",
            selection_mode="box",
            alt=f"{_numbers_of(selection)[name]} over time",
        )
        result = measure(name, selection, ("bucket",), bucket)
        st.caption(_drawing(name, bucket, touched))
        _zoom(selection, chart.rows, shown.get("selection", {}).get("box", []))
        _foot(result, chart, "over_time", selection.timezone)


def _numbers_of(selection: Selection) -> dict[str, str]:
    """What can be shown over time: crossings where lines are drawn."""
    has_lines = bool(selection.lines) and not selection.is_of_stays
    return {**OVER_TIME, **OF_LINES} if has_lines else OVER_TIME


def _keyed(key: str, titles: dict[str, str]) -> str:
    """With other choices it is another widget."""
    return key if titles == OVER_TIME else f"{key}.lines"


def _groups_of(selection: Selection, name: str | None) -> dict[str, str]:
    """What a number can be told apart by there."""
    found = dict(BY)
    if selection.zones and not selection.is_of_crossers and name not in OF_LINES:
        found["zone"] = "By zone"
    if selection.lines and not selection.is_of_stays:
        found |= BY_LINE
    return found


def _over_time_choices(selection: Selection) -> tuple[str, str | None, str]:
    titles = _numbers_of(selection)
    names = list(titles)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Over time", anchor=False, width="stretch")
        name = st.segmented_control(
            "Number",
            names,
            default=names[0],
            format_func=titles.__getitem__,
            key=_keyed("activity_number", titles),
            required=True,
            label_visibility="collapsed",
            wrap=True,
        )
        by = _by("activity_by", _groups_of(selection, name))
        fit = times.buckets(selection.filter.length)
        usual = bucket_for(selection.filter.length, USUAL)
        bucket = st.selectbox(
            "Width",
            fit,
            fit.index(usual) if usual in fit else 0,
            format_func="by {}".format,
            key=f"activity_bucket.{selection.filter.length}",
            label_visibility="collapsed",
            width=150,
        )
    return name or names[0], by, bucket or fit[0]


def _by(key: str, titles: dict[str, str]) -> str | None:
    chosen = st.selectbox(
        "Grouped",
        list(titles),
        format_func=titles.__getitem__,
        key=key if titles == BY else f"{key}.{'-'.join(titles)}",
        label_visibility="collapsed",
        width=130,
    )
    return _grouping(chosen)


def _grouping(chosen: str | None) -> str | None:
    return None if chosen == "total" else chosen


def _known(by: str | None, selection: Selection) -> Sequence[str]:
    if by in ("zone", *BY_LINE):
        return times.groups(selection, by)
    sources, labels = reading.known()
    return [source.name for source in sources] if by == "source" else labels if by else []


def _zoom(selection: Selection, rows: pd.DataFrame, boxes: Sequence[dict[str, list[str]]]) -> None:
    """Offer the window that was brushed, in whole buckets."""
    window = brushed(rows, boxes)
    if window is None:
        return
    words_of = stretch(*window, selection.timezone)
    if st.button(f"Show only {words_of}", icon=":material/zoom_in:", key="activity_zoom"):
        show_only(*window)
        st.rerun()


def brushed(rows: pd.DataFrame, boxes: Sequence[dict[str, list[str]]]) -> tuple[int, int] | None:
    """The buckets that a box on the chart touches; its x are texts of UTC."""
    if not boxes or not len(rows):
        return None
    ends = sorted(to_ms(str(x).replace(" ", "T"), "UTC") for x in boxes[0]["x"])
    touched = rows[(rows["end"] > ends[0]) & (rows["begin"] < ends[-1])]
    return (int(touched["begin"].min()), int(touched["end"].max())) if len(touched) else None


def _drawing(name: str, bucket: str, touched: bool) -> str:
    partly = "hollow points" if name == "occupancy_mean" else "lighter bars"
    told = f"Hatched: not watched; {partly}: watched for a part only."
    if BUCKETS[bucket] < MINUTE:
        told += " What was watched is known by the minute and spread evenly over it."
    return told if touched else f"{told} Drag over the chart to choose a part of the time."


def _foot(result: Result, chart: Chart, key: str, zone_name: str, drawn: str | None = None) -> None:
    """Under a chart: how to read it, how it is counted, and its rows."""
    if drawn:
        st.caption(drawn)
    with st.container(horizontal=True):
        parts.explained(result, f"explained.{key}")
        parts.download(lambda: told(chart.rows, zone_name), f"sightline-{key}", f"csv.{key}")


def told(rows: pd.DataFrame, zone_name: str) -> pd.DataFrame:
    """Rows as a file has them: moments in ISO 8601 with their offset."""
    moments = [name for name in ("begin", "end", "first_seen", "last_seen", "t") if name in rows]
    texts = {name: [iso(int(t), zone_name) for t in rows[name]] for name in moments}
    return rows.assign(**texts)


@st.fragment
def compare(selection: Selection) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Compare", anchor=False, width="stretch")
            titles = _numbers_of(selection)
            name = st.segmented_control(
                "Number",
                list(titles),
                default="visits",
                format_func=titles.__getitem__,
                key=_keyed("activity_compared", titles),
                required=True,
                label_visibility="collapsed",
                wrap=True,
            )
            against = st.selectbox(
                "Against",
                list(AGAINST),
                format_func=lambda each: f"with {AGAINST[each]}",
                key="activity_against",
                label_visibility="collapsed",
                width=250,
            )
            now = so_far(selection.filter, now_ms())
            other = _other(now, selection, against or "before")
        if other is not None:
            _compared(name or "visits", now, other, selection)


def _other(now: Filter, selection: Selection, against: str) -> Filter | None:
    filter, zone_name = selection.filter, selection.timezone
    if against == "before":
        return as_long(before(filter, zone_name), now)
    earlier, _ = weeks_before(filter, zone_name)
    if against == "week":
        return as_long(earlier, now)
    usual = datetime.fromtimestamp(earlier.since / 1000, zone(zone_name)).replace(tzinfo=None)
    begin = st.datetime_input(
        f"Beginning ({zone_name})",
        usual.replace(second=0, microsecond=0),
        key=f"activity_start.{filter.since}",
        step=60,
        format="YYYY-MM-DD",
        width=215,
    )
    if not isinstance(begin, datetime):
        return None
    return beginning(now, to_ms(begin.replace(tzinfo=zone(zone_name))))


def _compared(name: str, now: Filter, other: Filter, selection: Selection) -> None:
    here = selection if now == selection.filter else reading.selection(now)
    there = reading.selection(other)
    mine, theirs = measure(name, here), measure(name, there)
    st.markdown(parts.plain(comparison.difference(mine, theirs)))
    st.caption(f"Compared with {words.window(other, selection.timezone)}.")
    if warning := comparison.caution(mine, theirs):
        st.warning(warning, icon=":material/balance:")
    if theirs.value is not None and mine.value is not None:
        chart = comparison.compared(name, here, there, bucket_for(now.length, USUAL))
        plot(chart.figure, key=f"compared.{name}", config=LOOK, alt=f"{OVER_TIME[name]}, compared")
        _foot(mine, chart, "compared", selection.timezone)


@st.fragment
def pattern(selection: Selection) -> None:
    with st.container(border=True, height="stretch"):
        name = _titled("Pattern", PATTERNS, "activity_pattern")
        result = patterns.pattern_of(name, selection)
        chart = patterns.pattern(result)
        plot(chart.figure, key=f"pattern.{name}", config=LOOK, alt="By hour of the day")
        told = "By each source's own clock. Hatched: not watched; ringed: less than half of it was;"
        told += " blank: not in the window."
        if name in ("arrivals", "departures"):
            told = "For each hour that was watched. " + told
        _foot(result, chart, "pattern", selection.timezone, told)


@st.fragment
def how_long(selection: Selection) -> None:
    with st.container(border=True, height="stretch"):
        by = _grouping(_titled("How long", BY, "activity_stays"))
        chart = stays.distribution(selection, by, _known(by, selection))
        if chart.rows["visits"].sum():
            plot(chart.figure, key=f"stays.{by}", config=LOOK, alt="How long visits lasted")
        else:
            st.info("Nobody was seen in that time.", icon=":material/person_off:")
        what = "Visits that overlap the time, from their first to their last sighting"
        if selection.is_of_stays:
            what = "Stays in the zones that overlap the time, from entering to leaving, whole"
        told = f"{what}; “longer” is about the longest one in a hundred."
        _foot(measure("stay_median", selection), chart, "stays", selection.timezone, told)


def _titled(title: str, choices: dict[str, str], key: str) -> str:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False, width="stretch")
        chosen = st.selectbox(
            title,
            list(choices),
            format_func=choices.__getitem__,
            key=key,
            label_visibility="collapsed",
            width=170,
        )
    return chosen or next(iter(choices))
