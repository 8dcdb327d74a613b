"""Count audits: windows of a source in which people count again what the system has counted.

What the system counted comes from the metric layer, and is told only when somebody has answered.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..database import describing, writing
from ..errors import NothingRecorded, SettingsError
from ..filters import Filter
from ..metrics import Selection, measure, select
from ..times import known_zone, now_ms
from .estimating import Estimate, estimate
from .sampling import draw, slots, stretches

Quantity = Literal["visits", "crossings", "occupancy"]
QUANTITIES: dict[Quantity, str] = {
    "visits": "Objects seen in the window",
    "crossings": "Crossings of a line in the window",
    "occupancy": "Objects there at one moment",
}
"""What can be counted again. Visits are those that overlap the window (of a zone, the stays in it);
crossings those in the window; occupancy is how many are there at the window's middle."""

LONGEST, SHORTEST = 3600.0, 1.0  # seconds of a window
MOST_WINDOWS = 1000
MOST_TRUE = 100_000
REASONS = ("no picture", "too dark", "too crowded", "not sure", "other")
"""Why a window is skipped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be audited. place: name of a zone (visits) or a line (crossings); direction: a
    line's own name for it, empty for either; seconds: of a window; windows: how many."""

    source: str
    quantity: Quantity = "visits"
    place: str = ""
    direction: str = ""
    labels: tuple[str, ...] = ()
    seconds: float = 30.0
    windows: int = 20
    seed: int = 1

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            known = ", ".join(QUANTITIES)
            raise SettingsError(f"An audit is not of {self.quantity!r}, but of {known}")
        if not SHORTEST <= self.seconds <= LONGEST:
            raise SettingsError(f"A window has {SHORTEST:g} to {LONGEST:g} s: {self.seconds:g}")
        if not 1 <= self.windows <= MOST_WINDOWS:
            raise SettingsError(f"An audit has 1 to {MOST_WINDOWS} windows: {self.windows}")
        if self.quantity == "crossings" and not self.place:
            raise SettingsError("An audit of crossings needs a line")
        if self.quantity == "occupancy" and self.place:
            raise SettingsError("An audit of occupancy is of the whole picture")
        if self.direction and self.quantity != "crossings":
            raise SettingsError("Only crossings have a direction")


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit as it is kept. possible: of how many windows it was drawn; since, until: of the
    time asked about, milliseconds; answered, skipped: how many of its windows are."""

    id: int
    plan: Plan
    timezone: str
    made_at: int
    since: int
    until: int
    possible: int
    windows: int
    answered: int
    skipped: int

    @property
    def left(self) -> int:
        return self.windows - self.answered - self.skipped


@dataclass(frozen=True, slots=True)
class Window:
    """A window of an audit. number: from 1; since, until: milliseconds, half-open; hour: of the
    source's day. truth: what somebody counted; system: what the system had counted then; None
    before that. skipped: why, or empty. seen: what it was counted from, like "clip"."""

    audit: int
    number: int
    since: int
    until: int
    hour: int
    truth: int | None = None
    system: float | None = None
    answered_at: int | None = None
    skipped: str = ""
    seen: str = ""

    @property
    def moment(self) -> int:
        """Its middle, which occupancy is asked of."""
        return (self.since + self.until) // 2

    @property
    def open(self) -> bool:
        return self.truth is None and not self.skipped


def begin(connection: sqlite3.Connection, plan: Plan, filter: Filter) -> Audit:
    """Draw the windows of an audit from the time of the filter, and keep them.

    Raises NothingRecorded where no window of that length was watched without a break, and
    SettingsError for a zone, a line or a direction that there is not.
    """
    with describing("The database"):
        now = now_ms()
        chosen = Filter(filter.since, filter.until, (plan.source,), plan.labels, filter.hours,
                        filter.weekdays)  # fmt: skip
        selection = select(connection, chosen, now)
        _check(selection, plan)
        (source,) = selection.sources
        begins = slots(stretches(connection, selection), plan.seconds)
        if not len(begins):
            raise NothingRecorded(
                f"{plan.source!r} was at no time watched for {plan.seconds:g} s without a break in"
                " the time that is chosen; take shorter windows, or another time"
            )
        drawn = draw(begins, source.timezone, plan.windows, plan.seed)
        length = round(plan.seconds * 1000)
        with writing(connection):
            id = connection.execute(
                "INSERT INTO audits (source_id, quantity, place, direction, labels, seconds, seed,"
                " made_at, since, until, possible) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (source.id, plan.quantity, plan.place, plan.direction,
                 json.dumps(list(plan.labels)), plan.seconds, plan.seed, now, filter.since,
                 filter.until, len(begins)),
            ).lastrowid  # fmt: skip
            connection.executemany(
                "INSERT INTO audit_windows (audit_id, number, since, until, hour)"
                " VALUES (?, ?, ?, ?, ?)",
                [(id, number, t, t + length, hour) for number, (t, hour) in enumerate(drawn, 1)],
            )
        assert id is not None
        return find(connection, id)


def audits(connection: sqlite3.Connection, names: Sequence[str] = ()) -> list[Audit]:
    """All audits of these sources, of all if none are named, the newest first."""
    if not _there(connection):
        return []
    rows = connection.execute(_AUDITS.format("?1 OR source.name IN (SELECT value FROM"
                                             " json_each(?2))"),
                              (not names, json.dumps(list(names))))  # fmt: skip
    return [_audit(row) for row in rows]


def find(connection: sqlite3.Connection, id: int) -> Audit:
    """An audit by its number. Raises NothingRecorded."""
    rows = connection.execute(_AUDITS.format("audit.id = ?"), (id,)) if _there(connection) else ()
    for row in rows:
        return _audit(row)
    raise NothingRecorded(f"There is no audit {id}")


def windows(connection: sqlite3.Connection, audit: int) -> list[Window]:
    """All windows of an audit, in the order in which they are asked."""
    rows = connection.execute(
        "SELECT audit_id, number, since, until, hour, truth, system, answered_at, skipped, seen"
        " FROM audit_windows WHERE audit_id = ? ORDER BY number",
        (audit,),
    )
    return [Window(*row) for row in rows]


def counted(connection: sqlite3.Connection, audit: Audit, window: Window) -> float | None:
    """What the system counted in a window, as the metric layer has it now; None if nothing was
    recorded then."""
    plan, moment = audit.plan, window.moment
    span = (moment, moment + 1) if plan.quantity == "occupancy" else (window.since, window.until)
    lines = (plan.place,) if plan.quantity == "crossings" else ()
    zones = (plan.place,) if plan.quantity == "visits" and plan.place else ()
    ways = (plan.direction,) if plan.direction else ()
    filter = Filter(*span, (plan.source,), plan.labels, zones=zones, lines=lines, directions=ways)
    name = {"visits": "visits", "crossings": "crossings", "occupancy": "occupancy_max"}
    return measure(name[plan.quantity], select(connection, filter, now_ms())).value


def answer(
    connection: sqlite3.Connection, audit: Audit, number: int, truth: int, seen: str = ""
) -> Window:
    """Keep what somebody counted in a window, and what the system had counted.

    Raises SettingsError for what is no count, NothingRecorded for a window that there is not.
    """
    if isinstance(truth, bool) or not isinstance(truth, int) or not 0 <= truth <= MOST_TRUE:
        raise SettingsError(f"A count is a whole number from 0 to {MOST_TRUE:,}: {truth!r}")
    window = _window(connection, audit, number)
    system = counted(connection, audit, window)
    if system is None:
        return skip(connection, audit, number, "nothing recorded")
    return _note(connection, window, truth, system, "", seen)


def skip(connection: sqlite3.Connection, audit: Audit, number: int, reason: str) -> Window:
    """Leave a window out, and say why. Raises SettingsError without a reason."""
    if not reason.strip():
        raise SettingsError("A window is skipped for a reason")
    window = _window(connection, audit, number)
    return _note(connection, window, None, None, reason.strip()[:200], "")


def undo(connection: sqlite3.Connection, audit: Audit) -> Window | None:
    """Take back what was answered or skipped last; None where nothing was."""
    done = [each for each in windows(connection, audit.id) if not each.open]
    if not done:
        return None
    last = max(done, key=lambda each: (each.answered_at or 0, each.number))
    return _note(connection, last, None, None, "", "")


def recount(connection: sqlite3.Connection, audit: Audit) -> int:
    """Count again what was answered, after visits were joined anew or a line was changed; in how
    many windows the system counts otherwise now. What is not recorded any more stays as it was."""
    changed = 0
    for window in windows(connection, audit.id):
        if window.truth is None:
            continue
        system = counted(connection, audit, window)
        if system is not None and system != window.system:
            with describing("The database"), writing(connection):
                connection.execute(
                    "UPDATE audit_windows SET system = ? WHERE audit_id = ? AND number = ?",
                    (system, audit.id, window.number),
                )
            changed += 1
    return changed


def delete(connection: sqlite3.Connection, id: int) -> None:
    """Delete an audit with its answers. Raises NothingRecorded where there is none."""
    find(connection, id)
    with describing("The database"), writing(connection):
        connection.execute("DELETE FROM audit_windows WHERE audit_id = ?", (id,))
        connection.execute("DELETE FROM audits WHERE id = ?", (id,))


def result(audit: Audit, windows: Sequence[Window]) -> Estimate:
    """Error and bias over the windows of one audit that were answered."""
    return _estimate([each for each in windows if each.truth is not None], audit.possible)


def by_hour(windows: Sequence[Window]) -> dict[int, Estimate]:
    """The same for each hour of the source's day in which a window was answered."""
    done = [each for each in windows if each.truth is not None]
    return {
        hour: _estimate([each for each in done if each.hour == hour])
        for hour in sorted({each.hour for each in done})
    }


