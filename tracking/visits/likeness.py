"""How likely it is that one track goes on where another one ended.

Two explanations are compared: the object of the first was found again, at that place, size and
speed after that time; or it is another one that came into sight there by chance.
"""

from __future__ import annotations

import numpy as np

from .ends import Ends, Floats
from .settings import VisitSettings

STEADY = 2.0  # seconds for which somebody goes on at the same speed
USUAL_GAP = 3.0  # seconds within which half of those lost are found again
SIZE_OFF, SIZE_DRIFT = 0.08, 0.04
"""How far the logarithm of a height is off at once, and with every second."""

UNSEEN_DRIFT = 0.3  # sizes a second, of those who were not seen long enough to tell their speed
BOTH_SEEN = 2.0  # logarithm of how much rarer two boxes on one object are than one


def odds(ends: Ends, begins: Ends, gap: Floats, settings: VisitSettings) -> Floats:
    """The logarithm of the odds, for n pairs of an end and a beginning. gap: seconds between."""
    size: Floats = ((ends.size + begins.size) / 2)[:, None]
    went, goes, step = ends.speed / size, begins.speed / size, (begins.place - ends.place) / size
    fast = np.maximum(np.hypot(*went.T), np.hypot(*goes.T))
    passed = np.maximum(gap, 0)
    off = np.hypot(*(step - _way(went, goes, ends, begins, passed)).T)
    unseen = np.where(ends.known | begins.known, 0, UNSEEN_DRIFT)
    wide = settings.reach + (settings.drift + settings.swerve * fast + unseen) * passed
    found = -np.square(off / wide) / 2 - np.log(2 * np.pi * np.square(wide))
    found -= np.log(USUAL_GAP * np.square(1 + passed / USUAL_GAP))
    grown = SIZE_OFF + SIZE_DRIFT * passed
    found -= np.square(np.log(begins.tall / ends.tall) / grown) / 2 + np.log(grown * 2.5)
    turned = np.hypot(*(goes - went).T) / settings.turn
    found -= np.where(ends.known & begins.known, np.square(turned) / 2, 0)
    found -= np.where(gap < 0, BOTH_SEEN, 0)
    chance = np.log(settings.crowd / 60 / 100)
    better: Floats = found - chance
    return better


def _way(went: Floats, goes: Floats, ends: Ends, begins: Ends, gap: Floats) -> Floats:
    """Where somebody would be after the gap: half of it at the one speed, half at the other, or
    all of it at the one that is known."""
    first = np.where(ends.known, np.where(begins.known, gap / 2, gap), 0)
    rest = np.where(begins.known, np.where(ends.known, gap / 2, gap), 0)
    way: Floats = went * _steadily(first)[:, None] + goes * _steadily(rest)[:, None]
    return way


def _steadily(seconds: Floats) -> Floats:
    """For how long a speed holds within that time; speeds fade."""
    held: Floats = STEADY * (1 - np.exp(-seconds / STEADY))
    return held
