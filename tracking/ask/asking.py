"""Who answers a question: the built-in parser, or a model where one is set."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..database import describing, open_readonly
from ..times import now_ms
from . import history
from .answer import Answer
from .answering.answering import answer_plan, answer_unread
from .plan import Plan
from .reading import Read
from .world import World, world_of

if TYPE_CHECKING:
    from .models.local_model import LocalModel
    from .models.model import ModelSettings

LONGEST = 1000
"""Characters of a question; the rest is not read."""


def ask(
    database: sqlite3.Connection | str | Path,
    question: str,
    *,
    now: int | None = None,
    before: Plan | None = None,
    model: ModelSettings | LocalModel | None = None,
    prefer_model: bool = False,
    on_event: Callable[[Any], None] | None = None,
    keep: bool = True,
    session: str = "",
) -> Answer:
    """The answer to a question. database: a connection for reading, or a file.

    now: ms since 1970 UTC. before: the plan of the question before, which this one may go on from.
    model: a server's or a file; answers what the parser cannot read, or all of it with
    `prefer_model`; where it fails, the parser's answer is given. on_event: is told what a model
    does. keep: whether the question goes into the history, if that is a file's and not switched
    off; session: the conversation that it belongs to. Raises DatabaseError where there is no
    database to ask.
    """
    begun = time.perf_counter()
    now = now_ms() if now is None else now
    question = cleaned(question)
    with _reading(database, steady=model is None) as connection:
        world = world_of(connection, now)
        if not question:
            answer = Answer("", "not_understood", "Nothing was asked.")
        elif model is None:
            answer = _by_parser(connection, question, world, before)
        else:
            asked = _ByModel(connection, question, world, before, model, on_event)
            answer = asked.first() if prefer_model else asked.where_needed()
    answer = replace(answer, seconds=time.perf_counter() - begun)
    if keep and question and not isinstance(database, sqlite3.Connection):
        note = history.keep(database, answer, now, session).note
        answer = replace(answer, notes=(*answer.notes, note)) if note else answer
    return answer


def cleaned(question: str) -> str:
    """A question as it can be read and kept: on one line, and of text that can be written."""
    text = question.encode("utf-8", "replace").decode().replace("\0", " ")
    return " ".join(text.split())[:LONGEST]


def _by_parser(
    connection: sqlite3.Connection, question: str, world: World, before: Plan | None
) -> Answer:
    from .parsing.parser import read

    found = read(question, world, before)
    if isinstance(found, Read):
        return answer_plan(connection, found.taken.plan, world.now, question, found, world)
    return answer_unread(question, found)


class _ByModel:
    """A question that a model may answer; where it fails the parser's answer stands."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        question: str,
        world: World,
        before: Plan | None,
        model: ModelSettings | LocalModel,
        on_event: Callable[[Any], None] | None,
    ) -> None:
        self._about = (connection, question, world, before)
        self.question, self.model, self.on_event = question, model, on_event

    def first(self) -> Answer:
        """The model's answer; the parser's where the model fails."""
        answer, why = self._asked()
        return answer if answer is not None else _with(_by_parser(*self._about), why)

    def where_needed(self) -> Answer:
        """The parser's answer; the model's where the parser cannot read the question."""
        own = _by_parser(*self._about)
        if own.status != "not_understood":
            return own
        answer, why = self._asked()
        return answer if answer is not None else _with(own, why)

    def _asked(self) -> tuple[Answer | None, str]:
        """The model's answer, or why there is none."""
        try:
            answer = _ask_model(self)
        except Exception as error:  # whatever it is: the parser still has its answer
            return None, f"The model did not answer: {error or type(error).__name__}"
        if answer.status in ("failed", "not_understood"):
            return None, f"The model did not answer: {answer.answer}"
        return answer, ""


def _ask_model(asked: _ByModel) -> Answer:
    from .models.agent import ask_model
    from .models.filling import ask_for_plan
    from .models.local_model import LocalModel

    connection, question, world, before = asked._about
    model = asked.model
    if isinstance(model, LocalModel) or model.plan_only:
        return ask_for_plan(connection, question, world, model, asked.on_event)
    return ask_model(connection, question, world, before, model, on_event=asked.on_event)


def _with(answer: Answer, note: str) -> Answer:
    return replace(answer, notes=(*answer.notes, note))


@contextmanager
def _reading(
    database: sqlite3.Connection | str | Path, steady: bool
) -> Generator[sqlite3.Connection, None, None]:
    """A connection that cannot write; steady: in one state of the database throughout.

    A model may take a minute: for so long no state is held, which would make the log grow.
    """
    if isinstance(database, sqlite3.Connection):
        yield database
        return
    with closing(open_readonly(database)) as connection, describing(database):
        if steady:
            connection.execute("BEGIN")
        yield connection
