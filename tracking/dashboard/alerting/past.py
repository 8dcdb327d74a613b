"""What was found: a table, and what the chosen alert was decided on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from ...alerts import Alert, alerts, rules
from ...charts import words
from ...filters import Choice, Filter
from ...localtime import MINUTE
from ...metrics.listing import tracks_of
from ...study import is_study
from ...times import now_ms
from .. import parts, reading
from ..activity import track_table
from ..parts import plain
from ..places import Places
from . import going_on

MOST = 1000
BESIDE = MINUTE  # milliseconds before and after an alert that Activity shows, too
STATES = {"waiting": "waits", "sent": "sent", "failed": "given up"}


def show(filter: Filter) -> None:
    """The alerts that were open in the filter's window."""
    found = reading.shown(lambda: _find(filter))
    if not found:
        st.info(reading.shown(_why_none), icon=":material/notifications_off:")
        return
    zones = ", ".join(sorted({each.timezone for each in found}))
    most = f" Shown are the latest {MOST:,}." if len(found) == MOST else ""
    count = f"{len(found):,} {'alert' if len(found) == 1 else 'alerts'}"
    st.caption(
        f"{count}, the latest first, times in {plain(zones)}. Choose one to see what it was decided"
        f" on.{most}"
    )
    rows = table(found)
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-row",
        selection_default={"selection": {"rows": [0], "columns": [], "cells": []}},
        height=min(330, 36 * (len(found) + 1) + 2), column_config=_COLUMNS,
        key=f"alerts.history.{filter.since}.{filter.until}.{found[0].id}.{len(found)}",
    )  # fmt: skip
    parts.download(lambda: rows, "sightline-alerts", "alerts.csv")
    chosen = event.selection.rows
    if chosen and chosen[0] < len(found):
        _show_chosen(found[chosen[0]])


def _why_none() -> str:
    if not going_on.has_alerts():
        return "There are no alerts yet."
    with reading.reading() as connection:
        watching = any(each.rule.enabled for each in rules(connection))
    if watching or is_study(Places.of().database):
        return "No alert in that time."
    return "No alert in that time. No rule is at work: add one, or let one go on, under Rules."


def _find(filter: Filter) -> list[Alert]:
    if not going_on.has_alerts():
        return []
    with reading.reading() as connection:
        return alerts(connection, filter.since, filter.until, filter.sources, most=MOST)


_COLUMNS = {
    "Began": st.column_config.TextColumn(help="By the source's clock"),
    "Most": st.column_config.TextColumn(help="The highest value while it went on"),
    "Told": st.column_config.TextColumn(help="Which channels, and what came of it"),
}


def table(found: Sequence[Alert]) -> pd.DataFrame:
    """Alerts as people read them, with times by the clock of each one's source."""
    return pd.DataFrame(
        [
            (
                each.name, each.source, each.place,
                words.moment(each.started, each.timezone, seconds=True),
                "goes on" if each.ended is None else words.lasting(
                    (each.ended - each.started) / 1000),
                _amount(each, each.peak), _amount(each, each.threshold),
                "" if each.acknowledged is None else "yes",
                ", ".join(f"{one.channel}: {STATES.get(one.state, one.state)}"
                          for one in each.deliveries if one.event == "started"),
            )
            for each in found
        ],
        columns=["Rule", "Source", "Place", "Began", "Lasted", "Most", "Allowed", "Seen", "Told"],
    )  # fmt: skip


def _amount(each: Alert, value: float) -> str:
    return words.lasting(value) if each.unit else words.number(value)


def _show_chosen(each: Alert) -> None:
    with st.container(border=True):
        st.subheader(plain(each.name), anchor=False)
        st.markdown(f"**The rule then:** {plain(each.text)}.")
        st.markdown("  \n".join(_told(each)))
        with st.container(horizontal=True, vertical_alignment="center"):
            _links(each)
            if not is_study(Places.of().database):
                seen = each.acknowledged is not None
                if st.button(
                    "Not seen yet" if seen else "Acknowledge", key=f"alerts.seen.{each.id}",
                    icon=":material/visibility_off:" if seen else ":material/visibility:",
                ):  # fmt: skip
                    going_on.acknowledged([each.id], not seen)
                    st.rerun()
        _tracks(each)


