"""The overview: what a person sees of each source, and that its numbers are the database's."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT, MakeClip
from tests.running import Running
from tests.worlds import (
    HOSTILE,
    PLAZA,
    Walk,
    Watch,
    a_hostile_one,
    a_weekend,
    an_empty_one,
    ms,
    write,
)
from tracking import config
from tracking.config import SourceSettings
from tracking.dashboard.overview import glance
from tracking.dashboard.overview.cards import compared
from tracking.dashboard.places import Places
from tracking.dashboard.serving import supervising
from tracking.dashboard.serving.supervising import State
from tracking.dashboard.wording import plain
from tracking.database import Still, keep_still, open_database, open_readonly, sources
from tracking.filters import Filter
from tracking.localtime import MINUTE
from tracking.metrics import Today, Watched, select
from tracking.streaming import jpeg
from tracking.times import iso, now_ms

RECT = "{http://www.w3.org/2000/svg}rect"
WINDOW = "2026-03-28T00:00:00+01:00/2026-03-30T00:00:00+02:00"


class Page:
    """The page as a person has it before them."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for name, value in query.items():
            self.app.query_params[name] = value
        self.app.run()
        assert not self.app.exception

    @property
    def text(self) -> str:
        app = self.app
        parts = [app.title, app.markdown, app.caption, app.warning, app.error, app.info]
        return "\n".join(str(element.value) for part in parts for element in part)

    def metrics(self, label: str) -> list[str]:
        return [metric.value for metric in self.app.metric if metric.label == label]

    @property
    def sparks(self) -> list[list[dict[str, str]]]:
        """The bars of each sparkline."""
        found = []
        for image in self.app.get("image"):
            _, _, data = image.proto.imgs[0].url.partition("svg+xml;base64,")
            if data and b"pattern" in (svg := base64.b64decode(data)):
                found.append([bar.attrib for bar in ElementTree.fromstring(svg).iter(RECT)])
        return found

    @property
    def links(self) -> list[str]:
        found = self.app.get("page_link")
        return [f"{link.proto.label}?{link.proto.query_string}" for link in found]


@pytest.fixture
def weekend(tmp_path: Path) -> Path:
    return a_weekend(tmp_path / "people.db")


@pytest.mark.parametrize("page", ["overview", "movement", "activity", "sources", "data"])
def test_a_source_of_a_time_zone_that_nobody_knows_is_shown_in_utc(
    weekend: Path, page: str
) -> None:
    """As a study of somebody else may name one; no page may fail for it."""
    with closing(sqlite3.connect(weekend)) as connection, connection:
        connection.execute("UPDATE sources SET timezone = '../etc/<b>Mars</b>'")
    shown = Page()
    shown.app.switch_page(f"pages/{page}.py")
    shown.app.query_params["range"] = WINDOW
    shown.app.run()
    assert not shown.app.exception
    assert not shown.app.error
    assert "Mars" not in shown.text
    known = Filter(ms("2026-03-28T00:00Z"), ms("2026-03-29T00:00Z"))
    with closing(open_readonly(weekend)) as reader:
        assert select(reader, known, now_ms()).timezone == "UTC"
        assert {row.timezone for row in sources(reader)} == {"UTC"}


def set_up(folder: Path, name: str, uri: str, **more: object) -> None:
    given = {"name": name, "uri": uri, "timezone": "UTC", "detector": "motion", **more}
    config.add(folder / "sources.toml", SourceSettings.of(given))


def asked(database: Path, sql: str, *values: object) -> Any:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql, values).fetchall()


def test_a_newcomer_is_told_what_to_do(tmp_path: Path) -> None:
    page = Page()
    assert "No source is set up yet" in page.text
    assert page.links == ["Add a source?"]


def test_an_empty_database_is_the_same(tmp_path: Path) -> None:
    an_empty_one(tmp_path / "people.db")
    assert "No source is set up yet" in Page().text


def test_while_the_demo_clip_is_made_its_progress_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "state", lambda: State("preparing", progress=0.4))
    page = Page()
    [progress] = page.app.get("progress")
    assert progress.proto.value == 40
    assert "No source is set up" not in page.text


