"""The questions, with their right answers, and the place that they are asked about."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tracking.database import open_readonly

from .seeded import a_world, at
from .written import write_ours, write_reference

HERE = Path(__file__).parent
HALVES = ("dev", "test")
PARTS = (*HALVES, "fresh", "unseen", "fourth", "fifth")
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Question:
    """A question. `gold` are statements, each a right answer; the rest as the package says."""

    id: str
    text: str
    kind: str
    compare: str
    gold: tuple[str, ...] = ()
    gold_on: str = "reference"
    follows: str | None = None
    words: tuple[str, ...] = ()
    tolerance: float = 0.001


def half(name: str) -> list[Question]:
    """The questions of a half, or of another of PARTS."""
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_question(json.loads(line)) for line in lines]


def _question(plain: dict[str, Any]) -> Question:
    lists = {name: tuple(plain.pop(name, ())) for name in ("gold", "words")}
    return Question(text=plain.pop("question"), **lists, **plain)


def shared_bank(path: Path) -> list[Question]:
    """The questions that all programs of this kind are asked: lines of JSON with `gold_sql`."""
    plain = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Question(
            id=f"s{each['id']}",
            text=each["question"],
            kind="shared bank",
            compare=each["compare"],
            gold=tuple(each["gold_sql"]),
            follows=f"s{each['follows']}" if each["follows"] else None,
        )
        for each in plain
    ]


@dataclass(frozen=True)
class Databases:
    """The seeded place in both tellings; connections are for reading. asked: the file of ours."""

    ours: sqlite3.Connection
    reference: sqlite3.Connection
    asked: Path

    def golds(self, question: Question) -> list[list[Row]]:
        """The rows of each right answer."""
        connection = self.ours if question.gold_on == "ours" else self.reference
        return [connection.execute(statement).fetchall() for statement in question.gold]


@contextmanager
def databases(kept: Path | None = None) -> Iterator[Databases]:
    """The seeded place, written anew, or where it is kept: at that path, and beside it."""
    with TemporaryDirectory(prefix="questions-") as folder:
        ours = kept or Path(folder) / "place.db"
        reference = ours.with_name(f"{ours.name}.reference")
        if not (ours.exists() and reference.exists()):
            things = a_world()
            write_ours(ours, things)
            write_reference(reference, things)
        with closing(open_readonly(ours)) as one, closing(open_readonly(reference)) as other:
            one.create_function("at", 1, at, deterministic=True)  # a local time, for statements
            yield Databases(one, other, ours)
