"""In which form a number is wanted: for each of what, in which order, how many of them."""

from __future__ import annotations

from ...localtime import DAY, HOUR
from .claims import Claim
from .meaning import Bag, Intent, Puzzled, dimension

_UP = ("busiest", "fullest", "most", "longest", "top", "busy_time")
_DOWN = ("quietest", "least", "shortest")
_BEGINNINGS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "did",
        "do",
        "does",
        "has",
        "have",
        "had",
        "any",
        "anyone",
        "anybody",
        "someone",
        "somebody",
        "if",
        "whether",
        "there",
    ]
)

ABOUT_A_DAY = 25 * HOUR
_STEPS = ((49 * HOUR, "hour"), (63 * DAY, "day"), (800 * DAY, "week"), (10**15, "month"))

MANY = 10
"""So many tracks are listed where no number is said."""


def known(bag: Bag, intent: Intent) -> bool:
    """What the record knows: "list the cameras", "which zones are there"."""
    if bag.has("help") and not bag.of("name", "label", "time", "dimension", "rank"):
        bag.take("help", "which")
        intent.shape, intent.metric, intent.everything = "known", "metrics", True
        return True
    kinds = {"source": "sources", "label": "labels", "zone": "zones", "line": "lines"}
    kinds |= {"metric": "metrics", "place": "sources"}
    asked = [claim for claim in bag.of("dimension", "rank", "all") if claim.says in kinds]
    asked = [claim for claim in asked if claim not in bag.used]
    if len(asked) != 1 or bag.of("label", "anyone", "by", "time", "lasting", "limit"):
        return False
    light = ("filler", "some", "dimension", "rank", "all", "chart")
    alone = all(claim.kind in light for claim in bag.claims)
    if not alone and not bag.has("which", "list", "help", "exists", "count"):
        return False
    bag.use(asked)
    bag.take("which", "list", "exists", "count", "tracks", "help")
    if asked[0].says == "label":
        bag.take("seen", "recorded")
    if bag.left() and any(claim.kind != "name" for claim in bag.left()):
        bag.used.clear()
        return False
    intent.shape, intent.metric, intent.everything = "known", kinds[asked[0].says], True
    return True


def listed(bag: Bag, intent: Intent, zone: bool, line: bool) -> bool:
    """Tracks one by one: "who stayed longest", "the 5 longest stays", "the last 3 people"."""
    ranked = bag.of("rank", "by") or bag.has("share", "mean", "howlong", "hours_of", "times")
    who = bag.has("who")
    stays = bag.has("longest", "shortest") and (bag.of("limit") or _several_stays(bag))
    since = any(claim.unit == "since" for claim in bag.signs("first"))
    moment = since or bag.has("when", "ago")
    several = not moment and any(claim.several for claim in bag.of("label"))
    latest = bag.has("last", "first") and (bag.of("limit") or who or several)
    who = who or (bag.has("which") and bool(bag.of("label")) and bool(bag.of("lasting")))
    things = bag.has("list") and bag.of("label") and not bag.of("dimension")
    if ranked or not (who or stays or latest or things) or (bag.has("count") and not latest):
        return False
    if bag.has("first") and bag.has("last"):
        raise Puzzled("The first and the last are two questions", bag.signs("first", "last"))
    intent.shape = "list"
    intent.metric, intent.order = _listed_by(bag)
    limit = _limit(bag)
    if not limit and bag.has("longest", "shortest", "last", "first"):
        limit = 1 if who and not _several_stays(bag) else MANY
        if limit == MANY:
            intent.assumed.append(f"the first {MANY}, as no number was said")
    intent.limit = limit
    bag.take("who", "longest", "shortest", "last", "first", "stay", "seen", "list", "which", "most")
    bag.take("pass", "tracks", "confidence", "least", "top", "they", "count", "recorded")
    if zone:
        bag.take("enter")
    if intent.metric in ("first_seen", "last_seen") and not line:
        bag.take(*(("arrive", "enter") if bag.has("first") else ("leave", "depart")))
    return True


def _several_stays(bag: Bag) -> bool:
    return any(claim.several for claim in bag.signs("longest", "shortest"))


def _listed_by(bag: Bag) -> tuple[str, str]:
    if bag.has("confidence"):
        return "confidence", "least" if bag.has("least") else "most"
    if bag.has("last"):
        return "last_seen", "most"
    if bag.has("first"):
        return "first_seen", "least"
    if bag.has("shortest"):
        return "stay", "least"
    if bag.has("longest") or bag.of("lasting") or (bag.has("stay") and bag.has("most")):
        return "stay", "most"
    return "first_seen", "least"


