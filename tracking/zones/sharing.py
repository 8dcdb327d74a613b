"""Zones and lines as JSON for other programs, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import DrawingError
from .drawings import Drawn, Kind
from .geometry import Line, Zone

_SHAPE: dict[Kind, str] = {"zone": "polygon", "line": "points"}
_KNOWN: dict[Kind, tuple[str, ...]] = {
    "zone": ("source", "name", "polygon"),
    "line": ("source", "name", "points", "forward", "backward"),
}


def exported(drawn: Iterable[Drawn]) -> dict[str, Any]:
    """{"zones": [{source, name, polygon}], "lines": [{source, name, points, forward, backward}]}.

    A kind of which there is nothing is left out; polygons and points are in pixels.
    """
    content: dict[str, Any] = {}
    for each in drawn:
        entry = {"source": each.source, "name": each.name, _SHAPE[each.kind]: each.shape.content}
        if isinstance(each.shape, Line):
            entry |= {"forward": each.shape.forward, "backward": each.shape.backward}
        content.setdefault(f"{each.kind}s", []).append(entry)
    return content


def shapes_in(content: Any, kind: Kind) -> list[tuple[str, Zone | Line]]:
    """The zones, or the lines, of such content, each with its source; a bare list of them is fine.

    Raises DrawingError for what cannot be read, and where there are none.
    """
    entries = content.get(f"{kind}s") if isinstance(content, dict) else content
    if not isinstance(entries, list) or not entries:
        raise DrawingError(f'There are no {kind}s in it; write {{"{kind}s": [...]}}')
    return [_shape(kind, number, entry) for number, entry in enumerate(entries, 1)]


def _shape(kind: Kind, number: int, entry: Any) -> tuple[str, Zone | Line]:
    known = _KNOWN[kind]
    if not isinstance(entry, dict) or any(key not in entry for key in known[:3]):
        raise DrawingError(f"{kind} {number} lacks one of {', '.join(known[:3])}")
    if unknown := [key for key in entry if key not in known]:
        raise DrawingError(f"{kind} {number} has {unknown[0]!r}; known are {', '.join(known)}")
    if not all(isinstance(entry[key], str) for key in known if key in entry and key != known[2]):
        raise DrawingError(f"{kind} {number}: its names must be texts")
    if kind == "zone":
        return entry["source"], Zone.of(entry["name"], entry["polygon"])
    words = {key: entry[key] for key in ("forward", "backward") if key in entry}
    return entry["source"], Line.of(entry["name"], entry["points"], **words)
