"""`tracking sources`: one line or one table an answer, and no password in any of them."""

from __future__ import annotations

import http.server
import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import pytest

from tests.conftest import ROOT, MakeClip, picture
from tracking.config import load
from tracking.streamers import jpeg, mjpeg

Here = Callable[..., subprocess.CompletedProcess[str]]
SECRET = "hunter2"
ADDRESS = f"rtsp://admin:{SECRET}@10.0.0.5:554/main"


@pytest.fixture
def sources(tracking_here: Here) -> Here:
    return lambda *arguments: tracking_here("sources", *arguments)


@pytest.fixture
def door(sources: Here) -> Path:
    """A file with one source, a camera with a password."""
    assert sources("add", "door", ADDRESS, "--fps", 5).returncode == 0
    return Path("sources.toml")


def failed(shown: subprocess.CompletedProcess[str], *words: str) -> bool:
    one_line = shown.stderr.count("\n") == 1 and shown.stderr.startswith("tracking: ")
    named = all(word in shown.stderr for word in words)
    return shown.returncode == 1 and one_line and named and SECRET not in shown.stderr


COMMANDS = ["list", "add", "change", "remove", "pause", "resume", "check"]


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)])
def test_every_command_has_help(sources: Here, command: list[str]) -> None:
    shown = sources(*command, "--help")
    assert shown.returncode == 0
    assert "Usage: tracking sources" in shown.stdout


def test_a_source_is_added_with_all_that_can_be_said_of_it(sources: Here, tmp_path: Path) -> None:
    (tmp_path / "clip.avi").write_text("as if")
    shown = sources(
        "add", "<b>yard", "clip.avi", "--classes", "person, car", "--timezone", "Europe/Berlin",
        "--detector", "yolo", "--weights", "yolo11m", "--speed", "fast", "--image-size", 480,
        "--confidence", 0.5, "--fps", 7.5, "--no-motion-gate", "--moving-camera", "--realtime",
        "--loop", "--start", "2026-03-01T13:00", "--stale-after", 0,
        "--tracker", "match_thresh=0.8", "--tracker", "track_buffer=60",
    )  # fmt: skip
    assert (shown.stdout, shown.stderr) == ("Added <b>yard to sources.toml\n", "")
    assert Path("sources.toml").read_text().split("\n\n", 1)[1] == (
        "[[sources]]\n"
        'name = "<b>yard"\n'
        'uri = "clip.avi"\n'
        'classes = ["person", "car"]\n'
        'timezone = "Europe/Berlin"\n'
        'weights = "yolo11m"\n'
        'speed = "fast"\n'
        "image_size = 480\n"
        "confidence = 0.5\n"
        "fps = 7.5\n"
        "motion_gate = false\n"
        "moving_camera = true\n"
        "realtime = true\n"
        "loop = true\n"
        "start = 2026-03-01T13:00:00+01:00\n"
        "stale_after = 0.0\n"
        "tracker = {track_buffer = 60, match_thresh = 0.8}\n"
    )
    assert load("sources.toml").problems == ()


def test_what_is_not_there_yet_is_hinted_at(sources: Here) -> None:
    shown = sources("add", "clip", "gone.avi")
    assert (shown.returncode, shown.stdout) == (0, "Added clip to sources.toml\n")
    assert shown.stderr.startswith("Not there yet: There is no file ")
    shown = sources("add", "gate", "rtsp://ann:${GATE_PASSWORD}@10.0.0.6/")
    assert shown.stderr == "Not set here: GATE_PASSWORD; `tracking run` needs it\n"
    assert "${GATE_PASSWORD}" in Path("sources.toml").read_text()


def test_paths_typed_here_are_found_from_a_file_elsewhere(
    sources: Here, make_clip: MakeClip, tmp_path: Path
) -> None:
    make_clip()
    (tmp_path / "etc").mkdir()
    arguments = ("--config", "etc/sources.toml", "--weights", "./shop.pt")
    assert sources("add", "clip", "clip.avi", *arguments).stderr == ""
    (clip,) = load("etc/sources.toml").sources
    assert clip.uri == str(tmp_path / "clip.avi")
    assert clip.weights == str(tmp_path / "shop.pt")


def test_sources_are_listed_without_passwords(sources: Here, door: Path) -> None:
    sources("add", "[red]yard", 1, "--detector", "motion")
    sources("pause", "[red]yard")
    shown = sources("list")
    assert shown.returncode == 0
    first, second = (line for line in shown.stdout.splitlines() if "yolo" in line or "red" in line)
    assert all(word in first for word in ("door", "rtsp://***", "watched", "yolo11n", "all", "5"))
    assert all(word in second for word in ("[red]yard", "paused", "motion"))
    assert SECRET not in shown.stdout


