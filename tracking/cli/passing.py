"""One pass over a source with everything around it: progress, the video, the table at its end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SettingsError, WeightsNotFound
from .options import Kind
from .printing import note, print_rows, progress
from .program import err

if TYPE_CHECKING:
    from ..detectors import Detector
    from ..frame import Frame
    from ..yolo import YoloStreamer


def follow(
    yolo: YoloStreamer,
    connection: sqlite3.Connection,
    output: Path | None,
    place: str,
    notes: Sequence[str] = (),
) -> int:
    """Track to the end or until told to stop; the exit code."""
    from ..database import overlapping_runs
    from ..ground import derive_in
    from ..logger import DatabaseLogger

    yolo.add_listener(DatabaseLogger(connection))
    code = frames = 0
    try:
        for _ in _recorded(yolo, output):
            frames += 1
    except KeyboardInterrupt:
        code = 130
    except SystemExit as stop:  # SIGTERM, made into an exception by the logger
        code = int(stop.code or 0)
    finally:
        if frames:
            shown = [*notes, *yolo.problems, *(["stopped before its end"] if code else [])]
            if again := overlapping_runs(connection, yolo.name):
                shown.append(f"{again} runs of this source cover the same time: all of them count")
            _print_counts(yolo, connection, place, output, shown)
    if frames:
        derive_in(connection)  # a runner does it by itself
    return code


def chosen_detector(
    kind: Kind, weights: str | None, classes: list[str] | None, confidence: float | None
) -> Detector:
    """The detector asked for; motion, said plainly, where no weights are named and none are had."""
    from ..detectors import MotionDetector, YoloDetector
    from ..weights import DEFAULT_WEIGHTS

    if kind is Kind.motion:
        if weights is not None or classes is not None or confidence is not None:
            raise SettingsError("--detector motion knows no --weights, --classes or --confidence")
        return MotionDetector()
    try:
        with err.status("Loading the detector"):
            return YoloDetector(
                DEFAULT_WEIGHTS if weights is None else weights,
                classes=classes,
                confidence=0.25 if confidence is None else confidence,
            )
    except WeightsNotFound as error:
        if weights is not None:
            raise
        note(f"Only motion will be detected, of any class, labelled 'moving': {error}")
        return MotionDetector()


def _recorded(yolo: YoloStreamer, output: Path | None) -> Iterator[Frame]:
    """The frames, while the annotated video is written and progress is shown."""
    from ..drawing import Annotator
    from ..recording import VideoRecorder

    annotator = Annotator()
    recorder = VideoRecorder(output) if output else None
    yolo.load()
    with (
        recorder or nullcontext(),
        progress(f"Tracking {yolo.name}") as advance,
        closing(yolo.frames()) as frames,
    ):
        for count, frame in enumerate(frames, 1):
            if recorder:
                recorder.write(annotator.draw(frame), frame.t)
            advance(count, yolo.streamer.total or 0)
            yield frame


def _print_counts(
    yolo: YoloStreamer,
    connection: sqlite3.Connection,
    place: str,
    output: Path | None,
    notes: list[str],
) -> None:
    """What the database has of the run: a signal may come between a frame's row and its count."""
    run, frames, lasted = connection.execute(
        "SELECT runs.id, frames, ended_at - started_at FROM runs JOIN sources"
        " ON sources.id = source_id WHERE name = ? ORDER BY runs.id DESC LIMIT 1",
        (yolo.name,),
    ).fetchone() or (None, 0, 0)
    labels = connection.execute(
        "SELECT label, count(*) AS tracks, sum(positions) FROM people_tracks WHERE run_id = ?"
        " GROUP BY label ORDER BY tracks DESC, label",
        (run,),
    ).fetchall()
    detector = yolo.load()
    rows: dict[str, Any] = {
        "detector": " ".join(filter(None, [detector.kind, detector.weights])),
        "frames": f"{frames} ({lasted / 1000:.1f} s of the source)",
        "positions": sum(positions for *_, positions in labels),
        "tracks": ", ".join(f"{tracks} {label}" for label, tracks, _ in labels) or "none",
        "database": place,
        "annotated video": output,
        "note": "\n".join(notes),
    }
    print_rows(f"Tracked {yolo.name}", rows)
