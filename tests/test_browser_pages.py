"""Every page in a real browser, light and dark, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser import (
    MAIN,
    PHONE,
    SCHEMES,
    App,
    Browse,
    Scheme,
    an_app,
    overflow,
    pages,
    shot,
    text_of,
)
from tests.worlds import TRUTH, a_weekend

pytestmark = pytest.mark.slow

PAGES = pages()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with an_app(folder, TRACKING_DB=str(a_weekend(folder / "weekend.db"))) as app:
        yield app


def test_a_servers_first_visitor_may_come_by_any_address(app: App, browse: Browse) -> None:
    page = browse(app).open(list(PAGES.values())[-1])
    links = page.locator("[data-testid=stTopNavLink]")
    links.first.wait_for()
    assert [_path(link.get_attribute("href")) for link in links.all()] == list(PAGES.values())


def test_the_numbers_of_the_overview_are_those_of_the_world(app: App, browse: Browse) -> None:
    shown = text_of(browse(app).open("/"), MAIN)
    assert f"Tracks{sum(sum(truth.tracks.values()) for truth in TRUTH.values())}M" in shown
    assert f"Peak occupancy{max(truth.most for truth in TRUTH.values())}T" in shown
    watched = sum(truth.watched for truth in TRUTH.values())
    assert f"Time watched{watched // 3600:.0f} h {watched % 3600 // 60:.0f} min" in shown


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_a_fault(app: App, browse: Browse, name: str, scheme: Scheme) -> None:
    page = browse(app, scheme).open(PAGES[name])
    shot(page, f"{name}-{scheme}")
    assert overflow(page) <= 0
    assert page.locator("[data-testid=stException]").count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(app: App, browse: Browse, name: str) -> None:
    page = browse(app, size=PHONE).open(PAGES[name])
    shot(page, f"{name}-phone")
    assert overflow(page) <= 0


def _path(address: str) -> str:
    return urlsplit(address).path


def test_the_first_pages_own_name_leads_to_it(app: App, browse: Browse) -> None:
    page = browse(app).open("/overview?range=all&source=plaza")
    assert page.get_by_role("heading", name="Overview").is_visible()
    assert "source=plaza" in page.url
