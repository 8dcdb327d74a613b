"""Close questions that can be read, for one that cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..words import Word
from ..world import World
from . import names
from .claims import Sheet

MOST = 3
_OPEN = frozenset(
    [
        "at",
        "in",
        "on",
        "the",
        "a",
        "an",
        "of",
        "by",
        "for",
        "from",
        "to",
        "and",
        "or",
        "our",
        "was",
        "is",
        "were",
        "through",
        "near",
        "what's",
        "me",
    ]
)


def suggestions(
    question: str, sheet: Sheet, unread: list[int], is_readable: Callable[[str], bool]
) -> tuple[str, ...]:
    """Up to three questions near to this one. unread: the words nothing could be made of."""
    found: list[str] = []
    for text in _candidates(question, sheet, unread):
        known = {each.casefold() for each in (*found, question)}
        if text.casefold() not in known and _is_whole(text) and is_readable(text):
            found.append(text)
        if len(found) == MOST:
            break
    return tuple(found)


def _candidates(question: str, sheet: Sheet, unread: list[int]) -> Iterator[str]:
    words = [sheet.words[n] for n in unread]
    together = unread == list(range(unread[0], unread[-1] + 1)) if unread else False
    if together and len(words) <= 3:
        strange = sheet.unclaimed.issuperset(unread)  # no name stands for what is known and refused
        whole = question[words[0].start : words[-1].end]
        for name in names.close_to(whole, sheet.world) if strange else ():
            yield _tidy(_replaced(question, words, _quoted(name)))
        yield _tidy(_without_place(question, words))
        yield _tidy(_replaced(question, words, ""))
    yield from _usual(sheet.world)


def _is_whole(text: str) -> bool:
    """Whether a shortened question is still one: "people at the" is none."""
    words = text.lower().rstrip("?.! ").split()
    return len(words) >= 3 and words[-1] not in _OPEN and words[0] not in _OPEN


def _replaced(question: str, words: list[Word], name: str) -> str:
    """The question with a name for the first of the words, and without the others."""
    text = question
    for n, word in reversed(list(enumerate(words))):
        text = text[: word.start] + (name if n == 0 else "") + text[word.end :]
    return text


def _without_place(question: str, words: list[Word]) -> str:
    """ "... at the cafeteria" goes as a whole."""
    text = question[: words[0].start]
    text = re.sub(r"\b(at|in|on|near|through|by)\s+(the\s+|our\s+)?$", "", text, flags=re.I)
    return text + question[words[-1].end :]


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" ,;-")
    text = re.sub(r"\s+([?.!,])", r"\1", text)
    return text[:1].upper() + text[1:]


def _usual(world: World) -> Iterator[str]:
    for source in world.sources[:1]:
        yield f"How many people were at {_quoted(source.name)} today?"
    for zone in world.zones[:1]:
        yield f"How long do people stay in {_quoted(zone.name)} on average?"
    yield "What was the busiest hour today?"
    yield "How many people per hour today?"
    yield "How many different objects were seen today?"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w ]{1,40}", name) else f"“{name}”"
