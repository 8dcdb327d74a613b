"""Starts the dashboard as the README does, waits for its first moving picture, and ends it.

`python .ci/first_picture.py COMMAND...`: fails if nothing moves within a minute, or if anything
still runs after SIGTERM. The database, the configuration and the clip go to a temporary folder.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

from tracking.runner import Holder, holder

T = TypeVar("T")
WITHIN = 60.0  # seconds to the first moving picture
ENDED_WITHIN = 15.0  # seconds after SIGTERM


def main(command: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "people.db"
        port = _free_port()
        environment = {"TRACKING_DB": str(database), "STREAMLIT_SERVER_PORT": str(port)}
        environment = {**os.environ, **environment}
        app = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        try:
            runner = _watch(app, f"http://127.0.0.1:{port}", database)
            app.send_signal(signal.SIGTERM)
            app.wait(ENDED_WITHIN)
            if _lives(runner.pid):
                sys.exit(f"The runner, process {runner.pid}, outlived the app")
        finally:
            app.kill()
            app.wait()
    print(f"SIGTERM ended the app (process {app.pid}) and its runner (process {runner.pid})")


def _watch(app: subprocess.Popen[bytes], url: str, database: Path) -> Holder:
    """See the app answer and its runner's pictures change; the runner."""
    begun = time.monotonic()

    def wait(look: Callable[[], T | None], what: str) -> T:
        while (found := look()) is None:
            if app.poll() is not None:
                sys.exit(f"The app ended by itself, with code {app.returncode}")
            if time.monotonic() - begun > WITHIN:
                sys.exit(f"After {WITHIN:.0f} s there was still no {what}")
            time.sleep(0.1)
        return found

    wait(lambda: _get(f"{url}/_stcore/health"), "answer of the app")
    assert b"<html" in (_get(url) or b"").lower(), "the app serves no page"
    print(f"the app answers after {time.monotonic() - begun:.1f} s", flush=True)
    wait(lambda: _said(f"{url}/healthz", "phase", "running"), "runner")
    runner = wait(lambda: holder(database), "runner's word")
    first = wait(lambda: _picture(runner), "picture")
    wait(lambda: None if _picture(runner) in (None, first) else runner, "second picture")
    print(f"a moving picture after {time.monotonic() - begun:.1f} s", flush=True)
    return runner


def _picture(runner: Holder) -> bytes | None:
    """The newest annotated picture of any source; None while there is none."""
    for name in json.loads(_get(f"{runner.url}/healthz") or b"{}").get("sources", {}):
        picture = _get(f"{runner.url}/streams/{name}.jpg")
        if picture and picture[:2] == b"\xff\xd8":
            return picture
    return None


def _said(url: str, key: str, value: str) -> Any:
    told = json.loads(_get(url) or b"{}")
    return told if told.get(key) == value else None


def _get(url: str) -> bytes | None:
    try:
        with urlopen(url, timeout=5) as answer:
            return bytes(answer.read())
    except OSError:
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main(sys.argv[1:])
