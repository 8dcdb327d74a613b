"""One pass over a source: frames with detections in, tracked frames and events out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from . import __version__
from .detections import Detections
from .detectors import Detector
from .events import Event, Listener, Run, Source, SourceEnded, SourceStarted, TrackEnded, TracksSeen
from .frame import Frame, Track
from .streamers import Streamer
from .tracker import BotSort, TrackerSettings


class Following:
    """Follows the objects of one source through its frames, and tells listeners.

    A run begins with the first frame; `end` must be called, whatever happened. A listener that
    raises stops the pass; at the end every listener hears of it all the same.
    """

    def __init__(
        self,
        streamer: Streamer,
        detector: Detector,
        tracker: TrackerSettings,
        listeners: Sequence[Listener],
        notes: dict[str, Any] | None = None,
    ) -> None:
        self.run: Run | None = None
        self.frames = 0
        self._streamer, self._detector, self._listeners = streamer, detector, listeners
        self._tracker = BotSort(detector.names, tracker)
        self._notes = notes or {}
        self._seen: dict[int, tuple[Track, int]] = {}  # the tracks alive, as last seen and when
        self._last = 0

    def follow(self, frame: Frame, detections: Detections) -> Frame:
        """The frame with its tracks."""
        if self.run is None:
            self.run = self._begin(frame)
            self._tell(SourceStarted(self.run))
        tracks = self._tracker.update(detections, frame.image)
        frame = replace(frame, tracks=tracks)
        self.frames += 1
        self._last = frame.t
        self._tell(TracksSeen(self.run, frame))
        self._seen.update((track.id, (track, frame.t)) for track in tracks)
        for number in self._tracker.ended:
            self._tell(TrackEnded(self.run, *self._seen.pop(number)))
        return frame

    def end(self, outcome: str) -> None:
        """Tell every listener, also when another one fails on it. outcome: as in SourceEnded."""
        if self.run is None:
            return
        events: list[Event] = [TrackEnded(self.run, *last) for last in self._seen.values()]
        problems = tuple(self._streamer.problems)
        events.append(SourceEnded(self.run, self._last, self.frames, outcome, problems))
        failure: BaseException | None = None
        for listener in self._listeners:
            for event in events:
                try:
                    listener(event)
                except BaseException as error:  # also a signal: the end must still be heard
                    failure = failure or error
        if failure is not None:
            raise failure

    def _begin(self, frame: Frame) -> Run:
        height, width = frame.image.shape[:2]
        of = self._streamer
        return Run(
            source=Source(of.name, of.kind, of.uri, of.timezone, width, height, of.fps),
            started_at=frame.t,
            detector=self._detector.kind,
            weights=self._detector.weights,
            tracker=BotSort.name,
            code_version=__version__,
            settings={
                "detector": self._detector.settings,
                "tracker": asdict(self._tracker.settings),
                **self._notes,
            },
        )

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
