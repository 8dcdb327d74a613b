"""Count audits: windows are drawn from what was watched, and the system's count is compared."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from tests.conftest import NOON, MakeClip
from tests.worlds import PLAZA, Gap, Walk, Watch, ms, write
from tracking.database import open_database
from tracking.demo import LINE, DemoTruth, make_demo
from tracking.errors import NothingRecorded, SettingsError, SourceUnreadable
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.filters import Filter
from tracking.frame import Frame, Track
from tracking.logger import DatabaseLogger
from tracking.quality import audits
from tracking.quality.audits import Audit, Plan
from tracking.quality.exporting import content_of, rows_of
from tracking.quality.footage import cut, read, request_of, written
from tracking.zones import derive, put

BEGAN = "2026-03-02T12:00:00+01:00"
DAY = Filter(ms("2026-03-02T00:00:00+01:00"), ms("2026-03-03T00:00:00+01:00"))


@pytest.fixture
def plaza(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Two in the first minute, one in the second, nobody in the third, and a gap in the fifth."""
    walks = (
        Walk("person", 5, 40, (100, 400), (580, 400)),
        Walk("person", 10, 40, (580, 300), (100, 300)),
        Walk("car", 70, 20, (40, 460), (600, 460)),
    )
    path = write(tmp_path / "people.db",
                 (Watch(PLAZA, BEGAN, 361, walks, (Gap("down", 250, 255),)),))  # fmt: skip
    with closing(open_database(path)) as connection:
        yield connection


def begun(connection: sqlite3.Connection, **plan: Any) -> Audit:
    asked: dict[str, Any] = {"seconds": 60, "windows": 10, **plan}
    return audits.begin(connection, Plan("plaza", **asked), DAY)


def told(connection: sqlite3.Connection, audit: Audit) -> dict[int, float | None]:
    """What the system counts, by the minute of the run."""
    return {
        (each.since - ms(BEGAN)) // 60_000: audits.counted(connection, audit, each)
        for each in audits.windows(connection, audit.id)
    }


def test_windows_are_of_what_was_really_watched(plaza: sqlite3.Connection) -> None:
    audit = begun(plaza)
    assert told(plaza, audit) == {0: 2, 1: 1, 2: 0, 3: 0, 5: 0}  # the fifth minute has a gap
    assert audit.possible == audit.windows == 5
    assert {each.hour for each in audits.windows(plaza, audit.id)} == {12}


def test_an_audit_is_of_the_hours_and_labels_asked_for(plaza: sqlite3.Connection) -> None:
    assert told(plaza, begun(plaza, labels=("car",))) == {0: 0, 1: 1, 2: 0, 3: 0, 5: 0}
    with pytest.raises(NothingRecorded, match="at no time watched for 60 s"):
        audits.begin(plaza, Plan("plaza", seconds=60), replace(DAY, hours=(8,)))


def test_occupancy_is_of_the_middle_of_a_window(plaza: sqlite3.Connection) -> None:
    counted = told(plaza, begun(plaza, quantity="occupancy"))
    assert counted == {0: 2, 1: 1, 2: 0, 3: 0, 5: 0}  # the car is last seen at 12:01:30


def test_crossings_are_those_of_the_line_and_its_direction(plaza: sqlite3.Connection) -> None:
    from tracking.zones import Line

    put(plaza, "plaza", [Line("gate", ((300, 200), (300, 470)), "west", "east")])
    path = plaza.execute("PRAGMA database_list").fetchone()[2]
    assert derive(Path(path)).finished
    [(both,)] = plaza.execute("SELECT count(*) FROM crossings")
    assert both == 3
    assert told(plaza, begun(plaza, quantity="crossings", place="gate"))[0] == 2
    assert told(plaza, begun(plaza, quantity="crossings", place="gate", direction="east"))[0] == 1
    with pytest.raises(SettingsError, match="no line 'door'"):
        begun(plaza, quantity="crossings", place="door")
    with pytest.raises(SettingsError, match="no direction 'up'"):
        begun(plaza, quantity="crossings", place="gate", direction="up")


def test_the_systems_count_is_kept_only_with_an_answer(plaza: sqlite3.Connection) -> None:
    audit = begun(plaza)
    assert plaza.execute("SELECT count(system) FROM audit_windows").fetchone() == (0,)
    first = audits.windows(plaza, audit.id)[0]
    kept = audits.answer(plaza, audit, first.number, 7, "clip")
    assert (kept.truth, kept.system) == (7, audits.counted(plaza, audit, first))
    assert audits.find(plaza, audit.id).answered == 1
    assert rows_of(audit, audits.windows(plaza, audit.id))["system"].notna().sum() == 1


