"""`tracking report`: the numbers of the dashboard's pages as a table or as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..times import iso, now_ms
from .choosing import (
    Days,
    Directions,
    Hours,
    Labels,
    Least,
    Lines,
    Most,
    Range,
    Since,
    Sources,
    Until,
    Zones,
    chosen,
)
from .options import Database
from .printing import note, print_table, say
from .program import err

if TYPE_CHECKING:
    from ..metrics import Metric, Result, Selection

USUAL = (
    "visits",
    "tracks",
    "arrivals",
    "occupancy_mean",
    "occupancy_max",
    "stay_median",
    "observed",
)


def report(
    db: Database,
    since: Since = None,
    until: Until = None,
    range: Range = None,
    source: Sources = None,
    label: Labels = None,
    hours: Hours = None,
    days: Days = None,
    zone: Zones = None,
    line: Lines = None,
    direction: Directions = None,
    least: Least = None,
    most: Most = None,
    by: Annotated[
        Optional[list[str]],  # noqa: UP045  (typer reads this on Python 3.10 too)
        typer.Option(
            metavar="source|label|zone|line|direction|hour|weekday|bucket",
            help="A row for each; may be repeated.",
            show_default="one number for all",
        ),
    ] = None,
    bucket: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="hour|day|...",
            help="How wide the buckets of time are; means --by bucket.",
            show_default="fits the window",
        ),
    ] = None,
    metric: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            metavar="NAME", help="A number to show; may be repeated.", show_default=", ".join(USUAL)
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With definitions, coverage and SQL, as JSON.")
    ] = False,
) -> None:
    """Show what was counted: the numbers of the dashboard's pages, which any SQL can check.

    What was not recorded is not a zero: it is shown as a dash, and as null in JSON.
    """
    from ..database import describing, open_readonly
    from ..metrics import measure, select

    wanted, names = _checked(by or [], bucket, metric or [])
    now = now_ms()
    with (
        closing(open_readonly(db)) as connection,
        describing(db),
        err.status("Counting"),
    ):
        filter = chosen(connection, now, since, until, range, source, label, hours, days)
        filter = replace(
            filter,
            zones=tuple(zone or ()),
            lines=tuple(line or ()),
            directions=tuple(direction or ()),
            least=least,
            most=most,
        )
        selection = select(connection, filter, now)
        _check_places(selection)
        results = [measure(name, selection, wanted, bucket) for name in names]
    if as_json:
        say(json.dumps(_content(str(db), selection, results, wanted), indent=2, allow_nan=False))
        return
    _print_about(selection, results)
    print_table(_grouped(results, wanted) if wanted else _plain(results))
    if not selection.sources:
        note("Nothing was ever recorded; `tracking run` or `tracking track` records")
    elif not results[0].watched.observed and not results[0].counted:
        note("Nothing was recorded in that time: that is not the same as nobody having been there")


def _checked(
    by: Sequence[str], bucket: str | None, metrics: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The dimensions and the metrics; raises BadParameter for those that there are not."""
    from ..localtime import BUCKETS
    from ..metrics import METRICS
    from ..metrics.measuring import DIMENSIONS

    wanted = list(dict.fromkeys([*by, *(["bucket"] if bucket else [])]))
    names = list(dict.fromkeys(metrics or USUAL))
    asked = (
        ("--by", wanted, DIMENSIONS),
        ("--bucket", [bucket] if bucket else [], BUCKETS),
        ("--metric", names, METRICS),
    )
    for option, given, known in asked:
        for each in given:
            if each not in known:
                raise typer.BadParameter(
                    f"{each!r} is not one of {', '.join(known)}", param_hint=option
                )
    if "bucket" in wanted and {"hour", "weekday"} & set(wanted):
        raise typer.BadParameter("buckets go with neither hour nor weekday", param_hint="--by")
    return wanted, names


def _check_places(selection: Selection) -> None:
    """Raise BadParameter for a zone, line or direction that was never drawn."""
    unknown = (
        ("--zone", selection.unknown_zones),
        ("--line", selection.unknown_lines),
        ("--direction", selection.unknown_directions),
    )
    for option, names in unknown:
        if names:
            raise typer.BadParameter(f"there is no {names[0]!r}", param_hint=option)


# as a table


def _print_about(selection: Selection, results: Sequence[Result]) -> None:
    """What the numbers are about, and how much of it was watched."""
    from ..charts import words

    say(words.window(selection.filter, selection.timezone))
    names = selection.filter.sources or [source.name for source in selection.sources]
    about = [", ".join(names) or "no source", words.narrowed(selection)]
    say("; ".join(filter(None, about)))
    if selection.sources:
        say(words.coverage(results[0].watched))


def _plain(results: Sequence[Result]) -> Table:
    table = Table(show_header=False)
    for result in results:
        table.add_row(result.metric.title, _said(result))
    return table


def _said(result: Result) -> str:
    """A value with its unit, or why there is none."""
    from ..charts import words

    if result.value is None:
        if not result.watched.observed and not result.counted:
            return "nothing recorded"
        return "no visits" if result.metric.kind == "stay" else "not known"
    zone = result.selection.timezone
    shown, unit = words.value(result.metric, result.value, zone), result.metric.unit
    if result.range is not None:
        return f"{shown} ({words.between(result.low, result.high)} of {result.tracks:,} tracks)"
    return shown if unit in ("", "seconds", "time") else f"{shown} {unit}"


