"""How late live pictures and rows are, from the moment a camera shows something.

    python -m benchmarks.delay [--shared DIR] [--seconds N]

A camera (Motion JPEG over HTTP) stamps each picture with the time at which it sends it. `tracking
run` watches it; one viewer takes the annotated stream, and the stamps in it tell the delay of the
picture; another connection looks into the database until a row of that moment can be read. Once
with a camera that the machine keeps up with, once with four that are too much for it.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import CLIP, ENVIRONMENT, ROOT, WEIGHTS
from benchmarks.soak import started
from benchmarks.stamps import read_stamp, stamp
from tests.servers import MjpegCamera
from tracking import config
from tracking.frame import Image
from tracking.times import now_ms, to_ms

SIZE = (640, 480)


class Film:
    """The clip's pictures, stamped; what a camera has before its lens."""

    def __init__(self, clip: Path) -> None:
        capture = cv2.VideoCapture(str(clip))
        self._pictures = [cv2.resize(capture.read()[1], SIZE) for _ in range(300)]
        capture.release()

    def picture(self, number: int, _size: tuple[int, int]) -> Image:
        image = self._pictures[number % len(self._pictures)].copy()
        return stamp(image, number, now_ms())


class Watched:
    """What a viewer and a reader of the database see, each with the moment. Times in ms UTC.

    pictures: (arrived, delay) of each picture; sent: when what was captured at t was sent.
    """

    def __init__(self, url: str, database: Path) -> None:
        self.pictures: list[tuple[int, int]] = []
        self.rows: list[tuple[int, int]] = []
        self.sent: dict[int, int] = {}
        self._url, self._database = url, database
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=each) for each in (self._look, self._read)]

    def run(self, seconds: float) -> None:
        for thread in self._threads:
            thread.start()
        time.sleep(seconds)
        self._ending.set()
        for thread in self._threads:
            thread.join(10)

    def row_delays(self) -> list[tuple[int, int]]:
        """(readable, delay) of each row, back to when its picture was sent."""
        return [(at, at - self.sent[t]) for at, t in self.rows if t in self.sent]

    def _look(self) -> None:
        with closing(urllib.request.urlopen(f"{self._url}/streams/camera%200.mjpg")) as stream:
            for captured, data in parts(stream, self._ending):
                arrived = now_ms()
                image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
                if (found := read_stamp(image)) is not None:
                    self.pictures.append((arrived, arrived - found.sent))
                    self.sent[captured] = found.sent

    def _read(self) -> None:
        uri = f"{self._database.as_uri()}?mode=ro"
        latest = 0
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            (source,) = connection.execute(
                "SELECT id FROM sources WHERE name = 'camera 0'"
            ).fetchone()
            while not self._ending.wait(0.02):
                rows = connection.execute(
                    "SELECT DISTINCT t FROM people_tracks JOIN positions"
                    " ON positions.track = people_tracks.id"
                    " WHERE source_id = ? AND last_seen > ? AND t > ?",
                    (source, latest, latest),
                ).fetchall()
                at = now_ms()
                self.rows += [(at, t) for (t,) in rows]
                latest = max([latest, *(t for (t,) in rows)])


def parts(stream: object, ending: threading.Event) -> Iterator[tuple[int, bytes]]:
    """Capture time and JPEG of each part of an MJPEG stream."""
    readline, read = stream.readline, stream.read  # type: ignore[attr-defined]
    headers: dict[str, str] = {}
    while not ending.is_set() and (line := readline()):
        name, _, value = line.decode().strip().partition(": ")
        if name:
            headers[name.lower()] = value
        elif "content-length" in headers:
            yield to_ms(headers["x-timestamp"]), read(int(headers["content-length"]))
            headers = {}


def measured(
    clip: Path, weights: Path, cameras: int, fps: float, seconds: float
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(moment, delay) of pictures and of rows."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, film = Path(name), Film(clip)
        for number in range(cameras):
            camera = stack.enter_context(MjpegCamera(size=SIZE, fps=fps))
            camera._scene = film  # type: ignore[assignment]
            source = {"name": f"camera {number}", "uri": camera.url, "weights": str(weights)}
            settings = config.SourceSettings.of({**source, "classes": ["person"]})
            config.add(folder / "sources.toml", settings)
        process = subprocess.Popen(
            [sys.executable, "-m", "tracking", "run", "--db", "people.db", "--port", "0"],
            cwd=folder,
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL,
        )
        try:
            url = started(folder, process, cameras).url
            time.sleep(5)
            watched = Watched(str(url), folder / "people.db")
            watched.run(seconds)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
    return watched.pictures, watched.row_delays()


def middle(delays: list[tuple[int, int]], share: int) -> str:
    """Median delay in the given third of the time."""
    third = len(delays) // 3
    return f"{statistics.median(delay for _, delay in delays[share * third :][:third]):.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delay")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    clip, weights = (options.shared / CLIP).resolve(), (options.shared / WEIGHTS).resolve()
    shown = Table(
        "live cameras, 640x480",
        "",
        "median ms",
        "95 % within",
        "first third",
        "last third",
        title="From the camera's sending to the viewer's end, and to a readable row",
    )
    for name, cameras, fps in (("1 of 15 fps", 1, 15.0), ("4 of 30 fps, too many", 4, 30.0)):
        for what, delays in zip(
            ("picture", "row"),
            measured(clip, weights, cameras, fps, options.seconds),
            strict=True,
        ):
            values = sorted(delay for _, delay in delays)
            shown.add_row(
                name,
                f"{what} ({len(values)})",
                f"{statistics.median(values):.0f}",
                f"{values[int(len(values) * 0.95)]}",
                middle(delays, 0),
                middle(delays, 2),
            )
    Console().print(shown)


if __name__ == "__main__":
    main()
