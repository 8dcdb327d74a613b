"""Joining beside a runner: what ended lately, once a minute."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ..database import describing, open_database, sources
from ..errors import TrackingError
from ..times import now_ms
from .joining import go_on

EVERY = 60.0  # seconds


def keep_joined(
    database: str | Path, stopping: threading.Event, say: Callable[[str], object]
) -> None:
    """Until told to stop: once a minute join what ended since it began, and was not yet decided.

    The time before that is left as it is: to `join` it is asked for.
    """
    since = now_ms()
    while not stopping.wait(EVERY):
        try:
            with closing(open_database(database)) as connection, describing(database):
                for source in sources(connection):
                    go_on(connection, source.id, since)
        except (TrackingError, sqlite3.Error) as error:
            say(f"visits could not be joined: {error}")
