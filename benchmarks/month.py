"""Make a database of one month of four sources, always the same, to measure questions on.

python -m benchmarks.month FILE [--positions 10000000] [--ask]

With --ask it also says how long the footprints' answers take on it, and how large its tables are.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from tracking.database import open_database, open_readonly
from tracking.footprints import COLUMNS, presence_grid, settle, store, tracks_in

BEGIN = datetime(2026, 3, 1, tzinfo=timezone.utc)
DAYS = 31
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SINCE = round(BEGIN.timestamp() * 1000)
STEP = 200  # milliseconds: five frames a second
LONG = 100  # positions of a track, on average
# how busy each hour of a local day is: the two rushes and lunch, and a night that is never empty
STREET = [2, 1, 1, 1, 2, 6, 18, 45, 70, 42, 30, 32, 50, 44, 32, 36, 55, 78, 66, 38, 24, 16, 9, 4]
SHOP = [0, 0, 0, 0, 0, 0, 0, 2, 20, 35, 42, 48, 60, 55, 45, 48, 58, 66, 50, 25, 2, 0, 0, 0]


@dataclass(frozen=True)
class Place:
    """A source. busy: its share of all tracks; gaps: day, hour, hours, and why it was not seen."""

    name: str
    timezone: str
    size: tuple[int, int]
    rhythm: list[int]
    busy: float
    weekend: float
    cars: float
    gaps: tuple[tuple[int, float, float, str], ...]


PLACES = [
    Place("entrance", "Europe/Berlin", (640, 480), SHOP, 0.35, 0.5, 0.0,
          ((4, 11, 1.5, "down"), (17, 2, 5, "stopped"))),
    Place("car park", "Europe/Berlin", (640, 480), STREET, 0.25, 0.7, 0.5,
          ((9, 8.25, 0.5, "stale"), (22, 15, 20, "down"))),
    Place("plaza", "America/New_York", (1280, 720), STREET, 0.3, 1.4, 0.1,
          ((6, 20, 0.2, "stale"), (13, 0, 24, "stopped"), (26, 14, 0.7, "down"))),
    Place("gate", "America/New_York", (640, 480), STREET, 0.1, 0.3, 0.2,
          ((1, 3, 3, "down"), (19, 12.1, 2.3, "stale"))),
]  # fmt: skip


def busy_minutes(place: Place) -> np.ndarray:
    """How many tracks begin in each minute of the month, relative to each other."""
    zone = ZoneInfo(place.timezone)
    hours = []
    for hour in range(DAYS * 24):
        local = (BEGIN + timedelta(hours=hour)).astimezone(zone)
        hours.append(place.rhythm[local.hour] * (place.weekend if local.weekday() > 4 else 1))
    return np.repeat(np.array(hours, float), 60) * watched(place)


def gaps(place: Place) -> Iterator[tuple[int, int, str]]:
    """First minute, minute after the last, and why."""
    for day, hour, hours, why in place.gaps:
        begin = round(day * 1440 + hour * 60)
        yield begin, min(begin + round(hours * 60), DAYS * 1440), why


def watched(place: Place) -> np.ndarray:
    seen = np.ones(DAYS * 1440, bool)
    for begin, end, _ in gaps(place):
        seen[begin:end] = False
    return seen


def periods(place: Place) -> list[tuple[int, int]]:
    """The runs: minutes from gap to gap."""
    edges = [0]
    for begin, end, _ in gaps(place):
        edges += [begin, end]
    edges.append(DAYS * 1440)
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


@dataclass
class Walks:
    """Positions of a day's tracks, sorted by track, then t; `of` counts tracks from 0."""

    of: np.ndarray
    t: np.ndarray
    box: np.ndarray
    begin: np.ndarray
    count: np.ndarray
    car: np.ndarray
    stays: np.ndarray


