"""The rows that numbers are counted from, read from the database as columns."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..filters import Filter
from ..localtime import DAY, MINUTE, QUARTER, Times
from ..schema import UNWATCHED
from .pieces import Floats

LONG = 6 * DAY
"""Of windows longer than this, coverage is read by the quarter of an hour: no bucket is finer."""

Mask = npt.NDArray[np.bool_]
Columns = TypeVar("Columns", "Tracks", "Coverage", "Crossings")


@dataclass(frozen=True, slots=True)
class Tracks:
    """Columns of equal length, one entry a track, or one a stay in a zone.

    id, source: keys. label: index into `labels`. first, last: milliseconds since 1970 UTC; of a
    stay, when the zone was entered and left. visit: the same for all tracks of one visit, and for
    no others. begun, ended: when that visit was first and last seen, also outside the window; of a
    stay, the same as first and last. zone: key of the stay's zone; -1 of a track.
    """

    id: Times
    source: Times
    label: Times
    first: Times
    last: Times
    visit: Times
    begun: Times
    ended: Times
    zone: Times
    labels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.id)

    def where(self, mask: Mask | Times) -> Tracks:
        """Those of a mask, or at these places."""
        return _where(self, mask)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was watched, per source and minute, or quarter of an hour; its entries add up.

    t: its beginning. observed, stale, down, stopped: seconds of it that lie in the window.
    """

    source: Times
    t: Times
    observed: Floats
    stale: Floats
    down: Floats
    stopped: Floats

    def where(self, mask: Mask) -> Coverage:
        """Those of a mask."""
        return _where(self, mask)


@dataclass(frozen=True, slots=True)
class Crossings:
    """Columns of equal length, one entry each time a line was crossed.

    id: of the track. source, line: keys. label: as of tracks. t: milliseconds since 1970 UTC.
    way: index into `directions`, the lines' own names for them. sign: 1 forward, -1 backward.
    """

    id: Times
    source: Times
    label: Times
    line: Times
    t: Times
    way: Times
    sign: Times
    directions: tuple[str, ...] = ()

    def where(self, mask: Mask | Times) -> Crossings:
        """Those of a mask, or at these places."""
        return _where(self, mask)


def _where(columns: Columns, mask: Mask | Times) -> Columns:
    values = ((field.name, getattr(columns, field.name)) for field in fields(columns))
    chosen: dict[str, Any] = {
        name: each[mask] for name, each in values if isinstance(each, np.ndarray)
    }
    return replace(columns, **chosen)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone or a line, or a version of one: what has the same name is the same.

    id, source: keys. directions: of a line's crossings, forward and backward.
    """

    id: int
    source: int
    name: str
    directions: tuple[str, ...] = ()


def read_zones(connection: sqlite3.Connection) -> list[Drawn]:
    """All versions of all zones, by name."""
    rows = connection.execute("SELECT id, source_id, name FROM zones ORDER BY name, id")
    return [Drawn(*row) for row in rows]


def read_lines(connection: sqlite3.Connection) -> list[Drawn]:
    """All versions of all lines, by name."""
    rows = connection.execute(
        "SELECT id, source_id, name, forward, backward FROM lines ORDER BY name, id"
    )
    return [Drawn(id, source, name, (a, b)) for id, source, name, a, b in rows]


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


def read_tracks(connection: sqlite3.Connection, filter: Filter, sources: Sequence[int]) -> Tracks:
    """The tracks of these sources that overlap the filter's window and have its labels."""
    there = {source: known_labels(connection, source) for source in sources}
    labels = sorted({label for each in there.values() for label in each})
    parts = [np.zeros((0, 5), np.int64)]
    for source in sources:
        for label in there[source]:
            if filter.labels and label not in filter.labels:
                continue
            rows = connection.execute(
                "SELECT id, first_seen, last_seen FROM people_tracks"
                " WHERE source_id = ? AND label = ? AND last_seen >= ? AND first_seen < ?",
                (source, label, filter.since, filter.until),
            )
            found = _table(rows, 3)
            about = np.full((len(found), 2), (source, labels.index(label)), np.int64)
            parts.append(np.hstack([found, about]))
    id, first, last, source_id, number = np.concatenate(parts).T
    no_zone = np.full(len(id), -1)
    tracks = Tracks(
        id, source_id, number, first, last, id, first, last, no_zone, labels=tuple(labels)
    )
    return _joined(connection, filter, tracks)


