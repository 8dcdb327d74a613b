"""A model at work: what it writes, and which tools it uses, as it happens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from ...ask.models.happening import StepEnded, StepStarted, TokenSeen
from ..parts import plain
from .talk import Turn
from .words import prose, shortly
from .work import Work

LONGEST = 600  # characters of a tool's arguments and result that are shown


def show_work(turn: Turn, work: Work) -> None:
    """Show it until it has ended; a button stops it."""
    shown, seen = _Shown(turn, work), 0
    for told in work.events():
        for event in told[seen:]:
            shown.tell(event)
        seen = len(told)
        shown.refresh()  # also where nothing new came: this is where a page notices a click
    shown.status.update(label=f"Worked for {shortly(work.seconds)}", state="complete")


class _Shown:
    """What stands on the page of a model at work."""

    def __init__(self, turn: Turn, work: Work) -> None:
        self._turn, self._work, self._written = turn, work, ""
        self._open: list[tuple[StepStarted, Any]] = []
        with st.container(horizontal=True, vertical_alignment="center"):
            self.status = st.status(self._label(), expanded=True, type="compact", width="stretch")
            st.button(
                "Stop", icon=":material/stop_circle:", key=f"ask.stop.{turn.number}",
                on_click=_stop, args=(turn,),
            )  # fmt: skip
        self._text = st.empty()
        self._said = ""

    def tell(self, event: Any) -> None:
        match event:
            case TokenSeen(text):
                self._written += text
            case StepStarted(tool, arguments):
                self._put_away()
                step = self.status.status(f"{plain(tool)}", type="step", expanded=False)
                step.code(_short(arguments), language="json", wrap_lines=True)
                self._open.append((event, step))
            case StepEnded(tool, arguments, result, ok, seconds):
                step = self._begun(tool, arguments)
                step.code(_shortened(result), language=None, wrap_lines=True)
                step.update(
                    label=f"{plain(tool)} · {shortly(seconds)}",
                    state="complete" if ok else "error",
                    expanded=False,
                )

    def refresh(self) -> None:
        """Show what was written since, and for how long it has been going on."""
        self.status.update(label=self._label(), expanded=True)
        if self._written != self._said:
            self._said = self._written
            self._text.markdown(f"{prose(self._written)} ▌")

    def _label(self) -> str:
        return f":shimmer[Asking {plain(self._turn.whom)}] · {self._work.seconds:.0f} s"

    def _begun(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        """The step that ends; of a call that could not even be read, a new one."""
        for place, (event, step) in enumerate(self._open):
            if (event.tool, event.arguments) == (tool, arguments):
                del self._open[place]
                return step
        return self.status.status(plain(tool), type="step", expanded=False)

    def _put_away(self) -> None:
        """What it wrote before it went on to a tool is no answer."""
        if self._written.strip():
            self.status.caption(plain(self._written))
        self._written = self._said = ""
        self._text.empty()


def _stop(turn: Turn) -> None:
    if turn.work is not None:
        turn.work.stop()
    turn.work, turn.state = None, "stopped"


def _short(arguments: Mapping[str, Any]) -> str:
    return _shortened(json.dumps(dict(arguments), ensure_ascii=False, default=str))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
