"""The engine: frames of many sources side by side, each source in order and undisturbed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from tests.conftest import NOON, Box, ScriptedDetector, ScriptedStreamer, picture
from tracking.detections import Detections
from tracking.events import Event, SourceEnded, SourceStarted, TrackEnded, TracksSeen
from tracking.following import Following
from tracking.frame import Frame, Image
from tracking.runner.engine import Engine, Lane
from tracking.tracker import TrackerSettings

SOMEBODY: list[Box] = [(100, 200, 40, 100)]


class GatedDetector(ScriptedDetector):
    """Sees the same person in every picture, but answers only once its gate is open."""

    def __init__(self) -> None:
        super().__init__([SOMEBODY])
        self.gate = threading.Event()
        self.asked = threading.Event()
        self.looked = 0

    def detect(self, image: Image) -> Detections:
        self.asked.set()
        assert self.gate.wait(10)
        self.looked += 1
        self.frame = -1
        return super().detect(image)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def frame(index: int) -> Frame:
    return Frame(index, NOON + 100 * index, picture(0))


def open_lane(
    engine: Engine, detector: Any, heard: list[Event], every: bool = True, name: str = "a"
) -> Lane:
    following = Following(
        ScriptedStreamer(0, name), detector, TrackerSettings(), [heard.append], {"by": "test"}
    )
    return engine.open(detector, following, every=every)


def indices(heard: list[Event]) -> list[int]:
    return [event.frame.index for event in heard if isinstance(event, TracksSeen)]


def test_every_frame_of_a_recording_is_followed_in_order(engine: Engine) -> None:
    heard: list[Event] = []
    lane = open_lane(engine, ScriptedDetector([SOMEBODY] * 30), heard)
    for index in range(30):
        lane.put(frame(index))
    lane.end("finished")
    assert indices(heard) == list(range(30))
    assert isinstance(heard[0], SourceStarted)
    assert heard[0].run.settings["by"] == "test"
    assert isinstance(heard[-1], SourceEnded)
    assert (heard[-1].frames, heard[-1].outcome) == (30, "finished")


def test_of_a_live_source_only_the_newest_waiting_frame_is_kept(engine: Engine) -> None:
    heard: list[Event] = []
    detector = GatedDetector()
    lane = open_lane(engine, detector, heard, every=False)
    lane.put(frame(0))
    assert detector.asked.wait(5)
    for index in range(1, 10):
        lane.put(frame(index))
    detector.gate.set()
    lane.end("stopped")
    assert indices(heard) == [0, 9]
    assert lane.dropped == 8


def test_a_still_frame_that_replaces_a_moving_one_is_looked_at(engine: Engine) -> None:
    detector = GatedDetector()
    lane = open_lane(engine, detector, [], every=False)
    lane.put(frame(0))
    assert detector.asked.wait(5)
    lane.put(frame(1), moving=True)
    lane.put(frame(2), moving=False)
    detector.gate.set()
    lane.end("stopped")
    assert detector.looked == 2


def test_a_still_frame_repeats_what_was_seen_and_keeps_the_tracks(engine: Engine) -> None:
    heard: list[Event] = []
    detector = GatedDetector()
    detector.gate.set()
    lane = open_lane(engine, detector, heard)
    for index in range(40):
        lane.put(frame(index), moving=index == 0)
    lane.end("finished")
    assert detector.looked == 1
    seen = [event.frame.tracks for event in heard if isinstance(event, TracksSeen)]
    assert {track.id for tracks in seen for track in tracks} == {1}
    assert all(len(tracks) == 1 for tracks in seen)


def test_what_the_reader_has_detected_is_not_detected_again(engine: Engine) -> None:
    heard: list[Event] = []
    detector = GatedDetector()
    lane = open_lane(engine, detector, heard)
    boxes = np.array([[80, 150, 120, 250]], np.float32)
    one = np.ones(1, np.float32)
    for index in range(3):
        lane.put(frame(index), detections=Detections(boxes, one, 0 * one))
    lane.end("finished")
    assert detector.looked == 0
    assert [len(e.frame.tracks) for e in heard if isinstance(e, TracksSeen)] == [1, 1, 1]


def test_a_failing_source_leaves_the_others_alone(engine: Engine) -> None:
    class Failing(ScriptedDetector):
        def detect(self, image: Image) -> Detections:
            raise RuntimeError("the network burst")

    broken: list[Event] = []
    whole: list[Event] = []
    bad = open_lane(engine, Failing([]), broken, name="bad")
    good = open_lane(engine, ScriptedDetector([SOMEBODY] * 20), whole, name="good")
    for index in range(20):
        good.put(frame(index))
        if bad.failure is None:
            with suppress(RuntimeError):
                bad.put(frame(index))
    good.end("finished")
    bad.end("finished")
    assert indices(whole) == list(range(20))
    assert isinstance(whole[-1], SourceEnded)
    assert whole[-1].outcome == "finished"
    assert str(bad.failure) == "the network burst"


def test_a_listener_that_raises_ends_its_own_run_as_failed(engine: Engine) -> None:
    heard: list[Event] = []

    def listener(event: Event) -> None:
        heard.append(event)
        if isinstance(event, TracksSeen) and event.frame.index == 2:
            raise OSError("no room")

    detector = ScriptedDetector([SOMEBODY] * 9)
    following = Following(ScriptedStreamer(0), detector, TrackerSettings(), [listener])
    lane = engine.open(detector, following, every=True)
    with pytest.raises(OSError, match="no room"):
        for index in range(9):
            lane.put(frame(index))
        lane.end("finished")
        raise lane.failure or AssertionError("it did not fail")
    lane.end("finished")
    assert isinstance(heard[-1], SourceEnded)
    assert heard[-1].outcome == "failed: no room"


def test_the_end_is_heard_also_by_a_listener_that_fails_at_the_last_tracks(
    engine: Engine,
) -> None:
    heard: list[Event] = []

    def listener(event: Event) -> None:
        heard.append(event)
        if isinstance(event, TrackEnded):
            raise OSError("no room")

    detector = ScriptedDetector([SOMEBODY] * 3)
    following = Following(ScriptedStreamer(0), detector, TrackerSettings(), [listener])
    lane = engine.open(detector, following, every=True)
    for index in range(3):
        lane.put(frame(index))
    assert lane.end("finished")
    assert isinstance(heard[-1], SourceEnded)
    assert str(lane.failure) == "no room"


def test_a_closed_lane_lets_its_waiting_reader_go(engine: Engine) -> None:
    detector = GatedDetector()
    lane = open_lane(engine, detector, [])

    def read() -> None:
        for index in range(50):
            lane.put(frame(index))

    reader = threading.Thread(target=read)
    reader.start()
    assert detector.asked.wait(5)
    lane.close()
    reader.join(5)
    assert not reader.is_alive()
    detector.gate.set()
    lane.end("stopped")


def test_sources_take_turns(engine: Engine) -> None:
    """A recording that could keep the engine busy alone does not starve a live source."""
    order: list[str] = []
    slow = GatedDetector()

    def open_named(name: str, every: bool) -> Lane:
        def heard(event: Event) -> None:
            if isinstance(event, TracksSeen):
                order.append(name)

        following = Following(ScriptedStreamer(0, name), slow, TrackerSettings(), [heard])
        return engine.open(slow, following, every=every)

    recording, live = open_named("recording", True), open_named("live", False)
    recording.put(frame(0))
    assert slow.asked.wait(5)
    recording.put(frame(1))
    recording.put(frame(2))
    live.put(frame(0))
    slow.gate.set()
    recording.end("finished")
    live.end("stopped")
    assert order.index("live") <= 2
