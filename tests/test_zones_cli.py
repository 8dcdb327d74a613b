"""`tracking zones`, `lines` and `derive`: drawing on the command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.floors import a_floor, straight

Here = Callable[..., subprocess.CompletedProcess[str]]
Rows = Callable[..., list[tuple[object, ...]]]

SQUARE = "100,100 200,100 200,200 100,200"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """One who walks through the square from above, 11 positions in a second."""
    path = tmp_path / "people.db"
    with a_floor(path) as floor:
        floor.walk(straight((150, 55), (150, 155), 10))
    return path


def test_a_zone_that_is_added_counts_the_past(tracking_here: Here, db: Path, rows: Rows) -> None:
    done = tracking_here("zones", "add", "cam", "hall", SQUARE, "--db", db)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Drew the zone hall on cam" in done.stdout
    assert "Derived stays and crossings" in done.stdout
    assert rows(db, "SELECT left_at - entered_at FROM zone_stays") == [(500,)]


def test_a_zone_has_the_holes_that_it_is_given(tracking_here: Here, db: Path, rows: Rows) -> None:
    hole = "140,130 160,130 160,170 140,170"
    assert tracking_here("zones", "add", "cam", "hall", SQUARE, "--hole", hole, "--db", db)
    assert rows(db, "SELECT left_at - entered_at FROM zone_stays") == [(200,)]
    tracking_here("zones", "edit", "cam", "hall", "--rename", "room", "--db", db)
    assert "holes" in tracking_here("zones", "export", "--db", db).stdout
    tracking_here("zones", "edit", "cam", "room", SQUARE, "--past", "--db", db)
    assert rows(db, "SELECT left_at - entered_at FROM zone_stays") == [(500,)]


def test_a_line_is_added_and_its_directions_are_named(
    tracking_here: Here, db: Path, rows: Rows
) -> None:
    done = tracking_here("lines", "add", "cam", "door", "100,100 200,100", "--forward", "down",
                         "--backward", "up", "--db", db)  # fmt: skip
    assert done.returncode == 0
    assert rows(db, "SELECT direction, forward FROM crossings, lines") == [("forward", "down")]
    shown = tracking_here("lines", "list", "--db", db).stdout
    assert [word in shown for word in ("cam", "door", "down", "up", "the beginning")] == [True] * 5


def test_a_changed_line_counts_from_then_on(tracking_here: Here, db: Path, rows: Rows) -> None:
    tracking_here("lines", "add", "cam", "door", "100,100 200,100", "--db", db)
    edit = ("lines", "edit", "cam", "door", "100,130 200,130", "--db", db)
    assert tracking_here(*edit, "--from", "2026-03-01T13:00:00.600").returncode == 0
    assert len(rows(db, "SELECT * FROM crossings")) == 2  # of each version one
    listed = tracking_here("lines", "list", "--versions", "--db", db).stdout
    assert "2026-03-01T12:00:00.600Z" in listed
    both = tracking_here(*edit, "--past", "--from", "2026-03-01")
    assert (both.returncode, "not both" in both.stderr) == (2, True)


def test_what_is_exported_can_be_imported(tracking_here: Here, db: Path, tmp_path: Path) -> None:
    tracking_here("zones", "add", "cam", "hall", SQUARE, "--db", db)
    tracking_here("lines", "add", "cam", "door", "100,100 200,100", "--db", db)
    file = tmp_path / "zones.json"
    assert tracking_here("zones", "export", "--db", db, "--output", file).returncode == 0
    content = json.loads(file.read_text())
    corners = [[100, 100], [200, 100], [200, 200], [100, 200]]
    assert content == {"zones": [{"source": "cam", "name": "hall", "polygon": corners}]}
    content["zones"].append({**content["zones"][0], "name": "copy"})
    file.write_text(json.dumps(content))
    assert "Drew 2 zones" in tracking_here("zones", "import", file, "--db", db).stdout
    listed = json.loads(tracking_here("zones", "list", "--json", "--db", db).stdout)
    assert [each["name"] for each in listed["zones"]] == ["copy", "hall"]
    lines = json.loads(tracking_here("lines", "export", "--db", db).stdout)["lines"]
    assert (lines[0]["forward"], lines[0]["backward"]) == ("in", "out")


def test_what_is_deleted_is_gone_unless_the_past_is_to_be_kept(
    tracking_here: Here, db: Path, rows: Rows
) -> None:
    for name in ("hall", "room"):
        tracking_here("zones", "add", "cam", name, SQUARE, "--db", db)
    assert tracking_here("zones", "delete", "cam", "hall", "--db", db).returncode == 0
    kept = tracking_here("zones", "delete", "cam", "room", "--keep-past", "--db", db)
    assert "counts no longer" in kept.stdout
    assert len(rows(db, "SELECT * FROM zone_stays")) == 1
    assert "No zone is drawn" in tracking_here("zones", "list", "--db", db).stdout


def test_derive_does_what_is_missing_or_all(tracking_here: Here, db: Path, rows: Rows) -> None:
    tracking_here("zones", "add", "cam", "hall", SQUARE, "--db", db)
    assert "lacks nothing" in tracking_here("derive", "--db", db).stdout
    before = rows(db, "SELECT * FROM zone_stays")
    done = tracking_here("derive", "--db", db, "--all")
    assert "11" in done.stdout
    assert rows(db, "SELECT * FROM zone_stays") == before


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("zones", "add", "roof", "hall", SQUARE), "no source 'roof'; it has 'cam'"),
        (("zones", "add", "cam", "hall", "1,2 3,4"), "has 2 points; a polygon needs 3"),
        (("zones", "add", "cam", "hall", "here"), "write them like 100,200"),
        (("zones", "edit", "cam", "hall", SQUARE), "has no zone 'hall'; it has none"),
        (("lines", "delete", "cam", "door"), "has no line 'door'"),
        (("zones", "list", "--source", "roof"), "no source 'roof'"),
        (("lines", "import", "nothing.json"), "There is no file nothing.json"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    command: tuple[str, ...], why: str, tracking_here: Here, db: Path
) -> None:
    done = tracking_here(*command, "--db", db)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert why in done.stderr


def test_no_database_is_made_by_a_typing_error(tracking_here: Here, tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    for command in (("zones", "add", "cam", "hall", SQUARE), ("derive",), ("lines", "list")):
        assert tracking_here(*command, "--db", missing).returncode == 1
    assert not missing.exists()
