"""The motion gate and the frozen picture: what need not, and what must not, be taken for seen."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import NOON, picture
from tracking.frame import Frame, Image
from tracking.runner.gate import Frozen, MotionGate

SIZE = (320, 240)


def noisy(seed: int, shade: int = 120) -> Image:
    """A camera's picture of nothing: flat, with a sensor's noise."""
    noise = np.random.default_rng(seed).normal(0, 3, (SIZE[1], SIZE[0], 3))
    return np.clip(shade + noise, 0, 255).astype(np.uint8)


def with_person(image: Image, left: int, height: int = 30) -> Image:
    """Somebody in grey, not much brighter than what is behind."""
    image = image.copy()
    image[100 : 100 + height, left : left + height // 3] = 150
    return image


def at(seconds: float, image: Image) -> Frame:
    return Frame(0, NOON + round(seconds * 1000), image)


def settled() -> MotionGate:
    """A gate that has seen three seconds of an empty scene."""
    gate = MotionGate()
    for step in range(30):
        gate.moving(at(step / 10, noisy(step)))
    return gate


def test_the_first_picture_is_looked_at() -> None:
    assert MotionGate().moving(at(0, noisy(0)))


def test_of_a_quiet_scene_one_picture_in_two_seconds_is_looked_at() -> None:
    gate = settled()
    looked = [gate.moving(at(3 + step / 10, noisy(100 + step))) for step in range(100)]
    assert 4 <= sum(looked) <= 6


@pytest.mark.parametrize("height", [30, 15, 8])
def test_somebody_who_walks_in_is_seen_at_once(height: int) -> None:
    gate = settled()
    gate.moving(at(3.0, noisy(50)))
    walked = [
        gate.moving(at(3.1 + step / 10, with_person(noisy(60 + step), 10 + 3 * step, height)))
        for step in range(20)
    ]
    assert all(walked)


def test_after_the_last_motion_it_looks_on_for_a_second() -> None:
    gate = settled()
    assert gate.moving(at(3.0, with_person(noisy(40), 150)))
    still = [gate.moving(at(3.1 + step / 10, noisy(41 + step))) for step in range(15)]
    assert all(still[:9])
    assert not still[-1]


def test_a_slow_change_of_light_is_no_motion() -> None:
    gate = settled()
    looked = [gate.moving(at(3 + step / 10, noisy(step, 120 + step // 10))) for step in range(200)]
    assert sum(looked) < 40


def test_a_picture_of_another_size_is_looked_at() -> None:
    gate = settled()
    gate.moving(at(3, noisy(1)))
    assert gate.moving(at(3.1, picture(120, (200, 100))))


def test_a_frozen_picture_says_since_when() -> None:
    frozen = Frozen()
    same = noisy(1)
    assert frozen.look(at(0, noisy(0))) is None
    assert frozen.look(at(1, same)) is None
    assert frozen.look(at(2, same.copy())) == NOON + 1000
    assert frozen.look(at(9, same.copy())) == NOON + 1000
    assert frozen.look(at(10, noisy(2))) is None
    assert frozen.look(at(11, noisy(2))) == NOON + 10_000


def test_one_pixel_of_noise_is_a_living_picture() -> None:
    frozen = Frozen()
    first, second = picture(100), picture(100)
    second[5, 7, 1] += 1  # beside the pixels that are compared first
    assert frozen.look(at(0, first)) is None
    assert frozen.look(at(1, second)) is None
