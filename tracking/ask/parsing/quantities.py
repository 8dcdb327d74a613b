"""How long a stay lasts at least or at most, as people say it: "more than 2 minutes"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..words import Word
from .phrases import phrases

UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
}
NUMBERS = {
    **{"a": 1.0, "an": 1.0, "half": 0.5},
    **{
        word: float(n)
        for n, word in enumerate(
            [
                "one",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
                "eleven",
                "twelve",
                "thirteen",
                "fourteen",
                "fifteen",
                "sixteen",
                "seventeen",
                "eighteen",
                "nineteen",
                "twenty",
            ],
            1,
        )
    },
    **{"thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0},
}

TICK = 0.001
"""Seconds: times are whole milliseconds, so that more than 2 minutes is 120.001 s at least."""

_OVER = set(
    phrases("""(for|) more than; (for|) longer than; (for|) over; (for|) greater than; >; exceeding;
    (for|) above; longer then; more then; beyond; well over; in excess of; upwards of""")
)
_LEAST = set(
    phrases("""(for|) at least; > =; ≥; (no|not) less than; a minimum of; minimum; (for|) no
    shorter than; not under; not shorter than; (for|) not below""")
)
_UNDER = set(
    phrases("""(for|) less than; (for|) under; (for|) shorter than; fewer than; (for|) below; <;
    less then; shorter then; well under; (gone|left) (again|already|) (in|after) (less than|
    under)""")
)
_MOST = set(
    phrases("""(for|) at most; < =; ≤; up to; (for|) (no|not) more than; (for|) (no|not) longer
    than; a maximum of; maximum; not over; not above; not exceeding;
    (gone|left) (again|already|) within; (gone|left) (again|already|) (in|after) at most""")
)
_LEAST_AFTER = set(phrases("or more; or longer; and more; and longer; or above; plus; at least"))
_MOST_AFTER = set(phrases("or less; or shorter; or under; at most; at the most"))

_QUARTERS = tuple(
    (phrase, seconds)
    for text, seconds in (
        ("(a|) quarter of an hour; (a|) quarter hour", 900.0),
        ("three quarters of an hour", 2700.0),
    )
    for phrase in phrases(text)
)


@dataclass(frozen=True, slots=True)
class Lasting:
    """The words from start to end. least, most: seconds."""

    start: int
    end: int
    least: float | None = None
    most: float | None = None


def lastings(words: Sequence[Word], free: set[int]) -> Iterator[Lasting]:
    """All such limits among the free words."""
    plain = [word.plain if n in free else "" for n, word in enumerate(words)]
    at = 0
    while at < len(plain):
        found = _between(plain, at) or _before(plain, at) or _after(plain, at)
        if found is not None:
            yield found
        at = found.end if found is not None else at + 1


def number(word: str) -> float | None:
    """Of digits or of a word."""
    if word in NUMBERS:
        return NUMBERS[word]
    try:
        return float(word.replace(",", ".")) if word[:1].isdecimal() else None
    except ValueError:
        return None


def _duration(plain: list[str], at: int) -> tuple[int, float] | None:
    """Where a duration that begins here ends, and its seconds."""
    for phrase, seconds in _QUARTERS:
        if tuple(plain[at : at + len(phrase)]) == phrase:
            return at + len(phrase), seconds
    if at + 1 >= len(plain) or (value := number(plain[at])) is None:
        return None
    end = at + 1
    if plain[end : end + 2] in (["a", "m"], ["p", "m"]):
        return None  # 3 a.m. is a time of day
    if plain[end] in ("an", "a", "full", "whole") and end + 1 < len(plain):
        end += 1
    if plain[end] not in UNITS:
        return None
    seconds = value * UNITS[plain[end]]
    rest = end + 2 if plain[end + 1 : end + 2] == ["and"] else end + 1
    more = _duration(plain, rest) if UNITS[plain[end]] > 1 else None
    if more is not None and more[1] < UNITS[plain[end]]:
        return more[0], seconds + more[1]
    if rest == end + 2 and plain[rest : rest + 2] == ["a", "half"]:
        return rest + 2, seconds + UNITS[plain[end]] / 2
    return end + 1, seconds


def _phrase(plain: list[str], at: int, among: set[tuple[str, ...]]) -> int:
    """How many words from here are one of those phrases."""
    return max((len(key) for key in among if tuple(plain[at : at + len(key)]) == key), default=0)


def _before(plain: list[str], at: int) -> Lasting | None:
    for among, least, more in (
        (_LEAST, True, 0.0), (_OVER, True, TICK), (_MOST, False, 0.0), (_UNDER, False, -TICK),
    ):  # fmt: skip
        if (length := _phrase(plain, at, among)) and (found := _duration(plain, at + length)):
            end, seconds = found[0], round(found[1] + more, 3)
            return Lasting(at, end, seconds if least else None, None if least else seconds)
    return None


def _after(plain: list[str], at: int) -> Lasting | None:
    begin = at + 1 if plain[at] == "for" else at
    if begin + 2 < len(plain) and plain[begin + 1] == "+":
        found = _duration(plain[: begin + 1] + plain[begin + 2 :], begin)
        return None if found is None else Lasting(at, found[0] + 1, found[1])
    if (found := _duration(plain, begin)) is None:
        return None
    end, seconds = found
    for among, least in ((_LEAST_AFTER, True), (_MOST_AFTER, False)):
        if length := _phrase(plain, end, among):
            return Lasting(at, end + length, seconds if least else None, None if least else seconds)
    return None


def _between(plain: list[str], at: int) -> Lasting | None:
    """Between 2 and 5 minutes."""
    joint = {"between": "and", "from": "to"}.get(plain[at])
    if joint is None or at + 4 >= len(plain) or plain[at + 2] != joint:
        return None
    first, second = number(plain[at + 1]), _duration(plain, at + 3)
    if first is None or second is None or plain[second[0] - 1].startswith("h"):
        return None
    return Lasting(at, second[0], first * UNITS[plain[second[0] - 1]], second[1])
