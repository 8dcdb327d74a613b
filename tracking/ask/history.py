"""Questions and their answers, kept in the database that they are about; or none, if so wished.

They are the only thing that asking writes: through a connection of its own, which is open for an
instant. Whatever keeps it from being written never keeps the answer from being given.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..database import change_setting, describing, open_database, open_readonly, setting, writing
from ..errors import DatabaseError, NothingRecorded, OutputError, SettingsError
from ..paths import keep_clear, writable_as_text
from ..times import iso
from .answer import Answer
from .plain import plain_answer

Rating = Literal["up", "down", ""]

MOST = 10_000
"""Questions that are kept; of more the oldest go."""
ROWS = 50
"""Rows of an answer's table that are kept with it."""
LONGEST_SQL = 20_000
"""Characters of SQL that are kept; the plan gives it again."""
PATIENCE = 0.5
"""Seconds to wait for another writer before the question is not kept."""

_SWITCH = "questions"
_RATINGS = {"up": 1, "down": -1, "": None}
_COLUMNS = "id, asked_at, question, plan, answer, status, answered_by, seconds, rating, session"


@dataclass(frozen=True, slots=True)
class Kept:
    """A question that was asked, and what was answered.

    asked_at: ms since 1970 UTC. plan, answer: as JSON holds them; of long tables the first rows.
    session: tells one conversation from another.
    """

    id: int
    asked_at: int
    question: str
    plan: dict[str, Any] | None
    answer: dict[str, Any]
    status: str
    answered_by: str
    seconds: float
    rating: Rating
    session: str


@dataclass(frozen=True, slots=True)
class Keeping:
    """What came of keeping a question. id: None where it was not kept; note: why, if it failed."""

    id: int | None
    note: str = ""


def is_kept(connection: sqlite3.Connection) -> bool:
    """Whether questions are kept."""
    return setting(connection, _SWITCH) != "none" if _has(connection, "settings") else True


def switch(database: str | Path, on: bool) -> None:
    """Keep questions from now on, or none; those that are kept stay. Raises DatabaseError."""
    with _writer(database, wait=5.0) as connection, writing(connection):
        change_setting(connection, _SWITCH, None if on else "none")


def keep(database: str | Path, answer: Answer, asked_at: int, session: str = "") -> Keeping:
    """Keep a question and its answer, unless that is switched off. Raises nothing."""
    try:
        with closing(open_readonly(database)) as connection, describing(database):
            if not is_kept(connection):
                return Keeping(None)
        with _writer(database, wait=PATIENCE) as connection:
            return Keeping(_insert(connection, answer, asked_at, session))
    except (DatabaseError, OSError) as error:
        return Keeping(None, f"This question was not kept in the history: {error}")


def questions(
    connection: sqlite3.Connection,
    limit: int | None = 100,
    offset: int = 0,
    *,
    session: str = "",
    search: str = "",
) -> list[Kept]:
    """Those that are kept, the latest first.

    session: only of that conversation; search: only with that text in the question.
    """
    if not _has(connection, "questions"):
        return []
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM questions WHERE :session IN ('', session)"
        " AND instr(lower(question), lower(:search)) ORDER BY id DESC LIMIT :limit OFFSET :offset",
        {
            "session": session,
            "search": search.strip(),
            "limit": -1 if limit is None else limit,
            "offset": offset,
        },
    )
    return [_kept(*row) for row in rows]


def how_many(connection: sqlite3.Connection) -> int:
    """How many questions are kept."""
    if not _has(connection, "questions"):
        return 0
    return int(connection.execute("SELECT count(*) FROM questions").fetchone()[0])


def rate(database: str | Path, id: int, rating: Rating) -> None:
    """Say that an answer was good ("up"), bad ("down"), or nothing. Raises DatabaseError."""
    if rating not in _RATINGS:
        raise SettingsError(f"An answer is rated up, down or not at all, not {rating!r}")
    with _writer(database, wait=5.0) as connection, writing(connection):
        rated = connection.execute(
            "UPDATE questions SET rating = ? WHERE id = ?", (_RATINGS[rating], id)
        )
        if not rated.rowcount:
            raise NothingRecorded(f"{database} keeps no question {id}")


