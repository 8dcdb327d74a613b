"""What rows amount to in each group of a time that is divided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import SettingsError
from ..localtime import BUCKETS, DAY, MINUTE, QUARTER, Times, bucket_for, edges
from .catalogue import METRICS, Metric
from .pace import paces_of
from .pieces import Floats, Pieces, by_bucket, by_clock, distinct, peak, whole
from .rows import LONG, Mask, Tracks
from .selection import Selection, SourceInfo
from .sightings import counted_in, recorded_of, seen_in

OF_TIME = ("bucket", "hour", "weekday")
"""The dimensions that divide time."""


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


def cut_of(selection: Selection, by: Sequence[str], bucket: str | None) -> Cut:
    """The time asked about, divided by those dimensions that divide time."""
    dimensions = tuple(name for name in by if name in OF_TIME)
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


def per_source(selection: Selection) -> Iterator[tuple[SourceInfo, Selection]]:
    for source in selection.sources:
        yield source, selection.only(source)


def seconds_of(column: str, selection: Selection, cut: Cut) -> Floats:
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


def possible_of(selection: Selection, cut: Cut) -> Floats:
    """Seconds of each group that have passed, summed over the sources."""

    def add() -> Floats:
        total = np.zeros(cut.count)
        for source in selection.sources:
            total += cut.pieces[source.timezone].sizes(selection.now)
        return total

    return selection.kept(("possible", cut.key), add)


def values_of(metric: Metric, selection: Selection, cut: Cut) -> Floats:
    """The metric in each group."""
    return selection.kept(
        ("values", metric.name, cut.key), lambda: _values_anew(metric, selection, cut)
    )


def _values_anew(metric: Metric, selection: Selection, cut: Cut) -> Floats:
    if metric.name == "occupancy_max" and selection.sources:
        return _peak(selection, cut)
    if metric.kind == "stay":
        return _stays(metric.name, selection, cut)
    if metric.kind == "pace":
        parts = ((part, overlaps_of(part, cut)) for _, part in per_source(selection))
        return paces_of(metric.name, cut.count, parts)
    if metric.kind == "time":
        return _first_or_last(metric.name, selection, cut)
    if metric.kind == "detection":
        count, sure = _detected(selection, cut)
        return count if metric.name == "detections" else _shared(sure, count)
    each = [_of_source(metric, source, part, cut) for source, part in per_source(selection)]
    total = np.zeros(cut.count) if metric.kind != "level" else np.full(cut.count, np.nan)
    for values in each:
        total = np.where(np.isnan(total), values, total + np.nan_to_num(values))
    return total


def _of_source(metric: Metric, source: SourceInfo, part: Selection, cut: Cut) -> Floats:
    """A metric of one source, of which those of several are the sum."""
    pieces, tracks = cut.pieces[source.timezone], there_of(part)
    if metric.name == "occupancy_mean":
        observed = seconds_of("observed", part, cut)
        if cut.is_fine:  # a share of a minute's seconds says too little to divide by
            observed = np.where(observed > 0, possible_of(part, cut), 0)
        return _shared(pieces.presence(tracks.first, tracks.last), observed)
    if metric.kind == "amount":
        return pieces.presence(tracks.first, tracks.last)
    if metric.kind == "watched":
        observed = seconds_of("observed", part, cut)
        possible = possible_of(part, cut)
        return observed if metric.name == "observed" else (possible - observed).clip(0)
    if metric.kind == "crossing":
        crossings = part.crossings()
        group = pieces.moments(crossings.t)
        weights = crossings.sign if metric.name == "net" else np.ones(len(group))
        return _binned(group[group >= 0], cut, weights[group >= 0])
    if metric.kind == "moment":
        begun, ended = ends_of(part)
        group = pieces.moments(begun if metric.name == "arrivals" else ended)
        return _binned(group[group >= 0], cut)
    if metric.name == "tracks":
        return _binned(_pairs(part, cut, part.tracks.id)[1], cut)
    return _binned(_attending(part, cut)[1], cut)


def _binned(group: Times, cut: Cut, weights: npt.NDArray[Any] | None = None) -> Floats:
    return np.bincount(group, weights, minlength=cut.count).astype(np.float64)


def _shared(amount: Floats, of: Floats) -> Floats:
    """One by the other; NaN where that is nothing."""
    share: Floats = np.divide(amount, of, np.full(len(of), np.nan), where=of > 0)
    return share


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
    some = order[at]  # of each visit one track: all of them know how long it was
    return Visits(ordered[at], tracks.begun[some], tracks.ended[some], number)


def ends_of(selection: Selection) -> tuple[Times, Times]:
    """When each visit was first and last seen; when each stay in a zone began and ended."""
    if selection.is_of_stays:
        return selection.tracks.first, selection.tracks.last
    visits = _visits(selection)
    return visits.first, visits.last


def overlaps_of(selection: Selection, cut: Cut) -> tuple[Times, Times]:
    """Each pair of a row of the one source and a group that have a moment in common."""
    (source,), tracks = selection.sources, selection.tracks
    pieces = cut.pieces[source.timezone]
    return selection.kept(("overlaps", cut.key), lambda: pieces.overlaps(tracks.first, tracks.last))


def _attending(selection: Selection, cut: Cut) -> tuple[Times, Times]:
    """Each pair of a visit's number and a group that have a moment in common."""
    return _pairs(selection, cut, _visits(selection).number)


