"""One engine for all sources: frames wait in lanes, are detected side by side, followed in order.

Two threads: one gives waiting frames to the detectors, lane after lane, so that no source starves
another; the other takes the results in the same order and follows the objects. The network itself
runs outside Python, and so do decoding (each source's reader) and writing (the logger).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import Queue, SimpleQueue

from ..detections import Detections, Pending
from ..detectors import Detector
from ..following import Following
from ..frame import Frame

AT_ONCE = 16  # frames between the two threads: what a GPU takes in one go
AHEAD = 2  # frames of a recording that may wait: the reader decodes while others are detected


@dataclass(slots=True)
class _Job:
    """A frame on its way, or the end of its lane. moving: whether it must be looked at."""

    lane: Lane
    frame: Frame | None = None
    moving: bool = True
    detections: Detections | None = None
    pending: Pending | None = None
    outcome: str = ""
    error: Exception | None = None


class Lane:
    """The way of one pass's frames through the engine.

    every: a recording, of which each frame counts, so `put` waits; otherwise only the newest frame
    is kept, so that a slow machine leaves frames out and never lags. dropped: how many were.
    """

    def __init__(
        self,
        engine: Engine,
        detector: Detector,
        following: Following,
        every: bool,
        seen: Callable[[Frame], object],
    ) -> None:
        self.dropped = 0
        self.failure: Exception | None = None
        self._engine, self._detector, self._following = engine, detector, following
        self._every, self._seen = every, seen
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._announced = self._closed = False
        self._latest = Detections.none()
        self._ended = threading.Event()

    def put(self, frame: Frame, moving: bool = True, detections: Detections | None = None) -> None:
        """Give a frame on; raises what went wrong with an earlier one.

        moving: False repeats the latest detections, because the picture has not changed.
        detections: what was seen, where that is known already.
        """
        with self._changed:
            while self._every and len(self._waiting) >= AHEAD and not self._closed:
                self._changed.wait()
            if self.failure is not None:
                raise self.failure
            if self._closed:
                return
            if not self._every and self._waiting:
                self.dropped += 1
                moving |= self._waiting.pop().moving
            self._append(_Job(self, frame, moving, detections))

    def end(self, outcome: str, timeout: float | None = None) -> bool:
        """Let the frames that wait go through, end the run, and wait: whether that was done."""
        with self._changed:
            self._append(_Job(self, outcome=outcome))
        return self._ended.wait(timeout)

    def close(self) -> None:
        """Take no more frames, also from a reader that is waiting to put one."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _append(self, job: _Job) -> None:
        self._waiting.append(job)
        if not self._announced:
            self._announced = True
            self._engine.ready.put(self)

    def take(self) -> _Job:
        """The next job, for the engine; a lane with more of them queues up again."""
        with self._changed:
            job = self._waiting.popleft()
            self._announced = bool(self._waiting)
            if self._announced:
                self._engine.ready.put(self)
            self._changed.notify_all()
        return job

    def begin(self, job: _Job) -> None:
        """Start to look at a frame that must be looked at."""
        if job.frame is None or job.detections is not None or not job.moving or self.failure:
            return
        try:
            submit = getattr(self._detector, "submit", None)
            if submit is None:
                job.detections = self._detector.detect(job.frame.image)
            else:
                job.pending = submit(job.frame.image)
        except Exception as error:
            job.error = error

    def finish(self, job: _Job) -> None:
        """Follow the objects of a frame, or end; whatever goes wrong concerns this lane only."""
        try:
            if job.frame is None:
                self._end(job.outcome)
            elif self.failure is not None:
                if job.pending is not None:
                    job.pending.cancel()
            else:
                self._follow(job, job.frame)
        except Exception as error:
            with self._changed:
                # without its traceback, which would hold this lane and the picture for ever
                self.failure = self.failure or error.with_traceback(None)
                self._closed = True
                self._changed.notify_all()
        finally:
            if job.frame is None:
                self._ended.set()

    def _follow(self, job: _Job, frame: Frame) -> None:
        if job.error is not None:
            raise job.error
        if job.pending is not None:
            self._latest = job.pending.result()
        elif job.detections is not None:
            self._latest = job.detections
        self._seen(self._following.follow(frame, self._latest))

    def _end(self, outcome: str) -> None:
        if self.failure is not None:
            outcome = f"failed: {self.failure}"
        self._following.end(outcome)


class Engine:
    """The two threads that all lanes share."""

    def __init__(self) -> None:
        self.ready: SimpleQueue[Lane | None] = SimpleQueue()
        self._under_way: Queue[_Job | None] = Queue(AT_ONCE)
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("engine-submit", self._submit), ("engine-follow", self._follow))
        ]
        for thread in self._threads:
            thread.start()

    def open(
        self,
        detector: Detector,
        following: Following,
        *,
        every: bool,
        seen: Callable[[Frame], object] = lambda frame: None,
    ) -> Lane:
        """A lane for one pass over a source. seen: told of each frame when it was followed."""
        return Lane(self, detector, following, every, seen)

    def close(self, timeout: float = 5.0) -> bool:
        """End after the lanes that are ready, which should have ended before; whether it did."""
        self.ready.put(None)
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    def _submit(self) -> None:
        while (lane := self.ready.get()) is not None:
            job = lane.take()
            lane.begin(job)
            self._under_way.put(job)
        self._under_way.put(None)

    def _follow(self) -> None:
        while (job := self._under_way.get()) is not None:
            job.lane.finish(job)
