"""Visits of a database: joining the tracks of its sources, again with other settings, or not.

The tracks stay as they are. `joins` says which goes on as which, from the lenient score on;
people_tracks.visit_id is the id of the first track of a visit of several, NULL for all others.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ..database import describing, sources, writing
from ..errors import SettingsError
from ..times import now_ms
from .ends import Ends, Ints, Tracks, read_ends, read_tracks
from .pairing import RECENT, Pairs, pair
from .settings import VisitSettings

MAY_RETURN = 30_000  # milliseconds for which a tracker may find a track again by itself
_ROWS_AT_ONCE = 2000

_Row = tuple[int, int, float, int]
"""A join: track, next, score, gap."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What joining did. tracks: how many were looked at; joins: how many of these go on as another
    one."""

    tracks: int
    joins: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many visits there are in some tracks, and how many there may be at least and at most.

    low: joined from the lenient score on, without the brief ones, which may be false; high: joined
    from the strict score on. doubtful: how many of `visits` are most likely no object, as they were
    seen for a moment only, and never surely.
    """

    tracks: int
    visits: int
    low: int
    high: int
    doubtful: int = 0


def join(
    connection: sqlite3.Connection,
    settings: VisitSettings | None = None,
    source_ids: Iterable[int] | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Joined:
    """Join the tracks of these sources, or of all, from the beginning, instead of how they were.

    settings: those that the database has, or else the usual ones, if not given; from now on it has
    them. Rows are written a few at a time, so that a writer beside waits for none. Raises
    DatabaseError.
    """
    with describing("The database"):
        chosen = settings or visit_settings(connection)
        done = Joined(0, 0)
        wanted = [source.id for source in sources(connection)] if source_ids is None else source_ids
        plan = {id: read_tracks(connection, id) for id in wanted}
        total = sum(len(tracks.id) for tracks in plan.values())
        for id, tracks in plan.items():
            begun = done.tracks
            ends = read_ends(
                connection, tracks, chosen.edge,
                lambda now, of, begun=begun: progress(begun + now, total),  # type: ignore[misc]
            )  # fmt: skip
            done = _added(done, _decide(connection, id, tracks, ends, chosen))
        return done


def go_on(connection: sqlite3.Connection, source_id: int, since: int | None = None) -> Joined:
    """Join what ended lately: what is not decided for good yet, and what came since.

    since: milliseconds since 1970 UTC; where a source was never joined, only tracks that ended at
    that time or later are. What `join` decides of the same tracks is decided alike, unless a crowd
    lasts for longer than it waits. Raises DatabaseError.
    """
    with describing("The database"):
        settings = visit_settings(connection)
        until = _until(connection, source_id)
        begin = since if until is None else until
        tracks = read_tracks(connection, source_id, max((begin or 0) - _lately(settings), 0))
        ends = read_ends(connection, tracks, settings.edge)
        return _decide(connection, source_id, tracks, ends, settings, begin or 0)


def _lately(settings: VisitSettings) -> int:
    """For how long before a track those count that tell how many came: milliseconds."""
    gap = max(settings.longest_gap, settings.across_runs)
    return RECENT + round(1000 * (settings.overlap + gap))


def undo(connection: sqlite3.Connection) -> None:
    """Have every track stand for itself again, and forget the settings. Raises DatabaseError."""
    with describing("The database"), writing(connection):
        connection.execute("DELETE FROM joins")
        connection.execute("DELETE FROM joinings")
        connection.execute("UPDATE people_tracks SET visit_id = NULL WHERE visit_id IS NOT NULL")


def visit_settings(connection: sqlite3.Connection) -> VisitSettings:
    """The settings that the database's tracks were joined with last, or the usual ones."""
    kept = connection.execute(
        "SELECT settings FROM joinings ORDER BY made_at DESC, source_id LIMIT 1"
    ).fetchone()
    try:
        return VisitSettings.of(json.loads(kept[0])) if kept else VisitSettings()
    except (SettingsError, ValueError):  # written by another version
        return VisitSettings()


def count(connection: sqlite3.Connection, tracks: Iterable[int] | None = None) -> Count:
    """How many visits these tracks (people_tracks.id) are, or all there are, with the range.

    A track that stands for itself is a visit. Two tracks of a visit count as one also where those
    between them are not asked about.
    """
    query = _TRACKS.format(0)
    if tracks is not None:
        query += " WHERE id IN (SELECT value FROM json_each(:keys))"
    keys = json.dumps(None if tracks is None else [int(track) for track in tracks])
    rows = connection.execute(query, {"keys": keys})
    return _counted(connection, rows).get(0, Count(0, 0, 0, 0))


def counts(connection: sqlite3.Connection) -> dict[int, Count]:
    """The same for all tracks of each source that has any, by its id."""
    return _counted(connection, connection.execute(_TRACKS.format("source_id")))


_TRACKS = (
    "SELECT {}, id, coalesce(-visit_id, id), first_seen, last_seen, confidence FROM people_tracks"
)


def _counted(
    connection: sqlite3.Connection, rows: Iterable[tuple[int, int, int, int, int, float]]
) -> dict[int, Count]:
    """Counts by the first of these numbers; the others are a track, its visit, its time, and
    its confidence."""
    settings = visit_settings(connection)
    joins = connection.execute("SELECT track, next, score FROM joins").fetchall()
    strict, lenient = (_first_of(joins, least) for least in (settings.strict, settings.lenient))
    kinds: dict[int, _Kind] = {}
    for kind, track, visit, first, last, confidence in rows:
        found = kinds.setdefault(kind, _Kind())
        found.tracks += 1
        begun, ended, surest = found.visits.get(visit, (first, last, confidence))
        found.visits[visit] = min(begun, first), max(ended, last), max(surest, confidence)
        found.most.add(strict(track))
        since, until = found.fewest.get(lenient(track), (first, last))
        found.fewest[lenient(track)] = min(since, first), max(until, last)
    return {kind: found.count(settings) for kind, found in kinds.items()}


@dataclass(slots=True)
class _Kind:
    """Tracks to be counted together. visits: when each began and ended, and the confidence of its
    surest track; fewest: of the fewest visits, when each began and ended."""

    tracks: int = 0
    visits: dict[int, tuple[int, int, float]] = field(default_factory=dict)
    most: set[int] = field(default_factory=set)
    fewest: dict[int, tuple[int, int]] = field(default_factory=dict)

    def count(self, settings: VisitSettings) -> Count:
        """Visits that were joined elsewhere, of which nothing is known, widen the range."""
        visits, brief = len(self.visits), round(1000 * settings.brief)
        doubtful = sum(
            last - first < brief and surest < settings.faint
            for first, last, surest in self.visits.values()
        )
        lasting = sum(last - first >= brief for first, last in self.fewest.values())
        high = max(len(self.most), visits)
        return Count(self.tracks, visits, min(lasting, visits), high, doubtful)


def _first_of(joins: list[tuple[int, int, float]], least: float) -> Callable[[int], int]:
    before = {next: track for track, next, score in joins if score >= least}

    def first(track: int) -> int:
        while (earlier := before.get(track)) is not None:
            track = earlier
        return track

    return first


def _added(one: Joined, other: Joined) -> Joined:
    return Joined(one.tracks + other.tracks, one.joins + other.joins)


def _until(connection: sqlite3.Connection, source_id: int) -> int | None:
    row = connection.execute("SELECT until FROM joinings WHERE source_id = ?", (source_id,))
    found = row.fetchone()
    return None if found is None else int(found[0])


def _decide(
    connection: sqlite3.Connection,
    source_id: int,
    tracks: Tracks,
    looked: tuple[Ends, Ends],
    settings: VisitSettings,
    since: int = 0,
) -> Joined:
    """Write how the tracks that ended since go on, instead of how they did; earlier ones stay as
    they are."""
    begins, ends = looked
    late = tracks.last >= since
    ids = tracks.id[late]
    before = _before(connection, ids)
    pairs = pair(tracks, begins, ends, (late & ~np.isin(tracks.id, list(before)), late), settings)
    rows = _rows(tracks, pairs)
    visits = _visits(tracks, rows, before, settings.score)
    for part in _parts(ids):
        with writing(connection):
            _write(connection, part, rows, visits)
    with writing(connection):
        _note(connection, source_id, settings, since)
    return Joined(len(ids), int((pairs.score >= settings.score).sum()))


def _before(connection: sqlite3.Connection, ids: Ints) -> dict[int, tuple[float, int | None]]:
    """Those of these tracks that go on from an earlier one, which is not among them: the score,
    and its visit."""
    rows = connection.execute(
        "WITH these AS (SELECT value FROM json_each(?)) SELECT next, score, visit_id FROM these"
        " JOIN joins ON next = value JOIN people_tracks AS earlier ON earlier.id = joins.track"
        " WHERE joins.track NOT IN these",
        (json.dumps(ids.tolist()),),
    )
    return {next: (score, visit) for next, score, visit in rows}


def _rows(tracks: Tracks, pairs: Pairs) -> dict[int, _Row]:
    ends, begins = tracks.id[pairs.end].tolist(), tracks.id[pairs.begin].tolist()
    scores = np.round(pairs.score, 4).tolist()
    joined = zip(ends, begins, scores, pairs.gap.tolist(), strict=True)
    return {row[0]: row for row in joined}


def _visits(
    tracks: Tracks,
    rows: dict[int, _Row],
    before: dict[int, tuple[float, int | None]],
    least: float,
) -> dict[int, int]:
    """The visit of each track that does not stand for itself."""
    visits = {next: visit for next, (score, visit) in before.items() if visit and score >= least}
    for id in tracks.id[np.argsort(tracks.first, kind="stable")].tolist():
        if (row := rows.get(id)) and row[2] >= least:
            visits[row[1]] = visits.setdefault(id, id)
    return visits


def _parts(ids: Ints) -> Iterator[list[int]]:
    keys = ids.tolist()
    for start in range(0, len(keys), _ROWS_AT_ONCE):
        yield keys[start : start + _ROWS_AT_ONCE]


def _write(
    connection: sqlite3.Connection, ids: list[int], rows: dict[int, _Row], visits: dict[int, int]
) -> None:
    """Replace what is known of these tracks; a purge may have deleted some meanwhile."""
    these = json.dumps(ids)
    connection.execute(
        "DELETE FROM joins WHERE track IN (SELECT value FROM json_each(?))", (these,)
    )
    connection.executemany(
        "INSERT OR REPLACE INTO joins SELECT ?1, ?2, ?3, ?4"
        " WHERE (SELECT count(*) FROM people_tracks WHERE id IN (?1, ?2)) = 2",
        [rows[id] for id in ids if id in rows],
    )
    connection.executemany(
        "UPDATE people_tracks SET visit_id = ?1 WHERE id = ?2 AND visit_id IS NOT ?1",
        [(visits.get(id), id) for id in ids],
    )


def _note(
    connection: sqlite3.Connection, source_id: int, settings: VisitSettings, since: int
) -> None:
    """Until when it is decided for good, as nothing can come any more that belongs to it."""
    longest = round(1000 * max(settings.longest_gap, settings.across_runs))
    connection.execute(
        "INSERT OR REPLACE INTO joinings SELECT id, max(?2, coalesce((SELECT max(ended_at) FROM"
        " runs WHERE source_id = ?1), 0) - ?3), ?4, ?5 FROM sources WHERE id = ?1",
        (source_id, since, longest + MAY_RETURN, now_ms(), json.dumps(settings.to_dict())),
    )
