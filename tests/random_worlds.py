"""Databases of many kinds, made from a seed: what is computed of them can be compared with SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.worlds import ms
from tracking.database import open_database
from tracking.filters import Filter
from tracking.localtime import DAY, HOUR, MINUTE

WEEKEND = Filter(ms("2026-03-28T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"))
CHANGED = ms("2026-03-28T15:00:00+01:00")
LATER = ms("2026-04-01T00:00:00+02:00")

ODD = "o'clock {x}"
SOURCES = ("Europe/Berlin", "Europe/Berlin", "Asia/Kolkata")
ZONES = ((0, "hall"), (0, "hall"), (1, "hall"), (0, "desk"), (2, ODD), (2, "unused"))
LINES = ((0, "door", "in", "out"), (1, "door", "in", "out"), (0, "stairs", "up", "down"))


def a_random_one(path: Path, seed: int) -> sqlite3.Connection:
    """Tracks of all lengths at three sources over three days, some joined into visits.

    They stay in zones, which may lie over each other, and cross lines. One zone was changed at its
    first source, and its name is that of another at the second one. Some tracks break and go on as
    others, more or less surely; with an odd seed nobody looked for that at the last source.
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
    connection.execute("UPDATE zones SET valid_to = ? WHERE id = 1", (CHANGED,))
    connection.execute("UPDATE zones SET valid_from = ? WHERE id = 2", (CHANGED,))
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
    _break(connection, random)
    connection.executemany(
        "INSERT INTO joinings VALUES (?, 0, 0, '{}')", ((each,) for each in range(3 - seed % 2))
    )
    _pace(connection, seed)
    connection.commit()
    return connection


def _pace(connection: sqlite3.Connection, seed: int) -> None:
    """How far most tracks walked; each source has a ground plane."""
    random = np.random.default_rng(seed + 1000)
    connection.execute(
        "INSERT INTO grounds (source_id, content, valid_from) SELECT id, '{}', 0 FROM sources"
    )
    for (track,) in connection.execute("SELECT id FROM people_tracks ORDER BY id").fetchall():
        if random.random() < 0.8:
            seconds = float(random.choice([0, 0.5, 1, 20, 300]))
            row = (track, float(random.uniform(0, 50)), seconds)
            connection.execute("INSERT INTO paces VALUES (?, ?, ?, 0)", row)


def _break(connection: sqlite3.Connection, random: np.random.Generator) -> None:
    """Tracks that others go on as, and they as others, each with a score."""
    rows = "SELECT id, source_id, label, first_seen, last_seen FROM people_tracks ORDER BY id"
    going_on = [each for each in connection.execute(rows).fetchall() if random.random() < 0.3]
    for number in range(5000, 5000 + 2 * len(going_on)):  # no visit's number
        before, source, label, begun, ended = going_on[number % len(going_on)]
        first = max(begun + 1, ended + int(random.integers(-5_000, 60_000)))
        last = _a_track(connection, random, number, (source, label, first, ended + 1 - first))
        score = float(random.choice([0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95]))
        connection.execute(
            "INSERT INTO joins VALUES (?, ?, ?, ?)", (before, number, score, first - ended)
        )
        if score >= 0.5:
            connection.execute(
                "UPDATE people_tracks SET visit_id = coalesce((SELECT coalesce(visit_id, id)"
                " FROM people_tracks WHERE id = ?1), ?1) WHERE id IN (?1, ?2)",
                (before, number),
            )
        going_on[number % len(going_on)] = (number, source, label, first, last)


def _a_track(
    connection: sqlite3.Connection,
    random: np.random.Generator,
    number: int,
    goes_on: tuple[int, str, int, int] | None = None,
) -> int:
    """When it was last seen. goes_on: its source, label, beginning, and how long it lasts at least
    in milliseconds."""
    first = WEEKEND.since + int(random.integers(-DAY // 2, 3 * DAY))
    lasts = int(random.choice([0, 5_000, MINUTE, HOUR, 7 * HOUR])) + int(random.integers(9))
    source, label = int(random.integers(3)), ["person", "car", ODD][int(random.integers(3))]
    if goes_on is not None:
        source, label, first, least = goes_on
        lasts = max(lasts if random.random() < 0.5 else 0, least)
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
            label,
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
        if where == source and key != 2:
            ends = np.sort(first + random.integers(0, lasts + 1, 2 * int(random.integers(3))))
            stays = [(number, key, int(a), int(b)) for a, b in ends.reshape(-1, 2)]
            connection.executemany(
                "INSERT OR IGNORE INTO zone_stays VALUES (?, ?, ?, ?)",
                _by_version(stays, random) if key == 1 else stays,
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
    return first + lasts


def _by_version(
    stays: list[tuple[int, int, int, int]], random: np.random.Generator
) -> Iterator[tuple[int, int, int, int]]:
    """Stays in the zone that was changed: those over the change are one in each version."""
    for number, key, entered, left in stays:
        before = min(left, CHANGED - 1 - int(random.integers(1500)))
        after = max(entered, CHANGED + int(random.integers(1500)))
        if entered < CHANGED:
            yield number, key, entered, max(entered, before)
        if left >= CHANGED:
            yield number, key + 1, after, max(after, left)


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
