"""Which windows of a source are counted again: drawn at random from all that was really watched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np

from ..localtime import MINUTE, LocalClock, Times
from ..metrics import Selection


def stretches(connection: sqlite3.Connection, selection: Selection) -> list[tuple[int, int]]:
    """When the selection's one source was watched without a break, in the time asked about.

    Half-open, in milliseconds. A stretch lies within one run, whose last picture lasts as long as
    any other; a minute of which a second or more is known not to have been watched is in none.
    """
    (source,), filter = selection.sources, selection.filter
    runs = connection.execute(
        "SELECT started_at, coalesce(ended_at + coalesce(1000 / nullif(fps, 0), 1), ?) FROM runs"
        " JOIN sources ON sources.id = source_id WHERE source_id = ? AND started_at < ?"
        " AND coalesce(ended_at, ?) >= ? ORDER BY started_at, runs.id",
        (selection.now, source.id, filter.until, selection.now, filter.since),
    ).fetchall()
    lost = connection.execute(
        "SELECT minute FROM coverage WHERE source_id = ? AND minute >= ? AND minute < ?"
        " AND seconds_stale + seconds_down + seconds_stopped >= 1 ORDER BY minute",
        (source.id, filter.since // MINUTE, -(-filter.until // MINUTE)),
    ).fetchall()
    gaps = [(minute * MINUTE, (minute + 1) * MINUTE) for (minute,) in lost]
    asked = filter.spans(source.timezone)
    watched = _common(_joined((begin, round(end)) for begin, end in runs), asked)
    return _less(watched, gaps)


def slots(spans: Sequence[tuple[int, int]], seconds: float) -> Times:
    """Where the windows of that length begin that fill these spans one after another."""
    length = round(seconds * 1000)
    parts = [begin + length * np.arange((end - begin) // length) for begin, end in spans]
    found: Times = np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64)
    return found


def draw(begins: Times, timezone_name: str, count: int, seed: int) -> list[tuple[int, int]]:
    """Some of the windows that begin then: when each begins, and the hour of the day.

    A systematic sample, at random from all in the order of the hours of the day and at random
    within each: every window is as likely as any other, and each hour gets its share, to within
    one. They come in an order at random, so that the first few are such a sample, too.
    """
    if not len(begins):
        return []
    random = np.random.default_rng(seed)
    clock = LocalClock.of(timezone_name, int(begins.min()), int(begins.max()) + 1)
    hours = clock.hours(begins)
    order = np.lexsort((random.random(len(begins)), hours))
    count = min(count, len(begins))
    places = ((random.random() + np.arange(count)) * len(begins) / count).astype(np.int64)
    chosen = random.permutation(order[places])
    return [(int(begins[each]), int(hours[each])) for each in chosen]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, those that overlap cut so that they do not; neighbours stay apart."""
    found: list[tuple[int, int]] = []
    for begin, end in spans:
        begin = max(begin, found[-1][1]) if found else begin
        if begin < end:
            found.append((begin, end))
    return found


def _common(
    spans: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """What lies in both; each is sorted and disjoint."""
    found, place = [], 0
    for begin, end in spans:
        while place < len(other) and other[place][1] <= begin:
            place += 1
        at = place
        while at < len(other) and other[at][0] < end:
            found.append((max(begin, other[at][0]), min(end, other[at][1])))
            at += 1
    return found


def _less(
    spans: Sequence[tuple[int, int]], gaps: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The spans without the gaps; each is sorted and disjoint."""
    found, place = [], 0
    for begin, end in spans:
        while place < len(gaps) and gaps[place][1] <= begin:
            place += 1
        at = place
        while at < len(gaps) and gaps[at][0] < end:
            if begin < gaps[at][0]:
                found.append((begin, gaps[at][0]))
            begin = gaps[at][1]
            at += 1
        if begin < end:
            found.append((begin, end))
    return found
