"""What is derived on the way, batch by batch, against whole tracks and against plain loops."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.floors import DOOR, SQUARE, Floor, Foot, a_floor
from tests.running import Running, until
from tracking.database import open_database
from tracking.zones import (
    Line,
    Zone,
    add,
    change,
    delete,
    derive_in,
    feet_of,
    keep_derived,
    keeping,
    put,
    underived,
)
from tracking.zones.crossing import LEAST, SETTLED, SETTLED_FEET, SHARE, crossings_of
from tracking.zones.staying import GRACE, stays_in

RING = Zone(
    "ring",
    ((80, 80), (220, 90), (210, 230), (150, 150), (90, 220)),
    (((120, 110), (140, 110), (130, 130)),),
)
STEPS = Line("steps", ((60, 150), (120, 160), (140, 120), (240, 180)))


def wandering(random: np.random.Generator, steps: int) -> list[Foot]:
    """Somebody who comes and goes, stands, trembles, and is lost at times."""
    pace = random.choice([0, 0.5, 3, 12, 12], steps // 20 + 1).repeat(20)[:steps]
    turns = random.normal(0, 1, (steps, 2)) * pace[:, None]
    feet = np.cumsum(np.vstack([random.uniform(50, 250, 2), turns]), axis=0)
    feet = 50 + np.abs((feet - 50) % 400 - 200)  # within a room
    lost = np.repeat(random.random(steps // 10 + 1) < 0.15, 10)[: steps + 1]
    lost = np.append(lost, np.zeros(steps + 1 - len(lost), bool))
    return [
        None if gone else (round(float(x), 1), round(float(y), 1))
        for (x, y), gone in zip(feet, lost, strict=True)
    ]


def crowd(floor: Floor, random: np.random.Generator, people: int, since: int = 0) -> None:
    for _ in range(people):
        steps = int(random.integers(1, 300))
        height = float(random.choice([20, 60, 150]))
        batch = int(random.integers(1, 12))
        floor.walk(wandering(random, steps), since=since, height=height, batch=batch)


@pytest.mark.parametrize("seed", range(10))
def test_batches_come_to_the_same_as_whole_tracks(seed: int, tmp_path: Path) -> None:
    random = np.random.default_rng(seed)
    with a_floor(tmp_path / "floor.db", SQUARE, RING, DOOR, STEPS) as floor:
        crowd(floor, random, 12)
        assert len(floor.stays()) + len(floor.stays("ring")) > 8
        assert len(floor.crossings()) + len(floor.crossings("steps")) > 4


@pytest.mark.parametrize("seed", range(4))
def test_batches_come_to_the_same_where_much_is_forgotten(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("crossing", "following"):
        monkeypatch.setattr(f"tracking.zones.{module}.UNDECIDED", 2500)
    random = np.random.default_rng(50 + seed)
    with a_floor(tmp_path / "floor.db", DOOR, STEPS) as floor:
        crowd(floor, random, 12)
        assert len(floor.crossings()) + len(floor.crossings("steps")) > 4


@pytest.mark.parametrize("seed", range(3))
def test_what_is_drawn_while_somebody_is_there_counts_all_of_the_way(
    seed: int, tmp_path: Path
) -> None:
    random = np.random.default_rng(100 + seed)
    with a_floor(tmp_path / "floor.db", SQUARE) as floor:
        feet = [wandering(random, 60) for _ in range(4)]
        track = floor.walk(feet[0], ends=False)
        put(floor.connection, "cam", [RING, DOOR])  # and nobody derives the past
        floor.walk(feet[1], since=6100, ends=False, track=track)
        at = floor.begin + 12_200
        change(floor.connection, "cam", "square", Zone("square", RING.outer), at=at)
        change(floor.connection, "cam", "door", Line("door", STEPS.points), at=at - 3000)
        floor.walk(feet[2], since=12_200, ends=False, track=track)
        delete(floor.connection, "zone", "cam", "ring")
        floor.walk(feet[3], since=18_300, track=track)
        assert len(floor.crossings()) > 0
        assert len(floor.stays()) > 0
        assert floor.stays("ring") == []


def test_little_is_remembered_of_who_trembles_on_a_line_for_hours(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    y = 100 + np.repeat(random.choice([-1.5, 1.5, 2.5, -2.5, 4], 90), 20)
    feet: list[Foot] = [(150, 50), *((150.0, float(each)) for each in y), (150, 150)]
    with a_floor(tmp_path / "floor.db", DOOR, fps=1) as floor:
        floor.walk(feet, height=90, batch=7, ends=False)
        (trail,) = next(iter(floor.logger._book._runs.values())).followed.trails.values()
        assert len(trail.approaches[1].feet) == 1
        floor.walk([(150.0, 101.0)] * 1500, since=2_000_000, height=90, batch=60, ends=False)
        (*_, trail) = next(iter(floor.logger._book._runs.values())).followed.trails.values()
        assert len(trail.approaches[1].feet) <= 660  # ten minutes and a batch
        assert len(floor.crossings()) > 3


def test_a_clock_that_was_set_back_changes_nothing(tmp_path: Path) -> None:
    with a_floor(tmp_path / "floor.db", SQUARE, DOOR) as floor:
        track = floor.walk([(150, 90), (150, 110), (150, 120)], since=5000, ends=False)
        floor.walk([(150, 150), (150, 90), (150, 80)], since=4000, track=track)
        assert floor.stays() == [(4000, 5200)]
        assert floor.crossings() == [(4083, "backward"), (5050, "forward")]


@pytest.mark.parametrize("zone", [SQUARE, RING], ids=lambda zone: zone.name)
def test_a_zone_has_the_points_that_opencv_says(zone: Zone) -> None:
    x, y = np.random.default_rng(3).integers(70, 240, (2, 4000)).astype(float)

    def signed(ring: tuple[tuple[float, float], ...], at: tuple[float, float]) -> float:
        return cv2.pointPolygonTest(np.array(ring, np.float32), at, False)

    expected = [
        signed(zone.outer, at) >= 0 and all(signed(hole, at) <= 0 for hole in zone.holes)
        for at in zip(x.tolist(), y.tolist(), strict=True)
    ]
    assert zone.contains(x, y).tolist() == expected
    assert any(expected)
    assert not all(expected)


def plain_stays(t: list[int], inside: list[bool]) -> list[tuple[int, int]]:
    stays: list[tuple[int, int]] = []
    for moment, here in zip(t, inside, strict=True):
        if here and stays and moment - stays[-1][1] <= GRACE:
            stays[-1] = stays[-1][0], moment
        elif here:
            stays.append((moment, moment))
    return stays


def plain_crossings(t: list[int], y: list[float], h: float) -> list[tuple[int, str]]:
    """Of an endless level line at y = 0: one foot after another, remembering the side."""
    margin, side, found, latest = max(LEAST, SHARE * h), 0, [], {-1: 0, 1: 0}
    since = 0  # the first foot on this side
    for i in range(len(y)):
        if i and (y[i] > 0) != (y[i - 1] > 0):
            way = 1 if y[i] > 0 else -1
            latest[way] = t[i - 1] + round((t[i] - t[i - 1]) * y[i - 1] / (y[i - 1] - y[i]))
        if abs(y[i]) <= LEAST or (i and (y[i] > 0) != (y[i - 1] > 0)):
            since = i + (abs(y[i]) <= LEAST)
        settled = abs(y[i]) > LEAST and t[i] - t[min(since, i)] >= SETTLED
        if abs(y[i]) > margin or (settled and i - since >= SETTLED_FEET - 1):
            now = 1 if y[i] > 0 else -1
            if side and now != side:
                found.append((latest[now], "forward" if now > 0 else "backward"))
            side = now
    return found


@pytest.mark.parametrize("seed", range(20))
def test_arrays_say_what_a_loop_over_all_feet_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    t = np.cumsum(random.choice([100, 100, 100, 900, 2100], 600)).tolist()
    pace = random.choice([0.3, 2, 9], 60).repeat(10)
    y = np.cumsum(random.normal(0, 1, 600) * pace - 0.001)
    y = (y - 37 * np.round(y / 37)) + 0.0001  # near the line again and again
    h = float(random.choice([30, 100, 200]))
    feet = feet_of((7, a, 0.0, b, h) for a, b in zip(t, y.tolist(), strict=True))
    found, _ = crossings_of(Line("level", ((-1e4, 0), (1e4, 0))), feet)
    expected = plain_crossings(t, y.tolist(), h)
    assert [row[1:] for row in found.rows()] == expected
    assert len(expected) > 5
    inside = (y > 3).tolist()
    assert [row[1:] for row in stays_in(y > 3, feet).rows()] == plain_stays(t, inside)


class Minutes(threading.Event):
    """A runner's clock: between two minutes something happens, and after the last one it ends."""

    def __init__(self, *happenings: Callable[[], object]) -> None:
        super().__init__()
        self.happenings, self.rests = list(happenings), 0

    def wait(self, timeout: float | None = None) -> bool:
        if timeout == keeping.REST:
            self.rests += 1
        elif self.happenings:
            self.happenings.pop(0)()
        else:
            self.set()
        return self.is_set()


