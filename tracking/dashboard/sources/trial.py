"""Trying whether a source gives pictures, without waiting for it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..serving.jobs import Job

LIMIT = 20.0  # seconds for the first picture


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. error: in words, else None. picture: JPEG. rate: frames a second.

    delay: seconds to the first picture.
    """

    error: str | None = None
    picture: bytes = b""
    width: int = 0
    height: int = 0
    rate: float | None = None
    delay: float = 0.0


class Trial:
    """A look at a source of these settings, as the file holds them.

    folder: what relative paths count from. uploaded: whether it is a stranger's file, which must
    then be a video by its content.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        folder: Path,
        *,
        uploaded: bool = False,
        limit: float = LIMIT,
    ) -> None:
        looked_at = {key: settings[key] for key in ("uri", "fps") if settings.get(key)}
        asked = {
            "settings": {"name": "it", **looked_at},
            "folder": str(folder.absolute()),
            "uploaded": uploaded,
            "limit": limit,
        }
        self._job = Job(
            "tracking.checking",
            told=json.dumps(asked).encode(),
            limit=limit + 10,
            complaints=False,
        )

    @property
    def running(self) -> bool:
        return self._job.running

    @property
    def seconds(self) -> float:
        return self._job.seconds

    def stop(self) -> None:
        self._job.stop()

    def wait(self) -> Outcome:
        self._job.wait()
        return self.outcome()

    def outcome(self) -> Outcome:
        """What came of it, once it is no longer running."""
        _, _, text = self._job.output().rpartition(b"\n")  # a library may have written before
        try:
            answer = json.loads(text)
        except ValueError:
            return Outcome("it could not be tried: the process that looked at it ended")
        if "error" in answer:
            return Outcome(answer["error"])
        picture = base64.b64decode(answer["picture"])
        width, height = answer["size"]
        return Outcome(None, picture, width, height, answer["rate"], answer["delay"])
