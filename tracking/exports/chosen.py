"""Which tracks, stays and crossings a filter selects, and how many there are.

A filter of zones, lines, directions or lengths selects tracks: those with such a stay, such a
crossing, or of such a visit. What is exported of the other tables is of these tracks.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..database import SourceRow, sources
from ..filters import Filter
from ..localtime import Times
from ..metrics import Selection, select
from ..metrics.counting import there_of
from ..metrics.measuring import overlapping
from ..metrics.pieces import whole
from ..metrics.rows import Crossings, Tracks

Mask = npt.NDArray[np.bool_]

WHICH = (
    " FROM people_tracks AS track WHERE source_id = :source AND last_seen >= :since"
    " AND first_seen < :until AND (:labels IS NULL OR label IN (SELECT value FROM"
    " json_each(:labels))) AND (:tracks IS NULL OR track.id IN (SELECT value FROM"
    " json_each(:tracks)))"
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a filter selects. positions: of the tracks that overlap its window, in all."""

    tracks: int
    positions: int


class Chosen:
    """What a filter selects of a database. Raises SettingsError for one of both zones and lines.

    selection: what the filter selects, if it was read before.
    """

    def __init__(
        self, connection: sqlite3.Connection, filter: Filter, selection: Selection | None = None
    ) -> None:
        self.connection, self.filter = connection, filter
        self.sources = [
            each
            for each in sources(connection)
            if each.name in filter.sources or not filter.sources
        ]
        self.is_narrowed = filter != filter.everywhere
        self._selection = selection
        self._tracks: Times | None = None

    @property
    def selection(self) -> Selection:
        if self._selection is None:
            self._selection = select(self.connection, self.filter, self.filter.until)
        return self._selection

    @property
    def tracks(self) -> Times | None:
        """The keys of the tracks; None where the filter says no more than sources, labels and
        times."""
        if self.is_narrowed and self._tracks is None:
            self._tracks = np.unique(overlapping(self.selection).id)
        return self._tracks

    def asked(self, source: SourceRow) -> dict[str, Any]:
        """The values of WHICH."""
        labels = json.dumps(self.filter.labels) if self.filter.labels else None
        keys = None if self.tracks is None else json.dumps(self.tracks.tolist())
        window = {"since": self.filter.since, "until": self.filter.until}
        return {"source": source.id, "labels": labels, "tracks": keys, **window}

    def extent(self) -> Extent:
        tracks = positions = 0
        for source in self.sources:
            found = self.connection.execute(
                f"SELECT count(*), coalesce(sum(positions), 0){WHICH}", self.asked(source)
            ).fetchone()
            tracks, positions = tracks + found[0], positions + found[1]
        return Extent(tracks, positions)

    def stays(self) -> tuple[Selection, Tracks]:
        """The stays in the filter's zones, or in all, that overlap the times asked about."""
        selection = self.selection
        if not selection.is_of_stays:
            if self.is_narrowed:  # how long is how long a visit lasts here, not a stay
                selection = select(self.connection, self.filter.everywhere, self.filter.until)
            if not selection.zones:
                return selection, selection.tracks.where(np.zeros(len(selection.tracks), bool))
            selection = selection.within(tuple({zone.name: 0 for zone in selection.zones}))
        stays = overlapping(selection)
        if self.tracks is not None:
            stays = stays.where(np.isin(stays.id, self.tracks))
        return selection, stays.where(np.lexsort((stays.id, stays.first)))

    def crossings(self) -> tuple[Selection, Crossings]:
        """The crossings of the filter's lines, or of all, at the times asked about."""
        selection = self.selection
        if selection.is_of_stays:  # of whoever was in the zones
            selection = select(self.connection, self.filter.everywhere, self.filter.until)
        found = selection.crossings()
        inside = np.zeros(len(found.id), bool)
        for source in selection.sources:
            moments = whole(self.filter, source.timezone).moments(found.t)
            inside |= (found.source == source.id) & (moments >= 0)
        if self.tracks is not None:
            inside &= np.isin(found.id, self.tracks)
        order = np.lexsort((found.id, found.t))
        return selection, found.where(order[inside[order]])

    def moments(self) -> Inside | None:
        """When each track was in the filter's zones; None where it names none."""
        if not self.filter.zones:
            return None
        stays = there_of(self.selection)
        order = np.lexsort((stays.first, stays.id))
        return Inside(stays.id[order], stays.first[order], stays.last[order])


def extent(
    connection: sqlite3.Connection, filter: Filter, selection: Selection | None = None
) -> Extent:
    """How much an export of the filter is about; hours and weekdays are looked at for it only
    where the filter names zones, lines or lengths. selection: as `Chosen` takes it."""
    return Chosen(connection, filter, selection).extent()


@dataclass(frozen=True, slots=True)
class Inside:
    """Intervals, sorted by their track and their beginning; those of a track are apart."""

    track: Times
    first: Times
    last: Times

    def has(self, track: Times, t: Times) -> Mask:
        """Which moments of which tracks lie in one of its intervals."""
        if not len(self.track):
            return np.zeros(len(track), bool)
        begin = int(min(self.first.min(), t.min(initial=self.first.min())))
        size = int(max(self.last.max(), t.max(initial=self.last.max()))) - begin + 1
        keys, number = np.unique(self.track, return_inverse=True)
        place = np.searchsorted(keys, track).clip(max=len(keys) - 1)
        at = np.searchsorted(number * size + self.first - begin, place * size + t - begin, "right")
        stay = (at - 1).clip(0)
        found: Mask = (
            (at > 0)
            & (self.track[stay] == track)
            & (self.first[stay] <= t)
            & (t <= self.last[stay])
        )
        return found
