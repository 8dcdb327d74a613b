"""Names of the record in a question: sources, zones, lines, labels; exactly, or nearly.

Names are text of strangers: a name never takes away the words that a question is made of, unless
it stands in quotes. "today" is today even where a source is called so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from ..saying import plural
from ..words import Word, words_of
from ..world import World
from . import lexicon, phrases

Kind = Literal["source", "zone", "line", "label"]

SHORT = 3
"""Words of so many letters are never taken for one that is spelt differently."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae"})
_SIGNS = ("and", "und", "et", "y")
"""How people say the "&" of a name."""

_COUNTED = (
    "am", "pm", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "minute",
    "minutes", "o", ":",
)  # fmt: skip
MOST_WORDS = 12  # of a name, that is looked for in a question


@dataclass(frozen=True, slots=True)
class Named:
    """Something that has a name."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """A name at the words from start to end. options: all that are called so. near: whether it is
    spelt differently."""

    start: int
    end: int
    options: tuple[Named, ...]
    near: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A name, and the words it is compared by."""

    key: tuple[str, ...]
    options: tuple[Named, ...]

    @property
    def text(self) -> str:
        return self.options[0].name


@lru_cache(maxsize=8)
def known(world: World) -> tuple[Known, ...]:
    """All names of the record, those of the most words first."""
    named: list[Named] = [Named("source", source.name) for source in world.sources]
    named += [Named("zone", name) for name in dict.fromkeys(zone.name for zone in world.zones)]
    named += [Named("line", name) for name in dict.fromkeys(line.name for line in world.lines)]
    found: dict[tuple[str, ...], list[Named]] = {}
    for each in named:
        if key := _key(words_of(each.name)):
            found.setdefault(key, []).append(each)
    for label in world.labels:
        if label != "person":  # has words of its own
            for form in (label, plural(label)):
                if key := _key(words_of(form)):
                    found.setdefault(key, []).append(Named("label", label))
    names = [Known(key, tuple(dict.fromkeys(options))) for key, options in found.items()]
    return tuple(sorted(names, key=lambda each: -len(each.key)))


def quoted(words: Sequence[Word], world: World) -> Iterator[Found]:
    """Names in quotes: they are names whatever they say."""
    for number in sorted({word.quoted for word in words} - {0}):
        places = [n for n, word in enumerate(words) if word.quoted == number]
        key = _key([words[n] for n in places])
        for each in known(world):
            if each.key == key:
                yield Found(places[0], places[-1] + 1, each.options)


def exact(words: Sequence[Word], free: set[int], world: World) -> Iterator[Found]:
    """Names as they are spelt, longest first."""
    for each in known(world):
        signs = _SIGNS if "&" in each.text or "+" in each.text else ()
        for start, end in _places(words, each.key, free, signs):
            if _may_be(words, start, end, each) and not _goes_on(words, end, each, world):
                free -= set(range(start, end))
                yield Found(start, end, each.options)


def _goes_on(words: Sequence[Word], end: int, name: Known, world: World) -> bool:
    """ "Gate 2" is the beginning of "Gate 2 - Ost", and not the line "Gate"."""
    after = words[end].plain if end < len(words) else ""
    if not after.isdecimal() or (end + 1 < len(words) and words[end + 1].plain in _COUNTED):
        return False
    longer = (*name.key, after)
    return any(each.key[: len(longer)] == longer for each in known(world))


def near(words: Sequence[Word], free: set[int], loose: set[int], world: World) -> Iterator[Found]:
    """Names that are spelt a little differently, or in part, at words nothing else is known of.

    free: those words. loose: further words that may belong to a name, such as "door".
    """
    open_words = set(free)
    if len(open_words) > MOST_WORDS:
        return  # these are no names
    while open_words:
        found = _nearest(words, open_words, loose, world)
        if found is None:
            return
        open_words -= set(range(found.start, found.end))
        yield found


def close_to(text: str, world: World, most: int = 3) -> list[str]:
    """Names that resemble a word, the nearest first."""
    rated = [
        (OSA.normalized_similarity(_joined(text.lower().split()), _joined(each.key)), each.text)
        for each in known(world)
        if each.options[0].kind != "label"
    ]
    ranked = [name for score, name in sorted(rated, reverse=True) if score >= 0.4]
    return list(dict.fromkeys(ranked))[:most]


def is_slip(typed: str, meant: str) -> bool:
    """Whether a word is another one with a slip of the finger in it."""
    if typed == meant:
        return True
    if abs(len(typed) - len(meant)) > 2:
        return False
    if min(len(typed), len(meant)) <= SHORT or any(c.isdigit() for c in typed):
        return False
    distance = OSA.distance(typed, meant, score_cutoff=2)
    swapped = sorted(typed) == sorted(meant) and distance == 1
    if len(meant) <= 4:
        return swapped
    if typed[0] != meant[0] and not swapped:
        return False
    shuffled = sorted(typed) == sorted(meant) and len(meant) >= 7
    return distance <= (2 if shuffled or min(len(typed), len(meant)) >= 9 else 1)


def _key(words: Sequence[Word]) -> tuple[str, ...]:
    """The words that a name is compared by: no signs, no article before it."""
    plain = [word.plain for word in words]
    if len(plain) > 1 and plain[0] in ("the", "a", "an"):
        plain = plain[1:]
    letters = [_same(word) for word in plain if any(c.isalnum() for c in word)]
    return tuple(letters or plain)[:MOST_WORDS]


