"""BoT-SORT keeps an identity through short gaps, and keeps it to itself."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading

import cv2
import numpy as np
import pytest

from tests.conftest import ROOT, Box, ScriptedDetector, picture, walk
from tracking.detections import Detections
from tracking.errors import SettingsError
from tracking.frame import Track
from tracking.tracker import BotSort, TrackerSettings

BLANK = picture(0, (640, 480))


def follow(script: list[list[Box]], tracker: BotSort | None = None) -> list[tuple[Track, ...]]:
    detector = ScriptedDetector(script)
    tracker = tracker or BotSort(detector.names)
    return [tracker.update(detector.detect(BLANK)) for _ in script]


def test_a_walker_keeps_one_identity() -> None:
    seen = follow([[box] for box in walk(20)])
    assert {track.id for tracks in seen for track in tracks} == {1}
    assert seen[-1][0].label == "person"
    assert seen[-1][0].x == pytest.approx(176, abs=3)


def test_two_who_pass_each_other_keep_theirs() -> None:
    left, right = walk(40, x=100, dx=8), walk(40, x=412, y=260, dx=-8)
    seen = follow([[a, b] for a, b in zip(left, right, strict=True)])
    first = {track.id: track.x for track in seen[0]}
    last = {track.id: track.x for track in seen[-1]}
    assert first.keys() == last.keys()
    assert all((first[number] < 256) == (last[number] > 256) for number in first)


def test_a_gap_shorter_than_the_buffer_is_bridged() -> None:
    seen = follow([[box] if not 10 <= n < 20 else [] for n, box in enumerate(walk(30))])
    assert {track.id for tracks in seen for track in tracks} == {1}


def test_a_track_lost_for_longer_is_ended_once() -> None:
    detector = ScriptedDetector([[box] for box in walk(5)] + [[]] * 40)
    tracker, ended = BotSort(detector.names), []
    for _ in range(45):
        tracker.update(detector.detect(BLANK))
        ended += tracker.ended
    assert ended == [1]


def test_the_label_is_the_one_given_most_of_the_time() -> None:
    tracker = BotSort({0: "car", 1: "truck"})
    seen = []
    for number, (x, y, w, h) in enumerate(walk(9)):
        found = ScriptedDetector([[(x, y, w, h)]], cls=int(number == 5)).detect(BLANK)
        seen += tracker.update(found)
    assert {track.label for track in seen} == {"car"}


def test_a_new_tracker_does_not_disturb_an_older_ones_numbers() -> None:
    older = BotSort({0: "person"})
    follow([[(100, 200, 40, 100)]] * 3, older)
    follow([[(300, 200, 40, 100)]] * 3)
    both = follow([[(100, 200, 40, 100), (500, 200, 40, 100)]] * 3, older)
    assert [track.id for track in both[-1]] == [1, 2]


def test_trackers_in_many_threads_never_mix_their_numbers() -> None:
    """Each sees one newcomer after the other, all at once: numbers must be 1 to 20 in each."""
    worlds: dict[int, set[int]] = {}

    def world(name: int) -> None:
        boxes = [[(60 + 500 * (n // 4 % 2), 60 + 18 * (n // 4), 40, 30)] for n in range(80)]
        settings = TrackerSettings(track_buffer=1)
        seen = follow(boxes, BotSort({0: "person"}, settings))
        worlds[name] = {track.id for tracks in seen for track in tracks}

    threads = [threading.Thread(target=world, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(worlds) == 6
    assert len(set(map(frozenset, worlds.values()))) == 1
    assert min(worlds[0]) == 1


def test_a_newcomer_is_shown_when_seen_a_second_time() -> None:
    """What is there from the first picture on is shown at once."""
    here, later = (100, 200, 40, 100), (400, 200, 40, 100)
    seen = follow([[here], [here, later], [here, later]])
    assert [[track.id for track in tracks] for tracks in seen] == [[1], [1], [1, 2]]


def test_what_flashes_up_once_takes_a_number_but_is_never_shown() -> None:
    here, flash = (100, 200, 40, 100), (400, 200, 40, 100)
    seen = follow([[here], [here, flash], [here], [here, flash], [here, flash]])
    assert {track.id for tracks in seen for track in tracks} == {1, 3}


def test_a_doubtful_box_continues_a_track_but_begins_none() -> None:
    tracker, box = BotSort({0: "person"}), np.array([[100, 100, 140, 200]], np.float32)
    zero = np.zeros(1, np.float32)

    def see(confidence: float) -> int:
        return len(tracker.update(Detections(box, zero + np.float32(confidence), zero)))

    assert [see(0.2), see(0.2), see(0.9), see(0.9), see(0.2), see(0.05)] == [0, 0, 0, 1, 1, 0]


def test_a_box_without_an_area_or_a_place_is_not_followed() -> None:
    edges = [[9, 9, 9, 30], [9, 9, 30, 8], [np.nan, 9, 20, 30], [9, 9, 20, np.nan], [9, 9, 20, 30]]
    boxes = np.array(edges, np.float32)
    sure = np.full(5, 0.9, np.float32)
    (track,) = BotSort({0: "person"}).update(Detections(boxes, sure, sure * 0))
    assert track.corners == pytest.approx((9, 9, 20, 30))


def test_a_place_without_end_is_not_followed() -> None:
    boxes = np.array([[9, 9, np.inf, 30], [9, 9, 20, 30]], np.float32)
    sure = np.full(2, 0.9, np.float32)
    with np.errstate(invalid="ignore"):
        (track,) = BotSort({0: "person"}).update(Detections(boxes, sure, sure * 0))
    assert track.corners == pytest.approx((9, 9, 20, 30))


def test_of_two_tracks_in_one_place_the_one_that_lasted_longer_goes_on() -> None:
    """A box jumps aside, is taken for someone else, and slides back to where the first was lost."""
    aside = [[(300.0 + by, 200.0, 40.0, 100.0)] for by in (25, 25, 18, 10, 5, 2, 1, 0)]
    detector = ScriptedDetector([[(300.0, 200.0, 40.0, 100.0)]] * 20 + aside)
    tracker = BotSort(detector.names, TrackerSettings(match_thresh=0.5, speed_noise=1 / 160))
    seen, ended = [], []
    for _ in detector.script:
        seen.append([track.id for track in tracker.update(detector.detect(BLANK))])
        ended.append(tracker.ended)
    assert seen[19:] == [[1], [], [2], [2], [2], [2], [], [1], [1]]
    assert ended[25] == [2]
    assert sum(map(len, ended)) == 1


def test_camera_motion_compensation_keeps_a_number_through_a_quick_pan() -> None:
    rng = np.random.default_rng(1)
    ground = cv2.GaussianBlur(rng.integers(0, 255, (240, 800, 3), np.uint8), (0, 0), 3)
    ground = cv2.normalize(ground, None, 0, 255, cv2.NORM_MINMAX)
    ways = range(0, 200, 20)

    def shown(method: str) -> list[list[int]]:
        tracker = BotSort({0: "person"}, TrackerSettings(gmc_method=method))
        detector = ScriptedDetector([[(300 - left, 120, 20, 60)] for left in ways])
        pictures = [ground[:, left : left + 320] for left in ways]
        seen = [tracker.update(detector.detect(BLANK), image) for image in pictures]
        return [[track.id for track in tracks] for tracks in seen]

    assert shown("none") == [[1]] + [[]] * 9
    assert shown("sparseOptFlow") == [[1]] * 10


def test_a_long_run_keeps_nothing_of_those_who_left() -> None:
    tracker, sizes = BotSort({0: "person"}, TrackerSettings(track_buffer=3)), []
    for number in range(1500):
        x = 60 + 500 * (number // 5 % 2)
        tracker.update(ScriptedDetector([[(x, 200, 40, 100)]]).detect(BLANK))
        sizes.append(len(pickle.dumps(tracker)))
    assert max(sizes[1000:]) <= max(sizes[:100]) + 50  # numbers have more digits


def test_following_needs_neither_torch_nor_ultralytics() -> None:
    code = """
