"""Who takes which word of a question: each word has one claim, or is left over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz.distance import OSA

from ..times.time_words import WEEKDAYS
from ..times.when import When
from ..words import Word, words_of
from ..world import World
from . import lexicon, names, phrases
from .quantities import NUMBERS, Lasting, lastings, number
from .times_said import times_in

Kind = Literal[
    "name", "label", "anyone", "some", "direction", "time", "lasting", "limit", "by", "rank",
    "all", "dimension", "sign", "chart", "filler", "refused",
]  # fmt: skip

TIME_DIMENSIONS = (
    "minute", "5 minutes", "quarter hour", "hour", "day", "week", "month", "hour of the day",
    "weekday",
)  # fmt: skip

_ORDERED = (
    "busiest", "fullest", "quietest", "most", "least", "longest", "shortest", "top", "busy_time",
)  # fmt: skip
_WHOLE = ("all", "whole", "entire", "throughout")
_RANKING = (*_ORDERED, "which", "first", "last")


@dataclass(frozen=True, slots=True)
class Claim:
    """The words from start to end say something. kind: what sort of thing. says: which one.

    names: of kind "name", all that are called so. labels: of kind "label", several where the word
    means more than one. when: of kind "time". lasting: of kind "lasting". several: whether a noun
    stands in the plural; of kind "by", whether the mean over these is meant; of a time, whether
    the whole of it is. apart: the words, where they do not stand side by side. unit: of "the day
    before", that day; of a time with "ever" in it, that; of "since when", since.
    """

    kind: Kind
    says: str
    start: int
    end: int
    names: tuple[names.Named, ...] = ()
    labels: tuple[str, ...] = ()
    when: When | None = None
    lasting: Lasting | None = None
    several: bool = False
    apart: frozenset[int] = frozenset()

    unit: str = ""

    @property
    def places(self) -> frozenset[int]:
        """Which words it takes."""
        return self.apart or frozenset(range(self.start, self.end))


@dataclass(slots=True)
class Sheet:
    """A question's words and their claims, while they are shared out."""

    words: tuple[Word, ...]
    question: str
    world: World
    claims: list[Claim]
    corrected: list[tuple[str, str]]

    @property
    def unclaimed(self) -> set[int]:
        """Words that nobody has taken."""
        taken = {n for claim in self.claims for n in claim.places}
        return set(range(len(self.words))) - taken

    @property
    def free(self) -> set[int]:
        """Those of them that may be read: what stands in quotes is a name or nothing."""
        return {n for n in self.unclaimed if not self.words[n].quoted}

    def between(self, first: Claim, second: Claim) -> str:
        """The text from the end of one claim to the beginning of another."""
        return self.question[self.words[first.end - 1].end : self.words[second.start].start]

    def text(self, start: int, end: int) -> str:
        return " ".join(word.text for word in self.words[start:end])

    def claim(self, kind: Kind, says: str, start: int, end: int, **more: object) -> None:
        claim = Claim(kind, says, start, end)
        self.claims.append(replace(claim, **more) if more else claim)  # type: ignore[arg-type]

    def in_order(self) -> list[Claim]:
        return sorted(self.claims, key=lambda claim: claim.start)


def share_out(question: str, world: World) -> Sheet:
    """Every word of a question to one reader at most; those before have the first choice."""
    sheet = Sheet(_unquoted(words_of(question)), question, world, [], [])
    _quoted_names(sheet)
    _right_slips(sheet)
    _exact_names(sheet)
    _directions(sheet)
    _lastings(sheet)
    _groupings(sheet)
    _ranks(sheet)
    _limits(sheet)
    _at_once(sheet)
    _times(sheet)
    _lexicon(sheet)
    _near_names(sheet)
    return sheet


