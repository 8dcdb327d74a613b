"""A runner at work in this process, for tests of the whole."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tracking import config
from tracking.runner import Runner


class Running:
    """A runner in a thread of this process, on `sources.toml` and `people.db` of a folder."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.database, self.config = folder / "people.db", folder / "sources.toml"
        self.said: list[str] = []
        options = {"say": self.said.append, **options}
        self.runner = Runner(self.database, self.config, **options)
        self.thread = threading.Thread(target=self.runner.run)

    def __enter__(self) -> Running:
        self.thread.start()
        assert self.runner.running.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.runner.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()

    def add(self, name: str, uri: object, **settings: object) -> None:
        source = {"name": name, "uri": str(uri), "detector": "motion", "timezone": "UTC"}
        config.add(self.config, config.SourceSettings.of({**source, **settings}))

    def source(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.runner.health()["sources"].get(name, {"state": None})
        return found

    def wait(self, name: str, state: str, seconds: float = 15) -> None:
        until(lambda: self.source(name)["state"] == state, seconds, lambda: (name, self.said))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        uri = f"{self.database.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return connection.execute(sql, values).fetchall()


def until(
    true: Callable[[], bool], seconds: float = 15, what: Callable[[], object] = lambda: ""
) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)
