"""Every number has one definition: what is computed equals its SQL, run on the same database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.random_worlds import LATER, WEEKEND, a_random_one, some_filter
from tests.worlds import PLAZA, TRUTH, Walk, Watch, a_weekend, an_empty_one, ms, write
from tracking.database import open_readonly
from tracking.errors import SettingsError
from tracking.filters import Filter
from tracking.localtime import DAY, HOUR, MINUTE, SHORT
from tracking.metrics import METRICS, Selection, coverage, measure, recorded, select, sql

BERLIN = ("plaza", "yard")


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = a_weekend(tmp_path_factory.mktemp("weekend") / "people.db")
    with closing(open_readonly(path)) as connection:
        yield connection


RandomWorld = Callable[[int], sqlite3.Connection]


@pytest.fixture
def random_world(tmp_path: Path) -> Iterator[RandomWorld]:
    """By its seed."""
    with ExitStack() as opened:
        yield lambda seed: opened.enter_context(closing(a_random_one(tmp_path / "any.db", seed)))


def test_sql_is_written_only_for_who_asks_for_it(
    weekend: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many years of a few hours a day it is a long text."""
    asked: list[Selection] = []
    monkeypatch.setattr(sql, "_spans", lambda selection: asked.append(selection) or "")
    result = measure("visits", select(weekend, WEEKEND, WEEKEND.until))
    assert not asked
    assert result.sql
    assert len(asked) == 1


def by_sql(connection: sqlite3.Connection, selection: Selection, name: str) -> float | None:
    ((value,),) = connection.execute(measure(name, selection).sql).fetchall()
    return None if value is None else float(value)


@pytest.mark.parametrize("seed", range(12))
def test_each_metric_equals_its_sql_in_any_world(seed: int, random_world: RandomWorld) -> None:
    connection = random_world(seed)
    random = np.random.default_rng(seed)
    for _ in range(3):
        selection = select(connection, some_filter(random), LATER)
        for name in METRICS:
            found, expected = measure(name, selection).value, by_sql(connection, selection, name)
            if found is None:
                assert not expected, (name, selection.filter)
            else:
                assert found == pytest.approx(expected or 0, rel=0, abs=1e-6), (
                    name,
                    selection.filter,
                )


@pytest.mark.parametrize("seed", range(4))
def test_each_bucket_equals_the_sql_of_its_own_window(seed: int, random_world: RandomWorld) -> None:
    connection = random_world(seed)
    whole = some_filter(np.random.default_rng(seed))
    selection = select(connection, whole, LATER)
    width = "minute" if whole.length <= SHORT else None
    for name in METRICS:
        result = measure(name, selection, by=("bucket", "source"), bucket=width)
        assert result.edges is not None
        ends = dict(zip(result.edges[:-1], result.edges[1:], strict=True))
        for row in result.rows.sample(min(12, len(result.rows)), random_state=seed).itertuples():
            window = replace(
                whole,
                since=max(whole.since, int(row.bucket)),
                until=min(whole.until, int(ends[row.bucket])),
                sources=(row.source,),
            )
            part = select(connection, window, LATER)
            expected = by_sql(connection, part, name) if part.filter.length else None
            if np.isnan(row.value):
                assert not expected
            else:
                assert row.value == pytest.approx(expected or 0, rel=0, abs=1e-6), (name, window)


@pytest.mark.parametrize("seed", range(3))
def test_buckets_of_seconds_equal_the_sql_of_their_own_windows(
    seed: int, random_world: RandomWorld
) -> None:
    connection = random_world(seed)
    ((busy,),) = connection.execute("SELECT first_seen FROM people_tracks ORDER BY id LIMIT 1")
    window = Filter(busy - 4 * MINUTE + 321, busy + 5 * MINUTE, ("source 0", "source 2"))
    selection = select(connection, window, LATER)
    for name in ("visits", "tracks", "arrivals", "departures", "presence", "occupancy_max"):
        result = measure(name, selection, ("bucket",))
        assert result.bucket == "10 seconds" and result.edges is not None
        limits = result.edges.clip(window.since, window.until)
        for value, a, b in zip(result.rows["value"], limits[:-1], limits[1:], strict=True):
            part = select(connection, replace(window, since=int(a), until=int(b)), LATER)
            if not np.isnan(value):
                expected = by_sql(connection, part, name) or 0
                assert value == pytest.approx(expected, rel=0, abs=1e-6), (name, a)


