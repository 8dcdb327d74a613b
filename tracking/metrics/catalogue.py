"""The numbers there are, each with one definition; pages, exports and answers all use these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..filters import Filter

Kind = Literal[
    "distinct",
    "moment",
    "amount",
    "level",
    "stay",
    "watched",
    "crossing",
    "detection",
    "time",
    "pace",
]


@dataclass(frozen=True, slots=True)
class Metric:
    """A named, documented number.

    name: its key; definition: one sentence. unit: of its values, in the plural; empty for a mere
    count; "time" of milliseconds since 1970 UTC. additive: whether the values of parts of a time
    add up to that of the whole. in_zones: its definition where it is about stays in zones, if that
    is another one.
    """

    name: str
    title: str
    definition: str
    unit: str
    kind: Kind
    additive: bool
    in_zones: str = ""

    def about(self, filter: Filter) -> Metric:
        """The same, defined as it is of what this filter selects."""
        if self.kind in ("watched", "crossing"):
            return self
        told = [self.in_zones or self.definition if filter.zones else self.definition]
        if filter.lines or filter.directions:
            told.append("Only of tracks that crossed a line that is asked about in the time.")
        if filter.least is not None or filter.most is not None:
            what = "stays in the zone" if filter.zones else "visits"
            told.append(f"Only of {what} that lasted as long as is asked for, from first to last.")
        return replace(self, definition=" ".join(told))


_ON_FLOOR = (
    " A track's way leads from the mean place of its feet in each second to that in the next, and"
    " its speed is that way by its time, standing still included. Only of sources with a ground"
    " plane, and of tracks that were followed on it for a second or more."
)
_ALL = (
    Metric(
        "visits",
        "Visits",
        "Different objects that were seen: tracks that overlap the time, where those that were"
        " joined because they are most likely the same object count once.",
        "",
        "distinct",
        False,
        "Different objects that were in the zone: those with a stay in it that overlaps the"
        " time, where tracks that were joined because they are most likely the same object"
        " count once.",
    ),
    Metric(
        "tracks",
        "Tracks",
        "Identities that the tracker gave and that overlap the time; an occlusion can break one"
        " object into several.",
        "",
        "distinct",
        False,
        "Identities that the tracker gave, with a stay in the zone that overlaps the time; an"
        " occlusion can break one object into several.",
    ),
    Metric(
        "arrivals",
        "Arrivals",
        "Visits whose first sighting lies in the time.",
        "",
        "moment",
        True,
        "Stays in the zone that begin in the time: who comes in again counts again.",
    ),
    Metric(
        "departures",
        "Departures",
        "Visits whose last sighting lies in the time.",
        "",
        "moment",
        True,
        "Stays in the zone that end in the time: who leaves it again counts again.",
    ),
    Metric(
        "presence",
        "Presence",
        "Time for which objects were there, summed over all of them: from a track's first to its"
        " last sighting, as far as that lies in the time.",
        "seconds",
        "amount",
        True,
        "Time for which objects were in the zone, summed over all of them, as far as it lies"
        " in the time; who is in several of the zones at once is there once.",
    ),
    Metric(
        "occupancy_mean",
        "Mean occupancy",
        "How many objects were there at once on average: their presence divided by the time for"
        " which the source was really watched. Of several sources, the sum.",
        "at once",
        "level",
        False,
        "How many objects were in the zone at once on average: their presence in it divided"
        " by the time for which the source was really watched. Of several sources, the sum.",
    ),
    Metric(
        "occupancy_max",
        "Peak occupancy",
        "The most objects that were there at the same moment; of several sources, in all together.",
        "at once",
        "level",
        False,
        "The most objects that were in the zone at the same moment; of several sources, in"
        " all together.",
    ),
    Metric(
        "stay_mean",
        "Mean stay",
        "Mean of how long visits lasted, from first to last sighting, of visits that overlap the"
        " time.",
        "seconds",
        "stay",
        False,
        "Mean of how long stays in the zone lasted, of those that overlap the time: from"
        " entering to leaving it, whole, also where that lies outside the time. Who was out"
        " of it for less than 2 seconds stayed.",
    ),
    Metric(
        "stay_median",
        "Median stay",
        "Half of the visits that overlap the time lasted no longer, from first to last sighting.",
        "seconds",
        "stay",
        False,
        "Half of the stays in the zone that overlap the time lasted no longer: from entering"
        " to leaving it, whole, also where that lies outside the time. Who was out of it for"
        " less than 2 seconds stayed.",
    ),
    Metric(
        "stay_p90",
        "Stay, 90th percentile",
        "Nine of ten visits that overlap the time lasted no longer, from first to last sighting.",
        "seconds",
        "stay",
        False,
        "Nine of ten stays in the zone that overlap the time lasted no longer: from entering"
        " to leaving it, whole, also where that lies outside the time. Who was out of it for"
        " less than 2 seconds stayed.",
    ),
    Metric(
        "stay_max",
        "Longest stay",
        "The longest of the visits that overlap the time, from first to last sighting.",
        "seconds",
        "stay",
        False,
        "The longest of the stays in the zone that overlap the time: from entering to leaving"
        " it, whole, also where that lies outside the time.",
    ),
    Metric(
        "stay_min",
        "Shortest stay",
        "The shortest of the visits that overlap the time, from first to last sighting.",
        "seconds",
        "stay",
        False,
        "The shortest of the stays in the zone that overlap the time: from entering to"
        " leaving it, whole, also where that lies outside the time.",
    ),
    Metric(
        "speed_mean",
        "Mean speed",
        "Mean over tracks that overlap the time of how fast each went on its whole way."
        + _ON_FLOOR,
        "metres a second",
        "pace",
        False,
        in_zones="Mean over tracks with a stay in the zone that overlaps the time of how fast each"
        " went on its whole way." + _ON_FLOOR,
    ),
    Metric(
        "speed_median",
        "Median speed",
        "Half of the tracks that overlap the time were no faster on their whole way." + _ON_FLOOR,
        "metres a second",
        "pace",
        False,
        in_zones="Half of the tracks with a stay in the zone that overlaps the time were no faster"
        " on their whole way." + _ON_FLOOR,
    ),
    Metric(
        "speed_p90",
        "Speed, 90th percentile",
        "Nine of ten tracks that overlap the time were no faster on their whole way." + _ON_FLOOR,
        "metres a second",
        "pace",
        False,
        in_zones="Nine of ten tracks with a stay in the zone that overlaps the time were no faster"
        " on their whole way." + _ON_FLOOR,
    ),
    Metric(
        "distance_mean",
        "Mean distance walked",
        "Mean over tracks that overlap the time of how far each went on its whole way." + _ON_FLOOR,
        "metres",
        "pace",
        False,
        in_zones="Mean over tracks with a stay in the zone that overlaps the time of how far each"
        " went on its whole way." + _ON_FLOOR,
    ),
    Metric(
        "crossings",
        "Crossings",
        "How often lines were crossed in the time, in all or in the direction asked about; who"
        " crosses twice counts twice.",
        "",
        "crossing",
        True,
    ),
    Metric(
        "net",
        "Net crossings",
        "Crossings of lines in the time in their forward direction, less those backward.",
        "",
        "crossing",
        True,
    ),
    Metric(
        "detections",
        "Detections",
        "Positions in the time: each is one object in one picture.",
        "",
        "detection",
        True,
        "Positions in the time during stays in the zone: each is one object in one picture.",
    ),
    Metric(
        "confidence_mean",
        "Mean confidence",
        "Mean of how sure the detector was, from 0 to 1, over the positions in the time.",
        "of 1",
        "detection",
        False,
        "Mean of how sure the detector was, from 0 to 1, over the positions in the time"
        " during stays in the zone.",
    ),
    Metric(
        "first_seen",
        "First seen",
        "When in the time an object was seen for the first time.",
        "time",
        "time",
        False,
        "When in the time an object was seen for the first time during a stay in the zone.",
    ),
    Metric(
        "last_seen",
        "Last seen",
        "When in the time an object was seen for the last time.",
        "time",
        "time",
        False,
        "When in the time an object was seen for the last time during a stay in the zone.",
    ),
    Metric(
        "observed",
        "Time watched",
        "Time for which pictures of the source came and were looked at, summed over the sources.",
        "seconds",
        "watched",
        True,
    ),
    Metric(
        "unwatched",
        "Time not watched",
        "Time that has passed and in which no picture of the source came and was looked at, summed"
        " over the sources.",
        "seconds",
        "watched",
        True,
    ),
)

METRICS = {metric.name: metric for metric in _ALL}
"""Every metric by its name."""
