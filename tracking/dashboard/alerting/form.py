"""The fields of a rule, and what it would have found in the past while it is being filled in."""

from __future__ import annotations

from datetime import time
from typing import Any

import streamlit as st

from ...alerts import KINDS, Past, Rule, past
from ...charts import words
from ...errors import TrackingError
from ...localtime import DAY
from ...times import now_ms
from ...zones import current
from .. import reading
from ..filterbar import DAYS
from ..parts import plain
from ..places import Places

BACK = {1: "day", 7: "7 days", 30: "30 days"}


def show(key: str, rule: Rule | None, channels: list[str]) -> dict[str, Any]:
    """The fields; what they say, as `Rule.of` takes it. rule: what they begin with."""
    sources, labels = reading.known()
    names = [source.name for source in sources]
    kinds = list(KINDS)
    left, right = st.columns(2, gap="medium")
    with left:
        name = st.text_input("Name", rule.name if rule else "", key=f"{key}.name", max_chars=200)
        kind = st.selectbox(
            "What about", kinds, kinds.index(rule.kind) if rule else 0,
            format_func=lambda one: KINDS[one], key=f"{key}.kind",
        ) or "count"  # fmt: skip
        source = _one("Source", names, rule.source if rule else "", "Each source by itself",
                      f"{key}.source")  # fmt: skip
        given: dict[str, Any] = {"name": name, "kind": kind, "source": source}
        if kind != "down":
            given |= _place(key, kind, source, rule)
            chosen = [each for each in (rule.labels if rule else ())]
            given["labels"] = st.multiselect(
                "Labels", list(dict.fromkeys([*labels, *chosen])), chosen, key=f"{key}.labels",
                placeholder="All labels",
            )  # fmt: skip
    with right:
        given |= _limits(key, kind, rule)
        given |= _times(key, kind, rule)
        given |= _patience(key, rule)
        if channels:
            given["channels"] = _channels(key, rule, channels)
    return given


def _one(label: str, names: list[str], chosen: str, none: str, key: str) -> str:
    names = list(dict.fromkeys(["", *names, chosen]))
    return str(
        st.selectbox(
            label, names, names.index(chosen), format_func=lambda name: name or none, key=key
        )
        or ""
    )


def _place(key: str, kind: str, source: str, rule: Rule | None) -> dict[str, Any]:
    if not source:
        return {}
    with reading.reading() as connection:
        zones = [each.name for each in current(connection, "zone", source)]
        lines = {each.name: each.shape for each in current(connection, "line", source)}
    mine = rule if rule is not None and rule.source == source else None
    given: dict[str, Any] = {}
    if zones or (mine and mine.zone):
        given["zone"] = _one("Zone", zones, mine.zone if mine else "", "All of the picture",
                             f"{key}.zone.{source}")  # fmt: skip
    if kind == "flow" and not given.get("zone") and (lines or (mine and mine.line)):
        given["line"] = _one("Line", list(lines), mine.line if mine else "",
                             "No line: arrivals", f"{key}.line.{source}")  # fmt: skip
        shape: Any = lines.get(given["line"])
        if shape is not None:
            ways = [shape.forward, shape.backward]
            way = mine.direction if mine and mine.direction in ways else ""
            given["direction"] = _one("Direction", ways, way, "Either",
                                      f"{key}.way.{source}.{given['line']}")  # fmt: skip
    return given


def _limits(key: str, kind: str, rule: Rule | None) -> dict[str, Any]:
    same = rule if rule is not None and rule.kind == kind else None
    given: dict[str, Any] = {}
    if kind in ("count", "flow"):
        usual = same.over if same else 5.0
        given["over"] = float(
            st.number_input("More than", 0, 1_000_000, int(usual), key=f"{key}.over.{kind}")
        )
    if kind == "flow":
        given["minutes"] = int(
            st.number_input("Within minutes", 1, 1440, same.minutes if same else 10,
                            key=f"{key}.minutes")
        )  # fmt: skip
    if kind in ("dwell", "down"):
        given["over"] = float(
            st.number_input(
                "For longer than (seconds)", 1.0, 604_800.0, same.over if same else 60.0, 10.0,
                key=f"{key}.over.{kind}", format="%g",
            )
        )  # fmt: skip
    if kind == "down":
        given["states"] = st.pills(
            "How", ["down", "stale"], selection_mode="multi",
            default=list(same.states) if same else ["down", "stale"], key=f"{key}.states",
            format_func=lambda state: {"down": "No picture", "stale": "The same picture"}[state],
        )  # fmt: skip
    return given


