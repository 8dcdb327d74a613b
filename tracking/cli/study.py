"""`tracking study`: a part of the record as one file, to look at anywhere."""

from __future__ import annotations

import shlex
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from ..errors import OutputError
from ..times import now_ms
from .choosing import Days, Hours, Labels, Range, Since, Sources, Until, chosen
from .options import Database
from .printing import print_rows, progress


def study(
    db: Database,
    output: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    since: Since = None,
    until: Until = None,
    range: Range = None,
    source: Sources = None,
    label: Labels = None,
    hours: Hours = None,
    days: Days = None,
    note: Annotated[str, typer.Option(help="For whoever opens it: what it is about.")] = "",
) -> None:
    """Write a part of the record, all of it unless said, as a database of its own in one file.

    The dashboard opens it, and so does any program that reads SQLite.
    """
    from ..charts import words
    from ..database import describing, open_readonly
    from ..metrics import known_sources
    from ..metrics.selection import common_zone
    from ..study import write_study

    _check_replaceable(output)
    with closing(open_readonly(db)) as connection, describing(db):
        filter = chosen(
            connection, now_ms(), since, until, range, source, label, hours, days, usual="all"
        )
        there = [each for each in known_sources(connection) if not source or each.name in source]
        with progress(f"Writing {output.name}") as advance:
            written = write_study(
                connection,
                output,
                since=filter.since,
                until=filter.until,
                sources=filter.sources or None,
                labels=filter.labels or None,
                spans=filter.spans,
                note=note,
                progress=advance,
            )
    rows = {
        "window": words.window(filter, common_zone(there)),
        "sources": ", ".join(each.name for each in there),
        "tracks": f"{written.tracks:,}",
        "positions": f"{written.positions:,}",
        "size": words.size(written.bytes),
        "note": note,
        "to open it": f"TRACKING_DB={shlex.quote(str(output))} streamlit run app.py",
    }
    print_rows(f"Wrote the study {output}", rows)


def _check_replaceable(output: Path) -> None:
    """Raise OutputError for a file that is no earlier study: it may be somebody's record."""
    from ..study import is_study

    if output.is_file() and output.stat().st_size and not is_study(output):
        raise OutputError(f"{output} is there and is no study; name another file")
