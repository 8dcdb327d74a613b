"""A question's words, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """text: as it was typed. plain: in lower case, as it is compared. start, end: characters of
    the question. quoted: the number of the quotation it stands in, or 0."""

    text: str
    plain: str
    start: int
    end: int
    quoted: int = 0


_TOKEN = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[t ](?=\d{1,2}:))?"  # 2026-11-20
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}"  # 20.11.2026
    r"|\d{1,2}:\d{2}(?::\d{2})?"  # 9:30
    r"|\d+(?:[.,]\d+)?"  # 12, 1.5
    r"|n't\b|'(?:s|re|ve|d|ll|m)\b"  # the ends of "wasn't" and "what's"
    r"|[^\W\d_]+?(?=n't\b)"
    r"|[^\W\d_]+(?:\d+)?"
    r"|[^\s]"
)

_CLOSED = {'"': '"', "“": "”", "„": "“", "«": "»", "‘": "’", "'": "'"}
_SILENT = frozenset(".,?!;:()[]{}\"“”„«»‘’'`…*_")
_WHOLE = {"n't": "not", "'re": "are", "'ve": "have", "'m": "am", "'ll": "will", "'d": "would"}


def words_of(question: str) -> tuple[Word, ...]:
    """All words of a question in order; marks that carry no meaning are left out, others stay."""
    quotations = _quotations(question)
    found = []
    for match in _TOKEN.finditer(_lower(question)):
        start, end = match.span()
        if match[0] in _SILENT or _joins(question, start, end):
            continue
        plain = _WHOLE.get(match[0], match[0]).strip()
        quoted = next((n for n, (a, b) in enumerate(quotations, 1) if a <= start < b), 0)
        found.append(Word(question[start:end].strip(), plain, start, end, quoted))
    return tuple(found)


def phrase(words: Sequence[Word]) -> str:
    """The words as they are compared, with one space between them."""
    return " ".join(word.plain for word in words)


def _joins(question: str, start: int, end: int) -> bool:
    """A hyphen between two letters, as in "head-count"."""
    inside = start > 0 and end < len(question)
    hyphen = question[start:end] in ("-", "‐", "‑")
    return hyphen and inside and question[start - 1].isalpha() and question[end].isalpha()


def _lower(text: str) -> str:
    """In lower case, letter for letter: no character becomes two."""
    lower = (c.lower() if len(c.lower()) == 1 else c for c in text)
    return "".join(lower).replace("’", "'").replace("‘", "'")


def _quotations(question: str) -> list[tuple[int, int]]:
    """From where to where text stands between a pair of marks."""
    found, at = [], 0
    while at < len(question):
        close = _CLOSED.get(question[at], "")
        begins = at == 0 or not question[at - 1].isalnum()
        end = question.find(close, at + 1) if close and begins else -1
        while end > 0 and close in "'’" and question[end + 1 : end + 2].isalnum():
            end = question.find(close, end + 1)  # an apostrophe, not a mark
        if end > at + 1:
            found.append((at + 1, end))
            at = end
        at += 1
    return found
