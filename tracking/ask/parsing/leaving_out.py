"""Kinds of objects that are left out: "everything except people", "vehicles but no trucks"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from . import forms
from .claims import Claim, Sheet
from .meaning import Puzzled, first_word

_NO = ("no", "not", "without")
_ALL = ("all", "everything")


def leave_out(sheet: Sheet) -> None:
    """Take the kinds that are excluded out of those that are asked about.

    Raises Puzzled where they are none of these, or nothing is left. What is no exclusion of kinds
    ("except the warehouse", "people without a bicycle") stays as it is.
    """
    signs = [claim for claim in sheet.in_order() if _is_sign(claim, sheet)]
    gone = {sign: found for sign in signs if (found := _after(sign, sheet))}
    if not gone:
        return
    excluded = [claim for claims in gone.values() for claim in claims]
    base = [c for c in sheet.claims if c.kind == "label" and c not in excluded]
    kinds = any(c.kind in ("by", "rank", "dimension") and c.says == "label" for c in sheet.claims)
    everything = kinds or any(sheet.words[sign.start].plain in _ALL for sign in gone)
    if not base and not everything:
        return
    left_out = {label for claim in excluded for label in claim.labels}
    if not base:
        sign = max(gone, key=lambda each: sheet.words[each.start].plain in _ALL)
        base = [replace(sign, kind="label", says="", labels=())]
        sheet.claims.append(base[0])
    asked = {label for claim in base for label in claim.labels or sheet.world.labels}
    plainly = any(sheet.words[sign.start].plain in ("no", "not") for sign in gone)
    if not (left_out & asked or plainly):
        raise Puzzled("What is left out is none of what is asked about", [*gone, *excluded])
    if not asked - left_out:
        raise Puzzled("Nothing is left of what is asked about", [*gone, *excluded])
    sheet.claims = [
        _less(claim, left_out, sheet)
        if claim in base
        else replace(claim, kind="filler", says="", labels=())
        if claim in gone or claim in excluded or _joins(claim, excluded, gone)
        else claim
        for claim in sheet.claims
        if not (claim in gone and everything and claim.places == base[0].places)
    ]


def _is_sign(claim: Claim, sheet: Sheet) -> bool:
    if claim.kind != "sign":
        return False
    if claim.says == "except":
        return True
    word = sheet.words[claim.start].plain
    yes = forms.begins_yes(first_word(sheet))
    return claim.says == "negation" and word in _NO and not (yes and word in ("no", "not"))


def _after(sign: Claim, sheet: Sheet) -> list[Claim]:
    """The kinds right after the word that leaves them out: "people", "people and bicycles"."""
    found: list[Claim] = []
    for claim in sheet.in_order():
        if claim.start < sign.end or claim is sign:
            continue
        light = claim.kind in ("filler", "some")
        if claim.kind == "label" and claim.labels:
            found.append(claim)
        elif (light and found) or not (light or claim.says in ("and", "or")):
            break
    between = [c for c in sheet.claims if found and sign.end <= c.start < found[0].start]
    return [] if len(between) > 2 else found


def _joins(claim: Claim, excluded: list[Claim], signs: Iterable[Claim]) -> bool:
    """An "and" between two that are left out, or the "but" before them."""
    if claim.says in ("also", "and") and claim.end in {sign.start for sign in signs}:
        return True
    first, last = min(c.start for c in excluded), max(c.end for c in excluded)
    return claim.says in ("and", "or") and first < claim.start < last


def _less(claim: Claim, left_out: set[str], sheet: Sheet) -> Claim:
    known = claim.labels or sheet.world.labels
    return replace(claim, labels=tuple(label for label in known if label not in left_out))
