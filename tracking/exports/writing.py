"""Tables of what a filter selects, as files: CSV or Parquet.

Everything goes through in pieces, so that ten million positions need no more memory than some.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from ..database import describing
from ..errors import SettingsError
from ..filters import Filter
from ..interchange.writing import replacing
from ..localtime import Times
from ..metrics import Selection
from ..metrics.ranges import Chains, chains_of
from .chosen import WHICH, Chosen

Progress = Callable[[int, int], object]
"""Is told how many positions are read, and how many there are in the tracks selected; of stays and
crossings, how many of these are written."""

_BATCH = 50_000  # rows
_MOMENT = pa.timestamp("ms", "UTC")
_TRACKS = pa.schema(
    [
        ("source", pa.string()),
        ("timezone", pa.string()),
        ("run", pa.int64()),
        ("track", pa.int64()),
        ("visit", pa.int64()),
        ("visit_at_least", pa.int64()),
        ("visit_at_most", pa.int64()),
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
_STAYS = pa.schema(
    [
        ("source", pa.string()),
        ("timezone", pa.string()),
        ("zone", pa.string()),
        ("track", pa.int64()),
        ("visit", pa.int64()),
        ("label", pa.string()),
        ("entered", _MOMENT),
        ("left", _MOMENT),
        ("seconds", pa.float64()),
    ]
)
_CROSSINGS = pa.schema(
    [
        ("source", pa.string()),
        ("timezone", pa.string()),
        ("line", pa.string()),
        ("direction", pa.string()),
        ("forward", pa.bool_()),
        ("track", pa.int64()),
        ("visit", pa.int64()),
        ("label", pa.string()),
        ("time", _MOMENT),
    ]
)

Table = Literal["tracks", "positions", "zone_stays", "crossings"]
TABLES: tuple[Table, ...] = ("tracks", "positions", "zone_stays", "crossings")
"""What can be exported."""


def write(
    connection: sqlite3.Connection,
    filter: Filter,
    what: Table,
    form: Literal["csv", "parquet"],
    output: Path,
    progress: Progress = lambda done, total: None,
) -> int:
    """Write what a filter selects; how many rows that were.

    tracks: whole, those that overlap the times asked about. positions: those within these times.
    zone_stays: in the filter's zones, or in all, whole, those that overlap the times. crossings: of
    the filter's lines, or of all, at these times. Where the filter names zones, lines, directions
    or lengths, all of it is of the tracks with such a stay or crossing, or of such a visit, and
    positions are those in the zones. Times are UTC. In CSV an apostrophe stands before text that
    spreadsheets take for a formula. An older file stays as it was until the new one is whole.
    Raises SettingsError, OutputError, DatabaseError.
    """
    if what not in TABLES or form not in ("csv", "parquet"):
        raise SettingsError(f"Nothing is exported as {what} {form}")
    schema, rows = _ROWS[what]
    count = 0
    with describing("The database"), replacing(output) as file:
        writer = _writer(file, schema, form)
        try:
            for table in rows(Chosen(connection, filter), progress):
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


def _tracks(chosen: Chosen, progress: Progress) -> Iterator[pa.Table]:
    total, done = chosen.extent().positions, 0
    chains = chains_of(chosen.selection)
    for source in chosen.sources:
        edges = _edges(chosen.filter, source.timezone)
        cursor = chosen.connection.execute(
            "SELECT run_id, id, coalesce(visit_id, 0), label, first_seen, last_seen, positions,"
            f" confidence{WHICH} ORDER BY first_seen, id",
            chosen.asked(source),
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
                    _or_none(np.array(visit)),
                    *(_or_none(each) for each in _bounds(chains, source.id, np.array(id))),
                    label,
                    _moments(begin),
                    _moments(end),
                    (end - begin) / 1000,
                    count,
                    sure,
                ],
                schema=_TRACKS,
            )
            yield table.filter(pa.array((a % 2 == 1) | (a != b)))
            done += sum(count)
            progress(done, total)


def _bounds(chains: Chains, source: int, tracks: Times) -> tuple[Times, Times]:
    """The first track that each goes on from if doubtful joins count, and if only sure ones do;
    0 where nobody looked for joins."""
    nobody = np.zeros(len(tracks), np.int64)
    if source not in chains.joined or not len(chains.id):
        return nobody, nobody
    place = np.searchsorted(chains.id, tracks).clip(max=len(chains.id) - 1)
    there = chains.id[place] == tracks
    fewest, most = (
        np.where(there, chains.id[each[place]], tracks) for each in (chains.fewest, chains.most)
    )
    return fewest, most


def _positions(chosen: Chosen, progress: Progress) -> Iterator[pa.Table]:
    total, done = chosen.extent().positions, 0
    in_zones = chosen.moments()
    for source in chosen.sources:
        edges = _edges(chosen.filter, source.timezone)
        cursor = chosen.connection.execute(
            "SELECT chosen.id, chosen.label, t, x, y, w, h, positions.confidence"
            f" FROM (SELECT id, label{WHICH} ORDER BY id) AS chosen"
            " CROSS JOIN positions ON positions.track = chosen.id",
            chosen.asked(source),
        )
        while rows := cursor.fetchmany(_BATCH):
            track, label, t, *numbers = zip(*rows, strict=True)
            times = np.array(t, np.int64)
            inside = np.searchsorted(edges, times, "right") % 2 == 1
            if in_zones is not None:
                inside &= in_zones.has(np.array(track, np.int64), times)
            columns = [
                pa.array([source.name] * len(rows)), track, label, _moments(times), *numbers,
            ]  # fmt: skip
            yield pa.table(columns, schema=_POSITIONS).filter(pa.array(inside))
            done += len(rows)
            progress(done, total)


def _stays(chosen: Chosen, progress: Progress) -> Iterator[pa.Table]:
    selection, stays = chosen.stays()
    names = {zone.id: zone.name for zone in selection.zones}
    for part in _batches(len(stays), progress):
        each = stays.where(part)
        yield pa.table(
            [
                *_sources(selection, each.source),
                [names[zone] for zone in each.zone.tolist()],
                each.id,
                _or_none(np.where(each.visit < 0, -each.visit, 0)),
                [each.labels[label] for label in each.label.tolist()],
                _moments(each.first),
                _moments(each.last),
                (each.last - each.first) / 1000,
            ],
            schema=_STAYS,
        )


def _crossings(chosen: Chosen, progress: Progress) -> Iterator[pa.Table]:
    selection, crossings = chosen.crossings()
    names = {line.id: line.name for line in selection.lines}
    labels = selection.tracks.labels
    visits = _visits(chosen.connection, crossings.id)
    for part in _batches(len(crossings.id), progress):
        each = crossings.where(part)
        yield pa.table(
            [
                *_sources(selection, each.source),
                [names[line] for line in each.line.tolist()],
                [each.directions[way] for way in each.way.tolist()],
                pa.array(each.sign > 0, pa.bool_(), mask=each.sign == 0),
                each.id,
                _or_none(visits[part]),
                [labels[label] for label in each.label.tolist()],
                _moments(each.t),
            ],
            schema=_CROSSINGS,
        )


def _visits(connection: sqlite3.Connection, tracks: Times) -> Times:
    """The visit of each track; 0 of those that stand for themselves."""
    rows = connection.execute(
        "SELECT id, visit_id FROM people_tracks WHERE visit_id IS NOT NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(np.unique(tracks).tolist()),),
    )
    known = dict(rows.fetchall())
    return np.array([known.get(track, 0) for track in tracks.tolist()], np.int64)


def _batches(count: int, progress: Progress) -> Iterator[Times]:
    """The places of so many rows, some at a time."""
    for begin in range(0, count, _BATCH):
        yield np.arange(begin, min(begin + _BATCH, count))
        progress(min(begin + _BATCH, count), count)


def _sources(selection: Selection, keys: Times) -> list[list[str]]:
    """Name and zone of each source."""
    known = {source.id: source for source in selection.sources}
    sources = [known[key] for key in keys.tolist()]
    return [[source.name for source in sources], [source.timezone for source in sources]]


def _or_none(numbers: Times) -> pa.Array:
    """Whole numbers, of which 0 is none."""
    return pa.array(numbers, pa.int64(), mask=numbers == 0)


def _moments(t: Times) -> pa.Array:
    return pa.array(t, pa.int64()).cast(_MOMENT)


def _edges(filter: Filter, timezone_name: str) -> Times:
    """Where the times asked about begin and end, in turn."""
    return np.array(filter.spans(timezone_name), np.int64).reshape(-1)


_ROWS: dict[str, tuple[pa.Schema, Callable[[Chosen, Progress], Iterator[pa.Table]]]] = {
    "tracks": (_TRACKS, _tracks),
    "positions": (_POSITIONS, _positions),
    "zone_stays": (_STAYS, _stays),
    "crossings": (_CROSSINGS, _crossings),
}
