"""What is asked back about one source: its settings, whether it is to go, whence its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from ... import config
from ...errors import TrackingError
from ...weights import folders, locate
from .. import reading
from ..places import Places
from ..serving.jobs import Job
from ..serving.lasting import once
from ..wording import plain
from . import actions, trying
from . import form as source_form
from .forms import Filled, Form
from .labels import OFFERED
from .state import digest

DIALOG, SERIAL, REMOVED = "sources.dialog", "sources.serial", "sources.removed"
OPENED = "sources.opened"
FETCHING = 3600.0  # seconds for weights to come and to be exported


def show_dialog(places: Places) -> None:
    action, name = st.session_state.get(DIALOG, (None, ""))
    match action:
        case "edit":
            _edit(places, name)
        case "remove":
            _remove(places, name)
        case "delete":
            _delete(places, name)
        case "weights":
            _weights(places, name)


def _close() -> None:
    """Whatever dialog was open is done with."""
    action, name = st.session_state.pop(DIALOG, (None, ""))
    if action == "edit":
        trying.stop_trying(Form(_prefix(name), Path()))
    st.session_state.pop(OPENED, None)
    st.session_state[SERIAL] = st.session_state.get(SERIAL, 0) + 1


def _prefix(name: str) -> str:
    """Of the keys of an edited source's form; another one each time a dialog is opened."""
    return f"edit{st.session_state.get(SERIAL, 0)}-{digest(name)}"


def keep_buttons(form: Form, filled: Filled, title: str, can_cancel: bool) -> bool | None:
    """True: keep it; None: forget it; False: neither yet."""
    with st.container(horizontal=True):
        keep = st.button(title, type="primary", key=form.key("keep"), icon=":material/check:")
        if filled.kind not in ("upload", "push") and st.button(
            "Test", key=form.key("test"), icon=":material/play_circle:",
            help="Opens it and shows its first picture; nothing is kept.",
        ):  # fmt: skip
            st.session_state[form.key("tried")] = True
            if "uri" not in filled.faults:
                trying.try_it(form, filled)
            st.rerun()
        cancelled = can_cancel and st.button("Cancel", key=form.key("cancel"), type="tertiary")
    if cancelled:
        return None
    if keep and filled.faults:
        st.session_state[form.key("tried")] = True
        st.rerun()
    return bool(keep)


def _opened(places: Places, name: str) -> dict[str, Any]:
    """The settings as they were when the dialog was opened; its fields begin with these."""
    opening = name, st.session_state.get(SERIAL, 0)
    if st.session_state.get(OPENED, (None,))[0] != opening:
        st.session_state[OPENED] = opening, config.written(places.config, name)
    written: dict[str, Any] = st.session_state[OPENED][1]
    return written


@st.dialog("Edit source", width="medium", icon=":material/edit:", on_dismiss=_close)
def _edit(places: Places, name: str) -> None:
    try:
        written = _opened(places, name)
        others = [each.name for each in config.load(places.config).sources if each.name != name]
        form = Form(_prefix(name), places.config.parent, frozenset(others), written)
        filled = source_form.show(form)
        trying.show_trial(form, filled)
        kept = keep_buttons(form, filled, "Save", can_cancel=True)
        if kept is False:
            return
        changed = actions.change(places, name, filled.settings, written) if kept else {}
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    if changed:
        st.toast(plain(f"{filled.settings['name']} was changed."), icon=":material/check_circle:")
    if "name" in changed:
        st.toast(plain(f"What was recorded of it so far keeps the name {name}."))
    _close()
    st.rerun()


@st.dialog("Remove source", icon=":material/delete:", on_dismiss=_close)
def _remove(places: Places, name: str) -> None:
    st.markdown(f"**{plain(name)}** is no longer watched, and its settings go.")
    found = actions.recorded(places.database, name)
    delete = False
    if found is None or found.is_nothing:
        st.caption("Nothing was recorded of it.")
    else:
        amount = _amount(found)
        choice = st.radio(
            "What was recorded of it",
            ["keep", "delete"],
            format_func={"keep": "Keep it", "delete": "Delete it, too"}.__getitem__,
            captions=[f"{amount}; the pages still show it.", f"{amount}; this cannot be undone."],
            key="remove.choice",
        )
        delete = choice == "delete"
    st.caption("A video file or a folder of pictures itself is left where it is.")
    with st.container(horizontal=True):
        title = "Remove and delete" if delete else "Remove"
        confirmed = st.button(title, type="primary", key="remove.yes", icon=":material/delete:")
        if st.button("Cancel", key="remove.no", type="tertiary"):
            _close()
            st.rerun()
    if confirmed:
        _removed(places, name, delete, found is not None and found.is_nothing)


