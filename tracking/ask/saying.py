"""Plans and values in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ..charts import words
from ..metrics import METRICS
from ..times import zone
from .answer import Column, Kind
from .plan import Plan, Span

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_PLURALS = {
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "mouse": "mice",
    "knife": "knives",
    "sheep": "sheep",
    "deer": "deer",
    "skis": "skis",
    "scissors": "scissors",
}
_ORDERED = {
    "stay": ("the longest stay", "the shortest stay"),
    "first_seen": ("the latest first sighting", "the earliest first sighting"),
    "last_seen": ("the latest sighting", "the earliest sighting"),
    "confidence": ("the highest confidence", "the lowest confidence"),
}
_ONCE = ("visits", "tracks")
_OF_NOBODY = ("observed", "unwatched")
_DIMENSIONS = {"hour": "hour of the day", "label": "kind", "bucket": "time"}


def say_plan(plan: Plan) -> str:
    """A plan in one sentence, without its full stop; everything that it holds is in it."""
    text = _said(plan)
    if plan.against is not None:
        text += f", {_LINKS[plan.relation]} {_other(plan.against, plan)}"
    if plan.chart and plan.chart != "none":
        text += f", as a {plan.chart} chart"
    return text[:1].upper() + text[1:]


_LINKS = {"compare": "compared with", "share": "as a share of", "": "with"}


def say_window(span: Span, timezone: str) -> str:
    """As it was said, and from when to when: today (Fri 20 Nov 2026, Europe/Berlin)."""
    exactly = f"{say_stretch(span.since, span.until, timezone)}, {timezone}"
    return f"{span.words} ({exactly})" if span.words else exactly


def say_moment(t: int, timezone: str, now: int | None = None) -> str:
    """A moment as a zone's clock shows it; with the day, unless that is the day of `now`."""
    text = words.moment(t, timezone)
    if now is not None and _day(t, timezone) == _day(now, timezone):
        return text.rpartition(", ")[2]
    return text


def say_stretch(since: int, until: int, timezone: str, now: int | None = None) -> str:
    """From when to when; the day as with `say_moment`, and no hours where these are whole days."""
    begin, end = (datetime.fromtimestamp(t / 1000, zone(timezone)) for t in (since, until))
    if not (begin.hour or begin.minute or end.hour or end.minute) and begin < end:
        first, last = (words.moment(t, timezone).rpartition(", ")[0] for t in (since, until - 1))
        return first if first == last else f"{first} to {last}"
    first, last = say_moment(since, timezone, now), say_moment(until, timezone, now)
    if begin.date() == end.date():
        last = last.rpartition(", ")[2]
    return f"{first} to {last}"


def say_value(
    kind: Kind, value: float | None, timezone: str = "UTC", now: int | None = None
) -> str:
    """A value in words; kind: as of a column: number, seconds, time or share."""
    if value is None or value != value:
        return "–"
    if kind == "time":
        return say_moment(round(value), timezone, now)
    if kind == "seconds":
        return words.lasting(value)
    return words.share(value) if kind == "share" else words.number(value)


def say_cell(column: Column, value: object, timezone: str) -> str:
    """A cell of an answer's table as a person reads it."""
    if isinstance(value, str):
        return value
    if value is None or not isinstance(value, int | float):
        return "–" if value is None else str(value)
    if column.kind == "time":
        return words.moment(round(value), timezone, seconds=value % 60_000 != 0)
    return say_value(column.kind, value, timezone)


def kind_of(metric: str) -> Kind:
    """How values of a metric are shown: the kind of its column."""
    known = METRICS.get(metric)
    if metric in ("first_seen", "last_seen"):
        return "time"
    return "seconds" if known is not None and known.unit == "seconds" else "number"


def percent(part: float) -> str:
    """A change in percent, to the whole number; never 0 % of what is something."""
    return "under 1 %" if 0 < part < 0.005 else f"{round(part * 100):,} %"


def plural(label: str) -> str:
    """Several of a label: "people" for "person"; a label that is no plain word stays as it is."""
    if not re.fullmatch(r"[a-z]+([ -][a-z]+)*", label):
        return named(label)
    start, space, last = label.rpartition(" ")
    if last in _PLURALS:
        ending = _PLURALS[last]
    elif re.search(r"(s|x|z|ch|sh)$", last):
        ending = f"{last}es"
    elif re.search(r"[^aeiou]y$", last):
        ending = f"{last[:-1]}ies"
    else:
        ending = f"{last}s"
    return f"{start}{space}{ending}"


def objects(labels: Sequence[str], count: float | None = None) -> str:
    """What is counted, in the plural, or in the singular for one."""
    if not labels:
        return "object" if count == 1 else "objects"
    return either([named(each) if count == 1 else plural(each) for each in labels])


def named(name: str) -> str:
    """A stranger's name in a sentence: in quotes where it is more than a word or two."""
    name = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in name)).strip()
    if re.fullmatch(r"\w[\w.&'-]*( [\w.&'-]+){0,3}", name) and len(name) <= 40:
        return name
    return f"“{name if len(name) <= 80 else name[:79] + '…'}”"


def all_of(parts: Iterable[str]) -> str:
    """As a list in a sentence: a, b and c."""
    return _listed(list(parts), "and")


def either(parts: Iterable[str]) -> str:
    """As a choice in a sentence: a, b or c."""
    return _listed(list(parts), "or")


