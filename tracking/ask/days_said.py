"""Days, weeks, months and years, as people name them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .local_clock import EARLIEST, LATEST, Here, say_date
from .time_words import (
    BEFORE_DATES,
    DOUBTFUL,
    MONTH_NAMES,
    MONTHS,
    UNITS,
    WEEKDAY_NAMES,
    WEEKDAYS,
    Text,
    amount,
    ordinal,
)

_THIS = ("this", "current", "the current", "the same", "this current", "all this", "this whole")
_LAST = ("last", "previous", "the last", "the previous")
_NEXT = ("next", "the next", "upcoming", "the upcoming", "the coming", "coming", "the following")
_WHOLE = (
    "all", "the whole", "whole", "the entire", "entire", "the full", "all of the", "the complete",
)  # fmt: skip
_FOLLOWED = frozenset(
    """ in at of and or vs versus to until till between from - was were how did does do is are this
    last we people compared with than what which who after before until through the on over by for
    """.split()
)
_NUMERIC = re.compile(r"(\d{1,2})([./])(\d{1,2})[./](\d{2,4})")
_SHORT = re.compile(r"(\d{1,2})\.(\d{1,2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})t?")


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days of a calendar, from the first to the last one.

    sort: what they were named by, as far as more can be said of it: "weekday", "weekdays" (from
    Monday to Wednesday), "weekend", "week", "month", "year", "number" (the 25th), "date" (without
    a year), or "". others: what they could be, too. wide: the week that they were named in. assumed: what was taken for granted.
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


@dataclass(frozen=True, slots=True)
class DaysSaid:
    """Reads them. Every method gives the place after the last word, and the days; or None."""

    text: Text
    here: Here

    def at(self, n: int) -> Found | None:
        """The longest name of days at n, with all that narrows it: "Tuesday of last week"."""
        found = self._one(n)
        while found is not None and (more := self._more(*found)) is not None:
            found = more
        return found

    def run(self, n: int) -> Found | None:
        """Days with a month in common: "3 to 5 November", "Nov 3-5"; or weekdays: "mon-fri"."""
        return self._day_run(n) or self._month_run(n) or self._weekday_run(n)

    def _one(self, n: int) -> Found | None:
        found = [
            read(self, n)
            for read in (
                DaysSaid._plain, DaysSaid._unit, DaysSaid._counted, DaysSaid._ago,
                DaysSaid._weekday, DaysSaid._date, DaysSaid._the_number, DaysSaid._month,
                DaysSaid._year, DaysSaid._of_days,
            )
        ]  # fmt: skip
        return max((each for each in found if each), key=lambda each: each[0], default=None)

    def _more(self, end: int, days: Days) -> Found | None:
        at = end
        for _ in range(3):
            at = self.text.past(at, "'s", "of", "in", "on", "the")
            more = self._one(at)
            if more is not None:
                both = refined(days, more[1], self.here) or refined(more[1], days, self.here)
                return None if both is None else (more[0], both)
        return None

    # names

    def _plain(self, n: int) -> Found | None:
        table = {
            "the day before yesterday": -2, "day before yesterday": -2, "today": 0, "todays": 0,
            "yesterday": -1, "yesterdays": -1, "the day after tomorrow": 2,
            "day after tomorrow": 2, "tomorrow": 1, "tomorrows": 1,
        }  # fmt: skip
        for phrase, offset in table.items():
            if length := self.text.has(n, phrase):
                words = {"todays": "today", "yesterdays": "yesterday"}.get(phrase, phrase)
                day = self.here.today + timedelta(days=offset)
                return self.text.past(n + length, "'s"), Days(day, day, words)
        return None

    def _unit(self, n: int) -> Found | None:
        """This week, last month, the whole day, the week before last."""
        for phrase, unit in (("weekend", "weekend"), ("week", "week"), ("month", "month"),
                             ("year", "year"), ("night", "night")):  # fmt: skip
            if length := self.text.has(n, f"the {phrase} before last", f"{phrase} before last"):
                return n + length, self._calendar(unit if unit != "night" else "day", -2)
        for phrases, offset in ((_THIS, 0), (_LAST, -1), (_NEXT, 1), (_WHOLE, 0)):
            if not (length := self.text.has(n, *sorted(phrases, key=len, reverse=True))):
                continue
            at = self.text.past(n + length, "full", "whole", "calendar", "entire")
            unit = UNITS.get(self.text[at], "")
            if unit not in ("day", "weekend", "week", "month", "quarter", "year"):
                continue
            if self.text[at].endswith("s") or (unit == "day" and phrases is _LAST and "previous"
                                               not in (self.text[n], self.text[n + 1])):
                continue
            end = self.text.past(at + 1, "'s", "long") if unit != "day" else at + 1
            return end, self._calendar(unit, offset, rolls="the" in (self.text[n - 1], self.text[n]))
        if self.text[n] == "weekend" and self.text[n - 1] in ("the", "at", "on", "over"):
            return n + 1, self._calendar("weekend", 0)
        return None

    def _calendar(self, unit: str, offset: int, rolls: bool = False) -> Days:
        """A unit of the calendar, counted from the one that is now."""
        today = self.here.today
        which = {0: "this", -1: "last", 1: "next", -2: "before last"}[offset]
        words = f"the {unit} before last" if offset == -2 else f"{which} {unit}"
        if unit == "day":
            day = today + timedelta(days=offset)
            return Days(day, day, {0: "today", -1: "yesterday"}.get(offset, words))
        if unit == "weekend":
            return self._weekend(offset, words)
        first, last = _unit_around(today, unit, offset)
        days = Days(first, last, words, unit)
        if offset == -1 and rolls and (length := {"week": 7, "month": 30}.get(unit)):
            return replace(days, others=(self._rolling(length, f"the last {length} days"),))
        return days

    def _weekend(self, offset: int, words: str) -> Days:
        today = self.here.today
        saturday = today + timedelta(days=5 - today.weekday())
        if offset == 0 and saturday > today:
            last = saturday - timedelta(days=7)
            note = "this weekend has not begun, so the last one is taken"
            return Days(last, last + timedelta(days=1), "last weekend", "weekend", assumed=note)
        first = saturday + timedelta(days=7 * offset)
        return Days(first, first + timedelta(days=1), words, "weekend")

    def _rolling(self, length: int, words: str) -> Days:
        today = self.here.today
        return Days(today - timedelta(days=length - 1), today, words)

    def _counted(self, n: int) -> Found | None:
        """The last 7 days, the past two weeks, the past month."""
        length = self.text.has(n, "the last", "the past", "last", "past", "the previous", "previous",
                               "these last", "these past", "the most recent")  # fmt: skip
        if not length:
            return None
        at = n + length
        if self.text[at - 1] == "past" and self.text[at] in ("week", "month", "year"):
            unit = self.text[at]
            rolled = {"week": 7, "month": 30, "year": 365}[unit]
            other = self._calendar(unit, -1)
            return at + 1, replace(self._rolling(rolled, f"the last {rolled} days"), others=(other,))
        found = amount(self.text, at)
        if found is None or found[1].unit not in ("day", "week", "weekend", "fortnight", "month",
                                                  "quarter", "year", "night"):  # fmt: skip
            return None
        end, much = found
        count = max(1, round(much.count))
        assumed = f"“a few” is taken as {count}" if much.few else ""
        return end, replace(self._last_units(count, much.unit), assumed=assumed)

    def _last_units(self, count: int, unit: str) -> Days:
        words = f"the last {count} {unit}s" if count > 1 else f"the last {unit}"
        size = {"day": 1, "night": 1, "week": 7, "fortnight": 14, "weekend": 7}.get(unit)
        if size is not None and count * size <= 36_600:
            days = self._rolling(count * size, words)
            if unit == "weekend":
                days = replace(self._weekend(-1, words), sort="")
                return replace(days, first=days.first - timedelta(days=7 * (count - 1)))
            return days
        months = count * {"month": 1, "quarter": 3, "year": 12}.get(unit, 1)
        today = self.here.today
        begin = _months_later(today, -months) if size is None and months <= 1200 else None
        if begin is None:
            return Days(today, today, words, problem=f"{words} go further back than a record can")
        return Days(begin + timedelta(days=1), today, words)

    def _ago(self, n: int) -> Found | None:
        """3 days ago, two weeks ago."""
        found = amount(self.text, n)
        if found is None or self.text[found[0]] not in ("ago", "earlier", "back"):
            return None
        end, much = found[0] + 1, found[1]
        count = round(much.count)
        unit = {"fortnight": "week", "night": "day"}.get(much.unit, much.unit)
        count *= 2 if much.unit == "fortnight" else 1
        if unit not in ("day", "week", "month", "year", "weekend") or not 0 < count <= 5000:
            return None
        today = self.here.today
        if unit in ("day", "week", "weekend"):
            day: date | None = today - timedelta(days=count * (1 if unit == "day" else 7))
        else:
            day = _months_later(today, -count * (12 if unit == "year" else 1))
        if day is None or day < EARLIEST:
            return end, Days(today, today, "", problem="That is further back than a record goes")
        single = Days(day, day, self.here.say_weekday(day))
        if unit in ("day", "weekend"):
            return end, single if unit == "day" else self._week_end_of(day)
        first, last = _unit_around(day, unit, 0)
        whole = Days(first, last, f"{_of(unit)} {say_date(first)}" if unit == "week" else
                     _month_words(first) if unit == "month" else str(first.year), unit)  # fmt: skip
        main, other = (single, whole) if count == 1 and unit == "week" else (whole, single)
        return end, replace(main, others=(other,))

    def _week_end_of(self, day: date) -> Days:
        saturday = day + timedelta(days=5 - day.weekday())
        words = f"the weekend of {say_date(saturday)}"
        return Days(saturday, saturday + timedelta(days=1), words, "weekend")

    def _weekday(self, n: int) -> Found | None:
        """Tuesday, last Tuesday, this Friday."""
        length, which = 0, ""
        for phrase in ("the last", "last", "the previous", "previous", "past", "this past", "this",
                       "next", "the next", "the coming", "coming"):  # fmt: skip
            if (there := self.text.has(n, phrase)) > length and self.text[n + there] in WEEKDAYS:
                length, which = there, phrase.split()[-1]
        word = self.text[n + length]
        if word not in WEEKDAYS or (not which and not self._is_date_word(n)):
            return None
        end = self.text.past(n + length + 1, "'s")
        return end, self._named_weekday(WEEKDAYS[word], which)

    def _is_date_word(self, n: int) -> bool:
        """Whether "may", "march" or "sat" is meant as a time."""
        if self.text[n] not in DOUBTFUL:
            return True
        return self.text[n - 1] in BEFORE_DATES or self.text[n - 1].isdecimal() or (
            self.text[n - 1] in ("st", "nd", "rd", "th")
        ) or self.text[n + 1][:1].isdecimal() or len(self.text) == 1  # fmt: skip

    def _named_weekday(self, weekday: int, which: str) -> Days:
        today = self.here.today
        back = (today.weekday() - weekday) % 7
        day = today - timedelta(days=back)
        week = timedelta(days=7)
        if which in ("next", "coming"):
            return self._day(day + week)
        if which == "this":
            return self._day(today + timedelta(days=weekday - today.weekday()))
        if which in ("last", "previous", "past"):
            day = day - week if back == 0 else day
            others = (self._day(day - week),) if 0 < back <= today.weekday() else ()
            return replace(self._day(day), others=others)
        others = (self._day(day - week),) if back == 0 else ()
        return replace(self._day(day), sort="weekday", others=others)

    def _day(self, day: date) -> Days:
        return Days(day, day, self.here.say_weekday(day))

    # dates

    def _date(self, n: int) -> Found | None:
        return self._written(n) or self._spelt(n)

    def _written(self, n: int) -> Found | None:
        """2026-10-25, 25/10/2026, 25.10., 25/10."""
        word = self.text[n]
        if match := _ISO.fullmatch(word):
            year, month, day = (int(part) for part in match.groups())
            return n + 1, self._dated(day, month, year)
        if match := _NUMERIC.fullmatch(word):
            first, mark, second, year = match.groups()
            number = int(year) + (2000 if len(year) == 2 else 0)
            return n + 1, self._slashed(int(first), int(second), number, mark)
        if (match := _SHORT.fullmatch(word)) and self._is_short_date(n, *match.groups()):
            return n + 1, self._dated(int(match[1]), int(match[2]))
        one, two = self.text[n], self.text[n + 2]
        if self.text[n + 1] == "/" and one.isdecimal() and two.isdecimal() and (
            max(len(one), len(two)) <= 2 and self.text[n + 3] != "/"
        ):  # fmt: skip
            return n + 3, self._slashed(int(one), int(two), None, "/")
        return None

    def _is_short_date(self, n: int, day: str, month: str) -> bool:
        """Not a time of day like 9.30, and no number."""
        before = self.text[n - 2] if self.text[n - 1] == "the" else self.text[n - 1]
        if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
            return False
        return before in ("on", "since", "until", "till", "from", "to", "of", "before", "after", "-")

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

    def dated(self, n: int) -> Found | None:
        """A day of a month by its name: 25 October."""
        return self._spelt(n)

    def beside(self, days: Days, number: int) -> Days:
        """Another day of the same month."""
        return self._dated(number, days.first.month, days.first.year)

    def running(self, n: int) -> Found | None:
        """The week, the month: the one that is now."""
        unit = UNITS.get(self.text[n + 1], "")
        if self.text[n] == "the" and unit in ("day", "week", "month", "quarter", "year"):
            return n + 2, self._calendar(unit, 0)
        return None

    def _spelt(self, n: int) -> Found | None:
        """25 October 2026, the 25th of October, October 25th, Oct. 25."""
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
        year = self._year_number(n)
        return n + (year is not None), self._dated(day, month, year)

    def _year_number(self, n: int) -> int | None:
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

    def _the_number(self, n: int) -> Found | None:
        """The 25th."""
        at = self.text.past(n, "the")
        before = self.text[n - 1] or "on"
        found = ordinal(self.text, at)
        if found is None or found[0] != at + 2 or (at == n and before not in BEFORE_DATES):
            return None
        end, day = found
        if self.text[end] and self.text[end] not in _FOLLOWED | BEFORE_DATES:
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

    def _month(self, n: int) -> Found | None:
        """October, October 2026, last October."""
        at = self.text.past(n, "last", "this", "next")
        word = self.text[at]
        if word not in MONTHS or not self._is_date_word(at):
            return None
        at = self.text.past(at, "'s")
        year = self._year_number(at + 1)
        month, today = MONTHS[word], self.here.today
        which = self.text[n] if at > n else ""
        ahead = month > today.month or (which == "last" and month == today.month)
        chosen = today.year - ahead if year is None else year
        if year is None and which in ("this", "next"):
            chosen = today.year + (which == "next" and month <= today.month)
        first, last = _unit_around(date(chosen, month, 1), "month", 0)
        end = at + 2 if year is not None else self.text.past(at + 1, "'s")
        sort = "month" if year is None and not which else ""
        return end, Days(first, last, _month_words(first), sort or "dated month")

    def _year(self, n: int) -> Found | None:
        at = self.text.past(n, "the", "year")
        year = self._year_number(at)
        before = self.text[n - 1]
        if year is None or not (at > n or before in ("in", "of", "during", "since", "throughout")):
            return None
        return at + 1, Days(date(year, 1, 1), date(year, 12, 31), str(year), "year")

    def _of_days(self, n: int) -> Found | None:
        """The week of 9 November, the weekend of the 7th, week 46, the start of the week."""
        if (length := self.text.has(n, "calendar week", "week", "kw", "cw")) and (
            self.text[n + length].isdecimal()
        ):
            return self._week_number(n + length)
        for unit in ("weekend", "week"):
            if length := self.text.has(n, f"the {unit} of", f"{unit} of"):
                inner = self.run(n + length) or self._date(n + length) or (
                    self._the_number(n + length)
                )  # fmt: skip
                if inner is not None and not inner[1].problem:
                    day = inner[1].first
                    if unit == "weekend":
                        return inner[0], self._week_end_of(day)
                    monday = day - timedelta(days=day.weekday())
                    words = f"the week of {say_date(monday)}"
                    return inner[0], Days(monday, monday + timedelta(days=6), words, "week")
        return None

    def _week_number(self, n: int) -> Found | None:
        number, year = int(self.text[n]), self._year_number(n + 1)
        today = self.here.today
        if not 1 <= number <= 53:
            return None
        for chosen in (today.year, today.year - 1) if year is None else (year,):
            try:
                monday = date.fromisocalendar(chosen, number, 1)
            except ValueError:
                continue
            if monday <= today or year is not None:
                words = f"week {number} of {chosen}"
                end = n + 1 + (year is not None)
                return end, Days(monday, monday + timedelta(days=6), words, "week")
        return None

    def shifted_back(self, days: Days, unit: str) -> Days | None:
        """The same days a day, a week, a month or a year before."""
        if unit in ("month", "year"):
            count = -1 if unit == "month" else -12
            if days.sort in ("month", "dated month", "year"):
                first, last = _unit_around(days.first, "year" if unit == "year" else "month", -1)
                words = str(first.year) if unit == "year" else _month_words(first)
                return Days(first, last, words, unit)
            moved = [_months_later(day, count) for day in (days.first, days.last)]
            if moved[0] is None or moved[1] is None:
                return None
            return Days(moved[0], moved[1], f"the {unit} before {days.words}")
        back = timedelta(days=1 if unit == "day" else 7)
        if days.single:
            moved = self._day(days.first - back)
            return replace(moved, words="yesterday") if days.words == "today" and unit == "day" else moved
        first, last = days.first - back, days.last - back
        for named in (self._calendar("week", -1), self._weekend(-1, "last weekend")):
            if (named.first, named.last) == (first, last):
                return named
        return Days(first, last, f"the {unit} before {days.words}", days.sort)

    # runs of days

    def _day_run(self, n: int) -> Found | None:
        """3 to 5 November, the 3rd and the 5th of November."""
        first = ordinal(self.text, self.text.past(n, "the"))
        if first is None or self.text[first[0]] not in (*_TO, "/", "and", "&"):
            return None
        joined = self.text[first[0]]
        if joined in ("and", "&") and self.text[n - 1] != "between" and self.text[n - 1] != "of":
            return None
        last = self._spelt(first[0] + 1)
        if last is None or last[1].problem or not last[1].single:
            return None
        day = last[1].last
        try:
            begin = day.replace(day=first[1])
        except ValueError:
            return None
        if begin > day:
            return None
        return last[0], stretch(Days(begin, begin, say_date(begin)), last[1])

    def _month_run(self, n: int) -> Found | None:
        """November 3 to 5."""
        first = self._spelt(n)
        if first is None or first[1].problem or self.text[n] not in MONTHS:
            return None
        if self.text[first[0]] not in _TO:
            return None
        at = self.text.past(first[0] + 1, "the")
        last = ordinal(self.text, at)
        if last is None or self._goes_on_as_time(last[0]) or self.text[last[0]] in MONTHS:
            return None
        end, year = last[0], self._year_number(last[0])
        base = first[1].first
        try:
            days = [each.replace(year=year or base.year) for each in (base, base.replace(day=last[1]))]
        except ValueError:
            return None
        if days[0] > days[1]:
            return None
        ends = [Days(each, each, say_date(each)) for each in days]
        return end + (year is not None), stretch(ends[0], ends[1])

    def _weekday_run(self, n: int) -> Found | None:
        """mon-fri: the hyphen between two letters is no word."""
        both = self.text[n] in WEEKDAYS and self.text[n + 1] in WEEKDAYS
        if both and self.text.is_near(n + 1) and self.text[n] not in DOUBTFUL:
            pair = [self._named_weekday(WEEKDAYS[self.text[n + k]], "") for k in (0, 1)]
            return n + 2, weekday_stretch(pair[0], pair[1], self.here)
        return None


_TO = ("to", "-", "–", "—", "till", "til", "until", "through", "thru")


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
        later = replace(found, first=after, last=end + timedelta(days=7), words=f"{words} this week")
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
        first, last = _unit_around(narrow.first.replace(year=wide.first.year), "month", 0)
        return Days(first, last, _month_words(first), "dated month")
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


def _unit_around(day: date, unit: str, offset: int) -> tuple[date, date]:
    """The first and the last day of the week, month, quarter or year of a day, or of one beside."""
    if unit == "week":
        first = day - timedelta(days=day.weekday() - 7 * offset)
        return first, first + timedelta(days=6)
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    month = day.year * 12 + day.month - 1
    begin = month - month % size + offset * size
    first, after = (date(each // 12, each % 12 + 1, 1) for each in (begin, begin + size))
    return first, after - timedelta(days=1)


def _months_later(day: date, months: int) -> date | None:
    """The same day of another month, or its last one; None before the years of a record."""
    month = day.year * 12 + day.month - 1 + months
    if month < 1970 * 12:
        return None
    first = date(month // 12, month % 12 + 1, 1)
    _, last = _unit_around(first, "month", 0)
    return first.replace(day=min(day.day, last.day))


def _month_words(first: date) -> str:
    return f"{MONTH_NAMES[first.month - 1]} {first.year}"


def _of(unit: str) -> str:
    return f"the {unit} of"
