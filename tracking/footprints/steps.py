"""From positions to steps: how long a track stood in each cell of a minute, and how it moved.

A position vouches for the time to the track's next one, but for at most LONGEST_STEP; the last
one for nothing, because nobody knows how long it stayed true. That step counts for the minute and
the cell of the position it begins at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from .ground import COLUMNS, FINE, Ground, Ints

LONGEST_STEP = 2000  # milliseconds that one position may vouch for: a track seen anew later left
STEP = np.dtype([("cell", "<u2"), ("ms", "<u2"), ("first", "u1"), ("dx", "<i4"), ("dy", "<i4")])
"""A track's presence in a cell within a minute, as it is stored.

ms: how long; first: 1 where it had never stood there before; dx, dy: how far its foot went
meanwhile, in FINE parts of a cell.
"""

_STEP = struct.Struct("<HHBii")
_MOST_MS = 65_535  # more than a minute holds; only clocks that run backwards come to it
_MS_PER_MINUTE = 60_000


@dataclass(slots=True)
class Walker:
    """All that must be remembered of a living track: its last foot and its latest minute.

    visited: a bit for each cell it has stood in. minutes: the steps that are new or have become
    more since `begin`: minute since 1970 -> cell -> ms, first, dx, dy.
    """

    t: int | None = None
    x: int = 0
    y: int = 0
    visited: int = 0
    minutes: dict[int, dict[int, tuple[int, int, int, int]]] = field(default_factory=dict)

    def begin(self) -> Walker:
        """A copy to go on with, which leaves this one as it is."""
        latest = max(self.minutes, default=0)
        kept = {latest: dict(self.minutes[latest])} if self.minutes else {}
        return replace(self, minutes=kept)

    def go(self, t: int, x: int, y: int) -> None:
        """It was seen at time t; x, y: its foot, as `Ground.foot` gives it."""
        if self.t is not None and t > self.t:
            self._step(self.t, t - self.t, x - self.x, y - self.y)
        self.t, self.x, self.y = t, x, y

    def _step(self, t: int, passed: int, dx: int, dy: int) -> None:
        held = min(passed, LONGEST_STEP)
        cell = self.y // FINE * COLUMNS + self.x // FINE
        steps = self.minutes.setdefault(t // _MS_PER_MINUTE, {})
        new = not self.visited >> cell & 1
        self.visited |= 1 << cell
        ms, first, across, down = steps.get(cell, (0, int(new), 0, 0))
        across, down = across + dx * held // passed, down + dy * held // passed
        steps[cell] = min(ms + held, _MOST_MS), first, across, down

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """Each minute with its steps, packed as STEP says, by cell."""
        for minute, steps in self.minutes.items():
            packed = (_STEP.pack(cell, *steps[cell]) for cell in sorted(steps))
            yield minute, b"".join(packed)


@dataclass(frozen=True, slots=True)
class Footprints:
    """Steps of many tracks by track, minute and cell.

    track, minute: one for each row to be stored; ends: where in `steps` (of dtype STEP) it ends.
    """

    track: Ints
    minute: Ints
    ends: Ints
    steps: npt.NDArray[np.void]

    def rows(self) -> Iterator[tuple[int, int, bytes]]:
        """Track, minute and packed steps."""
        data, size = self.steps.tobytes(), STEP.itemsize
        begin = 0
        for track, minute, end in zip(
            self.track.tolist(), self.minute.tolist(), self.ends.tolist(), strict=True
        ):
            yield track, minute, data[begin * size : end * size]
            begin = end


def derive(
    track: Ints,
    t: Ints,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    h: npt.NDArray[np.float64],
    ground: Ground,
) -> Footprints:
    """The footprints of whole tracks at once; rows must be sorted by track, then t."""
    across, down = ground.feet(x, y, h)
    passed = np.diff(t)
    begins = np.flatnonzero((np.diff(track) == 0) & (passed > 0))
    passed = passed[begins]
    held = np.minimum(passed, LONGEST_STEP)
    dx = np.diff(across)[begins] * held // passed
    dy = np.diff(down)[begins] * held // passed
    cell = down[begins] // FINE * COLUMNS + across[begins] // FINE
    minute, track = t[begins] // _MS_PER_MINUTE, track[begins]
    row = np.cumsum(_changes(track, minute)) - 1
    order = np.argsort(row * 2**16 + cell, kind="stable")
    row, cell = row[order], cell[order]
    heads = np.flatnonzero(_changes(row, cell))
    steps = np.zeros(len(heads), STEP)
    steps["cell"] = cell[heads]
    if len(heads):
        steps["ms"] = np.minimum(np.add.reduceat(held[order], heads), _MOST_MS)
        steps["dx"] = np.add.reduceat(dx[order], heads)
        steps["dy"] = np.add.reduceat(dy[order], heads)
    whose = np.cumsum(_changes(track[order][heads])) - 1
    steps["first"][np.unique(whose * 2**16 + steps["cell"], return_index=True)[1]] = 1
    starts = np.flatnonzero(_changes(row[heads]))
    return Footprints(
        track[order][heads][starts],
        minute[order][heads][starts],
        np.append(starts, len(heads))[1:],
        steps,
    )


def _changes(*columns: Ints) -> npt.NDArray[np.bool_]:
    """Where a row differs from the one before it, in any column; the first one does."""
    changed = np.ones(len(columns[0]), bool)
    changed[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return changed
