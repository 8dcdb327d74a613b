"""A model file of one's own (GGUF), on this machine: no key, no network, one processor thread.

Small models are wrong more often than right, and do not say so; that is why one is only asked for
what the parser cannot read, may only fill in a plan, and is named beside its answer. Measured: a
270M model read 11 of 40 everyday questions right and 25 wrong (0.6 s each, the first 6 to 12), and
of the 37 that it answered because the parser could not, 4 right and 33 wrong.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ModelFailed, SettingsError
from .happening import Event, Waiting
from .model import number_said

EXTRA = "xllamacpp"
INSTALL = "pip install xllamacpp"
QUIET = 0.5  # seconds without anything after which that is told
_SHARE = 1.1  # of a file's size, that memory has to hold


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model file, and how much it may do for one question.

    threads: of the processor; one leaves the others to the video. seconds: for all of an answer,
    with loading the file where that has not been done. tokens: that it may write. context: tokens
    of question and answer together.
    """

    file: Path
    threads: int = 1
    seconds: float = 90.0
    tokens: int = 200
    context: int = 2048

    @property
    def name(self) -> str:
        """Who answers."""
        return f"{self.file.name} (local model)"

    def checked(self) -> LocalModel:
        """The same, if it can be asked. Raises SettingsError, which names what is wrong."""
        for name in ("threads", "seconds", "tokens", "context"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"The model's {name} has to be more than 0")
        try:
            with self.file.open("rb") as file:
                begins = file.read(4)
        except OSError as error:
            raise SettingsError(f"No model file {self.file}: {error.strerror}") from None
        if begins != b"GGUF":
            raise SettingsError(f"{self.file} is no model file of the kind GGUF")
        if importlib.util.find_spec(EXTRA) is None:
            raise SettingsError(f"A model file needs one more package: {INSTALL}")
        return self


def local_model(
    file: str | Path | None = None, environment: Mapping[str, str] | None = None
) -> LocalModel | None:
    """The model file that is named here, or by TRACKING_LLM_FILE; None where there is none.

    Further TRACKING_LLM_THREADS and TRACKING_LLM_SECONDS. Raises SettingsError.
    """
    given = os.environ if environment is None else environment
    named = str(file or "") or given.get("TRACKING_LLM_FILE", "").strip()
    if not named:
        return None
    path = Path(named).expanduser()
    threads, seconds = number_said("THREADS", given), number_said("SECONDS", given)
    usual = LocalModel(path)
    return LocalModel(
        path,
        threads=usual.threads if threads is None else int(threads),
        seconds=usual.seconds if seconds is None else seconds,
    ).checked()


def completed(
    model: LocalModel,
    messages: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any],
    on_event: Callable[[Event], None] | None = None,
) -> str:
    """What the model writes: JSON of that schema. on_event: is told that it is still at work.

    The file stays loaded for the next question, until another is asked or this process ends.
    Raises ModelFailed with a plain reason, SettingsError.
    """
    deadline = time.monotonic() + model.seconds
    if not _one_at_a_time.acquire(timeout=model.seconds):
        raise ModelFailed(f"it was busy for {model.seconds:g} seconds")
    try:
        process = _running_for(model.checked())
        try:
            return process.reply(messages, schema, deadline, on_event)
        except BaseException:
            process.end()  # it may be anywhere in an answer that nobody waits for
            raise
    finally:
        _one_at_a_time.release()


_one_at_a_time = threading.Lock()
_running: list[_Process] = []


def _running_for(model: LocalModel) -> _Process:
    """The process that has the file loaded; another's is ended."""
    for process in list(_running):
        if process.model == model and process.is_there:
            return process
        process.end()
    return _Process(model)


@atexit.register
def end_all() -> None:
    """End the process that holds a model, and give its memory back."""
    for process in list(_running):
        process.end()


class _Process:
    """A process with a file loaded, or still being loaded."""

    def __init__(self, model: LocalModel) -> None:
        self.model = model
        _has_room(model.file)
        words = [str(model.file.resolve()), str(model.threads), str(model.context)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.local_child", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._ready = False
        threading.Thread(target=self._listen, name="ask-local", daemon=True).start()
        _running.append(self)

    @property
    def is_there(self) -> bool:
        return self._process.poll() is None

    def reply(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any],
        deadline: float,
        on_event: Callable[[Event], None] | None,
    ) -> str:
        """What it writes. Raises ModelFailed."""
        if not self._ready:
            if error := self._next(deadline, on_event).get("error"):
                raise ModelFailed(f"{self.model.file.name} cannot be loaded: {_plain(error)}")
            self._ready = True
        request = {"messages": messages, "schema": schema, "tokens": self.model.tokens}
        assert self._process.stdin is not None
        with suppress(OSError):  # it has ended, which is heard next
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        found = self._next(deadline, on_event)
        if error := found.get("error"):
            raise ModelFailed(str(error))
        return str(found.get("text", ""))

    def end(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(OSError):  # of what it did not take any more
                self._process.stdin.close()
        if self in _running:
            _running.remove(self)

    def _next(self, deadline: float, on_event: Callable[[Event], None] | None) -> dict[str, Any]:
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=min(QUIET, left))
            except queue.Empty:
                if on_event is not None:
                    on_event(Waiting())
                continue
            if not line:
                raise ModelFailed("its process ended, perhaps for want of memory")
            with suppress(ValueError):
                found = json.loads(line)
                if isinstance(found, dict):
                    return found
            raise ModelFailed("it answered nonsense")
        raise ModelFailed(
            f"it took longer than {self.model.seconds:g} seconds"
            " (TRACKING_LLM_SECONDS allows more; a smaller model is quicker)"
        )

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines, suppress(ValueError, OSError):
            for line in lines:
                self._lines.put(line)
        self._lines.put(b"")


def _plain(error: object) -> str:
    """What the library says of a file, for people; it has one message for nearly everything."""
    if "Failed to init" in str(error):
        return "it is broken, of a kind that is not known yet, or too large for the memory"
    return str(error)


def _has_room(file: Path) -> None:
    """Raise ModelFailed where memory cannot hold a file: it would push the video out."""
    needed, free = int(file.stat().st_size * _SHARE), _free_memory()
    if free is not None and needed > free:
        raise ModelFailed(
            f"{file.name} needs {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} are free"
        )


def _free_memory() -> int | None:
    """Bytes that may be used; None where that is not told."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None
