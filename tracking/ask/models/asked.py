"""A plan as a model fills it in: forgiving, and checked before anything is computed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ...errors import SettingsError
from ...filters import WEEKDAYS, midnight
from ...times import to_ms
from ..plan import Fold, Order, Plan, Relation, Shape, Span
from ..times.when import When, read_when
from ..words import words_of
from ..world import World


def _listed(value: Any) -> Any:
    """One name is a list of one; nothing is none."""
    if value is None or value == "":
        return []
    return [value] if isinstance(value, (str, int)) else value


def _nothing(value: Any) -> Any:
    """Models write null, or an empty text, for what they do not mean."""
    return None if value == "" else value


def _weekdays(value: Any) -> Any:
    known = {name: number for number, name in enumerate(WEEKDAYS)}
    days = _listed(value)
    return [known.get(d[:3].lower(), d) if isinstance(d, str) else d for d in days]


def _blank(value: Any) -> Any:
    return "" if value is None else value


Names = Annotated[list[str], BeforeValidator(_listed)]
Hour = Annotated[int, Field(ge=0, le=23)]
Day = Annotated[int, Field(ge=0, le=6)]
Text = Annotated[str, BeforeValidator(_blank)]
Seconds = Annotated[float | None, BeforeValidator(_nothing)]


class NoArguments(BaseModel):
    """Nothing is needed."""


class SqlArguments(BaseModel):
    """One SELECT."""

    sql: str


class Part(BaseModel):
    """What a plan is about. Names as describe_record gives them; none named is all of them."""

    model_config = ConfigDict(extra="forbid")

    sources: Names = Field([], description="names of sources")
    labels: Names = Field([], description="such as person")
    zones: Names = Field([], description="names of zones")
    lines: Names = Field([], description="names of lines")
    directions: Names = Field([], description="of crossings, by the line's own words")
    when: Text = Field("", description="the window in words, such as yesterday or last Tuesday")
    since: Text = Field("", description="its beginning, local ISO 8601 such as 2026-03-01T09:00")
    until: Text = Field("", description="its end, not included; now, if not given")
    hours: Annotated[list[Hour], BeforeValidator(_listed)] = Field([], description="0 to 23")
    weekdays: Annotated[list[Day], BeforeValidator(_weekdays)] = Field(
        [], description="0 (Monday) to 6, or mon to sun"
    )


class PlanArguments(Part):
    """A count over the record. Without a window it is about today."""

    metric: str = Field("visits", description="a name of list_metrics; visits counts people")
    shape: Annotated[Shape, BeforeValidator(lambda value: value or "number")] = Field(
        "number",
        description="number; yes or empty: whether there was anyone, or no one; rows: a number for"
        " each group of `by`; list: tracks one by one (metric stay, first_seen, last_seen or"
        " confidence); known: what there is (metric sources, labels, zones, lines or metrics)",
    )
    by: Names = Field(
        [], description="group by bucket, hour, weekday, source, label, zone, line, direction"
    )
    bucket: Text = Field("", description="width of a bucket: minute, hour, day, week, month ...")
    least: Seconds = Field(None, description="seconds that a stay lasts at least")
    most: Seconds = Field(None, description="seconds that a stay lasts at most")
    order: Annotated[Order, BeforeValidator(_blank)] = Field("", description="most or least first")
    limit: Annotated[int, Field(ge=0, le=1000), BeforeValidator(lambda value: value or 0)] = Field(
        0, description="how many groups or tracks; 0 is all"
    )
    fold: Annotated[Fold, BeforeValidator(_blank)] = Field("", description="mean over the groups")
    relation: Annotated[Relation, BeforeValidator(_blank)] = Field(
        "", description="compare with `against`, or the share of it"
    )
    against: Part | None = Field(
        None, description="what is different in what is compared with; the rest is the same"
    )


def plan_of_arguments(arguments: PlanArguments, world: World) -> Plan:
    """The plan that was filled in. Raises SettingsError, which names what is wrong with it."""
    timezone = world.timezone(arguments.sources)
    by = tuple(dict.fromkeys([*arguments.by, *(["bucket"] if arguments.bucket else [])]))
    plan = Plan(
        arguments.metric,
        _today(world, timezone),
        timezone,
        "rows" if by and arguments.shape == "number" and not arguments.fold else arguments.shape,
        least=arguments.least,
        most=arguments.most,
        by=by,
        bucket=arguments.bucket,
        order=arguments.order,
        limit=arguments.limit,
        fold=arguments.fold,
    )
    plan = replace(plan, **_about(arguments, world, timezone))
    if arguments.against is None:
        return plan.checked()
    against = replace(plan, **_about(arguments.against, world, timezone))
    return replace(plan, relation=arguments.relation or "compare", against=against).checked()


def _about(part: Part, world: World, timezone: str) -> dict[str, Any]:
    """What a part says of a plan; nothing of what it leaves open."""
    names = ("sources", "labels", "zones", "lines", "directions", "hours", "weekdays")
    said: dict[str, Any] = {name: tuple(getattr(part, name)) for name in names}
    if part.since or part.until:
        first = world.recorded[0] if world.recorded else 0
        since = to_ms(part.since, timezone) if part.since else first
        said["span"] = Span(since, to_ms(part.until, timezone) if part.until else world.now)
    elif part.when:
        when = _in_words(part.when, world, timezone)
        said["span"] = when.span
        said["hours"] = said["hours"] or when.hours
        said["weekdays"] = said["weekdays"] or when.weekdays
    return {name: value for name, value in said.items() if value}


def _today(world: World, timezone: str) -> Span:
    return Span(midnight(world.now, timezone), midnight(world.now, timezone, 1), "today")


def _in_words(text: str, world: World, timezone: str) -> When:
    words = words_of(text)
    found = read_when(words, world.now, timezone, world.recorded)
    if len(found) == 1 and found[0].span is not None and len(found[0].used) == len(words):
        return found[0]
    why = f": {found[0].problem}" if found and found[0].problem else ""
    raise SettingsError(f"The time {text!r} cannot be read{why}; give since and until")
