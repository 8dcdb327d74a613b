"""Error, bias and intervals, against what was worked out by hand; and how windows are drawn."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from tests.conftest import NOON
from tracking.localtime import HOUR, MINUTE
from tracking.quality.estimating import estimate, student
from tracking.quality.sampling import draw, slots

# you 4, 2, 6, 8; the system 5, 2, 5, 10: off by 1, 0, -1, 2
YOU, SYSTEM = [4, 2, 6, 8], [5, 2, 5, 10]


def test_error_and_bias_are_those_worked_out_by_hand() -> None:
    found = estimate(YOU, SYSTEM)
    assert (found.windows, found.truth, found.system) == (4, 20, 22)
    assert found.exact == 1 / 4
    assert found.error == 1
    assert found.bias == 0.5
    assert found.relative == pytest.approx(0.1)


def test_the_bias_has_students_interval() -> None:
    # squares off the mean of 0.5: 0.25, 0.25, 2.25, 2.25; variance 5 / 3; t of 3 is 3.18245
    found = estimate(YOU, SYSTEM)
    wide = 3.1824463 * math.sqrt(5 / 3 / 4)
    assert found.bias_low == pytest.approx(0.5 - wide)
    assert found.bias_high == pytest.approx(0.5 + wide)


def test_the_relative_bias_has_the_interval_of_the_ratio_estimator() -> None:
    # system less 1.1 times you: 0.6, -0.2, -1.6, 1.2; squares 0.36, 0.04, 2.56, 1.44, sum 4.4
    found = estimate(YOU, SYSTEM)
    wide = 3.1824463 * math.sqrt(4.4 / 3 / 4) / 5
    assert found.relative_low == pytest.approx(0.1 - wide)
    assert found.relative_high == pytest.approx(0.1 + wide)


def test_the_more_of_all_windows_are_counted_the_narrower_it_is() -> None:
    whole, half = estimate(YOU, SYSTEM, 4), estimate(YOU, SYSTEM, 8)
    assert (whole.relative_low, whole.bias_high) == (whole.relative, whole.bias)
    alone = estimate(YOU, SYSTEM)
    assert half.bias_high is not None and alone.bias_high is not None
    assert half.bias_high - 0.5 == pytest.approx((alone.bias_high - 0.5) * math.sqrt(0.5))


def test_how_many_more_windows_are_needed_follows_from_the_same_formula() -> None:
    # (3.18245^2 * 4.4 / 3) / (0.1 * 5)^2 = 59.417: 60 windows, of which 4 are done
    assert estimate(YOU, SYSTEM).needed == 56
    # of 100: 59.417 / (1 + 0.59417) = 37.27
    assert estimate(YOU, SYSTEM, 100).needed == 34
    assert estimate(YOU, SYSTEM, 4).needed == 0


def test_counts_that_agree_are_not_taken_for_certainty() -> None:
    found = estimate([3, 2], [3, 2])
    assert (found.error, found.bias, found.relative, found.exact) == (0, 0, 0, 1)
    assert (found.bias_low, found.bias_high) == (0, 0)
    assert found.flawless == 3 / 5
    assert found.needed == 10  # 30 objects at 2.5 a window are 12 windows
    assert estimate([20, 20], [20, 20]).needed == 0


def test_without_anybody_there_is_an_error_but_no_relative_one() -> None:
    found = estimate([0, 0], [1, 0])
    assert (found.error, found.bias, found.relative, found.needed) == (0.5, 0.5, None, None)
    assert estimate([], []).error is None
    assert estimate([1], [1]).bias_low is None


@pytest.mark.parametrize(
    ("degrees", "expected"), [(1, 12.7062), (2, 4.30265), (5, 2.57058), (30, 2.04227)]
)
def test_students_numbers_are_those_of_the_tables(degrees: int, expected: float) -> None:
    assert student(0.95, degrees) == pytest.approx(expected, abs=1e-4)


def test_true_biases_lie_in_95_of_100_intervals() -> None:
    random, inside = np.random.default_rng(3), 0
    for _ in range(400):
        truth = random.poisson(8, 40)
        system = random.binomial(truth, 0.9) + random.poisson(0.4, 40)
        found = estimate(truth.tolist(), system.tolist())
        assert found.relative_low is not None and found.relative_high is not None
        inside += found.relative_low <= -0.05 <= found.relative_high
    assert 0.92 < inside / 400 < 0.98


def test_windows_fill_what_was_watched_and_no_more() -> None:
    found = slots([(0, 65_000), (100_000, 110_000), (200_000, 260_000)], 30)
    assert found.tolist() == [0, 30_000, 200_000, 230_000]


def test_each_hour_has_its_share_and_the_seed_decides() -> None:
    # 60 windows at 12, 30 at 13, 10 at 14 UTC
    begins = np.concatenate([NOON + hour * HOUR + np.arange(many) * MINUTE
                             for hour, many in ((0, 60), (1, 30), (2, 10))])  # fmt: skip
    drawn = draw(begins, "UTC", 20, 7)
    assert len({t for t, _ in drawn}) == 20
    assert Counter(hour for _, hour in drawn) == {12: 12, 13: 6, 14: 2}
    assert drawn == draw(begins, "UTC", 20, 7)
    assert drawn != draw(begins, "UTC", 20, 8)
    assert [t for t, _ in drawn] != sorted(t for t, _ in drawn)


def test_every_window_is_as_likely_as_any_other() -> None:
    begins = NOON + np.arange(30) * 5 * MINUTE
    times = Counter(t for seed in range(1500) for t, _ in draw(begins, "UTC", 6, seed))
    assert len(times) == 30
    assert max(abs(many - 300) for many in times.values()) < 65  # four deviations of 15.5


def test_all_windows_are_drawn_where_more_are_asked_for() -> None:
    begins = NOON + np.arange(5) * MINUTE
    assert sorted(t for t, _ in draw(begins, "UTC", 20, 1)) == begins.tolist()
