"""How well the real command line tracks, beside the stock loop, on a clip with ground truth.

    python -m benchmarks.accuracy [--shared DIR] [--weights W]

Ends with 1 when a value that is asked for is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

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


def track_stock(clip: Path, weights: Path, result: Path) -> None:
    """Track persons with the loop of the Ultralytics documentation, everything at its default."""
    import cv2
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


def met(got: Score) -> dict[str, bool]:
    """For each value that is asked for: whether it is reached."""
    enough = {name: getattr(got, name) >= least for name, least in AT_LEAST.items()}
    return enough | {name: getattr(got, name) <= most for name, most in AT_MOST.items()}


def table(ours: Score, stock: Score) -> Table:
    """Both loops, what is asked, and whether ours gives it, a column for each value."""
    shown = Table("", *SHOWN.values(), title="PETS09-S2L1, persons (percent)")
    for name, got in (("stock loop", stock), ("sightline", ours)):
        values = [getattr(got, each) for each in SHOWN]
        shown.add_row(name, *[f"{v:.1f}" if isinstance(v, float) else str(v) for v in values])
    limits = {name: f"≥ {least}" for name, least in AT_LEAST.items()}
    limits |= {name: f"≤ {most}" for name, most in AT_MOST.items()}
    verdicts = {name: "[green]pass" if good else "[red]fail" for name, good in met(ours).items()}
    shown.add_row("asked", *[limits.get(name, "") for name in SHOWN])
    shown.add_row("sightline", *[verdicts.get(name, "") for name in SHOWN])
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
    with tempfile.TemporaryDirectory() as folder:
        results = {"stock": Path(folder, "stock.txt"), "ours": Path(folder, "x.txt")}
        track_stock(clip, weights, results["stock"])
        track_ours(clip, weights, results["ours"])
        truth = clip.with_name("gt.txt")
        stock, ours = (score(truth, result) for result in results.values())
    Console().print(table(ours, stock))
    return 0 if all(met(ours).values()) else 1


if __name__ == "__main__":
    sys.exit(main())
