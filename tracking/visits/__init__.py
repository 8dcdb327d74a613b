"""Visits: tracks of one object that broke, joined after the fact, each join with a score."""

from .joining import Count, Joined, count, counts, go_on, join, undo, visit_settings
from .keeping import keep_joined
from .settings import VisitSettings
from .tracing import Paths, paths

__all__ = [
    "Count",
    "Joined",
    "Paths",
    "VisitSettings",
    "count",
    "counts",
    "go_on",
    "join",
    "keep_joined",
    "paths",
    "undo",
    "visit_settings",
]
