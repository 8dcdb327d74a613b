"""Shares: what part of a whole. Both are read as questions of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..plan import Plan
from .claims import Claim, Sheet
from .drafting import Draft, draft
from .meaning import Bag, Puzzled
from .times_said import said

_VERBS = ("seen", "enter", "leave", "arrive", "depart", "cross", "pass", "stay", "busy")
_HELPERS = frozenset(("was", "were", "is", "are", "did", "have", "had", "has", "do", "does"))

_PARTICIPLES = frozenset(("seen", "detected", "spotted", "noticed", "noted", "shown", "present"))
_OF = ("label", "anyone")
_NOUNS = frozenset(("traffic", "footfall", "throughput", "headcount", "visits", "crossings"))
_CONTENT = ("label", "anyone", "name", "lasting", "direction")


def shared(bag: Bag, sheet: Sheet) -> Draft:
    """What part of a whole. The whole stands after "share of", up to the verb."""
    signs = bag.signs("outof") or bag.signs("share")
    if not bag.of("label", "anyone") and bag.has("recorded", "watched", "unwatched"):
        return _share_watched(bag, sheet)
    words = bag.signs("share", "outof", "which")
    rest = [claim for claim in bag.claims if claim not in words]
    inside = _whole(rest, signs[0], sheet)
    part_of = [claim for claim in rest if claim not in inside]
    inside, part_of = _split_times(inside, part_of, sheet)
    of_part = [claim for claim in part_of if claim.kind == "time" and _has_more(part_of)]
    asked = replace(signs[0], says="count")
    if any(claim.kind == "lasting" for claim in part_of) and not _named(inside):
        of_part += _named(part_of)  # those who stayed there, of those who were there
    if any(claim.kind == "time" for claim in inside):
        of_part = [claim for claim in of_part if claim.kind != "time"]
    wider: list[Plan] = []
    if placed := _named(of_part):
        everywhere = draft([asked, *inside, *(c for c in of_part if c not in placed)], sheet, True)
        wider.append(everywhere.plan)
    whole = _on_that_day(draft([asked, *inside, *of_part], sheet, True), inside, part_of, sheet)
    part = draft([asked, *_without(inside, part_of), *part_of], sheet, True)
    if part.plan.metric == "crossings" and whole.plan.metric == "visits":
        part = replace(part, plan=replace(part.plan, metric="visits"))  # who crossed, each once
    whole = _widened(whole, part, inside, part_of, signs)
    _check_part(part.plan, whole.plan, signs)
    left = [*part.left, *(claim for claim in whole.left if claim not in part.left)]
    plan = replace(number(part.plan), relation="share", against=number(whole.plan))
    others = [replace(plan, against=number(each)) for each in wider]
    return Draft(plan, others, part.assumed, left)


def _share_watched(bag: Bag, sheet: Sheet) -> Draft:
    """How much of a time was watched: as a time, and the answer tells its share, too."""
    of = bag.signs("recorded", "watched", "unwatched")
    rest = [claim for claim in bag.claims if claim not in bag.signs("share", "outof", "which")]
    found = draft(rest, sheet, True)
    several = any(c.says == "source" and c.several for c in bag.of("dimension", "all", "rank"))
    if found.plan.metric not in ("observed", "unwatched") or found.plan.by or several:
        raise Puzzled("How long it was watched is told as a time, not as a share", of)
    found.assumed.append("as a time, with the share that it is")
    return found


def _on_that_day(whole: Draft, inside: list[Claim], part_of: list[Claim], sheet: Sheet) -> Draft:
    """ "What share came before 9 yesterday" is one of those of yesterday."""
    whens = [claim.when for claim in part_of if claim.when is not None and claim.when.span]
    if len(whens) != 1 or any(claim.kind == "time" for claim in inside) or _has_more(part_of):
        return whole
    span = whens[0].span
    day, comma, _ = span.words.partition(",") if span is not None else ("", "", "")
    when = said(day, sheet.world, _zone(sheet)) if comma else None
    if when is None or when.span is None:
        return whole
    return replace(whole, plan=replace(whole.plan, span=when.span))


def number(plan: Plan) -> Plan:
    """The number that a yes or no rests on."""
    return replace(plan, shape="number") if plan.shape in ("yes", "empty") else plan


def _split_times(
    inside: list[Claim], part_of: list[Claim], sheet: Sheet
) -> tuple[list[Claim], list[Claim]]:
    """Of "yesterday's visitors came in the morning" yesterday is the whole's, its morning the
    part's."""
    ends = max((claim.end for claim in inside if claim.kind != "time"), default=0)
    cut = min((c.start for c in part_of if c.kind != "time" and c.start >= ends), default=ends)
    whole = []
    for claim in inside:
        within = [n for n in sorted(claim.places) if n < cut]
        if claim.kind != "time" or len(within) == len(claim.places) or not within:
            whole.append(claim)
            continue
        when = said(" ".join(sheet.words[n].plain for n in within), sheet.world, _zone(sheet))
        if when is None:
            raise Puzzled("Which time is that of the whole is not said", [claim])
        whole.append(replace(claim, when=when))
        part_of = [*part_of, claim]
    return whole, part_of


