"""What stands beside a question and asks nothing: a sentence before it, "the shop" of a name."""

from __future__ import annotations

from .claims import Claim, Sheet

_PLACES = ("shop", "store", "museum", "office", "building", "site", "gate", "hall", "lot")
_TELLS = ("night", "i", "we")
"""How a sentence begins that tells of whoever asks."""

_WANTS = ("mean", "want", "need", "care", "interested", "like", "prefer", "only", "about", "assume",
          "consider", "count", "use", "exclude", "skip", "those", "who", "which", "that", "if",
          "with", "without", "looking")  # fmt: skip
"""Words of a sentence that may narrow what is asked."""


def same_place(sheet: Sheet) -> None:
    """ "The shop käse & brot", "the shop (käse & brot)": the noun is what the name is of."""
    for claim in [c for c in sheet.claims if c.kind == "name"]:
        at = claim.start - 1
        if at not in sheet.unclaimed or sheet.words[at].plain not in _PLACES:
            continue
        gap = sheet.question[sheet.words[at].end : sheet.words[claim.start].start]
        if gap.strip() in ("", "("):
            sheet.claim("filler", "", at, claim.start)


def set_aside(sheet: Sheet) -> str:
    """Leave out a sentence before the question that only tells of whoever asks; what to say of it.

    One with a name, a label, a time, a number, a negation or a wish in it stays, and is read.
    """
    cut = next((n for n in range(1, len(sheet.words)) if _ends(sheet, n)), 0)
    inside = range(cut)
    first = [claim for claim in sheet.claims if claim.start < cut]
    if not cut or sheet.unclaimed.isdisjoint(inside) or any(c.end > cut for c in first):
        return ""
    words = [sheet.words[n] for n in inside]
    wants = any(word.plain in _WANTS or word.quoted or word.plain[:1].isdecimal() for word in words)
    if words[0].plain not in _TELLS or wants or not all(map(_says_nothing, first)):
        return ""
    text = sheet.question[words[0].start : words[-1].end]
    kept = [claim for claim in sheet.claims if claim.start >= cut]
    sheet.claims = [*kept, *(Claim("filler", "", n, n + 1) for n in inside)]
    return f"“{text}” is left aside, as it asks nothing"


def _ends(sheet: Sheet, n: int) -> bool:
    gap = sheet.question[sheet.words[n - 1].end : sheet.words[n].start]
    return gap.startswith((". ", "! "))


def _says_nothing(claim: Claim) -> bool:
    return claim.kind in ("filler", "some")
