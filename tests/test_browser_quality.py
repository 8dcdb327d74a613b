"""An audit is counted by keyboard, from a recording that really plays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.browser import DESK, PHONE, SCHEMES, App, Browse, Scheme, an_app, drawn, overflow
from tests.conftest import NOON, write_walk
from tests.worlds import a_weekend
from tracking.database import open_database, open_readonly
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame, Track
from tracking.logger import DatabaseLogger

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The weekend, and a recording of a block that walks to and fro for twenty seconds."""
    folder = tmp_path_factory.mktemp("app")
    path = a_weekend(folder / "people.db")
    clip = write_walk(folder / "walk.avi", frames=200)
    with closing(open_database(path)) as connection:
        logger = DatabaseLogger(connection)
        source = Source("walk", "file", str(clip), "UTC", 160, 120, 10)
        run = Run(source, NOON, "truth", None, "none", "0")
        logger(SourceStarted(run))
        for n in range(200):
            tracks = (Track(1, "person", 0.9, 20 + abs((3 * n) % 200 - 100), 65, 20, 50),)
            picture = np.zeros((120, 160, 3), np.uint8)
            logger(TracksSeen(run, Frame(n, NOON + 100 * n, picture, tracks)))
        logger(SourceEnded(run, NOON + 19_900, 200, "finished"))
    with an_app(folder / "place", TRACKING_DB=str(path)) as app:
        yield app


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_page_fits_a_desk_and_a_phone(
    app: App, browse: Browse, scheme: Scheme, size: tuple[int, int]
) -> None:
    page = browse(app, scheme, size).open("/quality?range=all&source=plaza")
    page.get_by_text("Where tracking fails").wait_for()
    page.locator("[data-testid=stExpander]").last.wait_for()
    drawn(page)
    assert overflow(page) <= 0


def test_an_audit_is_counted_by_keyboard_from_the_recording(app: App, browse: Browse) -> None:
    page = browse(app).open("/quality?range=all&source=walk")
    page.get_by_text("Where tracking fails").wait_for()
    page.get_by_text("Audit", exact=True).click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Window 1 of 2", exact=True).wait_for()
    page.wait_for_function(
        "() => { const video = document.querySelector('video');"
        " return video && video.readyState >= 2 && Math.abs(video.duration - 10) < 1; }"
    )
    page.get_by_placeholder("A number, then Enter").click()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.get_by_text("you counted 1, the system 1").wait_for()
    page.get_by_text("Window 2 of 2", exact=True).wait_for()
    page.get_by_placeholder("A number, then Enter").click()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.get_by_text("you 4, the system 2").wait_for()
    with closing(open_readonly(app.database)) as connection:
        query = "SELECT truth, system, seen FROM audit_windows ORDER BY number"
        assert connection.execute(query).fetchall() == [(1, 1, "clip"), (3, 1, "clip")]
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("answers go for good").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("Windows are drawn at random").wait_for()


def test_the_paths_of_the_weekend_are_watched_where_there_is_no_recording(
    app: App, browse: Browse, tmp_path: Path
) -> None:
    page = browse(app).open("/quality?range=all&source=plaza")
    page.get_by_text("Where tracking fails").wait_for()
    page.get_by_text("Audit", exact=True).click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("No recording of this time exists").wait_for()
    page.wait_for_function(
        "() => { const video = document.querySelector('video'); return video && !video.error"
        " && video.readyState >= 2; }"
    )
