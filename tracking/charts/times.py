"""What happened over time: numbers by bucket, gaps that are no zeros, and how much was watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..localtime import BUCKETS, MINUTE, QUARTER, SHORT, bucket_for
from ..metrics import METRICS, Selection, measure, watched_over_time
from ..metrics.rows import LONG, directions_of
from ..schema import UNWATCHED
from . import words
from .axis import stretch, time_axis, utc
from .look import GAP, PALETTE, Chart, figure, runs, text

MOST = 7  # of things with a colour of their own
OTHERS = "others"
ALL = "all"
WHOLE = 0.995  # share of a bucket from which on it counts as watched
STATES = {"observed": "watched", **words.STATES}
COLOURS = {
    "observed": "rgba(105, 140, 125, 0.4)",  # the normal case is quiet
    "stale": "#E69F00",
    "down": "#D55E00",
    "stopped": "#CC79A7",
}
STRIP = (0.0, 0.075)  # part of the height that the coverage has
PLOT = (0.12, 1.0)


def buckets(length: int) -> list[str]:
    """The widths of buckets that make sense for a window of that many milliseconds."""
    fit = [
        name
        for name, width in BUCKETS.items()
        if 2 <= length / width <= 1500
        and (width >= QUARTER or length <= LONG)
        and (width >= MINUTE or length <= SHORT)
    ]
    return fit or [bucket_for(length)]


def parts(selection: Selection, by: str | None) -> list[tuple[str, Selection]]:
    """The selection as a whole, or by "source", "label", "zone", "line" or "direction": the
    busiest, and the rest as one. It is whole also where there is nothing to tell apart."""
    if by is None or not (names := groups(selection, by)):
        return [(ALL, selection)]
    of = {name: _part(selection, by, [name]) for name in names}
    if len(of) <= MOST:
        return list(of.items())
    busiest = sorted(of, key=lambda name: -len(of[name].tracks))[: MOST - 1]
    rest = [name for name in of if name not in busiest]
    shown = [(name, part) for name, part in of.items() if name in busiest]
    return [*shown, (OTHERS, _part(selection, by, rest))]


def groups(selection: Selection, by: str) -> list[str]:
    """The names of all that a selection can be told apart by."""
    tracks, filter = selection.tracks, selection.filter
    if by == "source":
        return [source.name for source in selection.sources]
    if by == "label":
        return [tracks.labels[number] for number in np.unique(tracks.label)]
    if by == "zone":
        names = [zone.name for zone in selection.zones]
        return list(dict.fromkeys(name for name in names if name in (filter.zones or names)))
    if by == "line":
        return list(dict.fromkeys(line.name for line in selection.asked_lines))
    ways = directions_of(selection.asked_lines)
    return [way for way in ways if way in (filter.directions or ways)]


def _part(selection: Selection, by: str, names: Sequence[str]) -> Selection:
    if by == "source":
        return selection.part([source for source in selection.sources if source.name in names])
    if by == "label":
        return selection.part((), names)
    if by == "zone":
        return selection.within(names)
    if by == "line":
        return selection.over(names, selection.filter.directions)
    return selection.over(selection.filter.lines, names)


def hues(names: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Colours: those that things have among all that are known, where these are few enough."""
    order = known if len(known) <= MOST and set(names) <= set(known) else names
    found = {name: PALETTE[number % MOST] for number, name in enumerate(order)}
    return {**found, ALL: PALETTE[0], **({OTHERS: "#8A939C"} if OTHERS in names else {})}


def series(
    name: str, selection: Selection, by: str | None = None, bucket: str | None = None
) -> pd.DataFrame:
    """A metric over time. Columns: begin, end (ms UTC, cut to the window), name, value (NaN where
    nothing was watched and nobody seen), watched (share; NaN in the future and where not asked); of
    visits also low, high and tracks, as `Result.ranges` has them, if they are known."""
    filter, found = selection.filter, [_EMPTY]
    for title, part in parts(selection, by):
        result = measure(name, part, ("bucket",), bucket)
        if result.edges is None or not len(result.rows):
            continue
        limits = result.edges.clip(filter.since, filter.until)
        frame = {"begin": limits[:-1], "end": limits[1:], "name": title}
        values = {each: result.rows[each].to_numpy() for each in ("value", "watched")}
        made = pd.DataFrame({**frame, **values})
        found.append(made if result.ranges is None else made.assign(**dict(result.ranges.items())))
    return pd.concat(found[1:], ignore_index=True) if len(found) > 1 else _EMPTY.copy()


