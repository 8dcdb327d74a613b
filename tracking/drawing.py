"""Boxes, identities and trails on a picture."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np

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
TRAIL = 40  # frames of a track's past that are drawn


class Annotator:
    """Draws frames of one source in their order; remembers where each track has been."""

    def __init__(self) -> None:
        self._feet: dict[int, deque[tuple[float, float]]] = {}
        self._missing: dict[int, int] = {}

    def draw(self, frame: Frame) -> Image:
        """A copy of the frame's picture with its tracks drawn in."""
        image: Image = frame.image.copy()
        self._remember(frame.tracks)
        thickness = max(1, round(min(image.shape[:2]) / 400))
        for number, feet in self._feet.items():
            path = np.array(feet, np.float32).round().astype(np.int32)
            cv2.polylines(image, [path], False, colour(number), thickness, cv2.LINE_AA)
        for track in frame.tracks:
            _box(image, track, thickness)
        return image

    def _remember(self, tracks: tuple[Track, ...]) -> None:
        for track in tracks:
            self._feet.setdefault(track.id, deque(maxlen=TRAIL)).append(track.foot)
            self._missing[track.id] = -1
        for number in list(self._feet):
            self._missing[number] += 1
            if self._missing[number] > TRAIL:
                del self._feet[number], self._missing[number]


def colour(number: int) -> tuple[int, int, int]:
    """The colour of a track, BGR."""
    return PALETTE[number % len(PALETTE)]


def _box(image: Image, track: Track, thickness: int) -> None:
    left, top, right, bottom = (round(value) for value in track.corners)
    shade = colour(track.id)
    cv2.rectangle(image, (left, top), (right, bottom), shade, thickness, cv2.LINE_AA)
    text, scale = f"{track.label} #{track.id}", 0.4 * max(1.0, min(image.shape[:2]) / 560)
    (width, height), descent = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    # the label stays in the picture
    floor = max(top, height + descent + 2)
    start = max(0, min(left, image.shape[1] - width - 4))
    corner = (start + width + 4, floor - height - descent - 2)
    cv2.rectangle(image, (start, floor), corner, shade, cv2.FILLED)
    spot = (start + 2, floor - descent)
    cv2.putText(image, text, spot, cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), 1, cv2.LINE_AA)
