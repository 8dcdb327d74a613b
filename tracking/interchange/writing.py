"""Writing rows of tracks to files, a batch at a time, so that a failure leaves no half file."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import OutputError
from ..times import iso
from .chunks import TABLE

Batch = list[tuple[int, str, int, int, float, float, float, float, float]]
"""Rows of track, label, t, frame, x, y, w, h, confidence."""

_SCHEMA = pa.schema(
    [("track", pa.int64()), ("label", pa.string()), ("t", pa.timestamp("ms", tz="UTC"))]
    + [(name, pa.float64()) for name in TABLE[3:]]
)


@contextmanager
def replacing(output: Path) -> Generator[IO[bytes], None, None]:
    """A file that takes the place of `output` when all is written; devices are written directly.

    Raises OutputError, naming the output.
    """
    try:
        if output.exists() and not output.is_file():
            with output.open("wb") as device:
                yield device
            return
        target = output.resolve()  # a link goes on pointing at the file
        partial = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with partial.open("xb") as file:
                yield file
            partial.replace(target)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror or error}") from error


def write_rows(file: IO[bytes], form: str, batches: Iterable[Batch]) -> None:
    """Write all batches. Parquet makes a row group of each."""
    if form == "parquet":
        _write_parquet(file, batches)
        return
    if form == "csv":
        file.write(f"{','.join(TABLE)}\n".encode())
    lines = _csv_lines if form == "csv" else _mot_lines
    for batch in batches:
        file.write(lines(batch).encode())


def _mot_lines(batch: Batch) -> str:
    return "".join(
        f"{frame + 1},{track},{_cents(x - w / 2):.2f},{_cents(y - h / 2):.2f}"
        f",{max(w, 0.01):.2f},{max(h, 0.01):.2f},{round(confidence, 4):g},-1,-1,-1\n"
        for track, _, _, frame, x, y, w, h, confidence in batch
    )


def _cents(pixels: float) -> float:
    return round(pixels, 2) + 0.0  # the sum has no negative zero, which would not come back


def _csv_lines(batch: Batch) -> str:
    quoted, written = lru_cache(_quoted), lru_cache(maxsize=16)(iso)
    return "".join(
        f"{track},{quoted(label)},{written(t)},{x},{y},{w},{h},{confidence}\n"
        for track, label, t, _, x, y, w, h, confidence in batch
    )


def _quoted(label: str) -> str:
    if label == label.strip() and not set(label) & set(',"\r\n'):
        return label
    return '"' + label.replace('"', '""') + '"'


def _write_parquet(file: IO[bytes], batches: Iterable[Batch]) -> None:
    with pq.ParquetWriter(file, _SCHEMA) as writer:
        for batch in batches:
            track, label, t, _, *numbers = zip(*batch, strict=True)
            columns = [track, label, t, *numbers]
            arrays = [pa.array(c, kind) for c, kind in zip(columns, _SCHEMA.types, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))
