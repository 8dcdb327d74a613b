"""Times of the day, and days of the week that come again."""

from __future__ import annotations

from dataclasses import dataclass

from .hours_said import Clock, Time, part_at, time_at
from .local_clock import MIDNIGHT
from .points_said import PointsSaid
from .time_pieces import Piece
from .time_words import EACH_WEEKDAY, WEEKDAYS, Text

AROUND = (
    "around", "at around", "at about", "circa", "ca", "at approximately", "at roughly", "about",
    "approximately at", "roughly at", "around about", "close to", "near", "towards", "~",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DailySaid:
    """Reads them."""

    text: Text
    points: PointsSaid

    def clock(self, n: int) -> Piece | None:
        """At 9, around noon, 9:30, after 6 pm, before 8."""
        found: list[Piece | None] = [self._timed(n, n, "at", firm=True)]
        for phrases, kind in (
            (("at", "exactly at", "precisely at", "by exactly"), "at"),
            (AROUND, "around"),
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

    def part(self, n: int) -> Piece | None:
        """In the morning, over lunch, at night, in the evenings, every morning."""
        every = self.text[n] in ("every", "each", "most")
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
