"""The overview says one thing: its parts are of one look at the runner and at the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.test_overview_page import Page, asked, set_up
from tests.worlds import PLAZA, Walk, Watch, a_weekend, write
from tracking import metrics
from tracking.dashboard.overview import glance
from tracking.dashboard.overview.cards import calm, columns_of
from tracking.dashboard.serving import supervising
from tracking.dashboard.serving.supervising import State
from tracking.dashboard.sources import state
from tracking.database import Still, keep_still, open_database
from tracking.filters import Filter
from tracking.streaming import jpeg
from tracking.times import iso, now_ms


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["ok", "ok"], "All sources are watched."),
        (["ok", "finished"], "All sources are watched or finished."),
        (["finished"], "All sources are finished."),
        (["ok", "paused"], "All sources are watched. 1 of 2 is paused."),
        (["ok", "starting"], "Sources: 1 of 2 starting, the rest is watched."),
        (["starting"], "Sources: starting, pictures follow in a moment."),
        (["paused", "paused"], "No source is switched on."),
    ],
)
def test_all_is_said_to_be_well_only_where_each_source_is(states: list[str], words: str) -> None:
    assert calm(states).endswith(f"] {words}")
    assert (":green" in calm(states)) == words.startswith("All")


def test_without_any_source_nothing_is_said() -> None:
    assert calm([]) == ""


def test_a_source_that_was_lost_between_two_questions_is_not_called_watched_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(tmp_path, "door", "rtsp://127.0.0.1:9/main")
    told = iter(["ok"])

    def health(url: str | None) -> dict[str, Any]:
        return {"sources": {"door": {"state": next(told, "down"), "live": True}}}

    here = State("running", url="http://127.0.0.1:9")
    monkeypatch.setattr(supervising, "state", lambda: here)
    monkeypatch.setattr(state, "fetched", health)
    page = Page()
    badges = "All sources are watched" in page.text, "Watching" in page.text
    assert badges in ((True, True), (False, False))
    assert ("gives no picture" in page.text) == ("Gives no picture" in page.text)


def test_totals_and_cards_count_the_same_while_more_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Visits of today are the same number, whatever comes in between the two counts."""
    begun = now_ms() - 90_000
    walk = Walk("person", 5, 20, (100, 400), (580, 400))
    path = write(tmp_path / "people.db", (Watch(PLAZA, iso(begun), 80, (walk,)),))
    counted_today = metrics.today

    def today(*given: Any) -> Any:
        found = counted_today(*given)
        with closing(sqlite3.connect(path)) as writer, writer:
            writer.execute(
                "INSERT INTO people_tracks (source_id, run_id, track_id, label, confidence,"
                " first_seen, last_seen, positions) SELECT source_id, run_id,"
                " (SELECT max(track_id) + 1 FROM people_tracks), label, confidence, first_seen,"
                " last_seen, positions FROM people_tracks LIMIT 1"
            )
        return found

    monkeypatch.setattr(metrics, "today", today)
    page = Page(range="today")
    assert page.metrics("Visits") == page.metrics("Visits today")
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT count(*) FROM people_tracks").fetchone() > (1,)


def test_within_half_a_minute_a_card_is_shown_again_without_counting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk("person", 5, 20, (100, 400), (580, 400))
    write(tmp_path / "people.db", (Watch(PLAZA, iso(now_ms() - 90_000), 80, (walk,)),))
    half = now_ms() // 30_000 * 30_000
    times = iter(half + 1000 * second for second in (1, 11, 29))
    counted: list[int] = []
    monkeypatch.setattr(glance, "_counted", lambda selection: counted.append(1) or ([], {}, None))
    for t in times:
        monkeypatch.setattr(glance, "now_ms", lambda t=t: t)
        glance.counts(Filter(half - 60_000, half + 60_000))
    assert len(counted) == 1


def test_cards_stand_side_by_side_without_a_hole_where_that_can_be() -> None:
    assert [columns_of(cards) for cards in range(1, 8)] == [1, 2, 3, 2, 3, 3, 3]


def test_a_card_of_an_old_source_says_once_of_when_its_picture_is(tmp_path: Path) -> None:
    path = a_weekend(tmp_path / "people.db")
    [(minute,)] = asked(path, "SELECT max(minute) FROM coverage WHERE seconds_observed > 0")
    with closing(open_database(path)) as writer, writer:
        picture = jpeg(np.zeros((48, 64, 3), np.uint8))
        keep_still(writer, 0, Still(minute * 60_000, 64, 48, picture))
    text = Page(source="plaza").text
    assert "last watched Sun 29 Mar 2026, 18:30" in text
    assert "Picture of" not in text
