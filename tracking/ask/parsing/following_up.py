"""Questions that go on from the one before: only what they name changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..plan import Plan
from ..times.when import When
from ..world import World
from . import forms, meaning
from .claims import Claim, Sheet
from .drafting import Draft, Places, directions, labels, lastings, where
from .meaning import Bag, Intent, Puzzled
from .times_said import said, shifted

_STARTS = ("also", "only", "they")
_ASKS = ("when", "who", "where", "confidence", "detections", "tracks", "watched", "unwatched",
         "occupancy", "at_once", "crowded", "empty", "nothing", "presence", "busy", "trend",
         "busy_time", "activity", "first", "last", "exists", "speed", "distance")  # fmt: skip
_DATED = frozenset(["today", "this", "tonight", "now", "ago", "last", "past", "since", "until"])
_POLITE = ("ok", "okay", "thanks", "great", "well", "so", "please")
_WAYS = ("enter", "leave", "entries", "exits", "arrive", "depart", "direction_in", "direction_out")
_ORDERS = frozenset(["busiest", "quietest", "most", "least", "top", "longest", "shortest"])
_ELLIPTIC = _ORDERS | {"count", "which", "howlong", "mean", "in_and_out", "vs", *_WAYS}
_SIMPLE = ("time", "name", "label", "by", "chart", "direction", "filler", "some", "dimension",
           "all", "limit")  # fmt: skip


def is_fragment(sheet: Sheet) -> bool:
    """Whether a question says too little to stand alone."""
    bag = Bag(sheet.in_order())
    content = [claim for claim in bag.claims if claim.kind not in ("filler", "some")]
    begins = [word.plain for word in sheet.words if word.plain not in _POLITE][:1]
    if bag.has(*_STARTS, "before_that") or begins in (["and"], ["but"]):
        return True
    if len(content) == 1:
        return True
    if bag.has(*_ASKS) or bag.has("share", "compare", "list", "rank"):
        return False
    if bag.of("label", "anyone"):
        return False
    if all(claim.kind in _SIMPLE for claim in content):
        return True
    signs = {claim.says for claim in content if claim.kind == "sign"}
    return signs <= _ELLIPTIC and _is_short(bag, signs)


def _is_short(bag: Bag, signs: set[str]) -> bool:
    """ "How many went out?" goes on, "what was the busiest hour yesterday?" does not."""
    if signs & _ORDERS:
        return not bag.of("rank", "dimension", "time", "name")
    if bag.of("rank"):
        return not bag.of("time", "name")
    if "mean" in signs and len(signs) > 1:
        return False
    return (
        not (bag.of("name") and bag.of("time")) or "count" not in signs or bool(signs - {"count"})
    )


def followed(sheet: Sheet, before: Plan) -> Draft:
    """The plan before with what is named changed. Raises Puzzled where that makes no sense."""
    bag = Bag(sheet.in_order())
    if denied := bag.signs("negation"):
        raise Puzzled("What was not so cannot be asked", denied)
    if all(claim.kind in ("filler", "some") for claim in bag.claims) and not _says_in(sheet):
        raise Puzzled("Nothing is asked", bag.claims)
    bag.use(bag.signs(*_STARTS))
    if bag.has("vs"):
        return _against(bag, sheet, before.alone())
    changed = _changed(bag, sheet, before.alone())
    if before.against is not None:
        changed = _both(changed, before, _changed(Bag(list(bag.claims)), sheet, before.against))
    left = [claim for claim in bag.left() if claim.says not in ("which", "seen", "and", "count")]
    return Draft(changed, [], [], left)


def _both(changed: Plan, before: Plan, against: Plan) -> Plan:
    """A comparison of which both sides change; a share whose part may change alone."""
    if changed == against and before.relation == "share" and before.against is not None:
        against = replace(before.against, span=changed.span)
    if changed == against:
        return changed
    return replace(changed, relation=before.relation, against=against)


def _against(bag: Bag, sheet: Sheet, base: Plan) -> Draft:
    """ "Compared to yesterday"."""
    bag.take("vs", "compare", "how")
    other = _changed(bag, sheet, base)
    if other == base:
        raise Puzzled("It is not said what to compare with", bag.signs("vs"))
    return Draft(replace(base, relation="compare", against=other), [], [], bag.left())


def _changed(bag: Bag, sheet: Sheet, plan: Plan) -> Plan:
    world = sheet.world
    plan = _places(bag, plan, world)
    plan = _metric(bag, plan, world, sheet)
    plan = _times(bag, plan, sheet)
    if bag.of("lasting"):
        bag.take("stay", "they")
        plan = replace(plan, **lastings(bag))
    if bag.of("label", "anyone"):
        plan = replace(plan, labels=labels(bag, Intent(everything=True), world))
    plan = _grouped(bag, plan)
    found = bag.of("chart")
    bag.use(found)
    if found:
        plan = replace(
            plan, chart=next((c.says for c in found if c.says != "auto"), "").replace("pie", "bar")
        )
    return plan


def _places(bag: Bag, plan: Plan, world: World) -> Plan:
    places = where(bag, world)
    if places.sources and not (places.zones or places.lines):
        return replace(plan, sources=places.sources, **_still_there(plan, places, world))
    if places.zones:
        metric = "visits" if plan.metric in ("crossings", "net") else plan.metric
        values: dict[str, Any] = {"directions": (), "lines": (), "metric": metric}
        return replace(plan, sources=places.sources, zones=places.zones, **values)
    if places.lines:
        metric = plan.metric if plan.metric in ("crossings", "net") else "crossings"
        kept = plan.directions if metric == plan.metric else ()
        values = {"directions": kept, "zones": (), "metric": metric}
        return replace(plan, sources=places.sources, lines=places.lines, **values)
    return plan


def _still_there(plan: Plan, places: Places, world: World) -> dict[str, Any]:
    """Zones and lines that the new sources have, too."""
    zones = {each.name for each in world.zones if each.source in places.sources}
    lines = {each.name for each in world.lines if each.source in places.sources}
    return {
        "zones": tuple(name for name in plan.zones if name in zones),
        "lines": tuple(name for name in plan.lines if name in lines),
    }


def _metric(bag: Bag, plan: Plan, world: World, sheet: Sheet) -> Plan:
    if bag.take("in_and_out"):
        return replace(plan, metric="crossings", directions=(), by=("direction",), shape="rows")
    coming = _says_in(sheet)
    if coming or bag.has(*_WAYS):
        return _way(bag, plan, world, "in" if coming else "")
    if bag.has("first", "last") and plan.metric in ("first_seen", "last_seen"):
        first = bag.take("first")
        bag.take("last", "when")
        return replace(plan, metric="first_seen" if first else "last_seen")
    if bag.take("who"):
        values: dict[str, Any] = {"metric": "first_seen", "shape": "list", "order": "least"}
        return replace(plan, by=(), bucket="", limit=0, fold="", **values)
    if bag.of("direction"):
        named = tuple(claim.says for claim in bag.of("direction"))
        bag.use(bag.of("direction"))
        return replace(plan, metric="crossings", directions=named)
    if bag.has("howlong", "stay", "longest", "shortest", "median", "p90"):
        intent = Intent()
        these = replace(bag.signs("howlong", "stay", "longest", "shortest", "median", "p90")[0])
        bag.claims.append(replace(these, says="they"))
        meaning.measure(bag, intent, bool(plan.zones), bool(plan.lines), bool(world.lines))
        values = {"metric": intent.metric, "directions": (), "lines": ()}
        return replace(plan, shape="rows" if plan.by else "number", **values)
    if bag.has("mean") and plan.metric == "occupancy_max":
        bag.take("mean")
        return replace(plan, metric="occupancy_mean")
    if bag.has("mean") and plan.metric.startswith("stay_"):
        bag.take("mean")
        return replace(plan, metric="stay_mean")
    if bag.has("mean") and plan.by == ("bucket",) and not bag.of("by"):
        bag.take("mean")
        return replace(plan, fold="mean", shape="number", order="", limit=0)
    others = ("occupancy", "at_once", "crowded", "detections", "confidence", "presence", "net",
              "tracks", "unique", "busy", "speed", "distance")  # fmt: skip
    if bag.has(*others):
        intent = Intent()
        meaning.measure(bag, intent, bool(plan.zones), bool(plan.lines), bool(world.lines))
        values = {"metric": intent.metric, "directions": ()}
        return replace(plan, shape="rows" if plan.by else "number", **values)
    if bag.has("count") and plan.shape in ("yes", "empty", "list"):
        metric = plan.metric if plan.shape != "list" else "visits"
        return replace(plan, metric=metric, shape="number", order="", limit=0)
    return plan


def _says_in(sheet: Sheet) -> bool:
    """ "And in?" """
    said = {word.plain for word in sheet.words}
    return said - {"and", "what", "about", "how", "many", "the"} == {"in"}


def _way(bag: Bag, plan: Plan, world: World, way: str) -> Plan:
    coming = bag.has("enter", "entries", "arrive", "direction_in") or way == "in"
    if coming and bag.has("leave", "exits", "depart", "direction_out"):
        raise Puzzled("Coming and going are two questions", bag.signs(*_WAYS))
    signs = bag.signs(*_WAYS)
    bag.take(*_WAYS, "through", "count", "seen")
    lines = [
        line
        for line in world.lines
        if (not plan.lines or line.name in plan.lines)
        and (not plan.sources or line.source in plan.sources)
    ]
    if plan.zones or not lines:
        return replace(plan, metric="arrivals" if coming else "departures", directions=())
    found = directions("in" if coming else "out", lines)
    if not found:
        raise Puzzled("The lines here have other names for their directions", signs)
    values: dict[str, Any] = {"metric": "crossings", "directions": found}
    if plan.by or plan.shape == "list":
        values["shape"] = "rows" if plan.by else "number"
    return replace(plan, **values)


def _times(bag: Bag, plan: Plan, sheet: Sheet) -> Plan:
    if before := bag.signs("before_that"):
        bag.use(before)
        return replace(plan, span=shifted(plan.span, before[0].unit, plan.timezone))
    claims = bag.of("time")
    bag.use(claims)
    read = [_of_that_day(claim, plan, sheet) for claim in claims]
    whens = [when for when in read if when is not None]
    spans = [each for each in whens if each.span is not None]
    if len(spans) > 1:
        raise Puzzled("Two times are named", claims)
    hours = tuple(sorted({hour for each in whens for hour in each.hours}))
    weekdays = tuple(sorted({day for each in whens for day in each.weekdays}))
    if spans and spans[0].span is not None:
        if spans[0].everything and (hours or weekdays):
            return replace(plan, hours=hours, weekdays=weekdays)
        if plan.by and spans[0].everything:
            return replace(plan, by=(), bucket="", order="", limit=0, shape="number")
        return replace(plan, span=spans[0].span, hours=hours, weekdays=weekdays)
    if hours or weekdays:
        return replace(plan, hours=hours or plan.hours, weekdays=weekdays or plan.weekdays)
    return plan


def _of_that_day(claim: Claim, plan: Plan, sheet: Sheet) -> When | None:
    """ "In the morning" is that of the day asked about before."""
    typed = [sheet.words[n].plain for n in sorted(claim.places)]
    when = claim.when
    if when is None or when.span is None or not when.span.words.startswith("today,"):
        return when
    if not _DATED.isdisjoint(typed) or not plan.span.words or plan.span.words == "today":
        return when
    day = plan.span.words.split(",")[0]
    return said(f"{day} {' '.join(typed)}", sheet.world, plan.timezone) or when


def _grouped(bag: Bag, plan: Plan) -> Plan:
    """Another grouping, or another end of the order."""
    intent = Intent(metric=plan.metric)
    turned = bag.has("busiest", "quietest", "most", "least", "top") and plan.by
    if turned and not bag.of("by", "rank"):
        order = "least" if bag.has("quietest", "least") else "most"
        bag.take("busiest", "quietest", "most", "least", "which", "top")
        limits = bag.of("limit")
        bag.use(limits)
        limit = int(limits[0].says) if limits else plan.limit or 1
        return replace(plan, order=order, limit=limit)  # type: ignore[arg-type]
    forms.group(bag, intent)
    if intent.metric != plan.metric and not intent.by:
        return replace(plan, metric=intent.metric)
    if not intent.by:
        return plan
    by, bucket = tuple(intent.by), intent.bucket
    values: dict[str, Any] = {"order": intent.order, "limit": intent.limit, "fold": intent.fold}
    shape = "number" if intent.fold else "rows"
    return replace(plan, by=by, bucket=bucket, shape=shape, **values)  # type: ignore[arg-type]
