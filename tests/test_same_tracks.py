"""Our BoT-SORT gives what Ultralytics' gives: numbers, labels, boxes, ends, on any world."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.conftest import picture
from tracking.association import rounded
from tracking.detections import Detections
from tracking.detectors import YoloDetector
from tracking.frame import Image
from tracking.streamers import VideoStreamer
from tracking.tracker import GMC_METHODS, BotSort, TrackerSettings
from tracking.weights import ultralytics

NAMES = {number: f"label {number}" for number in range(80)}
Row = tuple[int, str, float]

THEIR_SPEED_NOISE = 1 / 160  # which they do not let anybody choose


class Boxes(Detections):
    """What Ultralytics wants to be given."""

    def __getitem__(self, chosen: Any) -> Boxes:
        return Boxes(self.xyxy[chosen], self.conf[chosen], self.cls[chosen])

    @property
    def xywh(self) -> Any:
        first, last = self.xyxy[:, :2], self.xyxy[:, 2:]
        return np.concatenate([(first + last) / 2, last - first], axis=1)


class Theirs:
    """Ultralytics' BOTSORT; the label is the one given most often, as ours."""

    def __init__(self, settings: TrackerSettings) -> None:
        ultralytics()
        from ultralytics.trackers.bot_sort import BOTSORT
        from ultralytics.utils import IterableSimpleNamespace

        off = {"proximity_thresh": 0.5, "appearance_thresh": 0.8, "with_reid": False}
        self.tracker = BOTSORT(IterableSimpleNamespace(**asdict(settings), **off, model="auto"))
        self.votes: dict[int, Counter[int]] = {}

    def update(
        self, seen: Detections, image: Image | None
    ) -> tuple[list[Row], list[list[float]], list[int]]:
        """Number, label and confidence of each track; its corners; the tracks that ended."""
        result = self.tracker.update(Boxes(seen.xyxy, seen.conf, seen.cls), image).reshape(-1, 8)
        rows = []
        for number, confidence, cls in result[:, 4:7].tolist():
            votes = self.votes.setdefault(int(number), Counter())
            votes[int(cls)] += 1
            rows.append((int(number), NAMES[votes.most_common(1)[0][0]], confidence))
        alive = {track.track_id for track in self.tracker.lost_stracks} | {row[0] for row in rows}
        ended = [number for number in self.votes if number not in alive]
        for number in ended:
            del self.votes[number]
        return rows, result[:, :4].tolist(), ended


def compare(
    settings: TrackerSettings, seen: list[Detections], images: list[Image] | None = None
) -> Counter[str]:
    """Fails at the first picture after which the two differ; gives what there was to compare."""
    settings = replace(settings, speed_noise=THEIR_SPEED_NOISE)
    ours, theirs = BotSort(NAMES, settings), Theirs(settings)
    counted: Counter[str] = Counter()
    for number, detections in enumerate(seen):
        image = images[number] if images else None
        rows, boxes, ended = theirs.update(detections, image)
        tracks = ours.update(detections, image)
        where = f"picture {number} with {settings}"
        assert [(track.id, track.label, track.confidence) for track in tracks] == rows, where
        assert ours.ended == ended, where
        found = np.array([track.corners for track in tracks]).reshape(-1, 4)
        assert np.abs(found - np.reshape(boxes, (-1, 4))).max(initial=0) < 1e-3, where
        counted += Counter(rows=len(rows), ended=len(ended))
    return counted


def test_boxes_are_rounded_alike_to_the_last_digit() -> None:
    ultralytics()
    from ultralytics.trackers.bot_sort import BOTrack

    rng = np.random.default_rng(0)
    first = rng.uniform(0, 1500, (500, 2))
    xyxy = np.concatenate([first, first + rng.uniform(1, 400, (500, 2))], axis=1).astype(np.float32)
    seen = Boxes(xyxy, xyxy[:, 0], xyxy[:, 0])
    theirs = [BOTrack(np.append(box.astype(np.float64), 0), 0.9, 0) for box in seen.xywh]
    edges, boxes = rounded(xyxy)
    assert np.array_equal(edges.T, [track.xyxy for track in theirs])
    assert np.array_equal(boxes.T, [track.convert_coords(track.tlwh) for track in theirs])
    assert not np.array_equal(edges.T, xyxy)