def _told(each: Alert) -> list[str]:
    """What it was decided on, and whom it was told, as lines of Markdown."""
    zone = each.timezone

    def moment(t: int) -> str:
        return words.moment(t, zone, seconds=True)

    lines = [f"**Began** {moment(each.started)} ({plain(zone)}) at {_amount(each, each.value)};"
             f" allowed are {_amount(each, each.threshold)}."]  # fmt: skip
    if each.ended is not None:
        why = "" if each.ending in (None, "over") else f", because {plain(str(each.ending))}"
        lines.append(f"**Ended** {moment(each.ended)}{why}; {_amount(each, each.peak)} at most.")
    else:
        lines.append(f"**Goes on**; {_amount(each, each.peak)} at most until now.")
    about = each.evidence
    if "since" in about and "until" in about:
        gaps = [gap for gap in about.get("gaps", ()) if gap[2] > gap[1]]
        lost = sum(gap[2] - gap[1] for gap in gaps) / 1000
        watched = f"{words.lasting(lost)} of it not watched" if lost else "all of it watched"
        lines.append(f"**Looked at** {moment(about['since'])} to {moment(about['until'])},"
                     f" {watched}.")  # fmt: skip
    for one in each.deliveries:
        when = "" if one.told_at is None else f" {moment(one.told_at)}"
        tries = "" if one.tries < 2 else f" after {one.tries} tries"
        result = f": {plain(one.result)}" if one.result else ""
        lines.append(f"**{plain(one.channel)}**, that it {plain(one.event)}:"
                     f" {STATES.get(one.state, 'unknown')}{when}{tries}{result}.")  # fmt: skip
    if not each.deliveries:
        lines.append("Told to nobody: there was no channel.")
    return lines


def _links(each: Alert) -> None:
    begin = min(each.started, each.evidence.get("since", each.started)) - BESIDE
    end = (now_ms() if each.ended is None else each.ended) + BESIDE
    choice = Choice("custom", begin // MINUTE * MINUTE, -(-max(end, begin + 1) // MINUTE) * MINUTE,
                    (each.source,))  # fmt: skip
    for page, icon in (("Activity", "monitoring"), ("Movement", "conversion_path")):
        st.page_link(
            f"pages/{page.lower()}.py", label=f"{page} of that time", icon=f":material/{icon}:",
            query_params=choice.query(each.timezone),
        )  # fmt: skip


def _tracks(each: Alert) -> None:
    if not each.tracks:
        st.caption("It was decided on no tracks: on whether there were pictures.")
        return

    def read() -> pd.DataFrame:
        with reading.reading() as connection:
            return tracks_of(connection, each.tracks)

    rows = reading.shown(read)
    if not len(rows):
        st.info("Its tracks are no longer in the record.", icon=":material/history:")
        return
    counted = each.evidence.get("counted", len(rows))
    st.caption(f"{len(rows):,} of the {counted:,} tracks that counted when it began. Choose a row"
               " to see its way.")  # fmt: skip
    left, right = st.columns([5, 2], gap="medium")
    with left:
        event = st.dataframe(
            track_table.readable(rows), hide_index=True, on_select="rerun",
            selection_mode="single-row", column_config=track_table.CONFIG,
            selection_default={"selection": {"rows": [0], "columns": [], "cells": []}},
            height=min(330, 36 * (len(rows) + 1) + 2), key=f"alerts.tracks.{each.id}",
        )  # fmt: skip
    with right:
        chosen = event.selection.rows
        if chosen and chosen[0] < len(rows):
            track_table.way(rows.iloc[chosen[0]], f"alerts.{each.id}.")
