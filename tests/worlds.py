"""Databases whose every row is known: what a test's pages show can be compared with the truth.

`a_weekend` is three sources in two time zones, over the night in which Berlin's clocks go forward:

plaza    Europe/Berlin, 640x480: Saturday evening, the night of the change, Sunday evening,
         and the picture of an empty square
station  Asia/Kolkata, 1280x720: around a midnight, and a morning whose end is a failure
yard     Europe/Berlin, 320x240: ten minutes on Sunday in which nobody came

`TRUTH` says in numbers what is in it. Everything is written by the program's own writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from tracking.database import open_database
from tracking.events import (
    Event,
    Run,
    Source,
    SourceEnded,
    SourceStarted,
    SourceUnwatched,
    TrackEnded,
    TracksSeen,
)
from tracking.frame import Frame, Image, Track
from tracking.logger import DatabaseLogger
from tracking.tracker import TrackerSettings

Point = tuple[float, float]

NO_PICTURE = np.empty((0, 0, 3), np.uint8)


def a_square() -> Image:
    """An empty square under a sky: 640x480, paved in rows."""
    image = np.empty((480, 640, 3), np.uint8)
    image[:] = (150, 160, 165)
    image[:180] = (225, 190, 140)
    image[180::20] = (120, 130, 135)
    return image


@dataclass(frozen=True, slots=True)
class Walk:
    """One object's way, seen once a second, first and last second included.

    since: seconds after the beginning of its run. begin, end: where its feet stand, in pixels.
    """

    label: str
    since: int
    seconds: int
    begin: Point
    end: Point
    box: Point = (40, 100)

    def at(self, second: int, number: int) -> Track:
        done = (second - self.since) / self.seconds
        x, foot = (a + (b - a) * done for a, b in zip(self.begin, self.end, strict=True))
        return Track(number, self.label, 0.9, x, foot - self.box[1] / 2, *self.box)


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds of a run, or after it, in which nothing was seen, and why."""

    state: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Watch:
    """One run: a source that is looked at once a second. began: ISO 8601 with its offset."""

    source: Source
    began: str
    seconds: int
    walks: tuple[Walk, ...] = ()
    gaps: tuple[Gap, ...] = ()
    weights: str = "yolo11n_int8_openvino_model"
    image_size: int = 640
    tracker: TrackerSettings = TrackerSettings()  # noqa: RUF009
    picture: Image | None = field(default=None, repr=False, compare=False)
    outcome: str = "finished"
    problems: tuple[str, ...] = ()

    def events(self) -> Iterator[Event]:
        begin = ms(self.began)
        run = self._run(begin)
        yield SourceStarted(run)
        begun = index = last = 0
        for gap in (*sorted(self.gaps, key=lambda gap: gap.since), None):
            stop = self.seconds if gap is None else min(gap.since, self.seconds)
            for last in range(begun, stop):
                yield TracksSeen(run, self._frame(index, begin, last))
                index += 1
                yield from self._ended(run, begin, last)
            if gap is not None and gap.since < self.seconds:
                yield _unwatched(self.source, gap, begin)
                begun = gap.until
            else:
                begun = stop
        yield SourceEnded(run, begin + last * 1000, index, self.outcome, self.problems)
        for gap in self.gaps:
            if gap.since >= self.seconds:
                yield _unwatched(self.source, gap, begin)

    def _run(self, begin: int) -> Run:
        found = {"conf": 0.25, "iou": 0.7, "imgsz": self.image_size, "classes": None}
        settings = {"detector": found, "tracker": asdict(self.tracker)}
        notes = {"runner": True, "recording": None, "fps": 1.0}
        how = ("yolo", self.weights, "botsort", "0.1.0")
        return Run(self.source, begin, *how, settings={**settings, **notes})

    def _frame(self, index: int, begin: int, second: int) -> Frame:
        tracks = tuple(
            walk.at(second, number)
            for number, walk in enumerate(self.walks, 1)
            if walk.since <= second <= walk.since + walk.seconds
        )
        picture = NO_PICTURE if self.picture is None else self.picture
        return Frame(index, begin + second * 1000, picture, tracks)

    def _ended(self, run: Run, begin: int, second: int) -> Iterator[Event]:
        for number, walk in enumerate(self.walks, 1):
            if second == walk.since + walk.seconds:
                yield TrackEnded(run, walk.at(second, number), begin + second * 1000)


