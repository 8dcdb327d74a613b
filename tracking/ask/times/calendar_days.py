"""Days of the calendar as values, and what of them belongs together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from .local_clock import Here, say_date
from .time_words import MONTH_NAMES, WEEKDAY_NAMES


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days of a calendar, from the first to the last one.

    sort: what they were named by, as far as more can be said of it: "weekday", "weekdays" (from
    Monday to Wednesday), "weekend", "weekends" (several, and not the days between), "week",
    "month", "year", "number" (the 25th), "date" (without a year), or "". others: what they could
    be, too. wide: the week that they were named in. assumed: what was taken for granted.
    problem: why there are no such days.
    """

    first: date
    last: date
    words: str
    sort: str = ""
    others: tuple[Days, ...] = ()
    wide: Days | None = None
    assumed: str = ""
    problem: str = ""

    @property
    def single(self) -> bool:
        return self.first == self.last

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    def within(self, other: Days) -> bool:
        return other.first <= self.first and self.last <= other.last


Found = tuple[int, Days]
"""Where the words of some days end, and these."""


def stretch(first: Days, last: Days) -> Days:
    """From the first of some days to the last of others."""
    words = f"{first.words} to {last.words}"
    if first.single and last.single and words.count(f" {last.last.year}") == 2:
        words = words.replace(f" {last.last.year} to", " to", 1)
        month = MONTH_NAMES[last.last.month - 1]
        if first.first.month == last.last.month and first.words.startswith(f"{first.first.day} "):
            words = words.replace(f" {month} to", " to", 1)
    return Days(first.first, last.last, words)


def weekday_stretch(first: Days, last: Days, here: Here) -> Days:
    """From a weekday to another: the last ones that are over, or that today is in."""
    days = (last.first.weekday() - first.first.weekday()) % 7
    end = last.first
    begin = end - timedelta(days=days)
    words = f"{WEEKDAY_NAMES[begin.weekday()]} to {WEEKDAY_NAMES[end.weekday()]}"
    found = Days(begin, end, f"{here.say_weekday(begin)} to {here.say_weekday(end)}", "weekdays")
    after = begin + timedelta(days=7)
    if after <= here.today:
        until = end + timedelta(days=7)
        later = replace(found, first=after, last=until, words=f"{words} this week")
        return replace(found, others=(later,))
    return found


def refined(narrow: Days, wide: Days, here: Here) -> Days | None:
    """Days named in two parts as one: "Tuesday" and "last week"; None where they do not belong."""
    if narrow.problem or wide.problem:
        return None
    in_week = wide.sort == "week" and wide.count == 7
    if narrow.sort == "weekday" and in_week:
        day = wide.first + timedelta(days=narrow.first.weekday())
        return Days(day, day, here.say_weekday(day), wide=wide)
    if narrow.sort in ("weekdays", "weekend") and in_week:
        begin = wide.first + timedelta(days=narrow.first.weekday())
        end = begin + timedelta(days=narrow.count - 1)
        words = f"{here.say_weekday(begin)} to {here.say_weekday(end)}"
        return Days(begin, end, words, narrow.sort)
    if narrow.sort == "weekday" and wide.single and wide.sort in ("date", "number", ""):
        return _matching(narrow, wide, here)
    if narrow.sort in ("date", "number") and wide.sort in ("year", "month", "dated month"):
        return _moved(narrow, wide)
    if narrow.sort == "month" and wide.sort == "year":
        first, last = unit_around(narrow.first.replace(year=wide.first.year), "month", 0)
        return Days(first, last, month_words(first), "dated month")
    if narrow.within(wide) and narrow.sort != "weekday":
        return narrow
    return None


def _matching(weekday: Days, dated: Days, here: Here) -> Days:
    """A date with its weekday, which has to be its weekday."""
    said, is_ = (WEEKDAY_NAMES[each.first.weekday()] for each in (weekday, dated))
    if said == is_:
        return replace(dated, words=here.say_weekday(dated.first), sort="")
    text = f"{say_date(dated.first)} is a {is_}, not a {said}"
    return replace(dated, problem=text)


def _moved(narrow: Days, wide: Days) -> Days | None:
    """The 5th in last month, 3 March in last year."""
    day = narrow.first
    if narrow.sort == "date" and wide.sort != "year":
        return narrow if narrow.within(wide) else None
    try:
        month = day.month if wide.sort == "year" else wide.first.month
        moved = date(wide.first.year, month, day.day)
    except ValueError:
        name = f"{day.day} {MONTH_NAMES[wide.first.month - 1]}"
        return replace(narrow, problem=f"There is no {name} {wide.first.year}")
    return Days(moved, moved, say_date(moved))


def unit_around(day: date, unit: str, offset: int) -> tuple[date, date]:
    """The first and the last day of the week, month, quarter or year of a day, or of one beside."""
    if unit == "week":
        first = day - timedelta(days=day.weekday() - 7 * offset)
        return first, first + timedelta(days=6)
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    month = day.year * 12 + day.month - 1
    begin = month - month % size + offset * size
    first, after = (date(each // 12, each % 12 + 1, 1) for each in (begin, begin + size))
    return first, after - timedelta(days=1)


def months_later(day: date, months: int) -> date | None:
    """The same day of another month, or its last one; None before the years of a record."""
    month = day.year * 12 + day.month - 1 + months
    if month < 1970 * 12:
        return None
    first = date(month // 12, month % 12 + 1, 1)
    _, last = unit_around(first, "month", 0)
    return first.replace(day=min(day.day, last.day))


def month_words(first: date) -> str:
    return f"{MONTH_NAMES[first.month - 1]} {first.year}"
