"""sources.toml: what is right is used, what is wrong is told, and what a person wrote stays."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import tomlkit
from filelock import FileLock
from pydantic import ValidationError
from rich.pretty import pretty_repr

from tests.conftest import NOON, ROOT
from tracking.config import (
    Configuration,
    SourceSettings,
    Watch,
    add,
    change,
    editing,
    files,
    load,
    remove,
    watching,
)
from tracking.errors import ConfigError, SettingsError
from tracking.streamers import CameraStreamer, DirectoryStreamer, VideoStreamer
from tracking.tracker import TrackerSettings

SECRET = "hunter2"
ADDRESS = f"rtsp://admin:{SECRET}@10.0.0.5:554/main"
Write = Callable[[str], Path]

CAMERAS = """\
# Our cameras

# the front door
[[sources]]  # first
name = "door"  # as the staff call it
uri = "rtsp://admin:${DOOR_PASSWORD}@10.0.0.5/main"

# behind the house
[[sources]]
name = "yard"
uri = 1
fps = 5  # it is slow

[sources.tracker]
match_thresh = 0.8  # many trees

# not needed at present:
# [[sources]]
# name = "garage"
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "sources.toml"
        path.write_bytes(text.encode())
        return path

    return write


@pytest.fixture
def cameras(write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOOR_PASSWORD", SECRET)
    return write(CAMERAS)


def source(name: str = "door", uri: str | int = 0, **settings: object) -> SourceSettings:
    return SourceSettings.of({"name": name, "uri": uri, **settings})


def names(path: Path) -> list[str]:
    return [source.name for source in load(path).sources]


def identity(path: Path) -> tuple[int, int]:
    """Changes whenever the file is written or replaced, not when it is read."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


# reading


def test_the_readmes_example_is_right_and_names_every_setting(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOOR_PASSWORD", SECRET)
    section = (ROOT / "README.md").read_text().split("## Watch many sources")[1].split("\n## ")[0]
    found = load(write(section.split("```toml\n")[1].split("```")[0]))
    assert [source.name for source in found.sources] == ["front door", "car park"]
    assert found.problems == ()
    assert [name for name in SourceSettings.model_fields if f"`{name}`" not in section] == []


def test_a_missing_file_is_an_empty_configuration(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    assert load(path) == Configuration(path)


def test_every_setting_is_read_as_it_is_written(write: Write) -> None:
    path = write(
        """
        [[sources]]
        name = "door"
        uri = "http://10.0.0.5/live"
        enabled = false
        classes = ["person", "car", "person"]
        timezone = "Europe/Berlin"
        detector = "yolo"
        weights = "yolo11m"
        speed = "fast"
        image_size = 480
        confidence = 0.5
        fps = 7.5
        motion_gate = false
        moving_camera = true
        realtime = true
        loop = true
        start = 2026-03-01T13:00:00
        stale_after = 0
        tracker.match_thresh = 0.8
        """
    )
    (door,) = load(path).sources
    assert load(path).problems == ()
    assert door == SourceSettings(
        name="door",
        uri="http://10.0.0.5/live",
        enabled=False,
        classes=("person", "car"),
        timezone="Europe/Berlin",
        detector="yolo",
        weights="yolo11m",
        speed="fast",
        image_size=480,
        confidence=0.5,
        fps=7.5,
        motion_gate=False,
        moving_camera=True,
        realtime=True,
        loop=True,
        start=NOON,
        stale_after=0.0,
        tracker=TrackerSettings(match_thresh=0.8),
    )


def test_what_is_not_said_has_its_default(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.config.settings.local_zone", lambda: "Asia/Tokyo")
    (door,) = load(write('[[sources]]\nname = "door"\nuri = 0\n')).sources
    assert door.enabled
    assert (door.classes, door.fps, door.motion_gate, door.image_size) == (None, None, None, None)
    assert (door.detector, door.weights, door.speed) == ("yolo", "yolo11n", "normal")
    assert (door.confidence, door.stale_after) == (0.25, 10.0)
    assert not (door.moving_camera or door.realtime or door.loop)
    assert door.tracker == TrackerSettings()


@pytest.mark.parametrize(
    "start",
    [
        "2026-03-01T13:00:00",
        "2026-03-01T12:00:00Z",
        "'2026-03-01T13:00'",
        "'2026-03-01T12:00Z'",
        str(NOON),
    ],
)
def test_a_beginning_may_be_written_in_many_ways(write: Write, start: str) -> None:
    text = f"[[sources]]\nname='a'\nuri='a.avi'\ntimezone='Europe/Berlin'\nstart={start}\n"
    assert load(write(text)).sources[0].start == NOON


def test_a_date_alone_is_its_midnight_in_the_sources_zone(write: Write) -> None:
    text = "[[sources]]\nname='a'\nuri='a.avi'\ntimezone='Europe/Berlin'\nstart=2026-03-01\n"
    assert load(write(text)).sources[0].start == NOON - 13 * 3_600_000


def test_paths_count_from_the_files_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sources.toml"
    rows = ('"clips/a.mp4"', '"~/a.mp4"', '"/a.mp4"', '"7"')
    path.write_text("".join(f'[[sources]]\nname="{n}"\nuri={uri}\n' for n, uri in enumerate(rows)))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("HOME", "/home/ann")
    found = [source.uri for source in load("../sources.toml").sources]
    assert [Path(uri).resolve() for uri in found[:1]] == [tmp_path / "clips" / "a.mp4"]
    assert found[1:] == ["/home/ann/a.mp4", "/a.mp4", "7"]


def test_weights_that_are_a_path_count_from_the_files_folder_a_name_does_not(
    write: Write, tmp_path: Path
) -> None:
    rows = ('"yolo11m"', '"./shop.pt"', '"/models/shop.pt"')
    text = "".join(f'[[sources]]\nname="{n}"\nuri=0\nweights={w}\n' for n, w in enumerate(rows))
    found = [source.weights for source in load(write(text)).sources]
    assert found == ["yolo11m", str(tmp_path / "shop.pt"), "/models/shop.pt"]


def test_a_password_from_the_environment_may_be_made_of_any_signs(
    cameras: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOOR_PASSWORD", "p@ss/w?rd#%41")
    parts = urlsplit(load(cameras).source("door").uri)
    assert parts.hostname == "10.0.0.5"
    assert unquote(parts.password or "") == "p@ss/w?rd#%41"


def test_a_variable_elsewhere_in_an_address_is_put_in_as_it_is(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERE", "10.0.0.5:554/main?x=1")
    (found,) = load(write('[[sources]]\nname="a"\nuri="rtsp://ann@${WHERE}"\n')).sources
    assert found.uri == "rtsp://ann@10.0.0.5:554/main?x=1"


def test_a_missing_variable_is_named_and_the_other_sources_stay(write: Write) -> None:
    found = load(write(CAMERAS))
    assert [source.name for source in found.sources] == ["yard"]
    assert found.problems == (
        f"{found.path}: source 'door': uri: the environment variable DOOR_PASSWORD is not set",
    )


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("name = 'b'", "source 'b': uri is missing"),
        ("uri = 0", "source 2: name is missing"),
        ("name = ' '\nuri = 0", "source 2: name: is empty"),
        ("name = 5\nuri = 0", "source 2: name: should be a valid string"),
        ("name = 'b '\nuri = 0", "name: begins or ends with a blank"),
        ('name = "b\\n"\nuri = 0', "name: holds a control character"),
        ('name = "b\\u2028c"\nuri = 0', "name: holds a control character"),
        (f"name = '{'b' * 201}'\nuri = 0", "name: is longer than 200 characters"),
        ("name = 'before'\nuri = 0", "source 'before': name: is taken by a source further up"),
        ("name = 'b'\nuri = ''", "uri: is empty"),
        ("name = 'b'\nuri = 1.5", "uri: should be a valid string"),
        ('name = "b"\nuri = "a\\u0000"', "uri: holds a control character"),
        ("name = 'b'\nuri = 12345678901", "uri: is too large for a camera's number"),
        ("name = 'b'\nuri = 'rstp://h'", "there is no kind of address 'rstp'; did you mean rtsp?"),
        ("name = 'b'\nuri = 'gopher://h'", "no kind of address 'gopher'; there are rtsp,"),
        ("name = 'b'\nuri = 'rtsp://'", "uri: names no host"),
        ("name = 'b'\nuri = 'rtsp://h:port/'", "uri: has no port"),
        ("name = 'b'\nuri = '${A B}'", "uri: holds a ${...} that is no variable's name"),
        ("name = 'b'\nuri = 0\nclases = ['a']", "no setting 'clases'; did you mean 'classes'?"),
        ("name = 'b'\nuri = 0\nzzz = 1", "there is no setting 'zzz'; there are name, uri,"),
        ("name = 'b'\nuri = 0\nenabled = 'yes'", "enabled: should be a valid boolean"),
        ("name = 'b'\nuri = 0\nclasses = 'person'", "classes: should be a valid tuple"),
        ("name = 'b'\nuri = 0\nclasses = ['']", "classes: should be a list of labels"),
        ("name = 'b'\nuri = 0\ntimezone = 'Mars'", "timezone: is not an IANA time zone"),
        ("name = 'b'\nuri = 0\ndetector = 'x'", "detector: should be 'yolo' or 'motion'"),
        ("name = 'b'\nuri = 0\nweights = ''", "weights: should be a name such as yolo11n"),
        ("name = 'b'\nuri = 0\nspeed = 'slow'", "speed: should be 'normal' or 'fast'"),
        ("name = 'b'\nuri = 0\nimage_size = 100", "image_size: should be a multiple of 32"),
        ("name = 'b'\nuri = 0\nimage_size = 32", "image_size: should be greater than or equal"),
        ("name = 'b'\nuri = 0\nimage_size = 2080", "image_size: should be less than or equal"),
        ("name = 'b'\nuri = 0\nconfidence = 1.5", "confidence: should be less than or equal to 1"),
        ("name = 'b'\nuri = 0\nconfidence = true", "confidence: should be a valid number"),
        ("name = 'b'\nuri = 0\nfps = 0", "fps: should be greater than 0"),
        ("name = 'b'\nuri = 0\nfps = nan", "fps: should be a finite number"),
        ("name = 'b'\nuri = 0\nstart = 'noon'", "start: is not a time"),
        ("name = 'b'\nuri = 0\nstart = true", "start: should be a valid integer"),
        ("name = 'b'\nuri = 0\nstart = 1.5", "start: is not a time"),
        ("name = 'b'\nuri = 0\nstart = 2026-03-29T02:30:00\ntimezone = 'Europe/Berlin'",
         "start: 2026-03-29T02:30:00 does not exist in Europe/Berlin"),
        ("name = 'b'\nuri = 0\nstale_after = -1", "stale_after: should be greater than or equal"),
        ("name = 'b'\nuri = 0\ntracker = 1", "tracker: should be a table"),
        ("name = 'b'\nuri = 0\ntracker = {speed = 1}", "tracker: The tracker has no setting"),
        ("name = 'b'\nuri = 0\ntracker = {match_thresh = 2}", "match_thresh cannot be 2"),
        ("name = 'b'\nuri = 0\ndetector = 'motion'\nclasses = ['a']", "classes: the motion det"),
    ],
)  # fmt: skip
def test_a_bad_source_is_told_in_one_line_and_takes_no_other_down(
    write: Write, bad: str, told: str
) -> None:
    good = '[[sources]]\nname = "{}"\nuri = 0\n'
    path = write(f"{good.format('before')}\n[[sources]]\n{bad}\n\n{good.format('after')}")
    found = load(path)
    assert [source.name for source in found.sources] == ["before", "after"]
    (problem,) = found.problems
    assert problem.startswith(f"{path}: source ")
    assert told in problem
    assert len(problem.splitlines()) == 1


def test_all_faults_of_a_source_are_told(write: Write) -> None:
    problems = load(write("[[sources]]\nname = 'b'\nfps = 0\nloop = 1\n")).problems
    assert [problem.split(": ")[-1] for problem in problems] == [
        "uri is missing",
        "should be greater than 0",
        "should be a valid boolean",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[source]]\nname = 'a'", "there is no 'source' here, only [[sources]] and [[channels]]"),
        ("[sources]\nname = 'a'", "sources: each source should begin with [[sources]]"),
        ("sources = 'a'", "sources: each source should begin with [[sources]]"),
        ("sources = ['a']", "source 1: should be a table of settings"),
    ],
)
def test_what_is_no_source_is_told(write: Write, text: str, told: str) -> None:
    found = load(write(text))
    assert found.sources == ()
    assert found.problems == (f"{found.path}: {told}",)


@pytest.mark.parametrize(
    "name", ["../x", "<b>bold</b>", "[red]", "a'b\"c", "Tür 🚪", "%s{0}", "x" * 200, "me@home", "0"]
)
def test_a_hostile_name_is_only_data(tmp_path: Path, name: str) -> None:
    path = tmp_path / "sources.toml"
    add(path, source(name))
    assert load(path) == Configuration(path, (source(name),))
    remove(path, name)
    assert names(path) == []


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"[[sources]]\nname = ", 2, 8),
        (b"[[sources\n", 1, 10),
        (b"[[sources]]\nuri = 'rtsp://h\n", 2, 16),
        (b"[[sources]]\nname = 'a'\nuri = 0\n\nname = 'b'\n", 5, 1),
        (b"a = 1\nb = 2\na = 3\n", 3, 1),
        (b"# caf\xc3\xa9 \xff\n", 1, 8),
        (b"rtsp://h\n", 1, 5),
        (b"\x00\x01\x02", 1, 1),
    ],
)
def test_a_file_that_is_not_toml_is_refused_with_line_and_column(
    write: Write, data: bytes, line: int, column: int
) -> None:
    path = write("")
    path.write_bytes(data)
    with pytest.raises(ConfigError) as told:
        load(path)
    assert str(told.value).startswith(f"{path}, line {line}, column {column}: ")
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize("path", [".", "/dev/zero", "sources.toml/x", "a\0b"])
def test_what_cannot_be_read_is_a_config_error(write: Write, path: str) -> None:
    write("")
    with pytest.raises(ConfigError, match=r"is not a file|cannot be read"):
        load(path)


def test_a_byte_order_mark_and_windows_line_ends_are_read(write: Write) -> None:
    path = write("\ufeff[[sources]]\r\nname = 'door'\r\nuri = 0\r\n")
    assert names(path) == ["door"]


def test_a_source_is_found_by_its_name(cameras: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(cameras).source("yard").fps == 5
    with pytest.raises(SettingsError, match=r"has no source 'yrad'; did you mean 'yard'\?"):
        load(cameras).source("yrad")
    monkeypatch.delenv("DOOR_PASSWORD")
    with pytest.raises(SettingsError, match="DOOR_PASSWORD is not set"):
        load(cameras).source("door")


# what settings mean


def test_settings_cannot_be_changed_in_place_and_equal_ones_are_equal() -> None:
    with pytest.raises(ValidationError):
        source().fps = 5  # type: ignore[misc]
    assert source(classes=["a"]) == source(classes=("a",))
    assert len({source(), source(), source(fps=5)}) == 2


@pytest.mark.parametrize(
    ("uri", "live"), [(0, True), (ADDRESS, True), ("a.mp4", False), ("/pictures", False)]
)
def test_cameras_and_addresses_are_live(uri: str | int, live: bool) -> None:
    assert source(uri=uri).live is live


@pytest.mark.parametrize(
    ("settings", "gated"),
    [
        ({}, None),
        ({"motion_gate": True}, True),
        ({"motion_gate": False}, False),
        ({"motion_gate": True, "moving_camera": True}, False),
    ],
)
def test_a_moving_camera_has_no_motion_gate(
    settings: dict[str, object], gated: bool | None
) -> None:
    assert source(**settings).gated is gated


def test_a_moving_camera_is_compensated_in_the_way_chosen() -> None:
    assert source().tracker_settings.gmc_method == "none"
    assert source(moving_camera=True).tracker_settings.gmc_method == "sparseOptFlow"
    chosen = source(moving_camera=True, tracker={"gmc_method": "ecc", "match_thresh": 0.8})
    assert chosen.tracker_settings == TrackerSettings(match_thresh=0.8, gmc_method="ecc")


def test_no_labels_are_all_labels() -> None:
    assert source(classes=[]).classes is None


def test_settings_give_their_streamer(tmp_path: Path) -> None:
    (tmp_path / "0").mkdir()  # must not be taken for camera 0
    camera = source(timezone="Europe/Berlin").streamer()
    assert isinstance(camera, CameraStreamer)
    assert (camera.device, camera.name, camera.timezone) == (0, "door", "Europe/Berlin")
    video = source(uri="a.avi", start=NOON).resolved(tmp_path).streamer()
    assert isinstance(video, VideoStreamer)
    assert (video.path, video.start) == (tmp_path / "a.avi", NOON)
    assert isinstance(source(uri="./0").resolved(tmp_path).streamer(), DirectoryStreamer)


def test_what_is_shown_is_plain_and_without_credentials() -> None:
    shown = source(uri=ADDRESS, start=NOON, timezone="Europe/Berlin").shown()
    assert shown["uri"] == "rtsp://***@10.0.0.5:554/main"
    assert shown["start"] == "2026-03-01T13:00:00.000+01:00"
    assert shown["tracker"]["match_thresh"] == 0.9


# secrets


@pytest.mark.parametrize("show", [repr, str, pretty_repr, lambda s: str(s.shown())])
def test_settings_are_printed_without_credentials(show: Callable[[object], str]) -> None:
    shown = show(source(uri=ADDRESS))
    assert SECRET not in shown
    assert "10.0.0.5" in shown


@pytest.mark.parametrize(
    "setting", ["name", *(s for s in SourceSettings.model_fields if s != "name"), "unknown"]
)
@pytest.mark.parametrize(
    "value",
    [
        ADDRESS,
        ADDRESS.replace("rtsp", "rstp"),
        ADDRESS.replace("hunter2", "hunter2/"),
        ADDRESS.replace("rtsp://", ""),
        [ADDRESS],
        {"match_thresh": ADDRESS},
        {"gmc_method": ADDRESS.replace("rtsp://", "")},
    ],
)
def test_no_error_repeats_credentials(setting: str, value: object, tmp_path: Path) -> None:
    settings = {"name": "door", "uri": 0, setting: value}
    path = tmp_path / "sources.toml"
    path.write_text(tomlkit.dumps({"sources": [settings]}))
    found = load(path)
    assert SECRET not in repr(found)
    if setting == "uri" and value == ADDRESS:
        return
    assert found.problems
    with pytest.raises(ValidationError) as by_pydantic:
        SourceSettings(**settings)  # type: ignore[arg-type]
    with pytest.raises(SettingsError) as by_us:
        SourceSettings.of(settings)
    with pytest.raises(SettingsError) as by_add:
        add(path, SourceSettings.of(settings))
    for error in (by_pydantic, by_us, by_add):
        assert SECRET not in "".join(traceback.format_exception(error.value)) + repr(error.value)


@pytest.mark.parametrize(
    "text",
    [
        f"[[sources]]\nuri = {ADDRESS}\n",
        f"[[sources]]\nuri = '{ADDRESS}\n",
        f"[[sources]]\n{ADDRESS}\n",
        f"[[{ADDRESS}]]\n",
        f"[[sources]]\n'{ADDRESS}' = 1\n'{ADDRESS}' = 2\n",
        f"'{ADDRESS}' = 1\n'{ADDRESS}' = 2\n",
    ],
)
def test_no_complaint_about_the_file_repeats_credentials(write: Write, text: str) -> None:
    path = write(text)
    for use in (load, lambda path: add(path, source())):
        with pytest.raises(ConfigError) as told:
            use(path)
        assert SECRET not in str(told.value)
    assert SECRET not in repr(Watch(path).poll())


@pytest.mark.parametrize("text", [f"'{ADDRESS}' = 1\n", f"[[sources]]\n'{ADDRESS}' = 1\n"])
def test_an_address_where_a_setting_should_be_is_not_repeated(write: Write, text: str) -> None:
    found = load(write(text))
    assert found.problems
    assert SECRET not in repr(found)


def test_a_variables_value_is_not_repeated(cameras: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cameras.write_text('[[sources]]\nname = "door"\nuri = "${URL}"\n')
    monkeypatch.setenv("URL", ADDRESS.replace("rtsp", "rstp"))
    (problem,) = load(cameras).problems
    assert "there is no kind of address" in problem
    assert SECRET not in problem


def test_asking_for_a_source_by_its_address_does_not_repeat_it(cameras: Path) -> None:
    for use in (lambda: load(cameras).source(ADDRESS), lambda: remove(cameras, ADDRESS)):
        with pytest.raises(SettingsError) as told:
            use()
        assert SECRET not in str(told.value)


# changing


def test_a_source_is_added_at_the_end_with_what_was_said_of_it(cameras: Path) -> None:
    new = source(
        "gate",
        "clips/gate.mp4",
        classes=["person"],
        loop=False,  # as it is anyway
        timezone="Europe/Berlin",
        start="2026-03-01T13:00",
        tracker={"match_thresh": 0.8},
    )
    add(cameras, new)
    assert cameras.read_text() == CAMERAS + (
        "\n[[sources]]\n"
        'name = "gate"\n'
        'uri = "clips/gate.mp4"\n'
        'classes = ["person"]\n'
        'timezone = "Europe/Berlin"\n'
        "start = 2026-03-01T13:00:00+01:00\n"
        "tracker = {match_thresh = 0.8}\n"
    )
    assert load(cameras).source("gate") == new.resolved(cameras.parent)


def test_a_new_setting_stands_with_its_source_and_comments_stay(cameras: Path) -> None:
    change(cameras, "door", fps=3.5)
    change(cameras, "yard", confidence=0.5, fps=4, tracker={"track_buffer": 60})
    assert cameras.read_text() == (
        CAMERAS.replace("@10.0.0.5/main\"\n", "@10.0.0.5/main\"\nfps = 3.5\n")
        .replace("fps = 5  # it is slow\n", "fps = 4.0  # it is slow\nconfidence = 0.5\n")
        .replace("0.8  # many trees\n", "0.8  # many trees\ntrack_buffer = 60\n")
    )  # fmt: skip


def test_none_gives_a_setting_its_default_back(cameras: Path) -> None:
    change(cameras, "yard", fps=None, tracker={"match_thresh": None, "track_buffer": 60})
    change(cameras, "yard", tracker=None)
    assert load(cameras).source("yard") == source("yard", 1)
    assert cameras.read_text().endswith(CAMERAS[CAMERAS.index("\n# not needed") :])


def test_the_tracker_may_be_given_as_a_whole(cameras: Path) -> None:
    change(cameras, "yard", tracker=TrackerSettings(track_buffer=60))
    assert load(cameras).source("yard").tracker == TrackerSettings(track_buffer=60)


def test_no_labels_at_all_take_the_setting_out(cameras: Path) -> None:
    change(cameras, "yard", classes=["person"])
    change(cameras, "yard", classes=[], tracker={"match_thresh": None})
    assert "classes" not in cameras.read_text()
    assert "tracker" not in cameras.read_text()


def test_a_source_is_renamed(cameras: Path) -> None:
    change(cameras, "yard", name="garden")
    assert cameras.read_text() == CAMERAS.replace('"yard"', '"garden"')


def test_a_source_with_a_fault_can_be_mended(write: Write) -> None:
    path = write("[[sources]]\nname = 'a'\nuri = 0\nfps = 0\nclases = ['x']\ntracker = 1\n")
    change(path, "a", fps=5, clases=None, tracker={"track_buffer": 60})
    assert load(path) == Configuration(path, (source("a", fps=5, tracker={"track_buffer": 60}),))


def test_removing_a_source_leaves_the_comments_on_the_others(cameras: Path) -> None:
    remove(cameras, "door")
    kept = CAMERAS[CAMERAS.index("# behind the house") :]
    assert cameras.read_text() == f"# Our cameras\n\n# the front door\n\n{kept}"
    remove(cameras, "yard")
    assert "# name = \"garage\"" in cameras.read_text()  # fmt: skip
    assert load(cameras) == Configuration(cameras)
    add(cameras, source())
    assert cameras.read_text().endswith(
        '# name = "garage"\n\n[[sources]]\nname = "door"\nuri = "0"\n'
    )


def test_variables_are_not_needed_for_changing_and_stay_variables(write: Write) -> None:
    path = write(CAMERAS)
    change(path, "door", enabled=False)
    add(path, source("gate", "rtsp://ann:${GATE}@h/1"))
    assert "${DOOR_PASSWORD}" in path.read_text()
    assert "rtsp://ann:${GATE}@h/1" in path.read_text()


def test_sources_written_as_an_inline_list_are_changed_too(write: Write) -> None:
    path = write('sources = [{name = "a", uri = 0}]\n')
    add(path, source("b", tracker={"track_buffer": 60}))
    change(path, "a", fps=5, tracker={"track_buffer": 50})
    change(path, "b", tracker={"fuse_score": False})
    assert load(path).sources == (
        source("a", fps=5, tracker={"track_buffer": 50}),
        source("b", tracker={"track_buffer": 60, "fuse_score": False}),
    )
    remove(path, "a")
    assert names(path) == ["b"]


def test_a_new_file_is_for_its_owners_eyes(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    add(path, source())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("# The sources that `tracking run` watches")


def test_permissions_links_and_line_ends_stay(tmp_path: Path, cameras: Path) -> None:
    cameras.write_bytes(CAMERAS.replace("\n", "\r\n").encode())
    cameras.chmod(0o640)
    (tmp_path / "link").symlink_to("sources.toml")
    change(tmp_path / "link", "door", fps=5)
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE(cameras.stat().st_mode) == 0o640
    assert load(cameras).source("door").fps == 5
    assert cameras.read_bytes().count(b"\n") == cameras.read_bytes().count(b"\r\n") == 20


def test_the_last_line_may_lack_its_end(write: Write) -> None:
    path = write("[[sources]]\nname = 'a'\nuri = 0 # end")
    change(path, "a", fps=5)
    assert path.read_text() == "[[sources]]\nname = 'a'\nuri = 0 # end\nfps = 5.0\n"
    path = write("# mine")
    add(path, source("b"))
    assert path.read_text() == '# mine\n\n[[sources]]\nname = "b"\nuri = "0"\n'


def test_a_change_of_nothing_writes_nothing(cameras: Path) -> None:
    before = identity(cameras)
    change(cameras, "door", fps=None)
    assert identity(cameras) == before


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda path: add(path, source("door")), "has a source 'door' already"),
        (lambda path: change(path, "yard", name="door"), "has a source 'door' already"),
        (lambda path: change(path, "yrad", fps=1), "no source 'yrad'; did you mean 'yard'"),
        (lambda path: remove(path, "gate"), "has no source 'gate'"),
        (lambda path: change(path, "yard", fps=-1), "fps: should be greater than 0"),
        (lambda path: change(path, "yard", uri=None), "uri is missing"),
        (lambda path: change(path, "yard", fsp=1), "no setting 'fsp'; did you mean 'fps'"),
        (lambda path: change(path, "yard", fsp=None), "no setting 'fsp'; did you mean 'fps'"),
        (lambda path: change(path, "yard", tracker={"x": 1}), "The tracker has no setting 'x'"),
    ],
)
def test_what_cannot_be_is_refused_and_the_file_stays(
    cameras: Path, edit: Callable[[Path], None], told: str
) -> None:
    before = identity(cameras)
    with pytest.raises(SettingsError, match=told):
        edit(cameras)
    assert identity(cameras) == before
    assert cameras.read_text() == CAMERAS


def test_of_two_sources_of_one_name_neither_is_changed(write: Write) -> None:
    text = "[[sources]]\nname = 'a'\nuri = 0\n" * 2
    path = write(text)
    with pytest.raises(ConfigError, match="several sources 'a'"):
        remove(path, "a")
    assert path.read_text() == text


@pytest.mark.parametrize("text", ["[[sources]\n", "sources = 1\n", "[sources]\nname = 'a'\n"])
def test_a_file_that_makes_no_sense_is_never_overwritten(write: Write, text: str) -> None:
    path = write(text)
    with pytest.raises(ConfigError):
        add(path, source())
    assert path.read_text() == text


def test_a_change_that_would_change_more_than_asked_is_not_made(
    cameras: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing.tomlkit, "dumps", lambda _: "[[sources]]\nname = 'door'\n")
    with pytest.raises(ConfigError, match="cannot be changed safely"):
        change(cameras, "door", fps=5)
    assert cameras.read_text() == CAMERAS


# the disk


def test_a_folder_where_nothing_can_be_written_is_told() -> None:
    with pytest.raises(ConfigError, match=r"^/proc/sources\.toml cannot be written: "):
        add("/proc/sources.toml", source())


def test_a_missing_folder_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        add(tmp_path / "none" / "sources.toml", source())
    assert not (tmp_path / "none").exists()


def test_a_read_only_file_is_left_alone(cameras: Path) -> None:
    cameras.chmod(0o444)
    with pytest.raises(ConfigError, match="it is read-only"):
        change(cameras, "door", fps=5)
    assert cameras.read_text() == CAMERAS


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_the_file_whole_and_nothing_beside_it(
    cameras: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises(ConfigError, match="cannot be written: No space left on device"):
        change(cameras, "door", fps=5)
    assert cameras.read_text() == CAMERAS
    left = {path.name for path in cameras.parent.iterdir()}
    assert left <= {"sources.toml", ".sources.toml.lock"}


def in_a_process(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    """A program that may change the configuration, in a process of its own."""
    preface = "import os, signal, sys\nfrom tracking.config import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", preface + code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_a_process_killed_while_writing_leaves_the_old_file_and_no_lock(cameras: Path) -> None:
    code = (
        "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "change(sys.argv[1], 'door', fps=5)\n"
    )
    with in_a_process(code, cameras) as process:
        assert process.wait(60) == -signal.SIGKILL
    assert cameras.read_text() == CAMERAS
    change(cameras, "door", fps=7)
    assert load(cameras).source("door").fps == 7


def test_another_process_that_does_not_let_go_is_told(
    cameras: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    with (
        FileLock(cameras.with_name(".sources.toml.lock")),
        pytest.raises(ConfigError, match="is being changed by another process"),
    ):
        change(cameras, "door", fps=5)


def test_processes_that_change_the_file_at_once_lose_nothing(cameras: Path) -> None:
    code = (
        "for number in range(10):\n"
        "    add(sys.argv[1], SourceSettings(name=f'{sys.argv[2]}-{number}', uri=number))\n"
        "    change(sys.argv[1], 'yard', tracker={'track_buffer': number + 1})\n"
        "    if number % 2: remove(sys.argv[1], f'{sys.argv[2]}-{number}')\n"
    )
    writers = [in_a_process(code, cameras, letter) for letter in "abc"]
    looks = 0
    while any(writer.poll() is None for writer in writers):
        found = load(cameras)  # never half a file
        assert found.problems == ()
        assert {"door", "yard"} <= {source.name for source in found.sources}
        looks += 1
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert looks > 10
    wanted = {f"{letter}-{number}" for letter in "abc" for number in range(0, 10, 2)}
    assert set(names(cameras)) == {"door", "yard", *wanted}
    assert "# not needed at present:" in cameras.read_text()


# noticing changes


class Hours:
    """A clock that is set by hand, and a file that is looked at twice a second by it."""

    def __init__(self, path: Path) -> None:
        self.now = 1000.0
        self.watch = Watch(path, clock=lambda: self.now)

    def look(self, times: int = 1) -> list[Configuration]:
        """What the next looks give."""
        found = []
        for _ in range(times):
            self.now += 0.5
            found += [seen for seen in [self.watch.poll()] if seen is not None]
        return found


@pytest.fixture
def hours(cameras: Path) -> Iterator[Hours]:
    hours = Hours(cameras)
    assert hours.look(10) == [load(cameras)]
    yield hours


def test_a_change_is_given_once_within_a_second(hours: Hours, cameras: Path) -> None:
    change(cameras, "yard", fps=9)
    (found,) = hours.look(2)
    assert found.source("yard").fps == 9
    assert hours.look(20) == []


def test_a_change_is_noticed_by_the_real_clock_too(cameras: Path) -> None:
    watch = Watch(cameras)
    assert watch.poll() == load(cameras)
    change(cameras, "yard", fps=9)
    begun = time.monotonic()
    while (found := watch.poll()) is None:
        assert time.monotonic() - begun < 10
        time.sleep(0.05)
    assert found.source("yard").fps == 9


def test_a_file_that_is_not_there_yet_is_empty_and_then_noticed(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    hours = Hours(path)
    assert hours.look(30) == [Configuration(path)]
    add(path, source())
    assert hours.look(2) == [load(path)]


def test_a_quiet_file_is_not_even_opened(hours: Hours, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "content", lambda _: pytest.fail("opened"))
    assert hours.look(100) == []


def test_edits_that_look_the_same_to_the_file_system_are_noticed(
    hours: Hours, cameras: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_stamp", lambda _: (1,))  # a clock too coarse to tell them apart
    hours.look()
    cameras.write_text(CAMERAS.replace("fps = 5", "fps = 7"))
    (found,) = hours.look(3)
    assert found.source("yard").fps == 7


def test_a_file_put_in_its_place_with_the_same_size_and_time_is_noticed(
    hours: Hours, cameras: Path
) -> None:
    other = cameras.with_name("other")
    other.write_text(CAMERAS.replace("fps = 5", "fps = 7"))
    os.utime(other, ns=(0, cameras.stat().st_mtime_ns))
    os.replace(other, cameras)
    (found,) = hours.look(2)
    assert found.source("yard").fps == 7


@pytest.mark.parametrize("half", ["", CAMERAS[: CAMERAS.index("# behind")], CAMERAS[:150]])
def test_a_file_half_written_by_an_editor_is_not_taken_for_whole(
    hours: Hours, cameras: Path, half: str
) -> None:
    cameras.write_text(half)
    assert hours.look() == []
    cameras.write_text(CAMERAS.replace("fps = 5", "fps = 7"))
    (found,) = hours.look(2)
    assert found.source("yard").fps == 7
    assert found.problems == ()


def test_a_file_gone_for_a_moment_is_not_missed(hours: Hours, cameras: Path) -> None:
    cameras.unlink()
    assert hours.look(3) == []
    cameras.write_text(CAMERAS)
    assert hours.look(10) == []


def test_a_file_gone_for_good_leaves_the_sources_and_is_told_once(
    hours: Hours, cameras: Path
) -> None:
    before = load(cameras).sources
    cameras.unlink()
    (found,) = hours.look(100)
    assert found.sources == before
    assert found.problems == (f"{cameras} is gone; what was read from it before stays",)
    cameras.write_text(CAMERAS)
    assert hours.look(5) == [load(cameras)]


def test_a_broken_file_leaves_the_sources_and_is_told_once(hours: Hours, cameras: Path) -> None:
    before = load(cameras).sources
    cameras.write_text(CAMERAS + "[[sources\n")
    (found,) = hours.look(100)
    assert found.sources == before
    (problem,) = found.problems
    assert problem.startswith(f"{cameras}, line 20, column 10: ")
    cameras.write_text(CAMERAS)
    assert hours.look(5) == [load(cameras)]


def test_a_file_that_cannot_be_read_leaves_the_sources_and_is_told_once(
    hours: Hours, cameras: Path
) -> None:
    cameras.rename(cameras.with_name("old"))
    cameras.mkdir()
    (found,) = hours.look(100)
    assert len(found.sources) == 2
    assert found.problems == (f"{cameras} is not a file; what was read from it before stays",)
    cameras.rmdir()
    cameras.with_name("old").rename(cameras)
    assert hours.look(5) == [load(cameras)]


def test_a_file_broken_from_the_beginning_is_told_and_mended(write: Write) -> None:
    path = write("[[sources\n")
    hours = Hours(path)
    (found,) = hours.look(10)
    assert found.sources == ()
    assert "line 1, column 10" in found.problems[0]
    write("[[sources]]\nname = 'a'\nuri = 0\n")
    assert hours.look(5) == [load(path)]


def test_a_link_that_leads_elsewhere_is_noticed(cameras: Path, tmp_path: Path) -> None:
    link, other = tmp_path / "link", tmp_path / "other.toml"
    other.write_text("[[sources]]\nname = 'a'\nuri = 0\n")
    link.symlink_to(cameras)
    hours = Hours(link)
    hours.look(10)
    link.unlink()
    link.symlink_to(other)
    (found,) = hours.look(5)
    assert [source.name for source in found.sources] == ["a"]


def test_a_start_given_as_a_datetime_is_kept_to_the_millisecond(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    begun = datetime(2026, 3, 1, 12, 0, 0, 250_000, timezone.utc)
    add(path, source(uri="a.avi", start=begun, timezone="UTC"))
    assert "start = 2026-03-01T12:00:00.250000Z" in path.read_text()
    assert load(path).sources[0].start == NOON + 250


def test_what_a_variable_in_a_path_stands_for_is_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "opensesame")
    monkeypatch.setenv("HOST", "camera.example")
    path = tmp_path / "sources.toml"
    path.write_text(
        '[[sources]]\nname = "a"\nuri = "rtmp://x:${KEY}@${HOST}/live/${KEY}?t=${KEY}"\n'
    )
    (source,) = load(path).sources
    assert source.uri == "rtmp://x:opensesame@camera.example/live/opensesame?t=opensesame"
    assert source.clean_uri == "rtmp://***@camera.example/live/***?t=***"
    assert source.streamer().uri == source.clean_uri
    shown = repr(source) + str(source.shown()) + repr(source.model_copy(update={"fps": 1.0}))
    assert "opensesame" not in shown
