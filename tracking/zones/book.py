"""Drawing zones and lines into the database: adding, changing and deleting them.

A zone or line that is drawn counts from the beginning of the record. One that is changed becomes a
new version from then on, and the old version counts for the time before: nothing that was counted
changes, unless that is asked for. At any time a source has one zone, and one line, of a name.

What a new version counts in what is recorded already must be derived then: `deriving.derive`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from ..database import find_source, writing
from ..errors import DrawingError
from ..times import now_ms
from .drawings import BEGINNING, Drawn, Kind, current, find, kind_of, versions
from .geometry import Line, Zone
from .storing import TABLES, store_tracks


def add(connection: sqlite3.Connection, source: str, shape: Zone | Line) -> Drawn:
    """Draw a zone or line, which counts from the beginning of the record.

    One of a name that there was before counts from when that one ended. Raises DrawingError where
    there is one of that name, and NothingRecorded where there is no such source.
    """
    kind = kind_of(shape)
    with writing(connection):
        source_id = find_source(connection, source).id
        before = versions(connection, kind, source, shape.name)
        if any(each.current for each in before):
            raise DrawingError(f"Source {source!r} has a {kind} {shape.name!r} already")
        since = max((each.until for each in before if each.until is not None), default=BEGINNING)
        return _insert(connection, Drawn(kind, 0, source_id, source, shape, since, None))


def change(
    connection: sqlite3.Connection,
    source: str,
    name: str,
    shape: Zone | Line,
    *,
    at: int | None = None,
    past: bool = False,
) -> Drawn:
    """Give a zone or line another shape, another name, or its directions other names.

    A new shape counts from `at` on (milliseconds since 1970 UTC, by default now) as a new version;
    with `past` as if the current version had been drawn like that. New names are those of all
    versions, because they are the same place. Raises DrawingError.
    """
    kind = kind_of(shape)
    with writing(connection):
        old = find(connection, kind, source, name)
        if shape.name != name and versions(connection, kind, source, shape.name):
            raise DrawingError(f"Source {source!r} has, or had, a {kind} {shape.name!r} already")
        _rename(connection, old, shape)
        if _content(shape) == _content(old.shape):
            return replace(old, shape=shape)
        moment = now_ms() if at is None else at
        if past or moment <= old.since:
            _delete(connection, [old])
            return _insert(connection, replace(old, id=0, shape=shape))
        _end(connection, old, moment)
        return _insert(connection, replace(old, id=0, shape=shape, since=moment))


def end(
    connection: sqlite3.Connection, kind: Kind, source: str, name: str, at: int | None = None
) -> None:
    """Let a zone or line count no longer from `at` on, by default now; the past stays counted."""
    with writing(connection):
        old = find(connection, kind, source, name)
        _end(connection, old, max(old.since, now_ms() if at is None else at))


def delete(connection: sqlite3.Connection, kind: Kind, source: str, name: str) -> int:
    """Delete a zone or line, also one that has ended, with all versions and what they counted.

    How many versions that were. Raises DrawingError where there is none.
    """
    with writing(connection):
        there = versions(connection, kind, source, name)
        if not there:
            find(connection, kind, source, name)  # says what there is
        _delete(connection, there)
    return len(there)


def put(
    connection: sqlite3.Connection, source: str, shapes: Iterable[Zone | Line], past: bool = False
) -> list[Drawn]:
    """Add shapes, or change those that there are by their names; all of them or none."""
    done = []
    with writing(connection):
        for shape in shapes:
            there = {each.name for each in current(connection, kind_of(shape), source)}
            if shape.name in there:
                done.append(change(connection, source, shape.name, shape, past=past))
            else:
                done.append(add(connection, source, shape))
    return done


def restore(
    connection: sqlite3.Connection,
    kind: Kind,
    source: str,
    names: Iterable[str],
    to: Iterable[Drawn],
) -> None:
    """Make the versions of these names be what they were: as `versions` gave them before.

    What others are there under these names is deleted with what it counted; what is not as it was
    must be derived anew. Versions with other names only keep what they counted.
    """
    before = {each.id: each for each in to}
    with writing(connection):
        find_source(connection, source)
        there = {
            each.id: each for name in names for each in versions(connection, kind, source, name)
        }
        kept = {
            id: each for id, each in there.items() if id in before and _is_alike(each, before[id])
        }
        _delete(connection, [each for id, each in there.items() if id not in kept])
        for id, each in before.items():
            if id in kept:
                _rename_one(connection, each)
            else:
                _insert(connection, each)


def _is_alike(one: Drawn, other: Drawn) -> bool:
    """Whether two versions count the same."""
    ends = [(each.since, each.until, _content(each.shape)) for each in (one, other)]
    return ends[0] == ends[1]


def _content(shape: Zone | Line) -> str:
    return json.dumps(shape.content, separators=(",", ":"))


def _insert(connection: sqlite3.Connection, drawn: Drawn) -> Drawn:
    """Write a version, under its own id where that is still free."""
    shape, columns = drawn.shape, "source_id, name, valid_from, valid_to"
    values: list[object] = [drawn.source_id, shape.name, drawn.since, drawn.until, _content(shape)]
    if isinstance(shape, Zone):
        columns += ", polygon"
    else:
        columns += ", points, forward, backward"
        values += [shape.forward, shape.backward]
    query = f"SELECT 1 FROM {drawn.kind}s WHERE id = ?"
    if drawn.id and not connection.execute(query, (drawn.id,)).fetchone():
        columns, values = f"{columns}, id", [*values, drawn.id]
    id = connection.execute(
        f"INSERT INTO {drawn.kind}s ({columns}) VALUES ({', '.join('?' * len(values))})", values
    ).lastrowid
    assert id is not None
    connection.execute("INSERT OR REPLACE INTO underived VALUES (?, ?, 0)", (drawn.kind, id))
    return replace(drawn, id=id)


def _end(connection: sqlite3.Connection, drawn: Drawn, at: int) -> None:
    """Let a version end, and what it counted with it."""
    connection.execute(f"UPDATE {drawn.kind}s SET valid_to = ? WHERE id = ?", (at, drawn.id))
    table, column, first, last = TABLES[drawn.kind]
    connection.execute(f"DELETE FROM {table} WHERE {column} = ? AND {first} >= ?", (drawn.id, at))
    across = connection.execute(
        f"SELECT DISTINCT track FROM {table} WHERE {column} = ? AND {last} >= ?", (drawn.id, at)
    )
    tracks = [track for (track,) in across]
    store_tracks(connection, [replace(drawn, until=at)], tracks)


def _rename_one(connection: sqlite3.Connection, drawn: Drawn) -> None:
    """Give a version that is there the names that it has here."""
    shape, columns = drawn.shape, "name = ?"
    names: list[object] = [shape.name]
    if isinstance(shape, Line):
        columns += ", forward = ?, backward = ?"
        names += [shape.forward, shape.backward]
    connection.execute(f"UPDATE {drawn.kind}s SET {columns} WHERE id = ?", (*names, drawn.id))


def _rename(connection: sqlite3.Connection, old: Drawn, shape: Zone | Line) -> None:
    names: tuple[object, ...] = (shape.name,)
    columns = "name = ?"
    if isinstance(shape, Line):
        columns += ", forward = ?, backward = ?"
        names += (shape.forward, shape.backward)
    connection.execute(
        f"UPDATE {old.kind}s SET {columns} WHERE source_id = ? AND name = ?",
        (*names, old.source_id, old.name),
    )


def _delete(connection: sqlite3.Connection, versions: Iterable[Drawn]) -> None:
    for each in versions:
        table, column, *_ = TABLES[each.kind]
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (each.id,))
        connection.execute(f"DELETE FROM {each.kind}s WHERE id = ?", (each.id,))
        connection.execute("DELETE FROM underived WHERE kind = ? AND id = ?", (each.kind, each.id))
