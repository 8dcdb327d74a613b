"""Tracks that broke are joined into visits: worlds of a few people, of whom all is known."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from tests.conftest import NOON
from tracking import visits
from tracking.database import open_database, open_readonly
from tracking.errors import SettingsError
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.filters import Filter
from tracking.frame import Frame, Track
from tracking.logger import DatabaseLogger
from tracking.metrics import measure, select
from tracking.retention import purge
from tracking.study import write_study
from tracking.visits import VisitSettings, keeping

SQUARE = Source("square", "stream", "rtsp://192.0.2.1", "UTC", 640, 480, 10.0)
NO_PICTURE = np.empty((0, 0, 3), np.uint8)
Point = tuple[float, float]


@dataclass(frozen=True)
class Seen:
    """A track: a straight way of a foot in pixels, seen ten times a second. Times in seconds."""

    since: float
    until: float
    begin: Point
    end: Point
    label: str = "person"
    box: Point = (40, 100)
    confidence: float = 0.9

    def at(self, t: float, number: int) -> Track:
        done = (t - self.since) / (self.until - self.since)
        x, foot = (a + (b - a) * done for a, b in zip(self.begin, self.end, strict=True))
        return Track(number, self.label, self.confidence, x, foot - self.box[1] / 2, *self.box)


def record(
    path: Path, tracks: Iterable[Seen], source: Source = SQUARE, began: float = 0, until: float = 0
) -> None:
    """Write a run, as a runner would; its tracks get ids in this order where they are the first."""
    tracks = tuple(tracks)
    run = Run(source, NOON + round(1000 * began), "yolo", None, "botsort", "0")
    last = round(10 * max(until, *(track.until for track in tracks)))
    with closing(open_database(path)) as connection:
        logger = DatabaseLogger(connection, patience=60)
        logger(SourceStarted(run))
        for index, tenth in enumerate(range(round(10 * began), last + 1)):
            seen = tuple(
                track.at(tenth / 10, number)
                for number, track in enumerate(tracks, 1)
                if round(10 * track.since) <= tenth <= round(10 * track.until)
            )
            logger(TracksSeen(run, Frame(index, NOON + 100 * tenth, NO_PICTURE, seen)))
        logger(SourceEnded(run, NOON + 100 * last, last, "finished"))
        logger.flush()


World = Callable[..., sqlite3.Connection]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A database of these tracks; their ids are 1, 2, 3 ..., in the order in which they began."""
    opened = []

    def make(*tracks: Seen, **settings: float) -> sqlite3.Connection:
        record(tmp_path / "people.db", sorted(tracks, key=lambda track: track.since), **settings)
        opened.append(open_database(tmp_path / "people.db"))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


def visit_ids(connection: sqlite3.Connection) -> dict[int, int | None]:
    return dict(connection.execute("SELECT id, visit_id FROM people_tracks"))


def joined(connection: sqlite3.Connection, **settings: float) -> list[tuple[int, int]]:
    """Join everything; which track then goes on as which."""
    visits.join(connection, VisitSettings.of(settings))
    least = VisitSettings.of(settings).score
    return connection.execute(
        "SELECT track, next FROM joins WHERE score >= ? ORDER BY next", (least,)
    ).fetchall()


BEFORE = Seen(0, 4, (100, 300), (300, 300))
AFTER = Seen(6, 10, (400, 300), (600, 300))
"""Somebody who walks half its height a second, and was behind a pillar for two seconds."""


def test_who_was_behind_a_pillar_is_one_visit(world: World) -> None:
    connection = world(BEFORE, AFTER)
    assert joined(connection) == [(1, 2)]
    assert visit_ids(connection) == {1: 1, 2: 1}
    ((gap, score),) = connection.execute("SELECT gap, score FROM joins").fetchall()
    assert gap == 2000
    assert 0.9 < score < 1


