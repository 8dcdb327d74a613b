"""Times of day, as people say them: half of them do not say which half of the day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..parsing.quantities import number
from .local_clock import MIDNIGHT
from .time_words import Text

NOON = 12 * 60


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day. begin, end: minutes after its midnight; an end may be on the next day."""

    name: str
    begin: int
    end: int

    def holds(self, minutes: int) -> bool:
        """Whether somebody who names a time of day with this part may mean that one."""
        begin, end = _SAID_OF.get(self.name, (self.begin, self.end))
        return begin <= minutes < end or begin <= minutes + MIDNIGHT < end


_SAID_OF = {
    "morning": (0, NOON),
    "afternoon": (NOON, 20 * 60),
    "evening": (16 * 60, MIDNIGHT),
    "night": (18 * 60, MIDNIGHT + 7 * 60),
    "tonight": (16 * 60, MIDNIGHT + 7 * 60),
    "lunch": (11 * 60, 15 * 60),
    "early hours": (0, 7 * 60),
}

MORNING = Part("morning", 6 * 60, NOON)
AFTERNOON = Part("afternoon", NOON, 18 * 60)
EVENING = Part("evening", 18 * 60, 22 * 60)
NIGHT = Part("night", 22 * 60, MIDNIGHT + 6 * 60)
EARLY = Part("early hours", 0, 6 * 60)
LUNCH = Part("lunch", NOON, 14 * 60)
TONIGHT = Part("tonight", 18 * 60, MIDNIGHT + 6 * 60)

