"""The page Activity as a person has it before them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.worlds import HOSTILE, a_hostile_one, a_weekend, an_empty_one, ms
from tracking.dashboard.wording import plain
from tracking.database import open_database
from tracking.times import now_ms

EVERYTHING = {"range": "all"}


def page(**query: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page("pages/activity.py")
    for key, value in query.items():
        app.query_params[key] = value
    return well(app.run())


def well(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    parts = (app.markdown, app.caption, app.info, app.warning, app.error)
    return "\n".join(str(element.value) for part in parts for element in part)


def numbers(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.fixture
def weekend(tmp_path: Path) -> Path:
    return a_weekend(tmp_path / "people.db")


def test_with_no_database_it_says_what_will_happen() -> None:
    assert "Nothing is recorded yet" in text(page())


def test_an_empty_database_says_the_same(tmp_path: Path) -> None:
    an_empty_one(tmp_path / "people.db")
    assert "Nothing is recorded yet" in text(page())


def test_the_totals_are_what_sql_counts(weekend: Path) -> None:
    app = page(**EVERYTHING)
    with closing(sqlite3.connect(weekend)) as connection:
        ((visits, watched),) = connection.execute(
            "SELECT (SELECT count(DISTINCT coalesce(-visit_id, id)) FROM people_tracks),"
            " (SELECT sum(seconds_observed) / 3600 FROM coverage)"
        ).fetchall()
    shown = numbers(app)
    assert shown["Visits"] == shown["Arrivals"] == str(visits)
    assert shown["Time watched"].startswith(f"{int(watched)} h")
    assert shown["Peak occupancy"] == "4"
    assert "UTC" in text(app)
    (help_of_visits,) = (m.proto.body_help if hasattr(m.proto, "body_help") else m.proto.help
                         for m in app.metric if m.label == "Visits")  # fmt: skip
    assert "Different objects that were seen" in help_of_visits


@pytest.mark.parametrize("number", ["visits", "arrivals", "departures", "presence"])
@pytest.mark.parametrize("by", ["total", "source", "label"])
def test_every_choice_over_time_is_shown(number: str, by: str, weekend: Path) -> None:
    app = page(**EVERYTHING)
    app.get_by_key("activity_number").set_value(number)
    app.get_by_key("activity_by").set_value(by)
    well(app.run())


@pytest.mark.parametrize("name", ["departures", "occupancy_mean", "occupancy_max"])
def test_every_pattern_is_shown(name: str, weekend: Path) -> None:
    app = page(**EVERYTHING)
    app.get_by_key("activity_pattern").set_value(name)
    well(app.run())


@pytest.mark.parametrize("order", ["first_seen", "stay", "positions", "confidence"])
def test_tracks_are_shown_in_every_order(order: str, weekend: Path) -> None:
    app = page(**EVERYTHING)
    app.get_by_key("activity_order").set_value(order)
    app.get_by_key("activity_falling").set_value(False)
    well(app.run())
    (shown,) = (frame.value for frame in app.dataframe)
    assert len(shown) == 18
    if order == "first_seen":
        at = shown.groupby("source")["first"].first()
        assert dict(at) == {"plaza": "2026-03-28 18:00:00", "station": "2026-03-28 23:55:00"}


def test_tracks_tell_their_zone_where_there_are_several(weekend: Path) -> None:
    (several,) = (frame.value for frame in page(**EVERYTHING).dataframe)
    zones = several.groupby("source")["zone"].unique().map(list)
    assert dict(zones) == {"plaza": ["Europe/Berlin"], "station": ["Asia/Kolkata"]}
    (one,) = (frame.value for frame in page(**EVERYTHING, source="plaza").dataframe)
    assert "zone" not in one


def test_a_filter_that_matches_nothing_says_what_there_is(weekend: Path) -> None:
    app = page(range="2020-01-01T00:00/2020-01-02T00:00", zone="UTC")
    assert "Nothing matches this choice. There are recordings from Sat 28 Mar 2026" in text(app)
    assert not app.metric


def test_a_window_of_an_address_keeps_its_seconds(weekend: Path) -> None:
    window = "2026-03-29T18:00:20+02:00/2026-03-29T18:09:40+02:00"
    app = page(range=window, zone="Europe/Berlin", source="plaza")
    assert app.query_params["range"] in (window, [window])
    assert well(app.run()).query_params["range"] in (window, [window])


def test_an_hour_that_was_watched_in_vain_shows_zeros_and_no_tracks(weekend: Path) -> None:
    app = page(range="2026-03-29T10:00/2026-03-29T10:10", zone="UTC", source="yard")
    assert numbers(app)["Visits"] == "0"
    assert numbers(app)["Median stay"] == "–"
    assert "Nobody was seen in that time." in text(app)


def test_a_comparison_says_how_much_more_and_that_it_was_not_watched_alike(weekend: Path) -> None:
    app = page(
        range="2026-03-29T18:00+02:00/2026-03-29T18:30+02:00", zone="Europe/Berlin", source="plaza"
    )
    assert "Nothing was recorded in the window it is compared with" in text(app)
    app.get_by_key("activity_against").set_value("start")
    well(app.run())
    (begin,) = (w for w in app if str(getattr(w, "key", "")).startswith("activity_start"))
    begin.set_value(datetime(2026, 3, 29, 3, 0))
    well(app.run())
    shown = text(app)
    assert plain("Visits: 3 against 2, 1 more (50 %).") in shown
    assert "Not watched alike: 90 % of this window, 83 % of the other" in shown


def test_hours_of_half_a_century_keep_neither_server_nor_browser_busy(weekend: Path) -> None:
    """A camera without a clock was in 1970; ten years of two hours a day are enough to count."""
    with closing(sqlite3.connect(weekend)) as connection, connection:
        connection.execute("INSERT INTO coverage (source_id, minute, seconds_observed, frames,"
                           " state) VALUES (0, 0, 60, 60, 'observed')")  # fmt: skip
    assert "Thu 1 Jan 1970" in text(page(range="all"))
    app = page(range="all", hours="3,9")
    assert "1970" not in text(app)
    assert "2016" in text(app)
    assert all(len(code.value) <= 200_000 for code in app.code)
    assert any(button.proto.label.startswith("SQL (") for button in app.get("download_button"))


def test_hostile_names_are_shown_as_they_are(tmp_path: Path) -> None:
    a_hostile_one(tmp_path / "people.db")
    app = page(**EVERYTHING)
    for by in ("source", "label"):
        app.get_by_key("activity_by").set_value(by)
        app.get_by_key("activity_stays").set_value(by)
        well(app.run())
    (shown,) = (frame.value for frame in app.dataframe)
    assert set(shown["source"]) == set(shown["label"]) == set(HOSTILE)
    named = shown["label"].iloc[0]
    assert any(plain(named) in str(element.value) for element in app.markdown)


def test_a_track_whose_positions_were_purged_says_so(weekend: Path) -> None:
    with closing(open_database(weekend)) as connection:
        connection.execute("DELETE FROM positions")
        connection.commit()
    assert "positions of this track are no longer kept" in text(page(**EVERYTHING))


def test_a_database_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "people.db").write_bytes(b"not a database at all" * 400)
    assert "cannot be read" in text(page())


def test_a_day_that_goes_on_is_shown(tmp_path: Path, make_today: Callable[[Path], None]) -> None:
    make_today(tmp_path / "people.db")
    app = page(range="today")
    assert numbers(app)["Visits"] == "1"


@pytest.fixture
def make_today() -> Callable[[Path], None]:
    """Somebody who is there as of now."""

    def make(path: Path) -> None:
        a_weekend(path)
        moved = now_ms() - ms("2026-03-29T18:05:00+02:00")
        with closing(open_database(path)) as connection:
            connection.execute(
                "UPDATE people_tracks SET first_seen = first_seen + ?1, last_seen = last_seen + ?1"
                " WHERE id = (SELECT max(id) FROM people_tracks WHERE last_seen ="
                " (SELECT max(last_seen) FROM people_tracks))",
                (moved,),
            )
            connection.commit()

    return make
