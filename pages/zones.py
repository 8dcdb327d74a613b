"""Zones and lines on the sources' own pictures: drawn, changed, and what happens there."""

import streamlit as st

from tracking.dashboard import parts, reading
from tracking.dashboard.wording import plain
from tracking.dashboard.zoning import changes, choosing, dialogs, editor, files, listing, past

st.title("Zones", anchor=False)
sources = reading.known()[0]
if not sources:
    parts.runner_note()
    st.info(
        "Nothing is recorded yet. As soon as a source is watched, zones and lines can be drawn on"
        " its picture.",
        icon=":material/hourglass_empty:",
    )
    st.page_link("pages/sources.py", label="Go to the sources", icon=":material/arrow_forward:")
    st.stop()
source = choosing.chosen_source(sources)
place = reading.shown(lambda: choosing.place_of(source))
if place is None:
    st.info(
        f"Nothing has been seen of {plain(source.name)} yet, so its picture's size is not known.",
        icon=":material/hourglass_empty:",
    )
    st.stop()
refused = changes.refusal()
# the same places in every run: a drawing is not to be disturbed by what comes and goes
notes, drawing, progress, counted, rest = (st.container() for _ in range(5))
with notes:
    if refused:
        st.info(plain(refused), icon=":material/lock:")
    changes.show_undo()
dialogs.show(place)
with drawing:
    editor.show(place, can_write=refused is None)
with progress:
    past.show(can_write=refused is None)
with counted:
    if place.versions:
        listing.show(place, can_write=refused is None)
with rest:
    files.show(place, can_write=refused is None)
