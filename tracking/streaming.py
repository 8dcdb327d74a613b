"""A streamer is anything you can loop over to get pictures: a camera, a file, a folder.

Looping gives JPEG bytes; `frames()` gives `Frame` values, so that a chain of streamers decodes
and encodes once. Constructors only remember: opening, failing and releasing happen in the loop,
so a streamer is cheap to make and can be looped again.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import closing

import cv2

from .errors import OutputError, SettingsError, SourceUnreadable
from .frame import Frame, Image
from .paths import writable_as_text
from .times import local_zone, zone

# OpenCV and FFmpeg print complaints from C, beside the exception that says what is wrong
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

MJPEG_BOUNDARY = "frame"
MJPEG_CONTENT_TYPE = f"multipart/x-mixed-replace; boundary={MJPEG_BOUNDARY}"


def jpeg(image: Image, quality: int = 80) -> bytes:
    """One whole JPEG (FF D8 ... FF D9) of a BGR picture."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise OutputError(f"A picture of shape {image.shape} cannot be encoded as JPEG")
    return data.tobytes()


class Streamer(ABC):
    """Loop over it for JPEG bytes, over `frames()` for pictures with their capture time.

    name: what the source is called in the database; kind: camera, stream, file, folder or plot.
    uri: where the pictures come from, without credentials.
    fps: frames per second where known (files: after opening); total: how many frames to expect.
    problems: what the latest pass had to leave out, one line each.
    """

    kind = "stream"

    def __init__(self, name: str, uri: str, timezone: str | None = None) -> None:
        self.name = name
        self.uri = uri
        self.timezone = zone(timezone).key if timezone else local_zone()
        self.fps: float | None = None
        self.total: int | None = None
        self.problems: list[str] = []
        self._pass: Generator[bytes, None, None] | None = None

    def check(self) -> None:
        """Raise at once what can be known without opening the source, such as its absence."""
        for text in (self.uri, self.name):
            if not writable_as_text(text):
                raise SourceUnreadable(f"{text!r} is not a name that can be opened or stored")
        if not self.name.strip():
            raise SettingsError("A source needs a name")

    @abstractmethod
    def frames(self) -> Generator[Frame, None, None]:
        """The pictures of one pass over the source; closing the iterator releases the source."""

    def __iter__(self) -> Generator[bytes, None, None]:
        with closing(self.frames()) as frames:
            for frame in frames:
                yield jpeg(frame.image)

    def __next__(self) -> bytes:
        """The next JPEG of a pass that this object keeps; after its end a new pass begins."""
        if self._pass is None:
            self._pass = iter(self)
        try:
            return next(self._pass)
        except BaseException:
            self._pass = None
            raise

    def stop(self) -> None:  # noqa: B027  (what has nothing to wait for has nothing to do)
        """From any thread: end loops that wait for a picture which may never come."""

    def close(self) -> None:
        """End the pass begun with `next()` and release its source; loops need no closing."""
        if self._pass is not None:
            self._pass.close()
            self._pass = None


class mjpeg:  # named like the function it is used as: `Response(mjpeg(s), mjpeg.content_type)`
    """A streamer's pictures as multipart parts for any web framework, with the content type."""

    content_type = MJPEG_CONTENT_TYPE

    def __init__(self, streamer: Streamer) -> None:
        self.streamer = streamer

    def __iter__(self) -> Generator[bytes, None, None]:
        with closing(iter(self.streamer)) as pictures:
            for picture in pictures:
                head = f"--{MJPEG_BOUNDARY}\r\nContent-Type: image/jpeg\r\n"
                yield f"{head}Content-Length: {len(picture)}\r\n\r\n".encode() + picture + b"\r\n"


def checked_fps(fps: float | None) -> float | None:
    if fps is not None and not 0 < fps <= 1000:
        raise SettingsError(f"{fps:g} frames a second is out of range: more than 0, at most 1000")
    return fps
