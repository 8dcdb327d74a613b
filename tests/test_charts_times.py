"""The charts of the page Activity show what SQL says of the same database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.worlds import PLAZA, TRUTH, Walk, Watch, a_weekend, ms, write
from tracking.charts.axis import stretch, ticks
from tracking.charts.comparison import caution, compared, difference
from tracking.charts.look import DARK, PALETTE, on_dark
from tracking.charts.path import path
from tracking.charts.patterns import pattern, pattern_of
from tracking.charts.stays import distribution, place
from tracking.charts.times import OTHERS, over_time
from tracking.dashboard.activity.views import brushed
from tracking.database import Still, open_database, open_readonly
from tracking.filters import Filter
from tracking.localtime import HOUR, MINUTE
from tracking.metrics import Selection, measure, select
from tracking.metrics.comparing import as_long, before, so_far, weeks_before
from tracking.metrics.listing import ORDERS, list_tracks, way_of

WEEKEND = Filter(ms("2026-03-28T17:00:00+01:00"), ms("2026-03-29T20:00:00+02:00"))
WEEKEND_DAYS = Filter(ms("2026-03-28T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"))
LATER = ms("2026-04-01T00:00:00+02:00")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The weekend, with the first two people of Saturday found to be one and the same."""
    file = a_weekend(tmp_path_factory.mktemp("weekend") / "people.db")
    with closing(open_database(file)) as writing:
        writing.execute("UPDATE people_tracks SET visit_id = 1 WHERE run_id = 1 AND track_id < 3")
        writing.commit()
    with closing(open_readonly(file)) as opened:
        yield opened


@pytest.fixture
def weekend(connection: sqlite3.Connection) -> Selection:
    return select(connection, WEEKEND, LATER)


def of(connection: sqlite3.Connection, *names: str, **window: int) -> Selection:
    return select(connection, replace(WEEKEND, sources=names, **window), LATER)


def trace(figure: Any, name: str) -> Any:
    (found,) = (trace for trace in figure.data if trace.name == name)
    return found


def at(moment: datetime) -> int:
    """Milliseconds of a moment on the axis, which is in UTC."""
    return round(moment.replace(tzinfo=timezone.utc).timestamp() * 1000)


def bars(trace: Any) -> Iterator[tuple[int, int, float]]:
    """From when to when each bar goes, and how high it is."""
    for middle, width, y in zip(trace.x, np.asarray(trace.width), trace.y, strict=True):
        half = round(width / 0.92 / 2) if trace.yaxis is None else int(width) // 2
        yield at(middle) - half, at(middle) + half, y


def points(figure: Any, name: str, width: int) -> Iterator[tuple[int, int, float]]:
    line = trace(figure, name)
    for middle, y in zip(line.x, line.y, strict=True):
        yield at(middle) - width // 2, at(middle) + width // 2, y


def one(connection: sqlite3.Connection, query: str, *values: object) -> float:
    (found,) = connection.execute(query, values).fetchone()
    return float(found or 0)


def observed(connection: sqlite3.Connection, source: str, a: int, b: int) -> float:
    return one(
        connection,
        "SELECT sum(seconds_observed) FROM coverage JOIN sources ON sources.id = source_id"
        " WHERE name = ? AND minute >= ? AND minute < ?",
        source, a // MINUTE, b // MINUTE,
    )  # fmt: skip


COUNTED = {
    "visits": "SELECT count(DISTINCT coalesce(-visit_id, t.id)) FROM people_tracks AS t"
    " JOIN sources AS s ON s.id = source_id"
    " WHERE name = :s AND last_seen >= :a AND first_seen < :b",
    "arrivals": "SELECT count(*) FROM (SELECT min(first_seen) AS t FROM people_tracks AS t"
    " JOIN sources AS s ON s.id = source_id WHERE name = :s GROUP BY coalesce(-visit_id, t.id))"
    " WHERE t >= :a AND t < :b",
    "departures": "SELECT count(*) FROM (SELECT max(last_seen) AS t FROM people_tracks AS t"
    " JOIN sources AS s ON s.id = source_id WHERE name = :s GROUP BY coalesce(-visit_id, t.id))"
    " WHERE t >= :a AND t < :b",
    "presence": "SELECT sum(max(0, min(last_seen, :b) - max(first_seen, :a))) / 60000.0"
    " FROM people_tracks AS t JOIN sources AS s ON s.id = source_id WHERE name = :s",
}


