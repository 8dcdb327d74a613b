"""An answer, with all that is needed to check it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..metrics import Metric, Watched
from .plan import Plan

Status = Literal["ok", "zero", "no_data", "not_understood", "failed"]
"""Something; recorded, and none; nothing was recorded; the question could not be read; the number
could not be computed."""

Value = float | int | str | list[Any] | None

PARSER = "built-in parser"
"""Who answers without a model."""


Kind = Literal["text", "number", "seconds", "time", "share"]
"""How a value is shown; "time" is ms since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Column:
    """Of an answer's table. kind: how its cells are shown."""

    name: str
    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to take the question: in words, and as a plan."""

    words: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Evidence:
    """The tracks behind a number: `shown` of them, out of `total`; by people_tracks.id."""

    tracks: tuple[int, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What a model did on the way. result: what it was told, shortened. ok: not an error."""

    tool: str
    arguments: str
    result: str
    ok: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, how it was read, and what came of it.

    answer: in words. value: the number, the text, the list, or None. rows: as `columns` says.
    reading: how the question was taken; others: how it could have been, too. coverage: how much of
    the window was watched. sql: gives the same from the same database. unread: words of the
    question that nothing could be made of; suggestions: questions that can be answered.
    notes: what else has to be said, such as why a model did not answer.
    axes: of a chart that a model drew, the names of the columns for x, y and, perhaps, colour.
    """

    question: str
    status: Status
    answer: str
    value: Value = None
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    reading: Reading | None = None
    others: tuple[Reading, ...] = ()
    timezone: str = "UTC"
    coverage: Watched | None = None
    metric: Metric | None = None
    sql: str = ""
    chart: str = ""
    evidence: Evidence = Evidence()
    unread: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    answered_by: str = PARSER
    seconds: float = 0.0
    axes: tuple[str, ...] = ()

    @property
    def plan(self) -> Plan | None:
        return None if self.reading is None else self.reading.plan

    def titles(self) -> Sequence[str]:
        """Of the columns."""
        return [column.title for column in self.columns]
