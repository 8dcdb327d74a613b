"""Opening the database, and the listener that writes into it.

One process writes, any number read. Nothing is more than a second behind what was seen, and
nothing that was written is lost when the run fails, the disk fills or the process is stopped.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from .errors import (
    DatabaseError,
    DatabaseFull,
    DatabaseLocked,
    NotADatabase,
    NothingRecorded,
)
from .events import Event, Run, Source, SourceEnded, SourceStarted, TrackEnded, TracksSeen
from .frame import Frame, Track
from .schema import migrate
from .times import now_ms

LOCK_WAIT = 5.0  # seconds to wait for another writer before saying so


def open_database(path: str | Path, wait: float = LOCK_WAIT) -> sqlite3.Connection:
    """A connection for writing, with the tables in place; the file is made where there is none.

    Raises DatabaseError, and its kinds, naming the path.
    """
    path = Path(path)
    if path.is_dir():
        raise DatabaseError(f"{path} is a folder, not a database file")
    if not path.absolute().parent.is_dir():
        raise DatabaseError(f"There is no folder {path.parent} to put the database {path.name} in")
    with describing(path):
        connection = sqlite3.connect(path, timeout=wait)
        try:
            prepare(connection, str(path))
        except BaseException:
            connection.close()
            raise
        return connection


def open_readonly(path: str | Path) -> sqlite3.Connection:
    """A connection that SQLite itself keeps from writing. Raises NotADatabase, DatabaseError."""
    path = Path(path)
    if not path.is_file():
        raise DatabaseError(f"There is no database {path}")
    with describing(path):
        uri = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection


def prepare(connection: sqlite3.Connection, name: str) -> None:
    """Set a writer's connection up: write-ahead log, foreign keys, and the tables."""
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")  # with the log, safe against a killed process
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection, name)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait by itself for others doing the same."""
    deadline = time.monotonic() + LOCK_WAIT
    while connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def describing(name: str | Path) -> Generator[None, None, None]:
    """SQLite's errors as ours, naming the database."""
    try:
        yield
    except sqlite3.Error as error:
        raise _described(error, name) from error


def _described(error: sqlite3.Error, name: str | Path) -> DatabaseError:
    text = str(error)
    if "is locked" in text:
        return DatabaseLocked(f"{name} is being written by another process, which did not let go")
    if "full" in text:
        return DatabaseFull(f"{name} cannot grow: the disk is full; what was written before stays")
    if "not a database" in text:
        return NotADatabase(f"{name} is not a SQLite database")
    if "malformed" in text:
        return NotADatabase(f"{name} is damaged: {text}")
    if "readonly" in text:
        return DatabaseError(f"{name} is read-only")
    if "unable to open" in text:
        return DatabaseError(f"{name} cannot be opened or created there")
    return DatabaseError(f"{name}: {text}")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as the database knows it."""

    id: int
    name: str
    uri: str
    timezone: str
    fps: float | None


def find_source(connection: sqlite3.Connection, name: str) -> SourceRow:
    """The source of that name. Raises NothingRecorded, naming those there are."""
    for row in sources(connection):
        if row.name == name:
            return row
    names = ", ".join(repr(row.name) for row in sources(connection)) or "none at all"
    raise NothingRecorded(f"The database has no source {name!r}; it has {names}")


def sources(connection: sqlite3.Connection) -> list[SourceRow]:
    """All sources, by id."""
    rows = connection.execute("SELECT id, name, uri, timezone, fps FROM sources ORDER BY id")
    return [SourceRow(*row) for row in rows]


def free_name(connection: sqlite3.Connection, name: str, uri: str) -> str:
    """`name`, or the first `name-2`, `name-3` ... that does not stand for another place."""
    taken = {row.name: row.uri for row in sources(connection)}
    candidate, number = name, 1
    while taken.get(candidate, uri) != uri:
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def overlapping_runs(connection: sqlite3.Connection, name: str) -> int:
    """How many runs of a source cover a part of its latest run's time, that one included; or 0."""
    (count,) = connection.execute(
        "SELECT count(*) FROM runs AS latest JOIN runs AS run ON run.source_id = latest.source_id"
        " AND run.started_at <= latest.ended_at AND run.ended_at >= latest.started_at"
        " WHERE latest.id = (SELECT max(runs.id) FROM runs JOIN sources"
        " ON sources.id = runs.source_id WHERE sources.name = ?)",
        (name,),
    ).fetchone()
    return int(count) if count > 1 else 0


