"""From feet to stays in a zone.

A stay begins with the first foot inside and ends with the last one. Who was lost or outside for
less than GRACE meanwhile was still inside, which is sure of two sights of it inside that lie no
farther apart than that. A stay ends with its track.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .feet import Feet, Ints
from .geometry import Mask

GRACE = 2000  # milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class Stays:
    """When tracks were in a zone: the times of the first and the last foot inside."""

    track: Ints
    entered: Ints
    left: Ints

    def rows(self) -> list[tuple[int, int, int]]:
        """Track, entered and left of each."""
        columns = (self.track.tolist(), self.entered.tolist(), self.left.tolist())
        return list(zip(*columns, strict=True))


def stays_in(inside: Mask, feet: Feet, grace: Ints | int = GRACE) -> Stays:
    """The stays of whole tracks. inside: for each foot; grace: milliseconds, for each foot."""
    found = np.flatnonzero(inside)
    track, t = feet.track[found], feet.t[found]
    allowed = grace[found] if isinstance(grace, np.ndarray) else np.full(len(found), grace)
    begins = np.ones(len(found), bool)
    begins[1:] = (track[1:] != track[:-1]) | (t[1:] - t[:-1] > allowed[1:])
    heads = np.flatnonzero(begins)
    tails = np.append(heads[1:], len(found))[: len(heads)] - 1
    return Stays(track[heads], t[heads], t[tails])
