"""What came of a plan, in sentences: the number, a zero, nothing recorded, and what was watched."""

from __future__ import annotations

from typing import Any

from ...charts import words
from ...metrics import Watched
from ..answer import Answer, Column, Evidence, Status, Value
from ..saying import kind_of, place, say_value, when, whose
from .computing import Computed, evidence_of

SURE = 0.99
"""Share of a window from which on it counts as watched."""

_NOUNS = {
    "visits": ("visit", "visits"),
    "tracks": ("track", "tracks"),
    "arrivals": ("arrival", "arrivals"),
    "departures": ("departure", "departures"),
    "crossings": ("crossing", "crossings"),
    "detections": ("detection", "detections"),
}


def is_count(metric: str) -> bool:
    """Whether a metric counts things that are there or not."""
    return metric in _NOUNS


def amount(found: Computed, value: float | int | None, tracks: int | None = None) -> str:
    """A value with what it is of: "57 visits (63 tracks)", "2 min 5 s", "5 at once"."""
    name, metric = found.plan.metric, found.result.metric
    shown = say_value(kind_of(name), value, found.plan.timezone, found.selection.now)
    if name in _NOUNS:
        beside = "" if tracks is None else f" ({counted(tracks, 'tracks')})"
        return f"{shown} {_NOUNS[name][value != 1]}{beside}"
    unit = "" if metric.unit in ("", "seconds") or kind_of(name) == "time" else f" {metric.unit}"
    return f"{shown}{unit}"


def counted(value: int, metric: str) -> str:
    """A number of something that is counted: "1 track"."""
    return f"{words.number(value)} {_NOUNS[metric][value != 1]}"


def told(found: Computed) -> str:
    """A number in a sentence, whatever its status is."""
    plan = found.plan
    if found.status == "no_data":
        return nothing(found)
    if found.status == "zero":
        return none(found)
    if is_count(plan.metric):
        return f"{amount(found, found.value, found.tracks)}{whose(plan)}, {when(plan)}."
    title = found.result.metric.title
    beside = f"{_share(found)}{_kmh(found)}{_by_whom(found)}"
    return f"{title}{whose(plan)}, {when(plan)}: {amount(found, found.value)}{beside}."


def share_of_time(found: Computed) -> float | None:
    """What part of the time that has passed was watched, or was not; of other metrics None."""
    part, name = found.result.watched, found.plan.metric
    if name not in ("observed", "unwatched") or not part.possible:
        return None
    return part.share if name == "observed" else 1 - part.share


def kilometres(found: Computed) -> float | None:
    """A speed in kilometres an hour; of other metrics None."""
    speed = found.plan.metric.startswith("speed_") and found.value is not None
    return round(float(found.value or 0) * 3.6, 1) if speed else None


def _kmh(found: Computed) -> str:
    speed = kilometres(found)
    return "" if speed is None else f" ({speed:.1f} km/h)"


def _share(found: Computed) -> str:
    share = share_of_time(found)
    return "" if share is None else f", {words.share(share)} of that time"


def none(found: Computed) -> str:
    """Recorded, and none."""
    plan, metric = found.plan, found.result.metric
    if is_count(plan.metric):
        return f"None: no {_NOUNS[plan.metric][1]}{whose(plan)}, {when(plan)}."
    if found.value is not None:
        return f"{metric.title}{whose(plan)}, {when(plan)}: {amount(found, found.value)}."
    there = "were followed on the floor" if metric.kind == "pace" else "were there"
    return (
        f"There is no {metric.title.lower()}{whose(plan)}, {when(plan)}: it was watched, and none"
        f" {there}."
    )


def nothing(found: Computed) -> str:
    """Nothing was recorded, and why."""
    plan, now = found.plan, found.selection.now
    if not found.selection.sources:
        return "Nothing was ever recorded in this database."
    if plan.span.since >= now:
        return f"That time is still to come ({when(plan)}): nothing is known of it."
    lost = words.coverage(found.result.watched)
    why = f" ({lost.partition(' (')[2]}" if " (" in lost else ""
    return (
        f"Nothing was recorded{place(plan)}, {when(plan)}{why}: that does not mean that nobody was"
        " there."
    )


def watched(part: Watched, metric: str, none: bool = False) -> str:
    """A sentence on how much was watched; empty where it is as good as all."""
    if not part.possible or part.share >= SURE or metric in ("observed", "unwatched"):
        return ""
    effect = "the number can be too low" if is_count(metric) else "the number can be off"
    if none and is_count(metric):
        effect = "some can have been missed"
    if not part.observed:
        effect = "more is not known"
    text = words.coverage(part)
    return f"{text[:1].upper()}{text[1:]}: {effect}."


def answer_of(
    found: Computed,
    text: str,
    status: Status,
    value: Value,
    columns: tuple[Column, ...],
    rows: tuple[tuple[Any, ...], ...],
    evidence: Evidence,
) -> Answer:
    """An answer with what a computed plan gives to it."""
    part, metric = found.result.watched, found.result.metric
    if status != "no_data":
        text = joined(text, watched(part, metric.name, status == "zero"))
    return Answer(
        "",
        status,
        text,
        value,
        columns,
        rows,
        coverage=part,
        metric=metric,
        sql=found.result.sql,
        evidence=evidence,
    )


def joined(*sentences: str) -> str:
    """Sentences as a text; those that say nothing are left out."""
    return " ".join(filter(None, sentences))


def _by_whom(found: Computed) -> str:
    """Where somebody was first or last seen."""
    if found.plan.metric not in ("first_seen", "last_seen") or len(found.plan.sources) == 1:
        return ""
    ids = evidence_of(found).tracks
    tracks = found.selection.tracks
    at = {int(source) for id, source in zip(tracks.id, tracks.source, strict=True) if id in ids}
    names = [source.name for source in found.selection.sources if source.id in at]
    return f" at {names[0]}" if len(names) == 1 else ""
