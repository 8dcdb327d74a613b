"""What the app's own port answers besides its pages, as a browser and other programs see it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from streamlit import config as streamlit_config
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.conftest import ROOT, MakeClip
from tests.running import Running, until
from tracking import config
from tracking.dashboard.live.feeds import Wish
from tracking.dashboard.serving import server as dashboard
from tracking.dashboard.serving import supervising, tokens
from tracking.dashboard.serving.prepared import Prepared
from tracking.dashboard.serving.tokens import is_good, token
from tracking.database import open_readonly
from tracking.runner import is_held


class Served:
    """The routes on a port of their own, as Streamlit serves them."""

    def __init__(self) -> None:
        app = Starlette(routes=dashboard.routes(), lifespan=dashboard.lifespan)
        settings = uvicorn.Config(app, port=0, log_level="error", ws="websockets-sansio")
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Served:
        self._thread.start()
        until(lambda: self._server.started)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        until(lambda: supervising.state().url is not None)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()

    def get(self, path: str, host: str | None = None) -> tuple[int, bytes]:
        """host: the name under which it is asked, where that is another."""
        headers = {"Host": host.replace("PORT", str(self.port))} if host else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def connect(self, given: str | None = None, origin: str | None = None) -> ClientConnection:
        address = f"ws://127.0.0.1:{self.port}/live?token={token() if given is None else given}"
        return connect(address, origin=cast("Origin | None", origin), max_size=None)


class Looker:
    """One who looks at the wall and says what he has got."""

    def __init__(self, socket: ClientConnection, **feeds: dict[str, Any]) -> None:
        self.socket = socket
        self.got = 0
        self.told: dict[str, Any] = {}
        self.want(**feeds)

    def want(self, **feeds: dict[str, Any]) -> None:
        """What is wanted from now on: number (with a letter before it) and wish."""
        self.say({"feeds": {number[1:]: wish for number, wish in feeds.items()}})

    def say(self, message: object) -> None:
        self.socket.send(json.dumps(message))

    def next(self, number: int, patient: float = 10) -> tuple[str, np.ndarray[Any, Any]]:
        """The time and the picture of the next message of that number."""
        deadline = time.monotonic() + patient
        while time.monotonic() < deadline:
            message = self.socket.recv(patient)
            if isinstance(message, str):
                self.told = json.loads(message)
                continue
            self.got += 1
            self.say({"seen": self.got})
            if int.from_bytes(message[:2], "big") == number:
                length = message[2]
                jpeg = np.frombuffer(message[3 + length :], np.uint8)
                picture = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
                assert picture is not None
                return message[3 : 3 + length].decode(), picture
        raise AssertionError(f"no picture of number {number}")


@pytest.fixture
def runner(
    tmp_path: Path, make_walk: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> Generator[Running, None, None]:
    """A runner at work on two sources; the dashboard is about its database."""
    monkeypatch.setenv("TRACKING_DB", str(tmp_path / "people.db"))
    with Running(tmp_path) as running:
        for name in ("door", "a/b ü"):
            running.add(name, make_walk(), realtime=True, loop=True)
        running.wait("door", "ok")
        running.wait("a/b ü", "ok")
        yield running


@pytest.fixture
def served(runner: Running) -> Generator[Served, None, None]:
    with Served() as served:
        yield served


def test_anybody_may_ask_whether_it_is_well_and_is_told_no_names(served: Served) -> None:
    status, body = served.get("/healthz")
    assert (status, json.loads(body)) == (200, {"status": "ok", "phase": "elsewhere"})


@pytest.mark.parametrize("path", ["/stills/door.jpg", "/streams/door.mjpg"])
@pytest.mark.parametrize("query", ["", "?token=", "?token=abc.def"])
def test_pictures_are_for_those_with_a_token(served: Served, path: str, query: str) -> None:
    status, body = served.get(path + query)
    assert status == 403
    assert b"token" in body


def test_a_token_is_good_for_an_hour_and_stays_the_same_for_minutes() -> None:
    made = token(1_000_000)
    assert made == token(1_000_001)
    assert is_good(made, 1_000_000 + 3600)
    assert not is_good(made, 1_000_000 + 3600 + 601)


def test_a_token_of_another_server_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKING_SECRET", "one")
    made = token()
    assert is_good(made)
    monkeypatch.setenv("TRACKING_SECRET", "another")
    assert not is_good(made)
    assert not is_good(made[:-1] + ("a" if made[-1] != "a" else "b"))
    assert not is_good(None)


def test_a_still_has_the_size_that_is_asked_for(served: Served) -> None:
    status, jpeg = served.get(f"/stills/a%2Fb%20%C3%BC.jpg?token={token()}")
    assert status == 200
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (120, 160, 3)


@pytest.mark.parametrize("path", ["/stills/cellar.jpg", "/streams/cellar.mjpg"])
def test_a_source_that_is_not_there_is_told_in_words(served: Served, path: str) -> None:
    status, body = served.get(f"{path}?token={token()}")
    assert status == 404
    assert "cellar" in body.decode()


def test_other_programs_get_a_stream_of_whole_pictures(served: Served) -> None:
    address = f"http://127.0.0.1:{served.port}/streams/door.mjpg?token={token()}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.headers["Content-Encoding"] == "identity"
        assert answer.readline() == b"--frame\r\n"
        for _ in range(3):
            about = {}
            while (line := answer.readline()) != b"\r\n":
                name, value = line.decode().strip().split(": ")
                about[name] = value
            jpeg = answer.read(int(about["Content-Length"]))
            assert (jpeg[:2], jpeg[-2:]) == (b"\xff\xd8", b"\xff\xd9")
            assert answer.read(len(b"\r\n--frame\r\n")) == b"\r\n--frame\r\n"


def test_who_asks_for_a_streams_head_alone_gets_no_stream(served: Served) -> None:
    address = f"http://127.0.0.1:{served.port}/streams/door.mjpg?token={token()}"
    request = urllib.request.Request(address, method="HEAD")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("multipart/x-mixed-replace")
        assert answer.read() == b""


def test_one_socket_brings_the_pictures_of_all_sources(served: Served) -> None:
    with served.connect() as socket:
        looker = Looker(socket, n3={"source": "door"}, n700={"source": "a/b ü"})
        for number in (3, 700):
            taken, picture = looker.next(number)
            assert picture.shape == (120, 160, 3)
            assert taken.startswith("20")
            assert taken.endswith("Z")


def test_the_socket_tells_how_the_sources_are(served: Served) -> None:
    with served.connect() as socket:
        looker = Looker(socket, n1={"source": "door"})
        until(lambda: looker.next(1) is not None and "door" in looker.told.get("sources", {}))
    assert looker.told["phase"] == "elsewhere"
    assert looker.told["sources"]["door"]["state"] == "ok"
    assert "uri" not in looker.told["sources"]["door"]
    assert is_good(looker.told["token"])


def test_what_is_wanted_changes_without_a_new_connection(served: Served, runner: Running) -> None:
    with served.connect() as socket:
        looker = Looker(socket, n1={"source": "door"})
        _, plain = looker.next(1)
        looker.want(n2={"source": "a/b ü", "boxes": False, "labels": False, "trails": False})
        looker.next(2)
        until(lambda: viewers(runner, "door") == 0)
        looker.want()
        until(lambda: viewers(runner, "a/b ü") == 0)
        looker.want(n1={"source": "door"})
        assert looker.next(1)[1].shape == plain.shape


def test_a_small_feed_comes_seldom(served: Served) -> None:
    with served.connect() as socket:
        looker = Looker(socket, n1={"source": "door", "fps": 2})
        looker.next(1)
        began = time.monotonic()
        for _ in range(4):
            looker.next(1)
        assert time.monotonic() - began > 1.4


def test_viewers_share_what_is_read_from_the_runner(served: Served, runner: Running) -> None:
    with served.connect() as one, served.connect() as other:
        lookers = [Looker(socket, n1={"source": "door"}) for socket in (one, other)]
        for looker in lookers:
            looker.next(1)
        assert viewers(runner, "door") == 1
        one.close()
        lookers[1].next(1)
        assert viewers(runner, "door") == 1
    until(lambda: viewers(runner, "door") == 0)


def test_who_does_not_say_what_he_has_got_is_sent_no_more_until_he_does(served: Served) -> None:
    with served.connect() as socket:
        socket.send(json.dumps({"feeds": {"1": {"source": "door", "fps": 10}}}))
        states = sent = 0
        while states < 4:  # they come once a second, so there is time for 30 pictures
            message = socket.recv(10)
            sent, states = sent + isinstance(message, bytes), states + isinstance(message, str)
        assert sent == 18  # 8, and those of a second
        socket.send(json.dumps({"seen": sent}))
        assert any(isinstance(socket.recv(10), bytes) for _ in range(4))


@pytest.mark.parametrize(
    "nonsense",
    ["", "{", "[]", "7", '{"feeds": 1}', '{"feeds": {"x": {}}}', '{"seen": "many"}',
     '{"feeds": {"1": {"source": "door", "width": "wide", "fps": -1e999}}}'],
)  # fmt: skip
def test_nonsense_is_not_listened_to(served: Served, nonsense: str) -> None:
    with served.connect() as socket:
        socket.send(nonsense)
        Looker(socket, n1={"source": "door"}).next(1)


def test_a_message_without_end_ends_the_connection(served: Served) -> None:
    with served.connect() as socket:
        socket.send("x" * 100_000)
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(10)


def test_a_page_of_somebody_else_cannot_open_the_socket(served: Served) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        served.connect(origin="https://example.org")
    own = f"http://127.0.0.1:{served.port}"
    with served.connect(origin=own) as socket:
        Looker(socket, n1={"source": "door"}).next(1)


@pytest.fixture
def at_home() -> Generator[None, None, None]:
    """Streamlit was told to listen on the loopback."""
    streamlit_config.set_option("server.address", "localhost")
    yield
    streamlit_config.set_option("server.address", None, "<default>")


@pytest.fixture
def served_at_home(at_home: None, runner: Running) -> Generator[Served, None, None]:
    with Served() as served:
        yield served


def test_what_listens_on_this_machine_only_answers_under_its_names_only(
    served_at_home: Served,
) -> None:
    """As against a page whose own name was made to point here."""
    asked = f"?token={token()}"
    for path in ("/healthz", f"/stills/door.jpg{asked}", f"/streams/door.mjpg{asked}", "/overview"):
        status, said = served_at_home.get(path, "evil.example:PORT")
        assert (status, b"'evil.example:" in said) == (400, True), path
    for name in ("localhost:PORT", "127.0.0.1:PORT", "[::1]:PORT", "LOCALHOST"):
        assert served_at_home.get("/healthz", name)[0] == 200, name


def test_a_page_whose_name_was_made_to_point_here_cannot_open_the_socket(
    served_at_home: Served,
) -> None:
    """Origin and Host are the same name then, as they are for a page of ours."""
    address = f"ws://evil.example:{served_at_home.port}/live?token={token()}"
    origin = Origin(f"http://evil.example:{served_at_home.port}")
    with (
        closing(socket.create_connection(("127.0.0.1", served_at_home.port))) as plain,
        pytest.raises(InvalidStatus),
        connect(address, sock=plain, origin=origin),
    ):
        pass
    with served_at_home.connect(origin=f"http://127.0.0.1:{served_at_home.port}"):
        pass


def test_names_are_kept_when_the_settings_are_read_anew_and_let_go_at_the_end(
    at_home: None, runner: Running
) -> None:
    with Served() as served:
        streamlit_config.get_config_options(force_reparse=True)
        streamlit_config.set_option("server.address", "localhost")
        assert served.get("/healthz", "evil.example")[0] == 400
    assert streamlit_config.get_option("server.allowedHosts") == []


def test_hosts_that_were_named_are_the_only_ones(at_home: None, runner: Running) -> None:
    streamlit_config.set_option("server.allowedHosts", ["cameras.example"])
    try:
        with Served() as served:
            assert served.get("/healthz", "cameras.example")[0] == 200
            assert served.get("/healthz")[0] == 400
        assert streamlit_config.get_option("server.allowedHosts") == ["cameras.example"]
    finally:
        streamlit_config.set_option("server.allowedHosts", [], "<default>")


def test_where_it_listens_everywhere_any_name_may_be_a_proxys(served: Served) -> None:
    assert served.get("/healthz", "cameras.example")[0] == 200


def test_an_export_is_sent_under_its_name_to_those_with_a_token(served: Served) -> None:
    ready = Prepared("tracks.csv", "text/csv")
    ready.path.write_bytes(b"source,track\n" * 100_000)
    address = f"http://127.0.0.1:{served.port}/exports/{ready.id}"
    with urllib.request.urlopen(f"{address}?token={token()}", timeout=10) as answer:
        assert answer.read() == ready.path.read_bytes()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="tracks.csv"'
        assert answer.headers["Content-Length"] == "1300000"
        assert answer.headers["Content-Type"].startswith("text/csv")
    assert served.get(f"/exports/{ready.id}")[0] == 403
    assert served.get(f"/exports/{ready.id}x?token={token()}")[0] == 404
    assert served.get(f"/exports/..%2F..%2Fetc%2Fpasswd?token={token()}")[0] == 404
    ready.remove()
    status, said = served.get(f"/exports/{ready.id}?token={token()}")
    assert (status, b"prepare it again" in said) == (404, True)


def test_exports_of_a_server_that_was_killed_go_when_the_next_one_starts(
    runner: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    script = "import os, sys; from tracking.dashboard.serving.prepared import Prepared\n"
    script += "kept = Prepared('a.csv', ''); kept.path.write_text('rows'); os.kill(os.getpid(), 9)"
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], env=environment)
    [left] = tmp_path.glob("sightline-export-*")
    assert (left / "export").read_text() == "rows"
    mine = Prepared("b.csv", "")
    mine.path.write_text("rows")
    with Served():
        assert not left.exists()
        assert mine.path.exists()


def test_an_old_token_is_told_so_that_the_page_can_get_a_new_one(served: Served) -> None:
    old = token(time.time() - 2 * tokens.LIFE)
    with served.connect(old) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_the_pictures_go_on_when_another_runner_takes_over(
    tmp_path: Path, make_walk: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "HAND_OVER", 0.0)
    monkeypatch.setenv("TRACKING_DB", str(tmp_path / "people.db"))
    with ExitStack() as ends:
        with Running(tmp_path) as by_hand:
            by_hand.add("door", make_walk(), realtime=True, loop=True)
            by_hand.wait("door", "ok")
            served = ends.enter_context(Served())
            looker = Looker(ends.enter_context(served.connect()), n1={"source": "door"})
            looker.next(1)
        until(lambda: looker.next(1, 30) is not None and looker.told.get("phase") == "running", 60)
        looker.next(1)


def test_wishes_are_rounded_so_that_viewers_share_pictures() -> None:
    assert Wish.of("a", {"width": 321}) == Wish.of("a", {"width": 480.0}) == Wish("a", width=480)
    assert Wish.of("a", {"width": 4000, "fps": 60}) == Wish("a")
    assert Wish.of("a", {"boxes": "0", "labels": False, "trails": 1}) == Wish("a", False, False)
    assert Wish("a/b", fps=6).path("mjpg") == "/streams/a%2Fb.mjpg?boxes=1&labels=1&trails=1&fps=6"


App = tuple["subprocess.Popen[bytes]", int]
"""The process of `streamlit run` and its port."""


def viewers(runner: Running, name: str) -> int:
    picture = runner.runner.picture(name)
    assert picture is not None
    return picture.viewers


@pytest.fixture
def app(
    tmp_path: Path, make_walk: MakeClip
) -> Generator[tuple[subprocess.Popen[bytes], int], None, None]:
    """`streamlit run app.py` on a database of its own, with a runner at work."""
    source = {"name": "door", "uri": str(make_walk()), "detector": "motion"}
    settings = config.SourceSettings.of({**source, "realtime": True, "loop": True})
    config.add(tmp_path / "sources.toml", settings)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    secret = {"TRACKING_SECRET": "known to the test", "TRACKING_DB": str(tmp_path / "people.db")}
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"),
         "--server.port", str(port), "--server.headless", "true"],
        env={**os.environ, **secret},
        start_new_session=True,
    )  # fmt: skip
    yield process, port
    process.kill()
    process.wait()


def phase(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return str(json.load(answer)["phase"])
    except OSError:
        return ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_app_ends_with_its_runner_though_somebody_looks(
    number: signal.Signals,
    app: App,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process, port = app
    until(lambda: phase(port) == "running", 60)
    monkeypatch.setenv("TRACKING_SECRET", "known to the test")
    stream = urllib.request.urlopen(
        f"http://127.0.0.1:{port}/streams/door.mjpg?token={token()}", timeout=10
    )
    with stream, connect(f"ws://127.0.0.1:{port}/live?token={token()}", max_size=None) as socket:
        Looker(socket, n1={"source": "door"}).next(1, 20)
        assert stream.read(1000)
        os.killpg(process.pid, number)  # as a terminal does it
        process.wait(8)
    assert not is_held(tmp_path / "people.db")
    with closing(open_readonly(tmp_path / "people.db")) as connection:
        (outcome,) = connection.execute("SELECT outcome FROM runs").fetchone()
    assert outcome == "stopped"
