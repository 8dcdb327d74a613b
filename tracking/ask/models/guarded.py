"""One query, guarded in depth, in a process that does nothing else: `guard.py` starts it.

It imports only what comes with Python, so it is there in a few hundredths of a second. Each
layer is a function of a connection and holds without the others.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Optional

Reads = set[tuple[str, str, str]]
"""The view, the table, and the column of it that the view reads."""
Text = Optional[str]  # noqa: UP045

MEMORY = 512 * 1024 * 1024  # bytes that the process may take
FILES = 256 * 1024 * 1024  # bytes that a file may grow to, such as what SQLite sorts in
TEXT = 100_000  # characters of any text that a query makes on the way
LOOK = 1000  # steps of SQLite between two looks at the clock
DENIED = "it may only read the views"

FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        "abs avg ceil ceiling floor exp ln log log10 max min pow power round sign sqrt sum total"
        " count coalesce ifnull nullif iif typeof likelihood likely unlikely"
        " length lower upper substr substring instr replace trim ltrim rtrim like"
        " group_concat string_agg date time datetime julianday unixepoch strftime timediff"
        " row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value"
        " nth_value",
    )
)
"""What a query may call; the operator LIKE is one of them."""

_READ, _SELECT, _FUNCTION = sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION


class Refused(Exception):
    "A query is not allowed, is wrong, or takes too much; the message says which"


def open_to_read(path: str) -> sqlite3.Connection:
    """A connection that the file system itself keeps from writing."""
    return sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True, timeout=2)


def make_views(connection: sqlite3.Connection, definitions: dict[str, str]) -> Reads:
    """Make temporary views; exactly what they read, as SQLite itself says."""
    reads: Reads = set()

    def note(action: int, table: Text, column: Text, _: Text, view: Text) -> int:
        if action == _READ and view:
            reads.add((view, table or "", column or ""))
        return sqlite3.SQLITE_OK

    for definition in definitions.values():
        connection.execute(definition)
    connection.set_authorizer(note)
    for view in definitions:
        connection.execute(f"SELECT * FROM temp.{view} LIMIT 0").close()
    return set(reads)  # what is looked at from now on belongs to no view


def only_query(connection: sqlite3.Connection) -> None:
    """Let SQLite refuse to change anything, also where the file could be written."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")


