"""Two windows over each other, from their beginnings on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..localtime import DAY, HOUR, MINUTE
from ..metrics import METRICS, Result, Selection
from . import words
from .axis import stretch
from .look import PALETTE, Chart, figure
from .times import WHOLE, scale, series

ALIKE = 0.05  # difference of the watched shares that says nothing
UNITS = ((3 * HOUR, MINUTE, "minutes"), (4 * DAY, HOUR, "hours"), (float("inf"), DAY, "days"))


def compared(name: str, now: Selection, then: Selection, bucket: str | None = None) -> Chart:
    """A metric in two windows, against the time since each began."""
    metric = METRICS[name]
    length = max(now.filter.length, then.filter.length)
    size, unit = next((size, unit) for most, size, unit in UNITS if length <= most)
    sides = {"now": series(name, now, None, bucket), "then": series(name, then, None, bucket)}
    highest = max((side["value"].max() for side in sides.values() if len(side)), default=0.0)
    factor, title = scale(metric.unit, highest)
    made = figure(
        320,
        xaxis={
            "title": {"text": f"{unit} since the beginning"}, "range": [0, length / size],
            "fixedrange": True, "unifiedhovertitle": {"text": " "}, "ticks": "outside",
        },
        yaxis={"title": {"text": title or metric.title.lower()}, "fixedrange": True},
    )  # fmt: skip
    looks = {
        "now": (PALETTE[0], "solid", "this window"),
        "then": ("#E69F00", "dash", "compared with"),
    }
    for which, selection in (("then", then), ("now", now)):
        rows, (colour, dash, called) = sides[which], looks[which]
        rows = _whole(rows)
        if not len(rows):
            continue
        middle = (rows["begin"] + rows["end"]) / 2 - selection.filter.since
        partly = rows["value"].notna() & ~(rows["watched"] >= WHOLE)
        lonely = rows["value"].shift(1).isna() & rows["value"].shift(-1).isna()
        made.add_trace(
            go.Scatter(
                x=middle / size,
                y=rows["value"] / factor,
                name=called,
                mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2},
                marker={
                    "size": np.where(partly, 6, np.where(lonely, 5, 0)),
                    "symbol": np.where(partly, "circle-open", "circle"),
                },
                customdata=[
                    _told(metric.unit, row, selection.timezone) for row in rows.itertuples()
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    both = [rows.assign(window=which) for which, rows in sides.items() if len(rows)]
    return Chart(made, pd.concat(both, ignore_index=True) if both else pd.DataFrame())


def _whole(rows: pd.DataFrame) -> pd.DataFrame:
    """Without the buckets that the window's ends cut: in a line they would look like a fall."""
    widths = rows["end"] - rows["begin"]
    whole = rows[widths >= 0.9 * widths.median()]
    return whole if len(whole) > 1 else rows


def _told(unit: str, row: object, zone: str) -> str:
    begin, end = getattr(row, "begin"), getattr(row, "end")  # noqa: B009
    value, watched = getattr(row, "value"), getattr(row, "watched")  # noqa: B009
    shown = words.lasting(value) if unit == "seconds" else words.number(value)
    if value != value:
        shown = "not watched"
    elif not watched >= WHOLE:
        shown += f" (watched {words.share(watched if watched == watched else 0)} of it)"
    return f"{stretch(begin, end, zone)}: <b>{shown}</b>"


def difference(now: Result, then: Result) -> str:
    """How far apart two windows' numbers are, in words."""
    metric = now.metric
    if now.value is None or then.value is None:
        which = "this window" if now.value is None else "the window it is compared with"
        return f"Nothing was recorded in {which}: there is no difference to tell."
    here, there = (words.value(metric, side.value) for side in (now, then))
    begin = f"{metric.title}: {here} against {there}"
    gap = now.value - then.value
    if abs(gap) < 1e-9:
        return f"{begin}, no difference."
    much = words.value(metric, abs(gap))
    size = f" ({words.share(abs(gap) / then.value)})" if then.value else ""
    return f"{begin}, {much} {'more' if gap > 0 else 'less'}{size}."


def caution(now: Result, then: Result) -> str | None:
    """A warning where the two windows were not watched alike; None where they were."""
    here, there = now.watched.share, then.watched.share
    if now.value is None or then.value is None or abs(here - there) <= ALIKE:
        return None
    counted = now.metric.kind != "level"
    why = "part of the difference may come from that" if counted else "the rest is not known"
    return (
        f"Not watched alike: {words.share(here)} of this window, {words.share(there)} of the other;"
        f" {why}."
    )
