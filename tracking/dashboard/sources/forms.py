"""What a form for a source begins with, and what stands in it; knows nothing of Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...config import SourceSettings
from .drafts import Kind
from .uploads import Upload


@dataclass(frozen=True)
class Form:
    """prefix: of its widgets' keys. taken: names of the other sources. folder: the file's.

    written: the settings as the file holds them; none for a new source.
    """

    prefix: str
    folder: Path
    taken: frozenset[str] = frozenset()
    written: Mapping[str, Any] = field(default_factory=dict)

    def key(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    @property
    def is_new(self) -> bool:
        return not self.written

    @property
    def before(self) -> SourceSettings:
        """The settings that the fields begin with. Raises SettingsError."""
        return SourceSettings.of(self.written or {"name": "new", "uri": "0"})


@dataclass
class Filled:
    """What stands in the form. settings: as the file is to hold them. faults: by setting.

    shown: the settings that have a field; the others stay as they are.
    """

    kind: Kind
    settings: dict[str, Any] = field(default_factory=dict)
    shown: set[str] = field(default_factory=lambda: {"name", "uri", "detector"})
    files: list[Upload] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


def put(filled: Filled, setting: str, value: Any, usual: Any) -> None:
    """Take what a field holds, unless it is the usual value; None stands for nothing."""
    filled.shown.add(setting)
    if value is not None and value != usual:
        filled.settings[setting] = value