def by_sql(connection: sqlite3.Connection, name: str, source: str, a: int, b: int) -> float:
    ((found,),) = connection.execute(COUNTED[name], {"s": source, "a": a, "b": b}).fetchall()
    return float(found or 0)


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("bucket", ["5 minutes", "hour"])
def test_each_bar_is_what_sql_counts_in_its_time(
    name: str, bucket: str, connection: sqlite3.Connection, weekend: Selection
) -> None:
    figure = over_time(name, weekend, "source", bucket).figure
    drawn = 0
    for source in TRUTH:
        for a, b, height in bars(trace(figure, source)):
            expected = by_sql(connection, name, source, a, b)
            if np.isnan(height):
                assert not expected
                assert not observed(connection, source, a, b)
            else:
                assert height == pytest.approx(expected), (source, a)
                drawn += expected > 0
    assert drawn > 5


def test_the_line_is_the_mean_over_watched_time_and_the_peak_the_most_at_once(
    connection: sqlite3.Connection,
) -> None:
    plaza = of(connection, "plaza")
    figure = over_time("occupancy_mean", plaza, None, "quarter hour").figure
    width, known = 15 * MINUTE, 0
    for (a, b, mean), (_, _, most) in zip(
        points(figure, "mean", width), points(figure, "peak", width), strict=True
    ):
        watched = observed(connection, "plaza", a, b)
        if np.isnan(mean):
            assert not watched
            continue
        present = 60 * by_sql(connection, "presence", "plaza", a, b)
        assert mean == pytest.approx(present / watched)
        at_once = one(
            connection,
            "SELECT max((SELECT count(*) FROM people_tracks AS o WHERE o.source_id = t.source_id"
            " AND o.first_seen <= max(t.first_seen, ?) AND o.last_seen >= max(t.first_seen, ?)))"
            " FROM people_tracks AS t JOIN sources AS s ON s.id = source_id"
            " WHERE name = 'plaza' AND last_seen >= ? AND first_seen < ?",
            a, a, a, b,
        )  # fmt: skip
        assert most == at_once
        known += 1
    assert known == 8


def test_time_in_which_nothing_was_watched_is_hatched_and_has_no_bar(
    connection: sqlite3.Connection,
) -> None:
    plaza = of(connection, "plaza")
    figure = over_time("visits", plaza, None, "quarter hour").figure
    hatched = [(a, b) for a, b, _ in bars(trace(figure, "not watched"))]
    assert trace(figure, "not watched").marker.pattern.shape == "/"
    for a, b, height in bars(trace(figure, "Visits")):
        inside = any(begin <= a and b <= end for begin, end in hatched)
        assert inside == np.isnan(height) == (observed(connection, "plaza", a, b) == 0)
    assert len(hatched) == 4  # before, between the three stretches, and after


def test_a_bucket_watched_for_a_part_is_lighter_and_says_so(
    connection: sqlite3.Connection,
) -> None:
    plaza = of(connection, "plaza")
    figure = over_time("visits", plaza, None, "quarter hour").figure
    hours = trace(figure, "Visits")
    opacity = dict(zip(map(at, hours.x), hours.marker.opacity, strict=True))
    assert opacity[ms("2026-03-28T18:07:30+01:00")] == 1
    assert opacity[ms("2026-03-29T03:22:30+02:00")] < 1
    heads = dict(zip(map(at, figure.data[0].x), figure.data[0].customdata, strict=True))
    assert heads[ms("2026-03-28T18:07:30+01:00")] == (
        "<b>Sat 28 Mar, 18:00 to 18:15</b><br>watched throughout"
    )
    told = heads[ms("2026-03-29T03:22:30+02:00")]
    assert told == "<b>Sun 29 Mar, 03:15 to 03:30</b><br>watched 67 % of it (down 33 %)"


