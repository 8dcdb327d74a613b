"""Where movement happens on one source's picture: heat, paths, flow, and what changed."""

import streamlit as st

from tracking.dashboard import parts, reading
from tracking.dashboard.filterbar import filter_bar
from tracking.dashboard.movement import choosing
from tracking.dashboard.movement.views import SHOWN
from tracking.metrics import coverage
from tracking.metrics.places import whole_minutes

st.title("Movement", anchor=False)
asked = filter_bar(places=True)
filter = whole_minutes(asked)
selection = reading.selection(filter)
if not selection.sources:
    parts.nothing(selection, reading.extent(filter.sources))
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    source = choosing.chosen_source(selection)
    view = choosing.chosen_view()
part = selection.only(source)
watched = coverage(part)
if not len(part.tracks) and not watched.observed:
    parts.nothing(part, reading.extent((source.name,)))
    st.stop()
parts.about(part, watched)
if filter != asked:
    st.caption("Places are known by the minute: the window is widened to whole ones.")
choosing.show_whose(filter)
SHOWN[view](part)
