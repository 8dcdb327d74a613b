"""What is filtered as a file to take away."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from ... import exports
from ...charts import words
from ...errors import TrackingError
from ...filters import Filter
from ...metrics import Selection
from ...study import write_study
from .. import reading
from ..parts import plain
from ..places import Places
from ..serving.prepared import Prepared
from ..serving.server import is_served
from ..serving.tokens import token
from ..sources.uploads import free_bytes

KEPT = "data.export"
PARQUET = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class Form:
    """Something that can be taken away. each: bytes of a row, about, as measured."""

    title: str
    ending: str
    mime: str
    each: float
    what: exports.Table | Literal["study"]
    about: str

    @property
    def is_of_places(self) -> bool:
        """Whether its rows are few, and of zones or lines."""
        return self.what in ("zone_stays", "crossings")


FORMS = {
    "tracks": Form(
        "Tracks, CSV", "csv", "text/csv", 125, "tracks",
        "One line for each track: source, label, when it was first and last seen (UTC), for how"
        " long, and how sure it was; and its visit, as it most likely is, and as it is if doubtful"
        " joins count (at least so many visits) or only sure ones (at most). Opens in any"
        " spreadsheet.",
    ),
    "positions": Form(
        "Positions, CSV", "csv", "text/csv", 76, "positions",
        "One line for each place of a track at a time (UTC): the centre and the size of its box in"
        " pixels of the source.",
    ),
    "parquet": Form(
        "Positions, Parquet", "parquet", PARQUET, 11, "positions",
        "The same, several times smaller and faster to read: `pandas.read_parquet`, DuckDB, R.",
    ),
    "stays": Form(
        "Zone stays, CSV", "csv", "text/csv", 110, "zone_stays",
        "One line for each stay in a zone: source, zone, track, when it was entered and left (UTC),"
        " and for how long.",
    ),
    "stays_parquet": Form(
        "Zone stays, Parquet", "parquet", PARQUET, 22, "zone_stays", "The same as Parquet.",
    ),
    "crossings": Form(
        "Crossings, CSV", "csv", "text/csv", 95, "crossings",
        "One line each time that a line was crossed: source, line, direction, track, when (UTC).",
    ),
    "crossings_parquet": Form(
        "Crossings, Parquet", "parquet", PARQUET, 18, "crossings", "The same as Parquet.",
    ),
    "study": Form(
        "Study, one file", "db", "application/vnd.sqlite3", 77, "study",
        "A database of its own with all that belongs to these tracks: this dashboard opens it, and"
        " so does any program that reads SQLite.",
    ),
}  # fmt: skip


def show_what_applies(filter: Filter) -> None:
    """Say which parts of the page zones, lines and lengths of stays do not apply to."""
    if filter != filter.everywhere:
        st.caption(
            ":material/pin_drop: The export is of what is chosen of places and stays; sizes, rows"
            " and runs are of all that is recorded."
        )


def show_export(selection: Selection, filter: Filter) -> None:
    """Files of what the filter selects, which is that selection."""
    st.subheader("Export", anchor=False)
    database = str(Places.of().database)
    known = reading.shown(lambda: _extent(database, filter, _stamp(filter), selection))
    if not known.tracks:
        st.caption("There are no tracks in what is chosen above, so there is nothing to export.")
        return
    key = st.segmented_control(
        "As", list(FORMS), default="tracks", format_func=lambda key: FORMS[key].title,
        key="data.form", label_visibility="collapsed", required=True,
    )  # fmt: skip
    form = FORMS[key or "tracks"]
    rows = known.tracks if form.what == "tracks" else known.positions
    if form.is_of_places:
        table = form.what
        rows = reading.shown(lambda: _placed(database, filter, table, _stamp(filter), selection))
        if not rows:
            st.caption(f"{form.about} There are none in what is chosen above.")
            return
    most = "" if form.is_of_places else "at most "
    st.caption(
        f"{form.about} What the filter selects: {most}{rows:,} rows, about"
        f" {words.size(rows * form.each)}."
    )
    if narrow := narrowed(filter, form):
        st.caption(narrow)
    note = ""
    if form.what == "study":
        note = st.text_input(
            "Note, for whoever opens it", max_chars=500, key="data.note",
            placeholder="What this is about (optional)",
        )  # fmt: skip
    asked = (filter, key, note)
    ready: Prepared | None = st.session_state.get(KEPT)
    if ready is not None and ready.asked != asked:
        if ready.asked[1] != key:
            ready = None
        else:
            st.caption("The file below is of what was chosen when it was prepared.")
    with st.container(horizontal=True, vertical_alignment="center"):
        title = "Prepare again" if ready is not None else "Prepare the file"
        if st.button(title, icon=":material/deployed_code:", key="data.prepare"):
            ready = _prepare(filter, form, note, asked, rows * form.each)
        if ready is not None and ready.path.exists():
            _offer(ready)
            st.caption(f"{ready.rows:,} rows, {words.size(ready.path.stat().st_size)}",
                       width="content")  # fmt: skip
    if form.what == "study":
        with st.expander("How to open it", icon=":material/help:"):
            st.markdown("On any machine with this program:")
            st.code("TRACKING_DB=study.db streamlit run app.py", language="sh")
            st.markdown(
                "On Streamlit Community Cloud: put the file into a repository with this program,"
                " choose `app.py`, and write into the app's secrets:"
            )
            st.code('TRACKING_DB = "study.db"', language="toml")
            st.markdown("Nothing is watched and nothing can be changed in a study.")


def _offer(ready: Prepared) -> None:
    """A link to the file; where no route serves it, a button, for which all of it is in memory."""
    if is_served():
        st.link_button(
            f"Download {ready.name}", f"./exports/{ready.id}?token={token()}",
            icon=":material/download:", type="primary", key="data.download",
        )  # fmt: skip
    else:
        st.download_button(
            f"Download {ready.name}", ready.open, ready.name, ready.mime, on_click="ignore",
            icon=":material/download:", type="primary", key="data.download",
        )  # fmt: skip


def _stamp(filter: Filter) -> int:
    return reading.stamp(filter) + 1_000_000_000 * int(st.session_state.get("data.changes", 0))


@st.cache_data(max_entries=8, ttl=60, show_spinner=False)
def _extent(database: str, filter: Filter, stamp: int, _selection: Selection) -> exports.Extent:
    with reading.reading() as connection:
        return exports.extent(connection, filter, _selection)


@st.cache_data(max_entries=8, ttl=60, show_spinner=False)
def _placed(database: str, filter: Filter, what: str, stamp: int, _selection: Selection) -> int:
    """How many stays or crossings there are."""
    with reading.reading() as connection:
        chosen = exports.Chosen(connection, filter, _selection)
        return len((chosen.stays()[1] if what == "zone_stays" else chosen.crossings()[1]).id)


def narrowed(filter: Filter, form: Form) -> str:
    """What zones, lines, directions and lengths mean for a file; empty where none are chosen."""
    if filter == filter.everywhere:
        return ""
    if filter.zones:
        of = "tracks with a stay in the zones that are chosen"
    elif filter.lines or filter.directions:
        of = "tracks that crossed a line that is chosen"
    else:
        of = "tracks of visits that lasted as long as is chosen"
    if form.what == "zone_stays" and filter.zones:
        return "Only the stays in the zones that are chosen, as long as is chosen."
    if form.what == "crossings" and not filter.zones:
        return "Only the crossings that are chosen."
    if form.what == "positions" and filter.zones:
        return f"Only of {of}, and only while they were in the zones."
    whole = ", with all that belongs to them, also elsewhere" if form.what == "study" else ""
    return f"Only of {of}{whole}."


def _prepare(
    filter: Filter, form: Form, note: str, asked: tuple[object, ...], size: float
) -> Prepared | None:
    """Write the file; None, in words, where that fails. size: of it, about, in bytes."""
    if (before := st.session_state.pop(KEPT, None)) is not None:
        before.remove()
    if size > (free := free_bytes(Path(tempfile.gettempdir()))):
        st.error(
            f"There is not enough room on the server's disk: {words.size(free)} for about"
            f" {words.size(size)}. Choose a shorter time.",
            icon=":material/error:",
        )
        return None
    name = f"{form.what}.{form.ending}"
    ready, bar = Prepared(name, form.mime, asked), st.progress(0.0, "Preparing")

    def progress(done: int, total: int) -> None:
        share = min(1.0, done / total) if total else 1.0
        what = "rows" if form.is_of_places else "positions"
        bar.progress(share, f"{done:,} of {total:,} {what}")

    try:
        ready.rows = _write(filter, form, note, ready.path, progress)
    except (TrackingError, OSError) as error:
        bar.empty()
        st.error(plain(str(error)), icon=":material/error:")
        return None
    bar.empty()
    st.session_state[KEPT] = ready
    return ready


def _write(
    filter: Filter, form: Form, note: str, output: Path, progress: Callable[[int, int], object]
) -> int:
    with reading.reading() as connection:
        if form.what != "study":
            kind: Literal["csv", "parquet"] = "parquet" if form.ending == "parquet" else "csv"
            return exports.write(connection, filter, form.what, kind, output, progress)
        written = write_study(
            connection, output, since=filter.since, until=filter.until,
            sources=list(filter.sources) or None, labels=list(filter.labels) or None,
            spans=filter.spans, tracks=exports.Chosen(connection, filter).tracks, note=note,
            progress=progress,
        )  # fmt: skip
        return written.positions
