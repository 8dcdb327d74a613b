"""Which sources are watched: seen, added, tried, changed, paused and removed."""

import streamlit as st

from tracking.dashboard import source_list, source_panels, source_state
from tracking.dashboard.places import Places

places = Places.of()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Sources", anchor=False, width="content")
    if st.button("Add source", key="add", icon=":material/add:"):
        st.session_state[source_panels.ADDING] = True

source_panels.follow_up(places)
configured = source_state.read(places)
names = [source.name for source in configured.sources]
st.session_state["sources.names"] = names
source_panels.show_undo(places)
if not names and not configured.problems:
    st.write("Nothing is watched yet: add a camera, a stream, a folder or a video to begin.")
if st.session_state.get(source_panels.ADDING) or not (names or configured.problems):
    source_panels.show_adding(places, names)
source_list.show(places)
