"""Which box continues which track: overlap, confidence, and the cheapest assignment.

Reference: Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box",
2022 (arXiv 2110.06864). Boxes are arrays (4, n): left, top, right, bottom, in pixels.
"""

from __future__ import annotations

from typing import Any

import lap
import numpy as np
import numpy.typing as npt

from .kalman import Floats

Numbers = npt.NDArray[np.integer[Any]]


def corners(places: Floats) -> Floats:
    """The boxes with these centres and sizes (4, n), in single precision like what is detected."""
    first = places[:2] - places[2:] / 2
    return np.concatenate([first, first + places[2:]], dtype=np.float32)


def rounded(xyxy: Floats) -> tuple[Floats, Floats]:
    """The corners, and the centres and sizes, (4, n) each, of what was detected, (n, 4) corners.

    There and back as Ultralytics does: the last digit can choose between two that are nearly equal.
    """
    edges = np.ascontiguousarray(xyxy.T)
    size = edges[2:] - edges[:2]
    half = size / 2
    first = (edges[:2] + edges[2:]) / 2 - half
    return np.concatenate([first, first + size]), np.concatenate([first + half, size])


def distances(these: Floats, those: Floats) -> Floats:
    """(n, m) 1 minus the overlap (intersection over union) of n boxes with m."""
    first = np.maximum(these[:2, :, None], those[:2, None])
    last = np.minimum(these[2:, :, None], those[2:, None])
    width, height = np.maximum(last - first, 0)
    both = width * height
    size, other = these[2:] - these[:2], those[2:] - those[:2]
    area, other_area = size[0] * size[1], other[0] * other[1]
    distance: Floats = 1 - both / (other_area + area[:, None] - both + 1e-7)
    return distance


def doubted(distance: Floats, confidence: Floats) -> Floats:
    """Distances (n, m) grown by how unsure the m boxes are: 1 minus overlap times confidence."""
    distance = 1 - (1 - distance) * confidence
    return distance


def assign(distance: Floats, limit: float) -> tuple[Numbers, Numbers]:
    """The cheapest set of pairs: for each of n rows its column, for each column its row, or -1.

    Jonker and Volgenant 1987; a row or a column left alone costs half the limit.
    """
    columns, rows = lap.lapjv(distance, extend_cost=True, cost_limit=limit, return_cost=False)
    return columns, rows
