"""From what is known of a condition over time to when an alert begins and ends. Pure logic.

A condition is met, not met, or not known, and stays so until the next sample says otherwise. What
is not known is neither: nothing begins and nothing ends by it, and it does not count towards the
time for which the condition must hold. After a minute of it that time begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

PAUSE = 60_000  # milliseconds not known, after which a condition must hold from the beginning
BACK = 5_000  # milliseconds by which a clock that was set back is told from rows that came late


@dataclass(frozen=True, slots=True)
class Sample:
    """From t on (milliseconds since 1970 UTC) a condition is met, not met, or (None) not known.

    value: what is compared with the rule's limit then; what no longer goes beyond it, at its end.
    """

    t: int
    met: bool | None
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rule has been decided, and how it stands then. Times: milliseconds since 1970 UTC.

    until: decided before it. met, value: as in the last sample. since: when what is met now began,
    held: milliseconds of it that are known, unknown: of the present stretch without knowledge.
    opened: when the open alert began; None where none is open. peak: its highest value.
    quiet_until: no alert begins before it.
    """

    until: int
    met: bool | None = None
    value: float = 0.0
    since: int | None = None
    held: int = 0
    unknown: int = 0
    opened: int | None = None
    peak: float = 0.0
    quiet_until: int | None = None


@dataclass(frozen=True, slots=True)
class Began:
    """An alert began at t; since: when what it is about began."""

    t: int
    since: int
    value: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The open alert ended at t; peak: the highest value that it had."""

    t: int
    peak: float


Change = Began | Ended


@dataclass(frozen=True, slots=True)
class Patience:
    """Milliseconds for which a condition must hold, and after an alert without another one."""

    hold: int = 0
    quiet: int = 0


def decide(
    progress: Progress, patience: Patience, samples: Iterable[Sample], until: int
) -> tuple[Progress, list[Change]]:
    """Decide on from where it was to `until`; how it stands then, and what happened on the way.

    samples: in the order of time, from `progress.until` on and before `until`.
    """
    changes: list[Change] = []
    for sample in samples:
        progress = _elapse(progress, patience, sample.t, changes)
        progress = _take(progress, patience, sample, changes)
    return _elapse(progress, patience, until, changes), changes


def set_back(progress: Progress, patience: Patience, t: int) -> Progress:
    """The progress after the clock was set back to t: what was waited for is waited for anew.

    An open alert stays open, and no quiet time lasts longer than it would from t on.
    """
    quiet = progress.quiet_until
    return Progress(
        t,
        opened=progress.opened,
        peak=progress.peak,
        quiet_until=None if quiet is None else min(quiet, t + patience.quiet),
    )


def _elapse(progress: Progress, patience: Patience, t: int, changes: list[Change]) -> Progress:
    """Time passes until t, in which nothing changes."""
    passed = t - progress.until
    if passed <= 0:
        return progress
    if progress.met is None:
        unknown = progress.unknown + passed
        if unknown > PAUSE:
            return replace(progress, until=t, unknown=unknown, since=None, held=0)
        return replace(progress, until=t, unknown=unknown)
    if progress.met and progress.opened is None:
        due = progress.until + max(0, patience.hold - progress.held)
        due = max(due, progress.quiet_until or due)
        if due < t:
            since = due if progress.since is None else progress.since
            changes.append(Began(due, since, progress.value))
            progress = replace(progress, opened=due, peak=progress.value)
    held = progress.held + passed if progress.met else 0
    return replace(progress, until=t, held=held)


def _take(
    progress: Progress, patience: Patience, sample: Sample, changes: list[Change]
) -> Progress:
    """From now on it is as the sample says."""
    if sample.met is None:
        return replace(progress, met=None, value=sample.value)
    if sample.met:
        since = sample.t if progress.since is None else progress.since
        peak = max(progress.peak, sample.value) if progress.opened is not None else progress.peak
        return replace(progress, met=True, value=sample.value, since=since, unknown=0, peak=peak)
    quiet = progress.quiet_until
    if progress.opened is not None:
        changes.append(Ended(sample.t, max(progress.peak, sample.value)))
        quiet = sample.t + patience.quiet
    return Progress(sample.t, False, sample.value, quiet_until=quiet)
