"""Where the detector's weights are looked for, fetched to, and made fast.

Order: the path given; `models/` where the program runs; the folders in TRACKING_MODELS; else
Ultralytics' own download of that name into `models/`. A name without an ending ("yolo11n") takes
the fastest form found: on a CPU its OpenVINO export, several times faster than the .pt file.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import WeightsNotFound, WeightsUnusable

DEFAULT_WEIGHTS = "yolo11n"
ENDINGS = (".pt", ".onnx", ".engine")
EXPORTS = ("_int8_openvino_model", "_openvino_model")


@dataclass(frozen=True, slots=True)
class Found:
    """Weights on this machine. form: pt, onnx, engine or openvino; size: bytes on disk."""

    name: str
    form: str
    path: Path
    size: int


def ultralytics() -> Any:
    """The ultralytics package, imported late (it takes seconds) and kept quiet and private.

    Its telemetry (`sync`) is off for this process, it installs nothing by itself, and it is told
    that there is no network, so that it looks nobody up; explicit downloads still work.
    """
    for name, value in {"AUTOINSTALL": "false", "VERBOSE": "false", "OFFLINE": "true"}.items():
        os.environ.setdefault(f"YOLO_{name}", value)
    import ultralytics

    # what goes wrong is told once, by the exception
    logging.getLogger("ultralytics").setLevel(logging.CRITICAL)
    # set in memory only: the user's own settings file is theirs
    dict.__setitem__(ultralytics.settings, "sync", False)
    return ultralytics


def folders() -> list[Path]:
    """The folders that are searched, in order; they need not exist."""
    listed = os.environ.get("TRACKING_MODELS", "").split(os.pathsep)
    return [Path("models"), *(Path(folder) for folder in listed if folder)]


def find_weights(weights: str | Path = DEFAULT_WEIGHTS) -> Path:
    """The weights of that path or name, downloaded into `models/` where they are nowhere else.

    Raises WeightsNotFound, whose message names the ways to get weights.
    """
    return locate(weights) or download(weights)


def locate(weights: str | Path) -> Path | None:
    """Like `find_weights`, but only among what is already on this machine."""
    given = Path(weights)
    if given.exists() and given.name not in ("", ".", ".."):
        return given
    for folder in folders():
        for name in _forms(given.name):
            if (folder / name).exists():
                return folder / name
    return None


def _forms(name: str) -> Iterator[str]:
    """File names that hold the weights of that name, the one asked for first, then by speed."""
    stem, ending = os.path.splitext(name)
    if ending and ending != ".pt":
        yield name
        return
    stem = stem if ending else name
    exports = [stem + export for export in EXPORTS]
    files = [f"{stem}.engine", f"{stem}.pt"] if _cuda() else []
    yield from [name] if ending else []
    yield from [*files, *exports, f"{stem}.pt", f"{stem}.onnx"]


def _cuda() -> bool:
    return Path("/proc/driver/nvidia/version").exists()


def survey() -> list[Found]:
    """All weights in the folders searched, in the order in which they would be chosen."""
    found = []
    for folder in folders():
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.is_file() and path.suffix in ENDINGS:
                found.append(Found(path.stem, path.suffix[1:], path, path.stat().st_size))
            elif path.is_dir() and path.name.endswith("_openvino_model"):
                size = sum(file.stat().st_size for file in path.iterdir())
                stem = path.name.removesuffix("_openvino_model").removesuffix("_int8")
                found.append(Found(stem, "openvino", path, size))
    return found


def download(weights: str | Path) -> Path:
    """Ultralytics' own weights of that name, fetched into `models/`.

    Raises WeightsNotFound when there are none of that name or the network does not give them.
    """
    name = Path(weights).name
    stem = name.removesuffix(".pt")
    ultralytics()
    from ultralytics.utils.downloads import GITHUB_ASSETS_STEMS, attempt_download_asset

    if stem not in GITHUB_ASSETS_STEMS or name not in (stem, f"{stem}.pt"):
        raise WeightsNotFound(
            f"There are no weights {str(weights)!r}: no such file, and no name that Ultralytics "
            "offers (like yolo11n); put them into models/ or into a folder named in TRACKING_MODELS"
        )
    target = Path("models") / f"{stem}.pt"
    missing = WeightsNotFound(f"{name} is not here and cannot be fetched: {_ways(stem)}")
    try:
        target.parent.mkdir(exist_ok=True)
        attempt_download_asset(target)
    except Exception as error:  # whatever the network, the disk or the server can do
        with suppress(OSError):
            target.parent.rmdir()  # an empty folder that only this made
        raise missing from error
    if not target.exists():
        raise missing
    return target


def _ways(stem: str) -> str:
    return (
        f"put {stem}.pt or its OpenVINO folder into models/, or name a folder that holds it in "
        f"TRACKING_MODELS, or run `tracking weights {stem}` where there is a network"
    )


def export_openvino(weights: Path) -> Path:
    """The OpenVINO export of a .pt file, made once and kept beside it.

    Raises WeightsUnusable when the file is not YOLO weights.
    """
    target = weights.with_name(f"{weights.stem}_openvino_model")
    done = target / "metadata.yaml"  # the last that is written
    if done.exists() and done.stat().st_mtime >= weights.stat().st_mtime:
        return target
    try:
        return Path(ultralytics().YOLO(weights).export(format="openvino", dynamic=True))
    except Exception as error:
        raise WeightsUnusable(f"{weights} cannot be exported to OpenVINO: {error}") from error