_EMPTY = pd.DataFrame(columns=["begin", "end", "name", "value", "watched"])


def over_time(
    name: str,
    selection: Selection,
    by: str | None = None,
    bucket: str | None = None,
    known: Sequence[str] = (),
) -> Chart:
    """A metric over time, with gaps hatched and a strip that says how much was watched.

    name: a metric, "occupancy_mean" with the peak beside it. by: "source", "label" or neither.
    known: all names that there are, so that each keeps its colour.
    """
    rows = series(name, selection, by, bucket)
    metric, zone = METRICS[name], selection.timezone
    seen = watched_over_time(selection, bucket)
    level = metric.kind == "level"
    if name == "occupancy_mean":
        peaks = series("occupancy_max", selection, by, bucket)
        rows["peak"] = peaks["value"]
    factor, unit = scale(metric.unit, rows["value"].max())
    title = unit or metric.unit or metric.title.lower()
    made = figure(
        400, barmode="stack", dragmode="select", selectdirection="h", bargap=0, showlegend=True,
        xaxis={
            "anchor": "y3", "unifiedhovertitle": {"text": " "}, **time_axis(selection.filter, zone),
        },
        yaxis={"domain": PLOT, "title": {"text": title}, "fixedrange": True},
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        yaxis3={"domain": STRIP, "range": [0, 1], "visible": False, "fixedrange": True},
        legend={"traceorder": "normal"},
        legend2={
            "orientation": "h", "yanchor": "top", "y": -0.2, "x": 0, "traceorder": "normal",
            "font": {"size": 11}, "itemclick": False, "itemdoubleclick": False,
        },
    )  # fmt: skip
    _heads(made, rows, seen, selection)
    hue = hues(list(dict.fromkeys(rows["name"])), known)
    for name_of, part in rows.groupby("name", sort=False):
        shown = "mean" if by is None and level else metric.title if by is None else str(name_of)
        if level:
            _line(made, part, shown, hue[str(name_of)], by is None)
        else:
            _bars(made, part, shown, hue[str(name_of)], factor, unit)
    _strip(made, seen, selection)
    return Chart(made, rows)


def scale(unit: str, highest: float) -> tuple[float, str]:
    """By what amounts are divided on the axis, and what they are called then."""
    if unit != "seconds":
        return 1.0, ""
    for size, title in ((3600, "hours"), (60, "minutes")):
        if highest >= 2 * size:
            return float(size), title
    return 1.0, "seconds"