def _grouped(results: Sequence[Result], by: Sequence[str]) -> Table:
    """A row for each group, and one of them all."""
    from ..charts import words

    table = Table()
    for name in by:
        title, of_time = ("from", True) if name == "bucket" else (name, name == "hour")
        table.add_column(title, overflow="fold", no_wrap=of_time)
    for result in results:
        table.add_column(result.metric.title.replace(" ", "\n"), justify="right", overflow="fold")
        if result.ranges is not None:
            table.add_column("at least\nto at most", justify="right", overflow="fold")
    table.add_column("watched", justify="right")
    columns = [list(result.rows["value"]) for result in results]
    for number, row in enumerate(results[0].rows.to_dict("records")):
        if {"bucket", "hour", "weekday"} & set(by) and _unasked(row, number, columns):
            continue
        about = [escape(str(_shown(row[name], name, results[0]))) for name in by]
        values: list[str] = []
        for result, column in zip(results, columns, strict=True):
            values.append(words.value(result.metric, column[number], result.selection.timezone))
            if result.ranges is not None:
                values.append(words.between(*result.ranges.loc[number, ["low", "high"]]))
        watched = row["watched"]
        table.add_row(*about, *values, "–" if math.isnan(watched) else words.share(watched))
    table.add_section()
    totals: list[str] = []
    for result in results:
        totals.append(words.value(result.metric, result.value, result.selection.timezone))
        if result.ranges is not None:
            totals.append(words.between(result.low, result.high))
    share = words.share(results[0].watched.share)
    table.add_row("all", *[""] * (len(by) - 1), *totals, share)
    return table


def _unasked(row: dict[Any, Any], number: int, columns: Sequence[list[float]]) -> bool:
    """Whether nothing of a group's time is asked about, or all of it is still to come."""
    nothing = all(math.isnan(column[number]) for column in columns)
    return math.isnan(row["watched"]) and nothing


def _shown(value: Any, dimension: str, result: Result) -> Any:
    """A group as people read it; of buckets the beginning, in the selection's zone."""
    from ..filters import WEEKDAYS

    if dimension == "bucket":
        text = iso(int(value), result.selection.timezone)[:16].replace("T", " ")
        return text[:10] if result.bucket in ("day", "week", "month") else text
    if dimension == "weekday":
        return WEEKDAYS[int(value)]
    return f"{int(value):02}:00" if dimension == "hour" else value


# as JSON


def _content(
    db: str, selection: Selection, results: Sequence[Result], by: Sequence[str]
) -> dict[str, Any]:
    from ..filters import WEEKDAYS

    filter, zone = selection.filter, selection.timezone
    return {
        "database": db,
        "window": {"since": iso(filter.since, zone), "until": iso(filter.until, zone)},
        "timezone": zone,
        "sources": [source.name for source in selection.sources],
        "labels": list(filter.labels),
        "hours": list(filter.hours),
        "days": [WEEKDAYS[day] for day in filter.weekdays],
        "zones": list(filter.zones),
        "lines": list(filter.lines),
        "directions": list(filter.directions),
        "least": filter.least,
        "most": filter.most,
        "by": list(by),
        "coverage": _coverage(results[0]),
        "metrics": [_metric(result, by) for result in results],
    }


def _coverage(result: Result) -> dict[str, float]:
    """Seconds, and the share of the time that has passed, 0 to 1."""
    watched = result.watched
    return {
        "share": watched.share,
        "observed": watched.observed,
        "possible": watched.possible,
        "stale": watched.stale,
        "down": watched.down,
        "stopped": watched.stopped,
    }


def _metric(result: Result, by: Sequence[str]) -> dict[str, Any]:
    metric = result.metric
    return {
        "metric": metric.name,
        "title": metric.title,
        "value": _value(result.value, metric),
        "unit": metric.unit,
        "status": result.status,
        "definition": metric.definition,
        "tracks": result.counted,
        "bucket": result.bucket,
        **_range(result),
        "rows": _rows(result, by) if by else [],
        "sql": result.sql,
    }


def _range(result: Result) -> dict[str, Any]:
    """How many visits there may be, what that rests on, and SQL that gives it."""
    from ..charts import words

    if result.range is None:
        return {}
    about = {"range_definition": words.range_of(result.range), "range_sql": result.range_sql}
    return {"low": result.low, "high": result.high, **about}


def _rows(result: Result, by: Sequence[str]) -> list[dict[str, Any]]:
    rows = [_row(row, by, result) for row in result.rows.to_dict("records")]
    if result.ranges is not None:
        for row, bounds in zip(rows, result.ranges.to_dict("records"), strict=True):
            row |= {str(name): _value(bound, result.metric) for name, bound in bounds.items()}
    return rows


def _row(row: dict[Any, Any], by: Sequence[str], result: Result) -> dict[str, Any]:
    about = {name: _plainly(row[name], name, result) for name in by}
    watched = None if math.isnan(row["watched"]) else row["watched"]
    return {**about, "value": _value(row["value"], result.metric), "watched": watched}


def _plainly(value: Any, dimension: str, result: Result) -> Any:
    if dimension == "bucket":
        return iso(int(value), result.selection.timezone)
    return int(value) if dimension == "hour" else _shown(value, dimension, result)


def _value(value: float | None, metric: Metric) -> float | int | None:
    """Counts as whole numbers, null for nothing."""
    if value is None or math.isnan(value):
        return None
    return value if metric.unit else int(value)
