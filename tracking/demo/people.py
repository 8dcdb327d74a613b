"""The walkers of the demo, cut at run time out of a picture that ultralytics ships.

Two people stand wholly in that picture. Their outlines were traced by hand; each becomes a
paper puppet (body and two legs that swing at the hip), and dyed clothes make six people of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..errors import SourceNotFound

POSES = 12  # drawings of one swing of the legs, to and fro
MARGIN = 50  # pixels around a cut-out, room for the swinging legs
LUMINANCE = np.array([0.114, 0.587, 0.299], np.float32)  # of blue, green, red
SHRINK = 0.5  # the puppets are kept at half the size of the source picture

Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int]  # BGR, 0..255
Point = tuple[float, float]  # x, y in pixels of the source picture
Outline = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg: where its piece lies, and how far it swings."""

    outline: Outline  # the piece of the cut-out that belongs to this leg
    hip: Point  # it turns about this point
    swing: tuple[float, float]  # degrees at the two ends of a pace, clockwise on the screen


@dataclass(frozen=True, slots=True)
class Cutout:
    """One person of the source picture, in its pixels."""

    outline: Outline
    hem: Outline  # everything above belongs to the body, everything below to the legs
    far: Leg  # drawn first
    near: Leg
    coat: Outline
    shirt: tuple[Outline, ...]  # the parts that the coat leaves open
    height: float  # from the crown to the soles
    stride: float  # metres walked while the legs go through all their poses
    rest: int  # the pose it stands still in


@dataclass(frozen=True, slots=True)
class Dye:
    """Colours for the clothes; None leaves them as they are. ``lift`` brightens black cloth."""

    coat: Colour | None = None
    shirt: Colour | None = None
    jeans: Colour | None = None
    lift: float = 0.0


@dataclass(frozen=True, slots=True)
class Pose:
    """One drawing of a person. ``anchor``: the point on the ground below it, in its pixels."""

    image: Floats  # (h, w, 4): BGR times cover, 0..255, and cover, 0..1
    anchor: Point
    box: tuple[float, float, float, float]  # left, top, right, bottom of the body


def _doubled(x: int, y: int, points: str) -> Outline:
    """Points traced on a crop at twice the size whose corner is ``x, y``."""
    pairs = (pair.split(",") for pair in points.split())
    return tuple((x + float(a) / 2, y + float(b) / 2) for a, b in pairs)


