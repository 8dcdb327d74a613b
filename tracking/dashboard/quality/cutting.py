"""Windows being cut out of recordings, by processes of their own."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

import streamlit as st

from ...quality.audits import Audit, Window
from ...quality.footage import Request, request_of, written
from .. import reading
from ..places import Places
from ..serving.jobs import Job

LONGEST = 300.0  # seconds that cutting one window may take


class Cutting:
    """A window's pictures on their way. file: an mp4, or a JPEG of one moment, when it is done."""

    def __init__(self, request: Request) -> None:
        self.request = request
        folder = tempfile.mkdtemp(prefix="sightline-audit-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.file = Path(folder) / ("moment.jpg" if request.seconds == 0 else "window.mp4")
        told = written(request).encode()
        # what libraries complain of on standard error is nobody's answer
        self._job = Job("tracking.quality.footage", str(self.file), told=told, limit=LONGEST,
                        complaints=False)  # fmt: skip

    @property
    def running(self) -> bool:
        return self._job.running

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        try:
            return min(1.0, max(0.0, float(self._job.output(64).split()[-1])))
        except (ValueError, IndexError):
            return 0.0

    @property
    def problem(self) -> str | None:
        """Why there is nothing to see; None where there is, or while it is under way."""
        if self.running or self.file.exists():
            return None
        text = self._job.output(2000).decode(errors="replace")
        _, found, why = text.rpartition("error ")
        return why.strip() if found else "it was not done in time, or broke off"

    def wait(self) -> None:
        self._job.wait()


def cutting(audit: Audit, window: Window, boxes: bool = False) -> Cutting | None:
    """The window's pictures, begun to be cut; None where there is nothing to see of it."""
    return _cutting(str(Places.of().database), audit, window.number, window.since, boxes, window)


@st.cache_resource(max_entries=8, ttl=1800, show_spinner=False)
def _cutting(
    database: str, _audit: Audit, number: int, since: int, boxes: bool, _window: Window
) -> Cutting | None:
    with reading.reading() as connection:
        request = request_of(connection, _audit, _window, boxes)
    return None if request is None else Cutting(request)
