"""Setting a source's floor: points on its picture, their metres, and how well they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from ...errors import GroundError, NothingRecorded, TrackingError
from ...ground import Calibration, Fit, Grounded, Placing, current, plans
from ...metrics import SourceInfo
from .. import reading
from ..movement.choosing import read_picture
from ..wording import plain
from ..zoning.canvas import Ground
from . import changes, points
from .points import Point

FROM_NOW, EVER_SINCE = "from now on", "for the past, too"


@dataclass(frozen=True, slots=True)
class Form:
    """What is said about a floor. fit: what the points give; fault: why they give none."""

    points: tuple[Point, ...]
    fit: Fit | None = None
    fault: str | None = None


def show(source: SourceInfo, can_write: bool) -> None:
    """A source's picture with its points, and beside it what they mean."""
    try:
        picture = read_picture(source, grey=False)
    except NothingRecorded:
        st.info(
            f"Nothing has been seen of {plain(source.name)} yet, so its picture's size is not"
            " known.",
            icon=":material/hourglass_empty:",
        )
        return
    ground = Ground(source.name, picture.ground.width, picture.ground.height, picture.jpeg)
    changes.show_undo()
    _edit(ground, can_write)


@st.fragment
def _edit(ground: Ground, can_write: bool) -> None:
    with reading.reading() as connection:
        grounds = [each for each in current(connection) if each.source == ground.title]
        known = [plan.name for plan in plans(connection)]
    old = grounds[0] if grounds else None
    points.load(ground.title, old.calibration if old else None, ground.width)
    now = points.current(ground.title)
    left, right = st.columns([5, 3], gap="medium")
    with right:
        form = _asked(ground, now, can_write)
        if can_write:
            placing = _placing(old, known) if form.fit is not None else None
            _show_save(ground, form, placing, old)
            _show_typing(form.points)
    with left:
        points.show(ground, now, form.fit, can_write)
        if ground.jpeg is None:
            st.caption("There is no picture of this source yet; points are in its pixels.")
        if form.fit is not None:
            _show_errors(form.fit)


# the points


def _asked(ground: Ground, now: Sequence[Point], can_write: bool) -> Form:
    """The metres of each point, as they are typed, and what comes of them."""
    st.markdown(
        "**Where the points lie on the floor**, in metres as on a map: x to the right and y ahead,"
        " away from the camera. Any place may be 0, 0."
    )
    found = []
    for number, point in enumerate(now, 1):
        key = f"ground.{points.rev()}.{point.id}"
        with st.container(horizontal=True, vertical_alignment="bottom"):
            sides = [
                st.number_input(
                    f"{number}: {name}", -10_000.0, 10_000.0, value, 0.1, "%.2f",
                    key=f"{key}.{name}", placeholder="metres", width=140, disabled=not can_write,
                )
                for name, value in (("x", point.across), ("y", point.ahead))
            ]  # fmt: skip
        found.append(replace(point, across=sides[0], ahead=sides[1]))
    form = _fitted(ground, tuple(found))
    if form.fault:
        st.error(plain(f"{form.fault}."), icon=":material/error:")
    elif form.fit is None:
        lacking = sum(point.across is None or point.ahead is None for point in found)
        said = f"{lacking} of them still lack their metres." if lacking else ""
        st.caption(f"{len(found)} of 4 or more points are put. {said}")
    return form


def _fitted(ground: Ground, found: tuple[Point, ...]) -> Form:
    floor = [(p.across, p.ahead) for p in found if p.across is not None and p.ahead is not None]
    if len(found) < 4 or len(floor) < len(found):
        return Form(found)
    frame = (ground.width, ground.height)
    try:
        calibration = Calibration(tuple(p.pixel for p in found), tuple(floor), frame=frame)
        return Form(found, calibration.fitted())
    except GroundError as error:
        return Form(found, fault=str(error))


