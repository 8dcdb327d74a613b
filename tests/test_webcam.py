"""A browser's camera: its pictures go to the runner and come back annotated."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.running import Running, until
from tests.test_pushed import walking
from tracking import config
from tracking.config import SourceSettings
from tracking.dashboard.live import webcam as module
from tracking.dashboard.live.webcam import Webcam, claim, ice_servers
from tracking.dashboard.live.webcam_view import ENDED
from tracking.dashboard.places import Places
from tracking.errors import SettingsError


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "people.db", tmp_path / "sources.toml")


@pytest.fixture
def make_webcam(places: Places) -> Iterator[Any]:
    """Browsers with a camera each."""
    made: list[Webcam] = []

    def make() -> Webcam:
        made.append(Webcam(places))
        return made[-1]

    yield make
    for webcam in made:
        webcam.stop()


def add(places: Places, name: str, uri: str, **more: object) -> None:
    config.add(places.config, SourceSettings.of({"name": name, "uri": uri, **more}))


def source(places: Places, name: str) -> SourceSettings:
    return config.load(places.config).source(name)


def filmed(number: int = 0, size: tuple[int, int] = (640, 480)) -> av.VideoFrame:
    """What WebRTC gives: a picture of a block that walks."""
    image = np.kron(walking(number), np.ones((4, 4, 1), np.uint8))
    return av.VideoFrame.from_ndarray(image, format="bgr24").reformat(*size, format="yuv420p")


def film(webcam: Webcam, until_true: Any, seconds: float = 20) -> av.VideoFrame:
    """Give pictures as a camera does until something is so; the last that came back."""
    deadline = time.monotonic() + seconds
    number = 0
    while True:
        given = webcam.exchange(filmed(number))
        if until_true(given):
            return given
        assert time.monotonic() < deadline, webcam.facts()
        number += 1
        time.sleep(0.05)


def coloured(frame: av.VideoFrame) -> bool:
    """Whether something was drawn on a grey picture."""
    image = frame.to_ndarray(format="bgr24").astype(int)
    return bool((image.max(axis=2) - image.min(axis=2)).max() > 60)


def test_pictures_come_back_annotated_and_are_logged(places: Places, make_webcam: Any) -> None:
    with Running(places.database.parent) as running:
        running.add("webcam", "push:webcam", enabled=False)
        webcam = make_webcam()
        assert not coloured(webcam.exchange(filmed()))
        webcam.start("webcam", None)
        film(webcam, coloured)
        facts = webcam.facts()
        assert facts.trouble is None
        assert facts.seen
        assert facts.delay is not None and 0 < facts.delay < 10_000
        assert facts.sent > 0 and facts.shown > 0
        film(webcam, lambda _: running.rows("SELECT 1 FROM positions"))


def test_what_was_seen_long_ago_is_not_shown_for_the_present(
    places: Places, make_webcam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Running(places.database.parent) as running:
        running.add("webcam", "push:webcam", enabled=False)
        webcam = make_webcam()
        webcam.start("webcam", None)
        film(webcam, coloured)
        monkeypatch.setattr(module, "STALE", 0.0)
        assert not coloured(webcam.exchange(filmed()))
        assert webcam.facts().seen is None


def test_a_webcam_is_a_source_like_any_other(places: Places, make_webcam: Any) -> None:
    webcam = make_webcam()
    webcam.start("webcam", ["person", "dog"])
    found = source(places, "webcam")
    assert (found.uri, found.classes, found.enabled) == ("push:webcam", ("person", "dog"), True)


def test_after_a_stop_it_stays_in_the_list_unwatched_and_can_start_again(
    places: Places, make_webcam: Any
) -> None:
    webcam = make_webcam()
    webcam.start("webcam", ["person"])
    webcam.stop()
    assert not source(places, "webcam").enabled
    webcam.start("webcam", None)
    found = source(places, "webcam")
    assert (found.enabled, found.classes) == (True, None)
    assert len(config.load(places.config).sources) == 1


def test_two_browsers_do_not_share_a_source(places: Places, make_webcam: Any) -> None:
    first, second = make_webcam(), make_webcam()
    first.start("webcam", None)
    second.start("webcam", None)
    assert (first.source, second.source) == ("webcam", "webcam-2")
    assert source(places, "webcam").uri != source(places, "webcam-2").uri
    first.stop()
    assert source(places, "webcam-2").enabled


def test_the_name_of_another_source_is_refused(places: Places, make_webcam: Any) -> None:
    add(places, "door", "rtsp://192.0.2.1/main")
    add(places, "porch", "push:porch")
    for name in ("door", "porch"):
        with pytest.raises(SettingsError, match="another source's name"):
            claim(places, name, None)
    assert not make_webcam().active


def test_a_name_of_ones_own_gets_an_address_that_needs_no_escaping(places: Places) -> None:
    assert claim(places, "Büro ☕", None) == ("Büro ☕", "push:webcam")
    assert claim(places, "Küche", None) == ("Küche", "push:webcam-2")


def test_browsers_that_start_at_once_get_a_source_each(places: Places, make_webcam: Any) -> None:
    cams = [make_webcam() for _ in range(5)]
    threads = [threading.Thread(target=cam.start, args=["webcam", None]) for cam in cams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({cam.source for cam in cams}) == 5


def test_a_browser_that_just_goes_leaves_its_source_unwatched(
    places: Places, make_webcam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENCE", 0.2)
    with Running(places.database.parent) as running:
        running.add("webcam", "push:webcam", enabled=False)
        webcam = make_webcam()
        webcam.start("webcam", None)
        until(lambda: not webcam.active)
        assert not source(places, "webcam").enabled
        assert "gave no picture" in webcam.facts().trouble


def test_when_the_app_ends_no_webcam_is_left_watched(places: Places, make_webcam: Any) -> None:
    make_webcam().start("webcam", None)
    module.stop_all()
    assert not source(places, "webcam").enabled


def test_without_a_runner_plain_pictures_come_back_and_it_is_said(
    places: Places, make_webcam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEGINS", 0.0)
    webcam = make_webcam()
    webcam.start("webcam", None)
    film(webcam, lambda _: webcam.facts().trouble)
    assert webcam.facts().trouble == "The runner is not there; it may be starting"
    assert not coloured(webcam.exchange(filmed()))


def test_a_source_that_somebody_pauses_meanwhile_is_told(
    places: Places, make_webcam: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEGINS", 0.5)
    with Running(places.database.parent) as running:
        running.add("webcam", "push:webcam", enabled=False)
        webcam = make_webcam()
        webcam.start("webcam", None)
        film(webcam, coloured)
        config.change(places.config, "webcam", enabled=False)
        film(webcam, lambda _: "is paused" in (webcam.facts().trouble or ""))


def test_a_runner_that_begins_anew_is_found_again(places: Places, make_webcam: Any) -> None:
    add(places, "webcam", "push:webcam", detector="motion", enabled=False)
    webcam = make_webcam()
    for _ in range(2):
        with Running(places.database.parent):
            if not webcam.active:
                webcam.start("webcam", None)
            film(webcam, coloured)
        film(webcam, lambda given: not coloured(given))


@pytest.mark.parametrize("size", [(640, 480), (320, 240), (1280, 960)])
def test_a_browser_that_spares_pixels_changes_nothing(size: tuple[int, int]) -> None:
    from tracking.cameras import decoded

    image = decoded(module._encoded(filmed(size=size), VideoReformatter()))
    assert image is not None
    assert image.shape == (480, 640, 3)


@pytest.mark.parametrize(
    ("told", "servers"),
    [
        ("", []),
        (None, []),
        ("stun:a:3478, turn:b", [{"urls": ["stun:a:3478"]}, {"urls": ["turn:b"]}]),
        (
            '[{"urls": "turn:b:1", "username": "u", "credential": "c", "more": 1}]',
            [{"urls": ["turn:b:1"], "username": "u", "credential": "c"}],
        ),
        ([{"urls": ["turns:b"]}], [{"urls": ["turns:b"]}]),
        ({"urls": "stun:a"}, [{"urls": ["stun:a"]}]),
    ],
)
def test_ice_servers_may_be_written_in_several_ways(told: object, servers: object) -> None:
    assert ice_servers(told) == servers


@pytest.mark.parametrize("told", ["http://a", "[1]", '[{"url": "stun:a"}]', "[", '{"urls": [1]}'])
def test_ice_servers_that_are_none_are_refused(told: str) -> None:
    with pytest.raises(SettingsError, match="ICE server"):
        ice_servers(told)


@pytest.fixture
def page(places: Places, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page, not yet run."""
    monkeypatch.setenv("TRACKING_DB", str(places.database))
    monkeypatch.setenv("TRACKING_CONFIG", str(places.config))
    monkeypatch.delenv("TRACKING_ICE_SERVERS", raising=False)
    return AppTest.from_file(str(ROOT / "pages" / "webcam.py"), default_timeout=30)


