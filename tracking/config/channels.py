"""Where alerts are passed on to: webhooks and MQTT brokers, as `[[channels]]` of the same file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import tomlkit
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from tomlkit.items import AoT

from ..errors import ConfigError, SettingsError
from . import places
from .editing import edited
from .reading import content, document
from .settings import LONGEST_NAME, checked_name, faults, shown_name

CHANNELS = "channels: each channel should begin with [[channels]]"
LONGEST = 2000  # characters of an address or a secret
HIDDEN = "***"


def _url(text: str) -> str:
    bare = places.VARIABLE.sub("1", text)
    if not places.one_line(text) or len(text) > LONGEST or " " in text:
        raise ValueError("is no address")
    if not bare.lower().startswith(("http://", "https://")):
        raise ValueError("should begin with https:// or http://")
    try:
        parts = urlsplit(bare)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if not parts.hostname:
        raise ValueError("names no host")
    return text


def _host(text: str) -> str:
    if not text.strip() or not places.one_line(text) or set(text) & set(" /@?#"):
        raise ValueError("should be a host's name or number only")
    return text


def _topic(text: str) -> str:
    if not text.strip() or not places.one_line(text) or set(text) & set("+#"):
        raise ValueError("should be a topic like sightline/alerts, without + and #")
    return text


def _one_line(text: str) -> str:
    if not places.one_line(text):
        raise ValueError("holds a control character")
    return text


Secret = Annotated[str, Field(max_length=LONGEST), AfterValidator(_one_line)]


class ChannelSettings(BaseModel):
    """One channel. Its url, secret and password may hold `${NAME}`, an environment variable.

    url, secret: of a webhook; the secret signs what is sent. host, port, tls, topic, user,
    password: of an MQTT broker; port: 1883, or 8883 with tls, unless said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Annotated[str, AfterValidator(checked_name)]
    kind: Literal["webhook", "mqtt"]
    enabled: bool = True
    url: Annotated[str, AfterValidator(_url)] | None = None
    secret: Secret | None = None
    host: Annotated[str, AfterValidator(_host)] | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    tls: bool = False
    topic: Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_topic)] = (
        "sightline/alerts"
    )
    user: Secret | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _whole(self) -> ChannelSettings:
        needed = "url" if self.kind == "webhook" else "host"
        if getattr(self, needed) is None:
            raise ValueError(f"a {self.kind} needs its {needed}")
        foreign = ("host", "port", "user", "password") if needed == "url" else ("url", "secret")
        if given := [name for name in foreign if getattr(self, name) is not None]:
            raise ValueError(f"a {self.kind} has no {given[0]}")
        return self

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> ChannelSettings:
        """The channel of a table as the file holds it; raises SettingsError naming each fault."""
        try:
            return cls.model_validate(dict(settings))
        except ValidationError as error:
            raise SettingsError("; ".join(faults(error, cls))) from None

    @property
    def shown(self) -> str:
        """Where it leads, fit for pages, logs and the database: a path may be a secret itself."""
        if self.kind == "mqtt":
            return f"mqtt{'s' if self.tls else ''}://{self.host}:{self.broker_port}/{self.topic}"
        parts = urlsplit(places.VARIABLE.sub(HIDDEN, self.url or ""))
        host = parts.netloc.rpartition("@")[2]
        rest = f"/{HIDDEN}" if parts.path.strip("/") or parts.query else ""
        return f"{parts.scheme}://{host}{rest}"

    @property
    def broker_port(self) -> int:
        return self.port or (8883 if self.tls else 1883)

    def filled(self) -> ChannelSettings:
        """With variables filled in. Raises SettingsError, naming one that is not set."""
        changes = {
            name: places.expanded(value)
            for name in ("url", "secret", "user", "password")
            if (value := getattr(self, name)) is not None
        }
        return self.of({**self.model_dump(exclude_unset=True), **changes})

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """What `repr`, `str` and rich print."""
        return [("name", self.name), ("kind", self.kind), ("leads to", self.shown)]


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of a file that are right, in its order; problems: one line each."""

    all: tuple[ChannelSettings, ...] = ()
    problems: tuple[str, ...] = ()

    def channel(self, name: str) -> ChannelSettings:
        """The one of that name. Raises SettingsError, naming those there are."""
        for each in self.all:
            if each.name == name:
                return each
        names = ", ".join(repr(each.name) for each in self.all) or "none"
        raise SettingsError(f"There is no channel {shown_name(name)!r}; there are {names}")


def load_channels(path: str | Path) -> Channels:
    """The channels in a file; a missing file has none. Raises ConfigError."""
    path = Path(path)
    tables = document(path, content(path) or b"").unwrap().get("channels", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        return Channels(problems=(f"{path}: {CHANNELS}",))
    found: dict[str, ChannelSettings] = {}
    problems = []
    for number, table in enumerate(tables, 1):
        try:
            channel = ChannelSettings.of(table)
            if channel.name in found:
                raise SettingsError("name: is taken by a channel further up")
            found[channel.name] = channel
        except SettingsError as error:
            name = table.get("name")
            called = repr(shown_name(name)[:LONGEST_NAME]) if isinstance(name, str) else number
            problems.append(f"{path}: channel {called}: {error}")
    return Channels(tuple(found.values()), tuple(problems))


def add_channel(path: str | Path, channel: ChannelSettings) -> None:
    """Write one more channel into the file. Raises SettingsError, ConfigError."""
    with edited(Path(path)) as whole:
        tables = whole.get("channels")
        if tables is None:
            tables = whole["channels"] = tomlkit.aot()
        if not isinstance(tables, AoT):
            raise ConfigError(f"{path}: {CHANNELS}")
        if channel.name in [table.get("name") for table in tables]:
            raise SettingsError(f"{path} has a channel {channel.name!r} already")
        table = tomlkit.table()
        for name, value in channel.model_dump(exclude_defaults=True).items():
            table[name] = value
        table.trivia.indent = "\n"
        tables.append(table)


def switch_channel(path: str | Path, name: str, on: bool) -> None:
    """Use a channel, or let it rest. Raises SettingsError, ConfigError."""
    with edited(Path(path)) as whole:
        table = _table(path, whole, name)[1]
        if on:
            table.pop("enabled", None)
        else:
            table["enabled"] = False


def remove_channel(path: str | Path, name: str) -> None:
    """Take a channel out of the file. Raises SettingsError, ConfigError."""
    with edited(Path(path)) as whole:
        number = _table(path, whole, name)[0]
        tables: Any = whole["channels"]
        del tables[number]
        if not tables:
            del whole["channels"]


def _table(path: str | Path, whole: tomlkit.TOMLDocument, name: str) -> tuple[int, Any]:
    tables = whole.get("channels")
    for number, table in enumerate(tables if isinstance(tables, list) else []):
        if isinstance(table, dict) and table.get("name") == name:
            return number, table
    raise SettingsError(f"{path} has no channel {shown_name(name)!r}")
