"""Options that several commands take."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from ..errors import SettingsError


class Kind(str, Enum):
    yolo = "yolo"
    motion = "motion"


Database = Annotated[Path, typer.Option("--db", help="The SQLite file.", show_default=False)]
Weights = Annotated[
    Optional[str],  # noqa: UP045  (typer reads this on Python 3.10 too)
    typer.Option(help="YOLO weights: a path, or a name such as yolo11n.", show_default="yolo11n"),
]
Detect = Annotated[Kind, typer.Option("--detector", help="What finds the objects.")]
Classes = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Labels to keep, like person,car.", show_default="all"),
]
Confidence = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(help="Least confidence of a detection.", min=0, max=1, show_default="0.25"),
]
Tracker = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        help="A tracker setting, like match_thresh=0.8; may be repeated.", metavar="NAME=VALUE"
    ),
]
Start = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="When the recording began, like 2026-03-01T09:30.", show_default="now"),
]
Zone = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="The source's time zone, like Europe/Berlin.", show_default="this machine's"),
]
Fps = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(help="Frames a second, where the file does not say or is wrong.", min=0.001),
]


def listed(classes: str | None) -> list[str] | None:
    """The labels of a text like `person,car`."""
    if classes is None:
        return None
    if not (labels := [label.strip() for label in classes.split(",") if label.strip()]):
        raise SettingsError("--classes names no label; write it like person,car")
    return labels


def settings_of(texts: list[str] | None) -> dict[str, Any]:
    """The tracker's settings of texts like `match_thresh=0.8`."""
    return dict(_setting(text) for text in texts or [])


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"--tracker {text!r} is not NAME=VALUE, like match_thresh=0.8")
    return name.strip(), value.strip()
