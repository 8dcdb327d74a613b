"""Heatmaps as pictures, and as a streamer of pictures that keeps itself up to date."""

from __future__ import annotations

import threading
import time
import unicodedata
from collections.abc import Generator
from contextlib import suppress
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import SettingsError, TrackingError
from .frame import Frame, Image
from .heatmap import LARGEST, Heatmap, read_heatmap
from .streamers import Streamer
from .times import now_ms, zone

if TYPE_CHECKING:  # matplotlib takes most of a second to import: wait for the first picture
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

INCHES = 8.0, 6.0  # the least the layout has; a larger picture is the same one, sharper
PAGE, PAPER, QUIET, LOUD = "#13111c", "#000004", "#a59fb5", "#f4f1fa"


class PlotStreamer(Streamer):
    """An endless stream of heatmaps of where a source's people stood, from their boxes' feet.

    id: of the source, as the database counts them, from 0. interval: seconds between pictures.
    window: how many seconds, up to the source's newest position, are shown.
    cell: side of a cell in pixels of the source; size: the picture's width and height in pixels.
    timezone: for the times in the title, instead of the source's own.
    Loops never fail: a picture says in words what is missing. close() ends all of them.
    """

    kind = "plot"

    def __init__(
        self,
        id: int,
        db_path: str | Path,
        *,
        interval: float = 1.0,
        window: float = 3600.0,
        cell: int = 16,
        size: tuple[int, int] = (800, 600),
        timezone: str | None = None,
    ) -> None:
        self.id = id
        self.path = Path(db_path)
        super().__init__(f"plot-{id}", str(self.path.absolute()), timezone)
        self.interval = _within("interval", interval, 0.001, 86_400)
        self.window = _within("window", window, 1, 1e9)
        self.cell = round(_within("cell", cell, 1, LARGEST))
        self.size = (round(_within("width", size[0], 160, 8192)), size[1])
        _within("height", size[1], 120, 8192)
        self.fps = 1 / interval
        self._timezone = timezone
        self._closing = threading.Event()

    def frames(self) -> Generator[Frame, None, None]:
        closing = self._closing  # of this pass: one that begins after close() has a new one
        index, t, due = 0, 0, time.monotonic()
        while not closing.is_set():
            image = self.picture()
            t = max(t + 1, now_ms())
            yield Frame(index, t, image)
            index += 1
            due = max(due + self.interval, time.monotonic())  # late pictures are not made up for
            closing.wait(due - time.monotonic())

    def close(self) -> None:
        """End every loop, at once where it waits and after its picture where it draws one."""
        self._closing.set()
        self._closing = threading.Event()
        with suppress(ValueError):  # another thread is inside the pass, and ends it itself
            super().close()

    def picture(self) -> Image:
        """The picture of this moment: the heatmap, or why there is none."""
        try:
            heatmap = read_heatmap(self.path, self.id, self.window, self.cell)
            return draw_heatmap(heatmap, self.size, self._timezone)
        except TrackingError as error:
            return draw_words(str(error), self.size)


def describe(heatmap: Heatmap, timezone_name: str | None = None) -> tuple[str, str]:
    """Title and subtitle: the source, how many tracks, and the window in local time."""
    name = " ".join(heatmap.source.split())
    tracks = "1 track" if heatmap.tracks == 1 else f"{heatmap.tracks:,} tracks"
    span = _span(heatmap.since, heatmap.until, timezone_name or heatmap.timezone)
    return name if len(name) <= 44 else f"{name[:43].rstrip()}…", f"{tracks} · {span}"


def draw_heatmap(
    heatmap: Heatmap, size: tuple[int, int], timezone_name: str | None = None
) -> Image:
    """The heatmap with its axes in pixels of the source and a colour bar in seconds; uint8 BGR."""
    from matplotlib.colors import AsinhNorm

    figure, grid = _figure(size), heatmap.grid
    axes = figure.add_axes(_place(figure, grid.width / grid.height))
    axes.set_facecolor(PAPER)
    rows, columns = grid.shape
    present = heatmap.seconds[heatmap.seconds > 0]
    usual, most = (np.median(present), present.max()) if present.size else (1.0, 1.0)
    shown = axes.imshow(
        heatmap.seconds,
        cmap="inferno",
        # zero is black, and beyond little it is logarithmic: a bench must not hide the way to it
        norm=AsinhNorm(linear_width=usual / 4, vmin=0, vmax=most),
        extent=(0, columns * grid.cell, rows * grid.cell, 0),
        interpolation="bilinear",  # passes through each cell's value and never above it
        interpolation_stage="rgba",
    )
    axes.set(xlim=(0, grid.width), ylim=(grid.height, 0))
    unit = f"seconds of presence per cell of {grid.cell} × {grid.cell} px"
    _colour_bar(figure, axes, shown, unit)
    axes.set_xlabel("x (px)", color=QUIET, fontsize=8)
    axes.set_ylabel("y (px)", color=QUIET, fontsize=8)
    _quiet(axes)
    title, subtitle = describe(heatmap, timezone_name)
    left, top = axes.get_position().x0, figure.get_figheight()
    _write(figure, (left, 1 - 0.42 / top), title, LOUD, 14, weight="bold")
    _write(figure, (left, 1 - 0.66 / top), subtitle, QUIET, 9)
    return _rendered(figure)


