"""The live wall: what the page says, what lies over a picture, and the wall in a real browser."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.browser import PHONE, App, Browse, an_app, pages
from tests.conftest import (
    NOON,
    ROOT,
    MakeClip,
    ScriptedDetector,
    ScriptedStreamer,
    walk,
    write_walk,
)
from tests.running import Running, until
from tests.worlds import a_weekend
from tracking import YoloStreamer, config
from tracking.dashboard.live.heat import ACROSS, heat_overlay, painted
from tracking.dashboard.live.wall import still
from tracking.database import open_readonly
from tracking.heatmap import Grid, Heatmap
from tracking.logger import DatabaseLogger
from tracking.study import write_study

HOSTILE = '<img src=x onerror="window.__pwned=1"> **a** $b$ :red[c]'


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page Live of the app, which is about this folder; not run yet."""
    monkeypatch.setenv("TRACKING_DB", str(tmp_path / "people.db"))
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)


def opened(live: AppTest) -> AppTest:
    live.run()
    live.switch_page("pages/live.py").run()
    assert not live.exception
    return live


def words(live: AppTest) -> str:
    return " ".join(str(each.value) for each in (*live.info, *live.warning, *live.text))


def test_without_sources_the_page_says_what_to_do(live: AppTest) -> None:
    assert "Add a camera" in words(opened(live))


def test_a_study_has_nothing_live(live: AppTest, tmp_path: Path) -> None:
    with closing(open_readonly(a_weekend(tmp_path / "all.db"))) as whole:
        write_study(whole, tmp_path / "people.db", since=0, until=2**53)
    assert "recorded study" in words(opened(live))


