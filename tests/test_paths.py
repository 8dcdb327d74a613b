"""What is precious is not overwritten, and what cannot be opened is named before it crashes C."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracking.errors import OutputError
from tracking.paths import keep_clear, writable_as_text


def test_the_file_that_is_read_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "link.mp4").symlink_to("a.mp4")
    with pytest.raises(OutputError, match="writing it would destroy"):
        keep_clear(tmp_path / "link.mp4", tmp_path / "a.mp4")


def test_a_file_that_is_yet_to_be_made_is_kept_clear_too(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"x\.db-wal"):
        keep_clear(tmp_path / "x.db-wal", tmp_path / "x.db-wal")


def test_nothing_is_written_among_the_pictures_that_are_read(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="folder of pictures"):
        keep_clear(tmp_path / "out.mp4", tmp_path)


def test_another_file_is_free(tmp_path: Path) -> None:
    keep_clear(tmp_path / "b.mp4", tmp_path / "a.mp4")


@pytest.mark.parametrize(("text", "fit"), [("né ☂", True), ("bad\udcff", False), ("a\0b", False)])
def test_text_that_c_cannot_take_is_known(text: str, fit: bool) -> None:
    assert writable_as_text(text) is fit
