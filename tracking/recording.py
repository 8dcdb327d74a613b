"""Recording pictures to an H.264 file that browsers play."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.container import OutputContainer
from av.video.stream import VideoStream

from .errors import OutputError

# Ticks per second: finer than a millisecond, and the steps of 24, 25 and 30 frames/s are whole.
TICKS = 90_000
TICKS_PER_MS = TICKS // 1000
# A key picture every two seconds: at most this much is lost when the process is killed.
KEY_PICTURE_SECONDS = 2
ENCODER = {"preset": "veryfast", "crf": "22", "bf": "0"}


def movie_flags() -> str:
    """How the mp4 is laid out, so that it stays readable if the process is killed.

    With ``hybrid_fragmented`` (FFmpeg 8) the closed file is an ordinary mp4.
    """
    if av.library_versions["libavformat"] >= (62, 0, 0):
        return "hybrid_fragmented"
    return "frag_keyframe+empty_moov+default_base_moof"


class VideoRecorder:
    """Writes BGR pictures to one mp4 file; the file is opened at the first picture.

    The first picture settles the size, and later ones of another size are scaled to it.
    """

    def __init__(self, path: str | Path, fps: float = 25) -> None:
        """``fps``: pictures per second, used wherever no capture time is given."""
        if fps <= 0:
            raise ValueError(f"fps must be positive, not {fps}")
        self.path = Path(path)
        self.fps = float(fps)
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._closed = False
        self._origin: int | None = None  # capture time of tick 0, in milliseconds UTC
        self._last = -1  # ticks of the picture before
        self._frames = 0

    def write(self, image: npt.NDArray[np.uint8], t: int | None = None) -> None:
        """Append ``image``, BGR (h, w, 3), captured at ``t`` milliseconds UTC."""
        if self._closed:
            raise ValueError("the recording is closed")
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"expected a uint8 picture (h, w, 3), not {image.dtype} {image.shape}")
        try:
            if self._stream is None:
                self._stream = self._open(image)
            self._encode(self._stream, self._fit(image, self._stream), self._ticks(t))
        except (av.FFmpegError, OSError) as error:
            self._abandon()
            raise self._problem(error) from error

    def close(self) -> None:
        """Finish the file; closing twice, or with nothing written, does nothing."""
        container, stream = self._container, self._stream
        self._container, self._closed = None, True
        if container is None or stream is None:
            return
        try:
            container.mux(stream.encode(None))
            container.close()
        except (av.FFmpegError, OSError) as error:
            raise self._problem(error) from error

    def __enter__(self) -> VideoRecorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, image: npt.NDArray[np.uint8]) -> VideoStream:
        """Open the file for pictures the size of ``image``, made even as yuv420p needs."""
        height, width = image.shape[:2]
        options = {"movflags": movie_flags()}
        self._container = av.open(str(self.path), "w", format="mp4", options=options)
        rate = Fraction(self.fps).limit_denominator(1001)
        key_every = max(1, round(KEY_PICTURE_SECONDS * self.fps))
        stream = self._container.add_stream("libx264", rate, {**ENCODER, "g": str(key_every)})
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        self._container.start_encoding()  # creates the file, so that a bad path is known now
        return stream

    def _fit(self, image: npt.NDArray[np.uint8], stream: VideoStream) -> npt.NDArray[np.uint8]:
        """Pad ``image`` to the even size, or scale it if it is not of the recording's size."""
        right, below = stream.width - image.shape[1], stream.height - image.shape[0]
        if not (right or below):
            return np.ascontiguousarray(image)
        if right in (0, 1) and below in (0, 1):
            return np.pad(image, ((0, below), (0, right), (0, 0)), mode="edge")
        scaled = cv2.resize(image, (stream.width, stream.height), interpolation=cv2.INTER_AREA)
        return np.asarray(scaled, dtype=np.uint8)

    def _encode(self, stream: VideoStream, image: npt.NDArray[np.uint8], ticks: int) -> None:
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts, frame.time_base = ticks, Fraction(1, TICKS)
        assert self._container is not None
        self._container.mux(stream.encode(frame))

    def _ticks(self, t: int | None) -> int:
        """The place in the file of the next picture, always after the one before."""
        step = max(1, round(TICKS / self.fps))
        if t is None:
            ticks = round(self._frames * TICKS / self.fps)
            ticks = ticks if ticks > self._last else self._last + step
        else:
            if self._origin is None:
                self._origin = t - (self._last + step) // TICKS_PER_MS if self._frames else t
            ticks = (t - self._origin) * TICKS_PER_MS
            if ticks <= self._last:
                # The clock was set back (or stood still): go on one step later, from there on.
                ticks = self._last + max(step // TICKS_PER_MS, 1) * TICKS_PER_MS
                self._origin = t - ticks // TICKS_PER_MS
        self._last = ticks
        self._frames += 1
        return ticks

    def _abandon(self) -> None:
        """Let go of the file after an error; what reached the disk stays."""
        container, self._container, self._closed = self._container, None, True
        if container is not None:
            # The error that led here is the one worth reporting.
            with suppress(av.FFmpegError, OSError):
                container.close()

    def _problem(self, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or str(error)
        if self.path.is_dir():
            reason = "it is a folder"
        elif not self.path.parent.is_dir():
            reason = f"there is no folder {self.path.parent}"
        return OutputError(f"cannot record to {self.path}: {reason}")
