"""The two values that travel from a source to the database: a picture, and what was seen in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import numpy.typing as npt

Image = npt.NDArray[Any]
"""A picture: uint8 BGR, shape (height, width, 3), origin at the top left."""


@dataclass(frozen=True, slots=True)
class Track:
    """One identity in one frame.

    id: counts from 1 within one run; a key only together with the run.
    label: the class the detector gave this identity most of the time so far.
    confidence: of this frame's detection, 0 to 1.
    x, y: box centre in pixels of the source's own frame; w, h: box size.
    """

    id: int
    label: str
    confidence: float
    x: float
    y: float
    w: float
    h: float

    @property
    def foot(self) -> tuple[float, float]:
        """Middle of the box's lower edge: where the object stands on the ground, in pixels."""
        return self.x, self.y + self.h / 2

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in pixels."""
        return (
            self.x - self.w / 2,
            self.y - self.h / 2,
            self.x + self.w / 2,
            self.y + self.h / 2,
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and what is known about it so far.

    index: counts from 0 within one pass over the source.
    t: capture time, integer milliseconds since 1970 UTC.
    tracks: the identities seen in it; empty until a tracker has looked.
    """

    index: int
    t: int
    image: Image = field(repr=False, compare=False)
    tracks: tuple[Track, ...] = ()

    @property
    def time(self) -> datetime:
        """The capture time as an aware UTC datetime."""
        return datetime.fromtimestamp(self.t / 1000, timezone.utc)