import sys, numpy as np
from tracking.detections import Detections
from tracking.tracker import BotSort
box, one = np.array([[0, 0, 9, 9]], np.float32), np.ones(1, np.float32)
print(len(BotSort({1: "person"}).update(Detections(box, one, one))))
print(sorted({"torch", "ultralytics"} & set(sys.modules)))
"""
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout.split() == ["1", "[]"]


def test_nothing_seen_gives_no_tracks() -> None:
    empty = ScriptedDetector([[]]).detect(BLANK)
    assert isinstance(empty, Detections)
    assert BotSort({0: "person"}).update(empty) == ()


@pytest.mark.parametrize("name", ["match_tresh", "tracker_type"])
def test_an_unknown_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"no setting '{name}'; it has track_high_thresh"):
        TrackerSettings.of({name: 1})


@pytest.mark.parametrize(
    ("name", "value"),
    [("match_thresh", "high"), ("new_track_thresh", 2), ("track_buffer", 0), ("gmc_method", "x"),
     ("fuse_score", "maybe")],
)  # fmt: skip
def test_a_setting_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"{name} cannot be"):
        TrackerSettings.of({name: value})


def test_settings_may_be_written_as_text() -> None:
    settings = TrackerSettings.of({"match_thresh": "0.8", "fuse_score": "false"})
    assert settings == TrackerSettings(match_thresh=0.8, fuse_score=False)


def test_importing_the_package_costs_nothing() -> None:
    heavy = "{'torch', 'ultralytics', 'cv2', 'matplotlib', 'streamlit', 'langchain'}"
    code = f"import sys, tracking, tracking.cli; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"
