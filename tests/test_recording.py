"""Recording: what is written is what a reader gets back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tracking.errors import OutputError
from tracking.recording import VideoRecorder

START = 1_700_000_000_000  # milliseconds UTC


def picture(number: int, width: int = 64, height: int = 48) -> npt.NDArray[np.uint8]:
    """A plain grey picture whose brightness tells its number."""
    return np.full((height, width, 3), 20 + 8 * number, np.uint8)


def read_back(path: Path) -> tuple[list[npt.NDArray[np.uint8]], list[float]]:
    """Every picture of the file and its time in milliseconds."""
    capture, images, times = cv2.VideoCapture(str(path)), [], []
    while True:
        ok, image = capture.read()
        if not ok:
            return images, times
        images.append(np.asarray(image, np.uint8))
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC))


def record(path: Path, times: list[int | None], fps: float = 25) -> None:
    with VideoRecorder(path, fps=fps) as recorder:
        for number, t in enumerate(times):
            recorder.write(picture(number), t)


def test_every_picture_comes_back_in_order(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [None] * 20)
    images, _ = read_back(tmp_path / "a.mp4")
    expected = [20 + 8 * number for number in range(20)]
    assert [float(image.mean()) for image in images] == pytest.approx(expected, abs=4)


def test_the_file_states_its_frame_count_and_rate(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [None] * 30, fps=15)
    capture = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 30
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(15, abs=0.01)


def test_without_times_the_rate_is_constant(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [None] * 10, fps=12.5)
    assert read_back(tmp_path / "a.mp4")[1] == pytest.approx([80 * n for n in range(10)], abs=1)


def test_capture_times_are_kept_relative_to_the_first(tmp_path: Path) -> None:
    offsets = [0, 40, 95, 130, 1130, 1131, 1200]
    record(tmp_path / "a.mp4", [START + offset for offset in offsets])
    assert read_back(tmp_path / "a.mp4")[1] == pytest.approx(offsets, abs=1)


def test_a_clock_set_back_does_not_stop_the_recording(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [START, START + 40, START - 5000, START - 4960])
    assert read_back(tmp_path / "a.mp4")[1] == pytest.approx([0, 40, 80, 120], abs=1)


def test_equal_capture_times_still_advance(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [START, START, START])
    times = read_back(tmp_path / "a.mp4")[1]
    assert len(times) == 3 and times[0] < times[1] < times[2]


def test_odd_sizes_are_padded_to_even(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        recorder.write(picture(0, width=63, height=47))
    assert read_back(tmp_path / "a.mp4")[0][0].shape == (48, 64, 3)


def test_a_picture_of_another_size_is_scaled(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4") as recorder:
        recorder.write(picture(0))
        recorder.write(picture(1, width=128, height=96))
    assert [image.shape for image in read_back(tmp_path / "a.mp4")[0]] == [(48, 64, 3)] * 2


def test_nothing_is_created_before_the_first_picture(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4"):
        pass
    assert not (tmp_path / "a.mp4").exists()


def test_a_missing_folder_is_named_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "a.mp4"
    with pytest.raises(OutputError) as caught:
        VideoRecorder(path).write(picture(0))
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="it is a folder"):
        VideoRecorder(tmp_path).write(picture(0))


def test_a_picture_that_is_not_colour_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="uint8 picture"):
        VideoRecorder(tmp_path / "a.mp4").write(np.zeros((48, 64), np.uint8))


ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
NOISE = """
import sys, numpy as np
from tracking.errors import OutputError
from tracking.recording import VideoRecorder
random = np.random.default_rng(0)
pictures = [random.integers(0, 255, (240, 320, 3), np.uint8) for _ in range(100)]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
def test_a_full_disk_is_reported_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    program = f"""
import resource, signal
{NOISE}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    with VideoRecorder({str(path)!r}) as recorder:
        for image in pictures:
            recorder.write(image)
except OutputError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert str(path) in done.stdout and done.stdout.count("\n") == 1, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_recording_stays_readable(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    program = f"""
import os, signal
{NOISE}
recorder = VideoRecorder({str(path)!r}, fps=10)
for image in pictures:
    recorder.write(image)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT)
    assert done.returncode == -signal.SIGKILL
    assert len(read_back(path)[0]) >= 40
