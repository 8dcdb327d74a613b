"""Parts of a month: its first week, its last Friday, its first three days, its second half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..parsing.quantities import number
from .calendar_days import Days, Found, month_words, stretch, unit_around
from .dates_said import DatesSaid
from .local_clock import Here, say_date
from .time_words import WEEKDAYS, Text

_ORDER = {
    **{"first": 0, "second": 1, "third": 2, "fourth": 3, "middle": 1, "last": -1, "final": -1},
    **{"1": 0, "2": 1, "3": 2, "4": 3},
}
_THIRDS = ("early", "mid", "late")
_ENDINGS = ("st", "nd", "rd", "th")
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MonthParts:
    """Reads them."""

    text: Text
    here: Here
    dates: DatesSaid

    def at(self, n: int) -> Found | None:
        """The second week of November, the last Friday of this month, the first 3 days of it."""
        third = self._third(n)
        if third is not None:
            return third
        at = self.text.past(n, "the")
        which = _ORDER.get(self.text[at])
        if which is None or (self.text[at] == "middle" and self.text[at + 1] != "third"):
            return None
        numeral = self.text[at].isdecimal()
        if numeral and self.text[at + 1] not in _ENDINGS:
            return None
        return self._part(at + 1 + numeral, which)

    def _part(self, at: int, which: int) -> Found | None:
        unit, after = self.text[at], at + 1
        count = number(unit) if unit not in ("a", "an", "half") else None
        if count is not None and self.text[after] == "days":
            unit, after = "days", after + 1
        if not self.text.has(after, "of", "in"):
            return None
        found = self._month(after + 1)
        if found is None:
            return None
        end, month = found
        days = next(self._days(unit, which, month, count), None)
        if days is None:
            name = f"the {('first', 'second', 'third', 'fourth', 'last')[which]} {unit}"
            return None if unit not in _UNITS else (end, replace(month, problem=f"{month.words}"
                                                    f" has no such part as {name}"))  # fmt: skip
        return end, days

    def _third(self, n: int) -> Found | None:
        """Early November, mid October, late last month: ten days of it, or what is left of it."""
        at = self.text.past(n, "the")
        length = self.text.has(at, "middle of")
        name = "mid" if length else self.text[at]
        if name not in _THIRDS:
            return None
        found = self._month(self.text.past(at + (length or 1), "in"))
        if found is None or found[1].problem:
            return None
        end, month = found
        first = month.first + timedelta(days=10 * _THIRDS.index(name))
        last = month.last if name == "late" else first + timedelta(days=9)
        days = _from_to(first, last)
        note = f"{name} {month.words} is taken as {days.words}"
        return end, replace(days, sort="mid month" if name == "mid" else "", assumed=note)

    def _month(self, n: int) -> Found | None:
        """November, this month, last month."""
        for phrases, offset in (
            (("this month", "the month", "the current month", "current month"), 0),
            (("last month", "the last month", "the previous month", "previous month"), -1),
        ):
            if length := self.text.has(n, *phrases):
                first, last = unit_around(self.here.today, "month", offset)
                return n + length, Days(first, last, month_words(first), "dated month")
        return self.dates.month(n)

    def _days(self, unit: str, which: int, month: Days, count: float | None) -> Iterator[Days]:
        first, last = month.first, month.last
        if unit == "week":
            begin = last - timedelta(days=6) if which < 0 else first + which * _WEEK
            whole = _from_to(begin, begin + timedelta(days=6))
            yield replace(whole, assumed="a week of a month is 7 days of it")
        elif unit in WEEKDAYS or unit == "weekend":
            weekday = WEEKDAYS.get(unit, 5)
            begin = first + timedelta(days=(weekday - first.weekday()) % 7) + which * _WEEK
            if which < 0:
                begin = last - timedelta(days=(last.weekday() - weekday) % 7)
            if begin <= last and unit == "weekend":
                yield replace(_from_to(begin, begin + timedelta(days=1)), sort="weekend")
            elif begin <= last:
                yield Days(begin, begin, self.here.say_weekday(begin))
        elif unit == "half" and which in (0, 1, -1):
            middle = first + timedelta(days=15)
            yield (
                _from_to(first, middle - timedelta(days=1)) if not which else _from_to(middle, last)
            )
        elif unit == "third" and which in (0, 1, 2, -1):
            third = which % 3
            begin = first + timedelta(days=10 * third)
            yield _from_to(begin, last if third == 2 else begin + timedelta(days=9))
        elif unit == "day" and which in (0, -1):
            day = first if not which else last
            yield Days(day, day, say_date(day))
        elif unit == "days" and which in (0, -1) and count and 1 <= count <= month.count:
            length = timedelta(days=round(count) - 1)
            yield _from_to(first, first + length) if not which else _from_to(last - length, last)


_UNITS = (*WEEKDAYS, "week", "weekend", "half", "third", "day", "days")


def _from_to(first: date, last: date) -> Days:
    return stretch(*(Days(day, day, say_date(day)) for day in (first, last)))
