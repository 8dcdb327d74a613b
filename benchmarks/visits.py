"""What joining tracks into visits is worth: identities and counts of both, on a disturbed clip.

    python -m benchmarks.visits [--shared DIR]

The clip is disturbed as in benchmarks.variants and tracked at each speed, with our settings and
with those of the paper, which break more tracks; each row is the mean over the variants.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import CLIP, ENVIRONMENT, ROOT, WEIGHTS
from benchmarks.joined import with_gaps_filled, with_visits
from benchmarks.scoring import Score, score
from benchmarks.variants import VARIANTS, WIDTH, seen, tracked, truth
from tracking import BotSort, Detections, TrackerSettings, YoloDetector, visits
from tracking.database import open_database
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame
from tracking.logger import DatabaseLogger
from tracking.runner.sharing import SPEEDS

LONGEST = 100  # frames of a gap that is filled
NOTHING = np.empty((0, 0, 3), np.uint8)
TRIED = {
    "ours": TrackerSettings(),
    "as published": replace(
        TrackerSettings(), speed_noise=1 / 160, match_thresh=0.8, new_track_thresh=0.25
    ),
}


def recorded(found: list[Detections], settings: TrackerSettings, database: Path) -> Path:
    """What the tracker makes of these detections, at 10 frames a second, as a database."""
    source = Source("clip", "file", "clip", "UTC", WIDTH, 576, 10.0)
    run = Run(source, 0, "yolo", None, "botsort", "0")
    tracker = BotSort({0: "person"}, settings)
    with closing(open_database(database)) as connection:
        logger = DatabaseLogger(connection, patience=60)
        logger(SourceStarted(run))
        for index, detections in enumerate(found):
            logger(TracksSeen(run, Frame(index, 100 * index, NOTHING, tracker.update(detections))))
        logger(SourceEnded(run, 100 * len(found), len(found), "finished"))
        logger.flush()
        visits.join(connection)
    return database


def measured(found: list[Detections], settings: TrackerSettings, truth: Path) -> list[Score]:
    """Scores of the tracks, the visits, and the visits with their gaps filled."""
    with tempfile.TemporaryDirectory() as name:
        result = tracked(found, settings, Path(name) / "result.txt")
        joined = with_visits(result, recorded(found, settings, Path(name) / "result.db"))
        return [score(truth, each) for each in (result, joined, with_gaps_filled(joined, LONGEST))]


def row(name: str, scores: list[list[Score]]) -> list[str]:
    """Means over the variants."""
    tracks, joined, filled = zip(*scores, strict=True)
    gains = [after.idf1 - before.idf1 for before, after in zip(tracks, joined, strict=True)]
    idf1 = [statistics.mean(each.idf1 for each in kind) for kind in (tracks, joined, filled)]
    ids = [statistics.mean(each.ids for each in kind) for kind in (tracks, joined)]
    numbers = (*idf1, *ids, statistics.mean(each.true_ids for each in tracks))
    spread = f"{min(gains):+.1f} to {max(gains):+.1f}"
    return [name, *(f"{number:.1f}" for number in numbers), spread]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.visits")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    clip, weights = (options.shared / CLIP).resolve(), (options.shared / WEIGHTS).resolve()
    titles = ("IDF1 of tracks", "of visits", "gaps filled", "tracks", "visits", "people", "gain")
    title = f"PETS09-S2L1, means over {len(VARIANTS)} variants (percent)"
    shown = Table("", *titles, title=title)
    with tempfile.TemporaryDirectory() as name:
        for speed, size in SPEEDS.items():
            detector = YoloDetector(weights, classes=["person"], image_size=size)
            scores: dict[str, list[list[Score]]] = {tried: [] for tried in TRIED}
            for variant, change in VARIANTS.items():
                found, right = seen(clip, detector, change), truth(clip, variant, Path(name))
                for tried, settings in TRIED.items():
                    scores[tried].append(measured(found, settings, right))
            for tried, each in scores.items():
                shown.add_row(*row(f"{speed}, {tried}", each))
    Console().print(shown)


if __name__ == "__main__":
    main()
