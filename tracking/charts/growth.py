"""How much is recorded from day to day."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from ..localtime import DAY
from .look import clock, colours, figure, text
from .words import size

LEAST = 7  # days of an axis: a single one would be as wide as the page
TICKS = 5


def growth_chart(days: pd.DataFrame, names: Sequence[str], bytes_each: float) -> go.Figure:
    """Positions a day, stacked by source.

    days: as of metrics.storage.positions_by_day. names: of all sources, so that each keeps its
    colour. bytes_each: that a position takes, for the hover.
    """
    first, last = int(days["day"].min()), int(days["day"].max())
    first = min(first, last - (LEAST - 1) * DAY)
    apart = max(1, -(-(last - first) // (TICKS * DAY)))
    made = figure(
        260,
        barmode="stack",
        xaxis={
            "range": clock([first - DAY // 2, last + DAY // 2], "UTC"),
            "tick0": clock([last], "UTC")[0], "dtick": apart * DAY,
            "tickformat": "%a %-d %b", "hoverformat": "%a %-d %b %Y, UTC",
        },
        yaxis={"title": {"text": "positions a day"}},
    )  # fmt: skip
    palette = colours(names)
    for name, rows in days.groupby("source", sort=False):
        made.add_trace(
            go.Bar(
                x=clock(rows["day"], "UTC"),
                y=rows["positions"],
                width=0.75 * DAY,
                name=text(str(name)),
                marker={"color": palette[str(name)]},
                customdata=[f"about {size(count * bytes_each)}" for count in rows["positions"]],
                hovertemplate="%{y:,} positions, %{customdata}",
            )
        )
    return made
