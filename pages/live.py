"""The live pictures of all sources."""

import streamlit as st

from tracking.dashboard import supervising

st.title("Live")
st.write(supervising.state().phase)
