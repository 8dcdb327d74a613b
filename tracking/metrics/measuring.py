"""Metrics of a selection: one number, or one for each source, label, bucket, hour or weekday."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import SettingsError
from ..localtime import BUCKETS, DAY, MINUTE, QUARTER, Times, bucket_for, edges
from ..schema import UNWATCHED
from .catalogue import METRICS, Metric
from .pieces import Floats, Pieces, by_bucket, by_clock, distinct, peak, whole
from .selection import LONG, Selection, SourceInfo, Tracks
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
    counted: tracks behind it. bucket: name of the buckets' width, edges: where they begin and the
    last one ends. statement: writes `sql`.
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


@dataclass(frozen=True, slots=True)
class Cut:
    """Time divided into groups, at the sources of each zone; columns say what the groups are."""

    pieces: dict[str, Pieces]
    columns: dict[str, npt.NDArray[Any]]
    count: int
    bucket: str | None = None
    edges: Times | None = None
    zone: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Tells it from the other cuts of the same selection."""
        return tuple(self.columns), self.bucket, self.zone

    @property
    def is_fine(self) -> bool:
        """Whether its buckets are shorter than a minute, by which it is known what was watched."""
        return self.bucket is not None and BUCKETS[self.bucket] < MINUTE


def measure(
    name: str, selection: Selection, by: Sequence[str] = (), bucket: str | None = None
) -> Result:
    """A metric of a selection.

    by: dimensions to group by, of DIMENSIONS; with "bucket", `bucket` names its width in
    localtime.BUCKETS, or one that fits the window is taken. Buckets are those of the selection's
    zone, hours and weekdays those of each source's own. What was watched is known by the minute:
    finer buckets have an even share of their minute's, and the mean occupancy of one is that of
    its whole time. Raises SettingsError.
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
    rows = selection.kept(
        ("rows", name, tuple(by), cut.bucket), lambda: _rows(metric, selection, by, cut)
    )
    return Result(
        metric,
        None if nothing else value,
        rows.copy(deep=False),  # whoever changes it changes a copy
        watched,
        selection,
        counted,
        cut.bucket,
        cut.edges,
    )


def coverage(selection: Selection) -> Watched:
    """How much of the time asked about was really watched."""
    cut = _cut(selection, (), None)
    possible = float(_possible(selection, cut).sum())
    seconds = {each: float(_seconds(each, selection, cut).sum()) for each in UNWATCHED}
    return Watched(float(_seconds("observed", selection, cut).sum()), possible, **seconds)


def stays(selection: Selection) -> Floats:
    """How long each visit that overlaps the time lasted, in seconds."""
    found = _stays_of(selection, _cut(selection, (), None))
    return np.concatenate([np.zeros(0), *(lengths for lengths, _ in found)])


def overlapping(selection: Selection) -> Tracks:
    """The tracks that have a moment in common with the time asked about."""
    cut, tracks = _cut(selection, (), None), selection.tracks
    ids = [part.tracks.id[_overlaps(part, cut)[0]] for _, part in _per_source(selection)]
    return tracks.where(np.isin(tracks.id, np.concatenate([np.zeros(0, np.int64), *ids])))


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
    dimensions = tuple(name for name in by if name not in ("source", "label"))
    return selection.kept(
        ("cut", dimensions, bucket), lambda: _cut_anew(selection, dimensions, bucket)
    )


def _cut_anew(selection: Selection, by: Sequence[str], bucket: str | None) -> Cut:
    filter, clock = selection.filter, [name for name in by if name in ("hour", "weekday")]
    zones = {source.timezone for source in selection.sources}
    if "bucket" in by:
        if clock:
            raise SettingsError("Time is divided into buckets or by hour and weekday, not by both")
        width = bucket or bucket_for(filter.length)
        if width not in BUCKETS:
            raise SettingsError(f"There is no bucket {width!r}; there are {', '.join(BUCKETS)}")
        if filter.length > LONG and BUCKETS[width] < QUARTER:
            raise SettingsError(f"More than {LONG // DAY} days are not divided by {width}")
        turns = edges(filter.since, filter.until, width, selection.timezone)
        pieces = {zone: by_bucket(filter, zone, turns) for zone in zones}
        columns = {"bucket": turns[:-1]}
        return Cut(pieces, columns, len(turns) - 1, width, turns, selection.timezone)
    if not clock:
        return Cut({zone: whole(filter, zone) for zone in zones}, {}, 1)
    pieces = {zone: by_clock(filter, zone, clock) for zone in zones}
    hours, days = 24 if "hour" in clock else 1, 7 if "weekday" in clock else 1
    number = np.arange(hours * days)
    columns = {"weekday": number // hours, "hour": number % hours}
    return Cut(pieces, {name: columns[name] for name in clock}, hours * days)


def _per_source(selection: Selection) -> Iterator[tuple[SourceInfo, Selection]]:
    for source in selection.sources:
        yield source, selection.only(source)


def _overlapping(selection: Selection, cut: Cut) -> int:
    """How many tracks overlap what is asked about."""
    return int(_values(METRICS["tracks"], selection, cut)[0]) if selection.sources else 0


def _rows(metric: Metric, selection: Selection, by: Sequence[str], cut: Cut) -> pd.DataFrame:
    parts = []
    for about, part in _parts(selection, by):
        with np.errstate(invalid="ignore", divide="ignore"):
            watched = _seconds("observed", part, cut) / _possible(part, cut)
        values = _values(metric, part, cut).copy()
        values[~(watched > 0) & ~_anybody(part, cut)] = np.nan
        parts.append(pd.DataFrame({**about, **cut.columns, "value": values, "watched": watched}))
    columns = [*by, "value", "watched"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _parts(selection: Selection, by: Sequence[str]) -> Iterator[tuple[dict[str, str], Selection]]:
    """The selection's parts by source and label, each with what it is about."""
    tracks = selection.tracks
    labels = [tracks.labels[number] for number in distinct(tracks.label)]
    for source in selection.sources if "source" in by else [None]:
        part = selection.only(source) if source else selection
        about = {"source": source.name} if source else {}
        if "label" not in by:
            yield about, part
            continue
        for label in labels:
            yield {**about, "label": label}, part.part((), (label,))


