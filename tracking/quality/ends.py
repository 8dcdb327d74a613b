"""Where and when the tracks of a source begin and end: one entry a track."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ..footprints import ends_in
from ..localtime import MINUTE, Times
from ..metrics import Selection
from ..metrics.measuring import overlapping
from ..metrics.pieces import Floats
from .catalogue import AHEAD, EDGE, SOON

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ends:
    """Tracks of one source, in order of their keys.

    id: people_tracks.id; run: runs.id; label: a number for each; first, last: milliseconds since
    1970 UTC; positions: how many there are, confidence: their mean. begin, end: (n, 4) the first
    and the last box, x, y of its centre, width, height in pixels. began, ended: when their run
    did; now where that is under way. frame: (n, 2) width and height of its pictures, inf where
    nobody knows.
    """

    id: Times
    run: Times
    label: Times
    first: Times
    last: Times
    positions: Times
    confidence: Floats
    begin: Floats
    end: Floats
    began: Times
    ended: Times
    frame: Floats

    def __len__(self) -> int:
        return len(self.id)

    def where(self, mask: Mask) -> Ends:
        """Those of a mask."""
        return Ends(*(getattr(self, field.name)[mask] for field in fields(self)))

    @property
    def length(self) -> tuple[Floats, Floats]:
        """Of the first and of the last box: its longer side, pixels."""
        return self.begin[:, 2:].max(axis=1), self.end[:, 2:].max(axis=1)

    @property
    def feet(self) -> tuple[Floats, Floats]:
        """(n, 2) where its feet are at the beginning and at the end, pixels."""
        return _foot(self.begin), _foot(self.end)

    @property
    def way(self) -> Floats:
        """How far apart beginning and end are, in box lengths."""
        first, last = self.feet
        size: Floats = np.maximum(sum(self.length) / 2, 1e-9)
        far: Floats = np.hypot(*(last - first).T) / size
        return far

    def at_edge(self) -> tuple[Mask, Mask]:
        """Who comes in by the picture's edge, and who leaves by it."""
        seconds = np.maximum((self.last - self.first) / 1000, AHEAD / 1000)
        step = (self.end[:, :2] - self.begin[:, :2]) / seconds[:, None] * (AHEAD / 1000)
        return _near(self.begin, -step, self.frame), _near(self.end, step, self.frame)

    def watched(self, gaps: Times) -> tuple[Mask, Mask]:
        """Whose beginning, and whose end, lies in a time that was watched on both sides.

        gaps: minutes since 1970 in which the source was not watched all the time.
        """
        begun = (self.first - self.began > SOON) & ~np.isin(self.first // MINUTE, gaps)
        ended = (self.ended - self.last > SOON) & ~np.isin(self.last // MINUTE, gaps)
        return begun, ended & ~np.isin((self.last + SOON) // MINUTE, gaps)


def _foot(box: Floats) -> Floats:
    return np.column_stack([box[:, 0], box[:, 1] + box[:, 3] / 2])


def _near(box: Floats, step: Floats, frame: Floats) -> Mask:
    """Whose box is at the edge of its frame, or is there after a step."""
    length = box[:, 2:].max(axis=1)
    near: Mask = (_margin(box[:, :2], box, frame) < EDGE * length) | (
        _margin(box[:, :2] + step, box, frame) < 0
    )
    return near


def _margin(centre: Floats, box: Floats, frame: Floats) -> Floats:
    """How far a box with that centre is from the nearest edge, pixels; below 0 beyond it."""
    half = box[:, 2:] / 2
    known = np.where(np.isfinite(frame), centre - half, np.inf)
    margin: Floats = np.minimum(known, frame - centre - half).min(axis=1)
    return margin


_RUNS = (
    "SELECT runs.id, started_at, coalesce(ended_at, ?), coalesce(runs.width, sources.width),"
    " coalesce(runs.height, sources.height) FROM runs JOIN sources ON sources.id = source_id"
    " WHERE source_id = ?"
)


def read_ends(connection: sqlite3.Connection, selection: Selection) -> Ends:
    """The ends of all tracks of the selection's one source that overlap what is asked about."""
    (source,), filter = selection.sources, selection.filter
    tracks = overlapping(selection)
    order = np.argsort(tracks.id)
    ids, labels = tracks.id[order], tracks.label[order]
    table = ends_in(connection, source.id, filter.since, filter.until)
    place = np.searchsorted(ids, table["id"]).clip(max=max(0, len(ids) - 1))
    known = ids[place] == table["id"] if len(ids) else np.zeros(len(table), bool)
    table = table[known]
    runs = {row[0]: row[1:] for row in connection.execute(_RUNS, (selection.now, source.id))}
    run, number = np.unique(table["run"], return_inverse=True)
    about = [runs.get(int(each), (0, selection.now, None, None)) for each in run]
    times = np.array([row[:2] for row in about], np.int64).reshape(-1, 2)[number]
    frame = np.array([[side or np.inf for side in row[2:]] for row in about], float)
    label = labels[place[known]] if len(ids) else np.zeros(0, np.int64)
    return Ends(
        table["id"], table["run"], label, table["first"], table["last"], table["positions"],
        table["confidence"], table["begin"], table["end"],
        times[:, 0], times[:, 1], frame.reshape(-1, 2)[number],
    )  # fmt: skip
