"""One source being watched: its reader thread, its retries, and what there is to say about it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cameras import PushedStreamer
from ..config import SourceSettings
from ..detectors import Detector
from ..errors import DatabaseError, DetectorStuck, TrackingError
from ..events import Event, Listener, Source, SourceStarted, SourceUnwatched
from ..following import Following
from ..frame import Frame
from ..streamers import Streamer
from ..times import iso, now_ms
from . import resuming
from .attendance import SILENCE, Attendance
from .counts import Counts
from .engine import Engine, Lane
from .gate import Frozen, MotionGate
from .pauses import Pauses
from .pictures import LivePicture
from .sharing import SharedDetectors

PROVEN = 30.0  # seconds after which a source that is lost counts as having worked
WAITING = "waiting for pictures to be pushed"
END_WITHIN = 10.0  # seconds for the engine to take the last frames of a source


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all sources share. log: writes events; say: tells a person one line."""

    database: Path
    engine: Engine
    detectors: SharedDetectors
    log: Listener
    say: Callable[[str], object]


class WatchedSource:
    """Watches a source until it is stopped; a recording also until its end.

    A live source is tried again for ever, with growing pauses. Nothing that happens to it
    concerns any other source.
    """

    def __init__(self, settings: SourceSettings, around: Surroundings) -> None:
        self.settings = settings
        self.picture = LivePicture()
        self.counts = Counts()
        self.state = "starting"
        self.error: str | None = None
        self.note: str | None = None
        self._around = around
        self._stopping = threading.Event()
        # what is pushed may come before and between the passes
        self._streamer: Streamer | None = settings.streamer() if settings.pushed else None
        self._lane: Lane | None = None
        self._source: Source | None = None
        self._resumed = False
        self._attendance = self._attend() if settings.live else None
        self._thread = threading.Thread(
            target=self._work, name=f"reader-{settings.name}"[:64], daemon=True
        )

    @property
    def takes(self) -> PushedStreamer | None:
        """Who takes the pictures that are pushed for it; None for a source of another kind."""
        return self._streamer if isinstance(self._streamer, PushedStreamer) else None

    @property
    def alive(self) -> bool:
        """Whether its reader still runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; `join` waits for it."""
        self._stopping.set()
        if (lane := self._lane) is not None:
            lane.close()
        if (streamer := self._streamer) is not None:
            streamer.stop()

    def join(self, timeout: float) -> bool:
        """Wait for the end. A reader that hangs is left to itself, but its run is ended."""
        deadline = time.monotonic() + timeout
        self._thread.join(timeout / 2)
        hangs = self._thread.is_alive()
        if hangs and (lane := self._lane) is not None:
            lane.end("stopped", max(0.0, deadline - time.monotonic()))
        if self._attendance is not None:
            self._attendance.end(now_ms())
        return not hangs

    def tick(self, t: int) -> None:
        """About every half second: time passes for a source that gives no pictures, too."""
        if self._attendance is None or self._stopping.is_set() or self.state == "finished":
            return
        self._attendance.tick(t)
        waits = self.settings.pushed and self.state == "starting"
        if (self.state == "ok" or waits) and self._attendance.state != "ok":
            if self.settings.pushed and self._attendance.state == "down":
                self.error = WAITING
            self._became(self._attendance.state, self.error or "")

    def health(self) -> dict[str, Any]:
        """What there is to say, JSON-ready and without credentials."""
        settings, counts = self.settings, self.counts
        last = counts.last
        return {
            "state": self.state,
            "uri": settings.clean_uri,
            "live": settings.live,
            "fps": round(counts.rate(), 1),
            "delay_ms": counts.delay(),
            "last_frame": None if last is None else iso(last),
            "frames": counts.frames,
            "dropped": counts.dropped,
            "still": counts.still,
            "reconnects": counts.reconnects,
            "size": None if self._source is None else [self._source.width, self._source.height],
            "last_error": self.error,
            "note": self.note,
        }

    def _work(self) -> None:
        pauses = Pauses()
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                if self._pass():
                    return
            except Exception as error:  # a library's fault must not end the watching either
                if self._stopping.is_set():
                    return
                if time.monotonic() - begun > PROVEN:
                    pauses.reset()
                again = self._retry(error, pauses)
                error.__traceback__ = None  # it holds frames, which hold pictures, which hold it
                if not again:
                    return

    def _retry(self, error: Exception, pauses: Pauses) -> bool:
        """Note a failure and wait; False for a recording that would only fail again."""
        told = (
            str(error) if isinstance(error, TrackingError) else f"{type(error).__name__}: {error}"
        )
        self.error = failure = " ".join(told.split())
        begun = self.counts.frames or self._resumed
        if self._attendance is not None:
            self._attendance.missed("down", now_ms())
        elif begun and not isinstance(error, (DatabaseError, DetectorStuck)):
            self._became("failed", failure)
            return False
        pause = pauses.next()
        self._became("down", f"{failure}; trying again in {pause:.0f} s")
        self.counts.reconnects += 1
        self._stopping.wait(pause)
        return True

    def _became(self, state: str, why: str = "") -> None:
        if state != self.state or why:
            self._around.say(f"{self.settings.name}: {state}{why and ': '}{why}")
        self.state = state

    def _pass(self) -> bool:
        """Watch from opening to end; True if there is nothing more to watch."""
        settings = self.settings
        recording = None if settings.live or settings.loop else resuming.stamp(settings)
        done = None
        if recording is not None:
            done = resuming.progress(self._around.database, settings.name, recording)
        if done and done.finished:
            self._became("finished", "it was looked at before, and has not changed")
            return True
        self._resumed = done is not None
        start, after = _span(settings, self.counts.last, done)
        streamer = self.takes or settings.model_copy(update={"start": start}).streamer()
        self._streamer = streamer
        streamer.check()
        choice = self._around.detectors.choose(settings)
        self.note = choice.note
        lane = self._open(streamer, choice.detector, recording)
        outcome = self._watch(streamer, choice.detector, lane, after)
        # what is live ends by failing, or, where pictures are pushed, waits for the next
        if outcome == "finished" and not (settings.loop or settings.pushed):
            self._became("finished")
            return True
        return False

    def _open(self, streamer: Streamer, detector: Detector, recording: str | None) -> Lane:
        settings, around = self.settings, self._around
        notes = {"runner": True, "recording": recording, "fps": settings.fps}
        listeners = [around.log, self._note_start]
        following = Following(streamer, detector, settings.tracker_settings, listeners, notes)
        every = not settings.live and not settings.realtime
        return around.engine.open(detector, following, every=every, seen=self._seen)

    def _watch(self, streamer: Streamer, detector: Detector, lane: Lane, after: int | None) -> str:
        """Give a source's frames to the engine, to its end or until stopped; how it ended."""
        self._lane = lane
        outcome, ended = "stopped", False
        try:
            if not self._stopping.is_set():  # else it was told before there was a lane to close
                with closing(streamer.frames()) as frames:
                    self._read(self._wanted(frames, after), detector, lane)
            outcome = "stopped" if self._stopping.is_set() else "finished"
        except Exception as error:
            outcome = f"failed: {error}"
            raise
        finally:
            ended = lane.end(outcome, END_WITHIN)
            self._lane = None
        if lane.failure is not None:
            raise lane.failure
        if not ended:
            raise DetectorStuck("The engine did not take the last frames in time")
        return outcome

    def _read(self, frames: Iterable[Frame], detector: Detector, lane: Lane) -> None:
        gate = MotionGate() if self.settings.gated is not False else None
        frozen = Frozen() if self._attendance and self.settings.stale_after else None
        inline = None if hasattr(detector, "submit") else detector
        detector.reset()
        begun = False
        for frame in frames:
            if self._stopping.is_set():
                return
            if not begun and inline is None:
                # opens the network for pictures of this shape here, where nobody else waits for it
                detector.detect(frame.image)
            begun = True
            if frozen is not None and self._is_stale(frozen.look(frame), frame.t):
                continue
            if self._attendance is not None:
                self._attendance.watched(frame.t)
            if self.state != "ok":
                self._opened(frame)
            dropped = lane.dropped
            if inline is not None:  # here, so that sources do not wait for one another
                lane.put(frame, detections=inline.detect(frame.image))
            else:
                moving = gate is None or gate.moving(frame)
                self.counts.still += not moving
                lane.put(frame, moving)
            self.counts.dropped += lane.dropped - dropped

    def _is_stale(self, since: int | None, t: int) -> bool:
        assert self._attendance is not None
        if since is None or t - since < self.settings.stale_after * 1000:
            return False
        self._attendance.missed("stale", t, since)
        if self.state != "stale":
            self._became("stale", f"the same picture since {iso(since, self.settings.timezone)}")
        return True

    def _opened(self, frame: Frame) -> None:
        height, width = frame.image.shape[:2]
        self.error = None
        self._became("ok", f"watching {self.settings.clean_uri}, {width}x{height} pixels")

    def _wanted(self, frames: Iterator[Frame], after: int | None) -> Generator[Frame, None, None]:
        """The frames that are to be analysed, in real time where that is asked for."""
        settings = self.settings
        step = 1000 / settings.fps if settings.fps else 0.0
        slack = step / (2 if settings.live else 10)  # what comes live may come a little early
        due = 0.0
        for frame in frames:
            if (after is not None and frame.t <= after) or frame.t < due - slack:
                continue
            # keeps the mean rate, whatever the camera's, and makes up for no gap
            due = max(due + step, frame.t + step / 2) if due else frame.t + step
            if settings.realtime and not settings.live:
                self._stopping.wait(max(0, frame.t - now_ms()) / 1000)
            yield frame

    def _seen(self, frame: Frame) -> None:
        """The engine has followed a frame: show it and count it."""
        self.picture.publish(frame)
        self.counts.add(frame, now_ms() if self.settings.live or self.settings.realtime else None)

    def _note_start(self, event: Event) -> None:
        if isinstance(event, SourceStarted):
            self._source = event.run.source

    def _attend(self) -> Attendance:
        slowest = 2500 / self.settings.fps if self.settings.fps else 0.0
        return Attendance(self._tell_unwatched, now_ms(), silence=max(SILENCE, round(slowest)))

    def _tell_unwatched(self, state: str, since: int, until: int, mistaken: int) -> None:
        source = self._source or unopened(self.settings)
        self._around.log(SourceUnwatched(source, state, since, until, mistaken))


def unopened(settings: SourceSettings) -> Source:
    """A live source of which nothing is known but its settings."""
    streamer = settings.streamer()
    return Source(streamer.name, streamer.kind, streamer.uri, streamer.timezone, 0, 0)


def _span(
    settings: SourceSettings, last: int | None, done: resuming.Progress | None
) -> tuple[int | None, int | None]:
    """When a recording begins (None: now), and until when it was looked at before (None: not)."""
    if settings.live:
        return None, None
    if settings.realtime:
        start = now_ms() - done.spent if done else None
        return start, start and now_ms()
    if done is not None:
        return done.start, done.until
    if settings.loop and last is not None:  # the next round begins after the one before it
        return last + 1000, None
    return settings.start, None