def test_a_visit_of_many_tracks_has_the_id_of_the_first_and_who_is_alone_none(world: World) -> None:
    connection = world(
        Seen(0, 2, (50, 300), (150, 300)),
        Seen(0.5, 9, (500, 450), (500, 150)),
        Seen(3, 5, (200, 300), (300, 300)),
        Seen(6.5, 9, (375, 300), (500, 300)),
    )
    assert joined(connection) == [(1, 3), (3, 4)]
    assert visit_ids(connection) == {1: 1, 2: None, 3: 1, 4: 1}


def test_the_tracks_stay_as_they_are(world: World) -> None:
    connection = world(BEFORE, AFTER)
    kept = "SELECT id, run_id, track_id, label, first_seen, last_seen, positions FROM people_tracks"
    before = connection.execute(kept).fetchall(), count_of(connection, "positions")
    visits.join(connection)
    assert (connection.execute(kept).fetchall(), count_of(connection, "positions")) == before


def count_of(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_two_who_cross_behind_a_pillar_go_on_in_their_directions(world: World) -> None:
    connection = world(
        Seen(0, 4, (100, 300), (300, 300)),
        Seen(0.1, 4, (540, 310), (340, 310)),
        Seen(5, 9, (350, 300), (550, 300)),
        Seen(5.1, 9, (285, 310), (90, 310)),
    )
    assert joined(connection) == [(1, 3), (2, 4)]


def test_of_two_who_meet_the_one_who_was_lost_is_found_again(world: World) -> None:
    connection = world(
        Seen(0, 10, (100, 300), (600, 300)),
        Seen(0.1, 4.5, (580, 330), (360, 330)),  # hidden by the one in front
        Seen(5.5, 10, (310, 330), (85, 330)),
    )
    assert joined(connection) == [(2, 3)]


def test_who_stops_behind_a_pillar_and_goes_on_is_one_visit(world: World) -> None:
    connection = world(
        Seen(0, 4, (100, 300), (280, 300)),
        Seen(8, 12, (330, 300), (500, 300)),
    )
    assert joined(connection) == [(1, 2)]


def test_who_stands_still_and_is_not_seen_for_a_while_is_one_visit(world: World) -> None:
    connection = world(
        Seen(0, 4, (300, 300), (302, 300)),
        Seen(9, 12, (303, 302), (303, 302)),
    )
    assert joined(connection) == [(1, 2)]


@pytest.mark.parametrize(
    "other",
    [
        replace(AFTER, label="dog"),
        replace(AFTER, box=(20, 50)),
        replace(AFTER, begin=(60, 450), end=(200, 450)),  # two and a half heights back, and aside
        replace(AFTER, since=15.0, until=19.0),
    ],
    ids=["another label", "another size", "another place", "too late"],
)
def test_another_one_is_another_visit(world: World, other: Seen) -> None:
    connection = world(BEFORE, other)
    assert joined(connection) == []
    assert visit_ids(connection) == {1: None, 2: None}


def test_who_left_by_the_edge_is_not_the_next_who_comes_in_there(world: World) -> None:
    connection = world(
        Seen(0, 4, (420, 300), (620, 300)),
        Seen(5, 9, (620, 300), (420, 300)),
        Seen(20, 24, (220, 300), (20, 300)),
        Seen(24.5, 30, (24, 300), (20, 300)),
    )
    assert joined(connection) == []


def test_who_was_lost_in_the_middle_did_not_come_in_by_the_edge(world: World) -> None:
    connection = world(
        Seen(0, 4, (400, 300), (560, 300)),
        Seen(5, 9, (620, 300), (500, 300)),
    )
    assert joined(connection) == []


def test_what_is_at_the_edge_of_a_frame_of_unknown_size_is_in_the_middle(tmp_path: Path) -> None:
    unknown = replace(SQUARE, width=0, height=0)
    record(tmp_path / "people.db", [Seen(0, 4, (5, 300), (5, 300))], unknown)
    record(tmp_path / "people.db", [Seen(5, 9, (5, 300), (5, 300))], unknown, began=4.5)
    with closing(open_database(tmp_path / "people.db")) as connection:
        connection.execute("UPDATE runs SET width = NULL, height = NULL")
        connection.commit()
        assert joined(connection) == [(1, 2)]


STRANGERS = [
    Seen(2 + place / 10, 12, (60 + 40 * place, 140), (60 + 40 * place, 140), box=(20, 100))
    for place in range(10)
]
"""Ten who come into sight, and stand, where there is no edge and no door."""


@pytest.mark.parametrize(
    ("others", "expected"), [([], True), (STRANGERS, False)], ids=["alone", "among many"]
)
def test_where_many_come_from_nowhere_one_is_more_easily_taken_for_another(
    world: World, others: list[Seen], expected: bool
) -> None:
    aside = replace(AFTER, begin=(400, 410), end=(600, 410))
    assert bool(joined(world(BEFORE, *others, aside))) is expected


def test_two_boxes_on_one_person_for_a_moment_are_one_visit(world: World) -> None:
    connection = world(
        Seen(0, 4.5, (100, 300), (325, 300)),
        Seen(4, 9, (302, 302), (550, 300)),
    )
    assert joined(connection) == [(1, 2)]
    assert connection.execute("SELECT gap FROM joins").fetchone() == (-500,)
    assert joined(connection, overlap=0) == []


def test_who_is_seen_beside_another_for_long_is_another(world: World) -> None:
    connection = world(
        Seen(0, 6, (100, 300), (400, 300)),
        Seen(2, 9, (200, 305), (550, 305)),
    )
    assert joined(connection) == []


def test_a_track_of_a_single_box_is_joined_by_where_it_is(world: World) -> None:
    connection = world(
        BEFORE, Seen(4.4, 4.5, (320, 300), (325, 300)), Seen(5, 9, (350, 300), (550, 300))
    )
    assert joined(connection) == [(1, 2), (2, 3)]


def test_another_source_is_another_visit(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    record(path, [BEFORE])
    record(path, [AFTER], replace(SQUARE, name="hall"))
    with closing(open_database(path)) as connection:
        assert joined(connection) == []


@pytest.mark.parametrize(
    ("later", "expected"), [(0, [(1, 2)]), (2, [])], ids=["at once", "after a while"]
)
def test_who_is_seen_after_a_restart_is_one_visit_if_it_was_quick(
    tmp_path: Path, later: float, expected: list[tuple[int, int]]
) -> None:
    path = tmp_path / "people.db"
    record(path, [BEFORE])
    record(path, [replace(AFTER, since=6 + later, until=10 + later)], began=5 + later)
    with closing(open_database(path)) as connection:
        assert joined(connection) == expected


def test_a_clip_that_was_tracked_twice_is_not_joined_with_itself(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    record(path, [BEFORE], until=10)
    record(path, [AFTER])
    with closing(open_database(path)) as connection:
        assert joined(connection) == []


def test_a_track_that_was_lost_twice_goes_on_once(world: World) -> None:
    """Two could go on as it; the one that fits better does, and the other is alone."""
    connection = world(BEFORE, replace(AFTER, begin=(385, 330), end=(585, 330)), AFTER)
    assert joined(connection) == [(1, 3)]
    assert visit_ids(connection) == {1: 1, 2: None, 3: 1}


# again, and step by step


def test_joining_again_with_other_settings_replaces_the_visits(world: World) -> None:
    connection = world(BEFORE, AFTER)
    assert joined(connection) == [(1, 2)]
    assert joined(connection, longest_gap=1.5) == []
    assert visit_ids(connection) == {1: None, 2: None}
    assert joined(connection) == [(1, 2)]


def test_undone_every_track_stands_for_itself(world: World) -> None:
    connection = world(BEFORE, AFTER)
    visits.join(connection, VisitSettings(longest_gap=5))
    visits.undo(connection)
    assert visit_ids(connection) == {1: None, 2: None}
    assert count_of(connection, "joins") == 0
    assert visits.visit_settings(connection) == VisitSettings()


def test_a_database_keeps_the_settings_that_it_was_joined_with(world: World) -> None:
    connection = world(BEFORE, AFTER)
    visits.join(connection, VisitSettings(longest_gap=1.5))
    visits.join(connection)
    assert visits.visit_settings(connection).longest_gap == 1.5
    assert count_of(connection, "joins") == 0


def test_settings_of_another_version_are_the_usual_ones(world: World) -> None:
    connection = world(BEFORE, AFTER)
    visits.join(connection)
    connection.execute("""UPDATE joinings SET settings = '{"warp": 9}'""")
    assert visits.visit_settings(connection) == VisitSettings()


def a_busy_square(seed: int) -> list[Seen]:
    """A minute of people who walk across and are lost in the middle of it."""
    random = np.random.default_rng(seed)
    tracks = []
    for _ in range(25):
        since, y = float(random.integers(0, 450)) / 10, float(random.uniform(120, 460))
        left = bool(random.integers(2))
        speed = float(random.uniform(40, 90)) * (1 if left else -1)
        lost = float(random.integers(20, 30)) / 10
        gap = float(random.integers(5, 30)) / 10
        begin = 60 if left else 580
        tracks.append(Seen(since, since + lost, (begin, y), (begin + speed * lost, y)))
        again = since + lost + gap
        place = begin + speed * (lost + gap)
        tracks.append(Seen(again, again + 2, (place, y), (place + 2 * speed, y)))
    return sorted(tracks, key=lambda track: track.since)


def all_joins(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    joins = connection.execute("SELECT track, next, score, gap FROM joins ORDER BY track")
    return [*joins, *sorted(visit_ids(connection).items())]


@pytest.mark.parametrize("seed", range(3))
def test_step_by_step_the_joins_are_the_same_as_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """As a runner sees them: what is later is not there yet, and what goes on is unfinished."""
    monkeypatch.setattr(visits.joining, "MAY_RETURN", 0)
    connection = world(*a_busy_square(seed))
    visits.join(connection)
    at_once = all_joins(connection)
    assert len(at_once) > 60
    visits.undo(connection)
    whole = {table: connection.execute(f"SELECT * FROM {table}").fetchall()
             for table in ("positions", "people_tracks")}  # fmt: skip
    connection.execute("DELETE FROM people_tracks")
    for now in range(NOON + 5000, NOON + 61_000, 5000):
        write_until(connection, now, whole)
        visits.go_on(connection, 0)
    write_until(connection, NOON + 100_000, whole)
    visits.go_on(connection, 0)
    assert all_joins(connection) == at_once


def write_until(connection: sqlite3.Connection, now: int, whole: dict[str, list[Any]]) -> None:
    """Have the database hold what was seen up to that time."""
    for track in whole["people_tracks"]:
        if track[5] <= now:
            connection.execute(
                "INSERT INTO people_tracks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"
                " ON CONFLICT DO UPDATE SET last_seen = excluded.last_seen",
                (*track[:6], min(track[6], now // 100 * 100), *track[7:9]),
            )
    rows = [row for row in whole["positions"] if row[1] <= now]
    marks = ", ".join("?" * 8)
    connection.executemany(f"INSERT OR IGNORE INTO positions VALUES ({marks})", rows)
    connection.execute("UPDATE runs SET ended_at = ?", (now,))
    connection.commit()


def test_going_on_leaves_what_was_before_a_time_alone(world: World) -> None:
    connection = world(BEFORE, AFTER, *(shifted(each, 60) for each in (BEFORE, AFTER)))
    visits.go_on(connection, 0, since=NOON + 30_000)
    assert visit_ids(connection) == {1: None, 2: None, 3: 3, 4: 3}


def shifted(track: Seen, seconds: float) -> Seen:
    return replace(track, since=track.since + seconds, until=track.until + seconds)


def test_what_is_decided_for_good_is_not_looked_at_again(world: World) -> None:
    connection = world(BEFORE, AFTER, *(shifted(each, 120) for each in (BEFORE, AFTER)))
    assert visits.join(connection).tracks == 4
    assert visits.go_on(connection, 0).tracks == 2
    assert visit_ids(connection) == {1: 1, 2: 1, 3: 3, 4: 3}


def test_a_track_that_goes_on_after_all_is_no_longer_joined(world: World) -> None:
    """The tracker found it again by itself, after another one was taken for it."""
    connection = world(BEFORE, AFTER)
    visits.go_on(connection, 0)
    assert visit_ids(connection) == {1: 1, 2: 1}
    connection.execute("UPDATE people_tracks SET last_seen = ? WHERE id = 1", (NOON + 10_500,))
    connection.commit()
    visits.go_on(connection, 0)
    assert visit_ids(connection) == {1: None, 2: None}


def test_progress_is_told_to_the_end(world: World) -> None:
    told: list[tuple[int, int]] = []
    visits.join(world(BEFORE, AFTER), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (2, 2)


# the record around it


def test_visits_are_counted_with_the_fewest_and_the_most_there_may_be(world: World) -> None:
    doubtful = Seen(17, 20, (330, 390), (330, 390))
    brief = Seen(18.5, 19, (100, 200), (120, 200))
    connection = world(BEFORE, AFTER, Seen(9, 11, (280, 390), (280, 390)), doubtful, brief)
    visits.join(connection)
    scores = dict(connection.execute("SELECT track, score FROM joins"))
    assert 0.5 < scores[3] < 0.9 < scores[1]
    assert visits.count(connection) == visits.Count(tracks=5, visits=3, low=2, high=4)
    assert visits.count(connection, [1]) == visits.Count(1, 1, 1, 1)
    assert visits.count(connection, []) == visits.Count(0, 0, 0, 0)
    assert visits.counts(connection) == {0: visits.count(connection)}


@pytest.mark.parametrize(
    ("until", "confidence", "doubtful"),
    [(1, 0.4, 1), (1, 0.7, 0), (4, 0.4, 0)],
    ids=["a moment, unsurely", "a moment, surely", "unsurely, for long"],
)
def test_who_was_seen_for_a_moment_and_never_surely_is_doubtful(
    world: World, until: float, confidence: float, doubtful: int
) -> None:
    fox = Seen(0, until, (300, 300), (300, 300), confidence=confidence)
    connection = world(fox, Seen(0, 4, (100, 300), (300, 300)))
    assert visits.count(connection).doubtful == doubtful
    assert visits.count(connection).visits == 2


def test_a_visit_whose_middle_is_not_asked_about_is_one(world: World) -> None:
    connection = world(
        Seen(0, 3, (50, 300), (200, 300)),
        Seen(4, 6, (250, 300), (350, 300)),
        Seen(7, 10, (400, 300), (550, 300)),
    )
    visits.join(connection)
    assert visits.count(connection, [1, 3]) == visits.Count(2, 1, 1, 1)


def test_metrics_count_a_visit_once(world: World) -> None:
    connection = world(BEFORE, AFTER)
    visits.join(connection)
    selected = select(connection, Filter(NOON, NOON + 60_000), NOON + 60_000)
    assert measure("visits", selected).value == 1
    assert measure("tracks", selected).value == 2


def test_what_is_purged_is_no_part_of_a_visit_any_more(world: World, tmp_path: Path) -> None:
    connection = world(BEFORE, AFTER)
    visits.join(connection)
    purge(tmp_path / "people.db", NOON + 5000)
    assert visits.count(connection) == visits.Count(1, 1, 1, 1)
    assert count_of(connection, "joins") == 0
    visits.join(connection)
    assert visit_ids(connection) == {2: None}


def test_a_study_has_the_visits_with_their_scores(world: World, tmp_path: Path) -> None:
    connection = world(BEFORE, AFTER)
    visits.join(connection)
    write_study(connection, tmp_path / "study.db", since=NOON, until=NOON + 60_000)
    with closing(open_readonly(tmp_path / "study.db")) as study:
        assert all_joins(study) == all_joins(connection)
        assert visits.count(study) == visits.Count(2, 1, 1, 1)


def test_a_track_whose_beginning_is_gone_goes_on_from_none(world: World) -> None:
    connection = world(BEFORE, AFTER)
    connection.execute("DELETE FROM positions WHERE track = 2 AND t < ?", (NOON + 8000,))
    connection.commit()
    assert joined(connection) == []


def test_an_empty_database_has_no_visits(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "people.db")) as connection:
        assert visits.join(connection) == visits.Joined(0, 0)
        assert visits.count(connection) == visits.Count(0, 0, 0, 0)
        assert visits.counts(connection) == {}


def test_a_runner_joins_what_ended_since_it_began(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = world(BEFORE, AFTER, *(shifted(each, 60) for each in (BEFORE, AFTER)))
    monkeypatch.setattr(keeping, "EVERY", 0.01)
    monkeypatch.setattr(keeping, "now_ms", lambda: NOON + 30_000)
    stopping, said = threading.Event(), []
    keeper = threading.Thread(
        target=visits.keep_joined, args=(tmp_path / "people.db", stopping, said.append)
    )
    keeper.start()
    for _ in range(500):
        if count_of(connection, "joins"):
            break
        stopping.wait(0.01)
    stopping.set()
    keeper.join(5)
    assert visit_ids(connection) == {1: None, 2: None, 3: 3, 4: 3}
    assert said == []


# settings and the command


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"warp": 9}, "no setting 'warp'; they have longest_gap"),
        ({"longest_gap": 0}, "longest_gap of visits cannot be 0: it is above 0 to 120"),
        ({"overlap": "long"}, "overlap of visits cannot be 'long': it is 0 to 10"),
        ({"drift": "nan"}, "drift of visits cannot be 'nan'"),
        ({"score": 0.95}, r"must rise from lenient \(0.1\) over score \(0.95\) to strict \(0.9\)"),
        ({"strict": 1.5}, "strict of visits cannot be 1.5"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        VisitSettings.of(settings)


Here = Callable[..., CompletedProcess[str]]


def test_the_command_joins_and_counts(world: World, tmp_path: Path, tracking_here: Here) -> None:
    connection = world(BEFORE, AFTER, Seen(0, 9, (500, 450), (500, 150)))
    db = tmp_path / "people.db"
    shown = tracking_here("visits", "--db", db)
    assert shown.returncode == 0, shown.stderr
    assert words_of(shown.stdout, "square") == ["3", "2", "2", "2", "0"]
    assert set(visit_ids(connection).values()) == {1, None}
    shown = tracking_here("visits", "--db", db, "--set", "longest_gap=1.5")
    assert words_of(shown.stdout, "square") == ["3", "3", "3", "3", "0"]
    assert "with longest_gap=1.5" in shown.stdout
    assert "with longest_gap=1.5" in tracking_here("visits", "--db", db).stdout
    assert "with" not in tracking_here("visits", "--db", db, "--usual").stdout
    shown = tracking_here("visits", "--db", db, "--undo")
    assert "stands for itself again" in shown.stdout
    assert set(visit_ids(connection).values()) == {None}


def words_of(shown: str, name: str) -> list[str]:
    """The numbers in the row of a source."""
    row = next(line for line in shown.splitlines() if name in line)
    return [word for word in row.split() if word.isdigit()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "longest_gap"], "--set 'longest_gap' is not NAME=VALUE"),
        (["--set", "warp=9"], "no setting 'warp'"),
        (["--undo", "--usual"], "--undo takes no other option"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(
    world: World, tmp_path: Path, tracking_here: Here, arguments: list[str], told: str
) -> None:
    world(BEFORE)
    shown = tracking_here("visits", "--db", tmp_path / "people.db", *arguments)
    assert shown.returncode == 1
    assert told in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_the_command_makes_no_database(tmp_path: Path, tracking_here: Here) -> None:
    shown = tracking_here("visits", "--db", tmp_path / "none.db")
    assert shown.returncode == 1
    assert not (tmp_path / "none.db").exists()
