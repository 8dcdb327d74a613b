"""`tracking run`: the background service."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from .options import Database
from .program import err

if TYPE_CHECKING:
    from ..runner import Runner

PORT = 8600


def run(
    db: Database,
    config: Annotated[Path, typer.Option(help="Which sources to watch, and how.")] = Path(
        "sources.toml"
    ),
    host: Annotated[
        str, typer.Option(help="Where live pictures and health are served; 0.0.0.0 is everywhere.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any that is free.", min=0, max=65535)] = PORT,
    allow_host: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="A further name under which it may be addressed; may be repeated."),
    ] = None,
    http: Annotated[bool, typer.Option(help="Whether to serve anything.")] = True,
    attached: Annotated[
        bool, typer.Option(help="Ends when the program that started it lets go of its input.")
    ] = False,
) -> None:
    """Watch all sources of a configuration until stopped, for weeks if need be.

    Sources that are added, changed or removed in the configuration take effect at once.
    """
    from ..memory import share_arenas
    from ..runner import Runner

    share_arenas()
    runner = Runner(
        db,
        config,
        host=host,
        port=port if http else None,
        hosts=tuple(allow_host or ()),
        say=_say,
    )
    signals = _Signals(runner)
    if attached:
        threading.Thread(target=_stop_at_end_of_input, args=[runner], daemon=True).start()
    unhindered = runner.run()
    code = 128 + signals.number if signals.number not in (None, signal.SIGTERM) else 0
    with suppress(OSError):
        _say("stopped; everything is written")
    if not unhindered:  # a thread hangs in a library: nothing is left to wait for
        os._exit(code)
    raise typer.Exit(code)


class _Signals:
    """The first SIGTERM or Ctrl-C asks the runner to end, a later one ends it at once.

    One within a second counts as the same: a terminal and a program in between may both send it.
    """

    def __init__(self, runner: Runner) -> None:
        self.number: int | None = None
        self._first = 0.0
        self._runner = runner
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)

    def _leave(self, number: int, _frame: FrameType | None) -> None:
        if self.number is None:
            self.number, self._first = number, time.monotonic()
        elif time.monotonic() - self._first > 1:
            os._exit(128 + number)
        self._runner.stop()


def _stop_at_end_of_input(runner: Runner) -> None:
    """However the other program ends, also by `kill -9`, the system closes its end of the pipe."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    runner.stop()


def _say(line: str) -> None:
    moment = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
    err.print(f"{moment} {line}", markup=False, emoji=False, highlight=False, soft_wrap=True)
