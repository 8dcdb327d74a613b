"""How well it tracks, and how well it counts by people who count again."""

import streamlit as st

from tracking.dashboard.filterbar import filter_bar
from tracking.dashboard.quality import audit, tracking

VIEWS = {"Tracking": tracking.show_tracking, "Audit": audit.show_audits}

st.title("Quality", anchor=False)
filter = filter_bar()
view = st.segmented_control(
    "View", list(VIEWS), default="Tracking", key="quality.view", label_visibility="collapsed",
    required=True,
)  # fmt: skip
VIEWS[view or "Tracking"](filter)
