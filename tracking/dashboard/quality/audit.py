"""Count audits: planned, counted and looked at."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import streamlit as st

from ...charts import words
from ...database import open_database
from ...errors import TrackingError
from ...filters import Filter
from ...metrics import SourceInfo
from ...quality import audits
from ...quality.audits import QUANTITIES, Audit, Plan, Quantity, Window
from ...quality.exporting import content_of, rows_of
from ...study import is_study
from .. import reading
from ..parts import plain
from ..places import Places
from ..wording import sheet
from . import saying
from .counting import show_counting
from .results import show_results, show_sources

CURRENT, PROBLEM, RESULTS = "audit.current", "audit.problem", "audit.results"
LENGTHS = (5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
NEW = "New audit"


def show_audits(filter: Filter) -> None:
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(plain(problem), icon=":material/error:")
    kept = reading.shown(lambda: _audits(filter.sources))
    fixed = is_study(Places.of().database)
    if fixed and not kept:
        st.info("This is a shared study: nothing is written into it, so nothing can be audited.",
                icon=":material/history_toggle_off:")  # fmt: skip
        return
    current = _chosen(kept, fixed)
    if current is None:
        _show_new(filter)
        if kept:
            show_sources(kept)
        return
    found = reading.shown(lambda: _windows(current))
    _head(current, fixed)
    if current.left and not fixed and not st.session_state.get(f"{RESULTS}.{current.id}"):
        show_counting(current, found, _change)
    else:
        show_results(current, found)


def _audits(names: Sequence[str]) -> list[Audit]:
    with reading.reading() as connection:
        return audits.audits(connection, names)


def _windows(audit: Audit) -> list[Window]:
    with reading.reading() as connection:
        return audits.windows(connection, audit.id)


def _change(do: Callable[[Any], object]) -> bool:
    """Write something; where that fails the page's next run says why."""
    try:
        with closing(open_database(Places.of().database)) as connection:
            do(connection)
    except TrackingError as error:
        st.session_state[PROBLEM] = str(error)
        return False
    return True


def _chosen(kept: Sequence[Audit], fixed: bool) -> Audit | None:
    """The audit that is looked at, or None for a new one."""
    if not kept:
        return None
    known = {audit.id: audit for audit in kept}
    options = [*known] if fixed else [0, *known]
    current = st.session_state.get(CURRENT)
    if current not in options:
        current = next((audit.id for audit in kept if audit.left), kept[0].id)
    names = {0: NEW} | {id: name_of(audit) for id, audit in known.items()}
    chosen = st.selectbox(
        "Audit", options, options.index(current), format_func=names.__getitem__,
        key=f"audit.choice.{current}.{hash(tuple(names.values()))}", label_visibility="collapsed",
    )  # fmt: skip
    st.session_state[CURRENT] = chosen
    return known.get(int(chosen or 0))


def name_of(audit: Audit) -> str:
    done = f"{audit.answered} of {audit.windows} counted"
    return f"#{audit.id} · {audit.plan.source} · {saying.title(audit)} · {done}"


def _head(audit: Audit, fixed: bool) -> None:
    """What the audit is, and what can be done with it."""
    zone = audit.timezone
    span = f"{words.moment(audit.since, zone)} to {words.moment(audit.until, zone)}, {zone}"
    st.caption(
        f"{plain(audit.plan.source)} · {plain(saying.title(audit))} · drawn from"
        f" {audit.possible:,} watched windows of {span} · seed {audit.plan.seed}"
    )
    with st.container(horizontal=True):
        if audit.left and audit.answered and not fixed:
            st.toggle("Show what is known so far", key=f"{RESULTS}.{audit.id}")
        st.download_button(
            "CSV", lambda: sheet(rows_of(audit, _windows(audit))),
            f"sightline-audit-{audit.id}.csv", "text/csv", key="audit.csv", on_click="ignore",
            type="tertiary", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "JSON", lambda: json.dumps(content_of(audit, _windows(audit)), indent=2).encode(),
            f"sightline-audit-{audit.id}.json", "application/json", key="audit.json",
            on_click="ignore", type="tertiary", icon=":material/download:",
        )  # fmt: skip
        if fixed:
            return
        if audit.answered and st.button(
            "Count again", key="audit.recount", type="tertiary", icon=":material/refresh:",
            help="What the system counts in the answered windows now: after visits were joined"
            " anew, or a line was changed.",
        ):  # fmt: skip
            _change(lambda connection: audits.recount(connection, audit))
            st.rerun()
        if st.button("Delete", key="audit.delete", type="tertiary", icon=":material/delete:"):
            _sure(audit)


