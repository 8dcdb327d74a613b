"""Dates, months and years, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .calendar_days import Days, Found, month_words, stretch, unit_around
from .local_clock import EARLIEST, LATEST, Here, say_date
from .time_words import (
    BEFORE_DATES,
    MONTH_NAMES,
    MONTHS,
    TO,
    UNITS,
    WEEKDAY_NAMES,
    WEEKDAYS,
    Text,
    is_date_word,
    ordinal,
    word_set,
)

_FOLLOWED = word_set(
    """in at of and or vs versus to until till between from - was were how did does do is are
    this last we people compared with than what which who after before until through the on
    over by for up"""
)
_NUMERIC = re.compile(r"(\d{1,2})([./])(\d{1,2})[./](\d{2,4})")
_SHORT = re.compile(r"(\d{1,2})\.(\d{1,2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})t?")


_FEASTS = {
    "halloween": (31, 10), "christmas eve": (24, 12), "christmas day": (25, 12),
    "new year's eve": (31, 12), "new year 's eve": (31, 12), "new years eve": (31, 12),
    "new year 's day": (1, 1), "new years day": (1, 1),
}  # fmt: skip
"""Days that everybody has a name for, and that have the same date each year."""


@dataclass(frozen=True, slots=True)
class DatesSaid:
    """Reads them. Every method gives the place after the last word, and the days; or None."""

    text: Text
    here: Here

    def at(self, n: int) -> Found | None:
        return self._written(n) or self._spelt(n)

    def dated(self, n: int) -> Found | None:
        """A day of a month by its name: 25 October."""
        return self._spelt(n)

    def beside(self, days: Days, number: int) -> Days:
        """Another day of the same month."""
        return self._dated(number, days.first.month, days.first.year)

    def _written(self, n: int) -> Found | None:
        """2026-10-25, 25/10/2026, 25.10., 25/10."""
        word = self.text[n]
        if match := _ISO.fullmatch(word):
            year, month, day = (int(part) for part in match.groups())
            return n + 1, self._dated(day, month, year)
        if match := _NUMERIC.fullmatch(word):
            first, mark, second, years = match.groups()
            number = int(years) + (2000 if len(years) == 2 else 0)
            return n + 1, self._slashed(int(first), int(second), number, mark)
        if (match := _SHORT.fullmatch(word)) and self._is_short_date(n, *match.groups()):
            return n + 1, self._dated(int(match[1]), int(match[2]))
        one, two = self.text[n], self.text[n + 2]
        if self.text[n + 1] != "/" or not (one.isdecimal() and two.isdecimal()):
            return None
        if max(len(one), len(two)) > 2 or self.text[n + 3] in ("/", "of") or one + two == "247":
            return None  # 2/3 of them, 24/7
        return n + 3, self._slashed(int(one), int(two), None, "/")

    def _is_short_date(self, n: int, day: str, month: str) -> bool:
        """Not a time of day like 9.30, and no number."""
        before = self.text[n - 2] if self.text[n - 1] == "the" else self.text[n - 1]
        if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
            return False
        if self.text[n + 1] in TO and _SHORT.fullmatch(self.text[n + 2]):
            return True
        return before in ("on", "since", "until", "from", "to", "of", "before", "after", "-")

    def _slashed(self, first: int, second: int, year: int | None, mark: str) -> Days:
        """The day first, unless that cannot be."""
        day_first, month_first = (
            self._dated(*order, year) for order in ((first, second), (second, first))
        )
        if mark == "." or first == second or month_first.problem:
            return day_first
        if day_first.problem:
            return month_first
        today = self.here.today
        if day_first.first > today >= month_first.first:
            note = f"{first}/{second} is taken as {month_first.words}, as the other is to come"
            return replace(month_first, assumed=note)
        return replace(day_first, others=(month_first,))

    def _spelt(self, n: int) -> Found | None:
        """25 October 2026, the 25th of October, October 25th, Oct. 25, Halloween."""
        for name, (day, month) in _FEASTS.items():
            if length := self.text.has(n, name):
                return self._with_year(n + length, day, month)
        at = self.text.past(n, "the")
        if (found := ordinal(self.text, at)) is not None:
            end, day = found
            end = self.text.past(end, "of", "the") if self.text[end] == "of" else end
            if self.text[end] in MONTHS:
                return self._with_year(end + 1, day, MONTHS[self.text[end]])
            return None
        if self.text[n] in MONTHS:
            at = self.text.past(n + 1, "the")
            found = ordinal(self.text, at)
            if found is not None and not self._goes_on_as_time(found[0]):
                return self._with_year(found[0], found[1], MONTHS[self.text[n]])
        return None

    def _goes_on_as_time(self, n: int) -> bool:
        """ "October 9 am": no date."""
        return self.text[n] in ("am", "pm", "o") or self.text[n] in UNITS

    def _with_year(self, n: int, day: int, month: int) -> Found:
        year = self.year_number(n)
        return n + (year is not None), self._dated(day, month, year)

    def year_number(self, n: int) -> int | None:
        word = self.text[n]
        return int(word) if re.fullmatch(r"(19|2[01])\d\d", word) else None

    def _dated(self, day: int, month: int, year: int | None = None) -> Days:
        """That date, without a year the last one that is not to come."""
        today = self.here.today
        for back in range(9):
            try:
                found = date(today.year - back if year is None else year, month, day)
            except ValueError:
                if year is None:
                    continue
                break
            if year is None and found > today:
                continue
            if not EARLIEST <= found < LATEST:
                break
            return Days(found, found, say_date(found), "date" if year is None else "")
        named = 1 <= month <= 12
        name = f"{day} {MONTH_NAMES[month - 1]}" if named else f"{day}/{month}"
        name += f"{' ' if named else '/'}{year}" if year is not None else ""
        return Days(today, today, name, problem=f"There is no {name}")

    def number(self, n: int) -> Found | None:
        """The 25th."""
        at = self.text.past(n, "the")
        before = "on" if self.text[n - 1] in WEEKDAYS else self.text[n - 1] or "on"
        found = ordinal(self.text, at)
        if found is None or found[0] != at + 2 or (at == n and before not in BEFORE_DATES):
            return None
        end, day = found
        hours = ":" in self.text[end] or (
            self.text[end].isdecimal() and self.text[end + 1] in (*TO, "h", "am", "pm")
        )
        if self.text[end] and not hours and self.text[end] not in _FOLLOWED | BEFORE_DATES:
            return None
        first = self.here.today.replace(day=1)
        for _ in range(4):
            try:
                that = first.replace(day=day)
            except ValueError:
                that = LATEST
            if that <= self.here.today:
                return end, Days(that, that, say_date(that), "number")
            first = (first - timedelta(days=1)).replace(day=1)
        return end, Days(first, first, f"the {day}.", problem=f"No month has a day {day}")

    def month(self, n: int) -> Found | None:
        """October, October 2026, last October."""
        at = self.text.past(n, "last", "this", "next")
        word = self.text[at]
        if word not in MONTHS or not is_date_word(self.text, at):
            return None
        at = self.text.past(at, "'s")
        year = self.year_number(at + 1)
        month, today = MONTHS[word], self.here.today
        which = self.text[n] if at > n else ""
        ahead = month > today.month or (which == "last" and month == today.month)
        chosen = today.year - ahead if year is None else year
        if year is None and which in ("this", "next"):
            chosen = today.year + (which == "next" and month <= today.month)
        first, last = unit_around(date(chosen, month, 1), "month", 0)
        end = at + 2 if year is not None else self.text.past(at + 1, "'s")
        sort = "month" if year is None and not which else ""
        return end, Days(first, last, month_words(first), sort or "dated month")

    def year(self, n: int) -> Found | None:
        at = self.text.past(n, "the", "year")
        year = self.year_number(at)
        before = self.text[n - 1]
        if year is None or not (at > n or before in ("in", "of", "during", "since", "throughout")):
            return None
        return at + 1, Days(date(year, 1, 1), date(year, 12, 31), str(year), "year")

    def numbered(self, n: int) -> tuple[int, int, int | None, int] | None:
        """The 3rd, Saturday 7th: where the number stands and ends, its weekday if any, and it."""
        at = self.text.past(n, "the")
        weekday = WEEKDAYS.get(self.text[at])
        at = at if weekday is None else self.text.past(at + 1, "the")
        found = ordinal(self.text, at)
        return None if found is None else (at, found[0], weekday, found[1])

    def on_weekday(self, days: Days, weekday: int | None) -> Days:
        """That day, which has to be on its weekday where one is said with it."""
        if weekday is None or days.problem or days.first.weekday() == weekday:
            return days
        is_ = WEEKDAY_NAMES[days.first.weekday()]
        text = f"{say_date(days.first)} is a {is_}, not a {WEEKDAY_NAMES[weekday]}"
        return replace(days, problem=text)

    def day_run(self, n: int) -> Found | None:
        """3 to 5 November, the 3rd and the 5th of November, Sunday 15 to Monday 16 November."""
        first = self.numbered(n)
        if first is None:
            return None
        joined = self.text[first[1]]
        length = self.text.longest(first[1], TO) or joined in ("/", "and", "&")
        if not length:
            return None
        if joined in ("and", "&") and self.text[n - 1] not in ("between", "of", "from"):
            return None
        second = self.numbered(first[1] + length)
        last = self._spelt(second[0]) if second is not None else None
        last = last or self._spelt(first[1] + length)
        if last is None or last[1].problem or not last[1].single:
            return None
        day = last[1].last
        try:
            begin = day.replace(day=first[3])
        except ValueError:
            return None
        if begin > day:
            return None
        ends = [Days(begin, begin, say_date(begin)), last[1]]
        checked = self.on_weekday(ends[0], first[2])
        if not checked.problem and second is not None:
            checked = self.on_weekday(ends[1], second[2])
        return last[0], replace(stretch(ends[0], ends[1]), problem=checked.problem)

    def month_run(self, n: int) -> Found | None:
        """November 3 to 5."""
        first = self._spelt(n)
        if first is None or first[1].problem or self.text[n] not in MONTHS:
            return None
        length = self.text.longest(first[0], TO)
        if not length:
            return None
        at = self.text.past(first[0] + length, "the")
        last = ordinal(self.text, at)
        if last is None or self._goes_on_as_time(last[0]) or self.text[last[0]] in MONTHS:
            return None
        end, year = last[0], self.year_number(last[0])
        base = first[1].first
        try:
            both = (base, base.replace(day=last[1]))
            days = [each.replace(year=year or base.year) for each in both]
        except ValueError:
            return None
        if days[0] > days[1]:
            return None
        ends = [Days(each, each, say_date(each)) for each in days]
        return end + (year is not None), stretch(ends[0], ends[1])
