"""The table of tracks, and the way that the chosen one took."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from ...charts import words
from ...charts.path import path
from ...database import Still, still
from ...metrics import Selection, measure
from ...metrics.listing import ORDERS, Listing, Way, list_tracks, way_of
from ...times import zone
from .. import parts, reading
from .views import LOOK, told

CONFIG = {
    "source": st.column_config.TextColumn("Source", width="small"),
    "label": st.column_config.TextColumn("Label"),
    "track": st.column_config.NumberColumn("Track", format="%d", help="The tracker's number"),
    "zone": st.column_config.TextColumn("Zone", help="Of the source's clock"),
    "first": st.column_config.TextColumn("First seen", help="By the source's clock"),
    "last": st.column_config.TextColumn("Last seen", help="By the source's clock"),
    "stay": st.column_config.TextColumn("Stay"),
    "positions": st.column_config.NumberColumn("Positions", format="localized"),
    "confidence": st.column_config.NumberColumn("Confidence", format="percent"),
}


@st.fragment
def tracks(selection: Selection) -> None:
    """Those of the window, and the chosen one's way beside."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Tracks", anchor=False, width="stretch")
            order = st.selectbox(
                "Order",
                list(ORDERS),
                format_func=ORDERS.__getitem__,
                key="activity_order",
                label_visibility="collapsed",
                width=150,
            )
            falling = st.segmented_control(
                "Direction",
                [True, False],
                default=True,
                format_func=lambda falls: "Highest first" if falls else "Lowest first",
                key="activity_falling",
                required=True,
                label_visibility="collapsed",
            )
        listing = _listing(selection, order or "last_seen", falling is not False)
        _table(selection, listing)


def _listing(selection: Selection, order: str, falling: bool) -> Listing:
    def read() -> Listing:
        with reading.reading() as connection:
            return list_tracks(connection, selection, order, falling)

    return selection.kept(("listing", order, falling), lambda: reading.shown(read))


def _table(selection: Selection, listing: Listing) -> None:
    if not listing.total:
        st.info("No tracks in that time: nobody was seen.", icon=":material/person_off:")
        return
    shown, total = len(listing.rows), listing.total
    what = "stays" if selection.is_of_stays else "tracks"
    first = f"The first {shown:,} of all {total:,} {what}" if shown < total else f"{total:,} {what}"
    zones = ", ".join(sorted({*listing.rows["timezone"]}))
    st.caption(f"{first}, times in {zones}. Choose a row to see its way.")
    left, right = st.columns([5, 2], gap="medium")
    with left:
        event = st.dataframe(
            readable(listing.rows),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            selection_default={"selection": {"rows": [0], "columns": [], "cells": []}},
            column_config=CONFIG,
            height=330,
            key=f"tracks.{selection.filter!r}.{listing.rows['id'].iloc[0]}.{shown}",
        )
        with st.container(horizontal=True):
            parts.explained(measure("tracks", selection), "explained.tracks")
            parts.download(
                lambda: told(listing.rows, selection.timezone), "sightline-tracks", "csv.tracks"
            )
    with right:
        chosen = event.selection.rows
        if chosen and chosen[0] < shown:
            way(listing.rows.iloc[chosen[0]])
        else:
            st.caption("The way of the chosen track is drawn here, over its source's picture.")


def readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as people read them, with times by the clock of each one's source.

    Where these clocks are of several zones, a column tells each row's.
    """
    made = rows[["source", "label", "track"]].copy()
    for column, name in (("first_seen", "first"), ("last_seen", "last")):
        made[name] = [
            f"{datetime.fromtimestamp(t / 1000, zone(there)):%Y-%m-%d %H:%M:%S}"
            for t, there in zip(rows[column], rows["timezone"], strict=True)
        ]
    if rows["timezone"].nunique() > 1:
        made.insert(3, "zone", rows["timezone"])
    made["stay"] = [words.lasting(seconds) for seconds in rows["stay"]]
    made["positions"], made["confidence"] = rows["positions"], rows["confidence"]
    return made


def way(row: pd.Series[object], key: str = "") -> None:
    """Where a track of a listing went. key: tells it from another one on the same page."""

    def read() -> tuple[Way, Still | None]:
        with reading.reading() as connection:
            found = way_of(connection, int(str(row["id"])))
            return found, still(connection, int(str(row["source_id"])))

    went, picture = reading.shown(read)
    if not len(went.rows):
        st.info(
            "The positions of this track are no longer kept: only when it was there is known.",
            icon=":material/history:",
        )
        return
    there = str(row["timezone"])
    first, last = (int(str(row[name])) for name in ("first_seen", "last_seen"))
    st.markdown(
        f"**{parts.plain(str(row['label']))} {row['track']}** at {parts.plain(str(row['source']))},"
        f" {words.moment(first, there, seconds=True)} to"
        f" {words.moment(last, there, seconds=True).rpartition(', ')[2]}"
    )
    chart = path(went, picture, there)
    drawn = f"{key}path.{row['id']}"
    st.plotly_chart(chart.figure, key=drawn, config=LOOK, alt="The way of a track")
    parts.download(
        lambda: told(chart.rows, there), f"sightline-track-{row['id']}", f"{key}csv.path"
    )
