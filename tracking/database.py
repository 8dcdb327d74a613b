"""Opening the database, its errors in one line each, and its sources and runs.

One process writes, any number read.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from .errors import (
    DatabaseError,
    DatabaseFull,
    DatabaseLocked,
    NotADatabase,
    NothingRecorded,
)
from .events import Run, Source, SourceUnwatched
from .paths import writable_as_text
from .schema import migrate
from .times import known_zone, now_ms

LOCK_WAIT = 5.0  # seconds to wait for another writer before saying so


def open_database(path: str | Path, wait: float = LOCK_WAIT) -> sqlite3.Connection:
    """A connection for writing, with the tables in place; the file is made where there is none.

    Raises DatabaseError, and its kinds, naming the path.
    """
    path = Path(path)
    if not writable_as_text(str(path)):
        raise DatabaseError(f"{str(path)!r} is not a name that SQLite can take")
    if path.is_dir():
        raise DatabaseError(f"{path} is a folder, not a database file")
    if not path.absolute().parent.is_dir():
        raise DatabaseError(f"There is no folder {path.parent} to put the database {path.name} in")
    with describing(path):
        connection = sqlite3.connect(path, timeout=wait)
        try:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'study'").fetchone():
                raise DatabaseError(f"{path} is a study, which is only looked at; record elsewhere")
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


def files_of(path: str | Path) -> list[Path]:
    """The files that make up the database at that path; none for one in memory."""
    return [Path(f"{path}{ending}") for ending in ("", "-wal", "-shm", "-journal") if str(path)]


def size_of(path: str | Path) -> int:
    """Bytes of all the files of the database at that path."""
    size = 0
    for file in files_of(path):
        with suppress(FileNotFoundError):  # the log comes and goes
            size += file.stat().st_size
    return size


def prepare(connection: sqlite3.Connection, name: str) -> None:
    """Set a writer's connection up: write-ahead log, foreign keys, and the tables."""
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")  # with the log, safe against a killed process
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection, name)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait by itself for others doing the same."""
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def writing(connection: sqlite3.Connection) -> Generator[None, None, None]:
    """A transaction for writing from its start; within another one, a part of that.

    One that reads first fails at once, instead of waiting, if somebody else writes in between.
    """
    if not connection.in_transaction:
        connection.execute("BEGIN IMMEDIATE")
        with _committing(connection):
            yield
    else:
        with Database(connection).atomic():
            yield


@contextmanager
def _committing(connection: sqlite3.Connection) -> Generator[None, None, None]:
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # an error may have ended it already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def describing(name: str | Path) -> Generator[None, None, None]:
    """SQLite's errors as ours, naming the database."""
    try:
        yield
    except sqlite3.Error as error:
        raise described(error, name) from error


def described(error: sqlite3.Error, name: str | Path) -> DatabaseError:
    """SQLite's error as ours, in one line."""
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
    """All sources, by id; in UTC those of a zone that this machine does not know."""
    rows = connection.execute("SELECT id, name, uri, timezone, fps FROM sources ORDER BY id")
    return [SourceRow(id, name, uri, known_zone(zone), fps) for id, name, uri, zone, fps in rows]


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


def latest_boxes(
    connection: sqlite3.Connection, name: str
) -> dict[int, dict[int, tuple[float, float, float, float]]]:
    """The boxes of a source's latest run: track -> frame -> left, top, width, height in pixels."""
    boxes: dict[int, dict[int, tuple[float, float, float, float]]] = {}
    for number, frame, *box in connection.execute(
        "SELECT track_id, frame, x - w / 2, y - h / 2, w, h FROM people_tracks AS person"
        " JOIN positions ON positions.track = person.id"
        " WHERE run_id = (SELECT max(runs.id) FROM runs JOIN sources"
        " ON sources.id = runs.source_id WHERE sources.name = ?)",
        (name,),
    ):
        boxes.setdefault(number, {})[frame] = (box[0], box[1], box[2], box[3])
    return boxes


@dataclass(frozen=True, slots=True)
class Still:
    """A plain picture of a source.

    t: capture time, milliseconds since 1970 UTC. width, height: of the source's frame in pixels;
    the picture itself is at most 960 pixels wide. jpeg: one whole JPEG.
    """

    t: int
    width: int
    height: int
    jpeg: bytes = field(repr=False)


def still(connection: sqlite3.Connection, source_id: int) -> Still | None:
    """The latest picture that was kept of a source; None if there is none."""
    query = "SELECT t, width, height, jpeg FROM stills WHERE source_id = ?"
    row = connection.execute(query, (source_id,)).fetchone()
    return Still(*row) if row else None


def keep_still(connection: sqlite3.Connection, source_id: int, still: Still) -> None:
    """Keep a picture of a source instead of the one before."""
    connection.execute(
        "INSERT OR REPLACE INTO stills VALUES (?, ?, ?, ?, ?)",
        (source_id, still.t, still.width, still.height, still.jpeg),
    )


