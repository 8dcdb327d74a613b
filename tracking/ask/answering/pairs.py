"""Two plans beside each other: how far apart their numbers are, or one as a share of the other."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ...charts import words
from ...metrics import Watched
from ...times import zone
from ..answer import Column, Reading, Status
from ..plan import Plan, Span
from ..saying import all_of, kind_of, named, percent, plural, say_plan, when, whose
from ..world import World
from .computing import Computed, computed
from .groups import Groups, cells, grouped
from .telling import SURE, amount, is_count, joined, none, nothing, watched

ALIKE = 0.05
"""Difference of the watched shares that says nothing."""
_TIMES = ("first_seen", "last_seen")


@dataclass(frozen=True, slots=True)
class Pair:
    """A plan with two sides, both computed; of a comparison by groups also those."""

    plan: Plan
    one: Computed
    other: Computed
    groups: tuple[Groups, Groups] | None = None

    @property
    def is_share(self) -> bool:
        return self.plan.relation == "share"

    @property
    def names(self) -> tuple[str, str]:
        """What tells them apart, in a word or two each."""
        return _names(self.one.plan, self.other.plan)

    @property
    def values(self) -> list[float | int | None]:
        return [self.one.value, self.other.value]

    @property
    def watched(self) -> Watched:
        """How much was watched of both together."""
        a, b = self.one.result.watched, self.other.result.watched
        return Watched(
            a.observed + b.observed,
            a.possible + b.possible,
            a.stale + b.stale,
            a.down + b.down,
            a.stopped + b.stopped,
        )

    @property
    def sql(self) -> str:
        """Both numbers in one row, in the columns `first` and `second`."""
        parts = [each.result.sql.rstrip().rstrip(";") for each in (self.one, self.other)]
        return f"SELECT (\n{parts[0]}\n) AS first, (\n{parts[1]}\n) AS second;"


def paired(connection: sqlite3.Connection, plan: Plan, world: World) -> Pair:
    """A plan and what it is compared with, computed."""
    assert plan.against is not None
    one, other = plan.alone(), plan.against
    if one.by and other.by == one.by and plan.relation == "compare":
        both = (grouped(connection, one, world), grouped(connection, other, world))
        return Pair(plan, both[0].found, both[1].found, both)
    return Pair(plan, computed(connection, one, world), computed(connection, other, world))


# a comparison


def compare_status(pair: Pair) -> Status:
    """Nothing recorded on one side is no comparison; none on both is a zero."""
    states = {pair.one.status, pair.other.status}
    if "no_data" in states:
        return "no_data"
    return "zero" if states == {"zero"} else "ok"


def compare_text(pair: Pair) -> str:
    """Both numbers, and how far apart they are."""
    (here, there), (one, other) = pair.names, (pair.one, pair.other)
    for each in (one, other):
        if each.status == "no_data":
            known = other if each is one else one
            told = "" if known.value is None else f"{_said(known)} {_name(pair, known)}. "
            return f"{told}{nothing(each)} So there is nothing to compare."
    what = one.result.metric.title
    shared = _shared(one.plan, other.plan)
    begin = f"{what}{shared}: {_value(one)} {here}, {_value(other)} {there}"
    difference = _difference(pair)
    if one.plan.span.since < other.plan.span.since and one.value != other.value:
        difference += f" {here}"  # the earlier one is mostly what is compared with
    return joined(f"{begin}: {difference}.", _caution(pair))


def compare_table(pair: Pair) -> tuple[tuple[Column, ...], tuple[tuple[Any, ...], ...]]:
    """A row for each side; or for each group, with both values."""
    if pair.groups is not None:
        return _groups_table(pair)
    columns = (
        Column("which", "Which"),
        pair.one.column,
        Column("watched", "Watched", "share"),
    )
    rows = tuple(
        (name, each.value, each.result.watched.share)
        for name, each in zip(pair.names, (pair.one, pair.other), strict=True)
    )
    return columns, rows


def same_length(plan: Plan, now: int) -> Reading | None:
    """A comparison of a window that is not over with as much of the other one, if there is such."""
    other = plan.against
    if other is None or not plan.span.since < now < plan.span.until <= plan.span.since + _LONG:
        return None
    until = other.span.since + now - plan.span.since
    if other.span.since == plan.span.since or not until < other.span.until:
        return None
    told = f"{other.span.words} up to the same time" if other.span.words else ""
    cut = replace(plan, against=replace(other, span=Span(other.span.since, until, told)))
    return Reading(say_plan(cut), cut)


_LONG = 40 * 86_400_000


def _difference(pair: Pair) -> str:
    a, b = pair.values
    metric = pair.one.plan.metric
    if a is None or b is None:
        return "there is no difference to tell"
    if metric in _TIMES:
        return _moments_apart(pair, int(a), int(b))
    if a == b:
        return "no difference"
    gap = _apart(pair, abs(a - b))
    much = f"{gap} {'more' if a > b else 'less'}"
    if kind_of(metric) == "number" and is_count(metric) and a < b:
        much = f"{gap} fewer"
    return much if not b else f"{much} ({percent(abs(a - b) / abs(b))})"


def _apart(pair: Pair, value: float) -> str:
    """An amount of the same kind as the pair's values, without what it is of."""
    kind = kind_of(pair.one.plan.metric)
    return words.lasting(value) if kind == "seconds" else words.number(value)


