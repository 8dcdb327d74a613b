"""The page of the sources: what it shows of the file and the runner, and what it does to them."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT, MakeClip
from tests.running import Running, until
from tests.worlds import HOSTILE, PLAZA, a_weekend
from tracking import config
from tracking.config import SourceSettings
from tracking.dashboard.sources import dialogs
from tracking.dashboard.sources.actions import no_longer_watched, recorded, wait_until_let_go
from tracking.dashboard.sources.drafts import Login, changes, problems, stream_uri, suggested
from tracking.dashboard.sources.state import digest
from tracking.dashboard.sources.trial import Trial
from tracking.dashboard.wording import plain
from tracking.database import open_readonly
from tracking.errors import SettingsError
from tracking.runner.service import WRITE_EVERY
from tracking.study import write_study

FILE = """# our cameras
[[sources]]
name = "door"  # the blue one
uri = "rtsp://viewer:s3cret@127.0.0.1:9/main"
classes = ["person"]
tracker = { match_thresh = 0.7 }

[[sources]]
name = "yard"
uri = "yard.avi"
detector = "motion"
timezone = "UTC"
start = 2026-03-01T09:30:12
"""


class Page:
    """The page as a person has it before them."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
        self.app.switch_page("pages/sources.py").run()

    @property
    def text(self) -> str:
        app = self.app
        parts = [
            app.markdown,
            app.caption,
            app.warning,
            app.error,
            app.info,
            app.success,
            app.toast,
        ]
        return "\n".join(str(element.value) for part in parts for element in part)

    @property
    def sent(self) -> str:
        """All that goes to the browser."""
        return "\n".join(str(element.proto) for element in self.app if hasattr(element, "proto"))

    def click(self, key: str) -> Page:
        self.app.button(key=key).click().run()
        return self.well()

    def well(self) -> Page:
        assert not self.app.exception
        return self

    def key(self, ending: str) -> str:
        """Of the widget of a form, whichever form is open."""
        found = [key for key in map(str, self._keys()) if key.endswith(f".{ending}")]
        assert len(found) == 1, (ending, found)
        return found[0]

    def fill(self, **values: object) -> Page:
        for name, value in values.items():
            self.app.get_by_key(self.key(name)).set_value(value).run()
        return self.well()

    def press(self, name: str) -> Page:
        return self.click(self.key(name))

    def _keys(self) -> list[str]:
        return [element.key for element in self.app if getattr(element, "key", None)]


@pytest.fixture
def sources(tmp_path: Path) -> Callable[[], list[SourceSettings]]:
    """The sources of the file as it is now, which begins as FILE."""
    (tmp_path / "sources.toml").write_text(FILE)
    return lambda: list(config.load(tmp_path / "sources.toml").sources)


def written(tmp_path: Path) -> str:
    return (tmp_path / "sources.toml").read_text()


def test_with_nothing_configured_the_form_is_open(tmp_path: Path) -> None:
    page = Page().well()
    assert "No source is set up yet" in page.text
    assert page.app.button(key="add0.keep").label == "Add source"
    assert not (tmp_path / "sources.toml").exists()


def test_every_source_is_listed_without_its_password(
    sources: Callable[[], list[SourceSettings]],
) -> None:
    page = Page().well()
    assert "**door**" in page.text
    assert "**yard**" in page.text
    assert "**door**" in page.sent
    assert "s3cret" not in page.sent
    assert plain("rtsp://***@127.0.0.1:9/main") in page.text


def test_without_a_runner_the_list_is_there_and_that_is_said(
    sources: Callable[[], list[SourceSettings]],
) -> None:
    page = Page().well()
    assert "The runner does not answer" in page.text
    assert page.text.count("Not known") == 2