def test_a_broken_configuration_is_told(live: AppTest, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[[sources]]\nname = ")
    assert "line 2" in opened(live).warning[0].value


def test_without_routes_there_are_still_pictures_and_the_page_says_so(
    live: AppTest, tmp_path: Path, make_walk: MakeClip
) -> None:
    with Running(tmp_path) as running:
        for name in ("door", "gone", HOSTILE):
            uri = tmp_path / "no.avi" if name == "gone" else make_walk()
            running.add(name, uri, realtime=True, loop=True)
        for name in ("door", HOSTILE):
            running.wait(name, "ok")
        until(lambda: isinstance(still(running.runner.url, "door"), bytes))
        said = words(opened(live))
    assert "still pictures" in said
    assert "no picture of this source" in said
    assert HOSTILE in [text.value for text in live.text]
    assert len(live.get("image")) + len(live.get("imgs")) == 2


def test_with_the_runner_away_the_page_says_that_there_is_none(
    live: AppTest, tmp_path: Path
) -> None:
    config.add(tmp_path / "sources.toml", config.SourceSettings.of({"name": "a", "uri": "a.mp4"}))
    assert "No runner is at work" in words(opened(live))


def test_the_heat_lies_where_somebody_stood(tmp_path: Path) -> None:
    seconds = np.zeros((30, 40))
    seconds[25, 10] = 60
    heatmap = Heatmap("door", "UTC", Grid(640, 480, 16), seconds, 1, 0, 60_000)
    picture = cv2.imdecode(np.frombuffer(painted(heatmap), np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (240, ACROSS, 4)
    alpha = picture[..., 3]
    row, column = np.argwhere(alpha == alpha.max()).mean(axis=0)
    assert (row / 240, column / ACROSS) == pytest.approx((25.5 / 30, 10.5 / 40), abs=0.02)
    assert alpha[0, 0] == 0


def test_the_heat_is_of_the_last_quarter_of_an_hour(tmp_path: Path) -> None:
    database = tmp_path / "people.db"
    streamer = YoloStreamer(
        ScriptedStreamer(40), detector=ScriptedDetector([[box] for box in walk(40)])
    )
    with closing(sqlite3.connect(database)) as connection:
        streamer.add_listener(DatabaseLogger(connection))
        for _ in streamer.frames():
            pass
    found = heat_overlay(database, NOON + 60_000)
    assert list(found) == ["scripted"]
    kind, _, png = found["scripted"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(png)[:4] == b"\x89PNG"
    assert heat_overlay(database, NOON + 3_600_000) == {}


def test_a_database_that_is_not_there_has_no_heat(tmp_path: Path) -> None:
    assert heat_overlay(tmp_path / "people.db") == {}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Four sources at work, one that cannot be opened, and one with a hostile name."""
    folder = tmp_path_factory.mktemp("wall")
    clip = str(write_walk(folder / "walk.avi"))
    for name in ("door", "yard", "hall", HOSTILE, "broken"):
        uri = "rtsp://127.0.0.1:9/x" if name == "broken" else clip
        source = {"name": name, "uri": uri, "detector": "motion", "timezone": "Asia/Tokyo"}
        settings = {} if name == "broken" else {"realtime": True, "loop": True}
        config.add(folder / "sources.toml", config.SourceSettings.of({**source, **settings}))
    with an_app(folder, TRACKING_DB=str(folder / "people.db")) as app:
        yield app


WALL = pages()["live"]


def tile(page: Any, name: str) -> Any:
    return page.locator(".tile").filter(has=page.get_by_text(name, exact=True))


def shown(page: Any, name: str) -> str:
    """What the canvas of a tile shows now."""
    return str(tile(page, name).locator("canvas").evaluate("canvas => canvas.toDataURL()"))


def moves(page: Any, name: str) -> bool:
    before = shown(page, name)
    page.wait_for_timeout(700)
    return shown(page, name) != before


def at_work(page: Any, tiles: int = 4) -> Any:
    """The page when so many tiles have a picture; those far below the window have none."""
    page.locator(".tile.drawn").nth(tiles - 1).wait_for()
    return page


@pytest.mark.slow
def test_all_tiles_move_and_one_can_be_made_large(app: App, browse: Browse) -> None:
    page = at_work(browse(app).open(WALL))
    assert all(moves(page, name) for name in ("door", "yard", "hall", HOSTILE))
    door = tile(page, "door")
    small = door.bounding_box()["width"]
    page.get_by_role("button", name="door: show large").click()
    page.locator(".tile.large").wait_for()
    assert door.bounding_box()["width"] > 1.5 * small
    assert tile(page, "yard").bounding_box()["y"] > door.bounding_box()["y"]
    page.keyboard.press("Escape")
    page.locator(".wall:not(.focused)").wait_for()
    page.get_by_role("button", name="yard: show large").focus()
    page.keyboard.press("Enter")
    page.locator(".tile.large").wait_for()
    assert "yard" in page.locator(".tile.large .name").inner_text()


@pytest.mark.slow
def test_a_source_that_is_down_says_why_in_its_tile(app: App, browse: Browse) -> None:
    page = at_work(browse(app).open(WALL))
    why = tile(page, "broken").locator(".why")
    until(lambda: page.wait_for_timeout(100) or "No picture" in why.inner_text())
    assert "tried again" in why.inner_text()


@pytest.mark.slow
def test_frozen_pictures_stand_still_and_say_since_when_in_the_sources_zone(
    app: App, browse: Browse
) -> None:
    page = at_work(browse(app).open(WALL))
    page.get_by_role("button", name="Freeze").click()
    page.wait_for_timeout(1500)
    assert not moves(page, "door")
    said = page.locator(".said").inner_text()
    assert said.startswith("Frozen at ")
    assert said.endswith("Asia/Tokyo")
    page.get_by_role("button", name="Freeze").click()
    until(lambda: moves(page, "door"))


@pytest.mark.slow
def test_a_snapshot_is_a_picture_of_the_sources_own_size_named_by_source_and_time(
    app: App, browse: Browse
) -> None:
    page = at_work(browse(app, size=PHONE).open(WALL), 2)
    with page.expect_download() as download:
        tile(page, "door").locator(".snapshot").click()
    assert download.value.suggested_filename.startswith("door_20")
    assert download.value.suggested_filename.endswith(".png")
    assert cv2.imread(str(download.value.path())).shape == (120, 160, 3)


@pytest.mark.slow
def test_where_the_socket_is_blocked_there_are_still_pictures_until_it_opens(
    app: App, browse: Browse
) -> None:
    visit = browse(app)
    blocked = [True]

    def serve(socket: Any) -> None:
        socket.close() if blocked else socket.connect_to_server()

    visit.page.route_web_socket(lambda url: "/live?" in url, serve)
    page = visit.open(WALL)
    page.get_by_text("so these are still pictures").wait_for()
    page.locator("[data-testid=stImage] img").nth(3).wait_for()
    blocked.clear()
    at_work(page)
    page.get_by_text("so these are still pictures").wait_for(state="detached")
    visit.forgive("stills|media|ERR")


@pytest.mark.slow
def test_a_wall_that_nobody_sees_asks_for_no_pictures(app: App, browse: Browse) -> None:
    visit = browse(app)
    wishes: list[str] = []
    visit.page.on(
        "websocket",
        lambda socket: socket.on(
            "framesent", lambda sent: wishes.append(sent) if "feeds" in str(sent) else None
        ),
    )
    page = at_work(visit.open(WALL))
    assert "door" in wishes[-1]
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')) }"
    )
    until(lambda: page.wait_for_timeout(100) or wishes[-1] == '{"feeds":{}}')


@pytest.mark.slow
def test_leaving_the_page_closes_the_socket(app: App, browse: Browse) -> None:
    visit = browse(app)
    closed: list[bool] = []
    visit.page.on(
        "websocket",
        lambda socket: socket.on("close", lambda _: closed.append("/live?" in socket.url)),
    )
    page = at_work(visit.open(WALL))
    page.get_by_role("link", name="Sources").click()
    until(lambda: page.wait_for_timeout(100) or True in closed)
