"""Something to see for a newcomer: the demo clip as a source, where nothing is set up yet."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from ... import config
from ...database import describing, open_readonly
from ...errors import ConfigError, DatabaseError
from ...weights import DEFAULT_WEIGHTS, locate
from ..places import Places

NAME = "demo"


def is_wanted(places: Places) -> bool:
    """Whether no source is set up and none was ever recorded."""
    try:
        configured = config.load(places.config)
    except ConfigError:
        return False
    return not (configured.sources or configured.problems or _has_sources(places.database))


def add_demo(places: Places, progress: Callable[[int, int], None]) -> None:
    """Make the clip, unless it is there, and a source of it. progress: frames done, in all.

    Raises OSError, OutputError, ConfigError where nothing can be written.
    """
    clip = places.config.parent / "demo" / "clip.mp4"
    if not clip.exists():
        from ...demo import make_demo

        clip.parent.mkdir(parents=True, exist_ok=True)
        unfinished = clip.with_name(f"unfinished-{os.getpid()}.mp4")
        try:
            make_demo(unfinished, progress)
            os.replace(unfinished, clip)
        finally:
            unfinished.unlink(missing_ok=True)
    config.add(places.config, config.SourceSettings.of(_source()))


def has_weights() -> bool:
    """Whether the default weights are on this machine: nobody waits for a download here."""
    return locate(DEFAULT_WEIGHTS) is not None


def _source() -> dict[str, Any]:
    seen = {"classes": ["person"]} if has_weights() else {"detector": "motion"}
    clip = str(Path("demo") / "clip.mp4")
    return {"name": NAME, "uri": clip, "realtime": True, "loop": True, **seen}


def _has_sources(database: Path) -> bool:
    """Also True where that cannot be known: then nothing is put beside it."""
    if not database.exists():
        return False
    try:
        with closing(open_readonly(database)) as connection, describing(database):
            made = "SELECT 1 FROM sqlite_master WHERE name = 'sources'"
            if connection.execute(made).fetchone() is None:
                return False
            return connection.execute("SELECT 1 FROM sources").fetchone() is not None
    except DatabaseError:
        return True
