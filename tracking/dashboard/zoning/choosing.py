"""Which source is drawn on, and what there is on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ...charts import words
from ...charts.places import Picture
from ...errors import NothingRecorded
from ...metrics import SourceInfo
from ...zones import KINDS, Drawn, Kind, versions
from .. import reading
from ..movement.choosing import read_picture
from ..wording import plain
from . import drafts
from .canvas import Ground

ON = "on"
KEPT, WRITTEN, VERSION = "zoning.on", "zoning.on.written", "zoning.on.version"


@dataclass(frozen=True, slots=True)
class Place:
    """A source, its picture, and all versions of what is drawn on it."""

    source: SourceInfo
    ground: Ground
    versions: tuple[Drawn, ...]

    @property
    def current(self) -> list[Drawn]:
        return [each for each in self.versions if each.current]

    @property
    def ended(self) -> list[tuple[Kind, str]]:
        """Kind and name of what counts no longer."""
        now = {(each.kind, each.name) for each in self.current}
        return list(
            dict.fromkeys((v.kind, v.name) for v in self.versions if (v.kind, v.name) not in now)
        )

    def of(self, kind: Kind, name: str) -> list[Drawn]:
        """The versions of a zone or line, by time."""
        return [each for each in self.versions if (each.kind, each.name) == (kind, name)]


def chosen_source(sources: Sequence[SourceInfo]) -> SourceInfo:
    """The one source that the page is about: the address's, the last one, or the first."""
    names = [source.name for source in sources]
    asked = st.query_params.get(ON)
    if asked is not None and asked != st.session_state.get(WRITTEN):
        if asked in names:
            st.session_state[KEPT] = asked
            st.session_state[VERSION] = st.session_state.get(VERSION, 0) + 1
        else:
            st.warning(
                f"The address asks for {plain(asked[:100])}, which there is not here.",
                icon=":material/link_off:",
            )
    kept = st.session_state.get(KEPT)
    chosen = kept if kept in names else names[0]
    if len(names) > 1:
        chosen = str(
            st.selectbox(
                "Source", names, names.index(chosen), width=300,
                key=f"zoning.source.{st.session_state.get(VERSION, 0)}",
            )
        )  # fmt: skip
    if kept is not None and kept != chosen:
        drafts.begin()  # a drawing belongs to its picture
    st.session_state[KEPT] = st.session_state[WRITTEN] = chosen
    if st.query_params.get(ON) != chosen:
        st.query_params[ON] = chosen
    return sources[names.index(chosen)]


def place_of(source: SourceInfo) -> Place | None:
    """What is drawn on a source; None where nothing was ever seen of it."""
    try:
        picture: Picture = read_picture(source, grey=False)
    except NothingRecorded:
        return None
    ground = Ground(source.name, picture.ground.width, picture.ground.height, picture.jpeg)
    return Place(source, ground, _versions(source.name))


def _versions(source: str) -> tuple[Drawn, ...]:
    with reading.reading() as connection:
        return tuple(each for kind in KINDS for each in versions(connection, kind, source))


def since(drawn: Drawn, timezone: str) -> str:
    """From when to when a version counts."""
    text = "from the beginning"
    if drawn.since > 0:
        text = f"since {words.moment(drawn.since, timezone)}"
    if drawn.until is not None:
        text = f"{text.replace('since', 'from')} to {words.moment(drawn.until, timezone)}"
    return f"{text} ({plain(timezone)})" if drawn.since > 0 or drawn.until is not None else text
