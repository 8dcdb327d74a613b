"""Weights are found in a fixed order, and what is missing is said with the ways to get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracking.errors import WeightsNotFound, WeightsUnusable
from tracking.weights import export_openvino, find_weights, locate, survey, ultralytics


def put(path: Path) -> Path:
    """An empty file in the place of weights; an OpenVINO folder where the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith("_openvino_model"):
        path.mkdir()
        (path / "graph.xml").touch()
    else:
        path.touch()
    return path


def test_the_path_given_comes_first(tmp_path: Path) -> None:
    put(tmp_path / "models" / "shop.pt")
    given = put(tmp_path / "elsewhere" / "shop.pt")
    assert locate(given) == given


def test_then_the_projects_models_then_the_folders_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKING_MODELS", str(tmp_path / "others"))
    other = put(tmp_path / "others" / "shop.pt")
    assert locate("../gone/shop.pt") == other
    put(tmp_path / "models" / "shop.pt")
    assert locate("../gone/shop.pt") == Path("models/shop.pt")


def test_a_bare_name_takes_the_form_that_is_fastest_on_a_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.weights._cuda", lambda: False)
    put(tmp_path / "models" / "shop.pt")
    assert locate("shop") == Path("models/shop.pt")
    put(tmp_path / "models" / "shop_openvino_model")
    assert locate("shop") == Path("models/shop_openvino_model")


def test_a_name_with_an_ending_takes_that_file(tmp_path: Path) -> None:
    put(tmp_path / "models" / "shop.pt")
    put(tmp_path / "models" / "shop_openvino_model")
    assert locate("shop.pt") == Path("models/shop.pt")


def test_on_a_gpu_a_bare_name_takes_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.weights._cuda", lambda: True)
    put(tmp_path / "models" / "shop_openvino_model")
    put(tmp_path / "models" / "shop.engine")
    assert locate("shop") == Path("models/shop.engine")


def test_the_export_serves_where_the_pt_file_is_missing(tmp_path: Path) -> None:
    put(tmp_path / "models" / "shop_int8_openvino_model")
    assert locate("shop.pt") == Path("models/shop_int8_openvino_model")


def test_missing_weights_name_the_ways_to_get_them() -> None:
    with pytest.raises(WeightsNotFound) as caught:
        find_weights("no-such-weights.pt")
    message = str(caught.value)
    assert "no-such-weights.pt" in message
    assert "models/" in message
    assert "TRACKING_MODELS" in message


def test_a_known_name_that_cannot_be_fetched_says_where_it_can(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(WeightsNotFound, match="`tracking weights yolo11s` where there is a net"):
        find_weights("yolo11s.pt")
    assert not (tmp_path / "models").exists()


def test_the_survey_lists_what_is_found_where(tmp_path: Path) -> None:
    put(tmp_path / "models" / "shop.pt").write_bytes(b"12345")
    put(tmp_path / "models" / "shop_int8_openvino_model")
    (tmp_path / "models" / "README.md").touch()
    found = [(each.name, each.form, each.size) for each in survey()]
    assert sorted(found) == [("shop", "openvino", 0), ("shop", "pt", 5)]


def test_telemetry_is_off() -> None:
    assert ultralytics().settings["sync"] is False
    from ultralytics.utils.events import Events

    assert Events().enabled is False


@pytest.mark.slow
def test_an_export_is_made_once_and_kept_beside_the_weights(random_weights: Path) -> None:
    folder = export_openvino(random_weights)
    assert folder == random_weights.with_name("blank_openvino_model")
    made = (folder / "blank.xml").stat().st_mtime_ns
    assert export_openvino(random_weights) == folder
    assert (folder / "blank.xml").stat().st_mtime_ns == made


def test_what_is_no_model_cannot_be_exported(tmp_path: Path) -> None:
    (tmp_path / "junk.pt").write_bytes(b"junk")
    with pytest.raises(WeightsUnusable, match=r"junk\.pt cannot be exported"):
        export_openvino(tmp_path / "junk.pt")
