"""Metrics of a selection: one number, or one for each group of its rows and its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..errors import SettingsError
from ..localtime import Times
from ..schema import UNWATCHED
from .catalogue import METRICS, Metric
from .counting import (
    Cut,
    anybody,
    cut_of,
    overlaps_of,
    per_source,
    possible_of,
    seconds_of,
    stays_of,
    values_of,
)
from .counting import visits_of as visits_of
from .pace import check_ground
from .pieces import Floats, distinct, whole
from .ranges import Range, range_of, ranges_of
from .rows import Drawn, directions_of
from .selection import BOTH, Selection, Tracks
from .sql import range_sql, sql_of

Status = Literal["ok", "zero", "no_data"]

OF_ROWS = ("source", "label", "zone", "line", "direction")
DIMENSIONS = ("bucket", "source", "label", "hour", "weekday", "zone", "line", "direction")
"""What numbers can be grouped by: time, or what the rows are of."""


@dataclass(frozen=True, slots=True)
class Watched:
    """How much of a time was really watched, in seconds summed over the sources.

    possible: of the part that has passed. stale, down, stopped: what is known about the rest.
    """

    observed: float
    possible: float
    stale: float = 0.0
    down: float = 0.0
    stopped: float = 0.0

    @property
    def share(self) -> float:
        """0 to 1."""
        return min(1.0, self.observed / self.possible) if self.possible > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """A metric's values and what they rest on.

    value: of all that is asked about; None where nothing was recorded. rows: one for each group,
    with a column for each dimension (bucket: its beginning in ms UTC), `value` (NaN where nothing
    was watched and nothing seen) and `watched`, the share of the group's time that was watched.
    selection: what was measured, of zones or lines where that was asked for. counted: tracks
    behind it. bucket: name of the buckets' width, edges: where they begin and the
    last one ends. statement: writes `sql`. range: of visits, how many there may be; None of other
    numbers, and where tracks were never joined. ranges: the same for each of the rows, with the
    columns low, high and tracks (NaN where `value` is).
    """

    metric: Metric
    value: float | None
    rows: pd.DataFrame
    watched: Watched
    selection: Selection
    counted: int
    bucket: str | None = None
    edges: Times | None = None
    statement: Callable[[Metric, Selection], str] = sql_of
    range: Range | None = None
    ranges: pd.DataFrame | None = None

    @property
    def low(self) -> int | None:
        """How many visits there are at least."""
        return None if self.range is None else self.range.low

    @property
    def high(self) -> int | None:
        """How many visits there are at most."""
        return None if self.range is None else self.range.high

    @property
    def tracks(self) -> int | None:
        """Of visits, how many tracks they are made of; None where nothing was recorded."""
        return self.counted if self.metric.name == "visits" and self.value is not None else None

    @property
    def range_sql(self) -> str | None:
        """Gives value, low, high and tracks from the same database."""
        return None if self.range is None else range_sql(self.selection, self.range)

    @property
    def sql(self) -> str:
        """Gives the same number from the same database; long, where there are many times."""
        return self.statement(self.metric, self.selection)

    @property
    def status(self) -> Status:
        """Something, a zero that was watched, or nothing recorded."""
        if self.value is None:
            return "no_data"
        return "ok" if self.value else "zero"


def measure(
    name: str, selection: Selection, by: Sequence[str] = (), bucket: str | None = None
) -> Result:
    """A metric of a selection.

    by: dimensions to group by, of DIMENSIONS; with "bucket", `bucket` names its width in
    localtime.BUCKETS, or one that fits the window is taken. Buckets are those of the selection's
    zone, hours and weekdays those of each source's own. What was watched is known by the minute:
    finer buckets have an even share of their minute's, and the mean occupancy of one is that of
    its whole time. By zone, line or direction, and of crossings, it is about all zones or lines
    that the sources have, where the filter names none: in a zone rows are the stays in it, of a
    line they are those who crossed it. Raises SettingsError, also for speeds where no source has a
    ground plane.
    """
    metric = METRICS.get(name)
    if metric is None:
        raise SettingsError(f"There is no metric {name!r}; there are {', '.join(METRICS)}")
    if unknown := [each for each in by if each not in DIMENSIONS]:
        raise SettingsError(f"Nothing is grouped by {unknown[0]!r}, but by {', '.join(DIMENSIONS)}")
    selection = _asked(metric, selection, by)
    check_ground(metric, selection)
    everything = cut_of(selection, (), None)
    cut = cut_of(selection, by, bucket)
    watched = coverage(selection)
    counted = int(values_of(METRICS["tracks"], selection, everything)[0])
    value = float(values_of(metric, selection, everything)[0]) if selection.sources else np.nan
    known = watched.possible if metric.name == "unwatched" else watched.observed or counted
    nothing = np.isnan(value) or not known
    rows = selection.kept(
        ("rows", name, tuple(by), cut.bucket), lambda: _rows(metric, selection, by, cut)
    )
    has_range = name == "visits" and not nothing
    return Result(
        metric.about(selection.filter),
        None if nothing else value,
        rows.copy(deep=False),  # whoever changes it changes a copy
        watched,
        selection,
        counted,
        cut.bucket,
        cut.edges,
        range=range_of(selection, everything) if has_range else None,
        ranges=_ranges(selection, by, cut, rows) if has_range else None,
    )


def coverage(selection: Selection) -> Watched:
    """How much of the time asked about was really watched."""
    cut = cut_of(selection, (), None)
    possible = float(possible_of(selection, cut).sum())
    seconds = {each: float(seconds_of(each, selection, cut).sum()) for each in UNWATCHED}
    return Watched(float(seconds_of("observed", selection, cut).sum()), possible, **seconds)


def stays(selection: Selection) -> Floats:
    """How long each visit that overlaps the time lasted, in seconds."""
    found = stays_of(selection, cut_of(selection, (), None))
    return np.concatenate([np.zeros(0), *(lengths for lengths, _ in found)])


def overlapping(selection: Selection) -> Tracks:
    """The tracks, or the stays in zones, that have a moment in common with the time asked about."""
    cut, tracks = cut_of(selection, (), None), selection.tracks
    found = np.zeros(len(tracks), bool)
    for source, part in per_source(selection):
        there = np.flatnonzero(tracks.source == source.id)
        found[there[overlaps_of(part, cut)[0]]] = True
    return tracks.where(found)


def behind(result: Result) -> Tracks:
    """The tracks, or the stays in zones, that a number was counted from."""
    selection, name = result.selection, result.metric.name
    tracks = overlapping(selection)
    if result.metric.kind == "time" and result.value is not None:
        t = int(result.value)
        exact = (tracks.first if name == "first_seen" else tracks.last) == t
        return tracks.where(exact if exact.any() else (tracks.first < t) & (t < tracks.last))
    if result.metric.kind != "moment":
        return tracks
    asked = np.zeros(len(tracks), bool)
    for source in selection.sources:
        pieces = whole(selection.filter, source.timezone)
        at = pieces.moments(tracks.begun if name == "arrivals" else tracks.ended) >= 0
        asked |= at & (tracks.source == source.id)
    return tracks.where(asked)


def watched_over_time(selection: Selection, bucket: str | None = None) -> pd.DataFrame:
    """What is known of each bucket. Columns: bucket, until (ms UTC), source, and the shares
    observed, stale, down, stopped of the bucket's time that has passed; NaN in the future."""
    cut = cut_of(selection, ("bucket",), bucket)
    assert cut.edges is not None
    parts = []
    for source in selection.sources:
        part = selection.only(source)
        possible = possible_of(part, cut)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = {
                each: np.where(possible > 0, seconds_of(each, part, cut) / possible, np.nan)
                for each in ("observed", *UNWATCHED)
            }
        frame = {"bucket": cut.edges[:-1], "until": cut.edges[1:], "source": source.name, **shares}
        parts.append(pd.DataFrame(frame))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _asked(metric: Metric, selection: Selection, by: Sequence[str]) -> Selection:
    """The part of a selection that a metric by these dimensions is about."""
    of_lines = metric.kind == "crossing" or "line" in by or "direction" in by
    if of_lines and "zone" in by:
        raise SettingsError(BOTH)
    if of_lines:
        here = selection.is_of_crossers
        return selection if here else selection.over(_names(selection.lines))
    if "zone" in by and not selection.is_of_stays:
        return selection.within(_names(selection.zones))
    return selection


