"""Stays and crossings of the demo clip, whose truth is known."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import NOON
from tracking.database import latest_boxes, open_database
from tracking.demo import LINE, ZONE, DemoTruth, compare, demo_truth, make_demo
from tracking.detectors import YoloDetector
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame, Track
from tracking.logger import DatabaseLogger
from tracking.streamers import VideoStreamer
from tracking.yolo import YoloStreamer
from tracking.zones import derive, put

NEARLY = 0.35  # seconds: legs swing, and the box's lower edge is not where somebody stands


@pytest.fixture(scope="module")
def truth() -> DemoTruth:
    return demo_truth()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(tmp_path / "demo.db")) as connection:
        yield connection


Where = Mapping[int, Mapping[int, tuple[float, float]]]


def record(connection: sqlite3.Connection, truth: DemoTruth, feet: Where) -> None:
    """What a tracker would say that makes no mistake."""
    source = Source("demo", "file", "/demo", "UTC", truth.width, truth.height, truth.fps)
    run = Run(source, NOON, "truth", None, "none", "0")
    logger = DatabaseLogger(connection)
    logger(SourceStarted(run))
    put(connection, "demo", [ZONE, LINE])
    for frame in range(truth.frames):
        tracks = tuple(
            Track(person, "person", 1.0, way[frame][0], way[frame][1] - 60, 40, 120)
            for person, way in feet.items()
            if frame in way
        )
        t = NOON + round(frame * 1000 / truth.fps)
        logger(TracksSeen(run, Frame(frame, t, None, tracks)))  # type: ignore[arg-type]
    logger(SourceEnded(run, NOON, truth.frames, "finished"))


def crossings(connection: sqlite3.Connection) -> list[tuple[int, float, str]]:
    """Track, seconds and direction."""
    query = "SELECT track_id, t, direction FROM crossings JOIN people_tracks ON id = track"
    rows = connection.execute(f"{query} ORDER BY t").fetchall()
    (begin,) = connection.execute("SELECT started_at FROM runs").fetchone()
    return [(track, (t - begin) / 1000, direction) for track, t, direction in rows]


def stays(connection: sqlite3.Connection) -> list[tuple[int, float, float]]:
    """Track, and seconds of entering and leaving."""
    query = "SELECT track_id, entered_at, left_at FROM zone_stays JOIN people_tracks ON id = track"
    rows = connection.execute(f"{query} ORDER BY entered_at").fetchall()
    (begin,) = connection.execute("SELECT started_at FROM runs").fetchone()
    return [(track, (a - begin) / 1000, (b - begin) / 1000) for track, a, b in rows]


def test_feet_where_they_truly_are_give_the_truth_to_the_frame(
    connection: sqlite3.Connection, truth: DemoTruth
) -> None:
    record(connection, truth, truth.feet)
    assert [(who, way) for who, _, way in crossings(connection)] == [
        (each.person, each.direction) for each in truth.passings
    ]
    for (_, seconds, _), passing in zip(crossings(connection), truth.passings, strict=True):
        assert seconds == pytest.approx(passing.seconds, abs=0.003)  # tenths of a pixel
    frames = [(who, round(a * 15), round(b * 15)) for who, a, b in stays(connection)]
    assert frames == [(each.person, each.first_frame, each.last_frame) for each in truth.visits]


def test_the_lower_edges_of_true_boxes_give_the_same_people(
    connection: sqlite3.Connection, truth: DemoTruth
) -> None:
    lower = {
        person: {n: (box[0] + box[2] / 2, box[1] + box[3]) for n, box in boxes.items()}
        for person, boxes in truth.boxes.items()
    }
    record(connection, truth, lower)
    assert_as_in_truth(connection, truth, {person: person for person in truth.boxes})


def test_the_clip_has_crossings_and_stays_of_many_kinds(truth: DemoTruth) -> None:
    ways = Counter(each.direction for each in truth.passings)
    assert ways == {"forward": 3, "backward": 2}
    assert len({each.person for each in truth.visits}) == len(truth.visits) == 3


@pytest.mark.slow
def test_what_is_tracked_on_the_clip_has_the_true_crossings_and_stays(
    tmp_path: Path, weights: Path
) -> None:
    truth = make_demo(tmp_path / "clip.mp4")
    db = tmp_path / "tracked.db"
    with closing(open_database(db)) as connection:
        clip = VideoStreamer(tmp_path / "clip.mp4", name="demo")
        yolo = YoloStreamer(clip, detector=YoloDetector(weights, classes=["person"]))
        yolo.add_listener(DatabaseLogger(connection))
        for _ in yolo.frames():
            pass
        put(connection, "demo", [ZONE, LINE])
        assert derive(db).finished
        found = compare(truth, latest_boxes(connection, "demo")).found
        people = {track: person for person, tracks in found.items() for track in tracks}
        assert_as_in_truth(connection, truth, people)


def assert_as_in_truth(
    connection: sqlite3.Connection, truth: DemoTruth, people: Mapping[int, int]
) -> None:
    """Exactly who, in which direction and how often; when, as nearly as boxes tell."""
    passed = sorted((people[who], way, seconds) for who, seconds, way in crossings(connection))
    true_passes = sorted((each.person, each.direction, each.seconds) for each in truth.passings)
    assert_alike(passed, true_passes, lambda row: row[:2])
    stayed = sorted((people[who], entered, left) for who, entered, left in stays(connection))
    true_stays = sorted(
        (each.person, each.first_frame / truth.fps, each.last_frame / truth.fps)
        for each in truth.visits
    )
    assert_alike(stayed, true_stays, lambda row: row[:1])


def assert_alike(found: list, expected: list, exact: Callable) -> None:  # type: ignore[type-arg]
    assert [exact(row) for row in found] == [exact(row) for row in expected]
    for row, true in zip(found, expected, strict=True):
        begin = len(exact(row))
        assert row[begin:] == pytest.approx(true[begin:], abs=NEARLY)