def _unwatched(source: Source, gap: Gap, begin: int) -> SourceUnwatched:
    since, until = begin + gap.since * 1000, begin + gap.until * 1000
    return SourceUnwatched(source, gap.state, since, until)


def ms(moment: str) -> int:
    """Milliseconds since 1970 UTC of an ISO 8601 text with its offset."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def write(path: Path, watches: tuple[Watch, ...]) -> Path:
    """Write runs into a database, one after another, as the runner's logger does."""
    with closing(open_database(path)) as connection:
        logger = DatabaseLogger(connection, patience=60)  # no run waits for the disk
        for watch in watches:
            for event in watch.events():
                logger(event)
        logger.flush()
    return path


# the weekend

PLAZA = Source("plaza", "stream", "rtsp://192.0.2.10/main", "Europe/Berlin", 640, 480, 1.0)
STATION = Source("station", "stream", "rtsp://192.0.2.11/main", "Asia/Kolkata", 1280, 720, 1.0)
YARD = Source("yard", "camera", "0", "Europe/Berlin", 320, 240, 1.0)

SATURDAY = Watch(
    PLAZA,
    "2026-03-28T18:00:00+01:00",
    1800,
    (
        Walk("person", 0, 60, (100, 400), (580, 400)),
        Walk("person", 30, 60, (580, 300), (100, 300)),
        Walk("car", 100, 20, (40, 460), (600, 460), (120, 80)),
        Walk("person", 600, 600, (320, 240), (320, 240)),  # who stands for ten minutes
    ),
)

THE_CHANGE = Watch(  # at 02:00 the clocks go to 03:00, half an hour after it began
    PLAZA,
    "2026-03-29T01:30:00+01:00",
    3600,
    (
        Walk("person", 1200, 300, (100, 420), (400, 420)),  # 01:50 to 01:55
        Walk("person", 1740, 120, (200, 350), (440, 350)),  # 01:59 to 03:01
        Walk("person", 2100, 300, (500, 420), (200, 420)),  # 03:05 to 03:10
    ),
    (Gap("down", 2700, 3000),),  # 03:15 to 03:20
    tracker=replace(TrackerSettings(), match_thresh=0.8),
)

SUNDAY = Watch(
    PLAZA,
    "2026-03-29T18:00:00+02:00",
    1800,
    (
        Walk("person", 0, 60, (100, 400), (580, 400)),
        Walk("person", 120, 60, (100, 400), (580, 400)),
        Walk("person", 240, 60, (100, 400), (580, 400)),
    ),
    (Gap("stale", 600, 780), Gap("stopped", 1800, 3600)),  # 18:10 to 18:13, 18:30 to 19:00
    weights="yolo11s_int8_openvino_model",
    image_size=448,
    picture=a_square(),
)

MIDNIGHT = Watch(
    STATION,
    "2026-03-28T23:50:00+05:30",
    1800,
    (
        Walk("person", 300, 60, (200, 600), (1000, 600), (60, 150)),  # Saturday
        Walk("person", 570, 60, (1000, 650), (200, 650), (60, 150)),  # over midnight
        Walk("person", 900, 60, (200, 600), (1000, 600), (60, 150)),  # Sunday
        Walk("bicycle", 1200, 30, (100, 700), (1200, 700), (140, 90)),
    ),
)

MORNING = Watch(
    STATION,
    "2026-03-29T09:00:00+05:30",
    1800,
    tuple(
        Walk("person", 600, 60, corner, corner, (60, 150))
        for corner in ((200.0, 300.0), (1000.0, 300.0), (200.0, 700.0), (1000.0, 700.0))
    ),
    outcome="failed: 192.0.2.11 no longer answers",
    problems=("2 pictures were broken",),
)

