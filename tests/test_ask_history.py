"""Questions are kept where they were asked, rated, taken away and deleted; or not kept at all."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.worlds import HOSTILE, a_weekend, an_empty_one, ms
from tracking.ask import history
from tracking.ask.answer import Answer, Column, Reading
from tracking.ask.history import Keeping, Kept
from tracking.ask.models.guard import run_sql
from tracking.ask.plan import Plan, Span, plan_of
from tracking.database import open_database, open_readonly
from tracking.errors import (
    DatabaseError,
    NothingRecorded,
    OutputError,
    QueryRefused,
    SettingsError,
)
from tracking.study import write_study

NOW = ms("2026-03-29T20:00:00+02:00")
PLAN = Plan("visits", Span(NOW - 3_600_000, NOW, "last hour"), labels=("person",))


def an_answer(question: str = "how many people in the last hour?", rows: int = 1) -> Answer:
    return Answer(
        question,
        "ok",
        "57 visits",
        57,
        (Column("visits", "Visits", "number"),),
        tuple((number,) for number in range(rows)),
        reading=Reading("Visits of people", PLAN),
        seconds=0.012,
    )


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return an_empty_one(tmp_path / "people.db")


def kept(db: Path, **which: str) -> list[Kept]:
    with closing(open_readonly(db)) as connection:
        return history.questions(connection, **which)  # type: ignore[arg-type]


def test_a_question_is_kept_with_its_plan_and_its_answer(db: Path) -> None:
    keeping = history.keep(db, an_answer(), NOW, "this talk")
    (found,) = kept(db)
    assert keeping == Keeping(found.id)
    assert (found.question, found.asked_at, found.session) == (
        an_answer().question,
        NOW,
        "this talk",
    )
    assert found.plan is not None
    assert plan_of(found.plan) == PLAN
    assert found.answer["value"] == 57
    assert (found.status, found.answered_by, found.rating) == ("ok", "built-in parser", "")


def test_the_latest_is_the_first_and_others_can_be_looked_for(db: Path) -> None:
    for number, question in enumerate(("first one", "Second ONE", "third")):
        history.keep(db, an_answer(question), NOW + number, f"talk {number}")
    assert [each.question for each in kept(db)] == ["third", "Second ONE", "first one"]
    assert [each.question for each in kept(db, search="one ")] == ["Second ONE", "first one"]
    assert [each.question for each in kept(db, session="talk 0")] == ["first one"]
    assert kept(db, search="%") == []


def test_of_a_long_table_the_first_rows_are_kept(db: Path) -> None:
    history.keep(db, an_answer(rows=history.ROWS + 7), NOW)
    (found,) = kept(db)
    assert len(found.answer["rows"]) == history.ROWS
    assert found.answer["rows_left_out"] == 7


def test_of_very_many_questions_the_oldest_go(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST", 3)
    for number in range(5):
        history.keep(db, an_answer(f"number {number}"), NOW)
    assert [each.question for each in kept(db)] == ["number 4", "number 3", "number 2"]


def test_an_answer_is_rated_and_the_rating_taken_back(db: Path) -> None:
    id = history.keep(db, an_answer(), NOW).id
    assert id is not None
    for rating in ("up", "down", ""):
        history.rate(db, id, rating)  # type: ignore[arg-type]
        assert kept(db)[0].rating == rating
    with pytest.raises(NothingRecorded, match="no question 99"):
        history.rate(db, 99, "up")
    with pytest.raises(SettingsError, match="'great'"):
        history.rate(db, id, "great")  # type: ignore[arg-type]


def test_what_is_deleted_is_gone_from_the_file_and_its_number_is_not_given_again(db: Path) -> None:
    ids = [history.keep(db, an_answer(f"who is Agatha {n}"), NOW).id for n in range(3)]
    assert history.delete(db, [ids[2] or 0]) == 1
    assert len(kept(db)) == 2
    assert history.delete(db) == 2
    assert kept(db) == []
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Agatha" not in db.read_bytes()
    assert (history.keep(db, an_answer(), NOW).id or 0) > (ids[2] or 0)


def test_keeping_is_switched_off_and_on_again(db: Path) -> None:
    history.keep(db, an_answer("before"), NOW)
    history.switch(db, on=False)
    assert history.keep(db, an_answer("meanwhile"), NOW) == Keeping(None)
    history.switch(db, on=True)
    history.keep(db, an_answer("after"), NOW)
    assert [each.question for each in kept(db)] == ["after", "before"]


def test_what_cannot_be_written_is_told_and_nothing_is_raised(db: Path, tmp_path: Path) -> None:
    with closing(open_database(db)) as other:
        other.execute("BEGIN IMMEDIATE")
        keeping = history.keep(db, an_answer(), NOW)
    assert keeping.id is None
    assert "not kept" in keeping.note and "written by another process" in keeping.note
    nowhere = history.keep(tmp_path / "nowhere.db", an_answer(), NOW)
    assert "no database" in nowhere.note
    assert not (tmp_path / "nowhere.db").exists()


def test_a_study_is_asked_but_keeps_nothing(tmp_path: Path) -> None:
    whole, study = a_weekend(tmp_path / "people.db"), tmp_path / "study.db"
    history.keep(whole, an_answer(), NOW)
    with closing(open_readonly(whole)) as connection:
        write_study(connection, study, since=0, until=NOW)
    before = study.read_bytes()
    assert "is a study" in history.keep(study, an_answer(), NOW).note
    assert study.read_bytes() == before
    assert kept(study) == []  # nor did it take along what others had asked


def test_a_database_of_before_there_were_questions_has_none(db: Path) -> None:
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("DROP TABLE questions")
        connection.execute("DROP TABLE settings")
    with closing(open_readonly(db)) as connection:
        assert history.questions(connection) == []
        assert history.how_many(connection) == 0
        assert history.is_kept(connection)


def test_an_export_holds_all_of_it(db: Path, tmp_path: Path) -> None:
    for number, text in enumerate(HOSTILE):
        history.keep(db, an_answer(text), NOW + number)
    assert history.export(db, tmp_path / "q.jsonl") == len(HOSTILE)
    lines = [json.loads(line) for line in (tmp_path / "q.jsonl").read_text("utf-8").splitlines()]
    assert {line["question"] for line in lines} == set(HOSTILE)
    assert lines[0]["answer"]["value"] == 57
    assert history.export(db, tmp_path / "q.csv") == len(HOSTILE)
    with (tmp_path / "q.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert {row["question"] for row in table} == set(HOSTILE)
    assert table[0]["answer"] == "57 visits"


def test_no_cell_of_an_exported_table_is_a_formula(db: Path) -> None:
    history.keep(db, an_answer("=HYPERLINK(1)"), NOW)
    assert "\n1,2026-03-29T18:00:00.000Z,'=HYPERLINK(1)," in history.as_csv(kept(db))


def test_an_export_never_destroys_the_database_and_names_an_odd_ending(
    db: Path, tmp_path: Path
) -> None:
    with pytest.raises(OutputError):
        history.export(db, db, "csv")
    with pytest.raises(SettingsError, match="'doc'"):
        history.export(db, tmp_path / "q.doc")
    with pytest.raises(DatabaseError):
        history.export(tmp_path / "nowhere.db", tmp_path / "q.csv")


@pytest.mark.parametrize("name", ["questions", "main.questions", "sqlite_sequence"])
def test_the_sql_of_a_model_never_sees_what_was_asked(db: Path, name: str) -> None:
    history.keep(db, an_answer(), NOW)
    with pytest.raises(QueryRefused):
        run_sql(db, f"SELECT * FROM {name}")
