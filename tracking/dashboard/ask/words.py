"""Questions and answers as Markdown in which nothing of others comes to life."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..wording import plain

LONGEST = 20_000  # characters of a prose that are shown


def marked(question: str, unread: Sequence[str]) -> str:
    """A question in which the words that nothing could be made of are marked."""
    parts, at = [], 0
    for word in unread:
        found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", question[at:], re.IGNORECASE)
        if word.strip() and found is not None:
            parts.append(plain(question[at : at + found.start()]))
            parts.append(f":orange-background[{plain(found[0])}]")
            at += found.end()
    parts.append(plain(question[at:]))
    return " ".join(filter(None, parts))


def prose(text: str) -> str:
    """What a model wrote: its paragraphs, lists and bold words, and nothing else of Markdown."""
    return "\n".join(map(_line, text[:LONGEST].strip().splitlines()))


def _line(line: str) -> str:
    begin = re.match(r"\s*(?:[-*•]|\d{1,3}[.)])\s+", line)
    bullet = begin[0] if begin is not None else ""
    number = re.search(r"\d+", bullet)
    sign = f"{number[0]}. " if number is not None else "- " if bullet else ""
    words = line[len(bullet) :]
    parts = re.split(r"\*\*(\S(?:[^*]*\S)?)\*\*", words)
    told = [f"**{plain(part)}**" if place % 2 else _kept(part) for place, part in enumerate(parts)]
    return sign + "".join(told) + ("" if sign else "  ")


def _kept(text: str) -> str:
    """Plain, with the blanks at its ends."""
    begin = " " if text[:1].isspace() else ""
    end = " " if text[-1:].isspace() and text.strip() else ""
    return f"{begin}{plain(text)}{end}"


def in_two(text: str) -> tuple[str, str]:
    """The first sentence, which is the answer, and what else is said."""
    found = re.search(r"(?<=[.!?]) (?=[A-Z“*])|\n", text.strip())
    text = text.strip()
    return (text, "") if found is None else (text[: found.start()], text[found.end() :].strip())


def shortly(seconds: float) -> str:
    """A time that somebody waited."""
    if seconds < 0.0995:
        return f"{max(1, round(seconds * 1000))} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
