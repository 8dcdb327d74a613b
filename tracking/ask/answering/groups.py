"""A number for each group: in order, the first of them, or the mean over them."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..answer import Column, Kind
from ..plan import Plan, Span
from ..saying import WEEKDAYS, folded, group, named, plural, say_stretch, say_window
from ..world import World
from .computing import Computed, computed, whole

Row = tuple[Any, ...]
_TIMES = ("bucket", "hour", "weekday")


@dataclass(frozen=True, slots=True)
class Group:
    """One of the groups. key: its dimensions' values, as measured. end: of a bucket, ms UTC.

    value: None where nothing was watched and nothing seen. watched: share; None where not known.
    """

    key: tuple[Any, ...]
    value: float | int | None
    watched: float | None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Groups:
    """All of them, of a computed plan, by `by`; first: those asked for, in their order.

    cut: how many are level with the last of `first` and are in it for that reason.
    """

    found: Computed
    by: tuple[str, ...]
    every: tuple[Group, ...]
    first: tuple[Group, ...]
    cut: int = 0

    def columns(self) -> tuple[Column, ...]:
        """Of a table of the groups."""
        plan = self.found.plan
        kinds: dict[str, Kind] = {"bucket": "time"}
        about = (
            Column(each, group(each, plan.bucket).capitalize(), kinds.get(each, "text"))
            for each in self.by
        )
        return (*about, self.found.column, Column("watched", "Watched", "share"))

    def rows(self) -> tuple[Row, ...]:
        """Those asked for, as `columns` says."""
        return tuple(
            (
                *(cell(d, k) for d, k in zip(self.by, each.key, strict=True)),
                each.value,
                each.watched,
            )
            for each in self.first
        )

    def name(self, each: Group, now: int) -> str:
        """What a group is called in a sentence."""
        parts = []
        for dimension, key in zip(self.by, each.key, strict=True):
            if dimension == "bucket" and each.end is not None:
                parts.append(_bucket(int(key), each.end, self.found.plan, now))
            elif dimension == "label":
                parts.append(plural(key))
            elif dimension in ("hour", "weekday"):
                parts.append(str(cell(dimension, key)))
            else:
                parts.append(named(str(key)))
        return ", ".join(parts)

    def plan_of(self, each: Group) -> Plan:
        """The plan of one group alone: what is behind its number."""
        plan = replace(
            self.found.plan, shape="number", by=(), order="", limit=0, fold="", bucket=""
        )
        fields = {"source": "sources", "label": "labels", "zone": "zones", "line": "lines",
                  "direction": "directions", "hour": "hours", "weekday": "weekdays"}  # fmt: skip
        for dimension, key in zip(self.by, each.key, strict=True):
            if dimension == "bucket" and each.end is not None:
                span = plan.span
                since, until = max(int(key), span.since), min(each.end, span.until)
                plan = replace(plan, span=Span(since, until))
            else:
                only: dict[str, Any] = {fields[dimension]: (key,)}
                plan = replace(plan, **only)
        return plan


def cells(by: Sequence[str], key: Sequence[Any]) -> tuple[Any, ...]:
    """A group's values in a table."""
    return tuple(cell(dimension, each) for dimension, each in zip(by, key, strict=True))


def cell(dimension: str, key: Any) -> Any:
    """A group's value of one dimension in a table."""
    if dimension == "hour":
        return f"{int(key):02}:00 to {(int(key) + 1):02}:00"
    if dimension == "weekday":
        return WEEKDAYS[int(key)]
    return int(key) if dimension == "bucket" else str(key)


