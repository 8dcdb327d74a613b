"""The rows that a filter selects, read once and counted in many ways."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Hashable, Iterable, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from ..database import describing, open_readonly
from ..errors import SettingsError
from ..filters import Filter
from ..localtime import MINUTE, Times
from ..times import known_zone
from .pieces import whole
from .rows import LONG as LONG
from .rows import (
    Coverage,
    Crossings,
    Drawn,
    as_long,
    directions_of,
    read_coverage,
    read_crossings,
    read_lines,
    read_stays,
    read_tracks,
    read_zones,
)
from .rows import Tracks as Tracks
from .rows import known_labels as known_labels

T = TypeVar("T")


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
class Selection:
    """What a filter selects. tracks: those that overlap its window, whatever their hour or day.

    With zones in the filter, `tracks` are the stays in them; with lines, those that crossed one of
    them. sources: those asked about that there are; with zones or lines, that have one of them.
    unknown and unknown_...: names asked for of sources, zones, lines and directions that
    there are not. zone: of time, if another than theirs. zones, lines: that are drawn at the
    sources. database: where more is read, a path, or the connection to one in memory. whole: what
    it is a part of. memo: what was worked out about it, see `kept`.
    """

    filter: Filter
    sources: tuple[SourceInfo, ...]
    tracks: Tracks
    coverage: Coverage
    now: int
    unknown: tuple[str, ...] = field(default=())
    zone: str = ""
    unknown_zones: tuple[str, ...] = ()
    unknown_lines: tuple[str, ...] = ()
    unknown_directions: tuple[str, ...] = ()
    zones: tuple[Drawn, ...] = ()
    lines: tuple[Drawn, ...] = ()
    database: str | sqlite3.Connection = field(default="", repr=False, compare=False)
    whole: Selection | None = field(default=None, repr=False, compare=False)
    memo: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def timezone(self) -> str:
        """The zone that all of the sources have, or UTC; of a part, that of the whole."""
        return self.zone or common_zone(self.sources)

    @property
    def is_of_stays(self) -> bool:
        """Whether its rows are stays in zones."""
        return bool(self.filter.zones)

    @property
    def is_of_crossers(self) -> bool:
        """Whether its rows are of those that crossed lines."""
        return bool(self.filter.lines or self.filter.directions)

    @property
    def asked_lines(self) -> tuple[Drawn, ...]:
        """The lines that it is about, of those that are drawn."""
        return _asked_lines(self.lines, self.filter.lines, self.filter.directions)

    def source(self, id: int) -> SourceInfo:
        return next(source for source in self.sources if source.id == id)

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of this selection before, or is made now: it never changes."""
        if key not in self.memo:
            self.memo[key] = make()
        made: T = self.memo[key]
        return made

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection, None, None]:
        """A connection to the database that it was read from. Raises DatabaseError."""
        if isinstance(self.database, sqlite3.Connection):
            yield self.database
            return
        with closing(open_readonly(self.database)) as connection, describing(self.database):
            yield connection

    def crossings(self) -> Crossings:
        """How lines were crossed, in the window and in the directions asked about; read once."""
        return self.kept("crossings", self._crossings)

    def only(self, source: SourceInfo) -> Selection:
        """The part of one source, in its own zone."""
        return self.kept(("only", source), lambda: self._part((source,), (), source.timezone))

    def part(self, sources: Sequence[SourceInfo], labels: Sequence[str] = ()) -> Selection:
        """The part of some sources and of some labels, of all that are there if none are given."""
        chosen = tuple(sources) or self.sources
        return self.kept(
            ("part", chosen, tuple(labels)), lambda: self._part(chosen, labels, self.timezone)
        )

    def within(self, zones: Sequence[str]) -> Selection:
        """The stays in these zones. Raises SettingsError where it is about who crossed lines."""
        if self.is_of_crossers:
            raise SettingsError(BOTH)
        return self.kept(("within", tuple(zones)), lambda: self._within(tuple(zones)))

    def over(self, lines: Sequence[str], directions: Sequence[str] = ()) -> Selection:
        """Who crossed these lines, in these directions or in any. Raises SettingsError where it is
        about stays in zones."""
        if self.is_of_stays:
            raise SettingsError(BOTH)
        chosen = tuple(lines), tuple(directions)
        return self.kept(("over", *chosen), lambda: self._over(*chosen))

    def without_rows(self) -> Selection:
        """The same without its rows and what was counted of them: light enough to be kept."""
        nobody, never = (np.zeros(len(rows), bool) for rows in (self.tracks, self.coverage.t))
        tracks, coverage = self.tracks.where(nobody), self.coverage.where(never)
        return replace(self, tracks=tracks, coverage=coverage, whole=None)

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
        return replace(
            self,
            filter=filter,
            sources=sources,
            tracks=tracks,
            coverage=coverage,
            unknown=(),
            zone=zone,
            zones=tuple(each for each in self.zones if each.source in wanted),
            lines=tuple(each for each in self.lines if each.source in wanted),
            whole=self,
        )

    def _at(self, drawn: Iterable[Drawn]) -> Selection:
        """The part of the sources at which something is drawn."""
        there = {each.source for each in drawn}
        sources = tuple(source for source in self.sources if source.id in there)
        return self._part(sources, (), self.timezone)

    def _within(self, zones: tuple[str, ...]) -> Selection:
        wanted = [each for each in self.zones if each.name in zones]
        part = self._at(wanted)
        return replace(
            part, filter=replace(part.filter, zones=zones), tracks=self._stays_in(wanted)
        )

    def _stays_in(self, zones: Sequence[Drawn]) -> Tracks:
        """The stays in these zones, of tracks with its labels."""
        if self.is_of_stays:
            return self.tracks.where(np.isin(self.tracks.zone, [each.id for each in zones]))
        if self.whole is not None:
            return self._mine(self.whole._stays_in(zones))
        with self.reading() as connection:
            return read_stays(connection, self.filter, zones, self.tracks.labels)

    def _over(self, lines: tuple[str, ...], directions: tuple[str, ...]) -> Selection:
        directions = directions or self.filter.directions
        part = self._at(_asked_lines(self.lines, lines, directions))
        filter = replace(part.filter, lines=lines, directions=directions)
        part = replace(part, filter=filter)
        tracks = part.tracks
        return replace(part, tracks=tracks.where(np.isin(tracks.id, _crossers(part))))

    def _crossings(self) -> Crossings:
        filter = self.filter
        if self.whole is None:
            with self.reading() as connection:
                found = read_crossings(connection, filter, self.lines, self.tracks.labels)
            limited = filter.least is not None or filter.most is not None
            return found.where(np.isin(found.id, self.tracks.id)) if limited else found
        found = self._mine(self.whole.crossings())
        if filter.lines:
            keys = [each.id for each in self.lines if each.name in filter.lines]
            found = found.where(np.isin(found.line, keys))
        if filter.directions:
            ways = [n for n, way in enumerate(found.directions) if way in filter.directions]
            found = found.where(np.isin(found.way, ways))
        return found

    def _mine(self, rows: Rows) -> Rows:
        """Of rows of the whole, those of its own sources and labels."""
        mask = np.isin(rows.source, [source.id for source in self.sources])
        if self.filter.labels:
            labels = self.tracks.labels
            numbers = [labels.index(label) for label in self.filter.labels if label in labels]
            mask &= np.isin(rows.label, numbers)
        return rows.where(mask)


