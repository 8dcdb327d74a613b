"""What the words of a question settle, whoever reads the rest: names, times, lengths of stay.

A model that fills in a plan chooses among them, and invents none. What is known to be out of reach
stays so, and so does a name that nothing here has: these are not left to a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...errors import ModelFailed
from ..mentions import mentions
from ..saying import named
from ..times.when import When
from ..world import World
from . import lexicon
from .claims import Claim, Sheet, share_out
from .following_up import is_fragment

NAMED = ("sources", "labels", "zones", "lines")
_ARTICLES = ("the", "our", "my", "a", "an", "this", "that")


@dataclass(frozen=True, slots=True)
class Settled:
    """names: those that are said, by the field of a plan that they belong to. whens: the times, by
    their words; everything: all that is recorded is one of them. least, most: seconds of a stay.
    lengths: seconds that are said without it being clear of what. numbers: the others. grouped:
    whether groups or an order are spoken of. unread: words that are left to the model. corrected,
    assumed: as of a Read.
    """

    names: Mapping[str, tuple[str, ...]]
    whens: Mapping[str, When]
    least: float | None = None
    most: float | None = None
    lengths: tuple[float, ...] = ()
    numbers: tuple[int, ...] = ()
    grouped: bool = False
    unread: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def has_two(self) -> bool:
        """Whether things are told apart, so that they may be compared."""
        return len(self.whens) > 1 or any(len(each) > 1 for each in self.names.values())


def settled(question: str, world: World) -> Settled:
    """What a question settles. Raises ModelFailed for what no model is asked about."""
    sheet = share_out(question, world)
    _is_in_reach(sheet)
    labels, assumed = _labels(sheet)
    names = {"labels": labels, **{f"{kind}s": _names(sheet, kind) for kind in _KINDS}}
    lengths = [claim.lasting for claim in sheet.claims if claim.lasting]
    least = [each.least for each in lengths if each.least is not None]
    most = [each.most for each in lengths if each.most is not None]
    times = [claim for claim in sheet.in_order() if claim.kind == "time" and claim.when]
    spoken = {sheet.words[n].start for claim in times for n in claim.places}
    found = [each for each in mentions(question) if each.start not in spoken]
    return Settled(
        names,
        _whens(sheet, times),
        least[0] if least else None,
        most[0] if most else None,
        () if lengths else tuple(each.value for each in found if each.kind == "duration"),
        tuple(int(each.value) for each in found if each.kind == "number"),
        any(claim.kind in _GROUPS or claim.says in _ORDERS for claim in sheet.claims),
        tuple(dict.fromkeys(sheet.words[n].text for n in sorted(sheet.unclaimed))),
        tuple(dict.fromkeys(sheet.corrected)),
        assumed,
    )


_KINDS = ("source", "zone", "line")
_GROUPS = ("by", "rank", "dimension", "limit")
_ORDERS = ("which", "who", "list", "most", "least", "busiest", "quietest", "longest", "shortest",
           "top", "busy_time", "trend", "split")  # fmt: skip


def _is_in_reach(sheet: Sheet) -> None:
    for claim in sheet.in_order():
        if claim.kind == "refused":
            text = sheet.text(claim.start, claim.end)
            raise ModelFailed(f"it is not asked about “{text}”, which is not recorded")
    for n in sorted(sheet.unclaimed):
        if sheet.words[n].quoted or _is_place(sheet, n):
            raise ModelFailed(f"it is not asked to guess what “{sheet.words[n].text}” is called")
    if any(claim.says == "negation" for claim in sheet.claims):
        raise ModelFailed("it is not asked what was not so")
    if not sheet.words or is_fragment(sheet):
        raise ModelFailed("it is asked whole questions only")


def _is_place(sheet: Sheet, at: int) -> bool:
    """Whether a word stands where a name would: after "at the"."""
    before = at - 1
    while before >= 0 and sheet.words[before].plain in _ARTICLES:
        before -= 1
    return before >= 0 and sheet.words[before].plain in lexicon.BEFORE_NAMES.split()


def _names(sheet: Sheet, kind: str) -> tuple[str, ...]:
    """Those of a kind; a name of two kinds is of that which is named first in the record."""
    chosen = [claim.names[0] for claim in sheet.in_order() if claim.kind == "name"]
    return tuple(dict.fromkeys(each.name for each in chosen if each.kind == kind))


def _labels(sheet: Sheet) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of what, and what was assumed: people, where nothing is said."""
    claims = [claim for claim in sheet.in_order() if claim.kind in ("label", "anyone")]
    if any(claim.kind == "label" and not claim.labels for claim in claims):
        return (), ()
    found = tuple(dict.fromkeys(label for claim in claims for label in claim.labels))
    known = sheet.world.labels
    if found or (known and "person" not in known):
        return found, ()
    return ("person",), ("people, as nothing else was named",)


def _whens(sheet: Sheet, claims: Iterable[Claim]) -> dict[str, When]:
    """The times by their words; hours and weekdays said apart belong to all of them."""
    found: dict[str, When] = {}
    for claim in claims:
        assert claim.when is not None
        found[_plain(sheet, sorted(claim.when.used))] = claim.when
    whole = {words: when for words, when in found.items() if not when.everything}
    return whole or found


def _plain(sheet: Sheet, places: list[int]) -> str:
    """The words of a time, without those that only lead to it: "of today" is "today"."""
    before = (*lexicon.BEFORE_NAMES.split(), *_ARTICLES[:2])
    while len(places) > 1 and sheet.words[places[0]].plain in before:
        places = places[1:]
    return " ".join(sheet.words[n].text for n in places)


def why_differs(what: str, names: Iterable[str]) -> str:
    """Of names that were said and are not used, or used and not said."""
    return f"it made nothing of {what} {', '.join(map(named, names))}"
