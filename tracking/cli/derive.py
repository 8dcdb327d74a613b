"""`tracking derive`: what zones and lines count in what is recorded already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Database
from .printing import print_rows, progress, say


def derive(
    db: Database,
    everything: Annotated[
        bool, typer.Option("--all", help="All zones and lines anew, not only what is missing.")
    ] = False,
) -> None:
    """Derive the stays and crossings that zones and lines still lack; a runner may go on.

    What is drawn on the command line is derived at once, and what comes later as it comes: this is
    for what was broken off, and to check that all of it comes out the same.
    """
    if derive_past(db, everything) == 0:
        say(f"{db} lacks nothing: every zone and line counts all that is recorded.")


def derive_past(db: Path, everything: bool = False) -> int:
    """Derive with a bar and say what was done; how many versions that concerned."""
    from ..zones import derive as derive_rows

    with progress("Deriving stays and crossings") as advance:
        done = derive_rows(db, everything, advance)
    if done.versions:
        rows = {
            "zones and lines": f"{done.versions:,}",
            "tracks": f"{done.tracks:,}",
            "positions": f"{done.positions:,}",
        }
        print_rows("Derived stays and crossings from what is recorded", rows)
    return done.versions
