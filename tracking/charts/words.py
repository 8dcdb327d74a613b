"""Numbers, lengths of time and windows as people read them."""

from __future__ import annotations

from datetime import datetime

from ..filters import Filter
from ..localtime import DAY
from ..metrics import Metric, Selection, Watched
from ..metrics.ranges import Range
from ..schema import UNWATCHED
from ..times import zone

STATES = {"stale": "frozen", "down": "down", "stopped": "switched off"}
"""What the states of coverage are called."""


def number(value: float | None) -> str:
    """Thousands apart, decimals only where they say something; a dash for nothing."""
    if value is None or value != value:
        return "–"
    if abs(value - round(value)) < 0.005:
        text = f"{round(value):,}"
    else:
        text = f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"
    return text.replace("-", "−")


def lasting(seconds: float | None) -> str:
    """A length of time in its two largest units."""
    if seconds is None or seconds != seconds:
        return "–"
    if seconds < 0:
        return f"−{lasting(-seconds)}"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, finer in ((86400, "d", "h"), (3600, "h", "min"), (60, "min", "s")):
        if whole >= size:
            rest = whole % size // {"h": 3600, "min": 60, "s": 1}[finer]
            return f"{whole // size} {unit} {rest} {finer}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def value(metric: Metric, amount: float | None, timezone_name: str = "UTC") -> str:
    """A metric's value with its unit; a moment in that zone."""
    if metric.kind == "time" and amount is not None and amount == amount:
        return moment(int(amount), timezone_name, seconds=True)
    return lasting(amount) if metric.unit == "seconds" else number(amount)


def between(low: float | None, high: float | None) -> str:
    """From the least to the most that there may be; a dash where that is not known."""
    if low is None or high is None or low != low or high != high:
        return "–"
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def range_of(range: Range) -> str:
    """How many visits there may be, and what that rests on, in a sentence."""
    return (
        f"At least {number(range.low)}: joins of a score from {range.lenient:g} on count, and what"
        f" was seen for less than {lasting(range.brief)} does not, as it may be none. At most"
        f" {number(range.high)}: only joins from {range.strict:g} on count."
    )


def share(part: float) -> str:
    """A share in percent; never 100 % of what is not whole, never 0 % of what is something."""
    if 0 < part < 0.01:
        return "under 1 %"
    return f"{int(part * 100 + (0.5 if part < 0.99 else 1e-9))} %"


def moment(t: int, timezone_name: str, seconds: bool = False) -> str:
    """Like Sat 28 Mar 2026, 18:00."""
    local = datetime.fromtimestamp(t / 1000, zone(timezone_name))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S}"[: None if seconds else -3]


def window(filter: Filter, timezone_name: str) -> str:
    """From when to when, with the zone."""
    begin, end = moment(filter.since, timezone_name), moment(filter.until, timezone_name)
    same = datetime.fromtimestamp(filter.since / 1000, zone(timezone_name)).date()
    if same == datetime.fromtimestamp(filter.until / 1000, zone(timezone_name)).date():
        end = end.rpartition(", ")[2]
    if filter.length % DAY == 0 and end.endswith("00:00") and begin.endswith("00:00"):
        begin = begin.removesuffix(", 00:00")
        end = moment(filter.until - 1, timezone_name).rpartition(", ")[0]
        return f"{begin} to {end}, {timezone_name}" if end != begin else f"{begin}, {timezone_name}"
    return f"{begin} to {end}, {timezone_name}"


def coverage(watched: Watched) -> str:
    """How much of the time was really watched, and what is known about the rest."""
    if not watched.possible:
        return "none of that time has passed yet"
    text = f"watched {share(watched.share)} of the time"
    lost = [
        f"{STATES[state]} {lasting(getattr(watched, state))}"
        for state in UNWATCHED
        if getattr(watched, state) >= 1
    ]
    return f"{text} ({', '.join(lost)})" if lost else text


def narrowed(selection: Selection) -> str:
    """What of the window is asked about, besides its ends; empty for all of it."""
    filter, parts = selection.filter, []
    if filter.hours:
        parts.append("hours " + ", ".join(f"{hour:02}" for hour in filter.hours))
    if filter.weekdays:
        names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        parts.append(", ".join(names[day] for day in filter.weekdays))
    if filter.labels:
        parts.append("only " + ", ".join(filter.labels))
    if filter.zones:
        parts.append("in " + ", ".join(filter.zones))
    if filter.lines or filter.directions:
        ways = f" ({', '.join(filter.directions)})" if filter.directions else ""
        parts.append(f"over {', '.join(filter.lines) or 'any line'}{ways}")
    if filter.least is not None:
        parts.append(f"at least {lasting(filter.least)}")
    if filter.most is not None:
        parts.append(f"at most {lasting(filter.most)}")
    return "; ".join(parts)


def size(amount: float) -> str:
    """A number of bytes in its largest unit: kB is 1000 bytes."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 999.5:
            places = 0 if amount >= 9.95 or unit == "bytes" else 1
            return f"{amount:.{places}f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"


def days(amount: float) -> str:
    """A rough number of days, for what is only estimated."""
    if amount < 1:
        return "less than a day"
    whole = round(amount)
    return "about a day" if whole == 1 else f"about {whole:,} days"
