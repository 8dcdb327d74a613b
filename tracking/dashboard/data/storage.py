"""How large the record is, how long it is kept, and what is deleted of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from ... import retention
from ...charts import words
from ...charts.growth import growth_chart
from ...database import files_of, open_database, size_of
from ...errors import TrackingError
from ...metrics.storage import Growth, Held, free_bytes, growth, held, positions_by_day
from ...runner import is_held
from ...times import now_ms
from .. import reading
from ..overview.attention import SOON, Disk
from ..parts import plain
from ..places import Places
from ..plots import plot
from ..serving import supervising

SHOWN_DAYS = 31
USUAL_DAYS = 30
WORTH_A_WORD = 1000  # days until the disk is full
CONFIG = {"displaylogo": False, "displayModeBar": False}
DAY = retention.MS_PER_DAY


@dataclass(frozen=True, slots=True)
class Storage:
    """What is known of the database, as of at most a minute ago. kept: days; None: for ever."""

    held: list[Held]
    growth: Growth
    days: pd.DataFrame
    kept: int | None
    free: int


def storage() -> Storage:
    database = Places.of().database
    return reading.shown(lambda: _storage(str(database), _stamp()))


def _stamp() -> int:
    """Changes every half minute, and whenever something was deleted or set here."""
    return now_ms() // 30_000 + 1_000_000_000 * int(st.session_state.get("data.changes", 0))


@st.cache_data(max_entries=2, ttl=60, show_spinner=False)
def _storage(database: str, stamp: int) -> Storage:
    now = now_ms()
    with reading.reading() as connection:
        sources = held(connection)
        latest = max((source.seen or 0 for source in sources), default=0)
        since = min(now, latest) - SHOWN_DAYS * DAY
        return Storage(
            sources,
            growth(connection, size_of(database), now),
            positions_by_day(connection, since),
            retention.keep_days(connection),
            free_bytes(connection),
        )


def changed() -> None:
    """Something was deleted or set: what is kept of before is old."""
    reading.forget()
    st.session_state["data.changes"] = st.session_state.get("data.changes", 0) + 1


def show_size(places: Places, known: Storage) -> None:
    size, disk = size_of(places.database), Disk.of(places.database)
    files = ", ".join(plain(path.name) for path in files_of(places.database) if path.exists())
    pace = known.growth.bytes_a_day
    with st.grid(4, min_column_width=150, gap="small", key="storage"):
        st.metric("Database", words.size(size), border=True,
                  help=f"Size of {files}, together.")  # fmt: skip
        st.metric("Positions", f"{known.growth.positions:,}", border=True,
                  help="Places of tracks in time: rows that take nearly all space.")  # fmt: skip
        st.metric(
            "Grows by", _growing(pace), border=True,
            help="Bytes that a position takes, times positions a day over the last seven days, or"
            " since the beginning. A dash before an hour is recorded.",
        )  # fmt: skip
        st.metric("Disk left", "–" if disk is None else words.size(disk.free), border=True,
                  help="Free on the disk that the database is on.")  # fmt: skip
    said = _outlook(known, disk)
    if said:
        st.caption(said)


def _growing(bytes_a_day: float | None) -> str:
    if bytes_a_day is None:
        return "–"
    return f"{words.size(bytes_a_day)} a day" if bytes_a_day >= 1 else "nothing"


def _outlook(known: Storage, disk: Disk | None) -> str:
    pace = known.growth.bytes_a_day
    if not pace or disk is None:
        return ""
    days = disk.free / pace
    if known.kept:
        return f"Rows are kept for {known.kept:,} days: the file stops growing after that."
    if days > WORTH_A_WORD:
        return ""
    text = f"At this pace the disk is full in {words.days(days)}"
    return f"{text}: set below how long the record is kept." if days <= SOON else f"{text}."


def show_rows(places: Places, known: Storage) -> None:
    """Rows by source and table, and how many came each day."""
    table = pd.DataFrame(
        [
            (
                each.source, each.runs, each.tracks, each.positions, each.minutes,
                _when(each.since, each.timezone), _when(each.until, each.timezone), each.timezone,
            )
            for each in known.held
        ],
        columns=["Source", "Runs", "Tracks", "Positions", "Minutes known", "From", "To", "Zone"],
    )  # fmt: skip
    numbers = {
        name: st.column_config.NumberColumn(format="localized")
        for name in ("Runs", "Tracks", "Positions", "Minutes known")
    }
    with st.container(border=True):
        st.subheader("Rows of each source", anchor=False)
        st.dataframe(table, hide_index=True, column_config=numbers, key="rows")
    with st.container(border=True):
        st.subheader("Positions a day", anchor=False)
        st.caption(f"Last {SHOWN_DAYS} days of the record, days in UTC.")
        _show_days(places, known)


def _show_days(places: Places, known: Storage) -> None:
    if known.days.empty:
        st.caption("No tracks in these days.")
        return
    names = [each.source for each in known.held]
    size = (size_of(places.database) - known.free) / max(1, known.growth.positions)
    plot(growth_chart(known.days, names, size), key="growth", config=CONFIG)


def _when(t: int | None, zone: str) -> str:
    return "–" if t is None else words.moment(t, zone)


# how long it is kept


def show_retention(places: Places, known: Storage) -> None:
    st.subheader("How long it is kept", anchor=False)
    if supervising.state().phase == "study":
        st.caption("This is a shared study: nothing of it is ever deleted.")
        return
    days = _choose(places, known.kept)
    if days is None:
        st.caption("Nothing is deleted by itself.")
    else:
        _show_purge(places, days, days == known.kept)
    _show_compacting(places, known.free)


def _choose(places: Places, kept: int | None) -> int | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how = st.segmented_control(
            "Keep the record", ["for ever", "for some days"],
            default="for ever" if kept is None else "for some days", key="data.how", required=True,
        )  # fmt: skip
        days: int | None = None
        if how == "for some days":
            days = int(
                st.number_input(
                    "Days, besides today", 1, retention.LONGEST, kept or USUAL_DAYS,
                    key="data.days", width=180,
                )
            )  # fmt: skip
        if days != kept and st.button("Apply", type="primary", key="data.apply"):
            try:
                with closing(open_database(places.database)) as connection:
                    retention.change_keep_days(connection, days)
            except TrackingError as error:
                st.error(plain(str(error)), icon=":material/error:")
            else:
                changed()
                st.rerun()
    if days != kept:
        now = "for ever" if kept is None else f"for {kept:,} days"
        st.caption(f"Not applied yet: until then it is kept {now}.")
    return days


def _show_purge(places: Places, days: int, applied: bool) -> None:
    """What a purge deletes, and a button for it where these days are the ones that are kept."""
    plan = reading.shown(lambda: _plan(str(places.database), days, _stamp()))
    before = words.moment(plan.before, "UTC").rpartition(",")[0]
    if not plan.positions and not plan.tracks and not plan.minutes:
        st.caption(f"Nothing ended before {before} (UTC): a purge deletes nothing now.")
        return
    st.markdown(
        f"A purge deletes what ended before **{before}** (UTC): **{plan.tracks:,} tracks** with"
        f" {plan.positions:,} positions, and what is known of {plan.minutes:,} minutes, about"
        f" **{words.size(plan.bytes)}** in all. The runner does that by itself, once an hour."
    )
    with st.expander("By source"):
        for going in plan.sources:
            st.text(f"{going.source}: {going.tracks:,} tracks, {going.positions:,} positions")
    if not applied:
        st.session_state["data.purging"] = False
        return
    if not st.session_state.get("data.purging"):
        if st.button("Purge now", icon=":material/delete_sweep:", key="data.purge"):
            st.session_state["data.purging"] = True
            st.rerun()
        return
    st.warning("This cannot be undone.", icon=":material/warning:")
    with st.container(horizontal=True):
        sure = st.button(
            f"Delete {plan.tracks:,} tracks", type="primary", key="data.sure",
            icon=":material/delete_forever:",
        )  # fmt: skip
        if st.button("Keep them", key="data.keep"):
            st.session_state["data.purging"] = False
            st.rerun()
    if sure:
        _purge(places, plan.before)


@st.cache_data(max_entries=8, ttl=30, show_spinner=False)
def _plan(database: str, days: int, stamp: int) -> retention.Purge:
    with reading.reading() as connection:
        return retention.plan(connection, days)


def _purge(places: Places, before: int) -> None:
    st.session_state["data.purging"] = False
    bar = st.progress(0.0, "Deleting")

    def progress(done: int, total: int) -> None:
        share = min(1.0, done / total) if total else 1.0
        bar.progress(share, f"Deleted {done:,} of {total:,} positions")

    try:
        gone = retention.purge(places.database, before, progress)
    except TrackingError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    changed()
    st.toast(f"Deleted {gone.tracks:,} tracks with {gone.positions:,} positions.")
    st.rerun()


def _show_compacting(places: Places, free: int) -> None:
    """Give back what is free within the file, where that can be done."""
    if free < 1_000_000:
        return
    said = f"Within the file {words.size(free)} are free: new rows fill them."
    if is_held(places.database):
        st.caption(f"{said} They can be given back to the disk only while no runner is at work.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said, width="content")
        if st.button("Compact the file", icon=":material/compress:", key="data.compact"):
            with st.spinner("Compacting"):
                try:
                    saved = retention.compact(Path(places.database))
                except TrackingError as error:
                    st.error(plain(str(error)), icon=":material/error:")
                    return
            changed()
            st.toast(f"The file is {words.size(saved)} smaller.")
            st.rerun()
