"""The pieces of a question that say when: "yesterday", "between 9 and 10", "since Monday"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from ..localtime import DAY, MINUTE, SECOND
from .days_said import Days, DaysSaid, refined, stretch, weekday_stretch
from .hours_said import NIGHT, PARTS, TONIGHT, Clock, Part, Time, part_at, time_at
from .local_clock import MIDNIGHT, Here, hhmm
from .quantities import NUMBERS
from .time_words import (
    BEFORE_TIMES,
    EACH_WEEKDAY,
    MONTHS,
    OPEN,
    ORDINALS,
    SECONDS,
    UNITS,
    WEEKDAYS,
    Amount,
    Text,
    amount,
    ordinal,
)


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
    alone, as in "this morning". since: of a reach that begins with a time of an unnamed day. each: of every day that is meant, as in "in the mornings".
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


@dataclass(frozen=True, slots=True)
class Point:
    """A moment that a stretch begins or ends with, said up to the word before `end`."""

    end: int
    days: Days | None = None
    time: Time | None = None
    part: Part | None = None
    at: int | None = None
    words: str = ""

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


_TO = ("to", "-", "–", "—", "till", "til", "until", "through", "thru", "up to", "up until")
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
_COMPARES = frozenset("compare compared comparing comparison difference differ differs".split())
_CHANGES = _COMPARES | frozenset(
    """increase increased increases decrease decreased change changed changes grow grew growth rise
    rose drop dropped fall fell""".split()
)
"""From one time to another is then two times, not the stretch between them."""
_NUMBERED = frozenset(
    """camera cameras cam cams gate gates zone zones line lines door doors dock docks track tracks id
    ids top number numbers source sources bay room aisle floor level first last""".split()
)
_AROUND = (
    "around", "at around", "at about", "circa", "ca", "at approximately", "at roughly", "about",
    "approximately at", "roughly at", "around about", "close to", "near", "towards", "~", "at circa",
)  # fmt: skip
_SINCE = ("since", "ever since", "starting from", "starting at", "starting", "beginning at",
          "beginning", "as of", "from")  # fmt: skip


_STARTS = frozenset(
    (
        *(phrase.split()[0] for phrase in (*_EVERYTHING, *_NOW, *_SINCE, *_AROUND)),
        *MONTHS, *WEEKDAYS, *EACH_WEEKDAY, *PARTS, *BEFORE_TIMES, *NUMBERS,
        *"""today todays yesterday yesterdays tomorrow tomorrows tonight tonights overnight this last
        previous past next coming upcoming current the all whole entire full complete these every
        each any most between anywhere anytime after before until till til up by later prior earlier
        exactly precisely through noon midday mid noontime high midnight half quarter three couple
        few day week weekend month year calendar kw cw weekdays weekends working workdays business
        work""".split(),
    )
)  # fmt: skip
"""The words that a time may begin with, unless it begins with a digit."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Finds them. begun: when the record begins, ms since 1970 UTC, if there is one."""

    text: Text
    here: Here
    begun: int | None

    @property
    def days(self) -> DaysSaid:
        return DaysSaid(self.text, self.here)

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
            last = self.days.dated(at)
            if last is not None:
                return self._listed(n, numbers, last) if len(numbers) > 1 else []
            at = self.text.past(found[0], "and", "&", "or", "vs", "versus", "the")
            if at == found[0] and not self.text.is_near(found[0], 2):
                return []
        return []

    def _listed(self, n: int, numbers: list[tuple[int, int]], last: tuple[int, Days]) -> list[Piece]:
        end, days = last
        found = []
        for at, after in numbers[:-1]:
            number = ordinal(self.text, at)
            assert number is not None
            day = self.days.beside(days, number[1])
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
            after in (*MONTHS, *WEEKDAYS, *EACH_WEEKDAY, "past", "week", "weekdays", "weekends")
            and not (self.text[n] == "in" and (after in WEEKDAYS or after in EACH_WEEKDAY))
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
        first = self._point(lead)
        if first is None or not first.only_days or not signs & set(self.text.words):
            return [piece]
        if {"with", "vs", "versus", "than", "against"} & set(self.text.words[piece.end :]):
            return [piece]
        if lead == n and first.days is not None and first.days.sort == "weekday":
            return [piece]
        at = first.end + (self.text.has(first.end, "and", *_TO))
        last = self._point(at) if at > first.end else None
        if last is None or last.end != piece.end or first.days is None or last.days is None:
            return [piece]
        return [
            Piece(n, first.end, frozenset(range(n, at)), days=first.days),
            Piece(at, last.end, frozenset(range(at, last.end)), days=last.days),
        ]

    # phrases

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

    # days and parts of them

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
        return None if found is None else Piece(n, found[0], days=found[1], problem=found[1].problem)

    def _near_part(self, n: int) -> Piece | None:
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
        if found is None or self.text[found[0] - 1].endswith("s") and self.text[n] != "this":
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

    def _part(self, n: int) -> Piece | None:
        """In the morning, over lunch, at night, in the evenings, every morning."""
        every = self.text[n] in ("every", "each", "most")
        found = part_at(self.text, n + every)
        if found is None:
            return None
        end, part = found
        many = every or self.text[n].endswith("s")
        return Piece(n, end, part=part, each=many)

    def _night_between(self, n: int) -> Piece | None:
        """The night from 15 to 16 November, the night of 14/15 November."""
        length = self.text.has(n, "night from", "night of", "night between")
        if not length:
            return None
        found = self.days.run(n + length)
        at = n + length
        if found is None:
            first = self._point(at)
            joined = self.text.has(first.end, "and", *_TO) if first is not None else 0
            last = self._point(first.end + joined) if first is not None and joined else None
            if first is None or last is None or not (first.only_days and last.only_days):
                return None
            assert first.days is not None and last.days is not None
            found = last.end, self._both(first.days, last.days) or first.days
        end, days = found
        if days.count != 2:
            return None
        words = self.here.say_weekday(days.first) if days.sort == "weekdays" else ""
        night = Days(days.first, days.first, words or self.here.say_day(days.first))
        return Piece(n, end, days=night, part=NIGHT, tight=True)

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

    # lengths of time

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
        length = self.text.has(n, "the last", "last", "the past", "past", "the previous", "previous",
                               "these last", "the most recent", "these past")  # fmt: skip
        if not length:
            return None
        if self.text[n + length] in UNITS and (
            unit := UNITS[self.text[n + length]]
        ) in (*SECONDS, "day") and len(self.text[n + length]) > 1:
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
        point = self._moment_ago(n)
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

    def _moment_ago(self, n: int) -> Point | None:
        found = amount(self.text, n)
        if found is None or not 0 < found[1].seconds < 3660 * 86400:
            return None
        if self.text[found[0]] not in ("ago", "earlier", "back"):
            return None
        at = self.here.now - round(found[1].seconds) * SECOND
        return Point(found[0] + 1, at=at, words=f"{say_amount(found[1])} ago")

    # times of day

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
        end, beside = self._marker(end)
        if not time.firm and beside is None and (firm or self.text.counts(end) or self._is_date(at)):
            return None
        return Piece(n, end, clock=Clock(kind, time, part=beside))  # type: ignore[arg-type]

    def _marker(self, n: int) -> tuple[int, Part | None]:
        """In the morning, at night: which half of the day the time before is in."""
        at = n + self.text.has(n, "in the", "at", "during the")
        if at > n and self.text[at] in PARTS and not self.text[at].endswith("s"):
            return at + 1, PARTS[self.text[at]]
        return n, None

    def _is_date(self, n: int) -> bool:
        """Whether the number is the day of a date, such as 3 November or the 3rd."""
        found = self.days.dated(n)
        return found is not None or self.text[n + 1] in ORDINALS

    # stretches

    def _stretch(self, n: int) -> Piece | None:
        """From A to B, between A and B, A to B, A - B."""
        lead = self.text.has(n, "from", "between", "anywhere between", "anytime between")
        if lead and (run := self.days.run(n + lead)):
            return Piece(n, run[0], days=run[1])
        first = self._point(n + lead, inside=bool(lead))
        if first is None:
            return None
        between = self.text[n + lead - 1] == "between" if lead else False
        joined = self.text.longest(first.end, (*_TO, "and", "&") if between else _TO)
        glued = not joined and first.time is not None and self.text.is_near(first.end)
        if not joined and not glued:
            return None
        last = self._point(first.end + joined, inside=bool(lead))
        if last is None or (glued and last.time is None):
            return None
        return self._from_to(n, first, last, loose=not lead)

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
        if first.sort == "weekday" and last.sort == "weekday":
            return weekday_stretch(first, last, self.here)
        if first.first > last.last and first.sort == "weekday":
            week = timedelta(days=7)
            first = replace(first, first=first.first - week, last=first.last - week)
            first = replace(first, words=self.here.say_weekday(first.first))
        if first.first > last.first or first.last > last.last:
            return None
        return stretch(first, last)

    def _hours(self, n: int, first: Point, last: Point, loose: bool) -> Piece | None:
        """Times of one day."""
        begin, finish = first.begin(), last.begin() if last.part is None else last.finish()
        end, beside = self._marker(last.end) if last.days is None else (last.end, None)
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
        since, until = self._exact(first, True), self._exact(last, False)
        if since is None or until is None:
            return None
        if until <= since and first.days is not None and first.days.sort == "weekday":
            since -= 7 * DAY
        if until <= since:
            return None
        return Piece(n, last.end, reach=Reach(since, until, self._words(first, last)))

    def _words(self, first: Point, last: Point) -> str:
        return f"{self._say_point(first)} to {self._say_point(last)}"

    def _say_point(self, point: Point) -> str:
        if point.at is not None:
            return point.words
        day = point.days.words if point.days is not None else "today"
        if point.time is None and point.part is None:
            return day
        return _on(day, point.begin().options()[0])

    def _exact(self, point: Point, begins: bool) -> int | None:
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

    # open at one end

    def _since(self, n: int) -> Piece | None:
        """Since noon, since Monday, from 3 pm on, from Monday onwards."""
        length = self.text.longest(n, _SINCE)
        if not length:
            return None
        at = self.text.past(n + length, "the")
        begin = self.text.has(at, "start of", "beginning of", "begin of")
        point = self._point(n + length) or self._point(at)
        if begin:
            days = self.days.at(at + begin) or self.days.running(at + begin)
            point = None if days is None else Point(days[0], days=days[1])
        if point is None:
            return None
        end = point.end
        onwards = self.text.longest(end, ("onwards", "onward", "on", "until now", "to now", "till now",
                                      "up to now", "and later", "forward"))  # fmt: skip
        if self.text[n] in ("from", "starting", "beginning", "as") and length == 1 and not onwards:
            return None
        if self.text[n] == "from" and self.text[end] == "on" and self._point(end + 1) is not None:
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
            return Piece(n, end, reach=Reach(since, now, words, others), assumed=_noted(days))
        day = days.first if days is not None else today
        options = point.begin().options(point.part)
        back = () if days is not None else tuple((today - timedelta(days=1), m) for m in options)
        for on, minutes in (*((day, m) for m in options), *back):
            since = self.here.at(on, minutes)
            if since < now:
                name = days.words if days is not None else self.here.say_day(on)
                others = tuple(
                    Reach(self.here.at(on, m), now, f"since {_on(name, m)}")
                    for m in options
                    if m != minutes and self.here.at(on, m) < now
                )
                words = f"since {_on(name, minutes)}"
                odd = self.here.oddity(on, minutes)
                noted = (odd,) if odd else ()
                reach = Reach(since, now, words, others)
                clock = Clock("after", point.begin(), part=point.part) if days is None else None
                return Piece(n, end, reach=reach, since=clock, assumed=noted)
        return Piece(n, end, problem=to_come(f"{hhmm(options[0])}"))

    def _bounded(self, n: int) -> Piece | None:
        """Before Monday, until yesterday, after 3 November, after yesterday 6 pm."""
        for phrases, kind in (
            (("until", "till", "til", "up to", "up until", "through"), "until"),
            (("before", "prior to", "earlier than"), "before"),
            (("after", "later than"), "after"),
        ):
            length = self.text.longest(n, phrases)
            point = self._point(n + length) if length else None
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
            return self._open(n, point, kind)
        return None

    def _open(self, n: int, point: Point, kind: str) -> Piece | None:
        words = f"{kind} {self._say_point(point)}"
        if kind == "after":
            since = self._exact(point, begins=not point.only_days)
            assert since is not None
            if since >= self.here.end:
                return Piece(n, point.end, problem=to_come(f"what is {words}"))
            return Piece(n, point.end, reach=Reach(since, self.here.end, words))
        until = self._exact(point, begins=kind == "before")
        assert until is not None
        begun = min(until - DAY, until if self.begun is None else self.begun)
        return Piece(n, point.end, reach=Reach(begun // MINUTE * MINUTE, until, words))

    # moments

    def _point(self, n: int, inside: bool = False) -> Point | None:
        """The longest moment at n; a bare number is one inside of a stretch."""
        found = [
            self._moment_ago(n),
            self._point_now(n),
            self._point_days(n),
            self._point_time(n),
        ]
        return max((each for each in found if each), key=lambda each: each.end, default=None)

    def _point_now(self, n: int) -> Point | None:
        length = self.text.longest(n, ("now", "right now", "the present", "this moment"))
        return Point(n + length, at=self.here.now, words="now") if length else None

    def _point_days(self, n: int) -> Point | None:
        """Yesterday, Tuesday evening, 3 November at 9."""
        special = self._near_part(n)
        if special is not None and special.days is not None:
            return Point(special.end, days=special.days, part=special.part)
        found = self.days.at(n) or self.days.at(self.text.past(n, "the"))
        found = found or self.days.at(self.text.past(n, "on"))
        if found is None:
            return None
        end, days = found
        at = self.text.past(end, "at", "around")
        timed = time_at(self.text, at)
        if timed is not None and (timed[1].firm or at > end) and not self._is_date(at):
            end, _ = self._marker(timed[0])
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
        end, beside = self._marker(end)
        if beside is not None:
            time = replace(time, minutes=time.options(beside)[0], half=False, firm=True)
        after = self.text.past(end, "on", "of", "the")
        days = None if self.text[end] == "-" else self.days.at(after) or self.days.at(end)
        if days is not None and not self._ends_with_time(days[0]):
            return Point(days[0], days=days[1], time=time)
        return Point(end, time=time)

    def _ends_with_time(self, n: int) -> bool:
        return self.text[n] in ("am", "pm")


Reader = Callable[[Pieces, int], "Piece | None"]

_READERS: tuple[Reader, ...] = (
    Pieces._everything, Pieces._now, Pieces._ahead, Pieces._near_part, Pieces._stretch,
    Pieces._since, Pieces._bounded, Pieces._night_between, Pieces._last_while, Pieces._ago,
    Pieces._weekdays, Pieces._whole_of, Pieces._calendar, Pieces._clock, Pieces._part,
)  # fmt: skip


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
        assumed=(*a.assumed, *b.assumed),
        problem=days.problem if days is not None else "",
    )


def _one_of(a: Piece, b: Piece, here: Here) -> Days | None:
    assert a.days is not None and b.days is not None
    if a.whole or b.whole:
        return b.days if a.whole else a.days
    if a.days == b.days:
        return a.days
    return refined(a.days, b.days, here) or refined(b.days, a.days, here)


def _bounds(a: Piece, b: Piece) -> Piece | None:
    """After 9 and before 12: between the two."""
    assert a.clock is not None and b.clock is not None
    kinds = {a.clock.kind: a.clock, b.clock.kind: b.clock}
    if set(kinds) != {"after", "before"}:
        return None
    clock = Clock("between", kinds["after"].first, kinds["before"].first, a.clock.part or b.clock.part)
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


def _on(day: str, minutes: int) -> str:
    """12:00 today, or 3 November 2026, 12:00."""
    time = hhmm(minutes)
    return f"{time} {day}" if day in ("today", "yesterday") else f"{day}, {time}"


def _noted(days: Days) -> tuple[str, ...]:
    return (days.assumed,) if days.assumed else ()
