"""A browser's camera as one more source: its pictures go to the runner and come back annotated.

Knows nothing of Streamlit: WebRTC's threads call `Webcam.exchange`, pages look at `Webcam.facts`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from statistics import median
from typing import Any
from urllib.parse import quote, urlsplit

import av
from av.video.reformatter import VideoReformatter

from ...cameras import decoded
from ...config import SourceSettings, add, change, load
from ...errors import SettingsError, TrackingError
from ...frame import Image
from ...runner import holder, is_held
from ...runner.pushing import push_key
from ...streamers import jpeg
from ...times import iso, now_ms, to_ms
from ..places import Places
from ..serving.lasting import once

OURS = "push:webcam"  # how the uri of a source that was made here begins
SIDE = 640  # pixels of the longer side of what is analysed
QUALITY = 85  # of the JPEGs on their way to the runner
SILENCE = 10.0  # seconds without a picture after which the camera counts as gone
STALE = 2.0  # seconds after which an annotated picture is too old to be shown for the present
AGAIN = 0.5  # seconds between two tries to reach the runner
BEGINS = 6.0  # seconds for which nothing may get through before that is told
PATIENCE = 10.0  # seconds for each answer of the runner, and between two pictures


@dataclass(frozen=True, slots=True)
class Facts:
    """How it goes. sent, shown: pictures a second; delay: milliseconds from the camera's picture
    to its annotated one; seen: how many are in the newest; trouble: what is wrong, in one line."""

    sent: float = 0.0
    shown: float = 0.0
    delay: int | None = None
    seen: int | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class _Annotated:
    came: float
    seen: int
    image: Image


class Webcam:
    """One browser's camera.

    source: the name under which it is watched, None while it is not. Its pictures are passed on
    by two threads, which end with `stop`, and by themselves when none come any more.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        self.source: str | None = None
        self._begin()

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._newest: tuple[int, av.VideoFrame] | None = None
        self._annotated: _Annotated | None = None
        self._sent: deque[float] = deque(maxlen=90)
        self._shown: deque[float] = deque(maxlen=90)
        self._delays: deque[int] = deque(maxlen=30)
        self._trouble: str | None = None
        self._began = time.monotonic()

    @property
    def active(self) -> bool:
        return self.source is not None

    def start(self, name: str, labels: list[str] | None) -> None:
        """Have it watched from now on, under this name or the next that is free.

        labels: what to look for; None: all there is. Raises SettingsError, ConfigError.
        """
        self.stop()
        self._begin()
        with _claiming():
            self.source, uri = claim(self.places, name, labels)
            _running().add(self)
        for work, arguments in ((self._send, [uri]), (self._receive, [self.source])):
            thread = threading.Thread(
                target=work, args=[self._stopping, *arguments], name="webcam", daemon=True
            )
            thread.start()

    def stop(self) -> None:
        """Leave the source in the list as one that is not watched; what was recorded stays."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        with _claiming():  # nobody takes it up before it is let go
            if self.source is not None:
                with suppress(TrackingError):  # it was renamed or removed meanwhile
                    change(self.places.config, self.source, enabled=False)
            self.source = None
            _running().discard(self)

    def exchange(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Take a picture of the camera; the newest annotated one, or the plain one without it."""
        with self._changed:
            self._newest = now_ms(), frame
            self._changed.notify_all()
        annotated = self._annotated
        if not self.active or annotated is None or time.monotonic() - annotated.came > STALE:
            return frame
        return av.VideoFrame.from_ndarray(annotated.image, format="bgr24")

    def facts(self) -> Facts:
        annotated = self._annotated
        fresh = annotated is not None and time.monotonic() - annotated.came <= STALE
        return Facts(
            sent=_rate(self._sent),
            shown=_rate(self._shown),
            delay=round(median(delays)) if fresh and (delays := list(self._delays)) else None,
            seen=annotated.seen if annotated is not None and fresh else None,
            trouble=self._trouble,
        )

    def _send(self, stopping: threading.Event, uri: str) -> None:
        """Push the newest picture, again and again."""
        path, reformatter = f"/push/{uri.removeprefix('push:')}", VideoReformatter()
        while not stopping.is_set():
            connection = None
            try:
                connection, key = self._reached()
                headers = {"Authorization": f"Bearer {key}", "Content-Type": "image/jpeg"}
                while (taken := self._next(stopping)) is not None:
                    t, frame = taken
                    connection.request(
                        "POST",
                        path,
                        _encoded(frame, reformatter),
                        {**headers, "X-Timestamp": iso(t)},
                    )
                    answer = connection.getresponse()
                    self._note(answer.status, answer.read().decode(errors="replace"))
                    if answer.status >= 400:
                        stopping.wait(AGAIN)
            except TrackingError as error:
                self._tell(str(error))
                stopping.wait(AGAIN)
            except (OSError, HTTPException):
                self._tell("The runner does not answer")
                stopping.wait(AGAIN)
            finally:
                if connection is not None:
                    connection.close()

    def _next(self, stopping: threading.Event) -> tuple[int, av.VideoFrame] | None:
        """The newest picture; None at the end, which it is, too, when none come any more."""
        with self._changed:
            come = self._changed.wait_for(lambda: self._newest or stopping.is_set(), SILENCE)
            newest, self._newest = self._newest, None
        if not come and not stopping.is_set():
            self.stop()
            self._trouble = f"The camera gave no picture for {SILENCE:g} s; stop, and start again"
        return None if stopping.is_set() else newest

    def _receive(self, stopping: threading.Event, source: str) -> None:
        """Keep the newest annotated picture."""
        while not stopping.is_set():
            connection = None
            try:
                connection, _ = self._reached()
                connection.request("GET", f"/streams/{quote(source, safe='')}.mjpg")
                answer = connection.getresponse()
                if answer.status == 200:
                    self._read(answer, stopping)
            except (OSError, HTTPException, TrackingError, ValueError):
                pass  # whoever sends tells it
            finally:
                if connection is not None:
                    connection.close()
            stopping.wait(AGAIN)

    def _read(self, answer: HTTPResponse, stopping: threading.Event) -> None:
        last = None
        while not stopping.is_set() and (part := _part(answer)) is not None:
            about, data = part
            if about["x-frame"] == last:  # sent again because nothing newer came
                continue
            last = about["x-frame"]
            if (image := decoded(data)) is None:
                continue
            self._annotated = _Annotated(time.monotonic(), int(about.get("x-tracks", 0)), image)
            self._shown.append(time.monotonic())
            self._delays.append(now_ms() - to_ms(about["x-timestamp"]))

    def _reached(self) -> tuple[HTTPConnection, str]:
        """A connection to the runner that is there now, and its key."""
        found, key = holder(self.places.database), push_key(self.places.database)
        if found is None or found.url is None or not is_held(self.places.database):
            raise SettingsError("The runner is not there; it may be starting")
        if key is None:
            raise SettingsError("The runner belongs to another user, and takes no pictures from us")
        return HTTPConnection(urlsplit(found.url).netloc, timeout=PATIENCE), key

    def _note(self, status: int, text: str) -> None:
        if status < 400:
            self._trouble = None
            self._sent.append(time.monotonic())
        else:
            self._tell(text)

    def _tell(self, trouble: str) -> None:
        """What is wrong, once it has been so for longer than the runner needs to begin."""
        since = self._sent[-1] if self._sent else self._began
        if time.monotonic() - since > BEGINS:
            self._trouble = " ".join(trouble.split())


