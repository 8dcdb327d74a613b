"""Error and bias of counts from windows in which somebody counted again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
WITHIN = 0.10
"""Of the true count: how near the relative bias is to be known."""
NONE_WRONG = 3.0
"""With no miscount among n, the share of miscounts is below 3 / n with 95 % confidence."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What some audited windows tell. low, high: of the 95 % confidence interval.

    windows: how many; truth, system: counted in them by people and by the system. exact: share of
    the windows in which both are equal. error: mean of how far apart they are. bias: mean of system
    less truth, a window. relative: system / truth - 1; None where nothing was there to be counted.
    Intervals are None with fewer than two windows. needed: how many more windows make the relative
    bias known to within 10 % of the true count; None where these do not tell.
    """

    windows: int
    truth: float
    system: float
    exact: float | None
    error: float | None
    bias: float | None
    bias_low: float | None
    bias_high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    needed: int | None

    @property
    def flawless(self) -> float | None:
        """Where no count was off: below which share the miscounts are with 95 % confidence."""
        if self.exact == 1 and self.truth > 0:
            return min(1.0, NONE_WRONG / self.truth)
        return None


def estimate(
    truth: Sequence[float], system: Sequence[float], possible: int | None = None
) -> Estimate:
    """What windows tell in which people counted `truth` and the system `system`.

    possible: of how many windows they were drawn; None for any number. The bias has Student's
    interval of a mean; the relative bias that of the ratio estimator of a simple random sample,
    with the finite population correction: W. G. Cochran, Sampling Techniques, 3rd edition (1977),
    chapter 6, R = sum(y) / sum(x), with the variance (1 - f) / (n mean(x)^2) * sum((y - R x)^2) /
    (n - 1); how many windows are needed follows from the same formula solved for n. Windows that
    are drawn from all hours in turn make the true intervals no wider. Where no count was off the
    sample's variance says nothing: then objects are asked for by the rule of three (J. A. Hanley
    and A. Lippman-Hand, If nothing goes wrong, is everything all right?, JAMA 249, 1983).
    """
    x, y = np.asarray(truth, float), np.asarray(system, float)
    n, off = len(x), np.asarray(system, float) - np.asarray(truth, float)
    if not n:
        return Estimate(0, 0, 0, None, None, None, None, None, None, None, None, None)
    total = float(x.sum())
    left = 1 - min(1.0, n / possible) if possible else 1.0
    bias, ratio = float(off.mean()), float(y.sum()) / total if total else None
    wide = spread = None
    t = student(CONFIDENCE, n - 1) if n > 1 else math.nan
    if n > 1:
        wide = t * float(off.std(ddof=1)) * math.sqrt(left / n)
    if n > 1 and ratio is not None:
        residual = math.sqrt(float(np.square(y - ratio * x).sum()) / (n - 1))
        spread = t * residual * math.sqrt(left / n) / (total / n)
    low, high = _around(bias, wide)
    least, most = _around(None if ratio is None else ratio - 1, spread)
    return Estimate(
        n, total, float(y.sum()), float((off == 0).mean()), float(np.abs(off).mean()),
        bias, low, high, None if ratio is None else ratio - 1, least, most,
        _needed(total, ratio, x, y, possible),
    )  # fmt: skip


def _around(value: float | None, wide: float | None) -> tuple[float | None, float | None]:
    return (None, None) if value is None or wide is None else (value - wide, value + wide)


def _needed(
    total: float, ratio: float | None, x: Floats, y: Floats, possible: int | None
) -> int | None:
    """How many windows are wanted beyond those that there are."""
    n = len(x)
    if ratio is None or n < 2:
        return None
    mean = total / n
    if (x == y).all():
        wanted = NONE_WRONG / WITHIN / mean
    else:
        residual = float(np.square(y - ratio * x).sum()) / (n - 1)
        wanted = student(CONFIDENCE, n - 1) ** 2 * residual / (WITHIN * mean) ** 2
        wanted /= 1 + wanted / possible if possible else 1
    wanted = min(wanted, possible) if possible else wanted
    return max(0, math.ceil(wanted - 1e-9) - n)


def student(confidence: float, degrees: int) -> float:
    """The number within which that share of Student's distribution lies; degrees: of freedom.

    By bisection of the finite series for whole degrees: M. Abramowitz and I. Stegun, Handbook of
    Mathematical Functions (1964), 26.7.3 and 26.7.4.
    """
    low, high = 0.0, 1.0
    while _within(high, degrees) < confidence:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, degrees) < confidence else (low, middle)
    return (low + high) / 2


def _within(t: float, degrees: int) -> float:
    """Share of Student's distribution between -t and t."""
    angle = math.atan(t / math.sqrt(degrees))
    cos, term, series = math.cos(angle), 1.0, 0.0
    if degrees % 2:
        for each in range(1, degrees - 1, 2):
            term = math.cos(angle) if each == 1 else term * cos * cos * (each - 1) / each
            series += term
        return 2 / math.pi * (angle + math.sin(angle) * series)
    for each in range(0, degrees, 2):
        term = 1.0 if each == 0 else term * cos * cos * (each - 1) / each
        series += term
    return math.sin(angle) * series
