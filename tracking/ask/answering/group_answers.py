"""What is said of groups: which come first, what all of them have, and the mean over them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...times import zone
from ..answer import Answer, Status, Value
from ..plan import Plan
from ..saying import WEEKDAYS, all_of, group, when, whose
from ..world import World
from .computing import evidence_of
from .groups import Group, Groups, Mean, grouped, meant
from .telling import SURE, amount, answer_of, is_count, joined, none, nothing

FEW = 6
"""Groups up to which a sentence names all of them."""
_MOST = 12
_TIMES = {"bucket", "hour", "weekday"}


def answer_groups(connection: sqlite3.Connection, plan: Plan, world: World) -> Answer:
    """A number for each group; with a limit of one, which group that is."""
    groups, now = grouped(connection, plan, world), world.now
    found, status = groups.found, _status(groups)
    value: Value = [each.value for each in groups.first]
    evidence = evidence_of(found)
    if _is_first(plan):
        first = groups.first if status == "ok" else ()
        names = [groups.name(each, now) for each in first]
        value = names if len(names) > 1 else names[0] if names else None
        if len(first) == 1:
            evidence = evidence_of(found, groups.plan_of(first[0]))
    text = _text(groups, status, now)
    made = answer_of(found, text, status, value, groups.columns(), groups.rows(), evidence)
    return replace(made, chart=chart_for(groups.by), notes=_notes(groups, now))


def answer_mean(connection: sqlite3.Connection, plan: Plan, world: World) -> Answer:
    """The mean over groups, one for each of what is left of them."""
    mean, now = meant(connection, plan, world), world.now
    groups = mean.groups
    found, value, status = groups.found, mean.value, groups.found.status
    if value is None:
        text = nothing(found) if status == "no_data" else none(found)
    elif mean.means:
        groups = replace(groups, by=mean.rest, first=mean.means, every=mean.means)
        parts = [f"{groups.name(each, now)} {amount(found, each.value)}" for each in mean.means]
        per = f"{found.result.metric.title}{whose(plan)} per {_per(mean)} on average"
        text = f"{per}, {when(plan)}: {'; '.join(parts[:_MOST])}."
    else:
        text = (
            f"{amount(found, value)}{whose(plan)} per {_per(mean)} on average, {when(plan)}"
            f" (the mean of {_several(len(mean.counted), _per(mean))})."
        )
    if value is not None:
        status = "ok" if value else "zero"
    told: Value = [each.value for each in mean.means] if mean.means else value
    made = answer_of(found, text, status, told, groups.columns(), groups.rows(), evidence_of(found))
    return replace(made, chart=chart_for(groups.by), notes=_left_out(mean))


def chart_for(by: Sequence[str]) -> str:
    """The kind of chart that fits groups."""
    if "hour" in by and "weekday" in by:
        return "heat"
    return "line" if "bucket" in by else "bar"


def _is_first(plan: Plan) -> bool:
    return bool(plan.order) and plan.limit == 1


def _status(groups: Groups) -> Status:
    status, plan = groups.found.status, groups.found.plan
    if not (plan.order and groups.first) or status == "no_data":
        return status
    top = groups.first[0].value
    if top is None:
        return "no_data"
    return "ok" if top or plan.order == "least" else "zero"


def _text(groups: Groups, status: Status, now: int) -> str:
    found, plan = groups.found, groups.found.plan
    if status == "no_data":
        return nothing(found)
    if status == "zero":
        return none(found)
    what = f"{found.result.metric.title}{whose(plan)}, {when(plan)}"
    if _is_first(plan):
        told = f"{_names(groups, groups.first, now)}, with {_amounts(groups, groups.first)}"
        return f"{_superlative(plan)} {what[:1].lower()}{what[1:]}: {told}."
    if len(groups.first) <= FEW:
        each = [f"{groups.name(one, now)} {_amount(groups, one)}" for one in groups.first]
        return joined(f"{what}: {'; '.join(each) or 'nothing'}.", _in_all(groups))
    parts = [group(each, plan.bucket) for each in groups.by]
    text = f"{what}, by {' and '.join(parts)} ({len(groups.first)} rows)"
    known = [each for each in groups.first if each.value is not None]
    if not known:
        return f"{text}."
    top = max(each.value or 0 for each in known)
    level = [each for each in known if each.value == top]
    first = f"The highest: {_names(groups, level, now)}, with {_amounts(groups, level)}."
    return joined(first, f"{text}.", _in_all(groups))


def _superlative(plan: Plan) -> str:
    if plan.metric in ("first_seen", "last_seen"):
        return "The latest" if plan.order == "most" else "The earliest"
    if is_count(plan.metric):
        return "Most" if plan.order == "most" else "Fewest"
    return "The highest" if plan.order == "most" else "The lowest"


def _names(groups: Groups, some: Sequence[Group], now: int) -> str:
    names = [groups.name(each, now) for each in some]
    if len(names) > _MOST + 1:
        names = [*names[:_MOST], f"{len(names) - _MOST} more"]
    return all_of(names)


def _amounts(groups: Groups, level: Sequence[Group]) -> str:
    return f"{_amount(groups, level[0])}{' each' if len(level) > 1 else ''}"


def _amount(groups: Groups, each: Group) -> str:
    if each.value is None:
        return "none" if each.watched else "not watched"
    return amount(groups.found, each.value)


def _in_all(groups: Groups) -> str:
    """The number of all together, where it counts something."""
    found = groups.found
    if not is_count(found.plan.metric) or found.value is None or len(groups.every) < 2:
        return ""
    return f"In all {amount(found, found.value, found.tracks)}."


def _notes(groups: Groups, now: int) -> tuple[str, ...]:
    """What keeps the first groups from being quite comparable with the others."""
    plan, notes = groups.found.plan, []
    if groups.cut:
        notes.append(f"{groups.cut + 1} are level in the last place, so all of these are shown.")
    for each in groups.first[:3] if plan.order and plan.limit else ():
        if each.end is not None and each.end > now:
            notes.append(f"{groups.name(each, now)} is not over yet.")
        elif each.value is not None and each.watched is not None and each.watched < SURE:
            share = f"{each.watched * 100:.0f} %"
            notes.append(f"{groups.name(each, now)} was watched {share} of the time.")
    unwatched = sum(each.value is None and not each.watched for each in groups.every)
    if unwatched and _TIMES & set(groups.by):
        notes.append(
            f"Of {len(groups.every)} rows {unwatched} were not watched: these are not zero."
        )
    return (*notes, *_unequal(groups))


def _unequal(groups: Groups) -> tuple[str, ...]:
    """That some weekdays come more often in the window than others, and so have more."""
    plan, filter = groups.found.plan, groups.found.selection.filter
    if "weekday" not in groups.by or not is_count(plan.metric) or filter.until <= filter.since:
        return ()
    ends = (filter.since, filter.until - 1)
    first, last = (datetime.fromtimestamp(t / 1000, zone(plan.timezone)).date() for t in ends)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    times = Counter(day.weekday() for day in days)
    wanted = plan.weekdays or range(7)
    often: dict[int, list[str]] = {}
    for day in wanted:
        often.setdefault(times[day], []).append(WEEKDAYS[day])
    if len(often) < 2:
        return ()
    parts = [
        f"{all_of(names)} {'once' if count == 1 else f'{count} times'}"
        for count, names in sorted(often.items(), reverse=True)
    ]
    return (f"This time has {'; '.join(parts)}: what comes more often has more.",)


def _per(mean: Mean) -> str:
    return " and ".join(group(each, mean.groups.found.plan.bucket) for each in mean.over)


def _several(count: int, per: str) -> str:
    """A number of groups: "19 hours", "2 hours of the day"."""
    first, of, rest = per.partition(" of ")
    ending = "" if count == 1 or first.endswith("s") else "s"
    return f"{count} {first}{ending}{of}{rest}"


def _left_out(mean: Mean) -> tuple[str, ...]:
    parts = [
        f"{mean.running} that {'is' if mean.running == 1 else 'are'} not over yet"
        if mean.running
        else "",
        f"{mean.unwatched} in which nothing was watched" if mean.unwatched else "",
    ]
    said = all_of(filter(None, parts))
    return (f"Left out of the mean: {said}.",) if said else ()