def _show_errors(fit: Fit) -> None:
    """How well the points agree, in metres."""
    left_out = fit.left_out
    if left_out is None:
        st.caption(
            "Four points always agree, so nothing is known of how exact they are: a fifth one"
            " tells. Look whether the grid lies on the floor as metres should."
        )
        return
    off = fit.metres_off
    worst = int(off.argmax())
    st.markdown(
        f"The points miss the floor that all of them give by **{off.mean():.2f} m** on average, at"
        f" most **{off[worst]:.2f} m** (point {worst + 1})."
    )
    table = pd.DataFrame(
        {
            "point": np.arange(1, len(off) + 1),
            "misses by, m": [f"{each:.2f}" for each in off],
            "the others miss it by, m": [
                "–" if each != each else f"{each:.2f}" for each in left_out
            ],
        }
    )
    st.dataframe(table, hide_index=True, width="content")
    if np.isnan(left_out).any():
        st.caption("–: without this point, three of the four others lie on one line.")


def _show_typing(now: Sequence[Point]) -> None:
    """Points as text: exact, and without a mouse."""
    with st.expander("Type the points", icon=":material/keyboard:"):
        text = points.written(now)
        typed = st.text_area(
            "A point a line: its pixel = its metres", text,
            key=f"ground.typed.{points.rev()}.{hash(text) & 0xFFFFFFFF:x}",
            placeholder="161,402 = 0,0",
            help="Pixels of the source's own frame, from its top left corner. `tracking ground`"
            " writes and reads the same.",
        )  # fmt: skip
        if not st.button("Take these", key="ground.typed.take"):
            return
        try:
            points.begin(points.read(typed))
        except GroundError as error:
            st.error(plain(f"{error}."), icon=":material/error:")
            return
        st.rerun()


# saving


def _placing(old: Grounded | None, known: Sequence[str]) -> Placing | None:
    """Where the floor lies on a plan, if it is to lie on one."""
    before = old.calibration.placing if old else None
    if not known:
        return before
    start = known.index(before.plan) + 1 if before and before.plan in known else 0
    key = f"ground.place.{points.rev()}"
    number = st.selectbox(
        "It lies on the plan", range(len(known) + 1), start, key=f"{key}.plan", width=290,
        format_func=lambda n: known[n - 1] if n else "none of them",
    )  # fmt: skip
    if not number:
        return None
    chosen = known[number - 1]
    at = before if before and before.plan == chosen else Placing(chosen)
    with st.container(horizontal=True):
        x, y, turn = (
            st.number_input(
                label, -10_000.0, 10_000.0, float(value), step, key=f"{key}.{label}", width=140,
                help=about,
            )
            for label, value, step, about in (
                ("0, 0 from the left, m", at.x, 0.5, "Metres from the plan's lower left corner."),
                ("from below, m", at.y, 0.5, "Metres from the plan's lower left corner."),
                ("turned, °", at.turn, 5.0, "Anticlockwise, about its 0, 0."),
            )
        )  # fmt: skip
    return Placing(chosen, x, y, turn)


def _show_save(ground: Ground, form: Form, placing: Placing | None, old: Grounded | None) -> None:
    moved = old is None or _is_moved(form, old, ground.width)
    past = False
    if old is not None and moved and form.fit is not None:
        when = st.radio(
            "The new points count", [FROM_NOW, EVER_SINCE], key="ground.when",
            captions=[
                "A new version, as after the camera was moved; speeds so far stay.",
                "As if the present version had been like this.",
            ],
        )  # fmt: skip
        past = when == EVER_SINCE
    same = old is not None and not moved and placing == old.calibration.placing
    ready = form.fit is not None and not same
    with st.container(horizontal=True):
        save = st.button(
            "Save", type="primary", icon=":material/check:", key="ground.save", disabled=not ready
        )
        if old is not None:
            _show_removal(ground.title)
    if not save or form.fit is None:
        return
    kept = old.calibration if old is not None and not moved else form.fit.calibration
    try:
        changes.set_floor(ground.title, replace(kept, placing=placing), past)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    points.forget()
    st.rerun()


def _is_moved(form: Form, old: Grounded, width: int) -> bool:
    before = points.points_of(old.calibration, width)
    return [replace(each, id=0) for each in form.points] != [replace(each, id=0) for each in before]


def _show_removal(source: str) -> None:
    with st.popover("Remove", icon=":material/delete:"):
        st.markdown(
            f"The floor of **{plain(source)}** goes with all of its versions, and so do its speeds."
        )
        if not st.button("Remove the floor", key="ground.remove"):
            return
        try:
            changes.remove_floor(source)
        except TrackingError as error:
            st.error(plain(f"{error}."), icon=":material/error:")
            return
        points.forget()
        st.rerun()
