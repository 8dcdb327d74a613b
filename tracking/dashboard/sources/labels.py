"""What weights can tell apart, as far as it is known without opening them."""

from __future__ import annotations

from pathlib import Path

from ...weights import locate, survey

OFFERED = ("yolo11n", "yolo11s", "yolo11m", "yolo11l", "yolo11x")
"""Ultralytics' own weights, from the fastest to the most exact."""

COMMON = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""The labels of weights that were trained on COCO, as Ultralytics' own are."""


def labels_of(weights: str) -> tuple[str, ...]:
    """The labels of weights; those of COCO where nothing else is known."""
    found = locate(weights)
    return (_stated(found) if found is not None else ()) or COMMON


def _stated(path: Path) -> tuple[str, ...]:
    """What an OpenVINO export says of itself, other forms only say it when they are opened."""
    import yaml

    try:
        stated = yaml.safe_load((path / "metadata.yaml").read_text())["names"]
        return tuple(str(stated[number]) for number in sorted(stated))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError):
        return ()


def known_weights() -> dict[str, str]:
    """Weights to choose from, each with what there is to say about it; those found come first."""
    found: dict[str, str] = {}
    for each in survey():
        form = "OpenVINO" if each.form == "openvino" else each.form
        found.setdefault(each.name, f"{each.name}, {each.size / 1e6:.0f} MB as {form}")
    missing = [name for name in OFFERED if name not in found]
    return found | {name: f"{name}, not on this machine yet" for name in missing}
