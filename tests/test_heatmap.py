"""The heatmap: what it shows is where the feet were, and it says in words what is missing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import tracking.streamers
from tracking.database import open_database
from tracking.errors import (
    DatabaseError,
    DatabaseLocked,
    NotADatabase,
    NothingRecorded,
    SettingsError,
)
from tracking.heatmap import Heatmap, presence, read_heatmap
from tracking.plotting import PlotStreamer, describe, draw_heatmap

START = 1_700_000_000_000  # milliseconds UTC: 2023-11-14 22:13:20
SIZE = (160, 120)


def add_source(
    path: Path, name: str = "gate", size: tuple[int | None, int | None] = (160, 96)
) -> None:
    with closing(open_database(path)) as connection, connection:
        connection.execute(
            "INSERT INTO sources VALUES ((SELECT count(*) FROM sources), ?, 'file', 'gate.mp4',"
            " 'Europe/Berlin', ?, ?, 25, ?)",
            (name, *size, START),
        )
        connection.execute(
            "INSERT INTO runs (source_id, started_at, detector, tracker, code_version)"
            " SELECT max(id), ?, 'motion', 'botsort', '0' FROM sources",
            (START,),
        )


def add_track(path: Path, *steps: tuple[float, float, float]) -> None:
    """A track of source 0: seconds since START, x and y of a box 10 wide and 40 high."""
    times = [START + round(seconds * 1000) for seconds, _, _ in steps]
    with closing(open_database(path)) as connection, connection:
        cursor = connection.execute(
            "INSERT INTO people_tracks (run_id, source_id, track_id, label, first_seen, last_seen,"
            " positions, confidence) VALUES (1, 0, (SELECT count(*) FROM people_tracks), 'person',"
            " ?, ?, ?, 0.9)",
            (min(times), max(times), len(times)),
        )
        connection.executemany(
            "INSERT INTO positions VALUES (?, ?, ?, ?, ?, 10, 40, 0.9)",
            [
                (cursor.lastrowid, t, number, x, y)
                for number, (t, (_, x, y)) in enumerate(zip(times, steps, strict=True))
            ],
        )


def standing(
    x: float, y: float, seconds: int, since: float = 0
) -> list[tuple[float, float, float]]:
    return [(since + second, x, y) for second in range(seconds + 1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Source 0, named gate, 160 × 96 pixels, that nobody has passed yet."""
    add_source(tmp_path / "people.db")
    return tmp_path / "people.db"


def plot(path: Path, **settings: object) -> PlotStreamer:
    return PlotStreamer(0, path, **{"interval": 0.01, "size": SIZE, **settings})  # type: ignore[arg-type]


def bright(image: np.ndarray) -> int:
    """How much of a picture is neither page nor paper nor grey text."""
    low, high = image.min(axis=2).astype(int), image.max(axis=2)
    return int((high - low > 100).sum())


def test_the_promised_loop_gives_whole_jpegs(path: Path) -> None:
    add_track(path, *standing(50, 30, seconds=3))
    streamer = PlotStreamer(id=0, db_path=str(path), interval=0.01)
    seen = []
    for frame in streamer:
        seen.append(frame)
        if len(seen) == 3:
            break
    assert all(jpeg[:2] == b"\xff\xd8" and jpeg[-2:] == b"\xff\xd9" for jpeg in seen)


def test_pictures_have_the_size_asked_for_and_times_that_advance(path: Path) -> None:
    streamer = plot(path, size=(333, 251), interval=0.001)
    with closing(streamer.frames()) as frames:
        first, second = islice(frames, 2)
    assert first.image.shape == (251, 333, 3) and first.image.dtype == np.uint8
    assert (first.index, second.index) == (0, 1) and first.t < second.t
    assert isinstance(streamer, tracking.streamers.Streamer) and streamer.kind == "plot"


