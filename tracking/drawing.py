"""Boxes, identities and trails on a picture.

Remembering where everybody has been costs next to nothing and is done for every frame; drawing is
done only for the frames that somebody looks at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from .frame import Frame, Image, Track

# Okabe and Ito's colours, told apart by colour-blind people too; BGR, black and grey left out
PALETTE = (
    (0, 159, 230),
    (233, 180, 86),
    (115, 158, 0),
    (66, 228, 240),
    (178, 114, 0),
    (0, 94, 213),
    (167, 121, 204),
)
TRAIL = 4000  # milliseconds of a track's past that are drawn
MOST_FRAMES = 256  # of the past that are kept, however fast they come
SMOOTH = 250  # milliseconds to both sides that are averaged: boxes tremble with every step
POINTS = 100  # milliseconds from one point of a trail to the next
THUMBNAIL = 300  # pixels; in a picture less high, a label is the number alone
FONT = cv2.FONT_HERSHEY_SIMPLEX
DARK, LIGHT = (32, 32, 32), (255, 255, 255)

Past = Sequence[tuple[int, tuple[Track, ...]]]
"""Capture time and tracks of the latest frames, the oldest first."""
_Path = npt.NDArray[np.float64]
"""When and where a track has stood: rows of milliseconds, x and y."""
_Chip = tuple[int, int, int, int]
"""A label's left, top, right and bottom."""


@dataclass(frozen=True, slots=True)
class Look:
    """What to draw, and how large.

    width: pixels to scale the picture down to; None, or more than it has: its own size.
    """

    boxes: bool = True
    labels: bool = True
    trails: bool = True
    width: int | None = None


class Trails:
    """Remembers where the tracks of one source have been."""

    def __init__(self) -> None:
        self._past: deque[tuple[int, tuple[Track, ...]]] = deque(maxlen=MOST_FRAMES)
        self._index = -1

    def remember(self, frame: Frame) -> None:
        """Add a frame's tracks; where the frames' count begins anew, so do the identities."""
        past = self._past
        if frame.index <= self._index:
            past.clear()
        self._index = frame.index
        past.append((frame.t, frame.tracks))
        while past[0][0] < frame.t - TRAIL:
            past.popleft()

    def past(self) -> Past:
        """What is remembered now; it stays as it is when more is remembered."""
        return tuple(self._past)


class Annotator:
    """Draws frames of one source in their order; remembers where each track has been."""

    def __init__(self, look: Look | None = None) -> None:
        self._look = look or Look()
        self._trails = Trails()

    def draw(self, frame: Frame) -> Image:
        """A copy of the frame's picture with its tracks drawn in."""
        self._trails.remember(frame)
        return drawn(frame, self._trails.past(), self._look)


def drawn(frame: Frame, past: Past, look: Look) -> Image:
    """A picture of a frame and the trails that lead to it; the frame's own is left as it is."""
    image = scaled(frame.image, look.width)
    scale = image.shape[1] / frame.image.shape[1]
    pen = _Pen(image.copy() if image is frame.image else image, scale)
    if look.trails:
        for number, path in _paths(past):
            pen.trail(path, frame.t, colour(number))
    tracks = sorted(frame.tracks, key=lambda track: track.foot[1])  # the nearest over the others
    if look.boxes:
        for track in tracks:
            pen.box(track)
    if look.labels:
        pen.labels(tracks[::-1])
    return pen.image


def colour(number: int) -> tuple[int, int, int]:
    """The colour of a track, BGR."""
    return PALETTE[number % len(PALETTE)]


def scaled(image: Image, width: int | None) -> Image:
    """The picture made smaller, its proportions kept; the same one where it is small enough."""
    height, own = image.shape[:2]
    if width is None or width >= own:
        return image
    size = width, max(1, round(height * width / own))
    # halving first is both cheaper and finer than one large step
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * size[1]:
        half = image.shape[1] // 2, image.shape[0] // 2
        image = cv2.resize(image, half, interpolation=cv2.INTER_AREA)
    return image if image.shape[1::-1] == size else cv2.resize(image, size)


def _paths(past: Past) -> Iterator[tuple[int, _Path]]:
    """The number of each track and its path, smoothed."""
    feet: dict[int, list[tuple[float, float, float]]] = {}
    for t, tracks in past:
        for track in tracks:
            feet.setdefault(track.id, []).append((t, *track.foot))
    for number, path in feet.items():
        yield number, _smooth(np.array(path))