def test_a_broken_file_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[[sources]\nname=")
    page = Page().well()
    assert plain("line 1, column") in page.text
    assert "it is read again as soon as it is" in page.text


def test_a_source_with_a_fault_is_said_and_the_others_are_listed(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(FILE + '[[sources]]\nname = "gate"\nurl = "0"\n')
    page = Page().well()
    assert plain("did you mean 'uri'?") in page.text
    assert "**yard**" in page.text


def test_hostile_names_are_shown_as_they_are(tmp_path: Path) -> None:
    names = [name for name in (*HOSTILE, "n" * 200) if "\n" not in name]
    for name in names:
        source = {"name": name, "uri": f"{name[:30].strip()}.avi", "detector": "motion"}
        config.add(tmp_path / "sources.toml", SourceSettings.of(source))
    page = Page().well()
    assert all(f"**{plain(name)}**" in page.text for name in names)
    for name in (names[0], names[-1]):
        page.click(f"edit-{digest(name)}")
        assert page.app.text_input(key=page.key("name")).value == name
        page.press("cancel")


def test_a_camera_is_added(sources: Callable[[], list[SourceSettings]]) -> None:
    page = Page().click("add").fill(kind="camera", camera=2)
    page.press("keep")
    added = sources()[-1]
    assert (added.name, added.uri) == ("camera 2", "2")
    assert plain("camera 2") + " was added" in page.text.replace("\\.", "")
    assert "add1.keep" not in page._keys()  # the form has closed


def test_a_stream_is_added_with_its_password_quoted(
    sources: Callable[[], list[SourceSettings]],
) -> None:
    page = (
        Page()
        .click("add")
        .fill(
            address="rtsp://192.0.2.7/main", user="a b", password="p@ss/word", name="gate", fps=4.0
        )
    )
    page.press("keep")
    added = sources()[-1]
    assert added.uri == "rtsp://a%20b:p%40ss%2Fword@192.0.2.7/main"
    assert (added.name, added.fps) == ("gate", 4.0)


def test_a_password_in_a_variable_stays_out_of_the_file(
    sources: Callable[[], list[SourceSettings]], tmp_path: Path
) -> None:
    page = (
        Page()
        .click("add")
        .fill(address="rtsp://192.0.2.7/main", user="viewer", password="${GATE}", name="gate")
    )
    page.press("keep")
    assert "rtsp://viewer:${GATE}@192.0.2.7/main" in written(tmp_path)


def test_what_is_wrong_is_said_and_nothing_is_written(
    sources: Callable[[], list[SourceSettings]], tmp_path: Path
) -> None:
    page = Page().click("add").fill(address="rstp://192.0.2.7/main", name="door")
    assert "Another source" not in page.text  # nobody has wanted to keep it yet
    page.press("keep")
    assert "Another source has this name." in page.text
    assert plain("did you mean rtsp?") in page.text
    assert written(tmp_path) == FILE


def test_a_test_shows_the_first_picture_and_keeps_nothing(
    sources: Callable[[], list[SourceSettings]], make_clip: MakeClip, tmp_path: Path
) -> None:
    make_clip("yard.avi")
    page = Page().click("add").fill(kind="path", path="yard.avi")
    _tried(page)
    assert "It works: 64×48 pixels, 10 frames a second" in page.text
    assert "first picture of the source" in page.sent
    assert written(tmp_path) == FILE


def test_a_test_that_fails_says_why(sources: Callable[[], list[SourceSettings]]) -> None:
    page = Page().click(f"edit-{digest('door')}")
    _tried(page)
    assert plain("nobody listens there (connection refused)") in page.text
    assert "s3cret" not in page.sent


def _tried(page: Page) -> None:
    page.press("test")
    assert page.app.get("progress")
    until(lambda: not page.app.run().get("progress"), 30)
    page.well()


def test_what_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}/video"
        trial = Trial({"uri": uri}, tmp_path, limit=2)
        begun = time.monotonic()
        assert trial.running  # and nobody waits for it
        assert trial.wait().error == "there was no picture within 2 seconds"
        assert time.monotonic() - begun < 10


def test_a_test_ends_with_the_dialog_that_it_was_begun_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}/video"
        trial = Trial({"uri": uri}, tmp_path)
        key = f"edit3-{digest('yard')}.trial"
        session = {dialogs.DIALOG: ("edit", "yard"), dialogs.SERIAL: 3, key: trial}
        monkeypatch.setattr(st, "session_state", session)
        assert trial.running
        dialogs._close()
        assert not trial.running
        assert session == {dialogs.SERIAL: 4}


