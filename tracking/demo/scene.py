"""The empty plaza behind the walkers of the demo, drawn by code: sky, facade and pavement."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 960, 540  # pixels
HORIZON = 214  # row of the horizon
WALL_FOOT = 292  # row where the facade meets the pavement
ROOF = 62  # row where the facade ends
CAMERA_HEIGHT = 1.45  # metres: below eye level, so that near shoulders hide far heads
FOCAL = 900  # pixels: what is one metre wide and one metre away
# Everything is drawn at twice the size and averaged down, which smooths the edges.
FINE = 2

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Colour = tuple[float, float, float]  # BGR, 0..255

PLASTER: Colour = (164, 205, 232)
STONE: Colour = (186, 200, 208)
SHUTTER: Colour = (96, 110, 62)
GLASS: Colour = (74, 62, 50)
AWNINGS: tuple[Colour, ...] = ((70, 74, 176), (112, 116, 60), (60, 128, 196))


def pixels_per_metre(y: float) -> float:
    """How large one metre appears that stands on the pavement at row ``y``."""
    return (y - HORIZON) / CAMERA_HEIGHT


def on_picture(across: float, depth: float) -> tuple[float, float]:
    """Where a point of the pavement appears, in pixels.

    across: metres to the right of the camera; depth: metres in front of it.
    """
    return WIDTH / 2 + across * FOCAL / depth, HORIZON + CAMERA_HEIGHT * FOCAL / depth


def draw_plaza() -> Picture:
    """The empty scene, BGR (HEIGHT, WIDTH, 3), the same at every call."""
    random = np.random.default_rng(7)
    canvas = np.zeros((HEIGHT * FINE, WIDTH * FINE, 3), np.float32)
    _sky(canvas, random)
    _facade(canvas, random)
    _pavement(canvas, random)
    _hedges(canvas, random)
    scene = cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    across, down = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    vignette = 1 - 0.10 * np.clip(across**2 + down**2 - 0.5, 0, None)
    return np.clip(scene * vignette[..., None], 0, 255).astype(np.uint8)


def _f32(values: tuple[float, ...]) -> Floats:
    return np.array(values, np.float32)


def _cloudy(random: np.random.Generator, height: int, width: int, grain: int) -> Floats:
    """Soft noise around 0, about -1..1, whose blotches are ``grain`` pixels wide."""
    total = np.zeros((height, width), np.float32)
    for octave in range(3):
        step = max(grain >> octave, 1)
        small = random.standard_normal((height // step + 3, width // step + 3)).astype(np.float32)
        large = cv2.resize(small, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
        total += large[:height, :width] / 2 ** (octave + 1)
    return total


def _sky(canvas: Floats, random: np.random.Generator) -> None:
    height = (ROOF + 30) * FINE
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky = (1 - down) * _f32((226, 172, 112)) + down * _f32((240, 214, 184))
    noise = _cloudy(random, height, canvas.shape[1] // 3 + 1, 60)
    wide = cv2.resize(noise, (canvas.shape[1], height), interpolation=cv2.INTER_CUBIC)
    cloud = np.clip(wide * 0.8 - 0.1, 0, 0.75)[..., None]
    canvas[:height] = sky * (1 - cloud) + cloud * _f32((250, 248, 246))


def _box(canvas: Floats, left: float, top: float, right: float, bottom: float, c: Colour) -> None:
    """Fill a rectangle given in final pixels."""
    x0, y0, x1, y1 = (round(v * FINE) for v in (left, top, right, bottom))
    canvas[max(y0, 0) : y1, max(x0, 0) : x1] = c


def _shade(canvas: Floats, left: float, top: float, right: float, bottom: float, by: float) -> None:
    """Multiply a rectangle, fading downwards from ``by`` to 1: the shadow under a ledge."""
    x0, y0, x1, y1 = (round(v * FINE) for v in (left, top, right, bottom))
    fade = np.linspace(by, 1, y1 - y0, dtype=np.float32)[:, None, None]
    canvas[y0:y1, max(x0, 0) : x1] *= fade


def _facade(canvas: Floats, random: np.random.Generator) -> None:
    """A plastered house front: roof tiles, upper windows, ground floor of doors and shops."""
    _box(canvas, 0, ROOF, WIDTH, WALL_FOOT, PLASTER)
    _box(canvas, 0, WALL_FOOT - 22, WIDTH, WALL_FOOT, STONE)
    for left in range(17, WIDTH, 37):
        _box(canvas, left, WALL_FOOT - 22, left + 0.8, WALL_FOOT, (150, 164, 172))
    for index, middle in enumerate(range(60, WIDTH, 120)):
        if index % 2:
            _door(canvas, middle)
        else:
            _shop(canvas, middle, AWNINGS[index // 2 % len(AWNINGS)])
        _window(canvas, middle)
    _box(canvas, 0, 168, WIDTH, 173, STONE)
    _shade(canvas, 0, 173, WIDTH, 180, 0.72)
    _roof(canvas)
    wall = canvas[ROOF * FINE : WALL_FOOT * FINE]
    stains = 1 + 0.022 * _cloudy(random, wall.shape[0], wall.shape[1], 160)
    wall *= (stains + random.normal(0, 0.008, stains.shape).astype(np.float32))[..., None]
    wall *= np.linspace(0.97, 1.04, wall.shape[1], dtype=np.float32)[None, :, None]


def _roof(canvas: Floats) -> None:
    """A row of terracotta tiles and the cornice below it."""
    _box(canvas, 0, ROOF - 2, WIDTH, ROOF + 16, (78, 104, 172))
    for left in range(0, WIDTH, 9):
        _box(canvas, left, ROOF - 2, left + 4.5, ROOF + 13, (98, 128, 200))
        _box(canvas, left + 7.5, ROOF - 2, left + 9, ROOF + 16, (60, 80, 140))
    _box(canvas, 0, ROOF + 14, WIDTH, ROOF + 20, STONE)
    _shade(canvas, 0, ROOF + 20, WIDTH, ROOF + 32, 0.62)


def _panes(canvas: Floats, left: float, top: float, right: float, bottom: float) -> None:
    """Dark glass that mirrors a little sky, with glazing bars."""
    _box(canvas, left, top, right, bottom, (200, 212, 216))
    for row in range(2):
        for column in range(2):
            width, height = (right - left) / 2, (bottom - top) / 2
            x, y = left + column * width, top + row * height
            _box(canvas, x + 1.5, y + 1.5, x + width - 1, y + height - 1, GLASS)
            _shade(canvas, x + 1.5, y + 1.5, x + width - 1, y + height - 1, 1.7)


def _window(canvas: Floats, middle: float) -> None:
    """An upper window between open shutters."""
    top, bottom = 94, 150
    _box(canvas, middle - 20, top - 4, middle + 20, bottom + 2, STONE)
    _panes(canvas, middle - 16, top, middle + 16, bottom)
    _shade(canvas, middle - 16, top, middle + 16, top + 8, 0.55)
    for left in (middle - 37, middle + 19):
        _box(canvas, left + 2, top + 2, left + 20, bottom + 3, (136, 172, 198))
        _box(canvas, left, top, left + 18, bottom, SHUTTER)
        for y in range(top + 4, bottom - 3, 4):
            _box(canvas, left + 3, y, left + 15, y + 1.5, (74, 86, 46))
    _box(canvas, middle - 23, bottom, middle + 23, bottom + 4, STONE)
    _shade(canvas, middle - 23, bottom + 4, middle + 23, bottom + 10, 0.75)


def _door(canvas: Floats, middle: float) -> None:
    """An arched double door of wood in a stone frame."""
    foot, spring, half = WALL_FOOT, 208, 22
    for grow, colour in ((5, STONE), (0, (58, 84, 116))):
        centre = (round(middle * FINE), spring * FINE)
        cv2.circle(canvas, centre, (half + grow) * FINE, colour, -1)
        _box(canvas, middle - half - grow, spring, middle + half + grow, foot, colour)
    for side in (-1, 1):
        for top, bottom in ((212, 244), (250, 286)):
            left = middle + side * half / 2 - 7
            _box(canvas, left, top, left + 14, bottom, (48, 70, 98))
            _box(canvas, left + 1, top + 1.5, left + 13, bottom, (64, 92, 126))
    _box(canvas, middle - 0.7, spring - half, middle + 0.7, foot, (36, 54, 78))
    _shade(canvas, middle - half, spring, middle + half, spring + 16, 0.8)
    _box(canvas, middle - half - 8, foot - 4, middle + half + 8, foot, (172, 184, 192))


def _shop(canvas: Floats, middle: float, colour: Colour) -> None:
    """A shop window under a striped awning."""
    left, right, top, bottom = middle - 40, middle + 40, 196, 268
    _box(canvas, left - 4, top - 4, right + 4, bottom + 4, (92, 104, 96))
    for index in range(3):
        x = left + index * 80 / 3
        _box(canvas, x + 1, top, x + 80 / 3 - 1, bottom, GLASS)
        _shade(canvas, x + 1, top, x + 80 / 3 - 1, bottom, 1.9)
    _shade(canvas, left - 4, top, right + 4, top + 34, 0.45)
    for index in range(12):
        x0, x1 = left - 8 + index * 8, left + index * 8
        spread = [(1 - 2 * (x - left + 8) / 96) * 5 for x in (x0, x1)]
        corners = [(x0 + spread[0], 184), (x1 + spread[1], 184), (x1, 208), (x0, 208)]
        stripe = colour if index % 2 == 0 else (222, 230, 234)
        points = np.array(corners) * FINE
        cv2.fillPoly(canvas, [points.round().astype(np.int32)], stripe)
        _box(canvas, x0, 208, x1, 213, tuple(0.86 * part for part in stripe))  # type: ignore[arg-type]


def _pavement(canvas: Floats, random: np.random.Generator) -> None:
    """Tiles in perspective: each pixel is looked up in the plane of the ground."""
    top = WALL_FOOT * FINE
    rows, columns = canvas.shape[0] - top, canvas.shape[1]
    y = (np.arange(rows, dtype=np.float32) + top + 0.5) / FINE
    x = (np.arange(columns, dtype=np.float32) + 0.5) / FINE
    scale = ((y - HORIZON) / CAMERA_HEIGHT)[:, None]  # pixels per metre, by row
    depth = FOCAL / scale  # metres
    across = (x[None, :] - WIDTH / 2) / scale  # metres
    tile = 0.75
    row = np.floor(depth / tile).astype(int)
    column = np.floor(across / tile + 0.5 * (row % 2)).astype(int)
    tones = random.normal(0, 1, (64, 64)).astype(np.float32)
    ground = _f32((172, 186, 196)) * (1 + 0.035 * tones[row % 64, column % 64])[..., None]
    band = (row % 8 == 0) | (np.floor(across / tile / 6 + 0.5 + 1 / 12) % 1 > 1)
    ground[band] *= _f32((0.80, 0.79, 0.80))
    # Joints are a fixed width in metres, and fade where they get narrower than a pixel.
    beside = np.abs((across / tile + 0.5 * (row % 2)) % 1 - 0.5) * tile
    along = np.abs((depth / tile) % 1 - 0.5) * tile
    joint_x = np.clip((beside - (tile / 2 - 0.012)) * scale + 0.5, 0, 1) * np.clip(scale / 90, 0, 1)
    flat = scale * scale / FOCAL  # pixels per metre of depth
    joint_y = np.clip((along - (tile / 2 - 0.02)) * flat + 0.5, 0, 1) * np.clip(flat / 9, 0, 1)
    ground *= (1 - 0.26 * np.maximum(joint_x, joint_y))[..., None]
    worn = _cloudy(random, rows, columns // 2, 120)
    ground *= 1 + 0.03 * cv2.resize(worn, (columns, rows))[..., None]
    ground *= 1 + random.normal(0, 0.012, (rows, columns, 1)).astype(np.float32)
    wall_shadow = 1 - 0.34 * np.exp(-(y - WALL_FOOT) / 7)
    canvas[top:] = ground * wall_shadow[:, None, None].astype(np.float32)


def _hedges(canvas: Floats, random: np.random.Generator) -> None:
    """Planted boxes along the wall."""
    for x in range(120, WIDTH, 120):
        _leaves(canvas, random, x, 262, 15, 17)
        _box(canvas, x - 13, 274, x + 13, 298, (104, 122, 146))
        _box(canvas, x - 13, 274, x - 2, 298, (90, 106, 128))
        _box(canvas, x - 15, 272, x + 15, 276, (122, 142, 166))
        _shade(canvas, x - 24, 298, x + 13, 302, 0.6)


def _leaves(
    canvas: Floats, random: np.random.Generator, x: float, y: float, wide: float, high: float
) -> None:
    """A bush of many small leaves, lighter towards the sun at the upper right."""
    for angle, radius, light in random.random((260, 3)):
        r = radius**0.5
        dx, dy = r * np.cos(2 * np.pi * angle), r * np.sin(2 * np.pi * angle)
        glow = 0.55 + 0.35 * (0.5 * dx - 0.7 * dy) + 0.35 * light
        centre = (round((x + dx * wide) * FINE), round((y + dy * high) * FINE))
        cv2.circle(canvas, centre, 4, (52 * glow, 128 * glow, 92 * glow), -1)
