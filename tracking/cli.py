"""The command line. Each command does one thing, shows progress, and ends with a table."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table

from .database import (
    files_of,
    free_name,
    latest_boxes,
    open_database,
    open_readonly,
    overlapping_runs,
    sources,
)
from .errors import OutputError, SettingsError, WeightsNotFound
from .logger import DatabaseLogger
from .paths import keep_clear
from .times import local_zone, to_ms, zone

if TYPE_CHECKING:
    from .demo import DemoResult, DemoTruth
    from .detectors import Detector
    from .frame import Frame
    from .interchange import Summary
    from .yolo import YoloStreamer

app = typer.Typer(
    help="Watch video sources, keep who was where and when in one SQLite file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console()
err = Console(stderr=True)


class Format(str, Enum):
    mot = "mot"
    csv = "csv"
    parquet = "parquet"


class Kind(str, Enum):
    yolo = "yolo"
    motion = "motion"


Database = Annotated[Path, typer.Option("--db", help="The SQLite file.", show_default=False)]
SourceName = Annotated[
    str, typer.Option("--source", help="The source's name in the database.", show_default=False)
]
Weights = Annotated[
    Optional[str],  # noqa: UP045  (typer reads this on Python 3.10 too)
    typer.Option(help="YOLO weights: a path, or a name such as yolo11n.", show_default="yolo11n"),
]
Detect = Annotated[Kind, typer.Option("--detector", help="What finds the objects.")]
Start = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="When the recording began, like 2026-03-01T09:30.", show_default="now"),
]
Zone = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="The source's time zone, like Europe/Berlin.", show_default="this machine's"),
]
Fps = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(help="Frames a second, where the file does not say or is wrong.", min=0.001),
]


@app.command()
def track(
    source: Annotated[
        str, typer.Argument(help="A video file, a folder of pictures, a URL, or a camera's number.")
    ],
    db: Database,
    weights: Weights = None,
    classes: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Labels to keep, like person,car.", show_default="all"),
    ] = None,
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="The source's name in the database.", show_default="the file's"),
    ] = None,
    start: Start = None,
    timezone: Zone = None,
    fps: Fps = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Also write the annotated video to this .mp4 file.", show_default=False),
    ] = None,
    confidence: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Least confidence of a detection.", min=0, max=1, show_default="0.25"),
    ] = None,
    detector: Detect = Kind.yolo,
    tracker: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            help="A tracker setting, like match_thresh=0.8; may be repeated.", metavar="NAME=VALUE"
        ),
    ] = None,
) -> None:
    """Detect and track the objects of a source, and log them to the database."""
    from .streamers import open_source
    from .tracker import TrackerSettings
    from .yolo import YoloStreamer

    settings = TrackerSettings.of(dict(_setting(text) for text in tracker or []))
    region = zone(timezone).key if timezone else local_zone()
    begun = None if start is None else to_ms(start, region)
    streamer = open_source(source, start=begun, fps=fps, name=name, timezone=region)
    streamer.check()  # before the weights are loaded, which takes seconds
    if output is not None:
        keep_clear(output, *files_of(db), *([Path(source)] if Path(source).exists() else []))
        if output.suffix.lower() != ".mp4" and not output.is_char_device():
            raise OutputError(f"{output} is to be an .mp4 file, but is not called so")
    with closing(open_database(db)) as connection:
        notes = []
        if name is None:
            streamer.name = free_name(connection, streamer.name, streamer.uri)
        elif (before := _place_of(connection, name)) not in (None, streamer.uri):
            notes.append(f"the source {name!r} was {before} before")
        yolo = YoloStreamer(
            streamer,
            tracker=settings,
            detector=_detector(detector, weights, _listed(classes), confidence),
        )
        code = _run(yolo, connection, output, str(db), notes)
    raise typer.Exit(code)


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option(help="Where the clip, the database and the video go.")
    ] = Path("demo"),
    weights: Weights = None,
    detector: Detect = Kind.yolo,
) -> None:
    """Make a short clip whose truth is known, track it, and print the counts beside the truth."""
    from .demo import compare, make_demo
    from .streamers import VideoStreamer
    from .yolo import YoloStreamer

    folder.mkdir(parents=True, exist_ok=True)
    clip, db = folder / "clip.mp4", folder / "demo.db"
    if clip.exists() and not db.exists():
        raise OutputError(f"{clip} is there and not of this program's making; name another folder")
    for old in files_of(db):
        old.unlink(missing_ok=True)
    with _progress("Making the clip") as advance:
        truth = make_demo(clip, advance)
    classes = ["person"] if detector is Kind.yolo else None
    yolo = YoloStreamer(
        VideoStreamer(clip, name="demo"), detector=_detector(detector, weights, classes, None)
    )
    with closing(open_database(db)) as connection:
        code = _run(yolo, connection, folder / "annotated.mp4", str(db))
        if code == 0:
            _print_truth(truth, compare(truth, latest_boxes(connection, "demo")))
    raise typer.Exit(code)


@app.command("export")
def export_(
    db: Database,
    source: SourceName,
    format: Annotated[Format, typer.Option(help="The kind of file.", show_default=False)],
    output: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    run: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Only this run.", show_default="all; mot: the latest"),
    ] = None,
    label: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Only tracks with this label.", show_default="all"),
    ] = None,
) -> None:
    """Write a source's tracks to a file: MOTChallenge lines, CSV or Parquet."""
    from .interchange import export_tracks

    with closing(open_readonly(db)) as connection:
        summary = export_tracks(connection, source, format.value, output, run=run, label=label)
    _print_summary(f"Exported to {output}", summary)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The file to read.")],
    db: Database,
    source: SourceName,
    format: Annotated[Format, typer.Option(help="The kind of file.", show_default=False)],
    start: Start = None,
    fps: Fps = None,
    timezone: Zone = None,
    label: Annotated[str, typer.Option(help="The label of MOTChallenge rows.")] = "person",
) -> None:
    """Read another tracker's results into the database as a source of their own."""
    from .interchange import import_tracks

    region = zone(timezone).key if timezone else local_zone()
    begun = None if start is None else to_ms(start, region)
    with closing(open_database(db)) as connection, _progress("Importing") as advance:
        summary = import_tracks(
            connection,
            source,
            format.value,
            file,
            start=begun,
            fps=fps,
            label=label,
            timezone=timezone,
            progress=advance,
        )
    _print_summary(f"Imported into {db}", summary)


