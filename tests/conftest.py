"""The worlds that the tests are set in: tiny videos, scripted sources, scripted detectors."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.browser import Browse, a_chromium, browsers
from tracking.__main__ import main
from tracking.detectors import Detections
from tracking.frame import Frame, Image
from tracking.streamers import Streamer
from tracking.weights import ultralytics

ROOT = Path(__file__).resolve().parent.parent
NOON = 1_772_366_400_000  # 2026-03-01T12:00:00Z


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared")).absolute()
    if not folder.is_dir():
        pytest.skip(f"real weights and clips are needed: no folder {folder} (TRACKING_SHARED)")
    return folder


@pytest.fixture(scope="session")
def weights(shared: Path) -> Path:
    """Real YOLO11n weights."""
    return shared / "models" / "yolo11n_int8_openvino_model"


@pytest.fixture(scope="session")
def vtest(shared: Path) -> Path:
    """A real clip: 795 frames of people on a car park, 768x576, 10 frames a second."""
    return shared / "data" / "pets09-s2l1" / "vtest.avi"


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A YOLO11n that has learnt nothing: keeps the .pt path tested on any machine."""
    path = tmp_path_factory.mktemp("weights") / "blank.pt"
    model = ultralytics().YOLO("yolo11n.yaml")
    names = ["person", "bicycle", "car", "truck"]
    model.model.names |= dict(enumerate(names))
    model.save(path)
    return path


@pytest.fixture(autouse=True)
def no_weights_by_accident(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test runs in a folder of its own, without the developer's weights."""
    monkeypatch.delenv("TRACKING_MODELS", raising=False)
    monkeypatch.chdir(tmp_path)


def picture(shade: int, size: tuple[int, int] = (64, 48)) -> Image:
    """A flat grey picture; size: width, height. A flat shade survives lossy codecs."""
    return np.full((size[1], size[0], 3), shade, np.uint8)


MakeClip = Callable[..., Path]


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    """Write a video whose frame number n is a flat picture of shade 10 n."""

    def make(
        name: str = "clip.avi", frames: int = 8, fps: float = 10, size: tuple[int, int] = (64, 48)
    ) -> Path:
        path = tmp_path / name
        codec = cv2.VideoWriter.fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v"))
        writer = cv2.VideoWriter(str(path), codec, fps, size)
        for number in range(frames):
            writer.write(picture(number * 10 % 250, size))
        writer.release()
        return path

    return make


@pytest.fixture
def make_walk(tmp_path: Path) -> MakeClip:
    """Write a video in which a bright block walks to and fro over a dark floor."""

    def make(name: str = "walk.avi", frames: int = 60, fps: float = 10) -> Path:
        return write_walk(tmp_path / name, frames, fps)

    return make


def write_walk(path: Path, frames: int = 60, fps: float = 10) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (160, 120))
    for number in range(frames):
        image = np.full((120, 160, 3), 40, np.uint8)
        left = 10 + abs((3 * number) % 200 - 100)
        image[40:90, left : left + 20] = 220
        writer.write(image)
    writer.release()
    return path


class ScriptedStreamer(Streamer):
    """Blank frames a tenth of a second apart, from noon on; may fail after the last one."""

    def __init__(
        self,
        count: int,
        name: str = "scripted",
        step: int = 100,
        start: int = NOON,
        failure: Exception | None = None,
    ) -> None:
        super().__init__(name, f"script:{name}", "UTC")
        self.count, self.step, self.start, self.failure = count, step, start, failure
        self.fps = 1000 / step
        self.released = 0

    def frames(self) -> Generator[Frame, None, None]:
        try:
            for index in range(self.count):
                yield Frame(index, self.start + index * self.step, picture(0, (640, 480)))
            if self.failure:
                raise self.failure
        finally:
            self.released += 1


Box = tuple[float, float, float, float]


class ScriptedDetector:
    """Sees in frame n exactly the n-th list of boxes: centre x, centre y, width, height."""

    kind = "scripted"
    weights = None
    names = {0: "person", 1: "car"}  # noqa: RUF012
    settings: dict[str, object] = {}  # noqa: RUF012

    def __init__(self, script: Sequence[Sequence[Box]], cls: int = 0) -> None:
        self.script, self.cls, self.frame = script, cls, -1

    def reset(self) -> None:
        self.frame = -1

    def detect(self, image: Image) -> Detections:
        self.frame += 1
        boxes = np.array(self.script[self.frame], np.float32).reshape(-1, 4)
        half = boxes[:, 2:] / 2
        corners = np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)
        count = len(boxes)
        cls = np.full(count, self.cls, np.float32)
        return Detections(corners, np.full(count, 0.9, np.float32), cls)


def walk(frames: int, x: float = 100, y: float = 200, dx: float = 4) -> list[Box]:
    """One person walking to the right."""
    return [(x + dx * number, y, 40, 100) for number in range(frames)]


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Callable[..., list[tuple[object, ...]]]]:
    """Read a database as another process would."""

    def read(path: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    yield read


@pytest.fixture
def tracking_here(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line in this process: the same code, without seconds of start-up."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["tracking", *map(str, arguments)])
        usual = signal.getsignal(signal.SIGINT)
        try:
            with pytest.raises(SystemExit) as left:
                main()
        finally:
            signal.signal(signal.SIGINT, usual)  # a program that leaves no longer listens
        shown = capfd.readouterr()
        return subprocess.CompletedProcess(arguments, int(left.value.code or 0), *shown)

    return run


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser. For a module, not the session: its loop would meet those of other tests."""
    with a_chromium() as browser:
        yield browser


@pytest.fixture
def browse(chromium: Any) -> Iterator[Browse]:
    """People's browsers: `browse(app).open("/live")`; nothing may go wrong in them."""
    with browsers(chromium) as begin:
        yield begin


def run_tracking(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line as people run it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tracking", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )
