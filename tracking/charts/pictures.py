"""What figures show over a source's picture as a PNG: the picture, and beneath it what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ..frame import Image
from ..metrics.places import Cells, Flow
from ..metrics.ways import Way
from .places import SPEEDS, Picture, arrows, grouped, speeds
from .shades import HOT, Shade, Stop, painted

LEAST, MOST = 960, 1920  # pixels of its width
PAPER, INK, FAINT = (255, 255, 255), (45, 34, 23), (115, 104, 91)
DARK = (18, 14, 10)
MARGIN = 16


@dataclass(frozen=True, slots=True)
class Legend:
    """What stands beneath: lines of text, the first one large, and a scale or named colours."""

    lines: tuple[str, ...]
    stops: tuple[Stop, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()


def heat_png(picture: Picture, cells: Cells, shade: Shade, lines: Sequence[str]) -> bytes:
    """A shade over the picture."""
    image, scale = _canvas(picture)
    height, width = image.shape[:2]
    rows, columns = cells.shape
    layer = painted(shade.place, shade.stops)
    layer[..., :3] *= layer[..., 3:]  # so that nothing's colour does not bleed into its neighbours
    size = (round(columns * cells.side * scale), round(rows * cells.side * scale))
    way = cv2.INTER_LINEAR if shade.sigma else cv2.INTER_NEAREST
    whole = cv2.resize(layer, size, interpolation=way)[:height, :width]
    part = image[: whole.shape[0], : whole.shape[1]]
    mixed = part * (1 - whole[..., 3:]) + whole[..., 2::-1]
    part[:] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    return _png(image, Legend(tuple(lines), shade.stops, shade.ticks))


def paths_png(
    picture: Picture,
    ways: Sequence[Way],
    colours: dict[str, str],
    zone: str,
    by_time: bool,
    lines: Sequence[str],
) -> bytes:
    """Paths over the picture."""
    image, scale = _canvas(picture)
    groups = grouped(ways, colours, zone, by_time)
    for width, shown in ((5, False), (2, True)):
        for _, colour, part in groups:
            curves = [curve for way in part for curve in _curves(way, scale)]
            ink = _bgr(colour) if shown else DARK
            cv2.polylines(image, curves, False, ink, width, cv2.LINE_AA, shift=4)
    names = tuple((name, colour) for name, colour, _ in groups)
    return _png(image, Legend(tuple(lines), names=names))


def flow_png(picture: Picture, flow: Flow, lines: Sequence[str]) -> bytes:
    """Arrows over the picture."""
    image, scale = _canvas(picture)
    for colour, polygons in arrows(flow):
        points = [_fixed(each * scale) for each in polygons]
        cv2.fillPoly(image, points, _bgr(colour), cv2.LINE_AA, shift=4)
        cv2.polylines(image, points, True, DARK, 1, cv2.LINE_AA, shift=4)
    edges = speeds(flow)
    stops = tuple(
        (at / SPEEDS, HOT[number + 1], 1.0)
        for number in range(SPEEDS)
        for at in (number, number + 0.999)
    )
    ticks = tuple((n / SPEEDS, f"{edges[n]:.0f} px/s") for n in range(0, SPEEDS + 1, 2))
    return _png(image, Legend(tuple(lines), stops, ticks))


def decoded(jpeg: bytes | None) -> Image | None:
    """A picture's pixels; None for what is no picture."""
    if not jpeg:
        return None
    try:
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if image is None else np.asarray(image, np.uint8)


def faded(image: Image) -> bytes:
    """A JPEG of it in grey, which leaves the colours to what is drawn over it."""
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return bytes(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])


def _canvas(picture: Picture) -> tuple[Image, float]:
    """The picture in a good size, and how many of its pixels one of the source's is."""
    ground = picture.ground
    width = min(max(ground.width, LEAST), MOST)
    size = width, max(1, round(width * ground.height / ground.width))
    image = decoded(picture.jpeg)
    if image is None:
        image = np.full((1, 1, 3), (145, 135, 124), np.uint8)
    return np.ascontiguousarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), (
        width / ground.width
    )


def _curves(way: Way, scale: float) -> list[npt.NDArray[np.int32]]:
    points = np.stack([way.x, way.y], axis=1)
    parts = np.split(points, np.flatnonzero(np.isnan(way.x)))
    return [_fixed(part[~np.isnan(part[:, 0])] * scale) for part in parts]


def _fixed(points: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Points in sixteenths of a pixel, as OpenCV takes finer ones."""
    return np.round(points.clip(-1e6, 1e6) * 16).astype(np.int32)[:, None]


def _png(image: Image, legend: Legend) -> bytes:
    width = image.shape[1]
    strip = np.full((_height(legend), width, 3), PAPER, np.uint8)
    y = MARGIN + 6
    for number, line in enumerate(legend.lines):
        size = 20 if number == 0 else 14
        _write(strip, line, (MARGIN, y + size), size, INK if number == 0 else FAINT)
        y += size + 12
    if legend.stops:
        _scale(strip, legend, y + 4)
    for number, (name, colour) in enumerate(legend.names):
        left, top = MARGIN + number % 4 * (width // 4), y + 6 + number // 4 * 24
        cv2.rectangle(strip, (left, top), (left + 22, top + 10), _bgr(colour), -1)
        _write(strip, name, (left + 30, top + 11), 14, INK, width // 4 - 46)
    return bytes(cv2.imencode(".png", np.vstack([image, strip]))[1])


def _height(legend: Legend) -> int:
    height = MARGIN + 6 + sum(32 if n == 0 else 26 for n in range(len(legend.lines)))
    if legend.stops:
        height += 50
    return height + -(-len(legend.names) // 4) * 24 + MARGIN


def _scale(strip: Image, legend: Legend, top: int) -> None:
    left, right = MARGIN, strip.shape[1] - 4 * MARGIN
    layer = painted(np.linspace(0, 1, right - left), legend.stops)
    mixed = np.array(PAPER) * (1 - layer[:, 3:]) + layer[:, 2::-1] * layer[:, 3:]
    strip[top : top + 14, left:right] = np.clip(mixed, 0, 255).astype(np.uint8)
    for place, name in legend.ticks:
        x = left + round(place * (right - left))
        cv2.line(strip, (x, top + 14), (x, top + 19), FAINT, 1)
        _write(strip, name, (x - (0 if place < 0.02 else 4 * len(name)), top + 34), 13, FAINT)


def _write(
    image: Image, text: str, at: tuple[int, int], size: int, ink: tuple[int, int, int],
    most: int | None = None,
) -> None:  # fmt: skip
    """Text in one line, cut off where it would reach too far."""
    font, text = cv2.FontFace("sans"), " ".join(text.split())
    room = image.shape[1] - at[0] - MARGIN if most is None else most
    for length in range(len(text), 0, -max(1, len(text) // 40)):
        shown = text if length == len(text) else text[:length].rstrip() + "…"
        if cv2.getTextSize(image.shape[1::-1], shown, at, font, size, 400)[2] <= room:
            cv2.putText(image, shown, at, ink, font, size, 400)
            return


def _bgr(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return blue, green, red
