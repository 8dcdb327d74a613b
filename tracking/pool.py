"""The tracks that a tracker keeps, as arrays: who they are, where they are, how long they wait."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .association import Numbers, corners, distances
from .kalman import Floats, MovingFilter, StillFilter

Mask = npt.NDArray[np.bool_]

ROW = np.dtype(
    [
        ("number", np.int64),  # its identity, from 1
        ("born", np.int64),  # the picture that it was first seen in
        ("seen", np.int64),  # the picture that it was last seen in
        ("sure", np.bool_),  # seen in two pictures, or in the very first: shown, and kept when lost
        ("box", np.int64),  # its box among those of the latest picture, -1 for none
        ("given_up", np.int64),  # how many had been given up before it
    ]
)
REMEMBERED = 1000
"""For how many more that are given up it is remembered that a track was."""

SAME = 0.15
"""A track seen and a lost one closer than this (1 - overlap) are one object."""


class Pool:
    """The tracks of one source: those in the latest picture, `seen` of them, then the lost ones.

    rows: (n,) of ROW. state: the filter's, for n boxes. changed: whether the rows did in the
    latest picture. patience: pictures for which a lost track waits to be found again.
    """

    def __init__(self, kalman: StillFilter | MovingFilter, patience: int) -> None:
        self.picture = 0
        self.seen = 0
        self.changed = False
        self.rows: npt.NDArray[Any] = np.empty(0, ROW)
        self.state = kalman.begin(np.empty((4, 0)))
        self._kalman = kalman
        self._patience = patience
        self._numbers = self._given_up = 0

    @property
    def places(self) -> Floats:
        """(4, n) centre and size of each track's box."""
        places: Floats = self.state[0]
        return places

    def predict(self, motion: Floats | None = None) -> None:
        """Where the tracks are in the next picture; those seen but once are taken to stand still.

        motion: (2, 3) how the camera moved the picture.
        """
        self.picture += 1
        sure = self.rows["sure"]
        if np.count_nonzero(sure) == len(sure):
            self._kalman.predict(self.state, self.seen)
        else:
            known = sure.nonzero()[0]
            state = self.state.take(known, axis=2)
            self._kalman.predict(state, int(np.count_nonzero(sure[: self.seen])))
            self.state[:, :, known] = state
        if motion is not None and isinstance(self._kalman, MovingFilter):
            self._kalman.warp(self.state, motion)

    def update(self, found: Numbers, boxes: Floats, new: Numbers) -> None:
        """Take in a picture's boxes (4, m): centre and size.

        found: (n,) the box of each track, -1 for none; new: the boxes to begin tracks with.
        """
        rows, hit = self.rows, found >= 0
        rows["box"] = found
        rows["seen"][hit] = self.picture
        rows["sure"] |= hit
        if np.count_nonzero(hit) == len(hit):
            self._kalman.correct(self.state, boxes.take(found, axis=1))
        else:
            known = hit.nonzero()[0]
            state = self.state.take(known, axis=2)
            self._kalman.correct(state, boxes.take(found[known], axis=1))
            self.state[:, :, known] = state
        self.changed = False
        if not self._settled(hit, new):
            self._sort(hit, boxes, new)
        if 0 < self.seen < len(self.rows):
            self._drop_doubles()

    def _settled(self, hit: Mask, new: Numbers) -> bool:
        """Whether the tracks of the last picture were all seen again, and the lost ones wait on."""
        seen = self.seen
        if len(new) or not np.count_nonzero(hit) == np.count_nonzero(hit[:seen]) == seen:
            return False
        lost = self.rows["seen"][seen:]
        return len(lost) == 0 or bool(self.picture - lost.min() <= self._patience)

    def _sort(self, hit: Mask, boxes: Floats, new: Numbers) -> None:
        """Bring the rows into the order of the class, without those that are given up."""
        rows, seen, count = self.rows, self.seen, len(self.rows)
        waiting = (~hit[seen:]).nonzero()[0] + seen
        missed = (~hit[:seen] & rows["sure"][:seen]).nonzero()[0]
        lost = np.concatenate([waiting, missed])
        # one given up may still be found in the next picture, but does not wait a second time
        lost = lost[self._given_up - rows["given_up"][lost] > REMEMBERED]
        self._give_up(waiting)
        kept, back = hit[:seen].nonzero()[0], hit[seen:].nonzero()[0] + seen
        born = np.arange(count, count + len(new))
        order = np.concatenate([kept, born, back, lost])
        self.seen = len(order) - len(lost)
        if len(new):
            begun = self._kalman.begin(boxes.take(new, axis=1))
            self.state = np.concatenate([self.state, begun], axis=2)
            self.rows = np.concatenate([rows, self._begin(new)])
        self._keep(order)

    def _give_up(self, waiting: Numbers) -> None:
        """Count those given up: the tracks seen but once, and those that have waited too long."""
        rows = self.rows
        late = waiting[self.picture - rows["seen"][waiting] > self._patience]
        self._given_up += len(rows) - int(np.count_nonzero(rows["sure"]))
        rows["given_up"][late] = self._given_up + np.arange(len(late))
        self._given_up += len(late)

    def _begin(self, new: Numbers) -> npt.NDArray[Any]:
        rows = np.empty(len(new), ROW)
        rows["number"] = np.arange(self._numbers + 1, self._numbers + 1 + len(new))
        rows["born"] = rows["seen"] = self.picture
        rows["sure"] = self.picture == 1
        rows["box"] = new
        rows["given_up"] = -REMEMBERED - 1
        self._numbers += len(new)
        return rows

    def _drop_doubles(self) -> None:
        """Of a track seen and a lost one in the same place, keep the one that lasted longer."""
        box = corners(self.places)
        seen, lost = (distances(box[:, : self.seen], box[:, self.seen :]) < SAME).nonzero()
        if not len(seen):
            return
        lost += self.seen
        age = self.rows["seen"] - self.rows["born"]
        older = age[seen] > age[lost]
        keep = np.ones(len(self.rows), np.bool_)
        keep[lost[older]] = keep[seen[~older]] = False
        self.seen = int(np.count_nonzero(keep[: self.seen]))
        self._keep(keep.nonzero()[0])

    def _keep(self, order: Numbers) -> None:
        self.rows = self.rows.take(order)
        self.state = self.state.take(order, axis=2)
        self.changed = True
