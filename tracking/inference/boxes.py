"""From a picture to a network's input, and from its output to boxes in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..detections import Detections, Floats
from ..frame import Image
from .graph import STRIDES
from .options import Options

PADDING = 114  # the grey that YOLO was trained to ignore


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a picture lies in the network's input: input = picture * scale + (left, top)."""

    scale: float
    left: int
    top: int
    width: int
    height: int

    @classmethod
    def of(cls, image: Image, rows: int, columns: int) -> Fit:
        """As large as it goes, in the middle."""
        height, width = image.shape[:2]
        scale = min(rows / height, columns / width)
        across, down = _scaled(width, scale), _scaled(height, scale)
        return cls(scale, (columns - across) // 2, (rows - down) // 2, width, height)

    def put(self, image: Image, target: Image) -> None:
        """Write the picture into `target`, shape (rows, columns, 3), and grey around it."""
        width, height = _scaled(self.width, self.scale), _scaled(self.height, self.scale)
        inside = target[self.top : self.top + height, self.left : self.left + width]
        if inside.shape != target.shape:
            target[:] = PADDING
        if inside.shape == image.shape:
            inside[:] = image
        elif inside.flags.c_contiguous:  # OpenCV resizes straight into it
            cv2.resize(image, (width, height), dst=inside)
        else:
            inside[:] = cv2.resize(image, (width, height))

    def back(self, xyxy: Floats) -> Floats:
        """Corners in the input as corners in the picture, cut at its edges."""
        offset = np.array([self.left, self.top] * 2, np.float32)
        edge = np.array([self.width, self.height] * 2, np.float32)
        corners: Floats = np.clip((xyxy - offset) / np.float32(self.scale), 0, edge)
        return corners


def _scaled(side: int, scale: float) -> int:
    """Pixels of the input; a picture as thin as a hair is still one pixel wide."""
    return max(1, round(side * scale))


def from_head(outputs: Sequence[Floats], options: Options, fit: Fit) -> Detections:
    """Boxes from a cut graph's six outputs; only anchors above the threshold are decoded.

    outputs: for each stride, box distributions (1, 4 n, rows, columns) and logits (1, classes,
    rows, columns), a channel for each of the options' classes.
    """
    least = _logit(options.confidence)
    logits, labels, sides, anchors = [], [], [], []
    for stride, distances, classes in zip(STRIDES, outputs[::2], outputs[1::2], strict=True):
        count, _, columns = classes.shape[1:]
        each = classes.reshape(count, -1)
        best = each[0] if count == 1 else each.max(axis=0)
        chosen = (best > least).nonzero()[0]
        if len(chosen):
            logits.append(best[chosen])
            labels.append(each[:, chosen].argmax(axis=0))
            sides.append(distances.reshape(4, -1, len(best))[:, :, chosen])
            place = chosen % columns + 0.5, chosen // columns + 0.5
            anchors.append(np.array([*place, np.ones(len(chosen))], np.float32) * stride)
    if not logits:
        return Detections.none()
    corners = _decoded(np.concatenate(sides, axis=2), np.concatenate(anchors, axis=1))
    scores = 1 / (1 + np.exp(-np.concatenate(logits)))
    numbers = np.asarray(options.classes, np.float32)[np.concatenate(labels)]
    return _distinct(corners, scores, numbers, options.iou, fit)


def from_anchors(output: Floats, names: int, options: Options, fit: Fit) -> Detections:
    """Boxes from a whole graph's output (1, 4 + names ..., anchors): centres, sizes, scores."""
    rows = output[0]
    scores = rows[4 : 4 + names][list(options.classes)]
    label = scores.argmax(axis=0)
    score = scores.max(axis=0)
    anchors = np.flatnonzero(score > options.confidence)
    centre, half = rows[:2, anchors].T, rows[2:4, anchors].T / 2
    corners = np.concatenate([centre - half, centre + half], axis=1)
    numbers = np.asarray(options.classes, np.float32)[label[anchors]]
    return _distinct(corners, score[anchors], numbers, options.iou, fit)


def _logit(share: float) -> float:
    """Where the logistic function has that value."""
    with np.errstate(divide="ignore"):
        return float(np.log(share) - np.log1p(-share))


def _decoded(sides: Floats, anchors: Floats) -> Floats:
    """(n, 4) corners in the input: each side is a distribution over distances from the anchor.

    sides: (4, bins, n), in strides. anchors: (3, n) x, y and stride of each.
    """
    if sides.shape[1] == 1:  # weights trained without distributions give the distance itself
        away = sides[:, 0]
    else:
        weight = np.exp(sides - sides.max(axis=1, keepdims=True))
        bins = np.arange(sides.shape[1], dtype=np.float32)
        away = np.einsum("sbn,b->sn", weight, bins) / weight.sum(axis=1)
    away = away * anchors[2]
    corners: Floats = np.concatenate([anchors[:2] - away[:2], anchors[:2] + away[2:]]).T
    return corners


def _distinct(xyxy: Floats, scores: Floats, numbers: Floats, iou: float, fit: Fit) -> Detections:
    """One box for each object of a class: of those that overlap, the surest stays."""
    if not len(xyxy):
        return Detections.none()
    # OpenCV takes an array too, whatever its stubs say, and is faster with it
    rects: Any = np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1, dtype=float)
    surest = cv2.dnn.NMSBoxesBatched(rects, scores.tolist(), numbers.astype(int).tolist(), 0.0, iou)
    kept = np.asarray(surest, int)
    return Detections(
        fit.back(xyxy[kept]), scores[kept].astype(np.float32), numbers[kept].astype(np.float32)
    )
