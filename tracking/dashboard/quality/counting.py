"""Counting again: one window after another, from its pictures, by keyboard if one likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from ...charts import words
from ...quality import audits
from ...quality.audits import MOST_TRUE, REASONS, Audit, Window
from .. import reading
from ..parts import plain
from . import saying
from .cutting import Cutting, cutting

BOXES, LAST, SHOWN = "audit.boxes", "audit.last", "audit.shown"
Change = Callable[[Callable[[Any], object]], bool]


def show_counting(audit: Audit, found: Sequence[Window], change: Change) -> None:
    """The first window that is still open."""
    window = next(each for each in found if each.open)
    done = audit.answered + audit.skipped
    st.progress(done / audit.windows, f"Window {done + 1} of {audit.windows}")
    left, right = st.columns([3, 2], gap="medium")
    with right:
        st.markdown(f"**{plain(saying.question(audit))}**")
        st.caption(_when(audit, window))
        looked = _with_boxes(window)
        _answer(audit, window, change, looked)
        _more(audit, window, change, done)
        _told(audit)
    with left:
        _pictures(audit, window, looked)
    st.session_state[SHOWN] = audit.id, window.number
    following = next((each for each in found if each.open and each.number != window.number), None)
    if following is not None:
        reading.shown(lambda: cutting(audit, following))  # begun while this one is counted


def _when(audit: Audit, window: Window) -> str:
    zone = audit.timezone
    if audit.plan.quantity == "occupancy":
        return f"{words.moment(window.moment, zone, seconds=True)}, {zone}"
    begin = words.moment(window.since, zone, seconds=True)
    end = words.moment(window.until, zone, seconds=True).rpartition(", ")[2]
    return f"{begin} to {end}, {zone}"


def _with_boxes(window: Window) -> bool:
    """Whether our boxes are shown: never at first, and it is kept that they were."""
    key = f"{BOXES}.{window.audit}.{window.number}"
    shown = st.toggle(
        "Show our boxes", key=key,
        help="Count without them first: who sees what the system found tends to agree with it. That"
        " they were shown is kept with the answer.",
    )  # fmt: skip
    if shown:
        st.session_state[f"{key}.seen"] = True
    return bool(shown)


def _seen(audit: Audit, window: Window) -> str:
    """What the answer comes from."""
    made = reading.shown(lambda: cutting(audit, window))
    if made is None or made.problem:
        return "elsewhere"
    if made.request.kind == "paths":
        return "paths"
    aided = st.session_state.get(f"{BOXES}.{window.audit}.{window.number}.seen")
    return "clip with boxes" if aided else "clip"


def _answer(audit: Audit, window: Window, change: Change, looked: bool) -> None:
    with st.form("audit.answer", clear_on_submit=True, enter_to_submit=True):
        truth = st.number_input(
            "Your count", 0, MOST_TRUE, None, 1, key="audit.truth",
            placeholder="A number, then Enter",
        )  # fmt: skip
        sent = st.form_submit_button("Count", type="primary", icon=":material/keyboard_return:")
    if not sent:
        return
    if truth is None:
        st.warning("Type a number, 0 for none, or skip the window.")
        return
    if st.session_state.get(SHOWN) != (audit.id, window.number):
        st.warning("Meanwhile this audit went on elsewhere: here is the window that is next.")
        return
    kept: list[Window] = []
    count, seen = int(truth), _seen(audit, window)

    def keep(connection: Any) -> None:
        kept.append(audits.answer(connection, audit, window.number, count, seen))

    if change(keep):
        st.session_state[LAST] = kept[0]
    st.rerun()


def _more(audit: Audit, window: Window, change: Change, done: int) -> None:
    with st.container(horizontal=True):
        with st.popover("Skip", icon=":material/skip_next:", key="audit.skip"):
            reason = st.radio("Why", REASONS, key="audit.reason")
            if st.button("Skip this window", key="audit.skip.sure"):
                change(
                    lambda connection: audits.skip(connection, audit, window.number, str(reason))
                )
                st.session_state.pop(LAST, None)
                st.rerun()
        if done and st.button("Undo", key="audit.undo", icon=":material/undo:",
                              shortcut="Ctrl+Backspace",
                              help="Takes the last answer or skip back."):  # fmt: skip
            change(lambda connection: audits.undo(connection, audit))
            st.session_state.pop(LAST, None)
            st.rerun()


def _told(audit: Audit) -> None:
    """What the system had counted in the window before, now that it is answered."""
    last = st.session_state.get(LAST)
    if not isinstance(last, Window) or last.audit != audit.id:
        return
    if last.truth is None or last.system is None:
        st.caption("The window before was left out: nothing was recorded then.")
        return
    same = ":material/check: The same" if last.truth == last.system else ":material/difference: Off"
    st.caption(f"The window before: you counted {last.truth:,}, the system"
               f" {words.number(last.system)}. {same}.")  # fmt: skip


def _pictures(audit: Audit, window: Window, looked: bool) -> None:
    made = reading.shown(lambda: cutting(audit, window, looked))
    if made is None:
        st.info("There is nothing to see of this source: neither a recording nor a picture. Count"
                " from a recording of your own, or skip the window.",
                icon=":material/videocam_off:")  # fmt: skip
        return
    if made.running:
        _waiting(made)
        return
    if made.problem:
        st.warning(f"This window cannot be shown: {plain(made.problem)}. Count from a recording of"
                   " your own, or skip it.", icon=":material/videocam_off:")  # fmt: skip
        return
    if made.request.kind == "paths":
        st.info("No recording of this time exists, so this is how our own tracks moved, over the"
                " source's latest picture. It tells tracks that broke or are two of one object; an"
                " object that was never found cannot be seen here.",
                icon=":material/conversion_path:")  # fmt: skip
    if made.request.seconds == 0:
        st.image(made.file.read_bytes(), width="stretch")
    else:
        st.video(made.file.read_bytes(), "video/mp4", autoplay=True, loop=True, muted=True)


def _waiting(made: Cutting) -> None:
    @st.fragment(run_every=0.4)
    def wait() -> None:
        if not made.running:
            st.rerun()
        st.progress(made.share, "The window is being cut out of the recording")

    wait()
