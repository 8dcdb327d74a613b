"""The windows that pieces of a question stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ...filters import RANGES
from ...localtime import DAY, MINUTE, SECOND
from ..plan import Span
from .calendar_days import Days
from .hours_said import NIGHT, NOON, Part
from .local_clock import MIDNIGHT, Here, hhmm
from .time_pieces import Piece, Reach, to_come

WHOLE_HOURS = "Over several days only whole hours can be asked for, such as 12:00 to 14:00"

RIGHT_NOW = 60 * SECOND
"""What was seen so long ago is there now."""


@dataclass(frozen=True, slots=True)
class When:
    """A time that a question names.

    span: the window, with words for people; None where there is a problem. hours: 0 to 23, and
    weekdays: Monday is 0, of the clock; none given is all. used: which words of the question say
    it. now: the present moment. everything: all that is recorded. others: what it could mean, too.
    corrected: words taken for a time word although they are spelt differently, each with it.
    assumed: what was taken for granted, in words. problem: why there is no such time, a sentence.
    """

    span: Span | None = None
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    used: frozenset[int] = frozenset()
    now: bool = False
    everything: bool = False
    others: tuple[When, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    assumed: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Windows:
    """Of a record, as somebody asks about it. recorded: from when to when there are rows."""

    here: Here
    recorded: tuple[int, int] | None

    def of(self, piece: Piece) -> When:
        """The window of a piece, with what else it could be."""
        if piece.problem:
            return When(used=piece.used, problem=piece.problem)
        if piece.now:
            now = self.here.now
            span = Span(now - RIGHT_NOW, now + 1, "right now")
            return When(span, used=piece.used, now=True)
        found = [each for each in self._all(piece) if each is not None]
        past = [each for each in found if not each.problem]
        main = past[0] if past else found[0]
        others = tuple(
            dict.fromkeys(
                replace(each, used=piece.used, assumed=()) for each in past if _differ(each, main)
            )
        )
        noted = (*piece.assumed, *_assumed(piece), *_half(piece, main), *main.assumed)
        if past and found[0].problem and not main.assumed:
            noted = (*noted, "what is still to come is not meant")
        return replace(main, used=piece.used, others=others, assumed=tuple(dict.fromkeys(noted)))

    def _all(self, piece: Piece) -> Iterator[When]:
        """All that it could mean, the likeliest first."""
        if piece.reach is not None:
            yield from self._reaches(piece, piece.reach)
        elif piece.days is not None:
            for days in (piece.days, *piece.days.others):
                yield from self._days(piece, days)
        elif piece.weekdays or piece.each or piece.everything:
            yield from self._over(piece, self._everything(), piece.bare is False)
        else:
            yield from self._undated(piece)

    def _everything(self) -> Span:
        since, until = RANGES["all"].window(self.here.now, self.recorded, self.here.zone)
        return Span(since, until, "everything recorded")

    def _reaches(self, piece: Piece, reach: Reach) -> Iterator[When]:
        if reach.since > self.here.now:
            yield When(problem=to_come(reach.words))
            return
        for each in (reach, *reach.others):
            span = Span(each.since, each.until, each.words)
            yield from self._over(piece, span, False)

    def _days(self, piece: Piece, days: Days) -> Iterator[When]:
        since = self.here.at(days.first)
        until = self.here.at(days.last + timedelta(days=1))
        if since > self.here.now:
            yield When(problem=to_come(days.words))
        elif days.single and self._either_night(piece) and self._is_named_night(piece, days):
            yield from self._of_the_night(piece, days)
        elif days.single and self._either_night(piece):
            yield When(problem=f"Whether that night begins or ends on {days.words} is not said")
        elif days.single and piece.timed and not piece.weekdays:
            yield from self._timed(piece, days.first, days.words)
        else:
            if days.sort == "weekends" and not piece.weekdays:
                piece = replace(piece, weekdays=(5, 6))  # and none of the days between
            yield from self._over(piece, Span(since, until, days.words), False)

    def _either_night(self, piece: Piece) -> bool:
        """Between 2 and 3 in the night of a date: after it, or before it."""
        if piece.part is not NIGHT or piece.clock is None or piece.tight or piece.clock.part:
            return False
        return all(begin < NOON for begin, _ in piece.clock.options(piece.part))

    def _is_named_night(self, piece: Piece, days: Days) -> bool:
        """Wednesday night at 2, which has begun on Wednesday for nearly everybody."""
        by_weekday = days.sort == "weekday" or days.wide is not None
        exact = piece.clock is not None and piece.clock.kind in ("between", "at", "around")
        return by_weekday and exact and not piece.leads

    def _of_the_night(self, piece: Piece, days: Days) -> Iterator[When]:
        """The night that begins on that day; what it could be, too, is the one that ends on it."""
        found = list(self._timed(piece, days.first, days.words))
        if any(each.problem for each in found):
            yield When(problem=f"Whether that night begins or ends on {days.words} is not said")
            return
        note = f"the night that begins on {days.words} is taken"
        yield from (replace(each, assumed=(*each.assumed, note)) for each in found)
        yield from self._timed(replace(piece, days=None), days.first, days.words)

    def _undated(self, piece: Piece) -> Iterator[When]:
        """A time of the day alone: today's, or yesterday's where that is still to come."""
        today = self.here.today
        found = list(self._timed(piece, today, "today"))
        yield from found
        if any(self.here.at(today, begin) <= self.here.now for begin, _ in self._minutes(piece)):
            return
        for when in self._timed(piece, today - timedelta(days=1), "yesterday"):
            if when.span is not None:
                begin = hhmm(self.here.moment(when.span.since)[1])
                note = f"{begin} today is still to come, so yesterday’s is taken"
                if piece.part is NIGHT and piece.clock is None:
                    words = "last night, 22:00 to 06:00"
                    yield replace(when, span=replace(when.span, words=words))
                else:
                    yield replace(when, assumed=(*when.assumed, note))

    # of one day

    def _timed(self, piece: Piece, day: date, words: str) -> Iterator[When]:
        """A time of one day."""
        for begin, end in self._minutes(piece):
            yield self._stretch(day, begin, end, words)

    def _minutes(self, piece: Piece) -> list[tuple[int, int]]:
        part = piece.part
        if piece.clock is None:
            return [(part.begin, part.end)] if part is not None else [(0, MIDNIGHT)]
        options = piece.clock.options(part) + piece.clock.instants(part)
        if part is None:
            return options
        if part.end > MIDNIGHT and piece.days is not None:
            options = [_into_night(*each) for each in options]
        if piece.clock.kind in ("after", "before"):
            return [_within(*each, part) for each in options]
        return options

    def _stretch(self, day: date, begin: int, end: int, words: str) -> When:
        if begin >= MIDNIGHT:
            day += timedelta(days=1)
            begin, end, words = begin - MIDNIGHT, end - MIDNIGHT, self.here.say_day(day)
        since, until = self.here.at(day, begin), self.here.at(day, end, last=True)
        text = f"{words}, {hhmm(begin)} to {hhmm(end)}"
        if end > MIDNIGHT and words not in ("last night", "tonight"):
            text += " the next day"
        if since >= until and end - begin == 1:
            until = since + MINUTE
        if since >= until:
            return When(problem=f"The clocks go forward then: there is no {text}")
        if since > self.here.now:
            return When(problem=to_come(text))
        odd = (self.here.oddity(day, minutes) for minutes in (begin, end))
        return When(Span(since, until, text), assumed=tuple(each for each in odd if each)[:1])

    # of many days

    def _over(self, piece: Piece, span: Span, everything: bool) -> Iterator[When]:
        """Hours and weekdays over a longer window."""
        whole = When(span, weekdays=piece.weekdays)
        if span == self._everything():
            whole = replace(whole, everything=True)
        if not piece.timed:
            yield whole
            return
        for begin, end in self._minutes(replace(piece, days=None)):
            if span.until - span.since <= DAY:
                yield self._inside(span, begin, end)
            elif begin % 60 or end % 60:
                yield When(problem=WHOLE_HOURS)
            else:
                hours = tuple(sorted({hour % 24 for hour in range(begin // 60, end // 60)}))
                yield replace(whole, hours=hours if len(hours) < 24 else ())

    def _inside(self, span: Span, begin: int, end: int) -> When:
        """A time of day within a window that is no longer than a day."""
        first, _ = self.here.moment(span.since)
        for day in (first, first + timedelta(days=1)):
            since = max(span.since, self.here.at(day, begin))
            until = min(span.until, self.here.at(day, end, last=True))
            if self.here.now < since < until:
                return When(problem=to_come(f"{span.words}, {hhmm(begin)} to {hhmm(end)}"))
            if since < until:
                words = f"{span.words}, {hhmm(begin)} to {hhmm(end)}"
                return When(Span(since, until, words))
        return When(problem=f"{hhmm(begin)} to {hhmm(end)} is not in {span.words}")


def _into_night(begin: int, end: int) -> tuple[int, int]:
    """Hours after midnight of the night that begins on a day are of the next day."""
    if begin < MIDNIGHT // 2:
        return begin + MIDNIGHT, end + MIDNIGHT
    return begin, end


def _within(begin: int, end: int, part: Part) -> tuple[int, int]:
    """After 7 in "this evening": from then to its end."""
    first, last = max(begin, part.begin), min(end, part.end)
    return (first, last) if first < last else (begin, end)


def _differ(a: When, b: When) -> bool:
    if a.span is None or b.span is None:
        return a is not b
    same = (a.span.since, a.span.until) == (b.span.since, b.span.until)
    return not (same and a.hours == b.hours and a.weekdays == b.weekdays)


def _half(piece: Piece, main: When) -> tuple[str, ...]:
    """That a time is taken to be after noon, where that was not said."""
    clock = piece.clock
    if clock is None or main.span is None or main.hours or clock.part or piece.part:
        return ()
    said = clock.first
    begin = said.options()[0]
    if not said.half or (clock.last is not None and not clock.last.half):
        return ()
    if begin < NOON + 60 or hhmm(begin) not in main.span.words:
        return ()
    text = f"{said.minutes // 60}:{said.minutes % 60:02}" if said.exact else f"{said.minutes // 60}"
    return (f"{text} is taken as {hhmm(begin)}",)


def _assumed(piece: Piece) -> tuple[str, ...]:
    """What is taken for granted in a piece, in words."""
    found = [piece.days.assumed] if piece.days is not None else []
    clock = piece.clock
    if clock is not None and clock.kind == "around":
        found.append("half an hour before and after is taken")
    elif clock is not None and clock.kind in ("soon", "nearly"):
        found.append("half an hour is taken")
    elif clock is not None and clock.instants():
        found.append("the hour that begins then is taken")
    return tuple(filter(None, found))
