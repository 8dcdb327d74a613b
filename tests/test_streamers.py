"""Streamers give whole JPEGs, carry time, fail clearly and let go of what they opened."""

from __future__ import annotations

import gc
import http.server
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import NOON, MakeClip, ScriptedStreamer, picture
from tracking.errors import (
    SettingsError,
    SourceLost,
    SourceNotFound,
    SourceUnreadable,
    TrackingError,
)
from tracking.streamers import (
    CameraStreamer,
    DirectoryStreamer,
    VideoStreamer,
    jpeg,
    mjpeg,
    open_source,
)


def is_jpeg(data: bytes) -> bool:
    return data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9"


def open_files(path: Path) -> int:
    links = [Path("/proc/self/fd") / fd for fd in os.listdir("/proc/self/fd")]
    return sum(os.path.realpath(link) == str(path) for link in links)


def test_looping_a_video_gives_one_whole_jpeg_for_each_frame(make_clip: MakeClip) -> None:
    pictures = list(VideoStreamer(make_clip(frames=8)))
    assert len(pictures) == 8
    assert all(is_jpeg(data) for data in pictures)


def test_a_streamer_can_be_looped_again(make_clip: MakeClip) -> None:
    streamer = VideoStreamer(make_clip(frames=5))
    assert list(streamer) == list(streamer)


def test_next_gives_one_picture_at_a_time_and_begins_again_after_the_end(
    make_clip: MakeClip,
) -> None:
    streamer = VideoStreamer(make_clip(frames=2))
    first = next(streamer)
    next(streamer)
    with pytest.raises(StopIteration):
        next(streamer)
    assert next(streamer) == first
    streamer.close()


def test_frames_are_the_pictures_in_their_order(make_clip: MakeClip) -> None:
    shades = [frame.image[0, 0, 0] for frame in VideoStreamer(make_clip(frames=6)).frames()]
    assert np.allclose(shades, [0, 10, 20, 30, 40, 50], atol=3)


def test_nothing_is_opened_before_the_loop(tmp_path: Path) -> None:
    VideoStreamer(tmp_path / "not-there.mp4")
    CameraStreamer("rtsp://127.0.0.1:9/none")


@pytest.mark.parametrize("way", ["break", "error", "garbage", "end"])
def test_the_file_is_released_however_the_loop_ends(make_clip: MakeClip, way: str) -> None:
    path = make_clip()
    frames = iter(VideoStreamer(path))
    next(frames)
    assert open_files(path) == 1
    if way == "end":
        list(frames)
    elif way == "error":
        with pytest.raises(RuntimeError):
            frames.throw(RuntimeError("boom"))
    elif way == "break":
        frames.close()
    else:
        del frames
        gc.collect()
    assert open_files(path) == 0


def test_a_frames_time_is_the_start_plus_its_position_in_the_media(make_clip: MakeClip) -> None:
    streamer = VideoStreamer(make_clip(frames=4, fps=10), start="2026-03-01T12:00:00Z")
    assert [frame.t - NOON for frame in streamer.frames()] == [0, 100, 200, 300]


def test_a_start_without_a_zone_is_in_the_sources_zone(make_clip: MakeClip) -> None:
    path = make_clip()
    streamer = VideoStreamer(path, start="2026-03-01T13:00", timezone="Europe/Berlin")
    assert next(streamer.frames()).t == NOON


def test_fps_overrides_a_wrong_header(make_clip: MakeClip) -> None:
    streamer = VideoStreamer(make_clip(frames=3, fps=10), start=NOON, fps=4)
    assert [frame.t - NOON for frame in streamer.frames()] == [0, 250, 500]


def test_without_a_start_a_video_begins_now(make_clip: MakeClip) -> None:
    before = time.time() * 1000
    frame = next(VideoStreamer(make_clip()).frames())
    assert before - 1 <= frame.t <= time.time() * 1000