def test_the_page_opens_and_says_what_happens_with_the_pictures(
    places: Places, page: AppTest
) -> None:
    with Running(places.database.parent):
        page.run()
    assert not page.exception
    assert page.title[0].value == "Webcam"
    assert "not kept" in page.markdown[0].value
    assert page.text_input[0].value == "webcam"
    assert page.multiselect[0].value == ["person"]
    assert not page.warning


def test_the_page_says_it_where_there_is_no_runner(page: AppTest) -> None:
    page.run()
    assert not page.exception
    assert "no runner" in page.warning[0].value
    assert not page.text_input


@pytest.mark.parametrize(("told", "warned"), [("turn:host:3478", False), ("http://nonsense", True)])
def test_the_page_takes_ice_servers_from_the_environment(
    places: Places, page: AppTest, monkeypatch: pytest.MonkeyPatch, told: str, warned: bool
) -> None:
    monkeypatch.setenv("TRACKING_ICE_SERVERS", told)
    with Running(places.database.parent):
        page.run()
    assert not page.exception
    assert bool(page.warning) == warned


def test_the_page_takes_ice_servers_from_the_secrets(places: Places, page: AppTest) -> None:
    page.secrets["ice_servers"] = [{"urls": "http://nonsense"}]
    with Running(places.database.parent):
        page.run()
    assert not page.exception
    assert "ICE server" in page.warning[0].value


def test_no_network_is_loaded_into_the_apps_process() -> None:
    heavy = ("torch", "openvino", "ultralytics", "onnxruntime", "langchain")
    code = (
        "import sys, streamlit_webrtc, tracking.dashboard.live.webcam_view\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (["no", "tries"], False),
        (["tries", "plays"], False),
        (["tries", "plays", "no"], False),
        (["tries", "no"], True),
        (["tries", "no", "no"], True),
        (["tries", "no", "tries"], False),
        (["tries", "no", "plays", "no"], False),
    ],
)
def test_a_connection_that_ends_before_a_picture_is_told(steps: list[str], told: bool) -> None:
    def show() -> None:
        import streamlit as st

        from tracking.dashboard.live.webcam_view import note_on_connection

        note_on_connection(st.session_state.step == "plays", st.session_state.step == "tries")

    page = AppTest.from_function(show)
    for step in steps:
        page.session_state.step = step
        page.run()
        assert not page.exception
    assert [each.value for each in page.warning] == [ENDED] * told
