"""How long it takes to derive all stays and crossings of a month anew, and beside a runner.

python -m benchmarks.zones --database FILE

FILE is one that `python -m benchmarks.month` made; it is copied, and stays as it is.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from tracking.book import Book
from tracking.database import open_database, sources
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame, Track
from tracking.zones import Line, Zone, derive, put

NO_PICTURE = np.empty((0, 0, 3), np.uint8)
SECONDS, FPS, PEOPLE, PLACES = 60, 10, 8, 4


def shapes(width: float, height: float) -> list[Zone | Line]:
    """Three zones, one of them with a hole, and two lines, one of them with corners."""

    def at(*points: tuple[float, float]) -> tuple[tuple[float, float], ...]:
        return tuple((x * width, y * height) for x, y in points)

    corners = at((0.05, 0.4), (0.4, 0.35), (0.6, 0.5), (0.95, 0.45), (0.9, 0.95), (0.1, 0.9))
    hole = at((0.4, 0.6), (0.6, 0.6), (0.6, 0.7), (0.4, 0.7))
    return [
        Zone("hall", corners, (hole,)),
        Zone("left", at((0, 0.4), (0.3, 0.4), (0.3, 1), (0, 1))),
        Zone("bench", at((0.5, 0.6), (0.75, 0.6), (0.75, 0.8), (0.5, 0.8))),
        Line("middle", at((0.5, 0.2), (0.5, 1)), "right", "left"),
        Line("steps", at((0.1, 0.7), (0.3, 0.75), (0.5, 0.6), (0.9, 0.7))),
    ]


def draw(path: Path) -> int:
    """Draw them at every source; how many there are now."""
    drawn = 0
    with closing(open_database(path)) as connection:
        for source in sources(connection):
            size = connection.execute(
                "SELECT width, height FROM sources WHERE id = ?", (source.id,)
            ).fetchone()
            drawn += len(put(connection, source.name, shapes(*size)))
    return drawn


def rederive(database: Path, folder: Path) -> Table:
    shown = Table("", "", title="The past", title_justify="left", show_header=False)
    copy = folder / "month.db"
    with closing(sqlite3.connect(database)) as given, closing(sqlite3.connect(copy)) as mine:
        given.backup(mine)
    drawn = draw(copy)
    for title in ("first time", "all of it anew"):
        wall, cpu = time.perf_counter(), time.process_time()
        done = derive(copy, everything=True)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        shown.add_row(title, f"{wall:.1f} s, {cpu:.1f} s of one core")
    with closing(sqlite3.connect(copy)) as connection:
        (stays,) = connection.execute("SELECT count(*) FROM zone_stays").fetchone()
        (crossings,) = connection.execute("SELECT count(*) FROM crossings").fetchone()
    shown.add_row("zones and lines", f"{drawn}")
    shown.add_row("positions", f"{done.positions:,} of {done.tracks:,} tracks")
    shown.add_row("stays, crossings", f"{stays:,}, {crossings:,}")
    return shown


def writing_seconds(path: Path, with_zones: bool) -> float:
    """CPU seconds of the writer for a minute of several sources, a batch twice a second."""
    with closing(open_database(path)) as connection:
        book = Book()
        runs = [
            Run(Source(f"s{n}", "stream", "", "UTC", 640, 480, FPS), 0, "yolo", None, "botsort", "")
            for n in range(PLACES)
        ]
        for run in runs:
            book.take(SourceStarted(run))
        book.write(connection)
        if with_zones:
            for run in runs:
                put(connection, run.source.name, shapes(640, 480))
        random = np.random.default_rng(1)
        begin = time.process_time()
        for index in range(SECONDS * FPS):
            for run in runs:
                tracks = people(index, random)
                book.take(TracksSeen(run, Frame(index, index * 100, NO_PICTURE, tracks)))
            if index % (FPS // 2) == FPS // 2 - 1:
                book.write(connection)
        for run in runs:
            book.take(SourceEnded(run, 0, 0, "finished"))
        book.write(connection)
        return time.process_time() - begin


def people(index: int, random: np.random.Generator) -> tuple[Track, ...]:
    """They walk to and fro over the frame; each is a new track every ten seconds."""
    found = []
    for number in range(PEOPLE):
        x = 20 + abs((index * 7 + number * 150) % 1200 - 600)
        y = 200 + 30 * number + random.normal(0, 0.5)
        found.append(Track(number + 100 * (index // 100), "person", 0.9, x, y - 50, 40, 100))
    return tuple(found)


def beside(folder: Path) -> Table:
    shown = Table("", "", title="Beside a runner", title_justify="left", show_header=False)
    rounds = [
        [writing_seconds(folder / f"{number}-{zones}.db", zones) for zones in (False, True)]
        for number in range(3)
    ]
    without, having = (min(column) for column in zip(*rounds, strict=True))
    rate = f"{PLACES} sources, {FPS} frames a second, {PEOPLE} people each"
    shown.add_row("without zones", f"{without / SECONDS:.2%} of a core: {rate}")
    shown.add_row("with 3 zones and 2 lines each", f"{having / SECONDS:.2%} of a core")
    shown.add_row("deriving", f"{(having - without) / SECONDS:.2%} of a core")
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zones")
    parser.add_argument("--database", type=Path)
    given = parser.parse_args().database
    with tempfile.TemporaryDirectory(dir=None if given is None else given.parent) as name:
        if given is not None:
            Console().print(rederive(given, Path(name)))
        Console().print(beside(Path(name)))
    print(f"load of the machine: {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
