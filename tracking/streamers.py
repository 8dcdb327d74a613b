"""Files and folders as something to loop over, and the streamer for what a person typed."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from natsort import natsorted

from .cameras import CameraStreamer, without_credentials
from .errors import SettingsError, SourceLost, SourceNotFound, SourceUnreadable
from .frame import Frame, Image
from .streaming import (
    MJPEG_BOUNDARY,
    MJPEG_CONTENT_TYPE,
    Streamer,
    checked_fps,
    jpeg,
    mjpeg,
)
from .times import Time, now_ms, to_ms

__all__ = [
    "MJPEG_BOUNDARY",
    "MJPEG_CONTENT_TYPE",
    "CameraStreamer",
    "DirectoryStreamer",
    "Streamer",
    "VideoStreamer",
    "jpeg",
    "mjpeg",
    "open_source",
    "without_credentials",
]

PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}


class VideoStreamer(Streamer):
    """A video file; each frame carries the time at which it was filmed.

    start: when the recording began (default: now, when the loop begins). A frame's capture time
    is `start` plus its position from the container's own timestamps; `fps` overrides those where
    the file's header is known to be wrong.
    Raises SourceNotFound, SourceUnreadable, and SourceLost after the last readable frame of a
    file that ends long before its header says.
    """

    kind = "file"

    def __init__(
        self,
        path: str | Path,
        *,
        start: Time | None = None,
        fps: float | None = None,
        name: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self.path = Path(path)
        name = self.path.stem if name is None else name
        super().__init__(name, str(self.path.absolute()), timezone)
        self.start = start
        self.fps = self._fps = checked_fps(fps)

    def frames(self) -> Generator[Frame, None, None]:
        self.problems = []
        self.check()
        start = now_ms() if self.start is None else to_ms(self.start, self.timezone)
        # an absolute path cannot be taken for a protocol, whatever the file is called
        with _released(cv2.VideoCapture(str(self.path.absolute()), cv2.CAP_FFMPEG)) as capture:
            if not capture.isOpened():
                raise SourceUnreadable(f"{self.path} is not a video, or is cut off or damaged")
            header = _plausible_fps(capture.get(cv2.CAP_PROP_FPS))
            self.fps = self._fps or header
            self.total = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT))) or None
            index, position, first, size = 0, 0.0, None, None
            t = start - 1
            while (image := _read(capture)) is not None:
                position = capture.get(cv2.CAP_PROP_POS_MSEC)
                first = position if first is None else first
                size = size or image.shape[1::-1]
                elapsed = index * 1000 / self._fps if self._fps else position - first
                t = max(t + 1, start + round(elapsed))  # time never stands still or runs back
                yield Frame(index, t, _resized(image, size))
                index += 1
        if not index:
            raise SourceUnreadable(f"{self.path} holds no readable picture")
        self._check_whole(index, position - (first or 0), header)

    def check(self) -> None:
        super().check()
        if not self.path.exists():
            raise SourceNotFound(f"There is no file {self.path}")
        if self.path.is_dir():
            raise SourceUnreadable(f"{self.path} is a folder, not a video file")
        if not self.path.is_file():
            raise SourceUnreadable(
                f"{self.path} is not a regular file; a camera is named by its number, like 0"
            )
        if self.path.stat().st_size == 0:
            raise SourceUnreadable(f"{self.path} is empty (0 bytes)")

    def _check_whole(self, frames: int, milliseconds: float, header: float | None) -> None:
        """A header's frame count may be an estimate: believe it only when the time agrees."""
        if not self.total or not header:
            return
        promised = self.total * 1000 / header
        if frames >= 0.97 * self.total - 2 or milliseconds >= 0.97 * promised - 2000 / header:
            return
        # some containers count their duration from zero, wherever their first picture is
        if milliseconds >= 0.97 * (promised - _container_start(self.path)) - 2000 / header:
            return
        raise SourceLost(
            f"{self.path} is cut off or damaged: {frames} of the {self.total} frames that its "
            "header promises could be read"
        )


