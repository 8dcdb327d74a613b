"""Exports of what a filter of zones, lines and lengths of stays selects; stays and crossings."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tests.random_worlds import LATER, a_random_one, some_filter
from tests.test_zoned_metrics import AN_HOUR, NOON, Place, at, changed_at, drawn
from tracking import exports
from tracking.filters import Filter
from tracking.localtime import HOUR
from tracking.metrics import measure, select
from tracking.study import write_study

RandomWorld = Callable[[int], sqlite3.Connection]


@pytest.fixture
def random_world(tmp_path: Path) -> Iterator[RandomWorld]:
    """By its seed."""
    with ExitStack() as opened:
        yield lambda seed: opened.enter_context(closing(a_random_one(tmp_path / "any.db", seed)))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "shop.db")
    with closing(place.connection):
        yield place


def written(
    connection: sqlite3.Connection, filter: Filter, what: exports.Table, path: Path
) -> list[dict[str, Any]]:
    path = path / what
    count = exports.write(connection, filter, what, "parquet", path)
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    assert len(rows) == count
    return rows


def ms(row: dict[str, Any], name: str) -> int:
    return round(row[name].timestamp() * 1000)


def test_stays_in_zones_are_exported_as_they_are(shop: Place, tmp_path: Path) -> None:
    desk, hall = shop.zone("desk"), shop.zone("hall")
    shop.walk(0, 600, [(desk, 60, 120), (hall, 0, 600)], visit=7)
    shop.walk(-300, 300, [(desk, -100, 50), (desk, -200, -150)])
    shop.connection.commit()
    rows = written(shop.connection, AN_HOUR, "zone_stays", tmp_path)
    assert [
        (row["source"], row["zone"], row["track"], row["visit"], row["seconds"]) for row in rows
    ] == [
        ("shop", "desk", 2, None, 150),
        ("shop", "hall", 1, 7, 600),
        ("shop", "desk", 1, 7, 60),
    ]
    assert (ms(rows[0], "entered"), ms(rows[0], "left")) == (at(-100), at(50))
    assert rows[0]["timezone"] == "Europe/Berlin" and rows[0]["label"] == "person"
    long = replace(AN_HOUR, zones=("desk",), least=100)
    assert [row["track"] for row in written(shop.connection, long, "zone_stays", tmp_path)] == [2]


def test_a_stay_over_the_change_of_a_zone_is_one_row(shop: Place, tmp_path: Path) -> None:
    before, after = changed_at(shop, 100)
    shop.walk(0, 600, [(before, 40, 99), (after, 100, 160)])
    shop.connection.commit()
    [row] = written(shop.connection, AN_HOUR, "zone_stays", tmp_path)
    assert row["seconds"] == 120


def test_crossings_are_exported_with_the_lines_own_directions(shop: Place, tmp_path: Path) -> None:
    door, gate = shop.line("door"), shop.line("gate", ways=("up", "down"))
    shop.walk(0, 600, crossings=[(door, 5, "forward"), (gate, 60, "down"), (gate, 70, "odd")])
    shop.walk(0, 30, crossings=[(door, 8, "out"), (door, 4000, "in")])
    shop.connection.commit()
    rows = written(shop.connection, AN_HOUR, "crossings", tmp_path)
    assert [(row["line"], row["direction"], row["forward"], ms(row, "time")) for row in rows] == [
        ("door", "in", True, at(5)),
        ("door", "out", False, at(8)),
        ("gate", "down", False, at(60)),
        ("gate", "odd", None, at(70)),
    ]
    out = replace(AN_HOUR, lines=("door",), directions=("out",))
    assert [row["track"] for row in written(shop.connection, out, "crossings", tmp_path)] == [2]
    long = replace(AN_HOUR, least=60)
    assert {row["track"] for row in written(shop.connection, long, "crossings", tmp_path)} == {1}


def test_what_is_chosen_of_zones_applies_to_every_table(shop: Place, tmp_path: Path) -> None:
    desk, door = shop.zone("desk"), shop.line("door")
    shop.walk(0, 600, [(desk, 60, 120)], [(door, 5, "in")])
    shop.walk(0, 600, crossings=[(door, 7, "in")])
    shop.connection.commit()
    inside = replace(AN_HOUR, zones=("desk",))
    assert [row["track"] for row in written(shop.connection, inside, "tracks", tmp_path)] == [1]
    assert [row["track"] for row in written(shop.connection, inside, "crossings", tmp_path)] == [1]
    positions = written(shop.connection, inside, "positions", tmp_path)
    assert [ms(row, "time") for row in positions] == [at(second) for second in range(60, 121)]
    through = replace(AN_HOUR, lines=("door",))
    assert len(written(shop.connection, through, "positions", tmp_path)) == 2 * 601
    assert len(written(shop.connection, through, "zone_stays", tmp_path)) == 1


def test_where_nothing_is_drawn_the_tables_have_no_rows(shop: Place, tmp_path: Path) -> None:
    shop.walk(0, 60)
    shop.connection.commit()
    for what in ("zone_stays", "crossings"):
        assert written(shop.connection, AN_HOUR, what, tmp_path) == []
        exports.write(shop.connection, AN_HOUR, what, "csv", tmp_path / "empty.csv")
        assert len((tmp_path / "empty.csv").read_text().splitlines()) == 1


def test_tracks_say_which_visit_they_are_at_least_and_at_most(shop: Place, tmp_path: Path) -> None:
    for first in (0, 100, 200):
        shop.walk(first, first + 50, visit=1 if first < 200 else None)
    shop.connection.execute("INSERT INTO joins VALUES (1, 2, 0.7, 0), (2, 3, 0.3, 0)")
    shop.connection.commit()
    names = ("visit", "visit_at_least", "visit_at_most")

    def visits() -> list[tuple[Any, ...]]:
        rows = written(shop.connection, AN_HOUR, "tracks", tmp_path)
        return [tuple(row[name] for name in names) for row in rows]

    assert visits() == [(1, None, None), (1, None, None), (None, None, None)]
    shop.connection.execute("INSERT INTO joinings VALUES (0, 0, 0, '{}')")
    shop.connection.commit()
    assert visits() == [(1, 1, 1), (1, 1, 2), (None, 1, 3)]


def test_a_study_can_be_of_the_tracks_that_a_filter_selects(shop: Place, tmp_path: Path) -> None:
    desk = shop.zone("desk")
    shop.walk(0, 60, [(desk, 5, 10)])
    shop.walk(0, 60)
    shop.connection.commit()
    tracks = exports.Chosen(shop.connection, replace(AN_HOUR, zones=("desk",))).tracks
    assert tracks is not None
    window = {"since": NOON, "until": NOON + HOUR}
    found = write_study(shop.connection, tmp_path / "study.db", tracks=tracks, **window)
    assert (found.tracks, found.positions) == (1, 61)


@pytest.mark.parametrize("seed", range(4))
def test_in_any_world_files_hold_what_the_numbers_count(
    seed: int, random_world: RandomWorld, tmp_path: Path
) -> None:
    connection, random = random_world(seed), np.random.default_rng(seed)
    for number in range(4):
        filter = some_filter(random)
        filter = replace(filter, **drawn(random)) if number % 2 else filter
        selection = select(connection, filter, LATER)
        about = {name: written(connection, filter, name, tmp_path) for name in exports.TABLES}
        tracks, positions = about["tracks"], about["positions"]
        assert len(tracks) == (measure("tracks", selection).value or 0)
        assert len(positions) == (measure("detections", selection).value or 0)
        extent = exports.extent(connection, filter)
        assert extent.tracks >= len(tracks) and extent.positions >= len(positions)
        keys = {row["track"] for row in tracks}
        for name in ("zone_stays", "crossings"):
            assert {row["track"] for row in about[name]} <= keys or not filter.zones
        if filter.zones:
            inside = [row for row in about["zone_stays"] if row["zone"] in filter.zones]
            assert len(inside) == len(about["zone_stays"])
            assert {row["track"] for row in inside} == keys
            begun = sum(filter.since <= ms(row, "entered") < filter.until for row in inside)
            if not (filter.hours or filter.weekdays):
                assert begun == (measure("arrivals", selection).value or 0)
        else:
            assert len(about["crossings"]) == (measure("crossings", selection).value or 0)


def test_text_in_csv_is_no_formula_in_the_tables_of_places(shop: Place, tmp_path: Path) -> None:
    shop.walk(0, 60, [(shop.zone("=desk"), 5, 10)], [(shop.line("@door"), 7, "in")])
    shop.connection.commit()
    for what, column, shown in (("zone_stays", "zone", "'=desk"), ("crossings", "line", "'@door")):
        exports.write(shop.connection, AN_HOUR, what, "csv", tmp_path / "out.csv")
        table = pyarrow.csv.read_csv(tmp_path / "out.csv")
        assert table[column].to_pylist() == [shown]
