"""The numbers there are, each with one definition; pages, exports and answers all use these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "distinct", "moment", "amount", "level", "stay", "watched", "crossing", "detection", "time"
]


@dataclass(frozen=True, slots=True)
class Metric:
    """A named, documented number.

    name: its key; definition: one sentence. unit: of its values, in the plural; empty for a mere
    count; "time" of milliseconds since 1970 UTC. additive: whether the values of parts of a time
    add up to that of the whole.
    """

    name: str
    title: str
    definition: str
    unit: str
    kind: Kind
    additive: bool


_ALL = (
    Metric(
        "visits",
        "Visits",
        "Different objects that were seen: tracks that overlap the time, where those that were"
        " joined because they are most likely the same object count once.",
        "",
        "distinct",
        False,
    ),
    Metric(
        "tracks",
        "Tracks",
        "Identities that the tracker gave and that overlap the time; an occlusion can break one"
        " object into several.",
        "",
        "distinct",
        False,
    ),
    Metric(
        "arrivals",
        "Arrivals",
        "Visits whose first sighting lies in the time.",
        "",
        "moment",
        True,
    ),
    Metric(
        "departures",
        "Departures",
        "Visits whose last sighting lies in the time.",
        "",
        "moment",
        True,
    ),
    Metric(
        "presence",
        "Presence",
        "Time for which objects were there, summed over all of them: from a track's first to its"
        " last sighting, as far as that lies in the time.",
        "seconds",
        "amount",
        True,
    ),
    Metric(
        "occupancy_mean",
        "Mean occupancy",
        "How many objects were there at once on average: their presence divided by the time for"
        " which the source was really watched. Of several sources, the sum.",
        "at once",
        "level",
        False,
    ),
    Metric(
        "occupancy_max",
        "Peak occupancy",
        "The most objects that were there at the same moment; of several sources, in all together.",
        "at once",
        "level",
        False,
    ),
    Metric(
        "stay_mean",
        "Mean stay",
        "Mean of how long visits lasted, from first to last sighting, of visits that overlap the"
        " time.",
        "seconds",
        "stay",
        False,
    ),
    Metric(
        "stay_median",
        "Median stay",
        "Half of the visits that overlap the time lasted no longer, from first to last sighting.",
        "seconds",
        "stay",
        False,
    ),
    Metric(
        "stay_p90",
        "Stay, 90th percentile",
        "Nine of ten visits that overlap the time lasted no longer, from first to last sighting.",
        "seconds",
        "stay",
        False,
    ),
    Metric(
        "stay_max",
        "Longest stay",
        "The longest of the visits that overlap the time, from first to last sighting.",
        "seconds",
        "stay",
        False,
    ),
    Metric(
        "stay_min",
        "Shortest stay",
        "The shortest of the visits that overlap the time, from first to last sighting.",
        "seconds",
        "stay",
        False,
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
    ),
    Metric(
        "confidence_mean",
        "Mean confidence",
        "Mean of how sure the detector was, from 0 to 1, over the positions in the time.",
        "of 1",
        "detection",
        False,
    ),
    Metric(
        "first_seen",
        "First seen",
        "When in the time an object was seen for the first time.",
        "time",
        "time",
        False,
    ),
    Metric(
        "last_seen",
        "Last seen",
        "When in the time an object was seen for the last time.",
        "time",
        "time",
        False,
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
