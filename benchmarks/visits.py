"""What visits are worth: identities and counts of tracks and of visits, on a disturbed clip.

    python -m benchmarks.visits [--shared DIR]

The clip is disturbed as in benchmarks.variants and tracked at each speed, with our settings and
with those of the paper, which break more tracks; each row is the mean over the variants. Visits are
scored twice: joined only, and with their paths made whole.
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
from benchmarks.scoring import Score, score
from benchmarks.variants import VARIANTS, WIDTH, seen, tracked, truth
from tracking import BotSort, Detections, TrackerSettings, YoloDetector, visits
from tracking.database import open_database
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame
from tracking.logger import DatabaseLogger
from tracking.runner.sharing import SPEEDS
from tracking.visits import VisitSettings

AS_FOUND = VisitSettings(fill=0, smooth=0, faint=0)
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


def written(database: Path, settings: VisitSettings, result: Path) -> Path:
    """The paths of the database's only source as MOTChallenge text."""
    with closing(open_database(database)) as connection, result.open("w") as rows:
        for part in visits.paths(connection, 0, settings):
            corner = part.box[:, :2] - part.box[:, 2:] / 2
            table = np.column_stack([part.frame + 1, part.visit, corner, part.box[:, 2:]])
            np.savetxt(rows, table, fmt=["%d", "%d", *4 * ["%.1f"]], delimiter=",", newline=",1\n")
    return result


def measured(found: list[Detections], settings: TrackerSettings, truth: Path) -> list[Score]:
    """Scores of the tracks, of the visits as they are joined, and of their paths."""
    with tempfile.TemporaryDirectory() as name:
        tracks = tracked(found, settings, Path(name) / "tracks.txt")
        database = recorded(found, settings, Path(name) / "result.db")
        joined = written(database, AS_FOUND, Path(name) / "joined.txt")
        whole = written(database, VisitSettings(), Path(name) / "whole.txt")
        return [score(truth, each) for each in (tracks, joined, whole)]


def row(name: str, scores: list[list[Score]]) -> list[str]:
    """Means over the variants."""
    tracks, joined, whole = zip(*scores, strict=True)
    gains = [after.idf1 - before.idf1 for before, after in zip(tracks, whole, strict=True)]
    idf1 = [statistics.mean(each.idf1 for each in kind) for kind in (tracks, joined, whole)]
    hota = [statistics.mean(each.hota for each in kind) for kind in (tracks, whole)]
    ids = [statistics.mean(each.ids for each in kind) for kind in (tracks, whole)]
    numbers = (*idf1, *hota, *ids, statistics.mean(each.true_ids for each in tracks))
    spread = f"{min(gains):+.1f} to {max(gains):+.1f}"
    return [name, *(f"{number:.1f}" for number in numbers), spread]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.visits")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    clip, weights = (options.shared / CLIP).resolve(), (options.shared / WEIGHTS).resolve()
    titles = ("IDF1: tracks", "joined", "visits", "HOTA: tracks", "visits", "tracks", "visits",
              "people", "IDF1 gained")  # fmt: skip
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
