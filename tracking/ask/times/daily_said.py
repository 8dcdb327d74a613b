"""Times of the day, and days of the week that come again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .days_said import DaysSaid
from .hours_said import EARLY, MORNING, PARTS, Clock, Time, part_at, time_at
from .local_clock import MIDNIGHT, Here
from .points_said import PointsSaid
from .time_pieces import Piece
from .time_words import EACH_WEEKDAY, TO, WEEKDAYS, Text

AROUND = (
    "around", "at around", "at about", "circa", "ca", "at approximately", "at roughly", "about",
    "approximately at", "roughly at", "around about", "close to", "near", "towards", "~",
)  # fmt: skip


_THIS_TIME = (
    "this time", "the same time", "same time", "this time of day", "this time of the day",
    "the same time of day", "this point", "this hour", "that time",
)  # fmt: skip
_COMPARED = frozenset(("than", "vs", "versus", "compared", "compare", "against", "more", "less"))

_EARLY = tuple(
    f"{the}{hours}{of}"
    for the in ("", "the ", "in the ", "during the ")
    for hours in (
        "early hours", "small hours", "wee hours", "wee small hours", "early morning hours",
    )
    for of in ("", " of the morning", " of the day")
)  # fmt: skip
_BUSY = (
    "peak", "rush", "rush hour", "rush hours", "peak hour", "peak hours", "shift", "hours", "slot",
    "period",
)  # fmt: skip
"""Between a part of the day and its hours."""

_WITHOUT = (
    "without", "excl", "leaving out", "leaving aside", "except", "except for", "excepting",
    "excluding", "not counting", "not including", "omitting", "skipping", "ignoring",
    "other than", "apart from", "with the exception of", "but for",
)  # fmt: skip
_GONE = ("excluded", "left out", "not included", "not counted", "omitted", "excepted")
USUAL = ("typical", "normal", "average", "usual", "ordinary", "regular")
"""Before a weekday: as it usually is."""


@dataclass(frozen=True, slots=True)
class DailySaid:
    """Reads them."""

    text: Text
    here: Here
    days: DaysSaid
    points: PointsSaid

    def clock(self, n: int) -> Piece | None:
        """At 9, around noon, 9:30, after 6 pm, before 8."""
        found: list[Piece | None] = [self._timed(n, n, "at", firm=True)]
        for phrases, kind in (
            (("at", "exactly at", "precisely at", "by exactly"), "at"),
            (AROUND, "around"),
            (("after", "later than", "from"), "after"),
            (("shortly after", "just after", "right after", "soon after"), "soon"),
            (("shortly before", "just before", "right before"), "nearly"),
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
        part = None if kind in ("at", "around") else part_at(self.text, at)
        if part is not None and not (firm or self.text[at].endswith("s")):
            edge = part[1].end if kind in ("after", "soon") else part[1].begin
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

    def this_time(self, n: int) -> Piece | None:
        """This time yesterday, until the same time last Friday."""
        if (after := self._at_that_time(n)) is not None:
            return after
        length = self.text.has(n, "by", "until", "till", "up to", "up until", "before")
        at = n + (length or self.text.has(n, "at", "around", "about"))
        same = self.text.has(at, "this time", "the same time", "same time")
        found = self.days.at(self.text.past(at + same, "of", "on")) if same else None
        if found is None or not found[1].single:
            return None
        clock = Clock("before" if length else "around", Time(self.here.minute, exact=True))
        return Piece(n, found[0], days=found[1], clock=clock, problem=found[1].problem)

    def _at_that_time(self, n: int) -> Piece | None:
        """Yesterday by this time; compared with today, also yesterday at this time of day."""
        found = self.days.at(n)
        if found is None or not found[1].single:
            return None
        at = self.text.has(found[0], "at", "around", "about")
        length = at or self.text.longest(found[0], ("by", "until", "till", "up to", "up until"))
        same = self.text.longest(found[0] + length, _THIS_TIME) if length else 0
        if not same:
            return None
        compares = not _COMPARED.isdisjoint(self.text.words)
        kind: Literal["around", "before"] = "around" if at and not compares else "before"
        clock = Clock(kind, Time(self.here.minute, exact=True))
        end = found[0] + length + same
        return Piece(n, end, days=found[1], clock=clock, problem=found[1].problem)

    def part(self, n: int) -> Piece | None:
        """In the morning, over lunch, at night, in the evenings, every morning."""
        every = self.text[n] in ("every", "each", "most", "per")
        found = part_at(self.text, n + every)
        if found is None:
            return None
        end, part = found
        many = every or self.text[n].endswith("s")
        return Piece(n, end, part=part, each=many)

    def early(self, n: int) -> Piece | None:
        """The early hours of Wednesday, the small hours of this morning: from midnight to 6."""
        length = self.text.longest(n, _EARLY)
        if not length:
            return None
        end = n + length
        at = self.text.past(end, "of", "on", "the")
        near = self.points.near_part(at)
        if near is not None and near.part is MORNING and near.days is not None:
            return replace(near, part=EARLY)
        days = self.days.at(at) or self.days.at(self.text.past(end, "of", "on"))
        if days is None:
            return Piece(n, end, part=EARLY)
        end = self.text.past(days[0], "morning")
        return Piece(n, end, days=days[1], part=EARLY, problem=days[1].problem)

    def with_hours(self, n: int) -> Piece | None:
        """The morning peak (8-10h): these hours, which begin in that part of the day."""
        named = part_at(self.text, n)
        if named is None or self.text[n].endswith("s"):
            return None
        end, part = named
        at = end + self.text.longest(end, _BUSY)
        at = self.text.past(at, "between", "from") if at > end else end
        first = time_at(self.text, at) if at > end else None
        joined = self.text.has(first[0], *TO, "and") if first is not None else 0
        last = time_at(self.text, first[0] + joined) if first is not None and joined else None
        if first is None or last is None:
            return None
        begin, finish = first[1], last[1]
        if not (begin.firm or finish.firm) or not part.holds(begin.options(part)[0]):
            return None
        return Piece(n, last[0], clock=Clock("between", begin, finish, part))

    def left_out(self, n: int) -> Piece | None:
        """Without Sundays, leaving out Sunday, except at weekends: the other days of the week."""
        length = self.text.longest(n, _WITHOUT)
        if not length:
            return self._left_out_after(n)
        at = self.text.past(n + length, "for", "on", "at", "the", "all", "any", "every")
        end, gone = at, set[int]()
        while (found := self._weekday_named(end)) is not None:
            gone.update(found[1])
            end = self.text.past(found[0], "and", "or", "&")
            if end == found[0]:
                break
        else:
            return None
        kept = tuple(day for day in range(7) if day not in gone)
        return Piece(n, end, weekdays=kept, each=True, less=True) if kept else None

    def _left_out_after(self, n: int) -> Piece | None:
        """Sundays excluded, the weekend not included."""
        found = self._weekday_named(n)
        if found is None or not (length := self.text.longest(found[0], _GONE)):
            return None
        kept = tuple(day for day in range(7) if day not in found[1])
        return Piece(n, found[0] + length, weekdays=kept, each=True, less=True)

    def _weekday_named(self, n: int) -> tuple[int, tuple[int, ...]] | None:
        """Sunday, Sundays, the weekend; not Sunday morning, nor Sunday the 8th."""
        at = n + 1
        if self.text[n] in WEEKDAYS or self.text[n] in EACH_WEEKDAY:
            days: tuple[int, ...] = ({**WEEKDAYS, **EACH_WEEKDAY}[self.text[n]],)
        elif self.text[n] in ("weekend", "weekends", "weekday", "weekdays"):
            days = tuple(range(5, 7)) if "end" in self.text[n] else tuple(range(5))
        else:
            return None
        found = self.days.at(n)
        dated = found is not None and found[0] > at
        if dated or part_at(self.text, at) is not None or self.text[at] in (*TO, "the", "last"):
            return None
        return None if time_at(self.text, at) is not None else (at, days)

    def weekdays(self, n: int) -> Piece | None:
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

    def _one(self, n: int) -> tuple[str, ...]:
        """ "On a Saturday" is on any of them, "a Saturday in May" is not."""
        return ("a", "an") if self.text[n + 2] not in ("in", "of", "ago", "before") else ()

    def _each_weekday(self, n: int) -> tuple[int, tuple[int, ...]] | None:
        every = self.text[n] in ("every", "each", "any", "all", *self._one(n))
        at = n + every
        usual = self.text[n - 1] in USUAL
        if usual and self.text[n] in (*WEEKDAYS, "weekday", "weekend"):
            every, at = True, n
        for phrase, days in (
            ("weekdays", range(5)), ("working days", range(5)), ("workdays", range(5)),
            ("business days", range(5)), ("week days", range(5)), ("work days", range(5)),
            ("weekends", range(5, 7)), ("weekend days", range(5, 7)), ("week ends", range(5, 7)),
        ):  # fmt: skip
            if length := self.text.has(at, phrase):
                return at + length, tuple(days)
        parts = self.text[at + 1] in PARTS and self.text[at + 1].endswith("s")
        if parts and self.text[at] in WEEKDAYS:
            return at + 1, (WEEKDAYS[self.text[at]],)
        if parts and self.text[at] in ("weekday", "weekend"):
            return at + 1, tuple(range(5) if self.text[at] == "weekday" else range(5, 7))
        if self.text[at] in EACH_WEEKDAY:
            return at + 1, (EACH_WEEKDAY[self.text[at]],)
        if every and self.text[at] in WEEKDAYS:
            return at + 1, (WEEKDAYS[self.text[at]],)
        if every and self.text[at] in ("weekend", "weekday"):
            return at + 1, tuple(range(5, 7) if self.text[at] == "weekend" else range(5))
        return None
