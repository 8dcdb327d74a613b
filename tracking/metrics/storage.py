"""How large the record is, and how fast it grows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import pandas as pd

from ..localtime import DAY, HOUR
from ..times import known_zone

LATELY = 7 * DAY
"""Milliseconds over which growth is measured."""
LEAST = HOUR
"""Milliseconds that must be recorded before growth is a number."""


@dataclass(frozen=True, slots=True)
class Growth:
    """positions: rows in all; bytes_a_day: at the pace of the last days, None where not known."""

    positions: int
    bytes_a_day: float | None


def free_bytes(connection: sqlite3.Connection) -> int:
    """Bytes within the file that hold nothing since something was deleted: new rows fill them."""
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    (each,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * each)


def growth(connection: sqlite3.Connection, size: int, now: int) -> Growth:
    """How fast a database of so many bytes grows: its bytes for a position, times those a day.

    What is free within the file is no position's. now: milliseconds since 1970 UTC. Positions are
    counted by when their track was first seen; the days are those since the first track of the
    last seven.
    """
    (positions,) = connection.execute("SELECT sum(positions) FROM people_tracks").fetchone()
    since, lately = connection.execute(
        "SELECT min(first_seen), sum(positions) FROM people_tracks"
        " WHERE first_seen BETWEEN ? AND ?",
        (now - LATELY, now),
    ).fetchone()
    if not positions:
        return Growth(0, None)
    if since is None:
        return Growth(positions, 0.0)
    if now - since < LEAST:
        return Growth(positions, None)
    # of seven days' record that began long before, the first track comes a little late
    lasted = LATELY if now - since > 0.99 * LATELY else now - since
    used = max(0, size - free_bytes(connection))
    return Growth(positions, used / positions * lately * DAY / lasted)


@dataclass(frozen=True, slots=True)
class Held:
    """Rows that there are of one source; minutes: of coverage.

    since, until: of the minutes that were watched; seen: when a track was seen last; ms UTC.
    """

    source: str
    timezone: str
    runs: int
    tracks: int
    positions: int
    minutes: int
    since: int | None
    until: int | None
    seen: int | None


def held(connection: sqlite3.Connection) -> list[Held]:
    """What there is of each source, by name. Positions are not counted but summed over tracks."""
    found = connection.execute(
        "SELECT name, timezone,"
        " (SELECT count(*) FROM runs WHERE source_id = source.id),"
        " (SELECT count(*) FROM people_tracks WHERE source_id = source.id),"
        " (SELECT coalesce(sum(positions), 0) FROM people_tracks WHERE source_id = source.id),"
        " (SELECT count(*) FROM coverage WHERE source_id = source.id),"
        " (SELECT minute * 60000 FROM coverage WHERE source_id = source.id"
        " AND seconds_observed > 0 ORDER BY minute LIMIT 1),"
        " (SELECT (minute + 1) * 60000 FROM coverage WHERE source_id = source.id"
        " AND seconds_observed > 0 ORDER BY minute DESC LIMIT 1),"
        " (SELECT max(last_seen) FROM people_tracks WHERE source_id = source.id)"
        " FROM sources AS source ORDER BY name COLLATE NOCASE"
    )
    return [Held(name, known_zone(zone), *row) for name, zone, *row in found]


def positions_by_day(connection: sqlite3.Connection, since: int) -> pd.DataFrame:
    """Positions of each source and UTC day, on which their tracks were first seen.

    since: milliseconds since 1970 UTC. Columns: source, day (its beginning in ms UTC), positions.
    """
    rows = connection.execute(
        "SELECT name, day * 86400000, positions FROM (SELECT source_id, first_seen / 86400000 AS"
        " day, sum(positions) AS positions FROM people_tracks GROUP BY source_id, day)"
        " JOIN sources ON sources.id = source_id WHERE day >= ? ORDER BY name COLLATE NOCASE, day",
        (since // DAY,),
    ).fetchall()
    return pd.DataFrame(rows, columns=["source", "day", "positions"])
