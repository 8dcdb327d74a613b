"""Zones and lines as values: points in pixels, checked, to and from JSON.

A point is x, y in pixels of the source's own frame, from its top left corner. Points on a zone's
border are inside it, also those on the border of a hole. Who crosses a line forwards comes from
its left side to its right side, as seen by somebody who looks along it from its first point to
its last one, on the picture: over a line drawn from left to right that is downwards.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..errors import DrawingError
from ..paths import writable_as_text

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = tuple[Point, ...]
Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

FARTHEST = 100_000.0  # pixels from the frame's corner; what lies farther away is a mistake
MOST_POINTS = 1000
LONGEST_NAME = 200  # characters
_ON = 1e-6  # pixels: what lies nearer to a border is on it


@dataclass(frozen=True, slots=True)
class Zone:
    """A named polygon, which may have holes. Raises DrawingError for what is none.

    outer, holes: corners in order; the last one is joined to the first.
    """

    name: str
    outer: Ring
    holes: tuple[Ring, ...] = ()

    def __post_init__(self) -> None:
        what = f"Zone {self.name!r}"
        _check_name(self.name, "zone")
        _check_ring(what, self.outer)
        for number, hole in enumerate(self.holes, 1):
            _check_ring(f"{what}, hole {number}", hole)
            x, y = np.array(hole).T
            inside = _in_ring(self.outer, x, y, border=True).all()
            if not inside or _rings_cross(self.outer, hole):
                raise DrawingError(f"{what}: hole {number} does not lie inside of the zone")
        if len(self.all_points) > MOST_POINTS:
            raise DrawingError(f"{what} has more than {MOST_POINTS} corners")

    @classmethod
    def of(cls, name: str, content: Any) -> Zone:
        """The zone of a list of points, or of {"outer": points, "holes": lists of points}."""
        what = f"Zone {name!r}"
        if isinstance(content, dict):
            if unknown := sorted(set(map(str, content)) - {"outer", "holes"}):
                raise DrawingError(f"{what} has {unknown[0]!r}, but only outer and holes are known")
            holes = content.get("holes") or []
            if not isinstance(holes, (list, tuple)):
                raise DrawingError(f"{what}: holes must be a list of lists of points")
            outer = _points(what, content.get("outer"))
            return cls(name, _open(outer), tuple(_open(_points(what, hole)) for hole in holes))
        return cls(name, _open(_points(what, content)))

    @property
    def content(self) -> Any:
        """What `of` reads, JSON-ready."""
        if not self.holes:
            return _lists(self.outer)
        return {"outer": _lists(self.outer), "holes": [_lists(hole) for hole in self.holes]}

    @property
    def all_points(self) -> Ring:
        """The corners, also those of the holes."""
        return tuple(point for ring in (self.outer, *self.holes) for point in ring)

    @property
    def area(self) -> float:
        """Square pixels, without the holes."""
        return abs(_area(self.outer)) - sum(abs(_area(hole)) for hole in self.holes)

    def contains(self, x: Floats, y: Floats) -> Mask:
        """Which of these points are inside."""
        found = np.zeros(len(x), bool)
        corners = np.array(self.outer)
        (left, top), (right, low) = corners.min(axis=0) - _ON, corners.max(axis=0) + _ON
        near = np.flatnonzero((x >= left) & (x <= right) & (y >= top) & (y <= low))
        x, y = x[near], y[near]
        inside = _in_ring(self.outer, x, y, border=True)
        for hole in self.holes:
            inside &= ~_in_ring(hole, x, y, border=False)
        found[near] = inside
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """A named line of two or more points. Raises DrawingError for what is none.

    forward, backward: what the two directions are called; forward is from left to right.
    """

    name: str
    points: Ring
    forward: str = "in"
    backward: str = "out"

    def __post_init__(self) -> None:
        what = f"Line {self.name!r}"
        _check_name(self.name, "line")
        _check_points(what, self.points)
        if len(self.points) < 2:
            raise DrawingError(f"{what} has {_counted(self.points)}; a line needs 2 or more")
        if math.dist(self.points[0], self.points[-1]) < _ON and len(self.points) > 2:
            raise DrawingError(f"{what} ends where it begins: that is a zone")
        if _crosses_itself(self.points, closed=False):
            raise DrawingError(f"{what} crosses itself, so that it has no two sides")
        for word in (self.forward, self.backward):
            _check_name(word, "direction")
        if self.forward == self.backward:
            raise DrawingError(f"{what} has two directions of the same name, {self.forward!r}")

    @classmethod
    def of(cls, name: str, content: Any, forward: str = "in", backward: str = "out") -> Line:
        """The line of a list of points."""
        return cls(name, _points(f"Line {name!r}", content), forward, backward)

    @property
    def content(self) -> Any:
        """What `of` reads, JSON-ready."""
        return _lists(self.points)

    @property
    def all_points(self) -> Ring:
        return self.points

    @property
    def length(self) -> float:
        """Pixels."""
        return sum(map(math.dist, self.points, self.points[1:]))

    def arrow(self, length: float = 30.0) -> tuple[Point, Point]:
        """Where an arrow begins and ends that shows the forward direction; length: pixels.

        It is centred on the middle of the line.
        """
        left = self.length / 2
        for a, b in zip(self.points, self.points[1:], strict=False):
            step = math.dist(a, b)
            if left <= step:
                break
            left -= step
        (ax, ay), (bx, by) = a, b
        dx, dy = (bx - ax) / step, (by - ay) / step
        x, y = ax + dx * left, ay + dy * left
        aside, down = -dy * length / 2, dx * length / 2
        return (x - aside, y - down), (x + aside, y + down)


def read_json(text: str) -> Any:
    """The content of a JSON text. Raises DrawingError."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise DrawingError(f"That is no JSON: {error}") from None


