"""Pictures that another program pushes: a live source like any other."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.conftest import picture
from tests.running import Running, until
from tracking.cameras import PushedStreamer
from tracking.checking import look
from tracking.config import SourceSettings
from tracking.errors import SettingsError, SourceLost, SourceUnreadable
from tracking.frame import Frame, Image
from tracking.runner import pushing
from tracking.runner.pushing import push_key
from tracking.streamers import jpeg, open_source
from tracking.times import iso, now_ms

WIDE = picture(90, (160, 120))


def streamer(**options: object) -> PushedStreamer:
    return PushedStreamer("push:porch", timezone="UTC", **options)  # type: ignore[arg-type]


def settings(uri: str = "push:porch", **more: object) -> SourceSettings:
    return SourceSettings.of({"name": "porch", "uri": uri, **more})


def walking(number: int) -> Image:
    """A bright block that walks to and fro over a dark floor."""
    image = np.full((120, 160, 3), 40, np.uint8)
    left = 10 + abs((3 * number) % 200 - 100)
    image[40:90, left : left + 20] = 220
    return image


class Sender:
    """A program that pushes pictures over one connection, as a camera would."""

    def __init__(self, running: Running, name: str = "porch", key: str | None = None) -> None:
        assert running.runner.url is not None
        self.connection = HTTPConnection(urlsplit(running.runner.url).netloc, timeout=10)
        self.name = name
        self.key = push_key(running.database) if key is None else key

    def push(self, data: bytes, method: str = "POST", **headers: str) -> tuple[int, str]:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            headers = {"Authorization": f"Bearer {self.key}", **headers}
        self.connection.request(method, f"/push/{self.name}", data, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as running:
        running.add("porch", "push:porch")
        until(lambda: bool(running.runner.takers("porch")))
        yield running


@pytest.fixture
def sender(running: Running) -> Iterator[Sender]:
    sender = Sender(running)
    yield sender
    sender.connection.close()


def test_a_pushed_source_is_live_and_no_file() -> None:
    source = settings().resolved(Path("/srv"))
    assert source.live and source.pushed
    assert source.clean_uri == "push:porch"
    assert isinstance(source.streamer(), PushedStreamer)


@pytest.mark.parametrize("uri", ["push:", "push://porch", "push:a/b", "push:a b", "push:me:pw@h"])
def test_what_cannot_stand_in_an_address_is_no_name_to_push_to(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"uri: .*push:NAME|kind of address 'push'"):
        settings(uri)


def test_without_a_runner_nobody_takes_what_is_pushed() -> None:
    with pytest.raises(SettingsError, match="push:porch is for the runner"):
        open_source("push:porch")


def test_nothing_is_waited_for_where_a_pushed_source_is_checked() -> None:
    with pytest.raises(SourceUnreadable, match="push:porch is not opened"):
        look(settings())


def test_a_slow_loop_gets_the_newest_picture() -> None:
    porch = streamer()
    for shade in (10, 20, 30):
        porch.push(picture(shade), 1000 + shade)
    frames = porch.frames()
    first = next(frames)
    assert (first.index, first.t, first.image[0, 0, 0]) == (0, 1030, 30)
    porch.push(picture(40), 1040)
    porch.push(picture(50), 1050)
    assert (frame := next(frames)).index == 2  # one was passed over
    assert frame.t == 1050


def test_a_picture_that_was_overtaken_is_left_out() -> None:
    porch = streamer()
    assert porch.push(picture(10), 2000)
    assert not porch.push(picture(20), 1900)
    assert next(porch.frames()).t == 2000


def test_two_pictures_of_one_moment_do_not_share_it() -> None:
    porch = streamer()
    frames = porch.frames()
    times = [porch.push(picture(10), 2000) and next(frames).t for _ in range(3)]
    assert times == [2000, 2001, 2002]


def test_no_more_pictures_are_wanted_than_the_settings_say() -> None:
    porch = streamer(max_fps=5)
    taken = [t for t in range(0, 2000, 40) if porch.wants(t) and porch.push(picture(10), t)]
    assert len(taken) == 10


def test_a_loop_ends_when_nothing_more_comes_and_the_next_one_waits() -> None:
    porch = streamer(silence=0.05)
    porch.push(picture(10), 1000)
    assert [frame.t for frame in porch.frames()] == [1000]
    second: list[Frame] = []
    thread = threading.Thread(target=lambda: second.extend(porch.frames()))
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    porch.push(picture(10), 9000)
    thread.join(5)
    assert [(frame.index, frame.t) for frame in second] == [(0, 9000)]


def test_a_loop_that_waits_is_ended_from_outside() -> None:
    porch = streamer()
    thread = threading.Thread(target=lambda: list(porch.frames()))
    thread.start()
    porch.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_a_sender_may_save_pixels_but_not_turn_the_picture() -> None:
    porch = streamer()
    frames = porch.frames()
    sizes = []
    for t, size in enumerate([(160, 120), (80, 60), (120, 91)]):
        porch.push(picture(10, size), t)
        sizes.append(next(frames).image.shape[:2])
    assert sizes == [(120, 160)] * 3
    porch.push(picture(10, (120, 160)), 9)
    with pytest.raises(SourceLost, match="from 160x120 to 120x160"):
        next(frames)


def test_what_is_pushed_is_tracked_and_logged(running: Running, sender: Sender) -> None:
    begun = now_ms()
    for number in range(40):
        assert sender.push(jpeg(walking(number)))[0] == 204
        threading.Event().wait(0.03)
    running.wait("porch", "ok")
    until(lambda: len(running.rows("SELECT * FROM positions")) > 20)
    ((label, seen),) = running.rows("SELECT label, min(first_seen) FROM people_tracks")
    assert label == "moving"
    assert begun <= seen <= now_ms()
    ((kind, uri),) = running.rows("SELECT kind, uri FROM sources")
    assert (kind, uri) == ("pushed", "push:porch")
    assert running.source("porch")["delay_ms"] < 1000


def test_a_source_without_pictures_says_that_it_waits_for_them(running: Running) -> None:
    running.wait("porch", "down")
    assert running.source("porch")["last_error"] == "waiting for pictures to be pushed"
    assert running.source("porch")["reconnects"] == 0


def test_a_sender_that_falls_silent_and_comes_back_is_watched_at_once(
    running: Running, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    for taker in running.runner.takers("porch"):
        taker.silence = 0.3
    sender.push(jpeg(WIDE))
    running.wait("porch", "ok")
    until(lambda: running.rows("SELECT outcome FROM runs") == [("finished",)])
    sender.push(jpeg(walking(1)))
    until(lambda: len(running.rows("SELECT * FROM runs")) == 2)
    assert running.source("porch")["reconnects"] == 0


def test_a_sender_may_say_when_the_picture_was_taken(running: Running, sender: Sender) -> None:
    taken = now_ms() - 5000
    assert sender.push(jpeg(WIDE), X_Timestamp=iso(taken))[0] == 204
    until(lambda: running.source("porch")["last_frame"] is not None)
    last = running.runner._sources["porch"].counts.last
    assert last is not None
    assert abs(last - taken) < 50


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("yesterday", "'yesterday' is not a time"),
        ("2001-01-01T00:00:00Z", "s old; leave it out"),
        ("2101-01-01T00:00:00Z", "ahead of this clock"),
    ],
)
def test_a_senders_clock_that_is_wrong_is_refused(sender: Sender, told: str, reason: str) -> None:
    status, text = sender.push(jpeg(WIDE), X_Timestamp=told)
    assert status == 400
    assert reason in text


NOISE = jpeg(np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8))


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (b"", 400, "the body is empty"),
        (b"GIF89a" + bytes(100), 415, "no JPEG"),
        (NOISE[: len(NOISE) // 2], 422, "cut off"),
        (b"\xff\xd8\xff" + bytes(50) + b"\xff\xd9", 422, "damaged"),
        (jpeg(picture(9, (8, 300))), 422, "smaller than 16x16"),
    ],
)
def test_what_is_no_whole_picture_is_refused_with_its_fault(
    running: Running, sender: Sender, data: bytes, status: int, reason: str
) -> None:
    answer = sender.push(data)
    assert answer[0] == status
    assert reason in answer[1]
    assert sender.push(jpeg(WIDE))[0] == 204  # the same connection goes on


def test_a_picture_that_is_too_large_is_refused(
    running: Running, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "LARGEST", 1 << 20)
    status, text = sender.push(jpeg(WIDE) + bytes(1 << 20))
    assert (status, text) == (413, "A picture may have 1 MiB at most\n")


@pytest.mark.parametrize("key", ["wrong", "", "клüч"])
def test_who_does_not_know_the_key_pushes_nothing(running: Running, key: str) -> None:
    stranger = Sender(running, key=key.encode().decode("latin-1"))
    status, text = stranger.push(jpeg(WIDE))
    stranger.connection.close()
    assert status == 401
    assert "Authorization: Bearer KEY" in text
    assert running.source("porch")["last_frame"] is None


def test_the_key_is_for_this_user_only_and_told_nowhere(running: Running, sender: Sender) -> None:
    key = push_key(running.database)
    assert key
    file = running.database.with_name("people.db-runner.key")
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert key not in str(running.runner.health()) + "".join(running.said)


def test_the_key_goes_with_the_runner(tmp_path: Path) -> None:
    with Running(tmp_path) as running:
        first = push_key(running.database)
    assert push_key(tmp_path / "people.db") is None
    with Running(tmp_path) as running:
        assert push_key(running.database) != first


def test_a_key_can_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKING_PUSH_KEY", "sesame")
    with Running(tmp_path) as running:
        assert push_key(running.database) == "sesame"


def test_a_name_that_takes_no_pictures_says_why(running: Running, make_walk) -> None:  # type: ignore[no-untyped-def]
    running.add("film", make_walk())
    running.add("Side door", "push:side", enabled=False)
    until(lambda: running.source("Side door")["state"] == "stopped")
    answers = {}
    for name in ("nobody", "film", "side", "Side%20door"):
        sender = Sender(running, name)
        answers[name] = sender.push(jpeg(WIDE))
        sender.connection.close()
    assert answers == {
        "nobody": (404, "There is no source with the uri push:nobody\n"),
        "film": (409, "'film' takes no pictures: its uri is not push:film\n"),
        "side": (409, "The source with the uri push:side is paused\n"),
        "Side%20door": (404, "Pictures of 'Side door' go to /push/side\n"),
    }


def test_pictures_are_pushed_and_not_fetched(sender: Sender) -> None:
    assert sender.push(b"", "GET") == (405, "GET is not for /push/porch, only POST, PUT\n")
    assert sender.push(jpeg(WIDE), "PUT")[0] == 204


def test_two_sources_may_look_at_the_same_pictures(running: Running, sender: Sender) -> None:
    running.add("porch again", "push:porch")
    until(lambda: len(running.runner.takers("porch")) == 2)
    sender.push(jpeg(WIDE))
    running.wait("porch", "ok")
    running.wait("porch again", "ok")


def test_senders_that_disagree_about_the_shape_do_not_make_a_run_of_each_picture(
    running: Running, sender: Sender
) -> None:
    for number in range(30):
        sender.push(jpeg(picture(number, (160, 120) if number % 2 else (120, 160))))
        threading.Event().wait(0.02)
    until(lambda: "changed its proportions" in (running.source("porch")["last_error"] or ""))
    assert len(running.rows("SELECT * FROM runs")) <= 2
