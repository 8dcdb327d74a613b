"""The fields of a source's form that most people leave as they are."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ...config import SourceSettings
from ..wording import plain
from .forms import Filled, Form, put

GATE = {None: "Decide by itself", True: "Always", False: "Never"}
SIZES = (None, 320, 384, 448, 512, 640, 768, 896, 1024, 1280)


def show_more(form: Form, filled: Filled, slots: dict[str, Any]) -> None:
    """What most people leave as it is. slots: where faults are told, by setting."""
    before = form.before
    with st.expander("Advanced", icon=":material/tune:"):
        left, right = st.columns(2)
        if filled.settings.get("detector") != "motion":
            _detection(form, filled, before, left, right)
        fps = left.number_input(
            "Frames a second at most",
            min_value=0.001,
            max_value=1000.0,
            value=before.fps,
            step=1.0,
            format="%g",
            placeholder="All",
            key=form.key("fps"),
        )
        put(filled, "fps", fps, None)
        slots["fps"] = left.empty()
        moving = right.toggle(
            "The camera itself moves", value=before.moving_camera, key=form.key("moving_camera")
        )
        put(filled, "moving_camera", moving, False)
        if not moving and filled.settings.get("detector") != "motion":
            gate = right.selectbox(
                "Leave out pictures in which nothing moves",
                list(GATE),
                index=list(GATE).index(before.motion_gate),
                format_func=GATE.__getitem__,
                key=form.key("motion_gate"),
            )
            put(filled, "motion_gate", gate, None)
        if filled.kind in ("camera", "stream", "push"):
            _for_live(form, filled, before, left)
        else:
            _for_recordings(form, filled, before, left)
        if others := before.changed_tracker():
            kept = ", ".join(others)
            st.caption(f"The tracker's settings of the file stay as they are: {plain(kept)}.")


def _detection(form: Form, filled: Filled, before: SourceSettings, left: Any, right: Any) -> None:
    speed = left.segmented_control(
        "Speed",
        ["normal", "fast"],
        default=before.speed,
        required=True,
        format_func=str.capitalize,
        key=form.key("speed"),
        help="Fast sees less of what is small.",
    )
    put(filled, "speed", speed, "normal")
    sizes = SIZES if before.image_size in SIZES else (*SIZES, before.image_size)
    size = right.selectbox(
        "Side of the detector's input",
        sizes,
        index=sizes.index(before.image_size),
        format_func=lambda side: f"{side} pixels" if side else "By speed",
        key=form.key("image_size"),
    )
    put(filled, "image_size", size, None)
    confidence = left.slider(
        "Least confidence", 0.0, 1.0, before.confidence, 0.05, key=form.key("confidence")
    )
    put(filled, "confidence", confidence, 0.25)


def _for_live(form: Form, filled: Filled, before: SourceSettings, place: Any) -> None:
    stale = place.number_input(
        "Seconds without a new picture until it counts as frozen",
        min_value=0.0,
        value=before.stale_after,
        step=1.0,
        format="%g",
        key=form.key("stale_after"),
        help="0: never",
    )
    put(filled, "stale_after", stale, 10.0)


def _for_recordings(form: Form, filled: Filled, before: SourceSettings, place: Any) -> None:
    real = place.toggle("Play at its own pace", value=before.realtime, key=form.key("realtime"))
    put(filled, "realtime", real, False)
    loop = place.toggle("Begin again at its end", value=before.loop, key=form.key("loop"))
    put(filled, "loop", loop, False)
