"""A plan from the claims of a question, or of one side of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ..plan import Plan, Span
from ..world import Place, World
from . import forms, lexicon, meaning
from .claims import TIME_DIMENSIONS, Claim, Sheet
from .meaning import Bag, Intent, Puzzled
from .names import Named
from .times_said import ever, right_now, usual_span

_HARMLESS = ("seen", "recorded", "and", "or", "they", "count", "total", "ever")
ZONE_WORDS = ("zone", "place")
_PASSING = ("cross", "through", "pass", "come_through", "busy", "seen", "recorded", "busiest",
            "quietest", "most", "least", "activity", "total", "times")  # fmt: skip
_BE = ("is", "are", "was", "were", "'s")
_COUNTS = ("visits", "tracks", "crossings", "arrivals", "departures", "detections")
PACES = ("speed_mean", "speed_median", "speed_p90", "distance_mean")
_MOMENTS = ("first_seen", "last_seen")
TODAY = "today, as no time was named"
PEOPLE = "people, as nothing else was named"
_ARTICLES = ("the", "a", "my", "our", "this", "your")
ONLY_STAYS = ("stay_mean", "stay_median", "stay_p90", "stay_max", "stay_min")


@dataclass(slots=True)
class Draft:
    """A plan, other ways to take the same words, what was taken for granted, what is left over."""

    plan: Plan
    others: list[Plan]
    assumed: list[str]
    left: list[Claim]


@dataclass(slots=True)
class Places:
    """Where, by name. others: the same names as those of other things."""

    sources: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    others: tuple[dict[str, tuple[str, ...]], ...] = ()

    def as_dict(self) -> dict[str, tuple[str, ...]]:
        return {"sources": self.sources, "zones": self.zones, "lines": self.lines}


def draft(claims: Sequence[Claim], sheet: Sheet, number: bool = False) -> Draft:
    """Read claims as one plan. number: no yes or no is wanted, however it begins.

    Raises Puzzled for what contradicts itself or says too little.
    """
    bag, intent, world = Bag(list(claims)), Intent(), sheet.world
    _relative(bag, sheet)
    _none_of(bag, sheet)
    _when_busiest(bag, sheet)
    _quiet(bag, sheet)
    _joined_names(bag, sheet)
    _joined_with_something(bag, sheet)
    _goes_on(bag, sheet)
    places = where(bag, world)
    intent.yes = not number and forms.begins_yes(meaning.first_word(sheet))
    _usual_median(bag, intent, sheet)
    if not forms.known(bag, intent):
        if not forms.listed(bag, intent, bool(places.zones), bool(places.lines)):
            has_lines = bool(_lines(world, places))
            meaning.measure(bag, intent, bool(places.zones), bool(places.lines), has_lines)
            forms.group(bag, intent)
        forms.shape(bag, intent)
        _habit(bag, intent, sheet)
        _the_camera(bag, intent, places, sheet)
        _is_known(bag, intent, places, sheet)
    if any(claim.says == "pie" for claim in bag.of("chart")):
        intent.assumed.append("bars, as there are no pies")
    found = _filled(bag, intent, places, world)
    if _are_people(bag, sheet):
        found.assumed = [each for each in found.assumed if each != PEOPLE]
    if not bag.of("time") and not {"is", "are", "'s"}.isdisjoint(w.plain for w in sheet.words):
        _or_now(found, world, not number and _is_of_the_moment(bag, sheet))
    return found


def _are_people(bag: Bag, sheet: Sheet) -> bool:
    """Whether a word of the claims says that people are meant, such as "headcount" or "who"."""
    words = {sheet.words[n].plain for claim in bag.claims for n in claim.places}
    return not words.isdisjoint(lexicon.OF_PEOPLE.split())


def _the_camera(bag: Bag, intent: Intent, places: Places, sheet: Sheet) -> None:
    """ "The camera" where none is named: all of them, and that is said."""
    for claim in bag.of("dimension"):
        before = sheet.words[claim.start - 1].plain if claim.start else ""
        if claim.says == "source" and claim not in bag.used and before in _ARTICLES:
            bag.use([claim])
            if not any((places.sources, places.zones, places.lines)) and (
                len(sheet.world.sources) > 1
            ):
                intent.assumed.append("all cameras, as none was named")


def _habit(bag: Bag, intent: Intent, sheet: Sheet) -> None:
    """ "Normally" is asked of everything recorded, unless a time is named."""
    habits = [
        claim
        for claim in bag.signs("mean")
        if not {sheet.words[n].plain for n in claim.places}.isdisjoint(lexicon.HABITS.split())
    ]
    if not habits or any(claim.when and claim.when.span for claim in bag.of("time")):
        return
    if intent.metric in _COUNTS and bag.open("mean") and not bag.has("which", "when"):
        before = [sheet.words[n].plain for claim in habits for n in (claim.start - 1,)]
        if not set(before).isdisjoint(_BE):
            raise Puzzled("Whether that is at once or per day is not said", habits)
    intent.habit = intent.whole_record = True


def _usual_median(bag: Bag, intent: Intent, sheet: Sheet) -> None:
    """ "Typically, the median please": the median is what says how it usually is."""
    if not bag.has("median", "p90"):
        return
    for claim in bag.signs("mean"):
        typed = {sheet.words[n].plain for n in claim.places}
        if not typed.isdisjoint(lexicon.HABITS.split()):
            bag.claims.remove(claim)
            intent.habit = intent.whole_record = True


def _or_now(found: Draft, world: World, first: bool) -> None:
    """ "Is anyone in storage" is asked of the present moment, or may be. first: whether it is."""
    plan = found.plan
    listed = plan.shape == "list" and plan.metric == "first_seen" and not plan.limit
    if listed or (plan.metric == "visits" and plan.shape in ("yes", "empty", "number")):
        now = replace(plan, span=right_now(world, plan.timezone))
        if first and TODAY in found.assumed and not found.plan.fold:
            found.assumed[found.assumed.index(TODAY)] = "right now, as no time was named"
            found.plan, now = now, plan
        found.others.append(now)


def _is_of_the_moment(bag: Bag, sheet: Sheet) -> bool:
    """ "Are at the gate", "is anyone in storage": who is there, not who was seen."""
    light = {
        n for claim in bag.claims if claim.kind in ("label", "anyone", "some") for n in claim.places
    }
    light |= {n for sign in bag.signs("empty", "nothing") for n in sign.places}
    names = {n for claim in bag.of("name") for n in claim.places}
    words = [word.plain for word in sheet.words]
    for n, word in enumerate(words):
        if word not in ("is", "are", "'s") or bag.has("seen", "recorded", "busy", "pass"):
            continue
        at = n + 1
        while at < len(words) and (at in light or words[at] in ("there", "the", "of", "a", "an")):
            at += 1
        if at == len(words) or (at in names and bag.has("empty")):
            return True  # "is there anyone", "is the counter empty"
        inside = words[at] in ("in", "at", "inside", "on", "here", "within")
        name = any(claim.start >= at for claim in bag.of("name"))
        if inside and (name or words[at] in ("here", "inside")):
            return True
    return False


def where(bag: Bag, world: World) -> Places:
    """The places named, each of the kind that the words beside it say."""
    found: dict[str, list[str]] = {"source": [], "zone": [], "line": []}
    others: list[dict[str, tuple[str, ...]]] = []
    for claim in bag.of("name"):
        chosen = _chosen(bag, claim)
        found[chosen.kind].append(chosen.name)
        bag.use([claim])
        others += [{f"{each.kind}s": (each.name,)} for each in claim.names if each != chosen]
    _leave_out(bag, found, world)
    sources, zones, lines = (tuple(dict.fromkeys(found[kind])) for kind in found)
    places = Places(sources, zones, lines, tuple(others))
    if places.zones and places.lines:
        raise Puzzled("A zone and a line at once are two questions", bag.of("name"))
    _check(bag, places, world)
    return places


def directions(way: str, lines: Iterable[Place]) -> tuple[str, ...]:
    """What the lines call coming in, or going out."""
    names = {"in": lexicon.INWARDS, "out": lexicon.OUTWARDS}[way]
    found = [each for line in lines for each in line.directions if each.lower() in names]
    return tuple(dict.fromkeys(found))


def _when_busiest(bag: Bag, sheet: Sheet) -> None:
    """ "When was the place at its busiest": in which hour, and no place is asked for."""
    if not bag.has("when"):
        return
    for claim in bag.signs("at_once"):
        if any(word.plain in ("its", "their") for word in sheet.words[claim.start : claim.end]):
            bag.claims[bag.claims.index(claim)] = replace(claim, says="busiest")
    bag.use(c for c in bag.of("dimension") if c.says == "place" and not c.several)


def _quiet(bag: Bag, sheet: Sheet) -> None:
    """ "Is it quiet in the warehouse" asks how many are there, and for no hour."""
    first = meaning.first_word(sheet)
    for claim in bag.signs("quietest"):
        word = sheet.words[claim.start].plain if claim.end == claim.start + 1 else ""
        if word in ("quiet", "calm", "slow") and forms.begins_yes(first):
            if ranks := bag.of("rank"):
                raise Puzzled("What a quiet time is, is not said", [claim, *ranks])
            bag.claims[bag.claims.index(claim)] = replace(claim, says="busy")


def _none_of(bag: Bag, sheet: Sheet) -> None:
    """ "Were there no people": that is whether it was empty of them."""
    if not forms.begins_yes(meaning.first_word(sheet)) or len(bag.of("label")) != 1:
        return
    for no in bag.signs("negation"):
        if any(claim.start == no.end for claim in bag.of("label")):
            bag.claims[bag.claims.index(no)] = replace(no, says="empty")


def _relative(bag: Bag, sheet: Sheet) -> None:
    """ "people who stayed": that who asks for nothing, nor does one that is to be counted."""
    if sheet.words[0].plain in ("show", "name", "find", "display") and not bag.has("count"):
        return
    for who in bag.signs("who"):
        before = [claim for claim in bag.claims if claim.start < who.start]
        if bag.has("count") or any(claim.kind in ("label", "anyone") for claim in before):
            bag.claims.remove(who)


def _joined_names(bag: Bag, sheet: Sheet) -> None:
    """Raise Puzzled for names that are not said to belong together: "from A to B", and for labels:
    people with bicycles are not people and bicycles."""
    if denied := bag.signs("negation"):
        raise Puzzled("What was not so cannot be asked", denied)
    things = [claim for claim in bag.of("label") if claim.labels]
    for a, b in pairwise(things):
        between = [c for c in bag.signs("and", "or", "vs") if a.end <= c.start < b.start]
        if a.labels != b.labels and not between and "," not in sheet.between(a, b):
            raise Puzzled(f"How “{a.says}” and “{b.says}” belong together is not said", [a, b])
    found = bag.of("name")
    for a, b in pairwise(found):
        between = [c for c in bag.signs("and", "or", "vs") if a.end <= c.start < b.start]
        joined = any(claim.says in ("and", "or") for claim in between)
        alike = {each.kind for each in a.names} & {each.kind for each in b.names}
        if alike and not between and "," not in sheet.between(a, b):
            raise Puzzled(f"How “{a.says}” and “{b.says}” belong together is not said", [a, b])
        if joined and not alike:
            raise Puzzled(f"“{a.says}” and “{b.says}” are of different kinds", [a, b])


def _joined_with_something(bag: Bag, sheet: Sheet) -> None:
    """Raise Puzzled for "in A and B" where nothing is called A: that is no article."""
    for claim in bag.signs("and", "or"):
        before = claim.start - 1
        if claim.start and sheet.words[before].plain in _ARTICLES[:2]:
            article = Claim("filler", "", before, claim.start)
            raise Puzzled(f"Nothing here is called “{sheet.words[before].text}”", [article])


def _goes_on(bag: Bag, sheet: Sheet) -> None:
    """Raise Puzzled for "the last day with a truck", which is no time, and for "people in"."""
    times = {n for claim in bag.of("time") for n in claim.places}
    for claim in bag.signs("first", "last"):
        typed = [sheet.words[n].plain for n in (max(claim.start - 1, 0), claim.end - 1)]
        if typed == ["for", "time"] and not bag.has("when", "ago"):
            raise Puzzled("Who is new here and who came back is not known", [claim])
    for claim in bag.of("filler"):
        word = sheet.words[claim.start].plain
        compared = any(c.says in ("compare", "vs", "change", "more", "less") for c in sheet.claims)
        if word == "with" and claim.start - 1 in times and not compared:
            raise Puzzled("A time with something is not known", [claim])
        before = [c for c in bag.of("name", "label") if c.end == claim.start]
        place = before and (before[0].kind == "label" or before[0].names[0].kind == "line")
        ends = claim.end == len(sheet.words) or claim.end in times
        if word == "in" and claim.end == claim.start + 1 and place and ends:
            raise Puzzled("Whether that is coming in is not said", [claim])


def _is_known(bag: Bag, intent: Intent, places: Places, sheet: Sheet) -> None:
    """Raise Puzzled for what would be read as something near it: parking as being seen, being at a
    line as crossing it, how much as how many."""
    parked = [
        c
        for c in bag.signs("stay")
        if sheet.words[c.start].plain.startswith(("park", "sit", "sat"))
    ]
    lasts = bag.of("lasting") or intent.metric.startswith("stay_")
    if parked and not (places.zones and lasts):
        text = sheet.text(parked[0].start, parked[0].end)
        why = f"“{text}” is not told from passing, only stays in a zone of at least some time are"
        raise Puzzled(why, parked)
    much = [c for c in bag.signs("count") if sheet.text(c.start, c.end).lower() == "how much"]
    counted = bag.of("label", "anyone") or bag.has("busy", "activity", "pass")
    if much and intent.metric == "visits" and not counted:
        raise Puzzled("Of what how much is not said", much)
    _stayed_or_went(bag, sheet)
    if intent.metric in ("crossings", "net") and bag.of("lasting"):
        raise Puzzled("A line is crossed in a moment: that lasts no time", bag.of("lasting"))
    if places.lines and not places.zones:
        _at_a_line(bag, intent, sheet)


def _stayed_or_went(bag: Bag, sheet: Sheet) -> None:
    """Raise Puzzled for "are left in storage", which is no departure."""
    for claim in bag.signs("leave"):
        typed = sheet.words[claim.start].plain
        if typed == "left" and claim.start and sheet.words[claim.start - 1].plain in _BE:
            raise Puzzled("Whether they are gone or still there is not said", [claim])


def _at_a_line(bag: Bag, intent: Intent, sheet: Sheet) -> None:
    """Raise Puzzled for who is or stays at a line: over one things only pass."""
    why = "Nobody is at a line, which things only cross: ask how many crossed it, or of a zone"
    if intent.metric == "visits" or intent.metric.startswith(("stay_", "occupancy_", "presence")):
        raise Puzzled(why, bag.signs("stay", "at_once", "occupancy", "presence", "howlong"))
    listed = intent.shape == "list"
    if (intent.metric != "crossings" and not listed) or intent.way or bag.has(*_PASSING):
        return
    for name in bag.of("name"):
        at = name.start - 1
        while at > 0 and sheet.words[at].plain in _ARTICLES:
            at -= 1
        if at < 1 or sheet.words[at].plain not in ("at", "in", "on", "by", "near"):
            continue
        if not set(_BE).isdisjoint(w.plain for w in sheet.words[:at]):
            raise Puzzled(why, [Claim("filler", "", at, name.end)])


def _chosen(bag: Bag, claim: Claim) -> Named:
    """Of all that has a name the one that is meant; uses "camera" or "zone" beside it."""
    kinds = [each.kind for each in claim.names]
    for beside in _beside(bag, claim):
        kind = beside.says
        if kind in kinds or (kind in ZONE_WORDS and beside.kind != "by"):
            bag.use([beside])
        elif kind in ("source", "line"):
            word = "camera" if kind == "source" else "line"
            raise Puzzled(f"“{claim.says}” is a {kinds[0]} and no {word}", [beside])
        if kind in kinds:
            return next(each for each in claim.names if each.kind == kind)
    through = any(each.unit == "through" for each in bag.signs("enter"))
    if (through or bag.has("through", "cross")) and "line" in kinds:
        return claim.names[kinds.index("line")]
    return claim.names[0]


def _beside(bag: Bag, claim: Claim) -> list[Claim]:
    """Dimensions next to a name, over "the" and "called" and further names."""
    order = sorted(bag.claims, key=lambda each: each.start)
    at = order.index(claim)
    found = []
    for step in (1, -1):
        n = at + step
        while 0 <= n < len(order) and _is_light(order[n], step):
            n += step
        if 0 <= n < len(order) and _is_kind(order[n]) and _touches(order, at, n):
            found.append(order[n])
    return found


def _is_kind(claim: Claim) -> bool:
    """A word like "camera"."""
    return claim.kind in ("dimension", "all", "rank") and claim.says not in TIME_DIMENSIONS


def _is_light(claim: Claim, step: int) -> bool:
    joins = claim.kind == "sign" and claim.says in ("and", "or")
    return joins or claim.kind in ("name", "filler") if step < 0 else claim.kind == "name" or joins


def _touches(order: list[Claim], at: int, n: int) -> bool:
    """Before a name at most two little words stand between: "the camera called"."""
    low, high = sorted((at, n))
    return sum(claim.kind == "filler" for claim in order[low:high]) <= 1


def _leave_out(bag: Bag, found: dict[str, list[str]], world: World) -> None:
    """All but the names after "except"."""
    for sign in bag.signs("except"):
        after = [c for c in bag.of("name") if c.start >= sign.end]
        if not after or len(bag.signs("except")) > 1 or not _follows(bag, sign, after[0]):
            continue
        chosen = [_chosen(bag, claim) for claim in after]
        kind = chosen[0].kind
        gone = {each.name for each in chosen if each.kind == kind}
        found[kind] = [name for name in found[kind] if name not in gone]
        if not found[kind]:
            if kind == "zone" and not any(c.says == "zone" for c in bag.of("by", "rank", "all")):
                raise Puzzled("Who was in no zone is not told from the others", [sign, *after])
            found[kind] = [name for name in _all_names(kind, found, world) if name not in gone]
        bag.use([sign])
        if not found[kind]:
            raise Puzzled("Nothing is left of what is asked about", [sign, *after])


def _follows(bag: Bag, sign: Claim, name: Claim) -> bool:
    """Whether a name is what a word is about, with nothing but "the camera" between."""
    between = [c for c in bag.claims if sign.end <= c.start < name.start]
    return all(c.kind in ("filler", "some") or c.says == "they" or _is_kind(c) for c in between)


def _all_names(kind: str, found: dict[str, list[str]], world: World) -> list[str]:
    if kind == "source":
        return [source.name for source in world.sources]
    places = world.zones if kind == "zone" else world.lines
    at = found["source"]
    return list(dict.fromkeys(each.name for each in places if not at or each.source in at))


def _check(bag: Bag, places: Places, world: World) -> None:
    """Raise Puzzled for a zone or a line that is not at the source named beside it."""
    for names, known in ((places.zones, world.zones), (places.lines, world.lines)):
        for name in names if places.sources else ():
            if not any(each.name == name and each.source in places.sources for each in known):
                claims = [claim for claim in bag.of("name") if claim.says == name]
                at = " or ".join(places.sources)
                raise Puzzled(f"There is no “{name}” at {at}", claims, words=[name])


def _lines(world: World, places: Places) -> list[Place]:
    return [
        line
        for line in world.lines
        if (not places.lines or line.name in places.lines)
        and (not places.sources or line.source in places.sources)
    ]


def _filled(bag: Bag, intent: Intent, places: Places, world: World) -> Draft:
    sources = places.sources or tuple(
        place.source
        for place in (*world.zones, *world.lines)
        if place.name in (*places.zones, *places.lines)
    )
    values: dict[str, Any] = places.as_dict()
    values["timezone"] = world.timezone(tuple(sources))
    when, other_times = _time(bag, intent, world, values["timezone"])
    values |= when
    forms.trend(bag, intent, when["span"].until - when["span"].since)
    values["labels"] = labels(bag, intent, world)
    values |= lastings(bag)
    values["directions"] = _directions(bag, intent, places, world)
    others: list[dict[str, Any]] = [change for _, change in intent.others]
    others += [{**_emptied(), **each} for each in places.others]
    others += [{"sources": (each,)} for each in _sources_alike(places, world)]
    values |= {"metric": intent.metric, "shape": intent.shape, "by": tuple(intent.by)}
    values |= {"bucket": intent.bucket, "order": intent.order, "limit": intent.limit}
    values["fold"] = intent.fold
    values["chart"] = _chart(bag)
    if (
        (bag.has("mean") or _typical(bag))
        and (bag.of("time") or intent.habit)
        and intent.shape == "number"
        and not intent.by
    ):
        others += _mean_of_counts(bag, intent, values)
    several = len({claim.says for claim in bag.of("label")}) > 1
    if several and intent.metric in _COUNTS and intent.shape == "number" and not intent.by:
        others.append({"by": ("label",), "shape": "rows"})
    plan = Plan(**values)
    if intent.by == ["bucket"] and not plan.bucket:
        plan = replace(plan, bucket="hour")
    changed = [_other(plan, change, intent, places, world) for change in [*others, *other_times]]
    _only(bag)
    left = [claim for claim in bag.left() if not _harmless(claim, bag)]
    return Draft(plan, [each for each in changed if each != plan], intent.assumed, left)


def _only(bag: Bag) -> None:
    """ "Weekdays only": beside a time or a name it says no more than that does."""
    order = sorted(bag.claims, key=lambda each: each.start)
    for n, claim in enumerate(order):
        beside = [*order[max(n - 1, 0) : n], *order[n + 1 : n + 2]]
        if claim.says == "only" and any(each.kind in ("time", "name", "label") for each in beside):
            bag.use([claim])


def _sources_alike(places: Places, world: World) -> list[str]:
    """The sources that have a zone or a line of the same name, if there are several."""
    known = [*world.zones, *world.lines]
    for name in (*places.zones, *places.lines) if not places.sources else ():
        at = list(dict.fromkeys(each.source for each in known if each.name == name))
        if len(at) > 1:
            return at
    return []


def _emptied() -> dict[str, tuple[str, ...]]:
    return {"sources": (), "zones": (), "lines": ()}


def _other(
    plan: Plan, change: dict[str, Any], intent: Intent, places: Places, world: World
) -> Plan:
    if change.get("metric") in ("arrivals", "departures", "visits"):
        change = {**change, "directions": ()}
    if change.get("metric") == "crossings" and intent.way:
        change = {**change, "directions": directions(intent.way, _lines(world, places))}
    return replace(plan, **change)


def _harmless(claim: Claim, bag: Bag) -> bool:
    """Words that say nothing more beside what has been read."""
    if claim.kind in ("filler", "some"):
        return True
    return claim.kind == "sign" and claim.says in _HARMLESS


def labels(bag: Bag, intent: Intent, world: World) -> tuple[str, ...]:
    """Of what: the labels named; else people, if the metric is not one of everything."""
    claims = bag.of("label")
    bag.use([*claims, *bag.of("anyone")])
    named = tuple(dict.fromkeys(label for claim in claims for label in claim.labels))
    if named:
        return named
    if any(not claim.labels for claim in claims) or intent.everything:
        return ()
    if bag.of("anyone"):
        return bag.of("anyone")[0].labels
    if world.labels and "person" not in world.labels:
        return ()
    intent.assumed.append(PEOPLE)
    return ("person",)


def lastings(bag: Bag) -> dict[str, Any]:
    """The least and the most that a stay lasts."""
    found = bag.of("lasting")
    bag.use(found)
    limits = [claim.lasting for claim in found if claim.lasting]
    least = [each.least for each in limits if each.least is not None]
    most = [each.most for each in limits if each.most is not None]
    if len(least) > 1 or len(most) > 1:
        raise Puzzled("Two lengths of stay are asked about", found)
    return {"least": least[0] if least else None, "most": most[0] if most else None}


def _directions(bag: Bag, intent: Intent, places: Places, world: World) -> tuple[str, ...]:
    named = bag.of("direction")
    if named:
        bag.use(named)
        if intent.metric in _COUNTS and intent.shape != "list":
            intent.metric = "crossings"
        elif intent.metric not in ("net", *_MOMENTS, *PACES) and intent.shape != "list":
            raise Puzzled("Of who went a certain way only how many there were can be asked", named)
        return tuple(dict.fromkeys(claim.says for claim in named))
    if intent.metric not in ("crossings", *_MOMENTS, *PACES) or not intent.way:
        return ()
    lines = _lines(world, places)
    if found := directions(intent.way, lines):
        return found
    signs = bag.signs("enter", "leave", "entries", "exits", "arrive", "depart")
    has = " and ".join(dict.fromkeys(each for line in lines for each in line.directions))
    raise Puzzled(f"The directions here are called {has}, not {intent.way}", signs)


def _time(
    bag: Bag, intent: Intent, world: World, timezone: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The window and what narrows it, and other windows that may be meant."""
    claims = bag.of("time")
    bag.use(claims)
    named = [claim.when for claim in claims if claim.when]
    whens = [each for each in named if not each.everything] or named[:1]
    spans = [each for each in whens if each.span is not None]
    if len(spans) > 1:
        raise Puzzled("Two times are named, and it is not said how they belong together", claims)
    found: dict[str, Any] = {
        "hours": tuple(sorted({hour for each in named for hour in each.hours})),
        "weekdays": tuple(sorted({day for each in named for day in each.weekdays})),
    }
    still = bag.take("now_still")
    if still and not spans:
        found["span"] = right_now(world, timezone)
    else:
        found["span"] = spans[0].span if spans else _usual_span(intent, world, timezone)
    if still and not found["span"].until - found["span"].since <= 120_000:
        raise Puzzled("What is still there is asked of the present moment", bag.signs("now_still"))
    intent.assumed += [words for each in whens for words in each.assumed]
    others = [
        {"span": other.span, "hours": other.hours, "weekdays": other.weekdays}
        for each in whens
        for other in each.others
        if other.span is not None
    ]
    return found, others


