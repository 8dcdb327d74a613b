"""Who answers a question: the built-in parser, or a model where one is set."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .answer import Answer
from .plan import Plan

if TYPE_CHECKING:
    from .agent import ModelSettings


def ask(
    database: sqlite3.Connection | str | Path,
    question: str,
    *,
    now: int | None = None,
    before: Plan | None = None,
    model: ModelSettings | None = None,
    prefer_model: bool = False,
    on_event: Callable[[Any], None] | None = None,
    keep: bool = True,
) -> Answer:
    """The answer to a question. database: a connection for reading, or a file.

    now: ms since 1970 UTC. before: the plan of the question before, which this one may go on from.
    model: answers what the parser cannot read, or all of it with `prefer_model`; where it fails,
    the parser's answer is given. on_event: is told what a model does. keep: whether the question
    goes into the history, if that is a file's and not switched off.
    """
    raise NotImplementedError
