"""Footprints: derived from positions, always in step with them, and exact for whole minutes."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from tests.conftest import NOON, picture
from tracking.book import Book
from tracking.database import open_database, open_readonly
from tracking.errors import NothingRecorded
from tracking.events import Run, Source, SourceEnded, SourceStarted, TrackEnded, TracksSeen
from tracking.footprints import (
    COLUMNS,
    Ground,
    ground_of,
    presence_grid,
    rebuild,
    settle,
    tracks_in,
)
from tracking.frame import Frame, Track
from tracking.heatmap import LONGEST_STEP, presence, read_heatmap
from tracking.interchange import export_tracks, import_tracks
from tracking.schema import migrations

MIDNIGHT = NOON + 12 * 3_600_000
DAY = 1440
FOREVER = [(0, 2**40)]
BLANK = picture(0)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(tmp_path / "people.db")) as connection:
        yield connection


def a_run(name: str = "yard", size: tuple[int, int] = (480, 360), start: int = NOON) -> Run:
    return Run(Source(name, "camera", "0", "UTC", *size, 5.0), start, "yolo", None, "botsort", "0")


class World:
    """Tracks that wander at random over the frame and beyond it, written as they are seen."""

    def __init__(self, connection: sqlite3.Connection, seed: int) -> None:
        self.connection, self.random, self.book = connection, random.Random(seed), Book()

    def run(self, run: Run, frames: int = 300, step: int = 400) -> None:
        self.book.take(SourceStarted(run))
        alive: dict[int, Track] = {}
        width, height = run.source.width or 480, run.source.height or 360
        t, number = run.started_at, 0
        for index in range(frames):
            t += self.random.choice([step, step, step, 3 * step, 9 * step])
            if self.random.random() < 0.2:
                number += 1
                x, y = self.random.uniform(-50, width + 50), self.random.uniform(-50, height + 50)
                alive[number] = Track(number, "person", 0.9, x, y, 40, 90)
            for each in list(alive):
                if self.random.random() < 0.05:
                    self.book.take(TrackEnded(run, alive.pop(each), t))
            alive = {each: self._moved(track) for each, track in alive.items()}
            seen = tuple(track for track in alive.values() if self.random.random() < 0.9)
            self.book.take(TracksSeen(run, Frame(index, t, BLANK, seen)))
            if self.random.random() < 0.3:
                self.book.write(self.connection)
        self.book.take(SourceEnded(run, t, frames, "finished"))
        self.book.write(self.connection)

    def _moved(self, track: Track) -> Track:
        label = self.random.choice(["car", *["person"] * 9]) if track.id % 3 == 0 else track.label
        step = 0 if track.id % 5 == 0 else 15
        return Track(
            track.id,
            label,
            0.9,
            track.x + self.random.uniform(-step, step),
            track.y + self.random.uniform(-step, step),
            track.w,
            track.h,
        )


def slowly(
    connection: sqlite3.Connection, source: int, spans: list[tuple[int, int]], labels: list[str]
) -> np.ndarray:
    """Presence in ms, visits, dx and dy in pixels, position by position."""
    found = np.zeros((4, *shape_of(connection, source)))
    people = connection.execute(
        "SELECT person.id, coalesce(runs.width, 480) FROM people_tracks AS person"
        " JOIN runs ON runs.id = run_id WHERE person.source_id = ?"
        " AND label IN (SELECT value FROM json_each(?))",
        (source, str(labels).replace("'", '"')),
    ).fetchall()
    for track, width in people:
        path = connection.execute(
            "SELECT t, x, y + h / 2 FROM positions WHERE track = ? ORDER BY t", (track,)
        ).fetchall()
        been = set()
        for (t, x, y), (later, x2, y2) in pairwise(path):
            side = width / COLUMNS
            row = min(max(int(y // side), 0), found.shape[1] - 1)
            cell = row, min(max(int(x // side), 0), COLUMNS - 1)
            new = cell not in been
            been.add(cell)
            if not any(since <= t // 60_000 < until for since, until in spans):
                continue
            held = min(later - t, LONGEST_STEP)
            right, low = width - 0.01, found.shape[1] * side - 0.01
            dx = min(max(x2, 0), right) - min(max(x, 0), right)
            dy = min(max(y2, 0), low) - min(max(y, 0), low)
            share = held / (later - t)
            found[(slice(None), *cell)] += [held, new, dx * share, dy * share]
    return found


def shape_of(connection: sqlite3.Connection, source: int) -> tuple[int, int]:
    return ground_of(connection, source).rows, COLUMNS


def stored(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT * FROM footprints ORDER BY 1, 2, 3").fetchall()


@pytest.mark.parametrize("seed", range(3))
def test_what_grew_with_the_positions_is_what_is_derived_from_them(
    base: sqlite3.Connection, seed: int
) -> None:
    world = World(base, seed)
    world.run(a_run(start=MIDNIGHT - 90_000))
    world.run(a_run(start=MIDNIGHT + 900_000))
    world.run(a_run("door", (0, 0)))
    grown = stored(base)
    rebuild(base)
    assert grown == stored(base)
    assert len(grown) > 100


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("settled", [False, True])
def test_a_grid_is_the_sum_over_the_positions_of_its_windows(
    base: sqlite3.Connection, seed: int, settled: bool
) -> None:
    world = World(base, seed)
    world.run(a_run(start=MIDNIGHT - 90_000))
    world.run(a_run(start=MIDNIGHT + DAY * 60_000 - 100_000))
    if settled:
        assert settle(base, 0) <= 3
        assert settle(base, 0) == 0
    else:
        base.execute("DELETE FROM heat_days")
    day = MIDNIGHT // 60_000
    for spans in (
        FOREVER,
        [(day - 1, day)],
        [(day - 2, day - 1), (day + 1, day + DAY + 2)],
        [(day - DAY, day + DAY), (day + DAY + 1, day + DAY + 2)],
    ):
        for labels in (["person", "car"], ["car"], ["nobody"]):
            asked = None if len(labels) == 2 else labels
            ms, visits, dx, dy = presence_grid(base, 0, spans, asked)
            exact = slowly(base, 0, spans, labels)
            assert np.array_equal(ms, exact[0])
            assert np.array_equal(visits, exact[1])
            steps = exact[0].sum() / 400 + 1
            assert np.abs(dx - exact[2]).sum() < 0.2 * steps  # a step's end is known to 0.08 pixels
            assert np.abs(dy - exact[3]).sum() < 0.2 * steps


def test_presence_is_that_of_the_heatmap(base: sqlite3.Connection, tmp_path: Path) -> None:
    World(base, 7).run(a_run())
    ms, *_ = presence_grid(base, 0, FOREVER)
    heatmap = read_heatmap(tmp_path / "people.db", 0, window=10**6, cell=10)
    assert heatmap.seconds == pytest.approx(ms / 1000)
    sightings = [
        np.array([t * 1 for (t,) in base.execute("SELECT t FROM positions WHERE track = ?", row)])
        for row in base.execute("SELECT id FROM people_tracks").fetchall()
    ]
    assert presence(sightings, 1).sum() * 1000 == pytest.approx(ms.sum())


def test_a_track_that_stands_still_visits_its_cell_once_and_is_there_all_the_time(
    base: sqlite3.Connection,
) -> None:
    run, book = a_run(), Book()
    book.take(SourceStarted(run))
    for second in range(181):
        track = Track(1, "person", 0.9, 105, 55, 10, 30)
        book.take(TracksSeen(run, Frame(second, NOON + second * 1000, BLANK, (track,))))
        book.write(base)
    minute = NOON // 60_000
    ms, visits, dx, _ = presence_grid(base, 0, [(minute, minute + 2)])
    assert (ms[7, 10], ms.sum()) == (120_000, 120_000)
    assert (visits[7, 10], visits.sum(), abs(dx).sum()) == (1, 1, 0)
    assert presence_grid(base, 0, [(minute + 1, minute + 5)])[1].sum() == 0


def test_movement_divided_by_presence_is_velocity(base: sqlite3.Connection) -> None:
    run, book = a_run(), Book()
    book.take(SourceStarted(run))
    for index in range(101):
        track = Track(1, "person", 0.9, 450 - 3 * index, 100 + index, 10, 30)
        book.take(TracksSeen(run, Frame(index, NOON + index * 200, BLANK, (track,))))
    book.write(base)
    ms, _, dx, dy = presence_grid(base, 0, FOREVER)
    assert dx.sum() / ms.sum() * 1000 == pytest.approx(-15, abs=0.01)
    assert dy.sum() / ms.sum() * 1000 == pytest.approx(5, abs=0.01)


def test_a_track_that_changes_its_label_takes_the_days_before_along(
    base: sqlite3.Connection,
) -> None:
    World(base, 1).run(a_run(start=MIDNIGHT - 60_000))
    settle(base)
    everything = presence_grid(base, 0, FOREVER)[0].sum()
    with base:
        base.execute("UPDATE people_tracks SET label = 'dog' WHERE id % 2")
    exact = slowly(base, 0, FOREVER, ["dog"])
    for _ in range(2):
        dogs = presence_grid(base, 0, FOREVER, ["dog"])
        assert np.array_equal(dogs[0], exact[0])
        assert np.array_equal(dogs[1], exact[1])
        assert settle(base) in (0, 2)
        assert base.execute("SELECT count(DISTINCT day) FROM heat_days").fetchone() == (2,)
    assert 0 < dogs[0].sum() < everything


def test_what_is_deleted_is_gone_from_every_grid(base: sqlite3.Connection) -> None:
    World(base, 1).run(a_run(start=MIDNIGHT - 60_000))
    settle(base)
    with base:
        base.execute("DELETE FROM people_tracks WHERE id % 2")
    ms, visits, *_ = presence_grid(base, 0, FOREVER)
    exact = slowly(base, 0, FOREVER, ["person", "car"])
    assert np.array_equal(ms, exact[0])
    assert np.array_equal(visits, exact[1])
    with base:
        base.execute("DELETE FROM sources")
    assert base.execute("SELECT count(*) FROM footprints").fetchone() == (0,)
    assert base.execute("SELECT count(*) FROM heat_days").fetchone() == (0,)


def test_days_that_are_over_are_added_up_by_whoever_writes(base: sqlite3.Connection) -> None:
    run, book = a_run(start=MIDNIGHT - 2000), Book()
    book.take(SourceStarted(run))
    days = "SELECT day FROM heat_days"
    for second in range(5):
        track = Track(1, "person", 0.9, 100, 55, 10, 30)
        frame = Frame(second, MIDNIGHT - 2000 + second * 1000, BLANK, (track,))
        book.take(TracksSeen(run, frame))
        book.write(base)
        assert base.execute(days).fetchall() == []  # the first of them may still be added to
    book.take(SourceEnded(run, MIDNIGHT + 2000, 5, "finished"))
    for _ in range(2):
        book.write(base)
    day = MIDNIGHT // 60_000 // DAY
    assert base.execute(days).fetchall() == [(day - 1,), (day,)]


def test_a_write_that_fails_leaves_the_footprints_to_the_next_one(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    run, book = a_run(), Book()
    book.take(SourceStarted(run))
    with closing(sqlite3.connect(tmp_path / "people.db", timeout=0)) as writer:
        writer.execute("PRAGMA foreign_keys = ON")
        for second in range(120):
            track = Track(1, "person", 0.9, 100 + second, 55, 10, 30)
            book.take(TracksSeen(run, Frame(second, NOON + second * 1000, BLANK, (track,))))
            if second % 7 == 0:
                base.execute("BEGIN IMMEDIATE")
                with pytest.raises(sqlite3.OperationalError):
                    book.write(writer)
                base.execute("ROLLBACK")
            elif second % 3 == 0:
                book.write(writer)
        book.write(writer)
    grown = stored(base)
    assert presence_grid(base, 0, FOREVER)[0].sum() == 119_000
    rebuild(base)
    assert grown == stored(base)


def test_an_import_leaves_the_footprints_that_the_recording_had(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    World(base, 4).run(a_run(start=MIDNIGHT - 60_000))
    export_tracks(base, "yard", "csv", tmp_path / "tracks.csv")
    with closing(open_database(tmp_path / "other.db")) as other:
        with Database(other).atomic():
            other.execute(
                "INSERT INTO sources VALUES (0, 'yard', 'camera', '0', 'UTC', 480, 360, 5, 0)"
            )
        import_tracks(other, "yard", "csv", tmp_path / "tracks.csv")
        there, here = (presence_grid(each, 0, FOREVER) for each in (other, base))
        assert all(np.array_equal(one, two) for one, two in zip(there, here, strict=True))
        days = other.execute("SELECT count(DISTINCT day) FROM heat_days").fetchone()
    assert days == (2,)


def test_an_import_into_a_source_of_unknown_size_takes_the_ground_that_its_feet_need(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    (tmp_path / "tracks.csv").write_text(
        "track,label,t,x,y,w,h,confidence\n"
        + "".join(f"1,person,{NOON + 1000 * n},{8 * n},200,20,80,0.9\n" for n in range(61))
    )
    import_tracks(base, "yard", "csv", tmp_path / "tracks.csv")
    assert ground_of(base, 0) == Ground(480, 240)
    assert presence_grid(base, 0, FOREVER)[0][-1].sum() == 60_000


def test_a_camera_that_is_set_to_another_size_keeps_its_ground(base: sqlite3.Connection) -> None:
    for start, size in ((NOON, (480, 360)), (NOON + 60_000, (960, 720))):
        run, book, scale = a_run(size=size, start=start), Book(), size[0] / 480
        book.take(SourceStarted(run))
        for second in range(31):
            x, y = (100 + 4 * second) * scale, 100 * scale
            track = Track(1, "person", 0.9, x, y, 20 * scale, 90 * scale)
            book.take(TracksSeen(run, Frame(second, start + second * 1000, BLANK, (track,))))
        book.write(base)
    minute = NOON // 60_000
    early, late = (presence_grid(base, 0, [(minute + n, minute + n + 1)]) for n in (0, 1))
    assert ground_of(base, 0) == Ground(960, 720)
    assert all(np.array_equal(one, two) for one, two in zip(early, late, strict=True))
    grown = stored(base)
    rebuild(base, 0)
    assert grown == stored(base)


def test_who_stood_in_a_region_is_told_with_how_long_and_since_when(
    base: sqlite3.Connection,
) -> None:
    World(base, 2).run(a_run(start=MIDNIGHT - 60_000))
    cells = [row * COLUMNS + column for row in range(10, 30) for column in range(10, 40)]
    minute = MIDNIGHT // 60_000
    spans = [(minute, minute + 2)]
    stays = tracks_in(base, 0, cells, spans)
    assert sum(stay.seconds for stay in stays) == pytest.approx(
        presence_grid(base, 0, spans)[0].ravel()[cells].sum() / 1000
    )
    assert [stay.seconds for stay in stays] == sorted((s.seconds for s in stays), reverse=True)
    assert all(MIDNIGHT <= stay.since < MIDNIGHT + 120_000 for stay in stays)
    assert tracks_in(base, 0, cells, spans, limit=2) == stays[:2]
    cars = tracks_in(base, 0, cells, spans, labels=["car"])
    labels = dict(base.execute("SELECT id, label FROM people_tracks").fetchall())
    assert cars == [stay for stay in stays if labels[stay.track] == "car"]


def test_a_reader_that_may_not_write_gets_its_answers(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    World(base, 2).run(a_run())
    with closing(open_readonly(tmp_path / "people.db")) as reader:
        assert presence_grid(reader, 0, FOREVER)[0].sum() > 0
        assert tracks_in(reader, 0, range(2000), FOREVER)


def test_a_source_of_which_nothing_was_seen_is_named(base: sqlite3.Connection) -> None:
    base.execute("INSERT INTO sources VALUES (0, 'yard', 'camera', '0', 'UTC', NULL, NULL, 5, 0)")
    with pytest.raises(NothingRecorded, match="Nothing has been seen of source 'yard' yet"):
        presence_grid(base, 0, FOREVER)
    with pytest.raises(NothingRecorded, match="no source 5"):
        presence_grid(base, 5, FOREVER)


def test_a_database_from_before_has_its_footprints_after_opening(
    base: sqlite3.Connection, tmp_path: Path, old: Callable[[Path], sqlite3.Connection]
) -> None:
    World(base, 3).run(a_run(start=MIDNIGHT - 60_000))
    with closing(old(tmp_path / "old.db")) as before:
        base.commit()
        before.execute("ATTACH ? AS new", (str(tmp_path / "people.db"),))
        before.execute("INSERT INTO sources SELECT * FROM new.sources")
        runs = "id, source_id, started_at, detector, tracker, code_version"
        before.execute(f"INSERT INTO runs ({runs}) SELECT {runs} FROM new.runs")
        before.execute("INSERT INTO people_tracks SELECT * FROM new.people_tracks")
        before.execute("INSERT INTO positions SELECT * FROM new.positions")
        before.commit()
    with closing(open_database(tmp_path / "old.db")) as opened:
        assert stored(opened) == stored(base)
        assert opened.execute("SELECT count(DISTINCT day) FROM heat_days").fetchone() == (2,)


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], sqlite3.Connection]:
    """Makes a database as it was before there were footprints."""

    def make(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path)
        migrations.apply(Database(connection), stop_before="footprints_and_stills")
        connection.commit()
        return connection

    return make
