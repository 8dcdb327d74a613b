"""How well it tracks, on worlds in which every break, birth and death is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.worlds import PLAZA, Gap, Walk, Watch, ms, write
from tracking.database import open_database, open_readonly
from tracking.filters import Filter
from tracking.footprints.steps import STEP
from tracking.metrics import select
from tracking.quality import Quality, advise, setups, side_by_side, tracking_quality
from tracking.visits import VisitSettings, join
from tracking.zones import Line, Zone, put

BEGAN = "2026-03-02T12:00:00+01:00"
WINDOW = Filter(ms(BEGAN), ms("2026-03-02T13:00:00+01:00"), ("plaza",))
INSIDE, ELSEWHERE = (320.0, 240.0), (200.0, 400.0)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_readonly(path)) as connection:
        yield connection


def quality(
    path: Path, filter: Filter = WINDOW, runs: Sequence[int] | None = None, doors: bool = True
) -> Quality:
    with reading(path) as connection:
        return tracking_quality(connection, select(connection, filter, filter.until), runs, doors)


def world(path: Path, *walks: Walk, seconds: int = 600, gaps: tuple[Gap, ...] = ()) -> Path:
    return write(path / "people.db", (Watch(PLAZA, BEGAN, seconds, walks, gaps),))


def across(since: int, y: float = 400) -> Walk:
    """Somebody who comes in at the left edge and leaves at the right one, in a minute."""
    return Walk("person", since, 60, (20, y), (620, y))


def broken(since: int, pause: int = 2) -> tuple[Walk, Walk]:
    """The same, lost in the middle of the picture and found again after some seconds."""
    seconds = 30
    first = Walk("person", since, seconds, (20, 300), (320, 300))
    again = 320.0 + 10 * pause
    return first, Walk("person", since + seconds + pause, 30 - pause, (again, 300), (620, 300))


def test_a_track_that_goes_on_near_and_soon_is_broken(tmp_path: Path) -> None:
    found = quality(world(tmp_path, across(10), *broken(100), *broken(200), across(300)))
    assert (found.value("broken_rate"), found.numbers["broken_rate"].part) == (0.2, 2)
    assert found.value("broken_share") == 2 / 6
    assert found.gaps.tolist() == [2, 2]
    assert found.broken.tolist() == [[2, 3], [4, 5]]
    assert found.value("births_share") == found.value("deaths_share") == 2 / 6
    assert found.value("births_rate") == found.value("deaths_rate") == 0.2


def test_a_track_is_not_broken_when_the_next_is_late_or_far_or_another_thing(
    tmp_path: Path,
) -> None:
    first = Walk("person", 100, 30, (20, 300), (320, 300))
    others = (
        Walk("person", 134, 30, (320, 300), (620, 300)),  # 4 s later
        Walk("person", 132, 30, (320, 460), (620, 460)),  # 1.6 box lengths away
        Walk("car", 132, 30, (320, 300), (620, 300), (40, 100)),
    )
    for number, other in enumerate(others):
        (folder := tmp_path / str(number)).mkdir()
        found = quality(world(folder, first, other))
        assert found.value("broken_rate") == 0
        assert found.value("deaths_rate") == 0.1


def test_each_end_and_each_beginning_is_in_one_break_only(tmp_path: Path) -> None:
    first = Walk("person", 100, 30, (20, 300), (320, 300))
    beside = Walk("person", 100, 30, (20, 310), (320, 310))
    again = Walk("person", 132, 30, (320, 300), (620, 300))
    found = quality(world(tmp_path, first, beside, again))
    assert found.broken.tolist() == [[1, 3]]


def test_who_leaves_by_the_edge_is_not_broken_though_another_comes_in_there(tmp_path: Path) -> None:
    out = Walk("person", 100, 30, (320, 300), (615, 300))
    coming = Walk("person", 132, 30, (615, 300), (320, 300))
    found = quality(world(tmp_path, out, coming))
    assert found.value("broken_rate") == 0
    assert found.numbers["births_share"].part == found.numbers["deaths_share"].part == 1


def test_who_would_be_out_of_the_picture_in_half_a_second_leaves_by_its_edge(
    tmp_path: Path,
) -> None:
    # 200 px a second, 60 px from the edge at the last sighting
    fast = Walk("person", 100, 2, (160, 300), (560, 300))
    slow = Walk("person", 200, 30, (500, 300), (560, 300))
    found = quality(world(tmp_path, fast, slow))
    assert found.numbers["deaths_share"].part == 1


def test_what_begins_or_ends_with_the_watching_is_no_birth_and_no_death(tmp_path: Path) -> None:
    there = Walk("person", 0, 599, INSIDE, INSIDE)
    found = quality(world(tmp_path, there))
    assert found.value("births_share") is None
    assert found.value("deaths_share") is None
    assert found.value("births_rate") == 0


def test_a_track_that_ends_while_the_picture_is_frozen_is_not_broken(tmp_path: Path) -> None:
    walks = broken(100)
    whole = quality(world(tmp_path, *walks))
    assert whole.value("broken_rate") == 0.1
    (folder := tmp_path / "gap").mkdir()
    found = quality(world(folder, *walks, gaps=(Gap("stale", 140, 145),)))
    assert found.value("broken_rate") == 0
    assert found.value("coverage") == pytest.approx(594 / 3600)  # the picture after it vouches not


def test_only_what_happens_in_the_time_asked_about_counts(tmp_path: Path) -> None:
    path = world(tmp_path, *broken(100), *broken(400))
    late = replace(WINDOW, since=WINDOW.since + 300_000)
    found = quality(path, late)
    assert found.broken.tolist() == [[3, 4]]
    assert found.seconds == 300
    assert found.value("broken_rate") == 0.2
    another_hour = replace(WINDOW, hours=(13,))
    assert quality(path, another_hour).tracks == 0


def test_a_zone_that_is_called_a_door_is_one_and_a_line_is_none(tmp_path: Path) -> None:
    walks = (across(10), *broken(100))
    for number, (name, doors) in enumerate((("Main entrance", 0), ("doormat", 1), ("sofa", 1))):
        (folder := tmp_path / str(number)).mkdir()
        path = world(folder, *walks)
        with closing(open_database(path)) as connection:
            put(connection, "plaza", [Zone(name, ((300, 200), (400, 200), (400, 400), (300, 400)))])
        found = quality(path)
        assert found.numbers["broken_rate"].part == doors
        assert found.numbers["births_share"].part == doors
    (folder := tmp_path / "line").mkdir()
    path = world(folder, *walks)
    with closing(open_database(path)) as connection:
        put(connection, "plaza", [Line("door", ((330, 250), (330, 350)))])
    assert quality(path).numbers["deaths_share"].part == 1


def comers(count: int = 6) -> tuple[Walk, ...]:
    """People who come out of a door in the picture, and others who go in, all a while apart."""
    out = (Walk("person", 550 * n + 20, 30, INSIDE, (620, 240)) for n in range(count))
    back = (Walk("person", 550 * n + 270, 30, (20, 240), INSIDE) for n in range(count))
    return (*out, *back)


def test_a_place_where_people_regularly_come_and_go_is_taken_for_a_door(tmp_path: Path) -> None:
    path = world(tmp_path, *comers(), seconds=3600)
    found = quality(path)
    assert len(found.doors.learnt) == 1
    assert found.numbers["births_share"].part == found.numbers["deaths_share"].part == 0
    plain = quality(path, doors=False)
    assert plain.numbers["births_share"].part == plain.numbers["deaths_share"].part == 6
    (folder := tmp_path / "few").mkdir()
    few = quality(world(folder, *comers(4), seconds=3600))
    assert few.doors.learnt == ()


def test_a_place_where_tracks_break_is_not_taken_for_a_door(tmp_path: Path) -> None:
    walks = [walk for n in range(12) for walk in broken(300 * n + 20)]
    found = quality(world(tmp_path, *walks, seconds=3600))
    assert found.doors.learnt == ()
    assert found.numbers["broken_rate"].part == 12


def test_the_map_says_of_how_many_passages_tracks_fail(tmp_path: Path) -> None:
    passing = (across(since, 300) for since in (20, 200, 290, 380, 470))
    found = quality(world(tmp_path, *broken(100), *passing))
    assert found.failures is not None
    failures = found.failures
    assert failures.deaths.sum() == failures.births.sum() == 1
    row, column = 300 // 40, 320 // 40
    assert failures.deaths[row, column] == failures.births[row, column] == 1
    with reading(tmp_path / "people.db") as connection:
        steps = b"".join(row[0] for row in connection.execute("SELECT steps FROM footprints"))
    first = np.frombuffer(steps, STEP)
    assert failures.passed.sum() == first["first"].sum()
    # five pass through all three of its smallest cells, one begins in the second of them
    assert failures.passed[row, column] == 5 * 3 + 2
    assert failures.share[row, column] == 2 / 17
    assert np.isnan(failures.share[0, 0])


def test_short_tracks_are_those_of_less_than_a_second(tmp_path: Path) -> None:
    # seen once: 0 s, which is short; seen in two pictures: a second, which is not
    found = quality(world(tmp_path, across(10), Walk("person", 100, 1, INSIDE, ELSEWHERE)))
    assert found.value("short_share") == 0
    with closing(sqlite3.connect(tmp_path / "people.db")) as connection, connection:
        connection.execute("DELETE FROM positions WHERE track = 2 AND t = "
                           "(SELECT last_seen FROM people_tracks WHERE id = 2)")  # fmt: skip
        connection.execute("UPDATE people_tracks SET last_seen = first_seen WHERE id = 2")
    assert quality(tmp_path / "people.db").value("short_share") == 0.5


def test_found_confidence_and_pictures_equal_direct_sql(tmp_path: Path) -> None:
    path = world(tmp_path, across(10), *broken(100))
    found = quality(path)
    with reading(path) as connection:
        [(sure, positions, seconds)] = connection.execute(
            "SELECT (SELECT avg(confidence) FROM positions), sum(positions),"
            " sum((last_seen - first_seen) / 1000.0 + 1) FROM people_tracks"
        )
        [(frames, watched)] = connection.execute(
            "SELECT sum(frames), sum(seconds_observed) FROM coverage"
        )
    assert found.value("sure") == pytest.approx(sure)
    assert found.value("found") == pytest.approx(positions / seconds) == pytest.approx(1)
    assert found.value("fps") == frames / watched == 1
    assert found.value("fps_kept") == 1
    assert found.value("box_height") == 100
    assert found.value("coverage") == 600 / 3600


def test_pictures_in_which_an_object_was_missed_are_known(tmp_path: Path) -> None:
    path = world(tmp_path, across(10))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM positions WHERE t % 2000 = 0 AND t NOT IN"
                           " (SELECT first_seen FROM people_tracks UNION"
                           " SELECT last_seen FROM people_tracks)")  # fmt: skip
        connection.execute("UPDATE people_tracks SET positions = (SELECT count(*) FROM positions)")
        (left,) = connection.execute("SELECT count(*) FROM positions").fetchone()
    assert left < 61
    assert quality(path).value("found") == left / 61


def test_joins_and_their_scores_are_told(tmp_path: Path) -> None:
    path = world(tmp_path, *broken(100), across(300))
    with closing(open_database(path)) as connection:
        assert join(connection, VisitSettings()).joins == 1
        [(score,)] = connection.execute("SELECT score FROM joins")
    found = quality(path)
    assert (found.tracks, found.visits) == (3, 2)
    assert found.value("joined_share") == 1 / 3
    assert found.scores.tolist() == [score]


def test_nothing_recorded_is_no_zero(tmp_path: Path) -> None:
    path = world(tmp_path)
    nobody = quality(path)
    assert nobody.status == "zero"
    assert nobody.value("broken_rate") == 0
    assert nobody.value("short_share") is None
    before = replace(WINDOW, since=WINDOW.since - 7_200_000, until=WINDOW.since - 3_600_000)
    never = quality(path, before)
    assert never.status == "no_data"
    assert never.value("broken_rate") is None


def test_settings_that_differ_are_told_apart_and_compared(tmp_path: Path) -> None:
    good = Watch(PLAZA, BEGAN, 600, (across(10), across(300)))
    worse = Watch(PLAZA, "2026-03-02T12:10:00+01:00", 600, (across(10), *broken(300)),
                  weights="yolo11s", image_size=448)  # fmt: skip
    again = replace(good, began="2026-03-02T12:20:00+01:00")
    path = write(tmp_path / "people.db", (good, worse, again))
    with reading(path) as connection:
        first, second = setups(connection, select(connection, WINDOW, WINDOW.until))
    assert (first.runs, second.runs) == ((1, 3), (2,))
    assert second.settings == {"weights": "yolo11s", "detector.imgsz": "448"}
    a, b = quality(path, runs=first.runs), quality(path, runs=second.runs)
    assert (a.tracks, b.tracks) == (4, 3)
    assert (a.value("broken_rate"), b.value("broken_rate")) == (0, pytest.approx(0.1, rel=0.01))
    table = side_by_side([("a", a), ("b", b)]).set_index("number")
    assert table.loc["broken_rate", "a"] == 0
    assert table.loc["broken_share", "b"] == 1 / 3


def test_advice_names_the_setting_and_what_it_saw(tmp_path: Path) -> None:
    walks = [walk for n in range(20) for walk in broken(150 * n + 20)]
    found = quality(world(tmp_path, *walks, seconds=3600))
    told = {each.about: each for each in advise(found)}
    assert set(told) == {"fps", "broken_share", "place"}  # one picture a second, one place
    assert told["fps"].setting == "fps" and told["fps"].saw == "Looked at: 1 a second."
    assert (
        "50 % of the tracks that end are broken, 0.33 a watched minute" in told["broken_share"].saw
    )
    assert "x 340, y 300 px" in told["place"].saw


def test_no_advice_is_given_on_a_few_tracks_or_where_all_is_well(tmp_path: Path) -> None:
    path = world(tmp_path, *broken(100), seconds=3600)
    assert [each.about for each in advise(quality(path))] == ["fps"]
    (folder := tmp_path / "well").mkdir()
    well = world(folder, *(across(80 * n) for n in range(40)), seconds=3600)
    with closing(sqlite3.connect(well)) as connection, connection:
        connection.execute("UPDATE coverage SET frames = frames * 10")
        connection.execute("UPDATE sources SET fps = 10")
        connection.execute("UPDATE people_tracks SET positions = positions * 10")
    assert advise(quality(well)) == []
