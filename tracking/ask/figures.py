"""The number check: whether every figure of a prose is in the rows, or follows from them.

What follows has to be said: "57 - 43 = 14", "14 more", "33 % more", "in total 100", "on average
12", "half of them". Figures of the question and of the window are nobody's invention.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, permutations
from typing import Any

from ..localtime import BUCKETS
from ..times import LATEST, zone
from .mentions import Mention, mentions

Table = Sequence[Sequence[Any]]

FEW = 4
"""Values of a column up to which two of them may be compared without both being named."""
COUNTED = 50
"""Rows of a table below which their number may be told; a longer one may have been cut."""
_NAMED = 8  # values named in the prose that are compared with each other
_SINCE = 946_684_800_000  # 2000-01-01: a number from there on may be a time in ms

_MORE = re.compile(
    r"\b(?:more|less|fewer|higher|lower|longer|shorter|up|down|above|below|increas\w*|decreas\w*"
    r"|rose|risen|rise|fell|fallen|fall|dropp?\w*|grew|grown|growth|gain\w*|lost|difference|differ"
    r"|change\w*|apart|later|earlier|busier|quieter|extra|net)\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:total\w*|altogether|in all|sum\w*|together|combined|overall|both|add\w*)\b",
    re.IGNORECASE,
)
_MEAN = re.compile(r"\b(?:average\w*|mean|avg|per|typical\w*)\b", re.IGNORECASE)
_EQUATION = re.compile(
    r"(?P<left>[\d.,]+(?:\s*[-+−–×x*/÷]\s*[\d.,]*\d)+)\s*=\s*(?P<right>[\d.,]*\d)(?P<percent>\s*%)?"
)


def check(prose: str, tables: Sequence[Table], given: str = "", timezone: str = "UTC") -> list[str]:
    """The figures of a prose that nothing supports, as they stand in it, each once.

    tables: rows of cells: numbers, times in ms since 1970 UTC, texts. given: the question and the
    window in words. timezone: in which the prose tells times.
    """
    known = _Known.of(tables, given, timezone)
    found = mentions(_without_names(prose, tables))
    equations = _equations(prose, known)
    supported = [each for each in found if known.holds(each) or equations.get(each.start)]
    wrong = {start for start, right in equations.items() if not right}
    named = [each.value for each in supported if each.kind in ("number", "duration")]
    derived = _Derived(known.columns, named[:_NAMED])
    missing = [
        each
        for number, each in enumerate(found)
        if each.start in wrong
        or not (
            each in supported
            or derived.holds(each, _around(prose, each))
            or known.ends(each, found[number - 1] if number else None, prose)
        )
    ]
    return list(dict.fromkeys(each.text for each in missing))


@dataclass(slots=True)
class _Known:
    """What the rows, the question and the window say."""

    timezone: str
    numbers: list[float] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    clocks: list[float] = field(default_factory=list)
    dates: set[int] = field(default_factory=set)
    columns: list[list[float]] = field(default_factory=list)

    @classmethod
    def of(cls, tables: Sequence[Table], given: str, timezone: str) -> _Known:
        known = cls(timezone)
        for table in tables:
            if 1 < len(table) < COUNTED:
                known.counts.append(len(table))
            for row in table:
                for cell in row:
                    known._take(cell)
            known.columns += list(_columns(table))
        for column in known.columns:
            if len(set(column)) == len(column) and all(
                value == int(value) and 0 <= value <= 24 for value in column
            ):  # hours of the day, perhaps
                known.clocks += [value * 3600 % 86400 for value in column]
        for each in mentions(given):
            known._add(each)
            if each.kind == "number" and each.value <= 24:  # between 9 and 10
                known.clocks.append(each.value * 3600 % 86400)
        return known

    def _take(self, cell: Any) -> None:
        if isinstance(cell, bool) or cell is None:
            return
        if isinstance(cell, str):
            for each in mentions(cell):
                self._add(each)
        elif isinstance(cell, int | float) and math.isfinite(cell):
            self.numbers.append(abs(float(cell)))
            self.seconds.append(abs(float(cell)))
            self.shares += [abs(float(cell)), abs(float(cell)) / 100]
            if _SINCE <= cell < LATEST:
                self._moment(datetime.fromtimestamp(cell / 1000, zone(self.timezone)))

    def _moment(self, at: datetime) -> None:
        self.clocks.append(at.hour * 3600 + at.minute * 60 + at.second)
        self.dates.add(at.year * 10000 + at.month * 100 + at.day)

    def _add(self, each: Mention) -> None:
        if each.kind == "date":
            self.dates.add(int(each.value))
        elif each.kind == "clock":
            self.clocks.append(each.value)
        elif each.kind == "duration":
            self.seconds.append(each.value)
            self.numbers += [each.value, each.value / 60, each.value / 3600]
        elif each.kind == "percent":
            self.shares.append(each.value)
        else:
            self.numbers.append(each.value)
            self.seconds.append(each.value)

    def holds(self, each: Mention) -> bool:
        """Whether a figure is among them, rounded as it is told."""
        if each.kind == "date":
            return any(int(each.value) in (date, date % 10000) for date in self.dates)
        if each.kind == "clock":
            return any(0 <= clock - each.value < each.step for clock in self.clocks)
        if each.kind == "number" and each.value in {date // 10000 for date in self.dates}:
            return True
        values = {"percent": self.shares, "duration": self.seconds}.get(each.kind, self.numbers)
        if each.kind == "number":
            values = [*values, *self.counts]
        elif each.kind == "duration":  # the 24 hours of the table
            values = [*values, *(count * each.step for count in self.counts if each.step >= 60)]
        return any(_is(each, value) for value in values)

    def ends(self, each: Mention, before: Mention | None, prose: str) -> bool:
        """Whether it is the end of a stretch whose beginning is known: 14:00 to 15:00."""
        if before is None or before.kind != "clock" or each.kind != "clock":
            return False
        link = prose[before.end : each.start].strip().lower()
        length = (each.value - before.value) % 86400 * 1000
        return (
            link in ("to", "until", "till", "and", "-", "–", "and ended at")
            and self.holds(before)
            and length in BUCKETS.values()
        )


def _is(each: Mention, value: float) -> bool:
    """Whether a value, rounded as the figure is, gives it; what was roughly said may be rounder."""
    step = each.step
    if each.rough and each.kind == "number" and each.value:
        while each.value % (step * 10) == 0:
            step *= 10
    above = step if each.kind == "duration" else step / 2  # a length of time may be cut, too
    return -step / 2 - 1e-9 <= abs(value) - each.value <= above + 1e-9


@dataclass(frozen=True, slots=True)
class _Derived:
    """What may follow: from the columns of the tables, and from what the prose has named."""

    columns: Sequence[Sequence[float]]
    named: Sequence[float]

    def holds(self, each: Mention, around: str) -> bool:
        """Whether a figure follows from values by the arithmetic that the words around it name."""
        return any(_is(each, value) for value in self._values(each, around))

    def _values(self, each: Mention, around: str) -> Iterator[float]:
        if each.kind in ("date", "clock"):
            return
        pairs = list(self._pairs())
        if each.kind in ("percent", "times"):
            yield from self._ratios(pairs, bool(_MORE.search(around)) and each.kind == "percent")
            return
        if _MORE.search(around):
            yield from (a - b for a, b in pairs)
            yield from ((a - b) / 1000 for a, b in pairs if min(a, b) >= _SINCE)
        if _ALL.search(around):
            yield from (sum(column) for column in self.columns if len(column) > 1)
            yield from (a + b for a, b in pairs)
            yield sum(self.named) - (each.value if each.value in self.named else 0)
        if _MEAN.search(around):
            yield from (sum(column) / len(column) for column in self.columns)
            yield from ((a + b) / 2 for a, b in pairs)
            yield from (a / b for a, b in pairs if b)

    def _ratios(self, pairs: Iterable[tuple[float, float]], change: bool) -> Iterator[float]:
        for a, b in pairs:
            if b and change:
                yield (a - b) / b
            elif b:
                yield a / b
        for column in self.columns:
            whole = sum(column)
            if whole and not change:
                yield from (value / whole for value in column if value in self.named)

    def _pairs(self) -> Iterator[tuple[float, float]]:
        few = [column for column in self.columns if 1 < len(column) <= FEW]
        yield from chain.from_iterable(permutations(values, 2) for values in (*few, self.named))


def _columns(table: Table) -> Iterator[list[float]]:
    """The numbers of each column, and of each row."""
    wide = max((len(row) for row in table), default=0)
    for lines in ([[row[n] for row in table if n < len(row)] for n in range(wide)], table):
        for line in lines:
            numbers = [
                float(cell)
                for cell in line
                if isinstance(cell, int | float)
                and not isinstance(cell, bool)
                and math.isfinite(cell)
            ]
            if numbers:
                yield numbers


def _without_names(prose: str, tables: Sequence[Table]) -> str:
    """The prose with blanks where it names things: the figure in "Gate 2" is none."""
    names = {
        cell
        for table in tables
        for row in table
        for cell in row
        if isinstance(cell, str) and re.search(r"\d", cell) and re.search(r"[^\W\d]", cell)
        and not _is_figure(cell)
    }  # fmt: skip
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        prose = re.sub(pattern, lambda m: " " * len(m[0]), prose, flags=re.IGNORECASE)
    return prose


def _is_figure(cell: str) -> bool:
    """Whether a text is a figure rather than a name: "2 min 5 s", "14:00 to 15:00"."""
    rest = list(cell)
    for each in mentions(cell):
        rest[each.start : each.end] = " " * (each.end - each.start)
    left = re.sub(r"\b(?:to|and|mon|tue|wed|thu|fri|sat|sun|t|z)\b", "", "".join(rest).lower())
    return not re.search(r"\w", left)


def _around(prose: str, each: Mention) -> str:
    """The sentence that a figure stands in."""
    begins = [m.end() for m in re.finditer(r"[.!?;\n]\s", prose[: each.start])]
    end = re.search(r"[.!?;\n](?:\s|$)", prose[each.end :])
    stop = each.end + end.start() if end else len(prose)
    return prose[begins[-1] if begins else 0 : stop]


def _equations(prose: str, known: _Known) -> dict[int, bool]:
    """Where the result of an equation stands: whether it is right, and its parts are known."""
    found = {}
    for match in _EQUATION.finditer(prose):
        parts = re.split(r"\s*([-+−–×x*/÷])\s*", match["left"])
        operands = [mentions(part) for part in parts[::2]]
        right = mentions(match["right"] + (match["percent"] or ""))
        if not right:
            continue
        values = [each[0].value for each in operands if each]
        result = _computed(values, parts[1::2]) if len(values) == len(parts[::2]) else None
        sure = all(known.holds(each[0]) for each in operands if each)
        holds = sure and result is not None and (
            _is(right[0], result) or (match["percent"] is not None and _is(right[0], result / 100))
        )  # fmt: skip
        found[match.start("right")] = holds
    return found


_SIGNS: dict[str, Callable[[float, float], float]] = {
    **dict.fromkeys("-−–", lambda a, b: a - b),
    **dict.fromkeys("×x*", lambda a, b: a * b),
    **dict.fromkeys("/÷", lambda a, b: a / b if b else math.nan),
    "+": lambda a, b: a + b,
}


def _computed(values: Sequence[float], signs: Sequence[str]) -> float:
    """From left to right; products are not mixed with sums in such a prose."""
    total = values[0]
    for sign, value in zip(signs, values[1:], strict=True):
        total = _SIGNS[sign](total, value)
    return total