def test_in_the_strip_only_what_is_not_normal_has_a_colour_of_the_palette(
    connection: sqlite3.Connection,
) -> None:
    figure = over_time("visits", of(connection, "plaza"), None, "hour").figure
    lost = [trace(figure, name) for name in ("frozen", "down", "switched off")]
    assert len({each.marker.color for each in lost} & set(PALETTE)) == 3
    assert trace(figure, "watched").marker.color not in {*PALETTE, *DARK}
    assert {each.legend for each in [*lost, trace(figure, "watched")]} == {"legend2"}


def test_on_a_dark_page_every_colour_is_the_brighter_one_in_its_place(
    connection: sqlite3.Connection,
) -> None:
    light = over_time("occupancy_mean", of(connection, "plaza", "station"), "source", "hour").figure
    dark = on_dark(light)
    for name, weak, bright in zip(("plaza", "station"), PALETTE, DARK, strict=False):
        assert trace(light, name).line.color == weak  # it is as it was
        assert trace(dark, name).line.color == trace(dark, name).marker.color == bright
    assert [list(trace.x) for trace in dark.data] == [list(trace.x) for trace in light.data]
    marked = distribution(of(connection, "plaza")).figure
    assert {shape.line.color for shape in on_dark(marked).layout.shapes} == {DARK[5]}


def test_the_colours_for_a_dark_page_are_those_of_its_theme() -> None:
    theme = (ROOT / ".streamlit" / "config.toml").read_text().partition("[theme.dark]")[2]
    assert f"chartCategoricalColors = {json.dumps(DARK)}" in theme


def test_the_strip_under_the_axis_is_the_coverage_of_the_database(
    connection: sqlite3.Connection,
) -> None:
    plaza = of(connection, "plaza")
    figure = over_time("visits", plaza, None, "hour").figure
    names = {"observed": "watched", "stale": "frozen", "down": "down", "stopped": "switched off"}
    for state, name in names.items():
        total = 0.0
        for a, b, share in bars(trace(figure, name)):
            seconds = one(
                connection,
                f"SELECT sum(seconds_{state}) FROM coverage JOIN sources ON id = source_id"
                " WHERE name = 'plaza' AND minute >= ? AND minute < ?",
                a // MINUTE, b // MINUTE,
            )  # fmt: skip
            assert share * (b - a) / 1000 == pytest.approx(seconds)
            total += seconds
        lost = {"observed": TRUTH["plaza"].watched, **TRUTH["plaza"].missed}
        assert total == pytest.approx(lost[state])


def test_what_has_not_passed_or_is_not_asked_about_is_neither_zero_nor_hatched(
    connection: sqlite3.Connection,
) -> None:
    asked = replace(WEEKEND, sources=("plaza",), hours=(18,))
    figure = over_time(
        "visits", select(connection, asked, ms("2026-03-29T18:30:00+02:00")), None, "hour"
    ).figure
    heights = {datetime.fromtimestamp(a / 1000, BERLIN): y for a, _, y in bars(figure.data[1])}
    assert [str(moment) for moment, y in heights.items() if not np.isnan(y)] == [
        "2026-03-28 18:00:00+01:00",
        "2026-03-29 18:00:00+02:00",
    ]
    assert "not watched" not in {trace.name for trace in figure.data}


def test_of_many_sources_the_quiet_ones_are_one_series_that_adds_up(tmp_path: Path) -> None:
    watches = tuple(
        Watch(
            replace(PLAZA, name=f"gate {n}"),
            "2026-03-28T12:00:00+01:00",
            120,
            tuple(Walk("person", 10, 60, (100, 400), (580, 400)) for _ in range(10 - n)),
        )
        for n in range(9)
    )
    with closing(open_readonly(write(tmp_path / "gates.db", watches))) as opened:
        noon = Filter(ms("2026-03-28T12:00:00+01:00"), ms("2026-03-28T12:05:00+01:00"))
        figure = over_time("visits", select(opened, noon, LATER), "source", "minute").figure
        names = [
            trace.name for trace in figure.data if trace.name in {f"gate {n}" for n in range(9)}
        ]
        assert names == [f"gate {n}" for n in range(6)]
        quiet = "SELECT count(*) FROM people_tracks JOIN sources ON sources.id = source_id"
        expected = one(opened, f"{quiet} WHERE name > 'gate 5'")
        assert next(bars(trace(figure, OTHERS)))[2] == expected == 4 + 3 + 2
        colours = {trace(figure, name).marker.color for name in (*names, OTHERS)}
        assert len(colours) == 7


