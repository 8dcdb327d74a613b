"""Presence on a floor plan as a figure."""

from __future__ import annotations

import base64

import numpy as np
import plotly.graph_objects as go

from ...charts import words
from ...charts.look import GAP, GRID
from ...charts.shades import HOT
from ...metrics.floor import FloorHeat

SCALE = [[place / (len(HOT) - 1), "#{:02X}{:02X}{:02X}".format(*colour)]
         for place, colour in enumerate(HOT)]  # fmt: skip
TICKS = (0.0, 0.04, 0.2, 0.5, 1.0)  # of the most, on a scale of square roots
WATCHED = "rgba(110, 160, 190, 0.28)"


def heat_figure(heat: FloorHeat) -> go.Figure:
    """Seconds a square metre on the plan, in metres; where nobody looks there is nothing."""
    made = go.Figure()
    density = heat.density
    most = float(np.nan_to_num(density).max(initial=0)) or 1.0
    across, up = heat.centres
    wide, high = heat.plan.width, heat.plan.height
    made.update_layout(
        margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False, hovermode="closest",
        dragmode=False,
    )  # fmt: skip
    side = {
        "zeroline": False,
        "gridcolor": GRID,
        "fixedrange": True,
        "constrain": "domain",
        "automargin": True,
        "ticksuffix": " m",
        "showline": True,
        "mirror": True,
        "linecolor": GAP,
    }
    made.update_xaxes(range=[heat.left, heat.left + wide], **side)
    made.update_yaxes(range=[heat.low, heat.low + high], scaleanchor="x", **side)
    if heat.plan.png is not None:
        made.add_layout_image(
            source="data:image/png;base64," + base64.b64encode(heat.plan.png).decode(),
            xref="x", yref="y", x=heat.left, y=heat.low + high, sizex=wide, sizey=high,
            sizing="stretch", layer="below",
        )  # fmt: skip
    place = {"x0": across[0], "dx": heat.side, "y0": up[0], "dy": heat.side}
    seen = np.where(np.isfinite(density), 1.0, np.nan)
    made.add_trace(
        go.Heatmap(
            z=_cells(seen), **place, colorscale=[[0, WATCHED], [1, WATCHED]], showscale=False,
            hoverongaps=False, hovertemplate="%{x:.1f}, %{y:.1f} m: nobody<extra></extra>",
        )
    )  # fmt: skip
    told = [
        [f"<b>{words.number(float(each))} s/m²</b>" if each > 0 else "" for each in row]
        for row in density
    ]
    made.add_trace(
        go.Heatmap(
            z=_cells(np.sqrt(np.where(density > 0, density, np.nan))), **place, colorscale=SCALE,
            zmin=0, zmax=most**0.5, opacity=0.85, hoverongaps=False, text=told,
            hovertemplate="%{text}<br>%{x:.1f}, %{y:.1f} m<extra></extra>",
            colorbar={
                "title": {"text": "seconds a square metre", "side": "top"}, "orientation": "h",
                "y": 1, "yanchor": "bottom", "thickness": 12, "len": 0.8, "outlinewidth": 0,
                "tickvals": [(share * most) ** 0.5 for share in TICKS],
                "ticktext": [words.number(float(f"{share * most:.2g}")) for share in TICKS],
            },
        )
    )  # fmt: skip
    return made


def _cells(values: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(each) else float(each) for each in row] for row in values]
