"""A zone and a line are drawn with a mouse, with a finger and with keys, and count the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.browser import MAIN, PHONE, App, Browse, an_app, drawn, overflow, text_of
from tests.running import until
from tests.test_zones_demo import record
from tracking.database import open_database
from tracking.demo import LINE, ZONE, demo_truth
from tracking.zones import Line, Zone, current, delete, put, underived

pytestmark = pytest.mark.slow

TRUTH = demo_truth()
Point = tuple[float, float]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """On what a tracker would say of the demo clip that makes no mistake; nothing is drawn yet."""
    database = tmp_path / "people.db"
    with closing(open_database(database)) as connection:
        record(connection, TRUTH, TRUTH.feet)
        delete(connection, "zone", "demo", ZONE.name)
        delete(connection, "line", "demo", LINE.name)
    with an_app(tmp_path / "app", TRACKING_DB=str(database)) as app:
        yield app


class Picture:
    """The picture in the browser. Points are pixels of the source."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.svg = page.locator(".zoning svg")
        self.svg.wait_for()
        drawn(page)

    @property
    def scale(self) -> float:
        """Pixels of the source in one of the screen."""
        width: float = self.svg.bounding_box()["width"]
        return TRUTH.width / width

    def on_screen(self, point: Point) -> Point:
        box = self.svg.bounding_box()
        return box["x"] + point[0] / self.scale, box["y"] + point[1] / self.scale

    def begin(self, title: str) -> None:
        self.page.get_by_role("button", name=title, exact=True).click()

    def click(self, *points: Point, button: str = "left") -> None:
        for point in points:
            self.page.mouse.click(*self.on_screen(point), button=button)

    def tap(self, *points: Point) -> None:
        for point in points:
            self.page.touchscreen.tap(*self.on_screen(point))

    def drag(self, since: Point, until: Point) -> None:
        self.page.mouse.move(*self.on_screen(since))
        self.page.mouse.down()
        self.page.mouse.move(*self.on_screen(until), steps=4)
        self.page.mouse.up()

    def corners(self, count: int) -> None:
        """Wait until what is being changed has so many."""
        self.page.wait_for_function(
            "count => [...document.querySelectorAll('*')].some(each =>"
            " each.shadowRoot?.querySelectorAll('.zoning .handle').length === count)",
            arg=count,
        )

    def save(self, name: str, said: str) -> None:
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Name", exact=True).press("Enter")
        save = self.page.get_by_role("button", name="Save", exact=True)
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('button')].some(each =>"
            " each.innerText.trim().endsWith('Save') && !each.disabled)"
        )
        drawn(self.page)
        save.click()
        self.page.get_by_text(said).wait_for()


def there(app: App, kind: Any = "zone") -> list[Zone | Line]:
    with closing(sqlite3.connect(app.database)) as connection:
        return [each.shape for each in current(connection, kind, "demo")]


def derived(app: App) -> bool:
    with closing(sqlite3.connect(app.database)) as connection:
        return underived(connection) == 0


def shown(page: Any, *texts: str) -> None:
    """Wait until the page says all of it."""
    until(
        lambda: all(text in text_of(page, MAIN) for text in texts), 60, lambda: text_of(page, MAIN)
    )


def nearly(found: Sequence[Point], expected: Sequence[Point], within: float) -> None:
    assert len(found) == len(expected)
    for point, wanted in zip(found, expected, strict=True):
        assert point == pytest.approx(wanted, abs=within)


def test_what_is_drawn_with_a_mouse_counts_the_demos_truth(app: App, browse: Browse) -> None:
    page = browse(app).open("/zones")
    picture = Picture(page)
    picture.begin("Draw a zone")
    picture.click(*ZONE.outer, ZONE.outer[0])
    shown(page, "New zone", "3 stays of 3 tracks")
    picture.save("meeting point", "The zone meeting point was drawn")
    picture.begin("Draw a line")
    picture.click(LINE.points[0])
    until(lambda: derived(app), 60)
    page.get_by_text("looked at. The page").wait_for(state="detached")
    picture.click(LINE.points[1])  # what comes and goes above has not disturbed it
    page.keyboard.press("Enter")
    shown(page, "New line", "3 in · 2 out · net 1")
    picture.save("middle", "The line middle was drawn")
    until(lambda: derived(app), 60)
    shown(page, "Stays3", "Visits3", "in3", "out2", "Net1")
    [zone], [line] = there(app), there(app, "line")
    assert isinstance(zone, Zone)
    assert isinstance(line, Line)
    nearly(zone.outer, ZONE.outer, 1.5)  # a pixel of the screen
    nearly(line.points, LINE.points, 1.5)