def test_time_comes_from_the_container_where_frames_are_uneven(tmp_path: Path) -> None:
    from tracking.recording import VideoRecorder

    with VideoRecorder(tmp_path / "uneven.mp4") as recorder:
        for t in (0, 40, 500, 540, 2000):
            recorder.write(picture(100), NOON + t)
    streamer = VideoStreamer(tmp_path / "uneven.mp4", start=NOON)
    assert [frame.t - NOON for frame in streamer.frames()] == [0, 40, 500, 540, 2000]


def test_a_folder_is_read_in_natural_order(tmp_path: Path) -> None:
    for number, shade in ((10, 200), (2, 100), (1, 0)):
        cv2.imwrite(str(tmp_path / f"frame{number}.png"), picture(shade))
    (tmp_path / "notes.txt").write_text("not a picture")
    frames = list(DirectoryStreamer(tmp_path, start=NOON, fps=5).frames())
    assert [frame.image[0, 0, 0] for frame in frames] == [0, 100, 200]
    assert [frame.t - NOON for frame in frames] == [0, 200, 400]


def test_broken_pictures_among_good_ones_are_skipped_and_reported(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), picture(0))
    (tmp_path / "2.png").write_bytes(b"this is no picture")
    cv2.imwrite(str(tmp_path / "3.png"), picture(50))
    streamer = DirectoryStreamer(tmp_path)
    assert [frame.index for frame in streamer.frames()] == [0, 2]
    assert streamer.problems == ["2.png is broken and was skipped"]


def test_pictures_of_another_size_are_brought_to_the_first_ones(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), picture(0, (64, 48)))
    cv2.imwrite(str(tmp_path / "2.png"), picture(0, (128, 96)))
    shapes = {frame.image.shape for frame in DirectoryStreamer(tmp_path).frames()}
    assert shapes == {(48, 64, 3)}


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=f"no picture .* in {tmp_path}"):
        list(DirectoryStreamer(tmp_path))


