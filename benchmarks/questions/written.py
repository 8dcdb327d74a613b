"""The objects of seeded.py in two databases: in our tables, and in those of the gold answers.

The reference has the tables that the shared bank's statements ask, with local times as text and one
row for an object, and beside them these views and tables, in which further statements are short:

    seen(id, source, label, a, b, stay)                  an object, from a to b, stay in seconds
    stays(object, source, zone, label, a, b, dwell)      its stay in a zone
    passes(object, source, line, label, t, direction)    its passing of a line
    outages(source, a, b, seconds, state)                a time in which a source was not watched
    days(day, weekday, a, b)                             a local day; weekday: Mon to Sun
    hours(day, weekday, hour, a, b)                      a local hour; twice 02:00 is one of them
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tracking.database import open_database

from .seeded import BEGIN, MINUTE, PLACES, TODAY, ZONE, Place, Thing, local

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def write_ours(path: Path, things: list[Thing]) -> Path:
    """The objects in a new database of ours, as the tracker would have recorded them."""
    path.unlink(missing_ok=True)
    with closing(open_database(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for number, place in enumerate(PLACES):
            _source(connection, number, place)
            _coverage(connection, number, place)
        _things(connection, things)
    return path


def _source(connection: sqlite3.Connection, number: int, place: Place) -> None:
    since, until = place.watched()
    connection.execute(
        "INSERT INTO sources VALUES (?, ?, ?, ?, ?, 1920, 1080, 5.0, ?)",
        (number, place.name, place.kind, place.uri, ZONE, since),
    )
    connection.execute(
        "INSERT INTO runs (id, source_id, started_at, ended_at, detector, weights, tracker,"
        " code_version, outcome, width, height) VALUES (?, ?, ?, ?, 'yolo', 'yolo11n', 'botsort',"
        " '0', ?, 1920, 1080)",
        (
            number + 1,
            number,
            since,
            until if place.end else None,
            "finished" if place.end else None,
        ),
    )
    for at_zone, (zone, _) in enumerate(place.zones):
        left = 100 + at_zone * 900
        corners = [[left, 300], [left + 700, 300], [left + 700, 900], [left, 900]]
        connection.execute(
            "INSERT INTO zones (source_id, name, polygon, valid_from) VALUES (?, ?, ?, ?)",
            (number, zone, json.dumps(corners), since),
        )
    if place.line:
        connection.execute(
            "INSERT INTO lines (source_id, name, points, forward, backward, valid_from)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (number, place.line[0], "[[0, 600], [1920, 600]]", *place.line[1:], since),
        )


def _coverage(connection: sqlite3.Connection, number: int, place: Place) -> None:
    since, until = place.watched()
    states = dict.fromkeys(range(since // MINUTE, until // MINUTE), "ok")
    for a, b, state in place.outages():
        states.update(dict.fromkeys(range(a // MINUTE, b // MINUTE), state))
    connection.executemany(
        "INSERT INTO coverage (source_id, minute, seconds_observed, frames, state, seconds_stale,"
        " seconds_down, seconds_stopped) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (number, minute, 60.0 * (state == "ok"), 300 * (state == "ok"), state,
             60.0 * (state == "stale"), 60.0 * (state == "down"), 60.0 * (state == "stopped"))
            for minute, state in states.items()
        ),
    )  # fmt: skip


def _things(connection: sqlite3.Connection, things: list[Thing]) -> None:
    ids = {place.name: number for number, place in enumerate(PLACES)}
    zones = dict(connection.execute("SELECT name, id FROM zones"))
    lines = dict(connection.execute("SELECT name, id FROM lines"))
    tracks, positions, stays, passes = [], [], [], []
    key = 0
    for visit, thing in enumerate(things, 1):
        for begin, end in thing.parts():
            key += 1
            sights = [sight for sight in thing.sights if begin <= sight.t <= end]
            sure = sum(sight.confidence for sight in sights) / len(sights)
            source = ids[thing.place.name]
            tracks.append((key, source + 1, source, key, thing.label, begin, end, len(sights), sure,
                           visit if thing.breaks else None))  # fmt: skip
            positions += [(key, s.t, s.t // 200, s.x, s.y, s.confidence) for s in sights]
            stays += [(key, zones[zone], a, b) for zone, a, b in thing.stays if begin <= a <= end]
            passes += [
                (key, lines[line], t, way) for line, t, way in thing.passes if begin <= t <= end
            ]
    connection.executemany(
        "INSERT INTO people_tracks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", tracks
    )
    connection.executemany("INSERT INTO positions VALUES (?, ?, ?, ?, ?, 80, 200, ?)", positions)
    connection.executemany("INSERT INTO zone_stays VALUES (?, ?, ?, ?)", stays)
    connection.executemany("INSERT INTO crossings VALUES (?, ?, ?, ?)", passes)


REFERENCE = """
CREATE TABLE sources(id INTEGER PRIMARY KEY, name TEXT, kind TEXT, uri TEXT);
CREATE TABLE people_tracks(id INTEGER PRIMARY KEY, source_id INTEGER, track_id INTEGER,
  class_name TEXT, first_seen TEXT, last_seen TEXT, seconds REAL);
