"""Checking rows of tracks made by others: every value, a column at a time, and a fault is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from reprlib import Repr
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import RowError, SettingsError
from ..times import LATEST, OUTSIDE, parse_ms
from .chunks import MOT, TABLE, Chunk, read_chunks

LARGEST = 2**53  # whole numbers are exact in a float up to here

_UNREADABLE = -(2**62)  # stands for a time that could not be read

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Problem = tuple[str, npt.NDArray[np.bool_], str]
"""A column, which of its rows are wrong, and what is wrong with them."""


@dataclass(slots=True)
class Rows:
    """The rows of one file, as arrays of one length in the order of the file.

    moment: frames from 1 for MOT, else milliseconds since 1970 UTC.
    box: shape (rows, 4), as x, y, w, h: centre and size in pixels.
    label: index into `labels`. place: the line (or row, from 1) each came from.
    """

    track: Ints
    label: Ints
    moment: Ints
    box: Floats
    confidence: Floats
    place: Ints
    labels: list[str]
    notes: list[str]


@dataclass(slots=True)
class _Reading:
    """What is learnt from one file on the way through it."""

    path: Path
    unit: str
    label: str
    labels: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    clamped: int = 0


def unit_of(form: str) -> str:
    """What a place in a file of that form is called."""
    return "row" if form == "parquet" else "line"


def read_rows(path: Path, form: str, label: str) -> Rows:
    """All rows of a file; MOT rows all get `label`, the other forms carry their own.

    Raises RowError, naming the first line at fault, SourceNotFound and SourceUnreadable.
    """
    reading = _Reading(path, unit_of(form), label)
    check = _mot_rows if form == "mot" else _table_rows
    parts = [check(chunk, reading) for chunk in read_chunks(path, form, reading.notes)]
    if not parts:
        raise RowError(f"{path} holds no rows")
    if reading.clamped:
        reading.notes.append(f"{reading.clamped} confidences above 1 were taken as 1")
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    track, label_code, moment, box, confidence, place = columns
    return Rows(
        track, label_code, moment, box, confidence, place, list(reading.labels), reading.notes
    )


def _mot_rows(chunk: Chunk, reading: _Reading) -> tuple[npt.NDArray[Any], ...]:
    values = {name: _numbers(chunk.columns[name]) for name in MOT}
    confidence, width, height = (values[name] for name in ("confidence", "width", "height"))
    problems = [
        *_not_numbers(values),
        *_not_whole({name: values[name] for name in ("frame", "id")}),
        ("frame", values["frame"] < 1, "is below 1, the first frame"),
        ("id", values["id"] < 0, "is below 0: the row belongs to no track"),
        ("width", width <= 0, "is not above 0"),
        ("height", height <= 0, "is not above 0"),
        ("confidence", (confidence < 0) & (confidence != -1), "is below 0"),
    ]
    _refuse(reading, chunk, problems)
    reading.clamped += int((confidence > 1).sum())
    code = reading.labels.setdefault(reading.label, 0)
    # three decimals keep the half of a hundredth that a centre may have, and drop float noise
    centre = [np.round(values["left"] + width / 2, 3), np.round(values["top"] + height / 2, 3)]
    return (
        values["id"].astype(np.int64),
        np.full(len(width), code),
        values["frame"].astype(np.int64),
        np.stack([*centre, width, height], axis=1),
        np.where(confidence == -1, 1.0, np.minimum(confidence, 1.0)),
        np.array(chunk.places, np.int64),
    )


def _table_rows(chunk: Chunk, reading: _Reading) -> tuple[npt.NDArray[Any], ...]:
    values = {name: _numbers(chunk.columns[name]) for name in TABLE if name not in ("label", "t")}
    t, label = _times(chunk.columns["t"]), _codes(chunk.columns["label"], reading.labels)
    confidence = values["confidence"]
    problems = [
        *_not_numbers(values),
        *_not_whole({"track": values["track"]}),
        ("track", values["track"] < 0, "is below 0: the row belongs to no track"),
        ("t", t == _UNREADABLE, "is not a time such as 2026-03-01T08:30:00.000Z"),
        ("t", ((t < 0) & (t != _UNREADABLE)) | (t >= LATEST), OUTSIDE),
        ("w", values["w"] <= 0, "is not above 0"),
        ("h", values["h"] <= 0, "is not above 0"),
        ("confidence", (confidence < 0) | (confidence > 1), "is outside 0 to 1"),
        ("label", label < 0, "is not a text"),
    ]
    _refuse(reading, chunk, problems)
    return (
        values["track"].astype(np.int64),
        label,
        t,
        np.stack([values[name] for name in "xywh"], axis=1),
        confidence,
        np.array(chunk.places, np.int64),
    )


def _not_numbers(values: Mapping[str, Floats]) -> Iterator[Problem]:
    for name, column in values.items():
        yield name, ~np.isfinite(column), "is not a number"
        yield name, np.abs(column) > LARGEST, "is too large"


def _not_whole(values: Mapping[str, Floats]) -> Iterator[Problem]:
    for name, column in values.items():
        yield name, column != np.floor(column), "is not a whole number"


def _refuse(reading: _Reading, chunk: Chunk, problems: Iterable[Problem]) -> None:
    """Raise RowError for the first row that has a problem."""
    found = [(int(rows.argmax()), name, text) for name, rows, text in problems if rows.any()]
    if found:
        row, name, text = min(found, key=lambda problem: problem[0])
        value = chunk.columns[name][row]
        value = value.as_py() if isinstance(value, pa.Scalar) else value
        place = f'{reading.path}, {reading.unit} {chunk.places[row]}, column "{name}"'
        raise RowError(f"{place}: {_short.repr(value)} {text}")


_short = Repr()
_short.maxstring = _short.maxother = 60


def _numbers(values: Sequence[Any]) -> Floats:
    """As floats; what is no number becomes NaN."""
    if isinstance(values, pa.Array):
        if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
            floats = values.cast(pa.float64(), safe=False)
            return np.asarray(floats.to_numpy(zero_copy_only=False), np.float64)
        values = values.to_pylist()
    try:
        return np.asarray(pa.array(values, pa.string()).cast(pa.float64()).to_numpy(), np.float64)
    except (pa.ArrowException, TypeError):  # Arrow takes no spaces and does not say which row it is
        return np.array([_number(value) for value in values], np.float64)


def _number(value: Any) -> float:
    # Python's own notation 1_000 is nobody's notation for a number in a file
    try:
        return np.nan if "_" in str(value) else float(value)
    except (TypeError, ValueError):
        return np.nan


def _times(values: Any) -> Ints:
    """As milliseconds since 1970 UTC; _UNREADABLE where that cannot be said."""
    if isinstance(values, pa.Array):
        if pa.types.is_date(values.type):
            values = values.cast(pa.timestamp("ms"))
        if pa.types.is_timestamp(values.type) or pa.types.is_integer(values.type):
            return _counted(values)
        values = values.to_pylist()
    texts = list(map(str, values))
    known = {text: _time(text) for text in set(texts)}
    return np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))


def _counted(values: Any) -> Ints:
    """Of Arrow's timestamps (a zone changes nothing: they count UTC) or whole milliseconds."""
    counts: Ints = values.cast(pa.int64(), safe=False).fill_null(0).to_numpy(zero_copy_only=False)
    per_ms = {"us": 1_000, "ns": 1_000_000}.get(getattr(values.type, "unit", "ms"), 1)
    if getattr(values.type, "unit", "ms") == "s":
        counts = np.clip(counts, -1, LATEST) * 1000
    missing = values.is_null().to_numpy(zero_copy_only=False)
    # half of a millisecond added: times made from float seconds lie a hair below the whole one
    return np.where(missing, _UNREADABLE, counts // per_ms + (counts % per_ms * 2 >= per_ms))


def _time(text: str) -> int:
    try:
        moment = int(text) if text.strip().isdigit() else parse_ms(text)
    except (SettingsError, ValueError, OverflowError):
        return _UNREADABLE
    return min(max(moment, -1), LATEST)  # further out than either is as wrong, and may not fit


def _codes(values: Any, labels: dict[str, int]) -> Ints:
    """Indices of labels, new ones added; -1 where there is no text."""
    texts = values.to_pylist() if isinstance(values, pa.Array) else values
    known = {
        text: -1 if text is None else labels.setdefault(str(text), len(labels))
        for text in dict.fromkeys(texts)
    }
    return np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))
