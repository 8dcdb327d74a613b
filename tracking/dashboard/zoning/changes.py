"""Writing zones and lines into the database, each change with a way back."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import streamlit as st

from ...database import describing, open_database, writing
from ...errors import DrawingError, TrackingError
from ...times import now_ms
from ...zones import Drawn, Kind, Line, Zone, find, put, restore, versions
from ...zones import add as add_shape
from ...zones import change as change_shape
from ...zones import delete as delete_shape
from ...zones import end as end_shape
from .. import parts, reading
from ..places import Places
from ..serving import supervising
from ..wording import plain
from . import past

UNDO = "zoning.undo"
Touched = tuple[str, Kind, str]
"""A source, and the kind and name of what is drawn on it."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What was done last, and the versions that there were before and after it."""

    said: str
    before: dict[Touched, list[Drawn]]
    after: dict[Touched, list[Drawn]]


def refusal() -> str | None:
    """Why nothing can be written into the database; None where it can be."""
    if supervising.state().phase == "study":
        return "This is a shared study: it is only looked at."
    return _refusal(str(Places.of().database))


@st.cache_data(ttl=10, max_entries=4, show_spinner=False)
def _refusal(database: str) -> str | None:
    uri = f"{Places.of().database.resolve().as_uri()}?mode=rw"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=0.2)) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'study'").fetchone():
                return "This is a shared study: it is only looked at."
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "readonly" in str(error) or "unable to open" in str(error):
            return "The database cannot be written here, so zones and lines are only shown."
    return None


def add(source: str, shape: Zone | Line) -> None:
    """Draw it. Raises DrawingError, DatabaseError."""
    kind = _kind(shape)
    with _changing([(source, kind, shape.name)], f"The {kind} {shape.name} was drawn.") as db:
        add_shape(db, source, shape)


def change(old: Drawn, shape: Zone | Line, of_the_past: bool) -> None:
    """Give a zone or line another shape or name. Raises DrawingError, DatabaseError."""
    said = f"The {old.kind} {shape.name} was changed."
    touched: list[Touched] = [(old.source, old.kind, name) for name in {old.name, shape.name}]
    with _changing(touched, said) as db:
        if find(db, old.kind, old.source, old.name).id != old.id:
            raise DrawingError(
                f"Somebody else has changed the {old.kind} {old.name!r} meanwhile: discard this"
                " drawing, and begin with theirs"
            )
        change_shape(db, old.source, old.name, shape, past=of_the_past)


def delete(source: str, kind: Kind, name: str) -> None:
    with _changing([(source, kind, name)], f"The {kind} {name} was deleted.") as db:
        delete_shape(db, kind, source, name)


def end(source: str, kind: Kind, name: str) -> None:
    said = f"The {kind} {name} counts no longer; what it counted stays."
    with _changing([(source, kind, name)], said) as db:
        end_shape(db, kind, source, name)


def go_back(version: Drawn, as_if_never_changed: bool) -> None:
    """Let an earlier version count again: from now on, or as if it had never ended."""
    source, kind, name = version.source, version.kind, version.name
    with _changing([(source, kind, name)], f"The {kind} {name} is as it was before.") as db:
        there = versions(db, kind, source, name)
        if version not in there:
            raise DrawingError(f"There is no such version of the {kind} {name!r} any more")
        if as_if_never_changed:
            kept = [each for each in there if each.since < version.since]
            restore(db, kind, source, [name], [*kept, replace(version, until=None)])
        elif any(each.current for each in there):
            change_shape(db, source, name, version.shape, at=now_ms())
        else:
            add_shape(db, source, version.shape)


def draw(shapes: Iterable[tuple[str, Zone | Line]], of_the_past: bool) -> None:
    """Draw shapes, each on its source, or change those of their names; all of them or none."""
    chosen = list(shapes)
    many = f"{len(chosen)} shapes were" if len(chosen) > 1 else "1 shape was"
    touched: list[Touched] = [(source, _kind(shape), shape.name) for source, shape in chosen]
    with _changing(touched, f"{many} drawn.") as db:
        for source, shape in chosen:
            put(db, source, [shape], of_the_past)


def _kind(shape: Zone | Line) -> Kind:
    return "zone" if isinstance(shape, Zone) else "line"


@contextmanager
def _changing(touched: Iterable[Touched], said: str) -> Generator[sqlite3.Connection, None, None]:
    """One transaction, after which there is a way back, and the past is derived."""
    places = list(dict.fromkeys(touched))
    with _writing() as connection:
        before = _there(connection, places)
        yield connection
        after = _there(connection, places)
    st.session_state[UNDO] = Undo(said, before, after)
    _changed()


@contextmanager
def _writing() -> Generator[sqlite3.Connection, None, None]:
    database = Places.of().database
    with (
        closing(open_database(database)) as connection,
        describing(database),
        writing(connection),
    ):
        yield connection


def _changed() -> None:
    past.start()
    st.session_state[past.PENDING] = True
    reading.forget()


def _there(connection: sqlite3.Connection, places: Iterable[Touched]) -> dict[Touched, list[Drawn]]:
    return {place: versions(connection, place[1], place[0], place[2]) for place in places}


def undo(last: Undo) -> None:
    """Make all be as it was before. Raises DrawingError, DatabaseError."""
    with _writing() as connection:
        if _there(connection, last.after) != last.after:
            raise DrawingError("Somebody else has changed it since, so it was not taken back")
        for source, kind in dict.fromkeys(place[:2] for place in last.before):
            names = [place[2] for place in last.before if place[:2] == (source, kind)]
            to = [each for name in names for each in last.before[source, kind, name]]
            restore(connection, kind, source, names, to)
    _changed()


def show_undo() -> None:
    """What was done last, and the way back."""
    last: Undo | None = st.session_state.get(UNDO)
    if last is None:
        return
    back = parts.offer_undo(plain(last.said), "zoning.undo.do")
    if back is False:
        return
    st.session_state.pop(UNDO)
    try:
        if back:
            undo(last)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    st.rerun()
