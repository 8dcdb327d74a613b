"""The ground planes of sources and their versions, as the database keeps them.

One that is set counts from the beginning of the record. One that is set anew becomes a new version
from then on, as after a camera was moved, and the old one counts for the time before; unless that
is asked for. What was derived of tracks that it concerns is deleted and must be derived anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from ..database import find_source, writing
from ..errors import GroundError, NothingRecorded
from ..footprints import ground_of
from ..times import now_ms
from .calibration import Calibration
from .plans import find_plan, has_grounds

BEGINNING = 0  # from when a first version counts: whatever is recorded or imported
_FOREVER = 2**62


@dataclass(frozen=True, slots=True)
class Grounded:
    """A version of a source's ground plane.

    id: grounds.id. since, until: from when on and before when it counts, milliseconds since 1970
    UTC; until is None for the current version.
    """

    id: int
    source_id: int
    source: str
    calibration: Calibration
    since: int
    until: int | None

    @property
    def current(self) -> bool:
        return self.until is None


def versions(connection: sqlite3.Connection, source: str | None = None) -> list[Grounded]:
    """All versions, by source and time. What another program wrote and is none is left out."""
    if not has_grounds(connection):
        return []
    rows = connection.execute(
        "SELECT grounds.id, source_id, sources.name, content, valid_from, valid_to"
        " FROM grounds JOIN sources ON sources.id = source_id"
        " WHERE sources.name = coalesce(?, sources.name) ORDER BY sources.name, valid_from",
        (source,),
    ).fetchall()
    found = []
    for id, source_id, name, text, since, until in rows:
        with suppress(GroundError, ValueError):
            calibration = Calibration.of(json.loads(text))
            found.append(Grounded(id, source_id, name, calibration, since, until))
    return found


def current(connection: sqlite3.Connection) -> list[Grounded]:
    """The ground planes that there are now, by source."""
    return [each for each in versions(connection) if each.current]


def find(connection: sqlite3.Connection, source: str) -> Grounded:
    """The current ground plane of a source. Raises GroundError, NothingRecorded."""
    find_source(connection, source)
    for each in versions(connection, source):
        if each.current:
            return each
    raise GroundError(f"Source {source!r} has no ground plane")


def set_ground(
    connection: sqlite3.Connection,
    source: str,
    calibration: Calibration,
    *,
    at: int | None = None,
    past: bool = False,
) -> Grounded:
    """Give a source a ground plane.

    The first one counts from the beginning; another one from `at` on (milliseconds since 1970 UTC,
    by default now), or with `past` as if the current version had been like that. To lie elsewhere
    on a plan, or on another one, changes no metre, and so holds for the current version as a whole.
    Raises GroundError for points that give no floor, or a plan that there is not.
    """
    calibration.fitted()
    with writing(connection):
        source_id = find_source(connection, source).id
        if calibration.frame is None:
            calibration = replace(calibration, frame=_frame_of(connection, source_id))
        if calibration.placing is not None:
            find_plan(connection, calibration.placing.plan)
        before = versions(connection, source)
        old = next((each for each in before if each.current), None)
        if old is None:
            since = max(
                (each.until for each in before if each.until is not None), default=BEGINNING
            )
            return _insert(connection, Grounded(0, source_id, source, calibration, since, None))
        if replace(old.calibration, placing=calibration.placing) == calibration:
            content = json.dumps(calibration.content, separators=(",", ":"))
            connection.execute("UPDATE grounds SET content = ? WHERE id = ?", (content, old.id))
            return replace(old, calibration=calibration)
        moment = now_ms() if at is None else at
        if past or moment <= old.since:
            _forget(connection, old, old.since)
            connection.execute("DELETE FROM grounds WHERE id = ?", (old.id,))
            return _insert(connection, replace(old, calibration=calibration))
        _forget(connection, old, moment)
        connection.execute("UPDATE grounds SET valid_to = ? WHERE id = ?", (moment, old.id))
        return _insert(connection, replace(old, calibration=calibration, since=moment))


def delete(connection: sqlite3.Connection, source: str) -> int:
    """Delete a source's ground plane with all versions; how many that were. Raises GroundError."""
    with writing(connection):
        there = versions(connection, source)
        if not there:
            find(connection, source)  # says that there is none
        for each in there:
            _forget(connection, each, each.since)
            connection.execute("DELETE FROM grounds WHERE id = ?", (each.id,))
    return len(there)


def restore(connection: sqlite3.Connection, source: str, to: Iterable[Grounded]) -> None:
    """Make a source's versions be what they were: as `versions` gave them before."""
    with writing(connection):
        for each in versions(connection, source):
            _forget(connection, each, each.since)
            connection.execute("DELETE FROM grounds WHERE id = ?", (each.id,))
        for each in to:
            _insert(connection, each)


def _frame_of(connection: sqlite3.Connection, source_id: int) -> tuple[int, int] | None:
    with suppress(NothingRecorded):
        ground = ground_of(connection, source_id)
        return ground.width, ground.height
    return None


def _insert(connection: sqlite3.Connection, ground: Grounded) -> Grounded:
    content = json.dumps(ground.calibration.content, separators=(",", ":"))
    id = connection.execute(
        "INSERT INTO grounds (source_id, content, valid_from, valid_to) VALUES (?, ?, ?, ?)",
        (ground.source_id, content, ground.since, ground.until),
    ).lastrowid
    assert id is not None
    _forget(connection, ground, ground.since)
    return replace(ground, id=id)


def _forget(connection: sqlite3.Connection, ground: Grounded, since: int) -> None:
    """Let what was derived of tracks in a version's time, from `since` on, be derived anew."""
    connection.execute(
        "DELETE FROM paces WHERE track IN (SELECT id FROM people_tracks WHERE source_id = ?"
        " AND last_seen >= ? AND first_seen < ?)",
        (ground.source_id, since, _FOREVER if ground.until is None else ground.until),
    )