@pytest.mark.parametrize("name", ["visits", "occupancy_mean"])
def test_where_nobody_came_there_is_nothing_to_tell_apart_and_the_charts_are_empty(
    name: str, connection: sqlite3.Connection
) -> None:
    nobody = select(connection, replace(WEEKEND, labels=("dog",)), LATER)
    chart = over_time(name, nobody, "label")
    assert not chart.rows["value"].fillna(0).any()
    assert chart.rows["value"].notna().any()
    assert not distribution(nobody, "label").rows["visits"].any()


def test_ticks_are_round_local_times_also_over_the_change_of_the_clocks() -> None:
    night = ms("2026-03-28T23:30:00+01:00"), ms("2026-03-29T06:00:00+02:00")
    t, texts = ticks(*night, "Europe/Berlin")
    assert texts == ["00:00<br>Sun 29 Mar", "01:00", "03:00", "04:00", "05:00", "06:00"]
    assert set(np.diff(t)) == {HOUR}
    autumn = ms("2026-10-25T01:00:00+02:00"), ms("2026-10-25T04:00:00+01:00")
    assert [text[:5] for text in ticks(*autumn, "Europe/Berlin")[1]] == [
        "01:00", "02:00", "02:00", "03:00", "04:00",
    ]  # fmt: skip
    assert ticks(*night, "Asia/Kolkata")[1][:2] == ["04:00<br>Sun 29 Mar", "05:00"]


def test_a_stretch_of_time_is_told_shortly() -> None:
    day = ms("2026-03-28T00:00:00+01:00"), ms("2026-03-29T00:00:00+01:00")
    assert stretch(*day, "Europe/Berlin") == "Sat 28 Mar"
    assert stretch(day[0], ms("2026-03-30T00:00:00+02:00"), "Europe/Berlin") == (
        "Sat 28 Mar to Sun 29 Mar"
    )
    assert (
        stretch(day[1] - HOUR, day[1], "Europe/Berlin") == "Sat 28 Mar, 23:00 to Sun 29 Mar, 00:00"
    )


def test_a_brushed_part_is_the_whole_buckets_that_it_touches(weekend: Selection) -> None:
    rows = over_time("visits", weekend, None, "hour").rows
    box = {"x": ["2026-03-28 18:59:00.5", "2026-03-28 17:10"], "y": ["0", "3"]}
    hour = ms("2026-03-28T17:00:00+00:00")
    assert brushed(rows, [box]) == (hour, hour + 2 * HOUR)
    assert brushed(rows, []) is None


# compared


def test_both_lines_of_a_comparison_are_what_sql_says_of_their_windows(
    connection: sqlite3.Connection,
) -> None:
    since, until = ms("2026-03-29T17:00:00+02:00"), ms("2026-03-29T20:00:00+02:00")
    now = of(connection, "plaza", since=since, until=until)
    then = of(connection, "plaza", since=since - 23 * HOUR, until=until - 23 * HOUR)
    figure = compared("visits", now, then, "quarter hour").figure
    assert trace(figure, "compared with").line.dash == "dash"
    for name, begin in (("this window", since), ("compared with", since - 23 * HOUR)):
        line, known = trace(figure, name), 0
        for minutes, y in zip(line.x, line.y, strict=True):
            a = round(begin + (minutes - 7.5) * MINUTE)
            if not np.isnan(y):
                assert y == by_sql(connection, "visits", "plaza", a, a + 15 * MINUTE)
                known += 1
        assert known == 2


