"""From what a person fills in to a source's settings, and back; knows nothing of Streamlit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from pydantic import ValidationError

from ...cameras.addresses import HIDDEN, name_of, without_credentials
from ...config import SourceSettings, places
from ...config.settings import LONGEST_NAME, faults
from ...errors import SettingsError

Kind = Literal["camera", "stream", "path", "upload", "push"]
FORM = (
    "name", "uri", "classes", "timezone", "start", "detector", "weights", "speed", "confidence",
    "image_size", "fps", "motion_gate", "moving_camera", "stale_after", "realtime", "loop",
)  # fmt: skip
"""The settings that the form knows; the others stay as the file has them."""
TITLES = {"uri": "The address", "classes": "The labels", "timezone": "The time zone"}


def kind_of(uri: str) -> Kind:
    """What a source of the file is to the form; what was uploaded has become a path."""
    if places.is_camera(uri):
        return "camera"
    if places.is_pushed(uri):
        return "push"
    return "stream" if places.is_address(uri) else "path"


@dataclass(frozen=True, slots=True)
class Login:
    """An address and who looks at it. password: as it stands in the uri; never to be shown.

    address: fit to be shown; tokens in it read `***`.
    """

    address: str
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, uri: str) -> Login:
        found = places.LOGIN.match(uri)
        if found is None:
            return cls(without_credentials(uri))
        scheme, _, login = found[0][:-1].partition("://")
        user, _, password = login.partition(":")
        return cls(without_credentials(f"{scheme}://{uri[found.end() :]}"), unquote(user), password)

    @property
    def variable(self) -> str | None:
        """The password where it is but an environment variable, which may be shown."""
        return self.password if places.VARIABLE.fullmatch(self.password) else None


def stream_uri(address: str, user: str, password: str, before: str = "") -> str:
    """The uri of an address with a login; `${NAME}` in each stays an environment variable.

    before: the uri so far, whose password and tokens stay where they are not filled in anew.
    Raises SettingsError.
    """
    address = address.strip()
    known = Login.of(before) if before else Login("")
    if known.address == address and HIDDEN in address:
        if known.user == user and not password:
            return before
        raise SettingsError(f"write out what {HIDDEN} stands for, so that the login can be changed")
    if HIDDEN in address:
        raise SettingsError(f"write out what {HIDDEN} stands for")
    if not user:
        if password:
            raise SettingsError("a password needs a user name")
        return address
    scheme = re.match(r"[a-z][a-z0-9+.-]*://", address, re.IGNORECASE)
    if scheme is None:
        raise SettingsError("should begin like rtsp:// or http://")
    if places.LOGIN.match(address):
        raise SettingsError("has a login in it and beside it; write it in one place only")
    secret = _quoted(password) if password else known.password
    login = f"{_quoted(user)}:{secret}" if secret else _quoted(user)
    return f"{scheme[0]}{login}@{address[scheme.end() :]}"


def suggested(uri: str, taken: Collection[str]) -> str:
    """A name for what is at that place that no other source has."""
    if not uri:
        return ""
    if places.is_camera(uri):
        name = f"camera {uri}"
    elif places.is_pushed(uri):
        name = uri.partition(":")[2]
    elif places.is_address(uri):
        name = name_of(without_credentials(places.VARIABLE.sub(HIDDEN, uri)))
    else:
        name = Path(uri.rstrip("/")).stem
    name = re.sub(r"[\W_]+", " ", name).strip()[: LONGEST_NAME - 10].strip() or "source"
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def problems(settings: Mapping[str, Any], taken: Collection[str]) -> dict[str, str]:
    """What is wrong with settings, in words by the setting it is about."""
    found: dict[str, str] = {}
    try:
        SourceSettings.model_validate(dict(settings))
    except ValidationError as error:
        for fault in faults(error):
            field, _, words = fault.partition(": ")
            if field not in SourceSettings.model_fields:  # like "uri is missing"
                field, words = fault.split(" ")[0], fault
            title = TITLES.get(field, field.replace("_", " ").capitalize())
            found.setdefault(field, f"{title} {words}")
    if settings.get("name") in taken:
        found.setdefault("name", "Another source has this name")
    return found


def changes(written: Mapping[str, Any], filled: Mapping[str, Any]) -> dict[str, Any]:
    """What the file has to be told: only what differs. None gives a setting its default back.

    Raises SettingsError for what cannot be.
    """
    before, after = SourceSettings.of(written), SourceSettings.of(filled)
    found: dict[str, Any] = {}
    for setting in FORM:
        if setting not in filled and setting not in written:
            continue
        old, new = getattr(before, setting), getattr(after, setting)
        if old != new:
            field = SourceSettings.model_fields[setting]
            usual = field.default_factory is None and new == field.default
            found[setting] = None if usual or setting not in filled else filled[setting]
    return found


def _quoted(text: str) -> str:
    """Fit for the part of a uri before the @, variables left as they are."""
    parts = re.split(r"(\$\{[^}]*\})", text)
    return "".join(part if number % 2 else quote(part, "") for number, part in enumerate(parts))
