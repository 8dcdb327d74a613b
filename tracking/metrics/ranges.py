"""How many visits there may be at least and at most, as not every join of tracks is sure.

The bounds are those of `tracking.visits.count`, of any part of the record: at least as many as
there are if doubtful joins count, without those that are so brief that they may be none; at most as
many as there are if only sure ones do.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..localtime import Times
from ..visits import VisitSettings, visit_settings
from .catalogue import METRICS
from .counting import Cut, overlaps_of, per_source, values_of
from .pieces import Floats, distinct
from .rows import Mask, read_tracks
from .selection import Selection

REACH = 130_000
"""Milliseconds by which a join reaches out of a window at most, as `VisitSettings` has it."""


@dataclass(frozen=True, slots=True)
class Range:
    """How many visits there may be: at least `low` and at most `high`, of so many tracks.

    lenient, strict: the scores from which on joins count for them; brief: seconds that a visit must
    last to count for `low`.
    """

    low: int
    high: int
    tracks: int
    lenient: float
    strict: float
    brief: float


@dataclass(frozen=True, slots=True)
class Chains:
    """Of n tracks, in the order of their keys, which are the same object.

    id: people_tracks.id. fewest, most: a number, 0 to n - 1, that all tracks have that are joined
    where doubtful joins count, and where only sure ones do. brief: by the number in `fewest`,
    whether all of them together are too brief to be sure of. joined: keys of the sources whose
    tracks were looked at. settings: what makes a join doubtful or sure.
    """

    id: Times
    fewest: Times
    most: Times
    brief: Mask
    joined: frozenset[int]
    settings: VisitSettings

    def is_brief(self, number: Times) -> Mask:
        """Whether those of these numbers are; of a track that came since, nobody knows."""
        known = number < len(self.brief)
        found: Mask = known & np.append(self.brief, False)[np.where(known, number, -1)]
        return found


def range_of(selection: Selection, cut: Cut) -> Range | None:
    """The range of the visits of a selection; None where its tracks were never joined."""
    found = ranges_of(selection, cut)
    if found is None:
        return None
    settings = chains_of(selection).settings
    low, high, tracks = (int(each[0]) for each in found)
    return Range(low, high, tracks, settings.lenient, settings.strict, settings.brief)


def ranges_of(selection: Selection, cut: Cut) -> tuple[Floats, Floats, Floats] | None:
    """The least and the most visits, and the tracks, of each group; None as of `range_of`."""
    chains = chains_of(selection)
    if any(source.id not in chains.joined for source, part in per_source(selection)
           if len(part.tracks)):  # fmt: skip
        return None
    return selection.kept(("ranges", cut.key), lambda: _ranges_anew(selection, cut, chains))


def _ranges_anew(selection: Selection, cut: Cut, chains: Chains) -> tuple[Floats, Floats, Floats]:
    low, high = np.zeros(cut.count), np.zeros(cut.count)
    for _, part in per_source(selection):
        row, group = overlaps_of(part, cut)
        for total, numbers in ((low, chains.fewest), (high, chains.most)):
            pair = distinct(_numbers(chains, numbers, part)[row] * np.int64(cut.count) + group)
            if total is low:
                pair = pair[~chains.is_brief(pair // cut.count)]
            total += np.bincount(pair % cut.count, minlength=cut.count)
    visits, tracks = (values_of(METRICS[name], selection, cut) for name in ("visits", "tracks"))
    # a visit that was joined by somebody else, of which nothing is known, widens the range
    return np.minimum(low, visits), np.maximum(high, visits), tracks


def _numbers(chains: Chains, numbers: Times, part: Selection) -> Times:
    """The number of each row's track; of tracks that came since, one that no other has."""
    tracks, count = part.tracks.id, len(chains.id)
    if not count:
        return _told_apart(tracks)
    place = np.searchsorted(chains.id, tracks).clip(max=count - 1)
    there = chains.id[place] == tracks
    known: Times = numbers[place]
    return known if there.all() else np.where(there, known, count + _told_apart(tracks))


def _told_apart(tracks: Times) -> Times:
    """A number from 0 on for each track, the same where it is the same."""
    numbers: Times = np.unique(tracks, return_inverse=True)[1]
    return numbers


