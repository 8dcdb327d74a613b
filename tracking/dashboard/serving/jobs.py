"""Programs of this package at work in processes of their own, so that no page waits for them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]


class Job:
    """`python -m` with these arguments, told something on its standard input.

    limit: seconds after which it is ended, once somebody looks. Its output is kept, at most what
    a page can show; complaints: also what libraries write to its standard error.
    """

    def __init__(
        self, *arguments: str, told: bytes = b"", limit: float = 60.0, complaints: bool = True
    ) -> None:
        self.limit = limit
        self._begun = time.monotonic()
        self._output, name = tempfile.mkstemp(prefix="tracking-")
        os.unlink(name)
        weakref.finalize(self, os.close, self._output)
        with tempfile.TemporaryFile() as told_file:
            told_file.write(told)
            told_file.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=told_file,
                stdout=self._output,
                stderr=subprocess.STDOUT if complaints else subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # a Ctrl-C is for the server, which ends it in its own way
            )

    @property
    def seconds(self) -> float:
        """For how long it has been under way."""
        return time.monotonic() - self._begun

    @property
    def running(self) -> bool:
        if self._process.poll() is None and self.seconds > self.limit:
            self.stop()
        return self._process.poll() is None

    @property
    def succeeded(self) -> bool:
        """Whether it has ended well."""
        return not self.running and self._process.returncode == 0

    def output(self, most: int = 4_000_000) -> bytes:
        """What it has written so far, the end of it if it is long."""
        size = os.fstat(self._output).st_size
        return os.pread(self._output, most, max(0, size - most))

    def wait(self) -> None:
        """Return when it has ended, at the latest at its limit."""
        try:
            self._process.wait(max(0.0, self.limit - self.seconds))
        except subprocess.TimeoutExpired:
            self.stop()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def _environment() -> dict[str, str]:
    """Where this package is found, wherever the server was started, and no colours."""
    path = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}
