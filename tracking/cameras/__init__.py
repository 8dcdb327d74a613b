"""Live sources: local cameras, streams over RTSP and HTTP, and pictures that are pushed."""

from .addresses import without_credentials
from .clock import Clock
from .pushed import PushedStreamer, decoded
from .streamer import CameraStreamer

__all__ = ["CameraStreamer", "Clock", "PushedStreamer", "decoded", "without_credentials"]
