"""A floor is set by clicking on the picture, light and dark, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.browser import DESK, PHONE, SCHEMES, App, Browse, Scheme, an_app, drawn, overflow, shot
from tests.conftest import NOON
from tests.floors import a_floor
from tests.pinholes import Pinhole
from tracking.database import Still, keep_still, open_database, open_readonly
from tracking.ground import (
    Calibration,
    FloorPlan,
    Placing,
    current,
    derive,
    put_plan,
    set_ground,
)
from tracking.streaming import jpeg

pytestmark = pytest.mark.slow

CAMERA = Pinhole(y=-5.0, down=32.0)
SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 6.0), (0.0, 6.0)]


def a_yard(path: Path) -> Path:
    """Tiles of two metres, seen by a camera; one walks over them, and one stands there."""
    image = np.full((480, 640, 3), 150, np.uint8)
    for x in range(-6, 10, 2):
        for y in range(-4, 14, 2):
            if (x + y) % 4:
                tile = CAMERA.picture([(x, y), (x + 2, y), (x + 2, y + 2), (x, y + 2)])
                cv2.fillPoly(image, [tile.round().astype(np.int32)], (175, 170, 165))
    with a_floor(path) as floor:
        ahead = np.linspace(0.5, 5.5, 51)
        walk = CAMERA.picture(np.column_stack([np.full(51, 2.0), ahead])).tolist()
        floor.walk([(x, y) for x, y in walk])
        stand = CAMERA.picture(np.tile([(1.0, 3.0)], (300, 1))).tolist()
        floor.walk([(x, y) for x, y in stand], since=6000)
    with closing(open_database(path)) as connection, connection:
        keep_still(connection, 0, Still(NOON, 640, 480, jpeg(image)))
    return path


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    path = a_yard(tmp_path / "people.db")
    with an_app(tmp_path / "place", TRACKING_DB=str(path)) as app:
        yield app


def test_points_that_are_clicked_become_a_floor(app: App, browse: Browse) -> None:
    page = browse(app).open("/floor?range=all")
    page.get_by_text("Set up", exact=True).click()
    picture = page.get_by_role("group", name="Picture of cam: 0 points")
    picture.wait_for()
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(CAMERA.picture(SQUARE).tolist(), 1):
        page.mouse.click(box["x"] + x / 640 * box["width"], box["y"] + y / 480 * box["height"])
        page.get_by_label(f"{number}: x").wait_for()
    drawn(page)
    page.get_by_text("4 of them still lack their metres").wait_for()
    for number, (x, y) in enumerate(SQUARE, 1):
        for name, side in (("x", x), ("y", y)):
            field = page.get_by_label(f"{number}: {name}", exact=True)
            field.fill(f"{side:g}")
            field.press("Enter")
        if number < 4:
            page.get_by_text(f"{4 - number} of them still lack their metres").wait_for()
    page.locator("line.metre").first.wait_for()
    shot(page, "floor-set-up")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The floor of cam was set").wait_for()
    with closing(open_readonly(app.database)) as connection:
        (found,) = current(connection)
    across, ahead = found.calibration.fitted().plane.floor(*CAMERA.picture([(2.0, 3.0)]).T)
    assert (across[0], ahead[0]) == pytest.approx((2.0, 3.0), abs=0.1)


def test_a_point_is_moved_and_removed_by_keyboard(app: App, browse: Browse) -> None:
    page = browse(app).open("/floor?range=all")
    page.get_by_text("Set up", exact=True).click()
    picture = page.get_by_role("group", name="Picture of cam: 0 points")
    picture.wait_for()
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    for number, share in enumerate((0.25, 0.5), 1):
        page.mouse.click(box["x"] + share * box["width"], box["y"] + 0.5 * box["height"])
        page.get_by_label(f"{number}: x").wait_for()
    drawn(page)
    point = page.get_by_role("button", name="Point 2, at 320, 240")
    point.focus()
    point.press("ArrowLeft")
    moved = page.get_by_role("button", name="Point 2, at 310, 240")
    moved.press("Delete")
    page.get_by_role("group", name="Picture of cam: 1 point").wait_for()
    page.get_by_label("2: x").wait_for(state="detached")
    assert page.get_by_label("1: x").count() == 1


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_page_fits_a_desk_and_a_phone(
    app: App, browse: Browse, scheme: Scheme, size: tuple[int, int]
) -> None:
    pixels = tuple((float(x), float(y)) for x, y in CAMERA.picture([*SQUARE, (2.0, 3.0)]))
    floor = (*SQUARE, (2.0, 3.2))
    with closing(open_database(app.database)) as connection:
        put_plan(connection, FloorPlan("yard", 14, 14))
        set_ground(connection, "cam", Calibration(pixels, floor, placing=Placing("yard", 5, 4)))
    derive(app.database)
    page = browse(app, scheme, size).open("/floor?range=all")
    page.get_by_text("Presence on the floor").wait_for()
    page.locator(".js-plotly-plot .heatmaplayer image").first.wait_for()
    drawn(page)
    shot(page, f"floor-seen-{scheme}-{size[0]}")
    assert overflow(page) <= 0
    page.get_by_text("Set up", exact=True).click()
    page.locator("line.metre").first.wait_for()
    drawn(page)
    shot(page, f"floor-set-{scheme}-{size[0]}")
    assert overflow(page) <= 0
