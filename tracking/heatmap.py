"""Where people have lately been: seconds of presence on the ground, read from the database.

The database may appear, grow, be locked or be replaced meanwhile; whatever keeps it from being
read is an error that names it.
"""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .database import describing, open_readonly
from .errors import DatabaseError, NothingRecorded
from .footprints import LONGEST_STEP

FINEST = 1000  # cells along the longer side: more than a picture can show
LAST_YEAR = 250_000_000_000_000  # milliseconds since 1970: calendars end soon after
LARGEST = 100_000  # pixels along a side of a source: more is a damaged row, not a camera


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells over a source's frame: `cell` pixels a side, origin at the top left."""

    width: int
    height: int
    cell: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns; the last of each may reach beyond the frame."""
        return math.ceil(self.height / self.cell), math.ceil(self.width / self.cell)


@dataclass(frozen=True, slots=True)
class Heatmap:
    """What one picture shows of a source.

    seconds: presence in each cell, shape `grid.shape`; tracks: how many identities it is made of.
    since, until: the time shown, milliseconds since 1970 UTC; timezone: the source's, by IANA name.
    """

    source: str
    timezone: str
    grid: Grid
    seconds: npt.NDArray[np.float64]
    tracks: int
    since: int
    until: int


def read_heatmap(path: str | Path, id: int, window: float = 3600.0, cell: int = 16) -> Heatmap:
    """The last `window` seconds of source `id`; cells of `cell` pixels, or larger for huge frames.

    Raises DatabaseError and its kinds, each message naming the file or the source.
    """
    try:
        with closing(open_readonly(path)) as connection, describing(path):
            return _read(connection, str(path), id, window, cell)
    except (ArithmeticError, TypeError, ValueError) as error:  # SQLite keeps any type anywhere
        raise DatabaseError(f"{path} is damaged: source {id} has impossible values") from error
    except OSError as error:
        raise DatabaseError(f"{path} cannot be read: {error.strerror}") from error


def presence(sightings: list[npt.NDArray[np.int64]], cells: int) -> npt.NDArray[np.float64]:
    """Seconds spent in each of `cells` cells.

    sightings: for each track its positions in order of time, each as milliseconds times `cells`
    plus the cell's number. A position vouches for the time to the track's next one, but for at
    most LONGEST_STEP; the last one for nothing, because nobody knows how long it stayed true.
    """
    if not sightings:
        return np.zeros(cells)
    t, cell = np.divmod(np.concatenate(sightings), cells)
    held = np.diff(t, append=0)
    held[np.cumsum([len(track) for track in sightings]) - 1] = 0
    held = np.clip(held, 0, LONGEST_STEP)
    return np.bincount(cell, held / 1000, minlength=cells).astype(np.float64)


def _read(connection: sqlite3.Connection, path: str, id: int, window: float, cell: int) -> Heatmap:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not {"sources", "people_tracks", "positions"} <= tables:
        raise NothingRecorded(f"{path} holds no recording: it does not have the tables of one")
    columns = "name, timezone, width, height"
    row = connection.execute(f"SELECT {columns} FROM sources WHERE id = ?", (id,)).fetchone()
    if row is None:
        known = connection.execute("SELECT id, name FROM sources ORDER BY id").fetchall()
        names = ", ".join(f"{number} ({name})" for number, name in known) or "none at all"
        raise NothingRecorded(f"{path} has no source {id}; it has {names}")
    nobody = f"{path} has no positions of source {id} ({row[0]}) yet"
    newest = "SELECT max(last_seen) FROM people_tracks WHERE source_id = ?"
    (until,) = connection.execute(newest, (id,)).fetchone()
    if until is None:
        raise NothingRecorded(nobody)
    if abs(until) > LAST_YEAR:
        raise ValueError(f"{until} is not a time")
    since = until - round(window * 1000)
    grid = _grid(connection, id, since, cell, row[2:])
    cells = math.prod(grid.shape)
    sightings = _sightings(connection, id, since, until, grid)
    if not sightings:
        raise NothingRecorded(nobody)
    seconds = presence(sightings, cells).reshape(grid.shape)
    first = min(int(track[0]) for track in sightings) // cells
    return Heatmap(str(row[0]), str(row[1]), grid, seconds, len(sightings), since + first, until)


def _grid(
    connection: sqlite3.Connection, id: int, since: int, cell: int, size: tuple[Any, Any]
) -> Grid:
    """Cells over the source's frame, or over all its recent feet where its size is not known."""
    if not all(size):
        size = connection.execute(
            "SELECT max(p.x), max(p.y + p.h / 2) FROM people_tracks k JOIN positions p"
            " ON p.track = k.id WHERE k.source_id = ? AND k.last_seen >= ? AND p.t >= ?",
            (id, since, since),
        ).fetchone()
    width, height = (min(max(1, math.ceil(side or 1)), LARGEST) for side in size)
    return Grid(width, height, max(cell, math.ceil(max(width, height) / FINEST)))


def _sightings(
    connection: sqlite3.Connection, id: int, since: int, until: int, grid: Grid
) -> list[npt.NDArray[np.int64]]:
    """The feet of each track, as `presence` takes them; those beyond the frame are at its edge.

    All in one row, not one per position: that is twice as fast, and a busy thread beside this one
    would otherwise be waited for at every row.
    """
    rows, columns = grid.shape
    (found,) = connection.execute(
        "SELECT group_concat((SELECT group_concat(CAST(t - :since AS INTEGER) * :rows * :columns"
        " + min(max(CAST((y + h / 2) / :cell AS INTEGER), 0), :rows - 1) * :columns"
        " + min(max(CAST(x / :cell AS INTEGER), 0), :columns - 1))"
        " FROM (SELECT t, x, y, h FROM positions WHERE track = people_tracks.id"
        " AND t BETWEEN :since AND :until ORDER BY t)), ';')"
        " FROM people_tracks WHERE source_id = :id AND last_seen >= :since",
        {
            "id": id,
            "since": since,
            "until": until,
            "cell": grid.cell,
            "rows": rows,
            "columns": columns,
        },
    ).fetchone()
    return [np.fromstring(track, np.int64, sep=",") for track in (found or "").split(";") if track]
