"""Pictures over HTTP: JPEGs are cut out here, everything else is FFmpeg's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..errors import SourceUnreadable
from .clock import Clock
from .failures import not_opened
from .feed import Feed, Picture
from .ffmpeg import FFmpegFeed, JpegDecoder
from .jpegs import jpegs
from .web import WebStream

PAGES = ("text/html", "text/plain", "application/json", "application/xml", "text/xml")


class HttpFeed(Feed):
    """Looks at what a web server sends, and reads it in the way that fits."""

    def __init__(self, address: str, shown: str, timeout: float, clock: Clock) -> None:
        self._address, self._shown, self._timeout, self._clock = address, shown, timeout, clock
        self._stream = WebStream(address, timeout)
        self._feed: Feed | None = None

    def open(self) -> None:
        failure = None
        try:
            self._stream.open()
            head = self._stream.peek()
        except Exception as error:
            failure = not_opened(self._shown, self._address, error)
        if failure is not None:  # raised here, so that a foreign error does not hang on to it
            raise failure
        self._feed = self._chosen(head)
        self._feed.open()
        self.fps, self.live = self._feed.fps, self._feed.live

    def pictures(self) -> Iterator[Picture | None]:
        assert self._feed is not None
        return self._feed.pictures()

    def is_whole(self) -> bool:
        return self._feed is not None and self._feed.is_whole()

    def cut(self) -> None:
        self._stream.cut()
        if self._feed is not None:
            self._feed.cut()

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()
        self._stream.close()

    def _chosen(self, head: bytes) -> Feed:
        kind = self._stream.content_type
        if not head:
            raise SourceUnreadable(f"{self._shown} gives no video: the answer is empty")
        if "multipart" in kind or head.lstrip().startswith((b"--", b"\xff\xd8\xff")):
            return JpegFeed(self._stream, self._clock)
        if kind in PAGES and head.lstrip().startswith((b"<", b"{")):
            raise SourceUnreadable(f"{self._shown} gives no video, but a page ({kind})")
        if self._stream.is_endless:
            return FFmpegFeed(self._address, self._shown, self._timeout, self._clock, self._stream)
        self._stream.close()  # a recording or a playlist: FFmpeg moves about in it by itself
        return FFmpegFeed(self._address, self._shown, self._timeout, self._clock)


class JpegFeed(Feed):
    """Motion JPEG from an open connection; a picture that nobody takes is not even decoded."""

    def __init__(self, stream: WebStream, clock: Clock) -> None:
        self._stream, self._clock = stream, clock

    def open(self) -> None: ...

    def pictures(self) -> Iterator[Picture | None]:
        decoder = JpegDecoder()
        for data in jpegs(iter(self._stream.read, b"")):
            yield Picture(self._clock.now(), partial(decoder.decode, data))

    def close(self) -> None:
        self._stream.close()
