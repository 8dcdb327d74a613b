"""Deriving stays and crossings of living tracks, batch by batch, as the writer gets them.

What comes out is the same as if whole tracks were looked at. Of each track only the feet since the
last one whose side of every line counts are remembered, and its latest stay in each zone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from .drawings import Drawn, drawn_at
from .feet import Feet, joined, read_feet
from .geometry import Line, Mask, Zone
from .staying import GRACE, stays_in
from .storing import Rows, add_crossings, feet_inside, replace_rows


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """What is remembered of a track.

    sure: whether the side of every line counts for the first of the feet; if not, it did for
    none so far. stays: of each zone's version, entered and left.
    """

    feet: Feet
    sure: bool
    stays: Mapping[int, tuple[int, int]]

    @property
    def last(self) -> int:
        return int(self.feet.t[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """How far a run's tracks have been looked at, and for which zones and lines.

    trails: by people_tracks.id.
    """

    drawn: tuple[Drawn, ...] = ()
    trails: Mapping[int, Trail] = field(default_factory=dict)

    def of(self, tracks: Collection[int]) -> Followed:
        """That of these tracks only."""
        kept = {track: trail for track, trail in self.trails.items() if track in tracks}
        return Followed(self.drawn, kept)


NOTHING_FOLLOWED = Followed()


def follow(
    connection: sqlite3.Connection,
    source_id: int,
    before: Followed,
    feet: Feet,
    begun: Collection[int],
    grace: int = GRACE,
) -> Followed:
    """Write what tracks did with the feet of a batch that has just been stored.

    begun: the tracks that have no earlier feet. Belongs into the transaction that stores them.
    Tracks that were there before a zone or line was drawn or changed are looked at as a whole.
    """
    drawn = drawn_at(connection, source_id)
    if not drawn or not len(feet):
        return Followed(drawn)
    trails = before.trails if before.drawn == drawn else {}
    firsts = dict(zip(feet.track[feet.begins].tolist(), feet.t[feet.begins].tolist(), strict=True))
    going_on = {
        track: trails[track]
        for track, t in firsts.items()
        if track in trails and t > trails[track].last
    }
    unknown = [track for track in firsts if track not in going_on and track not in begun]
    if unknown:
        known = feet.where(~np.isin(feet.track, unknown))
        feet = joined([known, read_feet(connection, unknown)])
        replace_rows(connection, drawn, unknown, Rows())
    rows = Rows()
    stays = _follow_stays(rows, drawn, going_on, feet, grace)
    whole = joined([*(trail.feet for trail in going_on.values()), feet]) if going_on else feet
    tracks = [track for track, trail in going_on.items() if trail.sure]
    sure = whole.begins & np.isin(whole.track, tracks)
    counts = np.ones(len(whole), bool)
    for each in drawn:
        if isinstance(each.shape, Line):
            counts &= add_crossings(rows, each, each.shape, whole, sure)
    rows.write(connection)
    return Followed(drawn, {**trails, **_trails(whole, counts, stays)})


def _follow_stays(
    rows: Rows, drawn: tuple[Drawn, ...], trails: Mapping[int, Trail], feet: Feet, grace: int
) -> dict[int, dict[int, tuple[int, int]]]:
    """Add the stays that have begun or gone on; the latest in each zone, by track."""
    latest = {track: dict(trail.stays) for track, trail in trails.items()}
    for each in drawn:
        if not isinstance(each.shape, Zone):
            continue
        inside = feet_inside(each, each.shape, feet)
        for track, entered, left in stays_in(inside, feet, grace).rows():
            stays = latest.setdefault(track, {})
            since, until = stays.get(each.id, (entered, entered))
            if entered - until > grace:
                since = entered
            stays[each.id] = since, left
            rows.stays.append((track, each.id, since, left))
    return latest


def _trails(
    feet: Feet, counts: Mask, stays: Mapping[int, Mapping[int, tuple[int, int]]]
) -> dict[int, Trail]:
    """What is to be remembered of each of the tracks."""
    heads = np.flatnonzero(feet.begins)
    ends = np.append(heads[1:], len(feet))
    last = np.maximum.accumulate(np.where(counts, np.arange(len(feet)), -1))[ends - 1]
    trails = {}
    for head, end, sure in zip(heads.tolist(), ends.tolist(), last.tolist(), strict=True):
        track = int(feet.track[head])
        kept = feet.where(np.arange(max(head, sure), end))
        trails[track] = Trail(kept, sure >= head, stays.get(track, {}))
    return trails
