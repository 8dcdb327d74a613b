"""The pieces of a question that say when: "yesterday", "between 9 and 10", "since Monday"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from ..localtime import MINUTE, SECOND
from .calendar_days import Found
from .days_said import DaysSaid
from .hours_said import PARTS, Clock, Time, part_at, time_at
from .local_clock import MIDNIGHT, Here, hhmm
from .points_said import PointsSaid
from .quantities import NUMBERS
from .stretches_said import SINCE, StretchesSaid
from .time_pieces import Piece, Reach, say_amount, to_come
from .time_words import (
    BEFORE_TIMES,
    EACH_WEEKDAY,
    LATELY,
    MONTHS,
    OPEN,
    SECONDS,
    TO,
    UNITS,
    WEEKDAYS,
    Amount,
    Text,
    amount,
    ordinal,
    word_set,
)

_EVERYTHING = (
    "all time", "of all time", "all times", "in total", "overall", "so far", "to date", "till date",
    "ever", "ever since", "since the beginning", "since the very beginning", "since the start",
    "from the beginning", "from the start", "since you started", "since we started",
    "since recording started", "since recording began", "since you started recording",
    "in the whole record", "in the entire record", "in the whole recording", "in the record",
    "in the records", "in all records", "in the whole history", "in history", "until now",
    "up to now", "up until now", "till now", "since records began", "since the recording started",
    "in the entire recording", "over the whole record", "over the whole recording",
    "everything recorded", "in the whole database", "for all time", "since ever", "since forever",
    "in everything recorded", "in all of the record", "over all time", "across all time",
    "in all the time", "since day one", "the whole time", "all the time",
)  # fmt: skip
_NOW = (
    "now", "right now", "just now", "currently", "at the moment", "at this moment", "at present",
    "presently", "at this very moment", "this moment", "at the present moment", "at this time",
    "this very moment", "at this second", "this second", "this instant", "at this instant",
    "as of now", "as we speak", "at the current moment", "at the present time", "right this moment",
    "right this second", "this minute", "at this point in time",
)  # fmt: skip
_COMPARES = word_set("compare compared comparing comparison difference differ differs")
_CHANGES = _COMPARES | word_set(
    """increase increased increases decrease decreased change changed changes grow grew growth rise
    rose drop dropped fall fell"""
)
"""From one time to another is then two times, not the stretch between them."""
_AROUND = (
    "around", "at around", "at about", "circa", "ca", "at approximately", "at roughly", "about",
    "approximately at", "roughly at", "around about", "close to", "near", "towards", "~",
)  # fmt: skip
_STARTS = frozenset(
    (
        *(phrase.split()[0] for phrase in (*_EVERYTHING, *_NOW, *SINCE, *_AROUND)),
        *MONTHS, *WEEKDAYS, *EACH_WEEKDAY, *PARTS, *BEFORE_TIMES, *NUMBERS,
        *word_set(
            """today todays yesterday yesterdays tomorrow tomorrows tonight tonights overnight this
            last previous past next coming upcoming current the all whole entire full complete
            these every each any most between anywhere anytime after before until till til up by
            later prior earlier exactly precisely through noon midday mid noontime high midnight
            half quarter three couple few day week weekend month year calendar kw cw weekdays
            weekends working workdays business work"""
        ),
    )
)  # fmt: skip
"""The words that a time may begin with, unless it begins with a digit."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Finds them."""

    text: Text
    here: Here
    days: DaysSaid
    points: PointsSaid
    stretches: StretchesSaid

    @classmethod
    def of(cls, text: Text, here: Here, begun: int | None) -> Pieces:
        """begun: when the record begins, ms since 1970 UTC, if there is one."""
        days = DaysSaid(text, here)
        points = PointsSaid(text, here, days)
        return cls(text, here, days, points, StretchesSaid(text, here, days, points, begun))

    def found(self) -> Iterator[Piece]:
        """All pieces in order, each the longest that begins where it does."""
        n, earlier = 0, None
        while n < len(self.text):
            several = self._day_list(n)
            piece = None if several else self._at(n, earlier)
            for each in several or (self._apart(piece, n) if piece is not None else ()):
                yield each
                earlier = each if each.days is not None else earlier
                n = max(n, each.end)
            if not several and piece is None:
                n += 1

    def _day_list(self, n: int) -> list[Piece]:
        """7 and 8 November, the 3rd, 4th and 5th of November: a piece for each day."""
        if self.text[n] == "between" or self.text[n - 1] in ("between", "weekend", "week"):
            return []
        start = self.text.past(n, "on", "of", "the")
        numbers, at = [], start
        while (found := ordinal(self.text, at)) is not None:
            numbers.append((at, found[0]))
            last = self.days.dates.dated(at)
            if last is not None:
                return self._listed(n, numbers, last) if len(numbers) > 1 else []
            at = self.text.past(found[0], "and", "&", "or", "vs", "versus", "the")
            if at == found[0] and not self.text.is_near(found[0], 2):
                return []
        return []

    def _listed(self, n: int, numbers: list[tuple[int, int]], last: Found) -> list[Piece]:
        end, days = last
        found = []
        for at, after in numbers[:-1]:
            number = ordinal(self.text, at)
            assert number is not None
            day = self.days.dates.beside(days, number[1])
            used = frozenset(range(n, after))
            found.append(Piece(n, after, used, days=day, problem=day.problem))
            n = numbers[len(found)][0]
        used = frozenset(range(numbers[-1][0], end))
        return [*found, Piece(numbers[-1][0], end, used, days=days, problem=days.problem)]

    def _at(self, n: int, earlier: Piece | None) -> Piece | None:
        if self.text[n] not in _STARTS and not self.text[n][:1].isdecimal():
            return None
        best: Piece | None = None
        for start in self._leads(n):
            for read in _READERS:
                piece = read(self, start)
                if piece is not None and (best is None or piece.end > best.end):
                    best = piece
            before = self._before_that(start, earlier)
            if before is not None and (best is None or before.end > best.end):
                best = before
        if best is None:
            return None
        return replace(best, start=n, used=frozenset(range(n, best.end)))

    def _leads(self, n: int) -> list[int]:
        """n, and the places after a preposition that belongs to a time there."""
        at = n
        if self.text[at] in BEFORE_TIMES and self._belongs(at):
            at += 1
        return [n, *range(n + 1, self.text.past(at, "the") + 1)]

    def _belongs(self, n: int) -> bool:
        """Whether a preposition is the time's; in "came in today" it is the verb's."""
        after = self.text[n + 1]
        if self.text[n] in OPEN or after == "the":
            return after not in BEFORE_TIMES or after == "the"
        return (
            (
                after in (*MONTHS, *WEEKDAYS, *EACH_WEEKDAY, "past", "week", "weekdays", "weekends")
                and not (self.text[n] == "in" and (after in WEEKDAYS or after in EACH_WEEKDAY))
            )
            or after[:1].isdecimal()
            or (after in PARTS and after != "overnight")
            or after in ("working", "work", "business", "every", "each")
        )

    def _apart(self, piece: Piece, n: int) -> list[Piece]:
        """From yesterday to today is a comparison where something has changed."""
        if piece.days is None or piece.days.single or piece.timed:
            return [piece]
        lead = n + (self.text[n] in ("from", "between"))
        signs = _COMPARES if self.text[n] == "between" else _CHANGES
        first = self.points.at(lead)
        if first is None or not first.only_days or not signs & set(self.text.words):
            return [piece]
        if {"with", "vs", "versus", "than", "against"} & set(self.text.words[piece.end :]):
            return [piece]
        if lead == n and first.days is not None and first.days.sort == "weekday":
            return [piece]
        at = first.end + (self.text.has(first.end, "and", *TO))
        last = self.points.at(at) if at > first.end else None
        if last is None or last.end != piece.end or first.days is None or last.days is None:
            return [piece]
        return [
            Piece(n, first.end, frozenset(range(n, at)), days=first.days),
            Piece(at, last.end, frozenset(range(at, last.end)), days=last.days),
        ]

    def _everything(self, n: int) -> Piece | None:
        length = self.text.longest(n, _EVERYTHING)
        if not length or self.text[n + length] == "of":
            return None
        return Piece(n, n + length, everything=True)

    def _now(self, n: int) -> Piece | None:
        if self.text[n] == "current" and self.text[n + 1] not in UNITS:
            return Piece(n, n + 1, now=True)
        length = self.text.longest(n, _NOW)
        return Piece(n, n + length, now=True) if length else None

    def _ahead(self, n: int) -> Piece | None:
        """What is to come."""
        for phrase in ("in the future", "in future"):
            if length := self.text.has(n, phrase):
                return self._to_come(n, n + length, "the future")
        if length := self.text.has(n, "the next", "next", "the coming", "coming", "the upcoming"):
            found = amount(self.text, n + length)
            if found is not None:
                words = " ".join(self.text.words[n : found[0]])
                return self._to_come(n, found[0], words)
            if self.text[n + length] in ("hour", "minute", "night", "morning", "afternoon",
                                         "evening", "few"):  # fmt: skip
                end = n + length + 1
                return self._to_come(n, end, " ".join(self.text.words[n:end]))
        if length := self.text.has(n, "tomorrow", "tomorrows"):
            end = self.text.past(n + length, "'s")
            part = part_at(self.text, end)
            return self._to_come(n, part[0] if part else end, "tomorrow")
        return None

    def _to_come(self, n: int, end: int, words: str) -> Piece:
        return Piece(n, end, problem=to_come(words))

    def _calendar(self, n: int) -> Piece | None:
        found = self.days.run(n) or self.days.at(n)
        if found is None:
            return None
        end, days = found
        first = self.text[n + 1] if self.text[n] == "the" else self.text[n]
        whole = first in ("all", "whole", "entire", "full", "complete") and days.words == "today"
        if whole and self.text.has(end, "long"):
            end += 1
        if whole and self.text[end] == "of":
            end += 1
        return Piece(n, end, days=days, whole=whole, problem=days.problem)

    def _whole_of(self, n: int) -> Piece | None:
        """The whole of yesterday, all of last week."""
        length = self.text.has(n, "the whole of", "all of", "the entirety of", "whole of")
        found = self.days.at(n + length) if length else None
        if found is None:
            return None
        return Piece(n, found[0], days=found[1], problem=found[1].problem)

    def _part(self, n: int) -> Piece | None:
        """In the morning, over lunch, at night, in the evenings, every morning."""
        every = self.text[n] in ("every", "each", "most")
        found = part_at(self.text, n + every)
        if found is None:
            return None
        end, part = found
        many = every or self.text[n].endswith("s")
        return Piece(n, end, part=part, each=many)

    def _weekdays(self, n: int) -> Piece | None:
        """On Mondays, every Friday, on weekends, Mondays to Fridays, Tuesdays and Thursdays."""
        found = self._each_weekday(n)
        if found is None:
            return None
        end, days = found
        several = len(days) == 1
        while several and self.text[end] in ("and", "or", "&", "to", "-", "through", "till"):
            more = self._each_weekday(end + 1)
            if more is None or len(more[1]) != 1:
                break
            if self.text[end] in ("and", "or", "&"):
                days = (*days, *more[1])
            else:
                first, last = days[-1], more[1][0]
                days = (*days, *((first + k) % 7 for k in range((last - first) % 7 + 1)))
            end = more[0]
        return Piece(n, end, weekdays=tuple(sorted(set(days))), each=True)

    def _each_weekday(self, n: int) -> tuple[int, tuple[int, ...]] | None:
        every = self.text[n] in ("every", "each", "any", "all")
        at = n + every
        for phrase, days in (
            ("weekdays", range(5)), ("working days", range(5)), ("workdays", range(5)),
            ("business days", range(5)), ("week days", range(5)), ("work days", range(5)),
            ("weekends", range(5, 7)), ("weekend days", range(5, 7)), ("week ends", range(5, 7)),
        ):  # fmt: skip
            if length := self.text.has(at, phrase):
                return at + length, tuple(days)
        if self.text[at] in EACH_WEEKDAY:
            return at + 1, (EACH_WEEKDAY[self.text[at]],)
        if every and self.text[at] in WEEKDAYS:
            return at + 1, (WEEKDAYS[self.text[at]],)
        if every and self.text[at] in ("weekend", "weekday"):
            return at + 1, tuple(range(5, 7) if self.text[at] == "weekend" else range(5))
        return None

    def _before_that(self, n: int, earlier: Piece | None) -> Piece | None:
        """The week before, where days were named before."""
        if earlier is None or earlier.days is None:
            return None
        for unit in ("day", "week", "month", "year"):
            length = self.text.has(n, f"the {unit} before that", f"the {unit} before",
                                   f"{unit} before that", f"{unit} before")  # fmt: skip
            if length:
                days = self.days.shifted_back(earlier.days, unit)
                return None if days is None else Piece(n, n + length, days=days)
        return None

    def _last_while(self, n: int) -> Piece | None:
        """The last 30 minutes, the past hour, this hour."""
        end = self.here.end
        if length := self.text.has(n, "this hour", "current hour", "the current hour"):
            begin = self.here.at(self.here.today, self.here.minute // 60 * 60)
            return Piece(n, n + length, reach=Reach(begin, begin + 60 * MINUTE, "this hour"))
        if length := self.text.has(n, "previous hour", "the previous hour", "the hour before"):
            begin = self.here.now // MINUTE * MINUTE - self.here.minute % 60 * MINUTE
            hour = 60 * MINUTE
            return Piece(n, n + length, reach=Reach(begin - hour, begin, "the previous hour"))
        length = self.text.has(n, *LATELY)
        if not length:
            return None
        if (
            self.text[n + length] in UNITS
            and (unit := UNITS[self.text[n + length]]) in (*SECONDS, "day")
            and len(self.text[n + length]) > 1
        ):
            if self.text[n + length].endswith("s"):
                return None
            much = Amount(1, unit) if unit != "day" else Amount(24, "hour")
            end = n + length + 1
            half = self.text.has(end, "and a half") if unit != "day" else 0
            return self._while(n, end + half, Amount(1.5, unit) if half else much)
        found = amount(self.text, n + length)
        if found is None or not found[1].seconds:
            return None
        piece = self._while(n, found[0], found[1])
        return self._end_of(piece, found[1]) or piece

    def _while(self, n: int, end: int, much: Amount) -> Piece:
        seconds = round(much.seconds)
        now = self.here.end if seconds >= 60 else -(-self.here.now // SECOND) * SECOND
        words = "the last hour" if seconds == 3600 else f"the last {say_amount(much)}"
        words = "the last minute" if seconds == 60 else words
        assumed = (f"“a few” is taken as {round(much.count)}",) if much.few else ()
        if seconds > 3660 * 86400:
            return Piece(n, end, problem="That is further back than a record goes")
        return Piece(n, end, reach=Reach(now - seconds * SECOND, now, words), assumed=assumed)

    def _end_of(self, piece: Piece, much: Amount) -> Piece | None:
        """The last 2 hours of yesterday."""
        if self.text[piece.end] != "of":
            return None
        found = self.days.at(piece.end + 1)
        if found is None or found[1].problem:
            return None
        until = self.here.at(found[1].last + timedelta(days=1))
        since = until - round(much.seconds) * SECOND
        words = f"the last {say_amount(much)} of {found[1].words}"
        return Piece(piece.start, found[0], reach=Reach(since, until, words))

    def _ago(self, n: int) -> Piece | None:
        """2 hours ago: the hour around that moment."""
        point = self.points.ago(n)
        if point is None or point.at is None:
            return None
        found = amount(self.text, n)
        assert found is not None
        wide = found[1].seconds >= 3600
        middle = point.at // MINUTE * MINUTE
        since, until = (middle - 30 * MINUTE, middle + 30 * MINUTE) if wide else (
            middle, middle + MINUTE
        )  # fmt: skip
        _, minutes = self.here.moment(middle)
        until = min(until, self.here.end)
        words = f"around {hhmm(minutes)}, {point.words}" if wide else point.words
        assumed = ("half an hour before and after is taken",) if wide else ()
        if found[1].few:
            assumed = (*assumed, f"“a few” is taken as {round(found[1].count)}")
        return Piece(n, point.end, reach=Reach(since, until, words), assumed=assumed)

    def _clock(self, n: int) -> Piece | None:
        """At 9, around noon, 9:30, after 6 pm, before 8."""
        found: list[Piece | None] = [self._timed(n, n, "at", firm=True)]
        for phrases, kind in (
            (("at", "exactly at", "precisely at", "by exactly"), "at"),
            (_AROUND, "around"),
            (("after", "later than", "from"), "after"),
            (("before", "prior to", "earlier than", "until", "till", "til", "by", "up to",
              "up until"), "before"),
        ):  # fmt: skip
            if length := self.text.longest(n, phrases):
                first = self.text[n]
                firm = first in ("from", "by", "about", "near", "close", "towards", "up")
                found.append(self._timed(n, n + length, kind, firm=firm))
        return max((each for each in found if each), key=lambda each: each.end, default=None)

    def _timed(self, n: int, at: int, kind: str, firm: bool) -> Piece | None:
        at = self.text.past(at, "the") if kind != "at" else at
        part = part_at(self.text, at) if kind in ("after", "before") else None
        if part is not None and not (firm or self.text[at].endswith("s")):
            edge = part[1].end if kind == "after" else part[1].begin
            return Piece(n, part[0], clock=Clock(kind, Time(edge % MIDNIGHT)))  # type: ignore[arg-type]
        found = time_at(self.text, at)
        if found is None:
            return None
        end, time = found
        end, beside = self.points.marker(end)
        if time.firm or beside is not None:
            return Piece(n, end, clock=Clock(kind, time, part=beside))  # type: ignore[arg-type]
        if firm or self.text.counts(end) or self.points.is_date(at):
            return None
        return Piece(n, end, clock=Clock(kind, time, part=beside))  # type: ignore[arg-type]


Reader = Callable[[Pieces, int], "Piece | None"]

_READERS: tuple[Reader, ...] = (
    Pieces._everything, Pieces._now, Pieces._ahead, lambda p, n: p.points.near_part(n),
    lambda p, n: p.stretches.between(n), lambda p, n: p.stretches.since(n),
    lambda p, n: p.stretches.bounded(n), lambda p, n: p.stretches.night(n),
    Pieces._last_while, Pieces._ago, Pieces._weekdays, Pieces._whole_of, Pieces._calendar,
    Pieces._clock, Pieces._part,
)  # fmt: skip
