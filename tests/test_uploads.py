"""Files that people send: kept whole under a safe name, or not at all."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest

from tests.conftest import MakeClip, picture
from tracking.dashboard.sources import uploads
from tracking.dashboard.sources.uploads import keep_pictures, keep_video, safe_name
from tracking.errors import OutputError, SourceUnreadable


class Sent(io.BytesIO):
    """A file as the browser sent it."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name, self.size = name, len(content)


def a_picture(shade: int) -> bytes:
    return bytes(cv2.imencode(".png", picture(shade))[1])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("walk.mp4", "walk.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\clips\\walk.mp4", "walk.mp4"),
        ("a\nb\tc\x00.mp4", "a_b_c_.mp4"),
        ("${HOME}.mp4", "__HOME_.mp4"),
        ("-rf .mp4", "rf.mp4"),
        ("..", "recording"),
        ("Straße 2 🚲.mp4", "Straße 2 🚲.mp4"),
        ("%d<b>:x.mp4", "_d_b__x.mp4"),
        ("‮4pm.exe", "_4pm.exe"),
    ],
)
def test_a_name_is_made_safe(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


@pytest.mark.parametrize("name", ["x" * 5000 + ".mp4", "ü" * 300 + ".mp4", "a." + "b" * 300])
def test_a_name_is_short_enough_for_any_disk(name: str) -> None:
    assert 0 < len(safe_name(name).encode()) <= uploads.LONGEST


def test_a_video_is_kept_and_the_same_name_again_gets_a_number(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    content, folder = make_clip().read_bytes(), tmp_path / "recordings"
    kept = [keep_video(Sent("walk.avi", content), folder) for _ in range(3)]
    assert [path.name for path in kept] == ["walk.avi", "walk-2.avi", "walk-3.avi"]
    assert {path.read_bytes() for path in kept} == {content}
    assert sorted(folder.iterdir()) == sorted(kept)  # nothing else is left there


def test_a_video_is_told_by_its_content_and_not_by_its_name(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    kept = keep_video(Sent("notes.txt", make_clip().read_bytes()), tmp_path / "recordings")
    assert kept.name == "notes.txt"


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", b"#EXTM3U\n#EXTINF:1,\n/dev/zero\n"],
    ids=["empty", "a page", "a playlist"],
)
def test_what_is_no_video_is_named_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceUnreadable, match=r"^holiday\.mp4 is no video that can be read$"):
        keep_video(Sent("holiday.mp4", content), tmp_path / "recordings")
    assert list((tmp_path / "recordings").iterdir()) == []


def test_a_list_that_leads_to_other_files_is_no_video(make_clip: MakeClip, tmp_path: Path) -> None:
    leads = f"ffconcat version 1.0\nfile {make_clip('secret.avi').name}\n".encode()
    (tmp_path / "recordings").mkdir()
    shutil.copy(tmp_path / "secret.avi", tmp_path / "recordings")
    with pytest.raises(SourceUnreadable, match=r"^list\.mp4 is no video"):
        keep_video(Sent("list.mp4", leads), tmp_path / "recordings")


def test_pictures_become_one_folder(tmp_path: Path) -> None:
    sent = [Sent(f"../shot{number}.png", a_picture(number * 40)) for number in range(3)]
    kept = keep_pictures([*sent, sent[0]], tmp_path / "recordings", "the yard")
    assert kept == tmp_path / "recordings" / "the yard"
    found = sorted(path.name for path in kept.iterdir())
    assert found == ["shot0-2.png", "shot0.png", "shot1.png", "shot2.png"]


def test_pictures_that_are_none_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"^shot\.png cannot be read as pictures$"):
        keep_pictures([Sent("shot.png", b"none")], tmp_path / "recordings", "yard")
    assert list((tmp_path / "recordings").iterdir()) == []


def test_a_disk_without_room_is_said_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    free = uploads.RESERVE + 1_000_000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    sent = Sent("long.mp4", b"")
    sent.size = 3_000_000
    with pytest.raises(OutputError, match=r"there is room for 1 MB in .*, and this is 3 MB"):
        keep_video(sent, tmp_path / "recordings")
    assert not (tmp_path / "recordings").exists()


def test_a_folder_that_cannot_be_is_said_in_words(make_clip: MakeClip, tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file is in the way")
    with pytest.raises(OutputError, match=r"nothing can be stored in .*recordings: File exists"):
        keep_video(Sent("walk.avi", make_clip().read_bytes()), tmp_path / "recordings")