def grouped(connection: sqlite3.Connection, plan: Plan, world: World) -> Groups:
    """A plan's groups, in order, with those that are level with the last one."""
    by = plan.by
    found = computed(connection, plan, world, by)
    every = tuple(_groups(found, by))
    return Groups(found, by, every, *_first(every, plan))


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean over groups of time or of things, one for each of what is left of the groups.

    over, rest: dimensions that the mean goes over, and those that are left. counted: groups that it
    is of; running, unwatched: those left out as they are not over, or nothing was watched in them.
    """

    groups: Groups
    over: tuple[str, ...]
    rest: tuple[str, ...]
    counted: tuple[Group, ...]
    running: int
    unwatched: int
    means: tuple[Group, ...]

    @property
    def value(self) -> float | None:
        values = [each.value for each in self.counted if each.value is not None]
        return float(np.mean(values)) if values else None


def meant(connection: sqlite3.Connection, plan: Plan, world: World) -> Mean:
    """The mean over a plan's groups: of buckets those that are over, if any is."""
    over, rest = folded(plan)
    groups = grouped(connection, replace(plan, order="", limit=0), world)
    passed = [each for each in groups.every if each.end is None or each.end <= world.now]
    passed = passed if any(each.value is not None for each in passed) else list(groups.every)
    counted = tuple(each for each in passed if each.value is not None)
    means = []
    if rest:
        place = [plan.by.index(each) for each in rest]
        keys = dict.fromkeys(tuple(each.key[n] for n in place) for each in counted)
        for key in keys:
            own = [g for g in counted if tuple(g.key[n] for n in place) == key]
            value = float(np.mean([g.value for g in own]))
            watched = [g.watched for g in own if g.watched is not None]
            means.append(Group(key, value, float(np.mean(watched)) if watched else None))
    running, unwatched = len(groups.every) - len(passed), len(passed) - len(counted)
    return Mean(groups, over, rest, counted, running, unwatched, _first(means, plan)[0])


def _groups(found: Computed, by: Sequence[str]) -> list[Group]:
    """All groups that are asked about and have begun."""
    result = found.result
    ends: dict[int, int] = {}
    if result.edges is not None:
        ends = dict(zip(result.edges[:-1].tolist(), result.edges[1:].tolist(), strict=True))
    groups = []
    for row in result.rows.to_dict("records"):
        value = whole(_number(row["value"]), found.column)
        watched = _number(row.get("watched"))
        if value is None and watched is None and set(by) & set(_TIMES):
            continue  # to come, or not asked about
        key = tuple(row[each] for each in by)
        end = ends.get(int(row["bucket"])) if "bucket" in by else None
        groups.append(Group(key, value, watched, end))
    return groups + _absent(found, by, groups)


def _absent(found: Computed, by: Sequence[str], groups: Sequence[Group]) -> list[Group]:
    """Labels that were named and never came: nothing of them, if anything was watched."""
    if tuple(by) != ("label",) or not found.is_counted or not found.result.watched.observed:
        return []
    seen = {each.key[0] for each in groups}
    share = found.result.watched.share
    return [Group((label,), 0, share) for label in found.plan.labels if label not in seen]


def _first(every: Sequence[Group], plan: Plan) -> tuple[tuple[Group, ...], int]:
    """Those asked for, and how many of them only because they are level with the last."""
    if not plan.order:
        return tuple(every[: plan.limit or None]), 0
    known = [each for each in every if each.value is not None]
    unknown = [each for each in every if each.value is None]
    known.sort(key=lambda each: each.value or 0, reverse=plan.order == "most")
    if not plan.limit:
        return (*known, *unknown), 0
    first = known[: plan.limit]
    level = [each for each in known[plan.limit :] if first and each.value == first[-1].value]
    return (*first, *level), len(level)


def _bucket(begin: int, end: int, plan: Plan, now: int) -> str:
    if plan.bucket in ("day", "week", "month"):
        return say_window(Span(begin, end), plan.timezone).removesuffix(f", {plan.timezone}")
    return say_stretch(begin, end, plan.timezone, now)


def _number(value: Any) -> float | None:
    if value is None or value is pd.NA:
        return None
    number = float(value)
    return number if math.isfinite(number) else None
