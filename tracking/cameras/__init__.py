"""Live sources: local cameras, and streams over RTSP and HTTP."""

from .addresses import without_credentials
from .streamer import CameraStreamer

__all__ = ["CameraStreamer", "without_credentials"]
