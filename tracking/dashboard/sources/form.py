"""The form for one source: what it is, and what is looked for in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from ...config import SourceSettings
from ...times import local_zone, zone
from ...weights import DEFAULT_WEIGHTS, locate
from ..wording import plain
from . import labels, uploads
from .drafts import Kind, kind_of, problems, suggested
from .forms import Filled, Form, put
from .more import show_more
from .where import show_where

KINDS: Mapping[Kind, str] = {
    "camera": ":material/videocam: Camera",
    "stream": ":material/lan: Network stream",
    "path": ":material/movie: File or folder",
    "upload": ":material/upload: Upload",
    "push": ":material/cell_tower: Pushed",
}


def show(form: Form) -> Filled:
    """Draw the form; what is wrong stands under its field, once somebody wanted to keep it."""
    before = form.before
    slots: dict[str, Any] = {}
    filled = Filled(_kind(form))
    show_where(form, filled, slots)
    _who_and_when(form, filled, before, slots)
    _what(form, filled, before, slots)
    show_more(form, filled, slots)
    kept = {key: value for key, value in form.written.items() if key not in filled.shown}
    filled.settings = {**kept, **filled.settings}
    wrong = problems(filled.settings, form.taken)
    filled.faults = {**wrong, **filled.faults}
    if filled.kind == "upload" and not filled.files:
        filled.faults["uri"] = "Choose a file to send"
    if st.session_state.get(form.key("tried")):
        for name, words in filled.faults.items():
            place = slots.get(name) or st
            place.markdown(f":small[:red[:material/error: {plain(words)}.]]")
    return filled


def _kind(form: Form) -> Kind:
    now = kind_of(form.written["uri"]) if not form.is_new else "stream"
    offered = [kind for kind in KINDS if form.is_new or kind != "upload"]
    chosen = st.segmented_control(
        "Where the pictures come from",
        offered,
        default=now,
        required=True,
        format_func=lambda kind: KINDS[kind],
        key=form.key("kind"),
    )
    return chosen or now


def _who_and_when(
    form: Form, filled: Filled, before: SourceSettings, slots: dict[str, Any]
) -> None:
    left, right = st.columns(2)
    several = filled.kind == "upload" and _sources_of(filled.files) > 1
    known = filled.kind != "upload" or filled.files
    guess = suggested(str(filled.settings.get("uri", "")) if known else "", form.taken)
    name = left.text_input(
        "Name",
        value="" if form.is_new else before.name,
        placeholder="each is called like its file" if several else guess or "front door",
        max_chars=200,
        key=form.key("name"),
        disabled=several,
        help="What it is called on every page; it must be the only one of that name.",
    ).strip()
    filled.settings["name"] = guess if several else name or guess or ""
    slots["name"] = left.empty()
    zones = _zones()
    chosen = right.selectbox(
        "Time zone",
        zones if before.timezone in zones else [before.timezone, *zones],
        index=zones.index(before.timezone) if before.timezone in zones else 0,
        key=form.key("timezone"),
        help="Of the place that is filmed: its times are shown in it.",
    )
    put(filled, "timezone", chosen, None if "timezone" in form.written else local_zone())
    slots["timezone"] = right.empty()
    if filled.kind in ("path", "upload"):
        _start(form, filled, before, several)
        slots["start"] = st.empty()


def _start(form: Form, filled: Filled, before: SourceSettings, several: bool) -> None:
    shown = None
    if before.start is not None:
        moment = datetime.fromtimestamp(before.start // 1000, zone(before.timezone))
        shown = moment.replace(tzinfo=None, second=0)
    chosen = st.datetime_input(
        "Filming began",
        value=shown,
        min_value=datetime(1970, 1, 1),
        max_value=datetime(2200, 12, 31),
        step=timedelta(minutes=1),
        format="YYYY-MM-DD",
        key=form.key("start"),
        disabled=several,
        help="In the time zone above. Left empty, its times count from the moment at which it is "
        "looked at." + (" For several files it is set afterwards." if several else ""),
    )
    chosen = form.written["start"] if chosen == shown and shown is not None else chosen
    put(filled, "start", None if several else chosen, None)


def _what(form: Form, filled: Filled, before: SourceSettings, slots: dict[str, Any]) -> None:
    left, right = st.columns(2)
    detector = left.segmented_control(
        "What is looked for",
        ["yolo", "motion"],
        default=before.detector,
        required=True,
        format_func={"yolo": "Objects (YOLO11)", "motion": "Whatever moves"}.__getitem__,
        key=form.key("detector"),
        help="Whatever moves needs no weights, and cannot tell a person from a car.",
    )
    if detector == "motion":
        filled.settings["detector"] = "motion"
        filled.shown.add("classes")
        right.caption("All it sees is called `moving`. It needs no weights.")
        return
    known = labels.known_weights()
    offered = list(dict.fromkeys([before.weights, *known]))
    weights = right.selectbox(
        "Weights",
        offered,
        format_func=lambda name: known.get(name, name),
        key=form.key("weights"),
        accept_new_options=True,
        help="The small ones (n) are the fastest, the large ones (x) the most exact. A path is "
        "good, too.",
    )
    weights = str(weights or DEFAULT_WEIGHTS)
    put(filled, "weights", weights, DEFAULT_WEIGHTS)
    slots["weights"] = right.empty()
    if locate(_from(form.folder, weights)) is None:
        right.caption(f":material/warning: {plain(weights)} is not on this machine yet.")
    options = list(dict.fromkeys([*(before.classes or ()), *labels.labels_of(weights)]))
    classes = st.multiselect(
        "Labels to keep",
        options,
        default=list(before.classes or ()),
        key=form.key("classes"),
        accept_new_options=True,
        placeholder="All",
        select_all=False,
    )
    put(filled, "classes", list(classes), [])
    slots["classes"] = st.empty()


def _sources_of(files: list[uploads.Upload]) -> int:
    """How many sources these become: each video one, the pictures together one."""
    pictures = [file for file in files if uploads.is_picture(file.name)]
    return len(files) - len(pictures) + bool(pictures)


def _from(folder: Path, weights: str) -> Path | str:
    return folder / weights if "/" in weights else weights


@st.cache_data(show_spinner=False)
def _zones() -> list[str]:
    usual = re.compile("(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian"
                       "|Pacific)/")  # fmt: skip
    return ["UTC", *sorted(filter(usual.match, available_timezones()))]
