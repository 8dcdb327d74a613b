"""The runner: watches every source of a configuration, for weeks, into one database."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import cv2

from .. import __version__
from ..cameras import PushedStreamer
from ..config import Configuration, SourceSettings, Watch
from ..database import close_abandoned_runs, describing, open_database, size_of
from ..events import SourceUnwatched
from ..ground import keep_paced
from ..logger import DatabaseLogger
from ..retention import keep
from ..times import iso, now_ms
from ..visits import keep_joined
from ..zones import keep_derived
from .alerting import Alerting
from .attendance import Attendance
from .engine import Engine
from .http import Server, build_app
from .lock import Hold, held
from .measures import registry
from .pictures import LivePicture
from .pushing import Pushing, forget_key, new_key
from .sharing import SharedDetectors
from .source import Surroundings, WatchedSource, unopened

GLANCE = 0.5  # seconds between two looks at the configuration
WRITE_EVERY = 0.5  # seconds that a row may wait at most
PATIENCE = 60.0  # seconds for which the database may be busy before sources are told
STOP_WITHIN = 3.0  # seconds for sources to end; the rest is for the last rows
HEALTHY = ("ok", "finished", "starting")


class Runner:
    """Watches the sources of a configuration file until it is told to stop.

    database: made where there is none. host, port: where its HTTP answers; port 0 takes a free
    one, None gives no HTTP. hosts: further names under which it may be addressed. say: is told
    one line for a person whenever something changes.
    Raises RunnerRunning when another process watches into that database, DatabaseError,
    AddressUnusable.
    """

    def __init__(
        self,
        database: str | Path,
        config: str | Path,
        *,
        host: str = "127.0.0.1",
        port: int | None = 0,
        hosts: tuple[str, ...] = (),
        say: Callable[[str], object] = lambda line: None,
    ) -> None:
        self.database, self.config = Path(database), Path(config)
        self.stopping = threading.Event()
        self.running = threading.Event()
        self.url: str | None = None
        self.metrics = registry(self.health)
        self._host, self._port, self._hosts = host, port, hosts
        self._told = say
        self._sources: dict[str, WatchedSource] = {}
        self._paused: dict[str, tuple[SourceSettings, Attendance | None]] = {}
        self._problems: tuple[str, ...] = ()
        self._logger: DatabaseLogger | None = None
        self._started_at = now_ms()
        self._left: list[WatchedSource] = []  # those that did not end in time

    def stop(self) -> None:
        """Ask for the end; may be called from any thread and from a signal's handler."""
        self.stopping.set()

    def run(self) -> bool:
        """Watch until `stop`; everything is written when it returns.

        False if a thread hangs in a library: the process should then leave without waiting for it.
        """
        cv2.setNumThreads(1)  # the engine keeps all cores busy; more threads only get in its way
        with (
            held(self.database, self.config) as hold,
            closing(open_database(self.database)) as connection,
        ):
            with describing(self.database):
                close_abandoned_runs(connection)
            logger = DatabaseLogger(connection, WRITE_EVERY, PATIENCE)
            self._logger, self._started_at = logger, hold.started_at
            engine = Engine()
            around = Surroundings(self.database, engine, SharedDetectors(), logger, self._say)
            server = None
            beside = [
                threading.Thread(
                    target=work, args=(self.database, self.stopping, self._say), daemon=True
                )
                for work in (keep, keep_joined, keep_derived, keep_paced)
            ]
            alerting = Alerting(self.database, self.config, self._live, self.stopping, self._say)
            beside.append(threading.Thread(target=alerting.run, daemon=True))
            try:
                for thread in beside:
                    thread.start()
                server = self._serve(hold)
                self._watch(around)
            finally:
                whole = self._end(around, logger, server)
                for thread in beside:
                    thread.join(1.0)
                forget_key(self.database)
        return whole

    def _live(self) -> set[str] | None:
        """The sources that are watched as it happens, also those that are switched off."""
        if not self.running.is_set():
            return None
        known = [source.settings for source in list(self._sources.values())]
        known += [settings for settings, _ in list(self._paused.values())]
        return {settings.name for settings in known if settings.live or settings.realtime}

    def _say(self, line: str) -> None:
        with suppress(Exception):  # a line that cannot be printed is worth no source
            self._told(" ".join(line.split()))

    def picture(self, name: str) -> LivePicture | None:
        """The live picture of a source; None where there is no such source."""
        source = self._sources.get(name)
        return source.picture if source else None

    def takers(self, name: str) -> list[PushedStreamer]:
        """Who takes the pictures that are pushed under that name."""
        sources = list(self._sources.values())
        wanted = [source for source in sources if source.settings.uri == f"push:{name}"]
        return [source.takes for source in wanted if source.takes is not None]

    def health(self) -> dict[str, Any]:
        """What there is to say about the runner and each of its sources, JSON-ready."""
        sources = {name: source.health() for name, source in list(self._sources.items())}
        for name, (settings, _) in list(self._paused.items()):
            sources[name] = _resting(settings)
        trouble = self._logger.trouble if self._logger else None
        well = all(source["state"] in (*HEALTHY, "stopped") for source in sources.values())
        return {
            "status": "ok" if well and not trouble and not self._problems else "degraded",
            "pid": os.getpid(),
            "version": __version__,
            "started_at": iso(self._started_at),
            "database": str(self.database.absolute()),
            "database_bytes": size_of(self.database),
            "database_trouble": None if trouble is None else str(trouble),
            "configuration": str(self.config.absolute()),
            "problems": list(self._problems),
            "sources": sources,
        }

    def _serve(self, hold: Hold) -> Server | None:
        if self._port is None:
            return None
        routes = Pushing(self, new_key(self.database)).routes
        app = build_app(self, (self._host, *self._hosts), routes)
        server = Server(app, self._host, self._port)
        server.start()
        self.url = server.url
        hold.tell(server.url)
        self._say(f"live pictures and health at {server.url}")
        return server

    def _watch(self, around: Surroundings) -> None:
        watch = Watch(self.config)
        while not self.stopping.is_set():
            if (configuration := watch.poll()) is not None:
                self._apply(configuration, around)
                self.running.set()
            t = now_ms()
            for source in self._sources.values():
                source.tick(t)
            for _, attendance in self._paused.values():
                if attendance is not None:
                    attendance.tick(t)
            self.stopping.wait(GLANCE)

    def _apply(self, configuration: Configuration, around: Surroundings) -> None:
        """Make the sources be as the file says; those that it does not change are left alone."""
        for problem in configuration.problems:
            if problem not in self._problems:
                self._say(problem)
        self._problems = configuration.problems
        wanted = {each.name: each for each in configuration.sources if each.enabled}
        gone = [
            source for name, source in self._sources.items() if source.settings != wanted.get(name)
        ]
        self._leave(gone)
        self._rest([each for each in configuration.sources if not each.enabled], around)
        around.detectors.keep_only(list(wanted.values()))
        for name, settings in wanted.items():
            if name not in self._sources:
                self._say(f"{name}: opening {settings.clean_uri}")
                self._sources[name] = source = WatchedSource(settings, around)
                source.start()
        if not configuration.sources and not configuration.problems:
            self._say(f"no sources in {configuration.path} yet; waiting for some")

    def _leave(self, sources: list[WatchedSource]) -> None:
        for source in sources:
            source.stop()
        deadline = time.monotonic() + 1.0
        for source in sources:
            if not source.join(max(0.1, deadline - time.monotonic())):
                self._left.append(source)
            self._sources.pop(source.settings.name, None)
            self._say(f"{source.settings.name}: stopped")

    def _rest(self, resting: list[SourceSettings], around: Surroundings) -> None:
        """Keep account of the sources that are switched off."""
        names = {settings.name for settings in resting}
        for name in [name for name in self._paused if name not in names]:
            _, attendance = self._paused.pop(name)
            if attendance is not None:
                attendance.end(now_ms())
        for settings in resting:
            before = self._paused.get(settings.name)
            attendance = before[1] if before else _absence(settings, around)
            self._paused[settings.name] = settings, attendance

    def _end(self, around: Surroundings, logger: DatabaseLogger, server: Server | None) -> bool:
        """Let everything end; False if some thread does not."""
        self.stopping.set()
        sources = list(self._sources.values())
        for source in sources:
            source.stop()
        if server is not None:
            server.stop()
        deadline = time.monotonic() + STOP_WITHIN
        for source in sources:
            source.join(max(0.1, deadline - time.monotonic()))
        self._rest([], around)
        closed = around.engine.close(1.0)
        logger.flush()
        return closed and not any(source.alive for source in (*self._left, *sources))


def _absence(settings: SourceSettings, around: Surroundings) -> Attendance | None:
    """Account of a live source that is switched off; a recording misses nothing."""
    if not settings.live:
        return None
    source = unopened(settings)

    def tell(state: str, since: int, until: int, mistaken: int) -> None:
        around.log(SourceUnwatched(source, state, since, until, mistaken))

    return Attendance(tell, now_ms(), state="stopped")


def _resting(settings: SourceSettings) -> dict[str, Any]:
    nothing = dict.fromkeys(("delay_ms", "last_frame", "size", "last_error", "note"))
    zero = dict.fromkeys(("fps", "frames", "dropped", "still", "reconnects"), 0)
    uri = {"state": "stopped", "uri": settings.clean_uri, "live": settings.live}
    return {**uri, **zero, **nothing}
