"""Tracks out to files and back: MOTChallenge result lines, CSV and Parquet.

What is exported, imported into another database and exported again has the same bytes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlite_utils import Database

from .. import __version__
from ..database import describing, files_of, find_source
from ..errors import NothingRecorded, SettingsError
from ..events import Run, Source
from ..paths import keep_clear
from ..times import LATEST, Time, local_zone, zone
from .bulk import store_run
from .placing import placed_in_time
from .rows import read_rows
from .writing import Batch, replacing, write_rows

FORMS = ("mot", "csv", "parquet")

_BATCH = 100_000  # rows


@dataclass(frozen=True, slots=True)
class Summary:
    """What was exported or imported. first, last: milliseconds since 1970 UTC."""

    source: str
    rows: int
    tracks: int
    runs: int
    first: int
    last: int
    notes: tuple[str, ...] = ()


def export_tracks(
    connection: sqlite3.Connection,
    source: str,
    form: str,
    output: Path,
    *,
    run: int | None = None,
    label: str | None = None,
) -> Summary:
    """Write a source's positions to a file, of one run or of all, of one label or of all.

    MOT counts frames anew in each run, so it is always one run: the latest, if none is named.
    Raises NothingRecorded, SettingsError, OutputError; an older file then stays as it was.
    """
    _check_form(form)
    name = _file_of(connection)
    keep_clear(output, *files_of(name))
    with describing(name or "The database in memory"):
        runs, notes = _choose_runs(connection, source, form, run)
        parameters = {"runs": json.dumps(runs), "label": label}
        with closing(connection.execute(_query(form, len(runs)), parameters)) as cursor:
            tally = _Tally(cursor)
            if not tally.pending:
                raise NothingRecorded(f"Source {source!r} has no positions labelled {label!r}")
            with replacing(output) as file:
                write_rows(file, form, tally.batches())
    found = (tally.rows, len(tally.tracks), len(runs), tally.first, tally.last)
    return Summary(source, *found, tuple(notes))


def _check_form(form: str) -> None:
    if form not in FORMS:
        raise SettingsError(f"{form!r} is not one of the forms {', '.join(FORMS)}")


def _file_of(connection: sqlite3.Connection) -> str:
    path: str = connection.execute("PRAGMA database_list").fetchone()[2]
    return path


def _choose_runs(
    connection: sqlite3.Connection, source: str, form: str, run: int | None
) -> tuple[list[int], list[str]]:
    """The runs to export, and notes on what that choice means."""
    rows = connection.execute(
        "SELECT DISTINCT run_id FROM people_tracks AS track WHERE source_id = ? AND EXISTS"
        " (SELECT 1 FROM positions WHERE positions.track = track.id) ORDER BY run_id",
        (find_source(connection, source).id,),
    )
    runs = [row[0] for row in rows]
    if not runs:
        raise NothingRecorded(f"Source {source!r} has no positions yet")
    if run is not None:
        if run not in runs:
            there = ", ".join(map(str, runs))
            raise NothingRecorded(
                f"Source {source!r} has no run {run} with positions; it has {there}"
            )
        return [run], []
    if len(runs) == 1:
        return runs, []
    if form == "mot":
        return runs[-1:], [f"of {len(runs)} runs only the latest, run {runs[-1]}, was exported"]
    return runs, [f"tracks of {len(runs)} runs: numbered as in the database, not as in their run"]


def _query(form: str, runs: int) -> str:
    """Rows as in `Batch`. A tracker numbers from 1 in each run: several need a common number."""
    number = "people_tracks.track_id" if runs == 1 else "people_tracks.id"
    order = "frame" if form == "mot" else "t"
    return (
        f"SELECT {number} AS number, label, t, frame, x, y, w, h, positions.confidence"
        " FROM people_tracks CROSS JOIN positions ON positions.track = people_tracks.id"
        " WHERE run_id IN (SELECT value FROM json_each(:runs)) AND label = coalesce(:label, label)"
        f" ORDER BY {order}, number"
    )


@dataclass(slots=True)
class _Tally:
    """The rows of a cursor in batches, counted on the way."""

    cursor: sqlite3.Cursor
    pending: Batch = field(init=False)
    rows: int = 0
    tracks: set[int] = field(default_factory=set)
    first: int = LATEST
    last: int = 0

    def __post_init__(self) -> None:
        self.pending = self.cursor.fetchmany(_BATCH)

    def batches(self) -> Iterator[Batch]:
        while batch := self.pending:
            self.rows += len(batch)
            self.tracks.update(row[0] for row in batch)
            self.first = min(self.first, min(row[2] for row in batch))
            self.last = max(self.last, max(row[2] for row in batch))
            yield batch
            self.pending = self.cursor.fetchmany(_BATCH)


def import_tracks(
    connection: sqlite3.Connection,
    source: str,
    form: str,
    path: Path,
    *,
    start: Time | None = None,
    fps: float | None = None,
    label: str = "person",
    timezone: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Add the rows of a file to a source as one run, all of them or none.

    start: the time of a MOT file's first frame, now if not given; fps: frames per second, by
    default the source's, that of a `seqinfo.ini` beside the file, or 25. label: of MOT rows.
    timezone: IANA name, of a new source. progress is told rows written and rows in all.
    Raises RowError, SettingsError, SourceError, DatabaseError.
    """
    _check_form(form)
    if fps is not None and not 0 < fps <= 1000:
        raise SettingsError(f"fps must be above 0 and at most 1000, not {fps}")
    database = _file_of(connection) or "The database in memory"
    with describing(database):
        known = _known_source(connection, source)
    target = known or Source(source, "import", str(path.absolute()), local_zone(), 0, 0)
    if timezone:
        zone(timezone)  # refuses a name that there is not
        target = target if known else replace(target, timezone=timezone)
    rows = read_rows(path, form, label)
    if timezone not in (None, target.timezone):
        rows.notes.append(f"the source keeps its time zone, {target.timezone}")
    fps, positions = placed_in_time(path, form, rows, target, start, fps)
    run = Run(
        target if known else replace(target, fps=fps),
        int(positions.t.min()),
        detector="import",
        weights=None,
        tracker="import",
        code_version=__version__,
        settings={"file": path.name, "format": form},
    )
    with describing(database), Database(connection).atomic():
        store_run(connection, run, positions, progress or (lambda done, total: None))
    times = (run.started_at, int(positions.t.max()))
    return Summary(
        source, len(positions.t), len(positions.starts), 1, *times, notes=tuple(rows.notes)
    )


def _known_source(connection: sqlite3.Connection, name: str) -> Source | None:
    """The source as it is stored, so that storing it again changes nothing."""
    row = connection.execute(
        "SELECT name, kind, uri, timezone, coalesce(width, 0), coalesce(height, 0), fps"
        " FROM sources WHERE name = ?",
        (name,),
    ).fetchone()
    return Source(*row) if row else None
