"""The listener that writes what was seen into the database.

Nothing is more than a second behind what was seen, and nothing that was written is lost when the
run fails, the disk fills or the process is stopped.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np

from .book import Book
from .database import described, describing, prepare
from .errors import DatabaseError
from .events import Event, Run, SourceEnded, SourceStarted, SourceUnwatched, TracksSeen
from .stills import StillTaken, StillTaker
from .stopping import hold_sigterm, release_sigterm

_NO_PICTURE = np.empty((0, 0, 3), np.uint8)
_Message = tuple[Event | StillTaken | None, threading.Event | None]
"""What to take down, or none to ask for a write; and whom to tell when it is written."""


class DatabaseLogger:
    """A listener that writes every event into SQLite; one logger can serve many streamers.

    connection: an open sqlite3 connection. It says which file to write; the writing is done in
    batches by a thread of the logger's own, with a connection of its own, so that no signal and no
    transaction of the program's can come in between. (A database in memory has no other way in:
    there the given connection is used, in the calling thread.) The tables are created or updated.
    Nothing waits longer than `interval` seconds, also while a source is silent; a run's start and
    end wait until everything is written. While a run is looped over in the main thread, SIGTERM
    ends the program like Ctrl-C does, unless the program has a handler of its own.
    patience: seconds for which a write that fails is tried again before anybody is told. With any
    patience no event ever waits, also not a run's start or end: for programs that watch many
    sources, where one must not hold up the others.
    stills: whether a plain picture of each source is kept, a new one every ten minutes.
    Raises DatabaseError, at the next event of the run concerned: what was written before stays
    readable, what could not be written is tried again.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        interval: float = 1.0,
        patience: float = 0.0,
        stills: bool = True,
    ) -> None:
        self._interval = interval
        self._patience = patience
        self._stills = StillTaker() if stills else None
        self._trouble: DatabaseError | None = None
        self._troubled_since: float | None = None
        self._given = connection
        self._process = os.getpid()
        self._book = Book()
        self._queue: SimpleQueue[_Message] = SimpleQueue()
        self._failures: dict[Run, DatabaseError] = {}  # for good: told at the run's next event
        self._troubles: dict[Run, DatabaseError] = {}  # of the latest write, which is tried again
        self._held: set[Run] = set()
        self._due: float | None = None
        self._thread: threading.Thread | None = None
        self._leaving = False
        self._starting = threading.RLock()
        self._writing = threading.RLock()
        self._writer: int | None = None  # the thread that is writing just now
        with describing("The database"):
            self._path, self._wait, self._pages = _asked(connection)
            if patience:  # it is tried again anyway, and the end of the program waits for it
                self._wait = min(self._wait, 1.0)
        with describing(self._name), self._open() as writable:
            prepare(writable, self._name)

    @property
    def _name(self) -> str:
        return self._path or "The database in memory"

    def __call__(self, event: Event) -> None:
        if self._stills is not None and (still := self._stills.look(event)) is not None:
            self._queue.put((still, None))
        if isinstance(event, TracksSeen):  # pictures are heavy, and are not stored
            event = replace(event, frame=replace(event.frame, image=_NO_PICTURE))
        if isinstance(event, SourceStarted):
            self._held.add(event.run)
            hold_sigterm()
        try:
            ends = isinstance(event, (SourceStarted, SourceEnded))
            self._send(event, wait=ends and not self._patience)
        finally:
            if isinstance(event, SourceEnded) and event.run in self._held:
                self._held.remove(event.run)
                release_sigterm()

    def flush(self) -> None:
        """Write everything that is not yet written."""
        self._send(None, wait=True)

    def _send(self, event: Event | None, wait: bool) -> None:
        if os.getpid() != self._process:
            raise DatabaseError(f"{self._name}: a forked process needs a logger of its own")
        done = threading.Event() if wait else None
        self._queue.put((event, done))
        if self._writer == threading.get_ident():
            return  # the garbage collector closed a loop in the middle of a write: it comes next
        if not self._path or self._leaving or not self._thread_runs():
            self._write_here()
        while done is not None and not done.wait(timeout=1.0):
            if not self._thread_runs():
                self._write_here()
        if not isinstance(event, SourceUnwatched):
            self._raise_failures([event.run] if event is not None else None)

    @property
    def trouble(self) -> DatabaseError | None:
        """Why the latest write failed, as long as it is being tried again."""
        return self._trouble

    def _raise_failures(self, runs: list[Run] | None) -> None:
        """Tell the program what befell these runs, or any run."""
        if not self._troubles and not self._failures:
            return  # without waiting for a write that may be waiting for somebody else's lock
        if self._patience and runs is not None:
            self._raise_lasting(runs[0])
            return
        with self._writing:
            known = {**self._troubles, **self._failures}
            told = [run for run in (known if runs is None else runs) if run in known]
            for run in told:
                self._troubles.pop(run, None)
                self._failures.pop(run, None)
        if told:
            raise known[told[0]]

    def _raise_lasting(self, run: Run) -> None:
        """Tell what befell a run for good, or for longer than patience lasts; without waiting."""
        since = self._troubled_since
        lasting = since is not None and time.monotonic() - since > self._patience
        failure = self._failures.pop(run, None) or (self._troubles.get(run) if lasting else None)
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

    def _thread_runs(self) -> bool:
        """Whether there is a writing thread; one is started if that is possible."""
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="database-logger", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # too many threads, or the interpreter is shutting down
                    return False
                self._thread = thread
                atexit.register(self._leave)
            return self._thread.is_alive()

    def _leave(self) -> None:
        """Before the interpreter ends its threads: write what a run left open has given so far."""
        thread, self._leaving = self._thread, True
        self._queue.put((None, threading.Event()))
        if thread is not None:
            thread.join(timeout=2.0 if self._patience else 2 * self._wait + 5)
        for failure in {
            str(error) for error in (*self._failures.values(), *self._troubles.values())
        }:
            print(f"Not everything was written: {failure}", file=sys.stderr)

    def _work(self) -> None:
        """The thread: write in batches until no run is open."""
        try:
            with self._open() as connection:
                opened = _identity(self._path)
                while not self._at_rest():
                    messages = self._messages()
                    if _identity(self._path) != opened:
                        self._requeue(messages)
                        raise sqlite3.OperationalError("it was removed or replaced meanwhile")
                    self._step(connection, messages)
        except sqlite3.Error as error:  # the file cannot be opened, or is another one
            if self._patience:
                time.sleep(self._interval)
            with self._starting:
                self._thread = None
            self._step(None, self._waiting_messages(), error)

    def _requeue(self, messages: list[_Message]) -> None:
        for message in messages:
            self._queue.put(message)

    def _write_here(self) -> None:
        """Without a thread: write what there is in the calling one."""
        with self._writing:
            try:
                with self._open() as connection:
                    self._step(connection, self._waiting_messages())
            except sqlite3.Error as error:
                self._step(None, self._waiting_messages(), error)

    def _at_rest(self) -> bool:
        """Whether there is nothing left to do, so that the thread may end."""
        with self._starting:
            if not self._queue.empty() or not (self._book.empty or self._leaving):
                return False
            self._thread = None
            atexit.unregister(self._leave)
            return True

    def _messages(self) -> list[_Message]:
        """What has come, at the latest when something is due."""
        wait = None if self._due is None else max(0.0, self._due - time.monotonic())
        try:
            first = self._queue.get(timeout=wait)
        except Empty:
            return []
        return [first, *self._waiting_messages()]

    def _waiting_messages(self) -> list[_Message]:
        messages = []
        with suppress(Empty):
            while True:
                messages.append(self._queue.get_nowait())
        return messages

    def _step(
        self,
        connection: sqlite3.Connection | None,
        messages: list[_Message],
        trouble: sqlite3.Error | None = None,
    ) -> None:
        """Take events into the book, write it if it is time, and tell those who wait."""
        waiting = [done for _, done in messages if done is not None]
        with self._writing:
            self._writer = threading.get_ident()
            try:
                for event, _ in messages:
                    self._take(event)
                now = time.monotonic()
                if trouble is not None or connection is None:
                    self._tell_all(trouble)
                elif waiting or (self._due is not None and now >= self._due):
                    self._due = None
                    self._write(connection)
            finally:
                self._writer = None
                for done in waiting:
                    done.set()

    def _take(self, event: Event | StillTaken | None) -> None:
        if event is None:
            return
        self._due = self._due or time.monotonic() + self._interval / 2
        try:
            if isinstance(event, StillTaken):
                self._book.keep(event.run, event.still)
            else:
                self._book.take(event)
        except Exception as error:  # an event of somebody's own making
            if isinstance(event, SourceUnwatched):
                raise
            self._failures[event.run] = self._failure(error)

    def _write(self, connection: sqlite3.Connection) -> None:
        try:
            refused = self._book.write(connection)
        except Exception as error:  # whatever it is, what is to be written stays to be written
            self._due = time.monotonic() + self._interval
            self._tell_all(error)
        else:
            self._troubles, self._trouble, self._troubled_since = {}, None, None
            self._failures |= {run: self._failure(error) for run, error in refused.items()}

    def _tell_all(self, error: Exception | None) -> None:
        if error is not None:
            self._trouble = self._failure(error)
            self._troubled_since = self._troubled_since or time.monotonic()
            self._troubles = dict.fromkeys(self._book.runs, self._failure(error))

    def _failure(self, error: Exception) -> DatabaseError:
        if isinstance(error, sqlite3.Error):
            return described(error, self._name)
        return DatabaseError(f"{self._name}: {type(error).__name__}: {error}")


def _identity(path: str) -> tuple[int, int] | None:
    """Which file it is that has this path now; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


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