def _middle(rows: pd.DataFrame) -> list[object]:
    return list(utc(((rows["begin"] + rows["end"]) // 2).to_numpy(np.int64)))


def _partly(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["value"].notna() & ~(rows["watched"] >= WHOLE)


def _line(made: go.Figure, rows: pd.DataFrame, title: str, colour: str, alone: bool) -> None:
    x, partly = _middle(rows), _partly(rows)
    lonely = rows["value"].shift(1).isna() & rows["value"].shift(-1).isna()
    hover = [
        f"{words.number(mean)} on average, at most {words.number(peak)}"
        for mean, peak in zip(rows["value"], rows["peak"], strict=True)
    ]
    if alone:
        made.add_trace(
            go.Scatter(
                x=x, y=rows["peak"], name="peak", mode="lines+markers", hoverinfo="skip",
                line={"color": "#E69F00", "width": 1.5, "shape": "hvh"},
                marker={"size": np.where(lonely, 5, 0)},
            )
        )  # fmt: skip
    made.add_trace(
        go.Scatter(
            x=x,
            y=rows["value"],
            name=text(title),
            mode="lines+markers",
            line={"color": colour, "width": 2},
            fill="tozeroy" if alone and rows["value"].notna().all() else None,  # not over gaps
            fillcolor="rgba(86, 180, 233, 0.22)",
            marker={
                "color": colour,
                "size": np.where(partly, 6, np.where(lonely, 5, 0)),
                "symbol": np.where(partly, "circle-open", "circle"),
            },
            customdata=hover,
            hovertemplate="%{customdata}" + _side(title),
        )
    )


def _bars(
    made: go.Figure, rows: pd.DataFrame, title: str, colour: str, factor: float, unit: str
) -> None:
    hover = [
        words.lasting(value) if unit else words.number(value) for value in rows["value"].tolist()
    ]
    if "low" in rows:
        bounds = zip(hover, rows["low"], rows["high"], strict=True)
        hover = [f"{each} ({words.between(low, high)})" for each, low, high in bounds]
    made.add_trace(
        go.Bar(
            x=_middle(rows),
            y=rows["value"] / factor,
            width=(rows["end"] - rows["begin"]) * 0.92,
            name=text(title),
            marker={
                "color": colour,
                "opacity": np.where(_partly(rows), 0.5, 1.0),
                "line": {"width": 0},
            },
            customdata=hover,
            hovertemplate="%{customdata}" + _side(title),
        )
    )


def _side(title: str) -> str:
    return f"<extra>{text(title)}</extra>"


def _heads(made: go.Figure, rows: pd.DataFrame, seen: pd.DataFrame, selection: Selection) -> None:
    """What the hover says first: which time it is, and how much of it was watched."""
    if not len(seen):
        return
    shares = seen.groupby("bucket")[["observed", *UNWATCHED]].mean()
    times = rows.drop_duplicates("begin")
    limits = zip(times["begin"], times["end"], strict=True)
    heads = [
        f"<b>{stretch(a, b, selection.timezone)}</b><br>{_state(share)}"
        for (a, b), (_, share) in zip(limits, shares.iterrows(), strict=True)
    ]
    made.add_trace(
        go.Scatter(
            x=_middle(times), y=[0] * len(times), mode="markers", marker={"opacity": 0, "size": 1},
            customdata=heads, hovertemplate="%{customdata}<extra></extra>", showlegend=False,
            yaxis="y2",
        )
    )  # fmt: skip


def _state(shares: Mapping[str, float]) -> str:
    """How much of a bucket was watched, in words."""
    if np.isnan(shares["observed"]):
        return "not yet, or not asked about"
    if shares["observed"] >= WHOLE:
        return "watched throughout"
    lost = [
        f"{words.STATES[state]} {words.share(shares[state])}"
        for state in UNWATCHED
        if shares[state] >= 0.005
    ]
    told = (
        f"watched {words.share(shares['observed'])} of it" if shares["observed"] else "not watched"
    )
    return f"{told} ({', '.join(lost)})" if lost else told


def _strip(made: go.Figure, seen: pd.DataFrame, selection: Selection) -> None:
    """Under the axis, how much of each bucket was watched, and why the rest was not."""
    if not len(seen):
        return
    shares = seen.groupby("bucket")[["observed", *UNWATCHED]].mean()
    filter = selection.filter
    limits = np.append(shares.index.to_numpy(np.int64), seen["until"].max())
    limits = limits.clip(filter.since, filter.until)
    middle, widths = utc((limits[:-1] + limits[1:]) // 2), np.diff(limits)
    gaps = runs((shares["observed"] == 0).to_numpy(), limits)
    if gaps:
        ends = np.array(gaps, np.int64)
        made.add_trace(
            go.Bar(
                x=utc(ends.sum(axis=1) // 2), y=[1] * len(gaps), width=np.diff(ends).ravel(),
                yaxis="y2", name="not watched", hoverinfo="skip", marker=hatched(),
            )
        )  # fmt: skip
    for state, title in STATES.items():
        if state != "observed" and not (shares[state] >= 0.0005).any():
            continue
        made.add_trace(
            go.Bar(
                x=middle, y=shares[state], width=widths, yaxis="y3", name=title, legend="legend2",
                marker={"color": COLOURS[state], "line": {"width": 0}, "cornerradius": 0},
                hoverinfo="skip",
            )
        )  # fmt: skip


def hatched() -> dict[str, object]:
    """How time that was not watched looks."""
    pattern = {"shape": "/", "fgcolor": GAP, "size": 6, "solidity": 0.25}
    return {
        "color": "rgba(0,0,0,0)",
        "line": {"width": 0},
        "cornerradius": 0,
        "pattern": {**pattern, "bgcolor": "rgba(0,0,0,0)"},
    }
