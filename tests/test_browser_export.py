"""An export as a person takes it away, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import App, Browse, an_app
from tests.worlds import a_weekend

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with an_app(tmp_path, TRACKING_DB=str(a_weekend(tmp_path / "weekend.db"))) as app:
        yield app


def test_a_prepared_file_is_saved_from_the_page_data(app: App, browse: Browse) -> None:
    page = browse(app).open("/data?range=all")
    page.get_by_role("button", name="Prepare the file").click()
    link = page.get_by_role("link", name="Download tracks.csv")
    link.wait_for()
    with page.expect_download(timeout=20_000) as waited:
        link.click()
    download = waited.value
    assert download.suggested_filename == "tracks.csv"
    lines = Path(download.path()).read_text().splitlines()
    assert lines[0].startswith('"source"')
    assert len(lines) == 1 + 18
