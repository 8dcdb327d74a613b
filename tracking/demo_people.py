"""The walkers of the demo, cut at run time out of a picture that ultralytics ships.

Two people stand wholly in that picture. Their outlines were traced by hand; each becomes a
paper puppet (body and two legs that swing at the hip), and dyed clothes make six people of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tracking.errors import SourceNotFound

POSES = 24  # steps of one stride (two paces)
MARGIN = 60  # pixels around a cut-out, room for the swinging legs

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
    shirt: Outline
    height: float  # from the crown to the soles


@dataclass(frozen=True, slots=True)
class Dye:
    """Colours for the clothes; None leaves them as they are. ``lift`` brightens black cloth."""

    coat: Colour | None = None
    shirt: Colour | None = None
    jeans: Colour | None = None
    lift: float = 0.0


@dataclass(frozen=True, slots=True)
class Pose:
    """One drawing of a person: colours BGR (h, w, 3) 0..255 and cover (h, w) 0..1."""

    colours: Floats
    cover: Floats
    anchor: Point  # the point on the ground below the hips


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
    shirt=_doubled(20, 380, "232,190 258,178 262,230 258,255 246,235"),
    height=510,
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
        (0, -20),
    ),
    near=Leg(
        ((230, 690), (300, 690), (288, 722), (281, 750), (281, 822), (300, 845), (300, 870), (230, 870)),
        (268, 640),
        (0, 13),
    ),
    coat=_doubled(
        200,
        390,
        "150,165 165,180 178,200 184,235 192,262 170,262 150,270 165,290 172,300 190,300 210,375 "
        "192,400 186,480 180,540 182,570 170,590 180,625 40,640 40,400 60,300 80,298 150,296 "
        "146,280 130,262 110,240 90,240 101,225 116,196",
    ),
    shirt=_doubled(200, 390, "172,186 202,186 200,215 194,265 188,240 176,210 "),
    height=432,
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
