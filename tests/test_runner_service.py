"""The runner as a whole: real files, a real database, real processes."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.conftest import ROOT, MakeClip
from tests.running import Running, until
from tracking import config
from tracking.errors import DatabaseError, RunnerRunning
from tracking.runner import Runner


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as running:
        yield running


def test_recordings_are_watched_to_their_ends_side_by_side(
    running: Running, make_walk: MakeClip
) -> None:
    running.add("one", make_walk("one.avi", 60))
    running.add("two", make_walk("two.avi", 90))
    running.wait("one", "finished")
    running.wait("two", "finished")
    until(lambda: len(running.rows("SELECT 1 FROM runs WHERE outcome = 'finished'")) == 2)
    assert running.rows(
        "SELECT name, frames, outcome FROM runs JOIN sources ON sources.id = source_id ORDER BY 1"
    ) == [("one", 60, "finished"), ("two", 90, "finished")]
    assert running.rows("SELECT count(*) > 30 FROM positions") == [(1,)]


def test_a_recording_that_was_watched_is_not_watched_again(
    tmp_path: Path, make_walk: MakeClip
) -> None:
    clip = make_walk()
    with Running(tmp_path) as first:
        first.add("walk", clip)
        first.wait("walk", "finished")
    with Running(tmp_path) as second:
        second.wait("walk", "finished")
        assert second.rows("SELECT count(*) FROM runs") == [(1,)]
        make_walk(frames=70)  # it was recorded anew
        config.change(second.config, "walk", fps=100.0)
        until(lambda: second.rows("SELECT max(frames) FROM runs") == [(70,)])


def test_an_interrupted_recording_goes_on_where_it_was(tmp_path: Path, make_walk: MakeClip) -> None:
    clip = make_walk(frames=3000)
    with Running(tmp_path) as first:
        first.add("walk", clip)
        until(lambda: first.source("walk").get("frames", 0) > 200)
    ((seen, outcome),) = first.rows("SELECT frames, outcome FROM runs")
    assert outcome == "stopped"
    assert 200 < seen < 3000
    with Running(tmp_path) as second:
        second.wait("walk", "finished", 30)
    assert second.rows("SELECT sum(frames), count(*) FROM runs") == [(3000, 2)]
    assert (
        second.rows("SELECT max(n) FROM (SELECT count(*) AS n FROM positions GROUP BY t)")[0][0] < 4
    )
    (overlap,) = second.rows(
        "SELECT a.ended_at < b.started_at FROM runs AS a JOIN runs AS b ON a.id = 1 AND b.id = 2"
    )
    assert overlap == (1,)


def test_a_recording_in_real_time_goes_on_where_it_was_too(
    tmp_path: Path, make_walk: MakeClip
) -> None:
    clip = make_walk(frames=60)
    with Running(tmp_path) as first:
        first.add("walk", clip, realtime=True)
        until(lambda: first.source("walk").get("frames", 0) > 20)
    time.sleep(1)
    with Running(tmp_path) as second:
        second.wait("walk", "finished", 30)
    ((frames, runs),) = second.rows("SELECT sum(frames), count(*) FROM runs")
    assert runs == 2
    assert 57 <= frames <= 60


def test_a_source_that_is_added_while_it_runs_is_watched_within_two_seconds(
    running: Running, make_walk: MakeClip
) -> None:
    clip = make_walk(frames=3000)
    running.add("first", clip, realtime=True)
    running.wait("first", "ok")
    added = time.monotonic()
    running.add("second", clip, realtime=True)
    running.wait("second", "ok")
    assert time.monotonic() - added < 2
    removed = time.monotonic()
    config.remove(running.config, "second")
    until(lambda: running.source("second")["state"] is None)
    assert time.monotonic() - removed < 2
    assert running.source("first")["state"] == "ok"
    assert running.rows("SELECT count(*) FROM runs WHERE source_id = 0") == [(1,)]


def test_a_changed_source_begins_a_new_run_and_leaves_the_others(
    running: Running, make_walk: MakeClip
) -> None:
    clip = make_walk(frames=3000)
    running.add("a", clip, realtime=True)
    running.add("b", clip, realtime=True)
    running.wait("a", "ok")
    running.wait("b", "ok")
    config.change(running.config, "a", fps=5.0)
    runs = (
        "SELECT name, count(*) FROM runs JOIN sources ON sources.id = source_id"
        " GROUP BY name ORDER BY name"
    )
    until(lambda: running.rows(runs) == [("a", 2), ("b", 1)])


def test_pictures_are_left_out_down_to_the_rate_that_is_asked_for(
    running: Running, make_walk: MakeClip
) -> None:
    running.add("walk", make_walk(frames=300, fps=30), fps=10.0)
    running.wait("walk", "finished")
    until(lambda: running.rows("SELECT outcome FROM runs") == [("finished",)])
    assert running.rows("SELECT frames FROM runs") == [(100,)]


def test_a_file_that_is_not_there_yet_is_waited_for(
    running: Running, make_walk: MakeClip, tmp_path: Path
) -> None:
    running.add("late", tmp_path / "late.avi")
    running.wait("late", "down")
    assert "There is no file" in running.source("late")["last_error"]
    make_walk("late.avi")
    running.wait("late", "finished")


def test_a_loop_begins_a_new_run_each_round_and_its_times_go_on(
    running: Running, make_walk: MakeClip
) -> None:
    running.add("round", make_walk(frames=20), loop=True)
    until(lambda: len(running.rows("SELECT 1 FROM runs WHERE outcome IS NOT NULL")) >= 3)
    spans = running.rows("SELECT started_at, ended_at FROM runs WHERE outcome IS NOT NULL")
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))


def test_a_faulty_source_is_told_and_the_others_are_watched(
    running: Running, make_walk: MakeClip
) -> None:
    running.add("good", make_walk(frames=3000), realtime=True)
    running.wait("good", "ok")
    with running.config.open("a") as file:
        file.write('\n[[sources]]\nname = "bad"\nuri = "x.avi"\ncolour = "red"\n')
    until(lambda: bool(running.runner.health()["problems"]))
    assert "colour" in running.runner.health()["problems"][0]
    assert running.runner.health()["status"] == "degraded"
    assert running.source("good")["state"] == "ok"
    assert running.rows("SELECT count(*) FROM runs") == [(1,)]


def test_a_paused_camera_is_accounted_for_as_stopped(running: Running) -> None:
    running.add("door", "http://127.0.0.1:9/x.mjpg", enabled=False)
    until(lambda: running.source("door")["state"] == "stopped")
    until(lambda: bool(running.rows("SELECT 1 FROM coverage")))
    assert running.rows("SELECT DISTINCT state FROM coverage") == [("stopped",)]


def test_nothing_shows_a_password(running: Running) -> None:
    running.add("door", "http://anna:secret@127.0.0.1:9/x.mjpg?token=secret")
    running.wait("door", "down")
    until(lambda: bool(running.rows("SELECT uri FROM sources")))
    shown = json.dumps(running.runner.health()) + "".join(running.said)
    stored = str(running.rows("SELECT * FROM sources"))
    assert "secret" not in shown + stored
    assert "127.0.0.1:9" in stored


def test_health_and_pictures_are_served(running: Running, make_walk: MakeClip) -> None:
    running.add("walk", make_walk(frames=3000), realtime=True)
    running.wait("walk", "ok")
    until(lambda: running.source("walk")["frames"] > 3)
    health = json.load(urllib.request.urlopen(f"{running.runner.url}/healthz"))
    assert health["sources"]["walk"]["state"] == "ok"
    picture = urllib.request.urlopen(f"{running.runner.url}/streams/walk.jpg").read()
    assert cv2.imdecode(np.frombuffer(picture, np.uint8), 1).shape == (120, 160, 3)
    metrics = urllib.request.urlopen(f"{running.runner.url}/metrics").read().decode()
    assert 'tracking_source_up{source="walk"} 1.0' in metrics


def test_a_second_runner_on_the_database_says_who_has_it(running: Running, tmp_path: Path) -> None:
    alias = tmp_path / "alias.db"
    until(running.database.exists)
    alias.symlink_to(running.database)
    with pytest.raises(RunnerRunning, match=f"process {os.getpid()}, since .*{running.runner.url}"):
        Runner(alias, tmp_path / "other.toml").run()


def start(folder: Path) -> subprocess.Popen[str]:
    """The runner as people start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tracking", "run", "--db", "people.db", "--port", "0"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_sigterm_stops_within_five_seconds_and_everything_is_written(
    tmp_path: Path, make_walk: MakeClip
) -> None:
    idle = Running(tmp_path)
    idle.add("walk", make_walk(frames=3000), realtime=True)
    process = start(tmp_path)
    try:
        until(lambda: idle.database.exists() and bool(written(idle)), 20)
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        _, said = process.communicate(timeout=10)
    finally:
        process.kill()
    assert time.monotonic() - begun < 5
    assert process.returncode == 0
    assert "stopped; everything is written" in said
    ((frames, outcome),) = idle.rows("SELECT frames, outcome FROM runs")
    assert outcome == "stopped"
    assert idle.rows("SELECT sum(frames) FROM coverage") == [(frames,)]


