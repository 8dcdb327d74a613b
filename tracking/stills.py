"""A plain picture of each source, now and then: what heatmaps and zones are drawn over."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import cv2

from .database import Still
from .drawing import scaled
from .errors import OutputError
from .events import Event, Run, SourceEnded, SourceStarted, TracksSeen
from .frame import Frame
from .streaming import jpeg

EVERY = 600_000  # milliseconds of capture time between two pictures of a run
WIDEST = 960  # pixels


@dataclass(frozen=True, slots=True)
class StillTaken:
    """A picture that is to be kept instead of the one before it."""

    run: Run
    still: Still


class StillTaker:
    """Takes a run's first picture, and then one every ten minutes.

    The picture is encoded at once: so nothing that is later drawn into it shows up in it, and no
    picture is kept in memory until it is written. That takes milliseconds, every ten minutes.
    """

    def __init__(self) -> None:
        self._due: dict[Run, float] = {}

    def look(self, event: Event) -> StillTaken | None:
        """The picture of this event, if it is time for one and there is one."""
        match event:
            case SourceStarted(run):
                self._due[run] = float("-inf")
            case SourceEnded(run):
                self._due.pop(run, None)
            case TracksSeen(run, frame):
                # an event of somebody's own making may hold anything
                with suppress(OutputError, cv2.error, AttributeError, TypeError, ValueError):
                    return self._taken(run, frame)
        return None

    def _taken(self, run: Run, frame: Frame) -> StillTaken | None:
        if frame.t < self._due.get(run, float("inf")):
            return None
        self._due[run] = frame.t + EVERY
        height, width = frame.image.shape[:2]
        return StillTaken(run, Still(frame.t, width, height, jpeg(scaled(frame.image, WIDEST))))
