"""Exactly one runner for a server: the one that is there, or one of its own that is kept alive.

Knows nothing of Streamlit; pages look at `Supervisor.state`.
"""

from __future__ import annotations

import json
import logging
import math
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

from ...errors import TrackingError
from ...runner import Holder, holder, is_held
from ...runner.pauses import Pauses
from ...study import is_study
from ..places import Places
from . import demonstration
from .lasting import forget, kept, once

GLANCE = 0.1  # seconds between two looks at a runner that is starting
ELSEWHERE = 1.0  # seconds between two looks at a runner that is not ours
HAND_OVER = 10.0  # seconds after such a one has ended, in which it may be started again by hand
KILL_AFTER = 6.0  # seconds that our runner has to write everything
STEADY = 60.0  # seconds after which a runner that dies is started at once again
LINES = 20  # of the runner's last words that are kept

Phase = Literal["preparing", "starting", "running", "elsewhere", "ended", "study", "stopped"]


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with the runner.

    phase: preparing: the demo clip is being made; starting; running: ours; elsewhere: one that
    somebody else started; ended: it will be started again; study: a shared recording, which needs
    none; stopped: by us. url: of its HTTP while there is one. lines: its last words. problem: what
    kept it from working, in one line. progress: 0 to 1 of the demo clip.
    """

    phase: Phase
    url: str | None = None
    lines: tuple[str, ...] = ()
    problem: str | None = None
    progress: float = 0.0


class Supervisor:
    """Looks after the runner of a database from a thread of its own, until `stop`."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._state = State("starting")
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    @property
    def state(self) -> State:
        return self._state

    @property
    def pid(self) -> int | None:
        """The process number of our runner, while there is one."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> Supervisor:
        self._thread.start()
        return self

    def stop(self) -> None:
        """End our runner with everything written, and leave one of others alone."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def wait(self, true: Callable[[State], bool], timeout: float) -> State:
        """The state as soon as it is so, or as it is after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: true(self._state), timeout)
            return self._state

    def _tell(self, **changes: Any) -> None:
        with self._changed:
            self._state = replace(self._state, **changes)
            self._changed.notify_all()

    def _run(self) -> None:
        pauses = Pauses()
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                try:
                    self._look_after()
                except Exception as error:  # whatever it is, the runner needs somebody
                    what = "The runner cannot be looked after"
                    self._tell(phase="ended", url=None, problem=_unexpected(what, error))
                    if time.monotonic() - began > STEADY:
                        pauses.reset()
                    self._stopping.wait(pauses.next())
        finally:
            self._tell(phase="stopped", url=None)

    def _look_after(self) -> None:
        if is_study(self.places.database):
            self._tell(phase="study")
            self._stopping.wait()
            return
        self._prepare()
        pauses = Pauses()
        seen = -math.inf
        while not self._stopping.is_set():
            if (other := self._other()) is not None:
                seen = time.monotonic()
                self._tell(phase="elsewhere", url=other.url, problem=self._unlike(other))
                self._stopping.wait(ELSEWHERE)
                continue
            if time.monotonic() - seen < HAND_OVER:
                self._tell(phase="ended", url=None, problem="The runner that was at work has ended")
                self._stopping.wait(GLANCE)
                continue
            began = time.monotonic()
            try:
                taken = self._own()
            except OSError as error:
                self._tell(phase="ended", url=None, problem=f"The runner cannot start: {error}")
                taken = False
            if taken or self._stopping.is_set():
                continue
            if time.monotonic() - began > STEADY:
                pauses.reset()
            self._stopping.wait(pauses.next())

    def _prepare(self) -> None:
        """Give a newcomer something to see; the runner may as well start afterwards without it."""

        def progress(done: int, total: int) -> None:
            if self._stopping.is_set():
                raise InterruptedError("stopped")
            self._tell(progress=done / total)

        try:
            if self._other() is None and demonstration.is_wanted(self.places):
                self._tell(phase="preparing")
                demonstration.add_demo(self.places, progress)
        except (OSError, TrackingError) as error:
            if not self._stopping.is_set():
                self._tell(problem=f"The demo cannot be made: {error}")
        except Exception as error:
            self._tell(problem=_unexpected("The demo cannot be made", error))

    def _other(self) -> Holder | None:
        """The runner of somebody else, if there is one."""
        found = holder(self.places.database)
        return found if found is not None and is_held(self.places.database) else None

    def _unlike(self, other: Holder) -> str | None:
        """What is odd about the runner of somebody else."""
        if Path(other.config) == self.places.config:
            return None
        return f"The runner takes its sources from {other.config}, not from {self.places.config}"

    def _own(self) -> bool:
        """Run our own to its end; True if it ended because somebody else's is there."""
        self._tell(phase="starting", url=None)
        process = self._process = self._started()
        words: deque[str] = deque(maxlen=LINES)
        assert process.stderr is not None
        listener = threading.Thread(target=self._listen, args=[process.stderr, words], daemon=True)
        listener.start()
        try:
            self._attend(process)
        finally:
            _end(process)  # where we fail, too: nobody would look after it
            listener.join(1)
            _close(process)
        if self._stopping.is_set():
            return False
        taken = self._other() is not None
        why = words[-1] if words else f"The runner ended with code {process.returncode}"
        if not taken:
            self._tell(phase="ended", url=None, problem=why)
        return taken

    def _attend(self, process: subprocess.Popen[str]) -> None:
        """Wait until our runner has ended or shall end, and tell when it can be asked."""
        told = False
        while process.poll() is None and not self._stopping.is_set():
            if not told and (url := self._url_of(process.pid)) is not None:
                self._tell(phase="running", url=url, problem=None)
                told = True
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5 if told else GLANCE)

    def _started(self) -> subprocess.Popen[str]:
        package = Path(__file__).resolve().parents[3]
        path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))
        where = ["--db", str(self.places.database), "--config", str(self.places.config)]
        return subprocess.Popen(
            [sys.executable, "-m", "tracking", "run", *where, "--port", "0", "--attached"],
            stdin=subprocess.PIPE,  # it ends when this closes, however this process ends
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for us; then we ask it to end
        )

    def _listen(self, stream: IO[str], words: deque[str]) -> None:
        """Keep the runner's last words for the pages, and pass all on to whoever started us."""
        with suppress(ValueError):
            for line in stream:
                words.append(line.strip())
                self._tell(lines=tuple(words))
                with suppress(OSError, ValueError):
                    print("runner:", line.rstrip(), file=sys.stderr, flush=True)

    def _url_of(self, pid: int) -> str | None:
        found = holder(self.places.database)
        return found.url if found is not None and found.pid == pid else None


