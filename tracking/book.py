"""What was seen and is not yet written: events in, rows out, one transaction for all runs."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass, field

from sqlite_utils import Database

from .database import (
    Still,
    add_coverage,
    add_unwatched,
    has_run,
    insert_run,
    keep_still,
    writing,
)
from .events import (
    Event,
    Run,
    SourceEnded,
    SourceStarted,
    SourceUnwatched,
    TrackEnded,
    TracksSeen,
)
from .footprints import Ground, Walker, assume_frame, frame_of_run, settle, store_walkers
from .frame import Frame, Track
from .times import now_ms
from .zones import NOTHING_FOLLOWED, Followed, feet_of, follow, grace_of

SETTLE_EVERY = 600.0  # seconds
_MS_PER_DAY = 86_400_000


@dataclass(slots=True)
class TrackRecord:
    """What is known of a track so far. Times are milliseconds UTC, confidence is the mean."""

    first_seen: int
    label: str = ""
    last_seen: int = 0
    positions: int = 0
    confidence: float = 0.0

    def add(self, track: Track, t: int) -> None:
        self.label, self.last_seen = track.label, t
        self.confidence += (track.confidence - self.confidence) / (self.positions + 1)
        self.positions += 1


@dataclass(frozen=True, slots=True)
class Written:
    """What the database knows of a run as soon as the transaction succeeds; as in RunRecord.

    walkers: of the tracks that moved.
    """

    ids: tuple[int, int]
    keys: dict[int, int]
    walkers: dict[int, Walker]
    ground: Ground | None
    followed: Followed


@dataclass(slots=True, eq=False)
class RunRecord:
    """A run with what is not yet written of it.

    ids: source and run in the database, keys: people_tracks.id of the tracks alive, walkers: where
    they last stood, followed: what they did in zones and at lines; these hold only what is
    committed, because a rolled-back number may be given to somebody else.
    """

    run: Run
    ids: tuple[int, int] | None = None
    keys: dict[int, int] = field(default_factory=dict)
    walkers: dict[int, Walker] = field(default_factory=dict)
    ground: Ground | None = None
    followed: Followed = NOTHING_FOLLOWED
    tracks: dict[int, TrackRecord] = field(default_factory=dict)
    changed: dict[int, TrackRecord] = field(default_factory=dict)
    positions: list[tuple[int, Track, int, int]] = field(default_factory=list)
    coverage: dict[int, tuple[float, int]] = field(default_factory=dict)
    still: Still | None = None
    last_t: int | None = None
    accounted: int | None = None  # until when it is said whether the source was watched
    frames: int = 0
    end: SourceEnded | None = None

    @property
    def pending(self) -> bool:
        return self.ids is None or bool(self.coverage or self.still or self.end)

    @property
    def fps(self) -> float:
        """How many frames are looked at in a second; 0 if that is not known."""
        rates = (self.run.source.fps, self.run.settings.get("fps"))
        return min((rate for rate in rates if rate), default=0.0)

    def see(self, frame: Frame) -> None:
        self._observe(frame.t)
        self.frames += 1
        for track in frame.tracks:
            record = self.tracks.setdefault(track.id, TrackRecord(frame.t))
            record.add(track, frame.t)
            self.changed[track.id] = record
            self.positions.append((track.id, track, frame.t, frame.index))

    def _observe(self, t: int) -> None:
        """A frame vouches for the time since the frame before it, but not across a gap."""
        usual = 1000 / self.fps if self.fps else 1000.0
        # the runner tells of silence itself
        longest = 3000.0 if self.run.settings.get("runner") else 1000.0
        known = self.accounted
        passed = usual if known is None else min(t - known, max(2 * usual, longest))
        seconds, frames = self.coverage.get(t // 60_000, (0.0, 0))
        self.coverage[t // 60_000] = seconds + max(0.0, passed) / 1000, frames + 1
        self.last_t = self.accounted = t

    def begin_anew(self) -> None:
        """Forget what was written, because somebody deleted it: the run goes on as a new one."""
        alive = set(self.tracks)
        self.ids, self.keys, self.walkers, self.ground = None, {}, {}, None
        self.followed = NOTHING_FOLLOWED
        self.tracks, self.changed = {}, {}
        for number, track, t, _ in self.positions:
            self.changed.setdefault(number, TrackRecord(t)).add(track, t)
        self.tracks = {number: each for number, each in self.changed.items() if number in alive}

    def written(self, state: Written) -> None:
        self.ids, self.ground = state.ids, state.ground
        self.keys = {number: key for number, key in state.keys.items() if number in self.tracks}
        walkers = {**self.walkers, **state.walkers}
        self.walkers = {number: each for number, each in walkers.items() if number in self.tracks}
        self.followed = state.followed.of(set(self.keys.values()))
        self.changed.clear()
        self.positions.clear()
        self.coverage.clear()
        self.still = None


class Book:
    """The open runs, and those whose end could not be written yet."""

    def __init__(self) -> None:
        self._runs: dict[Run, RunRecord] = {}
        self._unwatched: list[SourceUnwatched] = []
        self._settle_at = 0.0

    @property
    def empty(self) -> bool:
        return not self._runs and not self._unwatched

    @property
    def runs(self) -> list[Run]:
        return list(self._runs)

    def take(self, event: Event) -> None:
        """Note an event; one of a run whose start was not heard says nothing."""
        if isinstance(event, SourceStarted):
            self._runs[event.run] = RunRecord(event.run)
            return
        if isinstance(event, SourceUnwatched):
            self._take_unwatched(event)
            return
        if (record := self._runs.get(event.run)) is None:
            return
        match event:
            case TracksSeen(_, frame):
                record.see(frame)
            case TrackEnded(_, track):
                record.tracks.pop(track.id, None)
            case SourceEnded():
                record.end = event

    def keep(self, run: Run, still: Still) -> None:
        """Note a picture of a run; of two that are not yet written, the later one counts."""
        if (record := self._runs.get(run)) is not None:
            record.still = still

    def _take_unwatched(self, event: SourceUnwatched) -> None:
        self._unwatched.append(event)
        for record in self._runs.values():
            if record.run.source.name == event.source.name and record.accounted is not None:
                # the next frame vouches for the time since then, not since the one before it
                record.accounted = max(record.accounted, event.until)

    def write(self, connection: sqlite3.Connection) -> dict[Run, Exception]:
        """Write all that is pending in one transaction; if that fails, everything stays pending.

        Only a run whose own rows no table can hold is given up, and does not stop the others:
        those are returned, each with the reason.
        """
        records = [record for record in self._runs.values() if record.pending]
        written, refused = [], {}
        try:
            with writing(connection):
                for record in records:
                    try:
                        with Database(connection).atomic():
                            written.append((record, _write_run(connection, record)))
                    except sqlite3.OperationalError:
                        raise
                    except Exception as error:
                        refused[record] = error
                for gap in self._unwatched:
                    add_unwatched(connection, gap)
        except sqlite3.Error as error:
            if "full" in str(error):  # a row can still be changed: say at least how runs ended
                ended = {record: record.end.outcome for record in records if record.end}
                _write_outcomes(connection, ended)
            raise
        self._unwatched.clear()
        for record, state in written:
            record.written(state)
            if record.end:
                del self._runs[record.run]
                self._settle_at = 0.0
        for record in refused:
            del self._runs[record.run]
        _write_outcomes(connection, {each: f"failed: {why}" for each, why in refused.items()})
        self._settle(connection)
        return {record.run: error for record, error in refused.items()}

    def _settle(self, connection: sqlite3.Connection) -> None:
        """Now and then add up a day that is over; one at a time, so that no event waits long."""
        if time.monotonic() < self._settle_at:
            return
        going_on = [record.last_t for record in self._runs.values() if record.last_t is not None]
        over = min([now_ms(), *going_on]) // _MS_PER_DAY
        # it makes answers quicker, never different
        with suppress(sqlite3.Error), writing(connection):
            if settle(connection, most=1, before=over):
                return
        self._settle_at = time.monotonic() + SETTLE_EVERY


def _write_run(connection: sqlite3.Connection, record: RunRecord) -> Written:
    """Write a run's rows."""
    if record.ids and not has_run(connection, record.run, record.ids):
        record.begin_anew()
    ids = record.ids or insert_run(connection, record.run)
    source_id, run_id = ids
    keys = dict(record.keys)
    for number, track in record.changed.items():
        keys[number] = _write_track(connection, ids, number, track)
    connection.executemany(
        "INSERT INTO positions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (keys[number], t, frame, *_rounded(track), round(track.confidence, 3))
            for number, track, t, frame in record.positions
        ),
    )
    ground, walkers = _walked(connection, record, run_id)
    store_walkers(connection, source_id, ((keys[number], walkers[number]) for number in walkers))
    followed = _followed(connection, record, source_id, keys)
    minutes = ((minute, *watched) for minute, watched in record.coverage.items())
    add_coverage(connection, source_id, minutes)
    if record.still is not None:
        keep_still(connection, source_id, record.still)
    problems = record.end and record.end.problems
    connection.execute(
        "UPDATE runs SET ended_at = coalesce(?, ended_at), frames = ?, outcome = ?, problems = ?"
        " WHERE id = ?",
        (
            record.last_t,
            record.frames,
            record.end and record.end.outcome,
            json.dumps(problems) if problems else None,
            run_id,
        ),
    )
    return Written(ids, keys, walkers, ground, followed)


