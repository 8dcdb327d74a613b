"""Two plans in one question: comparisons and shares. Each side is read as a question of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .claims import Claim, Sheet
from .drafting import Draft, draft
from .meaning import Bag, Puzzled
from .plan import Plan
from .times_said import meant, span_after, span_before

_COMING = ("enter", "entries", "arrive", "arrivals", "direction_in")
_GOING = ("leave", "exits", "depart", "departures", "direction_out")
_WORDS = ("compare", "vs", "more", "less", "longer", "change")
_VERBS = ("seen", "enter", "leave", "arrive", "depart", "cross", "pass", "stay", "busy")
_HELPERS = frozenset(["was", "were", "is", "are", "did", "have", "had", "has", "who", "that", "which", "do", "does"])


def related(claims: Sequence[Claim], sheet: Sheet) -> Draft:
    """Read claims as one plan, or as two that belong together."""
    bag = Bag(list(claims))
    if bag.has("share", "outof"):
        return _share(bag, sheet)
    if _is_net(bag):
        return draft(claims, sheet)
    if bag.has("vs", "compare", "change") or _is_choice(bag):
        return _compared(bag, sheet)
    return draft(claims, sheet)


def _is_net(bag: Bag) -> bool:
    """How many more came in than went out."""
    return bag.has("count") and bag.has("more") and bag.has(*_COMING) and bag.has(*_GOING)


def _is_choice(bag: Bag) -> bool:
    """ "More people today or yesterday", "which was busiest, A or B"."""
    return bag.has("or") and bag.has("more", "less", "longer", "busiest", "quietest", "most")


def _compared(bag: Bag, sheet: Sheet) -> Draft:
    connectors = bag.signs("vs") or bag.signs("or") or bag.signs("and")
    words = [*bag.signs(*_WORDS, "which", "how_does"), *connectors]
    if _is_choice(bag) and not bag.has("vs", "compare"):
        words += bag.signs("busiest", "quietest", "most")
    if bag.has("which"):  # which camera was busier, this or that
        words += bag.of("rank", "dimension") if _is_choice(bag) else []
    rest = [claim for claim in bag.claims if claim not in words]
    if bag.has("longer"):  # how long, and not how many
        rest += [replace(claim, says="howlong") for claim in bag.signs("longer")[:1]]
    pairs = _pairs(rest, connectors, bag)
    if not pairs:
        return _with_before(bag, rest, words, sheet)
    first = _later(_side(rest, [second for _, second in pairs], sheet), pairs, sheet)
    second = _side(rest, [first for first, _ in pairs if first], sheet)
    return _joined(first, second, "compare", words)


def _later(first: Draft, pairs: list[tuple[Claim | None, Claim]], sheet: Sheet) -> Draft:
    """Compared with last week is this week, and not today."""
    when = pairs[0][1].when
    if pairs[0][0] is not None or when is None or when.span is None:
        return first
    if span := span_after(when.span, sheet.world, first.plan.timezone):
        assumed = [each for each in first.assumed if not _of_time(each)]
        text = f"{span.words}, as no other time was named"
        return replace(first, plan=replace(first.plan, span=span), assumed=[*assumed, text])
    return first


def _side(rest: list[Claim], without: list[Claim], sheet: Sheet) -> Draft:
    return draft([claim for claim in rest if claim not in without], sheet, True)


def _pairs(
    rest: list[Claim], connectors: list[Claim], bag: Bag
) -> list[tuple[Claim | None, Claim]]:
    """What differs between both sides: times, places, labels, ways."""
    at = connectors[0].start if connectors else None
    found: list[tuple[Claim | None, Claim]] = []
    for kind in ("time", "name", "label", "way", "direction"):
        claims = [claim for claim in rest if _kind(claim) == kind]
        if kind == "time":
            claims = [claim for claim in claims if claim.when and claim.when.span]
        if len(claims) == 2 and (at is None or claims[0].start < at or claims[1].start < at):
            found.append((claims[0], claims[1]))
        elif kind == "time" and len(claims) == 1 and at is not None and bag.has("vs"):
            if claims[0].start > at and not _right_after(rest, at, claims[0]):
                continue
            if claims[0].start > at:
                found.append((None, claims[0]))
        elif len(claims) > 2:
            raise Puzzled("More than two things are compared", claims)
    if len(found) > 1 and (None, found[0][1]) == found[0]:
        found = found[1:]
    return found


def _right_after(rest: list[Claim], at: int, claim: Claim) -> bool:
    """Whether it is the first thing after the connector."""
    after = [each for each in rest if each.start > at and each.kind not in ("filler", "some")]
    return bool(after) and min(after, key=lambda each: each.start) == claim


def _kind(claim: Claim) -> str:
    if claim.kind == "sign" and claim.says in (*_COMING, *_GOING):
        return "way"
    return claim.kind


def _with_before(bag: Bag, rest: list[Claim], words: list[Claim], sheet: Sheet) -> Draft:
    """ "Did it increase this week" is compared with the week before."""
    if not bag.has("change") or bag.has("vs"):
        raise Puzzled("It is not said what to compare with what", words)
    first = draft(rest, sheet, True)
    if first.plan.span.words.startswith("since "):
        return _since(first, words, sheet)
    span = span_before(first.plan.span, sheet.world, first.plan.timezone)
    if span is None:
        trend = replace(words[0], says="trend")
        return draft([*rest, trend], sheet, True)
    second = replace(first, plan=replace(first.plan, span=span), others=[])
    found = _joined(first, second, "compare", words)
    found.assumed.append(f"compared with {span.words}, as nothing else was named")
    return found


def _since(first: Draft, words: list[Claim], sheet: Sheet) -> Draft:
    """ "Has it increased since last week" compares this week with it."""
    plan = first.plan
    now = span_after(plan.span, sheet.world, plan.timezone)
    then = meant(plan.span.words.removeprefix("since "), sheet.world, plan.timezone)
    if now is None or then is None:
        raise Puzzled("It is not said what to compare with what", words)
    second = replace(first, plan=replace(plan, span=then), others=[])
    first = replace(first, plan=replace(plan, span=now), others=[])
    return _joined(first, second, "compare", words)


def _joined(first: Draft, second: Draft, relation: str, words: Sequence[Claim]) -> Draft:
    plan, against = _number(first.plan), _number(second.plan)
    if plan == against:
        raise Puzzled("Both sides of the comparison are the same", words)
    joined = replace(plan, relation=relation, against=against)  # type: ignore[arg-type]
    others = []
    if len(first.others) == len(second.others):
        pairs = zip(first.others, second.others, strict=True)
        others = [
            replace(a, relation=relation, against=b)  # type: ignore[arg-type]
            for a, b in pairs
            if a != b and a != plan and b != against
        ]
    assumed = [each for each in first.assumed if each in second.assumed or not _of_time(each)]
    if first.plan.span != second.plan.span and any(_of_time(each) for each in first.assumed):
        assumed += [each for each in first.assumed if _of_time(each)]
    left = [claim for claim in first.left if claim in second.left or claim.kind == "sign"]
    return Draft(joined, others, list(dict.fromkeys(assumed)), left)


def _of_time(assumed: str) -> bool:
    return assumed.endswith("no time was named")


def _number(plan: Plan) -> Plan:
    return replace(plan, shape="number") if plan.shape in ("yes", "empty") else plan


def _share(bag: Bag, sheet: Sheet) -> Draft:
    """What part of a whole. The whole stands after "share of", up to the verb."""
    signs = bag.signs("outof") or bag.signs("share")
    words = bag.signs("share", "outof", "which")
    rest = [claim for claim in bag.claims if claim not in words]
    inside = _whole(rest, signs[0], sheet)
    part_of = [claim for claim in rest if claim not in inside]
    times = [claim for claim in rest if claim.kind == "time"]
    shared = [claim for claim in times if claim not in inside and _has_more(part_of)]
    asked = replace(signs[0], says="count")
    if any(claim.kind == "lasting" for claim in part_of) and not _named(inside):
        shared += _named(part_of)  # those who stayed there, of those who were there
    whole = draft([asked, *inside, *shared], sheet, True)
    part = draft([asked, *_without_labels(inside, part_of), *part_of], sheet, True)
    if part.plan.metric == "crossings" and whole.plan.metric == "visits":
        part = replace(part, plan=replace(part.plan, metric="visits"))  # who crossed, each once
    whole = _widened(whole, part, inside, signs)
    _check_part(part.plan, whole.plan, signs)
    left = [*part.left, *(claim for claim in whole.left if claim not in part.left)]
    plan = replace(_number(part.plan), relation="share", against=_number(whole.plan))
    return Draft(plan, [], part.assumed, left)


def _whole(rest: list[Claim], sign: Claim, sheet: Sheet) -> list[Claim]:
    """The claims of the whole: after "share of", until something is said of it."""
    found: list[Claim] = []
    after = [claim for claim in rest if claim.start >= sign.end and not _is_light(claim)]
    if after and after[0].kind == "sign" and after[0].says in _VERBS and not _is_noun(sign, sheet):
        return []  # what percentage stayed
    for claim in sorted(rest, key=lambda each: each.start):
        if claim.start < sign.start:
            continue
        words = {word.plain for word in sheet.words[claim.start : claim.end]}
        verb = claim.kind == "sign" and claim.says in _VERBS
        helper = claim.kind == "filler" and not words.isdisjoint(_HELPERS)
        something = any(each.kind not in ("filler", "some") for each in found)
        if something and (verb or helper):
            return found
        found.append(claim)
    return found


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


def _without_labels(inside: list[Claim], part_of: list[Claim]) -> list[Claim]:
    """Of the whole all that the part does not say anew."""
    if any(claim.kind == "label" for claim in part_of):
        return [claim for claim in inside if claim.kind != "label"]
    return inside


def _widened(whole: Draft, part: Draft, inside: list[Claim], signs: Sequence[Claim]) -> Draft:
    """Where nothing is said of the part but what it is, the whole is everything there."""
    named = any(claim.kind in ("label", "anyone") for claim in inside)
    if not named and part.plan.labels not in ((), ("person",)):
        whole = replace(whole, plan=replace(whole.plan, labels=()))
    if part.plan != whole.plan:
        return whole
    plan = part.plan
    if plan.least is not None or plan.most is not None:
        return replace(whole, plan=replace(plan, least=None, most=None))
    if plan.labels not in ((), ("person",)):
        return replace(whole, plan=replace(plan, labels=()))
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
