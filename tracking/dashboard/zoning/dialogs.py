"""What is asked back about one zone or line: whether it is to go, and which version counts."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ...charts.look import PALETTE
from ...errors import TrackingError
from ...zones import Drawn, Kind
from ..sources.state import digest
from ..wording import plain
from . import canvas, changes
from .choosing import Place, since

DIALOG = "zoning.dialog"
KEEP, DELETE = "keep", "delete"


def show(place: Place) -> None:
    """The dialog that a button has asked for."""
    asked: tuple[str, Kind, str] = st.session_state.get(DIALOG) or ("", "zone", "")
    what, kind, name = asked
    there = place.of(kind, name)
    if not there:
        return
    if what == "Delete":
        _delete(place, kind, name)
    elif what == "Versions":
        _versions(place, there)


def _close() -> None:
    st.session_state.pop(DIALOG, None)


@st.dialog("Delete", icon=":material/delete:", on_dismiss=_close)
def _delete(place: Place, kind: Kind, name: str) -> None:
    st.markdown(f"The {kind} **{plain(name)}** on {plain(place.source.name)}:")
    choices = [DELETE]
    if any(each.current for each in place.of(kind, name)):
        choices = [KEEP, DELETE]
    choice = st.radio(
        "What it has counted", choices, key="zoning.delete.choice",
        format_func={KEEP: "Keep it", DELETE: "Delete it, too"}.__getitem__,
        captions=[
            {
                KEEP: "It counts no longer from now on; its past can still be asked for.",
                DELETE: "All versions, and all stays and crossings that they have counted.",
            }[each]
            for each in choices
        ],
    )  # fmt: skip
    st.caption("Positions are never touched: Undo draws it and counts it again.")
    with st.container(horizontal=True):
        sure = st.button(
            "Delete", type="primary", key="zoning.delete.yes", icon=":material/delete:"
        )
        if st.button("Cancel", key="zoning.delete.no", type="tertiary"):
            _close()
            st.rerun()
    if not sure:
        return
    try:
        if choice == DELETE:
            changes.delete(place.source.name, kind, name)
        else:
            changes.end(place.source.name, kind, name)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    _close()
    st.rerun()


@st.dialog("Versions", width="medium", icon=":material/history:", on_dismiss=_close)
def _versions(place: Place, there: list[Drawn]) -> None:
    zone, newest = place.source.timezone, there[-1]
    st.markdown(f"The {newest.kind} **{plain(newest.name)}** as it was drawn over time.")
    chosen = st.radio(
        "Version", range(len(there) - 1, -1, -1), key="zoning.versions.which",
        format_func=lambda n: f"Version {n + 1}{', which counts now' if there[n].current else ''}",
        captions=[
            f"{since(each, zone)}; {len(each.shape.all_points)} corners" for each in reversed(there)
        ],
    )  # fmt: skip
    picked = there[chosen if chosen is not None else -1]
    shapes = (
        [canvas.entry(replace(newest, id=-1), PALETTE[1], faded=True)] if picked != newest else []
    )
    shapes.append(canvas.entry(picked, PALETTE[0]))
    canvas.show(place.ground, shapes, f"zoning.versions.{digest(newest.kind + newest.name)}")
    if picked.current:
        return
    st.caption(
        "Drawn in full is the chosen version, dashed the newest one. Going back keeps all versions,"
        " and this one counts again from now on; or it is as if it had never been changed."
    )
    with st.container(horizontal=True):
        again = st.button(
            "Count like this from now on", key="zoning.versions.again", type="primary",
            icon=":material/restore:",
        )  # fmt: skip
        never = st.button(
            "As if never changed since", key="zoning.versions.never", icon=":material/undo:"
        )
    if not (again or never):
        return
    try:
        changes.go_back(picked, as_if_never_changed=never)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    _close()
    st.rerun()
