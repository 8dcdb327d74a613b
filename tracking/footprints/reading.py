"""What footprints tell: presence, visits and flow over the ground, and who stood where."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .ground import COLUMNS, FINE, Ints, ground_of
from .steps import STEP
from .tables import HEAT, MINUTES_PER_DAY

Span = tuple[int, int]
"""Since and until, in minutes since 1970 UTC; the latter is not part of it."""

Floats = npt.NDArray[np.float64]

_ROWS = 20_000  # rows that are held in memory


def presence_grid(
    connection: sqlite3.Connection,
    source_id: int,
    spans: Sequence[Span],
    labels: Iterable[str] | None = None,
) -> tuple[Ints, Ints, Floats, Floats]:
    """Milliseconds of presence, visits, and movement across and down, for each cell.

    Each of shape (rows, COLUMNS), of the source's ground. A visit is a track that came to stand in
    a cell for the first time. Movement is in pixels, summed over all tracks; divided by the
    presence it is their mean velocity. spans: sorted and apart. labels: None takes all.
    Raises NothingRecorded as `ground_of` does.
    """
    ground = ground_of(connection, source_id)
    spans = _plain(spans)
    wanted = None if labels is None else list(labels)
    sums = np.zeros((4, ground.cells), np.int64)
    settled: set[int] = set()
    for day, label, packed in _days(connection, source_id, spans):
        settled.add(day)
        if wanted is None or label in wanted:
            _add(sums, np.frombuffer(packed, HEAT), ("ms", "visits", "dx", "dy"))
    for _, steps in _steps(connection, source_id, _without(spans, settled), wanted):
        _add(sums, steps, ("ms", "first", "dx", "dy"))
    ms, visits, dx, dy = sums.reshape(4, ground.rows, COLUMNS)
    pixels = ground.cell / FINE
    return ms, visits, (dx * pixels).astype(np.float64), (dy * pixels).astype(np.float64)


def steps_in(
    connection: sqlite3.Connection,
    source_id: int,
    spans: Sequence[Span],
    labels: Iterable[str] | None = None,
) -> Iterator[tuple[Ints, Ints, npt.NDArray[np.void]]]:
    """All steps, in batches: rows' tracks (people_tracks.id), how many steps of each, and these.

    The steps are of dtype STEP, row by row. Arguments as in `presence_grid`.
    """
    wanted = None if labels is None else list(labels)
    for rows, steps in _steps(connection, source_id, _plain(spans), wanted):
        lengths = np.array([len(row[2]) // STEP.itemsize for row in rows], np.int64)
        yield np.array([row[1] for row in rows], np.int64), lengths, steps


@dataclass(frozen=True, slots=True)
class Stay:
    """A track that stood in a region.

    track: people_tracks.id. seconds: how long it stood there. since: when it was first there, to
    the minute, but never before it was first seen; milliseconds since 1970 UTC.
    """

    track: int
    seconds: float
    since: int


def tracks_in(
    connection: sqlite3.Connection,
    source_id: int,
    cells: Iterable[int],
    spans: Sequence[Span],
    labels: Iterable[str] | None = None,
    limit: int | None = None,
) -> list[Stay]:
    """Who stood in any of these cells, the longest stay first. Arguments as in `presence_grid`."""
    inside = np.zeros(2**16, bool)
    inside[list(cells)] = True
    wanted = None if labels is None else list(labels)
    stays: dict[int, tuple[int, int]] = {}
    for rows, steps in _steps(connection, source_id, _plain(spans), wanted):
        found = inside[steps["cell"]]
        which = np.repeat(np.arange(len(rows)), [len(row[2]) // STEP.itemsize for row in rows])
        ms = np.bincount(which[found], steps["ms"][found], len(rows)).astype(np.int64)
        for index in np.flatnonzero(ms).tolist():
            minute, track, _ = rows[index]
            before, since = stays.get(track, (0, minute))
            stays[track] = before + int(ms[index]), min(since, minute)
    longest = sorted(stays, key=lambda track: (-stays[track][0], track))[:limit]
    seen = _first_seen(connection, longest)
    return [
        Stay(track, stays[track][0] / 1000, max(stays[track][1] * 60_000, seen[track]))
        for track in longest
        if track in seen
    ]


def _first_seen(connection: sqlite3.Connection, tracks: list[int]) -> dict[int, int]:
    query = "SELECT id, first_seen FROM people_tracks WHERE id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (json.dumps(tracks),)))


def _plain(spans: Sequence[Span]) -> list[Span]:
    """NumPy's numbers are none to SQLite."""
    return [(int(since), int(until)) for since, until in spans]


def _days(
    connection: sqlite3.Connection, source_id: int, spans: Sequence[Span]
) -> Iterator[tuple[int, str, bytes]]:
    """What is added up of the whole days within the spans: day, label and sums."""
    for since, until in spans:
        first, end = -(-since // MINUTES_PER_DAY), until // MINUTES_PER_DAY
        if first < end:
            yield from connection.execute(
                "SELECT day, label, heat FROM heat_days"
                " WHERE source_id = ? AND day >= ? AND day < ?",
                (source_id, first, end),
            )


def _without(spans: Sequence[Span], days: set[int]) -> Iterator[Span]:
    """What is left of the spans when these days are taken out."""
    ordered = sorted(days)
    for since, until in spans:
        begin = since
        for day in ordered:
            start = day * MINUTES_PER_DAY
            if since <= start and start + MINUTES_PER_DAY <= until:
                if begin < start:
                    yield begin, start
                begin = start + MINUTES_PER_DAY
        if begin < until:
            yield begin, until


_Row = tuple[int, int, bytes]


def _steps(
    connection: sqlite3.Connection,
    source_id: int,
    spans: Iterable[Span],
    labels: list[str] | None,
) -> Iterator[tuple[list[_Row], npt.NDArray[np.void]]]:
    """The rows (minute, track, packed steps) within the spans, and all their steps in one array."""
    query = "SELECT minute, track, steps FROM footprints"
    if labels is not None:
        query += (
            " CROSS JOIN people_tracks ON people_tracks.id = track"
            " AND label IN (SELECT value FROM json_each(:labels))"
        )
    query += " WHERE footprints.source_id = :source AND minute >= :since AND minute < :until"
    pending: list[_Row] = []
    for since, until in spans:
        values = {"source": source_id, "since": since, "until": until}
        cursor = connection.execute(query, {**values, "labels": json.dumps(labels)})
        while rows := cursor.fetchmany(_ROWS):
            pending += rows
            if len(pending) >= _ROWS:
                yield pending, _joined(pending)
                pending = []
    yield pending, _joined(pending)


def _joined(rows: list[_Row]) -> npt.NDArray[np.void]:
    return np.frombuffer(b"".join([row[2] for row in rows]), STEP)


def _add(sums: Ints, rows: npt.NDArray[np.void], names: Sequence[str]) -> None:
    """Add rows to the sums of their cells; those of a taller frame to the last row."""
    cell = rows["cell"].astype(np.intp)
    count = sums.shape[1]
    beyond = cell >= count
    cell[beyond] = count - COLUMNS + cell[beyond] % COLUMNS
    for total, name in zip(sums, names, strict=True):
        total += np.bincount(cell, rows[name], count).astype(np.int64)
