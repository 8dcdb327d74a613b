"""A source's frame laid out in square cells."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NothingRecorded

Ints = npt.NDArray[np.int64]

COLUMNS = 48
FINE = 128  # parts of a cell's side; movement is whole numbers of them, so that sums are exact
MOST_ROWS = 1024  # a frame that is taller than that has its last row reach to its end


@dataclass(frozen=True, slots=True)
class Ground:
    """A frame of `width` by `height` pixels in square cells, COLUMNS of them across.

    A cell's number is row * COLUMNS + column, from the top left. What is beyond the frame counts
    to the cell at its edge.
    """

    width: int
    height: int

    @property
    def rows(self) -> int:
        """How many rows of cells; the last may reach beyond the frame."""
        return min(-(-self.height * COLUMNS // self.width), MOST_ROWS)

    @property
    def cells(self) -> int:
        return self.rows * COLUMNS

    @property
    def cell(self) -> float:
        """Pixels of a cell's side."""
        return self.width / COLUMNS

    def foot(self, x: float, y: float, h: float) -> tuple[int, int]:
        """Where a box stands, in FINE parts of a cell. x, y: its centre; h: its height; pixels."""
        across = x * COLUMNS / self.width * FINE
        down = (y + h / 2) * COLUMNS / self.width * FINE
        return (
            int(min(max(across, 0), COLUMNS * FINE - 1)),
            int(min(max(down, 0), self.rows * FINE - 1)),
        )

    def feet(
        self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], h: npt.NDArray[np.float64]
    ) -> tuple[Ints, Ints]:
        """`foot` of many boxes."""
        across = x * COLUMNS / self.width * FINE
        down = (y + h / 2) * COLUMNS / self.width * FINE
        return (
            np.clip(across, 0, COLUMNS * FINE - 1).astype(np.int64),
            np.clip(down, 0, self.rows * FINE - 1).astype(np.int64),
        )


def known_ground(width: Any, height: Any) -> Ground | None:
    """The ground of a frame of that size, None where either side is not known."""
    known = all(isinstance(side, int) and 0 < side < 2**31 for side in (width, height))
    return Ground(width, height) if known else None


def ground_of(connection: sqlite3.Connection, source_id: int) -> Ground:
    """The ground that a source's cells lie on: that of its newest frame size.

    Raises NothingRecorded where there is no such source, or nothing of it was ever seen.
    """
    row = connection.execute(
        "SELECT name, width, height FROM sources WHERE id = ?", (source_id,)
    ).fetchone()
    if row is None:
        raise NothingRecorded(f"The database has no source {source_id}")
    sizes = connection.execute(
        "SELECT width, height FROM runs WHERE source_id = ? AND width IS NOT NULL"
        " ORDER BY id DESC LIMIT 1",
        (source_id,),
    )
    for size in (row[1:], *sizes):
        if ground := known_ground(*size):
            return ground
    raise NothingRecorded(f"Nothing has been seen of source {row[0]!r} yet")
