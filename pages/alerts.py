"""When somebody is told: what goes on, what was found, by which rules, and through what."""

import streamlit as st

from tracking.dashboard.alerting import channels, going_on, past, rules
from tracking.dashboard.filterbar import filter_bar

VIEWS = {"history": "History", "rules": "Rules", "channels": "Channels"}

st.title("Alerts", anchor=False)
filter = filter_bar()
going_on.show(filter.sources)
view = st.segmented_control(
    "View", list(VIEWS), default="history", format_func=VIEWS.__getitem__, required=True,
    key="alerts.view", label_visibility="collapsed",
)  # fmt: skip
if view == "rules":
    rules.show()
elif view == "channels":
    channels.show()
else:
    past.show(filter)
