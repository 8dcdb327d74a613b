"""The same numbers for different settings of a source, or for two times."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..metrics import Selection
from .measuring import Quality

_SETUPS = (
    "SELECT id, started_at, coalesce(ended_at, ?), detector, weights, tracker, code_version,"
    " settings FROM runs WHERE source_id = ? AND started_at < ? AND coalesce(ended_at, ?) >= ?"
    " ORDER BY started_at, id"
)


@dataclass(frozen=True, slots=True)
class Setup:
    """The runs of a source with one set of settings. runs: their ids; since, until: milliseconds;
    settings: flat, as text, those in which the setups of the time differ; whole: all as stored."""

    runs: tuple[int, ...]
    since: int
    until: int
    settings: Mapping[str, str]
    whole: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return ", ".join(f"{name} {value}" for name, value in self.settings.items()) or "as always"


def setups(connection: sqlite3.Connection, selection: Selection) -> list[Setup]:
    """The settings that the selection's one source was watched with, the oldest first."""
    (source,), filter = selection.sources, selection.filter
    now = selection.now
    found: dict[str, list[tuple[int, int, int]]] = {}
    flat: dict[str, dict[str, str]] = {}
    whole: dict[str, Mapping[str, Any]] = {}
    asked = (now, source.id, filter.until, now, filter.since)
    for id, begin, end, detector, weights, tracker, version, text in connection.execute(
        _SETUPS, asked
    ):
        settings = _read(text)
        about = {"detector": detector, "weights": weights or "", "tracker": tracker,
                 "version": version, **_flat(settings)}  # fmt: skip
        about.pop("recording", None)  # which file it was is no setting
        key = json.dumps(about, sort_keys=True)
        found.setdefault(key, []).append((id, begin, end))
        flat[key], whole[key] = about, settings
    names = list(dict.fromkeys(name for about in flat.values() for name in about))
    differ = [name for name in names if len({about.get(name, "") for about in flat.values()}) > 1]
    return [
        Setup(
            tuple(run for run, _, _ in runs),
            min(begin for _, begin, _ in runs),
            max(end for _, _, end in runs),
            {name: flat[key].get(name, "") for name in differ},
            whole[key],
        )
        for key, runs in found.items()
    ]


def side_by_side(qualities: Sequence[tuple[str, Quality]]) -> pd.DataFrame:
    """Every number, one column for each, named; None where there is none.

    Columns: number (its name in QUALITY), title, unit, and the names.
    """
    first = qualities[0][1]
    rows = [
        (name, each.metric.title, each.metric.unit,
         *(quality.numbers[name].value for _, quality in qualities))
        for name, each in first.numbers.items()
    ]  # fmt: skip
    names = [name for name, _ in qualities]
    return pd.DataFrame(rows, columns=["number", "title", "unit", *names])


def _flat(settings: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value if isinstance(value, str) else json.dumps(value)
    return found


def _read(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
