"""What the pages have in common: numbers that can be checked, and states in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pandas as pd
import streamlit as st

from ..charts import words
from ..metrics import Metric, Result, Selection, Watched
from .serving import supervising
from .wording import plain, sheet

__all__ = [
    "about",
    "download",
    "explained",
    "is_touched",
    "nothing",
    "number",
    "offer_undo",
    "plain",
    "runner_note",
    "statement",
    "unreadable",
]

READABLE = 200_000
"""Characters of a statement that a page shows; a browser is slow with more of them."""


class Counted(Protocol):
    """A number and what it rests on: a `Result`, or what is known about places."""

    @property
    def metric(self) -> Metric: ...
    @property
    def value(self) -> float | None: ...
    @property
    def watched(self) -> Watched: ...
    @property
    def selection(self) -> Selection: ...
    @property
    def counted(self) -> int: ...
    @property
    def sql(self) -> str: ...
    @property
    def status(self) -> str: ...


def number(
    result: Counted,
    title: str | None = None,
    delta: str | None = None,
    chart: Sequence[float] | None = None,
    **look: Any,
) -> None:
    """A number with, on hover, its definition, window, zone, coverage and the tracks behind it.

    Beneath visits stands how many there may be at least and at most.
    """
    if (of := of_tracks(result)) and delta is None:
        look = {"delta_description": of, **look}
    st.metric(
        title or result.metric.title,
        words.value(result.metric, result.value, result.selection.timezone),
        delta,
        help=definition(result),
        border=True,
        chart_data=chart,
        **look,
    )


def of_tracks(result: Counted) -> str:
    """How many visits there may be, or of how many tracks they are; empty of other numbers."""
    if not isinstance(result, Result) or result.tracks is None:
        return ""
    if result.range is None or result.low == result.high:
        return f"of {words.number(result.tracks)} tracks"
    return words.between(
        result.low, result.high
    )  # a line of a card on a phone has no room for more


def definition(result: Counted) -> str:
    """A number's definition, window, zone and coverage, as Markdown."""
    selection = result.selection
    lines = [f"**{result.metric.title}.** {result.metric.definition}"]
    if isinstance(result, Result) and result.tracks is not None:
        lines.append(
            "How many there may be is not known: nobody has looked yet which of these tracks go on"
            " as others (`tracking visits` does)."
            if result.range is None
            else words.range_of(result.range)
        )
    lines.append(words.window(selection.filter, selection.timezone))
    if narrow := words.narrowed(selection):
        lines.append(plain(narrow))
    lines.append(words.coverage(result.watched).capitalize() + ".")
    lines.append(f"Counted over {result.counted:,} tracks.")
    if result.status == "no_data":
        lines.append("Nothing was recorded in that time: this is not a zero.")
    return "\n\n".join(lines)


def explained(result: Counted, key: str) -> None:
    """A button that opens how a number came about, with SQL to check it with."""
    with st.popover("How this is counted", icon=":material/fact_check:", type="tertiary", key=key):
        st.markdown(definition(result))
        st.caption("This statement gives the whole window's number from the same database:")
        statement(result, f"{key}.sql")


def statement(result: Counted, key: str) -> None:
    """The SQL of a number; as a file where there are so many times in it that nobody reads it.

    That of visits gives also how many there may be.
    """
    sql = (result.range_sql if isinstance(result, Result) else None) or result.sql
    if len(sql) <= READABLE:
        st.code(sql, language="sql", wrap_lines=True)
        return
    st.download_button(
        f"SQL ({words.size(len(sql))})",
        sql.encode,
        f"{result.metric.name}.sql",
        "application/sql",
        key=key,
        on_click="ignore",
        icon=":material/download:",
    )


def download(rows: Callable[[], pd.DataFrame], name: str, key: str) -> None:
    """A button that gives a chart's rows as a CSV file; they are made when it is pressed."""
    st.download_button(
        "CSV",
        lambda: sheet(rows()),
        f"{name}.csv",
        "text/csv",
        key=key,
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def is_touched() -> bool:
    """Whether this is a phone: a finger that moves over a chart or a picture scrolls the page."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def about(selection: Selection, watched: Watched) -> None:
    """One line: which window this is, in which zone, and how much of it was watched."""
    parts = [words.window(selection.filter, selection.timezone)]
    if narrow := words.narrowed(selection):
        parts.append(plain(narrow))
    parts.append(words.coverage(watched))
    st.caption(" · ".join(parts))


def nothing(selection: Selection, extent: tuple[int, int] | None) -> None:
    """Says why a filter shows nothing, and what to do about it."""
    if selection.unknown:
        missing = ", ".join(map(plain, selection.unknown))
        st.info(f"Nothing is recorded of {missing}.", icon=":material/search_off:")
    elif extent is None:
        st.info("Nothing is recorded of these sources yet.", icon=":material/hourglass_empty:")
    else:
        zone = selection.timezone
        since, until = (words.moment(t, zone) for t in extent)
        st.info(
            f"Nothing matches this choice. There are recordings from {since} to {until} ({zone}).",
            icon=":material/search_off:",
        )


def unreadable(error: Exception) -> None:
    """The database cannot be read: why, in words."""
    st.error(f"The recordings cannot be read: {plain(str(error))}", icon=":material/database_off:")


def offer_undo(
    said: str, key: str, icon: str = ":material/history:", back: str = "Undo"
) -> bool | None:
    """A line with what was done last, as Markdown, and the way back.

    True: it is to be undone; None: it stays, and the line may go; False: neither yet.
    """
    with st.container(
        border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"{icon} {said}", width="content")
        with st.container(horizontal=True, width="content"):
            undo = st.button(back, key=key, icon=":material/undo:", type="tertiary")
            close = st.button("Close", key=f"{key}.close", icon=":material/close:", type="tertiary")
    return None if close else bool(undo)


def runner_note() -> None:
    """A line where the runner is not as it should be; nothing where it is."""
    state = supervising.state()
    if state.phase == "preparing":
        st.progress(state.progress, "Making the demo clip: moving pictures follow in a moment")
    elif state.phase == "starting":
        st.info("The runner is starting; pictures follow in a moment.", icon=":material/sync:")
    elif state.phase == "ended":
        why = plain(state.problem or "it ended without a word")
        st.warning(
            f"Nothing is being watched: the runner ended ({why}) and is started again by itself. "
            "What was recorded before is shown.",
            icon=":material/warning:",
        )
    elif state.phase == "study":
        st.caption("A shared study: recorded earlier, nothing is being watched.")
