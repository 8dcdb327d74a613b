"""Deriving stays and crossings of living tracks, batch by batch, as the writer gets them.

What comes out is the same as if whole tracks were looked at. Of each track only its latest stay in
each zone is remembered, and at each line the feet since its side counted for the last time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from .crossing import SETTLED, SETTLED_FEET, UNDECIDED
from .drawings import Drawn, drawn_at
from .feet import Feet, joined, read_feet
from .geometry import Line, Zone
from .staying import GRACE, stays_in
from .storing import Rows, add_crossings, feet_inside, replace_rows


@dataclass(frozen=True, slots=True, eq=False)
class Approach:
    """What is remembered of a track at a line: the feet since its side counted for the last time.

    sure: whether it did for the first of them; if not, it is not known where the track came from.
    """

    feet: Feet
    sure: bool


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """What is remembered of a track.

    last: when it was last seen. stays: of each zone's version, entered and left. approaches: of
    each line's version.
    """

    last: int
    stays: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    approaches: Mapping[int, Approach] = field(default_factory=dict)


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
    approaches: dict[int, dict[int, Approach]] = {}
    for each in drawn:
        if isinstance(each.shape, Line):
            before_it = {track: trail.approaches[each.id] for track, trail in going_on.items()}
            for track, approach in _follow_line(rows, each, each.shape, before_it, feet):
                approaches.setdefault(track, {})[each.id] = approach
    rows.write(connection)
    ends = np.append(feet.begins[1:], True)
    for track, t in zip(feet.track[ends].tolist(), feet.t[ends].tolist(), strict=True):
        going_on[track] = Trail(t, stays.get(track, {}), approaches.get(track, {}))
    return Followed(drawn, {**trails, **going_on})


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


def _follow_line(
    rows: Rows, drawn: Drawn, line: Line, known: Mapping[int, Approach], feet: Feet
) -> Iterator[tuple[int, Approach]]:
    """Add the crossings that have come to an end; what is to be remembered of each track."""
    feet = joined([*(approach.feet for approach in known.values()), feet]) if known else feet
    came = [track for track, approach in known.items() if approach.sure]
    heads = np.flatnonzero(feet.begins)
    sure = np.zeros(len(feet), bool)
    sure[heads] = np.isin(feet.track[heads], came)
    counts = add_crossings(rows, drawn, line, feet, sure)
    last = np.maximum.accumulate(np.where(counts, np.arange(len(feet)), -1))
    for head, end in zip(heads.tolist(), np.append(heads[1:], len(feet)).tolist(), strict=True):
        begin, is_sure = max(head, int(last[end - 1])), bool(last[end - 1] >= head)
        if feet.t[end - 1] - feet.t[begin] > UNDECIDED:
            begin, is_sure = max(begin, _recent(feet, end)), False
        yield int(feet.track[head]), Approach(feet.where(np.arange(begin, end)), is_sure)


def _recent(feet: Feet, end: int) -> int:
    """The first of the feet that tell, in the next batch, whether somebody stays on a side."""
    begin = max(0, end - 2 * SETTLED_FEET)
    while begin > 0 and feet.t[begin - 1] >= feet.t[end - 1] - 2 * SETTLED:
        begin -= 1
    return begin
