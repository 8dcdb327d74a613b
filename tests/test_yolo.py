"""A YoloStreamer tracks what its streamer shows, tells its listeners, and always tells the end."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import NOON, ROOT, ScriptedDetector, ScriptedStreamer, walk
from tracking.errors import SourceLost, SourceNotFound
from tracking.events import Event, SourceEnded, SourceStarted, TrackEnded, TracksSeen
from tracking.streamers import VideoStreamer
from tracking.yolo import YoloStreamer

WALKER = [[box] for box in walk(10)]


def watch(streamer: ScriptedStreamer, script: list[list[tuple[float, ...]]]) -> YoloStreamer:
    return YoloStreamer(streamer, detector=ScriptedDetector(script))  # type: ignore[arg-type]


def test_events_come_in_the_order_of_what_happened() -> None:
    yolo, heard = watch(ScriptedStreamer(3), WALKER), list[Event]()
    yolo.add_listener(heard.append)
    list(yolo)
    assert [type(event).__name__ for event in heard] == [
        "SourceStarted", "TracksSeen", "TracksSeen", "TracksSeen", "TrackEnded", "SourceEnded",
    ]  # fmt: skip


def test_the_start_tells_source_and_settings() -> None:
    yolo, heard = watch(ScriptedStreamer(1, "door"), WALKER), list[Event]()
    yolo.add_listener(heard.append)
    list(yolo)
    assert isinstance(heard[0], SourceStarted)
    run = heard[0].run
    assert (run.source.name, run.source.width, run.source.height) == ("door", 640, 480)
    assert (run.started_at, run.detector, run.tracker) == (NOON, "scripted", "botsort")
    assert run.settings["tracker"]["match_thresh"] == 0.9


def test_a_frame_in_which_nothing_was_seen_is_told_too() -> None:
    yolo, heard = watch(ScriptedStreamer(2), [[], []]), list[Event]()
    yolo.add_listener(heard.append)
    list(yolo)
    seen = [event.frame.tracks for event in heard if isinstance(event, TracksSeen)]
    assert seen == [(), ()]


def test_a_track_that_leaves_ends_where_it_was_last_seen() -> None:
    yolo, heard = watch(ScriptedStreamer(50), [*WALKER, *[[]] * 40]), list[Event]()
    yolo.add_listener(heard.append)
    list(yolo)
    (ended,) = [event for event in heard if isinstance(event, TrackEnded)]
    assert ended.t == NOON + 900
    assert ended.track.x == pytest.approx(136, abs=3)


def test_stopping_early_still_tells_the_end_and_releases_the_source() -> None:
    source = ScriptedStreamer(10)
    yolo, heard = watch(source, WALKER), list[Event]()
    yolo.add_listener(heard.append)
    for number, _ in enumerate(yolo):
        if number == 2:
            break
    assert heard[-1] == SourceEnded(heard[-1].run, NOON + 200, 3, "stopped")
    assert isinstance(heard[-2], TrackEnded)
    assert source.released == 1


def test_a_source_that_fails_tells_why() -> None:
    source = ScriptedStreamer(4, failure=SourceLost("the cable was pulled"))
    yolo, heard = watch(source, WALKER), list[Event]()
    yolo.add_listener(heard.append)
    with pytest.raises(SourceLost):
        list(yolo)
    assert isinstance(heard[-1], SourceEnded)
    assert heard[-1].outcome == "failed: the cable was pulled"


def test_a_listener_that_raises_stops_the_run_and_the_others_hear_the_end() -> None:
    source = ScriptedStreamer(10)
    yolo, heard = watch(source, WALKER), list[Event]()

    def picky(event: Event) -> None:
        if isinstance(event, TracksSeen) and event.frame.index == 3:
            raise ValueError("no more")

    yolo.add_listener(picky)
    yolo.add_listener(heard.append)
    with pytest.raises(ValueError, match="no more"):
        list(yolo)
    assert isinstance(heard[-1], SourceEnded)
    assert heard[-1].outcome == "failed: no more"
    assert source.released == 1


def test_each_loop_is_a_run_of_its_own_with_numbers_from_one() -> None:
    yolo, heard = watch(ScriptedStreamer(5), WALKER), list[Event]()
    yolo.add_listener(heard.append)
    list(yolo)
    list(yolo)
    runs = {event.run for event in heard}
    ids = {t.id for event in heard if isinstance(event, TracksSeen) for t in event.frame.tracks}
    assert len(runs) == 2
    assert ids == {1}


def test_the_jpegs_show_the_boxes_and_the_frames_do_not() -> None:
    yolo = watch(ScriptedStreamer(2), WALKER)
    plain = next(yolo.frames()).image
    yolo = watch(ScriptedStreamer(2), WALKER)
    drawn = cv2.imdecode(np.frombuffer(next(iter(yolo)), np.uint8), cv2.IMREAD_COLOR)
    assert plain.max() == 0
    assert drawn.max() > 100


def test_a_missing_source_is_named_before_weights_are_loaded() -> None:
    with pytest.raises(SourceNotFound, match=r"gone\.mp4"):
        next(iter(YoloStreamer(VideoStreamer("gone.mp4"), "gone-too.pt")))


def test_many_at_once_in_one_process_never_mix_their_identities() -> None:
    """Five sources in five threads, each with its own number of people."""
    found: dict[int, list[set[int]]] = {}

    def look(people: int) -> None:
        script = [[(60 + 120 * n + f, 200, 40, 100) for n in range(people)] for f in range(30)]
        yolo = watch(ScriptedStreamer(30, f"s{people}"), script)
        found[people] = [{track.id for track in frame.tracks} for frame in yolo.frames()]

    threads = [threading.Thread(target=look, args=(people,)) for people in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(set(range(1, n + 1)) == ids for n in found for ids in found[n])
    assert len(found) == 5


@pytest.mark.slow
def test_two_clips_by_turns_in_one_process_track_as_each_alone(weights: Path, vtest: Path) -> None:
    def stream() -> YoloStreamer:
        return YoloStreamer(VideoStreamer(vtest, start=NOON), weights, classes=["person"])

    alone = [frame.tracks for frame, _ in zip(stream().frames(), range(40), strict=False)]
    pair = zip(stream().frames(), stream().frames(), range(40), strict=False)
    for number, (one, other, _) in enumerate(pair):
        assert one.tracks == alone[number]
        assert other.tracks == alone[number]


@pytest.mark.slow
def test_two_processes_at_once_write_one_database_and_never_mix(
    weights: Path, vtest: Path, tmp_path: Path
) -> None:
    script = (
        "import sqlite3, sys\n"
        "from tracking import DatabaseLogger, VideoStreamer, YoloStreamer\n"
        "clip, weights, name = sys.argv[1:]\n"
        "yolo = YoloStreamer(VideoStreamer(clip, name=name), weights)\n"
        "yolo.add_listener(DatabaseLogger(sqlite3.connect('people.db')))\n"
        "for number, frame in enumerate(yolo):\n"
        "    if number == 60: break\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(vtest), str(weights), name],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        )
        for name in ("north", "south")
    ]
    assert [process.wait(timeout=120) for process in started] == [0, 0]
    import sqlite3

    connection = sqlite3.connect(tmp_path / "people.db")
    counts = connection.execute(
        "SELECT source_id, count(DISTINCT run_id), count(*), sum(positions) FROM people_tracks"
        " GROUP BY source_id"
    ).fetchall()
    connection.close()
    assert [row[1] for row in counts] == [1, 1]
    assert counts[0][2:] == counts[1][2:]
