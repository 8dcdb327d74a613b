"""One conversation for each browser session: what was asked, and what was answered."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd
import streamlit as st

from ...ask import history
from ...ask.answer import Answer
from ...ask.plan import Plan
from ...ask.saying import say_plan
from ...charts.look import Chart
from ...times import now_ms
from .work import Work

MOST = 40
"""Turns of a conversation that stay on the page."""
LONGEST = 1_000
"""Characters of a question."""

VIEW = "ask.view"
TALK, HISTORY = "Conversation", "History"
"""What the page shows, and where the session keeps which."""

_TALK = "ask.talk"

State = Literal["new", "done", "stopped"]


@dataclass
class Turn:
    """A question and its answer.

    plan: is computed instead of reading the question. before: of the turn before, which the
    question may go on from. linked: it came with an address, so no model is asked. taken: in
    words, where the person chose how the question is taken. asked_at: ms since 1970 UTC. work: of
    the model `whom`, while it lasts.
    """

    number: int
    question: str
    plan: Plan | None = None
    before: Plan | None = None
    linked: bool = False
    taken: str = ""
    asked_at: int = field(default_factory=now_ms)
    state: State = "new"
    work: Work | None = None
    whom: str = ""
    chart: tuple[Chart | None] | None = None
    answer: Answer | None = None
    kept: history.Keeping = history.Keeping(None)  # noqa: RUF009
    rating: history.Rating = ""
    tracks: dict[str, pd.DataFrame] = field(default_factory=dict)
    panel: str | None = None
    opened: bool = False
    changing: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def stands_alone(self) -> bool:
        """Whether the same words mean the same to somebody who has not seen the turn before."""
        return self.plan is None and self.before is None


@dataclass
class Talk:
    """A conversation. id: tells it from others in the history."""

    turns: list[Turn] = field(default_factory=list)
    asked: int = 0
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def ask(self, question: str, *, linked: bool = False) -> None:
        """Have a question answered in the page's next run."""
        if question := " ".join(question.split())[:LONGEST]:
            self._add(Turn(self.asked, question, before=self.before, linked=linked))

    def compute(self, plan: Plan, question: str = "", taken: str = "") -> None:
        """Have a plan computed in the page's next run."""
        self._add(Turn(self.asked, question or say_plan(plan), plan, taken=taken))

    @property
    def before(self) -> Plan | None:
        """The plan that a question may go on from."""
        plans = [turn.answer.plan for turn in self.turns if turn.answer is not None]
        return next((plan for plan in reversed(plans) if plan is not None), None)

    def again(self, turn: Turn, linked: bool) -> None:
        """Ask once more what was stopped. linked: without a model."""
        self._add(Turn(self.asked, turn.question, turn.plan, turn.before, linked, turn.taken))

    def _add(self, turn: Turn) -> None:
        self.asked += 1
        self.turns = [*self.turns[1 - MOST :], turn]


def talk() -> Talk:
    """The conversation of this session."""
    if _TALK not in st.session_state:
        st.session_state[_TALK] = Talk()
    kept: Talk = st.session_state[_TALK]
    return kept


def begin_anew() -> None:
    """Leave the conversation; its questions stay in the history."""
    st.session_state[_TALK] = Talk()
