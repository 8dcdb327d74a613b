"""Which database and which configuration the dashboard is about."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths; neither file need exist."""

    database: Path
    config: Path

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Places:
        """TRACKING_DB, else `people.db`; TRACKING_CONFIG, else `sources.toml` beside it."""
        database = Path(environment.get("TRACKING_DB") or "people.db").absolute()
        config = environment.get("TRACKING_CONFIG") or database.parent / "sources.toml"
        return cls(database, Path(config).absolute())
