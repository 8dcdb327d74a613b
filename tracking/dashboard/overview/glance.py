"""What the overview is made of, each read once for all who look and kept for some seconds."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image, ImageOps

from ... import metrics
from ...config import Configuration, SourceSettings
from ...database import size_of, still
from ...errors import DatabaseError
from ...filters import Filter
from ...localtime import bucket_for
from ...metrics import Result, Selection, SourceInfo, Today
from ...metrics.storage import growth
from ...retention import keep_days
from ...times import now_ms
from .. import reading
from ..alerting import going_on
from ..live import wall
from ..places import Places
from ..serving import supervising
from ..sources import state as source_state
from .attention import Disk, Situation

OFTEN = 2.0  # seconds between two looks at pictures and states
SELDOM = 30.0  # seconds between two counts: while one lasts, what is shown fades
RARELY = 300.0  # seconds between two looks at how large the record is
BARS = 60  # of a sparkline at most
TOTALS = ("visits", "tracks", "occupancy_mean", "occupancy_max", "observed")


@dataclass(frozen=True, slots=True)
class Facts:
    """What was counted of a source."""

    source: SourceInfo
    today: Today


@dataclass(frozen=True, slots=True)
class Present:
    """How it is now. count: of those there, None where it is not watched; watched: until when."""

    count: int | None = None
    watched: int | None = None


@dataclass(frozen=True, slots=True)
class Spark:
    """Mean occupancy over the window. edges: of its buckets; values: NaN where not watched."""

    edges: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    bucket: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted at one moment: totals and cards agree. facts, sparks: by source.

    results: TOTALS of what is filtered; selection: of that, without rows.
    """

    facts: dict[str, Facts]
    results: list[Result]
    sparks: dict[str, Spark]
    selection: Selection


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one source. settings: None where it is not set up (any more)."""

    name: str
    state: str
    settings: SourceSettings | None
    health: Mapping[str, Any]
    facts: Facts | None
    present: Present = Present()

    @property
    def timezone(self) -> str:
        if self.settings is not None:
            return self.settings.timezone
        return self.facts.source.timezone if self.facts else "UTC"


@dataclass(frozen=True, slots=True)
class Look:
    """How it stands at one moment, for all parts of the page, which then cannot contradict.

    answer: the runner's about itself; None where there was none.
    """

    places: Places
    runner: supervising.State
    configured: Configuration
    answer: Mapping[str, Any] | None

    @property
    def health(self) -> source_state.Health:
        return source_state.health_of(self.answer)

    @property
    def states(self) -> list[str]:
        """Of each source that is set up, one of source_state.STATES."""
        return [self.health.state(each) for each in self.configured.sources]


def look(places: Places) -> Look:
    runner = supervising.state()
    return Look(places, runner, source_state.read(places), source_state.fetched(runner.url))


def cards_of(
    look: Look,
    wanted: Sequence[str],
    facts: Mapping[str, Facts],
    now: Mapping[str, Present],
) -> list[Card]:
    """The sources that are set up, in the file's order, and then those of earlier.

    wanted: names; none is all.
    """
    health = look.health
    found = [
        Card(each.name, _state(health, each), each, health.of(each), facts.get(each.name))
        for each in look.configured.sources
    ]
    there = {card.name for card in found}
    rest = "recorded" if look.runner.phase == "study" else "left"
    found += [Card(name, rest, None, {}, fact) for name, fact in facts.items() if name not in there]
    return [
        replace(card, present=now.get(card.name, card.present))
        for card in found
        if not wanted or card.name in wanted
    ]


def _state(health: source_state.Health, source: SourceSettings) -> str:
    """As of the list of sources; a recording that is gone through as fast as may be is not now."""
    state = health.state(source)
    is_now = source.live or source.realtime
    return "recording" if state == "ok" and not is_now else state


def counts(filter: Filter) -> Counts:
    """What is filtered and the days until now, at most SELDOM seconds old."""
    stamp = int(now_ms() // (SELDOM * 1000))
    return reading.shown(lambda: _counts(str(Places.of().database), filter, stamp))


@st.cache_data(max_entries=8, ttl=2 * SELDOM, show_spinner=False)
def _counts(database: str, filter: Filter, stamp: int) -> Counts:
    """Without the rows that it was all made of."""
    now = now_ms()
    is_past = filter.until <= now - reading.SETTLED
    with reading.reading() as connection:
        connection.execute("BEGIN")  # the record as it is at this moment, for all that follows
        facts = {
            source.name: Facts(
                source, metrics.today(connection, source, filter.labels, now, filter)
            )
            for source in metrics.known_sources(connection)
        }
        if not is_past:
            return Counts(facts, *_counted(metrics.select(connection, filter, now)))
    return Counts(facts, *_counted(reading.selection(filter)))


def _counted(selection: Selection) -> tuple[list[Result], dict[str, Spark], Selection]:
    bucket = bucket_for(selection.filter.length, BARS)
    level = metrics.measure("occupancy_mean", selection, ("bucket", "source"), bucket)
    assert level.edges is not None or level.rows.empty
    sparks = {
        str(name): Spark(
            np.asarray(level.edges), rows["value"].to_numpy(float), bucket, selection.timezone
        )
        for name, rows in level.rows.groupby("source", sort=False)
    }
    hollow = selection.without_rows()
    results = [
        replace(measured, selection=hollow, rows=measured.rows.iloc[:0])
        for measured in (metrics.measure(name, selection) for name in _totals(selection))
    ]
    return results, sparks, hollow


def _totals(selection: Selection) -> tuple[str, ...]:
    return (*TOTALS, "crossings") if selection.is_of_crossers else TOTALS


def present(labels: tuple[str, ...], zones: tuple[str, ...] = ()) -> dict[str, Present]:
    """How it is now, by source; in these zones, if any are named."""
    if not reading.known()[0]:
        return {}
    stamp = now_ms() // 1000
    return reading.shown(lambda: _present(str(Places.of().database), labels, zones, stamp))


@st.cache_data(max_entries=8, ttl=5, show_spinner=False)
def _present(
    database: str, labels: tuple[str, ...], zones: tuple[str, ...], stamp: int
) -> dict[str, Present]:
    now = now_ms()
    with reading.reading() as connection:
        return {
            source.name: Present(
                metrics.occupancy_now(connection, source.id, labels, now, zones),
                metrics.last_watched(connection, source.id),
            )
            for source in metrics.known_sources(connection)
        }


def stills(names: Sequence[str]) -> dict[str, bytes]:
    """The newest pictures of sources that have any."""
    found = _stills(supervising.state().url, tuple(names))
    return {name: picture for name, picture in found.items() if isinstance(picture, bytes)}


@st.cache_data(max_entries=8, ttl=OFTEN * 0.75, show_spinner=False)
def _stills(url: str | None, names: tuple[str, ...]) -> dict[str, bytes | str]:
    """Fetched once for all who look, some at a time."""
    if url is None or not names:
        return {}
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(names, pool.map(lambda name: wall.still(url, name), names), strict=True))


@st.cache_data(max_entries=64, ttl=60, show_spinner=False)
def _kept(database: str, source_id: int, name: str) -> tuple[bytes, int] | None:
    with suppress(DatabaseError), reading.reading() as connection:
        found = still(connection, source_id)
        return None if found is None else (found.jpeg, found.t)
    return None


def kept_still(source: SourceInfo) -> tuple[bytes, int] | None:
    """The picture in the database, and when it was taken."""
    # a number alone may be given to another source when this one has been deleted
    return _kept(str(Places.of().database), source.id, source.name)


def inline(jpeg: bytes) -> str | bytes:
    """The same in a form that is sent with the page.

    Another picture is there two seconds later, and Streamlit forgets what nothing shows any more:
    a browser that is slow to ask for a file would find none.
    """
    if (picture := _opened(jpeg)) is None:
        return blank()
    width, height = picture.size
    data = base64.b64encode(jpeg).decode()
    size = f'width="{width}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}">'
        f'<image {size} href="data:image/jpeg;base64,{data}"/></svg>'
    )


@st.cache_data(max_entries=64, show_spinner=False)
def greyed(jpeg: bytes) -> bytes:
    """The same without colour and paler: it is not of now."""
    if (coloured := _opened(jpeg)) is None:
        return blank()
    picture = ImageOps.grayscale(coloured)
    picture.thumbnail((wall.STILL_WIDTH, wall.STILL_WIDTH))
    pale = Image.blend(picture, Image.new("L", picture.size, 128), 0.35)
    written = io.BytesIO()
    pale.save(written, "JPEG", quality=80)
    return written.getvalue()


def _opened(jpeg: bytes) -> Image.Image | None:
    """The picture, or None where it is none."""
    try:
        picture = Image.open(io.BytesIO(jpeg))
        picture.load()
        return picture
    except (OSError, ImportError):  # Ultralytics makes Pillow look for a codec that is not there
        return None


@st.cache_data(show_spinner=False)
def blank() -> bytes:
    """A faint surface, on light and on dark."""
    written = io.BytesIO()
    Image.new("RGBA", (480, 270), (128, 138, 148, 40)).save(written, "PNG")
    return written.getvalue()


def situation(look: Look, now: Mapping[str, Present]) -> Situation:
    """All that can be a reason for worry; what cannot be known is left out."""
    places, configured = look.places, look.configured
    extent, kept, pace = None, None, None
    with suppress(DatabaseError):
        if reading.known()[0]:
            stamp = int(now_ms() // (RARELY * 1000))
            extent, kept, pace = _storage(str(places.database), stamp)
    return Situation(
        now=now_ms(),
        phase=look.runner.phase,
        problem=look.runner.problem,
        health=look.answer,
        configured={each.name: each.timezone for each in configured.sources if each.enabled},
        problems=configured.problems,
        watched={name: each.watched for name, each in now.items() if each.watched},
        disk=Disk.of(places.database),
        bytes_a_day=pace,
        kept_days=kept,
        latest=extent[1] if extent else None,
        alerts=going_on.in_words(places.database),
    )


@st.cache_data(max_entries=2, ttl=2 * RARELY, show_spinner=False)
def _storage(
    database: str, stamp: int
) -> tuple[tuple[int, int] | None, float | None, float | None]:
    """From when to when there are rows, after how many days they are purged, bytes a day."""
    with reading.reading() as connection:
        pace = growth(connection, size_of(Path(database)), now_ms()).bytes_a_day
        return metrics.recorded(connection), keep_days(connection), pace
