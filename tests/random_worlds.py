"""Databases of many kinds, made from a seed: what is computed of them can be compared with SQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from tests.worlds import ms
from tracking.database import open_database
from tracking.filters import Filter
from tracking.localtime import DAY, HOUR, MINUTE

WEEKEND = Filter(ms("2026-03-28T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"))
LATER = ms("2026-04-01T00:00:00+02:00")

ODD = "o'clock {x}"
SOURCES = ("Europe/Berlin", "Europe/Berlin", "Asia/Kolkata")
ZONES = ((0, "hall"), (0, "hall"), (1, "hall"), (0, "desk"), (2, ODD), (2, "unused"))
LINES = ((0, "door", "in", "out"), (1, "door", "in", "out"), (0, "stairs", "up", "down"))


def a_random_one(path: Path, seed: int) -> sqlite3.Connection:
    """Tracks of all lengths at three sources over three days, some joined into visits.

    They stay in zones, which may lie over each other, and cross lines. One zone has two versions
    at its first source, and its name is that of another at the second one.
    """
    random = np.random.default_rng(seed)
    connection = open_database(path)
    for number, zone in enumerate(SOURCES):
        connection.execute(
            "INSERT INTO sources VALUES (?, ?, 'stream', '', ?, 640, 480, 5, 0)",
            (number, f"source {number}", zone),
        )
        connection.execute(
            "INSERT INTO runs (id, source_id, started_at, detector, tracker, code_version)"
            " VALUES (?, ?, 0, 'yolo', 'botsort', '')",
            (number, number),
        )
        minutes = np.flatnonzero(random.random(3 * 1440) < 0.7) + WEEKEND.since // MINUTE
        connection.executemany(
            "INSERT INTO coverage (source_id, minute, seconds_observed, frames, state)"
            " VALUES (?, ?, ?, 1, 'ok')",
            ((number, int(m), float(random.integers(1, 61))) for m in minutes),
        )
    connection.executemany(
        "INSERT INTO zones (source_id, name, polygon, valid_from) VALUES (?, ?, '[]', 0)", ZONES
    )
    connection.executemany(
        "INSERT INTO lines (source_id, name, points, forward, backward, valid_from)"
        " VALUES (?, ?, '[]', ?, ?, 0)",
        LINES,
    )
    for number in range(int(random.integers(0, 150))):
        _a_track(connection, random, number)
    connection.execute(
        "UPDATE people_tracks SET visit_id = 1000 + source_id * 9 + id % 9"
        " WHERE id % 4 = 0 AND label = 'person'"
    )
    connection.commit()
    return connection


def _a_track(connection: sqlite3.Connection, random: np.random.Generator, number: int) -> None:
    first = WEEKEND.since + int(random.integers(-DAY // 2, 3 * DAY))
    lasts = int(random.choice([0, 5_000, MINUTE, HOUR, 7 * HOUR])) + int(random.integers(9))
    source = int(random.integers(3))
    inner = first + random.integers(0, lasts + 1, int(random.integers(30)))
    times = sorted({first, *inner.tolist(), first + lasts})
    sure = random.integers(300, 1000, len(times)) / 1000
    connection.execute(
        "INSERT INTO people_tracks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            number,
            source,
            source,
            number,
            ["person", "car", ODD][int(random.integers(3))],
            first,
            first + lasts,
            len(times),
            float(sure.mean()),
        ),
    )
    connection.executemany(
        "INSERT INTO positions VALUES (?, ?, 0, 9, 9, 9, 9, ?)",
        ((number, t, float(each)) for t, each in zip(times, sure, strict=True)),
    )
    for key, (where, _) in enumerate(ZONES[:-1], 1):
        if where == source:
            ends = np.sort(first + random.integers(0, lasts + 1, 2 * int(random.integers(3))))
            connection.executemany(
                "INSERT OR IGNORE INTO zone_stays VALUES (?, ?, ?, ?)",
                ((number, key, int(a), int(b)) for a, b in ends.reshape(-1, 2)),
            )
    for key, (where, _, *ways) in enumerate(LINES, 1):
        if where == source:
            moments = first + random.integers(0, lasts + 1, int(random.integers(3)))
            connection.executemany(
                "INSERT OR IGNORE INTO crossings VALUES (?, ?, ?, ?)",
                (
                    (number, key, int(t), [*ways, "forward", "backward"][int(random.integers(4))])
                    for t in moments
                ),
            )


def some_filter(random: np.random.Generator) -> Filter:
    """Of a window, sometimes of some sources, labels, hours and weekdays."""
    since = WEEKEND.since + int(random.integers(-20, 40)) * HOUR // 4
    since += int(random.integers(HOUR)) if random.random() < 0.3 else 0
    return Filter(
        since,
        since + int(random.choice([MINUTE, HOUR, 5 * HOUR, 30 * HOUR, 3 * DAY])),
        sources=("source 0", "source 2") if random.random() < 0.3 else (),
        labels=("person",) if random.random() < 0.3 else (),
        hours=tuple(range(8, 20)) if random.random() < 0.4 else (),
        weekdays=(5, 6) if random.random() < 0.2 else (),
        least=float(random.choice([3, 3600])) if random.random() < 0.2 else None,
        most=float(random.choice([30, 9000.5])) if random.random() < 0.2 else None,
    )