@app.command()
def weights(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="Weights to fetch and to export to OpenVINO, like yolo11n."),
    ] = None,
) -> None:
    """Show which weights are found where; with a NAME, fetch them and make them fast on CPUs."""
    from .detectors import YoloDetector
    from .weights import export_openvino, find_weights, folders, survey

    if name is not None:
        path = find_weights(name)
        with err.status(f"Trying {path}"):
            YoloDetector(path)
        if path.suffix == ".pt":
            with err.status(f"Exporting {path} to OpenVINO"):
                path = export_openvino(path)
        out.print(f"Ready: {path}", markup=False, highlight=False, soft_wrap=True)
        return
    table = Table("name", "form", "size", title="Weights found, first choice first")
    table.add_column("where", overflow="fold")
    for found in survey():
        size = f"{found.size / 1e6:.1f} MB"
        table.add_row(escape(found.name), found.form, size, escape(str(found.path)))
    searched = ", ".join(str(folder) for folder in folders())
    if not table.row_count:
        out.print("No weights found; without them only motion is detected.")
    else:
        out.print(table)
    out.print(
        f"Searched: {escape(searched)}. `tracking weights yolo11n` fetches that name.",
        soft_wrap=True,
    )


def _place_of(connection: sqlite3.Connection, name: str) -> str | None:
    return next((row.uri for row in sources(connection) if row.name == name), None)


def _run(
    yolo: YoloStreamer,
    connection: sqlite3.Connection,
    output: Path | None,
    place: str,
    notes: Sequence[str] = (),
) -> int:
    """Track to the end or until told to stop; the exit code."""
    counts = _Counts()
    yolo.add_listener(DatabaseLogger(connection))
    code = 0
    try:
        for frame in _recorded(yolo, output):
            counts.add(frame)
    except KeyboardInterrupt:
        code = 130
    except SystemExit as stop:  # SIGTERM, made into an exception by the logger
        code = int(stop.code or 0)
    finally:
        if counts.frames:
            shown = [*notes, *yolo.problems, *(["stopped before its end"] if code else [])]
            if again := overlapping_runs(connection, yolo.name):
                shown.append(f"{again} runs of this source cover the same time: all of them count")
            _print_counts(yolo, counts, place, output, shown)
    return code


