"""The page Zones: what is drawn on a source, changed, taken back, and what it counts."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import NOON, ROOT
from tests.running import until
from tests.test_zones_demo import record
from tests.worlds import (
    HOSTILE,
    SATURDAY,
    SUNDAY,
    a_hostile_one,
    a_weekend,
    an_empty_one,
    ms,
    write,
)
from tracking.dashboard.zoning import changes, numbers, past
from tracking.dashboard.zoning.canvas import Sketch, read_rings, written
from tracking.dashboard.zoning.files import read_shapes
from tracking.database import open_database, open_readonly
from tracking.demo import LINE, ZONE, demo_truth
from tracking.errors import DrawingError
from tracking.study import write_study
from tracking.zones import Line, Zone, change, current, derive, put, underived, versions

SQUARE = "300,200 340,200 340,260 300,260"  # where one stood for ten minutes
ACROSS = "320,100 320,470"  # over which people walk; forward is to the left
INSIDE = Zone("spot", ((300, 200), (340, 200), (340, 260), (300, 260)))
MIDDLE = Line("middle", ((320, 100), (320, 470)))


class Page:
    """The page as a person has it before them, who types corners instead of drawing."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        self.app.run()
        self.app.switch_page("pages/zones.py")
        for name, value in query.items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> Page:
        self.app.run()
        assert not self.app.exception
        return self

    @property
    def text(self) -> str:
        app = self.app
        parts = [app.title, app.subheader, app.markdown, app.caption, app.warning, app.error,
                 app.info, app.text]  # fmt: skip
        return "\n".join(str(element.value) for part in parts for element in part)

    @property
    def errors(self) -> list[str]:
        return [str(error.value).replace("\\", "") for error in self.app.error]

    def metrics(self) -> list[tuple[str, str]]:
        return [(metric.label, str(metric.value)) for metric in self.app.metric]

    def click(self, title: str) -> Page:
        [button] = [each for each in self.app.button if each.label == title]
        button.click()
        return self.run()

    def is_ready(self, title: str = "Save") -> bool:
        [button] = [each for each in self.app.button if each.label == title]
        return not button.disabled

    def type(self, label: str, text: str) -> Page:
        [field] = [each for each in self.app.text_input if each.label == label]
        field.input(text)
        return self.run()

    def choose(self, key: str, value: Any) -> Page:
        self.app.get_by_key(key).set_value(value)
        return self.run()

    def draw(self, corners: str, kind: str = "zone") -> Page:
        """Type corners, of something new or of what is being changed."""
        if kind == "line":
            [choice] = [each for each in self.app.get("button_group") if each.label == "Draw a"]
            choice.set_value("line")
            self.run()
        self.app.text_area[0].input(corners)
        self.run()
        return self.click("Take these")

    def counted(self, database: Path) -> Page:
        """The page once the past is counted."""
        until(lambda: left(database) == 0, 60)
        return self.run().run()