def setting(connection: sqlite3.Connection, name: str) -> str | None:
    """What the programs of this database have agreed on; None where nothing is said."""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else None


def change_setting(connection: sqlite3.Connection, name: str, value: str | None) -> None:
    """Say something to all programs of this database, or, with None, nothing more."""
    if value is None:
        connection.execute("DELETE FROM settings WHERE name = ?", (name,))
    else:
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))


def insert_run(connection: sqlite3.Connection, run: Run) -> tuple[int, int]:
    """Store a run and, where it is new or has changed, its source; the ids of source and run."""
    source_id = _upsert_source(connection, run.source)
    cursor = connection.execute(
        "INSERT INTO runs (source_id, width, height, started_at, ended_at, detector, weights,"
        " tracker, settings, code_version)"
        " SELECT id, width, height, ?, ?, ?, ?, ?, ?, ? FROM sources WHERE id = ?",
        (
            run.started_at,
            run.started_at,
            run.detector,
            run.weights,
            run.tracker,
            json.dumps(run.settings, default=str),
            run.code_version,
            source_id,
        ),
    )
    assert cursor.lastrowid is not None
    return source_id, cursor.lastrowid


def has_run(connection: sqlite3.Connection, run: Run, ids: tuple[int, int]) -> bool:
    """Whether a run is still there; its number alone might by now be that of another one."""
    return bool(
        connection.execute(
            "SELECT count(*) FROM runs JOIN sources ON sources.id = source_id"
            " WHERE source_id = ? AND runs.id = ? AND started_at = ? AND name = ?",
            (*ids, run.started_at, run.source.name),
        ).fetchone()[0]
    )


def close_abandoned_runs(connection: sqlite3.Connection) -> None:
    """Say of the runs of an earlier runner, which was killed, that they ended with it."""
    connection.execute(
        "UPDATE runs SET outcome = 'failed: the runner was ended without notice'"
        " WHERE outcome IS NULL AND json_extract(settings, '$.runner')"
    )
    connection.commit()


def add_coverage(
    connection: sqlite3.Connection, source_id: int, minutes: Iterable[tuple[int, float, int]]
) -> None:
    """Add what was observed of a source: minute since 1970, seconds of it, and frames."""
    connection.executemany(
        "INSERT INTO coverage (source_id, minute, seconds_observed, frames, state)"
        " VALUES (?, ?, min(60, round(?, 3)), ?, 'ok')"
        " ON CONFLICT (source_id, minute) DO UPDATE SET frames = frames"
        f" + excluded.frames, seconds_observed = max(0, min({_LEFT},"
        " round(seconds_observed + excluded.seconds_observed, 3)))",
        ((source_id, *minute) for minute in minutes),
    )


def add_unwatched(connection: sqlite3.Connection, gap: SourceUnwatched) -> None:
    """Add to each minute the time in which a source was not watched, and why.

    A minute's `state` is what kept it from being watched the longest. What only looked as if it
    were watched (a frozen picture looks alive at first) no longer counts as observed.
    """
    known = [row.id for row in sources(connection) if row.name == gap.source.name]
    source_id = known[0] if known else _upsert_source(connection, gap.source)
    column = f"seconds_{gap.state}"
    parts = _minutes(gap.since, gap.until)
    connection.executemany(
        f"INSERT INTO coverage (source_id, minute, seconds_observed, frames, state, {column})"
        " VALUES (?, ?, 0, 0, ?, ?) ON CONFLICT (source_id, minute) DO UPDATE SET"
        f" {column} = min(60, round({column} + excluded.{column}, 3))",
        ((source_id, minute, gap.state, seconds) for minute, seconds in parts),
    )
    connection.executemany(
        "UPDATE coverage SET seconds_observed = round(seconds_observed - ?, 3)"
        " WHERE source_id = ? AND minute = ?",
        (
            (seconds, source_id, minute)
            for minute, seconds in _minutes(gap.since, gap.since + gap.mistaken)
        ),
    )
    connection.execute(
        "UPDATE coverage SET state = CASE max(seconds_stale, seconds_down, seconds_stopped)"
        " WHEN 0 THEN 'ok' WHEN seconds_stale THEN 'stale' WHEN seconds_down THEN 'down'"
        " ELSE 'stopped' END, seconds_observed ="
        f" max(0, min(seconds_observed, {_LEFT})) WHERE source_id = ? AND minute BETWEEN ? AND ?",
        (source_id, gap.since // 60_000, gap.until // 60_000),
    )


_LEFT = "60 - seconds_stale - seconds_down - seconds_stopped"
"""What a minute has left to be observed."""


def _minutes(since: int, until: int) -> Iterator[tuple[int, float]]:
    """The minutes that a time lies in, each with the seconds of it."""
    for minute in range(since // 60_000, -(-until // 60_000)):
        start, end = max(since, minute * 60_000), min(until, (minute + 1) * 60_000)
        yield minute, (end - start) / 1000


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
