"""`tracking alerts`: rules about the record, what they find, and who is told."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import ChannelFailed, SettingsError
from .options import Database, listed
from .printing import print_table, progress, say

if TYPE_CHECKING:
    from ..alerts import Past, Rule

alerts = typer.Typer(no_args_is_help=True)
DAY = 86_400_000


class Kind(str, Enum):
    count_ = "count"  # a text has a method of that name
    flow = "flow"
    presence = "presence"
    dwell = "dwell"
    down = "down"


Name = Annotated[str, typer.Argument(metavar="RULE", help="What it is called, or its number.")]
Text = Optional[str]  # noqa: UP045
Number = Optional[float]  # noqa: UP045
Source = Annotated[Text, typer.Option(help="A source's name.", show_default="each one")]
Zone = Annotated[Text, typer.Option(help="A zone of the source.", show_default="all of it")]
Line = Annotated[Text, typer.Option(help="A line of the source, for a flow.", show_default=False)]
Direction = Annotated[
    Text, typer.Option(help="The line's own word for one.", show_default="either")
]
Labels = Annotated[Text, typer.Option(help="Labels, like person,car.", show_default="all")]
Over = Annotated[
    Number, typer.Option(help="How many, or how many seconds, must be exceeded.", min=0)
]
Minutes = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(help="The window of a flow.", min=1),
]
From = Annotated[Text, typer.Option("--from", metavar="HH:MM", help="By the source's clock.")]
To = Annotated[Text, typer.Option("--to", metavar="HH:MM", help="May be on the next day.")]
Weekdays = Annotated[Text, typer.Option(help="On which it begins, like mon-fri.")]
Hold = Annotated[Number, typer.Option(help="Seconds for which it must be so on end.", min=0)]
Quiet = Annotated[Number, typer.Option(help="Seconds after an alert without another.", min=0)]
Channels = Annotated[Text, typer.Option(help="Who is told, like pager,house.", show_default="all")]
Config = Annotated[Path, typer.Option(help="The file that names the channels.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
CONFIG = Path("sources.toml")


@alerts.callback()
def about() -> None:
    """Say when too many come, somebody stays too long, or a source is down."""


@alerts.command("list")
def list_(
    db: Database,
    days: Annotated[int, typer.Option(help="How far back.", min=1)] = 7,
    is_open: Annotated[bool, typer.Option("--open", help="Only those that go on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the rules have found, the latest first."""
    from ..alerts import alerts as find_alerts
    from ..alerts import open_alerts
    from ..times import now_ms

    with _reading(db) as connection:
        now = now_ms()
        found = (
            open_alerts(connection)
            if is_open
            else find_alerts(connection, now - days * DAY, now + DAY)
        )
    if as_json:
        say(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        say("No alert goes on." if is_open else f"No alert in the last {days} days.")
        return
    rows = [
        (
            str(each.id), each.name, each.source, each.place, _moment(each.started, each.timezone),
            "goes on" if each.ended is None else _moment(each.ended, each.timezone),
            _value(each.peak, each.unit), ", ".join(_told(each.deliveries)),
        )
        for each in found
    ]  # fmt: skip
    _print(("alert", "rule", "source", "place", "began", "ended", "most", "told"), rows)


@alerts.command("rules")
def rules_(db: Database, as_json: AsJson = False) -> None:
    """Show the rules there are."""
    from ..alerts import problem_of, rules

    with _reading(db) as connection:
        found = [(each, problem_of(connection, each.rule)) for each in rules(connection)]
    if as_json:
        told = [{"number": each.number, **json.loads(each.rule.as_json())} for each, _ in found]
        say(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if not found:
        say(f"There is no rule; `tracking alerts add NAME KIND --db {db}` makes one.")
        return
    rows = [
        (str(each.number), each.rule.name, each.rule.words,
         "paused" if not each.rule.enabled else problem or "at work")
        for each, problem in found
    ]  # fmt: skip
    _print(("number", "rule", "when", "state"), rows)


@alerts.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is to be called.", show_default=False)],
    kind: Annotated[Kind, typer.Argument(help="What it is about.", show_default=False)],
    db: Database,
    source: Source = None,
    zone: Zone = None,
    line: Line = None,
    direction: Direction = None,
    labels: Labels = None,
    over: Over = None,
    minutes: Minutes = None,
    begins: From = None,
    ends: To = None,
    weekdays: Weekdays = None,
    hold: Hold = None,
    quiet: Quiet = None,
    channels: Channels = None,
) -> None:
    """Make a rule. It looks at what comes from now on; `test` says what it finds in the past."""
    from ..alerts import Rule, add, problem_of

    given = _given(source, zone, line, direction, labels, over, minutes, begins, ends, weekdays,
                   hold, quiet, channels)  # fmt: skip
    rule = Rule.of({"name": name, "kind": kind.value, **given})
    with _writing(db) as connection:
        made = add(connection, rule)
        problem = problem_of(connection, rule)
    say(f"Rule {made.number}, {rule.name}: {rule.words}")
    if problem:
        say(f"It finds nothing as things are: {problem}")


@alerts.command()
def edit(
    rule: Name,
    db: Database,
    rename: Annotated[Text, typer.Option(help="Its new name.", show_default=False)] = None,
    source: Source = None,
    zone: Zone = None,
    line: Line = None,
    direction: Direction = None,
    labels: Labels = None,
    over: Over = None,
    minutes: Minutes = None,
    begins: From = None,
    ends: To = None,
    weekdays: Weekdays = None,
    hold: Hold = None,
    quiet: Quiet = None,
    channels: Channels = None,
    enabled: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option("--resume/--pause", help="Whether it is at work.", show_default=False),
    ] = None,
) -> None:
    """Change a rule, or pause it; an empty text takes a setting back. Its open alerts end."""
    from ..alerts import change, find

    given = _given(source, zone, line, direction, labels, over, minutes, begins, ends, weekdays,
                   hold, quiet, channels)  # fmt: skip
    if rename is not None:
        given["name"] = rename
    if enabled is not None:
        given["enabled"] = enabled
    with _writing(db) as connection:
        old = find(connection, rule)
        new = change(connection, rule, old.rule.changed(**given))
    paused = "" if new.rule.enabled else " (paused)"
    say(f"Rule {new.number}, {new.rule.name}{paused}: {new.rule.words}")


