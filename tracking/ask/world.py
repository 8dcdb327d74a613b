"""What a question may be about: the names that the record knows, and when it is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ..ground import has_grounds
from ..metrics import SourceInfo, known_labels, known_sources, recorded
from ..metrics.selection import common_zone


@dataclass(frozen=True, slots=True)
class Place:
    """A zone or a line with a name, at a source. directions: the two that a line's crossings have,
    forward and backward; none of a zone."""

    name: str
    source: str
    directions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """Names are text of strangers: compared with, shown, and never followed.

    now: ms since 1970 UTC. recorded: from when to when there are rows, if there are any. zone: in
    which times are meant where no source says it; that of all sources unless given. grounded: the
    sources that have, or had, a ground plane.
    """

    now: int
    sources: tuple[SourceInfo, ...] = ()
    labels: tuple[str, ...] = ()
    zones: tuple[Place, ...] = ()
    lines: tuple[Place, ...] = ()
    recorded: tuple[int, int] | None = None
    zone: str = ""
    grounded: tuple[str, ...] = ()

    def timezone(self, sources: Sequence[str] = ()) -> str:
        """The zone that the named sources have in common (all, if none are named), or UTC."""
        if self.zone and not sources:
            return self.zone
        return common_zone([s for s in self.sources if not sources or s.name in sources])


def world_of(connection: sqlite3.Connection, now: int) -> World:
    """What the record knows, seen from a moment."""
    sources = known_sources(connection)
    labels = {label for source in sources for label in known_labels(connection, source.id)}
    zones = connection.execute(
        "SELECT DISTINCT zones.name, sources.name FROM zones JOIN sources"
        " ON sources.id = source_id ORDER BY 1, 2"
    )
    lines = connection.execute(
        "SELECT DISTINCT lines.name, sources.name, forward, backward FROM lines JOIN sources"
        " ON sources.id = source_id ORDER BY 1, 2"
    )
    return World(
        now,
        tuple(sources),
        tuple(sorted(labels)),
        tuple(Place(*row) for row in zones),
        tuple(Place(name, source, (a, b)) for name, source, a, b in lines),
        recorded(connection),
        grounded=_grounded(connection),
    )


def _grounded(connection: sqlite3.Connection) -> tuple[str, ...]:
    if not has_grounds(connection):
        return ()
    rows = connection.execute(
        "SELECT DISTINCT sources.name FROM grounds JOIN sources ON sources.id = source_id"
    )
    return tuple(sorted(name for (name,) in rows))
