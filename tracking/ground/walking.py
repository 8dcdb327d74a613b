"""How far tracks walked on the floor, and in what time.

Boxes tremble, and their feet with them: added up from picture to picture that would be a way of its
own, of somebody who stands still as well. So a track is cut into seconds, the feet of each second
are taken together, their mean place at their mean time, and the way is that from each second's mean
to the next one's. For whoever goes straight on at an even speed that is exact, however often and
unevenly they were seen; n pictures a second make what trembles smaller by the root of n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..zones import Feet
from .book import Grounded
from .plane import Floats, Plane

Ints = npt.NDArray[np.int64]

STRIDE = 1000  # milliseconds that are taken together
LONGEST_GAP = 3000  # milliseconds between two strides: over a longer one nothing is known


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Of each track how far it went and for how long. track: people_tracks.id, each once.

    metres, seconds: 0 of those of which no two seconds in a row were seen on the floor.
    """

    track: Ints
    metres: Floats
    seconds: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Floors:
    """The planes of a source: from when to when each counts, and for frames of which width."""

    planes: tuple[tuple[int, int | None, Plane, int | None], ...]

    @classmethod
    def of(cls, versions: Sequence[Grounded]) -> Floors:
        return cls(tuple(map(_floor_of, versions)))

    def places(self, feet: Feet, widths: Floats | None = None) -> tuple[Floats, Floats, Ints]:
        """Metres across and ahead of feet (NaN for those without), and which plane each is on.

        widths: of the frames that each foot was seen in; None takes those of the planes.
        """
        across, ahead = np.full(len(feet), np.nan), np.full(len(feet), np.nan)
        which = np.full(len(feet), -1, np.int64)
        for number, (since, until, plane, width) in enumerate(self.planes):
            there = feet.t >= since
            if until is not None:
                there &= feet.t < until
            scale = 1.0 if widths is None or width is None else width / widths[there]
            across[there], ahead[there] = plane.floor(feet.x[there] * scale, feet.y[there] * scale)
            which[there] = number
        return across, ahead, which


def _floor_of(ground: Grounded) -> tuple[int, int | None, Plane, int | None]:
    calibration = ground.calibration
    width = None if calibration.frame is None else calibration.frame[0]
    return ground.since, ground.until, calibration.fitted().plane, width


def walks(feet: Feet, floors: Floors, widths: Floats | None = None) -> Walks:
    """How far each track of these feet walked; sorted by track. widths: as `places` takes them."""
    every = feet.track[feet.begins]
    if not len(every):
        return Walks(every, np.zeros(0), np.zeros(0))
    across, ahead, which = floors.places(feet, widths)
    row = np.cumsum(feet.begins) - 1
    passed = feet.t - feet.t[feet.begins][row]
    known = np.flatnonzero(np.isfinite(across))
    row, passed, which = row[known], passed[known], which[known]
    second = passed // STRIDE
    heads = np.flatnonzero(_changes(row, second, which))
    metres, took = np.zeros(len(every)), np.zeros(len(every))
    if len(heads):
        count = np.diff(np.append(heads, len(row)))
        x, y, t = (
            np.add.reduceat(each, heads) / count
            for each in (across[known], ahead[known], passed.astype(np.float64))
        )
        dt = np.diff(t)
        row, which = row[heads], which[heads]
        same = (row[1:] == row[:-1]) & (which[1:] == which[:-1]) & (dt > 0) & (dt <= LONGEST_GAP)
        step = np.hypot(np.diff(x), np.diff(y))
        metres = np.bincount(row[1:][same], step[same], len(every)).astype(np.float64)
        took = np.bincount(row[1:][same], dt[same], len(every)).astype(np.float64)
    return Walks(every, metres, took / 1000)


def _changes(*columns: Ints) -> npt.NDArray[np.bool_]:
    changed = np.ones(len(columns[0]), bool)
    changed[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return changed
