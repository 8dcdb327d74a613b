"""What the page Data says about the record: of which time, how it grows, and which runs it had."""

from __future__ import annotations

from pathlib import Path

from tests.test_data_page import WINDOW, Page
from tests.worlds import a_weekend


def test_the_page_says_of_which_time_it_is_and_that_an_old_record_does_not_grow(
    tmp_path: Path,
) -> None:
    a_weekend(tmp_path / "people.db")
    page = Page(range=WINDOW, source="plaza")
    assert page.metric("Grows by") == "nothing"
    [about] = [text for text in page.text.splitlines() if " · watched" in text]
    assert about.startswith("Sat 28 Mar 2026 to Sun 29 Mar 2026")
