"""Windows that a question leaves open, and those just before the ones that it names."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from ...times import zone
from ..plan import Span
from ..times.when import When, read_when
from ..words import Word, words_of
from ..world import World

_BEFORE = {
    "today": "yesterday",
    "yesterday": "the day before yesterday",
    "this week": "last week",
    "this month": "last month",
    "this morning": "yesterday morning",
    "this afternoon": "yesterday afternoon",
}
DAY = 86_400_000
_MOMENT = 120_000


def times_in(words: tuple[Word, ...], free: set[int], world: World, known: set[str]) -> list[When]:
    """The times named with those words. known: words of names, which are never misspelt times."""
    return read_when(
        words, world.now, world.timezone(), world.recorded, free=free, names=frozenset(known)
    )


def said(text: str, world: World, timezone: str) -> When | None:
    """The time that a few words stand for, if it is one."""
    words = words_of(text)
    found = read_when(words, world.now, timezone, world.recorded)
    if len(found) != 1 or found[0].problem or len(found[0].used) < len(words):
        return None
    return found[0]


def meant(text: str, world: World, timezone: str) -> Span | None:
    """The window that a few words stand for."""
    found = said(text, world, timezone)
    return found.span if found is not None else None


def ever(world: World, timezone: str) -> Span:
    """Everything recorded."""
    if span := meant("so far", world, timezone):
        return span
    since, until = world.recorded or (world.now - DAY, world.now)
    return Span(since, max(until, world.now) + 1, "everything recorded")


def usual_span(world: World, timezone: str) -> Span:
    """Today."""
    return meant("today", world, timezone) or Span(world.now - DAY, world.now, "the last 24 hours")


def right_now(world: World, timezone: str) -> Span:
    """The present moment."""
    return meant("right now", world, timezone) or Span(world.now - 60_000, world.now, "right now")


def shifted(span: Span, unit: str, timezone: str, later: bool = False) -> Span:
    """The same window a day, a week or a month earlier, or later, on the clock of a zone."""
    ends = _ends(span, timezone)
    if unit == "month":
        move = _month_later if later else _month_earlier
        since, until = (move(each) for each in ends)
    else:
        days = timedelta(days=7 if unit == "week" else 1)
        since, until = (each + days if later else each - days for each in ends)
    words = f"the {unit} {'after' if later else 'before'} {span.words}" if span.words else ""
    return Span(round(since.timestamp() * 1000), round(until.timestamp() * 1000), words)


def is_part_of_a_day(span: Span, timezone: str) -> bool:
    """Whether it is more than a moment of one day, and less than all of it."""
    begin, end = _ends(span, timezone)
    last = _ends(Span(span.since, span.until - 1), timezone)[1]
    whole = begin.time() == end.time() == time()
    return span.until - span.since > _MOMENT and begin.date() == last.date() and not whole


def same_hours(span: Span, timed: Span, timezone: str) -> Span | None:
    """A whole day at the hours of a part of another one; None where they are not these two."""
    begin, end = _ends(span, timezone)
    midnights = begin.time() == end.time() == time()
    one = begin.date() + timedelta(days=1) == end.date()
    since, until = _ends(timed, timezone)
    away = begin.date() - since.date()
    if not (midnights and one and away and is_part_of_a_day(timed, timezone)):
        return None
    since, until = since + away, until + away
    last = "24:00" if until == end else f"{until:%H:%M}"
    words = f"{span.words}, {since:%H:%M} to {last}"
    return Span(round(since.timestamp() * 1000), round(until.timestamp() * 1000), words)


def _ends(span: Span, timezone: str) -> tuple[datetime, datetime]:
    since, until = (
        datetime.fromtimestamp(t / 1000, zone(timezone)) for t in (span.since, span.until)
    )
    return since, until


def _month_earlier(moment: datetime) -> datetime:
    last = moment.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(moment.day, last.day))


def _month_later(moment: datetime) -> datetime:
    first = (moment.replace(day=28) + timedelta(days=4)).replace(day=1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(moment.day, last.day))


def span_before(span: Span, world: World, timezone: str) -> Span | None:
    """The window to compare one with: yesterday for today, last week for this one."""
    if text := _BEFORE.get(span.words.casefold()):
        return meant(text, world, timezone)
    return None


def span_after(span: Span, world: World, timezone: str) -> Span | None:
    """The window that is compared with one, where only that is named: this week with last week."""
    words = span.words.casefold().removeprefix("since ")
    for later, earlier in _BEFORE.items():
        if earlier == words:
            return meant(later, world, timezone)
    return None
