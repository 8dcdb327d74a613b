"""How it stands with the sources: what the file and the runner say, and how far a recording is."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from ... import config
from ...config import Configuration, SourceSettings
from ...errors import ConfigError, TrackingError
from ...runner import resuming
from ...streamers import PICTURES
from ..places import Places
from ..serving import supervising

STATES: Mapping[str, tuple[str, str, Any]] = {
    "ok": ("Watching", ":material/visibility:", "green"),
    "starting": ("Starting", ":material/hourglass_top:", "blue"),
    "finished": ("Finished", ":material/task_alt:", "blue"),
    "stale": ("Frozen picture", ":material/ac_unit:", "orange"),
    "down": ("Gives no picture, tried again", ":material/sync_problem:", "red"),
    "failed": ("Failed", ":material/error:", "red"),
    "paused": ("Paused", ":material/pause_circle:", "gray"),
    "unknown": ("Not known", ":material/help:", "gray"),
}


@dataclass(frozen=True, slots=True)
class Health:
    """What the runner says. reached: whether it answers."""

    reached: bool
    sources: Mapping[str, Mapping[str, Any]]
    configuration: str | None = None

    def of(self, source: SourceSettings) -> Mapping[str, Any]:
        return self.sources.get(source.name, {})

    def state(self, source: SourceSettings) -> str:
        """One of STATES; what the file says goes before what the runner has yet to notice."""
        if not source.enabled:
            return "paused"
        if not self.reached:
            return "unknown"
        state = str(self.of(source).get("state", "starting"))
        return state if state in STATES and state != "paused" else "starting"


def read_health() -> Health:
    return health_of(fetched(supervising.state().url))


def health_of(found: Mapping[str, Any] | None) -> Health:
    """Of what the runner answered; None where it did not."""
    if found is None:
        return Health(False, {})
    return Health(True, found.get("sources") or {}, found.get("configuration"))


@st.cache_data(ttl=1.0, max_entries=4, show_spinner=False)
def fetched(url: str | None) -> dict[str, Any] | None:
    """Asked once for all who look."""
    return supervising.health(url)


def read(places: Places) -> Configuration:
    """The file's sources; what keeps it from being read is among its problems."""
    try:
        return config.load(places.config)
    except ConfigError as error:
        return Configuration(places.config, problems=(str(error),))


def done(places: Places, source: SourceSettings, state: str) -> float | None:
    """How much of a recording was looked at, 0 to 1; None where that is not known."""
    if state == "finished":
        return 1.0
    if not places.database.exists():
        return None
    with suppress(TrackingError, OSError, ValueError, sqlite3.Error):
        found = resuming.progress(places.database, source.name, resuming.stamp(source))
        length = length_of(source.uri) if found else None
        if found is not None:
            return 1.0 if found.finished else length and min(0.99, found.spent / length)
    return None


def length_of(uri: str) -> int | None:
    """Milliseconds that a recording takes; None where its file does not say."""
    try:
        about = os.stat(uri)
        return _length(uri, about.st_mtime_ns, about.st_size)
    except OSError:
        return None


@st.cache_data(max_entries=200, show_spinner=False)
def _length(uri: str, changed: int, size: int) -> int | None:
    path = Path(uri)
    if path.is_dir():
        return 40 * sum(each.suffix.lower() in PICTURES for each in path.iterdir()) or None
    if not path.is_file():
        return None
    import av

    try:
        with av.open(uri, options={"protocol_whitelist": "file"}) as container:
            return round(container.duration / 1000) if container.duration else None
    except (av.FFmpegError, ValueError):
        return None


def digest(name: str) -> str:
    """Of a name, fit for the keys of widgets."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]
