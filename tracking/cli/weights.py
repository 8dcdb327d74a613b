"""`tracking weights`: which weights there are, and making them fast."""

from __future__ import annotations

from typing import Annotated, Optional

import typer
from rich.markup import escape
from rich.table import Table

from .printing import say
from .program import err, out


def weights(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="Weights to fetch and to export to OpenVINO, like yolo11n."),
    ] = None,
) -> None:
    """Show which weights are found where; with a NAME, fetch them and make them fast on CPUs."""
    from ..weights import folders, survey

    if name is not None:
        _make_ready(name)
        return
    table = Table("name", "form", "size", title="Weights found, first choice first")
    table.add_column("where", overflow="fold")
    for found in survey():
        size = f"{found.size / 1e6:.1f} MB"
        table.add_row(escape(found.name), found.form, size, escape(str(found.path)))
    searched = ", ".join(str(folder) for folder in folders())
    if not table.row_count:
        out.print("No weights found; without them only motion is detected.")
    else:
        out.print(table)
    out.print(
        f"Searched: {escape(searched)}. `tracking weights yolo11n` fetches that name.",
        soft_wrap=True,
    )


def _make_ready(name: str) -> None:
    from ..detectors import YoloDetector
    from ..weights import export_openvino, find_weights

    path = find_weights(name)
    with err.status(f"Trying {path}"):
        YoloDetector(path)
    if path.suffix == ".pt":
        with err.status(f"Exporting {path} to OpenVINO"):
            path = export_openvino(path)
    say(f"Ready: {path}")
