"""How it is now, and how today compares with the same weekday before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from ..filters import Filter, midnight
from ..localtime import DAY, MINUTE, LocalClock, Times
from ..times import to_ms, zone
from .catalogue import METRICS, Metric
from .counting import ends_of
from .measuring import Watched, measure
from .ranges import Range
from .rows import read_zones
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
  WHERE source_id = :source AND last_seen > newest.t - :newest AND last_seen <= newest.t
    AND (:labels IS NULL OR label IN (SELECT value FROM json_each(:labels)))
    AND (:zones IS NULL OR EXISTS (SELECT 1 FROM zone_stays WHERE track = people_tracks.id
      AND left_at > newest.t - :newest AND zone_id IN (SELECT value FROM json_each(:zones)))))
FROM (SELECT max(ended_at) AS t FROM runs WHERE source_id = :source AND outcome IS NULL) AS newest
"""


def occupancy_now(
    connection: sqlite3.Connection,
    source_id: int,
    labels: Sequence[str],
    now: int,
    zones: Sequence[str] = (),
) -> int | None:
    """OCCUPANCY_NOW of one source; None where nothing is watched at that moment (ms UTC).

    zones: only those that are in one of these; None where the source has none of them.
    """
    keys = [
        zone.id
        for zone in read_zones(connection)
        if zone.source == source_id and zone.name in zones
    ]
    if zones and not keys:
        return None
    asked = {
        "source": source_id,
        "newest": NEWEST,
        "labels": json.dumps(list(labels)) if labels else None,
        "zones": json.dumps(keys) if zones else None,
    }
    t, count = connection.execute(_NOW, asked).fetchone()
    return None if t is None or abs(now - t) > CURRENT else int(count)


@dataclass(frozen=True, slots=True)
class Today:
    """A source's own day until now, and the same weekday of the last weeks.

    visits: None where nothing was recorded. here, usual: arrivals a day in the minutes that were
    watched both today and on a day it is compared with, today and on that day, on average over
    `days` such days; None where no day can be compared, and `why` then says it. counted: tracks.
    metric, range: what the visits are, and how many there may be. is_drawn: whether the source has
    one of the zones or lines that were asked for, if any were.
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
    metric: Metric = METRICS["visits"]
    range: Range | None = None
    is_drawn: bool = True

    @property
    def change(self) -> float | None:
        """Share by which today has more than usual; None where that says nothing."""
        return None if self.here is None or not self.usual else self.here / self.usual - 1


def today(
    connection: sqlite3.Connection,
    source: SourceInfo,
    labels: Sequence[str],
    now: int,
    like: Filter | None = None,
) -> Today:
    """How the source's day is until now (ms UTC), beside the same hours of the same weekday.

    like: zones, lines, directions and lengths of stays are those of this filter.
    """
    since = midnight(now, source.timezone)
    asked = replace(like or Filter(0, 0), sources=(source.name,), labels=tuple(labels), hours=(),
                    weekdays=())  # fmt: skip
    part = select(connection, replace(asked, since=since, until=now), now)
    visits = measure("visits", part)
    value = None if visits.value is None else int(visits.value)
    begun = Today(
        since, now, source.timezone, value, visits.watched, visits.counted,
        metric=visits.metric, range=visits.range, is_drawn=bool(part.sources),
    )  # fmt: skip
    if not part.sources:
        return replace(begun, why="nothing that is asked for is drawn there")
    watched, arrived = _by_minute(part)
    if not watched.any():
        return replace(begun, why="today was not watched for a minute yet")
    here, usual = [], []
    for week in range(1, WEEKS + 1):
        begin, end = _earlier(now, source.timezone, 7 * week)
        then = select(connection, replace(asked, since=begin, until=end), now)
        then_watched, then_arrived = _by_minute(then)
        both = watched & then_watched
        if both.sum() >= COMPARABLE * watched.sum():
            here.append(int(arrived[both].sum()))
            usual.append(int(then_arrived[both].sum()))
    if not usual:
        day = f"{datetime.fromtimestamp(now / 1000, zone(source.timezone)):%A}"
        why = f"no {day} of the last {WEEKS} weeks was watched enough at these times"
        return replace(begun, why=why)
    return replace(begun, here=float(np.mean(here)), usual=float(np.mean(usual)), days=len(usual))


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
    first, _ = ends_of(part)
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
