"""`tracking keep`, `purge`, `compact`: how long the record is kept, and what is deleted of it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import DatabaseError, RunnerRunning, SettingsError
from .options import Database
from .printing import print_rows, progress, say
from .program import err, out

if TYPE_CHECKING:
    from ..retention import Purge

FOREVER = "forever"


def keep(
    db: Database,
    days: Annotated[
        Optional[str],  # noqa: UP045  (typer reads this on Python 3.10 too)
        typer.Argument(
            metavar="DAYS|forever",
            help="Keep today and that many days before it (in UTC), or everything.",
            show_default="only show it",
        ),
    ] = None,
) -> None:
    """Show or set how long the record is kept, and what the next purge deletes.

    A runner deletes what is older by itself, once an hour; `tracking purge` does it now.
    """
    from ..database import open_database
    from ..retention import change_keep_days, keep_days

    wanted = None if days is None else _days(days)
    if days is not None:
        _check_deletable(db)
        with closing(open_database(db)) as connection:
            change_keep_days(connection, wanted)
    with _reading(db) as connection:
        kept = keep_days(connection)
        say(f"{db} is kept {_for(kept)}")
        if kept is None:
            say("Nothing is deleted by itself.")
        else:
            _print_plan(_plan(connection, kept))


def purge(
    db: Database,
    days: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            help="Keep today and that many days before it (in UTC).",
            min=1,
            max=36_500,
            show_default="as `tracking keep` says",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete now what is older than is to be kept; a runner may go on meanwhile.

    Tracks that ended before that go, with all their positions, and what is known of those minutes.
    """
    from .. import retention
    from ..charts import words

    _check_deletable(db)
    with _reading(db) as connection:
        kept = retention.keep_days(connection) if days is None else days
        if kept is None:
            raise SettingsError(f"{db} is kept for ever; say with --days what is to be deleted")
        plan = _plan(connection, kept)
    if _empty(plan):
        _print_plan(plan)
        return
    if not yes:
        _print_plan(plan)
        _ask(f"Delete {plan.tracks:,} tracks with {plan.positions:,} positions for good?")
    with progress("Deleting") as advance:
        gone = retention.purge(db, plan.before, advance)
    rows = {
        "tracks": f"{gone.tracks:,}",
        "positions": f"{gone.positions:,}",
        "minutes of coverage": f"{gone.minutes:,}",
        "free within the file": f"{words.size(gone.free)}; new rows fill it, and"
        " `tracking compact` gives it back to the disk",
    }
    print_rows(f"Deleted what ended before {_day(plan.before)} from {db}", rows)


def compact(db: Database) -> None:
    """Give the space that deleted rows left in the file back to the disk.

    No runner may be at work meanwhile. It takes seconds for each GB, and the disk needs room for
    a second copy of the file.
    """
    from ..charts import words
    from ..database import size_of
    from ..retention import compact as give_back
    from ..runner.lock import held

    _check_deletable(db)
    before = size_of(db)
    try:
        with held(db, db.absolute().with_name("sources.toml")), err.status(f"Compacting {db}"):
            saved = give_back(db)
    except RunnerRunning as error:
        raise RunnerRunning(f"{error}; only when that has ended can it be compacted") from None
    if saved:
        say(f"{db} was {words.size(before)} and is {words.size(size_of(db))} now")
    else:
        say(f"{db} is not smaller: nothing in it is free, or somebody is still reading it")


@contextmanager
def _reading(db: Path) -> Generator[sqlite3.Connection, None, None]:
    from ..database import describing, open_readonly

    with closing(open_readonly(db)) as connection, describing(db):
        yield connection


def _check_deletable(db: Path) -> None:
    """Raise DatabaseError where there is no database, or one that is only looked at."""
    from ..database import open_readonly
    from ..study import is_study

    open_readonly(db).close()  # to write is to make it where there is none
    if is_study(db):
        raise DatabaseError(f"{db} is a study: nothing of it is ever deleted")


def _days(text: str) -> int | None:
    from ..retention import LONGEST

    if text.strip().lower() == FOREVER:
        return None
    if text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST:
        return int(text)
    raise typer.BadParameter(f"{text!r} is neither a number of days, 1 to {LONGEST}, nor {FOREVER}")


def _for(days: int | None) -> str:
    if days is None:
        return "for ever"
    return f"for {days:,} day{'s' if days > 1 else ''}, besides today"


def _plan(connection: sqlite3.Connection, days: int) -> Purge:
    from ..retention import plan

    with err.status("Looking for what is too old"):
        return plan(connection, days)


def _empty(plan: Purge) -> bool:
    return not (plan.tracks or plan.positions or plan.minutes)


def _print_plan(plan: Purge) -> None:
    from ..charts import words

    if _empty(plan):
        say(f"Nothing ended before {_day(plan.before)}: a purge deletes nothing now.")
        return
    table = Table(
        title=f"A purge deletes what ended before {_day(plan.before)}", title_justify="left"
    )
    table.add_column("source", overflow="fold")
    for title in ("tracks", "positions", "minutes", "about"):
        table.add_column(title, justify="right")
    table.add_column("oldest")
    for each in plan.sources:
        counts = (f"{number:,}" for number in (each.tracks, each.positions, each.minutes))
        oldest = "" if each.oldest is None else _day(each.oldest)
        table.add_row(escape(each.source), *counts, words.size(each.bytes), oldest)
    table.add_section()
    counts = (f"{number:,}" for number in (plan.tracks, plan.positions, plan.minutes))
    table.add_row("all", *counts, words.size(plan.bytes))
    out.print(table)


def _day(t: int) -> str:
    """The beginning of that day; purges go by days in UTC."""
    from ..times import iso

    return f"{iso(t)[:10]} UTC"


def _ask(question: str) -> None:
    """Ends the program where the answer is no, or nobody is there to answer."""
    if not sys.stdin.isatty():
        raise SettingsError("Nobody is there to be asked; --yes deletes without asking")
    if not typer.confirm(question):
        say("Nothing was deleted")
        raise typer.Exit(1)
