"""What an alert is for: a rule, checked, in words, to and from JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from ..errors import RuleError
from ..filters import WEEKDAYS
from ..paths import writable_as_text

Kind = Literal["count", "flow", "presence", "dwell", "down"]
KINDS: Mapping[Kind, str] = {
    "count": "Too many at once",
    "flow": "Too many within some minutes",
    "presence": "Anybody there at certain times",
    "dwell": "Somebody stays too long",
    "down": "A source is down or frozen",
}
STATES = ("down", "stale")

LONGEST_NAME = 200  # characters
MOST_NAMES = 50  # of labels or channels
LONGEST_WINDOW = 1440  # minutes
LONGEST = 7 * 86_400.0  # seconds that a rule may wait for anything
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Rule:
    """When somebody is to be told. Raises RuleError, naming what cannot be.

    source: a name; empty for each source by itself. zone, line: names on that source; empty for all
    of it. direction: the line's own word for one. labels: nothing given is all. over: how many, or
    how many seconds, must be exceeded. minutes: the window of a flow. begins, ends: times like
    22:00 of the source's own day, between which the rule counts; an end before the beginning is
    that of the next day. weekdays: on which such a time begins, Monday is 0; none are all. states:
    of a source that is down. hold: seconds for which it must be so without a break; quiet: seconds
    after an alert without another one. channels: names; None for all there are.
    """

    name: str
    kind: Kind
    source: str = ""
    zone: str = ""
    line: str = ""
    direction: str = ""
    labels: tuple[str, ...] = ()
    over: float = 0.0
    minutes: int = 0
    begins: str = ""
    ends: str = ""
    weekdays: tuple[int, ...] = ()
    states: tuple[str, ...] = STATES
    hold: float = 0.0
    quiet: float = 0.0
    enabled: bool = True
    channels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        _check_names(self)
        _check_numbers(self)
        _check_place(self)
        _check_times(self)

    @property
    def place(self) -> str:
        """The zone's or the line's name; empty for all of the source."""
        return self.zone or self.line

    @property
    def is_timed(self) -> bool:
        """Whether it counts only at certain times."""
        return bool(self.begins or self.weekdays)

    @property
    def unit(self) -> str:
        """Of its value and its limit: seconds, or empty for a number of objects."""
        return "seconds" if self.kind in ("dwell", "down") else ""

    @property
    def words(self) -> str:
        """The rule as a sentence, with names as they are."""
        text = f"{self._what()}{self._where()}{self._when()}"
        if self.hold:
            text += f", for {lasting(self.hold)} on end"
        if self.quiet:
            text += f"; then quiet for {lasting(self.quiet)}"
        return text

    def _what(self) -> str:
        things = (
            " or ".join(self.labels) if self.labels else "object" if self.over == 1 else "objects"
        )
        some = " or ".join(self.labels) if self.labels else "anything"
        match self.kind:
            case "count":
                return f"more than {self.over:g} {things} at once"
            case "flow":
                done = f"crossings of {self.line}" if self.line else "arrivals"
                way = f" ({self.direction})" if self.direction else ""
                of = f" by {things}" if self.labels else ""
                return f"more than {self.over:g} {done}{way}{of} within {self.minutes} min"
            case "presence":
                return some
            case "dwell":
                return f"{some} for longer than {lasting(self.over)}"
            case "down":
                states = {"down": "down", "stale": "frozen"}
                how = " or ".join(states[each] for each in self.states)
                return f"{how} for longer than {lasting(self.over)}"

    def _where(self) -> str:
        at = f"at {self.source}" if self.source else "at any source"
        return f" in {self.zone} {at}" if self.zone else f" {at}"

    def _when(self) -> str:
        text = f" between {self.begins} and {self.ends}" if self.begins else ""
        if self.weekdays:
            text += f" on {', '.join(_DAYS[day] for day in self.weekdays)}"
        return text

    def as_json(self) -> str:
        """What `of_json` reads; only what is not as usual."""
        usual = {each.name: each.default for each in fields(Rule)}
        given = {key: value for key, value in asdict(self).items() if value != usual[key]}
        return json.dumps(given, ensure_ascii=False)

    @classmethod
    def of_json(cls, text: str) -> Rule:
        """The rule in a JSON text. Raises RuleError."""
        try:
            content = json.loads(text)
        except ValueError as error:
            raise RuleError(f"A rule cannot be read: {error}") from None
        if not isinstance(content, dict):
            raise RuleError("A rule cannot be read: it is no JSON object")
        return cls.of(content)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Rule:
        """The rule of plain values. Raises RuleError."""
        known = {each.name for each in fields(cls)}
        if unknown := sorted(set(content) - known):
            raise RuleError(f"A rule has no {unknown[0]!r}; it has {', '.join(sorted(known))}")
        if missing := [name for name in ("name", "kind") if name not in content]:
            raise RuleError(f"A rule needs a {missing[0]}")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, (list, tuple)) else value
            for name, value in content.items()
        }
        for name, value in values.items():
            _check_type(name, value)
        return cls(**values)

    def changed(self, **changes: Any) -> Rule:
        """The rule with other values. Raises RuleError."""
        return replace(self, **changes)


def lasting(seconds: float) -> str:
    """A length of time that loses nothing: 90 is 1 min 30 s."""
    parts = []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            parts.append(f"{int(seconds // size)} {unit}")
            seconds %= size
    if seconds or not parts:
        parts.append(f"{seconds:g} s")
    return " ".join(parts)


def clock(text: str) -> int:
    """Milliseconds since midnight of a time like 22:00, or 24:00 for its end. Raises RuleError."""
    if text == "24:00":
        return 86_400_000
    if (found := _CLOCK.fullmatch(text)) is None:
        raise RuleError(f"{text!r:.50} is no time of day; write it like 22:00")
    return (int(found[1]) * 60 + int(found[2])) * 60_000


def read_weekdays(text: str) -> tuple[int, ...]:
    """Weekdays of a text like mon-fri,sun. Raises RuleError."""
    days: set[int] = set()
    for part in filter(None, (each.strip().lower() for each in text.split(","))):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise RuleError(f"{part!r:.50} is no weekday; write them like mon-fri,sun")
        a, b = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days |= set(range(a, b + 1)) if a <= b else {*range(a, 7), *range(b + 1)}
    return () if len(days) == 7 else tuple(sorted(days))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, str) for each in value)


_TYPES: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("name", "kind", "source", "zone", "line"), _is_text),
    **dict.fromkeys(("direction", "begins", "ends"), _is_text),
    **dict.fromkeys(("over", "hold", "quiet"), _is_number),
    **dict.fromkeys(("labels", "states"), _are_texts),
    "minutes": lambda value: type(value) is int,
    "weekdays": lambda value: isinstance(value, tuple) and all(type(day) is int for day in value),
    "enabled": lambda value: isinstance(value, bool),
    "channels": lambda value: value is None or _are_texts(value),
}


def _check_type(name: str, value: Any) -> None:
    if not _TYPES[name](value):
        raise RuleError(f"A rule's {name} cannot be {value!r:.80}")


def _check_names(rule: Rule) -> None:
    if not rule.name.strip():
        raise RuleError("A rule needs a name")
    if rule.kind not in KINDS:
        raise RuleError(f"There is no rule of kind {rule.kind!r:.50}; there are {', '.join(KINDS)}")
    lists = (rule.labels, rule.channels or ())
    if any(len(names) > MOST_NAMES for names in lists):
        raise RuleError(f"Rule {rule.name!r:.80} names more than {MOST_NAMES} labels or channels")
    names = (rule.name, rule.source, rule.zone, rule.line, rule.direction, *lists[0], *lists[1])
    for name in names:
        if len(name) > LONGEST_NAME or not writable_as_text(name):
            raise RuleError(f"{name!r:.80} is no name; take up to {LONGEST_NAME} letters")


def _check_numbers(rule: Rule) -> None:
    what = f"Rule {rule.name!r}"
    for name, number in (("over", rule.over), ("hold", rule.hold), ("quiet", rule.quiet)):
        if not math.isfinite(number) or number < 0:
            raise RuleError(f"{what}: {name} must be 0 or more, not {number}")
    longest = (rule.hold, rule.quiet, rule.over if rule.unit else 0.0)
    if any(number > LONGEST for number in longest):
        raise RuleError(f"{what}: no length of time may be more than {LONGEST / 86_400:g} days")
    if rule.kind in ("dwell", "down") and not rule.over:
        raise RuleError(f"{what} needs a length of time to be exceeded, in seconds")
    if rule.kind == "presence" and rule.over:
        raise RuleError(f"{what} is about anybody: it has no number to be exceeded")
    if rule.kind == "flow" and not 1 <= rule.minutes <= LONGEST_WINDOW:
        raise RuleError(f"{what}: its window must have 1 to {LONGEST_WINDOW} minutes")
    if rule.kind != "flow" and rule.minutes:
        raise RuleError(f"{what}: only a flow has a window of minutes")


def _check_place(rule: Rule) -> None:
    what = f"Rule {rule.name!r}"
    if rule.place and not rule.source:
        raise RuleError(f"{what} needs a source: {rule.place!r} is drawn on one")
    if rule.zone and rule.line:
        raise RuleError(f"{what} is about a zone or about a line, not about both")
    if rule.line and rule.kind != "flow":
        raise RuleError(f"{what}: a line has only a flow")
    if rule.direction and not rule.line:
        raise RuleError(f"{what}: only crossings of a line have a direction")
    if rule.kind == "down" and (rule.place or rule.labels):
        raise RuleError(f"{what} is about a source, not about a zone, a line or labels")
    if rule.kind == "down" and (not rule.states or not set(rule.states) <= set(STATES)):
        raise RuleError(f"{what}: states are {' and '.join(STATES)}, at least one of them")


def _check_times(rule: Rule) -> None:
    what = f"Rule {rule.name!r}"
    if bool(rule.begins) != bool(rule.ends):
        raise RuleError(f"{what} needs both ends of its times, like 22:00 and 06:00")
    if rule.begins:
        clock(rule.ends)
        if clock(rule.begins) == 86_400_000:
            raise RuleError(f"{what}: no day begins at 24:00; write 00:00")
    if not set(rule.weekdays) <= set(range(7)):
        raise RuleError(f"{what}: weekdays are 0, Monday, to 6, Sunday")
    if rule.kind == "presence" and not rule.is_timed:
        raise RuleError(f"{what} needs its times: from when to when, or weekdays")
