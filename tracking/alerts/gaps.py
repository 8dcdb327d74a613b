"""When a source was not watched, and why, as exactly as its coverage by the minute tells."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ..schema import UNWATCHED
from .schedule import Spans, merged

MINUTE = 60_000
_LEAST = 500  # milliseconds: what is less is rounding
_UNTOLD = 2_500  # milliseconds of a minute that may be missing in its account
_NEAR = 1_500  # milliseconds between two parts of one gap


@dataclass(frozen=True, slots=True)
class Gap:
    """A time that was not watched: stale, down, stopped, or (none) nobody says why.

    exact: whether it is known where in its minute it lies; if not, it may be anywhere in it.
    """

    state: str
    since: int
    until: int
    exact: bool = True


def gaps_of(connection: sqlite3.Connection, source_id: int, since: int, until: int) -> list[Gap]:
    """The gaps of a source in [since, until), which may reach beyond it, in the order of time."""
    first, last = since // MINUTE - 1, (until - 1) // MINUTE + 1
    columns = ", ".join(f"seconds_{state}" for state in UNWATCHED)
    rows = {
        minute: (seen, dict(zip(UNWATCHED, lost, strict=True)))
        for minute, seen, *lost in connection.execute(
            f"SELECT minute, seconds_observed, {columns} FROM coverage"
            " WHERE source_id = ? AND minute BETWEEN ? AND ?",
            (source_id, first, last),
        )
    }
    turns = _Turns(connection, source_id, first * MINUTE, (last + 1) * MINUTE)
    found: list[Gap] = []
    for minute in range(first, last + 1):
        end = min((minute + 1) * MINUTE, until) if minute == (until - 1) // MINUTE else None
        begin, end = minute * MINUTE, end or (minute + 1) * MINUTE
        after = rows.get(minute + 1)
        found += _of_minute(begin, end, rows.get(minute), after, found, turns)
    return [gap for gap in found if gap.until > since and gap.since < until]


def spans_of(gaps: list[Gap]) -> Spans:
    """When nothing is known of who was there: whole minutes where it is not known which part."""
    return merged(
        [
            (gap.since, gap.until)
            if gap.exact
            else (gap.since // MINUTE * MINUTE, (gap.since // MINUTE + 1) * MINUTE)
            for gap in gaps
        ]
    )


def without_pictures(gaps: list[Gap], states: tuple[str, ...]) -> Spans:
    """When the source was in any of these states, in one piece where it went on."""
    return merged([(gap.since, gap.until) for gap in gaps if gap.state in states], _NEAR)


def unsaid(gaps: list[Gap]) -> Spans:
    """When nobody says how the source was: no runner was at work."""
    return merged([(gap.since, gap.until) for gap in gaps if gap.state == "none"])


def _of_minute(
    begin: int,
    end: int,
    row: tuple[float, dict[str, float]] | None,
    after: tuple[float, dict[str, float]] | None,
    before: list[Gap],
    turns: _Turns,
) -> list[Gap]:
    """The gaps of one minute, placed where its neighbours and the runs say that they lie."""
    if row is None:
        return [Gap("none", begin, end)]
    seen, lost = row
    lengths = {state: round(1000 * seconds) for state, seconds in lost.items()}
    untold = end - begin - round(1000 * seen) - sum(lengths.values())
    lengths["none"] = untold if untold > _UNTOLD else 0
    lengths = {state: length for state, length in lengths.items() if length >= _LEAST}
    total = sum(lengths.values())
    if not lengths:
        return []
    goes_on = bool(before) and before[-1].until >= begin - _NEAR
    if goes_on:  # what went on comes first
        lengths = dict(sorted(lengths.items(), key=lambda each: each[0] != before[-1].state))
    start, exact = _place(begin, end, total, goes_on, after, turns)
    found = []
    for state, length in lengths.items():
        found.append(Gap(state, start, min(start + length, end), exact))
        start += length
    return found


def _place(
    begin: int,
    end: int,
    total: int,
    goes_on: bool,
    after: tuple[float, dict[str, float]] | None,
    turns: _Turns,
) -> tuple[int, bool]:
    """Where the gaps of a minute begin, and whether that is sure."""
    if total >= end - begin - _LEAST or goes_on:
        return begin, True
    if after is None or sum(after[1].values()) * 1000 >= _LEAST:
        return end - total, True
    if inside := [t for t in turns.ended if begin <= t <= end - total + _NEAR]:
        return min(inside[-1], end - total), True
    if inside := [t for t in turns.started if begin + total - _NEAR <= t <= end]:
        return max(inside[0] - total, begin), True
    return begin, False


class _Turns:
    """When runs of a source ended, and when they began; read only where that is asked."""

    def __init__(
        self, connection: sqlite3.Connection, source_id: int, since: int, until: int
    ) -> None:
        self._connection = connection
        self._asked = source_id, since, until
        self._known: dict[str, list[int]] = {}

    @property
    def ended(self) -> list[int]:
        return self._of("ended_at")

    @property
    def started(self) -> list[int]:
        return self._of("started_at")

    def _of(self, column: str) -> list[int]:
        if column not in self._known:
            self._known[column] = [
                t
                for (t,) in self._connection.execute(
                    f"SELECT {column} FROM runs WHERE source_id = ? AND {column} >= ?"
                    f" AND {column} < ? ORDER BY 1",
                    self._asked,
                )
            ]
        return self._known[column]
