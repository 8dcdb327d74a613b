"""The SQL that gives a metric of a selection: to be copied, run anywhere, and compared."""

from __future__ import annotations

from collections.abc import Sequence

from ..localtime import MINUTE
from .catalogue import METRICS, Metric
from .ranges import Range
from .rows import GRACE, versions_of
from .selection import Selection

_SEEN = """{rows} AS track JOIN spans ON spans.source_id = track.source_id
  AND track.last_seen >= spans.since AND track.first_seen < spans.until{among}"""

_WITHIN = "(min(track.last_seen, spans.until) - max(track.first_seen, spans.since)) / 1000.0"

_STAYED = """stayed AS (
  SELECT track.id, track.source_id, track.label, track.visit_id,
    entered_at AS first_seen, left_at AS last_seen
  FROM zones JOIN zone_stays ON zone_id = zones.id JOIN people_tracks AS track
    ON track.id = zone_stays.track
  WHERE zones.source_id IN (SELECT source_id FROM spans)
    AND zones.name IN ({zones}){labels}{lengths}
)"""

# a stay that goes on in the zone's next version is one
_STAYED_OVER_VERSIONS = """stayed AS (
  SELECT id, source_id, label, visit_id, first_seen, last_seen FROM (
    SELECT id, source_id, label, visit_id, min(entered_at) AS first_seen,
      max(left_at) AS last_seen
    FROM (SELECT *, sum(new) OVER (PARTITION BY id, name ORDER BY entered_at, left_at, zone
        ROWS UNBOUNDED PRECEDING) AS number
      FROM (SELECT *, coalesce(zone = lag(zone) OVER (PARTITION BY id, name
            ORDER BY entered_at, left_at, zone)
          OR entered_at > grace + max(left_at) OVER (PARTITION BY id, name
            ORDER BY entered_at, left_at, zone
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 1) AS new
        FROM (SELECT track.id, track.source_id, track.label, track.visit_id, zones.name,
            zones.id AS zone, entered_at, left_at, {grace} AS grace
          FROM zones JOIN zone_stays ON zone_id = zones.id JOIN people_tracks AS track
            ON track.id = zone_stays.track
          WHERE zones.source_id IN (SELECT source_id FROM spans)
            AND zones.name IN ({zones}){labels})))
    GROUP BY id, name, number)
  WHERE 1{lengths}
)"""

# stays in several zones at the same time are one
_UNITED = """united AS (
  SELECT id, source_id, min(first_seen) AS first_seen, max(last_seen) AS last_seen FROM (
    SELECT *, sum(new) OVER (PARTITION BY id ORDER BY first_seen, last_seen
      ROWS UNBOUNDED PRECEDING) AS number FROM (
      SELECT *, coalesce(first_seen > max(last_seen) OVER (PARTITION BY id
        ORDER BY first_seen, last_seen ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 1) AS new
      FROM stayed))
  GROUP BY id, source_id, number
)"""

_VISITS = """visits AS (
  SELECT DISTINCT track.source_id, coalesce(-track.visit_id, track.id) AS visit,
    {begun} AS first_seen, {ended} AS last_seen
  FROM people_tracks AS track WHERE source_id IN (SELECT source_id FROM spans)
    AND last_seen >= {since} AND first_seen < {until}{among}
)"""
_BEGUN, _ENDED = (
    f"coalesce((SELECT {extreme}) FROM people_tracks AS other"
    " WHERE other.visit_id = track.visit_id), track.{})"
    for extreme in ("min(first_seen", "max(last_seen")
)

_STAYS = """stays AS (
  SELECT (last_seen - first_seen) / 1000.0 AS stay FROM visits
  WHERE visit IN (SELECT coalesce(-track.visit_id, track.id) FROM {seen})
)"""
_STAYS_IN_ZONES = """stays AS (
  SELECT (last_seen - first_seen) / 1000.0 AS stay FROM stayed WHERE EXISTS (
    SELECT 1 FROM spans WHERE spans.source_id = stayed.source_id
      AND stayed.last_seen >= spans.since AND stayed.first_seen < spans.until)
)"""

_QUANTILE = """SELECT min(stay) FILTER (WHERE place >= low) * (1 - share)
  + min(stay) FILTER (WHERE place >= high) * share AS value
FROM (SELECT stay, row_number() OVER (ORDER BY stay) - 1 AS place,
  CAST((count(*) OVER () - 1) * {q} AS INTEGER) AS low,
  CAST((count(*) OVER () - 1) * {q} + 0.999999999 AS INTEGER) AS high,
  (count(*) OVER () - 1) * {q} - CAST((count(*) OVER () - 1) * {q} AS INTEGER) AS share
  FROM stays)"""