@alerts.command()
def delete(
    rule: Name,
    db: Database,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a rule; what it has found stays."""
    from ..alerts import delete, find

    with _reading(db) as connection:
        name = find(connection, rule).rule.name
    if not yes and sys.stdin.isatty() and not typer.confirm(f"Delete the rule {name}?"):
        say("Nothing was deleted")
        raise typer.Exit(1)
    with _writing(db) as connection:
        delete(connection, rule)
    say(f"Deleted the rule {name}; what it has found stays")


@alerts.command()
def test(
    rule: Name,
    db: Database,
    days: Annotated[int, typer.Option(help="How far back from now.", min=1, max=3660)] = 7,
    since: Annotated[Text, typer.Option(metavar="TIME", help="From when on, in UTC.")] = None,
    until: Annotated[Text, typer.Option(metavar="TIME", help="Until when, in UTC.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a rule would have found in the past; nothing is kept, nobody is told."""
    from ..alerts import find, past
    from ..times import now_ms, to_ms

    end = now_ms() if until is None else to_ms(until)
    begin = end - days * DAY if since is None else to_ms(since)
    if begin >= end:
        raise SettingsError("The time to be tested ends before it begins")
    with _reading(db) as connection, progress("Testing") as advance:
        found = find(connection, rule).rule
        result = past(connection, found, begin, end, advance)
    if as_json:
        say(json.dumps(asdict(result), indent=2, ensure_ascii=False))
        return
    _show_past(found, result)


def _show_past(rule: Rule, result: Past) -> None:
    from ..charts import words

    rows = [
        (
            each.source, _moment(each.began, each.timezone),
            "goes on" if each.ended is None else _moment(each.ended, each.timezone),
            _value(each.peak, rule.unit), str(each.evidence["counted"]),
        )
        for each in result.found
    ]  # fmt: skip
    if rows:
        _print(("source", "began", "ended", "most", "tracks"), rows)
    count = len(rows)
    say(f"{rule.name} would have fired {count:,} {'time' if count == 1 else 'times'}:"
        f" {rule.words}. Watched {words.share(result.share)} of the time.")  # fmt: skip


@alerts.command()
def channels(config: Config = CONFIG) -> None:
    """Show where alerts are passed on to."""
    from ..config import load_channels

    found = load_channels(config)
    for problem in found.problems:
        say(problem)
    if found.all:
        rows = [
            (each.name, each.kind, each.shown, "in use" if each.enabled else "switched off")
            for each in found.all
        ]
        _print(("channel", "kind", "leads to", "state"), rows)
    elif not found.problems:
        say(f"{config} has no [[channels]]: alerts are kept in the database and shown, only")


@alerts.command()
def send(
    channel: Annotated[str, typer.Argument(help="Its name.", show_default=False)],
    config: Config = CONFIG,
) -> None:
    """Send a test to a channel."""
    from ..alerts.telling import send, test_message
    from ..config import load_channels

    found = load_channels(config).channel(channel)
    try:
        result = send(found, test_message())
    except ChannelFailed as error:
        raise ChannelFailed(f"{found.name}, {found.shown}: {error}") from None
    say(f"{found.name}: {result}")


def _given(
    source: str | None,
    zone: str | None,
    line: str | None,
    direction: str | None,
    labels: str | None,
    over: float | None,
    minutes: int | None,
    begins: str | None,
    ends: str | None,
    weekdays: str | None,
    hold: float | None,
    quiet: float | None,
    channels: str | None,
) -> dict[str, Any]:
    """The settings that were said; an empty text is what it is without being said."""
    from ..alerts import read_weekdays

    given: dict[str, Any] = {
        "source": source, "zone": zone, "line": line, "direction": direction, "over": over,
        "minutes": minutes, "begins": begins, "ends": ends, "hold": hold, "quiet": quiet,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    if labels is not None:
        given["labels"] = tuple(listed(labels) or ()) if labels else ()
    if weekdays is not None:
        given["weekdays"] = read_weekdays(weekdays)
    if channels is not None:
        given["channels"] = (
            tuple(each.strip() for each in channels.split(",")) if channels else None
        )
    return given


def _moment(t: int, timezone_name: str) -> str:
    from ..charts import words

    return f"{words.moment(t, timezone_name, seconds=True)} ({timezone_name})"


def _value(amount: float, unit: str) -> str:
    from ..charts import words

    return words.lasting(amount) if unit else words.number(amount)


def _told(deliveries: Any) -> list[str]:
    return [f"{each.channel}: {each.state}" for each in deliveries if each.event == "started"]


def _print(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table()
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    print_table(table)


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
