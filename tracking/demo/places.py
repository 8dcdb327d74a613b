"""A zone and a line on the demo's pavement, and who is truly in it and crosses it.

Both are drawn in metres on the ground, where everybody walks straight on at a constant speed, so
that the truth needs no picture: a rectangle, and a line away from the camera.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..zones import Line, Zone
from .scene import CAMERA_HEIGHT, FOCAL, HORIZON, WIDTH, on_picture

LEFT, RIGHT = 0.7, 3.4  # metres to the right of the camera: the ends of the zone
NEAR, FAR = 7.6, 10.8  # metres in front of it
MIDDLE = 0.0  # metres to the right of the camera: the line

ZONE = Zone(
    "meeting point",
    tuple(on_picture(*at) for at in ((LEFT, FAR), (RIGHT, FAR), (RIGHT, NEAR), (LEFT, NEAR))),
)
LINE = Line(
    "middle", (on_picture(MIDDLE, 15.0), on_picture(MIDDLE, 4.2)), "to the left", "to the right"
)

Feet = Mapping[int, Mapping[int, tuple[float, float]]]
"""Person -> frame -> where the feet stand in the picture, in pixels."""


@dataclass(frozen=True, slots=True)
class Passing:
    """Somebody crosses the line. seconds: since the clip's beginning."""

    person: int
    seconds: float
    direction: str  # forward: to the left, or backward


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody is in the zone, in all frames from the first to the last one."""

    person: int
    first_frame: int
    last_frame: int


def passings(feet: Feet, fps: float) -> tuple[Passing, ...]:
    """Who crosses the line, in the order of time."""
    found = []
    for person, way in feet.items():
        for frame, foot in way.items():
            if frame + 1 not in way:
                continue
            here, there = _ground(foot)[0] - MIDDLE, _ground(way[frame + 1])[0] - MIDDLE
            if (here > 0) != (there > 0):
                seconds = (frame + here / (here - there)) / fps
                found.append(Passing(person, seconds, "forward" if here > 0 else "backward"))
    return tuple(sorted(found, key=lambda each: each.seconds))


def visits(feet: Feet) -> tuple[Visit, ...]:
    """Who is in the zone, in the order of time."""
    found: list[Visit] = []
    for person, way in feet.items():
        inside = [frame for frame, foot in sorted(way.items()) if _in_zone(foot)]
        for frame in inside:
            last = found[-1] if found else None
            if last and (last.person, last.last_frame) == (person, frame - 1):
                found[-1] = Visit(person, last.first_frame, frame)
            else:
                found.append(Visit(person, frame, frame))
    return tuple(sorted(found, key=lambda each: each.first_frame))


def _in_zone(foot: tuple[float, float]) -> bool:
    across, depth = _ground(foot)
    return LEFT <= across <= RIGHT and NEAR <= depth <= FAR


def _ground(foot: tuple[float, float]) -> tuple[float, float]:
    """Metres across and in front of the camera: the inverse of `on_picture`."""
    depth = CAMERA_HEIGHT * FOCAL / (foot[1] - HORIZON)
    return (foot[0] - WIDTH / 2) * depth / FOCAL, depth
