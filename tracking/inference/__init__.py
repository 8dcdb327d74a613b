"""Running YOLO weights: OpenVINO exports by OpenVINO itself, all others by Ultralytics."""

from __future__ import annotations

from pathlib import Path

from ..errors import WeightsUnusable
from ..weights import ENDINGS
from .on_openvino import OpenVinoModel
from .on_ultralytics import UltralyticsModel
from .options import Model, Options

__all__ = ["Model", "Options", "open_model"]

TASKS = ("detect", "segment", "pose")
"""What draws upright boxes."""


def open_model(path: Path, device: str | None) -> Model:
    """The weights at that path, run by the library that is fastest for them.

    Raises WeightsUnusable for what cannot detect, and whatever the library raises.
    """
    if path.is_dir() and not (path.name.endswith("_openvino_model") and any(path.glob("*.xml"))):
        raise WeightsUnusable(
            f"{path} is a folder, but not an OpenVINO export (NAME_openvino_model with an .xml)"
        )
    if path.is_file() and path.suffix not in ENDINGS:
        raise WeightsUnusable(
            f"{path} is not weights: those are {', '.join(ENDINGS)} or an OpenVINO folder"
        )
    described = path.is_dir() and (path / "metadata.yaml").exists()
    by_openvino = described and device in (None, "cpu")
    model: Model = OpenVinoModel(path) if by_openvino else UltralyticsModel(path, device)
    if model.task not in TASKS:
        raise WeightsUnusable(f"{path} was made for the task {model.task!r}, not to detect objects")
    return model
