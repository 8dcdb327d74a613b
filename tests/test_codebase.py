"""The project keeps its own promises: its README runs, its layers point one way."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import tracking
from tests.conftest import ROOT, ScriptedStreamer
from tracking.frame import Frame
from tracking.plotting import PlotStreamer
from tracking.streamers import CameraStreamer

README = (ROOT / "README.md").read_text()
PACKAGE = sorted((ROOT / "tracking").rglob("*.py"))
SEED = [
    """
import sqlite3
streamer = YoloStreamer(VideoStreamer("video.mp4"), "../models/yolo11m.pt")
streamer.add_listener(DatabaseLogger(sqlite3.connect("people.db")))

for frame in streamer:
    # send frame as MJPEG
    ...
""",
    """
streamer = PlotStreamer(id=0, db_path="people.db")

for frame in streamer:
    # stream or display frame
    ...
""",
]


@pytest.fixture
def a_place_with_a_video(
    weights: Path, vtest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder as the examples expect it; what never ends is cut short."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "yolo11m_int8_openvino_model").symlink_to(weights)
    (tmp_path / "models" / "yolo11n_int8_openvino_model").symlink_to(weights)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("TRACKING_MODELS", str(tmp_path / "models"))
    (tmp_path / "work" / "video.mp4").write_bytes(_beginning_of(vtest, tmp_path))
    endless = PlotStreamer.frames

    def three(self: PlotStreamer) -> Generator[Frame, None, None]:
        yield from itertools.islice(endless(self), 3)

    monkeypatch.setattr(PlotStreamer, "frames", three)
    monkeypatch.setattr(CameraStreamer, "frames", lambda self: ScriptedStreamer(2).frames())


def _beginning_of(clip: Path, folder: Path) -> bytes:
    from tracking.recording import VideoRecorder
    from tracking.streamers import VideoStreamer

    with VideoRecorder(folder / "begin.mp4", fps=10) as recorder:
        for frame in itertools.islice(VideoStreamer(clip, start=0).frames(), 30):
            recorder.write(frame.image, frame.t)
    return (folder / "begin.mp4").read_bytes()


@pytest.mark.slow
def test_the_two_first_examples_run_word_for_word_on_a_real_clip(
    a_place_with_a_video: None,
) -> None:
    names: dict[str, Any] = {name: getattr(tracking, name) for name in tracking.__all__}
    for block in SEED:
        exec(compile(block, "example", "exec"), names)
        assert names["frame"][:2] == b"\xff\xd8"
        assert names["frame"][-2:] == b"\xff\xd9"
    import sqlite3

    connection = sqlite3.connect("people.db")
    (people,) = connection.execute("SELECT count(*) FROM people_tracks").fetchone()
    (places,) = connection.execute("SELECT count(*) FROM positions").fetchone()
    connection.close()
    assert people >= 3
    assert places >= 60


@pytest.mark.slow
def test_the_readmes_python_runs(a_place_with_a_video: None) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 4
    for block in blocks:
        names: dict[str, Any] = {}
        exec(compile(block, "README.md", "exec"), names)


def test_the_readme_holds_the_examples_word_for_word() -> None:
    text = "\n".join(line for line in README.splitlines() if not line.startswith("from tracking"))
    assert all(line in text for block in SEED for line in block.strip().splitlines())


def test_ci_takes_its_commands_from_the_readme() -> None:
    for name in ("run", "test"):
        assert re.search(rf"<!-- {name} -->\n```sh\n.+\n```", README)
    assert "for name in run test" in (ROOT / ".ci" / "run").read_text()


def imports(path: Path) -> set[str]:
    """Top names of everything a module imports, `.name` for the package's own."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            within = path.relative_to(ROOT / "tracking").parts[:-1]
            named = node.module.split(".") if node.module else []
            whole = [*within[: len(within) - node.level + 1], *named]
            found |= {f".{whole[0]}"} if whole else {f".{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_a_module_imports_only_from_those_above_it() -> None:
    """The README's layout is the order."""
    order = [f".{name}" for line in README.split("## Layout")[1].split("```")[1].splitlines()
             for name in re.findall(r"(\w+)(?:\.py|/ )", line)]  # fmt: skip
    for path in PACKAGE:
        name = f".{path.relative_to(ROOT / 'tracking').parts[0].removesuffix('.py')}"
        if name in (".__init__", ".__main__"):
            continue
        assert name in order, f"{path.name} is missing in the README's layout"
        own = {found for found in imports(path) if found.startswith(".")} - {".__version__"}
        below = [found for found in own if order.index(found) > order.index(name)]
        assert not below, f"{path.name} imports {below}, which stand below it"


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("ultralytics", {"weights", "on_ultralytics", "tracker"}),
        ("openvino", {"graph", "on_openvino"}),
        ("streamlit", {path.stem for path in PACKAGE if "dashboard" in path.parts}),
        ("langchain", {"on_langchain"}),
        ("mcp", {"mcp_server"}),
        ("xllamacpp", {"local_child"}),
        ("matplotlib", {"plotting"}),
    ],
)
def test_a_heavy_library_is_imported_only_in_its_rooms(library: str, homes: set[str]) -> None:
    users = {path.stem for path in PACKAGE if library in imports(path)}
    assert users <= homes


def test_the_public_names_are_sorted_and_all_there() -> None:
    assert tracking.__all__ == sorted(tracking.__all__)
    assert all(getattr(tracking, name) for name in tracking.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Manager'"):
        tracking.Manager  # noqa: B018
