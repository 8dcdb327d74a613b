"""Which sources are watched: seen, added, tried, changed, paused and removed."""

import streamlit as st

from tracking.dashboard.places import Places
from tracking.dashboard.serving import supervising
from tracking.dashboard.sources import cards, panels, state

places = Places.of()
st.title("Sources", anchor=False)
if supervising.state().phase == "study":
    st.info(
        "This is a recorded study: it is looked at only, and no source is watched.",
        icon=":material/history:",
    )
    st.stop()
panels.follow_up(places)
configured = state.read(places)
names = [source.name for source in configured.sources]
st.session_state["sources.names"] = names
if not names and not configured.problems:
    st.write("No source is set up yet. Add a camera, a stream, a folder or a video to begin.")
if st.session_state.get(panels.ADDING) or not (names or configured.problems):
    panels.show_adding(places, names)
else:
    st.button("Add source", key="add", icon=":material/add:", on_click=panels.begin_adding)
panels.show_undo(places)
cards.show(places)
