"""The first page that somebody opens: numbers at once, charts when the numbers are painted.

A browser shows nothing while it reads the program that draws charts, which takes it seconds once
in each tab. So the page ends before its first chart until the browser has painted what is above.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from .looking import is_looked_at

_PAINTED = "painted"
_TOLD = st.components.v2.component(
    "sightline_painted",
    html='<span data-later role="status">\n</span>',
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,  # so that a test finds it
)


def numbers_first() -> None:
    """End the page here until what stands above was painted; at once if it was on any page."""
    if st.session_state.get(_PAINTED) or not is_looked_at():
        return
    st.caption("The charts follow …")
    _TOLD(key="painting", on_painted_change=_painted)
    st.stop()


def _painted() -> None:
    st.session_state[_PAINTED] = True