def group(bag: Bag, intent: Intent) -> None:
    """By what, and the first of what. Follows the measure, which uses the words it needs."""
    _no_matter_which(bag, intent)
    if intent.metric in ("first_seen", "last_seen") and bag.take("where"):
        intent.by, intent.limit = ["source"], 1
        intent.order = "least" if intent.metric == "first_seen" else "most"
    for claim in bag.of("by"):
        _add(intent, claim.says)
    bag.use(bag.of("by"))
    _each_part(bag, intent)
    if len(bag.signs("count")) > 1 and not intent.by:
        _each_counted(bag, intent)
    _kinds_seen(bag, intent)
    order = _order(bag)
    if not order and intent.metric == "occupancy_max" and bag.has("when"):
        order = "most"
    ranks = _ranks(bag, order)
    if order and bag.of("rank") and bag.of("by"):
        raise Puzzled("The first of each is not known, only the first of all", bag.of("rank", "by"))
    for claim in ranks:
        _add(intent, _usual(bag, claim.says))
    bag.use(ranks)
    if ranks or order or bag.has("rank"):
        _rank(bag, intent, ranks, order)
    _fold(bag, intent)
    if intent.by:
        bag.take("split")
    if "label" in intent.by:
        intent.everything = True
    if intent.by and not intent.fold:
        intent.shape = "rows"
    if intent.metric in ("visits", "tracks", "crossings") and not bag.of("label", "anyone"):
        bag.take(*(("which",) if intent.by else ()))


def _each_part(bag: Bag, intent: Intent) -> None:
    """ "Every morning", "each night from 10 pm to 6 am": a number for each of them."""
    whens = [claim for claim in bag.of("time") if claim.unit == "each"]
    if not whens or intent.by or bag.has(*_UP, *_DOWN):
        return
    if intent.yes:
        raise Puzzled("Whether it was so each time is not known, only how many there were", whens)
    _add(intent, "day")
    if any({0, 23} <= set(claim.when.hours) for claim in whens if claim.when):
        if bag.has("mean"):
            raise Puzzled("Of nights there is no mean, only a number for each day", whens)
        intent.assumed.append("by calendar day, so that a night is in two of them")


def _each_counted(bag: Bag, intent: Intent) -> None:
    """How many of these and how many of those, or how many here and how many there."""
    named = [claim.names[0].kind for claim in bag.of("name")]
    if len(bag.of("label")) > 1:
        _add(intent, "label")
    elif len(named) > 1 and len(set(named)) == 1:
        _add(intent, named[0])


def _kinds_seen(bag: Bag, intent: Intent) -> None:
    """ "What was seen": each kind of object with its number."""
    named = [claim for claim in bag.of("label", "anyone") if claim.labels]
    groups = [claim for claim in bag.of("rank", "dimension") if claim not in bag.used]
    asks = bag.has(*_UP, *_DOWN, "trend", "rank") or groups or intent.by
    several = len({claim.says for claim in bag.of("label")}) > 1 and bag.has("seen")
    named = [] if several and not bag.has("count") else named
    if bag.open("which") and intent.metric in ("visits", "crossings") and not (named or asks):
        bag.take("which")
        intent.by = ["label"]


def _no_matter_which(bag: Bag, intent: Intent) -> None:
    """ "all cameras" says no more than nothing does; all kinds are all labels."""
    for claim in bag.of("all"):
        crossed = claim.says in ("line", "direction") and intent.metric in ("crossings", "net")
        if claim.says in ("source", "place") or crossed:
            bag.use([claim])
        elif claim.says == "label":
            intent.everything = True
            bag.use([claim])
    if not bag.has(*_UP, *_DOWN, "rank", "list"):
        counted = {claim.end for claim in bag.signs("count", "times")}
        bag.use(
            claim
            for claim in bag.of("dimension")
            if claim.says == "source" and claim.several and claim.start not in counted
        )


def _add(intent: Intent, name: str) -> None:
    by, bucket = dimension(name)
    if bucket and intent.bucket and bucket != intent.bucket:
        raise Puzzled(f"By the {intent.bucket} and by the {bucket} are two questions")
    if by not in intent.by:
        intent.by.append(by)
    if bucket:
        intent.bucket = bucket


def _usual(bag: Bag, name: str) -> str:
    """The busiest hour on average is one of the clock."""
    if not bag.has("mean") or name not in ("hour", "day"):
        return name
    return "hour of the day" if name == "hour" else "weekday"


def _order(bag: Bag) -> str:
    up, down = bag.open(*_UP, "descending"), bag.open(*_DOWN, "ascending")
    if up and down:
        raise Puzzled("The most and the least are two questions", bag.signs(*_UP, *_DOWN))
    return "most" if up else "least" if down else ""


def _ranks(bag: Bag, order: str) -> list[Claim]:
    """Dimensions that are asked for: which camera, the busiest hour, cameras in their order."""
    ranks = bag.of("rank")
    if not ranks and (order or bag.has("rank", "list")):
        ranks = [c for c in bag.of("dimension", "all") if c not in bag.used]
    return ranks


def _limit(bag: Bag) -> int:
    limits = bag.of("limit")
    bag.use(limits)
    return int(limits[0].says) if limits else 0


