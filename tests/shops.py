"""A shop whose every number is known: zones and lines with what happened in them.

Two cameras in Berlin, a Friday until noon and the Thursday before. The entrance has a line, the
warehouse two zones; the warehouse's camera was down from 10 to 11 on Friday.
"""

from __future__ import annotations

import itertools
from contextlib import closing
from pathlib import Path

from tests.worlds import ms
from tracking.database import open_database

BERLIN = "Europe/Berlin"
DAY = 86_400_000


def at(clock: str, day: str = "2026-11-20") -> int:
    return ms(f"{day}T{clock}+01:00")


TRACKS = (  # id, source, label, first, last, visit
    (1, 0, "person", at("08:10"), at("08:12"), None),
    (2, 0, "person", at("09:05"), at("09:07:05"), None),
    (3, 0, "person", at("09:30"), at("09:31"), None),
    (4, 0, "person", at("09:40"), at("09:45"), 100),
    (5, 0, "person", at("09:46"), at("09:50"), 100),
    (6, 0, "bicycle", at("10:00"), at("10:01"), None),
    (7, 1, "person", at("09:10"), at("09:20"), None),
    (8, 1, "person", at("11:00"), at("11:30"), None),
    (9, 0, "person", at("09:00") - DAY, at("09:10") - DAY, None),
    (10, 0, "person", at("09:20") - DAY, at("09:22") - DAY, None),
)
PACES = ((1, 120.0, 100.0), (2, 50.0, 100.0), (3, 60.0, 60.0), (7, 30.0, 60.0))
"""Track, metres and seconds."""
STAYS = (  # track, zone, entered, left
    (7, 1, at("09:12"), at("09:15")),
    (7, 1, at("09:17"), at("09:18")),
    (8, 2, at("11:05"), at("11:25")),
)
CROSSINGS = (  # track, line, t, direction
    (1, 1, at("08:10"), "in"),
    (2, 1, at("09:05"), "in"),
    (2, 1, at("09:07"), "out"),
    (3, 1, at("09:30"), "in"),
    (4, 1, at("09:40"), "in"),
    (5, 1, at("09:49"), "out"),
)


def a_shop(path: Path) -> Path:
    with closing(open_database(path)) as connection, connection:
        for id, name in enumerate(("Entrance", "Warehouse")):
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, 'stream', '', ?, 640, 480, 5, 0)",
                (id, name, BERLIN),
            )
            connection.execute(
                "INSERT INTO runs (id, source_id, started_at, detector, tracker, code_version)"
                " VALUES (?, ?, 0, 'yolo', 'botsort', '')",
                (id, id),
            )
        minutes = []
        for source, begin in itertools.product((0, 1), (at("08:00"), at("08:00") - DAY)):
            for t in range(begin, begin + DAY // 6, 60_000):
                down = source == 1 and at("10:00") <= t < at("11:00")
                state = (0, "down", 60) if down else (60, "ok", 0)
                minutes.append((source, t // 60_000, *state))
        connection.executemany(
            "INSERT INTO coverage (source_id, minute, seconds_observed, frames, state,"
            " seconds_down) VALUES (?, ?, ?, 1, ?, ?)",
            minutes,
        )
        connection.executemany(
            "INSERT INTO people_tracks VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0.9, ?)",
            ((id, source, source, id, *rest) for id, source, *rest in TRACKS),
        )
        connection.execute(
            "INSERT INTO grounds (source_id, content, valid_from) SELECT id, '{}', 0 FROM sources"
        )
        connection.executemany("INSERT INTO paces VALUES (?, ?, ?, 0)", PACES)
        for id, name in ((1, "Storage"), (2, "Loading dock")):
            connection.execute("INSERT INTO zones VALUES (?, 1, ?, '[]', 0, NULL)", (id, name))
        connection.execute(
            "INSERT INTO lines VALUES (1, 0, 'Front door', '[]', 'in', 'out', 0, NULL)"
        )
        connection.executemany("INSERT INTO zone_stays VALUES (?, ?, ?, ?)", STAYS)
        connection.executemany("INSERT INTO crossings VALUES (?, ?, ?, ?)", CROSSINGS)
    return path
