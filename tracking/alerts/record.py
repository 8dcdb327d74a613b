"""What the record knows for a rule: who was there, what happened, and when nobody looked."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..database import SourceRow
from ..zones import versions
from .deciding import Sample
from .gaps import Gap, gaps_of, spans_of, unsaid, without_pictures
from .rules import Rule
from .samples import Counting, happened, longer, present, samples_of
from .schedule import scheduled

BEYOND = 2_000  # milliseconds after a time for which rows are there, too

_VISIT = "coalesce(person.visit_id, person.id)"
_LABEL = "(:labels IS NULL OR person.label IN (SELECT value FROM json_each(:labels)))"


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What there is to decide by of one source, in [since, until)."""

    counting: Counting
    gaps: list[Gap]
    samples: list[Sample]


def known(
    connection: sqlite3.Connection, rule: Rule, source: SourceRow, since: int, until: int
) -> Known:
    """What is known of a rule at one of its sources. Times: milliseconds since 1970 UTC."""
    reach = round(rule.over * 1000) + 120_000 if rule.kind == "down" else 120_000
    # what was not watched just after it says what to make of its end
    gaps = gaps_of(connection, source.id, since - reach, until + BEYOND)
    times = scheduled(rule, since, until, source.timezone)
    if rule.kind == "down":
        lost = np.array(without_pictures(gaps, rule.states), np.int64).reshape(-1, 2).T
        counting = longer(rule, np.full(lost.shape[1], -1), lost[0], lost[1], lost[0])
        hidden = unsaid(gaps)
    else:
        counting = _counting(connection, rule, source, since, until)
        hidden = spans_of(gaps)
        if trouble(connection, rule, source.name) is not None:
            hidden = [(since, until)]
    return Known(counting, gaps, samples_of(rule, counting, hidden, times, since, until))


def trouble(connection: sqlite3.Connection, rule: Rule, source: str) -> str | None:
    """Why a rule can be decided neither way at a source, in words; None if it can."""
    if rule.zone and not any(
        each.current for each in versions(connection, "zone", source, rule.zone)
    ):
        return f"there is no zone {rule.zone!r} on {source} any more"
    if rule.line:
        lines = [each for each in versions(connection, "line", source, rule.line) if each.current]
        if not lines:
            return f"there is no line {rule.line!r} on {source} any more"
        words = {word for each in lines for word in _words(each.shape)}
        if rule.direction and rule.direction not in words:
            return f"the line {rule.line!r} on {source} has no direction {rule.direction!r}"
    return None


def evidence(rule: Rule, seen: Known, since: int, t: int, most: int = 200) -> dict[str, Any]:
    """What an alert at t was decided on, JSON-ready.

    tracks: keys of those that counted then, at most so many of `counted`; since, until: the time
    looked at; gaps: state, begin and end of what was not watched in it.
    """
    tracks = seen.counting.at(t)
    begin = min(since, t - rule.minutes * 60_000)
    if rule.unit:
        begin = min(begin, t - round(rule.over * 1000))
    gaps = [
        [gap.state, max(gap.since, begin), min(gap.until, t)]
        for gap in seen.gaps
        if gap.until > begin and gap.since < t
    ]
    return {
        "tracks": tracks[:most],
        "counted": len(tracks),
        "since": begin,
        "until": t,
        "gaps": gaps[-most:],
    }


def _words(shape: Any) -> tuple[str, str]:
    return shape.forward, shape.backward


def _counting(
    connection: sqlite3.Connection, rule: Rule, source: SourceRow, since: int, until: int
) -> Counting:
    """Who or what counts, of all that reaches into the time."""
    values = {
        "source": source.id,
        "since": since - rule.minutes * 60_000,
        "until": until,
        "labels": json.dumps(rule.labels) if rule.labels else None,
    }
    if rule.line:
        return happened(rule, _crossings(connection, rule, source, values))
    if rule.zone:
        zones = [each.id for each in versions(connection, "zone", source.name, rule.zone)]
        stays = _stays(connection, {**values, "zones": json.dumps(zones)})
        if rule.kind == "flow":
            return happened(rule, [(track, entered) for track, entered, _ in stays])
        return present(rule, stays)
    if rule.kind == "flow":
        return happened(rule, _arrivals(connection, values))
    if rule.kind == "dwell":
        return _long_stays(connection, rule, values)
    return present(rule, _tracks(connection, values))


def _tracks(connection: sqlite3.Connection, values: dict[str, Any]) -> list[tuple[int, int, int]]:
    return connection.execute(
        "SELECT id, first_seen, last_seen FROM people_tracks AS person WHERE source_id = :source"
        f" AND last_seen >= :since AND first_seen < :until AND {_LABEL}",
        values,
    ).fetchall()


def _long_stays(connection: sqlite3.Connection, rule: Rule, values: dict[str, Any]) -> Counting:
    """Of visits, which began with the first of their tracks."""
    rows = connection.execute(
        "SELECT id, first_seen, last_seen, CASE WHEN visit_id IS NULL THEN first_seen ELSE"
        " (SELECT min(first_seen) FROM people_tracks AS part WHERE part.visit_id = person.visit_id)"
        " END FROM people_tracks AS person WHERE source_id = :source AND last_seen >= :since"
        f" AND first_seen < :until AND {_LABEL}",
        values,
    ).fetchall()
    return longer(rule, *np.array(rows, np.int64).reshape(-1, 4).T)


def _arrivals(connection: sqlite3.Connection, values: dict[str, Any]) -> list[tuple[int, int]]:
    """Of visits: the tracks that they begin with."""
    return connection.execute(
        "SELECT id, first_seen FROM people_tracks AS person WHERE source_id = :source"
        " AND last_seen >= :since AND first_seen >= :since AND first_seen < :until"
        f" AND {_VISIT} = id AND {_LABEL}",
        values,
    ).fetchall()


def _stays(connection: sqlite3.Connection, values: dict[str, Any]) -> list[tuple[int, int, int]]:
    return connection.execute(
        "SELECT track, entered_at, left_at FROM people_tracks AS person CROSS JOIN zone_stays"
        " ON track = person.id WHERE source_id = :source AND last_seen >= :since"
        " AND first_seen < :until AND left_at >= :since AND entered_at < :until"
        f" AND zone_id IN (SELECT value FROM json_each(:zones)) AND {_LABEL}",
        values,
    ).fetchall()


def _crossings(
    connection: sqlite3.Connection, rule: Rule, source: SourceRow, values: dict[str, Any]
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for each in versions(connection, "line", source.name, rule.line):
        # a direction may be kept as what it is, or as the line's own name for it
        names = dict(zip(_words(each.shape), ("forward", "backward"), strict=True))
        if rule.direction and rule.direction not in names:
            continue
        ways = [rule.direction, names[rule.direction]] if rule.direction else None
        found += connection.execute(
            "SELECT track, t FROM crossings CROSS JOIN people_tracks AS person"
            " ON person.id = track WHERE line_id = :line AND t >= :since AND t < :until"
            " AND (:ways IS NULL OR direction IN (SELECT value FROM json_each(:ways)))"
            f" AND {_LABEL}",
            {**values, "line": each.id, "ways": json.dumps(ways) if ways else None},
        ).fetchall()
    return found
