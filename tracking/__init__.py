"""Watch many video sources, keep who was where and when, and check every number."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("sightline")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0.0.0"

_HOME = {
    "BotSort": "tracker",
    "CameraStreamer": "streamers",
    "DatabaseLogger": "logger",
    "Detections": "detections",
    "Detector": "detectors",
    "DirectoryStreamer": "streamers",
    "Event": "events",
    "Frame": "frame",
    "MotionDetector": "detectors",
    "PlotStreamer": "plotting",
    "Run": "events",
    "Source": "events",
    "SourceEnded": "events",
    "SourceStarted": "events",
    "Streamer": "streamers",
    "Track": "frame",
    "TrackEnded": "events",
    "TrackerSettings": "tracker",
    "TrackingError": "errors",
    "TracksSeen": "events",
    "VideoStreamer": "streamers",
    "YoloDetector": "detectors",
    "YoloStreamer": "yolo",
    "mjpeg": "streamers",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used: `import tracking` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
