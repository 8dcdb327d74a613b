"""Rules in the database: adding, changing, pausing and deleting them, version by version.

A rule that is changed becomes a new version from then on. What an alert was decided on stays said
by the version that it names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from ..database import SourceRow, sources, writing
from ..errors import RuleError
from ..times import now_ms
from .record import trouble
from .rules import Rule


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a rule.

    id: of the version; number: of the rule, which is the id of its first version. since, until:
    from when on and before when it is in force, milliseconds since 1970 UTC; until is None for the
    current one.
    """

    id: int
    number: int
    rule: Rule
    since: int
    until: int | None


def rules(connection: sqlite3.Connection) -> list[Version]:
    """The current rules, by number; what some other program wrote and is no rule is left out."""
    return _read(connection, "valid_to IS NULL ORDER BY rule", ())


def versions_of(connection: sqlite3.Connection, number: int) -> list[Version]:
    """All versions of a rule, also of a deleted one, in the order of time."""
    return _read(connection, "rule = ? ORDER BY id", (number,))


def find(connection: sqlite3.Connection, name: str) -> Version:
    """The current rule of that name, or of that number. Raises RuleError, saying what there is."""
    there = rules(connection)
    for each in there:
        if each.rule.name == name:
            return each
    for each in there:
        if str(each.number) == name:
            return each
    names = ", ".join(repr(each.rule.name) for each in there) or "none"
    raise RuleError(f"There is no rule {name!r:.80}; there are {names}")


def add(connection: sqlite3.Connection, rule: Rule, at: int | None = None) -> Version:
    """Keep a rule, which looks at what comes from then on. Raises RuleError for a taken name."""
    moment = now_ms() if at is None else at
    with writing(connection):
        _check_free(connection, rule.name, None)
        id = _insert(connection, 0, rule, moment)
        connection.execute("UPDATE alert_rules SET rule = id WHERE id = ?", (id,))
    return Version(id, id, rule, moment, None)


def change(connection: sqlite3.Connection, name: str, rule: Rule, at: int | None = None) -> Version:
    """Let a rule be another one from now on, also of another name; its open alerts end.

    Raises RuleError.
    """
    moment = now_ms() if at is None else at
    with writing(connection):
        old = find(connection, name)
        if rule == old.rule:
            return old
        _check_free(connection, rule.name, old.number)
        _end(connection, old, moment, "the rule was paused" if not rule.enabled else CHANGED)
        id = _insert(connection, old.number, rule, moment)
    return Version(id, old.number, rule, moment, None)


CHANGED = "the rule was changed"
DELETED = "the rule was deleted"


def delete(connection: sqlite3.Connection, name: str, at: int | None = None) -> Version:
    """Let a rule look at nothing any more; what it has found stays. Raises RuleError."""
    with writing(connection):
        old = find(connection, name)
        _end(connection, old, now_ms() if at is None else at, DELETED)
    return old


def restore(connection: sqlite3.Connection, version: Version, at: int | None = None) -> Version:
    """Take the deleting of a rule back, from now on. Raises RuleError where its name is taken."""
    moment = now_ms() if at is None else at
    with writing(connection):
        _check_free(connection, version.rule.name, version.number)
        id = _insert(connection, version.number, version.rule, moment)
    return Version(id, version.number, version.rule, moment, None)


def sources_of(rule: Rule, there: Iterable[SourceRow]) -> list[SourceRow]:
    """The sources that a rule looks at, each by itself."""
    return [source for source in there if rule.source in ("", source.name)]


def problem_of(connection: sqlite3.Connection, rule: Rule) -> str | None:
    """Why a rule can find nothing, in words; None if it can."""
    watched = sources_of(rule, sources(connection))
    if not watched:
        return f"nothing is recorded of {rule.source or 'any source'} yet"
    if rule.place:
        return trouble(connection, rule, rule.source)
    return None


def _check_free(connection: sqlite3.Connection, name: str, number: int | None) -> None:
    taken = [each.number for each in rules(connection) if each.rule.name == name]
    if taken and taken != [number]:
        raise RuleError(f"There is a rule {name!r} already")


def _insert(connection: sqlite3.Connection, number: int, rule: Rule, moment: int) -> int:
    id = connection.execute(
        "INSERT INTO alert_rules (rule, definition, valid_from) VALUES (?, ?, ?)",
        (number, rule.as_json(), moment),
    ).lastrowid
    assert id is not None
    return id


def _end(connection: sqlite3.Connection, version: Version, moment: int, why: str) -> None:
    """Let a version be in force no longer, and its open alerts end with it."""
    connection.execute(
        "UPDATE alert_rules SET valid_to = max(valid_from, ?) WHERE id = ?", (moment, version.id)
    )
    connection.execute(
        "UPDATE alerts SET ended_at = max(started_at, ?), ending = ?"
        " WHERE version = ? AND ended_at IS NULL",
        (moment, why, version.id),
    )
    connection.execute("DELETE FROM alert_progress WHERE version = ?", (version.id,))


def _read(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> list[Version]:
    found = []
    for id, number, text, since, until in connection.execute(
        "SELECT id, rule, definition, valid_from, valid_to FROM alert_rules WHERE " + condition,
        values,
    ):
        with suppress(RuleError):
            found.append(Version(id, number, Rule.of_json(text), since, until))
    return found