def test_what_is_drawn_with_a_finger_is_stored_in_the_sources_pixels(
    app: App, browse: Browse
) -> None:
    page = browse(app, size=PHONE).open("/zones")
    picture = Picture(page)
    assert picture.scale > 2.4
    picture.begin("Draw a zone")
    wanted = ((100.0, 100.0), (800.0, 120.0), (780.0, 500.0), (120.0, 480.0))
    picture.tap(*wanted, wanted[0])
    shown(page, "New zone")
    picture.save("wide", "The zone wide was drawn")
    [zone] = there(app)
    assert isinstance(zone, Zone)
    nearly(zone.outer, wanted, picture.scale)
    assert overflow(page) <= 0


def test_corners_are_moved_put_in_and_taken_out(app: App, browse: Browse) -> None:
    with closing(open_database(app.database)) as connection:
        put(connection, "demo", [Zone("box", ((200, 200), (600, 200), (600, 400), (200, 400)))])
    page = browse(app).open("/zones")
    picture = Picture(page)
    picture.click((400, 350))
    picture.corners(4)
    picture.drag((200, 200), (100, 100))
    picture.click((400, 400))  # on an edge
    picture.corners(5)
    picture.click((600, 400), button="right")
    picture.corners(4)
    page.get_by_role("button", name="Undo", exact=True).click()
    picture.corners(5)
    picture.begin("Cut a hole")
    picture.click((300, 250), (400, 250), (400, 300))
    page.keyboard.press("Enter")
    picture.corners(8)
    shown(page, "Change box", "The new shape counts")
    drawn(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The zone box was changed").wait_for()
    [zone] = there(app)
    assert isinstance(zone, Zone)
    nearly(zone.outer, ((100, 100), (600, 200), (600, 400), (400, 400), (200, 400)), 1.5)
    nearly(zone.holes[0], ((300, 250), (400, 250), (400, 300)), 1.5)


def test_keys_alone_draw_a_line_and_turn_it_round(app: App, browse: Browse) -> None:
    page = browse(app).open("/zones")
    picture = Picture(page)
    page.get_by_role("button", name="Draw a line", exact=True).press("Enter")
    said = page.locator(".zoning .said")
    press = page.keyboard.press

    def points(count: int) -> Callable[[], bool]:
        return lambda: f"Line, {count} point" in (said.text_content() or "")

    for key in ("ArrowUp", "Space"):  # from the middle, 480, 270
        press(key)
    until(points(1), 30)
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowDown", "Space"):
        press(key)
    until(points(2), 30)
    press("ArrowRight")
    press("Space")
    press("Backspace")
    until(points(2), 30)
    press("Enter")
    picture.corners(2)
    shown(page, "New line")
    page.get_by_role("button", name="Swap directions").click()
    drawn(page)
    picture.save("short", "The line short was drawn")
    [line] = there(app, "line")
    assert isinstance(line, Line)
    assert line.points == ((480, 281), (480, 260))


def test_escape_gives_up_what_is_being_drawn(app: App, browse: Browse) -> None:
    page = browse(app).open("/zones")
    picture = Picture(page)
    picture.begin("Draw a zone")
    picture.click((100, 100), (300, 100), (300, 300))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Draw a zone", exact=True).wait_for()
    assert "New zone" not in text_of(page, MAIN)
    picture.begin("Draw a zone")
    picture.click((100, 100), (300, 100), (300, 300), (300, 300))  # the second click ends it
    picture.corners(3)
    shown(page, "New zone")
    page.get_by_role("button", name="Discard", exact=True).click()
    page.get_by_text("count who crosses them").wait_for()
    assert there(app) == []
