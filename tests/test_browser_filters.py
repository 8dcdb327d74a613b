"""The filter bar in a browser: a view has an address, and is nobody else's business."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import MAIN, App, Browse, an_app, drawn, text_of
from tests.worlds import a_weekend

pytestmark = pytest.mark.slow

SATURDAY = "/?range=2026-03-28T18:00/2026-03-28T19:00&zone=Europe/Berlin"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with an_app(folder, TRACKING_DB=str(a_weekend(folder / "weekend.db"))) as app:
        yield app


def choose(page: Any, bar: str, value: str) -> None:
    """Choose in one of the bar's fields, as with a keyboard."""
    field = page.get_by_test_id("stMultiSelect").filter(has_text=bar).locator("input")
    field.fill(value)
    field.press("Enter")
    field.press("Escape")
    page.wait_for_url(f"**{value}**")
    drawn(page)


def test_a_view_can_be_sent_to_a_colleague(app: App, browse: Browse) -> None:
    mine = browse(app).open(f"{SATURDAY}&source=plaza")
    choose(mine, "Labels", "person")
    theirs = browse(app).open(mine.url.removeprefix(app.url))
    assert theirs.url == mine.url
    seen = text_of(theirs, MAIN)
    assert seen == text_of(mine, MAIN)
    # three people for 60 + 60 + 600 seconds, in half an hour that was watched
    assert "Tracks3Mean occupancy0.40Peak occupancy2Time watched30 min" in seen


def test_a_choice_goes_along_to_other_pages_and_nowhere_else(app: App, browse: Browse) -> None:
    mine, theirs = browse(app).open(SATURDAY), browse(app).open(SATURDAY)
    before = text_of(theirs, MAIN)
    choose(mine, "Sources", "station")
    mine.get_by_role("link", name="Live").click()
    mine.get_by_role("heading", name="Live").wait_for()
    mine.get_by_role("link", name="Overview").click()
    mine.wait_for_url("**station**")
    drawn(mine)
    assert "Asia/Kolkata" in text_of(mine, MAIN)
    theirs.reload()
    drawn(theirs)
    assert text_of(theirs, MAIN) == before


def test_choosing_a_source_in_another_zone_does_not_move_the_window(
    app: App, browse: Browse
) -> None:
    page = browse(app).open(SATURDAY)  # with all sources, in UTC
    choose(page, "Sources", "plaza")
    choose(page, "Labels", "person")
    assert "18:00 to 19:00, Europe/Berlin" in text_of(page, MAIN)


def test_a_link_to_share_holds_a_pages_own_choices(app: App, browse: Browse) -> None:
    page = browse(app).open("/movement?range=all&on=plaza")
    page.get_by_test_id("stButtonGroup").get_by_text("Flow", exact=True).click()
    page.wait_for_url("**view=flow**")
    drawn(page)
    page.get_by_role("button", name="Share").click()
    shown = page.get_by_test_id("stCode")
    shown.wait_for()
    link = shown.inner_text().strip()
    assert link.startswith(f"{app.url}/movement?")
    assert {"range=all", "on=plaza", "view=flow"} <= set(link.split("?")[1].split("&"))


def test_an_address_with_nonsense_is_told_in_words(app: App, browse: Browse) -> None:
    page = browse(app).open(
        "/?range=yesterweek&hours=99&source=<img src=x onerror=window.__pwned=1>"
    )
    assert "yesterweek" in text_of(page)
    assert page.get_by_test_id("stException").count() == 0