NOBODY = Watch(YARD, "2026-03-29T12:00:00+02:00", 600)

WEEKEND = (SATURDAY, THE_CHANGE, SUNDAY, MIDNIGHT, MORNING, NOBODY)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is in the database of one source.

    tracks: by label. watched: seconds that were observed; missed: seconds by reason. first, last:
    of its frames. by_day: people's tracks by the local day on which they were first seen. most:
    how many objects were seen at once at most. longest: seconds from the first to the last sight
    of the one that was there longest.
    """

    timezone: str
    runs: int
    tracks: dict[str, int]
    positions: int
    watched: float
    first: str
    last: str
    missed: dict[str, float] = field(default_factory=dict)
    by_day: dict[str, int] = field(default_factory=dict)
    most: int = 0
    longest: float = 0


TRUTH = {
    "plaza": Truth(
        timezone="Europe/Berlin",
        runs=3,
        tracks={"person": 9, "car": 1},
        # 61 + 61 + 601 + 21 on Saturday, 301 + 121 + 301 in the night, 3 * 61 on Sunday
        positions=1650,
        # the first picture after a gap vouches for nothing: 1800, 3300 - 1, 1620 - 1
        watched=6718,
        missed={"down": 300, "stale": 180, "stopped": 1800},
        first="2026-03-28T18:00:00+01:00",
        last="2026-03-29T18:29:59+02:00",
        by_day={"2026-03-28": 3, "2026-03-29": 6},
        most=2,
        longest=600,
    ),
    "station": Truth(
        timezone="Asia/Kolkata",
        runs=2,
        tracks={"person": 7, "bicycle": 1},
        positions=458,  # 3 * 61 + 31, and 4 * 61
        watched=3600,
        first="2026-03-28T23:50:00+05:30",
        last="2026-03-29T09:29:59+05:30",
        by_day={"2026-03-28": 2, "2026-03-29": 5},
        most=4,
        longest=60,
    ),
    "yard": Truth(
        timezone="Europe/Berlin",
        runs=1,
        tracks={},
        positions=0,
        watched=600,
        first="2026-03-29T12:00:00+02:00",
        last="2026-03-29T12:09:59+02:00",
    ),
}


def a_weekend(path: Path) -> Path:
    """The database that `TRUTH` describes."""
    return write(path, WEEKEND)


def an_empty_one(path: Path) -> Path:
    """A database with tables and not a row in them."""
    open_database(path).close()
    return path


# names and labels that are up to no good

TRAP = "window.__pwned=1"

HOSTILE = (
    f"<script>{TRAP}</script>",
    f"<img src=x onerror={TRAP}>",
    f"\"><svg onload='{TRAP}'>",
    f"[a link](javascript:{TRAP})",
    "**bold** _slanted_ `code` ~~gone~~",
    "# heading",
    "1. one thing",
    "cost $x^2$ and $y_1$",
    ":red[red] :material/home: :smile:",
    "| a | b |\n|---|---|",
    "quotes ' \" \\ and {braces} %s",
    "Ünïcödé 🚲 مرحبا",
    "<b>bold</b>&amp;<br>",
    " ".join(["long"] * 40),
)
"""Text as a person, a configuration or a model could give it; `TRAP` runs nowhere."""


def a_hostile_one(path: Path) -> Path:
    """A source for each hostile text, which is its name, its label, and everything else it can be.

    Each is watched for two minutes, and one object is seen for a minute.
    """
    return write(path, tuple(_hostile(number, text) for number, text in enumerate(HOSTILE)))


def _hostile(number: int, text: str) -> Watch:
    return Watch(
        replace(PLAZA, name=text, uri=f"rtsp://192.0.2.{number}/{text}"),
        "2026-03-28T12:00:00+01:00",
        120,
        (Walk(text, 30, 60, (100, 400), (580, 400)),),
        weights=text,
        outcome=f"failed: {text}",
        problems=(text,),
    )