def _joined(connection: sqlite3.Connection, filter: Filter, tracks: Tracks) -> Tracks:
    """The tracks with their visits, of which other tracks may lie outside the window."""
    rows = connection.execute(  # in the order of an index that has none but these
        "SELECT id, visit_id FROM people_tracks"
        " WHERE visit_id IS NOT NULL AND last_seen >= ? AND first_seen < ? ORDER BY visit_id",
        (filter.since, filter.until),
    )
    known = _table(rows, 2)
    known = known[np.argsort(known[:, 0])]
    if not len(known) or not len(tracks):
        return tracks
    place = np.searchsorted(known[:, 0], tracks.id).clip(max=len(known) - 1)
    at = np.flatnonzero(known[place, 0] == tracks.id)
    keys, number = np.unique(known[place[at], 1], return_inverse=True)
    whole = _table(
        connection.execute(
            "SELECT min(first_seen), max(last_seen) FROM people_tracks WHERE visit_id IN"
            " (SELECT value FROM json_each(?)) GROUP BY visit_id ORDER BY visit_id",
            (json.dumps(keys.tolist()),),
        ),
        2,
    )
    visit, begun, ended = tracks.visit.copy(), tracks.begun.copy(), tracks.ended.copy()
    visit[at], begun[at], ended[at] = -keys[number], whole[number, 0], whole[number, 1]
    return replace(tracks, visit=visit, begun=begun, ended=ended)


def read_stays(
    connection: sqlite3.Connection, filter: Filter, zones: Iterable[Drawn], labels: Sequence[str]
) -> Tracks:
    """The stays in these zones that overlap the filter's window, of tracks with its labels.

    labels: all there are. Only those that lasted as long as the filter says. One that goes on in
    the zone's next version is one stay.
    """
    numbers = {label: number for number, label in enumerate(labels)}
    number = f"CASE label {'WHEN ? THEN ? ' * len(labels)}ELSE -1 END" if labels else "-1"

    def read(condition: str, *values: object) -> Times:
        rows = connection.execute(
            f"SELECT track, source_id, {number}, entered_at, left_at, coalesce(-visit_id, track),"
            " zone_id FROM zone_stays JOIN people_tracks ON people_tracks.id = track"
            f" WHERE {condition}",
            (*chain.from_iterable(numbers.items()), *values),
        )
        return _table(rows, 7)

    window, versions = (filter.until, filter.since), list(zones)
    parts = [
        read("zone_id = ? AND entered_at < ? AND left_at >= ?", zone.id, *window)
        for zone in versions
    ]
    table = np.concatenate([np.zeros((0, 7), np.int64), *parts])
    if several := versions_of(versions):
        table = _over_versions(connection, table, several, read)
        table = table[(table[:, 3] < filter.until) & (table[:, 4] >= filter.since)]
    table = table[table[:, 2] >= 0]  # others are those of a label that came just now
    id, source, label, first, last, visit, zone_id = table.T
    stays = Tracks(
        id, source, label, first, last, visit, first, last, zone_id, labels=tuple(labels)
    )
    if filter.labels:
        wanted = [numbers[label] for label in filter.labels if label in numbers]
        stays = stays.where(np.isin(label, wanted))
    return as_long(stays, filter)


def versions_of(zones: Iterable[Drawn]) -> list[tuple[int, ...]]:
    """The keys of the versions of each zone that has several."""
    found: dict[tuple[int, str], list[int]] = {}
    for zone in zones:
        found.setdefault((zone.source, zone.name), []).append(zone.id)
    return [tuple(keys) for keys in found.values() if len(keys) > 1]


