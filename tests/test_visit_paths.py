"""The paths of visits: gaps are filled, boxes calmed, and what is doubtful left out, on reading."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.conftest import NOON
from tests.test_visits import AFTER, BEFORE, SQUARE, Seen, record
from tracking import visits
from tracking.database import open_database
from tracking.visits import Paths, VisitSettings, tracing

FOUND = VisitSettings(fill=0, smooth=0)
FILLED = VisitSettings(smooth=0)


@pytest.fixture
def people(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody who was behind a pillar from the fourth to the sixth second, and is one visit."""
    record(tmp_path / "people.db", [BEFORE, AFTER])
    with closing(open_database(tmp_path / "people.db")) as connection:
        visits.join(connection)
        yield connection


def whole(connection: sqlite3.Connection, settings: VisitSettings | None = None) -> Paths:
    parts = list(visits.paths(connection, 0, settings))
    return Paths(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Paths))
    )


def a_path(connection: sqlite3.Connection, places: dict[int, tuple[float, float]]) -> None:
    """Have the only track be there at these frames, a tenth of a second each: centre and width."""
    connection.execute("DELETE FROM positions")
    connection.executemany(
        "INSERT INTO positions VALUES (1, ?, ?, ?, 100, ?, 80, 0.9)",
        [(NOON + 100 * frame, frame, x, w) for frame, (x, w) in places.items()],
    )


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    record(tmp_path / "people.db", [Seen(0, 10, (100, 300), (200, 300))])
    with closing(open_database(tmp_path / "people.db")) as connection:
        yield connection


def test_a_gap_is_filled_on_the_straight_line(people: sqlite3.Connection) -> None:
    path = whole(people, FILLED)
    assert set(path.visit) == {1}
    assert path.t.tolist() == [NOON + 100 * tenth for tenth in range(101)]
    assert path.frame.tolist() == list(range(101))
    assert path.box[:, 0] == pytest.approx(np.linspace(100, 600, 101))
    guessed = (path.t > NOON + 4000) & (path.t < NOON + 6000)
    assert (path.confidence == np.where(guessed, 0, 0.9)).all()


def test_a_longer_gap_stays(people: sqlite3.Connection) -> None:
    path = whole(people, replace(FILLED, fill=1.9))
    assert len(path.t) == 82
    assert (path.confidence > 0).all()


def test_the_positions_stay_as_they_are(people: sqlite3.Connection) -> None:
    before = people.execute("SELECT * FROM positions").fetchall()
    found = whole(people, FOUND)
    assert len(found.t) == len(before)
    assert found.box.tolist() == [list(row[3:7]) for row in before]
    whole(people)
    assert people.execute("SELECT * FROM positions").fetchall() == before


def test_where_every_third_picture_is_looked_at_every_third_is_filled(
    alone: sqlite3.Connection,
) -> None:
    a_path(alone, {frame: (frame, 40) for frame in (0, 3, 6, 15, 18)})
    path = whole(alone, FILLED)
    assert path.frame.tolist() == [0, 3, 6, 9, 12, 15, 18]
    assert path.box[:, 0].tolist() == [0, 3, 6, 9, 12, 15, 18]


def test_a_walk_straight_on_is_not_changed_by_calming(people: sqlite3.Connection) -> None:
    assert whole(people).box == pytest.approx(whole(people, FILLED).box)


def test_a_box_that_trembles_is_calmed(alone: sqlite3.Connection) -> None:
    random = np.random.default_rng(0)
    x, w = random.normal(100, 8, 100), random.normal(40, 4, 100)
    a_path(alone, dict(enumerate(zip(x.tolist(), w.tolist(), strict=True))))
    box = whole(alone).box
    assert np.abs(box[5:-5, 0] - 100).max() < 8
    assert box[:, 0].std() < x.std() / 2
    assert box[:, 2].std() < w.std() / 2


def test_a_box_counts_for_none_across_a_gap_that_is_not_filled(alone: sqlite3.Connection) -> None:
    left, right = (
        {frame: (10, 40) for frame in range(5)},
        {frame: (90, 40) for frame in range(9, 14)},
    )
    a_path(alone, left | right)
    path = whole(alone, VisitSettings(fill=0.2))
    assert path.box[:, 0] == pytest.approx([10] * 5 + [90] * 5)


def test_of_two_boxes_at_a_time_one_is_kept(tmp_path: Path) -> None:
    twice = [Seen(0, 4.5, (100, 300), (325, 300)), Seen(4, 9, (302, 302), (550, 300))]
    record(tmp_path / "people.db", twice)
    with closing(open_database(tmp_path / "people.db")) as connection:
        visits.join(connection)
        path = whole(connection, FOUND)
    assert path.t.tolist() == [NOON + 100 * tenth for tenth in range(91)]


