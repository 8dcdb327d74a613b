"""The service's HTTP, asked over real connections: pictures, health, metrics, and who may ask."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

import tracking.runner.http as served
import tracking.runner.streams as streams
from tests.conftest import NOON, picture
from tracking.errors import AddressUnusable
from tracking.frame import Frame, Image, Track
from tracking.runner.http import Server, build_app
from tracking.runner.page import address
from tracking.runner.pictures import LivePicture
from tracking.streamers import CameraStreamer

HOSTILE = [
    "front door",
    "a/b/../c",
    "..",
    "100%",
    "50%2F50",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "é 门 🎥",
    "what?now#here&then=1;",
    "x.jpg",
    "x.mjpg.jpg",
    "two\nlines",
    "back\\slash",
    "+plus+",
]


LITTLE = 10 if hasattr(socket, "TCP_NOTSENT_LOWAT") else 30  # pictures on their way to a viewer


class ScriptedView:
    """What a runner would show: some sources, in a state that the test writes down."""

    def __init__(self, *names: str) -> None:
        self.pictures = {name: LivePicture() for name in names}
        self.states: dict[str, dict[str, Any]] = {name: {"state": "ok"} for name in names}
        self.problems: list[str] = []
        self.stopping = threading.Event()
        self.metrics = CollectorRegistry()

    def picture(self, name: str) -> LivePicture | None:
        return self.pictures.get(name)

    def health(self) -> dict[str, Any]:
        fine = all(state["state"] == "ok" for state in self.states.values())
        status = "ok" if fine else "degraded"
        return {"status": status, "pid": 7, "problems": self.problems, "sources": self.states}


class Viewer:
    """Somebody who watches a stream, part by part."""

    def __init__(self, server: Server, path: str) -> None:
        self.connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        self.connection.request("GET", path)
        self.answer = self.connection.getresponse()
        self.boundary = self.answer.readline()

    def part(self) -> tuple[dict[str, str], bytes]:
        """Headers and picture, with what divides it from the next."""
        headers = {}
        while line := self.answer.readline().decode().strip():
            name, _, value = line.partition(": ")
            headers[name] = value
        data = self.answer.read(int(headers["Content-Length"]))
        assert self.answer.readline() == b"\r\n"
        assert self.answer.readline() == self.boundary
        return headers, data

    def leave(self) -> None:
        self.answer.close()
        self.connection.close()


def frame(index: int, *tracks: Track, image: Image | None = None) -> Frame:
    image = picture(index % 250, (320, 240)) if image is None else image
    return Frame(index, NOON + 100 * index, image, tracks)


def noise(index: int) -> Frame:
    """A picture that JPEG cannot make small: about half a megabyte."""
    numbers = np.random.default_rng(index).integers(0, 255, (720, 960, 3), np.uint8)
    return frame(index, image=numbers)


def opened(data: bytes) -> Image:
    assert data[:2] == b"\xff\xd8"
    assert data[-2:] == b"\xff\xd9"
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.01)


def ask(
    server: Server, path: str, method: str = "GET", **headers: str
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server of a view, on any free port."""
    servers = []

    def start(view: ScriptedView, *hosts: str, host: str = "127.0.0.1") -> Server:
        server = Server(build_app(view, hosts), host)
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def view() -> ScriptedView:
    return ScriptedView("gate")


@pytest.fixture
def gate(view: ScriptedView) -> LivePicture:
    return view.pictures["gate"]


@pytest.fixture
def server(serve: Serve, view: ScriptedView) -> Server:
    return serve(view)


@pytest.fixture(scope="module")
def steady() -> Iterator[Server]:
    """A server that many tests may ask, since they change nothing: its gate has a picture."""
    view = ScriptedView("gate", *HOSTILE)
    view.pictures["gate"].publish(frame(0))
    server = Server(build_app(view, ["camera.example", "2001:db8::7"]))
    server.start()
    yield server
    server.stop()


