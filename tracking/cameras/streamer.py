"""A camera or a live stream as something to loop over."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import suppress

from ..errors import SourceError, SourceLost, SourceNotFound, SourceUnreadable
from ..frame import Frame
from ..streaming import Streamer, checked_fps
from .addresses import name_of, without_credentials
from .clock import Clock
from .failures import broken_off
from .feed import DeviceFeed, Feed
from .reader import Reader, Silent

GRACE = 0.5  # seconds that the end of a loop waits for the source to be released


class CameraStreamer(Streamer):
    """A local camera by its device index, or a network camera by its rtsp:// or http:// address.

    The source is read all the time, and each turn of the loop gets the newest picture: a loop that
    is slow passes pictures over instead of falling behind, which shows as gaps in `Frame.index`.
    A recording on a web server is read picture by picture. `Frame.t` is when the picture came in;
    it never runs back, whatever happens to the machine's clock. Broken pictures are left out.

    timeout: seconds to wait for the connection, and later for each picture, before giving up.
    max_fps: how many pictures a second are wanted; the others cost as little as the format allows.
    Raises SourceNotFound, SourceDenied or SourceUnreadable when nothing opens, and SourceLost when
    whole pictures stop coming or change their size. Certificates of https:// are not checked.
    """

    def __init__(
        self,
        device: int | str,
        *,
        name: str | None = None,
        timezone: str | None = None,
        timeout: float = 10.0,
        max_fps: float | None = None,
    ) -> None:
        self.device = int(device) if str(device).isdigit() else str(device)
        address = without_credentials(str(self.device))
        super().__init__(name_of(address) if name is None else name, address, timezone)
        self.kind = "camera" if isinstance(self.device, int) else "stream"
        self.timeout = timeout
        self.max_fps = checked_fps(max_fps)
        self._readers: set[Reader] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def stop(self) -> None:
        """From any thread: end every loop over this streamer soon, and each later one at once."""
        self._stopped = True
        self._end_loops()

    def close(self) -> None:
        """End the loops over this streamer and release the source; it can be looped again."""
        self._end_loops()
        with suppress(ValueError):  # another thread is just taking a picture: that ends by itself
            super().close()

    def frames(self) -> Generator[Frame, None, None]:
        self.problems = []
        self.check()
        reader = Reader(self._feed(), self.name)
        with self._lock:
            self._readers.add(reader)
        try:
            if not self._stopped:
                reader.start()
                yield from self._watch(reader)
        finally:
            reader.stop()
            reader.join(GRACE)
            with self._lock:
                self._readers.discard(reader)

    def _feed(self) -> Feed:
        clock, patience = Clock(), self.timeout + 1  # the loop gives up first, and knows why
        if isinstance(self.device, int):
            return DeviceFeed(self.device, clock)
        if self.device.lower().startswith(("http://", "https://")):
            from .http import HttpFeed

            return HttpFeed(self.device, self.uri, patience, clock)
        from .ffmpeg import FFmpegFeed

        return FFmpegFeed(self.device, self.uri, patience, clock)

    def _watch(self, reader: Reader) -> Generator[Frame, None, None]:
        size: tuple[int, int] | None = None
        last, due = 0, 0.0
        try:
            while (taken := reader.take(self.timeout, due)) is not None:
                index, t, image = taken
                if size is None:
                    size, self.fps = image.shape[1::-1], reader.feed.fps
                elif size != image.shape[1::-1]:
                    raise self._resized(size, image.shape[1::-1])
                if self.max_fps and reader.feed.live:
                    due = max(due + 1000 / self.max_fps, t + 500 / self.max_fps)  # the mean rate
                last = max(last + 1, t)
                self._note(reader)
                yield Frame(index, last, image)
        except Silent:
            raise self._silent(reader, begun=size is not None) from None
        finally:
            self._note(reader)
        if not reader.stopping:
            self._end(reader, begun=size is not None)

    def _note(self, reader: Reader) -> None:
        if reader.broken:
            pictures = "picture was" if reader.broken == 1 else "pictures were"
            self.problems = [f"{reader.broken} broken {pictures} skipped"]

    def _end(self, reader: Reader, begun: bool) -> None:
        """Raise what there is to say about a source that ended by itself."""
        error = reader.error
        if isinstance(error, SourceError):
            raise error
        why = "the source ended it" if error is None else broken_off(error)
        if not begun:
            raise SourceUnreadable(f"{self._shown()} opened, but gave no picture: {why}")
        if error is not None or not reader.feed.is_whole():
            raise self._lost(reader, why)

    def _silent(self, reader: Reader, begun: bool) -> SourceError:
        if not reader.opened:
            return SourceNotFound(
                f"{self._shown()} gives no video: "
                f"nothing answered with one within {self.timeout:g} s"
            )
        what = "only broken pictures" if reader.spoilt else "nothing"
        if not begun:
            why = f"{what} came for {self.timeout:g} s"
            return SourceUnreadable(f"{self._shown()} opened, but gave no picture: {why}")
        return self._lost(reader, f"{what} came for {self.timeout:g} s")

    def _lost(self, reader: Reader, why: str) -> SourceLost:
        after = f"stopped giving pictures after {reader.received} frames"
        return SourceLost(f"{self._shown()} {after}: {why}")

    def _resized(self, old: tuple[int, ...], new: tuple[int, ...]) -> SourceLost:
        sizes = " to ".join(f"{width}x{height}" for width, height in (old, new))
        return SourceLost(f"{self._shown()} changed its size from {sizes}")

    def _shown(self) -> str:
        return f"Camera {self.device}" if isinstance(self.device, int) else self.uri

    def _end_loops(self) -> None:
        with self._lock:
            readers = list(self._readers)
        for reader in readers:
            reader.stop()
