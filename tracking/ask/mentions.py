"""The figures in a text: numbers, shares, lengths of time, times of day and dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["number", "percent", "times", "duration", "clock", "date"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",),
            ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sep", "sept"),
            ("october", "oct"), ("november", "nov"), ("december", "dec"),
        ),
        1,
    )
    for name in names
}  # fmt: skip
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen", "twenty",
)  # fmt: skip
_SPELLED = {word: number for number, word in enumerate(_SMALL)}
_TENS = {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_UNITS = {
    "d": 86400.0, "day": 86400.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0,
    "min": 60.0, "minute": 60.0, "m": 60.0, "s": 1.0, "sec": 1.0, "second": 1.0,
}  # fmt: skip
_RATIOS = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "thrice": 3.0, "triple": 3.0,
           "tripled": 3.0, "half": 0.5}  # fmt: skip

_DIGITS = r"(?:\d{1,3}(?:[,\u202f\u00a0']\d{3})+|\d+)(?:\.\d+)?"
_SPELT = "|".join(sorted(_SPELLED, key=len, reverse=True))
_TENTH = "|".join(_TENS)
_WRITTEN = rf"(?:(?:{_TENTH}|twenty)-(?:{_SPELT})|{_TENTH}|{_SPELT})"
_AMOUNT = rf"(?:{_DIGITS}|{_WRITTEN}\b)"
_UNIT = r"(?:days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b"
_RATIO = "|".join(_RATIOS)
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_PATTERN = re.compile(
    rf"""
    (?P<isodate>\b\d{{4}}-\d{{2}}-\d{{2}}(?=[T\s\W]|$))
  | (?P<dotted>\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}\b)
  | (?P<daymonth>\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})\b\.?(?:,?\s+\d{{4}}\b)?)
  | (?P<monthday>\b(?:{_MONTH})\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?!:)(?:,?\s+\d{{4}}\b)?)
  | (?P<offset>\b(?:utc|gmt)\s?[+-]\d{{1,2}}(?::\d{{2}})?\b
      |(?:(?<=:\d\d:\d\d)|(?<=\.\d\d\d)|(?<=:\d\d)(?=\+))[+-]\d\d:\d\d\b)
  | (?P<clock>(?<![\d:])\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\.\d+)?(?:\s?[ap]\.?m\b\.?)?)
  | (?P<hour>\b\d{{1,2}}\s?[ap]\.?m\b\.?|\b\d{{1,2}}\s?o'clock)
  | (?P<noon>\b(?:noon|midnight)\b)
  | (?P<halfhour>\bhalf\s+an\s+hour\b|\ban\s+hour\s+and\s+a\s+half\b)
  | (?P<duration>\b{_AMOUNT}[ -]?{_UNIT})
  | (?P<percent>{_AMOUNT}\s?(?:%|per\s?cent\b|percent\b))
  | (?P<times>\b{_AMOUNT}\s?(?:times\s+(?:as|more|less)|×)
      |\b(?:{_RATIO})\b(?=\s+(?:as|of|the)\b))
  | (?P<number>(?<![\w.]){_DIGITS}(?:\s?(?:thousand|million)\b|k\b)?|\b{_WRITTEN}\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)  # fmt: skip
_PRONOUN_BEFORE = re.compile(
    r"\b(?:no|the|this|that|each|every|which|other|another|any|only|last|next|first|\w+est)\s+$",
    re.IGNORECASE,
)
_PRONOUN_AFTER = re.compile(
    r"\s*(?:[.,;:!?)]|$|\s(?:of|by|that|which|who|was|is|in|at|on|with|to|and|or|another|after|can"
    r"|more|has|had|where|when|per)\b)",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(
    r"(?:\b(?:about|around|roughly|nearly|almost|approximately|some|circa|over|under|more than"
    r"|less than|fewer than|just over|just under)|~|≈)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A figure in a text.

    value: of a number itself; of a percentage, and of "twice", the ratio; of a length of time
    seconds; of a time of day its seconds; of a date year * 10000 + month * 100 + day, year 0 where
    none is said. step: what the last digit stands for. start, end: where it stands. rough: it was
    said to be about that.
    """

    text: str
    kind: Kind
    value: float
    step: float
    start: int
    end: int
    rough: bool = False


def mentions(text: str) -> list[Mention]:
    """All figures of a text in order."""
    text = text.replace("’", "'")
    return list(_joined(_found(text), text))


def _joined(found: Iterable[Mention], text: str) -> Iterator[Mention]:
    """Lengths of time in several units as one: "2 min 5 s"."""
    last: Mention | None = None
    for each in found:
        if (
            last is not None
            and last.kind == each.kind == "duration"
            and each.step < last.step
            and each.value < 60 * max(last.step, 1)
            and re.fullmatch(r"\s|\sand\s", text[last.end : each.start])
        ):
            whole = text[last.start : each.end]
            value = last.value + each.value
            last = replace(each, text=whole, value=value, start=last.start, rough=last.rough)
            continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last


def _found(text: str) -> Iterator[Mention]:
    for match in _PATTERN.finditer(text):
        kind, said = match.lastgroup or "", match[0]
        if kind == "offset" or _is_pronoun(text, match) or _is_enumerator(text, match):
            continue
        found = _READ[kind](said.lower())
        if found is None:
            continue
        what, value, step = found
        rough = _ROUGHLY.search(text[: match.start()]) is not None
        yield Mention(said.strip(" ."), what, value, step, match.start(), match.end(), rough)


def _is_pronoun(text: str, match: re.Match[str]) -> bool:
    """Whether "one" counts nothing: "the busiest one", "one of them"."""
    return match[0].lower() == "one" and bool(
        _PRONOUN_BEFORE.search(text[: match.start()]) or _PRONOUN_AFTER.match(text, match.end())
    )


def _is_enumerator(text: str, match: re.Match[str]) -> bool:
    """Whether a number only numbers the line it begins, as the lines before it are numbered."""
    if not re.match(r"[.)]\s", text[match.end() :]) or not match[0].isdigit():
        return False
    before, _, own = text[: match.start()].rpartition("\n")
    if own.strip():
        return False
    numbered = re.findall(r"^\s*(\d+)[.)]\s", before, re.MULTILINE)
    return [int(each) for each in numbered] == list(range(1, int(match[0])))


_Read = tuple[Kind, float, float]


def _amount(said: str) -> tuple[float, float]:
    """A number, and what its last digit stands for."""
    said = re.sub(r"[,'\u202f\u00a0]", "", said.strip())
    if said and said[0].isalpha():
        tens, _, ones = said.partition("-")
        return float({**_SPELLED, **_TENS}[tens] + _SPELLED.get(ones, 0)), 1.0
    _, _, decimals = said.partition(".")
    return float(said), 10.0 ** -len(decimals)


def _number(said: str) -> _Read:
    match = re.fullmatch(rf"({_AMOUNT})\s?(thousand|million|k)?", said)
    assert match is not None
    value, step = _amount(match[1])
    size = {"thousand": 1e3, "k": 1e3, "million": 1e6}.get(match[2] or "", 1.0)
    return "number", value * size, step * size


def _percent(said: str) -> _Read:
    value, step = _amount(re.sub(r"\s?(%|per\s?cent|percent)$", "", said))
    return "percent", value / 100, step / 100


def _times(said: str) -> _Read:
    if said in _RATIOS:
        return "times", _RATIOS[said], 0.1
    value, step = _amount(re.split(r"\s?(?:times|×)", said)[0])
    return "times", value, step


def _duration(said: str) -> _Read:
    match = re.fullmatch(rf"({_AMOUNT})[ -]?({_UNIT})", said)
    assert match is not None
    value, digit = _amount(match[1])
    size = _UNITS[match[2]] if match[2] in _UNITS else _UNITS[match[2].removesuffix("s")]
    return "duration", value * size, digit * size


def _half_hour(said: str) -> _Read:
    return "duration", 1800.0 if said.startswith("half") else 5400.0, 60.0


def _clock(said: str) -> _Read | None:
    half = re.search(r"([ap])\.?m", said)
    parts = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", said)]
    hour, *rest = parts
    if half is not None:
        hour = hour % 12 + (12 if half[1] == "p" else 0)
    if hour > 24 or any(part >= 60 for part in rest):
        return None
    minute, second = (*rest, 0.0, 0.0)[:2]
    step = (3600.0, 60.0, 1.0)[len(parts) - 1] if half or len(parts) > 1 else 3600.0
    return "clock", (hour * 3600 + minute * 60 + second) % 86400, step


def _noon(said: str) -> _Read:
    return "clock", 43200.0 if said == "noon" else 0.0, 60.0


def _date(year: int, month: int, day: int) -> _Read | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return "date", float(year * 10000 + month * 100 + day), 1.0


def _iso_date(said: str) -> _Read | None:
    year, month, day = map(int, said.split("-"))
    return _date(year, month, day)


def _dotted(said: str) -> _Read | None:
    day, month, year = map(int, re.split(r"[./]", said))
    return _date(year, month, day)


def _named_date(said: str) -> _Read | None:
    numbers = [int(part) for part in re.findall(r"\d+", said)]
    month = next(word for word in re.findall(r"[a-z]+", said) if word in _MONTHS)
    return _date(numbers[1] if len(numbers) > 1 else 0, _MONTHS[month], numbers[0])


_READ: dict[str, Callable[[str], _Read | None]] = {
    "isodate": _iso_date,
    "dotted": _dotted,
    "daymonth": _named_date,
    "monthday": _named_date,
    "clock": _clock,
    "hour": _clock,
    "noon": _noon,
    "halfhour": _half_hour,
    "duration": _duration,
    "percent": _percent,
    "times": _times,
    "number": _number,
}