def _moments_apart(pair: Pair, a: int, b: int) -> str:
    """Of two moments of one window the time between them; of two windows by the time of day."""
    seconds = (a - b) / 1000
    if pair.one.plan.span != pair.other.plan.span:
        seconds = _time_of_day(a, pair.one.plan) - _time_of_day(b, pair.other.plan)
    if not round(seconds):
        return "no difference"
    return f"{words.lasting(abs(seconds))} {'later' if seconds > 0 else 'earlier'}"


def _time_of_day(t: int, plan: Plan) -> int:
    local = datetime.fromtimestamp(t / 1000, zone(plan.timezone))
    return local.hour * 3600 + local.minute * 60 + local.second


def _caution(pair: Pair) -> str:
    """What makes the two hard to compare: not watched alike, or one of them is not over."""
    a, b = pair.one.result.watched, pair.other.result.watched
    here, there = pair.names
    if abs(a.share - b.share) > ALIKE:
        return (
            f"They were not watched alike: {words.share(a.share)} of the time {here} and"
            f" {words.share(b.share)} {there}, so part of the difference can come from that."
        )
    if a.share == b.share < SURE:
        return watched(a, pair.one.plan.metric).replace("the number", "the numbers")
    if min(a.share, b.share) < SURE:
        return (
            f"Watched {words.share(a.share)} of the time {here} and {words.share(b.share)} {there}:"
            " the numbers can be too low."
        )
    now = pair.one.selection.now
    running = [
        name
        for name, each in zip(pair.names, (pair.one, pair.other), strict=True)
        if each.plan.span.since < now < each.plan.span.until
    ]
    if len(running) == 1 and pair.one.plan.span != pair.other.plan.span:
        return f"The window “{running[0]}” is not over yet."
    return ""


def _said(found: Computed) -> str:
    return f"{amount(found, found.value, found.tracks)}{whose(found.plan)}"


def _value(found: Computed) -> str:
    """A side's value in a comparison."""
    if found.value is None:
        return "none"
    if is_count(found.plan.metric):
        beside = f" ({words.number(found.tracks)} tracks)" if found.tracks is not None else ""
        return f"{words.number(found.value)}{beside}"
    return amount(found, found.value)


def _name(pair: Pair, which: Computed) -> str:
    return pair.names[0 if which is pair.one else 1]


_NO_CLOCK: dict[str, tuple[int, ...]] = {"hours": (), "weekdays": ()}
_BEFORE = {"labels": "of ", "sources": "at ", "zones": "in ", "lines": "over ", "directions": ""}


