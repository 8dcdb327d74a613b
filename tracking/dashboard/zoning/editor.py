"""Drawing: the picture, and beside it the name, what it would count, and saving."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ...charts import words
from ...charts.look import PALETTE
from ...errors import DrawingError, TrackingError
from ...localtime import DAY, MINUTE
from ...times import now_ms
from ...zones import BEGINNING, Drawn, Kind, Line, Tried, Zone, try_out
from ...zones.geometry import bounds
from .. import reading
from ..wording import plain
from . import canvas, changes, drafts
from .canvas import Sketch
from .choosing import Place

TRIED = "zoning.tried"
KEPT = 12  # results of what was tried
LAST_DAY, EVER = "the last 24 hours", "everything recorded"
FROM_NOW, EVER_SINCE = "from now on", "for the past, too"


@dataclass(frozen=True, slots=True)
class Form:
    """What is said about a drawing. fault: why it cannot be saved, in words."""

    sketch: Sketch
    old: Drawn | None
    name: str = ""
    forward: str = "in"
    backward: str = "out"
    shape: Zone | Line | None = None
    fault: str | None = None

    @property
    def is_moved(self) -> bool:
        """Whether it counts something else than what it changes."""
        return self.old is None or self.sketch.rings != Sketch.of_drawn(self.old).rings

    @property
    def is_same(self) -> bool:
        return self.old is not None and self.shape == self.old.shape and not self.is_moved


@st.fragment
def show(place: Place, can_write: bool) -> None:
    """The picture of a source, on which is drawn what there is and what comes."""
    sketch = drafts.current(place.source.name) if can_write else None
    left, right = st.columns([5, 3], gap="medium")
    shapes = canvas.coloured(place.current)
    with right:
        form = _show_form(place, sketch) if sketch else None
        if sketch is None:
            _show_idle(place, can_write)
    colour = PALETTE[len(shapes) % len(PALETTE)]
    for shape in shapes:
        if sketch and shape["key"] == sketch.of:
            colour = shape["colour"]
    look = {"colour": colour}
    if form:
        look |= {"name": form.name, "forward": form.forward, "backward": form.backward}
    with left:
        canvas.show(
            place.ground, shapes, drafts.key_of_canvas(place.source.name),
            sketch, drafts.rev(), look, can_write,
        )  # fmt: skip
        if place.ground.jpeg is None:
            st.caption("There is no picture of this source yet; drawn is in its pixels.")


def _show_idle(place: Place, can_write: bool) -> None:
    st.markdown(
        "**Zones** count who stays in them, and for how long. **Lines** count who crosses them, in"
        " each direction. Where somebody stands is where their feet are: the middle of the lower"
        " edge of their box."
    )
    if can_write:
        st.caption("What is drawn counts all that is recorded already, and what comes from now on.")
        _show_typing(place, Sketch("zone", ((),)))


def _show_form(place: Place, sketch: Sketch) -> Form:
    old = next((each for each in place.current if canvas.key_of(each) == sketch.of), None)
    with st.container(border=True, key="zoning_form"):
        title = f"New {sketch.kind}" if old is None else f"Change {plain(old.name)}"
        st.subheader(title, anchor=False)
        form = _filled(place, sketch, old)
        if form.fault:
            st.error(plain(f"{form.fault}."), icon=":material/error:")
        elif form.shape is not None:
            _warn_of_outside(place, form.shape)
            if form.is_moved:
                _show_trial(place, form.shape, form.old)
        past = _show_when(form)
        _show_save(place, form, past)
        _show_typing(place, sketch)
    return form


def _filled(place: Place, sketch: Sketch, old: Drawn | None) -> Form:
    key = f"zoning.{drafts.rev()}.{sketch.kind}.{sketch.of}"
    name = st.text_input(
        "Name", old.name if old else "", max_chars=200, key=f"{key}.name",
        placeholder="waiting area" if sketch.kind == "zone" else "entrance",
    ).strip()  # fmt: skip
    line = old.shape if old and isinstance(old.shape, Line) else None
    forward, backward = (line.forward, line.backward) if line else ("in", "out")
    if sketch.kind == "line":
        with st.container(horizontal=True):
            forward = st.text_input(
                "Along the arrow", forward, max_chars=200, key=f"{key}.forward", width=150,
                help="What it is called to cross the line in the arrow's direction.",
            ).strip()  # fmt: skip
            backward = st.text_input(
                "Against it", backward, max_chars=200, key=f"{key}.backward", width=150,
                help="What it is called to cross it the other way.",
            ).strip()  # fmt: skip
        st.caption("“Swap directions” above the picture turns the arrow round.")
    form = Form(sketch, old, name, forward, backward)
    try:
        shape = sketch.named(name or f"new {sketch.kind}", (forward, backward))
    except DrawingError as error:
        return Form(sketch, old, name, forward, backward, fault=str(error))
    return Form(sketch, old, name, forward, backward, shape, _fault(place, form, shape))


def _fault(place: Place, form: Form, shape: Zone | Line) -> str | None:
    """Why a shape cannot be drawn here, though it is one."""
    kind, width, height = form.sketch.kind, place.ground.width, place.ground.height
    if form.sketch.of is not None and form.old is None:
        return f"The {kind} has been changed or deleted meanwhile: discard this drawing"
    if is_outside(shape, width, height):
        return f"All of it lies outside of the picture, which is {width} by {height} pixels"
    own = form.old.name if form.old else None
    if form.name != own and any(
        form.name == each.name for each in place.current if each.kind == kind
    ):
        return f"There is a {kind} {form.name!r} on this source already: take another name"
    return None


def is_outside(shape: Zone | Line, width: int, height: int) -> bool:
    """Whether nothing of it can lie within the picture."""
    left, top, right, low = bounds(shape.all_points)
    return right < 0 or low < 0 or left > width or top > height


def _warn_of_outside(place: Place, shape: Zone | Line) -> None:
    width, height = place.ground.width, place.ground.height
    if not all(0 <= x <= width and 0 <= y <= height for x, y in shape.all_points):
        st.caption("A part of it lies outside of the picture, where nobody is ever seen.")


# what it would count


def _show_trial(place: Place, shape: Zone | Line, old: Drawn | None) -> None:
    extent = reading.extent((place.source.name,))
    if extent is None:
        st.caption("Nothing is recorded of this source yet, so there is nothing to count.")
        return
    over = st.segmented_control(
        "What it would count in", [LAST_DAY, EVER], default=LAST_DAY, key="zoning.over",
        required=True,
    )  # fmt: skip
    until = min(now_ms(), extent[1]) // MINUTE * MINUTE + MINUTE
    since = until - DAY if over == LAST_DAY else extent[0] // MINUTE * MINUTE
    tried = reading.shown(lambda: tried_out(place.source.id, shape, since, until))
    st.markdown(said(shape, tried))
    zone = place.source.timezone
    about = f"{words.moment(since, zone)} to {words.moment(until, zone)} ({plain(zone)})"
    st.caption(f"Nothing is saved yet. {about}; {tried.tracks:,} tracks looked at, of all labels.")
    if old is not None:
        before = reading.shown(lambda: tried_out(place.source.id, old.shape, since, until))
        st.caption(f"As it is drawn now: {said(old.shape, before)}")


def said(shape: Zone | Line, tried: Tried) -> str:
    """What was counted, as Markdown."""
    if isinstance(shape, Line):
        net = words.number(tried.forward - tried.backward)
        return (
            f"**{tried.forward:,}** {plain(shape.forward)} · **{tried.backward:,}**"
            f" {plain(shape.backward)} · net **{net}**"
        )
    if not tried.stays:
        return "**0** stays"
    many = "1 stay" if tried.stays == 1 else f"{tried.stays:,} stays"
    tracks = "1 track" if tried.inside == 1 else f"{tried.inside:,} tracks"
    mean = words.lasting(tried.seconds / tried.stays)
    return f"**{many}** of {tracks}, {mean} on average"


def tried_out(source_id: int, shape: Zone | Line, since: int, until: int) -> Tried:
    """What a shape would count; a bar shows where that takes long."""
    kept: dict[object, Tried] = st.session_state.setdefault(TRIED, {})
    key = source_id, type(shape), str(shape.content), since, until
    if key not in kept:
        room = st.empty()

        def progress(done: int, total: int) -> None:
            if done < total:
                room.progress(done / total, f"Looking at {total:,} positions")

        with reading.reading() as connection:
            kept[key] = try_out(
                connection, source_id, shape, max(since, BEGINNING), until, progress
            )
        room.empty()
        while len(kept) > KEPT:
            kept.pop(next(iter(kept)))
    return kept[key]


# saving


def _show_when(form: Form) -> bool:
    """Whether a changed shape counts for the past, too."""
    if form.old is None or not form.is_moved:
        return False
    when = st.radio(
        "The new shape counts", [FROM_NOW, EVER_SINCE], key="zoning.when",
        captions=[
            "A new version; what was counted so far stays.",
            "As if the present version had been drawn like this.",
        ],
    )  # fmt: skip
    return when == EVER_SINCE


def _show_save(place: Place, form: Form, past: bool) -> None:
    if not form.name and form.fault is None:
        st.caption("Give it a name to save it.")
    ready = form.shape is not None and form.fault is None and bool(form.name) and not form.is_same
    if form.old is None:
        st.caption("It counts all that is recorded, from the beginning.")
    if not st.button(
        "Save", type="primary", icon=":material/check:", key="zoning.save", disabled=not ready
    ):
        return
    assert form.shape is not None
    try:
        if form.old is None:
            changes.add(place.source.name, form.shape)
        else:
            changes.change(form.old, form.shape, past)
    except TrackingError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    drafts.begin()
    st.rerun()


def _show_typing(place: Place, sketch: Sketch) -> None:
    """Corners as text: exact, and without a mouse."""
    is_new = not any(sketch.rings)
    key = f"zoning.{drafts.rev()}.typed.{sketch.kind}.{sketch.of}"
    with st.expander(
        "Type the corners" if is_new else "Corners in pixels", icon=":material/keyboard:"
    ):
        kind: Kind = sketch.kind
        if is_new:
            chosen = st.segmented_control(
                "Draw a", ["zone", "line"], default="zone", key=f"{key}.kind", required=True
            )
            kind = "line" if chosen == "line" else "zone"
        text = st.text_area(
            "Corners: x,y in pixels of the source", canvas.written(sketch),
            # what is drawn by mouse is another text
            key=f"{key}.{hash(sketch.rings) & 0xFFFFFFFF:x}",
            placeholder="100,200 300,200 300,400",
            help=f"The picture is {place.ground.width} by {place.ground.height} pixels, counted"
            " from its top left corner. A zone's holes follow, each in a line of its own.",
        )  # fmt: skip
        if not st.button("Take these", key=f"{key}.take"):
            return
        try:
            drafts.begin(drafts.typed(kind, text, sketch.of))
        except DrawingError as error:
            st.error(plain(f"{error}."), icon=":material/error:")
            return
        st.rerun()
