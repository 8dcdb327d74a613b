"""The page Quality: numbers that equal SQL, advice in words, and audits from plan to result."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.test_quality_numbers import BEGAN, across, broken
from tests.worlds import HOSTILE, PLAZA, Watch, a_hostile_one, a_weekend, an_empty_one, write
from tracking.database import open_database
from tracking.quality import audits


class Page:
    """The page as a person has it before them."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        self.app.run()
        self.app.switch_page("pages/quality.py")
        for name, value in query.items():
            self.app.query_params[name] = value
        self.app.run()
        self.well()

    def well(self) -> Page:
        assert not self.app.exception
        return self

    @property
    def text(self) -> str:
        app = self.app
        parts = [app.title, app.subheader, app.markdown, app.caption, app.warning, app.error,
                 app.info, app.text]  # fmt: skip
        return "\n".join(str(element.value) for part in parts for element in part)

    def metric(self, label: str) -> str:
        [found] = [metric.value for metric in self.app.metric if metric.label == label]
        return str(found)

    def click(self, key: str) -> Page:
        self.app.button(key=key).click().run()
        return self.well()

    def choose(self, key: str, value: object) -> Page:
        self.app.get_by_key(key).set_value(value).run()
        return self.well()

    def audit(self) -> Page:
        return self.choose("quality.view", "Audit")

    def count(self, number: int) -> Page:
        self.app.number_input(key="audit.truth").set_value(number)
        [button] = [button for button in self.app.button if button.label == "Count"]
        button.click().run()
        return self.well()


@pytest.fixture
def plaza(tmp_path: Path) -> Path:
    """Three who pass, and one whose track broke; four minutes and a second."""
    walks = (across(5), across(65), *broken(130), across(185, 460))
    return write(tmp_path / "people.db", (Watch(PLAZA, BEGAN, 301, walks),))


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_with_nothing_recorded_it_is_said_what_to_do(tmp_path: Path) -> None:
    assert "Nothing is recorded yet" in Page().text
    an_empty_one(tmp_path / "people.db")
    assert "Nothing is recorded yet" in Page().text


def test_numbers_are_those_of_the_record(plaza: Path) -> None:
    page = Page(range="all")
    [(tracks, sure)] = rows(plaza, "SELECT count(*), sum(positions * confidence) / sum(positions)"
                                   " FROM people_tracks")  # fmt: skip
    assert tracks == 5
    assert page.metric("Confidence") == f"{sure:.2f}"
    [(seconds,)] = rows(plaza, "SELECT sum(seconds_observed) FROM coverage")
    assert isinstance(seconds, float)
    assert page.metric("Broken tracks") == f"{60 / seconds:.2f}"
    assert page.metric("Ends that are breaks") == "20 %"
    assert page.metric("Pictures a second") == "1"
    assert "Looked at&#58; 1 a second" in page.text
    assert "**1** tracks begin and **1** end away" in page.text


def test_a_time_without_recordings_says_when_there_are_some(plaza: Path) -> None:
    text = Page(range="2026-03-05T00:00+01:00/2026-03-06T00:00+01:00").text
    assert "There are recordings from Mon 2 Mar 2026, 12:00" in text


def test_all_sources_stand_side_by_side(tmp_path: Path) -> None:
    a_weekend(tmp_path / "people.db")
    page = Page(range="all")
    [box] = [box for box in page.app.selectbox if "All sources" in box.options]
    box.set_value("All sources").run()
    page.well()
    shown = page.app.dataframe[0].value
    assert shown["Source"].tolist() == ["plaza", "station", "yard"]
    assert shown["Tracks"].tolist() == ["10", "8", "0"]


def test_settings_are_compared(tmp_path: Path) -> None:
    a_weekend(tmp_path / "people.db")
    page = Page(range="all", source="plaza")
    [table] = [each.value for each in page.app.dataframe if "Number" in each.value]
    assert [name for name in table.columns if "yolo11s" in name]
    page.choose("quality.with", "The time before")
    assert "The time before:" in page.text