def _seconds(column: str, selection: Selection, cut: Cut) -> Floats:
    """Seconds observed, stale, down or stopped, summed over the sources, in each group."""

    def add() -> Floats:
        total, coverage, filter = np.zeros(cut.count), selection.coverage, selection.filter
        for source in selection.sources:
            mask, pieces = coverage.source == source.id, cut.pieces[source.timezone]
            t = coverage.t[mask].clip(filter.since)  # of a quarter that began before
            seconds = getattr(coverage, column)[mask]
            if cut.is_fine:
                end = (coverage.t[mask] + MINUTE).clip(max=min(filter.until, selection.now))
                total += pieces.spread(t, np.maximum(end, t + 1), seconds)
            else:
                total += pieces.summed(t, seconds)
        return total

    return selection.kept(("seconds", column, cut.key), add)


def _possible(selection: Selection, cut: Cut) -> Floats:
    """Seconds of each group that have passed, summed over the sources."""

    def add() -> Floats:
        total = np.zeros(cut.count)
        for source in selection.sources:
            total += cut.pieces[source.timezone].sizes(selection.now)
        return total

    return selection.kept(("possible", cut.key), add)


def _values(metric: Metric, selection: Selection, cut: Cut) -> Floats:
    """The metric in each group."""
    return selection.kept(
        ("values", metric.name, cut.key), lambda: _values_anew(metric, selection, cut)
    )