def draw_words(message: str, size: tuple[int, int]) -> Image:
    """A picture of the same kind that says why there is nothing to see; uint8 BGR."""
    figure = _figure(size)
    words = fill(" ".join(message.split()), 60, max_lines=8, placeholder=" …")
    _write(figure, (0.5, 0.56), "Nothing to show yet", LOUD, 16, weight="bold", ha="center")
    _write(figure, (0.5, 0.52), words, QUIET, 11, ha="center", va="top", linespacing=1.6)
    return _rendered(figure)


def _span(since: int, until: int, timezone_name: str) -> str:
    """Two times on local clocks, and whose clocks those are."""
    try:
        clock = zone(timezone_name)
    except SettingsError:  # a name that only the machine that wrote it knew
        clock = zone("UTC")
    start, end = (
        datetime.fromtimestamp(t // 1000, timezone.utc).astimezone(clock).isoformat(" ")
        for t in (since, until)
    )
    offset = "" if clock.key == "UTC" else f" {end[19:]}"
    changed = "" if start[19:] == end[19:] else f" {start[19:]}"  # summer time began or ended
    day = "" if start[:10] == end[:10] else end[:11]
    return f"{start[:19]}{changed} – {day}{end[11:19]}{offset} {clock.key}"


def _within(what: str, value: float, least: float, most: float) -> float:
    if not least <= value <= most:
        raise SettingsError(f"{what} {value:g} is out of range: {least:g} to {most:g}")
    return value


def _figure(size: tuple[int, int]) -> Figure:
    """An empty page; of the object interface, which shares nothing with other threads."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    dpi = min(size[0] / INCHES[0], size[1] / INCHES[1])
    # a hundredth of a pixel more, so that rounding down gives exactly this size
    figure = Figure(((size[0] + 0.01) / dpi, (size[1] + 0.01) / dpi), dpi=dpi, facecolor=PAGE)
    FigureCanvasAgg(figure)
    return figure


def _rendered(figure: Figure) -> Image:
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    return np.ascontiguousarray(pixels[:, :, 2::-1])


def _place(figure: Figure, aspect: float) -> tuple[float, float, float, float]:
    """The largest box of that width to height between the margins; left, bottom, width, height."""
    page_width, page_height = figure.get_size_inches()
    left, right, top, bottom = 0.7, 1.15, 0.85, 0.6  # inches for labels, colour bar and titles
    room = page_width - left - right, page_height - top - bottom
    width = min(room[0], room[1] * aspect)
    height = width / aspect
    return (
        (left + (room[0] - width) / 2) / page_width,
        (bottom + (room[1] - height) / 2) / page_height,
        width / page_width,
        height / page_height,
    )


def _colour_bar(figure: Figure, axes: Axes, shown: AxesImage, label: str) -> None:
    box = axes.get_position()
    bar = figure.add_axes((box.x1 + 0.02, box.y0, 0.018, box.height))
    figure.colorbar(shown, cax=bar, ticks=_ticks(shown))
    bar.yaxis.set_major_formatter("{x:,g}")
    bar.set_ylabel(label, color=QUIET, fontsize=8, labelpad=6)
    _quiet(bar)


def _ticks(shown: AxesImage) -> list[float]:
    """Round numbers of seconds, as many as have room on the colour bar."""
    seconds = np.array([float(f"{step}e{power}") for power in range(-3, 10) for step in (1, 2, 5)])
    ticks, last = [0.0], 0.0
    for tick, place in zip(seconds, np.asarray(shown.norm(seconds)), strict=True):
        if last + 0.07 <= place <= 1:
            ticks.append(float(tick))
            last = place
    return ticks


def _quiet(axes: Axes) -> None:
    axes.minorticks_off()
    axes.tick_params(colors=QUIET, labelsize=8, length=3, width=0.6)
    axes.spines[:].set(color=QUIET, linewidth=0.4)


def _write(
    figure: Figure, at: tuple[float, float], text: str, colour: str, size: int, **style: Any
) -> None:
    """Text as it is: other people's names may hold formulas, or characters that no font has."""
    families, known = _fonts()
    legible = "".join(
        character if ord(character) in known or character == "\n" else "□"
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) != "Cf" and not "\ufe00" <= character <= "\ufe0f"
    )
    style = {"family": list(families), "parse_math": False, "usetex": False, **style}
    shown = figure.text(*at, legible, color=colour, fontsize=size, **style)
    room = (0.96 if style.get("ha") == "center" else 0.98 - at[0]) * figure.bbox.width
    width = shown.get_window_extent().width
    if width > room:  # wide letters, or little room beside an upright frame
        shown.set_fontsize(size * room / width)


FONTS = [
    "DejaVu Sans",  # comes with matplotlib; the others serve Asia where they are installed
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
]


@lru_cache(maxsize=1)
def _fonts() -> tuple[tuple[str, ...], frozenset[int]]:
    """The families to write with, and every character that they have in plain and in bold."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

    families = tuple(family for family in FONTS if family in fontManager.get_font_names())
    known: set[int] = set()
    for family in families:
        plain, bold = (
            get_font(findfont(FontProperties(family=family, weight=weight))).get_charmap()
            for weight in ("normal", "bold")
        )
        known |= plain.keys() & bold.keys()
    return families, frozenset(known)
