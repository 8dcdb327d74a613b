"""The record itself: how large it is, how long it is kept, taking it away, and its runs."""

import streamlit as st

from tracking.dashboard import export_view, runs_view, storage_view
from tracking.dashboard.filterbar import filter_bar
from tracking.dashboard.places import Places

places = Places.of()
st.title("Data", anchor=False)
filter = filter_bar()
known = storage_view.storage()
storage_view.show_size(places, known)
storage_view.show_rows(places, known)
export_view.show_export(filter)
runs_view.show_runs(filter.sources)
storage_view.show_retention(places, known)
