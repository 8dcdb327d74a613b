"""The overview's parts: a card for each source, the totals, and what needs attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ...charts import words
from ...charts.sparks import spark
from ...errors import TrackingError
from ...filters import Filter
from ...localtime import MINUTE
from ...metrics import OCCUPANCY_NOW, Result, Today
from ...times import now_ms, to_ms, zone
from .. import filterbar, parts, reading
from ..parts import plain
from ..places import Places
from ..serving import demonstration, supervising
from ..sources import state as source_state
from . import glance
from .attention import Concern, concerns
from .glance import OFTEN, Card, Counts, Look, Present, Spark

MOST = 24  # cards at first
WIDEST = 1200  # pixels of a card that stands alone
STATES = {
    **source_state.STATES,
    "recording": ("Looked through", ":material/movie:", "blue"),
    "left": ("No longer watched", ":material/history:", "gray"),
    "recorded": ("Recorded", ":material/history:", "gray"),
}
LOST = {"stale": "The picture has not changed", "down": "There is no picture"}


# the first minute


@st.fragment(run_every=0.5)
def show_beginning() -> None:
    """What happens before there is anything to show; then the page goes on."""
    state = supervising.state()
    if state.phase == "preparing":
        st.progress(state.progress, "Making the demo clip: moving pictures follow in a moment")
        st.session_state["overview.preparing"] = True
    elif st.session_state.pop("overview.preparing", False) or reading.known()[0]:
        st.rerun()
    elif not source_state.read(Places.of()).sources and state.phase != "study":
        st.info(
            "No source is set up yet. Add a camera, a stream, a folder or a video to begin.",
            icon=":material/videocam:",
        )
        _to("sources", "Add a source", ":material/add:")


def show_demo_note(places: Places) -> None:
    """Say what the demo is, while there is nothing but the demo."""
    configured = source_state.read(places).sources
    if len(configured) != 1 or configured[0].name != demonstration.NAME:
        return
    if not configured[0].loop or Path(configured[0].uri).parent.name != "demo":
        return
    with st.container(horizontal=True, vertical_alignment="center", key="demo_note"):
        st.markdown(
            ":material/movie: This is the demo clip in a loop, watched as a camera would be.",
            width="content",
        )
        _to("sources", "Add your own sources", ":material/add:")


@st.fragment(run_every=OFTEN)
def show(places: Places, is_recorded: bool) -> None:
    """All that is kept up to date, of one look. is_recorded: anything, so there is a filter."""
    if is_recorded != bool(reading.known()[0]):
        st.rerun()
    look = glance.look(places)
    filter = filterbar.chosen(places=True) if is_recorded else Filter(0, 0)
    counts = glance.counts(filter) if is_recorded else None
    now = glance.present(filter.labels, filter.zones)
    # the same places in every run
    attention, totals, cards = (st.container() for _ in range(3))
    with attention:
        _show_attention(look, now)
    with totals:
        if counts is not None:
            _show_totals(counts)
    with cards:
        found = glance.cards_of(look, filter.sources, counts.facts if counts else {}, now)
        _show_cards(found, counts.sparks if counts else {})


# what needs attention


def _show_attention(look: Look, now: Mapping[str, Present]) -> None:
    found = concerns(glance.situation(look, now))
    if not found:
        if look.answer is not None:
            _show_calm(look.states)
        return
    with st.container(border=True, key="attention"):
        st.markdown("**Needs attention**")
        for concern in found[:MOST]:
            _show(concern)
        if len(found) > MOST:
            st.caption(f"and {len(found) - MOST} more")


def _show_calm(states: Sequence[str]) -> None:
    if line := calm(states):
        st.markdown(line)


def calm(states: Sequence[str]) -> str:
    """One line, as Markdown, where there is nothing to mend. states: of the sources set up."""
    off, done, well = (states.count(state) for state in ("paused", "finished", "ok"))
    on = len(states) - off
    if not on:
        return ":gray[:material/pause_circle:] No source is switched on." if off else ""
    rest = f" {off} of {len(states)} {'is' if off == 1 else 'are'} paused." if off else ""
    if well + done < on:
        how = "starting, pictures follow in a moment"
        if well + done:
            how = f"{on - well - done} of {on} starting, the rest is watched"
        return f":blue[:material/hourglass_top:] Sources: {how}.{rest}"
    what = "watched" if not done else "finished" if not well else "watched or finished"
    return f":green[:material/check_circle:] All sources are {what}.{rest}"


def _show(concern: Concern) -> None:
    colour, icon = (
        ("red", ":material/error:") if concern.level == "bad" else ("orange", ":material/warning:")
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":{colour}[{icon}] {plain(concern.text)}", width="content")
        if concern.page == "sources":
            _to("sources", "Sources", ":material/arrow_forward:")
        elif concern.page == "data":
            _to("data", "Data", ":material/arrow_forward:")
        elif concern.page == "alerts":
            _to("alerts", "Alerts", ":material/arrow_forward:")


# the totals


def _show_totals(counts: Counts) -> None:
    results, selection = counts.results, counts.selection
    if not results[0].watched.observed and not results[0].counted:
        parts.nothing(selection, reading.extent(selection.filter.sources))
        return
    with st.grid(len(results), min_column_width=150, gap="small", key="totals"):
        for result in results:
            parts.number(result, height="stretch")
    with st.container(horizontal=True, vertical_alignment="center"):
        parts.about(selection, results[0].watched)
        explain(results)
    if told := not_applied(selection.filter):
        st.caption(told)


def not_applied(filter: Filter) -> str:
    """Which numbers of the page zones, lines and lengths of stays do not apply to."""
    if filter == filter.everywhere:
        return ""
    if filter.zones and filter.least is None and filter.most is None:
        return ":material/pin_drop: The numbers and curves are those of stays in the zones."
    all_of = "in the zones" if filter.zones else "in the picture"
    return (
        ":material/pin_drop: The numbers and curves are of what is chosen; only “Now” is of all"
        f" that are {all_of} at the moment."
    )


def explain(results: Sequence[Result]) -> None:
    """How the totals came about, with SQL to check each with."""
    with st.popover("How these are counted", icon=":material/fact_check:", type="tertiary"):
        tabs = st.tabs([result.metric.title for result in results])
        for tab, result in zip(tabs, results, strict=True):
            with tab:
                st.markdown(parts.definition(result))
                st.caption("This statement gives the same number from the same database:")
                parts.statement(result, f"totals.{result.metric.name}.sql")


# the cards


def _show_cards(cards: Sequence[Card], sparks: Mapping[str, Spark]) -> None:
    shown = cards if st.session_state.get("overview.all") else cards[:MOST]
    pictures = glance.stills([card.name for card in shown if card.settings is not None])
    across = columns_of(len(shown))
    for begin in range(0, len(shown), across):
        columns = st.columns(across) if across > 1 else [st.container(width=WIDEST)]
        for column, card in zip(columns, shown[begin : begin + across], strict=False):
            with column, st.container(border=True, gap="small", height="stretch"):
                _show_card(card, pictures.get(card.name), sparks.get(card.name), across == 1)
    if len(cards) > len(shown) and st.button(f"Show all {len(cards)} sources"):
        st.session_state["overview.all"] = True
        st.rerun(scope="fragment")


def columns_of(cards: int) -> int:
    """How many stand side by side, without a hole where it can be."""
    return {0: 1, 1: 1, 2: 2, 4: 2}.get(cards, 3)


def _show_card(
    card: Card,
    picture: bytes | None,
    line: Spark | None,
    alone: bool,
) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{plain(card.name)}**", width="content")
        word, icon, colour = STATES[card.state]
        st.badge(word, icon=icon, color=colour)
    left, right = st.columns([3, 2], gap="medium") if alone else (st.container(), st.container())
    with left:
        _show_picture(card, picture)
    with right:
        _show_state(card)
        if card.facts is not None and card.facts.today.visits is not None:
            _show_numbers(card, card.facts.today)
        else:
            st.caption(_nothing_today(card))
        if line is not None and not np.isnan(line.values).all():
            _show_spark(line)
        with st.container(horizontal=True, gap="medium"):
            is_old = _is_old(card)
            query = filterbar.query_of(card.name, "all" if is_old else None)
            if card.settings is not None:
                _to("live", "Live", ":material/videocam:", query)
            if card.facts is not None:
                _to("activity", "Activity", ":material/monitoring:", query)
                _to("movement", "Movement", ":material/conversion_path:", query)


def _show_picture(card: Card, picture: bytes | None) -> None:
    alt = f"Newest picture of {card.name}"
    if picture is not None and card.state in ("ok", "recording"):
        st.image(glance.inline(picture), width="stretch", alt=alt)
        return
    taken = None
    if picture is not None:
        taken = _moment(card.health.get("last_frame"))
    elif card.facts is not None and (kept := glance.kept_still(card.facts.source)) is not None:
        picture, taken = kept
    if picture is None:
        st.image(glance.blank(), width="stretch", alt="There is no picture yet")
    else:
        st.image(glance.greyed(picture), width="stretch", alt=alt)
    if taken is not None and not (_says_when(card) and _is_same(taken, card.present.watched)):
        st.caption(f"Picture of {words.moment(taken, card.timezone)} ({plain(card.timezone)})")


def _says_when(card: Card) -> bool:
    """Whether the card says in words until when its source was watched."""
    return _is_old(card) or (card.state in LOST and bool(card.health.get("live")))


def _is_old(card: Card) -> bool:
    """Whether nothing is known of today."""
    today = None if card.facts is None else card.facts.today
    return today is not None and today.visits is None and today.is_drawn


def _is_same(taken: int, watched: int | None) -> bool:
    """Whether two times are one to a reader: pictures are kept about once a minute."""
    return watched is not None and abs(taken - watched) < 2 * MINUTE


def _show_state(card: Card) -> None:
    """Since when, and why; how far a recording is."""
    since = card.present.watched
    if card.state in LOST and since is not None and card.health.get("live"):
        at = words.moment(min(since, now_ms()), card.timezone)
        st.markdown(f":small[{LOST[card.state]} since {at} ({plain(card.timezone)}).]")
    error, note = card.health.get("last_error"), card.health.get("note")
    if error and card.state in ("down", "failed", "starting"):
        st.markdown(f":small[:red[:material/error: {plain(str(error))}]]")
    if note and card.state not in ("paused", "unknown"):
        st.markdown(f":small[:orange[:material/info: {plain(str(note))}]]")
    settings = card.settings
    if settings is not None and not settings.live and not settings.loop:
        done = source_state.done(Places.of(), settings, card.state)
        if done is not None and done < 1:
            st.progress(done, f"{100 * done:.0f} % of the recording")


def _nothing_today(card: Card) -> str:
    if card.facts is None:
        return "Nothing is recorded of it yet."
    if not card.facts.today.is_drawn:
        return "None of the zones or lines that are chosen is drawn here."
    if card.present.watched is None:
        return "It has not been watched yet."
    newest = words.moment(card.present.watched, card.timezone)
    return f"Nothing of today; it was last watched {newest} ({plain(card.timezone)})."


def _show_numbers(card: Card, today: Today) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.metric(
            "Now",
            words.number(card.present.count if card.state == "ok" else None),
            help=f"**{OCCUPANCY_NOW.title}.** {OCCUPANCY_NOW.definition} A dash where it is not"
            " being watched at this moment.",
            width=75,
        )
        change = today.change
        is_usual = change is None or abs(change) < 0.005
        arrow: Any = "off" if is_usual else "up" if change and change > 0 else "down"
        st.metric(
            "Visits today",
            words.number(today.visits),
            compared(today),
            delta_color="off",
            delta_arrow=arrow,
            help=about_today(today),
            width=140,
        )
        st.metric(
            "Watched",
            words.share(today.watched.share).replace("under ", "< "),
            help=f"Share of the day until now, from midnight ({plain(today.timezone)}), in which"
            f" pictures came and were looked at: {words.coverage(today.watched)}.",
            width=95,
        )


def compared(today: Today) -> str:
    """The change against usual in a word or two."""
    change = today.change
    if change is None:
        return "no comparison" if today.usual is None else "usually none"
    if abs(change) < 0.005:
        return "as usual"
    return f"{'+' if change > 0 else '−'}{abs(change):.0%}".replace("%", " %") + " vs usual"


def about_today(today: Today) -> str:
    """What the visits of today mean, and what they are compared with, as Markdown."""
    metric = today.metric
    day = datetime.fromtimestamp(today.until / 1000, zone(today.timezone))
    lines = [
        f"**{metric.title} today.** {metric.definition}",
        *([words.range_of(today.range)] if today.range is not None else []),
        f"Since midnight of {day:%A}, {plain(today.timezone)}; {words.coverage(today.watched)}.",
        f"Counted over {today.counted:,} tracks.",
    ]
    if today.usual is None or today.here is None:
        lines.append(f"No comparison: {today.why}.")
    else:
        weeks = f"{today.days} {day:%A}{'s' if today.days > 1 else ''} of the last 4 weeks"
        lines.append(
            f"Compared with {weeks}, only over minutes that were watched on both days:"
            f" {words.number(today.here)} arrivals today, {words.number(today.usual)} on average"
            " then."
        )
    return "\n\n".join(lines)


def _show_spark(line: Spark) -> None:
    now, most = now_ms(), words.number(float(np.nanmax(line.values)))
    about = f"At once on average, by {line.bucket}; at most {most}"
    st.image(spark(line.edges, line.values, now), width="stretch", alt=about)
    has_gaps = bool((np.isnan(line.values) & (line.edges[:-1] < now)).any())
    st.caption(f"{about}. Hatched: not watched" if has_gaps else about)


def _moment(text: Any) -> int | None:
    try:
        return to_ms(text) if text else None
    except TrackingError:
        return None


def _to(page: str, label: str, icon: str, query: dict[str, list[str] | str] | None = None) -> None:
    """A link to another page, where this app has it."""
    with suppress(st.errors.StreamlitAPIException):
        st.page_link(f"pages/{page}.py", label=label, icon=icon, query_params=query)