def test_a_hot_spot_is_where_the_feet_are(path: Path) -> None:
    add_track(path, *standing(x=50, y=30, seconds=7))  # the box ends at y = 50
    seconds = read_heatmap(path, 0).seconds
    assert seconds.shape == (6, 10)
    assert seconds[50 // 16, 50 // 16] == 7 == seconds.sum()


def test_the_picture_is_hottest_at_the_feet(path: Path) -> None:
    add_track(path, *standing(x=40, y=52, seconds=30))  # feet low (y = 72) and to the left
    image = plot(path, size=(800, 600)).picture()
    inside = image[100:500, 80:660]
    rows, columns = np.nonzero(inside.sum(axis=2) > 500)
    assert rows.mean() > 200 and columns.mean() < 250


def test_a_position_vouches_for_two_seconds_at_most_and_the_last_for_none() -> None:
    cells = 10
    track = np.array([0 * cells + 3, 500 * cells + 4, 60_500 * cells + 5])
    assert presence([track, np.array([100_000 * cells + 6])], cells).tolist() == (
        [0, 0, 0, 0.5, 2, 0, 0, 0, 0, 0]
    )


def test_one_track_does_not_vouch_for_the_next() -> None:
    assert presence([np.array([0, 1000]), np.array([1500, 1700])], 1).tolist() == [1.2]
    assert presence([np.array([5000, 6000]), np.array([0, 1000])], 1).tolist() == [2]
    assert presence([], 2).tolist() == [0, 0]


def test_feet_beyond_the_frame_count_at_its_edge(path: Path) -> None:
    add_track(path, *standing(x=-30, y=500, seconds=2))
    add_track(path, *standing(x=1e300, y=-1e300, seconds=2))
    seconds = read_heatmap(path, 0).seconds
    assert seconds[-1, 0] == 2 and seconds[0, -1] == 2


def test_only_the_recent_window_counts_up_to_the_newest_position(path: Path) -> None:
    add_track(path, *standing(20, 0, seconds=5), *standing(20, 0, seconds=5, since=1000))
    add_track(path, *standing(120, 0, seconds=10, since=1800))
    add_track(path, *standing(20, 60, seconds=9))
    recent = read_heatmap(path, 0, window=60)
    assert (recent.tracks, recent.seconds.sum()) == (1, 10)
    assert recent.since == START + 1_800_000 and recent.until == START + 1_810_000
    assert read_heatmap(path, 0, window=3600).tracks == 3
    assert read_heatmap(path, 0, window=900).seconds.sum() == 15


def test_other_sources_do_not_count(path: Path) -> None:
    add_source(path, "yard")
    add_track(path, *standing(20, 20, seconds=5))
    with pytest.raises(NothingRecorded, match=r"people.db has no positions of source 1 \(yard\)"):
        read_heatmap(path, 1)


def test_the_title_says_who_how_many_and_when_on_local_clocks(path: Path) -> None:
    add_track(path, *standing(20, 20, seconds=65))
    heatmap = read_heatmap(path, 0)
    assert describe(heatmap) == (
        "gate",
        "1 track · 2023-11-14 23:13:20 – 23:14:25 +01:00 Europe/Berlin",
    )
    assert describe(heatmap, "UTC")[1] == "1 track · 2023-11-14 22:13:20 – 22:14:25 UTC"
    assert "2023-11-15 03:43:20 – 03:44:25 +05:30" in describe(heatmap, "Asia/Kolkata")[1]


def at_night(path: Path, since: int, until: int, timezone: str) -> str:
    add_track(path, *standing(20, 20, seconds=1))
    heatmap = read_heatmap(path, 0)
    return describe(
        Heatmap("a", timezone, heatmap.grid, heatmap.seconds, 1200, since, until),
    )[1]


def test_a_window_across_the_end_of_summer_time_names_both_offsets(path: Path) -> None:
    text = at_night(path, 1_698_539_400_000, 1_698_543_000_000, "Europe/Berlin")
    assert text == "1,200 tracks · 2023-10-29 02:30:00 +02:00 – 02:30:00 +01:00 Europe/Berlin"


def test_a_window_across_midnight_names_both_days_and_a_lost_zone_reads_as_utc(path: Path) -> None:
    text = at_night(path, START, START + 7_200_000, "Middle/Earth")
    assert text == "1,200 tracks · 2023-11-14 22:13:20 – 2023-11-15 00:13:20 UTC"


@pytest.mark.parametrize(
    "name",
    ["$x^2$ \\frac{", "one\ntwo\ttab", "😀👨‍👩‍👧 東京 \U0010ffff \x00\x07", "W" * 500, "", "$"],
)
def test_any_name_can_be_drawn(tmp_path: Path, name: str) -> None:
    add_source(tmp_path / "a.db", name)
    assert plot(tmp_path / "a.db").picture().shape == (120, 160, 3)
    add_track(tmp_path / "a.db", *standing(20, 20, seconds=5))
    assert bright(plot(tmp_path / "a.db").picture()) > 0
    title, _ = describe(read_heatmap(tmp_path / "a.db", 0))
    assert len(title) <= 44 and "\n" not in title


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"There is no database .*nowhere.db"):
        read_heatmap(tmp_path / "nowhere.db", 0)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database " * 100)
    with pytest.raises(NotADatabase, match=r"notes.txt is not a SQLite database"):
        read_heatmap(tmp_path / "notes.txt", 0)


