"""Whether an answer is a right one.

compare     the answer is right if, for one of the gold statements,
scalar      its value is the number of the first row; a text there is a local time
ratio       its value is that share, 0 to 1
time        its value is that local time
bool        it says yes where the number is above zero, and no where it is zero; if it gives a
            number, then that one
bool_not    it says yes where the number is zero, as of "was it empty?"
top1        its first row has the group and the value of the first row, or of one level with that
values      its rows have those values, whatever they are called
rows        its rows have those groups with those values, but for zeros; of names, one column does
list        one of its columns has those values, as the tracks of a list do
zero        it says zero, and that this was recorded
no_data     it says that nothing was recorded
refuse      it says that it cannot read the question, and names one of the words
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from tracking.ask.answer import Answer

from .bank import Question, Row
from .seeded import at, local
from .written import WEEKDAYS

Verdict = Literal["right", "refused", "wrong", "failed"]
"""As it should be; not understood, although it can be answered, or the wrong word was named;
answered, but not what was asked; could not be computed."""

GROUPS = ("bucket", "hour", "weekday", "source", "label", "zone", "line", "direction")


def judge(question: Question, golds: list[list[Row]], answer: Answer) -> Verdict:
    """What the answer is worth. golds: the rows of each right answer."""
    if answer.status == "failed":
        return "failed"
    if answer.status == "not_understood":
        named = question.compare == "refuse" and _names(question, answer)
        return "right" if named else "refused"
    if question.compare == "refuse":
        return "right" if any(_scalar(question, gold, answer) for gold in golds) else "wrong"
    if question.compare == "no_data":
        return "right" if answer.status == "no_data" else "wrong"
    if question.compare == "zero" and answer.status != "zero":
        return "wrong"
    alike = _COMPARISONS[question.compare]
    return "right" if any(alike(question, gold, answer) for gold in golds) else "wrong"


def _names(question: Question, answer: Answer) -> bool:
    said = " ".join(answer.unread).casefold()
    return not question.words or any(word.casefold() in said for word in question.words)


def _scalar(question: Question, gold: list[Row], answer: Answer) -> bool:
    value = answer.value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _same(value, gold[0][-1], question.tolerance)


def _yes(question: Question, gold: list[Row], answer: Answer) -> bool:
    there = gold[0][-1] > 0
    if answer.rows and not _same(_value(answer, answer.rows[0]), gold[0][-1], question.tolerance):
        return False  # a yes of other things
    if isinstance(answer.value, str):
        return answer.value == ("yes" if there != (question.compare == "bool_not") else "no")
    return isinstance(answer.value, int | float) and (answer.value > 0) == there


def _first(question: Question, gold: list[Row], answer: Answer) -> bool:
    if not answer.rows:
        return False
    top = answer.rows[0]
    if answer.plan is not None and answer.plan.shape == "list":
        return any(_same(cell, gold[0][-1], question.tolerance) for cell in top)
    best = [row for row in gold if _same(row[-1], gold[0][-1], 1e-9)]
    return any(
        _key(answer, top, row[0]) == _plain(row[0])
        and _same(_value(answer, top), row[-1], question.tolerance)
        for row in best
    )


def _values(question: Question, gold: list[Row], answer: Answer) -> bool:
    found = [_value(answer, row) for row in answer.rows]
    if len(found) < 2 and isinstance(answer.value, list):
        found = answer.value
    return _bag(found, [row[-1] for row in gold], question.tolerance)


def _rows(question: Question, gold: list[Row], answer: Answer) -> bool:
    if answer.plan is not None and answer.plan.shape == "list":
        return _list(question, gold, answer)
    if len(gold[0]) == 1:
        names = {_plain(name) for (name,) in gold}
        return any(set(map(_plain, cells)) == names for cells in zip(*answer.rows, strict=True))
    found: dict[str, float] = defaultdict(float)
    for row in answer.rows:
        value = _value(answer, row)
        if value is not None and value == value:
            found[_key(answer, row, gold[0][0])] += value
    wanted = {_plain(row[0]): row[-1] for row in gold if row[-1]}
    found = {key: value for key, value in found.items() if value}
    return found.keys() == wanted.keys() and all(
        _same(found[key], wanted[key], question.tolerance) for key in wanted
    )


def _list(question: Question, gold: list[Row], answer: Answer) -> bool:
    wanted = [row[-1] for row in gold]
    return any(_bag(cells, wanted, question.tolerance) for cells in zip(*answer.rows, strict=True))


_COMPARISONS = {
    "scalar": _scalar,
    "ratio": _scalar,
    "time": _scalar,
    "zero": _scalar,
    "bool": _yes,
    "bool_not": _yes,
    "top1": _first,
    "values": _values,
    "rows": _rows,
    "list": _list,
}


def _bag(found: Iterable[Any], wanted: list[Any], tolerance: float) -> bool:
    """Whether both have the same values, in whatever order; zeros and nothing may be missing."""
    mine = [_number(value) for value in found if value]
    theirs = [_number(value) for value in wanted if value]
    if None in mine or None in theirs or len(mine) != len(theirs):
        return False
    pairs = zip(sorted(filter(None, mine)), sorted(filter(None, theirs)), strict=True)
    return all(_same(a, b, tolerance) for a, b in pairs)


def _number(value: Any) -> float | None:
    """A number, or the ms since 1970 of a local time in text."""
    if isinstance(value, str):
        try:
            return float(at(value))
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) else None


def _same(found: Any, wanted: Any, tolerance: float) -> bool:
    a, b = _number(found), _number(wanted)
    if a is None or b is None:
        return False
    return abs(a - b) <= max(tolerance, 1e-6 * abs(b) if isinstance(wanted, float) else 0)


def _columns(answer: Answer) -> list[str]:
    return [column.name for column in answer.columns]


def _value(answer: Answer, row: Row) -> Any:
    """The value of a row: of the column of that name, or of the first that is no group."""
    names = _columns(answer)
    if "value" in names:
        return row[names.index("value")]
    kinds = [column.kind for column in answer.columns]
    for name, kind, cell in zip(names, kinds, row, strict=True):
        if name not in GROUPS and kind != "text":
            return cell
    return None


def _key(answer: Answer, row: Row, like: Any) -> str:
    """The group of a row, written as the gold answer writes it."""
    names = _columns(answer)
    place = next((names.index(name) for name in GROUPS if name in names), 0)
    cell = row[place]
    if names[place] == "bucket" and isinstance(cell, int | float):
        day, hour = local(int(cell))[:10], local(int(cell))[11:13]
        if isinstance(like, int):
            return str(int(hour))
        return {10: day, 13: f"{day} {hour}"}.get(
            len(like), f"{WEEKDAYS[date.fromisoformat(day).weekday()]}"
        ).casefold()
    if names[place] == "hour":  # 9, or 09:00 to 10:00
        return str(int(str(cell).partition(":")[0]))
    if names[place] == "weekday":
        return (WEEKDAYS[int(cell)] if isinstance(cell, int | float) else str(cell)[:3]).casefold()
    return _plain(cell)


def _plain(cell: Any) -> str:
    return str(int(cell) if isinstance(cell, float) and cell == int(cell) else cell).casefold()
