"""The webcam's page in a real browser, whose camera films a block that walks."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser import SCHEMES, App, Browse, Scheme, Visit, an_app, overflow, shot
from tests.running import until
from tests.test_pushed import walking
from tracking import config
from tracking.config import SourceSettings

pytestmark = pytest.mark.slow
WORDS = "Seen now"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if (found := shutil.which("chromium")) is None:
        pytest.skip("Chromium is needed: apt-get install chromium")
    film = a_film(tmp_path_factory.mktemp("camera") / "walk.y4m")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=found,
            args=[
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
            ],
        )
        yield browser
        browser.close()


def a_film(path: Path) -> Path:
    """Uncompressed pictures, as Chromium takes them for a camera's."""
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F15:1 Ip A1:1 C420jpeg\n")
        for number in range(67):
            bright = np.kron(walking(number)[:, :, 0], np.ones((4, 4), np.uint8))
            file.write(b"FRAME\n" + bright.tobytes() + bytes([128]) * (640 * 480 // 2))
    return path


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The app, where whatever moves is looked for: that needs no weights and little time."""
    path = tmp_path / "sources.toml"
    for name in ("webcam", "webcam-2"):
        given = {"name": name, "uri": f"push:{name}", "detector": "motion", "enabled": False}
        config.add(path, SourceSettings.of(given))
    where = {"TRACKING_DB": tmp_path / "people.db", "TRACKING_CONFIG": path}
    with an_app(tmp_path / "app", **{name: str(path) for name, path in where.items()}) as app:
        yield app


def start(visit: Visit) -> Any:
    """Look for everything, and press the button that starts the camera; the page."""
    page = visit.open("/webcam")
    with visit.rerun():
        page.get_by_role("button", name="Clear all").click()
    page.frame_locator("iframe").first.get_by_role("button", name="Start", exact=True).click()
    return page


def told(page: Any) -> Callable[[], str]:
    """All that the page says, for where it does not say what it should."""
    return lambda: f"{page.inner_text('body')}\n{page.frames[-1].inner_text('body')}"


def seen(page: Any) -> str:
    """What the page says is seen now."""
    metric = page.get_by_test_id("stMetric").filter(has_text=WORDS)
    return str(metric.get_by_test_id("stMetricValue").inner_text()) if metric.count() else ""


def colour(page: Any) -> int:
    """How far from grey the most colourful pixel of the page's video is; its film is all grey."""
    frame = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
    found: int = frame.evaluate(
        """() => {
            const video = document.querySelector('video');
            if (!video || !video.videoWidth) return 0;
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
            const context = canvas.getContext('2d');
            context.drawImage(video, 0, 0);
            const bytes = context.getImageData(0, 0, canvas.width, canvas.height).data;
            let most = 0;
            for (let at = 0; at < bytes.length; at += 4) {
                const [r, g, b] = [bytes[at], bytes[at + 1], bytes[at + 2]];
                most = Math.max(most, Math.max(r, g, b) - Math.min(r, g, b));
            }
            return most;
        }"""
    )
    return found


def watched(app: App) -> set[str]:
    found = config.load(app.database.with_name("sources.toml")).sources
    return {source.name for source in found if source.enabled and source.pushed}


def logged(app: App, name: str) -> int:
    sql = (
        "SELECT count(*) FROM positions WHERE track IN (SELECT people_tracks.id FROM people_tracks"
        " JOIN sources ON sources.id = source_id WHERE sources.name = ?)"
    )
    uri = f"{app.database.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        (count,) = connection.execute(sql, [name]).fetchone()
    return int(count)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_browsers_camera_is_seen_annotated_and_logged(
    app: App, browse: Browse, scheme: Scheme
) -> None:
    visit = browse(app, scheme)
    page = visit.open("/webcam")
    page.get_by_label("Name of the source").wait_for()
    shot(page, f"webcam-{scheme}")
    start(visit)
    until(lambda: bool(re.fullmatch("[1-9]", seen(page))), 60, told(page))
    until(lambda: colour(page) > 60, 30)
    shot(page, f"webcam-playing-{scheme}")
    assert overflow(page) == 0
    assert watched(app) == {"webcam"}
    until(lambda: logged(app, "webcam") > 10, 30)
    page.frame_locator("iframe").first.get_by_role("button", name="Stop", exact=True).click()
    until(lambda: not watched(app), 30)


def test_two_browsers_have_a_source_each_and_one_that_goes_leaves_the_other(
    app: App, browse: Browse
) -> None:
    visits = [browse(app), browse(app)]
    for visit in visits:
        page = start(visit)
        until(lambda page=page: bool(re.fullmatch("[1-9]", seen(page))), 60, told(page))  # type: ignore[misc]
    assert watched(app) == {"webcam", "webcam-2"}
    visits[0].close()
    until(lambda: watched(app) == {"webcam-2"}, 60)
    assert re.fullmatch("[0-9]", seen(visits[1].page))


def test_a_browser_without_a_camera_is_told_so(app: App, browse: Browse) -> None:
    visit = browse(app)
    visit.page.add_init_script("navigator.mediaDevices.enumerateDevices = async () => []")
    page = visit.open("/webcam")
    page.get_by_text("This browser finds no camera").wait_for()
    shot(page, "webcam-none")
