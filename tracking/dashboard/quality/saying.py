"""Numbers about quality in words."""

from __future__ import annotations

from ...charts import words
from ...quality import Number, Quality
from ...quality.audits import Audit
from ...quality.estimating import Estimate
from ..wording import plain


def value(number: Number) -> str:
    """With its unit; a dash where there is nothing to count."""
    amount, unit = number.value, number.metric.unit
    if amount is None:
        return "–"
    if unit == "share":
        return words.share(amount)
    if unit == "px":
        return f"{words.number(round(amount))} px"
    return f"{amount:.1g}" if 0 < amount < 0.01 else words.number(amount)


def definition(number: Number, quality: Quality) -> str:
    """Definition, from what it was divided, window, zone and coverage, as Markdown."""
    selection = quality.selection
    lines = [f"**{number.metric.title}.** {number.metric.definition}"]
    if number.value is None:
        lines.append("There was nothing to count: this is not a zero.")
    elif number.metric.unit in ("share", "a watched minute", "a second"):
        lines.append(f"{words.number(number.part)} of {words.number(number.whole)}"
                     f"{_of(number.metric.name)}.")  # fmt: skip
    lines.append(words.window(selection.filter, quality.source.timezone))
    if narrow := words.narrowed(selection):
        lines.append(plain(narrow))
    lines.append(words.coverage(quality.watched).capitalize() + ".")
    return "\n\n".join(lines)


def _of(name: str) -> str:
    if name.endswith("_rate"):
        return " watched minutes"
    return {"fps": " watched seconds", "coverage": " s", "sure": "", "fps_kept": " a second",
            "found": " pictures"}.get(name, " tracks")  # fmt: skip


def title(audit: Audit) -> str:
    """What an audit is of, in words."""
    plan = audit.plan
    of = " and ".join(plan.labels) or "objects"
    if plan.quantity == "crossings":
        way = f" ({plan.direction})" if plan.direction else ""
        return f"{of} over {plan.place}{way}, windows of {words.lasting(plan.seconds)}"
    if plan.quantity == "occupancy":
        return f"{of} at one moment"
    where = f" in {plan.place}" if plan.place else ""
    return f"{of} seen{where}, windows of {words.lasting(plan.seconds)}"


def question(audit: Audit) -> str:
    """What somebody is asked about a window."""
    plan = audit.plan
    of = " or ".join(plan.labels) or "objects"
    if plan.quantity == "crossings":
        way = f", in the direction “{plan.direction}”" if plan.direction else ", either way"
        return f"How often do {of} cross the line “{plan.place}”{way}?"
    if plan.quantity == "occupancy":
        return f"How many {of} are in the picture?"
    where = f"in “{plan.place}” at any moment" if plan.place else "seen at any moment"
    return f"How many different {of} are {where} of the window?"


def interval(low: float | None, high: float | None, share: bool = False) -> str:
    if low is None or high is None:
        return "no interval with fewer than two windows"
    return f"95 % interval {signed(low, share)} to {signed(high, share)}"


def signed(value: float | None, share: bool = False) -> str:
    if value is None:
        return "–"
    amount = round(value * 100, 1) if share else round(value, 2)
    text = f"{abs(amount):g}{' %' if share else ''}"
    return text if amount == 0 else f"{'+' if amount > 0 else '−'}{text}"


def needed(found: Estimate) -> str:
    """How many more windows make it sure, in words."""
    if found.needed is None:
        return "Two windows with somebody in them are the least that tell how many are needed."
    if found.needed == 0:
        return "Enough: the relative bias is known to within ±10 %."
    more = "window" if found.needed == 1 else "windows"
    return f"About {found.needed:,} more {more} make the relative bias known to within ±10 %."