@pytest.mark.parametrize("seed", range(3))
def test_a_bucket_of_seconds_has_its_share_of_the_minute_that_it_is_in(
    seed: int, random_world: RandomWorld
) -> None:
    connection = random_world(seed)
    window = Filter(WEEKEND.since + HOUR, WEEKEND.since + HOUR + 8 * MINUTE, ("source 1",))
    rows = measure("observed", select(connection, window, LATER), ("bucket",)).rows
    seconds = dict(
        connection.execute("SELECT minute, seconds_observed FROM coverage WHERE source_id = 1")
    )
    shares = [seconds.get(t // MINUTE, 0) / 6 for t in rows["bucket"].tolist()]
    assert len(shares) == 48
    np.testing.assert_allclose(rows["value"].fillna(0), shares)
    np.testing.assert_allclose(rows["watched"], np.array(shares) / 10)


def test_buckets_of_seconds_add_up_in_a_window_that_cuts_its_minutes(tmp_path: Path) -> None:
    """A recording that begins and ends within a minute, asked about as long as it is."""
    walk = Walk("person", 5, 20, (100, 400), (580, 400))
    watch = Watch(PLAZA, "2026-03-28T12:00:50+01:00", 90, (walk,))
    begin = ms(watch.began)
    with closing(open_readonly(write(tmp_path / "short.db", (watch,)))) as connection:
        selection = select(connection, Filter(begin, begin + 90_000), LATER)
        observed = measure("observed", selection, ("bucket",))
        assert observed.rows["value"].sum() == pytest.approx(observed.value) == 90
        mean = measure("occupancy_mean", selection, ("bucket",)).rows
    assert mean["value"].tolist() == pytest.approx([0.5, 1, 0.5, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("seed", range(4))
def test_each_hour_and_weekday_equals_the_sql_of_its_own_filter(
    seed: int, random_world: RandomWorld
) -> None:
    connection = random_world(seed)
    selection = select(connection, WEEKEND, LATER)
    for name in (
        "visits", "arrivals", "presence", "observed", "occupancy_mean", "crossings", "detections",
        "confidence_mean", "first_seen", "last_seen", "unwatched", "stay_max",
    ):  # fmt: skip
        rows = measure(name, selection, by=("weekday", "hour")).rows
        assert len(rows) == 7 * 24
        for row in rows.sample(20, random_state=seed).itertuples():
            own = replace(WEEKEND, hours=(int(row.hour),), weekdays=(int(row.weekday),))
            expected = by_sql(connection, select(connection, own, LATER), name)
            if np.isnan(row.value):
                assert not expected
            else:
                assert row.value == pytest.approx(expected or 0, rel=0, abs=1e-6), (name, own)


@pytest.mark.parametrize(
    "name", ["arrivals", "departures", "presence", "observed", "unwatched", "detections"]
)
def test_what_is_additive_adds_up(name: str, weekend: sqlite3.Connection) -> None:
    selection = select(weekend, WEEKEND, LATER)
    whole = measure(name, selection).value
    for by in (("bucket",), ("source",), ("hour",), ("weekday", "hour"), ("bucket", "source")):
        assert measure(name, selection, by=by).rows["value"].sum() == pytest.approx(whole)


def test_the_weekend_has_the_visits_that_are_known(weekend: sqlite3.Connection) -> None:
    selection = select(weekend, WEEKEND, LATER)
    rows = measure("visits", selection, by=("source", "label")).rows.fillna(0)
    found = {(row.source, row.label): int(row.value) for row in rows.itertuples()}
    for name, truth in TRUTH.items():
        for label, count in truth.tracks.items():
            assert found[name, label] == count
    assert sum(found.values()) == 18


@pytest.mark.parametrize("name", TRUTH)
def test_the_time_watched_and_missed_is_that_of_the_truth(
    name: str, weekend: sqlite3.Connection
) -> None:
    truth = TRUTH[name]
    watched = coverage(select(weekend, replace(WEEKEND, sources=(name,)), LATER))
    assert watched.observed == pytest.approx(truth.watched)
    assert {"stale": watched.stale, "down": watched.down, "stopped": watched.stopped} == {
        "stale": 0, "down": 0, "stopped": 0, **truth.missed
    }  # fmt: skip
    peak = measure("occupancy_max", select(weekend, replace(WEEKEND, sources=(name,)), LATER))
    assert peak.value == truth.most


def test_a_day_is_the_sources_own(weekend: sqlite3.Connection) -> None:
    selection = select(weekend, replace(WEEKEND, sources=("station",), labels=("person",)), LATER)
    days = measure("arrivals", selection, by=("bucket",), bucket="day").rows
    assert days["value"].dropna().tolist() == [2, 5]
    assert days["bucket"].tolist()[0] == ms("2026-03-28T00:00:00+05:30")


def test_the_night_of_the_change_has_no_second_hour(weekend: sqlite3.Connection) -> None:
    night = replace(WEEKEND, sources=("plaza",), weekdays=(6,), hours=(2,))
    assert coverage(select(weekend, night, LATER)).possible == 0
    assert measure("visits", select(weekend, night, LATER)).status == "no_data"


def test_nobody_is_another_thing_than_nothing_watched(weekend: sqlite3.Connection) -> None:
    noon = ms("2026-03-29T12:00:00+02:00")
    quiet = Filter(noon, noon + 10 * MINUTE, sources=("yard",))
    found = measure("visits", select(weekend, quiet, LATER))
    assert (found.value, found.status) == (0, "zero")
    before = Filter(noon - HOUR, noon, sources=("yard",))
    found = measure("visits", select(weekend, before, LATER), by=("bucket",))
    assert (found.value, found.status) == (None, "no_data")
    assert found.rows["value"].isna().all()


def test_the_future_is_not_a_gap(weekend: sqlite3.Connection) -> None:
    noon = ms("2026-03-29T12:00:00+02:00")
    day = Filter(noon, noon + DAY, sources=("yard",))
    watched = coverage(select(weekend, day, noon + 20 * MINUTE))
    assert watched.share == pytest.approx(0.5)


def test_an_empty_database_answers_with_nothing(tmp_path: Path) -> None:
    with closing(open_readonly(an_empty_one(tmp_path / "people.db"))) as connection:
        assert recorded(connection) is None
        selection = select(connection, WEEKEND, LATER)
        for name in METRICS:
            for by in ((), ("bucket",), ("source", "label"), ("hour", "weekday")):
                found = measure(name, selection, by=by)
                assert found.status == "no_data"


def test_what_is_recorded_reaches_from_the_first_to_the_last(weekend: sqlite3.Connection) -> None:
    since, until = recorded(weekend, BERLIN) or (0, 0)
    assert since == ms(TRUTH["plaza"].first)
    assert ms(TRUTH["plaza"].last) <= until <= ms("2026-03-29T19:00:00+02:00")


def test_no_bucket_is_finer_than_what_is_known_of_a_long_time(random_world: RandomWorld) -> None:
    connection = random_world(0)
    days = replace(WEEKEND, until=WEEKEND.since + 3 * DAY)
    rows = measure("observed", select(connection, days, LATER), ("bucket",), "5 minutes").rows
    assert rows["watched"].max() <= 1
    assert rows["watched"].notna().all()
    long = select(connection, replace(WEEKEND, until=WEEKEND.since + 7 * DAY), LATER)
    with pytest.raises(SettingsError, match="not divided by 5 minutes"):
        measure("observed", long, ("bucket",), "5 minutes")


def test_an_unknown_metric_or_dimension_is_named(weekend: sqlite3.Connection) -> None:
    selection = select(weekend, WEEKEND, LATER)
    with pytest.raises(SettingsError, match="no metric 'visitors'"):
        measure("visitors", selection)
    with pytest.raises(SettingsError, match="grouped by 'colour'"):
        measure("visits", selection, by=("colour",))


def test_quarters_hold_the_sums_of_their_minutes_whatever_is_changed(tmp_path: Path) -> None:
    with closing(a_random_one(tmp_path / "any.db", 5)) as connection:
        for change in (
            "DELETE FROM coverage WHERE minute % 7 = 0 OR source_id = 1 AND minute % 1440 < 600",
            "UPDATE coverage SET seconds_observed = 1.5, seconds_down = 3 WHERE minute % 5 = 1",
            "UPDATE coverage SET minute = minute + 100000 WHERE source_id = 2 AND minute % 15 < 9",
            "INSERT OR REPLACE INTO coverage SELECT 1, minute, 7, 1, 'ok', 1, 2, 3 FROM coverage"
            " WHERE source_id = 0",
            "DELETE FROM sources WHERE id = 0",
        ):
            connection.execute(change)
            sums = connection.execute(
                "SELECT source_id, minute / 15, sum(seconds_observed), sum(seconds_stale),"
                " sum(seconds_down), sum(seconds_stopped) FROM coverage GROUP BY 1, 2"
            ).fetchall()
            assert connection.execute("SELECT * FROM coverage_quarters").fetchall() == sums, change


@pytest.mark.parametrize("has_quarters", [True, False])
def test_a_long_window_that_cuts_minutes_and_quarters_has_what_was_watched(
    has_quarters: bool, random_world: RandomWorld
) -> None:
    """A study of an earlier version has no quarters."""
    connection = random_world(4)
    if not has_quarters:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'coverage'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DROP TABLE coverage_quarters")
    week = Filter(WEEKEND.since + 7 * HOUR + 123_456, WEEKEND.since + 8 * DAY + 2_345_678)
    part = replace(week, until=WEEKEND.since + 2 * DAY + 3_333_333)
    for filter in (week, replace(week, since=week.since - 7 * DAY, until=part.until)):
        selection = select(connection, filter, LATER)
        found = measure("observed", selection, ("source",))
        assert found.value == pytest.approx(by_sql(connection, selection, "observed"))
        days = measure("observed", selection, ("bucket",), "day").rows["value"]
        assert days.sum() == pytest.approx(found.value)
