"""One definition for every number; the pages, exports and answers all count here."""

from .catalogue import METRICS, Metric
from .measuring import Result, Watched, coverage, measure, watched_over_time
from .present import OCCUPANCY_NOW, Today, last_watched, occupancy_now, today
from .selection import Selection, SourceInfo, known_labels, known_sources, recorded, select

__all__ = [
    "METRICS",
    "OCCUPANCY_NOW",
    "Metric",
    "Result",
    "Selection",
    "SourceInfo",
    "Today",
    "Watched",
    "coverage",
    "known_labels",
    "known_sources",
    "last_watched",
    "measure",
    "occupancy_now",
    "recorded",
    "select",
    "today",
    "watched_over_time",
]
