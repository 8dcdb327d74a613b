"""What there is to see of a window: the recording itself, or how our own tracks moved in it.

A recording that still exists is cut by a process of its own, `python -m tracking.quality.footage`,
which is told a Request as JSON on its standard input and prints how far it is: strangers' files
crash decoders, and no page waits for a decoder.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np

from ..database import still
from ..drawing import Look, drawn, scaled
from ..errors import SourceUnreadable, TrackingError
from ..frame import Frame, Image, Track
from ..recording import VideoRecorder
from ..streamers import DirectoryStreamer
from ..streaming import jpeg
from .audits import Audit, Window

WIDEST = 960  # pixels of what is shown
FASTEST = 12.5  # pictures a second that are shown
PATHS_RATE = 10.0  # of the picture of paths
TAIL = 2_000  # milliseconds of a path that are drawn behind its object
LEAST_LIFE = 120  # milliseconds for which a box is shown at least
EVERY = 10  # pictures after which it is told how far it is

Kind = Literal["file", "folder", "paths"]
Box = tuple[int, int, str, float, float, float, float]
"""Milliseconds after the window's beginning, a number, a label, x, y, w, h."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be cut. begin: seconds into the recording; seconds: 0 for one picture; size: of
    its frames; rate: pictures a second that it has. still: a JPEG in base64 that paths are drawn
    over. boxes: what to draw; with none given nothing is drawn."""

    kind: Kind
    path: str
    begin: float
    seconds: float
    size: tuple[int, int]
    rate: float
    still: str = ""
    boxes: tuple[Box, ...] = ()


def request_of(
    connection: sqlite3.Connection, audit: Audit, window: Window, boxes: bool = False
) -> Request | None:
    """What there is to see of a window; with our boxes drawn in, if asked for.

    Where no recording exists, how our tracks moved over the source's latest picture: then objects
    that were never found cannot be seen, either. None where even the frame's size is not known.
    """
    row = connection.execute(
        "SELECT kind, uri, coalesce(run.width, source.width), coalesce(run.height, source.height),"
        " source.fps, run.id, started_at FROM sources AS source JOIN runs AS run"
        " ON run.source_id = source.id WHERE source.name = ? AND started_at <= ?"
        " ORDER BY started_at DESC, run.id DESC LIMIT 1",
        (audit.plan.source, window.since),
    ).fetchone()
    if row is None or not row[2] or not row[3]:
        return None
    kind, uri, width, height, fps, run, started = row
    moment = audit.plan.quantity == "occupancy"
    since = window.moment if moment else window.since
    seconds = 0.0 if moment else audit.plan.seconds
    size, rate = (int(width), int(height)), float(fps or 25)
    own = tuple(_boxes(connection, audit, since, seconds)) if boxes else ()
    if kind in ("file", "folder") and Path(uri).is_absolute() and Path(uri).exists():
        begin = _place(connection, run, started, since, rate)
        return Request(kind, uri, begin, seconds, size, rate, boxes=own)
    return _paths(connection, audit, since, seconds, size)


def _place(connection: sqlite3.Connection, run: int, started: int, t: int, rate: float) -> float:
    """Seconds into the recording at which it was t: a run that was taken up again begins later.

    Pictures are numbered from the recording's beginning, so any position of the run tells.
    """
    known = connection.execute(
        "SELECT t, frame FROM people_tracks JOIN positions ON track = id"
        " WHERE run_id = ? AND t = first_seen ORDER BY abs(first_seen - ?) LIMIT 1",
        (run, t),
    ).fetchone()
    at, frame = known or (started, 0)
    from_start = (t - started) / 1000
    by_number = frame / rate + (t - at) / 1000
    # where both agree the times are those of the file, which pictures of uneven length need, too
    return max(0.0, from_start if abs(by_number - from_start) < 1 else by_number)


def _boxes(
    connection: sqlite3.Connection, audit: Audit, since: int, seconds: float
) -> Iterator[Box]:
    labels = json.dumps(list(audit.plan.labels))
    until = since + round(seconds * 1000)
    rows = connection.execute(
        "SELECT t, track_id, label, x, y, w, h FROM people_tracks AS track"
        " JOIN sources AS source ON source.id = source_id JOIN positions ON track = track.id"
        " AND t BETWEEN ?1 - ?5 AND ?2 WHERE source.name = ?3 AND last_seen >= ?1 - ?5"
        " AND first_seen <= ?2 AND (?4 = '[]' OR label IN (SELECT value FROM json_each(?4)))"
        " ORDER BY t, track",
        (since, until, audit.plan.source, labels, TAIL),
    )
    for t, *rest in rows:
        yield (t - since, *rest)


def _paths(
    connection: sqlite3.Connection, audit: Audit, since: int, seconds: float, size: tuple[int, int]
) -> Request:
    (source_id,) = connection.execute(
        "SELECT id FROM sources WHERE name = ?", (audit.plan.source,)
    ).fetchone()
    picture = still(connection, source_id)
    text = "" if picture is None else base64.b64encode(picture.jpeg).decode()
    boxes = tuple(_boxes(connection, audit, since, seconds))
    return Request("paths", "", 0.0, seconds, size, PATHS_RATE, text, boxes)


def written(request: Request) -> str:
    """As JSON, for the process that cuts it."""
    return json.dumps(asdict(request))


def read(text: str) -> Request:
    """What `written` wrote."""
    content = json.loads(text)
    boxes = tuple(tuple(box) for box in content.pop("boxes"))
    return Request(**{**content, "size": tuple(content["size"]), "boxes": boxes})


def cut(
    request: Request, output: Path, tell: Callable[[float], object] = lambda share: None
) -> int:
    """Write what is asked for: an H.264 mp4, or a JPEG where it is one moment; how many pictures.

    Raises SourceUnreadable where the recording does not reach there, OutputError.
    """
    shown = 0
    if request.seconds == 0:
        for t, image in _pictures(request):
            output.write_bytes(jpeg(_with_boxes(request, t, image)))
            return 1
        raise SourceUnreadable(f"{request.path} does not reach to {request.begin:.1f} s")
    step, due = 1000 / min(FASTEST, request.rate), 0.0
    with VideoRecorder(output, min(FASTEST, request.rate)) as recorder:
        for t, image in _pictures(request):
            if t < due - step / 4:
                continue
            due = max(due + step, t)
            recorder.write(_with_boxes(request, t, image), round(t))
            shown += 1
            if shown % EVERY == 0:
                tell(min(1.0, t / 1000 / request.seconds))
    if not shown:
        raise SourceUnreadable(f"{request.path} does not reach to {request.begin:.1f} s")
    return shown


def _pictures(request: Request) -> Iterator[tuple[float, Image]]:
    """Milliseconds after the window's beginning, and the picture."""
    if request.kind == "paths":
        yield from _still_pictures(request)
        return
    length = request.seconds * 1000
    half = 500 / request.rate
    found = _decoded(request) if request.kind == "file" else _listed(request)
    for seconds, image in found:
        t = (seconds - request.begin) * 1000
        if t > length + half and request.seconds:
            return
        if t >= -half:
            yield max(0.0, t), image


