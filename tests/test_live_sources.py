"""Live sources, watched over real connections: low delay, and every failure ends in words."""

from __future__ import annotations

import gc
import http.server
import os
import re
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from statistics import median

import av
import cv2
import numpy as np
import pytest

from benchmarks.stamps import Stamp, read_stamp, stamp
from tests.conftest import ROOT, picture
from tests.servers import HttpCamera, MjpegCamera, RtspCamera, Scene, TsCamera
from tracking.cameras import feed, ffmpeg
from tracking.cameras.clock import Clock
from tracking.errors import (
    SourceDenied,
    SourceError,
    SourceLost,
    SourceNotFound,
    SourceUnreadable,
)
from tracking.frame import Frame
from tracking.streamers import CameraStreamer
from tracking.times import now_ms

AnyCamera = MjpegCamera | TsCamera | RtspCamera
KINDS = {"mjpeg": MjpegCamera, "ts": TsCamera, "rtsp": RtspCamera}


@pytest.fixture(scope="session")
def no_rtsp() -> str | None:
    return RtspCamera.missing()


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest, no_rtsp: str | None) -> type[AnyCamera]:
    if request.param == "rtsp" and no_rtsp:
        pytest.skip(no_rtsp)
    return KINDS[request.param]


@pytest.fixture
def camera(kind: type[AnyCamera]) -> Iterator[AnyCamera]:
    with kind() as running:
        yield running


@pytest.fixture
def mjpeg() -> Iterator[MjpegCamera]:
    with MjpegCamera() as running:
        yield running


def seen(frame: Frame) -> Stamp:
    found = read_stamp(frame.image)
    assert found is not None, "the picture is damaged"
    return found


def delay(frame: Frame) -> int:
    """Milliseconds from the making of the picture to now."""
    return now_ms() - seen(frame).sent


