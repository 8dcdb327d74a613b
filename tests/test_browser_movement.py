"""A region is brushed with a mouse, somebody in it is picked, and all is downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.browser import App, Browse, an_app, drawn, text_of
from tests.worlds import a_weekend

pytestmark = pytest.mark.slow


def brush(page: Any, share: tuple[float, float, float, float]) -> None:
    """Drag over the picture from and to these shares of its width and height."""
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    left, top, right, low = (
        box[start] + part * box[size]
        for part, start, size in zip(share, "xyxy", ("width", "height") * 2, strict=True)
    )
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + low) / 2, steps=4)
    page.mouse.move(right, low, steps=4)
    page.mouse.up()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with an_app(folder, TRACKING_DB=str(a_weekend(folder / "weekend.db"))) as app:
        yield app


def test_who_was_in_a_brushed_region_is_listed_and_followed(app: App, browse: Browse) -> None:
    page = browse(app).open("/movement?range=all&on=plaza")
    page.locator(".js-plotly-plot .nsewdrag").first.wait_for()
    brush(page, (0.45, 0.45, 0.55, 0.55))  # the middle, where one stood for ten minutes
    page.get_by_text("Who was there").wait_for()
    page.get_by_text("1 visit (1 track) stood in the outlined region for 10 min").wait_for()
    grid = page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    grid.click(position={"x": 15, "y": 53})
    page.wait_for_function(
        "() => [...document.querySelectorAll('.js-plotly-plot')]"
        ".some(plot => plot.data.some(trace => trace.line && trace.line.width === 6))"
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture").click()
    image = cv2.imdecode(np.fromfile(download.value.path(), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None and image.shape[1] == 960
    with page.expect_download() as download:
        page.get_by_role("button", name="Numbers").click()
    table = Path(download.value.path()).read_text().splitlines()
    assert table[0] == "row,column,x,y,seconds,visits"
    assert len(table) == 1 + 36 * 48
    page.get_by_text("Clear the region").click()
    page.get_by_text("Draw a box or a lasso").wait_for()
    drawn(page)
    assert "Who was there" not in text_of(page)