def written(idle: Running) -> list[tuple[Any, ...]]:
    try:
        return idle.rows("SELECT 1 FROM positions LIMIT 1")
    except sqlite3.Error:
        return []


def test_after_a_kill_at_most_the_last_second_is_missing(
    tmp_path: Path, make_walk: MakeClip
) -> None:
    idle = Running(tmp_path)
    idle.add("walk", make_walk(frames=3000), realtime=True)
    process = start(tmp_path)
    try:
        until(lambda: idle.database.exists() and bool(written(idle)), 20)
        time.sleep(1.5)
        killed_at = time.time() * 1000
        process.kill()
        process.communicate(timeout=10)
    finally:
        process.kill()
    assert idle.rows("PRAGMA integrity_check") == [("ok",)]
    ((ended, outcome),) = idle.rows("SELECT ended_at, outcome FROM runs")
    assert killed_at - ended < 1000
    assert outcome is None
    with Running(tmp_path) as again:  # a dead holder holds nothing
        again.wait("walk", "ok")
        until(lambda: again.rows("SELECT count(*) FROM runs") == [(2,)])
        (first,) = again.rows("SELECT outcome FROM runs WHERE id = 1")
    assert first == ("failed: the runner was ended without notice",)


def test_a_database_that_is_removed_meanwhile_is_told_and_not_called_written(
    tmp_path: Path, make_walk: MakeClip
) -> None:
    running = Running(tmp_path)
    running.add("walk", make_walk(frames=3000), realtime=True)
    ended: list[Exception] = []

    def run() -> None:
        try:
            running.runner.run()
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: running.database.exists() and bool(written(running)))
    for path in tmp_path.glob("people.db*"):
        if "runner" not in path.name:
            path.unlink()
    until(lambda: running.runner.health()["database_trouble"] is not None)
    assert running.runner.health()["status"] == "degraded"
    running.runner.stop()
    thread.join(8)
    assert not thread.is_alive()
    assert "people.db" in str(ended[0])
    assert not running.database.exists()


