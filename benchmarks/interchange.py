"""How long a million positions take out to a file and back, and whether the bytes are the same.

python -m benchmarks.interchange [--rows N]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from tracking.database import open_database
from tracking.interchange import FORMS, export_tracks, import_tracks

LONG = 500  # positions of one track


def make_file(path: Path, rows: int) -> None:
    """MOTChallenge lines of people who cross a picture at random, always the same ones."""
    random = np.random.default_rng(7)
    track, step = np.divmod(np.arange(rows), LONG)
    left = random.uniform(0, 1500, rows // LONG + 1)[track] + step
    top = random.uniform(0, 900, rows // LONG + 1)[track]
    confidence = random.uniform(0.3, 1, rows)
    with path.open("w") as file:
        for line in zip(track % 50 * 9 + step + 1, track + 1, left, top, confidence, strict=True):
            file.write("{},{},{:.2f},{:.2f},41.30,98.70,{:.3f},-1,-1,-1\n".format(*line))


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interchange")
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    shown = Table("", "export (s)", "import (s)", "same bytes", title=f"{rows:,} positions")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_file(folder / "made.txt", rows)
        with closing(open_database(folder / "first.db")) as first:
            import_tracks(first, "people", "mot", folder / "made.txt", start=0, fps=25)
            for form in FORMS:
                out, back = folder / f"out.{form}", folder / f"back.{form}"
                exported = seconds(lambda f=form, o=out: export_tracks(first, "people", f, o))
                with closing(open_database(folder / f"{form}.db")) as second:
                    imported = seconds(
                        lambda f=form, o=out, db=second: import_tracks(
                            db, "people", f, o, start=0, fps=25
                        )
                    )
                    export_tracks(second, "people", form, back)
                same = "yes" if out.read_bytes() == back.read_bytes() else "no"
                shown.add_row(form, f"{exported:.1f}", f"{imported:.1f}", same)
    Console().print(shown)


if __name__ == "__main__":
    main()
