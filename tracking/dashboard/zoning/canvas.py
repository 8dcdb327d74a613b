"""The picture on which zones and lines are shown and drawn, in the browser."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from ...charts.look import PALETTE
from ...zones import Drawn, Kind, Line, Zone

_HERE = Path(__file__).parent
_CANVAS = st.components.v2.component(
    "sightline_zoning",
    html='<div class="zoning">\n</div>',
    css=(_HERE / "canvas.css").read_text(encoding="utf-8"),
    js=(_HERE / "canvas.js").read_text(encoding="utf-8"),
)
DRAFT = "draft"
"""Under which name the canvas tells what is being drawn."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is drawn on. width, height: of the source's frame; jpeg: of any size."""

    title: str
    width: int
    height: int
    jpeg: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A shape without a name. rings: a zone's outline and its holes, or a line's points.

    of: which version it changes, as `key_of` says; None of a new shape.
    """

    kind: Kind
    rings: tuple[tuple[tuple[float, float], ...], ...]
    of: str | None = None

    @classmethod
    def of_drawn(cls, drawn: Drawn) -> Sketch:
        shape = drawn.shape
        rings = (shape.outer, *shape.holes) if isinstance(shape, Zone) else (shape.points,)
        return cls(drawn.kind, rings, key_of(drawn))

    @classmethod
    def read(cls, told: Any) -> Sketch | None:
        """What a browser tells; None where that is nothing, or nothing that can be drawn."""
        try:
            kind, of = told["kind"], told.get("of")
            rings = tuple(tuple((float(x), float(y)) for x, y in ring) for ring in told["rings"])
        except (TypeError, KeyError, ValueError):
            return None
        if kind not in ("zone", "line") or not rings or not isinstance(of, str | None):
            return None
        return cls(kind, rings, of)

    @property
    def content(self) -> Any:
        """What `Zone.of` or `Line.of` reads."""
        if self.kind == "line":
            return self.rings[0]
        return {"outer": self.rings[0], "holes": list(self.rings[1:])}

    def named(self, name: str, words: tuple[str, str]) -> Zone | Line:
        """The shape. words: forward and backward of a line. Raises DrawingError."""
        if self.kind == "zone":
            return Zone.of(name, self.content)
        return Line.of(name, self.content, *words)


def key_of(drawn: Drawn) -> str:
    return f"{drawn.kind}:{drawn.id}"


def entry(drawn: Drawn, colour: str, faded: bool = False) -> dict[str, Any]:
    """A shape as the canvas shows it."""
    sketch, shape = Sketch.of_drawn(drawn), drawn.shape
    look = {"name": drawn.name, "colour": colour, "faded": faded}
    if isinstance(shape, Line):
        look |= {"forward": shape.forward, "backward": shape.backward}
    return {"key": sketch.of, "kind": sketch.kind, "rings": sketch.rings, **look}


def coloured(drawn: Iterable[Drawn]) -> list[dict[str, Any]]:
    """Shapes, each in a colour of its own as far as there are any."""
    return [entry(each, PALETTE[n % len(PALETTE)]) for n, each in enumerate(drawn)]


def show(
    ground: Ground,
    shapes: list[dict[str, Any]],
    key: str,
    draft: Sketch | None = None,
    rev: int = 0,
    look: Mapping[str, str] | None = None,
    editable: bool = False,
) -> None:
    """The picture with shapes; what is drawn is then in the session, under `key` and DRAFT.

    draft: what is drawn by now; the canvas takes it when it begins, and with a new `rev`. look:
    name, colour, forward and backward of what is being drawn.
    """
    picture = None
    if ground.jpeg is not None:
        picture = f"data:image/jpeg;base64,{base64.b64encode(ground.jpeg).decode()}"
    given = draft and {"kind": draft.kind, "of": draft.of, "rings": draft.rings}
    _CANVAS(
        key=key,
        data={
            "title": f"Picture of {ground.title}",
            "picture": picture,
            "width": ground.width,
            "height": ground.height,
            "shapes": shapes,
            "draft": given,
            "rev": rev,
            "look": dict(look or {}),
            "editable": editable,
        },
        on_draft_change=_noted,
    )


def _noted() -> None:
    """The page is run again, that is all."""


def written(sketch: Sketch) -> str:
    """The corners as text, a ring a line."""
    lines = (" ".join(f"{x:g},{y:g}" for x, y in ring) for ring in sketch.rings)
    return "\n".join(lines)


def read_rings(text: str) -> tuple[str, ...]:
    """The lines of such a text that say something."""
    return tuple(line for line in re.split(r"[\r\n]+", text) if line.strip())
