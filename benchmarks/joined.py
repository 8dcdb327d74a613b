"""Results in MOTChallenge text with visits instead of tracks, or with the gaps of these filled."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.scoring import FRAME, IDENTITY, read


def with_visits(result: Path, database: Path) -> Path:
    """A result with the numbers of its database's visits instead of its tracks', as another file.

    Both of one run, as `tracking export --format mot` writes it.
    """
    rows = read(result)
    with closing(sqlite3.connect(database)) as connection:
        visits = dict(
            connection.execute(
                "SELECT track.track_id, first.track_id FROM people_tracks AS track"
                " JOIN people_tracks AS first ON first.id = coalesce(track.visit_id, track.id)"
            )
        )
    rows[:, IDENTITY] = [visits[number] for number in rows[:, IDENTITY].astype(int)]
    return written(rows, result.with_name(f"{result.stem}-visits.txt"))


def with_gaps_filled(result: Path, longest: int) -> Path:
    """A result with boxes between those of an identity that was lost for at most so many frames."""
    rows = read(result)
    parts = [rows]
    for identity in np.unique(rows[:, IDENTITY]):
        own = rows[rows[:, IDENTITY] == identity]
        _, first = np.unique(own[:, FRAME], return_index=True)
        own = own[first]
        missing = np.setdiff1d(np.arange(own[0, FRAME], own[-1, FRAME]), own[:, FRAME])
        gap = np.diff(own[:, FRAME])[np.searchsorted(own[:, FRAME], missing) - 1]
        missing = missing[gap <= longest]
        between = [np.interp(missing, own[:, FRAME], column) for column in own.T]
        parts.append(np.column_stack(between))
    return written(np.concatenate(parts), result.with_name(f"{result.stem}-filled.txt"))


def written(rows: np.ndarray, path: Path) -> Path:
    np.savetxt(path, rows, fmt=["%d", "%d", "%.1f", "%.1f", "%.1f", "%.1f", "%d"], delimiter=",")
    return path