GRACE = """(SELECT max(2000, coalesce(round(2000.0 / nullif(min(
      coalesce(CASE WHEN json_valid(settings) THEN json_extract(settings, '$.fps') END, 1),
      coalesce(sources.fps, 1)), 0)), 0))
    FROM runs JOIN sources ON sources.id = runs.source_id WHERE runs.id = track.run_id)"""
"""Milliseconds for which a track may be out of a zone and stays there, as stays are derived."""


def _over_versions(
    connection: sqlite3.Connection,
    stays: Times,
    zones: Sequence[tuple[int, ...]],
    read: Callable[..., Times],
) -> Times:
    """The stays, in the columns of `read_stays`, where what goes on in another version is one."""
    for keys in zones:
        several = np.isin(stays[:, 6], keys)
        tracks = _near_a_change(connection, stays[several], keys)
        if not len(tracks):
            continue
        several &= np.isin(stays[:, 0], tracks)
        places = ", ".join("?" * len(keys))
        whole = read(  # also those outside the window, which may go on in it
            f"track IN (SELECT value FROM json_each(?)) AND +zone_id IN ({places})",
            json.dumps(tracks.tolist()), *keys,
        )  # fmt: skip
        stays = np.concatenate([stays[~several], _going_on(whole, _graces(connection, tracks))])
    return stays


def _near_a_change(connection: sqlite3.Connection, stays: Times, keys: Sequence[int]) -> Times:
    """The tracks that were there about when these versions of a zone began or ended."""
    rows = connection.execute(
        "SELECT valid_from, valid_to FROM zones WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(keys),),
    )
    near = np.zeros(len(stays), bool)
    for t in {t for ends in rows for t in ends if t is not None}:
        near |= (stays[:, 3] <= t + LONGEST_GRACE) & (stays[:, 4] >= t - LONGEST_GRACE)
    return np.unique(stays[near, 0])


def _graces(connection: sqlite3.Connection, tracks: Times) -> dict[int, int]:
    rows = connection.execute(
        f"SELECT id, {GRACE} FROM people_tracks AS track"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(tracks.tolist()),),
    )
    return {track: int(grace) for track, grace in rows}


def _going_on(stays: Times, graces: Mapping[int, int]) -> Times:
    """Stays of one zone: those that go on in another version of it, within the grace, are one."""
    stays = stays[np.lexsort((stays[:, 6], stays[:, 4], stays[:, 3], stays[:, 0]))]
    found: list[Times] = []
    before = -1
    for stay in stays:
        if found:
            last = found[-1]
            goes_on = stay[0] == last[0] and stay[3] <= last[4] + graces.get(int(stay[0]), 2000)
            if goes_on and stay[6] != before:
                last[4] = max(last[4], stay[4])
                before = stay[6]
                continue
        found.append(stay.copy())
        before = stay[6]
    return np.array(found, np.int64).reshape(-1, 7)


LONGEST_GRACE = 10 * MINUTE  # milliseconds: at five minutes from picture to picture


def as_long(tracks: Tracks, filter: Filter) -> Tracks:
    """Those whose visits, or whose stays in a zone, lasted as long as the filter says."""
    if filter.least is None and filter.most is None:
        return tracks
    lasted = (tracks.ended - tracks.begun) / 1000
    least = -np.inf if filter.least is None else filter.least
    most = np.inf if filter.most is None else filter.most
    return tracks.where((lasted >= least) & (lasted <= most))


