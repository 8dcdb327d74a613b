"""Ask every question, and compare with what is known. See the package for the questions."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from tracking.ask.answer import Answer
from tracking.ask.asking import ask

from .bank import PARTS, Databases, Question, databases, half, shared_bank
from .comparing import Verdict, judge
from .seeded import NOW

ROOT = Path(__file__).resolve().parents[2]
VERDICTS = ("right", "refused", "wrong", "failed")


@dataclass(frozen=True)
class Asked:
    """A question, what came of it, and how many seconds that took."""

    part: str
    question: Question
    verdict: Verdict
    answer: Answer
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        answer, question = self.answer, self.question
        return {
            "part": self.part,
            "id": question.id,
            "kind": question.kind,
            "question": question.text,
            "verdict": self.verdict,
            "status": answer.status,
            "reading": answer.reading.words if answer.reading else None,
            "unread": list(answer.unread),
            "value": answer.value,
            "rows": [list(row) for row in answer.rows[:50]],
            "milliseconds": round(self.seconds * 1000, 2),
        }


def ask_all(part: str, questions: Iterable[Question], on: Databases) -> list[Asked]:
    """Every question in its order; one that follows another has that one's plan before it.

    Where that one was not understood there is nothing to go on from: it counts as refused, too.
    """
    plans: dict[str, Any] = {}
    found = []
    for question in questions:
        before = plans[question.follows] if question.follows else None
        began = time.perf_counter()
        if question.follows and before is None:
            answer = Answer(question.text, "not_understood", "The one before was not understood.")
        else:
            answer = ask(on.ours, question.text, now=NOW, before=before, keep=False)
        seconds = time.perf_counter() - began
        plans[question.id] = answer.plan
        verdict = judge(question, on.golds(question), answer)
        found.append(Asked(part, question, verdict, answer, seconds))
    return found


def main() -> int:
    """Print the tables. Status 1 if anything was answered wrongly without a word."""
    arguments = _arguments()
    with databases(arguments.database) as on:
        asked = []
        for part, questions in _parts(arguments.half):
            asked += ask_all(part, questions, on)
    console = Console(width=None if sys.stdout.isatty() else 110)
    for part in dict.fromkeys(each.part for each in asked):
        console.print(_table(part, [each for each in asked if each.part == part]))
    if arguments.failures:
        _failures(console, asked)
    if arguments.json:
        text = json.dumps([each.as_dict() for each in asked], indent=1, ensure_ascii=False)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 1 if any(each.verdict == "wrong" for each in asked) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__)
    parser.add_argument("--half", choices=(*PARTS, "all"), default="all")
    parser.add_argument(
        "--database", type=Path, help="keep the place here; it is used if it exists"
    )
    parser.add_argument("--failures", action="store_true", help="list what was not right")
    parser.add_argument("--json", type=Path, help="write everything into this file")
    return parser.parse_args()


def _parts(wanted: str) -> Iterable[tuple[str, list[Question]]]:
    for name in PARTS:
        if wanted in (name, "all"):
            yield name, half(name)
    folder = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    if wanted == "all" and (folder / "questions.jsonl").is_file():
        yield "shared bank", shared_bank(folder / "questions.jsonl")


def _table(part: str, asked: list[Asked]) -> Table:
    table = Table(title=f"{part}: {len(asked)} questions", title_justify="left")
    table.add_column("kind")
    for name in ("asked", "right", "refused", "silently wrong", "failed", "ms, median", "ms, 95th"):
        table.add_column(name, justify="right")
    kinds = dict.fromkeys(each.question.kind for each in asked)
    for kind in kinds if len(kinds) > 1 else ():
        table.add_row(kind, *_figures([each for each in asked if each.question.kind == kind]))
    table.add_section()
    table.add_row("all", *_figures(asked))
    return table


def _figures(asked: list[Asked]) -> list[str]:
    counts = [sum(each.verdict == verdict for each in asked) for verdict in VERDICTS]
    right = f"{counts[0]} ({counts[0] / len(asked):.0%})"
    ms = np.quantile([each.seconds * 1000 for each in asked], [0.5, 0.95])
    return [str(len(asked)), right, *map(str, counts[1:]), *(f"{each:.1f}" for each in ms)]


def _failures(console: Console, asked: list[Asked]) -> None:
    for each in asked:
        if each.verdict == "right":
            continue
        answer = each.answer
        read = answer.reading.words if answer.reading else f"not read: {', '.join(answer.unread)}"
        console.print(
            f"{each.verdict:8}{each.question.id:6}{each.question.text}\n"
            f"{'':14}{read}\n{'':14}{answer.status}: {str(answer.value)[:200]}",
            markup=False,
            highlight=False,
        )


if __name__ == "__main__":
    sys.exit(main())
