"""What is said about tracking from the log alone: each number with its definition and thresholds.

Lengths are box lengths, the longer side of a box, so that they suit every camera.
"""

from __future__ import annotations

from ..metrics import Metric
from ..metrics.runs import SHORT as SHORT

EDGE = 0.2
"""Box lengths from the picture's edge within which somebody comes in or leaves by it."""
AHEAD = 500
"""Milliseconds: whoever would touch the edge within them, at the mean speed of the track, too."""
SOON = 3_000
"""Milliseconds after the end of a track within which another one may go on with its object."""
NEAR = 1.5
"""Box lengths between the feet at such an end and such a beginning, at most."""

DOOR_SOON, DOOR_NEAR = 10_000, 4.0
"""The same, generously: what ends or begins at a door has no other side even within these."""
DOOR_ENDS = 5
"""Tracks that begin, and that end, at a place before it is taken for a door."""
DOOR_TIMES = 3
"""Different quarters of an hour in which they do."""
DOOR_ALONE = 0.8
"""Share of the tracks that begin or end there that have no other side."""
DOOR_PASSED = 0.2
"""How many begin or end there for each time that somebody comes to one of its smallest cells."""
DOOR_WAY = 1.0
"""Box lengths that a track must have gone for its ends to tell of doors."""
DOOR_NAMES = ("door", "entrance", "entry", "exit", "gate", "lift", "elevator", "stairs",
              "staircase", "escalator", "doorway")  # fmt: skip
"""A zone with one of these words in its name is a door."""

FEW = 30
"""Tracks below which no advice is given."""

_ALL = (
    Metric(
        "broken_rate",
        "Broken tracks",
        "Tracks that end while the source is watched, away from the picture's edge and from doors,"
        f" and near which another one begins within {SOON // 1000} s (their feet at most {NEAR:g}"
        " box lengths apart, same label and run), for each minute that was watched.",
        "a watched minute",
        "level",
        False,
    ),
    Metric(
        "broken_share",
        "Ends that are breaks",
        "Of the tracks that end while the source is watched, the share that are broken: another one"
        f" begins near within {SOON // 1000} s, away from edge and doors.",
        "share",
        "level",
        False,
    ),
    Metric(
        "short_share",
        "Short tracks",
        f"Of the tracks that overlap the time, the share that lasted less than {SHORT / 1000:g} s"
        " from first to last sighting.",
        "share",
        "level",
        False,
    ),
    Metric(
        "births_share",
        "Births inside the picture",
        "Of the tracks that begin in the time while the source is watched, the share that begin"
        f" away from the edge (farther than {EDGE:g} box lengths, and not to be reached within"
        f" {AHEAD / 1000:g} s) and from doors.",
        "share",
        "level",
        False,
    ),
    Metric(
        "births_rate",
        "Births inside a minute",
        "Tracks that begin away from edge and doors, for each minute that was watched.",
        "a watched minute",
        "level",
        False,
    ),
    Metric(
        "deaths_share",
        "Deaths inside the picture",
        "Of the tracks that end in the time while the source is watched, the share that end away"
        " from the edge and from doors, as births are counted.",
        "share",
        "level",
        False,
    ),
    Metric(
        "deaths_rate",
        "Deaths inside a minute",
        "Tracks that end away from edge and doors, for each minute that was watched.",
        "a watched minute",
        "level",
        False,
    ),
    Metric(
        "found",
        "Found while tracked",
        "Of the pictures that were looked at between a track's first and last sighting, the share"
        " in which its object was found, over all tracks that overlap the time.",
        "share",
        "level",
        False,
    ),
    Metric(
        "sure",
        "Confidence",
        "Mean of how sure the detector was, over all positions of the tracks that overlap the"
        " time.",
        "of 1",
        "level",
        False,
    ),
    Metric(
        "fps",
        "Pictures a second",
        "Pictures that were looked at, for each second that was watched.",
        "a second",
        "level",
        False,
    ),
    Metric(
        "fps_kept",
        "Frame rate kept",
        "Pictures that were looked at of those that the source gives; those that the motion gate"
        " left out count as looked at.",
        "share",
        "level",
        False,
    ),
    Metric(
        "box_height",
        "Height of boxes",
        "Half of the tracks that overlap the time are no higher than that, by the mean of their"
        " first and last box, in pixels of the source's own frame.",
        "px",
        "level",
        False,
    ),
    Metric(
        "coverage",
        "Watched",
        "Share of the time that has passed in which pictures of the source came and were looked"
        " at.",
        "share",
        "level",
        False,
    ),
    Metric(
        "joined_share",
        "Tracks joined into visits",
        "Tracks that overlap the time, less the visits that they were joined into, as a share of"
        " the tracks.",
        "share",
        "level",
        False,
    ),
)  # fmt: skip

QUALITY = {metric.name: metric for metric in _ALL}
"""Every number about tracking by its name."""
