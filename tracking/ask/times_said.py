"""Times in a question, among words that nothing else has taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .plan import Span
from .words import Word
from .world import World


@dataclass(frozen=True, slots=True)
class Said:
    """A time at the words from start to end."""

    start: int
    end: int
    span: Span | None = None
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    bucket: str = ""
    other: Span | None = None
    assumed: str = ""


def ever(world: World, timezone: str) -> Span:
    since, until = world.recorded or (world.now - 86_400_000, world.now)
    return Span(since, max(until, world.now) + 1, "everything recorded")


def usual_span(world: World, timezone: str) -> Span:
    return next(said_times((Word("today", "today", 0, 5),), {0}, world)).span


def span_before(span: Span, world: World, timezone: str) -> Span | None:
    return Span(2 * span.since - span.until, span.since, f"the time before {span.words}")


def said_times(words: Sequence[Word], free: set[int], world: World) -> Iterator[Said]:
    from datetime import datetime, timedelta

    from .words import Word as _W  # noqa

    tz = world.timezone()
    from ..times import zone

    day = datetime.fromtimestamp(world.now / 1000, zone(tz)).replace(hour=0, minute=0, second=0, microsecond=0)

    def ms(d: datetime) -> int:
        return round(d.timestamp() * 1000)

    for n, word in enumerate(words):
        if n not in free:
            continue
        if word.plain in ("today", "yesterday"):
            d = day - timedelta(days=word.plain == "yesterday")
            yield Said(n, n + 1, Span(ms(d), ms(d + timedelta(days=1)), word.plain))
