"""The questions that were asked: to look for, ask again, rate, take away and delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from ...ask import history
from ...ask.history import Kept
from ...errors import DatabaseError
from ...study import is_study
from ...times import zone
from .. import reading
from ..parts import plain
from ..places import Places
from .talk import TALK, VIEW, talk
from .words import shortly

SHOWN = 500  # questions that the table holds at once
STATUS = {
    "ok": "answered",
    "zero": "none",
    "no_data": "nothing recorded",
    "not_understood": "not understood",
    "failed": "failed",
}
JUDGED: dict[history.Rating, str] = {"up": "Good", "down": "Bad"}
RATINGS = {"up": "👍", "down": "👎", "": ""}


def show_history() -> None:
    """All that was asked of this database, by whomever."""
    database = Places.of().database
    if is_study(database):
        st.info(
            "This is a shared study: nothing is written into it, so questions are not kept.",
            icon=":material/history_toggle_off:",
        )
        return
    kept, many = reading.shown(_state)
    _switch(kept)
    if not many:
        st.info(
            "No question is kept yet." if kept else "No question is kept.",
            icon=":material/history:",
        )
        return
    search = st.text_input(
        "Search", placeholder="Search in questions", key="ask.history.search",
        icon=":material/search:",
        label_visibility="collapsed", max_chars=200,
    )  # fmt: skip
    found = reading.shown(lambda: _questions(search or ""))
    if not found:
        st.caption("No kept question has these words in it.")
    else:
        chosen = _table(found, many, bool(search))
        _actions(chosen)
    _files(many)


def _state() -> tuple[bool, int]:
    with reading.reading() as connection:
        return history.is_kept(connection), history.how_many(connection)


def _questions(search: str, limit: int | None = SHOWN) -> list[Kept]:
    with reading.reading() as connection:
        return history.questions(connection, limit, search=search)


def _switch(kept: bool) -> None:
    st.toggle(
        "Keep questions and answers in the database", kept,
        key=f"ask.history.keep.{st.session_state.get('ask.history.version', 0)}",
        on_change=_switched, args=(not kept,),
        help="Off: from now on none is kept. Those that are kept stay until they are deleted.",
    )  # fmt: skip
    if problem := st.session_state.pop("ask.history.problem", None):
        st.error(plain(problem), icon=":material/error:")


def _switched(on: bool) -> None:
    _trying(lambda: history.switch(Places.of().database, on))


def _trying(change: Callable[[], object]) -> bool:
    """Change something; where that fails the page's next run says why."""
    st.session_state["ask.history.version"] = st.session_state.get("ask.history.version", 0) + 1
    try:
        change()
    except DatabaseError as error:
        st.session_state["ask.history.problem"] = f"That could not be changed: {error}"
        return False
    return True


def _table(found: Sequence[Kept], many: int, searched: bool) -> list[Kept]:
    """The questions; those of them that are chosen."""
    shown = f"{len(found):,} of {many:,}" if len(found) < many else f"{many:,}"
    st.caption(
        f"{shown} question{'s' if many != 1 else ''}{' found' if searched else ''}, the latest"
        f" first, times in {_zone_name()}. Choose rows to do something with them."
    )
    event = st.dataframe(
        readable(found),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height=min(420, 36 * (len(found) + 1) + 2),
        column_config={
            "question": st.column_config.TextColumn("Question", width="large"),
            "answer": st.column_config.TextColumn("Answer", width="large"),
            "when": st.column_config.TextColumn("Asked"),
            "status": st.column_config.TextColumn("Outcome"),
            "who": st.column_config.TextColumn("Answered by"),
            "took": st.column_config.TextColumn("Took"),
            "rating": st.column_config.TextColumn("Rated"),
        },
        key=f"ask.history.table.{found[0].id}.{len(found)}",
    )
    return [found[row] for row in event.selection.rows if row < len(found)]


def readable(found: Sequence[Kept]) -> pd.DataFrame:
    there = zone(_zone_name())
    rows = [
        (
            f"{datetime.fromtimestamp(each.asked_at / 1000, there):%Y-%m-%d %H:%M}",
            each.question,
            str(each.answer.get("answer", "")),
            RATINGS[each.rating],
            STATUS.get(each.status, each.status),
            each.answered_by,
            shortly(each.seconds),
        )
        for each in found
    ]
    columns = ["when", "question", "answer", "rating", "status", "who", "took"]
    return pd.DataFrame(rows, columns=columns)


def _zone_name() -> str:
    return reading.world().timezone()


def _actions(chosen: Sequence[Kept]) -> None:
    if not chosen:
        return
    ids = [each.id for each in chosen]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(chosen) == 1 and st.button(
            "Ask again", icon=":material/replay:", key="ask.history.again"
        ):
            talk().ask(chosen[0].question)
            st.session_state[VIEW] = TALK
            st.rerun()
        for rating, title in JUDGED.items():
            icon = f":material/thumb_{rating}:"
            if st.button(title, icon=icon, key=f"ask.history.{rating}"):
                _trying(partial(_rate, ids, rating))
                st.rerun()
        title = "Delete" if len(chosen) == 1 else f"Delete {len(chosen):,}"
        if st.button(title, icon=":material/delete:", key="ask.history.delete"):
            _sure(ids)


def _rate(ids: Sequence[int], rating: history.Rating) -> None:
    for id in ids:
        history.rate(Places.of().database, id, rating)


@st.dialog("Delete for good?", icon=":material/delete_forever:")
def _sure(ids: Sequence[int] | None, many: int = 0) -> None:
    count = many if ids is None else len(ids)
    st.write(
        f"{'All ' if ids is None and count > 1 else ''}{count:,}"
        f" {'question goes with its answer' if count == 1 else 'questions go with their answers'}."
        " This cannot be undone."
    )
    with st.container(horizontal=True):
        if st.button(
            "Delete", type="primary", key="ask.history.sure", on_click=_delete, args=(ids,)
        ):  # fmt: skip
            st.rerun()
        if st.button("Keep", key="ask.history.keep_them"):
            st.rerun()


def _delete(ids: Sequence[int] | None) -> None:
    _trying(lambda: history.delete(Places.of().database, ids))


def _files(many: int) -> None:
    """All that is kept, as files; made when somebody asks for them."""

    def csv() -> bytes:
        return history.as_csv(_questions("", None)).encode()

    def lines() -> bytes:
        return "".join(f"{line}\n" for line in history.as_lines(_questions("", None))).encode()

    with st.container(horizontal=True):
        st.download_button(
            "CSV", csv, "sightline-questions.csv", "text/csv", key="ask.history.csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "JSON lines", lines, "sightline-questions.jsonl", "application/jsonl",
            key="ask.history.jsonl", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        if st.button("Delete all", icon=":material/delete_sweep:", key="ask.history.delete_all"):
            _sure(None, many)
