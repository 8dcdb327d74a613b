"""Counts per hour that was watched: what stays comparable where not all was watched alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .catalogue import METRICS, Metric
from .measuring import Result, measure
from .selection import Selection
from .sql import sql_of

PER_HOUR = "_per_hour"
"""The end of the names of these metrics."""


def per_hour(name: str, selection: Selection, by: Sequence[str] = ()) -> Result:
    """A metric of the kind "moment", divided by the hours that were watched.

    by: of "hour" and "weekday". Rows have a column `hours` besides: those watched, summed over the
    sources. NaN where nothing was watched.
    """
    total = hours = np.zeros(0)
    for number, source in enumerate(selection.sources):
        part = selection.only(source)
        counts = measure(name, part, by).rows["value"].fillna(0).to_numpy(np.float64)
        watched = measure("observed", part, by).rows["value"].fillna(0).to_numpy(np.float64) / 3600
        rate = np.divide(counts, watched, np.full(len(counts), np.nan), where=watched > 0)
        total = rate if not number else np.nansum([total, rate], axis=0)
        hours = watched if not number else hours + watched
    everything = measure(name, selection)
    rows = measure(name, selection, by).rows
    if selection.sources:
        rows["value"] = np.where(hours > 0, total, np.nan)
    rows["hours"] = hours
    value = per_hour(name, selection).value if by else _only(rows["value"].to_numpy())
    return Result(
        _per_hour_of(METRICS[name]),
        value,
        rows,
        everything.watched,
        selection,
        everything.counted,
        statement=_sql,
    )


def _only(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float | None:
    return float(values[0]) if len(values) and not np.isnan(values[0]) else None


def _per_hour_of(metric: Metric) -> Metric:
    return Metric(
        f"{metric.name}{PER_HOUR}",
        f"{metric.title} an hour",
        f"{metric.title}, divided by the hours that were really watched: so a weekday that was"
        " watched four times counts like one that was watched once, and time in which nothing was"
        " watched counts for nothing. Of several sources, the sum.",
        "an hour",
        "level",
        False,
    )


def _sql(per_hour: Metric, selection: Selection) -> str:
    metric = METRICS[per_hour.name.removesuffix(PER_HOUR)]
    rates = [
        f"  SELECT (\n{sql_of(metric, part).rstrip(';')}\n  ) / nullif((\n"
        f"{sql_of(METRICS['observed'], part).rstrip(';')}\n  ) / 3600, 0) AS rate"
        for part in map(selection.only, selection.sources)
    ]
    if not rates:
        return "SELECT NULL AS value;"
    joined = "\n  UNION ALL\n".join(rates)
    return f"SELECT sum(rate) AS value FROM (\n{joined}\n);"
