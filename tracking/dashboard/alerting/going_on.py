"""The alerts that go on now: shown, acknowledged, and told to the overview."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import streamlit as st

from ...alerts import Alert, acknowledge, open_alerts
from ...charts import words
from ...database import describing, open_database
from ...errors import DatabaseError
from ...study import is_study
from ...times import now_ms
from .. import reading
from ..parts import plain
from ..places import Places

OFTEN = 2.0  # seconds
MOST = 20
SHOWN = "alerts.shown"


def has_alerts() -> bool:
    """Whether the database knows of alerts at all; one of an earlier version does not."""
    with reading.reading() as connection:
        query = "SELECT 1 FROM sqlite_master WHERE name = 'alert_deliveries'"
        return connection.execute(query).fetchone() is not None


def find_open(sources: tuple[str, ...] = ()) -> list[Alert]:
    """The alerts that go on, the latest first. Raises DatabaseError."""
    if not has_alerts():
        return []
    with reading.reading() as connection:
        return open_alerts(connection, sources)


def in_words(database: Path) -> tuple[str, ...]:
    """What goes on and nobody has acknowledged, a sentence each; nothing of a study."""
    if not database.is_file() or is_study(database):
        return ()
    try:
        found = [each for each in find_open() if each.acknowledged is None]
    except DatabaseError:
        return ()
    return tuple(
        f"{each.name}: {each.text}, at {each.source} since"
        f" {words.moment(each.started, each.timezone)} ({each.timezone})"
        for each in found
    )


@st.fragment(run_every=OFTEN)
def show(sources: tuple[str, ...]) -> None:
    """Those that go on, kept up to date."""
    found = reading.shown(lambda: find_open(sources))
    before = st.session_state.get(SHOWN)
    st.session_state[SHOWN] = now = sources, {each.id for each in found}
    if before is not None and before[0] == sources and before != now:
        st.rerun()  # the history says so, too
    with st.container(key="alerts_open"):
        if not found:
            st.markdown(":green[:material/check_circle:] No alert goes on.")
        for each in found[:MOST]:
            _show(each)
        if len(found) > MOST:
            st.caption(f"and {len(found) - MOST} more: all of them are in the history below")


def _show(each: Alert) -> None:
    colour = "orange" if each.acknowledged is not None else "red"
    with st.container(border=True, gap="small"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(
                f":{colour}[:material/notifications_active:] **{plain(each.name)}**"
                f" · {plain(each.source)}{' · ' + plain(each.place) if each.place else ''}",
                width="content",
            )
            if each.acknowledged is not None:
                st.badge("Acknowledged", icon=":material/visibility:", color="orange")
            elif not is_study(Places.of().database) and st.button(
                "Acknowledge", key=f"alerts.ack.{each.id}", icon=":material/visibility:"
            ):
                acknowledged([each.id])
                st.rerun()
        since = words.moment(each.started, each.timezone, seconds=True)
        lasted = words.lasting((now_ms() - each.started) / 1000)
        st.caption(
            f"{plain(begun(each.text))}. Since {since} ({plain(each.timezone)}), for {lasted};"
            f" {plain(amount(each))}."
        )


def begun(text: str) -> str:
    """A sentence with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def amount(each: Alert) -> str:
    """Its highest value, and what had to be exceeded."""
    if each.unit:
        return f"{words.lasting(each.peak)} at most, allowed are {words.lasting(each.threshold)}"
    return f"{words.number(each.peak)} at most, allowed are {words.number(each.threshold)}"


def acknowledged(ids: list[int], on: bool = True) -> None:
    """Say of alerts that they were seen; where that fails the page says why."""
    database = Places.of().database
    try:
        with closing(open_database(database)) as connection, describing(database):
            acknowledge(connection, ids, on=on)
    except DatabaseError as error:
        st.error(plain(f"That could not be written: {error}."), icon=":material/error:")
