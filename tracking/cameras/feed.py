"""What every way in which pictures come has in common, and the way of a local camera."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2

from ..errors import SourceNotFound
from ..frame import Image
from .clock import Clock

FASTEST = 240.0  # frames a second that a source can seriously claim


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that has come, and is turned into an array when somebody wants it.

    t: when it came, milliseconds since 1970 UTC. image: makes the array; None if it is broken.
    """

    t: int
    image: Callable[[], Image | None]


class Feed(ABC):
    """A source's pictures, opened, read and closed by one thread.

    fps: frames a second where the source says so, known once it is open.
    live: whether pictures come by themselves, so that those nobody takes are passed over.
    """

    fps: float | None = None
    live = True

    @abstractmethod
    def open(self) -> None:
        """Raises SourceError, naming the source without its credentials."""

    @abstractmethod
    def pictures(self) -> Iterator[Picture | None]:
        """The pictures as they come; None stands for one that is broken.

        Ends where the source ends; raises whatever it breaks off with.
        """

    def is_whole(self) -> bool:
        """Whether a source that ended gave all that it had promised."""
        return False

    def cut(self) -> None:  # noqa: B027 - not every way can be cut
        """From any thread: make a read that waits give up, as far as that can be done."""

    @abstractmethod
    def close(self) -> None:
        """Release what was opened."""


class DeviceFeed(Feed):
    """A local camera by its number."""

    def __init__(self, device: int, clock: Clock) -> None:
        self._device, self._clock = device, clock
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        self._capture = cv2.VideoCapture(self._device)
        if not self._capture.isOpened():
            raise SourceNotFound(f"No camera opens as device {self._device}")
        self.fps = plausible(self._capture.get(cv2.CAP_PROP_FPS))

    def pictures(self) -> Iterator[Picture | None]:
        assert self._capture is not None
        while self._capture.grab():
            t = self._clock.now()
            image = self._retrieved(self._capture)
            yield None if image is None else Picture(t, lambda image=image: image)  # type: ignore[misc]

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()

    def _retrieved(self, capture: cv2.VideoCapture) -> Image | None:
        try:
            whole, image = capture.retrieve()
        except cv2.error:
            return None
        return image if whole else None


def plausible(fps: float | None) -> float | None:
    return fps if fps and 0 < fps <= FASTEST else None
