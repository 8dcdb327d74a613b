"""Noticing that the file has changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..errors import ConfigError
from .reading import Configuration, content, understood

Stamp = tuple[int, ...] | None
Seen = bytes | str | None  # the file's bytes; why it cannot be read; None where there is none


class Watch:
    """Gives the configuration of a file whenever the file has changed.

    settle: seconds for which a change must have stood still, so that a file is not taken while
    an editor is half through writing it. grace: seconds for which a file may be away before that
    is told. A file that is broken, unreadable or gone leaves the sources as they were last read,
    and the problem is told once. clock: seconds, never running back.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        settle: float = 0.3,
        grace: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = Path(path)
        self.settle, self.grace, self._clock = settle, grace, clock
        self._stamp: Stamp = None
        self._stamped = float("-inf")
        self._seen: Seen = None
        self._since = 0.0
        self._told: Seen = None
        self._latest: Configuration | None = None

    def poll(self) -> Configuration | None:
        """The configuration if it is another one than at the last call, else None.

        The first call always gives one. Never raises: what is wrong is among `problems`.
        """
        now = self._clock()
        seen = self._look(now)
        if seen != self._seen:
            self._seen, self._since = seen, now
        if self._latest is not None:
            patience = self.grace if seen is None else self.settle
            if seen == self._told or now - self._since < patience:
                return None
        self._told = seen
        self._latest = self._read(seen)
        return self._latest

    def _read(self, seen: Seen) -> Configuration:
        try:
            if isinstance(seen, str):
                raise ConfigError(seen)
            if seen is None and self._latest is not None:
                raise ConfigError(f"{self.path} is gone")
            return understood(self.path, seen)
        except ConfigError as error:
            if self._latest is None:
                return Configuration(self.path, problems=(str(error),))
            told = f"{error}; what was read from it before stays"
            return replace(self._latest, problems=(told,))

    def _look(self, now: float) -> Seen:
        """What the file holds; it is read again only if it may have changed."""
        stamp = _stamp(self.path)
        if stamp != self._stamp:
            self._stamp, self._stamped = stamp, now
        # two changes within one tick of the file system's clock (2 s on some) look the same
        elif isinstance(self._seen, bytes) and now - self._stamped > 3:
            return self._seen
        try:
            return content(self.path)
        except ConfigError as error:
            return str(error)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
