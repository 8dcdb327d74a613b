"""Heat, flow, paths and changes: each figure's data is what SQL over the raw positions gives."""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.worlds import HOSTILE, PLAZA, Walk, Watch, a_hostile_one, a_weekend, ms, write
from tracking.charts import pictures
from tracking.charts.places import (
    Picture,
    change_figure,
    flow_figure,
    heat_figure,
    paths_figure,
    rose_figure,
)
from tracking.charts.shades import SMOOTHING, change_shade, heat_shade, painted
from tracking.database import open_database, open_readonly
from tracking.errors import NothingRecorded, SettingsError
from tracking.filters import Filter
from tracking.footprints import COLUMNS, Ground, settle
from tracking.metrics import Selection, select
from tracking.metrics.places import (
    SIZES,
    Cells,
    Unit,
    cells_table,
    change,
    flow,
    heat,
    smoothed,
    visitors,
    whole_minutes,
)
from tracking.metrics.ways import Order, follow, ways, ways_table

LATER = ms("2026-06-01T00:00:00+00:00")
ALL = Filter(ms("2026-03-28T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"))
FILTERS = {
    "everything": ALL,
    "three minutes": replace(ALL, since=ms("2026-03-28T18:01:00+01:00"),
                             until=ms("2026-03-28T18:04:00+01:00")),
    "people": replace(ALL, labels=("person",)),
    "one hour of the day": replace(ALL, hours=(3, 18)),
    "sundays": replace(ALL, weekdays=(6,)),
}  # fmt: skip

