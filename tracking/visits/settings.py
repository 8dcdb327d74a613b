"""What makes one visit of two tracks, in units that suit every camera: seconds and sizes.

A size is the longer side of an object's box: of a person who stands, the height.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ..errors import SettingsError

_MOST = {
    "longest_gap": 120.0,
    "across_runs": 120.0,
    "overlap": 10.0,
    "brief": 600.0,
    "fill": 60.0,
    "smooth": 2.0,
    "crowd": 1e6,
    "edge": 10.0,
    "reach": 10.0,
    "drift": 10.0,
    "swerve": 10.0,
    "turn": 10.0,
}
_ABOVE_NOTHING = ("longest_gap", "crowd", "reach", "turn", "score", "strict", "lenient")


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """Settings of joining; the values suit people on foot and vehicles in general.

    longest_gap: seconds after which nobody is found again. across_runs: the same where the program
    was started anew in between. overlap: seconds for which the next track may have begun before
    the last one ended, two boxes on one object. reach: sizes by which a prediction is off at once;
    drift: sizes more for each second; swerve: the share of the speed that is added to that.
    turn: by how many sizes a second a speed may differ after the gap. crowd: how many others come
    into sight in a minute at least, on 100 square sizes of the picture; where more were seen to
    come, one is more easily taken for another. edge: sizes from the picture's edge from which on
    somebody has left by it.
    score: 0 to 1, from which on two tracks are one visit; strict, lenient: those of the most and
    of the fewest visits that there may be, where those of less than `brief` seconds do not count.
    faint: 0 to 1, a confidence: visits that are brief, and were never seen surer, are doubtful.
    fill: seconds of the longest gap that is filled in a visit's path. smooth: seconds by which its
    boxes are calmed, the standard deviation of a bell, or 0; paths have no doubtful visits.
    """

    longest_gap: float = 10.0
    across_runs: float = 3.0
    overlap: float = 1.0
    reach: float = 0.3
    drift: float = 0.2
    swerve: float = 0.1
    turn: float = 1.0
    crowd: float = 6.0
    edge: float = 0.2
    score: float = 0.5
    strict: float = 0.9
    lenient: float = 0.1
    brief: float = 2.0
    faint: float = 0.6
    fill: float = 2.0
    smooth: float = 0.4

    @classmethod
    def of(cls, settings: Mapping[str, Any], base: VisitSettings | None = None) -> VisitSettings:
        """The defaults, or `base`, with some values replaced, which may be text.

        Raises SettingsError for an unknown name, a value that cannot be, or scores out of order.
        """
        names = [field.name for field in fields(cls)]
        for name in settings:
            if name not in names:
                raise SettingsError(
                    f"Visits have no setting {name!r}; they have {', '.join(names)}"
                )
        chosen = replace(
            base or cls(), **{name: _value(name, text) for name, text in settings.items()}
        )
        if not chosen.lenient <= chosen.score <= chosen.strict:
            raise SettingsError(
                f"The scores of visits must rise from lenient ({chosen.lenient:g}) over score "
                f"({chosen.score:g}) to strict ({chosen.strict:g})"
            )
        return chosen

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def _value(name: str, text: Any) -> float:
    most, above_nothing = _MOST.get(name, 1.0), name in _ABOVE_NOTHING
    try:
        value = float(text)
        if not (
            0 < value <= most if above_nothing else 0 <= value <= most
        ):  # not a number: neither
            raise ValueError
    except (TypeError, ValueError):
        begin = "above 0" if above_nothing else "0"
        raise SettingsError(
            f"The {name} of visits cannot be {text!r}: it is {begin} to {most:g}"
        ) from None
    return value