def by_source(
    connection: sqlite3.Connection, audits: Sequence[Audit]
) -> dict[tuple[str, Quantity], Estimate]:
    """The same over all audits of each source and quantity that were answered at all."""
    found: dict[tuple[str, Quantity], list[Window]] = {}
    for audit in audits:
        done = [each for each in windows(connection, audit.id) if each.truth is not None]
        if done:
            found.setdefault((audit.plan.source, audit.plan.quantity), []).extend(done)
    return {key: _estimate(of) for key, of in found.items()}


def _estimate(done: Sequence[Window], possible: int | None = None) -> Estimate:
    truth = [each.truth or 0 for each in done]
    return estimate(truth, [each.system or 0.0 for each in done], possible)


_AUDITS = (
    "SELECT audit.id, source.name, quantity, place, direction, labels, seconds, count(number),"
    " seed, source.timezone, made_at, audit.since, audit.until, possible,"
    " count(truth), count(nullif(skipped, ''))"
    " FROM audits AS audit JOIN sources AS source ON source.id = audit.source_id"
    " LEFT JOIN audit_windows ON audit_id = audit.id WHERE {} GROUP BY audit.id"
    " ORDER BY audit.id DESC"
)


def _audit(row: Sequence[Any]) -> Audit:
    id, source, quantity, place, direction, labels, seconds, many, seed, zone, *times = row
    names = tuple(json.loads(labels))
    plan = Plan(source, quantity, place, direction, names, seconds, max(1, many), seed)
    made_at, since, until, possible, answered, skipped = times
    zone = known_zone(zone)
    return Audit(id, plan, zone, made_at, since, until, possible, many, answered, skipped)


