"""Questions in everyday words, and answers that can be checked."""

import streamlit as st

from tracking.dashboard import ask_history, ask_page, reading
from tracking.dashboard.ask_talk import HISTORY

st.title("Ask", anchor=False)
if not reading.known()[0]:
    ask_page.show_nothing_recorded()
    st.stop()
if ask_page.show_bar() == HISTORY:
    ask_history.show_history()
else:
    ask_page.show_talk()