def delete(database: str | Path, ids: Sequence[int] | None = None) -> int:
    """Delete questions for good, or with None all of them; how many went. Raises DatabaseError."""
    which = "" if ids is None else " WHERE id IN (SELECT value FROM json_each(:ids))"
    with _writer(database, wait=5.0) as connection:
        connection.execute("PRAGMA secure_delete = ON")  # nothing stays in the file's free space
        with writing(connection):
            gone = connection.execute(
                f"DELETE FROM questions{which}", {"ids": json.dumps(list(ids or ()))}
            )
        return gone.rowcount


def as_lines(kept: Sequence[Kept]) -> Iterator[str]:
    """Each as a line of JSON."""
    for each in kept:
        yield json.dumps(_plain(each), ensure_ascii=False)


def as_csv(kept: Sequence[Kept]) -> str:
    """A table for a spreadsheet: a text that begins like a formula is kept from being one."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_TABLE)
    for each in kept:
        row = _plain(each)
        row |= {name: each.answer.get(name, "") for name in ("answer", "value", "reading", "sql")}
        writer.writerow([_safe(row[name]) for name in _TABLE])
    return file.getvalue()


_TABLE = (
    "id", "asked_at", "question", "answer", "value", "status", "answered_by", "seconds", "rating",
    "reading", "sql",
)  # fmt: skip


def export(database: str | Path, output: str | Path, format: str | None = None) -> int:
    """Write all questions that are kept to a file, the latest first; how many.

    format: "jsonl" or "csv"; None goes by the file's ending. Raises OutputError, SettingsError,
    DatabaseError.
    """
    output = Path(output)
    format = format or output.suffix.lower().removeprefix(".")
    if format not in ("jsonl", "csv"):
        raise SettingsError(f"Questions are exported as jsonl or csv, not as {format!r}")
    if not writable_as_text(str(output)):
        raise OutputError(f"{str(output)!r} is not a name that a file can have")
    keep_clear(output, Path(database))
    with closing(open_readonly(database)) as connection, describing(database):
        kept = questions(connection, None)
    text = as_csv(kept) if format == "csv" else "".join(f"{line}\n" for line in as_lines(kept))
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror or error}") from error
    return len(kept)


def _insert(connection: sqlite3.Connection, answer: Answer, asked_at: int, session: str) -> int:
    plan = None if answer.plan is None else json.dumps(answer.plan.as_dict())
    if len(answer.sql) > LONGEST_SQL:
        answer = replace(answer, sql="")
    row = (
        asked_at,
        answer.question,
        plan,
        json.dumps(plain_answer(answer, ROWS)),
        answer.status,
        answer.answered_by,
        answer.seconds,
        session,
    )
    with writing(connection):
        added = connection.execute(
            "INSERT INTO questions (asked_at, question, plan, answer, status, answered_by,"
            " seconds, session) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        connection.execute(
            "DELETE FROM questions WHERE id <= (SELECT id FROM questions ORDER BY id DESC"
            " LIMIT 1 OFFSET ?)",
            (MOST,),
        )
    assert added.lastrowid is not None
    return added.lastrowid


def _kept(
    id: int,
    asked_at: int,
    question: str,
    plan: str | None,
    answer: str,
    status: str,
    answered_by: str,
    seconds: float,
    rating: int | None,
    session: str,
) -> Kept:
    rated: Rating = "" if not rating else "up" if rating > 0 else "down"
    read = None if plan is None else json.loads(plan)
    told = json.loads(answer)
    return Kept(id, asked_at, question, read, told, status, answered_by, seconds, rated, session)


def _plain(kept: Kept) -> dict[str, Any]:
    return {
        "id": kept.id,
        "asked_at": iso(kept.asked_at),
        "question": kept.question,
        "status": kept.status,
        "answered_by": kept.answered_by,
        "seconds": kept.seconds,
        "rating": kept.rating,
        "session": kept.session,
        "plan": kept.plan,
        "answer": kept.answer,
    }


def _safe(cell: Any) -> Any:
    if isinstance(cell, list):
        cell = json.dumps(cell, ensure_ascii=False)
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return "" if cell is None else cell


def _has(connection: sqlite3.Connection, table: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (table,)).fetchone() is not None


@contextmanager
def _writer(database: str | Path, wait: float) -> Generator[sqlite3.Connection, None, None]:
    """A connection for an instant. Raises DatabaseError; makes no database where there is none."""
    open_readonly(database).close()
    with closing(open_database(database, wait)) as connection, describing(database):
        yield connection
