"""JPEGs are found in whatever a camera sends, whole and at once."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from tracking.cameras.ffmpeg import JpegDecoder
from tracking.cameras.jpegs import LARGEST, jpegs

NOISE = np.random.default_rng(1)


def jpeg(shade: int = 0, *, options: tuple[int, ...] = ()) -> bytes:
    image = NOISE.integers(shade, shade + 100, (48, 64, 3), np.uint8)
    return cv2.imencode(".jpg", image, options)[1].tobytes()


def part(data: bytes, head: str = "Content-Type: image/jpeg") -> bytes:
    return f"--frame\r\n{head}\r\n\r\n".encode() + data + b"\r\n"


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_pictures_are_found_however_the_bytes_arrive(size: int) -> None:
    pictures = [jpeg(), jpeg(50), jpeg(100)]
    sent = b"".join(part(picture) for picture in pictures)
    assert list(jpegs(pieces(sent, size))) == pictures


def test_a_picture_is_given_with_its_last_byte() -> None:
    first, second = jpeg(), jpeg(50)
    sent = iter([part(first)[:-2], part(second)])
    assert next(jpegs(sent)) == first
    assert next(sent) == part(second)  # it was not waited for


@pytest.mark.parametrize("options", [
    (cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    (cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
])  # fmt: skip
def test_every_kind_of_jpeg_is_found_whole(options: tuple[int, ...]) -> None:
    picture = jpeg(options=options)
    assert list(jpegs([part(picture) * 2])) == [picture, picture]
    assert JpegDecoder().decode(picture) is not None


def test_a_preview_inside_a_picture_is_not_a_picture_of_its_own() -> None:
    picture, preview = jpeg(), jpeg(100)
    segment = b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview
    picture = picture[:2] + segment + picture[2:]
    assert list(jpegs(pieces(part(picture) * 2, 500))) == [picture, picture]


def test_noise_between_pictures_is_passed_over() -> None:
    first, second = jpeg(), jpeg(50)
    assert list(jpegs([part(first), NOISE.bytes(9000), part(second)])) == [first, second]


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.8])
def test_a_picture_that_breaks_off_does_not_take_the_next_one_with_it(cut: float) -> None:
    first, torn, last = jpeg(), jpeg(50), jpeg(100)
    torn = torn[: int(len(torn) * cut)]
    found = list(jpegs(pieces(part(first) + part(torn) + part(last), 300)))
    assert (found[0], found[-1]) == (first, last)
    assert JpegDecoder().decode(found[1]) is None


def test_a_start_without_a_picture_does_not_take_the_next_one_with_it() -> None:
    picture = jpeg()
    found = list(jpegs(pieces(b"\xff\xd8\xff" + NOISE.bytes(3000) + part(picture), 300)))
    assert found[-1] == picture


def test_a_picture_that_never_ends_is_given_up_before_it_fills_the_memory() -> None:
    picture = jpeg()
    endless = iter([picture[:-2], *[bytes(1 << 20)] * ((LARGEST >> 20) + 9), part(picture)])
    found = jpegs(endless)
    assert LARGEST < len(next(found)) < LARGEST + (3 << 20)
    assert next(found) == picture


@pytest.mark.parametrize("damage", ["half", "half and its end", "bytes", "nothing"])
def test_a_damaged_picture_is_none_and_c_libraries_keep_quiet(
    damage: str, capfd: pytest.CaptureFixture[str]
) -> None:
    picture = jpeg()
    middle = len(picture) // 2
    damaged = {
        "half": picture[:middle],
        "half and its end": picture[:middle] + b"\xff\xd9",
        "bytes": picture[:middle] + NOISE.bytes(200) + picture[middle + 200 :],
        "nothing": b"",
    }[damage]
    decoder = JpegDecoder()
    assert decoder.decode(damaged) is None
    assert decoder.decode(picture) is not None  # and the next one is whole again
    assert capfd.readouterr() == ("", "")


def test_a_picture_with_oddities_that_do_no_harm_is_whole() -> None:
    picture = jpeg()
    for odd in (picture[:-2], picture + bytes(37), picture[:-2] + b"\x11" + picture[-2:]):
        assert JpegDecoder().decode(odd) is not None


def test_a_picture_of_more_pixels_than_any_camera_has_is_refused() -> None:
    large = cv2.imencode(".jpg", np.zeros((8000, 8001), np.uint8))[1].tobytes()
    assert JpegDecoder().decode(large) is None
