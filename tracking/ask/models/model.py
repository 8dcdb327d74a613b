"""Which language model may be asked, and how: any server that speaks OpenAI's chat completions."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ...errors import SettingsError

OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """An endpoint, and how much it may do for one question.

    base_url: up to the version, like http://localhost:11434/v1. api_key: empty where none is
    needed; never shown. timeout: seconds in which a server has to say something. seconds: for all
    of an answer. calls, tools: how often the model and its tools may be called. tokens: that the
    model may read and write in all. temperature: None is the server's own. insecure: allows http
    to another machine, which everybody on the way can read. plan_only: it is asked for nothing but
    a plan, without tools: for servers and models that cannot use them.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout: float = 30.0
    seconds: float = 90.0
    calls: int = 10
    tools: int = 16
    tokens: int = 200_000
    temperature: float | None = None
    insecure: bool = False
    plan_only: bool = False

    @property
    def host(self) -> str:
        """With its port, where it has one of its own."""
        parts = urlsplit(self.base_url)
        return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"

    @property
    def name(self) -> str:
        """Who answers."""
        return f"{self.model} via {self.host}"

    def checked(self) -> ModelSettings:
        """The same, if it can be asked. Raises SettingsError, which names what is wrong."""
        try:
            parts = urlsplit(self.base_url)
            host = parts.hostname
            _ = parts.port
        except ValueError:
            raise SettingsError("The model's address is no address") from None
        if parts.scheme not in ("http", "https") or not host:
            raise SettingsError(
                "The model's address has to be like https://api.openai.com/v1 or"
                " http://localhost:11434/v1"
            )
        if parts.username or parts.password or parts.query or parts.fragment:
            raise SettingsError(
                "The model's address holds more than a place; a key is given by itself"
            )
        if parts.scheme == "http" and not (self.insecure or _is_here(host)):
            raise SettingsError(
                f"{self.host} is another machine: http would show it all to everybody on the way;"
                " use https, or allow it with TRACKING_LLM_INSECURE=1"
            )
        if not self.model.strip():
            raise SettingsError("The model has no name; set TRACKING_LLM_MODEL")
        if not self.api_key.isascii() or any(c.isspace() for c in self.api_key):
            raise SettingsError("The model's key holds a character that no key has")
        for name in ("timeout", "seconds", "calls", "tools", "tokens"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"The model's {name} has to be more than 0")
        return self


def model_settings(
    model: str | None = None,
    base_url: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> ModelSettings:
    """The model that is named here or by the environment. Raises SettingsError."""
    given = dict(os.environ if environment is None else environment)
    named = {"TRACKING_LLM_MODEL": model, "TRACKING_LLM_BASE_URL": base_url}
    settings = settings_from({**given, **{name: text for name, text in named.items() if text}})
    if settings is None:
        raise SettingsError("No model is named; set TRACKING_LLM_MODEL, and where it is")
    return settings


def settings_from(environment: Mapping[str, str] | None = None) -> ModelSettings | None:
    """The model that the environment names; None where it names none. Raises SettingsError.

    TRACKING_LLM_MODEL, with TRACKING_LLM_BASE_URL and TRACKING_LLM_API_KEY; without an address it
    is OPENAI_BASE_URL or OpenAI itself, with OPENAI_API_KEY. That key goes nowhere else. Further
    TRACKING_LLM_TIMEOUT, _SECONDS, _TEMPERATURE, _INSECURE, and _MODE, which is tools or plan.
    """
    given = os.environ if environment is None else environment

    def said(name: str) -> str:
        return given.get(name, "").strip()

    address, model = said("TRACKING_LLM_BASE_URL"), said("TRACKING_LLM_MODEL")
    if not model:
        if address:
            raise SettingsError("TRACKING_LLM_BASE_URL is set, but no TRACKING_LLM_MODEL")
        return None
    key, theirs = said("TRACKING_LLM_API_KEY"), said("OPENAI_BASE_URL") or OPENAI
    if address.rstrip("/") in ("", theirs.rstrip("/")):
        address, key = theirs, key or said("OPENAI_API_KEY")
    usual = ModelSettings(address.rstrip("/"), model, key)
    return replace(
        usual,
        timeout=number_said("TIMEOUT", given) or usual.timeout,
        seconds=number_said("SECONDS", given) or usual.seconds,
        temperature=number_said("TEMPERATURE", given),
        insecure=said("TRACKING_LLM_INSECURE").lower() in ("1", "true", "yes"),
        plan_only=_is_plan_only(said("TRACKING_LLM_MODE")),
    ).checked()


def _is_plan_only(mode: str) -> bool:
    if mode not in ("", "tools", "plan"):
        raise SettingsError(f"TRACKING_LLM_MODE is {mode!r}; it can be tools or plan")
    return mode == "plan"


def number_said(name: str, given: Mapping[str, str]) -> float | None:
    text = given.get(f"TRACKING_LLM_{name}", "").strip()
    try:
        return float(text) if text else None
    except ValueError:
        raise SettingsError(f"TRACKING_LLM_{name} is not a number") from None


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