def test_sources_are_listed_for_programs_without_passwords(sources: Here, door: Path) -> None:
    with door.open("a") as file:
        file.write("\n[[sources]]\nname = 'yard'\nuri = 0\nfsp = 3\n")
    shown = sources("list", "--json")
    listed = json.loads(shown.stdout)
    assert [source["name"] for source in listed["sources"]] == ["door"]
    assert listed["sources"][0]["uri"] == "rtsp://***@10.0.0.5:554/main"
    assert listed["sources"][0]["fps"] == 5
    (problem,) = listed["problems"]
    assert problem.endswith("source 'yard': there is no setting 'fsp'; did you mean 'fps'?")


def test_problems_are_listed_beside_the_sources(sources: Here, door: Path) -> None:
    with door.open("a") as file:
        file.write("\n[[sources]]\nname = 'yard'\n")
    shown = sources("list")
    assert "door" in shown.stdout
    assert shown.stderr == "sources.toml: source 'yard': uri is missing\n"


def test_an_empty_list_says_how_to_begin(sources: Here) -> None:
    shown = sources("list")
    assert shown.returncode == 0
    assert "sources.toml names no source" in shown.stdout
    assert not Path("sources.toml").exists()


def test_settings_are_changed_and_reset(sources: Here, door: Path) -> None:
    shown = sources(
        "change", "door", "--confidence", 0.5, "--tracker", "track_buffer=60", "--reset", "fps"
    )
    assert shown.stdout == "Changed confidence, tracker, fps of door in sources.toml\n"
    (changed,) = load(door).sources
    assert (changed.confidence, changed.tracker.track_buffer, changed.fps) == (0.5, 60, None)


def test_a_source_is_renamed_and_moved(sources: Here, door: Path) -> None:
    shown = sources("change", "door", "--rename", "gate", "--uri", "http://10.0.0.9/live")
    assert "what is recorded of it keeps the old name" in shown.stdout
    (gate,) = load(door).sources
    assert (gate.name, gate.uri, gate.fps) == ("gate", "http://10.0.0.9/live", 5)


def test_a_source_is_paused_and_resumed(sources: Here, door: Path) -> None:
    assert sources("pause", "door").stdout == "Paused door\n"
    assert not load(door).source("door").enabled
    assert sources("resume", "door").stdout == "Resumed door\n"
    assert load(door).source("door").enabled


