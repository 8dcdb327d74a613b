"""What is drawn is on a copy, in the picture, and forgotten when it is over."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.conftest import NOON, picture
from tracking.drawing import MOST_FRAMES, PALETTE, TRAIL, Annotator, Look, Trails, colour, scaled
from tracking.frame import Frame, Track

BOXES = Look(labels=False, trails=False)
LABELS = Look(boxes=False, trails=False)
TRAILS = Look(boxes=False, labels=False)


def frame(index: int, *tracks: Track, size: tuple[int, int] = (320, 240)) -> Frame:
    """A tenth of a second after the one before."""
    return Frame(index, NOON + 100 * index, picture(0, size), tracks)


def walker(x: float, y: float = 120, number: int = 1) -> Track:
    return Track(number, "person", 0.9, x, y, 40, 80)


def pixels(image: np.ndarray, number: int = 1) -> np.ndarray:
    """Rows and columns that have the very colour of a track."""
    return np.argwhere((image == colour(number)).all(axis=2))


def edges(image: np.ndarray, number: int = 1) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what has the colour of a track."""
    places = pixels(image, number)
    (top, left), (bottom, right) = places.min(axis=0), places.max(axis=0)
    return left, top, right, bottom


@pytest.mark.parametrize("width", [None, 160])
def test_the_picture_itself_is_left_as_it_is(width: int | None) -> None:
    seen = frame(0, walker(100))
    drawn = Annotator(Look(width=width)).draw(seen)
    assert seen.image.max() == 0
    assert len(pixels(drawn)) > 100


def test_a_box_is_where_its_track_is() -> None:
    drawn = Annotator(BOXES).draw(frame(0, walker(100)))
    assert edges(drawn) == (80, 80, 120, 160)


def test_a_smaller_picture_has_its_box_at_the_same_place() -> None:
    drawn = Annotator(replace(BOXES, width=160)).draw(frame(0, walker(100)))
    assert drawn.shape == (120, 160, 3)
    assert edges(drawn) == (40, 40, 60, 80)


def test_nothing_is_drawn_that_was_not_asked_for() -> None:
    annotator = Annotator(Look(boxes=False, labels=False, trails=False))
    for index in range(5):
        drawn = annotator.draw(frame(index, walker(100 + 10 * index)))
    assert drawn.max() == 0


@pytest.mark.parametrize("x", [-10, 5, 160, 315, 330])
@pytest.mark.parametrize("y", [-20, 0, 60, 239, 300])
@pytest.mark.parametrize("size", [(320, 240), (640, 480)])
def test_a_label_is_whole_wherever_its_track_is(x: float, y: float, size: tuple[int, int]) -> None:
    """The same number of pixels have the label's colour as where there is room all around."""
    free = Annotator(LABELS).draw(frame(0, walker(160), size=size))
    edge = Annotator(LABELS).draw(frame(0, walker(x, y), size=size))
    assert len(pixels(edge)) == len(pixels(free)) > 100


def test_labels_of_people_side_by_side_do_not_cover_each_other() -> None:
    alone = Annotator(LABELS).draw(frame(0, walker(100), size=(640, 480)))
    three = [walker(100 + 10 * number, number=number) for number in (1, 2, 3)]
    drawn = Annotator(LABELS).draw(frame(0, *three, size=(640, 480)))
    shown = [len(pixels(drawn, number)) for number in (1, 2, 3)]
    assert min(shown) > 0.9 * len(pixels(alone))


def test_the_nearer_box_is_drawn_over_the_farther() -> None:
    near, far = walker(100, 130, number=1), walker(110, 120, number=2)
    drawn = Annotator(BOXES).draw(frame(0, near, far))
    assert len(pixels(drawn, 1)) > len(pixels(drawn, 2))
    assert (drawn[100, 80] == colour(1)).all()


def test_a_label_in_a_thumbnail_is_short() -> None:
    large = Annotator(LABELS).draw(frame(0, walker(320), size=(640, 480)))
    small = Annotator(replace(LABELS, width=320)).draw(frame(0, walker(320), size=(640, 480)))
    left, _, right, _ = edges(large)
    assert edges(small)[2] - edges(small)[0] < (right - left) / 2


def test_a_trail_follows_the_feet_and_is_forgotten_later() -> None:
    annotator = Annotator(TRAILS)
    for index in range(10):
        drawn = annotator.draw(frame(index, walker(100 + 5 * index)))
    assert (drawn[160, 102:146] != 0).any(axis=1).all()
    assert annotator.draw(frame(9 + TRAIL // 200)).any()
    assert annotator.draw(frame(11 + TRAIL // 100)).max() == 0


def test_a_trail_gets_thinner_with_time() -> None:
    annotator = Annotator(TRAILS)
    for index in range(1 + TRAIL // 100):
        drawn = annotator.draw(frame(index, walker(40 + 10 * index), size=(640, 480)))
    old, new = drawn[:, 50:150], drawn[:, 330:430]
    assert np.count_nonzero(new.any(axis=2)) > 1.5 * np.count_nonzero(old.any(axis=2))


def test_a_trail_does_not_tremble_with_the_box() -> None:
    annotator = Annotator(TRAILS)
    for index in range(30):
        drawn = annotator.draw(frame(index, walker(20 + 8 * index, 120 + 6 * (-1) ** index)))
    rows = np.argwhere(drawn[:, 60:200].any(axis=(1, 2)))
    assert rows.max() - rows.min() <= 8  # of the 12 that the box moves


def test_a_trail_ends_at_the_feet() -> None:
    annotator = Annotator(TRAILS)
    for index in range(30):
        drawn = annotator.draw(frame(index, walker(20 + 8 * index)))
    assert abs(edges(drawn)[2] - 252) <= 2


def test_an_identity_of_a_new_pass_has_no_trail_of_the_old_one() -> None:
    trails = Trails()
    for index in (7, 8, 9):
        trails.remember(frame(index, walker(100)))
    assert [len(tracks) for _, tracks in trails.past()] == [1, 1, 1]
    trails.remember(frame(0, walker(200)))
    assert trails.past() == ((NOON, (walker(200),)),)


def test_what_is_remembered_is_bounded_however_fast_frames_come() -> None:
    trails = Trails()
    for index in range(3 * MOST_FRAMES):
        trails.remember(Frame(index, NOON + index, picture(0), (walker(100),)))
    assert len(trails.past()) == MOST_FRAMES


def test_neighbouring_numbers_have_different_colours() -> None:
    assert len({colour(number) for number in range(len(PALETTE))}) == len(PALETTE)


@pytest.mark.parametrize("width", [1, 31, 100, 159, 160, 161, 319])
def test_a_picture_is_made_smaller_and_keeps_its_proportions(width: int) -> None:
    rows, columns = np.indices((180, 320))
    gradient = np.dstack([columns * 255 // 319, rows * 255 // 179, 0 * rows]).astype(np.uint8)
    small = scaled(gradient, width)
    assert small.shape == (max(1, round(180 * width / 320)), width, 3)
    if width > 30:
        wanted = cv2.resize(gradient, small.shape[1::-1], interpolation=cv2.INTER_AREA)
        assert cv2.absdiff(small, wanted).max() <= 4


@pytest.mark.parametrize("width", [None, 320, 4000])
def test_a_picture_is_never_made_larger(width: int | None) -> None:
    image = picture(9, (320, 180))
    assert scaled(image, width) is image