def any_settings(rng: np.random.Generator) -> TrackerSettings:
    return TrackerSettings(
        track_high_thresh=rng.choice([0.25, 0.5, 0.1, 0, rng.random()]).item(),
        track_low_thresh=rng.choice([0.1, 0, 0.3, rng.random()]).item(),
        new_track_thresh=rng.choice([0.65, 0.25, 0, rng.random()]).item(),
        track_buffer=rng.choice([30, 1, 2, 5]).item(),
        match_thresh=rng.choice([0.9, 0.8, 0.5, 1, rng.random()]).item(),
        fuse_score=rng.random() < 0.75,
    )


def any_world(rng: np.random.Generator, pictures: int) -> list[Detections]:
    """People who come, go, cross and hide in 640x480 pixels, seen well, badly, twice or not.

    Some worlds have round numbers: then distances can be equal, and confidences at a threshold.
    """
    count = rng.choice([1, 3, 8, 25])
    place, speed = rng.uniform(0, 640, (count, 2)), rng.normal(0, rng.choice([0, 2, 9]), (count, 2))
    size = rng.uniform((10, 20), (60, 160), (count, 2))
    here, cls = rng.random(count) < 0.8, rng.integers(0, 3, count)
    noise, misses = rng.choice([0, 0.5, 3]), rng.choice([0, 0.1, 0.4])
    doubles, strangers, grid = rng.choice([0, 0.2]), rng.choice([0, 2]), rng.choice([0, 1, 4])
    world = []
    for _ in range(pictures):
        place = (place + speed) % 640
        here ^= rng.random(count) < 0.03
        seen = (here & (rng.random(count) >= misses)).nonzero()[0]
        twice = seen[rng.random(len(seen)) < doubles]
        who = rng.permutation(np.concatenate([seen, twice]))
        centre = place[who] + rng.normal(0, noise, (len(who), 2)) * (rng.random() < 0.5)
        boxes = np.concatenate([centre - size[who] / 2, centre + size[who] / 2], axis=1)
        others = rng.uniform(0, 480, (rng.poisson(strangers), 2))
        edges = others + rng.uniform(-5, 60, others.shape)  # some have no size
        boxes = np.concatenate([boxes, np.concatenate([others, edges], axis=1)])
        conf = rng.choice([0.9, 0.6, 0.3, 0.15], len(boxes), p=[0.6, 0.2, 0.1, 0.1])
        conf = np.clip(conf + rng.normal(0, 0.05, len(boxes)), 0, 1)
        labels = np.concatenate([cls[who], rng.integers(0, 3, len(others))])
        if grid:
            boxes, conf = np.round(boxes / grid) * grid, np.round(conf * 20) / 20
        shown = 0 if rng.random() < 0.04 else len(boxes)
        parts = (part[:shown].astype(np.float32) for part in (boxes, conf, labels))
        world.append(Detections(*parts))
    return world


def compare_worlds(seeds: range, pictures: int) -> Counter[str]:
    counted: Counter[str] = Counter()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        counted += compare(any_settings(rng), any_world(rng, pictures))
    return counted


def test_two_hundred_worlds_give_the_same_tracks() -> None:
    counted = compare_worlds(range(200), 24)
    assert counted["rows"] > 15_000
    assert counted["ended"] > 1_000


@pytest.mark.slow
def test_longer_worlds_give_the_same_tracks() -> None:
    counted = compare_worlds(range(1000, 1060), 250)
    assert counted["ended"] > 3_000


