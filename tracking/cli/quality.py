"""`tracking quality` and `tracking audit`: how well it tracks, and how well it counts."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ..errors import OutputError
from ..times import iso, now_ms
from .choosing import Days, Hours, Labels, Range, Since, Sources, Until, chosen
from .options import Database
from .printing import print_table, say
from .program import err

if TYPE_CHECKING:
    from ..metrics import Selection
    from ..quality import Advice, Quality
    from ..quality.audits import Audit

audit = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="With definitions, as JSON.")]


@audit.callback()
def about_audits() -> None:
    """Windows in which people counted again, on the dashboard's page Quality."""


def quality(
    db: Database,
    source: Sources = None,
    since: Since = None,
    until: Until = None,
    range: Range = None,
    label: Labels = None,
    hours: Hours = None,
    days: Days = None,
    doors: Annotated[
        bool,
        typer.Option(help="Take places where tracks regularly begin and end for doors."),
    ] = True,
    settings: Annotated[
        bool, typer.Option("--settings", help="A column for each set of settings of a source.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say how well each source is tracked, from the log alone, and what to try.

    What there was nothing to count of is a dash, and null in JSON: it is no zero.
    """
    from ..database import describing, open_readonly
    from ..metrics import select

    with closing(open_readonly(db)) as connection, describing(db), err.status("Counting"):
        filter = chosen(connection, now_ms(), since, until, range, source, label, hours, days,
                        "all")  # fmt: skip
        selection = select(connection, filter, now_ms())
        found = [each for part in selection.sources
                 for each in _of(connection, selection.only(part), doors, settings)]  # fmt: skip
    if as_json:
        say(json.dumps({"database": str(db), "sources": [_content(*each) for each in found]},
                       indent=2, allow_nan=False))  # fmt: skip
        return
    _print(selection, found)


def _of(
    connection: sqlite3.Connection, part: Selection, doors: bool, apart: bool
) -> list[tuple[str, Quality, list[Advice]]]:
    """Each quality of a source with its name and what to try."""
    from ..quality import advise, setups, tracking_quality

    known = setups(connection, part)
    (source,) = part.sources
    if apart and len(known) > 1:
        each = [(f"{source.name}: {setup.name}", tracking_quality(connection, part, setup.runs,
                                                                  doors), setup.whole)
                for setup in known]  # fmt: skip
    else:
        whole = known[-1].whole if known else {}
        each = [(source.name, tracking_quality(connection, part, None, doors), whole)]
    return [(name, found, advise(found, whole)) for name, found, whole in each]


def _content(name: str, found: Quality, advice: list[Advice]) -> dict[str, Any]:
    filter, zone = found.selection.filter, found.source.timezone
    return {
        "source": found.source.name,
        "about": name,
        "since": iso(filter.since, zone),
        "until": iso(filter.until, zone),
        "timezone": zone,
        "watched_seconds": round(found.seconds, 3),
        "coverage": round(found.watched.share, 6),
        "tracks": found.tracks,
        "visits": found.visits,
        "numbers": {
            key: {"value": each.value, "unit": each.metric.unit, "part": each.part,
                  "whole": each.whole, "definition": each.metric.definition}
            for key, each in found.numbers.items()
        },
        "doors": {"named": list(found.doors.names), "learnt": len(found.doors.learnt)},
        "advice": [
            {"about": each.about, "saw": each.saw, "do": each.do, "setting": each.setting}
            for each in advice
        ],
    }  # fmt: skip


def _print(selection: Selection, found: list[tuple[str, Quality, list[Advice]]]) -> None:
    from ..charts import words

    say(words.window(selection.filter, selection.timezone))
    if not found:
        say("Nothing is recorded")
        return
    table = Table()
    table.add_column("number")
    for name, _, _ in found:
        table.add_column(escape(name), justify="right", overflow="fold")
    table.add_row("Tracks", *(f"{each.tracks:,}" for _, each, _ in found))
    table.add_row("Visits", *(f"{each.visits:,}" for _, each, _ in found))
    for key, number in found[0][1].numbers.items():
        unit = f" ({number.metric.unit})" if number.metric.unit not in ("share", "") else ""
        table.add_row(f"{number.metric.title}{unit}",
                      *(_value(each, key) for _, each, _ in found))  # fmt: skip
    print_table(table)
    for name, _, advice in found:
        for each in advice:
            setting = f" [{each.setting}]" if each.setting else ""
            say(f"{name}: {each.saw} {each.do}{setting}")


def _value(found: Quality, key: str) -> str:
    from ..charts import words

    number = found.numbers[key]
    if number.value is None:
        return "–"
    if number.metric.unit == "share":
        return words.share(number.value)
    tiny = 0 < number.value < 0.01
    return f"{number.value:.1g}" if tiny else words.number(number.value)


@audit.command("list")
def list_(db: Database, source: Sources = None, as_json: Json = False) -> None:
    """List the audits, with their error, bias and its 95 % interval."""
    from ..database import describing, open_readonly
    from ..quality import audits
    from ..quality.exporting import content_of

    with closing(open_readonly(db)) as connection, describing(db):
        kept = audits.audits(connection, source or ())
        known = [(each, audits.windows(connection, each.id)) for each in kept]
    if as_json:
        say(json.dumps([content_of(*each) for each in known], indent=2, allow_nan=False))
        return
    if not known:
        say("There are no audits; they begin on the dashboard's page Quality")
        return
    table = Table()
    for title in ("audit", "source", "of"):
        table.add_column(title, overflow="fold")
    for title in ("counted", "you", "system", "error", "bias", "relative bias", "95 %", "needed"):
        table.add_column(title, justify="right")
    for each, windows in known:
        table.add_row(*_row(each, audits.result(each, windows)))
    print_table(table)


def _row(each: Audit, found: Any) -> list[str]:
    from ..charts import words

    plan = each.plan
    of = " ".join(filter(None, (plan.quantity, plan.place, plan.direction, *plan.labels)))
    spread = "–"
    if found.relative_low is not None:
        spread = f"{found.relative_low:+.1%} to {found.relative_high:+.1%}"
    return [
        str(each.id), escape(plan.source), escape(of), f"{each.answered} of {each.windows}",
        words.number(found.truth), words.number(found.system), words.number(found.error),
        "–" if found.bias is None else f"{found.bias:+.2f}",
        "–" if found.relative is None else f"{found.relative:+.1%}", spread,
        "–" if found.needed is None else str(found.needed),
    ]  # fmt: skip


@audit.command("export")
def export(
    db: Database,
    number: Annotated[int, typer.Argument(metavar="AUDIT", help="Its number.")],
    output: Annotated[
        Optional[Path],  # noqa: UP045  (typer reads this on Python 3.10 too)
        typer.Option("--output", "-o", help="A .csv or .json file.", show_default="JSON, printed"),
    ] = None,
) -> None:
    """Write an audit's windows: what people counted, and what the system had counted."""
    from ..database import describing, open_readonly
    from ..quality import audits
    from ..quality.exporting import content_of, rows_of

    with closing(open_readonly(db)) as connection, describing(db):
        each = audits.find(connection, number)
        windows = audits.windows(connection, number)
    text = json.dumps(content_of(each, windows), indent=2, allow_nan=False)
    if output is None:
        say(text)
        return
    if output.suffix.lower() == ".csv":
        text = str(rows_of(each, windows).to_csv(index=False))
    elif output.suffix.lower() != ".json":
        raise OutputError(f"{output} is neither .csv nor .json")
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror or error}") from error
    say(f"{output}: {len(windows)} windows, {each.answered} of them counted")
