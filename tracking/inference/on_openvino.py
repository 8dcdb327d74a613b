"""OpenVINO exports, without Ultralytics and PyTorch: several pictures are under way at once."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from ..detections import Detections
from ..errors import DetectorStuck
from ..frame import Image
from .boxes import Fit, from_anchors, from_head
from .graph import input_shape, open_graph
from .options import Options

PATIENCE_FOR_FREE = 2.0  # seconds that a picture waits for another to be done
PATIENCE = 30.0  # seconds that one picture may take before the engine counts as hung


class OpenVinoModel:
    """An export's folder, opened once for each shape of input that pictures ask for.

    `submit` may be called from any thread; it waits only while all requests are taken.
    """

    def __init__(self, path: Path) -> None:
        import yaml

        self.path = path
        stated = yaml.safe_load((path / "metadata.yaml").read_text())
        self.task = str(stated.get("task", "detect"))
        self.names = {int(number): str(name) for number, name in stated["names"].items()}
        self._graph = next(path.glob("*.xml"))
        self._opened: dict[tuple[int, int], _Opened] = {}
        self._opening = threading.Lock()

    def prepare(self, options: Options) -> None:
        self.options = options
        graph, cut = self.graph((options.image_size, options.image_size))
        rows = graph.outputs[0].get_partial_shape()[1].get_length()
        if not cut and rows < 4 + len(self.names):
            raise ValueError(f"it gives {rows} values an anchor, for {len(self.names)} classes")

    def graph(self, shape: tuple[int, int]) -> tuple[Any, bool]:
        """The network for one shape of input, and whether it was cut at its head."""
        return open_graph(self._graph, shape, self.options.classes)

    @property
    def ahead(self) -> int:
        """Pictures that may usefully be in flight before the first is asked for."""
        return max((len(opened.requests) for opened in self._opened.values()), default=2) - 1

    def submit(self, image: Image) -> InFlight:
        shape = input_shape(self.options.image_size, image.shape[1], image.shape[0])
        return InFlight(self._opened.get(shape) or self._open(shape), image)

    def _open(self, shape: tuple[int, int]) -> _Opened:
        with self._opening:
            if shape not in self._opened:
                self._opened[shape] = _Opened(self, shape)
            return self._opened[shape]

    def give_up(self, opened: _Opened) -> None:
        """Forget a compiled graph that hangs; the next picture compiles it anew."""
        opened.hung = True
        with self._opening:
            self._opened = {k: each for k, each in self._opened.items() if each is not opened}


class _Opened:
    """The graph compiled for one shape, with its requests and their memory."""

    def __init__(self, model: OpenVinoModel, shape: tuple[int, int]) -> None:
        import openvino as ov

        self.model = model
        graph, self.cut = model.graph(shape)
        self.compiled = ov.Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
        streams = self.compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        # one more than can run at once waits for its turn, and one is being filled or read
        self.requests = [_Request(self.compiled) for _ in range(streams + 2)]
        self.hung = False
        self.free: SimpleQueue[_Request] = SimpleQueue()
        for request in self.requests:
            self.free.put(request)

    def take(self) -> _Request:
        """A free request; who has them all and asks for no result gets one more."""
        try:
            return self.free.get(timeout=PATIENCE_FOR_FREE)
        except Empty:
            return _Request(self.compiled)

    def detections(self, request: _Request, fit: Fit) -> Detections:
        if self.cut:
            return from_head(request.outputs, self.model.options, fit)
        names = len(self.model.names)
        return from_anchors(request.outputs[0], names, self.model.options, fit)


class _Request:
    """One inference request with input and output arrays that it keeps for good."""

    def __init__(self, compiled: Any) -> None:
        import openvino as ov

        self.infer = compiled.create_infer_request()
        self.input = np.zeros(tuple(compiled.inputs[0].shape), np.uint8)
        self.infer.set_input_tensor(ov.Tensor(self.input, shared_memory=True))
        self.outputs = [np.zeros(tuple(output.shape), np.float32) for output in compiled.outputs]
        for index, array in enumerate(self.outputs):
            self.infer.set_output_tensor(index, ov.Tensor(array, shared_memory=True))


class InFlight:
    """A picture on its way through the network. `result` or `cancel` must be called once.

    Whatever goes wrong, its request is given back, unless the network still has it.
    """

    def __init__(self, opened: _Opened, image: Image) -> None:
        self._opened, self._request = opened, opened.take()
        try:
            pixels = self._request.input[0]
            self._fit = Fit.of(image, *pixels.shape[:2])
            self._fit.put(image, pixels)
            self._request.infer.start_async()
        except BaseException:
            opened.free.put(self._request)
            raise

    def result(self) -> Detections:
        answered = True
        try:
            if not (answered := self._wait()):
                self._opened.model.give_up(self._opened)
                raise DetectorStuck(f"{self._opened.model.path.name} did not answer in time")
            return self._opened.detections(self._request, self._fit)
        finally:
            if answered:
                self._opened.free.put(self._request)

    def cancel(self) -> None:
        with suppress(Exception):
            if not self._wait():
                return
        self._opened.free.put(self._request)

    def _wait(self) -> bool:
        """Whether the network has answered; one that hangs is waited for only once."""
        patience = 0.0 if self._opened.hung else PATIENCE
        return bool(self._request.infer.wait_for(int(patience * 1000)))
