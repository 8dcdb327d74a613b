"""When it is busy: over time, by hour and weekday, for how long, and who it was."""

import streamlit as st

from tracking.dashboard import parts, reading
from tracking.dashboard.activity import track_table, views
from tracking.dashboard.filterbar import filter_bar
from tracking.dashboard.serving import painting
from tracking.metrics import coverage

st.title("Activity", anchor=False)
filter = filter_bar(places=True)
selection = reading.selection(filter)
watched = coverage(selection)
parts.about(selection, watched)
if not len(selection.tracks) and not watched.observed:
    parts.nothing(selection, reading.extent(filter.sources))
    st.stop()
views.totals(selection)
painting.numbers_first()
views.over_time(selection)
views.compare(selection)
left, right = st.columns(2, gap="medium")
with left:
    views.pattern(selection)
with right:
    views.how_long(selection)
track_table.tracks(selection)
