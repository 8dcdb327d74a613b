"""How fast the whole loop is, beside the loop a user would write, and beside the bare model.

    python -m benchmarks.pipeline [--shared DIR] [--rounds N]

All take turns in one run, a hundred frames each, on the same clip and weights; the table shows
medians over the rounds, because other work on the machine comes and goes.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import CLIP, ENVIRONMENT, ROOT, WEIGHTS

FRAMES = 100  # of one turn


@dataclass
class Contestant:
    """Something that works through frames; each step of `steps` is one frame done."""

    name: str
    steps: Iterator[Any]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take_turn(self) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in itertools.islice(self.steps, FRAMES):
            pass
        self.seconds.append((time.perf_counter() - wall) / FRAMES)
        self.cpu.append((time.process_time() - cpu) / FRAMES)


def stock(clip: Path, weights: Path, database: Path) -> Iterator[None]:
    """Track, plot, JPEG, one INSERT and commit for each box: as the documentation suggests."""
    from ultralytics.models import YOLO

    model: Any = YOLO(weights, task="detect")
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE positions (track, t, x, y, w, h)")
    for number, frame in enumerate(_frames(clip)):
        result = model.track(
            frame, persist=True, tracker="botsort.yaml", classes=[0], verbose=False
        )[0]
        if result.boxes.id is not None:
            for track, box in zip(result.boxes.id, result.boxes.xywh, strict=True):
                row = (int(track), number, *box.tolist())
                connection.execute("INSERT INTO positions VALUES (?, ?, ?, ?, ?, ?)", row)
                connection.commit()
        cv2.imencode(".jpg", result.plot(), [cv2.IMWRITE_JPEG_QUALITY, 80])
        yield


def ours(clip: Path, weights: Path, database: Path) -> Iterator[bytes]:
    """The README's first example: annotated JPEGs out, everything logged."""
    from tracking import DatabaseLogger, VideoStreamer, YoloStreamer

    streamer = YoloStreamer(VideoStreamer(clip), weights, classes=["person"])
    streamer.add_listener(DatabaseLogger(sqlite3.connect(database)))
    while True:
        yield from streamer


def limit(weights: Path) -> Iterator[None]:
    """The same model with nothing around it, several requests in flight."""
    import openvino as ov

    model = ov.Core().compile_model(
        next(weights.glob("*.xml")), "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"}
    )
    requests = [model.create_infer_request() for _ in range(4)]
    picture = np.random.default_rng(1).random((1, 3, 640, 640), np.float32)
    for request in requests:
        request.start_async([picture])
    for request in itertools.cycle(requests):
        request.wait()
        request.start_async([picture])
        yield


def _frames(clip: Path) -> Iterator[Any]:
    while True:
        capture = cv2.VideoCapture(str(clip))
        while (read := capture.read())[0]:
            yield read[1]
        capture.release()


def table(contestants: list[Contestant]) -> Table:
    shown = Table("", "frames/s", "against stock", "CPU ms/frame", "of the limit")
    base, best = contestants[0], contestants[-1]
    for each in contestants:
        shown.add_row(
            each.name,
            f"{1 / statistics.median(each.seconds):.1f}",
            _ratio(base.seconds, each.seconds),
            f"{1000 * statistics.median(each.cpu):.1f}",
            _ratio(best.seconds, each.seconds),
        )
    return shown


def _ratio(theirs: list[float], own: list[float]) -> str:
    """The median of the ratios of each round: both saw the same disturbances."""
    return f"{statistics.median(a / b for a, b in zip(theirs, own, strict=True)):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    clip, weights = (options.shared / CLIP).resolve(), (options.shared / WEIGHTS).resolve()
    with tempfile.TemporaryDirectory() as folder:
        makers: dict[str, Callable[[], Iterator[Any]]] = {
            "stock loop": lambda: stock(clip, weights, Path(folder, "stock.db")),
            "sightline": lambda: ours(clip, weights, Path(folder, "ours.db")),
            "bare model": lambda: limit(weights),
        }
        contestants = [Contestant(name, make()) for name, make in makers.items()]
        for each in contestants:
            next(each.steps)  # loading is not what is measured
        for _ in range(options.rounds):
            for each in contestants:
                each.take_turn()
        Console().print(table(contestants))
        for each in contestants:
            each.steps.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
