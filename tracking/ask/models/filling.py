"""A plan that a model fills in: one question, one piece of JSON, and nothing else.

Small models cannot be trusted with tools, nor with names and times: these are settled by the
built-in parser's own reading of the words, and the model chooses what is counted, and how.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from ...errors import ModelFailed, SettingsError
from ...localtime import BUCKETS
from ...metrics import METRICS
from ..answer import Answer, Reading
from ..answering.answering import answer_plan
from ..parsing.settled import NAMED, Settled, settled, why_differs
from ..parsing.times_said import ever, usual_span
from ..plan import DIMENSIONS, LISTED, Plan
from ..reading import Read
from ..saying import all_of, say_plan
from ..world import World
from .asked import Part, PlanArguments, plan_of_arguments
from .happening import Event
from .local_model import LocalModel
from .model import ModelSettings

SYSTEM = """\
You read a question about a record of what cameras saw, and write the plan that answers it, as \
JSON. Leave out what is not asked.
metric: visits (how many people or things), arrivals (came), departures (left), crossings (of a \
line), occupancy_max (most at once), occupancy_mean (how many at once on average), stay_mean (how \
long on average), stay_max (longest), presence (time in all), first_seen, last_seen (when), \
observed (time watched).
shape: number; yes (was there anyone); empty (was there no one); rows (a number for each group); \
list (tracks one by one, metric stay).
by, bucket: groups. order, limit: the most or least first, and how many."""

EXAMPLES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("How many people came by today?", {"metric": "visits", "shape": "number"}),
    (
        "What was the busiest hour yesterday?",
        {"metric": "visits", "shape": "rows", "bucket": "hour", "order": "most", "limit": 1},
    ),
    ("How long do people stay on average?", {"metric": "stay_mean", "shape": "number"}),
    (
        "Which camera saw the fewest cars?",
        {"metric": "visits", "shape": "rows", "by": ["source"], "order": "least", "limit": 1},
    ),
    ("Was anybody there last night?", {"metric": "visits", "shape": "yes"}),
    ("When was the last bicycle seen?", {"metric": "last_seen", "shape": "number"}),
    ("Show visitors per day", {"metric": "visits", "shape": "rows", "bucket": "day"}),
    (
        "How many people per hour on average?",
        {"metric": "visits", "shape": "rows", "bucket": "hour", "fold": "mean"},
    ),
    ("What was the most people at once?", {"metric": "occupancy_max", "shape": "number"}),
    (
        "Which three stayed longest?",
        {"metric": "stay", "shape": "list", "order": "most", "limit": 3},
    ),
)  # fmt: skip
"""The same for every record, so that what was read of them is kept from question to question."""


def ask_for_plan(
    connection: sqlite3.Connection,
    question: str,
    world: World,
    model: LocalModel | ModelSettings,
    on_event: Callable[[Event], None] | None = None,
) -> Answer:
    """The answer to the plan that a model fills in; it says that a model read the question.

    Raises ModelFailed with a plain reason, SettingsError.
    """
    said = settled(question, world)
    text = _asked(model, messages_for(question), schema_for(said, world), on_event)
    plan = plan_from(text, said, world)
    read = Read(Reading(say_plan(plan), plan), (), said.corrected, _assumed(plan, said))
    answer = answer_plan(connection, plan, world.now, question, read, world)
    note = f"The question was read by {model.name}, which may be wrong: check how it was read."
    if said.unread:
        words = all_of(f"“{word}”" for word in said.unread)
        note = f"{note} The built-in parser could not read {words}."
    return replace(answer, notes=(note, *answer.notes), answered_by=model.name)


def _asked(
    model: LocalModel | ModelSettings,
    messages: Sequence[dict[str, str]],
    schema: Mapping[str, Any],
    on_event: Callable[[Event], None] | None,
) -> str:
    if isinstance(model, LocalModel):
        from .local_model import completed

        return completed(model, messages, schema, on_event)
    from .agent import plan_written

    return plan_written(model, messages, schema, on_event)


def messages_for(question: str) -> list[dict[str, str]]:
    """What a model is told: the examples, then the question."""
    told = [{"role": "system", "content": SYSTEM}]
    for asked, plan in EXAMPLES:
        told.append({"role": "user", "content": asked})
        told.append({"role": "assistant", "content": json.dumps(plan, separators=(",", ":"))})
    return [*told, {"role": "user", "content": question}]


def schema_for(said: Settled, world: World) -> dict[str, Any]:
    """What may be filled in of PlanArguments, as JSON Schema.

    Names and times are those that the question says, and are asked for only where there are
    several: one is settled.
    """
    plan = PlanArguments.model_json_schema()["properties"]
    names = {f: _some_of(each) for f, each in said.names.items() if len(each) > 1}
    if len(said.whens) > 1:
        names["when"] = {"enum": list(said.whens)}
    groups = () if said.grouped else ("rows", "list")
    shapes = [each for each in plan["shape"]["enum"] if each not in ("known", *groups)]
    metrics = [*METRICS, *(name for name in LISTED if name not in METRICS and said.grouped)]
    fields: dict[str, Any] = {
        "metric": {"enum": metrics},
        "shape": {"enum": shapes},
        **names,
    }
    if said.grouped:
        fields |= {
            "by": _some_of([each for each in DIMENSIONS if each != "bucket"]),
            "bucket": {"enum": list(BUCKETS)},
            "order": {"enum": ["most", "least"]},
            "limit": {"enum": sorted({1, *(n for n in said.numbers if 0 < n <= 1000)})},
            "fold": {"enum": ["mean"]},
        }
    if directions := list(dict.fromkeys(d for line in world.lines for d in line.directions)):
        fields["directions"] = _some_of(directions[:8])
    if said.lengths:
        fields |= {name: {"enum": list(said.lengths)} for name in ("least", "most")}
    if said.has_two:
        fields["relation"] = {"enum": ["compare", "share"]}
        fields["against"] = _object(names, [])
    return _object(fields, ["metric", "shape"])


def _some_of(names: Sequence[str]) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": list(names)}, "maxItems": min(4, len(names))}


def _object(fields: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": required,
        "additionalProperties": False,
    }


# from what was written to a plan


def plan_from(text: str, said: Settled, world: World) -> Plan:
    """The plan that a model wrote, with what the question settles. Raises ModelFailed."""
    try:
        arguments = PlanArguments.model_validate_json(text)
        plan = _plan(arguments, said, world)
    except ValidationError:
        raise ModelFailed("it wrote no plan") from None
    except SettingsError as error:
        raise ModelFailed(f"it wrote a plan that cannot be computed: {error}") from None
    _uses_all(plan, said)
    return plan


def _plan(arguments: PlanArguments, said: Settled, world: World) -> Plan:
    left_open = dict.fromkeys(("when", "since", "until"), "")
    alone = arguments.model_copy(update={**left_open, "hours": [], "weekdays": [], "against": None})
    plan = plan_of_arguments(alone.model_copy(update={"relation": ""}), world)
    plan = replace(plan, **_lengths(arguments, said))
    if plan.metric not in METRICS:
        plan = replace(plan, shape="list")  # what only tracks are listed by
    whole = plan.metric in ("first_seen", "last_seen") or {"hour", "weekday"} & set(plan.by)
    usual = (ever if whole else usual_span)(world, plan.timezone)
    plan = replace(plan, span=usual)
    first = replace(plan, **_about(arguments, said, world))
    if arguments.against is None:
        return first.checked()
    against = replace(first, **_about(arguments.against, said, world, first))
    if against == first:
        raise ModelFailed("it compared a thing with itself")
    return replace(first, relation=arguments.relation or "compare", against=against).checked()


def _lengths(arguments: PlanArguments, said: Settled) -> dict[str, Any]:
    if not said.lengths:
        return {"least": said.least, "most": said.most}
    return {
        name: value if value in said.lengths else None
        for name, value in (("least", arguments.least), ("most", arguments.most))
    }


def _about(part: Part, said: Settled, world: World, than: Plan | None = None) -> dict[str, Any]:
    """What a part is about, out of what the question says. than: what it is compared with, of
    which it keeps what it leaves open."""
    found: dict[str, Any] = {}
    for field in NAMED:
        known = said.names[field]
        chosen = tuple(each for each in known if each in getattr(part, field))
        if chosen or than is None:
            found[field] = chosen if chosen and len(known) > 1 else known
    when = said.whens.get(part.when) or next(iter(said.whens.values()), None)
    if when is not None and when.span is not None and (part.when in said.whens or than is None):
        found |= {"span": when.span, "hours": when.hours, "weekdays": when.weekdays}
    found["timezone"] = world.timezone(found.get("sources", than.sources if than else ()))
    return found


def _uses_all(plan: Plan, said: Settled) -> None:
    """Raise ModelFailed where something that was said has been left out."""
    plans = [plan] if plan.against is None else [plan, plan.against]
    for field in NAMED:
        used = {name for each in plans for name in getattr(each, field)}
        if missing := [name for name in said.names[field] if name not in used]:
            raise ModelFailed(why_differs(field, missing))
    spans = {each.span for each in plans}
    if missing := [words for words, when in said.whens.items() if when.span not in spans]:
        raise ModelFailed(why_differs("the time", missing))
    if said.lengths and plan.least is plan.most is None:
        raise ModelFailed("it made nothing of the length of time")


def _assumed(plan: Plan, said: Settled) -> tuple[str, ...]:
    if said.whens:
        return said.assumed
    return (*said.assumed, f"{plan.span.words or 'today'}, as no time was named")
