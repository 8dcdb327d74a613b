"""What the page Data says about the record: of which time, how it grows, and which runs it had."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.test_data_page import WINDOW, Page
from tests.worlds import a_weekend
from tracking.charts import words
from tracking.dashboard.data.runs import table
from tracking.database import open_database, open_readonly
from tracking.metrics.runs import folded, numbers, runs


def test_the_page_says_of_which_time_it_is_and_that_an_old_record_does_not_grow(
    tmp_path: Path,
) -> None:
    a_weekend(tmp_path / "people.db")
    page = Page(range=WINDOW, source="plaza")
    assert page.metric("Grows by") == "nothing"
    [about] = [text for text in page.text.splitlines() if " · watched" in text]
    assert about.startswith("Sat 28 Mar 2026, 00:00 to Mon 30 Mar 2026, 00:00, Europe/Berlin")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (words.number(-3.25), "−3.25"),
        (words.number(-1200), "−1,200"),
        (words.number(-0.001), "0"),
        (words.lasting(-90), "−1 min 30 s"),
    ],
)
def test_less_has_a_minus_sign_and_no_hyphen(told: str, shown: str) -> None:
    assert told == shown


def laps(path: Path, count: int, pause: int = 100) -> list[int]:
    """Let the newest run of the plaza be followed by laps of it; their ids."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET outcome = 'finished' WHERE source_id = 0")
        for _ in range(count):
            connection.execute(
                "INSERT INTO runs (source_id, started_at, ended_at, detector, weights, tracker,"
                " settings, code_version, frames, outcome, problems)"
                " SELECT source_id, ended_at + ?, ended_at + ? + 10000, detector, weights, tracker,"
                " settings, code_version, 10, 'finished', NULL FROM runs WHERE source_id = 0"
                " ORDER BY started_at DESC LIMIT 1",
                (pause, pause),
            )
        found = connection.execute(
            "SELECT id FROM runs WHERE source_id = 0 ORDER BY started_at DESC LIMIT ?", (count + 1,)
        )
        return [id for (id,) in found]


def test_laps_of_a_loop_are_one_line_that_can_be_opened(tmp_path: Path) -> None:
    path = a_weekend(tmp_path / "people.db")
    ids = laps(path, 11)
    page = Page(range=WINDOW, source="plaza")
    listed = page.app.dataframe(key="runs").value
    assert listed["Laps"].to_list() == ["12 laps", "", ""]
    with closing(open_readonly(path)) as reader:
        [whole, *rest] = folded(reader, ["plaza"])
        each = runs(reader, ["plaza"])
        assert sorted(whole.laps) == sorted(ids)
        assert whole.frames == sum(run.frames for run in each if run.id in ids)
        assert (whole.id, whole.ended_at) == (each[0].id, each[0].ended_at)
        came = numbers(reader, [whole, each[11]])
        assert came.loc["Tracks", str(whole.id)] == came.loc["Tracks", str(ids[-1])] > 0
        assert len(rest) == 2
    page.choose("data.every", True)
    assert len(page.app.dataframe(key="runs.every").value) == 14


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE runs SET settings = '{\"imgsz\": 320}' WHERE id = ?",
        "UPDATE runs SET started_at = started_at + 5001 WHERE id = ?",
    ],
)
def test_what_is_set_otherwise_or_begins_later_is_a_line_of_its_own(
    tmp_path: Path, change: str
) -> None:
    path = a_weekend(tmp_path / "people.db")
    newest, *_ = laps(path, 2)
    with closing(open_database(path)) as connection, connection:
        connection.execute(change, (newest,))
        assert [len(run.laps) for run in folded(connection, ["plaza"])] == [1, 2, 1, 1]


def test_what_was_lost_and_opened_again_is_not_folded(tmp_path: Path) -> None:
    path = a_weekend(tmp_path / "people.db")
    _, middle, _ = laps(path, 2)
    with closing(open_database(path)) as connection, connection:
        connection.execute("UPDATE runs SET outcome = 'failed: gone' WHERE id = ?", (middle,))
        assert [len(run.laps) for run in folded(connection, ["plaza"])] == [1, 2, 1, 1]


def test_the_runner_knows_whether_a_run_without_an_end_is_under_way(tmp_path: Path) -> None:
    path = a_weekend(tmp_path / "people.db")
    with closing(open_database(path)) as connection, connection:
        connection.execute("UPDATE runs SET outcome = NULL WHERE source_id = 0")
        found = runs(connection, ["plaza"])
    assert table(found)["Outcome"][0] == "under way, or broken off"
    known = table(found, ["plaza"], is_known=True)["Outcome"]
    assert known.to_list() == ["under way", "broken off", "broken off"]
    page = Page(range=WINDOW, source="plaza")  # no runner is at work
    assert set(page.app.dataframe(key="runs").value["Outcome"]) == {"broken off"}
