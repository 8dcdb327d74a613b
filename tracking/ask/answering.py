"""A plan, computed: an answer with its working.

What `value` is: of a number that number (times in ms since 1970 UTC, shares 0 to 1); "yes" or "no";
of groups with a limit of one the name of the group, or a list of those that are level, without
such a limit a list of the groups' values in the order of the rows; of tracks a list of their ids;
of a comparison both values; of what is known a list of names; None where there is nothing.
"""

from __future__ import annotations

import sqlite3

from .answer import Answer
from .plan import Plan
from .reading import Read, Unread


def answer_plan(
    connection: sqlite3.Connection,
    plan: Plan,
    now: int,
    question: str = "",
    read: Read | None = None,
) -> Answer:
    """What a plan asks for, computed over all rows. now: ms since 1970 UTC.

    read: how the question was read; what was corrected and assumed is told. Raises nothing: what
    cannot be computed is an answer with the status "failed".
    """
    raise NotImplementedError


def answer_unread(question: str, unread: Unread) -> Answer:
    """The answer to a question that could not be read: names the words, offers others."""
    raise NotImplementedError
