"""What is asked of a network, whichever library runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..detections import Pending
from ..frame import Image


@dataclass(frozen=True, slots=True)
class Options:
    """classes: numbers of the classes wanted. confidence, iou: 0 to 1.

    image_size: pixels of the longer side of the network's input.
    """

    classes: Sequence[int]
    confidence: float
    iou: float
    image_size: int


class Model(Protocol):
    """Opened weights. task: what they were made for; names: class number to label."""

    task: str
    names: dict[int, str]

    def prepare(self, options: Options) -> None:
        """Set up, once; raises whatever the library raises when the weights cannot be run."""
        ...

    @property
    def ahead(self) -> int:
        """Pictures that may usefully be under way before the first result is asked for."""
        ...

    def submit(self, image: Image) -> Pending:
        """Begin to look at a picture; the image may be changed once this returns."""
        ...