PARTS = {
    "morning": MORNING, "mornings": MORNING, "forenoon": MORNING,
    "afternoon": AFTERNOON, "afternoons": AFTERNOON, "arvo": AFTERNOON,
    "evening": EVENING, "evenings": EVENING, "night": NIGHT, "nights": NIGHT,
    "nighttime": NIGHT, "overnight": NIGHT,
    "lunch": LUNCH, "lunchtime": LUNCH, "lunchtimes": LUNCH,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day in minutes. half: whether it could be in the other half of the day, too.

    day24: said so that the clock has 24 hours, as in 17 or 09:00. exact: with its minutes.
    firm: cannot be just a number.
    """

    minutes: int
    half: bool = False
    day24: bool = False
    exact: bool = False
    firm: bool = True

    def options(self, part: Part | None = None) -> list[int]:
        """In minutes, the likelier one first: the hours from 1 to 6 are in the afternoon."""
        if not self.half:
            return [self.minutes]
        early, late = self.minutes % NOON, self.minutes % NOON + NOON
        both = [late, early] if early < 7 * 60 else [early, late]
        fits = [each for each in both if part is not None and part.holds(each)]
        return fits or both


@dataclass(frozen=True, slots=True)
class Clock:
    """A stretch of a day. kind: how it is said; soon: just
    after; nearly: just before. part: named right beside, as in "9 at night"."""

    kind: Literal["between", "at", "around", "after", "before", "soon", "nearly"]
    first: Time
    last: Time | None = None
    part: Part | None = None

    def options(self, part: Part | None = None) -> list[tuple[int, int]]:
        """From when to when it could be in minutes, the likelier one first."""
        part = self.part or part
        if self.last is not None:
            return list(dict.fromkeys(self._between(self.first, self.last, part)))
        return [self._around(each) for each in self.first.options(part)]

    def instants(self, part: Part | None = None) -> list[tuple[int, int]]:
        """The minutes alone, where an hour is taken for a time of day."""
        if self.kind != "at" or self.first.exact:
            return []
        return [(each, each + 1) for each in self.first.options(self.part or part)[:1]]

    def _around(self, t: int) -> tuple[int, int]:
        if self.kind == "around":
            t = t + MIDNIGHT if t < 30 else t  # the night that begins on the day
            return t - 30, t + 30
        if self.kind == "at":
            return t, t + (1 if self.first.exact else 60)
        if self.kind in ("soon", "nearly"):
            t = t + MIDNIGHT if self.kind == "nearly" and t < 30 else t
            return (t, t + 30) if self.kind == "soon" else (t - 30, t)
        if self.kind == "before":
            return 0, t or MIDNIGHT
        return t, MIDNIGHT if t < MIDNIGHT else t + 60

    @staticmethod
    def _between(a: Time, b: Time, part: Part | None) -> Iterator[tuple[int, int]]:
        if a.half and b.half and not (a.day24 or b.day24):
            for first in a.options(part):
                yield first, _next(b.options(), first)
            return
        style = a.day24 or b.day24
        firsts = [a.minutes] if style or not a.half else [a.minutes % NOON, a.minutes % NOON + NOON]
        lasts = [b.minutes] if style or not b.half else [b.minutes % NOON, b.minutes % NOON + NOON]
        pairs = [(first, _next(lasts, first)) for first in firsts]
        yield min(pairs, key=lambda pair: pair[1] - pair[0])


def _next(options: list[int], after: int) -> int:
    """The first of those times that comes after one, on that day or on the next."""
    return min(t if t > after else t + MIDNIGHT for t in options)


_COLON = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_DOT = re.compile(r"(\d{1,2})[.](\d{2})")
_WORDS = {"quarter": 15, "half": 30, "twenty": 20, "ten": 10, "five": 5, "twenty five": 25}
_HALVES = {"am": "am", "pm": "pm", "a m": "am", "p m": "pm"}


def time_at(text: Text, n: int) -> tuple[int, Time] | None:
    """Where a time of day at n ends, and it; a bare number is one that is not firm."""
    return _named_hour(text, n) or _spoken(text, n) or _numeric(text, n)


def _named_hour(text: Text, n: int) -> tuple[int, Time] | None:
    """Noon and midnight."""
    for phrase, minutes in (
        ("12 noon", NOON), ("twelve noon", NOON), ("noon", NOON), ("midday", NOON),
        ("mid day", NOON), ("noontime", NOON), ("high noon", NOON),
        ("12 midnight", 0), ("twelve midnight", 0), ("midnight", 0), ("mid night", 0),
    ):  # fmt: skip
        if length := text.has(n, phrase):
            return n + length, Time(minutes)
    return None


def _numeric(text: Text, n: int) -> tuple[int, Time] | None:
    word = text[n]
    match = _COLON.fullmatch(word)
    dotted = _DOT.fullmatch(word)
    if match is None and dotted is not None and int(dotted[2]) < 60:
        match = dotted
    if match is not None:
        hour, minute = int(match[1]), int(match[2])
        exact, firm = True, ":" in word
    else:
        value = number(word) if word not in ("a", "an", "half") else None
        if value is None or value != round(value) or (len(word) > 2 and word.isdecimal()):
            return None
        hour, minute, exact, firm = round(value), 0, False, False
    end, half = n + 1, ""
    for phrase, said in _HALVES.items():
        if length := text.has(end, phrase):
            end, half, firm = end + length, said, True
            break
    clock = (
        "o clock",
        "oclock",
        "uhr",
        *(("hours", "h") if firm else ("hours",) if exact else ("h",)),
    )
    if not half and (length := text.has(end, *clock)):
        end, firm = end + length, True
        for phrase, said in _HALVES.items():
            if length := text.has(end, phrase):
                end, half = end + length, said
                break
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    if half and 1 <= hour <= 12:
        minutes = hour % 12 * 60 + minute + NOON * (half == "pm")
        return end, Time(minutes, exact=exact and minute > 0)
    style = hour > 12 or hour == 0 or (word.startswith("0") and len(word) > 1)
    style = style or (exact and hour >= 10)
    return end, Time(
        hour * 60 + minute,
        half=not style and hour <= 12,
        day24=style and not (exact and 10 <= hour <= 12),
        exact=exact and minute > 0,
        firm=firm,
    )


def _spoken(text: Text, n: int) -> tuple[int, Time] | None:
    """Half past nine, a quarter to ten, twenty past 3."""
    at = n + 1 if text[n] == "a" else n
    if (minutes := _spoken_minutes(text, at)) is None:
        return None
    at = text.past(at + 1, "minutes", "min")
    spelt = text[n] == "quarter" or text[at - 1] in ("quarter", "minutes", "min")
    if text[at] not in ("past", "to") or (text[at] == "to" and not spelt):
        return None  # "ten to twelve" is a stretch
    found = _named_hour(text, at + 1) or _numeric(text, at + 1)
    if found is None or found[1].exact:
        return None
    end, hour = found
    later = minutes if text[at] == "past" else -minutes
    total = (hour.minutes + later) % MIDNIGHT
    return end, Time(total or NOON, hour.half, hour.day24, exact=True)


def _spoken_minutes(text: Text, n: int) -> int | None:
    if text[n] in _WORDS:
        return _WORDS[text[n]]
    return int(text[n]) if text[n] in ("5", "10", "15", "20", "25") else None


def part_at(text: Text, n: int) -> tuple[int, Part] | None:
    """Where a part of the day at n ends, and it: "evening", "lunch break"."""
    part = PARTS.get(text[n])
    if part is None:
        return None
    end = text.past(n + 1, "'s")
    if part in (LUNCH, NIGHT):
        end = text.past(end, "time", "break", "hour", "hours" if part is LUNCH else "time")
    return end, part