def read_crossings(
    connection: sqlite3.Connection, filter: Filter, lines: Sequence[Drawn], labels: Sequence[str]
) -> Crossings:
    """How these lines were crossed in the filter's window, by tracks with its labels.

    labels: all there are. Directions are not looked at.
    """
    numbers = {label: number for number, label in enumerate(labels)}
    ways = {way: number for number, way in enumerate(directions_of(lines))}
    parts = [np.zeros((0, 7), np.int64)]
    for line in lines:
        forward, backward = line.directions
        # a direction may be kept as what it is, or as the line's own name for it
        known = {backward: -1, forward: 1, "backward": -1, "forward": 1}
        named = {"forward": forward, "backward": backward}
        rows = connection.execute(
            "SELECT track, label, t, direction FROM crossings"
            " JOIN people_tracks ON people_tracks.id = track"
            " WHERE line_id = ? AND t >= ? AND t < ?",
            (line.id, filter.since, filter.until),
        )
        found = [
            (track, line.source, numbers[label], line.id, t,
             ways.setdefault(named.get(way, way), len(ways)), known.get(way, 0))
            for track, label, t, way in rows
            if label in numbers and (not filter.labels or label in filter.labels)
        ]  # fmt: skip
        parts.append(_table(found, 7))
    id, source, label_number, key, t, way, sign = np.concatenate(parts).T
    return Crossings(id, source, label_number, key, t, way, sign, tuple(ways))


def directions_of(lines: Iterable[Drawn]) -> tuple[str, ...]:
    """The names that lines have for the directions of their crossings, each once."""
    return tuple(dict.fromkeys(name for line in lines for name in line.directions))


def read_coverage(
    connection: sqlite3.Connection, filter: Filter, sources: Sequence[int]
) -> Coverage:
    """What was watched of the window, by the minute; of long ones by the quarter of an hour.

    Of a minute that the window cuts, at most as much as lies in it.
    """
    parts = [np.zeros((0, 6))]
    for query, since, until, most in _stretches(connection, filter):
        for source in sources:
            asked = {"source": source, "since": since, "until": until}
            rows = connection.execute(query, asked)
            table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, 6)
            table[:, 2:] = table[:, 2:].clip(max=most)
            parts.append(table)
    id, t, *seconds = np.concatenate(parts).T
    return Coverage(id.astype(np.int64), t.astype(np.int64), *seconds)


def _stretches(
    connection: sqlite3.Connection, filter: Filter
) -> Iterator[tuple[str, int, int, float]]:
    """What is to be read of coverage: how, from and to which minute, and the most seconds a row."""
    since, until = -(-filter.since // MINUTE), filter.until // MINUTE
    if since > until:  # within one minute
        yield _MINUTES, until, since, filter.length / 1000
        return
    if before := since * MINUTE - filter.since:
        yield _MINUTES, since - 1, since, before / 1000
    if after := filter.until - until * MINUTE:
        yield _MINUTES, until, until + 1, after / 1000
    if filter.length <= LONG:
        yield _MINUTES, since, until, np.inf
        return
    # a study of an earlier version has no quarters, and is never changed
    known = "SELECT 1 FROM sqlite_master WHERE name = 'coverage_quarters'"
    first, last = -(-since // 15) * 15, until // 15 * 15
    yield _MINUTES_BY_QUARTER, since, first, np.inf
    if connection.execute(known).fetchone():
        yield _QUARTERS, first, last, np.inf
    else:
        yield _MINUTES_BY_QUARTER, first, last, np.inf
    yield _MINUTES_BY_QUARTER, last, until, np.inf


_STATES = ", ".join(f"seconds_{state}" for state in UNWATCHED)
_MINUTES = (
    f"SELECT source_id, minute * {MINUTE}, seconds_observed, {_STATES} FROM coverage"
    " WHERE source_id = :source AND minute >= :since AND minute < :until"
)
_MINUTES_BY_QUARTER = _MINUTES.replace(f"minute * {MINUTE}", f"minute / 15 * {QUARTER}")
_QUARTERS = (
    f"SELECT source_id, quarter * {QUARTER}, seconds_observed, {_STATES} FROM coverage_quarters"
    " WHERE source_id = :source AND quarter >= :since / 15 AND quarter < :until / 15"
)


def _table(rows: Iterable[Sequence[Any]], width: int) -> Times:
    return np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, width)
