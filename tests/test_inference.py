"""OpenVINO exports run by ourselves see what Ultralytics sees, at the picture's own aspect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.conftest import picture
from tracking.detections import Detections
from tracking.detectors import YoloDetector, detected
from tracking.errors import DetectorStuck
from tracking.frame import Frame, Image
from tracking.inference import Options, on_openvino, on_ultralytics, open_model
from tracking.inference import graph as graphs
from tracking.inference.boxes import Fit, from_anchors
from tracking.inference.graph import input_shape
from tracking.weights import export_openvino, ultralytics


@pytest.fixture(scope="module")
def street(vtest: Path) -> Image:
    return cv2.VideoCapture(str(vtest)).read()[1]


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (768, 576, (480, 640)),
        (1920, 1080, (384, 640)),
        (1080, 1920, (640, 384)),
        (64, 64, (640, 640)),
        (4000, 10, (32, 640)),
    ],
)
def test_the_input_has_the_aspect_of_the_picture(
    width: int, height: int, shape: tuple[int, int]
) -> None:
    assert input_shape(640, width, height) == shape


def test_a_picture_of_the_same_aspect_fills_the_input() -> None:
    target = np.zeros((480, 640, 3), np.uint8)
    Fit.of(picture(200, (768, 576)), 480, 640).put(picture(200, (768, 576)), target)
    assert (target == 200).all()


def test_a_picture_of_another_aspect_lies_in_the_middle_of_grey() -> None:
    target = np.zeros((384, 640, 3), np.uint8)
    image = picture(200, (1920, 1080))
    Fit.of(image, 384, 640).put(image, target)
    assert (target[:12] == 114).all()
    assert (target[12:372] == 200).all()
    assert (target[372:] == 114).all()


def test_boxes_come_back_in_the_pixels_of_the_picture() -> None:
    fit = Fit.of(picture(0, (1920, 1080)), 384, 640)
    boxes = np.array([[0, 12, 640, 372], [320, 192, 350, 400]], np.float32)
    assert fit.back(boxes).tolist() == [[0, 0, 1920, 1080], [960, 540, 1050, 1080]]


def matched(ours: Detections, theirs: Any) -> np.ndarray:
    """Largest difference of a corner, in pixels, of each of their boxes from our nearest."""
    other = theirs.boxes.cpu().numpy()
    return np.abs(ours.xyxy[None] - other.xyxy[:, None]).max(axis=2).min(axis=1)


@pytest.mark.slow
def test_it_sees_what_ultralytics_sees(weights: Path, street: Image) -> None:
    """On the square input that the export was made for, with all classes, box for box."""
    square = cv2.copyMakeBorder(street, 96, 96, 0, 0, cv2.BORDER_CONSTANT, value=(114,) * 3)
    ours = YoloDetector(weights, confidence=0.3).detect(square)
    theirs = ultralytics().YOLO(weights, task="detect").predict(square, conf=0.3, verbose=False)[0]
    assert len(ours) == len(theirs) > 3
    assert matched(ours, theirs).max() < 2
    assert sorted(ours.cls.tolist()) == sorted(theirs.boxes.cls.tolist())


def test_only_the_classes_asked_for_are_computed(weights: Path, street: Image) -> None:
    every = YoloDetector(weights, confidence=0.3).detect(street)
    people = YoloDetector(weights, confidence=0.3, classes=["person"]).detect(street)
    cars = YoloDetector(weights, confidence=0.3, classes=["car"]).detect(street)
    kept = every[every.cls == 0]
    assert len(people) == len(kept) > 0
    assert np.abs(np.sort(people.xyxy, axis=0) - np.sort(kept.xyxy, axis=0)).max() < 1
    assert set(cars.cls) <= {2}


def test_classes_keep_their_own_numbers(weights: Path, street: Image) -> None:
    detector = YoloDetector(weights, confidence=0.3, classes=["car", "person"])
    assert set(detector.detect(street).cls) <= {0, 2}
    assert detector.settings["classes"] == ["person", "car"]


def test_a_static_export_is_opened_for_another_shape(weights: Path) -> None:
    model, cut = graphs.open_graph(next(weights.glob("*.xml")), (384, 512), [0])
    assert cut
    assert [tuple(output.shape) for output in model.outputs] == [
        (1, 64, 48, 64), (1, 1, 48, 64), (1, 64, 24, 32), (1, 1, 24, 32), (1, 64, 12, 16),
        (1, 1, 12, 16),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_head_of_another_kind_is_run_as_it_is(
    random_weights: Path, monkeypatch: pytest.MonkeyPatch, street: Image
) -> None:
    """What is decoded by the export and what is decoded by ourselves is the same."""
    export = export_openvino(random_weights)
    options = Options([0, 2], 0.0, 0.7, 320)  # what has learnt nothing is sure of nothing
    found = []
    for cut in (True, False):
        if not cut:
            monkeypatch.setattr(graphs, "_cut", lambda *_: None)
        model = open_model(export, None)
        model.prepare(options)
        found.append(model.submit(street).result())
    mine, whole = found
    assert len(mine) == len(whole) > 0
    assert np.abs(np.sort(mine.xyxy, axis=0) - np.sort(whole.xyxy, axis=0)).max() < 1


def test_whole_outputs_are_read_as_centres_sizes_and_scores() -> None:
    fit = Fit.of(picture(0, (100, 100)), 100, 100)
    output = np.zeros((1, 7, 4), np.float32)  # three classes, four anchors
    output[0, :4] = np.array([[50, 50, 20, 40], [51, 50, 20, 40], [20, 20, 10, 10], [0, 0, 1, 1]]).T
    output[0, 4:] = np.array([[0, 0, 0.9], [0, 0, 0.8], [0.7, 0, 0.1], [0.1, 0, 0]]).T
    found = from_anchors(output, 3, Options([0, 2], 0.5, 0.7, 100), fit)
    assert found.xyxy.tolist() == [[40, 30, 60, 70], [15, 15, 25, 25]]
    assert found.cls.tolist() == [2, 0]


def test_several_pictures_are_under_way_and_keep_their_order(weights: Path, street: Image) -> None:
    detector = YoloDetector(weights, classes=["person"])
    frames = [Frame(n, n, street if n % 3 == 0 else np.zeros_like(street)) for n in range(20)]
    assert detector.ahead > 0
    looked = list(detected(detector, frames, True))
    assert [frame.index for frame, _ in looked] == list(range(20))
    assert [len(found) > 0 for _, found in looked] == [n % 3 == 0 for n in range(20)]


def test_results_nobody_asks_for_do_not_block_the_next(weights: Path, street: Image) -> None:
    detector = YoloDetector(weights, classes=["person"])
    for _ in range(10):  # more than there are requests
        frames = iter(detected(detector, [Frame(0, 0, street)] * 20, True))
        next(frames)
        frames.close()  # type: ignore[attr-defined]
    assert len(detector.detect(street)) == 3


def test_pictures_of_several_shapes_share_a_detector(weights: Path, street: Image) -> None:
    detector = YoloDetector(weights, classes=["person"], confidence=0.5)
    upright = np.ascontiguousarray(np.rot90(street))
    pending = [detector.submit(image) for image in (street, upright, street)]
    first, _, third = [each.result() for each in pending]
    assert first.xyxy.tolist() == third.xyxy.tolist()


def test_a_picture_as_thin_as_a_hair_can_be_looked_at(weights: Path, street: Image) -> None:
    detector = YoloDetector(weights, classes=["person"])
    for _ in range(8):  # more than there are requests
        assert len(detector.detect(picture(0, (2000, 1)))) == 0
    assert len(detector.detect(street)) == 3


def test_pictures_that_cannot_be_looked_at_take_nothing_with_them(
    weights: Path, street: Image
) -> None:
    detector = YoloDetector(weights, classes=["person"])
    for _ in range(8):
        with pytest.raises((cv2.error, ValueError)):
            detector.detect(street.astype(complex))
    assert len(detector.detect(street)) == 3


def test_two_loops_may_take_turns_with_one_detector(weights: Path, street: Image) -> None:
    detector = YoloDetector(weights, classes=["person"])
    detector.detect(street)
    frames = [Frame(n, n, street) for n in range(6)]
    loops = [detected(detector, frames, True) for _ in range(2)]
    seen = [[len(found) for _, found in pair] for pair in zip(*loops, strict=True)]
    assert seen == [[3, 3]] * 6


def test_of_pictures_looked_at_together_only_the_bad_one_fails(
    random_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_ultralytics, "_on_gpu", lambda device: True)
    model = open_model(random_weights, "cpu")
    model.prepare(Options([0], 0.5, 0.7, 64))
    good, bad = picture(9, (64, 64)), np.full((64, 64, 3), "x")
    pending = [model.submit(image) for image in (good, bad, good, picture(9, (96, 64)))]
    assert pending[1].exception() is not None  # type: ignore[attr-defined]
    assert [len(pending[n].result()) for n in (0, 2, 3)] == [0, 0, 0]


def test_a_network_that_hangs_is_given_up_and_opened_anew(
    weights: Path, street: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = YoloDetector(weights, classes=["person"])
    detector.detect(street)
    with monkeypatch.context() as patch:
        patch.setattr(on_openvino, "PATIENCE", 0.0)
        with pytest.raises(DetectorStuck, match=weights.name):
            detector.detect(street)
    assert len(detector.detect(street)) == 3


def test_a_pt_file_takes_pictures_from_several_threads(random_weights: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    detector = YoloDetector(random_weights, confidence=0.0001, image_size=64)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(detector.detect, [picture(n * 20, (64, 64)) for n in range(8)]))
    alone = [detector.detect(picture(n * 20, (64, 64))) for n in range(8)]
    assert [len(each) for each in found] == [len(each) for each in alone]


def test_openvino_weights_do_not_import_torch(weights: Path) -> None:
    import subprocess
    import sys

    from tests.conftest import ROOT

    code = (
        "import sys, numpy as np; from tracking import YoloDetector;"
        f"YoloDetector({str(weights)!r}).detect(np.zeros((48, 64, 3), np.uint8));"
        "import tracking.tracker, tracking.runner.service;"
        "assert not {'torch', 'ultralytics', 'streamlit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
