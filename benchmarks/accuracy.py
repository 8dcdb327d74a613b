"""How well the real programs track, beside the stock loop, on a clip with ground truth.

    python -m benchmarks.accuracy [--shared DIR] [--weights W]

First `tracking track` and `tracking run` at each of its speeds: its tracks as they are, the same
with the numbers of the visits that `tracking visits` joins them to, and the paths of these, as
`tracking visits --paths` writes them; then, in a quiet corner of the same clip, what the motion
gate takes away. Ends with 1 when a value that is asked for is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.scoring import Score, score

ROOT = Path(__file__).resolve().parents[1]
CLIP = Path("data/pets09-s2l1/vtest.avi")
WEIGHTS = Path("models/yolo11n_int8_openvino_model")
ENVIRONMENT = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false"}
SHOWN = {
    "hota": "HOTA",
    "mota": "MOTA",
    "idf1": "IDF1",
    "id_switches": "switches",
    "ids": "ids",
    "true_ids": "true ids",
}
AT_LEAST = {"hota": 60.5, "mota": 80.5, "idf1": 82.0}
"""Percent."""

AT_MOST = {"id_switches": 18}
AS_FOUND = ("fill=0", "smooth=0", "faint=0")
"""Settings with which the paths of visits are the boxes of their tracks."""

CORNER = (slice(336, 576), slice(128, 448))
"""Rows and columns where somebody is to be seen in a quarter of the frames only."""


def command(*arguments: str | Path) -> None:
    """Run `python -m tracking` as a user would."""
    line = [sys.executable, "-m", "tracking", *map(str, arguments)]
    environment = os.environ | ENVIRONMENT
    subprocess.run(line, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def track_ours(clip: Path, weights: Path, result: Path) -> None:
    """Track persons with the command line, and export them as MOTChallenge text."""
    database = result.with_suffix(".db")
    command("track", clip, "--db", database, "--weights", weights, "--classes", "person")
    source = ("--source", clip.stem)
    command("export", "--db", database, *source, "--format", "mot", "--output", result)


def track_running(clip: Path, weights: Path, result: Path, **settings: object) -> dict[str, Any]:
    """Track persons with the runner; its word on the source at the end."""
    from tracking import config
    from tracking.runner import Runner

    database, sources = result.with_suffix(".db"), result.with_suffix(".toml")
    told = {"name": "clip", "uri": str(clip), "weights": str(weights), "classes": ["person"]}
    config.add(sources, config.SourceSettings.of({**told, **settings}))
    runner = Runner(database, sources, port=None)
    thread = threading.Thread(target=runner.run)
    thread.start()
    while (health := runner.health()["sources"].get("clip", {})).get("state") != "finished":
        if health.get("last_error"):
            break
        time.sleep(0.1)
    runner.stop()
    thread.join()
    if health.get("last_error"):
        raise SystemExit(health["last_error"])
    source = ("--source", "clip")
    command("export", "--db", database, *source, "--format", "mot", "--output", result)
    return health


def track_stock(clip: Path, weights: Path, result: Path) -> None:
    """Track persons with the loop of the Ultralytics documentation, everything at its default."""
    from ultralytics.models import YOLO

    model: Any = YOLO(weights, task="detect")
    capture = cv2.VideoCapture(str(clip))
    number = 0
    with result.open("w") as rows:
        while (read := capture.read())[0]:
            number += 1
            boxes = model.track(
                read[1], persist=True, tracker="botsort.yaml", classes=[0], verbose=False
            )[0].boxes
            if boxes.id is None:
                continue
            for identity, box in zip(boxes.id.int().tolist(), boxes.xyxy.tolist(), strict=True):
                left, top, right, bottom = box
                place = f"{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f}"
                rows.write(f"{number},{identity},{place},1,-1,-1,-1\n")
    capture.release()


def visits_of(result: Path, truth: Path, source: str) -> dict[str, Score]:
    """How well its visits do, joined only and as whole paths; none where there is no database."""
    if not (database := result.with_suffix(".db")).exists():
        return {}
    output = result.with_name(f"{result.stem}-visits.txt")
    told = ("visits", "--db", database, "--source", source, "--paths", output)
    command(*told, *(word for setting in AS_FOUND for word in ("--set", setting)))
    joined = score(truth, output)
    command(*told, "--usual")
    return {"joined": joined, "visits": score(truth, output)}


def met(got: Score) -> dict[str, bool]:
    """For each value that is asked for: whether it is reached."""
    enough = {name: getattr(got, name) >= least for name, least in AT_LEAST.items()}
    return enough | {name: getattr(got, name) <= most for name, most in AT_MOST.items()}


def table(scores: dict[str, Score]) -> Table:
    """Each program, and what is asked of ours, a column for each value."""
    shown = Table("", *SHOWN.values(), title="PETS09-S2L1, persons (percent)")
    for name, got in scores.items():
        values = [getattr(got, each) for each in SHOWN]
        shown.add_row(name, *[f"{v:.1f}" if isinstance(v, float) else str(v) for v in values])
    limits = {name: f"≥ {least}" for name, least in AT_LEAST.items()}
    limits |= {name: f"≤ {most}" for name, most in AT_MOST.items()}
    shown.add_row("asked", *[limits.get(name, "") for name in SHOWN])
    return shown


def quiet_corner(clip: Path, folder: Path) -> tuple[Path, Path]:
    """The corner of the clip as a clip of its own, with its ground truth."""
    rows, columns = CORNER
    width, height = columns.stop - columns.start, rows.stop - rows.start
    corner, truth = folder / "corner.avi", folder / "corner.txt"
    codec = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(corner), codec, 10, (width, height))
    capture = cv2.VideoCapture(str(clip))
    while (read := capture.read())[0]:
        writer.write(read[1][CORNER])
    writer.release()
    boxes = np.loadtxt(clip.with_name("gt.txt"), delimiter=",")
    first = np.maximum(boxes[:, 2:4] - (columns.start, rows.start), 0)
    last = boxes[:, 2:4] + boxes[:, 4:6] - (columns.start, rows.start)
    size = np.minimum(last, (width, height)) - first
    shown = (size > 0).all(axis=1) & (size.prod(axis=1) >= boxes[:, 4:6].prod(axis=1) / 2)
    boxes[:, 2:4], boxes[:, 4:6] = first, size
    np.savetxt(truth, boxes[shown], fmt="%g", delimiter=",")
    return corner, truth


def gate_table(clip: Path, weights: Path, folder: Path) -> Table:
    corner, truth = quiet_corner(clip, folder)
    shown = Table("", "detected anew", "recall", *SHOWN.values(), title="A quiet corner of it")
    for gate in (False, True):
        result = folder / f"gate-{gate}.txt"
        health = track_running(corner, weights, result, motion_gate=gate)
        got = score(truth, result)
        people = len(np.loadtxt(truth, delimiter=","))
        values = [getattr(got, each) for each in SHOWN]
        shown.add_row(
            "with the motion gate" if gate else "without",
            f"{1 - health['still'] / health['frames']:.0%}",
            f"{1 - got.misses / people:.1%}",
            *[f"{v:.1f}" if isinstance(v, float) else str(v) for v in values],
        )
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    parser.add_argument("--weights", type=Path, help=f"default: {WEIGHTS} in the shared folder")
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    clip = (options.shared / CLIP).resolve()
    weights = (options.weights or options.shared / WEIGHTS).resolve()
    console = Console()
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        programs: dict[str, Callable[[Path], object]] = {
            "stock loop": lambda result: track_stock(clip, weights, result),
            "tracking track": lambda result: track_ours(clip, weights, result),
            "runner": lambda result: track_running(clip, weights, result),
            "runner, fast": lambda result: track_running(clip, weights, result, speed="fast"),
        }
        scores = {}
        truth = clip.with_name("gt.txt")
        for number, (program, track) in enumerate(programs.items()):
            result = folder / f"{number}.txt"
            track(result)
            scores[program] = score(truth, result)
            source = "clip" if program.startswith("runner") else clip.stem
            for name, got in visits_of(result, truth, source).items():
                scores[f"{program}, {name}"] = got
        console.print(table(scores))
        console.print(gate_table(clip, weights, folder))
    ours = [scores["tracking track"], scores["runner"]]
    faster = scores["runner, fast"].idf1 > scores["stock loop"].idf1
    return 0 if faster and all(all(met(each).values()) for each in ours) else 1


if __name__ == "__main__":
    sys.exit(main())
