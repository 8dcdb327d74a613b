"""`tracking ask`: a question in everyday words, and its answer with its working."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import SettingsError
from .options import Database
from .printing import note, print_table, say
from .program import out

if TYPE_CHECKING:
    from ..ask.answer import Answer
    from ..ask.models.local_model import LocalModel
    from ..ask.models.model import ModelSettings
    from ..ask.plan import Plan

ROWS = 40
"""Rows of an answer's table that are shown; --json has all of them."""
CODES = {"failed": 1, "not_understood": 3}


def ask(
    db: Database,
    question: Annotated[
        Optional[list[str]],  # noqa: UP045  (typer reads this on Python 3.10 too)
        typer.Argument(
            metavar="QUESTION",
            help='Like "how many people at the entrance today?"',
            show_default="asks, and answers, until Ctrl-D",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="All of the answer, with its SQL, as JSON.")
    ] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Show the SQL that gives the number.")] = False,
    llm: Annotated[
        bool, typer.Option("--llm", help="Let a language model answer; see --base-url.")
    ] = False,
    model: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="The model's name.", show_default="TRACKING_LLM_MODEL"),
    ] = None,
    base_url: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="An OpenAI-compatible endpoint; its key is in TRACKING_LLM_API_KEY.",
            show_default="TRACKING_LLM_BASE_URL, or OpenAI with OPENAI_API_KEY",
        ),
    ] = None,
    model_file: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            help="A model file (GGUF) that reads here what the built-in parser cannot; needs the"
            " package xllamacpp.",
            show_default="TRACKING_LLM_FILE",
        ),
    ] = None,
    plan_only: Annotated[
        bool,
        typer.Option(
            "--plan-only", help="Ask the model for a plan alone, without tools; see --base-url."
        ),
    ] = False,
    now: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="Answer as if it were then, like 2026-03-01T09:30.", show_default="this moment"
        ),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="Keep the question in the database.")
    ] = True,
) -> None:
    """Ask about what was recorded, in everyday words: "which hour was the busiest yesterday?"

    Every number is that of the dashboard's pages. What cannot be read is never guessed: the words
    are named, and the exit code is 3.
    """
    from ..ask.asking import ask as answered

    moment = _moment(db, now)
    named = llm or model or base_url or model_file or plan_only
    settings = _settings(model, base_url, model_file, plan_only) if named else None
    before: Plan | None = None

    def one(text: str) -> int:
        nonlocal before
        answer = answered(
            db,
            text,
            now=moment,
            before=before,
            model=settings,
            prefer_model=llm,
            keep=history,
        )
        before = answer.plan or before
        _show(answer, as_json, sql, asked=question is not None)
        return CODES.get(answer.status, 0)

    code = one(" ".join(question)) if question else _conversation(one)
    if code:
        raise typer.Exit(code)


def _conversation(one: Callable[[str], int]) -> int:
    """Questions one after another; what follows goes on from the one before."""
    alone = sys.stdin.isatty()
    worst = 0
    while True:
        try:
            text = input("? " if alone else "")
        except EOFError:
            return 0 if alone else worst
        if text.strip():
            worst = max(worst, one(text))


def _moment(db: Path, now: str | None) -> int | None:
    """The moment to answer at; text without a zone is read in that of the sources."""
    from ..database import describing, open_readonly
    from ..metrics import known_sources
    from ..metrics.selection import common_zone
    from ..times import to_ms

    if now is None:
        return None
    with closing(open_readonly(db)) as connection, describing(db):
        return to_ms(now, common_zone(known_sources(connection)))


def _settings(
    model: str | None, base_url: str | None, file: Path | None, plan_only: bool
) -> ModelSettings | LocalModel:
    """The model that is named, at a server or as a file; else the environment's."""
    from ..ask.models.local_model import local_model
    from ..ask.models.model import model_settings, settings_from

    if file is not None and (model or base_url):
        raise SettingsError("A model is a file or at a server: give --model-file, or the others")
    own = None if model or base_url or (file is None and settings_from()) else local_model(file)
    if own is not None:
        return own
    settings = model_settings(model=model, base_url=base_url)
    return replace(settings, plan_only=settings.plan_only or plan_only)


def _show(answer: Answer, as_json: bool, sql: bool, asked: bool) -> None:
    from ..ask.plain import plain_answer

    if as_json:
        found = plain_answer(answer)
        say(json.dumps(found, indent=2 if asked else None, allow_nan=False))
        return
    out.print(answer.answer, style="bold", markup=False, highlight=False, soft_wrap=True)
    if _is_table(answer):
        print_table(_table(answer))
        if len(answer.rows) > ROWS:
            say(f"and {len(answer.rows) - ROWS} more rows; --json has all of them")
    for line, style in _lines(answer):
        out.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
    if sql and answer.sql:
        say(f"\n{answer.sql}")
    for each in answer.notes:
        note(each)


def _lines(answer: Answer) -> list[tuple[str, str]]:
    """What stands under an answer, each line with its style."""
    lines = []
    if answer.reading is not None:
        lines.append((f"Read as: {answer.reading.words}", ""))
    lines += [(f"It could also mean: {other.words}", "") for other in answer.others]
    if answer.metric is not None and answer.status != "failed":
        lines.append((f"{answer.metric.title}: {answer.metric.definition}", "dim"))
    if answer.suggestions:
        lines.append(("What can be asked:", ""))
        lines += [(f"  {each}", "") for each in answer.suggestions]
    return [*lines, (f"{answer.answered_by}, {_took(answer.seconds)}", "dim")]


def _took(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _is_table(answer: Answer) -> bool:
    """Whether there is more to see than the sentence says."""
    return len(answer.rows) > 1 or (len(answer.columns) > 3 and bool(answer.rows))


def _table(answer: Answer) -> Table:
    from ..ask.saying import say_cell

    table = Table()
    for column in answer.columns:
        right = column.kind in ("number", "seconds", "share")
        table.add_column(
            escape(column.title), justify="right" if right else "left", overflow="fold"
        )
    for row in answer.rows[:ROWS]:
        cells: list[Any] = [
            escape(say_cell(column, cell, answer.timezone))
            for column, cell in zip(answer.columns, row, strict=True)
        ]
        table.add_row(*cells)
    return table
