"""The live wall: pictures a second and what serving them costs; and the app's memory.

    python -m benchmarks.wall [--seconds N] [--reruns N] [--minutes N]

Four sources of 640x480 at 15 frames a second are watched by a runner; the real app serves them.
feeds: one viewer takes all four at full size and rate, while a page in a browser is run again and
again. What serving costs is the processor time of the app's process, less what it needs for the
same reruns without the viewer.
reruns: the app's memory over so many runs of its pages, after some minutes of them: Streamlit keeps
the session of a page for two minutes after it was left, and until then there are more and more.
minutes: its memory over so many minutes of an open live page in Chromium.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
from rich.console import Console
from rich.table import Table
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.soak import GROWTH, growth
from tests.browser import App, a_chromium, drawn, pages
from tracking import config
from tracking.demo import make_demo

COUNT = 4
LEAST_FPS, MOST_CPU = 12.0, 0.05
SECRET = "of this benchmark only"
RERUN_EVERY = 1.0  # seconds
WARMING = 180.0  # seconds; sessions of pages that were left are kept for 120


@contextmanager
def served() -> Generator[App, None, None]:
    """The app with a runner that watches four clips in a loop."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_demo(folder / "clip.mp4")
        for number in range(COUNT):
            source = {"name": f"source {number}", "uri": "clip.mp4", "detector": "motion"}
            settings = config.SourceSettings.of({**source, "realtime": True, "loop": True})
            config.add(folder / "sources.toml", settings)
        with App(folder, TRACKING_SECRET=SECRET) as app:
            yield app


class Viewer:
    """Takes all feeds at full size and rate; counts the pictures of each."""

    def __init__(self, app: App) -> None:
        self.counts: Counter[int] = Counter()
        self._address = app.url.replace("http", "ws", 1) + f"/live?token={quote(_token())}"
        self._origin = app.url
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._take)

    def __enter__(self) -> Viewer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _take(self) -> None:
        feeds = {str(n): {"source": f"source {n}", "width": 640, "fps": 30} for n in range(COUNT)}
        with connect(self._address, origin=self._origin, compression=None) as socket:
            socket.send(json.dumps({"feeds": feeds}))
            while not self._stopping.is_set():
                try:
                    message = socket.recv(timeout=1)
                except TimeoutError:
                    continue
                except ConnectionClosed:
                    return
                if isinstance(message, bytes):
                    self.counts[int.from_bytes(message[:2])] += 1
                    socket.send(json.dumps({"seen": self.counts.total()}))


def _token() -> str:
    import os

    os.environ["TRACKING_SECRET"] = SECRET
    from tracking.dashboard.serving.tokens import token

    return token()


def cpu(app: App) -> float:
    """Processor seconds of the app's own process so far."""
    times = app.family[0].cpu_times()
    return float(times.user + times.system)


def rerun(tab: Any, seconds: float) -> int:
    """Run a page's script again and again; how often."""
    runs, until = 0, time.monotonic() + seconds
    while (begun := time.monotonic()) < until:
        tab.keyboard.press("r")
        drawn(tab)
        runs += 1
        tab.wait_for_timeout(max(0, RERUN_EVERY - (time.monotonic() - begun)) * 1000)
    return runs


def feeds(app: App, tab: Any, seconds: float) -> bool:
    """Print the pictures a second of each feed, and what serving them cost."""
    share = {}
    for watched in (False, True):
        if watched:
            with Viewer(app) as viewer:
                time.sleep(3)
                before, begun, counted = cpu(app), time.monotonic(), Counter(viewer.counts)
                runs = rerun(tab, seconds)
                passed = time.monotonic() - begun
                share[watched] = (cpu(app) - before) / passed
                rates = [(viewer.counts - counted)[n] / passed for n in range(COUNT)]
        else:
            before, begun = cpu(app), time.monotonic()
            runs = rerun(tab, seconds)
            share[watched] = (cpu(app) - before) / (time.monotonic() - begun)
    shown = Table("feed", "pictures/s", title=f"Live wall, {runs} reruns meanwhile")
    for number, rate in enumerate(rates):
        shown.add_row(f"source {number}", f"{rate:.1f}")
    Console().print(shown)
    cost = share[True] - share[False]
    print(f"the app's process: {share[False]:.1%} of a core without the viewer, {share[True]:.1%}")
    print(
        f"with it; serving costs {cost:.1%} (asked: {LEAST_FPS:g} a second, under {MOST_CPU:.0%})"
    )
    return min(rates) >= LEAST_FPS and cost < MOST_CPU


class Memory:
    """The app's resident memory in MB, again and again."""

    def __init__(self, app: App) -> None:
        self._process: psutil.Process = app.family[0]
        self._begun = time.monotonic()
        self.samples: list[tuple[float, float]] = []

    def look(self) -> None:
        now = time.monotonic() - self._begun
        self.samples.append((now, self._process.memory_info().rss / 1e6))

    def report(self, title: str, begun: float = 0.0) -> bool:
        """begun: the share of the time that says nothing yet."""
        settled = [each for each in self.samples if each[0] >= self.samples[-1][0] * begun]
        grown, sizes = growth(settled), [size for _, size in settled]
        print(
            f"{title}: {min(sizes):.0f} to {max(sizes):.0f} MB, {grown:+.2%}"
            f" (asked: under {GROWTH:.0%})"
        )
        return grown < GROWTH


def runs_of_pages(app: App, tab: Any, stay: int = 22) -> Iterator[None]:
    """Run all pages in turn, each so many times, for as long as is asked for more."""
    addresses = [path for name, path in pages().items() if name != "webcam"]
    for number in itertools.count():
        if number % stay == 0:
            tab.goto(app.url + addresses[number // stay % len(addresses)])
        else:
            tab.keyboard.press("r")
        drawn(tab)
        yield


def memory_of_reruns(app: App, tab: Any, reruns: int) -> bool:
    runs, until = runs_of_pages(app, tab), time.monotonic() + WARMING
    while time.monotonic() < until:
        next(runs)
    memory = Memory(app)
    for _ in range(reruns):
        next(runs)
        memory.look()
    return memory.report(f"{reruns} reruns of all pages")


def memory_of_watching(app: App, tab: Any, minutes: float) -> bool:
    tab.goto(app.url + pages()["live"])
    drawn(tab)
    memory, until = Memory(app), time.monotonic() + minutes * 60
    while time.monotonic() < until:
        tab.wait_for_timeout(5000)
        memory.look()
    return memory.report(f"{minutes:g} minutes of an open live page, the last three quarters", 0.25)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wall")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--reruns", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    good = True
    with served() as app, a_chromium() as chromium:
        tab = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        tab.goto(app.url + pages().get("activity", "/"))
        drawn(tab)
        if options.seconds:
            good &= feeds(app, tab, options.seconds)
        if options.reruns:
            good &= memory_of_reruns(app, tab, options.reruns)
        if options.minutes:
            good &= memory_of_watching(app, tab, options.minutes)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
