"""A floor with zones and lines on it, over which a test lets somebody walk foot by foot.

Everything goes through the program's own writer, in small batches; what it derives on the way must
be what comes out when all of it is derived anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from tests.conftest import NOON
from tracking.database import open_database
from tracking.events import Run, Source, SourceEnded, SourceStarted, TrackEnded, TracksSeen
from tracking.frame import Frame, Track
from tracking.logger import DatabaseLogger
from tracking.zones import Line, Zone, derive_in, put

Foot = tuple[float, float] | None

NO_PICTURE = np.empty((0, 0, 3), np.uint8)
SQUARE = Zone("square", ((100, 100), (200, 100), (200, 200), (100, 200)))
DOOR = Line("door", ((100, 100), (200, 100)))  # forward is downwards


def straight(begin: tuple[float, float], end: tuple[float, float], steps: int) -> list[Foot]:
    """From one place to another, both included, in so many steps."""
    return [
        (begin[0] + (end[0] - begin[0]) * i / steps, begin[1] + (end[1] - begin[1]) * i / steps)
        for i in range(steps + 1)
    ]


class Floor:
    """What a camera sees from noon on. Times are milliseconds after that."""

    def __init__(self, connection: sqlite3.Connection, begin: int, fps: float) -> None:
        self.connection, self.begin, self.fps = connection, begin, fps
        self.logger = DatabaseLogger(connection, interval=600, stills=False)
        self.source = Source("cam", "stream", "rtsp://192.0.2.1/", "Europe/Berlin", 640, 480, fps)
        self.tracks = self.frames = 0
        self.start(0)

    def start(self, t: int) -> None:
        self.run = Run(self.source, self.begin + t, "scripted", None, "botsort", "0")
        self.logger(SourceStarted(self.run))

    def end(self, t: int) -> None:
        self.logger(SourceEnded(self.run, self.begin + t, self.frames, "finished"))

    def draw(self, *shapes: Zone | Line) -> None:
        put(self.connection, "cam", shapes)
        derive_in(self.connection)

    def walk(
        self,
        feet: Sequence[Foot],
        since: int = 0,
        height: float = 40,
        batch: int = 3,
        ends: bool = True,
        track: int | None = None,
    ) -> int:
        """Somebody is seen here in frame after frame, or not at all where it says None.

        height: of the box, pixels. batch: how many frames are written at once. ends: whether the
        track does. track: one that goes on.
        """
        number = track or self.tracks + 1
        self.tracks = max(self.tracks, number)
        last = None
        for index, foot in enumerate(feet):
            t = self.begin + since + round(index * 1000 / self.fps)
            seen = []
            if foot is not None:
                last = Track(number, "person", 0.9, foot[0], foot[1] - height / 2, 20, height)
                seen.append(last)
            self.logger(TracksSeen(self.run, Frame(self.frames, t, NO_PICTURE, tuple(seen))))
            self.frames += 1
            if index % batch == batch - 1:
                self.logger.flush()
        if ends and last is not None:
            self.logger(TrackEnded(self.run, last, t))
        self.logger.flush()
        return number

    def stays(self, zone: str = "square") -> list[tuple[int, int]]:
        """Entered and left, in the order of time, of all tracks."""
        query = (
            "SELECT entered_at, left_at FROM zone_stays JOIN zones ON zones.id = zone_id"
            " WHERE name = ? ORDER BY 1, 2"
        )
        return [(a - self.begin, b - self.begin) for a, b in self._derived(query, zone)]

    def crossings(self, line: str = "door") -> list[tuple[int, str]]:
        """When and in which direction the line was crossed, in the order of time."""
        query = (
            "SELECT t, direction FROM crossings JOIN lines ON lines.id = line_id"
            " WHERE name = ? ORDER BY 1, 2"
        )
        return [(t - self.begin, way) for t, way in self._derived(query, line)]

    def everything(self) -> tuple[list[tuple[int, ...]], list[tuple[object, ...]]]:
        """All stays and crossings as they are stored."""
        tables = ("zone_stays", "crossings")
        stays, crossings = (
            self.connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table in tables
        )
        return stays, crossings

    def _derived(self, query: str, name: str) -> list[tuple[int, int]]:
        on_the_way = self.everything()
        assert derive_in(self.connection, everything=True).finished
        assert self.everything() == on_the_way
        return self.connection.execute(query, (name,)).fetchall()


@contextmanager
def a_floor(
    path: Path, *shapes: Zone | Line, begin: int = NOON, fps: float = 10
) -> Iterator[Floor]:
    """A floor on which these are drawn, before anybody comes."""
    with closing(open_database(path)) as connection:
        floor = Floor(connection, begin, fps)
        floor.draw(*shapes)
        yield floor
        floor.end(0)
