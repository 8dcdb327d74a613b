"""How it is now, and how today compares with the same weekday before."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from ..filters import Filter, midnight
from ..localtime import DAY, MINUTE, LocalClock, Times
from ..times import to_ms, zone
from .catalogue import Metric
from .measuring import Watched, measure, visits_of
from .selection import Selection, SourceInfo, select

OCCUPANCY_NOW = Metric(
    "occupancy_now",
    "There now",
    "Different objects seen in the newest two seconds of a source that is being watched.",
    "at once",
    "level",
    False,
)

NEWEST = 2_000  # milliseconds before a source's newest picture that count as now
CURRENT = 15_000  # milliseconds that its newest picture may be old
WEEKS = 4  # of which the same weekday is compared with
HALF = 30.0  # seconds of a minute that must be watched for it to be compared
COMPARABLE = 0.5  # share of today's watched minutes that another day must have, too

_NOW = """SELECT newest.t, (SELECT count(DISTINCT coalesce(-visit_id, id)) FROM people_tracks
  WHERE source_id = ? AND last_seen > newest.t - ? AND last_seen <= newest.t{among})
FROM (SELECT max(ended_at) AS t FROM runs WHERE source_id = ? AND outcome IS NULL) AS newest"""


def occupancy_now(
    connection: sqlite3.Connection, source_id: int, labels: Sequence[str], now: int
) -> int | None:
    """OCCUPANCY_NOW of one source; None where nothing is watched at that moment (ms UTC)."""
    among = f" AND label IN ({', '.join('?' * len(labels))})" if labels else ""
    asked = (source_id, NEWEST, *labels, source_id)
    t, count = connection.execute(_NOW.replace("{among}", among), asked).fetchone()
    return None if t is None or abs(now - t) > CURRENT else int(count)


@dataclass(frozen=True, slots=True)
class Today:
    """A source's own day until now, and the same weekday of the last weeks.

    visits: None where nothing was recorded. here, usual: arrivals a day in the minutes that were
    watched both today and on a day it is compared with, today and on that day, on average over
    `days` such days; None where no day can be compared, and `why` then says it. counted: tracks.
    """

    since: int
    until: int
    timezone: str
    visits: int | None
    watched: Watched
    counted: int
    here: float | None = None
    usual: float | None = None
    days: int = 0
    why: str = ""

    @property
    def change(self) -> float | None:
        """Share by which today has more than usual; None where that says nothing."""
        return None if self.here is None or not self.usual else self.here / self.usual - 1


def today(
    connection: sqlite3.Connection, source: SourceInfo, labels: Sequence[str], now: int
) -> Today:
    """How the source's day is until now (ms UTC), beside the same hours of the same weekday."""
    since = midnight(now, source.timezone)
    part = _part(connection, source, labels, (since, now), now)
    visits = measure("visits", part)
    value = None if visits.value is None else int(visits.value)
    begun = Today(since, now, source.timezone, value, visits.watched, visits.counted)
    watched, arrived = _by_minute(part)
    if not watched.any():
        return _told(begun, "today was not watched for a minute yet")
    here, usual = [], []
    for week in range(1, WEEKS + 1):
        window = _earlier(now, source.timezone, 7 * week)
        then_watched, then_arrived = _by_minute(_part(connection, source, labels, window, now))
        both = watched & then_watched
        if both.sum() >= COMPARABLE * watched.sum():
            here.append(int(arrived[both].sum()))
            usual.append(int(then_arrived[both].sum()))
    if not usual:
        day = f"{datetime.fromtimestamp(now / 1000, zone(source.timezone)):%A}"
        return _told(begun, f"no {day} of the last {WEEKS} weeks was watched enough at these times")
    return _told(begun, "", float(np.mean(here)), float(np.mean(usual)), len(usual))


def _told(
    day: Today, why: str, here: float | None = None, usual: float | None = None, days: int = 0
) -> Today:
    base = (day.since, day.until, day.timezone, day.visits, day.watched, day.counted)
    return Today(*base, here, usual, days, why)


def _part(
    connection: sqlite3.Connection,
    source: SourceInfo,
    labels: Sequence[str],
    window: tuple[int, int],
    now: int,
) -> Selection:
    return select(connection, Filter(*window, (source.name,), tuple(labels)), now)


def _earlier(now: int, timezone_name: str, days: int) -> tuple[int, int]:
    """The day so many days before, until the same time by the clock."""
    then = datetime.fromtimestamp(now / 1000, zone(timezone_name)) - timedelta(days=days)
    return midnight(now, timezone_name, -days), to_ms(then)


def _by_minute(part: Selection) -> tuple[np.ndarray, Times]:
    """Of each minute of a day by the local clock: whether it was watched, and arrivals in it."""
    filter = part.filter
    clock = LocalClock.of(part.timezone, filter.since, filter.until)
    seconds = np.zeros(DAY // MINUTE)
    np.add.at(seconds, clock.local(part.coverage.t) % DAY // MINUTE, part.coverage.observed)
    _, first, _ = visits_of(part.tracks)
    first = first[(first >= filter.since) & (first < filter.until)]
    arrived = np.bincount(clock.local(first) % DAY // MINUTE, minlength=len(seconds))
    return seconds >= HALF, arrived


def last_watched(connection: sqlite3.Connection, source_id: int) -> int | None:
    """Until when, ms UTC, a source was watched; None where it never was."""
    row = connection.execute(
        "SELECT minute, seconds_stale + seconds_down + seconds_stopped FROM coverage"
        " WHERE source_id = ? AND seconds_observed > 0 ORDER BY minute DESC LIMIT 1",
        (source_id,),
    ).fetchone()
    return None if row is None else int(row[0] * MINUTE + (60 - row[1]) * 1000)
