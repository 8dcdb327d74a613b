"""`tracking track`: one source, from its beginning to its end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated, Optional

import typer

from ..errors import OutputError
from ..paths import keep_clear
from ..times import local_zone, to_ms, zone
from .options import (
    Classes,
    Confidence,
    Database,
    Detect,
    Fps,
    Kind,
    Start,
    Tracker,
    Weights,
    Zone,
    listed,
    settings_of,
)
from .passing import chosen_detector, follow


def track(
    source: Annotated[
        str, typer.Argument(help="A video file, a folder of pictures, a URL, or a camera's number.")
    ],
    db: Database,
    weights: Weights = None,
    classes: Classes = None,
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="The source's name in the database.", show_default="the file's"),
    ] = None,
    start: Start = None,
    timezone: Zone = None,
    fps: Fps = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Also write the annotated video to this .mp4 file.", show_default=False),
    ] = None,
    confidence: Confidence = None,
    detector: Detect = Kind.yolo,
    tracker: Tracker = None,
) -> None:
    """Detect and track the objects of a source, and log them to the database."""
    from ..database import files_of, free_name, open_database
    from ..streamers import open_source
    from ..tracker import TrackerSettings
    from ..yolo import YoloStreamer

    settings = TrackerSettings.of(settings_of(tracker))
    region = zone(timezone).key if timezone else local_zone()
    begun = None if start is None else to_ms(start, region)
    streamer = open_source(source, start=begun, fps=fps, name=name, timezone=region)
    streamer.check()  # before the weights are loaded, which takes seconds
    if output is not None:
        keep_clear(output, *files_of(db), *([Path(source)] if Path(source).exists() else []))
        if output.suffix.lower() != ".mp4" and not output.is_char_device():
            raise OutputError(f"{output} is to be an .mp4 file, but is not called so")
    with closing(open_database(db)) as connection:
        notes = []
        if name is None:
            streamer.name = free_name(connection, streamer.name, streamer.uri)
        elif (before := _place_of(connection, name)) not in (None, streamer.uri):
            notes.append(f"the source {name!r} was {before} before")
        yolo = YoloStreamer(
            streamer,
            tracker=settings,
            detector=chosen_detector(detector, weights, listed(classes), confidence),
        )
        code = follow(yolo, connection, output, str(db), notes)
    raise typer.Exit(code)


def _place_of(connection: sqlite3.Connection, name: str) -> str | None:
    from ..database import sources

    return next((row.uri for row in sources(connection) if row.name == name), None)
