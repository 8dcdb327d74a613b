"""When it is busy: hours against weekdays, of time that was really watched."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..localtime import DAY
from ..metrics import METRICS, Result, Selection, measure
from ..metrics.rates import per_hour
from . import words
from .look import SEQUENTIAL, Chart, figure
from .times import hatched

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FEW = 0.5  # share of a cell's time below which it is marked
SURE = 0.25  # hours: a rate of less would be far above all others by chance
BY = ("weekday", "hour")


def pattern_of(name: str, selection: Selection) -> Result:
    """A metric by weekday and hour, each hour of the source's own clock.

    Of a day or less it is by hour only. Counts are per hour that was watched. Rows have a
    column `hours` besides: those watched.
    """
    by = BY[1:] if selection.filter.length <= DAY else BY
    if METRICS[name].kind == "moment":
        return per_hour(name, selection, by)
    result = measure(name, selection, by)
    result.rows["hours"] = measure("observed", selection, by).rows["value"].fillna(0) / 3600
    return result


def pattern(result: Result) -> Chart:
    """The hours of the day against the weekdays, or alone; what was not watched is hatched."""
    rows = result.rows
    days = DAYS if "weekday" in rows else ("",)
    made = figure(
        110 + 220 * len(days) // len(DAYS),
        hovermode="closest",
        margin={"l": 8, "r": 8, "t": 10, "b": 8},
        xaxis={
            "tickvals": list(range(0, 24, 3)), "ticktext": [f"{n:02}" for n in range(0, 24, 3)],
            "range": [-0.5, 23.5], "fixedrange": True,
            "title": {"text": "hour of the source's day"},
        },
        yaxis={
            "tickvals": list(range(len(days))), "ticktext": days, "range": [len(days) - 0.5, -0.5],
            "fixedrange": True, "showgrid": False,
        },
    )  # fmt: skip
    if len(rows):
        every = pd.MultiIndex.from_product([range(len(days)), range(24)], names=BY)
        known = rows if "weekday" in rows else rows.assign(weekday=0)
        table = known.set_index([*BY]).reindex(every)
        table["title"] = [_title(days[day], hour) for day, hour in every]
        _cells(made, table, result)
        _blanks(made, table)
    return Chart(made, rows)


def _cells(made: go.Figure, table: pd.DataFrame, result: Result) -> None:
    few = table["value"].notna() & ~(table["watched"] >= FEW)
    sure = table["value"][table["hours"] >= SURE].dropna()
    highest = float((sure if len(sure) else table["value"]).max())
    made.add_trace(
        go.Heatmap(
            x=list(range(24)),
            y=list(range(len(table) // 24)),
            z=table["value"].to_numpy(np.float64).reshape(-1, 24),
            zmin=0,
            zmax=highest if highest > 0 else 1.0,
            colorscale=SEQUENTIAL,
            xgap=2,
            ygap=2,
            text=np.where(few, "◦", "").reshape(-1, 24),
            texttemplate="%{text}",
            customdata=_hovers(table, result).reshape(-1, 24),
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            colorbar={"thickness": 10, "outlinewidth": 0, "len": 1, "title": None},
        )
    )


def _hovers(table: pd.DataFrame, result: Result) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    unit = result.metric.title.lower()
    told = [
        f"<b>{row.title}</b><br>{words.number(row.value)} {unit}<br>"
        f"watched {words.lasting(row.hours * 3600)}, {words.share(_or_zero(row.watched))} of it"
        for row in table.itertuples()
    ]
    return np.array(told, object)


def _blanks(made: go.Figure, table: pd.DataFrame) -> None:
    """Hatch the cells that were asked about and have passed, but were not watched."""
    blank = table[table["value"].isna() & (table["watched"] == 0)]
    if not len(blank):
        return
    day, hour = (blank.index.get_level_values(name).to_numpy() for name in BY)
    made.add_trace(
        go.Bar(
            x=hour, y=[0.92] * len(blank), base=day - 0.46, width=0.92, marker=hatched(),
            name="not watched", showlegend=True,
            customdata=blank["title"],
            hovertemplate="<b>%{customdata}</b><br>not watched<extra></extra>",
        )
    )  # fmt: skip


def _title(day: str, hour: int) -> str:
    return f"{day} {hour:02}:00 to {(hour + 1) % 24:02}:00".strip()


def _or_zero(share: float) -> float:
    return 0.0 if share != share else share
