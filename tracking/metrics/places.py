"""Where it happens: presence and visits on a source's ground, movement over it, and changes.

All of it is about one source and about whole minutes, in pixels of the source's own frames. Where
an object is, is where its feet are: the middle of the lower edge of its box. A filter of zones,
lines, directions or lengths of stays says whose places these are: all that such a track did in the
times asked about, also elsewhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import SettingsError
from ..filters import Filter
from ..footprints import COLUMNS, Ground, Stay, ground_of, presence_grid, steps_in, tracks_in
from ..footprints.ground import FINE
from ..localtime import HOUR, MINUTE
from .catalogue import Metric
from .measuring import Status, Watched, coverage, measure, overlapping
from .pieces import Floats
from .places_sql import change_sql, flow_sql, heat_sql
from .selection import Selection, SourceInfo

Ints = npt.NDArray[np.int64]
Unit = Literal["seconds", "visits"]

SIZES = (1, 2, 3, 4, 6)
"""How many of the smallest cells a shown one may be wide and high."""

OCTANTS = ("right", "down right", "down", "down left", "left", "up left", "up", "up right")
"""The directions that movement is told apart by, clockwise from the right."""

_MARKED = 100_000_000  # bytes that finding each number once may take
ENOUGH = 2.0  # seconds of presence below which nothing is said about how a cell is crossed

_UNDER = " Feet count: the middle of a box's lower edge."
HEAT: dict[Unit, Metric] = {
    "seconds": Metric(
        "ground_presence",
        "Seconds of presence",
        "Time for which objects stood in a cell, summed over all of them. A position vouches for"
        " the time to the next one, but for at most 2 seconds." + _UNDER,
        "seconds",
        "amount",
        True,
    ),
    "visits": Metric(
        "ground_visits",
        "Visits per cell",
        "Different visits that stood in a cell at any moment of the time, each counted once in"
        " every cell that it came to." + _UNDER,
        "",
        "distinct",
        False,
    ),
}
FLOW = Metric(
    "ground_flow",
    "Direction of flow",
    "Movement of all objects in a cell: where it went on the whole, and how far each went on the"
    " way, divided by the time that they were there." + _UNDER,
    "px/s",
    "level",
    False,
)
CHANGE = Metric(
    "ground_change",
    "Change of presence",
    "Seconds of presence in a cell for each hour that was really watched, less the same in the"
    " time that it is compared with." + _UNDER,
    "s per watched hour",
    "level",
    False,
)


@dataclass(frozen=True, slots=True)
class Cells:
    """A source's frame in square cells, each made of `size` by `size` of the ground's own."""

    ground: Ground
    size: int = 1

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns; the last row may reach beyond the frame."""
        return -(-self.ground.rows // self.size), COLUMNS // self.size

    @property
    def side(self) -> float:
        """Pixels."""
        return self.ground.cell * self.size

    @property
    def centres(self) -> tuple[Floats, Floats]:
        """Pixels across of each column's middle, and down of each row's, within the frame."""
        rows, columns = self.shape
        top: Floats = np.arange(rows, dtype=np.float64) * self.side
        down: Floats = (top + np.minimum(top + self.side, self.ground.height)) / 2
        across: Floats = (np.arange(columns, dtype=np.float64) + 0.5) * self.side
        return across, np.maximum(down, top)

    def of(self, cell: npt.ArrayLike) -> Ints:
        """The numbers (row * columns + column) of those that the ground's cells lie in."""
        row, column = np.divmod(np.asarray(cell, np.int64), COLUMNS)
        row = np.minimum(row, self.ground.rows - 1)  # of a frame that was taller
        found: Ints = row // self.size * self.shape[1] + column // self.size
        return found

    def summed(self, grid: npt.NDArray[Any]) -> Floats:
        """A grid of the ground's own cells, added up to these."""
        rows, columns = self.shape
        whole = np.zeros((rows * self.size, COLUMNS))
        whole[: len(grid)] = grid
        found: Floats = whole.reshape(rows, self.size, columns, self.size).sum(axis=(1, 3))
        return found

    def inside(self, x: Sequence[float], y: Sequence[float]) -> tuple[int, ...]:
        """The ground's cells of those whose middle lies in a polygon; never none.

        x, y: its corners in pixels. One that has no cell's middle in it is the cell around its own.
        """
        across, down = np.meshgrid(*self.centres)
        marked = _within(across, down, np.asarray(x, float), np.asarray(y, float))
        if not marked.any():
            rows, columns = self.shape
            row = int(np.clip(np.mean(y) // self.side, 0, rows - 1))
            marked[row, int(np.clip(np.mean(x) // self.side, 0, columns - 1))] = True
        own = np.repeat(np.repeat(marked, self.size, 0), self.size, 1)[: self.ground.rows]
        return tuple(np.flatnonzero(own).tolist())


def _within(x: Floats, y: Floats, right: Floats, low: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in a polygon: those from where a line to the right leaves it."""
    inside = np.zeros(x.shape, bool)
    for x1, y1, x2, y2 in zip(right, low, np.roll(right, -1), np.roll(low, -1), strict=True):
        if y1 != y2:
            inside ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What is known about places of one source, and what it rests on; as `Result` otherwise.

    value: of the whole ground; None where nothing was recorded. counted: tracks that overlap the
    time.
    """

    metric: Metric
    cells: Cells
    selection: Selection
    watched: Watched
    counted: int
    value: float | None
    sql: str

    @property
    def source(self) -> SourceInfo:
        return self.selection.sources[0]

    @property
    def status(self) -> Status:
        """Something, a zero that was watched, or nothing recorded."""
        if self.value is None:
            return "no_data"
        return "ok" if self.value else "zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat(Placed):
    """Seconds of presence, or visits, in each cell: `values`, of the cells' shape."""

    values: Floats

    @property
    def busiest(self) -> tuple[int, int] | None:
        """Row and column of the highest value, the first of equals; None where all are zero."""
        if not self.values.any():
            return None
        row, column = np.unravel_index(int(self.values.argmax()), self.values.shape)
        return int(row), int(column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Placed):
    """How the cells are crossed; arrays of the cells' shape.

    seconds: of presence. dx, dy: where all went on the whole, path: how far each went, summed;
    pixels. rose: how many pixels were gone in each of OCTANTS. value: mean speed.
    """

    seconds: Floats
    dx: Floats
    dy: Floats
    path: Floats
    rose: Floats

    @property
    def told(self) -> npt.NDArray[np.bool_]:
        """Where enough was seen to say something."""
        marked: npt.NDArray[np.bool_] = (self.seconds >= ENOUGH) & (self.path > 0)
        return marked

    @property
    def speed(self) -> Floats:
        """Mean pixels a second; NaN where nobody was."""
        return _per(self.path, self.seconds)

    @property
    def steadiness(self) -> Floats:
        """1 where all went the same way, towards 0 where they cancel each other out."""
        return np.minimum(1, _per(np.hypot(self.dx, self.dy), self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Placed):
    """Seconds of presence per watched hour in two times: `now` and `before`, of the cells' shape.

    other: what is compared with. hours: watched in each; where one is 0, its values are NaN.
    """

    now: Floats
    before: Floats
    other: Selection
    hours: tuple[float, float]

    @property
    def values(self) -> Floats:
        """How much more there is now."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Visitors:
    """Who stood in a region, the longest first. seconds: all together."""

    stays: tuple[Stay, ...]
    visits: int
    seconds: float


def whole_minutes(filter: Filter) -> Filter:
    """The filter with its window widened to whole minutes, which places are known by."""
    since = filter.since // MINUTE * MINUTE
    return replace(filter, since=since, until=-(-filter.until // MINUTE) * MINUTE)


def heat(
    connection: sqlite3.Connection, selection: Selection, unit: Unit = "seconds", size: int = 1
) -> Heat:
    """Presence or visits on the ground of the selection's one source.

    size: of SIZES. Raises NothingRecorded where its frame size is not known, SettingsError.
    """
    cells = _cells(connection, selection, size)
    if unit == "seconds":
        ms = _presence(connection, selection, cells.ground)
        values, value = cells.summed(ms) / 1000, float(ms.sum()) / 1000
    else:
        values, value = _visits(connection, selection, cells)
    basis = _Basis.of(selection)
    return Heat(
        metric=_about(HEAT[unit], selection.filter),
        cells=cells,
        selection=selection,
        watched=basis.watched,
        counted=basis.counted,
        value=basis.value(value),
        sql=heat_sql(selection, cells.ground, size, unit),
        values=values,
    )


def flow(connection: sqlite3.Connection, selection: Selection, size: int = 4) -> Flow:
    """How the ground of the selection's one source is crossed. Raises as `heat` does."""
    cells = _cells(connection, selection, size)
    rows, columns = cells.shape
    sums, rose = np.zeros((4, rows * columns)), np.zeros(len(OCTANTS))
    for _, _, steps in _steps(connection, selection):
        cell = cells.of(steps["cell"])
        dx, dy = steps["dx"].astype(float), steps["dy"].astype(float)
        path = np.hypot(dx, dy)
        for total, each in zip(sums, (steps["ms"], dx, dy, path), strict=True):
            total += np.bincount(cell, each, rows * columns)
        octant = np.round(np.arctan2(dy, dx) / (np.pi / 4)).astype(np.int64) % len(OCTANTS)
        rose += np.bincount(octant, path, len(OCTANTS))
    pixels = cells.ground.cell / FINE
    sums *= np.array([[1 / 1000], [pixels], [pixels], [pixels]])
    seconds, dx, dy, path = sums.reshape(4, rows, columns)
    basis = _Basis.of(selection)
    return Flow(
        metric=_about(FLOW, selection.filter),
        cells=cells,
        selection=selection,
        watched=basis.watched,
        counted=basis.counted,
        value=basis.value(float(path.sum() / seconds.sum()) if seconds.any() else 0.0),
        sql=flow_sql(selection, cells.ground),
        seconds=seconds,
        dx=dx,
        dy=dy,
        path=path,
        rose=rose * pixels,
    )


def change(
    connection: sqlite3.Connection, selection: Selection, other: Selection, size: int = 1
) -> Change:
    """How presence differs from that of another time; both of the same source.

    Each is divided by the time that was really watched, so that a gap is not taken for a change.
    Raises as `heat` does.
    """
    cells = _cells(connection, selection, size)
    hours, grids = [], []
    for each in (selection, other):
        hours.append(coverage(each).observed * 1000 / HOUR)
        seconds = _presence(connection, each, cells.ground) / 1000
        grids.append(_per(cells.summed(seconds), np.float64(hours[-1])))
    basis = _Basis.of(selection)
    return Change(
        metric=_about(CHANGE, selection.filter),
        cells=cells,
        selection=selection,
        watched=basis.watched,
        counted=basis.counted,
        value=float((grids[0] - grids[1]).sum()) if all(hours) else None,
        sql=change_sql(selection, other, cells.ground, size),
        now=grids[0],
        before=grids[1],
        other=other,
        hours=(hours[0], hours[1]),
    )


def visitors(
    connection: sqlite3.Connection, selection: Selection, region: Iterable[int]
) -> Visitors:
    """Who stood in any of these cells of the ground, of the selection's one source."""
    source_id, spans, labels = _asked(selection)
    stays = tracks_in(connection, source_id, region, spans, labels)
    if (only := _only(selection)) is not None:
        wanted = set(only.tolist())
        stays = [stay for stay in stays if stay.track in wanted]
    number, found = _numbered(selection, np.array([stay.track for stay in stays], np.int64))
    visits = len(np.unique(number[found])) + int((~found).sum())
    return Visitors(tuple(stays), visits, sum(stay.seconds for stay in stays))


def cells_table(cells: Cells, **columns: npt.NDArray[Any]) -> pd.DataFrame:
    """Every cell: row and column from 0, its middle in pixels (x, y), and what is known of it."""
    (rows, width), (across, down) = cells.shape, cells.centres
    about = {
        "row": np.repeat(np.arange(rows), width),
        "column": np.tile(np.arange(width), rows),
        "x": np.tile(across, rows).round(1),
        "y": np.repeat(down, width).round(1),
    }
    known = {name: np.asarray(grid).ravel().round(3) for name, grid in columns.items()}
    return pd.DataFrame({**about, **known})


def smoothed(values: Floats, sigma: float) -> Floats:
    """A grid under a Gaussian of `sigma` cells; what would leave it stays, so its sum does too."""
    if not sigma:
        return values
    blurred = cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    total = blurred.sum()
    return np.asarray(blurred * (values.sum() / total) if total else blurred, np.float64)


def _cells(connection: sqlite3.Connection, selection: Selection, size: int) -> Cells:
    if len(selection.sources) != 1:
        raise SettingsError(f"Places are those of one source, not of {len(selection.sources)}")
    if size < 1 or COLUMNS % size:
        raise SettingsError(f"The size of cells is one of {', '.join(map(str, SIZES))}: {size}")
    return Cells(ground_of(connection, selection.sources[0].id), size)


def _asked(selection: Selection) -> tuple[int, list[tuple[int, int]], tuple[str, ...] | None]:
    """The source, the spans in minutes and the labels, as footprints want them."""
    (source,), filter = selection.sources, selection.filter
    spans = filter.spans(source.timezone)
    minutes = [(since // MINUTE, -(-until // MINUTE)) for since, until in spans]
    return source.id, minutes, filter.labels or None


def _only(selection: Selection) -> Ints | None:
    """The keys of the tracks that it is about; None where its filter says no more than sources,
    labels and times."""
    if selection.filter == selection.filter.everywhere:
        return None
    return selection.kept("only tracks", lambda: np.unique(overlapping(selection).id))


def _steps(
    connection: sqlite3.Connection, selection: Selection
) -> Iterator[tuple[Ints, Ints, npt.NDArray[np.void]]]:
    """The steps of the selection's tracks, as `steps_in` gives them."""
    only = _only(selection)
    for track, lengths, steps in steps_in(connection, *_asked(selection)):
        if only is None:
            yield track, lengths, steps
        else:
            mine = np.isin(track, only)
            yield track[mine], lengths[mine], steps[np.repeat(mine, lengths)]


def _presence(connection: sqlite3.Connection, selection: Selection, ground: Ground) -> Ints:
    """Milliseconds of presence in each of the ground's cells."""
    if _only(selection) is None:
        return presence_grid(connection, *_asked(selection))[0]
    cells, ms = Cells(ground), np.zeros(ground.rows * COLUMNS)
    for _, _, steps in _steps(connection, selection):
        ms += np.bincount(cells.of(steps["cell"]), steps["ms"], len(ms))
    return ms.reshape(ground.rows, COLUMNS).astype(np.int64)


def _about(metric: Metric, filter: Filter) -> Metric:
    """The same, defined as it is of what this filter selects."""
    if filter == filter.everywhere:
        return metric
    lasting = filter.least is not None or filter.most is not None
    as_long = " that lasted as long as is asked for" if lasting else ""
    if filter.zones:
        whose = f"with a stay in the zone{as_long}; they count wherever they were"
    elif filter.lines or filter.directions:
        of = f" and are of visits{as_long}" if lasting else ""
        whose = f"that crossed a line that is asked about in the time{of}"
    else:
        whose = f"of visits{as_long}"
    return replace(metric, definition=f"{metric.definition} Only of tracks {whose}.")


@dataclass(frozen=True, slots=True)
class _Basis:
    """What every answer about a selection rests on."""

    selection: Selection
    watched: Watched
    counted: int

    @classmethod
    def of(cls, selection: Selection) -> _Basis:
        return cls(selection, coverage(selection), measure("tracks", selection).counted)

    def value(self, amount: float) -> float | None:
        """None where nothing was recorded."""
        return amount if self.watched.observed or self.counted else None


def _visits(
    connection: sqlite3.Connection, selection: Selection, cells: Cells
) -> tuple[Floats, float]:
    """Different visits in each cell, and in all of them."""
    count = cells.shape[0] * cells.shape[1]
    pairs = [np.zeros(0, np.int64)]
    for track, lengths, steps in _steps(connection, selection):
        number, found = _numbered(selection, track)
        pair = np.repeat(number * count, lengths) + cells.of(steps["cell"])
        pairs.append(pair[np.repeat(found, lengths)])
    pair = _once(np.concatenate(pairs))
    grid = np.bincount(pair % count, minlength=count).reshape(cells.shape)
    return grid.astype(np.float64), float(len(_once(pair // count)))


def _numbered(selection: Selection, track: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The number of each track's visit, and whether the selection knows the track."""
    tracks = selection.tracks
    if not len(tracks):
        return np.zeros(len(track), np.int64), np.zeros(len(track), bool)
    order = np.argsort(tracks.id)
    ids, numbers = tracks.id[order], np.unique(tracks.visit, return_inverse=True)[1][order]
    place = np.searchsorted(ids, track).clip(max=len(ids) - 1)
    return numbers[place], ids[place] == track


def _once(numbers: Ints) -> Ints:
    """Each number once, in order; np.unique is many times slower."""
    if len(numbers) and numbers.max() < _MARKED:
        marked = np.zeros(int(numbers.max()) + 1, bool)
        marked[numbers] = True
        return np.flatnonzero(marked).astype(np.int64, copy=False)
    ordered: Ints = np.sort(numbers)
    found: Ints = ordered[np.diff(ordered, prepend=-1) != 0]
    return found


def _per(amount: Floats, of: Floats | np.float64) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(of > 0, amount / of, np.nan)
