"""The live pictures of all sources."""

from pathlib import Path

import streamlit as st

from tracking import config
from tracking.dashboard import supervising, wall
from tracking.dashboard.heat import heat_overlay
from tracking.dashboard.places import Places
from tracking.dashboard.server import is_served
from tracking.dashboard.wording import plain
from tracking.errors import ConfigError

places = Places.of()
heat = st.cache_data(ttl=10, max_entries=4, show_spinner=False)(heat_overlay)


def zones() -> dict[str, str]:
    """The sources that are set up, with their time zones."""
    try:
        return {source.name: source.timezone for source in config.load(places.config).sources}
    except ConfigError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return {}


@st.fragment(run_every=0.5)
def prepare() -> None:
    """Say how far the demo clip is; then show it."""
    state = supervising.state()
    if state.phase != "preparing":
        st.rerun()
    st.progress(state.progress, "Nothing is set up yet: a demo clip is being made")


@st.fragment(run_every=wall.STILL_EVERY)
def show_stills(names: list[str]) -> None:
    wall.stills(supervising.state().url, names)


@st.fragment(run_every=10)
def show() -> None:
    known = zones()
    blocked = not is_served()
    if not blocked:
        overlay = heat(places.database) if wall.told().heat else {}
        blocked = wall.live_wall(known, overlay).blocked
    if blocked:
        why = "Live pictures do not get through to this browser, so these are still pictures."
        st.info(why, icon=":material/photo_library:")
        show_stills(list(known))


st.title("Live")
state = supervising.state()
if state.phase == "study":
    st.info("This is a recorded study: there is nothing live in it.", icon=":material/history:")
elif state.phase == "preparing":
    prepare()
elif not zones():
    st.info("No source is set up. Add a camera, a stream or a file.", icon=":material/videocam:")
    if (page := Path("pages/sources.py")).exists():
        st.page_link(str(page), label="Sources", icon=":material/settings_input_component:")
else:
    show()
