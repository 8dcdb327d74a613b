"""A study: a part of the record as a database of its own, in one file, to look at anywhere.

It has the tables of every other database, so everything that reads those reads it, too, and one
more, which says what was taken and makes sure that nobody watches into it.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from . import __version__
from .database import describing, files_of, find_source, open_readonly, sources
from .errors import DatabaseError, NothingRecorded, OutputError
from .footprints import rebuild, settle
from .paths import keep_clear, writable_as_text
from .schema import migrate
from .times import now_ms

Progress = Callable[[int, int], object]
"""Is told how many positions are written, and how many there are."""
Spans = Callable[[str], Sequence[tuple[int, int]]]
"""The times asked about at a source of an IANA zone, as `filters.Filter.spans` gives them."""

_BATCH = 20_000  # rows
_MINUTE = 60_000
_TABLE = (
    "CREATE TABLE study (created_at INTEGER NOT NULL, since INTEGER NOT NULL,"
    " until INTEGER NOT NULL, note TEXT NOT NULL, program TEXT NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Study:
    """What a study says about itself. Times are milliseconds since 1970 UTC."""

    created_at: int
    since: int
    until: int
    note: str
    program: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written into a study. bytes: the size of its file."""

    sources: int
    tracks: int
    positions: int
    bytes: int


def read_study(path: str | Path) -> Study | None:
    """What a study says about itself; None of any other database, and of what is none."""
    with suppress(DatabaseError, sqlite3.Error), closing(open_readonly(path)) as connection:
        columns = "created_at, since, until, note, program"
        row = connection.execute(f"SELECT {columns} FROM study").fetchone()
        return Study(*row) if row else None
    return None


def is_study(path: str | Path) -> bool:
    """Whether there is a study at that path."""
    return read_study(path) is not None


def write_study(
    connection: sqlite3.Connection,
    output: str | Path,
    *,
    since: int,
    until: int,
    sources: Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    spans: Spans | None = None,
    tracks: Iterable[int] | None = None,
    note: str = "",
    progress: Progress = lambda done, total: None,
) -> Written:
    """Write the tracks that overlap a window, whole, with all that belongs to them.

    Of files of this machine only the names are kept; the picture of a source, if it is of then.

    since, until: milliseconds since 1970 UTC, half-open. sources: names; labels; spans: the times
    within the window; tracks: people_tracks.id of those that may be taken; None takes all. An older
    file stays as it was until the new one is whole. Raises NothingRecorded where nothing was
    recorded in that window, DatabaseError, OutputError.
    """
    output = Path(output)
    name = str(connection.execute("PRAGMA database_list").fetchone()[2])
    _check(output, name)
    with describing(name or "The database in memory"), _unchanging(connection):
        copy = _Copy(connection, since, until, labels, tracks)
        for row in _chosen(connection, sources):
            copy.choose(row.id, spans(row.timezone) if spans else [(since, until)])
        if copy.empty():
            raise NothingRecorded("Nothing was recorded of these sources in that time")
        with _new_file(output) as new:
            copy.write(new, progress)
            new.say(Study(now_ms(), since, until, note, f"tracking {__version__}"))
    return Written(len(copy.sources), len(copy.tracks), copy.positions, output.stat().st_size)


def _check(output: Path, name: str) -> None:
    """Raise OutputError for what a study must not replace."""
    keep_clear(output, *files_of(name))
    if not writable_as_text(str(output)):
        raise OutputError(f"{str(output)!r} is not a name that SQLite can take")
    if output.is_dir():
        raise OutputError(f"{output} is a folder")
    for log in files_of(output)[1:]:
        if log.exists():
            raise OutputError(f"{output} is a database in use: there is {log.name}")


