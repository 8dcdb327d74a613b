"""A plan's number, computed by the metrics; what its status is, and the tracks behind it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...errors import SettingsError
from ...localtime import BUCKETS
from ...metrics import Result, Selection, measure, select
from ...metrics.measuring import behind
from ..answer import Column, Evidence, Status
from ..plan import Plan
from ..saying import all_of, kind_of, named
from ..world import Place, World

SHOWN = 500
"""Tracks of an answer's evidence at most."""
MOST_BUCKETS = 20_000
"""That a time is divided into, at most."""
_OF_LINES = ("crossings", "net")


@dataclass(frozen=True, slots=True)
class Computed:
    """A plan's number, or one for each of its groups, and what it rests on."""

    plan: Plan
    selection: Selection
    result: Result
    tracks: int | None = None

    @property
    def value(self) -> float | int | None:
        """Counts and times as whole numbers; None where there is none."""
        return whole(self.result.value, self.column)

    @property
    def column(self) -> Column:
        metric = self.result.metric
        return Column(metric.name, metric.title, kind_of(metric.name))

    @property
    def is_counted(self) -> bool:
        """Whether the metric counts something."""
        return not self.result.metric.unit and kind_of(self.plan.metric) == "number"

    @property
    def status(self) -> Status:
        """Something; recorded, and none; or nothing recorded."""
        watched, value = self.result.watched, self.value
        if value is None:
            return "zero" if watched.observed or self.result.counted else "no_data"
        return "ok" if value else "zero"


def computed(
    connection: sqlite3.Connection, plan: Plan, world: World, by: tuple[str, ...] = ()
) -> Computed:
    """Compute it over all rows. Raises SettingsError for a name that the record does not have."""
    check_names(world, plan)
    if plan.bucket in BUCKETS and "bucket" in by:
        count = (plan.span.until - plan.span.since) // BUCKETS[plan.bucket]
        if count > MOST_BUCKETS:
            raise SettingsError(
                f"That time has {count:,} times a {plan.bucket}, and at most {MOST_BUCKETS:,} are"
                " told apart"
            )
    filter, now = plan.filter(), world.now
    if filter.since < now < filter.until:  # what was recorded later was not known then
        filter = replace(filter, until=now)
    selection = select(connection, filter, now)
    if selection.timezone != plan.timezone:  # days and hours are those of the asker
        selection = replace(selection, zone=plan.timezone)
    result = measure(plan.metric, selection, by, plan.bucket or None if "bucket" in by else None)
    tracks = None
    if plan.metric == "visits":
        counted = measure("tracks", selection).value
        tracks = None if counted is None else int(counted)
    return Computed(plan, selection, result, tracks)


def whole(value: float | None, column: Column) -> float | int | None:
    """A number as JSON has it: whole where it is one, None where it is none."""
    if value is None or not math.isfinite(value):
        return None
    if column.kind == "time" or (column.kind == "number" and value == int(value)):
        return int(value)
    return float(value)


def check_names(world: World, plan: Plan) -> None:
    """Raise SettingsError for a source, zone, line or direction that there is not."""
    _known("source", plan.sources, [source.name for source in world.sources])
    where = f" at {all_of(map(named, plan.sources))}" if plan.sources else ""
    zones, lines = (_there(places, plan) for places in (world.zones, world.lines))
    _known("zone", plan.zones, [zone.name for zone in zones], where)
    _known("line", plan.lines, [line.name for line in lines], where)
    wanted = [line for line in lines if not plan.lines or line.name in plan.lines]
    if plan.metric in _OF_LINES and not wanted:
        raise SettingsError(f"No line is drawn{where}, and crossings are those of lines")
    if "zone" in plan.by and not zones:
        raise SettingsError(f"No zone is drawn{where}")
    if "line" in plan.by and not lines:
        raise SettingsError(f"No line is drawn{where}")
    if plan.directions:
        _known("direction", plan.directions, {d for line in wanted for d in line.directions})


def unseen_labels(world: World, plan: Plan) -> tuple[str, ...]:
    """The labels asked about that no track ever had."""
    return tuple(label for label in plan.labels if label not in world.labels)


def evidence_of(found: Computed, part: Plan | None = None) -> Evidence:
    """The tracks behind a number, or behind that of a part of its plan; the latest first."""
    result = found.result
    if part is not None:
        result = measure(found.plan.metric, _part_of(found.selection, part))
    tracks = behind(result)
    order = tracks.last.argsort(kind="stable")[::-1]
    ids = tuple(dict.fromkeys(tracks.id[order].tolist()))
    return Evidence(ids[:SHOWN], len(ids))


def _part_of(selection: Selection, plan: Plan) -> Selection:
    """What a plan selects of what a wider one has selected: nothing is read again."""
    sources = [source for source in selection.sources if source.name in plan.sources]
    selection = selection.part(sources, plan.labels)
    if plan.zones and plan.zones != selection.filter.zones:
        selection = selection.within(plan.zones)
    if (plan.lines, plan.directions) != (selection.filter.lines, selection.filter.directions):
        selection = selection.over(plan.lines, plan.directions)
    filter = replace(
        selection.filter,
        since=plan.span.since,
        until=min(plan.span.until, selection.filter.until),
        hours=plan.hours,
        weekdays=plan.weekdays,
    )
    return replace(selection, filter=filter, whole=None)


def together(parts: Iterable[Evidence]) -> Evidence:
    """The tracks behind several numbers, each once."""
    found = list(parts)
    ids = tuple(dict.fromkeys(id for part in found for id in part.tracks))
    total = (
        len(ids) if all(len(p.tracks) == p.total for p in found) else sum(p.total for p in found)
    )
    return Evidence(ids[:SHOWN], total)


def _there(places: Iterable[Place], plan: Plan) -> list[Place]:
    return [place for place in places if not plan.sources or place.source in plan.sources]


def _known(what: str, names: Iterable[str], known: Iterable[str], where: str = "") -> None:
    there = list(dict.fromkeys(known))
    for name in names:
        if name not in there:
            be = "are" if len(there) > 1 else "is"
            has = f"there {be} {all_of(map(named, there[:12]))}" if there else "there is none"
            raise SettingsError(f"The record has no {what} {named(name)}{where}; {has}")
