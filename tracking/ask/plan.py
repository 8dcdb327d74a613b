"""What a question asks for, as a value: shown in words, edited, kept, and computed.

A plan is complete: whoever computes it twice on the same record gets the same number twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from ..errors import SettingsError
from ..filters import Filter
from ..localtime import BUCKETS
from ..metrics import METRICS
from ..times import LATEST, OUTSIDE, zone

Shape = Literal["number", "yes", "empty", "rows", "list", "known"]
"""What is wanted: a number; whether there is any; whether there is none; a number for each group;
tracks one by one; or what the record knows (its sources, labels, zones, lines)."""

Order = Literal["", "most", "least"]
Fold = Literal["", "mean"]
Relation = Literal["", "compare", "share"]

KNOWN = ("sources", "labels", "zones", "lines", "metrics")
"""What may be listed with the shape "known"."""

LISTED = ("stay", "first_seen", "last_seen", "confidence")
"""What tracks may be ordered by, with the shape "list"."""

DIMENSIONS = ("bucket", "hour", "weekday", "source", "label", "zone", "line", "direction")


@dataclass(frozen=True, slots=True)
class Span:
    """A window. since, until: ms since 1970 UTC, half-open. words: as people say it, "today"."""

    since: int
    until: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A question, read.

    metric: a key of metrics.METRICS; of LISTED with the shape "list", of KNOWN with "known".
    timezone: IANA name, in which the window was meant and times are shown.
    sources, labels, zones, lines: names; none given is all of them. directions: of crossings, by
    the lines' own names for them. hours: 0 to 23, weekdays: Monday is 0; both of the source's own
    clock. least, most: seconds that a stay lasts at least, or at most.
    by: dimensions to group by, of DIMENSIONS. bucket: width of the buckets, of localtime.BUCKETS.
    order, limit: of the groups or of the tracks, by their value; limit 0 is all of them.
    fold: "mean" answers with the mean over the groups.
    against, relation: another plan to compare with, or the whole of which this one is a share.
    chart: a kind of chart asked for, or "" for the one that fits.
    """

    metric: str
    span: Span
    timezone: str = "UTC"
    shape: Shape = "number"
    sources: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    least: float | None = None
    most: float | None = None
    by: tuple[str, ...] = ()
    bucket: str = ""
    order: Order = ""
    limit: int = 0
    fold: Fold = ""
    relation: Relation = ""
    against: Plan | None = None
    chart: str = ""

    def filter(self) -> Filter:
        """The part of the record that it is about."""
        return Filter(
            self.span.since,
            self.span.until,
            self.sources,
            self.labels,
            self.hours,
            self.weekdays,
            zones=self.zones,
            lines=self.lines,
            directions=self.directions,
            least=self.least,
            most=self.most,
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it; only what differs from nothing asked."""
        usual = {field.name: field.default for field in fields(self)}
        plain = {name: value for name, value in asdict(self).items() if value != usual[name]}
        if self.against is not None:
            plain["against"] = self.against.as_dict()
        return {**plain, "metric": self.metric, "span": asdict(self.span)}

    def checked(self) -> Plan:
        """The same, if it can be computed. Raises SettingsError, which names what is wrong."""
        _among("shape", self.shape, get_args(Shape))
        metrics = {"known": KNOWN, "list": LISTED}.get(self.shape, tuple(METRICS))
        _among("metric", self.metric, metrics)
        for each in self.by:
            _among("group", each, DIMENSIONS)
        if self.bucket:
            _among("bucket", self.bucket, tuple(BUCKETS))
        _among("order", self.order, get_args(Order))
        _among("fold", self.fold, get_args(Fold))
        _among("relation", self.relation, get_args(Relation))
        if not (self.span.since >= 0 and self.span.until <= LATEST):
            raise SettingsError(f"The window {OUTSIDE}")
        if self.span.since >= self.span.until:
            raise SettingsError(f"The window {self.span.words or 'asked about'} ends as it begins")
        if bool(self.relation) != (self.against is not None):
            raise SettingsError("A comparison or a share needs two plans, and nothing else does")
        if self.against is not None and self.against.against is not None:
            raise SettingsError("What is compared with is not itself a comparison")
        zone(self.timezone)
        return self

    def alone(self) -> Plan:
        """The same without what it is compared with."""
        return replace(self, against=None, relation="")


def plan_of(plain: Mapping[str, Any]) -> Plan:
    """The plan that JSON holds. Raises SettingsError, which names what is wrong with it."""
    names = {field.name for field in fields(Plan)}
    if unknown := [name for name in plain if name not in names]:
        raise SettingsError(f"A plan has no {unknown[0]!r}; it has {', '.join(sorted(names))}")
    values = dict(plain)
    try:
        values["span"] = Span(**values["span"])
        if values.get("against") is not None:
            values["against"] = plan_of(values["against"])
        for name, value in values.items():
            if isinstance(value, list):
                values[name] = tuple(value)
        return Plan(**values).checked()
    except (TypeError, KeyError, AttributeError) as error:
        raise SettingsError(f"That is no plan: {error}") from None


def _among(what: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        names = ", ".join(filter(None, allowed))
        raise SettingsError(f"There is no {what} {value!r}; there are {names}")