def test_a_stop_does_not_wait_long_for_a_database_that_is_busy(
    tmp_path: Path, make_walk: MakeClip
) -> None:
    idle = Running(tmp_path)
    idle.add("walk", make_walk(frames=3000), realtime=True)
    process = start(tmp_path)
    try:
        until(lambda: idle.database.exists() and bool(written(idle)), 20)
        with closing(sqlite3.connect(idle.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(1)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=15)
            assert time.monotonic() - begun < 6.5
    finally:
        process.kill()
    assert process.returncode == 1
    assert "is being written by another process" in said
    assert "everything is written" not in said


def test_a_listener_to_lines_that_fails_harms_nobody(tmp_path: Path, make_walk: MakeClip) -> None:
    def say(line: str) -> None:
        raise OSError("the disk of the log is full")

    with Running(tmp_path, say=say) as running:
        running.add("walk", make_walk(), realtime=True)
        running.wait("walk", "finished")


def test_a_recording_goes_on_after_the_database_was_busy(
    tmp_path: Path, make_walk: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.runner.service.PATIENCE", 1.0)
    with Running(tmp_path) as running:
        running.add("walk", make_walk(frames=100), realtime=True)
        until(lambda: bool(written(running)))
        with closing(sqlite3.connect(running.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            running.wait("walk", "down", 20)
        running.wait("walk", "ok", 20)
        running.wait("walk", "finished", 30)


def test_folders_of_a_database_are_not_made_by_its_lock(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="There is no folder"):
        Runner(tmp_path / "no" / "people.db", tmp_path / "sources.toml").run()
    assert not (tmp_path / "no").exists()


def test_a_signal_that_comes_twice_at_once_is_one(tmp_path: Path, make_walk: MakeClip) -> None:
    """As when a terminal and the program that started the runner both pass on Ctrl-C."""
    idle = Running(tmp_path)
    idle.add("walk", make_walk(frames=3000), realtime=True)
    process = start(tmp_path)
    try:
        until(lambda: idle.database.exists() and bool(written(idle)), 20)
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "stopped; everything is written" in said
    assert idle.rows("SELECT outcome FROM runs") == [("stopped",)]
