"""A thread that reads a source all the time, so that what is taken from it is always the newest."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from ..frame import Image
from .feed import Feed, Picture


class Silent(Exception):
    "Nothing has come for too long"


class Reader:
    """Reads a feed in a thread of its own; another thread takes the newest picture.

    opened: whether the source could be opened. received: how many pictures came, whole or not.
    broken: how many of them turned out to be broken, of those that were looked at; spoilt: how
    many of those came after the latest whole one.
    error: what the feed ended with, if not by itself. stopping: whether `stop` was called.

    Nobody waits longer than they want to, even where a read cannot be ended from outside: then the
    thread is left to itself, and ends with its read.
    """

    def __init__(self, feed: Feed, name: str) -> None:
        self.feed = feed
        self.opened = False
        self.received = 0
        self.broken = 0
        self.spoilt = 0
        self.stopping = False
        self.error: Exception | None = None
        self._changed = threading.Condition()
        self._newest: tuple[int, Picture] | None = None
        self._heard = time.monotonic()
        self._over = False
        self._whole: int | None = None
        self._thread = threading.Thread(target=self._run, name=f"camera {name}"[:64], daemon=True)

    def start(self) -> None:
        self._heard = time.monotonic()
        self._thread.start()

    def take(self, timeout: float, due: float = 0.0) -> tuple[int, int, Image] | None:
        """The newest picture that came at `due` or later: its number, when it came, its array.

        None at the end. Raises Silent when no whole picture has come for `timeout` seconds.
        """
        while (newest := self._take(timeout, due)) is not None:
            number, picture = newest
            image = picture.image()
            self._whole = picture.t if image is not None or self._whole is None else self._whole
            if image is not None:
                self.spoilt = 0
                return number, picture.t, image
            self._spoil()
            if picture.t - self._whole > timeout * 1000:
                raise Silent
        return None

    def _take(self, timeout: float, due: float) -> tuple[int, Picture] | None:
        with self._changed:
            while not self.stopping:
                if self._newest is not None and self._newest[1].t >= due:
                    newest, self._newest = self._newest, None
                    self._changed.notify_all()
                    return newest
                if self._over:
                    break
                left = self._heard + timeout - time.monotonic()
                if left <= 0:
                    raise Silent
                self._changed.wait(left)
        return None

    def stop(self) -> None:
        """From any thread: end the reading; `take` gives nothing more."""
        with self._changed:
            self.stopping = True
            self._changed.notify_all()
        self.feed.cut()

    def join(self, timeout: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        try:
            self.feed.open()
            with self._changed:
                self.opened = True
                self._heard = time.monotonic()
                self._changed.notify_all()
            for picture in self.feed.pictures():
                self._put(picture)
                if self.stopping:
                    break
        except Exception as error:
            self.error = error
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()
            with suppress(Exception):  # what cannot be closed in order is gone all the same
                self.feed.close()

    def _spoil(self) -> None:
        with self._changed:
            self.broken += 1
            self.spoilt += 1

    def _put(self, picture: Picture | None) -> None:
        with self._changed:
            number = self.received
            self.received += 1
            if picture is None:
                self._spoil()
                return
            while not self.feed.live and self._newest is not None and not self.stopping:
                self._changed.wait()  # a recording waits until its picture is taken
            self._newest = number, picture
            self._heard = time.monotonic()
            self._changed.notify_all()
