"""The words of times, as tables, and the text they are looked up in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import OSA

from ..parsing.quantities import number
from ..words import Word

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MONTHS = {
    form: n
    for n, name in enumerate(MONTH_NAMES, 1)
    for form in (name.lower(), name[:3].lower(), *(["sept"] if n == 9 else []))
}
WEEKDAYS = {
    **{name.lower(): n for n, name in enumerate(WEEKDAY_NAMES)},
    **{name[:3].lower(): n for n, name in enumerate(WEEKDAY_NAMES)},
    **{"tues": 1, "weds": 2, "thur": 3, "thurs": 3},
}
EACH_WEEKDAY = {f"{name.lower()}s": n for n, name in enumerate(WEEKDAY_NAMES)}
DOUBTFUL = frozenset(("may", "march", "mar", "sat", "sun"))
"""Also words of other things: times only where a preposition or a number stands beside them."""

UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "second"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hour"),
    **dict.fromkeys(("day", "days"), "day"),
    **dict.fromkeys(("night", "nights"), "night"),
    **dict.fromkeys(("week", "weeks"), "week"),
    **dict.fromkeys(("weekend", "weekends"), "weekend"),
    **dict.fromkeys(("fortnight", "fortnights"), "fortnight"),
    **dict.fromkeys(("month", "months"), "month"),
    **dict.fromkeys(("quarter", "quarters"), "quarter"),
    **dict.fromkeys(("year", "years"), "year"),
}
SECONDS = {"second": 1, "minute": 60, "hour": 3600}


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


ORDINALS = ("st", "nd", "rd", "th")
BEFORE_TIMES = word_set("in on at the of during over for from within throughout across")
"""May belong to a time that follows them; those of OPEN always do."""

OPEN = word_set("of for from during throughout within across")

BEFORE_DATES = word_set(
    """in on of since last this until till during for from to between and before after by throughout
    vs versus with than next every each all over past previous early late -"""
)
"""Where one of them stands before a doubtful word, it is a time."""

JOINERS = word_set("and or vs versus than with against compared to & / -")
"""Between two times: they are two, not one."""

AFTER_NUMBERS = word_set("this was is has does vs versus across yes pls")
AFTER_HOURS = word_set(
    """today yesterday this last every each in at on and or vs versus to until till during was were
    how what did does do is are compared with than the tonight tomorrow weekdays weekends o"""
)
COUNTED = word_set("people persons person percent % children")

LATELY = (
    "the last", "the past", "last", "past", "the previous", "previous", "these last", "these past",
    "the most recent",
)  # fmt: skip
"""Before a length of time that ends now."""

AND_INCLUDING = tuple(
    f"{until} and including"
    for until in ("up to", "up until", "up till", "to", "until", "till", "through", "thru")
)
TO = (
    *AND_INCLUDING, "to", "-", "–", "—", "till", "til", "until", "through", "thru", "up to",
    "up until", "up till",
)  # fmt: skip
"""Between the begin and the end of a stretch of time."""

INCLUSIVE = (
    "inclusive", "inclusively", "included", "both included", "both inclusive",
    *(
        f"{both} {ends} {said}"
        for both in ("both", "both of the", "all")
        for ends in ("days", "dates", "ends")
        for said in ("included", "inclusive", "including")
    ),
    *(f"including both{more}" for more in ("", " days", " dates", " ends", " of them")),
    "with both days", "first and last day included", "first and last days included",
    "the first and the last day included", "including the last day",
)  # fmt: skip
"""After a stretch of days: its last one is in it, as it always is."""

SAME_AS = ("i e", "ie", "that is", "that means", "meaning", "namely", "in other words", "so")
"""Between two names of the same days."""

_TYPICAL = word_set(
    """yesterday today tonight tomorrow morning mornings afternoon afternoons evening evenings
    midnight midday weekend weekends weekday weekdays minute minutes monday tuesday wednesday
    thursday friday saturday sunday january february april august september october november
    december previous currently lunchtime"""
)


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a question that may be read as times; those taken by others are empty.

    gaps: how many characters stand before each of them, after the word before.
    """

    words: tuple[str, ...]
    gaps: tuple[int, ...] = ()

    def __getitem__(self, n: int) -> str:
        return self.words[n] if 0 <= n < len(self.words) else ""

    def __len__(self) -> int:
        return len(self.words)

    def has(self, n: int, *phrases: str) -> int:
        """How many words from n are the first of these phrases that stands there, or 0."""
        for parts in _by_first_word(phrases).get(self[n], ()):
            if self.words[n : n + len(parts)] == parts:
                return len(parts)
        return 0

    def longest(self, n: int, phrases: tuple[str, ...]) -> int:
        """How many words from n are the longest of these phrases that stands there, or 0."""
        here = _by_first_word(phrases).get(self[n], ())
        return max((len(p) for p in here if self.words[n : n + len(p)] == p), default=0)

    def is_near(self, n: int, most: int = 1) -> bool:
        """Whether only so many characters stand before a word, such as one hyphen."""
        return 0 < n < len(self.gaps) and self.gaps[n] <= most

    def past(self, n: int, *some: str) -> int:
        """The place after n and after those words that stand there, each of them once."""
        for word in some:
            if self[n] == word:
                n += 1
        return n

    def counts(self, n: int) -> bool:
        """Whether a bare number before n counts something: "9 people", "at one time"."""
        word = self[n]
        if self[n - 1].isalpha() and n < len(self):
            return not (word in AFTER_HOURS or word in MONTHS or word in WEEKDAYS)
        plural = word.endswith("s") and len(word) > 3 and word.isalpha()
        time = word in EACH_WEEKDAY or word in AFTER_NUMBERS or word in ("weekdays", "weekends")
        return word in UNITS or word in COUNTED or (plural and not time)


