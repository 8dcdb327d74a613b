"""The tracks behind an answer, and the way that the chosen one took."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ..ask.answer import Answer
from ..metrics.listing import tracks_of
from . import ask_links, parts, reading, track_table
from .activity import told
from .ask_talk import Turn

MOST = 500  # tracks that are listed


def show(answer: Answer, turn: Turn) -> None:
    """A table of them; the way of the chosen one beside it; links to the pages."""
    rows = _tracks(answer, turn)
    if not len(rows):
        st.info("These tracks are no longer in the record.", icon=":material/history:")
        return
    total = answer.evidence.total
    many = f"{len(rows):,} of {total:,}" if len(rows) < total else f"{total:,}"
    zones = ", ".join(sorted({*rows["timezone"]}))
    st.caption(
        f"{many} {'track' if total == 1 else 'tracks'}, times in {zones}. Choose a row to see its"
        " way."
    )
    left, right = st.columns([5, 2], gap="medium")
    with left:
        event = st.dataframe(
            track_table.readable(rows),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            selection_default={"selection": {"rows": [0], "columns": [], "cells": []}},
            column_config=track_table.CONFIG,
            height=min(330, 36 * (len(rows) + 1) + 2),
            key=f"ask.tracks.{turn.number}",
        )
        parts.download(
            lambda: told(rows, answer.timezone), "sightline-tracks", f"ask.tracks.csv.{turn.number}"
        )
    with right:
        chosen = event.selection.rows
        if chosen and chosen[0] < len(rows):
            track_table.way(rows.iloc[chosen[0]], f"ask.{turn.number}.")
        else:
            st.caption("The way of the chosen track is drawn here, over its source's picture.")
    if answer.plan is not None:
        with st.container(horizontal=True):
            ask_links.open_pages(answer.plan)


def _tracks(answer: Answer, turn: Turn) -> pd.DataFrame:
    """Read once for a turn: an answer is of when it was given."""
    key = f"ask.tracks.rows.{turn.number}"
    kept = st.session_state.get(key)
    if kept is None or kept[0] is not answer:

        def read() -> pd.DataFrame:
            with reading.reading() as connection:
                return tracks_of(connection, answer.evidence.tracks[:MOST])

        kept = (answer, reading.shown(read))
        st.session_state[key] = kept
    rows: pd.DataFrame = kept[1]
    return rows
