"""What is known of a source's floor: points in the picture, and where they lie in metres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ..errors import GroundError
from ..paths import writable_as_text
from .layout import THIN, Distance, laid_out, misplaced
from .plane import Floats, Plane, fit

Point = tuple[float, float]

MOST_POINTS = 40
FARTHEST = 100_000.0  # pixels, or metres: what is farther away is a mistake
LONGEST_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a source's floor lies on a plan: turned by `turn` degrees anticlockwise about its own
    origin, which then lies x, y metres from the plan's lower left corner."""

    plan: str
    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Points of a source's picture that are known on the floor. Raises GroundError for bad ones.

    pixels: of the source's own frame. floor: metres, x to the right and y ahead as on a map, one
    for each pixel; empty where distances say it instead. placing: None where it is on no plan.
    frame: width and height of the frames that the pixels are of; None takes those of the source.
    """

    pixels: tuple[Point, ...]
    floor: tuple[Point, ...] = ()
    distances: tuple[Distance, ...] = ()
    placing: Placing | None = None
    frame: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if len(self.pixels) < 4:
            many = f"{len(self.pixels)} point" + ("" if len(self.pixels) == 1 else "s")
            raise GroundError(f"A floor needs four points or more, not {many}")
        if len(self.pixels) > MOST_POINTS:
            raise GroundError(f"A floor has at most {MOST_POINTS} points")
        if bool(self.floor) == bool(self.distances):
            raise GroundError(
                "Say where the points lie on the floor, or how far they are apart: one of the two"
            )
        if self.floor and len(self.floor) != len(self.pixels):
            raise GroundError("Each point needs its place in the picture and on the floor")
        _check_points(self.pixels, "pixels")
        _check_points(self.floor, "metres")
        if self.placing is not None:
            check_plan_name(self.placing.plan)
            where = (self.placing.x, self.placing.y, self.placing.turn)
            if not all(math.isfinite(each) and abs(each) <= FARTHEST for each in where):
                raise GroundError("A floor's place on its plan must be in metres and degrees")

    @classmethod
    def of(cls, content: Any) -> Calibration:
        """That of {"points": [{"pixel": [x, y], "floor": [x, y]}, ...], "plan": {...}}.

        Instead of "floor" there may be "distances": [[1, 2, metres], ...], by the points' numbers
        from 1. "plan": {"name", "x", "y", "turn"} and "frame": [width, height] may be missing.
        """
        if not isinstance(content, dict):
            raise GroundError('A floor is written as {"points": [...]}')
        _check_keys("A floor", content, ("points", "distances", "plan", "frame"))
        points = content.get("points")
        if not isinstance(points, list) or not all(isinstance(each, dict) for each in points):
            raise GroundError('A floor has "points": [{"pixel": [x, y], "floor": [x, y]}, ...]')
        pixels, floor = [], []
        for number, each in enumerate(points, 1):
            _check_keys(f"Point {number}", each, ("pixel", "floor"))
            pixels.append(_pair(each.get("pixel"), number, "pixel"))
            if each.get("floor") is not None:
                floor.append(_pair(each["floor"], number, "floor"))
        return cls(
            tuple(pixels),
            tuple(floor),
            _distances(content.get("distances") or []),
            _placing(content.get("plan")),
            _frame(content.get("frame")),
        )

    @property
    def content(self) -> dict[str, Any]:
        """What `of` reads, JSON-ready."""
        points: list[dict[str, Any]] = [{"pixel": list(pixel)} for pixel in self.pixels]
        for point, at in zip(points, self.floor, strict=False):
            point["floor"] = list(at)
        found: dict[str, Any] = {"points": points}
        if self.distances:
            found["distances"] = [[a + 1, b + 1, length] for a, b, length in self.distances]
        if self.placing is not None:
            place = self.placing
            found["plan"] = {"name": place.plan, "x": place.x, "y": place.y, "turn": place.turn}
        if self.frame is not None:
            found["frame"] = list(self.frame)
        return found

    def fitted(self) -> Fit:
        """The floor that these points give. Raises GroundError for points that give none."""
        pixels = np.array(self.pixels)
        _check_spread(pixels, "in the picture")
        floor = laid_out(pixels, self.distances) if self.distances else np.array(self.floor)
        _check_spread(floor, "on the floor")
        _check_order(pixels, floor)
        return Fit(self, floor, fit(pixels, floor))


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The floor of a calibration, and how well its points agree on it.

    floor: where the points are said to lie, or were laid out, in metres, of shape (n, 2).
    """

    calibration: Calibration
    floor: Floats
    plane: Plane

    @property
    def on_plan(self) -> Plane:
        """The floor in the coordinates of its plan; in its own where it is on none."""
        place = self.calibration.placing
        return self.plane if place is None else self.plane.placed(place.x, place.y, place.turn)

    def of_width(self, width: int) -> Plane:
        """`on_plan` in frames of that width, where the camera is set to another size now."""
        frame = self.calibration.frame
        same = frame is None or frame[0] == width
        return self.on_plan if frame is None or same else self.on_plan.of_width(width, frame[0])

    @property
    def pixels_off(self) -> Floats:
        """How far each point's place on the floor is seen from its pixel, in pixels."""
        seen = self.plane.picture(*self.floor.T)
        return _apart(np.array(self.calibration.pixels), np.column_stack(seen))

    @property
    def metres_off(self) -> Floats:
        """How far each pixel's place on the floor is from where it is said to be, in metres."""
        matrix = self.plane.to_floor
        found = np.column_stack([np.array(self.calibration.pixels), np.ones(len(self.floor))])
        across, ahead, depth = matrix @ found.T
        return _apart(self.floor, np.column_stack([across / depth, ahead / depth]))

    @property
    def left_out(self) -> Floats | None:
        """How far, in metres, each point is missed by the floor that the others give.

        None of four points, which always agree; NaN of a point without which there is no floor.
        """
        count = len(self.floor)
        if count < 5:
            return None
        found = np.full(count, np.nan)
        pixels = np.array(self.calibration.pixels)
        for number in range(count):
            others = np.arange(count) != number
            try:
                _check_spread(pixels[others], "in the picture")
                _check_spread(self.floor[others], "on the floor")
                plane = fit(pixels[others], self.floor[others])
            except GroundError:
                continue
            across, ahead, depth = plane.to_floor @ (*pixels[number], 1.0)
            if depth > 0:
                found[number] = math.dist((across / depth, ahead / depth), self.floor[number])
        return found

    @property
    def distances_off(self) -> Floats:
        """How far each distance that was given is from that of the layout, in metres."""
        return np.array(
            [
                abs(math.dist(self.floor[a], self.floor[b]) - length)
                for a, b, length in self.calibration.distances
            ]
        )


