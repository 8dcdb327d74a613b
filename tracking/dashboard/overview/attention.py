"""What needs attention, in words, the worst first. Knows nothing of Streamlit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ...charts import words
from ...localtime import MINUTE

FULL_SHARE = 0.10
"""The disk is nearly full with less than this share free ..."""
FULL_BYTES = 2 * 1024**3
"""... or with less than this many bytes."""
SOON = 30
"""Days in which a database that grows would fill the disk that are worth a word."""
LATE = 10_000
"""Milliseconds that pictures of a live source may be looked at after they were taken."""
AHEAD = 5 * MINUTE
"""How far in the future something may be recorded before a clock must have been wrong."""


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the disk that the database is on."""

    free: int
    total: int

    @classmethod
    def of(cls, database: Path) -> Disk | None:
        """None where it cannot be known."""
        folder = database.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            found = shutil.disk_usage(folder)
        except OSError:
            return None
        return cls(found.free, found.total)

    @property
    def is_nearly_full(self) -> bool:
        return self.free < FULL_BYTES or self.free < FULL_SHARE * self.total


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the whole.

    phase, problem: of the supervisor. health: what the runner says; None where it does not answer.
    configured: the sources that are set up and switched on, with their time zones. problems: of
    the configuration. watched: until when each source was watched, ms UTC. bytes_a_day: that the
    database grows; None: not known. kept_days: after which rows are purged; None: never. latest:
    newest moment recorded. alerts: what goes on and nobody has acknowledged, in words.
    """

    now: int
    phase: str
    problem: str | None = None
    health: Mapping[str, Any] | None = None
    configured: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    watched: Mapping[str, int] = field(default_factory=dict)
    disk: Disk | None = None
    bytes_a_day: float | None = None
    kept_days: float | None = None
    latest: int | None = None
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to mend. text: a sentence, with names and errors as they came, so to be escaped.

    page: where it can be mended: sources, data or alerts; None where the page cannot help.
    """

    level: Literal["bad", "warning"]
    text: str
    page: Literal["sources", "data", "alerts"] | None = None


def concerns(situation: Situation) -> list[Concern]:
    """What needs attention, the worst first."""
    found = [
        *_of_the_runner(situation),
        *(Concern("bad", _sentence(each), "alerts") for each in situation.alerts),
        *_of_the_disk(situation),
        *_of_the_sources(situation),
        *(Concern("warning", _sentence(each), "sources") for each in situation.problems),
        *_of_the_clock(situation),
        *_of_the_growth(situation),
    ]
    return sorted(found, key=lambda each: each.level != "bad")  # keeps the order within a level


def _of_the_runner(it: Situation) -> Iterator[Concern]:
    if it.phase in ("study", "preparing", "starting", "stopped"):
        return
    if it.health is None and it.configured:
        why = f": {it.problem}" if it.problem else ""
        yield Concern("bad", _sentence(f"Nothing is being watched, the runner is not there{why}"))
    elif it.health is not None and (trouble := it.health.get("database_trouble")):
        yield Concern("bad", _sentence(f"What is seen cannot be written: {trouble}"), "data")


def _of_the_sources(it: Situation) -> Iterator[Concern]:
    known = (it.health or {}).get("sources") or {}
    for state, level, phrase in (
        ("failed", "bad", "failed"),
        ("down", "bad", "gives no picture"),
        ("stale", "bad", "shows the same picture"),
    ):
        for name, source in known.items():
            if source.get("state") == state and name in it.configured:
                yield _unwatched(it, name, source, level, phrase)
    for name, source in known.items():
        if name not in it.configured:
            continue
        if note := source.get("note"):
            yield Concern("warning", _sentence(f"{name}: {note}"), "sources")
        delay = source.get("delay_ms")
        if source.get("live") and source.get("state") == "ok" and (delay or 0) > LATE:
            behind = words.lasting(delay / 1000)
            text = f"{name} is looked at {behind} late: this machine has too much to do"
            yield Concern("warning", _sentence(text), "sources")


def _unwatched(
    it: Situation, name: str, source: Mapping[str, Any], level: Any, phrase: str
) -> Concern:
    since = ""
    if source.get("live") and (watched := it.watched.get(name)) is not None:
        zone = it.configured[name]
        since = f" since {words.moment(min(watched, it.now), zone)} ({zone})"
    error = source.get("last_error")
    why = f": {error}" if error and phrase != "shows the same picture" else ""
    return Concern(level, _sentence(f"{name} {phrase}{since}{why}"), "sources")


def _of_the_disk(it: Situation) -> Iterator[Concern]:
    if it.disk is None or not it.disk.is_nearly_full:
        return
    text = f"The disk is nearly full: {words.size(it.disk.free)} of {words.size(it.disk.total)}"
    text += " are free"
    if (days := _days_left(it)) is not None and not it.kept_days:
        text += f", enough for {words.days(days)} as the database grows now"
    yield Concern("bad", _sentence(text), "data")


def _of_the_growth(it: Situation) -> Iterator[Concern]:
    """Where rows are purged the database has found its size, and where the disk is full it is
    said there."""
    days = _days_left(it)
    if days is None or it.kept_days or it.disk is None or it.disk.is_nearly_full or days > SOON:
        return
    assert it.bytes_a_day is not None
    yield Concern(
        "warning",
        f"The database grows by {words.size(it.bytes_a_day)} a day and nothing is ever removed: "
        f"the disk is full in {words.days(days)}.",
        "data",
    )


def _of_the_clock(it: Situation) -> Iterator[Concern]:
    if it.latest is not None and it.latest > it.now + AHEAD:
        ahead = words.lasting((it.latest - it.now) / 1000)
        text = f"Something is recorded {ahead} in the future: a clock is or was wrong"
        yield Concern("warning", _sentence(text), "data")


def _days_left(it: Situation) -> float | None:
    if it.disk is None or not it.bytes_a_day:
        return None
    return it.disk.free / it.bytes_a_day


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
