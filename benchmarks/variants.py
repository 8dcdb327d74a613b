"""Whether the tracker's settings are good in general or by luck: a clip disturbed in many ways.

    python -m benchmarks.variants [--shared DIR]

The clip is mirrored, darkened, brightened, made noisy, shifted and compressed; each is detected
once for each speed, and tracked with our settings and with those that differ in what is named. One
swap of two people moves IDF1 by several points, so only the mean over the variants says something.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import CLIP, ENVIRONMENT, ROOT, WEIGHTS
from benchmarks.scoring import Score, score
from tracking import BotSort, Detections, TrackerSettings, VideoStreamer, YoloDetector
from tracking.detectors import detected
from tracking.frame import Image
from tracking.runner.sharing import SPEEDS

WIDTH = 768
RIGHT, DOWN = 13, 7  # pixels of the shift
OURS = TrackerSettings()
TRIED = {
    "as it is": OURS,
    "speed_noise as published (1/160)": replace(OURS, speed_noise=1 / 160),
    "new_track_thresh 0.6": replace(OURS, new_track_thresh=0.6),
    "match_thresh 0.85": replace(OURS, match_thresh=0.85),
}


def noisy(image: Image) -> Image:
    noise = np.random.default_rng(int(image[0, 0, 0])).normal(0, 6, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def shifted(image: Image) -> Image:
    moved = np.full_like(image, 114)
    moved[DOWN:, RIGHT:] = image[:-DOWN, :-RIGHT]
    return moved


def compressed(image: Image) -> Image:
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


VARIANTS: dict[str, Callable[[Image], Image]] = {
    "as filmed": lambda image: image,
    "mirrored": lambda image: np.ascontiguousarray(image[:, ::-1]),
    "darker": lambda image: (image * 0.6).astype(np.uint8),
    "brighter": lambda image: np.clip(image * 1.25 + 10, 0, 255).astype(np.uint8),
    "noisy": noisy,
    "shifted": shifted,
    "compressed": compressed,
}


def truth(clip: Path, variant: str, folder: Path) -> Path:
    """The ground truth, mirrored or shifted with the picture."""
    boxes = np.loadtxt(clip.with_name("gt.txt"), delimiter=",")
    if variant == "mirrored":
        boxes[:, 2] = WIDTH - boxes[:, 2] - boxes[:, 4]
    if variant == "shifted":
        boxes[:, 2:4] += RIGHT, DOWN
    path = folder / f"{variant}.txt"
    np.savetxt(path, boxes, fmt="%g", delimiter=",")
    return path


def seen(clip: Path, detector: YoloDetector, change: Callable[[Image], Image]) -> list[Detections]:
    frames = (replace(frame, image=change(frame.image)) for frame in VideoStreamer(clip).frames())
    return [found for _, found in detected(detector, frames, True)]


def tracked(found: list[Detections], settings: TrackerSettings, result: Path) -> Path:
    """MOTChallenge text of what the tracker makes of these detections."""
    tracker = BotSort({0: "person"}, settings)
    with result.open("w") as rows:
        for number, detections in enumerate(found, 1):
            for track in tracker.update(detections):
                left, top, _, _ = track.corners
                place = f"{left:.1f},{top:.1f},{track.w:.1f},{track.h:.1f}"
                rows.write(f"{number},{track.id},{place},1,-1,-1,-1\n")
    return result


def row(speed: str, name: str, scores: list[Score]) -> list[str]:
    idf1 = [each.idf1 for each in scores]
    means = [statistics.mean(getattr(each, key) for each in scores) for key in ("hota", "mota")]
    switches = statistics.mean(each.id_switches for each in scores)
    spread = f"{min(idf1):.1f} to {max(idf1):.1f}"
    shown = (*means, statistics.mean(idf1), switches)
    return [f"{speed}, {name}", *(f"{value:.1f}" for value in shown), spread]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.variants")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    clip, weights = (options.shared / CLIP).resolve(), (options.shared / WEIGHTS).resolve()
    title = f"PETS09-S2L1, means over {len(VARIANTS)} variants (percent)"
    shown = Table("", "HOTA", "MOTA", "IDF1", "switches", "IDF1 from", title=title)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for speed, size in SPEEDS.items():
            detector = YoloDetector(weights, classes=["person"], image_size=size)
            scores: dict[str, list[Score]] = {tried: [] for tried in TRIED}
            for variant, change in VARIANTS.items():
                found, right = seen(clip, detector, change), truth(clip, variant, folder)
                for tried, settings in TRIED.items():
                    result = tracked(found, settings, folder / "result.txt")
                    scores[tried].append(score(right, result))
            for tried in TRIED:
                shown.add_row(*row(speed, tried, scores[tried]))
    Console().print(shown)


if __name__ == "__main__":
    main()