def test_a_folder_of_broken_pictures_is_named(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"nothing")
    with pytest.raises(SourceUnreadable, match=f"None of the 1 pictures in {tmp_path}"):
        list(DirectoryStreamer(tmp_path))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound, match=r"no folder .*/none"):
        list(DirectoryStreamer(tmp_path / "none"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound, match=r"no file .*none\.mp4"):
        list(VideoStreamer(tmp_path / "none.mp4"))


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(SourceUnreadable, match=r"empty\.mp4 is empty"):
        list(VideoStreamer(tmp_path / "empty.mp4"))


def test_a_text_file_is_not_a_video(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.mp4").write_text("once upon a time " * 500)
    with pytest.raises(SourceUnreadable, match=r"text\.mp4 is not a video"):
        list(VideoStreamer(tmp_path / "text.mp4"))
    assert capfd.readouterr().err == ""  # FFmpeg's own complaints are kept quiet


def test_a_folder_given_as_a_video_is_called_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="is a folder"):
        list(VideoStreamer(tmp_path))


def test_a_truncated_video_gives_what_is_there_and_then_says_so(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    whole = make_clip(frames=60).read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole[: len(whole) // 2])
    frames = []
    with pytest.raises(SourceLost, match=r"cut\.avi is cut off or damaged: \d+ of the 60 frames"):
        for frame in VideoStreamer(cut).frames():
            frames.append(frame.index)
    assert 10 < len(frames) < 40


@pytest.mark.parametrize(
    "name", ["%03d.avi", "a:b.avi", "concat:x.avi", "né ☂ 'q' \".avi", "-y.avi"]
)
def test_a_hostile_file_name_is_only_a_name(make_clip: MakeClip, name: str) -> None:
    path = make_clip().rename(name)
    assert len(list(VideoStreamer(path.name))) == 8


@pytest.mark.parametrize("fps", [0, -5, 1e9])
def test_an_impossible_frame_rate_is_refused(fps: float) -> None:
    with pytest.raises(SettingsError, match="frames a second is out of range"):
        VideoStreamer("clip.avi", fps=fps)


def test_a_camera_that_is_not_there_is_named() -> None:
    with pytest.raises(SourceNotFound, match="No camera opens as device 97"):
        list(CameraStreamer(97))


class OurMjpeg(http.server.BaseHTTPRequestHandler):
    """A web program that shows a streamer of ten pictures."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", mjpeg.content_type)
        self.end_headers()
        for part in mjpeg(ScriptedStreamer(10)):
            self.wfile.write(part)
            time.sleep(0.02)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OurMjpeg)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}/live"
    httpd.shutdown()
    httpd.server_close()


def test_our_own_mjpeg_is_a_stream_that_can_be_watched(server: str) -> None:
    frames = []
    with pytest.raises(SourceLost, match="stopped giving pictures after 10 frames"):
        for frame in CameraStreamer(server).frames():
            frames.append(frame)
    assert len(frames) >= 8
    assert frames[0].image.shape == (480, 640, 3)


def test_our_own_mjpeg_is_a_stream_that_opencv_reads(server: str) -> None:
    capture, pictures = cv2.VideoCapture(server), 0
    while capture.read()[0]:
        pictures += 1
    capture.release()
    assert pictures >= 9  # its demuxer needs the next boundary to end the last picture


def test_mjpeg_parts_say_how_long_each_picture_is() -> None:
    part = next(iter(mjpeg(ScriptedStreamer(1))))
    head, _, body = part.partition(b"\r\n\r\n")
    assert head.startswith(b"--frame\r\nContent-Type: image/jpeg\r\n")
    assert f"Content-Length: {len(body) - 2}".encode() in head
    assert is_jpeg(body[:-2])
    assert mjpeg.content_type == "multipart/x-mixed-replace; boundary=frame"


def test_what_a_person_types_finds_its_streamer(tmp_path: Path) -> None:
    assert isinstance(open_source("0"), CameraStreamer)
    assert isinstance(open_source("RTSP://host/x"), CameraStreamer)
    assert isinstance(open_source(str(tmp_path)), DirectoryStreamer)
    assert isinstance(open_source("film.mp4"), VideoStreamer)


def test_jpeg_keeps_the_picture() -> None:
    decoded = cv2.imdecode(np.frombuffer(jpeg(picture(120)), np.uint8), cv2.IMREAD_COLOR)
    assert abs(int(decoded[5, 5, 0]) - 120) <= 2


def test_a_video_whose_time_begins_late_is_whole_and_begins_at_its_start(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "late.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 48
        for number in range(40):
            frame = av.VideoFrame.from_ndarray(picture(100), format="bgr24")
            frame.pts = 2500 + number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    times = [frame.t - NOON for frame in VideoStreamer(tmp_path / "late.mkv", start=NOON).frames()]
    assert times == [40 * number for number in range(40)]


@pytest.mark.parametrize("name", ["half.jpg", "half.png"])
def test_half_a_picture_is_broken_and_c_libraries_keep_quiet(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    for file in ("1.png", name):
        cv2.imwrite(str(tmp_path / file), noise)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    streamer = DirectoryStreamer(tmp_path)
    assert len(list(streamer)) == 1
    assert streamer.problems == [f"{name} is broken and was skipped"]
    assert capfd.readouterr().err == ""


def test_a_picture_too_large_for_opencv_is_skipped(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), picture(0))
    data = bytearray((tmp_path / "1.png").read_bytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    (tmp_path / "2.png").write_bytes(data)
    streamer = DirectoryStreamer(tmp_path)
    assert len(list(streamer)) == 1
    assert streamer.problems == ["2.png is broken and was skipped"]


@pytest.mark.parametrize("name", ["bad\udcff.mp4", ""])
def test_a_name_that_cannot_be_stored_is_refused(make_clip: MakeClip, name: str) -> None:
    with pytest.raises(TrackingError, match="name"):
        list(VideoStreamer(make_clip(), name=name))


def test_what_is_no_regular_file_is_named() -> None:
    with pytest.raises(SourceUnreadable, match="/dev/null is not a regular file"):
        list(VideoStreamer("/dev/null"))
