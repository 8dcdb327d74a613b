"""How long visits lasted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from ..metrics import Selection
from ..metrics.measuring import stays
from . import words
from .look import Chart, figure, text
from .times import ALL, hues, parts

Floats = npt.NDArray[np.float64]

_ROUND = (1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 45)
LIMITS = np.array(
    [0.0, *_ROUND]
    + [60 * n for n in _ROUND]
    + [3600 * n for n in (1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24)]
)
"""Where lengths of stay are divided, in seconds: round numbers, about evenly in proportion."""

MOST = 0.99  # share of the stays that has bars of its own; the rest is "longer"
WHOLE = 8  # visits up to which each has a tick


def limits_for(lengths: Floats) -> Floats:
    """Where to divide these lengths: round numbers from the shortest to the 99th percentile."""
    if not len(lengths):
        return LIMITS[:2]
    high = int(np.searchsorted(LIMITS, np.quantile(lengths, MOST), "right"))
    high = min(high, len(LIMITS) - 1)
    low = max(0, min(int(np.searchsorted(LIMITS, lengths.min(), "right")) - 1, high - 1))
    return LIMITS[low : high + 1]


def distribution(selection: Selection, by: str | None = None, known: Sequence[str] = ()) -> Chart:
    """How many visits lasted how long; by "source", "label" or neither.

    Rows: name, since, until (seconds, half-open; the last is without end) and visits.
    """
    everything = stays(selection)
    limits = limits_for(everything)
    bars, found = [], []
    named = parts(selection, by)
    hue = hues([name for name, _ in named], known)
    for name, part in named:
        lengths = everything if name == ALL else stays(part)
        counts = np.histogram(lengths, np.append(limits, np.inf))[0]
        longer = {"name": name, "since": limits, "until": np.append(limits[1:], np.inf)}
        found.append(pd.DataFrame({**longer, "visits": counts}))
        bars.append(_bars(name, limits, counts, hue[name]))
    highest = np.sum([each.y for each in bars], axis=0).max()
    marks = [
        _mark(limits, float(np.quantile(everything, share)), title, share)
        for share, title in ((0.5, "median"), (0.9, "nine of ten"))
        if len(everything)
    ]
    made = figure(
        330,
        barmode="stack",
        bargap=0.06,
        hovermode="closest",
        showlegend=by is not None,
        margin={"l": 8, "r": 8, "t": 52, "b": 8},
        legend={"yanchor": "top", "y": -0.18},
        xaxis=_axis(limits),
        # there is no half a visit
        yaxis={"fixedrange": True, "title": {"text": "visits"},
               "dtick": 1 if highest <= WHOLE else None},
        shapes=[line for line, _ in marks],
        annotations=[note for _, note in marks],
    )  # fmt: skip
    made.add_traces(bars)
    return Chart(made, pd.concat(found, ignore_index=True))


def _bars(name: str, limits: Floats, counts: npt.NDArray[np.int64], colour: str) -> go.Bar:
    ends = [*map(words.lasting, limits[1:].tolist()), None]
    spans = [
        f"{words.lasting(a)} to {b}" if b else f"{words.lasting(a)} or longer"
        for a, b in zip(limits.tolist(), ends, strict=True)
    ]
    side = "<extra></extra>" if name == ALL else f"<extra>{text(name)}</extra>"
    return go.Bar(
        x=np.arange(len(limits)) + 0.5, y=counts, name=text(name), marker={"color": colour},
        customdata=spans, hovertemplate="<b>%{customdata}</b><br>%{y:,} visits" + side,
    )  # fmt: skip


def _axis(limits: Floats) -> dict[str, object]:
    """The limits between the bars are the ticks, of many only some."""
    every = -(-len(limits) // 9)
    at = list(range(0, len(limits) - 1, every))
    titles = [_short(limits[n]) for n in at]
    return {
        "tickvals": [*at, len(limits) - 0.5], "ticktext": [*titles, "longer"], "tickangle": 0,
        "range": [-0.05, len(limits) + 0.05], "fixedrange": True, "ticks": "outside",
    }  # fmt: skip


def _short(seconds: float) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _mark(
    limits: Floats, length: float, title: str, share: float
) -> tuple[dict[str, object], dict[str, object]]:
    """An upright line at a length, and what stands above it."""
    x = place(limits, length)
    line = {"dash": "dot" if share > 0.5 else "solid", "width": 1.5, "color": "#D55E00"}
    where = {"xref": "x", "yref": "y domain"}
    return (
        {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line, **where},
        {
            "text": f"{title} {words.lasting(length)}",
            "x": x,
            "y": 1.0 if share > 0.5 else 1.08,
            "xanchor": "center",
            "yanchor": "bottom",
            "showarrow": False,
            **where,
        },
    )


def place(limits: Floats, length: float) -> float:
    """Where on the axis a length lies: between its two limits in proportion."""
    number = int(np.searchsorted(limits, length, "right")) - 1
    if number >= len(limits) - 1:
        return len(limits) - 0.5
    low, high = limits[number], limits[number + 1]
    return float(number + (length - low) / (high - low))
