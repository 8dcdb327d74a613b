"""The page Movement as a person has it before them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.worlds import HOSTILE, a_hostile_one, a_weekend, an_empty_one, ms
from tracking.dashboard import filterbar
from tracking.dashboard.movement import choosing, regions, views
from tracking.dashboard.movement.regions import Region
from tracking.database import open_database, open_readonly
from tracking.filters import Filter
from tracking.footprints import Ground
from tracking.metrics import select
from tracking.metrics.places import Cells, whole_minutes

EVERYTHING = {"range": "all"}
SUNDAY = {"range": "2026-03-29T18:00/2026-03-29T18:05", "zone": "Europe/Berlin"}


def page(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page("pages/movement.py")
    for key, value in query.items():
        app.query_params[key] = value
    return well(app.run())


def well(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    parts = (app.markdown, app.caption, app.info, app.warning, app.error, app.subheader)
    return "\n".join(str(element.value) for part in parts for element in part)


def numbers(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def figures(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def values(app: AppTest, sql: str) -> Any:
    with closing(sqlite3.connect("people.db")) as connection:
        return connection.execute(sql).fetchone()[0]


@pytest.fixture
def weekend(tmp_path: Path) -> Path:
    return a_weekend(tmp_path / "people.db")


def choose(app: AppTest, key: str, value: Any) -> AppTest:
    """Click on one of a few."""
    (found,) = [each for each in app.get("button_group") if each.key == f"movement.{key}"]
    return well(found.set_value(value).run())


def test_with_no_database_it_says_what_will_happen() -> None:
    assert "Nothing is recorded yet" in text(page())


def test_an_empty_database_says_the_same(tmp_path: Path) -> None:
    an_empty_one(tmp_path / "people.db")
    assert "Nothing is recorded yet" in text(page())


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "people.db").write_bytes(b"no database at all" * 100)
    assert "not a SQLite database" in text(page())


def test_the_busiest_source_is_shown_first_over_its_own_picture(weekend: Path) -> None:
    app = page(**EVERYTHING)
    assert numbers(app)["Presence in all"] == "27 min 20 s"
    shown = figures(app)[0]
    assert shown["layout"]["xaxis"]["range"] == [0, 640]
    assert shown["layout"]["yaxis"]["range"] == [480, 0]
    assert shown["layout"]["images"][0]["source"].startswith("data:image/jpeg;base64,")
    assert (app.query_params["on"], app.query_params["view"]) == ("plaza", "heat")


def test_what_is_kept_of_a_figure_is_light(weekend: Path) -> None:
    with closing(open_readonly(weekend)) as connection:
        sunday = Filter(ms("2026-03-29T18:00:00+02:00"), ms("2026-03-29T18:30:00+02:00"))
        whole = select(connection, sunday, ms("2026-04-01T00:00:00+02:00"))
    part = whole.only(next(each for each in whole.sources if each.name == "plaza"))
    found = [
        choosing.read_heat(part, "seconds", 1), choosing.read_flow(part, 1),
        choosing.read_ways(part, "newest", 5).tracks, choosing.read_change(part, part, 1),
    ]  # fmt: skip
    assert all(each.counted for each in found)
    assert not any(len(each.selection.tracks) for each in found)


def test_what_is_shown_is_what_sql_gives(weekend: Path) -> None:
    app = page(**SUNDAY, on="plaza")
    (code,) = [each.value for each in app.code if "SELECT coalesce(sum(seconds)" in each.value]
    assert values(app, code) == 180
    assert numbers(app)["Presence in all"] == "3 min"
    seconds = values(app, "SELECT count(*) - 3 FROM positions JOIN people_tracks AS k"
                     " ON k.id = track WHERE source_id = 0 AND t >= 1774800000000")  # fmt: skip
    assert seconds == 180  # one for each second, but for the last of each of three


def test_the_address_says_which_source_and_which_view(weekend: Path) -> None:
    app = page(**EVERYTHING, on="STATION", view="paths")
    assert "The newest 8 of 8 tracks" in text(app)
    assert figures(app)[0]["layout"]["xaxis"]["range"] == [0, 1280]


def test_an_address_that_asks_for_what_is_not_there_is_told_so(weekend: Path) -> None:
    app = page(**EVERYTHING, on="<b>attic</b>", view="sideways")
    assert r"\<b\>attic" in text(app).replace("&lt;", r"\<").replace("&gt;", r"\>")
    assert "sideways" in text(app)
    assert "Presence in all" in numbers(app)


def test_a_source_that_is_chosen_stays_and_is_in_the_address(weekend: Path) -> None:
    app = page(**EVERYTHING)
    (box,) = [each for each in app.selectbox if str(each.key).startswith("movement.on")]
    assert box.options == ["plaza", "station", "yard"]
    well(box.set_value("station").run())
    assert app.query_params["on"] == "station"
    assert figures(app)[0]["layout"]["xaxis"]["range"] == [0, 1280]


def test_one_source_needs_no_choice(weekend: Path) -> None:
    app = page(**EVERYTHING, source="station")
    assert not [each for each in app.selectbox if str(each.key).startswith("movement.on")]
    assert figures(app)[0]["layout"]["xaxis"]["range"] == [0, 1280]


def test_a_source_without_a_picture_has_a_plain_ground(weekend: Path) -> None:
    app = page(**EVERYTHING, on="station")
    assert "no picture of this source" in text(app)
    assert not figures(app)[0]["layout"].get("images")


def test_a_quiet_source_says_that_nobody_came(weekend: Path) -> None:
    for view in ("heat", "paths"):
        assert "Nobody was seen here in that time" in text(page(**EVERYTHING, on="yard", view=view))
    assert "long enough" in text(page(**EVERYTHING, on="yard", view="flow"))


def test_a_time_with_nothing_in_it_says_where_something_is(weekend: Path) -> None:
    app = page(range="2026-01-01T00:00/2026-01-02T00:00", zone="UTC", on="plaza")
    assert "There are recordings from Sat 28 Mar 2026" in text(app)
    assert not figures(app)


def test_a_source_of_which_nothing_is_known_is_told_so(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "people.db")) as base, base:
        base.execute("INSERT INTO sources (id, name, kind, uri, timezone, created_at)"
                     " VALUES (0, '**shy**', 'camera', '0', 'UTC', 0)")  # fmt: skip
        base.execute("INSERT INTO coverage (source_id, minute, seconds_observed, frames, state)"
                     " VALUES (0, 29000000, 60, 1, 'ok')")  # fmt: skip
    for view in ("heat", "paths", "flow", "difference"):
        app = page(**EVERYTHING, view=view)
        assert "Nothing has been seen of source" in text(app)
        assert "**shy**" not in text(app)


def test_visits_and_larger_cells_can_be_chosen(weekend: Path) -> None:
    app = page(**SUNDAY, on="plaza")
    choose(app, "unit", "Visits")
    (size,) = [each for each in app.select_slider if each.key == "movement.heat.size"]
    well(size.set_value(6).run())
    assert numbers(app)["Visits"] == "3"
    assert "Visits per cell" in text(app) and "cells of 80 × 80 px" in text(app)
    choose(app, "heat.smoothing", "off")
    assert "smoothed" not in text(app)
    assert len(figures(app)[0]["data"][0]["z"]) == 6


def test_paths_can_be_the_longest_and_coloured_by_time(weekend: Path) -> None:
    app = page(**EVERYTHING, on="plaza", view="paths")
    choose(app, "order", "Longest")
    assert "The longest 10 of 10 tracks" in text(app)
    choose(app, "colour", "Time")
    names = [trace.get("name", "") for trace in figures(app)[0]["data"]]
    assert "from Sat 28 Mar 2026, 18:00" in names


def test_flow_has_arrows_a_rose_and_a_speed(weekend: Path) -> None:
    app = page(**SUNDAY, on="plaza", view="flow")
    assert numbers(app)["Mean speed, px/s"] == "8"  # 480 pixels in a minute
    rose = [each for each in figures(app) if each["data"][0]["type"] == "barpolar"]
    assert len(rose) == 1
    (code,) = [each.value for each in app.code if "sqrt" in each.value]
    assert values(app, code) == pytest.approx(8, abs=0.01)


def test_a_difference_says_how_much_was_watched_in_each_time(weekend: Path) -> None:
    app = page(range="2026-03-29T18:05/2026-03-29T18:10", zone="Europe/Berlin", on="plaza",
               view="difference")  # fmt: skip
    assert "Sun 29 Mar 2026, 18:00 to 18:05, Europe/Berlin, watched 5 min" in text(app)
    assert numbers(app)["Change, s per watched hour"] == "−2,160"  # 180 s in a twelfth of an hour
    (code,) = [each.value for each in app.code if "before_cells" in each.value]
    assert values(app, code) == pytest.approx(-2160)


def test_a_window_that_goes_on_is_compared_as_far_as_it_has_passed(
    weekend: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "now_ms", lambda: ms("2026-03-29T18:03:30+02:00"))
    app = page(range="2026-03-29T18:00/2026-03-29T18:10", zone="Europe/Berlin", on="plaza",
               view="difference")  # fmt: skip
    assert "18:00 to 18:03" in text(app)
    assert "17:50 to 17:53" in text(app)


def test_with_nothing_to_compare_with_it_says_so(weekend: Path) -> None:
    app = page(**SUNDAY, on="plaza", view="difference")
    (compared,) = [each for each in app.selectbox if each.key == "movement.compared"]
    well(compared.set_value("The same weekdays before").run())
    assert "Sun 22 Mar 2026, 18:00 to 18:05" in text(app)
    assert "nothing to compare" in text(app)
    well(compared.set_value("Another time").run())
    assert "18:00" in text(app)


def test_a_window_of_seconds_is_widened_and_that_is_said(
    weekend: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = ms("2026-03-29T18:00:20+02:00")
    asked = Filter(since, since + 20_000, ("plaza",))
    monkeypatch.setattr(filterbar, "filter_bar", lambda places: asked)
    app = page()
    assert "widened to whole" in text(app)
    assert numbers(app)["Presence in all"] == "1 min"
    monkeypatch.setattr(filterbar, "filter_bar", lambda places: whole_minutes(asked))
    assert "widened" not in text(page())


@pytest.mark.parametrize("view", ["heat", "paths", "flow", "difference"])
@pytest.mark.parametrize("name", HOSTILE[:11])
def test_hostile_names_are_shown_as_they_are(
    hostile_page: Callable[..., AppTest], name: str, view: str
) -> None:
    app = hostile_page(on=name, view=view)
    shown = json.dumps(figures(app))
    assert "<script" not in shown and "<img" not in shown and "<svg onload" not in shown
    if any(mark in name for mark in ("**", "](", "$x", ":red[", "<")):
        assert name not in text(app)


@pytest.fixture
def hostile_page(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AppTest]:
    folder = tmp_path_factory.getbasetemp() / "hostile"
    if not folder.exists():
        folder.mkdir()
        a_hostile_one(folder / "people.db")
    monkeypatch.chdir(folder)
    return lambda **query: page(**EVERYTHING, **query)


# a region that is brushed; what a browser does for it is told to the functions that hear of it


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def brushed(**selection: list[dict[str, list[float]]]) -> SimpleNamespace:
    return SimpleNamespace(selection=SimpleNamespace(**{"box": [], "lasso": [], **selection}))


def test_a_region_is_kept_for_its_source_until_it_is_cleared(
    weekend: Path, session: dict[str, Any]
) -> None:
    with closing(open_readonly(weekend)) as base:
        everything = select(base, Filter(0, 2**45, ("plaza",)), 2**45)
        early = select(base, Filter(0, 2**30, ("plaza",)), 2**45)
        other = select(base, Filter(0, 2**45, ("station",)), 2**45)
    region = Region.of(everything)
    cells = Cells(Ground(640, 480))
    session[f"movement.{region.key}"] = brushed(box=[{"x": [0, 22], "y": [22, 0]}])
    region.take(cells)
    assert Region.of(everything).cells == Region.of(early).cells == (0, 1, 48, 49)
    assert Region.of(other).cells == ()
    assert Region.of(everything).key != region.key  # what the browser had marked is gone
    Region.of(everything).clear()
    assert Region.of(everything).cells == ()


def test_a_click_beside_everything_keeps_the_region(weekend: Path, session: dict[str, Any]) -> None:
    with closing(open_readonly(weekend)) as base:
        everything = select(base, Filter(0, 2**45, ("plaza",)), 2**45)
    session[regions.REGIONS] = {"plaza": (1, 2)}
    region = Region.of(everything)
    session[f"movement.{region.key}"] = brushed()
    region.take(Cells(Ground(640, 480)))
    assert Region.of(everything).cells == (1, 2)


def with_region(app: AppTest, cells: tuple[int, ...]) -> AppTest:
    app.session_state[regions.REGIONS] = {"plaza": cells}
    return well(app.run())


def test_who_was_in_a_region_is_listed_with_local_times(weekend: Path) -> None:
    whole = tuple(range(48 * 36))
    app = with_region(page(**EVERYTHING, on="plaza"), whole)
    assert "**10** visits (10 tracks) stood in the outlined region for **27 min 20 s**" in text(app)
    table = app.dataframe[0].value
    assert len(table) == 10
    assert table.iloc[0]["there"] == 600  # who stood for ten minutes
    assert str(table.iloc[0]["since"]) == "2026-03-28 18:10:00"
    assert "made of whole cells" in text(app)
    assert len(figures(app)[0]["layout"]["shapes"]) == 2  # its outline, light on dark


def test_the_region_stays_when_the_filter_changes_and_goes_by_its_button(weekend: Path) -> None:
    app = with_region(page(**EVERYTHING, on="plaza"), tuple(range(48 * 36)))
    only = next(each for each in app.multiselect if each.label == "Labels")
    well(only.set_value(["car"]).run())
    assert "**1** visit (1 track)" in text(app)
    (clear,) = [each for each in app.button if each.key == "movement.clear"]
    well(clear.click().run())
    assert "Who was there" not in text(app)
    assert "Draw a box or a lasso" in text(app)


def test_a_region_in_which_nobody_stood_says_so(weekend: Path) -> None:
    app = with_region(page(**EVERYTHING, on="plaza"), (0,))
    assert "**0** visits (0 tracks)" in text(app)
    assert not app.dataframe


def test_what_is_read_twice_is_the_same(weekend: Path) -> None:
    with closing(open_readonly(weekend)) as base:
        part = select(base, Filter(0, 2**45, ("plaza",)), 2**45)
    again = choosing.read_heat(part, "seconds", 1)
    assert np.array_equal(again.values, choosing.read_heat(part, "seconds", 1).values)
