"""The record itself: how large it is, how long it is kept, taking it away, and its runs."""

import streamlit as st

from tracking.dashboard import parts, reading
from tracking.dashboard.data import exporting, runs, storage
from tracking.dashboard.filterbar import filter_bar
from tracking.dashboard.places import Places
from tracking.dashboard.serving import painting
from tracking.metrics import coverage

places = Places.of()
st.title("Data", anchor=False)
filter = filter_bar(places=True)
selection = reading.selection(filter)
parts.about(selection, coverage(selection))
exporting.show_what_applies(filter)
known = storage.storage()
storage.show_size(places, known)
painting.numbers_first()
storage.show_rows(places, known)
with st.container(border=True):
    exporting.show_export(selection, filter)
with st.container(border=True):
    runs.show_runs(filter.sources)
with st.container(border=True):
    storage.show_retention(places, known)
