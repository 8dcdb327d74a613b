"""Deriving beside a runner: what somebody has begun and not finished."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ..database import describing, open_database
from ..errors import TrackingError
from .deriving import derive_in

EVERY = 60.0  # seconds
REST = 0.05  # seconds after each batch: sources come first


def keep_derived(
    database: str | Path, stopping: threading.Event, say: Callable[[str], object]
) -> None:
    """Until told to stop: once a minute finish what has not gone on since the look before.

    Whoever draws derives, too; what somebody is at work on is left to them.
    """
    before: frozenset[tuple[str, int, int]] | None = None
    while before is None or not stopping.wait(EVERY):
        left: frozenset[tuple[str, int, int]] = frozenset()
        try:
            with closing(open_database(database)) as connection, describing(database):
                left = _left(connection)
                if left and left == before:
                    derive_in(connection, wait=lambda _: stopping.wait(REST))
        except (TrackingError, sqlite3.Error) as error:
            say(f"stays and crossings could not be derived: {error}")
        before = left


def _left(connection: sqlite3.Connection) -> frozenset[tuple[str, int, int]]:
    """What is not derived yet, and how far it has come."""
    return frozenset(connection.execute("SELECT kind, id, next FROM underived"))