def _times(key: str, kind: str, rule: Rule | None) -> dict[str, Any]:
    timed = kind == "presence" or st.toggle(
        "Only at certain times", rule is not None and rule.is_timed, key=f"{key}.timed"
    )
    if not timed:
        return {}
    begin, end = (
        (rule.begins, rule.ends) if rule is not None and rule.begins else ("22:00", "06:00")
    )
    left, right = st.columns(2)
    begins = left.time_input("From", _time(begin), key=f"{key}.begins")
    ends = right.time_input("To", _time(end), key=f"{key}.ends", help="May be on the next day.")
    days = st.pills(
        "Weekdays on which it begins", range(7), selection_mode="multi", key=f"{key}.days",
        default=list(rule.weekdays) if rule else [], format_func=DAYS.__getitem__,
        help="Nothing chosen is every day.",
    )  # fmt: skip
    st.caption("By the clock of the source; the same time twice is the whole day.")
    given: dict[str, Any] = {"weekdays": tuple(sorted(days or ()))}
    if isinstance(begins, time) and isinstance(ends, time):
        given |= {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}
    return given


def _time(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)


def _patience(key: str, rule: Rule | None) -> dict[str, Any]:
    left, right = st.columns(2)
    hold = left.number_input(
        "Hold (seconds)", 0.0, 604_800.0, rule.hold if rule else 0.0, 5.0, key=f"{key}.hold",
        format="%g", help="For so long it must be so without a break.",
    )  # fmt: skip
    quiet = right.number_input(
        "Quiet (seconds)", 0.0, 604_800.0, rule.quiet if rule else 60.0, 60.0, key=f"{key}.quiet",
        format="%g", help="For so long after an alert there is no other one.",
    )  # fmt: skip
    return {"hold": hold, "quiet": quiet}


def _channels(key: str, rule: Rule | None, channels: list[str]) -> list[str] | None:
    mine = list(rule.channels) if rule is not None and rule.channels is not None else []
    everybody = st.toggle("Tell all channels", rule is None or rule.channels is None,
                          key=f"{key}.everybody")  # fmt: skip
    if everybody:
        return None
    return list(
        st.multiselect("Channels", list(dict.fromkeys([*channels, *mine])), mine,
                       key=f"{key}.channels", placeholder="None: it is only shown here")
    )  # fmt: skip


# what it would have found


def preview(key: str, given: dict[str, Any]) -> Rule | None:
    """Say how often such a rule would have fired; the rule, None if there can be none."""
    try:
        rule = Rule.of({**given, "name": given["name"].strip() or "it"})
    except TrackingError as error:
        st.caption(f":material/info: {plain(str(error))}.")
        return None
    st.caption(f"Tells of: **{plain(rule.words)}**.")
    days = st.segmented_control(
        "Tried on the last", list(BACK), default=7, format_func=BACK.__getitem__, required=True,
        key=f"{key}.back",
    )  # fmt: skip
    end = now_ms() // 60_000 * 60_000
    with st.spinner("Trying it on the past …"):
        found = reading.shown(
            lambda: _past(str(Places.of().database), rule.as_json(), end - (days or 7) * DAY, end)
        )
    st.markdown(f":material/history: {said(found, BACK[days or 7])}")
    return rule


def said(found: Past, time: str) -> str:
    """How often a rule would have fired, and how much of the time was watched, as Markdown."""
    if not found.possible or not found.watched:
        return f"Nothing was watched in the last {time}: it cannot be tried on that."
    count = len(found.found)
    times = "once" if count == 1 else f"{count:,} times" if count else "never"
    text = f"It would have fired **{times}** in the last {time}"
    if count:
        last = found.found[-1]
        moment = words.moment(last.began, last.timezone)
        text += f", the last time {moment} ({plain(last.timezone)}) at {plain(last.source)}"
    return f"{text}. Watched {words.share(found.share)} of the time."


@st.cache_data(max_entries=32, ttl=120, show_spinner=False)
def _past(database: str, rule: str, since: int, until: int) -> Past:
    with reading.reading() as connection:
        return past(connection, Rule.of_json(rule), since, until)
