"""A person asks, asks on, changes the question, looks at the evidence, and lets a model answer."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.browser import (
    DESK,
    PHONE,
    SCHEMES,
    App,
    Browse,
    Scheme,
    an_app,
    drawn,
    overflow,
    shot,
    text_of,
)
from tests.fake_openai import Talk, calls, fake_openai, hangs
from tests.worlds import a_weekend, ms

pytestmark = pytest.mark.slow

QUESTION = "How many people were seen at plaza on 29 March 2026?"
PLAN = {"metric": "visits", "labels": ["person"], "sources": ["plaza"],
        "since": "2026-03-29", "until": "2026-03-30"}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with an_app(folder, TRACKING_DB=str(a_weekend(folder / "weekend.db"))) as app:
        yield app


def ask(page: Any, question: str) -> None:
    """Type a question and wait for its answer."""
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill(question)
    field.press("Enter")
    page.get_by_text(question).last.wait_for()
    page.get_by_text("Answered by").last.wait_for()
    drawn(page)


def answers(page: Any) -> list[str]:
    """The large lines of all answers."""
    return [each.inner_text() for each in page.locator("h3").all()]


def open_panel(page: Any, name: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(name).last.click()
    drawn(page)


def visits_of(app: App, source: str, label: str = "person") -> int:
    begin, end = ms("2026-03-29T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00")
    with closing(sqlite3.connect(app.database)) as connection:
        ((count,),) = connection.execute(
            "SELECT count(DISTINCT coalesce(-visit_id, t.id)) FROM people_tracks AS t"
            " JOIN sources ON sources.id = source_id WHERE sources.name = ? AND label = ?"
            " AND first_seen < ? AND last_seen >= ?",
            (source, label, end, begin),
        )
    return int(count)


def test_a_question_its_follow_up_and_its_evidence(app: App, browse: Browse) -> None:
    page = browse(app).open("/ask")
    ask(page, QUESTION)
    count = visits_of(app, "plaza")
    assert answers(page)[-1].startswith(f"{count} visits")
    ask(page, "and cars?")
    assert "of cars at plaza" in answers(page)[-1]
    assert len(answers(page)) == 2
    page.get_by_role("button", name="Open", exact=True).click()
    open_panel(page, "tracks behind it")
    page.get_by_text("Choose a row to see its way").wait_for()
    page.wait_for_selector(".js-plotly-plot .main-svg")
    way = page.get_by_text(re.compile(r"^person \d+ at plaza"))
    first = way.inner_text()
    grid = page.locator("[data-testid=stDataFrame] .dvn-scroller").last
    grid.click(position={"x": 15, "y": 36 * 2 + 18})
    way.filter(has_not_text=first).wait_for()
    drawn(page)
    page.get_by_role("link", name="Open in Activity").click()
    page.wait_for_url("**/activity?**")
    page.get_by_text("Median stay").first.wait_for()
    drawn(page)
    assert f"Visits{count}of " in text_of(page)
    assert "only person" in text_of(page)


def test_the_plan_is_changed_and_answered_in_place(app: App, browse: Browse) -> None:
    page = browse(app).open("/ask")
    ask(page, QUESTION)
    page.get_by_role("button", name="Change").click()
    page.get_by_text("Asks for:").wait_for()
    drawn(page)
    field = page.get_by_test_id("stMultiSelect").filter(has_text="Grouped by").locator("input")
    field.click()
    field.press_sequentially("hour of")
    page.get_by_text("hour of the day").last.wait_for()
    field.press("Enter")
    field.press("Escape")
    page.get_by_text("by hour of the day").last.wait_for()
    page.get_by_role("button", name="Answer this").click()
    page.wait_for_selector(".js-plotly-plot .main-svg")
    drawn(page)
    assert len(answers(page)) == 2
    assert "by hour of the day" in text_of(page)


def test_a_thumb_is_kept(app: App, browse: Browse) -> None:
    page = browse(app).open("/ask")
    ask(page, "How many people were seen at station on 29 March 2026?")
    page.get_by_test_id("stFeedback").locator("button").first.click()
    drawn(page)
    page.get_by_test_id("stButtonGroup").get_by_text("History").click()
    page.get_by_text("the latest first").wait_for()
    with closing(sqlite3.connect(app.database)) as connection:
        ((rating, question),) = connection.execute(
            "SELECT rating, question FROM questions ORDER BY id DESC LIMIT 1"
        )
    assert (rating, question) == (1, "How many people were seen at station on 29 March 2026?")


def test_a_link_to_an_answer_shows_it_to_somebody_else(app: App, browse: Browse) -> None:
    mine = browse(app).open("/ask")
    ask(mine, QUESTION)
    open_panel(mine, "Link")
    link = mine.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(f"{app.url}/ask?q=")
    theirs = browse(app).open(link.removeprefix(app.url))
    theirs.get_by_text("Answered by").wait_for()
    assert answers(theirs) == answers(mine)


def test_a_model_answers_while_one_watches(app: App, browse: Browse) -> None:
    """Each tool is seen at work, words come one by one, and then the checked answer stands."""
    count = visits_of(app, "plaza")

    def slowly(talk: Talk) -> None:
        talk.begin()
        for word in f"There were {count} visits of people at plaza .".split():
            talk.chunk({"content": f"{word} "})
            talk.wait(0.3)
        talk.end()

    with fake_openai(calls("run_plan", PLAN), slowly) as server:
        page = browse(app).open("/ask")
        set_model(page, server.url)
        field = page.get_by_test_id("stChatInputTextArea")
        field.fill(QUESTION)
        field.press("Enter")
        page.get_by_role("button", name="Stop").wait_for()
        page.get_by_text("run_plan").first.wait_for()
        page.get_by_text("▌").first.wait_for()
        page.get_by_text("Answered by tiny").wait_for()
        drawn(page)
        shown = text_of(page)
        assert f"There were {count} visits of people at plaza" in shown
        assert "▌" not in shown
        open_panel(page, "1 steps")
        page.get_by_text("run_plan").last.wait_for()
        assert server.requests


def test_a_model_is_stopped_and_the_parser_asked_instead(app: App, browse: Browse) -> None:
    with fake_openai(hangs(60, "Well")) as server:
        page = browse(app).open("/ask")
        set_model(page, server.url)
        field = page.get_by_test_id("stChatInputTextArea")
        field.fill(QUESTION)
        field.press("Enter")
        page.get_by_text("Well").wait_for()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped before there was an answer").wait_for()
        page.get_by_role("button", name="Ask the built-in parser").click()
        page.get_by_text("Answered by the built-in parser").wait_for()
        assert answers(page)[-1].startswith(f"{visits_of(app, 'plaza')} visits")


def set_model(page: Any, address: str) -> None:
    """Have every question answered by the model at an address."""
    page.get_by_role("button", name="No model").click()
    page.get_by_text("Every question").click()
    page.get_by_label("Address").fill(address)
    page.get_by_label("Address").press("Enter")
    page.get_by_label("Model", exact=True).fill("tiny")
    page.get_by_label("Model", exact=True).press("Enter")
    page.get_by_role("button", name="tiny", exact=False).first.wait_for()
    page.keyboard.press("Escape")
    drawn(page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_answers_look_well(app: App, browse: Browse, scheme: Scheme, size: tuple[int, int]) -> None:
    page = browse(app, scheme, size).open("/ask")
    for question in (
        "how many women came in?",
        "How many people were seen on 2 January 2026?",
        "How many cars were seen at yard on 29 March 2026?",
        "How many people were seen on 29 March 2026 by hour?",
    ):
        ask(page, question)
    open_panel(page, "tracks behind it")
    page.get_by_text("Choose a row to see its way").wait_for()
    drawn(page)
    assert overflow(page) <= 0
    assert page.get_by_test_id("stException").count() == 0
    shot(page, f"ask-answers-{'phone' if size == PHONE else 'desk'}-{scheme}")
