"""Giving rows their place in time: which frame is when, and which moment is which frame."""

from __future__ import annotations

from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path

import numpy as np

from ..errors import RowError, SettingsError
from ..events import Source
from ..times import LATEST, OUTSIDE, Time, iso, now_ms, to_ms
from .bulk import Positions
from .rows import Ints, Rows, unit_of

_ASSUMED_FPS = 25.0
_FIRST_YEAR = 365 * 86_400_000  # milliseconds


def placed_in_time(
    path: Path, form: str, rows: Rows, source: Source, start: Time | None, fps: float | None
) -> tuple[float | None, Positions]:
    """The rows with times and frames, sorted, and the frame rate; adds to the rows' notes.

    Raises RowError for a track that is twice at one time, and for a time out of range.
    """
    if form == "mot":
        fps = fps or _usual_fps(source, path, rows.notes)
        begin = now_ms() if start is None else to_ms(start, source.timezone)
        t, frame = _times_of_frames(path, rows, begin, fps), rows.moment - 1
    else:
        t, frame = rows.moment, _frames_of_times(rows, fps)
        if start is not None:
            rows.notes.append("start was not used: every row carries its own time")
        if t.max() < _FIRST_YEAR:
            rows.notes.append("all times lie in 1970: t counts milliseconds, not seconds")
    order = np.lexsort((t, rows.track))
    _refuse_doubles(path, form, rows, t, order)
    return fps, Positions(
        rows.track[order],
        t[order],
        frame[order],
        rows.box[order],
        rows.confidence[order],
        rows.label[order],
        rows.labels,
    )


def _times_of_frames(path: Path, rows: Rows, begin: int, fps: float) -> Ints:
    """Milliseconds of frames from 1, the first of them at `begin`."""
    if not 0 <= begin < LATEST:
        raise SettingsError(f"start {begin} {OUTSIDE}")
    passed = np.floor((rows.moment - 1) * 1000 / fps + 0.5)
    late = passed >= LATEST - begin
    if late.any():
        row = int(late.argmax())
        place = f'{path}, line {rows.place[row]}, column "frame"'
        raise RowError(f"{place}: {rows.moment[row]} at {fps:g} frames per second {OUTSIDE}")
    return begin + passed.astype(np.int64)


def _frames_of_times(rows: Rows, fps: float | None) -> Ints:
    """Frames from 0: by the rate if that keeps a track's times apart, else in order of time."""
    t = rows.moment
    if fps:
        frame: Ints = np.floor((t - t.min()) * fps / 1000 + 0.5).astype(np.int64)
        order = np.lexsort((t, rows.track))
        same = (np.diff(rows.track[order]) == 0) & (np.diff(frame[order]) == 0)
        if not same.any():
            return frame
        rows.notes.append(f"frames were numbered by their order: {fps:g} per second are too few")
    return np.asarray(np.unique(t, return_inverse=True)[1], np.int64)


def _refuse_doubles(path: Path, form: str, rows: Rows, t: Ints, order: Ints) -> None:
    """Raise RowError for the first row whose track was already there at that time."""
    doubled = (np.diff(rows.track[order]) == 0) & (np.diff(t[order]) == 0)
    if not doubled.any():
        return
    pairs = np.stack([order[:-1][doubled], order[1:][doubled]])  # equal ones stay in file order
    earlier, later = pairs[:, pairs[1].argmin()]
    when = f"in frame {rows.moment[later]}" if form == "mot" else f"at {iso(int(t[later]))}"
    unit = unit_of(form)
    raise RowError(
        f"{path}, {unit} {rows.place[later]}: track {rows.track[later]} is {when}"
        f" already on {unit} {rows.place[earlier]}"
    )


def _usual_fps(source: Source, path: Path, notes: list[str]) -> float:
    """Frames per second where none were asked for; what was not known to us is noted."""
    if source.fps and 0 < source.fps <= 1000:
        return source.fps
    folder = path.absolute().parent
    for information in (folder / "seqinfo.ini", folder.parent / "seqinfo.ini"):
        parser = ConfigParser(interpolation=None)
        try:
            parser.read(information, "utf-8")
            fps = parser.getfloat("Sequence", "frameRate")
        except (ConfigError, OSError, ValueError):
            continue
        if 0 < fps <= 1000:
            notes.append(f"{fps:g} frames per second, from {information}")
            return fps
    notes.append(f"{_ASSUMED_FPS:g} frames per second were assumed")
    return _ASSUMED_FPS
