"""Places inside the picture where people come and go: zones with such a name, and places where
tracks regularly begin and end without another side."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..footprints import COLUMNS
from ..footprints.ground import FINE
from ..localtime import QUARTER, Times
from ..metrics import SourceInfo
from ..metrics.pieces import Floats, distinct
from ..metrics.places import Cells
from ..zones import Drawn, Zone, versions
from .breaks import pairs
from .catalogue import (
    DOOR_ALONE,
    DOOR_ENDS,
    DOOR_NAMES,
    DOOR_NEAR,
    DOOR_PASSED,
    DOOR_SOON,
    DOOR_TIMES,
    DOOR_WAY,
)
from .ends import Ends, Mask

_WORD = re.compile(rf"\b({'|'.join(DOOR_NAMES)})s?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Doors:
    """Where coming and going is no failure.

    named: zones with a door's name, all versions. learnt: numbers of the cells in which
    tracks regularly begin and end.
    """

    named: tuple[Drawn, ...]
    learnt: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.name for each in self.named))


def is_door(name: str) -> bool:
    """Whether a zone of that name is a door."""
    return _WORD.search(name.replace("_", " ")) is not None


def named_doors(connection: sqlite3.Connection, source: SourceInfo) -> tuple[Drawn, ...]:
    """The zones of a source that have a door's name, all their versions. Lines are none: who
    crosses one goes on."""
    return tuple(each for each in versions(connection, "zone", source.name) if is_door(each.name))


def at_named(doors: Sequence[Drawn], feet: Floats, t: Times) -> Mask:
    """Which feet are in a zone that is a door at that time."""
    found = np.zeros(len(feet), bool)
    for door in doors:
        if isinstance(door.shape, Zone):
            then = (t >= door.since) & (t < (np.inf if door.until is None else door.until))
            found |= then & door.shape.contains(feet[:, 0], feet[:, 1])
    return found


def cells_of(cells: Cells, feet: Floats) -> Times:
    """The number of the cell that each foot is in; what is beyond the frame is at its edge."""
    x = feet[:, 0]
    across, down = cells.ground.feet(x, feet[:, 1], np.zeros(len(x)))
    return cells.of(down // FINE * COLUMNS + across // FINE)


def learn(
    ends: Ends, births: Mask, deaths: Mask, cells: Cells, passed: npt.NDArray[np.float64]
) -> tuple[int, ...]:
    """The cells that are doors by what happens in them.

    births, deaths: those away from the edge, while the source was watched. passed: (cells,) how
    often somebody came to one of a cell's smallest ones.
    """
    count = cells.shape[0] * cells.shape[1]
    end, begin = pairs(ends, deaths, births, DOOR_SOON, DOOR_NEAR)
    alone_births, alone_deaths = births & (ends.way >= DOOR_WAY), deaths & (ends.way >= DOOR_WAY)
    alone_births[begin], alone_deaths[end] = False, False
    feet = ends.feet
    cell = [cells_of(cells, each) for each in feet]
    both = [np.bincount(where[mask], minlength=count)
            for where, mask in zip(cell, (alone_births, alone_deaths), strict=True)]  # fmt: skip
    every = sum(np.bincount(where[mask], minlength=count)
                for where, mask in zip(cell, (births, deaths), strict=True))  # fmt: skip
    times = [_times(where[mask], t[mask], count)
             for where, mask, t in zip(cell, (alone_births, alone_deaths),
                                       (ends.first, ends.last), strict=True)]  # fmt: skip
    alone = both[0] + both[1]
    door = (both[0] >= DOOR_ENDS) & (both[1] >= DOOR_ENDS)
    door &= (times[0] >= DOOR_TIMES) & (times[1] >= DOOR_TIMES)
    door &= (alone >= DOOR_ALONE * every) & (alone >= DOOR_PASSED * passed)
    return tuple(np.flatnonzero(door).tolist())


def _times(cell: Times, t: Times, count: int) -> Times:
    """In how many quarters of an hour something happened in each cell."""
    quarter = t // QUARTER
    first = quarter.min(initial=0)
    seen = distinct((quarter - first) * count + cell)
    return np.bincount(seen % count, minlength=count)
