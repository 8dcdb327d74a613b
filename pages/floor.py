"""Floors in metres: how fast people walk, where they stand, and setting it up."""

import streamlit as st

from tracking.dashboard import parts, reading
from tracking.dashboard.ground import planning, setting, showing
from tracking.dashboard.zoning import changes, choosing

st.title("Floor", anchor=False)
sources = reading.known()[0]
if not sources:
    parts.runner_note()
    st.info(
        "Nothing is recorded yet. As soon as a source is watched, its floor can be measured.",
        icon=":material/hourglass_empty:",
    )
    st.page_link("pages/sources.py", label="Go to the sources", icon=":material/arrow_forward:")
    st.stop()
view = st.segmented_control(
    "View", ["Seen", "Set up"], default="Seen", key="floor.view", label_visibility="collapsed",
    required=True,
)  # fmt: skip
if view == "Seen":
    showing.show()
    st.stop()
refused = changes.refusal() is not None
if refused:
    st.info("This record is only looked at here: its floors cannot be set.", icon=":material/lock:")
setting.show(choosing.chosen_source(sources), can_write=not refused)
if not refused:
    planning.show()
