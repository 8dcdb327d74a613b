"""All sources at a glance: what is seen now, how today goes, and what needs attention."""

import streamlit as st

from tracking.dashboard import reading
from tracking.dashboard.filterbar import filter_bar
from tracking.dashboard.overview import cards
from tracking.dashboard.places import Places

places = Places.of()
is_recorded = bool(reading.known()[0])
st.title("Overview", anchor=False)
# the same places in every run: what refreshes itself meanwhile must find its own again
demo, bar, rest = (st.container() for _ in range(3))
with demo:
    cards.show_demo_note(places)
with bar:
    if is_recorded:
        filter_bar(places=True)
    else:
        cards.show_beginning()
with rest:
    cards.show(places, is_recorded)
