"""How fast the whole loop is, beside the loop a user would write, and beside the bare model.

    python -m benchmarks.pipeline [--shared DIR] [--rounds N]

All take turns in one run on the same clip and weights; the table shows medians over the rounds,
because other work on the machine comes and goes, and ratios within each round.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import CLIP, ENVIRONMENT, ROOT, WEIGHTS

FRAMES = 200  # of one turn of a loop that can be stopped anywhere


@dataclass
class Contestant:
    """Something that works through frames. turn: works, and says how many frames it did.

    limit: the name of the bare model that it is compared with.
    """

    name: str
    turn: Callable[[], int]
    limit: str
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take_turn(self) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        frames = self.turn()
        self.seconds.append((time.perf_counter() - wall) / frames)
        self.cpu.append((time.process_time() - cpu) / frames)


def steps(work: Iterator[Any]) -> Callable[[], int]:
    """Turns of a loop whose every step is one frame; loading is not what is measured."""
    next(work)

    def turn() -> int:
        return sum(1 for _ in itertools.islice(work, FRAMES))

    return turn


def stock(clip: Path, weights: Path, database: Path, thrifty: bool = False) -> Iterator[None]:
    """Track, plot, JPEG, one INSERT for each box: what a user would write around Ultralytics.

    thrifty: commits once a frame instead of once a box.
    """
    from ultralytics.models import YOLO

    model: Any = YOLO(weights, task="detect")
    connection = sqlite3.connect(database, check_same_thread=False)
    connection.execute("CREATE TABLE positions (track, t, x, y, w, h)")
    for number, frame in enumerate(_frames(clip)):
        result = model.track(
            frame, persist=True, tracker="botsort.yaml", classes=[0], verbose=False
        )[0]
        if result.boxes.id is not None:
            for track, box in zip(result.boxes.id, result.boxes.xywh, strict=True):
                row = (int(track), number, *box.tolist())
                connection.execute("INSERT INTO positions VALUES (?, ?, ?, ?, ?, ?)", row)
                if not thrifty:
                    connection.commit()
        connection.commit()
        cv2.imencode(".jpg", result.plot(), [cv2.IMWRITE_JPEG_QUALITY, 80])
        yield


def example(clip: Path, weights: Path, database: Path) -> Generator[bytes, None, None]:
    """The README's first example: annotated JPEGs out, everything logged."""
    from tracking import DatabaseLogger, VideoStreamer, YoloStreamer

    streamer = YoloStreamer(VideoStreamer(clip), weights, classes=["person"])
    streamer.add_listener(DatabaseLogger(sqlite3.connect(database)))
    while True:
        yield from streamer


class Service:
    """The runner's own parts at work on recordings, from opening to the last row written.

    count: sources at once. watched: whether a viewer looks at every frame. speed: as configured.
    """

    def __init__(
        self,
        clip: Path,
        weights: Path,
        speed: str = "normal",
        watched: bool = False,
        count: int = 1,
    ) -> None:
        from tracking.config import SourceSettings
        from tracking.runner.engine import Engine
        from tracking.runner.sharing import SharedDetectors

        cv2.setNumThreads(1)
        self.watched = watched
        self.encoded = 0
        self.engine, self.detectors = Engine(), SharedDetectors()
        self.settings = [
            SourceSettings.of(
                {
                    "name": f"source {number}",
                    "uri": str(clip),
                    "weights": str(weights),
                    "classes": ["person"],
                    "speed": speed,
                }
            )
            for number in range(count)
        ]
        frame = next(_frames(clip))
        self.detectors.choose(self.settings[0]).detector.detect(frame)  # loading is not measured

    def turn(self) -> int:
        """Watch the whole clip, into a database of its own."""
        from tracking.database import open_database
        from tracking.logger import DatabaseLogger
        from tracking.runner.source import Surroundings, WatchedSource

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "people.db")
            with closing(open_database(path)) as connection:
                log = DatabaseLogger(connection, 0.5, 60.0)
                around = Surroundings(path, self.engine, self.detectors, log, lambda line: None)
                sources = [WatchedSource(settings, around) for settings in self.settings]
                for source in sources:
                    source.start()
                viewers = [threading.Thread(target=self._look, args=(s,)) for s in sources]
                for viewer in viewers if self.watched else []:
                    viewer.start()
                while any(source.state != "finished" for source in sources):
                    time.sleep(0.02)
                log.flush()
                for viewer in viewers if self.watched else []:
                    viewer.join()
            return sum(source.counts.frames for source in sources)

    def _look(self, source: Any) -> None:
        """Ask for each new picture, as a stream's viewer does."""
        from tracking.drawing import Look

        number = 0
        while source.state != "finished":
            if source.picture.frames > number:
                number = source.picture.shot(Look()).result().number
                self.encoded += 1
            else:
                time.sleep(0.001)