def _recorded(yolo: YoloStreamer, output: Path | None) -> Iterator[Frame]:
    """The frames, while the annotated video is written and progress is shown."""
    from .drawing import Annotator
    from .recording import VideoRecorder

    annotator = Annotator()
    recorder = VideoRecorder(output) if output else None
    yolo.load()
    with (
        recorder or nullcontext(),
        _progress(f"Tracking {yolo.name}") as advance,
        closing(yolo.frames()) as frames,
    ):
        for count, frame in enumerate(frames, 1):
            if recorder:
                recorder.write(annotator.draw(frame), frame.t)
            advance(count, yolo.streamer.total or 0)
            yield frame


class _Counts:
    """What a run saw, for the table at its end."""

    def __init__(self) -> None:
        self.frames = self.positions = 0
        self.first = self.last = 0
        self.labels: dict[int, str] = {}

    def add(self, frame: Frame) -> None:
        self.first = self.first or frame.t
        self.last = frame.t
        self.frames += 1
        self.positions += len(frame.tracks)
        self.labels.update((track.id, track.label) for track in frame.tracks)

    def tracks(self) -> str:
        """Like `25 person, 3 car`, the most frequent first."""
        labels = list(self.labels.values())
        each = sorted({(-labels.count(label), label) for label in labels})
        return ", ".join(f"{-count} {label}" for count, label in each) or "none"


def _print_counts(
    yolo: YoloStreamer, counts: _Counts, place: str, output: Path | None, notes: list[str]
) -> None:
    span = (counts.last - counts.first) / 1000
    detector = yolo.load()
    rows: dict[str, Any] = {
        "detector": " ".join(filter(None, [detector.kind, detector.weights])),
        "frames": f"{counts.frames} ({span:.1f} s of the source)",
        "positions": counts.positions,
        "tracks": counts.tracks(),
        "database": place,
        "annotated video": output,
        "note": "\n".join(notes),
    }
    _print_rows(f"Tracked {yolo.name}", rows)


def _print_summary(title: str, summary: Summary) -> None:
    rows = {
        "source": summary.source,
        "runs": summary.runs,
        "tracks": summary.tracks,
        "positions": summary.rows,
        "note": "\n".join(summary.notes),
    }
    _print_rows(title, rows)


def _print_rows(title: str, rows: dict[str, Any]) -> None:
    out.print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
    table = Table(show_header=False)
    for name, value in rows.items():
        if value not in (None, ""):
            table.add_row(name, escape(str(value)))
    out.print(table)


def _print_truth(truth: DemoTruth, result: DemoResult) -> None:
    """The clip's truth and, beside it, what was found: counts, then person by person."""
    table = Table("", "truth", "found", title="Truth and what was found", title_justify="left")
    table.add_row("people", str(truth.people), f"{result.tracks} tracks")
    table.add_row("every person counted once", "yes", _said(result.each_counted_once))
    held = _said(result.ids_held_through_occlusions)
    table.add_row(f"ids right through {len(truth.occlusions)} occlusions", "yes", held)
    for person, ids in sorted(result.found.items()):
        frames = sum(share > 0 for share in truth.visible[person].values())
        found = ", ".join(f"track #{number}" for number in ids) or "nobody"
        table.add_row(f"person {chr(64 + person)}", f"in {frames} frames", found)
    out.print(table)


def _said(true: bool) -> str:
    return "[green]yes[/]" if true else "[red]no[/]"


def _detector(
    kind: Kind, weights: str | None, classes: list[str] | None, confidence: float | None
) -> Detector:
    """The detector asked for; motion, said plainly, where no weights are named and none are had."""
    from .detectors import MotionDetector, YoloDetector
    from .weights import DEFAULT_WEIGHTS

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
        note = f"Only motion will be detected, of any class, labelled 'moving': {error}"
        err.print(note, style="yellow", markup=False, highlight=False, soft_wrap=True)
        return MotionDetector()


def _listed(classes: str | None) -> list[str] | None:
    if classes is None:
        return None
    if not (labels := [label.strip() for label in classes.split(",") if label.strip()]):
        raise SettingsError("--classes names no label; write it like person,car")
    return labels


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"--tracker {text!r} is not NAME=VALUE, like match_thresh=0.8")
    return name.strip(), value.strip()


@contextmanager
def _progress(title: str) -> Generator[Any, None, None]:
    """A bar on a terminal's stderr, nothing elsewhere; called with how many of how many."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(escape(title), total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield advance
