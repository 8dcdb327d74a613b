"""Deciding rules by the record: live, a step at a time, and over the past.

Both use the same logic on the same rows. Live, a source is decided two seconds behind its newest
rows, so that who was lost for a moment is still there; how far is kept in the database, together
with what was found, so that a rule goes on after a restart as if there had been none.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..database import SourceRow, sources, writing
from .book import Version, rules, sources_of
from .deciding import BACK, Began, Change, Ended, Patience, Progress, decide, set_back
from .gaps import gaps_of
from .record import BEYOND, Known, evidence, known
from .rules import Rule

LAG = BEYOND  # milliseconds behind the newest rows
FRESH = 60_000  # milliseconds that the newest rows of what is watched live may be old
AHEAD = 5_000  # milliseconds that they may be ahead of the clock
KEEP_EVERY = 15_000  # milliseconds after which it is kept how far a rule is decided
STEP = 6 * 3_600_000  # milliseconds that are decided at once
LONGEST = 86_400_000  # milliseconds of a time without rows that are gone through after it

UNWATCHED = "the source is no longer watched"


@dataclass(frozen=True, slots=True)
class Found:
    """An alert that a rule finds in the past; ended: None if it goes on at the end of the time."""

    source: str
    timezone: str
    began: int
    ended: int | None
    value: float
    peak: float
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """What a rule finds in a time. watched: seconds of `possible` in which its sources were."""

    found: tuple[Found, ...]
    watched: float
    possible: float

    @property
    def share(self) -> float:
        """Of the time that was watched."""
        return self.watched / self.possible if self.possible else 0.0


def past(
    connection: sqlite3.Connection,
    rule: Rule,
    since: int,
    until: int,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Past:
    """What a rule would have found in [since, until), milliseconds since 1970 UTC.

    As if it had been there from `since` on, whether it is enabled or not.
    """
    found: list[Found] = []
    lost = 0
    asked = sources_of(rule, sources(connection))
    for number, source in enumerate(asked):
        found += _past_of(connection, rule, source, since, until)
        for gap in gaps_of(connection, source.id, since, until):
            lost += max(0, min(gap.until, until) - max(gap.since, since))
        progress(number + 1, len(asked))
    possible = (until - since) * len(asked)
    found.sort(key=lambda each: each.began)
    return Past(tuple(found), max(0, possible - lost) / 1000, possible / 1000)


def _past_of(
    connection: sqlite3.Connection, rule: Rule, source: SourceRow, since: int, until: int
) -> list[Found]:
    progress, found = Progress(since), list[Found]()
    for begin in range(since, until, STEP):
        end = min(begin + STEP, until)
        seen = known(connection, rule, source, begin, end)
        progress, changes = decide(progress, patience(rule), seen.samples, end)
        for change in changes:
            if isinstance(change, Began):
                about = evidence(rule, seen, change.since, change.t)
                found.append(
                    Found(source.name, source.timezone, change.t, None, change.value,
                          change.value, about)
                )  # fmt: skip
            else:
                found[-1] = replace(found[-1], ended=change.t, peak=change.peak)
    if found and found[-1].ended is None:
        found[-1] = replace(found[-1], peak=progress.peak)
    return found


def patience(rule: Rule) -> Patience:
    """The rule's times in milliseconds."""
    return Patience(round(rule.hold * 1000), round(rule.quiet * 1000))


