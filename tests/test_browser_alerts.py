"""A person makes a rule, sees what it would have found, and acknowledges an alert."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.browser import DESK, PHONE, SCHEMES, App, Browse, Scheme, an_app, drawn, overflow, shot
from tests.test_alerts_telling import begin_alert
from tests.worlds import a_weekend, ms
from tracking.alerts import Rule, add, open_alerts, rules
from tracking.database import open_database, open_readonly
from tracking.study import write_study

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    database = a_weekend(folder / "weekend.db")
    with an_app(folder, TRACKING_DB=str(database)) as app:
        yield app


def test_a_rule_is_made_and_tried_on_the_past(app: App, browse: Browse) -> None:
    page = browse(app).open("/alerts?range=all")
    page.get_by_text("Rules", exact=True).click()
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Name", exact=True).fill("crowd")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_text("Nothing was watched in the last 7 days").wait_for()
    page.get_by_role("button", name="Add rule").click()
    page.get_by_text("No alert yet").wait_for()
    with closing(open_readonly(app.database)) as connection:
        assert [each.rule.name for each in rules(connection)] == ["crowd"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_each_view_fits_its_window(
    app: App, browse: Browse, scheme: Scheme, size: tuple[int, int]
) -> None:
    page = browse(app, scheme, size).open("/alerts?range=all")
    for view, sign in (("Rules", "Add a rule"), ("Channels", "Add a channel")):
        page.get_by_text(view, exact=True).click()
        page.get_by_role("button", name=sign).click()
        page.get_by_role("button", name="Cancel").wait_for()
        drawn(page)
        shot(page, f"alerts-{view.lower()}-{scheme}-{size[0]}")
        assert overflow(page) <= 0
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name=sign).wait_for()


def test_a_study_shows_the_alerts_page_and_changes_nothing(
    browse: Browse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("study")
    weekend = a_weekend(folder / "weekend.db")
    with closing(open_database(weekend)) as connection:
        made = add(connection, Rule("full", "count", over=2.0))
        begin_alert(connection, made.id, ms("2026-03-28T18:00:30+01:00"))
        assert len(open_alerts(connection)) == 1
        write_study(connection, folder / "study.db", since=0, until=2 * 10**12)
    with an_app(folder / "app", TRACKING_DB=str(folder / "study.db")) as app:
        page = browse(app).open("/alerts?range=all")
        page.get_by_text("No alert goes on").wait_for()
        page.get_by_text("Rules", exact=True).click()
        page.get_by_text("it is only looked at").wait_for()
        assert page.get_by_role("button", name="Add a rule").count() == 0
