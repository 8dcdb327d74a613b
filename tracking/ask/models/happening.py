"""What is heard of a model while it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TokenSeen:
    """A piece of what the model writes. It is not checked yet, and may be taken back."""

    text: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A tool is called."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A tool has answered. result: what the model is told. ok: not an error."""

    tool: str
    arguments: Mapping[str, Any]
    result: str = field(repr=False)
    ok: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing has happened for a while; whoever wants to leave can do so."""


@dataclass(frozen=True, slots=True)
class TextEnded:
    """All that the model has written in the end."""

    text: str


Event = TokenSeen | StepStarted | StepEnded | Waiting | TextEnded
