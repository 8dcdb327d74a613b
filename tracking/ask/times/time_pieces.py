"""What pieces of a question say of when, as values, and which of them speak of one time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from ...localtime import DAY
from .calendar_days import Days, refined
from .hours_said import Clock, Part
from .local_clock import Here
from .time_words import SECONDS, Amount


@dataclass(frozen=True, slots=True)
class Reach:
    """From one moment to another, ms since 1970 UTC. others: what it could be, too."""

    since: int
    until: int
    words: str
    others: tuple[Reach, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """What the words from start to end say. used: places of all its words, also of those merged.

    whole: only that all of it is meant, as in "all day". tight: the part belongs to these days
    alone, as in "this morning". since: of a reach that begins with a time of an unnamed day.
    each: of every day that is meant, as in "in the mornings". leads: its part stands before its
    days, as in "at lunch yesterday". back: counted from the days named before. less: its weekdays
    are those that are left of longer days.
    """

    start: int
    end: int
    used: frozenset[int] = frozenset()
    days: Days | None = None
    clock: Clock | None = None
    part: Part | None = None
    weekdays: tuple[int, ...] = ()
    reach: Reach | None = None
    since: Clock | None = None
    now: bool = False
    everything: bool = False
    whole: bool = False
    tight: bool = False
    each: bool = False
    leads: bool = False
    back: bool = False
    less: bool = False
    assumed: tuple[str, ...] = ()
    problem: str = ""

    @property
    def bare(self) -> bool:
        """Says no day."""
        return not (self.days or self.reach or self.now or self.everything or self.problem)

    @property
    def timed(self) -> bool:
        """Says a time of the day."""
        return self.clock is not None or self.part is not None


def merged(a: Piece, b: Piece, here: Here) -> Piece | None:
    """Two pieces that speak of one time, as one; None where they speak of two."""
    if a.problem or b.problem:
        if not (a.problem and b.problem) and (a.bare or b.bare):
            return replace(a, problem=a.problem or b.problem, used=a.used | b.used, end=b.end)
        return None
    if a.now or b.now or a.everything or b.everything:
        return None
    if a.part is not None and b.part is not None and a.part != b.part:
        return None
    if (a.less and b.days and b.days.single) or (b.less and a.days and a.days.single):
        return None  # of one day no other day can be left out
    if a.clock is not None and b.clock is not None and a.clock != b.clock:
        return _bounds(a, b)
    if a.weekdays and b.weekdays and a.weekdays != b.weekdays:
        return None
    days, reach = a.days or b.days, a.reach or b.reach
    since = a.since or b.since
    if since is not None and days is not None and not (a.timed or b.timed):
        return Piece(a.start, b.end, a.used | b.used, days, since)
    if a.days is not None and b.days is not None:
        days = _one_of(a, b, here)
        if days is None:
            return None
    if a.reach is not None and b.reach is not None:
        return None
    until = reach is not None and reach.words.startswith("until ")
    if until and (a.part or b.part) and not (a.each or b.each):
        return None  # "until 8 yesterday evening" is not every evening until then
    if reach is not None and _goes_on_to_now(reach) and not (a.each or b.each):
        short = reach.until - reach.since <= DAY
        if a.tight or b.tight or (short and (a.timed or b.timed)):
            return None  # what goes on from this morning does not end with it
    if reach is not None and days is not None:
        begin, end = here.at(days.first), here.at(days.last + timedelta(days=1))
        if not (begin <= reach.since and reach.until <= end):
            return None
        days = None
    clock = a.clock or b.clock
    if reach is not None and clock is not None and clock.kind == "around":
        clock = clock if reach.until - reach.since > DAY else None  # it says that already
    return Piece(
        a.start,
        b.end,
        a.used | b.used,
        days,
        clock,
        a.part or b.part,
        a.weekdays or b.weekdays,
        reach,
        tight=a.tight or b.tight,
        each=a.each or b.each,
        leads=a.leads or (a.part is not None and a.bare and b.days is not None),
        back=a.back or b.back,
        assumed=(*a.assumed, *b.assumed),
        problem=days.problem if days is not None else "",
    )


def _goes_on_to_now(reach: Reach) -> bool:
    return reach.words.startswith("since ")


def _one_of(a: Piece, b: Piece, here: Here) -> Days | None:
    assert a.days is not None and b.days is not None
    if a.whole or b.whole:
        return b.days if a.whole else a.days
    if a.days == b.days:
        return a.days
    sorts = {(days.sort, days.single) for days in (a.days, b.days)}
    if sorts == {("date", True), ("", False)}:
        return None  # "from 9 nov, 7 to 11 nov"
    return refined(a.days, b.days, here) or refined(b.days, a.days, here)


def _bounds(a: Piece, b: Piece) -> Piece | None:
    """After 9 and before 12: between the two."""
    assert a.clock is not None and b.clock is not None
    kinds = {a.clock.kind: a.clock, b.clock.kind: b.clock}
    if set(kinds) != {"after", "before"}:
        return None
    part = a.clock.part or b.clock.part
    clock = Clock("between", kinds["after"].first, kinds["before"].first, part)
    days = a.days or b.days
    if a.days is not None and b.days is not None and a.days != b.days:
        return None
    used = a.used | b.used | (frozenset((a.end,)) if b.start == a.end + 1 else frozenset())
    return Piece(a.start, b.end, used, days, clock, weekdays=a.weekdays or b.weekdays)


def say_amount(much: Amount) -> str:
    """2 hours, 90 minutes, 1 hour 30 minutes."""
    seconds = round(much.seconds)
    sizes = [(size, unit) for unit, size in sorted(SECONDS.items(), key=lambda each: -each[1])]
    if seconds % 60 == 0 and much.count != round(much.count) and seconds < 10_800:
        sizes = [(60, "minute")]
    elif much.count == round(much.count):
        sizes = [(SECONDS[much.unit], much.unit), *sizes]
    parts = []
    for size, unit in sizes:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}{'s' if count != 1 else ''}")
    return " ".join(parts)


def to_come(words: str) -> str:
    """Why there is nothing to tell of that."""
    return f"That is still to come ({words}); the record holds what was seen"


def noted(days: Days) -> tuple[str, ...]:
    return (days.assumed,) if days.assumed else ()
