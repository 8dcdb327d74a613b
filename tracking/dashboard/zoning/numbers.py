"""What happened in zones and at lines, from the same definitions as everywhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from ...filters import Filter
from ...metrics import Metric, Result, Selection, measure
from ...metrics.measuring import overlapping
from ...metrics.present import CURRENT, NEWEST
from ...zones import Drawn

STAYS = Metric(
    "stays",
    "Stays",
    "How often somebody was in the zone: stays that overlap the time. Who comes back after more"
    " than two seconds stays once more.",
    "",
    "distinct",
    False,
)
NOW = (
    "Different objects in the zone in the newest two seconds of a source that is being watched. A"
    " dash where it is not."
)

_NOW = """SELECT newest.t, (SELECT count(DISTINCT coalesce(-visit_id, track)) FROM zone_stays
  JOIN people_tracks ON people_tracks.id = track WHERE zone_id IN (SELECT value FROM json_each(?))
  AND left_at > newest.t - ? AND left_at <= newest.t)
FROM (SELECT max(ended_at) AS t FROM runs WHERE source_id = ? AND outcome IS NULL) AS newest"""


def stays(selection: Selection, zone: str) -> Result:
    """STAYS in a zone."""
    found = measure("visits", selection.within((zone,)))
    if found.value is None:
        return replace(found, metric=STAYS)
    rows = overlapping(found.selection)
    return replace(found, metric=STAYS, value=float(len(rows)), statement=_sql)


def _sql(metric: Metric, selection: Selection) -> str:
    ids = ", ".join(str(each.id) for each in selection.zones if each.name in selection.filter.zones)
    filter: Filter = selection.filter
    return (
        f"SELECT count(*) FROM zone_stays WHERE zone_id IN ({ids})"
        f" AND entered_at < {filter.until} AND left_at >= {filter.since}"
    )


def occupancy(
    connection: sqlite3.Connection, zones: Sequence[Drawn], source_id: int, now: int
) -> int | None:
    """How many are in a zone, given its versions; None where its source is not being watched."""
    ids = json.dumps([each.id for each in zones])
    t, count = connection.execute(_NOW, (ids, NEWEST, source_id)).fetchone()
    return None if t is None or abs(now - t) > CURRENT else int(count)
