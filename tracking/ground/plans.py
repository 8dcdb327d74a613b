"""Floor plans: a plain grid of metres or a drawing, which several sources may share.

A plan has its origin in its lower left corner; x goes to the right and y up, in metres.
"""

from __future__ import annotations

import json
import math
import sqlite3
import struct
from contextlib import suppress
from dataclasses import dataclass, field

import cv2
import numpy as np

from ..database import writing
from ..errors import GroundError
from .calibration import check_plan_name

LARGEST = 1000.0  # metres of a side
MOST_BYTES = 4_000_000  # of a drawing, as it is kept
MOST_PIXELS = 50_000_000  # of a drawing, as it is given
WIDEST = 2000  # pixels of a drawing's longer side, as it is kept


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """A plan of width by height metres. png: a drawing that fills it; None for a plain grid."""

    name: str
    width: float
    height: float
    png: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_plan_name(self.name)
        for side in (self.width, self.height):
            if not (math.isfinite(side) and 0.5 <= side <= LARGEST):
                raise GroundError(
                    f"Plan {self.name!r}: its sides are 0.5 to {LARGEST:g} m long, not {side:g} m"
                )


def drawn_plan(name: str, image: bytes, width: float, height: float | None = None) -> FloorPlan:
    """A plan with a drawing, a PNG or JPEG file; width: metres. Raises GroundError.

    height: that of the drawing in its own proportions, if none is given.
    """
    what = f"The drawing of plan {name!r}"
    found = _size(image)
    if found is None:
        raise GroundError(f"{what} is neither a PNG nor a JPEG file")
    if found[0] * found[1] > MOST_PIXELS:
        raise GroundError(f"{what} has more than {MOST_PIXELS:,} pixels: make it smaller")
    picture = None
    with suppress(cv2.error):
        picture = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise GroundError(f"{what} is damaged")
    rows, columns = picture.shape[:2]
    height = width * rows / columns if height is None else height
    scale = WIDEST / max(rows, columns)
    while True:
        if scale < 1:
            size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
            kept = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        else:
            kept = picture
        png = cv2.imencode(".png", kept, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()
        if len(png) <= MOST_BYTES:
            return FloorPlan(name, width, height, png)
        scale = min(scale, 1.0) * 0.7  # a photograph makes a large PNG


def _size(image: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG file by its header, so that a huge one is not unpacked."""
    if image.startswith(b"\x89PNG\r\n\x1a\n") and len(image) >= 24:
        width, height = struct.unpack(">II", image[16:24])
        return int(width), int(height)
    if not image.startswith(b"\xff\xd8"):
        return None
    place = 2
    while place + 9 <= len(image) and image[place] == 0xFF:
        kind, length = image[place + 1], int.from_bytes(image[place + 2 : place + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", image[place + 5 : place + 9])
            return int(width), int(height)
        place += 1 if kind == 0xFF else 2 + length
    return None


def put_plan(connection: sqlite3.Connection, plan: FloorPlan) -> None:
    """Keep a plan, instead of the one of its name."""
    with writing(connection):
        connection.execute(
            "INSERT INTO floor_plans (name, width, height, png) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET width = excluded.width,"
            " height = excluded.height, png = excluded.png",
            (plan.name, plan.width, plan.height, plan.png),
        )


def plans(connection: sqlite3.Connection) -> list[FloorPlan]:
    """All plans, by name; none in a record of an earlier version."""
    if not has_grounds(connection):
        return []
    rows = connection.execute("SELECT name, width, height, png FROM floor_plans ORDER BY name")
    found = []
    for row in rows:
        with suppress(GroundError, TypeError):  # what another program wrote
            found.append(FloorPlan(*row))
    return found


def find_plan(connection: sqlite3.Connection, name: str) -> FloorPlan:
    """The plan of that name. Raises GroundError, naming those there are."""
    there = plans(connection)
    for plan in there:
        if plan.name == name:
            return plan
    names = ", ".join(repr(plan.name) for plan in there) or "none"
    raise GroundError(f"There is no plan {name!r}; there are {names}")


def delete_plan(connection: sqlite3.Connection, name: str) -> None:
    """Delete a plan. Raises GroundError where there is none, or a source lies on it."""
    with writing(connection):
        find_plan(connection, name)
        users = connection.execute(
            "SELECT DISTINCT sources.name FROM grounds JOIN sources ON sources.id = source_id"
            " WHERE json_extract(content, '$.plan.name') = ? ORDER BY 1",
            (name,),
        )
        if names := [json.dumps(user, ensure_ascii=False) for (user,) in users]:
            raise GroundError(
                f"On the plan {name!r} lie {', '.join(names)}: take them off it first"
            )
        connection.execute("DELETE FROM floor_plans WHERE name = ?", (name,))


def has_grounds(connection: sqlite3.Connection) -> bool:
    """Whether the record is of a version that knows ground planes: a study may be older."""
    known = "SELECT count(*) FROM sqlite_master WHERE name IN ('grounds', 'floor_plans', 'paces')"
    return bool(connection.execute(known).fetchone()[0] == 3)
