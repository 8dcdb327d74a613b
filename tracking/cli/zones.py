"""`tracking zones` and `tracking lines`: what is drawn on the pictures of the sources."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import OutputError, SourceNotFound
from .derive import derive_past
from .options import Database
from .printing import print_table, say

if TYPE_CHECKING:
    from ..zones import Drawn, Kind, Line, Zone

zones = typer.Typer(no_args_is_help=True)
lines = typer.Typer(no_args_is_help=True)

Source = Annotated[str, typer.Argument(metavar="SOURCE", help="The source it is drawn on.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")]
Points = Annotated[
    str,
    typer.Argument(
        metavar="POINTS",
        help="Corners in pixels of the source's own frame, like '100,200 300,200 300,400'.",
    ),
]
NewPoints = Annotated[
    Optional[str],  # noqa: UP045  (typer reads this on Python 3.10 too)
    typer.Argument(metavar="POINTS", help="Its new shape.", show_default="the old one"),
]
Hole = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--hole", metavar="POINTS", help="Corners of a hole; may be repeated."),
]
Forward = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        help="What crossing it is called from its left to its right side, looking along it.",
        show_default="in",
    ),
]
Backward = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="What crossing it the other way is called.", show_default="out"),
]
Rename = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Its new name, also for the past.", show_default=False),
]
Since = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--from",
        metavar="TIME",
        help="From when the new shape counts, like 2026-03-01T09:00, in the source's zone.",
        show_default="now",
    ),
]
Past = Annotated[
    bool,
    typer.Option("--past", help="As if the present version had been drawn like this."),
]
OfSource = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--source", metavar="NAME", help="Only of this source.", show_default="all"),
]


@zones.callback()
def about_zones() -> None:
    """Places on a source's picture: who was in them, and for how long."""


@lines.callback()
def about_lines() -> None:
    """Lines on a source's picture: who crossed them, and in which direction."""


@zones.command("add")
def add_zone(source: Source, name: Name, points: Points, db: Database, hole: Hole = None) -> None:
    """Draw a zone. It counts all that is recorded, from the beginning."""
    from ..zones import Zone, read_points

    content = {"outer": read_points(points), "holes": [read_points(each) for each in hole or []]}
    _add(db, source, Zone.of(name, content))


@lines.command("add")
def add_line(
    source: Source,
    name: Name,
    points: Points,
    db: Database,
    forward: Forward = None,
    backward: Backward = None,
) -> None:
    """Draw a line. It counts all that is recorded, from the beginning."""
    from ..zones import Line, read_points

    _add(db, source, Line.of(name, read_points(points), forward or "in", backward or "out"))


@zones.command("edit")
def edit_zone(
    source: Source,
    name: Name,
    db: Database,
    points: NewPoints = None,
    hole: Hole = None,
    rename: Rename = None,
    since: Since = None,
    past: Past = False,
) -> None:
    """Change a zone. A new shape counts from now on; the old one stays for what was before."""
    from ..zones import Zone, find, read_points

    with _reading(db) as connection:
        old = find(connection, "zone", source, name).shape
    assert isinstance(old, Zone)
    content = old.content if isinstance(old.content, dict) else {"outer": old.content}
    if points is not None:  # a new outline has the holes that are given with it
        content = {"outer": read_points(points)}
    if hole is not None:
        content["holes"] = [read_points(each) for each in hole]
    _change(db, source, name, Zone.of(rename or name, content), since, past)


@lines.command("edit")
def edit_line(
    source: Source,
    name: Name,
    db: Database,
    points: NewPoints = None,
    forward: Forward = None,
    backward: Backward = None,
    rename: Rename = None,
    since: Since = None,
    past: Past = False,
) -> None:
    """Change a line. A new shape counts from now on; the old one stays for what was before."""
    from ..zones import Line, find, read_points

    with _reading(db) as connection:
        old = find(connection, "line", source, name).shape
    assert isinstance(old, Line)
    content = old.content if points is None else read_points(points)
    words = forward or old.forward, backward or old.backward
    _change(db, source, name, Line.of(rename or name, content, *words), since, past)


def _add(db: Path, source: str, shape: Zone | Line) -> None:
    from ..zones import add

    with _writing(db) as connection:
        drawn = add(connection, source, shape)
    say(f"Drew the {drawn.kind} {drawn.name} on {source}")
    derive_past(db)


def _change(
    db: Path, source: str, name: str, shape: Zone | Line, since: str | None, past: bool
) -> None:
    from ..database import find_source
    from ..times import to_ms
    from ..zones import change

    if past and since is not None:
        raise typer.BadParameter("say --past or --from, not both")
    with _writing(db) as connection:
        zone = find_source(connection, source).timezone
        at = None if since is None else to_ms(since, zone)
        drawn = change(connection, source, name, shape, at=at, past=past)
    say(f"Changed the {drawn.kind} {drawn.name} on {source}")
    derive_past(db)