def test_a_source_is_removed_and_what_is_recorded_is_kept(sources: Here, door: Path) -> None:
    shown = sources("remove", "door", "--yes")
    assert shown.returncode == 0
    assert "what is recorded of it is kept in the database" in shown.stdout
    assert load(door).sources == ()


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 1, 1), ("y", 0, 0)])
def test_on_a_terminal_it_is_asked_before_removing(
    door: Path, answer: str, code: int, left: int
) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        shown = subprocess.run(
            [sys.executable, "-m", "tracking", "sources", "remove", "door"],
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert shown.returncode == code
    assert "Remove door from sources.toml?" in shown.stdout
    assert len(load(door).sources) == left


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "door", "1"], ["has a source 'door' already"]),
        (["add", ADDRESS, "door"], ["name: looks like an address with a password"]),
        (["add", "a", ADDRESS.replace("rtsp", "rstp")], ["'rstp'; did you mean rtsp?"]),
        (["add", "a", ADDRESS.replace("rtsp://", "")], ["uri: looks like an address with a pass"]),
        (["add", "", "0"], ["name: is empty"]),
        (["add", "a", ""], ["uri: is empty"]),
        (["add", "a", "0", "--timezone", "Mars"], ["timezone: is not an IANA time zone"]),
        (["add", "a", "0", "--image-size", "65"], ["image_size: should be a multiple of 32"]),
        (["add", "a", "0", "--fps", "0"], ["fps: should be greater than 0"]),
        (["add", "a", "0", "--start", "noon"], ["start: is not a time"]),
        (["add", "a", "0", "--classes", ","], ["--classes names no label"]),
        (["add", "a", "0", "--tracker", "x"], ["--tracker 'x' is not NAME=VALUE"]),
        (["add", "a", "0", "--tracker", "x=1"], ["The tracker has no setting 'x'"]),
        (["add", "a", "0", "--detector", "motion", "--classes", "a"], ["the motion detector"]),
        (["add", "a", "0", "--config", "none/s.toml"], ["there is no folder"]),
        (["add", "a", "0", "--config", "/proc/s.toml"], ["/proc/s.toml cannot be written"]),
        (["add", "a", "0", "--config", "."], [". is not a file"]),
        (["add", "a", "0", "--config", "broken.toml"], ["broken.toml, line 1, column 10"]),
        (["list", "--config", "broken.toml"], ["broken.toml, line 1, column 10"]),
        (["change", "doro", "--fps", "5"], ["has no source 'doro'; did you mean 'door'?"]),
        (["change", "door", "--reset", "clases"], ["no setting 'clases'; did you mean 'classes'"]),
        (["change", "door", "--reset", "uri"], ["uri is missing"]),
        (["remove", "gate", "--yes"], ["sources.toml has no source 'gate'"]),
        (["remove", ADDRESS, "--yes"], ["has no source '***'"]),
        (["pause", "gate"], ["has no source 'gate'"]),
        (["resume", "gate"], ["has no source 'gate'"]),
        (["check", "gate"], ["has no source 'gate'"]),
        (["check", "97"], ["device 97"]),
        (["check", ADDRESS.replace("10.0.0.5:554", "127.0.0.1:9")], ["rtsp://***@127.0.0.1:9"]),
        (["check", "broken.toml"], ["broken.toml is not a video"]),
        (["check", "97", "--save", "p.png"], ["p.png is to be a .jpg file"]),
        (["check", "clip.avi", "--save", "/none/p.jpg"], ["/none/p.jpg: No such file"]),
    ],
)  # fmt: skip
def test_bad_input_is_named_in_one_line_and_the_file_stays(
    sources: Here, door: Path, make_clip: MakeClip, arguments: list[str], words: list[str]
) -> None:
    make_clip()
    Path("broken.toml").write_text(f"[[sources\nuri = '{ADDRESS}'\n")
    before = door.read_bytes()
    shown = sources(*arguments)
    assert failed(shown, *words), shown.stderr
    assert SECRET not in shown.stdout
    assert door.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "a"],
        ["change", "door"],
        ["add", "a", "0", "--speed", "slow"],
        ["fly"],
        ["list", "x"],
    ],
)
def test_wrong_usage_ends_with_two(sources: Here, door: Path, arguments: list[str]) -> None:
    assert sources(*arguments).returncode == 2


def test_a_clip_is_checked_by_its_path_and_its_first_picture_saved(
    sources: Here, make_clip: MakeClip
) -> None:
    shown = sources("check", make_clip(fps=10), "--save", "first.jpg")
    assert (shown.returncode, shown.stderr) == (0, "")
    for words in ("file", "64x48", "10 frames/s", "after 0.", "first.jpg"):
        assert words in shown.stdout
    assert cv2.imread("first.jpg").shape == (48, 64, 3)


def test_a_folder_is_checked_by_its_name(sources: Here, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "1.jpg").write_bytes(jpeg(picture(100)))
    sources("add", "shots", "pictures")
    shown = sources("check", "shots")
    assert "shots works" in shown.stdout
    assert "64x48" in shown.stdout


def test_a_picture_is_not_saved_over_what_is_checked(sources: Here, make_clip: MakeClip) -> None:
    clip = make_clip()
    taken = clip.rename(clip.with_name("clip.jpg"))
    before = taken.read_bytes()
    assert failed(sources("check", taken, "--save", taken), "would destroy")
    assert taken.read_bytes() == before


@pytest.fixture
def camera() -> Iterator[str]:
    """Host and port of a network camera that wants a password and shows 20 pictures a second."""

    class Camera(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = "Authorization" in self.headers
            self.send_response(200 if known else 401)
            if not known:
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.send_header("Content-Type", mjpeg.content_type)
            self.end_headers()
            part = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg(picture(90)) + b"\r\n"
            with suppress(OSError):
                for _ in range(200 * known):
                    self.wfile.write(part)
                    time.sleep(0.05)

        def log_message(self, *_: object) -> None: ...

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    httpd.daemon_threads = True
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


def test_a_camera_is_checked_with_the_password_of_the_environment(
    sources: Here, camera: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YARD_LOGIN", f"admin:{SECRET}")
    sources("add", "yard", f"http://${{YARD_LOGIN}}@{camera}/live")
    shown = sources("check", "yard")
    assert (shown.returncode, shown.stderr) == (0, "")
    for words in ("yard works", f"http://***@{camera}/live", "stream", "64x48", "frames/s"):
        assert words in shown.stdout
    assert SECRET not in shown.stdout
    told = float(shown.stdout.split(" frames/s")[0].split()[-1])
    assert 5 < told < 25