def limit(weights: Path, shape: tuple[int, int]) -> Iterator[None]:
    """The very network that the engine runs, with nothing around it: requests on and on."""
    import openvino as ov

    from tracking.inference.graph import open_graph

    graph, _ = open_graph(next(weights.glob("*.xml")), shape, [0])
    model = ov.Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
    requests = [model.create_infer_request() for _ in range(4)]
    for request in requests:
        picture = np.random.default_rng(1).integers(0, 255, (1, *shape, 3), np.uint8)
        request.set_input_tensor(ov.Tensor(picture))
    yield  # opened, and nothing under way
    while True:
        for request in requests:  # each turn begins and ends with nothing under way
            request.start_async()
        for done, request in zip(range(FRAMES), itertools.cycle(requests), strict=False):
            request.wait()
            if done < FRAMES - len(requests):
                request.start_async()
            yield


def _frames(clip: Path) -> Iterator[Any]:
    while True:
        capture = cv2.VideoCapture(str(clip))
        while (read := capture.read())[0]:
            yield read[1]
        capture.release()


def table(contestants: list[Contestant]) -> Table:
    shown = Table("", "frames/s", "against stock", "CPU ms/frame", "CPU less", "of the bare model")
    base = contestants[0]
    named = {each.name: each for each in contestants}
    for each in contestants:
        shown.add_row(
            each.name,
            f"{1 / statistics.median(each.seconds):.1f}",
            ratio(base.seconds, each.seconds),
            f"{1000 * statistics.median(each.cpu):.1f}",
            ratio(base.cpu, each.cpu),
            ratio(named[each.limit].seconds, each.seconds),
        )
    return shown


def ratio(theirs: list[float], own: list[float]) -> str:
    """The median of the ratios of each round: both saw the same disturbances."""
    return f"{statistics.median(a / b for a, b in zip(theirs, own, strict=True)):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    clip, weights = (options.shared / CLIP).resolve(), (options.shared / WEIGHTS).resolve()
    with tempfile.TemporaryDirectory() as folder:
        whole, small = "bare model, 480x640", "bare model, 384x512"
        thrifty = stock(clip, weights, Path(folder, "t.db"), thrifty=True)
        first = example(clip, weights, Path(folder, "o.db"))
        watched = Service(clip, weights, watched=True)
        contestants = [
            Contestant("stock loop", steps(stock(clip, weights, Path(folder, "s.db"))), whole),
            Contestant("stock, one commit a frame", steps(thrifty), whole),
            Contestant("first example", steps(first), whole),
            Contestant("runner, every picture watched", watched.turn, whole),
            Contestant("runner", Service(clip, weights).turn, whole),
            Contestant(whole, steps(limit(weights, (480, 640))), whole),
            Contestant("runner, fast", Service(clip, weights, "fast").turn, small),
            Contestant(small, steps(limit(weights, (384, 512))), small),
        ]
        for _ in range(options.rounds):
            for each in contestants:
                each.take_turn()
        first.close()  # while its database is still there
        Console().print(table(contestants))
        print(f"pictures encoded while watched: {watched.encoded / (795 * options.rounds):.0%}")


if __name__ == "__main__":
    main()
