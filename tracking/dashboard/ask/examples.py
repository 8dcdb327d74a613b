"""What can be asked: questions made of the record's own names, each of which can be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ...ask.parsing.parser import read
from ...ask.reading import Read
from ...ask.saying import objects
from ...ask.world import World
from ...filters import midnight
from ...times import zone

MOST = 6
TRIED = 4  # names of a kind; there may be many, and strange ones
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def examples(world: World, most: int = MOST) -> list[str]:
    """Questions about what there is; none that the parser cannot read."""
    found: list[str] = []
    for alike in _thought_of(world):
        readable = (q for q in alike if q not in found and isinstance(read(q, world), Read))
        found += [question for question in [next(readable, None)] if question is not None]
        if len(found) == most:
            break
    return found


def _thought_of(world: World) -> Iterator[list[str]]:
    """From the most telling on; of those that are alike, about the first name that is read."""
    who = "people" if "person" in world.labels else objects(world.labels[:1])
    when = _day(world)
    yield [f"How many {who} were seen {when}?"]
    yield [f"What was the busiest hour {when}?"]
    yield [
        f"How many {who} crossed {place.name} {when}, by direction?"
        for place in world.lines[:TRIED]
    ]
    yield [f"How long did {who} stay in {place.name} {when}?" for place in world.zones[:TRIED]]
    if len(world.sources) > 1:
        yield [f"Which source had the most {who} {when}?"]
    yield [
        f"How many {who} were at {source.name} at the same time at most {when}?"
        for source in world.sources[:TRIED]
    ]
    yield [f"How long did {who} stay on average {when}?"]
    yield [f"When was the last {_one(world)} seen?"]
    yield [f"How many {who} were seen {when} by hour?"]
    for label in world.labels[:TRIED]:
        yield [f"How many {objects([label])} were seen in total?"]
    yield ["How many objects were seen by source?"]


def _one(world: World) -> str:
    return "person" if "person" in world.labels or not world.labels else world.labels[0]


def _day(world: World) -> str:
    """A day on which there is something to see, as people say it."""
    if world.recorded is None:
        return "today"
    name, last = world.timezone(), world.recorded[1] - 1
    today = midnight(world.now, name)
    if last >= today:
        return "today"
    if last >= midnight(world.now, name, -1):
        return "yesterday"
    day = datetime.fromtimestamp(last / 1000, zone(name))
    return f"on {day.day} {_MONTHS[day.month - 1]} {day.year}"
