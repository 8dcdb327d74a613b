"""`tracking visits`: tracks of one object that broke, joined after the fact."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import NothingRecorded, SettingsError
from .options import Database
from .printing import print_table, progress, say

if TYPE_CHECKING:
    from ..interchange.writing import Batch
    from ..visits import Count, Paths, VisitSettings

_FORMS = {".csv": "csv", ".parquet": "parquet", ".txt": "mot"}


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
    source: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Whose paths are written."),
    ] = None,
    paths: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Write the paths of a source's visits, with gaps filled and boxes calmed:"
            " .csv, .parquet, or .txt for MOTChallenge lines.",
        ),
    ] = None,
) -> None:
    """Join the tracks of one object into visits, all of them anew, and count these.

    Where a track broke, the next one goes on with it if that is likely by time, place, speed and
    size. The tracks stay as they are; a runner goes on with what comes, with the same settings.
    """
    from .. import visits as room
    from ..database import files_of, open_database, open_readonly
    from ..paths import keep_clear

    if undo and (set_ or usual or source or paths):
        raise SettingsError("--undo takes no other option")
    if (source is None) != (paths is None):
        raise SettingsError("--source and --paths belong together: whose paths, and to which file")
    if paths:
        _form(paths)
        keep_clear(paths, *files_of(db))
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
        if source is not None and paths is not None:
            _write(connection, source, paths)


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


def _form(output: Path) -> str:
    if not (form := _FORMS.get(output.suffix.lower())):
        raise SettingsError(f"{output} must end in {', '.join(_FORMS)}: its ending is its form")
    return form


def _write(connection: sqlite3.Connection, name: str, output: Path) -> None:
    """Write the paths of a source's visits; MOTChallenge lines are of its latest run."""
    from ..database import find_source
    from ..interchange.writing import replacing, write_rows
    from ..visits import paths

    source, form = find_source(connection, name), _form(output)
    (run,) = connection.execute(
        "SELECT max(run_id) FROM people_tracks WHERE source_id = ?", (source.id,)
    ).fetchone()
    labels = dict(
        connection.execute("SELECT id, label FROM people_tracks WHERE source_id = ?", (source.id,))
    )
    number = Counter[int]()

    def batches() -> Iterator[Batch]:
        for part in paths(connection, source.id):
            found = part.take(part.run == run) if form == "mot" else part
            number.update(found.visit.tolist())
            if len(found.t):
                yield _batch(found, labels)

    with replacing(output) as file:
        write_rows(file, form, batches())
        if not number:
            raise NothingRecorded(f"Source {name!r} has no visits yet")
    say(f"{number.total():,} boxes of {len(number):,} visits are in {output}")


def _batch(found: Paths, labels: dict[int, str]) -> Batch:
    visit = found.visit.tolist()
    box = found.box.round(2).T.tolist()
    return list(
        zip(visit, [labels[each] for each in visit], found.t.tolist(), found.frame.tolist(),
            *box, found.confidence.tolist(), strict=True)
    )  # fmt: skip