_PEAK = """, moments AS (
  SELECT max(track.first_seen, spans.since) AS t FROM {there}
)
SELECT coalesce(max((SELECT count(*) FROM {there} AND track.first_seen <= moments.t
  AND track.last_seen >= moments.t
  AND moments.t >= spans.since AND moments.t < spans.until)), 0) AS value
FROM moments"""

_WATCHED = """coverage JOIN spans ON spans.source_id = coverage.source_id
  AND {begins} AND minute * 60000 < spans.until"""

_PER_SOURCE = """SELECT sum(present / observed) AS value FROM (
  SELECT span.source_id,
    (SELECT coalesce(sum({within}), 0) FROM {there}
      WHERE track.source_id = span.source_id) AS present,
    (SELECT nullif(sum({seconds}), 0) FROM {watched}
      WHERE coverage.source_id = span.source_id) AS observed
  FROM (SELECT DISTINCT source_id FROM spans) AS span)"""

_UNWATCHED = """SELECT coalesce(sum(max(0, passed - observed)), 0) AS value FROM (
  SELECT (SELECT coalesce(sum({seconds}), 0) FROM {watched}
      WHERE coverage.source_id = span.source_id) AS observed, passed
  FROM (SELECT source_id, sum(max(0, min(until, {now}) - since)) / 1000.0 AS passed
    FROM spans GROUP BY source_id) AS span)"""

_CROSSINGS = """crossings JOIN lines ON lines.id = line_id{named}
  JOIN spans ON spans.source_id = lines.source_id AND t >= spans.since AND t < spans.until"""

_CROSSED = """SELECT coalesce(sum({weight}), 0) AS value
FROM {crossings}
JOIN people_tracks AS track ON track.id = crossings.track{labels}{lengths}"""

_WAY = """CASE crossings.direction WHEN 'forward' THEN lines.forward
  WHEN 'backward' THEN lines.backward ELSE crossings.direction END"""
_SIGN = """CASE crossings.direction WHEN 'forward' THEN 1 WHEN 'backward' THEN -1
  WHEN lines.forward THEN 1 WHEN lines.backward THEN -1 ELSE 0 END"""

_POSITIONS = """FROM positions WHERE positions.track = track.id
    AND t >= spans.since AND t < spans.until AND t BETWEEN track.first_seen AND track.last_seen"""

# a track's own row has the number and the mean confidence of its positions
_DETECTED = """SELECT {value} AS value FROM (
  SELECT CASE WHEN {entire} THEN track.positions ELSE (SELECT count(*)
    {positions}) END AS number,
    CASE WHEN {entire} THEN track.positions * track.confidence ELSE (SELECT total(confidence)
    {positions}) END AS sure
  FROM {there})"""
_ENTIRE = "track.first_seen >= spans.since AND track.last_seen < spans.until"
_COUNTED_IN_ZONES = """SELECT {value} AS value FROM (
  SELECT (SELECT count(*) {positions}) AS number, (SELECT total(confidence)
    {positions}) AS sure
  FROM {there})"""

_FIRST = """SELECT min(t) AS value FROM (
  SELECT CASE WHEN track.first_seen >= spans.since THEN track.first_seen ELSE (SELECT min(t)
    {positions}) END AS t
  FROM {there})"""
_LAST = """SELECT max(t) AS value FROM (
  SELECT CASE WHEN track.last_seen < spans.until THEN track.last_seen ELSE (SELECT max(t)
    {positions}) END AS t
  FROM {there})"""

