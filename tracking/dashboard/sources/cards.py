"""The configured sources, one card each: how it stands with them, and what can be done."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from ...config import Configuration, SourceSettings
from ...weights import locate
from ..places import Places
from ..serving import supervising
from ..wording import plain
from .actions import no_longer_watched
from .state import STATES, Health, digest, done, read, read_health

MOST = 50  # rows of sources that are watched no longer, and of problems


def wants(action: str, name: str) -> None:
    """Remember what somebody wants to do with a source; the page does it."""
    st.session_state["sources.wanted"] = (action, name)


@st.fragment(run_every=2.0)
def show(places: Places) -> None:
    """The cards, kept up to date; a click on one of them runs the page."""
    configured, health = read(places), read_health()
    _show_problems(places, configured, health)
    names = [source.name for source in configured.sources]
    if names != st.session_state.get("sources.names", names):
        st.session_state["sources.names"] = names
        st.rerun()  # a form elsewhere on the page must know which names are taken
    st.session_state["sources.names"] = names
    for source in configured.sources:
        with st.container(border=True, gap="small"):
            _card(places, source, health)
    if not configured.problems:  # else they may only be unreadable just now
        _show_no_longer_watched(places, names)


def _show_no_longer_watched(places: Places, names: list[str]) -> None:
    left = no_longer_watched(places.database, names)
    if not left:
        return
    st.caption("Recorded earlier, and watched no longer")
    for name in left[:MOST]:
        with _row(border=True):
            st.markdown(plain(name), width="content")
            title, icon = "Delete", ":material/delete:"
            if st.button(title, key=f"delete-{digest(name)}", icon=icon, type="tertiary"):
                wants("delete", name)
                st.rerun()
    if len(left) > MOST:
        st.caption(f"and {len(left) - MOST} more")


def _row(border: bool = False) -> Any:
    """What stands left and right in one line."""
    return st.container(
        border=border,
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    )


def _show_problems(places: Places, configured: Configuration, health: Health) -> None:
    """What is wrong with the file or the runner, in words."""
    if configured.problems:
        file = f"{places.config}: "
        told = [plain(problem.removeprefix(file)) for problem in configured.problems[:MOST]]
        st.warning(
            "\n".join(
                [f"Something is wrong in {plain(str(places.config))}:\n", *(f"- {t}" for t in told)]
            ),
            icon=":material/edit_document:",
        )
        st.caption(
            "Put it right in the file; it is read again as soon as it is saved. What is right in "
            "it is watched meanwhile."
        )
    if not health.reached and configured.sources:
        why = supervising.state().problem
        st.warning(
            "The runner does not answer, so it is not known how the sources are. What you change "
            "here is kept, and takes effect as soon as it is back."
            + (f" It said: {plain(why)}" if why else ""),
            icon=":material/cloud_off:",
        )
    elif health.configuration and not _same(Path(health.configuration), places.config):
        st.warning(
            f"The runner of this database watches the sources of "
            f"{plain(health.configuration)}, not those of {plain(str(places.config))}.",
            icon=":material/alt_route:",
        )


def _card(places: Places, source: SourceSettings, health: Health) -> None:
    key = digest(source.name)
    state = health.state(source)
    with _row():
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.markdown(f"**{plain(source.name)}**", width="content")
            word, icon, colour = STATES[state]
            st.badge(word, icon=icon, color=colour)
        with st.container(horizontal=True, width="content", gap="small"):
            _buttons(source, key)
    _facts(source, health)
    _troubles(source, health, state)
    _weights(source, key)
    if not source.live and not source.loop:
        _progress(places, source, state)


def _buttons(source: SourceSettings, key: str) -> None:
    word, icon = ("Pause", "pause") if source.enabled else ("Resume", "play_arrow")
    actions = [
        (word, icon, word.lower()), ("Edit", "edit", "edit"), ("Remove", "delete", "remove")
    ]  # fmt: skip
    for title, sign, action in actions:
        if st.button(title, key=f"{action}-{key}", icon=f":material/{sign}:", type="tertiary"):
            wants(action, source.name)
            st.rerun()


def _facts(source: SourceSettings, health: Health) -> None:
    known = health.of(source) if source.enabled else {}
    facts = [plain(source.clean_uri)]
    if size := known.get("size"):
        facts.append(f"{size[0]}×{size[1]}")
    if known.get("state") == "ok" and known.get("fps") is not None:
        facts.append(f"{known['fps']:.1f} frames a second")
    if known.get("state") == "ok" and known.get("delay_ms") is not None:
        facts.append(f"{known['delay_ms']} ms behind")
    if source.detector == "motion":
        facts.append("whatever moves")
    else:
        looked_for = ", ".join(source.classes or ("all objects",))
        facts.append(plain(f"{looked_for} with {source.weights}"))
    facts.append(plain(source.timezone))
    st.caption(" · ".join(facts))


def _troubles(source: SourceSettings, health: Health, state: str) -> None:
    known = health.of(source)
    if state not in ("paused", "unknown"):
        if error := known.get("last_error"):
            st.markdown(f":small[:red[:material/error: {plain(str(error))}]]")
        if note := known.get("note"):
            st.markdown(f":small[:orange[:material/info: {plain(str(note))}]]")


def _weights(source: SourceSettings, key: str) -> None:
    """Weights that are not here are said and offered."""
    if source.detector != "yolo" or locate(source.weights) is not None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        said = f"Its weights {plain(source.weights)} are not on this machine."
        st.markdown(f":small[:orange[:material/warning: {said}]]", width="content")
        if st.button("Get them", key=f"weights-{key}", icon=":material/download:", type="tertiary"):
            wants("weights", source.name)
            st.rerun()
        if st.button(
            "Look for motion instead", key=f"motion-{key}", icon=":material/animation:",
            type="tertiary",
        ):  # fmt: skip
            wants("motion", source.name)
            st.rerun()


def _progress(places: Places, source: SourceSettings, state: str) -> None:
    share = done(places, source, state)
    if share is None:
        return
    if share < 1:
        st.progress(share, f"{100 * share:.0f} % of the recording")
        return
    with st.container(horizontal=True, gap="medium"):
        for title, icon, page in (
            ("What was found", ":material/monitoring:", "activity"),
            ("Where it moved", ":material/conversion_path:", "movement"),
        ):
            path = Path("pages") / f"{page}.py"
            with suppress(st.errors.StreamlitAPIException):  # a page that this app does not have
                query = {"source": source.name, "range": "all"}
                st.page_link(str(path), label=title, icon=icon, query_params=query)


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
