"""The alerts there were: reading them, and saying that one was seen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..database import writing
from ..times import known_zone, now_ms


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one channel. state: waiting, sent or failed; told_at: of the latest try."""

    channel: str
    event: str
    state: str
    tries: int
    told_at: int | None
    result: str | None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, with what it was decided on. Times are milliseconds since 1970 UTC.

    version: of the rule. name, text: the rule's name then, and what it said. place: zone or line;
    empty for the whole source. ended: None while it is open; ending: why it ended. value: when it
    began; peak: the highest; threshold: what had to be exceeded; unit: of all three, seconds or
    empty. evidence: as `record.evidence` gives it. acknowledged: when somebody said so.
    """

    id: int
    version: int
    rule: int
    source: str
    timezone: str
    name: str
    text: str
    place: str
    started: int
    ended: int | None
    ending: str | None
    value: float
    peak: float
    threshold: float
    unit: str
    evidence: dict[str, Any] = field(compare=False)
    acknowledged: int | None
    deliveries: tuple[Delivery, ...] = ()

    @property
    def tracks(self) -> list[int]:
        """people_tracks.id of those that counted when it began."""
        return list(self.evidence.get("tracks", ()))


_SELECT = (
    "SELECT alerts.id, version, alerts.rule, sources.name, sources.timezone, alerts.name, text,"
    " place, started_at, ended_at, ending, value, peak, threshold,"
    " json_extract(definition, '$.kind') IN ('dwell', 'down'), evidence, acknowledged_at"
    " FROM alerts JOIN sources ON sources.id = source_id"
    " JOIN alert_rules ON alert_rules.id = version"
)
MOST = 1000


def open_alerts(connection: sqlite3.Connection, sources: Sequence[str] = ()) -> list[Alert]:
    """Those that go on, the latest first; of some sources, or of all."""
    return _read(connection, "ended_at IS NULL", {}, sources, MOST)


def alerts(
    connection: sqlite3.Connection,
    since: int,
    until: int,
    sources: Sequence[str] = (),
    rules: Sequence[int] = (),
    most: int = MOST,
) -> list[Alert]:
    """Those that were open at any moment of [since, until), the latest first."""
    condition = (
        "started_at < :until AND coalesce(ended_at, :until) >= :since"
        " AND (:rules IS NULL OR alerts.rule IN (SELECT value FROM json_each(:rules)))"
    )
    values = {"since": since, "until": until, "rules": _listed(rules)}
    return _read(connection, condition, values, sources, most)


def latest(connection: sqlite3.Connection, number: int) -> Alert | None:
    """The latest alert of a rule."""
    found = _read(connection, "alerts.rule = :rule", {"rule": number}, (), 1)
    return found[0] if found else None


def alert(connection: sqlite3.Connection, id: int) -> Alert | None:
    """The alert of that number."""
    found = _read(connection, "alerts.id = :id", {"id": id}, (), 1)
    return found[0] if found else None


def acknowledge(
    connection: sqlite3.Connection, ids: Sequence[int], at: int | None = None, on: bool = True
) -> int:
    """Say of alerts that somebody has seen them, or take that back; of how many that is new."""
    moment = (now_ms() if at is None else at) if on else None
    with writing(connection):
        return connection.execute(
            "UPDATE alerts SET acknowledged_at = ? WHERE (acknowledged_at IS NULL) = ?"
            " AND id IN (SELECT value FROM json_each(?))",
            (moment, on, json.dumps(list(ids))),
        ).rowcount


def _read(
    connection: sqlite3.Connection,
    condition: str,
    values: dict[str, Any],
    sources: Sequence[str],
    most: int,
) -> list[Alert]:
    rows = connection.execute(
        f"{_SELECT} WHERE {condition}"
        " AND (:sources IS NULL OR sources.name IN (SELECT value FROM json_each(:sources)))"
        " ORDER BY started_at DESC, alerts.id DESC LIMIT :most",
        {**values, "sources": _listed(sources), "most": most},
    ).fetchall()
    told = _deliveries(connection, [row[0] for row in rows])
    return [_alert(row, tuple(told.get(row[0], ()))) for row in rows]


def _alert(row: tuple[Any, ...], deliveries: tuple[Delivery, ...]) -> Alert:
    *about, zone, name, text, place, began, ended, ending, value, peak, over, long, known, seen = (
        row
    )
    id, version, rule, source = about
    return Alert(
        id, version, rule, source, known_zone(zone), name, text, place, began, ended, ending,
        value, peak, over, "seconds" if long else "", json.loads(known), seen, deliveries,
    )  # fmt: skip


def _deliveries(connection: sqlite3.Connection, ids: list[int]) -> dict[int, list[Delivery]]:
    found: dict[int, list[Delivery]] = {}
    for id, *rest in connection.execute(
        "SELECT alert, channel, event, state, tries, told_at, result FROM alert_deliveries"
        " WHERE alert IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(ids),),
    ):
        found.setdefault(id, []).append(Delivery(*rest))
    return found


def _listed(names: Sequence[Any]) -> str | None:
    return json.dumps(list(names)) if names else None
