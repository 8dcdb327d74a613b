"""Lengths of time that end now, and moments so long ago."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from ...localtime import MINUTE, SECOND
from .days_said import DaysSaid
from .local_clock import Here, hhmm
from .points_said import PointsSaid
from .time_pieces import Piece, Reach, say_amount
from .time_words import (
    AFTER_HOURS,
    AFTER_NUMBERS,
    LATELY,
    SECONDS,
    UNITS,
    Amount,
    Text,
    amount,
)


@dataclass(frozen=True, slots=True)
class LengthsSaid:
    """Reads them."""

    text: Text
    here: Here
    days: DaysSaid
    points: PointsSaid

    def lately(self, n: int) -> Piece | None:
        """The last 30 minutes, the past hour, this hour."""
        end = self.here.end
        if length := self.text.has(n, "this hour", "current hour", "the current hour"):
            begin = self.here.at(self.here.today, self.here.minute // 60 * 60)
            return Piece(n, n + length, reach=Reach(begin, begin + 60 * MINUTE, "this hour"))
        if length := self.text.has(n, "previous hour", "the previous hour"):
            begin = self.here.now // MINUTE * MINUTE - self.here.minute % 60 * MINUTE
            hour = 60 * MINUTE
            return Piece(n, n + length, reach=Reach(begin - hour, begin, "the previous hour"))
        length = self.text.has(n, *LATELY)
        if not length:
            return self._begin_of(n)
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
        if found is None and self._is_hours(n, n + length):
            much = Amount(int(self.text[n + length]), "hour")
            hours = self._while(n, n + length + 1, much)
            note = f"{self.text[n + length]} is taken as hours"
            return replace(hours, assumed=(note,))
        if found is None or not found[1].seconds:
            return None
        piece = self._while(n, found[0], found[1])
        return self._end_of(piece, found[1]) or piece

    def _is_hours(self, n: int, at: int) -> bool:
        """ "In the last 24", "how many hours of the past 24"; not "the last 24 people"."""
        if self.text[at] not in ("24", "48", "72"):
            return False
        after = self.text[at + 1]
        if after and after not in AFTER_HOURS | AFTER_NUMBERS:
            return False
        hours = any(UNITS.get(word) == "hour" for word in self.text.words[:n])
        before = self.text[n - 1]
        return before in ("in", "over", "during", "within", "for") or (before == "of" and hours)

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

    def _begin_of(self, n: int) -> Piece | None:
        """The first 2 hours of today."""
        length = self.text.has(n, "the first", "first")
        found = amount(self.text, n + length) if length else None
        if found is None or not found[1].seconds or self.text[found[0]] != "of":
            return None
        days = self.days.at(found[0] + 1)
        if days is None or days[1].problem:
            return None
        since = self.here.at(days[1].first)
        words = f"the first {say_amount(found[1])} of {days[1].words}"
        reach = Reach(since, since + round(found[1].seconds) * SECOND, words)
        return Piece(n, days[0], reach=reach)

    def ago(self, n: int) -> Piece | None:
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
