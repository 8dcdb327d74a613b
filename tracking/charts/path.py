"""The way that one track took, over the picture of its source."""

from __future__ import annotations

import base64

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..database import Still
from ..metrics.listing import Way
from .look import GRID, SEQUENTIAL, Chart, clock, figure

MOST = 2000  # points that are drawn


def path(way: Way, still: Still | None, timezone_name: str) -> Chart:
    """Where it stood, from the first to the last sight; time is told on hover, and by colour."""
    rows = way.rows
    if len(rows) > MOST:
        rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, MOST).astype(int))]
    width, height = _size(way, still)
    side = {"visible": False, "fixedrange": True, "constrain": "domain"}
    made = figure(
        260,
        hovermode="closest",
        showlegend=False,
        margin=dict.fromkeys("lrtb", 4),
        shapes=[_ground(width, height, still is None)],
        xaxis={"range": [0, width], **side},
        # at the top, beneath what says whose way it is
        yaxis={"range": [height, 0], "scaleanchor": "x", "scaleratio": 1, **side,
               "constraintoward": "top"},
    )  # fmt: skip
    if still is not None:
        made.add_layout_image(
            source="data:image/jpeg;base64," + base64.b64encode(still.jpeg).decode(),
            xref="x", yref="y", x=0, y=0, sizex=width, sizey=height,
            sizing="stretch", layer="below", opacity=0.85,
        )  # fmt: skip
    if len(rows):
        _way(made, rows, timezone_name, (width, height))
    return Chart(made, way.rows)


def _ground(width: float, height: float, bare: bool) -> dict[str, object]:
    """The frame's edge. bare: whether there is no picture in it."""
    return {
        "type": "rect", "x0": 0, "y0": 0, "x1": width, "y1": height, "layer": "below",
        "line": {"color": GRID, "width": 1},
        "fillcolor": "rgba(128, 138, 148, 0.12)" if bare else "rgba(0, 0, 0, 0)",
    }  # fmt: skip


def _size(way: Way, still: Still | None) -> tuple[float, float]:
    """Of the frames that the positions are of."""
    if way.width and way.height:
        return way.width, way.height
    if still is not None:
        return still.width, still.height
    rows = way.rows
    return (float(rows["x"].max()) * 1.1, float(rows["y"].max()) * 1.1) if len(rows) else (640, 480)


def _beside(x: float, y: float, size: tuple[float, float], usual: str) -> str:
    """Where a label has room at a point. usual: top or bottom, where both have."""
    width, height = size
    upright = "bottom" if y < 0.1 * height else "top" if y > 0.9 * height else usual
    across = "right" if x < 0.1 * width else "left" if x > 0.9 * width else "center"
    return f"{upright} {across}"


def _way(
    made: go.Figure, rows: pd.DataFrame, timezone_name: str, size: tuple[float, float]
) -> None:
    t, x, y = rows["t"].to_numpy(np.int64), rows["x"].tolist(), rows["y"].tolist()
    times = [f"{each:%H:%M:%S}" for each in clock(t, timezone_name)]
    made.add_trace(
        go.Scatter(
            x=x, y=y, mode="lines", line={"color": "rgba(255, 255, 255, 0.8)", "width": 5},
            hoverinfo="skip",
        )
    )  # fmt: skip
    made.add_trace(
        go.Scatter(
            x=x, y=y, mode="lines+markers", line={"color": "#17222D", "width": 1.5},
            marker={"color": t - t[0], "colorscale": SEQUENTIAL, "size": 6},
            customdata=times, hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    made.add_trace(
        go.Scatter(
            x=[x[0], x[-1]], y=[y[0], y[-1]], mode="markers+text",
            text=["begin", "end"],
            textposition=[
                _beside(x[0], y[0], size, "top"), _beside(x[-1], y[-1], size, "bottom")
            ],
            textfont={"size": 13, "color": "#FFFFFF", "shadow": "0 0 3px #000, 0 0 3px #000"},
            marker={
                "size": 13,
                "symbol": ["circle", "square"],
                "color": ["#009E73", "#D55E00"],
                "line": {"color": "#FFFFFF", "width": 2},
            },
            customdata=[f"begin, {times[0]}", f"end, {times[-1]}"],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