def insert_run(connection: sqlite3.Connection, run: Run) -> tuple[int, int]:
    """Store a run and, where it is new or has changed, its source; the ids of source and run."""
    source_id = _upsert_source(connection, run.source)
    cursor = connection.execute(
        "INSERT INTO runs (source_id, started_at, ended_at, detector, weights, tracker, settings,"
        " code_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            source_id,
            run.started_at,
            run.started_at,
            run.detector,
            run.weights,
            run.tracker,
            json.dumps(run.settings),
            run.code_version,
        ),
    )
    assert cursor.lastrowid is not None
    return source_id, cursor.lastrowid


def _upsert_source(connection: sqlite3.Connection, source: Source) -> int:
    connection.execute(
        "INSERT INTO sources (id, name, kind, uri, timezone, width, height, fps, created_at)"
        " VALUES ((SELECT coalesce(max(id) + 1, 0) FROM sources), ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, uri = excluded.uri,"
        " timezone = excluded.timezone, width = coalesce(excluded.width, width),"
        " height = coalesce(excluded.height, height), fps = coalesce(excluded.fps, fps)",
        (
            source.name,
            source.kind,
            source.uri,
            source.timezone,
            source.width or None,
            source.height or None,
            source.fps,
            now_ms(),
        ),
    )
    return find_source(connection, source.name).id


@dataclass(slots=True)
class _TrackRecord:
    """What is known of a track so far; key: people_tracks.id once it is stored."""

    first_seen: int
    label: str = ""
    last_seen: int = 0
    positions: int = 0
    confidence: float = 0.0
    key: int | None = None

    def add(self, track: Track, t: int) -> None:
        self.label, self.last_seen = track.label, t
        self.confidence += (track.confidence - self.confidence) / (self.positions + 1)
        self.positions += 1