def chains_of(selection: Selection) -> Chains:
    """Which tracks of the selection's window are joined, doubtfully or for sure; read once."""
    top = selection
    while top.whole is not None:
        top = top.whole
    return top.kept("chains", lambda: _chains(top))


def _chains(top: Selection) -> Chains:
    """Two tracks of a window are joined by tracks of the same window only: those between them
    began and ended later than the one, and earlier than the other."""
    filter, tracks = top.filter, top.tracks
    with top.reading() as connection:
        limited = filter.least is not None or filter.most is not None
        if top.is_of_stays or top.is_of_crossers or limited:
            everybody = replace(filter, least=None, most=None)
            tracks = read_tracks(connection, everybody, [source.id for source in top.sources])
        settings, joins = VisitSettings(), np.zeros((0, 3))
        known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        joined: frozenset[int] = frozenset()
        if {"joins", "joinings"} <= known:  # a study of an earlier version has none
            settings = visit_settings(connection)
            joined = frozenset(id for (id,) in connection.execute("SELECT source_id FROM joinings"))
            joins = _joins(connection, tracks.id, settings.lenient)
        order = np.argsort(tracks.id)
        ids, first, last = (each[order] for each in (tracks.id, tracks.first, tracks.last))
        earlier, later, score = _inside(ids, joins)
        sure = score >= settings.strict
        fewest = _heads(len(ids), earlier, later)
        most = _heads(len(ids), earlier[sure], later[sure])
        began, ended = first.copy(), last.copy()
        np.minimum.at(began, fewest, first)
        np.maximum.at(ended, fewest, last)
        least = round(1000 * settings.brief)
        brief = ended - began < least
        edge = (began < filter.since + REACH) | (ended >= filter.until - REACH)
        if joined:
            for place, lasted in _lengths(
                connection, ids, np.flatnonzero(brief & edge & (fewest == np.arange(len(ids)))),
                settings.lenient,
            ):  # fmt: skip
                brief[place] = lasted < least
    return Chains(ids, fewest, most, brief, joined, settings)


def _joins(connection: sqlite3.Connection, tracks: Times, lenient: float) -> Floats:
    """Track, next and score of the joins of these tracks, and of some others between them."""
    if not len(tracks):
        return np.zeros((0, 3))
    rows = connection.execute(
        "SELECT track, next, score FROM joins WHERE track BETWEEN ? AND ? AND score >= ?",
        (int(tracks.min()), int(tracks.max()), lenient),
    ).fetchall()
    return np.array(rows, np.float64).reshape(-1, 3)


def _inside(ids: Times, joins: Floats) -> tuple[Times, Times, Floats]:
    """The joins between two of these tracks: the places of both, and the score."""
    if not len(ids):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    ends = joins[:, :2].astype(np.int64)
    place = np.searchsorted(ids, ends).clip(max=len(ids) - 1)
    there = (ids[place] == ends).all(axis=1)
    return place[there, 0], place[there, 1], joins[there, 2]


def _heads(count: int, earlier: Times, later: Times) -> Times:
    """The place of the first track that each of them goes on from."""
    heads = np.arange(count)
    heads[later] = earlier
    for _ in range(64):  # each time twice as far
        before, heads = heads, heads[heads]
        if (before == heads).all():
            break
    return heads


def _lengths(
    connection: sqlite3.Connection, ids: Times, places: Times, lenient: float
) -> Iterator[tuple[int, int]]:
    """For how many milliseconds those at these places were seen, with all that they were joined
    with, also outside the window."""
    rows = connection.execute(
        "WITH RECURSIVE asked AS (SELECT key AS place, value AS track FROM json_each(:tracks)),"
        " chain(place, track) AS (SELECT place, track FROM asked UNION SELECT place,"
        " CASE WHEN joins.track = chain.track THEN next ELSE joins.track END FROM chain JOIN joins"
        " ON (joins.track = chain.track OR joins.next = chain.track) AND score >= :least)"
        " SELECT place, max(last_seen) - min(first_seen) FROM chain"
        " JOIN people_tracks ON id = track GROUP BY place",
        {"tracks": json.dumps(ids[places].tolist()), "least": lenient},
    )
    for number, lasted in rows:
        yield int(places[number]), lasted
