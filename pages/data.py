"""The record itself: how large it is, how long it is kept, taking it away, and its runs."""

import streamlit as st

from tracking.dashboard import export_view, parts, reading, runs_view, storage_view
from tracking.dashboard.filterbar import filter_bar
from tracking.dashboard.places import Places
from tracking.metrics import coverage

places = Places.of()
st.title("Data", anchor=False)
filter = filter_bar()
selection = reading.selection(filter)
parts.about(selection, coverage(selection))
known = storage_view.storage()
storage_view.show_size(places, known)
storage_view.show_rows(places, known)
with st.container(border=True):
    export_view.show_export(filter)
with st.container(border=True):
    runs_view.show_runs(filter.sources)
with st.container(border=True):
    storage_view.show_retention(places, known)
