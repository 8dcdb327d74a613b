"""From a picture to boxes: YOLO (Ultralytics weights of any form) or motion (no weights).

A detector is anything with the attributes and the one method of `Detector`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from .errors import SettingsError, UnknownClass, WeightsUnusable
from .frame import Image
from .weights import DEFAULT_WEIGHTS, ENDINGS, find_weights, ultralytics

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Detections:
    """What a detector saw in one picture, n boxes.

    xyxy: (n, 4) left, top, right, bottom in pixels of the picture; conf: (n,) 0 to 1;
    cls: (n,) numbers that the detector's `names` turn into labels.
    """

    xyxy: Floats
    conf: Floats
    cls: Floats

    @property
    def xywh(self) -> Floats:
        """(n, 4) box centre and size in pixels."""
        corners = self.xyxy
        return np.concatenate(
            [(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]], axis=1
        )

    def __len__(self) -> int:
        return len(self.conf)

    def __getitem__(self, chosen: Any) -> Detections:
        return Detections(self.xyxy[chosen], self.conf[chosen], self.cls[chosen])


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


class YoloDetector:
    """Ultralytics YOLO weights: .pt, .onnx, .engine or an OpenVINO folder.

    classes: labels to keep (default: all the weights know). confidence: boxes below it are not
    even shown to the tracker, which has thresholds of its own. iou: overlap above which two boxes
    of one class are one object. image_size: the longer side the picture is scaled to, where the
    weights leave a choice.
    Raises WeightsNotFound, WeightsUnusable, UnknownClass.
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
        self._model, self.names = _load(path)
        self._classes = _numbers(classes, self.names, path) if classes else None
        self._options = {
            "conf": confidence,
            "iou": iou,
            "imgsz": image_size,
            "device": device,
            "classes": self._classes,
            "verbose": False,
        }
        self._check(path)

    @property
    def settings(self) -> dict[str, Any]:
        labels = [self.names[number] for number in self._classes] if self._classes else None
        shown = {key: self._options[key] for key in ("conf", "iou", "imgsz")}
        return {**shown, "classes": labels}

    def reset(self) -> None:
        """Nothing to do: each picture is looked at for itself."""

    def detect(self, image: Image) -> Detections:
        boxes = self._model.predict(image, **self._options)[0].boxes.cpu().numpy()
        return Detections(boxes.xyxy, boxes.conf, boxes.cls)

    def _check(self, path: Path) -> None:
        """Exported weights fail at their first picture, not when they are loaded."""
        try:
            self.detect(np.zeros((64, 64, 3), np.uint8))
        except Exception as error:
            raise WeightsUnusable(f"{path} cannot be used: {_reason(error)}") from error


def _load(path: Path) -> tuple[Any, dict[int, str]]:
    """The model and its class names; only weights that draw upright boxes will do."""
    if path.is_dir() and not (path.name.endswith("_openvino_model") and any(path.glob("*.xml"))):
        raise WeightsUnusable(
            f"{path} is a folder, but not an OpenVINO export (NAME_openvino_model with an .xml)"
        )
    if path.is_file() and path.suffix not in ENDINGS:
        raise WeightsUnusable(
            f"{path} is not weights: those are {', '.join(ENDINGS)} or an OpenVINO folder"
        )
    try:
        model = ultralytics().YOLO(path, task=_exported_task(path))
        task, names = model.task, dict(model.names)
    except Exception as error:
        raise WeightsUnusable(f"{path} is not usable as weights: {_reason(error)}") from error
    if task not in ("detect", "segment", "pose"):
        raise WeightsUnusable(f"{path} was made for the task {task!r}, not to detect objects")
    return model, names


def _exported_task(path: Path) -> str | None:
    """Exports name their task beside the graph; .pt files carry it inside (None)."""
    if path.is_dir():
        import yaml

        metadata = path / "metadata.yaml"
        stated = yaml.safe_load(metadata.read_text()) if metadata.exists() else {}
        return str(stated.get("task", "detect"))
    if path.suffix == ".onnx":
        import onnx

        graph = onnx.load(path, load_external_data=False)
        stated = {entry.key: entry.value for entry in graph.metadata_props}
        return str(stated.get("task", "detect"))
    return None if path.suffix == ".pt" else "detect"


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
