"""What FFmpeg reads: RTSP, transport streams, playlists, recordings on a web server; and JPEGs.

Through PyAV and not through OpenCV: each stream has options of its own, what nobody wants is never
turned into an array, and a damaged picture says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import av
from av.video.reformatter import VideoReformatter

from ..errors import SourceUnreadable
from ..frame import Image
from .clock import Clock
from .failures import not_opened
from .feed import Feed, Picture, plausible
from .web import WebStream

THREADS = 4
MOST_PIXELS = 64_000_000  # a broken or hostile header may promise any number
LATE, EARLY = -0.5, 30.0  # seconds off the beat at which a new beat begins


class FFmpegFeed(Feed):
    """An address that FFmpeg opens, or a connection that is open already.

    shown: the address without credentials; timeout: seconds that each read may take.
    """

    def __init__(
        self,
        address: str,
        shown: str,
        timeout: float,
        clock: Clock,
        stream: WebStream | None = None,
    ) -> None:
        self._address, self._shown, self._timeout = address, shown, timeout
        self._clock, self._stream = clock, stream
        self._container: Any = None
        self._video: Any = None
        self._convert = Converter()
        self._beat: _Beat | None = None
        self._expected, self._count = 0.0, 0

    def open(self) -> None:
        failure = None
        try:
            self._container = av.open(
                self._address if self._stream is None else self._stream,
                options=self._options(),
                timeout=self._timeout,
            )
        except Exception as error:
            failure = not_opened(self._shown, self._address, error)
        if failure is not None:  # raised here, so that FFmpeg's own error does not hang on to it
            raise failure
        if not self._container.streams.video:
            raise SourceUnreadable(f"{self._shown} gives no video: there is no picture in it")
        self._prepare(self._container.streams.video[0])

    def _prepare(self, video: Any) -> None:
        self._video = video
        # threads for several pictures at once would hold back as many pictures
        video.thread_type, video.thread_count = "SLICE", THREADS
        video.codec_context.options = _limits(strict=video.codec.name == "mjpeg")
        self.fps = plausible(video.average_rate and float(video.average_rate))
        seconds = (self._container.duration or 0) / av.time_base
        self._expected = video.frames or seconds * (self.fps or 0.0)
        listed = "hls" in self._container.format.name
        stored = seconds > 0 or (self._address.lower().startswith("http") and not listed)
        self.live = self._stream is not None or self._is_rtsp() or not stored
        self._beat = _Beat() if listed and self.live else None

    def pictures(self) -> Iterator[Picture | None]:
        begun, damaged, doubtful = False, True, 0
        for packet in self._container.demux(self._video):
            t = self._clock.now()
            # what a stream marks as corrupt may be this picture, or the one that ended it
            doubtful = 2 if packet.is_corrupt else max(0, doubtful - 1)
            try:
                frames, failed = packet.decode(), doubtful > 0
            except (av.FFmpegError, ValueError):
                frames, failed = [], True
            damaged = damaged or failed
            if failed and begun and not frames:
                yield None
            for frame in frames:
                # what refers to a damaged picture is damaged too, up to the next that needs none
                damaged = failed or frame.is_corrupt or (damaged and not frame.key_frame)
                begun = begun or not damaged
                if damaged and begun:
                    yield None
                elif not damaged:
                    self._count += 1
                    if self._beat is not None:
                        self._beat.wait(frame.time or 0.0)
                        t = self._clock.now()
                    yield Picture(t, partial(self._convert, frame))

    def is_whole(self) -> bool:
        return not self.live and self._count >= 0.98 * self._expected - 1

    def cut(self) -> None:
        if self._beat is not None:
            self._beat.over.set()
        if self._stream is not None:
            self._stream.cut()

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
        if self._stream is not None:
            self._stream.close()

    def _options(self) -> dict[str, str]:
        # not "nobuffer": it throws away what was read while probing, with the first whole picture
        options = {"fpsprobesize": "0", "analyzeduration": "1000000"}
        if self._is_rtsp():
            options |= {
                "rtsp_flags": "prefer_tcp",
                "allowed_media_types": "video",
                "timeout": str(round(self._timeout * 1e6)),
            }
        return options

    def _is_rtsp(self) -> bool:
        return self._stream is None and self._address.lower().startswith("rtsp")


class JpegDecoder:
    """Decodes JPEGs one by one; for one thread."""

    def __init__(self) -> None:
        self._codec: Any = None
        self._convert = Converter()

    def decode(self, data: bytes) -> Image | None:
        """The picture; None for one that is damaged: half a picture is none."""
        if not data:
            return None  # nothing would tell the codec that all is over
        if self._codec is None:
            self._codec = av.CodecContext.create("mjpeg", "r")
            self._codec.thread_count = 1
            self._codec.options = _limits(strict=True)
        try:
            frames = self._codec.decode(av.Packet(data))
        except (av.FFmpegError, ValueError):
            return None
        return self._convert(frames[0]) if frames else None


class Converter:
    """Turns decoded pictures into arrays; for one thread. One of its own for each would be slow."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> Image | None:
        try:
            array: Image = self._reformatter.reformat(frame, format="bgr24").to_ndarray()
        except (av.FFmpegError, ValueError, MemoryError):
            return None
        return array


class _Beat:
    """Lets pictures that came in a lump, as playlists have them, go at the pace of their times."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._start: float | None = None

    def wait(self, at: float) -> None:
        """Wait for the moment of a picture `at` seconds into the stream."""
        now = time.monotonic()
        if self._start is None or not LATE < self._start + at - now < EARLY:
            self._start = now - at
        self.over.wait(max(0.0, self._start + at - now))


def _limits(strict: bool) -> dict[str, str]:
    limits = {"max_pixels": str(MOST_PIXELS)}
    return limits | {"err_detect": "explode"} if strict else limits