def _usual_span(intent: Intent, world: World, timezone: str) -> Span:
    of_the_clock = "hour" in intent.by or "weekday" in intent.by
    of_the_clock |= "bucket" in intent.by and intent.bucket in ("day", "week", "month")
    if intent.whole_record or of_the_clock or intent.shape == "known":
        if intent.shape != "known":
            intent.assumed.append("everything recorded, as no time was named")
        return ever(world, timezone)
    intent.assumed.append(TODAY)
    return usual_span(world, timezone)


def _chart(bag: Bag) -> str:
    found = bag.of("chart")
    bag.use(found)
    kinds = ["bar" if c.says == "pie" else c.says for c in found if c.says != "auto"]
    return kinds[0] if kinds else ""


def _typical(bag: Bag) -> bool:
    """ "On a Saturday": as many as there usually are."""
    return any(claim.unit == "typical" for claim in bag.of("time"))


def _mean_of_counts(bag: Bag, intent: Intent, values: dict[str, Any]) -> list[dict[str, Any]]:
    """ "The average number of people today" is that of its hours, of longer times that of days;
    the number at the same moment is the other reading."""
    if values["metric"] not in _COUNTS or not (bag.open("mean") or _typical(bag)):
        return []
    bag.take("mean")
    span = values["span"]
    bucket = "hour" if span.until - span.since <= forms.ABOUT_A_DAY else "day"
    values |= {"by": ("bucket",), "bucket": bucket, "fold": "mean"}
    intent.by, intent.bucket, intent.fold = ["bucket"], bucket, "mean"
    intent.assumed.append(f"the average per {bucket}, as nothing else was named")
    if values["metric"] != "visits":
        return []
    return [{"metric": "occupancy_mean", "by": (), "bucket": "", "fold": ""}]