def nothing() -> None:
    pass


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of six tracks in a square; who derived it was killed after the first three."""
    monkeypatch.setattr("tracking.zones.deriving.AT_ONCE", 25)
    with a_floor(tmp_path / "floor.db") as floor:
        for number in range(6):
            floor.walk([(150, 150)] * 10, since=number * 10_000)
        add(floor.connection, "cam", SQUARE)
        assert not derive_in(floor.connection, wait=lambda _: True).finished
    return tmp_path / "floor.db"


def counted(database: Path) -> tuple[int, int]:
    """How many stays there are, and how many versions lack some."""
    with closing(sqlite3.connect(database)) as connection:
        (stays,) = connection.execute("SELECT count(*) FROM zone_stays").fetchone()
        return stays, underived(connection)


def test_a_runner_finishes_what_was_killed_midway(killed: Path) -> None:
    assert counted(killed) == (3, 1)
    said: list[str] = []
    minutes = Minutes(nothing)
    keep_derived(killed, minutes, said.append)
    assert (counted(killed), said) == ((6, 0), [])
    assert minutes.rests == 2  # after each batch: sources come first


def test_a_runner_leaves_to_others_what_they_are_at_work_on(killed: Path) -> None:
    def a_batch() -> None:
        with closing(open_database(killed)) as connection:
            derive_in(connection, wait=lambda _: True)

    minutes = Minutes(a_batch)
    keep_derived(killed, minutes, print)
    assert (minutes.rests, counted(killed)) == (0, (6, 1))
    keep_derived(killed, Minutes(a_batch, nothing, nothing), print)
    assert counted(killed) == (6, 0)


def test_a_runner_that_is_told_to_end_leaves_the_rest_for_the_next(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.zones.deriving.AT_ONCE", 5)
    minutes = Minutes(nothing)
    monkeypatch.setattr(minutes, "is_set", lambda: minutes.rests > 1)
    keep_derived(killed, minutes, print)
    assert counted(killed) == (5, 1)


def test_a_runner_says_what_keeps_it_from_deriving(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(keeping, "derive_in", full)
    said: list[str] = []
    keep_derived(killed, Minutes(nothing), said.append)
    assert len(said) == 1
    assert "the disk is full" in said[0]


def test_a_runner_at_work_derives_what_nobody_does(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed.rename(killed.with_name("people.db"))
    monkeypatch.setattr(keeping, "EVERY", 0.05)
    with Running(killed.parent, port=None):
        until(lambda: counted(killed.with_name("people.db")) == (6, 0))
