"""Cameras for tests: real stream servers on loopback, with every fault a camera can have.

Each is a context manager and gives pictures stamped with their number and send time
(`benchmarks.stamps`). Its public attributes may be changed while it runs.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import cv2
import numpy as np

from benchmarks.stamps import stamp
from tracking.frame import Image
from tracking.times import now_ms

SYSTEM_PYTHON = "/usr/bin/python3"
GSTREAMER_PACKAGES = (
    "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
)
REASONS = {200: "OK", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Server Error"}


AnyCamera = TypeVar("AnyCamera", bound="Camera")


class Scene:
    """Something moving slowly, with a stamp: the picture is made when it is asked for."""

    def __init__(self) -> None:
        self._grounds: dict[tuple[int, int], Image] = {}

    def picture(self, number: int, size: tuple[int, int]) -> Image:
        width, height = size
        if size not in self._grounds:
            small = np.random.default_rng(1).integers(60, 190, (12, 16, 3), np.uint8)
            self._grounds[size] = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
        image = self._grounds[size].copy()
        x = number * 4 % width
        cv2.rectangle(image, (x, height // 2), (x + width // 8, height - 1), (30, 60, 220), -1)
        return stamp(image, number, now_ms())


class Camera:
    """What all the servers share: a port that stays the same, and what is sent how fast.

    silent: the connection stays open, but nothing is sent.
    sent: how many pictures were made.
    """

    scheme = "http"

    def __init__(self, *, size: tuple[int, int] = (320, 240), fps: float = 25) -> None:
        self.size, self.fps = size, fps
        self.silent = False
        self.sent = 0
        self.port = free_port()
        self._scene = Scene()
        self._numbers = itertools.count()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/live"

    def url_for(self, credentials: str) -> str:
        return self.url.replace("//", f"//{credentials}@")

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def __enter__(self: AnyCamera) -> AnyCamera:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _pictures(self, running: threading.Event) -> Iterator[tuple[int, Image]]:
        """Pictures at the camera's rate until it is stopped."""
        due = time.monotonic()
        while running.is_set():
            if self.silent:
                time.sleep(0.01)
                continue
            number = next(self._numbers)
            self.sent += 1
            yield number, self._scene.picture(number, self.size)
            due = max(due + 1 / self.fps, time.monotonic() - 0.2)
            time.sleep(max(0.0, due - time.monotonic()))


