"""`tracking derive`: what zones, lines and ground planes tell of what is recorded already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Database
from .printing import print_rows, progress, say


def derive(
    db: Database,
    everything: Annotated[
        bool, typer.Option("--all", help="All of it anew, not only what is missing.")
    ] = False,
) -> None:
    """Derive the stays, crossings and speeds that are still lacking; a runner may go on.

    What is drawn on the command line is derived at once, and what comes later as it comes: this is
    for what was broken off, and to check that all of it comes out the same.
    """
    versions, tracks = derive_past(db, everything), derive_walks(db, everything)
    if versions == tracks == 0:
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


def derive_walks(db: Path, everything: bool = False) -> int:
    """Derive what tracks walked, with a bar, and say what was done; how many tracks that were."""
    from ..ground import derive as derive_paces

    with progress("Deriving speeds") as advance:
        done = derive_paces(db, everything, advance)
    if done.tracks:
        rows = {
            "sources": f"{done.sources:,}",
            "tracks": f"{done.tracks:,}",
            "positions": f"{done.positions:,}",
        }
        print_rows("Derived how fast tracks went on the floor", rows)
    return done.tracks
