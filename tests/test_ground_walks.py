"""What people walked: exact for whoever goes straight on, robust where boxes tremble."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.pinholes import Pinhole
from tests.worlds import ms
from tracking.ask.answering.answering import answer_plan
from tracking.ask.plan import Plan, Span
from tracking.database import open_database, open_readonly, writing
from tracking.errors import GroundError, NothingRecorded, SettingsError
from tracking.filters import Filter
from tracking.footprints import rebuild
from tracking.ground import (
    Calibration,
    FloorPlan,
    Placing,
    current,
    delete,
    delete_plan,
    derive_in,
    drawn_plan,
    exported,
    find_plan,
    keep_paced,
    lacking,
    plans,
    put_plan,
    read_in,
    restore,
    set_ground,
    versions,
)
from tracking.metrics import measure, select
from tracking.metrics.floor import floor_heat, zone_floors
from tracking.study import write_study
from tracking.zones import Zone, add

CAMERA = Pinhole()
OTHER = Pinhole(x=3.0, y=11.0, heading=180.0, high=4.0)
SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 6.0), (0.0, 6.0)]
NOON = ms("2026-03-28T12:00:00+01:00")
HOUR = Filter(NOON, NOON + 3_600_000)
HIGH = 40.0  # pixels of every box


def calibration(camera: Pinhole = CAMERA, **more: object) -> Calibration:
    pixels = tuple((float(x), float(y)) for x, y in camera.picture(SQUARE))
    return replace(Calibration(pixels, tuple(SQUARE)), **more)


class Yard:
    """Cameras over one floor. Times are milliseconds after noon."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection, self.cameras = connection, {0: CAMERA, 1: OTHER}
        for id, camera in self.cameras.items():
            size = (camera.width, camera.height)
            self.run(id, id, size)
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, 'stream', '', 'Europe/Berlin', ?, ?, 25, 0)",
                (id, f"cam {id}", *size),
            )
            connection.executemany(
                "INSERT INTO coverage (source_id, minute, seconds_observed, frames, state)"
                " VALUES (?, ?, 60, 1, 'ok')",
                ((id, NOON // 60_000 + minute) for minute in range(60)),
            )
        connection.commit()

    def run(self, id: int, source: int, size: tuple[int, int]) -> None:
        self.connection.execute(
            "INSERT INTO runs (id, source_id, started_at, detector, tracker, code_version, outcome,"
            " width, height) VALUES (?, ?, 0, 'yolo', 'botsort', '', 'finished', ?, ?)",
            (id, source, *size),
        )

    def walk(
        self,
        t: np.ndarray,
        floor: np.ndarray,
        source: int = 0,
        shaken: np.ndarray | float = 0.0,
        run: int | None = None,
        scale: float = 1.0,
    ) -> int:
        """Somebody whose feet are at these places (n, 2) at these times; people_tracks.id."""
        feet = (self.cameras[source].picture(floor) + shaken) * scale
        times = (NOON + t).astype(np.int64).tolist()
        track = self.connection.execute(
            "INSERT INTO people_tracks (run_id, source_id, track_id, label, first_seen, last_seen,"
            " positions, confidence) VALUES (?, ?, (SELECT 1 + count(*) FROM people_tracks),"
            " 'person', ?, ?, ?, 0.9)",
            (source if run is None else run, source, times[0], times[-1], len(times)),
        ).lastrowid
        self.connection.executemany(
            "INSERT INTO positions VALUES (?, ?, 0, ?, ?, 20, ?, 0.9)",
            ((track, at, x, y - HIGH / 2, HIGH)
             for at, (x, y) in zip(times, feet.tolist(), strict=True)),
        )  # fmt: skip
        self.connection.commit()
        assert track is not None
        return track

    def pace(self, track: int) -> tuple[float, float]:
        row = self.connection.execute(
            "SELECT metres, seconds FROM paces WHERE track = ?", (track,)
        ).fetchone()
        return (float(row[0]), float(row[1]))

    def speed(self, track: int) -> float:
        derive_in(self.connection)
        metres, seconds = self.pace(track)
        return metres / seconds

    def value(self, name: str, filter: Filter = HOUR) -> float | None:
        selection = select(self.connection, filter, NOON + 3_600_000)
        found = measure(name, selection)
        ((expected,),) = self.connection.execute(found.sql)
        assert found.value == pytest.approx(expected)
        return found.value


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    connection = open_database(tmp_path / "people.db")
    connection.execute("PRAGMA foreign_keys = OFF")
    yield Yard(connection)
    connection.close()


def line(t: np.ndarray, begin: tuple[float, float], speed: tuple[float, float]) -> np.ndarray:
    return np.array(begin) + t[:, None] / 1000 * np.array(speed)


EVEN = np.arange(0, 5001, 40)


# speed


@pytest.mark.parametrize("times", [EVEN, np.arange(0, 5001, 1000), np.sort(
    np.random.default_rng(2).choice(5000, 60, replace=False))])  # fmt: skip
def test_the_speed_of_an_even_walk_is_exact(yard: Yard, times: np.ndarray) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    track = yard.walk(times, line(times, (1.0, 1.0), (0.6, 0.8)))
    assert yard.speed(track) == pytest.approx(1.0, abs=1e-6)


def test_trembling_boxes_hardly_make_anybody_faster(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    random = np.random.default_rng(4)
    speeds = []
    for _ in range(20):
        shaken = random.normal(0, 3, (len(EVEN), 2))
        speeds.append(yard.speed(yard.walk(EVEN, line(EVEN, (1, 0.5), (0.3, 1.2)), 0, shaken)))
    assert np.abs(np.array(speeds) / np.hypot(0.3, 1.2) - 1).max() < 0.05
    from_picture_to_picture = shaken_speed(random)
    assert from_picture_to_picture > 1.5 * np.hypot(0.3, 1.2)


def shaken_speed(random: np.random.Generator) -> float:
    """What adding up from picture to picture would say of the same."""
    plane = calibration().fitted().plane
    pixels = CAMERA.picture(line(EVEN, (1, 0.5), (0.3, 1.2)))
    floor = np.column_stack(plane.floor(*(pixels + random.normal(0, 3, pixels.shape)).T))
    return float(np.hypot(*np.diff(floor, axis=0).T).sum() / 5)


def test_who_stands_still_and_trembles_goes_nearly_nowhere(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    times = np.arange(0, 30_000, 40)
    shaken = np.random.default_rng(5).normal(0, 3, (len(times), 2))
    assert yard.speed(yard.walk(times, line(times, (2, 2), (0, 0)), 0, shaken)) < 0.03


def test_time_in_which_a_track_was_lost_counts_neither_way_nor_time(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    times = np.concatenate([np.arange(0, 2000, 40), np.arange(9000, 11_000, 40)])
    track = yard.walk(times, line(times, (1, 0.5), (0, 0.5)))
    assert yard.speed(track) == pytest.approx(0.5)
    assert yard.pace(track)[1] == pytest.approx(2.0)  # a second's mean to the next one's, twice


def test_feet_above_the_horizon_count_nothing(yard: Yard) -> None:
    camera = yard.cameras[0] = Pinhole(down=12)
    set_ground(yard.connection, "cam 0", calibration(camera))
    there = yard.walk(EVEN, line(EVEN, (1, 2), (0.5, 0)))
    times = np.arange(0, 3000, 40)
    above = yard.walk(times, line(times, (1, 2), (0, 0)), 0, np.array([0, -400.0]))
    assert yard.speed(there) == pytest.approx(0.5)
    assert yard.pace(above) == (0, 0)


def test_frames_of_another_size_are_measured_alike(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    yard.run(7, 0, (1280, 960))
    track = yard.walk(EVEN, line(EVEN, (1, 1), (0.6, 0.8)), run=7, scale=2.0)
    assert yard.speed(track) == pytest.approx(1.0, abs=1e-6)


# what is derived, and when


def test_only_what_is_missing_is_derived_and_a_track_that_goes_on_anew(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    track = yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)), source=1)  # has no ground plane
    assert derive_in(yard.connection).tracks == 1
    assert derive_in(yard.connection).tracks == 0
    more = np.arange(5040, 9001, 40)
    last = line(more, (1, 1), (0, 0.4))
    feet = CAMERA.picture(last)
    yard.connection.executemany(
        "INSERT INTO positions VALUES (?, ?, 0, ?, ?, 20, 40, 0.9)",
        ((track, NOON + int(t), float(x), float(y) - 20)
         for t, (x, y) in zip(more, feet, strict=True)),
    )  # fmt: skip
    yard.connection.execute("UPDATE people_tracks SET last_seen = ?", (NOON + 9000,))
    yard.connection.commit()
    assert derive_in(yard.connection).tracks == 1
    assert yard.pace(track)[0] == pytest.approx(0.4 * yard.pace(track)[1])
    assert yard.pace(track)[1] > 8


def test_a_track_that_is_still_seen_waits_for_its_end_beside_a_runner(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    yard.connection.execute("UPDATE runs SET outcome = NULL")
    yard.connection.commit()
    assert lacking(yard.connection) == 0
    assert derive_in(yard.connection, ended=True).tracks == 0
    late = np.arange(20_000, 22_001, 40)
    yard.walk(late, line(late, (1, 1), (0, 0.01)))
    assert derive_in(yard.connection, ended=True).tracks == 1
    assert derive_in(yard.connection).tracks == 1


def test_a_runner_derives_by_itself_and_ends_when_told(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    track = yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    path = yard.connection.execute("PRAGMA database_list").fetchone()[2]
    said: list[str] = []
    stopping = threading.Event()
    thread = threading.Thread(target=keep_paced, args=(path, stopping, said.append))
    thread.start()
    while not yard.connection.execute("SELECT count(*) FROM paces").fetchone()[0]:
        assert thread.is_alive()
    stopping.set()
    thread.join(20)
    assert not thread.is_alive()
    assert yard.pace(track)[0] > 1
    assert said == []


def test_a_moved_camera_counts_each_time_with_its_own_plane(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    moved = NOON + 1_800_000
    double = tuple((2 * x, 2 * y) for x, y in SQUARE)
    set_ground(yard.connection, "cam 0", calibration(floor=double), at=moved)
    before = yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    after = yard.walk(EVEN + 1_800_000, line(EVEN, (1, 1), (0, 0.4)))
    assert [each.since for each in versions(yard.connection)] == [0, moved]
    assert yard.speed(before) == pytest.approx(0.4)
    assert yard.speed(after) == pytest.approx(0.8)
    set_ground(yard.connection, "cam 0", calibration(), past=True)
    assert yard.speed(after) == pytest.approx(0.4)
    assert len(versions(yard.connection)) == 2


def test_a_change_is_undone_with_all_versions(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    track = yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    before = versions(yard.connection, "cam 0")
    assert delete(yard.connection, "cam 0") == 1
    assert current(yard.connection) == []
    assert derive_in(yard.connection).sources == 0
    restore(yard.connection, "cam 0", before)
    assert [each.calibration for each in current(yard.connection)] == [before[0].calibration]
    assert yard.speed(track) == pytest.approx(0.4)


def test_to_lie_elsewhere_on_a_plan_makes_no_new_version(yard: Yard) -> None:
    put_plan(yard.connection, FloorPlan("yard", 20, 20))
    set_ground(yard.connection, "cam 0", calibration())
    track = yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    derive_in(yard.connection)
    set_ground(yard.connection, "cam 0", calibration(placing=Placing("yard", 3, 4, 90)))
    assert [each.since for each in versions(yard.connection)] == [0]
    assert yard.pace(track)[0] > 1  # nothing was forgotten


@pytest.mark.parametrize(
    ("source", "more", "error"),
    [
        ("cam 9", {}, NothingRecorded),
        ("cam 0", {"placing": Placing("nowhere")}, GroundError),
        ("cam 0", {"floor": tuple(reversed(SQUARE))}, GroundError),
    ],
)
def test_what_cannot_be_set_changes_nothing(
    yard: Yard, source: str, more: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        set_ground(yard.connection, source, calibration(**more))
    assert versions(yard.connection) == []


def test_deleting_a_track_takes_its_pace_along(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    derive_in(yard.connection)
    yard.connection.execute("PRAGMA foreign_keys = ON")
    with writing(yard.connection):
        yard.connection.execute("DELETE FROM people_tracks")
    assert yard.connection.execute("SELECT count(*) FROM paces").fetchone() == (0,)


# plans and JSON


def a_drawing(width: int, height: int) -> bytes:
    import cv2

    image = np.full((height, width, 3), 200, np.uint8)
    return cv2.imencode(".png", image)[1].tobytes()


def test_a_drawing_keeps_its_proportions_and_has_a_limit() -> None:
    import cv2

    plan = drawn_plan("shop", a_drawing(4000, 1000), 20)
    assert plan.height == pytest.approx(5)
    assert plan.png is not None
    assert cv2.imdecode(np.frombuffer(plan.png, np.uint8), 1).shape == (500, 2000, 3)
    noise = np.random.default_rng(0).integers(0, 255, (1800, 1800, 3), np.uint8)
    photograph = drawn_plan("shop", cv2.imencode(".jpg", noise)[1].tobytes(), 20)
    assert photograph.png is not None
    assert len(photograph.png) <= 4_000_000


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"GIF89a", "neither a PNG nor a JPEG"),
        (b"", "neither a PNG nor a JPEG"),
        (a_drawing(8, 8)[:40], "damaged"),
        (a_drawing(8, 8)[:16] + (100_000).to_bytes(4, "big") * 2 + b"0" * 40, "more than"),
    ],
)
def test_a_file_that_is_no_drawing_is_refused(image: bytes, said: str) -> None:
    with pytest.raises(GroundError, match=said):
        drawn_plan("shop", image, 20)


def test_a_plan_on_which_a_source_lies_is_not_deleted(yard: Yard) -> None:
    put_plan(yard.connection, FloorPlan("yard", 20, 20))
    set_ground(yard.connection, "cam 0", calibration(placing=Placing("yard")))
    with pytest.raises(GroundError, match="On the plan 'yard' lie"):
        delete_plan(yard.connection, "yard")
    set_ground(yard.connection, "cam 0", calibration())
    delete_plan(yard.connection, "yard")
    with pytest.raises(GroundError, match="no plan 'yard'; there are none"):
        find_plan(yard.connection, "yard")


def test_what_is_exported_comes_back_into_another_record(yard: Yard, tmp_path: Path) -> None:
    put_plan(yard.connection, drawn_plan("shop", a_drawing(40, 20), 20))
    put_plan(yard.connection, FloorPlan("yard", 30, 20))
    set_ground(yard.connection, "cam 0", calibration(placing=Placing("shop", 1, 2, 3)))
    set_ground(yard.connection, "cam 1", calibration(OTHER_SEEN))
    content = exported(current(yard.connection), plans(yard.connection))
    other = open_database(tmp_path / "other.db")
    other.execute("PRAGMA foreign_keys = OFF")
    Yard(other)
    read_in(other, content)
    assert exported(current(other), plans(other)) == content
    other.close()


OTHER_SEEN = Pinhole(x=2.0, y=12.0, heading=180.0, high=4.0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, '"grounds"'),
        ([], '"grounds"'),
        ({"grounds": [{"points": []}]}, "Ground plane 1 has no source"),
        ({"plans": [{"name": "a"}]}, "Plan 1"),
        ({"plans": [{"name": "a", "width": 5, "height": "5"}]}, "Plan 1"),
        ({"plans": [{"name": "a", "width": 5, "height": 5, "png": "?"}]}, "base 64"),
        ({"plans": [{"name": "a", "width": 5, "height": 0}]}, "0.5 to 1000 m"),
        ({"plans": [{"name": " ", "width": 5, "height": 5}]}, "no name"),
    ],
)
def test_json_that_cannot_be_taken_changes_nothing(yard: Yard, content: object, said: str) -> None:
    with pytest.raises(GroundError, match=said):
        read_in(yard.connection, content)
    assert plans(yard.connection) == []


# as metrics


def test_speeds_of_tracks_have_mean_median_and_percentile(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    for speed in (0.2, 0.4, 0.5, 0.9):
        yard.walk(EVEN, line(EVEN, (1, 1), (0, speed)))
    yard.walk(EVEN[:5], line(EVEN[:5], (1, 1), (0, 1)))  # too short to have a speed
    yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)), source=1)  # has no ground plane
    derive_in(yard.connection)
    assert yard.value("speed_mean") == pytest.approx(0.5)
    assert yard.value("speed_median") == pytest.approx(0.45)
    assert yard.value("speed_p90") == pytest.approx(0.78)
    rows = measure(
        "speed_mean", select(yard.connection, HOUR, NOON + 3_600_000), ("source",)
    ).rows.set_index("source")["value"]
    assert rows["cam 0"] == pytest.approx(0.5)
    assert np.isnan(rows["cam 1"])


def test_how_far_tracks_walked_is_their_way_in_metres(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    times = np.arange(0, 12_000, 1000)
    there = np.concatenate([np.linspace(1, 4, 6), np.linspace(4, 1, 6)])  # and back
    yard.walk(times, np.column_stack([np.full(12, 2.0), there]))
    derive_in(yard.connection)
    assert yard.value("distance_mean") == pytest.approx(6.0)


def test_without_a_ground_plane_there_is_no_speed_and_it_is_said(yard: Yard) -> None:
    yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    selection = select(yard.connection, HOUR, NOON + 3_600_000)
    with pytest.raises(SettingsError, match="needs a ground plane, and there is none of 'cam 0'"):
        measure("speed_mean", selection)


def test_a_question_about_speed_without_a_ground_plane_is_answered_in_words(yard: Yard) -> None:
    yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    plan = Plan("speed_mean", Span(NOON, NOON + 3_600_000, "that hour"), "Europe/Berlin")
    answer = answer_plan(yard.connection, plan, NOON + 3_600_000)
    assert answer.status == "failed"
    assert "Mean speed needs a ground plane, and there is none of 'cam 0'" in answer.answer
    set_ground(yard.connection, "cam 0", calibration())
    derive_in(yard.connection)
    answer = answer_plan(yard.connection, plan, NOON + 3_600_000)
    assert (answer.status, answer.value) == ("ok", pytest.approx(0.4))


def test_a_study_has_the_same_speeds_and_plans(yard: Yard, tmp_path: Path) -> None:
    for name in ("yard", "elsewhere"):
        put_plan(yard.connection, FloorPlan(name, 20, 20))
    set_ground(yard.connection, "cam 0", calibration(placing=Placing("yard")))
    yard.walk(EVEN, line(EVEN, (1, 1), (0, 0.4)))
    derive_in(yard.connection)
    write_study(yard.connection, tmp_path / "study.db", since=NOON, until=NOON + 3_600_000)
    with closing(open_readonly(tmp_path / "study.db")) as study:
        assert measure("speed_mean", select(study, HOUR, NOON)).value == pytest.approx(0.4)
        assert [plan.name for plan in plans(study)] == ["yard"]


def test_with_a_ground_plane_and_nobody_there_a_speed_is_not_known(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    assert yard.value("speed_mean") is None


# on the floor


def stand(yard: Yard, place: tuple[float, float], seconds: int, source: int = 0) -> None:
    times = np.arange(0, seconds * 1000 + 1, 1000)
    yard.walk(times, np.tile(np.array(place, float), (len(times), 1)), source)


def test_who_stands_somewhere_is_there_on_the_plan(yard: Yard) -> None:
    put_plan(yard.connection, FloorPlan("yard", 14, 14))
    set_ground(yard.connection, "cam 0", calibration(placing=Placing("yard", 5, 3)))
    stand(yard, (2.0, 2.0), 100)
    rebuild(yard.connection)
    yard.connection.commit()
    heat = floor_heat(yard.connection, select(yard.connection, HOUR, NOON + 3_600_000), "yard", 0.5)
    assert heat.value == pytest.approx(100)
    assert heat.placeless == pytest.approx(0, abs=1e-9)
    across, up = np.meshgrid(*heat.centres)
    weights = np.nan_to_num(heat.seconds)
    assert np.average(across, weights=weights) == pytest.approx(
        7.0, abs=0.3
    )  # a cell of the picture
    assert np.average(up, weights=weights) == pytest.approx(5.0, abs=0.3)
    assert np.nansum(heat.density) * 0.25 == pytest.approx(100)


def test_floor_that_no_camera_sees_is_not_known_rather_than_empty(yard: Yard) -> None:
    put_plan(yard.connection, FloorPlan("yard", 14, 14))
    set_ground(yard.connection, "cam 0", calibration(placing=Placing("yard", 5, 3)))
    rebuild(yard.connection)
    heat = floor_heat(yard.connection, select(yard.connection, HOUR, NOON + 3_600_000), "yard", 0.5)
    across, up = np.meshgrid(*heat.centres)
    pixels = CAMERA.picture(np.column_stack([across.ravel() - 5, up.ravel() - 3]))
    depth = (
        np.column_stack([across.ravel() - 5, up.ravel() - 3, np.ones(across.size)])
        @ (CAMERA.matrix[2])
    )
    inside = ((pixels >= 0) & (pixels <= (640, 480))).all(axis=1) & (depth > 0)
    assert (np.isfinite(heat.seconds).ravel() == inside).all()
    assert heat.sizes == {"cam 0": pytest.approx(inside.sum() * 0.25)}
    assert 10 < inside.sum() < inside.size


def test_two_cameras_that_see_the_same_person_do_not_count_it_twice(yard: Yard) -> None:
    put_plan(yard.connection, FloorPlan("yard", 14, 14))
    camera = yard.cameras[1] = OTHER_SEEN
    set_ground(yard.connection, "cam 0", calibration(placing=Placing("yard", 5, 3)))
    set_ground(yard.connection, "cam 1", calibration(camera, placing=Placing("yard", 5, 3)))
    for source in (0, 1):
        stand(yard, (2.0, 4.0), 60, source)
    rebuild(yard.connection)
    heat = floor_heat(yard.connection, select(yard.connection, HOUR, NOON + 3_600_000), "yard", 1.0)
    assert heat.value == pytest.approx(60, rel=0.2)
    assert heat.sources == ("cam 0", "cam 1")


def test_who_stands_beyond_the_plan_is_told_and_not_drawn_at_its_edge(yard: Yard) -> None:
    put_plan(yard.connection, FloorPlan("yard", 14, 14))
    set_ground(yard.connection, "cam 0", calibration(placing=Placing("yard", -20, 0)))
    stand(yard, (2.0, 2.0), 100)
    rebuild(yard.connection)
    heat = floor_heat(yard.connection, select(yard.connection, HOUR, NOON + 3_600_000), "yard", 0.5)
    assert heat.placeless == pytest.approx(100)
    assert heat.value == 0


def test_a_source_without_a_plan_has_its_own_floor(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    stand(yard, (2.0, 2.0), 100)
    rebuild(yard.connection)
    selection = select(yard.connection, replace(HOUR, sources=("cam 0",)), NOON + 3_600_000)
    heat = floor_heat(yard.connection, selection)
    across, _ = np.meshgrid(*heat.centres)
    assert np.average(across, weights=np.nan_to_num(heat.seconds)) == pytest.approx(2, abs=0.3)
    with pytest.raises(GroundError, match="None of these sources has a ground plane"):
        floor_heat(
            yard.connection,
            select(yard.connection, replace(HOUR, sources=("cam 1",)), NOON + 3_600_000),
        )


def test_presence_before_a_camera_was_moved_lies_where_it_pointed_then(yard: Yard) -> None:
    put_plan(yard.connection, FloorPlan("yard", 20, 20))
    placing = Placing("yard", 5, 3)
    double = tuple((2 * x, 2 * y) for x, y in SQUARE)
    set_ground(yard.connection, "cam 0", calibration(placing=placing))
    set_ground(yard.connection, "cam 0", calibration(placing=placing, floor=double),
               at=NOON + 1_800_000)  # fmt: skip
    stand(yard, (2.0, 2.0), 100)
    rebuild(yard.connection)
    found = []
    for filter in (replace(HOUR, until=NOON + 1_800_000), replace(HOUR, since=NOON + 1_800_000)):
        selection = select(yard.connection, filter, NOON + 3_600_000)
        found.append(floor_heat(yard.connection, selection, "yard").value)
    assert found == [pytest.approx(100), 0]


def test_a_zone_has_its_floor_in_square_metres_and_presence_on_each(yard: Yard) -> None:
    set_ground(yard.connection, "cam 0", calibration())
    corners = tuple(
        (float(x), float(y)) for x, y in CAMERA.picture([(1, 1), (3, 1), (3, 4), (1, 4)])
    )
    add(yard.connection, "cam 0", Zone("desk", corners))
    sky = ((0.0, -30.0), (640.0, -30.0), (640.0, 60.0), (0.0, 60.0))
    add(yard.connection, "cam 0", Zone("beyond", sky))
    stand(yard, (2.0, 2.0), 90)
    from tracking.zones import derive_in as derive_zones

    derive_zones(yard.connection)
    table = zone_floors(yard.connection, select(yard.connection, HOUR, NOON + 3_600_000))
    rows = table.set_index("zone").to_dict("index")
    assert rows["desk"]["square_metres"] == pytest.approx(6.0)
    assert rows["desk"]["seconds"] == 90
    assert rows["desk"]["seconds_per_m2"] == pytest.approx(15.0)
    assert rows["beyond"]["seconds"] == 0


def test_a_zone_that_reaches_to_the_horizon_has_no_area(yard: Yard) -> None:
    camera = yard.cameras[0] = Pinhole(down=12)
    set_ground(yard.connection, "cam 0", calibration(camera))
    add(yard.connection, "cam 0", Zone("all", ((0, 0), (640, 0), (640, 480), (0, 480))))
    rebuild(yard.connection)
    table = zone_floors(yard.connection, select(yard.connection, HOUR, NOON + 3_600_000))
    assert table["square_metres"].isna().all()
