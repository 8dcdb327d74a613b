"""`tracking export` and `tracking import`: tracks out to files and back in."""

from __future__ import annotations

from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ..times import local_zone, to_ms, zone
from .options import Database, Fps, Start, Zone
from .printing import print_rows, progress

if TYPE_CHECKING:
    from ..interchange import Summary


class Format(str, Enum):
    mot = "mot"
    csv = "csv"
    parquet = "parquet"


SourceName = Annotated[
    str, typer.Option("--source", help="The source's name in the database.", show_default=False)
]


def export_(
    db: Database,
    source: SourceName,
    format: Annotated[Format, typer.Option(help="The kind of file.", show_default=False)],
    output: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    run: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Only this run.", show_default="all; mot: the latest"),
    ] = None,
    label: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Only tracks with this label.", show_default="all"),
    ] = None,
) -> None:
    """Write a source's tracks to a file: MOTChallenge lines, CSV or Parquet."""
    from ..database import open_readonly
    from ..interchange import export_tracks

    with closing(open_readonly(db)) as connection:
        summary = export_tracks(connection, source, format.value, output, run=run, label=label)
    _print_summary(f"Exported to {output}", summary)


def import_(
    file: Annotated[Path, typer.Argument(help="The file to read.")],
    db: Database,
    source: SourceName,
    format: Annotated[Format, typer.Option(help="The kind of file.", show_default=False)],
    start: Start = None,
    fps: Fps = None,
    timezone: Zone = None,
    label: Annotated[str, typer.Option(help="The label of MOTChallenge rows.")] = "person",
) -> None:
    """Read another tracker's results into the database as a source of their own."""
    from ..database import open_database
    from ..interchange import import_tracks

    region = zone(timezone).key if timezone else local_zone()
    begun = None if start is None else to_ms(start, region)
    with closing(open_database(db)) as connection, progress("Importing") as advance:
        summary = import_tracks(
            connection,
            source,
            format.value,
            file,
            start=begun,
            fps=fps,
            label=label,
            timezone=timezone,
            progress=advance,
        )
    _print_summary(f"Imported into {db}", summary)


def _print_summary(title: str, summary: Summary) -> None:
    rows = {
        "source": summary.source,
        "runs": summary.runs,
        "tracks": summary.tracks,
        "positions": summary.rows,
        "note": "\n".join(summary.notes),
    }
    print_rows(title, rows)
