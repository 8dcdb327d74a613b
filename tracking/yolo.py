"""A streamer around another one: detects, tracks, tells its listeners, and draws what it saw."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

from . import __version__
from .detectors import Detector, YoloDetector
from .drawing import Annotator
from .events import Event, Listener, Run, Source, SourceEnded, SourceStarted, TrackEnded, TracksSeen
from .frame import Frame, Track
from .streamers import Streamer, jpeg
from .tracker import BotSort, TrackerSettings
from .weights import DEFAULT_WEIGHTS


class YoloStreamer(Streamer):
    """Wraps a streamer and gives its pictures with the tracked objects drawn in.

    weights: any Ultralytics weights, by path or name; classes: labels to keep; confidence: least
    confidence of a detection; tracker: BoT-SORT's settings. detector: used instead of YOLO.
    Weights are loaded when the loop begins and kept for further loops. `frames()` gives the plain
    pictures with their tracks; nothing is drawn that nobody sees.
    Raises what the source, the weights and the listeners raise.
    """

    def __init__(
        self,
        streamer: Streamer,
        weights: str | Path = DEFAULT_WEIGHTS,
        *,
        classes: Sequence[str] | None = None,
        confidence: float = 0.25,
        tracker: TrackerSettings | None = None,
        detector: Detector | None = None,
    ) -> None:
        super().__init__(streamer.name, streamer.uri, streamer.timezone)
        self.kind = streamer.kind
        self.streamer = streamer
        self.weights = weights
        self.classes = classes
        self.confidence = confidence
        self.tracker = tracker or TrackerSettings()
        self.detector = detector
        self._listeners: list[Listener] = []

    def add_listener(self, listener: Listener) -> None:
        """Tell this callable every event, in order, in the looping thread.

        A listener that raises stops the run; the others still hear of its end.
        """
        self._listeners.append(listener)

    def check(self) -> None:
        self.streamer.check()

    def load(self) -> Detector:
        """The detector, made at the first call: weights that cannot be used show up here."""
        detector = self.detector or YoloDetector(
            self.weights, classes=self.classes, confidence=self.confidence
        )
        self.detector = detector
        return detector

    def __iter__(self) -> Generator[bytes, None, None]:
        annotator = Annotator()
        with closing(self.frames()) as frames:
            for frame in frames:
                yield jpeg(annotator.draw(frame))

    def frames(self) -> Generator[Frame, None, None]:
        self.check()
        detector = self.load()
        detector.reset()
        tracker = BotSort(detector.names, self.tracker)
        seen: dict[int, tuple[Track, int]] = {}  # the tracks alive, as last seen and when
        run: Run | None = None
        frame: Frame | None = None
        count, outcome = 0, "stopped"
        try:
            with closing(self.streamer.frames()) as frames:
                for frame in frames:
                    if run is None:
                        run = self._run(frame, detector)
                        self._tell(SourceStarted(run))
                    tracks = tracker.update(detector.detect(frame.image), frame.image)
                    frame = replace(frame, tracks=tracks)
                    count += 1
                    self._tell(TracksSeen(run, frame))
                    seen.update((track.id, (track, frame.t)) for track in tracks)
                    for number in tracker.ended:
                        self._tell(TrackEnded(run, *seen.pop(number)))
                    yield frame
            outcome = "finished"
        except Exception as error:
            outcome = f"failed: {error}"
            raise
        finally:
            self.problems = list(self.streamer.problems)
            if run is not None and frame is not None:
                ends: list[Event] = [TrackEnded(run, *last) for last in seen.values()]
                ends.append(SourceEnded(run, frame.t, count, outcome, tuple(self.problems)))
                self._tell_all(ends)

    def _run(self, frame: Frame, detector: Detector) -> Run:
        self.fps, self.total = self.streamer.fps, self.streamer.total
        height, width = frame.image.shape[:2]
        source = Source(
            self.name, self.kind, self.uri, self.timezone, width, height, self.streamer.fps
        )
        return Run(
            source=source,
            started_at=frame.t,
            detector=detector.kind,
            weights=detector.weights,
            tracker=BotSort.name,
            code_version=__version__,
            settings={"detector": detector.settings, "tracker": asdict(self.tracker)},
        )

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def _tell_all(self, events: Sequence[Event]) -> None:
        """Every listener hears the end, also when another one fails on it."""
        failure: BaseException | None = None
        for listener in self._listeners:
            try:
                for event in events:
                    listener(event)
            except BaseException as error:  # also a signal: the others must still hear the end
                failure = failure or error
        if failure is not None:
            raise failure
