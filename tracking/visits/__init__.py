"""Visits: tracks of one object that broke, joined after the fact, each join with a score."""

from .joining import Count, Joined, count, counts, go_on, join, undo, visit_settings
from .keeping import keep_joined
from .settings import VisitSettings

__all__ = [
    "Count",
    "Joined",
    "VisitSettings",
    "count",
    "counts",
    "go_on",
    "join",
    "keep_joined",
    "undo",
    "visit_settings",
]
