"""What `tracking ground` tells: how points agree, what stood where, and pictures with a grid."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from ..errors import OutputError
from .printing import note, print_rows, print_table, say

if TYPE_CHECKING:
    import pandas as pd

    from ..ground import Fit, FloorPlan, Grounded
    from ..metrics.floor import FloorHeat


def print_fit(fit: Fit) -> None:
    """The points, and how far each is from where the others say it is."""
    table = Table("point", "pixel", "metres", "misses by")
    if (left_out := fit.left_out) is not None:
        table.add_column("the others miss it by")
    pixels, metres = fit.pixels_off.tolist(), fit.metres_off.tolist()
    for number, pixel in enumerate(fit.calibration.pixels):
        x, y = fit.floor[number].tolist()
        row = [str(number + 1), f"{pixel[0]:g},{pixel[1]:g}", f"{x:.2f},{y:.2f}"]
        row.append(f"{metres[number]:.2f} m ({pixels[number]:.1f} px)")
        if left_out is not None:
            alone = left_out[number]
            row.append("–" if alone != alone else f"{alone:.2f} m")
        table.add_row(*row)
    print_table(table)
    if left_out is None:
        note("Four points always agree: a fifth one would tell how exact they are")
    if len(fit.distances_off):
        say(f"The distances that are given are missed by at most {fit.distances_off.max():.2f} m")
    if (place := fit.calibration.placing) is not None:
        where = f"{place.x:g},{place.y:g}, turned by {place.turn:g}°"
        say(f"It lies on the plan {place.plan} at {where}")


def grounds_table(found: Sequence[Grounded]) -> Table:
    """Versions of ground planes: where they lie, when they count, how well their points agree."""
    from ..times import iso

    table = Table()
    for title in ("source", "plan", "from", "to"):
        table.add_column(title, overflow="fold")
    for title in ("points", "mean error"):
        table.add_column(title, justify="right")
    for each in found:
        begun = "the beginning" if each.since <= 0 else iso(each.since)
        ended = "" if each.until is None else iso(each.until)
        place = each.calibration.placing
        count = len(each.calibration.pixels)
        error = "–" if count == 4 else f"{each.calibration.fitted().metres_off.mean():.2f} m"
        words = (each.source, place.plan if place else "", begun, ended, f"{count}", error)
        table.add_row(*map(escape, words))
    return table


def plans_table(known: Sequence[FloorPlan]) -> Table:
    """The plans and their sizes."""
    table = Table("plan", "metres", "drawing")
    for plan in known:
        drawing = "yes" if plan.png is not None else "none"
        table.add_row(escape(plan.name), f"{plan.width:g} by {plan.height:g}", drawing)
    return table


def print_heat(heat: FloorHeat) -> None:
    """How much of a plan each source sees, and how long somebody was there."""
    from ..charts import words

    say(words.window(heat.selection.filter, heat.selection.timezone))
    say(words.coverage(heat.watched))
    seconds = "nothing recorded" if heat.value is None else f"{heat.value:,.1f}"
    rows = {f"floor that {name} sees": f"{size:,.1f} m²" for name, size in heat.sizes.items()}
    rows |= {
        "seconds of presence": seconds,
        "seconds with no place on it": f"{heat.placeless:,.1f}",
    }
    if heat.without:
        rows["sources that are not on it"] = ", ".join(heat.without)
    print_rows(f"Presence on {heat.plan.name}", rows)
    note(heat.metric.definition)


def print_zones(zones: pd.DataFrame) -> None:
    """The zones of sources with a ground plane: their floor, and presence on each square metre."""
    table = Table("source", "zone", title="Zones", title_justify="left")
    for title in ("square metres", "seconds", "seconds/m²"):
        table.add_column(title, justify="right")
    for row in zones.to_dict("records"):
        numbers = (row[name] for name in ("square_metres", "seconds", "seconds_per_m2"))
        table.add_row(escape(row["source"]), escape(row["zone"]), *map(_number, numbers))
    print_table(table)


def _number(value: float) -> str:
    return "–" if value != value else f"{value:,.1f}"


def many(count: int, what: str) -> str:
    """So many of something."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def with_grid(connection: sqlite3.Connection, source: str, fit: Fit) -> Any:
    """The latest picture of a source with the metres of its floor. Raises OutputError."""
    import cv2
    import numpy as np

    from ..database import find_source, still
    from ..ground import gridded

    kept = still(connection, find_source(connection, source).id)
    if kept is None:
        raise OutputError(f"There is no picture of {source} yet: one is kept while it is watched")
    image = cv2.imdecode(np.frombuffer(kept.jpeg, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise OutputError(f"The picture of {source} is damaged")
    frame = fit.calibration.frame
    return gridded(image, fit, frame[0] if frame else kept.width)


def write_image(path: Path, image: Any) -> None:
    """Write a picture as PNG or JPEG, by its name. Raises OutputError."""
    import cv2

    kind = path.suffix.lower()
    if kind not in (".png", ".jpg", ".jpeg"):
        raise OutputError(f"{path} is to be a .png or .jpg file, but is not called so")
    write(path, cv2.imencode(kind, image)[1].tobytes())


def write(path: Path, content: bytes) -> None:
    """Write a file and say so. Raises OutputError."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    say(f"Wrote {path}")
