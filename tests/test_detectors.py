"""Detectors turn a picture into boxes; weights that cannot do that are refused by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import picture
from tracking.detectors import MotionDetector, YoloDetector
from tracking.errors import SettingsError, UnknownClass, WeightsNotFound, WeightsUnusable
from tracking.weights import export_openvino, ultralytics


def test_real_weights_find_the_people_of_a_real_picture(weights: Path, vtest: Path) -> None:
    _, image = cv2.VideoCapture(str(vtest)).read()
    found = YoloDetector(weights, classes=["person"], confidence=0.5).detect(image)
    assert len(found) == 3  # as the ground truth has it
    assert set(found.cls) == {0}
    assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()
    assert found.conf.min() >= 0.5


def test_an_unknown_class_is_named_with_the_nearest_one(random_weights: Path) -> None:
    with pytest.raises(UnknownClass, match="knows no class 'persn'; did you mean 'person'"):
        YoloDetector(random_weights, classes=["car", "persn"])


def test_class_names_may_be_written_in_capitals(random_weights: Path) -> None:
    detector = YoloDetector(random_weights, classes=["Person", "CAR"])
    assert detector.settings["classes"] == ["person", "car"]


def test_a_pt_file_detects(random_weights: Path) -> None:
    found = YoloDetector(random_weights, confidence=0.0).detect(picture(100, (160, 120)))
    assert found.xyxy.shape == (len(found), 4)


@pytest.mark.slow
def test_an_openvino_folder_detects(random_weights: Path) -> None:
    detector = YoloDetector(export_openvino(random_weights))
    assert detector.names[0] == "person"
    assert len(detector.detect(picture(100, (160, 120)))) == 0


@pytest.mark.slow
def test_an_onnx_file_detects(random_weights: Path) -> None:
    onnx = ultralytics().YOLO(random_weights).export(format="onnx", imgsz=160, simplify=False)
    detector = YoloDetector(onnx, image_size=160)
    assert detector.names[2] == "car"
    assert len(detector.detect(picture(100, (160, 120)))) == 0


def test_corrupt_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "corrupt.pt").write_bytes(b"\x80\x02 this was a model once")
    with pytest.raises(WeightsUnusable, match=r"corrupt\.pt is not usable as weights"):
        YoloDetector(tmp_path / "corrupt.pt")


def test_empty_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pt").touch()
    with pytest.raises(WeightsUnusable, match=r"empty\.pt"):
        YoloDetector(tmp_path / "empty.pt")


def test_corrupt_onnx_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "corrupt.onnx").write_bytes(b"this is no graph")
    with pytest.raises(WeightsUnusable, match=r"corrupt\.onnx"):
        YoloDetector(tmp_path / "corrupt.onnx")


def test_an_openvino_export_cut_short_is_named(weights: Path, tmp_path: Path) -> None:
    copy = tmp_path / weights.name
    shutil.copytree(weights, copy, copy_function=shutil.copyfile)
    copy.chmod(0o755)
    (copy / "yolo11n.bin").write_bytes(b"short")
    with pytest.raises(WeightsUnusable, match=weights.name):
        YoloDetector(copy)


def test_weights_for_another_task_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "sorter.pt"
    ultralytics().YOLO("yolo11n-cls.yaml").save(path)
    with pytest.raises(WeightsUnusable, match=r"sorter\.pt was made for the task 'classify'"):
        YoloDetector(path)


def test_a_folder_that_is_no_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnusable, match="not an OpenVINO export"):
        YoloDetector(tmp_path)


def test_missing_weights_are_named() -> None:
    with pytest.raises(WeightsNotFound, match=r"gone\.pt"):
        YoloDetector("gone.pt")


def test_a_confidence_out_of_range_is_refused() -> None:
    with pytest.raises(SettingsError, match="confidence 25 is out of range"):
        YoloDetector("any.pt", confidence=25)


def scene(left: int | None) -> np.ndarray:
    """A street of fixed texture, with a dark figure of 30 x 90 pixels or without."""
    street = np.random.default_rng(1).integers(90, 160, (240, 320, 3), np.uint8)
    street = cv2.GaussianBlur(street, (7, 7), 0)
    if left is not None:
        street[100:190, left : left + 30] = 20
    return street


def test_motion_sees_what_moves_and_where() -> None:
    detector = MotionDetector()
    for _ in range(20):
        assert len(detector.detect(scene(None))) == 0
    for left in range(40, 200, 8):
        found = detector.detect(scene(left))
    assert len(found) == 1
    assert np.allclose(found.xyxy[0], [left, 100, left + 30, 190], atol=8)


def test_motion_does_not_take_the_first_picture_for_a_movement() -> None:
    assert len(MotionDetector().detect(scene(50))) == 0


def test_motion_does_not_take_a_light_switched_on_for_a_movement() -> None:
    detector = MotionDetector()
    for _ in range(20):
        detector.detect(scene(None))
    assert len(detector.detect(np.clip(scene(None).astype(int) + 80, 0, 255).astype(np.uint8))) == 0


def test_motion_looks_at_pictures_of_any_shape() -> None:
    detector = MotionDetector()
    for shape in ((2, 2000, 3), (2000, 1, 3)):
        assert len(detector.detect(np.zeros(shape, np.uint8))) == 0
        detector.reset()


def test_a_second_pass_of_motion_gives_what_the_first_gave() -> None:
    detector, passes = MotionDetector(), []
    for _ in range(2):
        detector.reset()
        passes.append([detector.detect(scene(left)).xyxy.tolist() for left in range(40, 120, 8)])
    assert passes[0] == passes[1]


def test_a_file_that_is_no_weights_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text("print()")
    with pytest.raises(WeightsUnusable, match=r"notes\.py is not weights: those are \.pt"):
        YoloDetector(tmp_path / "notes.py")
