"""Which model answers, if any: off until somebody sets one, and kept for the session only."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from ...ask.models.model import ModelSettings, settings_from
from ...ask.world import World
from ...errors import SettingsError, TrackingError
from ...times import now_ms
from ..parts import plain
from ..places import Places

CHOICE = "ask.model"
PATIENCE = 20.0  # seconds that a test may take
Use = Literal["never", "where_needed", "always"]
USES: dict[Use, str] = {
    "never": "Never",
    "where_needed": "What the parser cannot read",
    "always": "Every question",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen in this session. own: typed here, not the environment's."""

    use: Use = "never"
    own: bool = True
    base_url: str = ""
    model: str = ""
    key: str = ""

    def settings(self) -> ModelSettings | None:
        """The model, if one is to be asked. Raises SettingsError, in words."""
        if self.use == "never":
            return None
        if not self.own and (offered := _offered()[0]) is not None:
            return offered
        if not self.base_url.strip():
            raise SettingsError("The model has no address yet")
        if not self.model.strip():
            raise SettingsError("The model has no name yet")
        address = self.base_url.strip().rstrip("/")
        return ModelSettings(address, self.model.strip(), self.key.strip()).checked()


def chosen() -> tuple[ModelSettings, bool] | None:
    """The model that answers, and whether it does so always; None for the parser alone."""
    choice = _choice()
    try:
        settings = choice.settings()
    except SettingsError:
        return None
    return None if settings is None else (settings, choice.use == "always")


def who_answers() -> str:
    """In a sentence."""
    found = chosen()
    if found is None:
        return "Answers come from the built-in parser, without any model."
    name = plain(found[0].name)
    if found[1]:
        return f"Answers come from {name}; where it fails, from the built-in parser."
    return f"Answers come from the built-in parser; what it cannot read goes to {name}."


def show_settings() -> None:
    """A button that opens them, and says whether a model is in use."""
    found = chosen()
    title = "No model" if found is None else plain(found[0].model)
    with st.popover(title, icon=":material/smart_toy:", type="tertiary", key="ask_model"):
        choice = _choice()
        new = _fields(choice)
        if new != choice:
            st.session_state[CHOICE] = new
            st.rerun()


def _choice() -> Choice:
    kept: Choice = st.session_state.get(CHOICE, Choice(own=_offered()[0] is None))
    return kept


def _fields(choice: Choice) -> Choice:
    st.markdown("**Who answers**")
    st.caption(
        "The built-in parser needs no model. A model can be asked what it cannot read: any server"
        " that speaks OpenAI's chat completions, such as Ollama, vLLM, llama.cpp or OpenAI."
    )
    use = st.radio(
        "A model answers", list(USES), list(USES).index(choice.use), format_func=USES.__getitem__,
        key="ask.model.use",
    )  # fmt: skip
    new = replace(choice, use=use or "never")
    if new.use == "never":
        return new
    offered, problem = _offered()
    if problem:
        st.caption(f":material/error: {plain(problem)}")
    if offered is not None:
        titles = {False: f"The app's own: {plain(offered.name)}", True: "Another one"}
        own = st.radio(
            "Which", [False, True], int(choice.own), format_func=titles.__getitem__,
            key="ask.model.own",
        )  # fmt: skip
        new = replace(new, own=bool(own))
    if new.own or offered is None:
        new = replace(
            new,
            own=True,
            base_url=st.text_input(
                "Address", choice.base_url, placeholder="http://localhost:11434/v1",
                key="ask.model.address", max_chars=300,
            ),
            model=st.text_input(
                "Model", choice.model, placeholder="qwen3:8b", key="ask.model.name", max_chars=200
            ),
            key=st.text_input(
                "Key", choice.key, type="password", key="ask.model.key", max_chars=400,
                placeholder="Empty where none is needed", autocomplete="off",
                help="Kept for this session only, and sent to nobody but this address.",
            ),
        )  # fmt: skip
    st.caption(
        "It is told the question, the names of sources, zones, lines and labels, and what its tools"
        " count; no pictures."
    )
    _test(new)
    return new


def _test(choice: Choice) -> None:
    try:
        settings = choice.settings()
    except SettingsError as error:
        st.caption(f":material/info: {plain(str(error))}")
        return
    assert settings is not None
    if st.button("Test", icon=":material/network_check:", key="ask.model.test"):
        with st.spinner("Asking it for a word"):
            problem = _problem_with(settings)
        if problem:
            st.error(plain(problem), icon=":material/error:")
        else:
            st.success("It answers.", icon=":material/check:")


def _problem_with(settings: ModelSettings) -> str:
    """Why it does not answer; empty if it does. It is asked with tools, as it always will be."""
    short = replace(settings, calls=2, tools=2, seconds=min(settings.seconds, PATIENCE))
    try:
        from ...ask.models.agent import ask_model

        ask_model(Places.of().database, "Say the word ready.", World(now_ms()), None, short)
    except (TrackingError, ImportError, OSError) as error:
        return f"It does not answer: {error}"
    return ""


def _offered() -> tuple[ModelSettings | None, str]:
    """The model of the environment or of the app's secrets, and what is wrong with it."""
    try:
        return settings_from({**_secrets(), **os.environ}), ""
    except SettingsError as error:
        return None, str(error)


def _secrets() -> dict[str, str]:
    try:
        return {name: value for name, value in st.secrets.items() if isinstance(value, str)}
    except (StreamlitSecretNotFoundError, OSError):
        return {}
