"""The listener that writes what was seen into the database.

Nothing is more than a second behind what was seen, and nothing that was written is lost when the
run fails, the disk fills or the process is stopped.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from .database import add_coverage, describing, insert_run, prepare
from .events import Event, Run, SourceEnded, SourceStarted, TrackEnded, TracksSeen
from .frame import Frame, Track


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
    coverage: dict[int, tuple[float, int]] = field(default_factory=dict)
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
        seconds, frames = self.coverage.get(t // 60_000, (0.0, 0))
        self.coverage[t // 60_000] = seconds + max(0.0, passed) / 1000, frames + 1
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
    minutes = ((minute, *watched) for minute, watched in record.coverage.items())
    add_coverage(connection, record.source_id, minutes)
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
