"""From a picture to boxes: YOLO (weights of any form) or motion (no weights).

A detector is anything with the attributes and the methods of `Detector`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from .detections import Detections, Pending
from .errors import SettingsError, TrackingError, UnknownClass, WeightsUnusable
from .frame import Frame, Image
from .inference import Options, open_model
from .weights import DEFAULT_WEIGHTS, find_weights


class Detector(Protocol):
    """kind: yolo or motion; weights: their name, if any; names: class number to label."""

    @property
    def kind(self) -> str: ...

    @property
    def weights(self) -> str | None: ...

    @property
    def names(self) -> Mapping[int, str]: ...

    @property
    def settings(self) -> dict[str, Any]:
        """What a run records about how it detected."""
        ...

    def reset(self) -> None:
        """Forget what was seen before: a new pass over a source begins."""
        ...

    def detect(self, image: Image) -> Detections: ...


def detected(
    detector: Detector, frames: Iterable[Frame], ahead: bool
) -> Generator[tuple[Frame, Detections], None, None]:
    """Each frame with what was seen in it, in order; with `ahead`, further frames are under way.

    A detector without `submit` looks at one frame after the other.
    """
    submit = getattr(detector, "submit", None)
    if submit is None or not ahead:
        for frame in frames:
            yield frame, detector.detect(frame.image)
        return
    under_way: deque[tuple[Frame, Pending]] = deque()
    try:
        for frame in frames:
            under_way.append((frame, submit(frame.image)))
            if len(under_way) > detector.ahead:  # type: ignore[attr-defined]
                frame, pending = under_way.popleft()
                yield frame, pending.result()
        while under_way:
            frame, pending = under_way.popleft()
            yield frame, pending.result()
    finally:
        for _, pending in under_way:
            pending.cancel()


class YoloDetector:
    """YOLO weights: .pt, .onnx, .engine or an OpenVINO folder, which is the fastest on a CPU.

    classes: labels to keep (default: all the weights know). confidence: boxes below it are not
    even shown to the tracker, which has thresholds of its own. iou: overlap above which two boxes
    of one class are one object. image_size: pixels of the longer side that the picture is scaled
    to, where the weights leave a choice; the other side follows from the picture's aspect.
    device: where Ultralytics runs the weights, like "cuda:0" (default: it chooses).
    One detector may serve many sources and threads.
    Raises WeightsNotFound, WeightsUnusable, UnknownClass; `detect` and `submit`: DetectorStuck.
    """

    kind = "yolo"

    def __init__(
        self,
        weights: str | Path = DEFAULT_WEIGHTS,
        *,
        classes: Sequence[str] | None = None,
        confidence: float = 0.25,
        iou: float = 0.7,
        image_size: int = 640,
        device: str | None = None,
    ) -> None:
        for name, value in {"confidence": confidence, "iou": iou}.items():
            if not 0 <= value <= 1:
                raise SettingsError(f"{name} {value:g} is out of range: 0 to 1")
        path = find_weights(weights)
        self.weights = path.name
        self.confidence, self.iou, self.image_size = confidence, iou, image_size
        with _as_unusable(path):
            self._model = open_model(path, device)
        self.names = self._model.names
        self._classes = _numbers(classes, self.names, path) if classes else sorted(self.names)
        with _as_unusable(path):
            self._model.prepare(Options(self._classes, confidence, iou, image_size))

    @property
    def settings(self) -> dict[str, Any]:
        chosen = len(self._classes) < len(self.names)
        labels = [self.names[number] for number in self._classes] if chosen else None
        shown = {"conf": self.confidence, "iou": self.iou, "imgsz": self.image_size}
        return {**shown, "classes": labels}

    @property
    def ahead(self) -> int:
        """How many pictures may usefully be under way before the first result is asked for."""
        return self._model.ahead

    def reset(self) -> None:
        """Nothing to do: each picture is looked at for itself."""

    def detect(self, image: Image) -> Detections:
        return self.submit(image).result()

    def submit(self, image: Image) -> Pending:
        """Begin to look at a picture; the image may be changed once this returns.

        Waits only while too many pictures are under way, so ask for results in time.
        """
        return self._model.submit(image)


@contextmanager
def _as_unusable(path: Path) -> Generator[None, None, None]:
    """Whatever a library says of weights that it cannot run, as our error."""
    try:
        yield
    except TrackingError:
        raise
    except Exception as error:
        raise WeightsUnusable(f"{path} is not usable as weights: {_reason(error)}") from error


def _numbers(classes: Sequence[str], names: Mapping[int, str], path: Path) -> list[int]:
    numbers = {name.lower(): number for number, name in names.items()}
    for label in classes:
        if label.lower() not in numbers:
            close = get_close_matches(label.lower(), numbers, n=1, cutoff=0.4)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise UnknownClass(f"{path.name} knows no class {label!r}{hint}")
    return sorted({numbers[label.lower()] for label in classes})


def _reason(error: BaseException) -> str:
    """The line of the message that says what is wrong; OpenVINO puts its own source file first."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1] if lines[0].startswith("Exception from") else lines[0]


class MotionDetector:
    """Whatever moves before a background that does not: no weights, one label, `moving`.

    min_area: smallest blob, as a share of the picture's area. history: frames over which the
    background is learnt. OpenCV's Gaussian mixture (Zivkovic 2004) on a picture scaled down to at
    most 480 pixels a side. Keeps state, so each source needs its own.
    """

    kind = "motion"
    weights = None
    names: Mapping[int, str] = {0: "moving"}
    side = 480

    def __init__(self, *, min_area: float = 0.0008, history: int = 500) -> None:
        self.min_area = min_area
        self.history = history
        self.reset()

    @property
    def settings(self) -> dict[str, Any]:
        return {"min_area": self.min_area, "history": self.history}

    def reset(self) -> None:
        self._background = cv2.createBackgroundSubtractorMOG2(self.history, 25, detectShadows=True)
        self._begun = False

    def detect(self, image: Image) -> Detections:
        height, width = image.shape[:2]
        scale = min(1.0, self.side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        mask = self._moving(small)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        blobs = stats[1:]  # the first component is the background
        blobs = blobs[blobs[:, cv2.CC_STAT_AREA] >= self.min_area * mask.size]
        corners = np.concatenate([blobs[:, :2], blobs[:, :2] + blobs[:, 2:4]], axis=1) / scale
        area = np.maximum(blobs[:, 2] * blobs[:, 3], 1)
        filled = blobs[:, cv2.CC_STAT_AREA] / area  # a full box is surer than a scatter of specks
        return Detections(
            corners.astype(np.float32),
            np.clip(0.6 + 0.4 * filled, 0, 1).astype(np.float32),
            np.zeros(len(blobs), np.float32),
        )

    def _moving(self, image: Image) -> Image:
        """255 where something moves; shadows (127 in OpenCV's mask) do not count."""
        mask = self._background.apply(image, learningRate=1 / self.history)
        changed = float(np.mean(mask == 255))
        if not self._begun or changed > 0.5:  # nothing known yet, or the light has changed
            self._background.apply(image, learningRate=1)
            self._begun = True
            return np.zeros_like(mask)
        mask = np.where(mask == 255, np.uint8(255), np.uint8(0))
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        # a body is taller than wide: close gaps between head, trunk and legs first
        return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 7), np.uint8))