def test_nothing_is_filled_in_while_no_program_ran(tmp_path: Path) -> None:
    record(tmp_path / "people.db", [BEFORE])
    record(tmp_path / "people.db", [replace(AFTER, since=5.5, until=9.5)], began=4.5)
    with closing(open_database(tmp_path / "people.db")) as connection:
        assert visits.join(connection).joins == 1
        path = whole(connection)
    assert len(path.t) == 82
    assert sorted(set(path.run)) == [1, 2]


def test_what_is_doubtful_has_no_path(tmp_path: Path) -> None:
    fox = Seen(0, 1, (300, 300), (300, 300), confidence=0.4)
    record(tmp_path / "people.db", [fox, BEFORE])
    with closing(open_database(tmp_path / "people.db")) as connection:
        assert set(whole(connection).visit) == {2}
        assert set(whole(connection, VisitSettings(faint=0)).visit) == {1, 2}


def test_in_parts_the_paths_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = [Seen(place / 10, 9, (20 * place, 300), (20 * place, 300)) for place in range(20)]
    record(tmp_path / "people.db", [BEFORE, AFTER, *crowd])
    with closing(open_database(tmp_path / "people.db")) as connection:
        visits.join(connection)
        at_once = whole(connection)
        monkeypatch.setattr(tracing, "_TRACKS_AT_ONCE", 3)
        parts = list(visits.paths(connection, 0))
        in_parts = whole(connection)
    assert len(parts) > 5
    assert len({int(visit) for part in parts for visit in set(part.visit)}) == sum(
        len(set(part.visit)) for part in parts
    )
    assert in_parts.visit.tolist() == at_once.visit.tolist()
    assert in_parts.box.tolist() == at_once.box.tolist()


def test_a_source_without_tracks_has_no_paths(alone: sqlite3.Connection) -> None:
    assert list(visits.paths(alone, 7)) == []
    alone.execute("DELETE FROM positions")
    assert len(whole(alone).t) == 0


# the command

Here = Callable[..., CompletedProcess[str]]


def test_the_command_writes_them_as_rows_that_can_be_imported(
    people: sqlite3.Connection, tmp_path: Path, tracking_here: Here
) -> None:
    db, csv = tmp_path / "people.db", tmp_path / "paths.csv"
    shown = tracking_here("visits", "--db", db, "--source", "square", "--paths", csv)
    assert shown.returncode == 0, shown.stderr
    assert "101 boxes of 1 visits are in" in shown.stdout
    lines = csv.read_text().splitlines()
    assert lines[0] == "track,label,t,x,y,w,h,confidence"
    assert lines[1] == "1,person,2026-03-01T12:00:00.000Z,100.0,250.0,40.0,100.0,0.9"
    assert lines[51] == "1,person,2026-03-01T12:00:05.000Z,350.0,250.0,40.0,100.0,0.0"
    again = tracking_here("import", "--db", db, "--source", "again", "--format", "csv", csv)
    assert again.returncode == 0, again.stderr
    parquet = tmp_path / "paths.parquet"
    tracking_here("visits", "--db", db, "--source", "square", "--paths", parquet)
    assert pq.read_table(parquet).num_rows == 101


def test_motchallenge_lines_are_of_the_latest_run(tmp_path: Path, tracking_here: Here) -> None:
    db, mot = tmp_path / "people.db", tmp_path / "paths.txt"
    record(db, [BEFORE])
    record(db, [replace(AFTER, since=60, until=64)], began=60)
    shown = tracking_here("visits", "--db", db, "--source", "square", "--paths", mot)
    assert shown.returncode == 0, shown.stderr
    lines = mot.read_text().splitlines()
    assert len(lines) == 41
    assert lines[0] == "1,2,380.00,200.00,40.00,100.00,0.9,-1,-1,-1"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--source", "square"], "--source and --paths belong together"),
        (["--source", "square", "--paths", "x.doc"], "x.doc must end in .csv, .parquet, .txt"),
        (["--source", "hall", "--paths", "x.csv"], "no source 'hall'; it has 'square'"),
        (["--source", "square", "--paths", "x.csv", "--undo"], "--undo takes no other option"),
    ],
)
def test_a_wrong_option_is_told_in_one_line_and_nothing_written(
    people: sqlite3.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tracking_here: Here,
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = tracking_here("visits", "--db", tmp_path / "people.db", *arguments)
    assert shown.returncode == 1
    assert told in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert not list(tmp_path.glob("x.*"))


def test_a_source_where_nothing_was_seen_leaves_the_file_as_it_was(
    people: sqlite3.Connection, tmp_path: Path, tracking_here: Here
) -> None:
    people.execute("DELETE FROM people_tracks")
    people.commit()
    (tmp_path / "x.csv").write_text("older")
    shown = tracking_here(
        "visits",
        "--db",
        tmp_path / "people.db",
        "--source",
        SQUARE.name,
        "--paths",
        tmp_path / "x.csv",
    )
    assert shown.returncode == 1
    assert "Source 'square' has no visits yet" in shown.stderr
    assert (tmp_path / "x.csv").read_text() == "older"
