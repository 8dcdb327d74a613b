"""Two sentences in one question: the second one makes the first clearer, or both are refused."""

from __future__ import annotations

from dataclasses import replace

from ..times.time_words import MONTHS
from .claims import Sheet
from .forms import begins_yes
from .meaning import Bag, Puzzled, first_word

_ASKING = ("count", "who", "when", "howlong", "hours_of", "where", "ago", "times", "list", "share",
           "empty", "nothing")  # fmt: skip
_MEASURES = ("at_once", "occupancy", "crowded", "detections", "confidence", "watched", "unwatched",
             "tracks", "net", "presence", "stay", "entries", "enter", "leave", "exits", "arrive",
             "depart", "in_and_out", "cross", "median", "p90")  # fmt: skip
_ORDERS = ("busiest", "quietest", "most", "least", "longest", "shortest", "top")
_GIVEN_UP = {"who", "list", "empty"}
"""What a second sentence that wants a number makes of no account."""

_AT_ONCE = ("most", "least", "mean", "crowded", "occupancy", "busy_time", "when")
_BE = ("is", "are", "was", "were", "been", "'s")
_TOGETHER = ({"when", "where"}, {"count", "times"})


def polite(sheet: Sheet) -> None:
    """Claim words that say nothing where they stand."""
    if sheet.words:
        _many(sheet)
        _right(sheet)
        _pick(sheet)
        _holes(sheet)
        _and_when(sheet)
        _in_through(sheet)


def as_one(sheet: Sheet) -> None:
    """Give up what a later sentence replaces. Raises Puzzled where two questions are asked."""
    _taken_together(sheet)
    for cut in _cuts(sheet):
        first = Bag([claim for claim in sheet.claims if claim.end <= cut])
        second = Bag([claim for claim in sheet.claims if claim.start >= cut])
        if any(claim.kind not in ("filler", "some") for claim in second.claims):
            _together(sheet, first, second, cut)


def _together(sheet: Sheet, first: Bag, second: Bag, cut: int) -> None:
    _same_things(sheet, first, second, cut)
    asked, then = (_says(each, _ASKING) for each in (first, second))
    if "who" in then and (asked or first.of("label", "anyone")) and "who" not in asked:
        raise Puzzled("Two questions are asked", second.signs("who"))
    ordered = _says(second, _ORDERS)
    if ordered and (asked or first.has(*_ORDERS)) and not ordered <= _says(first, _ORDERS):
        raise Puzzled("Two questions are asked", second.signs(*_ORDERS))
    if not asked or not then:
        return
    given_up = asked & _GIVEN_UP - then if "count" in then else set()
    left = asked - given_up
    if left and left != then and left | then not in _TOGETHER:
        raise Puzzled("Two questions are asked", second.signs(*then))
    only_form = all(c.kind in ("filler", "some", "label", "anyone") or c.says in _ASKING
                    for c in second.claims)  # fmt: skip
    differ = _says(first, _MEASURES) ^ _says(second, _MEASURES)
    if differ and not only_form:
        raise Puzzled("Two questions are asked", second.signs(*then))
    gone = first.signs(*given_up)
    sheet.claims = [replace(c, kind="filler", says="") if c in gone else c for c in sheet.claims]


def _says(bag: Bag, among: tuple[str, ...]) -> set[str]:
    return {claim.says for claim in bag.signs(*among)}


def _same_things(sheet: Sheet, first: Bag, second: Bag, cut: int) -> None:
    """Another place or label in the second sentence is another question, unless both are
    compared."""
    if first.has("more", "less", "busiest", "quietest", "longer", "compare"):
        return
    if sheet.words[cut].plain in ("versus", "vs", "compare", "compared", "than"):
        return
    for kind in ("name", "label"):
        before, after = first.of(kind), second.of(kind)
        known = {claim.says for claim in before}
        if before and (new := [claim for claim in after if claim.says not in known]):
            raise Puzzled("Two questions are asked", new)


def _cuts(sheet: Sheet) -> list[int]:
    """The words that sentences after the first begin with."""
    inside = {n for claim in sheet.claims for n in range(claim.start + 1, claim.end)}
    return [
        n
        for n in range(1, len(sheet.words))
        if n not in inside and _is_cut(sheet, n) and not sheet.words[n].quoted
    ]


def _is_cut(sheet: Sheet, n: int) -> bool:
    before, word = sheet.words[n - 1], sheet.words[n]
    gap = sheet.question[before.end : word.start]
    if "?" in gap or "!" in gap:
        return True
    abbreviated = len(before.plain) < 3 or before.plain in MONTHS
    return gap.startswith(". ") and not abbreviated and not word.plain[:1].isdecimal()


