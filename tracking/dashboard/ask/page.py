"""The page Ask: a conversation about the record, every answer with its working."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from ...ask import history
from ...ask.answer import Answer
from ...ask.answering.answering import answer_plan
from ...ask.asking import ask
from ...ask.models.model import ModelSettings
from ...errors import SettingsError, TrackingError
from .. import parts, reading
from ..parts import plain
from ..places import Places
from . import links, model
from .card import show_answer
from .examples import examples
from .stream import show_work
from .talk import HISTORY, LONGEST, TALK, VIEW, Talk, Turn, begin_anew, talk
from .work import Work

LINKED = "ask.linked"
ADDRESS = ("q", "plan")
_log = logging.getLogger(__name__)


def show_bar() -> str:
    """What is shown, who answers, and a way to begin anew; the chosen of TALK and HISTORY."""
    with st.container(horizontal=True, vertical_alignment="center", key="ask_bar"):
        views = [TALK, HISTORY]
        view = st.segmented_control(
            "View", views, default=st.session_state.get(VIEW, TALK), required=True,
            key=f"{VIEW}.{st.session_state.get(VIEW, TALK)}", label_visibility="collapsed",
        )  # fmt: skip
        if view is not None and view != st.session_state.get(VIEW, TALK):
            st.session_state[VIEW] = view
            st.rerun()
        model.show_settings()
        if talk().turns and st.button(
            "New conversation", icon=":material/add_comment:", type="tertiary", key="ask.anew"
        ):
            begin_anew()
            _forget_address()
            st.rerun()
    return view or TALK


def show_nothing_recorded() -> None:
    parts.runner_note()
    st.info(
        "Nothing is recorded yet, so there is nothing to ask about. As soon as a source is"
        " watched, questions are answered here.",
        icon=":material/hourglass_empty:",
    )
    st.page_link("pages/sources.py", label="Go to the sources", icon=":material/arrow_forward:")


def show_talk() -> None:
    """The conversation, and where the next question is typed."""
    _read_address()
    kept = talk()
    question = st.chat_input("Ask about what was seen", max_chars=LONGEST, key="ask.question")
    if question:
        _forget_address()
        kept.ask(question)
    beginning = st.empty()  # what stood here is gone while the first question is answered
    if not kept.turns:
        with beginning.container():
            _beginning()
    for turn in kept.turns:
        _turn(kept, turn)


def _beginning() -> None:
    st.markdown(
        "Ask in everyday words how many, how long, when, where, and who was there the longest."
        " Each answer shows how the question was read, how the number is counted, and the tracks"
        " behind it."
    )
    with st.grid(2, min_column_width=280, gap="small", key="ask_examples"):
        for number, question in enumerate(_examples()):
            if st.button(
                plain(question), key=f"ask.example.{number}", width="stretch",
                icon=":material/chat_bubble:", wrap=True,
            ):  # fmt: skip
                talk().ask(question)
                st.rerun()
    st.caption(model.who_answers())


def _examples() -> list[str]:
    world = reading.world()
    known = replace(world, now=world.now // 60_000 * 60_000)
    if (kept := st.session_state.get("ask.examples")) is None or kept[0] != known:
        kept = (known, examples(world))
        st.session_state["ask.examples"] = kept
    found: list[str] = kept[1]
    return found


def _turn(kept: Talk, turn: Turn) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(plain(turn.question))
        if turn.taken:
            st.caption(f"Taken as: {plain(turn.taken)}")
    with st.chat_message("assistant", avatar=":material/query_stats:"):
        at_work, place = st.empty(), st.container()
        if turn.state == "new":
            with at_work.container():
                _answer(kept, turn)
            at_work.empty()
        with place:
            if turn.state == "stopped":
                _stopped(kept, turn)
            elif turn.answer is not None:
                show_answer(turn, turn is kept.turns[-1])


def _stopped(kept: Talk, turn: Turn) -> None:
    st.caption(":material/stop_circle: Stopped before there was an answer.")
    with st.container(horizontal=True):
        if st.button("Ask again", icon=":material/replay:", key=f"ask.again.{turn.number}"):
            kept.again(turn, linked=False)
            st.rerun()
        if st.button(
            "Ask the built-in parser", icon=":material/fact_check:", key=f"ask.parser.{turn.number}"
        ):
            kept.again(turn, linked=True)
            st.rerun()


# how a turn gets its answer


def _answer(kept: Talk, turn: Turn) -> None:
    """Have a turn answered, once: an earlier run of the page may not quite have ended."""
    with turn.lock:
        if turn.state == "new":
            answer = _answered(turn)
            turn.answer, turn.state, turn.work = answer, "done", None
            turn.kept = history.keep(Places.of().database, answer, turn.asked_at, kept.id)


def _answered(turn: Turn) -> Answer:
    chosen = None if turn.linked or turn.plan is not None else model.chosen()
    if turn.work is None and chosen is not None:
        turn.work, turn.whom = Work(_asking(turn, *chosen)), chosen[0].name
    if (work := turn.work) is not None:
        show_work(turn, work)
        return work.answer or _failed(turn)
    with st.spinner("Counting"):
        return _computed(turn)


def _computed(turn: Turn) -> Answer:
    """By the built-in parser, or of a plan that was chosen."""
    database = Places.of().database
    try:
        if turn.plan is None:
            return ask(database, turn.question, now=turn.asked_at, before=turn.before, keep=False)
        with reading.reading() as connection:
            return answer_plan(connection, turn.plan, turn.asked_at, turn.question)
    except TrackingError as error:
        return _unreadable(turn, error)
    except Exception:  # whatever it is, the page says that it failed, and the log why
        _log.exception("A question could not be answered")
        return _failed(turn)


def _asking(
    turn: Turn, settings: ModelSettings, always: bool
) -> Callable[[Callable[[Any], None]], Answer]:
    """What a thread does, that knows nothing of the page."""
    database = Places.of().database

    def do(tell: Callable[[Any], None]) -> Answer:
        try:
            return ask(
                database, turn.question, now=turn.asked_at, before=turn.before, model=settings,
                prefer_model=always, on_event=tell, keep=False,
            )  # fmt: skip
        except TrackingError as error:
            return _unreadable(turn, error)

    return do


def _unreadable(turn: Turn, error: TrackingError) -> Answer:
    return Answer(turn.question, "failed", f"The recordings cannot be read: {error}.")


def _failed(turn: Turn) -> Answer:
    return Answer(
        turn.question, "failed", "The answer could not be computed; the log of the app says why."
    )


# the address


def _read_address() -> None:
    """Have the question of a link answered, once, and by no model: it may be anybody's."""
    asked = {name: st.query_params[name] for name in ADDRESS if st.query_params.get(name)}
    if not asked or asked == st.session_state.get(LINKED):
        return
    st.session_state[LINKED] = asked
    if "plan" not in asked:
        talk().ask(asked["q"], linked=True)
        return
    try:
        talk().compute(links.plan_in(asked["plan"]), asked.get("q", ""))
    except SettingsError as error:
        st.warning(plain(str(error)), icon=":material/link_off:")


def _forget_address() -> None:
    """It holds the question of a link only while nothing else was asked."""
    for name in ADDRESS:
        st.query_params.pop(name, None)