def place(plan: Plan) -> str:
    """Where, with its preposition: " in Storage at Warehouse"; empty for everywhere."""
    text = ""
    once = len(plan.zones) > 1 and plan.metric in _ONCE and not {"zone", "source"} & {*plan.by}
    joined = either if once else all_of
    if plan.zones:
        text += f" in {joined(map(named, plan.zones))}{', counted once' if once else ''}"
    if plan.lines:
        text += f" over {all_of(map(named, plan.lines))}"
    if plan.directions:
        text += f" ({either(map(named, plan.directions))})"
    if plan.sources:
        text += f" at {all_of(map(named, plan.sources))}"
    return text


def group(dimension: str, bucket: str) -> str:
    """What it is grouped by, in words."""
    return (bucket if dimension == "bucket" and bucket else None) or _DIMENSIONS.get(
        dimension, dimension
    )


def about(plan: Plan) -> str:
    """What is counted and where, without the window: visits of people at Entrance."""
    if plan.shape == "known":
        return f"the {plan.metric} that the record knows{place(plan)}"
    if plan.shape == "list":
        much = (
            f"the {plan.limit} tracks"
            if plan.limit > 1
            else "the track"
            if plan.limit
            else "tracks"
        )
        return f"{much} of {objects(plan.labels)}{place(plan)}{_narrowed(plan)}"
    return f"{_measured(plan)}{whose(plan)}"


def whose(plan: Plan) -> str:
    """Of what, where, and how it is narrowed: " of people at Entrance"."""
    if plan.metric in _OF_NOBODY:
        return f"{place(plan)}{_narrowed(plan)}"
    return f" of {objects(plan.labels)}{place(plan)}{_narrowed(plan)}"


def when(plan: Plan) -> str:
    """The window as it was said, or from when to when."""
    return plan.span.words or say_window(plan.span, plan.timezone)


def _said(plan: Plan) -> str:
    text = about(plan)
    if plan.shape in ("yes", "empty"):
        be = "were" if text.partition(" ")[0].endswith("s") else "was"
        text = f"whether there {be} {'any' if plan.shape == 'yes' else 'no'} {text}"
    if plan.shape == "list":
        first = _ORDERED.get(plan.metric, _ORDERED["stay"])[plan.order == "least"]
        text += f" with {first}" if plan.limit else f", {first} first"
    elif plan.by:
        text += _by(plan)
    return text if plan.shape == "known" else f"{text}, {say_window(plan.span, plan.timezone)}"


def folded(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The dimensions that a mean goes over, and those that keep a row each."""
    over = tuple(each for each in plan.by if each in ("bucket", "hour", "weekday"))
    rest = tuple(each for each in plan.by if each not in over)
    return (over, rest) if over else (plan.by, ())


def _by(plan: Plan) -> str:
    over, rest = folded(plan) if plan.fold else ((), plan.by)
    text = f", the mean per {_groups(over, plan)}" if plan.fold else ""
    if not rest:
        return text
    text += f", by {_groups(rest, plan)}"
    if plan.order:
        which = "highest" if plan.order == "most" else "lowest"
        few = f" {plan.limit}" if plan.limit > 1 else ""
        text += f", only the {which}{few}" if plan.limit else f", the {which} first"
    elif plan.limit:
        text += f", only the first {plan.limit}"
    return text


def _groups(dimensions: Sequence[str], plan: Plan) -> str:
    return " and ".join(group(each, plan.bucket) for each in dimensions)


def _measured(plan: Plan) -> str:
    """A metric by its title, within a sentence."""
    known = METRICS.get(plan.metric)
    title = known.title if known is not None else plan.metric.replace("_", " ")
    return title[:1].lower() + title[1:]


def _narrowed(plan: Plan) -> str:
    parts = []
    if plan.least is not None:
        more = round(plan.least * 1000) % 1000 == 1
        parts.append(f"that lasted {'more than' if more else 'at least'} {_length(plan.least)}")
    if plan.most is not None:
        less = round(plan.most * 1000) % 1000 == 999
        parts.append(f"that lasted {'less than' if less else 'at most'} {_length(plan.most)}")
    text = f" {' and '.join(parts)}" if parts else ""
    if plan.weekdays:
        text += f", on {_days(plan.weekdays)}"
    if plan.hours:
        text += f", from {all_of(_hours(plan.hours))} of the day"
    return text


def _length(seconds: float) -> str:
    """A limit of a stay; the millisecond by which it is more or less than that is not told."""
    whole = round(seconds)
    return words.lasting(whole if abs(seconds - whole) < 0.0015 else seconds)


def _days(weekdays: Sequence[int]) -> str:
    days = sorted(set(weekdays))
    if days == [0, 1, 2, 3, 4]:
        return "Mondays to Fridays"
    return all_of(f"{WEEKDAYS[day]}s" for day in days)


def _hours(hours: Sequence[int]) -> list[str]:
    """Hours as stretches: "22:00 to 06:00"; a run that goes over midnight is one."""
    wanted = set(hours)
    begins = [hour for hour in sorted(wanted) if (hour - 1) % 24 not in wanted] or [0]
    found = []
    for begin in begins:
        end = begin + 1
        while end % 24 in wanted and end - begin < 24:
            end += 1
        found.append(f"{begin:02}:00 to {'24' if end == 24 else f'{end % 24:02}'}:00")
    return found


def _other(plan: Plan, than: Plan) -> str:
    """A plan that another one is compared with: only what is different."""
    if plan == replace(than.alone(), span=plan.span):
        return say_window(plan.span, plan.timezone)
    text = about(plan)
    return text if plan.span == than.span else f"{text}, {say_window(plan.span, plan.timezone)}"


def _listed(parts: list[str], last: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def _day(t: int, timezone: str) -> object:
    return datetime.fromtimestamp(t / 1000, zone(timezone)).date()
