"""The command line, as people run it: tables on stdout, one line on stderr, exit codes 0, 1, 2."""

from __future__ import annotations

import http.server
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import pytest

from tests.conftest import NOON, ROOT, MakeClip, run_tracking
from tracking.streamers import VideoStreamer, mjpeg

Here = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[tuple[object, ...]]]
COMMANDS = ["track", "run", "demo", "export", "import", "weights", "sources"]


def one_line(text: str, *words: str) -> bool:
    """A single clear line that names the things; no traceback."""
    return text.count("\n") == 1 and text.startswith("tracking: ") and all(w in text for w in words)


@pytest.fixture
def walking(tmp_path: Path) -> Path:
    """A clip in which a dark square crosses a textured street; motion detection finds it."""
    import numpy as np

    street = np.random.default_rng(1).integers(90, 160, (240, 320, 3), np.uint8)
    street = cv2.GaussianBlur(street, (7, 7), 0)
    path = tmp_path / "walking.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for number in range(60):
        image = street.copy()
        if number >= 10:
            left = (number - 10) * 5
            image[100:190, left : left + 40] = 20
        writer.write(image)
    writer.release()
    return path


@pytest.mark.parametrize("command", [[], *[[command] for command in COMMANDS]])
def test_every_command_has_help(tracking_here: Here, command: list[str]) -> None:
    shown = tracking_here(*command, "--help")
    assert shown.returncode == 0
    assert "Usage: tracking" in shown.stdout