def test_a_stream_is_made_of_whole_jpegs_that_say_when_they_were_taken(
    server: Server, gate: LivePicture
) -> None:
    viewer = Viewer(server, "/streams/gate.mjpg?width=160")
    kind = viewer.answer.headers["Content-Type"]
    assert kind == "multipart/x-mixed-replace; boundary=frame"
    assert viewer.boundary == b"--frame\r\n"
    assert viewer.answer.headers["Cache-Control"] == "no-store"
    assert viewer.answer.headers["Content-Encoding"] == "identity"
    for index in (0, 1, 2):
        gate.publish(frame(20 * index))
        headers, data = viewer.part()
        assert headers["Content-Type"] == "image/jpeg"
        assert headers["X-Frame"] == str(20 * index)
        assert headers["X-Timestamp"] == f"2026-03-01T12:00:0{2 * index}.000Z"
        assert opened(data).shape == (120, 160, 3)
        assert abs(int(opened(data).mean()) - 20 * index) <= 1
    viewer.leave()


def test_opencv_reads_a_stream(server: Server, gate: LivePicture) -> None:
    done = threading.Event()

    def play() -> None:
        for index in range(500):
            gate.publish(frame(index))
            if done.wait(0.02):
                return

    player = threading.Thread(target=play)
    player.start()
    frames = CameraStreamer(f"{server.url}/streams/gate.mjpg", timeout=10).frames()
    shades = [int(next(frames).image.mean()) for _ in range(5)]
    frames.close()
    done.set()
    player.join()
    assert shades == sorted(shades)
    assert shades[-1] > shades[0]


def test_a_still_says_when_it_was_taken_and_how_old_it_is(
    server: Server, gate: LivePicture
) -> None:
    gate.publish(frame(5))
    time.sleep(0.1)
    answer, data = ask(server, "/streams/gate.jpg?width=100")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame"] == "5"
    assert answer.headers["X-Timestamp"] == "2026-03-01T12:00:00.500Z"
    assert 0.1 <= float(answer.headers["X-Age"]) < 5
    assert opened(data).shape == (75, 100, 3)


def test_the_options_say_what_is_drawn(server: Server, gate: LivePicture) -> None:
    seen = frame(0, Track(1, "person", 0.9, 160, 120, 40, 80), image=picture(0, (320, 240)))
    gate.publish(seen)
    bare = opened(ask(server, "/streams/gate.jpg?boxes=0&labels=0&trails=0")[1])
    boxed = opened(ask(server, "/streams/gate.jpg?labels=0&trails=0")[1])
    labelled = opened(ask(server, "/streams/gate.jpg?boxes=0&trails=0")[1])
    assert bare.max() == 0
    assert boxed[82:158, 138:143].max() > 150
    assert boxed[:70].max() < 30 < labelled[:80].max()
    assert labelled[90:150, 138:143].max() < 30


def test_viewers_share_one_encoding(server: Server, gate: LivePicture) -> None:
    viewers = [Viewer(server, "/streams/gate.mjpg") for _ in range(5)]
    for index in range(10):
        gate.publish(frame(index))
        assert len({viewer.part()[1] for viewer in viewers}) == 1
    assert gate.encoded == 10
    for viewer in viewers:
        viewer.leave()


def test_nothing_is_encoded_while_nobody_looks(server: Server, gate: LivePicture) -> None:
    gate.publish(frame(0))
    for path in ("/", "/healthz", "/metrics"):
        assert ask(server, path)[0].status == 200
    assert gate.encoded == 0
    viewer = Viewer(server, "/streams/gate.mjpg")
    viewer.part()
    viewer.leave()
    until(lambda: gate.viewers == 0)
    for index in range(1, 20):
        gate.publish(frame(index))
    time.sleep(0.1)
    assert gate.encoded == 1


def test_a_viewer_who_leaves_is_forgotten_though_nothing_happens(
    server: Server, gate: LivePicture
) -> None:
    viewers = [Viewer(server, "/streams/gate.mjpg") for _ in range(3)]
    until(lambda: gate.viewers == 3)
    for viewer in viewers:
        viewer.leave()
    until(lambda: gate.viewers == 0)


def test_a_viewer_who_does_not_read_holds_nobody_up_and_heaps_nothing_up(
    server: Server, gate: LivePicture
) -> None:
    """It asks for a look of its own, so that what is encoded for it alone is known."""
    idle = Viewer(server, "/streams/gate.mjpg?labels=0")
    reader = Viewer(server, "/streams/gate.mjpg?width=64")
    until(lambda: gate.viewers == 2)
    for index in range(60):
        gate.publish(noise(index))
        assert reader.part()[0]["X-Frame"] == str(index)
    assert gate.encoded - 60 < LITTLE  # what the system's buffers take, then nothing
    for viewer in (idle, reader):
        viewer.leave()
    until(lambda: gate.viewers == 0)


