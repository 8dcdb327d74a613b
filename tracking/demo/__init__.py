"""A short clip whose truth is known, put together at run time."""

from .clip import Box, DemoResult, DemoTruth, Occlusion, compare, demo_truth, make_demo
from .places import LINE, ZONE, Passing, Visit

__all__ = [
    "LINE",
    "ZONE",
    "Box",
    "DemoResult",
    "DemoTruth",
    "Occlusion",
    "Passing",
    "Visit",
    "compare",
    "demo_truth",
    "make_demo",
]