class HttpCamera(Camera):
    """Answers every GET with its stream, or with what it is told to answer.

    status: answered in place of the stream; location: where a redirection leads.
    credentials: "user:password" asked for, in the way of `access`, Basic or Digest.
    content_type: what the stream is called; pace: bytes a second, where it trickles.
    endless: headers that never end. page: what stands in place of a stream.
    """

    content_type = "application/octet-stream"

    def __init__(self, *, size: tuple[int, int] = (320, 240), fps: float = 25) -> None:
        super().__init__(size=size, fps=fps)
        self.status = 200
        self.location: str | None = None
        self.credentials: str | None = None
        self.access = "Basic"
        self.pace: float | None = None
        self.endless = False
        self.page: str | None = None
        self._running = threading.Event()
        self._listener: socket.socket | None = None
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    @property
    def clients(self) -> int:
        return len(self._clients)

    def start(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        listener.settimeout(0.05)
        self._listener = listener
        self._running = threading.Event()
        self._running.set()
        self._run(self._accept, listener, self._running)

    def stop(self) -> None:
        """Close the port and every connection, as when a camera is switched off."""
        self._running.clear()
        self.kill()
        for thread in self._threads:
            thread.join(5)
        self._threads.clear()
        if self._listener is not None:
            self._listener.close()

    def kill(self) -> None:
        """Reset every connection; new ones are welcome."""
        for client in list(self._clients):
            with suppress(OSError):
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.shutdown(socket.SHUT_RD)  # wakes the thread that serves it, which closes it
            self._clients.discard(client)

    def stream(self, client: socket.socket, running: threading.Event) -> None:
        raise NotImplementedError

    def send(self, client: socket.socket, data: bytes) -> None:
        """Send all of it at the pace that is set now; stop when the connection is killed."""
        while data:
            if client not in self._clients:
                raise ConnectionResetError
            piece = data if self.pace is None else data[: max(1, int(self.pace / 50))]
            client.sendall(piece)
            data = data[len(piece) :]
            if self.pace is not None:
                time.sleep(len(piece) / self.pace)

    def _run(self, target: Any, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, running: threading.Event) -> None:
        while running.is_set():
            with suppress(TimeoutError):
                client, _ = listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.settimeout(5)
                self._clients.add(client)
                self._run(self._serve, client, running)

    def _serve(self, client: socket.socket, running: threading.Event) -> None:
        with client, suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request and (data := client.recv(4096)):
                request += data
            if request:
                self._answer(client, request.decode("latin-1"), running)
        self._clients.discard(client)

    def _answer(self, client: socket.socket, request: str, running: threading.Event) -> None:
        while self.silent and running.is_set() and client in self._clients:
            time.sleep(0.01)
        if self.endless:
            for number in itertools.count():
                self.send(client, b"HTTP/1.1 200 OK\r\n" if not number else b"X-More: more\r\n")
                time.sleep(0.02)
        if self.location:
            head = f"HTTP/1.1 302 Found\r\nLocation: {self.location}\r\nContent-Length: 0\r\n\r\n"
            self.send(client, head.encode())
        elif self.credentials and not self._admits(request):
            offer = 'realm="camera"' + (', nonce="abc", qop="auth"' * (self.access == "Digest"))
            self._refuse(client, 401, f"WWW-Authenticate: {self.access} {offer}\r\n")
        elif self.status != 200:
            self._refuse(client, self.status)
        elif self.page:
            self._refuse(client, 200, page=self.page)
        else:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {self.content_type}\r\n\r\n"
            self.send(client, head.encode())
            self.stream(client, running)

    def _refuse(
        self, client: socket.socket, status: int, more: str = "", page: str = "<html>no</html>"
    ) -> None:
        head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: text/html\r\n{more}"
        self.send(client, f"{head}Content-Length: {len(page)}\r\n\r\n{page}".encode())

    def _admits(self, request: str) -> bool:
        user, _, password = (self.credentials or "").partition(":")
        told = re.search(rf"(?im)^authorization: {self.access} (.*?)\r?$", request)
        if told is None:
            return False
        if self.access == "Basic":
            return base64.b64decode(told[1]).decode() == self.credentials
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', told[1]))
        secret = _md5(f"{user}:camera:{password}")
        asked = _md5(f"GET:{fields['uri']}")
        rest = f"{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:{fields['qop']}"
        return fields["response"] == _md5(f"{secret}:{rest}:{asked}")


class MjpegCamera(HttpCamera):
    """Motion JPEG over HTTP.

    frozen: the same picture again and again. lengths: parts say how long they are.
    garbage: bytes of noise to send before the next picture, once.
    broken: how many of the next pictures are cut off in the middle.
    """

    content_type = "multipart/x-mixed-replace; boundary=frame"

    def __init__(self, *, size: tuple[int, int] = (320, 240), fps: float = 25) -> None:
        super().__init__(size=size, fps=fps)
        self.frozen = False
        self.lengths = True
        self.garbage = 0
        self.broken = 0

    def stream(self, client: socket.socket, running: threading.Event) -> None:
        part = b""
        for _, image in self._pictures(running):
            if not (self.frozen and part):
                part = self._part(image)
            if self.garbage:
                noise = np.random.default_rng(2).bytes(self.garbage)
                self.garbage = 0
                self.send(client, noise)
            self.send(client, part)

    def _part(self, image: Image) -> bytes:
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
        if self.broken:
            self.broken -= 1
            data = data[: len(data) // 2]
        length = f"Content-Length: {len(data)}\r\n" * self.lengths
        head = f"--frame\r\nContent-Type: image/jpeg\r\n{length}\r\n"
        return head.encode() + data + b"\r\n"


class H264:
    """Encodes pictures as they come, two of a second as key pictures."""

    def __init__(self, size: tuple[int, int], fps: float, options: dict[str, str]) -> None:
        self.size = size
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height = size
        encoder.pix_fmt = "yuv420p"
        encoder.time_base, encoder.framerate = Fraction(1, 90_000), Fraction(round(fps))
        usual = {"preset": "ultrafast", "tune": "zerolatency", "g": str(max(2, round(fps / 2)))}
        encoder.options = usual | options
        self._encoder: Any = encoder

    def encode(self, image: Image) -> list[Any]:
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts, frame.time_base = time.monotonic_ns() * 9 // 100_000, Fraction(1, 90_000)
        return list(self._encoder.encode(frame))


class TsCamera(HttpCamera):
    """H.264 in an MPEG transport stream over HTTP.

    options: more options for the encoder. garbage: how many of the next packets are damaged.
    """

    content_type = "video/mp2t"

    def __init__(self, *, size: tuple[int, int] = (320, 240), fps: float = 25) -> None:
        super().__init__(size=size, fps=fps)
        self.options: dict[str, str] = {}
        self.garbage = 0

    def stream(self, client: socket.socket, running: threading.Event) -> None:
        out = _Out(lambda data: self.send(client, self._damaged(data)))
        muxing = {"flush_packets": "1"}
        encoder = H264(self.size, self.fps, self.options)
        with av.open(out, "w", format="mpegts", options=muxing) as container:  # type: ignore[call-overload]
            stream = container.add_stream("libx264", rate=round(self.fps))
            stream.width, stream.height = self.size
            for _, image in self._pictures(running):
                if out.gone:
                    break
                if encoder.size != self.size:
                    encoder = H264(self.size, self.fps, self.options)
                for packet in encoder.encode(image):
                    packet.stream = stream
                    container.mux(packet)

    def _damaged(self, data: bytes) -> bytes:
        if not self.garbage or len(data) < 2000:
            return data
        self.garbage -= 1
        middle = len(data) // 2
        return data[:middle] + np.random.default_rng(3).bytes(200) + data[middle + 200 :]


class _Out:
    """A file that can only be written to; once the connection is gone it swallows what comes."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.gone = False

    def write(self, data: bytes) -> int:
        try:
            if not self.gone:
                self._send(bytes(data))
        except OSError:
            self.gone = True
        return len(data)


class RtspCamera(Camera):
    """H.264 over RTSP from GStreamer's server, which runs in a process of its own."""

    scheme = "rtsp"

    def __init__(self, *arguments: str, size: tuple[int, int] = (320, 240), fps: float = 25):
        super().__init__(size=size, fps=fps)
        self.arguments = arguments
        self.options: dict[str, str] = {}
        self._running = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    @staticmethod
    def missing() -> str | None:
        """Why this machine cannot run it; None if it can."""
        modules = "import gi; gi.require_version('GstRtspServer', '1.0')"
        modules += "; from gi.repository import Gst, GstRtspServer; Gst.init(None)"
        modules += "; assert Gst.ElementFactory.find('rtph264pay')"
        if shutil.which(SYSTEM_PYTHON):
            tried = subprocess.run(
                [SYSTEM_PYTHON, "-c", modules], capture_output=True, timeout=30, check=False
            )
            if tried.returncode == 0:
                return None
        return f"a real RTSP server is needed: apt-get install {GSTREAMER_PACKAGES}"

    def start(self) -> None:
        command = [SYSTEM_PYTHON, str(Path(__file__).with_name("gst_rtsp.py")), str(self.port)]
        self._process = subprocess.Popen(
            [*command, *self.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != b"ready":
            raise RuntimeError("the RTSP server did not start")
        self._running = threading.Event()
        self._running.set()
        self._thread = threading.Thread(
            target=self._feed, args=[self._process, self._running], daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the process at once, as when a camera is switched off."""
        self._running.clear()
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(5)
        if self._thread is not None:
            self._thread.join(5)
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe and pipe.close()  # type: ignore[func-returns-value]

    kill = stop

    def _feed(self, process: subprocess.Popen[bytes], running: threading.Event) -> None:
        assert process.stdin is not None
        encoder = H264(self.size, self.fps, self.options)
        with suppress(OSError):
            for _, image in self._pictures(running):
                if encoder.size != self.size:
                    encoder = H264(self.size, self.fps, self.options)
                for packet in encoder.encode(image):
                    data = bytes(packet)
                    process.stdin.write(struct.pack(">I", len(data)) + data)
                    process.stdin.flush()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
