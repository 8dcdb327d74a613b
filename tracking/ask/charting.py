"""An answer as a figure, in the look of the pages' charts; of a kind from a list, never of code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..charts import words
from ..charts.axis import stretch, time_axis, utc
from ..charts.look import PALETTE, SEQUENTIAL, Chart, figure, text
from ..charts.times import WHOLE, hatched, scale
from ..filters import Filter
from ..localtime import BUCKETS, edges
from .answer import Answer, Column
from .saying import WEEKDAYS, say_cell

KINDS = ("bar", "line", "heat")
"""The kinds of chart there are; what asks for another one gets the one that fits."""

MOST = 40
"""Bars beside each other at most; the rest is in the table."""
_COLOURS = 7


def chart_of(answer: Answer) -> Chart | None:
    """The chart that an answer asks for or that fits it; None where a chart says nothing.

    The first columns are what is shown along the axis and by colour, the next one its value.
    """
    if answer.chart == "none" or answer.status in ("failed", "not_understood", "no_data"):
        return None
    shown = _Shown.of(answer)
    if shown is None or shown.rows["value"].notna().sum() == 0 or len(shown.rows) < 2:
        return None
    if answer.chart == "heat" and set(shown.about) == {"weekday", "hour"}:
        return _heat(shown)
    if "bucket" in shown.about and answer.plan is not None:
        return _over_time(shown, answer, line=answer.chart != "bar")
    return _bars(shown, line=answer.chart == "line" and shown.about[:1] == ["hour"])


class _Shown:
    """An answer's rows as a table. about: names of the columns that say what a row is about.

    rows: these columns, `value` (NaN for nothing), `watched` (NaN for not known).
    """

    def __init__(self, about: list[str], column: Column, rows: pd.DataFrame, zone: str) -> None:
        self.about, self.column, self.rows, self.zone = about, column, rows, zone

    @classmethod
    def of(cls, answer: Answer) -> _Shown | None:
        names = [column.name for column in answer.columns]
        kinds = {column.name: column for column in answer.columns}
        if answer.plan is not None and answer.plan.shape in ("list", "known"):
            return None
        about = [c.name for c in answer.columns if c.kind == "text" or c.name == "bucket"]
        values = [
            name
            for name in names
            if name not in about and name != "watched" and kinds[name].kind != "time"
        ]
        if not about or not values or not answer.rows:
            return None
        table = pd.DataFrame(list(answer.rows), columns=names)
        if len(values) > 1 and set(values) <= {"first", "second"}:  # of a comparison
            titles = {name: kinds[name].title for name in values}
            table = table.melt(id_vars=about, value_vars=values, var_name="which")
            table["which"] = table["which"].map(titles)
            about, kept = [*about, "which"], table
        else:
            kept = table.rename(columns={values[0]: "value"})
        kept["value"] = pd.to_numeric(kept["value"], errors="coerce")
        if "watched" not in kept:
            kept["watched"] = np.nan
        kept["watched"] = pd.to_numeric(kept["watched"], errors="coerce")
        column = kinds[values[0]]
        if answer.metric is not None:
            column = replace(column, title=answer.metric.title)
        return cls(about, column, kept[[*about, "value", "watched"]], answer.timezone)

    def name(self, row: Any, dimensions: Sequence[str]) -> str:
        return ", ".join(str(row[dimension]) for dimension in dimensions)

    def told(self, row: Any) -> str:
        """A row's value, and how much of it was watched."""
        said = say_cell(self.column, None if np.isnan(row["value"]) else row["value"], self.zone)
        if np.isnan(row["value"]):
            return "not watched"
        if row["watched"] < WHOLE:
            said += f" (watched {words.share(row['watched'])} of it)"
        return said

    def scaled(self) -> tuple[pd.Series[float], str]:
        """The values as they stand on the axis, and what the axis is called."""
        unit = "seconds" if self.column.kind == "seconds" else ""
        factor, title = scale(unit, self.rows["value"].max())
        return self.rows["value"] / factor, title or self.column.title.lower()


def _bars(shown: _Shown, line: bool = False) -> Chart:
    rows = shown.rows.head(MOST * 2)
    values, title = shown.scaled()
    made = figure(320)
    along, by = shown.about[:1], shown.about[1:]
    names = rows.apply(shown.name, axis=1, dimensions=by) if by else pd.Series("", rows.index)
    for number, (name, part) in enumerate(rows.groupby(names, sort=False)):
        x = [text(shown.name(row, along)) for _, row in part.iterrows()]
        colour = PALETTE[number % _COLOURS]
        look: dict[str, Any] = {
            "x": x,
            "y": values[part.index],
            "name": text(str(name)),
            "customdata": [text(shown.told(row)) for _, row in part.iterrows()],
            "hovertemplate": "%{customdata}<extra>" + text(str(name)) + "</extra>",
        }
        if line:
            made.add_trace(go.Scatter(**look, mode="lines+markers", line={"color": colour}))
        else:
            faint = np.where(part["watched"] < WHOLE, 0.5, 1.0)
            made.add_trace(go.Bar(**look, marker={"color": colour, "opacity": faint}))
    _blanks(made, [text(str(each)) for each in _unwatched(rows, along[0])[along[0]]], values)
    made.update_layout(barmode="group", showlegend=bool(by))
    made.update_xaxes(type="category", fixedrange=True)
    _amounts(made, shown, (values, title))
    return Chart(made, shown.rows)


