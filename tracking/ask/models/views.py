"""The record as documented views: what SQL that a model writes may read, and nothing else.

They leave out where sources are (addresses may hold passwords), settings, pictures and questions.
The views are temporary, so nothing is written to the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...localtime import DAY, LocalClock
from ...metrics import recorded
from ...times import LATEST, known_zone

Local = Callable[[str], str]
"""SQL of milliseconds since 1970 UTC -> SQL of the local time as text; needs a row of `source`."""


@dataclass(frozen=True, slots=True)
class View:
    """columns: each with its meaning, in the order of the SQL. sql: with local times filled in."""

    name: str
    about: str
    columns: tuple[tuple[str, str], ...]
    sql: Callable[[Local], str]


_TEXT = "local time at the source, as text like 2026-03-01 09:30:00, for date(), strftime()"
_MS = "milliseconds since 1970 UTC; faster to compare than the text"
_VISIT = "number of the visit: tracks that are most likely the same object share it"
_TRACK = "number of the track, as tracks.id"
_SOURCE = "name of the camera, stream or file"
_LABEL = "what it is, such as person or car"

_OF_TRACK = (
    " FROM main.people_tracks AS track JOIN main.sources AS source ON source.id = track.source_id"
)

VIEWS = (
    View(
        "sources",
        "What is watched; one row each.",
        (
            ("name", _SOURCE),
            ("kind", "what it is: camera, stream, file, folder ..."),
            ("timezone", "IANA name of its time zone"),
            ("width", "of its pictures, in pixels"),
            ("height", "of its pictures, in pixels"),
        ),
        lambda local: (
            "SELECT source.name, kind, timezone, width, height FROM main.sources AS source"
        ),
    ),
    View(
        "tracks",
        "What the tracker followed; one row for each identity. One object can be several tracks,"
        " so count objects with count(DISTINCT visit).",
        (
            ("id", _TRACK),
            ("source", _SOURCE),
            ("label", _LABEL),
            ("visit", _VISIT),
            ("first_seen", _TEXT),
            ("last_seen", _TEXT),
            ("first_ms", _MS),
            ("last_ms", _MS),
            ("seconds", "from first to last sighting"),
            ("positions", "how many positions there are of it"),
            ("confidence", "mean of the detector's, 0 to 1"),
        ),
        lambda local: (
            "SELECT track.id, source.name, label, coalesce(-visit_id, track.id),"
            f" {local('first_seen')}, {local('last_seen')}, first_seen, last_seen,"
            f" (last_seen - first_seen) / 1000.0, positions, confidence{_OF_TRACK}"
        ),
    ),
    View(
        "visits",
        "Objects that were seen: tracks joined; one row each. The number of people is that of"
        " visits with the label person.",
        (
            ("visit", _VISIT),
            ("source", _SOURCE),
            ("label", _LABEL),
            ("first_seen", _TEXT),
            ("last_seen", _TEXT),
            ("first_ms", _MS),
            ("last_ms", _MS),
            ("seconds", "how long it stayed: from first to last sighting"),
            ("tracks", "how many tracks it was made of"),
        ),
        lambda local: (
            "SELECT coalesce(-visit_id, track.id), source.name, min(label),"
            f" {local('min(first_seen)')}, {local('max(last_seen)')}, min(first_seen),"
            " max(last_seen), (max(last_seen) - min(first_seen)) / 1000.0, count(*)"
            f"{_OF_TRACK} GROUP BY source.id, coalesce(-visit_id, track.id)"
        ),
    ),
    View(
        "zones",
        "Areas that somebody has drawn and named; one row each.",
        (("name", "of the zone"), ("source", _SOURCE)),
        lambda local: (
            "SELECT DISTINCT zone.name, source.name FROM main.zones AS zone"
            " JOIN main.sources AS source ON source.id = zone.source_id"
        ),
    ),
    View(
        "lines",
        "Lines that somebody has drawn and named, to count who crosses them; one row each.",
        (
            ("name", "of the line"),
            ("source", _SOURCE),
            ("forward", "what crossing it forwards is called, such as in"),
            ("backward", "what crossing it backwards is called, such as out"),
        ),
        lambda local: (
            "SELECT DISTINCT line.name, source.name, forward, backward FROM main.lines AS line"
            " JOIN main.sources AS source ON source.id = line.source_id"
        ),
    ),
    View(
        "zone_stays",
        "Times that tracks spent in a zone without a break; one row each.",
        (
            ("track", _TRACK),
            ("visit", _VISIT),
            ("source", _SOURCE),
            ("label", _LABEL),
            ("zone", "name of the zone"),
            ("entered_at", _TEXT),
            ("left_at", _TEXT),
            ("entered_ms", _MS),
            ("left_ms", _MS),
            ("seconds", "in the zone: from entering to leaving"),
        ),
        lambda local: (
            "SELECT track.id, coalesce(-visit_id, track.id), source.name, label, zone.name,"
            f" {local('entered_at')}, {local('left_at')}, entered_at, left_at,"
            f" (left_at - entered_at) / 1000.0{_OF_TRACK}"
            " JOIN main.zone_stays AS stay ON stay.track = track.id"
            " JOIN main.zones AS zone ON zone.id = stay.zone_id"
        ),
    ),
    View(
        "crossings",
        "Moments at which a track crossed a line; one row each.",
        (
            ("track", _TRACK),
            ("visit", _VISIT),
            ("source", _SOURCE),
            ("label", _LABEL),
            ("line", "name of the line"),
            ("direction", "the line's own name for it, such as in or out"),
            ("at", _TEXT),
            ("at_ms", _MS),
        ),
        lambda local: (
            "SELECT track.id, coalesce(-visit_id, track.id), source.name, label, line.name,"
            " CASE direction WHEN 'forward' THEN forward WHEN 'backward' THEN backward"
            f" ELSE direction END, {local('t')}, t{_OF_TRACK}"
            " JOIN main.crossings AS crossing ON crossing.track = track.id"
            " JOIN main.lines AS line ON line.id = crossing.line_id"
        ),
    ),
    View(
        "coverage",
        "What was watched, minute by minute. Where there is no row, nothing was watched, and that"
        " nobody was seen then says nothing.",
        (
            ("source", _SOURCE),
            ("minute", "its beginning: " + _TEXT),
            ("minute_ms", "its beginning: " + _MS),
            ("watched", "seconds of the minute in which pictures came and were looked at"),
            ("stale", "seconds in which the picture was frozen"),
            ("down", "seconds in which no picture came"),
            ("stopped", "seconds in which watching was switched off"),
        ),
        lambda local: (
            f"SELECT source.name, {local('minute * 60000')}, minute * 60000, seconds_observed,"
            " seconds_stale, seconds_down, seconds_stopped FROM main.coverage AS coverage"
            " JOIN main.sources AS source ON source.id = coverage.source_id"
        ),
    ),
    View(
        "positions",
        "Where a track was, picture by picture: very many rows, so name a track or a short time.",
        (
            ("track", _TRACK),
            ("source", _SOURCE),
            ("label", _LABEL),
            ("at", _TEXT),
            ("at_ms", _MS),
            ("x", "centre of the box, pixels from the left"),
            ("y", "centre of the box, pixels from the top"),
            ("w", "width of the box in pixels"),
            ("h", "height of the box in pixels"),
            ("confidence", "of the detection, 0 to 1"),
        ),
        lambda local: (
            f"SELECT track.id, source.name, label, {local('t')}, t, x, y, w, h,"
            f" position.confidence{_OF_TRACK}"
            " JOIN main.positions AS position ON position.track = track.id"
        ),
    ),
)
"""All that there is, in the order in which it is explained."""


def described() -> str:
    """What the views are, as text for a person or a model."""
    return "\n\n".join(
        f"{view.name}: {view.about}\n"
        + "\n".join(f"  {column}: {meaning}" for column, meaning in view.columns)
        for view in VIEWS
    )


def definitions(connection: sqlite3.Connection) -> dict[str, str]:
    """For each view the statement that makes it, on this record.

    Its zones' clocks are written into it, so any SQLite runs it, right across clock changes.
    """
    local = _clocks(connection)
    return {
        view.name: f"CREATE TEMP VIEW {view.name} ({', '.join(name for name, _ in view.columns)})"
        f" AS {view.sql(local)}"
        for view in VIEWS
    }


def runnable(sql: str, views: Iterable[str], definitions: dict[str, str]) -> str:
    """A query with the views that it reads, for any program that opens the same file."""
    if not sqlite3.complete_statement(sql):
        sql += "\n;"  # in a line of its own: a comment may be the last thing
    return "\n".join([*(f"{definitions[view]};" for view in views), sql.strip()])


def _clocks(connection: sqlite3.Connection) -> Local:
    names = [name for (name,) in connection.execute("SELECT DISTINCT timezone FROM sources")]
    since, until = recorded(connection) or (0, 0)
    within = max(0, since - DAY), min(until + DAY, LATEST)
    offsets = {name: _offset(name, *within) for name in sorted(names) if known_zone(name) == name}

    def local(ms: str) -> str:
        cases = " ".join(f"WHEN '{name}' THEN {of(ms)}" for name, of in offsets.items())
        shift = f" + CASE source.timezone {cases} ELSE 0 END" if cases else ""
        return f"datetime(({ms}{shift}) / 1000, 'unixepoch')"

    return local


def _offset(name: str, since: int, until: int) -> Callable[[str], str]:
    """SQL of a zone's offset at a time, in ms."""
    clock = LocalClock.of(name, since, until)
    changes, offsets = clock.changes.tolist()[1:], clock.offsets.tolist()

    def of(ms: str) -> str:
        if not changes:
            return str(offsets[0])
        turns = " ".join(
            f"WHEN {ms} < {change} THEN {offset}"
            for change, offset in zip(changes, offsets, strict=False)
        )
        return f"CASE {turns} ELSE {offsets[-1]} END"

    return of
