"""`tracking ground`: floors in metres, and plans that sources share."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from .choosing import Days, Hours, Labels, Range, Since, Sources, Until, chosen
from .derive import derive_walks
from .floors_given import calibration_of, placing_of, plan_of, text_of
from .floors_told import (
    grounds_table,
    many,
    plans_table,
    print_fit,
    print_heat,
    print_zones,
    with_grid,
    write,
    write_image,
)
from .options import Database
from .printing import print_table, say
from .program import err

if TYPE_CHECKING:
    from ..ground import Grounded

ground = typer.Typer(no_args_is_help=True)

Source = Annotated[str, typer.Argument(metavar="SOURCE", help="The source that sees the floor.")]
Text = Optional[str]  # noqa: UP045  (typer reads this on Python 3.10 too)
Texts = Optional[list[str]]  # noqa: UP045
File = Optional[Path]  # noqa: UP045
Number = Optional[float]  # noqa: UP045
Points = Annotated[
    Texts,
    typer.Argument(
        metavar="POINTS",
        help="X,Y=ACROSS,AHEAD each: pixels of the source's own frame, and metres on the floor.",
        show_default="the points it has",
    ),
]
Distances = Annotated[
    Texts,
    typer.Option(
        "--distance",
        metavar="A,B=METRES",
        help="How far two points (1 is the first) are apart, instead of metres on the floor.",
    ),
]
FromFile = Annotated[
    File, typer.Option("--file", help="The points as JSON, as export writes them.")
]
OnPlan = Annotated[Text, typer.Option("--plan", metavar="PLAN", help="The plan that it lies on.")]
At = Annotated[
    Text,
    typer.Option(
        metavar="X,Y",
        help="Where the floor's 0,0 lies: metres from the plan's lower left corner.",
        show_default="0,0",
    ),
]
Turn = Annotated[
    float, typer.Option(help="Degrees by which it is turned there, anticlockwise.", metavar="ANGLE")
]
OffPlan = Annotated[bool, typer.Option("--no-plan", help="It lies on no plan any more.")]
From = Annotated[
    Text,
    typer.Option(
        "--from",
        metavar="TIME",
        help="From when the new points count, like 2026-03-01T09:00, in the source's zone.",
        show_default="now",
    ),
]
Past = Annotated[bool, typer.Option("--past", help="As if the present version had been like this.")]
Try = Annotated[bool, typer.Option("--try", help="Only show what these points give.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
OfSource = Annotated[
    Text, typer.Option("--source", metavar="NAME", help="Only of this source.", show_default="all")
]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


@ground.callback()
def about() -> None:
    """Floors in metres: speeds, presence on a square metre, and plans that sources share."""


@ground.command("set", context_settings={"ignore_unknown_options": True})  # pixels may be below 0
def set_(
    source: Source,
    db: Database,
    points: Points = None,
    distance: Distances = None,
    file: FromFile = None,
    plan: OnPlan = None,
    at: At = None,
    turn: Turn = 0.0,
    no_plan: OffPlan = False,
    since: From = None,
    past: Past = False,
    only_try: Try = False,
) -> None:
    """Say where four or more points of a source's picture lie on the floor.

    The first points count from the beginning; others from now on, as after a camera was moved.
    """
    from ..database import find_source
    from ..ground import set_ground
    from ..times import to_ms

    if past and since is not None:
        raise typer.BadParameter("say --past or --from, not both")
    if plan is None and (at is not None or turn):
        raise typer.BadParameter("--at and --turn say where it lies on a --plan")
    with _reading(db) as connection:
        zone = find_source(connection, source).timezone
        calibration = calibration_of(connection, source, points, distance, file)
    if plan is not None or no_plan:
        calibration = replace(calibration, placing=placing_of(plan, at, turn))
    moment = None if since is None else to_ms(since, zone)
    fit = calibration.fitted()
    if not only_try:
        with _writing(db) as connection:
            set_ground(connection, source, calibration, at=moment, past=past)
        say(f"Set the ground plane of {source}")
    print_fit(fit)
    if not only_try:
        derive_walks(db)


@ground.command("list")
def list_(
    db: Database,
    source: OfSource = None,
    old: Annotated[
        bool, typer.Option("--versions", help="Also those that count no longer.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the sources that have a ground plane, and the plans."""
    from ..ground import exported, plans

    with _reading(db) as connection:
        found, known = _grounds(connection, source, old), plans(connection)
    if as_json:
        say(json.dumps(exported(found, known), indent=2, ensure_ascii=False))
        return
    if found:
        print_table(grounds_table(found))
    else:
        say(f"No ground plane; `tracking ground set SOURCE POINTS --db {db}` gives a source one.")
    if known and source is None:
        print_table(plans_table(known))