def _over_time(shown: _Shown, answer: Answer, line: bool) -> Chart:
    assert answer.plan is not None
    plan, values = answer.plan, shown.scaled()
    made = figure(360)
    ends = _ends(shown, answer)
    by = [each for each in shown.about if each != "bucket"]
    rows = shown.rows.assign(end=shown.rows["bucket"].map(ends))
    names = rows.apply(shown.name, axis=1, dimensions=by) if by else pd.Series("", rows.index)
    for number, (name, part) in enumerate(rows.groupby(names, sort=False)):
        part = part.sort_values("bucket")
        colour = PALETTE[number % _COLOURS]
        told = [
            f"{stretch(int(row['bucket']), int(row['end']), plan.timezone)}:"
            f" <b>{text(shown.told(row))}</b>"
            for _, row in part.iterrows()
        ]
        look: dict[str, Any] = {
            "x": utc(((part["bucket"] + part["end"]) // 2).to_numpy(np.int64)),
            "y": values[0][part.index],
            "name": text(str(name)),
            "customdata": told,
            "hovertemplate": "%{customdata}<extra>" + text(str(name)) + "</extra>",
        }
        partly = (part["watched"] < WHOLE) & part["value"].notna()
        if line:
            marker = {"symbol": np.where(partly, "circle-open", "circle"), "size": 6}
            made.add_trace(
                go.Scatter(
                    **look, mode="lines+markers", line={"color": colour, "width": 2}, marker=marker
                )
            )
        else:
            width = ((part["end"] - part["bucket"]) * 0.92 / names.nunique()).to_numpy()
            place = width * (number - names.nunique() / 2)
            marker = {"color": colour, "opacity": np.where(partly, 0.5, 1.0)}
            made.add_trace(go.Bar(**look, width=width, offset=place, marker=marker))
    _gaps(made, _unwatched(rows, "bucket"), values[0])
    axis = time_axis(Filter(plan.span.since, plan.span.until), plan.timezone)
    axis["unifiedhovertitle"] = {"text": " "}
    made.update_layout(barmode="overlay", showlegend=bool(by), xaxis=axis)
    _amounts(made, shown, values)
    return Chart(made, shown.rows)


def _ends(shown: _Shown, answer: Answer) -> dict[int, int]:
    """Where each bucket ends, as far as the window reaches."""
    assert answer.plan is not None
    span, bucket = answer.plan.span, answer.plan.bucket
    begins = sorted(int(each) for each in shown.rows["bucket"].unique())
    if bucket in BUCKETS:
        turns = edges(begins[0], begins[-1] + 1, bucket, answer.timezone).tolist()
        return {a: min(b, span.until) for a, b in pairwise(turns)}
    steps = np.diff(begins)
    width = int(steps.min()) if len(steps) else span.until - begins[0]
    return {begin: min(begin + width, span.until) for begin in begins}


def _heat(shown: _Shown) -> Chart:
    """Hours against weekdays; what was not watched stays empty."""
    values, _ = shown.scaled()
    hours = [f"{hour:02}:00 to {hour + 1:02}:00" for hour in range(24)]
    rows = shown.rows.assign(shown=values)
    grid = rows.pivot_table(index="weekday", columns="hour", values="shown", dropna=False)
    grid = grid.reindex(index=list(WEEKDAYS), columns=hours)
    made = figure(330)
    made.add_trace(
        go.Heatmap(
            x=list(range(24)), y=[day[:3] for day in WEEKDAYS], z=grid.to_numpy(np.float64),
            colorscale=SEQUENTIAL, zmin=0, xgap=2, ygap=2, hoverongaps=False,
            hovertemplate="%{y} %{x:02d}:00: %{z}<extra></extra>",
            colorbar={"thickness": 10, "outlinewidth": 0, "title": None},
        )
    )  # fmt: skip
    made.update_layout(hovermode="closest")
    made.update_xaxes(fixedrange=True, title={"text": "hour of the source's day"})
    made.update_yaxes(fixedrange=True, showgrid=False, autorange="reversed")
    return Chart(made, shown.rows)


def _amounts(made: go.Figure, shown: _Shown, values: tuple[pd.Series[float], str]) -> None:
    """The axis of the values; few of what is counted need no halves."""
    whole = shown.column.kind == "number" and (values[0].dropna() % 1 == 0).all()
    few = {"dtick": 1} if whole and values[0].abs().max() <= 5 else {}
    made.update_yaxes(title={"text": values[1]}, fixedrange=True, **few)


def _unwatched(rows: pd.DataFrame, along: str) -> pd.DataFrame:
    """The rows at those places along the axis where nothing at all was watched."""
    blank = rows["value"].isna() & ~(rows["watched"] > 0)
    return rows[blank.groupby(rows[along]).transform("all")].drop_duplicates(along)


def _gaps(made: go.Figure, rows: pd.DataFrame, values: pd.Series[float]) -> None:
    """Hatch the buckets in which nothing was watched."""
    if not len(rows):
        return
    made.add_trace(
        go.Bar(
            x=utc(((rows["bucket"] + rows["end"]) // 2).to_numpy(np.int64)),
            y=[_height(values)] * len(rows), width=(rows["end"] - rows["bucket"]).to_numpy(),
            name="not watched", hoverinfo="skip", marker=hatched(),
        )
    )  # fmt: skip


def _blanks(made: go.Figure, names: list[str], values: pd.Series[float]) -> None:
    """Hatch the groups in which nothing was watched."""
    if names:
        made.add_trace(
            go.Bar(
                x=names, y=[_height(values)] * len(names), name="not watched", hoverinfo="skip",
                marker=hatched(),
            )
        )  # fmt: skip


def _height(values: pd.Series[float]) -> float:
    highest = float(values.max())
    return highest if highest > 0 else 1.0
