"""What can be said about one source, and which values each setting may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ..cameras import PushedStreamer
from ..errors import SettingsError
from ..streamers import CameraStreamer, Streamer, open_source, without_credentials
from ..times import iso, local_zone, to_ms, zone
from ..tracker import TrackerSettings
from ..weights import DEFAULT_WEIGHTS
from . import places

LONGEST_NAME = 200


def checked_name(name: str) -> str:
    if not name.strip():
        raise ValueError("is empty")
    if not places.one_line(name):
        raise ValueError("holds a control character")
    if name != name.strip():
        raise ValueError("begins or ends with a blank")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"is longer than {LONGEST_NAME} characters")
    if places.may_hold_a_password(name):
        raise ValueError("looks like an address with a password; a name is shown to everybody")
    return name


def _uri(value: Any) -> Any:
    return str(value) if type(value) is int else value  # a camera's number


def _zone(name: str) -> str:
    try:
        return zone(name).key
    except SettingsError:
        raise ValueError("is not an IANA time zone such as Europe/Berlin") from None


def _labels(value: Any) -> Any:
    """Labels without doubles; none at all are all."""
    if not isinstance(value, (list, tuple)):
        return value
    if not all(isinstance(label, str) and _label(label) for label in value):
        raise ValueError('should be a list of labels, like ["person", "car"]')
    return tuple(dict.fromkeys(label.strip() for label in value)) or None


def _label(text: str) -> bool:
    return bool(text.strip()) and not places.may_hold_a_password(text)


def _weights(value: str) -> str:
    if not value.strip() or not places.one_line(value) or places.may_hold_a_password(value):
        raise ValueError("should be a name such as yolo11n, or a path")
    return value


def _tracker(value: Any) -> Any:
    if isinstance(value, TrackerSettings):
        return value
    if not isinstance(value, Mapping):
        raise ValueError("should be a table of the tracker's settings")
    try:
        return TrackerSettings.of(value)
    except SettingsError as error:
        if any(places.may_hold_a_password(str(part)) for part in (*value, *value.values())):
            raise ValueError("has a value that no setting of the tracker can have") from None
        raise ValueError(str(error)) from None


class SourceSettings(BaseModel):
    """One source as it is to be watched.

    name: its name in the database and on screen. uri: a camera's number, an rtsp:// or http://
    address, a file or a folder; as `load` gives it, variables are filled in and paths absolute.
    classes: labels to keep; None: all. timezone: IANA name. start: when a recording began,
    milliseconds since 1970 UTC; given as ISO 8601 text or a date and time, in `timezone`.
    weights: a name or a path. speed: "fast" sees less of what is small. image_size: side of the
    detector's input in pixels, instead of the one that `speed` means.
    confidence: least confidence of a detection. fps: frames a second to analyse at most; None: all.
    motion_gate: whether pictures in which nothing moves are left out; None: decided by itself.
    moving_camera: compensates the camera's motion; then there is no gate.
    realtime: a recording is played at its own pace. loop: a recording begins again at its end.
    stale_after: seconds without a new picture after which a source counts as frozen; 0: never.
    tracker: BoT-SORT's settings.
    Raises pydantic's ValidationError, `of` SettingsError; neither shows what was given.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    name: Annotated[str, AfterValidator(checked_name)]
    uri: Annotated[str, BeforeValidator(_uri), AfterValidator(places.checked)]
    enabled: bool = True
    classes: Annotated[tuple[str, ...] | None, BeforeValidator(_labels)] = None
    timezone: Annotated[str, AfterValidator(_zone)] = Field(default_factory=local_zone)
    detector: Literal["yolo", "motion"] = "yolo"
    weights: Annotated[str, AfterValidator(_weights)] = DEFAULT_WEIGHTS
    speed: Literal["normal", "fast"] = "normal"
    image_size: int | None = Field(default=None, ge=64, le=2048, multiple_of=32)
    confidence: float = Field(default=0.25, ge=0, le=1)
    fps: float | None = Field(default=None, gt=0, le=1000)
    motion_gate: bool | None = None
    moving_camera: bool = False
    realtime: bool = False
    loop: bool = False
    start: int | None = None
    stale_after: float = Field(default=10.0, ge=0)
    tracker: Annotated[TrackerSettings, BeforeValidator(_tracker)] = TrackerSettings()
    _shown: str | None = PrivateAttr(default=None)

    @field_validator("start", mode="before")
    @classmethod
    def _start(cls, value: Any, info: ValidationInfo) -> Any:
        if type(value) is date:
            value = datetime(value.year, value.month, value.day)
        written = isinstance(value, str) and re.fullmatch(r"[0-9TZ:+. -]+", value, re.IGNORECASE)
        if value is None or isinstance(value, bool):
            return value
        if not (written or isinstance(value, (int, datetime))):
            raise ValueError("is not a time; write it like 2026-03-01T09:30:00")
        try:
            return to_ms(value, info.data.get("timezone", "UTC"))
        except SettingsError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _labels_can_be(self) -> SourceSettings:
        if self.detector == "motion" and self.classes:
            raise ValueError("classes: the motion detector labels all it sees 'moving'")
        return self

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> SourceSettings:
        """The settings of a table as the file holds it; raises SettingsError naming each fault."""
        try:
            return cls.model_validate(dict(settings))
        except ValidationError as error:
            raise SettingsError("; ".join(faults(error))) from None

    @property
    def clean_uri(self) -> str:
        """Where the pictures come from, without credentials: fit to be shown and stored."""
        return self._shown or without_credentials(self.uri)

    @property
    def live(self) -> bool:
        """Whether it is a camera, an address or pushed: its pictures come when they come."""
        return places.is_live(self.uri)

    @property
    def pushed(self) -> bool:
        """Whether another program delivers the pictures."""
        return places.is_pushed(self.uri)

    @property
    def gated(self) -> bool | None:
        """Whether pictures in which nothing moves are left out; None: to be decided."""
        return False if self.moving_camera else self.motion_gate

    @property
    def tracker_settings(self) -> TrackerSettings:
        """BoT-SORT's settings, with camera-motion compensation for a moving camera."""
        if self.moving_camera and self.tracker.gmc_method == "none":
            return replace(self.tracker, gmc_method="sparseOptFlow")
        return self.tracker

    def changed_tracker(self) -> dict[str, Any]:
        """The tracker's settings that are not the usual ones."""
        usual = asdict(TrackerSettings())
        return {name: value for name, value in asdict(self.tracker).items() if value != usual[name]}

    def resolved(self, folder: Path) -> SourceSettings:
        """With variables filled in and the paths absolute, relative ones counted from `folder`.

        Raises SettingsError for a variable that is not set or makes no uri.
        """
        try:
            uri = places.absolute(places.expanded(self.uri), folder)
        except SettingsError as error:
            raise SettingsError(f"uri: {error}") from None
        # a mere name is looked for where weights are always looked for
        weights = places.absolute(self.weights, folder) if "/" in self.weights else self.weights
        given = {name: getattr(self, name) for name in self.model_fields_set}
        resolved = SourceSettings.of({**given, "uri": uri, "weights": weights})
        if places.is_address(self.uri) and places.variables(self.uri):
            resolved._shown = places.without_secrets(self.uri)
        return resolved

    def streamer(self) -> Streamer:
        """What gives the pictures of these (resolved) settings; opened when looped over."""
        if self.pushed:
            return PushedStreamer(
                self.uri, name=self.name, timezone=self.timezone, max_fps=self.fps
            )
        if self.live:
            camera = places.is_camera(self.uri)  # also where a file is called like that
            streamer = CameraStreamer(
                int(self.uri) if camera else self.uri,
                name=self.name,
                timezone=self.timezone,
                max_fps=self.fps,
            )
            streamer.uri = self.clean_uri  # it says what is stored, and told of what goes wrong
            return streamer
        return open_source(self.uri, start=self.start, name=self.name, timezone=self.timezone)

    def shown(self) -> dict[str, Any]:
        """Every setting as plain values, without credentials: fit for JSON, pages and logs."""
        start = None if self.start is None else iso(self.start, self.timezone)
        return {**self.model_dump(mode="json"), "uri": self.clean_uri, "start": start}

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """What `repr`, `str` and rich print."""
        return [
            (name, self.clean_uri if name == "uri" else getattr(self, name))
            for name in type(self).model_fields
        ]


def faults(error: ValidationError, model: type[BaseModel] | None = None) -> list[str]:
    """What is wrong with the settings of a source, or another model, one line each, naming them.

    Nothing that was given is repeated, except names of settings.
    """
    found = error.errors(include_url=False, include_input=False, include_context=False)
    known = list((model or SourceSettings).model_fields)
    return [_fault(fault["type"], fault["loc"], fault["msg"], known) for fault in found]


def _fault(kind: str, place: tuple[int | str, ...], message: str, known: list[str]) -> str:
    text = message.removeprefix("Value error, ").replace("Input should", "should", 1)
    if place:
        text = f"{place[0]}: {text}"
    if kind == "missing":
        text = f"{place[0]} is missing"
    if kind == "extra_forbidden":
        text = unknown_setting(str(place[0]), known)
    return " ".join(text.split())


def shown_name(name: str) -> str:
    """A name fit to be shown, should somebody have put an address with a password there."""
    return "***" if places.may_hold_a_password(name) else name


def unknown_setting(key: str, known: list[str] | None = None) -> str:
    """Says that there is no such setting, and which one may be meant."""
    known = known or list(SourceSettings.model_fields)
    close = get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
    return f"there is no setting {shown_name(key)!r}; {hint}"
