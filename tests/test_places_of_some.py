"""Heat, flow, paths and regions of those whom a filter of zones, lines and lengths selects."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.test_places import ALL, LATER
from tests.worlds import a_weekend
from tracking.database import open_database, open_readonly
from tracking.filters import Filter
from tracking.footprints import settle
from tracking.metrics import select
from tracking.metrics.places import change, flow, heat, visitors
from tracking.metrics.ways import ways

CHOICES = {
    "a zone": {"zones": ("steps",)},
    "a long stay in a zone": {"zones": ("steps",), "least": 1.5},
    "a line": {"lines": ("door",)},
    "a direction": {"directions": ("out",)},
    "a length": {"least": 100.0},
    "at most": {"most": 60.0},
    "hours of a zone": {"zones": ("steps",), "hours": (17, 18)},
}


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every other person on the plaza was on the steps, every third one went through the door."""
    path = a_weekend(tmp_path_factory.mktemp("weekend") / "people.db")
    with closing(open_database(path)) as connection, connection:
        connection.execute("INSERT INTO zones VALUES (1, 0, 'steps', '[]', 0, NULL)")
        connection.execute("INSERT INTO lines VALUES (1, 0, 'door', '[]', 'in', 'out', 0, NULL)")
        connection.execute(
            "INSERT INTO zone_stays SELECT id, 1, first_seen, first_seen + id % 3 * 1000"
            " FROM people_tracks WHERE source_id = 0 AND id % 2"
        )
        connection.execute(
            "INSERT INTO crossings SELECT id, 1, last_seen, iif(id % 2, 'forward', 'backward')"
            " FROM people_tracks WHERE source_id = 0 AND id % 3"
        )
        settle(connection, before=2**40)
    return path


@pytest.fixture
def base(weekend: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_readonly(weekend)) as connection:
        yield connection


def tracks_of(base: sqlite3.Connection, filter: Filter) -> list[int]:
    """By hand: which tracks on the plaza are asked about."""
    spans = filter.spans("Europe/Berlin")
    stays = base.execute("SELECT track, entered_at, left_at FROM zone_stays").fetchall()
    crossings = base.execute("SELECT track, t, direction FROM crossings").fetchall()
    ways = {"forward": "in", "backward": "out"}
    found = []
    for id, first, last in base.execute(
        "SELECT id, first_seen, last_seen FROM people_tracks WHERE source_id = 0"
    ).fetchall():
        times = [(first, last)]
        if filter.zones:
            times = [(a, b) for track, a, b in stays if track == id]
        long = [
            (a, b)
            for a, b in times
            if (filter.least or 0) <= (b - a) / 1000 <= (filter.most or np.inf)
        ]
        crossed = [
            t
            for track, t, way in crossings
            if track == id and (not filter.directions or ways[way] in filter.directions)
        ]
        there = any(b >= since and a < until for a, b in long for since, until in spans)
        over = any(since <= t < until for t in crossed for since, until in spans)
        if there and (over or not (filter.lines or filter.directions)):
            found.append(int(id))
    return found


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_places_are_those_of_a_record_of_nobody_else(
    base: sqlite3.Connection, weekend: Path, tmp_path: Path, choice: dict[str, object]
) -> None:
    filter = replace(ALL, sources=("plaza",), **choice)  # type: ignore[arg-type]
    wanted = tracks_of(base, filter)
    everybody = tracks_of(base, replace(ALL, sources=("plaza",)))
    assert 0 < len(wanted) < len(everybody)
    shutil.copy(weekend, tmp_path / "some.db")
    with closing(open_database(tmp_path / "some.db")) as some:
        some.execute(f"DELETE FROM people_tracks WHERE id NOT IN ({', '.join(map(str, wanted))})")
        some.commit()
        mine = select(base, filter, LATER)
        theirs = select(some, filter.everywhere, LATER)
        region = range(10, 3000)
        for unit in ("seconds", "visits"):
            found, alone = heat(base, mine, unit), heat(some, theirs, unit)
            assert np.array_equal(found.values, alone.values)
            assert found.value == alone.value and found.values.any()
            assert base.execute(found.sql).fetchone()[0] == pytest.approx(alone.value)
            assert "Only of tracks" in found.metric.definition
        found_flow, alone_flow = flow(base, mine), flow(some, theirs)
        for name in ("seconds", "dx", "dy", "path", "rose"):
            assert np.allclose(getattr(found_flow, name), getattr(alone_flow, name))
        assert base.execute(found_flow.sql).fetchone()[0] == pytest.approx(alone_flow.value)
        assert visitors(base, mine, region) == visitors(some, theirs, region)
    shown = ways(base, mine, "longest", most=500)
    assert sorted(way.track for way in shown.ways) == wanted
    assert shown.tracks.value == len(wanted)


def test_a_change_compares_the_same_people(base: sqlite3.Connection) -> None:
    filter = replace(ALL, sources=("plaza",), zones=("steps",))
    day = replace(filter, until=(filter.since + filter.until) // 120_000 * 60_000)
    rest = replace(filter, since=day.until)
    now, before = (select(base, each, LATER) for each in (rest, day))
    found = change(base, now, before)
    expected = [heat(base, each).values.sum() for each in (now, before)]
    sums = [
        grid.sum() * hours
        for grid, hours in zip((found.now, found.before), found.hours, strict=True)
    ]
    assert sums == pytest.approx(expected)
    value = base.execute(found.sql).fetchone()[0]
    assert value == pytest.approx(found.value)
