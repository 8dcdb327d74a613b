"""The rules: shown, added, changed, paused and deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import streamlit as st

from ...alerts import Version, add, change, delete, latest, problem_of, restore, rules
from ...charts import words
from ...config import load_channels
from ...database import describing, open_database
from ...errors import RuleError, TrackingError
from ...study import is_study
from .. import parts, reading
from ..parts import plain
from ..places import Places
from . import form, going_on

OPEN, GONE, SERIAL = "alerts.form", "alerts.gone", "alerts.serial"
NEW = 0  # the number of the rule that is being added


def show() -> None:
    """All rules, and the form of the one that is being added or changed."""
    study = is_study(Places.of().database)
    found = reading.shown(_rules)
    _show_undo()
    opened = st.session_state.get(OPEN)
    if not found and opened is None:
        st.info(
            "No rule yet. A rule says when there is an alert: too many at once, anybody at night,"
            " somebody for too long, or no picture.",
            icon=":material/rule:",
        )
    if study:
        st.caption("This is a shared study: it is only looked at.")
    elif opened == NEW:
        _show_form(None)
    elif st.button("Add a rule", key="alerts.add", icon=":material/add:", type="primary"):
        st.session_state[OPEN] = NEW
        st.rerun()
    for version, problem, last in found:
        if opened == version.number and not study:
            _show_form(version)
        else:
            _show_rule(version, problem, last, study)


def _rules() -> list[tuple[Version, str | None, str]]:
    """Each rule, why it can find nothing, and when it found something last."""
    if not going_on.has_alerts():
        return []
    with reading.reading() as connection:
        return [
            (each, problem_of(connection, each.rule), _last(connection, each.number))
            for each in rules(connection)
        ]


def _last(connection: sqlite3.Connection, number: int) -> str:
    found = latest(connection, number)
    if found is None:
        return "No alert yet"
    return f"Last alert {words.moment(found.started, found.timezone)} ({found.timezone})"


def _show_rule(version: Version, problem: str | None, last: str, study: bool) -> None:
    rule, number = version.rule, version.number
    with st.container(border=True, gap="small"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f"**{plain(rule.name)}**", width="content")
            if not rule.enabled:
                st.badge("Paused", icon=":material/pause_circle:", color="gray")
            elif problem:
                st.badge("Finds nothing", icon=":material/warning:", color="orange")
            else:
                st.badge("At work", icon=":material/check_circle:", color="green")
        st.caption(f"{plain(going_on.begun(rule.words))}. {plain(last)}.")
        if problem and rule.enabled:
            st.markdown(f":orange[:material/warning: {plain(going_on.begun(problem))}.]")
        if study:
            return
        with st.container(horizontal=True):
            if st.button("Change", key=f"alerts.edit.{number}", icon=":material/edit:"):
                st.session_state[OPEN] = number
                st.rerun()
            on = rule.enabled
            if st.button(
                "Pause" if on else "Resume", key=f"alerts.pause.{number}",
                icon=":material/pause:" if on else ":material/play_arrow:",
            ):  # fmt: skip
                _write(lambda one: change(one, rule.name, rule.changed(enabled=not on)))
            gone = st.button("Delete", key=f"alerts.delete.{number}", icon=":material/delete:")
            if gone and _do(lambda one: delete(one, rule.name)):
                st.session_state[GONE] = version
                st.rerun()


def _show_undo() -> None:
    """The rule that was deleted last, and the way back."""
    gone: Version | None = st.session_state.get(GONE)
    if gone is None:
        return
    said = f"**{plain(gone.rule.name)}** was deleted; its alerts stay."
    undo = parts.offer_undo(said, "alerts.undo", ":material/delete:")
    if (undo and _do(lambda one: restore(one, gone))) or undo is None:
        st.session_state.pop(GONE)
        st.rerun()


def _show_form(version: Version | None) -> None:
    key = f"alerts.rule.{st.session_state.get(SERIAL, 0)}.{version.number if version else NEW}"
    with st.container(border=True, key="alerts_form"):
        st.subheader("Change a rule" if version else "Add a rule", anchor=False)
        given = form.show(key, version.rule if version else None, _channels())
        if version is not None:
            given["enabled"] = version.rule.enabled
        rule = form.preview(key, given)
        named = bool(given["name"].strip())
        if not named:
            st.caption("It needs a name.")
        with st.container(horizontal=True):
            keep = st.button(
                "Save" if version else "Add rule", key=f"{key}.keep", type="primary",
                disabled=rule is None or not named,
            )  # fmt: skip
            cancel = st.button("Cancel", key=f"{key}.cancel")
    if keep and rule is not None:
        if version is None:
            _write(lambda one: add(one, rule))
        else:
            _write(lambda one: change(one, version.rule.name, rule))
    elif cancel:
        _close()


def _channels() -> list[str]:
    try:
        return [each.name for each in load_channels(Places.of().config).all]
    except TrackingError:
        return []


def _write(work: Callable[[sqlite3.Connection], object]) -> None:
    if _do(work):
        _close()


def _close() -> None:
    st.session_state.pop(OPEN, None)
    st.session_state[SERIAL] = st.session_state.get(SERIAL, 0) + 1
    st.rerun()


def _do(work: Callable[[sqlite3.Connection], object]) -> bool:
    """Change something; where that fails the page says why."""
    database = Places.of().database
    try:
        with closing(open_database(database)) as connection, describing(database):
            work(connection)
    except RuleError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return False
    except TrackingError as error:
        st.error(plain(f"That could not be written: {error}."), icon=":material/error:")
        return False
    return True
