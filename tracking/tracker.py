"""From boxes to identities: BoT-SORT, one instance per pass over a source.

Reference: Aharon, Orfaig, Bobrovsky, "BoT-SORT: Robust Associations Multi-Pedestrian Tracking",
2022 (arXiv 2206.14651), without appearance. It gives what Ultralytics' BOTSORT gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .association import Numbers, assign, corners, distances, doubted, rounded
from .detections import Detections
from .errors import SettingsError
from .frame import Image, Track
from .kalman import OF_SPEED, Floats, MovingFilter, StillFilter
from .pool import Mask, Pool
from .weights import ultralytics

UNSURE_LIMIT, NEW_LIMIT = 0.5, 0.7
"""Largest distance of an unsure box to its track, and of any box to a track that has just begun."""

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
    speed_noise: share of a box's size by which its speed may change from picture to picture.
    gmc_method: camera-motion compensation; "sparseOptFlow" for moving cameras.
    """

    track_high_thresh: float = 0.25
    track_low_thresh: float = 0.1
    new_track_thresh: float = 0.68
    track_buffer: int = 30
    match_thresh: float = 0.9
    fuse_score: bool = True
    speed_noise: float = OF_SPEED
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
        self._votes: dict[int, dict[int, int]] = {}
        self._camera = _camera(self.settings.gmc_method)
        kalman = (MovingFilter if self._camera else StillFilter)(self.settings.speed_noise)
        self._pool = Pool(kalman, self.settings.track_buffer)

    def update(self, detections: Detections, image: Image | None = None) -> tuple[Track, ...]:
        """The tracks seen in this picture. image: only needed for camera-motion compensation."""
        confidence = detections.conf
        edges, boxes = rounded(detections.xyxy)
        high, low = self._split(boxes, confidence)
        self._pool.predict(self._motion(image, detections, high))
        found, free = self._associate(edges, confidence, high, low)
        self._pool.update(found, boxes, free[confidence[free] >= self.settings.new_track_thresh])
        self.ended = self._forget() if self._pool.changed else []
        return self._tracks(detections)

    def _split(self, boxes: Floats, confidence: Floats) -> tuple[Numbers, Numbers]:
        """The boxes that are sure, and those that are not but may continue a track."""
        width, height = (boxes[2:] > 0) & (boxes[2:] < np.inf)
        usable, sure = width & height, confidence >= self.settings.track_high_thresh
        unsure = ~sure & (confidence > self.settings.track_low_thresh)
        return (usable & sure).nonzero()[0], (usable & unsure).nonzero()[0]

    def _motion(self, image: Image | None, detections: Detections, high: Numbers) -> Floats | None:
        """How the camera moved the picture, (2, 3), without looking at the boxes that are sure."""
        if self._camera is None or image is None:
            return None
        try:
            motion: Floats = self._camera.apply(image, detections.xyxy[high])
        except Exception:  # nothing to hold on to in the picture: as if the camera stood still
            return None
        return motion

    def _associate(
        self, edges: Floats, confidence: Floats, high: Numbers, low: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Each track's box, -1 for none, and the sure boxes that no track took.

        First the sure boxes go to the known tracks, then the unsure ones to those of the last
        picture that found none, then what is left of the sure ones to those begun in it.
        """
        settings, known, seen = self.settings, self._pool.rows["sure"], self._pool.seen
        tracks = corners(self._pool.places)
        found = np.full(len(known), -1)

        def match(who: Mask, what: Numbers, limit: float, doubt: bool) -> Numbers:
            (rows,) = who.nonzero()
            if not len(rows) or not len(what):
                return what
            distance = distances(tracks.take(rows, axis=1), edges.take(what, axis=1))
            if doubt:
                distance = doubted(distance, confidence[what])
            column, row = assign(distance, limit)
            found[rows] = np.where(column < 0, -1, what[column])
            return what[row < 0]

        free = match(known, high, settings.match_thresh, settings.fuse_score)
        match(known[:seen] & (found[:seen] < 0), low, UNSURE_LIMIT, False)
        free = match(~known, free, NEW_LIMIT, settings.fuse_score)
        return found, free

    def _tracks(self, detections: Detections) -> tuple[Track, ...]:
        pool = self._pool
        shown = pool.rows["sure"][: pool.seen].nonzero()[0]
        rows = pool.rows.take(shown)
        box, numbers = rows["box"], rows["number"].tolist()
        labels = map(self._label, numbers, detections.cls[box].astype(int).tolist())
        places = pool.places.take(shown, axis=1).tolist()
        return tuple(map(Track, numbers, labels, detections.conf[box].tolist(), *places))

    def _forget(self) -> list[int]:
        """The tracks that are no longer waited for."""
        alive = set(self._pool.rows["number"].tolist())
        ended = [number for number in self._votes if number not in alive]
        for number in ended:
            del self._votes[number]
        return ended

    def _label(self, number: int, cls: int) -> str:
        """The label that this track was given most of the time, the earliest of equals."""
        votes = self._votes.setdefault(number, {})
        votes[cls] = votes.get(cls, 0) + 1
        return self._names[cls if len(votes) == 1 else max(votes, key=votes.__getitem__)]


def _camera(method: str) -> Any:
    """Ultralytics' camera-motion estimate; None for a camera that stands still."""
    if method == "none":
        return None
    ultralytics()
    from ultralytics.trackers.utils.gmc import GMC

    return GMC(method)