def test_an_audit_goes_on_where_it_was_left_and_takes_back_the_last(
    plaza: sqlite3.Connection,
) -> None:
    audit = begun(plaza)
    audits.answer(plaza, audit, 1, 2)
    audits.skip(plaza, audit, 2, "too dark")
    again = audits.find(plaza, audit.id)
    assert (again.answered, again.skipped, again.left) == (1, 1, 3)
    undone = audits.undo(plaza, audit)
    assert undone is not None and undone.number == 2 and undone.open
    undone = audits.undo(plaza, audit)
    assert undone is not None and (undone.number, undone.truth, undone.system) == (1, None, None)
    assert audits.undo(plaza, audit) is None


def test_a_known_miscount_gives_the_bias_worked_out_by_hand(plaza: sqlite3.Connection) -> None:
    audit = begun(plaza)
    for each in audits.windows(plaza, audit.id):
        minute = (each.since - ms(BEGAN)) // 60_000
        audits.answer(plaza, audit, each.number, {0: 3, 1: 1}.get(minute, 0))
    found = audits.result(audit, audits.windows(plaza, audit.id))
    assert (found.truth, found.system) == (4, 3)
    assert (found.error, found.bias, found.relative) == (0.2, -0.2, -0.25)
    # all windows that there are were counted: nothing is left to chance
    assert (found.relative_low, found.relative_high) == (-0.25, -0.25)
    by_hour = audits.by_hour(audits.windows(plaza, audit.id))
    # off by -1, 0, 0, 0, 0: variance 0.2; Student's t of 4 is 2.77645
    assert list(by_hour) == [12]
    assert by_hour[12].bias_low == pytest.approx(-0.2 - 2.776445 * (0.2 / 5) ** 0.5)
    [(key, whole)] = audits.by_source(plaza, [audit]).items()
    assert key == ("plaza", "visits") and whole.bias == -0.2


def test_answers_are_compared_anew_when_the_system_counts_otherwise(
    plaza: sqlite3.Connection,
) -> None:
    audit = begun(plaza)
    for each in audits.windows(plaza, audit.id):
        audits.answer(plaza, audit, each.number, 1)
    with plaza:
        plaza.execute("UPDATE people_tracks SET visit_id = 1 WHERE id IN (1, 2)")
    assert audits.recount(plaza, audit) == 1
    assert audits.result(audit, audits.windows(plaza, audit.id)).system == 2
    with plaza:
        plaza.execute("DELETE FROM people_tracks")
        plaza.execute("DELETE FROM coverage")
    assert audits.recount(plaza, audit) == 0  # what is not recorded any more is no zero


def test_what_is_no_count_is_refused(plaza: sqlite3.Connection) -> None:
    audit = begun(plaza)
    for wrong in (-1, 1.5, True, 10**9):
        with pytest.raises(SettingsError, match="whole number"):
            audits.answer(plaza, audit, 1, wrong)  # type: ignore[arg-type]
    with pytest.raises(NothingRecorded, match="no window 99"):
        audits.answer(plaza, audit, 99, 1)
    with pytest.raises(SettingsError, match="for a reason"):
        audits.skip(plaza, audit, 1, " ")
    for plan in ({"seconds": 0.1}, {"windows": 0}, {"quantity": "crossings"},
                 {"quantity": "joy"}):  # fmt: skip
        with pytest.raises(SettingsError):
            begun(plaza, **plan)


def test_an_audit_is_deleted_with_its_windows_and_its_number_is_not_used_again(
    plaza: sqlite3.Connection,
) -> None:
    audit = begun(plaza)
    audits.delete(plaza, audit.id)
    assert plaza.execute("SELECT count(*) FROM audit_windows").fetchone() == (0,)
    assert begun(plaza).id == audit.id + 1
    with pytest.raises(NothingRecorded, match="no audit 1"):
        audits.delete(plaza, audit.id)


# what there is to see


def pixels(path: Path) -> list[int]:
    """The mean shade of each picture of a video."""
    with av.open(str(path)) as container:
        return [round(float(frame.to_ndarray(format="gray").mean()))
                for frame in container.decode(video=0)]  # fmt: skip


