"""Presence on the floor in seconds a square metre: on a plan, of several sources, and in zones.

Known are the seconds in each cell of the picture, minute by minute; they are spread over the floor
that the cell shows. Where a source sees nothing of the plan, nothing is known, which is not zero.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import GroundError
from ..footprints import COLUMNS, Ground, ground_of, presence_grid, steps_in
from ..ground import FloorPlan, Grounded, Plane, find_plan, versions
from ..localtime import MINUTE
from ..zones import Zone, current
from ..zones.geometry import Ring
from .catalogue import Metric
from .measuring import Watched, coverage, measure
from .pieces import Floats
from .places import Cells, _asked, _only
from .selection import Selection, SourceInfo

Mask = npt.NDArray[np.bool_]

SIDES = (0.25, 0.5, 1.0, 2.0, 5.0)
"""Metres that a square of the plan may be wide."""

_FINE = 10  # points that stand for a cell of the picture, across and down
_MOST = 400  # squares of a plan's side
_WIDEST = 60.0  # metres from where a source without a plan was measured that are shown

DENSITY = Metric(
    "floor_presence",
    "Presence on the floor",
    "Seconds for which objects stood on a square metre of the floor, summed over all of them. Feet"
    " count: the middle of a box's lower edge. A position vouches for the time to the next one, but"
    " for at most 2 seconds. What stood in a cell of the picture is spread evenly over the floor"
    " that the cell shows. Where several sources see the same floor, their mean.",
    "s/m²",
    "amount",
    True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorHeat:
    """Seconds of presence on squares of a plan, from its lower left corner.

    plan: with `left` and `low` added, in metres, its squares lie in floor coordinates. side: metres
    of a square. seconds: of shape (rows, columns), the lowest row first; NaN where no source that
    was watched sees the floor. placeless: seconds that were seen and have no place on the plan:
    above the horizon, too far away to tell, or beyond the plan's edges. without: sources that were
    asked about and are not on it. sizes: square metres that each source sees of the plan.
    """

    plan: FloorPlan
    left: float
    low: float
    side: float
    seconds: Floats
    placeless: float
    sources: tuple[str, ...]
    without: tuple[str, ...]
    sizes: dict[str, float]
    selection: Selection
    watched: Watched
    counted: int

    @property
    def metric(self) -> Metric:
        return DENSITY

    @property
    def density(self) -> Floats:
        """Seconds a square metre."""
        return np.asarray(self.seconds / self.side**2)

    @property
    def value(self) -> float | None:
        """Seconds on the whole plan; None where nothing was recorded."""
        return float(np.nansum(self.seconds)) if self.watched.observed or self.counted else None

    @property
    def centres(self) -> tuple[Floats, Floats]:
        """Metres across of each column's middle, and up of each row's."""
        rows, columns = self.seconds.shape
        across = self.left + (np.arange(columns) + 0.5) * self.side
        up = self.low + (np.arange(rows) + 0.5) * self.side
        return np.asarray(across, np.float64), np.asarray(up, np.float64)

    def table(self) -> pd.DataFrame:
        """Every square: its middle in metres, seconds, and seconds a square metre."""
        across, up = np.meshgrid(*self.centres)
        columns = {"x": across, "y": up, "seconds": self.seconds, "seconds_per_m2": self.density}
        return pd.DataFrame({name: each.ravel().round(3) for name, each in columns.items()})


@dataclass(frozen=True, slots=True)
class _Shown:
    """The part of a floor that is shown in squares."""

    left: float
    low: float
    width: float
    height: float
    side: float

    @property
    def shape(self) -> tuple[int, int]:
        return max(1, int(np.ceil(self.height / self.side - 1e-9))), max(
            1, int(np.ceil(self.width / self.side - 1e-9))
        )

    @property
    def middles(self) -> tuple[Floats, Floats]:
        rows, columns = self.shape
        across, up = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
        return self.left + across.ravel() * self.side, self.low + up.ravel() * self.side

    def squares(self, x: Floats, y: Floats) -> npt.NDArray[np.int64]:
        """The number of the square that each point lies in, -1 beyond the edges."""
        rows, columns = self.shape
        with np.errstate(invalid="ignore"):
            column = np.floor((x - self.left) / self.side)
            row = np.floor((y - self.low) / self.side)
            inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        return np.where(inside, row * columns + column, -1).astype(np.int64)


def floor_heat(
    connection: sqlite3.Connection,
    selection: Selection,
    plan: str | None = None,
    side: float = 0.5,
) -> FloorHeat:
    """Presence of the selection's sources on a plan; on one source's own floor without a plan.

    side: metres of a square; larger on a plan of more than 400 of them. Only whole minutes, as
    footprints know them. Raises GroundError where none of the sources has a ground plane there,
    NothingRecorded.
    """
    names = {source.name for source in selection.sources}
    known = [each for each in versions(connection) if each.source in names]
    if plan is not None:
        known = [
            each
            for each in known
            if each.calibration.placing is not None and each.calibration.placing.plan == plan
        ]
    if not known:
        where = "a ground plane" if plan is None else f"a ground plane on the plan {plan!r}"
        raise GroundError(f"None of these sources has {where}")
    by_source: dict[str, list[Grounded]] = {}
    for each in known:
        by_source.setdefault(each.source, []).append(each)
    if plan is None and len(by_source) > 1:
        raise GroundError("Several sources are shown together only on a plan")
    found = _shown(connection, by_source, plan, side)
    return _added_up(connection, selection, by_source, *found)


def _shown(
    connection: sqlite3.Connection,
    by_source: dict[str, list[Grounded]],
    plan: str | None,
    side: float,
) -> tuple[FloorPlan, _Shown]:
    if plan is not None:
        found = find_plan(connection, plan)
        side = max(side, max(found.width, found.height) / _MOST)
        return found, _Shown(0.0, 0.0, found.width, found.height, side)
    ((name, grounds),) = by_source.items()
    newest = grounds[-1]
    fit = newest.calibration.fitted()
    ground = ground_of(connection, newest.source_id)
    x, y, _, _ = _points(ground)
    across, ahead = (each.ravel() for each in fit.of_width(ground.width).floor(x, y))
    own = np.column_stack(fit.on_plan.floor(*np.array(newest.calibration.pixels).T))
    middle = np.nanmean(own, axis=0)
    near = (np.abs(across - middle[0]) < _WIDEST) & (np.abs(ahead - middle[1]) < _WIDEST)
    if not near.any():
        raise GroundError(f"Nothing of the floor of {name!r} is near enough to be told")
    left, low = np.floor(across[near].min()), np.floor(ahead[near].min())
    width = max(1.0, np.ceil(across[near].max()) - left)
    height = max(1.0, np.ceil(ahead[near].max()) - low)
    side = max(side, max(width, height) / _MOST)
    shown = _Shown(float(left), float(low), float(width), float(height), side)
    return FloorPlan(name, float(width), float(height)), shown


def _added_up(
    connection: sqlite3.Connection,
    selection: Selection,
    by_source: dict[str, list[Grounded]],
    plan: FloorPlan,
    shown: _Shown,
) -> FloorHeat:
    count = shown.shape[0] * shown.shape[1]
    total, watching, placeless = np.zeros(count), np.zeros(count), 0.0
    sizes = {}
    sources = tuple(source for source in selection.sources if source.name in by_source)
    part = selection.part(sources)
    for source in sources:
        seconds, seen, lost = _of_source(
            connection, selection.only(source), by_source[source.name], shown
        )
        sizes[source.name] = float(seen.sum() * shown.side**2)
        placeless += lost
        there = seen | (seconds > 0)
        if coverage(selection.only(source)).observed or seconds.any():
            total += seconds
            watching += there
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(watching > 0, total / watching, np.nan)
    return FloorHeat(
        plan=plan,
        left=shown.left,
        low=shown.low,
        side=shown.side,
        seconds=mean.reshape(shown.shape),
        placeless=placeless,
        sources=tuple(source.name for source in sources),
        without=tuple(each.name for each in selection.sources if each not in sources),
        sizes=sizes,
        selection=part,
        watched=coverage(part),
        counted=measure("tracks", part).counted,
    )


def _of_source(
    connection: sqlite3.Connection,
    selection: Selection,
    grounds: Sequence[Grounded],
    shown: _Shown,
) -> tuple[Floats, Mask, float]:
    """Seconds in each square, which squares it sees, and seconds that lie in none."""
    ground = ground_of(connection, selection.sources[0].id)
    count = shown.shape[0] * shown.shape[1]
    seconds, seen, lost = np.zeros(count), np.zeros(count, bool), 0.0
    for each, spans in _spans_of(selection, grounds):
        if not spans:
            continue
        ms = _presence(connection, selection, ground, spans)
        if each is None:  # before or after any ground plane counts
            lost += float(ms.sum()) / 1000
            continue
        plane = each.calibration.fitted().of_width(ground.width)
        cells, squares, shares = _spread(plane, ground, shown)
        added = np.bincount(squares, ms.ravel()[cells] * shares / 1000, count)
        seconds += added
        lost += max(0.0, float(ms.sum()) / 1000 - float(added.sum()))
        seen |= _seen(plane, ground, shown)
    return seconds, seen, lost


def _spans_of(
    selection: Selection, grounds: Sequence[Grounded]
) -> list[tuple[Grounded | None, list[tuple[int, int]]]]:
    """The minutes asked about in the time of each version; those of none come last."""
    spans = _asked(selection)[1]
    ordered = sorted(grounds, key=lambda each: each.since)
    found: list[tuple[Grounded | None, list[tuple[int, int]]]] = []
    ends = [-(2**50)]
    for each in ordered:
        since = each.since // MINUTE
        until = 2**50 if each.until is None else each.until // MINUTE
        found.append((each, _cut(spans, since, until)))
        ends += [since, until]
    gaps = list(pairwise([*ends, 2**50]))[::2]
    rest = [span for since, until in gaps for span in _cut(spans, since, until)]
    return [*found, (None, rest)]


def _cut(spans: Iterable[tuple[int, int]], since: int, until: int) -> list[tuple[int, int]]:
    cut = [(max(begin, since), min(end, until)) for begin, end in spans]
    return [(begin, end) for begin, end in cut if begin < end]


def _presence(
    connection: sqlite3.Connection,
    selection: Selection,
    ground: Ground,
    spans: Sequence[tuple[int, int]],
) -> npt.NDArray[np.int64]:
    """Milliseconds in each of the ground's cells in these minutes, of the selection's tracks."""
    source, _, labels = _asked(selection)
    only = _only(selection)
    if only is None:
        return presence_grid(connection, source, spans, labels)[0]
    cells, ms = Cells(ground), np.zeros(ground.rows * COLUMNS)
    for track, lengths, steps in steps_in(connection, source, spans, labels):
        mine = np.repeat(np.isin(track, only), lengths)
        ms += np.bincount(cells.of(steps["cell"][mine]), steps["ms"][mine], len(ms))
    return ms.reshape(ground.rows, COLUMNS).astype(np.int64)


def _points(ground: Ground) -> tuple[Floats, Floats, npt.NDArray[np.int64], Mask]:
    """Points that stand for the ground's cells: pixels, the cell, and whether in the frame."""
    inner = (np.arange(_FINE) + 0.5) / _FINE
    across = (np.arange(COLUMNS)[:, None] + inner).ravel() * ground.cell
    down = (np.arange(ground.rows)[:, None] + inner).ravel() * ground.cell
    x, y = np.meshgrid(across, down)
    column, row = np.meshgrid(
        np.repeat(np.arange(COLUMNS), _FINE), np.repeat(np.arange(ground.rows), _FINE)
    )
    return x.ravel(), y.ravel(), (row * COLUMNS + column).ravel(), (y < ground.height).ravel()