def only_views(
    connection: sqlite3.Connection, views: Iterable[str], reads: Reads
) -> tuple[list[str], list[str]]:
    """Allow reading these views, and through each of them only what it reads.

    SQLite names the view that a table is read through, but a subquery that takes a view's name is
    named the same: so it is the columns that are allowed, not all of a table. Gives two lists that
    fill while a statement is prepared: the views it reads, and why it was denied.
    """
    names, hidden = set(views), _tables(connection) - {table for _, table, _ in reads}
    used: list[str] = []
    denied: list[str] = []

    def no(why: str) -> int:
        denied.append(why)
        return sqlite3.SQLITE_DENY

    def decide(action: int, first: Text, second: Text, database: Text, through: Text) -> int:
        first, second = first or "", second or ""
        if action == _READ:
            ours = database == "temp" and first in names
            if ours or (through or "", first, second) in reads:
                view = first if ours else through or ""
                if view not in used:
                    used.append(view)
                return sqlite3.SQLITE_OK
            if not second and first not in hidden and not first.startswith(("sqlite_", "pragma_")):
                return sqlite3.SQLITE_OK  # rows are counted, of what may be read or of a subquery
            what = f"{first}.{second}" if second else first
            return no(f"{DENIED} {', '.join(sorted(names))}, not {what}")
        if action == _FUNCTION:
            if second.lower() in FUNCTIONS:
                return sqlite3.SQLITE_OK
            return no(f"it may not call {second}(); there are {', '.join(sorted(FUNCTIONS))}")
        if action in (_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        return no(f"{DENIED}; it cannot change, attach, set or explain anything")

    connection.set_authorizer(decide)
    return used, denied


def _tables(connection: sqlite3.Connection) -> set[str]:
    """The names of all that rows may come from, but the views and what SQLite names itself."""
    names = "SELECT name FROM main.sqlite_master UNION SELECT name FROM pragma_module_list"
    return {name for (name,) in connection.execute(names)}


def only_for(connection: sqlite3.Connection, seconds: float) -> Callable[[], bool]:
    """End whatever runs longer; gives whether that happened."""
    end = time.monotonic() + seconds

    def over() -> bool:
        return time.monotonic() > end

    connection.set_progress_handler(over, LOOK)
    return over


def only_small(connection: sqlite3.Connection) -> None:
    """Bound what a statement may build, where this Python can (from 3.11 on)."""
    if not hasattr(connection, "setlimit"):
        return
    for name, most in (("LENGTH", TEXT), ("COLUMN", 200), ("ATTACHED", 0), ("EXPR_DEPTH", 200)):
        connection.setlimit(getattr(sqlite3, f"SQLITE_LIMIT_{name}"), most)


def only_so_much() -> None:
    """Bound the process itself: memory, files; where the system can."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; there the time bounds it
        return
    for which, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILES)):
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))


def one_select(sql: str) -> str:
    """The query, if it is one that begins as a query does. Raises Refused."""
    rest = sql.strip()
    while rest.startswith(("--", "/*")):
        _, _, rest = rest.partition("\n" if rest.startswith("--") else "*/")
        rest = rest.lstrip()
    first = rest.split(None, 1)[0].split("(")[0].lower() if rest else ""
    if first not in ("select", "with", "values"):
        raise Refused("it has to be one SELECT")
    if "\0" in sql:
        raise Refused("it holds a character that is no text")
    return sql


def answer(task: dict[str, Any]) -> dict[str, Any]:
    """What a query gives. Raises Refused.

    task: path, sql, views (name -> its statement), seconds, rows, cell (characters of one), total
    (characters of all cells).
    """
    sql = one_select(task["sql"])
    connection = open_to_read(task["path"])
    try:
        over = only_for(connection, task["seconds"])
        reads = make_views(connection, task["views"])
        only_query(connection)
        only_small(connection)
        used, denied = only_views(connection, task["views"], reads)
        try:
            cursor = connection.execute(sql)
            if cursor.description is None:
                raise Refused("it gives no rows")
            columns = [each[0] for each in cursor.description]
            rows, truncated = _rows(cursor, task["rows"], task["cell"], task["total"])
        except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as error:
            if denied:
                raise Refused(denied[0]) from None
            raise Refused(_why(error, over(), task["seconds"])) from None
    finally:
        connection.close()
    return {"columns": columns, "rows": rows, "truncated": truncated, "views": used}


def _rows(cursor: sqlite3.Cursor, most: int, cell: int, total: int) -> tuple[list[list[Any]], bool]:
    rows: list[list[Any]] = []
    for row in cursor:
        values = [_plain(value, cell) for value in row]
        total -= sum(len(str(value)) for value in values)
        if len(rows) == most or total < 0:
            return rows, True
        rows.append(values)
    return rows, False


def _plain(value: Any, most: int) -> Any:
    """A cell as JSON can hold it."""
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if isinstance(value, str):
        return value if len(value) <= most else value[: most - 1] + "…"
    if isinstance(value, float) and not (-1e300 < value < 1e300):
        return str(value)
    return value


def _why(error: BaseException, over: bool, seconds: float) -> str:
    if over:
        return f"it took longer than {seconds:g} seconds"
    if isinstance(error, MemoryError) or "out of memory" in str(error):
        return "it needs too much memory"
    if "one statement at a time" in str(error):
        return "it has to be one statement"
    return " ".join(str(error).split())[:300]


def main() -> None:
    """A task as JSON on standard input, what came of it on standard output."""
    only_so_much()
    try:
        found = answer(json.loads(sys.stdin.buffer.read()))
    except Refused as error:
        found = {"refused": str(error)}
    except MemoryError:
        found = {"refused": "it needs too much memory"}
    except sqlite3.Error as error:
        found = {"failed": " ".join(str(error).split())[:300]}
    sys.stdout.buffer.write(json.dumps(found).encode("ascii"))


if __name__ == "__main__":
    main()
