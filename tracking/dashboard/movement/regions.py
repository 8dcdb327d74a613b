"""A region that was brushed on the heat, and who was there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import streamlit as st

from ...charts import words
from ...metrics import Selection
from ...metrics.places import Cells, Visitors
from ...metrics.ways import Way
from ...times import zone
from . import choosing

MOST = 500  # rows of the table
REGIONS, BRUSHED = "movement.regions", "movement.brushed"


@dataclass(frozen=True, slots=True)
class Region:
    """Cells of a source's ground, kept for the session. table: what its table's state is under."""

    source: str
    cells: tuple[int, ...]
    key: str
    table: str

    @classmethod
    def of(cls, selection: Selection) -> Region:
        name = selection.sources[0].name
        cells = st.session_state.get(REGIONS, {}).get(name, ())
        # what was brushed stays marked in the browser until the figure is another one
        key = f"heat-{st.session_state.get(BRUSHED, 0)}"
        table = f"movement.who.{hash((cells, selection.filter)) & 0xFFFFFFFF:x}"
        return cls(name, cells, key, table)

    def take(self, cells: Cells) -> None:
        """Keep what has just been brushed; cells: those that are shown."""
        state = st.session_state.get(f"movement.{self.key}")
        brushed = [*state.selection.box, *state.selection.lasso] if state else []
        if not brushed:
            return
        x, y = (list(map(float, brushed[-1][axis])) for axis in ("x", "y"))
        if len(x) == 2:  # two corners of a box
            x, y = [x[0], x[1], x[1], x[0]], [y[0], y[0], y[1], y[1]]
        self._keep(cells.inside(x, y))

    def clear(self) -> None:
        self._keep(())

    def _keep(self, cells: tuple[int, ...]) -> None:
        kept = {**st.session_state.get(REGIONS, {}), self.source: cells}
        st.session_state[REGIONS] = {name: each for name, each in kept.items() if each}
        st.session_state[BRUSHED] = st.session_state.get(BRUSHED, 0) + 1

    def visitors(self, selection: Selection) -> Visitors | None:
        """Who was there; None where no region is brushed."""
        return choosing.read_visitors(selection, self.cells) if self.cells else None

    def way(self, selection: Selection, visitors: Visitors | None) -> Way | None:
        """The path of whom was picked in the table."""
        state = st.session_state.get(self.table)
        rows = state.selection.rows if state else []
        if visitors is None or not rows or rows[0] >= len(visitors.stays):
            return None
        return choosing.read_way(selection, visitors.stays[rows[0]].track)


def show_visitors(region: Region, selection: Selection, visitors: Visitors | None) -> None:
    """Who was in the region, with a way to forget it; or how to choose one."""
    if visitors is None:
        st.caption("Draw a box or a lasso on the picture to see who was there.")
        return
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.subheader("Who was there", anchor=False, width="content")
        st.button(
            "Clear the region",
            icon=":material/close:",
            key="movement.clear",
            type="tertiary",
            on_click=region.clear,
        )
    count = len(visitors.stays)
    st.markdown(
        f"**{visitors.visits:,}** {'visit' if visitors.visits == 1 else 'visits'}"
        f" ({count:,} {'track' if count == 1 else 'tracks'}) stood in the outlined region for"
        f" **{words.lasting(visitors.seconds)}** in all."
    )
    if not count:
        return
    st.dataframe(
        _table(selection, visitors),
        hide_index=True,
        key=region.table,
        on_select="rerun",
        selection_mode="single-row",
        height=min(35 * min(count, MOST) + 38, 360),
        column_config={
            "there": st.column_config.NumberColumn("Seconds there", format="%.1f"),
            "since": st.column_config.DatetimeColumn(
                f"First there ({selection.timezone})", format="ddd D MMM YYYY, HH:mm"
            ),
            "number": st.column_config.NumberColumn("Track", format="%d"),
            "label": st.column_config.TextColumn("Label"),
        },
    )
    more = f" Shown are the {MOST} longest of {count:,}." if count > MOST else ""
    st.caption(
        "Choose a row to see its path. The region is made of whole cells, and exact for these;"
        f" times are known to the minute.{more}"
    )


def _table(selection: Selection, visitors: Visitors) -> pd.DataFrame:
    stays = visitors.stays[:MOST]
    labels = choosing.read_labels(selection, tuple(stay.track for stay in stays))
    there = zone(selection.timezone)
    rows = [
        {
            "number": labels[stay.track][0],
            "label": labels[stay.track][1],
            "since": datetime.fromtimestamp(stay.since / 1000, there).replace(tzinfo=None),
            "there": round(stay.seconds, 1),
        }
        for stay in stays
        if stay.track in labels
    ]
    return pd.DataFrame(rows, columns=["number", "label", "since", "there"])
