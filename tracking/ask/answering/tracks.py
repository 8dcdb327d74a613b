"""Tracks one by one: who it was, from when to when; those that are one visit are one row."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Any

import numpy as np

from ...localtime import Times
from ...metrics.measuring import overlapping
from ...metrics.selection import Tracks
from ..answer import Answer, Column, Evidence, Status, Value
from ..plan import Plan
from ..saying import named, objects, place, say_moment, say_stretch, say_value, when
from ..world import World
from .computing import SHOWN, Computed, computed
from .telling import counted, joined, none, nothing, watched

_ABOUT = (Column("id", "Track", "number"), Column("source", "Source"), Column("label", "Label"))
_BESIDES = (
    Column("stay", "Stay", "seconds"),
    Column("tracks", "Tracks", "number"),
    Column("confidence", "Confidence", "number"),
)
COLUMNS = (
    *_ABOUT,
    Column("first_seen", "First seen", "time"),
    Column("last_seen", "Last seen", "time"),
    *_BESIDES,
)
OF_STAYS = (
    *_ABOUT,
    Column("zone", "Zone"),
    Column("first_seen", "Entered", "time"),
    Column("last_seen", "Left", "time"),
    *_BESIDES,
)
"""Of stays in zones, each of which is a row."""


def listed(connection: sqlite3.Connection, plan: Plan, world: World) -> Answer:
    """Visits in an order, or stays where zones are asked about, out of all of them.

    id is that of the first track of each visit.
    """
    found = computed(connection, replace(plan, shape="number", metric="visits"), world)
    visits = _Visits(overlapping(found.selection), found.selection.is_of_stays)
    order = np.lexsort((visits.id, _keys(connection, visits, plan.metric)))
    order = order if plan.order == "least" else order[::-1]
    first = order[: min(plan.limit or SHOWN, SHOWN)]
    rows = _rows(connection, found, visits, first)
    status: Status = found.status if rows or found.status != "ok" else "zero"
    value: Value = [row[0] for row in rows] or None
    behind = np.isin(visits.of, first) if plan.limit else np.ones(len(visits.of), bool)
    ids = dict.fromkeys(visits.every[behind].tolist())
    part = found.result.watched
    return Answer(
        "",
        status,
        joined(_text(found, plan, rows, world.now), watched(part, "visits") if rows else ""),
        value,
        OF_STAYS if visits.are_stays else COLUMNS,
        rows,
        coverage=part,
        metric=found.result.metric,
        sql=found.result.sql,
        evidence=Evidence(tuple(ids)[:SHOWN], len(ids)),
    )


class _Visits:
    """Tracks by visit, or stays one by one, as columns of equal length.

    id: the first track of each; source, label, zone, first, last, tracks: of each. every, of: each
    track that there is, and the number of its visit.
    """

    def __init__(self, tracks: Tracks, are_stays: bool) -> None:
        keys = np.arange(len(tracks)) if are_stays else tracks.visit
        _, at, of = np.unique(keys, return_index=True, return_inverse=True)
        count, most = len(at), np.iinfo(np.int64).max
        self.are_stays, self.of, self.every = are_stays, of, tracks.id
        self.first, self.last, self.id = (np.full(count, n, np.int64) for n in (most, 0, most))
        np.minimum.at(self.first, of, tracks.begun)
        np.maximum.at(self.last, of, tracks.ended)
        np.minimum.at(self.id, of, tracks.id)
        self.source, self.zone = tracks.source[at], tracks.zone[at]
        self.label, self.labels = tracks.label[at], tracks.labels
        self.tracks = np.bincount(of, minlength=count)


def _keys(connection: sqlite3.Connection, visits: _Visits, order: str) -> Times:
    """What visits are put in order by."""
    keys: Times
    if order == "confidence":
        sure = _confidences(connection, visits.id)
        keys = np.array([round(sure.get(id, 0) * 1e6) for id in visits.id.tolist()], np.int64)
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
    zones = {zone.id: zone.name for zone in found.selection.zones}
    sure = _confidences(connection, visits.id[first])

    def row(n: int) -> tuple[Any, ...]:
        id, since, until = (int(each[n]) for each in (visits.id, visits.first, visits.last))
        label = visits.labels[visits.label[n]]
        where = (zones.get(int(visits.zone[n]), ""),) if visits.are_stays else ()
        besides = ((until - since) / 1000, int(visits.tracks[n]), sure.get(id))
        return (id, names[int(visits.source[n])], label, *where, since, until, *besides)

    return tuple(row(n) for n in first)


def _text(found: Computed, plan: Plan, rows: tuple[tuple[Any, ...], ...], now: int) -> str:
    if found.status == "no_data":
        return nothing(found)
    if not rows:
        return none(found)
    zone = plan.timezone
    id, source, label, *_, since, until, stay, _, _ = rows[0]
    if len(rows) == 1:
        told = say_stretch(since, max(until, since + 1), zone, now)
        who = f"track {id} ({named(label)} at {named(source)})"
        length = say_value("seconds", stay)
        return f"{_order(plan)}: {who}, {length}, {told}. {_out_of(found, plan)}"
    shown = [
        f"track {row[0]} ({say_value('seconds', row[-3])}, {say_moment(row[-5], zone, now)})"
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
