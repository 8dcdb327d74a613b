"""A plan as fields: what is changed is answered as a new turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from ...ask.plan import DIMENSIONS, KNOWN, LISTED, Plan, Span
from ...ask.saying import WEEKDAYS, say_plan, say_window
from ...ask.world import World
from ...errors import SettingsError
from ...filters import LONGEST_WINDOW, RANGES
from ...ground import versions
from ...localtime import BUCKETS, MINUTE
from ...metrics import METRICS
from ...times import now_ms, to_ms, zone
from .. import reading
from ..parts import plain
from .talk import Turn, talk

AS_ASKED, CUSTOM = "as asked", "custom"
GROUPS = {
    "bucket": "time", "hour": "hour of the day", "weekday": "weekday", "source": "source",
    "label": "label", "zone": "zone", "line": "line", "direction": "direction",
}  # fmt: skip
LISTS = {
    "stay": "Tracks, by their stay",
    "first_seen": "Tracks, by their first sighting",
    "last_seen": "Tracks, by their last sighting",
    "confidence": "Tracks, by how sure it was",
}
ORDERS = {"": "As they come", "most": "Highest first", "least": "Lowest first"}
MOST_GROUPS = 1_000

assert tuple(GROUPS) == DIMENSIONS
assert tuple(LISTS) == LISTED


def changed(plan: Plan, **new: Any) -> Plan:
    """A plan with other values; what it is compared with changes where it was alike."""
    other = plan.against
    if other is not None:
        alike = {
            name: value
            for name, value in new.items()
            if getattr(plan, name) == getattr(other, name)
        }
        other = replace(other, **alike)
    return replace(plan, **new, against=other)


def show(plan: Plan, turn: Turn) -> None:
    """All that a plan holds, to be chosen anew."""
    world, key = reading.world(), f"ask.change.{turn.number}."
    with st.container(border=True, key=f"ask_change_{turn.number}"):
        if plan.shape == "known":
            new = _known(plan, key)
        else:
            with st.grid(3, min_column_width=220, gap="small", key=f"ask_fields_{turn.number}"):
                new = _what(plan, key)
                new |= _window(plan, world, key)
                new |= _where(plan, world, key)
                new |= _stays(plan, key)
                new |= _groups(plan, new, key)
            new |= _when(plan, key)
        other = changed(plan, **new)
        if plan.against is not None and not st.checkbox(
            f"{'Compared with' if plan.relation == 'compare' else 'As a share of'}:"
            f" {plain(say_plan(replace(plan.against, relation='', against=None)))}",
            True, key=f"{key}against",
        ):  # fmt: skip
            other = other.alone()
        _offer(plan, other, key)


def _offer(plan: Plan, other: Plan, key: str) -> None:
    try:
        other.checked()
    except SettingsError as error:
        st.caption(f":material/error: {plain(str(error))}")
        return
    st.markdown(f":gray[Asks for:] {plain(say_plan(other))}")
    if st.button(
        "Answer this", type="primary", icon=":material/play_arrow:", key=f"{key}go",
        disabled=other == plan,
    ):  # fmt: skip
        talk().compute(other)
        st.rerun()


def _known(plan: Plan, key: str) -> dict[str, Any]:
    chosen = st.selectbox("List the", KNOWN, KNOWN.index(plan.metric), key=f"{key}known")
    return {"metric": chosen or plan.metric}


def _what(plan: Plan, key: str) -> dict[str, Any]:
    titles = {
        f"number.{name}": metric.title
        for name, metric in METRICS.items()
        if metric.kind != "pace" or reading.shown(_measures_floors)
    }
    titles |= {f"list.{name}": title for name, title in LISTS.items()}
    asked = f"{'list' if plan.shape == 'list' else 'number'}.{plan.metric}"
    titles.setdefault(asked, plan.metric.replace("_", " ").capitalize())
    chosen = st.selectbox(
        "What", list(titles), list(titles).index(asked), format_func=titles.__getitem__,
        key=f"{key}what",
    )  # fmt: skip
    shape, _, metric = (chosen or asked).partition(".")
    if shape == "list":
        return {"metric": metric, "shape": "list", "by": (), "bucket": "", "fold": ""}
    if plan.shape == "list":
        return {"metric": metric, "shape": "number", "order": "", "limit": 0}
    return {"metric": metric}


def _measures_floors() -> bool:
    """Whether any source has a ground plane: without one nothing has a speed."""
    with reading.reading() as connection:
        return bool(versions(connection))


def _window(plan: Plan, world: World, key: str) -> dict[str, Any]:
    names = [AS_ASKED, *RANGES, CUSTOM]
    titles = {AS_ASKED: say_window(plan.span, plan.timezone), CUSTOM: "From … to …"}
    titles |= {name: each.title for name, each in RANGES.items()}
    chosen = st.selectbox("When", names, format_func=titles.__getitem__, key=f"{key}when")
    if chosen is not None and chosen in RANGES:
        ends = RANGES[chosen].window(now_ms(), world.recorded, plan.timezone)
        return {"span": Span(*ends, RANGES[chosen].title.lower())}
    if chosen == CUSTOM:
        return {"span": _custom(plan, key)}
    return {}


def _custom(plan: Plan, key: str) -> Span:
    begin = _moment(f"From ({plan.timezone})", plan.span.since, plan.timezone, f"{key}since")
    end = _moment(f"To ({plan.timezone})", plan.span.until, plan.timezone, f"{key}until")
    return Span(max(begin, end - LONGEST_WINDOW), end)


def _moment(label: str, t: int, timezone: str, key: str) -> int:
    local = datetime.fromtimestamp(t / 1000, zone(timezone)).replace(tzinfo=None)
    shown = local.replace(second=0, microsecond=0)
    chosen = st.datetime_input(
        label, shown, key=key, step=timedelta(milliseconds=MINUTE), format="YYYY-MM-DD"
    )
    if not isinstance(chosen, datetime) or chosen == shown:
        return t
    return to_ms(chosen.replace(tzinfo=zone(timezone)))


def _where(plan: Plan, world: World, key: str) -> dict[str, Any]:
    known = {
        "sources": [source.name for source in world.sources],
        "labels": list(world.labels),
        "zones": [place.name for place in world.zones],
        "lines": [place.name for place in world.lines],
        "directions": [name for place in world.lines for name in place.directions],
    }
    found = {}
    for name, there in known.items():
        asked: Sequence[str] = getattr(plan, name)
        options = list(dict.fromkeys([*there, *asked]))
        if options:
            found[name] = tuple(
                st.multiselect(
                    name.capitalize(), options, list(asked), placeholder="All", key=f"{key}{name}"
                )
            )
    return found


def _stays(plan: Plan, key: str) -> dict[str, Any]:
    least = st.number_input(
        "Stay of at least (s)", 0.0, None, plan.least, 1.0, placeholder="Any", key=f"{key}least"
    )
    most = st.number_input(
        "Stay of at most (s)", 0.0, None, plan.most, 1.0, placeholder="Any", key=f"{key}most"
    )
    return {"least": least, "most": most}


def _groups(plan: Plan, new: dict[str, Any], key: str) -> dict[str, Any]:
    is_list = new.get("shape", plan.shape) == "list"
    found: dict[str, Any] = {}
    if not is_list:
        by = tuple(
            st.multiselect(
                "Grouped by", list(GROUPS), list(plan.by), format_func=GROUPS.__getitem__,
                placeholder="Not grouped", key=f"{key}by",
            )
        )  # fmt: skip
        found = {"by": by, **_shape(plan, by)}
        if "bucket" in by:
            buckets = list(BUCKETS)
            usual = plan.bucket if plan.bucket in buckets else "hour"
            found["bucket"] = st.selectbox(
                "Width", buckets, buckets.index(usual), format_func="by {}".format,
                key=f"{key}bucket",
            )  # fmt: skip
        elif plan.bucket:
            found["bucket"] = ""
        if not by:
            return {**found, "order": "", "limit": 0}
        found["fold"] = (
            "mean" if st.checkbox("Only the mean", bool(plan.fold), key=f"{key}fold") else ""
        )
    orders = list(ORDERS)[1 if is_list else 0 :]
    asked = plan.order if plan.order in orders else orders[0]
    found["order"] = st.selectbox(
        "Order", orders, orders.index(asked), format_func=ORDERS.__getitem__, key=f"{key}order"
    )
    limit = st.number_input(
        "Only the first", 0, MOST_GROUPS, min(plan.limit, MOST_GROUPS), key=f"{key}limit",
        help="0 is all of them",
    )  # fmt: skip
    return {**found, "limit": int(limit)}


def _shape(plan: Plan, by: Sequence[str]) -> dict[str, Any]:
    """Groups are rows; without any it is a number again."""
    if by and plan.shape in ("number", "rows"):
        return {"shape": "rows"}
    return {"shape": "number"} if plan.shape in ("rows", "list") else {}


def _when(plan: Plan, key: str) -> dict[str, Any]:
    with st.expander(
        "Hours and days" + (" ●" if plan.hours or plan.weekdays else ""), icon=":material/schedule:"
    ):
        st.caption("Of each source's own day. Nothing chosen is all.")
        days = st.pills(
            "Weekdays", range(7), selection_mode="multi", default=list(plan.weekdays),
            format_func=lambda day: WEEKDAYS[day][:3], key=f"{key}days",
        )  # fmt: skip
        hours = st.pills(
            "Hours of the day", range(24), selection_mode="multi", default=list(plan.hours),
            format_func="{:02}".format, key=f"{key}hours",
        )  # fmt: skip
    return {"weekdays": tuple(sorted(days)), "hours": tuple(sorted(hours))}