def test_the_demo_says_that_it_is_one_and_leads_on(tmp_path: Path) -> None:
    set_up(tmp_path, "demo", "demo/clip.mp4", realtime=True, loop=True)
    page = Page()
    assert "This is the demo clip in a loop" in page.text
    assert "Add your own sources?" in page.links
    set_up(tmp_path, "door", "rtsp://127.0.0.1:9/main")
    assert "This is the demo clip" not in Page().text


def test_a_source_of_which_nothing_is_recorded_has_a_card(tmp_path: Path) -> None:
    set_up(tmp_path, "door", "rtsp://127.0.0.1:9/main")
    page = Page()
    assert "**door**" in page.text
    assert "Nothing is recorded of it yet." in page.text


def test_without_a_runner_it_is_said_and_what_was_recorded_is_shown(
    tmp_path: Path, weekend: Path
) -> None:
    set_up(tmp_path, "plaza", "rtsp://192.0.2.10/main")
    page = Page(range=WINDOW)
    assert "Nothing is being watched, the runner is not there" in page.text.replace("\\", "")
    assert page.text.count("Not known") == 1  # the plaza; the others are of earlier
    assert page.text.count("No longer watched") == 2
    assert page.metrics("Visits") == ["18"]


def test_a_runner_whose_address_does_not_answer_is_no_runner(
    weekend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(tmp_path, "plaza", "rtsp://192.0.2.10/main")
    away = State("running", url="http://127.0.0.1:9")
    monkeypatch.setattr(supervising, "state", lambda: away)
    page = Page()
    assert "the runner is not there" in page.text
    assert "All sources are watched" not in page.text


def test_the_totals_are_those_of_the_database(weekend: Path) -> None:
    page = Page(range=WINDOW)
    [(tracks, watched)] = asked(
        weekend,
        "SELECT (SELECT count(*) FROM people_tracks), (SELECT sum(seconds_observed) FROM coverage)",
    )
    assert page.metrics("Tracks") == [str(tracks)]
    hours, minutes = watched // 3600, watched % 3600 // 60
    assert page.metrics("Time watched") == [f"{hours:.0f} h {minutes:.0f} min"]
    assert page.metrics("Peak occupancy") == ["4"]


def test_the_filter_decides_which_sources_are_there_and_what_is_counted(weekend: Path) -> None:
    page = Page(range=WINDOW, source="station", label="bicycle")
    assert "**station**" in page.text
    assert "**plaza**" not in page.text
    assert page.metrics("Visits") == ["1"]


def test_a_filter_that_matches_nothing_says_so(weekend: Path) -> None:
    page = Page(range="2020-01-01T00:00/2020-01-02T00:00")
    assert "Nothing matches this choice" in page.text
    assert "**plaza**" in page.text
    assert page.sparks == []


def test_a_sparkline_is_the_mean_occupancy_and_leaves_out_what_was_not_watched(
    weekend: Path,
) -> None:
    page = Page(range="2026-03-29T18:00:00+02:00/2026-03-29T19:00:00+02:00", source="plaza")
    [bars] = page.sparks
    seen = [bar for bar in bars if "data-value" in bar]
    missed = [bar for bar in bars if "data-until" in bar]
    # half an hour watched, minute by minute, of which minutes 10 to 13 showed a frozen picture
    begin = ms("2026-03-29T18:00:00+02:00")
    minutes = [(int(bar["data-since"]) - begin) // MINUTE for bar in seen]
    assert minutes == [minute for minute in range(30) if minute not in (10, 11, 12)]
    for bar in seen:
        since = int(bar["data-since"])
        until = since + MINUTE
        [(present,)] = asked(
            weekend,
            "SELECT coalesce(sum(min(last_seen, ?) - max(first_seen, ?)), 0) / 1000.0"
            " FROM people_tracks WHERE source_id = 0 AND last_seen > ? AND first_seen < ?",
            until, since, since, until,
        )  # fmt: skip
        [(observed,)] = asked(
            weekend,
            "SELECT seconds_observed FROM coverage WHERE source_id = 0 AND minute = ?",
            since // MINUTE,
        )
        assert float(bar["data-value"]) == pytest.approx(present / observed, rel=1e-5)
    gaps = [[(int(bar[f"data-{end}"]) - begin) // MINUTE for end in ("since", "until")]
            for bar in missed]  # fmt: skip
    assert gaps == [[10, 13], [30, 60]]


def test_today_and_now_are_those_of_the_sources_own_day(tmp_path: Path) -> None:
    begun = now_ms() - 90_000
    walks = (Walk("person", 5, 20, (100, 400), (580, 400)), Walk("car", 50, 20, (0, 400), (9, 400)))
    write(tmp_path / "people.db", (Watch(PLAZA, iso(begun), 80, walks),))
    page = Page()
    if asked(tmp_path / "people.db", "SELECT ? / 86400000 = ? / 86400000", begun, now_ms()):
        assert page.metrics("Visits today") in (["2"], ["1"])  # 1: midnight in Berlin just now
    assert page.metrics("Now") == ["–"]  # its run has ended
    assert "no comparison" in [metric.delta for metric in page.app.metric]


def today(here: float | None, usual: float | None, days: int = 2) -> Today:
    return Today(0, 1, "UTC", 5, Watched(60, 60), 5, here, usual, days, "never watched")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (today(12, 8), "+50 % vs usual"),
        (today(4, 8), "−50 % vs usual"),
        (today(8, 8), "as usual"),
        (today(8, 0), "usually none"),
        (today(None, None, 0), "no comparison"),
    ],
)
def test_a_change_is_said_only_where_there_is_one(day: Today, words: str) -> None:
    assert compared(day) == words


def test_a_source_that_is_not_watched_shows_its_last_picture_and_says_of_when(
    weekend: Path,
) -> None:
    with closing(open_database(weekend)) as connection:
        red = np.full((48, 64, 3), (0, 0, 255), np.uint8)
        keep_still(connection, 0, Still(1_774_713_600_000, 64, 48, jpeg(red)))
        connection.commit()
    page = Page(source="plaza", range=WINDOW)
    assert "Picture of Sat 28 Mar 2026, 17:00" in page.text
    assert "it was last watched Sun 29 Mar 2026, 18:30" in page.text


def test_links_lead_to_the_pages_about_that_source_and_keep_what_is_chosen(weekend: Path) -> None:
    page = Page(range=WINDOW, source="station", label="person")
    found = [link for link in page.links if link.startswith("Activity?")]
    assert len(found) == 1
    assert "source=station" in found[0] and "label=person" in found[0]
    assert "range=all" in found[0]  # there is nothing of today


def test_hostile_names_are_shown_as_they_are(tmp_path: Path) -> None:
    a_hostile_one(tmp_path / "people.db")
    page = Page()
    for text in HOSTILE:
        assert f"**{plain(text)}**" in page.text


def test_a_database_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "people.db").write_text("no database at all" * 100)
    page = Page()
    assert "The recordings cannot be read" in page.text


