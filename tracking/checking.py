"""Does a source give pictures? In a process of its own, too: some libraries never give up.

`python -m tracking.checking` takes what to look at as JSON on its standard input, where no list of
processes shows a password, and answers with a last line of JSON.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import cv2

from .config import SourceSettings
from .errors import SourceUnreadable, TrackingError
from .frame import Frame, Image
from .streamers import jpeg

PREVIEW = 960  # pixels of a preview's longer side
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,mxf,h264,hevc,dv"
)
"""What a video file may be. Playlists are not among them: they lead to other files and hosts."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a source gave. image: its first picture; rate: frames a second; delay: seconds."""

    kind: str
    image: Image
    rate: float | None
    delay: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


def look(settings: SourceSettings) -> Sight:
    """Open a source of resolved settings and wait for its first picture; raises SourceError."""
    if settings.pushed:
        raise SourceUnreadable(f"{settings.clean_uri} is not opened: pictures are pushed to it")
    streamer = settings.streamer()
    begun = time.monotonic()
    with closing(streamer.frames()) as frames:
        first = next(frames, None)
        if first is None:
            raise SourceUnreadable(f"{settings.clean_uri} ended before its first picture")
        delay = time.monotonic() - begun
        rate = _measured(frames) if settings.live else streamer.fps
    return Sight(streamer.kind, first.image, rate, delay)


def check_container(path: Path) -> None:
    """Raise SourceUnreadable unless a file is a video by its content, whatever it is called."""
    import av

    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    try:
        with av.open(str(path.absolute()), options=options) as container:
            if not container.streams.video:
                raise SourceUnreadable(f"{path.name} holds no video")
    except (av.FFmpegError, ValueError) as error:
        raise SourceUnreadable(f"{path.name} is not a video, or is damaged") from error


def _measured(frames: Iterator[Frame], seconds: float = 1.0) -> float | None:
    """Frames a second, as they come; what cameras say of themselves is often wrong."""
    begun = last = time.monotonic()
    count = 0
    for _ in islice(frames, 240):
        count, last = count + 1, time.monotonic()
        if last - begun >= seconds:
            break
    return count / (last - begun) if count else None


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        settings = SourceSettings.of(asked["settings"]).resolved(Path(asked["folder"]))
        if asked["uploaded"] and not Path(settings.uri).is_dir():
            check_container(Path(settings.uri))
        sight = look(settings)
    except TrackingError as error:
        return {"error": str(error)}
    except Exception as error:  # a library's fault is an answer, too
        return {"error": f"{type(error).__name__}: {error}"}
    scale = min(1.0, PREVIEW / max(sight.size))
    small = cv2.resize(sight.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return {
        "kind": sight.kind,
        "size": sight.size,
        "rate": sight.rate,
        "delay": sight.delay,
        "picture": base64.b64encode(jpeg(small, quality=85)).decode(),
    }


def _leave_with(answer: dict[str, Any]) -> NoReturn:
    """Answer and be gone, whatever threads of libraries still wait for."""
    os.write(sys.stdout.fileno(), b"\n" + json.dumps(answer).encode())
    os._exit(0)


def main() -> NoReturn:
    asked = json.load(sys.stdin)
    limit = float(asked["limit"])
    late = {"error": f"there was no picture within {limit:g} seconds"}
    timer = threading.Timer(limit, _leave_with, [late])
    timer.daemon = True
    timer.start()
    if hasattr(signal, "alarm"):  # ends even what hangs with the interpreter in its hands
        signal.alarm(int(limit) + 5)
    answer = _answer(asked)
    timer.cancel()
    _leave_with(answer)


if __name__ == "__main__":
    main()
