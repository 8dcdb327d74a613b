"""The listener that writes what was seen into the database.

Nothing is more than a second behind what was seen, and nothing that was written is lost when the
run fails, the disk fills or the process is stopped.
"""

from __future__ import annotations

import atexit
import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np

from .book import Book
from .database import described, describing, prepare
from .errors import DatabaseError
from .events import Event, SourceEnded, SourceStarted, TracksSeen
from .stopping import hold_sigterm, release_sigterm

_NO_PICTURE = np.empty((0, 0, 3), np.uint8)


class DatabaseLogger:
    """A listener that writes every event into SQLite; one logger can serve many streamers.

    connection: an open sqlite3 connection. It says which file to write; the writing is done in
    batches by a thread of the logger's own, with a connection of its own, so that no signal and no
    transaction of the program's can come in between. (A database in memory has no other way in:
    there the given connection is used, in the calling thread.) The tables are created or updated.
    Nothing waits longer than `interval` seconds, also while a source is silent; a run's end waits
    until everything is written. While a run is looped over in the main thread, SIGTERM ends the
    program like Ctrl-C does, unless the program has a handler of its own.
    Raises DatabaseError, at the event after a failure: what was written before stays readable.
    """

    def __init__(self, connection: sqlite3.Connection, interval: float = 1.0) -> None:
        self._interval = interval
        self._given = connection
        self._book = Book()
        self._queue: SimpleQueue[tuple[Event | None, threading.Event | None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._leaving = False
        self._failure: Exception | None = None
        self._due: float | None = None
        with describing("The database"):
            self._path, self._wait, self._pages = _asked(connection)
        with describing(self._name), self._open() as writable:
            prepare(writable, self._name)

    @property
    def _name(self) -> str:
        return self._path or "The database in memory"

    def __call__(self, event: Event) -> None:
        if isinstance(event, TracksSeen):  # pictures are heavy, and are not stored
            event = replace(event, frame=replace(event.frame, image=_NO_PICTURE))
        if isinstance(event, SourceStarted):
            hold_sigterm()
        try:
            self._send(event, wait=isinstance(event, (SourceStarted, SourceEnded)))
        finally:
            if isinstance(event, SourceEnded):
                release_sigterm()

    def flush(self) -> None:
        """Write everything that is not yet written."""
        self._send(None, wait=True)

    def _send(self, event: Event | None, wait: bool) -> None:
        done = threading.Event() if wait else None
        if self._path and not self._leaving:
            with self._lock:
                self._queue.put((event, done))
                if self._thread is None:
                    self._start_thread()
            if done is not None:
                done.wait()
        else:
            with self._open() as connection:
                self._take(connection, event, done)
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection, None, None]:
        """The connection to write with; a file that has gone meanwhile is not made anew."""
        if not self._path:
            yield self._given
            return
        uri = f"{Path(self._path).as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=self._wait)) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA max_page_count = {self._pages}")
            yield connection

    def _start_thread(self) -> None:
        self._thread = threading.Thread(target=self._work, name="database-logger", daemon=True)
        self._thread.start()
        atexit.register(self._leave)

    def _leave(self) -> None:
        """Before the interpreter ends its threads: write what a run left open has given so far."""
        thread = self._thread
        self._queue.put((None, threading.Event()))
        self._leaving = True
        if thread is not None:
            thread.join(timeout=2 * self._wait + 5)

    def _work(self) -> None:
        """Take events and write them in batches, until no run is open."""
        try:
            with self._open() as connection:
                while not self._at_rest():
                    wait = None if self._due is None else max(0.0, self._due - time.monotonic())
                    try:
                        event, done = self._queue.get(timeout=wait)
                    except Empty:
                        event, done = None, None
                    self._take(connection, event, done)
        except sqlite3.Error as error:  # the file cannot even be opened
            self._fail(error)
            with self._lock:
                self._thread = None
                while not self._queue.empty():
                    event, done = self._queue.get()
                    if done is not None:
                        done.set()

    def _at_rest(self) -> bool:
        """Whether there is nothing left to do, so that the thread may end."""
        with self._lock:
            if not self._queue.empty() or not (self._book.empty or self._leaving):
                return False
            self._thread = None
            atexit.unregister(self._leave)
            return True

    def _take(
        self, connection: sqlite3.Connection, event: Event | None, done: threading.Event | None
    ) -> None:
        now = time.monotonic()
        if event is not None:
            self._book.take(event)
            self._due = self._due or now + self._interval / 2
        if done is not None or (self._due is not None and now >= self._due):
            self._due = None
            try:
                self._book.write(connection)
            except Exception as error:  # told to the program at its next event
                self._fail(error)
                self._due = now + self._interval
            if done is not None:
                done.set()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, sqlite3.Error):
            self._failure = described(error, self._name)
        else:
            self._failure = error


def _asked(connection: sqlite3.Connection) -> tuple[str, float, int]:
    """File ("" in memory), seconds to wait for a lock, and largest size in pages.

    Raises DatabaseError for a connection that cannot write, or has a transaction open.
    """
    cursor = connection.cursor()
    cursor.row_factory = None  # the program may have its own idea of a row
    path = str(cursor.execute("PRAGMA database_list").fetchone()[2])
    if connection.in_transaction:
        raise DatabaseError(f"{path or 'The database'} has an open transaction: commit it first")
    (wait,) = cursor.execute("PRAGMA busy_timeout").fetchone()
    (pages,) = cursor.execute("PRAGMA max_page_count").fetchone()
    with describing(path or "The database in memory"):
        (version,) = cursor.execute("PRAGMA user_version").fetchone()
        cursor.execute(f"PRAGMA user_version = {version}")  # a connection for reading refuses
    return path, wait / 1000, pages