def test_hostile_names_are_shown_as_they_are(tmp_path: Path) -> None:
    a_hostile_one(tmp_path / "people.db")
    page = Page(range="all", source=HOSTILE[4])
    page.audit()
    page.choose("audit.many", 2)
    page.click("audit.begin")
    assert "\\*\\*bold\\*\\*" in page.text
    assert HOSTILE[4] not in page.text.replace("\\", "/")


def begun(path: Path, windows: int = 5) -> Page:
    page = Page(range="all").audit()
    page.choose("audit.many", windows)
    [slider] = [each for each in page.app.select_slider if each.label == "Length of a window"]
    slider.set_value(60.0).run()
    return page.well().click("audit.begin")


def test_an_audit_is_counted_from_window_to_window(plaza: Path) -> None:
    page = begun(plaza)
    assert rows(plaza, "SELECT quantity, seconds, possible FROM audits") == [("visits", 60, 5)]
    assert "How many different objects are seen" in page.text
    assert "the system" not in page.text
    assert not page.app.metric
    page.count(3)
    [(truth, system)] = rows(plaza, "SELECT truth, system FROM audit_windows WHERE number = 1")
    assert truth == 3
    assert isinstance(system, float)
    assert f"you counted 3, the system {system:.0f}" in page.text
    page.click("audit.undo")
    assert rows(plaza, "SELECT count(truth) FROM audit_windows") == [(0,)]
    page.click("audit.skip.sure")
    assert rows(plaza, "SELECT skipped FROM audit_windows WHERE number = 1") == [("no picture",)]


def test_the_result_is_that_of_the_answers(plaza: Path) -> None:
    page = begun(plaza)
    with closing(open_database(plaza)) as connection:
        [audit] = audits.audits(connection)
        each = {window.number: audits.counted(connection, audit, window)
                for window in audits.windows(connection, audit.id)}  # fmt: skip
    for number in range(1, 6):
        page.count(int(each[number] or 0) + (number == 1))
    total = sum(int(count or 0) for count in each.values())
    assert page.metric("Windows counted") == "5"
    assert page.metric("Error a window") == "0.20"
    assert page.metric("Bias a window") == "−0.2"
    assert page.metric("Relative bias") == f"−{round(100 / (total + 1), 1):g} %"
    assert "Enough: the relative bias is known" in page.text  # all windows that there are


def test_a_number_must_be_typed_and_a_window_is_answered_once(plaza: Path) -> None:
    page = begun(plaza)
    [button] = [button for button in page.app.button if button.label == "Count"]
    button.click().run()
    assert "Type a number" in page.well().text
    with closing(open_database(plaza)) as connection:  # meanwhile, in another browser
        [audit] = audits.audits(connection)
        audits.answer(connection, audit, 1, 1)
    page.count(9)
    assert "went on elsewhere" in page.text
    assert rows(plaza, "SELECT truth FROM audit_windows WHERE truth IS NOT NULL") == [(1,)]


def test_an_audit_is_deleted_only_after_asking(plaza: Path) -> None:
    page = begun(plaza)
    page.click("audit.delete")
    assert rows(plaza, "SELECT count(*) FROM audits") == [(1,)]
    page.click("audit.sure")
    assert rows(plaza, "SELECT count(*) FROM audits") == [(0,)]


def test_windows_that_are_too_long_are_refused_in_words(plaza: Path) -> None:
    page = Page(range="all").audit()
    [slider] = [each for each in page.app.select_slider if each.label == "Length of a window"]
    slider.set_value(300.0).run()
    page.choose("audit.many", 5)
    page.click("audit.begin")
    assert rows(plaza, "SELECT possible FROM audits") == [(1,)]
    with closing(open_database(plaza)) as connection:
        audits.delete(connection, 1)
        with connection:
            connection.execute("UPDATE runs SET ended_at = started_at + 100000")
    page = Page(range="all").audit()
    [slider] = [each for each in page.app.select_slider if each.label == "Length of a window"]
    slider.set_value(300.0).run()
    page.click("audit.begin")
    assert "take shorter windows" in page.text
