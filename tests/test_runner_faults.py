"""Cameras that fail in every way, beside one that does not: real streams over real sockets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running import Running, until
from tests.servers import Camera, MjpegCamera, RtspCamera, TsCamera
from tracking import config

pytestmark = pytest.mark.slow
FPS = 10


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as running:
        yield running


@pytest.fixture
def door(running: Running) -> Iterator[MjpegCamera]:
    """The camera that will fail; it is watched already."""
    with MjpegCamera(fps=FPS) as camera:
        running.add("door", camera.url, stale_after=1.5)
        running.wait("door", "ok")
        yield camera


@contextmanager
def undisturbed(running: Running) -> Iterator[None]:
    """Whatever happens meanwhile, of another camera's pictures none is missing."""
    with MjpegCamera(fps=FPS) as other:
        running.add("other", other.url)
        running.wait("other", "ok")
        sent, followed = other.sent, running.source("other")["frames"]
        yield
        other.silent = True  # what is on its way has time; nothing new makes up for a loss

        def missing() -> int:
            return (other.sent - sent) - (running.source("other")["frames"] - followed)

        until(lambda: abs(missing()) <= 2, 2, missing)
        assert other.sent - sent > 10
        assert running.source("other")["reconnects"] == 0
    ((gaps, runs),) = running.rows(
        "SELECT (SELECT sum(seconds_stale) FROM coverage WHERE source_id = sources.id),"
        " (SELECT count(*) FROM runs WHERE source_id = sources.id)"
        " FROM sources WHERE name = 'other'"
    )
    assert (gaps, runs) == (0, 1)


def absent(running: Running, state: str) -> float:
    """Seconds for which the door was in that state, as coverage has it."""
    ((seconds,),) = running.rows(
        f"SELECT coalesce(sum(seconds_{state}), 0) FROM coverage JOIN sources"
        " ON sources.id = source_id WHERE name = 'door'"
    )
    return float(seconds)


def lasting(running: Running, state: str, seconds: float) -> Callable[[], bool]:
    before = absent(running, state)
    return lambda: absent(running, state) - before >= seconds


def test_a_camera_that_is_switched_off_and_on_leaves_a_gap(
    running: Running, door: MjpegCamera
) -> None:
    with undisturbed(running):
        time.sleep(1)
        off = time.time()
        door.stop()
        running.wait("door", "down")
        time.sleep(2.5)
        door.start()
        running.wait("door", "ok", 20)
        off = time.time() - off
        time.sleep(1)
    assert absent(running, "down") == pytest.approx(off, abs=1.5)
    outcomes = running.rows(
        "SELECT outcome FROM runs JOIN sources ON sources.id = source_id WHERE name = 'door'"
    )
    assert len(outcomes) == 2
    assert outcomes[0][0].startswith("failed: http://127.0.0.1")
    observed = running.rows(
        "SELECT sum(seconds_observed + seconds_down) FROM coverage JOIN sources"
        " ON sources.id = source_id WHERE name = 'door' GROUP BY minute"
    )
    assert all(seconds <= 60 for (seconds,) in observed)


def test_a_frozen_picture_is_stale_and_not_quiet(running: Running, door: MjpegCamera) -> None:
    with undisturbed(running):
        door.frozen = True
        running.wait("door", "stale")
        until(lasting(running, "stale", 1))
        followed = running.source("door")["frames"]
        time.sleep(0.5)
        assert running.source("door")["frames"] == followed
        door.frozen = False
        running.wait("door", "ok")
    assert running.rows("SELECT count(*) FROM runs WHERE source_id = 0") == [(1,)]


def test_a_camera_that_says_nothing_is_down(running: Running, door: MjpegCamera) -> None:
    with undisturbed(running):
        door.silent = True
        running.wait("door", "down")
        until(lasting(running, "down", 1))
        door.silent = False
        running.wait("door", "ok", 20)


def test_a_camera_that_trickles_holds_nobody_up(running: Running, door: MjpegCamera) -> None:
    with undisturbed(running):
        door.pace = 3000.0
        time.sleep(3)
        door.pace = None
        running.wait("door", "ok", 20)


def test_another_size_of_picture_is_another_run(running: Running, door: MjpegCamera) -> None:
    with undisturbed(running):
        door.size = 640, 480
        until(lambda: running.source("door")["size"] == [640, 480], 20)
        running.wait("door", "ok", 20)
        time.sleep(1)
    sizes = running.rows("SELECT width, height FROM sources WHERE name = 'door'")
    assert sizes == [(640, 480)]
    ((outcome,),) = running.rows("SELECT outcome FROM runs WHERE source_id = 0 AND id = 1")
    assert "changed its size from 320x240 to 640x480" in outcome


def test_garbage_and_broken_pictures_are_got_over(running: Running, door: MjpegCamera) -> None:
    with undisturbed(running):
        door.garbage, door.broken = 50_000, 3
        time.sleep(1)
        followed = running.source("door")["frames"]
        until(lambda: running.source("door")["frames"] > followed + 10, 20)


def test_a_camera_that_refuses_is_asked_again_and_again(running: Running) -> None:
    with MjpegCamera(fps=FPS) as camera:
        camera.status = 500
        running.add("door", camera.url_for("anna:secret"))
        running.wait("door", "down")
        until(lambda: running.source("door")["reconnects"] >= 2, 20)
        assert "500" in running.source("door")["last_error"]
        camera.status = 200
        running.wait("door", "ok", 20)
    assert "secret" not in "".join(running.said)


def test_pausing_closes_the_camera_and_resuming_opens_it(
    running: Running, door: MjpegCamera
) -> None:
    config.change(running.config, "door", enabled=False)
    until(lambda: door.clients == 0, 3)
    until(lasting(running, "stopped", 1))
    config.change(running.config, "door", enabled=True)
    running.wait("door", "ok", 5)
    assert running.source("door")["live"]


@pytest.mark.parametrize("kind", [TsCamera, RtspCamera])
def test_an_h264_stream_is_watched_and_found_again(running: Running, kind: type[Camera]) -> None:
    if kind is RtspCamera and (missing := RtspCamera.missing()):
        pytest.skip(missing)
    with undisturbed(running), kind(fps=FPS) as camera:
        running.add("door", camera.url)
        running.wait("door", "ok")
        until(lambda: running.source("door")["frames"] > 10)
        camera.stop()
        running.wait("door", "down", 20)
        camera.start()
        running.wait("door", "ok", 30)


def test_a_slow_machine_leaves_frames_out_and_does_not_lag(running: Running) -> None:
    """Far more pictures than the engine can follow: the newest ones are, and soon."""
    with MjpegCamera(size=(640, 480), fps=100) as first, MjpegCamera(fps=100) as second:
        for name, camera in (("first", first), ("second", second)):
            running.add(name, camera.url)
        running.wait("first", "ok")
        running.wait("second", "ok")
        time.sleep(4)
        early = running.source("first")["delay_ms"]
        time.sleep(4)
        late = running.source("first")["delay_ms"]
    assert early < 500
    assert late < 500
