"""How fast and how far tracks went on the floor, of sources that have a ground plane."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..errors import SettingsError
from ..ground import has_grounds
from ..localtime import Times
from .catalogue import Metric
from .pieces import Floats, distinct
from .selection import Selection

SHORTEST = 1.0  # seconds that a track must have been followed on the floor for its speed to count
QUANTILES = {"speed_median": 0.5, "speed_p90": 0.9}


def check_ground(metric: Metric, selection: Selection) -> None:
    """Raise SettingsError for a metric of the floor where no source has a ground plane."""
    if metric.kind != "pace" or not selection.sources:
        return
    known = grounded(selection)
    if not any(source.id in known for source in selection.sources):
        names = ", ".join(repr(source.name) for source in selection.sources)
        raise SettingsError(
            f"{metric.title} needs a ground plane, and there is none of {names};"
            " `tracking ground set` gives a source one"
        )


def grounded(selection: Selection) -> frozenset[int]:
    """Keys of the sources that have, or had, a ground plane."""
    top = _top(selection)

    def read() -> frozenset[int]:
        with top.reading() as connection:
            if not has_grounds(connection):
                return frozenset()
            rows = connection.execute("SELECT DISTINCT source_id FROM grounds")
            return frozenset(source for (source,) in rows)

    return top.kept("grounded", read)


def paces_of(
    name: str, count: int, pairs: Iterable[tuple[Selection, tuple[Times, Times]]]
) -> Floats:
    """A metric of the kind "pace" in each of `count` groups; NaN where nothing is known.

    pairs: of each source its part, and the pairs of a row and a group that have a moment in common.
    """
    found = list(pairs)
    keys, groups = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for part, (row, group) in found:
        pair = distinct(part.tracks.id[row] * np.int64(count) + group)  # a track may have two stays
        keys.append(pair // count)
        groups.append(pair % count)
    if not found:
        return np.full(count, np.nan)
    metres, seconds = walked(found[0][0], np.concatenate(keys))
    there = seconds >= SHORTEST
    way = metres[there] if name == "distance_mean" else metres[there] / seconds[there]
    grouped = pd.Series(way).groupby(np.concatenate(groups)[there])
    share = QUANTILES.get(name)
    each = grouped.mean() if share is None else grouped.quantile(share)
    values: Floats = each.reindex(range(count)).to_numpy(np.float64, copy=True)
    return values


def walked(selection: Selection, tracks: Times) -> tuple[Floats, Floats]:
    """Metres and seconds of these tracks (people_tracks.id); 0 of those that have none."""
    if not len(tracks):
        return np.zeros(0), np.zeros(0)
    top, ends = _top(selection), (int(tracks.min()), int(tracks.max()))
    table = top.kept(("paces", ends), lambda: _paces(top, *ends))
    place = np.searchsorted(table[:, 0], tracks).clip(max=len(table) - 1)
    there = table[place, 0] == tracks
    return np.where(there, table[place, 1], 0.0), np.where(there, table[place, 2], 0.0)


def _paces(selection: Selection, first: int, last: int) -> Floats:
    """Key, metres and seconds of the tracks between two keys, by key; never empty."""
    with selection.reading() as connection:
        rows = connection.execute(
            "SELECT track, metres, seconds FROM paces WHERE track BETWEEN ? AND ? ORDER BY track",
            (first, last),
        ).fetchall()
    return np.array([(-1, 0, 0), *rows], np.float64)  # keys are exact: far below 2**53


def _top(selection: Selection) -> Selection:
    while selection.whole is not None:
        selection = selection.whole
    return selection