class Watchman:
    """Decides all rules as the record grows. For one thread, with its own connection for writing.

    live: the names of the sources that are watched as it happens; those alone are decided, and the
    open alerts of others end.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.problems: list[str] = []  # of the latest look: rules that could not be decided
        self._connection = connection
        self._known: dict[tuple[int, int], Progress] = {}
        self._kept: dict[tuple[int, int], int] = {}

    def look(self, now: int, live: Collection[str]) -> int:
        """Decide as far as rows are there; how many alerts began or ended. now: ms UTC."""
        self.problems = []
        current = [each for each in rules(self._connection) if each.rule.enabled]
        if not current:
            self._known.clear()
            self._kept.clear()
            return 0
        there = sources(self._connection)
        ends = {each.id: newest(self._connection, each.id, now) for each in there}
        pairs, count = set(), self._leave(there, live, now)
        for version in current:
            for source in sources_of(version.rule, there):
                end = ends[source.id]
                if source.name in live and end is not None:
                    pairs.add((version.id, source.id))
                    count += self._try(version, source, end - LAG)
        self._known = {pair: each for pair, each in self._known.items() if pair in pairs}
        self._kept = {pair: each for pair, each in self._kept.items() if pair in pairs}
        return count

    def _try(self, version: Version, source: SourceRow, until: int) -> int:
        """One that cannot be decided does not keep the others from being so."""
        try:
            return self._decide(version, source, until)
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            name = version.rule.name
            self.problems.append(f"rule {name!r} at {source.name}: {type(error).__name__}: {error}")
            return 0

    def _decide(self, version: Version, source: SourceRow, until: int) -> int:
        pair = version.id, source.id
        progress = self._known.get(pair) or self._read(pair, until)
        waits = patience(version.rule)
        if until < progress.until - BACK:
            progress = set_back(progress, waits, until)
        if until - progress.until > LONGEST:
            progress = replace(progress, until=until - LONGEST, met=None, since=None, held=0)
        changes: list[tuple[Change, Known]] = []
        while progress.until < until:
            end = min(progress.until + STEP, until)
            seen = known(self._connection, version.rule, source, progress.until, end)
            progress, new = decide(progress, waits, seen.samples, end)
            changes += [(change, seen) for change in new]
        self._keep(version, source, progress, changes)
        self._known[pair] = progress  # not before it is written: else what fails would be lost
        return len(changes)

    def _read(self, pair: tuple[int, int], until: int) -> Progress:
        """Where it was when it was last kept; a new rule begins now."""
        row = self._connection.execute(
            "SELECT progress FROM alert_progress WHERE version = ? AND source_id = ?", pair
        ).fetchone()
        if row is not None:
            with suppress(ValueError, TypeError):
                return Progress(**json.loads(row[0]))
        return Progress(until)

    def _keep(
        self,
        version: Version,
        source: SourceRow,
        progress: Progress,
        changes: list[tuple[Change, Known]],
    ) -> None:
        """Write what was found, and how far it is decided, in one transaction."""
        pair = version.id, source.id
        before = self._kept.get(pair)
        if not changes and before is not None and 0 <= progress.until - before < KEEP_EVERY:
            return
        with writing(self._connection):
            for change, seen in changes:
                self._write(version, source, change, seen)
            if progress.opened is not None:
                self._connection.execute(
                    "UPDATE alerts SET peak = max(peak, ?)"
                    " WHERE version = ? AND source_id = ? AND ended_at IS NULL",
                    (progress.peak, *pair),
                )
            self._connection.execute(
                "INSERT OR REPLACE INTO alert_progress SELECT ?, ?, ?"
                " WHERE EXISTS (SELECT 1 FROM alert_rules WHERE id = ? AND valid_to IS NULL)",
                (*pair, json.dumps(asdict(progress)), version.id),
            )
        self._kept[pair] = progress.until

    def _write(self, version: Version, source: SourceRow, change: Change, seen: Known) -> None:
        rule = version.rule
        if isinstance(change, Ended):
            self._connection.execute(
                "UPDATE alerts SET ended_at = max(started_at, ?), ending = 'over', peak = ?"
                " WHERE version = ? AND source_id = ? AND ended_at IS NULL",
                (change.t, change.peak, version.id, source.id),
            )
            return
        about = json.dumps(evidence(rule, seen, change.since, change.t))
        self._connection.execute(
            "INSERT INTO alerts (version, rule, source_id, name, text, place, started_at, value,"
            " peak, threshold, evidence) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
            # it may have been changed meanwhile
            " WHERE EXISTS (SELECT 1 FROM alert_rules WHERE id = ? AND valid_to IS NULL)",
            (
                version.id, version.number, source.id, rule.name, rule.words, rule.place,
                change.t, change.value, change.value, rule.over, about, version.id,
            ),
        )  # fmt: skip

    def _leave(self, there: list[SourceRow], live: Collection[str], now: int) -> int:
        """End the open alerts of sources that nobody watches any more."""
        gone = [each.id for each in there if each.name not in live]
        if not gone:
            return 0
        found = [
            id
            for (id,) in self._connection.execute(
                "SELECT id FROM alerts WHERE ended_at IS NULL"
                " AND source_id IN (SELECT value FROM json_each(?))",
                (json.dumps(gone),),
            )
        ]
        if found:
            with writing(self._connection):
                self._connection.executemany(
                    "UPDATE alerts SET ended_at = max(started_at, ?), ending = ? WHERE id = ?",
                    [(now, UNWATCHED, id) for id in found],
                )
                self._connection.execute(
                    "DELETE FROM alert_progress"
                    " WHERE source_id IN (SELECT value FROM json_each(?))",
                    (json.dumps(gone),),
                )
        return len(found)


def newest(connection: sqlite3.Connection, source_id: int, now: int) -> int | None:
    """Until when the rows of a source are there, ms UTC; None where they are not of now."""
    run = connection.execute(
        "SELECT ended_at FROM runs WHERE source_id = ? ORDER BY id DESC LIMIT 1", (source_id,)
    ).fetchone()
    minute = connection.execute(
        "SELECT minute, seconds_observed + seconds_stale + seconds_down + seconds_stopped"
        " FROM coverage WHERE source_id = ? AND minute <= ? ORDER BY minute DESC LIMIT 1",
        (source_id, now // 60_000),
    ).fetchone()
    ends = [run[0]] if run and run[0] is not None else []
    if minute is not None:
        ends.append(minute[0] * 60_000 + round(minute[1] * 1000))
    ends = [end for end in ends if now - FRESH <= end <= now + AHEAD]
    return max(ends, default=None)
