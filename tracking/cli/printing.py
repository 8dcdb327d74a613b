"""What the commands have in common when they print: tables of two columns, and progress."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table

from .program import err, out


def say(text: str) -> None:
    """A line on stdout, as it stands: nothing in it is taken for markup or wrapped."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """Something to know, on stderr."""
    err.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)


def print_rows(title: str, rows: dict[str, Any]) -> None:
    """A title and a table of what there is to say; empty values are left out."""
    out.print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
    table = Table(show_header=False)
    for name, value in rows.items():
        if value not in (None, ""):
            table.add_row(name, escape(str(value)))
    out.print(table)


def print_table(table: Table) -> None:
    """On a terminal as wide as that is; in a file or a pipe as wide as the table."""
    needed = out.measure(table, options=out.options.update(max_width=10_000)).maximum
    if out.is_terminal and needed > out.width:
        table.padding = (0, 0)
    console = out if out.is_terminal else Console(width=max(out.width, needed), emoji=False)
    console.print(table)


@contextmanager
def progress(title: str) -> Generator[Any, None, None]:
    """A bar on a terminal's stderr, nothing elsewhere; called with how many of how many."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(escape(title), total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield advance
