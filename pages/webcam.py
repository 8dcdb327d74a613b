"""The browser's own camera as one more source."""

import streamlit as st

from tracking.dashboard.live import webcam_view as view
from tracking.dashboard.serving import supervising
from tracking.dashboard.sources.labels import COMMON
from tracking.dashboard.wording import plain
from tracking.errors import TrackingError

st.title("Webcam", anchor=False)
st.markdown(
    "Your camera's pictures go to this server, are analysed there and come back with what was "
    "found drawn in; meanwhile others who open this dashboard see them too. The pictures are not "
    "kept, only the tracks: what was where, and when."
)
state = supervising.state()
if state.phase == "study":
    st.info("This is a recorded study: nothing can be added to it.", icon=":material/history:")
    st.stop()
if state.url is None:
    st.warning(
        "There is no runner at work that could analyse pictures. It is started by itself; "
        "this page goes on when it is there.",
        icon=":material/sync_problem:",
    )

    @st.fragment(run_every=1)
    def wait() -> None:
        if supervising.state().url is not None:
            st.rerun()

    wait()
    st.stop()

webcam = view.my_webcam()
left, right = st.columns([3, 2], gap="large")
with right:
    name = st.text_input("Name of the source", "webcam", max_chars=60, disabled=webcam.active)
    labels = st.multiselect(
        "Look for",
        COMMON,
        ["person"],
        placeholder="Everything that is known",
        disabled=webcam.active,
    )
    st.caption(
        "After a stop the source stays in the list, as one that is not watched; what was recorded "
        "stays, too."
    )
    view.note_on_camera()
with left:
    playing, signalling = view.video(webcam)

if playing and not st.session_state.get("webcam playing"):
    try:
        webcam.start(name.strip() or "webcam", labels or None)
    except TrackingError as error:
        st.session_state["webcam refused"] = str(error)
elif not playing:
    st.session_state.pop("webcam refused", None)
    webcam.stop()
if playing != st.session_state.get("webcam playing", False):
    st.session_state["webcam playing"] = playing
    st.rerun()

with left:
    if refused := st.session_state.get("webcam refused"):
        st.error(plain(refused), icon=":material/error:")

    @st.fragment(run_every=1)
    def follow() -> None:
        view.note_on_connection(playing, signalling)
        if playing and not refused:
            view.show_facts(webcam)

    follow()
