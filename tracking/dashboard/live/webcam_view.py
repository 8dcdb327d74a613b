"""What the webcam's page shows around the picture."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import streamlit as st

from ...errors import SettingsError
from ..places import Places
from ..serving import supervising
from ..serving.looking import is_looked_at
from ..wording import plain
from .webcam import Webcam, ice_servers

KEY = "camera check"
ICE = "TRACKING_ICE_SERVERS"
CONNECTS = 8.0  # seconds that a connection may take before that is explained

CAMERA = {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 15, "max": 30}}
LOOK = {"width": "100%", "borderRadius": "8px"}

WHY_NOT = {
    "insecure": "Browsers give their camera only to pages at localhost or https://. Open this "
    "page in one of these ways.",
    "none": "This browser finds no camera. Connect one; it is noticed by itself.",
    "denied": "The camera is blocked for this page. Allow it in the browser's address bar.",
}
TURN = (
    "The connection does not come about. Browser and server must reach each other directly, or by "
    f"a TURN server, as on Community Cloud: name one in {ICE}, or as `ice_servers` in the app's "
    "secrets."
)
ENDED = "The connection ended before a picture came back. Press Start to try it once more."
SINCE, FAILED = "webcam signalling", "webcam failed"
_CHECK = st.components.v2.component(
    "sightline_camera_check",
    html="<span>\n</span>",
    js=(Path(__file__).parent / "camera_check.js").read_text(encoding="utf-8"),
)


def my_webcam() -> Webcam:
    """The one of this browser's session."""
    if "webcam" not in st.session_state:
        st.session_state.webcam = Webcam(Places.of())
    webcam: Webcam = st.session_state.webcam
    return webcam


def note_on_camera() -> None:
    """Say it where the browser will not give its camera."""
    _CHECK(key=KEY, on_camera_change=lambda: None)
    told: Any = st.session_state.get(KEY) or {}
    if why := WHY_NOT.get(told.get("camera")):
        st.warning(why, icon=":material/no_photography:")


def video(webcam: Webcam) -> tuple[bool, bool]:
    """The picture with its buttons; whether it plays, and whether a connection is tried."""
    servers = {"iceServers": known_ice_servers()}
    if not is_looked_at():
        return False, False
    from streamlit_webrtc import WebRtcMode, webrtc_streamer

    stream: Any = webrtc_streamer(
        "webcam stream",
        WebRtcMode.SENDRECV,
        frontend_rtc_configuration=servers,
        server_rtc_configuration=servers,
        media_stream_constraints={"video": CAMERA, "audio": False},
        video_frame_callback=webcam.exchange,
        video_html_attrs={"autoPlay": True, "muted": True, "playsInline": True, "style": LOOK},
        translations={"start": "Start", "stop": "Stop", "select_device": "Choose a camera"},
        sendback_audio=False,
        media_toggle_controls=False,
    )
    return stream.state.playing, stream.state.signalling


def known_ice_servers() -> list[dict[str, Any]]:
    """STUN and TURN servers as the environment, or else the app's secrets, name them."""
    told: object = os.environ.get(ICE)
    if not told:
        try:
            told = st.secrets.get("ice_servers", [])
        except (FileNotFoundError, KeyError):  # there are no secrets at all
            told = []
    try:
        return ice_servers(told)
    except SettingsError as error:
        st.warning(plain(f"{ICE}: {error}"), icon=":material/warning:")
        return []


def note_on_connection(playing: bool, signalling: bool) -> None:
    """Say it where a connection takes too long, or ended before it was one."""
    state = st.session_state
    if signalling and not playing:
        state.pop(FAILED, None)
        if time.monotonic() - state.setdefault(SINCE, time.monotonic()) > CONNECTS:
            st.warning(TURN, icon=":material/swap_horiz:")
        return
    tried = state.pop(SINCE, None) is not None
    state[FAILED] = not playing and (tried or state.get(FAILED, False))
    if state[FAILED]:
        st.warning(ENDED, icon=":material/sync_problem:")


def show_facts(webcam: Webcam) -> None:
    """How it goes, in numbers and words."""
    facts, name = webcam.facts(), webcam.source
    with st.container(horizontal=True):
        st.metric(
            "Pictures a second",
            f"{facts.shown:.0f}",
            border=True,
            help="Annotated pictures that came back in the last seconds",
        )
        st.metric(
            "Delay",
            "–" if facts.delay is None else f"{facts.delay} ms",
            border=True,
            help="From the camera's picture at the server to its annotated one",
        )
        st.metric("Seen now", "–" if facts.seen is None else facts.seen, border=True,
                  help="Tracks in the newest picture")  # fmt: skip
    if facts.trouble:
        st.warning(plain(facts.trouble), icon=":material/warning:")
    if name is None:
        return
    known = (supervising.health(supervising.state().url) or {}).get("sources", {}).get(name, {})
    if error := known.get("last_error"):
        st.warning(f"{plain(name)}: {plain(str(error))}", icon=":material/warning:")
    elif note := known.get("note"):
        st.info(plain(str(note)), icon=":material/info:")
    st.caption(f"Recorded as {plain(name)}.")
