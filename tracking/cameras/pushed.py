"""A live source whose pictures another program delivers."""

from __future__ import annotations

import threading
from collections.abc import Generator

import cv2

from ..errors import SourceLost
from ..frame import Frame, Image
from ..streaming import Streamer, checked_fps

SILENCE = 30.0  # seconds without a picture after which a pass ends
BENT = 0.03  # by which the proportions of two pictures of one source may differ


_mine = threading.local()


def decoded(data: bytes) -> Image | None:
    """The picture of a whole JPEG; None for one that is damaged. For any thread."""
    from .ffmpeg import JpegDecoder

    if not hasattr(_mine, "decoder"):
        _mine.decoder = JpegDecoder()
    image: Image | None = _mine.decoder.decode(data)
    return image


class PushedStreamer(Streamer):
    """Pictures that other threads hand over with `push`; a slow loop gets the newest one.

    A loop waits for the first picture as long as it takes. It ends when no more have come for
    `silence` seconds. Pictures of another size are brought to that of the first.
    max_fps: how many pictures a second are wanted. Raises SourceLost when pictures come in other
    proportions than the first.
    """

    kind = "pushed"

    def __init__(
        self,
        uri: str,
        *,
        name: str | None = None,
        timezone: str | None = None,
        max_fps: float | None = None,
        silence: float = SILENCE,
    ) -> None:
        super().__init__(uri.removeprefix("push:") if name is None else name, uri, timezone)
        self.max_fps = checked_fps(max_fps)
        self.silence = silence
        self._changed = threading.Condition()
        self._newest: tuple[int, int, Image] | None = None
        self._received, self._told, self._last, self._due = 0, 0, 0, 0.0
        self._loops = 0  # how often the loops so far were told to end
        self._stopped = False

    def wants(self, t: int) -> bool:
        """Whether a picture taken at t would be looked at, or only be one too many."""
        return t >= self._due

    def push(self, image: Image, t: int) -> bool:
        """From any thread: hand over a picture, uint8 BGR, that nobody changes any more.

        t: when it was taken, milliseconds since 1970 UTC. False for one that is older than its
        predecessor, which is left out.
        """
        with self._changed:
            if t < self._told:
                return False
            self._told, self._last = t, max(t, self._last + 1)  # each frame has a moment of its own
            if self.max_fps:
                # keeps the mean rate, and makes up for no gap
                self._due = max(self._due + 1000 / self.max_fps, t + 500 / self.max_fps)
            self._newest = self._received, self._last, image
            self._received += 1
            self._changed.notify_all()
        return True

    def stop(self) -> None:
        self._stopped = True
        self._end_loops()

    def close(self) -> None:
        self._end_loops()
        super().close()

    def frames(self) -> Generator[Frame, None, None]:
        self.problems = []
        self.check()
        mine, begun = self._loops, self._received
        size: tuple[int, int] | None = None
        while (taken := self._take(mine, None if size is None else self.silence)) is not None:
            number, t, image = taken
            if size is None:
                begun, size = number, image.shape[1::-1]
            yield Frame(number - begun, t, self._fitted(image, size))

    def _take(self, loop: int, patience: float | None) -> tuple[int, int, Image] | None:
        """The newest picture; None at the end, or when none comes for that many seconds."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest or self._stopped or loop != self._loops, patience
            )
            if self._stopped or loop != self._loops:
                return None
            newest, self._newest = self._newest, None
            return newest

    def _fitted(self, image: Image, size: tuple[int, int]) -> Image:
        """All positions of a pass share one unit, though a sender may save on pixels at times."""
        width, height = image.shape[1::-1]
        if (width, height) == size:
            return image
        if abs(width * size[1] / (height * size[0]) - 1) > BENT:
            raise SourceLost(
                f"{self.uri} changed its proportions from {size[0]}x{size[1]} to {width}x{height}"
            )
        return cv2.resize(image, size)

    def _end_loops(self) -> None:
        with self._changed:
            self._loops += 1
            self._changed.notify_all()
