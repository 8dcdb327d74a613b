"""Floor plans: made, changed and deleted."""

from __future__ import annotations

import streamlit as st

from ...errors import GroundError, TrackingError
from ...ground import FloorPlan, drawn_plan, plans
from .. import reading
from ..wording import plain
from . import changes

MOST = 10  # megabytes of a drawing
SENT = "ground.plan.sent"


def show() -> None:
    """The plans that sources can lie on."""
    with st.expander("Floor plans", icon=":material/map:"):
        st.caption(
            "A plan is a size in metres, with a drawing or without one. Several cameras can lie on"
            " it: each one's floor is put there by where its 0, 0 lies and how it is turned."
        )
        with reading.reading() as connection:
            known = plans(connection)
        for plan in known:
            _show(plan)
        _show_new()


def _show(plan: FloorPlan) -> None:
    drawing = "with a drawing" if plan.png is not None else "without a drawing"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{plain(plan.name)}**: {plan.width:g} m by {plan.height:g} m, {drawing}",
            width="content",
        )
        with st.popover("Delete", icon=":material/delete:", type="tertiary"):
            st.markdown(f"The plan **{plain(plan.name)}** goes for good.")
            if st.button("Delete the plan", key=f"ground.plan.delete.{plan.name}"):
                _act(lambda: changes.remove_plan(plan.name))


def _show_new() -> None:
    key = f"ground.plan.{st.session_state.get(SENT, 0)}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Plan", max_chars=200, key=f"{key}.name", width=200,
                             placeholder="ground floor").strip()  # fmt: skip
        width = st.number_input("Width, m", 0.5, 1000.0, None, 1.0, key=f"{key}.width", width=150)
        height = st.number_input(
            "Height, m", 0.5, 1000.0, None, 1.0, key=f"{key}.height", width=150,
            help="Of a drawing it may be left out: it has its proportions.",
        )  # fmt: skip
    file = st.file_uploader(
        "A drawing that fills it (PNG or JPEG), if there is one", ["png", "jpg", "jpeg"],
        key=f"{key}.file", max_upload_size=MOST,
    )  # fmt: skip
    ready = bool(name) and width is not None and (height is not None or file is not None)
    if st.button("Keep the plan", key="ground.plan.keep", disabled=not ready) and ready:
        assert width is not None
        image = None if file is None else file.getvalue()
        _act(lambda: changes.keep_plan(_made(name, width, height, image)))


def _made(name: str, width: float, height: float | None, image: bytes | None) -> FloorPlan:
    if image is not None:
        return drawn_plan(name, image, width, height)
    if height is None:
        raise GroundError("A plan without a drawing needs its height, too")
    return FloorPlan(name, width, height)


def _act(act: changes.Act) -> None:
    try:
        act()
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    st.session_state[SENT] = st.session_state.get(SENT, 0) + 1
    st.rerun()
