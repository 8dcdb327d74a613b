"""What is drawn is on a copy, in the picture, and forgotten when it is over."""

from __future__ import annotations

import numpy as np

from tests.conftest import NOON, picture
from tracking.drawing import PALETTE, TRAIL, Annotator, colour
from tracking.frame import Frame, Track


def frame(index: int, *tracks: Track) -> Frame:
    return Frame(index, NOON, picture(0, (320, 240)), tracks)


def walker(x: float, number: int = 1) -> Track:
    return Track(number, "person", 0.9, x, 120, 40, 80)


def pixels(image: np.ndarray, number: int) -> np.ndarray:
    """Rows and columns that have the very colour of a track."""
    return np.argwhere((image == colour(number)).all(axis=2))


def test_the_picture_itself_is_left_as_it_is() -> None:
    seen = frame(0, walker(100))
    drawn = Annotator().draw(seen)
    assert seen.image.max() == 0
    assert len(pixels(drawn, 1)) > 100


def test_a_box_is_where_its_track_is() -> None:
    places = np.argwhere(Annotator().draw(frame(0, walker(100))).any(axis=2))
    assert abs(places[:, 0].max() - 160) <= 1  # the foot
    assert abs(places[:, 1].min() - 80) <= 1


def test_a_label_at_the_edge_stays_in_the_picture() -> None:
    """It begins left of its box, where there is room for the whole of it."""
    places = pixels(Annotator().draw(frame(0, walker(315))), 1)
    above_the_box = places[places[:, 0] < 79]
    assert above_the_box[:, 1].min() < 280


def test_a_trail_follows_the_feet_and_is_forgotten_later() -> None:
    annotator = Annotator()
    for index in range(10):
        drawn = annotator.draw(frame(index, walker(100 + 5 * index)))
    assert (drawn[160, 102:118] != 0).any(axis=1).all()
    for index in range(10, 10 + TRAIL + 2):
        drawn = annotator.draw(frame(index))
    assert drawn.max() == 0


def test_neighbouring_numbers_have_different_colours() -> None:
    assert len({colour(number) for number in range(len(PALETTE))}) == len(PALETTE)