def read_points(text: str) -> list[list[float]]:
    """Points written like `100,200 300,200 300,400`. Raises DrawingError."""
    pairs = [pair.split(",") for pair in text.replace(";", " ").split()]
    try:
        return [[float(x), float(y)] for x, y in pairs]
    except ValueError:
        raise DrawingError(
            f"{text!r} are no points; write them like 100,200 300,200 300,400"
        ) from None


def _points(what: str, content: Any) -> Ring:
    if not isinstance(content, (list, tuple)):
        raise DrawingError(f"{what} has no list of points, like [[100, 200], [300, 200]]")
    points = []
    for number, point in enumerate(content, 1):
        pair = isinstance(point, (list, tuple)) and len(point) == 2
        if not pair or not all(_is_number(side) for side in point):
            raise DrawingError(f"{what}: point {number} is not a pair of numbers: {point!r:.80}")
        points.append((float(point[0]), float(point[1])))
    return tuple(points)


def _is_number(side: Any) -> bool:
    return isinstance(side, (int, float)) and not isinstance(side, bool) and abs(side) < 1e300


def _open(ring: Ring) -> Ring:
    """Without a last point that says again where it began."""
    return ring[:-1] if len(ring) > 3 and ring[0] == ring[-1] else ring


def _lists(points: Ring) -> list[list[float]]:
    return [[int(side) if side == int(side) else side for side in point] for point in points]


def _check_name(name: str, of: str) -> None:
    if not name.strip():
        raise DrawingError(f"A {of} needs a name")
    if len(name) > LONGEST_NAME or not writable_as_text(name) or "\0" in name:
        raise DrawingError(f"{name!r:.80} is no name for a {of}; take up to {LONGEST_NAME} letters")


def _check_points(what: str, points: Ring) -> None:
    if len(points) > MOST_POINTS:
        raise DrawingError(f"{what} has more than {MOST_POINTS} points")
    for number, (point, after) in enumerate(zip_longest(points, points[1:]), 1):
        if not all(math.isfinite(side) and abs(side) <= FARTHEST for side in point):
            raise DrawingError(
                f"{what}: point {number}, {_said(point)}, is farther away than {FARTHEST:g} pixels"
            )
        if after is not None and math.dist(point, after) < _ON:
            raise DrawingError(f"{what}: points {number} and {number + 1} are the same")


