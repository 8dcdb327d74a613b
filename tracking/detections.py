"""What a detector says of one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

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

    @classmethod
    def none(cls) -> Detections:
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.float32))


class Pending(Protocol):
    """A picture that is being looked at."""

    def result(self) -> Detections:
        """Wait for it; raises DetectorError when it cannot be had."""
        ...

    def cancel(self) -> object:
        """Nobody will ask for the result."""
        ...