@dataclass(slots=True)
class _RunRecord:
    """An open run, with what is not yet written of it."""

    source_id: int
    run_id: int
    fps: float | None
    tracks: dict[int, _TrackRecord] = field(default_factory=dict)
    changed: dict[int, _TrackRecord] = field(default_factory=dict)
    positions: list[tuple[int, Track, int, int]] = field(default_factory=list)
    coverage: dict[int, list[float]] = field(default_factory=dict)
    last_t: int | None = None
    frames: int = 0
    end: SourceEnded | None = None

    def see(self, frame: Frame) -> None:
        self._observe(frame.t)
        self.frames += 1
        for track in frame.tracks:
            record = self.tracks.setdefault(track.id, _TrackRecord(frame.t))
            record.add(track, frame.t)
            self.changed[track.id] = record
            self.positions.append((track.id, track, frame.t, frame.index))

    def _observe(self, t: int) -> None:
        """A frame vouches for the time since the frame before it, but not across a gap."""
        usual = 1000 / self.fps if self.fps else 1000.0
        passed = usual if self.last_t is None else min(t - self.last_t, max(2 * usual, 1000.0))
        minute = self.coverage.setdefault(t // 60_000, [0.0, 0.0])
        minute[0] += max(0.0, passed) / 1000
        minute[1] += 1
        self.last_t = t

    @property
    def pending(self) -> bool:
        return bool(self.coverage or self.changed or self.end)

    def forget_written(self) -> None:
        self.changed.clear()
        self.positions.clear()
        self.coverage.clear()


class DatabaseLogger:
    """A listener that writes every event into SQLite; one logger can serve many streamers.

    connection: an open sqlite3 connection, used in the thread that calls; its tables are created
    or updated. Rows are written in batches. While a source is silent a thread of the logger's own
    writes what is left, so nothing waits longer than `interval` seconds. SIGTERM ends the program
    like Ctrl-C does (unless it has a handler already), so that the last batch is written too.
    Raises DatabaseError: what was written before stays readable.
    """

    def __init__(self, connection: sqlite3.Connection, interval: float = 1.0) -> None:
        self._connection = connection
        self._interval = interval
        self._runs: dict[Run, _RunRecord] = {}
        self._lock = threading.RLock()
        self._written = time.monotonic()
        self._idle = threading.Event()
        self._path = connection.execute("PRAGMA database_list").fetchone()[2]
        self._restore_signal: Any = None
        with describing(self._name):
            prepare(connection, self._name)

    @property
    def _name(self) -> str:
        return self._path or "The database in memory"

    def __call__(self, event: Event) -> None:
        with self._lock, describing(self._name):
            if isinstance(event, SourceStarted):
                self._start(event.run)
            elif record := self._runs.get(event.run):  # none: its start could not be written
                self._take(record, event)
            if time.monotonic() - self._written >= self._interval / 2:
                self._write(self._connection)

    def _take(self, record: _RunRecord, event: Event) -> None:
        match event:
            case TracksSeen(_, frame):
                record.see(frame)
            case TrackEnded(_, track):
                record.tracks.pop(track.id, None)
            case SourceEnded(run):
                record.end = event
                try:
                    self._write(self._connection)
                finally:
                    self._finish(run)

    def flush(self) -> None:
        """Write everything that is not yet written."""
        with self._lock, describing(self._name):
            self._write(self._connection)

    def _start(self, run: Run) -> None:
        with Database(self._connection).atomic():
            source_id, run_id = insert_run(self._connection, run)
        if not self._runs:
            self._restore_signal = _sigterm_raises()
            if self._path:
                self._idle.clear()
                threading.Thread(target=self._watch, name="database-logger", daemon=True).start()
        self._runs[run] = _RunRecord(source_id, run_id, run.source.fps)

    def _finish(self, run: Run) -> None:
        del self._runs[run]
        if not self._runs:
            self._idle.set()
            if self._restore_signal:
                self._restore_signal()

    def _watch(self) -> None:
        """Write for a source that has fallen silent; errors are left to the calling thread."""
        while not self._idle.wait(self._interval / 4):
            with self._lock:
                due = time.monotonic() - self._written >= self._interval * 0.7
                if not due or not any(record.pending for record in self._runs.values()):
                    continue
                try:
                    with closing(sqlite3.connect(self._path, timeout=0)) as connection:
                        self._write(connection)
                except sqlite3.Error:
                    pass

    def _write(self, connection: sqlite3.Connection) -> None:
        with Database(connection).atomic():
            for record in self._runs.values():
                if record.pending:
                    _write_run(connection, record)
        for record in self._runs.values():
            record.forget_written()
        self._written = time.monotonic()


def _sigterm_raises() -> Any:
    """Make SIGTERM unwind the program instead of ending it at once; gives the way back."""
    if threading.current_thread() is not threading.main_thread():
        return None
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return None

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    return lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _write_run(connection: sqlite3.Connection, record: _RunRecord) -> None:
    for number, track in record.changed.items():
        _write_track(connection, record, number, track)
    keys = {number: track.key for number, track in record.changed.items()}
    connection.executemany(
        "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (keys[number], t, frame, *_rounded(track), round(track.confidence, 3))
            for number, track, t, frame in record.positions
        ),
    )
    connection.executemany(
        "INSERT INTO coverage VALUES (?, ?, ?, ?, 'ok') ON CONFLICT (source_id, minute)"
        " DO UPDATE SET seconds_observed = min(60, seconds_observed + excluded.seconds_observed),"
        " frames = frames + excluded.frames, state = 'ok'",
        (
            (record.source_id, minute, min(60.0, round(seconds, 3)), int(frames))
            for minute, (seconds, frames) in record.coverage.items()
        ),
    )
    connection.execute(
        "UPDATE runs SET ended_at = coalesce(?, ended_at), frames = ?, outcome = ?, problems = ?"
        " WHERE id = ?",
        (
            record.last_t,
            record.frames,
            record.end and record.end.outcome,
            json.dumps(record.end.problems) if record.end and record.end.problems else None,
            record.run_id,
        ),
    )


def _write_track(
    connection: sqlite3.Connection, record: _RunRecord, number: int, track: _TrackRecord
) -> None:
    values = (
        track.label,
        track.first_seen,
        track.last_seen,
        track.positions,
        round(track.confidence, 3),
    )
    connection.execute(
        "INSERT INTO people_tracks (run_id, source_id, track_id, label, first_seen, last_seen,"
        " positions, confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, track_id)"
        " DO UPDATE SET label = excluded.label, last_seen = excluded.last_seen,"
        " positions = excluded.positions, confidence = excluded.confidence",
        (record.run_id, record.source_id, number, *values),
    )
    if track.key is None:
        track.key = connection.execute(
            "SELECT id FROM people_tracks WHERE run_id = ? AND track_id = ?",
            (record.run_id, number),
        ).fetchone()[0]


def _rounded(track: Track) -> tuple[float, float, float, float]:
    """A tenth of a pixel: whole pixels were measured to cost accuracy, finer gains nothing."""
    return round(track.x, 1), round(track.y, 1), round(track.w, 1), round(track.h, 1)
