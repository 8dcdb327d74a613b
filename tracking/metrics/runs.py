"""Runs and what they were set to, to be compared."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..times import known_zone

SHORT = 1_000
"""Milliseconds below which a track counts as short."""

SOON = 5_000
"""Milliseconds within which the next lap of a looped recording begins."""

_RUNS = """SELECT run.id, source.name, source.timezone, started_at, ended_at, outcome, detector,
  weights, tracker, code_version, frames, '[' || run.id || ']', problems, settings
FROM runs AS run JOIN sources AS source ON source.id = run.source_id
WHERE :all OR source.name IN (SELECT value FROM json_each(:names))
ORDER BY started_at DESC, run.id DESC LIMIT :most"""

_SAME = " AND ".join(
    f"{name} IS lag({name}) OVER each"
    for name in ("detector", "weights", "tracker", "code_version", "settings")
)

_LAPS = f"""WITH run AS (
  SELECT runs.*, name, timezone FROM runs JOIN sources ON sources.id = source_id
  WHERE :all OR name IN (SELECT value FROM json_each(:names))
), marked AS (
  SELECT run.*, coalesce(lag(outcome) OVER each = 'finished'
    AND started_at - lag(ended_at) OVER each BETWEEN -:soon AND :soon AND {_SAME}, 0) AS goes_on
  FROM run WINDOW each AS (PARTITION BY source_id ORDER BY started_at, id)
), counted AS (
  SELECT marked.*, sum(NOT goes_on) OVER (PARTITION BY source_id ORDER BY started_at, id) AS series
  FROM marked
), folded AS (
  SELECT max(id) AS last, min(started_at) AS began, sum(frames) AS looked_at,
    json_group_array(id) AS laps,
    json_group_array(problems) FILTER (WHERE problems IS NOT NULL) AS said
  FROM counted GROUP BY source_id, series ORDER BY max(started_at) DESC, last DESC LIMIT :most
)
SELECT run.id, name, timezone, began, ended_at, outcome, detector, weights, tracker,
  code_version, looked_at, laps, said, settings
FROM folded JOIN run ON run.id = last ORDER BY run.started_at DESC, run.id DESC"""

_NUMBERS = """SELECT json_extract(lap.value, '$[0]') AS head, count(*),
  coalesce(sum(positions), 0), avg(confidence),
  avg(last_seen - first_seen < :short), avg(last_seen - first_seen) / 1000.0
FROM json_each(:laps) AS lap
JOIN people_tracks ON run_id = json_extract(lap.value, '$[1]') GROUP BY head"""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, or the laps of one recording in a loop.

    Times are ms UTC; outcome: of the last lap; laps: the ids of all, of which `id` is the last;
    problems: each in words; settings: as they were stored.
    """

    id: int
    source: str
    timezone: str
    started_at: int
    ended_at: int | None
    outcome: str | None
    detector: str
    weights: str | None
    tracker: str
    code_version: str
    frames: int
    laps: tuple[int, ...]
    problems: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def seconds(self) -> float | None:
        return None if self.ended_at is None else (self.ended_at - self.started_at) / 1000


def runs(
    connection: sqlite3.Connection, names: Sequence[str] = (), most: int = 500
) -> list[RunRow]:
    """The newest runs of these sources, of all if none are named."""
    asked = {"all": not names, "names": json.dumps(list(names)), "most": most}
    return [_run(row) for row in connection.execute(_RUNS, asked)]


def folded(
    connection: sqlite3.Connection, names: Sequence[str] = (), most: int = 500
) -> list[RunRow]:
    """As `runs`, but those that went on at once with the same settings are one: laps of a loop."""
    asked = {"all": not names, "names": json.dumps(list(names)), "most": most, "soon": SOON}
    found = []
    for *row, said, settings in connection.execute(_LAPS, asked):
        each = [problem for text in json.loads(said) for problem in _problems(text)]
        found.append(_run((*row, json.dumps(list(dict.fromkeys(each))), settings)))
    return found


def _run(row: tuple[Any, ...]) -> RunRow:
    id, source, zone, *plain, laps, problems, settings = row
    numbers = tuple(json.loads(laps))
    told = _problems(problems), _settings(settings)
    return RunRow(*(id, source, known_zone(zone), *plain, numbers, *told))


def numbers(connection: sqlite3.Connection, runs: Sequence[RunRow]) -> pd.DataFrame:
    """What came of runs, to be compared. One row for each number, one column for each run's id.

    Frames; tracks; tracks a minute of the run; positions; mean confidence of its tracks; share of
    tracks that were seen for less than a second; mean seconds for which a track was seen.
    """
    laps = [(run.id, lap) for run in runs for lap in run.laps]
    asked = {"laps": json.dumps(laps), "short": SHORT}
    found = {row[0]: row[1:] for row in connection.execute(_NUMBERS, asked)}
    columns: dict[str, list[float | None]] = {}
    for run in runs:
        tracks, positions, sure, short, stay = found.get(run.id, (0, 0, None, None, None))
        pace = tracks / run.seconds * 60 if run.seconds else None
        columns[str(run.id)] = [run.frames, tracks, pace, positions, sure, short, stay]
    return pd.DataFrame(columns, index=pd.Index(NUMBERS, name="number"), dtype=float)


NUMBERS = (
    "Frames",
    "Tracks",
    "Tracks a minute",
    "Positions",
    "Mean confidence",
    "Share of short tracks",
    "Mean seconds of a track",
)


def side_by_side(runs: Sequence[RunRow]) -> pd.DataFrame:
    """All settings of runs, one column for each run's id; those that differ come first.

    Columns: setting, differs, and the ids. What a run does not say is an empty text.
    """
    each = [_flat(run) for run in runs]
    names = list(dict.fromkeys(name for settings in each for name in settings))
    rows = [(name, [settings.get(name, "") for settings in each]) for name in names]
    table = pd.DataFrame(
        [(name, len(set(values)) > 1, *values) for name, values in rows],
        columns=["setting", "differs", *(str(run.id) for run in runs)],
    )
    return table.sort_values("differs", ascending=False, kind="stable", ignore_index=True)


def _flat(run: RunRow) -> dict[str, str]:
    whole = {
        "detector": run.detector,
        "weights": run.weights,
        "tracker": run.tracker,
        "code version": run.code_version,
    }
    return {name: _said(value) for name, value in (*whole.items(), *_leaves(run.settings))}


def _leaves(settings: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found += _leaves(value, f"{before}{name}.")
        else:
            found.append((f"{before}{name}", value))
    return found


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _settings(text: str) -> Mapping[str, Any]:
    return _read(text, dict) or {}


def _problems(text: str | None) -> tuple[str, ...]:
    found = _read(text, list)
    return (
        tuple(str(each) for each in found) if found else ((text,) if text and found is None else ())
    )


def _read(text: str | None, kind: type) -> Any:
    """What a JSON text holds if it is of that kind; it may be somebody's own."""
    try:
        found = json.loads(text or "")
    except ValueError:
        return None
    return found if isinstance(found, kind) else None
