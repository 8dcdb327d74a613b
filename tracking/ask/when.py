"""When a question is about: the times that its words name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .plan import Span
from .words import Word


@dataclass(frozen=True, slots=True)
class When:
    """A time that a question names.

    span: the window, with words for people; None where there is a problem. hours: 0 to 23, and
    weekdays: Monday is 0, of the clock; none given is all. used: which words of the question say
    it. now: the present moment. everything: all that is recorded. others: what it could mean, too.
    corrected: words taken for a time word although they are spelt differently, each with it.
    assumed: what was taken for granted, in words. problem: why there is no such time, a sentence.
    """

    span: Span | None = None
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    used: frozenset[int] = frozenset()
    now: bool = False
    everything: bool = False
    others: tuple[When, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    assumed: tuple[str, ...] = ()
    problem: str = ""


def read_when(
    words: Sequence[Word],
    now: int,
    timezone: str = "UTC",
    recorded: tuple[int, int] | None = None,
    *,
    free: Collection[int] | None = None,
    names: Collection[str] = (),
) -> list[When]:
    """The times that are named, in order; more than one where they are told apart or compared.

    now: ms since 1970 UTC. timezone: IANA name, whose clock is meant. recorded: from when to when
    there are rows. free: places of the words that may be read; all, if not given. names: words in
    lower case that are never taken for a misspelt time.
    """
    return []
