"""Questions in everyday words, and answers that can be checked."""

import streamlit as st

from tracking.dashboard import reading
from tracking.dashboard.ask import history, page
from tracking.dashboard.ask.talk import HISTORY

st.title("Ask", anchor=False)
if not reading.known()[0]:
    page.show_nothing_recorded()
    st.stop()
if page.show_bar() == HISTORY:
    history.show_history()
else:
    page.show_talk()
