"""The one filter bar: the same choice on every page, and in the address.

The address wins: who opens a link sees what it says. Whatever is chosen on a page is written into
its address, and carried to the next page by the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from ..charts import words
from ..filters import (
    KEYS,
    LONGEST_WINDOW,
    RANGES,
    WEEKDAYS,
    Choice,
    Filter,
    read_choice,
    usual_range,
)
from ..localtime import MINUTE
from ..metrics.selection import SourceInfo, common_zone
from ..times import now_ms, to_ms, zone
from . import parts, reading

CHOICE, WRITTEN, VERSION = "filter.choice", "filter.written", "filter.version"
CUSTOM = "custom"
TITLE = 40  # characters of a button
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def filter_bar(time: bool = True, places: bool = False) -> Filter:
    """Show the bar; what is chosen. The page ends here, in words, where nothing was ever recorded.

    time: whether the page is about a time; else only sources and labels are chosen. places: whether
    it can be about zones, lines and lengths of stays; what is chosen of them waits on other pages.
    """
    sources, labels = reading.known()
    if not sources:
        parts.runner_note()
        st.info(
            "Nothing is recorded yet. As soon as a source is watched, this page fills by itself.",
            icon=":material/hourglass_empty:",
        )
        st.page_link("pages/sources.py", label="Go to the sources", icon=":material/arrow_forward:")
        st.stop()
    choice = _choice()
    # the sources stand behind the time, whose zone they say
    choice = replace(choice, sources=tuple(st.session_state.get(_key("sources"), choice.sources)))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filter_bar"):
        if time:
            choice = _time(choice, sources)
        choice = _things(choice, sources, labels)
        if places:
            choice = _places(choice)
        if time:
            choice = _when(choice)
            _link(choice, sources)
            _reset(choice)
    _write(choice, sources)
    if places:
        return _filter(choice, sources)
    if not time or choice == _everywhere(choice):
        return _filter(_everywhere(choice), sources)
    st.caption(
        f":material/pin_drop: {parts.plain(_narrowed(choice))}: does not apply here."
        " This page shows all tracks."
    )
    return _filter(_everywhere(choice), sources)


def chosen(places: bool = False) -> Filter:
    """What the bar of this page says, as of now: for parts that look again by themselves.

    places: as `filter_bar` takes it.
    """
    choice: Choice = st.session_state.get(CHOICE, Choice())
    return _filter(choice if places else _everywhere(choice), reading.known()[0])


def _everywhere(choice: Choice) -> Choice:
    """The same without its zones, lines and lengths of stays."""
    return replace(choice, zones=(), lines=(), directions=(), least=None, most=None)


def show_only(since: int, until: int) -> None:
    """Make the bar of the next run show this window (ms UTC)."""
    choice = st.session_state.get(CHOICE, Choice())
    _keep(replace(choice, range=CUSTOM, since=_capped(since, until), until=until))


def query_of(source: str, range: str | None = None) -> dict[str, list[str] | str]:
    """The parameters of an address for what is chosen, but of one source, and of another range."""
    kept: Choice = st.session_state.get(CHOICE, Choice())
    choice = replace(kept, sources=(source,))
    if range is not None:
        choice = replace(choice, range=range, since=None, until=None)
    return choice.query(selected_zone((source,), reading.known()[0]))


def selected_zone(names: Sequence[str], sources: Sequence[SourceInfo]) -> str:
    """The zone that the chosen sources share, or UTC."""
    return common_zone([source for source in sources if not names or source.name in names])


def _filter(choice: Choice, sources: Sequence[SourceInfo]) -> Filter:
    zone_name = selected_zone(choice.sources, sources)
    filter = choice.filter(now_ms(), reading.extent(choice.sources), zone_name)
    if filter.hours or filter.weekdays:
        return replace(filter, since=_capped(filter.since, filter.until))
    return filter


def _capped(since: int, until: int) -> int:
    """When a window begins that no server is busy with for long, and that an address can hold."""
    return max(since, until - LONGEST_WINDOW)


def _choice() -> Choice:
    """The address's choice, if somebody else than this bar wrote it there; else the session's."""
    query = {key: st.query_params.get_all(key) for key in KEYS if key in st.query_params}
    if query and query != st.session_state.get(WRITTEN):
        choice, problems = read_choice(query)
        for problem in problems:
            st.warning(parts.plain(problem[0].upper() + problem[1:]), icon=":material/link_off:")
        _keep(choice)
        return choice
    kept: Choice = st.session_state.get(CHOICE, Choice())
    return kept


def _keep(choice: Choice) -> None:
    """Make the bar show this choice, whatever its widgets said before."""
    st.session_state[CHOICE] = choice
    st.session_state[VERSION] = st.session_state.get(VERSION, 0) + 1


def _write(choice: Choice, sources: Sequence[SourceInfo]) -> None:
    """Put the choice into the session and the address."""
    st.session_state[CHOICE] = choice
    query = choice.query(selected_zone(choice.sources, sources))
    written = {key: [value] if isinstance(value, str) else value for key, value in query.items()}
    if written == {key: st.query_params.get_all(key) for key in KEYS if key in st.query_params}:
        st.session_state[WRITTEN] = written
        return
    st.session_state[WRITTEN] = written
    st.query_params.from_dict({**_of_the_page(), **written})


def _key(name: str) -> str:
    return f"filter.{name}.{st.session_state.get(VERSION, 0)}"


def _time(choice: Choice, sources: Sequence[SourceInfo]) -> Choice:
    extent = reading.extent(choice.sources)
    usual = usual_range(now_ms(), extent, selected_zone(choice.sources, sources))
    names = [*RANGES, CUSTOM]
    chosen = st.selectbox(
        "Time",
        names,
        names.index(choice.range or usual),
        format_func=lambda name: RANGES[name].title if name in RANGES else "From … to …",
        key=_key("range"),
        width=190,
    )
    if chosen == CUSTOM:
        return _custom(choice, sources)
    if choice.range is None and chosen == usual:
        return choice  # not chosen: it goes on to depend on what there is
    return replace(choice, range=chosen, since=None, until=None)


def _custom(choice: Choice, sources: Sequence[SourceInfo]) -> Choice:
    """Two moments, in the zone of the sources; they begin as the window that was shown before."""
    name = selected_zone(choice.sources, sources)
    since, until = choice.window(now_ms(), reading.extent(choice.sources), name)
    begin = _moment(f"From ({name})", since, name, "since")
    end = _moment(f"To ({name})", until, name, "until")
    if begin is None or end is None:
        begin, end = since, until
    if end <= begin:
        st.warning("The end is not after the beginning: shown is one minute.")
        end = begin + MINUTE
    if begin != _capped(begin, end):
        st.warning("A window has ten years at most: shown are the last ten.")
        begin = _capped(begin, end)
    return replace(choice, range=CUSTOM, since=begin, until=end)


def _moment(label: str, t: int, zone_name: str, name: str) -> int | None:
    local = datetime.fromtimestamp(t / 1000, zone(zone_name)).replace(tzinfo=None)
    shown = local.replace(second=0, microsecond=0)
    chosen = st.datetime_input(
        label,
        shown,
        # in another zone the same digits are another moment
        key=_key(f"{name}.{zone_name}"),
        step=timedelta(minutes=1),
        format="YYYY-MM-DD",
        width=215,
    )
    if not isinstance(chosen, datetime):
        return None
    return t if chosen == shown else to_ms(chosen.replace(tzinfo=zone(zone_name)))


def _things(choice: Choice, sources: Sequence[SourceInfo], labels: Sequence[str]) -> Choice:
    names = list(dict.fromkeys([*(source.name for source in sources), *choice.sources]))
    wanted = st.multiselect(
        "Sources",
        names,
        list(choice.sources),
        key=_key("sources"),
        placeholder="All sources",
        width=300,
    )
    known = list(dict.fromkeys([*labels, *choice.labels]))
    only = st.multiselect(
        "Labels",
        known,
        list(choice.labels),
        key=_key("labels"),
        placeholder="All labels",
        width=230,
    )
    return replace(choice, sources=tuple(wanted), labels=tuple(only))


def _places(choice: Choice) -> Choice:
    """Zones, lines and lengths of stays; the button says what is chosen, as a link can bring it."""
    world, now = reading.world(), st.session_state
    choice = replace(  # as its own fields say by now
        choice,
        zones=tuple(now.get(_key("zones"), choice.zones)),
        lines=tuple(now.get(_key("lines"), choice.lines)),
        directions=tuple(now.get(_key("ways"), choice.directions)),
        least=now.get(_key("stay.least"), choice.least),
        most=now.get(_key("stay.most"), choice.most),
    )
    zones = list(dict.fromkeys([*(place.name for place in world.zones), *choice.zones]))
    lines = list(dict.fromkeys([*(place.name for place in world.lines), *choice.lines]))
    ways = [way for place in world.lines for way in place.directions]
    with st.popover(_places_title(choice), icon=":material/pin_drop:", key="filter_places"):
        if zones:
            zones = st.multiselect(
                "Zones", zones, list(choice.zones), key=_key("zones"), placeholder="Everywhere",
                help="Only stays in these zones.",
            )  # fmt: skip
        if lines:
            lines = st.multiselect(
                "Lines", lines, list(choice.lines), key=_key("lines"), placeholder="No line",
                help="Only who crossed one of these lines.",
            )  # fmt: skip
        if lines or choice.directions:
            ways = st.multiselect(
                "Direction", list(dict.fromkeys([*ways, *choice.directions])),
                list(choice.directions), key=_key("ways"), placeholder="Either",
            )  # fmt: skip
        else:
            ways = []
        if zones and lines:
            st.caption("Stays in zones, or who crossed lines, but not both: no line is taken.")
            lines, ways = [], []
        least, most = (
            st.number_input(
                f"Stay of at {name} (seconds)", 0.0, 1e8, value, 10.0, key=_key(f"stay.{name}"),
                placeholder="Any",
            )
            for name, value in (("least", choice.least), ("most", choice.most))
        )  # fmt: skip
        if least is not None and most is not None and least > most:
            st.caption("No stay lasts at least longer than at most: “at most” is left out.")
            most = None
    return replace(
        choice, zones=tuple(zones), lines=tuple(lines), directions=tuple(ways), least=least,
        most=most,
    )  # fmt: skip


def _places_title(choice: Choice) -> str:
    text = _narrowed(choice)
    if not text:
        return "Places and stays"
    return f"{parts.plain(text if len(text) <= TITLE else text[: TITLE - 1] + '…')} ●"


def _narrowed(choice: Choice) -> str:
    """Zones, lines and lengths of stays in words; empty for all of them."""
    names = [*choice.zones, *choice.lines, *choice.directions]
    if choice.least is not None:
        names.append(f"at least {words.lasting(choice.least)}")
    if choice.most is not None:
        names.append(f"at most {words.lasting(choice.most)}")
    return ", ".join(names)


def _when(choice: Choice) -> Choice:
    title = "Hours and days"
    if choice.hours or choice.weekdays:
        title += " ●"
    with st.popover(title, icon=":material/schedule:", key="filter_when"):
        st.caption("Of each source's own day. Nothing chosen is all.")
        days = st.pills(
            "Weekdays",
            range(7),
            selection_mode="multi",
            default=list(choice.weekdays),
            format_func=DAYS.__getitem__,
            key=_key("days"),
        )
        hours = st.pills(
            "Hours of the day",
            range(24),
            selection_mode="multi",
            default=list(choice.hours),
            format_func="{:02}".format,
            key=_key("hours"),
        )
    return replace(choice, weekdays=_some(days, len(WEEKDAYS)), hours=_some(hours, 24))


def _some(chosen: Any, of: int) -> tuple[int, ...]:
    numbers = tuple(sorted(chosen or ()))
    return () if len(numbers) == of else numbers


def _link(choice: Choice, sources: Sequence[SourceInfo]) -> None:
    """An address that shows this very window also tomorrow."""
    with st.popover("Share", icon=":material/share:", key="filter_share"):
        st.write(
            "This page's address holds the choice: whoever opens it sees the same part of the"
            " record. A range such as “Today” goes on with the days."
        )
        if choice.range != CUSTOM and st.button("Fix the window in the address", key="filter_fix"):
            filter = _filter(choice, sources)
            since = _capped(filter.since, filter.until)
            _keep(replace(choice, range=CUSTOM, since=since, until=filter.until))
            st.rerun()
        if st.context.url:
            query = choice.query(selected_zone(choice.sources, sources)) | _of_the_page()
            st.code(f"{st.context.url}?{_encoded(query)}", language=None, wrap_lines=True)


def _of_the_page() -> dict[str, list[str] | str]:
    """What the address holds beside the bar's choice, such as a page's view."""
    return {key: st.query_params.get_all(key) for key in st.query_params if key not in KEYS}


def _encoded(query: dict[str, list[str] | str]) -> str:
    return urlencode(query, doseq=True, safe="/:,")


def _reset(choice: Choice) -> None:
    if choice != Choice() and st.button(
        "Reset", icon=":material/filter_alt_off:", type="tertiary", key="filter_reset"
    ):
        _keep(Choice())
        for key in KEYS:
            st.query_params.pop(key, None)
        st.session_state[WRITTEN] = {}
        st.rerun()
