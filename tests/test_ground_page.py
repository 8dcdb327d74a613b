"""The page Floor: setting a source's floor by its points, and what is known on it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import NOON, ROOT
from tests.floors import a_floor
from tests.pinholes import Pinhole
from tests.worlds import HOSTILE, a_hostile_one, a_weekend, an_empty_one
from tracking.dashboard.ground import points
from tracking.dashboard.ground.figures import heat_figure
from tracking.database import open_database, open_readonly
from tracking.errors import GroundError
from tracking.filters import Filter
from tracking.footprints import rebuild
from tracking.ground import (
    Calibration,
    FloorPlan,
    Placing,
    current,
    plans,
    put_plan,
    set_ground,
    versions,
)
from tracking.metrics import measure, select
from tracking.metrics.floor import floor_heat
from tracking.study import write_study
from tracking.zones import Zone, add, derive_in

CAMERA = Pinhole()
SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 6.0), (0.0, 6.0)]
FIVE = [*SQUARE, (2.0, 3.0)]
ALL = {"range": "all"}


def typed(floor: list[tuple[float, float]], by: float = 1.0) -> str:
    """Points as a person types them; by: how many times farther apart they are said to be."""
    pixels = CAMERA.picture(floor).tolist()
    both = zip(pixels, floor, strict=True)
    return "\n".join(f"{u:.4f},{v:.4f} = {x * by:g},{y * by:g}" for (u, v), (x, y) in both)


def calibration(placing: Placing | None = None) -> Calibration:
    pixels = tuple((float(x), float(y)) for x, y in CAMERA.picture(SQUARE))
    return Calibration(pixels, tuple(SQUARE), placing=placing, frame=(640, 480))


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    """One who goes five metres straight ahead in five seconds."""
    path = tmp_path / "people.db"
    with a_floor(path) as floor:
        ahead = np.linspace(0.5, 5.5, 51)
        feet = CAMERA.picture(np.column_stack([np.full(51, 2.0), ahead])).tolist()
        floor.walk([(x, y) for x, y in feet])
    return path


class Page:
    """The page as a person has it before them, who types points instead of clicking."""

    def __init__(self, view: str = "Seen", **query: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        self.app.run()
        self.app.switch_page("pages/floor.py")
        for name, value in query.items():
            self.app.query_params[name] = value
        self.app.session_state["floor.view"] = view
        self.run()

    def run(self) -> Page:
        self.app.run()
        assert not self.app.exception
        return self

    @property
    def text(self) -> str:
        app = self.app
        parts = [app.title, app.subheader, app.markdown, app.caption, app.warning, app.error,
                 app.info]  # fmt: skip
        text = "\n".join(str(each.value) for part in parts for each in part)
        return text.replace("\\", "").replace("&#58;", ":")

    def metrics(self) -> dict[str, str]:
        return {metric.label: str(metric.value) for metric in self.app.metric}

    def button(self, title: str):
        [found] = [each for each in self.app.button if each.label == title]
        return found

    def click(self, title: str) -> Page:
        self.button(title).click()
        return self.run()

    def type(self, text: str) -> Page:
        self.app.text_area[0].set_value(text)
        return self.click("Take these")


def floors(path: Path) -> list[Calibration]:
    with closing(open_readonly(path)) as connection:
        return [each.calibration for each in current(connection)]


# states


def test_with_no_database_and_with_an_empty_one_it_says_that_nothing_is_recorded(
    tmp_path: Path,
) -> None:
    assert "Nothing is recorded yet" in Page().text
    an_empty_one(tmp_path / "people.db")
    assert "Nothing is recorded yet" in Page().text


def test_where_no_floor_is_measured_it_says_what_to_do(tmp_path: Path) -> None:
    a_weekend(tmp_path / "people.db")
    page = Page(**ALL)
    assert "floor of none of these sources is measured" in page.text
    assert page.metrics() == {}


def test_a_time_in_which_nothing_was_recorded_is_told(yard: Path) -> None:
    assert "Nothing matches this choice" in Page(range="24h").text


def test_a_shared_study_is_only_looked_at(yard: Path, tmp_path: Path) -> None:
    with closing(open_database(yard)) as connection:
        set_ground(connection, "cam", calibration())
        study = tmp_path / "study.db"
        write_study(connection, study, since=NOON - 1, until=NOON + 3_600_000)
    for name in ("people.db", "people.db-wal", "people.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    study.rename(yard)
    page = Page("Set up")
    assert "its floors cannot be set" in page.text
    assert [each.label for each in page.app.button if each.label in ("Save", "Take these")] == []
    assert all(each.disabled for each in page.app.number_input)


def test_names_from_the_record_are_text(tmp_path: Path) -> None:
    path = a_hostile_one(tmp_path / "people.db")
    with closing(open_database(path)) as connection:
        for name, (source,) in zip(
            HOSTILE, connection.execute("SELECT name FROM sources").fetchall(), strict=False
        ):
            put_plan(connection, FloorPlan(name, 20, 20))
            set_ground(connection, source, calibration(Placing(name)))
    for view in ("Seen", "Set up"):
        page = Page(view, **ALL)
        shown = "\n".join(str(each.value) for each in (*page.app.markdown, *page.app.caption))
        assert HOSTILE[4] not in shown
        assert re.search(r"(?<!\\)<(script|img|svg|b>)|(?<!\\)\]\(javascript", shown) is None


# setting it up


def test_points_that_are_typed_give_a_floor_and_the_past_its_speeds(yard: Path) -> None:
    page = Page("Set up")
    assert "0 of 4 or more points" in page.text
    assert page.button("Save").disabled
    page.type(typed(FIVE))
    assert "miss the floor that all of them give by **0.00 m**" in page.text
    page.click("Save")
    assert "The floor of cam was set" in page.text
    assert len(floors(yard)[0].pixels) == 5
    with closing(open_readonly(yard)) as connection:
        found = measure("speed_mean", select(connection, Filter(NOON, NOON + 60_000), NOON))
        assert found.value == pytest.approx(1.0, abs=1e-3)
    page.click("Undo")
    assert floors(yard) == []
    assert "0 of 4 or more points" in page.text


def test_metres_are_typed_point_by_point(yard: Path) -> None:
    page = Page("Set up").type("\n".join(line.split("=")[0] for line in typed(FIVE).splitlines()))
    assert "5 of them still lack their metres" in page.text
    for number, (x, y) in enumerate(FIVE, 1):
        inputs = {each.label: each for each in page.app.number_input}
        inputs[f"{number}: x"].set_value(x)
        inputs[f"{number}: y"].set_value(y)
    page.run()
    assert not page.button("Save").disabled
    page.click("Save")
    assert floors(yard)[0].floor == tuple(FIVE)


def test_a_point_that_is_not_where_it_is_said_to_be_shows(yard: Path) -> None:
    page = Page("Set up").type(typed(FIVE).replace("= 2,3", "= 2,3.5"))
    table = page.app.dataframe[0].value
    assert table["the others miss it by, m"].tolist() == ["–", "–", "–", "–", "0.50"]
    assert "at most" in page.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2 = 3", "Point 1: '1,2 = 3' is none"),
        ("1,1 = 0,0\n9,1 = 1,0\n17,1 = 2,0\n1,9 = 0,2", "The points 1, 2, 3 lie on one line"),
        ("1,1 = 0,0\n9,1 = 1,0\n9,9 = 1,1\n1,9 = 0,1", "The floor is mirrored"),
    ],
)
def test_points_that_give_no_floor_are_refused_in_words(yard: Path, text: str, said: str) -> None:
    page = Page("Set up").type(text)
    assert said in page.text
    assert page.button("Save").disabled


def test_new_points_count_from_now_on_or_for_the_past_too(yard: Path) -> None:
    with closing(open_database(yard)) as connection:
        set_ground(connection, "cam", calibration())
    page = Page("Set up")
    assert page.button("Save").disabled  # nothing has changed
    page.type(typed(FIVE, by=2)).click("Save")
    with closing(open_readonly(yard)) as connection:
        assert len(versions(connection)) == 2
    page.type(typed(FIVE, by=3))
    page.app.radio(key="ground.when").set_value("for the past, too")
    page.run().click("Save")
    with closing(open_readonly(yard)) as connection:
        assert len(versions(connection)) == 2
        assert current(connection)[0].calibration.floor[2] == (12, 18)


def test_a_floor_is_put_on_a_plan_without_new_points(yard: Path) -> None:
    with closing(open_database(yard)) as connection:
        set_ground(connection, "cam", calibration())
        put_plan(connection, FloorPlan("shop", 20, 10))
    page = Page("Set up")
    next(each for each in page.app.selectbox if "plan" in each.label).set_value(1)
    page.run()
    inputs = {each.label: each for each in page.app.number_input}
    inputs["0, 0 from the left, m"].set_value(3.5)
    inputs["turned, °"].set_value(90.0)
    page.run().click("Save")
    assert floors(yard)[0] == calibration(Placing("shop", 3.5, 0, 90))
    with closing(open_readonly(yard)) as connection:
        assert len(versions(connection)) == 1
    page.click("Delete the plan")
    assert "take them off it first" in page.text


def test_a_plan_is_made_and_deleted(yard: Path) -> None:
    page = Page("Set up")
    assert page.button("Keep the plan").disabled
    next(each for each in page.app.text_input if each.label == "Plan").set_value("shop")
    inputs = {each.label: each for each in page.app.number_input}
    inputs["Width, m"].set_value(20.0)
    inputs["Height, m"].set_value(10.0)
    page.run().click("Keep the plan")
    assert "**shop**: 20 m by 10 m, without a drawing" in page.text
    page.click("Delete the plan")
    with closing(open_readonly(yard)) as connection:
        assert plans(connection) == []


def test_a_floor_is_removed_and_comes_back(yard: Path) -> None:
    with closing(open_database(yard)) as connection:
        set_ground(connection, "cam", calibration())
    page = Page("Set up").click("Remove the floor")
    assert floors(yard) == []
    page.click("Undo")
    assert floors(yard) == [calibration()]
    assert len(page.app.number_input) >= 8  # its points are there again


def test_what_a_browser_tells_that_is_no_point_is_not_followed() -> None:
    with pytest.raises(GroundError, match="Point 2"):
        points.read("1,2 = 3,4\nhere")
    kept = points.points_of(calibration(), 320)
    assert [each.pixel for each in kept] == [
        pytest.approx((x / 2, y / 2)) for x, y in CAMERA.picture(SQUARE)
    ]
    assert points.read(points.written(kept))[2].ahead == 6


# what is known on it


def test_the_numbers_are_those_of_the_metrics_and_the_heat_is_on_the_plan(yard: Path) -> None:
    with closing(open_database(yard)) as connection:
        put_plan(connection, FloorPlan("shop", 14, 14))
        set_ground(connection, "cam", calibration(Placing("shop", 5, 3)))
        corners = [(1, 1), (3, 1), (3, 5), (1, 5)]
        shape = tuple((float(x), float(y)) for x, y in CAMERA.picture(corners))
        add(connection, "cam", Zone("aisle", shape))
        derive_in(connection)
    from tracking.ground import derive

    derive(yard)
    page = Page(**ALL)
    found = page.metrics()
    assert found["Mean speed, m/s"] == found["Median speed, m/s"] == "1"
    with closing(open_readonly(yard)) as connection:
        ways = measure("distance_mean", select(connection, Filter(NOON, NOON + 60_000), NOON))
    assert found["Mean way, m"] == f"{ways.value:.2f}"
    assert page.app.selectbox(key="ground.where").options == ["Plan shop"]
    assert "Seen of this floor: cam" in page.text
    zones = page.app.dataframe[0].value
    assert zones["floor, m²"].tolist() == [8.0]
    assert zones["presence, s"].tolist() == [4]


def test_sources_without_a_floor_are_named(yard: Path) -> None:
    with closing(open_database(yard)) as connection:
        set_ground(connection, "cam", calibration())
        connection.execute(
            "INSERT INTO sources VALUES (9, 'roof', 'stream', '', 'Europe/Berlin', 640, 480, 25, 0)"
        )
        connection.commit()
    page = Page(**ALL)
    assert "Without a floor, and so not counted: roof" in page.text
    assert page.app.selectbox(key="ground.where").options == ["Floor of cam"]


def test_a_figure_shows_nothing_where_nobody_looks(yard: Path) -> None:
    with closing(open_database(yard)) as connection:
        put_plan(connection, FloorPlan("shop", 14, 14))
        set_ground(connection, "cam", calibration(Placing("shop", 5, 3)))
        rebuild(connection)
        heat = floor_heat(
            connection, select(connection, Filter(NOON, NOON + 60_000), NOON), "shop", 0.5
        )
    seen, amounts = heat_figure(heat).data
    there = np.array(seen.z, float)
    assert (np.isfinite(there) == np.isfinite(heat.seconds)).all()
    shown = np.array(amounts.z, float)
    assert (np.isfinite(shown) == (heat.density > 0)).all()
    assert np.nanmax(shown) ** 2 == pytest.approx(heat.density[heat.density > 0].max())