def test_a_database_without_tables_is_named(tmp_path: Path) -> None:
    (tmp_path / "blank.db").touch()
    with pytest.raises(NothingRecorded, match=r"blank.db holds no recording"):
        read_heatmap(tmp_path / "blank.db", 0)


def test_an_unknown_id_is_named_with_those_there_are(path: Path) -> None:
    add_source(path, "yard")
    with pytest.raises(NothingRecorded, match=r"no source 7; it has 0 \(gate\), 1 \(yard\)"):
        read_heatmap(path, 7)


def test_a_source_without_positions_is_named(path: Path) -> None:
    with pytest.raises(NothingRecorded, match=r"no positions of source 0 \(gate\) yet"):
        read_heatmap(path, 0)


@pytest.mark.parametrize("broken", ["last_seen = 'noon'", f"last_seen = {10**18}"])
def test_impossible_values_are_told_of(path: Path, broken: str) -> None:
    add_track(path, *standing(20, 20, seconds=5))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE people_tracks SET {broken}")
    with pytest.raises(DatabaseError, match="source 0 has impossible values"):
        read_heatmap(path, 0)


def test_every_fault_still_gives_a_picture(tmp_path: Path, path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database " * 100)
    (tmp_path / "blank.db").touch()
    for place in (tmp_path / "nowhere.db", tmp_path, tmp_path / "notes.txt", tmp_path / "blank.db"):
        image = plot(place).picture()
        assert image.shape == (120, 160, 3) and image.max() > 100 and not bright(image)
    assert not bright(PlotStreamer(-1, path, size=SIZE).picture())


def test_data_that_comes_later_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    with closing(plot(path).frames()) as frames:
        assert not bright(next(frames).image)
        add_source(path)
        assert not bright(next(frames).image)
        add_track(path, *standing(20, 20, seconds=5))
        assert bright(next(frames).image)


def test_a_locked_database_is_named_and_shown_when_it_is_free(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.database.LOCK_WAIT", 0.05)
    add_track(path, *standing(20, 20, seconds=5))
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseLocked, match=r"people.db is being written"):
            read_heatmap(path, 0)
        assert not bright(plot(path).picture())
    assert bright(plot(path).picture())


def test_a_replaced_database_is_shown(path: Path, tmp_path: Path) -> None:
    add_source(tmp_path / "other.db")
    add_track(tmp_path / "other.db", *standing(20, 20, seconds=5))
    with closing(plot(path).frames()) as frames:
        assert not bright(next(frames).image)
        os.replace(tmp_path / "other.db", path)
        assert bright(next(frames).image)


def test_a_source_of_unknown_size_is_as_large_as_its_positions(tmp_path: Path) -> None:
    add_source(tmp_path / "a.db", size=(None, None))
    add_track(tmp_path / "a.db", (0, 30, 20), (1, 199.5, 79.5), (2, 100, 50))
    grid = read_heatmap(tmp_path / "a.db", 0).grid
    assert (grid.width, grid.height, grid.cell) == (200, 100, 16)


def test_a_huge_frame_gets_larger_cells_instead_of_endless_ones(tmp_path: Path) -> None:
    add_source(tmp_path / "a.db", size=(10**9, 40_000))
    add_track(tmp_path / "a.db", *standing(20, 20, seconds=2))
    heatmap = read_heatmap(tmp_path / "a.db", 0, cell=1)
    assert heatmap.grid.cell == 100 and heatmap.seconds.shape == (400, 1000)


def test_a_single_sighting_is_drawn_without_presence(path: Path) -> None:
    add_track(path, (0, 20, 20))
    heatmap = read_heatmap(path, 0)
    assert heatmap.tracks == 1 and not heatmap.seconds.any()
    assert draw_heatmap(heatmap, SIZE).shape == (120, 160, 3)


def test_pictures_come_at_the_interval_and_late_ones_are_not_made_up_for(path: Path) -> None:
    with closing(plot(path, interval=0.15).frames()) as frames:
        next(frames)
        began = time.monotonic()
        next(frames)
        assert 0.1 < time.monotonic() - began < 1
        time.sleep(0.5)
        next(frames)  # late: at once, and the next one a whole interval after it
        began = time.monotonic()
        next(frames)
        assert time.monotonic() - began > 0.1


def test_closing_ends_a_waiting_loop_promptly(path: Path) -> None:
    streamer = plot(path, interval=3600)
    first = threading.Event()

    def watch() -> int:
        count = 0
        for _ in streamer:
            count += 1
            first.set()
        return count

    with ThreadPoolExecutor() as pool:
        watching = pool.submit(watch)
        assert first.wait(10)
        began = time.monotonic()
        streamer.close()
        assert watching.result(timeout=5) == 1 and time.monotonic() - began < 1


def test_closing_ends_a_waiting_next_in_another_thread(path: Path) -> None:
    streamer = plot(path, interval=3600)
    next(streamer)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(next, streamer, None)
        time.sleep(0.1)
        streamer.close()
        assert waiting.result(timeout=5) is None


def test_looping_again_works_also_after_closing(path: Path) -> None:
    streamer = plot(path)
    for _ in range(2):
        assert [frame.index for frame in islice(streamer.frames(), 2)] == [0, 1]
        assert next(streamer)[:2] == b"\xff\xd8"
        streamer.close()


def test_threads_can_draw_at_the_same_time(path: Path) -> None:
    add_track(path, *standing(20, 20, seconds=5))
    expected = plot(path).picture()
    with ThreadPoolExecutor(4) as pool:
        for image in pool.map(lambda _: plot(path).picture(), range(12)):
            assert np.array_equal(image, expected)


@pytest.mark.parametrize(
    "settings", [{"interval": 0}, {"window": -1}, {"cell": 0}, {"size": (1, 1)}, {"timezone": "X"}]
)
def test_settings_out_of_range_are_refused(path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        plot(path, **settings)


def test_nothing_is_written_into_the_database(path: Path) -> None:
    add_track(path, *standing(20, 20, seconds=5))
    before = path.read_bytes()
    list(islice(plot(path), 3))
    assert path.read_bytes() == before


def test_importing_does_not_import_matplotlib() -> None:
    code = "import sys, tracking.plotting; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
