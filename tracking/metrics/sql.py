"""The SQL that gives a metric of a selection: to be copied, run anywhere, and compared."""

from __future__ import annotations

from .catalogue import Metric
from .selection import Selection

_SEEN = """people_tracks AS track JOIN spans ON spans.source_id = track.source_id
  AND track.last_seen >= spans.since AND track.first_seen < spans.until{labels}"""

_WITHIN = "(min(track.last_seen, spans.until) - max(track.first_seen, spans.since)) / 1000.0"

_VISITS = """visits AS (
  SELECT track.source_id, coalesce(-visit_id, track.id) AS visit,
    min(first_seen) AS first_seen, max(last_seen) AS last_seen
  FROM people_tracks AS track WHERE source_id IN (SELECT source_id FROM spans)
    AND last_seen >= {since} AND first_seen < {until}{labels}
  GROUP BY 1, 2
)"""

_STAYS = """stays AS (
  SELECT DISTINCT visits.source_id, visits.visit, visits.first_seen, visits.last_seen,
    (visits.last_seen - visits.first_seen) / 1000.0 AS stay
  FROM visits JOIN people_tracks AS track ON coalesce(-track.visit_id, track.id) = visits.visit
    AND track.source_id = visits.source_id
  JOIN spans ON spans.source_id = track.source_id
    AND track.last_seen >= spans.since AND track.first_seen < spans.until{labels}
)"""

_QUANTILE = """SELECT min(stay) FILTER (WHERE place >= low) * (1 - share)
  + min(stay) FILTER (WHERE place >= high) * share AS value
FROM (SELECT stay, row_number() OVER (ORDER BY stay) - 1 AS place,
  CAST((count(*) OVER () - 1) * {q} AS INTEGER) AS low,
  CAST((count(*) OVER () - 1) * {q} + 0.999999999 AS INTEGER) AS high,
  (count(*) OVER () - 1) * {q} - CAST((count(*) OVER () - 1) * {q} AS INTEGER) AS share
  FROM stays)"""

_PEAK = """, moments AS (
  SELECT max(track.first_seen, spans.since) AS t FROM {seen}
)
SELECT coalesce(max((SELECT count(*) FROM {seen} AND track.first_seen <= moments.t
  AND track.last_seen >= moments.t
  AND moments.t >= spans.since AND moments.t < spans.until)), 0) AS value
FROM moments"""

_PER_SOURCE = """SELECT sum(present / observed) AS value FROM (
  SELECT span.source_id,
    (SELECT coalesce(sum({within}), 0) FROM {seen}
      WHERE track.source_id = span.source_id) AS present,
    (SELECT nullif(sum(seconds_observed), 0) FROM coverage JOIN spans
      ON spans.source_id = coverage.source_id AND minute * 60000 >= spans.since
      AND minute * 60000 < spans.until
      WHERE coverage.source_id = span.source_id) AS observed
  FROM (SELECT DISTINCT source_id FROM spans) AS span)"""

_SELECTS = {
    "visits": "SELECT count(DISTINCT coalesce(-visit_id, track.id)) AS value FROM {seen}",
    "tracks": "SELECT count(DISTINCT track.id) AS value FROM {seen}",
    "arrivals": ", {visits}\nSELECT count(*) AS value FROM visits JOIN spans USING (source_id)\n"
    "WHERE visits.first_seen >= spans.since AND visits.first_seen < spans.until",
    "departures": ", {visits}\nSELECT count(*) AS value FROM visits JOIN spans USING (source_id)\n"
    "WHERE visits.last_seen >= spans.since AND visits.last_seen < spans.until",
    "presence": "SELECT coalesce(sum({within}), 0) AS value FROM {seen}",
    "occupancy_mean": _PER_SOURCE,
    "occupancy_max": _PEAK,
    "stay_mean": ", {visits}, {stays}\nSELECT avg(stay) AS value FROM stays",
    "stay_median": ", {visits}, {stays}\n" + _QUANTILE.replace("{q}", "0.5"),
    "stay_p90": ", {visits}, {stays}\n" + _QUANTILE.replace("{q}", "0.9"),
    "observed": "SELECT coalesce(sum(seconds_observed), 0) AS value FROM coverage\nJOIN spans ON"
    " spans.source_id = coverage.source_id\n  AND minute * 60000 >= spans.since"
    " AND minute * 60000 < spans.until",
}


def sql_of(metric: Metric, selection: Selection) -> str:
    """One SQL statement with one row and the column `value`."""
    labels = selection.filter.labels
    among = f" AND track.label IN ({', '.join(map(_text, labels))})" if labels else ""
    parts = {
        "labels": among,
        "within": _WITHIN,
        "since": str(selection.filter.since),
        "until": str(selection.filter.until),
        "seen": _SEEN.replace("{labels}", among),
    }
    for name, template in (("visits", _VISITS), ("stays", _STAYS)):
        parts[name] = _filled(template, parts)
    select = _filled(_SELECTS[metric.name], parts)
    glue = "" if select.startswith(",") else "\n"
    return f"{_spans(selection)}{glue}{select};"


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
    return f"WITH spans(source_id, since, until) AS (\n  VALUES {', '.join(rows)}\n)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
