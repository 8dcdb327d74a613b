"""`tracking demo`: a clip whose truth is known, and what was found in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ..errors import OutputError
from .options import Detect, Kind, Weights
from .passing import chosen_detector, follow
from .printing import progress
from .program import out

if TYPE_CHECKING:
    from ..demo import DemoResult, DemoTruth


def demo(
    folder: Annotated[
        Path, typer.Option(help="Where the clip, the database and the video go.")
    ] = Path("demo"),
    weights: Weights = None,
    detector: Detect = Kind.yolo,
) -> None:
    """Make a short clip whose truth is known, track it, and print the counts beside the truth."""
    from ..database import files_of, latest_boxes, open_database
    from ..demo import LINE, ZONE, compare, make_demo
    from ..streamers import VideoStreamer
    from ..yolo import YoloStreamer
    from ..zones import derive_in, put

    folder.mkdir(parents=True, exist_ok=True)
    clip, db = folder / "clip.mp4", folder / "demo.db"
    if clip.exists() and not db.exists():
        raise OutputError(f"{clip} is there and not of this program's making; name another folder")
    for old in files_of(db):
        old.unlink(missing_ok=True)
    with progress("Making the clip") as advance:
        truth = make_demo(clip, advance)
    classes = ["person"] if detector is Kind.yolo else None
    yolo = YoloStreamer(
        VideoStreamer(clip, name="demo"), detector=chosen_detector(detector, weights, classes, None)
    )
    with closing(open_database(db)) as connection:
        code = follow(yolo, connection, folder / "annotated.mp4", str(db))
        if code == 0:
            put(connection, "demo", [ZONE, LINE])
            derive_in(connection)
            result = compare(truth, latest_boxes(connection, "demo"))
            _print_truth(truth, result, _places(truth, connection))
    raise typer.Exit(code)


def _places(truth: DemoTruth, connection: sqlite3.Connection) -> list[tuple[str, int, int]]:
    """What happened at the line and in the zone: a name, how often in truth, how often found."""
    from ..demo import LINE, ZONE

    rows = []
    for way, word in (("forward", LINE.forward), ("backward", LINE.backward)):
        (found,) = connection.execute(
            "SELECT count(*) FROM crossings WHERE direction = ?", (way,)
        ).fetchone()
        true = sum(each.direction == way for each in truth.passings)
        rows.append((f"crossings of the {LINE.name} {word}", true, found))
    (found,) = connection.execute("SELECT count(*) FROM zone_stays").fetchone()
    return [*rows, (f"stays at the {ZONE.name}", len(truth.visits), found)]


def _print_truth(truth: DemoTruth, result: DemoResult, places: list[tuple[str, int, int]]) -> None:
    """The clip's truth and, beside it, what was found: counts, then person by person."""
    table = Table("", "truth", "found", title="Truth and what was found", title_justify="left")
    table.add_row("people", str(truth.people), f"{result.tracks} tracks")
    table.add_row("every person counted once", "yes", _said(result.each_counted_once))
    held = _said(result.ids_held_through_occlusions)
    table.add_row(f"ids right through {len(truth.occlusions)} occlusions", "yes", held)
    for name, true, found_there in places:
        table.add_row(name, str(true), str(found_there))
    for person, ids in sorted(result.found.items()):
        frames = sum(share > 0 for share in truth.visible[person].values())
        found = ", ".join(f"track #{number}" for number in ids) or "nobody"
        table.add_row(f"person {chr(64 + person)}", f"in {frames} frames", found)
    out.print(table)


def _said(true: bool) -> str:
    return "[green]yes[/]" if true else "[red]no[/]"
