"""Numbers of zones and lines, of visits made of several tracks, and of single positions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.random_worlds import LATER, ODD, WEEKEND, a_random_one, some_filter
from tests.worlds import ms
from tracking.database import open_database
from tracking.errors import SettingsError
from tracking.filters import Filter
from tracking.localtime import HOUR, MINUTE, SECOND
from tracking.metrics import METRICS, Result, Selection, measure, select
from tracking.metrics.listing import list_tracks
from tracking.metrics.measuring import behind

NOON = ms("2026-03-30T12:00:00+02:00")
AN_HOUR = Filter(NOON, NOON + HOUR)
NOW = NOON + 2 * HOUR


class Place:
    """A shop that was watched for two hours from eleven, into which a test puts what it needs.

    Times are seconds after noon.
    """

    def __init__(self, path: Path) -> None:
        self.connection = connection = open_database(path)
        self.tracks = 0
        for number, name in enumerate(("shop", "yard")):
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, 'stream', '', 'Europe/Berlin', 9, 9, 1, 0)",
                (number, name),
            )
            connection.execute(
                "INSERT INTO runs (id, source_id, started_at, detector, tracker, code_version)"
                " VALUES (?, ?, 0, '', '', '')",
                (number, number),
            )
            connection.executemany(
                "INSERT INTO coverage (source_id, minute, seconds_observed, frames, state)"
                " VALUES (?, ?, 60, 60, 'ok')",
                ((number, NOON // MINUTE + minute) for minute in range(-60, 60)),
            )

    def zone(self, name: str, source: int = 0) -> int:
        query = "INSERT INTO zones (source_id, name, polygon, valid_from) VALUES (?, ?, '', 0)"
        return int(self.connection.execute(query, (source, name)).lastrowid or 0)

    def line(self, name: str, source: int = 0, ways: tuple[str, str] = ("in", "out")) -> int:
        query = (
            "INSERT INTO lines (source_id, name, points, forward, backward, valid_from)"
            " VALUES (?, ?, '', ?, ?, 0)"
        )
        return int(self.connection.execute(query, (source, name, *ways)).lastrowid or 0)

    def walk(
        self,
        first: int,
        last: int,
        stays: Sequence[tuple[int, int, int]] = (),
        crossings: Sequence[tuple[int, int, str]] = (),
        visit: int | None = None,
        source: int = 0,
        step: int = 1,
    ) -> int:
        """Somebody who is seen every `step` seconds. stays: zone, from, to; crossings: line, when,
        direction."""
        times = [*range(first, last, step), last]
        id = self.tracks = self.tracks + 1
        self.connection.execute(
            "INSERT INTO people_tracks VALUES (?, ?, ?, ?, 'person', ?, ?, ?, 0.5, ?)",
            (id, source, source, id, at(first), at(last), len(times), visit),
        )
        self.connection.executemany(
            "INSERT INTO positions VALUES (?, ?, 0, 0, 0, 0, 0, ?)",
            ((id, at(t), 0.6 if t < 0 else 0.4) for t in times),
        )
        self.connection.executemany(
            "INSERT INTO zone_stays VALUES (?, ?, ?, ?)",
            ((id, zone, at(a), at(b)) for zone, a, b in stays),
        )
        self.connection.executemany(
            "INSERT INTO crossings VALUES (?, ?, ?, ?)",
            ((id, line, at(t), way) for line, t, way in crossings),
        )
        return id

    def select(self, filter: Filter = AN_HOUR) -> Selection:
        self.connection.commit()
        return select(self.connection, filter, NOW)

    def measure(
        self,
        name: str,
        by: Sequence[str] = (),
        zones: tuple[str, ...] = (),
        lines: tuple[str, ...] = (),
        directions: tuple[str, ...] = (),
    ) -> Result:
        chosen = replace(AN_HOUR, zones=zones, lines=lines, directions=directions)
        return measure(name, self.select(chosen), by)

    def value(self, name: str, *zones: str) -> float | None:
        return self.measure(name, zones=zones).value


def at(seconds: int) -> int:
    return NOON + seconds * SECOND


def rows(result: Result) -> list[tuple[object, ...]]:
    """Without the share that was watched."""
    return [row[:-1] for row in result.rows.itertuples(index=False, name=None)]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "shop.db")
    with closing(place.connection):
        yield place


# zones


def test_a_zones_numbers_are_those_of_the_stays_in_it(shop: Place) -> None:
    desk, hall = shop.zone("desk"), shop.zone("hall")
    shop.walk(0, 600, [(desk, 60, 120), (desk, 300, 480), (hall, 0, 600)])
    shop.walk(200, 500, [(desk, 310, 340)])
    shop.walk(100, 500)
    kinds = ("crossing", "pace")  # of lines, and of floors
    found = {name: shop.value(name, "desk") for name in METRICS if METRICS[name].kind not in kinds}
    assert found == {
        "visits": 2,
        "tracks": 2,
        "arrivals": 3,
        "departures": 3,
        "presence": 270,
        "occupancy_mean": 270 / 3600,
        "occupancy_max": 2,
        "stay_mean": 90,
        "stay_median": 60,
        "stay_p90": pytest.approx(156),
        "stay_max": 180,
        "stay_min": 30,
        "detections": 61 + 181 + 31,
        "confidence_mean": pytest.approx(0.4),
        "first_seen": at(60),
        "last_seen": at(480),
        "observed": 3600,
        "unwatched": 0,
    }


def test_a_stay_that_began_before_is_a_visit_and_no_arrival(shop: Place) -> None:
    desk = shop.zone("desk")
    shop.walk(-300, 300, [(desk, -100, 50)])
    shop.walk(-300, 300, [(desk, -100, -1)])
    assert (shop.value("visits", "desk"), shop.value("arrivals", "desk")) == (1, 0)
    assert (shop.value("departures", "desk"), shop.value("presence", "desk")) == (1, 50)
    assert (shop.value("stay_mean", "desk"), shop.value("detections", "desk")) == (150, 51)
    assert shop.value("first_seen", "desk") == at(0)


def test_who_is_in_two_zones_at_once_is_there_once(shop: Place) -> None:
    desk, hall = shop.zone("desk"), shop.zone("hall")
    shop.walk(0, 600, [(desk, 0, 100), (hall, 50, 150), (desk, 200, 300)])
    assert shop.value("presence", "desk", "hall") == 250
    assert shop.value("occupancy_max", "desk", "hall") == 1
    assert shop.value("detections", "desk", "hall") == 252
    assert shop.value("arrivals", "desk", "hall") == 3


def test_all_versions_of_a_zone_count_as_the_zone(shop: Place) -> None:
    before, after = shop.zone("desk"), shop.zone("desk")
    shop.walk(0, 600, [(before, 0, 10)])
    shop.walk(700, 900, [(after, 700, 800)])
    assert shop.value("visits", "desk") == 2
    assert rows(shop.measure("visits", ["zone"])) == [("desk", 2)]


def changed_at(shop: Place, seconds: int) -> tuple[int, int]:
    """The two versions of a desk whose outline was changed then."""
    before, after = shop.zone("desk"), shop.zone("desk")
    query = "UPDATE zones SET {} = ? WHERE id = ?"
    shop.connection.execute(query.format("valid_to"), (at(seconds), before))
    shop.connection.execute(query.format("valid_from"), (at(seconds), after))
    return before, after


def test_who_stays_while_the_zone_is_changed_stays_once(shop: Place) -> None:
    before, after = changed_at(shop, 100)
    shop.walk(0, 600, [(before, 40, 99), (after, 101, 160)])
    assert (shop.value("arrivals", "desk"), shop.value("departures", "desk")) == (1, 1)
    assert (shop.value("stay_mean", "desk"), shop.value("presence", "desk")) == (120, 120)
    stays = list_tracks(shop.connection, shop.select(replace(AN_HOUR, zones=("desk",))))
    assert stays.rows[["first_seen", "last_seen"]].values.tolist() == [[at(40), at(160)]]


def test_who_was_out_of_the_zone_when_it_was_changed_stays_twice(shop: Place) -> None:
    before, after = changed_at(shop, 100)
    shop.walk(0, 600, [(before, 40, 98), (after, 101, 160)])  # three seconds: more than the grace
    assert (shop.value("arrivals", "desk"), shop.value("stay_max", "desk")) == (2, 59)


def test_of_a_zone_that_was_changed_twice_a_stay_over_all_versions_is_one(shop: Place) -> None:
    before, after = changed_at(shop, 100)
    latest = shop.zone("desk")
    shop.connection.execute("UPDATE zones SET valid_to = ? WHERE id = ?", (at(200), after))
    shop.connection.execute("UPDATE zones SET valid_from = ? WHERE id = ?", (at(200), latest))
    shop.walk(0, 600, [(before, 40, 99), (after, 100, 199), (latest, 200, 300)])
    assert (shop.value("arrivals", "desk"), shop.value("stay_max", "desk")) == (1, 260)


def test_a_stay_that_began_in_an_earlier_version_before_the_window_is_as_long_as_it_was(
    shop: Place,
) -> None:
    before, after = changed_at(shop, -1)
    shop.walk(-300, 600, [(before, -200, -2), (after, -1, 50)])
    assert (shop.value("arrivals", "desk"), shop.value("stay_mean", "desk")) == (0, 250)
    long = measure("visits", shop.select(replace(AN_HOUR, zones=("desk",), least=240)))
    assert long.value == 1
    assert shop.connection.execute(long.sql).fetchall() == [(1,)]


def test_a_slow_source_has_the_longer_grace_that_its_stays_are_derived_with(shop: Place) -> None:
    before, after = changed_at(shop, 100)
    shop.walk(0, 600, [(before, 40, 99), (after, 105, 160)])
    assert shop.value("arrivals", "desk") == 2
    shop.connection.execute("UPDATE sources SET fps = 0.2")  # two pictures are ten seconds apart
    found = shop.measure("arrivals", zones=("desk",))
    assert found.value == 1
    assert shop.connection.execute(found.sql).fetchall() == [(1,)]


def test_each_number_says_what_it_means_in_a_zone_and_at_a_line(shop: Place) -> None:
    shop.zone("desk")
    shop.line("door")
    inside = shop.measure("stay_mean", zones=("desk",)).metric.definition
    assert "from entering to leaving" in inside and "of those that overlap the time" in inside
    for name, metric in METRICS.items():
        if metric.kind in ("watched", "crossing", "pace"):
            continue
        assert "zone" in shop.measure(name, ["zone"]).metric.definition, name
        assert "crossed a line" in shop.measure(name, lines=("door",)).metric.definition, name
    long = measure("visits", shop.select(replace(AN_HOUR, least=60)))
    assert "Only of visits that lasted as long" in long.metric.definition
    assert shop.measure("visits").metric == METRICS["visits"]


def test_zones_of_one_name_count_together_unless_grouped_by_source(shop: Place) -> None:
    shop.walk(0, 600, [(shop.zone("desk"), 0, 10)])
    there = shop.zone("desk", source=1)
    shop.zone("gate", source=1)
    for number in range(2):
        shop.walk(number, 600, [(there, 50, 60)], source=1)
    assert rows(shop.measure("visits", ["zone"])) == [("desk", 3), ("gate", 0)]
    assert rows(shop.measure("visits", ["source", "zone"])) == [
        ("shop", "desk", 1), ("yard", "desk", 2), ("yard", "gate", 0),
    ]  # fmt: skip
    assert shop.measure("visits", zones=("gate",)).watched.possible == 3600  # of the yard alone


def test_zones_and_lines_together_are_refused(shop: Place) -> None:
    shop.zone("desk")
    with pytest.raises(SettingsError, match="zones or about crossings of lines, not about both"):
        shop.select(replace(AN_HOUR, zones=("desk",), lines=("door",)))
    with pytest.raises(SettingsError, match="not about both"):
        shop.measure("crossings", zones=("desk",))
    with pytest.raises(SettingsError, match="not about both"):
        shop.measure("visits", ["line"], zones=("desk",))
    with pytest.raises(SettingsError, match="not about both"):
        shop.measure("visits", ["zone"], directions=("in",))
    with pytest.raises(SettingsError, match="not about both"):
        shop.measure("visits", ["zone", "line"])


def test_what_is_not_drawn_is_named_and_nothing_is_known_of_it(shop: Place) -> None:
    shop.zone("desk")
    shop.line("door")
    found = shop.select(replace(AN_HOUR, zones=("desk", "loft")))
    assert found.unknown_zones == ("loft",)
    found = shop.select(replace(AN_HOUR, lines=("gate",), directions=("up", "in")))
    assert (found.unknown_lines, found.unknown_directions) == (("gate",), ("up",))
    assert measure("visits", found).status == "no_data"


# lines


def test_crossings_are_counted_by_line_and_by_direction(shop: Place) -> None:
    door, gate = shop.line("door"), shop.line("gate", ways=("up", "down"))
    shop.walk(0, 600, crossings=[(door, 0, "in"), (door, 30, "out"), (gate, 60, "forward")])
    shop.walk(0, 600, crossings=[(door, 40, "forward"), (gate, 70, "down")])
    shop.walk(-60, 600, crossings=[(door, -30, "in")])
    assert shop.value("crossings") == 5
    assert shop.value("net") == 1
    assert rows(shop.measure("crossings", ["line"])) == [("door", 3), ("gate", 2)]
    assert rows(shop.measure("crossings", ["direction"])) == [
        ("in", 2), ("out", 1), ("up", 1), ("down", 1),
    ]  # fmt: skip
    assert rows(shop.measure("net", ["line"])) == [("door", 1), ("gate", 0)]
    assert shop.measure("crossings", lines=("door",), directions=("in",)).value == 2
    assert shop.measure("crossings", directions=("down",)).value == 1
    by_both = shop.measure("crossings", ["line", "direction"], lines=("door",))
    assert rows(by_both) == [("door", "in", 2), ("door", "out", 1)]


def test_who_crossed_is_whose_visits_and_stays_are_counted(shop: Place) -> None:
    door = shop.line("door")
    shop.walk(0, 600, crossings=[(door, 5, "in"), (door, 500, "out")])
    shop.walk(0, 60, crossings=[(door, 8, "out")])
    shop.walk(-60, 60, crossings=[(door, -8, "in")])
    assert shop.measure("visits", lines=("door",)).value == 2
    assert shop.measure("stay_mean", lines=("door",), directions=("in",)).value == 600
    assert rows(shop.measure("visits", ["direction"])) == [("in", 1), ("out", 2)]
    assert shop.measure("crossings").counted == 2


def test_where_no_line_is_drawn_nothing_is_known_of_crossings(shop: Place) -> None:
    shop.walk(0, 60)
    assert shop.measure("crossings").status == "no_data"
    shop.line("door", source=1)
    assert shop.measure("crossings").status == "zero"
    assert rows(shop.measure("crossings", ["source"])) == [("yard", 0)]


# how long


def test_only_visits_as_long_as_asked_for_count(shop: Place) -> None:
    door, desk = shop.line("door"), shop.zone("desk")
    for seconds in (60, 120, 121, 600):
        shop.walk(0, seconds, [(desk, 0, 30), (desk, 40, 60)], [(door, 5, "in")])
    long = replace(AN_HOUR, least=120)
    assert measure("visits", shop.select(long)).value == 3
    assert measure("visits", shop.select(replace(long, most=121))).value == 2
    assert measure("crossings", shop.select(long)).value == 3
    stays = replace(AN_HOUR, zones=("desk",), most=20)
    assert measure("arrivals", shop.select(stays)).value == 4
    assert measure("presence", shop.select(stays)).value == 80


def test_a_visit_is_as_long_as_all_of_its_tracks(shop: Place) -> None:
    shop.walk(-500, -400, visit=7)
    shop.walk(10, 20, visit=7)
    shop.walk(4000, 4100, visit=7)
    shop.walk(30, 40)
    assert shop.value("visits") == 2
    assert shop.value("arrivals") == 1
    assert shop.value("departures") == 1
    assert shop.value("stay_max") == 4600
    assert measure("visits", shop.select(replace(AN_HOUR, least=100))).value == 1
    assert measure("visits", shop.select(replace(AN_HOUR, most=100))).value == 1
    earlier = measure("arrivals", shop.select(AN_HOUR.before()))
    assert (earlier.value, earlier.counted) == (1, 1)


# positions


def test_of_a_track_across_the_edge_only_the_positions_within_count(shop: Place) -> None:
    shop.walk(-100, 100)
    shop.walk(3590, 3700)
    shop.walk(200, 209)
    shop.walk(4000, 4100)
    assert shop.value("detections") == 101 + 10 + 10
    # the third is wholly within: of it counts what its own row says
    assert shop.value("confidence_mean") == pytest.approx((111 * 0.4 + 10 * 0.5) / 121)
    by_minute = shop.measure("detections", ["bucket"]).rows["value"]
    assert by_minute.sum() == 121
    assert by_minute[:4].tolist() == [60, 41, 0, 10]


def test_first_and_last_are_times_at_which_somebody_was_seen(shop: Place) -> None:
    assert (shop.value("first_seen"), shop.value("last_seen")) == (None, None)
    shop.walk(-95, 3695, step=10)
    assert shop.value("first_seen") == at(5)
    assert shop.value("last_seen") == at(3595)
    shop.walk(2, 3)
    assert shop.value("first_seen") == at(2)
    assert [int(track) for track in behind(shop.measure("first_seen")).id] == [2]
    hours = shop.measure("last_seen", ["hour"]).rows.set_index("hour")["value"]
    assert hours[12] == at(3595)
    assert hours.drop(12).isna().all()


def test_who_hid_during_the_window_was_not_seen_in_it(shop: Place) -> None:
    shop.walk(-100, 3700, step=3800)
    assert (shop.value("first_seen"), shop.value("detections")) == (None, 0)


# time not watched


def test_time_that_was_not_watched_is_known_also_where_nothing_was(shop: Place) -> None:
    shop.connection.execute("DELETE FROM coverage WHERE source_id = 1 AND minute % 60 >= 20")
    assert shop.value("unwatched") == 2400
    assert rows(shop.measure("unwatched", ["source"])) == [("shop", 0), ("yard", 2400)]
    later = measure("unwatched", shop.select(Filter(at(3600), at(10800))))
    assert later.value == 7200  # until now, at both
    assert measure("unwatched", shop.select(Filter(NOW, NOW + HOUR))).value is None


def test_of_a_minute_that_the_window_cuts_no_more_was_watched_than_there_is(shop: Place) -> None:
    """The last sixty seconds begin and end within minutes that were watched all along."""
    shop.walk(0, 600)
    part = shop.select(Filter(at(90), at(150), ("shop",)))
    assert measure("observed", part).value == 60
    assert measure("occupancy_mean", part).value == 1
    assert measure("unwatched", part).value == 0
    within = shop.select(Filter(at(70), at(80)))
    assert measure("observed", within, ["source"]).rows["value"].tolist() == [10, 10]


# one by one


def test_tracks_one_by_one_are_those_that_the_filter_says(shop: Place) -> None:
    door, desk = shop.line("door"), shop.zone("desk")
    shop.walk(0, 600, [(desk, 10, 40), (desk, 60, 120)])
    shop.walk(0, 300, [(desk, 10, 20)], [(door, 100, "in")])
    shop.walk(0, 500)
    lines = list_tracks(shop.connection, shop.select(replace(AN_HOUR, lines=("door",))))
    assert (lines.total, lines.rows["id"].tolist()) == (1, [2])
    long = list_tracks(shop.connection, shop.select(replace(AN_HOUR, least=400)), "stay")
    assert long.rows["id"].tolist() == [1, 3]
    stays = list_tracks(shop.connection, shop.select(replace(AN_HOUR, zones=("desk",))), "stay")
    assert stays.total == 3
    shown = stays.rows[["id", "zone", "first_seen", "last_seen", "stay"]]
    assert shown.values.tolist() == [
        [1, "desk", at(60), at(120), 60],
        [1, "desk", at(10), at(40), 30],
        [2, "desk", at(10), at(20), 10],
    ]


# each equals its SQL


RandomWorld = Callable[[int], sqlite3.Connection]


@pytest.fixture
def random_world(tmp_path: Path) -> Iterator[RandomWorld]:
    """By its seed."""
    with ExitStack() as opened:
        yield lambda seed: opened.enter_context(closing(a_random_one(tmp_path / "any.db", seed)))


def drawn(random: np.random.Generator) -> dict[str, tuple[str, ...]]:
    """A choice of zones, or of lines and directions."""
    if random.random() < 0.5:
        zones = [("hall",), ("desk", "hall"), (ODD,), ("desk", ODD, "nowhere")]
        return {"zones": zones[int(random.integers(len(zones)))]}
    lines = [("door",), ("stairs",), ("door", "stairs"), ()][int(random.integers(4))]
    ways = [("in",), ("out", "up"), ()][int(random.integers(3 if lines else 2))]
    return {"lines": lines, "directions": ways}


def assert_as_sql_says(selection: Selection, name: str, value: float) -> None:
    """NaN is what is nothing in SQL, too."""
    with selection.reading() as connection:
        ((expected,),) = connection.execute(measure(name, selection).sql)
    if np.isnan(value):
        assert not expected, (name, selection.filter)
    else:
        assert value == pytest.approx(expected or 0, rel=0, abs=1e-6), (name, selection.filter)


def asked(name: str, of: Filter) -> bool:
    """Whether there is such a number."""
    return not (of.zones and METRICS[name].kind == "crossing")


@pytest.mark.parametrize("seed", range(12))
def test_each_metric_of_zones_and_lines_equals_its_sql(
    seed: int, random_world: RandomWorld
) -> None:
    connection, random = random_world(seed), np.random.default_rng(seed)
    for _ in range(3):
        filter = replace(some_filter(random), **drawn(random))
        selection = select(connection, filter, LATER)
        for name in METRICS:
            if asked(name, filter):
                value = measure(name, selection).value
                assert_as_sql_says(selection, name, np.nan if value is None else value)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "by", [("zone",), ("line",), ("direction",), ("label", "zone"), ("line", "direction")]
)
def test_each_group_equals_the_sql_of_its_own_filter(
    by: tuple[str, ...], seed: int, random_world: RandomWorld
) -> None:
    connection = random_world(seed)
    whole = replace(WEEKEND, since=WEEKEND.since + 1_234_567, most=1800.0 if seed else None)
    everything = select(connection, whole, LATER)
    names = [each for each in METRICS if "zone" not in by or METRICS[each].kind != "crossing"]
    found = {name: measure(name, everything, by).rows for name in names}
    groups = found["visits"][list(by)].to_dict("records")
    assert groups
    for number, group in enumerate(groups):
        own = {f"{dimension}s": (value,) for dimension, value in group.items()}
        part = select(connection, replace(whole, **own), LATER)
        for name in names:
            assert_as_sql_says(part, name, found[name]["value"][number])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by", ["zone", "line"])
def test_each_hour_of_a_zone_or_line_equals_the_sql_of_its_own_filter(
    by: str, seed: int, random_world: RandomWorld
) -> None:
    connection = random_world(seed)
    # by hour the visits of a line are those of who crossed it at any hour
    of_zone = ("visits", "arrivals", "presence", "detections", "last_seen", "stay_max")
    for name in of_zone if by == "zone" else ("crossings", "net"):
        found = measure(name, select(connection, WEEKEND, LATER), ("source", by, "hour")).rows
        for row in found.sample(12, random_state=seed).to_dict("records"):
            own = {f"{by}s": (row[by],), "sources": (row["source"],), "hours": (row["hour"],)}
            part = select(connection, replace(WEEKEND, **own), LATER)
            assert_as_sql_says(part, name, row["value"])


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("by", ["zone", "line"])
def test_each_day_and_weekday_of_a_zone_or_line_equals_the_sql_of_its_own_filter(
    by: str, seed: int, random_world: RandomWorld
) -> None:
    connection, berlin = random_world(seed), replace(WEEKEND, sources=("source 0", "source 1"))
    whole = select(connection, berlin, LATER)
    names = [name for name in METRICS if (METRICS[name].kind == "crossing") == (by == "line")]
    for name in (*names, "observed")[seed::2]:
        days = measure(name, whole, (by, "bucket"), "day")
        assert days.edges is not None
        ends = dict(zip(days.edges[:-1].tolist(), days.edges[1:].tolist(), strict=True))
        for row in days.rows.to_dict("records"):
            own = replace(berlin, since=row["bucket"], until=ends[row["bucket"]])
            part = select(connection, replace(own, **{f"{by}s": (row[by],)}), LATER)
            assert_as_sql_says(part, name, row["value"])
        for row in measure(name, whole, (by, "weekday")).rows.to_dict("records"):
            own = replace(berlin, weekdays=(row["weekday"],), **{f"{by}s": (row[by],)})
            assert_as_sql_says(select(connection, own, LATER), name, row["value"])


@pytest.mark.parametrize("name", ["crossings", "net"])
def test_crossings_add_up(name: str, random_world: RandomWorld) -> None:
    selection = select(random_world(2), WEEKEND, LATER)
    whole = measure(name, selection).value
    assert whole
    for by in (("bucket",), ("source",), ("line",), ("direction",), ("label", "hour")):
        assert measure(name, selection, by).rows["value"].sum() == whole


def test_a_database_in_memory_has_the_same_numbers(shop: Place) -> None:
    """It cannot be opened a second time."""
    desk = shop.zone("desk")
    shop.walk(-10, 100, [(desk, 5, 20)], [(shop.line("door"), 7, "in")])
    shop.connection.commit()
    with closing(sqlite3.connect(":memory:")) as copy:
        shop.connection.backup(copy)
        selection = select(copy, AN_HOUR, NOW)
        assert measure("detections", selection).value == 101
        assert rows(measure("visits", selection, ["zone"])) == [("desk", 1)]
        assert measure("crossings", selection).value == 1


def test_a_selection_is_counted_also_after_its_connection_is_closed(shop: Place) -> None:
    shop.zone("desk")
    shop.walk(-10, 100, crossings=[(shop.line("door"), 7, "in")])
    selection = shop.select()
    shop.connection.close()
    assert measure("crossings", selection).value == 1
    assert measure("detections", selection).value == 101
