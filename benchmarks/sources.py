"""Many sources at once: total speed beside the stock loop's, and what the motion gate is worth.

    python -m benchmarks.sources [--shared DIR] [--rounds N] [--seconds N]

First, recordings as fast as they go: 1, 2, 4, 8 and 16 sources take turns with one and four stock
loops. Then sixteen cameras of 5 frames a second, fourteen of them quiet, in real time, with the
gate and without: whether the machine keeps up, and what it costs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import CLIP, ENVIRONMENT, ROOT, WEIGHTS
from benchmarks.pipeline import Contestant, Service, ratio, steps, stock

COUNTS = (1, 2, 4, 8, 16)
PART = 200  # frames of the clip that a turn of many sources watches
QUIET, BUSY, FPS = 14, 2, 5.0


def beginning(clip: Path, target: Path, frames: int) -> Path:
    """The first frames of a clip, its packets copied as they are."""
    import av

    with av.open(str(clip)) as source, av.open(str(target), "w") as part:
        stream = part.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if number == frames or packet.dts is None:
                break
            packet.stream = stream
            part.mux(packet)
    return target


def quiet(clip: Path, target: Path, seconds: float) -> Path:
    """The clip's scene with nobody in it (the median picture) and a sensor's noise, 10 fps."""
    capture = cv2.VideoCapture(str(clip))
    pictures = [capture.read()[1] for _ in range(795)][::16]
    capture.release()
    empty = np.median(np.stack(pictures), axis=0)
    noise = np.random.default_rng(1).normal(0, 3, (16, *empty.shape))
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), 10, empty.shape[1::-1])
    for number in range(round(seconds * 10)):
        writer.write(np.clip(empty + noise[number % 16], 0, 255).astype(np.uint8))
    writer.release()
    return target


def several_stock(clip: Path, weights: Path, folder: Path, count: int) -> Any:
    """A stock loop in a thread for each source, each with a model of its own."""
    turns = [steps(stock(clip, weights, folder / f"stock{n}.db")) for n in range(count)]
    pool = ThreadPoolExecutor(count)

    def turn() -> int:
        return sum(pool.map(lambda one: one(), turns))

    return turn


def side_by_side(clip: Path, weights: Path, folder: Path, rounds: int) -> Table:
    part = beginning(clip, folder / "part.avi", PART)
    contestants = [
        Contestant("stock loop, 1 source", steps(stock(clip, weights, folder / "s.db")), ""),
        Contestant("stock loop, 4 sources", several_stock(clip, weights, folder, 4), ""),
    ]
    for count in COUNTS:
        service = Service(part, weights, count=count)
        contestants.append(Contestant(f"runner, {count} sources", service.turn, ""))
    for _ in range(rounds):
        for each in contestants:
            each.take_turn()
    shown = Table("", "frames/s in all", "of one source", "against stock, 4", "CPU ms/frame")
    _, four, one = contestants[:3]
    for each in contestants:
        shown.add_row(
            each.name,
            f"{1 / statistics.median(each.seconds):.1f}",
            ratio(one.seconds, each.seconds),
            ratio(four.seconds, each.seconds),
            f"{1000 * statistics.median(each.cpu):.1f}",
        )
    return shown


def in_real_time(
    busy: Path, still: Path, weights: Path, gate: bool, seconds: float
) -> dict[str, float]:
    """Sixteen sources at 5 frames a second for a while: what became of their frames."""
    from tracking.config import SourceSettings
    from tracking.database import open_database
    from tracking.logger import DatabaseLogger
    from tracking.runner.engine import Engine
    from tracking.runner.sharing import SharedDetectors
    from tracking.runner.source import Surroundings, WatchedSource

    clips = [busy] * BUSY + [still] * QUIET
    common = {"weights": str(weights), "classes": ["person"], "fps": FPS, "realtime": True}
    settings = [
        SourceSettings.of({"name": f"{n}", "uri": str(clip), "motion_gate": gate, **common})
        for n, clip in enumerate(clips)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path, engine = Path(folder, "people.db"), Engine()
        with closing(open_database(path)) as connection:
            log = DatabaseLogger(connection, 0.5, 60.0)
            around = Surroundings(path, engine, SharedDetectors(), log, lambda line: None)
            sources = [WatchedSource(each, around) for each in settings]
            for source in sources:
                source.start()
                time.sleep(1 / FPS / len(clips))  # cameras do not all give pictures at once
            time.sleep(3)
            before = [(s.counts.frames, s.counts.dropped, s.counts.still) for s in sources]
            cpu, wall = time.process_time(), time.perf_counter()
            time.sleep(seconds)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            health = [source.health() for source in sources]
            frames = sum(h["frames"] - b[0] for h, b in zip(health, before, strict=True))
            still_frames = sum(h["still"] - b[2] for h, b in zip(health, before, strict=True))
            for source in sources:
                source.stop()
            for source in sources:
                source.join(5)
            engine.close()
            log.flush()
    return {
        "followed": frames / (wall * FPS * len(clips)),
        "detected": 1 - still_frames / frames,
        "delay": statistics.median(h["delay_ms"] for h in health),
        "slowest": max(h["delay_ms"] for h in health),
        "cores": cpu / wall,
    }


def sixteen(clip: Path, weights: Path, folder: Path, seconds: float) -> Table:
    still = quiet(clip, folder / "quiet.mp4", seconds + 20)
    shown = Table(
        "16 sources of 5 frames/s, 14 quiet",
        "frames followed",
        "detected anew",
        "median delay",
        "slowest source",
        "cores busy",
    )
    for gate in (True, False):
        got = in_real_time(clip, still, weights, gate, seconds)
        shown.add_row(
            "with the motion gate" if gate else "without",
            f"{got['followed']:.1%}",
            f"{got['detected']:.0%}",
            f"{got['delay']:.0f} ms",
            f"{got['slowest']:.0f} ms",
            f"{got['cores']:.2f}",
        )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sources")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=40)
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    clip, weights = (options.shared / CLIP).resolve(), (options.shared / WEIGHTS).resolve()
    with tempfile.TemporaryDirectory() as name:
        Console().print(side_by_side(clip, weights, Path(name), options.rounds))
        Console().print(sixteen(clip, weights, Path(name), options.seconds))


if __name__ == "__main__":
    main()
