"""A streamer around another one: detects, tracks, tells its listeners, and draws what it saw."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from .detectors import Detector, YoloDetector, detected
from .drawing import Annotator
from .events import Listener
from .following import Following
from .frame import Frame
from .streamers import Streamer, jpeg
from .tracker import TrackerSettings
from .weights import DEFAULT_WEIGHTS

RECORDED = ("file", "folder")
"""Kinds of sources whose pictures wait for whoever reads them."""


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
        following = Following(self, detector, self.tracker, self._listeners)
        # a recording may be read ahead; of what happens now, nothing may be late
        ahead = self.kind in RECORDED
        outcome = "stopped"
        try:
            with (
                closing(self.streamer.frames()) as frames,
                closing(detected(detector, frames, ahead)) as looked_at,
            ):
                for frame, detections in looked_at:
                    self.fps, self.total = self.streamer.fps, self.streamer.total
                    yield following.follow(frame, detections)
            outcome = "finished"
        except Exception as error:
            outcome = f"failed: {error}"
            raise
        finally:
            self.problems = list(self.streamer.problems)
            following.end(outcome)