@st.dialog("Delete this audit?", icon=":material/delete_forever:")
def _sure(audit: Audit) -> None:
    answers = "answer goes" if audit.answered == 1 else "answers go"
    st.write(f"Audit #{audit.id} and its {audit.answered} {answers} for good; the recordings and"
             " what was tracked stay.")  # fmt: skip
    with st.container(horizontal=True):
        if st.button(
            "Delete", type="primary", key="audit.sure", on_click=_delete, args=(audit.id,)
        ):  # fmt: skip
            st.rerun()
        if st.button("Keep", key="audit.keep"):
            st.rerun()


def _delete(id: int) -> None:
    _change(lambda connection: audits.delete(connection, id))
    st.session_state.pop(CURRENT, None)


def _show_new(filter: Filter) -> None:
    """What is to be audited: the time is that of the bar above."""
    sources, labels = reading.known()
    sources = [source for source in sources if not filter.sources or source.name in filter.sources]
    if not sources:
        st.info("Choose a source above that is recorded.", icon=":material/search_off:")
        return
    with st.container(border=True):
        st.subheader(NEW, anchor=False)
        st.caption("Windows are drawn at random from the time above, in proportion over the hours"
                   " in which the source was really watched. You count; then the system's count is"
                   " told.")  # fmt: skip
        left, middle, right = st.columns(3)
        names = [source.name for source in sources]
        with left:
            name = str(st.selectbox("Source", names, key="audit.source"))
            source = next(each for each in sources if each.name == name)
            quantity, place, way = _what(source)
        with middle:
            chosen = st.multiselect("Labels", labels, list(filter.labels), key="audit.labels",
                                    placeholder="All labels")  # fmt: skip
            seconds = st.select_slider("Length of a window", LENGTHS, _usual(source),
                                       key=f"audit.seconds.{source.id}",
                                       format_func=words.lasting,
                                       disabled=quantity == "occupancy")  # fmt: skip
        with right:
            many = st.number_input("Windows", 2, audits.MOST_WINDOWS, 20, key="audit.many")
            seed = st.number_input("Seed", 0, 2**31 - 1, _seed(), key="audit.seed",
                                   help="The same seed draws the same windows.")  # fmt: skip
        if st.button("Begin", type="primary", key="audit.begin", icon=":material/play_arrow:"):
            made: list[Audit] = []

            def begin(connection: Any) -> None:
                plan = Plan(name, quantity, place, way, tuple(chosen), float(seconds), int(many),
                            int(seed))  # fmt: skip
                made.append(audits.begin(connection, plan, filter))

            if _change(begin):
                st.session_state[CURRENT] = made[0].id
                st.session_state.pop("audit.first seed", None)
            st.rerun()


def _usual(source: SourceInfo) -> float:
    """Half a minute, or less where it was never watched for so long without a break."""
    with reading.reading() as connection:
        (longest,) = connection.execute(
            "SELECT max(coalesce(ended_at, started_at + 3600000) - started_at) / 1000.0 FROM runs"
            " WHERE source_id = ?",
            (source.id,),
        ).fetchone()
    fitting = [each for each in LENGTHS[:4] if each <= (longest or 0)]
    return max(fitting, default=LENGTHS[0])


def _seed() -> int:
    """One for each new audit, the same while it is being planned."""
    return int(st.session_state.setdefault("audit.first seed", secrets.randbelow(10_000)))


def _what(source: SourceInfo) -> tuple[Quantity, str, str]:
    """What is counted, and at which zone or line."""
    world = reading.world()
    lines = [line for line in world.lines if line.source == source.name]
    zones = list(dict.fromkeys(zone.name for zone in world.zones if zone.source == source.name))
    options: list[Quantity] = [each for each in QUANTITIES if each != "crossings" or lines]
    quantity = st.selectbox("What is counted", options, key="audit.quantity",
                            format_func=QUANTITIES.__getitem__) or options[0]  # fmt: skip
    if quantity == "crossings":
        place = str(st.selectbox("Line", list(dict.fromkeys(line.name for line in lines)),
                                 key="audit.line"))  # fmt: skip
        ways = [way for line in lines if line.name == place for way in line.directions]
        way = str(st.selectbox("Direction", ["", *dict.fromkeys(ways)], key="audit.way",
                               format_func=lambda way: way or "Either"))  # fmt: skip
        return quantity, place, way
    if quantity == "visits" and zones:
        place = str(st.selectbox("Where", ["", *zones], key="audit.zone",
                                 format_func=lambda name: name or "The whole picture"))  # fmt: skip
        return quantity, place, ""
    return quantity, "", ""