CREATE TABLE positions(id INTEGER PRIMARY KEY, track_ref INTEGER, source_id INTEGER,
  ts TEXT, x REAL, y REAL, w REAL, h REAL, confidence REAL);
CREATE TABLE zones(id INTEGER PRIMARY KEY, source_id INTEGER, name TEXT);
CREATE TABLE zone_visits(id INTEGER PRIMARY KEY, track_ref INTEGER, zone_id INTEGER,
  entered_at TEXT, left_at TEXT, dwell_seconds REAL);
CREATE TABLE lines(id INTEGER PRIMARY KEY, source_id INTEGER, name TEXT);
CREATE TABLE line_crossings(id INTEGER PRIMARY KEY, track_ref INTEGER, line_id INTEGER,
  ts TEXT, direction TEXT);
CREATE TABLE outages(source TEXT, a TEXT, b TEXT, seconds REAL, state TEXT);
CREATE TABLE days(day TEXT, weekday TEXT, a TEXT, b TEXT);
CREATE TABLE hours(day TEXT, weekday TEXT, hour INTEGER, a TEXT, b TEXT);
CREATE INDEX tracks_by_time ON people_tracks(first_seen);
CREATE VIEW seen AS SELECT t.id, s.name AS source, class_name AS label, first_seen AS a,
  last_seen AS b, seconds AS stay FROM people_tracks t JOIN sources s ON s.id = source_id;
CREATE VIEW stays AS SELECT t.id AS object, t.source, z.name AS zone, t.label, entered_at AS a,
  left_at AS b, dwell_seconds AS dwell FROM zone_visits v JOIN seen t ON t.id = track_ref
  JOIN zones z ON z.id = zone_id;
CREATE VIEW passes AS SELECT t.id AS object, t.source, l.name AS line, t.label, ts AS t, direction
  FROM line_crossings c JOIN seen t ON t.id = track_ref JOIN lines l ON l.id = line_id;
"""


def write_reference(path: Path, things: list[Thing]) -> Path:
    """The objects in a new database of the tables that the gold statements ask."""
    path.unlink(missing_ok=True)
    ids = {place.name: number for number, place in enumerate(PLACES, 1)}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("PRAGMA synchronous = OFF;" + REFERENCE)
        connection.create_function("local", 1, local, deterministic=True)
        for place in PLACES:
            number = ids[place.name]
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, ?, ?)",
                (number, place.name, place.kind, place.uri),
            )
            connection.executemany(
                "INSERT INTO zones (source_id, name) VALUES (?, ?)",
                [(number, zone) for zone, _ in place.zones],
            )
            if place.line:
                connection.execute(
                    "INSERT INTO lines (source_id, name) VALUES (?, ?)", (number, place.line[0])
                )
            connection.executemany(
                "INSERT INTO outages VALUES (?, local(?), local(?), ?, ?)",
                [(place.name, a, b, (b - a) / 1000, state) for a, b, state in place.outages()],
            )
        _calendar(connection)
        _reference_things(connection, ids, things)
    return path


def _calendar(connection: sqlite3.Connection) -> None:
    for number in range((TODAY - BEGIN).days + 1):
        day = BEGIN + timedelta(days=number)
        edges = [f"{day} {hour:02}:00:00" for hour in range(24)]
        edges.append(f"{day + timedelta(days=1)} 00:00:00")
        name = WEEKDAYS[day.weekday()]
        connection.execute(
            "INSERT INTO days VALUES (?, ?, ?, ?)", (day.isoformat(), name, edges[0], edges[-1])
        )
        connection.executemany(
            "INSERT INTO hours VALUES (?, ?, ?, ?, ?)",
            [(day.isoformat(), name, hour, *edges[hour : hour + 2]) for hour in range(24)],
        )


def _reference_things(
    connection: sqlite3.Connection, ids: dict[str, int], things: list[Thing]
) -> None:
    zones = dict(connection.execute("SELECT name, id FROM zones"))
    lines = dict(connection.execute("SELECT name, id FROM lines"))
    objects, positions, stays, passes = [], [], [], []
    for key, thing in enumerate(things, 1):
        source = ids[thing.place.name]
        length = (thing.end - thing.begin) / 1000
        objects.append(
            (key, source, key, thing.label, local(thing.begin), local(thing.end), length)
        )
        positions += [(key, source, s.t, s.x, s.y, s.confidence) for s in thing.sights]
        stays += [
            (key, zones[zone], local(a), local(b), (b - a) / 1000) for zone, a, b in thing.stays
        ]
        passes += [(key, lines[line], local(t), way) for line, t, way in thing.passes]
    connection.executemany("INSERT INTO people_tracks VALUES (?, ?, ?, ?, ?, ?, ?)", objects)
    connection.executemany(
        "INSERT INTO positions (track_ref, source_id, ts, x, y, w, h, confidence)"
        " VALUES (?, ?, local(?), ?, ?, 80, 200, ?)",
        positions,
    )
    connection.executemany(
        "INSERT INTO zone_visits (track_ref, zone_id, entered_at, left_at, dwell_seconds)"
        " VALUES (?, ?, ?, ?, ?)",
        stays,
    )
    connection.executemany(
        "INSERT INTO line_crossings (track_ref, line_id, ts, direction) VALUES (?, ?, ?, ?)", passes
    )