def test_help_comes_without_importing_what_only_the_commands_need() -> None:
    code = (
        "import sys, tracking.cli\n"
        "heavy = 'pandas numpy cv2 sqlite_utils pydantic tomlkit starlette uvicorn torch'\n"
        "print(sorted(set(heavy.split()) & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "[]\n"


def test_a_clip_is_tracked_into_the_database_and_a_video(
    walking: Path, tmp_path: Path, rows: Rows
) -> None:
    shown = run_tracking(
        "track", walking, "--db", "people.db", "--detector", "motion", "--output", "seen.mp4",
        "--start", "2026-03-01T13:00", "--timezone", "Europe/Berlin",
    )  # fmt: skip
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "1 moving" in shown.stdout
    assert "60 (5.9 s of the source)" in shown.stdout
    db = tmp_path / "people.db"
    assert rows(db, "SELECT name, timezone FROM sources") == [("walking", "Europe/Berlin")]
    assert rows(db, "SELECT started_at, outcome FROM runs") == [(NOON, "finished")]
    assert cv2.VideoCapture("seen.mp4").get(cv2.CAP_PROP_FRAME_COUNT) == 60


def test_without_weights_and_network_it_says_so_and_detects_motion(walking: Path) -> None:
    shown = run_tracking("track", walking, "--db", "people.db", HTTPS_PROXY="http://127.0.0.1:9")
    assert shown.returncode == 0
    assert shown.stderr.count("\n") == 1
    assert shown.stderr.startswith(
        "Only motion will be detected, of any class, labelled 'moving': yolo11n"
    )
    assert "TRACKING_MODELS" in shown.stderr
    assert "1 moving" in shown.stdout


def test_weights_asked_for_by_name_are_not_replaced_by_motion(
    tracking_here: Here, walking: Path
) -> None:
    shown = tracking_here("track", walking, "--db", "people.db", "--weights", "gone.pt")
    assert shown.returncode == 1
    assert one_line(shown.stderr, "gone.pt", "models/", "TRACKING_MODELS")


@pytest.mark.slow
def test_weights_from_the_environment_need_no_network(
    weights: Path, vtest: Path, tmp_path: Path, rows: Rows
) -> None:
    (tmp_path / "frames").mkdir()
    capture = cv2.VideoCapture(str(vtest))
    for number in range(12):
        cv2.imwrite(f"frames/{number}.jpg", capture.read()[1])
    shown = run_tracking(
        "track", "frames", "--db", "people.db", "--classes", "person", "--name", "car park",
        TRACKING_MODELS=str(weights.parent), HTTPS_PROXY="http://127.0.0.1:9",
    )  # fmt: skip
    assert (shown.returncode, shown.stderr) == (0, "")
    assert rows(tmp_path / "people.db", "SELECT name, kind FROM sources") == [
        ("car park", "folder")
    ]
    assert rows(tmp_path / "people.db", "SELECT weights FROM runs") == [(weights.name,)]
    assert rows(tmp_path / "people.db", "SELECT DISTINCT label FROM people_tracks") == [("person",)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["track", "none.mp4", "--db", "x.db"], ["no file none.mp4"]),
        (["track", "empty.mp4", "--db", "x.db"], ["empty.mp4 is empty"]),
        (["track", "text.mp4", "--db", "x.db", "--detector", "motion"], ["not a video"]),
        (["track", ".", "--db", "x.db"], ["no picture"]),
        (["track", "clip.avi", "--db", "."], ["is a folder"]),
        (["track", "clip.avi", "--db", "none/x.db"], ["no folder none"]),
        (["track", "clip.avi", "--db", "text.mp4"], ["text.mp4 is not a SQLite database"]),
        (["track", "clip.avi", "--db", "/proc/x.db"], ["/proc/x.db cannot be opened"]),
        (["track", "clip.avi", "--db", "x.db", "--start", "noon"], ["'noon' is not a time"]),
        (["track", "clip.avi", "--db", "x.db", "--timezone", "Mars"], ["'Mars' is not"]),
        (["track", "clip.avi", "--db", "x.db", "--tracker", "speed=1"], ["no setting 'speed'"]),
        (["track", "clip.avi", "--db", "x.db", "--classes", ","], ["names no label"]),
        (["track", "clip.avi", "--db", "x.db", "--output", "clip.avi"], ["would destroy clip.avi"]),
        (["track", "clip.avi", "--db", "x.db", "--output", "x.db-wal"], ["destroy x.db-wal"]),
        (["track", "clip.avi", "--db", "x.db", "--detector", "motion", "--classes", "a"],
         ["motion knows no --weights"]),
        (["track", "clip.avi", "--db", "x.db", "--output", "out.avi"], ["out.avi", ".mp4 file"]),
        (["track", "", "--db", "x.db"], ["The source is empty"]),
        (["track", "clip.avi", "--db", "x.db", "--name", ""], ["needs a name"]),
        (["track", "97", "--db", "x.db", "--detector", "motion"], ["device 97"]),
        (["export", "--db", "x.db", "--source", "a", "--format", "mot", "--output", "y"],
         ["no database x.db"]),
        (["weights", "none-such"], ["none-such", "models/"]),
    ],
)  # fmt: skip
def test_bad_input_is_named_in_one_line(
    tracking_here: Here, arguments: list[str], words: list[str], make_clip: MakeClip, tmp_path: Path
) -> None:
    make_clip()
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("once upon a time " * 100)
    if "." in arguments[:2]:
        (tmp_path / "clip.avi").unlink()
    shown = tracking_here(*arguments)
    assert shown.returncode == 1
    assert one_line(shown.stderr, *words), shown.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["track", "clip.avi"],
        ["track", "--db", "x.db"],
        ["export", "--db", "x.db", "--source", "a", "--format", "xml", "--output", "y"],
        ["track", "clip.avi", "--db", "x.db", "--confidence", "2"],
        ["fly"],
    ],
)
def test_wrong_usage_ends_with_two(tracking_here: Here, arguments: list[str]) -> None:
    assert tracking_here(*arguments).returncode == 2


def test_a_truncated_clip_fails_in_one_line_and_what_was_read_is_kept(
    tracking_here: Here, walking: Path, tmp_path: Path, rows: Rows
) -> None:
    whole = walking.read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: len(whole) * 2 // 3])
    shown = tracking_here("track", "cut.avi", "--db", "people.db", "--detector", "motion")
    assert shown.returncode == 1
    assert one_line(shown.stderr, "cut.avi is cut off", "of the 60 frames")
    ((frames, outcome),) = rows(tmp_path / "people.db", "SELECT frames, outcome FROM runs")
    assert 30 < int(str(frames)) < 60
    assert str(outcome).startswith("failed: cut.avi is cut off")


def test_broken_pictures_are_reported_in_the_table(
    tracking_here: Here, walking: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    capture = cv2.VideoCapture(str(walking))
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), capture.read()[1])
    (folder / "1.png").write_bytes(b"scratched")
    shown = tracking_here("track", folder, "--db", "people.db", "--detector", "motion")
    assert shown.returncode == 0
    assert "1.png is broken and was skipped" in shown.stdout


def test_a_full_disk_under_the_video_leaves_the_database_whole(
    tracking_here: Here, walking: Path, tmp_path: Path, rows: Rows
) -> None:
    shown = tracking_here(
        "track", walking, "--db", "people.db", "--detector", "motion", "--output", "/dev/full"
    )
    assert shown.returncode == 1
    assert one_line(shown.stderr, "/dev/full")
    assert rows(tmp_path / "people.db", "PRAGMA integrity_check") == [("ok",)]