def _commands(app: typer.Typer, kind: Kind) -> None:
    """What zones and lines have in common."""

    @app.command("list", help=f"Show the {kind}s there are.")
    def list_(
        db: Database,
        source: OfSource = None,
        versions: Annotated[
            bool, typer.Option("--versions", help="Also those that count no longer.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="As JSON, like export.")] = False,
    ) -> None:
        _list(db, kind, source, versions, as_json)

    @app.command("delete", help=f"Delete a {kind} with all that it counted.")
    def delete_(
        source: Source,
        name: Name,
        db: Database,
        keep_past: Annotated[
            bool, typer.Option("--keep-past", help="It counts no longer, but the past stays.")
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    ) -> None:
        _delete(db, kind, source, name, keep_past, yes)

    @app.command("export", help=f"Write the {kind}s as JSON.")
    def export(
        db: Database,
        source: OfSource = None,
        output: Annotated[
            Optional[Path],  # noqa: UP045
            typer.Option(help="The file to write.", show_default="standard output"),
        ] = None,
    ) -> None:
        _export(db, kind, source, output)

    @app.command("import", help=f"Draw the {kind}s of a JSON file; those of a known name change.")
    def import_(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="As export writes it.")],
        db: Database,
        past: Past = False,
    ) -> None:
        _import(db, kind, file, past)


_commands(zones, "zone")
_commands(lines, "line")


def _list(db: Path, kind: Kind, source: str | None, versions: bool, as_json: bool) -> None:
    with _reading(db) as connection:
        drawn = _drawn(connection, kind, source, versions)
    if as_json:
        from ..zones import exported

        say(json.dumps(exported(drawn), indent=2, ensure_ascii=False))
    elif drawn:
        print_table(_table(drawn))
    else:
        say(f"No {kind} is drawn; `tracking {kind}s add SOURCE NAME POINTS --db {db}` draws one.")


def _drawn(
    connection: sqlite3.Connection, kind: Kind, source: str | None, old: bool = False
) -> list[Drawn]:
    from ..database import find_source
    from ..zones import current, versions

    if source is not None:
        find_source(connection, source)
    return (versions if old else current)(connection, kind, source)


def _table(drawn: list[Drawn]) -> Table:
    from ..times import iso

    table = Table()
    line = drawn[0].kind == "line"
    for title in ("source", "name", *(("forward", "backward") if line else ()), "from", "to"):
        table.add_column(title, overflow="fold")
    table.add_column("points", justify="right")
    for each in drawn:
        words = [getattr(each.shape, word) for word in ("forward", "backward")] if line else []
        begun = "the beginning" if each.since <= 0 else iso(each.since)
        ended = "" if each.until is None else iso(each.until)
        points = f"{len(each.shape.all_points)}"
        table.add_row(*map(escape, (each.source, each.name, *words, begun, ended, points)))
    return table


def _delete(db: Path, kind: Kind, source: str, name: str, keep_past: bool, yes: bool) -> None:
    from ..zones import delete, end, find, versions

    if keep_past:
        with _writing(db) as connection:
            end(connection, kind, source, name)
        say(f"The {kind} {name} on {source} counts no longer; what it counted stays")
        return
    with _reading(db) as connection:
        if not versions(connection, kind, source, name):
            find(connection, kind, source, name)  # says what there is
    question = f"Delete the {kind} {name} on {source} with all that it counted?"
    if not yes and sys.stdin.isatty() and not typer.confirm(question):
        say("Nothing was deleted")
        raise typer.Exit(1)
    with _writing(db) as connection:
        delete(connection, kind, source, name)
    say(f"Deleted the {kind} {name} on {source}")


def _export(db: Path, kind: Kind, source: str | None, output: Path | None) -> None:
    from ..zones import exported

    with _reading(db) as connection:
        text = json.dumps(exported(_drawn(connection, kind, source)), indent=2, ensure_ascii=False)
    if output is None:
        say(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror}") from error
    say(f"Wrote {output}")


def _import(db: Path, kind: Kind, file: Path, past: bool) -> None:
    from ..database import writing
    from ..zones import put, read_json, shapes_in

    try:
        shapes = shapes_in(read_json(file.read_text(encoding="utf-8-sig")), kind)
    except FileNotFoundError:
        raise SourceNotFound(f"There is no file {file}") from None
    except UnicodeDecodeError:
        raise SourceNotFound(f"{file} is not UTF-8 text") from None
    with _writing(db) as connection, writing(connection):
        for source, shape in shapes:
            put(connection, source, [shape], past)
    say(f"Drew {len(shapes):,} {kind}{'s' if len(shapes) > 1 else ''} of {file}")
    derive_past(db)


@contextmanager
def _reading(db: Path) -> Generator[sqlite3.Connection, None, None]:
    from ..database import describing, open_readonly

    with closing(open_readonly(db)) as connection, describing(db):
        yield connection


@contextmanager
def _writing(db: Path) -> Generator[sqlite3.Connection, None, None]:
    """A connection to a database that is there: one that was mistyped is not to be made."""
    from ..database import describing, open_database, open_readonly

    open_readonly(db).close()
    with closing(open_database(db)) as connection, describing(db):
        yield connection
