"""Amounts on the ground as colours that grow from nothing, so that the picture beneath shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..metrics.places import Change, Heat, smoothed
from . import words

Floats = npt.NDArray[np.float64]
Stop = tuple[float, tuple[int, int, int], float]
"""Where on the scale from 0 to 1, red, green and blue, and how much it covers: 0 to 1."""

SMOOTHING = {"off": 0.0, "low": 0.8, "high": 2.0}
"""What smoothing is called, and the Gaussian's sigma in cells."""

# even in brightness, also for colour-blind people: matplotlib's plasma
HOT = ((78, 2, 162), (126, 3, 168), (168, 34, 150), (203, 70, 121), (229, 107, 93),
       (248, 148, 65), (253, 195, 40), (240, 249, 33))  # fmt: skip
LESS = ((241, 163, 64), (217, 110, 13), (160, 70, 5))
MORE = ((103, 169, 207), (38, 120, 186), (10, 72, 140))


@dataclass(frozen=True, slots=True)
class Shade:
    """A grid as it is shown.

    values: amounts; place: where each lies on the scale, 0 to 1; NaN where there is nothing.
    stops: the scale's colours. ticks: places on it with what they mean. title, note: what is shown,
    and how. sigma: of the smoothing in cells.
    """

    values: Floats
    place: Floats
    stops: tuple[Stop, ...]
    ticks: tuple[tuple[float, str], ...]
    title: str
    note: str
    sigma: float = 0.0


def heat_shade(
    heat: Heat, smoothing: str = "off", root: bool = True, opacity: float = 0.85
) -> Shade:
    """Presence or visits. root: whether the scale is that of square roots, which shows the rare."""
    sigma = SMOOTHING[smoothing]
    values = smoothed(heat.values, sigma)
    top, whole = _top(values)
    place = np.where(values > 0, np.minimum(values / (top or 1), 1), np.nan)
    seconds = heat.metric.unit == "seconds"
    ticks = tuple(
        ((each / (top or 1)) ** (0.5 if root else 1), _amount(each, seconds))
        for each in _round_numbers(top, root, seconds)
    )
    if top:
        end = f"{'' if whole else '≥ '}{_amount(float(f'{top:.3g}'), seconds)}"
        ticks = (*(tick for tick in ticks if tick[0] < 0.86), (1.0, end))
    unit = "Seconds of presence per cell" if seconds else "Visits per cell"
    stops = tuple(
        (at, colour, opacity * min(1.0, 0.2 + 1.6 * at) if at else 0.0)
        for at, colour in _spread((HOT[0], *HOT))
    )
    scale = "root scale" if root else "linear scale"
    note = f"{_note(heat.cells.side, sigma)}, {scale}"
    shown = _everywhere(np.sqrt(place) if root else place, 0.0, sigma)
    return Shade(values, shown, stops, ticks, _titled(unit, sigma), note, sigma)


def change_shade(
    change: Change, smoothing: str = "off", root: bool = True, opacity: float = 0.85
) -> Shade:
    """More in blue, less in orange, both on the same scale."""
    sigma = SMOOTHING[smoothing]
    values = smoothed(change.now, sigma) - smoothed(change.before, sigma)
    top = float(np.nan_to_num(np.abs(values)).max(initial=0))
    with np.errstate(invalid="ignore"):
        share = np.where(values != 0, values / (top or 1), np.nan)
    shown = np.sign(share) * np.sqrt(np.abs(share)) if root else share
    place = _everywhere((shown + 1) / 2, 0.5, sigma)
    sides = [each for each in _round_numbers(top, root) if each]
    ticks = [(0.5, "0")]
    for each in sides:
        far = (each / top) ** (0.5 if root else 1) / 2
        ticks += [(0.5 - far, f"−{each:,g}"), (0.5 + far, f"+{each:,g}")]
    less = [(0.5 - at / 2, colour, min(1.0, 2 * at)) for at, colour in _spread((LESS[0], *LESS))]
    more = [(0.5 + at / 2, colour, min(1.0, 2 * at)) for at, colour in _spread((MORE[0], *MORE))]
    stops = tuple((at, colour, alpha * opacity) for at, colour, alpha in [*less[::-1], *more])
    note = f"{_note(change.cells.side, sigma)}, {'root' if root else 'linear'} scale"
    title = _titled("Change in seconds of presence per watched hour and cell", sigma)
    return Shade(values, place, stops, tuple(sorted(ticks)), title, note, sigma)