@pytest.fixture
def clip(tmp_path: Path, make_clip: MakeClip) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """Ten seconds, 10 pictures a second, picture n of shade 10 n modulo 250."""
    path = make_clip("long.avi", 100)
    with closing(open_database(tmp_path / "clip.db")) as connection:
        logger = DatabaseLogger(connection)
        run = Run(
            Source("clip", "file", str(path), "UTC", 64, 48, 10), NOON, "truth", None, "t", "0"
        )
        logger(SourceStarted(run))
        for n in range(100):
            tracks = (Track(1, "person", 0.9, 32, 24, 20, 30),) if n >= 40 else ()
            logger(
                TracksSeen(run, Frame(n, NOON + 100 * n, np.zeros((48, 64, 3), np.uint8), tracks))
            )
        logger(SourceEnded(run, NOON + 9900, 100, "finished"))
        yield connection, path


def audit_of(connection: sqlite3.Connection, **plan: Any) -> Audit:
    asked: dict[str, Any] = {"seconds": 2, "windows": 9, **plan}
    return audits.begin(connection, Plan("clip", **asked), Filter(NOON, NOON + 60_000))


def test_the_window_is_cut_out_of_the_recording_without_boxes(
    clip: tuple[sqlite3.Connection, Path], tmp_path: Path
) -> None:
    connection, _ = clip
    audit = audit_of(connection)
    assert audit.possible == 5
    for each in audits.windows(connection, audit.id):
        request = request_of(connection, audit, each)
        assert request is not None and request.boxes == ()
        first = (each.since - NOON) // 100
        many = cut(read(written(request)), tmp_path / "out.mp4")
        shades = pixels(tmp_path / "out.mp4")
        assert many == len(shades) == 21 - (first == 80)  # with the next one's first, if there is
        assert shades[0] == pytest.approx(10 * first % 250, abs=4)
        assert shades[10] == pytest.approx(10 * (first + 10) % 250, abs=4)


def test_boxes_are_drawn_on_demand(clip: tuple[sqlite3.Connection, Path], tmp_path: Path) -> None:
    connection, _ = clip
    audit = audit_of(connection)
    late = max(audits.windows(connection, audit.id), key=lambda each: each.since)
    plain, boxed = (request_of(connection, audit, late, each) for each in (False, True))
    assert plain is not None and boxed is not None and len(boxed.boxes) > 20
    files = [tmp_path / name for name in ("plain.mp4", "boxed.mp4")]
    for request, file in zip((plain, boxed), files, strict=True):
        cut(request, file)
    a, b = (cv2.VideoCapture(str(file)).read()[1].astype(int) for file in files)
    assert np.abs(a - b).max() > 60


def test_a_moment_is_one_picture(clip: tuple[sqlite3.Connection, Path], tmp_path: Path) -> None:
    connection, _ = clip
    audit = audit_of(connection, quantity="occupancy")
    early = min(audits.windows(connection, audit.id), key=lambda each: each.since)
    request = request_of(connection, audit, early)
    assert request is not None and request.seconds == 0
    assert cut(request, tmp_path / "moment.jpg") == 1
    image = cv2.imread(str(tmp_path / "moment.jpg"))
    assert image is not None and image.mean() == pytest.approx(
        100, abs=3
    )  # a second after its begin


def test_a_run_that_was_taken_up_again_is_found_by_its_pictures_numbers(
    clip: tuple[sqlite3.Connection, Path], tmp_path: Path
) -> None:
    connection, _ = clip
    with connection:  # the run began with picture 40, and its times are a day's later
        connection.execute("DELETE FROM coverage")
        connection.execute("UPDATE runs SET started_at = ?", (NOON + 4000,))
    audit = audit_of(connection)
    first = min(audits.windows(connection, audit.id), key=lambda each: each.since)
    assert first.since == NOON + 4000
    request = request_of(connection, audit, first)
    assert request is not None and request.begin == pytest.approx(4.0)


def test_without_the_recording_our_own_paths_move_over_the_latest_picture(
    clip: tuple[sqlite3.Connection, Path], tmp_path: Path
) -> None:
    connection, path = clip
    path.unlink()
    audit = audit_of(connection)
    late = max(audits.windows(connection, audit.id), key=lambda each: each.since)
    request = request_of(connection, audit, late)
    assert request is not None and request.kind == "paths" and request.still
    assert cut(read(written(request)), tmp_path / "paths.mp4") == 20
    with pytest.raises(SourceUnreadable, match="cannot be read"):
        cut(replace(request, kind="file", path=str(path)), tmp_path / "none.mp4")