def test_tracks_found_again_at_the_last_moment_are_the_same() -> None:
    """A track can be found one picture after it was given up, and is then lost for good at once."""
    rng = np.random.default_rng(0)
    box = np.array([[100, 100, 140, 200]], np.float32)
    for gap in range(1, 9):
        there = [True] * 3 + [False] * gap + [True] * 3 + [False] * 2 + [True] * 3 + [False] * 9
        seen = [box + rng.normal(0, 0.5, 4).astype(np.float32) if on else box[:0] for on in there]
        world = [Detections(each, each[:, 0] * 0 + 0.9, each[:, 0] * 0) for each in seen]
        compare(TrackerSettings(track_buffer=4), world)


@pytest.mark.parametrize(("rounds", "number"), [(5, 202), (15, 1)])
def test_who_was_given_up_is_remembered_for_a_thousand_others(rounds: int, number: int) -> None:
    """Someone found again at the last moment is lost; 40 come for a moment, round after round."""
    grid = np.stack(np.meshgrid(np.arange(8) * 80, np.arange(5) * 90), -1).reshape(-1, 2)
    crowd = np.concatenate([grid, grid + np.array([30, 50])], axis=1)
    someone = np.array([[1000, 100, 1040, 200]])
    world = [someone] * 3 + [someone[:0]] * 2 + [someone]
    for _ in range(rounds):
        world += [np.concatenate([someone, crowd])] * 2 + [someone] * 4
    world += [someone[:0]] + [someone] * 2
    seen = [Detections(each.astype(np.float32), each[:, 0] * 0 + 1, each[:, 0] * 0)
            for each in world]  # fmt: skip
    settings = TrackerSettings(track_buffer=1)
    compare(settings, seen)
    ours = BotSort(NAMES, settings)
    assert [track.id for track in [ours.update(each) for each in seen][-1]] == [number]


@pytest.mark.parametrize("method", GMC_METHODS[1:])
def test_a_moving_camera_is_followed_alike(method: str) -> None:
    """It turns, zooms and pans over a large still picture with boxes in it."""
    rng = np.random.default_rng(3)
    ground = cv2.GaussianBlur(rng.integers(0, 255, (500, 600, 3), np.uint8), (0, 0), 2)
    ground = cv2.normalize(ground, None, 0, 255, cv2.NORM_MINMAX)
    standing = rng.uniform((200, 150), (400, 350), (6, 2))
    seen, images = [], []
    for number in range(10):
        turn = cv2.getRotationMatrix2D((300, 250), number, 1 + 0.01 * number)
        turn[:, 2] -= (140 - 2 * number, 130 + number)
        images.append(cv2.warpAffine(ground, turn, (320, 240)))
        centre = standing @ turn[:, :2].T + turn[:, 2] + rng.normal(0, 0.5, standing.shape)
        half = np.array([15, 30])
        boxes = np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)
        conf = rng.choice([0.9, 0.2], len(boxes), p=[0.8, 0.2]).astype(np.float32)
        seen.append(Detections(boxes, conf, np.zeros(len(boxes), np.float32)))
    assert compare(TrackerSettings(gmc_method=method), seen, images)["rows"] > 40


def test_pictures_without_anything_to_hold_on_to_are_followed_alike() -> None:
    seen = any_world(np.random.default_rng(5), 6)
    compare(TrackerSettings(gmc_method="sparseOptFlow"), seen, [picture(0, (64, 48))] * 6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pets09-s2l1/vtest.avi", "traffic.mp4", "towncentre.mp4"])
def test_real_clips_give_the_same_tracks(shared: Path, weights: Path, name: str) -> None:
    detector = YoloDetector(weights, confidence=0.1)
    with closing(VideoStreamer(shared / "data" / name).frames()) as frames:
        seen = [detector.detect(frame.image) for frame in frames]
    for confidence in (0.1, 0.25):
        enough = [each[each.conf >= confidence] for each in seen]
        for settings in (TrackerSettings(), TrackerSettings(new_track_thresh=0.25)):
            assert compare(settings, enough)["rows"] > 800
