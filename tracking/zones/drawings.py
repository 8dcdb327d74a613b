"""The zones and lines that are drawn, and their versions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from ..database import find_source
from ..errors import DrawingError
from .geometry import Line, Zone

Kind = Literal["zone", "line"]
KINDS: tuple[Kind, ...] = ("zone", "line")

BEGINNING = 0  # from when a first version counts: whatever is recorded or imported


@dataclass(frozen=True, slots=True)
class Drawn:
    """A version of a zone or line.

    id: zones.id or lines.id. since, until: from when on and before when it counts, milliseconds
    since 1970 UTC; until is None for the current version.
    """

    kind: Kind
    id: int
    source_id: int
    source: str
    shape: Zone | Line
    since: int
    until: int | None

    @property
    def name(self) -> str:
        return self.shape.name

    @property
    def current(self) -> bool:
        return self.until is None


def versions(
    connection: sqlite3.Connection, kind: Kind, source: str | None = None, name: str | None = None
) -> list[Drawn]:
    """All versions, by source, name and time; of one source, or of one name.

    What some other program wrote and is no shape is left out.
    """
    values = {"source": source, "name": name, "source_id": None}
    return list(_read(kind, connection.execute(_QUERIES[kind], values)))


def current(connection: sqlite3.Connection, kind: Kind, source: str | None = None) -> list[Drawn]:
    """The zones or lines that there are now, by source and name."""
    return [each for each in versions(connection, kind, source) if each.current]


def drawn_at(connection: sqlite3.Connection, source_id: int) -> tuple[Drawn, ...]:
    """All versions of all zones and lines of a source."""
    values = {"source": None, "name": None, "source_id": source_id}
    found: list[Drawn] = []
    for kind in KINDS:
        found += _read(kind, connection.execute(_QUERIES[kind], values))
    return tuple(found)


def find(connection: sqlite3.Connection, kind: Kind, source: str, name: str) -> Drawn:
    """The current version of that name. Raises DrawingError, naming those there are."""
    find_source(connection, source)
    there = current(connection, kind, source)
    for each in there:
        if each.name == name:
            return each
    names = ", ".join(repr(each.name) for each in there) or "none"
    raise DrawingError(f"Source {source!r} has no {kind} {name!r}; it has {names}")


def kind_of(shape: Zone | Line) -> Kind:
    return "zone" if isinstance(shape, Zone) else "line"


def _query(kind: Kind, columns: str) -> str:
    return (
        f"SELECT drawn.id, source_id, sources.name, drawn.name, {columns}, valid_from, valid_to"
        f" FROM {kind}s AS drawn JOIN sources ON sources.id = source_id"
        " WHERE sources.name = coalesce(:source, sources.name)"
        " AND drawn.name = coalesce(:name, drawn.name)"
        " AND source_id = coalesce(:source_id, source_id)"
        " ORDER BY source_id, drawn.name, valid_from, drawn.id"
    )


_QUERIES: dict[Kind, str] = {
    "zone": _query("zone", "polygon, NULL, NULL"),
    "line": _query("line", "points, forward, backward"),
}


def _read(kind: Kind, rows: Iterable[tuple[Any, ...]]) -> Iterator[Drawn]:
    for row in rows:
        with suppress(DrawingError):
            yield _drawn(kind, *row)


@lru_cache(maxsize=1024)  # the writer asks after each batch, and nearly always nothing has changed
def _drawn(
    kind: Kind,
    id: int,
    source_id: int,
    source: str,
    name: str,
    text: str,
    forward: str,
    backward: str,
    since: int,
    until: int | None,
) -> Drawn:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise DrawingError(f"{kind} {name!r} cannot be read: {error}") from None
    if kind == "zone":
        return Drawn(kind, id, source_id, source, Zone.of(name, content), since, until)
    line = Line.of(name, content, forward, backward)
    return Drawn(kind, id, source_id, source, line, since, until)