def _spread(
    plane: Plane, ground: Ground, shown: _Shown
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """How cells are spread over squares: the cell, the square, and the share of the cell."""
    x, y, cell, inside = _points(ground)
    area = np.where(inside, np.nan_to_num(plane.square_metres_a_pixel(x, y)), 0.0)
    whole = np.bincount(cell, area, ground.cells)[cell]
    square = shown.squares(*plane.floor(x, y))
    kept = (square >= 0) & (area > 0)
    return cell[kept], square[kept], area[kept] / whole[kept]


def _seen(plane: Plane, ground: Ground, shown: _Shown) -> Mask:
    """The squares whose middle is in the picture, near enough to be told."""
    x, y = plane.picture(*shown.middles)
    with np.errstate(invalid="ignore"):
        inside = (x >= 0) & (x <= ground.width) & (y >= 0) & (y <= ground.height)
    return inside & plane.sees(x, y)


# zones


def zone_floors(connection: sqlite3.Connection, selection: Selection) -> pd.DataFrame:
    """The zones of sources with a ground plane, as they are drawn now.

    Columns: source, zone, square_metres (NaN where the zone reaches beyond what the floor can be
    told of, such as the horizon), seconds of presence in it in the time asked about (NaN where
    nothing was recorded), and seconds_per_m2.
    """
    rows = []
    for source in selection.sources:
        grounds = [each for each in versions(connection, source.name) if each.current]
        zones = current(connection, "zone", source.name)
        if not grounds or not zones:
            continue
        ground = ground_of(connection, source.id)
        plane = grounds[0].calibration.fitted().of_width(ground.width)
        found = _seconds_in(selection, source)
        for each in zones:
            assert isinstance(each.shape, Zone)
            area = floor_area(plane, each.shape, ground)
            rows.append((source.name, each.name, area, found.get(each.name, np.nan)))
    columns = ["source", "zone", "square_metres", "seconds"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(seconds_per_m2=table["seconds"] / table["square_metres"])


def floor_area(plane: Plane, zone: Zone, ground: Ground) -> float:
    """Square metres of the zone as far as it lies in the picture; NaN where that cannot be told."""
    areas = [_ring_area(plane, ring, ground) for ring in (zone.outer, *zone.holes)]
    return areas[0] - sum(areas[1:])


def _seconds_in(selection: Selection, source: SourceInfo) -> dict[str, float]:
    part = selection.only(source)
    if part.is_of_crossers:
        return {}
    rows = measure("presence", part, ("zone",)).rows
    return dict(zip(rows["zone"], rows["value"].astype(float), strict=True))


def _ring_area(plane: Plane, ring: Ring, ground: Ground) -> float:
    corners = np.array(ring, np.float64)
    for axis, end, sign in (
        (0, 0.0, 1),
        (0, ground.width, -1),
        (1, 0.0, 1),
        (1, ground.height, -1),
    ):
        corners = _clipped(corners, axis, float(end), sign)
    if len(corners) < 3:
        return 0.0
    x, y = plane.floor(*corners.T)
    return float(abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2)


def _clipped(corners: Floats, axis: int, end: float, sign: int) -> Floats:
    """The part of a polygon on one side of an upright or level line (Sutherland and Hodgman)."""
    kept: list[Floats] = []
    for here, after in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        a, b = (sign * (point[axis] - end) for point in (here, after))
        if a >= 0:
            kept.append(here)
        if (a < 0) != (b < 0):
            kept.append(here + (after - here) * (a / (a - b)))
    return np.array(kept).reshape(-1, 2)


def light(heat: FloorHeat) -> FloorHeat:
    """The same without the rows that it was counted of: small enough to be kept."""
    return replace(heat, selection=heat.selection.without_rows())
