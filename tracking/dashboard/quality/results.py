"""What an audit tells: error, bias and their intervals, by hour and window by window."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from ...charts import words
from ...quality import audits
from ...quality.audits import QUANTITIES, Audit, Quantity, Window, by_hour, result
from ...quality.estimating import Estimate
from .. import reading
from ..plots import plot
from . import saying
from .figures import errors_figure

LOOK = {"displaylogo": False, "displayModeBar": False}
HOW = (
    "Error: mean of how far the system's count is from yours, a window. Bias: mean of system less"
    " yours, with Student's interval. Relative bias: all that the system counted divided by all"
    " that you counted, less 1, with the interval of the ratio estimator (Cochran, Sampling"
    " Techniques, 1977, chapter 6) and the finite population correction for the windows that there"
    " are. The system's count is that of the metric layer, which all pages show."
)


def show_results(audit: Audit, found: Sequence[Window]) -> None:
    known = result(audit, found)
    if not known.windows:
        st.info("No window was counted: all were skipped." if not audit.left
                else "No window is counted yet.", icon=":material/hourglass_empty:")  # fmt: skip
        _table(audit, found)
        return
    _cards(known)
    st.markdown(f":material/straighten: {saying.needed(known)}")
    if known.flawless is not None:
        st.caption(
            f"No count was off: with 95 % confidence fewer than {words.share(known.flawless)} of"
            " the objects are counted wrongly."
        )
    odd = [each for each in found if each.seen not in ("", "clip") and each.truth is not None]
    if odd:
        st.caption(
            f"{len(odd)} of {known.windows} windows were not counted from a plain recording"
            " (see the column Seen): they tell less."
        )
    with st.container(border=True):
        st.markdown("**By hour of the source's day**")
        hours = by_hour(found)
        plot(errors_figure(hours), key="audit.hours", config=LOOK)
        st.dataframe(_rows([(f"{hour:02}", each) for hour, each in hours.items()], "Hour"),
                     hide_index=True, key="audit.by_hour")  # fmt: skip
    _table(audit, found)


def _cards(known: Estimate) -> None:
    with st.grid(4, min_column_width=170, gap="small", key="audit_cards"):
        cards = (
            ("Windows counted", f"{known.windows:,}",
             f"you {words.number(known.truth)}, the system {words.number(known.system)}"),
            ("Error a window", words.number(known.error), f"exact in {_exact(known)}"),
            ("Bias a window", saying.signed(known.bias),
             saying.interval(known.bias_low, known.bias_high)),
            ("Relative bias", saying.signed(known.relative, share=True),
             "nothing was there to be counted" if known.relative is None
             else saying.interval(known.relative_low, known.relative_high, share=True)),
        )  # fmt: skip
        for title, value, under in cards:
            with st.container(border=True, height="stretch"):
                st.metric(title, value, help=HOW)
                st.caption(under)


def _exact(known: Estimate) -> str:
    return words.share(known.exact or 0)


def _rows(found: Sequence[tuple[str, Estimate]], title: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (name, each.windows, each.truth, each.system, words.number(each.error),
             saying.signed(each.bias), _range(each.bias_low, each.bias_high, False),
             saying.signed(each.relative, share=True),
             _range(each.relative_low, each.relative_high, True))
            for name, each in found
        ],
        columns=[title, "Windows", "You", "System", "Error", "Bias", "95 %", "Relative",
                 "95 % of it"],
    )  # fmt: skip


def _range(low: float | None, high: float | None, share: bool) -> str:
    if low is None or high is None:
        return "–"
    return f"{saying.signed(low, share)} to {saying.signed(high, share)}"


def _table(audit: Audit, found: Sequence[Window]) -> None:
    """Window by window; the system's count only of those that are answered."""
    done = [each for each in found if not each.open]
    with st.expander(f"Windows ({len(done):,})", icon=":material/table_rows:"):
        st.dataframe(
            pd.DataFrame(
                [
                    (each.number, words.moment(each.since, audit.timezone, seconds=True),
                     each.truth, each.system, each.skipped, each.seen)
                    for each in done
                ],
                columns=["Window", f"Begins ({audit.timezone})", "You", "System", "Skipped",
                         "Seen"],
            ),
            hide_index=True, key="audit.windows",
        )  # fmt: skip


def show_sources(kept: Sequence[Audit]) -> None:
    """All audits together, by source and by what was counted."""

    def read() -> dict[tuple[str, Quantity], Estimate]:
        with reading.reading() as connection:
            return audits.by_source(connection, kept)

    found = reading.shown(read)
    if not found:
        return
    with st.container(border=True):
        st.subheader("What is known so far", anchor=False)
        rows = _rows([(f"{source} · {QUANTITIES[of].lower()}", each)
                      for (source, of), each in found.items()], "Source")  # fmt: skip
        st.dataframe(rows, hide_index=True, key="audit.sources")
        st.caption(HOW)