@pytest.mark.slow
def test_with_a_runner_at_work_the_pictures_are_live(tmp_path: Path, make_walk: MakeClip) -> None:
    with Running(tmp_path) as running:
        running.add("walk", make_walk(frames=300), realtime=True, loop=True)
        running.add("gate", "rtsp://127.0.0.1:9/main")
        running.wait("walk", "ok")
        running.wait("gate", "down")
        page = Page()
        assert "Watching" in page.text
        assert "gate gives no picture" in page.text.replace("\\", "")
        assert glance.stills(["walk"])["walk"][:2] == b"\xff\xd8"
        assert Places.of().database == running.database


@pytest.mark.slow
def test_where_all_is_well_one_calm_line_says_so(tmp_path: Path, make_walk: MakeClip) -> None:
    with Running(tmp_path) as running:
        running.add("walk", make_walk(frames=300), realtime=True, loop=True)
        running.add("door", "rtsp://127.0.0.1:9/main", enabled=False)
        running.wait("walk", "ok")
        assert "All sources are watched. 1 of 2 is paused." in Page().text


def test_a_picture_is_sent_with_the_page_and_what_is_none_is_a_blank() -> None:
    image = np.full((48, 64, 3), 200, np.uint8)
    sent = glance.inline(jpeg(image))
    assert isinstance(sent, str)
    assert base64.b64encode(jpeg(image)).decode() in sent
    assert 'width="64" height="48"' in sent
    assert glance.inline(b"no picture") == glance.blank()
    assert glance.inline(jpeg(image)[:-200]) == glance.blank()


def test_a_codec_that_is_not_there_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'pi_heif'")

    monkeypatch.setattr(glance.Image, "open", opened)
    assert glance.inline(b"no picture") == glance.blank()
