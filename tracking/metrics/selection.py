"""The rows that a filter selects, read once and counted in many ways."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..filters import Filter
from ..localtime import DAY, MINUTE, QUARTER, Times
from ..schema import UNWATCHED
from ..times import known_zone

T = TypeVar("T")

LONG = 6 * DAY
"""Of windows longer than this, coverage is read by the quarter of an hour: no bucket is finer."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source as the database knows it; width, height in pixels, None before the first frame."""

    id: int
    name: str
    kind: str
    timezone: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Tracks:
    """Columns of equal length, one entry a track.

    id, source: keys. label: index into `labels`. first, last: milliseconds since 1970 UTC.
    visit: the same for all tracks of one visit, and for no others.
    """

    id: Times
    source: Times
    label: Times
    first: Times
    last: Times
    visit: Times
    labels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.id)

    def where(self, mask: npt.NDArray[np.bool_]) -> Tracks:
        """Those of a mask."""
        return Tracks(
            self.id[mask],
            self.source[mask],
            self.label[mask],
            self.first[mask],
            self.last[mask],
            self.visit[mask],
            self.labels,
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was watched, per source and minute, or quarter of an hour; its entries add up.

    t: its beginning. observed, stale, down, stopped: seconds of it.
    """

    source: Times
    t: Times
    observed: npt.NDArray[np.float64]
    stale: npt.NDArray[np.float64]
    down: npt.NDArray[np.float64]
    stopped: npt.NDArray[np.float64]

    def where(self, mask: npt.NDArray[np.bool_]) -> Coverage:
        """Those of a mask."""
        columns = (getattr(self, column) for column in ("source", "t", "observed", *UNWATCHED))
        return Coverage(*(column[mask] for column in columns))


@dataclass(frozen=True, slots=True)
class Selection:
    """What a filter selects. tracks: those that overlap its window, whatever their hour or day.

    sources: those asked about that there are. zone: if another than theirs. memo: what was worked
    out about it, see `kept`.
    """

    filter: Filter
    sources: tuple[SourceInfo, ...]
    tracks: Tracks
    coverage: Coverage
    now: int
    unknown: tuple[str, ...] = field(default=())
    zone: str = ""
    memo: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def timezone(self) -> str:
        """The zone that all of the sources have, or UTC; of a part, that of the whole."""
        return self.zone or common_zone(self.sources)

    def source(self, id: int) -> SourceInfo:
        return next(source for source in self.sources if source.id == id)

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of this selection before, or is made now: it never changes."""
        if key not in self.memo:
            self.memo[key] = make()
        made: T = self.memo[key]
        return made

    def only(self, source: SourceInfo) -> Selection:
        """The part of one source, in its own zone."""
        return self.kept(("only", source), lambda: self._part((source,), (), source.timezone))

    def part(self, sources: Sequence[SourceInfo], labels: Sequence[str] = ()) -> Selection:
        """The part of some sources and of some labels, of all that are there if none are given."""
        chosen = tuple(sources) or self.sources
        return self.kept(
            ("part", chosen, tuple(labels)), lambda: self._part(chosen, labels, self.timezone)
        )

    def without_rows(self) -> Selection:
        """The same without its rows and what was counted of them: light enough to be kept."""
        nobody, never = (np.zeros(len(rows), bool) for rows in (self.tracks, self.coverage.t))
        return replace(self, tracks=self.tracks.where(nobody), coverage=self.coverage.where(never))

    def _part(self, sources: tuple[SourceInfo, ...], labels: Sequence[str], zone: str) -> Selection:
        tracks, coverage = self.tracks, self.coverage
        wanted = [source.id for source in sources]
        if sources != self.sources:
            tracks = tracks.where(np.isin(tracks.source, wanted))
            coverage = coverage.where(np.isin(coverage.source, wanted))
        if labels:
            numbers = [tracks.labels.index(label) for label in labels if label in tracks.labels]
            tracks = tracks.where(np.isin(tracks.label, numbers))
        filter = replace(self.filter, labels=tuple(labels) or self.filter.labels)
        return Selection(filter, sources, tracks, coverage, self.now, zone=zone)


def common_zone(sources: Sequence[SourceInfo]) -> str:
    zones = {source.timezone for source in sources}
    return zones.pop() if len(zones) == 1 else "UTC"


def known_sources(connection: sqlite3.Connection) -> list[SourceInfo]:
    """All sources, by name; in UTC those of a zone that this machine does not know."""
    rows = connection.execute(
        "SELECT id, name, kind, timezone, width, height FROM sources ORDER BY name COLLATE NOCASE"
    )
    found = (SourceInfo(*row) for row in rows)
    return [replace(source, timezone=known_zone(source.timezone)) for source in found]


def known_labels(connection: sqlite3.Connection, source_id: int) -> list[str]:
    """The labels of a source, in order; by jumps from one to the next over their index."""
    jump = "SELECT min(label) FROM people_tracks WHERE source_id = :id"
    rows = connection.execute(
        f"WITH RECURSIVE labels(label) AS ({jump} UNION ALL"
        f" SELECT ({jump} AND people_tracks.label > labels.label)"
        " FROM labels WHERE label IS NOT NULL) SELECT label FROM labels WHERE label IS NOT NULL",
        {"id": source_id},
    )
    return [label for (label,) in rows]


def recorded(connection: sqlite3.Connection, sources: Sequence[str] = ()) -> tuple[int, int] | None:
    """From when to when there are rows of these sources (of all, if none are named), in ms UTC.

    A minute that was watched counts, also if nobody was seen in it.
    """
    wanted = [s.id for s in known_sources(connection) if not sources or s.name in sources]
    first, last = [], []
    for id in wanted:
        (minute, latest) = connection.execute(
            "SELECT (SELECT minute FROM coverage WHERE source_id = :id AND seconds_observed > 0"
            " ORDER BY minute LIMIT 1), (SELECT minute FROM coverage WHERE source_id = :id"
            " AND seconds_observed > 0 ORDER BY minute DESC LIMIT 1)",
            {"id": id},
        ).fetchone()
        (seen,) = connection.execute(
            "SELECT max(last_seen) FROM people_tracks WHERE source_id = ?", (id,)
        ).fetchone()
        first += [minute * MINUTE] if minute is not None else []
        last += [latest * MINUTE + MINUTE - 1] if latest is not None else []
        last += [seen] if seen is not None else []
    return (min(first), max(last)) if first and last else None


def select(connection: sqlite3.Connection, filter: Filter, now: int) -> Selection:
    """Read what a filter selects. now: milliseconds since 1970 UTC."""
    known = known_sources(connection)
    sources = tuple(each for each in known if not filter.sources or each.name in filter.sources)
    there = {each.name for each in known}
    unknown = tuple(name for name in filter.sources if name not in there)
    tracks = _tracks(connection, filter, sources)
    coverage = _coverage(connection, filter, sources)
    return Selection(filter, sources, tracks, coverage, now, unknown)


def _tracks(
    connection: sqlite3.Connection, filter: Filter, sources: Sequence[SourceInfo]
) -> Tracks:
    there = {source.id: known_labels(connection, source.id) for source in sources}
    labels = sorted({label for each in there.values() for label in each})
    parts = [np.zeros((0, 6), np.int64)]
    for source in sources:
        for label in there[source.id]:
            if filter.labels and label not in filter.labels:
                continue
            rows = connection.execute(
                "SELECT id, first_seen, last_seen, coalesce(-visit_id, id) FROM people_tracks"
                " WHERE source_id = ? AND label = ? AND last_seen >= ? AND first_seen < ?",
                (source.id, label, filter.since, filter.until),
            )
            found = np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 4)
            about = np.full((len(found), 2), (source.id, labels.index(label)), np.int64)
            parts.append(np.hstack([found, about]))
    id, first, last, visit, source_id, number = np.concatenate(parts).T
    return Tracks(id, source_id, number, first, last, visit, tuple(labels))


def _coverage(
    connection: sqlite3.Connection, filter: Filter, sources: Sequence[SourceInfo]
) -> Coverage:
    width = QUARTER if filter.length > LONG else MINUTE
    steps = {"step": width // MINUTE, "width": width}
    window = {"since": filter.since // MINUTE, "until": -(-filter.until // MINUTE)}
    parts = [np.zeros((0, 6))]
    for source in sources:
        for query in (_OBSERVED, _UNWATCHED):
            rows = connection.execute(query, {"source": source.id, **steps, **window})
            parts.append(np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 6))
    id, t, *seconds = np.concatenate(parts).T
    return Coverage(id.astype(np.int64), t.astype(np.int64), *seconds)


_WHICH = """SELECT source_id, minute / :step * :width, {} FROM coverage
WHERE source_id = :source AND minute >= :since AND minute < :until {} GROUP BY 2"""
_OBSERVED = _WHICH.format("sum(seconds_observed), 0, 0, 0", "")
# in two questions: there are many minutes, but few of them were not watched
_UNWATCHED = _WHICH.format(
    "0, " + ", ".join(f"sum(seconds_{state})" for state in UNWATCHED),
    "AND (" + " OR ".join(f"seconds_{state} > 0" for state in UNWATCHED) + ")",
)