_SURE = "sum(sure) / nullif(sum(number), 0)"
_PACES = """, stays AS (
  SELECT DISTINCT track.id, metres, metres / paces.seconds AS stay
  FROM {seen}
  JOIN paces ON paces.track = track.id AND paces.seconds >= 1
)
"""
_SELECTS = {
    "visits": "SELECT count(DISTINCT coalesce(-track.visit_id, track.id)) AS value FROM {seen}",
    "tracks": "SELECT count(DISTINCT track.id) AS value FROM {seen}",
    "arrivals": "{visits}SELECT count(*) AS value FROM {all} AS visits JOIN spans USING (source_id)"
    "\nWHERE visits.first_seen >= spans.since AND visits.first_seen < spans.until",
    "departures": "{visits}SELECT count(*) AS value FROM {all} AS visits"
    " JOIN spans USING (source_id)"
    "\nWHERE visits.last_seen >= spans.since AND visits.last_seen < spans.until",
    "presence": "SELECT coalesce(sum({within}), 0) AS value FROM {there}",
    "occupancy_mean": _PER_SOURCE,
    "occupancy_max": _PEAK,
    "stay_mean": "{stays}SELECT avg(stay) AS value FROM stays",
    "stay_median": "{stays}" + _QUANTILE.replace("{q}", "0.5"),
    "stay_p90": "{stays}" + _QUANTILE.replace("{q}", "0.9"),
    "stay_max": "{stays}SELECT max(stay) AS value FROM stays",
    "stay_min": "{stays}SELECT min(stay) AS value FROM stays",
    "speed_mean": _PACES + "SELECT avg(stay) AS value FROM stays",
    "speed_median": _PACES + _QUANTILE.replace("{q}", "0.5"),
    "speed_p90": _PACES + _QUANTILE.replace("{q}", "0.9"),
    "distance_mean": _PACES + "SELECT avg(metres) AS value FROM stays",
    "crossings": _CROSSED.replace("{weight}", "1"),
    "net": _CROSSED.replace("{weight}", _SIGN),
    "detections": "{detected}",
    "confidence_mean": "{detected}",
    "first_seen": _FIRST,
    "last_seen": _LAST,
    "observed": "SELECT coalesce(sum({seconds}), 0) AS value FROM {watched}",
    "unwatched": _UNWATCHED,
}


_RANGE = """, asked AS (
  SELECT DISTINCT track.id, coalesce(-track.visit_id, track.id) AS visit FROM {seen}
), back(score_from, id, at) AS (
  SELECT score_from, id, id FROM asked, (SELECT {lenient} AS score_from UNION SELECT {strict})
  UNION ALL SELECT score_from, id, joins.track FROM back JOIN joins
    ON joins.next = at AND score >= score_from
), heads AS (
  SELECT DISTINCT score_from, at FROM back WHERE NOT EXISTS (
    SELECT 1 FROM joins WHERE joins.next = at AND score >= score_from)
), onward(head, at) AS (
  SELECT at, at FROM heads WHERE score_from = {lenient}
  UNION ALL SELECT head, joins.next FROM onward JOIN joins
    ON joins.track = at AND score >= {lenient}
), lasting AS (
  SELECT head FROM onward JOIN people_tracks AS track ON track.id = at GROUP BY head
  HAVING max(last_seen) - min(first_seen) >= {brief}
)
SELECT visits AS value, min(visits, (SELECT count(*) FROM lasting)) AS low,
  max(visits, (SELECT count(*) FROM heads WHERE score_from = {strict})) AS high, tracks
FROM (SELECT count(DISTINCT visit) AS visits, count(*) AS tracks FROM asked)"""


def range_sql(selection: Selection, range: Range) -> str:
    """One SQL statement with one row: value, low, high and tracks of the selection's visits."""
    limits = {
        "lenient": str(range.lenient),
        "strict": str(range.strict),
        "brief": str(round(1000 * range.brief)),
    }
    parts = {**_parts(METRICS["visits"], selection), **limits}
    before = "{spans}, {stayed}, {united}" if selection.is_of_stays else "{spans}"
    return f"WITH RECURSIVE {_filled(before + _RANGE, parts)};"


def tracks_sql(selection: Selection) -> str:
    """A condition for the rows `track` of people_tracks that a selection is of; empty where its
    filter says no more than sources, labels and times."""
    if selection.filter == selection.filter.everywhere:
        return ""
    before = "{spans}, {stayed}, {united}" if selection.is_of_stays else "{spans}"
    inner = _filled(f"WITH {before}\n  SELECT track.id FROM {{seen}}", _parts(_TRACKS, selection))
    return f"\n  AND track.id IN ({inner})"


_TRACKS = METRICS["tracks"]


def sql_of(metric: Metric, selection: Selection) -> str:
    """One SQL statement with one row and the column `value`."""
    parts = _parts(metric, selection)
    before = "{spans}"
    if selection.is_of_stays:
        before += ", {stayed}, {united}"
    select = _filled(_SELECTS[metric.name], parts)
    glue = "" if select.startswith(",") else "\n"
    return f"WITH {_filled(before, parts)}{glue}{select};"