def claim(places: Places, name: str, labels: list[str] | None) -> tuple[str, str]:
    """Make a source for a browser's camera, or take up one that nobody uses; its name and uri.

    Where another browser's is called like that, a number is added.
    Raises SettingsError where something that is no browser's camera has the name; ConfigError.
    """
    for number in range(1, 1000):
        called = name if number == 1 else f"{name}-{number}"
        known = {source.name: source for source in load(places.config).sources}
        found = known.get(called)
        if found is None:
            uri = _free_uri({source.uri for source in known.values()})
            settings = {"name": called, "uri": uri, **({"classes": labels} if labels else {})}
            add(places.config, SourceSettings.of(settings))
            return called, uri
        if not found.uri.startswith(OURS):
            raise SettingsError(f"{called!r} is another source's name already; choose another")
        if not _is_used(called):
            change(places.config, called, enabled=None, classes=labels or None)
            return called, found.uri
    raise SettingsError("There are too many webcams")


def stop_all() -> None:
    """Stop what is under way in this process, which ends."""
    for webcam in list(_running()):
        webcam.stop()


def _claiming() -> threading.RLock:
    return once("claiming a webcam", threading.RLock)


def _running() -> set[Webcam]:
    return once("webcams", set)


def _is_used(name: str) -> bool:
    return any(webcam.source == name for webcam in list(_running()))


def _free_uri(taken: set[str]) -> str:
    return next(
        uri
        for number in range(1, 10_000)
        if (uri := OURS if number == 1 else f"{OURS}-{number}") not in taken
    )


def ice_servers(told: object) -> list[dict[str, Any]]:
    """STUN and TURN servers as WebRTC wants them.

    told: JSON, or a list of tables with `urls`, `username` and `credential`, or addresses with
    commas between them. Raises SettingsError.
    """
    if isinstance(told, str) and told.strip().startswith(("[", "{")):
        try:
            told = json.loads(told)
        except ValueError:
            raise SettingsError("The ICE servers are not JSON") from None
    if isinstance(told, str):
        told = [address.strip() for address in told.split(",") if address.strip()]
    if isinstance(told, Mapping):
        told = [told]
    return [_ice_server(each) for each in told] if isinstance(told, (list, tuple)) else []


def _ice_server(told: Any) -> dict[str, Any]:
    server = {"urls": told} if isinstance(told, str) else told
    urls = server.get("urls") if isinstance(server, Mapping) else None
    addresses = [urls] if isinstance(urls, str) else urls
    if not isinstance(addresses, (list, tuple)) or not all(
        isinstance(each, str) and re.match("(stun|turn)s?:", each) for each in addresses
    ):
        raise SettingsError("Each ICE server needs urls like stun:HOST:3478 or turn:HOST:3478")
    kept = ("username", "credential")
    return {"urls": list(addresses), **{name: server[name] for name in kept if name in server}}


def _encoded(frame: av.VideoFrame, reformatter: VideoReformatter) -> bytes:
    """A JPEG of one size, however many pixels the browser spares at the moment.

    Not with the frame's own reformatter: WebRTC uses that one at the same time.
    """
    scale = SIDE / max(frame.width, frame.height)
    width, height = (max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height))
    small = reformatter.reformat(frame, width, height, "bgr24")
    return jpeg(small.to_ndarray(), QUALITY)


def _part(answer: HTTPResponse) -> tuple[dict[str, str], bytes] | None:
    """The next picture of a multipart answer with its headers; None at the end."""
    about: dict[str, str] = {}
    while line := answer.readline():
        text = line.decode("latin-1").strip()
        if text and not text.startswith("--"):
            name, _, value = text.partition(":")
            about[name.lower()] = value.strip()
        elif not text and "content-length" in about:
            return about, answer.read(int(about["content-length"]))
    return None


def _rate(moments: deque[float]) -> float:
    """How many a second, of late."""
    now = time.monotonic()
    return sum(moment > now - 3 for moment in list(moments)) / 3
