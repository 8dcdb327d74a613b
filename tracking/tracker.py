"""From boxes to identities: BoT-SORT, one instance per pass over a source.

Reference: Aharon, Orfaig, Bobrovsky, "BoT-SORT: Robust Associations Multi-Pedestrian Tracking",
2022 (arXiv 2206.14651), as implemented by Ultralytics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .detectors import Detections
from .errors import SettingsError
from .frame import Image, Track
from .weights import ultralytics

GMC_METHODS = ("none", "sparseOptFlow", "orb", "sift", "ecc")


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """BoT-SORT's settings under Ultralytics' names; the values suit fixed cameras in general.

    track_high_thresh: confidence from which a detection takes part in the first association.
    track_low_thresh: confidence from which it may still continue a track in the second.
    new_track_thresh: confidence needed to begin a track; higher means fewer short false tracks,
        lower finds people sooner.
    track_buffer: frames for which a lost track waits to be found again.
    match_thresh: largest distance (1 - overlap times confidence) at which a box continues a track.
    fuse_score: whether confidence counts in that distance.
    gmc_method: camera-motion compensation; "sparseOptFlow" for moving cameras.
    """

    track_high_thresh: float = 0.25
    track_low_thresh: float = 0.1
    new_track_thresh: float = 0.65
    track_buffer: int = 30
    match_thresh: float = 0.9
    fuse_score: bool = True
    gmc_method: str = "none"

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> TrackerSettings:
        """The defaults with some values replaced, which may be text.

        Raises SettingsError for an unknown name or a value that cannot be.
        """
        defaults = {field.name: field.default for field in fields(cls)}
        chosen = {}
        for name, value in settings.items():
            if name not in defaults:
                names = ", ".join(defaults)
                raise SettingsError(f"The tracker has no setting {name!r}; it has {names}")
            chosen[name] = _value(name, value, type(defaults[name]))
        return cls(**chosen)


def _value(name: str, value: Any, kind: type) -> Any:
    allowed = {bool: "true or false", int: "a whole number from 1", float: "0 to 1"}
    try:
        if kind is bool:
            return {"true": True, "false": False}[str(value).lower()]
        if kind is str and value not in GMC_METHODS:
            raise ValueError
        result = kind(value)
        if (kind is int and result < 1) or (kind is float and not 0 <= result <= 1):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        expected = allowed.get(kind) or f"one of {', '.join(GMC_METHODS)}"
        raise SettingsError(f"The tracker's {name} cannot be {value!r}: it is {expected}") from None
    return result


class BotSort:
    """Gives identities to the boxes of successive pictures of one source.

    State and identities belong to the instance: ids count from 1, whatever other trackers in the
    process do. `ended` lists the tracks given up at the latest update.
    """

    name = "botsort"

    def __init__(self, names: Mapping[int, str], settings: TrackerSettings | None = None) -> None:
        self.settings = settings or TrackerSettings()
        self.ended: list[int] = []
        self._names = names
        self._votes: dict[int, Counter[int]] = {}
        self._tracker = _ultralytics_botsort(self.settings)

    def update(self, detections: Detections, image: Image | None = None) -> tuple[Track, ...]:
        """The tracks seen in this picture. image: only needed for camera-motion compensation."""
        rows = self._tracker.update(detections, image)
        tracks = tuple(self._track(*row) for row in rows.tolist())
        waiting = {track.track_id for track in self._tracker.lost_stracks}
        alive = waiting.union(track.id for track in tracks)
        self.ended = [number for number in self._votes if number not in alive]
        for number in self.ended:
            del self._votes[number]
        return tracks

    def _track(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        number: float,
        confidence: float,
        label: float,
        _detection: float,
    ) -> Track:
        """A row of Ultralytics' result as our value; the label is the majority's so far."""
        votes = self._votes.setdefault(int(number), Counter())
        votes[int(label)] += 1
        return Track(
            id=int(number),
            label=self._names[votes.most_common(1)[0][0]],
            confidence=confidence,
            x=(left + right) / 2,
            y=(top + bottom) / 2,
            w=right - left,
            h=bottom - top,
        )


def _ultralytics_botsort(settings: TrackerSettings) -> Any:
    ultralytics()
    from ultralytics.trackers.bot_sort import BOTSORT
    from ultralytics.utils import IterableSimpleNamespace

    reid_off = {
        "proximity_thresh": 0.5,
        "appearance_thresh": 0.8,
        "with_reid": False,
        "model": "auto",
    }
    return BOTSORT(IterableSimpleNamespace(**asdict(settings), **reid_off))
