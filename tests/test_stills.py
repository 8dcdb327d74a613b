"""Stills: one plain picture of each source, taken now and then."""

from __future__ import annotations

import gc
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import NOON, picture
from tracking.database import open_database, open_readonly, still
from tracking.events import Run, Source, SourceEnded, SourceStarted, TracksSeen
from tracking.frame import Frame, Image
from tracking.logger import DatabaseLogger
from tracking.stills import StillTaker


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(tmp_path / "people.db")) as connection:
        yield connection


def a_run(start: int = NOON) -> Run:
    return Run(
        Source("yard", "camera", "0", "UTC", 64, 48, 5.0), start, "yolo", None, "botsort", ""
    )


def shade(data: bytes) -> float:
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert found is not None
    return float(found.mean())


def seen(run: Run, minute: float, image: Image) -> TracksSeen:
    return TracksSeen(run, Frame(0, NOON + round(minute * 60_000), image))


def test_the_first_picture_is_kept_and_a_new_one_every_ten_minutes(
    base: sqlite3.Connection, tmp_path: Path
) -> None:
    logger, run = DatabaseLogger(base), a_run()
    logger(SourceStarted(run))
    kept = []
    for minute, grey in ((0, 10), (5, 20), (9.9, 30), (10, 40), (15, 50), (25, 60)):
        logger(seen(run, minute, picture(grey)))
        logger.flush()
        with closing(open_readonly(tmp_path / "people.db")) as reader:
            now = still(reader, 0)
        assert now is not None
        assert (now.width, now.height) == (64, 48)
        kept.append((round((now.t - NOON) / 60_000), round(shade(now.jpeg))))
    logger(SourceEnded(run, NOON, 6, "finished"))
    assert kept == [(0, 10), (0, 10), (0, 10), (10, 40), (10, 40), (25, 60)]


def test_every_run_begins_with_a_picture(base: sqlite3.Connection) -> None:
    logger = DatabaseLogger(base)
    for minute, grey in ((0, 10), (1, 20)):
        run = a_run(NOON + minute * 60_000)
        logger(SourceStarted(run))
        logger(seen(run, minute, picture(grey)))
        logger(SourceEnded(run, NOON, 1, "finished"))
    found = still(base, 0)
    assert found is not None
    assert round(shade(found.jpeg)) == 20
    assert base.execute("SELECT count(*) FROM stills").fetchone() == (1,)


def test_a_large_picture_is_kept_small(base: sqlite3.Connection) -> None:
    logger, run = DatabaseLogger(base), a_run()
    logger(SourceStarted(run))
    logger(seen(run, 0, picture(99, (1920, 1080))))
    logger(SourceEnded(run, NOON, 1, "finished"))
    found = still(base, 0)
    assert found is not None
    assert (found.width, found.height) == (1920, 1080)
    decoded = cv2.imdecode(np.frombuffer(found.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (540, 960, 3)


def test_what_a_program_draws_into_its_pictures_is_not_kept(base: sqlite3.Connection) -> None:
    logger, run, image = DatabaseLogger(base, interval=30), a_run(), picture(50)
    logger(SourceStarted(run))
    logger(seen(run, 0, image))
    image[:] = 255
    logger(SourceEnded(run, NOON, 1, "finished"))
    found = still(base, 0)
    assert found is not None
    assert round(shade(found.jpeg)) == 50


def test_no_picture_is_held_on_to(base: sqlite3.Connection) -> None:
    logger, run, image = DatabaseLogger(base, interval=30), a_run(), picture(50)
    held = weakref.ref(image)
    logger(SourceStarted(run))
    logger(seen(run, 0, image))
    del image
    gc.collect()
    assert held() is None
    logger(SourceEnded(run, NOON, 1, "finished"))


def test_who_wants_no_pictures_has_none(base: sqlite3.Connection) -> None:
    logger, run = DatabaseLogger(base, stills=False), a_run()
    logger(SourceStarted(run))
    logger(seen(run, 0, picture(50)))
    logger(SourceEnded(run, NOON, 1, "finished"))
    assert still(base, 0) is None


def test_what_is_no_picture_is_left_out(base: sqlite3.Connection) -> None:
    logger, run = DatabaseLogger(base), a_run()
    logger(SourceStarted(run))
    logger(seen(run, 0, np.empty((0, 0, 3), np.uint8)))
    logger(SourceEnded(run, NOON, 1, "finished"))
    assert still(base, 0) is None


def test_nothing_is_remembered_of_a_run_that_has_ended() -> None:
    taker, run = StillTaker(), a_run()
    taker.look(SourceStarted(run))
    assert taker.look(seen(run, 0, picture(50)))
    taker.look(SourceEnded(run, NOON, 1, "finished"))
    assert not taker._due
    assert taker.look(seen(run, 60, picture(50))) is None