def _removed(places: Places, name: str, delete: bool, is_empty: bool) -> None:
    """is_empty: there is a name without anything in the database, which goes, too."""
    try:
        st.session_state[REMOVED] = {"written": actions.remove(places, name), "deleted": False}
        if delete or is_empty:
            _delete_recorded(places, name)
            st.session_state[REMOVED]["deleted"] = delete
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    _close()
    st.rerun()


@st.dialog("Delete recordings", icon=":material/delete:", on_dismiss=_close)
def _delete(places: Places, name: str) -> None:
    found = actions.recorded(places.database, name)
    amount = "Nothing" if found is None else _amount(found)
    st.markdown(f"**{plain(name)}** is watched no longer. Recorded of it: {plain(amount)}.")
    st.caption("This cannot be undone.")
    with st.container(horizontal=True):
        confirmed = st.button("Delete", type="primary", key="delete.yes", icon=":material/delete:")
        if st.button("Cancel", key="delete.no", type="tertiary"):
            _close()
            st.rerun()
    if not confirmed:
        return
    try:
        _delete_recorded(places, name)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    _close()
    st.rerun()


def _delete_recorded(places: Places, name: str) -> None:
    said = "Deleting what was recorded …"
    bar = st.progress(0.0, said)
    try:
        actions.delete_recorded(places, name, lambda part: bar.progress(min(1.0, part), said))
    finally:
        reading.forget()


def _amount(found: actions.Recorded) -> str:
    span = f", from {found.since} to {found.until}" if found.since and found.until else ""
    return f"{found.tracks:,} tracks with {found.positions:,} positions{span}"


@st.dialog("Get weights", width="medium", icon=":material/download:", on_dismiss=_close)
def _weights(places: Places, name: str) -> None:
    try:
        weights = config.load(places.config).source(name).weights
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    if locate(weights) is not None:
        st.success(plain(f"{weights} is here."), icon=":material/check_circle:")
        return
    searched = ", ".join(str(folder) for folder in folders())
    st.markdown(
        f"**{plain(weights)}** was looked for in {plain(searched)}. There are three ways:\n\n"
        f"1. Put {plain(weights)}.pt or its OpenVINO folder into `models/`.\n"
        "2. Name a folder that holds it in `TRACKING_MODELS`, and start Sightline again.\n"
        "3. Fetch it from Ultralytics here, where this machine has a network."
    )
    jobs: dict[str, Job] = once("fetching", dict)
    job = jobs.get(weights)
    running = job is not None and job.running
    with st.container(horizontal=True):
        if weights in OFFERED and st.button(
            "Fetch", key="weights.fetch", type="primary", disabled=running,
            icon=":material/download:",
        ):  # fmt: skip
            jobs[weights] = Job("tracking", "weights", "--", weights, limit=FETCHING)
            st.rerun()
        if st.button("Look for motion instead", key="weights.motion", icon=":material/animation:"):
            st.session_state["sources.wanted"] = ("motion", name)
            _close()
            st.rerun()
    if job is not None:
        _fetching(weights, running)


@st.fragment(run_every=1.0)
def _fetching(weights: str, was_running: bool) -> None:
    jobs: dict[str, Job] = once("fetching", dict)
    job = jobs.get(weights)
    if job is None:
        return
    said = job.output(4000).decode(errors="replace").strip()
    st.code(said or "…", language=None, wrap_lines=True)
    if job.running:
        st.caption(f"Under way for {job.seconds:.0f} s; it goes on when this is closed.")
    elif was_running:
        st.rerun()  # there may be something else to do now
