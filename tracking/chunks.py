"""Splitting files of others into columns, a few thousand rows at a time, with their places.

The texts are split by the csv module, which knows the line that each record starts on.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import RowError, SourceNotFound, SourceUnreadable

MOT = ("frame", "id", "left", "top", "width", "height", "confidence")
TABLE = ("track", "label", "t", "x", "y", "w", "h", "confidence")

_CHUNK = 10_000  # rows; more of them leave the processor's cache


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows as they stand in the file: texts, or Arrow's values.

    places: the line each row starts on, or its number; both count from 1.
    """

    columns: Mapping[str, Sequence[Any]]
    places: Sequence[int]


def read_chunks(path: Path, form: str, notes: list[str]) -> Iterator[Chunk]:
    """The file's rows; what was left out is added to `notes`.

    Raises RowError, SourceNotFound and SourceUnreadable.
    """
    if form == "mot":
        return _mot_chunks(path)
    return _csv_chunks(path, notes) if form == "csv" else _parquet_chunks(path, notes)


def _mot_chunks(path: Path) -> Iterator[Chunk]:
    for places, records in _chunks(path, _records(path), len(MOT) - 1):
        columns = list(islice(zip_longest(*records, fillvalue=""), len(MOT)))
        confidence = columns[6] if len(columns) > 6 else [""] * len(records)
        columns[6:] = [tuple(text.strip() or "-1" for text in confidence)]
        yield Chunk(dict(zip(MOT, columns, strict=True)), places)


def _csv_chunks(path: Path, notes: list[str]) -> Iterator[Chunk]:
    records = _records(path)
    header = [name.strip() for name in next(records, (0, []))[1]]
    if header:
        notes += _check_columns(path, header)
    for places, rows in _chunks(path, records, len(header), len(header)):
        yield Chunk(dict(zip(header, zip(*rows, strict=True), strict=True)), places)


def _chunks(
    path: Path, records: Iterator[tuple[int, list[str]]], least: int, most: int = 2**31
) -> Iterator[tuple[tuple[int, ...], tuple[list[str], ...]]]:
    """Lines and records, many at a time; refuses the first record with too few or many columns."""
    while chunk := list(islice(records, _CHUNK)):
        places, rows = zip(*chunk, strict=True)
        wrong = next((i for i, row in enumerate(rows) if not least <= len(row) <= most), None)
        if rows[:wrong]:
            yield places[:wrong], rows[:wrong]
        if wrong is not None:
            expected = f"{least}" if most == least else f"at least {least}"
            problem = f"has {len(rows[wrong])} columns, not {expected}"
            raise RowError(f"{path}, line {places[wrong]}: {problem}")


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line it starts on."""
    line = 1
    with _reading(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, skipinitialspace=True, strict=True)
        try:
            for record in reader:
                if len(record) > 1 or (record and record[0].strip()):
                    yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            raise RowError(f"{path}, line {line}: {error}") from error
        except UnicodeDecodeError as error:
            raise RowError(f"{path}, line {_undecodable(path)}: is not UTF-8 text") from error


def _undecodable(path: Path) -> int:
    """The first line that is not UTF-8; it is looked for only once that is known."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _parquet_chunks(path: Path, notes: list[str]) -> Iterator[Chunk]:
    row = 1
    with _reading(path), path.open("rb") as stream:
        if not stream.read(1):
            return
        try:
            file = pq.ParquetFile(stream)
            notes += _check_columns(path, file.schema_arrow.names)
            for batch in file.iter_batches(_CHUNK, columns=list(TABLE)):
                columns = dict(zip(batch.schema.names, map(_plain, batch.columns), strict=True))
                yield Chunk(columns, range(row, row + batch.num_rows))
                row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise SourceUnreadable(f"{path} is not a Parquet file, or is damaged") from error


def _plain(column: Any) -> Any:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _check_columns(path: Path, names: Sequence[str]) -> list[str]:
    """A note on columns there is no use for; refuses a file that lacks one."""
    if missing := [name for name in TABLE if name not in names]:
        there = ", ".join(map(repr, names)) or "none"
        raise RowError(f"{path} lacks the columns {', '.join(missing)}; it has {there}")
    if doubled := [name for name in TABLE if list(names).count(name) > 1]:
        raise RowError(f"{path} has the columns {', '.join(doubled)} more than once")
    extra = [repr(name) for name in names if name not in TABLE]
    return [f"columns that were ignored: {', '.join(extra)}"] if extra else []


@contextmanager
def _reading(path: Path) -> Generator[None, None, None]:
    """The system's errors as ours, naming the file."""
    try:
        yield
    except FileNotFoundError as error:
        raise SourceNotFound(f"There is no file {path}") from error
    except OSError as error:
        raise SourceUnreadable(f"{path} cannot be read: {error.strerror}") from error