def _names(drawn: Sequence[Drawn]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in drawn))


def _rows(metric: Metric, selection: Selection, by: Sequence[str], cut: Cut) -> pd.DataFrame:
    parts = []
    for about, part in _parts(selection, by):
        possible = possible_of(part, cut)
        with np.errstate(invalid="ignore", divide="ignore"):
            watched = seconds_of("observed", part, cut) / possible
        values = values_of(metric, part, cut).copy()
        if metric.name == "unwatched":
            values[possible == 0] = np.nan
        else:
            values[~(watched > 0) & ~anybody(part, cut)] = np.nan
        parts.append(pd.DataFrame({**about, **cut.columns, "value": values, "watched": watched}))
    columns = [*by, "value", "watched"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _ranges(
    selection: Selection, by: Sequence[str], cut: Cut, rows: pd.DataFrame
) -> pd.DataFrame | None:
    """The range of each row's visits; None as of `range_of`."""

    def find() -> pd.DataFrame | None:
        found = [ranges_of(part, cut) for _, part in _parts(selection, by)]
        each = [parts for parts in found if parts is not None]
        if not each or len(each) < len(found):
            return None
        columns = (np.concatenate(parts) for parts in zip(*each, strict=True))
        table = pd.DataFrame(dict(zip(("low", "high", "tracks"), columns, strict=True)))
        table.loc[rows["value"].isna().to_numpy()] = np.nan
        return table

    return selection.kept(("range rows", tuple(by), cut.bucket), find)


def _parts(selection: Selection, by: Sequence[str]) -> list[tuple[dict[str, str], Selection]]:
    """The selection's parts by what its rows are of, each with what it is about."""
    tracks = selection.tracks
    labels = [tracks.labels[number] for number in distinct(tracks.label)] if "label" in by else []
    parts: list[tuple[dict[str, str], Selection]] = [({}, selection)]
    for name in OF_ROWS:
        if name in by:
            parts = [
                ({**about, name: value}, each)
                for about, part in parts
                for value, each in _divided(part, name, labels)
            ]
    return parts


def _divided(part: Selection, by: str, labels: Sequence[str]) -> Iterator[tuple[str, Selection]]:
    """The parts of a part by one dimension."""
    filter = part.filter
    if by == "source":
        yield from ((source.name, part.only(source)) for source in part.sources)
    elif by == "label":
        yield from ((label, part.part((), (label,))) for label in labels)
    elif by == "zone":
        names = [name for name in _names(part.zones) if name in filter.zones]
        yield from ((name, part.within((name,))) for name in names)
    elif by == "line":
        yield from ((name, part.over((name,))) for name in _names(part.asked_lines))
    else:
        ways = directions_of(part.asked_lines)
        asked = [way for way in ways if way in filter.directions or not filter.directions]
        yield from ((way, part.over(filter.lines, (way,))) for way in asked)
