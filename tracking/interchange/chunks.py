"""Splitting files of others into columns, a few thousand rows at a time, with their places.

Where texts are quoted or lines differ, the csv module splits them and tells their lines.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import RowError, SourceNotFound, SourceUnreadable

MOT = ("frame", "id", "left", "top", "width", "height", "confidence")
TABLE = ("track", "label", "t", "x", "y", "w", "h", "confidence")

_CHUNK = 10_000  # rows; more of them leave the processor's cache
_BLOCK = 500_000  # characters


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
    with _reading(path), _opened(path) as file:
        for places, columns in _blocks(path, file, 1, len(MOT) - 1):
            confidence = columns[6] if len(columns) > 6 else [""] * len(places)
            confidence = [text.strip() or "-1" for text in confidence]
            yield Chunk(dict(zip(MOT, [*columns[:6], confidence], strict=True)), places)


def _csv_chunks(path: Path, notes: list[str]) -> Iterator[Chunk]:
    with _reading(path), _opened(path) as file:
        for _, header, line in _records(path, file, 1):
            names = [name.strip() for name in header]
            notes += _check_columns(path, names)
            for places, columns in _blocks(path, file, line, len(names), len(names)):
                yield Chunk(dict(zip(names, columns, strict=True)), places)


def _opened(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")


def _blocks(
    path: Path, file: TextIO, line: int, least: int, most: int = 2**31
) -> Iterator[tuple[Sequence[int], Sequence[Sequence[str]]]]:
    """Lines and columns of what follows in the file; refuses too few or too many columns."""
    while lines := file.readlines(_BLOCK):
        text = "".join(lines)
        columns = _plain_columns(text, lines)
        if least <= len(columns) <= most:
            yield range(line, line + len(lines)), columns
        else:
            # a quoted text can go on in the next block, so then all the rest goes this way
            rest = chain(lines, file) if '"' in text else iter(lines)
            yield from _exact_columns(path, _records(path, rest, line), least, most)
        line += len(lines)


def _plain_columns(text: str, lines: Sequence[str]) -> list[list[str]]:
    """Columns of lines that are plainly alike, several times faster; none if they are not."""
    commas = lines[0].count(",")
    plain = not any(sign in text for sign in ('"', ", ", "\n ")) and text[0] != " "
    if not plain or any(line.count(",") != commas for line in lines):
        return []
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    fields = text.replace("\n", ",").split(",")
    return [fields[column :: commas + 1] for column in range(commas + 1)]


def _exact_columns(
    path: Path, records: Iterator[tuple[int, list[str], int]], least: int, most: int
) -> Iterator[tuple[Sequence[int], Sequence[Sequence[str]]]]:
    while chunk := list(islice(records, _CHUNK)):
        places, rows, _ = zip(*chunk, strict=True)
        wrong = next((i for i, row in enumerate(rows) if not least <= len(row) <= most), None)
        if good := rows[:wrong]:
            yield places[:wrong], list(zip_longest(*good, fillvalue=""))
        if wrong is not None:
            expected = f"{least}" if most == least else f"at least {least}"
            problem = f"has {len(rows[wrong])} columns, not {expected}"
            raise RowError(f"{path}, line {places[wrong]}: {problem}")


def _records(path: Path, lines: Iterator[str], line: int) -> Iterator[tuple[int, list[str], int]]:
    """Each record that is not blank, with the line it starts on and the line after it."""
    reader = csv.reader(lines, skipinitialspace=True, strict=True)
    before = line
    try:
        for record in reader:
            after = line + reader.line_num
            if len(record) > 1 or (record and record[0].strip()):
                yield before, record, after
            before = after
    except csv.Error as error:
        raise RowError(f"{path}, line {before}: {error}") from error


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
        hint = ": columns are separated by commas" if len(names) == 1 and ";" in names[0] else ""
        raise RowError(f"{path} lacks the columns {', '.join(missing)}; it has {there}{hint}")
    if doubled := [name for name in TABLE if list(names).count(name) > 1]:
        raise RowError(f"{path} has the columns {', '.join(doubled)} more than once")
    extra = [repr(name) for name in names if name not in TABLE]
    return [f"columns that were ignored: {', '.join(extra)}"] if extra else []


@contextmanager
def _reading(path: Path) -> Generator[None, None, None]:
    """Errors of reading as ours, naming the file."""
    try:
        yield
    except FileNotFoundError as error:
        raise SourceNotFound(f"There is no file {path}") from error
    except OSError as error:
        raise SourceUnreadable(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RowError(f"{path}, line {_undecodable(path)}: is not UTF-8 text") from error
