"""The table of an answer, on the page and as a file."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from ...ask.answer import Answer, Column
from ...ask.saying import say_cell
from ...times import iso
from .. import parts
from ..parts import plain
from .talk import Turn


def table(answer: Answer, turn: Turn, most: int) -> None:
    """All rows; `most` of them are seen before it scrolls."""
    st.dataframe(
        readable(answer),
        hide_index=True,
        column_config=columns(answer),
        placeholder="–",
        height=36 * (min(len(answer.rows), most) + 1) + 2,
        key=f"ask.table.{turn.number}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.download(lambda: told(answer), "sightline-answer", f"ask.csv.{turn.number}")
        if any(each.kind == "time" for each in answer.columns):
            st.caption(f"Times in {plain(answer.timezone)}.", width="content")


def readable(answer: Answer) -> pd.DataFrame:
    """Rows as people read them: numbers stay numbers, times and lengths of time are words."""
    made = {
        column.name: [_cell(column, row[place], answer.timezone) for row in answer.rows]
        for place, column in enumerate(answer.columns)
    }
    return pd.DataFrame(made)


def _cell(column: Column, value: Any, timezone: str) -> Any:
    if column.kind == "share":
        return None if value is None else value * 100
    return value if column.kind == "number" else say_cell(column, value, timezone)


def told(answer: Answer) -> pd.DataFrame:
    """Rows as a file has them: times in ISO 8601 with their offset, lengths of time in seconds."""

    def cell(column: Column, value: object) -> object:
        if column.kind == "time" and isinstance(value, int | float) and value == value:
            return iso(round(value), answer.timezone)
        return value

    made = {
        column.name: [cell(column, row[place]) for row in answer.rows]
        for place, column in enumerate(answer.columns)
    }
    return pd.DataFrame(made)


def columns(answer: Answer) -> dict[str, Any]:
    """How the columns of an answer's table are shown."""
    return {each.name: _config(each) for each in answer.columns}


def _config(column: Column) -> Any:
    if column.name == "id":
        return st.column_config.NumberColumn(column.title, format="%d")
    if column.kind == "number":
        return st.column_config.NumberColumn(column.title, format="localized")
    if column.kind == "share":
        return st.column_config.NumberColumn(column.title, format="%.0f %%")
    return st.column_config.TextColumn(column.title)
