"""The logger writes everything, soon, and what it wrote survives whatever happens next."""

from __future__ import annotations

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
from sqlite_utils import Database

from tests.conftest import NOON, ROOT, ScriptedDetector, ScriptedStreamer, walk
from tracking.book import Book
from tracking.database import (
    find_source,
    free_name,
    open_database,
    open_readonly,
    overlapping_runs,
)
from tracking.errors import (
    DatabaseError,
    DatabaseFull,
    DatabaseLocked,
    DatabaseTooNew,
    NotADatabase,
    NothingRecorded,
)
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame, Track
from tracking.logger import DatabaseLogger
from tracking.yolo import YoloStreamer

Rows = Callable[..., list[tuple[object, ...]]]
WALKER = [[box] for box in walk(1000, dx=0.5)]


def watch(connection: sqlite3.Connection, frames: int = 20, **source: object) -> YoloStreamer:
    yolo = YoloStreamer(
        ScriptedStreamer(frames, **source),  # type: ignore[arg-type]
        detector=ScriptedDetector(WALKER),
    )
    yolo.add_listener(DatabaseLogger(connection))
    return yolo


@pytest.fixture
def people(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "people.db")
    yield connection
    connection.close()


def test_a_run_leaves_its_source_run_track_and_positions(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    list(watch(people, 20))
    db = tmp_path / "people.db"
    assert rows(db, "SELECT id, name, kind, timezone, width, height, fps FROM sources") == [
        (0, "scripted", "stream", "UTC", 640, 480, 10.0)
    ]
    assert rows(db, "SELECT source_id, started_at, ended_at, frames, outcome FROM runs") == [
        (0, NOON, NOON + 1900, 20, "finished")
    ]
    columns = "track_id, label, first_seen, last_seen, positions, confidence"
    assert rows(db, f"SELECT {columns} FROM people_tracks") == [
        (1, "person", NOON, NOON + 1900, 20, 0.9)
    ]
    assert rows(db, "SELECT t, frame, w, h FROM positions WHERE frame = 7") == [
        (NOON + 700, 7, pytest.approx(40, abs=1), pytest.approx(100, abs=1))
    ]
    assert rows(db, "SELECT count(*) FROM positions") == [(20,)]


def test_the_minutes_watched_are_recorded_also_when_nobody_came(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    yolo = YoloStreamer(ScriptedStreamer(900), detector=ScriptedDetector([[]] * 900))
    yolo.add_listener(DatabaseLogger(people))
    list(yolo)
    found = rows(tmp_path / "people.db", "SELECT minute, seconds_observed, frames FROM coverage")
    assert found == [(NOON // 60000, 60, 600), (NOON // 60000 + 1, 30, 300)]


def test_a_gap_in_the_pictures_is_not_counted_as_watched(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    list(watch(people, 4, step=10_000))  # a picture every ten seconds vouches for ten
    list(watch(people, 10, start=NOON + 600_000, name="late"))
    seconds = "SELECT sum(seconds_observed) FROM coverage GROUP BY source_id"
    assert rows(tmp_path / "people.db", seconds) == [(40,), (1,)]


def test_sources_count_from_zero_as_the_plot_streamer_expects(people: sqlite3.Connection) -> None:
    list(watch(people, 2, name="first"))
    list(watch(people, 2, name="second"))
    assert find_source(people, "first").id == 0
    assert find_source(people, "second").id == 1


def test_a_second_run_of_a_source_keeps_the_first(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    list(watch(people, 5))
    list(watch(people, 5, start=NOON + 60_000))
    tracks = rows(tmp_path / "people.db", "SELECT source_id, run_id, track_id FROM people_tracks")
    assert tracks == [(0, 1, 1), (0, 2, 1)]
    assert overlapping_runs(people, "scripted") == 0


def test_runs_that_cover_the_same_time_are_noticed(people: sqlite3.Connection) -> None:
    list(watch(people, 5))
    list(watch(people, 5))
    assert overlapping_runs(people, "scripted") == 2


def test_many_streamers_share_one_logger(tmp_path: Path, rows: Rows) -> None:
    with closing(open_database(tmp_path / "people.db")) as people:
        logger, streams = DatabaseLogger(people), []
        for name in ("a", "b", "c"):
            yolo = YoloStreamer(ScriptedStreamer(30, name), detector=ScriptedDetector(WALKER))
            yolo.add_listener(logger)
            streams.append(yolo)
        for _ in zip(*streams, strict=True):
            pass
    counted = "SELECT source_id, positions FROM people_tracks ORDER BY source_id"
    assert rows(tmp_path / "people.db", counted) == [(0, 30), (1, 30), (2, 30)]


def test_rows_are_readable_within_a_second_while_frames_come(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    behind = []
    for number, _ in enumerate(watch(people, 130).frames()):
        time.sleep(0.02)
        (count,) = rows(tmp_path / "people.db", "SELECT count(*) FROM positions")[0]
        behind.append(number + 1 - int(str(count)))
    assert max(behind) * 0.02 < 1
    assert max(behind) > 5, "rows are expected to be written in batches"


def test_a_source_that_falls_silent_leaves_nothing_unwritten(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    frames = watch(people, 10).frames()
    for _ in range(5):
        next(frames)
    time.sleep(1)
    assert rows(tmp_path / "people.db", "SELECT count(*) FROM positions") == [(5,)]
    frames.close()
    assert rows(tmp_path / "people.db", "SELECT outcome, frames FROM runs") == [("stopped", 5)]


def test_a_database_in_memory_works_too() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        list(watch(connection, 5))
        assert connection.execute("SELECT count(*) FROM positions").fetchone() == (5,)


def test_the_logger_ends_its_thread_with_its_last_run(people: sqlite3.Connection) -> None:
    list(watch(people, 5))
    time.sleep(0.5)
    assert "database-logger" not in [thread.name for thread in threading.enumerate()]


ENDLESS = """
import itertools, sqlite3, sys, time
sys.path.insert(0, {root!r})
from tests.conftest import ScriptedDetector, ScriptedStreamer
from tracking import DatabaseLogger, YoloStreamer
boxes = [[(100, 200, 40, 100)]] * 100_000
yolo = YoloStreamer(ScriptedStreamer(100_000), detector=ScriptedDetector(boxes))
yolo.add_listener(DatabaseLogger(sqlite3.connect("people.db")))
for number, frame in enumerate(yolo.frames()):
    print(number + 1, flush=True)
    time.sleep(0.01)
"""


def run_until(lines: int, number: signal.Signals, folder: Path) -> tuple[int, int]:
    """Start the endless program, send the signal after that many frames; code and frames."""
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS.format(root=str(ROOT))],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        for _ in range(lines):
            process.stdout.readline()
        process.send_signal(number)
        rest = process.stdout.read().split()
    return process.returncode, int(rest[-1]) if rest else lines


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_program_told_to_stop_writes_everything_it_saw(
    number: signal.Signals, tmp_path: Path, rows: Rows
) -> None:
    code, frames = run_until(120, number, tmp_path)
    assert code != 0
    (written,) = rows(tmp_path / "people.db", "SELECT count(*) FROM positions")[0]
    assert frames <= int(str(written)) <= frames + 1
    assert rows(tmp_path / "people.db", "SELECT outcome FROM runs") == [("stopped",)]


def test_after_a_kill_the_database_opens_and_lacks_at_most_a_second(
    tmp_path: Path, rows: Rows
) -> None:
    _, frames = run_until(200, signal.SIGKILL, tmp_path)
    (written,) = rows(tmp_path / "people.db", "SELECT count(*) FROM positions")[0]
    assert frames - int(str(written)) <= 100
    assert rows(tmp_path / "people.db", "PRAGMA integrity_check") == [("ok",)]


def test_a_signal_handler_of_the_programs_own_is_left_alone(people: sqlite3.Connection) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        for _ in watch(people, 2):
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_signal_handler_is_put_back_at_the_end(people: sqlite3.Connection) -> None:
    before = signal.getsignal(signal.SIGTERM)
    list(watch(people, 2))
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_full_disk_is_named_and_what_was_written_stays(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    """SQLite's own limit on pages gives the very error that a full disk gives."""
    yolo = watch(people, 900)
    list(zip(yolo.frames(), range(30), strict=False))
    (pages,) = people.execute("PRAGMA page_count").fetchone()
    people.execute(f"PRAGMA max_page_count = {pages}")
    yolo = watch(people, 900, name="later")
    with pytest.raises(DatabaseFull, match=r"people\.db cannot grow: the disk is full"):
        list(yolo.frames())
    (kept,) = rows(tmp_path / "people.db", "SELECT count(*) FROM positions")[0]
    assert int(str(kept)) >= 30


def test_another_writer_is_waited_for(people: sqlite3.Connection, tmp_path: Path) -> None:
    prepared = watch(people, 5)
    other = sqlite3.connect(tmp_path / "people.db", check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, lambda: (other.rollback(), other.close())).start()
    list(prepared)
    assert people.execute("SELECT count(*) FROM positions").fetchone() == (5,)


def test_a_writer_that_does_not_let_go_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    with closing(open_database(path, wait=0.3)) as people, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked, match=r"people\.db is being written by another process"):
            list(watch(people, 5))


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="is a folder, not a database"):
        open_database(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"no folder .*/none to put the database x\.db in"):
        open_database(tmp_path / "none" / "x.db")


@pytest.mark.parametrize("opening", [open_database, open_readonly])
def test_a_file_that_is_not_sqlite_is_named_and_left_alone(
    tmp_path: Path, opening: Callable[[Path], sqlite3.Connection]
) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(NotADatabase, match=r"letter\.db is not a SQLite database"):
        opening(path)
    assert path.read_text().startswith("Dear Sir")


def test_a_read_only_database_is_named(tmp_path: Path) -> None:
    open_database(tmp_path / "people.db").close()
    uri = f"{(tmp_path / 'people.db').as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True)) as connection,
        pytest.raises(DatabaseError, match=r"people\.db is read-only"),
    ):
        DatabaseLogger(connection)


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "people.db")) as connection:
        step = {"migration_set": "tracking", "name": "holograms", "applied_at": "2030-01-01"}
        Database(connection)["_sqlite_migrations"].insert(step)
    with pytest.raises(
        DatabaseTooNew, match=r"people\.db was written by a newer version.*holograms"
    ):
        open_database(tmp_path / "people.db")


def test_opening_twice_changes_nothing(tmp_path: Path, rows: Rows) -> None:
    open_database(tmp_path / "people.db").close()
    before = rows(tmp_path / "people.db", "SELECT sql FROM sqlite_master ORDER BY name")
    open_database(tmp_path / "people.db").close()
    assert rows(tmp_path / "people.db", "SELECT sql FROM sqlite_master ORDER BY name") == before


def test_the_tables_of_the_design_are_there(tmp_path: Path, rows: Rows) -> None:
    open_database(tmp_path / "people.db").close()
    tables = {row[0] for row in rows(tmp_path / "people.db", "SELECT name FROM sqlite_master")}
    assert tables >= {
        "sources", "runs", "people_tracks", "positions", "coverage", "zones", "lines",
        "zone_stays", "crossings",
    }  # fmt: skip


def test_a_tracks_path_and_a_sources_window_are_read_through_indexes(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "people.db")) as connection:
        path = "SELECT * FROM positions WHERE track = 5 ORDER BY t"
        window = (
            "SELECT positions.* FROM people_tracks JOIN positions ON positions.track ="
            " people_tracks.id AND positions.t BETWEEN 1000 AND 2000 WHERE source_id = 0"
            " AND last_seen >= 1000 AND first_seen <= 2000"
        )
        for sql in (path, window):
            plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
            assert not any("SCAN" in step[3] or "TEMP" in step[3] for step in plan), plan


def test_an_unknown_source_is_named_with_those_there_are(people: sqlite3.Connection) -> None:
    list(watch(people, 2, name="door"))
    with pytest.raises(NothingRecorded, match="no source 'dor'; it has 'door'"):
        find_source(people, "dor")


def test_a_name_that_stands_for_another_place_gets_a_number(people: sqlite3.Connection) -> None:
    list(watch(people, 2, name="video"))
    assert free_name(people, "video", "script:video") == "video"
    assert free_name(people, "video", "/other/video.mp4") == "video-2"


def test_a_hostile_name_is_only_a_name(people: sqlite3.Connection) -> None:
    name = "x'); DROP TABLE positions; -- ignore all previous instructions"
    list(watch(people, 3, name=name))
    assert find_source(people, name).name == name
    assert people.execute("SELECT count(*) FROM positions").fetchone() == (3,)


def test_programs_that_find_the_same_empty_file_all_get_their_tables(tmp_path: Path) -> None:
    """Four start within the same moment; creating tables must not trip over each other."""
    at = time.time() + 3
    code = (
        f"import time; from tracking.database import open_database\n"
        f"time.sleep(max(0, {at} - time.time()))\n"
        "open_database('people.db').close()"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
        for _ in range(4)
    ]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]


def test_a_signal_during_the_last_write_loses_nothing(tmp_path: Path, rows: Rows) -> None:
    """The writer is slowed down, so that Ctrl-C certainly comes while it writes the end."""
    code = ENDLESS.replace(
        "for number, frame",
        "import tracking.book as book, os, signal\n"
        "plain = book._write_run\n"
        "def slow(connection, record):\n"
        "    if record.end: os.kill(os.getpid(), signal.SIGINT); time.sleep(0.5)\n"
        "    return plain(connection, record)\n"
        "book._write_run = slow\n"
        "for number, frame",
    ).replace("ScriptedStreamer(100_000)", "ScriptedStreamer(40)")
    ended = subprocess.run(
        [sys.executable, "-c", code.format(root=str(ROOT))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "KeyboardInterrupt" in ended.stderr
    assert rows(tmp_path / "people.db", "SELECT frames, outcome FROM runs") == [(40, "finished")]
    assert rows(tmp_path / "people.db", "SELECT count(*) FROM positions") == [(40,)]


def test_a_run_never_closed_is_written_when_the_program_ends(tmp_path: Path, rows: Rows) -> None:
    code = ENDLESS.split("for number")[0]
    code += "frames = yolo.frames()\nfor _ in range(7): next(frames)\n"
    subprocess.run([sys.executable, "-c", code.format(root=str(ROOT))], cwd=tmp_path, check=True)
    assert rows(tmp_path / "people.db", "SELECT count(*) FROM positions") == [(7,)]


def test_a_transaction_of_the_programs_own_is_no_obstacle(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    people.row_factory = sqlite3.Row
    yolo = watch(people, 20)
    people.execute("CREATE TABLE mine (x)")
    for number, _ in enumerate(yolo):
        if number == 5:
            people.execute("INSERT INTO mine VALUES (1)")
            people.commit()
    assert rows(tmp_path / "people.db", "SELECT count(*) FROM positions") == [(20,)]


def test_a_transaction_open_at_the_beginning_is_named(people: sqlite3.Connection) -> None:
    people.execute("CREATE TABLE mine (x)")
    people.execute("INSERT INTO mine VALUES (1)")
    with pytest.raises(DatabaseError, match=r"people\.db has an open transaction"):
        DatabaseLogger(people)


def test_a_write_that_failed_is_made_up_for_under_the_right_track(
    tmp_path: Path, rows: Rows
) -> None:
    """Two writers on one file: a number that was rolled back is given to somebody else."""
    with closing(open_database(tmp_path / "people.db")) as connection:
        first, second = Book(), Book()
        one, other = begun(first, "one"), begun(second, "other")
        first.take(seen(one, 0, 100))
        connection.set_progress_handler(fail_at_positions(connection), 1)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            first.write(connection)
        connection.set_progress_handler(None, 0)
        second.take(seen(other, 0, 900))
        second.write(connection)
        first.write(connection)
    found = rows(
        tmp_path / "people.db",
        "SELECT name, x FROM positions JOIN people_tracks ON people_tracks.id = track"
        " JOIN sources ON sources.id = source_id ORDER BY x",
    )
    assert found == [("one", 100), ("other", 900)]


def begun(book: Book, name: str) -> Run:
    source = Source(name, "file", f"/{name}", "UTC", 640, 480, 10.0)
    run = Run(source, NOON, "scripted", None, "botsort", "0")
    book.take(SourceStarted(run))
    return run


def seen(run: Run, index: int, x: float) -> TracksSeen:
    track = Track(1, "person", 0.9, x, 200, 40, 100)
    return TracksSeen(run, Frame(index, NOON + index * 100, np.empty((0, 0, 3)), (track,)))


def fail_at_positions(connection: sqlite3.Connection) -> Callable[[], int]:
    """Stop SQLite, once, when source, run and track are stored in the open transaction."""
    before, stopped = connection.total_changes, []

    def handler() -> int:
        if connection.total_changes - before < 3 or stopped:
            return 0
        stopped.append(True)
        return 1

    return handler


def test_a_logger_may_be_used_from_any_thread_and_end_in_another(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with closing(sqlite3.connect(tmp_path / "people.db")) as connection:
        logger = DatabaseLogger(connection)
        yolo = YoloStreamer(ScriptedStreamer(5, "here"), detector=ScriptedDetector(WALKER))
        yolo.add_listener(logger)
        here = yolo.frames()
        next(here)
        there = YoloStreamer(ScriptedStreamer(5, "there"), detector=ScriptedDetector(WALKER))
        there.add_listener(logger)
        failures: list[BaseException] = []

        def loop() -> None:
            try:
                for number, _ in enumerate(there.frames()):
                    if number == 0:
                        ended.wait(10)
            except BaseException as error:
                failures.append(error)

        ended = threading.Event()
        worker = threading.Thread(target=loop)
        worker.start()
        list(here)
        ended.set()
        worker.join()
        assert failures == []
        assert connection.execute("SELECT count(*) FROM positions").fetchone() == (10,)
    signal.signal(signal.SIGTERM, before)


def test_a_database_that_was_deleted_meanwhile_is_not_made_anew(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "people.db")) as connection:
        yolo = watch(connection, 5)
    for file in tmp_path.glob("people.db*"):
        file.unlink()
    with pytest.raises(DatabaseError, match=r"people\.db cannot be opened"):
        list(yolo)
    assert not (tmp_path / "people.db").exists()


def test_settings_of_a_detector_of_ones_own_may_hold_anything(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    yolo = watch(people, 3)
    yolo.load().settings["model"] = tmp_path
    try:
        list(yolo)
    finally:
        del yolo.load().settings["model"]
    ((settings,),) = rows(tmp_path / "people.db", "SELECT settings FROM runs")
    assert str(tmp_path) in str(settings)


def test_a_run_that_no_table_can_hold_is_named_and_does_not_stop_the_others(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    book = Book()
    good, bad = begun(book, "good"), begun(book, "bad")
    logger = DatabaseLogger(people)
    for run, x in ((good, 100.0), (bad, float("nan"))):
        logger(SourceStarted(run))
        logger(seen(run, 0, x))
    with pytest.raises(DatabaseError, match=r"NOT NULL constraint failed: positions\.x"):
        logger.flush()
    logger(seen(good, 1, 101.0))
    for run in (good, bad):
        logger(SourceEnded(run, NOON + 100, 2, "finished"))
    assert rows(tmp_path / "people.db", "SELECT x FROM positions") == [(100,), (101,)]
    ((outcome,),) = rows(tmp_path / "people.db", "SELECT outcome FROM runs WHERE source_id = 1")
    assert str(outcome).startswith("failed: NOT NULL")


def test_loggers_that_rest_and_begin_again_never_write_twice(
    people: sqlite3.Connection, tmp_path: Path, rows: Rows
) -> None:
    def writers() -> int:
        return [thread.name for thread in threading.enumerate()].count("database-logger")

    before = writers()
    yolo = watch(people, 3)
    for _ in range(20):
        list(yolo)
    assert writers() <= before + 1
    assert rows(tmp_path / "people.db", "SELECT count(*) FROM runs") == [(20,)]
    assert rows(tmp_path / "people.db", "SELECT count(*) FROM positions") == [(60,)]
