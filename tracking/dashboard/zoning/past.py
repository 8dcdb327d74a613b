"""Counting what was recorded before something was drawn, while the page goes on.

A program of its own does it. How far it is says the database, whoever is at work on it.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress

import streamlit as st

from ...zones import positions_left, underived
from .. import reading
from ..places import Places
from ..serving.jobs import Job
from ..serving.lasting import once
from ..wording import plain

LONGEST = 6 * 3600.0  # seconds
TOTAL, SEEN = "zoning.past.total", "zoning.past.seen"
PENDING = "zoning.past.pending"


def start() -> None:
    """Have what is missing derived: by a new program, as one at work may be at its end just now.

    What that one has done is kept.
    """
    database, jobs = str(Places.of().database), _jobs()
    if (job := jobs.get(database)) is not None:
        job.stop()
    jobs[database] = Job("tracking", "derive", "--db", database, limit=LONGEST)


def left() -> tuple[int, int]:
    """How many zones and lines lack a part of the past, and how many positions are to be seen."""
    with reading.reading() as connection, suppress(sqlite3.OperationalError):
        return underived(connection), positions_left(connection)
    return 0, 0  # a study of an older version


def show(can_write: bool) -> None:
    """A bar while there is something to count; numbers come when it is full."""
    if not reading.shown(left)[0]:
        if st.session_state.pop(PENDING, False):
            reading.forget()  # what was read meanwhile was not whole
            st.session_state.pop(TOTAL, None)
        return
    st.session_state[PENDING] = True
    if can_write:
        _show_bar()
    else:
        st.caption("Not all of the past is counted yet for what was drawn last.")


@st.fragment(run_every=1.0)
def _show_bar() -> None:
    versions, positions = reading.shown(left)
    if not versions:
        st.rerun()
    total = max(positions, st.session_state.get(TOTAL, 0))
    st.session_state[TOTAL] = total
    done = 1 - positions / total if total else 1.0
    st.progress(
        done,
        f"Counting what was recorded before: {total - positions:,} of {total:,} positions looked"
        " at. The page can be used meanwhile; the numbers below are not whole yet.",
    )
    job = _jobs().get(str(Places.of().database))
    if job is not None and not job.running and not job.succeeded:
        said = job.output(2000).decode(errors="replace").strip().splitlines()
        why = said[-1] if said else "it ended without a word"
        st.warning(f"It does not go on: {plain(why)}", icon=":material/warning:")
        if st.button("Go on", key="zoning.past.again", icon=":material/restart_alt:"):
            start()
    elif (job is None or not job.running) and st.session_state.get(SEEN) == (versions, positions):
        start()  # nobody is at it
    st.session_state[SEEN] = versions, positions


def _jobs() -> dict[str, Job]:
    jobs: dict[str, Job] = once("deriving", dict)
    return jobs
