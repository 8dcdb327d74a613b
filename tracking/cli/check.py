"""`tracking sources check`: does a source give pictures?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from ..errors import OutputError, SettingsError
from ..paths import keep_clear
from .printing import print_rows
from .program import err
from .source_options import SOURCES, Config

if TYPE_CHECKING:
    from ..config import SourceSettings
    from ..frame import Frame


def check(
    source: Annotated[
        str,
        typer.Argument(metavar="NAME|URI", help="A source of the file, or any place to try."),
    ],
    config: Config = SOURCES,
    save: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Write the first picture to this .jpg file.", show_default=False),
    ] = None,
) -> None:
    """Open a source and tell its size, its frame rate and how long the first picture takes."""
    from ..streamers import jpeg

    settings = _asked_for(source, config)
    if save is not None:
        _check_savable(save, config, settings)
    streamer = settings.streamer()
    begun = time.monotonic()
    with err.status("Waiting for the first picture"), closing(streamer.frames()) as frames:
        first = next(frames)
        delay = time.monotonic() - begun
        rate = _measured(frames) if settings.live else streamer.fps
    height, width = first.image.shape[:2]
    if save is not None:
        save.write_bytes(jpeg(first.image, quality=95))
    rows: dict[str, Any] = {
        "source": settings.clean_uri,
        "kind": streamer.kind,
        "size": f"{width}x{height}",
        "frame rate": None if rate is None else f"{rate:.3g} frames/s",
        "first picture": f"after {delay:.2f} s",
        "saved": save,
    }
    print_rows(f"{settings.name} works", rows)


def _asked_for(source: str, config: Path) -> SourceSettings:
    """The settings of that name; else a source of default settings at that place."""
    from ..config import SourceSettings, load, places

    known = places.is_camera(source) or places.is_address(source) or places.variables(source)
    try:
        return load(config).source(source)
    except SettingsError:
        if not known and not Path(source).exists():
            raise
    return SourceSettings.of({"name": "This source", "uri": source}).resolved(Path.cwd())


def _check_savable(save: Path, config: Path, settings: SourceSettings) -> None:
    if save.suffix.lower() not in (".jpg", ".jpeg"):
        raise OutputError(f"{save} is to be a .jpg file, but is not called so")
    keep_clear(save, config, *([] if settings.live else [Path(settings.uri)]))


def _measured(frames: Iterator[Frame], seconds: float = 1.0) -> float | None:
    """Frames a second, as they come; what cameras say of themselves is often wrong."""
    begun = last = time.monotonic()
    count = 0
    for _ in islice(frames, 240):
        count, last = count + 1, time.monotonic()
        if last - begun >= seconds:
            break
    return count / (last - begun) if count else None