Rows = TypeVar("Rows", Tracks, Crossings)
BOTH = "A question is about stays in zones or about crossings of lines, not about both"


def _asked_lines(
    lines: Iterable[Drawn], names: Sequence[str], directions: Sequence[str]
) -> tuple[Drawn, ...]:
    """Those of these names that have one of these directions; of any where none are given."""
    return tuple(
        each
        for each in lines
        if (not names or each.name in names)
        and (not directions or set(directions) & set(each.directions))
    )


def _crossers(selection: Selection) -> Times:
    """The keys of the tracks that crossed, at a time that is asked about."""
    crossings, found = selection.crossings(), [np.zeros(0, np.int64)]
    for source in selection.sources:
        mask = crossings.source == source.id
        asked = whole(selection.filter, source.timezone).moments(crossings.t[mask]) >= 0
        found.append(crossings.id[mask][asked])
    return np.concatenate(found)


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
    """Read what a filter selects. now: milliseconds since 1970 UTC.

    Raises SettingsError for a filter with both zones and lines.
    """
    known = known_sources(connection)
    sources = tuple(each for each in known if not filter.sources or each.name in filter.sources)
    keys = [source.id for source in sources]
    zones, lines = (
        tuple(each for each in read(connection) if each.source in keys)
        for read in (read_zones, read_lines)
    )
    everywhere = Selection(
        replace(filter, zones=(), lines=(), directions=()),
        sources,
        as_long(read_tracks(connection, filter, keys), filter),
        read_coverage(connection, filter, keys),
        now,
        zones=zones,
        lines=lines,
        database=_place_of(connection),
    )
    found = everywhere.within(filter.zones) if filter.zones else everywhere
    if filter.lines or filter.directions:
        found = found.over(filter.lines, filter.directions)
    return replace(
        found,
        zone="",
        unknown=_missing(filter.sources, (each.name for each in known)),
        unknown_zones=_missing(filter.zones, (each.name for each in zones)),
        unknown_lines=_missing(filter.lines, (each.name for each in lines)),
        unknown_directions=_missing(filter.directions, directions_of(lines)),
    )


def _missing(names: Iterable[str], there: Iterable[str]) -> tuple[str, ...]:
    known = set(there)
    return tuple(name for name in names if name not in known)


def _place_of(connection: sqlite3.Connection) -> str | sqlite3.Connection:
    """The path of its file; the connection itself where the database is in memory."""
    path = next(row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
    return str(path) or connection
