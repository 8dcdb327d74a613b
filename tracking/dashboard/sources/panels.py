"""The places of the page around the list: a new source, a click on a card, the way back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ...errors import TrackingError
from .. import parts
from ..places import Places
from ..wording import plain
from . import actions, trying
from . import form as source_form
from .dialogs import DIALOG, REMOVED, SERIAL, keep_buttons, show_dialog
from .forms import Filled, Form
from .where import SENT

ADDING, REFUSED = "sources.adding", "sources.refused"


def follow_up(places: Places) -> None:
    """Do what a card's button asked for, or open the dialog that asks back."""
    action, name = st.session_state.pop("sources.wanted", (None, ""))
    try:
        match action:
            case "pause" | "resume":
                actions.set_enabled(places, name, action == "resume")
            case "motion":
                actions.use_motion(places, name)
                st.toast(plain(f"{name} looks for whatever moves."), icon=":material/animation:")
            case "edit" | "remove" | "delete" | "weights":
                st.session_state[DIALOG] = (action, name)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
    show_dialog(places)


def begin_adding() -> None:
    """Show the form for a new source from now on."""
    st.session_state[ADDING] = True


def show_adding(places: Places, names: list[str]) -> None:
    """The form for a new source."""
    form = Form(f"add{st.session_state.get(SERIAL, 0)}", places.config.parent, frozenset(names))
    with st.container(border=True, key="adding"):
        st.subheader("Add a source", anchor=False)
        filled = source_form.show(form)
        for refused in st.session_state.get(REFUSED, ()):
            st.error(plain(f"{refused}."), icon=":material/error:")
        trying.show_trial(form, filled)
        kept = keep_buttons(form, filled, "Add source", can_cancel=bool(names))
        if kept:
            _add(places, form, filled)
        elif kept is None:
            _closed(form)


def _add(places: Places, form: Form, filled: Filled) -> None:
    st.session_state.pop(REFUSED, None)
    refused: list[str] = []
    try:
        if filled.kind == "upload":
            with st.spinner("Looking at the files …") as _, st.empty():
                added, refused = actions.add_uploads(
                    places, filled.settings, filled.files,
                    lambda name: st.caption(plain(f"Checking and keeping {name} …")),
                )  # fmt: skip
        else:
            actions.add(places, filled.settings)
            added = [filled.settings["name"]]
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    for name in added:
        st.toast(plain(f"{name} was added."), icon=":material/check_circle:")
    st.session_state[SENT] = st.session_state.get(SENT, 0) + 1
    if not refused:
        _closed(form)
    st.session_state[ADDING], st.session_state[REFUSED] = True, refused
    st.session_state.pop(form.key("tried"), None)
    st.rerun()


def _closed(form: Form) -> None:
    trying.stop_trying(form)
    st.session_state.pop(REFUSED, None)
    st.session_state[ADDING] = False
    st.session_state[SERIAL] = st.session_state.get(SERIAL, 0) + 1
    st.rerun()


def show_undo(places: Places) -> None:
    """What was removed last, and the way back."""
    removed: dict[str, Any] | None = st.session_state.get(REMOVED)
    if removed is None:
        return
    name = removed["written"]["name"]
    gone = " and what was recorded of it was deleted" if removed["deleted"] else ""
    undo = parts.offer_undo(
        f"**{plain(name)}** was removed{gone}.",
        "undo",
        ":material/delete:",
        "Add it again" if removed["deleted"] else "Undo",
    )
    if undo is False:
        return
    try:
        if undo:
            actions.add(places, removed["written"])
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    st.session_state.pop(REMOVED)
    st.rerun()