LIGHT_COAT = Cutout(
    outline=_doubled(
        20,
        380,
        "170,75 175,55 205,42 240,38 268,52 276,72 272,95 270,125 264,150 258,176 285,200 310,225 "
        "321,255 321,280 329,310 349,335 359,360 358,388 343,416 323,436 317,455 327,500 338,560 "
        "345,600 339,619 325,625 317,622 321,660 331,720 334,780 344,840 357,900 364,935 372,950 "
        "382,960 412,980 447,993 452,1008 430,1020 380,1032 330,1038 315,1035 312,1000 319,965 "
        "311,950 304,900 284,850 269,790 249,730 229,690 203,650 186,720 166,770 149,830 138,890 "
        "131,940 132,965 160,1000 174,1020 170,1036 150,1040 110,1030 76,1010 66,997 70,970 "
        "81,940 81,900 96,868 113,820 114,760 109,700 106,640 81,620 83,560 89,470 83,400 81,360 "
        "84,300 86,240 106,211 151,176 159,138 168,130 166,110 170,90",
    ),
    hem=((0, 0), (400, 0), (400, 693), (161, 693), (161, 699), (0, 701)),
    far=Leg(
        ((121.5, 694), (200, 680), (280, 880), (260, 920), (150, 920), (121.5, 720)),
        (140, 640),
        (0, 22),
    ),
    near=Leg(((0, 694), (121.5, 694), (121.5, 760), (115, 920), (30, 920)), (105, 640), (0, -20)),
    coat=_doubled(
        20,
        380,
        "158,138 175,160 200,178 232,192 246,225 257,250 258,190 258,176 285,200 321,255 329,310 "
        "359,360 358,388 317,455 338,560 345,600 339,624 318,625 300,590 285,545 283,635 205,645 "
        "106,640 70,630 70,400 70,240 151,172",
    ),
    shirt=(_doubled(20, 380, "232,190 258,178 262,230 258,255 246,235"),),
    height=510,
    stride=1.35,
    rest=3,
)
DARK_COAT = Cutout(
    outline=_doubled(
        200,
        390,
        "127,75 130,50 160,35 195,38 210,60 213,85 215,110 209,140 199,165 202,178 215,188 245,193 "
        "262,215 272,240 275,270 286,310 284,330 264,345 247,353 253,390 263,450 271,520 274,580 "
        "271,608 276,630 278,655 265,681 235,706 205,737 181,761 169,780 178,795 190,825 197,845 "
        "193,859 180,861 166,852 161,846 160,860 165,880 186,910 187,928 176,935 145,934 116,920 "
        "110,906 115,870 108,850 112,820 100,770 92,700 88,630 56,619 50,606 60,540 75,450 80,400 "
        "72,385 75,350 78,310 73,292 75,265 81,245 101,225 116,196 148,167 143,155 137,128 130,110 "
        "126,95",
    ),
    hem=((0, 0), (800, 0), (800, 692), (310, 692), (307, 680), (296, 696), (288, 701), (0, 701)),
    far=Leg(
        ((276, 690), (340, 680), (350, 730), (320, 830), (280, 826), (281, 800), (279, 740)),
        (305, 640),
        (0, -12),
    ),
    near=Leg(
        (
            (230, 690),
            (300, 690),
            (288, 722),
            (281, 750),
            (281, 822),
            (300, 845),
            (300, 870),
            (230, 870),
        ),
        (268, 640),
        (0, 10),
    ),
    coat=_doubled(
        200,
        390,
        "148,155 172,195 185,240 195,265 205,225 203,190 202,170 225,185 250,195 268,230 280,290 "
        "290,315 284,347 247,358 255,420 267,500 278,600 235,612 218,560 217,500 218,440 213,405 "
        "200,375 190,440 178,500 178,565 165,558 158,508 120,508 112,565 140,585 172,604 170,640 "
        "40,640 40,400 60,302 165,298 173,290 173,262 150,240 115,222 100,220 116,190",
    ),
    shirt=(
        _doubled(200, 390, "172,186 203,186 205,225 195,265 185,240"),
        _doubled(200, 390, "200,370 215,405 218,500 186,502 190,440"),
    ),
    height=432,
    stride=0.9,
    rest=1,
)


def source_picture() -> Path:
    """Where ultralytics keeps the picture, found without the seconds that importing it takes."""
    spec = find_spec("ultralytics")
    if spec is None or spec.origin is None:
        raise SourceNotFound("the demo needs the package ultralytics, for its sample picture")
    path = Path(spec.origin).parent / "assets" / "bus.jpg"
    if not path.is_file():
        raise SourceNotFound(f"the sample picture of ultralytics is missing: {path}")
    return path


def draw_poses(cutout: Cutout, dye: Dye) -> tuple[Pose, ...]:
    """A person in dyed clothes at ``POSES`` moments of one pace, facing right."""
    view = _View(cutout)
    layers = np.dstack([_dyed(view, dye) * view.cover[..., None], view.cover])
    body = layers * view.filled(cutout.hem)[..., None]
    far, near = _leg(view, layers, cutout.far), _leg(view, layers, cutout.near)
    poses = []
    for step in range(POSES):
        closing = float(1 - np.cos(2 * np.pi * step / POSES)) / 2
        drawn = _turned(view, far, cutout.far, closing)
        for layer in (_turned(view, near, cutout.near, closing), body):
            drawn = layer + drawn * (1 - layer[..., 3:])
        poses.append(_finished(drawn))
    return tuple(poses)


