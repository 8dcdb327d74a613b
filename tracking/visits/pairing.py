"""Which track goes on as which: the likeliest set of pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..association import assign
from .ends import Ends, Floats, Ints, Mask, Tracks
from .likeness import odds
from .settings import VisitSettings

RECENT = 30_000  # milliseconds before a track begins in which others are counted that came
BELIEVED = 0.1
"""By how many who came it is believed how many come at least: little, what is seen counts."""

_ENDS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Pairs:
    """Joins. end, begin: numbers of tracks in `Tracks`; gap: milliseconds; score: 0 to 1."""

    end: Ints
    begin: Ints
    gap: Ints
    score: Floats


def pair(
    tracks: Tracks, begins: Ends, ends: Ends, free: tuple[Mask, Mask], settings: VisitSettings
) -> Pairs:
    """The likeliest pairs of a score from `settings.lenient` on; no track is in two of a side.

    Nobody who left by the picture's edge is found again, and nobody who came in by it is known.
    free: whether each beginning, and each end, may be in a pair; the others only tell how many
    came.
    """
    end, begin, gap = _candidates(tracks, begins, ends, settings)
    lost, found = ends.take(end), begins.take(begin)
    worth = odds(lost, found, gap / 1000, settings)
    crowd = _crowd(tracks, begins, _newcomers(begins, begin, worth), begin,
                   (lost.size + found.size) / 2, settings.crowd)  # fmt: skip
    worth -= np.log(crowd / settings.crowd)
    worth[~(free[0][begin] & free[1][end])] = -np.inf
    least = np.log(settings.lenient) - np.log1p(-min(settings.lenient, 0.9999))
    good = np.flatnonzero(worth > least)
    end, begin, gap, worth = end[good], begin[good], gap[good], worth[good]
    chosen = np.zeros(len(end), bool)
    for part in _apart(end, begin, len(tracks.id)):
        chosen[part[_best(end[part], begin[part], worth[part] - least)]] = True
    score = 1 / (1 + np.exp(-worth[chosen]))
    return Pairs(end[chosen], begin[chosen], gap[chosen], score)


def _candidates(
    tracks: Tracks, begins: Ends, ends: Ends, settings: VisitSettings
) -> tuple[Ints, Ints, Ints]:
    """All that is possible at all: numbers of ends and beginnings, and milliseconds between."""
    parts = [np.zeros((3, 0), np.int64)]
    lost, found = ends.there & ~ends.outside, begins.there & ~begins.outside
    next_ = np.flatnonzero(found)[np.argsort(tracks.first[found], kind="stable")]
    starts = tracks.first[next_]
    longest = 1000 * max(settings.longest_gap, settings.across_runs)
    for who in np.array_split(np.flatnonzero(lost), len(tracks.id) // _ENDS_AT_ONCE + 1):
        low = np.searchsorted(starts, tracks.last[who] - 1000 * settings.overlap, "left")
        number = np.searchsorted(starts, tracks.last[who] + longest, "right") - low
        end = np.repeat(who, number)
        begin = next_[np.arange(number.sum()) + np.repeat(low - np.cumsum(number) + number, number)]
        gap = tracks.first[begin] - tracks.last[end]
        able = _able(tracks, end, begin, gap, settings)
        parts.append(np.stack([end, begin, gap])[:, able])
    end, begin, gap = np.concatenate(parts, axis=1)
    return end, begin, gap


def _newcomers(begins: Ends, begin: Ints, worth: Floats) -> Floats:
    """How likely each track is somebody new in the middle of the picture, by its best pair."""
    best = np.full(len(begins.there), -np.inf)
    np.maximum.at(best, begin, worth)
    new: Floats = np.where(begins.there & ~begins.outside, 1 / (1 + np.exp(best.clip(-50, 50))), 0)
    return new


def _crowd(
    tracks: Tracks, begins: Ends, new: Floats, begin: Ints, size: Floats, least: float
) -> Floats:
    """How many others of its run and label come into sight around each of these beginnings, in a
    minute on 100 square sizes, as lately in the middle of the picture; at least so many."""
    kind = np.unique(np.stack([tracks.run, tracks.label]), axis=1, return_inverse=True)[1].ravel()
    stamp = tracks.first - tracks.first.min(initial=0)
    stamp = stamp + kind * np.int64(stamp.max(initial=0) + 2 * RECENT)
    order = np.argsort(stamp, kind="stable")
    came, sums = stamp[order], np.append(0, np.cumsum(new[order]))
    watched = np.minimum(tracks.first[begin] - tracks.began[begin], RECENT)
    since, until = (np.searchsorted(came, stamp[begin] - each, "left") for each in (watched, 0))
    area = np.minimum(tracks.width[begin] * tracks.height[begin] / np.square(size) / 100, 1e9)
    seen = BELIEVED + sums[until] - sums[since]
    crowd: Floats = np.maximum(seen / (BELIEVED / least + watched / 60_000 * area), least)
    return crowd


def _able(tracks: Tracks, end: Ints, begin: Ints, gap: Ints, settings: VisitSettings) -> Mask:
    """Whether they are of one label, and of one run, or of one that was started anew at once."""

    def same(values: Ints | Floats) -> Mask:
        found: Mask = values[end] == values[begin]
        return found

    anew = (tracks.ended[end] <= tracks.began[begin]) & same(tracks.width) & same(tracks.height)
    in_time = np.where(
        same(tracks.run),
        gap <= 1000 * settings.longest_gap,
        anew & (gap <= 1000 * settings.across_runs),
    )
    later = (tracks.first[begin] > tracks.first[end]) & (tracks.last[begin] > tracks.last[end])
    able: Mask = in_time & later & same(tracks.label)
    return able


def _apart(end: Ints, begin: Ints, count: int) -> Iterator[Ints]:
    """The candidates in groups that have no track in common, each to be decided by itself."""
    group = np.arange(2 * count)
    begin = begin + count
    while True:
        least = np.minimum(group[end], group[begin])
        before = group.copy()
        np.minimum.at(group, end, least)
        np.minimum.at(group, begin, least)
        if (group == before).all():
            break
    whose = group[end]
    order = np.argsort(whose, kind="stable")
    heads = np.flatnonzero(np.diff(whose[order], prepend=-1))
    yield from np.split(order, heads[1:]) if len(order) else []


def _best(end: Ints, begin: Ints, worth: Floats) -> Ints:
    """Which of these pairs are worth the most together."""
    if len(end) == 1:
        return np.zeros(1, np.int64)
    rows, row = np.unique(end, return_inverse=True)
    columns, column = np.unique(begin, return_inverse=True)
    most = worth.max() + 1
    cost = np.full((len(rows), len(columns)), 4 * most)
    cost[row, column] = most - worth
    found, _ = assign(cost, most)
    chosen: Ints = np.flatnonzero(found[row] == column)
    return chosen
