"""Tracks one by one: who it was, from when to when; those that are one visit are one row."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Any

import numpy as np

from ..localtime import Times
from ..metrics.measuring import overlapping
from ..metrics.selection import Tracks
from .answer import Answer, Column, Evidence, Status, Value
from .computing import SHOWN, Computed, computed
from .plan import Plan
from .saying import named, objects, place, say_moment, say_stretch, say_value, when
from .telling import counted, joined, none, nothing, watched

COLUMNS = (
    Column("id", "Track", "number"),
    Column("source", "Source"),
    Column("label", "Label"),
    Column("first_seen", "First seen", "time"),
    Column("last_seen", "Last seen", "time"),
    Column("stay", "Stay", "seconds"),
    Column("tracks", "Tracks", "number"),
    Column("confidence", "Confidence", "number"),
)


def listed(connection: sqlite3.Connection, plan: Plan, now: int) -> Answer:
    """Visits in an order, out of all of them; id is that of the first track of each."""
    found = computed(connection, replace(plan, shape="number", metric="visits"), now)
    visits = _Visits(overlapping(found.selection))
    keys = _keys(connection, visits, plan.metric)
    order = np.lexsort((visits.ids, keys))
    order = order if plan.order == "least" else order[::-1]
    first = order[: min(plan.limit or SHOWN, SHOWN)]
    rows = _rows(connection, found, visits, first)
    status: Status = found.status if rows or found.status != "ok" else "zero"
    value: Value = [row[0] for row in rows] or None
    behind = np.isin(visits.visit, first)
    ids = visits.id[behind] if plan.limit else visits.id
    part = found.result.watched
    return Answer(
        "",
        status,
        joined(_text(found, plan, rows, now), watched(part, "visits") if rows else ""),
        value,
        COLUMNS,
        rows,
        coverage=part,
        metric=found.result.metric,
        sql=found.result.sql,
        evidence=Evidence(tuple(ids[:SHOWN].tolist()), len(ids)),
    )


class _Visits:
    """Tracks by visit: each visit's first track, source, first and last sighting.

    visit: the number of each track's visit; id: each track's own.
    """

    def __init__(self, tracks: Tracks) -> None:
        self.id = tracks.id
        _, at, self.visit = np.unique(tracks.visit, return_index=True, return_inverse=True)
        count = len(at)
        self.first = np.full(count, np.iinfo(np.int64).max)
        self.last = np.full(count, np.iinfo(np.int64).min)
        self.ids = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(self.first, self.visit, tracks.first)
        np.maximum.at(self.last, self.visit, tracks.last)
        np.minimum.at(self.ids, self.visit, tracks.id)
        self.source, self.label = tracks.source[at], tracks.label[at]
        self.labels = tracks.labels
        self.tracks = np.bincount(self.visit, minlength=count)


def _keys(connection: sqlite3.Connection, visits: _Visits, order: str) -> Times:
    """What visits are put in order by."""
    keys: Times
    if order == "confidence":
        sure = _confidences(connection, visits.ids)
        keys = np.array([round(sure.get(id, 0) * 1e6) for id in visits.ids.tolist()], np.int64)
    elif order == "stay":
        keys = visits.last - visits.first
    else:
        keys = visits.first if order == "first_seen" else visits.last
    return keys


def _confidences(connection: sqlite3.Connection, ids: Times) -> dict[int, float]:
    found = connection.execute(
        "SELECT track.id, confidence FROM json_each(?) AS wanted"
        " JOIN people_tracks AS track ON track.id = wanted.value",
        (json.dumps(ids.tolist()),),
    )
    return dict(found.fetchall())


def _rows(
    connection: sqlite3.Connection, found: Computed, visits: _Visits, first: Times
) -> tuple[tuple[Any, ...], ...]:
    names = {source.id: source.name for source in found.selection.sources}
    sure = _confidences(connection, visits.ids[first])
    return tuple(
        (
            int(visits.ids[n]),
            names[int(visits.source[n])],
            visits.labels[visits.label[n]],
            int(visits.first[n]),
            int(visits.last[n]),
            float(visits.last[n] - visits.first[n]) / 1000,
            int(visits.tracks[n]),
            sure.get(int(visits.ids[n])),
        )
        for n in first
    )


def _text(found: Computed, plan: Plan, rows: tuple[tuple[Any, ...], ...], now: int) -> str:
    if found.status == "no_data":
        return nothing(found)
    if not rows:
        return none(found)
    zone = plan.timezone
    if len(rows) == 1:
        id, source, label, since, until, stay, *_ = rows[0]
        told = say_stretch(since, max(until, since + 1), zone, now)
        who = f"track {id} ({named(label)} at {named(source)})"
        length = say_value("seconds", stay)
        return f"{_order(plan)}: {who}, {length}, {told}. {_out_of(found, plan)}"
    shown = [
        f"track {row[0]} ({say_value('seconds', row[5])}, {say_moment(row[3], zone, now)})"
        for row in rows[:5]
    ]
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"{_order(plan)}: {'; '.join(shown)}{more}. {_out_of(found, plan)}"


def _order(plan: Plan) -> str:
    return {
        "stay": ("Longest stay", "Shortest stay"),
        "first_seen": ("Last to be first seen", "First seen"),
        "last_seen": ("Last seen", "First to be last seen"),
        "confidence": ("Highest confidence", "Lowest confidence"),
    }[plan.metric][plan.order == "least"]


def _out_of(found: Computed, plan: Plan) -> str:
    total = counted(int(found.value or 0), "visits")
    return f"There were {total} of {objects(plan.labels)}{place(plan)}, {when(plan)}, in all."