def is_date_word(text: Text, n: int) -> bool:
    """Whether "may", "march" or "sat" is meant as a time."""
    if text[n] not in DOUBTFUL or len(text) == 1:
        return True
    before, after = text[n - 1], text[n + 1]
    return before in BEFORE_DATES or before.isdecimal() or before in ORDINALS or (
        after[:1].isdecimal()
    )  # fmt: skip


@cache
def _by_first_word(phrases: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        parts = tuple(phrase.split())
        found.setdefault(parts[0], []).append(parts)
    return found


def text_of(
    words: Sequence[Word], free: Collection[int] | None, names: Collection[str]
) -> tuple[Text, dict[int, str]]:
    """The free words, slips of the finger righted; and which words these were in."""
    plain, meant = [], {}
    for n, word in enumerate(words):
        if word.quoted or (free is not None and n not in free):
            plain.append("")
        elif word.plain not in names and (right := _meant(word.plain)):
            meant[n] = right
            plain.append(right)
        else:
            plain.append(word.plain)
    ends = (0, *(word.end for word in words))
    gaps = tuple(word.start - end for word, end in zip(words, ends, strict=False))
    return Text(tuple(plain), gaps), meant


@cache
def _meant(typed: str) -> str:
    """The time word that is one slip away, or two in a long one; empty if there is none."""
    if len(typed) < 5 or not typed.isalpha() or typed in _known():
        return ""
    allowed = 2 if len(typed) >= 8 else 1
    near = sorted((OSA.distance(typed, word, score_cutoff=allowed), word) for word in _TYPICAL)
    nearest = [word for distance, word in near if distance == near[0][0] <= allowed]
    return nearest[0] if len(nearest) == 1 else ""


@cache
def _known() -> frozenset[str]:
    return frozenset((*_TYPICAL, *MONTHS, *WEEKDAYS, *EACH_WEEKDAY, *UNITS, "todays", "yesterdays"))


def ordinal(text: Text, n: int) -> tuple[int, int] | None:
    """Where a number of days like 25, 25th or first ends, and the number."""
    third = text[n] == "third" and text[n - 1] in ("first", "second", "middle", "last", "final")
    if text[n] in ("first", "second", "third") and text[n + 1] == "of" and not third:
        return n + 1, ("first", "second", "third").index(text[n]) + 1
    if not (text[n].isdecimal() and len(text[n]) <= 2):
        return None
    return (n + 2 if text[n + 1] in ORDINALS else n + 1), int(text[n])


@dataclass(frozen=True, slots=True)
class Amount:
    """A length of time. few: said without a number, by "a few"."""

    count: float
    unit: str
    few: bool = False

    @property
    def seconds(self) -> float:
        """0 where it is a matter of the calendar."""
        return self.count * SECONDS.get(self.unit, 0)


def amount(text: Text, n: int) -> tuple[int, Amount] | None:
    """Where a length of time such as "2 hours" or "half an hour" ends, and that."""
    found = _simple(text, n)
    if found is None or not found[1].seconds:
        return found
    end, first = found
    rest = end + 1 if text[end] == "and" else end
    if rest > end and text.has(rest, "a half", "half"):
        return rest + text.has(rest, "a half", "half"), Amount(first.count + 0.5, first.unit)
    more = _simple(text, rest)
    if more is not None and 0 < more[1].seconds < SECONDS[first.unit]:
        return more[0], Amount(first.seconds + more[1].seconds, "second")
    return end, first


_FRACTIONS = {
    "half an hour": 1800, "half hour": 1800, "a half hour": 1800, "quarter of an hour": 900,
    "a quarter of an hour": 900, "quarter hour": 900, "a quarter hour": 900,
    "three quarters of an hour": 2700, "half a minute": 30, "half a day": 43200, "half day": 43200,
}  # fmt: skip


def _simple(text: Text, n: int) -> tuple[int, Amount] | None:
    for phrase, seconds in _FRACTIONS.items():
        if length := text.has(n, phrase):
            return n + length, Amount(seconds / 60, "minute")
    for phrase, count in (("couple of", 2), ("a couple of", 2), ("few", 3), ("a few", 3)):
        if (length := text.has(n, phrase)) and (unit := UNITS.get(text[n + length])):
            return n + length + 1, Amount(count, unit, few="few" in phrase)
    value = number(text[n])
    if value is None or text[n] == "half":
        return None
    end = n + 1
    if text.has(end, "and a half"):
        end, value = end + 3, value + 0.5
    end = text.past(end, "full", "whole", "-")
    unit = UNITS.get(text[end])
    if unit is None or (len(text[end]) == 1 and not text[n][:1].isdecimal()):
        return None
    return end + 1, Amount(value, unit)