def _walked(
    connection: sqlite3.Connection, record: RunRecord, run_id: int
) -> tuple[Ground | None, dict[int, Walker]]:
    """Where the tracks with new positions stand now, on the ground they stand on."""
    if not record.positions:
        return record.ground, {}
    feet = [(number, t, *_rounded(track)) for number, track, t, _ in record.positions]
    ground = record.ground or frame_of_run(connection, run_id)
    if ground is None:
        reach = ((x, y + h / 2) for _, _, x, y, _, h in feet)
        right, low = (max(side) for side in zip(*reach, strict=True))
        ground = assume_frame(connection, run_id, right, low)
    walkers: dict[int, Walker] = {}
    for number, t, x, y, _, h in feet:
        if number not in walkers:
            known = record.walkers.get(number)
            walkers[number] = known.begin() if known else Walker()
        walkers[number].go(t, *ground.foot(x, y, h))
    return ground, walkers


def _followed(
    connection: sqlite3.Connection, record: RunRecord, source_id: int, keys: dict[int, int]
) -> Followed:
    """What the tracks with new positions did in zones and at lines."""
    if not record.positions:
        return record.followed
    feet = feet_of(
        (keys[number], t, x, y + h / 2, h)
        for number, track, t, _ in record.positions
        for x, y, _, h in (_rounded(track),)
    )
    begun = {key for number, key in keys.items() if number not in record.keys}
    return follow(connection, source_id, record.followed, feet, begun, grace_of(record.fps))


