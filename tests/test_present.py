"""Now, today against the same weekday, and growth: each equals SQL on the same database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.worlds import NOBODY, PLAZA, Walk, Watch, a_weekend, ms, write
from tracking.database import open_database, open_readonly
from tracking.localtime import DAY, MINUTE
from tracking.metrics import known_sources, last_watched, occupancy_now, today
from tracking.metrics.storage import growth

MONDAY = "2026-03-30T09:00:00+02:00"  # the day after the clocks went forward
NOW = ms("2026-03-30T09:30:00+02:00")


def morning(days_before: int, arrivals: int, seconds: int = 1800) -> Watch:
    """Half an hour from nine o'clock by the clock in Berlin, with one arrival a minute."""
    offset = "+02:00" if days_before == 0 else "+01:00"
    day = 30 - days_before
    date = f"2026-03-{day:02}" if day > 0 else f"2026-02-{28 + day:02}"
    walks = tuple(
        Walk("person", 60 * number + 5, 30, (100, 400), (580, 400)) for number in range(arrivals)
    )
    return Watch(PLAZA, f"{date}T09:00:00{offset}", seconds, walks)


@pytest.fixture
def mondays(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Today 12 arrivals in half an hour; 10 and 6 a week and two before; a glimpse before that."""
    path = write(
        tmp_path / "people.db",
        (morning(0, 12), morning(7, 10), morning(14, 6), morning(21, 2, seconds=300)),
    )
    with closing(open_readonly(path)) as connection:
        yield connection


def test_today_is_compared_with_the_same_weekday_at_the_same_time_by_the_clock(
    mondays: sqlite3.Connection,
) -> None:
    [plaza] = known_sources(mondays)
    day = today(mondays, plaza, (), NOW)
    assert (day.visits, day.days) == (12, 2)  # the third Monday was hardly watched
    assert (day.here, day.usual) == (12, 8)
    assert day.change == pytest.approx(0.5)
    count = "SELECT count(*) FROM people_tracks WHERE first_seen >= ? AND first_seen < ?"
    for week, expected in ((1, 10), (2, 6)):
        begin = ms(f"2026-03-{30 - 7 * week}T00:00:00+01:00")
        end = ms(f"2026-03-{30 - 7 * week}T09:30:00+01:00")
        assert mondays.execute(count, (begin, end)).fetchone() == (expected,)


def test_only_minutes_that_were_watched_on_both_days_are_compared(tmp_path: Path) -> None:
    path = write(tmp_path / "people.db", (morning(0, 10, seconds=600), morning(7, 20)))
    with closing(open_readonly(path)) as connection:
        [plaza] = known_sources(connection)
        day = today(connection, plaza, (), NOW)
    assert (day.visits, day.here, day.usual, day.change) == (10, 10, 10, 0)


def test_without_a_day_to_compare_with_it_is_said_why(tmp_path: Path) -> None:
    path = write(tmp_path / "people.db", (morning(0, 3), morning(1, 9)))
    with closing(open_readonly(path)) as connection:
        [plaza] = known_sources(connection)
        day = today(connection, plaza, (), NOW)
        before = today(connection, plaza, (), ms(MONDAY) - 1000)
    assert (day.visits, day.usual, day.change) == (3, None, None)
    assert day.why == "no Monday of the last 4 weeks was watched enough at these times"
    assert before.visits is None
    assert before.why == "today was not watched for a minute yet"


def test_a_day_watched_in_which_nobody_came_is_a_zero(tmp_path: Path) -> None:
    with closing(open_readonly(a_weekend(tmp_path / "people.db"))) as connection:
        yard = next(each for each in known_sources(connection) if each.name == "yard")
        day = today(connection, yard, (), ms(NOBODY.began) + 20 * MINUTE)
        assert (day.visits, day.watched.observed) == (0, 600)
        tomorrow = today(connection, yard, (), ms(NOBODY.began) + DAY)
        assert tomorrow.visits is None


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A run that goes on: its newest picture is of NOW."""
    with closing(open_database(tmp_path / "people.db")) as connection:
        connection.execute(
            "INSERT INTO sources VALUES (0, 'plaza', 'stream', '', 'UTC', 640, 480, 5, 0)"
        )
        connection.execute(
            "INSERT INTO runs (id, source_id, started_at, ended_at, detector, tracker,"
            " code_version) VALUES (0, 0, ?, ?, 'yolo', 'botsort', '')",
            (NOW - DAY, NOW),
        )
        for number, (label, ago, visit) in enumerate(
            [("person", 0, None), ("person", 1999, 5), ("person", 1500, 5), ("car", 10, None),
             ("person", 2000, None), ("person", DAY // 2, None)]
        ):  # fmt: skip
            connection.execute(
                "INSERT INTO people_tracks VALUES (?, 0, 0, ?, ?, ?, ?, 9, 0.9, ?)",
                (number, number, label, NOW - DAY, NOW - ago, visit),
            )
        connection.commit()
        yield connection


def test_now_are_those_of_the_newest_two_seconds_each_once(watched: sqlite3.Connection) -> None:
    assert occupancy_now(watched, 0, (), NOW + 900) == 3
    assert occupancy_now(watched, 0, ("car",), NOW) == 1
    assert occupancy_now(watched, 0, ("o'clock",), NOW) == 0


def test_what_a_wrong_clock_recorded_in_the_future_is_not_now(watched: sqlite3.Connection) -> None:
    watched.execute("UPDATE people_tracks SET last_seen = ? WHERE id = 3", (NOW + DAY,))
    assert occupancy_now(watched, 0, (), NOW) == 2


def test_nobody_knows_how_many_are_there_where_nothing_is_watched(
    watched: sqlite3.Connection,
) -> None:
    assert occupancy_now(watched, 0, (), NOW + MINUTE) is None
    assert occupancy_now(watched, 7, (), NOW) is None
    watched.execute("UPDATE runs SET outcome = 'stopped'")
    assert occupancy_now(watched, 0, (), NOW) is None


def test_until_when_a_source_was_watched_leaves_out_what_was_missed(tmp_path: Path) -> None:
    with closing(open_readonly(a_weekend(tmp_path / "people.db"))) as connection:
        ids = {each.name: each.id for each in known_sources(connection)}
        assert last_watched(connection, ids["plaza"]) == ms("2026-03-29T18:30:00+02:00")
        assert last_watched(connection, 99) is None


def test_growth_is_bytes_of_a_position_times_positions_a_day(watched: sqlite3.Connection) -> None:
    watched.execute("UPDATE people_tracks SET positions = 100, first_seen = ?", (NOW - 2 * DAY,))
    grown = growth(watched, 6_000, NOW)
    assert grown.positions == 600
    assert grown.bytes_a_day == pytest.approx(3_000)


def test_what_was_recorded_long_ago_is_no_growth(watched: sqlite3.Connection) -> None:
    watched.execute("UPDATE people_tracks SET first_seen = ? WHERE id < 3", (NOW - 30 * DAY,))
    watched.execute("UPDATE people_tracks SET positions = 100")
    assert growth(watched, 6_000, NOW).bytes_a_day == pytest.approx(3_000)
    assert growth(watched, 6_000, NOW + 60 * DAY).bytes_a_day == 0


def test_growth_is_no_number_before_an_hour_is_recorded(watched: sqlite3.Connection) -> None:
    watched.execute("UPDATE people_tracks SET first_seen = ?", (NOW - 50 * MINUTE,))
    assert growth(watched, 6_000, NOW).bytes_a_day is None
    assert growth(watched, 6_000, NOW + 20 * MINUTE).bytes_a_day is not None


def test_what_a_purge_set_free_is_not_taken_for_the_size_of_what_is_left(
    watched: sqlite3.Connection,
) -> None:
    watched.execute("UPDATE people_tracks SET positions = 100, first_seen = ?", (NOW - 2 * DAY,))
    watched.execute("CREATE TABLE purged AS SELECT zeroblob(400000)")
    watched.execute("DROP TABLE purged")
    assert growth(watched, 406_000, NOW).bytes_a_day < 10_000


def test_an_empty_database_does_not_grow(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "people.db")) as connection:
        assert growth(connection, 6_000, NOW).bytes_a_day is None
