"""The program that the commands belong to, and the two places where it prints."""

from __future__ import annotations

import typer
from rich.console import Console

app = typer.Typer(
    help="Watch video sources, keep who was where and when in one SQLite file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(emoji=False)  # a name that holds :smile: stays as it is
err = Console(stderr=True, emoji=False)
