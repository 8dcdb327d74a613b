"""The tracks behind an answer, and the way that the chosen one took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ...ask.answer import Answer
from ...metrics.listing import tracks_of
from .. import parts, reading
from ..activity import track_table
from ..activity.views import told
from . import links
from .talk import Turn

MOST = 500  # tracks that are listed


def show(answer: Answer, turn: Turn) -> None:
    """A table of them; the way of the chosen one beside it; links to the pages."""
    rows = _read(turn, "behind", answer.evidence.tracks[:MOST])
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
        chosen = _chosen(
            track_table.readable(rows), track_table.CONFIG, f"ask.tracks.{turn.number}"
        )
        parts.download(
            lambda: told(rows, answer.timezone), "sightline-tracks", f"ask.tracks.csv.{turn.number}"
        )
    with right:
        if chosen is not None:
            track_table.way(rows.iloc[chosen], f"ask.{turn.number}.")
        else:
            st.caption("The way of the chosen track is drawn here, over its source's picture.")
    if answer.plan is not None:
        with st.container(horizontal=True):
            links.open_pages(answer.plan)


def show_listed(answer: Answer, turn: Turn, rows: pd.DataFrame, columns: Mapping[str, Any]) -> None:
    """An answer that is tracks: its own table, and beside it the way of the chosen one."""
    if not len(rows):
        return
    st.caption(f"Times in {parts.plain(answer.timezone)}. Choose a row to see its way.")
    left, right = st.columns([5, 2], gap="medium")
    with left:
        chosen = _chosen(rows, columns, f"ask.listed.{turn.number}")
    with right:
        found = _read(turn, "listed", [row[0] for row in answer.rows[:MOST]])
        row = found[found["id"] == answer.rows[chosen][0]] if chosen is not None else found[:0]
        if len(row):
            track_table.way(row.iloc[0], f"ask.listed.{turn.number}.")


def _chosen(rows: pd.DataFrame, columns: Mapping[str, Any], key: str) -> int | None:
    """A table of tracks; which of its rows is chosen, the first one to begin with."""
    event = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [0], "columns": [], "cells": []}},
        column_config=columns,
        height=min(330, 36 * (len(rows) + 1) + 2),
        key=key,
    )
    chosen = event.selection.rows
    return chosen[0] if chosen and chosen[0] < len(rows) else None


def _read(turn: Turn, name: str, ids: Sequence[int]) -> pd.DataFrame:
    """Tracks, read once for a turn: an answer is of when it was given."""
    if name not in turn.tracks:

        def read() -> pd.DataFrame:
            with reading.reading() as connection:
                return tracks_of(connection, ids)

        turn.tracks[name] = reading.shown(read)
    return turn.tracks[name]
