"""How all figures look: colours that colour-blind people tell apart, gaps that are hatched."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from ..times import zone

# Okabe and Ito's colours; yellow last, it is weak on white
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
DARK = ("#56B4E9", "#E69F00", "#2CC59A", "#CC79A7", "#3F9BD8", "#F0803C", "#F0E442")
"""The same colours, each in its place, bright enough for a dark page."""
GAP = "rgba(128, 138, 148, 0.55)"
GRID = "rgba(128, 138, 148, 0.22)"
SEQUENTIAL = "Cividis"
"""A scale for amounts that is even in brightness, also for colour-blind people."""
DIVERGING = [
    [0.0, "#B35806"],
    [0.25, "#F1A340"],
    [0.5, "#F7F7F7"],
    [0.75, "#67A9CF"],
    [1.0, "#2166AC"],
]
"""A scale for less and more: orange and blue."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, and the rows that it shows, for a table or a file."""

    figure: go.Figure
    rows: pd.DataFrame


def text(words: str) -> str:
    """Text that Plotly shows as it is: it would take some markup for its own."""
    return html.escape(words, quote=False)


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name, the same whatever else is shown beside it if `names` are all."""
    return {name: PALETTE[number % len(PALETTE)] for number, name in enumerate(names)}


def figure(height: int = 320, **layout: Any) -> go.Figure:
    """An empty figure in the project's look; the page's theme gives text and background.

    layout: what is added to that look or takes its place, as Plotly has it.
    """
    look = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "colorway": PALETTE,
        "hovermode": "x unified",
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        "dragmode": False,
        "barcornerradius": 2,
        "xaxis": {"showgrid": False, "zeroline": False, "automargin": True},
        "yaxis": {
            "gridcolor": GRID, "zeroline": False, "rangemode": "tozero", "automargin": True,
        },
    }  # fmt: skip
    # given whole: each update of a figure that is there takes as long as making it
    return go.Figure(layout=_merged(look, layout))


def _merged(look: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both, and within what both have the same."""
    found = {**look, **other}
    for name, here in look.items():
        if isinstance(here, dict) and isinstance(there := other.get(name), dict):
            found[name] = _merged(here, there)
    return found


def on_dark(made: go.Figure) -> go.Figure:
    """A copy of a figure in the colours for a dark page."""
    other = dict(zip(PALETTE, DARK, strict=True))

    def changed(part: object) -> object:
        if isinstance(part, dict):
            return {name: changed(each) for name, each in part.items()}
        if isinstance(part, list | tuple):
            return [changed(each) for each in part]
        return other.get(part, part) if isinstance(part, str) else part

    found = go.Figure(made)
    for trace in found.data:
        for name in ("line", "marker"):
            if name in trace:
                trace[name] = changed(trace[name].to_plotly_json())
    found.layout.colorway = DARK
    found.layout.shapes = changed([shape.to_plotly_json() for shape in made.layout.shapes])
    return found


def clock(t: npt.ArrayLike, timezone_name: str) -> list[datetime]:
    """Times (ms UTC) as a zone's clock shows them, for an axis; without a zone, as Plotly wants."""
    there = zone(timezone_name)
    return [
        datetime.fromtimestamp(int(each) / 1000, there).replace(tzinfo=None)
        for each in np.asarray(t)
    ]


def runs(mask: npt.NDArray[np.bool_], edges: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Neighbouring stretches between edges that a mask marks, joined."""
    turns = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [(int(edges[a]), int(edges[b])) for a, b in zip(turns[::2], turns[1::2], strict=True)]