def _check_ring(what: str, ring: Ring) -> None:
    _check_points(what, ring)
    if len(ring) < 3:
        raise DrawingError(f"{what} has {_counted(ring)}; a polygon needs 3 or more")
    if math.dist(ring[0], ring[-1]) < _ON:
        raise DrawingError(f"{what}: its first and its last point are the same")
    if _crosses_itself(ring, closed=True):
        raise DrawingError(f"{what} crosses itself")
    if abs(_area(ring)) < 1:
        raise DrawingError(
            f"{what} is smaller than a pixel; points are in pixels of the source's own frame"
        )


def _counted(points: Ring) -> str:
    return f"{len(points)} point" + ("" if len(points) == 1 else "s")


def _said(point: Point) -> str:
    return ", ".join(f"{side:g}" for side in point)


def _area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(ring, closed=True)) / 2


def _edges(points: Sequence[Point], closed: bool) -> list[tuple[Point, Point]]:
    after = (*points[1:], points[0]) if closed else points[1:]
    return list(zip(points, after, strict=False))


def _crosses_itself(points: Ring, closed: bool) -> bool:
    """Whether two edges meet that are no neighbours, or neighbours lie on each other."""
    edges = _edges(points, closed)
    count = len(edges)
    for number, edge in enumerate(edges):
        for other in range(number + 1, count):
            beside = other == number + 1 or (closed and number == 0 and other == count - 1)
            if beside and _folded(*_apart(edge, edges[other], other == number + 1)):
                return True
            if not beside and _meet(edge, edges[other]):
                return True
    return False


def _apart(
    first: tuple[Point, Point], second: tuple[Point, Point], in_order: bool
) -> tuple[Point, Point, Point]:
    """Two edges that share a point: that point, and the two others."""
    return (first[1], first[0], second[1]) if in_order else (first[0], first[1], second[0])


def _folded(corner: Point, a: Point, b: Point) -> bool:
    """Whether the ways from a corner to two points lie on each other."""
    along = (a[0] - corner[0]) * (b[0] - corner[0]) + (a[1] - corner[1]) * (b[1] - corner[1])
    return _turn(corner, a, b) == 0 and along > 0


def _turn(a: Point, b: Point, c: Point) -> int:
    """1 if c lies to the right of the way from a to b, -1 to the left, 0 on it."""
    size = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    slack = _ON * math.dist(a, b)
    return 0 if abs(size) <= slack else (1 if size > 0 else -1)


def _meet(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Whether two edges have a point in common."""
    (a, b), (c, d) = first, second
    if any(
        max(a[i], b[i]) < min(c[i], d[i]) - _ON or max(c[i], d[i]) < min(a[i], b[i]) - _ON
        for i in (0, 1)
    ):
        return False
    return _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0


def _rings_cross(outer: Ring, inner: Ring) -> bool:
    """Whether the border of one goes through that of the other; touching it is none."""
    return any(
        _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0
        for a, b in _edges(outer, closed=True)
        for c, d in _edges(inner, closed=True)
    )


def _in_ring(ring: Ring, x: Floats, y: Floats, border: bool) -> Mask:
    """Which points lie in a polygon. border: whether those on its border do."""
    odd, on = np.zeros(len(x), bool), np.zeros(len(x), bool)
    for (ax, ay), (bx, by) in _edges(ring, closed=True):
        dx, dy = bx - ax, by - ay
        turn = dx * (y - ay) - dy * (x - ax)
        beside = ((ay > y) != (by > y)) & ((turn > 0) == (dy > 0))
        odd ^= beside
        length = math.hypot(dx, dy)
        along = dx * (x - ax) + dy * (y - ay)
        slack = _ON * length
        on |= (np.abs(turn) <= slack) & (along >= -slack) & (along <= length * length + slack)
    return np.asarray(odd | on if border else odd & ~on)


def bounds(points: Iterable[Point]) -> tuple[float, float, float, float]:
    """The left, top, right and lower end of points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
