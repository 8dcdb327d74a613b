"""A short clip whose truth is known, put together at run time."""

from .clip import Box, DemoResult, DemoTruth, Occlusion, compare, demo_truth, make_demo

__all__ = ["Box", "DemoResult", "DemoTruth", "Occlusion", "compare", "demo_truth", "make_demo"]
