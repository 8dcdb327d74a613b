"""Makes the README's pictures of the dashboard: `python -m docs.screens`. Wants Chromium.

Live and Overview are the demo, as a newcomer sees it; the others show a made-up month.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import month
from tests.browser import Visit, a_chromium, an_app, drawn, pages, two_pictures

DOCS = Path(__file__).parent
POSITIONS = 2_000_000
DAY = "range=2026-03-18T06:00/2026-03-18T22:00&zone=Europe/Berlin&source=entrance"
SHOWN = (
    ("activity", "light", 1000, DAY),
    ("movement", "dark", 1240, DAY),
    ("quality", "light", 1720, DAY),
)
"""Page, scheme, height in pixels, and what is looked at."""
QUESTION = "How many people were at the entrance on 18 March by hour?"
WIDTH = 1280
MOMENTS = 8_000  # milliseconds until the demo's people have trails


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, a_chromium() as chromium:
        with an_app(Path(folder) / "demo") as app:
            visit = Visit(chromium, app, "light", (WIDTH, 860))
            page = visit.open(pages()["live"])
            two_pictures(page)
            page.wait_for_timeout(MOMENTS)
            _keep(visit, "live.jpg")
            visit = Visit(chromium, app, "light", (WIDTH, 920))
            visit.open(pages()["overview"]).wait_for_timeout(MOMENTS + 4000)
            _keep(visit, "overview.jpg")
        database = Path(folder) / "month.db"
        month.make(database, POSITIONS)
        with an_app(Path(folder) / "month", TRACKING_DB=str(database)) as app:
            for name, scheme, height, query in SHOWN:
                visit = Visit(chromium, app, scheme, (WIDTH, height))
                page = visit.open(f"{pages()[name]}?{query}")
                page.wait_for_timeout(2000)  # what looks again by itself has looked
                drawn(page)
                _keep(visit, f"{name}.png")
            visit = Visit(chromium, app, "light", (WIDTH, 2000))
            page = visit.open(pages()["ask"])
            page.get_by_test_id("stChatInputTextArea").fill(QUESTION)
            page.keyboard.press("Enter")
            page.get_by_text("Answered by").wait_for()
            drawn(page)
            page.get_by_text("tracks behind it").click()
            page.get_by_text("Choose a row to see its way").wait_for()
            drawn(page)
            _keep(visit, "ask.png")


def _keep(visit: Visit, name: str) -> None:
    """Keep what is shown, if nothing went wrong, and leave."""
    assert visit.page.get_by_test_id("stException").count() == 0, name
    path = DOCS / name
    quality = {"quality": 85} if path.suffix == ".jpg" else {}
    visit.page.screenshot(path=path, **quality)
    visit.close()
    assert not visit.problems, visit.problems
    print(f"{path.name}: {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