@lru_cache(maxsize=4096)
def _same(word: str) -> str:
    """A word as it is compared: "käse" is "kaese", "cam" is "camera"."""
    word = lexicon.KIND_WORDS.get(word, word).translate(_UMLAUTS)
    plain = unicodedata.normalize("NFKD", word)
    return "".join(c for c in plain if not unicodedata.combining(c))


def _places(
    words: Sequence[Word], key: tuple[str, ...], free: set[int], signs: Sequence[str] = ()
) -> Iterator[tuple[int, int]]:
    """Where a name's words stand one after the other, signs between them left out."""
    for start in range(len(words)):
        at, left = start, list(key)
        while at < len(words) and at in free and left:
            if _same(words[at].plain) == left[0]:
                left.pop(0)
            elif at == start or (
                words[at].plain not in signs and any(c.isalnum() for c in words[at].plain)
            ):
                break
            at += 1
        if not left:
            yield start, at


@lru_cache(maxsize=1)
def _function_words() -> frozenset[str]:
    """Words that questions are made of whatever they are about."""
    asked = [*phrases.phrases(lexicon.FILLERS), *phrases.subjects()]
    for sign in ("count", "howlong", "when", "who", "which", "list", "mean", "or", "and", "vs"):
        asked += phrases.phrases(lexicon.SIGNS[sign])
    return frozenset(word for key in asked if len(key) == 1 for word in key) | {
        *lexicon.TIMES.split(),
        *("how", "many", "much", "in", "out", "all", "any", "most", "least", "per", "each"),
    }


def _may_be(words: Sequence[Word], start: int, end: int, name: Known) -> bool:
    """Whether a name's words are meant as one, as all of them are everyday words."""
    if name.options[0].kind == "label":
        return True
    key, follows = name.key, _before(words, start) in lexicon.BEFORE_NAMES.split()
    if len(key) > 3 and follows:
        return True
    if any(word not in phrases.all_words() and not word.isdigit() for word in key):
        return not set(key) <= _function_words()
    if any(word in _function_words() for word in key):
        return False
    return len(key) > 1 or follows


def _before(words: Sequence[Word], start: int) -> str:
    at = start - 1
    while at >= 0 and words[at].plain in ("the", "our", "my", "a", "an"):
        at -= 1
    return words[at].plain if at >= 0 else ""


def _joined(key: Sequence[str]) -> str:
    return "".join(key)


@lru_cache(maxsize=4096)
def _stems(key: tuple[str, ...]) -> str:
    return _joined([_stem(word) for word in key])


def _stem(word: str) -> str:
    return word[:-1] if len(word) > SHORT and word.endswith("s") and word[-2] != "s" else word


def _nearest(words: Sequence[Word], free: set[int], loose: set[int], world: World) -> Found | None:
    """The longest stretch of open words that is nearly one name, and only one."""
    runs = list(_runs(words, free, loose))
    for whole in (True, False):
        for start, end in runs:
            typed = [_same(word.plain) for word in words[start:end]]
            fits = [
                each
                for each in known(world)
                if _fits(typed, each.key, whole) and not _goes_on(words, end, each, world)
            ]
            best = _best(typed, fits)
            if best is not None:
                near = [_stem(word) for word in typed] != [_stem(word) for word in best.key]
                spelt = all(any(_stem(a) == _stem(b) for b in best.key) for a in typed)
                return Found(start, end, best.options, near and not spelt)
    return None


def _runs(words: Sequence[Word], free: set[int], loose: set[int]) -> Iterator[tuple[int, int]]:
    """Stretches of words that may be one name, the longest first; each has a free word."""
    usable = free | loose
    stretches = [
        (start, end)
        for start in range(len(words))
        for end in range(start + 1, min(start + 6, len(words)) + 1)
        if usable.issuperset(range(start, end)) and not free.isdisjoint(range(start, end))
    ]
    yield from sorted(stretches, key=lambda each: (each[0] - each[1], each[0]))


def _fits(typed: list[str], key: tuple[str, ...], whole: bool) -> bool:
    if whole:
        return is_slip(_joined([_stem(word) for word in typed]), _stems(key))
    told = [word for word in typed if word not in phrases.all_words() or word in ("door", "gate")]
    return bool(told) and all(
        any(_stem(word) == _stem(part) or is_slip(word, part) or _is_half(word, part, told)
            for part in key)
        for word in typed
    )  # fmt: skip


def _is_half(word: str, part: str, told: list[str]) -> bool:
    """Whether a word is one half of a compound: "deck" and "parking deck" of "Parkdeck"."""
    if len(part) < 7 or (word in phrases.all_words() and not word.endswith("ing")):
        return False
    if word == f"{part[:4]}ing":
        return any(part.endswith(other) for other in told)
    return word in told and len(word) > SHORT and (part.startswith(word) or part.endswith(word))


def _best(typed: list[str], fits: list[Known]) -> Known | None:
    """The one that fits best; none where two fit alike."""
    a = _joined(typed)
    rated = sorted((OSA.distance(a, _joined(each.key)), n) for n, each in enumerate(fits))
    if not rated:
        return None
    best = fits[rated[0][1]]
    names = {fits[n].options for distance, n in rated if distance == rated[0][0]}
    partial = len(typed) < len(best.key)
    others = {fits[n].options for _, n in rated}
    return best if len(others if partial else names) == 1 else None
