"""One definition for every number; the pages, exports and answers all count here."""

from .catalogue import METRICS, Metric
from .measuring import Result, Watched, coverage, measure, watched_over_time
from .selection import Selection, SourceInfo, known_labels, known_sources, recorded, select

__all__ = [
    "METRICS",
    "Metric",
    "Result",
    "Selection",
    "SourceInfo",
    "Watched",
    "coverage",
    "known_labels",
    "known_sources",
    "measure",
    "recorded",
    "select",
    "watched_over_time",
]