def _zone(sheet: Sheet) -> str:
    return sheet.world.timezone()


def _whole(rest: list[Claim], sign: Claim, sheet: Sheet) -> list[Claim]:
    """The claims of the whole: after "share of", until something is said of it."""
    found: list[Claim] = []
    before = [c for c in rest if c.start < sign.start and c.kind in _CONTENT]
    if sign.says == "outof" and before:  # A among B: all after it is B
        if sheet.words[sign.start - 1].plain in _HELPERS:
            raise Puzzled("It is not said what is a share of what", [sign])
        return [claim for claim in rest if claim.start >= sign.start]
    if sheet.words[0].plain in ("of", "from") and any(c.kind in _OF for c in before):
        return [claim for claim in rest if claim.start < sign.start]
    after = [claim for claim in rest if claim.start >= sign.end and not _is_light(claim)]
    if after and after[0].kind == "sign" and after[0].says in _VERBS and not _is_noun(sign, sheet):
        return []  # what percentage stayed
    relative = False
    for claim in sorted(rest, key=lambda each: each.start):
        if claim.start < sign.start:
            continue
        words = {word.plain for word in sheet.words[claim.start : claim.end]}
        verb = claim.kind == "sign" and claim.says in _VERBS and not _is_participle(words)
        helper = claim.kind == "filler" and not words.isdisjoint(_HELPERS)
        something = any(each.kind not in ("filler", "some") for each in found)
        if something and (verb or helper) and not relative:
            return found
        relative = claim.says == "who" or "that" in words or (relative and helper)
        found.append(claim)
    return found


def _is_participle(words: set[str]) -> bool:
    """ "People seen in the warehouse" says which ones; "people came" says what they did."""
    return not words.isdisjoint(_PARTICIPLES | _NOUNS)


def _is_light(claim: Claim) -> bool:
    return claim.kind in ("filler", "some")


def _is_noun(sign: Claim, sheet: Sheet) -> bool:
    """ "Percentage of crossings": what follows is what it is a share of."""
    return sheet.words[sign.end - 1].plain in ("of", "among", "amongst", "all")


def _named(claims: list[Claim]) -> list[Claim]:
    return [claim for claim in claims if claim.kind == "name"]


def _has_more(claims: list[Claim]) -> bool:
    """Whether more than a time is said of the part."""
    return any(claim.kind in ("name", "label", "lasting", "direction") for claim in claims)


def _without(inside: list[Claim], part_of: list[Claim]) -> list[Claim]:
    """Of the whole all that the part does not say anew."""
    anew = {claim.kind for claim in part_of} & {"label", "time"}
    return [claim for claim in inside if claim.kind not in anew]


def _widened(
    whole: Draft,
    part: Draft,
    inside: list[Claim],
    part_of: list[Claim],
    signs: Sequence[Claim],
) -> Draft:
    """Where nothing is said of the part but what it is, the whole is everything there."""
    named = any(claim.kind in ("label", "anyone") for claim in inside)
    if not named and part.plan.labels not in ((), ("person",)):
        whole = replace(whole, plan=replace(whole.plan, labels=()))
    if part.plan != whole.plan:
        return whole
    plan = part.plan
    if any(claim.kind in ("name", "label", "time") for claim in part_of):
        raise Puzzled("It is not said what is a share of what", signs)
    if plan.least is not None or plan.most is not None:
        return replace(whole, plan=replace(plan, least=None, most=None))
    if plan.labels not in ((), ("person",)):
        return replace(whole, plan=replace(plan, labels=()))
    if plan.directions:
        return replace(whole, plan=replace(plan, directions=()))
    if plan.sources or plan.zones or plan.lines:
        return replace(whole, plan=replace(plan, sources=(), zones=(), lines=()))
    raise Puzzled("It is not said what is a share of what", signs)


def _check_part(part: Plan, whole: Plan, signs: Sequence[Claim]) -> None:
    if part.metric != whole.metric and {part.metric, whole.metric} != {"visits"}:
        raise Puzzled("The part and the whole are counted differently", signs)
    if part.shape not in ("number", "yes") or part.by or whole.by:
        raise Puzzled("A share is one number", signs)
    if whole.labels and not set(part.labels) <= set(whole.labels):
        raise Puzzled("The part is not one of the whole", signs)
    if not whole.span.since <= part.span.since <= part.span.until <= whole.span.until:
        raise Puzzled("The part's time is not in that of the whole", signs)
