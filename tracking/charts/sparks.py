"""A small picture of how something went, for beside a number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from .look import GRID, PALETTE, clock, figure, hatch, runs

HEIGHT = 72


def spark(
    edges: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
    timezone_name: str,
    now: int,
    colour: str = PALETTE[0],
) -> go.Figure:
    """Bars without axes; what was not watched is left out and hatched, and is no zero.

    edges: ms UTC, one more than values. values: NaN where nothing was watched. now: what comes
    later is neither seen nor missed.
    """
    known = ~np.isnan(values)
    passed = edges[:-1] < now
    made = figure(HEIGHT)
    made.add_trace(
        go.Bar(
            x=clock((edges[:-1] + edges[1:])[known] // 2, timezone_name),
            width=np.diff(edges)[known],
            y=values[known],
            marker={"color": colour, "line": {"width": 0}},
            customdata=[f"{moment:%a %H:%M}" for moment in clock(edges[:-1][known], timezone_name)],
            hovertemplate="%{customdata}: %{y:.2~f}<extra></extra>",
        )
    )
    top = float(values[known].max()) if known.any() else 0.0
    gaps = runs(~known & passed, np.minimum(edges, now))
    hatch(made, gaps, top, timezone_name)
    made.update_layout(
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        showlegend=False,
        hovermode="closest",
        bargap=0,
        barcornerradius=0,
    )
    ends = clock([edges[0], edges[-1]], timezone_name)
    made.update_xaxes(
        visible=True, showticklabels=False, showline=True, linecolor=GRID, range=ends,
        fixedrange=True,
    )  # fmt: skip
    made.update_yaxes(visible=False, range=[0, (top or 1) * 1.05], fixedrange=True)
    return made
