"""The logger's thread: nobody waits for ever, and each run is told of its own failures only."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import NOON, ScriptedDetector, ScriptedStreamer, walk
from tracking.errors import DatabaseError, DatabaseLocked
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame, Track
from tracking.logger import DatabaseLogger
from tracking.yolo import YoloStreamer

ROOT = Path(__file__).resolve().parent.parent
Rows = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def people(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "people.db", timeout=0.2)) as connection:
        yield connection


def run_of(name: str) -> Run:
    source = Source(name, "file", f"/{name}", "UTC", 640, 480, 10.0)
    return Run(source, NOON, "scripted", None, "botsort", "0")


def seen(run: Run, index: int, label: str = "person") -> TracksSeen:
    track = Track(1, label, 0.9, 100, 200, 40, 100)
    return TracksSeen(run, Frame(index, NOON + index * 100, np.empty((0, 0, 3)), (track,)))


def ended(run: Run) -> SourceEnded:
    return SourceEnded(run, NOON, 1, "finished")


def test_an_event_of_nonsense_is_an_error_of_its_run(people: sqlite3.Connection) -> None:
    logger, run = DatabaseLogger(people), run_of("a")
    logger(SourceStarted(run))
    logger(TracksSeen(run, Frame(0, "noon", np.empty((0, 0, 3)))))  # type: ignore[arg-type]
    with pytest.raises(DatabaseError, match=r"people\.db: TypeError"):
        logger(ended(run))
    logger.flush()


def test_only_the_run_that_cannot_be_stored_is_told(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    logger, good, bad = DatabaseLogger(people), run_of("good"), run_of("bad")
    for run in (good, bad):
        logger(SourceStarted(run))
    logger(seen(bad, 0, label="\udc80"))
    logger(seen(good, 0))
    logger(ended(good))
    with pytest.raises(DatabaseError, match="surrogates not allowed"):
        logger(ended(bad))
    outcomes = rows(tmp_path / "people.db", "SELECT outcome FROM runs ORDER BY id")
    assert outcomes[0] == ("finished",)
    assert str(outcomes[1][0]).startswith("failed: ")


def test_a_lock_that_went_away_is_no_failure_of_the_next_run(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    logger, first, second = DatabaseLogger(people, interval=0.2), run_of("a"), run_of("b")
    logger(SourceStarted(first))
    logger(seen(first, 0))
    with closing(sqlite3.connect(tmp_path / "people.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            logger(ended(first))
    logger(SourceStarted(second))
    logger(ended(second))
    assert rows(tmp_path / "people.db", "SELECT outcome FROM runs ORDER BY id") == [
        ("finished",),
        ("finished",),
    ]
    assert rows(tmp_path / "people.db", "SELECT count(*) FROM positions") == [(1,)]


def test_frames_go_on_while_the_writer_waits_for_a_lock(
    people: sqlite3.Connection, tmp_path: Path
) -> None:
    people.execute("PRAGMA busy_timeout = 3000")
    logger, run = DatabaseLogger(people, interval=0.1), run_of("a")
    logger(SourceStarted(run))
    with closing(sqlite3.connect(tmp_path / "people.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        logger(seen(run, 0))
        time.sleep(0.3)  # now the writer waits
        begun = time.monotonic()
        for index in range(1, 50):
            logger(seen(run, index))
        assert time.monotonic() - begun < 1
        other.rollback()
    logger(ended(run))
    assert people.execute("SELECT count(*) FROM positions").fetchone() == (50,)


def test_without_a_thread_the_calling_one_writes(
    people: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    logger, run = DatabaseLogger(people), run_of("a")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    for event in (SourceStarted(run), seen(run, 0), ended(run)):
        logger(event)
    assert people.execute("SELECT count(*) FROM positions").fetchone() == (1,)


def test_a_loop_that_the_garbage_collector_closes_is_ended_too(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    class App:
        """Holds its own loop: only the collector frees it."""

        def __init__(self) -> None:
            yolo = YoloStreamer(
                ScriptedStreamer(9), detector=ScriptedDetector([[box] for box in walk(9)])
            )
            yolo.add_listener(DatabaseLogger(people))
            self.frames, self.me = yolo.frames(), self
            next(self.frames)

    App()
    gc.collect()
    assert rows(tmp_path / "people.db", "SELECT outcome FROM runs") == [("stopped",)]


def test_a_database_in_memory_may_be_shared_by_threads() -> None:
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        logger = DatabaseLogger(connection)

        def loop(name: str) -> None:
            script = ScriptedDetector([[box] for box in walk(200)])
            yolo = YoloStreamer(ScriptedStreamer(200, name), detector=script)
            yolo.add_listener(logger)
            list(yolo.frames())

        threads = [threading.Thread(target=loop, args=(f"s{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert connection.execute("SELECT count(*) FROM positions").fetchone() == (800,)


FORKS = """
import os, sqlite3, sys
from tests.test_logger import DatabaseError, DatabaseLogger, SourceStarted, ended, run_of

logger, run = DatabaseLogger(sqlite3.connect(sys.argv[1])), run_of("a")
logger(SourceStarted(run))
child = os.fork()
if child == 0:
    try:
        logger.flush()
    except DatabaseError as error:
        os.write(1, str(error).encode())
    os._exit(0)
os.waitpid(child, 0)
logger(ended(run))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_is_told_to_make_its_own(tmp_path: Path) -> None:
    # in a process with no threads but the logger's: a fork of one with others can hang
    script = [sys.executable, "-W", "ignore", "-c", FORKS, str(tmp_path / "people.db")]
    said = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert "a forked process needs a logger of its own" in said.stdout, said.stderr


def test_a_logger_that_missed_the_start_leaves_the_signals_alone(
    people: sqlite3.Connection,
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    logger, missed, heard = DatabaseLogger(people), run_of("a"), run_of("b")
    logger(ended(missed))
    logger(SourceStarted(heard))
    assert signal.getsignal(signal.SIGTERM) is not before
    logger(ended(heard))
    assert signal.getsignal(signal.SIGTERM) is before