def _unquoted(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """A whole question in quotes is a question."""
    if len({word.quoted for word in words}) == 1:
        return tuple(replace(word, quoted=0) for word in words)
    return words


def _quoted_names(sheet: Sheet) -> None:
    for found in names.quoted(sheet.words, sheet.world):
        _claim_name(sheet, found)


def _exact_names(sheet: Sheet) -> None:
    for found in list(names.exact(sheet.words, sheet.free, sheet.world)):
        _claim_name(sheet, found)


def _near_names(sheet: Sheet) -> None:
    loose = {
        n
        for claim in sheet.claims
        if (claim.kind == "dimension" and claim.says not in TIME_DIMENSIONS)
        or (claim.kind == "refused" and " " not in claim.says)
        or (claim.says == "stay" and sheet.words[claim.start].plain == "parking")
        for n in range(claim.start, claim.end)
    }
    for found in list(names.near(sheet.words, sheet.unclaimed, loose, sheet.world)):
        inside = range(found.start, found.end)
        sheet.claims = [claim for claim in sheet.claims if claim.places.isdisjoint(inside)]
        _claim_name(sheet, found)


def _claim_name(sheet: Sheet, found: names.Found) -> None:
    if found.near:
        typed = sheet.text(found.start, found.end)
        sheet.corrected.append((typed, found.options[0].name))
    labels = tuple(each.name for each in found.options if each.kind == "label")
    if len(labels) == len(found.options):
        several = sheet.words[found.end - 1].plain.endswith("s")
        _claim_label(sheet, labels[0], found.start, found.end, labels, several)
    else:
        places = tuple(each for each in found.options if each.kind != "label")
        sheet.claim("name", places[0].name, found.start, found.end, names=places)


def _right_slips(sheet: Sheet) -> None:
    """Words with a slip of the finger become the words that were meant."""
    known = {word for each in names.known(sheet.world) for word in each.key}
    words = list(sheet.words)
    for n in sorted(sheet.free):
        word = words[n]
        if word.plain in known or word.quoted:
            continue
        if meant := _meant(word.plain, known):
            words[n] = replace(word, plain=meant)
            sheet.corrected.append((word.text, meant))
    sheet.words = tuple(words)


def _meant(typed: str, known: set[str]) -> str | None:
    """The everyday word that was meant, if it is only one, and no name is as near."""
    if typed in lexicon.SLIPS:
        return lexicon.SLIPS[typed]
    if (
        len(typed) < 4
        or typed in lexicon.NO_SLIPS.split()
        or typed in phrases.all_words()
        or typed in _times_words()
    ):
        return None
    if any(names.is_slip(typed, name) for name in known):
        return None
    close = [word for word in _typical() if names.is_slip(typed, word)]
    rated = sorted((OSA.distance(typed, word), word) for word in close)
    if not rated or (len(rated) > 1 and rated[1][0] == rated[0][0] and not _alike(rated)):
        return None
    return rated[0][1]


def _alike(rated: list[tuple[int, str]]) -> bool:
    """Whether the two best are one word in two forms, such as "visitor" and "visitors"."""
    a, b = rated[0][1], rated[1][1]
    return a.rstrip("s") == b.rstrip("s")


def _typical() -> tuple[str, ...]:
    return tuple(lexicon.TYPICAL.split())


def _times_words() -> frozenset[str]:
    return frozenset(lexicon.TIMES.split()) | set(NUMBERS)


def _directions(sheet: Sheet) -> None:
    """Names that a line has for its directions, where that line is named; "in" and "out" are
    everyday words, and read as such."""
    named = {each.name for claim in sheet.claims for each in claim.names if each.kind == "line"}
    lines = [line for line in sheet.world.lines if line.name in named]
    for direction in {direction for line in lines for direction in line.directions}:
        key = [word.plain for word in words_of(direction)]
        if not key or direction.lower() in lexicon.INWARDS | lexicon.OUTWARDS:
            continue
        for start in range(len(sheet.words) - len(key) + 1):
            inside = range(start, start + len(key))
            if [sheet.words[n].plain for n in inside] == key and sheet.free.issuperset(inside):
                sheet.claim("direction", direction, start, start + len(key))


def _lastings(sheet: Sheet) -> None:
    for found in list(lastings(sheet.words, sheet.free)):
        sheet.claim("lasting", "", found.start, found.end, lasting=found)


def _groupings(sheet: Sheet) -> None:
    """ "per hour" before "hour" can be taken for a time."""
    table = phrases.grouping()
    if length := _greeting(sheet):
        sheet.claim("filler", "", 0, length)
    for start, end in list(phrases.longest("grouping", sheet.words, sheet.free)):
        kind, dimension = table[tuple(word.plain for word in sheet.words[start:end])]
        if kind == "all" and dimension in TIME_DIMENSIONS:
            continue
        article = sheet.words[start].plain in ("a", "an")
        if start and article and sheet.words[start - 1].plain in ("of", "half", "quarter"):
            continue  # "a quarter of an hour" is a time
        if kind == "filler":
            sheet.claim("filler", "", start, end)
            continue
        mean = kind == "mean"
        sheet.claim("all" if kind == "all" else "by", dimension, start, end, several=mean)
        if kind == "by":
            _further_groups(sheet, end)


def _greeting(sheet: Sheet) -> int:
    """How many words "Morning all," takes at the beginning: that is no time of day."""
    words = sheet.words
    if not words or words[0].plain not in ("morning", "afternoon", "evening"):
        return 0
    all_of = len(words) > 1 and words[1].plain in ("all", "everyone", "everybody", "team", "folks")
    end = words[int(all_of)].end
    ends = sheet.question[end : end + 1] in tuple(",!.") and len(words) > 2
    return 1 + all_of if ends and sheet.free.issuperset(range(1 + all_of)) else 0


def _further_groups(sheet: Sheet, at: int) -> None:
    """ "per camera and hour"."""
    if at + 1 >= len(sheet.words) or sheet.words[at].plain not in ("and", "&", "/", "per", "by"):
        return
    if length := _dimension_at(sheet, at + 1):
        key = tuple(word.plain for word in sheet.words[at + 1 : at + 1 + length])
        sheet.claim("by", phrases.dimensions()[key], at, at + 1 + length)


def _ranks(sheet: Sheet) -> None:
    """The dimension after "which" or "busiest", before it can be taken for a time."""
    table = phrases.vocabulary()
    signs = [
        (table[key][1], start, end)
        for start, end in phrases.longest("vocabulary", sheet.words, sheet.free)
        if table[key := tuple(word.plain for word in sheet.words[start:end])][0] == "sign"
    ]
    for says, _, at in signs:
        if says not in _RANKING:
            continue
        while at < len(sheet.words) and _passed_over(sheet.words[at].plain):
            if number(sheet.words[at].plain) and _dimension_at(sheet, at) > 1:
                break  # "the busiest 15 minutes"
            at += 1
        if (length := _dimension_at(sheet, at)) and _is_rank(sheet, says, at, length):
            key = tuple(word.plain for word in sheet.words[at : at + length])
            several = key[-1].endswith("s") and number(key[0]) is None
            sheet.claim("rank", phrases.dimensions()[key], at, at + length, several=several)


def _passed_over(word: str) -> bool:
    return word in ("the", "of", "our", "single", "is", "was", "'s") or number(word) is not None


def _is_rank(sheet: Sheet, says: str, at: int, length: int) -> bool:
    """ "last hour" and "first 3 days" are times."""
    if not sheet.free.issuperset(range(at, at + length)):
        return False
    dimension = phrases.dimensions()[tuple(w.plain for w in sheet.words[at : at + length])]
    return says not in ("first", "last") and dimension not in ("metric",)


def _dimension_at(sheet: Sheet, at: int) -> int:
    table = phrases.dimensions()
    return next(
        (
            length
            for length in range(min(5, len(sheet.words) - at), 0, -1)
            if tuple(word.plain for word in sheet.words[at : at + length]) in table
        ),
        0,
    )


def _limits(sheet: Sheet) -> None:
    """A number beside "top" or "longest", on either side."""
    table = phrases.vocabulary()
    ordered = [
        (start, end)
        for start, end in phrases.longest("vocabulary", sheet.words, sheet.free)
        if (said := table[tuple(word.plain for word in sheet.words[start:end])])[0] == "sign"
        and said[1] in (*_ORDERED, "first", "last")
    ]
    for start, end in ordered:
        says = table[tuple(word.plain for word in sheet.words[start:end])][1]
        for at in (start - 1, end) if says in _ORDERED else (end,):
            if at in sheet.free and _is_limit(sheet.words[at].plain):
                if says not in _ORDERED and not _counts_tracks(sheet, at + 1):
                    continue
                value = number(sheet.words[at].plain)
                sheet.claim("limit", str(round(value or 1)), at, at + 1)
                break


def _counts_tracks(sheet: Sheet, at: int) -> bool:
    """ "the last 5 people", not "the last 5 days"."""
    word = sheet.words[at].plain if at < len(sheet.words) else ""
    labels = {key for each in names.known(sheet.world) for key in each.key[:1]}
    return (word,) in phrases.subjects() or word in labels or word in ("stays", "visits", "tracks")


def _is_limit(word: str) -> bool:
    value = number(word)
    return word not in ("a", "an", "half") and value is not None and value == round(value) > 0


def _at_once(sheet: Sheet) -> None:
    """ "The most at the same time yesterday": then that is no time of day."""
    table = phrases.vocabulary()
    found: dict[str, tuple[int, int]] = {}
    for start, end in phrases.longest("vocabulary", sheet.words, sheet.free):
        kind, says = table[tuple(word.plain for word in sheet.words[start:end])]
        if kind == "sign":
            found.setdefault(says, (start, end))
    asked = {"most", "mean", "crowded", "occupancy", "least"} & found.keys()
    if "at_once" in found and asked:
        sheet.claim("sign", "at_once", *found["at_once"])


def _times(sheet: Sheet) -> None:
    known = {word for each in names.known(sheet.world) for word in each.key}
    free = sheet.free
    if len(sheet.words) > 1 and sheet.words[0].plain == "now":
        free -= {0}  # "now the loading dock" goes on, and is not of the present moment
    found = times_in(sheet.words, free, sheet.world, known)
    for n, when in enumerate(found):
        others = {at for m, each in enumerate(found) if m != n for at in each.used}
        own = sorted(when.used - others) or sorted(when.used)
        says = when.span.words if when.span else when.problem
        kind: Kind = "refused" if when.problem else "time"
        apart = when.used | _whole_before(sheet, min(when.used))
        typed = {sheet.words[at].plain for at in apart}
        more = {"several": not typed.isdisjoint(_WHOLE), "unit": _kind_of_time(sheet, when, typed)}
        sheet.claim(kind, says, own[0], own[-1] + 1, when=when, apart=apart, **more)
        sheet.corrected += when.corrected


def _kind_of_time(sheet: Sheet, when: When, typed: set[str]) -> str:
    """ "ever"; "typical" of "a Saturday", which is any of them; "each" of
    "every morning"; "total" of "in total"."""
    if "ever" in typed:
        return "ever"
    if "total" in typed:
        return "total"
    if when.hours and not typed.isdisjoint(("each", "every", "per")):
        return "each"
    days = {"weekday", "weekend", *WEEKDAYS}
    one = sheet.words[min(when.used) - 1].plain in ("a", "an") or not typed.isdisjoint(("a", "an"))
    return "typical" if when.weekdays and one and not typed.isdisjoint(days) else ""


def _whole_before(sheet: Sheet, at: int) -> frozenset[int]:
    """ "All" before "yesterday"."""
    places = [at - 1, at - 2] if at > 1 and sheet.words[at - 1].plain in _WHOLE else [at - 1]
    words = [n for n in places if n in sheet.free and sheet.words[n].plain in (*_WHOLE, "the")]
    return frozenset(words) if words and sheet.words[words[0]].plain in _WHOLE else frozenset()


def _lexicon(sheet: Sheet) -> None:
    """Subjects and signs together: the longest phrase wins, whichever table it stands in."""
    matches = [("subjects", *place) for place in _found("subjects", sheet)]
    matches += [("vocabulary", *place) for place in _found("vocabulary", sheet)]
    matches.sort(key=lambda each: (each[1] - each[2], each[1]))
    for table, start, end in matches:
        if sheet.free.issuperset(range(start, end)):
            key = tuple(word.plain for word in sheet.words[start:end])
            _claim_phrase(sheet, table, key, start, end)


def _found(table: str, sheet: Sheet) -> Iterator[tuple[int, int]]:
    """All phrases of a table, also those inside of others."""
    free = sheet.free
    for first in range(len(sheet.words)):
        yield from phrases.beginning(table, sheet.words, first, free)


def _claim_phrase(sheet: Sheet, table: str, key: tuple[str, ...], start: int, end: int) -> None:
    if table == "vocabulary":
        kind, says = phrases.vocabulary()[key]
        more: dict[str, object] = {"several": key[-1].endswith("s")}
        if says in ("before_that", "after_that"):
            more["unit"] = next(word for word in key if word in ("day", "week", "month"))
        elif says == "first" and key[0] == "since":
            more["unit"] = "since"
        sheet.claim(kind, says, start, end, **more)  # type: ignore[arg-type]
        return
    kind, says = phrases.subjects()[key]
    if kind in ("some", "anyone"):
        labels = _recorded((says,), sheet.world) if says else ()
        sheet.claim(kind, says, start, end, labels=labels)  # type: ignore[arg-type]
    elif kind == "anything":
        sheet.claim("label", "", start, end)
    else:
        wanted = lexicon.GROUPS[says][1] if kind == "group" else (says,)
        labels = _recorded(wanted, sheet.world)
        plural = key[-1].endswith("s") or key[-1] in ("people", "ppl", "folk")
        _claim_label(sheet, says, start, end, labels, plural)


def _claim_label(
    sheet: Sheet, says: str, start: int, end: int, labels: tuple[str, ...], several: bool
) -> None:
    """A kind of objects; not "that person", who is one of them, and not one that is not known."""
    kind: Kind = "label" if labels else "refused"
    if not several and start and sheet.words[start - 1].plain in ("that", "this"):
        kind, says = "refused", lexicon.THAT_ONE
    sheet.claim(kind, says, start, end, labels=labels, several=several)


def _recorded(wanted: Sequence[str], world: World) -> tuple[str, ...]:
    """Those labels that the record knows; all of them where it knows nothing yet."""
    if not world.labels:
        return tuple(wanted)
    return tuple(label for label in wanted if label in world.labels)
