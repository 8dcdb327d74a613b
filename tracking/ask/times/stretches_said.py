"""Stretches of time with a begin and an end, or only one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from ...localtime import DAY, MINUTE
from .calendar_days import Days, Found, refined, stretch, weekday_stretch
from .days_said import DaysSaid
from .hours_said import MORNING, NIGHT, PARTS, Clock, Time
from .local_clock import MIDNIGHT, Here, hhmm
from .points_said import Point, PointsSaid, say_on
from .time_pieces import Piece, Reach, noted, to_come
from .time_words import AND_INCLUDING, TO, Text, word_set

_NUMBERED = word_set(
    """camera cameras cam cams gate gates zone zones line lines door doors dock docks track
    tracks id ids top number numbers source sources bay room aisle floor level first last"""
)
_ONWARDS = (
    "onwards", "onward", "on", "until now", "to now", "till now", "up to now", "and later",
    "forward",
)  # fmt: skip
SINCE = ("since", "ever since", "starting from", "starting at", "starting", "beginning at",
          "beginning", "as of", "from")  # fmt: skip
_LEADS = (
    "from", "between", "anywhere between", "anytime between",
    *(
        f"{during}{hours} hours{of}"
        for during in ("", "during ", "during the ", "in the ", "within ", "the ", "our ")
        for hours in ("opening", "business", "office", "working", "shop")
        for of in ("", " from", " of", " between")
    ),
)  # fmt: skip
_GOING = word_set(
    """come came comes coming go goes went going gone pass passed passes passing walk walked walks
    walking get got drive drove driven drives driving move moved moves moving step stepped cycle
    cycled ride rode run ran stroll strolled in out back right straight people cars trucks"""
)
"""After one of them "through" is a way, and no end of a time."""


@dataclass(frozen=True, slots=True)
class StretchesSaid:
    """Reads them. begun: when the record begins, ms since 1970 UTC, if there is one."""

    text: Text
    here: Here
    days: DaysSaid
    points: PointsSaid
    begun: int | None

    def between(self, n: int) -> Piece | None:
        """From A to B, between A and B, A to B, A - B."""
        lead = self.text.longest(n, _LEADS)
        if lead and (run := self.days.run(n + lead)):
            return Piece(n, run[0], days=run[1], problem=run[1].problem)
        first = self.points.parted(n + lead) or self.points.at(n + lead)
        if first is None:
            return None
        between = self.text[n + lead - 1] == "between" if lead else False
        joined = self.text.longest(first.end, (*TO, "and", "&") if between else TO)
        glued = not joined and first.time is not None and self.text.is_near(first.end)
        if not joined and not glued:
            return None
        last = self._last(first.end + joined)
        told = self.points.later(first.end + joined, first) if joined else None
        if told is not None and (last is None or told.end >= last.end):
            return self._until_later(n, first, told)
        if last is None or (glued and last.time is None):
            return None
        at = self.text.past(first.end + joined, "the")
        if last.days is not None and self.text[at] in ("next", "following"):
            if first.days is None or first.days.problem or last.days.count > 1:
                return Piece(n, last.end, problem="Of which day that is the next is not said")
            day = last.days.first
            day = first.days.last + timedelta(days=(day - first.days.last).days % 7 or 7)
            last = replace(last, days=Days(day, day, self.here.say_weekday(day)))
        return self._from_to(n, first, self._that_comes(first, last), loose=not lead)

    def _last(self, n: int) -> Point | None:
        """The moment that a stretch ends with: "11 yesterday morning" is one, not two."""
        last, parted = self.points.at(n), self.points.parted(n)
        after_night = parted is not None and parted.begin().minutes >= MORNING.begin
        if parted is not None and after_night and (last is None or parted.end > last.end):
            return parted
        return last

    def _until_later(self, n: int, first: Point, last: Point) -> Piece | None:
        """From 10 pm to 2 am the next day."""
        if last.only_days and not first.only_days:
            return Piece(n, last.end, problem="Up to what time of that day is not said")
        if last.at is not None or last.days is not None:
            return self._from_to(n, first, self._hour_after(first, last), loose=False)
        begin, end = first.begin(), last.begin() if last.part is None else last.finish()
        clock = Clock("between", begin, end)
        if last.only_time and first.only_time and last.part is None:
            _, until = clock.options()[0]
            if (until > MIDNIGHT) == bool(last.days_on):
                return Piece(n, last.end, clock=clock)
        return Piece(n, last.end, problem="Of which day that is the next one is not said")

    def _hour_after(self, first: Point, last: Point) -> Point:
        """2 on the next day is that of the morning, where the half of the day is not said."""
        if last.time is None or not last.time.half or not last.days_on:
            return last
        minutes = min(last.time.options())
        return replace(last, time=replace(last.time, minutes=minutes, half=False))

    def _that_comes(self, first: Point, last: Point) -> Point:
        """From 3 November until Friday: the Friday after it, and not the last one that was."""
        days, after = first.days, last.days
        if days is None or after is None or after.sort != "weekday" or not days.single:
            return last
        if days.sort == "weekday" or after.wide is not None:
            return last
        ahead = (after.first.weekday() - days.first.weekday()) % 7 or 7
        day = days.first + timedelta(days=ahead)
        return replace(last, days=Days(day, day, self.here.say_weekday(day)))

    def _from_to(self, n: int, first: Point, last: Point, loose: bool) -> Piece | None:
        if first.only_days and last.only_days:
            assert first.days is not None and last.days is not None
            days = self._both(first.days, last.days)
            return None if days is None else Piece(n, last.end, days=days, problem=days.problem)
        times = first.time is not None or first.part is not None
        times = times and (last.time is not None or last.part is not None)
        one_day = first.days is None or last.days is None
        if times and one_day:
            return self._hours(n, first, last, loose)
        if times or first.at is not None or last.at is not None or first.only_days:
            return self._moments(n, first, last)
        return None

    def _both(self, first: Days, last: Days) -> Days | None:
        for each in (first, last):
            if each.problem:
                return each
        if first.sort == "weekday" and last.wide is not None and last.single:
            first = refined(first, last.wide, self.here) or first
        if first.sort == "weekday" and last.sort == "weekday":
            return weekday_stretch(first, last, self.here)
        if first.first > last.last and first.sort == "weekday":
            week = timedelta(days=7)
            first = replace(first, first=first.first - week, last=first.last - week)
            first = replace(first, words=self.here.say_weekday(first.first))
        if first.first > last.first or first.last > last.last:
            return None
        notes = "; ".join(each.assumed for each in (first, last) if each.assumed)
        return replace(stretch(first, last), assumed=notes)

    def _hours(self, n: int, first: Point, last: Point, loose: bool) -> Piece | None:
        """Times of one day."""
        begin, finish = first.begin(), last.begin() if last.part is None else last.finish()
        end, beside = self.points.marker(last.end) if last.days is None else (last.end, None)
        firm = begin.firm or finish.firm or beside is not None
        if not firm and self.text.counts(end):
            return None
        if loose and not firm and self.text[n - 1] in _NUMBERED:
            return None
        clock = Clock("between", begin, finish, beside)
        days = first.days or last.days
        return Piece(n, end, days=days, clock=clock, problem=days.problem if days else "")

    def _moments(self, n: int, first: Point, last: Point) -> Piece | None:
        """Two moments of which at least one has its day and its time."""
        if first.only_days and last.only_time and last.time is not None and not last.time.firm:
            return None
        since, until = self.points.exact(first, True), self.points.exact(last, False)
        if since is None or until is None:
            return None
        if until <= since and first.days is not None and first.days.sort == "weekday":
            since -= 7 * DAY
        if until <= since:
            return None
        return Piece(n, last.end, reach=Reach(since, until, self._words(first, last)))

    def _words(self, first: Point, last: Point) -> str:
        if last.part is not None and last.time is None:
            last = replace(last, time=last.finish())
        return f"{self.points.say(first)} to {self.points.say(last)}"

    def night(self, n: int) -> Piece | None:
        """The night from 15 to 16 November, the night of 14/15 November."""
        length = self.text.has(n, "night from", "night of", "night between", "overnight from")
        if not length:
            return None
        found = self._two_days(n + length)
        if found is None:
            return None
        end, days = found
        if days.problem:
            return Piece(n, end, problem=days.problem)
        words = self.here.say_weekday(days.first) if days.sort == "weekdays" else ""
        night = Days(days.first, days.first, words or self.here.say_day(days.first))
        return Piece(n, end, days=night, part=NIGHT, tight=True)

    def _two_days(self, n: int) -> Found | None:
        """A day and the one after it: 15 to 16 November, Sunday and Monday."""
        found = self.days.run(n)
        if found is None:
            first = self.points.at(n)
            joined = self.text.has(first.end, "and", *TO) if first is not None else 0
            last = self.points.at(first.end + joined) if first is not None and joined else None
            if first is None or last is None or not (first.only_days and last.only_days):
                return None
            assert first.days is not None and last.days is not None
            found = last.end, self._both(first.days, last.days) or first.days
        return found if found[1].count == 2 else None

    def midnight(self, n: int) -> Piece | None:
        """At midnight between Sunday 15 and Monday 16 November: one moment, of the second day."""
        kinds: tuple[tuple[str, Literal["at", "around"]], ...] = (
            ("", "at"), ("at ", "at"), ("around ", "around"), ("at around ", "around"),
            ("about ", "around"), ("at about ", "around"),
        )  # fmt: skip
        for said, kind in kinds:
            length = self.text.has(n, *(f"{said}{the}midnight {between}" for the in ("", "the ")
                                        for between in ("between", "from", "of")))  # fmt: skip
            found = self._two_days(n + length) if length else None
            if found is None:
                continue
            end, days = found
            day = days.first if kind == "around" else days.last
            one = Days(day, day, self.here.say_day(day), problem=days.problem)
            clock = Clock(kind, Time(0, exact=True))
            return Piece(n, end, days=one, clock=clock, tight=True, problem=days.problem)
        return None

    def since(self, n: int) -> Piece | None:
        """Since noon, since Monday, from 3 pm on, from Monday onwards."""
        length = self.text.longest(n, SINCE)
        if not length:
            return None
        at = self.text.past(n + length, "the")
        begin = self.text.has(at, "start of", "beginning of", "begin of")
        point = self.points.at(n + length) or self.points.at(at)
        parted = self.points.parted(n + length)
        point = parted or point
        if begin:
            days = self.days.at(at + begin) or self.days.running(at + begin)
            point = None if days is None else Point(days[0], days=days[1])
        if point is None:
            return None
        end = point.end
        onwards = self.text.longest(end, _ONWARDS)
        if self.text[n] in ("from", "starting", "beginning", "as") and length == 1 and not onwards:
            named = parted.days if parted is not None else None
            if named is None or named.first != self.here.today:
                return None
        is_another = self.text[end] == "on" and self.points.at(end + 1) is not None
        if self.text[n] == "from" and is_another:
            return None
        if self.text[n] == "since" and self.text[end] == "on":
            onwards = 0
        if point.days is not None and point.days.problem:
            return Piece(n, end, problem=point.days.problem)
        if not onwards and point.time is not None and not point.time.firm and self.text.counts(end):
            return None
        return self._to_now(n, end + onwards, point)

    def _to_now(self, n: int, end: int, point: Point) -> Piece | None:
        """From a moment to now; of times that could be two the one that was."""
        now = self.here.end
        if point.at is not None:
            since = point.at // MINUTE * MINUTE
            if point.at >= self.here.now:
                return None
            return Piece(n, end, reach=Reach(since, now, f"since {point.words}"))
        days, today = point.days, self.here.today
        if point.only_days and days is not None:
            since = self.here.at(days.first)
            others = tuple(
                Reach(self.here.at(each.first), now, f"since {each.words}") for each in days.others
            )
            if since >= now:
                return Piece(n, end, problem=to_come(days.words))
            words = f"since {days.words}"
            return Piece(n, end, reach=Reach(since, now, words, others), assumed=noted(days))
        day = days.first if days is not None else today
        options = point.begin().options(point.part)
        back = () if days is not None else tuple((today - timedelta(days=1), m) for m in options)
        for on, minutes in (*((day, m) for m in options), *back):
            since = self.here.at(on, minutes)
            if since < now:
                name = days.words if days is not None else self.here.say_day(on)
                others = tuple(
                    Reach(self.here.at(on, m), now, f"since {say_on(name, m)}")
                    for m in options
                    if m != minutes and self.here.at(on, m) < now
                )
                words = f"since {say_on(name, minutes)}"
                odd = self.here.oddity(on, minutes)
                odds = (odd,) if odd else ()
                reach = Reach(since, now, words, others)
                clock = Clock("after", point.begin(), part=point.part) if days is None else None
                return Piece(n, end, reach=reach, since=clock, assumed=odds)
        return Piece(n, end, problem=to_come(f"{hhmm(options[0])}"))

    def bounded(self, n: int) -> Piece | None:
        """Before Monday, until yesterday, after 3 November, after yesterday 6 pm."""
        for phrases, kind in (
            ((*AND_INCLUDING, "until", "till", "til", "up to", "up until", "through"), "until"),
            (("before", "prior to", "earlier than"), "before"),
            (("after", "later than"), "after"),
        ):
            length = self.text.longest(n, phrases)
            if self.text[n] == "through" and self.text[n - 1] in _GOING:
                continue  # "came through today"
            point = self.points.at(n + length) if length else None
            parted = self.points.parted(n + length) if length else None
            if length and kind == "until":
                point = parted or point
            if kind == "after" and parted is not None and self._is_of_today(parted):
                return self._after_today(n, parted)
            if point is None or (point.time is None and point.part is None and not (
                point.only_days or point.at is not None
            )):  # fmt: skip
                continue
            if point.only_time:
                continue  # of today
            if point.days is not None and point.days.problem:
                return Piece(n, point.end, problem=point.days.problem)
            if not point.only_days and point.days is not None and kind != "until":
                time = point.finish() if kind == "after" else point.begin()
                return Piece(n, point.end, days=point.days, clock=Clock(kind, time))  # type: ignore[arg-type]
            of_one_day = point.days is not None and point.days.single
            if of_one_day and point.time is not None and self.text[point.end] not in PARTS:
                return Piece(n, point.end, days=point.days, clock=Clock("before", point.time))
            return self._open(n, point, kind)
        return None

    def _is_of_today(self, point: Point) -> bool:
        return point.days is not None and point.days.first == self.here.today

    def _after_today(self, n: int, point: Point) -> Piece | None:
        """After 6 this morning is from then to now, and not only to noon."""
        found = self._to_now(n, point.end, point)
        if found is None or found.reach is None:
            return found
        words = found.reach.words.replace("since", "after", 1)
        return replace(found, reach=replace(found.reach, words=f"{words} until now"))

    def _open(self, n: int, point: Point, kind: str) -> Piece | None:
        words = f"{kind} {self.points.say(point)}"
        if kind == "after":
            since = self.points.exact(point, begins=not point.only_days)
            assert since is not None
            if since >= self.here.end:
                return Piece(n, point.end, problem=to_come(f"what is {words}"))
            assumed = () if point.days is None else noted(point.days)
            return Piece(n, point.end, reach=Reach(since, self.here.end, words), assumed=assumed)
        until = self.points.exact(point, begins=kind == "before")
        assert until is not None
        begun = min(until - DAY, until if self.begun is None else self.begun)
        assumed = () if point.days is None else noted(point.days)
        reach = Reach(begun // MINUTE * MINUTE, until, words)
        return Piece(n, point.end, reach=reach, assumed=assumed)