def supervisor(places: Places | None = None) -> Supervisor:
    """The one of this process, started by the first who asks."""
    return once("supervisor", lambda: Supervisor(places or Places.of()).start())


def state() -> State:
    """How it stands with the runner, for the pages; where nobody looks after it, what is found."""
    known: Supervisor | None = kept("supervisor")
    return known.state if known is not None else glance(Places.of())


def glance(places: Places) -> State:
    """How it stands with a runner that this process does not look after."""
    if is_study(places.database):
        return State("study")
    found = holder(places.database)
    if found is None or not is_held(places.database):
        return State("ended", problem="No runner is at work on this database")
    return State("elsewhere", url=found.url)


def release() -> None:
    """Stop the one of this process, if there is one."""
    known: Supervisor | None = kept("supervisor")
    if known is not None:
        known.stop()
        forget("supervisor")


def health(url: str | None, timeout: float = 1.0) -> dict[str, Any] | None:
    """What the runner says about itself and its sources; None where it does not answer."""
    if url is None:
        return None
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=timeout) as answer:
            found = json.load(answer)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _unexpected(what: str, error: Exception) -> str:
    """Log an error that nobody foresaw; it in one line."""
    logging.getLogger(__name__).error(what, exc_info=error)
    return f"{what}: {type(error).__name__}: {' '.join(str(error).split())}"


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()  # nothing happens where it has ended
    try:
        process.wait(KILL_AFTER)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _close(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.close()
