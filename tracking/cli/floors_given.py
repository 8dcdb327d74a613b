"""What `tracking ground` is given: points, distances, places on plans, and files."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import GroundError, SourceNotFound

if TYPE_CHECKING:
    from ..ground import Calibration, FloorPlan, Placing


def calibration_of(
    connection: sqlite3.Connection,
    source: str,
    points: Sequence[str] | None,
    distances: Sequence[str] | None,
    file: Path | None,
) -> Calibration:
    """The points that are said, or those that the source has. Raises GroundError."""
    from ..ground import Calibration, find, read_json

    if file is not None:
        if points or distances:
            raise typer.BadParameter("say POINTS or --file, not both")
        content = read_json(text_of(file))
        if isinstance(content, dict) and isinstance(content.get("grounds"), list):
            content = _of_source(content["grounds"], source)
        if isinstance(content, dict):
            content.pop("source", None)
        return Calibration.of(content)
    if not points and not distances:
        return find(connection, source).calibration
    content = {
        "points": [_point(number, text) for number, text in enumerate(points or (), 1)],
        "distances": [_distance(text) for text in distances or ()],
    }
    return replace(Calibration.of(content), placing=_present_placing(connection, source))


def _present_placing(connection: sqlite3.Connection, source: str) -> Any:
    """Where the source lies on a plan now: new points leave it there."""
    from ..ground import current

    return next(
        (each.calibration.placing for each in current(connection) if each.source == source), None
    )


def _of_source(entries: list[Any], source: str) -> Any:
    for entry in entries:
        if isinstance(entry, dict) and entry.get("source") == source:
            return dict(entry)
    raise GroundError(f"There is no ground plane of {source!r} in it")


def _point(number: int, text: str) -> dict[str, Any]:
    pixel, equals, floor = text.partition("=")
    fault = f"Point {number}: {text!r} is none; write it like 161,402=0,0 (pixels, then metres)"
    found: dict[str, Any] = {"pixel": _pair(pixel, fault)}
    if equals:
        found["floor"] = _pair(floor, fault)
    return found


def _pair(pair: str, fault: str) -> list[float]:
    try:
        x, y = (float(side) for side in pair.split(","))
    except ValueError:
        raise GroundError(fault) from None
    return [x, y]


def _distance(text: str) -> list[float]:
    found = re.fullmatch(r"\s*(\d+)\s*,\s*(\d+)\s*=\s*([\d.]+)\s*m?\s*", text)
    try:
        if found is not None:
            return [int(found[1]), int(found[2]), float(found[3])]
    except ValueError:
        pass
    raise GroundError(f"{text!r} is no distance; write it like 1,2=4.5 (points, then metres)")


def placing_of(plan: str | None, at: str | None, turn: float) -> Placing | None:
    """Where a floor lies on a plan. Raises GroundError."""
    from ..ground import Placing

    if plan is None:
        return None
    fault = f"--at {at!r} is no place on a plan; write it like 4.5,2 in metres"
    x, y = (0.0, 0.0) if at is None else _pair(at, fault)
    return Placing(plan, x, y, turn)


def plan_of(
    name: str, width: float | None, height: float | None, picture: Path | None
) -> FloorPlan:
    """A plan of that size. Raises BadParameter where a side is missing, GroundError."""
    from ..ground import FloorPlan, drawn_plan

    if width is None:
        raise typer.BadParameter("say how many metres the plan is wide", param_hint="--width")
    if picture is not None:
        return drawn_plan(name, bytes_of(picture), width, height)
    if height is None:
        fault = "a plan without a picture needs its height, too"
        raise typer.BadParameter(fault, param_hint="--height")
    return FloorPlan(name, width, height)


def bytes_of(file: Path) -> bytes:
    """What is in a file. Raises SourceNotFound."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise SourceNotFound(f"There is no file {file}") from None
    except OSError as error:
        raise SourceNotFound(f"{file} cannot be read: {error.strerror}") from None


def text_of(file: Path) -> str:
    """The text of a file. Raises SourceNotFound."""
    try:
        return bytes_of(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceNotFound(f"{file} is not UTF-8 text") from None
