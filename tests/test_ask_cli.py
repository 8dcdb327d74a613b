"""Questions on the command line: card, JSON, exit codes, a conversation, and the history."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.conftest import run_tracking
from tests.shops import BERLIN, a_shop, at
from tests.worlds import HOSTILE, a_hostile_one, an_empty_one
from tracking.ask import asking
from tracking.ask.answer import Answer
from tracking.ask.asking import ask
from tracking.ask.plan import plan_of
from tracking.errors import TrackingError

Here = Callable[..., CompletedProcess[str]]
NOON = "2026-11-20T12:00"
NOW = at("12:00")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return a_shop(tmp_path / "people.db")


@pytest.fixture
def asked(tracking_here: Here, db: Path) -> Here:
    """`tracking ask` at noon, without keeping the question."""

    def run(*arguments: object) -> CompletedProcess[str]:
        return tracking_here("ask", "--db", db, "--now", NOON, "--no-history", *arguments)

    return run


def as_json(shown: CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


@pytest.mark.parametrize("command", ["ask", "questions"])
def test_each_command_has_help(tracking_here: Here, command: str) -> None:
    shown = tracking_here(command, "--help")
    assert shown.returncode == 0
    assert "question" in shown.stdout.lower()


def test_a_card_says_the_number_how_it_was_read_and_who_answered(asked: Here) -> None:
    shown = asked("how many people at the entrance between 9 and 10?")
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("3 visits (4 tracks) of people at Entrance")
    assert any(line.startswith("Read as: Visits of people at Entrance") for line in lines)
    assert lines[-1].startswith("built-in parser, ")


def test_words_need_no_quotes(asked: Here) -> None:
    assert asked("how", "many", "people", "today").stdout.startswith("6 visits (7 tracks)")


def test_the_json_has_all_that_is_needed_to_check_the_answer(asked: Here) -> None:
    found = as_json(asked("how many people at the entrance between 9 and 10?", "--json"))
    assert found["question"] == "how many people at the entrance between 9 and 10?"
    assert (found["value"], found["status"], found["metric"]) == (3, "ok", "visits")
    assert (found["columns"], found["rows"]) == (["visits", "tracks"], [[3, 4]])
    assert found["window"]["since"] == "2026-11-20T09:00:00.000+01:00"
    assert (found["timezone"], found["answered_by"]) == (BERLIN, "built-in parser")
    assert found["coverage"]["share"] == 1
    assert "SELECT" in found["sql"]
    assert found["answer"].startswith("3 visits")
    assert plan_of(found["plan"]).sources == ("Entrance",)
    assert found["evidence"]["total"] == 4


def test_the_sql_that_is_shown_gives_the_number(asked: Here, db: Path, rows: Any) -> None:
    shown = asked("how many people today?", "--sql")
    sql = shown.stdout[shown.stdout.index("WITH ") :]
    assert rows(db, sql) == [(6,)]


def test_groups_are_a_table(asked: Here) -> None:
    shown = asked("people by camera today")
    assert "Warehouse" in shown.stdout and "Watched" in shown.stdout
    assert "┃" in shown.stdout or "│" in shown.stdout


def test_what_cannot_be_read_is_named_and_has_its_own_exit_code(asked: Here) -> None:
    shown = asked("how many women came in today?")
    assert shown.returncode == 3
    assert "women" in shown.stdout
    found = as_json(asked("how many women came in today?", "--json"))
    assert (found["status"], found["value"]) == ("not_understood", None)
    assert "women" in found["unread"]


def test_nothing_recorded_is_an_answer(tracking_here: Here, tmp_path: Path) -> None:
    empty = an_empty_one(tmp_path / "empty.db")
    shown = tracking_here("ask", "--db", empty, "--json", "how many objects today?")
    assert (shown.returncode, as_json(shown)["status"]) == (0, "no_data")


def test_a_missing_database_is_told_in_one_line(tracking_here: Here, tmp_path: Path) -> None:
    shown = tracking_here("ask", "--db", tmp_path / "nowhere.db", "how many people?")
    assert shown.returncode == 1
    assert shown.stderr.count("\n") == 1
    assert "nowhere.db" in shown.stderr
    assert not (tmp_path / "nowhere.db").exists()


def test_an_odd_moment_is_told(tracking_here: Here, db: Path) -> None:
    shown = tracking_here("ask", "--db", db, "--now", "lunch", "how many people?")
    assert shown.returncode == 1
    assert "'lunch' is not a time" in shown.stderr


def test_a_conversation_goes_on_from_the_question_before(
    asked: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = "how many people at the entrance today?\n\nand yesterday?\nhow many women?\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(talk))
    shown = asked("--json")
    first, second, third = map(json.loads, shown.stdout.splitlines())
    assert (first["value"], second["value"]) == (4, 2)
    assert plan_of(second["plan"]).sources == ("Entrance",)
    assert third["status"] == "not_understood"
    assert shown.returncode == 3


@pytest.mark.parametrize("name", [HOSTILE[0], HOSTILE[4], HOSTILE[8]])
def test_names_are_shown_as_they_are(tracking_here: Here, tmp_path: Path, name: str) -> None:
    path = a_hostile_one(tmp_path / "hostile.db")
    shown = tracking_here("ask", "--db", path, "--no-history", "list the cameras")
    assert shown.returncode == 0
    assert name in shown.stdout.replace("\n", "")


def test_the_command_runs_in_a_process_of_its_own(db: Path) -> None:
    shown = run_tracking("ask", "--db", db, "--now", NOON, "how many people today?")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("6 visits")


# the history


def test_questions_are_kept_listed_rated_exported_and_deleted(
    tracking_here: Here, db: Path, tmp_path: Path
) -> None:
    for question in ("how many people today?", "how many women today?"):
        tracking_here("ask", "--db", db, "--now", NOON, question)
    listed = tracking_here("questions", "list", "--db", db)
    assert "how many women today?" in listed.stdout
    assert "2 kept; new ones are kept, too" in listed.stdout
    found = json.loads(tracking_here("questions", "list", "--db", db, "--json").stdout)
    assert [each["status"] for each in found] == ["not_understood", "ok"]
    assert tracking_here("questions", "rate", "--db", db, found[1]["id"], "up").returncode == 0
    output = tmp_path / "questions.csv"
    assert "Wrote 2" in tracking_here("questions", "export", "--db", db, "--output", output).stdout
    assert ",up," in output.read_text()
    assert "Deleted 1" in tracking_here("questions", "delete", "--db", db, found[0]["id"]).stdout
    refused = tracking_here("questions", "delete", "--db", db, "--all")
    assert (refused.returncode, "--yes" in refused.stderr) == (1, True)
    assert "Deleted 1" in tracking_here("questions", "delete", "--db", db, "--all", "--yes").stdout
    assert tracking_here("questions", "delete", "--db", db).returncode == 2


def test_no_question_is_kept_where_that_is_switched_off(tracking_here: Here, db: Path) -> None:
    assert "not kept" in tracking_here("questions", "keep", "--db", db, "off").stdout
    tracking_here("ask", "--db", db, "how many people today?")
    assert "0 kept; new ones are not kept" in tracking_here("questions", "list", "--db", db).stdout
    assert "are kept" in tracking_here("questions", "keep", "--db", db, "on").stdout
    tracking_here("ask", "--db", db, "--no-history", "how many people today?")
    assert "0 kept" in tracking_here("questions", "list", "--db", db).stdout


def test_a_database_that_cannot_be_written_is_asked_all_the_same(db: Path) -> None:
    with closing(sqlite3.connect(db)) as other:
        other.execute("BEGIN IMMEDIATE")
        found = ask(db, "how many people today?", now=NOW)
    assert found.value == 6
    assert "not kept in the history" in found.notes[-1]


# who answers


@pytest.fixture
def a_model(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer | Exception], list[str]]:
    """A model that gives this answer, or fails so; the list says what it was asked."""

    def make(outcome: Answer | Exception) -> list[str]:
        heard: list[str] = []

        def by_model(asked: Any) -> Answer:
            heard.append(asked.question)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(asking, "_ask_model", by_model)
        return heard

    return make


def test_what_the_parser_reads_no_model_is_asked(db: Path, a_model: Any) -> None:
    heard = a_model(Answer("?", "ok", "nine", 9, answered_by="a model"))
    found = ask(db, "how many people today?", now=NOW, model=object())  # type: ignore[arg-type]
    assert (found.value, found.answered_by, heard) == (6, "built-in parser", [])
    assert found.seconds > 0


def test_what_it_cannot_read_goes_to_the_model(db: Path, a_model: Any) -> None:
    heard = a_model(Answer("?", "ok", "nine", 9, answered_by="a model"))
    found = ask(db, "how many women today?", now=NOW, model=object())  # type: ignore[arg-type]
    assert (found.value, found.answered_by) == (9, "a model")
    assert heard == ["how many women today?"]


def test_a_model_that_is_preferred_is_asked_first(db: Path, a_model: Any) -> None:
    a_model(Answer("?", "ok", "nine", 9, answered_by="a model"))
    found = ask(db, "how many people today?", now=NOW, model=object(), prefer_model=True)  # type: ignore[arg-type]
    assert found.value == 9


@pytest.mark.parametrize(
    "failure",
    [
        TrackingError("it is out of quota"),
        OSError("it is out of quota"),
        Answer("?", "failed", "it is out of quota"),
    ],
)
def test_where_the_model_fails_the_parser_answers_and_says_why(
    db: Path, a_model: Any, failure: Any
) -> None:
    a_model(failure)
    found = ask(db, "how many people today?", now=NOW, model=object(), prefer_model=True)  # type: ignore[arg-type]
    assert (found.value, found.answered_by) == (6, "built-in parser")
    assert found.notes[-1] == "The model did not answer: it is out of quota"
    unread = ask(db, "how many women today?", now=NOW, model=object())  # type: ignore[arg-type]
    assert unread.status == "not_understood"
    assert "out of quota" in unread.notes[-1]


def test_no_text_is_too_odd_to_be_asked(db: Path) -> None:
    for question in ("", "   ", "\0", "\udcff people", "?" * 5000, "how many\npeople\ttoday", "🚲"):
        assert ask(db, question, now=NOW).status in ("ok", "zero", "not_understood")