@ground.command("show")
def show(
    source: Source,
    db: Database,
    picture: Annotated[
        File,
        typer.Option(help="Also write the source's picture with a grid of metres: PNG or JPEG."),
    ] = None,
) -> None:
    """Show a source's points, and by how much they miss each other."""
    from ..ground import find

    with _reading(db) as connection:
        fit = find(connection, source).calibration.fitted()
        image = None if picture is None else with_grid(connection, source, fit)
    print_fit(fit)
    if picture is not None:
        write_image(picture, image)


@ground.command("remove")
def remove(source: Source, db: Database, yes: Yes = False) -> None:
    """Take a source's ground plane away, with all versions; its speeds go with it."""
    from ..ground import delete, find, versions

    with _reading(db) as connection:
        if not versions(connection, source):
            find(connection, source)  # says that there is none
    if not _sure(yes, f"Remove the ground plane of {source} with all versions and speeds?"):
        return
    with _writing(db) as connection:
        count = delete(connection, source)
    say(f"Removed the ground plane of {source}" + (f" ({count} versions)" if count > 1 else ""))


@ground.command("plan")
def plan_(
    name: Annotated[str, typer.Argument(metavar="PLAN", help="What the plan is called.")],
    db: Database,
    width: Annotated[Number, typer.Option(help="Metres from left to right.")] = None,
    height: Annotated[
        Number, typer.Option(help="Metres from below to above.", show_default="as the picture is")
    ] = None,
    picture: Annotated[File, typer.Option(help="A drawing that fills it: PNG or JPEG.")] = None,
    take_away: Annotated[bool, typer.Option("--remove", help="Delete the plan.")] = False,
    yes: Yes = False,
) -> None:
    """Make or change a floor plan, on which several sources may lie; or delete it."""
    from ..ground import delete_plan, find_plan, put_plan

    if take_away:
        with _reading(db) as connection:
            find_plan(connection, name)
        if _sure(yes, f"Delete the plan {name}?"):
            with _writing(db) as connection:
                delete_plan(connection, name)
            say(f"Deleted the plan {name}")
        return
    made = plan_of(name, width, height, picture)
    with _writing(db) as connection:
        put_plan(connection, made)
    drawing = "a drawing" if made.png is not None else "no drawing"
    say(f"The plan {name} is {made.width:g} m by {made.height:g} m and has {drawing}")


@ground.command("presence")
def presence(
    db: Database,
    plan: Annotated[
        Text, typer.Option(help="The plan to look at.", show_default="the source's own floor")
    ] = None,
    side: Annotated[float, typer.Option(help="Metres of a square.", min=0.1, max=100)] = 0.5,
    since: Since = None,
    until: Until = None,
    range: Range = None,
    source: Sources = None,
    label: Labels = None,
    hours: Hours = None,
    days: Days = None,
    output: Annotated[File, typer.Option(help="Write every square as CSV.")] = None,
) -> None:
    """Say for how long objects stood on each square metre: of a plan, and in each zone."""
    from ..metrics import select
    from ..metrics.floor import floor_heat, zone_floors
    from ..times import now_ms

    now = now_ms()
    with _reading(db) as connection, err.status("Counting"):
        filter = chosen(connection, now, since, until, range, source, label, hours, days)
        selection = select(connection, filter, now)
        heat = floor_heat(connection, selection, plan, side)
        zones = zone_floors(connection, selection)
    print_heat(heat)
    if len(zones):
        print_zones(zones)
    if output is not None:
        write(output, heat.table().to_csv(index=False).encode())


@ground.command("export")
def export(
    db: Database,
    source: OfSource = None,
    output: Annotated[
        File, typer.Option(help="The file to write.", show_default="standard output")
    ] = None,
) -> None:
    """Write ground planes and plans as JSON."""
    from ..ground import exported, plans

    with _reading(db) as connection:
        found, known = _grounds(connection, source), plans(connection)
    if source is not None:
        places = [each.calibration.placing for each in found]
        known = [each for each in known if each.name in {at.plan for at in places if at}]
    text = json.dumps(exported(found, known), indent=2, ensure_ascii=False)
    if output is None:
        say(text)
    else:
        write(output, f"{text}\n".encode())


@ground.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As export writes it.")],
    db: Database,
    past: Past = False,
) -> None:
    """Set the ground planes and plans of a JSON file; those that are known change."""
    from ..ground import read_in, read_json

    content = read_json(text_of(file))
    with _writing(db) as connection:
        known, found = read_in(connection, content, past)
    say(f"Set {many(len(found), 'ground plane')} and {many(len(known), 'plan')} of {file}")
    derive_walks(db)


def _sure(yes: bool, question: str) -> bool:
    """Whether it is to be done; a person at a terminal is asked."""
    if yes or not sys.stdin.isatty() or typer.confirm(question):
        return True
    say("Nothing was deleted")
    raise typer.Exit(1)


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


def _grounds(
    connection: sqlite3.Connection, source: str | None, old: bool = False
) -> list[Grounded]:
    from ..database import find_source
    from ..ground import versions

    if source is not None:
        find_source(connection, source)
    return [each for each in versions(connection, source) if old or each.current]
