"""Metrics of a selection: one number, or one for each source, label, bucket, hour or weekday."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import SettingsError
from ..localtime import BUCKETS, Times, bucket_for, edges
from ..schema import UNWATCHED
from .catalogue import METRICS, Metric
from .pieces import Floats, Pieces, by_bucket, by_clock, peak, whole
from .selection import Selection, SourceInfo, Tracks
from .sql import sql_of

Status = Literal["ok", "zero", "no_data"]

DIMENSIONS = ("bucket", "source", "label", "hour", "weekday")


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
    counted: tracks behind it. sql: gives the same number from the same database. bucket: name of
    the buckets' width, edges: where they begin and the last one ends.
    """

    metric: Metric
    value: float | None
    rows: pd.DataFrame
    watched: Watched
    selection: Selection
    counted: int
    sql: str
    bucket: str | None = None
    edges: Times | None = None

    @property
    def status(self) -> Status:
        """Something, a zero that was watched, or nothing recorded."""
        if self.value is None:
            return "no_data"
        return "ok" if self.value else "zero"


@dataclass(frozen=True, slots=True)
class Cut:
    """Time divided into groups, at the sources of each zone; columns say what the groups are."""

    pieces: dict[str, Pieces]
    columns: dict[str, npt.NDArray[Any]]
    count: int
    bucket: str | None = None
    edges: Times | None = None


def measure(
    name: str, selection: Selection, by: Sequence[str] = (), bucket: str | None = None
) -> Result:
    """A metric of a selection.

    by: dimensions to group by, of DIMENSIONS; with "bucket", `bucket` names its width in
    localtime.BUCKETS, or one that fits the window is taken. Buckets are those of the selection's
    zone, hours and weekdays those of each source's own. Raises SettingsError.
    """
    metric = METRICS.get(name)
    if metric is None:
        raise SettingsError(f"There is no metric {name!r}; there are {', '.join(METRICS)}")
    if unknown := [each for each in by if each not in DIMENSIONS]:
        raise SettingsError(f"Nothing is grouped by {unknown[0]!r}, but by {', '.join(DIMENSIONS)}")
    everything = _cut(selection, (), None)
    cut = _cut(selection, by, bucket)
    watched = coverage(selection)
    counted = _overlapping(selection, everything)
    value = float(_values(metric, selection, everything)[0]) if selection.sources else np.nan
    nothing = np.isnan(value) or (not watched.observed and not counted)
    return Result(
        metric,
        None if nothing else value,
        _rows(metric, selection, by, cut),
        watched,
        selection,
        counted,
        sql_of(metric, selection),
        cut.bucket,
        cut.edges,
    )


def coverage(selection: Selection) -> Watched:
    """How much of the time asked about was really watched."""
    cut = _cut(selection, (), None)
    possible = float(_possible(selection, cut).sum())
    seconds = {each: float(_seconds(each, selection, cut).sum()) for each in UNWATCHED}
    return Watched(float(_seconds("observed", selection, cut).sum()), possible, **seconds)