def test_what_libraries_write_is_no_answer(
    tmp_path: Path, make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ffmpeg complains on standard error, and others on standard output, in braces even."""
    noise = "import os; os.write(1, b'{\"error\": 1}'); os.write(2, b'{oh}')"
    (tmp_path / "noise").mkdir()
    (tmp_path / "noise" / "sitecustomize.py").write_text(noise)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "noise"))
    make_clip("yard.avi")
    outcome = Trial({"uri": "yard.avi"}, tmp_path).wait()
    assert (outcome.error, outcome.width, outcome.height) == (None, 64, 48)


def test_only_what_was_changed_is_written(
    sources: Callable[[], list[SourceSettings]], tmp_path: Path
) -> None:
    page = Page().click(f"edit-{digest('yard')}").fill(name="garden", fps=5.0)
    page.press("keep")
    expected = FILE.replace('name = "yard"', 'name = "garden"') + "fps = 5.0\n"
    assert written(tmp_path) == expected
    assert "What was recorded of it so far keeps the name yard" in page.text


def test_what_somebody_else_changed_meanwhile_stays(
    sources: Callable[[], list[SourceSettings]], tmp_path: Path
) -> None:
    page = Page().click(f"edit-{digest('door')}")
    config.change(tmp_path / "sources.toml", "door", fps=3.0)
    page.fill(moving_camera=True).press("keep")
    [door] = [source for source in sources() if source.name == "door"]
    assert (door.moving_camera, door.fps) == (True, 3.0)


def test_saving_without_a_change_leaves_the_file_as_it_is(
    sources: Callable[[], list[SourceSettings]], tmp_path: Path
) -> None:
    for name in ("door", "yard"):
        Page().click(f"edit-{digest(name)}").press("keep")
    assert written(tmp_path) == FILE


def test_a_password_stays_when_the_address_is_changed(
    sources: Callable[[], list[SourceSettings]],
) -> None:
    page = Page().click(f"edit-{digest('door')}")
    assert page.app.text_input(key=page.key("address")).value == "rtsp://127.0.0.1:9/main"
    page.fill(address="rtsp://192.0.2.1/low").press("keep")
    assert sources()[0].uri == "rtsp://viewer:s3cret@192.0.2.1/low"


def test_a_setting_gets_its_default_back(
    sources: Callable[[], list[SourceSettings]], tmp_path: Path
) -> None:
    Page().click(f"edit-{digest('door')}").fill(classes=[]).press("keep")
    assert written(tmp_path) == FILE.replace('classes = ["person"]\n', "")


def test_a_source_is_paused_and_goes_on(
    sources: Callable[[], list[SourceSettings]], tmp_path: Path
) -> None:
    page = Page().click(f"pause-{digest('yard')}")
    assert [source.enabled for source in sources()] == [True, False]
    assert "Paused" in page.text
    page.click(f"resume-{digest('yard')}")
    assert written(tmp_path) == FILE


def test_a_source_is_removed_only_after_a_question_and_can_be_brought_back(
    sources: Callable[[], list[SourceSettings]],
) -> None:
    before = sources()
    page = Page().click(f"remove-{digest('door')}")
    assert "Nothing was recorded of it" in page.text
    assert sources() == before
    page.click("remove.no")
    assert sources() == before
    page.click(f"remove-{digest('door')}").click("remove.yes")
    assert [source.name for source in sources()] == ["yard"]
    page.click("undo")
    assert sources() == [before[1], before[0]]


def test_what_was_recorded_is_deleted_with_its_source_where_that_is_wanted(tmp_path: Path) -> None:
    a_weekend(tmp_path / "people.db")
    plaza = {"name": PLAZA.name, "uri": "0"}
    config.add(tmp_path / "sources.toml", SourceSettings.of(plaza))
    kept = recorded(tmp_path / "people.db", PLAZA.name)
    assert kept is not None
    page = Page().click(f"remove-{digest(PLAZA.name)}")
    choice = page.app.radio(key="remove.choice")
    assert choice.value == "keep"
    assert f"{kept.tracks} tracks with {kept.positions:,} positions" in page.sent
    choice.set_value("delete").run()
    page.click("remove.yes")
    assert "was removed and what was recorded of it was deleted" in page.text
    assert recorded(tmp_path / "people.db", PLAZA.name) is None
    assert len(no_longer_watched(tmp_path / "people.db", ())) >= 1  # the others' is still there


def test_of_a_source_that_never_gave_a_picture_it_is_not_asked_what_to_keep(
    tmp_path: Path,
) -> None:
    path = a_weekend(tmp_path / "people.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO sources (name, kind, uri, timezone, created_at)"
            " VALUES ('gate', 'camera', '0', 'UTC', 0)"
        )
    config.add(tmp_path / "sources.toml", SourceSettings.of({"name": "gate", "uri": "0"}))
    page = Page().click(f"remove-{digest('gate')}")
    assert "Nothing was recorded of it." in page.text
    page.click("remove.yes")
    assert "was removed." in page.text
    assert recorded(path, "gate") is None  # not even its name is shown as watched earlier


def test_the_last_rows_of_a_removed_source_are_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = iter([{"sources": {"door": {}}}, {"sources": {}}])
    slept: list[float] = []
    monkeypatch.setattr("tracking.dashboard.serving.supervising.health", lambda url: next(told))
    monkeypatch.setattr("tracking.dashboard.sources.actions.time.sleep", slept.append)
    wait_until_let_go("door")
    assert slept[-1] > WRITE_EVERY


def test_what_was_kept_of_a_removed_source_can_be_deleted_later(tmp_path: Path) -> None:
    a_weekend(tmp_path / "people.db")
    page = Page().well()
    assert "Recorded earlier, and watched no longer" in page.text
    page.click(f"delete-{digest(PLAZA.name)}")
    assert recorded(tmp_path / "people.db", PLAZA.name) is not None
    page.click("delete.yes")
    assert recorded(tmp_path / "people.db", PLAZA.name) is None
    assert f"delete-{digest(PLAZA.name)}" not in page._keys()


def test_missing_weights_are_said_and_motion_is_offered(
    sources: Callable[[], list[SourceSettings]],
) -> None:
    page = Page().well()
    assert "Its weights yolo11n are not on this machine" in page.text
    page.click(f"weights-{digest('door')}")
    assert "There are three ways" in page.text
    page.click("weights.motion")
    assert sources()[0].detector == "motion"
    assert sources()[0].classes is None


def test_in_a_study_nothing_is_added_or_deleted(tmp_path: Path) -> None:
    with closing(open_readonly(a_weekend(tmp_path / "whole.db"))) as whole:
        write_study(whole, tmp_path / "people.db", since=0, until=2**53)
    page = Page().well()
    assert "This is a recorded study" in page.text
    assert not page.app.button


@pytest.mark.slow
def test_a_recording_is_uploaded_and_looked_at_to_its_end(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    clip = make_clip("sent.avi", frames=30).read_bytes()
    page = Page().fill(kind="upload")
    page.app.get_by_key(page.key("files0")).upload("../walk $x$.avi", clip)
    page.app.get_by_key(page.key("files0")).upload("letter.avi", b"Dear Sir")
    page.app.run()
    page.fill(detector="motion").press("keep")
    assert plain("letter.avi is no video that can be read.") in page.text
    kept = tmp_path / "recordings" / "walk _x_.avi"
    assert [*kept.parent.iterdir()] == [kept]
    assert kept.read_bytes() == clip
    with Running(tmp_path) as running:
        running.wait("walk x", "finished")
        time.sleep(1.1)  # the page asks once a second
        page = Page().well()
        assert "Finished" in page.text
        assert page.app.page_link[0].value == "What was found"
        assert "source=walk+x&range=all" in page.sent


def test_what_the_runner_says_is_shown(make_clip: MakeClip, tmp_path: Path) -> None:
    with Running(tmp_path) as running:
        running.add("yard", make_clip("yard.avi", frames=40), realtime=True, loop=True)
        running.add("gone", tmp_path / "gone.avi")
        running.wait("yard", "ok")
        running.wait("gone", "down")
        page = Page().well()
        assert "Watching" in page.text
        assert "64×48" in page.text
        assert "frames a second" in page.text
        assert "Gives no picture, tried again" in page.text
        assert plain(f"There is no file {tmp_path / 'gone.avi'}") in page.text


@pytest.mark.parametrize(
    ("uri", "user", "address"),
    [
        ("rtsp://192.0.2.1/main", "", "rtsp://192.0.2.1/main"),
        ("rtsp://viewer:p%40ss@192.0.2.1/main", "viewer", "rtsp://192.0.2.1/main"),
        ("rtsp://viewer:${DOOR}@192.0.2.1/main", "viewer", "rtsp://192.0.2.1/main"),
        ("http://a%20b@192.0.2.1/v?token=abc", "a b", "http://192.0.2.1/v?token=***"),
    ],
)
def test_an_address_and_its_login_are_taken_apart_and_joined_again(
    uri: str, user: str, address: str
) -> None:
    login = Login.of(uri)
    assert (login.user, login.address) == (user, address)
    assert stream_uri(login.address, login.user, "", before=uri) == uri


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("rtsp://192.0.2.1/", "", "secret"), "a password needs a user name"),
        (("192.0.2.1", "me", "secret"), "should begin like rtsp:// or http://"),
        (("rtsp://me@192.0.2.1/", "me", ""), "in one place only"),
        (("http://192.0.2.1/?token=***", "", ""), r"write out what \*\*\* stands for"),
    ],
)
def test_a_login_that_cannot_be_is_refused(given: tuple[str, str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        stream_uri(*given)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("0", "camera 0"),
        ("rtsp://me:secret@192.0.2.1/main", "192 0 2 1 main"),
        ("recordings/Old town_1.mp4", "Old town 1"),
        ("shots/", "shots"),
        ("***.mp4", "source"),
        ("", ""),
    ],
)
def test_a_name_is_suggested_that_is_free(uri: str, name: str) -> None:
    assert suggested(uri, set()) == name
    if name:
        assert suggested(uri, {name, f"{name} 2"}) == f"{name} 3"


def test_a_fault_is_told_by_the_setting_it_is_about() -> None:
    found = problems({"name": " x", "uri": "", "fps": -1.0, "timezone": "Mars"}, {"y"})
    assert set(found) == {"name", "uri", "fps", "timezone"}
    assert found["name"] == "Name begins or ends with a blank"


def test_changes_are_what_differs() -> None:
    before = {"name": "a", "uri": "0", "classes": ["person"], "fps": 5, "tracker": {}}
    assert changes(before, before) == {}
    after = {"name": "a", "uri": "1", "classes": ["person"], "tracker": {}}
    assert changes(before, after) == {"uri": "1", "fps": None}
