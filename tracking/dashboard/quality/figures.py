"""Figures of tracking's quality."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from ...charts.look import PALETTE, figure
from ...charts.places import Picture, over
from ...charts.shades import HOT
from ...metrics.pieces import Floats
from ...quality import Failures, Quality
from ...quality.estimating import Estimate

SCALE = [[place / (len(HOT) - 1), "#{:02X}{:02X}{:02X}".format(*colour)]
         for place, colour in enumerate(HOT)]  # fmt: skip
OF_HOURS = {
    "type": "category", "fixedrange": True, "title": {"text": "hour of the source's day"},
}  # fmt: skip
SHOWN = ("Births and deaths", "Births", "Deaths", "Share of passages")


def map_figure(
    picture: Picture, failures: Failures, doors: tuple[int, ...], what: str
) -> go.Figure:
    """Where tracks begin and end that should not, over the source's picture; doors outlined."""
    made, ground, cells = over(picture), picture.ground, failures.cells
    values, side = grid_of(failures, what), cells.side
    shown = np.where(values > 0, values, np.nan)
    made.add_trace(
        go.Heatmap(
            z=[[None if np.isnan(each) else float(each) for each in row] for row in shown],
            x0=side / 2, dx=side, y0=side / 2, dy=side, zmin=0,
            zmax=float(np.nanmax(shown)) if np.isfinite(shown).any() else 1,
            colorscale=SCALE, opacity=0.72, hoverongaps=False, text=_told(failures),
            hovertemplate="%{text}<extra></extra>", xgap=1, ygap=1, showscale=False,
        )
    )  # fmt: skip
    places = [divmod(cell, cells.shape[1]) for cell in doors]
    made.layout.shapes = [
        {
            "type": "rect", "x0": column * side, "x1": (column + 1) * side, "y0": row * side,
            "y1": min((row + 1) * side, ground.height), "line": {"color": "#FFFFFF", "width": 3},
        }
        for row, column in places
    ]  # fmt: skip
    return made


def grid_of(failures: Failures, what: str) -> Floats:
    """The grid of one of SHOWN."""
    return {
        SHOWN[0]: failures.births + failures.deaths,
        SHOWN[1]: failures.births,
        SHOWN[2]: failures.deaths,
        SHOWN[3]: failures.share,
    }[what]


def _told(failures: Failures) -> list[list[str]]:
    share = failures.share

    def one(row: int, column: int) -> str:
        of = "" if np.isnan(share[row, column]) else f"<br>{share[row, column]:.0%} of passages"
        return (
            f"<b>{failures.births[row, column]:.0f} begin, {failures.deaths[row, column]:.0f} end"
            f"</b><br>{failures.passed[row, column]:.0f} passages{of}"
        )

    rows, columns = failures.cells.shape
    return [[one(row, column) for column in range(columns)] for row in range(rows)]


def hours_figure(quality: Quality) -> go.Figure:
    """Confidence and broken tracks by the hour of the source's day."""
    hourly = quality.hourly
    made = figure(
        250,
        margin={"t": 44, "l": 8, "r": 8, "b": 8},
        xaxis=OF_HOURS,
        yaxis={"fixedrange": True},
        yaxis2={"overlaying": "y", "side": "right", "range": [0, 1], "showgrid": False,
                "fixedrange": True, "tickvals": [0, 0.5, 1]},
    )  # fmt: skip
    hours = [f"{hour:02}" for hour in range(24)]
    made.add_trace(
        go.Bar(x=hours, y=hourly.broken, name="Broken tracks", marker={"color": PALETTE[1]})
    )
    made.add_trace(
        go.Scatter(
            x=hours, y=[None if np.isnan(each) else float(each) for each in hourly.sure],
            name="Confidence", yaxis="y2", mode="lines+markers", connectgaps=False,
            line={"color": PALETTE[0], "width": 2}, hovertemplate="%{y:.2f}",
        )
    )  # fmt: skip
    return made


def scores_figure(scores: Floats) -> go.Figure:
    """How sure the joins of tracks into visits are."""
    made = figure(
        250,
        showlegend=False,
        hovermode="closest",
        xaxis={"range": [0, 1], "fixedrange": True, "title": {"text": "score of the join"}},
        yaxis={"fixedrange": True},
    )
    many, edges = np.histogram(scores, np.linspace(0, 1, 11))
    made.add_trace(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2, y=many, width=0.095, marker={"color": PALETTE[2]},
            hovertemplate="%{y} joins<extra></extra>",
        )
    )  # fmt: skip
    return made


def errors_figure(found: Mapping[int, Estimate]) -> go.Figure:
    """Mean of system less truth by hour of the day, with the interval where there is one."""
    level = {"width": 1, "dash": "dot", "color": "rgba(128,138,148,0.9)"}
    made = figure(
        250,
        showlegend=False,
        hovermode="closest",
        xaxis=OF_HOURS,
        yaxis={"fixedrange": True, "rangemode": "normal",
               "title": {"text": "system less truth, a window"}},
        shapes=[{"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "y0": 0, "y1": 0,
                 "line": level}],
    )  # fmt: skip
    hours = [f"{hour:02}" for hour in found]
    bias = [each.bias or 0 for each in found.values()]
    wide = [0 if each.bias_high is None else each.bias_high - (each.bias or 0)
            for each in found.values()]  # fmt: skip
    made.add_trace(
        go.Scatter(
            x=hours, y=bias, mode="markers", marker={"size": 10, "color": PALETTE[0]},
            error_y={"type": "data", "array": wide, "color": PALETTE[0], "thickness": 1.5},
            customdata=[each.windows for each in found.values()],
            hovertemplate="%{y:+.2f} a window, of %{customdata} windows<extra></extra>",
        )
    )  # fmt: skip
    return made