def test_a_bucket_that_the_windows_end_cuts_is_not_drawn_as_a_fall(
    connection: sqlite3.Connection,
) -> None:
    since, until = ms("2026-03-29T17:10:00+02:00"), ms("2026-03-29T19:10:00+02:00")
    now = of(connection, "plaza", since=since, until=until)
    made = compared("visits", now, now, "quarter hour")
    line = trace(made.figure, "this window")
    assert (line.x[0], line.x[-1]) == (12.5, 102.5)  # minutes: from 17:15 to 19:00
    assert made.rows["end"].max() == until


def test_a_difference_is_told_in_words_and_percent_and_with_its_coverage(
    connection: sqlite3.Connection,
) -> None:
    since, until = ms("2026-03-29T18:00:00+02:00"), ms("2026-03-29T19:00:00+02:00")
    sunday = measure("visits", of(connection, "plaza", since=since, until=until))
    saturday = of(connection, "plaza", since=since - 23 * HOUR, until=until - 23 * HOUR)
    before = measure("visits", saturday)
    assert difference(sunday, before) == "Visits: 3 against 3, no difference."
    cars = replace(WEEKEND, labels=("car",))
    assert difference(before, measure("visits", select(connection, cars, LATER))) == (
        "Visits: 3 against 1, 2 more (200 %)."
    )
    warning = caution(before, measure("visits", of(connection, "plaza")))
    assert warning is not None
    assert warning.startswith("Not watched alike: 50 % of this window, 7 % of the other")
    assert caution(before, before) is None
    nothing = measure("visits", of(connection, "plaza", since=0, until=HOUR))
    assert "Nothing was recorded in the window it is compared with" in difference(sunday, nothing)


def test_the_time_before_keeps_to_the_local_calendar() -> None:
    sunday = Filter(ms("2026-03-29T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"))
    saturday = before(sunday, "Europe/Berlin")
    assert (saturday.since, saturday.until) == (ms("2026-03-28T00:00:00+01:00"), sunday.since)
    evening = Filter(ms("2026-03-29T18:00:00+02:00"), ms("2026-03-29T19:00:00+02:00"))
    earlier, weeks = weeks_before(evening, "Europe/Berlin")
    assert weeks == 1
    assert earlier.since == ms("2026-03-22T18:00:00+01:00")
    month = Filter(ms("2026-03-01T00:00:00+01:00"), ms("2026-03-29T00:00:00+01:00"))
    assert weeks_before(month, "Europe/Berlin")[1] == 4


