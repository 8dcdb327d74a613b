"""Which part of the record is asked about, and how an address holds it.

A page's address says what is shown on it, so that a view can be sent to somebody:
``?range=today&source=front+door&label=person&hours=9-17&days=mon-fri``, or
``?range=2026-03-01T09:00/2026-03-02T09:00&zone=Europe/Berlin`` for a window that stays. What is
asked of zones is `area` (of the picture: `zone` is that of the clock), of lines `line` and `way`, a
direction; and ``stay=120-600`` are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .errors import SettingsError
from .localtime import DAY, HOUR, MINUTE, allowed
from .times import iso, to_ms, zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = 400  # of a name in an address; what is longer is no name of ours
MOST = 100  # names in an address
LONGEST_WINDOW = 3660 * DAY  # in an address: whoever asks for more keeps the server busy


@dataclass(frozen=True, slots=True)
class Filter:
    """A part of the record.

    since, until: milliseconds since 1970 UTC, half-open. sources: names; labels; hours: of the
    source's own day, 0 to 23; weekdays: its own, Monday is 0. zones, lines: names; with zones it is
    about the stays in them, with lines about who crossed them, in one of the directions (the lines'
    own names for them). least, most: seconds that a visit, or a stay in a zone, lasts at least and
    at most. Nothing given is all.
    """

    since: int
    until: int
    sources: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    zones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def length(self) -> int:
        """Of the window, in milliseconds."""
        return max(0, self.until - self.since)

    @property
    def everywhere(self) -> Filter:
        """The same without its zones, lines, directions and lengths of stays."""
        return replace(self, zones=(), lines=(), directions=(), least=None, most=None)

    def spans(self, timezone_name: str) -> list[tuple[int, int]]:
        """The times asked about at a source of that zone: sorted, disjoint, half-open."""
        return allowed(self.since, self.until, timezone_name, self.hours, self.weekdays)

    def before(self) -> Filter:
        """The same over the time of the same length just before."""
        return replace(self, since=self.since - self.length, until=self.since)

    def shifted(self, days: int) -> Filter:
        """The same some days later, or earlier; a day is 24 hours."""
        return replace(self, since=self.since + days * DAY, until=self.until + days * DAY)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose: a filter whose window may depend on when it is looked at.

    range: a key of RANGES, or "custom" with since and until. The rest as in `Filter`.
    """

    range: str | None = None
    since: int | None = None
    until: int | None = None
    sources: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    zones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    def filter(self, now: int, recorded: tuple[int, int] | None, timezone_name: str) -> Filter:
        """The filter at a moment. recorded: from when to when there are rows, if there are any."""
        since, until = self.window(now, recorded, timezone_name)
        return Filter(
            since,
            until,
            self.sources,
            self.labels,
            self.hours,
            self.weekdays,
            self.zones,
            self.lines,
            self.directions,
            self.least,
            self.most,
        )

    def window(
        self, now: int, recorded: tuple[int, int] | None, timezone_name: str
    ) -> tuple[int, int]:
        if self.range == "custom" and self.since is not None and self.until is not None:
            return self.since, self.until
        name = self.range if self.range in RANGES else usual_range(now, recorded, timezone_name)
        return RANGES[name].window(now, recorded, timezone_name)

    def query(self, timezone_name: str) -> dict[str, list[str] | str]:
        """The parameters of an address; what is not chosen is not in it."""
        found: dict[str, list[str] | str] = {}
        if self.range == "custom" and self.since is not None and self.until is not None:
            ends = (_short(t, timezone_name) for t in (self.since, self.until))
            found["range"] = "/".join(ends)
            found["zone"] = timezone_name
        elif self.range in RANGES:
            found["range"] = self.range
        if self.sources:
            found["source"] = list(self.sources)
        if self.labels:
            found["label"] = list(self.labels)
        if self.hours:
            found["hours"] = ",".join(_runs(self.hours, str))
        if self.weekdays:
            found["days"] = ",".join(_runs(self.weekdays, WEEKDAYS.__getitem__))
        for key, names in (("area", self.zones), ("line", self.lines), ("way", self.directions)):
            if names:
                found[key] = list(names)
        if self.least is not None or self.most is not None:
            found["stay"] = "-".join(map(_seconds, (self.least, self.most)))
        return found


KEYS = ("range", "zone", "source", "label", "hours", "days", "area", "line", "way", "stay")
"""The parameters of an address that a choice is made of."""


