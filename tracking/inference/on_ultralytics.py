"""All other weights (.pt, .onnx, .engine) through Ultralytics, on whatever device it finds.

On a GPU several pictures go through the network at once, whichever sources they come from.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from ..detections import Detections
from ..frame import Image
from ..weights import ultralytics
from .options import Options

BATCH = 16


class UltralyticsModel:
    """Weights that Ultralytics runs, in one thread of its own, so any thread may submit.

    device: as Ultralytics names it; None lets it choose.
    """

    def __init__(self, path: Path, device: str | None) -> None:
        self._model: Any = ultralytics().YOLO(path, task=_stated_task(path))
        self.task = str(self._model.task)
        self.names = dict(self._model.names)
        self._device = device
        self._batch = BATCH if path.suffix == ".pt" and _on_gpu(device) else 1
        self._waiting: deque[tuple[Image, Future[Detections]]] = deque()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="ultralytics")

    def prepare(self, options: Options) -> None:
        every = len(options.classes) == len(self.names)
        self._options = {
            "conf": options.confidence,
            "iou": options.iou,
            "imgsz": options.image_size,
            "device": self._device,
            "classes": None if every else list(options.classes),
            "verbose": False,
        }
        # exported weights fail at their first picture, not when they are loaded
        self.submit(np.zeros((64, 64, 3), np.uint8)).result()

    @property
    def ahead(self) -> int:
        return 2 * self._batch

    def submit(self, image: Image) -> Future[Detections]:
        future: Future[Detections] = Future()
        self._waiting.append((image, future))
        self._worker.submit(self._work)
        return future

    def _work(self) -> None:
        """Look at what waits, at most a batch of it; one that was taken along finds nothing."""
        taken: list[tuple[Image, Future[Detections]]] = []
        # pictures of one shape only: mixed ones would be padded, and seen otherwise than alone
        while self._waiting and len(taken) < self._batch:
            if taken and self._waiting[0][0].shape != taken[0][0].shape:
                break
            taken.append(self._waiting.popleft())
        self._look([each for each in taken if each[1].set_running_or_notify_cancel()])

    def _look(self, batch: list[tuple[Image, Future[Detections]]]) -> None:
        if not batch:
            return
        try:
            results = self._model.predict([image for image, _ in batch], **self._options)
            found = [_detections(result) for result in results]
        except Exception as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for each in batch:  # one picture's fault is not the others'
                self._look([each])
            return
        for (_, future), detections in zip(batch, found, strict=True):
            future.set_result(detections)


def _detections(result: Any) -> Detections:
    boxes = result.boxes.cpu().numpy()
    return Detections(boxes.xyxy, boxes.conf, boxes.cls)


def _on_gpu(device: str | None) -> bool:
    import torch

    return device != "cpu" and torch.cuda.is_available()


def _stated_task(path: Path) -> str | None:
    """Exports name their task beside the graph; .pt files carry it inside (None)."""
    if path.suffix == ".onnx":
        import onnx

        graph = onnx.load(path, load_external_data=False)
        stated = {entry.key: entry.value for entry in graph.metadata_props}
        return str(stated.get("task", "detect"))
    return None if path.suffix == ".pt" else "detect"
