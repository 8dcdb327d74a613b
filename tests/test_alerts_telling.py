"""Passing alerts on: real servers on loopback, and a real MQTT broker."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.servers import free_port
from tests.shops import a_shop, at
from tracking.alerts import Rule, add, alerts, delete
from tracking.alerts.telling import PAUSES, TRIES, announce, deliver, drop, send, signature
from tracking.config import ChannelSettings, add_channel, load_channels, remove_channel
from tracking.config.channels import switch_channel
from tracking.database import open_database
from tracking.errors import ChannelFailed, SettingsError

NOW = at("12:00")


class Hook:
    """A server that takes messages; `answers` are its next ones, then 200. 0: none in time."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.leaving = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.heard.append((dict(self.headers), body))
                code = hook.answers.pop(0) if hook.answers else 200
                if not code:
                    hook.leaving.wait(20)
                    return
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", f"{hook.url}/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Hook:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leaving.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def webhook(url: str, **more: Any) -> ChannelSettings:
    return ChannelSettings.of({"name": "pager", "kind": "webhook", "url": url, **more})


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A shop with an alert that nobody was told of yet."""
    with closing(open_database(a_shop(tmp_path / "people.db"))) as connection:
        made = add(connection, Rule("full", "count", over=2.0), at=NOW)
        begin_alert(connection, made.id, NOW)
        yield connection


def begin_alert(connection: sqlite3.Connection, version: int, t: int) -> None:
    with connection:
        connection.execute(
            "INSERT INTO alerts (version, rule, source_id, name, text, place, started_at, value,"
            " peak, threshold, evidence) VALUES (?, 1, 0, 'full', 'more than 2', '', ?, 3, 3, 2,"
            ' \'{"tracks": [1, 2, 3], "counted": 3}\')',
            (version, t),
        )


def test_a_message_is_posted_as_json_with_its_number_and_signed() -> None:
    with Hook() as hook:
        result = send(webhook(hook.url, secret="s3cret"), '{"a": "ü"}', 7)
    ((headers, body),) = hook.heard
    assert (result, json.loads(body)) == ("answered 200", {"a": "ü"})
    assert headers["X-Sightline-Delivery"] == "7"
    assert headers["X-Sightline-Signature"] == signature("s3cret", body)
    # RFC 4231, test case 2
    assert signature("Jefe", b"what do ya want for nothing?") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_a_login_in_the_address_is_sent_as_such_and_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")
    with Hook(403) as hook:
        address = hook.url.replace("//", "//me:s3cret@") + "/${HOOK_TOKEN}?key=k3y"
        channel = webhook(address)
        with pytest.raises(ChannelFailed) as failed:
            send(channel, "{}")
    assert hook.heard[0][0]["Authorization"] == "Basic bWU6czNjcmV0"
    assert channel.shown == f"{hook.url}/***"
    shown = f"{channel!r} {channel} {channel.shown} {failed.value}"
    assert not any(secret in shown for secret in ("s3cret", "t0ken", "k3y"))


@pytest.mark.parametrize(
    ("code", "why"), [(500, "answered 500"), (302, "redirects are not followed")]
)
def test_what_is_no_success_is_a_failure(code: int, why: str) -> None:
    with Hook(code) as hook, pytest.raises(ChannelFailed, match=why):
        send(webhook(hook.url), "{}")
    assert len(hook.heard) == 1


def test_nobody_is_waited_for_longer_than_the_limit() -> None:
    with Hook(0) as hook, pytest.raises(ChannelFailed, match="no answer in time"):
        send(webhook(hook.url), "{}", limit=0.2)


def test_where_nobody_listens_that_is_said() -> None:
    with pytest.raises(ChannelFailed, match="nobody listens there"):
        send(webhook(f"http://127.0.0.1:{free_port()}/secret"), "{}")


def test_a_variable_that_is_not_set_is_said_and_nothing_is_sent() -> None:
    with Hook() as hook, pytest.raises(ChannelFailed, match="NOT_SET_ANYWHERE is not set"):
        send(webhook(hook.url, secret="${NOT_SET_ANYWHERE}"), "{}")
    assert hook.heard == []


def rows(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT channel, event, state, tries, result FROM alert_deliveries ORDER BY id"
    ).fetchall()


def test_what_fails_is_tried_again_after_a_pause_and_arrives(db: sqlite3.Connection) -> None:
    with Hook(500) as hook:
        channel = webhook(hook.url)
        assert announce(db, [channel], NOW) == 1
        assert announce(db, [channel], NOW) == 0  # nobody is told twice
        assert deliver(db, channel, NOW) is False
        assert deliver(db, channel, NOW + 1000) is None  # not yet
        assert deliver(db, channel, NOW + 2000) is True
    assert rows(db) == [("pager", "started", "sent", 2, "answered 200")]
    told = json.loads(hook.heard[1][1])
    assert (told["event"], told["rule"], told["value"], told["tracks"]) == (
        "started", "full", 3.0, [1, 2, 3])  # fmt: skip
    assert told["started_at"] == "2026-11-20T12:00:00.000+01:00"


def test_after_so_many_tries_it_is_given_up(db: sqlite3.Connection) -> None:
    def refuses(channel: ChannelSettings, text: str, number: int) -> str:
        raise ChannelFailed("answered 500")

    channel, now = webhook("http://127.0.0.1:9/"), NOW
    announce(db, [channel], now)
    for pause in (*PAUSES, 0):
        assert deliver(db, channel, now, refuses) is False
        now += round(1000 * pause)
    assert rows(db) == [("pager", "started", "failed", TRIES, "answered 500")]
    assert deliver(db, channel, now + 10**9, refuses) is None
    assert 2100 < sum(PAUSES) < 2400


def test_that_it_ended_is_told_after_that_it_began_to_the_same_ones(
    db: sqlite3.Connection,
) -> None:
    with Hook(500) as hook:
        channel, late = webhook(hook.url), webhook(hook.url, name="late")
        announce(db, [channel], NOW)
        deliver(db, channel, NOW)
        delete(db, "full", at=NOW + 1000)
        assert announce(db, [channel, late], NOW + 1000) == 1
        assert deliver(db, channel, NOW + 1500) is None  # the first one still waits
        assert deliver(db, channel, NOW + 2000) is True
        assert deliver(db, channel, NOW + 2000) is True
    events = [json.loads(body)["event"] for _, body in hook.heard]
    assert events == ["started", "started", "ended"]
    assert json.loads(hook.heard[-1][1])["ending"] == "the rule was deleted"
    (found,) = alerts(db, NOW, NOW + 10)
    assert [(each.event, each.state) for each in found.deliveries] == [
        ("started", "sent"), ("ended", "sent")]  # fmt: skip


def test_the_queue_survives_a_restart_and_a_clock_that_is_set_back(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    with Hook(500) as hook:
        channel = webhook(hook.url)
        announce(db, [channel], NOW)
        deliver(db, channel, NOW)
        with closing(open_database(tmp_path / "people.db")) as again:
            assert deliver(again, channel, NOW - 3_600_000) is True


def test_a_rule_tells_only_those_whom_it_names(db: sqlite3.Connection) -> None:
    with db:
        db.execute("DELETE FROM alerts")
    made = add(db, Rule("quiet", "count", over=1.0, channels=("late",)))
    begin_alert(db, made.id, NOW)
    channels = [webhook("http://127.0.0.1:9/", name=name) for name in ("pager", "late")]
    assert announce(db, channels, NOW) == 1
    assert [row[0] for row in rows(db)] == ["late"]


def test_what_waits_for_a_channel_that_is_gone_is_given_up(db: sqlite3.Connection) -> None:
    channel = webhook("http://127.0.0.1:9/")
    announce(db, [channel], NOW)
    drop(db, [channel])
    assert rows(db)[0][2] == "waiting"
    drop(db, [])
    assert rows(db) == [("pager", "started", "failed", 0, "the channel is gone")]


# MQTT


@contextmanager
def broker(anonymous: bool = True) -> Iterator[int]:
    """A real broker on loopback; its port."""
    amqtt = pytest.importorskip("amqtt.broker")
    port, ready, leaving = free_port(), threading.Event(), threading.Event()

    async def serve() -> None:
        config: dict[str, Any] = {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin":
                        {"allow_anonymous": anonymous}},
        }  # fmt: skip
        server = amqtt.Broker(config)
        await server.start()
        ready.set()
        while not leaving.is_set():
            await asyncio.sleep(0.02)
        await server.shutdown()

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    try:
        assert ready.wait(20)
        yield port
    finally:
        leaving.set()
        thread.join(20)


def mqtt(port: int, **more: Any) -> ChannelSettings:
    return ChannelSettings.of(
        {"name": "house", "kind": "mqtt", "host": "127.0.0.1", "port": port, **more}
    )


def test_a_broker_takes_a_message_and_passes_it_on() -> None:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    heard: list[tuple[str, bytes, int]] = []
    came, subscribed = threading.Event(), threading.Event()
    with broker() as port:
        listener = Client(CallbackAPIVersion.VERSION2)

        def hear(_client: Any, _data: Any, message: Any) -> None:
            heard.append((message.topic, message.payload, message.qos))
            came.set()

        listener.on_message = hear
        listener.on_subscribe = lambda *_: subscribed.set()
        listener.connect("127.0.0.1", port)
        listener.loop_start()
        listener.subscribe("shop/#", qos=1)
        assert subscribed.wait(20)
        assert send(mqtt(port, topic="shop/alerts"), '{"a": "ü"}') == "the broker took it"
        assert came.wait(20)
        listener.disconnect()
        listener.loop_stop()
    assert heard == [("shop/alerts", '{"a": "ü"}'.encode(), 1)]


def test_a_broker_that_refuses_or_is_not_there_is_told_without_the_password() -> None:
    with broker(anonymous=False) as port:
        assert send(mqtt(port, user="me", password="s3cret"), "{}") == "the broker took it"
        with pytest.raises(ChannelFailed, match="refused the connection"):
            send(mqtt(port), "{}")
    channel = mqtt(free_port(), user="me", password="s3cret")
    with pytest.raises(ChannelFailed, match="nobody listens there"):
        send(channel, "{}")
    assert "s3cret" not in f"{channel!r} {channel} {channel.shown}"


# the file


def test_channels_stand_in_the_file_beside_the_sources(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('# ours\n[[sources]]\nname = "door"\nuri = "0"\n')
    add_channel(file, webhook("https://hooks.example.org/${TOKEN}", secret="${SECRET}"))
    add_channel(file, mqtt(1883))
    with pytest.raises(SettingsError, match="'pager' already"):
        add_channel(file, webhook("https://other.example.org/"))
    found = load_channels(file)
    assert [each.shown for each in found.all] == [
        "https://hooks.example.org/***", "mqtt://127.0.0.1:1883/sightline/alerts"]  # fmt: skip
    assert found.problems == ()
    switch_channel(file, "pager", False)
    assert [each.enabled for each in load_channels(file).all] == [False, True]
    for name in ("pager", "house"):
        remove_channel(file, name)
    assert file.read_text().strip() == '# ours\n[[sources]]\nname = "door"\nuri = "0"'


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('kind = "webhook"', "a webhook needs its url"),
        ('kind = "mqtt"', "a mqtt needs its host"),
        ('kind = "webhook"\nurl = "ftp://a/s3cret"', "should begin with https:// or http://"),
        ('kind = "webhook"\nurl = "http://a:s3cret"', "url: is no address"),
        ('kind = "mqtt"\nhost = "a"\nsecret = "s3cret"', "a mqtt has no secret"),
        ('kind = "mqtt"\nhost = "mqtt://me:s3cret@a"', "a host's name or number only"),
        ('kind = "mqtt"\nhost = "a"\ntopic = "a/#"', "without"),
        ('kind = "pigeon"', "kind: should be"),
        ('kind = "webhook"\nurls = "http://a/s3cret"', "no setting 'urls'; did you mean 'url'"),
    ],
)
def test_a_channel_with_a_fault_is_told_and_shows_no_secret(
    table: str, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(f'[[channels]]\nname = "pager"\n{table}\n')
    found = load_channels(file)
    assert found.all == ()
    (problem,) = found.problems
    assert "channel 'pager'" in problem
    assert why in problem
    assert "s3cret" not in problem
