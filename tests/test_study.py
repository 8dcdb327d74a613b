"""Studies: a part of the record in one file, whole and exact, and nobody's passwords."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import NOON, picture
from tracking import study
from tracking.book import Book
from tracking.database import Still, open_database, open_readonly, still
from tracking.errors import DatabaseError, NothingRecorded, OutputError
from tracking.events import Run, Source, SourceEnded, SourceStarted, SourceUnwatched, TracksSeen
from tracking.footprints import presence_grid
from tracking.frame import Frame, Track
from tracking.retention import change_keep_days
from tracking.study import is_study, read_study, write_study

MINUTE = 60_000
HOUR = 60 * MINUTE
BLANK = picture(0)
TABLES = (
    "sources", "runs", "people_tracks", "positions", "coverage", "footprints", "stills",
    "zone_stays", "crossings",
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.db"


@pytest.fixture
def base(path: Path) -> Iterator[sqlite3.Connection]:
    """Two sources, watched for three hours from noon; somebody comes every ten minutes."""
    with closing(open_database(path)) as connection:
        for name in ("yard", "door"):
            record(connection, name)
        with connection:
            change_keep_days(connection, 5)
            connection.execute("INSERT INTO zones VALUES (1, 0, 'bench', '[]', 0, NULL)")
            connection.execute("INSERT INTO zone_stays VALUES (1, 1, 5, 6), (9, 1, 7, 8)")
        yield connection


def record(connection: sqlite3.Connection, name: str) -> None:
    source = Source(name, "camera", "rtsp://192.0.2.1/main", "Europe/Berlin", 480, 360, 0.5)
    book, run = Book(), Run(source, NOON, "yolo", "yolo11n", "botsort", "0")
    book.take(SourceStarted(run))
    book.keep(run, Still(NOON, 480, 360, b"\xff\xd8\xff\xd9"))
    for index, t in enumerate(range(NOON, NOON + 3 * HOUR, 2000)):
        number, since = divmod(t - NOON, 10 * MINUTE)
        label = "car" if number % 3 == 2 else "person"
        track = Track(number + 1, label, 0.9, 100 + since / 500, 55, 10, 30)
        seen = (track,) if since < 90_000 else ()
        book.take(TracksSeen(run, Frame(index, t, BLANK, seen)))
    book.take(SourceUnwatched(source, "down", NOON + 3 * HOUR, NOON + 3 * HOUR + MINUTE))
    book.take(SourceEnded(run, NOON + 3 * HOUR, 1, "stopped"))
    book.write(connection)


def table(path: Path, name: str) -> list[tuple[object, ...]]:
    with closing(open_readonly(path)) as connection:
        return connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall()


def test_a_study_of_everything_has_the_same_rows(
    base: sqlite3.Connection, path: Path, tmp_path: Path
) -> None:
    written = write_study(base, tmp_path / "study.db", since=NOON, until=NOON + 4 * HOUR)
    assert (written.sources, written.tracks, written.positions) == (2, 36, 36 * 45)
    assert written.bytes == (tmp_path / "study.db").stat().st_size
    for name in (*TABLES, "zones", "lines"):
        assert table(tmp_path / "study.db", name) == table(path, name), name


def test_tracks_that_overlap_the_window_are_taken_whole(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    since = NOON + 10 * MINUTE + 60_000  # somebody is there from 12:10:00 to 12:11:28
    until = NOON + 20 * MINUTE + 1
    write_study(base, tmp_path / "study.db", since=since, until=until, sources=["yard"])
    tracks = table(tmp_path / "study.db", "people_tracks")
    assert [(row[0], row[2], row[5] - NOON) for row in tracks] == [
        (2, 0, 10 * MINUTE),
        (3, 0, 20 * MINUTE),
    ]
    assert len(table(tmp_path / "study.db", "positions")) == 90
    minutes = [row[1] - NOON // MINUTE for row in table(tmp_path / "study.db", "coverage")]
    assert minutes == list(range(11, 21))
    assert [row[1] for row in table(tmp_path / "study.db", "sources")] == ["yard"]
    assert table(tmp_path / "study.db", "zone_stays") == []


def test_labels_and_hours_are_chosen(base: sqlite3.Connection, tmp_path: Path) -> None:
    def second_hour(timezone: str) -> list[tuple[int, int]]:
        assert timezone == "Europe/Berlin"
        return [(NOON + HOUR, NOON + 2 * HOUR)]

    window = {"since": NOON, "until": NOON + 4 * HOUR}
    write_study(base, tmp_path / "cars.db", **window, labels=["car"], spans=second_hour)
    tracks = table(tmp_path / "cars.db", "people_tracks")
    assert [(row[2], row[4], (row[5] - NOON) // MINUTE) for row in tracks] == [
        (source, "car", minute) for source in (0, 1) for minute in (80, 110)
    ]


def test_a_study_tells_what_it_is(base: sqlite3.Connection, path: Path, tmp_path: Path) -> None:
    write_study(base, tmp_path / "s.db", since=NOON, until=NOON + HOUR, note="the market's day")
    found = read_study(tmp_path / "s.db")
    assert found is not None
    assert (found.since, found.until, found.note) == (NOON, NOON + HOUR, "the market's day")
    assert found.program.startswith("tracking ")
    assert found.created_at > NOON
    assert is_study(tmp_path / "s.db")
    (tmp_path / "text.db").write_text("no database")
    for other in (path, tmp_path / "text.db", tmp_path / "none.db"):
        assert not is_study(other)


def test_a_study_names_no_folders_of_the_machine_it_was_made_on(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    settings = {"tracker": "/home/ada/botsort.yaml", "more": ["C:\\Ada\\x.pt", "a/b"], "fps": 5}
    with base:
        base.execute("UPDATE sources SET uri = '/home/ada/clips/yard 1.mp4' WHERE id = 0")
        base.execute(
            "UPDATE runs SET weights = '/home/ada/yolo11n.pt', settings = ?, outcome = ?,"
            " problems = ? WHERE source_id = 0",
            (json.dumps(settings), "failed: /home/ada/yard.mp4 ended", "[\"see '/home/ada/log'\"]"),
        )
    write_study(base, tmp_path / "study.db", since=NOON, until=NOON + HOUR)
    assert [row[3] for row in table(tmp_path / "study.db", "sources")] == [
        "yard 1.mp4", "rtsp://192.0.2.1/main",
    ]  # fmt: skip
    with closing(open_readonly(tmp_path / "study.db")) as reader:
        weights, kept, *told = reader.execute(
            "SELECT weights, settings, outcome, problems FROM runs WHERE source_id = 0"
        ).fetchone()
    assert weights == "yolo11n.pt"
    assert json.loads(kept) == {"tracker": "botsort.yaml", "more": ["x.pt", "a/b"], "fps": 5}
    assert told == ["failed: yard.mp4 ended", "[\"see 'log'\"]"]
    assert b"/home/ada" not in (tmp_path / "study.db").read_bytes()


def test_a_picture_of_another_time_is_no_part_of_a_study(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    write_study(base, tmp_path / "later.db", since=NOON + 1, until=NOON + HOUR)
    assert table(tmp_path / "later.db", "sources")
    assert table(tmp_path / "later.db", "stills") == []


def test_a_study_can_be_read_where_nothing_may_be_written(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    write_study(base, folder / "study.db", since=NOON, until=NOON + HOUR)
    assert [file.name for file in folder.iterdir()] == ["study.db"]
    with closing(open_readonly(folder / "study.db")) as reader:
        ms, *_ = presence_grid(reader, 0, [(NOON // MINUTE, NOON // MINUTE + 60)])
        assert np.array_equal(
            ms, presence_grid(base, 0, [(NOON // MINUTE, NOON // MINUTE + 60)])[0]
        )
        assert still(reader, 0) == still(base, 0)
        assert reader.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert [file.name for file in folder.iterdir()] == ["study.db"]


def test_how_long_the_record_is_kept_is_no_part_of_a_study(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    write_study(base, tmp_path / "study.db", since=NOON, until=NOON + HOUR)
    with closing(open_readonly(tmp_path / "study.db")) as reader:
        assert reader.execute("SELECT count(*) FROM settings").fetchone() == (0,)


def test_a_study_is_taken_through_a_connection_that_may_only_read(
    base: sqlite3.Connection, path: Path, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    with closing(open_readonly(path)) as reader:
        write_study(
            reader,
            tmp_path / "study.db",
            since=NOON,
            until=NOON + HOUR,
            progress=lambda done, total: told.append((done, total)),
        )
        assert not reader.in_transaction
    assert told[-1] == (12 * 45, 12 * 45)


def test_a_record_of_an_older_version_makes_a_study_with_footprints(
    base: sqlite3.Connection, path: Path, tmp_path: Path
) -> None:
    with base:
        base.execute("DROP TRIGGER track_renamed")
        base.execute("DROP TABLE footprints")
        base.execute("DROP TABLE heat_days")
        base.execute("ALTER TABLE runs DROP COLUMN width")
    write_study(base, tmp_path / "study.db", since=NOON, until=NOON + HOUR)
    with closing(open_readonly(tmp_path / "study.db")) as reader:
        assert presence_grid(reader, 0, [(0, 2**40)])[0].sum() == 6 * 88_000


def test_where_nothing_was_recorded_there_is_no_study(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    with pytest.raises(NothingRecorded, match="Nothing was recorded of these sources"):
        write_study(base, tmp_path / "s.db", since=0, until=HOUR)
    with pytest.raises(NothingRecorded, match="no source 'gate'"):
        write_study(base, tmp_path / "s.db", since=0, until=NOON + HOUR, sources=["gate"])
    assert not (tmp_path / "s.db").exists()
    nobody = {"since": NOON + 5 * MINUTE, "until": NOON + 6 * MINUTE}
    assert write_study(base, tmp_path / "s.db", **nobody).tracks == 0  # watched, and nobody came


def test_the_record_itself_is_not_written_over(
    base: sqlite3.Connection, path: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.db").symlink_to(path)
    for output in (path, tmp_path / "link.db"):
        with pytest.raises(OutputError, match="in use here"):
            write_study(base, output, since=NOON, until=NOON + HOUR)
    assert not is_study(path)


def test_a_database_that_somebody_uses_is_not_written_over(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    with closing(open_database(tmp_path / "other.db")):
        with pytest.raises(OutputError, match=r"other\.db is a database in use"):
            write_study(base, tmp_path / "other.db", since=NOON, until=NOON + HOUR)
        with pytest.raises(OutputError, match="is a folder"):
            write_study(base, tmp_path, since=NOON, until=NOON + HOUR)


def test_a_place_that_does_not_exist_is_named(base: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"There is no folder .*nowhere to put study\.db in"):
        write_study(base, tmp_path / "nowhere" / "study.db", since=NOON, until=NOON + HOUR)


def test_a_full_disk_leaves_the_older_study_and_nothing_else(
    base: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "shared" / "study.db"
    output.parent.mkdir()
    write_study(base, output, since=NOON, until=NOON + HOUR, note="old")

    def small(connection: sqlite3.Connection) -> None:
        migrate(connection)
        connection.execute("PRAGMA max_page_count = 40")

    migrate = study.migrate
    monkeypatch.setattr(study, "migrate", small)
    with pytest.raises(OutputError, match=r"study\.db cannot be written: the disk is full"):
        write_study(base, output, since=NOON, until=NOON + 4 * HOUR, note="new")
    found = read_study(output)
    assert found is not None
    assert found.note == "old"
    assert list(output.parent.iterdir()) == [output]
    assert not base.in_transaction


def test_what_is_written_meanwhile_is_not_half_in_it(
    base: sqlite3.Connection, path: Path, tmp_path: Path
) -> None:
    with closing(open_readonly(path)) as reader:

        def purge_everything(done: int, total: int) -> None:
            with base:
                base.execute("PRAGMA foreign_keys = ON")
                base.execute("DELETE FROM sources")

        written = write_study(
            reader, tmp_path / "s.db", since=NOON, until=NOON + HOUR, progress=purge_everything
        )
    assert written.positions == len(table(tmp_path / "s.db", "positions")) == 12 * 45
    shutil.copy(tmp_path / "s.db", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert not copy.execute("PRAGMA foreign_key_check").fetchall()
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_nobody_records_into_a_study(base: sqlite3.Connection, tmp_path: Path) -> None:
    write_study(base, tmp_path / "study.db", since=NOON, until=NOON + 4 * HOUR)
    before = (tmp_path / "study.db").read_bytes()
    with pytest.raises(DatabaseError, match=r"study\.db is a study, which is only looked at"):
        open_database(tmp_path / "study.db")
    assert (tmp_path / "study.db").read_bytes() == before
