"""An OpenVINO export of YOLO, opened for pictures of one shape and for the classes asked for.

An export is made for a padded square, floats, all classes, and decodes every anchor's box. Here
the graph is opened for the picture's own aspect, takes uint8 BGR pixels as they are, and ends
where the network ends: before the boxes are decoded, which is then done for candidates only.
Architecture: Jocher et al., Ultralytics YOLOv8 and YOLO11 (2023, 2024); box distributions: Li et
al., "Generalized Focal Loss", 2020 (arXiv 2006.04388).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

STRIDES = (8, 16, 32)
_HEAD = re.compile(r"\.cv([23])\.([012])\.2/.*Add$")
"""The last layers of a detection head: cv2 gives boxes, cv3 classes, one of each per stride."""


def input_shape(image_size: int, width: int, height: int) -> tuple[int, int]:
    """Rows and columns: the longer side is `image_size`, the other as the picture's aspect has it.

    Both are rounded up to whole strides of the network.
    """
    scale = image_size / max(width, height)
    rows, columns = (max(1, np.ceil(round(side * scale) / 32)) * 32 for side in (height, width))
    return int(rows), int(columns)


def open_graph(
    path: Path, shape: tuple[int, int], classes: Sequence[int] | None
) -> tuple[Any, bool]:
    """The export at `path` (its .xml) for pictures of shape rows, columns.

    Gives an `openvino.Model` with input uint8 BGR (1, rows, columns, 3), and whether it was cut at
    its head. Cut, its outputs are, for each stride, box distributions (1, 4 n, rows, columns) and
    class logits (1, classes, rows, columns), only those of `classes`. Otherwise there is one
    output: (1, 4 + all classes ..., anchors), at the shape of the export where that is fixed.
    """
    import openvino as ov

    whole = ov.Core().read_model(path)
    made_for = whole.inputs[0].get_partial_shape()
    cut = _cut(whole, classes)
    if cut is None and made_for.is_static:
        return _with_pixels(whole), False
    model = cut or whole
    try:
        model.reshape([1, 3, *shape])
    except RuntimeError:  # the exporter wrote its own size into the graph
        if made_for.is_dynamic:
            raise
        _unbake(model, made_for.to_shape()[2:], shape)
    return _with_pixels(model), cut is not None


def _cut(model: Any, classes: Sequence[int] | None) -> Any | None:
    """The graph up to its head's last six layers, or None where the head is of another kind."""
    import openvino as ov
    from openvino import opset13 as op

    ends: dict[tuple[str, str], Any] = {}
    for node in model.get_ops():
        found = _HEAD.search(node.get_friendly_name())
        if found and node.get_type_name() == "Add":
            ends[found.group(2), found.group(1)] = node
    if len(ends) != 6:
        return None
    for (_, kind), node in ends.items():
        if kind == "3" and classes is not None:
            _keep_channels(node, classes)
    results = [op.result(ends[key].output(0)) for key in sorted(ends)]
    return ov.Model(results, model.get_parameters(), "head")


def _keep_channels(add: Any, channels: Sequence[int]) -> None:
    """Let a convolution with its bias compute only these of its output channels."""
    from openvino import opset13 as op

    convolution = add.input_value(0).get_node()
    chosen = op.constant(np.array(channels, np.int64))
    for node, port, axis in ((convolution, 1, 0), (add, 1, 1)):
        kept = op.gather(node.input_value(port), chosen, op.constant(axis))
        node.input(port).replace_source_output(kept.output(0))


def _unbake(model: Any, old: Sequence[int], new: Sequence[int]) -> None:
    """Put a new input shape into a graph whose reshapes carry the grids of the old one."""
    from openvino import PartialShape
    from openvino import opset13 as op

    grids = {
        tuple(side // stride for side in old): tuple(side // stride for side in new)
        for stride in STRIDES
    }
    cells = {rows * columns: grids[rows, columns] for rows, columns in grids}
    for node in model.get_ops():
        target = node.input_value(1).get_node() if node.get_type_name() == "Reshape" else None
        if target is None or target.get_type_name() != "Constant":
            continue
        sizes = target.get_data().tolist()
        if (grid := grids.get(tuple(sizes[-2:]))) is not None:
            changed = [*sizes[:-2], *grid]
        else:
            changed = [int(np.prod(cells[size])) if size in cells else size for size in sizes]
        if changed != sizes:
            constant = op.constant(np.array(changed, np.int64))
            node.input(1).replace_source_output(constant.output(0))
    model.get_parameters()[0].set_partial_shape(PartialShape([1, 3, *new]))
    model.validate_nodes_and_infer_types()


def _with_pixels(model: Any) -> Any:
    """Take uint8 BGR pixels in rows; conversion and scaling become part of the graph."""
    from openvino import Layout, Type
    from openvino.preprocess import ColorFormat, PrePostProcessor

    steps = PrePostProcessor(model)
    pixels = steps.input().tensor()
    pixels.set_element_type(Type.u8).set_layout(Layout("NHWC")).set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(Layout("NCHW"))
    convert = steps.input().preprocess().convert_element_type(Type.f32)
    convert.convert_color(ColorFormat.RGB).scale(255.0)
    return steps.build()
