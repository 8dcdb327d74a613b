"""`tracking sources check`: does a source give pictures?"""

from __future__ import annotations

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
    from ..checking import look
    from ..streamers import jpeg

    settings = _asked_for(source, config)
    if save is not None:
        _check_savable(save, config, settings)
    with err.status("Waiting for the first picture"):
        sight = look(settings)
    width, height = sight.size
    if save is not None:
        save.write_bytes(jpeg(sight.image, quality=95))
    rows: dict[str, Any] = {
        "source": settings.clean_uri,
        "kind": sight.kind,
        "size": f"{width}x{height}",
        "frame rate": None if sight.rate is None else f"{sight.rate:.3g} frames/s",
        "first picture": f"after {sight.delay:.2f} s",
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
