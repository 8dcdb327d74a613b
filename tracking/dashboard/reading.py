"""What the pages read, from a connection that cannot write, and for how long they keep it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from ..ask.world import World, world_of
from ..database import describing, open_readonly
from ..errors import DatabaseError
from ..filters import Filter
from ..metrics import Selection, SourceInfo, known_labels, known_sources, recorded, select
from ..times import now_ms
from . import parts
from .places import Places

T = TypeVar("T")

FRESH = 5_000  # milliseconds for which what reaches to now is kept
KEPT = 60  # seconds for which what lies in the past is kept
SETTLED = 120_000  # milliseconds after which nothing more is written about a time


@contextmanager
def reading() -> Generator[sqlite3.Connection, None, None]:
    """A connection to the database that cannot write. Raises DatabaseError and its kinds."""
    database = Places.of().database
    with closing(open_readonly(database)) as connection, describing(database):
        yield connection


def shown(read: Callable[[], T]) -> T:
    """What is read; where that fails the page says why and ends here."""
    try:
        return read()
    except DatabaseError as error:
        parts.unreadable(error)
        st.stop()


def selection(filter: Filter) -> Selection:
    """What the filter selects, read anew only when it can have changed."""
    return shown(lambda: _selection(str(Places.of().database), filter, stamp(filter)))


def forget() -> None:
    """Something was deleted: what was read before is old, and its keys may be given to others."""
    st.cache_data.clear()
    st.cache_resource.clear()


def stamp(filter: Filter) -> int:
    """A number that changes when what the filter selects can have changed."""
    now = now_ms()
    return now // FRESH if filter.until > now - SETTLED else 0


# not a copy for each page: what was counted of a selection stays with it
@st.cache_resource(max_entries=8, ttl=KEPT, show_spinner=False)
def _selection(database: str, filter: Filter, stamp: int) -> Selection:
    with reading() as connection:
        return select(connection, filter, now_ms())


@st.cache_data(max_entries=4, ttl=5, show_spinner=False)
def _known(database: str) -> tuple[list[SourceInfo], list[str]]:
    if not Places.of().database.exists():
        return [], []
    with reading() as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'coverage'").fetchone():
            return [], []
        sources = known_sources(connection)
        labels = {label for source in sources for label in known_labels(connection, source.id)}
        return sources, sorted(labels)


def known() -> tuple[list[SourceInfo], list[str]]:
    """The sources and the labels that were ever recorded; both empty where there is nothing."""
    return shown(lambda: _known(str(Places.of().database)))


@st.cache_data(max_entries=4, ttl=5, show_spinner=False)
def _world(database: str) -> World:
    with reading() as connection:
        return world_of(connection, now_ms())


def world() -> World:
    """The names that the record knows, as of now; none where nothing was ever recorded."""
    if not known()[0]:
        return World(now_ms())
    return replace(shown(lambda: _world(str(Places.of().database))), now=now_ms())


@st.cache_data(max_entries=16, ttl=5, show_spinner=False)
def _extent(database: str, sources: tuple[str, ...]) -> tuple[int, int] | None:
    with reading() as connection:
        return recorded(connection, sources)


def extent(sources: tuple[str, ...]) -> tuple[int, int] | None:
    """From when to when something is recorded of these sources, of all if none are named."""
    return shown(lambda: _extent(str(Places.of().database), sources))
