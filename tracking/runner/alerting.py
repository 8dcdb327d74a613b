"""Alerts beside the watching: rules are decided, and what they find is passed on.

Nothing that fails here concerns any source: it is told in one line, and tried again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

from ..alerts import Watchman
from ..alerts.telling import announce, deliver, drop
from ..config import Channels, ChannelSettings, load_channels
from ..database import open_database
from ..errors import ConfigError
from ..times import now_ms

EVERY = 1.0  # seconds between two looks
AFTER_FAILURE = 10.0  # seconds

Say = Callable[[str], object]
Live = Callable[[], Collection[str] | None]
"""The names of the sources that are watched as it happens; None while that is not known yet."""


class Alerting:
    """Decides the rules once a second, and passes on what they find.

    config: the file that names the channels. live: as `Live`. Each channel has a thread of its
    own, so that one which does not answer holds up no other.
    """

    def __init__(
        self, database: Path, config: Path, live: Live, stopping: threading.Event, say: Say
    ) -> None:
        self._database, self._config, self._live = database, config, live
        self._stopping, self._say = stopping, say
        self._stamp: tuple[int, ...] | None = None
        self._channels = Channels()
        self._threads: dict[str, threading.Thread] = {}
        self._told: str | None = None

    def run(self) -> None:
        """Until told to stop."""
        while not self._stopping.is_set():
            try:
                self._work()
            except Exception as error:  # a rule's fault must not end the others either
                self._tell(f"alerts are not decided: {_line(error)}")
                self._stopping.wait(AFTER_FAILURE)

    def _work(self) -> None:
        with closing(open_database(self._database)) as connection:
            watchman = Watchman(connection)
            while not self._stopping.wait(EVERY):
                if (live := self._live()) is None:
                    continue
                self._read_channels()
                watchman.look(now_ms(), live)
                announce(connection, self._channels.all, now_ms())
                drop(connection, self._channels.all)
                self._attend()
                for problem in watchman.problems:
                    self._tell(problem)

    def _read_channels(self) -> None:
        """Those of the file, when it has changed; a file that is broken leaves them as they were.

        It is watched for what it says of sources elsewhere, and its faults are told there.
        """
        stamp = _stamp(self._config)
        if stamp == self._stamp:
            return
        try:
            self._channels = load_channels(self._config)
        except ConfigError:
            return
        self._stamp = stamp
        for problem in self._channels.problems:
            self._say(problem)

    def _attend(self) -> None:
        """A thread for each channel that has none."""
        for channel in self._channels.all:
            thread = self._threads.get(channel.name)
            if channel.enabled and (thread is None or not thread.is_alive()):
                thread = threading.Thread(
                    target=self._deliver, args=[channel.name], daemon=True,
                    name=f"channel-{channel.name}"[:64],
                )  # fmt: skip
                self._threads[channel.name] = thread
                thread.start()

    def _channel(self, name: str) -> ChannelSettings | None:
        found = [each for each in self._channels.all if each.name == name and each.enabled]
        return found[0] if found else None

    def _deliver(self, name: str) -> None:
        """Until the channel is gone; what fails is seen again by the next thread."""
        try:
            with closing(open_database(self._database)) as connection:
                while not self._stopping.is_set() and (channel := self._channel(name)):
                    begun = time.monotonic()
                    if deliver(connection, channel, now_ms()) is None:
                        self._stopping.wait(max(0.0, EVERY - (time.monotonic() - begun)))
        except Exception as error:
            self._tell(f"alerts are not passed on to {name}: {_line(error)}")
            self._stopping.wait(AFTER_FAILURE)

    def _tell(self, line: str) -> None:
        if line != self._told:
            self._say(line)
        self._told = line


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