class DirectoryStreamer(Streamer):
    """The pictures of a folder in natural order (frame2 before frame10), `fps` of them a second.

    A broken picture is skipped and named in `problems`.
    Raises SourceNotFound, or SourceUnreadable when no picture can be read at all.
    """

    kind = "folder"

    def __init__(
        self,
        path: str | Path,
        *,
        start: Time | None = None,
        fps: float = 25.0,
        name: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self.path = Path(path)
        name = self.path.absolute().name if name is None else name
        super().__init__(name, str(self.path.absolute()), timezone)
        self.start = start
        self.fps: float = checked_fps(fps) or 25.0

    def frames(self) -> Generator[Frame, None, None]:
        self.problems = []
        self.check()
        pictures = self._pictures()
        self.total = len(pictures)
        start = now_ms() if self.start is None else to_ms(self.start, self.timezone)
        size = None
        for index, path in enumerate(pictures):
            image = _picture(path)
            if image is None:
                self.problems.append(f"{path.name} is broken and was skipped")
                continue
            size = size or image.shape[1::-1]
            yield Frame(index, start + round(index * 1000 / self.fps), _resized(image, size))
        if size is None:
            raise SourceUnreadable(f"None of the {len(pictures)} pictures in {self.path} is whole")

    def check(self) -> None:
        super().check()
        self._pictures()

    def _pictures(self) -> list[Path]:
        if not self.path.exists():
            raise SourceNotFound(f"There is no folder {self.path}")
        if not self.path.is_dir():
            raise SourceUnreadable(f"{self.path} is a file, not a folder of pictures")
        found = [p for p in self.path.iterdir() if p.suffix.lower() in PICTURES and p.is_file()]
        if not found:
            kinds = " ".join(sorted(PICTURES))
            raise SourceUnreadable(f"There is no picture ({kinds}) in {self.path}")
        return list(natsorted(found, key=lambda path: path.name))


def open_source(
    where: str,
    *,
    start: Time | None = None,
    fps: float | None = None,
    name: str | None = None,
    timezone: str | None = None,
) -> Streamer:
    """The streamer for what a person typed: a camera's number, an address, a folder or a file."""
    if not where.strip():
        raise SettingsError("The source is empty; name a file, a folder, an address or a camera")
    if where.startswith("push:"):
        raise SettingsError(f"{where} is for the runner, which takes pictures that are pushed")
    if where.isdigit() and not Path(where).exists():
        return CameraStreamer(int(where), name=name, timezone=timezone)
    if re.match(r"[a-z][a-z0-9+.-]+://", where, re.IGNORECASE):
        return CameraStreamer(where, name=name, timezone=timezone)
    if Path(where).is_dir():
        return DirectoryStreamer(where, start=start, fps=fps or 25.0, name=name, timezone=timezone)
    return VideoStreamer(where, start=start, fps=fps, name=name, timezone=timezone)


@contextmanager
def _released(capture: cv2.VideoCapture) -> Iterator[cv2.VideoCapture]:
    try:
        yield capture
    finally:
        capture.release()


def _read(capture: cv2.VideoCapture) -> Image | None:
    try:
        more, image = capture.read()
    except cv2.error:  # a damaged stream may raise instead of ending
        return None
    return image if more else None


def _container_start(path: Path) -> float:
    """The time that a video's container gives its beginning, in milliseconds."""
    import av

    with av.open(str(path)) as container:
        return (container.start_time or 0) / 1000


def _picture(path: Path) -> Image | None:
    """A whole picture, or None: half a picture would be decoded too, with a complaint from C."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\xff\xd8" and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda"):
            return None  # the last scan of the JPEG has no end
        if data[:4] == b"\x89PNG" and b"IEND" not in data:
            return None
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, OSError):  # empty, or larger than OpenCV takes
        return None


def _resized(image: Image, size: tuple[int, int]) -> Image:
    """A source keeps the frame size it began with, so that all its positions share one unit."""
    return image if image.shape[1::-1] == size else cv2.resize(image, size)


def _plausible_fps(fps: float) -> float | None:
    return fps if 0 < fps <= 1000 else None