def _smooth(path: _Path) -> _Path:
    """Some of the places, each the mean of its neighbours; the newest stays where it is."""
    last = len(path) - 1
    step = max(1.0, (path[-1, 0] - path[0, 0]) / max(1, last))
    at = np.arange(last, -1, -max(1, round(POINTS / step)))[::-1]
    reach = np.minimum(np.minimum(at, last - at), round(SMOOTH / step))
    sums = np.vstack([np.zeros(3), path.cumsum(axis=0)])
    means: _Path = (sums[at + reach + 1] - sums[at - reach]) / (2 * reach[:, None] + 1)
    return means


class _Pen:
    """Draws into one picture, `scale` times the size of the source's own."""

    def __init__(self, image: Image, scale: float) -> None:
        self.image = image
        self.scale = scale
        self.height, self.width = image.shape[:2]
        side = min(self.height, self.width)
        self.line = max(1, round(side / 360))
        self.font = 0.4 * max(1.0, side / 560)

    def trail(self, path: _Path, now: int, shade: Sequence[int]) -> None:
        """The way of the feet, thinner the longer it is ago."""
        points = (path[:, 1:] * self.scale * 16).round().astype(np.int32)
        thirds = np.searchsorted(path[:, 0], now - TRAIL * np.array([3, 2, 1, 0]) / 3, "right")
        for more, (start, end) in zip((-1, 0, 1), pairwise(thirds), strict=True):
            part, thickness = points[max(0, start - 1) : end], max(1, self.line + more)
            if len(part) > 1:
                cv2.polylines(self.image, [part], False, shade, thickness, cv2.LINE_AA, shift=4)

    def box(self, track: Track) -> None:
        left, top, right, bottom = self._corners(track)
        out = self.line // 2 + 1
        cv2.rectangle(self.image, (left - out, top - out), (right + out, bottom + out), DARK)
        shade = colour(track.id)
        cv2.rectangle(self.image, (left, top), (right, bottom), shade, self.line)

    def labels(self, tracks: Sequence[Track]) -> None:
        """Labels stay in the picture and, where there is room, do not cover each other."""
        placed: list[_Chip] = []
        for track in tracks:
            text = f"#{track.id}" if self.height < THUMBNAIL else f"{track.label} #{track.id}"
            (width, height), descent = cv2.getTextSize(text, FONT, self.font, 1)
            size = width + 2 * self.line + 4, height + descent + 2 * self.line
            places = list(self._places(track, *size))
            free = (place for place in places if not any(_overlap(place, p) for p in placed))
            chip = next(free, places[0])
            placed.append(chip)
            self._chip(chip, text, descent, colour(track.id))

    def _chip(self, chip: _Chip, text: str, descent: int, shade: tuple[int, int, int]) -> None:
        left, top, right, bottom = chip
        cv2.rectangle(self.image, (left, top), (right - 1, bottom - 1), shade, cv2.FILLED)
        spot = left + self.line + 2, bottom - descent - self.line
        ink = DARK if _brightness(shade) > 100 else LIGHT
        cv2.putText(self.image, text, spot, FONT, self.font, ink, 1, cv2.LINE_AA)

    def _places(self, track: Track, width: int, height: int) -> Iterator[_Chip]:
        """Where a label of this size may be, the best place first."""
        left, top, right, bottom = self._corners(track)
        edge = self.line // 2 + 1
        tops = [top - edge - height, bottom + edge, top + edge]
        starts = [left - edge, right + edge - width]
        inside = [y for y in tops if 0 <= y <= self.height - height]
        for y in inside or [min(max(0, tops[0]), self.height - height)]:
            for x in starts:
                x = max(0, min(x, self.width - width))
                yield x, y, x + width, y + height

    def _corners(self, track: Track) -> tuple[int, int, int, int]:
        left, top, right, bottom = (round(value * self.scale) for value in track.corners)
        return left, top, right, bottom


def _brightness(shade: tuple[int, int, int]) -> float:
    blue, green, red = shade
    return 0.114 * blue + 0.587 * green + 0.299 * red


def _overlap(one: _Chip, other: _Chip) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
