"""Moments that a stretch of time begins or ends with, as people name them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from ...localtime import MINUTE, SECOND
from .calendar_days import Days, month_words
from .days_said import DaysSaid
from .hours_said import NIGHT, NOON, PARTS, TONIGHT, Part, Time, part_at, time_at
from .local_clock import MIDNIGHT, Here, hhmm, say_date
from .time_pieces import Piece, say_amount
from .time_words import MONTHS, ORDINALS, Amount, Text, amount

_NEXT_DAY = (
    "the next day", "next day", "the following day", "following day", "the day after",
    "day after", "the day after that", "day after that",
)  # fmt: skip
_NIGHT_OF = (
    "night from", "night between", "night when", "night in which",
    *(f"night {that}{clocks}" for that in ("", "that ")
      for clocks in ("the clocks", "the clock", "clocks", "summer time", "winter time")),
    "night of the time", "night of the clock", "night of the change",
)  # fmt: skip
_SAME = ("the same day", "same day", "that day", "that same day")


@dataclass(frozen=True, slots=True)
class Point:
    """A moment that a stretch begins or ends with, said up to the word before `end`.

    days_on: said by the moment before it, so many days after that one's.
    """

    end: int
    days: Days | None = None
    time: Time | None = None
    part: Part | None = None
    at: int | None = None
    words: str = ""
    days_on: int | None = None

    @property
    def only_days(self) -> bool:
        return self.days is not None and self.time is None and self.part is None

    @property
    def only_time(self) -> bool:
        return self.days is None and (self.time is not None or self.part is not None)

    def begin(self) -> Time:
        """The time of day that it begins with."""
        if self.time is not None:
            return self.time
        return Time(self.part.begin) if self.part is not None else Time(0)

    def finish(self) -> Time:
        """The time of day that it is over."""
        if self.time is not None:
            return self.time
        return Time(self.part.end) if self.part is not None else Time(MIDNIGHT)


@dataclass(frozen=True, slots=True)
class PointsSaid:
    """Reads them."""

    text: Text
    here: Here
    days: DaysSaid
    known: dict[int, Point | None] = field(default_factory=dict, repr=False, compare=False)

    def at(self, n: int) -> Point | None:
        """The longest moment at n; a bare number is one, too."""
        if n not in self.known:
            self.known[n] = self._longest(n)
        return self.known[n]

    def _longest(self, n: int) -> Point | None:
        found = [
            self.ago(n),
            self._point_now(n),
            self._point_days(n),
            self._point_time(n),
        ]
        return max((each for each in found if each), key=lambda each: each.end, default=None)

    def ago(self, n: int) -> Point | None:
        found = amount(self.text, n)
        if found is None or not 0 < found[1].seconds < 3660 * 86400:
            return None
        if self.text[found[0]] not in ("ago", "earlier", "back"):
            return None
        at = self.here.now - round(found[1].seconds) * SECOND
        return Point(found[0] + 1, at=at, words=f"{say_amount(found[1])} ago")

    def _point_now(self, n: int) -> Point | None:
        length = self.text.longest(n, ("now", "right now", "the present", "this moment"))
        return Point(n + length, at=self.here.now, words="now") if length else None

    def _point_days(self, n: int) -> Point | None:
        """Yesterday, Tuesday evening, 3 November at 9."""
        special = self.near_part(n)
        if special is not None and special.days is not None:
            return Point(special.end, days=special.days, part=special.part)
        found = self.days.at(n) or self.days.at(self.text.past(n, "the"))
        found = found or self.days.at(self.text.past(n, "on"))
        if found is None:
            return None
        end, days = found
        if days.sort == "mid month":  # as the edge of a stretch
            day = days.first.replace(day=15)
            note = f"mid {month_words(day)} is taken as the 15th"
            return Point(end, days=Days(day, day, say_date(day), assumed=note))
        at = self.text.past(end, "at", "around")
        timed = time_at(self.text, at)
        if timed is not None and (timed[1].firm or at > end) and not self.is_date(at):
            end, _ = self.marker(timed[0])
            return Point(end, days=days, time=timed[1])
        at = end + self.text.has(end, "in the", "at", "during the")
        part = part_at(self.text, at)
        if part is not None:
            return Point(part[0], days=days, part=part[1])
        return Point(end, days=days)

    def _point_time(self, n: int) -> Point | None:
        """9, 9 am on Tuesday, noon, the morning of 3 November."""
        at = self.text.past(n, "at", "about", "around")
        part = part_at(self.text, self.text.past(n, "the"))
        if part is not None:
            days = self.days.at(self.text.past(part[0], "of", "on"))
            if days is not None:
                return Point(days[0], days=days[1], part=part[1])
            return Point(part[0], part=part[1])
        found = time_at(self.text, at)
        if found is None:
            return None
        end, time = found
        if not time.firm and self.text[end] in MONTHS:
            return None  # in "11 nov, 7 to 9" the day of the month is 11
        end, beside = self.marker(end)
        if beside is not None:
            time = replace(time, minutes=time.options(beside)[0], half=False, firm=True)
        after = self.text.past(end, "on", "of", "the")
        before = self.text.past(end, "on", "of")
        days = None if self.text[end] == "-" else self.days.at(after) or self.days.at(before)
        days = days or (None if self.text[end] == "-" else self.days.at(end))
        if days is not None and self.text[days[0]] not in ("am", "pm"):
            return Point(days[0], days=days[1], time=time)
        return Point(end, time=time)

    def parted(self, n: int) -> Point | None:
        """A time of day and the part of a day it is in: 6 this morning, 10 last night, 9 on Tuesday
        morning, this morning at 6. One after midnight of a night is of the day after."""
        first = self._dated_part(n)
        at = self.text.past(n if first is None else first[0], "at", "about", "around")
        found = time_at(self.text, at)
        if first is not None and at == first[0] and not (found is not None and found[1].firm):
            return None  # "this morning 8 people"
        dated = first
        if found is not None and first is None:
            dated = self._dated_part(self.text.past(found[0], "on"))
        if found is None or dated is None:
            return None
        end, days, part = dated
        minutes = found[1].options(part)[0]
        if not part.holds(minutes) or days.problem or not days.single:
            return None
        day = days.first + timedelta(days=part.end > MIDNIGHT and minutes < NOON)
        words = days.words if day == days.first and part is not NIGHT else self.here.say_day(day)
        time = replace(found[1], minutes=minutes, half=False, firm=True)
        return Point(max(end, found[0]), days=Days(day, day, words), time=time)

    def _dated_part(self, n: int) -> tuple[int, Days, Part] | None:
        """This morning, last night, Tuesday evening: where that ends."""
        near = self.near_part(n)
        if near is not None and near.days is not None and near.part is not None:
            return near.end, near.days, near.part
        days = self.days.at(n)
        part = part_at(self.text, days[0]) if days is not None else None
        if days is None or part is None or self.text[days[0]].endswith("s"):
            return None
        return part[0], days[1], part[1]

    def later(self, n: int, first: Point) -> Point | None:
        """A moment that is told by the one before it: "2 am the next day", "the morning after",
        "2 hours later"; without that one's day it has none, and `next_day` says so."""
        much = amount(self.text, n)
        if much is not None and self.text[much[0]] in ("later", "after"):
            return self._later_by(much, first)
        timed = time_at(self.text, self.text.past(n, "at"))
        time, at = (timed[1], timed[0]) if timed is not None else (None, n)
        if time is not None:
            at, beside = self.marker(at)
            if beside is not None:
                time = replace(time, minutes=time.options(beside)[0], half=False)
        at = self.text.past(at, "of", "on", "in")
        length = self.text.has(at, *_SAME) or self.text.has(at, *_NEXT_DAY)
        part: Part | None = None
        days_on = 0 if self.text.has(at, *_SAME) else 1
        if not length:
            ahead = self.text.has(at, "the next", "the following", "next", "following")
            named = part_at(self.text, at + ahead) if ahead else None
            if named is None:
                return None
            length, part = named[0] - at, named[1]
        end = at + length
        if time is None and part is None:
            found_time = time_at(self.text, self.text.past(end, "at"))
            if found_time is not None and (found_time[1].firm or self.text[end] == "at"):
                end, time = found_time
                end, _ = self.marker(end)
        if time is not None:
            part = None
        if first.days is None:
            return Point(end, time=time, part=part, days_on=days_on)
        day = first.days.last + timedelta(days=days_on)
        days = Days(day, day, self.here.say_day(day))
        return Point(end, days=days, time=time, part=part, days_on=days_on)

    def _later_by(self, found: tuple[int, Amount], first: Point) -> Point | None:
        """3 days later, 2 hours later."""
        end, much = found
        if first.days is None:
            return None
        if first.only_days and much.unit in ("day", "week"):
            count = round(much.count) * (7 if much.unit == "week" else 1)
            if count > 5000:
                return None
            day = first.days.last + timedelta(days=count)
            return Point(end + 1, days=Days(day, day, self.here.say_day(day)))
        since = self.exact(first, True)
        if first.only_days or since is None or not 0 < much.seconds < 3660 * 86400:
            return None
        words = f"{say_amount(much)} later"
        return Point(end + 1, at=since + round(much.seconds) * SECOND, words=words)

    def near_part(self, n: int) -> Piece | None:
        """This morning, last night, tonight, all night, the night before last."""
        today = self.here.today
        if length := self.text.has(n, "the night before last", "night before last"):
            return self._night(n, n + length, 2)
        if self.text[n] in ("tonight", "tonights", "overnight"):
            end = self.text.past(n + 1, "'s")
            if self.text[n] == "overnight":
                return self._night(n, end, 0 if self.here.minute >= NIGHT.begin else 1)
            early = self.here.minute < NIGHT.end - MIDNIGHT
            return self._on(n, end, 1 if early else 0, TONIGHT, "tonight")
        whole = self.text.has(n, "all", "the whole", "the entire", "whole", "entire", "all the")
        length = whole or self.text.has(n, "this", "last")
        found = part_at(self.text, n + length) if length else None
        if found is None or (self.text[found[0] - 1].endswith("s") and self.text[n] != "this"):
            return None
        end, part = found
        if self.text[end] == "long":
            end += 1
        if part is NIGHT:
            tonight = self.text[n] == "this" and self.here.minute >= NIGHT.begin
            if whole:
                return Piece(n, end, part=part)
            return self._night(n, end, 0 if tonight else 1)
        if self.text[n] == "last":
            return self._on(n, end, 1, part)
        if whole:
            return Piece(n, end, part=part)
        return Piece(n, end, days=Days(today, today, "today"), part=part, tight=True)

    def _night(self, n: int, end: int, back: int) -> Piece:
        words = {0: "tonight", 1: "last night"}.get(back, "the night before last")
        return self._on(n, end, back, NIGHT, words)

    def _on(self, n: int, end: int, back: int, part: Part, words: str = "") -> Piece:
        day = self.here.today - timedelta(days=back)
        days = Days(day, day, words or self.here.say_day(day))
        return Piece(n, end, days=days, part=part, tight=True)

    def marker(self, n: int) -> tuple[int, Part | None]:
        """In the morning, at night: which half of the day the time before is in."""
        at = n + self.text.has(n, "in the", "at", "during the")
        if self.text.has(at, *_NIGHT_OF):
            return n, None  # that of a date
        if at > n and self.text[at] in PARTS and not self.text[at].endswith("s"):
            return at + 1, PARTS[self.text[at]]
        return n, None

    def is_date(self, n: int) -> bool:
        """Whether the number is the day of a date, such as 3 November or the 3rd."""
        found = self.days.dates.dated(n)
        return found is not None or self.text[n + 1] in ORDINALS

    def exact(self, point: Point, begins: bool) -> int | None:
        if point.at is not None:
            return point.at // MINUTE * MINUTE if begins else -(-point.at // MINUTE) * MINUTE
        if point.days is not None and point.days.problem:
            return None
        first = point.days.first if point.days is not None else self.here.today
        last = point.days.last if point.days is not None else self.here.today
        if begins:
            return self.here.at(first, point.begin().options(point.part)[0])
        minutes = point.time.options()[0] if point.time is not None else point.finish().minutes
        return self.here.at(last, minutes, last=True)

    def say(self, point: Point) -> str:
        if point.at is not None:
            return point.words
        day = point.days.words if point.days is not None else "today"
        if point.time is None and point.part is None:
            return day
        return say_on(day, point.begin().options()[0])


def say_on(day: str, minutes: int) -> str:
    """12:00 today, or 3 November 2026, 12:00."""
    time = hhmm(minutes)
    return f"{time} {day}" if day in ("today", "yesterday") else f"{day}, {time}"
