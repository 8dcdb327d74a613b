"""Drawing, changing and deleting zones and lines, and what they then count."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import NOON
from tests.floors import DOOR, SQUARE, Floor, a_floor, straight
from tracking.database import open_database
from tracking.errors import DatabaseError, DrawingError, NothingRecorded
from tracking.filters import Filter
from tracking.interchange import export_tracks, import_tracks
from tracking.localtime import HOUR
from tracking.metrics import measure, select
from tracking.retention import purge, remove_source
from tracking.zones import (
    Line,
    Zone,
    add,
    change,
    current,
    delete,
    derive,
    derive_in,
    end,
    find,
    put,
    restore,
    try_out,
    underived,
    versions,
)

IN, OUT = (150.0, 150.0), (50.0, 150.0)
LEFT = Zone("square", ((0, 100), (90, 100), (90, 200), (0, 200)))


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    """Nothing is drawn on it yet."""
    with a_floor(tmp_path / "floor.db") as floor:
        yield floor


def test_what_is_drawn_counts_what_was_recorded_before(floor: Floor) -> None:
    floor.walk(straight((150, 55), (150, 155), 10))
    add(floor.connection, "cam", SQUARE)
    add(floor.connection, "cam", DOOR)
    assert (floor.everything(), underived(floor.connection)) == (([], []), 2)
    done = derive_in(floor.connection)
    assert (done.versions, done.tracks, done.positions, done.finished) == (2, 1, 11, True)
    assert floor.stays() == [(500, 1000)]
    assert floor.crossings() == [(450, "forward")]
    assert derive_in(floor.connection).versions == 0


def test_a_name_is_one_zones_and_one_lines_at_a_source(floor: Floor) -> None:
    put(floor.connection, "cam", [SQUARE, replace(DOOR, name="square")])
    with pytest.raises(DrawingError, match="'cam' has a zone 'square' already"):
        add(floor.connection, "cam", LEFT)
    with pytest.raises(NothingRecorded, match="no source 'roof'; it has 'cam'"):
        add(floor.connection, "roof", LEFT)
    with pytest.raises(DrawingError, match="'cam' has no zone 'door'; it has 'square'"):
        find(floor.connection, "zone", "cam", "door")


def test_a_changed_zone_is_a_new_version_from_then_on(floor: Floor) -> None:
    floor.draw(SQUARE)
    floor.walk([*[IN] * 10, *[OUT] * 30, *[IN] * 10])
    change(floor.connection, "cam", "square", LEFT, at=NOON + 2000)
    derive_in(floor.connection)
    assert floor.stays() == [(0, 900), (2000, 3900)]
    old, new = versions(floor.connection, "zone", "cam", "square")
    assert (old.shape, old.since, old.until) == (SQUARE, 0, NOON + 2000)
    assert (new.shape, new.since, new.until) == (LEFT, NOON + 2000, None)
    assert current(floor.connection, "zone") == [new]


def test_a_change_in_the_middle_of_a_stay_ends_it_there(floor: Floor) -> None:
    floor.draw(SQUARE, DOOR)
    floor.walk([*[IN] * 6, (150, 80), *[(150, 80)] * 3, *[IN] * 10])
    assert floor.stays() == [(0, 1900)]
    larger = Zone("square", ((0, 0), (300, 0), (300, 300), (0, 300)))
    change(floor.connection, "cam", "square", larger, at=NOON + 800)
    assert floor.connection.execute("SELECT left_at FROM zone_stays").fetchall() == [(NOON + 500,)]
    derive_in(floor.connection)
    assert floor.stays() == [(0, 500), (800, 1900)]


def test_a_change_while_somebody_is_inside_ends_one_stay_and_begins_another(floor: Floor) -> None:
    floor.draw(SQUARE)
    track = floor.walk([IN] * 20, ends=False)
    wider = Zone("square", ((90, 90), (300, 90), (300, 300), (90, 300)))
    change(floor.connection, "cam", "square", wider, at=NOON + 1950)
    floor.walk([*[IN] * 10, OUT], since=2000, track=track)
    assert floor.stays() == [(0, 1900), (2000, 2900)]


def test_of_a_changed_line_each_version_has_the_crossings_of_its_time(floor: Floor) -> None:
    floor.draw(DOOR)
    floor.walk([*straight((150, 50), (150, 150), 10), *straight((150, 150), (150, 50), 10)])
    change(floor.connection, "cam", "door", Line("door", ((100, 120), (200, 120))), at=NOON + 900)
    derive_in(floor.connection)
    assert floor.crossings() == [(500, "forward"), (1400, "backward")]


def test_a_change_to_the_past_is_as_if_it_had_been_drawn_so(floor: Floor) -> None:
    floor.draw(SQUARE)
    floor.walk([*[IN] * 10, *[OUT] * 10])
    change(floor.connection, "cam", "square", LEFT, past=True)
    derive_in(floor.connection)
    assert floor.stays() == [(1000, 1900)]
    assert [each.shape for each in versions(floor.connection, "zone")] == [LEFT]


def test_new_names_are_those_of_all_versions_and_change_no_numbers(floor: Floor) -> None:
    floor.draw(DOOR)
    floor.walk([(150, 50), (150, 150)])
    change(floor.connection, "cam", "door", Line("door", ((0, 120), (300, 120))), at=NOON + 900)
    derive_in(floor.connection)
    present = find(floor.connection, "line", "cam", "door").shape
    assert isinstance(present, Line)
    renamed = replace(present, name="gate", forward="down", backward="up")
    change(floor.connection, "cam", "door", renamed)
    assert underived(floor.connection) == 0
    names = [(v.name, v.shape.forward) for v in versions(floor.connection, "line")]  # type: ignore[union-attr]
    assert names == [("gate", "down"), ("gate", "down")]
    assert floor.crossings("gate") == [(50, "forward")]
    hour = select(floor.connection, Filter(NOON, NOON + HOUR), NOON + HOUR)
    by_way = measure("crossings", hour, ("direction",)).rows.set_index("direction")["value"]
    assert by_way.to_dict() == {"down": 1, "up": 0}


def test_a_name_that_is_or_was_anothers_cannot_be_taken(floor: Floor) -> None:
    put(floor.connection, "cam", [SQUARE, replace(LEFT, name="left")])
    end(floor.connection, "zone", "cam", "left")
    with pytest.raises(DrawingError, match="has, or had, a zone 'left' already"):
        change(floor.connection, "cam", "square", replace(SQUARE, name="left"))


def test_what_is_deleted_counts_nothing_any_more(floor: Floor) -> None:
    floor.draw(SQUARE, DOOR)
    floor.walk(straight((150, 50), (150, 150), 10))
    assert delete(floor.connection, "line", "cam", "door") == 1
    assert floor.crossings() == []
    assert len(floor.stays()) == 1
    with pytest.raises(DrawingError, match="no line 'door'; it has none"):
        delete(floor.connection, "line", "cam", "door")


def test_what_has_ended_keeps_its_past_and_may_begin_again(floor: Floor) -> None:
    floor.draw(SQUARE)
    floor.walk([IN] * 20)
    end(floor.connection, "zone", "cam", "square", at=NOON + 1000)
    assert floor.stays() == [(0, 900)]
    assert current(floor.connection, "zone") == []
    again = add(floor.connection, "cam", SQUARE)
    assert again.since == NOON + 1000  # never two at a time
    derive_in(floor.connection)
    assert floor.stays() == [(0, 900), (1000, 1900)]
    assert delete(floor.connection, "zone", "cam", "square") == 2


def test_shapes_are_put_all_or_none(floor: Floor) -> None:
    with pytest.raises(NothingRecorded):
        put(floor.connection, "roof", [SQUARE])
    put(floor.connection, "cam", [SQUARE])
    put(floor.connection, "cam", [replace(LEFT, name="left"), LEFT], past=True)
    assert {each.name: each.shape for each in current(floor.connection, "zone")} == {
        "left": replace(LEFT, name="left"),
        "square": LEFT,
    }


def test_what_another_program_wrote_and_is_no_shape_is_left_out(floor: Floor) -> None:
    for polygon in ("[]", "", "{", "[[0, 0], [9, 9]]"):
        query = "INSERT INTO zones VALUES (NULL, 0, 'odd', ?, 0, NULL)"
        floor.connection.execute(query, (polygon,))
    floor.connection.commit()
    floor.draw(SQUARE)
    floor.walk([IN])
    assert floor.stays() == [(0, 0)]
    assert [each.name for each in versions(floor.connection, "zone")] == ["square"]


def test_deriving_that_is_broken_off_goes_on_where_it_was(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.zones.deriving.AT_ONCE", 25)
    for number in range(6):
        floor.walk([IN] * 10, since=number * 10_000)
    add(floor.connection, "cam", SQUARE)
    told: list[tuple[int, int]] = []
    begun = derive_in(
        floor.connection, progress=lambda *each: told.append(each), wait=lambda _: True
    )
    assert (begun.finished, begun.tracks, told) == (False, 3, [(30, 60)])
    assert len(floor.everything()[0]) == 3
    rest = derive_in(floor.connection, progress=lambda *each: told.append(each))
    assert (rest.finished, rest.tracks, told[1:]) == (True, 3, [(30, 30), (30, 30)])
    assert len(floor.stays()) == 6


def test_tracks_that_change_while_they_are_looked_at_are_looked_at_again(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = floor.walk([IN] * 5, ends=False)
    gone = floor.walk([IN] * 5, since=5000)
    add(floor.connection, "cam", SQUARE)
    from tracking.zones import deriving

    read = deriving.read_feet

    def slowly(connection: sqlite3.Connection, tracks: list[int]) -> object:
        monkeypatch.setattr(deriving, "read_feet", read)
        feet = read(connection, tracks)
        floor.walk([IN] * 5, since=500, track=track)
        connection.execute("DELETE FROM people_tracks WHERE track_id = ?", (gone,))
        connection.commit()
        return feet

    monkeypatch.setattr(deriving, "read_feet", slowly)
    assert derive_in(floor.connection).finished
    assert floor.stays() == [(0, 900)]


def test_a_purge_takes_stays_and_crossings_with_their_tracks(tmp_path: Path) -> None:
    db = tmp_path / "floor.db"
    with a_floor(db, SQUARE, DOOR) as floor:
        for day in range(3):
            floor.walk(straight((150, 50), (150, 150), 10), since=day * 24 * HOUR)
        floor.end(2 * 24 * HOUR + 2000)
    purge(db, NOON + 24 * HOUR - 1)
    with closing(open_database(db)) as connection:
        assert connection.execute("SELECT count(*) FROM crossings").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM zone_stays").fetchone() == (2,)
        rows = connection.execute("SELECT * FROM zone_stays").fetchall()
        assert derive(db, everything=True).tracks == 2
        assert connection.execute("SELECT * FROM zone_stays").fetchall() == rows
    remove_source(db, "cam")
    with closing(open_database(db)) as connection:
        assert connection.execute("SELECT count(*) FROM zone_stays").fetchone() == (0,)
        assert (current(connection, "zone"), derive_in(connection).finished) == ([], True)


def test_a_purge_in_the_middle_of_a_track_leaves_what_it_did_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "long.db"
    with a_floor(db, SQUARE, DOOR, fps=1) as floor:
        floor.walk([(150, 50), *[IN] * 300, (150, 50)], batch=100)
        floor.end(302_000)
    monkeypatch.setattr("tracking.retention._Work.delete_coverage", lambda *_: None)
    calls = iter([False] * 3)  # it is broken off after the first parts
    with closing(open_database(db)) as connection:
        from tracking.retention import _Work

        work = _Work(connection, lambda *_: None, lambda _: next(calls, True))
        work._rows = 100
        work.step(lambda: work._shorten(1, NOON // 60_000 + 2))
        stays = [(a - NOON, b - NOON) for a, b in _stays(connection)]
        assert stays == [(120_000, 300_000)]
        crossed = connection.execute("SELECT t, direction FROM crossings").fetchall()
        assert crossed == [(NOON + 300_500, "backward")]
        assert derive_in(connection, everything=True).finished
        assert [(a - NOON, b - NOON) for a, b in _stays(connection)] == stays


def _stays(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    return connection.execute("SELECT entered_at, left_at FROM zone_stays ORDER BY 1").fetchall()


def test_what_is_imported_is_counted_at_once(tmp_path: Path) -> None:
    with a_floor(tmp_path / "floor.db", SQUARE, DOOR) as floor:
        floor.walk(straight((150, 50), (150, 150), 10))
        floor.end(1000)
        export_tracks(floor.connection, "cam", "csv", tmp_path / "tracks.csv")
        import_tracks(floor.connection, "cam", "csv", tmp_path / "tracks.csv")
        assert floor.stays() == [(500, 1000)] * 2
        assert floor.crossings() == [(500, "forward")] * 2


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no database"):
        derive(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_the_numbers_of_metrics_are_those_that_were_derived(floor: Floor) -> None:
    floor.draw(SQUARE, DOOR)
    floor.walk([*straight((150, 50), (150, 150), 10), *straight((150, 150), (150, 50), 10)])
    floor.walk(straight((150, 50), (150, 150), 10), since=5000)
    floor.walk(straight((20, 20), (20, 220), 10), since=9000)
    stays, crossings = floor.stays(), floor.crossings()
    assert (len(stays), len(crossings)) == (2, 3)
    hour = Filter(NOON, NOON + HOUR)
    everybody = select(floor.connection, hour, NOON + HOUR)
    inside = select(floor.connection, replace(hour, zones=("square",)), NOON + HOUR)
    seconds = [(left - entered) / 1000 for entered, left in stays]
    assert measure("tracks", everybody).value == 3
    assert measure("crossings", everybody).value == len(crossings)
    assert measure("net", everybody).value == 1
    by_way = measure("crossings", everybody, ("direction",)).rows.set_index("direction")["value"]
    assert by_way.to_dict() == {"in": 2, "out": 1}
    assert measure("arrivals", inside).value == len(stays)
    assert measure("presence", inside).value == pytest.approx(sum(seconds))
    assert measure("stay_max", inside).value == pytest.approx(max(seconds))
    assert measure("visits", inside).value == 2


def test_what_was_deleted_comes_back_with_all_versions_and_numbers(floor: Floor) -> None:
    floor.draw(SQUARE)
    floor.walk([*[IN] * 10, *[OUT] * 30, *[IN] * 10])
    change(floor.connection, "cam", "square", LEFT, at=NOON + 2000)
    derive_in(floor.connection)
    before, counted = versions(floor.connection, "zone", "cam", "square"), floor.everything()
    delete(floor.connection, "zone", "cam", "square")
    restore(floor.connection, "zone", "cam", ["square"], before)
    assert versions(floor.connection, "zone", "cam", "square") == before
    assert derive_in(floor.connection).versions == 2
    assert floor.everything() == counted


def test_a_change_that_is_taken_back_was_never_made(floor: Floor) -> None:
    floor.draw(SQUARE, DOOR)
    floor.walk([*[IN] * 10, *[OUT] * 30, *[IN] * 10])
    before, counted = versions(floor.connection, "zone", "cam", "square"), floor.everything()
    change(floor.connection, "cam", "square", replace(LEFT, name="desk"), at=NOON + 2000)
    derive_in(floor.connection)
    restore(floor.connection, "zone", "cam", ["square", "desk"], before)
    assert versions(floor.connection, "zone", "cam") == before
    derive_in(floor.connection)
    assert floor.everything() == counted


def test_names_that_are_taken_back_leave_nothing_to_derive(floor: Floor) -> None:
    floor.draw(DOOR)
    floor.walk([(150, 50), (150, 150)])
    before = versions(floor.connection, "line", "cam", "door")
    change(floor.connection, "cam", "door", replace(DOOR, name="gate", forward="down"))
    restore(floor.connection, "line", "cam", ["door", "gate"], before)
    assert versions(floor.connection, "line", "cam") == before
    assert underived(floor.connection) == 0
    assert floor.crossings() == [(50, "forward")]


def test_what_was_drawn_and_is_taken_back_is_gone(floor: Floor) -> None:
    floor.draw(SQUARE)
    floor.walk([IN])
    restore(floor.connection, "zone", "cam", ["square"], [])
    assert (versions(floor.connection, "zone"), floor.everything()[0]) == ([], [])


def test_what_was_ended_goes_on_under_an_id_of_its_own_where_that_was_taken(floor: Floor) -> None:
    floor.draw(SQUARE)
    floor.walk([*[IN] * 10, *[OUT] * 30, *[IN] * 10])
    before = versions(floor.connection, "zone", "cam", "square")
    delete(floor.connection, "zone", "cam", "square")
    other = add(floor.connection, "cam", replace(LEFT, name="left"))
    assert other.id == before[0].id
    restore(floor.connection, "zone", "cam", ["square"], before)
    derive_in(floor.connection)
    assert floor.stays() == [(0, 900), (4000, 4900)]
    assert floor.stays("left") == [(1000, 3900)]


@pytest.mark.parametrize("at_once", [1, 20, 1000])
def test_what_a_shape_would_count_is_what_it_counts_once_drawn(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("tracking.zones.deriving.AT_ONCE", at_once)
    floor.walk([*straight((150, 50), (150, 150), 10), *straight((150, 150), (150, 50), 10)])
    floor.walk([*[IN] * 10, *[OUT] * 30, *[IN] * 10])
    floor.walk([OUT] * 5)
    told: list[tuple[int, int]] = []
    zone = try_out(floor.connection, 0, SQUARE, progress=lambda *each: told.append(each))
    line = try_out(floor.connection, 0, DOOR)
    assert told[-1] == (77, 77)
    assert floor.everything() == ([], [])
    floor.draw(SQUARE, DOOR)
    stays = floor.stays()
    assert (zone.tracks, zone.inside, zone.stays) == (3, 2, len(stays))
    assert zone.seconds == sum(left - entered for entered, left in stays) / 1000
    ways = [way for _, way in floor.crossings()]
    assert (
        (line.forward, line.backward) == (ways.count("forward"), ways.count("backward")) == (1, 1)
    )


def test_what_a_shape_would_count_is_that_of_the_time_that_is_asked_about(floor: Floor) -> None:
    for minute in range(3):
        floor.walk(straight((150, 50), (150, 150), 10), since=minute * 60_000)
    tried = try_out(floor.connection, 0, DOOR, NOON + 60_000, NOON + 120_000)
    assert (tried.tracks, tried.forward, tried.backward) == (1, 1, 0)
    assert try_out(floor.connection, 0, SQUARE, NOON + 10_000, NOON + 60_000).stays == 0
