"""Ground planes and plans as JSON for other programs, and back."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from ..database import writing
from ..errors import GroundError
from .book import Grounded, set_ground
from .calibration import Calibration
from .plans import FloorPlan, drawn_plan, put_plan


def read_json(text: str) -> Any:
    """The content of a JSON text. Raises GroundError."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise GroundError(f"That is no JSON: {error}") from None


def exported(grounds: Iterable[Grounded], plans: Iterable[FloorPlan] = ()) -> dict[str, Any]:
    """{"plans": [{name, width, height, png}], "grounds": [{source, points, distances, plan}]}.

    png: in base 64, only where there is a drawing.
    """
    content: dict[str, Any] = {"plans": [], "grounds": []}
    for plan in plans:
        entry: dict[str, Any] = {"name": plan.name, "width": plan.width, "height": plan.height}
        if plan.png is not None:
            entry["png"] = base64.b64encode(plan.png).decode()
        content["plans"].append(entry)
    content["grounds"] = [{"source": each.source, **each.calibration.content} for each in grounds]
    return content


def read_in(
    connection: sqlite3.Connection, content: Any, past: bool = False
) -> tuple[list[FloorPlan], list[Grounded]]:
    """Keep the plans and set the ground planes of such content; all of it or none.

    Raises GroundError for what cannot be read, and where there is nothing in it.
    """
    entries = content if isinstance(content, dict) else {}
    known = [entries.get(name) or [] for name in ("plans", "grounds")]
    if not any(known) or not all(isinstance(each, list) for each in known):
        raise GroundError('There are no ground planes in it; write {"grounds": [...]}')
    plans = [_plan(number, entry) for number, entry in enumerate(known[0], 1)]
    grounds = [_ground(number, entry) for number, entry in enumerate(known[1], 1)]
    with writing(connection):
        for plan in plans:
            put_plan(connection, plan)
        done = [set_ground(connection, source, each, past=past) for source, each in grounds]
    return plans, done


def _plan(number: int, entry: Any) -> FloorPlan:
    keys = {"name", "width", "height", "png"}
    if not isinstance(entry, dict) or not keys - {"png"} <= set(entry) <= keys:
        raise GroundError(f"Plan {number} is not of name, width, height and perhaps png")
    name, sides = entry["name"], (entry["width"], entry["height"])
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in sides)
    if not isinstance(name, str) or not numbers:
        raise GroundError(f"Plan {number}: its name is a text, its width and height are metres")
    width, height = map(float, sides)
    if entry.get("png") is None:
        return FloorPlan(name, width, height)
    try:
        png = base64.b64decode(entry["png"], validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise GroundError(f"Plan {name!r}: its png is not in base 64") from None
    return drawn_plan(name, png, width, height)


def _ground(number: int, entry: Any) -> tuple[str, Calibration]:
    if not isinstance(entry, dict) or not isinstance(entry.get("source"), str):
        raise GroundError(f"Ground plane {number} has no source")
    rest = {key: each for key, each in entry.items() if key != "source"}
    return entry["source"], Calibration.of(rest)
