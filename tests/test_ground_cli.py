"""`tracking ground`: floors in metres on the command line."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import NOON
from tests.floors import a_floor
from tests.pinholes import Pinhole
from tracking.database import Still, keep_still, open_database
from tracking.ground import Calibration, gridded, metre_lines
from tracking.streaming import jpeg

Here = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[tuple[object, ...]]]

CAMERA = Pinhole()
SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 6.0), (0.0, 6.0)]


def points(*floor: tuple[float, float]) -> list[str]:
    """As they are typed: pixels, and metres."""
    pixels = CAMERA.picture(floor).tolist()
    return [f"{u:.6f},{v:.6f}={x:g},{y:g}" for (u, v), (x, y) in zip(pixels, floor, strict=True)]


def bare(given: list[str]) -> list[str]:
    return [each.partition("=")[0] for each in given]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """One who goes five metres straight ahead in five seconds."""
    path = tmp_path / "people.db"
    with a_floor(path) as floor:
        ahead = np.linspace(0.5, 5.5, 51)
        feet = CAMERA.picture(np.column_stack([np.full(51, 2.0), ahead])).tolist()
        floor.walk([(x, y) for x, y in feet])
    return path


def speeds(tracking_here: Here, db: Path) -> float:
    report = ("report", "--db", db, "--range", "all", "--metric", "speed_mean", "--json")
    content = json.loads(tracking_here(*report).stdout)
    return float(content["metrics"][0]["value"])


def test_points_that_are_set_give_the_past_its_speeds(tracking_here: Here, db: Path) -> None:
    done = tracking_here("ground", "set", "cam", *points(*SQUARE), "--db", db)
    assert done.returncode == 0
    assert "Set the ground plane of cam" in done.stdout
    assert "Derived how fast tracks went on the floor" in done.stdout
    assert "Four points always agree" in done.stderr
    assert speeds(tracking_here, db) == pytest.approx(1.0, abs=1e-3)


def test_more_points_tell_how_far_off_each_is(tracking_here: Here, db: Path) -> None:
    given = points(*SQUARE, (2.0, 3.0))
    wrong = [*given[:-1], given[-1].replace("=2,3", "=2,3.5")]
    done = tracking_here("ground", "set", "cam", *wrong, "--db", db)
    assert done.returncode == 0
    assert "the others miss it by" in done.stdout
    last = next(line for line in done.stdout.splitlines() if "2.00,3.50" in line)
    assert "0.50 m" in last
    assert "ground set" not in tracking_here("ground", "show", "cam", "--db", db).stdout


def test_to_try_points_changes_nothing(tracking_here: Here, db: Path, rows: Rows) -> None:
    done = tracking_here("ground", "set", "cam", *points(*SQUARE), "--try", "--db", db)
    assert (done.returncode, "4.00,6.00" in done.stdout) == (0, True)
    assert "Set the" not in done.stdout
    assert rows(db, "SELECT * FROM grounds") == []


def test_sides_and_a_diagonal_do_instead_of_metres(tracking_here: Here, db: Path) -> None:
    between = ("1,2=4", "2,3=6", "3,4=4", "4,1=6", "1,3=7.2111")
    done = tracking_here(
        "ground", "set", "cam", *bare(points(*SQUARE)), "--db", db,
        *(word for each in between for word in ("--distance", each)),
    )  # fmt: skip
    assert (done.returncode, "missed by at most 0.00 m" in done.stdout) == (0, True)
    assert speeds(tracking_here, db) == pytest.approx(1.0, abs=1e-3)


def test_new_points_count_from_then_on(tracking_here: Here, db: Path, rows: Rows) -> None:
    tracking_here("ground", "set", "cam", *points(*SQUARE), "--db", db)
    half = [each.partition("=")[0] for each in points(*SQUARE)]
    given = [f"{at}={x / 2:g},{y / 2:g}" for at, (x, y) in zip(half, SQUARE, strict=True)]
    change = ("ground", "set", "cam", *given, "--db", db)
    tracking_here(*change, "--from", "2026-03-02T00:00")
    assert speeds(tracking_here, db) == pytest.approx(1.0, abs=1e-3)
    shown = tracking_here("ground", "list", "--versions", "--db", db).stdout
    assert shown.count("2026-03-01T23:00:00") == 2  # where one ends and the other begins
    assert tracking_here(*change, "--past", "--from", "2026-03-01").returncode == 2
    tracking_here("ground", "remove", "cam", "--db", db)
    tracking_here(*change)
    assert speeds(tracking_here, db) == pytest.approx(0.5, abs=1e-3)


def test_a_source_is_put_on_a_plan_and_keeps_its_points(
    tracking_here: Here, db: Path, rows: Rows
) -> None:
    plan = tracking_here("ground", "plan", "shop", "--width", "20", "--height", "10", "--db", db)
    assert "The plan shop is 20 m by 10 m and has no drawing" in plan.stdout
    tracking_here("ground", "set", "cam", *points(*SQUARE), "--db", db)
    put = ("ground", "set", "cam", "--plan", "shop", "--at", "-3,4.5", "--turn", "90", "--db", db)
    assert "on the plan shop at -3,4.5, turned by 90°" in tracking_here(*put).stdout
    (content,) = rows(db, "SELECT content FROM grounds")[0]
    known = json.loads(str(content))
    assert known["plan"] == {"name": "shop", "x": -3, "y": 4.5, "turn": 90}
    assert [each["floor"] for each in known["points"]] == [[x, y] for x, y in SQUARE]
    tracking_here("ground", "set", "cam", *points(*SQUARE, (2.0, 3.0)), "--past", "--db", db)
    assert json.loads(tracking_here("ground", "list", "--json", "--db", db).stdout)["grounds"][0][
        "plan"
    ] == known["plan"]  # fmt: skip
    refused = tracking_here("ground", "plan", "shop", "--remove", "--db", db)
    assert (refused.returncode, "take them off it first" in refused.stderr) == (1, True)
    tracking_here("ground", "set", "cam", "--no-plan", "--db", db)
    assert "Deleted" in tracking_here("ground", "plan", "shop", "--remove", "--db", db).stdout


def test_a_plan_has_the_proportions_of_its_drawing(
    tracking_here: Here, db: Path, tmp_path: Path
) -> None:
    drawing = tmp_path / "plan.png"
    cv2.imwrite(str(drawing), np.full((100, 400, 3), 200, np.uint8))
    done = tracking_here("ground", "plan", "hall", "--width", "20", "--picture", drawing,
                         "--db", db)  # fmt: skip
    assert "The plan hall is 20 m by 5 m and has a drawing" in done.stdout
    assert "hall" in tracking_here("ground", "list", "--db", db).stdout


def test_what_is_exported_can_be_imported_elsewhere(
    tracking_here: Here, db: Path, tmp_path: Path
) -> None:
    tracking_here("ground", "plan", "shop", "--width", "20", "--height", "10", "--db", db)
    tracking_here("ground", "set", "cam", *points(*SQUARE), "--plan", "shop", "--db", db)
    file, other = tmp_path / "floors.json", tmp_path / "other.db"
    assert tracking_here("ground", "export", "--db", db, "--output", file).returncode == 0
    with a_floor(other) as floor:
        floor.walk([(320, 300), (320, 310)])
    done = tracking_here("ground", "import", file, "--db", other)
    assert "Set 1 ground plane and 1 plan of" in done.stdout
    again = tracking_here("ground", "export", "--db", other).stdout
    assert json.loads(again) == json.loads(file.read_text())
    tracking_here("ground", "remove", "cam", "--db", other)
    assert tracking_here("ground", "set", "cam", "--file", file, "--db", other).returncode == 0


def test_what_is_removed_takes_its_speeds_along(tracking_here: Here, db: Path, rows: Rows) -> None:
    tracking_here("ground", "set", "cam", *points(*SQUARE), "--db", db)
    assert len(rows(db, "SELECT * FROM paces")) == 1
    done = tracking_here("ground", "remove", "cam", "--db", db)
    assert "Removed the ground plane of cam" in done.stdout
    assert rows(db, "SELECT * FROM paces") == []
    report = tracking_here("report", "--db", db, "--range", "all", "--metric", "speed_mean")
    assert report.returncode == 1
    assert "needs a ground plane, and there is none of 'cam'" in report.stderr


def test_derive_works_out_all_speeds_anew(tracking_here: Here, db: Path, rows: Rows) -> None:
    tracking_here("ground", "set", "cam", *points(*SQUARE), "--db", db)
    before = rows(db, "SELECT * FROM paces")
    assert "lacks nothing" in tracking_here("derive", "--db", db).stdout
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE paces SET metres = 9")
    assert "Derived how fast" in tracking_here("derive", "--all", "--db", db).stdout
    assert rows(db, "SELECT * FROM paces") == before


def test_presence_is_told_by_square_metre_of_a_plan_and_of_zones(
    tracking_here: Here, db: Path, tmp_path: Path
) -> None:
    tracking_here("ground", "plan", "shop", "--width", "20", "--height", "20", "--db", db)
    tracking_here("ground", "set", "cam", *points(*SQUARE), "--plan", "shop", "--at", "5,5",
                  "--db", db)  # fmt: skip
    corners = " ".join(bare(points((1, 1), (3, 1), (3, 5), (1, 5))))
    tracking_here("zones", "add", "cam", "aisle", corners, "--db", db)
    file = tmp_path / "heat.csv"
    done = tracking_here("ground", "presence", "--plan", "shop", "--range", "all", "--db", db,
                         "--output", file)  # fmt: skip
    assert done.returncode == 0, done.stderr
    aisle = next(line for line in done.stdout.splitlines() if "aisle" in line)
    assert "8.0" in aisle  # two by four metres
    squares = np.genfromtxt(file, delimiter=",", names=True)
    assert squares.dtype.names == ("x", "y", "seconds", "seconds_per_m2")
    assert np.nansum(squares["seconds"]) == pytest.approx(5, abs=0.1)
    heaviest = squares[np.nanargmax(squares["seconds"])]
    assert heaviest["x"] == pytest.approx(7, abs=0.8)  # two metres from the left, five on the plan


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("set", "roof", "1,2=3,4"), "no source 'roof'; it has 'cam'"),
        (("set", "cam"), "Source 'cam' has no ground plane"),
        (("set", "cam", "1,2=3"), "Point 1: '1,2=3' is none; write it like 161,402=0,0"),
        (("set", "cam", "1,2=0,0", "3,4=1,1"), "four points or more, not 2 points"),
        (("set", "cam", "1,1", "9,1", "9,9", "1,9", "--distance", "1-2"), "is no distance"),
        (("set", "cam", "1,1", "9,1", "9,9", "1,9", "--distance", "1,2=4"), "5 distances or more"),
        (("set", "cam", *points(*SQUARE), "--plan", "shop"), "no plan 'shop'; there are none"),
        (("set", "cam", *points(*SQUARE), "--plan", "a", "--at", "x"), "is no place on a plan"),
        (("set", "cam", "--file", "nothing.json"), "There is no file nothing.json"),
        (("show", "cam"), "Source 'cam' has no ground plane"),
        (("remove", "cam"), "Source 'cam' has no ground plane"),
        (("plan", "shop", "--width", "9", "--picture", "no.png"), "There is no file no.png"),
        (("plan", "shop", "--width", "0", "--height", "9"), "its sides are 0.5 to 1000 m"),
        (("presence",), "None of these sources has a ground plane"),
        (("import", "nothing.json"), "There is no file nothing.json"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    command: tuple[str, ...], why: str, tracking_here: Here, db: Path
) -> None:
    done = tracking_here("ground", *command, "--db", db)
    assert (done.returncode, why in done.stderr) == (1, True), done.stderr
    assert done.stderr.count("\n") == 1


def test_a_plan_that_lacks_a_side_is_asked_for_it(tracking_here: Here, db: Path) -> None:
    for given in ((), ("--width", "9")):
        done = tracking_here("ground", "plan", "shop", *given, "--db", db)
        assert (done.returncode, "Invalid value for" in done.stderr) == (2, True)


# the grid


def test_the_grids_lines_are_those_of_whole_metres() -> None:
    pixels = tuple((x, y) for x, y in CAMERA.picture(SQUARE).tolist())
    plane = Calibration(pixels, tuple(SQUARE)).fitted().plane
    lines = metre_lines(plane, CAMERA.width, CAMERA.height)
    assert {axis for _, axis, _ in lines} == {"x", "y"}
    assert {metre for metre, axis, _ in lines if axis == "x"} >= {0, 1, 2, 3, 4}
    for metre, axis, ends in lines:
        found = np.column_stack(plane.floor(*ends.T))[:, 0 if axis == "x" else 1]
        assert found == pytest.approx(metre, abs=1e-6)
        assert ((ends >= 0) & (ends <= (CAMERA.width, CAMERA.height))).all()


def test_a_smaller_picture_has_the_same_grid() -> None:
    pixels = tuple((x, y) for x, y in CAMERA.picture(SQUARE).tolist())
    fit = Calibration(pixels, tuple(SQUARE)).fitted()
    whole = gridded(np.zeros((480, 640, 3), np.uint8), fit)
    half = gridded(np.zeros((240, 320, 3), np.uint8), fit, width=640)
    assert whole.any()
    shrunk = cv2.resize(whole, (320, 240), interpolation=cv2.INTER_AREA)
    both = (half > 60).any(axis=2)
    near = cv2.dilate((shrunk > 20).any(axis=2).astype(np.uint8), np.ones((3, 3))) > 0
    assert (both & ~near).sum() < 0.15 * both.sum()  # numbers and points have a least size


def test_the_sources_picture_is_written_with_its_grid(
    tracking_here: Here, db: Path, tmp_path: Path
) -> None:
    tracking_here("ground", "set", "cam", *points(*SQUARE), "--db", db)
    file = tmp_path / "grid.png"
    show = ("ground", "show", "cam", "--picture", file, "--db", db)
    without = tracking_here(*show)
    assert (without.returncode, "no picture of cam yet" in without.stderr) == (1, True)
    grey = jpeg(np.full((480, 640, 3), 90, np.uint8))
    with closing(open_database(db)) as connection, connection:
        keep_still(connection, 0, Still(NOON, 640, 480, grey))
    assert tracking_here(*show).returncode == 0
    image = cv2.imread(str(file))
    assert image.shape == (480, 640, 3)
    assert 0.02 < (np.abs(image.astype(int) - 90).max(axis=2) > 60).mean() < 0.4
    odd = tracking_here("ground", "show", "cam", "--picture", "grid.gif", "--db", db)
    assert "is to be a .png or .jpg file" in odd.stderr
