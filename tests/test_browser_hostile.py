"""Names and labels from elsewhere are shown as they are, and nothing in them comes to life."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import App, Browse, an_app, pages, shot, text_of
from tests.conftest import write_walk
from tests.worlds import HOSTILE, a_hostile_one
from tracking import config
from tracking.errors import SettingsError

pytestmark = pytest.mark.slow

PAGES = pages()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """All that is hostile is in the database, and watched just now if it may be."""
    folder = tmp_path_factory.mktemp("hostile")
    settings = folder / "sources.toml"
    clip = write_walk(folder / "walk.avi", frames=100)
    for number, name in enumerate(HOSTILE):
        watched = {"uri": str(clip), "realtime": True, "loop": True} if number < 2 else {}
        source = {"name": name, "uri": f"no <b>{number}</b>.avi", "detector": "motion", **watched}
        try:
            config.add(settings, config.SourceSettings.of(source))
        except SettingsError:
            assert "\n" in name  # the one that a configuration refuses
    with an_app(folder, TRACKING_DB=str(a_hostile_one(folder / "people.db"))) as app:
        yield app


@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_is_shown_as_it_is(app: App, browse: Browse, name: str) -> None:
    page = browse(app).open(PAGES[name])
    shot(page, f"hostile-{name}")
    assert page.get_by_test_id("stException").count() == 0
    shown = text_of(page)
    if name in ("overview", "sources"):
        missing = [text for text in HOSTILE if " ".join(text.split()) not in shown]
        assert not missing