def _values_anew(metric: Metric, selection: Selection, cut: Cut) -> Floats:
    if metric.kind == "watched":
        return _seconds("observed", selection, cut)
    if metric.name == "occupancy_max" and selection.sources:
        return _peak(selection, cut)
    if metric.kind == "stay":
        return _stays(metric.name, selection, cut)
    total = np.zeros(cut.count)
    seen = np.zeros(cut.count, bool)
    for source, part in _per_source(selection):
        pieces, tracks = cut.pieces[source.timezone], part.tracks
        if metric.name == "occupancy_mean":
            observed = _seconds("observed", part, cut)
            if cut.is_fine:  # a share of a minute's seconds says too little to divide by
                observed = np.where(observed > 0, _possible(part, cut), 0)
            present = pieces.presence(tracks.first, tracks.last)
            total += np.divide(present, observed, np.zeros(cut.count), where=observed > 0)
            seen |= observed > 0
        elif metric.kind == "amount":
            total += pieces.presence(tracks.first, tracks.last)
        elif metric.kind == "moment":
            visits = _visits(part)
            group = pieces.moments(visits.first if metric.name == "arrivals" else visits.last)
            total += np.bincount(group[group >= 0], minlength=cut.count)
        elif metric.name == "tracks":
            total += np.bincount(_overlaps(part, cut)[1], minlength=cut.count)
        else:
            total += np.bincount(_attending(part, cut)[1], minlength=cut.count)
    if metric.name == "occupancy_mean":
        total[~seen] = np.nan
    return total


@dataclass(frozen=True, slots=True)
class Visits:
    """Each visit's key, when it was first and last seen, and the visit's number of each track."""

    key: Times
    first: Times
    last: Times
    number: Times


def visits_of(tracks: Tracks) -> tuple[Times, Times, Times]:
    """Every visit's key, and when it was first and last seen."""
    visits = _grouped(tracks)
    return visits.key, visits.first, visits.last


def _visits(selection: Selection) -> Visits:
    return selection.kept("visits", lambda: _grouped(selection.tracks))


def _grouped(tracks: Tracks) -> Visits:
    order = np.argsort(tracks.visit, kind="stable")
    ordered = tracks.visit[order]
    begins = np.ones(len(order), bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    at = np.flatnonzero(begins)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(begins) - 1
    if not len(at):
        return Visits(ordered, ordered, ordered, number)
    first = np.minimum.reduceat(tracks.first[order], at)
    last = np.maximum.reduceat(tracks.last[order], at)
    return Visits(ordered[at], first, last, number)


def _overlaps(selection: Selection, cut: Cut) -> tuple[Times, Times]:
    """Each pair of a track of the one source and a group that have a moment in common."""
    (source,), tracks = selection.sources, selection.tracks
    pieces = cut.pieces[source.timezone]
    return selection.kept(("overlaps", cut.key), lambda: pieces.overlaps(tracks.first, tracks.last))


def _attending(selection: Selection, cut: Cut) -> tuple[Times, Times]:
    """Each pair of a visit's number and a group that have a moment in common."""
    track, group = _overlaps(selection, cut)
    pair = distinct(_visits(selection).number[track] * np.int64(cut.count) + group)
    return pair // cut.count, pair % cut.count


def _anybody(selection: Selection, cut: Cut) -> npt.NDArray[np.bool_]:
    """Whether there is a track in each group."""
    return _values(METRICS["tracks"], selection, cut) > 0


def _peak(selection: Selection, cut: Cut) -> Floats:
    parts = [
        cut.pieces[source.timezone].parts(part.tracks.first, part.tracks.last)
        for source, part in _per_source(selection)
    ]
    begin, end, group = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return peak(begin, end, group, cut.count)


def _stays_of(selection: Selection, cut: Cut) -> list[tuple[Floats, Times]]:
    """How long visits lasted, in seconds, and the group; by source, once for each of its groups."""

    def find() -> list[tuple[Floats, Times]]:
        found = []
        for _, part in _per_source(selection):
            visits = _visits(part)
            number, group = _attending(part, cut)
            found.append(((visits.last - visits.first)[number] / 1000, group))
        return found

    return selection.kept(("stays", cut.key), find)


def _stays(name: str, selection: Selection, cut: Cut) -> Floats:
    parts = _stays_of(selection, cut)
    if not parts:
        return np.full(cut.count, np.nan)
    lengths, group = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    stays = pd.Series(lengths).groupby(group)
    values = stays.mean() if name == "stay_mean" else stays.quantile(_QUANTILES[name])
    found: Floats = values.reindex(range(cut.count)).to_numpy(np.float64, copy=True)
    return found


_QUANTILES = {"stay_median": 0.5, "stay_p90": 0.9}
