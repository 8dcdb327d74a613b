"""`tracking questions`: what was asked, to look at, take away, delete, or not keep at all."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import SettingsError
from .options import Database
from .printing import print_table, say

questions = typer.Typer(no_args_is_help=True)


class Switch(str, Enum):
    on = "on"
    off = "off"


class Format(str, Enum):
    jsonl = "jsonl"
    csv = "csv"


class Rating(str, Enum):
    up = "up"
    down = "down"
    none = "none"


@questions.callback()
def about() -> None:
    """Say what was asked of the record; kept in the database until it is deleted."""


@questions.command("list")
def list_(
    db: Database,
    limit: Annotated[int, typer.Option(help="How many, the latest first.", min=1)] = 20,
    search: Annotated[str, typer.Option(help="Only with this text.", show_default=False)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="With the answers, as JSON.")] = False,
) -> None:
    """Show the questions that are kept, with their answers."""
    from ..ask import history
    from ..charts import words
    from ..database import describing, open_readonly
    from ..times import local_zone

    with closing(open_readonly(db)) as connection, describing(db):
        found = history.questions(connection, limit, search=search)
        total, kept = history.how_many(connection), history.is_kept(connection)
    if as_json:
        say(json.dumps([json.loads(line) for line in history.as_lines(found)], indent=2))
        return
    table = Table()
    for title in ("number", "asked", "question", "answer", "rated"):
        table.add_column(title, overflow="fold", justify="right" if title == "number" else "left")
    for each in found:
        asked = words.moment(each.asked_at, local_zone())
        told = str(each.answer.get("answer", ""))
        table.add_row(str(each.id), asked, escape(each.question), escape(told), each.rating)
    if found:
        print_table(table)
    say(f"{total:,} kept; {'new ones are kept, too' if kept else 'new ones are not kept'}")


@questions.command()
def export(
    db: Database,
    output: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    format: Annotated[
        Optional[Format],  # noqa: UP045
        typer.Option(help="JSON lines, or a table.", show_default="by the file's ending"),
    ] = None,
) -> None:
    """Write all questions that are kept, with their answers, to a file."""
    from ..ask import history

    count = history.export(db, output, None if format is None else format.value)
    say(f"Wrote {count:,} to {output}")


@questions.command()
def delete(
    db: Database,
    numbers: Annotated[
        Optional[list[int]],  # noqa: UP045
        typer.Argument(metavar="NUMBER", help="Those to delete.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Delete all of them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete questions and their answers for good."""
    from ..ask import history

    if bool(numbers) == everything:
        raise typer.BadParameter("say which NUMBER, or --all")
    if everything and not yes:
        if not sys.stdin.isatty():
            raise SettingsError("Nobody is there to be asked; --yes deletes without asking")
        if not typer.confirm("Delete all questions for good?"):
            say("Nothing was deleted")
            raise typer.Exit(1)
    gone = history.delete(db, None if everything else numbers)
    say(f"Deleted {gone:,}")


@questions.command()
def rate(
    db: Database,
    number: Annotated[int, typer.Argument(help="Which one.", show_default=False)],
    rating: Annotated[Rating, typer.Argument(help="How it was.", show_default=False)],
) -> None:
    """Say that an answer was good or bad."""
    from ..ask import history

    history.rate(db, number, {"up": "up", "down": "down"}.get(rating.value, ""))  # type: ignore[arg-type]
    say(f"Rated {number}: {rating.value}")


@questions.command()
def keep(
    db: Database,
    switch: Annotated[
        Optional[Switch],  # noqa: UP045
        typer.Argument(help="Keep new ones, or none.", show_default="only show it"),
    ] = None,
) -> None:
    """Show or set whether questions are kept; those that are kept stay until they are deleted."""
    from ..ask import history
    from ..database import describing, open_readonly

    if switch is not None:
        history.switch(db, switch is Switch.on)
    with closing(open_readonly(db)) as connection, describing(db):
        kept = history.is_kept(connection)
    say(f"Questions to {db} are {'kept' if kept else 'not kept'}")
