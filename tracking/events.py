"""What listeners are told. A listener is a callable that takes one event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .frame import Frame, Track


@dataclass(frozen=True, slots=True)
class Source:
    """A camera, stream, file or folder with a name.

    width, height: the pixels that all its positions are in. uri: without credentials.
    """

    name: str
    kind: str
    uri: str
    timezone: str
    width: int
    height: int
    fps: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One opening of a source by one version of the settings; equal only to itself.

    started_at: capture time of the first frame, milliseconds since 1970 UTC.
    """

    source: Source
    started_at: int
    detector: str
    weights: str | None
    tracker: str
    code_version: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceStarted:
    """The first frame has come."""

    run: Run


@dataclass(frozen=True, slots=True)
class TracksSeen:
    """One frame was looked at; `frame.tracks` may be empty, and that is worth knowing too."""

    run: Run
    frame: Frame


@dataclass(frozen=True, slots=True)
class TrackEnded:
    """A track was given up, or its source ended. track: as last seen, at time t."""

    run: Run
    track: Track
    t: int


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """The last event of a run, always sent.

    t: capture time of the last frame; frames: how many were looked at.
    outcome: finished, stopped, or failed and why. problems: what the source left out.
    """

    run: Run
    t: int
    frames: int
    outcome: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceUnwatched:
    """For a while nothing could be seen of a source; told of a part of that time, or all of it.

    state: stale (the same picture came again and again), down (no picture came) or stopped (it
    was switched off). since, until: milliseconds since 1970 UTC. mistaken: milliseconds of it,
    from its beginning, that were taken for watched before it was known.
    """

    source: Source
    state: str
    since: int
    until: int
    mistaken: int = 0


Event = SourceStarted | TracksSeen | TrackEnded | SourceEnded | SourceUnwatched
Listener = Callable[[Event], object]
