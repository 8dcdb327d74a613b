"""Days, weeks, months and years, as people name them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from .calendar_days import (
    Days,
    Found,
    month_words,
    months_later,
    refined,
    unit_around,
    weekday_stretch,
)
from .dates_said import DatesSaid
from .local_clock import EARLIEST, Here, say_date
from .month_parts import MonthParts
from .time_words import DOUBTFUL, LATELY, UNITS, WEEKDAYS, Text, amount, is_date_word

_THIS = ("this", "current", "the current", "this current", "all this", "this whole")
_LAST = ("last", "previous", "the last", "the previous")
_NEXT = ("next", "the next", "upcoming", "the upcoming", "the coming", "coming", "the following")
_WEEK_EDGES = {
    **dict.fromkeys(("starting", "beginning", "commencing"), "begin"),
    "ending": "end",
}
_WHOLE = (
    "all", "the whole", "whole", "the entire", "entire", "the full", "all of the", "the complete",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DaysSaid:
    """Reads them. Every method gives the place after the last word, and the days; or None."""

    text: Text
    here: Here
    known: dict[int, Found | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def dates(self) -> DatesSaid:
        return DatesSaid(self.text, self.here)

    def at(self, n: int) -> Found | None:
        """The longest name of days at n, with all that narrows it: "Tuesday of last week"."""
        if n not in self.known:
            self.known[n] = self._narrowed(n)
        return self.known[n]

    def _narrowed(self, n: int) -> Found | None:
        found = self._one(n)
        while found is not None and (more := self._more(*found)) is not None:
            found = more
        return found

    def run(self, n: int) -> Found | None:
        """Days with a month in common: "3 to 5 November", "Nov 3-5"; or weekdays: "mon-fri"."""
        return self.dates.day_run(n) or self.dates.month_run(n) or self._weekday_run(n)

    def _one(self, n: int) -> Found | None:
        dates = self.dates
        found = (
            self._plain(n), self._unit(n), self._counted(n), self._ago(n), self._weekday(n),
            dates.at(n), dates.number(n), dates.month(n), dates.year(n), self._of_days(n),
            self._beside(n),
        )  # fmt: skip
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
        """This week, last month, the whole day, the week before last, year to date."""
        for unit in ("week", "month", "quarter", "year"):
            if length := self.text.has(n, f"{unit} to date", f"the {unit} to date"):
                return n + length, self._calendar(unit, 0)
        if same := self.text.has(n, "the same day", "same day", "the same weekday"):
            return self._same_day(n + same)
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
            if self.text[at].endswith("s") or (
                unit == "day"
                and phrases is _LAST
                and "previous" not in (self.text[n], self.text[n + 1])
            ):
                continue
            end = self.text.past(at + 1, "'s", "long") if unit != "day" else at + 1
            rolls = "the" in (self.text[n - 1], self.text[n])
            return end, self._calendar(unit, offset, rolls)
        if self.text[n] == "weekend" and self.text[n - 1] in ("the", "at", "on", "over"):
            return n + 1, self._calendar("weekend", 0)
        return None

    def _beside(self, n: int) -> Found | None:
        """The day after 14 November, the day before last Friday."""
        for phrase, step in (("day before", -1), ("day after", 1)):
            length = self.text.has(n, f"the {phrase}", phrase)
            found = self._dated(self.text.past(n + length, "the")) if length else None
            if found is not None and found[1].single and not found[1].problem:
                day = found[1].first + timedelta(days=step)
                return found[0], Days(day, day, self.here.say_day(day))
        return None

    def _dated(self, n: int) -> Found | None:
        return self.dates.at(n) or self._weekday(n)

    def _same_day(self, n: int) -> Found | None:
        """The same day last week."""
        today = self.here.today
        for phrase, day in (
            ("last week", today - timedelta(days=7)),
            ("last month", months_later(today, -1)),
            ("last year", months_later(today, -12)),
        ):
            if (length := self.text.has(n, phrase, f"of {phrase}")) and day is not None:
                return n + length, self._day(day)
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
        first, last = unit_around(today, unit, offset)
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
        length = self.text.has(n, *LATELY)
        if not length:
            return None
        at = n + length
        if self.text[at - 1] == "past" and self.text[at] in ("week", "month", "year"):
            unit = self.text[at]
            rolled = {"week": 7, "month": 30, "year": 365}[unit]
            days = self._rolling(rolled, f"the last {rolled} days")
            return at + 1, replace(days, others=(self._calendar(unit, -1),))
        if self.text[at] == "fortnight":
            return at + 1, self._last_units(2, "week")
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
                days = replace(
                    self._weekend(-1, words), sort="weekends" if count > 1 else "weekend"
                )
                return replace(days, first=days.first - timedelta(days=7 * (count - 1)))
            return days
        months = count * {"month": 1, "quarter": 3, "year": 12}.get(unit, 1)
        today = self.here.today
        begin = months_later(today, -months) if size is None and months <= 1200 else None
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
            day = months_later(today, -count * (12 if unit == "year" else 1))
        if day is None or day < EARLIEST:
            return end, Days(today, today, "", problem="That is further back than a record goes")
        single = Days(day, day, self.here.say_weekday(day))
        if unit in ("day", "weekend"):
            return end, single if unit == "day" else self._week_end_of(day)
        first, last = unit_around(day, unit, 0)
        words = {"week": f"the week of {say_date(first)}", "month": month_words(first)}
        whole = Days(first, last, words.get(unit, str(first.year)), unit)
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
        if word not in WEEKDAYS or (not which and not is_date_word(self.text, n)):
            return None
        end = self.text.past(n + length + 1, "'s")
        return end, self._named_weekday(WEEKDAYS[word], which)

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

    def _of_days(self, n: int) -> Found | None:
        """The week of 9 November, the weekend of the 7th, week 46, the start of the week."""
        if (length := self.text.has(n, "calendar week", "week", "kw", "cw")) and (
            self.text[n + length].isdecimal()
        ):
            return self._week_number(n + length)
        if (found := MonthParts(self.text, self.here, self.dates).at(n)) is not None:
            return found
        for unit in ("weekend", "week"):
            if length := self.text.has(n, f"the {unit} of", f"{unit} of"):
                inner = self.run(n + length) or self.dates.at(n + length) or (
                    self.dates.number(n + length)
                )  # fmt: skip
                if inner is not None and not inner[1].problem:
                    day = inner[1].first
                    if unit == "weekend":
                        return inner[0], self._week_end_of(day)
                    monday = day - timedelta(days=day.weekday())
                    words = f"the week of {say_date(monday)}"
                    return inner[0], Days(monday, monday + timedelta(days=6), words, "week")
        return self._week_from(n)

    def _week_from(self, n: int) -> Found | None:
        """The week beginning Monday 9 November, the week ending on the 15th: these seven days."""
        at = self.text.past(n, "the")
        edge = _WEEK_EDGES.get(self.text[at + 1]) if self.text[at] == "week" else None
        if edge is None:
            return None
        start = self.text.past(at + 2, "on")
        inner = self.at(start) or self.at(self.text.past(start, "the"))
        if inner is None or not inner[1].single or inner[1].problem:
            return None
        first = inner[1].first - timedelta(days=6 * (edge == "end"))
        word = "begins" if edge == "begin" else "ends"
        words = f"the week that {word} on {say_date(inner[1].first)}"
        sort = "week" if first.weekday() == 0 else ""
        return inner[0], Days(first, first + timedelta(days=6), words, sort)

    def _week_number(self, n: int) -> Found | None:
        number, year = int(self.text[n]), self.dates.year_number(n + 1)
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

    def running(self, n: int) -> Found | None:
        """The week, the month: the one that is now."""
        unit = UNITS.get(self.text[n + 1], "")
        if self.text[n] == "the" and unit in ("day", "week", "month", "quarter", "year"):
            return n + 2, self._calendar(unit, 0)
        return None

    def shifted_back(self, days: Days, unit: str) -> Days | None:
        """The same days a day, a week, a month or a year before."""
        if unit in ("month", "year"):
            count = -1 if unit == "month" else -12
            if days.sort in ("month", "dated month", "year"):
                first, last = unit_around(days.first, "year" if unit == "year" else "month", -1)
                words = str(first.year) if unit == "year" else month_words(first)
                return Days(first, last, words, unit)
            begin, end = months_later(days.first, count), months_later(days.last, count)
            if begin is None or end is None:
                return None
            return Days(begin, end, f"the {unit} before {days.words}")
        back = timedelta(days=1 if unit == "day" else 7)
        if days.single:
            day = days.first - back
            return replace(self._day(day), words="yesterday") if days.words == "today" and (
                unit == "day"
            ) else self._day(day)  # fmt: skip
        first, last = days.first - back, days.last - back
        for named in (self._calendar("week", -1), self._weekend(-1, "last weekend")):
            if (named.first, named.last) == (first, last):
                return named
        return Days(first, last, f"the {unit} before {days.words}", days.sort)

    def shifted_on(self, days: Days, unit: str) -> Days | None:
        """The day, the week or the month that follows one; None where it is not one."""
        if unit == "day":
            if not days.single:
                return None
            day = days.last + timedelta(days=1)
            return Days(day, day, "today" if day == self.here.today else self.here.say_day(day))
        if unit not in days.sort.split() or (unit == "week" and days.count != 7):
            return None
        first, last = unit_around(days.first, unit, 1)
        words = f"the week of {say_date(first)}" if unit == "week" else month_words(first)
        return Days(first, last, words, unit)

    def _weekday_run(self, n: int) -> Found | None:
        """mon-fri: the hyphen between two letters is no word."""
        both = self.text[n] in WEEKDAYS and self.text[n + 1] in WEEKDAYS
        if both and self.text.is_near(n + 1) and self.text[n] not in DOUBTFUL:
            pair = [self._named_weekday(WEEKDAYS[self.text[n + k]], "") for k in (0, 1)]
            return n + 2, weekday_stretch(pair[0], pair[1], self.here)
        return None
