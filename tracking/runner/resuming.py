"""Where a recording is taken up again: a runner that was stopped does not count anybody twice."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..config import SourceSettings
from ..database import open_readonly

UNSEEN = {"name", "enabled", "realtime", "loop", "stale_after", "motion_gate"}
"""Settings that change nothing in what is seen, so that nothing is looked at anew for them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recording was looked at. Times are milliseconds.

    start: its first capture time; until: the last one; spent: how much of it was looked at, which
    is less where it was played in real time, with a pause between two runs.
    """

    start: int
    until: int
    spent: int
    finished: bool


def stamp(settings: SourceSettings) -> str:
    """Changes whenever the recording or what it is seen through changes."""
    path = Path(settings.uri)
    try:
        about = path.stat()
        size = about.st_size if path.is_file() else len(list(path.iterdir()))
        file = [str(path), size, about.st_mtime_ns]
    except OSError:
        file = [str(path)]
    through = settings.model_dump(mode="json", exclude=UNSEEN, exclude_defaults=True)
    text = json.dumps([file, through], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def progress(database: Path, name: str, recording: str) -> Progress | None:
    """How far the recording with that stamp has come in the runs so far; None: not begun."""
    with closing(open_readonly(database)) as connection:
        row: sqlite3.Row = connection.execute(
            "SELECT min(started_at), max(ended_at), sum(ended_at - started_at),"
            " max(outcome = 'finished')"
            " FROM runs JOIN sources ON sources.id = source_id"
            " WHERE sources.name = ? AND json_extract(settings, '$.recording') = ?",
            (name, recording),
        ).fetchone()
    return None if row[0] is None else Progress(row[0], row[1], row[2], bool(row[3]))
