"""Runs in a table, and some of them side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st

from ...charts import words
from ...metrics.runs import RunRow, folded, numbers, runs, side_by_side
from ...runner import is_held
from .. import reading
from ..places import Places
from ..sources import state

MOST = 500
MOST_COMPARED = 6
EVERY = "data.every"


def show_runs(names: tuple[str, ...]) -> None:
    st.subheader("Runs", anchor=False)
    every = bool(st.session_state.get(EVERY))
    found = reading.shown(lambda: _runs(str(Places.of().database), names, every))
    if not found:
        st.caption("There are no runs of these sources.")
        return
    more = f" Shown are the newest {MOST}." if len(found) == MOST else ""
    laps = " The laps of a looped recording are one line." if not every else ""
    st.caption(
        "A run is one opening of a source with one set of settings. Select two or more to see them"
        f" side by side.{laps}{more}"
    )
    if every or any(len(run.laps) > 1 for run in found):
        st.toggle("Every run", key=EVERY)
    chosen = st.dataframe(
        table(found, *_at_work()),
        hide_index=True, key="runs.every" if every else "runs", on_select="rerun",
        selection_mode="multi-row", height=min(420, 38 + 36 * len(found)), column_config=_COLUMNS,
    )  # fmt: skip
    picked = [found[row] for row in chosen["selection"]["rows"] if row < len(found)]
    if len(picked) == 1:
        _show_problems(picked)
    elif len(picked) > 1:
        show_compared(picked[:MOST_COMPARED])


@st.cache_data(max_entries=8, ttl=10, show_spinner=False)
def _runs(database: str, names: tuple[str, ...], every: bool) -> list[RunRow]:
    with reading.reading() as connection:
        return (runs if every else folded)(connection, names, MOST)


def _at_work() -> tuple[Collection[str], bool]:
    """The sources that the runner is looking at now, and whether that is known at all."""
    health = state.read_health()
    watched = {name for name, of in health.sources.items() if of.get("state") in ("ok", "stale")}
    return watched, health.reached or not is_held(Places.of().database)


_COLUMNS = {
    "Frames": st.column_config.NumberColumn(format="localized"),
    "Began": st.column_config.TextColumn(help="In the zone of the source"),
}


def table(
    found: Sequence[RunRow], watched: Collection[str] = (), is_known: bool = False
) -> pd.DataFrame:
    """Runs, the newest first. watched: sources of which one is under way, where that is known."""
    newest = {run.source: run.id for run in reversed(found)}

    def outcome(run: RunRow) -> str:
        if run.outcome:
            return run.outcome
        if not is_known:
            return "under way, or broken off"
        goes_on = run.source in watched and newest[run.source] == run.id
        return "under way" if goes_on else "broken off"

    shown = pd.DataFrame(
        [
            (
                run.source,
                words.moment(run.started_at, run.timezone, seconds=True),
                words.lasting(run.seconds),
                outcome(run),
                f"{len(run.laps):,} laps" if len(run.laps) > 1 else "",
                run.detector,
                run.weights or "",
                run.code_version,
                run.frames,
                "; ".join(run.problems),
                run.timezone,
                run.id,
            )
            for run in found
        ],
        columns=["Source", "Began", "Lasted", "Outcome", "Laps", "Detector", "Weights", "Version",
                 "Frames", "Problems", "Zone", "Run"],
    )  # fmt: skip
    return shown if shown["Laps"].any() else shown.drop(columns="Laps")


def show_compared(picked: Sequence[RunRow]) -> None:
    """What came of the runs, and their settings, with those that differ first."""

    def read() -> pd.DataFrame:
        with reading.reading() as connection:
            return numbers(connection, picked)

    came = reading.shown(read)
    names = {str(run.id): f"{run.id} · {run.source}" for run in picked}
    settings = side_by_side(picked).rename(columns=names)
    different = int(settings["differs"].sum())
    st.markdown("**What came of them**")
    st.dataframe(
        came.rename(columns=names), key="came",
        column_config=dict.fromkeys(names.values(), st.column_config.NumberColumn(format="%.2f")),
    )  # fmt: skip
    st.markdown(f"**Settings**: {different} of {len(settings)} differ")
    every = st.toggle("Show also those that are the same", key="data.same")
    shown = settings if every else settings[settings["differs"]]
    if shown.empty:
        st.caption("These runs had the same settings.")
        return
    st.dataframe(
        shown.drop(columns="differs").style.apply(
            lambda row: ["font-weight: 600" if settings["differs"][row.name] else ""] * len(row),
            axis=1,
        ),
        hide_index=True,
        key="settings",
    )
    _show_problems(picked)


def _show_problems(picked: Sequence[RunRow]) -> None:
    for run in picked:
        for problem in run.problems:
            st.text(f"Run {run.id}: {problem}")
