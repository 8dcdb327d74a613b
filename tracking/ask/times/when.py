"""When a question is about: the times that its words name.

Only what is said is read; what it leaves open is in `others` and `assumed`. Days, weeks and months
are whole ones, also where they are not over; "since" ends now, at the end of the minute.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..words import Word
from .local_clock import Here
from .pieces_said import Pieces
from .time_joining import joined
from .time_windows import When, Windows
from .time_words import text_of

__all__ = ["When", "read_when"]


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
    lower case that are never taken for a misspelt time. Never empty windows; raises nothing.
    """
    text, meant = text_of(words, free, names)
    here = Here.of(now, timezone)
    begun = None if recorded is None else recorded[0]
    pieces = list(Pieces.of(text, here, begun).found())
    windows = Windows(here, recorded)
    found = [windows.of(piece) for piece in joined(pieces, text.words, here)]
    return [
        replace(
            each,
            corrected=tuple((words[n].text, meant[n]) for n in sorted(each.used & meant.keys())),
        )
        for each in found
    ]