@contextmanager
def _unchanging(connection: sqlite3.Connection) -> Generator[None, None, None]:
    """Read everything as it is now, whatever is written meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _chosen(connection: sqlite3.Connection, names: Sequence[str] | None) -> list[Any]:
    if names is None:
        return sources(connection)
    return [find_source(connection, name) for name in dict.fromkeys(names)]


class _Copy:
    """Which rows are taken, and their way into another database."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        since: int,
        until: int,
        labels: Sequence[str] | None,
        tracks: Iterable[int] | None = None,
    ) -> None:
        self.sources: list[int] = []
        self.tracks: list[int] = []
        self.positions = 0
        self._from = connection
        self._window = {
            "since": since,
            "until": until,
            "first": since // _MINUTE,
            "last": -(-until // _MINUTE),
            "labels": None if labels is None else json.dumps(list(labels)),
            "only": None if tracks is None else json.dumps([int(track) for track in tracks]),
        }

    def choose(self, source: int, spans: Sequence[tuple[int, int]]) -> None:
        """Take a source, and its tracks that overlap any of the spans."""
        self.sources.append(source)
        found = self._from.execute(
            "SELECT id, positions FROM people_tracks WHERE source_id = :source"
            " AND last_seen >= :since AND first_seen < :until"
            " AND (:labels IS NULL OR label IN (SELECT value FROM json_each(:labels)))"
            " AND (:only IS NULL OR id IN (SELECT value FROM json_each(:only)))"
            " AND EXISTS (SELECT 1 FROM json_each(:spans)"
            " WHERE last_seen >= json_extract(value, '$[0]')"
            " AND first_seen < json_extract(value, '$[1]')) ORDER BY id",
            {**self._window, "source": source, "spans": json.dumps([[*span] for span in spans])},
        ).fetchall()
        self.tracks += [id for id, _ in found]
        self.positions += sum(positions for _, positions in found)

    def empty(self) -> bool:
        """Whether nothing was seen, and it was not even watched."""
        if self.tracks:
            return False
        (minutes,) = self._from.execute(
            f"SELECT count(*) FROM coverage WHERE {_OF_WINDOW['coverage']}", self._values()
        ).fetchone()
        return not minutes

    def write(self, new: _NewFile, progress: Progress) -> None:
        there = {name for (name,) in self._from.execute("SELECT name FROM sqlite_master")}
        for table, condition in _OF_WINDOW.items():
            if table in there:
                self._table(new, table, condition, self._values())
        done = 0
        for tracks in self._batches():
            values = {"tracks": json.dumps(tracks)}
            for table in (table for table in _OF_TRACKS if table in there):
                rows = self._table(new, table, _OF_TRACKS[table], values)
                done += rows if table == "positions" else 0
            progress(done, max(done, self.positions))
        if "joins" in there:
            self._table(new, "joins", _BETWEEN, self._values())
        new.complete("footprints" in there)

    def _values(self) -> dict[str, Any]:
        every = {"sources": json.dumps(self.sources), "every": json.dumps(self.tracks)}
        return {**self._window, **every}

    def _batches(self) -> Iterator[list[int]]:
        for begin in range(0, len(self.tracks), 500):
            yield self.tracks[begin : begin + 500]

    def _table(self, new: _NewFile, table: str, condition: str, values: dict[str, Any]) -> int:
        """Copy the rows of a table that a condition holds for; how many they were."""
        known = new.columns(table)  # the record may be an older version's
        names = [name for name in _columns(self._from, table) if name in known]
        select = f"SELECT {', '.join(names)} FROM {table} WHERE {condition}"
        cursor = self._from.execute(select, values)
        count = 0
        while rows := cursor.fetchmany(_BATCH):
            new.put(table, names, _folderless(table, names, rows))
            count += len(rows)
        return count


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _folderless(
    table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """The rows without the folders of this machine: they tell whose it is, and lead nowhere."""
    changes = [_WITHOUT_FOLDERS.get((table, column)) for column in columns]
    if not any(changes):
        return rows
    return [
        tuple(
            change(value) if change and value else value
            for change, value in zip(changes, row, strict=True)
        )
        for row in rows
    ]


def _file_name(text: str) -> str:
    """The last part of a local path; of an address, a camera's number or a name the whole."""
    return (
        text if re.match(r"(?i)(?!file:)[a-z][a-z0-9+.-]+:", text) else PureWindowsPath(text).name
    )


def _settings(text: str) -> str:
    try:
        return json.dumps(_without_paths(json.loads(text)))
    except ValueError:  # somebody else's database
        return "{}"


def _without_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_paths(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_paths(each) for each in value]
    if isinstance(value, str) and re.match(r"[/\\~]|[A-Za-z]:[/\\]|file:", value):
        return _file_name(value)
    return value


def _words(text: str) -> str:
    """Words in which paths may stand."""
    return re.sub(r"(?<![\w:/.])/(?:[^\s/'\",;]+/)+", "", text)


class _NewFile:
    """A database that is being made; whatever goes wrong with it is an OutputError."""

    def __init__(self, output: Path, partial: Path) -> None:
        self._output = output
        with self._told():
            self._connection = sqlite3.connect(partial)
            # a file that is not whole is thrown away, so that nothing need be undone in it
            self._connection.execute("PRAGMA journal_mode = OFF")
            self._connection.execute("PRAGMA synchronous = OFF")
            migrate(self._connection)

    def columns(self, table: str) -> list[str]:
        return _columns(self._connection, table)

    def put(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        places = ", ".join("?" * len(columns))
        with self._told():
            self._connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows
            )

    def complete(self, has_footprints: bool) -> None:
        """Derive what was not copied."""
        with self._told():
            if not has_footprints:
                rebuild(self._connection)
            settle(self._connection)

    def say(self, study: Study) -> None:
        with self._told():
            self._connection.execute(_TABLE)
            self._connection.execute("INSERT INTO study VALUES (?, ?, ?, ?, ?)", astuple(study))
            self._connection.commit()

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _told(self) -> Generator[None, None, None]:
        try:
            yield
        except sqlite3.Error as error:
            why = "the disk is full" if "full" in str(error) else str(error)
            raise OutputError(f"{self._output} cannot be written: {why}") from error


@contextmanager
def _new_file(output: Path) -> Generator[_NewFile, None, None]:
    """A database that takes the place of `output` when it is whole."""
    target = output.resolve()  # a link goes on pointing at the file
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    if not target.parent.is_dir():
        raise OutputError(f"There is no folder {output.parent} to put {output.name} in")
    try:
        with closing(_NewFile(output, partial)) as new:
            yield new
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            partial.unlink()


_WITHOUT_FOLDERS: dict[tuple[str, str], Callable[[str], str]] = {
    ("sources", "uri"): _file_name,
    ("runs", "weights"): _file_name,
    ("runs", "settings"): _settings,
    ("runs", "outcome"): _words,
    ("runs", "problems"): _words,
}
_CHOSEN = "IN (SELECT value FROM json_each(:sources))"
_TAKEN = "IN (SELECT value FROM json_each(:tracks))"
_BETWEEN = " AND ".join(
    f"{it} IN (SELECT value FROM json_each(:every))" for it in ("track", "next")
)
_OF_WINDOW = {
    "sources": f"id {_CHOSEN}",
    "runs": f"source_id {_CHOSEN} AND (started_at < :until AND coalesce(ended_at, started_at)"
    " >= :since OR id IN (SELECT run_id FROM people_tracks"
    " WHERE id IN (SELECT value FROM json_each(:every))))",
    "coverage": f"source_id {_CHOSEN} AND minute >= :first AND minute < :last",
    "stills": f"source_id {_CHOSEN} AND t >= :since AND t < :until",
    "zones": f"source_id {_CHOSEN}",
    "lines": f"source_id {_CHOSEN}",
    "grounds": f"source_id {_CHOSEN}",
    "floor_plans": f"name IN (SELECT json_extract(content, '$.plan.name') FROM grounds"
    f" WHERE source_id {_CHOSEN})",
    "joinings": f"source_id {_CHOSEN}",
}
_OF_TRACKS = {
    "people_tracks": f"id {_TAKEN}",
    "positions": f"track {_TAKEN}",
    "footprints": f"track {_TAKEN}",
    "zone_stays": f"track {_TAKEN}",
    "crossings": f"track {_TAKEN}",
    "paces": f"track {_TAKEN}",
}
"""Which rows of which tables are taken, in an order in which each finds what it refers to."""
