"""How well a source is tracked, from the log alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..errors import NothingRecorded
from ..footprints import Ground, ground_of, presence_grid
from ..localtime import MINUTE, LocalClock, Times
from ..metrics import Metric, Selection, SourceInfo, Watched, coverage
from ..metrics.pieces import Floats, whole
from ..metrics.places import Cells
from .breaks import pairs
from .catalogue import QUALITY, SHORT
from .doors import Doors, at_named, cells_of, learn, named_doors
from .ends import Ends, Mask, read_ends

SIZE = 3  # of the ground's cells, that the map is made of: 16 across
LEAST_PASSED = 5
"""Passages below which the map says nothing about a cell."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number about tracking. value: None where there was nothing to count; part of whole: what
    it was divided from, in whatever these are."""

    metric: Metric
    value: float | None
    part: float
    whole: float


@dataclass(frozen=True, slots=True)
class Failures:
    """Where tracking fails: arrays of the cells' shape.

    births, deaths: tracks that begin and end there away from edge and doors, while watched;
    passed: how often a track came to one of the ground's smallest cells there.
    """

    cells: Cells
    births: Floats
    deaths: Floats
    passed: Floats

    @property
    def share(self) -> Floats:
        """Of births and deaths among the passages; NaN where fewer than LEAST_PASSED."""
        ends = self.births + self.deaths
        most = np.maximum(self.passed, ends)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.passed >= LEAST_PASSED, ends / most, np.nan)


@dataclass(frozen=True, slots=True)
class Hourly:
    """By hour of the source's day, 24 each. tracks: that began in it; sure: mean confidence of
    their positions, NaN where there are none; broken: tracks that broke in it."""

    tracks: Floats
    sure: Floats
    broken: Floats


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known about the tracking of one source.

    numbers: by the names in QUALITY. watched: as the metric layer has it; seconds: that were
    watched, of the runs asked about. tracks: that overlap the time; visits: what these were joined
    into. broken: (n, 2) people_tracks.id of those that end and of those that go on; gaps: seconds
    between. scores: of the joins among the tracks, 0 to 1. runs: asked about; None for all.
    failures: None where the frame's size is not known. source_fps: that the source gives.
    """

    source: SourceInfo
    selection: Selection
    numbers: Mapping[str, Number]
    watched: Watched
    seconds: float
    tracks: int
    visits: int
    broken: Times
    gaps: Floats
    scores: Floats
    doors: Doors
    failures: Failures | None
    hourly: Hourly
    source_fps: float | None
    runs: tuple[int, ...] | None = None

    def value(self, name: str) -> float | None:
        return self.numbers[name].value

    @property
    def status(self) -> str:
        """ok, zero (watched, and nobody came), or no_data."""
        if not self.tracks:
            return "zero" if self.seconds else "no_data"
        return "ok"


@dataclass(frozen=True, slots=True)
class _Minutes:
    """What is known of each minute that is asked about. t: its beginning, ms."""

    t: Times
    observed: Floats
    frames: Floats
    lost: Floats


