"""Who walks where in the demo, and where that is in the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from .people import DARK_COAT, LIGHT_COAT, POSES, SHRINK, Cutout, Dye, Pose, draw_poses
from .scene import FOCAL, on_picture, pixels_per_metre

TALL = 1.75  # metres, everyone

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Stop:
    """A point of a path on the ground, and how long to stand there. Metres, seconds."""

    across: float  # to the right of the camera
    depth: float  # in front of the camera
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Walker:
    """One person: looks, and a path of straight lines walked at constant speed."""

    cutout: Cutout
    dye: Dye
    start: float  # seconds
    speed: float  # metres per second
    path: tuple[Stop, ...]

    def at(self, seconds: float) -> tuple[Stop, float | None, int] | None:
        """Its place, the metres walked so far (None: it stands), and 1 facing right or -1 left."""
        left, walked, facing = seconds - self.start, 0.0, 1
        if left < 0:
            return None
        for here, there in zip(self.path, self.path[1:], strict=False):
            way = (there.across - here.across, there.depth - here.depth)
            length = float(np.hypot(*way))
            facing = 1 if way[0] > 0 else -1
            if left * self.speed < length:
                done = left * self.speed / length
                place = Stop(here.across + done * way[0], here.depth + done * way[1])
                return place, walked + done * length, facing
            left, walked = left - length / self.speed, walked + length
            if left < there.wait:
                return there, None, facing
            left -= there.wait
        return None


# The second passes in front of the first and hides it; the fourth and the fifth meet, stand
# together and leave together. Nobody stands long: a motion detector would take them for background.
WALKERS = (
    Walker(DARK_COAT, Dye(), 0.2, 1.2, (Stop(7.6, 13.5), Stop(-7.6, 13.5))),
    Walker(
        LIGHT_COAT,
        Dye(coat=(84, 118, 62), shirt=(200, 205, 210)),
        1.7,
        1.2,
        (Stop(3.5, 5.3), Stop(-3.5, 5.3)),
    ),
    Walker(
        DARK_COAT,
        Dye(coat=(52, 110, 176), shirt=(150, 80, 40), jeans=(60, 60, 64), lift=60),
        5.0,
        1.1,
        (Stop(-5.0, 8.5), Stop(5.2, 8.5)),
    ),
    Walker(LIGHT_COAT, Dye(), 2.0, 1.2, (Stop(-5.4, 9.5), Stop(1.5, 9.5, 1.45), Stop(5.9, 9.5))),
    Walker(
        DARK_COAT,
        Dye(coat=(62, 40, 140), shirt=(214, 216, 220), lift=50),
        5.0,
        1.2,
        (Stop(5.6, 9.4), Stop(2.5, 9.4, 1.55), Stop(5.9, 9.4)),
    ),
    Walker(
        LIGHT_COAT,
        Dye(coat=(140, 84, 46), jeans=(96, 110, 122)),
        6.0,
        1.3,
        (Stop(7.1, 12.5), Stop(-7.1, 12.5)),
    ),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One person as it appears in one frame. All places in pixels of the picture."""

    person: int  # from 1
    image: Floats  # (h, w, 4): BGR times cover, 0..255, and cover, 0..1
    left: int
    top: int
    box: tuple[float, float, float, float]  # left, top, right, bottom; not clipped
    foot: tuple[float, float]


def figures(seconds: float) -> list[Figure]:
    """Everyone who is about at this time, the farthest first."""
    found = []
    for person, walker in enumerate(WALKERS, 1):
        state = walker.at(seconds)
        if state is not None:
            place, walked, facing = state
            pose = _poses(walker.cutout, walker.dye)[_step(walker.cutout, walked)]
            found.append((place.depth, _placed(person, walker.cutout, pose, place, facing)))
    return [figure for _, figure in sorted(found, key=lambda pair: -pair[0])]


def _step(cutout: Cutout, walked: float | None) -> int:
    """Which pose shows this many metres walked; None: it stands."""
    return cutout.rest if walked is None else int(walked / cutout.stride * POSES) % POSES


_poses = lru_cache(maxsize=None)(draw_poses)


def _placed(person: int, cutout: Cutout, pose: Pose, place: Stop, facing: int) -> Figure:
    """Scale a pose to its depth and put its anchor on the ground."""
    x, y = on_picture(place.across, place.depth)
    if facing < 0:
        pose = _mirrored(pose)
    wanted = TALL * pixels_per_metre(y) / (cutout.height * SHRINK)
    height, width = (round(side * wanted) for side in pose.image.shape[:2])
    scale_x, scale_y = width / pose.image.shape[1], height / pose.image.shape[0]
    left, top = x - pose.anchor[0] * scale_x, y - pose.anchor[1] * scale_y
    column, row = int(np.floor(left)), int(np.floor(top))
    small = cv2.resize(pose.image, (width, height), interpolation=cv2.INTER_AREA)
    # Between whole pixels, or slow walkers would jerk.
    shift = np.array([[1, 0, left - column], [0, 1, top - row]])
    image = cv2.warpAffine(small, shift, (width + 1, height + 1))
    x0, y0, x1, y1 = pose.box
    box = (left + x0 * scale_x, top + y0 * scale_y, left + x1 * scale_x, top + y1 * scale_y)
    return Figure(person, np.asarray(image, np.float32), column, row, box, (x, y))


def _mirrored(pose: Pose) -> Pose:
    width = pose.image.shape[1]
    left, top, right, bottom = pose.box
    return replace(
        pose,
        image=pose.image[:, ::-1],
        anchor=(width - pose.anchor[0], pose.anchor[1]),
        box=(width - right, top, width - left, bottom),
    )


def inside(figure: Figure, picture: npt.NDArray[np.generic]) -> tuple[tuple[slice, slice], Floats]:
    """Where the figure lies in the picture, and that part of its image (may be empty)."""
    height, width = figure.image.shape[:2]
    x0, x1 = (min(max(x, 0), picture.shape[1]) for x in (figure.left, figure.left + width))
    y0, y1 = (min(max(y, 0), picture.shape[0]) for y in (figure.top, figure.top + height))
    part = figure.image[y0 - figure.top : y1 - figure.top, x0 - figure.left : x1 - figure.left]
    return (slice(y0, y1), slice(x0, x1)), part


def draw(scene: Picture, shown: list[Figure]) -> Picture:
    """The scene with these figures and their shadows, BGR; the farthest figure comes first."""
    picture = scene.astype(np.float32)
    for figure in shown:
        _cast_shadow(picture, figure)
    for figure in shown:
        where, image = inside(figure, picture)
        picture[where] *= 1 - image[..., 3:]
        picture[where] += image[..., :3]
    return np.asarray(np.clip(picture + 0.5, 0, 255), np.uint8)


def _cast_shadow(picture: Floats, figure: Figure) -> None:
    """Soft dark spots on the ground: one under the soles, a wider one away from the sun."""
    (x, y), metre = figure.foot, pixels_per_metre(figure.foot[1])
    deep = metre * metre / FOCAL  # pixels per metre of depth
    top, left = max(int(y - 2 * deep), 0), max(int(x - 2 * metre), 0)
    part = picture[top : int(y + 2 * deep), left : max(int(x + 2 * metre), 0)]
    rows, columns = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
    for aside, wide, strength in ((0.0, 0.2, 0.5), (-0.24, 0.42, 0.28)):
        across = (columns - x - aside * metre) / (wide * metre)
        down = (rows - y + 0.05 * deep) / (0.55 * wide * deep + 1)
        part *= (1 - strength * np.exp(-(across**2 + down**2) / 2))[..., None].astype(np.float32)
