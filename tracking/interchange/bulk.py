"""Writing a whole run into the database at once, from arrays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from ..database import add_coverage, insert_run
from ..events import Run
from ..footprints import settle, store
from ..zones import Feet, store_feet
from .rows import Floats, Ints

Progress = Callable[[int, int], object]
"""Is told how many rows are written, and how many there are."""

_BATCH = 20_000  # rows
_YEAR = 366 * 86_400_000  # milliseconds


@dataclass(frozen=True)
class Positions:
    """All positions of a run, sorted by track, then t.

    t: milliseconds since 1970 UTC. frame: counts from 0. box: shape (rows, 4), as x, y, w, h in
    pixels, x and y of the centre. label: index into `labels`.
    """

    track: Ints
    t: Ints
    frame: Ints
    box: Floats
    confidence: Floats
    label: Ints
    labels: list[str]

    @cached_property
    def starts(self) -> Ints:
        """The index of the first row of each track."""
        return np.flatnonzero(np.diff(self.track, prepend=self.track[0] - 1))

    @property
    def counts(self) -> Ints:
        """How many rows each track has."""
        return np.diff(self.starts, append=len(self.track))

    @property
    def majority(self) -> list[str]:
        """The label that most rows of each track have; of two, the one the file has first."""
        which = np.repeat(np.arange(len(self.starts)), self.counts)
        pairs, counts = np.unique(which * len(self.labels) + self.label, return_counts=True)
        order = np.lexsort((-pairs, counts))  # the last that is put in its place stays
        best = np.zeros(len(self.starts), np.int64)
        best[pairs[order] // len(self.labels)] = pairs[order] % len(self.labels)
        return [self.labels[code] for code in best]

    @property
    def frames_first_seen(self) -> Ints:
        """A time for each distinct frame."""
        return self.t[np.unique(self.frame, return_index=True)[1]]


def store_run(
    connection: sqlite3.Connection, run: Run, positions: Positions, progress: Progress
) -> None:
    """Store the run with its source, tracks, positions and coverage, in the open transaction."""
    source_id, run_id = insert_run(connection, run)
    frames = len(positions.frames_first_seen)
    connection.execute(
        "UPDATE runs SET ended_at = ?, frames = ?, outcome = 'finished' WHERE id = ?",
        (int(positions.t.max()), frames, run_id),
    )
    connection.executemany(
        "INSERT INTO people_tracks (run_id, source_id, track_id, label, first_seen, last_seen,"
        " positions, confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((run_id, source_id, *track) for track in _tracks(positions)),
    )
    keys = connection.execute(
        "SELECT id FROM people_tracks WHERE run_id = ? ORDER BY track_id", (run_id,)
    )
    key = np.repeat(np.fromiter(chain.from_iterable(keys), np.int64), positions.counts)
    _store_positions(connection, key, positions, progress)
    x, y, _, h = positions.box.T
    store(connection, (source_id, run_id), key, positions.t, x, y, h)
    feet = Feet(key, positions.t, x, y + h / 2, h)
    store_feet(connection, source_id, feet, run.source.fps or 0.0)
    settle(connection, source_id)
    add_coverage(connection, source_id, _coverage(positions, run.source.fps))


def _tracks(positions: Positions) -> Iterator[tuple[int, str, int, int, int, float]]:
    """Number, label, first and last seen, positions and mean confidence of each track."""
    starts, counts = positions.starts, positions.counts
    confidence = np.add.reduceat(positions.confidence, starts) / counts
    return zip(
        positions.track[starts].tolist(),
        positions.majority,
        positions.t[starts].tolist(),
        positions.t[starts + counts - 1].tolist(),
        counts.tolist(),
        confidence.round(3).tolist(),
        strict=True,
    )


def _store_positions(
    connection: sqlite3.Connection, key: Ints, positions: Positions, progress: Progress
) -> None:
    box = positions.box.T
    columns = (key, positions.t, positions.frame, *box, positions.confidence)
    for begin in range(0, len(key), _BATCH):
        end = min(begin + _BATCH, len(key))
        rows = zip(*(column[begin:end].tolist() for column in columns), strict=True)
        connection.executemany("INSERT INTO positions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        progress(end, len(key))


def _coverage(positions: Positions, fps: float | None) -> Iterator[tuple[int, float, int]]:
    """Minute, seconds observed and frames, from the first time to the last.

    The last frame vouches for its own duration, else a single frame would be no observation. When
    a file spans more than a year, only minutes with rows count: a wrong date in one row is
    likelier than a source that was watched all that time.
    """
    seen, frames = np.unique(positions.frames_first_seen // 60_000, return_counts=True)
    first, last = int(positions.t.min()), int(positions.t.max())
    if last - first <= _YEAR:
        minutes = np.arange(first // 60_000, last // 60_000 + 1)
    else:
        minutes = np.unique(positions.t // 60_000)
    begin = np.maximum(minutes * 60_000, first)
    end = np.minimum(minutes * 60_000 + 60_000, last + (1000 / fps if fps else 1000.0))
    all_frames = np.zeros(len(minutes), np.int64)
    all_frames[np.searchsorted(minutes, seen)] = frames
    seconds = ((end - begin) / 1000).round(3)
    return zip(minutes.tolist(), seconds.tolist(), all_frames.tolist(), strict=True)