def painted(place: npt.ArrayLike, stops: tuple[Stop, ...]) -> Floats:
    """Red, green, blue (0 to 255) and cover (0 to 1) at places of a scale; NaN covers nothing."""
    place = np.asarray(place, float)
    at = [stop[0] for stop in stops]
    columns = [[float(stop[1][part]) for stop in stops] for part in range(3)]
    columns.append([stop[2] for stop in stops])
    known = np.nan_to_num(place)
    mixed = np.stack([np.interp(known, at, each) for each in columns], axis=-1)
    mixed[np.isnan(place), 3] = 0
    return mixed


def css(stop: Stop) -> str:
    """A stop's colour as browsers take it."""
    (red, green, blue), alpha = stop[1], stop[2]
    return f"rgba({red},{green},{blue},{alpha:.3f})"


def _spread(colours: tuple[tuple[int, int, int], ...]) -> list[tuple[float, tuple[int, int, int]]]:
    return [(number / (len(colours) - 1), colour) for number, colour in enumerate(colours)]


def _top(values: Floats) -> tuple[float, bool]:
    """Where the scale ends, and whether that is the highest value.

    A place where somebody stood for hours would leave all others in the dark: one cell in each
    begun hundred may lie beyond.
    """
    known = values[values > 0]
    if not len(known):
        return 0.0, True
    highest, most = float(known.max()), float(np.quantile(known, 0.99, method="lower"))
    return (highest, True) if highest < 1.5 * most else (float(f"{most:.2g}"), False)


def _everywhere(place: Floats, nothing: float, sigma: float) -> Floats:
    """What is smoothed ends nowhere: nothing has a place on the scale, too, if there is one."""
    return np.nan_to_num(place, nan=nothing) if sigma and not np.isnan(place).all() else place


def _amount(value: float, seconds: bool) -> str:
    if seconds and value >= 0.1:
        return words.lasting(value)
    return f"{value:,g}{' s' if seconds and value else ''}"


def _round_numbers(top: float, root: bool, seconds: bool = False) -> list[float]:
    """Zero and some round numbers up to the top, far enough apart on the scale.

    seconds: whether minutes and hours are round.
    """
    if top <= 0:
        return [0.0]
    size = 10.0 ** np.floor(np.log10(top) - 2)
    steps = [size * 10**power * step for power in range(4) for step in (1, 2, 5)]
    if seconds and top > 60:
        steps = [each * step for each in (1, 60, 3600) for step in (1, 2, 5, 10, 20, 30)]
        steps += [86_400.0 * 10**power * step for power in range(4) for step in (0.5, 1, 2, 5)]
    found, power = [0.0], 0.5 if root else 1
    for each in sorted(set(steps)):
        if each <= top and (each / top) ** power - (found[-1] / top) ** power >= 0.14:
            found.append(float(f"{each:.3g}"))
    return found


def _titled(what: str, sigma: float) -> str:
    return f"{what}, smoothed" if sigma else what


def _note(side: float, sigma: float) -> str:
    note = f"cells of {pixels(side)[:-3]} × {pixels(side)}"
    if sigma:
        note += f", smoothed by a Gaussian of {pixels(sigma * side)} that keeps the sum"
    return note


def pixels(length: float) -> str:
    """A length in pixels; tenths of one where they say something."""
    return f"{round(length, 1):,g} px"
