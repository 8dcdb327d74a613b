"""A server that speaks OpenAI's chat completions on loopback, and says exactly what it is told to.

It streams as the real ones do: tool calls come in pieces, and usage comes last.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Talk"], None]
"""What a request is answered with."""


@dataclass
class FakeOpenAI:
    """url: its base address. requests: the bodies that came. headers: those of each. knocks: what
    came at all, whatever it was."""

    url: str
    replies: list[Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    knocks: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def next(self) -> Reply:
        """The next reply; the last one for ever."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    @property
    def told(self) -> str:
        """Everything that was ever sent to it."""
        return json.dumps(self.requests)

    @property
    def results(self) -> list[str]:
        """What tools gave back, as the last request tells it."""
        return [m["content"] for m in self.requests[-1]["messages"] if m["role"] == "tool"]


@contextmanager
def fake_openai(*replies: Reply) -> Iterator[FakeOpenAI]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            server.knocks.append(self.path)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(body)
            server.headers.append(dict(self.headers))
            with suppress(OSError):  # whoever asked has hung up
                server.next()(Talk(self, server, body))

        def handle(self) -> None:
            with suppress(OSError):  # the same between two requests
                super().handle()

        def do_GET(self) -> None:
            server.knocks.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = FakeOpenAI(f"http://127.0.0.1:{http.server_port}/v1", list(replies))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        http.shutdown()
        thread.join()
        http.server_close()


class Talk:
    """One answer of the server, as it is written."""

    def __init__(self, http: BaseHTTPRequestHandler, server: FakeOpenAI, body: Any) -> None:
        self.http, self.server, self.body = http, server, body

    def whole(self, status: int, body: bytes, kind: str = "application/json", **more: str) -> None:
        self.http.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **more}
        for name, value in headers.items():
            self.http.send_header(name.replace("_", "-"), value)
        self.http.end_headers()
        self.http.wfile.write(body)

    def begin(self) -> None:
        self.http.send_response(200)
        self.http.send_header("Content-Type", "text/event-stream")
        self.http.send_header("Transfer-Encoding", "chunked")
        self.http.end_headers()

    def raw(self, data: bytes) -> None:
        self.http.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.http.wfile.flush()

    def chunk(self, delta: dict[str, Any] | None, finish: str | None = None, **more: Any) -> None:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
        whole = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self.body["model"],
            "choices": choices,
            **more,
        }
        self.raw(b"data: " + json.dumps(whole).encode() + b"\n\n")

    def text(self, text: str) -> None:
        for word in text.split(" "):
            self.chunk({"content": f"{word} "})

    def end(self, finish: str = "stop", tokens: int = 120) -> None:
        self.chunk({}, finish)
        usage = {"prompt_tokens": tokens - 20, "completion_tokens": 20, "total_tokens": tokens}
        self.chunk(None, usage=usage)
        self.raw(b"data: [DONE]\n\n")
        self.raw(b"")

    def cut(self) -> None:
        """Hang up in the middle."""
        self.http.wfile.flush()
        self.http.close_connection = True
        self.http.connection.close()

    def wait(self, seconds: float) -> None:
        self.server.closing.wait(seconds)


def says(text: str, finish: str = "stop", tokens: int = 120) -> Reply:
    def reply(talk: Talk) -> None:
        talk.begin()
        talk.text(text)
        talk.end(finish, tokens)

    return reply


def calls(name: str, arguments: dict[str, Any] | str, *more: tuple[str, Any]) -> Reply:
    """Call tools; arguments that are text are sent as they are. They come in pieces."""

    def reply(talk: Talk) -> None:
        talk.begin()
        talk.chunk({"role": "assistant", "content": ""})
        for number, (tool, given) in enumerate([(name, arguments), *more]):
            text = given if isinstance(given, str) else json.dumps(given)
            head = {"name": tool, "arguments": ""}
            id = f"call_{len(talk.server.requests)}_{number}"
            first = {"index": number, "id": id, "type": "function", "function": head}
            talk.chunk({"tool_calls": [first]})
            for at in range(0, len(text), 9):
                part = {"index": number, "function": {"arguments": text[at : at + 9]}}
                talk.chunk({"tool_calls": [part]})
        talk.end("tool_calls")

    return reply


def tells_results(talk: Talk) -> None:
    """A model that repeats what the last tool gave back."""
    says(talk.body["messages"][-1]["content"][:300])(talk)


def fails(status: int, code: str = "", secret: str = "") -> Reply:
    body = {"error": {"message": f"not with {secret}", "type": "error", "code": code}}
    return lambda talk: talk.whole(status, json.dumps(body).encode())


def nonsense(body: bytes, kind: str = "text/html", **headers: str) -> Reply:
    return lambda talk: talk.whole(200, body, kind, **headers)


def cuts(after: str, politely: bool = False) -> Reply:
    """Hang up in the middle of an answer; politely: as if that were its end."""

    def reply(talk: Talk) -> None:
        talk.begin()
        talk.text(after)
        if politely:
            talk.raw(b"")
        else:
            talk.cut()

    return reply


def hangs(seconds: float = 60, after: str | None = None) -> Reply:
    """Say nothing, or nothing more."""

    def reply(talk: Talk) -> None:
        if after is not None:
            talk.begin()
            talk.text(after)
        talk.wait(seconds)
        talk.cut()

    return reply


def drips(seconds: float = 60, pause: float = 0.1, piece: bytes = b": ping\n\n") -> Reply:
    """Say something all the time, and never anything."""

    def reply(talk: Talk) -> None:
        talk.begin()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not talk.server.closing.is_set():
            talk.raw(piece)
            talk.wait(pause)

    return reply


def floods(piece: bytes) -> Reply:
    """Write without end, as fast as it goes."""

    def reply(talk: Talk) -> None:
        talk.begin()
        while not talk.server.closing.is_set():
            talk.raw(piece)

    return reply