def read_choice(query: Mapping[str, Sequence[str]]) -> tuple[Choice, list[str]]:
    """The choice in an address's parameters, and what in them could not be read, in words."""
    problems: list[str] = []

    def read(key: str, parse: Callable[[str], tuple[int, ...]]) -> tuple[int, ...]:
        try:
            return parse(",".join(query.get(key, ())))
        except ValueError:
            problems.append(f"the address's {key}={','.join(query[key])[:50]!r} cannot be read")
            return ()

    window: tuple[str | None, int | None, int | None] = (None, None, None)
    if text := (list(query.get("range", ())) or [""])[0]:
        try:
            window = _read_range(text, (list(query.get("zone", ())) or ["UTC"])[0])
        except (SettingsError, ValueError):
            problems.append(f"the address's range={text[:50]!r} cannot be read")
    choice = Choice(
        *window,
        _names(query.get("source", ())),
        _names(query.get("label", ())),
        read("hours", _numbers(range(24), {})),
        read("days", _numbers(range(7), {name: n for n, name in enumerate(WEEKDAYS)})),
        zones=_names(query.get("area", ())),
        lines=_names(query.get("line", ())),
        directions=_names(query.get("way", ())),
    )
    if text := (list(query.get("stay", ())) or [""])[0]:
        try:
            least, most = _read_stay(text)
            choice = replace(choice, least=least, most=most)
        except ValueError:
            problems.append(f"the address's stay={text[:50]!r} cannot be read")
    return choice, problems


@dataclass(frozen=True, slots=True)
class Range:
    """A window with a name. days: of the calendar, counted back from today; or a length."""

    title: str
    length: int | None = None
    days: tuple[int, int] | None = None

    def window(
        self, now: int, recorded: tuple[int, int] | None, timezone_name: str
    ) -> tuple[int, int]:
        if self.length is not None:
            until = -(-now // MINUTE) * MINUTE  # to the end of this minute: rollups are by minute
            return until - self.length, until
        if self.days is not None:
            return midnight(now, timezone_name, self.days[0]), midnight(
                now, timezone_name, self.days[1]
            )
        if recorded is None:
            return midnight(now, timezone_name, 0), midnight(now, timezone_name, 1)
        return recorded[0] // MINUTE * MINUTE, recorded[1] // MINUTE * MINUTE + MINUTE


RANGES = {
    "15min": Range("Last 15 minutes", 15 * MINUTE),
    "1h": Range("Last hour", HOUR),
    "24h": Range("Last 24 hours", DAY),
    "today": Range("Today", days=(0, 1)),
    "yesterday": Range("Yesterday", days=(-1, 0)),
    "7d": Range("Last 7 days", days=(-6, 1)),
    "30d": Range("Last 30 days", days=(-29, 1)),
    "all": Range("Everything recorded"),
}


def usual_range(now: int, recorded: tuple[int, int] | None, timezone_name: str) -> str:
    """What to show to somebody who has not chosen: where there is something to see."""
    if recorded is None:
        return "today"
    begun, ended = recorded
    if now - ended > DAY:
        return "all"
    if short := [name for name in ("15min", "1h") if now - begun < (RANGES[name].length or 0)]:
        return short[0]
    return "today" if ended >= midnight(now, timezone_name) else "24h"


def midnight(now: int, timezone_name: str, days: int = 0) -> int:
    """When the day begins in a zone that is some days after the one of `now`."""
    day = datetime.fromtimestamp(now / 1000, zone(timezone_name)) + timedelta(days=days)
    return round(day.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp() * 1000)


def _read_range(text: str, timezone_name: str) -> tuple[str, int | None, int | None]:
    if text in RANGES:
        return text, None, None
    since, until = (to_ms(part, timezone_name) for part in text.split("/"))
    if since >= until:
        raise ValueError("a window ends after it begins")
    if until - since > LONGEST_WINDOW:
        raise ValueError("a window has ten years at most")
    return "custom", since, until


def _seconds(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.3f}".rstrip("0").rstrip(".")


def _read_stay(text: str) -> tuple[float | None, float | None]:
    """Seconds: at least and at most, ``120-600``, ``120-`` or ``-600``."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)?-(\d{1,9}(?:\.\d{1,3})?)?", text)
    if found is None:
        raise ValueError(text)
    least, most = (None if part is None else float(part) for part in found.groups())
    if least is not None and most is not None and least > most:
        raise ValueError("no stay is longer than it is at most")
    return least, most


def _short(t: int, timezone_name: str) -> str:
    """ISO 8601 with its offset, as short as it can be."""
    text = iso(t, timezone_name)
    return re.sub(r"(:00)?\.000(?=[Z+-])", "", text)


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if 0 < len(value) <= LONGEST))[:MOST]


def _numbers(known: Sequence[int], names: Mapping[str, int]) -> Callable[[str], tuple[int, ...]]:
    """A reader of lists like ``9-17,20``; a run may go over the end, like ``22-5``."""

    def one(text: str) -> int:
        text = text.strip().lower()
        number = names[text] if text in names else int(text)
        if number not in known:
            raise ValueError(text)
        return number

    def read(text: str) -> tuple[int, ...]:
        found: set[int] = set()
        for part in filter(None, text.split(",")):
            try:
                first, _, last = part.partition("-")
                a, b = one(first), one(last or first)
            except KeyError:
                raise ValueError(part) from None
            found |= set(range(a, b + 1)) if a <= b else {*range(a, len(known)), *range(b + 1)}
        return () if len(found) == len(known) else tuple(sorted(found))

    return read


def _runs(numbers: Sequence[int], name: Callable[[int], str]) -> list[str]:
    """Sorted numbers as runs: 9-12, 14."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return [name(p[0]) if len(p) == 1 else f"{name(p[0])}-{name(p[-1])}" for p in parts]