class _View:
    """The part of the source picture around one person."""

    def __init__(self, cutout: Cutout) -> None:
        self.cutout = cutout
        corners = np.array(cutout.outline)
        self.left, self.top = (int(v) - MARGIN for v in corners.min(axis=0))
        right, bottom = (int(v) + MARGIN for v in corners.max(axis=0))
        picture = cv2.imread(str(source_picture()))
        if picture is None:
            raise SourceNotFound(f"the sample picture cannot be read: {source_picture()}")
        self.picture = picture[self.top : bottom, self.left : right].astype(np.float32)
        # A little inside the traced line, so that no fringe of the street comes along.
        inside = cv2.erode(self.filled(cutout.outline), np.ones((5, 5), np.uint8))
        self.cover: Floats = np.asarray(cv2.GaussianBlur(inside, (0, 0), 0.8), np.float32)
        # What is left of the blue bus along the edge above the hips.
        edge = self.cover - cv2.erode(self.cover, np.ones((11, 11), np.uint8))
        edge[min(int(leg.hip[1]) for leg in (cutout.far, cutout.near)) - self.top :] = 0
        self.cover *= 1 - edge * _step(self.picture[..., 0] - self.picture[..., 2], 25, 60)

    def filled(self, *outlines: Outline) -> Floats:
        """1 inside the outlines, 0 outside, in between on their lines."""
        mask = np.zeros(self.picture.shape[:2], np.uint8)
        for outline in outlines:
            points = (np.array(outline) - (self.left, self.top)) * 8  # three binary places
            cv2.fillPoly(mask, [points.round().astype(np.int32)], 255, cv2.LINE_AA, 3)
        return np.asarray(mask / 255, np.float32)


def _dyed(view: _View, dye: Dye) -> Floats:
    """The picture with the clothes in other colours; folds and light stay."""
    blue, red = view.picture[..., 0], view.picture[..., 2]
    bare = _step(red - blue, 22, 40) * _step(red, 60, 90)  # skin, and the red shirts
    bare = np.asarray(cv2.dilate(bare, np.ones((3, 3), np.uint8)), np.float32)
    shirt = view.filled(*view.cutout.shirt)
    coat = view.filled(view.cutout.coat) * (1 - shirt)
    if view.cutout is DARK_COAT:
        coat = coat * (1 - bare)
    jeans = _step(blue - red, 6, 20) * (1 - coat)
    picture, light = view.picture, view.picture @ LUMINANCE
    for part, colour, lift in (
        (coat, dye.coat, dye.lift),
        (shirt, dye.shirt, 40.0),
        (jeans, dye.jeans, 20.0),
    ):
        if colour is not None:
            usual = float((light * part).sum() / part.sum()) + lift
            shade = np.clip((light + lift) / usual, 0.3, 1.4)[..., None]
            soft = cv2.GaussianBlur(part, (0, 0), 1.0)[..., None]
            picture = picture + soft * (shade * np.array(colour, np.float32) - picture)
    return np.asarray(picture, np.float32)


def _step(values: Floats, low: float, high: float) -> Floats:
    """0 below ``low``, 1 above ``high``, rising evenly in between."""
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


def _leg(view: _View, layers: Floats, leg: Leg) -> Floats:
    """The layer of one leg, continued upwards under the coat so that it can swing."""
    layer = np.asarray(layers * view.filled(leg.outline)[..., None], np.float32)
    seam = int(max(y for _, y in view.cutout.hem if y < 710) - view.top) + 4
    hip = int(leg.hip[1] - view.top)
    layer[hip:seam] = layer[seam]
    layer[:hip] = 0
    return layer


def _turned(view: _View, layer: Floats, leg: Leg, closing: float) -> Floats:
    """The leg's layer swung about the hip; ``closing``: 0 to 1 through the pace."""
    angle = leg.swing[0] + closing * (leg.swing[1] - leg.swing[0])
    hip = (leg.hip[0] - view.left, leg.hip[1] - view.top)
    turn = cv2.getRotationMatrix2D(hip, -angle, 1)
    return np.asarray(cv2.warpAffine(layer, turn, layer.shape[1::-1]), np.float32)


def _finished(drawn: Floats) -> Pose:
    """Shrunk and measured; the lowest sole touches the ground."""
    image = cv2.resize(drawn, None, fx=SHRINK, fy=SHRINK, interpolation=cv2.INTER_AREA)
    body = image[..., 3] > 0.5
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    trunk = np.flatnonzero(body[top : (top + bottom) // 2].any(axis=0))
    middle = float(trunk[0] + trunk[-1] + 1) / 2
    return Pose(
        np.asarray(image, np.float32),
        (middle, float(bottom)),
        (float(left), float(top), float(right), float(bottom)),
    )
