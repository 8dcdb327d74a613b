"""The pieces of a question that say when: "yesterday", "between 9 and 10", "since Monday"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from ..parsing.quantities import NUMBERS
from .calendar_days import Days, Found
from .clock_changes import ClockChanges
from .daily_said import AROUND, DailySaid
from .days_said import DaysSaid
from .hours_said import PARTS, part_at
from .lengths_said import LengthsSaid
from .local_clock import Here
from .points_said import PointsSaid
from .stretches_said import SINCE, StretchesSaid
from .time_pieces import Piece, to_come
from .time_words import (
    BEFORE_TIMES,
    EACH_WEEKDAY,
    INCLUSIVE,
    MONTHS,
    OPEN,
    TO,
    UNITS,
    WEEKDAY_NAMES,
    WEEKDAYS,
    Text,
    amount,
    word_set,
)

_EVERYTHING = (
    "all time", "of all time", "all times", "in total", "overall", "so far", "to date", "till date",
    "all told",
    "ever", "ever since", "since the beginning", "since the very beginning", "since the start",
    "from the beginning", "from the start", "since you started", "since we started",
    "since recording started", "since recording began", "since you started recording",
    "in the whole record", "in the entire record", "in the whole recording", "in the record",
    "in the records", "in all records", "in the whole history", "in history", "until now",
    "up to now", "up until now", "till now", "since records began", "since the recording started",
    "in the entire recording", "over the whole record", "over the whole recording",
    "everything recorded", "in the whole database",
    "whole record", "the whole record", "entire record", "the entire record", "whole recording",
    "the whole recording", "the entire recording", "full record", "the full record",
    "for all time", "since ever", "since forever",
    "in everything recorded", "in all of the record", "over all time", "across all time",
    "in all the time", "since day one", "the whole time", "all the time",
    "as far back as possible", "as far back as you go", "as far back as it goes", "from day one",
    "since installation", "since the installation", "since the first day",
    "since the first recording",
    *(
        f"since {who} {began}"
        for who in (
            "recording", "recordings", "the recording", "the recordings", "records", "the record",
            "the records", "counting", "tracking", "measuring", "monitoring", "you", "we", "it",
            "they", "the camera", "the cameras", "its camera",
            "that camera", "their camera", "this camera", "the system", "measurements", "the data",
        )
        for began in (
            "started", "began", "begins", "starts", "began recording", "started recording",
            "began to record", "started to record", "began counting", "started counting",
            "began tracking", "started tracking", "began watching", "started watching",
            "began measuring", "started measuring", "began monitoring", "started monitoring",
            "have been recording", "have been counting", "has been recording", "went live",
            "was installed", "were installed", "was set up", "were set up", "have data",
            "have records", "was put up", "were put up", "went up", "came online", "are recording",
            "first started recording", "first started", "ve been recording",
        )
    ),
    *(
        f"since the {start} of {what}"
        for start in ("start", "beginning", "begin")
        for what in (
            "recording", "the recording", "recordings", "the recordings", "the record", "records",
            "the records", "counting", "measurements", "tracking", "time", "monitoring",
        )
    ),
)  # fmt: skip
_NOW = (
    "now", "right now", "just now", "currently", "at the moment", "at this moment", "at present",
    "presently", "at this very moment", "this moment", "at the present moment", "at this time",
    "this very moment", "at this second", "this second", "this instant", "at this instant",
    "as of now", "as we speak", "at the current moment", "at the present time", "right this moment",
    "right this second", "this minute", "at this point in time",
)  # fmt: skip
_ONE_BEFORE = (
    "the one before", "the one before that", "the one before it", "the previous one",
    "one before", "one before that", "that before", "the one prior",
)  # fmt: skip
_COMPARES = word_set("compare compared comparing comparison difference differ differs")
_CHANGES = _COMPARES | word_set(
    """increase increased increases decrease decreased change changed changes grow grew growth rise
    rose drop dropped fall fell"""
)
"""From one time to another is then two times, not the stretch between them."""
_STARTS = frozenset(
    (
        *(phrase.split()[0] for phrase in (*_EVERYTHING, *_NOW, *SINCE, *AROUND)),
        *MONTHS, *WEEKDAYS, *EACH_WEEKDAY, *PARTS, *BEFORE_TIMES, *NUMBERS,
        *word_set(
            """today todays yesterday yesterdays tomorrow tomorrows tonight tonights overnight this
            last previous past next coming upcoming current the all whole entire full complete
            these every each any most per between anywhere anytime after before until till til up by
            later prior earlier exactly precisely through noon midday mid noontime high midnight
            half quarter three couple few day week weekend weekday first second third fourth
            opening office shop our halloween christmas new
            early small wee late middle excluding except without leaving omitting ignoring skipping
            not apart other but with that excl
            shortly just right soon straight same month year calendar kw cw weekdays weekends
            working workdays business work"""
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
    lengths: LengthsSaid
    daily: DailySaid
    changes: ClockChanges

    @classmethod
    def of(cls, text: Text, here: Here, begun: int | None) -> Pieces:
        """begun: when the record begins, ms since 1970 UTC, if there is one."""
        days = DaysSaid(text, here)
        points = PointsSaid(text, here, days)
        stretches = StretchesSaid(text, here, days, points, begun)
        lengths = LengthsSaid(text, here, days, points)
        daily = DailySaid(text, here, days, points)
        return cls(text, here, days, points, stretches, lengths, daily, ClockChanges(text, here))

    def found(self) -> Iterator[Piece]:
        """All pieces in order, each the longest that begins where it does."""
        n, earlier = 0, None
        while n < len(self.text):
            several = self._two_runs(n) or self._day_list(n)
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
        at = self.text.past(n, "on", "of", "the")
        starts, numbers = [n], []
        while (found := self.days.dates.numbered(at)) is not None:
            numbers.append(found)
            last = self.days.dates.dated(found[0])
            if last is not None:
                return self._listed(starts, numbers, last) if len(numbers) > 1 else []
            at = self.text.past(found[1], "and", "&", "or", "vs", "versus", "than", "on", "the")
            if at == found[1] and not self.text.is_near(found[1], 2):
                return []
            starts.append(at)
        return []

    def _listed(
        self, starts: list[int], numbers: list[tuple[int, int, int | None, int]], last: Found
    ) -> list[Piece]:
        end, days = last
        found = []
        for n, (_, after, weekday, number) in zip(starts, numbers, strict=True):
            is_last = n == starts[-1]
            day = days if is_last else self.days.dates.beside(days, number)
            day = self.days.dates.on_weekday(day, weekday)
            after = end if is_last else after
            used = frozenset(range(n, after))
            found.append(Piece(n, after, used, days=day, problem=day.problem))
        return found

    def _two_runs(self, n: int) -> list[Piece]:
        """A change from October 19-23 to Nov 9-13: a piece for each stretch."""
        lead = n + (self.text[n] in ("from", "between"))
        signs = _COMPARES if self.text[n] == "between" else _CHANGES
        first = self.days.run(lead) if signs & set(self.text.words) else None
        if first is None:
            return []
        at = first[0] + self.text.has(first[0], "and", *TO)
        last = self.days.run(at) if at > first[0] else None
        if last is None:
            return []
        return [
            Piece(n, first[0], frozenset(range(n, at)), days=first[1], problem=first[1].problem),
            Piece(at, last[0], frozenset(range(at, last[0])), days=last[1],
                  problem=last[1].problem),
        ]  # fmt: skip

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
            if before is not None and (best is None or before.end >= best.end):
                best = before
        if best is None:
            return None
        several = best.days is not None and not best.days.single and not best.timed
        end = best.end + (self.text.longest(best.end, INCLUSIVE) if several else 0)
        return replace(best, start=n, end=end, used=frozenset(range(n, end)))

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

    def _before_that(self, n: int, earlier: Piece | None) -> Piece | None:
        """The week before, where days were named before."""
        if earlier is None or earlier.days is None:
            return None
        found = self._one_before(n, earlier.days)
        if found is not None:
            return found
        for unit in ("day", "week", "month", "year"):
            length = self.text.has(n, f"the {unit} before that", f"the {unit} before",
                                   f"{unit} before that", f"{unit} before")  # fmt: skip
            if length:
                days = self.days.shifted_back(earlier.days, unit)
                return None if days is None else Piece(n, n + length, days=days, back=True)
        return self._after_that(n, earlier.days)

    def _one_before(self, n: int, earlier: Days) -> Piece | None:
        """The one before, the Tuesday before that, the 7 days before."""
        at = self.text.past(n, "the")
        if length := self.text.longest(n, _ONE_BEFORE):
            unit = earlier.sort.split()[-1] if earlier.sort else ""
            unit = "week" if unit in ("weekend", "weekday") else unit
            if earlier.single and unit not in ("week", "month"):
                by_name = earlier.words.split()[0] in WEEKDAY_NAMES
                unit = "week" if by_name else "day"
            if unit not in ("day", "week", "month", "year"):
                return self._so_many_before(n, n + length, earlier, earlier.count)
            days = self.days.shifted_back(earlier, unit)
            return None if days is None else Piece(n, n + length, days=days, back=True)
        if self.text[at] in WEEKDAYS and earlier.single and self.text[at + 1] == "before":
            weekday = WEEKDAYS[self.text[at]]
            back = (earlier.first.weekday() - weekday) % 7 or 7
            day = earlier.first - timedelta(days=back)
            end = self.text.past(at + 2, "that", "it")
            if self._is_dated(end):
                return None
            return Piece(n, end, days=Days(day, day, self.here.say_weekday(day)), back=True)
        much = amount(self.text, at)
        if much is not None and self.text[much[0]] == "before" and much[1].unit in ("day", "week"):
            count = round(much[1].count) * (7 if much[1].unit == "week" else 1)
            end = self.text.past(much[0] + 1, "that", "it", "these", "those")
            if count == earlier.count and not self._is_dated(end):
                return self._so_many_before(n, end, earlier, count)
        return None

    def _so_many_before(self, n: int, end: int, earlier: Days, count: int) -> Piece:
        back = timedelta(days=count)
        words = f"the {count} days before {earlier.words}"
        days = Days(earlier.first - back, earlier.last - back, words)
        return Piece(n, end, days=days, back=True)

    def _after_that(self, n: int, earlier: Days) -> Piece | None:
        """The next day, the following week, the day after: not that of today."""
        for unit in ("day", "week", "month"):
            length = self.text.longest(n, (
                f"the next {unit}", f"the following {unit}", f"following {unit}",
                f"the {unit} after that", f"the {unit} after", f"{unit} after", f"one {unit} later",
                f"a {unit} later", f"the {unit} afterwards",
            ))  # fmt: skip
            if not length or self._is_dated(n + length):
                continue
            days = self.days.shifted_on(earlier, unit)
            if days is None:
                return None
            problem = to_come(days.words) if days.first > self.here.today else ""
            return Piece(n, n + length, days=days, back=True, problem=problem)
        return None

    def _is_dated(self, n: int) -> bool:
        """Whether days are named there: "the day after the 14th"."""
        return self.days.at(self.text.past(n, "the")) is not None


Reader = Callable[[Pieces, int], "Piece | None"]

_READERS: tuple[Reader, ...] = (
    Pieces._everything, Pieces._now, Pieces._ahead, lambda p, n: p.points.near_part(n),
    lambda p, n: p.stretches.between(n), lambda p, n: p.stretches.since(n),
    lambda p, n: p.stretches.midnight(n), lambda p, n: p.stretches.bounded(n),
    lambda p, n: p.stretches.night(n), lambda p, n: p.daily.early(n),
    lambda p, n: p.changes.at(n), lambda p, n: p.daily.with_hours(n),
    lambda p, n: p.daily.left_out(n), lambda p, n: p.lengths.lately(n),
    lambda p, n: p.lengths.ago(n), lambda p, n: p.daily.weekdays(n),
    Pieces._whole_of, Pieces._calendar,
    lambda p, n: p.daily.this_time(n), lambda p, n: p.daily.clock(n), lambda p, n: p.daily.part(n),
)  # fmt: skip