def _rank(bag: Bag, intent: Intent, ranks: list[Claim], order: str) -> None:
    if not intent.by and not _usual_dimension(bag, intent, order):
        return
    if intent.metric in ("first_seen", "last_seen") and not order and ranks:
        _where_it_was(bag, intent)
        return
    several = any(claim.several for claim in ranks) or bag.has("rank") or not order
    limit = _limit(bag)
    if limit and (minutes := [claim for claim in ranks if claim.says == "minute"]):
        why = "Of stretches of minutes only those of 5 and of 15 can be asked for"
        raise Puzzled(why, [*bag.of("limit"), *minutes])
    bag.take(*_UP, *_DOWN, "rank", "descending", "ascending", "which", "when", "where", "list")
    intent.order = order or "most"
    intent.limit = limit or (0 if several else 1)


def _where_it_was(bag: Bag, intent: Intent) -> None:
    """ "On which day was the first seen": that moment says so; which camera, the one."""
    bag.take("which", "list")
    if intent.by in (["bucket"], ["hour"], ["weekday"]):
        intent.by, intent.bucket = [], ""
        return
    intent.order, intent.limit = ("least" if intent.metric == "first_seen" else "most"), 1


def _usual_dimension(bag: Bag, intent: Intent, order: str) -> bool:
    """Of what the most is, where it is not said."""
    if bag.take("where"):
        intent.by = ["source"]
        intent.others.append(("", {"by": ("zone",)}))
        return True
    if bag.has("when", "busiest", "quietest", "busy_time"):
        usual = bag.take("mean")
        intent.by, intent.bucket = (["hour"], "") if usual else (["bucket"], "hour")
        if not bag.has("when", "busy_time"):
            intent.assumed.append("by the hour, as nothing else was named")
        return True
    anything = [claim for claim in bag.of("label") if not claim.says]
    if anything and not bag.has("count"):
        intent.by = ["label"]
        return True
    if intent.metric == "visits" and order == "most" and bag.take("most"):
        intent.metric = "occupancy_max"
        intent.assumed.append("the most at the same moment")
    return False


def trend(bag: Bag, intent: Intent, length: int) -> None:
    """Over time, in steps that suit a window of that many milliseconds."""
    if not bag.take("trend"):
        return
    bag.take("which", "how_does")
    if not intent.by:
        intent.by = ["bucket"]
        intent.bucket = next(name for most, name in _STEPS if length <= most)
    intent.shape = "rows"


def _fold(bag: Bag, intent: Intent) -> None:
    """The mean over hours or days."""
    if any(claim.several for claim in bag.of("by")) and intent.by == ["bucket"]:
        bag.take("mean")
        intent.fold = "mean"
        return
    measured = not intent.metric.startswith(("stay_", "occupancy_", "confidence_"))
    if not bag.has("mean") or not intent.by or not measured:
        return
    if intent.by == ["bucket"] and not intent.order:
        bag.take("mean")
        intent.fold = "mean"
    elif intent.order and intent.by == ["weekday"]:
        why = "Weekdays are ranked by all of their days together, not by their average"
        raise Puzzled(why, bag.signs("mean"))
    elif intent.order and intent.by == ["hour"]:
        bag.take("mean")
        intent.assumed.append("the hours of all days together")


def begins_yes(first: str) -> bool:
    """Whether a question that begins with that word wants a yes or a no."""
    return first in _BEGINNINGS


def shape(bag: Bag, intent: Intent) -> None:
    """Whether a yes or a no is wanted, or a number."""
    if intent.shape != "number":
        return
    counted = ("visits", "tracks", "arrivals", "departures", "crossings", "detections")
    asks = (
        "count",
        "total",
        "howlong",
        "when",
        "times",
        "share",
        "mean",
        "change",
        "busy",
        "who",
        "where",
    )
    if bag.has("nothing", "empty"):
        if ever := [*bag.signs("ever"), *(c for c in bag.of("time") if c.unit == "ever")]:
            raise Puzzled("Whether it was empty for a moment is not known", ever)
        intent.everything |= bag.take("nothing")
        bag.take("empty")
        intent.shape = "empty"
    elif (
        (intent.yes or bag.of("anyone"))
        and intent.metric in (*counted, "observed", "unwatched")
        and not bag.has(*asks)
    ):
        if not bag.of("label", "anyone", "direction") and not _says_what(bag):
            raise Puzzled("It is not said what is asked about", bag.claims)
        intent.shape = "yes"
        bag.take("stay", "exists")
    _whole_time_watched(bag, intent)


def _says_what(bag: Bag) -> bool:
    """Whether something is said to have happened."""
    return any(claim.kind == "sign" and claim in bag.used for claim in bag.claims)


def _whole_time_watched(bag: Bag, intent: Intent) -> None:
    """Watched all night: that there was no time in which it was not."""
    whole = [*bag.signs("whole"), *(claim for claim in bag.of("time") if claim.several)]
    if not whole:
        return
    if intent.shape in ("number", "rows", "list", "empty"):
        bag.take("whole")
    elif intent.metric == "observed":
        bag.take("whole")
        intent.metric, intent.shape = "unwatched", "empty"
    else:
        raise Puzzled("Whether it was so all of the time is not known, only whether at all", whole)
