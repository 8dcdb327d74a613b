"""A newcomer's first minute, and what is left when everybody has gone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from tests.browser import App, Browse, an_app, pages, picture_of, shot, two_pictures
from tests.running import until
from tests.worlds import a_weekend
from tracking.runner import Holder, holder

pytestmark = pytest.mark.slow

MINUTE = 60.0
LIVE = pages()["live"]


@pytest.fixture(scope="module")
def newcomers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app where nothing was ever set up."""
    with an_app(tmp_path_factory.mktemp("newcomer")) as app:
        yield app


def runner_of(app: App) -> Holder:
    """The runner that the app has started, as soon as it is at work."""

    def found() -> bool:
        holding = holder(app.database)
        return holding is not None and holding.url is not None

    until(found, MINUTE, app.said)
    runner = holder(app.database)
    assert runner is not None
    return runner


def test_a_newcomer_sees_a_moving_picture_within_a_minute(newcomers: App, browse: Browse) -> None:
    begun = time.monotonic()
    page = browse(newcomers).open("/")
    shot(page, "first-sight")
    page.get_by_role("link", name="Live").click()
    two_pictures(page, MINUTE)
    assert time.monotonic() - begun < MINUTE
    shot(page, "first-picture")


def test_what_one_person_freezes_moves_on_for_another(newcomers: App, browse: Browse) -> None:
    frozen, moving = (browse(newcomers).open(LIVE) for _ in range(2))
    two_pictures(frozen)
    frozen.get_by_role("button", name="Freeze").click()
    frozen.wait_for_timeout(500)
    before = picture_of(frozen)
    two_pictures(moving)
    assert picture_of(frozen) == before


def test_who_closes_the_browser_leaves_the_runner_running(newcomers: App, browse: Browse) -> None:
    visit = browse(newcomers)
    visit.open("/")
    runner = runner_of(newcomers)
    visit.close()
    time.sleep(1)
    assert runner.pid in [process.pid for process in newcomers.family]
    with urlopen(f"{newcomers.url}/healthz", timeout=10) as answer:
        assert json.load(answer)["phase"] == "running"
    assert holder(newcomers.database) == runner


def test_sigterm_ends_the_app_and_the_runner_it_started(tmp_path: Path) -> None:
    with an_app(tmp_path, TRACKING_DB=str(a_weekend(tmp_path / "people.db"))) as app:
        runner = runner_of(app)
        app.stop()
    assert not psutil.pid_exists(runner.pid)
    assert holder(app.database) is None  # it left in order


def test_a_killed_app_leaves_no_runner_behind(tmp_path: Path) -> None:
    with an_app(tmp_path, TRACKING_DB=str(a_weekend(tmp_path / "people.db"))) as app:
        runner_of(app)
        family = app.family
        family[0].kill()
        _, left = psutil.wait_procs(family, 20)
        assert not left