def _names(one: Plan, other: Plan) -> tuple[str, str]:
    """What the two differ in."""
    if one.span != other.span:
        return when(one), when(other)
    for field, before in _BEFORE.items():
        sides = getattr(one, field), getattr(other, field)
        if sides[0] != sides[1]:
            say = plural if field == "labels" else named
            here, there = (f"{before}{all_of(map(say, side))}" if side else "all" for side in sides)
            return here, there
    clocks = replace(one, **_NO_CLOCK), replace(other, **_NO_CLOCK)  # type: ignore[arg-type]
    if clocks[0] == clocks[1]:
        bare = len(whose(clocks[0]))
        return whose(one)[bare:].strip(" ,"), whose(other)[bare:].strip(" ,")
    if one.metric != other.metric:
        return (one.metric.replace("_", " "), other.metric.replace("_", " "))
    return whose(one).strip() or "first", whose(other).strip() or "second"


def _shared(one: Plan, other: Plan) -> str:
    """What both have in common, and when, where that is the same."""
    if one.span != other.span:
        return whose(one) if whose(one) == whose(other) else ""
    apart = [name for name in _BEFORE if getattr(one, name) != getattr(other, name)]
    bare = dict.fromkeys(apart or tuple(_NO_CLOCK), ())
    text = whose(replace(one, **bare))  # type: ignore[arg-type]
    if "labels" in apart:
        text = text.replace(" of objects", "", 1)
    return f"{text}, {when(one)}"


def _groups_table(pair: Pair) -> tuple[tuple[Column, ...], tuple[tuple[Any, ...], ...]]:
    assert pair.groups is not None
    one, other = pair.groups
    here, there = pair.names
    kind = one.found.column.kind
    shown = [Column(each, each.capitalize()) for each in one.by]
    columns = (*shown, Column("first", here, kind), Column("second", there, kind))
    if "bucket" in one.by:  # the first of one beside the first of the other
        sides = zip(one.every, other.every, strict=False)
        return columns, tuple((*cells(one.by, a.key), a.value, b.value) for a, b in sides)
    values = [{each.key: each.value for each in side.every} for side in (one, other)]
    keys = dict.fromkeys([*values[0], *values[1]])
    return columns, tuple(
        (*cells(one.by, key), *(side.get(key) for side in values)) for key in keys
    )


# a share


def share_of(pair: Pair) -> float | None:
    """0 to 1; None where there is nothing to have a share of, or nothing was recorded."""
    a, b = pair.values
    if not b or a is None or "no_data" in (pair.one.status, pair.other.status):
        return None
    return a / b


def share_status(pair: Pair) -> Status:
    if "no_data" in (pair.one.status, pair.other.status):
        return "no_data"
    return "ok" if share_of(pair) else "zero"


def share_text(pair: Pair) -> str:
    """The share, and the two numbers that it is of."""
    one, other = pair.one, pair.other
    for each in (one, other):
        if each.status == "no_data":
            return f"{nothing(each)} So there is no share to tell."
    share = share_of(pair)
    whole = f"{_said(other)}, {when(other.plan)}"
    if share is None:
        return f"{none(other)} So there is nothing to have a share of."
    apart = f", {when(one.plan)}," if one.plan.span != other.plan.span else ""
    text = f"{_percent(share)}: {_said(one)}{apart} out of {whole}."
    return joined(text, _caution(pair))


def share_table(pair: Pair) -> tuple[tuple[Column, ...], tuple[tuple[Any, ...], ...]]:
    """The part, the whole and the share in one row."""
    columns = (
        Column("part", "Part", pair.one.column.kind),
        Column("whole", "Whole", pair.other.column.kind),
        Column("share", "Share", "share"),
    )
    return columns, ((pair.one.value, pair.other.value, share_of(pair)),)


def _percent(share: float) -> str:
    return words.share(share) if share <= 1 else percent(share)