def _there(connection: sqlite3.Connection) -> bool:
    """Whether there can be any; a study of an earlier version has no such table."""
    known = "SELECT 1 FROM sqlite_master WHERE name = 'audits'"
    return connection.execute(known).fetchone() is not None


def _check(selection: Selection, plan: Plan) -> None:
    if not selection.sources:
        raise NothingRecorded(f"The database has no source {plan.source!r}")
    if plan.quantity == "crossings":
        lines = [line for line in selection.lines if line.name == plan.place]
        if not lines:
            raise SettingsError(f"{plan.source!r} has no line {plan.place!r}")
        if plan.direction and all(plan.direction not in line.directions for line in lines):
            raise SettingsError(f"{plan.place!r} has no direction {plan.direction!r}")
    elif plan.place and all(zone.name != plan.place for zone in selection.zones):
        raise SettingsError(f"{plan.source!r} has no zone {plan.place!r}")


def _window(connection: sqlite3.Connection, audit: Audit, number: int) -> Window:
    for window in windows(connection, audit.id):
        if window.number == number:
            return window
    raise NothingRecorded(f"Audit {audit.id} has no window {number}")


def _note(
    connection: sqlite3.Connection,
    window: Window,
    truth: int | None,
    system: float | None,
    skipped: str,
    seen: str,
) -> Window:
    at = now_ms() if truth is not None or skipped else None
    with describing("The database"), writing(connection):
        connection.execute(
            "UPDATE audit_windows SET truth = ?, system = ?, answered_at = ?, skipped = ?, seen = ?"
            " WHERE audit_id = ? AND number = ?",
            (truth, system, at, skipped, seen, window.audit, window.number),
        )
    return Window(window.audit, window.number, window.since, window.until, window.hour, truth,
                  system, at, skipped, seen)  # fmt: skip
