"""A plan, computed: an answer with its working.

What `value` is: of a number that number (times in ms since 1970 UTC, shares 0 to 1); "yes" or "no";
of groups with a limit of one the name of the group, or a list of those that are level; of other
groups a list of their values in the order of the rows; of a mean that number; of tracks a list of
their ids; of a comparison both values; of what is known a list of names; None where there is none.

What `sql` gives: the number itself; of groups and of means that of all groups together; of tracks
how many there are; of a comparison or a share both numbers in one row.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace

from ...errors import TrackingError
from ...metrics import METRICS
from ...times import known_zone
from ..answer import Answer, Column, Reading, Value
from ..plan import Plan
from ..reading import Read, Unread
from ..saying import all_of, either, named, say_plan
from ..world import World, world_of
from .computing import Computed, computed, evidence_of, together, unseen_labels
from .group_answers import answer_groups, answer_mean
from .knowing import known
from .pairs import (
    Pair,
    compare_status,
    compare_table,
    compare_text,
    paired,
    same_length,
    share_of,
    share_status,
    share_table,
    share_text,
)
from .telling import answer_of, joined, kilometres, share_of_time, told
from .tracks import listed


def answer_plan(
    connection: sqlite3.Connection,
    plan: Plan,
    now: int,
    question: str = "",
    read: Read | None = None,
    world: World | None = None,
) -> Answer:
    """What a plan asks for, computed over all rows. now: ms since 1970 UTC.

    read: how the question was read; what was corrected and assumed is told. world: what the record
    knows at that moment, where that has been looked up already. Raises nothing: what cannot be
    computed is an answer with the status "failed".
    """
    begun = time.perf_counter()
    try:
        world = world or world_of(connection, now)
        found = _answered(connection, plan.checked(), world)
        notes = _notes(world, plan)
    except (TrackingError, sqlite3.Error) as error:
        text = f"This could not be computed: {error}."
        found, notes = Answer("", "failed", text, metric=METRICS.get(plan.metric)), ()
    taken = Reading("", plan) if read is None else read.taken
    others = (*found.others, *(() if read is None else read.others))
    return replace(
        found,
        question=question,
        reading=_in_words(taken.words, plan),
        others=tuple(filter(None, (_in_words(each.words, each.plan) for each in others))),
        timezone=known_zone(plan.timezone),
        chart=plan.chart or found.chart,
        notes=(*_read_notes(read), *found.notes, *notes),
        seconds=time.perf_counter() - begun,
    )


def answer_unread(question: str, unread: Unread) -> Answer:
    """The answer to a question that could not be read: names the words, offers others."""
    text = unread.why.strip()
    new = [word for word in unread.words if word not in text and word.rstrip("s") not in text]
    together = " ".join(unread.words)
    if new and together.casefold() in question.casefold():
        text = joined(f"{text.rstrip('.')}:", f"“{together}”.")
    elif new:
        said = either(f"“{word}”" for word in new)
        text = joined(f"{text.rstrip('.')}.", f"Nothing could be made of {said}.")
    return Answer(
        question,
        "not_understood",
        text or "The question could not be read.",
        unread=unread.words,
        suggestions=unread.suggestions,
    )


def _answered(connection: sqlite3.Connection, plan: Plan, world: World) -> Answer:
    if plan.shape == "known":
        return known(plan, world)
    if plan.shape == "list":
        return listed(connection, plan, world)
    if plan.relation:
        return _related(paired(connection, plan, world), world.now)
    if plan.by and plan.fold:
        return answer_mean(connection, plan, world)
    if plan.by:
        return answer_groups(connection, plan, world)
    return _number(computed(connection, plan, world))


# one number


def _number(found: Computed) -> Answer:
    value: Value = found.value
    text = told(found)
    if found.plan.shape in ("yes", "empty"):
        value, text = _yes_or_no(found, text)
    columns: tuple[Column, ...] = (found.column,)
    row: tuple[object, ...] = (found.value,)
    if found.tracks is not None:
        columns, row = (*columns, Column("tracks", "Tracks", "number")), (*row, found.tracks)
    if (share := share_of_time(found)) is not None and found.status == "ok":
        columns, row = (*columns, Column("share", "Share of the time", "share")), (*row, share)
    if (speed := kilometres(found)) is not None:
        columns, row = (*columns, Column("kmh", "km/h", "number")), (*row, speed)
    return answer_of(found, text, found.status, value, columns, (row,), evidence_of(found))


def _yes_or_no(found: Computed, text: str) -> tuple[Value, str]:
    """Whether there were any, or whether it was empty."""
    if found.status == "no_data":
        if found.plan.metric == "observed" and found.result.watched.possible:
            return "no", f"No: {text}"  # that it was not watched is what is asked
        return None, text
    there = found.status == "ok"
    yes = there == (found.plan.shape == "yes")
    if not there:
        text = text.removeprefix("None: ")
    return ("yes" if yes else "no"), f"{'Yes' if yes else 'No'}: {text}"


# two plans


def _related(pair: Pair, now: int) -> Answer:
    one, plan = pair.one, pair.one.plan
    evidence = together([evidence_of(pair.one), evidence_of(pair.other)])
    if pair.is_share:
        columns, rows = share_table(pair)
        text, status = share_text(pair), share_status(pair)
        value: Value = share_of(pair)
    else:
        columns, rows = compare_table(pair)
        text, status, value = compare_text(pair), compare_status(pair), list(pair.values)
    return Answer(
        "",
        status,
        text,
        value,
        columns,
        rows,
        others=tuple(filter(None, [None if pair.is_share else same_length(pair.plan, now)])),
        coverage=pair.watched,
        metric=one.result.metric,
        sql=pair.sql,
        chart="" if pair.is_share or plan.metric in ("first_seen", "last_seen") else "bar",
        evidence=evidence,
    )


# what has to be known besides


def _in_words(words: str, plan: Plan) -> Reading | None:
    """A reading in words; None of a time or a time zone that there is not."""
    try:
        return Reading(words or say_plan(plan), plan)
    except (TrackingError, ValueError, OverflowError, OSError):
        return None


def _read_notes(read: Read | None) -> list[str]:
    if read is None:
        return []
    taken = [f"I took “{word}” for {named(name)}." for word, name in read.corrected]
    return [*taken, *(_sentence(each) for each in read.assumed)]


def _notes(world: World, plan: Plan) -> tuple[str, ...]:
    """What has to be known about names and clocks."""
    notes = []
    for label in unseen_labels(world, plan) if plan.shape != "known" else ():
        has = f"the labels are {all_of(map(named, world.labels[:12]))}" if world.labels else ""
        notes.append(
            joined(f"No track ever had the label {named(label)}" + (f": {has}." if has else "."))
        )
    zones = {s.timezone for s in world.sources if not plan.sources or s.name in plan.sources}
    if len(zones) > 1 and (plan.hours or plan.weekdays or {"hour", "weekday"} & set(plan.by)):
        notes.append("Hours and weekdays are those of each source's own clock.")
    if plan.shape != "known" and zones - {plan.timezone}:
        notes.append(f"Times are those of {plan.timezone}.")
    return tuple(notes)


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
