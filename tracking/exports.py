"""What a filter selects, as files for other programs: tracks and positions as CSV or Parquet.

Everything goes through in pieces, so that ten million positions need no more memory than some.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from .database import SourceRow, describing, sources
from .errors import SettingsError
from .filters import Filter
from .interchange.writing import replacing

Progress = Callable[[int, int], object]
"""Is told how many positions are read, and how many there are in the tracks selected."""

_BATCH = 50_000  # rows
_MOMENT = pa.timestamp("ms", "UTC")
_TRACKS = pa.schema(
    [
        ("source", pa.string()),
        ("timezone", pa.string()),
        ("run", pa.int64()),
        ("track", pa.int64()),
        ("visit", pa.int64()),
        ("label", pa.string()),
        ("first_seen", _MOMENT),
        ("last_seen", _MOMENT),
        ("seconds", pa.float64()),
        ("positions", pa.int64()),
        ("confidence", pa.float64()),
    ]
)
_POSITIONS = pa.schema(
    [
        ("source", pa.string()),
        ("track", pa.int64()),
        ("label", pa.string()),
        ("time", _MOMENT),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("w", pa.float64()),
        ("h", pa.float64()),
        ("confidence", pa.float64()),
    ]
)
_SCHEMAS = {"tracks": _TRACKS, "positions": _POSITIONS}

_WHICH = (
    " FROM people_tracks AS track WHERE source_id = :source AND last_seen >= :since"
    " AND first_seen < :until AND (:labels IS NULL OR label IN (SELECT value FROM"
    " json_each(:labels)))"
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a filter selects. positions: of the tracks that overlap its window, in all."""

    tracks: int
    positions: int


def extent(connection: sqlite3.Connection, filter: Filter) -> Extent:
    """How much an export of the filter is about; hours and weekdays are not looked at for it."""
    tracks = positions = 0
    for source in _chosen(connection, filter):
        found = connection.execute(
            f"SELECT count(*), coalesce(sum(positions), 0){_WHICH}", _asked(source, filter)
        ).fetchone()
        tracks, positions = tracks + found[0], positions + found[1]
    return Extent(tracks, positions)


def write(
    connection: sqlite3.Connection,
    filter: Filter,
    what: Literal["tracks", "positions"],
    form: Literal["csv", "parquet"],
    output: Path,
    progress: Progress = lambda done, total: None,
) -> int:
    """Write what a filter selects; how many rows that were.

    tracks: whole, those that overlap the times asked about. positions: those within these times.
    Times are UTC. In CSV an apostrophe stands before text that spreadsheets take for a formula.
    An older file stays as it was until the new one is whole. Raises SettingsError, OutputError,
    DatabaseError.
    """
    if what not in _SCHEMAS or form not in ("csv", "parquet"):
        raise SettingsError(f"Nothing is exported as {what} {form}")
    rows = _tracks if what == "tracks" else _positions
    count = 0
    with describing("The database"), replacing(output) as file:
        writer = _writer(file, _SCHEMAS[what], form)
        try:
            for table in rows(connection, filter, progress):
                writer.write_table(_harmless(table) if form == "csv" else table)
                count += len(table)
        finally:
            writer.close()
    return count


def _writer(file: IO[bytes], schema: pa.Schema, form: str) -> Any:
    if form == "parquet":
        return pq.ParquetWriter(file, schema, compression="zstd")
    return pyarrow.csv.CSVWriter(file, schema)


def _harmless(table: pa.Table) -> pa.Table:
    """The table with text that no spreadsheet works out."""
    for index, name in enumerate(table.column_names):
        texts = table[name]
        if pa.types.is_string(texts.type):
            formula = pc.match_substring_regex(texts, r"^[=+\-@\t\r]")
            quoted = pc.binary_join_element_wise("'", texts, "")
            table = table.set_column(index, name, pc.if_else(formula, quoted, texts))
    return table


def _chosen(connection: sqlite3.Connection, filter: Filter) -> list[SourceRow]:
    return [
        each for each in sources(connection) if each.name in filter.sources or not filter.sources
    ]


def _asked(source: SourceRow, filter: Filter) -> dict[str, Any]:
    labels = json.dumps(filter.labels) if filter.labels else None
    window = {"since": filter.since, "until": filter.until}
    return {"source": source.id, "labels": labels, **window}


def _tracks(
    connection: sqlite3.Connection, filter: Filter, progress: Progress
) -> Iterator[pa.Table]:
    total, done = extent(connection, filter).positions, 0
    for source in _chosen(connection, filter):
        edges = _edges(filter, source.timezone)
        cursor = connection.execute(
            "SELECT run_id, id, coalesce(visit_id, 0), label, first_seen, last_seen, positions,"
            f" confidence{_WHICH} ORDER BY first_seen, id",
            _asked(source, filter),
        )
        while rows := cursor.fetchmany(_BATCH):
            run, id, visit, label, first, last, count, sure = zip(*rows, strict=True)
            begin, end = np.array(first), np.array(last)
            # it overlaps a part that is asked about unless it begins and ends in the same gap
            a, b = np.searchsorted(edges, begin, "right"), np.searchsorted(edges, end, "right")
            table = pa.table(
                [
                    pa.array([source.name] * len(rows)),
                    pa.array([source.timezone] * len(rows)),
                    run,
                    id,
                    pa.array(visit, pa.int64(), mask=np.array(visit) == 0),
                    label,
                    pa.array(begin, pa.int64()).cast(_MOMENT),
                    pa.array(end, pa.int64()).cast(_MOMENT),
                    (end - begin) / 1000,
                    count,
                    sure,
                ],
                schema=_TRACKS,
            )
            yield table.filter(pa.array((a % 2 == 1) | (a != b)))
            done += sum(count)
            progress(done, total)


def _positions(
    connection: sqlite3.Connection, filter: Filter, progress: Progress
) -> Iterator[pa.Table]:
    total, done = extent(connection, filter).positions, 0
    for source in _chosen(connection, filter):
        edges = _edges(filter, source.timezone)
        cursor = connection.execute(
            "SELECT chosen.id, chosen.label, t, x, y, w, h, positions.confidence"
            f" FROM (SELECT id, label{_WHICH} ORDER BY id) AS chosen"
            " CROSS JOIN positions ON positions.track = chosen.id",
            _asked(source, filter),
        )
        while rows := cursor.fetchmany(_BATCH):
            track, label, t, *numbers = zip(*rows, strict=True)
            times = np.array(t, np.int64)
            inside = np.searchsorted(edges, times, "right") % 2 == 1
            columns = [
                pa.array([source.name] * len(rows)), track, label,
                pa.array(times).cast(_MOMENT), *numbers,
            ]  # fmt: skip
            yield pa.table(columns, schema=_POSITIONS).filter(pa.array(inside))
            done += len(rows)
            progress(done, total)


def _edges(filter: Filter, timezone_name: str) -> npt.NDArray[np.int64]:
    """Where the times asked about begin and end, in turn."""
    return np.array(filter.spans(timezone_name), np.int64).reshape(-1)