def _pairs(selection: Selection, cut: Cut, number: Times) -> tuple[Times, Times]:
    """Each pair of a number that rows have and a group that they have a moment in common with."""
    row, group = overlaps_of(selection, cut)
    pair = distinct(number[row] * np.int64(cut.count) + group)
    return pair // cut.count, pair % cut.count


def anybody(selection: Selection, cut: Cut) -> Mask:
    """Whether there is a track in each group."""
    return values_of(METRICS["tracks"], selection, cut) > 0


def there_of(selection: Selection) -> Tracks:
    """The rows, of which no track has two at one moment: stays that overlap are one."""
    if not selection.is_of_stays:
        return selection.tracks
    return selection.kept("there", lambda: _united(selection.tracks))


def _united(stays: Tracks) -> Tracks:
    if not len(stays):
        return stays
    stays = stays.where(np.lexsort((stays.first, stays.id)))
    new = np.ones(len(stays), bool)
    new[1:] = stays.id[1:] != stays.id[:-1]
    apart = (np.cumsum(new) - 1) * (stays.last.max() - stays.first.min() + 1)
    latest = np.maximum.accumulate(stays.last + apart) - apart  # so far, of the same track
    new[1:] |= stays.first[1:] > latest[:-1]
    at = np.flatnonzero(new)
    return replace(stays.where(at), last=np.maximum.reduceat(stays.last, at))


def _peak(selection: Selection, cut: Cut) -> Floats:
    parts = []
    for source, part in per_source(selection):
        there = there_of(part)
        parts.append(cut.pieces[source.timezone].parts(there.first, there.last)[:3])
    begin, end, group = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return peak(begin, end, group, cut.count)


def stays_of(selection: Selection, cut: Cut) -> list[tuple[Floats, Times]]:
    """How long visits or stays in zones lasted, in seconds, and the group; by source, once for
    each of its groups."""

    def find() -> list[tuple[Floats, Times]]:
        found = []
        for _, part in per_source(selection):
            if part.is_of_stays:
                (number, group), (first, last) = (
                    overlaps_of(part, cut),
                    (part.tracks.first, part.tracks.last),
                )
            else:
                (number, group), (first, last) = _attending(part, cut), ends_of(part)
            found.append(((last - first)[number] / 1000, group))
        return found

    return selection.kept(("stays", cut.key), find)


def _stays(name: str, selection: Selection, cut: Cut) -> Floats:
    parts = stays_of(selection, cut)
    if not parts:
        return np.full(cut.count, np.nan)
    lengths, group = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    stays = pd.Series(lengths).groupby(group)
    share = _QUANTILES.get(name)
    values = stays.agg(name.removeprefix("stay_")) if share is None else stays.quantile(share)
    found: Floats = values.reindex(range(cut.count)).to_numpy(np.float64, copy=True)
    return found


_QUANTILES = {"stay_median": 0.5, "stay_p90": 0.9}


def _detected(selection: Selection, cut: Cut) -> tuple[Floats, Floats]:
    """How many positions there are in each group, and the sum of their confidence."""
    return selection.kept(("detected", cut.key), lambda: _detected_anew(selection, cut))


def _detected_anew(selection: Selection, cut: Cut) -> tuple[Floats, Floats]:
    count, sure = np.zeros(cut.count), np.zeros(cut.count)
    for source, part in per_source(selection):
        there = there_of(part)
        begin, end, group, row = cut.pieces[source.timezone].parts(there.first, there.last)
        entire = (begin == there.first[row]) & (end == there.last[row]) & (not part.is_of_stays)
        numbers = (
            recorded_of(part, there.id[row[entire]]),
            counted_in(part, there.id[row[~entire]], begin[~entire], end[~entire]),
        )
        for mask, (many, together) in zip((entire, ~entire), numbers, strict=True):
            count += _binned(group[mask], cut, many)
            sure += _binned(group[mask], cut, together)
    return count, sure


def _first_or_last(name: str, selection: Selection, cut: Cut) -> Floats:
    """When something was seen first or last in each group; NaN where nothing was."""
    is_first = name == "first_seen"
    earliest, found = (np.minimum, np.inf) if is_first else (np.maximum, -np.inf)
    times = np.full(cut.count, found)
    for source, part in per_source(selection):
        there = there_of(part)
        begin, end, group, row = cut.pieces[source.timezone].parts(there.first, there.last)
        t = begin if is_first else end
        known = t == (there.first if is_first else there.last)[row]
        earliest.at(times, group[known], t[known])
        if not known.all():  # it was there before or after: where it was seen, its positions say
            rest = ~known
            seen = seen_in(part, there.id[row[rest]], begin[rest], end[rest], is_first)
            some = ~np.isnan(seen)
            earliest.at(times, group[rest][some], seen[some])
    return np.where(np.isfinite(times), times, np.nan)
