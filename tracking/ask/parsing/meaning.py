"""What the claims of a question come to: which number, of what, in which form.

Each sign has to be used by what is read, or else the question is not understood: `Bag` keeps
account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .claims import TIME_DIMENSIONS, Claim, Sheet


class Puzzled(Exception):
    """A question cannot be read. claims: whose words are the reason."""

    def __init__(self, why: str, claims: Iterable[Claim] = (), words: Iterable[str] = ()) -> None:
        super().__init__(why)
        self.why, self.claims, self.words = why, tuple(claims), tuple(words)


@dataclass(slots=True)
class Bag:
    """The claims of a question or of a part of it, and which of them have been used."""

    claims: list[Claim]
    used: set[Claim] = field(default_factory=set)

    def of(self, *kinds: str) -> list[Claim]:
        return [claim for claim in self.claims if claim.kind in kinds]

    def signs(self, *says: str) -> list[Claim]:
        return [claim for claim in self.claims if claim.kind == "sign" and claim.says in says]

    def has(self, *says: str) -> bool:
        """Whether one of the signs is there; it stays as it is."""
        return bool(self.signs(*says))

    def open(self, *says: str) -> bool:
        """Whether one of the signs is there that nothing has used yet."""
        return any(claim not in self.used for claim in self.signs(*says))

    def take(self, *says: str) -> bool:
        """Use all of these signs that are there; whether there was one."""
        found = self.signs(*says)
        self.use(found)
        return bool(found)

    def use(self, claims: Iterable[Claim]) -> None:
        self.used |= set(claims)

    def left(self) -> list[Claim]:
        """Claims that nothing has been made of."""
        return [
            claim
            for claim in self.claims
            if claim not in self.used and claim.kind not in ("filler", "some")
        ]


@dataclass(slots=True)
class Intent:
    """What is wanted, before names and times are filled in.

    way: "in", "out" or "". whole_record: over all time, if none is named. everything: of all
    labels, if none is named. habit: of how it usually is. yes: the question begins as one that
    wants a yes or a no. others: other readings, as changes of the plan.
    """

    metric: str = ""
    shape: str = "number"
    way: str = ""
    by: list[str] = field(default_factory=list)
    bucket: str = ""
    order: str = ""
    limit: int = 0
    fold: str = ""
    whole_record: bool = False
    everything: bool = False
    habit: bool = False
    yes: bool = False
    others: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)


_COUNTED = (
    "count",
    "total",
    "times",
    "unique",
    "seen",
    "recorded",
    "activity",
    "pass",
    "through",
    "who",
)


def measure(bag: Bag, intent: Intent, zone: bool, line: bool, lines_known: bool) -> None:
    """Which number. zone, line: whether one is named; lines_known: whether there is any line."""
    if _watched(bag, intent) or _moment_seen(bag, intent, line and not zone):
        return
    if _pace(bag, intent, zone, line):
        return
    for reader in (_confidence, _detections, _net, _occupancy, _presence):
        if reader(bag, intent):
            return
    if _crossings(bag, intent, zone, line, lines_known) or _stays(bag, intent):
        return
    _visits(bag, intent, zone)


def _watched(bag: Bag, intent: Intent) -> bool:
    recorded = bag.has("recorded", "up") and (bag.has("howlong", "hours_of") or intent.yes)
    if not bag.has("watched", "unwatched") and not recorded:
        return False
    counted = bag.of("label", "anyone") or bag.has("count", "times", "stay", "detections")
    counted = counted and not bag.has("how_much_of")
    if counted or (bag.has("watched") and bag.has("unwatched")):
        return False
    down = bag.take("unwatched")
    bag.take(
        "watched",
        "howlong",
        "hours_of",
        "which",
        "seen",
        "presence",
        "list",
        "recorded",
        "up",
        "how_much_of",
    )
    intent.metric, intent.everything = ("unwatched" if down else "observed"), True
    return True


def _pace(bag: Bag, intent: Intent, zone: bool, line: bool) -> bool:
    """How fast, or how far things went on the floor; also those that went over a line."""
    if not bag.has("speed", "distance"):
        return False
    several = sum(bag.has(each) for each in ("mean", "median", "p90")) > 1
    if several or (bag.has("speed") and bag.has("distance")):
        raise Puzzled("That is asked one after the other", bag.signs("speed", "distance"))
    how = "p90" if bag.take("p90") else "median" if bag.take("median") else "mean"
    if bag.has("distance") and how != "mean":
        raise Puzzled("Of how far things went only the mean is known", bag.signs("distance"))
    ends = bag.signs("most", "longest", "shortest", "least")
    if ends and not bag.of("rank") and not bag.has("where"):
        raise Puzzled("Of speeds the mean, the median and the 90th percentile are known", ends)
    intent.metric = "distance_mean" if bag.take("distance") else f"speed_{how}"
    bag.take("speed", "mean", "pass", "through", "seen", "which", "list")
    if line:
        bag.take("cross")
        intent.way = "in" if bag.take(*_COMES) else "out" if bag.take(*_GOES) else ""
    elif zone or bag.of("name"):
        bag.take("enter")  # "how fast do people walk in storage"
    return True


def _confidence(bag: Bag, intent: Intent) -> bool:
    if not bag.take("confidence"):
        return False
    bag.take("mean", "detections", "which", "seen", "list", "count")
    intent.metric, intent.everything = "confidence_mean", True
    return True


def _detections(bag: Bag, intent: Intent) -> bool:
    if bag.has("detections") and not bag.has("stay", "longest", "shortest"):
        bag.take("detections", "count", "seen", "which", "list")
        intent.metric, intent.everything = "detections", True
        return True
    return False


def _moment_seen(bag: Bag, intent: Intent, line: bool) -> bool:
    """When something was seen first or last. line: of those that crossed one."""
    if not bag.has("last", "first", "ago") or bag.has("who", "count", "share"):
        return False
    if bag.of("limit"):
        return False
    first = bag.take("first")
    if first and bag.has("last"):
        return False
    coming, going = ("enter", "arrive", "entries", "arrivals"), ("leave", "depart", "departures")
    if line:
        _crossed(bag, intent)
    else:
        bag.take(*(coming if first else going))
    bag.take(
        "last",
        "when",
        "ago",
        "seen",
        "which",
        "list",
        "times",
        "they",
        "recorded",
        "activity",
        "recordings",
    )
    bag.take("tracks", "detections", "pass", "busy")
    intent.metric, intent.whole_record = ("first_seen" if first else "last_seen"), True
    return True


def _crossed(bag: Bag, intent: Intent) -> None:
    """Over a line: which way, and that it is not the moment of crossing that is told."""
    comes, goes = bag.take(*_COMES, "arrive", "arrivals"), bag.take(*_GOES, "depart", "departures")
    if comes and goes:
        raise Puzzled("Coming and going are two questions", bag.signs(*_COMES, *_GOES))
    bag.take("cross", "through")
    intent.way = "in" if comes else "out" if goes else ""
    intent.assumed.append("when those who crossed the line were seen, not the moment of crossing")


def _net(bag: Bag, intent: Intent) -> bool:
    more = bag.signs("more") and bag.signs("enter") and bag.signs("leave") and bag.has("count")
    if more:
        bag.take("more", "enter", "leave", "count", "vs", "through")
    if more or bag.take("net", "still"):
        bag.take("count", "in_and_out", "which", "through", "cross", "seen")
        intent.metric = "net"
        return True
    if bag.take("in_and_out"):
        bag.take("count", "through", "cross", "which", "seen", "times")
        if "direction" not in intent.by:
            intent.by.append("direction")
        intent.metric, intent.shape = "crossings", "rows"
        return True
    return False


def _occupancy(bag: Bag, intent: Intent) -> bool:
    """How many there were at the same moment."""
    if not bag.has("at_once", "occupancy", "crowded", "fullest"):
        return False
    if _is_now(bag) and not bag.has("mean", "most", "fullest"):
        intent.others.append(("", {"metric": "occupancy_max"}))
        intent.metric = "visits"
        bag.take("at_once", "occupancy", "crowded", "count", "which", "seen", "busy")
        return True
    mean = bag.take("mean")
    once = bag.has("at_once", "crowded", "fullest", "most") or bag.of("rank")
    intent.metric = "occupancy_max" if once and not mean else "occupancy_mean"
    if intent.metric == "occupancy_max" and not bag.of("rank") and not bag.has("when"):
        bag.take("most", "busy_time", "fullest")
    bag.take("at_once", "occupancy", "crowded", "count", "which", "seen", "busy", "list")
    if not once and not mean:
        intent.others.append(("", {"metric": "occupancy_max"}))
    return True


def _is_now(bag: Bag) -> bool:
    return any(claim.when is not None and claim.when.now for claim in bag.of("time"))


def _presence(bag: Bag, intent: Intent) -> bool:
    summed = bag.has("total") and bag.has("stay") and not bag.of("lasting")
    if not bag.take("presence") and not summed:
        return False
    bag.take("total")
    bag.take("count", "stay", "which", "howlong", "hours_of", "seen")
    intent.metric = "presence"
    return True


_ENDS = ("most", "least", "busiest", "quietest", "busy_time", "top", "rank", "split", "trend")
_COMES = ("enter", "entries", "direction_in")
_GOES = ("leave", "exits", "direction_out")


def _crossings(bag: Bag, intent: Intent, zone: bool, line: bool, lines_known: bool) -> bool:
    """Who went over a line, or came and went."""
    if bag.has("stay", "longest", "shortest"):
        return False
    comes = bag.has(*_COMES, "arrive", "arrivals")
    goes = bag.has(*_GOES, "depart", "departures")
    if comes and goes:
        return _both_counted(bag, intent, zone, lines_known)
    zone = zone or any(claim.says == "zone" for claim in bag.of("by", "rank", "all", "dimension"))
    over = bag.has("cross") or (line and not zone)
    if not (comes or goes or over):
        return False
    plain = bag.has(*_COMES) or bag.has(*_GOES)
    if line or (over and not zone) or (plain and not zone and lines_known):
        intent.metric, intent.way = "crossings", "in" if comes else "out" if goes else ""
        if not line and (comes or goes):
            intent.others.append(("", {"metric": "arrivals" if comes else "departures"}))
    else:
        _came_or_went(bag, intent, zone, comes)
    bag.take(*_COMES, *_GOES, "arrive", "arrivals", "depart", "departures", "cross")
    if bag.has("count", "total", "busy", "entries", "exits", "arrivals", "departures", "cross"):
        bag.take("which")
    bag.take(*_COUNTED, "busy", "list")
    return True


def _both_counted(bag: Bag, intent: Intent, zone: bool, lines_known: bool) -> bool:
    """ "How many went in and how many went out": each way with its number."""
    both = len(bag.signs("count")) > 1 and bag.has(*_COMES) and bag.has(*_GOES)
    several = any(len({c.says for c in bag.of(kind)}) > 1 for kind in ("label", "name"))
    compared = bag.has("more", "less", "vs", "compare")
    if zone or several or compared or not (both and lines_known):
        raise Puzzled("Coming and going are two questions", bag.signs(*_COMES, *_GOES))
    bag.take(*_COMES, *_GOES, "cross", "busy", *_COUNTED)
    intent.by.append("direction")
    intent.metric, intent.shape = "crossings", "rows"
    return True


def _came_or_went(bag: Bag, intent: Intent, zone: bool, comes: bool) -> None:
    """Without a line: arrivals, departures; people in a zone are its visits."""
    intent.metric = "arrivals" if comes else "departures"
    people = bag.has("count", "who") and not bag.has("entries", "arrivals", "times")
    if zone and comes and people:
        intent.metric = "visits"
        intent.others.append(("", {"metric": "arrivals"}))


def _stays(bag: Bag, intent: Intent) -> bool:
    """For how long."""
    asked = bag.has("howlong", "hours_of", "median", "p90", "longest", "shortest")
    if bag.has("who") or not (asked or _is_length(bag, intent)):
        return False
    spoken = bag.has("stay", "longest", "shortest", "median", "p90", "they", "seen", "mean")
    if not spoken and not bag.of("label", "anyone"):
        raise Puzzled("It is not said what lasted", bag.signs("howlong"))
    known = bag.has("mean", "longest", "shortest", "median", "total") or _total(bag)
    if bag.has("hours_of") and not known:
        why = "Whether that is on average or of all together is not said"
        raise Puzzled(why, bag.signs("hours_of"))
    if bag.has("howlong") and bag.has("count"):
        raise Puzzled("How many and how long are two questions", bag.signs("count", "howlong"))
    if bag.has("howlong", "hours_of") and _total(bag):
        bag.take("howlong", "hours_of", "stay", "seen", "which")
        intent.metric = "presence"
        return True
    if sum(bag.has(each) for each in ("mean", "median", "p90")) > 1:
        why = "The mean, the median and a percentile are several questions"
        raise Puzzled(why, bag.signs("mean", "median", "p90"))
    extreme = "stay_max" if bag.has("longest") else "stay_min" if bag.has("shortest") else ""
    if bag.take("p90"):
        intent.metric = "stay_p90"
    elif bag.take("median"):
        intent.metric = "stay_median"
    else:
        intent.metric = _stay_metric(bag, extreme, intent)
    if intent.metric in ("stay_max", "stay_min") and not bag.of("rank"):
        bag.take("longest", "shortest")
    if intent.metric == "stay_mean" and not bag.has("mean") and not bag.of("rank", "by"):
        intent.others.append(("", {"metric": "presence"}))
    bag.take("stay", "howlong", "hours_of", "mean", "seen", "which", "they", "times", "list")
    return True


def _is_length(bag: Bag, intent: Intent) -> bool:
    """ "Average stay", "stays by zone", but not "people who stayed", who are counted."""
    if not bag.has("stay") or bag.has("count", "total", "share", "empty", "nothing") or intent.yes:
        return False
    means = {claim.end for claim in bag.signs("mean")}
    if any(claim.start in means for claim in bag.signs("stay")):
        return True  # "the average stay of people who stayed over a minute"
    if bag.of("lasting") or bag.of("anyone"):
        return False
    return bag.has("mean", "where") or bool(bag.of("rank", "by")) or not bag.of("label")


def _total(bag: Bag) -> bool:
    """All of the time together, not the usual one."""
    return any(claim.unit == "total" for claim in bag.of("time"))


def _stay_metric(bag: Bag, extreme: str, intent: Intent) -> str:
    if extreme and (bag.of("rank") or bag.has("where")):
        each = bag.has("stay", "mean")
        intent.others.append(("", {"metric": extreme if each else "stay_mean"}))
        intent.others.append(("", {"metric": "presence"}))
        return "stay_mean" if each else extreme
    if extreme and bag.has("mean"):
        raise Puzzled("The mean and the most are two questions", bag.signs("mean"))
    if extreme:
        return extreme
    if bag.has("most") and not bag.of("rank", "by", "dimension") and not bag.has("where"):
        bag.take("most")
        return "stay_max"
    if bag.has("least") and not bag.of("rank", "by", "dimension") and not bag.has("where"):
        bag.take("least")
        return "stay_min"
    return "stay_mean"


def _visits(bag: Bag, intent: Intent, zone: bool) -> None:
    if bag.has("tracks") and not bag.has("unique"):
        bag.take("tracks")
        intent.metric, intent.everything = "tracks", True
    elif zone and bag.has("times"):
        intent.metric = "arrivals"
        intent.others.append(("", {"metric": "visits"}))
    else:
        intent.metric = "visits"
    if bag.take("activity") and not bag.of("label", "anyone"):
        intent.everything = True
    if bag.has("count", "total", "busy", "unique", "tracks", "mean", *_ENDS):
        bag.take("which")
    bag.take("busy", *_COUNTED[:-1], "list")
    if bag.has("count", "share", "empty", "nothing") or bag.of("lasting", "label", "anyone"):
        bag.take("stay")


def dimension(name: str) -> tuple[str, str]:
    """A dimension of a plan and its bucket, for one of the lexicon."""
    if name == "hour of the day":
        return "hour", ""
    if name == "place":
        return "source", ""
    if name in TIME_DIMENSIONS and name != "weekday":
        return "bucket", name
    return name, ""


def first_word(sheet: Sheet) -> str:
    """The first one that is more than politeness, to see how a sentence begins."""
    fillers = {
        n
        for claim in sheet.claims
        if claim.kind == "filler" and claim.end - claim.start > 1
        for n in range(claim.start, claim.end)
    }
    polite = ("please", "hi", "hello", "hey", "so", "and", "ok", "okay", "well", "also", "but")
    for n, word in enumerate(sheet.words):
        if n not in fillers and word.plain not in polite:
            return word.plain
    return ""