def test_nothing_is_drawn_for_a_viewer_before_there_is_room_for_it(
    view: ScriptedView, gate: LivePicture
) -> None:
    """The application without a server: one picture fits, and whoever sends more has to wait."""
    sent: list[bytes] = []

    async def send(message: Any) -> None:
        if sum(map(len, sent)) > 1000:
            await asyncio.sleep(3600)
        sent.append(message.get("body", b""))

    async def receive() -> Any:
        await asyncio.sleep(3600)

    async def watch() -> None:
        headers = [(b"host", b"localhost")]
        scope = {"type": "http", "method": "GET", "path": "/streams/gate.mjpg"}
        scope |= {"query_string": b"", "headers": headers, "root_path": ""}
        looking = asyncio.ensure_future(build_app(view)(scope, receive, send))
        for index in range(5):
            gate.publish(frame(index))
            await asyncio.sleep(0.1)
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking

    asyncio.run(watch())
    assert gate.encoded == 1


def test_a_slow_viewer_skips_to_the_newest_picture(server: Server, gate: LivePicture) -> None:
    viewer = Viewer(server, "/streams/gate.mjpg?labels=0")
    seen = []
    for index in range(80):
        gate.publish(noise(index))
        time.sleep(0.01)
    while not seen or seen[-1] != 79:
        seen.append(int(viewer.part()[0]["X-Frame"]))
    assert len(seen) < LITTLE
    assert seen == sorted(set(seen))
    viewer.leave()


def test_a_viewer_gets_no_more_pictures_a_second_than_asked_for(
    server: Server, gate: LivePicture
) -> None:
    """Those of one rate keep step, whenever they came, and so share their encodings."""
    done = threading.Event()

    def play() -> None:
        for index in range(1000):
            gate.publish(frame(index))
            if done.wait(0.01):
                return

    player = threading.Thread(target=play)
    player.start()
    begin = time.monotonic()
    viewers = []
    for _ in range(4):
        viewers.append(Viewer(server, "/streams/gate.mjpg?fps=10"))
        time.sleep(0.027)
    shown = {viewer.part()[0]["X-Frame"] for viewer in viewers for _ in range(11)}
    took = time.monotonic() - begin
    done.set()
    player.join()
    assert took > 0.9
    assert len(shown) < 30  # of 44
    for viewer in viewers:
        viewer.leave()