def _write_track(
    connection: sqlite3.Connection, ids: tuple[int, int], number: int, track: TrackRecord
) -> int:
    """Store what is known of a track; its key."""
    source_id, run_id = ids
    connection.execute(
        "INSERT INTO people_tracks (run_id, source_id, track_id, label, first_seen, last_seen,"
        " positions, confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, track_id)"
        " DO UPDATE SET label = excluded.label, last_seen = excluded.last_seen,"
        " positions = excluded.positions, confidence = excluded.confidence",
        (
            run_id,
            source_id,
            number,
            track.label,
            track.first_seen,
            track.last_seen,
            track.positions,
            round(track.confidence, 3),
        ),
    )
    (key,) = connection.execute(
        "SELECT id FROM people_tracks WHERE run_id = ? AND track_id = ?", (run_id, number)
    ).fetchone()
    return int(key)


def _write_outcomes(connection: sqlite3.Connection, outcomes: dict[RunRecord, str]) -> None:
    for record, outcome in outcomes.items():
        if record.ids:
            with suppress(sqlite3.Error), Database(connection).atomic():
                connection.execute(
                    "UPDATE runs SET outcome = ? WHERE id = ?", (outcome, record.ids[1])
                )


def _rounded(track: Track) -> tuple[float, float, float, float]:
    """A tenth of a pixel: whole pixels were measured to cost accuracy, finer gains nothing."""
    return round(track.x, 1), round(track.y, 1), round(track.w, 1), round(track.h, 1)
