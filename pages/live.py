"""The live pictures of all sources."""

from pathlib import Path

import streamlit as st

from tracking import config
from tracking.dashboard.live import wall
from tracking.dashboard.live.heat import heat_overlay
from tracking.dashboard.places import Places
from tracking.dashboard.serving import supervising
from tracking.dashboard.serving.server import is_served
from tracking.dashboard.wording import plain
from tracking.errors import ConfigError

places = Places.of()
heat = st.cache_data(ttl=10, max_entries=4, show_spinner=False)(heat_overlay)


def configured() -> config.Configuration:
    try:
        return config.load(places.config)
    except ConfigError as error:
        return config.Configuration(places.config, problems=(str(error),))


def warn(*problems: str | None) -> None:
    for problem in filter(None, problems):
        st.warning(plain(problem), icon=":material/warning:")


@st.fragment(run_every=0.5)
def prepare() -> None:
    """Say how far the demo clip is; then show it."""
    state = supervising.state()
    if state.phase != "preparing":
        st.rerun()
    st.progress(state.progress, "Nothing is set up yet: a demo clip is being made")


@st.fragment(run_every=2)
def wait() -> None:
    """Say what to do while nothing is set up, and notice when something is."""
    known = configured()
    if known.sources:
        st.rerun()
    st.info(
        "No source is set up yet. Add a camera, a stream, a folder or a video to begin.",
        icon=":material/videocam:",
    )
    warn(*known.problems, supervising.state().problem)
    if (page := Path(__file__).with_name("sources.py")).exists():
        st.page_link(str(page), label="Add a source", icon=":material/add:")


@st.fragment(run_every=wall.STILL_EVERY)
def show_stills(names: list[str]) -> None:
    wall.stills(supervising.state().url, names)


@st.fragment(run_every=10)
def show() -> None:
    known = configured()
    zones = {source.name: source.timezone for source in known.sources}
    warn(*known.problems)
    blocked = not is_served()
    if not blocked:
        overlay = heat(places.database) if wall.told().heat else {}
        blocked = wall.live_wall(zones, overlay).blocked
    if blocked:
        why = "Live pictures do not get through to this browser, so these are still pictures."
        st.info(why, icon=":material/photo_library:")
        show_stills(list(zones))


st.title("Live", anchor=False)
state = supervising.state()
if state.phase == "study":
    st.info("This is a recorded study: there is nothing live in it.", icon=":material/history:")
elif state.phase == "preparing":
    prepare()
elif not configured().sources:
    wait()
else:
    show()