def _taken_together(sheet: Sheet) -> None:
    """ "On all cameras together" is in total; "were together in storage" is not said clearly."""
    for n, claim in enumerate(sheet.claims):
        if claim.says != "at_once" or sheet.text(claim.start, claim.end).lower() != "together":
            continue
        if any(c.says in _AT_ONCE for c in sheet.claims):
            continue
        counts = sum(c.says == "count" for c in sheet.claims)
        several = _are_several(sheet, claim.start) and counts < 2
        if sheet.words[claim.start - 1].plain in _BE or not several:
            why = "Whether that is at the same moment or in all is not said"
            raise Puzzled(why, [claim])
        sheet.claims[n] = replace(claim, kind="filler", says="")


def _are_several(sheet: Sheet, at: int) -> bool:
    """Whether things that can be added up are named before, such as two cameras, or all."""
    before = [claim for claim in sheet.claims if claim.start < at]
    names, labels = ({c.says for c in before if c.kind == kind} for kind in ("name", "label"))
    if len(names) > 1 or len(labels) > 1 or any(c.kind == "all" for c in before):
        return True
    plural = any(c.kind == "dimension" and c.several for c in before)
    return plural or sheet.words[at - 1].plain in ("all", "taken", "put", "added", "counted")


def _many(sheet: Sheet) -> None:
    """ "Were there many people? How many?": the number is what is wanted."""
    counts = any(claim.says == "count" for claim in sheet.claims)
    for n in sorted(sheet.unclaimed) if counts else ():
        if sheet.words[n].plain in ("many", "lots") and any(cut > n for cut in _cuts(sheet)):
            sheet.claim("filler", "", n, n + 1)


def _pick(sheet: Sheet) -> None:
    """ "Pick the busiest day" is find it; "did the camera pick anyone up" is see."""
    plain = [word.plain for word in sheet.words]
    for n in sorted(sheet.unclaimed):
        if plain[n] not in ("pick", "picked", "picks"):
            continue
        ups = [c for c in sheet.claims if c.says == "up" and n + 1 < c.start <= n + 4]
        if ups:
            at = sheet.claims.index(ups[0])
            sheet.claims[at] = replace(ups[0], kind="filler", says="")
        if ups or (plain[n] == "pick" and n == 0):
            sheet.claim("filler", "", n, n + 1)


def _holes(sheet: Sheet) -> None:
    """ "Holes in the Entrance recording": the recording is what they are in."""
    gaps = ("gap", "gaps", "hole", "holes", "outage", "outages", "interruption", "interruptions")
    starts = [c.start for c in sheet.claims if sheet.words[c.start].plain in gaps]
    for n, claim in enumerate(sheet.claims):
        noun = sheet.words[claim.start].plain in ("recording", "recordings", "coverage")
        if claim.says == "watched" and noun and any(at < claim.start for at in starts):
            sheet.claims[n] = replace(claim, kind="filler", says="")


def _and_when(sheet: Sheet) -> None:
    """ "Was somebody there, and when": those who were, with their times."""
    if not begins_yes(first_word(sheet)):
        return
    things = any(c.kind in ("label", "anyone") for c in sheet.claims)
    for n, claim in enumerate(sheet.claims):
        after = {word.plain for word in sheet.words[claim.end :]} - {"exactly", "precisely"}
        joined = claim.start > 1 and sheet.words[claim.start - 1].plain in ("and", "so")
        if claim.says == "when" and claim.kind == "sign" and joined and not after and things:
            sheet.claims[n] = replace(claim, says="who", start=0, end=1, apart=claim.places)


def _in_through(sheet: Sheet) -> None:
    """ "Front door in, yesterday": the comma tells that "in" is the direction."""
    lines = {c.end for c in sheet.claims if c.names and c.names[0].kind == "line"}
    for n, claim in enumerate(sheet.claims):
        alone = claim.start in lines and claim.end == claim.start + 1
        word = sheet.words[claim.start]
        ends = sheet.question[word.end : word.end + 1] in tuple(",;:")
        if claim.kind == "filler" and alone and word.plain == "in" and ends:
            sheet.claims[n] = replace(claim, kind="sign", says="enter")


def _right(sheet: Sheet) -> None:
    """ "Nobody was there, right?" """
    last = len(sheet.words) - 1
    asks = sheet.question.rstrip().endswith("?")
    if asks and last in sheet.unclaimed and sheet.words[last].plain in ("right", "correct"):
        sheet.claim("filler", "", last, last + 1)
