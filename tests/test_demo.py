"""The demo: the clip shows what its truth says, and the comparison tells right from wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tracking.demo import Box, DemoTruth, compare, demo_truth, make_demo
from tracking.streamers import VideoStreamer
from tracking.yolo import YoloStreamer

Tracks = dict[int, dict[int, Box]]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoTruth]:
    path = tmp_path_factory.mktemp("demo") / "clip.mp4"
    return path, make_demo(path)


@pytest.fixture(scope="module")
def truth(clip: tuple[Path, DemoTruth]) -> DemoTruth:
    return clip[1]


def perfect(truth: DemoTruth) -> Tracks:
    """The tracks of a tracker that makes no mistake."""
    return {person + 10: dict(boxes) for person, boxes in truth.boxes.items()}


def exchanged(tracks: Tracks, a: int, b: int, frame: int) -> Tracks:
    """The same tracks, but ``a`` and ``b`` have swapped their ids from ``frame`` on."""
    return {
        **tracks,
        a: {n: box for n, box in tracks[a].items() if n < frame}
        | {n: box for n, box in tracks[b].items() if n >= frame},
        b: {n: box for n, box in tracks[b].items() if n < frame}
        | {n: box for n, box in tracks[a].items() if n >= frame},
    }


def test_six_people_walk(truth: DemoTruth) -> None:
    assert truth.people == 6
    assert list(truth.boxes) == list(truth.visible) == [1, 2, 3, 4, 5, 6]


def test_every_box_lies_in_the_picture_and_in_the_clip(truth: DemoTruth) -> None:
    for boxes in truth.boxes.values():
        for frame, (left, top, width, height) in boxes.items():
            assert 0 <= frame < truth.frames
            assert left >= 0 and top >= 0 and width > 0 and height > 0
            assert left + width <= truth.width and top + height <= truth.height


def test_visible_shares_belong_to_the_boxes(truth: DemoTruth) -> None:
    for person, shares in truth.visible.items():
        assert shares.keys() == truth.boxes[person].keys()
        assert all(0 <= share <= 1 for share in shares.values())
        assert max(shares.values()) > 0.98


def test_people_come_and_go_at_different_times_at_the_edges(truth: DemoTruth) -> None:
    assert len({min(boxes) for boxes in truth.boxes.values()}) == 6
    assert len({max(boxes) for boxes in truth.boxes.values()}) == 6
    for boxes in truth.boxes.values():
        for frame in (min(boxes), max(boxes)):
            left, _, width, _ = boxes[frame]
            assert 0 < frame < truth.frames - 1
            assert left == 0 or left + width == pytest.approx(truth.width)


def test_everyone_is_large_enough_to_be_found(truth: DemoTruth) -> None:
    assert all(box[3] > 90 for boxes in truth.boxes.values() for box in boxes.values())


def test_somebody_hides_for_several_frames_and_appears_again(truth: DemoTruth) -> None:
    longest = max(truth.occlusions, key=lambda o: o.last_frame - o.first_frame)
    hidden = range(longest.first_frame, longest.last_frame + 1)
    shares = truth.visible[longest.behind]
    assert len(hidden) >= 4
    assert all(shares[frame] < 0.2 for frame in hidden)
    assert max(shares[frame] for frame in shares if frame < hidden[0]) > 0.98
    assert max(shares[frame] for frame in shares if frame > hidden[-1]) > 0.98


def test_two_people_meet_and_stand_together(truth: DemoTruth) -> None:
    def still(person: int, frame: int) -> bool:
        boxes = truth.boxes[person]
        return frame - 1 in boxes and boxes.get(frame) == boxes[frame - 1]

    together = [n for n in range(truth.frames) if still(4, n) and still(5, n)]
    assert len(together) >= truth.fps
    gap = truth.boxes[5][together[0]][0] - sum(truth.boxes[4][together[0]][::2])
    assert 0 < gap < truth.boxes[4][together[0]][3] / 2


def test_the_file_has_the_size_the_rate_and_the_frames_of_the_truth(
    clip: tuple[Path, DemoTruth],
) -> None:
    path, truth = clip
    capture = cv2.VideoCapture(str(path))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(truth.fps, abs=0.01)
    assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == truth.width
    assert capture.get(cv2.CAP_PROP_FRAME_HEIGHT) == truth.height
    frames = sum(1 for _ in VideoStreamer(path).frames())
    assert frames == truth.frames


def test_what_changes_in_the_picture_lies_in_the_boxes(clip: tuple[Path, DemoTruth]) -> None:
    path, truth = clip
    images = [frame.image.astype(np.int16) for frame in VideoStreamer(path).frames()]
    moment = max(range(truth.frames), key=lambda n: sum(n in b for b in truth.boxes.values()))
    changed = np.abs(images[moment] - images[0]).max(axis=2) > 60
    boxed = np.zeros_like(changed)
    for person, boxes in truth.boxes.items():
        if moment in boxes:
            left, top, width, height = (round(value) for value in boxes[moment])
            boxed[top : top + height, left : left + width] = True
            if truth.visible[person][moment] > 0.98:
                assert changed[top : top + height, left : left + width].mean() > 0.25
    assert changed[~boxed].mean() < 0.005  # the shadows


def test_the_truth_is_known_without_the_video_and_always_the_same(truth: DemoTruth) -> None:
    assert demo_truth() == truth


def test_a_tracker_without_mistakes_is_told_so(truth: DemoTruth) -> None:
    result = compare(truth, perfect(truth))
    assert result.found == {person: (person + 10,) for person in truth.boxes}
    assert (result.people, result.tracks, result.strays) == (6, 6, ())
    assert result.each_counted_once and result.ids_held_through_occlusions


def test_hidden_people_need_not_be_found(truth: DemoTruth) -> None:
    seen = {
        person + 10: {n: box for n, box in boxes.items() if truth.visible[person][n] >= 0.3}
        for person, boxes in truth.boxes.items()
    }
    result = compare(truth, seen)
    assert result.each_counted_once and result.ids_held_through_occlusions


def test_ids_swapped_behind_each_other_are_noticed(truth: DemoTruth) -> None:
    occlusion = truth.occlusions[0]
    a, b = occlusion.behind + 10, occlusion.in_front + 10
    result = compare(truth, exchanged(perfect(truth), a, b, occlusion.last_frame))
    assert not result.each_counted_once and not result.ids_held_through_occlusions
    assert result.found[occlusion.behind] == (a, b)


def test_a_new_id_after_an_occlusion_is_noticed(truth: DemoTruth) -> None:
    occlusion = truth.occlusions[0]
    lost = occlusion.behind + 10
    tracks = exchanged({**perfect(truth), 99: {}}, lost, 99, occlusion.last_frame)
    result = compare(truth, tracks)
    assert result.found[occlusion.behind] == (lost, 99)
    assert not result.each_counted_once and not result.ids_held_through_occlusions


def test_somebody_missed_is_noticed(truth: DemoTruth) -> None:
    tracks = perfect(truth)
    del tracks[15]
    result = compare(truth, tracks)
    assert result.found[5] == () and not result.each_counted_once


def test_a_track_of_nobody_is_a_stray(truth: DemoTruth) -> None:
    hedge = dict.fromkeys(range(50), (100.0, 240.0, 40.0, 60.0))
    result = compare(truth, {**perfect(truth), 99: hedge})
    assert result.strays == (99,) and not result.each_counted_once


def test_two_people_under_one_id_are_noticed(truth: DemoTruth) -> None:
    tracks = perfect(truth)
    first = max(tracks[14]) + 1
    tracks[14] |= {n: box for n, box in tracks.pop(13).items() if n >= first}
    result = compare(truth, tracks)
    assert result.found[3] == result.found[4] == (14,)
    assert not result.each_counted_once


def test_no_tracks_at_all_is_an_answer_too(truth: DemoTruth) -> None:
    result = compare(truth, {})
    assert result.tracks == 0 and not result.each_counted_once
    assert not result.ids_held_through_occlusions


def test_without_occlusions_there_is_no_id_to_lose(truth: DemoTruth) -> None:
    assert compare(replace(truth, occlusions=()), {}).ids_held_through_occlusions


def test_progress_is_told_for_every_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.demo.clip.FRAMES", 5)
    told: list[tuple[int, int]] = []
    make_demo(tmp_path / "a.mp4", lambda done, total: told.append((done, total)))
    assert told == [(n, 5) for n in range(1, 6)]


@pytest.mark.slow
@pytest.mark.parametrize("confidence", [0.1, 0.25])
def test_the_truth_is_met_with_real_weights(
    clip: tuple[Path, DemoTruth], weights: Path, confidence: float
) -> None:
    path, truth = clip
    tracks: Tracks = {}
    yolo = YoloStreamer(VideoStreamer(path), weights, classes=["person"], confidence=confidence)
    for frame in yolo.frames():
        for track in frame.tracks:
            left, top, _, _ = track.corners
            tracks.setdefault(track.id, {})[frame.index] = (left, top, track.w, track.h)
    result = compare(truth, tracks)
    assert result.each_counted_once, result
    assert result.ids_held_through_occlusions, result