def _parts(metric: Metric, selection: Selection) -> dict[str, str]:
    """What the templates are filled in with."""
    filter, zones = selection.filter, selection.is_of_stays
    parts = {
        "spans": _spans(selection),
        "since": str(filter.since),
        "until": str(filter.until),
        "now": str(selection.now),
        "within": _WITHIN,
        "labels": _one_of(" AND track.label IN ", filter.labels),
        "zones": ", ".join(map(_text, filter.zones)),
        "begun": _BEGUN.replace("{}", "first_seen"),
        "ended": _ENDED.replace("{}", "last_seen"),
        "entire": _ENTIRE,
        "positions": _POSITIONS,
        "grace": GRACE,
        "named": _one_of(" AND lines.name IN ", filter.lines)
        + _one_of(f" AND {_WAY} IN ", filter.directions),
    }
    parts["lengths"] = _lengths(selection, parts)
    parts |= _watched(selection)
    parts["crossings"] = _filled(_CROSSINGS, parts)
    among = parts["labels"] + parts["lengths"]
    if selection.is_of_crossers:
        among += f"\n  AND track.id IN (SELECT crossings.track FROM {parts['crossings']})"
    parts["among"] = "" if zones else among
    parts["seen"] = _filled(_SEEN, {**parts, "rows": "stayed" if zones else "people_tracks"})
    parts["there"] = _filled(_SEEN, {**parts, "rows": "united" if zones else "people_tracks"})
    stayed = _STAYED_OVER_VERSIONS if _has_versions(selection) else _STAYED
    parts["stayed"], parts["united"] = _filled(stayed, parts), _UNITED
    visits = "" if zones else f", {_filled(_VISITS, parts)}"
    stays = _filled(_STAYS_IN_ZONES if zones else _STAYS, parts)
    parts["visits"], parts["all"] = f"{visits}\n" if visits else "", "stayed" if zones else "visits"
    parts["stays"] = f"{visits}, {stays}\n"
    parts["value"] = _SURE if metric.name == "confidence_mean" else "coalesce(sum(number), 0)"
    parts["detected"] = _filled(_COUNTED_IN_ZONES if zones else _DETECTED, parts)
    return parts


def _lengths(selection: Selection, parts: dict[str, str]) -> str:
    """What says how long a visit lasts, or in zones a stay."""
    lasts = f"({parts['ended']} - {parts['begun']}) / 1000.0"
    if selection.is_of_stays:
        ends = (
            ("last_seen", "first_seen") if _has_versions(selection) else ("left_at", "entered_at")
        )
        lasts = f"({ends[0]} - {ends[1]}) / 1000.0"
    limits = ((">=", selection.filter.least), ("<=", selection.filter.most))
    asked = ((sign, float(limit)) for sign, limit in limits if limit is not None)
    return "".join(f"\n  AND {lasts} {sign} {limit}" for sign, limit in asked)


def _has_versions(selection: Selection) -> bool:
    """Whether one of the zones asked about was changed."""
    wanted = (zone for zone in selection.zones if zone.name in selection.filter.zones)
    return bool(versions_of(wanted))


def _watched(selection: Selection) -> dict[str, str]:
    """The seconds of a minute that was watched; of one that the window cuts, at most its part."""
    ends = (selection.filter.since, selection.filter.until)
    if not any(end % MINUTE for end in ends):
        whole = {"seconds": "seconds_observed", "begins": "minute * 60000 >= spans.since"}
        return {**whole, "watched": _filled(_WATCHED, whole)}
    seconds = (
        "min(seconds_observed, (min(minute * 60000 + 60000, spans.until)"
        " - max(minute * 60000, spans.since)) / 1000.0)"
    )
    cut = {"seconds": seconds, "begins": "minute * 60000 + 60000 > spans.since"}
    return {**cut, "watched": _filled(_WATCHED, cut)}


def _filled(template: str, parts: dict[str, str]) -> str:
    """A template with its parts; a label may hold braces, so each is filled in by itself."""
    pieces = template.split("{")
    filled = pieces[0]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}")
        filled += parts[name] + rest
    return filled


def _spans(selection: Selection) -> str:
    """The times asked about at each source, as a table."""
    rows = [
        f"({source.id}, {since}, {until})"
        for source in selection.sources
        for since, until in selection.filter.spans(source.timezone)
    ] or ["(NULL, NULL, NULL)"]
    return f"spans(source_id, since, until) AS (\n  VALUES {', '.join(rows)}\n)"


def _one_of(what: str, names: Sequence[str]) -> str:
    return f"{what}({', '.join(map(_text, names))})" if names else ""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
