"""Times of the day, and days of the week that come again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .days_said import DaysSaid
from .hours_said import PARTS, Clock, Time, part_at, time_at
from .local_clock import MIDNIGHT, Here
from .points_said import PointsSaid
from .time_pieces import Piece
from .time_words import EACH_WEEKDAY, WEEKDAYS, Text

AROUND = (
    "around", "at around", "at about", "circa", "ca", "at approximately", "at roughly", "about",
    "approximately at", "roughly at", "around about", "close to", "near", "towards", "~",
)  # fmt: skip


_THIS_TIME = (
    "this time", "the same time", "same time", "this time of day", "this time of the day",
    "the same time of day", "this point", "this hour", "that time",
)  # fmt: skip
_COMPARED = frozenset(("than", "vs", "versus", "compared", "compare", "against", "more", "less"))

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
