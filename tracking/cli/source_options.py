"""The settings of a source as options of `tracking sources add` and `change`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from .options import Kind, listed, settings_of


class Speed(str, Enum):
    normal = "normal"
    fast = "fast"


SOURCES = Path("sources.toml")
Config = Annotated[Path, typer.Option(help="The file that names the sources.")]
Name = Annotated[str, typer.Argument(help="The source's name.", show_default=False)]
Detector = Annotated[
    Optional[Kind],  # noqa: UP045  (typer reads this on Python 3.10 too)
    typer.Option("--detector", help="What finds the objects.", show_default="yolo"),
]
SpeedOption = Annotated[
    Optional[Speed],  # noqa: UP045
    typer.Option("--speed", help="Fast sees less of what is small.", show_default="normal"),
]
ImageSize = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(help="Side of the detector's input in pixels.", show_default="by speed"),
]
MostFps = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option("--fps", help="Frames a second to analyse at most.", show_default="all"),
]
MotionGate = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option(
        "--motion-gate/--no-motion-gate",
        help="Leave out pictures in which nothing moves.",
        show_default="automatic",
    ),
]
MovingCamera = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option(
        "--moving-camera/--fixed-camera", help="The camera itself moves.", show_default="fixed"
    ),
]
Realtime = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option(
        "--realtime/--no-realtime", help="Play a recording at its own pace.", show_default="no"
    ),
]
Loop = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option("--loop/--no-loop", help="Begin a recording again at its end.", show_default="no"),
]
StaleAfter = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(
        help="Seconds without a picture until it counts as frozen; 0: never.", show_default="10"
    ),
]


def settings_given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a source among a command's options, as the configuration has them."""
    from ..config import SourceSettings

    given = {key: options[key] for key in SourceSettings.model_fields if key in options}
    given["classes"] = listed(given["classes"])
    given["tracker"] = settings_of(given["tracker"]) or None
    return {
        key: value.value if isinstance(value, Enum) else value
        for key, value in given.items()
        if value is not None
    }