def walks(place: Place, random: np.random.Generator, minutes: np.ndarray, ends: int) -> Walks:
    """Walks from one edge of the frame to another, one for each beginning minute."""
    minutes = np.append(minutes, minutes[len(minutes) // 2 :][:1])  # somebody waits on the bench
    begin = SINCE + minutes * MINUTE + random.integers(0, MINUTE, len(minutes))
    count = np.clip(random.gamma(4, LONG / 4, len(minutes)), 10, 600).astype(int)
    stays = np.zeros(len(minutes), bool)
    stays[-1] = True
    count[-1] = min(9000, len(minutes) * LONG * random.uniform(0.04, 0.1))
    count = np.maximum(1, np.minimum(count, (ends - begin) // STEP))
    order = np.argsort(begin, kind="stable")
    begin, count, stays = begin[order], count[order], stays[order]
    car = (random.random(len(begin)) < place.cars) & ~stays
    of = np.repeat(np.arange(len(begin)), count)
    step = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    feet = _feet(place, random, of, step / np.maximum(1, count - 1)[of], stays)
    h = (0.1 * place.size[1] + 0.18 * feet[:, 1]) * np.where(car, 0.8, 1)[of]
    w = h * np.where(car, 1.9, 0.4)[of] * random.uniform(0.95, 1.05, len(of))
    box = np.stack([feet[:, 0], feet[:, 1] - h / 2, w, h], axis=1).round(1)
    return Walks(of, begin[of] + step * STEP, box, begin, count, car, stays)


def _feet(
    place: Place,
    random: np.random.Generator,
    of: np.ndarray,
    way: np.ndarray,
    stays: np.ndarray,
) -> np.ndarray:
    """Where they stand; way: from 0 to 1 over each track. Most use the same few doors."""
    doors = np.array([(0.02, 0.55), (0.98, 0.6), (0.3, 0.25), (0.7, 0.97), (0.5, 0.3), (0.1, 0.97)])
    tracks = len(stays)
    ends = random.choice(len(doors), (2, tracks), p=[0.3, 0.25, 0.15, 0.15, 0.1, 0.05])
    ends[1] = np.where(ends[0] == ends[1], (ends[1] + 1) % len(doors), ends[1])
    spread = random.normal(0, 0.03, (3, tracks, 2))
    start, goal = doors[ends[0]] + spread[0], doors[ends[1]] + spread[1]
    bend = (start + goal) / 2 + 4 * spread[2]
    pause = random.uniform(0, 0.5, tracks) * (random.random(tracks) < 0.3)  # some stop on the way
    way = np.clip(np.where(way < 0.5, way, np.maximum(0.5, way - pause[of])), 0, 1)[:, None]
    curve = (1 - way) ** 2 * start[of] + 2 * way * (1 - way) * bend[of] + way**2 * goal[of]
    bench = np.array([0.62, 0.7]) + 0.2 * spread[0]
    curve = np.where(stays[of][:, None], bench[of], curve)
    return curve * place.size + random.normal(0, 0.7, curve.shape)


def make(path: Path, positions: int) -> None:
    with closing(open_database(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        with connection:
            for source, place in enumerate(PLACES):
                add_source(connection, source, place)
        runs = {
            source: connection.execute(
                "SELECT id, started_at, ended_at FROM runs WHERE source_id = ? ORDER BY id",
                (source,),
            ).fetchall()
            for source in range(len(PLACES))
        }
        starts = [beginnings(place, source, positions) for source, place in enumerate(PLACES)]
        for day in range(DAYS):
            with connection:
                for source, place in enumerate(PLACES):
                    add_day(connection, source, place, starts[source], day, runs[source])
            with connection:
                settle(connection)


def beginnings(place: Place, source: int, positions: int) -> np.ndarray:
    """The minute of the month in which each track of a place begins."""
    random = np.random.default_rng((7, source))
    busy = busy_minutes(place)
    tracks = positions / 1.07 / LONG * place.busy  # the rest are those who stay long
    return np.repeat(np.arange(DAYS * 1440), random.poisson(busy / busy.sum() * tracks))


def add_source(connection: sqlite3.Connection, source: int, place: Place) -> None:
    width, height = place.size
    connection.execute(
        "INSERT INTO sources VALUES (?, ?, 'camera', ?, ?, ?, ?, 5, ?)",
        (source, place.name, str(source), place.timezone, width, height, SINCE),
    )
    connection.executemany(
        "INSERT INTO runs (source_id, width, height, started_at, ended_at, detector, weights,"
        " tracker, settings, code_version, frames, outcome)"
        " VALUES (?, ?, ?, ?, ?, 'yolo', 'yolo11n', 'botsort', ?, '0', ?, 'stopped')",
        (
            (
                source,
                width,
                height,
                SINCE + begin * MINUTE,
                SINCE + end * MINUTE,
                json.dumps({"runner": True, "fps": 5}),
                (end - begin) * 300,
            )
            for begin, end in periods(place)
        ),
    )
    first = SINCE // MINUTE
    rows = [
        [source, first + minute, 60 * seen, 300 * seen, "ok", 0, 0, 0]
        for minute, seen in enumerate(watched(place).tolist())
    ]
    for begin, end, why in gaps(place):
        for row in rows[begin:end]:
            row[4] = why
            row[5 + ("stale", "down", "stopped").index(why)] = 60
    connection.executemany("INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute(
        "INSERT INTO stills VALUES (?, ?, ?, ?, ?)",
        (source, SINCE + DAYS * DAY - 600_000, width, height, still(place)),
    )


def still(place: Place) -> bytes:
    """A floor with lines that run away from who looks."""
    width, height = place.size
    image = np.full((height, width, 3), (96, 104, 108), np.uint8)
    image[: height // 5] = (150, 140, 130)
    for line in range(-4, 13):
        far, near = (width * (line + 8) // 24, height // 5), (width * line // 8, height)
        cv2.line(image, far, near, (120, 128, 132), 2, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])


def add_day(
    connection: sqlite3.Connection,
    source: int,
    place: Place,
    starts: np.ndarray,
    day: int,
    runs: list[tuple[int, int, int]],
) -> None:
    random = np.random.default_rng((7, source, day))
    today = starts[(starts >= day * 1440) & (starts < (day + 1) * 1440)]
    for run, started, ended in runs:
        minute = SINCE + today * MINUTE
        minutes = today[(minute >= started) & (minute < ended)]
        if len(minutes):
            walked = walks(place, random, minutes, ended)
            add_tracks(connection, (source, run), started, walked, random)


def add_tracks(
    connection: sqlite3.Connection,
    ids: tuple[int, int],
    started: int,
    walked: Walks,
    random: np.random.Generator,
) -> None:
    (key,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM people_tracks").fetchone()
    (number,) = connection.execute(
        "SELECT coalesce(max(track_id), 0) + 1 FROM people_tracks WHERE run_id = ?", (ids[1],)
    ).fetchone()
    confidence = random.uniform(0.4, 0.95, len(walked.begin)).round(3)
    tracks = zip(
        walked.begin.tolist(),
        walked.count.tolist(),
        walked.car.tolist(),
        confidence.tolist(),
        strict=True,
    )
    connection.executemany(
        "INSERT INTO people_tracks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            (key + n, ids[1], ids[0], number + n, "car" if car else "person",
             begin, begin + (count - 1) * STEP, count, sure)
            for n, (begin, count, car, sure) in enumerate(tracks)
        ),
    )  # fmt: skip
    of, box = key + walked.of, walked.box.T
    frame = (walked.t - started) // STEP
    sure = np.round(confidence[walked.of], 2)
    columns = [column.tolist() for column in (of, walked.t, frame, *box, sure)]
    connection.executemany(
        "INSERT INTO positions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", zip(*columns, strict=True)
    )
    store(connection, ids, of, walked.t, box[0], box[1], box[3])


def ask(path: Path, console: Console) -> None:
    with closing(open_readonly(path)) as connection:
        for (size,) in connection.execute("SELECT count(*) FROM positions"):
            console.print(f"{size:,} positions")
        table = Table("table", "MB", title="Size with indexes")
        for name, size in connection.execute(
            "SELECT m.tbl_name, sum(pgsize) / 1e6 FROM dbstat JOIN sqlite_master AS m USING (name)"
            " GROUP BY 1 ORDER BY 2 DESC"
        ):
            table.add_row(name, f"{size:.1f}")
        console.print(table)
        table = Table("question of one source", "ms", "CPU ms", title="How long answers take")
        for name, question in questions(connection):
            taken = [timed(question) for _ in range(7)]
            wall, cpu = (statistics.median(times) for times in zip(*taken, strict=True))
            table.add_row(name, f"{wall:.0f}", f"{cpu:.0f}")
        console.print(table)


def timed(question: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of the clock and of the processor."""
    begun, spent = time.perf_counter(), time.process_time()
    question()
    return (time.perf_counter() - begun) * 1000, (time.process_time() - spent) * 1000


def questions(connection: sqlite3.Connection) -> list[tuple[str, Callable[[], Any]]]:
    first = SINCE // MINUTE
    month = [(first, first + DAYS * 1440)]
    odd = [(first + 30, first + DAYS * 1440 - 30)]
    daytime = [(first + d * 1440 + 360, first + d * 1440 + 1110) for d in range(DAYS)]
    rush = [(first + d * 1440 + 960, first + d * 1440 + 1080) for d in range(DAYS) if d % 7 < 5]
    day = [(first + 11 * 1440 + 100, first + 12 * 1440 + 100)]
    region = [row * COLUMNS + column for row in range(12, 20) for column in range(20, 30)]
    return [
        ("grid, month", lambda: presence_grid(connection, 0, month)),
        ("grid, month, cars of the car park", lambda: presence_grid(connection, 1, month, ["car"])),
        ("grid, month less an hour", lambda: presence_grid(connection, 0, odd)),
        ("grid, month, half of each day", lambda: presence_grid(connection, 0, daytime)),
        ("the same, persons", lambda: presence_grid(connection, 0, daytime, ["person"])),
        ("grid, month, rush hours of workdays", lambda: presence_grid(connection, 0, rush)),
        ("grid, any 24 hours", lambda: presence_grid(connection, 0, day)),
        ("who stood in a region, month", lambda: tracks_in(connection, 0, region, month, limit=50)),
        ("who stood in a region, rush", lambda: tracks_in(connection, 0, region, rush, limit=50)),
        ("who stood in a region, 24 hours", lambda: tracks_in(connection, 0, region, day)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.month")
    parser.add_argument("file", type=Path)
    parser.add_argument("--positions", type=int, default=10_000_000)
    parser.add_argument("--ask", action="store_true")
    asked = parser.parse_args()
    console = Console()
    if asked.file.exists():
        console.print(f"{asked.file} is there already")
    else:
        begun = time.monotonic()
        make(asked.file, asked.positions)
        console.print(f"made {asked.file} in {time.monotonic() - begun:.0f} s")
    if asked.ask:
        ask(asked.file, console)


if __name__ == "__main__":
    main()
