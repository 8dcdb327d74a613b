"""Who is told: channels shown, tried out, added and removed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ...alerts.telling import send, test_message
from ...config import (
    ChannelSettings,
    add_channel,
    load_channels,
    remove_channel,
    switch_channel,
)
from ...errors import ChannelFailed, TrackingError
from ...study import is_study
from ..parts import plain
from ..places import Places

ADDING, SERIAL, SURE = "alerts.channel.adding", "alerts.channel.serial", "alerts.channel.sure"
LIMIT = 5.0  # seconds that a test may take


def show() -> None:
    """All channels of the configuration, and the form for one more."""
    if is_study(Places.of().database):
        st.caption("This is a shared study: nobody is told anything.")
        return
    try:
        found = load_channels(Places.of().config)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    st.caption(
        "Alerts are always kept and shown here. Channels pass them on to other programs, as JSON."
    )
    for problem in found.problems:
        st.warning(plain(f"{problem}."), icon=":material/warning:")
    for channel in found.all:
        _show(channel)
    if st.session_state.get(ADDING):
        _show_form()
    elif st.button("Add a channel", key="alerts.channel.add", icon=":material/add:"):
        st.session_state[ADDING] = True
        st.rerun()


def _show(channel: ChannelSettings) -> None:
    name = channel.name
    with st.container(border=True, gap="small"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f"**{plain(name)}**", width="content")
            if channel.enabled:
                st.badge("In use", icon=":material/check_circle:", color="green")
            else:
                st.badge("Switched off", icon=":material/pause_circle:", color="gray")
        signed = ", signed" if channel.secret else ""
        kind = {"webhook": "Webhook", "mqtt": "MQTT"}[channel.kind]
        st.text(f"{kind} to {channel.shown}{signed}")  # as Markdown it would be a link
        with st.container(horizontal=True):
            if st.button("Send a test", key=f"alerts.channel.test.{name}", icon=":material/send:"):
                _test(channel)
            on = channel.enabled
            if st.button(
                "Switch off" if on else "Switch on", key=f"alerts.channel.switch.{name}",
                icon=":material/pause:" if on else ":material/play_arrow:",
            ):  # fmt: skip
                _do(lambda: switch_channel(Places.of().config, name, not on))
            if st.button("Remove", key=f"alerts.channel.remove.{name}", icon=":material/delete:"):
                st.session_state[SURE] = name
        if st.session_state.get(SURE) == name:
            st.markdown("Remove it? What waits to be passed on to it is given up.")
            with st.container(horizontal=True):
                if st.button("Remove it", key=f"alerts.channel.sure.{name}", type="primary"):
                    st.session_state.pop(SURE)
                    _do(lambda: remove_channel(Places.of().config, name))
                if st.button("Keep it", key=f"alerts.channel.keep.{name}"):
                    st.session_state.pop(SURE)
                    st.rerun()


def _test(channel: ChannelSettings) -> None:
    try:
        with st.spinner("Sending …"):
            result = send(channel, test_message(), limit=LIMIT)
    except ChannelFailed as error:
        st.error(plain(f"It did not arrive: {error}."), icon=":material/error:")
    else:
        st.success(plain(f"It arrived: {result}."), icon=":material/check_circle:")


def _show_form() -> None:
    key = f"alerts.channel.{st.session_state.get(SERIAL, 0)}"
    with st.container(border=True, key="channel_form"):
        st.subheader("Add a channel", anchor=False)
        kind = st.segmented_control(
            "Kind", ["webhook", "mqtt"], default="webhook", required=True, key=f"{key}.kind",
            format_func=lambda one: {"webhook": "Webhook", "mqtt": "MQTT"}[one],
        )  # fmt: skip
        given: dict[str, Any] = {"name": st.text_input("Name", key=f"{key}.name").strip(),
                                 "kind": kind}  # fmt: skip
        given |= _webhook(key) if kind == "webhook" else _mqtt(key)
        st.caption(
            "It is written into the configuration file. An environment variable, as ${NAME}, keeps"
            " a password or token out of it."
        )
        with st.container(horizontal=True):
            keep = st.button("Add channel", key=f"{key}.keep", type="primary")
            cancel = st.button("Cancel", key=f"{key}.cancel")
    if keep:
        given = {name: value for name, value in given.items() if value not in ("", None)}
        _do(lambda: add_channel(Places.of().config, ChannelSettings.of(given)))
    elif cancel:
        _close()


def _webhook(key: str) -> dict[str, Any]:
    return {
        "url": st.text_input(
            "Address", key=f"{key}.url", placeholder="https://hooks.example.org/${TOKEN}"
        ).strip(),
        "secret": st.text_input(
            "Secret", key=f"{key}.secret", type="password", autocomplete="off",
            help="Signs each message, so that the other side knows whom it is from.",
        ),
    }  # fmt: skip


def _mqtt(key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    tls = right.toggle("Encrypted (TLS)", key=f"{key}.tls")
    given: dict[str, Any] = {
        "host": left.text_input("Host", key=f"{key}.host").strip(),
        "port": int(
            right.number_input("Port", 1, 65535, 8883 if tls else 1883, key=f"{key}.port.{tls}")
        ),
        "topic": left.text_input("Topic", "sightline/alerts", key=f"{key}.topic").strip(),
        "user": left.text_input("User", key=f"{key}.user", autocomplete="off"),
        "password": right.text_input(
            "Password", key=f"{key}.password", type="password", autocomplete="off"
        ),
    }
    return given | ({"tls": True} if tls else {})


def _do(work: Any) -> None:
    """Change the file; where that fails the page says why."""
    try:
        work()
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    _close()


def _close() -> None:
    st.session_state.pop(ADDING, None)
    st.session_state[SERIAL] = st.session_state.get(SERIAL, 0) + 1
    st.rerun()