@contextmanager
def within(seconds: float) -> Generator[None, None, None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def watched(streamer: CameraStreamer, frames: list[Frame]) -> None:
    """Watch to the end, keeping what was seen also where the end is an error."""
    for frame in streamer.frames():
        frames.append(frame)


def after(count: int, act: Callable[[], object]) -> Callable[[CameraStreamer], int]:
    """Watch `count` pictures, do something, and watch on to the end; how many came after it."""

    def watch(streamer: CameraStreamer) -> int:
        number = 0
        for number, frame in enumerate(streamer.frames(), start=1 - count):
            seen(frame)
            if number == 0:
                act()
        return number

    return watch


# delay


@pytest.mark.slow
def test_a_picture_arrives_as_early_as_its_format_allows(kind: type[AnyCamera]) -> None:
    """FFmpeg knows that a picture is whole when the next one begins, in a TS one later still."""
    with kind(fps=5) as camera:
        frames = islice(CameraStreamer(camera.url).frames(), 12)
        delays = [delay(frame) for frame in frames]
    pictures_late = {"mjpeg": 0, "ts": 2, "rtsp": 1}[{v: k for k, v in KINDS.items()}[kind]]
    assert median(delays[-8:]) < (pictures_late + 0.5) * 200


@pytest.mark.slow
def test_a_loop_that_was_held_up_goes_on_with_the_newest_picture(camera: AnyCamera) -> None:
    frames = CameraStreamer(camera.url).frames()
    before = [next(frames) for _ in range(5)][-1]
    time.sleep(2)
    now = [next(frames) for _ in range(3)][-1]
    assert delay(now) < 400
    assert now.index - before.index == seen(now).number - seen(before).number > 40
    assert now.t - before.t > 1900
    frames.close()


def test_a_slow_loop_passes_pictures_over_and_does_not_fall_behind(mjpeg: MjpegCamera) -> None:
    delays, numbers = [], []
    for frame in islice(CameraStreamer(mjpeg.url).frames(), 15):
        delays.append(delay(frame))
        numbers.append(frame.index)
        time.sleep(0.1)
    assert median(delays) < 200  # falling behind, it would be at half a second by now
    assert 1.5 < median(np.diff(numbers)) < 4


def test_no_more_pictures_than_wanted_come_and_the_others_are_not_converted(
    kind: type[AnyCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    converted = []
    convert = ffmpeg.Converter.__call__
    monkeypatch.setattr(
        ffmpeg.Converter,
        "__call__",
        lambda self, frame: converted.append(0) or convert(self, frame),
    )
    with kind() as camera:
        frames = list(islice(CameraStreamer(camera.url, max_fps=10).frames(), 12))
    assert len(converted) == 12
    assert 80 <= (frames[-1].t - frames[1].t) / 10 <= 160
    assert frames[-1].index - frames[1].index >= 20


# what ends a stream


def test_a_camera_that_falls_silent_is_given_up_in_time(camera: AnyCamera) -> None:
    watch = after(5, lambda: setattr(camera, "silent", True))
    with within(5), pytest.raises(SourceLost, match=r"/live stopped giving .*: nothing came for 2"):
        watch(CameraStreamer(camera.url, timeout=2))


def test_a_camera_that_was_switched_off_is_lost_at_once_and_can_be_watched_again(
    camera: AnyCamera,
) -> None:
    streamer = CameraStreamer(camera.url, timeout=8)
    with within(4), pytest.raises(SourceLost, match="stopped giving pictures after"):
        after(5, camera.stop)(streamer)
    with within(1), pytest.raises(SourceNotFound, match="nobody listens there"):
        next(streamer.frames())
    camera.start()
    assert len(list(islice(streamer.frames(), 3))) == 3


def test_a_broken_connection_ends_the_loop_in_words(mjpeg: MjpegCamera) -> None:
    with pytest.raises(SourceLost, match="the connection was broken off"):
        after(5, mjpeg.kill)(CameraStreamer(mjpeg.url))


def test_a_trickle_is_no_picture(mjpeg: MjpegCamera) -> None:
    watch = after(5, lambda: setattr(mjpeg, "pace", 300))
    with within(3), pytest.raises(SourceLost, match="nothing came for 1 s"):
        watch(CameraStreamer(mjpeg.url, timeout=1))


def test_another_size_ends_the_loop_and_the_next_one_begins_with_it(camera: AnyCamera) -> None:
    streamer = CameraStreamer(camera.url)
    watch = after(5, lambda: setattr(camera, "size", (480, 360)))
    with pytest.raises(SourceLost, match="changed its size from 320x240 to 480x360"):
        watch(streamer)
    if isinstance(camera, RtspCamera):  # GStreamer goes on with the pictures that it has
        time.sleep(1)
    assert next(streamer.frames()).image.shape == (360, 480, 3)


def test_a_camera_that_sends_only_broken_pictures_is_given_up(mjpeg: MjpegCamera) -> None:
    mjpeg.broken = 10_000
    streamer = CameraStreamer(mjpeg.url, timeout=1)
    with within(3), pytest.raises(SourceUnreadable, match="only broken pictures came for 1 s"):
        next(streamer.frames())
    mjpeg.broken = 0
    with within(3), pytest.raises(SourceLost, match="only broken pictures came for 1 s"):
        after(5, lambda: setattr(mjpeg, "broken", 10_000))(streamer)


def test_a_broken_picture_long_ago_is_not_blamed_for_silence(mjpeg: MjpegCamera) -> None:
    def fault() -> None:
        mjpeg.broken = 1
        threading.Timer(0.5, lambda: setattr(mjpeg, "silent", True)).start()

    with pytest.raises(SourceLost, match="nothing came for 1 s"):
        after(5, fault)(CameraStreamer(mjpeg.url, timeout=1))


# what does not


def test_broken_pictures_and_noise_are_skipped_and_counted(mjpeg: MjpegCamera) -> None:
    streamer, numbers = CameraStreamer(mjpeg.url), []
    for count, frame in enumerate(islice(streamer.frames(), 30)):
        numbers.append(seen(frame).number)
        if count == 5:
            mjpeg.garbage = 5000
        if count == 10:
            mjpeg.broken = 3
    assert numbers == sorted(numbers)
    (problem,) = streamer.problems
    assert re.fullmatch(r"[123] broken pictures? w(as|ere) skipped", problem)


def test_a_damaged_picture_and_those_made_from_it_are_never_given() -> None:
    scene, damaged = Scene(), 0
    with TsCamera() as camera:
        streamer = CameraStreamer(camera.url)
        for count, frame in enumerate(islice(streamer.frames(), 60)):
            if count % 20 == 10:
                camera.garbage = 1
            truth = scene.picture(seen(frame).number, camera.size)
            stamp(truth, seen(frame).number, seen(frame).sent)
            damaged += cv2.PSNR(truth, frame.image) < 30
    assert damaged == 0
    assert re.match(r"\d+ broken picture", streamer.problems[0])


def test_parts_without_a_length_or_with_another_name_are_read(mjpeg: MjpegCamera) -> None:
    mjpeg.lengths = False
    mjpeg.content_type = "text/html"
    numbers = [seen(frame).number for frame in islice(CameraStreamer(mjpeg.url).frames(), 10)]
    assert numbers == sorted(set(numbers))


def test_a_frozen_camera_goes_on_giving_its_picture(mjpeg: MjpegCamera) -> None:
    mjpeg.frozen = True
    frames = list(islice(CameraStreamer(mjpeg.url).frames(), 5))
    assert len({seen(frame) for frame in frames}) == 1
    assert len({frame.t for frame in frames}) == 5


def test_a_camera_that_only_sends_over_udp_is_watched_too(no_rtsp: str | None) -> None:
    if no_rtsp:
        pytest.skip(no_rtsp)
    with RtspCamera("--udp") as camera:
        assert len([seen(frame) for frame in islice(CameraStreamer(camera.url).frames(), 10)]) == 10


# opening

SECRET = "s3cr:t@x"
ENCODED = "us%20er:s3cr%3At%40x"


def test_credentials_open_what_is_locked_and_others_do_not(kind: type[AnyCamera]) -> None:
    for access in ("Basic", "Digest"):
        if kind is RtspCamera:
            asked = [
                "--user",
                "us er",
                "--password",
                SECRET,
                *(["--digest"] * (access == "Digest")),
            ]
            camera: AnyCamera = RtspCamera(*asked)
        else:
            camera = kind()
            assert isinstance(camera, HttpCamera)
            camera.credentials, camera.access = f"us er:{SECRET}", access
        with camera:
            assert seen(next(CameraStreamer(camera.url_for(ENCODED)).frames()))
            with pytest.raises(SourceDenied, match="does not accept the user name and password"):
                next(CameraStreamer(camera.url_for("us%20er:wrong")).frames())
            with pytest.raises(SourceDenied, match="asks for the user name and password"):
                next(CameraStreamer(camera.url).frames())


def test_a_server_that_wants_another_kind_of_proof_refuses_in_words(mjpeg: MjpegCamera) -> None:
    mjpeg.credentials, mjpeg.access = "us er:wrong", "Bearer"
    refused(CameraStreamer(mjpeg.url_for(ENCODED)), SourceDenied, "does not accept")


def test_a_redirection_is_followed_and_takes_no_password_elsewhere(mjpeg: MjpegCamera) -> None:
    with MjpegCamera() as other:
        mjpeg.location = other.url
        assert seen(next(CameraStreamer(mjpeg.url_for(ENCODED)).frames()))
        other.credentials = f"us er:{SECRET}"
        with pytest.raises(SourceDenied):
            next(CameraStreamer(mjpeg.url_for(ENCODED)).frames())


def without_answer(camera: MjpegCamera) -> None:
    camera.silent = True


def with_endless_headers(camera: MjpegCamera) -> None:
    camera.endless = True


def leading_in_circles(camera: MjpegCamera) -> None:
    camera.location = camera.url


def with_a_page(camera: MjpegCamera) -> None:
    camera.page = "<html>Welcome to your camera</html>"


def with_nonsense(camera: MjpegCamera) -> None:
    camera.page = "\x01\x02nonsense" * 5000


def answering(status: int) -> Callable[[MjpegCamera], None]:
    return lambda camera: setattr(camera, "status", status)


@pytest.mark.parametrize(("fault", "error", "why"), [
    (without_answer, SourceNotFound, "nothing answered with one within 1 s"),
    (with_endless_headers, SourceNotFound, "nothing answered with one within 1 s"),
    (leading_in_circles, SourceUnreadable, r"leads from one address to the next \(302\)"),
    (with_a_page, SourceUnreadable, r"but a page \(text/html\)"),
    (with_nonsense, SourceUnreadable, "what comes from there is not a video"),
    (answering(401), SourceDenied, r"does not accept the user name and password \(401\)"),
    (answering(403), SourceDenied, r"refuses access \(403\)"),
    (answering(404), SourceNotFound, r"has nothing under that path \(404\)"),
    (answering(500), SourceUnreadable, "answers 500 Internal Server Error"),
    (MjpegCamera.stop, SourceNotFound, r"nobody listens there \(connection refused\)"),
])  # fmt: skip
def test_what_cannot_be_opened_says_why_and_keeps_its_secrets(
    fault: Callable[[MjpegCamera], None],
    error: type[SourceError],
    why: str,
    mjpeg: MjpegCamera,
    capfd: pytest.CaptureFixture[str],
) -> None:
    fault(mjpeg)
    address = mjpeg.url_for(ENCODED) + "?token=t0k3n"
    refused(CameraStreamer(address, timeout=1), error, why)
    assert capfd.readouterr() == ("", "")  # FFmpeg's own complaints are kept quiet


@pytest.mark.parametrize(("address", "error", "why"), [
    ("rtsp://127.0.0.1:9/live", SourceNotFound, "nobody listens there"),
    ("rtsp://no-such-host.invalid/live", SourceNotFound, "there is no host of that name"),
    ("http://no-such-host.invalid/live", SourceNotFound, "there is no host of that name"),
    ("http://exa mple/live", SourceNotFound, "not an address that can be opened"),
    ("http://[::1/live", SourceNotFound, "not an address that can be opened"),
    ("nonsense://127.0.0.1/live", SourceNotFound, "of that kind cannot be opened"),
])  # fmt: skip
def test_an_address_that_leads_nowhere_says_why_and_keeps_its_secrets(
    address: str, error: type[SourceError], why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    locked = address.replace("//", f"//{ENCODED}@") + "?token=t0k3n"
    refused(CameraStreamer(locked, timeout=2), error, why)
    assert capfd.readouterr() == ("", "")


def test_an_rtsp_server_without_that_path_or_without_an_answer_says_so(no_rtsp: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"rtsp://{ENCODED}@127.0.0.1:{silent.getsockname()[1]}/live"
        refused(CameraStreamer(address, timeout=1), SourceNotFound, "nothing answered with one")
    if no_rtsp:
        pytest.skip(no_rtsp)
    with RtspCamera() as camera:
        address = camera.url_for(ENCODED) + "x"
        refused(CameraStreamer(address, timeout=2), SourceNotFound, "nothing under that path")


def refused(streamer: CameraStreamer, error: type[SourceError], why: str) -> None:
    with within(streamer.timeout + 1.5), pytest.raises(error, match=why) as caught:
        next(streamer.frames())
    told = "".join(traceback.format_exception(caught.value, chain=True))
    told += "".join(map(repr, (caught.value.__context__, caught.value.__cause__)))
    told += f"{streamer.uri} {streamer.name} {streamer.problems} {streamer!r}"
    assert re.search("s3cr|us%20er|us er|t0k3n", told) is None


# ending a loop from outside


def test_a_loop_is_stopped_from_another_thread_while_its_camera_is_silent(
    camera: AnyCamera,
) -> None:
    streamer, frames = CameraStreamer(camera.url, timeout=20), []
    thread = threading.Thread(target=watched, args=[streamer, frames])
    thread.start()
    wait_until(lambda: len(frames) > 2)
    camera.silent = True
    time.sleep(0.3)
    with within(1.5):
        streamer.stop()
        thread.join()
    assert list(streamer.frames()) == []  # for good
    if isinstance(camera, HttpCamera):  # FFmpeg's own reads end only with their time
        assert not readers()


@pytest.mark.parametrize("before", [0.0, 0.05])
def test_a_loop_that_is_still_opening_is_stopped_too(mjpeg: MjpegCamera, before: float) -> None:
    mjpeg.silent = True
    streamer = CameraStreamer(mjpeg.url, timeout=20)
    thread = threading.Thread(target=watched, args=[streamer, []])
    thread.start()
    time.sleep(before)
    with within(1.5):
        streamer.stop()
        thread.join()


def test_closing_ends_what_next_began_from_any_thread_and_it_can_begin_again(
    mjpeg: MjpegCamera,
) -> None:
    streamer = CameraStreamer(mjpeg.url, timeout=20)
    assert next(streamer)[:2] == b"\xff\xd8"
    mjpeg.silent = True
    threading.Timer(0.3, streamer.close).start()
    with within(2), pytest.raises(StopIteration):
        while True:
            next(streamer)
    mjpeg.silent = False
    assert next(streamer)[:2] == b"\xff\xd8"
    streamer.close()
    wait_until(lambda: mjpeg.clients == 0)


def test_nothing_is_left_behind_however_often_a_camera_is_watched(camera: AnyCamera) -> None:
    def once() -> tuple[int, int]:
        list(islice(CameraStreamer(camera.url).frames(), 2))
        gc.collect()
        return len(readers()), len(os.listdir("/proc/self/fd"))

    camera.fps = 50
    once()
    if isinstance(camera, HttpCamera):
        wait_until(lambda: camera.clients == 0)
    counts = [once() for _ in range(4)]
    assert counts[-1][0] == 0
    assert counts[-1][1] <= counts[0][1] + 1


@pytest.mark.slow
def test_a_program_ends_at_once_though_its_camera_is_silent(camera: AnyCamera) -> None:
    program = (
        "import sys; from tracking import CameraStreamer\n"
        "for frame in CameraStreamer(sys.argv[1], timeout=15).frames():\n"
        "    print(frame.index, flush=True)\n"
        "    if sys.stdin.readline() == 'end\\n': sys.exit(7)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, camera.url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()  # of a live source, the newest frame
    camera.silent = True
    time.sleep(0.3)
    with within(4):
        _, complaints = process.communicate("end\n", timeout=20)
    assert (process.returncode, complaints) == (7, "")


# recordings and playlists on a web server


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))
    )
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def record(path: Path, scene: Scene, frames: int, **options: str) -> Iterator[None]:
    """Write a clip, one picture at a time."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 320, 240
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "25"}
        for number in range(frames):
            image = scene.picture(number, (320, 240))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
            yield
        container.mux(stream.encode())


@pytest.mark.parametrize("name", ["clip.mp4", "clip.ts"])
def test_a_recording_on_a_web_server_is_read_picture_by_picture_to_its_end(
    name: str, web: str, tmp_path: Path
) -> None:
    list(record(tmp_path / name, Scene(), 50))
    numbers = [seen(frame).number for frame in CameraStreamer(f"{web}/{name}").frames()]
    assert numbers == list(range(50))


@pytest.mark.slow
def test_a_playlist_that_grows_is_watched_at_its_own_pace(web: str, tmp_path: Path) -> None:
    def film() -> None:
        begun = time.monotonic()
        options = {"hls_time": "1", "hls_list_size": "4", "hls_flags": "delete_segments"}
        for number, _ in enumerate(record(tmp_path / "live.m3u8", Scene(), 150, **options)):
            time.sleep(max(0.0, begun + number / 25 - time.monotonic()))

    thread = threading.Thread(target=film)
    thread.start()
    wait_until((tmp_path / "live.m3u8").exists)
    times = [f.t for f in islice(CameraStreamer(f"{web}/live.m3u8").frames(), 40)]
    assert median(np.diff(times)) == pytest.approx(40, abs=10)
    thread.join()


# local cameras


class ScriptedCapture:
    """What OpenCV gives for a local camera: fifty shades, and then the cable is pulled."""

    opened = True

    def __init__(self, device: int) -> None:
        self.number = -1

    def isOpened(self) -> bool:
        return self.opened

    def get(self, _property: int) -> float:
        return 50.0

    def grab(self) -> bool:
        self.number += 1
        time.sleep(0.01)
        return self.number < 50

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        broken = self.number == 10
        return (False, None) if broken else (True, picture(self.number * 5))

    def release(self) -> None: ...


def test_a_local_camera_gives_its_newest_picture_until_it_is_pulled_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed.cv2, "VideoCapture", ScriptedCapture)
    streamer, frames = CameraStreamer(3), []
    with pytest.raises(SourceLost, match="Camera 3 stopped giving pictures after 50 frames"):
        for frame in streamer.frames():
            frames.append(frame)
            if frame.index == 20:
                time.sleep(0.1)
    assert all(abs(int(frame.image[0, 0, 0]) - frame.index * 5) <= 1 for frame in frames)
    assert 25 <= next(frame.index for frame in frames if frame.index > 20) <= 40
    assert streamer.fps == 50
    assert streamer.problems == ["1 broken picture was skipped"]


# capture times


def test_a_frames_time_is_when_its_picture_came(mjpeg: MjpegCamera) -> None:
    frames = list(islice(CameraStreamer(mjpeg.url).frames(), 10))
    late = [frame.t - seen(frame).sent for frame in frames]
    assert min(late) >= -2
    assert median(late) < 100
    assert all(later.t > earlier.t for earlier, later in pairwise(frames))


class Hands:
    """The hands of two clocks: one that people set, and one that only runs."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000_000, 5_000

    def run(self, ms: int) -> None:
        self.wall, self.steady = self.wall + ms, self.steady + ms


def test_capture_times_go_on_when_the_clock_is_set_back_and_follow_it_when_set_forward() -> None:
    hands = Hands()
    clock = Clock(lambda: hands.wall, lambda: hands.steady * 1_000_000)
    assert clock.now() == 1_000_000
    hands.run(40)
    hands.wall -= 3_600_000
    assert clock.now() == 1_000_040
    hands.run(40)
    hands.wall += 3_600_000 + 500
    assert clock.now() == 1_000_080  # a little ahead is not followed
    hands.run(40)
    hands.wall += 60_000
    assert clock.now() == 1_060_620


# the stamps that all this is measured with


def test_a_stamp_survives_a_small_and_bad_copy_and_damage_is_noticed() -> None:
    image = stamp(Scene().picture(0, (640, 480)), 4711, 1_772_366_400_123)
    small = cv2.resize(image, (320, 240), interpolation=cv2.INTER_AREA)
    bad = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], 1)
    assert read_stamp(bad) == Stamp(4711, 1_772_366_400_123)
    bad[10:18, 10:18] = 255 - bad[10:18, 10:18]
    assert read_stamp(bad) is None
    assert read_stamp(picture(128, (320, 240))) is None


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("camera ")]


def wait_until(happened: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