def tracking_quality(
    connection: sqlite3.Connection,
    selection: Selection,
    runs: Collection[int] | None = None,
    doors: bool = True,
) -> Quality:
    """How well the selection's one source is tracked; of some runs only, if they are given.

    doors: whether places where tracks regularly begin and end are taken for doors. What is counted
    is what begins, or ends, in the time that is asked about.
    """
    (source,) = selection.sources
    minutes = _read_minutes(connection, selection)
    ends = read_ends(connection, selection)
    if runs is not None:
        ends = ends.where(np.isin(ends.run, list(runs)))
    seconds, frames = _looked_at(connection, selection, minutes, runs)
    pieces = whole(selection.filter, source.timezone)
    born, died = pieces.moments(ends.first) >= 0, pieces.moments(ends.last) >= 0
    begun, ended = ends.watched(minutes.t[minutes.lost >= 1] // MINUTE)
    coming, leaving = ends.at_edge()
    births, deaths = begun & ~coming, ended & ~leaving
    ground, passed = _passed(connection, selection)
    births, deaths, known, grid = _without_doors(
        connection, source, ends, births, deaths, ground, passed, doors
    )
    end, begin = pairs(ends, deaths, births)
    inside = died[end]
    end, begin = end[inside], begin[inside]
    births, deaths = births & born, deaths & died
    started, stopped = int((begun & born).sum()), int((ended & died).sum())
    visits = _visits(selection, ends)
    fps = _fps_of(connection, source.id)
    watched = coverage(selection)
    rate = frames / seconds if seconds else 0.0
    possible = _expected(ends, rate)
    height = (ends.begin[:, 3] + ends.end[:, 3]) / 2
    number = {
        "broken_rate": (len(end), seconds / 60),
        "broken_share": (len(end), stopped),
        "short_share": (int((ends.last - ends.first < SHORT).sum()), len(ends)),
        "births_share": (int(births.sum()), started),
        "births_rate": (int(births.sum()), seconds / 60),
        "deaths_share": (int(deaths.sum()), stopped),
        "deaths_rate": (int(deaths.sum()), seconds / 60),
        "found": (min(float(ends.positions.sum()), possible), possible),
        "sure": (float(ends.confidence @ ends.positions), float(ends.positions.sum())),
        "fps": (frames, seconds),
        "fps_kept": (min(rate, fps or 0.0), fps or 0.0),
        "box_height": (float(np.median(height)) if len(ends) else 0.0, float(len(ends) > 0)),
        "coverage": (min(watched.observed, watched.possible), watched.possible),
        "joined_share": (len(ends) - visits, len(ends)),
    }
    return Quality(
        source,
        selection,
        {name: _number(name, *amounts) for name, amounts in number.items()},
        watched,
        seconds,
        len(ends),
        visits,
        np.column_stack([ends.id[end], ends.id[begin]]),
        (ends.first[begin] - ends.last[end]) / 1000,
        _scores(connection, ends),
        known,
        None if grid is None else _failures(grid, ends, births, deaths, passed),
        _by_hour(selection, ends, born, ends.last[end]),
        fps,
        None if runs is None else tuple(sorted(runs)),
    )


def _number(name: str, part: float, whole_: float) -> Number:
    return Number(QUALITY[name], part / whole_ if whole_ > 0 else None, part, whole_)


def _read_minutes(connection: sqlite3.Connection, selection: Selection) -> _Minutes:
    """The minutes of the source that begin in the time asked about, or that it begins in."""
    (source,), filter = selection.sources, selection.filter
    rows = connection.execute(
        "SELECT minute, seconds_observed, frames, seconds_stale + seconds_down + seconds_stopped"
        " FROM coverage WHERE source_id = ? AND minute >= ? AND minute < ?",
        (source.id, filter.since // MINUTE, -(-filter.until // MINUTE)),
    )
    minute, observed, frames, lost = np.fromiter(chain.from_iterable(rows), float).reshape(-1, 4).T
    t = minute.astype(np.int64) * MINUTE
    asked = whole(filter, source.timezone).moments(t.clip(min=filter.since)) >= 0
    return _Minutes(t[asked], observed[asked], frames[asked], lost[asked])


def _looked_at(
    connection: sqlite3.Connection,
    selection: Selection,
    minutes: _Minutes,
    runs: Collection[int] | None,
) -> tuple[float, float]:
    """Seconds that were watched, and pictures that were looked at.

    Of a minute that the window cuts, or that a run does not fill, a share of its pictures.
    """
    (source,), filter = selection.sources, selection.filter
    observed = np.maximum(minutes.observed, 1e-9)
    if runs is None:
        inside = (np.minimum(minutes.t + MINUTE, filter.until)
                  - np.maximum(minutes.t, filter.since)) / 1000  # fmt: skip
        frames = minutes.frames * np.minimum(1, inside / observed)
        return coverage(selection).observed, float(frames.sum())
    seconds = pictures = 0.0
    rows = connection.execute(
        "SELECT started_at, coalesce(ended_at, ?) FROM runs WHERE source_id = ?"
        " AND id IN (SELECT value FROM json_each(?))",
        (selection.now, source.id, json.dumps([int(run) for run in runs])),
    )
    for begin, end in rows:
        begin, end = max(begin, filter.since), min(end, filter.until)
        inside = (np.minimum(minutes.t + MINUTE, end) - np.maximum(minutes.t, begin)) / 1000
        held = np.where(inside >= 60, minutes.observed,
                        np.minimum(inside.clip(min=0), minutes.observed))  # fmt: skip
        seconds += float(held.sum())
        pictures += float((minutes.frames * held / observed).sum())
    return seconds, pictures


def _passed(
    connection: sqlite3.Connection, selection: Selection
) -> tuple[Ground | None, Floats | None]:
    """The ground, and how often somebody came to each of its cells, by whole minutes."""
    (source,), filter = selection.sources, selection.filter
    spans = [(a // MINUTE, -(-b // MINUTE)) for a, b in filter.spans(source.timezone)]
    try:
        ground = ground_of(connection, source.id)
    except NothingRecorded:
        return None, None
    grid = presence_grid(connection, source.id, spans, filter.labels or None)[1]
    return ground, grid.astype(np.float64)


def _without_doors(
    connection: sqlite3.Connection,
    source: SourceInfo,
    ends: Ends,
    births: Mask,
    deaths: Mask,
    ground: Ground | None,
    passed: Floats | None,
    learning: bool,
) -> tuple[Mask, Mask, Doors, Cells | None]:
    """Births and deaths that are at no door, the doors, and the map's cells."""
    named = named_doors(connection, source)
    first, last = ends.feet
    births = births & ~at_named(named, first, ends.first)
    deaths = deaths & ~at_named(named, last, ends.last)
    if ground is None or passed is None:
        return births, deaths, Doors(named, ()), None
    cells = Cells(ground, SIZE)
    learnt = learn(ends, births, deaths, cells, cells.summed(passed).ravel()) if learning else ()
    births = births & ~np.isin(cells_of(cells, first), learnt)
    deaths = deaths & ~np.isin(cells_of(cells, last), learnt)
    return births, deaths, Doors(named, learnt), cells


def _failures(
    cells: Cells, ends: Ends, births: Mask, deaths: Mask, passed: Floats | None
) -> Failures:
    first, last = ends.feet
    count = cells.shape[0] * cells.shape[1]
    grids = [np.bincount(cells_of(cells, feet[mask]), minlength=count).reshape(cells.shape)
             for feet, mask in ((first, births), (last, deaths))]  # fmt: skip
    assert passed is not None
    return Failures(cells, grids[0].astype(float), grids[1].astype(float), cells.summed(passed))


def _expected(ends: Ends, rate: float) -> float:
    """Pictures that were looked at between the first and the last sighting of each track."""
    return float(((ends.last - ends.first) / 1000 * rate + 1).sum()) if len(ends) else 0.0


def _visits(selection: Selection, ends: Ends) -> int:
    tracks = selection.tracks
    return len(np.unique(tracks.visit[np.isin(tracks.id, ends.id)]))


def _scores(connection: sqlite3.Connection, ends: Ends) -> Floats:
    """Of the joins from one of these tracks to another one of them."""
    rows = connection.execute("SELECT track, next, score FROM joins").fetchall()
    table = np.array(rows, float).reshape(-1, 3)
    mine = np.isin(table[:, 0], ends.id) & np.isin(table[:, 1], ends.id)
    scores: Floats = table[mine, 2]
    return scores


def _fps_of(connection: sqlite3.Connection, source_id: int) -> float | None:
    """Pictures a second that the source gives, as it says itself."""
    (fps,) = connection.execute("SELECT fps FROM sources WHERE id = ?", (source_id,)).fetchone()
    return float(fps) if fps and fps > 0 else None


def _by_hour(selection: Selection, ends: Ends, born: Mask, broke: Times) -> Hourly:
    (source,), filter = selection.sources, selection.filter
    clock = LocalClock.of(source.timezone, filter.since, filter.until)
    hour = clock.hours(ends.first[born])
    weight = ends.positions[born].astype(np.float64)
    total = np.bincount(hour, weight, 24)
    with np.errstate(invalid="ignore", divide="ignore"):
        sure = np.bincount(hour, weight * ends.confidence[born], 24) / total
    counts = (np.bincount(each, minlength=24).astype(float) for each in (hour, clock.hours(broke)))
    tracks, broken = counts
    return Hourly(tracks, np.where(total > 0, sure, np.nan), broken)