@pytest.mark.parametrize(
    ("since", "until", "weeks"),
    [
        ("2026-03-02T00:00:00+01:00", "2026-03-09T00:00:00+01:00", 1),
        ("2026-03-02T00:00:00+01:00", "2026-03-09T01:00:00+01:00", 2),
        ("2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 1),  # an hour shorter
        ("2026-03-23T00:00:00+01:00", "2026-03-30T01:00:00+02:00", 2),  # 7 days of 24 hours
        ("2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 1),  # an hour longer
        ("2026-03-29T03:00:00+02:00", "2026-04-05T02:30:00+02:00", 2),  # there was no 2:30
    ],
)
def test_the_same_weekdays_before_are_over_when_the_window_begins(
    since: str, until: str, weeks: int
) -> None:
    window = Filter(ms(since), ms(until))
    earlier, count = weeks_before(window, "Europe/Berlin")
    assert count == weeks
    assert earlier.until <= window.since


def test_a_day_that_is_not_over_is_compared_as_far_as_it_has_passed() -> None:
    today = Filter(ms("2026-03-28T00:00:00+01:00"), ms("2026-03-29T00:00:00+01:00"))
    passed = so_far(today, ms("2026-03-28T10:00:30+01:00"))
    assert passed.until == ms("2026-03-28T10:00:00+01:00")
    yesterday = as_long(before(today, "Europe/Berlin"), passed)
    assert yesterday.until == ms("2026-03-27T10:00:00+01:00")


# hours and weekdays


def test_each_cell_of_the_pattern_is_per_hour_that_was_watched(
    connection: sqlite3.Connection, weekend: Selection
) -> None:
    made = pattern(pattern_of("arrivals", weekend))
    heat = made.figure.data[0]
    counts, watched = np.zeros((2, 3, 7, 24))
    zones = [ZoneInfo(truth.timezone) for truth in TRUTH.values()]
    for number, source in enumerate(TRUTH):
        for visit in connection.execute(
            "SELECT min(first_seen) FROM people_tracks JOIN sources ON sources.id = source_id"
            " WHERE name = ? GROUP BY coalesce(-visit_id, people_tracks.id)", (source,),
        ):  # fmt: skip
            local = datetime.fromtimestamp(visit[0] / 1000, zones[number])
            counts[number, local.weekday(), local.hour] += 1
        for minute, seconds in connection.execute(
            "SELECT minute, seconds_observed FROM coverage JOIN sources ON id = source_id"
            " WHERE name = ?", (source,),
        ):  # fmt: skip
            local = datetime.fromtimestamp(minute * 60, zones[number])
            watched[number, local.weekday(), local.hour] += seconds / 3600
    with np.errstate(invalid="ignore"):
        rates = np.nansum(counts / watched, axis=0)
    expected = np.where(watched.sum(axis=0) > 0, rates, np.nan)
    np.testing.assert_allclose(np.array(heat.z, float), expected)
    assert expected[5, 18] == pytest.approx(3 / 0.5)
    hours = made.rows.set_index(["weekday", "hour"])["hours"].to_numpy().reshape(7, 24)
    np.testing.assert_allclose(hours, watched.sum(axis=0))


def test_of_a_day_the_pattern_is_one_row_of_hours(connection: sqlite3.Connection) -> None:
    begin, end = ms("2026-03-28T18:30:00+01:00"), ms("2026-03-29T18:45:00+02:00")  # two times 18
    plaza = of(connection, "plaza", since=begin, until=end)
    made = pattern(pattern_of("departures", plaza))
    assert list(made.rows["hour"]) == list(range(24)) and "weekday" not in made.rows
    (row,) = np.array(made.figure.data[0].z, float)
    left = connection.execute(
        "SELECT max(last_seen) FROM people_tracks JOIN sources ON sources.id = source_id"
        " WHERE name = 'plaza' GROUP BY coalesce(-visit_id, people_tracks.id)"
    )
    hours = [datetime.fromtimestamp(t / 1000, BERLIN).hour for (t,) in left if begin <= t < end]
    counts = row * made.rows["hours"].to_numpy()
    np.testing.assert_allclose(np.nan_to_num(counts), np.bincount(hours, minlength=24))
    assert made.figure.data[0].customdata[0][18].startswith("<b>18:00 to 19:00</b>")


def test_an_hour_that_was_hardly_watched_leaves_the_others_their_colours(tmp_path: Path) -> None:
    def some(count: int) -> tuple[Walk, ...]:
        return tuple(Walk("person", 5 * n, 3, (100, 400), (580, 400)) for n in range(count))

    half_an_hour = Watch(PLAZA, "2026-03-28T10:00:00+01:00", 1800, some(6))
    a_glimpse = Watch(PLAZA, "2026-03-28T11:00:00+01:00", 20, some(1))
    with closing(open_readonly(write(tmp_path / "people.db", (half_an_hour, a_glimpse)))) as record:
        heat = pattern(pattern_of("arrivals", select(record, WEEKEND_DAYS, LATER))).figure.data[0]
    assert np.nanmax(np.array(heat.z, float)) > 100
    assert heat.zmax == pytest.approx(12, rel=0.01)


def test_cells_that_were_not_watched_are_hatched_and_those_not_asked_about_are_blank(
    connection: sqlite3.Connection,
) -> None:
    figure = pattern(pattern_of("occupancy_mean", of(connection, "plaza"))).figure
    blank = trace(figure, "not watched")
    cells = {(round(base + 0.46), hour) for base, hour in zip(blank.base, blank.x, strict=True)}
    assert cells == {(5, 17), *((5, h) for h in range(19, 24)), (6, 0)} | {
        (6, h) for h in range(4, 18)
    } | {(6, 19)}


def test_the_sql_of_a_rate_gives_the_same_number(
    connection: sqlite3.Connection, weekend: Selection
) -> None:
    result = pattern_of("arrivals", weekend)
    assert result.value == pytest.approx(one(connection, result.sql))
    assert "divided by the hours that were really watched" in result.metric.definition


# how long


@pytest.mark.parametrize("by", [None, "label"])
def test_each_bar_of_the_stays_is_what_sql_counts(
    by: str | None, connection: sqlite3.Connection, weekend: Selection
) -> None:
    rows = distribution(weekend, by).rows
    for row in rows.itertuples():
        labels = "" if row.name == "all" else f" AND label = '{row.name}'"
        expected = one(
            connection,
            "SELECT count(*) FROM (SELECT max(last_seen) - min(first_seen) AS stay"
            f" FROM people_tracks WHERE 1 {labels} GROUP BY coalesce(-visit_id, id))"
            " WHERE stay >= ? AND stay < ?",
            row.since * 1000, min(row.until, 1e9) * 1000,
        )  # fmt: skip
        assert row.visits == expected
    assert rows["visits"].sum() == 17  # 18 tracks, of which two are one visit
    assert rows["until"].max() == np.inf


def test_the_median_is_marked_where_it_lies(weekend: Selection) -> None:
    figure = distribution(weekend).figure
    assert [note.text for note in figure.layout.annotations] == [
        "median 1 min",
        "nine of ten 5 min",
    ]
    limits = np.array([0.0, 10, 20, 40])
    assert place(limits, 30) == 2.5
    assert place(limits, 400) == 3.5


# one by one


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("falling", [True, False])
def test_tracks_are_put_in_order_over_all_of_them(
    order: str, falling: bool, connection: sqlite3.Connection, weekend: Selection
) -> None:
    listing = list_tracks(connection, weekend, order, falling, limit=5)
    by = "last_seen - first_seen" if order == "stay" else order
    turn = "DESC" if falling else ""
    expected = connection.execute(
        f"SELECT id, positions, confidence FROM people_tracks ORDER BY {by} {turn}, id {turn}"
        " LIMIT 5"
    ).fetchall()
    assert listing.total == 18
    shown = listing.rows[["id", "positions", "confidence"]]
    assert list(shown.itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize("order", ORDERS)
def test_tracks_that_were_deleted_since_are_not_listed(order: str, tmp_path: Path) -> None:
    with closing(open_database(a_weekend(tmp_path / "people.db"))) as record:
        selected = select(record, WEEKEND, LATER)
        record.execute("DELETE FROM people_tracks")
        listing = list_tracks(record, selected, order)
    assert (len(listing.rows), listing.total) == (0, 0)


def test_only_tracks_of_the_hours_asked_about_are_listed(connection: sqlite3.Connection) -> None:
    asked = replace(WEEKEND, sources=("station",), hours=(0,))
    listing = list_tracks(connection, select(connection, asked, LATER))
    zone = ZoneInfo("Asia/Kolkata")
    expected = [
        id
        for id, first, last in connection.execute(
            "SELECT track.id, first_seen, last_seen FROM people_tracks AS track"
            " JOIN sources ON sources.id = source_id WHERE name = 'station' ORDER BY last_seen DESC"
        )
        if any(
            (datetime.fromtimestamp(first / 1000, zone) + timedelta(seconds=s)).hour == 0
            for s in range((last - first) // 1000 + 1)
        )
    ]
    assert listing.rows["id"].tolist() == expected
    assert listing.total == len(expected) == 3


def test_the_way_of_a_track_is_its_positions_over_the_picture(
    connection: sqlite3.Connection,
) -> None:
    way = way_of(connection, 1)
    rows = connection.execute(
        "SELECT t, x, y + h / 2 FROM positions WHERE track = 1 ORDER BY t"
    ).fetchall()
    still = Still(0, 320, 240, b"\xff\xd8")
    figure = path(way, still, "Europe/Berlin").figure
    line = figure.data[1]
    assert list(zip(line.x, line.y, strict=True)) == [(x, y) for _, x, y in rows]
    assert line.customdata[0] == "18:00:00"
    assert figure.data[2].customdata == ("begin, 18:00:00", "end, 18:01:00")
    (picture,) = figure.layout.images
    assert (picture.sizex, picture.sizey) == (640, 480)  # of the frames, not of the small still
    assert figure.layout.yaxis.range == (480, 0)
