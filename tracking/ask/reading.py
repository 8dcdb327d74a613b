"""What reading a question gives."""

from __future__ import annotations

from dataclasses import dataclass

from .answer import Reading


@dataclass(frozen=True, slots=True)
class Read:
    """A question that was understood. taken: the reading; others: what it could mean, too.

    corrected: words that were taken for a name although they are spelt differently, each with it.
    assumed: what was not said and is taken for granted, in words ("today, as no time was named").
    """

    taken: Reading
    others: tuple[Reading, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A question that was not. words: those nothing could be made of, as they were typed.

    why: one sentence for a person. suggestions: close questions that can be answered.
    """

    words: tuple[str, ...]
    why: str
    suggestions: tuple[str, ...] = ()
