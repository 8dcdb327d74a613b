"""Which words of a question say what: the lexicon, looked up, longest phrases first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product

from ..words import Word
from . import lexicon

Key = tuple[str, ...]
Meaning = tuple[str, str]
"""What kind of phrase it is, and what it says: ("sign", "count")."""


def phrases(text: str) -> Iterator[Key]:
    """The phrases of a list of the lexicon, as words."""
    for written in re.sub(r"\s+", " ", text).split(";"):
        for variant in _variants(written.strip()):
            if key := tuple(variant.split()):
                yield key


def _variants(written: str) -> Iterator[str]:
    parts = re.split(r"\(([^)]*)\)", written)
    choices = [part.split("|") if n % 2 else [part] for n, part in enumerate(parts)]
    for choice in product(*choices):
        yield " ".join(choice)


@cache
def grouping() -> Mapping[Key, Meaning]:
    """Phrases with a dimension in them: "per hour", "which camera", "busiest day"."""
    found: dict[Key, Meaning] = {}
    for dimension, names in lexicon.DIMENSIONS.items():
        for key in phrases(names):
            for by in phrases(lexicon.BY):
                found[by + key] = ("by", dimension)
            for whole in phrases(lexicon.ALL_OF):
                found[whole + key] = ("all", dimension)
    for dimension, names in lexicon.LIKE_BY.items():
        found |= {key: ("by", dimension) for key in phrases(names)}
    found |= {key: ("filler", "") for key in phrases(lexicon.GREETINGS)}
    for dimension, names in lexicon.MEAN_BY.items():
        found |= {key: ("mean", dimension) for key in phrases(names)}
    return found


@cache
def dimensions() -> Mapping[Key, str]:
    """The nouns of dimensions alone."""
    return {key: dim for dim, names in lexicon.DIMENSIONS.items() for key in phrases(names)}


@cache
def vocabulary() -> Mapping[Key, Meaning]:
    """Every phrase of the lexicon, except those of `grouping`."""
    found: dict[Key, Meaning] = {key: ("filler", "") for key in phrases(lexicon.FILLERS)}
    found |= {key: ("dimension", dim) for key, dim in dimensions().items()}
    for kind, table in (
        ("refused", lexicon.REFUSED),
        ("sign", lexicon.SIGNS),
        ("chart", lexicon.CHARTS),
    ):
        for says, text in table.items():
            found |= {key: (kind, says) for key in phrases(text)}
    return found


@cache
def all_words() -> frozenset[str]:
    """Every single word that occurs in the lexicon."""
    keys = [*grouping(), *vocabulary(), *subjects()]
    return frozenset(word for key in keys for word in key)


@cache
def subjects() -> Mapping[Key, Meaning]:
    """Nouns for what is counted: ("label", "car"), ("group", "vehicle"), ("anyone", "")."""
    found: dict[Key, Meaning] = {}
    for noun in lexicon.COCO.replace("\n", " ").split(";"):
        for form in (noun.strip(), _plural(noun.strip())):
            found |= {key: ("label", noun.strip()) for key in phrases(form)}
    for label, text in lexicon.LABEL_WORDS.items():
        found |= {key: ("label", label) for key in phrases(text)}
    for group, (text, _) in lexicon.GROUPS.items():
        found |= {key: ("group", group) for key in phrases(text)}
    found |= {key: ("label", "person") for key in phrases(lexicon.PEOPLE)}
    found |= {key: ("anyone", "person") for key in phrases(lexicon.ANYONE)}
    found |= {key: ("anything", "") for key in phrases(lexicon.ANYTHING)}
    return found | {key: ("some", "") for key in phrases(lexicon.SOME)}


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun}s"


@cache
def _by_first_word(name: str) -> Mapping[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key in _TABLES[name]():
        found.setdefault(key[0], []).append(key)
    for keys in found.values():
        keys.sort(key=len, reverse=True)
    return found


_TABLES = {"grouping": grouping, "vocabulary": vocabulary, "subjects": subjects}


def longest(name: str, words: Sequence[Word], free: Iterable[int]) -> Iterator[tuple[int, int]]:
    """From and to which word the longest phrases of a table stand, over words still free."""
    at = 0
    while at < len(words):
        place = next(beginning(name, words, at, free), None)
        if place is not None:
            yield place
        at = at + 1 if place is None else place[1]


def beginning(
    name: str, words: Sequence[Word], at: int, free: Iterable[int]
) -> Iterator[tuple[int, int]]:
    """From and to which word phrases of a table stand that begin here."""
    open_words = set(free)
    for key in _by_first_word(name).get(words[at].plain, ()):
        end = at + len(key)
        if key == tuple(word.plain for word in words[at:end]) and open_words.issuperset(
            range(at, end)
        ):
            yield at, end