def test_two_files_of_one_name_are_two_sources(
    tracking_here: Here, walking: Path, tmp_path: Path, rows: Rows
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "walking.avi").write_bytes(walking.read_bytes())
    for clip in ("walking.avi", "other/walking.avi"):
        tracking_here("track", clip, "--db", "people.db", "--detector", "motion")
    names = rows(tmp_path / "people.db", "SELECT name FROM sources ORDER BY id")
    assert names == [("walking",), ("walking-2",)]


def test_a_clip_tracked_twice_over_the_same_time_is_noticed(
    tracking_here: Here, walking: Path
) -> None:
    arguments = ("track", walking, "--db", "p.db", "--detector", "motion", "--start", "2026-03-01")
    assert "cover the same time" not in tracking_here(*arguments).stdout
    assert "2 runs of this source cover the same time" in tracking_here(*arguments).stdout


def test_a_locked_database_is_waited_for_and_then_named(tracking_here: Here, walking: Path) -> None:
    tracking_here("track", walking, "--db", "people.db", "--detector", "motion")
    other = sqlite3.connect("people.db")
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    shown = tracking_here("track", walking, "--db", "people.db", "--detector", "motion")
    other.close()
    assert shown.returncode == 1
    assert one_line(shown.stderr, "people.db is being written by another process")
    assert time.monotonic() - begun > 4


@pytest.fixture
def camera(walking: Path) -> Iterator[str]:
    """A network camera that shows the walker again and again, until it is switched off."""

    class Camera(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", mjpeg.content_type)
            self.end_headers()
            with suppress(OSError):
                for _ in range(100):
                    for part in mjpeg(VideoStreamer(walking)):
                        self.wfile.write(part)
                        time.sleep(0.01)

        def log_message(self, *_: object) -> None: ...

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    httpd.daemon_threads = True
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}/yard"
    httpd.shutdown()
    httpd.server_close()


def wait_for_rows(db: Path, rows: Rows, least: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.05)
        with suppress(sqlite3.Error):  # not there yet
            if rows(db, "SELECT count(*) >= ? FROM positions", least)[0][0]:
                return
    pytest.fail(f"no {least} positions within a minute")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_told_to_stop_it_writes_everything_and_shows_its_table(
    number: signal.Signals, code: int, camera: str, tmp_path: Path, rows: Rows
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tracking", "track", camera, "--db", "p.db", "--detector", "motion"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for_rows(tmp_path / "p.db", rows, 50)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == code, err
    assert err == ""
    assert "stopped before its end" in out
    ((frames, outcome, positions),) = rows(
        tmp_path / "p.db",
        "SELECT frames, outcome, (SELECT count(*) FROM positions) FROM runs",
    )
    assert outcome == "stopped"
    assert re.search(rf"positions +│ {positions} ", out)
    assert f"{frames} (" in out


def test_the_weights_found_are_listed(tracking_here: Here, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "shop.pt").write_bytes(b"0" * 2_500_000)
    shown = tracking_here("weights")
    assert shown.returncode == 0
    assert "models/shop.pt" in shown.stdout
    assert "2.5 MB" in shown.stdout


@pytest.mark.slow
def test_weights_are_made_fast_by_name(
    tracking_here: Here, random_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKING_MODELS", str(random_weights.parent))
    shown = tracking_here("weights", "blank")
    assert shown.returncode == 0
    assert "blank_openvino_model" in shown.stdout.replace("\n", "")


@pytest.mark.slow
def test_the_demos_truth_is_met_with_real_weights(weights: Path) -> None:
    shown = run_tracking("demo", TRACKING_MODELS=str(weights.parent))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "every person counted once" in shown.stdout
    assert "no" not in shown.stdout.split()
    assert Path("demo/annotated.mp4").exists()


@pytest.mark.slow
def test_the_demo_runs_without_weights_or_network_and_can_be_repeated() -> None:
    for _ in range(2):
        shown = run_tracking("demo", HTTPS_PROXY="http://127.0.0.1:9")
        assert shown.returncode == 0
        assert "Only motion will be detected" in shown.stderr
        assert re.search(r"every person counted once +│ yes +│ yes", shown.stdout)
        assert re.search(r"ids right through 8 occlusions +│ yes +│ yes", shown.stdout)