def test_the_last_picture_is_repeated_in_a_long_silence(
    server: Server, gate: LivePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that says nothing for long is closed by what lies between."""
    monkeypatch.setattr(streams, "REPEAT", 0.2)
    gate.publish(frame(3))
    viewer = Viewer(server, "/streams/gate.mjpg")
    assert viewer.part() == viewer.part() == viewer.part()
    assert gate.encoded == 1
    viewer.leave()


def test_there_are_not_more_viewers_than_the_service_can_bear(
    server: Server, gate: LivePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "MOST_VIEWERS", 2)
    viewers = [Viewer(server, "/streams/gate.mjpg") for _ in range(2)]
    until(lambda: gate.viewers == 2)
    answer, data = ask(server, "/streams/gate.mjpg")
    assert answer.status == 503
    assert b"2 viewers" in data
    viewers[0].leave()
    until(lambda: gate.viewers == 1)
    viewers.append(Viewer(server, "/streams/gate.mjpg"))
    assert viewers[-1].answer.status == 200
    for viewer in viewers:
        viewer.leave()


def test_a_source_without_a_picture_says_why(server: Server, view: ScriptedView) -> None:
    view.states["gate"] = {"state": "down", "last_error": "nothing answered within 10 s"}
    answer, data = ask(server, "/streams/gate.jpg")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Cache-Control"] == "no-store"
    expected = b"There is no picture of 'gate' yet: it is down: nothing answered within 10 s\n"
    assert data == expected


def test_a_stream_waits_for_its_first_picture(server: Server, gate: LivePicture) -> None:
    viewer = Viewer(server, "/streams/gate.mjpg")
    until(lambda: gate.viewers == 1)
    gate.publish(frame(0))
    assert viewer.part()[0]["X-Frame"] == "0"
    viewer.leave()


@pytest.mark.parametrize("ending", ["jpg", "mjpg"])
def test_an_unknown_source_is_named(steady: Server, ending: str) -> None:
    answer, data = ask(steady, f"/streams/back%20door.{ending}")
    assert (answer.status, data) == (
        404,
        b"There is no source 'back door'; the page / lists them\n",
    )


@pytest.mark.parametrize(
    "path", ["/nothing", "/streams", "/streams/gate", "/streams/.jpg", "/healthz/"]
)
def test_an_unknown_path_is_told_what_there_is(steady: Server, path: str) -> None:
    answer, data = ask(steady, path)
    assert answer.status == 404
    assert f"There is nothing at {path}; there are /, /healthz".encode() in data


@pytest.mark.parametrize(
    "query",
    [
        *("boxes=2", "labels=yes", "trails=", "boxes=-1"),
        *("width=0", "width=15", "width=ten", "width=-320", "width=1e3", "width=99999", "width="),
        *(
            "fps=0",
            "fps=nan",
            "fps=inf",
            "fps=-1",
            "fps=1000",
            "fps=1_0",
            "width=%D9%A3%D9%A2%D9%A0",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["jpg", "mjpg"])
def test_a_bad_option_is_named(steady: Server, query: str, ending: str) -> None:
    answer, data = ask(steady, f"/streams/gate.{ending}?{query}")
    assert answer.status == 400
    assert data.decode().startswith(query.split("=")[0] + "=")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_what_a_caller_adds_against_caches_is_ignored(steady: Server) -> None:
    assert ask(steady, "/streams/gate.jpg?_=1234")[0].status == 200


def test_everything_is_only_read(steady: Server) -> None:
    answer, data = ask(steady, "/healthz", "POST")
    assert answer.status == 405
    assert b"POST is not for /healthz" in data


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/healthz", "application/json"),
        ("/metrics", "text/plain; version="),
        ("/streams/gate.jpg", "image/jpeg"),
        ("/streams/gate.mjpg", "multipart/x-mixed-replace; boundary=frame"),
    ],
)
def test_head_tells_the_kind_and_nothing_more(steady: Server, path: str, kind: str) -> None:
    answer, data = ask(steady, path, "HEAD")
    assert (answer.status, data) == (200, b"")
    assert answer.headers["Content-Type"].startswith(kind)


def test_who_asks_for_a_streams_head_is_no_viewer(server: Server, gate: LivePicture) -> None:
    gate.publish(frame(0))
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    for method, path in (("HEAD", "/streams/gate.mjpg"), ("GET", "/healthz")):
        connection.request(method, path)
        assert connection.getresponse().read() == b"" or method == "GET"
    connection.close()
    assert (gate.viewers, gate.encoded) == (0, 0)


def test_an_address_has_no_character_that_a_browser_would_understand() -> None:
    assert address("a/../b c?#%", "jpg") == "streams/a%2F..%2Fb%20c%3F%23%25.jpg"
    assert address("é", "mjpg", fps=5, width=320) == "streams/%C3%A9.mjpg?fps=5&width=320"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_refusal_shows_any_name_as_text(steady: Server, name: str) -> None:
    answer, data = ask(steady, f"/{address(name, 'jpg')}")
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert data.decode() == f"There is no picture of {name!r} yet: it is ok\n"


def test_a_source_may_have_any_name(serve: Serve) -> None:
    view = ScriptedView(*HOSTILE)
    server = serve(view)
    for number, name in enumerate(HOSTILE):
        view.pictures[name].publish(frame(number))
        still, _ = ask(server, f"/{address(name, 'jpg')}")
        assert (still.status, still.headers["X-Frame"]) == (200, str(number))
        viewer = Viewer(server, f"/{address(name, 'mjpg', fps=5)}")
        assert viewer.part()[0]["X-Frame"] == str(number)
        viewer.leave()


def test_the_page_shows_any_name_as_text(serve: Serve) -> None:
    view = ScriptedView(*HOSTILE)
    for name in HOSTILE:
        view.states[name]["last_error"] = f"</p><script>alert({name!r})</script>"
        view.pictures[name].publish(frame(1))
    server = serve(view)
    html = ask(server, "/")[1].decode()
    assert html.count("<script") == 1
    assert html.count("<img") == html.count("<article") == len(HOSTILE)
    pictures = re.findall(r'<img[^>]* src="([^"]+)"', html)
    links = [link.replace("&amp;", "&") for link in pictures + re.findall(r'href="([^"]+)"', html)]
    assert len(links) == 3 * len(HOSTILE) + 2
    assert {ask(server, f"/{link}", "HEAD")[0].status for link in links} == {200}


def test_the_page_tells_how_each_source_is(server: Server, view: ScriptedView) -> None:
    view.states["gate"] = {
        **{"state": "stale", "fps": 9.96, "delay_ms": 143, "frames": 12_345, "dropped": 6},
        **{"last_error": "no new picture for 5 s", "last_frame": None},
    }
    answer, data = ask(server, "/")
    html = data.decode()
    view.problems = ["sources.toml: <line 3>"]
    html = ask(server, "/")[1].decode()
    assert "sources.toml: &lt;line 3&gt;" in html
    assert "no picture yet" in html
    assert "10.0 frames/s, 143 ms behind, 12,345 frames, 6 dropped" in html
    assert "stale" in html
    assert "no new picture for 5 s" in html
    assert "degraded" in html
    assert "prefers-color-scheme: dark" in html
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "://" not in html  # nothing from elsewhere


def test_health_is_the_views_and_200_also_when_degraded(server: Server, view: ScriptedView) -> None:
    answer, data = ask(server, "/healthz")
    assert (answer.status, json.loads(data)["status"]) == (200, "ok")
    view.states["gate"]["state"] = "down"
    answer, data = ask(server, "/healthz")
    assert (answer.status, json.loads(data)["status"]) == (200, "degraded")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["*/*", "application/openmetrics-text; version=1.0.0"])
def test_metrics_are_what_prometheus_reads(server: Server, view: ScriptedView, accept: str) -> None:
    frames = Counter("frames", "Frames seen", ["source"], registry=view.metrics)
    frames.labels('a"b\nc').inc(3)
    answer, data = ask(server, "/metrics", Accept=accept)
    text = data.decode().removesuffix("# EOF\n")
    (sample,) = (
        sample
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "frames_total"
    )
    assert (sample.labels, sample.value) == ({"source": 'a"b\nc'}, 3)
    assert ("openmetrics" in answer.headers["Content-Type"]) == (accept != "*/*")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST:8600",
        "[::1]",
        "[::1]:8600",
        "Camera.example:80",
        "[2001:DB8::7]",
    ],
)
def test_the_service_answers_under_its_own_names(steady: Server, host: str) -> None:
    assert ask(steady, "/healthz", Host=host)[0].status == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8600", "evil.example."),
        *("192.0.2.7", "[2001:db8::1]", "0.0.0.0", "", "localhost@evil.example", "::1", "[::1"),
    ],
)
def test_a_page_on_the_internet_cannot_read_the_camera_by_a_name_of_its_own(
    steady: Server, host: str
) -> None:
    for path in ("/", "/streams/gate.jpg", "/streams/gate.mjpg", "/healthz", "/metrics"):
        answer, data = ask(steady, path, Host=host)
        assert answer.status == 400
        assert data.decode().startswith(f"This service is not called {host!r}; it answers under")


def test_a_service_open_to_the_network_answers_under_any_address_but_not_any_name(
    serve: Serve,
) -> None:
    server = serve(ScriptedView(), "0.0.0.0", host="0.0.0.0")
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert ask(server, "/healthz", Host="192.0.2.7:8600")[0].status == 200
    assert ask(server, "/healthz", Host="[2001:db8::1]:8600")[0].status == 200
    assert ask(server, "/healthz", Host="evil.example")[0].status == 400


def test_the_service_can_listen_at_an_ipv6_address(serve: Serve) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    server = serve(ScriptedView(), "::1", host="::1")
    assert server.url == f"http://[::1]:{server.port}"
    connection = HTTPConnection("::1", server.port, timeout=10)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()


def test_an_address_in_use_is_named(server: Server, view: ScriptedView) -> None:
    second = Server(build_app(view), port=server.port)
    with pytest.raises(AddressUnusable, match=f"'127.0.0.1' port {server.port}: .*in use"):
        second.start()
    second.stop()
    assert ask(server, "/healthz")[0].status == 200


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("no such host", 0, "'no such host' port 0: .+"),
        ("", 0, "'' port 0: .+"),
        ("127.0.0.1", 70_000, "'127.0.0.1' port 70000: .*65535"),
        ("127.0.0.1", -1, "'127.0.0.1' port -1: .+"),
        ("192.0.2.7", 0, "'192.0.2.7' port 0: .*assign"),
        ("x" * 70, 0, "'x+' port 0: .+"),
    ],
)
def test_an_address_that_cannot_be_had_is_named(
    view: ScriptedView, host: str, port: int, why: str
) -> None:
    with pytest.raises(AddressUnusable, match=f"^Cannot listen at {why}"):
        Server(build_app(view), host, port).start()


def test_stopping_is_quick_whatever_the_viewers_do(
    server: Server, gate: LivePicture, caplog: pytest.LogCaptureFixture
) -> None:
    """One reads, one waits for its next picture, and two have long ceased to read."""
    idle = [Viewer(server, "/streams/gate.mjpg?labels=0") for _ in range(2)]
    reader = Viewer(server, "/streams/gate.mjpg?width=64")
    for index in range(20):
        gate.publish(noise(index))
        reader.part()
    begin = time.monotonic()
    server.stop()
    assert time.monotonic() - begin < 2
    assert gate.viewers == 0
    assert caplog.records == []
    with pytest.raises(ConnectionRefusedError):
        ask(server, "/healthz")
    for viewer in (*idle, reader):
        viewer.leave()


def test_streams_end_when_the_service_ends(
    server: Server, view: ScriptedView, gate: LivePicture
) -> None:
    viewer, slow = (
        Viewer(server, "/streams/gate.mjpg"),
        Viewer(server, "/streams/gate.mjpg?fps=0.1"),
    )
    gate.publish(frame(0))
    viewer.part()
    slow.part()
    view.stopping.set()
    assert viewer.answer.read() == slow.answer.read() == b""
    assert ask(server, "/healthz")[0].status == 200
    viewer.leave()
    slow.leave()


def test_a_stream_ends_some_time_after_its_source(
    server: Server, view: ScriptedView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ABSENT", 0.1)
    viewer = Viewer(server, "/streams/gate.mjpg")
    del view.pictures["gate"]
    assert viewer.answer.read() == b""
    viewer.leave()


def test_a_stream_goes_on_when_its_source_is_opened_anew(
    server: Server, view: ScriptedView, gate: LivePicture
) -> None:
    """As it is when somebody changes the source's settings."""
    viewer = Viewer(server, "/streams/gate.mjpg")
    for index in (7, 8, 9):
        gate.publish(frame(index))
        assert viewer.part()[0]["X-Frame"] == str(index)
    del view.pictures["gate"]
    until(lambda: gate.viewers == 0)
    view.pictures["gate"] = anew = LivePicture()
    anew.publish(frame(0))
    assert viewer.part()[0]["X-Frame"] == "0"
    assert anew.viewers == 1
    viewer.leave()


@pytest.mark.parametrize("ending", ["jpg", "mjpg"])
def test_a_source_that_is_not_watched_now_is_known_all_the_same(
    server: Server, view: ScriptedView, ending: str
) -> None:
    view.states["attic"] = {"state": "stopped"}
    answer, data = ask(server, f"/streams/attic.{ending}")
    assert answer.status == 503
    assert data == b"There is no picture of 'attic' yet: it is stopped\n"
    html = ask(server, "/")[1].decode()
    assert "attic" in html
    assert "streams/attic" not in html


def test_a_server_stops_once_and_for_all(view: ScriptedView) -> None:
    server = Server(build_app(view))
    server.stop()
    server.start()
    server.stop()
    server.stop()


def test_a_port_is_free_again_after_the_stop(view: ScriptedView) -> None:
    first = Server(build_app(view))
    first.start()
    viewer = Viewer(first, "/streams/gate.mjpg")
    first.stop()
    second = Server(build_app(view), port=first.port)
    second.start()
    assert ask(second, "/healthz")[0].status == 200
    second.stop()
    viewer.leave()


def test_nothing_is_printed_whatever_is_asked(
    view: ScriptedView,
    gate: LivePicture,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Server(build_app(view))
    server.start()
    gate.publish(frame(0))
    for path in ("/", "/nothing", "/streams/gate.jpg?width=x"):
        ask(server, path)
    with socket.create_connection(("127.0.0.1", server.port)) as stranger:
        stranger.sendall(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
        stranger.recv(1000)
    viewers = [Viewer(server, "/streams/gate.mjpg") for _ in range(2)]
    viewers[0].leave()
    until(lambda: gate.viewers == 1)
    server.stop()
    viewers[1].leave()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