# the demo clip, whose truth is known


@pytest.mark.slow
def test_the_audit_of_the_demo_clip_with_true_counts_has_no_error(
    tmp_path: Path, tracking_here: Callable[..., Any]
) -> None:
    truth = make_demo(tmp_path / "clip.mp4")
    db = tmp_path / "demo.db"
    assert record(db, truth, tmp_path / "clip.mp4")
    with closing(open_database(db)) as connection:
        filter = Filter(NOON, NOON + 60_000)
        plan = Plan("demo", seconds=3, windows=50)
        seen = audits.begin(connection, plan, filter)
        crossed = audits.begin(
            connection, replace(plan, quantity="crossings", place=LINE.name), filter
        )
        for audit, count in ((seen, people_in), (crossed, crossings_in)):
            for each in audits.windows(connection, audit.id):
                begin, end = ((t - NOON) / 1000 for t in (each.since, each.until))
                audits.answer(connection, audit, each.number, count(truth, begin, end), "clip")
            found = audits.result(audit, audits.windows(connection, audit.id))
            assert found.truth > 0
            assert (found.error, found.bias, found.relative, found.exact) == (0, 0, 0, 1)
        content = content_of(seen, audits.windows(connection, seen.id))
    assert content["estimate"]["error"] == 0
    printed = json.loads(tracking_here("audit", "export", 1, "--db", db).stdout)
    assert printed["windows"] == content["windows"]


def people_in(truth: DemoTruth, begin: float, end: float) -> int:
    return sum(
        any(begin <= n / truth.fps < end for n in boxes) or
        (min(boxes) / truth.fps < begin and max(boxes) / truth.fps >= end)
        for boxes in truth.boxes.values()
    )  # fmt: skip


def crossings_in(truth: DemoTruth, begin: float, end: float) -> int:
    return sum(begin <= each.seconds < end for each in truth.passings)


def record(db: Path, truth: DemoTruth, clip: Path) -> bool:
    """What a tracker would say that makes no mistake."""
    with closing(open_database(db)) as connection:
        source = Source("demo", "file", str(clip), "UTC", truth.width, truth.height, truth.fps)
        run = Run(source, NOON, "truth", None, "none", "0")
        logger = DatabaseLogger(connection)
        logger(SourceStarted(run))
        put(connection, "demo", [LINE])
        for n in range(truth.frames):
            tracks = tuple(
                Track(person, "person", 1.0, *truth.feet[person][n], box[2], 0.001)
                for person, boxes in truth.boxes.items()
                if (box := boxes.get(n)) and n in truth.feet[person]
            )
            t = NOON + round(n * 1000 / truth.fps)
            logger(TracksSeen(run, Frame(n, t, np.empty((0, 0, 3), np.uint8), tracks)))
        logger(SourceEnded(run, t, truth.frames, "finished"))
    return derive(db).finished


def test_the_command_line_lists_and_exports(
    plaza: sqlite3.Connection, tmp_path: Path, tracking_here: Callable[..., Any]
) -> None:
    db = plaza.execute("PRAGMA database_list").fetchone()[2]
    assert "There are no audits" in tracking_here("audit", "list", "--db", db).stdout
    audit = begun(plaza)
    for each in audits.windows(plaza, audit.id):
        audits.answer(plaza, audit, each.number, 1)
    listed = tracking_here("audit", "list", "--db", db).stdout
    assert "5 of 5" in listed and "plaza" in listed
    assert (
        tracking_here("audit", "export", audit.id, "--db", db, "-o", tmp_path / "a.csv").returncode
        == 0
    )
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert len(lines) == 6 and lines[0].startswith("audit,source,quantity")
    wrong = tracking_here("audit", "export", 9, "--db", db)
    assert wrong.returncode == 1 and "There is no audit 9" in wrong.stderr


def test_the_command_line_says_how_well_it_tracks(
    plaza: sqlite3.Connection, tracking_here: Callable[..., Any]
) -> None:
    db = plaza.execute("PRAGMA database_list").fetchone()[2]
    shown = tracking_here("quality", "--db", db).stdout
    assert "Broken tracks (a watched minute)" in shown
    [source] = json.loads(tracking_here("quality", "--db", db, "--json").stdout)["sources"]
    assert (source["source"], source["tracks"]) == ("plaza", 3)
    assert source["numbers"]["broken_rate"]["value"] == 0
    assert source["advice"][0]["setting"] == "fps"