FEET = """
SELECT person.id, coalesce(-visit_id, person.id), t, x, y + h / 2 FROM people_tracks AS person
JOIN positions ON track = person.id JOIN sources ON sources.id = person.source_id
WHERE sources.name = ? AND (? = '' OR label = ?) ORDER BY person.id, t
"""


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = a_weekend(tmp_path_factory.mktemp("weekend") / "people.db")
    with closing(open_database(path)) as connection, connection:
        joined = "UPDATE people_tracks SET visit_id = 7 WHERE id IN (1, 2)"
        connection.execute(joined)  # as visits are joined: one person, two tracks
        settle(connection, before=ms("2026-03-29T00:00:00+00:00") // 86_400_000)
    return path


@pytest.fixture
def base(weekend: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_readonly(weekend)) as connection:
        yield connection


def chosen(base: sqlite3.Connection, filter: Filter = ALL, source: str = "plaza") -> Selection:
    return select(base, replace(filter, sources=(source,)), LATER)


class Steps:
    """What follows each position of a source until the track's next one, by hand."""

    def __init__(
        self, base: sqlite3.Connection, filter: Filter, size: int = 1, source: str = "plaza"
    ) -> None:
        label = filter.labels[0] if filter.labels else ""
        rows = base.execute(FEET, (source, label, label)).fetchall()
        ((zone, width, height),) = base.execute(
            "SELECT timezone, width, height FROM sources WHERE name = ?", (source,)
        ).fetchall()
        side, spans = width / COLUMNS * size, filter.spans(zone)
        self.shape = (math.ceil(height / side), COLUMNS // size)
        self.seconds: dict[tuple[int, int], float] = defaultdict(float)
        self.visits: dict[tuple[int, int], set[int]] = defaultdict(set)
        self.stays: dict[int, float] = defaultdict(float)
        self.moved: dict[tuple[int, int], np.ndarray] = defaultdict(lambda: np.zeros(2))
        for (track, visit, t, x, y), (other, _, later, x2, y2) in pairwise(rows):
            if track != other or not any(a <= t < b for a, b in spans):
                continue
            cell = int(y * COLUMNS / width) // size, int(x * COLUMNS / width) // size
            held = min(later - t, 2000) / 1000
            self.seconds[cell] += held
            self.visits[cell].add(visit)
            self.moved[cell] += np.array([x2 - x, y2 - y]) * held * 1000 / (later - t)

    def grid(self, unit: str) -> np.ndarray:
        found = np.zeros(self.shape)
        for cell in self.seconds:
            found[cell] = self.seconds[cell] if unit == "seconds" else len(self.visits[cell])
        return found


@pytest.mark.parametrize("filter", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("size", [1, 3, 6])
@pytest.mark.parametrize("unit", ["seconds", "visits"])
def test_a_grid_is_what_the_positions_give(
    base: sqlite3.Connection, unit: Unit, size: int, filter: Filter
) -> None:
    found = heat(base, chosen(base, filter), unit, size)
    assert found.values == pytest.approx(Steps(base, filter, size).grid(unit))
    assert found.values.any()


@pytest.mark.parametrize("filter", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("unit", ["seconds", "visits"])
def test_its_sql_gives_the_same_number_and_the_busiest_cell(
    base: sqlite3.Connection, unit: Unit, size: int, filter: Filter
) -> None:
    found = heat(base, chosen(base, filter), unit, size)
    ((value, most, row, column),) = base.execute(found.sql).fetchall()
    assert value == pytest.approx(found.value)
    assert (row, column) == found.busiest
    assert most == pytest.approx(found.values.max())


def test_one_who_was_tracked_twice_is_one_visit(base: sqlite3.Connection) -> None:
    first_minutes = replace(ALL, until=ms("2026-03-28T18:03:00+01:00"))
    found = heat(base, chosen(base, first_minutes), "visits")
    assert found.value == 2  # the two first tracks belong together, and a car
    assert visitors(base, chosen(base, first_minutes), range(48 * 36)).visits == 2


@pytest.mark.parametrize("size", SIZES)
def test_larger_cells_hold_the_same_seconds(base: sqlite3.Connection, size: int) -> None:
    whole = heat(base, chosen(base))
    assert heat(base, chosen(base), size=size).values.sum() == pytest.approx(whole.value)


@pytest.mark.parametrize("name", ["low", "high"])
@pytest.mark.parametrize("size", [1, 6])
def test_smoothing_keeps_the_sum_and_is_said(
    base: sqlite3.Connection, name: str, size: int
) -> None:
    found = heat(base, chosen(base), size=size)
    shade = heat_shade(found, name)
    assert shade.values.sum() == pytest.approx(found.value)
    assert shade.values.max() < found.values.max()
    assert "smoothed" in shade.title and "Gaussian" in shade.note
    assert "smoothed" not in heat_shade(found).title


def test_what_is_smoothed_at_an_edge_stays_within() -> None:
    grid = np.zeros((4, 5))
    grid[0, 0] = 8.0
    assert smoothed(grid, 2).sum() == pytest.approx(8)
    assert smoothed(grid, 2).argmax() == 0


def test_without_smoothing_nothing_is_changed(base: sqlite3.Connection) -> None:
    found = heat(base, chosen(base))
    assert heat_shade(found).values is found.values


@pytest.mark.parametrize("root", [True, False])
def test_a_heatmaps_colours_and_hovers_are_those_of_the_grid(
    base: sqlite3.Connection, root: bool
) -> None:
    found = heat(base, chosen(base), "visits", 2)
    figure = heat_figure(Picture(found.cells.ground), found, heat_shade(found, root=root))
    drawn = figure.data[0]
    z = np.array(drawn.z, float)
    expected = Steps(base, ALL, 2).grid("visits")
    assert (np.isnan(z) == (expected == 0)).all()
    share = np.nan_to_num(z) ** (2 if root else 1)
    assert share * expected.max() == pytest.approx(expected, abs=0.01)
    row, column = found.busiest or (0, 0)
    assert f"<b>{expected.max():.0f} visits</b>" in drawn.text[row][column]
    assert f"{expected.max() / found.value:.0%}".rstrip("%") in drawn.text[row][column]
    side = 640 / 48 * 2
    assert f"x {column * side:.0f} to {(column + 1) * side:.0f}" in drawn.text[row][column]
    assert (drawn.x0, drawn.dx) == (side / 2, side)


def test_where_nobody_was_the_picture_shows_and_more_hides_more() -> None:
    stops = ((0.0, (0, 0, 0), 0.0), (1.0, (200, 0, 0), 0.9))
    colours = painted([np.nan, 0.1, 1.0], stops)
    assert colours[:, 3] == pytest.approx([0, 0.09, 0.9])
    assert colours[2, 0] == 200


def test_one_place_of_hours_leaves_the_others_their_colours(tmp_path: Path) -> None:
    walk = Walk("person", 0, 60, (100, 400), (580, 400))
    sits = Walk("person", 0, 1700, (320, 240), (320, 240))
    path = write(tmp_path / "people.db", (Watch(PLAZA, "2026-03-28T18:00:00+01:00", 1800,
                                                (walk, sits)),))  # fmt: skip
    with closing(open_readonly(path)) as base:
        shade = heat_shade(heat(base, chosen(base)), root=False)
    assert shade.ticks[-1][1].startswith("≥ ")
    places = shade.place[~np.isnan(shade.place)]
    assert places.max() == 1
    assert np.median(places) > 0.002


@pytest.mark.parametrize("root", [True, False])
@pytest.mark.parametrize("seconds", [0.4, 7.0, 95.0, 4000.0, 600_000.0])
def test_a_scale_has_ticks_from_nothing_to_its_end(
    base: sqlite3.Connection, seconds: float, root: bool
) -> None:
    found = heat(base, chosen(base))
    grid = np.full(found.values.shape, seconds)
    ticks = heat_shade(replace(found, values=grid), root=root).ticks
    assert ticks[0] == (0, "0") and ticks[-1][0] == 1
    assert 4 <= len(ticks) <= 9
    assert min(np.diff([place for place, _ in ticks])) >= 0.139


def test_a_box_takes_the_cells_whose_middle_is_in_it() -> None:
    cells = Cells(Ground(480, 480))  # of 10 pixels
    assert cells.inside([4, 16, 16, 4], [4, 4, 6, 6]) == (0, 1)
    assert cells.inside([6, 16, 16, 6], [4, 4, 6, 6]) == (1,)
    assert Cells(Ground(480, 480), 2).inside([8, 12, 12, 8], [8, 8, 12, 12]) == (0, 1, 48, 49)


def test_a_lasso_takes_what_is_inside_however_it_is_bent() -> None:
    cells = Cells(Ground(480, 480))
    around = cells.inside([0, 40, 40, 30, 30, 10, 10, 0], [0, 0, 30, 30, 10, 10, 30, 30])
    assert set(around) == {0, 1, 2, 3, 48, 51, 96, 99}  # a horseshoe


def test_a_region_too_small_for_any_middle_is_the_cell_it_lies_in() -> None:
    assert Cells(Ground(480, 480)).inside([11, 12, 12, 11], [1, 1, 2, 2]) == (1,)
    assert Cells(Ground(480, 480)).inside([-9, -8, -8, -9], [900, 900, 901, 901]) == (47 * 48,)


@pytest.mark.parametrize("filter", FILTERS.values(), ids=FILTERS)
def test_who_was_in_a_region_is_what_the_positions_say(
    base: sqlite3.Connection, filter: Filter
) -> None:
    region = Cells(Ground(640, 480)).inside([200, 400, 400, 200], [200, 200, 480, 480])
    inside, spans = set(region), filter.spans("Europe/Berlin")
    label = filter.labels[0] if filter.labels else ""
    rows = base.execute(FEET, ("plaza", label, label)).fetchall()
    stays: dict[int, float] = defaultdict(float)
    for (track, _, t, x, y), (other, _, later, _, _) in pairwise(rows):
        cell = int(y * COLUMNS / 640) * COLUMNS + int(x * COLUMNS / 640)
        if track == other and cell in inside and any(a <= t < b for a, b in spans):
            stays[track] += min(later - t, 2000) / 1000
    found = visitors(base, chosen(base, filter), region)
    assert {stay.track: stay.seconds for stay in found.stays} == pytest.approx(stays)
    assert found.seconds == pytest.approx(sum(stays.values()))
    assert len(stays) >= 1


@pytest.mark.parametrize("filter", FILTERS.values(), ids=FILTERS)
def test_flow_is_what_the_positions_give_and_its_sql_too(
    base: sqlite3.Connection, filter: Filter
) -> None:
    found = flow(base, chosen(base, filter), 4)
    steps = Steps(base, filter, 4)
    assert found.seconds == pytest.approx(steps.grid("seconds"))
    for cell, (dx, dy) in steps.moved.items():
        assert found.dx[cell] == pytest.approx(dx, abs=2)  # feet are known to a tenth of a pixel
        assert found.dy[cell] == pytest.approx(dy, abs=2)
    ((value, seconds, across, down),) = base.execute(found.sql).fetchall()
    assert value == pytest.approx(found.value, rel=1e-3)
    assert seconds == pytest.approx(found.seconds.sum())
    assert (across, down) == pytest.approx((found.dx.sum(), found.dy.sum()), abs=2)


def world(path: Path, *walks: Walk, seconds: int = 120) -> sqlite3.Connection:
    write(path, (Watch(PLAZA, "2026-03-28T18:00:00+01:00", seconds, walks),))
    return open_readonly(path)


def test_arrows_point_where_all_go_and_say_how_fast(tmp_path: Path) -> None:
    walk = Walk("person", 0, 60, (600, 400), (0, 400))  # to the left, 10 pixels a second
    with closing(world(tmp_path / "people.db", walk)) as base:
        found = flow(base, chosen(base))
    assert found.value == pytest.approx(10, rel=0.01)
    assert found.rose.argmax() == 4 and found.rose[4] == pytest.approx(found.rose.sum())
    assert found.steadiness[found.told] == pytest.approx(1)
    figure = flow_figure(Picture(found.cells.ground), found)
    assert all("10 px/s" in told and "left" in told for told in figure.data[-1].text)
    arrow = np.array(figure.data[0].x[:7], float)
    assert arrow[3] == arrow.min()  # its tip
    assert list(rose_figure(found).data[0].r)[4] == pytest.approx(100)


def test_where_ways_cancel_each_other_out_an_arrow_says_so(tmp_path: Path) -> None:
    there = Walk("person", 0, 60, (0, 400), (600, 400))
    back = Walk("person", 0, 60, (600, 405), (0, 405))
    with closing(world(tmp_path / "people.db", there, back)) as base:
        found = flow(base, chosen(base), 6)
    assert found.value == pytest.approx(10, rel=0.01)  # the speed does not cancel
    assert found.steadiness[found.told].max() < 0.5
    assert found.rose[0] == pytest.approx(found.rose[4], rel=0.1)


def test_nothing_is_said_of_a_cell_that_was_hardly_entered(tmp_path: Path) -> None:
    fast = Walk("person", 0, 2, (0, 400), (600, 400))
    with closing(world(tmp_path / "people.db", fast)) as base:
        found = flow(base, chosen(base))
    assert found.seconds.any() and not found.told.any()
    assert len(flow_figure(Picture(found.cells.ground), found).data[-1].x) == 0


MINUTES = 5 * 60_000


def two(base: sqlite3.Connection, since: str, other: str, length: int = MINUTES) -> Any:
    parts = [
        chosen(base, Filter(ms(each), ms(each) + length)) for each in (since, other)
    ]  # fmt: skip
    return parts[0], parts[1]


def test_a_change_is_the_seconds_of_each_watched_hour(base: sqlite3.Connection) -> None:
    now, then = two(base, "2026-03-29T18:00:00+02:00", "2026-03-28T18:00:00+01:00")
    found = change(base, now, then)
    after, before = (
        Steps(base, now.filter).grid("seconds"),
        Steps(base, then.filter).grid("seconds"),
    )
    assert found.values == pytest.approx((after - before) / (5 / 60))
    ((value, most, row, column),) = base.execute(found.sql).fetchall()
    assert value == pytest.approx(found.value)
    assert abs(most) == pytest.approx(np.abs(found.values).max())
    assert found.values[row, column] == pytest.approx(most)


def test_a_time_that_was_only_half_watched_is_not_taken_for_a_change(tmp_path: Path) -> None:
    sits = Walk("person", 0, 3600, (320, 240), (320, 240))
    whole = Watch(PLAZA, "2026-03-28T10:00:00+01:00", 1201, (sits,))
    half = Watch(PLAZA, "2026-03-28T12:00:00+01:00", 601, (sits,))
    with closing(open_readonly(write(tmp_path / "people.db", (whole, half)))) as base:
        now, then = two(base, "2026-03-28T12:00:00+01:00", "2026-03-28T10:00:00+01:00", 20 * 60_000)
        found = change(base, now, then)
    assert found.hours[0] == pytest.approx(found.hours[1] / 2, rel=0.01)
    assert np.abs(found.values).max() < 10  # of the 3600 that somebody sat there in each hour
    assert found.now.max() == pytest.approx(3600, rel=0.01)


def test_with_nothing_watched_there_is_nothing_to_compare(base: sqlite3.Connection) -> None:
    now, then = two(base, "2026-03-29T18:00:00+02:00", "2026-03-20T18:00:00+01:00")
    found = change(base, now, then)
    assert found.value is None and found.status == "no_data"
    assert found.hours[1] == 0 and np.isnan(found.values).all()
    assert np.isnan(change_shade(found).place).all()


@pytest.mark.parametrize("smoothing", SMOOTHING)
def test_more_and_less_lie_on_one_scale(base: sqlite3.Connection, smoothing: str) -> None:
    now, then = two(base, "2026-03-29T18:00:00+02:00", "2026-03-28T18:00:00+01:00")
    found = change(base, now, then)
    shade = change_shade(found, smoothing, root=False)
    top = np.abs(shade.values).max()
    shown = ~np.isnan(shade.place)
    assert shade.place[shown] == pytest.approx((shade.values[shown] / top + 1) / 2)
    ends = [place for place, _ in shade.ticks]
    assert ends == pytest.approx([1 - place for place in reversed(ends)])
    figure = change_figure(Picture(found.cells.ground), found, shade)
    assert any("<b>+" in told for row in figure.data[0].text for told in row)
    assert any("<b>−" in told for row in figure.data[0].text for told in row)


@pytest.mark.parametrize(
    ("order", "ranked"), [("newest", "last_seen"), ("longest", "last_seen - first_seen")]
)
def test_paths_are_those_that_sql_would_choose(
    base: sqlite3.Connection, order: Order, ranked: str
) -> None:
    found = ways(base, chosen(base), order, 4)
    rows = base.execute(
        f"SELECT id FROM people_tracks WHERE source_id = 0 ORDER BY {ranked} DESC, id LIMIT 4"
    ).fetchall()
    assert [way.track for way in found.ways] == [track for (track,) in rows]
    assert found.tracks.value == 10


def test_a_path_is_made_of_positions_and_has_its_ends(base: sqlite3.Connection) -> None:
    for way in ways(base, chosen(base), "newest", 50).ways:
        rows = base.execute(
            "SELECT t, x, y + h / 2 FROM positions WHERE track = ? ORDER BY t", (way.track,)
        ).fetchall()
        shown = list(zip(way.t.tolist(), way.x.tolist(), way.y.tolist(), strict=True))
        assert set(shown) <= set(rows)
        assert shown[0] == rows[0] and shown[-1] == rows[-1]
        assert len(shown) <= 4  # straight ways need no more


def test_a_bent_path_keeps_its_corners(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "people.db")) as base, base:
        base.execute("INSERT INTO sources VALUES (0, 'a', 'camera', '0', 'UTC', 640, 480, 5, 0)")
        base.execute("INSERT INTO runs (id, source_id, started_at, detector, tracker,"
                     " code_version) VALUES (1, 0, 0, '', '', '')")  # fmt: skip
        base.execute("INSERT INTO people_tracks VALUES (1, 1, 0, 1, 'cat', 0, 900, 10, 1, NULL)")
        corner = [(min(n, 5) * 50.0, max(0, n - 5) * 50.0) for n in range(10)]
        base.executemany(
            "INSERT INTO positions VALUES (1, ?, ?, ?, ?, 10, 0, 1)",
            [(n * 100, n, x, y) for n, (x, y) in enumerate(corner)],
        )
        (way,) = follow(base, [1], Filter(0, 60_000), "UTC", 640)
    assert list(zip(way.x, way.y, strict=True)) == [(0, 0), (250, 0), (250, 200)]
    assert way.t.tolist() == [0, 500, 900]


def test_a_path_has_a_gap_where_it_is_not_asked_about(base: sqlite3.Connection) -> None:
    # who walks from 01:59 to 03:01 by a clock that skips the hour between, which has two minutes
    selection = chosen(base, replace(ALL, hours=(1, 3)))
    (whole,) = [w for w in ways(base, selection, "longest", 50).ways if w.track == 6]
    assert not np.isnan(whole.x).any()
    (cut,) = [
        w for w in ways(base, chosen(base, replace(ALL, hours=(3,))), "newest", 50).ways
        if w.track == 6
    ]  # fmt: skip
    assert cut.t[0] >= ms("2026-03-29T03:00:00+02:00") > whole.t[0]


def test_only_so_many_paths_are_drawn_and_long_ones_are_thinned(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    walks = tuple(
        Walk("person", int(a), 8, (float(x), 300), (float(y), 450))
        for a, x, y in zip(rng.integers(0, 100, 60), *rng.uniform(0, 640, (2, 60)), strict=True)
    )
    with closing(world(tmp_path / "people.db", *walks)) as base:
        found = ways(base, chosen(base), "newest", 50)
    assert len(found.ways) == 50 and found.tracks.value == 60
    figure = paths_figure(Picture(Ground(640, 480)), found.ways, {"person": "#0072B2"}, "UTC")
    assert len(figure.data) == 3  # all that have one colour are one line
    assert np.isnan(np.array(figure.data[1].x, float)).sum() == 50


def test_a_path_says_whose_it_is_and_when(base: sqlite3.Connection) -> None:
    selection = chosen(base, replace(ALL, labels=("car",)))
    found = ways(base, selection)
    figure = paths_figure(
        Picture(Ground(640, 480)), found.ways, {"car": "#E69F00"}, "Europe/Berlin"
    )
    line = figure.data[1]
    assert (line.name, line.line.color) == ("car", "#E69F00")
    assert line.text[0] == "car 3 · Sat 28 Mar 2026, 18:01:40"
    table = ways_table(found.ways)
    assert table.iloc[0][["label", "x", "y"]].tolist() == ["car", 40, 460]


def test_paths_by_time_go_from_early_to_late(base: sqlite3.Connection) -> None:
    found = ways(base, chosen(base))
    figure = paths_figure(Picture(Ground(640, 480)), found.ways, {}, "Europe/Berlin", True)
    names = [trace.name for trace in figure.data[1:-1]]
    assert len(set(names)) == len(names) == 7  # two began in the same minute
    assert names[0] == "from Sat 28 Mar 2026, 18:00"


def test_a_window_is_widened_to_whole_minutes() -> None:
    found = whole_minutes(Filter(61_000, 119_000, ("a",)))
    assert (found.since, found.until, found.sources) == (60_000, 120_000, ("a",))
    assert whole_minutes(found) == found


def test_places_are_those_of_one_source_in_cells_that_fit(base: sqlite3.Connection) -> None:
    with pytest.raises(SettingsError, match="of one source, not of 3"):
        heat(base, select(base, ALL, LATER))
    with pytest.raises(SettingsError, match="1, 2, 3, 4, 6: 5"):
        heat(base, chosen(base), size=5)


def test_a_source_that_was_never_seen_is_named(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "people.db")) as base, base:
        base.execute("INSERT INTO sources (id, name, kind, uri, timezone, created_at)"
                     " VALUES (0, 'shy', 'camera', '0', 'UTC', 0)")  # fmt: skip
        with pytest.raises(NothingRecorded, match="'shy'"):
            heat(base, chosen(base, source="shy"))


def test_a_quiet_source_is_a_zero_and_a_time_before_it_is_none(base: sqlite3.Connection) -> None:
    quiet = heat(base, chosen(base, source="yard"))
    assert quiet.status == "zero" and quiet.busiest is None and not quiet.values.any()
    before = replace(ALL, since=ALL.since - MINUTES, until=ALL.since)
    assert heat(base, chosen(base, before)).status == "no_data"
    assert np.isnan(heat_shade(quiet, "high").place).all()


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_are_asked_for_and_shown_as_they_are(
    hostile: sqlite3.Connection, label: str
) -> None:
    selection = chosen(hostile, replace(ALL, labels=(label,)), label)
    found = heat(hostile, selection)
    assert found.value == 60
    assert hostile.execute(found.sql).fetchone()[0] == pytest.approx(60)
    way = ways(hostile, selection).ways
    figure = paths_figure(Picture(found.cells.ground), way, {label: "#000000"}, "UTC")
    assert "<script" not in figure.to_json() and "<img" not in figure.to_json()
    png = pictures.paths_png(Picture(Ground(640, 480)), way, {label: "#000000"}, "UTC", False,
                             [label, label])  # fmt: skip
    assert png.startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = a_hostile_one(tmp_path_factory.mktemp("hostile") / "people.db")
    with closing(open_readonly(path)) as connection:
        yield connection


def jpeg_of(shade: int, size: tuple[int, int]) -> bytes:
    image = np.full((size[1], size[0], 3), shade, np.uint8)
    return bytes(cv2.imencode(".jpg", image)[1])


def image_of(png: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


@pytest.mark.parametrize("smoothing", ["off", "low"])
def test_a_downloaded_picture_has_the_heat_where_somebody_stood(
    base: sqlite3.Connection, smoothing: str
) -> None:
    found = heat(base, chosen(base), size=2)
    picture = Picture(found.cells.ground, jpeg_of(90, (320, 240)))  # a scaled one
    shade = heat_shade(found, smoothing)
    image = image_of(pictures.heat_png(picture, found.cells, shade, ["Seconds", "plaza"]))
    assert image.shape[1] == 960 and image.shape[0] > 720 + 60  # a strip beneath
    away = np.abs(image.astype(int) - 90).max(axis=2)
    row, column = found.busiest or (0, 0)
    side = found.cells.side * 1.5
    middle = round((row + 0.5) * side), round((column + 0.5) * side)
    assert away[middle] > 60
    assert away[:200].max() < 4  # nobody was in the sky


def test_every_view_can_be_had_as_a_picture(base: sqlite3.Connection) -> None:
    selection = chosen(base)
    picture, lines = Picture(Ground(640, 480)), ["A title", "plaza · مرحبا", "a note " * 60]
    moves = flow(base, selection)
    now, then = two(base, "2026-03-29T18:00:00+02:00", "2026-03-28T18:00:00+01:00")
    found = change(base, now, then)
    shown = ways(base, selection).ways
    for png in (
        pictures.flow_png(picture, moves, lines),
        pictures.heat_png(picture, found.cells, change_shade(found), lines),
        pictures.paths_png(picture, shown, {}, "UTC", True, lines),
    ):
        image = image_of(png)
        assert image.shape[1] == 960
        assert len(np.unique(image[:720].reshape(-1, 3), axis=0)) >= 5  # something is drawn


@pytest.mark.parametrize("junk", [None, b"", b"no picture", jpeg_of(9, (8, 8))[:40]])
def test_what_is_no_picture_is_a_plain_ground(junk: bytes | None) -> None:
    assert pictures.decoded(junk) is None


def test_the_table_of_cells_has_each_cell_with_its_middle(base: sqlite3.Connection) -> None:
    seconds, visits = (heat(base, chosen(base), unit, 6) for unit in ("seconds", "visits"))
    table = cells_table(seconds.cells, seconds=seconds.values, visits=visits.values)
    assert list(table.columns) == ["row", "column", "x", "y", "seconds", "visits"]
    assert len(table) == 6 * 8
    assert table.iloc[9][["row", "column", "x", "y"]].tolist() == [1, 1, 120, 120]
    assert table["seconds"].sum() == pytest.approx(seconds.value, abs=0.1)
