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
    made, found = figure(330), []
    named = parts(selection, by)
    hue = hues([name for name, _ in named], known)
    for name, part in named:
        lengths = everything if name == ALL else stays(part)
        counts = np.histogram(lengths, np.append(limits, np.inf))[0]
        longer = {"name": name, "since": limits, "until": np.append(limits[1:], np.inf)}
        found.append(pd.DataFrame({**longer, "visits": counts}))
        made.add_trace(_bars(name, limits, counts, hue[name]))
    for share, title in ((0.5, "median"), (0.9, "nine of ten")):
        if len(everything):
            _mark(made, limits, float(np.quantile(everything, share)), title, share)
    made.update_layout(
        barmode="stack",
        bargap=0.06,
        showlegend=by is not None,
        margin={"l": 8, "r": 8, "t": 52, "b": 8},
        legend={"yanchor": "top", "y": -0.18},
    )
    _axis(made, limits)
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


def _axis(made: go.Figure, limits: Floats) -> None:
    """The limits between the bars are the ticks, of many only some."""
    every = -(-len(limits) // 9)
    at = list(range(0, len(limits) - 1, every))
    titles = [_short(limits[n]) for n in at]
    made.update_xaxes(
        tickvals=[*at, len(limits) - 0.5], ticktext=[*titles, "longer"], tickangle=0,
        range=[-0.05, len(limits) + 0.05], fixedrange=True, ticks="outside",
    )  # fmt: skip
    made.update_yaxes(fixedrange=True, title={"text": "visits"})
    if np.sum([bars.y for bars in made.data], axis=0).max() <= WHOLE:
        made.update_yaxes(dtick=1)  # there is no half a visit
    made.update_layout(hovermode="closest")


def _short(seconds: float) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _mark(made: go.Figure, limits: Floats, length: float, title: str, share: float) -> None:
    made.add_vline(
        x=place(limits, length),
        line={"dash": "dot" if share > 0.5 else "solid", "width": 1.5, "color": "#D55E00"},
        annotation={
            "text": f"{title} {words.lasting(length)}",
            "yanchor": "bottom",
            "y": 1.0 if share > 0.5 else 1.08,
            "showarrow": False,
        },
        annotation_position="top",
    )


def place(limits: Floats, length: float) -> float:
    """Where on the axis a length lies: between its two limits in proportion."""
    number = int(np.searchsorted(limits, length, "right")) - 1
    if number >= len(limits) - 1:
        return len(limits) - 0.5
    low, high = limits[number], limits[number + 1]
    return float(number + (length - low) / (high - low))