def _decoded(request: Request) -> Iterator[tuple[float, Image]]:
    """Seconds from the first picture on, from a little before where it is wanted."""
    try:
        with av.open(request.path) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            base = stream.time_base or Fraction(1, 1000)
            first = (stream.start_time or 0) * base
            wanted = Fraction(max(0.0, request.begin - 0.5)).limit_denominator(1000)
            container.seek(int((first + wanted) / base), stream=stream, backward=True)
            for frame in container.decode(stream):
                if frame.pts is None:
                    continue
                at = float(frame.pts * base - first)
                if at >= request.begin - 1:
                    yield at, _sized(frame.to_ndarray(format="bgr24"), request)
    except (av.FFmpegError, IndexError, OSError) as error:
        raise SourceUnreadable(f"{request.path} cannot be read: {error}") from error


def _listed(request: Request) -> Iterator[tuple[float, Image]]:
    streamer = DirectoryStreamer(request.path, start=0, fps=request.rate)
    for frame in streamer.frames():
        if frame.t / 1000 >= request.begin - 1:
            yield frame.t / 1000, _sized(frame.image, request)


def _sized(image: Image, request: Request) -> Image:
    """In the size that positions are in."""
    if image.shape[1::-1] == tuple(request.size):
        return image
    return np.asarray(cv2.resize(image, request.size), np.uint8)


def _still_pictures(request: Request) -> Iterator[tuple[float, Image]]:
    """The still, or a plain ground, over and over."""
    width, height = request.size
    ground = np.full((height, width, 3), 60, np.uint8)
    if request.still:
        data = np.frombuffer(base64.b64decode(request.still), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
        if image is not None:
            ground = np.asarray(cv2.resize(image, (width, height)) * 0.6, np.uint8)
    step = 1000 / request.rate
    for number in range(max(1, round(request.seconds * request.rate))):
        yield number * step, ground


def _with_boxes(request: Request, t: float, image: Image) -> Image:
    """The picture as it is shown."""
    if request.kind == "paths":
        return scaled(_walked(image, request.boxes, t), WIDEST)
    if not request.boxes:
        return scaled(image, WIDEST)
    life = max(LEAST_LIFE, 1500 / request.rate)
    now: dict[int, Track] = {}
    for at, number, label, *box in request.boxes:
        if t - life <= at <= t + 500 / request.rate:
            now[number] = Track(number, label, 1.0, *box)
    frame = Frame(0, 0, image, tuple(now.values()))
    return drawn(frame, (), Look(trails=False, width=WIDEST))


def _walked(image: Image, boxes: Sequence[Box], t: float) -> Image:
    """All objects in one colour and without numbers: who looks shall tell what belongs together."""
    image = image.copy()
    near = max(3, round(image.shape[1] / 160))
    for at, _, _, x, y, _, h in boxes:
        if t - TAIL <= at <= t:
            fresh = 1 - (t - at) / TAIL
            size, shade = max(1, round(near * (0.3 + 0.7 * fresh))), round(90 + 165 * fresh)
            place = round(x), round(y + h / 2)
            cv2.circle(image, place, size, (shade, shade, shade), -1, cv2.LINE_AA)
    return image


def main() -> None:
    """Cut what is told on the standard input into the file that is named as the argument."""
    output = Path(sys.argv[1])
    part = output.with_name(f".{output.name}")
    try:
        request = read(sys.stdin.read())
        cut(request, part, lambda share: print(f"{share:.3f}", flush=True))
        part.replace(output)
    except (TrackingError, OSError, ValueError) as error:
        part.unlink(missing_ok=True)
        print(f"error {error}", flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
