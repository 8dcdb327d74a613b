"""Two plans in one question: comparisons and shares. Each side is read as a question of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...localtime import HOUR
from .claims import Claim, Sheet
from .drafting import Draft, draft
from .meaning import Bag, Puzzled
from .sharing import number, shared
from .times_said import is_part_of_a_day, meant, same_hours, span_after, span_before

_COMING = ("enter", "entries", "arrive", "arrivals", "direction_in")
_GOING = ("leave", "exits", "depart", "departures", "direction_out")
_LONG_DAY = 25 * HOUR
_SAME_HOURS = "the same hours of both days"
_WORDS = ("compare", "vs", "more", "less", "longer", "change")


def related(claims: Sequence[Claim], sheet: Sheet) -> Draft:
    """Read claims as one plan, or as two that belong together."""
    bag = Bag(list(claims))
    if bag.has("share", "outof"):
        return shared(bag, sheet)
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
    if not bag.has("or"):
        return False
    signs = {claim.says for claim in bag.claims if claim.kind == "sign"}
    kinds = {claim.kind for claim in bag.claims}
    if signs <= {"or", "which"} and kinds <= {"name", "time", "filler", "sign", "dimension"}:
        return True  # "entrance or warehouse today?"
    return bag.has("more", "less", "longer", "busiest", "quietest", "most", "fullest")


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
    if bag.has("change") and first.plan.span.since < second.plan.span.since:
        first, second = second, first  # what has changed is the later one
    first, second = _at_same_hours(first, second, sheet), _at_same_hours(second, first, sheet)
    return _joined(first, second, "compare", words, sheet)


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


def _at_same_hours(side: Draft, other: Draft, sheet: Sheet) -> Draft:
    """A whole day beside hours of another one is asked of at these hours, too."""
    plan, timed = side.plan, other.plan
    if plan.hours or timed.hours or not is_part_of_a_day(timed.span, timed.timezone):
        return side
    if found := same_hours(plan.span, timed.span, plan.timezone):
        times = [claim for claim in sheet.claims if claim.kind == "time"]
        if found.since >= sheet.world.now:
            raise Puzzled(f"That is still to come ({found.words})", times)
        note = f"{_SAME_HOURS}, {found.words.rpartition(', ')[2]}"
        return replace(side, plan=replace(plan, span=found), assumed=[*side.assumed, note])
    if plan.span.until - plan.span.since > _LONG_DAY:
        times = [claim for claim in sheet.claims if claim.kind == "time"]
        raise Puzzled(f"Which hours of {plan.span.words or 'these days'} are meant", times)
    return side


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
    found = _joined(first, second, "compare", words, sheet)
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
    return _joined(first, second, "compare", words, sheet)


def _averages(sheet: Sheet) -> list[Claim]:
    """The words that say that an average is meant."""
    found = [c for c in sheet.claims if c.kind == "sign" and c.says == "mean"]
    found += [c for c in sheet.claims if c.kind == "time" and c.unit == "typical"]
    return found or [c for c in sheet.claims if c.kind == "by"]


def _joined(
    first: Draft, second: Draft, relation: str, words: Sequence[Claim], sheet: Sheet
) -> Draft:
    plan, against = number(first.plan), number(second.plan)
    if plan.fold or against.fold:
        raise Puzzled("Averages are not compared, only numbers", _averages(sheet))
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
    assumed += [each for each in second.assumed if each.startswith(_SAME_HOURS)]
    if first.plan.span != second.plan.span and any(_of_time(each) for each in first.assumed):
        assumed += [each for each in first.assumed if _of_time(each)]
    left = [claim for claim in first.left if claim in second.left or claim.kind == "sign"]
    return Draft(joined, others, list(dict.fromkeys(assumed)), left)


def _of_time(assumed: str) -> bool:
    return assumed.endswith("no time was named")
