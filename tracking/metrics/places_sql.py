"""SQL over positions that gives what places say, without the rollups that they are read from."""

from __future__ import annotations

from ..footprints import COLUMNS, LONGEST_STEP, Ground
from ..footprints.ground import FINE, MOST_ROWS
from .selection import Selection
from .sql import tracks_sql

_STEPS = """{time}spans(since, until) AS (VALUES {spans}),
{time}feet AS (
  SELECT track.id AS track, coalesce(-visit_id, track.id) AS visit, t,
    max(0, min(CAST(x * {columns} / width * {fine} AS INTEGER), {columns} * {fine} - 1)) AS across,
    max(0, min(CAST((y + h / 2) * {columns} / width * {fine} AS INTEGER), low * {fine} - 1)) AS down
  FROM people_tracks AS track JOIN frames ON frames.run = track.run_id
  JOIN positions ON positions.track = track.id
  WHERE track.source_id = {source} AND last_seen >= {since} AND first_seen < {until}{labels}{among}
),
{time}steps AS (
  SELECT track, visit, t, min(down / {fine}, {rows} - 1) / {size} AS "row",
    across / {fine} / {size} AS "column", lead(t) OVER later - t AS passed,
    lead(across) OVER later - across AS dx, lead(down) OVER later - down AS dy
  FROM {time}feet WINDOW later AS (PARTITION BY track ORDER BY t)
),
{time}cells AS (
  SELECT "row", "column", sum(min(passed, {longest})) / 1000.0 AS seconds,
    count(DISTINCT visit) AS visits
  FROM {time}steps JOIN {time}spans ON t >= since AND t < until WHERE passed > 0 GROUP BY 1, 2
)"""

_FRAMES = """WITH frames AS (
  SELECT id AS run, width, min((height * {columns} + width - 1) / width, {most}) AS low FROM (
    SELECT runs.id, coalesce(runs.width, sources.width) AS width,
      coalesce(runs.height, sources.height) AS height
    FROM runs JOIN sources ON sources.id = source_id WHERE source_id = {source})
)"""

_TOTAL = {
    "seconds": "coalesce(sum(seconds), 0)",
    "visits": "(SELECT count(DISTINCT visit) FROM steps JOIN spans ON t >= since AND t < until"
    "\n  WHERE passed > 0)",
}


def heat_sql(selection: Selection, ground: Ground, size: int, unit: str) -> str:
    """One row: `value` of the whole ground, and the busiest cell's `most`, row and column."""
    return (
        f"{_frames(selection)},\n{_steps(selection, ground, size)}\n"
        f"SELECT {_TOTAL[unit]} AS value, max({unit}) AS most,\n"
        f'  (SELECT "row" FROM cells ORDER BY {unit} DESC, "row", "column" LIMIT 1) AS "row",\n'
        f'  (SELECT "column" FROM cells ORDER BY {unit} DESC, "row", "column" LIMIT 1) AS "column"'
        "\nFROM cells;"
    )


def flow_sql(selection: Selection, ground: Ground) -> str:
    """One row: mean speed as `value`, seconds of presence, and pixels that all moved across and
    down on the whole. A way is straight within a minute and one of the ground's own cells."""
    moved = f"min(passed, {LONGEST_STEP}) * {ground.cell} / {FINE} / passed"
    return (
        f"{_frames(selection)},\n{_steps(selection, ground)},\nmoves AS (\n"
        f"  SELECT sum(min(passed, {LONGEST_STEP})) / 1000.0 AS seconds,\n"
        f"    sum(dx * {moved}) AS dx, sum(dy * {moved}) AS dy\n"
        "  FROM steps JOIN spans ON t >= since AND t < until WHERE passed > 0\n"
        '  GROUP BY track, t / 60000, "row", "column"\n)\n'
        "SELECT coalesce(sum(sqrt(dx * dx + dy * dy)) / sum(seconds), 0) AS value,\n"
        "  sum(seconds) AS seconds, sum(dx) AS across, sum(dy) AS down FROM moves;"
    )


def change_sql(selection: Selection, other: Selection, ground: Ground, size: int) -> str:
    """One row: the whole ground's change as `value`, and that of the cell with the largest one."""
    parts = [_frames(selection)]
    for each, time in ((selection, "now_"), (other, "before_")):
        parts += [
            _steps(each, ground, size, time),
            f"{time}watched AS (\n  SELECT sum(seconds_observed) / 3600.0 AS hours FROM coverage"
            f" JOIN {time}spans\n    ON source_id = {each.sources[0].id}"
            " AND minute * 60000 >= since AND minute * 60000 < until\n)",
        ]
    return (
        ",\n".join(parts)
        + """,
changes AS (
  SELECT "row", "column", sum(amount) AS change FROM (
    SELECT "row", "column", seconds / hours AS amount FROM now_cells, now_watched
    UNION ALL SELECT "row", "column", -seconds / hours FROM before_cells, before_watched
  ) GROUP BY 1, 2
)
SELECT (SELECT sum(change) FROM changes) AS value, change, "row", "column" FROM changes
ORDER BY abs(change) DESC, "row", "column" LIMIT 1;"""
    )


def _frames(selection: Selection) -> str:
    return _FRAMES.format(source=selection.sources[0].id, columns=COLUMNS, most=MOST_ROWS)


def _steps(selection: Selection, ground: Ground, size: int = 1, time: str = "") -> str:
    (source,), filter = selection.sources, selection.filter
    labels = ", ".join("'" + label.replace("'", "''") + "'" for label in filter.labels)
    spans = filter.spans(source.timezone)
    return _STEPS.format(
        time=time,
        spans=", ".join(map(str, spans)) or "(NULL, NULL)",
        source=source.id,
        since=filter.since,
        until=filter.until,
        labels=f" AND track.label IN ({labels})" if labels else "",
        among=tracks_sql(selection),
        rows=ground.rows,
        size=size,
        columns=COLUMNS,
        fine=FINE,
        longest=LONGEST_STEP,
    )
