"""`tracking visits`: tracks of one object that broke, joined after the fact."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import SettingsError
from .options import Database
from .printing import print_table, progress, say

if TYPE_CHECKING:
    from ..visits import Count, VisitSettings


def visits(
    db: Database,
    set_: Annotated[
        Optional[list[str]],  # noqa: UP045  (typer reads this on Python 3.10 too)
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A setting of the database's visits, like longest_gap=5; may be repeated.",
        ),
    ] = None,
    usual: Annotated[
        bool, typer.Option("--usual", help="Begin with the usual settings, not with those kept.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Have every track stand for itself again.")
    ] = False,
) -> None:
    """Join the tracks of one object into visits, all of them anew, and count these.

    Where a track broke, the next one goes on with it if that is likely by time, place, speed and
    size. The tracks stay as they are; a runner goes on with what comes, with the same settings.
    """
    from .. import visits as room
    from ..database import open_database, open_readonly

    if undo and (set_ or usual):
        raise SettingsError("--undo takes no settings")
    open_readonly(db).close()  # to write is to make it where there is none
    with closing(open_database(db)) as connection:
        if undo:
            room.undo(connection)
            say(f"Every track of {db} stands for itself again")
            return
        settings = _settings(connection, set_ or [], usual)
        with progress("Joining") as advance:
            room.join(connection, settings, progress=advance)
        _print(connection, settings)


def _settings(connection: sqlite3.Connection, texts: list[str], usual: bool) -> VisitSettings:
    """Those that are kept, or the usual ones, with these changed."""
    from ..visits import VisitSettings, visit_settings

    pairs = [text.partition("=") for text in texts]
    if wrong := next((text for text in texts if "=" not in text), None):
        raise SettingsError(f"--set {wrong!r} is not NAME=VALUE, like longest_gap=5")
    base = VisitSettings() if usual else visit_settings(connection)
    return VisitSettings.of({name.strip(): value.strip() for name, _, value in pairs}, base)


def _print(connection: sqlite3.Connection, settings: VisitSettings) -> None:
    from ..database import describing, sources
    from ..visits import VisitSettings, counts

    table = Table(title="Visits", title_justify="left")
    table.add_column("source", overflow="fold")
    for title in ("tracks", "visits", "at least", "at most", "doubtful"):
        table.add_column(title, justify="right")
    with describing("The database"):
        numbers = counts(connection)
        for source in sources(connection):
            if source.id in numbers:
                table.add_row(escape(source.name), *_row(numbers[source.id]))
    print_table(table)
    usual = VisitSettings().to_dict()
    changed = [f"{name}={value:g}" for name, value in settings.to_dict().items()
               if value != usual[name]]  # fmt: skip
    if changed:
        say(f"with {', '.join(changed)}")


def _row(count: Count) -> list[str]:
    numbers = (count.tracks, count.visits, count.low, count.high, count.doubtful)
    return [f"{number:,}" for number in numbers]
