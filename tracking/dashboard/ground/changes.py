"""Writing ground planes and plans into the database, each change of a plane with a way back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import streamlit as st

from ...database import describing, open_database, writing
from ...errors import GroundError, TrackingError
from ...ground import (
    Calibration,
    FloorPlan,
    Grounded,
    delete,
    delete_plan,
    derive,
    put_plan,
    restore,
    set_ground,
    versions,
)
from .. import parts, reading
from ..places import Places
from ..wording import plain
from . import points

UNDO = "ground.undo"
Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Undo:
    """What was done last to a source's ground plane, with the versions before and after it."""

    said: str
    source: str
    before: list[Grounded]
    after: list[Grounded]


def set_floor(source: str, calibration: Calibration, of_the_past: bool) -> None:
    """Give a source a ground plane, and derive its speeds. Raises GroundError, DatabaseError."""
    said = f"The floor of {source} was set."
    _change(source, said, lambda db: set_ground(db, source, calibration, past=of_the_past))


def remove_floor(source: str) -> None:
    """Take a source's ground plane away. Raises GroundError, DatabaseError."""
    _change(source, f"The floor of {source} was removed.", lambda db: delete(db, source))


def keep_plan(plan: FloorPlan) -> None:
    """Make or change a plan. Raises DatabaseError."""
    with _writing() as connection:
        put_plan(connection, plan)
    reading.forget()


def remove_plan(name: str) -> None:
    """Delete a plan. Raises GroundError where a source lies on it, DatabaseError."""
    with _writing() as connection:
        delete_plan(connection, name)
    reading.forget()


def _change(source: str, said: str, act: Callable[[sqlite3.Connection], object]) -> None:
    with _writing() as connection:
        before = versions(connection, source)
        act(connection)
        after = versions(connection, source)
    st.session_state[UNDO] = Undo(said, source, before, after)
    _derived()


def undo(last: Undo) -> None:
    """Make a source's floor be as it was before. Raises GroundError, DatabaseError."""
    with _writing() as connection:
        if versions(connection, last.source) != last.after:
            raise GroundError("Somebody else has changed it since, so it was not taken back")
        restore(connection, last.source, last.before)
    _derived()


def _derived() -> None:
    """Work out what tracks walked; a runner would, but within a minute."""
    room = st.empty()

    def progress(done: int, total: int) -> None:
        if done < total:
            room.progress(done / total, f"Looking at {total:,} positions")

    derive(Places.of().database, progress=progress)
    room.empty()
    reading.forget()


@contextmanager
def _writing() -> Generator[sqlite3.Connection, None, None]:
    database = Places.of().database
    with (
        closing(open_database(database)) as connection,
        describing(database),
        writing(connection),
    ):
        yield connection


def show_undo() -> None:
    """What was done last, and the way back."""
    last: Undo | None = st.session_state.get(UNDO)
    if last is None:
        return
    back = parts.offer_undo(plain(last.said), "ground.undo.do")
    if back is False:
        return
    st.session_state.pop(UNDO)
    try:
        if back:
            undo(last)
            points.forget()
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    st.rerun()
