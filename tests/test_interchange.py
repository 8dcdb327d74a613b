"""Interchange: what goes out comes back the same, and what is wrong is named, not taken in."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tracking.database import open_database, open_readonly
from tracking.errors import (
    DatabaseError,
    DatabaseFull,
    NothingRecorded,
    OutputError,
    RowError,
    SettingsError,
    SourceNotFound,
    SourceUnreadable,
    TrackingError,
)
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame, Track
from tracking.interchange import FORMS, Summary, export_tracks, import_tracks
from tracking.logger import DatabaseLogger

NOON = 1_772_366_400_000  # 2026-03-01T12:00:00Z
IMAGE = np.zeros((4, 4, 3), np.uint8)
HEADER = "track,label,t,x,y,w,h,confidence\n"
ROW = "1,person,2026-03-01T12:00:00.000Z,10.0,20.0,4.0,8.0,0.9\n"
LABELS = ["a,b", 'say "hi"', "two\nlines", "cr\rlf\r\n", " spaced ", "Ünï 🙂", "", "person"]


@pytest.fixture
def base(tmp_path: Path) -> Generator[sqlite3.Connection, None, None]:
    with closing(open_database(tmp_path / "tracks.db")) as connection:
        yield connection


@pytest.fixture
def other(tmp_path: Path) -> Generator[sqlite3.Connection, None, None]:
    with closing(open_database(tmp_path / "other.db")) as connection:
        yield connection


def box(track: int, x: float = 10, label: str = "person", confidence: float = 0.9) -> Track:
    return Track(track, label, confidence, x, 20, 4, 8)


def record(
    connection: sqlite3.Connection,
    frames: dict[int, Sequence[Track]],
    start: int = NOON,
    name: str = "door",
) -> None:
    """One run of a camera, ten frames a second, as the logger writes it; frames count from 0."""
    run = Run(
        Source(name, "camera", "0", "Europe/Berlin", 640, 480, 10.0), start, "d", None, "t", "1"
    )
    logger = DatabaseLogger(connection)
    logger(SourceStarted(run))
    for index, tracks in frames.items():
        logger(TracksSeen(run, Frame(index, start + index * 100, IMAGE, tuple(tracks))))
    logger(SourceEnded(run, start, len(frames), "finished"))


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def bring_in(
    connection: sqlite3.Connection, path: Path, form: str | None = None, **options: Any
) -> Summary:
    form = form or {".txt": "mot", ".csv": "csv", ".parquet": "parquet"}[path.suffix]
    if form == "mot":
        options = {"start": NOON, "fps": 10, **options}
    return import_tracks(connection, "door", form, path, **options)


def stored(connection: sqlite3.Connection, columns: str = "t, frame, x, y, w, h") -> list[Any]:
    return connection.execute(
        f"SELECT {columns} FROM positions JOIN people_tracks AS p ON p.id = track ORDER BY t, track"
    ).fetchall()


def round_trip(
    first: sqlite3.Connection, second: sqlite3.Connection, folder: Path, form: str
) -> tuple[bytes, bytes]:
    """What is exported from the first, and again after it went through the second."""
    before, after = folder / f"before.{form}", folder / f"after.{form}"
    export_tracks(first, "door", form, before)
    import_tracks(second, "door", form, before, start=NOON if form == "mot" else None, fps=10)
    export_tracks(second, "door", form, after)
    return before.read_bytes(), after.read_bytes()


# Export


def test_mot_lines_hold_the_corner_and_count_frames_from_one(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {4: [box(2, 30.5), box(1, confidence=0.25)], 5: [box(1, 11)]})
    export_tracks(base, "door", "mot", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == (
        "5,1,8.00,16.00,4.00,8.00,0.25,-1,-1,-1\n"
        "5,2,28.50,16.00,4.00,8.00,0.9,-1,-1,-1\n"
        "6,1,9.00,16.00,4.00,8.00,0.9,-1,-1,-1\n"
    )


def test_csv_rows_hold_the_centre_and_utc_times(base: sqlite3.Connection, tmp_path: Path) -> None:
    record(base, {0: [box(1)], 1: [box(2, label="dog"), box(1, 11.5)]})
    export_tracks(base, "door", "csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == (
        HEADER + "1,person,2026-03-01T12:00:00.000Z,10.0,20.0,4.0,8.0,0.9\n"
        "1,person,2026-03-01T12:00:00.100Z,11.5,20.0,4.0,8.0,0.9\n"
        "2,dog,2026-03-01T12:00:00.100Z,10.0,20.0,4.0,8.0,0.9\n"
    )


def test_parquet_has_the_columns_and_types_it_promises(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {0: [box(1)]})
    export_tracks(base, "door", "parquet", tmp_path / "out.parquet")
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert {field.name: str(field.type) for field in schema} == {
        "track": "int64",
        "label": "string",
        "t": "timestamp[ms, tz=UTC]",
        **dict.fromkeys(["x", "y", "w", "h", "confidence"], "double"),
    }


def test_a_summary_counts_what_was_exported(base: sqlite3.Connection, tmp_path: Path) -> None:
    record(base, {0: [box(1)], 1: [box(1), box(2)], 2: []})
    summary = export_tracks(base, "door", "csv", tmp_path / "out.csv")
    assert summary == Summary("door", rows=3, tracks=2, runs=1, first=NOON, last=NOON + 100)


def test_mot_takes_the_latest_run_with_positions_and_says_so(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {0: [box(1)]})
    record(base, {0: [box(1, 50)]}, NOON + 60_000)
    record(base, {0: []}, NOON + 120_000)
    summary = export_tracks(base, "door", "mot", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == "1,1,48.00,16.00,4.00,8.00,0.9,-1,-1,-1\n"
    assert (summary.runs, summary.notes) == (
        1,
        ("of 2 runs only the latest, run 2, was exported",),
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_named_run_is_exported_alone_without_a_note(
    base: sqlite3.Connection, tmp_path: Path, form: str
) -> None:
    record(base, {0: [box(7)]})
    record(base, {0: [box(7)], 1: [box(7)]}, NOON + 60_000)
    summary = export_tracks(base, "door", form, tmp_path / "out", run=1)
    assert (summary.rows, summary.runs, summary.last, summary.notes) == (1, 1, NOON, ())


def test_tracks_of_several_runs_get_numbers_that_do_not_collide(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {0: [box(5)]})
    record(base, {0: [box(5)]}, NOON + 60_000)
    summary = export_tracks(base, "door", "csv", tmp_path / "out.csv")
    rows = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["1", "2"]
    assert summary.runs == 2 and "numbered as in the database" in summary.notes[0]


def test_one_label_can_be_exported(base: sqlite3.Connection, tmp_path: Path) -> None:
    record(base, {0: [box(1), box(2, label="dog")]})
    assert export_tracks(base, "door", "csv", tmp_path / "out.csv", label="dog").rows == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": "gate"}, "no source 'gate'; it has 'door'"),
        ({"run": 9}, "'door' has no run 9 with positions; it has 1"),
        ({"label": "cat"}, "'door' has no positions labelled 'cat'"),
    ],
)
def test_nothing_to_export_is_said_and_leaves_the_older_file(
    base: sqlite3.Connection, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    record(base, {0: [box(1)]})
    output = write(tmp_path / "out.csv", "older")
    arguments = {"source": "door", "form": "csv", "output": output, **options}
    with pytest.raises(NothingRecorded, match=message):
        export_tracks(base, **arguments)
    assert output.read_text() == "older"


def test_a_source_without_positions_has_nothing_to_export(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {0: []})
    with pytest.raises(NothingRecorded, match="'door' has no positions yet"):
        export_tracks(base, "door", "mot", tmp_path / "out.txt")
    assert not (tmp_path / "out.txt").exists()


def test_an_unknown_form_is_refused_in_both_directions(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="'xml' is not one of the forms mot, csv, parquet"):
        export_tracks(base, "door", "xml", tmp_path / "out.xml")
    with pytest.raises(SettingsError, match="'xml'"):
        import_tracks(base, "door", "xml", tmp_path / "in.xml")


def test_exporting_over_the_database_itself_is_refused(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {0: [box(1)]})
    with pytest.raises(OutputError, match="writing it would destroy"):
        export_tracks(base, "door", "csv", tmp_path / "tracks.db")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("output", ["missing/out", "folder", "/dev/full"])
def test_an_output_that_cannot_be_written_is_named(
    base: sqlite3.Connection, tmp_path: Path, form: str, output: str
) -> None:
    if output == "/dev/full" and not Path(output).exists():
        pytest.skip("this system has no /dev/full")
    record(base, {0: [box(1)]})
    (tmp_path / "folder").mkdir()
    path = tmp_path / output
    with pytest.raises(OutputError) as caught:
        export_tracks(base, "door", form, path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("form", FORMS)
def test_an_export_that_fails_midway_leaves_the_older_file_and_no_other(
    base: sqlite3.Connection, tmp_path: Path, form: str
) -> None:
    record(base, {0: [box(1)]})
    base.execute("UPDATE positions SET t = 'never', frame = 'never'")
    (tmp_path / "folder").mkdir()
    output = write(tmp_path / "folder" / "out", "older")
    with pytest.raises((TypeError, ValueError)):
        export_tracks(base, "door", form, output)
    assert [path.read_text() for path in output.parent.iterdir()] == ["older"]


def test_an_export_through_a_link_keeps_the_link(base: sqlite3.Connection, tmp_path: Path) -> None:
    record(base, {0: [box(1)]})
    link = tmp_path / "link.csv"
    link.symlink_to(write(tmp_path / "real.csv", "older"))
    export_tracks(base, "door", "csv", link)
    assert link.is_symlink() and (tmp_path / "real.csv").read_text() == HEADER + ROW


@pytest.mark.parametrize("form", FORMS)
def test_a_pipe_is_written_into_directly(
    base: sqlite3.Connection, tmp_path: Path, form: str
) -> None:
    record(base, {0: [box(1)]})
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    export_tracks(base, "door", form, pipe)
    reader.join()
    export_tracks(base, "door", form, tmp_path / "file")
    assert heard == [(tmp_path / "file").read_bytes()]


# There and back


def recorded_world(connection: sqlite3.Connection, seed: int = 3, runs: int = 1) -> None:
    """What a detector might say: more decimals than are stored, gaps, frames 4 to 30."""
    chance = random.Random(seed)
    for run in range(runs):
        frames = {
            index: [
                Track(
                    number,
                    LABELS[number % len(LABELS)],
                    chance.random(),
                    chance.uniform(-5, 2000),
                    chance.uniform(-5, 1100),
                    chance.uniform(0.01, 300),
                    chance.uniform(0.01, 300),
                )
                for number in range(1, 10)
                if chance.random() < 0.7
            ]
            for index in range(4, 31)
        }
        record(connection, frames, NOON + run * 3_600_000)


@pytest.mark.parametrize("form", FORMS)
def test_a_recorded_run_comes_back_byte_for_byte(
    base: sqlite3.Connection, other: sqlite3.Connection, tmp_path: Path, form: str
) -> None:
    recorded_world(base)
    before, after = round_trip(base, other, tmp_path, form)
    assert before == after and len(before) > 5000


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_several_runs_come_back_byte_for_byte(
    base: sqlite3.Connection, other: sqlite3.Connection, tmp_path: Path, form: str
) -> None:
    recorded_world(base, runs=3)
    before, after = round_trip(base, other, tmp_path, form)
    assert before == after


@pytest.mark.parametrize("form", FORMS)
def test_any_finite_values_come_back_byte_for_byte(
    base: sqlite3.Connection, other: sqlite3.Connection, tmp_path: Path, form: str
) -> None:
    """Ties at x.xx5, float noise, negative zeros and tiny boxes, as only foreign files have."""
    chance = random.Random(5)
    record(base, {index: [box(1)] for index in range(20_000)})
    ties = [number / 1000 for number in range(-3005, 3005, 10)]

    def value() -> float:
        any_value = chance.uniform(-9, 2000)
        return chance.choice(
            [any_value, round(any_value, 2), chance.choice(ties), -0.004, 0.1 + 0.2]
        )

    base.executemany(
        "UPDATE positions SET x = ?, y = ?, w = ?, h = ?, confidence = ? WHERE track = 1 AND t = ?",
        (
            (value(), value(), abs(value()), abs(value()), chance.random(), NOON + frame * 100)
            for frame in range(20_000)
        ),
    )
    before, after = round_trip(base, other, tmp_path, form)
    assert before == after and b"-0.00," not in before


def test_mot_frames_keep_their_numbers_when_the_first_are_empty(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    lines = "5,1,8.00,16.00,4.00,8.00,0.9,-1,-1,-1\n9,1,8.00,16.00,4.00,8.00,1,-1,-1,-1\n"
    bring_in(base, write(tmp_path / "in.txt", lines))
    export_tracks(base, "door", "mot", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == lines


def test_every_label_survives_csv(base: sqlite3.Connection, tmp_path: Path) -> None:
    record(base, {0: [box(n, label=label) for n, label in enumerate(LABELS, 1)]})
    export_tracks(base, "door", "csv", tmp_path / "out.csv")
    summary = import_tracks(base, "copy", "csv", tmp_path / "out.csv")
    labels = base.execute("SELECT label FROM people_tracks WHERE run_id = 2 ORDER BY track_id")
    assert [row[0] for row in labels] == LABELS and summary.tracks == len(LABELS)


# What an import stores


def test_mot_rows_become_positions_with_times_and_centres(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    bring_in(base, write(tmp_path / "in.txt", "1,1,8,16,4,8,1,-1,-1,-1\n3,1,8.5,16,4,8,1\n"))
    assert stored(base) == [
        (NOON, 0, 10.0, 20.0, 4.0, 8.0),
        (NOON + 200, 2, 10.5, 20.0, 4.0, 8.0),
    ]


def test_an_import_is_one_finished_run_of_a_new_source(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    path = write(tmp_path / "in.txt", "1,1,8,16,4,8\n21,1,8,16,4,8\n")
    summary = bring_in(base, path, timezone="Asia/Tokyo")
    assert base.execute("SELECT id, name, kind, uri, timezone, width, fps FROM sources").fetchall()[
        0
    ] == (0, "door", "import", str(path), "Asia/Tokyo", None, 10.0)
    assert base.execute(
        "SELECT source_id, started_at, ended_at, detector, weights, tracker, settings, frames,"
        " outcome, problems FROM runs"
    ).fetchall() == [
        (
            *(0, NOON, NOON + 2000, "import", None, "import"),
            *('{"file": "in.txt", "format": "mot"}', 2, "finished", None),
        )
    ]
    assert summary == Summary("door", rows=2, tracks=1, runs=1, first=NOON, last=NOON + 2000)


def test_tracks_are_summed_up_with_the_label_most_rows_have(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    rows = [
        (3, "dog", 0, 0.5),
        (3, "cat", 1, 0.7),
        (3, "cat", 2, 0.6),
        (1, "b", 5, 1),
        (1, "a", 6, 0),
    ]
    lines = [f"{track},{label},{NOON + t},1,1,1,1,{score}\n" for track, label, t, score in rows]
    bring_in(base, write(tmp_path / "in.csv", HEADER + "".join(lines)))
    columns = "track_id, label, first_seen, last_seen, positions, confidence"
    assert base.execute(f"SELECT {columns} FROM people_tracks ORDER BY id").fetchall() == [
        (1, "b", NOON + 5, NOON + 6, 2, 0.5),
        (3, "cat", NOON, NOON + 2, 3, 0.6),
    ]


def test_every_minute_from_the_first_row_to_the_last_was_observed(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    times = [NOON + 30_000, NOON + 30_000, NOON + 59_000, NOON + 150_000]
    lines = [f"{n},p,{t},1,1,1,1,1\n" for n, t in enumerate(times)]
    bring_in(base, write(tmp_path / "in.csv", HEADER + "".join(lines)))
    minute = NOON // 60_000
    assert base.execute(
        "SELECT minute, seconds_observed, frames, state FROM coverage"
    ).fetchall() == [
        (minute, 30.0, 2, "ok"),
        (minute + 1, 60.0, 0, "ok"),
        (minute + 2, 31.0, 1, "ok"),
    ]


def test_a_stray_date_does_not_make_decades_of_coverage(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    lines = f"1,p,0,1,1,1,1,1\n1,p,{NOON},1,1,1,1,1\n"
    bring_in(base, write(tmp_path / "in.csv", HEADER + lines))
    assert base.execute("SELECT minute FROM coverage").fetchall() == [(0,), (NOON // 60_000,)]


def test_a_known_source_stays_as_it_was_and_gets_another_run(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {0: [box(1)]})
    before = base.execute("SELECT * FROM sources").fetchall()
    path = write(tmp_path / "in.txt", "1,1,8,16,4,8\n11,1,8,16,4,8\n")
    summary = bring_in(base, path, fps=None, timezone="UTC")
    assert base.execute("SELECT * FROM sources").fetchall() == before
    assert base.execute("SELECT count(*) FROM runs").fetchone() == (2,)
    assert summary.last == NOON + 1000
    assert summary.notes == ("the source keeps its time zone, Europe/Berlin",)


def test_importing_again_adds_to_coverage_without_overflowing_a_minute(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    path = write(tmp_path / "in.txt", "1,1,8,16,4,8\n501,1,8,16,4,8\n")
    bring_in(base, path)
    bring_in(base, path)
    assert base.execute("SELECT seconds_observed, frames FROM coverage").fetchall() == [(60.0, 4)]


def test_the_frame_rate_beside_a_mot_file_is_used(base: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "gt").mkdir()
    write(tmp_path / "seqinfo.ini", "[Sequence]\nname=A%B\nframeRate=20\n")
    summary = bring_in(base, write(tmp_path / "gt/gt.txt", "3,1,8,16,4,8\n"), fps=None)
    assert summary.first == NOON + 100 and "20 frames per second" in summary.notes[0]


@pytest.mark.parametrize("information", [None, "frameRate=20", "[Sequence]\nframeRate=fast", "\0"])
def test_without_a_known_frame_rate_25_is_assumed_and_said(
    base: sqlite3.Connection, tmp_path: Path, information: str | None
) -> None:
    if information:
        write(tmp_path / "seqinfo.ini", information)
    summary = bring_in(base, write(tmp_path / "in.txt", "2,1,8,16,4,8\n"), fps=None)
    assert summary.first == NOON + 40
    assert summary.notes == ("25 frames per second were assumed",)


def test_a_start_without_a_zone_is_read_in_the_zone_of_the_source(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    path = write(tmp_path / "in.txt", "1,1,8,16,4,8\n")
    summary = bring_in(base, path, start="2026-03-01T13:00:00", timezone="Europe/Berlin")
    assert summary.first == NOON


def test_a_mot_file_without_a_start_begins_now(base: sqlite3.Connection, tmp_path: Path) -> None:
    summary = bring_in(base, write(tmp_path / "in.txt", "1,1,8,16,4,8\n"), start=None)
    age = datetime.now(timezone.utc) - datetime.fromtimestamp(summary.first / 1000, timezone.utc)
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_the_label_of_mot_rows_can_be_chosen(base: sqlite3.Connection, tmp_path: Path) -> None:
    bring_in(base, write(tmp_path / "in.txt", "1,1,8,16,4,8\n"), label="car")
    assert base.execute("SELECT label FROM people_tracks").fetchall() == [("car",)]


@pytest.mark.parametrize("fps", [0, -1, 1001, float("nan"), float("inf")])
def test_a_frame_rate_that_cannot_be_is_refused(
    base: sqlite3.Connection, tmp_path: Path, fps: float
) -> None:
    with pytest.raises(SettingsError, match="fps must be above 0 and at most 1000"):
        bring_in(base, write(tmp_path / "in.txt", "1,1,8,16,4,8\n"), fps=fps)


@pytest.mark.parametrize("option", [{"timezone": "Mars/Base"}, {"start": "soon"}, {"start": -1}])
def test_a_zone_or_start_that_cannot_be_is_refused(
    base: sqlite3.Connection, tmp_path: Path, option: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError):
        bring_in(base, write(tmp_path / "in.txt", "1,1,8,16,4,8\n"), **option)
    assert base.execute("SELECT count(*) FROM sources").fetchone() == (0,)


def test_frames_of_a_table_follow_the_rate_when_it_is_given(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    lines = "".join(f"1,p,{NOON + t},1,1,1,1,1\n" for t in (0, 99, 305))
    bring_in(base, write(tmp_path / "in.csv", HEADER + lines), fps=10)
    assert [row[1] for row in stored(base)] == [0, 1, 3]
    assert base.execute("SELECT fps FROM sources").fetchone() == (10.0,)


@pytest.mark.parametrize("fps", [None, 10])
def test_frames_of_a_table_are_numbered_in_order_otherwise(
    base: sqlite3.Connection, tmp_path: Path, fps: float | None
) -> None:
    lines = "".join(f"1,p,{NOON + t},1,1,1,1,1\n" for t in (305, 0, 20))
    summary = bring_in(base, write(tmp_path / "in.csv", HEADER + lines), fps=fps)
    assert [row[1] for row in stored(base)] == [0, 1, 2]
    assert len(summary.notes) == (1 if fps else 0)


def test_a_table_has_its_own_times_so_start_is_not_used(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    summary = bring_in(base, write(tmp_path / "in.csv", HEADER + ROW), start=0)
    assert summary.first == NOON
    assert summary.notes == ("start was not used: every row carries its own time",)


def test_times_in_seconds_taken_as_milliseconds_are_pointed_out(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    lines = f"1,p,{NOON // 1000},1,1,1,1,1\n"
    summary = bring_in(base, write(tmp_path / "in.csv", HEADER + lines))
    assert summary.notes == ("all times lie in 1970: t counts milliseconds, not seconds",)


def test_progress_is_told_up_to_the_last_row(base: sqlite3.Connection, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    lines = "".join(f"{n + 1},1,8,16,4,8,1\n" for n in range(50_000))
    bring_in(
        base,
        write(tmp_path / "in.txt", lines),
        progress=lambda done, total: heard.append((done, total)),
    )
    assert heard == [(20_000, 50_000), (40_000, 50_000), (50_000, 50_000)]


# What files may look like


@pytest.mark.parametrize(
    "text",
    [
        "1,7,8,16,4,8",
        "1,7,8,16,4,8,1\n",
        "1,7,8,16,4,8,-1,-1,-1,-1\n",
        "1,7,8,16,4,8,1,-1,-1,-1,0,0,0\n",
        "\ufeff1,7,8,16,4,8,1\r\n",
        "1,7,8,16,4,8,1\r",
        "\n\n1, 7, 8, 16, 4, 8, 1 \n   \n\n",
        " 1.0,7.0,+8,16.00,4e0,8,\n",
        '"1","7","8","16","4","8"\n',
    ],
)
def test_the_dialects_of_mot_are_read_alike(
    base: sqlite3.Connection, tmp_path: Path, text: str
) -> None:
    bring_in(base, write(tmp_path / "in.txt", text))
    assert stored(base, "track_id, frame, x, y, w, h, positions.confidence") == [
        (7, 0, 10.0, 20.0, 4.0, 8.0, 1.0)
    ]


def test_mot_lines_may_differ_in_length_and_order(base: sqlite3.Connection, tmp_path: Path) -> None:
    lines = "2,1,8,16,4,8,0.5,-1\n1,1,8,16,4,8\n1,2,8,16,4,8,,-1,-1,-1\n"
    bring_in(base, write(tmp_path / "in.txt", lines))
    assert stored(base, "frame, track_id, positions.confidence") == [
        (0, 1, 1.0),
        (0, 2, 1.0),
        (1, 1, 0.5),
    ]


def test_ground_truth_to_be_ignored_has_no_confidence(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    bring_in(base, write(tmp_path / "gt.txt", "1,1,8,16,4,8,0,7,0.5\n"))
    assert stored(base, "positions.confidence") == [(0.0,)]


def test_scores_above_one_are_clamped_and_counted(base: sqlite3.Connection, tmp_path: Path) -> None:
    lines = "1,1,8,16,4,8,87.5\n2,1,8,16,4,8,1.2\n3,1,8,16,4,8,0.5\n"
    summary = bring_in(base, write(tmp_path / "in.txt", lines))
    assert stored(base, "positions.confidence") == [(1.0,), (1.0,), (0.5,)]
    assert summary.notes == ("2 confidences above 1 were taken as 1",)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T12:00:00",
        "2026-03-01 13:00:00.000+01:00",
        str(NOON),
        " 2026-03-01T12:00:00Z ",
    ],
)
def test_the_notations_of_time_are_read_alike(
    base: sqlite3.Connection, tmp_path: Path, written: str
) -> None:
    assert (
        bring_in(base, write(tmp_path / "in.csv", f"{HEADER}1,p,{written},1,1,1,1,1")).first == NOON
    )


def test_columns_may_stand_in_any_order_among_others(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    text = (
        f"\ufeffnote, h,w,y,x,label ,confidence,t,track\r\n\r\nn,8,4,20,10,dog,0.5,{NOON},3.0\r\n"
    )
    summary = bring_in(base, write(tmp_path / "in.csv", text))
    assert stored(base, "track_id, label, t, x, y, w, h, positions.confidence") == [
        (3, "dog", NOON, 10.0, 20.0, 4.0, 8.0, 0.5)
    ]
    assert summary.notes == ("columns that were ignored: 'note'",)


def table(**columns: Any) -> pd.DataFrame:
    """Two rows; columns given are taken in place of good ones."""
    good = {
        "track": [1, 2],
        "label": ["p", "p"],
        "t": [NOON, NOON],
        **{name: [1.0, 1.0] for name in ("x", "y", "w", "h", "confidence")},
    }
    return pd.DataFrame(good | columns)


MOMENT = pd.Timestamp("2026-03-01T12:00:00")


@pytest.mark.parametrize(
    "times",
    [
        *(pd.Series([MOMENT] * 2).dt.as_unit(unit) for unit in ("s", "ms", "us", "ns")),
        pd.Series([MOMENT.tz_localize("UTC").tz_convert("Asia/Tokyo")] * 2),
        pd.Series([MOMENT - pd.Timedelta("300us")] * 2),
        ["2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00"],
        pd.Categorical(["2026-03-01T12:00:00Z"] * 2),
    ],
)
def test_parquet_times_of_any_kind_are_read_alike(
    base: sqlite3.Connection, tmp_path: Path, times: Any
) -> None:
    table(t=times).to_parquet(tmp_path / "in.parquet")
    summary = bring_in(base, tmp_path / "in.parquet")
    assert (summary.first, summary.last) == (NOON, NOON)


def test_parquet_of_other_types_and_more_columns_is_read(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    frame = table(track=[1.0, 2.0], x=["3.5", "4"], y=np.array([3, 4], np.int16), more=[0, 0])
    frame["label"] = frame["label"].astype("category")
    frame.to_parquet(tmp_path / "in.parquet")
    summary = bring_in(base, tmp_path / "in.parquet")
    assert stored(base, "track_id, x, y") == [(1, 3.5, 3.0), (2, 4.0, 4.0)]
    assert summary.notes == ("columns that were ignored: 'more'",)


# What is refused


def assert_refused(
    connection: sqlite3.Connection,
    path: Path,
    message: str,
    kind: type[TrackingError] = RowError,
) -> None:
    """In one line that names the file and says what is wrong, and without a trace in the tables."""
    with pytest.raises(kind) as caught:
        bring_in(connection, path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert message in str(caught.value)
    for name in ("sources", "runs", "people_tracks", "positions", "coverage"):
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)


@pytest.mark.parametrize("blank", ["", "\n"])
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("3,1,8,16,abc,8,1", "column \"width\": 'abc' is not a number"),
        ("3,1,8,16,,8,1", "column \"width\": '' is not a number"),
        ("3,1,8,16,1_0,8,1", "column \"width\": '1_0' is not a number"),
        ("3,1,nan,16,4,8,1", "column \"left\": 'nan' is not a number"),
        ("3,1,8,-inf,4,8,1", "column \"top\": '-inf' is not a number"),
        ("3,1,1e300,16,4,8,1", "column \"left\": '1e300' is too large"),
        ("3,1,8,16,0,8,1", "column \"width\": '0' is not above 0"),
        ("3,1,8,16,4,-8,1", "column \"height\": '-8' is not above 0"),
        ("0,1,8,16,4,8,1", "column \"frame\": '0' is below 1"),
        ("2.5,1,8,16,4,8,1", "column \"frame\": '2.5' is not a whole number"),
        ("3,1.5,8,16,4,8,1", "column \"id\": '1.5' is not a whole number"),
        ("3,-1,8,16,4,8,1", "column \"id\": '-1' is below 0: the row belongs to no track"),
        ("3,1,8,16,4,8,-0.5", "column \"confidence\": '-0.5' is below 0"),
        ("3,1,8,16,4,8,high", "column \"confidence\": 'high' is not a number"),
    ],
)
def test_a_mot_value_that_cannot_be_is_named_with_its_line(
    base: sqlite3.Connection, tmp_path: Path, line: str, problem: str, blank: str
) -> None:
    text = f"1,1,8,16,4,8,1\n{blank}{line}\n2,x,8,16,4,8,1\n"
    path = write(tmp_path / "in.txt", text)
    assert_refused(base, path, f", line {3 if blank else 2}, {problem}")


def test_a_frame_that_lies_centuries_ahead_is_named(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    path = write(tmp_path / "in.txt", "1,1,8,16,4,8,1\n9e14,1,8,16,4,8,1\n")
    problem = "900000000000000 at 10 frames per second is outside the years 1970 to 2200"
    assert_refused(base, path, f', line 2, column "frame": {problem}')


def test_too_few_mot_columns_are_counted(base: sqlite3.Connection, tmp_path: Path) -> None:
    path = write(tmp_path / "in.txt", "1,1,8,16,4,8,1\n2,1,8,16,4\n")
    assert_refused(base, path, ", line 2: has 5 columns, not at least 6")


def test_an_earlier_fault_is_named_before_a_short_line(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    path = write(tmp_path / "in.txt", "1,1,8,16,4,x\n2,1,8,16,4\n")
    assert_refused(base, path, ", line 1, column \"height\": 'x' is not a number")


def test_a_fault_far_into_a_large_file_is_found_on_its_line(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    lines = [f"{n},1,8.25,16.25,4,8,0.5,-1,-1,-1\n" for n in range(1, 50_001)]
    lines[43_210] = lines[43_210].replace("16.25", "16,25")
    lines[43_211] = lines[43_211].replace("8.25", "8.2.5")
    path = write(tmp_path / "in.txt", "".join(lines))
    assert_refused(base, path, ", line 43212, column \"left\": '8.2.5' is not a number")


CSV_FAULTS = [
    ({"track": "a"}, "column \"track\": 'a' is not a number"),
    ({"track": "1.5"}, "column \"track\": '1.5' is not a whole number"),
    ({"track": "1e17"}, "column \"track\": '1e17' is too large"),
    ({"track": "-1"}, "column \"track\": '-1' is below 0"),
    ({"t": "noon"}, "column \"t\": 'noon' is not a time"),
    ({"t": ""}, "column \"t\": '' is not a time"),
    ({"t": "-5"}, "column \"t\": '-5' is not a time"),
    ({"t": "1969-12-31T23:59:59Z"}, "is outside the years 1970 to 2200"),
    ({"t": "2201-01-01"}, "is outside the years 1970 to 2200"),
    ({"t": "9" * 30}, "is outside the years 1970 to 2200"),
    ({"x": "inf"}, "column \"x\": 'inf' is not a number"),
    ({"y": "nan"}, "column \"y\": 'nan' is not a number"),
    ({"w": "0"}, "column \"w\": '0' is not above 0"),
    ({"h": "-1"}, "column \"h\": '-1' is not above 0"),
    ({"confidence": "1.01"}, "column \"confidence\": '1.01' is outside 0 to 1"),
    ({"confidence": "-1"}, "column \"confidence\": '-1' is outside 0 to 1"),
]


@pytest.mark.parametrize("label", ["person", '"of two\nlines"'])
@pytest.mark.parametrize(("fault", "problem"), CSV_FAULTS)
def test_a_csv_value_that_cannot_be_is_named_with_its_line(
    base: sqlite3.Connection, tmp_path: Path, label: str, fault: dict[str, str], problem: str
) -> None:
    row = dict(zip(HEADER.strip().split(","), ROW.strip().split(","), strict=True))
    good = ",".join((row | {"label": label}).values())
    bad = ",".join((row | {"label": label} | fault).values())
    path = write(tmp_path / "in.csv", f"{HEADER}{good}\n{bad}\n")
    assert_refused(base, path, f", line {3 + label.count(chr(10))}, ")
    assert_refused(base, path, problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEADER + ROW[:-5], ", line 2: has 7 columns, not 8"),
        (HEADER + ROW + ROW.strip() + ",9\n", ", line 3: has 9 columns, not 8"),
        ("track,t,x,y\n1,2,3,4\n", "lacks the columns label, w, h, confidence; it has"),
        ("x," + HEADER + "1," + ROW, "has the columns x more than once"),
        (HEADER + ROW + '2,"p' + ROW[8:], ", line 3: unexpected end of data"),
        (HEADER + '2,"p"q' + ROW[8:], ", line 2: ',' expected after '\"'"),
    ],
)
def test_a_csv_of_another_shape_is_described(
    base: sqlite3.Connection, tmp_path: Path, text: str, problem: str
) -> None:
    assert_refused(base, write(tmp_path / "in.csv", text), problem)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"track": [1, None]}, 'column "track": '),
        ({"x": [1, np.inf]}, 'column "x": inf is not a number'),
        ({"x": ["1", "abc"]}, "column \"x\": 'abc' is not a number"),
        ({"x": [[1], [2]]}, 'column "x": [1] is not a number'),
        ({"w": [1, 0]}, 'column "w": 0 is not above 0'),
        ({"label": ["p", None]}, 'column "label": None is not a text'),
        ({"t": [NOON, -1]}, 'column "t": -1 is outside the years 1970 to 2200'),
        ({"t": [NOON, 2**62]}, "is outside the years 1970 to 2200"),
        ({"t": [MOMENT, None]}, 'column "t": None is not a time'),
        ({"t": pd.to_datetime(["2026-01-01", "2250-01-01"])}, "is outside the years 1970 to 2200"),
        ({"t": [1.5, 2.5]}, 'column "t": 1.5 is not a time'),
        ({"t": ["2026-01-01", "x"]}, "column \"t\": 'x' is not a time"),
    ],
)
def test_a_parquet_value_that_cannot_be_is_named_with_its_row(
    base: sqlite3.Connection, tmp_path: Path, fault: dict[str, Any], problem: str
) -> None:
    path = tmp_path / "in.parquet"
    table(**fault).to_parquet(path)
    row = 1 if "[1]" in problem or "1.5" in problem else 2
    assert_refused(base, path, f", row {row}, ")
    assert_refused(base, path, problem)


def test_missing_parquet_columns_are_named(base: sqlite3.Connection, tmp_path: Path) -> None:
    table().drop(columns=["t", "h"]).to_parquet(tmp_path / "in.parquet")
    assert_refused(base, tmp_path / "in.parquet", "lacks the columns t, h")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "in.txt",
            "2,1,8,16,4,8\n1,1,8,16,4,8\n\n1,2,8,16,4,8\n1,1,9,9,4,8\n2,1,8,16,4,8\n",
            ", line 5: track 1 is in frame 1 already on line 2",
        ),
        (
            "in.csv",
            HEADER + ROW + ROW.replace("1,", "2,", 1) + ROW.replace(".000Z", ""),
            ", line 4: track 1 is at 2026-03-01T12:00:00.000Z already on line 2",
        ),
    ],
)
def test_a_track_twice_at_one_time_is_named_with_both_lines(
    base: sqlite3.Connection, tmp_path: Path, name: str, text: str, problem: str
) -> None:
    assert_refused(base, write(tmp_path / name, text), problem)


def test_a_track_twice_in_parquet_is_named_with_both_rows(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    table(track=[4, 4]).to_parquet(tmp_path / "in.parquet")
    assert_refused(base, tmp_path / "in.parquet", ", row 2: track 4 is at 2026-03-01T12:00:00.000Z")


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff", HEADER, HEADER + "\r\n\r\n"])
def test_a_file_without_rows_is_refused(
    base: sqlite3.Connection, tmp_path: Path, text: str
) -> None:
    assert_refused(base, write(tmp_path / "in.csv", text), "holds no rows")
    if "track" not in text:
        assert_refused(base, write(tmp_path / "in.txt", text), "holds no rows")


def test_an_empty_parquet_file_is_refused(base: sqlite3.Connection, tmp_path: Path) -> None:
    assert_refused(base, write(tmp_path / "in.parquet", ""), "holds no rows")
    table().head(0).to_parquet(tmp_path / "in.parquet")
    assert_refused(base, tmp_path / "in.parquet", "holds no rows")


@pytest.mark.parametrize("name", ["in.txt", "in.csv"])
def test_bytes_that_are_no_text_are_refused_with_their_line(
    base: sqlite3.Connection, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    good = "1,1,8,16,4,8\n" if name == "in.txt" else HEADER
    path.write_bytes(good.encode() + b"\xff\xfe,1\n")
    assert_refused(base, path, ", line 2: is not UTF-8 text")


@pytest.mark.parametrize("damage", ["text", "truncated", "scrambled"])
def test_a_file_that_is_not_parquet_is_refused(
    base: sqlite3.Connection, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "in.parquet"
    table().to_parquet(path)
    whole = path.read_bytes()
    path.write_bytes(
        {
            "text": HEADER.encode(),
            "truncated": whole[: len(whole) // 2],
            "scrambled": whole[:4] + bytes(len(whole) - 604) + whole[-600:],
        }[damage]
    )
    assert_refused(base, path, "is not a Parquet file, or is damaged", SourceUnreadable)


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".parquet"])
def test_a_file_that_is_missing_or_a_folder_is_named(
    base: sqlite3.Connection, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"in{suffix}"
    assert_refused(base, path, "There is no file", SourceNotFound)
    path.mkdir()
    assert_refused(base, path, "Is a directory", SourceUnreadable)


def test_an_import_that_fails_midway_adds_nothing(base: sqlite3.Connection, tmp_path: Path) -> None:
    record(base, {0: [box(1)]})
    before = list(base.iterdump())

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(base, write(tmp_path / "in.csv", HEADER + ROW), progress=interrupt)
    assert list(base.iterdump()) == before and not base.in_transaction


def test_an_import_that_fills_the_disk_adds_nothing(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {0: [box(1)]})
    before = list(base.iterdump())
    (pages,) = base.execute("PRAGMA page_count").fetchone()
    base.execute(f"PRAGMA max_page_count = {pages + 20}")
    lines = "".join(f"{n},1,8,16,4,8,1\n" for n in range(1, 30_000))
    with pytest.raises(DatabaseFull, match=r"tracks\.db cannot grow"):
        bring_in(base, write(tmp_path / "in.txt", lines))
    assert list(base.iterdump()) == before and not base.in_transaction


def test_a_database_opened_for_reading_can_be_exported_but_not_imported_into(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    record(base, {0: [box(1)]})
    with closing(open_readonly(tmp_path / "tracks.db")) as reader:
        export_tracks(reader, "door", "csv", tmp_path / "out.csv")
        with pytest.raises(DatabaseError, match="is read-only"):
            bring_in(reader, tmp_path / "out.csv")


def test_a_summary_cannot_be_changed() -> None:
    summary = Summary("door", 1, 1, 1, NOON, NOON)
    assert replace(summary, rows=2) != summary
    with pytest.raises(AttributeError):
        summary.rows = 2  # type: ignore[misc]
