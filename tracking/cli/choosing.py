"""Which part of the record a command is about: the options, and the filter that they make."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ..errors import SettingsError
from .printing import note

if TYPE_CHECKING:
    from ..filters import Choice, Filter

Since = Annotated[
    Optional[str],  # noqa: UP045  (typer reads this on Python 3.10 too)
    typer.Option(
        help="From when, like 2026-03-01T09:00, in the sources' zone.", show_default=False
    ),
]
Until = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="To when; not itself included.", show_default=False),
]
Range = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--range", metavar="today|24h|7d|all|...", help="A window that has a name."),
]
Sources = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--source", help="Only this source; may be repeated.", metavar="NAME"),
]
Labels = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--label", help="Only tracks with this label; may be repeated.", metavar="LABEL"),
]
Hours = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        metavar="HOURS", help="Only these hours of each source's day, like 9-17 (to 17:59) or 22-5."
    ),
]
Days = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(metavar="DAYS", help="Only these days of its week, like mon-fri or sat,sun."),
]
Zones = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--zone", help="Only stays in this zone; may be repeated.", metavar="NAME"),
]
Lines = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--line", help="Only what crossed this line; may be repeated.", metavar="NAME"),
]
Directions = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--direction", help="Only crossings that way, like in.", metavar="NAME"),
]
Least = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option("--least", help="Only stays of at least so many seconds.", metavar="SECONDS"),
]
Most = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option("--most", help="Only stays of at most so many seconds.", metavar="SECONDS"),
]


def chosen(
    connection: sqlite3.Connection,
    now: int,
    since: str | None,
    until: str | None,
    range: str | None,
    sources: list[str] | None,
    labels: list[str] | None,
    hours: str | None,
    days: str | None,
    usual: str | None = None,
) -> Filter:
    """The filter that the options make; usual: the range where none is given.

    Raises NothingRecorded for a source that there is not, and SettingsError for an odd time.
    """
    from dataclasses import replace

    from ..database import find_source
    from ..metrics import known_sources, recorded
    from ..metrics.selection import common_zone

    for name in sources or []:
        find_source(connection, name)
    choice = _choice(range or usual, sources, labels, hours, days)
    _note_unknown_labels(connection, choice.labels)
    there = [each for each in known_sources(connection) if not sources or each.name in sources]
    zone, extent = common_zone(there), recorded(connection, choice.sources)
    if since is None and until is None:
        return choice.filter(now, extent, zone)
    if range is not None:
        raise typer.BadParameter("say --range, or --since and --until, not both")
    window = _window(since, until, zone, replace(choice, range="all").window(now, extent, zone))
    return replace(choice, range="custom", since=window[0], until=window[1]).filter(
        now, extent, zone
    )


def _choice(
    range: str | None,
    sources: list[str] | None,
    labels: list[str] | None,
    hours: str | None,
    days: str | None,
) -> Choice:
    """What is chosen, besides two moments. Raises BadParameter for what cannot be read."""
    from ..filters import RANGES, read_choice

    if range is not None and range not in RANGES:
        raise typer.BadParameter(
            f"{range!r} is not one of {', '.join(RANGES)}", param_hint="--range"
        )
    query = {"range": [range] if range else [], "source": sources or [], "label": labels or []}
    for name, text, like in (("hours", hours, "9-17 or 22-5"), ("days", days, "mon-fri or sat")):
        if text is None:
            continue
        if not text.strip(", ") or read_choice({name: [text]})[1]:
            raise typer.BadParameter(
                f"{text!r} cannot be read; write it like {like}", param_hint=f"--{name}"
            )
        query[name] = [text]
    return read_choice(query)[0]


def _window(
    since: str | None, until: str | None, zone: str, recorded: tuple[int, int]
) -> tuple[int, int]:
    """Two moments; the one that is not given is the record's beginning or end."""
    from ..times import to_ms

    begin = recorded[0] if since is None else to_ms(since, zone)
    end = recorded[1] if until is None else to_ms(until, zone)
    if begin < end:
        return begin, end
    if since is None or until is None:
        which = f"--until {until}" if since is None else f"--since {since}"
        raise SettingsError(f"{which} lies outside of what is recorded")
    raise SettingsError(f"--until {until} is not after --since {since}")


def _note_unknown_labels(connection: sqlite3.Connection, labels: tuple[str, ...]) -> None:
    from ..metrics import known_labels, known_sources

    if not labels:
        return
    known = {
        label
        for source in known_sources(connection)
        for label in known_labels(connection, source.id)
    }
    for label in labels:
        if label not in known:
            note(f"No track was ever labelled {label!r}, but {', '.join(sorted(known)) or 'none'}")
