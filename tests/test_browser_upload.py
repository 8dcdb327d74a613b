"""From a recording on somebody's own disk to its charts, and from a camera to numbers of now."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.browser import PATIENCE, App, Browse, Visit, an_app, drawn, shot
from tests.running import until
from tests.worlds import a_weekend
from tracking import config
from tracking.config import SourceSettings

pytestmark = pytest.mark.slow

FINISHED = 180.0  # seconds in which a busy machine has looked at a short clip
VISITS = (
    "SELECT count(DISTINCT coalesce(-visit_id, people_tracks.id)) FROM people_tracks"
    " JOIN sources ON sources.id = source_id WHERE name = ?"
)


def write_beginning(of: Path, to: Path, frames: int = 60) -> Path:
    """The first frames of a video, at half its size."""
    reader = cv2.VideoCapture(str(of))
    codec = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(to), codec, reader.get(cv2.CAP_PROP_FPS), (384, 288))
    for _ in range(frames):
        read, image = reader.read()
        assert read
        writer.write(cv2.resize(image, (384, 288), interpolation=cv2.INTER_AREA))
    writer.release()
    reader.release()
    return to


def write_visits(to: Path) -> Path:
    """A block that walks through the picture and out of it, then nobody, at 10 frames a second."""
    writer = cv2.VideoWriter(str(to), cv2.VideoWriter.fourcc(*"MJPG"), 10, (160, 120))
    for number in range(70):
        image = np.full((120, 160, 3), 40, np.uint8)
        left = 5 * number - 40
        if 0 <= left < 160:
            image[40:90, left : left + 20] = 220
        writer.write(image)
    writer.release()
    return to


def send(visit: Visit, *files: Path) -> None:
    """Choose files in the form for a new source, and wait until they have arrived."""
    page = visit.page
    page.get_by_text("Upload", exact=True).click()
    field = page.get_by_test_id("stFileUploaderDropzoneInput")
    field.wait_for(state="attached")
    with visit.rerun():
        field.set_input_files(list(files))


def add(page: Any) -> None:
    page.get_by_test_id("stMainBlockContainer").get_by_role(
        "button", name="Add source"
    ).last.click()


def number(page: Any, label: str) -> int | None:
    """What a number's card shows now; None for a dash, and while it is not there."""
    cards = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    if not cards.count():
        return None
    shown = cards.first.get_by_test_id("stMetricValue").inner_text()
    return int(shown) if re.fullmatch(r"\d+", shown) else None


def counted(app: App, source: str) -> int:
    with closing(sqlite3.connect(f"{app.database.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute(VISITS, [source]).fetchone()[0])


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A folder with a database in which something is recorded already: there is no demo then."""
    folder = tmp_path / "record"
    folder.mkdir()
    a_weekend(folder / "people.db")
    return folder


@pytest.fixture
def app(record: Path, tmp_path: Path) -> Iterator[App]:
    with an_app(tmp_path / "app", TRACKING_DB=str(record / "people.db")) as app:
        yield app


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[App]:
    """Somebody comes to this door, and leaves, every seven seconds."""
    write_visits(tmp_path / "walk.avi")
    door = {"name": "door", "uri": "walk.avi", "detector": "motion", "timezone": "UTC"}
    door |= {"realtime": True, "loop": True}
    config.add(tmp_path / "sources.toml", SourceSettings.of(door))
    with an_app(tmp_path / "app", TRACKING_DB=str(tmp_path / "people.db")) as app:
        yield app


def test_a_clip_is_sent_and_followed_to_its_charts(
    vtest: Path, weights: Path, app: App, browse: Browse, tmp_path: Path
) -> None:
    clip = write_beginning(vtest, tmp_path / "car park.mp4")
    visit = browse(app)
    page = visit.open("/sources")
    send(visit, clip)
    add(page)
    page.get_by_text(re.compile(r"Starting|Watching|% of the recording")).first.wait_for()
    kept = app.database.parent / "recordings" / clip.name
    assert kept.read_bytes() == clip.read_bytes()
    found = page.get_by_role("link", name="What was found")
    found.wait_for(timeout=FINISHED * 1000)
    page.locator(".stMarkdownBadge").filter(has_text="Finished").wait_for()
    shot(page, "upload-finished")

    found.click()
    page.get_by_role("heading", name="Activity").wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    drawn(page)
    assert counted(app, "car park") > 0
    assert number(page, "Visits") == counted(app, "car park")
    shot(page, "upload-activity")

    page.get_by_role("link", name="Movement").click()
    page.get_by_role("heading", name="Movement").wait_for()
    page.wait_for_function(
        """() => [...document.querySelectorAll('.js-plotly-plot')].some(plot =>
            plot.data.some(trace => trace.type === 'heatmap') && plot.layout.images?.length)"""
    )
    assert "source=car+park" in page.url
    shot(page, "upload-movement")


def test_what_is_no_video_is_told_in_a_sentence_and_leaves_nothing(
    record: Path, app: App, browse: Browse, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear Sir")
    visit = browse(app)
    page = visit.open("/sources")
    send(visit, letter)
    add(page)
    page.get_by_text("letter.mp4 is no video that can be read.", exact=True).wait_for()
    shot(page, "upload-refused")
    assert not list(record.glob("recordings/*"))
    assert not config.load(record / "sources.toml").sources


def test_what_happens_now_is_seen_on_the_overview_now(watching: App, browse: Browse) -> None:
    page = browse(watching).open("/")
    seen: set[int | None] = set()

    def came_and_went() -> bool:
        page.wait_for_timeout(200)
        seen.add(number(page, "Now"))
        return {0, 1} <= seen

    until(came_and_went, 2 * PATIENCE, lambda: (seen, watching.said()))
    before = counted(watching, "door")

    def more_came() -> bool:
        page.wait_for_timeout(200)
        return (number(page, "Visits today") or 0) > before

    until(more_came, 2 * PATIENCE, lambda: (before, watching.said()))
    assert (number(page, "Visits today") or 0) <= counted(watching, "door")
    shot(page, "overview-now")