def watched_over_time(selection: Selection, bucket: str | None = None) -> pd.DataFrame:
    """What is known of each bucket. Columns: bucket, until (ms UTC), source, and the shares
    observed, stale, down, stopped of the bucket's time that has passed; NaN in the future."""
    cut = _cut(selection, ("bucket",), bucket)
    assert cut.edges is not None
    parts = []
    for source in selection.sources:
        part = selection.only(source)
        possible = _possible(part, cut)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = {
                each: np.where(possible > 0, _seconds(each, part, cut) / possible, np.nan)
                for each in ("observed", *UNWATCHED)
            }
        frame = {"bucket": cut.edges[:-1], "until": cut.edges[1:], "source": source.name, **shares}
        parts.append(pd.DataFrame(frame))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _cut(selection: Selection, by: Sequence[str], bucket: str | None) -> Cut:
    filter, clock = selection.filter, [name for name in by if name in ("hour", "weekday")]
    zones = {source.timezone for source in selection.sources}
    if "bucket" in by:
        if clock:
            raise SettingsError("Time is divided into buckets or by hour and weekday, not by both")
        width = bucket or bucket_for(filter.length)
        if width not in BUCKETS:
            raise SettingsError(f"There is no bucket {width!r}; there are {', '.join(BUCKETS)}")
        turns = edges(filter.since, filter.until, width, selection.timezone)
        pieces = {zone: by_bucket(filter, zone, turns) for zone in zones}
        return Cut(pieces, {"bucket": turns[:-1]}, len(turns) - 1, width, turns)
    if not clock:
        return Cut({zone: whole(filter, zone) for zone in zones}, {}, 1)
    pieces = {zone: by_clock(filter, zone, clock) for zone in zones}
    hours, days = 24 if "hour" in clock else 1, 7 if "weekday" in clock else 1
    number = np.arange(hours * days)
    columns = {"weekday": number // hours, "hour": number % hours}
    return Cut(pieces, {name: columns[name] for name in clock}, hours * days)


def _per_source(selection: Selection) -> Iterator[tuple[SourceInfo, Tracks]]:
    for source in selection.sources:
        yield source, selection.tracks.where(selection.tracks.source == source.id)


def _overlapping(selection: Selection, cut: Cut) -> int:
    """How many tracks overlap what is asked about."""
    return int(_values(METRICS["tracks"], selection, cut)[0]) if selection.sources else 0


def _rows(metric: Metric, selection: Selection, by: Sequence[str], cut: Cut) -> pd.DataFrame:
    parts = []
    for about, part in _parts(selection, by):
        with np.errstate(invalid="ignore", divide="ignore"):
            watched = _seconds("observed", part, cut) / _possible(part, cut)
        values = _values(metric, part, cut)
        nobody = _values(METRICS["tracks"], part, cut) == 0
        values[~(watched > 0) & nobody] = np.nan
        parts.append(pd.DataFrame({**about, **cut.columns, "value": values, "watched": watched}))
    columns = [*by, "value", "watched"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _parts(selection: Selection, by: Sequence[str]) -> Iterator[tuple[dict[str, str], Selection]]:
    """The selection's parts by source and label, each with what it is about."""
    tracks = selection.tracks
    labels = [tracks.labels[number] for number in np.unique(tracks.label)]
    for source in selection.sources if "source" in by else [None]:
        part = selection.only(source) if source else selection
        about = {"source": source.name} if source else {}
        if "label" not in by:
            yield about, part
            continue
        for label in labels:
            mask = part.tracks.label == tracks.labels.index(label)
            yield {**about, "label": label}, replace(part, tracks=part.tracks.where(mask))


def _seconds(column: str, selection: Selection, cut: Cut) -> Floats:
    """Seconds observed, stale, down or stopped, summed over the sources, in each group."""
    total, coverage = np.zeros(cut.count), selection.coverage
    for source in selection.sources:
        mask = coverage.source == source.id
        t = coverage.t[mask].clip(selection.filter.since)  # of a quarter that began before
        total += cut.pieces[source.timezone].summed(t, getattr(coverage, column)[mask])
    return total


def _possible(selection: Selection, cut: Cut) -> Floats:
    """Seconds of each group that have passed, summed over the sources."""
    total = np.zeros(cut.count)
    for source in selection.sources:
        total += cut.pieces[source.timezone].sizes(selection.now)
    return total


def _values(metric: Metric, selection: Selection, cut: Cut) -> Floats:
    """The metric in each group."""
    if metric.kind == "watched":
        return _seconds("observed", selection, cut)
    if metric.name == "occupancy_max" and selection.sources:
        return _peak(selection, cut)
    if metric.kind == "stay":
        return _stays(metric.name, selection, cut)
    total = np.zeros(cut.count)
    seen = np.zeros(cut.count, bool)
    for source, tracks in _per_source(selection):
        pieces = cut.pieces[source.timezone]
        if metric.name == "occupancy_mean":
            observed = _seconds("observed", selection.only(source), cut)
            present = pieces.presence(tracks.first, tracks.last)
            total += np.divide(present, observed, np.zeros(cut.count), where=observed > 0)
            seen |= observed > 0
        elif metric.kind == "amount":
            total += pieces.presence(tracks.first, tracks.last)
        elif metric.kind == "moment":
            _, first, last = visits_of(tracks)
            group = pieces.moments(first if metric.name == "arrivals" else last)
            total += np.bincount(group[group >= 0], minlength=cut.count)
        else:
            key = tracks.id if metric.name == "tracks" else tracks.visit
            interval, group = pieces.overlaps(tracks.first, tracks.last)
            total += np.bincount(_pairs(key[interval], group)[1], minlength=cut.count)
    if metric.name == "occupancy_mean":
        total[~seen] = np.nan
    return total


def visits_of(tracks: Tracks) -> tuple[Times, Times, Times]:
    """Every visit's key, and when it was first and last seen."""
    key, number = np.unique(tracks.visit, return_inverse=True)
    first = np.full(len(key), np.iinfo(np.int64).max)
    last = np.full(len(key), np.iinfo(np.int64).min)
    np.minimum.at(first, number, tracks.first)
    np.maximum.at(last, number, tracks.last)
    return key, first, last


def _pairs(key: Times, group: Times) -> tuple[Times, Times]:
    """Each pair of a key and a group once."""
    if not len(key):
        return key, group
    names, number = np.unique(key, return_inverse=True)
    width = np.int64(group.max() + 1)
    pair = np.unique(number * width + group)
    return names[pair // width], pair % width


def _peak(selection: Selection, cut: Cut) -> Floats:
    parts = [
        cut.pieces[source.timezone].parts(tracks.first, tracks.last)
        for source, tracks in _per_source(selection)
    ]
    begin, end, group = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return peak(begin, end, group, cut.count)


def _stays(name: str, selection: Selection, cut: Cut) -> Floats:
    parts = []
    for source, tracks in _per_source(selection):
        keys, first, last = visits_of(tracks)
        interval, group = cut.pieces[source.timezone].overlaps(tracks.first, tracks.last)
        key, group = _pairs(tracks.visit[interval], group)
        place = np.searchsorted(keys, key)
        parts.append(pd.DataFrame({"group": group, "stay": (last - first)[place] / 1000}))
    if not parts:
        return np.full(cut.count, np.nan)
    stays = pd.concat(parts).groupby("group")["stay"]
    values = stays.mean() if name == "stay_mean" else stays.quantile(_QUANTILES[name])
    found: Floats = values.reindex(range(cut.count)).to_numpy(np.float64, copy=True)
    return found


_QUANTILES = {"stay_median": 0.5, "stay_p90": 0.9}
