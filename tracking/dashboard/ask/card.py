"""An answer with its working: how it was read, what it rests on, and where to look further."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...ask import history
from ...ask.answer import PARSER, Answer, Reading
from ...ask.charting import chart_of
from ...ask.saying import say_plan, say_window
from ...charts import words
from ...errors import TrackingError
from .. import parts, reading
from ..activity.views import LOOK
from ..parts import plain
from ..places import Places
from ..plots import plot
from . import change, links, tracks
from .table import columns, readable, table
from .talk import Turn, talk
from .words import in_two, marked, prose, shortly

BY_MODEL, BY_PARSER = ":material/smart_toy:", ":material/fact_check:"


@st.fragment
def show_answer(turn: Turn, latest: bool) -> None:
    """The card of a turn that is done; an earlier one is short until it is opened."""
    answer = turn.answer
    assert answer is not None
    is_open = latest or turn.opened
    with st.container(gap="xsmall"):
        _text(answer, turn, is_open)
        if not is_open:
            _offer_opening(answer, turn)
            return
        _under(answer)
        _read_as(answer, turn)
    _others(answer.others, turn)
    if answer.status in ("ok", "zero"):
        _rows(answer, turn)
    _panels(answer, turn)
    _foot(answer, turn)


def _offer_opening(answer: Answer, turn: Turn) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        _under(answer, short=True)
        st.button(
            "Open", icon=":material/unfold_more:", type="tertiary", on_click=_open, args=(turn,),
            key=f"ask.open.{turn.number}",
        )  # fmt: skip


def _open(turn: Turn) -> None:
    turn.opened = True


def _text(answer: Answer, turn: Turn, is_open: bool) -> None:
    """What is answered; three kinds of nothing do not look alike."""
    told = plain(answer.answer)
    if answer.status == "not_understood":
        st.warning(f"{told}\n\n{marked(answer.question, answer.unread)}", icon=":material/help:")
    elif answer.status == "failed":
        st.error(told, icon=":material/error:")
    elif answer.status == "no_data":
        st.info(f"{told}\n\n{_recorded(answer)}", icon=":material/hourglass_empty:")
    else:
        written = plain if answer.answered_by == PARSER else prose
        first, rest = in_two(answer.answer)
        st.subheader(written(first).strip(), anchor=False)
        if rest and is_open:
            st.markdown(written(rest))
    if is_open:
        _suggested(answer, turn)


def _recorded(answer: Answer) -> str:
    """From when to when something is known."""
    extent = reading.extent(() if answer.plan is None else answer.plan.sources)
    if extent is None:
        return ""
    since, until = (words.moment(t, answer.timezone) for t in extent)
    return f"There are recordings from {since} to {until} ({plain(answer.timezone)})."


def _suggested(answer: Answer, turn: Turn) -> None:
    if not answer.suggestions:
        return
    st.caption("What can be answered:")
    with st.container(horizontal=True, key=f"ask_suggested_{turn.number}"):
        for number, question in enumerate(answer.suggestions[:6]):
            key = f"ask.suggestion.{turn.number}.{number}"
            if st.button(plain(question), key=key, wrap=True):
                talk().ask(question)
                st.rerun()


def _under(answer: Answer, short: bool = False) -> None:
    """In one line the window, its zone, and how much of it was watched."""
    plan, told = answer.plan, []
    if plan is not None and plan.shape != "known":
        told.append(plain(say_window(plan.span, plan.timezone)))
    if answer.status == "zero" and not short:
        told.insert(0, ":green-badge[:material/check: recorded, and none]")
    if answer.coverage is not None and not short:
        told.append(words.coverage(answer.coverage))
    if told:
        st.caption(" · ".join(told), help=definition(answer) or None)


def definition(answer: Answer) -> str:
    """What the number means, as Markdown."""
    metric = answer.metric
    return "" if metric is None else f"**{plain(metric.title)}.** {plain(metric.definition)}"


def _read_as(answer: Answer, turn: Turn) -> None:
    """How the question was taken, what was assumed, and how it could have been taken, too."""
    taken = answer.reading
    if taken is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            said = plain(taken.words or say_plan(taken.plan))
            st.markdown(f":gray[Read as:] {said}", width="content")
            title = "Close" if turn.changing else "Change"
            st.button(
                title, icon=":material/tune:", type="tertiary", on_click=_change, args=(turn,),
                key=f"ask.change.{turn.number}",
            )  # fmt: skip
    if answer.notes:
        st.caption(f":material/info: {' '.join(map(plain, answer.notes))}")
    if taken is not None and turn.changing:
        change.show(taken.plan, turn)


def _change(turn: Turn) -> None:
    turn.changing = not turn.changing


def _others(others: Sequence[Reading], turn: Turn) -> None:
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Or did you mean:", width="content")
        for number, other in enumerate(others[:4]):
            said = other.words or say_plan(other.plan)
            if st.button(plain(said), key=f"ask.other.{turn.number}.{number}", wrap=True):
                talk().compute(other.plan, turn.question, said)
                st.rerun()


def _rows(answer: Answer, turn: Turn) -> None:
    """A chart where one says something, and the table where it holds more than the sentence."""
    is_drawn = _chart(answer, turn)
    if answer.plan is not None and answer.plan.shape == "list":
        tracks.show_listed(answer, turn, readable(answer), columns(answer))
    elif len(answer.rows) > 1 or (answer.plan is None and answer.rows):
        table(answer, turn, 6 if is_drawn else 12)


def _chart(answer: Answer, turn: Turn) -> bool:
    """Draw what says something as a chart; whether it was drawn."""
    if turn.chart is None:
        turn.chart = (chart_of(answer),)
    (chart,) = turn.chart
    if chart is not None:
        plot(chart.figure, key=f"ask.chart.{turn.number}", config=LOOK, alt="The answer as a chart")
    return chart is not None


# the working


def _panels(answer: Answer, turn: Turn) -> None:
    """What can be looked at further, one at a time."""
    names = {}
    if answer.evidence.total:
        many = "track" if answer.evidence.total == 1 else "tracks"
        names["tracks"] = f":material/footprint: {answer.evidence.total:,} {many} behind it"
    if answer.metric is not None:
        names["definition"] = ":material/rule: How it is counted"
    if answer.sql:
        names["sql"] = ":material/code: SQL"
    if answer.steps:
        names["steps"] = f":material/steps: {len(answer.steps)} steps"
    if answer.status not in ("not_understood", "failed"):
        names["link"] = ":material/link: Link"
    if not names:
        return
    turn.panel = st.pills(
        "Working", list(names), format_func=names.__getitem__,
        default=turn.panel if turn.panel in names else None,
        key=f"ask.panel.{turn.number}", label_visibility="collapsed",
    )  # fmt: skip
    if turn.panel is not None:
        with st.container(border=True):
            _panel(turn.panel, answer, turn)


def _panel(name: str, answer: Answer, turn: Turn) -> None:
    if name == "tracks":
        tracks.show(answer, turn)
    elif name == "definition":
        st.markdown(definition(answer))
        if answer.coverage is not None:
            st.caption(words.coverage(answer.coverage).capitalize() + ".")
    elif name == "sql":
        st.caption("This statement gives the same number from the same database:")
        _statement(answer, turn)
    elif name == "steps":
        _steps(answer)
    else:
        _link(answer, turn)


def _statement(answer: Answer, turn: Turn) -> None:
    if len(answer.sql) <= parts.READABLE:
        st.code(answer.sql, language="sql", wrap_lines=True)
        return
    st.download_button(
        f"SQL ({words.size(len(answer.sql))})", answer.sql.encode, "sightline-answer.sql",
        "application/sql", key=f"ask.sql.{turn.number}", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip


def _steps(answer: Answer) -> None:
    for step in answer.steps:
        icon = ":material/check:" if step.ok else ":material/close:"
        with st.expander(f"{plain(step.tool)} · {shortly(step.seconds)}", icon=icon, type="step"):
            st.code(step.arguments, language="json", wrap_lines=True)
            st.code(step.result, language=None, wrap_lines=True)


def _link(answer: Answer, turn: Turn) -> None:
    fixed = answer.plan is not None and not links.is_read_alike(answer)
    if fixed:
        st.caption("Whoever opens this address sees this answer, over the same window:")
    else:
        st.caption(
            "Whoever opens this address has the question answered anew, by the built-in parser:"
        )
    plan = answer.plan if fixed else None
    st.code(links.address_of(turn.question, plan), language=None, wrap_lines=True)
    if answer.plan is not None:
        with st.container(horizontal=True):
            links.open_pages(answer.plan)


def _foot(answer: Answer, turn: Turn) -> None:
    """Who answered, how long it took, and whether it was good."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{_who(answer)} in {shortly(answer.seconds)}", width="content")
        if turn.kept.id is not None:
            st.feedback(
                "thumbs", key=f"ask.rate.{turn.number}", on_change=_rate, args=(turn,),
                default={"up": 1, "down": 0}.get(turn.rating),
            )  # fmt: skip
    if turn.kept.note:
        st.caption(f":material/info: {plain(turn.kept.note)}")
    if problem := st.session_state.pop(f"ask.unrated.{turn.number}", None):
        st.caption(f":material/error: {plain(problem)}")


def _who(answer: Answer) -> str:
    if answer.answered_by == PARSER:
        return f"{BY_PARSER} Answered by the {PARSER}"
    return f"{BY_MODEL} Answered by {plain(answer.answered_by)}"


def _rate(turn: Turn) -> None:
    chosen = st.session_state.get(f"ask.rate.{turn.number}")
    rating: history.Rating = "" if chosen is None else "up" if chosen else "down"
    assert turn.kept.id is not None
    try:
        history.rate(Places.of().database, turn.kept.id, rating)
    except TrackingError as error:
        st.session_state[f"ask.unrated.{turn.number}"] = f"The rating was not kept: {error}"
    else:
        turn.rating = rating
