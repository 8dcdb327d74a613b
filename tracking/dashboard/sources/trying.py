"""A try whether what stands in a form gives pictures, and the first one of them."""

from __future__ import annotations

import streamlit as st

from ..wording import plain
from .forms import Filled, Form
from .trial import LIMIT, Outcome, Trial


def try_it(form: Form, filled: Filled) -> None:
    """Begin to look whether these settings give pictures."""
    stop_trying(form)
    st.session_state[form.key("trial")] = Trial(filled.settings, form.folder)
    st.session_state[form.key("of")] = filled.settings["uri"]


def stop_trying(form: Form) -> None:
    trial = st.session_state.pop(form.key("trial"), None)
    st.session_state.pop(form.key("outcome"), None)
    if trial is not None and trial.running:
        trial.stop()


def show_trial(form: Form, filled: Filled) -> None:
    """The picture that came, or why none did; nothing once the place is another one."""
    trial: Trial | None = st.session_state.get(form.key("trial"))
    if trial is None:
        return
    if st.session_state.get(form.key("of")) != filled.settings.get("uri"):
        stop_trying(form)
    elif trial.running:
        _waiting(form.key("trial"))
    else:
        _came(st.session_state.setdefault(form.key("outcome"), trial.outcome()))


@st.fragment(run_every=0.5)
def _waiting(key: str) -> None:
    trial: Trial | None = st.session_state.get(key)
    if trial is None or not trial.running:
        st.rerun()
    done = min(1.0, trial.seconds / LIMIT)
    st.progress(done, f"Waiting for the first picture ({trial.seconds:.0f} of {LIMIT:.0f} s) …")


def _came(outcome: Outcome) -> None:
    if outcome.error is not None:
        st.error(plain(f"No picture: {outcome.error}."), icon=":material/no_photography:")
        return
    rate = "" if outcome.rate is None else f", {outcome.rate:.3g} frames a second"
    st.success(
        f"It works: {outcome.width}×{outcome.height} pixels{rate}; the first picture came after "
        f"{outcome.delay:.1f} s.",
        icon=":material/check_circle:",
    )
    st.image(outcome.picture, width=480, alt="The first picture of the source")