def check_plan_name(name: str) -> None:
    """Raise GroundError for what no plan can be called."""
    if not name.strip() or len(name) > LONGEST_NAME or not writable_as_text(name) or "\0" in name:
        raise GroundError(f"{name!r:.80} is no name for a plan; take up to {LONGEST_NAME} letters")


def _check_points(points: Sequence[Point], unit: str) -> None:
    for number, point in enumerate(points, 1):
        if not all(math.isfinite(side) and abs(side) <= FARTHEST for side in point):
            raise GroundError(f"Point {number} is farther away than {FARTHEST:g} {unit}")
    for (one, a), (other, b) in combinations(enumerate(points, 1), 2):
        if math.dist(a, b) < 1e-6:
            raise GroundError(f"Points {one} and {other} have the same place in {unit}")


def _check_spread(points: Floats, where: str) -> None:
    """Of four points no three may lie on a line; of more, four must be like that."""
    if len(points) > 4:
        return  # the fit tells
    for three in combinations(range(4), 3):
        a, b, c = points[list(three)]
        longest = max(math.dist(a, b), math.dist(b, c), math.dist(a, c))
        area = abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
        if area <= THIN * longest * longest:
            numbers = ", ".join(str(each + 1) for each in three)
            raise GroundError(
                f"The points {numbers} lie on one line {where}: of four points no three may"
            )


def _check_order(pixels: Floats, floor: Floats) -> None:
    found = misplaced(pixels, floor)
    if found is None:
        return
    point, mirrored = found
    if mirrored:
        raise GroundError(
            "The floor is mirrored: seen from above its points go round the other way than in the"
            " picture. x goes to the right and y ahead, away from who looks that way"
        )
    raise GroundError(
        f"Point {point + 1} cannot lie there: going round the points, their order on the floor is"
        " not that in the picture"
    )


def _apart(one: Floats, other: Floats) -> Floats:
    found: Floats = np.hypot(*(one - other).T)
    return found


def _check_keys(what: str, content: dict[Any, Any], known: Sequence[str]) -> None:
    if unknown := [key for key in content if key not in known]:
        raise GroundError(f"{what} has {unknown[0]!r}; known are {', '.join(known)}")


def _pair(content: Any, number: int, what: str) -> Point:
    if isinstance(content, list | tuple) and len(content) == 2 and all(map(_is_number, content)):
        return float(content[0]), float(content[1])
    raise GroundError(f"Point {number}: its {what} is no pair of numbers, like [100, 200]")


def _is_number(side: Any) -> bool:
    return isinstance(side, int | float) and not isinstance(side, bool) and abs(side) < 1e300


def _distances(content: Any) -> tuple[Distance, ...]:
    right = isinstance(content, list) and all(
        isinstance(each, list | tuple)
        and len(each) == 3
        and all(map(_is_number, each))
        and all(side == int(side) for side in each[:2])
        for each in content
    )
    if not right:
        raise GroundError('"distances" is a list of [point, point, metres], numbered from 1')
    return tuple((int(a) - 1, int(b) - 1, float(length)) for a, b, length in content)


def _placing(content: Any) -> Placing | None:
    if content is None:
        return None
    if not isinstance(content, dict) or not isinstance(content.get("name"), str):
        raise GroundError('"plan" is {"name": ..., "x": metres, "y": metres, "turn": degrees}')
    _check_keys("A plan", content, ("name", "x", "y", "turn"))
    numbers = {key: content[key] for key in ("x", "y", "turn") if key in content}
    if not all(map(_is_number, numbers.values())):
        raise GroundError("A floor's place on its plan must be in metres and degrees")
    return Placing(content["name"], **{key: float(each) for key, each in numbers.items()})


def _frame(content: Any) -> tuple[int, int] | None:
    if content is None:
        return None
    sides = content if isinstance(content, list | tuple) else ()
    if len(sides) != 2 or not all(isinstance(side, int) and 0 < side <= FARTHEST for side in sides):
        raise GroundError('"frame" is [width, height] in pixels')
    return sides[0], sides[1]
