"""What the record knows: its sources, labels, zones and lines, and the numbers there are."""

from __future__ import annotations

from typing import Any

from ...metrics import METRICS
from ..answer import Answer, Column, Status
from ..plan import Plan
from ..saying import all_of, named, place
from ..world import World
from .computing import check_names

_COLUMNS = {
    "sources": (("source", "Source"), ("timezone", "Time zone"), ("kind", "Kind")),
    "labels": (("label", "Label"),),
    "zones": (("zone", "Zone"), ("source", "Source")),
    "lines": (
        ("line", "Line"), ("source", "Source"), ("forward", "Forward"), ("backward", "Backward"),
    ),
    "metrics": (("metric", "Metric"), ("title", "Title"), ("definition", "Definition")),
}  # fmt: skip


def known(plan: Plan, world: World) -> Answer:
    """A list of names. Raises SettingsError for a source that there is not."""
    check_names(world, plan)
    rows = _rows(world, plan)
    names = list(dict.fromkeys(str(row[0]) for row in rows))
    what = plan.metric if len(names) != 1 else plan.metric.removesuffix("s")
    columns = tuple(Column(name, title) for name, title in _COLUMNS[plan.metric])
    if not names:
        status: Status = "zero" if world.sources else "no_data"
        text = f"The record knows no {plan.metric}{place(plan)}."
        return Answer("", status, text, [], columns, sql=_SQL[plan.metric])
    shown = [named(each) for each in names[:30]]
    if len(names) > 30:
        shown.append(f"{len(names) - 30} more")
    text = f"{len(names)} {what}{place(plan)}: {all_of(shown)}."
    return Answer("", "ok", text, names, columns, rows, sql=_SQL[plan.metric])


def _rows(world: World, plan: Plan) -> tuple[tuple[Any, ...], ...]:
    here = [s for s in world.sources if not plan.sources or s.name in plan.sources]
    places = {s.name for s in here}
    if plan.metric == "sources":
        return tuple((s.name, s.timezone, s.kind) for s in here)
    if plan.metric == "zones":
        return tuple((zone.name, zone.source) for zone in world.zones if zone.source in places)
    if plan.metric == "lines":
        lines = [line for line in world.lines if line.source in places]
        return tuple((line.name, line.source, *line.directions) for line in lines)
    if plan.metric == "labels":
        return tuple((label,) for label in world.labels)
    return tuple((each.name, each.title, each.definition) for each in METRICS.values())


_SQL = {
    "sources": "SELECT name, timezone, kind FROM sources ORDER BY name;",
    "labels": "SELECT DISTINCT label FROM people_tracks ORDER BY label;",
    "zones": "SELECT DISTINCT zones.name, sources.name FROM zones JOIN sources"
    " ON sources.id = source_id ORDER BY 1, 2;",
    "lines": "SELECT DISTINCT lines.name, sources.name, forward, backward FROM lines JOIN sources"
    " ON sources.id = source_id ORDER BY 1, 2;",
    "metrics": "",
}
