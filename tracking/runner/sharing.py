"""Detectors that sources share: weights are loaded once for all who want them alike."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config import SourceSettings
from ..detectors import Detector, MotionDetector, YoloDetector
from ..errors import WeightsNotFound
from ..weights import DEFAULT_WEIGHTS, export_openvino, find_weights

SPEEDS: Mapping[str, int] = {"normal": 640, "fast": 512}
"""Pixels of the longer side of the detector's input."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A detector, and what there is to say about how it came to be chosen."""

    detector: Detector
    note: str | None = None


class SharedDetectors:
    """Opens detectors; a YOLO detector is kept for the next source with the same settings."""

    def __init__(self) -> None:
        self._opening: dict[Any, threading.Lock] = {}
        self._yolo: dict[Any, YoloDetector] = {}
        self._lock = threading.Lock()

    def choose(self, settings: SourceSettings) -> Choice:
        """The detector that a source is to have.

        Where nobody asked for particular weights and there are none, motion is detected instead.
        Raises DetectorError.
        """
        if settings.detector == "motion":
            return Choice(MotionDetector())
        try:
            return Choice(self._shared(settings))
        except WeightsNotFound as error:
            if settings.weights != DEFAULT_WEIGHTS:
                raise
            return Choice(MotionDetector(), f"only motion is detected: {error}")

    def keep_only(self, used: list[SourceSettings]) -> None:
        """Let go of the detectors that no source wants any more."""
        with self._lock:
            wanted = {_key(settings) for settings in used}
            self._yolo = {key: yolo for key, yolo in self._yolo.items() if key in wanted}

    def _shared(self, settings: SourceSettings) -> YoloDetector:
        key = _key(settings)
        with self._lock:
            opening = self._opening.setdefault(settings.weights, threading.Lock())
        with opening:  # others may load other weights meanwhile
            with self._lock:
                yolo = self._yolo.get(key)
            if yolo is None:
                yolo = _open(settings)
                with self._lock:
                    self._yolo[key] = yolo
            return yolo


def _key(settings: SourceSettings) -> tuple[Any, ...]:
    return settings.weights, settings.classes, settings.confidence, image_size(settings)


def image_size(settings: SourceSettings) -> int:
    """Pixels of the longer side of the detector's input."""
    return settings.image_size or SPEEDS[settings.speed]


def _open(settings: SourceSettings) -> YoloDetector:
    return YoloDetector(
        _fastest(settings.weights),
        classes=settings.classes,
        confidence=settings.confidence,
        image_size=image_size(settings),
    )


def _fastest(weights: str) -> Path:
    """The weights; a .pt file on a machine without a GPU as its OpenVINO export, made once."""
    path = find_weights(weights)
    if path.suffix != ".pt":
        return path
    import torch

    return path if torch.cuda.is_available() else export_openvino(path)