def left(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return underived(connection)


def there(database: Path, source: str = "plaza") -> dict[str, Zone | Line]:
    with closing(sqlite3.connect(database)) as connection:
        both = [*current(connection, "zone", source), *current(connection, "line", source)]
        return {each.name: each.shape for each in both}


@pytest.fixture
def weekend(tmp_path: Path) -> Path:
    return a_weekend(tmp_path / "people.db")


@pytest.fixture
def drawn(weekend: Path) -> Path:
    """The weekend with a zone and a line on the plaza."""
    with closing(open_database(weekend)) as connection:
        put(connection, "plaza", [INSIDE, MIDDLE])
    derive(weekend)
    return weekend


def test_with_nothing_recorded_it_is_said_what_to_do(tmp_path: Path) -> None:
    assert "Nothing is recorded yet" in Page().text
    an_empty_one(tmp_path / "people.db")
    assert "Nothing is recorded yet" in Page().text


def test_the_source_is_the_addresss(weekend: Path) -> None:
    page = Page(on="station")
    assert page.app.selectbox[0].value == "station"
    assert page.app.query_params["on"] == "station"
    page.app.selectbox[0].set_value("yard")
    assert page.run().app.query_params["on"] == "yard"
    assert "asks for roof" in Page(on="roof").text


def test_a_zone_that_is_drawn_counts_the_past(weekend: Path) -> None:
    page = Page(on="plaza").draw(SQUARE)
    assert "New zone" in page.text
    assert not page.is_ready()
    page.type("Name", "spot").choose("zoning.over", "everything recorded")
    stood = "**1 stay** of 1 track, 10 min on average"
    assert stood in page.text
    page.click("Save")
    assert there(weekend) == {"spot": INSIDE}
    assert "The zone spot was drawn" in page.text
    page.counted(weekend)
    assert ("Stays", "1") in page.metrics()
    assert ("Mean stay", "10 min") in page.metrics()
    with closing(sqlite3.connect(weekend)) as connection:
        [(entered, gone)] = connection.execute("SELECT entered_at, left_at FROM zone_stays")
    assert gone - entered == 600_000


def test_a_line_that_is_drawn_says_what_crossed_it_by_direction(weekend: Path) -> None:
    page = Page(on="plaza").draw(ACROSS, "line")
    page.type("Name", "middle").type("Along the arrow", "west").type("Against it", "east")
    page.choose("zoning.over", "everything recorded")
    with closing(open_database(weekend)) as connection:
        put(connection, "plaza", [Line("truth", MIDDLE.points)])
    derive(weekend)
    with closing(sqlite3.connect(weekend)) as connection:
        query = "SELECT direction FROM crossings"
        ways = [way for (way,) in connection.execute(query)]
    west, east = ways.count("forward"), ways.count("backward")
    assert west == 2  # who walks from right to left
    assert east > west
    assert f"**{west}** west · **{east}** east · net **−{east - west}**" in page.text
    page.click("Save").counted(weekend)
    assert there(weekend)["middle"] == Line("middle", MIDDLE.points, "west", "east")
    shown = page.metrics()
    assert shown[:3] == [("west", str(west)), ("east", str(east)), ("Net", f"−{east - west}")]


def test_the_last_day_is_that_of_the_record(tmp_path: Path) -> None:
    monday = replace(SUNDAY, began="2026-03-30T18:00:00+02:00")
    write(tmp_path / "people.db", (SATURDAY, monday))
    page = Page(on="plaza").draw(SQUARE).type("Name", "spot")
    assert "**0** stays" in page.text
    assert "Sun 29 Mar 2026, 18:30 to Mon 30 Mar 2026, 18:30" in page.text
    assert "**1 stay**" in page.choose("zoning.over", "everything recorded").text


@pytest.mark.parametrize(
    ("corners", "fault"),
    [
        ("300,200 340,260 340,200 300,260", "crosses itself"),
        ("300,200 340,200", "a polygon needs 3 or more"),
        ("700,200 800,200 800,300", "lies outside of the picture, which is 640 by 480 pixels"),
        ("300,200 340,200 340,260 300,260\n0,0 10,0 10,10", "hole 1 does not lie inside"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_words(weekend: Path, corners: str, fault: str) -> None:
    page = Page(on="plaza").draw(corners).type("Name", "spot")
    assert fault in page.errors[0]
    assert not page.is_ready()


def test_text_that_is_no_corners_is_said_in_words(weekend: Path) -> None:
    page = Page(on="plaza").draw("here and there")
    assert len(page.errors) == 1
    assert there(weekend) == {}


def test_a_name_is_given_once(drawn: Path) -> None:
    page = Page(on="plaza").draw("0,0 50,0 50,50").type("Name", "spot")
    assert "There is a zone" in page.errors[0]
    assert page.type("Name", "middle").errors == []  # which is a line's


def test_a_hole_is_drawn_with_its_zone(weekend: Path) -> None:
    page = Page(on="plaza").draw(f"{SQUARE}\n310,220 330,220 330,240 310,240")
    page.type("Name", "ring").click("Save")
    shape = there(weekend)["ring"]
    assert isinstance(shape, Zone)
    assert shape.holes == (((310, 220), (330, 220), (330, 240), (310, 240)),)


def change_the_zone(page: Page, corners: str) -> Page:
    page.app.button(key=next(b.key for b in page.app.button if b.label == "Change")).click()
    return page.run().draw(corners)


def first(page: Page, title: str) -> Page:
    page.app.button(key=next(b.key for b in page.app.button if b.label == title)).click()
    return page.run()


def test_a_changed_zone_is_a_new_version_and_can_be_taken_back(drawn: Path) -> None:
    page = change_the_zone(Page(on="plaza"), "0,0 50,0 50,50")
    assert "**0** stays" in page.text
    assert "As it is drawn now: **1 stay** of 1 track, 10 min on average" in page.text
    page.click("Save").counted(drawn)
    with closing(sqlite3.connect(drawn)) as connection:
        old, new = versions(connection, "zone", "plaza", "spot")
    assert (old.shape, new.until, old.until) == (INSIDE, None, new.since)
    assert "1 earlier version" in page.text
    assert "since " in page.text
    page.click("Undo").counted(drawn)
    assert there(drawn)["spot"] == INSIDE
    assert "earlier version counts" not in page.text
    assert ("Stays", "1") in page.metrics()


def test_a_change_may_be_for_the_past_too(drawn: Path) -> None:
    page = change_the_zone(Page(on="plaza"), "0,0 50,0 50,50")
    page.choose("zoning.when", "for the past, too").click("Save").counted(drawn)
    assert ("Stays", "0") in page.metrics()
    with closing(sqlite3.connect(drawn)) as connection:
        assert len(versions(connection, "zone", "plaza", "spot")) == 1


def test_a_zone_is_renamed_with_all_it_has_counted(drawn: Path) -> None:
    page = first(Page(on="plaza"), "Change").type("Name", "corner").click("Save")
    assert set(there(drawn)) == {"corner", "middle"}
    assert left(drawn) == 0
    assert ("Stays", "1") in page.run().metrics()
    page.click("Undo")
    assert set(there(drawn)) == {"spot", "middle"}


def test_a_change_over_somebody_elses_is_refused(drawn: Path) -> None:
    page = first(Page(on="plaza"), "Change").draw("0,0 50,0 50,50")
    with closing(open_database(drawn)) as connection:
        change(connection, "plaza", "spot", Zone("spot", ((5, 5), (9, 5), (9, 9))))
    page.click("Save")
    assert any("meanwhile" in error for error in page.errors)
    assert there(drawn)["spot"] == Zone("spot", ((5, 5), (9, 5), (9, 9)))


def test_what_is_deleted_is_asked_about_and_comes_back(drawn: Path) -> None:
    page = first(Page(on="plaza"), "Delete")
    assert set(there(drawn)) == {"spot", "middle"}
    page.choose("zoning.delete.choice", "delete")
    page.app.button(key="zoning.delete.yes").click()
    page.run()
    assert set(there(drawn)) == {"middle"}
    page.click("Undo").counted(drawn)
    assert there(drawn)["spot"] == INSIDE
    assert ("Stays", "1") in page.metrics()


def test_what_counts_no_longer_keeps_its_past(drawn: Path) -> None:
    page = first(Page(on="plaza"), "Delete")
    page.app.button(key="zoning.delete.yes").click()
    page.run()
    assert set(there(drawn)) == {"middle"}
    assert "**spot**: from the beginning to " in page.text
    with closing(sqlite3.connect(drawn)) as connection:
        assert connection.execute("SELECT count(*) FROM zone_stays").fetchone() == (1,)


@pytest.mark.parametrize(
    ("button", "count", "stays"),
    [("zoning.versions.again", 3, "1"), ("zoning.versions.never", 1, "1")],
)
def test_an_earlier_version_counts_again(drawn: Path, button: str, count: int, stays: str) -> None:
    with closing(open_database(drawn)) as connection:
        change(connection, "plaza", "spot", Zone("spot", ((5, 5), (9, 5), (9, 9))))
    derive(drawn)
    page = first(Page(on="plaza"), "Versions").choose("zoning.versions.which", 0)
    page.app.button(key=button).click()
    page.run().counted(drawn)
    assert there(drawn)["spot"] == INSIDE
    with closing(sqlite3.connect(drawn)) as connection:
        assert len(versions(connection, "zone", "plaza", "spot")) == count
    assert ("Stays", stays) in page.metrics()


def test_undo_leaves_alone_what_somebody_else_has_changed_since(drawn: Path) -> None:
    page = first(Page(on="plaza"), "Change").type("Name", "corner").click("Save")
    with closing(open_database(drawn)) as connection:
        change(connection, "plaza", "corner", Zone("corner", ((5, 5), (9, 5), (9, 9))))
    page.click("Undo")
    assert "Somebody else has changed it since" in page.errors[0]
    assert "corner" in there(drawn)


def test_links_lead_to_what_happened_there(drawn: Path) -> None:
    page = Page(on="plaza")
    queries = [each.proto.query_string for each in page.app.get("page_link")]
    assert any("area=spot" in query and "source=plaza" in query for query in queries)
    assert any("line=middle" in query for query in queries)


def test_a_study_is_only_looked_at(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = drawn.with_name("study.db")
    since, until = ms("2026-03-28T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00")
    with closing(open_readonly(drawn)) as connection:
        write_study(connection, study, since=since, until=until)
    monkeypatch.setenv("TRACKING_DB", str(study))
    page = Page(on="plaza")
    assert "only looked at" in page.text
    assert {each.label for each in page.app.button} <= {"Close"}
    assert ("Stays", "1") in page.metrics()


def test_a_database_that_cannot_be_written_is_only_shown(
    drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_refusal", lambda _: "The database cannot be written here.")
    page = Page(on="plaza")
    assert "cannot be written here" in page.text
    assert page.app.button.values == []
    assert ("Stays", "1") in page.metrics()


def test_hostile_names_are_text(tmp_path: Path) -> None:
    database = a_hostile_one(tmp_path / "people.db")
    with closing(open_database(database)) as connection:
        for name in HOSTILE:
            with_name = [
                Zone(name, INSIDE.outer),
                Line(name, MIDDLE.points, f"{name[:150]} in", name[:150]),
            ]
            put(connection, HOSTILE[0], with_name)
    derive(database)
    page = Page(on=HOSTILE[0])
    assert len(page.metrics()) == len(HOSTILE) * 7
    assert "<script>" not in page.text


# import and export


def test_a_file_of_the_command_line_is_read(drawn: Path) -> None:
    text = json.dumps(
        {
            "zones": [{"source": "a", "name": "z", "polygon": [[0, 0], [9, 0], [9, 9]]}],
            "lines": [{"source": "a", "name": "l", "points": [[0, 0], [9, 0]], "forward": "up"}],
        }
    )
    assert read_shapes(text.encode()) == [
        ("a", Zone("z", ((0, 0), (9, 0), (9, 9)))),
        ("a", Line("l", ((0, 0), (9, 0)), "up")),
    ]
    bare = [{"source": "a", "name": "l", "points": [[0, 0], [9, 0]]}]
    assert [name for name, _ in read_shapes(json.dumps(bare).encode())] == ["a"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"{}", b"[]", b"3", b'{"zones": [1]}'])
def test_a_file_that_is_none_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(DrawingError):
        read_shapes(content)


def test_a_file_is_drawn_after_it_was_shown_what_it_changes(drawn: Path) -> None:
    zones = [
        {"source": "roof", "name": "spot", "polygon": [[0, 0], [50, 0], [50, 50]]},
        {"source": "roof", "name": "new", "polygon": [[0, 0], [50, 0], [50, 50]]},
    ]
    page = Page(on="plaza")
    page.app.file_uploader[0].set_value(("a.json", json.dumps({"zones": zones}).encode(), "json"))
    page.run()
    assert "**spot**: changed" in page.text
    assert "**new**: new" in page.text
    page.click("Draw these")
    assert set(there(drawn)) == {"spot", "new", "middle"}
    page.click("Undo")
    assert there(drawn) == {"spot": INSIDE, "middle": MIDDLE}


# parts


def test_the_demos_truth_is_what_the_page_shows(tmp_path: Path) -> None:
    truth, database = demo_truth(), tmp_path / "people.db"
    with closing(open_database(database)) as connection:
        record(connection, truth, truth.feet)
    derive(database)
    page = Page()
    ways = [each.direction for each in truth.passings]
    assert page.metrics()[:2] == [("Stays", str(len(truth.visits))), ("Visits", "3")]
    assert page.metrics()[4:6] == [
        (LINE.forward, str(ways.count("forward"))),
        (LINE.backward, str(ways.count("backward"))),
    ]
    assert ZONE.name in page.text


def test_who_is_in_a_zone_now_was_seen_there_in_the_newest_pictures(drawn: Path) -> None:
    with closing(open_database(drawn)) as connection:
        zones = versions(connection, "zone", "plaza", "spot")
        (source,) = connection.execute("SELECT id FROM sources WHERE name = 'plaza'").fetchone()
        assert numbers.occupancy(connection, zones, source, NOON) is None  # nobody watches
        (gone,) = connection.execute("SELECT left_at FROM zone_stays").fetchone()
        connection.execute("UPDATE runs SET outcome = NULL, ended_at = ?", (gone + 500,))
        assert numbers.occupancy(connection, zones, source, gone + 1000) == 1
        connection.execute("UPDATE runs SET ended_at = ?", (gone + 2500,))
        assert numbers.occupancy(connection, zones, source, gone + 3000) == 0
        assert numbers.occupancy(connection, zones, source, gone + 60_000) is None


@pytest.mark.parametrize(
    "told",
    [None, 3, {}, {"kind": "zone"}, {"kind": "house", "rings": [[[0, 0]]]},
     {"kind": "zone", "rings": []}, {"kind": "zone", "rings": [["ab"]], "of": None},
     {"kind": "zone", "rings": [[[0, 0]]], "of": 7}],
)  # fmt: skip
def test_what_no_canvas_would_tell_is_no_drawing(told: object) -> None:
    assert Sketch.read(told) is None


def test_corners_are_written_as_they_are_read() -> None:
    sketch = Sketch("zone", (((1.5, 2), (3, 4), (5, 7)), ((2, 2), (2, 3), (3, 3))))
    assert written(sketch) == "1.5,2 3,4 5,7\n2,2 2,3 3,3"
    assert read_rings("\n 1,2 \r\n\n3,4") == (" 1,2 ", "3,4")


def test_what_is_not_derived_yet_is_said_and_goes_on_by_itself(drawn: Path) -> None:
    with closing(open_database(drawn)) as connection:
        put(connection, "plaza", [Zone("later", INSIDE.outer)])
    assert past.left()[0] == 1
    page = Page(on="plaza")
    assert "Counting what was recorded before" in str(page.app.get("progress")[0].proto.text)
    page.run()  # nobody was at it meanwhile
    page.counted(drawn)
    assert page.app.get("progress") == []
    assert [value for label, value in page.metrics() if label == "Stays"] == ["1", "1"]
