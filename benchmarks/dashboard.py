"""How quick the dashboard is on a month of ten million positions.

    python -m benchmarks.dashboard [--database FILE] [--rounds N] [--only queries|browser]

The database is that of `python -m benchmarks.month`, made anew unless one is given.

queries: each page's script is run with several filters and nothing kept from before; what counts
is all the time for which it has the database open. What is counted of rows that were read before
is not in it, but in the time of the browser.
browser: the real app in Chromium; how long until there is something to see, and how long a change
of the filter takes until everything on the page has followed. Each time with filters that were
not asked for before, so that nothing comes from a cache.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.browser import App, a_chromium, drawn, pages

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("overview", "movement", "activity", "data", "quality")
WITHOUT_FILTER = ("zones", "alerts")  # pages that ask the database little, and have no filter bar
POSITIONS = 10_000_000
MOST_QUERIES, MOST_PAINT, MOST_CHANGE = 0.3, 2.0, 1.0  # seconds, the aims
MONTH = "2026-03-01T00:00Z/2026-04-01T00:00Z"
SOURCES = ("entrance", "car park")
SEEN = ", ".join(
    f"[data-testid={name}]" for name in ("stMetricValue", "stPlotlyChart", "stDataFrame", "stImage")
)


def choices() -> Iterator[dict[str, Any]]:
    """Addresses of all kinds: whole months, weeks, days, hours of weekdays; one source or all."""
    weeks = [f"2026-03-{day:02}T00:00Z/2026-03-{day + 7:02}T00:00Z" for day in (2, 9, 16, 23)]
    days = [f"2026-03-{day:02}T00:00Z/2026-03-{day + 1:02}T00:00Z" for day in (5, 12, 21)]
    for window, source, label, hours in itertools.product(
        (MONTH, *weeks[:2], *days[:2]), (None, SOURCES[0]), (None, "person"), (None, "8-17")
    ):
        wanted = {"range": window, "zone": "UTC", "source": source, "label": label, "hours": hours}
        if hours:
            wanted["days"] = "mon-fri"
        yield {key: value for key, value in wanted.items() if value}


@contextmanager
def timed_reading() -> Generator[list[float], None, None]:
    """Every stretch of time for which a page has the database open."""
    from tracking.dashboard import reading

    spent: list[float] = []
    usual = reading.reading

    @contextmanager
    def timed() -> Generator[Any, None, None]:
        begun = time.perf_counter()
        with usual() as connection:
            yield connection
        spent.append(time.perf_counter() - begun)

    reading.reading = timed
    try:
        yield spent
    finally:
        reading.reading = usual


def queries(database: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds that each run of each page spent on the database."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    os.environ["TRACKING_DB"] = str(database)
    logging.getLogger("streamlit").setLevel(logging.ERROR)  # there is no server, as it says often
    found: dict[str, list[float]] = {page: [] for page in (*PAGES, *WITHOUT_FILTER)}
    with timed_reading() as spent:
        for _, query, page in itertools.product(range(rounds), choices(), found):
            st.cache_data.clear()
            st.cache_resource.clear()
            test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
            test.query_params.update(query)
            test.switch_page(f"pages/{page}.py")
            spent.clear()
            test.run()
            assert not test.exception, (page, query, test.exception)
            found[page].append(sum(spent))
    return found


def browser(database: Path, rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds to the first useful paint, and of a change of the filter; by page."""
    found: dict[str, tuple[list[float], list[float]]] = {page: ([], []) for page in PAGES}
    with (
        tempfile.TemporaryDirectory() as folder,
        App(Path(folder), TRACKING_DB=str(database)) as app,
        a_chromium() as chromium,
    ):
        unused = iter(range(1, 10_000))
        for number, page in itertools.product(range(rounds + 1), found):
            context = chromium.new_context(viewport={"width": 1280, "height": 800})
            tab = context.new_page()
            address = f"{app.url}{pages()[page]}?{urlencode({'range': _window(next(unused))})}"
            begun = time.perf_counter()
            tab.goto(address, wait_until="commit")
            tab.wait_for_selector(SEEN)
            painted = time.perf_counter() - begun
            drawn(tab)
            changed = _change(tab, SOURCES[number % 2])
            if number:  # the first round imports modules
                found[page][0].append(painted)
                found[page][1].append(changed)
            context.close()
    return found


def _window(number: int) -> str:
    """A month's window that nobody has asked for before."""
    return f"2026-03-01T{number // 60 % 24:02}:{number % 60:02}Z/2026-04-01T00:00Z"


def _change(tab: Any, source: str) -> float:
    """Choose one source, and wait until the whole page shows it."""
    tab.get_by_role("combobox", name="Sources").click()
    option = tab.get_by_role("option", name=source, exact=True)
    option.wait_for()
    begun = time.perf_counter()
    option.click()
    tab.wait_for_function("name => new URL(location).searchParams.has('source', name)", arg=source)
    drawn(tab)
    tab.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    return time.perf_counter() - begun


def _quantile(values: list[float], q: float) -> float:
    return float(np.quantile(values, q))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard")
    parser.add_argument("--database", type=Path, help="one that benchmarks.month has made")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("queries", "browser"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = options.database
        if database is None:
            from benchmarks.month import make

            database = Path(folder) / "people.db"
            make(database, POSITIONS)
        return report(database.absolute(), options.rounds, options.only)


def report(database: Path, rounds: int, only: str | None) -> int:
    shown = Table("page", title="A month of ten million positions, seconds")
    for column in ("queries, median", "queries, 95 %", "first paint", "filter change"):
        shown.add_column(column, justify="right")
    asked = queries(database, rounds) if only != "browser" else {}
    seen = browser(database, rounds) if only != "queries" else {}
    good = True
    for page in (*PAGES, *WITHOUT_FILTER):
        cells = ["", "", "", ""]
        if page in asked:
            cells[0] = f"{statistics.median(asked[page]):.3f}"
            cells[1] = f"{_quantile(asked[page], 0.95):.3f}"
            good &= _quantile(asked[page], 0.95) < MOST_QUERIES
        if page in seen:
            painted, changed = (statistics.median(values) for values in seen[page])
            cells[2:] = [f"{painted:.2f}", f"{changed:.2f}"]
            good &= painted < MOST_PAINT and changed < MOST_CHANGE
        shown.add_row(page, *cells)
    Console().print(shown)
    print(f"asked: under {MOST_QUERIES} s (95 %), {MOST_PAINT:g} s, {MOST_CHANGE:g} s")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
