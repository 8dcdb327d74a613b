"""How fast the database grows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ..localtime import DAY, HOUR
from .selection import recorded

LATELY = 7 * DAY
"""Milliseconds over which growth is measured."""
LEAST = HOUR
"""Milliseconds that must be recorded before growth is a number."""


@dataclass(frozen=True, slots=True)
class Growth:
    """positions: rows in all; bytes_a_day: at the pace of the last days, None where not known."""

    positions: int
    bytes_a_day: float | None


def growth(connection: sqlite3.Connection, size: int, now: int) -> Growth:
    """How fast a database of so many bytes grows: its bytes for a position, times those a day.

    now: milliseconds since 1970 UTC. Positions are counted by when their track was first seen.
    """
    (positions,) = connection.execute("SELECT sum(positions) FROM people_tracks").fetchone()
    extent = recorded(connection)
    if not positions or extent is None:
        return Growth(0, None)
    since = max(now - LATELY, extent[0])
    (lately,) = connection.execute(
        "SELECT coalesce(sum(positions), 0) FROM people_tracks WHERE first_seen >= ?", (since,)
    ).fetchone()
    if now - since < LEAST:
        return Growth(positions, None)
    return Growth(positions, size / positions * lately * DAY / (now - since))
