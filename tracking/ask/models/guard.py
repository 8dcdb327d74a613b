"""SQL that a stranger wrote, such as a model: run on documented views, and guarded in depth.

The file is opened to be read, SQLite is told to change nothing, one statement is taken, which may
read the columns that the views show and call harmless functions, for so long and for so many rows.
All of that happens in a process of its own with bounded memory: a query of one line can keep
SQLite busy, or fill a machine's memory, before its first row, and be deaf to every interruption.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...database import describing, open_readonly
from ...errors import DatabaseError, QueryRefused
from . import guarded
from .views import definitions, runnable

_NEEDED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
_START = 3.0  # seconds that a busy machine may take to start the process


@dataclass(frozen=True, slots=True)
class Limits:
    """seconds: of one query. rows: that are read. cell: characters of a text that are read. total:
    characters of all cells. length: characters of the query itself."""

    seconds: float = 5.0
    rows: int = 200
    cell: int = 500
    total: int = 100_000
    length: int = 10_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Table:
    """What a query gave. truncated: there is more. seconds: it took. sql: gives the same in any
    program that opens the file, which the query alone does not. views: those that it reads."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    seconds: float = 0.0
    sql: str = ""
    views: tuple[str, ...] = ()


def run_sql(path: str | Path, sql: str, limits: Limits = LIMITS) -> Table:
    """What one SELECT over the views gives.

    Raises QueryRefused, which says why in a form that whoever wrote it can act on; DatabaseError
    where the file is the trouble.
    """
    begun = time.monotonic()
    if len(sql) > limits.length:
        raise QueryRefused(f"The query has more than {limits.length} characters")
    with closing(open_readonly(path)) as connection, describing(path):
        views = definitions(connection)
    task = {
        "path": str(Path(path).resolve()),
        "sql": sql,
        "views": views,
        "seconds": limits.seconds,
        "rows": limits.rows,
        "cell": limits.cell,
        "total": limits.total,
    }
    found = _in_a_process(task, limits.seconds)
    if "failed" in found:
        raise DatabaseError(f"{path}: {found['failed']}")
    if "refused" in found:
        raise QueryRefused(f"The query was refused: {found['refused']}")
    return Table(
        tuple(found["columns"]),
        tuple(tuple(row) for row in found["rows"]),
        found["truncated"],
        time.monotonic() - begun,
        runnable(sql, found["views"], views),
        tuple(found["views"]),
    )


def _in_a_process(task: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Run the task where it can be ended. Raises QueryRefused."""
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(guarded.__file__).resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        said, _ = process.communicate(json.dumps(task).encode("ascii"), seconds + _START)
        found: dict[str, Any] = json.loads(said)
        return found
    except subprocess.TimeoutExpired:
        raise QueryRefused(
            f"The query was refused: it took longer than {seconds:g} seconds"
        ) from None
    except ValueError:  # it was killed, or could not even say that its memory was full
        raise QueryRefused("The query was refused: it needs too much memory") from None
    finally:
        process.kill()
        process.communicate()
