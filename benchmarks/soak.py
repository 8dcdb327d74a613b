"""Whether the runner's memory stays flat: four recordings looped in real time, one viewer.

    python -m benchmarks.soak [--minutes 40] [--shared DIR]

Starts `tracking run` as people do, looks at its memory every few seconds, and ends with 1 when it
grew by 2 % or more after the first quarter of the time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import CLIP, ENVIRONMENT, ROOT, WEIGHTS
from tracking import config
from tracking.runner.lock import Holder, holder

COUNT = 4
GROWTH = 0.02
EVERY = 5.0  # seconds between two looks


def memory(pid: int) -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def health(url: str) -> dict[str, Any]:
    with closing(urllib.request.urlopen(f"{url}/healthz")) as answer:
        return cast(dict[str, Any], json.load(answer))


def started(folder: Path, process: subprocess.Popen[bytes], count: int) -> Holder:
    """Wait until the runner says where it is and knows that many sources."""
    while process.poll() is None:
        found = holder(folder / "people.db")
        if found and found.url and len(health(found.url)["sources"]) == count:
            return found
        time.sleep(0.1)
    raise SystemExit("the runner did not start")


def look(url: str) -> None:
    """A viewer who watches one source and throws the pictures away."""
    with closing(urllib.request.urlopen(f"{url}/streams/source%200.mjpg")) as stream:
        while stream.read(65536):
            pass


def growth(samples: list[tuple[float, float]]) -> float:
    """Of a straight line through (seconds, MB), from its first to its last moment, as a share."""
    seconds, megabytes = zip(*samples, strict=True)
    slope, base = statistics.linear_regression(seconds, megabytes)
    return slope * (seconds[-1] - seconds[0]) / (base + slope * seconds[0])


def watch(process: subprocess.Popen[bytes], minutes: float, folder: Path) -> int:
    found = started(folder, process, COUNT)
    viewer = threading.Thread(target=look, args=(found.url,), daemon=True)
    viewer.start()
    begun = time.monotonic()
    samples: list[tuple[float, float]] = []
    while (passed := time.monotonic() - begun) < minutes * 60:
        if process.poll() is not None:
            raise SystemExit("the runner ended by itself")
        samples.append((passed, memory(process.pid)))
        time.sleep(EVERY)
    if not viewer.is_alive():
        raise SystemExit("the viewer was cut off")
    last = health(found.url)
    settled = [sample for sample in samples if sample[0] >= minutes * 15]
    grown = growth(settled)
    shown = Table("minute", "MB", title=f"Memory of the runner, {COUNT} sources looping")
    for quarter in range(9):
        near = minutes * 60 * quarter / 8
        shown.add_row(
            f"{near / 60:.0f}", f"{min(samples, key=lambda each: abs(each[0] - near))[1]:.0f}"
        )
    Console().print(shown)
    frames = sum(source["frames"] for source in last["sources"].values())
    size = last["database_bytes"] / 1e6
    print(f"{frames} frames followed, database {size:.0f} MB, {last['status']}")
    print(f"growth over the last three quarters: {grown:+.2%} (asked: under {GROWTH:.0%})")
    return 0 if grown < GROWTH else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, help="folder of clips and models")
    parser.add_argument("--minutes", type=float, default=40)
    options = parser.parse_args()
    clip, weights = (options.shared / CLIP).resolve(), (options.shared / WEIGHTS).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(COUNT):
            source = {"name": f"source {number}", "uri": str(clip), "weights": str(weights)}
            every = {"classes": ["person"], "realtime": True, "loop": True}
            config.add(folder / "sources.toml", config.SourceSettings.of({**source, **every}))
        process = subprocess.Popen(
            [sys.executable, "-m", "tracking", "run", "--db", "people.db", "--port", "0"],
            cwd=folder,
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL,
        )
        try:
            return watch(process, options.minutes, folder)
        finally:
            process.terminate()
            process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
