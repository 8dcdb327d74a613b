"""`tracking sources`: which sources are watched, and how."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import SourceError
from .options import Classes, Confidence, Start, Tracker, Weights, Zone
from .printing import note, say
from .program import out
from .source_options import (
    SOURCES,
    Config,
    Detector,
    ImageSize,
    Loop,
    MostFps,
    MotionGate,
    MovingCamera,
    Name,
    Realtime,
    SpeedOption,
    StaleAfter,
    settings_given,
)

if TYPE_CHECKING:
    from ..config import SourceSettings

sources = typer.Typer(no_args_is_help=True)


@sources.callback()
def about() -> None:
    """Say which sources `tracking run` watches, and how; kept in a file, sources.toml."""


@sources.command("list")
def list_(
    config: Config = SOURCES,
    as_json: Annotated[bool, typer.Option("--json", help="Every setting, as JSON.")] = False,
) -> None:
    """Show the sources of the file, without passwords."""
    from ..config import load

    found = load(config)
    if as_json:
        content = {
            "sources": [source.shown() for source in found.sources],
            "problems": list(found.problems),
        }
        say(json.dumps(content, indent=2))
        return
    if found.sources:
        out.print(_table(found.sources))
    elif not found.problems:
        say(f"{config} names no source; `tracking sources add NAME URI` adds one.")
    for problem in found.problems:
        note(problem)


def _table(shown: tuple[SourceSettings, ...]) -> Table:
    table = Table()
    for title in ("name", "source"):
        table.add_column(title, overflow="fold")
    for title in ("state", "detector", "classes", "fps"):
        table.add_column(title)
    for source in shown:
        detector = " ".join([source.weights, source.speed]) if source.detector == "yolo" else ""
        table.add_row(
            escape(source.name),
            escape(source.clean_uri),
            "watched" if source.enabled else "paused",
            escape(f"{source.detector} {detector}".strip()),
            escape(", ".join(source.classes or ["all"])),
            "all" if source.fps is None else f"{source.fps:g}",
        )
    return table


@sources.command()
def add(
    context: typer.Context,
    name: Name,
    uri: Annotated[
        str,
        typer.Argument(
            help="A camera's number, an address, a file or a folder; ${NAME} in it stands for an "
            "environment variable."
        ),
    ],
    config: Config = SOURCES,
    classes: Classes = None,
    timezone: Zone = None,
    detector: Detector = None,
    weights: Weights = None,
    speed: SpeedOption = None,
    image_size: ImageSize = None,
    confidence: Confidence = None,
    fps: MostFps = None,
    motion_gate: MotionGate = None,
    moving_camera: MovingCamera = None,
    realtime: Realtime = None,
    loop: Loop = None,
    start: Start = None,
    stale_after: StaleAfter = None,
    tracker: Tracker = None,
) -> None:
    """Add a source to the file."""
    from ..config import SourceSettings
    from ..config import add as add_source

    source = SourceSettings.of(_as_written(settings_given(context.params), config))
    add_source(config, source)
    say(f"Added {name} to {config}")
    _note_what_is_not_there(source, config)


@sources.command()
def change(
    context: typer.Context,
    name: Name,
    config: Config = SOURCES,
    rename: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="The source's new name.", show_default=False),
    ] = None,
    uri: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Where its pictures come from now.", show_default=False),
    ] = None,
    classes: Classes = None,
    timezone: Zone = None,
    detector: Detector = None,
    weights: Weights = None,
    speed: SpeedOption = None,
    image_size: ImageSize = None,
    confidence: Confidence = None,
    fps: MostFps = None,
    motion_gate: MotionGate = None,
    moving_camera: MovingCamera = None,
    realtime: Realtime = None,
    loop: Loop = None,
    start: Start = None,
    stale_after: StaleAfter = None,
    tracker: Tracker = None,
    reset: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            help="A setting that gets its default back; may be repeated.", metavar="SETTING"
        ),
    ] = None,
) -> None:
    """Change some settings of a source; the others stay."""
    from ..config import change as change_source

    changes = _as_written(settings_given({**context.params, "name": rename}), config)
    changes |= dict.fromkeys(key.replace("-", "_") for key in reset or [])
    if not changes:
        raise typer.BadParameter("say what to change, like --fps 5")
    change_source(config, name, **changes)
    said = f"Changed {', '.join(key for key in changes)} of {name} in {config}"
    if rename is not None:
        said += f"; it is called {rename} now, what is recorded of it keeps the old name"
    say(said)


@sources.command()
def remove(
    name: Name,
    config: Config = SOURCES,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Take a source out of the file; what was recorded of it stays in the database."""
    from ..config import remove as remove_source

    question = f"Remove {name} from {config}? What is recorded of it is kept"
    if not yes and sys.stdin.isatty() and not typer.confirm(question):
        say("Nothing was removed")
        raise typer.Exit(1)
    remove_source(config, name)
    say(f"Removed {name} from {config}; what is recorded of it is kept in the database")


@sources.command()
def pause(name: Name, config: Config = SOURCES) -> None:
    """Watch a source no longer, but keep its settings."""
    _set_enabled(config, name, False)
    say(f"Paused {name}")


@sources.command()
def resume(name: Name, config: Config = SOURCES) -> None:
    """Watch a paused source again."""
    _set_enabled(config, name, True)
    say(f"Resumed {name}")


def _set_enabled(config: Path, name: str, enabled: bool) -> None:
    from ..config import change as change_source

    change_source(config, name, enabled=enabled)


def _as_written(settings: dict[str, object], config: Path) -> dict[str, object]:
    """Paths typed here count from this folder, those in the file from the file's."""
    from ..config import places

    here = Path.cwd()
    if config.absolute().parent.resolve() == here.resolve():
        return settings
    written = dict(settings)
    for key in ("uri", "weights"):
        value = written.get(key)
        path = isinstance(value, str) and not value.startswith("${")
        if path and (key == "uri" or "/" in str(value)):
            written[key] = places.absolute(str(value), here)
    return written


def _note_what_is_not_there(source: SourceSettings, config: Path) -> None:
    """Hints only: the source may be meant for another machine or for later."""
    from ..config import places

    unset = [name for name in places.variables(source.uri) if name not in os.environ]
    if unset:
        note(f"Not set here: {', '.join(unset)}; `tracking run` needs it")
        return
    try:
        source.resolved(config.absolute().parent).streamer().check()
    except SourceError as error:
        note(f"Not there yet: {error}")
